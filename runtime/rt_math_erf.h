/*
** rt_math_erf.h: the error function and its complement
**
** erfc(x) = e^(-x^2) w P(t),          t = 1 - w, w = 6/(x + 3)  in f32
** erfc(x) = e^(-x^2) P(t) / (1 + 2 x),  t = (x - 4)/(x + 4)        in f64
**
** Included by rt_math.h alone.
*/
#ifndef RT_MATH_ERF_H
#define RT_MATH_ERF_H

/* erf(x): an odd polynomial up to 0.92, then 1 - e^-q(|x|). */
RT_FN float rt_erf_f32(float x) {
  float a = rt_abs_f32(x);
  float z = a * a;
  /* erf(x)/x - 1 on |x| <= 0.93, error 2^-31 */
  float z2 = z * z, z4 = z2 * z2;
  float p = rt_quadratic_f32(z, 0.00519990688f, -0.000813001359f, 8.31677607e-05f);
  p = rt_fma_f32(p, z4, rt_cubic_f32(z, 0.128379166f, -0.376126319f, 0.112836875f, -0.0268589407f));
  float small = rt_fma_f32(a, p, a);
  float y = a > 3.95f ? 3.95f : a;
  /* -log(erfc(x)) on [0.92, 3.95], error 2^-32 */
  float y2 = y * y, y4 = y2 * y2;
  float q = rt_cubic_f32(y, -0.0249065179f, 0.00409249915f, -0.000418861513f, 1.9811996e-05f);
  q = rt_fma_f32(q, y4, rt_cubic_f32(y, -0.000142531164f, 1.12936068f, 0.633656383f, 0.107944049f));
  float t = rt_fma_f32(q, -1.44269502f, RT_MAGIC_F32);
  float r = rt_minus_ln2_f32(-q, t - RT_MAGIC_F32);
  float s = rt_from_bits_f32((rt_bits_f32(t) + 127u) << 23);
  float large = 1.0f - rt_fma_f32(s, rt_exp_tail_f32(r), s);
  float m = a < 0.92f ? small : large;
  return rt_copysign_f32(m, x);
}

/* erfc(x), where w = 6 / (|x| + 3) makes t exact. What rounding took from w and from x^2 goes into
   the exponential; the factor before that has two words. */
RT_FN float rt_erfc_f32(float x) {
  float a = rt_abs_f32(x);
  a = a > 10.1f ? 10.1f : a;
  float d = a + 3.0f, w = 6.0f / d;
  float lost = rt_fma_f32(d - 3.0f - a, w, rt_fused_f32(-d, w, 6.0f));
  float t = 1.0f - w;
  /* (x + 3) e^(x^2) erfc(x) / 6 on [0, 10.1], error 2^-26.9 */
  float t2 = t * t, t4 = t2 * t2;
  float p = rt_fma_f32(-5.25364085e-05f, t2, rt_fma_f32(-7.85147131e-05f, t, 0.00051165669f));
  p = rt_fma_f32(p, t4,
                 rt_cubic_f32(t, -0.0517443791f, 0.0199222751f, -0.00447282847f, -0.000206719284f));
  p = rt_fused_f32(rt_fma_f32(p, t, 0.0983713046f), t, -0.147232413f);
  float top = rt_fma_f32(p, t, 0.179001153f), top_lo = rt_fused_f32(p, t, 0.179001153f - top);
  float g = top * w, g_lo = rt_fma_f32(top_lo, w, rt_fused_f32(top, w, -g));
  float square = a * a;
  float m = rt_fma_f32(square, -1.44269502f, RT_MAGIC_EXP_F32);
  float r = rt_minus_ln2_f32(-square, m - RT_MAGIC_EXP_F32);
  /* d log(e^(x^2) erfc(x)) / d log w, sixthed as the loss is sixfold */
  float slope = rt_fma_f32(w, 0.253f, 0.055f);
  float low = rt_fma_f32(slope, lost, rt_fused_f32(-a, a, square));
  float bend = r * r * rt_exp_curve_f32(r);
  float rest = bend + rt_fma_f32(low, r + bend, low);
  rt_power_f32 s = rt_power_of_f32(rt_bits_f32(m));
  float right = (g + rt_fused_f32(g, r, rt_fma_f32(g, rest, g_lo))) * s.a * s.b;
  float left = 2.0f - right;
  return x < 0.0f ? left : right;
}

