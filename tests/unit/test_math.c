/*
** test_math.c: measures the elementary functions of runtime/rt_math.h against libm
**
** The reference is libm in long double, over a stride of all bit patterns for f32 and at random
** points for f64. Prints the largest error of each in ulp
** (units in the last place of the exact result), and fails where one is above its bound.
** `test_math 64` samples 64 times as densely.
*/
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../runtime/rt_math.h"

static int failures;

/* ---- The functions under test ------------------------------------------------------------- */

/* name; interval sampled and bound in ulp for f32, the same for f64; the smallest |value| whose
   last place counts. */
#define UNARY(X)                                                                                   \
  X(exp, -INFINITY, INFINITY, 1.2, -750, 712, 1.2, 0)                                              \
  X(expm1, -INFINITY, INFINITY, 2, -750, 712, 2, 0)                                                \
  X(log, -INFINITY, INFINITY, 1.2, 0, INFINITY, 1.2, 0)                                            \
  X(log1p, -INFINITY, INFINITY, 2, -1, INFINITY, 2, 0)                                             \
  X(tanh, -INFINITY, INFINITY, 2, -25, 25, 2, 0)                                                   \
  X(sech2, -INFINITY, INFINITY, 5, -380, 380, 5, 0)                                                 \
  X(dsigmoid, -INFINITY, INFINITY, 4, -760, 760, 4, 0)                                              \
  X(asinh, -INFINITY, INFINITY, 4, -INFINITY, INFINITY, 4, 0)                                       \
  X(acosh, 1, INFINITY, 4, 1, INFINITY, 4, 0)                                                       \
  X(atanh, -1, 1, 4, -1, 1, 4, 0)                                                                   \
  X(sinh, -INFINITY, INFINITY, 2, -712, 712, 2, 0)                                                 \
  X(cosh, -INFINITY, INFINITY, 2, -712, 712, 2, 0)                                                 \
  X(sigmoid, -INFINITY, INFINITY, 1.6, -750, 750, 1.5, 0)                                          \
  X(softplus, -INFINITY, INFINITY, 2, -750, 750, 2, 0)                                             \
  X(sqrt, 0, INFINITY, 0.5, 0, INFINITY, 0.501, 0)                                                 \
  X(rsqrt, 0, INFINITY, 1.5, 0, INFINITY, 1.5, 0)                                                  \
  X(sin, -INFINITY, INFINITY, 1.6, -1e300, 1e300, 1.2, 0)                                           \
  X(cos, -INFINITY, INFINITY, 1.6, -1e300, 1e300, 1.2, 0)                                           \
  X(tan, -INFINITY, INFINITY, 0.6, -1e300, 1e300, 2, 0)                                             \
  X(asin, -1, 1, 2, -1, 1, 2, 0)                                                                   \
  X(acos, -1, 1, 2, -1, 1, 2, 0)                                                                   \
  X(atan, -INFINITY, INFINITY, 2, -INFINITY, INFINITY, 2, 0)                                       \
  X(erf, -INFINITY, INFINITY, 2, -7, 7, 2, 0)                                                      \
  X(erfc, -INFINITY, INFINITY, 2, -7, 28, 2, 0)                                                  \
  X(lgamma, -500, INFINITY, 0.6, -10, INFINITY, 12, 1)                                              \
  X(digamma, -500, INFINITY, 0.6, -20, 1e12, 10, 1)

static long double ref_expl(long double x) {
  return expl(x);
}
static long double ref_expm1l(long double x) {
  return expm1l(x);
}
static long double ref_logl(long double x) {
  return logl(x);
}
static long double ref_log1pl(long double x) {
  return log1pl(x);
}
static long double ref_tanhl(long double x) {
  return tanhl(x);
}
static long double ref_sech2l(long double x) {
  return 1 / (coshl(x) * coshl(x));
}
static long double ref_dsigmoidl(long double x) {
  return 1 / (4 * coshl(x / 2) * coshl(x / 2));
}
static long double ref_asinhl(long double x) {
  return asinhl(x);
}
static long double ref_acoshl(long double x) {
  return acoshl(x);
}
static long double ref_atanhl(long double x) {
  return atanhl(x);
}
static long double ref_sinhl(long double x) {
  return sinhl(x);
}
static long double ref_coshl(long double x) {
  return coshl(x);
}
static long double ref_sqrtl(long double x) {
  return sqrtl(x);
}
static long double ref_rsqrtl(long double x) {
  return 1 / sqrtl(x);
}
static long double ref_sinl(long double x) {
  return sinl(x);
}
static long double ref_cosl(long double x) {
  return cosl(x);
}
static long double ref_tanl(long double x) {
  return tanl(x);
}
static long double ref_asinl(long double x) {
  return asinl(x);
}
static long double ref_acosl(long double x) {
  return acosl(x);
}
static long double ref_atanl(long double x) {
  return atanl(x);
}
static long double ref_erfl(long double x) {
  return erfl(x);
}
static long double ref_erfcl(long double x) {
  return erfcl(x);
}
static long double ref_lgammal(long double x) {
  return lgammal(x);
}

