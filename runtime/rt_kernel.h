/*
** rt_kernel.h: what emitted kernels include: index helpers, lane sums, vectors
**
** Floating-point reductions run over a fixed number of lanes, 16 of f32 or 8 of f64, whatever the
** target's vectors, and end in a fixed tree, so their bits depend neither on the compiler nor on
** the machine: rt_sum_f32(lane) adds 16 lanes as ((0+8)+(4+12)) + ...
*/
#ifndef RT_KERNEL_H
#define RT_KERNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include "rt_math.h"

#if !defined(_OPENMP) && defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunknown-pragmas"
#endif

enum { RT_LANES_F32 = 16, RT_LANES_F64 = 8 };

static inline int imin(int a, int b) { return a < b ? a : b; }
static inline int imax(int a, int b) { return a > b ? a : b; }

/* Folds of lanes; `op` joins the halves of an array, then the halves of the result, and so on. */
#define RT_FOLD(name, T, n, op)                                                                    \
  static inline T name(const T *lane) {                                                            \
    T a[n];                                                                                        \
    memcpy(a, lane, sizeof a);                                                                     \
    for (int half = (n) / 2; half > 0; half /= 2)                                                  \
      for (int i = 0; i < half; i++) a[i] = op(a[i], a[i + half]);                                 \
    return a[0];                                                                                   \
  }
#define RT_ADD(x, y) ((x) + (y))
#define RT_MUL(x, y) ((x) * (y))
#define RT_MAX(x, y) ((x) > (y) || (x) != (x) ? (x) : (y))
#define RT_MIN(x, y) ((x) < (y) || (x) != (x) ? (x) : (y))
RT_FOLD(rt_fold_prod_f32, float, 16, RT_MUL)
RT_FOLD(rt_fold_max_f32, float, 16, RT_MAX)
RT_FOLD(rt_fold_min_f32, float, 16, RT_MIN)
RT_FOLD(rt_fold_prod_f64, double, 8, RT_MUL)
RT_FOLD(rt_fold_max_f64, double, 8, RT_MAX)
RT_FOLD(rt_fold_min_f64, double, 8, RT_MIN)

/* Vectors of f32 and f64 in registers, and unaligned twins for memory. */
typedef float rt_f32x4 __attribute__((vector_size(16)));
typedef float rt_f32x8 __attribute__((vector_size(32)));
typedef float rt_f32x16 __attribute__((vector_size(64)));
typedef double rt_f64x2 __attribute__((vector_size(16)));
typedef double rt_f64x4 __attribute__((vector_size(32)));
typedef double rt_f64x8 __attribute__((vector_size(64)));

/* The sum of lanes as vector halves, so that no compiler splits the lanes for it. */
static inline float rt_fold_sum_f32(const float *lane) {
  rt_f32x8 a, b;
  rt_f32x4 c, d;
  memcpy(&a, lane, sizeof a);
  memcpy(&b, lane + 8, sizeof b);
  a += b;
  memcpy(&c, &a, sizeof c);
  memcpy(&d, (const float *)&a + 4, sizeof d);
  c += d;
  return (c[0] + c[2]) + (c[1] + c[3]);
}

static inline double rt_fold_sum_f64(const double *lane) {
  rt_f64x4 a, b;
  memcpy(&a, lane, sizeof a);
  memcpy(&b, lane + 4, sizeof b);
  a += b;
  return (a[0] + a[2]) + (a[1] + a[3]);
}

#endif
