/*
** rt_gap.h: reciprocals of gaps between the values of a factorization, for its adjoint
**
**   Q[i, j] = 1 / D[i, j],  0 where D[i, j] is a tie
**
** At a tie the vectors are free to turn, and the derivative of a loss exists only if turning them
** leaves it as it is: then N[i, j], how it changes with the turn, is 0, and the cotangents of the
** tied values are equal. Otherwise there is a status, never a NaN.
*/
#ifndef RT_GAP_H
#define RT_GAP_H
#include "rt_rows.h"
#define RT_TEXT "rt_gap.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* Q {m, n} of D {m, n} beside the values s {k}, whose cotangents are t {k}; N {m, n} is judged by
** the largest of B {m, n}. D[i, j] is a tie within k + 8 roundings of the largest |s|. 1: a loss
** that depends on how tied vectors turn. */
static inline int RT_(rt_gap)(int64_t m, int64_t n, int64_t k, const RT_T *D, const RT_T *N,
                              const RT_T *B, const RT_T *s, const RT_T *t, RT_T *Q) {
  const RT_T tie = RT_EPS * (RT_T)(k + 8) * RT_(rt_row_largest)(k, s, 1);
  const RT_T size = RT_(rt_row_largest)(m * n, B, 1), slack = 64 * RT_(rt_sqrt)(RT_EPS);
  const RT_T most = slack * size, apart = slack * RT_(rt_row_largest)(k, t, 1);
  int status = 0;
#pragma omp simd reduction(| : status)
  for (int64_t i = 0; i < m * n; i++) {
    const RT_T d = D[i];
    const bool tied = RT_(rt_abs)(d) <= tie;
    Q[i] = tied ? 0 : 1 / d;
    status |= tied & (RT_(rt_abs)(N[i]) > most);
  }
  for (int64_t i = 0; m == k && n == k && size > 0 && i < m; i++)
    for (int64_t j = 0; j < n; j++)
      status |= (RT_(rt_abs)(D[i * n + j]) <= tie) & (RT_(rt_abs)(t[i] - t[j]) > apart);
  return status;
}

/* Y = Q {m, n}, reciprocals of gaps between the values s {k}. 1: one is of a near tie whose N,
** beside the largest of B, is small with the gap, as of a loss that turning hardly changes: terms
** of its second derivative then cancel to less than their rounding, which is that of N times Q
** squared. */
static inline int RT_(rt_near)(int64_t m, int64_t n, int64_t k, const RT_T *Q, const RT_T *N,
                               const RT_T *B, const RT_T *s, RT_T *Y) {
  const RT_T root = RT_(rt_sqrt)(RT_EPS), wide = 4 * root * RT_(rt_row_largest)(k, s, 1);
  const RT_T most = 64 * root * RT_(rt_row_largest)(m * n, B, 1);
  int status = 0;
  for (int64_t i = 0; i < m * n; i++) {
    Y[i] = Q[i];
    const RT_T size = RT_(rt_abs)(N[i]);
    if (RT_(rt_abs)(Q[i]) * wide > 1 && size > 0 && size <= most) status = 1;
  }
  return status;
}

/* Y = R {n, n}. 1: the triangular R is not of full rank beside its largest diagonal element. */
static inline int RT_(rt_full_rank)(int64_t n, const RT_T *R, RT_T *Y) {
  const RT_T least = RT_EPS * (RT_T)(n + 8) * RT_(rt_row_largest)(n, R, n + 1);
  int status = 0;
  for (int64_t i = 0; i < n * n; i++) Y[i] = R[i];
  for (int64_t i = 0; i < n; i++) status |= RT_(rt_abs)(R[i * n + i]) <= least;
  return status;
}

#endif