static long double ref_sigmoidl(long double x) {
  return x < 0 ? expl(x) / (1 + expl(x)) : 1 / (1 + expl(-x));
}

static long double ref_softplusl(long double x) {
  return fmaxl(x, 0) + log1pl(expl(-fabsl(x)));
}

/* digamma(x): mirrored, shifted above 25, then the asymptotic series. */
static long double ref_digammal(long double x) {
  static const long double b[] = {1 / 12.0L,  -1 / 120.0L,     1 / 252.0L, -1 / 240.0L,
                                  1 / 132.0L, -691 / 32760.0L, 1 / 12.0L,  -3617 / 8160.0L};
  long double pi = 3.14159265358979323846264338327950288L, sum = 0, power = 1;
  if (x < 0 && x == rintl(x)) return NAN;
  if (x < 0) return ref_digammal(1 - x) - pi / tanl(pi * (x - rintl(x)));
  for (; x < 25; x++) sum -= 1 / x;
  sum += logl(x) - 0.5L / x;
  for (int i = 0; i < 8; i++) sum -= b[i] * (power /= x * x);
  return sum;
}

typedef struct {
  const char *name;
  float (*f32)(float);
  double (*f64)(double);
  long double (*ref)(long double);
  double lo32, hi32, bound32, lo64, hi64, bound64, floor;
} Row;

#define WRAP(name, lo32, hi32, b32, lo64, hi64, b64, floor)                                        \
  static float name##_f32(float x) {                                                               \
    return rt_##name##_f32(x);                                                                     \
  }                                                                                                \
  static double name##_f64(double x) {                                                             \
    return rt_##name##_f64(x);                                                                     \
  }
UNARY(WRAP)

#define ROW(name, lo32, hi32, b32, lo64, hi64, b64, floor)                                         \
  {#name, name##_f32, name##_f64, ref_##name##l, lo32, hi32, b32, lo64, hi64, b64, floor},
static const Row rows[] = {UNARY(ROW)};

/* ---- Measuring ---------------------------------------------------------------------------- */

/* |got - want| in units of the last place of max(|want|, floor), in a format of `digits` bits and
   exponents emin to emax; both infinite, or both NaN, is no error. */
static double ulp_error(long double got, long double want, double floor, int digits, int emin,
                        int emax) {
  if (isnan(want) || isnan(got)) return isnan(want) && isnan(got) ? 0 : INFINITY;
  long double top = ldexpl(1, emax);
  if (fabsl(got) > top) got = copysignl(top, got);
  if (fabsl(want) > top) want = copysignl(top, want);
  if (got == want) return 0;
  int e;
  long double size = fmaxl(fabsl(want), floor);
  frexpl(size, &e);
  if (size == 0 || e < emin) e = emin;
  return (double)(fabsl(got - want) / ldexpl(1, e - digits));
}

static double ulp32(float got, long double want, double floor) {
  return ulp_error(got, want, floor, 24, -125, 128);
}

static double ulp64(double got, long double want, double floor) {
  return ulp_error(got, want, floor, 53, -1021, 1024);
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
    double e = ulp32(r->f32(x), r->ref(x), r->floor);
    if (e > worst) worst = e, at = x;
  }
  report(r->name, "f32", worst, at, NAN, r->bound32);
}

