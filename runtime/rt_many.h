/*
** rt_many.h: small problems side by side, an item in each lane of a vector
**
**   items in memory  a0 a1 a2 ..  b0 b1 b2 ..      vectors  (a0 b0 ..) (a1 b1 ..) (a2 b2 ..) ..
**
** What has a form for many items does for each lane what the kernel of one item does, operation by
** operation and in the same order, so its bits are those of that kernel, whichever lane an item is
** in and however many lanes there are. Choices are masks: of pivots, of lanes without a solution.
*/
#ifndef RT_MANY_H
#define RT_MANY_H
#include "rt_rows.h"

/* The largest size of an item that goes side by side with others: a matrix of lanes fits the first
** cache and a stack. One after the other they still take 2 to 6 times as long then (LU, Cholesky,
** solves; AVX2). */
enum { RT_MANY_MOST = 32 };
#if defined(__AVX512F__) || defined(RT_MANY_WIDE)
enum { RT_MANY_F32 = 16, RT_MANY_F64 = 8 }; /* how many items there are at a time */
#define RT_MANY_BYTES 64
#define rt_many_dot_f32 rt_dot_f32x16
#define rt_many_dot_f64 rt_dot_f64x8
#define rt_many_load_f32 rt_load_f32x16
#define rt_many_load_f64 rt_load_f64x8
#define rt_many_store_f32 rt_store_f32x16
#define rt_many_store_f64 rt_store_f64x8
typedef rt_f32x16 rt_many_value_f32;
typedef rt_f64x8 rt_many_value_f64;
#else
enum { RT_MANY_F32 = 8, RT_MANY_F64 = 4 };
#define RT_MANY_BYTES 32
#define rt_many_dot_f32 rt_dot_f32x8
#define rt_many_dot_f64 rt_dot_f64x4
#define rt_many_load_f32 rt_load_f32x8
#define rt_many_load_f64 rt_load_f64x4
#define rt_many_store_f32 rt_store_f32x8
#define rt_many_store_f64 rt_store_f64x4
typedef rt_f32x8 rt_many_value_f32;
typedef rt_f64x4 rt_many_value_f64;
#endif
enum { rt_many_f32 = RT_MANY_F32, rt_many_f64 = RT_MANY_F64 };
typedef enum rt_triangle { RT_LOWER, RT_LOWER_T, RT_UPPER, RT_UPPER_T } rt_triangle;
typedef float rt_lanes_f32 __attribute__((vector_size(RT_MANY_BYTES), may_alias));
typedef double rt_lanes_f64 __attribute__((vector_size(RT_MANY_BYTES), may_alias));
typedef int32_t rt_mask_f32 __attribute__((vector_size(RT_MANY_BYTES), may_alias));
typedef int64_t rt_mask_f64 __attribute__((vector_size(RT_MANY_BYTES), may_alias));
#define RT_TEXT "rt_many.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* x where the mask says so, else y */
RT_FN RT_(rt_lanes) RT_(rt_many_pick)(const RT_(rt_mask) *mask, const RT_(rt_lanes) *x,
                                      const RT_(rt_lanes) *y) {
  return (RT_(rt_lanes))(((RT_(rt_mask))*x & *mask) | ((RT_(rt_mask))*y & ~*mask));
}

RT_FN RT_(rt_lanes) RT_(rt_many_abs)(const RT_(rt_lanes) *x) {
  const RT_(rt_lanes) sign = -(RT_(rt_lanes)){0};
  return (RT_(rt_lanes))((RT_(rt_mask))*x & ~(RT_(rt_mask))sign);
}

/* z += x y, as rt_fma does it */
RT_FN void RT_(rt_many_fma)(RT_(rt_lanes) *z, const RT_(rt_lanes) *x, const RT_(rt_lanes) *y) {
  const RT_(rt_many_value) a = *x, b = *y;
  RT_(rt_many_value) sum = *z;
  RT_(rt_many_dot)(&sum, &a, &b);
  *z = sum;
}

/* Whether the mask says so for a lane. */
RT_FN bool RT_(rt_many_any)(const RT_(rt_mask) *mask) {
  uint64_t word[RT_MANY_BYTES / 8], all = 0;
  memcpy(word, mask, sizeof word);
  for (int i = 0; i < RT_MANY_BYTES / 8; i++) all |= word[i];
  return all != 0;
}

