/*
** rt_math_trig.h: sin, cos, tan, and their inverses
**
** sin(x) = +- sin(r) or +- cos(r),  r = x - n pi/2,  |r| <= pi/4
** atan2(y, x) = j pi/4 +- atan(t),  |t| <= tan(pi/8)
**
** Near arguments (|x| < 8e8 in f32, 3e9 in f64): pi/2 is subtracted in exact pieces, so that r is
** accurate even next to the zeros of the sine; no branch, so loops become vectors. Far ones are
** taken apart into integers and powers of two, whose whole turns rt_math_turn.h leaves out. An
** emitted loop looks first whether all its arguments are near. Included by rt_math.h alone.
*/
#ifndef RT_MATH_TRIG_H
#define RT_MATH_TRIG_H
#include "rt_math_turn.h"

#define RT_FAR static __attribute__((noinline, unused))

/* Whether x needs rt_sin_far and the like: large, infinite or NaN. */
RT_FN int rt_far_f32(float x) { return !(rt_abs_f32(x) < 8e8f); }
RT_FN int rt_far_f64(double x) { return !(rt_abs_f64(x) < 3e9); }

/* Splits a near x = n pi/2 + r, |r| <= pi/4; returns r, and n mod 4 through q. */
RT_FN double rt_reduce_near_f32(float x, uint32_t *q) {
  double y = (double)x;
  double t = rt_fma_f64(y, 0x1.45f306dc9c883p-1, RT_MAGIC_F64);
  double n = t - RT_MAGIC_F64;
  *q = (uint32_t)rt_bits_f64(t);
  double r = rt_fma_f64(n, -0x1.4442dp-24, rt_fma_f64(n, -0x1.921fb4p+0, y));
  return rt_fma_f64(n, -0x1.8469898cc517p-48, r);
}

/* The same for a far x; NaN for an infinite one. x = m 2^(4t - 54) for an integer m of 28 bits, and
   m 2^(4t - 54) 2/pi mod 4 = n + r 2/pi. */
RT_FN double rt_reduce_far_f32(float x, uint32_t *q) {
  uint32_t e = (rt_bits_f32(x) >> 23) & 255u;
  e = e < 97u ? 97u : e;
  uint32_t t = (e - 96u) >> 2;
  double m = (double)(x * rt_from_bits_f32((181u - 4u * t) << 23));
  double y = m * rt_turns_f32[t][0];
  double rest = m * rt_turns_f32[t][1];
  double turns = (y + rest) + RT_MAGIC_F64;
  *q = (uint32_t)rt_bits_f64(turns);
  double f = (y - (turns - RT_MAGIC_F64)) + rest;
  return f * 0x1.921fb54442d18p+0;
}

/* sin(n pi/2 + r) for n = q mod 4. */
RT_FN float rt_sin_quadrant_f32(float r, uint32_t q) {
  float a = rt_abs_f32(r);
  float z = a * a;
  float s = -0.000195140849f; /* (sin(x)/x - 1) / x^2, error 2^-28 */
  s = rt_fma_f32(s, z, 0.00833215471f);
  s = rt_fma_f32(s, z, -0.166666552f);
  s = rt_fma_f32(a * z, s, a);
  float c = 2.44294515e-05f; /* (cos(x) - 1 + x^2/2) / x^4, error 2^-33 */
  c = rt_fma_f32(c, z, -0.00138872839f);
  c = rt_fma_f32(c, z, 0.0416666456f);
  c = 1.0f - rt_fma_f32(-(z * z), c, 0.5f * z);
  uint32_t even = (q & 1u) - 1u;
  uint32_t m = (rt_bits_f32(s) & even) | (rt_bits_f32(c) & ~even);
  uint32_t sign = (rt_bits_f32(r) & even & 0x80000000u) ^ ((q & 2u) << 30);
  return rt_from_bits_f32(m ^ sign);
}

