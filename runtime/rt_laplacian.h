/*
** rt_laplacian.h: L v = r for the Laplacian L = diag(W 1) - W of a graph with weights W >= 0
**
**   W[i][j] += W[i][k] W[k][j] / s,  r[i] += W[i][k] r[k] / s,  s = sum j < k. W[k][j]
**
** Nodes are eliminated from the last on, and nothing is ever subtracted from a weight, so the
** smallest of them count (Grassmann, Taksar and Heyman, Operations Research 33, 1985). W is
** symmetric; its diagonal is not read. The first node of each connected part has v = 0.
*/
#ifndef RT_LAPLACIAN_H
#define RT_LAPLACIAN_H
#include "rt_rows.h"
#define RT_TEXT "rt_laplacian.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* v {n}, in place of r; W {n, n} is overwritten. */
static inline void RT_(rt_laplacian_in_place)(int64_t n, RT_T *W, RT_T *v) {
  for (int64_t k = n - 1; k > 0; k--) {
    RT_T s = 0;
    for (int64_t j = 0; j < k; j++) s += W[k * n + j];
    W[k * n + k] = s;
    if (!(s > 0)) continue;
    for (int64_t i = 0; i < k; i++) {
      const RT_T part = W[i * n + k] / s;
      if (part == 0) continue;
      RT_(rt_row_add)(k, part, W + k * n, W + i * n);
      v[i] = RT_(rt_fma)(part, v[k], v[i]);
    }
  }
  if (n > 0) v[0] = 0;
  for (int64_t k = 1; k < n; k++) {
    const RT_T s = W[k * n + k];
    v[k] = s > 0 ? (v[k] + RT_(rt_row_dot)(k, W + k * n, v)) / s : 0;
  }
}

/* v {n} of W {n, n}, r {n}; work: n n. */
static inline int RT_(rt_laplacian)(int64_t n, const RT_T *W, const RT_T *r, RT_T *v, RT_T *work) {
  for (int64_t i = 0; i < n * n; i++) work[i] = W[i];
  for (int64_t i = 0; i < n; i++) v[i] = r[i];
  RT_(rt_laplacian_in_place)(n, work, v);
  return 0;
}

#endif
