/*
** rt_simplex.h: the threshold tau with sum of max(x - tau, 0) = radius (Duchi et al. 2008, figure
** 1)
**
**   x = 3 1 2, radius 2    tau = 3 - 1.5    max(x - tau, 0) = 1.5 0 0.5
**
** The largest come off a heap one at a time, so the cost is O(n + k log n) for k above tau.
*/
#ifndef RT_SIMPLEX_H
#define RT_SIMPLEX_H
#include "rt_kernel.h"
#define RT_TEXT "rt_simplex.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* Moves heap[i] down to where no child is larger. */
static inline void RT_(rt_heap_down)(int64_t n, int64_t i, RT_T *heap) {
  const RT_T v = heap[i];
  for (int64_t c; (c = 2 * i + 1) < n; i = c) {
    if (c + 1 < n && heap[c + 1] > heap[c]) c++;
    if (!(heap[c] > v)) break;
    heap[i] = heap[c];
  }
  heap[i] = v;
}

/* *top is the largest, *above is tau - *top. work: n. NaN anywhere gives NaN; a radius of 0 gives
** the largest. 1: the radius is negative. */
static inline int RT_(rt_simplex)(int64_t n, const RT_T *x, const RT_T *radius, RT_T *top,
                                  RT_T *above, RT_T *work) {
  if (*radius < 0) return 1;
  *top = *above = 0;
  if (n == 0) return 0;
  for (int64_t i = 0; i < n; i++) {
    work[i] = x[i];
    if (x[i] != x[i]) *top = x[i];
  }
  if (*radius != *radius) *top = *radius;
  if (*top != *top) return 0;
  for (int64_t i = n / 2 - 1; i >= 0; i--) RT_(rt_heap_down)(n, i, work);
  *top = work[0];
  const double first = work[0], r = *radius;
  double sum = 0, over = 0; /* of what is above tau, less first each; tau - first */
  for (int64_t k = 0; k < n; k++) {
    const double u = (double)work[0] - first, next = (sum + u - r) / (double)(k + 1);
    if (!(u > next)) break;
    sum += u, over = next;
    work[0] = work[n - 1 - k];
    RT_(rt_heap_down)(n - 1 - k, 0, work);
  }
  *above = (RT_T)over;
  return 0;
}

#endif
