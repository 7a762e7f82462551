/*
** rt_cholesky.h: A = L L' for a symmetric positive definite A, and solves with triangles
**
**   L[i][j] = (A[i][j] - L[i][:j] . L[j][:j]) / L[j][j]        one product after the other
**
** Only the lower triangle of A is read. A solve reads only its triangle; with `_t` it is the
** transposed system. Right sides are the columns of a row-major B {n, k}.
*/
#ifndef RT_CHOLESKY_H
#define RT_CHOLESKY_H
#include "rt_block.h"
#define RT_TEXT "rt_cholesky.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* x' y, without vectors where there are few terms. */
static inline RT_T RT_(rt_short_dot)(int64_t n, const RT_T *x, const RT_T *y) {
  if (n >= RT_WIDE) return RT_(rt_row_dot)(n, x, y);
  RT_T sum = 0;
  for (int64_t i = 0; i < n; i++) sum = RT_(rt_fma)(x[i], y[i], sum);
  return sum;
}

/* The triangle above the diagonal of L, and the diagonal: those below it and on it of A, turned. Below it
** L is anything then. */
static inline void RT_(rt_turn_up)(int64_t n, const RT_T *A, RT_T *L) {
  for (int64_t i = 0; i < n; i += RT_BLOCK) {
    const int rows = (int)(i + RT_BLOCK < n ? RT_BLOCK : n - i);
    RT_(rt_turn)(L + i, n, A + i * n, n, rows, rows, (int)i + rows);
  }
}

/* The triangle below the diagonal of L becomes what is above it, turned, and that 0. */
static inline void RT_(rt_turn_down)(int64_t n, RT_T *L) {
  for (int64_t i = 0; i < n; i += RT_BLOCK) {
    const int rows = (int)(i + RT_BLOCK < n ? RT_BLOCK : n - i);
    const int64_t end = i + rows;
    if (end < n)
      RT_(rt_turn)(L + end * n + i, n, L + i * n + end, n, rows, rows, (int)(n - end));
    for (int64_t r = i; r < end; r++)
      for (int64_t c = r + 1; c < n; c++) {
        if (c < end) L[c * n + r] = L[r * n + c];
        L[r * n + c] = 0;
      }
  }
}

/* U = L' by blocks of rows in the upper triangle of L, A22 -= U12' U12. 1: A is not positive
** definite, or not finite. */
static inline int RT_(rt_cholesky)(int64_t n, const RT_T *A, RT_T *L) {
  RT_T some[RT_BLOCK * RT_BLOCK]; /* of U12', in one piece */
  RT_(rt_turn_up)(n, A, L);
  for (int64_t k = 0, end; k < n; k = end) {
    end = k + RT_BLOCK < n ? k + RT_BLOCK : n;
    for (int64_t i = k; i < end; i++) {
      RT_T *row = L + i * n;
      if (n <= RT_FEW) /* which the compiler often knows */
        for (int64_t p = 0; p < i; p++) RT_(rt_row_add)(n - i, -L[p * n + i], L + p * n + i, row + i);
      else
        RT_(rt_block_row)(n - i, i - k, L + k * n + i, n, L + k * n + i, n, row + i);
      if (!(row[i] > 0) || row[i] * 0 != 0) return 1;
      const RT_T d = RT_(rt_sqrt)(row[i]);
      for (int64_t j = i; j < n; j++) row[j] /= d;
      row[i] = d;
    }
    for (int64_t i = end; i < n; i += RT_BLOCK) {
      const int rows = (int)(i + RT_BLOCK < n ? RT_BLOCK : n - i), deep = (int)(end - k);
      RT_(rt_turn)(some, RT_BLOCK, L + k * n + i, n, deep, deep, rows);
      RT_(rt_block_subtract)(rows, n - i, deep, some, RT_BLOCK, 1, L + k * n + i, n, L + i * n + i, n);
    }
  }
  RT_(rt_turn_down)(n, L);
  return 0;
}

/* Rows [j, k) of the upper triangle of G, which holds L_bar', become A_bar's, without what other
** rows say: d = sqrt(a - r r'), c = (x - B r') / d, backwards, a column after the other. */
static inline void RT_(rt_cholesky_bar_block)(int64_t n, int64_t j, int64_t k, const RT_T *L,
                                              RT_T *G) {
  RT_T sum[RT_BLOCK];
  for (int64_t t = k - 1; t >= j; t--) {
    RT_T *row = G + t * n;
    const RT_T d = L[t * n + t], *r = L + t * n + j;
    for (int64_t i = t + 1; i < k; i++) {
      row[i] /= d;
      row[t] = RT_(rt_fma)(-L[i * n + t], row[i], row[t]);
    }
    row[t] /= d;
    for (int64_t p = j; p < t; p++) sum[p - j] = r[p - j] * row[t];
    for (int64_t i = t + 1; i < k; i++) RT_(rt_row_add)(t - j, row[i], L + i * n + j, sum);
    for (int64_t p = j; p < t; p++) {
      G[p * n + t] -= sum[p - j];
      RT_(rt_row_add)(k - t - 1, -r[p - j], row + t + 1, G + p * n + t + 1);
    }
    row[t] *= (RT_T)0.5;
  }
}

