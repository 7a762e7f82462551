/*
** rt_window.h: filters whose weights differ from pixel to pixel, over a window of a x b pixels
**
**   y[l][x] = sum (i, j) in the window. k[x][i, j] v[i][l][x + j]          for one row of the picture
**
** k is kept in blocks of 16 pixels, {blocks, a * b, 16}, so that it is read once, in order, and 16
** pixels are the lanes of a vector. v {rows, c, p} has a margin on every side; its row `start` is
** the first row of the window.
*/
#ifndef RT_WINDOW_H
#define RT_WINDOW_H
#include "rt_kernel.h"
enum { RT_WINDOW_LABELS = 7, RT_WINDOW_COLUMNS = 6, RT_WINDOW_LANES = 16 };
#define RT_TEXT "rt_window.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* RT_WIDE pixels of m <= 7 labels; step: from label to label, row: from row to row of v. */
static inline __attribute__((always_inline)) void
RT_(rt_window_labels)(const int m, int64_t a, int64_t b, int64_t row, int64_t step, const RT_T *k,
                      const RT_T *v, RT_T *y, int64_t w) {
  RT_VEC sum[RT_WINDOW_LABELS] = {{0}};
  for (int64_t i = 0; i < a; i++)
    for (int64_t j = 0; j < b; j++) {
      const RT_VEC weight = RT_V(load)(k + (i * b + j) * RT_WINDOW_LANES);
      RT_UNROLL
      for (int t = 0; t < m; t++) {
        const RT_VEC x = RT_V(load)(v + i * row + t * step + j);
        RT_V(dot)(&sum[t], &weight, &x);
      }
    }
  for (int t = 0; t < m; t++) RT_V(store)(y + t * w, &sum[t]);
}

/* One row of pixels: k {n, s, 16} with s = a * b, v {h, c, p}, y {c, 16 n}. */
static inline int RT_(rt_window)(int64_t n, int64_t s, int64_t h, int64_t c, int64_t p,
                                 const RT_T *k, const int64_t *start, const int64_t *wide,
                                 const RT_T *v, RT_T *y) {
  const int64_t b = *wide, a = s / b, w = RT_WINDOW_LANES * n;
  const RT_T *first = v + *start * c * p;
  (void)h;
  for (int64_t x = 0; x < w; x += RT_WIDE) {
    const RT_T *kx = k + x / RT_WINDOW_LANES * s * RT_WINDOW_LANES + x % RT_WINDOW_LANES;
    for (int64_t l = 0; l < c; l += RT_WINDOW_LABELS) {
      const RT_T *vl = first + l * p + x;
      RT_T *yl = y + l * w + x;
#define RT_CASE(m) \
  case m: RT_(rt_window_labels)(m, a, b, c * p, p, kx, vl, yl, w); break;
      switch (c - l < RT_WINDOW_LABELS ? c - l : RT_WINDOW_LABELS) {
        RT_CASE(1) RT_CASE(2) RT_CASE(3) RT_CASE(4) RT_CASE(5) RT_CASE(6)
      default: RT_(rt_window_labels)(7, a, b, c * p, p, kx, vl, yl, w);
      }
#undef RT_CASE
    }
  }
  return 0;
}

/* RT_WIDE pixels of m <= 6 neighbours: sum over c labels of g x, neighbour by neighbour. */
static inline __attribute__((always_inline)) void
RT_(rt_window_columns)(const int m, int64_t c, int64_t p, int64_t w, const RT_T *g, const RT_T *v,
                       RT_T *k) {
  RT_VEC sum[RT_WINDOW_COLUMNS] = {{0}};
  for (int64_t l = 0; l < c; l++) {
    const RT_VEC gl = RT_V(load)(g + l * w);
    RT_UNROLL
    for (int t = 0; t < m; t++) {
      const RT_VEC x = RT_V(load)(v + l * p + t);
      RT_V(dot)(&sum[t], &gl, &x);
    }
  }
  for (int t = 0; t < m; t++) RT_V(store)(k + t * RT_WINDOW_LANES, &sum[t]);
}

/* The cotangent of k: k[x][i, j] = sum l. g[l][x] v[i][l][x + j]. */
static inline int RT_(rt_window_pull)(int64_t c, int64_t w, int64_t h, int64_t p, int64_t s,
                                      const RT_T *g, const int64_t *start, const int64_t *wide,
                                      const RT_T *v, const RT_T *like, RT_T *k) {
  const int64_t b = *wide, a = s / b;
  (void)h, (void)like;
  for (int64_t x = 0; x < w; x += RT_WIDE) {
    RT_T *kx = k + x / RT_WINDOW_LANES * s * RT_WINDOW_LANES + x % RT_WINDOW_LANES;
    for (int64_t i = 0; i < a; i++)
      for (int64_t j = 0; j < b; j += RT_WINDOW_COLUMNS) {
        const RT_T *vi = v + (*start + i) * c * p + x + j;
        RT_T *to = kx + (i * b + j) * RT_WINDOW_LANES;
#define RT_CASE(m) \
  case m: RT_(rt_window_columns)(m, c, p, w, g + x, vi, to); break;
        switch (b - j < RT_WINDOW_COLUMNS ? b - j : RT_WINDOW_COLUMNS) {
          RT_CASE(1) RT_CASE(2) RT_CASE(3) RT_CASE(4) RT_CASE(5)
        default: RT_(rt_window_columns)(6, c, p, w, g + x, vi, to);
        }
#undef RT_CASE
      }
  }
  return 0;
}

#endif
