/*
** rt_qr.h: A = Q R by Householder reflections, for at least as many rows as columns
**
** R is upper triangular, Q has orthonormal columns. Signs are LAPACK's: the diagonal of R is minus
** the sign of what stood there, or what stood there where a column needs no reflection.
** (Golub and Van Loan, Matrix Computations, algorithm 5.2.1.)
*/
#ifndef RT_QR_H
#define RT_QR_H
#include "rt_rows.h"
#define RT_TEXT "rt_qr.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* Q {m, n} and R {n, n} of A {m, n}, m >= n; work: m n + n. 1: m < n,
** 2: not finite. */
static inline int RT_(rt_qr)(int64_t m, int64_t n, const RT_T *A, RT_T *Q, RT_T *R, RT_T *work) {
  RT_T *B = work, *tau = B + m * n;
  if (m < n) return 1;
  if (RT_(rt_row_span)(m * n, A) * 0 != 0) return 2;
  for (int64_t i = 0; i < m * n; i++) B[i] = A[i];
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
