/*
** rt_math_f64.h: exp, log, tanh, sigmoid, sin, cos, pow in double precision
**
** The reductions of rt_math_f32.h, with longer polynomials, and a second word where one is not
** enough: x = hi + lo in the reduction of sin and cos, and in the logarithm inside pow.
** Included by rt_math.h alone.
*/
#ifndef RT_MATH_F64_H
#define RT_MATH_F64_H

/* An unevaluated sum of two doubles, |lo| <= ulp(hi)/2. */
typedef struct {
  double hi, lo;
} rt_pair;

/* a + b exactly. */
RT_FN rt_pair rt_two_sum(double a, double b) {
  double s = a + b;
  double bb = s - a;
  rt_pair r = {s, (a - (s - bb)) + (b - bb)};
  return r;
}

/* a + b exactly where |a| >= |b| or a is zero. */
RT_FN rt_pair rt_fast_two_sum(double a, double b) {
  double s = a + b;
  rt_pair r = {s, b - (s - a)};
  return r;
}

/* a * b exactly, without fused multiply-add (Dekker 1971); |a|, |b| < 2^996. */
RT_FN rt_pair rt_two_prod(double a, double b) {
  double ca = 134217729.0 * a, cb = 134217729.0 * b;
  double ah = ca - (ca - a), bh = cb - (cb - b);
  double al = a - ah, bl = b - bh;
  double p = a * b;
  rt_pair r = {p, ((ah * bh - p) + ah * bl + al * bh) + al * bl};
  return r;
}

/* p * 2^n for the n left by the magic constant in the low bits of b, |n| <= 2046; rounds once
   more where the result is subnormal, and overflows to infinity. */
RT_FN double rt_scale_f64(double p, uint64_t b) {
  uint64_t half = b >> 1;
  double s1 = rt_from_bits_f64((half + 1023u) << 52);
  double s2 = rt_from_bits_f64((b - half + 1023u) << 52);
  return p * s1 * s2;
}

/* (e^r - 1 - r) / r^2 for |r| <= ln(2)/2, fit error 2^-64. */
RT_FN double rt_exp_poly_f64(double r) {
  double q = 2.0927888126114812e-09;
  q = q * r + 2.5113437265270213e-08;
  q = q * r + 2.7557230115049743e-07;
  q = q * r + 2.755723082022151e-06;
  q = q * r + 2.4801587377831888e-05;
  q = q * r + 0.00019841269900455191;
  q = q * r + 0.0013888888888856155;
  q = q * r + 0.0083333333333153788;
  q = q * r + 0.041666666666666727;
  q = q * r + 0.16666666666666685;
  return q * r + 0.5;
}

/* x - n ln 2 for an integer |n| < 2^14. */
RT_FN double rt_minus_ln2_f64(double x, double n) {
  return (x - n * 0x1.62e42fefap-1) - n * 0x1.cf79abc9e3b3ap-40;
}

/* e^x. */
RT_FN double rt_exp_f64(double x) {
  double y = rt_clamp_f64(x, -746.0, 710.0);
  double t = y * 0x1.71547652b82fep+0 + RT_MAGIC_F64;
  double r = rt_minus_ln2_f64(y, t - RT_MAGIC_F64);
  double p = 1.0 + (r + r * r * rt_exp_poly_f64(r));
  return rt_scale_f64(p, rt_bits_f64(t));
}

/* log(x): -inf at zero, NaN below. */
RT_FN double rt_log_f64(double x) {
  double scaled = x * 0x1p54;
  int tiny = x < 0x1p-1022;
  double y = tiny ? scaled : x;
  double bias = tiny ? 0x1p52 + 1077.0 : 0x1p52 + 1023.0;
  uint64_t b = rt_bits_f64(y);
  uint64_t k = (b + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu)) >> 52;
  double f = rt_from_bits_f64(b - ((k - 1023u) << 52)) - 1.0;
  double n = rt_from_bits_f64(0x4330000000000000u | k) - bias;
  double s = f / (2.0 + f);
  double z = s * s;
  double p = 0.14795891378650997; /* (log((1 + s)/(1 - s)) - 2 s) / s^3, error 2^-59 */
  p = p * z + 0.15314056857890701;
  p = p * z + 0.18183564055790913;
  p = p * z + 0.22222198578995792;
  p = p * z + 0.28571428742322691;
  p = p * z + 0.39999999999415026;
  p = p * z + 0.6666666666666734;
  double ff = 0.5 * f * f;
  double tail = s * (ff + z * p) + n * 0x1.cf79abc9e3b3ap-40;
  double r = n * 0x1.62e42fefap-1 + (f - (ff - tail));
  double below = x < 0.0 ? RT_NAN_F64 : x;
  double special = x == 0.0 ? -RT_INF_F64 : below;
  return ((x > 0.0) & (x < RT_INF_F64)) ? r : special;
}

