/*
** rt_order_many.h: what rt_order.h has, for many short rows side by side (rt_many.h)
**
** An element's place is the number of those before it, counted for a row in each lane. Arguments are
** those of rt_lu_many.h: how many items, sizes, how far apart the items of an argument are.
*/
#ifndef RT_ORDER_MANY_H
#define RT_ORDER_MANY_H
#include "rt_many.h"
#include "rt_order.h"
#define RT_TEXT "rt_order_many.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* Integers that order as x does, the largest first where flip is -1. */
RT_FN RT_(rt_mask) RT_(rt_order_keys)(RT_(rt_lanes) x, int flip) {
  const RT_(rt_lanes) minus = -(RT_(rt_lanes)){0};
  const RT_(rt_mask) bits = (RT_(rt_mask))(x + 0), nan = x != x; /* no -0 */
  const RT_(rt_mask) sign = bits >> (8 * (int)sizeof(RT_T) - 1), most = ~(RT_(rt_mask))minus;
  return (((bits ^ (sign & most)) & ~nan) | (most & nan)) ^ flip;
}

/* rank[i] = in how manieth place element i of each of `count` rows is */
static inline void RT_(rt_order_ranks)(int count, int64_t n, const RT_T *x, int64_t step, int flip,
                                       RT_(rt_mask) * rank) {
  RT_(rt_lanes) value[RT_MANY_MOST];
  RT_(rt_mask) key[RT_MANY_MOST];
  RT_(rt_many_take)(count, n, x, step, value);
  for (int64_t i = 0; i < n; i++) key[i] = RT_(rt_order_keys)(value[i], flip);
  for (int64_t i = 0; i < n; i++) {
    RT_(rt_mask) before = {0};
    for (int64_t j = 0; j < i; j++) before -= key[j] <= key[i];
    for (int64_t j = i + 1; j < n; j++) before -= key[j] < key[i];
    rank[i] = before;
  }
}

static inline int RT_(rt_order_many)(int count, int64_t n, const RT_T *x, int64_t step,
                                     const int32_t *down, int64_t down_step, int64_t *place,
                                     int64_t *other) {
  RT_(rt_mask) rank[RT_MANY_MOST];
  if (count == 1 || n == 0 || down_step) {
    for (int l = 0; l < count; l++)
      RT_(rt_order)(n, x + l * step, down + l * down_step, place + l * n, other + l * n);
    return 0;
  }
  RT_(rt_order_ranks)(count, n, x, step, -(*down != 0), rank);
  for (int l = 0; l < count; l++)
    for (int64_t i = 0; i < n; i++) place[l * n + rank[i][l]] = i;
  return 0;
}

static inline int RT_(rt_order_some_many)(int count, int64_t n, int64_t k, const RT_T *x,
                                          int64_t step, const int32_t *down, int64_t down_step,
                                          const int64_t *from, int64_t from_step, int64_t *place,
                                          int64_t *other) {
  RT_(rt_mask) rank[RT_MANY_MOST];
  int64_t sorted[RT_MANY_MOST];
  if (k == 0) return 0;
  if (count == 1 || down_step || from_step) {
    for (int l = 0; l < count; l++)
      RT_(rt_order_some)(n, k, x + l * step, down + l * down_step, from + l * from_step,
                         place + l * k, other + l * 2 * n);
    return 0;
  }
  RT_(rt_order_ranks)(count, n, x, step, -(*down != 0), rank);
  for (int l = 0; l < count; l++) {
    for (int64_t i = 0; i < n; i++) sorted[rank[i][l]] = i;
    memcpy(place + l * k, sorted + *from, (size_t)k * sizeof *place);
  }
  return 0;
}

#endif
