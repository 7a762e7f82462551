/*
** rt_math_f64.h: exp, log, pow, and what follows from them, in double precision
**
** The reductions of rt_math_f32.h, with longer polynomials, and a second word where one is not
** enough: in sigmoid, and in the logarithm inside pow.
** Included by rt_math.h alone.
*/
#ifndef RT_MATH_F64_H
#define RT_MATH_F64_H

/* 2^n = a b for the n + 2046 that RT_MAGIC_EXP_F64 leaves in the low bits of u, |n| < 2046. What is
   multiplied by a, then by b, is rounded once more where the result is subnormal, and overflows to
   infinity. */
typedef struct {
  double a, b;
} rt_power_f64;

RT_FN rt_power_f64 rt_power_of_f64(uint64_t u) {
  uint64_t half = u >> 1;
  rt_power_f64 s = {rt_from_bits_f64(half << 52), rt_from_bits_f64((u - half) << 52)};
  return s;
}

/* (1 + tail) 2^n for the same u. */
RT_FN double rt_scale_f64(double tail, uint64_t u) {
  rt_power_f64 s = rt_power_of_f64(u);
  return rt_fma_f64(s.a, tail, s.a) * s.b;
}

/* (e^r - 1 - r) / r^2 for |r| <= ln(2)/2, error of r^2 times it 2^-64. */
RT_FN double rt_exp_curve_f64(double r) {
  double r2 = r * r, r4 = r2 * r2;
  double q =
      rt_quadratic_f64(r, 2.7557230115049743e-07, 2.5113437265270213e-08, 2.0927888126114812e-09);
  q = rt_fma_f64(q, r4,
                 rt_cubic_f64(r, 0.0013888888888856155, 0.00019841269900455191,
                              2.4801587377831888e-05, 2.755723082022151e-06));
  return rt_fma_f64(
      q, r4,
      rt_cubic_f64(r, 0.5, 0.16666666666666685, 0.041666666666666727, 0.0083333333333153788));
}

/* e^r - 1 for |r| <= ln(2)/2. */
RT_FN double rt_exp_tail_f64(double r) {
  return rt_fma_f64(r * r, rt_exp_curve_f64(r), r);
}

/* x - n ln 2 for an integer |n| < 2^14. */
RT_FN double rt_minus_ln2_f64(double x, double n) {
  return rt_fma_f64(n, -0x1.cf79abc9e3b3ap-40, rt_fma_f64(n, -0x1.62e42fefap-1, x));
}

/* The same in two words. */
RT_FN rt_pair rt_minus_ln2_pair_f64(double x, double n) {
  double whole = rt_fma_f64(n, -0x1.62e42fefap-1, x);
  double r = rt_fma_f64(n, -0x1.cf79abc9e3b3ap-40, whole);
  rt_pair p = {r, rt_fma_f64(n, -0x1.cf79abc9e3b3ap-40, whole - r)};
  return p;
}

/* e^x. */
RT_FN double rt_exp_f64(double x) {
  double y = rt_clamp_f64(x, -746.0, 710.0);
  double t = rt_fma_f64(y, 0x1.71547652b82fep+0, RT_MAGIC_EXP_F64);
  double r = rt_minus_ln2_f64(y, t - RT_MAGIC_EXP_F64);
  return rt_scale_f64(rt_exp_tail_f64(r), rt_bits_f64(t));
}

/* n ln 2 + log(1 + f) for sqrt(1/2) <= 1 + f < sqrt(2). */
RT_FN double rt_log_sum_f64(double n, double f) {
  double s = f / (2.0 + f);
  double z = s * s;
  /* (log((1 + s)/(1 - s)) - 2 s) / s^3, error 2^-59 */
  double z2 = z * z, z4 = z2 * z2;
  double p = rt_quadratic_f64(z, 0.18183564055790913, 0.15314056857890701, 0.14795891378650997);
  p = rt_fma_f64(p, z4,
                 rt_cubic_f64(z, 0.6666666666666734, 0.39999999999415026, 0.28571428742322691,
                              0.22222198578995792));
  double ff = 0.5 * f * f;
  double tail = rt_fma_f64(s, rt_fma_f64(z, p, ff), n * 0x1.cf79abc9e3b3ap-40);
  return rt_fma_f64(n, 0x1.62e42fefap-1, f - (ff - tail));
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
  double r = rt_log_sum_f64(n, f);
  double below = x < 0.0 ? RT_NAN_F64 : x;
  double special = x == 0.0 ? -RT_INF_F64 : below;
  return ((x > 0.0) & (x < RT_INF_F64)) ? r : special;
}

