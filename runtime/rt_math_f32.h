/*
** rt_math_f32.h: exp, log, pow, and what follows from them, in single precision
**
** exp(x) = 2^n e^r,  n = round(x / ln 2),  |r| <= ln(2)/2
** log(x) = n ln 2 + log(1 + f),  sqrt(1/2) <= 1 + f < sqrt(2)
**
** Polynomials are minimax fits; the error beside each is that of the fit relative to the
** function. Included by rt_math.h alone.
*/
#ifndef RT_MATH_F32_H
#define RT_MATH_F32_H

/* 2^n = a b for the n + 254 that RT_MAGIC_EXP_F32 leaves in the low bits of u, |n| < 254. What is
   multiplied by a, then by b, is rounded once more where the result is subnormal, and overflows to
   infinity. */
typedef struct {
  float a, b;
} rt_power_f32;

RT_FN rt_power_f32 rt_power_of_f32(uint32_t u) {
  uint32_t half = u >> 1;
  rt_power_f32 s = {rt_from_bits_f32(half << 23), rt_from_bits_f32((u - half) << 23)};
  return s;
}

/* (1 + tail) 2^n for the same u. */
RT_FN float rt_scale_f32(float tail, uint32_t u) {
  rt_power_f32 s = rt_power_of_f32(u);
  return rt_fma_f32(s.a, tail, s.a) * s.b;
}

/* (e^r - 1 - r) / r^2 for |r| <= ln(2)/2, error of r^2 times it 2^-28. */
RT_FN float rt_exp_curve_f32(float r) {
  return rt_quartic_f32(r, 0.5f, 0.166665122f, 0.0416661873f, 0.00836959854f, 0.00139516953f);
}

/* e^r - 1 for |r| <= ln(2)/2. */
RT_FN float rt_exp_tail_f32(float r) {
  return rt_fma_f32(r * r, rt_exp_curve_f32(r), r);
}

/* x - n ln 2 for an integer |n| < 2^14. */
RT_FN float rt_minus_ln2_f32(float x, float n) {
  return rt_fma_f32(n, -0.000764368044f, rt_fma_f32(n, -0.6923828125f, x));
}

/* e^x. */
RT_FN float rt_exp_f32(float x) {
  float y = rt_clamp_f32(x, -104.0f, 89.0f);
  float t = rt_fma_f32(y, 1.44269502f, RT_MAGIC_EXP_F32);
  float r = rt_minus_ln2_f32(y, t - RT_MAGIC_EXP_F32);
  return rt_scale_f32(rt_exp_tail_f32(r), rt_bits_f32(t));
}

/* n ln 2 + log(1 + f) for sqrt(1/2) <= 1 + f < sqrt(2). */
RT_FN float rt_log_sum_f32(float n, float f) {
  /* (log(1 + f) - f + f^2/2) / f^3, error 2^-27 */
  float f2 = f * f, f4 = f2 * f2;
  float p = rt_cubic_f32(f, 0.142017603f, -0.131601393f, 0.127615392f, -0.0763455182f);
  p = rt_fma_f32(p, f4, rt_cubic_f32(f, 0.333333313f, -0.250008196f, 0.200012267f, -0.166233629f));
  float tail = rt_fma_f32(f2 * f, p, n * 0.000764368044f);
  return rt_fma_f32(n, 0.6923828125f, f + rt_fma_f32(-0.5f, f2, tail));
}

/* log(x): -inf at zero, NaN below. */
RT_FN float rt_log_f32(float x) {
  float scaled = x * 8388608.0f;
  int tiny = x < 1.17549435e-38f;
  float y = tiny ? scaled : x;
  float n_tiny = tiny ? 23.0f : 0.0f;
  uint32_t b = rt_bits_f32(y);
  int32_t k = (int32_t)(b - 0x3f3504f3u) >> 23;
  float f = rt_from_bits_f32(b - ((uint32_t)k << 23)) - 1.0f;
  float n = (float)k - n_tiny;
  float r = rt_log_sum_f32(n, f);
  float below = x < 0.0f ? RT_NAN_F32 : x;
  float special = x == 0.0f ? -RT_INF_F32 : below;
  return ((x > 0.0f) & (x < RT_INF_F32)) ? r : special;
}

