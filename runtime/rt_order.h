/*
** rt_order.h: the places of elements in sorted order: short runs by counting, then merging
**
**   x = 3 1 2    place = 1 2 0
**
** Equal elements keep their order. NaN is the largest. `other` is room for n places. Nothing
** branches on the data. Numbers of f32 are sorted together with their places, as integers. Many
** elements are sorted by the bytes of such integers, the last first (Knuth, volume 3, 5.2.5).
**
** Of the first few alone, only those are sorted that may be among them: the k-th of the least
** elements of 2 k groups is not before the k-th of all. Of some few from a place on, only those from
** the value there to the last one's; these two are found by halving what they may be, and counting.
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

/* Integers that order as x does: numbers of f32, of f64, whole ones. */
static inline int32_t rt_order_key_f32(float x) {
  int32_t key;
  x += 0.0f; /* no -0 */
  memcpy(&key, &x, sizeof key);
  return x != x ? INT32_MAX : key ^ ((key >> 31) & INT32_MAX);
}

static inline int64_t rt_order_key_f64(double x) {
  int64_t key;
  x += 0.0;
  memcpy(&key, &x, sizeof key);
  return x != x ? INT64_MAX : key ^ ((key >> 63) & INT64_MAX);
}

static inline int64_t rt_order_key_whole(int64_t x) { return x; }

enum { RT_ORDER_BYTES = 256 /* elements that are sorted by bytes */ };

static inline bool rt_order_is_many(int64_t n) { return n >= RT_ORDER_BYTES && n <= UINT32_MAX; }

/* Sorts n values by their high halves, in four rounds of one byte; a byte that all share takes none.
** The result is where it returns: in `from` or in `to`. */
static inline int64_t *rt_order_bytes(int64_t n, int64_t *from, int64_t *to) {
  uint32_t at[4][256] = {{0}};
  for (int64_t i = 0; i < n; i++) {
    const uint32_t high = (uint32_t)((uint64_t)from[i] >> 32);
    at[0][high & 255]++, at[1][high >> 8 & 255]++, at[2][high >> 16 & 255]++, at[3][high >> 24]++;
  }
  for (int round = 0; round < 4; round++) {
    uint32_t *next = at[round], sum = 0;
    bool shared = false;
    for (int byte = 0; byte < 256; byte++) {
      const uint32_t count = next[byte];
      shared |= count == (uint32_t)n;
      next[byte] = sum;
      sum += count;
    }
    if (shared) continue;
    const int shift = 32 + 8 * round;
    for (int64_t i = 0; i < n; i++) to[next[(uint64_t)from[i] >> shift & 255]++] = from[i];
    int64_t *swap = from;
    from = to;
    to = swap;
  }
  return from;
}

/* place[i] = the low half of value[i], which may be there. */
static inline void rt_order_low_halves(int64_t n, const int64_t *value, int64_t *place) {
  for (int64_t i = 0; i < n; i++) place[i] = (int64_t)((uint64_t)value[i] & UINT32_MAX);
}

/* An integer that orders as x among numbers of f32 and, in its low half, i among equal ones. */
static inline int64_t rt_order_value(float x, uint32_t i, bool down) {
  const int32_t key = rt_order_key_f32(x);
  return (int64_t)((uint64_t)(uint32_t)(down ? ~key : key) << 32 | i);
}

/* The order of fewer than 2^32 numbers of f32. Bytes have no sign. */
static inline void rt_order_short(int64_t n, const float *x, bool down, int64_t *place,
                                  int64_t *other) {
  const bool odd = rt_order_is_odd(n), many = rt_order_is_many(n);
  int64_t *value = many || !odd ? other : place;
  for (int64_t i = 0; i < n; i++) value[i] = rt_order_value(x[i], (uint32_t)i, down);
  if (many) {
    for (int64_t i = 0; i < n; i++) value[i] ^= INT64_MIN;
    rt_order_low_halves(n, rt_order_bytes(n, value, place), place);
    return;
  }
  rt_order_values(n, value, odd ? other : place, value);
  rt_order_low_halves(n, place, place);
}

