/*
** test_math_arith.c: rounding, remainders, order, integers, atan2, polygamma and Philox
**
** The rest of runtime/rt_math.h, against libm where libm is exact, and against published values.
*/
#include <limits.h>
#include <math.h>
#include <stdio.h>

#include "../../runtime/rt_math.h"

static int failures;

/* Counts a failure where got is not want, sign of zero included; any NaN is NaN. */
static void expect(const char *what, double x, double y, double got, double want) {
  if (isnan(want) ? isnan(got) : got == want && signbit(got) == signbit(want)) return;
  printf("%s(%.17g, %.17g) = %.17g, not %.17g  FAIL\n", what, x, y, got, want);
  failures++;
}

/* The same, within a relative error. */
static void expect_near(const char *what, double x, double y, double got, double want, double tol) {
  if (!(fabs(got - want) <= tol * fabs(want))) expect(what, x, y, got, want);
}

static const double value[] = {
    0,    -0.0,  0.3,   -0.3,   0.5,    -0.5,   0.75,   1,         -1,        1.5,
    -1.5, 2,     -2,    2.5,    -2.5,   3,      -3,     3.5,       7.25,      -7.25,
    10,   -10,   1e-40, -1e-40, 1e-300, 1e9,    -1e9,   8388607.5, 8388608.5, 4503599627370495.5,
    1e15, -1e15, 1e22,  -1e22,  1e300,  -1e300, 5e-324, INFINITY,  -INFINITY, NAN};

enum { VALUES = sizeof value / sizeof *value };

static void test_rounding(void) {
  for (int i = 0; i < VALUES; i++) {
    double x = value[i];
    float f = (float)x;
    expect("round_f64", x, 0, rt_round_f64(x), nearbyint(x));
    expect("floor_f64", x, 0, rt_floor_f64(x), floor(x));
    expect("ceil_f64", x, 0, rt_ceil_f64(x), ceil(x));
    expect("trunc_f64", x, 0, rt_trunc_f64(x), trunc(x));
    expect("round_f32", f, 0, rt_round_f32(f), nearbyintf(f));
    expect("floor_f32", f, 0, rt_floor_f32(f), floorf(f));
    expect("ceil_f32", f, 0, rt_ceil_f32(f), ceilf(f));
    expect("trunc_f32", f, 0, rt_trunc_f32(f), truncf(f));
    double sign = isnan(x) ? x : (x > 0) - (x < 0);
    expect("sign_f64", x, 0, rt_sign_f64(x), sign);
    expect("abs_f64", x, 0, rt_abs_f64(x), fabs(x));
  }
}

/* Python's x % y and x // y, from the exact fmod of libm (CPython's float_divmod). */
static double python_mod(double x, double y, double *quotient) {
  double m = fmod(x, y), q = (x - m) / y;
  if (m != 0 && (y < 0) != (m < 0)) {
    m += y;
    q -= 1;
  }
  if (m == 0) m = copysign(0, y);
  *quotient = q == 0 || y == 0 ? x / y : nearbyint(q);
  if (q == 0) *quotient = copysign(0, x / y);
  return y == 0 ? NAN : m;
}