/* log(1 + x). With 1 + x = 2^k (1 + f), f is computed from x itself, so that no digit of x is lost.
 */
RT_FN float rt_log1p_f32(float x) {
  uint32_t b = rt_bits_f32(1.0f + x);
  int32_t k = (int32_t)(b - 0x3f3504f3u) >> 23;
  float c = rt_from_bits_f32((uint32_t)(127 - k) << 23);
  float f_near = rt_fma_f32(x, c, c - 1.0f);
  float f_far = rt_from_bits_f32(b - ((uint32_t)k << 23)) - 1.0f;
  float f = k > 24 ? f_far : f_near;
  float r = rt_log_sum_f32((float)k, f);
  float below = x < -1.0f ? RT_NAN_F32 : x;
  float special = x == -1.0f ? -RT_INF_F32 : below;
  return ((x > -1.0f) & (x < RT_INF_F32) & (x != 0.0f)) ? r : special;
}

/* log(1 + e^x) = max(x, 0) + log(1 + e^-|x|). */
RT_FN float rt_softplus_f32(float x) {
  float e = rt_exp_f32(-rt_abs_f32(x));
  float half = 0.5f * e - 0.5f;
  int big = e > 0.414213562f;
  float f = big ? half : e;
  float n = big ? 1.0f : 0.0f;
  float top = x > 0.0f ? x : 0.0f;
  return top + rt_log_sum_f32(n, f);
}

/* e^y for y <= 0 as (1 + tail) 2^n, n as rt_scale_f32 takes it. What begins with it, sigmoid, tanh
   and their slopes, has it from one computation where several are wanted of one x: compilers see
   that it is the same. */
typedef struct {
  float tail;
  uint32_t n;
} rt_decay_f32;

RT_FN rt_decay_f32 rt_decay_of_f32(float y) {
  y = y < -104.0f ? -104.0f : y;
  float t = rt_fma_f32(y, 1.44269502f, RT_MAGIC_EXP_F32);
  float r = rt_minus_ln2_f32(y, t - RT_MAGIC_EXP_F32);
  rt_decay_f32 d = {rt_exp_tail_f32(r), rt_bits_f32(t)};
  return d;
}

/* tanh(x): an odd polynomial up to 0.55, then 1 - 2 e^-2x / (1 + e^-2x). */
RT_FN float rt_tanh_f32(float x) {
  float a = rt_abs_f32(x);
  float z = a * a;
  /* (tanh(x)/x - 1) / x^2 on |x| <= 0.551, error 2^-29 */
  float p =
      rt_quartic_f32(z, -0.333333164f, 0.13332577f, -0.0538511872f, 0.0210667197f, -0.00626677927f);
  float small = rt_fma_f32(a * z, p, a);
  rt_decay_f32 d = rt_decay_of_f32(-(a + a));
  float e = rt_scale_f32(d.tail, d.n);
  float large = 1.0f - (e + e) / (1.0f + e);
  float m = a < 0.55f ? small : large;
  return rt_copysign_f32(m, x);
}

/* 1 / cosh(x)^2 = 4 e^-2|x| / (1 + e^-2|x|)^2 */
RT_FN float rt_sech2_f32(float x) {
  float a = rt_abs_f32(x);
  rt_decay_f32 y = rt_decay_of_f32(-(a + a));
  float d = 1.0f + rt_scale_f32(y.tail, y.n);
  return rt_scale_f32(y.tail, y.n + 2u) / (d * d);
}

/* e^-|x| / (1 + e^-|x|)^2, the derivative of sigmoid. */
RT_FN float rt_dsigmoid_f32(float x) {
  rt_decay_f32 y = rt_decay_of_f32(-rt_abs_f32(x));
  float e = rt_scale_f32(y.tail, y.n), d = 1.0f + e;
  return e / (d * d);
}

