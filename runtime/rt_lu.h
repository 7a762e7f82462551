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

/* Eliminates columns first .. end - 1 of LU among themselves, with exchanges of whole rows. */
static inline void RT_(rt_lu_panel)(int64_t m, int64_t n, int64_t first, int64_t end, RT_T *LU,
                                    int32_t *perm) {
  for (int64_t k = first; k < end; k++) {
    int64_t best = k;
    for (int64_t i = k + 1; i < m; i++)
      if (RT_(rt_abs)(LU[i * n + k]) > RT_(rt_abs)(LU[best * n + k])) best = i;
    if (best != k) {
      const int32_t p = perm[k];
      perm[k] = perm[best], perm[best] = p;
      RT_(rt_row_exchange)(n, LU + k * n, LU + best * n);
    }
    const RT_T pivot = LU[k * n + k];
    for (int64_t i = k + 1; i < m; i++) {
      RT_T *row = LU + i * n;
      if (pivot != 0) row[k] /= pivot;
      RT_(rt_row_add)(end - k - 1, -row[k], LU + k * n + k + 1, row + k + 1);
    }
  }
}

static inline int RT_(rt_lu)(int64_t m, int64_t n, const RT_T *A, RT_T *LU, int32_t *perm) {
  const int64_t least = m < n ? m : n;
  RT_(rt_copy)(m * n, A, LU);
  for (int64_t i = 0; i < m; i++) perm[i] = (int32_t)i;
  for (int64_t k = 0, end; k < least; k = end) {
    end = k + RT_BLOCK < least ? k + RT_BLOCK : least;
    RT_(rt_lu_panel)(m, n, k, end, LU, perm);
    for (int64_t i = k + 1; i < end; i++)
      for (int64_t j = k; j < i; j++)
        RT_(rt_row_add)(n - end, -LU[i * n + j], LU + j * n + end, LU + i * n + end);
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
