/*
** rt_gauss.h: sums over all points weighted by a Gaussian of their distance, 16 points at a time
**
**   y[c][i] = sum j. k[i, j] v[j][c],   k[i, j] = exp(-|f_i - f_j|^2 / 2)
**
** Nothing of size n x n is kept: k of 16 points i with 64 points j at a time.
*/
#ifndef RT_GAUSS_H
#define RT_GAUSS_H
#include "rt_kernel.h"
enum { RT_GAUSS_LANES = 16, RT_GAUSS_BLOCK = 64, RT_GAUSS_CHANNELS = 6 };
#define RT_TEXT "rt_gauss.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* k of 16 points {d, 16} with the points f {m, d}, to {m, 16}. */
static inline void RT_(rt_gauss_block)(int64_t d, int64_t m, const RT_T *fi, const RT_T *f,
                                       RT_T *restrict k) {
  for (int64_t j = 0; j < m; j++) {
    RT_T far[RT_GAUSS_LANES] = {0};
    for (int64_t e = 0; e < d; e++) {
      const RT_T at = f[j * d + e];
#pragma omp simd
      for (int i = 0; i < RT_GAUSS_LANES; i++) {
        const RT_T x = fi[e * RT_GAUSS_LANES + i] - at;
        far[i] = RT_(rt_fma)(x, x, far[i]);
      }
    }
#pragma omp simd
    for (int i = 0; i < RT_GAUSS_LANES; i++)
      k[j * RT_GAUSS_LANES + i] = RT_(rt_exp)((RT_T)-0.5 * far[i]);
  }
}

/* RT_WIDE of the 16 points, m <= 6 channels: y[c] += sum j < n. k[j] v[j][c]. */
static inline __attribute__((always_inline)) void
RT_(rt_gauss_channels)(const int m, int64_t n, int64_t c, const RT_T *k, const RT_T *v, RT_T *y) {
  RT_VEC sum[RT_GAUSS_CHANNELS];
  for (int t = 0; t < m; t++) sum[t] = RT_V(load)(y + t * RT_GAUSS_LANES);
  for (int64_t j = 0; j < n; j++) {
    const RT_VEC weight = RT_V(load)(k + j * RT_GAUSS_LANES);
    RT_UNROLL
    for (int t = 0; t < m; t++) RT_V(fma)(&sum[t], v[j * c + t], &weight);
  }
  for (int t = 0; t < m; t++) RT_V(store)(y + t * RT_GAUSS_LANES, &sum[t]);
}

/* 16 points fi {d, 16} among all f {n, d}: y {c, 16} of v {n, c}. */
static inline int RT_(rt_gauss)(int64_t d, int64_t n, int64_t c, const RT_T *fi, const RT_T *f,
                                const RT_T *v, RT_T *y) {
  RT_T k[RT_GAUSS_BLOCK * RT_GAUSS_LANES];
  for (int64_t i = 0; i < c * RT_GAUSS_LANES; i++) y[i] = 0;
  for (int64_t j = 0; j < n; j += RT_GAUSS_BLOCK) {
    const int64_t m = n - j < RT_GAUSS_BLOCK ? n - j : RT_GAUSS_BLOCK;
    RT_(rt_gauss_block)(d, m, fi, f + j * d, k);
    for (int64_t l = 0; l < c; l += RT_GAUSS_CHANNELS)
      for (int x = 0; x < RT_GAUSS_LANES; x += RT_WIDE) {
        const RT_T *vl = v + j * c + l;
        RT_T *yl = y + l * RT_GAUSS_LANES + x;
#define RT_CASE(q) \
  case q: RT_(rt_gauss_channels)(q, m, c, k + x, vl, yl); break;
        switch (c - l < RT_GAUSS_CHANNELS ? c - l : RT_GAUSS_CHANNELS) {
          RT_CASE(1) RT_CASE(2) RT_CASE(3) RT_CASE(4) RT_CASE(5)
        default: RT_(rt_gauss_channels)(6, m, c, k + x, vl, yl);
        }
#undef RT_CASE
      }
  }
  return 0;
}