/* G = A_bar of L_bar, symmetric: by blocks of rows of U = L' from the last one on, R above the
** diagonal block D of each, B above C to the right of it (Murray, arXiv:1602.07527, section 4):
**   C_bar /= D;  B_bar -= R C_bar;  D_bar -= C C_bar';  D_bar of the block alone;
**   R_bar -= B C_bar' + R (D_bar + D_bar')
** The upper triangle becomes what is sought, the lower one holds C_bar'. */
static inline int RT_(rt_cholesky_bar)(int64_t n, const RT_T *L, const RT_T *L_bar, RT_T *G) {
  RT_T both[RT_BLOCK * RT_BLOCK];
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j <= i; j++) G[i * n + j] = 0, G[j * n + i] = L_bar[i * n + j];
  for (int64_t j = n > 0 ? (n - 1) / RT_BLOCK * RT_BLOCK : -1; j >= 0; j -= RT_BLOCK) {
    const int64_t k = j + RT_BLOCK < n ? j + RT_BLOCK : n, rows = k - j, right = n - k;
    RT_T *bar = G + j * n + k, *turned = G + k * n + j;
    for (int64_t r = k - 1; r >= j; r--) {
      RT_(rt_block_row)(right, k - r - 1, L + (r + 1) * n + r, n, G + (r + 1) * n + k, n,
                        G + r * n + k);
      for (int64_t c = k; c < n; c++) G[r * n + c] /= L[r * n + r];
    }
    for (int64_t c = 0; c < right; c++)
      for (int64_t r = 0; r < rows; r++) turned[c * n + r] = bar[r * n + c];
    RT_(rt_block_subtract)(j, right, rows, L + j * n, 1, n, bar, n, G + k, n);
    RT_(rt_block_subtract)(rows, rows, right, L + k * n + j, 1, n, turned, n, G + j * n + j, n);
    RT_(rt_cholesky_bar_block)(n, j, k, L, G);
    for (int64_t r = 0; r < rows; r++)
      for (int64_t c = r; c < rows; c++) {
        const RT_T x = G[(j + r) * n + j + c];
        both[r * RT_BLOCK + c] = both[c * RT_BLOCK + r] = r == c ? 2 * x : x;
      }
    RT_(rt_block_subtract)(j, rows, right, L + k * n, 1, n, turned, n, G + j, n);
    RT_(rt_block_subtract)(j, rows, rows, L + j * n, 1, n, both, RT_BLOCK, G + j, n);
  }
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < i; j++) G[i * n + j] = G[j * n + i] *= (RT_T)0.5;
  return 0;
}

/* Whether an element of A's diagonal is zero. */
static inline int RT_(rt_zero_pivot)(int64_t n, const RT_T *A) {
  for (int64_t i = 0; i < n; i++)
    if (A[i * n + i] == 0) return 1;
  return 0;
}

/* Divides row i of X {n, k}. */
static inline void RT_(rt_row_over)(int64_t k, RT_T pivot, RT_T *x) {
  if (k <= RT_FEW) {
    for (int64_t c = 0; c < k; c++) x[c] /= pivot;
    return;
  }
  for (int64_t c = 0; c < k; c += RT_WIDE) {
    const int some = c + RT_WIDE <= k ? RT_WIDE : (int)(k - c);
    const RT_VEC over = RT_(rt_block_load)(some, x + c) / pivot;
    RT_(rt_block_store)(some, x + c, &over);
  }
}

/* L X = B in place of B; unit: the diagonal of L is taken for 1. */
static inline void RT_(rt_lower_in_place)(int64_t n, int64_t k, const RT_T *L, int unit, RT_T *X) {
  for (int64_t i = 0; i < n; i++) {
    const RT_T *row = L + i * n;
    RT_T *x = X + i * k;
    const int64_t first = i - i % RT_BLOCK, end = first + RT_BLOCK < n ? first + RT_BLOCK : n;
    if (k > 1 && i == first && i > 0)
      RT_(rt_block_subtract)(end - i, k, i, row, n, 1, X, k, x, k);
    if (k == 1) *x -= RT_(rt_short_dot)(i, row, X);
    else
      RT_(rt_block_row)(k, i - first, row + first, 1, X + first * k, k, x);
    if (!unit) RT_(rt_row_over)(k, row[i], x);
  }
}