/* 1 / (1 + e^-x), also where it is subnormal. The rounding errors of e^-|x| and of the
   denominator are carried along: d q = (d top - q d bottom) / bottom. */
RT_FN float rt_sigmoid_f32(float x) {
  rt_decay_f32 d = rt_decay_of_f32(-rt_abs_f32(x));
  rt_power_f32 s = rt_power_of_f32(d.n);
  float part = rt_fma_f32(s.a, d.tail, s.a);
  float e = part * s.b, e_lo = rt_fma_f32(s.a, d.tail, s.a - part) * s.b;
  float bottom = 1.0f + e;
  float bottom_lo = (e - (bottom - 1.0f)) + e_lo;
  float top = x < 0.0f ? e : 1.0f;
  float top_lo = x < 0.0f ? e_lo : 0.0f;
  float q = top / bottom;
  float rest = 1.0f - q;
  float inv = x < 0.0f ? rest : q;
  return rt_fma_f32(rt_fma_f32(-q, bottom_lo, top_lo), inv, q);
}

/* e^x - 1 = 2^n (e^r - 1 + (1 - 2^-n)), where r and the first sum have two words. */
RT_FN float rt_expm1_f32(float x) {
  float y = rt_clamp_f32(x, -18.0f, 89.0f);
  float t = rt_fma_f32(y, 1.44269502f, RT_MAGIC_EXP_F32);
  float n = t - RT_MAGIC_EXP_F32;
  float whole = rt_fma_f32(n, -0.6923828125f, y);
  float r = rt_fma_f32(n, -0.000764368044f, whole);
  float r_lo = rt_fma_f32(n, -0.000764368044f, whole - r);
  rt_power_f32 s = rt_power_of_f32(rt_bits_f32(t)), i = rt_power_of_f32(508u - rt_bits_f32(t));
  float rest = rt_fma_f32(-i.a, i.b, 1.0f);
  float sum = rest + r;
  float sum_lo = r - (sum - rest);
  float low = rt_fma_f32(r * r, rt_exp_curve_f32(r), r_lo);
  float m = (sum + (sum_lo + low)) * s.a * s.b;
  return x == 0.0f ? x : m;
}

/* e^x / 2 for x >= 0, infinite only where that is. */
RT_FN float rt_half_exp_f32(float x) {
  float y = x > 90.0f ? 90.0f : x;
  float t = rt_fma_f32(y, 1.44269502f, RT_MAGIC_EXP_F32);
  float r = rt_minus_ln2_f32(y, t - RT_MAGIC_EXP_F32);
  return rt_scale_f32(rt_exp_tail_f32(r), rt_bits_f32(t) - 1u);
}

/* sinh(x): an odd polynomial up to 1, then h - 1/(4 h) with h = e^x / 2. */
RT_FN float rt_sinh_f32(float x) {
  float a = rt_abs_f32(x);
  float z = a * a;
  /* (sinh(x)/x - 1) / x^2 on |x| <= 1, error 2^-34 */
  float p = rt_cubic_f32(z, 0.166666672f, 0.0083333496f, 0.000198361595f, 2.81694929e-06f);
  float small = rt_fma_f32(a * z, p, a);
  float h = rt_half_exp_f32(a);
  float large = h - 0.25f / h;
  float m = a < 1.0f ? small : large;
  return rt_copysign_f32(m, x);
}

/* cosh(x) = h + 1/(4 h) with h = e^|x| / 2. */
RT_FN float rt_cosh_f32(float x) {
  float h = rt_half_exp_f32(rt_abs_f32(x));
  return h + 0.25f / h;
}

