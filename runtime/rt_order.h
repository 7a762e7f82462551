/*
** rt_order.h: the places of elements in sorted order, by merging
**
**   x = 3 1 2    place = 1 2 0
**
** Equal elements keep their order. NaN is the largest. `other` is room for n places.
*/
#ifndef RT_ORDER_H
#define RT_ORDER_H
#include <stdint.h>
#include "rt_kernel.h"

/* Merges runs of length 1, 2, 4, ... of places, `other` and `place` by turns; BEFORE(b, a): whether
** element b, which stands later, belongs before a. */
#define RT_ORDER_BODY                                                                              \
  int64_t *from = place, *to = other;                                                              \
  for (int64_t i = 0; i < n; i++) place[i] = other[i] = i;                                         \
  for (int64_t run = 1; run < n; run *= 2) {                                                       \
    for (int64_t lo = 0; lo < n; lo += 2 * run) {                                                  \
      const int64_t mid = lo + run < n ? lo + run : n, hi = lo + 2 * run < n ? lo + 2 * run : n;   \
      int64_t a = lo, b = mid;                                                                     \
      for (int64_t k = lo; k < hi; k++)                                                            \
        to[k] = b < hi && (a == mid || BEFORE(from[b], from[a])) ? from[b++] : from[a++];          \
    }                                                                                              \
    int64_t *swap = from;                                                                          \
    from = to;                                                                                     \
    to = swap;                                                                                     \
  }                                                                                                \
  if (from != place)                                                                               \
    for (int64_t i = 0; i < n; i++) place[i] = from[i];                                            \
  return 0;

#define RT_TEXT "rt_order.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* down: the largest first. */
static inline int RT_(rt_order)(int64_t n, const RT_T *x, const int32_t *down, int64_t *place,
                                int64_t *other) {
#define NANS(i) (x[i] != x[i])
#define BEFORE(b, a)                                                                               \
  (*down ? x[b] > x[a] || (NANS(b) && !NANS(a)) : x[b] < x[a] || (NANS(a) && !NANS(b)))
  RT_ORDER_BODY
#undef BEFORE
#undef NANS
}

/* The same of whole numbers. */
static inline int RT_(rt_order_whole)(int64_t n, const int64_t *x, const int32_t *down,
                                      int64_t *place, int64_t *other) {
#define BEFORE(b, a) (*down ? x[b] > x[a] : x[b] < x[a])
  RT_ORDER_BODY
#undef BEFORE
}

#endif