static void test_remainders(void) {
  for (int i = 0; i < VALUES; i++)
    for (int j = 0; j < VALUES; j++) {
      double x = value[i], y = value[j], q;
      double m = python_mod(x, y, &q);
      if (fabs(x / y) < 0x1p98 || isinf(x) || y == 0) {
        expect("mod_f64", x, y, rt_mod_f64(x, y), m);
        if (y != 0) expect("floordiv_f64", x, y, rt_floordiv_f64(x, y), q);
      }
      float xf = (float)x, yf = (float)y;
      m = python_mod(xf, yf, &q);
      if (isnan(m) || fabs((double)xf / yf) < 0x1p81) {
        float want = fmodf(xf, yf);
        if (want != 0 && (yf < 0) != (want < 0)) want += yf;
        if (want == 0) want = copysignf(0, yf);
        expect("mod_f32", xf, yf, rt_mod_f32(xf, yf), yf == 0 ? NAN : want);
        if (yf != 0) expect("floordiv_f32", xf, yf, rt_floordiv_f32(xf, yf), (float)q);
      }
      double nan_or = isnan(x) || isnan(y) ? NAN : x > y ? x : y;
      if (x != y) expect("max_f64", x, y, rt_max_f64(x, y), nan_or);
      nan_or = isnan(x) || isnan(y) ? NAN : x < y ? x : y;
      if (x != y) expect("min_f64", x, y, rt_min_f64(x, y), nan_or);
    }
  uint64_t s = 1;
  for (int i = 0; i < 100000; i++) {
    s = s * 6364136223846793005u + 1442695040888963407u;
    double x =
        rt_from_bits_f64((s & 0x802fffffffffffffu) + ((s >> 57 & 63) << 52) + (1000ull << 52));
    double y =
        rt_from_bits_f64((s * 77 & 0x800fffffffffffffu) + ((s >> 50 & 31) << 52) + (1000ull << 52));
    double q, m = python_mod(x, y, &q);
    expect("mod_f64", x, y, rt_mod_f64(x, y), m);
    m = python_mod((float)x, (float)y, &q);
    expect_near("mod_f32", x, y, rt_mod_f32((float)x, (float)y), m, 6e-8);
  }
}

static void test_integers(void) {
  static const int64_t v[] = {0, 1, -1, 2, -2, 3, -3, 7, -7, 10, -10, 1000003, INT_MAX, INT_MIN};
  for (int i = 0; i < 14; i++)
    for (int j = 0; j < 14; j++) {
      int64_t x = v[i], y = v[j];
      int64_t q = y ? x / y - (x % y != 0 && (x % y < 0) != (y < 0)) : 0, m = y ? x - q * y : 0;
      int64_t q32 = x == INT_MIN && y == -1 ? INT_MIN : q;
      expect("floordiv_i64", (double)x, (double)y, (double)rt_floordiv_i64(x, y), (double)q);
      expect("mod_i64", (double)x, (double)y, (double)rt_mod_i64(x, y), (double)m);
      expect("floordiv_i32", (double)x, (double)y, rt_floordiv_i32((int)x, (int)y), (double)q32);
      expect("mod_i32", (double)x, (double)y, rt_mod_i32((int)x, (int)y), (double)m);
    }
  expect("floordiv_i64", INT64_MIN, -1, (double)rt_floordiv_i64(INT64_MIN, -1), INT64_MIN);
  expect("mod_i64", INT64_MIN, -1, (double)rt_mod_i64(INT64_MIN, -1), 0);
  expect("pow_i64", -3, 5, (double)rt_pow_i64(-3, 5), -243);
  expect("pow_i64", 2, 62, (double)rt_pow_i64(2, 62), 0x1p62);
  expect("pow_i64", -1, -3, (double)rt_pow_i64(-1, -3), -1);
  expect("pow_i64", 5, -1, (double)rt_pow_i64(5, -1), 0);
  expect("pow_i32", 10, 9, rt_pow_i32(10, 9), 1e9);
  expect("shr_i32", -1, 28, rt_shr_i32(-1, 28), 15);
  expect("shr_i64", -1, 60, (double)rt_shr_i64(-1, 60), 15);
  expect("abs_i32", -5, 0, rt_abs_i32(-5), 5);
  expect("sign_i64", -5, 0, (double)rt_sign_i64(-5), -1);
}

