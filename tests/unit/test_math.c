/*
** test_math.c: measures the elementary functions of runtime/rt_math.h against libm
**
** f32 functions are compared with libm's double ones over a stride of all bit patterns, f64
** functions with the long double ones at random points. Prints the largest error of each in ulp
** (units in the last place of the exact result), and fails where one is above its bound.
** `test_math 64` samples 64 times as densely.
*/
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../runtime/rt_math.h"

static int failures;

/* ---- The functions under test ------------------------------------------------------------- */

/* name, reference, sampled interval of f32, its bound in ulp, the same for f64. */
#define UNARY(X)                                                                                   \
  X(exp, exp, -INFINITY, INFINITY, 1.2, -750, 712, 1.2)                                            \
  X(log, log, -INFINITY, INFINITY, 1.2, 0, INFINITY, 1.2)                                          \
  X(tanh, tanh, -INFINITY, INFINITY, 2, -25, 25, 2)                                                \
  X(sigmoid, sigmoid, -INFINITY, INFINITY, 2, -750, 750, 1.5)                                      \
  X(sin, sin, -8e8, 8e8, 1.6, -3e9, 3e9, 1.2)                                                      \
  X(cos, cos, -8e8, 8e8, 1.6, -3e9, 3e9, 1.2)

static double ref_sigmoid(double x) {
  return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
}

static long double ref_sigmoidl(long double x) {
  return x < 0 ? expl(x) / (1 + expl(x)) : 1 / (1 + expl(-x));
}

#define ref_exp exp
#define ref_expl expl
#define ref_log log
#define ref_logl logl
#define ref_tanh tanh
#define ref_tanhl tanhl
#define ref_sin sin
#define ref_sinl sinl
#define ref_cos cos
#define ref_cosl cosl

typedef struct {
  const char *name;
  float (*f32)(float);
  double (*f64)(double);
  double (*ref)(double);
  long double (*refl)(long double);
  double lo32, hi32, bound32, lo64, hi64, bound64;
} Row;

#define WRAP(name, r, lo32, hi32, b32, lo64, hi64, b64)                                            \
  static float name##_f32(float x) {                                                               \
    return rt_##name##_f32(x);                                                                     \
  }                                                                                                \
  static double name##_f64(double x) {                                                             \
    return rt_##name##_f64(x);                                                                     \
  }
UNARY(WRAP)