/* tan(n pi/2 + r) for n = q mod 4, in double precision inside. */
RT_FN float rt_tan_quadrant_f32(double r, uint32_t q) {
  double z = r * r;
  /* as for sin_f64, error 2^-37 */
  double s = rt_cubic_f64(z, -0.16666666640618621, 0.0083333292671283633, -0.00019839296212169908,
                          2.7179403777735546e-06);
  s = rt_fma_f64(r * z, s, r);
  /* as for cos_f64, error 2^-43 */
  double c = rt_cubic_f64(z, 0.041666666617573136, -0.0013888883336421723, 2.4799417319021598e-05,
                          -2.7202238217059131e-07);
  c = 1.0 - rt_fma_f64(-(z * z), c, 0.5 * z);
  double minus_c = -c;
  double top = (q & 1u) != 0 ? minus_c : s;
  double bottom = (q & 1u) != 0 ? s : c;
  return (float)(top / bottom);
}

/* sin(x), cos(x), tan(x) of a near x. */
RT_FN float rt_sin_near_f32(float x) {
  uint32_t q;
  float r = (float)rt_reduce_near_f32(x, &q);
  return rt_sin_quadrant_f32(r, q);
}
RT_FN float rt_cos_near_f32(float x) {
  uint32_t q;
  float r = (float)rt_reduce_near_f32(x, &q);
  return rt_sin_quadrant_f32(r, q + 1u);
}
RT_FN float rt_tan_near_f32(float x) {
  uint32_t q;
  double r = rt_reduce_near_f32(x, &q);
  float t = rt_tan_quadrant_f32(r, q);
  return x == 0.0f ? x : t;
}

/* The same of a far x; NaN of an infinite one. */
RT_FAR float rt_sin_far_f32(float x) {
  uint32_t q;
  float r = (float)rt_reduce_far_f32(x, &q);
  return rt_sin_quadrant_f32(r, q);
}
RT_FAR float rt_cos_far_f32(float x) {
  uint32_t q;
  float r = (float)rt_reduce_far_f32(x, &q);
  return rt_sin_quadrant_f32(r, q + 1u);
}
RT_FAR float rt_tan_far_f32(float x) {
  uint32_t q;
  double r = rt_reduce_far_f32(x, &q);
  return rt_tan_quadrant_f32(r, q);
}

/* sin(x), cos(x), tan(x). */
RT_FN float rt_sin_f32(float x) { return rt_far_f32(x) ? rt_sin_far_f32(x) : rt_sin_near_f32(x); }
RT_FN float rt_cos_f32(float x) { return rt_far_f32(x) ? rt_cos_far_f32(x) : rt_cos_near_f32(x); }
RT_FN float rt_tan_f32(float x) { return rt_far_f32(x) ? rt_tan_far_f32(x) : rt_tan_near_f32(x); }

/* The angle of the point (x, y) = (mx, mn) or, where swapped, (mn, mx), mirrored in the y axis
   where left; 0 <= mn <= mx, mx > 0: j pi/4 +- atan t for a |t| <= tan(pi/8). */
RT_FN float rt_angle_f32(float mn, float mx, int swapped, int left) {
  int mid = mn > 0.414213562f * mx;
  float diff = mn - mx, sum = mn + mx;
  float top = mid ? diff : mn;
  float bottom = mid ? sum : mx;
  float j = mid ? 1.0f : 0.0f;
  float j_swapped = 2.0f - j;
  j = swapped ? j_swapped : j;
  float j_left = 4.0f - j;
  j = left ? j_left : j;
  float sign = swapped != left ? -1.0f : 1.0f;
  float t = sign * (top / bottom);
  float z = t * t;
  /* (atan(t)/t - 1) / t^2, error 2^-30 */
  float p =
      rt_quartic_f32(z, -0.333333164f, 0.199984714f, -0.142435178f, 0.105936818f, -0.0607785285f);
  float small = t + rt_fma_f32(t * z, p, j * 0x1.5110b4p-23f);
  return rt_fma_f32(j, 0x1.921fbp-1f, small);
}

/* atan(x). */
RT_FN float rt_atan_f32(float x) {
  float a = rt_abs_f32(x);
  int swapped = a > 1.0f;
  float mn = swapped ? 1.0f : a;
  float mx = swapped ? a : 1.0f;
  return rt_copysign_f32(rt_angle_f32(mn, mx, swapped, 0), x);
}

