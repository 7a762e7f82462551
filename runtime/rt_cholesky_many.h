/*
** rt_cholesky_many.h: what rt_cholesky.h has, for many small matrices side by side (rt_many.h)
**
** Arguments are those of rt_lu_many.h: how many items, sizes, how far apart the items of an
** argument are.
*/
#ifndef RT_CHOLESKY_MANY_H
#define RT_CHOLESKY_MANY_H
#include "rt_cholesky.h"
#include "rt_many.h"
#define RT_SOLVE_MANY(name, which)                                                                 \
  static inline int RT_(name##_many)(int count, int64_t n, int64_t k, const RT_T *A,               \
                                     int64_t A_step, const RT_T *B, int64_t B_step, RT_T *X) {     \
    if (count == 1) return RT_(name)(n, k, A, B, X);                                               \
    return RT_(rt_solve_triangle_many)(which, count, n, k, A, A_step, B, B_step, X);               \
  }
#define RT_TEXT "rt_cholesky_many.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* Column j of `rows` rows, at most 4 and a constant, from row i on, less what the columns before it
** give. */
RT_FN void RT_(rt_many_column)(const int rows, int64_t n, int64_t j, RT_(rt_lanes) *F, int64_t i) {
  RT_(rt_lanes) rest[4] = {{0}};
  RT_UNROLL
  for (int r = 0; r < rows; r++) rest[r] = F[(i + r) * n + j];
  for (int64_t p = 0; p < j; p++) {
    const RT_(rt_lanes) by = -F[j * n + p];
    RT_UNROLL
    for (int r = 0; r < rows; r++) RT_(rt_many_fma)(&rest[r], &F[(i + r) * n + p], &by);
  }
  RT_UNROLL
  for (int r = 0; r < rows; r++) F[(i + r) * n + j] = rest[r];
}

/* 1: an item is not positive definite, or not finite. */
static inline int RT_(rt_cholesky_many)(int count, int64_t n, const RT_T *A, int64_t A_step,
                                        RT_T *L) {
  if (count == 1) return RT_(rt_cholesky)(n, A, L);
  RT_(rt_lanes) F[RT_MANY_MOST * RT_MANY_MOST];
  RT_(rt_mask) good = ~(RT_(rt_mask)){0};
  RT_(rt_many_take)(count, n * n, A, A_step, F);
  for (int64_t j = 0; j < n; j++) {
    RT_(rt_lanes) *row = F + j * n;
    int64_t i = j;
    for (; i + 4 <= n; i += 4) RT_(rt_many_column)(4, n, j, F, i);
    for (; i < n; i++) RT_(rt_many_column)(1, n, j, F, i);
    RT_(rt_lanes) d = row[j];
    good &= (RT_(rt_mask))(d > 0) & (RT_(rt_mask))(d * 0 == 0);
    for (int l = 0; l < RT_(rt_many); l++) d[l] = RT_(rt_sqrt)(d[l]);
    row[j] = d;
    for (i = j + 1; i < n; i++) F[i * n + j] /= d, row[i] = (RT_(rt_lanes)){0};
  }
  RT_(rt_many_give)(count, n * n, F, L);
  for (int l = 0; l < count; l++)
    if (!good[l]) return 1;
  return 0;
}

static inline int RT_(rt_solve_positive_many)(int count, int64_t n, int64_t k, const RT_T *A,
                                              int64_t A_step, const RT_T *L, int64_t L_step,
                                              const RT_T *B, int64_t B_step, RT_T *X) {
  if (count == 1) return RT_(rt_solve_positive)(n, k, A, L, B, X);
  (void)A_step;
  RT_(rt_lanes) F[RT_MANY_MOST * RT_MANY_MOST], Y[RT_MANY_MOST * RT_MANY_MOST];
  RT_(rt_many_take)(count, n * n, L, L_step, F);
  RT_(rt_many_take)(count, n * k, B, B_step, Y);
  RT_(rt_many_triangle)(RT_LOWER, n, k, F, false, Y);
  RT_(rt_many_triangle)(RT_LOWER_T, n, k, F, false, Y);
  RT_(rt_many_give)(count, n * k, Y, X);
  return 0;
}

/* A triangle's X; 1: a zero on a diagonal. */
static inline int RT_(rt_solve_triangle_many)(rt_triangle which, int count, int64_t n, int64_t k,
                                              const RT_T *A, int64_t A_step, const RT_T *B,
                                              int64_t B_step, RT_T *X) {
  RT_(rt_lanes) F[RT_MANY_MOST * RT_MANY_MOST], Y[RT_MANY_MOST * RT_MANY_MOST];
  RT_(rt_mask) zero = {0};
  RT_(rt_many_take)(count, n * n, A, A_step, F);
  RT_(rt_many_take)(count, n * k, B, B_step, Y);
  for (int64_t i = 0; i < n; i++) zero |= (RT_(rt_mask))(F[i * n + i] == 0);
  RT_(rt_many_triangle)(which, n, k, F, false, Y);
  RT_(rt_many_give)(count, n * k, Y, X);
  for (int l = 0; l < count; l++)
    if (zero[l]) return 1;
  return 0;
}

RT_SOLVE_MANY(rt_solve_lower, RT_LOWER)
RT_SOLVE_MANY(rt_solve_lower_t, RT_LOWER_T)
RT_SOLVE_MANY(rt_solve_upper, RT_UPPER)
RT_SOLVE_MANY(rt_solve_upper_t, RT_UPPER_T)

#endif