/* The cotangent of fi {d, 16}: f_bar[i] = -sum j. k[i, j] (a_i' v_j + v_i' a_j) (f_i - f_j), with a
** the cotangent {n, c} of the result, and ai, vi {c, 16} those of the 16 points. */
static inline int RT_(rt_gauss_pull)(int64_t d, int64_t c, int64_t n, const RT_T *fi,
                                     const RT_T *ai, const RT_T *vi, const RT_T *f, const RT_T *a,
                                     const RT_T *v, RT_T *y) {
  RT_T k[RT_GAUSS_LANES];
  for (int64_t i = 0; i < d * RT_GAUSS_LANES; i++) y[i] = 0;
  for (int64_t j = 0; j < n; j++) {
    RT_T s[RT_GAUSS_LANES] = {0};
    for (int64_t l = 0; l < c; l++) {
      const RT_T vj = v[j * c + l], aj = a[j * c + l];
#pragma omp simd
      for (int i = 0; i < RT_GAUSS_LANES; i++)
        s[i] = RT_(rt_fma)(ai[l * RT_GAUSS_LANES + i], vj,
                           RT_(rt_fma)(vi[l * RT_GAUSS_LANES + i], aj, s[i]));
    }
    RT_(rt_gauss_block)(d, 1, fi, f + j * d, k);
    for (int64_t e = 0; e < d; e++) {
      const RT_T at = f[j * d + e];
#pragma omp simd
      for (int i = 0; i < RT_GAUSS_LANES; i++)
        y[e * RT_GAUSS_LANES + i] -= k[i] * s[i] * (fi[e * RT_GAUSS_LANES + i] - at);
    }
  }
  return 0;
}

/* The cotangents of fi, ai and vi of rt_gauss_pull's y, given b {n, d}, that of y, and bi {d, 16}
** that of the 16 points. With g[j] = (b_i - b_j)' (f_i - f_j) and s[j] = a_i' v_j + v_i' a_j:
**   f_bar = -sum j. k s ((b_i - b_j) - g (f_i - f_j)),  a_bar = -sum j. k g v_j,  v_bar = -sum j. k g a_j
** All in differences, so that points far from the origin lose nothing. */
static inline int RT_(rt_gauss_turn)(int64_t d, int64_t c, int64_t n, const RT_T *fi,
                                     const RT_T *bi, const RT_T *ai, const RT_T *vi, const RT_T *f,
                                     const RT_T *b, const RT_T *a, const RT_T *v, RT_T *f_bar,
                                     RT_T *a_bar, RT_T *v_bar) {
  enum { W = RT_GAUSS_LANES };
  RT_T k[W];
  for (int64_t i = 0; i < d * W; i++) f_bar[i] = 0;
  for (int64_t i = 0; i < c * W; i++) a_bar[i] = v_bar[i] = 0;
  for (int64_t j = 0; j < n; j++) {
    RT_T s[W] = {0}, g[W] = {0};
    RT_(rt_gauss_block)(d, 1, fi, f + j * d, k);
    for (int64_t e = 0; e < d; e++) {
      const RT_T fj = f[j * d + e], bj = b[j * d + e];
#pragma omp simd
      for (int i = 0; i < W; i++) g[i] = RT_(rt_fma)(bi[e * W + i] - bj, fi[e * W + i] - fj, g[i]);
    }
    for (int64_t l = 0; l < c; l++) {
      const RT_T aj = a[j * c + l], vj = v[j * c + l];
#pragma omp simd
      for (int i = 0; i < W; i++) {
        s[i] = RT_(rt_fma)(ai[l * W + i], vj, RT_(rt_fma)(vi[l * W + i], aj, s[i]));
        a_bar[l * W + i] -= k[i] * g[i] * vj;
        v_bar[l * W + i] -= k[i] * g[i] * aj;
      }
    }
    for (int64_t e = 0; e < d; e++) {
      const RT_T fj = f[j * d + e], bj = b[j * d + e];
#pragma omp simd
      for (int i = 0; i < W; i++)
        f_bar[e * W + i] -= k[i] * s[i] * ((bi[e * W + i] - bj) - g[i] * (fi[e * W + i] - fj));
    }
  }
  return 0;
}

#endif