static void test_atan2(void) {
  double worst32 = 0, worst64 = 0;
  for (int i = 0; i < VALUES; i++)
    for (int j = 0; j < VALUES; j++) {
      double y = value[i], x = value[j], want = atan2(y, x);
      expect_near("atan2_f64", y, x, rt_atan2_f64(y, x), want, fabs(want) < 1e-300 ? 1 : 5e-16);
      if (want == 0) expect("atan2_f64", y, x, rt_atan2_f64(y, x), want);
      want = atan2((float)y, (float)x);
      expect_near("atan2_f32", y, x, rt_atan2_f32((float)y, (float)x), want,
                  fabs(want) < 1e-37 ? 1 : 2.4e-7);
    }
  for (int i = 0; i < 200000; i++) {
    double angle = i * 3.1e-5 - 3.14, size = exp2(i % 60 - 30);
    double y = size * sin(angle), x = size * cos(angle);
    long double want = atan2l(y, x);
    int e;
    frexpl(want, &e);
    double err = (double)fabsl(rt_atan2_f64(y, x) - want) / exp2(e - 53);
    if (err > worst64) worst64 = err;
    want = atan2l((float)y, (float)x);
    frexpl(want, &e);
    err = (double)fabsl(rt_atan2_f32((float)y, (float)x) - want) / exp2(e - 24);
    if (err > worst32) worst32 = err;
  }
  printf("atan2      f32  %8.3f ulp  (bound 2)\natan2      f64  %8.3f ulp  (bound 2)\n", worst32,
         worst64);
  if (worst32 > 2 || worst64 > 2) printf("atan2: above its bound  FAIL\n"), failures++;
}

/* Values by mpmath 1.3 at 60 digits. */
static const struct {
  int n;
  double x, want;
} polygamma[] = {
    {1, 0.015625, 4097.6081469812325},     {1, 0.5, 4.934802200544679},
    {1, 1.0, 1.6449340668482264},          {1, 1.4609375, 0.9682877462855093},
    {1, 3.25, 0.3597982903095799},         {1, 11.5, 0.09084666127454623},
    {1, 40.0, 0.02531510384129103},        {1, 1000000.0, 1.0000005000001667e-06},
    {1, -0.25, 18.541879647671607},        {1, -1.5, 9.379246644989124},
    {1, -7.375, 11.436146362394375},       {1, -20.5, 9.82199434464988},
    {1, 0.1875, 29.730553983532417},       {1, 7.96875, 0.13369243032674713},
    {1, 8.0, 0.1331370146940314},          {1, 9.0625, 0.11665620352055021},
    {1, -0.0078125, 16385.663916382175},   {1, -3.9375, 259.09097641543605},
    {2, 0.015625, -524290.3056080249},     {2, 0.5, -16.82879664423432},
    {2, 1.0, -2.4041138063191885},         {2, 1.4609375, -0.8866046813306347},
    {2, 3.25, -0.12815694713911513},       {2, 11.5, -0.008247469050652217},
    {2, 40.0, -0.0006408202718352986},     {2, 1000000.0, -1.0000010000005e-12},
    {2, -0.25, 122.69736678366236},        {2, -1.5, -0.2362040516417274},
    {2, -7.375, 30.077476549186535},       {2, -20.5, -0.002266289919637797},
    {3, 0.015625, 100663302.11954466},     {3, 0.5, 97.40909103400244},
    {3, 1.0, 6.493939402266829},           {3, 1.4609375, 1.553734857761703},
    {3, 3.25, 0.09043335532465574},        {3, 11.5, 0.001496464752269225},
    {3, 40.0, 3.24414001515635e-05},       {3, 1000000.0, 2.000003000002e-18},
    {3, -0.25, 1555.7633125348507},        {3, -1.5, 194.59427621918763},
    {3, -7.375, 345.720917477273},         {3, -20.5, 194.81796635297297},
    {5, 0.015625, 8246337208431.33},       {5, 0.5, 7691.113548602436},
    {5, 1.0, 122.0811674381339},           {5, 1.4609375, 12.975055707349911},
    {5, 3.25, 0.13160608578097313},        {5, 11.5, 0.0001475020274804632},
    {5, 40.0, 2.4938943509996704e-07},     {5, 1000000.0, 2.400006000006e-29},
    {5, -0.25, 492198.7533428746},         {5, -1.5, 15381.648528026304},
    {5, -7.375, 45190.02853375061},        {5, -20.5, 15382.22709134502},
    {8, 0.015625, -7.263405479023136e+20}, {8, 0.5, -20644899.96176004},
    {8, 1.0, -40400.97839874763},          {8, 1.4609375, -1342.7663991636641},
    {8, 3.25, -1.1030180303716204},        {8, 11.5, -2.2943984082153626e-05},
    {8, 40.0, -8.488278799223605e-10},     {8, -0.25, 10569108819.622774},
    {8, -1.5, -11.146030731869933},        {8, -7.375, 272171776.32164866},
    {8, -20.5, -1.3235280212547434e-07},
};

