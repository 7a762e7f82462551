/*
** rt_block.h: C -= A B for blocks of row-major matrices, what large factorizations spend their time
** in
**
** Tiles of at most 6 rows and one vector of C stay in registers; what is left of a row is a vector
** of fewer lanes. Every element takes its products one after the other, so its bits are those of
** plain loops.
*/
#ifndef RT_BLOCK_H
#define RT_BLOCK_H
#include "rt_rows.h"
enum { RT_BLOCK = 32,  /* rows or columns that are eliminated together */
       RT_STRIP = 128, /* rows of B that are copied together, so that no stride of theirs hurts */
       RT_FEW = 8 };   /* rows and columns for which masked vectors do not pay */
#define RT_TEXT "rt_block.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* The first `some` elements at p as a vector, and back; all of them where some is RT_WIDE. */
RT_FN RT_VEC RT_(rt_block_load)(int some, const RT_T *p) {
  return some == RT_WIDE ? RT_V(load)(p) : RT_V(load_some)(p, some);
}

RT_FN void RT_(rt_block_store)(int some, RT_T *p, const RT_VEC *v) {
  if (some == RT_WIDE) RT_V(store)(p, v);
  else RT_V(store_some)(p, some, v);
}

/* `rows`, at most 6 and a constant, by `some` columns; B has whole vectors, one after the other. */
RT_FN void RT_(rt_block_tile)(const int rows, int some, int64_t k, const RT_T *A, int64_t down,
                              int64_t along, const RT_T *B, RT_T *C, int64_t c) {
  RT_VEC sum[6];
  RT_UNROLL
  for (int r = 0; r < rows; r++) sum[r] = RT_(rt_block_load)(some, C + r * c);
  for (int64_t p = 0; p < k; p++) {
    const RT_VEC row = RT_V(load)(B + p * RT_WIDE);
    RT_UNROLL
    for (int r = 0; r < rows; r++) RT_V(fma)(&sum[r], -A[r * down + p * along], &row);
  }
  RT_UNROLL
  for (int r = 0; r < rows; r++) RT_(rt_block_store)(some, C + r * c, &sum[r]);
}

/* m rows by `some` columns. */
static inline void RT_(rt_block_column)(int some, int64_t m, int64_t k, const RT_T *A, int64_t down,
                                        int64_t along, const RT_T *B, RT_T *C, int64_t c) {
  for (; m >= 6; m -= 6, A += 6 * down, C += 6 * c)
    RT_(rt_block_tile)(6, some, k, A, down, along, B, C, c);
  if (m >= 4) {
    RT_(rt_block_tile)(4, some, k, A, down, along, B, C, c);
    m -= 4, A += 4 * down, C += 4 * c;
  }
  if (m == 3) RT_(rt_block_tile)(3, some, k, A, down, along, B, C, c);
  if (m == 2) RT_(rt_block_tile)(2, some, k, A, down, along, B, C, c);
  if (m == 1) RT_(rt_block_tile)(1, some, k, A, down, along, B, C, c);
}

/* C {m, n} -= A B with B {k, n} and A[i][p] at A[i down + p along]; rows of B are b apart, of C
** c. */
static inline void RT_(rt_block_subtract)(int64_t m, int64_t n, int64_t k, const RT_T *A,
                                          int64_t down, int64_t along, const RT_T *B, int64_t b,
                                          RT_T *C, int64_t c) {
  RT_T strip[RT_STRIP * RT_WIDE];
  for (int64_t j = 0; j < n; j += RT_WIDE)
    for (int64_t p = 0; p < k; p += RT_STRIP) {
      const int some = j + RT_WIDE <= n ? RT_WIDE : (int)(n - j);
      const int64_t deep = p + RT_STRIP < k ? RT_STRIP : k - p;
      for (int64_t r = 0; r < deep; r++) {
        const RT_VEC row = RT_(rt_block_load)(some, B + (p + r) * b + j);
        RT_V(store)(strip + r * RT_WIDE, &row);
      }
      RT_(rt_block_column)(some, m, deep, A + p * along, down, along, strip, C + j, c);
    }
}

/* `wide` vectors, a constant, of a row; of the last one `some` lanes. */
RT_FN void RT_(rt_block_row_tile)(const int wide, int some, int64_t k, const RT_T *a, int64_t along,
                                  const RT_T *X, int64_t step, RT_T *y) {
  RT_VEC sum[4];
  RT_UNROLL
  for (int v = 0; v < wide; v++) sum[v] = RT_(rt_block_load)(some, y + v * RT_WIDE);
  for (int64_t p = 0; p < k; p++) {
    RT_UNROLL
    for (int v = 0; v < wide; v++) {
      const RT_VEC x = RT_(rt_block_load)(some, X + p * step + v * RT_WIDE);
      RT_V(fma)(&sum[v], -a[p * along], &x);
    }
  }
  RT_UNROLL
  for (int v = 0; v < wide; v++) RT_(rt_block_store)(some, y + v * RT_WIDE, &sum[v]);
}

/* y {n} -= a X, a row of a product: X {k, n}, its rows `step` apart, those of a `along`. */
static inline void RT_(rt_block_row)(int64_t n, int64_t k, const RT_T *a, int64_t along,
                                     const RT_T *X, int64_t step, RT_T *y) {
  int64_t j = 0;
  if (n <= RT_FEW && n * k <= RT_FEW * RT_FEW) { /* as of small matrices, whose elements were stored just now */
    for (int64_t p = 0; p < k; p++) RT_(rt_row_add)(n, -a[p * along], X + p * step, y);
    return;
  }
  for (; j + 4 * RT_WIDE <= n; j += 4 * RT_WIDE)
    RT_(rt_block_row_tile)(4, RT_WIDE, k, a, along, X + j, step, y + j);
  for (; j + RT_WIDE <= n; j += RT_WIDE)
    RT_(rt_block_row_tile)(1, RT_WIDE, k, a, along, X + j, step, y + j);
  if (j < n) RT_(rt_block_row_tile)(1, (int)(n - j), k, a, along, X + j, step, y + j);
}

#endif
