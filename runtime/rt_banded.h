/*
** rt_banded.h: A X = B for a tridiagonal and for a banded A, by elimination with row exchanges
**
**   l[i] x[i-1] + d[i] x[i] + u[i] x[i+1] = b[i]                        (LAPACK's gtsv and gbsv)
**
** A band is kept as SciPy keeps it: ab[u + i - j][j] = A[i][j], l below and u above the diagonal.
** What of it lies outside of A is not read. A pivot that is nothing beside both its row and its
** column of A makes A singular as far as its numbers tell, as in rt_lu.h.
*/
#ifndef RT_BANDED_H
#define RT_BANDED_H
#include "rt_lu.h"
#define RT_TEXT "rt_banded.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* The larger one; NaN where one of them is not finite. */
static inline RT_T RT_(rt_band_larger)(RT_T a, RT_T b) {
  const RT_T x = RT_(rt_abs)(a), y = RT_(rt_abs)(b);
  return x * 0 + y * 0 == 0 ? (x > y ? x : y) : (RT_T)RT_NAN_F64;
}

/* 1: the pivot is nothing beside its row and column; `wide` products went into it at most. */
static inline int RT_(rt_band_singular)(RT_T pivot, int64_t wide, RT_T row, RT_T column) {
  const RT_T least = RT_EPS * (RT_T)wide * (row < column ? row : column);
  return !(RT_(rt_abs)(pivot) > least);
}

/* l[0] and u[n-1] are not read; work: 6 n. 1: singular; 2: not finite. */
static inline int RT_(rt_tridiagonal)(int64_t n, int64_t k, const RT_T *l, const RT_T *d,
                                      const RT_T *u, const RT_T *B, RT_T *X, RT_T *work) {
  RT_T *diag = work, *up = diag + n, *up2 = up + n, *low = up2 + n, *row = low + n,
       *column = row + n;
  RT_(rt_copy)(n * k, B, X);
  for (int64_t i = 0; i < n; i++) {
    diag[i] = d[i], low[i] = i ? l[i] : 0;
    up[i] = i + 1 < n ? u[i] : 0, up2[i] = 0;
    row[i] = RT_(rt_band_larger)(RT_(rt_band_larger)(low[i], up[i]), d[i]);
    column[i] =
        RT_(rt_band_larger)(RT_(rt_band_larger)(i ? u[i - 1] : 0, i + 1 < n ? l[i + 1] : 0), d[i]);
    if (row[i] != row[i] || column[i] != column[i]) return 2;
  }
  for (int64_t i = 0; i + 1 < n; i++) {
    RT_T *x = X + i * k, *y = x + k;
    if (RT_(rt_abs)(diag[i]) < RT_(rt_abs)(low[i + 1])) {
      const RT_T a = diag[i], b = up[i], size = row[i];
      diag[i] = low[i + 1], up[i] = diag[i + 1], up2[i] = up[i + 1], row[i] = row[i + 1];
      low[i + 1] = a, diag[i + 1] = b, up[i + 1] = 0, row[i + 1] = size;
      RT_(rt_row_exchange)(k, x, y);
    }
    if (RT_(rt_band_singular)(diag[i], 4, row[i], column[i])) return 1;
    const RT_T f = -low[i + 1] / diag[i];
    diag[i + 1] = RT_(rt_fma)(f, up[i], diag[i + 1]);
    up[i + 1] = RT_(rt_fma)(f, up2[i], up[i + 1]);
    RT_(rt_row_add)(k, f, x, y);
  }
  if (n && RT_(rt_band_singular)(diag[n - 1], 4, row[n - 1], column[n - 1])) return 1;
  for (int64_t i = n - 1; i >= 0; i--) {
    RT_T *x = X + i * k;
    if (i + 1 < n) RT_(rt_row_add)(k, -up[i], x + k, x);
    if (i + 2 < n) RT_(rt_row_add)(k, -up2[i], x + 2 * k, x);
    RT_(rt_row_over)(k, diag[i], x);
  }
  return 0;
}

/* Row i of W: columns i - l .. i + u + l of A; the largest of each row and column. 1: not
** finite. */
static inline int RT_(rt_band_rows)(int64_t p, int64_t n, int64_t l, const RT_T *ab, RT_T *W,
                                    RT_T *row, RT_T *column) {
  const int64_t u = p - 1 - l, w = p + l;
  for (int64_t i = 0; i < n; i++) row[i] = column[i] = 0;
  for (int64_t i = 0; i < n; i++)
    for (int64_t c = 0; c < w; c++) {
      const int64_t j = i - l + c;
      const int inside = c < p && j >= 0 && j < n;
      W[i * w + c] = inside ? ab[(u + i - j) * n + j] : 0;
      if (!inside) continue;
      row[i] = RT_(rt_band_larger)(row[i], W[i * w + c]);
      column[j] = RT_(rt_band_larger)(column[j], W[i * w + c]);
      if (row[i] != row[i]) return 1;
    }
  return 0;
}

/* p rows of ab; *below of them below the diagonal; work: 2 n p + 2 n. 1: singular; 2: not
** finite. */
static inline int RT_(rt_banded)(int64_t p, int64_t n, int64_t k, const RT_T *ab,
                                 const int64_t *below, const RT_T *B, RT_T *X, RT_T *work) {
  const int64_t l = *below, u = p - 1 - l, w = p + l;
  RT_T *W = work, *row = W + 2 * n * p, *column = row + n;
  RT_(rt_copy)(n * k, B, X);
  if (RT_(rt_band_rows)(p, n, l, ab, W, row, column)) return 2;
  for (int64_t c = 0; c < n; c++) {
    const int64_t end = c + l + 1 < n ? c + l + 1 : n;
    int64_t best = c;
    for (int64_t i = c + 1; i < end; i++)
      if (RT_(rt_abs)(W[i * w + c - i + l]) > RT_(rt_abs)(W[best * w + c - best + l])) best = i;
    RT_T *pivot = W + c * w + l;
    if (best != c) {
      const RT_T size = row[c];
      row[c] = row[best], row[best] = size;
      RT_(rt_row_exchange)(p, pivot, W + best * w + c - best + l);
      RT_(rt_row_exchange)(k, X + c * k, X + best * k);
    }
    if (RT_(rt_band_singular)(*pivot, p + 1, row[c], column[c])) return 1;
    for (int64_t i = c + 1; i < end; i++) {
      RT_T *target = W + i * w + c - i + l;
      const RT_T f = -*target / *pivot;
      RT_(rt_row_add)(p, f, pivot, target);
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
