/*
** rt_block.h: C -= A B for blocks of row-major matrices, what large factorizations spend their time
** in
**
** Tiles of 6 rows and one vector of C stay in registers. Every element takes its products one after
** the other, so its bits are those of plain loops.
*/
#ifndef RT_BLOCK_H
#define RT_BLOCK_H
#include "rt_rows.h"
enum { RT_BLOCK = 32,  /* rows or columns that are eliminated together */
       RT_STRIP = 128 }; /* rows of B that are copied together, so that no stride of theirs hurts */
#define RT_TEXT "rt_block.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* `rows`, at most 6 and a constant, by one vector; the rows of B stand one after the other. */
RT_FN void RT_(rt_block_tile)(const int rows, int64_t k, const RT_T *A, int64_t down, int64_t along,
                              const RT_T *B, RT_T *C, int64_t c) {
  RT_VEC sum[6];
  RT_UNROLL
  for (int r = 0; r < rows; r++) sum[r] = RT_V(load)(C + r * c);
  for (int64_t p = 0; p < k; p++) {
    const RT_VEC row = RT_V(load)(B + p * RT_WIDE);
    RT_UNROLL
    for (int r = 0; r < rows; r++) RT_V(fma)(&sum[r], -A[r * down + p * along], &row);
  }
  RT_UNROLL
  for (int r = 0; r < rows; r++) RT_V(store)(C + r * c, &sum[r]);
}

/* C {m, n} -= A B with B {k, n} and A[i][p] at A[i down + p along]; rows of B are b apart, of C
** c. */
static inline void RT_(rt_block_subtract)(int64_t m, int64_t n, int64_t k, const RT_T *A,
                                          int64_t down, int64_t along, const RT_T *B, int64_t b,
                                          RT_T *C, int64_t c) {
  RT_T some[RT_STRIP * RT_WIDE];
  int64_t j = 0;
  for (; j + RT_WIDE <= n; j += RT_WIDE)
    for (int64_t p = 0; p < k; p += RT_STRIP) {
      const int64_t deep = p + RT_STRIP < k ? RT_STRIP : k - p;
      const RT_T *at = A + p * along;
      for (int64_t r = 0; r < deep; r++) {
        const RT_VEC row = RT_V(load)(B + (p + r) * b + j);
        RT_V(store)(some + r * RT_WIDE, &row);
      }
      int64_t i = 0;
      for (; i + 6 <= m; i += 6)
        RT_(rt_block_tile)(6, deep, at + i * down, down, along, some, C + i * c + j, c);
      for (; i < m; i++)
        RT_(rt_block_tile)(1, deep, at + i * down, down, along, some, C + i * c + j, c);
    }
  for (int64_t i = 0; j < n && i < m; i++)
    for (int64_t p = 0; p < k; p++)
      RT_(rt_row_add)(n - j, -A[i * down + p * along], B + p * b + j, C + i * c + j);
}

#endif