/* tanh(x): an odd polynomial up to 0.55, then 1 - 2/(e^2x + 1). */
RT_FN double rt_tanh_f64(double x) {
  double a = rt_abs_f64(x);
  double z = a * a;
  double p = -1.9447829694080471e-05; /* (tanh(x)/x - 1) / x^2, error 2^-60 */
  p = p * z + 8.3242307557218476e-05;
  p = p * z - 0.00023333108771038668;
  p = p * z + 0.00058842514658982606;
  p = p * z - 0.0014555382686434121;
  p = p * z + 0.0035920913391698376;
  p = p * z - 0.0088632325349936696;
  p = p * z + 0.021869488381925834;
  p = p * z - 0.053968253963627928;
  p = p * z + 0.133333333333264;
  p = p * z - 0.33333333333333298;
  double small = a + a * z * p;
  double y = a + a;
  y = y > 80.0 ? 80.0 : y;
  double t = y * 0x1.71547652b82fep+0 + RT_MAGIC_F64;
  double r = rt_minus_ln2_f64(y, t - RT_MAGIC_F64);
  double s = rt_from_bits_f64((rt_bits_f64(t) + 1023u) << 52);
  double e = s * (1.0 + (r + r * r * rt_exp_poly_f64(r)));
  double large = 1.0 - 2.0 / (e + 1.0);
  double m = a < 0.55 ? small : large;
  return rt_copysign_f64(m, x);
}

/* 1 / (1 + e^-x), also where it is subnormal. The rounding errors of e^-|x| and of the
   denominator are carried along: d q = (d top - q d bottom) / bottom. */
RT_FN double rt_sigmoid_f64(double x) {
  double y = -rt_abs_f64(x);
  y = y < -746.0 ? -746.0 : y;
  double t = y * 0x1.71547652b82fep+0 + RT_MAGIC_F64;
  double r = rt_minus_ln2_f64(y, t - RT_MAGIC_F64);
  rt_pair p = rt_fast_two_sum(1.0, r + r * r * rt_exp_poly_f64(r));
  double e = rt_scale_f64(p.hi, rt_bits_f64(t)), e_lo = rt_scale_f64(p.lo, rt_bits_f64(t));
  rt_pair bottom = rt_fast_two_sum(1.0, e);
  double top = x < 0.0 ? e : 1.0;
  double top_lo = x < 0.0 ? e_lo : 0.0;
  double q = top / bottom.hi;
  double rest = 1.0 - q;
  double inv = x < 0.0 ? rest : q;
  return q + (top_lo - q * (bottom.lo + e_lo)) * inv;
}

/* Splits x = n pi/2 + r for |x| < 3e9, |r| <= pi/4; returns r, and n mod 4 through q. The four
   products by parts of pi/2 of 22 bits are exact, and so are the first two differences. */
RT_FN rt_pair rt_reduce_f64(double x, uint64_t *q) {
  double t = x * 0x1.45f306dc9c883p-1 + RT_MAGIC_F64;
  double n = t - RT_MAGIC_F64;
  *q = rt_bits_f64(t);
  double y = (x - n * 0x1.921fbp+0) - n * 0x1.5110bp-22;
  rt_pair a = rt_two_sum(y, -(n * 0x1.184698p-44));
  rt_pair b = rt_two_sum(a.hi, -(n * 0x1.31988p-69));
  return rt_fast_two_sum(b.hi, (a.lo + b.lo) - n * 0x1.1701b839a252p-88);
}

/* sin(n pi/2 + r) for n = q mod 4. */
RT_FN double rt_sin_quadrant_f64(rt_pair r, uint64_t q) {
  uint64_t sign_r = rt_bits_f64(r.hi) & 0x8000000000000000u;
  double a = rt_abs_f64(r.hi);
  double d = rt_from_bits_f64(rt_bits_f64(r.lo) ^ sign_r);
  double z = a * a;
  double s = 1.589521581436623e-10; /* (sin(x)/x - 1) / x^2, error 2^-58 */
  s = s * z - 2.5050731665438216e-08;
  s = s * z + 2.7557313528585987e-06;
  s = s * z - 0.00019841269829354739;
  s = s * z + 0.0083333333333218719;
  double az = a * z;
  s = a - ((z * (0.5 * d - az * s) - d) + az * 0.1666666666666663);
  double c = -1.135742748424987e-11; /* (cos(x) - 1 + x^2/2) / x^4, error 2^-64 */
  c = c * z + 2.087567986892622e-09;
  c = c * z - 2.7557314028562542e-07;
  c = c * z + 2.4801587288343464e-05;
  c = c * z - 0.0013888888888872266;
  c = c * z + 0.041666666666666588;
  double hz = 0.5 * z;
  double w = 1.0 - hz;
  c = w + (((1.0 - w) - hz) + (z * z * c - a * d));
  uint64_t even = (q & 1u) - 1u;
  uint64_t m = (rt_bits_f64(s) & even) | (rt_bits_f64(c) & ~even);
  return rt_from_bits_f64(m ^ (sign_r & even) ^ ((q & 2u) << 62));
}