/* The angle of the point (x, y), as C's atan2(y, x). Powers of two keep sums and quotients from
   overflowing and underflowing. */
RT_FN float rt_atan2_f32(float y, float x) {
  float ax = rt_abs_f32(x), ay = rt_abs_f32(y);
  int swapped = ay > ax;
  float mn = swapped ? ax : ay;
  float mx = swapped ? ay : ax;
  float shrink = mx > 0x1p63f ? 0x1p-64f : 1.0f;
  float scale = mx < 0x1p-63f ? 0x1p64f : shrink;
  mn *= scale;
  mx *= scale;
  int infinite = (mn == RT_INF_F32) & (mx == RT_INF_F32);
  mx = ((mx == 0.0f) | infinite) ? 1.0f : mx;
  mn = infinite ? 1.0f : mn;
  int left = rt_copysign_f32(1.0f, x) < 0.0f;
  return rt_copysign_f32(rt_angle_f32(mn, mx, swapped, left), y);
}

/* asin(s) - s for s^2 = z <= 1/4. */
RT_FN float rt_asin_tail_f32(float s, float z) {
  /* (asin(s)/s - 1) / s^2, error 2^-27 */
  float p =
      rt_quartic_f32(z, 0.166667521f, 0.0749529004f, 0.0454714745f, 0.0241735224f, 0.0421773642f);
  return s * z * p;
}

/* asin(x): above 1/2 it is pi/2 - 2 asin sqrt((1 - |x|)/2). */
RT_FN float rt_asin_f32(float x) {
  float a = rt_abs_f32(x);
  int big = a > 0.5f;
  float half = (1.0f - a) * 0.5f, square = a * a;
  float z = big ? half : square;
  float root = rt_sqrt_f32(half);
  float s = big ? root : a;
  float p = rt_asin_tail_f32(s, z);
  float near = s + p;
  float far = 0x1.921fb6p+0f - (2.0f * s + (2.0f * p + 0x1.777a5cp-25f));
  float r = big ? far : near;
  return rt_copysign_f32(r, x);
}

/* acos(x): pi/2 - asin(x) up to 1/2, else 2 asin sqrt((1 - x)/2), or pi minus that of -x. */
RT_FN float rt_acos_f32(float x) {
  float a = rt_abs_f32(x);
  int big = a > 0.5f;
  float half = (1.0f - a) * 0.5f, square = a * a;
  float z = big ? half : square;
  float root = rt_sqrt_f32(half);
  float s = big ? root : x;
  float p = rt_asin_tail_f32(s, z);
  float near = 0x1.921fb6p+0f - (s + (p + 0x1.777a5cp-25f));
  float right = 2.0f * (s + p);
  float left = 0x1.921fb6p+1f - (2.0f * s + (2.0f * p + 0x1.777a5cp-24f));
  float far = x > 0.0f ? right : left;
  return big ? far : near;
}

/* Splits x = n pi/2 + r for a near x, |r| <= pi/4; returns r, and n mod 4 through q.
   The four products by parts of pi/2 of 22 bits are exact, and so are the first two differences. */
RT_FN rt_pair rt_reduce_near_f64(double x, uint64_t *q) {
  double t = rt_fma_f64(x, 0x1.45f306dc9c883p-1, RT_MAGIC_F64);
  double n = t - RT_MAGIC_F64;
  *q = rt_bits_f64(t);
  double y = rt_fma_f64(n, -0x1.5110bp-22, rt_fma_f64(n, -0x1.921fbp+0, x));
  rt_pair a = rt_two_sum(y, -(n * 0x1.184698p-44));
  rt_pair b = rt_two_sum(a.hi, -(n * 0x1.31988p-69));
  return rt_fast_two_sum(b.hi, rt_fma_f64(n, -0x1.1701b839a252p-88, a.lo + b.lo));
}