/* erf(a) for 0 <= a <= 0.85. */
RT_FN double rt_erf_small_f64(double a) {
  double z = a * a;
  /* erf(x)/x - 1 on |x| <= 0.85, error 2^-62 */
  double z2 = z * z, z4 = z2 * z2;
  double p = rt_cubic_f64(z, 1.6457608124812262e-06, -1.6299794203594193e-07,
                          1.4185511683094047e-08, -8.82699766873283e-10);
  p = rt_fma_f64(p, z4,
                 rt_cubic_f64(z, 0.0052239776238539887, -0.000854832689886113,
                              0.00012055326771060359, -1.4925445952705067e-05));
  p = rt_fma_f64(p, z4,
                 rt_cubic_f64(z, 0.12837916709551259, -0.37612638903183743, 0.11283791670954658,
                              -0.026866170645011539));
  return rt_fma_f64(a, p, a);
}

/* erfc(a) for a >= 0.49, all but e^-a^2 = 2^n (1 + tail) in two words. */
RT_FN double rt_erfc_large_f64(double a) {
  double y = a > 28.0 ? 28.0 : a;
  double t = (y - 4.0) / (y + 4.0);
  /* (1 + 2 x) e^(x^2) erfc(x) on [0.49, 28], error 2^-58 */
  double t2 = t * t, t4 = t2 * t2;
  double p =
      rt_quartic_f64(t, -8.2097672676849152e-07, 6.6722784937565885e-08, 1.0447329394194297e-07,
                     -1.211389947932065e-08, -1.0081564146870739e-08);
  p = rt_fma_f64(p, t4,
                 rt_cubic_f64(t, -2.4398458124901651e-05, -1.1224955586622956e-05,
                              5.7074789110611306e-06, 2.9990769364412455e-07));
  p = rt_fma_f64(p, t4,
                 rt_cubic_f64(t, 0.0050319700025584519, -0.0007577734688536446,
                              -0.00019925686364446254, 0.00015062258077030256));
  p = rt_fma_f64(p, t4,
                 rt_cubic_f64(t, 0.093732834998460621, -0.066330365813838527, 0.037167515535278223,
                              -0.016197734035398429));
  p = rt_fma_f64(p, t4,
                 rt_cubic_f64(t, -0.1396211168405625, 0.015379652102618883, 0.068097054254690065,
                              -0.10103906603624441));
  rt_pair top = rt_fast_two_sum(1.2329951186255526, p * t);
  rt_pair d = rt_fast_two_sum(2.0 * y, 1.0), square = rt_two_prod(y, y);
  double inv = 1.0 / d.hi, g = top.hi * inv;
  rt_pair gd = rt_two_prod(g, d.hi);
  double g_lo = (((top.hi - gd.hi) - gd.lo) + rt_fma_f64(-g, d.lo, top.lo)) * inv;
  double m = rt_fma_f64(square.hi, -0x1.71547652b82fep+0, RT_MAGIC_EXP_F64);
  rt_pair r = rt_minus_ln2_pair_f64(-square.hi, m - RT_MAGIC_EXP_F64);
  double bend = r.hi * r.hi * rt_exp_curve_f64(r.hi), rest = r.lo - square.lo;
  double tail = r.hi + (bend + rt_fma_f64(rest, r.hi + bend, rest));
  rt_power_f64 s = rt_power_of_f64(rt_bits_f64(m));
  return (g + rt_fma_f64(g, tail, rt_fma_f64(g_lo, tail, g_lo))) * s.a * s.b;
}

/* erf(x). */
RT_FN double rt_erf_f64(double x) {
  double a = rt_abs_f64(x);
  double small = rt_erf_small_f64(a);
  double large = 1.0 - rt_erfc_large_f64(a);
  double m = a < 0.84 ? small : large;
  return rt_copysign_f64(m, x);
}

/* erfc(x). */
RT_FN double rt_erfc_f64(double x) {
  double a = rt_abs_f64(x);
  double small = 1.0 - rt_copysign_f64(rt_erf_small_f64(a), x);
  double right = rt_erfc_large_f64(a);
  double left = 2.0 - right;
  double large = x < 0.0 ? left : right;
  return a < 0.5 ? small : large;
}

#endif