/* log(1 + x). With 1 + x = 2^k (1 + f), f is computed from x itself, so that no digit of x is lost.
 */
RT_FN double rt_log1p_f64(double x) {
  uint64_t b = rt_bits_f64(1.0 + x);
  uint64_t k = (b + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu)) >> 52;
  double n = rt_from_bits_f64(0x4330000000000000u | k) - (0x1p52 + 1023.0);
  double c = rt_from_bits_f64((2046u - k) << 52);
  double f_near = rt_fma_f64(x, c, c - 1.0);
  double f_far = rt_from_bits_f64(b - ((k - 1023u) << 52)) - 1.0;
  double f = n > 53.0 ? f_far : f_near;
  double r = rt_log_sum_f64(n, f);
  double below = x < -1.0 ? RT_NAN_F64 : x;
  double special = x == -1.0 ? -RT_INF_F64 : below;
  return ((x > -1.0) & (x < RT_INF_F64) & (x != 0.0)) ? r : special;
}

/* log(1 + e^x) = max(x, 0) + log(1 + e^-|x|). */
RT_FN double rt_softplus_f64(double x) {
  double e = rt_exp_f64(-rt_abs_f64(x));
  double half = 0.5 * e - 0.5;
  int big = e > 0.41421356237309503;
  double f = big ? half : e;
  double n = big ? 1.0 : 0.0;
  double top = x > 0.0 ? x : 0.0;
  return top + rt_log_sum_f64(n, f);
}

/* e^y for y <= 0 as (1 + tail) 2^n, n as rt_scale_f64 takes it. What begins with it, sigmoid, tanh
   and their slopes, has it from one computation where several are wanted of one x: compilers see
   that it is the same. */
typedef struct {
  double tail;
  uint64_t n;
} rt_decay_f64;

RT_FN rt_decay_f64 rt_decay_of_f64(double y) {
  y = y < -746.0 ? -746.0 : y;
  double t = rt_fma_f64(y, 0x1.71547652b82fep+0, RT_MAGIC_EXP_F64);
  double r = rt_minus_ln2_f64(y, t - RT_MAGIC_EXP_F64);
  rt_decay_f64 d = {rt_exp_tail_f64(r), rt_bits_f64(t)};
  return d;
}

/* tanh(x): an odd polynomial up to 0.55, then 1 - 2 e^-2x / (1 + e^-2x). */
RT_FN double rt_tanh_f64(double x) {
  double a = rt_abs_f64(x);
  double z = a * a;
  /* (tanh(x)/x - 1) / x^2, error 2^-60 */
  double z2 = z * z, z4 = z2 * z2;
  double p =
      rt_quadratic_f64(z, -0.00023333108771038668, 8.3242307557218476e-05, -1.9447829694080471e-05);
  p = rt_fma_f64(p, z4,
                 rt_cubic_f64(z, -0.0088632325349936696, 0.0035920913391698376,
                              -0.0014555382686434121, 0.00058842514658982606));
  p = rt_fma_f64(p, z4,
                 rt_cubic_f64(z, -0.33333333333333298, 0.133333333333264, -0.053968253963627928,
                              0.021869488381925834));
  double small = rt_fma_f64(a * z, p, a);
  rt_decay_f64 d = rt_decay_of_f64(-(a + a));
  double e = rt_scale_f64(d.tail, d.n);
  double large = 1.0 - (e + e) / (1.0 + e);
  double m = a < 0.55 ? small : large;
  return rt_copysign_f64(m, x);
}