/* to[j] = number j of each of `count` items, which are `step` apart, 0 for more: so that they may
** be the same ones. */
RT_FN void RT_(rt_many_take)(int count, int64_t n, const RT_T *from, int64_t step,
                             RT_(rt_lanes) * to) {
  RT_(rt_turn)((RT_T *)to, RT_(rt_many), from, step, RT_(rt_many), count, (int)n);
}

/* The items of n numbers, one after the other. */
RT_FN void RT_(rt_many_give)(int count, int64_t n, const RT_(rt_lanes) *from, RT_T *to) {
  RT_(rt_turn)(to, (int)n, (const RT_T *)from, RT_(rt_many), (int)n, (int)n, count);
}

/* x' y as rt_short_dot adds it. */
RT_FN RT_(rt_lanes)
    RT_(rt_many_short_dot)(int64_t n, const RT_(rt_lanes) * x, const RT_(rt_lanes) * y) {
  RT_(rt_lanes) lane[RT_WIDE] = {0};
  if (n < RT_WIDE) {
    for (int64_t i = 0; i < n; i++) RT_(rt_many_fma)(&lane[0], &x[i], &y[i]);
    return lane[0];
  }
  int64_t i = 0;
  for (; i + RT_WIDE <= n; i += RT_WIDE)
    for (int64_t l = 0; l < RT_WIDE; l++) RT_(rt_many_fma)(&lane[l], &x[i + l], &y[i + l]);
  for (int64_t l = 0; i < n && l < RT_WIDE; l++)
    if (i + l < n) RT_(rt_many_fma)(&lane[l], &x[i + l], &y[i + l]);
    else lane[l] += 0; /* -0 becomes 0, as by a term of zeros */
  for (int half = RT_WIDE / 2; half > 0; half /= 2)
    for (int l = 0; l < half; l++) lane[l] += lane[l + half];
  return lane[0];
}

/* `wide` columns, at most 4 and a constant, of one row of a right side less what is solved
** already. */
RT_FN void RT_(rt_many_rest)(const int wide, int64_t n, const RT_(rt_lanes) *f, int64_t f_step,
                             const RT_(rt_lanes) *y, int64_t y_step, RT_(rt_lanes) *x) {
  RT_(rt_lanes) rest[4];
  RT_UNROLL
  for (int c = 0; c < wide; c++) rest[c] = x[c];
  for (int64_t j = 0; j < n; j++) {
    const RT_(rt_lanes) by = -f[j * f_step];
    RT_UNROLL
    for (int c = 0; c < wide; c++) RT_(rt_many_fma)(&rest[c], &by, &y[j * y_step + c]);
  }
  RT_UNROLL
  for (int c = 0; c < wide; c++) x[c] = rest[c];
}

/* L X = B, L' X = B, U X = B or U' X = B in place of B {n, k}; unit: the diagonal is taken for
** 1. */
static inline void RT_(rt_many_triangle)(rt_triangle which, int64_t n, int64_t k,
                                         const RT_(rt_lanes) * F, bool unit, RT_(rt_lanes) * X) {
  const bool turned = which == RT_LOWER_T || which == RT_UPPER_T;
  const bool back = which == RT_LOWER_T || which == RT_UPPER;
  const int64_t way = which == RT_LOWER_T ? -1 : 1, along = turned ? n : 1;
  for (int64_t s = 0; s < n; s++) {
    const int64_t i = back ? n - 1 - s : s, from = !back ? 0 : way < 0 ? n - 1 : i + 1;
    const RT_(rt_lanes) *f = F + (turned ? i : i * n) + from * along, *y = X + from * k;
    RT_(rt_lanes) *x = X + i * k;
    if (k == 1 && !turned) *x -= RT_(rt_many_short_dot)(s, f, y);
    int64_t c = k == 1 && !turned ? 1 : 0;
    for (; c + 4 <= k; c += 4) RT_(rt_many_rest)(4, s, f, way * along, y + c, way * k, x + c);
    for (; c < k; c++) RT_(rt_many_rest)(1, s, f, way * along, y + c, way * k, x + c);
    for (c = 0; !unit && c < k; c++) x[c] /= F[i * n + i];
  }
}

#endif
