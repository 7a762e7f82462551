/*
** rt_lu.h: A[perm] = L U with row exchanges, and what follows from it
**
** LU {m, n} holds U on and above the diagonal, L below it (its diagonal is 1). Row i of L U is row
** perm[i] of A. Columns are eliminated by blocks (Golub and Van Loan, Matrix Computations,
** algorithms 3.4.1 and 3.2.3).
*/
#ifndef RT_LU_H
#define RT_LU_H
#include "rt_cholesky.h"
#define RT_TEXT "rt_lu.h"
#include "rt_each_float.h"

#elif defined(RT_T)

static inline void RT_(rt_row_exchange)(int64_t n, RT_T *restrict x, RT_T *restrict y) {
  for (int64_t j = 0; j < n; j++) {
    const RT_T t = x[j];
    x[j] = y[j], y[j] = t;
  }
}

/* The first of the largest |x[i]|. */
static inline int64_t RT_(rt_row_largest_at)(int64_t n, const RT_T *x) {
  RT_T lane[RT_WIDE], at[RT_WIDE] = {0}, largest = -1;
  int64_t i = 0, first = n;
  for (int l = 0; l < RT_WIDE; l++) lane[l] = -1;
  for (; i + RT_WIDE <= n; i += RT_WIDE)
    for (int l = 0; l < RT_WIDE; l++) {
      const RT_T a = RT_(rt_abs)(x[i + l]);
      at[l] = a > lane[l] ? (RT_T)i : at[l];
      lane[l] = a > lane[l] ? a : lane[l];
    }
  for (int l = 0; l < RT_WIDE; l++)
    if (lane[l] > largest || (lane[l] == largest && (int64_t)at[l] + l < first))
      largest = lane[l], first = (int64_t)at[l] + l;
  for (; i < n; i++)
    if (RT_(rt_abs)(x[i]) > largest) largest = RT_(rt_abs)(x[i]), first = i;
  return first < n ? first : 0;
}

static inline void RT_(rt_lu_exchange)(int64_t n, int64_t k, int64_t best, RT_T *LU,
                                       int32_t *perm) {
  const int32_t p = perm[k];
  if (best == k) return;
  perm[k] = perm[best], perm[best] = p;
  RT_(rt_row_exchange)(n, LU + k * n, LU + best * n);
}

/* Eliminates columns first .. end - 1 of LU among themselves, with exchanges of whole rows. */
static inline void RT_(rt_lu_rows)(int64_t m, int64_t n, int64_t first, int64_t end, RT_T *LU,
                                   int32_t *perm) {
  for (int64_t k = first; k < end; k++) {
    int64_t best = k;
    for (int64_t i = k + 1; i < m; i++)
      if (RT_(rt_abs)(LU[i * n + k]) > RT_(rt_abs)(LU[best * n + k])) best = i;
    RT_(rt_lu_exchange)(n, k, best, LU, perm);
    const RT_T pivot = LU[k * n + k];
    for (int64_t i = k + 1; i < m; i++) {
      RT_T *row = LU + i * n;
      if (pivot != 0) row[k] /= pivot;
      RT_(rt_row_add)(end - k - 1, -row[k], LU + k * n + k + 1, row + k + 1);
    }
  }
}

/* The same for many rows: P {end - first, m - first} holds the columns meanwhile, turned, and what
** was eliminated before is taken from a column at once. */
static inline void RT_(rt_lu_columns)(int64_t m, int64_t n, int64_t first, int64_t end, RT_T *LU,
                                      int32_t *perm, RT_T *P) {
  const int64_t rows = m - first, wide = end - first;
  RT_T *corner = LU + first * n + first;
  RT_(rt_turn)(P, rows, corner, n, (int)rows, (int)rows, (int)wide);
  for (int64_t k = 0; k < wide; k++) {
    RT_T *column = P + k * rows;
    for (int64_t p = 0; p + 1 < k; p++)
      RT_(rt_row_add)(k - p - 1, -column[p], P + p * rows + p + 1, column + p + 1);
    RT_(rt_block_row)(rows - k, k, column, 1, P + k, rows, column + k);
    const int64_t best = k + RT_(rt_row_largest_at)(rows - k, column + k);
    RT_(rt_lu_exchange)(n, first + k, first + best, LU, perm);
    for (int64_t j = 0; j < wide; j++) RT_(rt_row_exchange)(1, P + j * rows + k, P + j * rows + best);
    const RT_T pivot = column[k];
    for (int64_t i = k + 1; pivot != 0 && i < rows; i++) column[i] /= pivot;
  }
  RT_(rt_turn)(corner, n, P, rows, (int)wide, (int)wide, (int)rows);
}

