/*
** rt_math_arith.h: rounding, order, remainders and integer arithmetic
**
** x // y = floor(x / y),   x % y = x - y (x // y), with the sign of y, as in Python and NumPy
**
** No function here traps: integer division by zero gives 0, and the smallest integer wraps.
** Included by rt_math.h alone.
*/
#ifndef RT_MATH_ARITH_H
#define RT_MATH_ARITH_H

RT_FN float rt_inf_f32(void) {
  return RT_INF_F32;
}
RT_FN double rt_inf_f64(void) {
  return RT_INF_F64;
}

RT_FN float rt_sqrt_f32(float x) {
  return __builtin_sqrtf(x);
}
RT_FN double rt_sqrt_f64(double x) {
  return __builtin_sqrt(x);
}

/* 1 - x^2, accurate near 1. */
RT_FN float rt_one_minus_square_f32(float x) {
  return (1.0f - x) * (1.0f + x);
}
RT_FN double rt_one_minus_square_f64(double x) {
  return (1.0 - x) * (1.0 + x);
}

/* 1 / sqrt(x), both rounded. */
RT_FN float rt_rsqrt_f32(float x) {
  return 1.0f / __builtin_sqrtf(x);
}
RT_FN double rt_rsqrt_f64(double x) {
  return 1.0 / __builtin_sqrt(x);
}

/* The nearest whole number of |x|, halves to even; |x| itself where it is whole or NaN. */
RT_FN float rt_round_abs_f32(float x) {
  float a = rt_abs_f32(x);
  float r = (a + 8388608.0f) - 8388608.0f;
  return a < 8388608.0f ? r : a;
}

RT_FN double rt_round_abs_f64(double x) {
  double a = rt_abs_f64(x);
  double r = (a + 4503599627370496.0) - 4503599627370496.0;
  return a < 4503599627370496.0 ? r : a;
}

/* Rounding to whole numbers: to nearest with halves to even, down, up, towards zero. The sign of
   a zero is that of x. */
RT_FN float rt_round_f32(float x) {
  return rt_copysign_f32(rt_round_abs_f32(x), x);
}
RT_FN double rt_round_f64(double x) {
  return rt_copysign_f64(rt_round_abs_f64(x), x);
}

RT_FN float rt_floor_f32(float x) {
  float r = rt_round_f32(x);
  float one = r > x ? 1.0f : 0.0f;
  return r - one;
}

RT_FN double rt_floor_f64(double x) {
  double r = rt_round_f64(x);
  double one = r > x ? 1.0 : 0.0;
  return r - one;
}

RT_FN float rt_ceil_f32(float x) {
  float r = rt_round_f32(x);
  float one = r < x ? 1.0f : 0.0f;
  return rt_copysign_f32(r + one, x);
}

RT_FN double rt_ceil_f64(double x) {
  double r = rt_round_f64(x);
  double one = r < x ? 1.0 : 0.0;
  return rt_copysign_f64(r + one, x);
}

RT_FN float rt_trunc_f32(float x) {
  float r = rt_round_abs_f32(x);
  float one = r > rt_abs_f32(x) ? 1.0f : 0.0f;
  return rt_copysign_f32(r - one, x);
}

RT_FN double rt_trunc_f64(double x) {
  double r = rt_round_abs_f64(x);
  double one = r > rt_abs_f64(x) ? 1.0 : 0.0;
  return rt_copysign_f64(r - one, x);
}

/* The larger and the smaller, x of equals; NaN if either is. Whether y is NaN does not wait for x,
   which in a reduction comes out of the step before: one instruction of x86-64 a step. */
RT_FN float rt_max_f32(float x, float y) {
  float m = y > x ? y : x;
  return y != y ? RT_NAN_F32 : m;
}
RT_FN double rt_max_f64(double x, double y) {
  double m = y > x ? y : x;
  return y != y ? RT_NAN_F64 : m;
}
RT_FN int32_t rt_max_i32(int32_t x, int32_t y) {
  return x > y ? x : y;
}
RT_FN int64_t rt_max_i64(int64_t x, int64_t y) {
  return x > y ? x : y;
}
RT_FN float rt_min_f32(float x, float y) {
  float m = y < x ? y : x;
  return y != y ? RT_NAN_F32 : m;
}
RT_FN double rt_min_f64(double x, double y) {
  double m = y < x ? y : x;
  return y != y ? RT_NAN_F64 : m;
}
RT_FN int32_t rt_min_i32(int32_t x, int32_t y) {
  return x < y ? x : y;
}
RT_FN int64_t rt_min_i64(int64_t x, int64_t y) {
  return x < y ? x : y;
}