/* NAME(..): the order of elements that stand for KEY(x) ^ flip, by low halves, then by high ones. */
#define RT_ORDER_BYTES_TEXT(NAME, T, INT, MOST, KEY)                                               \
  static inline uint64_t NAME##_rank(T x, INT flip) {                                              \
    return (uint64_t)(KEY(x) ^ flip) ^ (uint64_t)1 << 63;                                          \
  }                                                                                                \
  static inline void NAME(int64_t n, const T *x, INT flip, int64_t *place, int64_t *other) {       \
    for (int64_t i = 0; i < n; i++)                                                                \
      other[i] = (int64_t)(NAME##_rank(x[i], flip) << 32 | (uint64_t)i);                           \
    int64_t *value = rt_order_bytes(n, other, place);                                              \
    for (int64_t i = 0; i < n; i++) {                                                              \
      const uint64_t at = (uint64_t)value[i] & UINT32_MAX;                                         \
      value[i] = (int64_t)(NAME##_rank(x[at], flip) >> 32 << 32 | at);                             \
    }                                                                                              \
    rt_order_low_halves(n, rt_order_bytes(n, value, value == other ? place : other), place);       \
  }

RT_ORDER_BYTES_TEXT(rt_order_by_bytes_f64, double, int64_t, INT64_MAX, rt_order_key_f64)
RT_ORDER_BYTES_TEXT(rt_order_by_bytes_whole, int64_t, int64_t, INT64_MAX, rt_order_key_whole)

enum { RT_ORDER_GROUP = 16 /* elements looked at together */ };

/* NAME_limit(n, key, k, groups, room): an integer that k at least do not exceed, from the least of each
** of `groups` groups of n keys, which are as many in each. NAME(..) puts the places of the k first of
** n elements in order, unless too many of them are below the limit; then it returns false. They
** stand for KEY(x) ^ flip, where flip is -1 for the largest first. `room`: for 2 n places. */
#define RT_ORDER_FIRST_TEXT(NAME, T, INT, MOST, KEY)                                               \
  static inline INT NAME##_limit(int64_t n, const INT *key, int64_t k, int64_t groups,             \
                                 int64_t *room) {                                                  \
    int64_t *from = room, *to = from + groups;                                                     \
    for (int64_t g = 0; g < groups; g += RT_ORDER_GROUP) {                                         \
      INT least[RT_ORDER_GROUP];                                                                   \
      for (int l = 0; l < RT_ORDER_GROUP; l++) least[l] = MOST;                                    \
      RT_ROWS                                                                                      \
      for (int64_t i = g; i < n; i += groups) {                                                    \
        RT_SHORT                                                                                   \
        for (int l = 0; l < RT_ORDER_GROUP; l++)                                                   \
          least[l] = key[i + l] < least[l] ? key[i + l] : least[l];                                \
      }                                                                                            \
      for (int l = 0; l < RT_ORDER_GROUP; l++) to[g + l] = least[l];                               \
    }                                                                                              \
    rt_order_values(groups, to, from, to);                                                         \
    return (INT)(rt_order_is_odd(groups) ? to : from)[k - 1];                                      \
  }                                                                                                \
  static inline bool NAME(int64_t n, const T *x, int64_t k, INT flip, int64_t *place,              \
                          int64_t *room) {                                                         \
    const int64_t groups = (2 * k + RT_ORDER_GROUP - 1) / RT_ORDER_GROUP * RT_ORDER_GROUP;         \
    const int64_t whole = (n + groups - 1) / groups * groups;                                      \
    if (n < 4 * groups) return false;                                                              \
    INT *key = (INT *)(void *)room;                                                                \
    room += whole;                                                                                 \
    for (int64_t i = 0; i < n; i++) key[i] = KEY(x[i]) ^ flip;                                     \
    for (int64_t i = n; i < whole; i++) key[i] = MOST;                                             \
    const INT limit = NAME##_limit(whole, key, k, groups, room);                                   \
    int64_t before = 0, m = 0;                                                                     \
    for (int64_t i = 0; i < n; i++) before += key[i] < limit;                                      \
    if (8 * before > n) return false;                                                              \
    const int64_t most = before > k ? before : k; /* those below the limit, and equal ones to k */ \
    int64_t *at = room, *value = at + most, *from = value + most, *to = from + most;               \
    int64_t equal = k - before;                                                                    \
    RT_ROWS                                                                                        \
    for (int64_t i = 0; i < n; i += RT_ORDER_GROUP) {                                              \
      INT any = 0;                                                                                 \
      RT_SHORT                                                                                     \
      for (int l = 0; l < RT_ORDER_GROUP; l++) any |= key[i + l] <= limit;                         \
      const int64_t end = n - i < RT_ORDER_GROUP ? n : i + RT_ORDER_GROUP;                         \
      for (int64_t j = i; any && j < end; j++) {                                                   \
        const bool same = (key[j] == limit) & (equal > 0);                                         \
        if ((key[j] < limit) | same) at[m] = j, value[m] = key[j], m++;                            \
        equal -= same;                                                                             \
      }                                                                                            \
    }                                                                                              \
    rt_order_whole_up(m, value, from, to);                                                         \
    const int64_t *sorted = rt_order_is_odd(m) ? to : from;                                        \
    for (int64_t q = 0; q < k; q++) place[q] = at[sorted[q]];                                      \
    return true;                                                                                   \
  }

/* NAME_at(n, key, rank): the integer that `rank` of the others come before. NAME(..) puts the places
** of k elements in order, the first `from` left out; false where sorting all is as good. */
#define RT_ORDER_SOME_TEXT(NAME, T, INT, MOST, KEY)                                                \
  static inline INT NAME##_at(int64_t n, const INT *key, int64_t rank) {                           \
    INT lo = -MOST - 1, hi = MOST;                                                                 \
    while (lo < hi) {                                                                              \
      const INT mid = (lo & hi) + ((lo ^ hi) >> 1);                                                \
      INT count = 0, most = lo;                                                                    \
      for (int64_t i = 0; i < n; i++) count += key[i] <= mid;                                      \
      if (count > rank) hi = mid;                                                                  \
      else lo = mid + 1;                                                                           \
      if (count != rank + 1) continue;                                                             \
      for (int64_t i = 0; i < n; i++) most = key[i] <= mid && key[i] > most ? key[i] : most;       \
      return most;                                                                                 \
    }                                                                                              \
    return lo;                                                                                     \
  }                                                                                                \
  static inline bool NAME(int64_t n, const T *x, int64_t from, int64_t k, INT flip,                \
                          int64_t *place, int64_t *room) {                                         \
    if (4 * k > n || n < 2 * RT_ORDER_RUN || n > INT32_MAX) return false;                          \
    INT *key = (INT *)(void *)room;                                                                \
    for (int64_t i = 0; i < n; i++) key[i] = KEY(x[i]) ^ flip;                                     \
    const INT low = NAME##_at(n, key, from);                                                       \
    const INT high = k == 1 ? low : NAME##_at(n, key, from + k - 1);                               \
    int64_t *at = room + n, *value = at + k, *order = value + k, *other = order + k;               \
    int64_t before = 0, inside = 0, m = 0;                                                         \
    for (int64_t i = 0; i < n; i++) before += key[i] < low, inside += key[i] < high;               \
    int64_t skipped = from - before, last = from + k - (low < high ? inside : before + skipped);   \
    for (int64_t i = 0; i < n && m < k; i++) {                                                     \
      if (key[i] < low || key[i] > high) continue;                                                 \
      if (key[i] == low && skipped-- > 0) continue;                                                \
      if (key[i] == high && last-- <= 0) continue;                                                 \
      at[m] = i, value[m++] = key[i];                                                              \
    }                                                                                              \
    rt_order_whole_up(k, value, order, other);                                                     \
    const int64_t *sorted = rt_order_is_odd(k) ? other : order;                                    \
    for (int64_t q = 0; q < k; q++) place[q] = at[sorted[q]];                                      \
    return true;                                                                                   \
  }