static void test_polygamma(void) {
  double worst = 0;
  for (size_t i = 0; i < sizeof polygamma / sizeof *polygamma; i++) {
    int n = polygamma[i].n;
    double x = polygamma[i].x, want = polygamma[i].want, got = rt_polygamma_f64(n, x);
    double error = fabs(got - want) / fmax(fabs(want), 1e-300);
    if (error > worst) worst = error;
    expect_near("polygamma", n, x, got, want, 4e-15);
    expect_near("polygamma_f32", n, x, rt_polygamma_f32((float)n, (float)x), (float)want, 1e-6);
  }
  printf("polygamma  f64  %8.1e relative\n", worst);
  expect("polygamma", 0, 2.5, rt_polygamma_f64(0, 2.5), rt_digamma_f64(2.5));
  expect("polygamma", 1, 0, rt_polygamma_f64(1, 0), INFINITY);
  expect("polygamma", 1, -3, rt_polygamma_f64(1, -3), INFINITY);
  expect("polygamma", 1, INFINITY, rt_polygamma_f64(1, INFINITY), 0);
  expect("polygamma", 1.5, 2, rt_polygamma_f64(1.5, 2), NAN);
  expect("polygamma", 1, NAN, rt_polygamma_f64(1, NAN), NAN);
}

/* The known answers of the Random123 distribution, kat_vectors, philox4x32 10. */
static void test_philox(void) {
  static const uint32_t known[3][10] = {
      {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
      {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d,
       0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
      {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09,
       0x94fdcceb, 0x5001e420, 0x24126ea1}};
  for (int i = 0; i < 3; i++) {
    uint32_t c[4];
    memcpy(c, known[i], sizeof c);
    rt_philox_4x32(c, known[i][4], known[i][5]);
    for (int k = 0; k < 4; k++) expect("philox_4x32", i, k, c[k], known[i][6 + k]);
  }
  if (rt_philox(0, 0) != 0xe169c58d6627e8d5u) expect("philox", 0, 0, 0, 1);
  double sum = 0;
  for (int64_t i = 0; i < 100000; i++) {
    float u = rt_uniform_f32(rt_philox_i64(42, i));
    double v = rt_uniform_f64(rt_philox_i64(42, i));
    if (!(u >= 0 && u < 1 && v >= 0 && v < 1 && fabs(u - v) < 1e-7)) expect("uniform", u, v, 0, 1);
    sum += v;
  }
  if (fabs(sum / 100000 - 0.5) > 0.004) expect("uniform mean", 0, 0, sum / 100000, 0.5);
  expect("uniform_f32", -1, 0, rt_uniform_f32(-1), 1 - 0x1p-24);
  expect("uniform_f64", -1, 0, rt_uniform_f64(-1), 1 - 0x1p-53);
  expect("uniform_f64", 0x1234567, 0, rt_uniform_f64(0x123456789abcdef0),
         (double)(0x123456789abcdef0 >> 11) * 0x1p-53);
}

int main(void) {
  test_rounding();
  test_remainders();
  test_integers();
  test_atan2();
  test_polygamma();
  test_philox();
  if (failures) printf("%d failures\n", failures);
  return failures != 0;
}
