/*
** cimport_math.c: math.h as scalar expressions
**
** hypot(x, y) = m * sqrt((x / m)^2 + (y / m)^2) with m = max(|x|, |y|): as in libm, it does not
** overflow where its result does not.
*/
#include <math.h>
#include <string.h>
#include "cimport.h"

/* Functions that are one operation, by their name for double. */
static const struct { const char *name; OpCode op; } plain[] = {
    {"sin", OP_SIN},     {"cos", OP_COS},       {"tan", OP_TAN},     {"asin", OP_ASIN},
    {"acos", OP_ACOS},   {"atan", OP_ATAN},     {"atan2", OP_ATAN2}, {"sinh", OP_SINH},
    {"cosh", OP_COSH},   {"tanh", OP_TANH},     {"exp", OP_EXP},     {"expm1", OP_EXPM1},
    {"log", OP_LOG},     {"log1p", OP_LOG1P},   {"sqrt", OP_SQRT},   {"pow", OP_POW},
    {"fabs", OP_ABS},    {"floor", OP_FLOOR},   {"ceil", OP_CEIL},   {"trunc", OP_TRUNC},
    {"rint", OP_ROUND},  {"nearbyint", OP_ROUND}, {"erf", OP_ERF},   {"erfc", OP_ERFC},
    {"lgamma", OP_LGAMMA}, {"fma", OP_FMA}};

static Scalar *num(Dtype t, double v) { return s_const(t, v); }
static Scalar *choose(Scalar *c, Scalar *a, Scalar *b) { return s_op3(OP_WHERE, c, a, b); }
static Scalar *neg(Scalar *x) { return s_op1(OP_NEG, x); }
static Scalar *quotient(Scalar *x, Scalar *y) { return s_op2(OP_DIV, x, y); }

static Scalar *below_zero(Scalar *x) {
  return s_op2(OP_LT, x, num((Dtype)x->dtype, 0));
}

static Scalar *hypotenuse(Dtype t, Scalar *x, Scalar *y) {
  Scalar *m = s_op2(OP_MAX, s_op1(OP_ABS, x), s_op1(OP_ABS, y));
  Scalar *empty = s_op2(OP_EQ, m, num(t, 0)), *by = s_op1(OP_STOP, choose(empty, num(t, 1), m));
  Scalar *a = quotient(x, by), *b = quotient(y, by);
  Scalar *root = s_op1(OP_SQRT, s_add(s_mul(a, a), s_mul(b, b)));
  return choose(empty, num(t, 0), s_mul(by, root));
}

/* round(x): halves away from zero. */
static Scalar *round_away(Dtype t, Scalar *x) {
  Scalar *whole = s_op1(OP_TRUNC, x), *rest = s_op1(OP_ABS, s_sub(x, whole));
  return choose(s_op2(OP_GE, rest, num(t, 0.5)), s_add(whole, s_op1(OP_SIGN, x)), whole);
}

/* fmod(x, y): the remainder with the sign of x. */
static Scalar *remainder_of(Scalar *x, Scalar *y) {
  Scalar *r = s_op2(OP_MOD, s_op1(OP_ABS, x), s_op1(OP_ABS, y));
  return choose(below_zero(x), neg(r), r);
}

/* asinh, acosh, atanh through log1p, so that small arguments keep their digits. */
static Scalar *inverse_sinh(Dtype t, Scalar *x) {
  Scalar *a = s_op1(OP_ABS, x), *q = s_mul(a, a), *one = num(t, 1);
  Scalar *root = s_op1(OP_SQRT, s_add(q, one));
  Scalar *y = s_op1(OP_LOG1P, s_add(a, quotient(q, s_add(one, root))));
  return choose(below_zero(x), neg(y), y);
}

static Scalar *inverse_cosh(Dtype t, Scalar *x) {
  Scalar *u = s_sub(x, num(t, 1));
  return s_op1(OP_LOG1P, s_add(u, s_op1(OP_SQRT, s_add(s_mul(num(t, 2), u), s_mul(u, u)))));
}

static Scalar *inverse_tanh(Dtype t, Scalar *x) {
  Scalar *ratio = quotient(s_mul(num(t, 2), x), s_sub(num(t, 1), x));
  return s_mul(num(t, 0.5), s_op1(OP_LOG1P, ratio));
}

