/*
** rt_order.h: the places of elements in sorted order: short runs by counting, then merging
**
**   x = 3 1 2    place = 1 2 0
**
** Equal elements keep their order. NaN is the largest. `other` is room for n places. Nothing
** branches on the data. Numbers of f32 are sorted together with their places, as integers.
*/
#ifndef RT_ORDER_H
#define RT_ORDER_H
#include <stdint.h>
#include <string.h>
#include "rt_kernel.h"

/* Whether value p belongs before q, wherever they stand. */
#define RT_UP(p, q) (((p) == (p)) & !((p) >= (q)))
#define RT_DOWN(p, q) (((q) == (q)) & !((p) <= (q)))
/* What is sorted: the places of values, or values themselves. */
#define RT_PLACE(place) (place)
#define RT_VALUE_AT(place) x[place]
#define RT_VALUE(place) x[place]
#define RT_ITSELF(value) (value)

enum { RT_ORDER_RUN = 32 };

/* Whether n elements take an odd number of rounds of merging. */
static inline bool rt_order_is_odd(int64_t n) {
  bool odd = false;
  for (int64_t run = RT_ORDER_RUN; run < n; run *= 2) odd = !odd;
  return odd;
}

/* NAME(n, x, from, to): sorts ITEM(0 .. n - 1) of values AT(item) into `from`, or into `to` after an
** odd number of rounds; values may be there. An item's place in a run of 32 is the number of those
** before it. Two runs of one length are merged from both ends, half of the places each; others from
** the front. */
#define RT_ORDER_TEXT(NAME, T, BEFORE, ITEM, AT)                                                   \
  static inline void NAME(int64_t n, const T *x, int64_t *from, int64_t *to) {                     \
    for (int64_t lo = 0; lo < n; lo += RT_ORDER_RUN) {                                             \
      const T *v = x + lo;                                                                         \
      const int m = (int)(n - lo < RT_ORDER_RUN ? n - lo : RT_ORDER_RUN);                          \
      for (int i = 0; i < m; i++) {                                                                \
        const T p = v[i];                                                                          \
        int before = 0;                                                                            \
        RT_ROLLED /* but in vectors */                                                             \
        for (int j = 0; j < m; j++)                                                                \
          before += j < i ? !BEFORE(p, v[j]) : BEFORE(v[j], p);                                    \
        from[lo + before] = ITEM(lo + i);                                                          \
      }                                                                                            \
    }                                                                                              \
    for (int64_t run = RT_ORDER_RUN; run < n; run *= 2) {                                          \
      for (int64_t lo = 0; lo < n; lo += 2 * run) {                                                \
        const int64_t mid = lo + run < n ? lo + run : n, hi = lo + 2 * run < n ? lo + 2 * run : n; \
        int64_t a = lo, b = mid, c = mid - 1, d = hi - 1, k = lo;                                  \
        for (const int64_t half = hi - mid == run ? mid : lo; k < half; k++) {                     \
          const int second = BEFORE(AT(from[b]), AT(from[a]));                                     \
          const int first = BEFORE(AT(from[d]), AT(from[c]));                                      \
          to[k] = from[second ? b : a];                                                            \
          to[hi - 1 - (k - lo)] = from[first ? c : d];                                             \
          b += second, a += !second;                                                               \
          c -= first, d -= !first;                                                                 \
        }                                                                                          \
        for (; hi - mid < run && k < hi; k++) {                                                    \
          const int64_t p = a < mid ? a : mid - 1, q = b < hi ? b : hi - 1;                        \
          const int second = (a == mid) | ((b < hi) & BEFORE(AT(from[q]), AT(from[p])));           \
          to[k] = from[second ? q : p];                                                            \
          b += second, a += !second;                                                               \
        }                                                                                          \
      }                                                                                            \
      int64_t *swap = from;                                                                        \
      from = to;                                                                                   \
      to = swap;                                                                                   \
    }                                                                                              \
  }

RT_ORDER_TEXT(rt_order_whole_up, int64_t, RT_UP, RT_PLACE, RT_VALUE_AT)
RT_ORDER_TEXT(rt_order_whole_down, int64_t, RT_DOWN, RT_PLACE, RT_VALUE_AT)
RT_ORDER_TEXT(rt_order_values, int64_t, RT_UP, RT_VALUE, RT_ITSELF)

/* An integer that orders as x among numbers of f32 and, in its low half, i among equal ones. */
static inline int64_t rt_order_value(float x, uint32_t i, bool down) {
  int32_t key;
  x += 0.0f; /* no -0 */
  memcpy(&key, &x, sizeof key);
  key = x != x ? INT32_MAX : key ^ ((key >> 31) & INT32_MAX);
  return (int64_t)((uint64_t)(uint32_t)(down ? ~key : key) << 32 | i);
}

/* The order of fewer than 2^32 numbers of f32. */
static inline void rt_order_short(int64_t n, const float *x, bool down, int64_t *place,
                                  int64_t *other) {
  const bool odd = rt_order_is_odd(n);
  int64_t *value = odd ? place : other;
  for (int64_t i = 0; i < n; i++) value[i] = rt_order_value(x[i], (uint32_t)i, down);
  rt_order_values(n, value, odd ? other : place, value);
  for (int64_t i = 0; i < n; i++) place[i] = (int64_t)((uint64_t)place[i] & UINT32_MAX);
}

#define RT_TEXT "rt_order.h"
#include "rt_each_float.h"

#elif defined(RT_T)

RT_ORDER_TEXT(RT_(rt_order_up), RT_T, RT_UP, RT_PLACE, RT_VALUE_AT)
RT_ORDER_TEXT(RT_(rt_order_down), RT_T, RT_DOWN, RT_PLACE, RT_VALUE_AT)

/* down: the largest first. */
static inline int RT_(rt_order)(int64_t n, const RT_T *x, const int32_t *down, int64_t *place,
                                int64_t *other) {
  const bool odd = rt_order_is_odd(n);
  int64_t *from = odd ? other : place, *to = odd ? place : other;
  if (sizeof(RT_T) == sizeof(float) && n <= UINT32_MAX)
    rt_order_short(n, (const float *)(const void *)x, *down != 0, place, other);
  else if (*down) RT_(rt_order_down)(n, x, from, to);
  else RT_(rt_order_up)(n, x, from, to);
  return 0;
}

/* The same of whole numbers. */
static inline int RT_(rt_order_whole)(int64_t n, const int64_t *x, const int32_t *down,
                                      int64_t *place, int64_t *other) {
  const bool odd = rt_order_is_odd(n);
  int64_t *from = odd ? other : place, *to = odd ? place : other;
  if (*down) rt_order_whole_down(n, x, from, to);
  else rt_order_whole_up(n, x, from, to);
  return 0;
}

#endif
