/*
** rt_math_gamma.h: log gamma and its derivatives
**
** z = x or, for x < 1/2, 1 - x;   z < 8 is shifted into [3/2, 5/2) by gamma(z + 1) = z gamma(z);
** above, Stirling's series.  log|gamma(x)| = log(pi / |sin pi x|) - log gamma(1 - x).
** Within 4 ulp of max(|value|, 1) for x > 0; left of it, where the two terms cancel, of the larger.
** Included by rt_math.h alone.
*/
#ifndef RT_MATH_GAMMA_H
#define RT_MATH_GAMMA_H

/* Where z in [1/2, 8) went: y in [3/2, 5/2), the product of the factors passed, and its logarithmic
   derivative times it. */
typedef struct {
  double y, product, slope;
} rt_shift;

/* Shifts z up once or down up to six times. */
RT_FN rt_shift rt_gamma_shift(double z) {
  int up = z < 1.5;
  double above = z + 1.0;
  rt_shift s = {z, 1.0, 0.0};
  for (int i = 0; i < 6; i++) {
    int down = s.y >= 2.5;
    double y = s.y - 1.0, slope = s.slope * y + s.product, product = s.product * y;
    s.y = down ? y : s.y;
    s.slope = down ? slope : s.slope;
    s.product = down ? product : s.product;
  }
  s.y = up ? above : s.y;
  s.slope = up ? 1.0 : s.slope;
  s.product = up ? z : s.product;
  return s;
}

/* sin(pi d) / pi for |d| <= 1/2. */
RT_FN double rt_sinpi_over_pi(double d) {
  double z = d * d;
  /* sin(pi d)/(pi d), error 2^-61 */
  double z2 = z * z, z4 = z2 * z2;
  double p = rt_cubic_f64(z, -0.0023460808868200171, 0.00014842780085505636,
                          -6.9720004376001611e-06, 2.4493075313667924e-07);
  p = rt_fma_f64(p, z4,
                 rt_cubic_f64(z, -1.6449340668482262, 0.81174242528333729, -0.19075182412143046,
                              0.026147847804529202));
  return rt_copysign_f64(rt_fma_f64(d * z, p, d), d);
}

/* log|gamma(z)| for z >= 1/2. */
RT_FN double rt_lgamma_right(double z) {
  rt_shift s = rt_gamma_shift(z);
  double f = s.y - 2.0;
  /* log(gamma(2 + f))/f on |f| <= 1/2, error 2^-59 */
  double f2 = f * f, f4 = f2 * f2;
  double p =
      rt_quadratic_f64(f, -4.2005498410599567e-07, 2.7849437824469622e-07, -1.4328422039725705e-07);
  p = rt_fma_f64(p, f4,
                 rt_cubic_f64(f, -9.437238091109741e-06, 4.3845898109864923e-06,
                              -2.0497488525504641e-06, 9.2031466909661942e-07));
  p = rt_fma_f64(p, f4,
                 rt_cubic_f64(f, -0.00022315473518322469, 9.9457670039945951e-05,
                              -4.4926530931529925e-05, 2.0505617362482622e-05));
  p = rt_fma_f64(p, f4,
                 rt_cubic_f64(f, -0.0073855510286497368, 0.0028905103310237685,
                              -0.0011927539127574705, 0.00050966951567545343));
  p = rt_fma_f64(p, f4,
                 rt_cubic_f64(f, 0.42278433509846713, 0.32246703342411326, -0.06735230105319831,
                              0.020580808427780567));
  int small = z < 8.0;
  double l = rt_log_f64(small ? s.product : z);
  double signed_l = z < 1.5 ? -l : l;
  double near = rt_fma_f64(f, p, signed_l);
  double inv = 1.0 / z;
  double w = inv * inv;
  /* rest of the series, error 2^-60 */
  double w2 = w * w, w4 = w2 * w2;
  double q =
      rt_quadratic_f64(w, 0.00084147286280033911, -0.0018905407463452944, 0.0050692661605198927);
  q = rt_fma_f64(q, w4,
                 rt_cubic_f64(w, 0.083333333333333329, -0.0027777777777740994,
                              0.00079365078983519499, -0.00059523660705454202));
  double far = rt_fma_f64(z - 0.5, l - 1.0, rt_fma_f64(inv, q, 0.4189385332046727));
  return small ? near : far;
}