#define RT_ORDER_KINDS(TEXT, NAME)                                                                 \
  TEXT(NAME##_f32, float, int32_t, INT32_MAX, rt_order_key_f32)                                    \
  TEXT(NAME##_f64, double, int64_t, INT64_MAX, rt_order_key_f64)                                   \
  TEXT(NAME##_whole, int64_t, int64_t, INT64_MAX, rt_order_key_whole)

RT_ORDER_KINDS(RT_ORDER_FIRST_TEXT, rt_order_first_of)
RT_ORDER_KINDS(RT_ORDER_SOME_TEXT, rt_order_some_of)

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
  else if (rt_order_is_many(n))
    rt_order_by_bytes_f64(n, (const double *)(const void *)x, -(*down != 0), place, other);
  else if (*down) RT_(rt_order_down)(n, x, from, to);
  else RT_(rt_order_up)(n, x, from, to);
  return 0;
}

/* The same of whole numbers. */
static inline int RT_(rt_order_whole)(int64_t n, const int64_t *x, const int32_t *down,
                                      int64_t *place, int64_t *other) {
  const bool odd = rt_order_is_odd(n);
  int64_t *from = odd ? other : place, *to = odd ? place : other;
  if (rt_order_is_many(n)) rt_order_by_bytes_whole(n, x, -(*down != 0), place, other);
  else if (*down) rt_order_whole_down(n, x, from, to);
  else rt_order_whole_up(n, x, from, to);
  return 0;
}

/* The places of k in order, the first from[0] left out; down[0]: the largest first. other: room for
** 2 n places. */
static inline int RT_(rt_order_some)(int64_t n, int64_t k, const RT_T *x, const int32_t *down,
                                     const int64_t *from, int64_t *place, int64_t *other) {
  const int flip = -(*down != 0);
  if (k == 0 || (*from == 0 && RT_(rt_order_first_of)(n, x, k, flip, place, other))) return 0;
  if (RT_(rt_order_some_of)(n, x, *from, k, flip, place, other)) return 0;
  RT_(rt_order)(n, x, down, other, other + n);
  memcpy(place, other + *from, (size_t)k * sizeof *place);
  return 0;
}

/* The same of whole numbers. */
static inline int RT_(rt_order_some_whole)(int64_t n, int64_t k, const int64_t *x,
                                           const int32_t *down, const int64_t *from,
                                           int64_t *place, int64_t *other) {
  const int flip = -(*down != 0);
  if (k == 0 || (*from == 0 && rt_order_first_of_whole(n, x, k, flip, place, other))) return 0;
  if (rt_order_some_of_whole(n, x, *from, k, flip, place, other)) return 0;
  RT_(rt_order_whole)(n, x, down, other, other + n);
  memcpy(place, other + *from, (size_t)k * sizeof *place);
  return 0;
}

#endif
