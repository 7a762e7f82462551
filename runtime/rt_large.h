/*
** rt_large.h: factorizations of large matrices: by LAPACK where the build has a fast one, else our
** own
**
**   -DRT_HAVE_LAPACK     and a link with OpenBLAS: the serial one has the same bits for any threads
**
** Both are fenced in the same way and have the same statuses and workspaces, LAPACK's; iwork is for
** LAPACK alone. The bits are those of the library. Without the flag nothing but a C compiler is
** needed.
*/
#ifndef RT_LARGE_H
#define RT_LARGE_H
#ifdef RT_HAVE_LAPACK
#include "rt_lapack.h"
#define RT_FACTOR(name) RT_(rt_lapack_##name)
#define RT_FACTOR_IWORK , iwork
#else
#include "rt_cholesky.h"
#include "rt_eigh.h"
#include "rt_svd.h"
#define RT_FACTOR(name) RT_(rt_##name)
#define RT_FACTOR_IWORK
#endif
#define RT_TEXT "rt_large.h"
#include "rt_each_float.h"

#elif defined(RT_T)

static inline int RT_(rt_large_svd)(int64_t m, int64_t n, const RT_T *A, RT_T *U, RT_T *S, RT_T *Vh,
                                    int32_t *iwork, RT_T *work) {
  (void)iwork;
  return RT_FACTOR(svd)(m, n, A, U, S, Vh RT_FACTOR_IWORK, work);
}

static inline int RT_(rt_large_svdvals)(int64_t m, int64_t n, const RT_T *A, RT_T *S,
                                        int32_t *iwork, RT_T *work) {
  (void)iwork;
  return RT_FACTOR(svdvals)(m, n, A, S RT_FACTOR_IWORK, work);
}

static inline int RT_(rt_large_eigh)(int64_t n, const RT_T *A, RT_T *w, RT_T *V, int32_t *iwork,
                                     RT_T *work) {
  (void)iwork;
  return RT_FACTOR(eigh)(n, A, w, V RT_FACTOR_IWORK, work);
}

static inline int RT_(rt_large_eigvalsh)(int64_t n, const RT_T *A, RT_T *w, int32_t *iwork,
                                         RT_T *work) {
  (void)iwork;
  return RT_FACTOR(eigvalsh)(n, A, w RT_FACTOR_IWORK, work);
}

static inline int RT_(rt_large_cholesky)(int64_t n, const RT_T *A, RT_T *L) {
  return RT_FACTOR(cholesky)(n, A, L);
}

#endif