/* log|gamma(x)|; infinite at 0, at negative whole numbers and at -inf. */
RT_FN double rt_lgamma_f64(double x) {
  int left = x < 0.5;
  double mirror = 1.0 - x;
  double v = rt_lgamma_right(left ? mirror : x);
  double d = rt_abs_f64(x - rt_round_f64(x));
  double reflected = -rt_log_f64(rt_sinpi_over_pi(d)) - v;
  reflected = x == -RT_INF_F64 ? RT_INF_F64 : reflected;
  return left ? reflected : v;
}

/* The derivative of log gamma(z) for z >= 1/2. */
RT_FN double rt_digamma_right(double z) {
  rt_shift s = rt_gamma_shift(z);
  double f = s.y - 2.0;
  /* digamma(2 + f) on |f| <= 1/2, error 2^-56 */
  double f2 = f * f, f4 = f2 * f2;
  double p =
      rt_quadratic_f64(f, -7.1824741739291736e-06, 5.1747262809376954e-06, -2.6716502635222842e-06);
  p = rt_fma_f64(p, f4,
                 rt_cubic_f64(f, -0.00012268533003492648, 6.14503648409857e-05,
                              -3.0734053504145973e-05, 1.4563512366094272e-05));
  p = rt_fma_f64(p, f4,
                 rt_cubic_f64(f, -0.0020083925853472931, 0.00099457844954444646,
                              -0.00049419193006071318, 0.00024605312021048684));
  p = rt_fma_f64(p, f4,
                 rt_cubic_f64(f, -0.036927755143155827, 0.017343061990525526,
                              -0.0083492773919688033, 0.0040773560047110951));
  p = rt_fma_f64(p, f4,
                 rt_cubic_f64(f, 0.42278433509846713, 0.64493406684822685, -0.20205690315959607,
                              0.082323233711051463));
  double sum = s.slope / s.product;
  double signed_sum = z < 1.5 ? -sum : sum;
  double near = p + signed_sum;
  double inv = 1.0 / z;
  double w = inv * inv;
  /* rest of the series, error 2^-56 */
  double w2 = w * w, w4 = w2 * w2;
  double q =
      rt_quadratic_f64(w, 0.0075717344101521294, -0.020700531032162638, 0.063675692956939631);
  q = rt_fma_f64(q, w4,
                 rt_cubic_f64(w, 0.083333333333333329, -0.0083333333332804311,
                              0.0039682539132890569, -0.0041666451867015328));
  double far = rt_log_f64(z) - rt_fma_f64(w, q, 0.5 * inv);
  return z < 8.0 ? near : far;
}

/* pi cot(pi x), as sines of the distances to the next zero and pole; infinite at whole numbers,
   with the sign of a zero x. */
RT_FN double rt_pi_cot_pi(double x) {
  double fraction = x - rt_round_f64(x);
  double d = x == 0.0 ? x : fraction;
  double c = rt_sinpi_over_pi(0.5 - rt_abs_f64(d));
  return 3.1415926535897931 * c / rt_sinpi_over_pi(d);
}

/* digamma(x) = d log|gamma(x)| / dx; -+inf at +-0, NaN at negative whole numbers. */
RT_FN double rt_digamma_f64(double x) {
  int left = x < 0.5;
  double mirror = 1.0 - x;
  double v = rt_digamma_right(left ? mirror : x);
  double reflected = v - rt_pi_cot_pi(x);
  reflected = ((x < 0.0) & (rt_round_f64(x) == x)) ? RT_NAN_F64 : reflected;
  return left ? reflected : v;
}

/* The n-th derivative of pi cot(pi x), 1 <= n <= 30, as a polynomial in c = cot(pi x): a power c^k
   becomes -pi k (c^(k - 1) + c^(k + 1)). */
static inline double rt_cot_derivative(int n, double x) {
  double p[32] = {0.0, 1.0}, pi = 3.1415926535897931;
  double c = rt_pi_cot_pi(x) / pi, sum = 0.0, scale = pi;
  for (int i = 0; i < n; i++) {
    double q[32] = {0.0};
    for (int k = 1; k <= i + 1; k++) {
      q[k - 1] += k * p[k];
      q[k + 1] += k * p[k];
    }
    memcpy(p, q, sizeof p);
    scale *= -pi;
  }
  for (int k = n + 1; k >= 0; k--) sum = sum * c + p[k];
  return scale * sum;
}

/* x^-n for n >= 0. */
static inline double rt_inverse_power(double x, int n) {
  double r = 1.0;
  for (int i = 0; i < n; i++) r *= x;
  return 1.0 / r;
}