/* e^x - 1 = 2^n (e^r - 1 + (1 - 2^-n)), where r and the first sum have two words. */
RT_FN double rt_expm1_f64(double x) {
  double y = rt_clamp_f64(x, -38.0, 710.0);
  double t = rt_fma_f64(y, 0x1.71547652b82fep+0, RT_MAGIC_EXP_F64);
  rt_pair r = rt_minus_ln2_pair_f64(y, t - RT_MAGIC_EXP_F64);
  rt_power_f64 s = rt_power_of_f64(rt_bits_f64(t)), i = rt_power_of_f64(4092u - rt_bits_f64(t));
  rt_pair sum = rt_fast_two_sum(rt_fma_f64(-i.a, i.b, 1.0), r.hi);
  double low = rt_fma_f64(r.hi * r.hi, rt_exp_curve_f64(r.hi), r.lo);
  double m = (sum.hi + (sum.lo + low)) * s.a * s.b;
  return x == 0.0 ? x : m;
}

/* e^x / 2 for x >= 0, infinite only where that is. */
RT_FN double rt_half_exp_f64(double x) {
  double y = x > 711.0 ? 711.0 : x;
  double t = rt_fma_f64(y, 0x1.71547652b82fep+0, RT_MAGIC_EXP_F64);
  double r = rt_minus_ln2_f64(y, t - RT_MAGIC_EXP_F64);
  return rt_scale_f64(rt_exp_tail_f64(r), rt_bits_f64(t) - 1u);
}

/* sinh(x): an odd polynomial up to 1, then h - 1/(4 h) with h = e^x / 2. */
RT_FN double rt_sinh_f64(double x) {
  double a = rt_abs_f64(x);
  double z = a * a;
  /* (sinh(x)/x - 1) / x^2 on |x| <= 1, error 2^-63 */
  double z2 = z * z, z4 = z2 * z2;
  double p =
      rt_quadratic_f64(z, 2.5052123135157372e-08, 1.605725987522296e-10, 7.7587459299558425e-13);
  p = rt_fma_f64(p, z4,
                 rt_cubic_f64(z, 0.16666666666666669, 0.0083333333333331476, 0.00019841269841431829,
                              2.7557319157083419e-06));
  double small = rt_fma_f64(a * z, p, a);
  double h = rt_half_exp_f64(a);
  double large = h - 0.25 / h;
  double m = a < 1.0 ? small : large;
  return rt_copysign_f64(m, x);
}

/* cosh(x) = h + 1/(4 h) with h = e^|x| / 2. */
RT_FN double rt_cosh_f64(double x) {
  double h = rt_half_exp_f64(rt_abs_f64(x));
  return h + 0.25 / h;
}

/* 1 / cosh(x)^2 = 4 e^-2|x| / (1 + e^-2|x|)^2 */
RT_FN double rt_sech2_f64(double x) {
  double a = rt_abs_f64(x);
  rt_decay_f64 y = rt_decay_of_f64(-(a + a));
  double d = 1.0 + rt_scale_f64(y.tail, y.n);
  return rt_scale_f64(y.tail, y.n + 2u) / (d * d);
}

/* e^-|x| / (1 + e^-|x|)^2, the derivative of sigmoid. */
RT_FN double rt_dsigmoid_f64(double x) {
  rt_decay_f64 y = rt_decay_of_f64(-rt_abs_f64(x));
  double e = rt_scale_f64(y.tail, y.n), d = 1.0 + e;
  return e / (d * d);
}

/* 1 / (1 + e^-x), also where it is subnormal. The rounding errors of e^-|x| and of the
   denominator are carried along: d q = (d top - q d bottom) / bottom. */
