/*
** rt_lapack.h: factorizations of large matrices by LAPACK, for models that ask for it, and for
** rt_large.h
**
**   row-major A {m, n} is column-major A' {n, m}:   A' = V S U'
**
** LAPACK is fenced: what is not finite never reaches it (gesdd may hang on an infinity), and what
** it returns is looked at. A program that uses this needs liblapack; its bits are those of that
** library. Debian's libopenblas-serial-dev has no threads of its own.
*/
#ifndef RT_LAPACK_H
#define RT_LAPACK_H
#include "rt_rows.h"
#define RT_TEXT "rt_lapack.h"
#include "rt_each_float.h"

#elif defined(RT_T)

#if RT_WIDE == 16
#define RT_LA(name) s##name##_
#else
#define RT_LA(name) d##name##_
#endif

void RT_LA(gesdd)(const char *job, const int *m, const int *n, RT_T *A, const int *lda, RT_T *S,
                  RT_T *U, const int *ldu, RT_T *Vt, const int *ldvt, RT_T *work, const int *lwork,
                  int *iwork, int *info, size_t);
void RT_LA(syevd)(const char *job, const char *half, const int *n, RT_T *A, const int *lda, RT_T *w,
                  RT_T *work, const int *lwork, int *iwork, const int *liwork, int *info, size_t,
                  size_t);
void RT_LA(potrf)(const char *half, const int *n, RT_T *A, const int *lda, int *info, size_t);
void RT_LA(getrf)(const int *m, const int *n, RT_T *A, const int *lda, int *pivot, int *info);
void RT_LA(geqrf)(const int *m, const int *n, RT_T *A, const int *lda, RT_T *tau, RT_T *work,
                  const int *lwork, int *info);
void RT_LA(orgqr)(const int *m, const int *n, const int *k, RT_T *A, const int *lda,
                  const RT_T *tau, RT_T *work, const int *lwork, int *info);

/* U {m, n}, S {n}, Vh {n, n} of A {m, n}, m >= n; U and Vh NULL: values alone. iwork: 8 n; work:
** m n + 4 n n + 80 n + 64 m + 1. 1: no convergence, 2: m < n, 3: not finite. */
static inline int RT_(rt_lapack_gesdd)(int64_t m, int64_t n, const RT_T *A, RT_T *U, RT_T *S,
                                       RT_T *Vh, int32_t *iwork, RT_T *work) {
  const int rows = (int)n, columns = (int)m, lwork = (int)(4 * n * n + 80 * n + 64 * m + 1);
  const int one = 1;
  RT_T *B = work, none[1];
  int info = 0;
  if (m < n) return 2;
  if (m > 1000000000 / (n + 1)) return 1;
  if (RT_(rt_row_span)(m * n, A) * 0 != 0) return 3;
  for (int64_t i = 0; i < m * n; i++) B[i] = A[i];
  if (n > 0)
    RT_LA(gesdd)(U ? "S" : "N", &rows, &columns, B, &rows, S, U ? Vh : none, U ? &rows : &one,
                 U ? U : none, U ? &rows : &one, B + m * n, &lwork, iwork, &info, 1);
  return info != 0 || RT_(rt_row_span)(n, S) * 0 != 0;
}

static inline int RT_(rt_lapack_svd)(int64_t m, int64_t n, const RT_T *A, RT_T *U, RT_T *S,
                                     RT_T *Vh, int32_t *iwork, RT_T *work) {
  return RT_(rt_lapack_gesdd)(m, n, A, U, S, Vh, iwork, work);
}

static inline int RT_(rt_lapack_svdvals)(int64_t m, int64_t n, const RT_T *A, RT_T *S,
                                         int32_t *iwork, RT_T *work) {
  return RT_(rt_lapack_gesdd)(m, n, A, NULL, S, NULL, iwork, work);
}

/* Copies the lower triangle of A {n, n}. 1: it is not finite. */
static inline int RT_(rt_lapack_lower)(int64_t n, const RT_T *A, RT_T *B) {
  for (int64_t i = 0; i < n; i++) {
    if (RT_(rt_row_span)(i + 1, A + i * n) * 0 != 0) return 1;
    for (int64_t j = 0; j < n; j++) B[i * n + j] = j <= i ? A[i * n + j] : 0;
  }
  return 0;
}

