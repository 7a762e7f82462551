/*
** rt_qr.h: A = Q R by Householder reflections, for at least as many rows as columns
**
** R is upper triangular, Q has orthonormal columns. Signs are LAPACK's: the diagonal of R is minus
** the sign of what stood there, or what stood there where a column needs no reflection.
** (Golub and Van Loan, Matrix Computations, algorithm 5.2.1.) Of many rows, blocks of reflections are
** applied together:
**
**   H1 H2 .. = I - V' T V      V's rows the reflections, T upper triangular
**
** (Schreiber and Van Loan, SIAM J. Sci. Stat. Comput. 10, 1989.)
*/
#ifndef RT_QR_H
#define RT_QR_H
#include "rt_block.h"
#define RT_TEXT "rt_qr.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* Reflects columns k .. end - 1 of B {m, n}: V's rows k .. end - 1 {m} become the reflections, T {end -
** k, 32} their factor, R its part of R. */
static inline void RT_(rt_qr_columns)(int64_t m, int64_t n, int64_t k, int64_t end, const RT_T *B,
                                      RT_T *V, RT_T *T, RT_T *R) {
  RT_(rt_turn)(V + k * m + k, m, B + k * n + k, n, (int)(m - k), (int)(m - k), (int)(end - k));
  for (int64_t j = k; j < end; j++) {
    RT_T *row = V + j * m, *v = row + j, z[RT_BLOCK];
    const RT_T tau = RT_(rt_reflector)(m - j, v, 1);
    for (int64_t i = k; i <= j; i++) R[i * n + j] = row[i];
    for (int64_t i = 0; i < j; i++) row[i] = 0;
    v[0] = 1;
    for (int64_t c = j + 1; c < end; c++)
      RT_(rt_row_add)(m - j, -tau * RT_(rt_row_dot)(m - j, v, V + c * m + j), v, V + c * m + j);
    for (int64_t p = k; p < j; p++) z[p - k] = RT_(rt_row_dot)(m - j, v, V + p * m + j);
    for (int64_t i = 0; i < j - k; i++)
      T[i * RT_BLOCK + j - k] = -tau * RT_(rt_row_dot)(j - k - i, T + i * RT_BLOCK + i, z + i);
    T[(j - k) * RT_BLOCK + j - k] = tau;
  }
}

/* A = (I - V' T V) A, or with T', of `many` reflections V {many, m} from row 0 of A {m, n} on, whose
** rows are `step` apart; W {many, n}. */
static inline void RT_(rt_qr_reflect)(int64_t m, int64_t n, int64_t many, const RT_T *V,
                                      int64_t down, const RT_T *T, bool turned, RT_T *A,
                                      int64_t step, RT_T *W) {
  for (int64_t i = 0; i < many * n; i++) W[i] = 0;
  RT_(rt_block_subtract)(many, n, m, V, down, 1, A, step, W, n);
  for (int64_t k = 0; k < many; k++) {
    const int64_t i = turned ? many - 1 - k : k;
    const RT_T *t = T + i * RT_BLOCK + i;
    for (int64_t j = 0; j < n; j++) W[i * n + j] *= -*t;
    if (turned) RT_(rt_block_row)(n, i, T + i, RT_BLOCK, W, n, W + i * n);
    else RT_(rt_block_row)(n, many - 1 - i, t + 1, 1, W + (i + 1) * n, n, W + i * n);
  }
  RT_(rt_block_subtract)(m, n, many, V, 1, down, W, n, A, step);
}

/* Q and R by blocks; Q holds what is left of A meanwhile. work: m n + 64 n. */
static inline void RT_(rt_qr_blocks)(int64_t m, int64_t n, RT_T *Q, RT_T *R, RT_T *work) {
  RT_T *V = work, *T = V + m * n, *W = T + RT_BLOCK * n;
  for (int64_t i = 0; i < n * n; i++) R[i] = 0;
  for (int64_t k = 0, end; k < n; k = end) {
    end = k + RT_BLOCK < n ? k + RT_BLOCK : n;
    RT_(rt_qr_columns)(m, n, k, end, Q, V, T + k * RT_BLOCK, R);
    RT_(rt_qr_reflect)
    (m - k, n - end, end - k, V + k * m + k, m, T + k * RT_BLOCK, true, Q + k * n + end, n, W);
    for (int64_t i = k; i < end; i++)
      for (int64_t j = end; j < n; j++) R[i * n + j] = Q[i * n + j];
  }
  RT_(rt_row_eye)(m, n, Q);
  for (int64_t k = (n - 1) / RT_BLOCK * RT_BLOCK; k >= 0; k -= RT_BLOCK)
    RT_(rt_qr_reflect)
    (m - k, n - k, n - k < RT_BLOCK ? n - k : RT_BLOCK, V + k * m + k, m, T + k * RT_BLOCK, false,
     Q + k * n + k, n, W);
}

/* Q {m, n} and R {n, n} of A {m, n}, m >= n; work: m n + 64 n. 1: m < n,
** 2: not finite. */
static inline int RT_(rt_qr)(int64_t m, int64_t n, const RT_T *A, RT_T *Q, RT_T *R, RT_T *work) {
  const bool blocks = m > RT_BLOCK && (m >= 48 || 2 * n <= m);
  RT_T *B = blocks ? Q : work, *tau = work + m * n;
  if (m < n) return 1;
  if (RT_(rt_row_span)(m * n, A) * 0 != 0) return 2;
  for (int64_t i = 0; i < m * n; i++) B[i] = A[i];
  if (blocks && n > 0) RT_(rt_qr_blocks)(m, n, Q, R, work);
  if (blocks) return 0;
  for (int64_t k = 0; k < n; k++) {
    RT_T *column = B + k * n + k;
    tau[k] = RT_(rt_reflector)(m - k, column, n);
    RT_(rt_reflect)(m - k, n - k - 1, tau[k], column, n, column + 1, n);
  }
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++) R[i * n + j] = j < i ? 0 : B[i * n + j];
  RT_(rt_row_eye)(m, n, Q);
  for (int64_t k = n - 1; k >= 0; k--)
    RT_(rt_reflect)(m - k, n - k, tau[k], B + k * n + k, n, Q + k * n + k, n);
  return 0;
}

#endif
