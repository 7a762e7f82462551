/*
** rt_tv1d.h: z = argmin 1/2 |x - z|^2 + sum i. w[i] |z[i] - z[i+1]|, exactly, in linear time
**
** Johnson's dynamic program (J. Comput. Graph. Stat. 22, 2013) with a weight for each difference.
** The derivative of the best value of x[0..k] as a function of z[k] is piecewise linear and
** increasing: its knots stand in a deque, each with the change of slope and intercept there.
** Clamping it to [-w, w] cuts knots off both ends; going back, z[k] is z[k+1] clamped to where they
** were cut.
*/
#ifndef RT_TV1D_H
#define RT_TV1D_H
#include <float.h>
#include "rt_kernel.h"

/* One of three numbers that lies between the two others. */
static inline double rt_tv_middle(double a, double b, double c) {
  const double lo = a < b ? a : b, hi = a < b ? b : a;
  return c < lo ? lo : c > hi ? hi : c;
}

/* The deque of knots l..r; left, right: slope and intercept of the outermost pieces, those on the
** right negated. */
typedef struct rt_tv_knots {
  double *at, *slope, *icpt, left[2], right[2];
  int64_t l, r;
} rt_tv_knots;

/* Where the derivative is v, coming from the left; its piece's slope and intercept go to p, and
** knot l becomes the first one beyond. The last piece is known without the rounding of the
** others. */
static inline double rt_tv_from_left(rt_tv_knots *q, double v, double p[2]) {
  p[0] = q->left[0], p[1] = q->left[1];
  for (; q->l <= q->r && p[0] * q->at[q->l] + p[1] <= v; q->l++)
    p[0] += q->slope[q->l], p[1] += q->icpt[q->l];
  if (q->l > q->r) p[0] = -q->right[0], p[1] = -q->right[1];
  return (v - p[1]) / p[0];
}

/* The same from the right, all negated; `left` is the piece before knot l. */
static inline double rt_tv_from_right(rt_tv_knots *q, double v, const double left[2],
                                      double p[2]) {
  p[0] = q->right[0], p[1] = q->right[1];
  for (; q->r >= q->l && -p[0] * q->at[q->r] - p[1] >= v; q->r--)
    p[0] += q->slope[q->r], p[1] += q->icpt[q->r];
  if (q->r < q->l) p[0] = -left[0], p[1] = -left[1];
  return (v + p[1]) / -p[0];
}

/* z by the dynamic program, of x - shift; w counts up to what could ever matter. work: 8 n. */
static inline void rt_tv1d_solve(int64_t n, const double *x, const double *w, double shift,
                                 double range, double *z, double *work) {
  double *lo = work, *hi = lo + n, p[2], s[2];
  rt_tv_knots q = {hi + n, hi + 3 * n, hi + 5 * n, {1, shift - x[0]}, {-1, x[0] - shift}, n, n - 1};
  for (int64_t k = 0; k + 1 < n; k++) {
    const double most = 2 * range * (double)(k + 1 < n - 1 - k ? k + 1 : n - 1 - k);
    const double y = x[k + 1] - shift, v = w[k] < most ? w[k] : most;
    lo[k] = rt_tv_from_left(&q, -v, p);
    hi[k] = rt_tv_from_right(&q, v, p, s);
    if (hi[k] < lo[k]) hi[k] = lo[k];
    q.l--, q.r++;
    q.at[q.l] = lo[k], q.slope[q.l] = p[0], q.icpt[q.l] = p[1] + v;
    q.at[q.r] = hi[k], q.slope[q.r] = s[0], q.icpt[q.r] = s[1] + v;
    q.left[0] = 1, q.left[1] = -v - y;
    q.right[0] = -1, q.right[1] = y - v;
  }
  z[n - 1] = rt_tv_from_left(&q, 0, p);
  for (int64_t k = n - 2; k >= 0; k--)
    z[k] = z[k + 1] < lo[k] ? lo[k] : z[k + 1] > hi[k] ? hi[k] : z[k + 1];
}

/* label[i]: the first of the equal neighbours i is among; neighbours across w = 0 are none. work: 8
** n. 1: a weight is negative or NaN. 2: x is not finite. */
static inline int rt_tv1d_f64(int64_t n, const double *x, const double *w, double *z,
                              int64_t *label, double *work) {
  if (n == 0) return 0;
  double least = x[0], most = x[0];
  for (int64_t i = 0; i < n; i++) {
    if (!(x[i] >= -DBL_MAX && x[i] <= DBL_MAX)) return 2;
    if (i + 1 < n && !(w[i] >= 0)) return 1;
    if (x[i] < least) least = x[i];
    if (x[i] > most) most = x[i];
  }
  const double shift = rt_tv_middle(x[0], x[n / 2], x[n - 1]);
  rt_tv1d_solve(n, x, w, shift, most - least, z, work);
  /* once more from what meets at the ends of each block, which rounds less */
  double before = 0; /* what the difference at the block's left end adds */
  for (int64_t a = 0, b; a < n; a = b) {
    double sum = before;
    for (b = a + 1; b < n && z[b] == z[a] && w[b - 1] > 0; b++) sum += x[b] - x[a];
    const double edge = b == n ? 0 : z[b] > z[a] ? w[b - 1] : z[b] < z[a] ? -w[b - 1] : 0;
    const double value = x[a] + (sum + edge) / (double)(b - a);
    for (int64_t i = a; i < b; i++) z[i] = value, label[i] = a;
    before = -edge;
  }
  return 0;
}

#endif