/* The same for a far x; NaN for an infinite one. The first 26 bits of x and the other 27 are
** integers
   times 2^(4t - 24) and 2^(4u - 24); without whole turns they are s + v + rest, |s| <= 2^30 pi. */
RT_FN rt_pair rt_reduce_far_f64(double x, uint64_t *q) {
  uint64_t bits = rt_bits_f64(x);
  uint64_t e = (bits >> 52) & 2047u;
  e = e > 1053u ? e : 1054u;
  uint64_t t = (e - 1024u) >> 2, u = (e - 1051u) >> 2;
  double first = rt_from_bits_f64(bits & 0xfffffffff8000000u);
  double a = first * rt_from_bits_f64((1047u - 4u * t) << 52);
  double b = (x - first) * rt_from_bits_f64((1047u - 4u * u) << 52);
  rt_pair s = rt_two_sum(a * rt_turns_f64[t][0], b * rt_turns_f64[u][0]);
  rt_pair v = rt_two_sum(a * rt_turns_f64[t][1], b * rt_turns_f64[u][1]);
  double rest = a * rt_turns_f64[t][2] + b * rt_turns_f64[u][2];
  rt_pair w = rt_two_sum(s.lo, v.hi);
  rt_pair sum = rt_two_sum(s.hi, w.hi);
  rt_pair lo = rt_two_sum(sum.lo, w.lo + (v.lo + rest));
  rt_pair r = rt_reduce_near_f64(sum.hi, q);
  rt_pair c = rt_two_sum(r.hi, lo.hi);
  return rt_fast_two_sum(c.hi, c.lo + (r.lo + lo.lo));
}

/* sin(a + d) and cos(a + d) for 0 <= a <= pi/4 and a tiny d. */
RT_FN void rt_sin_cos_f64(double a, double d, rt_pair *sine, rt_pair *cosine) {
  double z = a * a;
  /* (sin(x)/x - 1) / x^2, error 2^-58 */
  double s = rt_quartic_f64(z, 0.0083333333333218719, -0.00019841269829354739,
                            2.7557313528585987e-06, -2.5050731665438216e-08, 1.589521581436623e-10);
  double az = a * z;
  double s_rest = rt_fma_f64(-z, rt_fma_f64(-az, s, 0.5 * d), d);
  s_rest = rt_fma_f64(az, -0.1666666666666663, s_rest);
  *sine = rt_fast_two_sum(a, s_rest);
  /* (cos(x) - 1 + x^2/2) / x^4, error 2^-64 */
  double z2 = z * z, z4 = z2 * z2;
  double c = rt_fma_f64(-1.135742748424987e-11, z, 2.087567986892622e-09);
  c = rt_fma_f64(c, z4,
                 rt_cubic_f64(z, 0.041666666666666588, -0.0013888888888872266,
                              2.4801587288343464e-05, -2.7557314028562542e-07));
  double hz = 0.5 * z;
  double w = 1.0 - hz;
  *cosine = rt_fast_two_sum(w, ((1.0 - w) - hz) + rt_fma_f64(z2, c, -(a * d)));
}

/* sin(n pi/2 + r) for n = q mod 4. */
RT_FN double rt_sin_quadrant_f64(rt_pair r, uint64_t q) {
  uint64_t sign_r = rt_bits_f64(r.hi) & 0x8000000000000000u;
  rt_pair s, c;
  rt_sin_cos_f64(rt_abs_f64(r.hi), rt_from_bits_f64(rt_bits_f64(r.lo) ^ sign_r), &s, &c);
  uint64_t even = (q & 1u) - 1u;
  uint64_t m = (rt_bits_f64(s.hi) & even) | (rt_bits_f64(c.hi) & ~even);
  return rt_from_bits_f64(m ^ (sign_r & even) ^ ((q & 2u) << 62));
}

/* tan(n pi/2 + r) for n = q mod 4: +- sin/cos or cos/sin of |r|, both in two words, by a division
   whose remainder is divided again. */