/* LU {m, n} and perm {m} of A {m, n}; work: 32 m. */
static inline int RT_(rt_lu)(int64_t m, int64_t n, const RT_T *A, RT_T *LU, int32_t *perm,
                             RT_T *work) {
  const int64_t least = m < n ? m : n;
  RT_(rt_copy)(m * n, A, LU);
  for (int64_t i = 0; i < m; i++) perm[i] = (int32_t)i;
  for (int64_t k = 0, end; k < least; k = end) {
    end = k + RT_BLOCK < least ? k + RT_BLOCK : least;
    if (m - k < 2 * RT_BLOCK) RT_(rt_lu_rows)(m, n, k, end, LU, perm);
    else RT_(rt_lu_columns)(m, n, k, end, LU, perm, work);
    for (int64_t i = k + 1; i < end; i++)
      RT_(rt_block_row)(n - end, i - k, LU + i * n + k, 1, LU + k * n + end, n, LU + i * n + end);
    RT_(rt_block_subtract)(m - end, n - end, end - k, LU + end * n + k, n, 1, LU + k * n + end, n,
                           LU + end * n + end, n);
  }
  return 0;
}

/* 1: a pivot is nothing beside both its row and its column of A: A is singular as far as its
** numbers tell. 2: A is not finite. Else 0. */
static inline int RT_(rt_lu_singular)(int64_t n, const RT_T *A, const RT_T *LU,
                                      const int32_t *perm) {
  const RT_T least = RT_EPS * (RT_T)n;
  int status = 0;
  for (int64_t k = 0; k < n; k++) {
    const RT_T pivot = RT_(rt_abs)(LU[k * n + k]), size = RT_(rt_row_span)(n, A + perm[k] * n);
    if (size != size) return 2;
    if (!(pivot > least * size)) {
      RT_T column = 0;
      for (int64_t i = 0; i < n; i++) {
        const RT_T a = RT_(rt_abs)(A[i * n + k]);
        if (a > column) column = a;
      }
      if (!(pivot > least * column)) status = 1;
    }
  }
  return status;
}

/* A X = B with the factors of A. 1: A is singular; 2: not finite. */
static inline int RT_(rt_lu_solve)(int64_t n, int64_t k, const RT_T *A, const RT_T *LU,
                                   const int32_t *perm, const RT_T *B, RT_T *X) {
  const int status = RT_(rt_lu_singular)(n, A, LU, perm);
  if (status) return status;
  for (int64_t i = 0; i < n; i++) RT_(rt_copy)(k, B + perm[i] * k, X + i * k);
  RT_(rt_lower_in_place)(n, k, LU, 1, X);
  RT_(rt_upper_in_place)(n, k, LU, X);
  return 0;
}

/* A' X = B; work: n k. 1, 2: as above. */
static inline int RT_(rt_lu_solve_t)(int64_t n, int64_t k, const RT_T *A, const RT_T *LU,
                                     const int32_t *perm, const RT_T *B, RT_T *X, RT_T *work) {
  const int status = RT_(rt_lu_singular)(n, A, LU, perm);
  if (status) return status;
  RT_(rt_copy)(n * k, B, work);
  RT_(rt_upper_t_in_place)(n, k, LU, work);
  RT_(rt_lower_t_in_place)(n, k, LU, 1, work);
  for (int64_t i = 0; i < n; i++) RT_(rt_copy)(k, work + i * k, X + perm[i] * k);
  return 0;
}

/* 1 or -1: whether the permutation is even. A cycle of c elements takes c - 1 exchanges. */
static inline int RT_(rt_perm_sign)(int64_t n, const int32_t *perm) {
  int sign = 1;
  for (int64_t i = 0; i < n; i++) {
    int64_t first = i, length = 0;
    for (int64_t j = i; length == 0 || j != i; j = perm[j], length++)
      if (j < first) first = j;
    if (first == i && length % 2 == 0) sign = -sign;
  }
  return sign;
}

/* The sign of det A, and log |det A|. */
static inline int RT_(rt_slogdet)(int64_t n, const RT_T *A, const RT_T *LU, const int32_t *perm,
                                  RT_T *sign, RT_T *logabs) {
  RT_T s = (RT_T)RT_(rt_perm_sign)(n, perm), sum = 0;
  (void)A;
  for (int64_t i = 0; i < n; i++) {
    const RT_T u = LU[i * n + i];
    s *= u > 0 ? 1 : u < 0 ? -1 : u;
    sum += RT_(rt_log)(RT_(rt_abs)(u));
  }
  *sign = s;
  *logabs = sum;
  return 0;
}

static inline int RT_(rt_det)(int64_t n, const RT_T *A, const RT_T *LU, const int32_t *perm,
                              RT_T *d) {
  RT_T product = (RT_T)RT_(rt_perm_sign)(n, perm);
  (void)A;
  for (int64_t i = 0; i < n; i++) product *= LU[i * n + i];
  *d = product;
  return 0;
}

#endif