/* L' X = B in place of B. */
static inline void RT_(rt_lower_t_in_place)(int64_t n, int64_t k, const RT_T *L, int unit,
                                            RT_T *X) {
  for (int64_t i = n - 1; i >= 0; i--) {
    const RT_T *row = L + i * n;
    RT_T *x = X + i * k;
    const int64_t first = i - i % RT_BLOCK, end = first + RT_BLOCK < n ? first + RT_BLOCK : n;
    if (k > 1 && i == end - 1 && end < n)
      RT_(rt_block_subtract)(end - first, k, n - end, L + end * n + first, 1, n, X + end * k, k,
                             X + first * k, k);
    if (k > 1)
      RT_(rt_block_row)(k, end - i - 1, L + (end - 1) * n + i, -n, X + (end - 1) * k, -k, x);
    if (!unit) RT_(rt_row_over)(k, row[i], x);
    if (k == 1) RT_(rt_row_add)(i, -*x, row, X);
  }
}

/* U X = B in place of B. */
static inline void RT_(rt_upper_in_place)(int64_t n, int64_t k, const RT_T *U, RT_T *X) {
  for (int64_t i = n - 1; i >= 0; i--) {
    const RT_T *row = U + i * n;
    RT_T *x = X + i * k;
    const int64_t first = i - i % RT_BLOCK, end = first + RT_BLOCK < n ? first + RT_BLOCK : n;
    if (k > 1 && i == end - 1 && end < n)
      RT_(rt_block_subtract)(end - first, k, n - end, U + first * n + end, n, 1, X + end * k, k,
                             X + first * k, k);
    if (k == 1) *x -= RT_(rt_short_dot)(n - i - 1, row + i + 1, X + i + 1);
    else
      RT_(rt_block_row)(k, end - i - 1, row + i + 1, 1, X + (i + 1) * k, k, x);
    RT_(rt_row_over)(k, row[i], x);
  }
}

/* U' X = B in place of B. */
static inline void RT_(rt_upper_t_in_place)(int64_t n, int64_t k, const RT_T *U, RT_T *X) {
  for (int64_t i = 0; i < n; i++) {
    const RT_T *row = U + i * n;
    RT_T *x = X + i * k;
    const int64_t first = i - i % RT_BLOCK, end = first + RT_BLOCK < n ? first + RT_BLOCK : n;
    if (k > 1 && i == first && i > 0)
      RT_(rt_block_subtract)(end - i, k, i, U + i, 1, n, X, k, x, k);
    if (k > 1) RT_(rt_block_row)(k, i - first, U + first * n + i, n, X + first * k, k, x);
    RT_(rt_row_over)(k, row[i], x);
    if (k == 1) RT_(rt_row_add)(n - i - 1, -*x, row + i + 1, X + i + 1);
  }
}

static inline void RT_(rt_copy)(int64_t n, const RT_T *x, RT_T *y) {
  for (int64_t i = 0; i < n; i++) y[i] = x[i];
}

/* Each: 1: a zero on the diagonal. */
static inline int RT_(rt_solve_lower)(int64_t n, int64_t k, const RT_T *A, const RT_T *B, RT_T *X) {
  if (RT_(rt_zero_pivot)(n, A)) return 1;
  RT_(rt_copy)(n * k, B, X);
  RT_(rt_lower_in_place)(n, k, A, 0, X);
  return 0;
}

static inline int RT_(rt_solve_lower_t)(int64_t n, int64_t k, const RT_T *A, const RT_T *B,
                                        RT_T *X) {
  if (RT_(rt_zero_pivot)(n, A)) return 1;
  RT_(rt_copy)(n * k, B, X);
  RT_(rt_lower_t_in_place)(n, k, A, 0, X);
  return 0;
}

static inline int RT_(rt_solve_upper)(int64_t n, int64_t k, const RT_T *A, const RT_T *B, RT_T *X) {
  if (RT_(rt_zero_pivot)(n, A)) return 1;
  RT_(rt_copy)(n * k, B, X);
  RT_(rt_upper_in_place)(n, k, A, X);
  return 0;
}

static inline int RT_(rt_solve_upper_t)(int64_t n, int64_t k, const RT_T *A, const RT_T *B,
                                        RT_T *X) {
  if (RT_(rt_zero_pivot)(n, A)) return 1;
  RT_(rt_copy)(n * k, B, X);
  RT_(rt_upper_t_in_place)(n, k, A, X);
  return 0;
}

/* A X = B with A = L L'; A itself is not read. */
static inline int RT_(rt_solve_positive)(int64_t n, int64_t k, const RT_T *A, const RT_T *L,
                                         const RT_T *B, RT_T *X) {
  (void)A;
  RT_(rt_copy)(n * k, B, X);
  RT_(rt_lower_in_place)(n, k, L, 0, X);
  RT_(rt_lower_t_in_place)(n, k, L, 0, X);
  return 0;
}

#endif
