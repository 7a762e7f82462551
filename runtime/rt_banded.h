/*
** rt_banded.h: A X = B for a tridiagonal and for a banded A, by elimination with row exchanges
**
**   l[i] x[i-1] + d[i] x[i] + u[i] x[i+1] = b[i]                        (LAPACK's gtsv and gbsv)
**
** A band is kept as SciPy keeps it: ab[u + i - j][j] = A[i][j], l below and u above the diagonal.
*/
#ifndef RT_BANDED_H
#define RT_BANDED_H
#include "rt_lu.h"
#define RT_TEXT "rt_banded.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* l[0] and u[n-1] are not read; work: 4 n. 1: singular. */
static inline int RT_(rt_tridiagonal)(int64_t n, int64_t k, const RT_T *l, const RT_T *d,
                                      const RT_T *u, const RT_T *B, RT_T *X, RT_T *work) {
  RT_T *diag = work, *up = diag + n, *up2 = up + n, *low = up2 + n;
  RT_(rt_copy)(n * k, B, X);
  for (int64_t i = 0; i < n; i++) {
    diag[i] = d[i], low[i] = i ? l[i] : 0;
    up[i] = i + 1 < n ? u[i] : 0, up2[i] = 0;
  }
  for (int64_t i = 0; i + 1 < n; i++) {
    RT_T *x = X + i * k, *y = x + k;
    if (RT_(rt_abs)(diag[i]) < RT_(rt_abs)(low[i + 1])) {
      const RT_T a = diag[i], b = up[i];
      diag[i] = low[i + 1], up[i] = diag[i + 1], up2[i] = up[i + 1];
      low[i + 1] = a, diag[i + 1] = b, up[i + 1] = 0;
      RT_(rt_row_exchange)(k, x, y);
    }
    if (diag[i] == 0) return 1;
    const RT_T f = -low[i + 1] / diag[i];
    diag[i + 1] = RT_(rt_fma)(f, up[i], diag[i + 1]);
    up[i + 1] = RT_(rt_fma)(f, up2[i], up[i + 1]);
    RT_(rt_row_add)(k, f, x, y);
  }
  if (n && diag[n - 1] == 0) return 1;
  for (int64_t i = n - 1; i >= 0; i--) {
    RT_T *x = X + i * k;
    if (i + 1 < n) RT_(rt_row_add)(k, -up[i], x + k, x);
    if (i + 2 < n) RT_(rt_row_add)(k, -up2[i], x + 2 * k, x);
    RT_(rt_row_over)(k, diag[i], x);
  }
  return 0;
}

/* p rows of ab; *below of them below the diagonal; work: 2 n p. 1: singular. */
static inline int RT_(rt_banded)(int64_t p, int64_t n, int64_t k, const RT_T *ab,
                                 const int64_t *below, const RT_T *B, RT_T *X, RT_T *work) {
  const int64_t l = *below, u = p - 1 - l, w = p + l; /* row i of W: columns i - l .. i + u + l */
  RT_T *W = work;
  RT_(rt_copy)(n * k, B, X);
  for (int64_t i = 0; i < n; i++)
    for (int64_t c = 0; c < w; c++) {
      const int64_t j = i - l + c;
      W[i * w + c] = c < p && j >= 0 && j < n ? ab[(u + i - j) * n + j] : 0;
    }
  for (int64_t c = 0; c < n; c++) {
    const int64_t end = c + l + 1 < n ? c + l + 1 : n;
    int64_t best = c;
    for (int64_t i = c + 1; i < end; i++)
      if (RT_(rt_abs)(W[i * w + c - i + l]) > RT_(rt_abs)(W[best * w + c - best + l])) best = i;
    RT_T *pivot = W + c * w + l;
    if (best != c) {
      RT_(rt_row_exchange)(p, pivot, W + best * w + c - best + l);
      RT_(rt_row_exchange)(k, X + c * k, X + best * k);
    }
    if (*pivot == 0) return 1;
    for (int64_t i = c + 1; i < end; i++) {
      RT_T *row = W + i * w + c - i + l;
      const RT_T f = -*row / *pivot;
      RT_(rt_row_add)(p, f, pivot, row);
      RT_(rt_row_add)(k, f, X + c * k, X + i * k);
    }
  }
  for (int64_t i = n - 1; i >= 0; i--) {
    for (int64_t j = i + 1; j < n && j <= i + u + l; j++)
      RT_(rt_row_add)(k, -W[i * w + j - i + l], X + j * k, X + i * k);
    RT_(rt_row_over)(k, W[i * w + l], X + i * k);
  }
  return 0;
}

#endif