/* -1, 0 or 1; NaN of NaN. */
RT_FN float rt_sign_f32(float x) {
  float s = x > 0.0f ? 1.0f : 0.0f;
  s = x < 0.0f ? -1.0f : s;
  return x != x ? x : s;
}

RT_FN double rt_sign_f64(double x) {
  double s = x > 0.0 ? 1.0 : 0.0;
  s = x < 0.0 ? -1.0 : s;
  return x != x ? x : s;
}

RT_FN int32_t rt_sign_i32(int32_t x) {
  return (x > 0) - (x < 0);
}
RT_FN int64_t rt_sign_i64(int64_t x) {
  return (x > 0) - (x < 0);
}

RT_FN int32_t rt_abs_i32(int32_t x) {
  return x < 0 ? (int32_t)(0u - (uint32_t)x) : x;
}
RT_FN int64_t rt_abs_i64(int64_t x) {
  return x < 0 ? (int64_t)(0u - (uint64_t)x) : x;
}

/* x >> y with zeros entering; y is taken modulo the width. */
RT_FN int32_t rt_shr_i32(int32_t x, int32_t y) {
  return (int32_t)((uint32_t)x >> (y & 31));
}
RT_FN int64_t rt_shr_i64(int64_t x, int64_t y) {
  return (int64_t)((uint64_t)x >> (y & 63));
}

/* Integer x // y and x % y. */
RT_FN int32_t rt_floordiv_i32(int32_t x, int32_t y) {
  int32_t d = ((y == 0) | (y == -1)) ? 1 : y;
  int32_t q = x / d, r = x % d;
  q -= (r != 0) & ((r ^ d) < 0);
  q = y == -1 ? (int32_t)(0u - (uint32_t)x) : q;
  return y == 0 ? 0 : q;
}

RT_FN int64_t rt_floordiv_i64(int64_t x, int64_t y) {
  int64_t d = ((y == 0) | (y == -1)) ? 1 : y;
  int64_t q = x / d, r = x % d;
  q -= (r != 0) & ((r ^ d) < 0);
  q = y == -1 ? (int64_t)(0u - (uint64_t)x) : q;
  return y == 0 ? 0 : q;
}

RT_FN int32_t rt_mod_i32(int32_t x, int32_t y) {
  int32_t d = ((y == 0) | (y == -1)) ? 1 : y;
  int32_t r = x % d;
  return r + (((r != 0) & ((r ^ d) < 0)) ? d : 0);
}

RT_FN int64_t rt_mod_i64(int64_t x, int64_t y) {
  int64_t d = ((y == 0) | (y == -1)) ? 1 : y;
  int64_t r = x % d;
  return r + (((r != 0) & ((r ^ d) < 0)) ? d : 0);
}

/* x^n by repeated squaring, wrapping; 1 / x^-n towards zero for negative n, and 0 for x = 0. */
static inline int64_t rt_pow_i64(int64_t x, int64_t n) {
  if (n < 0) return x == 1 ? 1 : x == -1 ? (n & 1 ? -1 : 1) : 0;
  uint64_t base = (uint64_t)x, r = 1;
  for (; n > 0; n >>= 1, base *= base)
    if (n & 1) r *= base;
  return (int64_t)r;
}

static inline int32_t rt_pow_i32(int32_t x, int32_t n) {
  return (int32_t)(uint32_t)(uint64_t)rt_pow_i64(x, n);
}

/* a - n b for the whole n nearest to a / b, plus b where that is negative; exact for floats
   a, b > 0 with a / b < 2^28. */
RT_FN double rt_fmod_step_f32(double a, double b) {
  double n = (a / b + 0x1p52) - 0x1p52;
  double r = a - n * b;
  double back = r + b;
  return r < 0.0 ? back : r;
}