/* w {n} ascending, V {n, n} of the lower triangle of A {n, n}; iwork: 5 n + 3; work: 3 n n + 70 n +
** 1. 1: no convergence; 2: not finite. */
static inline int RT_(rt_lapack_eigh)(int64_t n, const RT_T *A, RT_T *w, RT_T *V, int32_t *iwork,
                                      RT_T *work) {
  const int size = (int)n, lwork = (int)(2 * n * n + 70 * n + 1), liwork = (int)(5 * n + 3);
  RT_T *B = work;
  int info = 0;
  if (RT_(rt_lapack_lower)(n, A, B)) return 2;
  if (n > 0)
    RT_LA(syevd)("V", "U", &size, B, &size, w, B + n * n, &lwork, iwork, &liwork, &info, 1, 1);
  if (info != 0 || RT_(rt_row_span)(n, w) * 0 != 0) return 1;
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++) V[i * n + j] = B[j * n + i];
  return 0;
}

/* w {n} ascending of the lower triangle of A {n, n}; as above. */
static inline int RT_(rt_lapack_eigvalsh)(int64_t n, const RT_T *A, RT_T *w, int32_t *iwork,
                                          RT_T *work) {
  const int size = (int)n, lwork = (int)(2 * n * n + 70 * n + 1), liwork = (int)(5 * n + 3);
  int info = 0;
  if (RT_(rt_lapack_lower)(n, A, work)) return 2;
  if (n > 0)
    RT_LA(syevd)
    ("N", "U", &size, work, &size, w, work + n * n, &lwork, iwork, &liwork, &info, 1, 1);
  return info != 0 || RT_(rt_row_span)(n, w) * 0 != 0;
}

/* B {n, m} = A' of A {m, n}, by tiles. */
static inline void RT_(rt_lapack_turn)(int64_t m, int64_t n, const RT_T *A, RT_T *B) {
  for (int64_t p = 0; p < m; p += 16)
    for (int64_t q = 0; q < n; q += 16)
      for (int64_t i = p; i < m && i < p + 16; i++)
        for (int64_t j = q; j < n && j < q + 16; j++) B[j * m + i] = A[i * n + j];
}

/* LU {m, n} and perm {m} of A {m, n}, as rt_lu.h has them, which also looks whether A is singular
** or not finite: what is not finite is not factored, and LU holds NaN. iwork: min(m, n); work: m
** n. */
static inline int RT_(rt_lapack_lu)(int64_t m, int64_t n, const RT_T *A, RT_T *LU, int32_t *perm,
                                    int32_t *iwork, RT_T *work) {
  const int rows = (int)m, columns = (int)n;
  int info = 0;
  for (int64_t i = 0; i < m; i++) perm[i] = (int32_t)i;
  if (m == 0 || n == 0) return 0;
  if (RT_(rt_row_span)(m * n, A) * 0 != 0) {
    for (int64_t i = 0; i < m * n; i++) LU[i] = (RT_T)RT_NAN_F64;
    return 0;
  }
  RT_(rt_lapack_turn)(m, n, A, work);
  RT_LA(getrf)(&rows, &columns, work, &rows, iwork, &info);
  for (int64_t i = 0; i < (m < n ? m : n); i++) {
    const int32_t p = perm[i];
    perm[i] = perm[iwork[i] - 1], perm[iwork[i] - 1] = p;
  }
  RT_(rt_lapack_turn)(n, m, work, LU);
  return 0;
}

/* Q {m, n} and R {n, n} of A {m, n}, m >= n; work: m n + 66 n. 1: m < n; 2: not finite. */
static inline int RT_(rt_lapack_qr)(int64_t m, int64_t n, const RT_T *A, RT_T *Q, RT_T *R,
                                    RT_T *work) {
  const int rows = (int)m, columns = (int)n, lwork = (int)(64 * n + 1);
  RT_T *B = work, *tau = B + m * n, *more = tau + n;
  int info = 0;
  if (m < n) return 1;
  if (RT_(rt_row_span)(m * n, A) * 0 != 0) return 2;
  if (n == 0) return 0;
  RT_(rt_lapack_turn)(m, n, A, B);
  RT_LA(geqrf)(&rows, &columns, B, &rows, tau, more, &lwork, &info);
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++) R[i * n + j] = j < i ? 0 : B[j * m + i];
  RT_LA(orgqr)(&rows, &columns, &columns, B, &rows, tau, more, &lwork, &info);
  RT_(rt_lapack_turn)(n, m, B, Q);
  return 0;
}

/* L {n, n} of the lower triangle of A {n, n}. 1: not positive definite, or not finite. */
static inline int RT_(rt_lapack_cholesky)(int64_t n, const RT_T *A, RT_T *L) {
  const int size = (int)n;
  int info = 0;
  if (RT_(rt_lapack_lower)(n, A, L)) return 1;
  if (n > 0) RT_LA(potrf)("U", &size, L, &size, &info, 1);
  if (info != 0) return 1;
  for (int64_t i = 0; i < n; i++)
    if (!(L[i * n + i] > 0) || L[i * n + i] * 0 != 0) return 1;
  return 0;
}

#undef RT_LA
#endif