RT_FN double rt_sigmoid_f64(double x) {
  rt_decay_f64 d = rt_decay_of_f64(-rt_abs_f64(x));
  rt_power_f64 s = rt_power_of_f64(d.n);
  double part = rt_fma_f64(s.a, d.tail, s.a);
  double e = part * s.b, e_lo = rt_fma_f64(s.a, d.tail, s.a - part) * s.b;
  rt_pair bottom = rt_fast_two_sum(1.0, e);
  double top = x < 0.0 ? e : 1.0;
  double top_lo = x < 0.0 ? e_lo : 0.0;
  double q = top / bottom.hi;
  double rest = 1.0 - q;
  double inv = x < 0.0 ? rest : q;
  return rt_fma_f64(rt_fma_f64(-q, bottom.lo + e_lo, top_lo), inv, q);
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
  double s_lo = rt_fma_f64(-s, d_lo, (f - sd.hi) - sd.lo) * inv;
  rt_pair z = rt_two_prod(s, s);
  z.lo = rt_fma_f64(2.0 * s, s_lo, z.lo);
  /* log((1 + s)/(1 - s)) = 2s + s z (2/3 + z p), error 2^-66 */
  double z2 = z.hi * z.hi, z4 = z2 * z2;
  double p = rt_quadratic_f64(z.hi, 0.15386755135282809, 0.13256866083567118, 0.13195900582305231);
  p = rt_fma_f64(p, z4,
                 rt_cubic_f64(z.hi, 0.40000000000002245, 0.28571428570103563, 0.22222222519286539,
                              0.18181784418195118));
  rt_pair u = rt_fast_two_sum(0x1.5555555555555p-1, p * z.hi);
  u.lo += rt_fma_f64(p, z.lo, 0x1.5555555555555p-55);
  rt_pair v = rt_two_prod(z.hi, u.hi);
  v.lo += rt_fma_f64(z.hi, u.lo, z.lo * u.hi);
  rt_pair w = rt_fast_two_sum(2.0, v.hi);
  w.lo += v.lo;
  rt_pair l = rt_two_prod(s, w.hi);
  l.lo += rt_fma_f64(s, w.lo, s_lo * w.hi);
  rt_pair r = rt_fast_two_sum(n * 0x1.62e42fefap-1, l.hi);
  r.lo += rt_fma_f64(n, 0x1.cf79abc9e3b3ap-40, l.lo);
  return rt_fast_two_sum(r.hi, r.lo);
}

/* |x|^y, where the special cases of C's pow are still to be settled. */
RT_FN double rt_pow_abs_f64(double ax, double y) {
  rt_pair l = rt_log_pair_f64(ax);
  double l_zero = ax == 0.0 ? -RT_INF_F64 : l.hi;
  double l_hi = ax < RT_INF_F64 ? l_zero : ax;
  double yc = rt_clamp_f64(y, -0x1p70, 0x1p70);
  rt_pair e = rt_two_prod(yc, l_hi);
  double e_lo = rt_fma_f64(yc, l.lo, e.lo);
  e_lo = rt_abs_f64(e.hi) < 800.0 ? e_lo : 0.0;
  double e_hi = rt_clamp_f64(e.hi, -800.0, 800.0);
  double t = rt_fma_f64(e_hi, 0x1.71547652b82fep+0, RT_MAGIC_EXP_F64);
  double n = t - RT_MAGIC_EXP_F64;
  double r = rt_fma_f64(n, -0x1.62e42fefap-1, e_hi) + rt_fma_f64(n, -0x1.cf79abc9e3b3ap-40, e_lo);
  return rt_scale_f64(rt_exp_tail_f64(r), rt_bits_f64(t));
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

/* log(x + sqrt(x^2 + 1)) by log1p; of large x log(2 x). */
RT_FN double rt_asinh_f64(double x) {
  double a = rt_abs_f64(x);
  int big = a > 1e9;
  double b = big ? 1.0 : a;
  double near = rt_log1p_f64(b + b * b / (1.0 + rt_sqrt_f64(1.0 + b * b)));
  double far = rt_log_f64(big ? a : 1.0) + 0.69314718055994531;
  return rt_copysign_f64(big ? far : near, x);
}

/* log(x + sqrt(x^2 - 1)) by log1p with t = x - 1; NaN below 1. */
RT_FN double rt_acosh_f64(double x) {
  int big = x > 1e9;
  double t = (big ? 2.0 : x) - 1.0;
  double near = rt_log1p_f64(t + rt_sqrt_f64(t) * rt_sqrt_f64(t + 2.0));
  double far = rt_log_f64(big ? x : 1.0) + 0.69314718055994531;
  return big ? far : near;
}

/* log((1 + x) / (1 - x)) / 2 by log1p; NaN outside [-1, 1]. */
RT_FN double rt_atanh_f64(double x) {
  double a = rt_abs_f64(x);
  return rt_copysign_f64(0.5 * rt_log1p_f64((a + a) / (1.0 - a)), x);
}

#endif
