/*
** rt_krylov.h: whether an iterative solver has converged
*/
#ifndef RT_KRYLOV_H
#define RT_KRYLOV_H
#include "rt_rows.h"
#define RT_TEXT "rt_krylov.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* y = x {n}, of a solver that ended with |r| = r and should be below `most`. 1: it is not; 2: a
** direction p with p'Ap <= 0 was met, as flagged, so the matrix is not positive definite; 3: r is
** NaN, or is not below `most` and x is not finite; 4: A is not linear, as a negative flag says. */
static inline int RT_(rt_converged)(int64_t n, const RT_T *x, const RT_T *r, const RT_T *most,
                                    const RT_T *flag, RT_T *y) {
  for (int64_t i = 0; i < n; i++) y[i] = x[i];
  if (*flag < 0) return 4;
  if (*r != *r) return 3;
  if (*flag != 0) return 2;
  if (*r <= *most) return 0;
  for (int64_t i = 0; i < n; i++)
    if (x[i] - x[i] != 0) return 3;
  return 1;
}

#endif