/* log2 of a normal positive x, relative error 2^-44. */
RT_FN double rt_log2_wide_f32(double x) {
  uint64_t b = rt_bits_f64(x) + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
  uint64_t k = b >> 52;
  double m = rt_from_bits_f64(rt_bits_f64(x) - ((k - 1023u) << 52));
  double n = rt_from_bits_f64(0x4330000000000000u | k) - (0x1p52 + 1023.0);
  double s = (m - 1.0) / (m + 1.0);
  double z = s * s;
  /* log2((1 + s)/(1 - s)) / s, error 2^-45 */
  double z2 = z * z, z4 = z2 * z2;
  double p = rt_fma_f64(0.2831156123436061, z, 0.31989135284630615);
  p = rt_fma_f64(p, z4,
                 rt_cubic_f64(z, 2.8853900817778451, 0.96179669412302549, 0.57707793931164375,
                              0.41220958251516104));
  return rt_fma_f64(s, p, n);
}

/* 2^e for |e| < 1000, relative error 2^-34. */
RT_FN double rt_exp2_wide_f32(double e) {
  double t = e + RT_MAGIC_F64;
  double f = e - (t - RT_MAGIC_F64);
  /* 2^f on |f| <= 1/2, error 2^-34 */
  double f2 = f * f, f4 = f2 * f2;
  double p = rt_cubic_f64(f, 0.0096180231467597257, 0.001333393735058709, 0.0001547060638758103,
                          1.5200896900614011e-05);
  p = rt_fma_f64(p, f4,
                 rt_cubic_f64(f, 0.99999999995853905, 0.69314718074236492, 0.24022651228776967,
                              0.055504103219521359));
  return p * rt_from_bits_f64((rt_bits_f64(t) + 1023u) << 52);
}

/* x^y with every special case of C's pow; in double precision inside. */
RT_FN float rt_pow_f32(float x, float y) {
  float ax = rt_abs_f32(x), ay = rt_abs_f32(y);
  float hy = 0.5f * ay;
  int whole = (ay >= 8388608.0f) | ((ay + 8388608.0f) - 8388608.0f == ay);
  int half_whole = (hy >= 8388608.0f) | ((hy + 8388608.0f) - 8388608.0f == hy);
  int odd = whole & !half_whole;
  double l = rt_log2_wide_f32((double)ax);
  double l_zero = ax == 0.0f ? -RT_INF_F64 : l;
  l = ax < RT_INF_F32 ? l_zero : (double)ax;
  double e = rt_clamp_f64((double)y * l, -200.0, 200.0);
  float r = (float)rt_exp2_wide_f32(e);
  uint32_t sign = rt_bits_f32(x) & 0x80000000u;
  sign = odd ? sign : 0u;
  r = rt_from_bits_f32(rt_bits_f32(r) ^ sign);
  r = ((x < 0.0f) & (ax < RT_INF_F32) & !whole) ? RT_NAN_F32 : r;
  r = ((ax == 1.0f) & (ay == RT_INF_F32)) ? 1.0f : r;
  return ((x == 1.0f) | (y == 0.0f)) ? 1.0f : r;
}

/* log(x + sqrt(x^2 + 1)) by log1p; of large x log(2 x). */
RT_FN float rt_asinh_f32(float x) {
  float a = rt_abs_f32(x);
  int big = a > 1e9f;
  float b = big ? 1.0f : a;
  float near = rt_log1p_f32(b + b * b / (1.0f + rt_sqrt_f32(1.0f + b * b)));
  float far = rt_log_f32(big ? a : 1.0f) + 0.693147182f;
  return rt_copysign_f32(big ? far : near, x);
}

/* log(x + sqrt(x^2 - 1)) by log1p with t = x - 1; NaN below 1. */
RT_FN float rt_acosh_f32(float x) {
  int big = x > 1e9f;
  float t = (big ? 2.0f : x) - 1.0f;
  float near = rt_log1p_f32(t + rt_sqrt_f32(t) * rt_sqrt_f32(t + 2.0f));
  float far = rt_log_f32(big ? x : 1.0f) + 0.693147182f;
  return big ? far : near;
}

/* log((1 + x) / (1 - x)) / 2 by log1p; NaN outside [-1, 1]. */
RT_FN float rt_atanh_f32(float x) {
  float a = rt_abs_f32(x);
  return rt_copysign_f32(0.5f * rt_log1p_f32((a + a) / (1.0f - a)), x);
}

#endif