/* sin(x) for |x| < 3e9. */
RT_FN double rt_sin_f64(double x) {
  uint64_t q;
  rt_pair r = rt_reduce_f64(x, &q);
  double s = rt_sin_quadrant_f64(r, q);
  return x == 0.0 ? x : s;
}

/* cos(x) for |x| < 3e9. */
RT_FN double rt_cos_f64(double x) {
  uint64_t q;
  rt_pair r = rt_reduce_f64(x, &q);
  return rt_sin_quadrant_f64(r, q + 1u);
}

/* log(x) to about 2^-66 for 0 < x < inf: n ln 2 + 2 s + s^3 (2/3 + ...) with s = f/(2 + f) in two
   words. */
RT_FN rt_pair rt_log_pair_f64(double x) {
  double scaled = x * 0x1p54;
  int tiny = x < 0x1p-1022;
  double y = tiny ? scaled : x;
  double bias = tiny ? 0x1p52 + 1077.0 : 0x1p52 + 1023.0;
  uint64_t b = rt_bits_f64(y);
  uint64_t k = (b + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu)) >> 52;
  double m = rt_from_bits_f64(b - ((k - 1023u) << 52));
  double n = rt_from_bits_f64(0x4330000000000000u | k) - bias;
  double f = m - 1.0;
  double d = m + 1.0;
  double d_lo = m - (d - 1.0);
  double inv = 1.0 / d;
  double s = f * inv;
  rt_pair sd = rt_two_prod(s, d);
  double s_lo = (((f - sd.hi) - sd.lo) - s * d_lo) * inv;
  rt_pair z = rt_two_prod(s, s);
  z.lo += 2.0 * s * s_lo;
  double p = 0.13195900582305231; /* log((1 + s)/(1 - s)) = 2s + s z (2/3 + z p), error 2^-66 */
  p = p * z.hi + 0.13256866083567118;
  p = p * z.hi + 0.15386755135282809;
  p = p * z.hi + 0.18181784418195118;
  p = p * z.hi + 0.22222222519286539;
  p = p * z.hi + 0.28571428570103563;
  p = p * z.hi + 0.40000000000002245;
  rt_pair u = rt_fast_two_sum(0x1.5555555555555p-1, p * z.hi);
  u.lo += 0x1.5555555555555p-55 + p * z.lo;
  rt_pair v = rt_two_prod(z.hi, u.hi);
  v.lo += z.hi * u.lo + z.lo * u.hi;
  rt_pair w = rt_fast_two_sum(2.0, v.hi);
  w.lo += v.lo;
  rt_pair l = rt_two_prod(s, w.hi);
  l.lo += s * w.lo + s_lo * w.hi;
  rt_pair r = rt_fast_two_sum(n * 0x1.62e42fefap-1, l.hi);
  r.lo += l.lo + n * 0x1.cf79abc9e3b3ap-40;
  return rt_fast_two_sum(r.hi, r.lo);
}

/* |x|^y, where the special cases of C's pow are still to be settled. */
RT_FN double rt_pow_abs_f64(double ax, double y) {
  rt_pair l = rt_log_pair_f64(ax);
  double l_zero = ax == 0.0 ? -RT_INF_F64 : l.hi;
  double l_hi = ax < RT_INF_F64 ? l_zero : ax;
  double yc = rt_clamp_f64(y, -0x1p70, 0x1p70);
  rt_pair e = rt_two_prod(yc, l_hi);
  double e_lo = e.lo + yc * l.lo;
  e_lo = rt_abs_f64(e.hi) < 800.0 ? e_lo : 0.0;
  double e_hi = rt_clamp_f64(e.hi, -800.0, 800.0);
  double t = e_hi * 0x1.71547652b82fep+0 + RT_MAGIC_F64;
  double n = t - RT_MAGIC_F64;
  double r = (e_hi - n * 0x1.62e42fefap-1) + (e_lo - n * 0x1.cf79abc9e3b3ap-40);
  double p = 1.0 + (r + r * r * rt_exp_poly_f64(r));
  return rt_scale_f64(p, rt_bits_f64(t));
}

/* x^y with every special case of C's pow. */
RT_FN double rt_pow_f64(double x, double y) {
  double ax = rt_abs_f64(x), ay = rt_abs_f64(y);
  double hy = 0.5 * ay;
  int whole = (ay >= 0x1p52) | ((ay + 0x1p52) - 0x1p52 == ay);
  int half_whole = (hy >= 0x1p52) | ((hy + 0x1p52) - 0x1p52 == hy);
  int odd = whole & !half_whole;
  double r = rt_pow_abs_f64(ax, y);
  uint64_t sign = rt_bits_f64(x) & 0x8000000000000000u;
  sign = odd ? sign : 0u;
  r = rt_from_bits_f64(rt_bits_f64(r) ^ sign);
  r = ((x < 0.0) & (ax < RT_INF_F64) & !whole) ? RT_NAN_F64 : r;
  return ((x == 1.0) | (y == 0.0)) ? 1.0 : r;
}

#endif