/* C's fmod(x, y), with the sign of x; exact while |x / y| < 2^81, a zero beyond. */
RT_FN double rt_fmod_f32(float x, float y) {
  double a = (double)rt_abs_f32(x), b = (double)rt_abs_f32(y);
  double r = rt_fmod_step_f32(a, b * 0x1p54);
  r = rt_fmod_step_f32(r, b * 0x1p27);
  r = rt_fmod_step_f32(r, b);
  r = a / b < 0x1p81 ? r : 0.0;
  r = a < b ? a : r;
  r = rt_copysign_f64(r, (double)x);
  return ((a < RT_INF_F64) & (b > 0.0)) ? r : RT_NAN_F64;
}

/* The same for doubles with a / b < 2^50, where b is neither huge nor tiny. */
RT_FN double rt_fmod_step_f64(double a, double b) {
  double n = (a / b + 0x1p52) - 0x1p52;
  rt_pair p = rt_two_prod(n, b);
  double r = (a - p.hi) - p.lo;
  double back = r + b;
  return r < 0.0 ? back : r;
}

/* C's fmod(x, y), with the sign of x; exact while |x / y| < 2^98, a zero beyond. */
RT_FN double rt_fmod_f64(double x, double y) {
  double a = rt_abs_f64(x), b = rt_abs_f64(y);
  double shrink = b > 0x1p800 ? 0x1p-200 : 1.0;
  double scale = b < 0x1p-700 ? 0x1p300 : shrink;
  double as = a * scale, bs = b * scale;
  double r = rt_fmod_step_f64(as, bs * 0x1p49);
  r = rt_fmod_step_f64(r, bs) * (1.0 / scale);
  r = as / bs < 0x1p98 ? r : 0.0;
  r = a < b ? a : r;
  r = rt_copysign_f64(r, x);
  return ((a < RT_INF_F64) & (b > 0.0)) ? r : RT_NAN_F64;
}

/* x % y: NaN for y = 0 and for infinite x. */
RT_FN float rt_mod_f32(float x, float y) {
  float m = (float)rt_fmod_f32(x, y);
  float other = m + y, zero = rt_copysign_f32(0.0f, y);
  m = ((m != 0.0f) & ((m < 0.0f) != (y < 0.0f))) ? other : m;
  m = m == 0.0f ? zero : m;
  return y != y ? y : m;
}

RT_FN double rt_mod_f64(double x, double y) {
  double m = rt_fmod_f64(x, y);
  double other = m + y, zero = rt_copysign_f64(0.0, y);
  m = ((m != 0.0) & ((m < 0.0) != (y < 0.0))) ? other : m;
  m = m == 0.0 ? zero : m;
  return y != y ? y : m;
}

/* x // y for floats, found from the remainder, so that it agrees with %; x / y for y = 0. */
RT_FN float rt_floordiv_f32(float x, float y) {
  double m = rt_fmod_f32(x, y);
  double n = rt_round_f64(((double)x - m) / (double)y);
  double less = n - 1.0, zero = rt_copysign_f64(0.0, (double)x / (double)y);
  n = ((m != 0.0) & ((m < 0.0) != (y < 0.0f))) ? less : n;
  n = n == 0.0 ? zero : n;
  float q = x / y, f = (float)n;
  return y == 0.0f ? q : f;
}

RT_FN double rt_floordiv_f64(double x, double y) {
  double m = rt_fmod_f64(x, y);
  double n = rt_round_f64((x - m) / y);
  double less = n - 1.0, q = x / y, zero = rt_copysign_f64(0.0, q);
  n = ((m != 0.0) & ((m < 0.0) != (y < 0.0))) ? less : n;
  n = n == 0.0 ? zero : n;
  return y == 0.0 ? q : n;
}

/* Floats to integers, towards zero; what does not fit saturates, NaN becomes 0. */
#define RT_TO_INT(S, T, BITS, LOW, HIGH)                                                           \
  RT_FN int##BITS##_t rt_to_i##BITS##_##S(T x) {                                                   \
    int##BITS##_t in = (int##BITS##_t)(x > LOW && x < HIGH ? x : (T)0);                            \
    return x >= HIGH ? INT##BITS##_MAX : x <= LOW ? INT##BITS##_MIN : in;                          \
  }
RT_TO_INT(f32, float, 32, -2147483648.0f, 2147483648.0f)
RT_TO_INT(f64, double, 32, -2147483649.0, 2147483648.0)
RT_TO_INT(f32, float, 64, -9223372036854775808.0f, 9223372036854775808.0f)
RT_TO_INT(f64, double, 64, -9223372036854775808.0, 9223372036854775808.0)
#undef RT_TO_INT

#endif