RT_FN double rt_tan_quadrant_f64(rt_pair r, uint64_t q) {
  rt_pair s, c;
  uint64_t sign_r = rt_bits_f64(r.hi) & 0x8000000000000000u;
  rt_sin_cos_f64(rt_abs_f64(r.hi), rt_from_bits_f64(rt_bits_f64(r.lo) ^ sign_r), &s, &c);
  int odd = (q & 1u) != 0;
  double top = odd ? c.hi : s.hi, top_lo = odd ? c.lo : s.lo;
  double bottom = odd ? s.hi : c.hi, bottom_lo = odd ? s.lo : c.lo;
  double inv = 1.0 / bottom;
  double t = top * inv;
  rt_pair p = rt_two_prod(t, bottom);
  t = rt_fma_f64(((top - p.hi) - p.lo) + rt_fma_f64(-t, bottom_lo, top_lo), inv, t);
  return rt_from_bits_f64(rt_bits_f64(t) ^ sign_r ^ (q & 1u) << 63);
}

/* sin(x), cos(x), tan(x) of a near x. */
RT_FN double rt_sin_near_f64(double x) {
  uint64_t q;
  rt_pair r = rt_reduce_near_f64(x, &q);
  double s = rt_sin_quadrant_f64(r, q);
  return x == 0.0 ? x : s;
}
RT_FN double rt_cos_near_f64(double x) {
  uint64_t q;
  rt_pair r = rt_reduce_near_f64(x, &q);
  return rt_sin_quadrant_f64(r, q + 1u);
}
RT_FN double rt_tan_near_f64(double x) {
  uint64_t q;
  rt_pair r = rt_reduce_near_f64(x, &q);
  double t = rt_tan_quadrant_f64(r, q);
  return x == 0.0 ? x : t;
}

/* The same of a far x; NaN of an infinite one. */
RT_FAR double rt_sin_far_f64(double x) {
  uint64_t q;
  rt_pair r = rt_reduce_far_f64(x, &q);
  return rt_sin_quadrant_f64(r, q);
}
RT_FAR double rt_cos_far_f64(double x) {
  uint64_t q;
  rt_pair r = rt_reduce_far_f64(x, &q);
  return rt_sin_quadrant_f64(r, q + 1u);
}
RT_FAR double rt_tan_far_f64(double x) {
  uint64_t q;
  rt_pair r = rt_reduce_far_f64(x, &q);
  return rt_tan_quadrant_f64(r, q);
}

/* sin(x), cos(x), tan(x). */
RT_FN double rt_sin_f64(double x) { return rt_far_f64(x) ? rt_sin_far_f64(x) : rt_sin_near_f64(x); }
RT_FN double rt_cos_f64(double x) { return rt_far_f64(x) ? rt_cos_far_f64(x) : rt_cos_near_f64(x); }
RT_FN double rt_tan_f64(double x) { return rt_far_f64(x) ? rt_tan_far_f64(x) : rt_tan_near_f64(x); }

/* The angle of the point (x, y) = (mx, mn) or, where swapped, (mn, mx), mirrored in the y axis
   where left; 0 <= mn <= mx, mx > 0: j pi/4 +- atan t for a |t| <= tan(pi/8). */
RT_FN double rt_angle_f64(double mn, double mx, int swapped, int left) {
  int mid = mn > 0.41421356237309503 * mx;
  double diff = mn - mx, sum = mn + mx;
  double top = mid ? diff : mn;
  double bottom = mid ? sum : mx;
  double j = mid ? 1.0 : 0.0;
  double j_swapped = 2.0 - j;
  j = swapped ? j_swapped : j;
  double j_left = 4.0 - j;
  j = left ? j_left : j;
  double sign = swapped != left ? -1.0 : 1.0;
  double t = sign * (top / bottom);
  double z = t * t;
  /* (atan(t)/t - 1) / t^2, error 2^-59 */
  double z2 = z * z, z4 = z2 * z2;
  double p =
      rt_quadratic_f64(z, -0.050391183877197647, 0.038060196982766706, -0.017902800960142001);
  p = rt_fma_f64(p, z4,
                 rt_cubic_f64(z, -0.090908977182186185, 0.076920595708343004, -0.066630973335115626,
                              0.058478443947012244));
  p = rt_fma_f64(p, z4,
                 rt_cubic_f64(z, -0.33333333333333198, 0.19999999999953241, -0.14285714280164064,
                              0.11111110781962492));
  double small = t + rt_fma_f64(t * z, p, j * 0x1.1a62633145c07p-55);
  return rt_fma_f64(j, 0x1.921fb54442d18p-1, small);
}

