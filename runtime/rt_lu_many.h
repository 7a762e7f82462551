/*
** rt_lu_many.h: what rt_lu.h has, for many small matrices side by side (rt_many.h)
**
** Each takes how many items there are, at most rt_many, the sizes, and after each argument how far
** apart its items are (0: it is one for all); results are dense. One item is left to the kernel of
** one.
*/
#ifndef RT_LU_MANY_H
#define RT_LU_MANY_H
#include "rt_cofactor.h"
#include "rt_many.h"
#define RT_TEXT "rt_lu_many.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* Exchanges rows x and y of n numbers in the lanes of the mask. */
RT_FN void RT_(rt_many_exchange)(int64_t n, const RT_(rt_mask) *mask, RT_(rt_lanes) *x,
                                    RT_(rt_lanes) *y) {
  for (int64_t j = 0; j < n; j++) {
    const RT_(rt_lanes) a = x[j], b = y[j];
    x[j] = RT_(rt_many_pick)(mask, &b, &a), y[j] = RT_(rt_many_pick)(mask, &a, &b);
  }
}

/* Brings the largest number of column k from row k on to row k, in each lane. */
RT_FN void RT_(rt_many_pivot)(int64_t m, int64_t n, int64_t k, RT_(rt_lanes) * F,
                              RT_(rt_mask) * perm) {
  RT_(rt_lanes) best = RT_(rt_many_abs)(&F[k * n + k]);
  RT_(rt_mask) at = (RT_(rt_mask)){0} + (int)k;
  for (int64_t i = k + 1; i < m; i++) {
    const RT_(rt_lanes) a = RT_(rt_many_abs)(&F[i * n + k]);
    const RT_(rt_mask) more = (RT_(rt_mask))(a > best);
    best = RT_(rt_many_pick)(&more, &a, &best);
    at = (more & (int)i) | (~more & at);
  }
  for (int64_t i = k + 1; i < m; i++) {
    const RT_(rt_mask) here = (RT_(rt_mask))(at == (int)i), p = perm[k], q = perm[i];
    if (!RT_(rt_many_any)(&here)) continue;
    RT_(rt_many_exchange)(n, &here, F + k * n, F + i * n);
    perm[k] = (q & here) | (p & ~here), perm[i] = (p & here) | (q & ~here);
  }
}

static inline int RT_(rt_lu_many)(int count, int64_t m, int64_t n, const RT_T *A, int64_t A_step,
                                  RT_T *LU, int32_t *perm, RT_T *work) {
  if (count == 1) return RT_(rt_lu)(m, n, A, LU, perm, work);
  RT_(rt_lanes) F[RT_MANY_MOST * RT_MANY_MOST];
  RT_(rt_mask) P[RT_MANY_MOST];
  RT_(rt_many_take)(count, m * n, A, A_step, F);
  for (int64_t i = 0; i < m; i++) P[i] = (RT_(rt_mask)){0} + (int)i;
  for (int64_t k = 0; k < (m < n ? m : n); k++) {
    RT_(rt_many_pivot)(m, n, k, F, P);
    const RT_(rt_lanes) *top = F + k * n, pivot = top[k];
    const RT_(rt_mask) some = (RT_(rt_mask))(pivot != 0);
    for (int64_t i = k + 1; i < m; i++) {
      RT_(rt_lanes) *row = F + i * n;
      const RT_(rt_lanes) part = row[k] / pivot;
      row[k] = RT_(rt_many_pick)(&some, &part, &row[k]);
      const RT_(rt_lanes) by = -row[k];
      for (int64_t j = k + 1; j < n; j++) RT_(rt_many_fma)(&row[j], &by, &top[j]);
    }
  }
  RT_(rt_many_give)(count, m * n, F, LU);
  for (int l = 0; l < count; l++)
    for (int64_t i = 0; i < m; i++) perm[l * m + i] = (int32_t)P[i][l];
  return 0;
}

/* What rt_lu_singular says of the items, the worst of it; F: room for n n vectors. Where every
** pivot is large beside all of A, so it is beside its row. */
static inline int RT_(rt_lu_singular_many)(int count, int64_t n, const RT_T *A, int64_t A_step,
                                           const RT_T *LU, int64_t LU_step, const int32_t *perm,
                                           int64_t perm_step, RT_(rt_lanes) *F) {
  RT_(rt_lanes) size = {0}, odd = {0};
  RT_(rt_mask) good;
  RT_(rt_many_take)(count, n * n, A, A_step, F);
  for (int64_t i = 0; i < n * n; i++) {
    const RT_(rt_lanes) a = RT_(rt_many_abs)(&F[i]);
    const RT_(rt_mask) more = (RT_(rt_mask))(a > size);
    size = RT_(rt_many_pick)(&more, &a, &size);
    odd += a * 0;
  }
  good = (RT_(rt_mask))(odd == 0);
  RT_(rt_many_take)(count, n * n, LU, LU_step, F);
  for (int64_t k = 0; k < n; k++)
    good &= (RT_(rt_mask))(RT_(rt_many_abs)(&F[k * n + k]) > RT_EPS * (RT_T)n * size);
  int worst = 0;
  for (int l = 0; l < count; l++) {
    const int status = good[l] ? 0 : RT_(rt_lu_singular)(n, A + l * A_step, LU + l * LU_step,
                                                         perm + l * perm_step);
    if (status > worst) worst = status;
  }
  return worst;
}

