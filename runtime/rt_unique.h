/*
** rt_unique.h: where each number of a list stands first
**
**   x = 7 3 7 9 3    first = 0 1 0 3 1
**
** By a table of places, twice as long as the list, that is searched from a hash on.
*/
#ifndef RT_UNIQUE_H
#define RT_UNIQUE_H
#include <stdint.h>
#include "rt_kernel.h"

#define RT_TEXT "rt_unique.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* table: room for 2 n places. */
static inline int RT_(rt_unique)(int64_t n, const int64_t *x, int64_t *first, int64_t *table) {
  const int64_t size = 2 * n;
  for (int64_t k = 0; k < size; k++) table[k] = -1;
  for (int64_t i = 0; i < n; i++) {
    const uint64_t hash = ((uint64_t)x[i] * 0x9e3779b97f4a7c15u) >> 32;
    int64_t k = (int64_t)(hash * (uint64_t)size >> 32);
    while (table[k] >= 0 && x[table[k]] != x[i]) k = k + 1 == size ? 0 : k + 1;
    if (table[k] < 0) table[k] = i;
    first[i] = table[k];
  }
  return 0;
}

#endif