/* atan(x). */
RT_FN double rt_atan_f64(double x) {
  double a = rt_abs_f64(x);
  int swapped = a > 1.0;
  double mn = swapped ? 1.0 : a;
  double mx = swapped ? a : 1.0;
  return rt_copysign_f64(rt_angle_f64(mn, mx, swapped, 0), x);
}

/* The angle of the point (x, y), as C's atan2(y, x). Powers of two keep sums and quotients from
   overflowing and underflowing. */
RT_FN double rt_atan2_f64(double y, double x) {
  double ax = rt_abs_f64(x), ay = rt_abs_f64(y);
  int swapped = ay > ax;
  double mn = swapped ? ax : ay;
  double mx = swapped ? ay : ax;
  double shrink = mx > 0x1p500 ? 0x1p-500 : 1.0;
  double scale = mx < 0x1p-500 ? 0x1p500 : shrink;
  mn *= scale;
  mx *= scale;
  int infinite = (mn == RT_INF_F64) & (mx == RT_INF_F64);
  mx = ((mx == 0.0) | infinite) ? 1.0 : mx;
  mn = infinite ? 1.0 : mn;
  int left = rt_copysign_f64(1.0, x) < 0.0;
  return rt_copysign_f64(rt_angle_f64(mn, mx, swapped, left), y);
}

/* asin(s) - s for s^2 = z <= 1/4. */
RT_FN double rt_asin_tail_f64(double s, double z) {
  /* (asin(s)/s - 1) / s^2, error 2^-59 */
  double z2 = z * z, z4 = z2 * z2;
  double p = rt_quartic_f64(z, 0.010782762399852996, 0.0036965383163365577, 0.021732363722259201,
                            -0.021035540327847515, 0.032652166721737076);
  p = rt_fma_f64(p, z4,
                 rt_cubic_f64(z, 0.022372215190338929, 0.017351608104767154, 0.013980870264212469,
                              0.011398484168380733));
  p = rt_fma_f64(p, z4,
                 rt_cubic_f64(z, 0.1666666666666676, 0.074999999999706926, 0.044642857174733735,
                              0.030381942701201547));
  return s * z * p;
}

/* asin(x): above 1/2 it is pi/2 - 2 asin sqrt((1 - |x|)/2). */
RT_FN double rt_asin_f64(double x) {
  double a = rt_abs_f64(x);
  int big = a > 0.5;
  double half = (1.0 - a) * 0.5, square = a * a;
  double z = big ? half : square;
  double root = rt_sqrt_f64(half);
  double s = big ? root : a;
  double p = rt_asin_tail_f64(s, z);
  double near = s + p;
  double far = 0x1.921fb54442d18p+0 - (2.0 * s + (2.0 * p - 0x1.1a62633145c07p-54));
  double r = big ? far : near;
  return rt_copysign_f64(r, x);
}

/* acos(x): pi/2 - asin(x) up to 1/2, else 2 asin sqrt((1 - x)/2), or pi minus that of -x. */
RT_FN double rt_acos_f64(double x) {
  double a = rt_abs_f64(x);
  int big = a > 0.5;
  double half = (1.0 - a) * 0.5, square = a * a;
  double z = big ? half : square;
  double root = rt_sqrt_f64(half);
  double s = big ? root : x;
  double p = rt_asin_tail_f64(s, z);
  double near = 0x1.921fb54442d18p+0 - (s + (p - 0x1.1a62633145c07p-54));
  double right = 2.0 * (s + p);
  double left = 0x1.921fb54442d18p+1 - (2.0 * s + (2.0 * p - 0x1.1a62633145c07p-53));
  double far = x > 0.0 ? right : left;
  return big ? far : near;
}

#endif