static void measure_f64(const Row *r, long count) {
  double worst = 0, at = 0;
  for (long i = 0; i < count; i++) {
    double x = sample(r->lo64, r->hi64);
    double e = ulp64(r->f64(x), r->ref(x), r->floor);
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
    double e = ulp64(rt_pow_f64(x, y), powl(x, y), 0);
    if (e > worst64) worst64 = e, at[2] = x, at[3] = y;
    float xf = rt_from_bits_f32((uint32_t)random_bits() & 0x7fffffffu);
    if (i & 1) xf = (float)uniform(0.5, 2);
    float yf = (float)(uniform(-1, 1) * 105 / fmax(fabs(log(xf)), 1e-6));
    e = ulp32(rt_pow_f32(xf, yf), powl(xf, yf), 0);
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

static const Row *row(const char *name) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (!strcmp(rows[i].name, name)) return &rows[i];
  abort();
}

/* What C's annex F, or the limit, says at zeros, infinities and poles. */
static const struct {
  const char *name;
  double x, want;
} special[] = {
    {"exp", -INFINITY, 0},
    {"exp", INFINITY, INFINITY},
    {"exp", 0, 1},
    {"exp", -0.0, 1},
    {"exp", 1000, INFINITY},
    {"exp", -1000, 0},
    {"expm1", 0, 0},
    {"expm1", -0.0, -0.0},
    {"expm1", INFINITY, INFINITY},
    {"expm1", -INFINITY, -1},
    {"expm1", 1000, INFINITY},
    {"log", 0, -INFINITY},
    {"log", -0.0, -INFINITY},
    {"log", 1, 0},
    {"log", -1, NAN},
    {"log", -INFINITY, NAN},
    {"log", INFINITY, INFINITY},
    {"log1p", 0, 0},
    {"log1p", -0.0, -0.0},
    {"log1p", -1, -INFINITY},
    {"log1p", -2, NAN},
    {"log1p", INFINITY, INFINITY},
    {"log1p", -INFINITY, NAN},
    {"tanh", INFINITY, 1},
    {"tanh", -INFINITY, -1},
    {"tanh", 0, 0},
    {"tanh", -0.0, -0.0},
    {"tanh", 30, 1},
    {"sinh", -0.0, -0.0},
    {"sinh", INFINITY, INFINITY},
    {"sinh", -INFINITY, -INFINITY},
    {"cosh", 0, 1},
    {"cosh", -INFINITY, INFINITY},
    {"sigmoid", INFINITY, 1},
    {"sigmoid", -INFINITY, 0},
    {"sigmoid", 0, 0.5},
    {"sigmoid", -1e4, 0},
    {"softplus", INFINITY, INFINITY},
    {"softplus", -INFINITY, 0},
    {"softplus", 1e4, 1e4},
    {"sqrt", -0.0, -0.0},
    {"sqrt", -1, NAN},
    {"sqrt", INFINITY, INFINITY},
    {"rsqrt", 0, INFINITY},
    {"rsqrt", INFINITY, 0},
    {"rsqrt", -1, NAN},
    {"sin", 0, 0},
    {"sin", -0.0, -0.0},
    {"sin", INFINITY, NAN},
    {"sin", -INFINITY, NAN},
    {"cos", 0, 1},
    {"cos", INFINITY, NAN},
    {"tan", -0.0, -0.0},
    {"tan", INFINITY, NAN},
    {"asin", -0.0, -0.0},
    {"asin", 2, NAN},
    {"asin", -INFINITY, NAN},
    {"acos", 1, 0},
    {"acos", 2, NAN},
    {"atan", 0, 0},
    {"atan", -0.0, -0.0},
    {"erf", -0.0, -0.0},
    {"erf", INFINITY, 1},
    {"erf", -INFINITY, -1},
    {"erfc", 0, 1},
    {"erfc", INFINITY, 0},
    {"erfc", -INFINITY, 2},
    {"lgamma", 1, 0},
    {"lgamma", 2, 0},
    {"lgamma", 0, INFINITY},
    {"lgamma", -3, INFINITY},
    {"lgamma", INFINITY, INFINITY},
    {"lgamma", -INFINITY, INFINITY},
    {"digamma", 0, -INFINITY},
    {"digamma", -0.0, INFINITY},
    {"digamma", -2, NAN},
    {"digamma", INFINITY, INFINITY},
    {"digamma", -INFINITY, NAN},
};

static void specials_unary(void) {
  for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
    const Row *r = row(special[i].name);
    expect(r->name, special[i].x, NAN, r->f32((float)special[i].x), special[i].want);
    expect(r->name, special[i].x, NAN, r->f64(special[i].x), special[i].want);
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
      if (ulp64(d, want, 0) > 1 || signbit(d) != signbit(want))
        expect("pow f64", v[i], v[j], d, want);
      want = (float)pow(x, y);
      if (ulp32(f, want, 0) > 1 || signbit(f) != signbit(want)) expect("pow f32", x, y, f, want);
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