static inline int RT_(rt_lu_solve_many)(int count, int64_t n, int64_t k, const RT_T *A,
                                        int64_t A_step, const RT_T *LU, int64_t LU_step,
                                        const int32_t *perm, int64_t perm_step, const RT_T *B,
                                        int64_t B_step, RT_T *X) {
  if (count == 1) return RT_(rt_lu_solve)(n, k, A, LU, perm, B, X);
  RT_(rt_lanes) F[RT_MANY_MOST * RT_MANY_MOST], Y[RT_MANY_MOST * RT_MANY_MOST];
  const int status = RT_(rt_lu_singular_many)(count, n, A, A_step, LU, LU_step, perm, perm_step, F);
  RT_T *y = (RT_T *)Y;
  for (int64_t i = 0; i < n * k; i++) Y[i] = (RT_(rt_lanes)){0};
  for (int l = 0; l < count; l++)
    for (int64_t i = 0; i < n; i++)
      for (int64_t c = 0; c < k; c++)
        y[(i * k + c) * RT_(rt_many) + l] = B[l * B_step + perm[l * perm_step + i] * k + c];
  RT_(rt_many_triangle)(RT_LOWER, n, k, F, true, Y);
  RT_(rt_many_triangle)(RT_UPPER, n, k, F, false, Y);
  RT_(rt_many_give)(count, n * k, Y, X);
  return status;
}

/* X {n, k} of each item: its rows at those that perm says. */
RT_FN void RT_(rt_many_give_rows)(int count, int64_t n, int64_t k, const RT_(rt_lanes) *Y,
                                  const int32_t *perm, int64_t perm_step, RT_T *X) {
  const RT_T *y = (const RT_T *)Y;
  for (int l = 0; l < count; l++)
    for (int64_t i = 0; i < n; i++)
      for (int64_t c = 0; c < k; c++)
        X[(l * n + perm[l * perm_step + i]) * k + c] = y[(i * k + c) * RT_(rt_many) + l];
}

static inline int RT_(rt_lu_solve_t_many)(int count, int64_t n, int64_t k, const RT_T *A,
                                          int64_t A_step, const RT_T *LU, int64_t LU_step,
                                          const int32_t *perm, int64_t perm_step, const RT_T *B,
                                          int64_t B_step, RT_T *X, RT_T *work) {
  if (count == 1) return RT_(rt_lu_solve_t)(n, k, A, LU, perm, B, X, work);
  RT_(rt_lanes) F[RT_MANY_MOST * RT_MANY_MOST], Y[RT_MANY_MOST * RT_MANY_MOST];
  const int status = RT_(rt_lu_singular_many)(count, n, A, A_step, LU, LU_step, perm, perm_step, F);
  RT_(rt_many_take)(count, n * k, B, B_step, Y);
  RT_(rt_many_triangle)(RT_UPPER_T, n, k, F, false, Y);
  RT_(rt_many_triangle)(RT_LOWER_T, n, k, F, true, Y);
  RT_(rt_many_give_rows)(count, n, k, Y, perm, perm_step, X);
  return status;
}

/* The signs of the permutations: how many pairs stand the other way round is odd or even. */
RT_FN RT_(rt_lanes) RT_(rt_many_sign)(int count, int64_t n, const int32_t *perm, int64_t step) {
  RT_(rt_mask) P[RT_MANY_MOST] = {0}, odd = {0};
  for (int l = 0; l < count; l++)
    for (int64_t i = 0; i < n; i++) P[i][l] = perm[l * step + i];
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = i + 1; j < n; j++) odd ^= (RT_(rt_mask))(P[i] > P[j]);
  const RT_(rt_lanes) one = (RT_(rt_lanes)){0} + 1, other = -one;
  return RT_(rt_many_pick)(&odd, &other, &one);
}