/* gamma(x), by reflection below zero: pi / (sin(pi x) gamma(1 - x)). */
static Scalar *gamma_of(Dtype t, Scalar *x) {
  Scalar *low = below_zero(x), *pi = num(t, 3.14159265358979323846);
  Scalar *up = choose(low, s_sub(num(t, 1), x), x), *g = s_op1(OP_EXP, s_op1(OP_LGAMMA, up));
  return choose(low, quotient(pi, s_mul(s_op1(OP_SIN, s_mul(pi, x)), g)), g);
}

/* The smaller or larger of two, of which either may be no number. */
static Scalar *extreme(OpCode op, Scalar *x, Scalar *y) {
  return choose(s_op1(OP_ISNAN, x), y, choose(s_op1(OP_ISNAN, y), x, s_op2(op, x, y)));
}

static Scalar *one_argument(const char *s, Dtype t, Scalar *x) {
  Scalar *a = s_op1(OP_ABS, x);
  if (!strcmp(s, "exp2")) return s_op2(OP_POW, num(t, 2), x);
  if (!strcmp(s, "exp10")) return s_op2(OP_POW, num(t, 10), x);
  if (!strcmp(s, "log2")) return s_mul(s_op1(OP_LOG, x), num(t, 1.4426950408889634074));
  if (!strcmp(s, "log10")) return s_mul(s_op1(OP_LOG, x), num(t, 0.43429448190325182765));
  if (!strcmp(s, "cbrt"))
    return s_mul(s_op1(OP_SIGN, x), s_op2(OP_POW, a, num(t, 1.0 / 3)));
  if (!strcmp(s, "asinh")) return inverse_sinh(t, x);
  if (!strcmp(s, "acosh")) return inverse_cosh(t, x);
  if (!strcmp(s, "atanh")) return inverse_tanh(t, x);
  if (!strcmp(s, "tgamma")) return gamma_of(t, x);
  if (!strcmp(s, "round")) return round_away(t, x);
  if (!strcmp(s, "isnan")) return s_op1(OP_ISNAN, x);
  if (!strcmp(s, "isinf") || !strcmp(s, "isinf_sign")) return s_op1(OP_ISINF, x);
  if (!strcmp(s, "isfinite"))
    return s_op1(OP_NOT, s_op2(OP_OR, s_op1(OP_ISNAN, x), s_op1(OP_ISINF, x)));
  if (!strcmp(s, "signbit")) return below_zero(x);
  return NULL;
}

static Scalar *two_arguments(const char *s, Dtype t, Scalar *x, Scalar *y) {
  if (!strcmp(s, "hypot")) return hypotenuse(t, x, y);
  if (!strcmp(s, "fmod")) return remainder_of(x, y);
  if (!strcmp(s, "fmin")) return extreme(OP_MIN, x, y);
  if (!strcmp(s, "fmax")) return extreme(OP_MAX, x, y);
  if (!strcmp(s, "fdim"))
    return choose(s_op2(OP_GT, x, y), s_sub(x, y), num(t, 0));
  if (!strcmp(s, "copysign")) {
    Scalar *a = s_op1(OP_ABS, x);
    return choose(below_zero(y), neg(a), a);
  }
  return NULL;
}

static Scalar *by_name(const char *s, Dtype t, int n, Scalar **x) {
  for (size_t k = 0; k < sizeof plain / sizeof *plain; k++)
    if (!strcmp(s, plain[k].name) && op_info[plain[k].op].arity == n) return s_op(plain[k].op, x);
  if (n == 0 && (!strcmp(s, "inf") || !strcmp(s, "huge_val"))) return num(t, HUGE_VAL);
  return n == 1 ? one_argument(s, t, x[0]) : n == 2 ? two_arguments(s, t, x[0], x[1]) : NULL;
}

/* The function of math.h of this name on floats of type t; its name may end in f where they are
** f32. Integers have abs and its kin. */
Scalar *cmath_call(const char *name, Dtype t, int n, Scalar **x) {
  if (strncmp(name, "__builtin_", 10) == 0) name += 10;
  if (n == 1 && (!strcmp(name, "abs") || !strcmp(name, "labs") || !strcmp(name, "llabs")))
    return s_op1(OP_ABS, x[0]);
  if (!strncmp(name, "nan", 3) && (!name[3] || !strcmp(name + 3, "f"))) return num(t, NAN);
  Scalar *y = by_name(name, t, n, x);
  size_t length = strlen(name);
  if (y || length < 2 || name[length - 1] != 'f') return y;
  return by_name(str_format("%.*s", (int)length - 1, name), t, n, x);
}