/* The n-th derivative of digamma at x >= 0, 1 <= n <= 30: (-1)^(n+1) n! sum over k of
   (x + k)^-(n+1), whose tail is summed by Euler and Maclaurin's formula. */
static inline double rt_polygamma_right(int n, double x) {
  static const double b[10] = {/* B_2k / (2k)! */
                               0.08333333333333333,    -0.001388888888888889,
                               3.306878306878307e-05,  -8.267195767195768e-07,
                               2.08767569878681e-08,   -5.284190138687493e-10,
                               1.3382536530684679e-11, -3.3896802963225827e-13,
                               8.586062056277845e-15,  -2.174868698558062e-16};
  double sum = 0.0, y = x, factorial = 1.0;
  for (; y < 12.0 + n; y += 1.0) sum += rt_inverse_power(y, n + 1);
  double power = rt_inverse_power(y, n + 1);
  double tail = power * (y / n + 0.5), rising = n + 1.0;
  for (int k = 0; k < 10; k++) {
    power /= y;
    tail += b[k] * rising * power;
    power /= y;
    rising *= (n + 2.0 * k + 2.0) * (n + 2.0 * k + 3.0);
  }
  for (int i = 2; i <= n; i++) factorial *= i;
  return (n % 2 ? factorial : -factorial) * (tail + sum);
}

/* The derivative of digamma at z >= 0: 1/t^2 for t = z, z + 1, .. below 8, and Stirling's series from
   there on, the least first. */
RT_FN double rt_trigamma_right(double z) {
  double y = z;
  for (int i = 0; i < 8; i++) y = y < 8.0 ? y + 1.0 : y;
  double inv = 1.0 / y, w = inv * inv;
  /* rest of the series, error 2^-58 of the result */
  double q = rt_quadratic_f64(w, 0.07569481310235808, -0.24699740954161503, 0.8586880107331692);
  q = rt_fma_f64(q, w * w * w * w,
                 rt_cubic_f64(w, 0.16666666666666655, -0.03333333333249287, 0.023809522943893217,
                              -0.03333299706371194));
  double sum = rt_fma_f64(w, rt_fma_f64(inv, q, 0.5), inv);
  for (int i = 7; i >= 0; i--) {
    double t = z + i;
    sum += t < 8.0 ? 1.0 / (t * t) : 0.0;
  }
  return sum;
}

/* trigamma(x) = d digamma(x) / dx; infinite at 0, at negative whole numbers and at -inf. */
RT_FN double rt_trigamma_f64(double x) {
  int left = x < 0.0;
  double mirror = 1.0 - x, v = rt_trigamma_right(left ? mirror : x);
  double s = rt_sinpi_over_pi(x - rt_round_f64(x)), reflected = 1.0 / (s * s) - v;
  reflected = rt_round_f64(x) == x ? RT_INF_F64 : reflected;
  return left ? reflected : v;
}

/* The n-th derivative of digamma at x, for a whole n from 0 to 30, else NaN; a scalar loop. */
static inline double rt_polygamma_of(double n, double x) {
  if (!(n >= 0.0 && n <= 30.0) || n != rt_round_f64(n) || x != x) return RT_NAN_F64;
  int order = (int)n;
  if (order == 0) return rt_digamma_f64(x);
  if (x == RT_INF_F64) return 0.0 * (order % 2 ? 1.0 : -1.0);
  if (x >= 0.0) return rt_polygamma_right(order, x);
  if (x == rt_round_f64(x)) return order % 2 ? RT_INF_F64 : RT_NAN_F64;
  double mirrored = rt_polygamma_right(order, 1.0 - x);
  return (order % 2 ? -mirrored : mirrored) - rt_cot_derivative(order, x);
}

/* The same, branch-free where n is a constant 1. */
RT_FN double rt_polygamma_f64(double n, double x) {
  return n == 1.0 ? rt_trigamma_f64(x) : rt_polygamma_of(n, x);
}

/* The same in single precision, through the double ones. */
RT_FN float rt_lgamma_f32(float x) {
  return (float)rt_lgamma_f64((double)x);
}
RT_FN float rt_digamma_f32(float x) {
  return (float)rt_digamma_f64((double)x);
}
RT_FN float rt_polygamma_f32(float n, float x) {
  return (float)rt_polygamma_f64((double)n, (double)x);
}

#endif
