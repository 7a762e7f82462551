/*
** rt_math_f32.h: exp, log, tanh, sigmoid, sin, cos, pow in single precision
**
** exp(x) = 2^n e^r,  n = round(x / ln 2),  |r| <= ln(2)/2
** log(x) = n ln 2 + log(1 + f),  sqrt(1/2) <= 1 + f < sqrt(2)
**
** Polynomials are minimax fits; the error beside each is that of the fit relative to the
** function. Included by rt_math.h alone.
*/
#ifndef RT_MATH_F32_H
#define RT_MATH_F32_H

/* p * 2^n for the n left by the magic constant in the low bits of b, |n| <= 254; rounds once
   where the result is subnormal, and overflows to infinity. */
RT_FN float rt_scale_f32(float p, uint32_t b) {
  uint32_t half = b >> 1;
  float s1 = rt_from_bits_f32((half + 127u) << 23);
  float s2 = rt_from_bits_f32((b - half + 127u) << 23);
  return p * s1 * s2;
}

/* e^r for |r| <= ln(2)/2 as 1 + r + r^2 q(r), fit error 2^-28. */
RT_FN float rt_exp_poly_f32(float r) {
  float q = 0.00139516953f;
  q = q * r + 0.00836959854f;
  q = q * r + 0.0416661873f;
  q = q * r + 0.166665122f;
  q = q * r + 0.5f;
  return 1.0f + (r + r * r * q);
}

/* e^x. */
RT_FN float rt_exp_f32(float x) {
  float y = rt_clamp_f32(x, -104.0f, 89.0f);
  float t = y * 1.44269502f + RT_MAGIC_F32;
  float n = t - RT_MAGIC_F32;
  float r = (y - n * 0.6923828125f) - n * 0.000764368044f;
  return rt_scale_f32(rt_exp_poly_f32(r), rt_bits_f32(t));
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
  float p = -0.0763455182f; /* (log(1 + f) - f + f^2/2) / f^3, error 2^-27 */
  p = p * f + 0.127615392f;
  p = p * f - 0.131601393f;
  p = p * f + 0.142017603f;
  p = p * f - 0.166233629f;
  p = p * f + 0.200012267f;
  p = p * f - 0.250008196f;
  p = p * f + 0.333333313f;
  float ff = f * f;
  float tail = ff * f * p + n * 0.000764368044f;
  float r = n * 0.6923828125f + (f - (0.5f * ff - tail));
  float below = x < 0.0f ? RT_NAN_F32 : x;
  float special = x == 0.0f ? -RT_INF_F32 : below;
  return ((x > 0.0f) & (x < RT_INF_F32)) ? r : special;
}

/* tanh(x): an odd polynomial up to 0.55, then 1 - 2/(e^2x + 1). */
RT_FN float rt_tanh_f32(float x) {
  float a = rt_abs_f32(x);
  float z = a * a;
  float p = -0.00626677927f; /* (tanh(x)/x - 1) / x^2 on |x| <= 0.551, error 2^-29 */
  p = p * z + 0.0210667197f;
  p = p * z - 0.0538511872f;
  p = p * z + 0.13332577f;
  p = p * z - 0.333333164f;
  float small = a + a * z * p;
  float y = a + a;
  y = y > 40.0f ? 40.0f : y;
  float t = y * 1.44269502f + RT_MAGIC_F32;
  float n = t - RT_MAGIC_F32;
  float r = (y - n * 0.6923828125f) - n * 0.000764368044f;
  float s = rt_from_bits_f32((rt_bits_f32(t) + 127u) << 23);
  float large = 1.0f - 2.0f / (rt_exp_poly_f32(r) * s + 1.0f);
  float m = a < 0.55f ? small : large;
  return rt_copysign_f32(m, x);
}

/* 1 / (1 + e^-x), also where it is subnormal. */
RT_FN float rt_sigmoid_f32(float x) {
  float e = rt_exp_f32(-rt_abs_f32(x));
  float top = x < 0.0f ? e : 1.0f;
  return top / (1.0f + e);
}