#define ROW(name, r, lo32, hi32, b32, lo64, hi64, b64)                                             \
  {#name, name##_f32, name##_f64, ref_##r, ref_##r##l, lo32, hi32, b32, lo64, hi64, b64},
static const Row rows[] = {UNARY(ROW)};

/* ---- Measuring ---------------------------------------------------------------------------- */

/* |got - want| in units of the last place of want, in a format of `digits` bits whose smallest
   exponent is emin; both infinite, or both NaN, is no error. */
static double ulp_error(long double got, long double want, int digits, int emin, int emax) {
  if (isnan(want) || isnan(got)) return isnan(want) && isnan(got) ? 0 : INFINITY;
  long double top = ldexpl(1, emax);
  if (fabsl(got) > top) got = copysignl(top, got);
  if (fabsl(want) > top) want = copysignl(top, want);
  if (got == want) return 0;
  int e;
  frexpl(want, &e);
  if (want == 0 || e < emin) e = emin;
  return (double)(fabsl(got - want) / ldexpl(1, e - digits));
}

static double ulp32(float got, double want) {
  return ulp_error(got, want, 24, -125, 128);
}

static double ulp64(double got, long double want) {
  return ulp_error(got, want, 53, -1021, 1024);
}

/* Prints one line of the table and counts it as a failure where worst > bound. */
static void report(const char *name, const char *type, double worst, double at, double at_y,
                   double bound) {
  int bad = !(worst <= bound);
  printf("%-10s %s  %8.3f ulp  (bound %g)  at %.9g", name, type, worst, bound, at);
  if (!isnan(at_y)) printf(", %.9g", at_y);
  printf("%s\n", bad ? "  FAIL" : "");
  failures += bad;
}

static uint64_t state = 0x9e3779b97f4a7c15u;

/* 64 pseudorandom bits (splitmix64). */
static uint64_t random_bits(void) {
  uint64_t z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static double uniform(double lo, double hi) {
  return lo + (hi - lo) * ((double)(random_bits() >> 11) * 0x1p-53);
}

/* A point of [lo, hi]: uniform, or of uniform exponent from 2^-70 (or any, if hi is infinite). */
static double sample(double lo, double hi) {
  for (;;) {
    double x;
    if (isinf(hi)) {
      uint64_t u = random_bits();
      memcpy(&x, &u, sizeof x);
      if (random_bits() & 1) x = 1 + uniform(-0.5, 1);
    } else if (random_bits() & 1) {
      x = uniform(lo, hi);
    } else {
      x = exp2(uniform(-70, log2(fmax(fabs(lo), fabs(hi)))));
      if (random_bits() & 1) x = -x;
    }
    if (x >= lo && x <= hi) return x;
  }
}

static void measure_f32(const Row *r, uint64_t stride) {
  double worst = 0, at = 0;
  for (uint64_t u = 0; u < 0x100000000u; u += stride) {
    float x = rt_from_bits_f32((uint32_t)u);
    if (x < r->lo32 || x > r->hi32) continue;
    double e = ulp32(r->f32(x), r->ref(x));
    if (e > worst) worst = e, at = x;
  }
  report(r->name, "f32", worst, at, NAN, r->bound32);
}

static void measure_f64(const Row *r, long count) {
  double worst = 0, at = 0;
  for (long i = 0; i < count; i++) {
    double x = sample(r->lo64, r->hi64);
    double e = ulp64(r->f64(x), r->refl(x));
    if (e > worst) worst = e, at = x;
  }
  report(r->name, "f64", worst, at, NAN, r->bound64);
}

/* pow: bases and exponents whose power mostly neither overflows nor vanishes. */
static void measure_pow(long count) {
  double worst32 = 0, worst64 = 0, at[4] = {0};
  for (long i = 0; i < count; i++) {
    double x = sample(0, INFINITY);
    double y = uniform(-1, 1) * 760 / fmax(fabs(log(x)), 1e-14);
    double e = ulp64(rt_pow_f64(x, y), powl(x, y));
    if (e > worst64) worst64 = e, at[2] = x, at[3] = y;
    float xf = rt_from_bits_f32((uint32_t)random_bits() & 0x7fffffffu);
    if (i & 1) xf = (float)uniform(0.5, 2);
    float yf = (float)(uniform(-1, 1) * 105 / fmax(fabs(log(xf)), 1e-6));
    e = ulp32(rt_pow_f32(xf, yf), pow(xf, yf));
    if (e > worst32) worst32 = e, at[0] = xf, at[1] = yf;
  }
  report("pow", "f32", worst32, at[0], at[1], 0.6);
  report("pow", "f64", worst64, at[2], at[3], 1.1);
}

/* ---- Special values ----------------------------------------------------------------------- */

static int same(double a, double b) {
  return isnan(a) ? isnan(b) : rt_bits_f64(a) == rt_bits_f64(b);
}

/* Counts a failure where got is not the value wanted, sign of zero included. */
static void expect(const char *what, double x, double y, double got, double want) {
  if (same(got, want)) return;
  printf("%s(%g, %g) = %.17g, not %.17g  FAIL\n", what, x, y, got, want);
  failures++;
}

static void specials_unary(void) {
  static const struct {
    int row;
    double x, want;
  } cases[] = {
      {0, -INFINITY, 0},   {0, INFINITY, INFINITY},
      {0, 0, 1},           {0, -0.0, 1},
      {0, 1000, INFINITY}, {0, -1000, 0},
      {1, 0, -INFINITY},   {1, -0.0, -INFINITY},
      {1, 1, 0},           {1, -1, NAN},
      {1, -INFINITY, NAN}, {1, INFINITY, INFINITY},
      {2, INFINITY, 1},    {2, -INFINITY, -1},
      {2, 0, 0},           {2, -0.0, -0.0},
      {2, 30, 1},          {3, INFINITY, 1},
      {3, -INFINITY, 0},   {3, 0, 0.5},
      {3, -1e4, 0},        {4, 0, 0},
      {4, -0.0, -0.0},     {4, INFINITY, NAN},
      {4, -INFINITY, NAN}, {5, 0, 1},
      {5, INFINITY, NAN},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const Row *r = &rows[cases[i].row];
    expect(r->name, cases[i].x, NAN, r->f32((float)cases[i].x), cases[i].want);
    expect(r->name, cases[i].x, NAN, r->f64(cases[i].x), cases[i].want);
  }
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    expect(rows[i].name, NAN, NAN, rows[i].f32(NAN), NAN);
    expect(rows[i].name, NAN, NAN, rows[i].f64(NAN), NAN);
  }
}

/* pow at every pair of special values; libm follows C's annex F here. */
static void specials_pow(void) {
  static const double v[] = {0,        -0.0,      1,   -1,   2,     -2,  3,    -3,    0.5,   -0.5,
                             INFINITY, -INFINITY, NAN, 1e30, -1e30, 7.5, -7.5, 1e-30, -1e-30};
  for (size_t i = 0; i < sizeof v / sizeof *v; i++)
    for (size_t j = 0; j < sizeof v / sizeof *v; j++) {
      float x = (float)v[i], y = (float)v[j], f = rt_pow_f32(x, y);
      double d = rt_pow_f64(v[i], v[j]), want = pow(v[i], v[j]);
      if (ulp64(d, want) > 1 || signbit(d) != signbit(want)) expect("pow f64", v[i], v[j], d, want);
      want = (float)pow(x, y);
      if (ulp32(f, want) > 1 || signbit(f) != signbit(want)) expect("pow f32", x, y, f, want);
    }
}

int main(int argc, char **argv) {
  long dense = argc > 1 ? atol(argv[1]) : 1;
  if (dense < 1) dense = 1;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    measure_f32(&rows[i], (uint64_t)(4999 / dense) | 1);
    measure_f64(&rows[i], 200000 * dense);
  }
  measure_pow(200000 * dense);
  specials_unary();
  specials_pow();
  if (failures) printf("%d failures\n", failures);
  return failures != 0;
}