/* The diagonal of each of the items {n, n}. */
RT_FN void RT_(rt_many_diagonal)(int count, int64_t n, const RT_T *A, int64_t step,
                                 RT_(rt_lanes) * d) {
  RT_T *to = (RT_T *)d;
  for (int64_t i = 0; i < n; i++) d[i] = (RT_(rt_lanes)){0};
  for (int l = 0; l < count; l++)
    for (int64_t i = 0; i < n; i++) to[i * RT_(rt_many) + l] = A[l * step + i * (n + 1)];
}

static inline int RT_(rt_det_many)(int count, int64_t n, const RT_T *A, int64_t A_step,
                                   const RT_T *LU, int64_t LU_step, const int32_t *perm,
                                   int64_t perm_step, RT_T *d) {
  if (count == 1) return RT_(rt_det)(n, A, LU, perm, d);
  (void)A_step;
  RT_(rt_lanes) u[RT_MANY_MOST], product = RT_(rt_many_sign)(count, n, perm, perm_step);
  RT_(rt_many_diagonal)(count, n, LU, LU_step, u);
  for (int64_t i = 0; i < n; i++) product *= u[i];
  RT_(rt_many_give)(count, 1, &product, d);
  return 0;
}

static inline int RT_(rt_slogdet_many)(int count, int64_t n, const RT_T *A, int64_t A_step,
                                       const RT_T *LU, int64_t LU_step, const int32_t *perm,
                                       int64_t perm_step, RT_T *sign, RT_T *logabs) {
  if (count == 1) return RT_(rt_slogdet)(n, A, LU, perm, sign, logabs);
  (void)A_step;
  RT_(rt_lanes) u[RT_MANY_MOST], s = RT_(rt_many_sign)(count, n, perm, perm_step), sum = {0};
  const RT_(rt_lanes) one = (RT_(rt_lanes)){0} + 1, other = -one;
  RT_(rt_many_diagonal)(count, n, LU, LU_step, u);
  for (int64_t i = 0; i < n; i++) {
    RT_T log[RT_(rt_many)];
    const RT_(rt_mask) up = (RT_(rt_mask))(u[i] > 0), down = (RT_(rt_mask))(u[i] < 0);
    RT_(rt_lanes) by = RT_(rt_many_pick)(&down, &other, &u[i]);
    s *= RT_(rt_many_pick)(&up, &one, &by);
    by = RT_(rt_many_abs)(&u[i]);
    memcpy(log, &by, sizeof log);
#pragma omp simd
    for (int l = 0; l < RT_(rt_many); l++) log[l] = RT_(rt_log)(log[l]);
    memcpy(&by, log, sizeof log);
    sum += by;
  }
  RT_(rt_many_give)(count, 1, &s, sign);
  RT_(rt_many_give)(count, 1, &sum, logabs);
  return 0;
}

/* Y = W', W = adj(U) of the upper triangle of F (rt_cofactor.h), by `sign`. */
RT_FN void RT_(rt_many_adjugate)(int64_t n, const RT_(rt_lanes) *F, const RT_(rt_lanes) *sign,
                                 RT_(rt_lanes) *Y) {
  RT_(rt_lanes) det = (RT_(rt_lanes)){0} + 1;
  for (int64_t i = 0; i < n * n; i++) Y[i] = (RT_(rt_lanes)){0};
  for (int64_t k = 0; k < n; k++) {
    const RT_(rt_lanes) u = F[k * n + k];
    for (int64_t i = 0; i < k; i++) {
      RT_(rt_lanes) sum = {0};
      for (int64_t j = i; j < k; j++) RT_(rt_many_fma)(&sum, &Y[j * n + i], &F[j * n + k]);
      for (int64_t j = i; j < k; j++) Y[j * n + i] *= u;
      Y[k * n + i] = -sum;
    }
    Y[k * n + k] = det;
    det *= u;
  }
  for (int64_t i = 0; i < n * n; i++) Y[i] = *sign * Y[i];
}

static inline int RT_(rt_cofactor_many)(int count, int64_t n, const RT_T *A, int64_t A_step,
                                        const RT_T *LU, int64_t LU_step, const int32_t *perm,
                                        int64_t perm_step, RT_T *C, RT_T *work) {
  if (count == 1) return RT_(rt_cofactor)(n, A, LU, perm, C, work);
  (void)A_step;
  RT_(rt_lanes) F[RT_MANY_MOST * RT_MANY_MOST], Y[RT_MANY_MOST * RT_MANY_MOST];
  RT_(rt_many_take)(count, n * n, LU, LU_step, F);
  const RT_(rt_lanes) sign = RT_(rt_many_sign)(count, n, perm, perm_step);
  RT_(rt_many_adjugate)(n, F, &sign, Y);
  RT_(rt_many_triangle)(RT_LOWER_T, n, n, F, true, Y);
  RT_(rt_many_give_rows)(count, n, n, Y, perm, perm_step, C);
  return 0;
}

#endif