/* Splits x = n pi/2 + r for |x| < 8e8, |r| <= pi/4; returns r, and n mod 4 through q. */
RT_FN float rt_reduce_f32(float x, uint32_t *q) {
  double y = (double)x;
  double t = y * 0x1.45f306dc9c883p-1 + RT_MAGIC_F64;
  double n = t - RT_MAGIC_F64;
  *q = (uint32_t)rt_bits_f64(t);
  return (float)(((y - n * 0x1.921fb4p+0) - n * 0x1.4442dp-24) - n * 0x1.8469898cc517p-48);
}

/* sin(n pi/2 + r) for n = q mod 4. */
RT_FN float rt_sin_quadrant_f32(float r, uint32_t q) {
  float a = rt_abs_f32(r);
  float z = a * a;
  float s = -0.000195140849f; /* (sin(x)/x - 1) / x^2, error 2^-28 */
  s = s * z + 0.00833215471f;
  s = s * z - 0.166666552f;
  s = a + a * z * s;
  float c = 2.44294515e-05f; /* (cos(x) - 1 + x^2/2) / x^4, error 2^-33 */
  c = c * z - 0.00138872839f;
  c = c * z + 0.0416666456f;
  c = 1.0f - (0.5f * z - z * z * c);
  uint32_t even = (q & 1u) - 1u;
  uint32_t m = (rt_bits_f32(s) & even) | (rt_bits_f32(c) & ~even);
  uint32_t sign = (rt_bits_f32(r) & even & 0x80000000u) ^ ((q & 2u) << 30);
  return rt_from_bits_f32(m ^ sign);
}

/* sin(x) for |x| < 8e8. */
RT_FN float rt_sin_f32(float x) {
  uint32_t q;
  float r = rt_reduce_f32(x, &q);
  return rt_sin_quadrant_f32(r, q);
}

/* cos(x) for |x| < 8e8. */
RT_FN float rt_cos_f32(float x) {
  uint32_t q;
  float r = rt_reduce_f32(x, &q);
  return rt_sin_quadrant_f32(r, q + 1u);
}

/* log2 of a normal positive x, relative error 2^-44. */
RT_FN double rt_log2_wide_f32(double x) {
  uint64_t b = rt_bits_f64(x) + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
  uint64_t k = b >> 52;
  double m = rt_from_bits_f64(rt_bits_f64(x) - ((k - 1023u) << 52));
  double n = rt_from_bits_f64(0x4330000000000000u | k) - (0x1p52 + 1023.0);
  double s = (m - 1.0) / (m + 1.0);
  double z = s * s;
  double p = 0.2831156123436061; /* log2((1 + s)/(1 - s)) / s, error 2^-45 */
  p = p * z + 0.31989135284630615;
  p = p * z + 0.41220958251516104;
  p = p * z + 0.57707793931164375;
  p = p * z + 0.96179669412302549;
  p = p * z + 2.8853900817778451;
  return n + s * p;
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
  double t = e + RT_MAGIC_F64;
  double f = e - (t - RT_MAGIC_F64);
  double p = 1.5200896900614011e-05; /* 2^f on |f| <= 1/2, error 2^-34 */
  p = p * f + 0.0001547060638758103;
  p = p * f + 0.001333393735058709;
  p = p * f + 0.0096180231467597257;
  p = p * f + 0.055504103219521359;
  p = p * f + 0.24022651228776967;
  p = p * f + 0.69314718074236492;
  p = p * f + 0.99999999995853905;
  float r = (float)(p * rt_from_bits_f64((rt_bits_f64(t) + 1023u) << 52));
  uint32_t sign = rt_bits_f32(x) & 0x80000000u;
  sign = odd ? sign : 0u;
  r = rt_from_bits_f32(rt_bits_f32(r) ^ sign);
  r = ((x < 0.0f) & (ax < RT_INF_F32) & !whole) ? RT_NAN_F32 : r;
  r = ((ax == 1.0f) & (ay == RT_INF_F32)) ? 1.0f : r;
  return ((x == 1.0f) | (y == 0.0f)) ? 1.0f : r;
}

#endif
