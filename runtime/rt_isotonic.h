/*
** rt_isotonic.h: the nearest sequence in order, by pooling adjacent violators, in linear time
**
**   l2:  argmin sum i. w[i] (z[i] - y[i])^2        z[0] <= z[1] <= ..   a block has its weighted mean
**   kl:  argmin sum i. exp(s[i] - v[i]) + exp(w[i]) v[i]   v[0] >= v[1] >= ..   a block has
**        log sum exp(s) - log sum exp(w)                          (Blondel et al. 2020, appendix B)
**
** Blocks with equal values are one. label[i] is the first element of i's block.
*/
#ifndef RT_ISOTONIC_H
#define RT_ISOTONIC_H
#include <float.h>
#include "rt_kernel.h"

/* Turns starts[0..count) of blocks into the label of each element, the last one first. */
static inline void rt_isotonic_label(int64_t n, int64_t count, int64_t *label) {
  for (int64_t b = count - 1, end = n; b >= 0; b--) {
    const int64_t start = label[b];
    while (end > start) label[--end] = start;
  }
}

/* *y = *x. 1: it is not positive. */
static inline int rt_positive_f64(const double *x, double *y) {
  *y = *x;
  return !(*x > 0);
}

/* work: 2 n. 1: a weight is not positive. 2: y is not finite. */
static inline int rt_isotonic_f64(int64_t n, const double *y, const double *w, double *z,
                                  int64_t *label, double *work) {
  double *mean = work, *weight = mean + n;
  int64_t count = 0; /* of blocks; the start of each stands in label */
  for (int64_t i = 0; i < n; i++) {
    if (!(w[i] > 0 && w[i] <= DBL_MAX)) return 1;
    if (!(y[i] >= -DBL_MAX && y[i] <= DBL_MAX)) return 2;
    label[count] = i, mean[count] = y[i], weight[count] = w[i];
    for (; count > 0 && mean[count - 1] >= mean[count]; count--) {
      const double sum = weight[count - 1] + weight[count];
      mean[count - 1] += (mean[count] - mean[count - 1]) * (weight[count] / sum);
      weight[count - 1] = sum;
    }
    count++;
  }
  for (int64_t b = 0; b < count; b++) { /* once more, in one sum, which rounds less */
    const int64_t start = label[b], end = b + 1 < count ? label[b + 1] : n;
    double sum = 0, total = 0;
    for (int64_t i = start; i < end; i++) sum += w[i] * (y[i] - y[start]), total += w[i];
    for (int64_t i = start; i < end; i++) z[i] = y[start] + sum / total;
  }
  rt_isotonic_label(n, count, label);
  return 0;
}

/* log(exp(a) + exp(b)) */
static inline double rt_isotonic_join(double a, double b) {
  const double top = a > b ? a : b, low = a > b ? b : a;
  return top + rt_log1p_f64(rt_exp_f64(low - top));
}

/* work: 2 n. 1: s or w is not finite. */
static inline int rt_isotonic_kl_f64(int64_t n, const double *s, const double *w, int64_t *label,
                                     double *work) {
  double *of_s = work, *of_w = of_s + n; /* log sum exp of each block */
  int64_t count = 0;
  for (int64_t i = 0; i < n; i++) {
    if (!(s[i] >= -DBL_MAX && s[i] <= DBL_MAX && w[i] >= -DBL_MAX && w[i] <= DBL_MAX)) return 1;
    label[count] = i, of_s[count] = s[i], of_w[count] = w[i];
    for (; count > 0 && of_s[count - 1] - of_w[count - 1] <= of_s[count] - of_w[count]; count--) {
      of_s[count - 1] = rt_isotonic_join(of_s[count - 1], of_s[count]);
      of_w[count - 1] = rt_isotonic_join(of_w[count - 1], of_w[count]);
    }
    count++;
  }
  rt_isotonic_label(n, count, label);
  return 0;
}

#endif
