/*
** rt_kernel.h: what emitted kernels include: index helpers, lane sums, vectors
**
** Floating-point reductions run over a fixed number of lanes, 16 of f32 or 8 of f64, whatever the
** target's vectors, and end in a fixed tree, so their bits depend neither on the compiler nor on
** the machine: rt_sum_f32(lane) adds 16 lanes as ((0+8)+(4+12)) + ...
*/
#ifndef RT_KERNEL_H
#define RT_KERNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include "rt_math.h"
#include "rt_part.h"

#if !defined(_OPENMP) && defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunknown-pragmas"
#endif
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wrestrict" /* what is only read may be given twice */
/* of loops that it unrolls beyond what they run to */
#pragma GCC diagnostic ignored "-Waggressive-loop-optimizations"
#endif
#if defined(__clang__) /* `omp simd` allows vectors, it does not demand them */
#pragma clang diagnostic ignored "-Wpass-failed"
#endif

/* x, as a number that compilers do not know. Lanes are then chosen by a mask: of those that are known
** to stay as they are, clang 19 makes vectors of all sizes, in the loops before, too. */
RT_FN int rt_kept(int x) {
#ifdef __GNUC__
  __asm__("" : "+r"(x));
#endif
  return x;
}

enum { RT_LANES_F32 = 16, RT_LANES_F64 = 8 };

static inline int imin(int a, int b) { return a < b ? a : b; }
static inline int imax(int a, int b) { return a > b ? a : b; }

/* Vectors in registers: loads and stores at any address, and z += x * y, rounded once where the
** target can: rt_fma with one x for all lanes, rt_dot lane by lane; rt_square and rt_dot_square for
** z += (x - y)^2, rt_apart for z += x * (a - b). Vectors are handed over by address, since their
** calling convention depends on the target; all is inlined anyway. */
#if defined(__has_builtin)
#if __has_builtin(__builtin_elementwise_fma)
#define RT_ELEMENTWISE_FMA 1
#endif
#if __has_builtin(__builtin_shufflevector)
#define RT_SHUFFLE __builtin_shufflevector
#endif
#endif
#pragma GCC diagnostic ignored "-Wpsabi" /* every function here is inlined */
#define RT_IN_PARTS __attribute__((noinline)) /* loops keep what they know of the parameters */
#if defined(__GNUC__) && !defined(__clang__)
#define RT_UNROLL _Pragma("GCC unroll 16")
#define RT_ROLLED _Pragma("GCC unroll 1")
#define RT_ROWS
#define RT_SHORT _Pragma("omp simd")
#define RT_MASKED _Pragma("omp simd")
#else
#define RT_UNROLL _Pragma("clang loop unroll(full)")
#define RT_ROLLED _Pragma("clang loop unroll(disable)")
#define RT_ROWS _Pragma("clang loop vectorize(disable)")
#define RT_SHORT                                                                                   \
  _Pragma("clang loop vectorize(assume_safety) unroll(disable) interleave_count(1)")
#if defined(__AVX512VL__) /* what is left of a row is a masked vector, not as many exponentials */
#define RT_MASKED                                                                                  \
  _Pragma("clang loop vectorize(assume_safety) vectorize_predicate(enable) interleave_count(1)")   \
  _Pragma("clang loop unroll(disable)")
#else
#define RT_MASKED _Pragma("omp simd")
#endif
#endif

#if defined(RT_HAS_FMA) && defined(RT_ELEMENTWISE_FMA)
#define RT_FMA_LANES(n, type) *z = __builtin_elementwise_fma(*x, *y, *z);
#elif defined(RT_HAS_FMA) /* gcc, which would take the lanes one by one */
#define RT_FMA_LANES(n, type) rt_fma_lanes_##type(n, (void *)z, (const void *)x, (const void *)y);
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif
#define RT_BY(bytes, load, store, fma)                                                             \
  for (const int k = bytes / (int)sizeof *z; i + k <= n; i += k)                                   \
    store(z + i, fma(load(x + i), load(y + i), load(z + i)));
#if defined(__x86_64__)
#if defined(__AVX512F__)
#define RT_BY_512(p) RT_BY(64, _mm512_loadu_##p, _mm512_storeu_##p, _mm512_fmadd_##p)
#else
#define RT_BY_512(p)
#endif
#define RT_BY_ALL(p, type)                                                                         \
  RT_BY_512(p)                                                                                     \
  RT_BY(32, _mm256_loadu_##p, _mm256_storeu_##p, _mm256_fmadd_##p)                                 \
  RT_BY(16, _mm_loadu_##p, _mm_storeu_##p, _mm_fmadd_##p)
#elif defined(__aarch64__)
#define RT_FMAQ_f32(x, y, z) vfmaq_f32(z, x, y)
#define RT_FMAQ_f64(x, y, z) vfmaq_f64(z, x, y)
#define RT_BY_ALL(p, type) RT_BY(16, vld1q_##type, vst1q_##type, RT_FMAQ_##type)
#else
#define RT_BY_ALL(p, type)
#endif
#define RT_FMA_LANES_TEXT(type, T, p, one)                                                         \
  RT_FN void rt_fma_lanes_##type(int n, T *z, const T *x, const T *y) {                            \
    int i = 0;                                                                                     \
    RT_BY_ALL(p, type)                                                                             \
    for (; i < n; i++) z[i] = one(x[i], y[i], z[i]);                                               \
  }
RT_FMA_LANES_TEXT(f32, float, ps, __builtin_fmaf)
RT_FMA_LANES_TEXT(f64, double, pd, __builtin_fma)
#else
#define RT_FMA_LANES(n, type) *z += *x * *y;
#endif

#define RT_VECTOR(name, T, n, type)                                                                \
  typedef T rt_##name __attribute__((vector_size(n * sizeof(T))));                                 \
  RT_FN rt_##name rt_load_##name(const T *p) {                                                     \
    rt_##name v;                                                                                   \
    memcpy(&v, p, sizeof v);                                                                       \
    return v;                                                                                      \
  }                                                                                                \
  RT_FN void rt_store_##name(T *p, const rt_##name *v) { memcpy(p, v, sizeof *v); }                \
  RT_FN void rt_add_##name(T *p, const rt_##name *v) {                                             \
    const rt_##name sum = rt_load_##name(p) + *v;                                                  \
    rt_store_##name(p, &sum);                                                                      \
  }                                                                                                \
  RT_FN void rt_dot_##name(rt_##name *z, const rt_##name *x, const rt_##name *y) {                 \
    RT_FMA_LANES(n, type)                                                                          \
  }                                                                                                \
  RT_FN void rt_fma_##name(rt_##name *z, T one, const rt_##name *y) {                              \
    const rt_##name all = one - (rt_##name){0}, *x = &all;                                         \
    RT_FMA_LANES(n, type)                                                                          \
  }                                                                                                \
  RT_FN void rt_dot_square_##name(rt_##name *z, const rt_##name *a, const rt_##name *b) {          \
    const rt_##name apart = *a - *b, *x = &apart, *y = x;                                          \
    RT_FMA_LANES(n, type)                                                                          \
  }                                                                                                \
  RT_FN void rt_apart_##name(rt_##name *z, T one, const rt_##name *a, const rt_##name *b) {        \
    const rt_##name all = one - (rt_##name){0}, apart = *a - *b, *x = &all, *y = &apart;           \
    RT_FMA_LANES(n, type)                                                                          \
  }                                                                                                \
  RT_FN void rt_square_##name(rt_##name *z, T one, const rt_##name *b) {                           \
    const rt_##name apart = one - *b, *x = &apart, *y = x;                                         \
    RT_FMA_LANES(n, type)                                                                          \
  }
RT_VECTOR(f32x1, float, 1, f32)
RT_VECTOR(f32x4, float, 4, f32)
RT_VECTOR(f32x8, float, 8, f32)
RT_VECTOR(f32x16, float, 16, f32)
RT_VECTOR(f64x1, double, 1, f64)
RT_VECTOR(f64x2, double, 2, f64)
RT_VECTOR(f64x4, double, 4, f64)
RT_VECTOR(f64x8, double, 8, f64)

/* to[t][r] = from[r][t] for so many rows and terms, whose neighbours are a step apart: eight by
** four in registers, then four and two by four. Rows from `some` on are 0, and not read. Where the
** terms are further apart than the rows, more rows are done at a time, so that what is stored is
** whole lines. What is left of terms and rows is done with some of those before once more. Loops stay
** loops, lest compilers go across those around them, with gathers. */
#ifdef RT_SHUFFLE
/* Rows r and r + 4 beside one another, so that nothing crosses the halves of a register. */
RT_FN rt_f32x8 rt_pair_f32(const float *a, const float *b) {
  return RT_SHUFFLE(rt_load_f32x4(a), rt_load_f32x4(b), 0, 1, 2, 3, 4, 5, 6, 7);
}
RT_FN void rt_turn_8_f32(float *to, int64_t to_step, const float *from, int64_t step) {
  const rt_f32x8 a = rt_pair_f32(from, from + 4 * step);
  const rt_f32x8 b = rt_pair_f32(from + step, from + 5 * step);
  const rt_f32x8 c = rt_pair_f32(from + 2 * step, from + 6 * step);
  const rt_f32x8 d = rt_pair_f32(from + 3 * step, from + 7 * step);
  const rt_f32x8 e = RT_SHUFFLE(a, b, 0, 8, 1, 9, 4, 12, 5, 13);
  const rt_f32x8 f = RT_SHUFFLE(a, b, 2, 10, 3, 11, 6, 14, 7, 15);
  const rt_f32x8 g = RT_SHUFFLE(c, d, 0, 8, 1, 9, 4, 12, 5, 13);
  const rt_f32x8 h = RT_SHUFFLE(c, d, 2, 10, 3, 11, 6, 14, 7, 15);
  const rt_f32x8 p = RT_SHUFFLE(e, g, 0, 1, 8, 9, 4, 5, 12, 13);
  const rt_f32x8 q = RT_SHUFFLE(e, g, 2, 3, 10, 11, 6, 7, 14, 15);
  const rt_f32x8 r = RT_SHUFFLE(f, h, 0, 1, 8, 9, 4, 5, 12, 13);
  const rt_f32x8 s = RT_SHUFFLE(f, h, 2, 3, 10, 11, 6, 7, 14, 15);
  rt_store_f32x8(to, &p), rt_store_f32x8(to + to_step, &q);
  rt_store_f32x8(to + 2 * to_step, &r), rt_store_f32x8(to + 3 * to_step, &s);
}
RT_FN void rt_turn_4_f32(float *to, int64_t to_step, const float *from, int64_t step) {
  const rt_f32x4 a = rt_load_f32x4(from), b = rt_load_f32x4(from + step);
  const rt_f32x4 c = rt_load_f32x4(from + 2 * step), d = rt_load_f32x4(from + 3 * step);
  const rt_f32x4 e = RT_SHUFFLE(a, b, 0, 4, 1, 5), f = RT_SHUFFLE(a, b, 2, 6, 3, 7);
  const rt_f32x4 g = RT_SHUFFLE(c, d, 0, 4, 1, 5), h = RT_SHUFFLE(c, d, 2, 6, 3, 7);
  const rt_f32x4 p = RT_SHUFFLE(e, g, 0, 1, 4, 5), q = RT_SHUFFLE(e, g, 2, 3, 6, 7);
  const rt_f32x4 r = RT_SHUFFLE(f, h, 0, 1, 4, 5), s = RT_SHUFFLE(f, h, 2, 3, 6, 7);
  rt_store_f32x4(to, &p), rt_store_f32x4(to + to_step, &q);
  rt_store_f32x4(to + 2 * to_step, &r), rt_store_f32x4(to + 3 * to_step, &s);
}
/* Two terms of rows 0 and 2, and of 1 and 3. */
RT_FN void rt_turn_4_by_2(double *to, int64_t to_step, const double *from, int64_t step) {
  const rt_f64x4 a =
      RT_SHUFFLE(rt_load_f64x2(from), rt_load_f64x2(from + 2 * step), 0, 1, 2, 3);
  const rt_f64x4 b =
      RT_SHUFFLE(rt_load_f64x2(from + step), rt_load_f64x2(from + 3 * step), 0, 1, 2, 3);
  const rt_f64x4 p = RT_SHUFFLE(a, b, 0, 4, 2, 6), q = RT_SHUFFLE(a, b, 1, 5, 3, 7);
  rt_store_f64x4(to, &p), rt_store_f64x4(to + to_step, &q);
}
RT_FN void rt_turn_4_f64(double *to, int64_t to_step, const double *from, int64_t step) {
  rt_turn_4_by_2(to, to_step, from, step);
  rt_turn_4_by_2(to + 2 * to_step, to_step, from + 2, step);
}
RT_FN void rt_turn_8_f64(double *to, int64_t to_step, const double *from, int64_t step) {
  rt_turn_4_f64(to, to_step, from, step);
  rt_turn_4_f64(to + 4, to_step, from + 4 * step, step);
}
#define RT_TURN_2(name, T)                                                                         \
  RT_FN void rt_turn_2_##name(T *to, int64_t to_step, const T *from, int64_t step) {               \
    const rt_##name##x4 a = rt_load_##name##x4(from), b = rt_load_##name##x4(from + step);         \
    const rt_##name##x4 p = RT_SHUFFLE(a, b, 0, 4, 1, 5), q = RT_SHUFFLE(a, b, 2, 6, 3, 7);        \
    memcpy(to, &p, sizeof p / 2), memcpy(to + to_step, (const T *)&p + 2, sizeof p / 2);           \
    memcpy(to + 2 * to_step, &q, sizeof q / 2);                                                    \
    memcpy(to + 3 * to_step, (const T *)&q + 2, sizeof q / 2);                                     \
  }
#else
#define RT_TURN_BY(name, T, n)                                                                     \
  RT_FN void rt_turn_##n##_##name(T *to, int64_t to_step, const T *from, int64_t step) {           \
    for (int r = 0; r < n; r++)                                                                    \
      for (int t = 0; t < 4; t++) to[t * to_step + r] = from[r * step + t];                        \
  }
#define RT_TURN_2(name, T)                                                                         \
  RT_TURN_BY(name, T, 8)                                                                           \
  RT_TURN_BY(name, T, 4)                                                                           \
  RT_TURN_BY(name, T, 2)
#endif
/* So many rows from r on, all of their terms. */
#define RT_TURN_ROWS(name, n)                                                                      \
  {                                                                                                \
    int t = 0;                                                                                     \
    RT_ROLLED                                                                                      \
    for (; t + 4 <= terms; t += 4)                                                                 \
      rt_turn_##n##_##name(&to[t * to_step + r], to_step, &from[r * step + t], step);              \
    if (t < terms && terms >= 4)                                                                   \
      rt_turn_##n##_##name(&to[(terms - 4) * to_step + r], to_step, &from[r * step + terms - 4],   \
                           step);                                                                  \
    else                                                                                           \
      for (; t < terms; t++)                                                                       \
        for (int i = 0; i < n; i++) to[t * to_step + r + i] = from[(r + i) * step + t];            \
  }
#define RT_TURN(name, T)                                                                           \
  RT_TURN_2(name, T)                                                                               \
  static inline void rt_turn_##name(T *to, int64_t to_step, const T *from, int64_t step, int rows, \
                                    int some, int terms) {                                         \
    const int there = rows < some ? rows : some, all = there / 8 * 8;                              \
    const int block = to_step > step ? 64 : to_step == step ? 16 : 8;                              \
    for (int first = 0; first < all; first += block) {                                             \
      const int end = all - first < block ? all : first + block;                                   \
      int t = 0;                                                                                   \
      RT_ROLLED                                                                                    \
      for (; t + 4 <= terms; t += 4)                                                               \
        for (int r = first; r < end; r += 8)                                                       \
          rt_turn_8_##name(&to[t * to_step + r], to_step, &from[r * step + t], step);              \
      if (t < terms && terms >= 4) {                                                               \
        t = terms - 4;                                                                             \
        for (int r = first; r < end; r += 8)                                                       \
          rt_turn_8_##name(&to[t * to_step + r], to_step, &from[r * step + t], step);              \
        t = terms;                                                                                 \
      }                                                                                            \
      for (; t < terms; t++)                                                                       \
        for (int r = first; r < end; r++) to[t * to_step + r] = from[r * step + t];                \
    }                                                                                              \
    int r = all;                                                                                   \
    if (r + 4 <= there) {                                                                          \
      RT_TURN_ROWS(name, 4)                                                                        \
      r += 4;                                                                                      \
    }                                                                                              \
    if (r + 2 < there && there >= 4) {                                                             \
      r = there - 4;                                                                               \
      RT_TURN_ROWS(name, 4)                                                                        \
      r = there;                                                                                   \
    }                                                                                              \
    if (r + 2 <= there) {                                                                          \
      RT_TURN_ROWS(name, 2)                                                                        \
      r += 2;                                                                                      \
    }                                                                                              \
    if (r < there && there >= 2) {                                                                 \
      r = there - 2;                                                                               \
      RT_TURN_ROWS(name, 2)                                                                        \
      r = there;                                                                                   \
    }                                                                                              \
    for (; r < rows; r++)                                                                          \
      for (int t = 0; t < terms; t++) to[t * to_step + r] = r < some ? from[r * step + t] : 0;     \
  }
RT_TURN(f32, float)
RT_TURN(f64, double)

/* Folds of lanes: `op` joins the halves, then the halves of the result, and so on. They are vectors
** as long as there are some, so that no compiler splits the lanes of the loop before for it. */
#define RT_ADD(a, b) (a) + (b)
#define RT_MUL(a, b) (a) * (b)
#define RT_MAX(x, y) ((x) > (y) || (x) != (x) ? (x) : (y))
#define RT_MIN(x, y) ((x) < (y) || (x) != (x) ? (x) : (y))
#define RT_WHERE(mask, a, b)                                                                       \
  (__typeof__(a))(((mask) & (__typeof__(mask))(a)) | (~(mask) & (__typeof__(mask))(b)))
#define RT_ALL_MAX(a, b) RT_WHERE((a > b) | (a != a), a, b)
#define RT_ALL_MIN(a, b) RT_WHERE((a < b) | (a != a), a, b)
#define RT_FOLD_F32(name, all, op)                                                                 \
  static inline float name(const float *lane) {                                                    \
    rt_f32x8 a, b;                                                                                 \
    rt_f32x4 c, d;                                                                                 \
    memcpy(&a, lane, sizeof a);                                                                    \
    memcpy(&b, lane + 8, sizeof b);                                                                \
    a = all(a, b);                                                                                 \
    memcpy(&c, &a, sizeof c);                                                                      \
    memcpy(&d, (const float *)&a + 4, sizeof d);                                                   \
    c = all(c, d);                                                                                 \
    const float even = op(c[0], c[2]), odd = op(c[1], c[3]);                                       \
    return op(even, odd);                                                                          \
  }
#define RT_FOLD_F64(name, all, op)                                                                 \
  static inline double name(const double *lane) {                                                  \
    rt_f64x4 a, b;                                                                                 \
    memcpy(&a, lane, sizeof a);                                                                    \
    memcpy(&b, lane + 4, sizeof b);                                                                \
    a = all(a, b);                                                                                 \
    const double even = op(a[0], a[2]), odd = op(a[1], a[3]);                                      \
    return op(even, odd);                                                                          \
  }
RT_FOLD_F32(rt_fold_sum_f32, RT_ADD, RT_ADD)
RT_FOLD_F32(rt_fold_prod_f32, RT_MUL, RT_MUL)
RT_FOLD_F32(rt_fold_max_f32, RT_ALL_MAX, RT_MAX)
RT_FOLD_F32(rt_fold_min_f32, RT_ALL_MIN, RT_MIN)
RT_FOLD_F64(rt_fold_sum_f64, RT_ADD, RT_ADD)
RT_FOLD_F64(rt_fold_prod_f64, RT_MUL, RT_MUL)
RT_FOLD_F64(rt_fold_max_f64, RT_ALL_MAX, RT_MAX)
RT_FOLD_F64(rt_fold_min_f64, RT_ALL_MIN, RT_MIN)

/* The first n < 16 or 8 elements at p, then zeros; stores of as many. */
#if defined(__AVX512F__)
RT_FN rt_f32x16 rt_load_some_f32x16(const float *p, int n) {
  return __builtin_ia32_loadups512_mask(p, (rt_f32x16){0}, (uint16_t)((1u << n) - 1));
}

RT_FN rt_f64x8 rt_load_some_f64x8(const double *p, int n) {
  return __builtin_ia32_loadupd512_mask(p, (rt_f64x8){0}, (uint8_t)((1u << n) - 1));
}

RT_FN void rt_store_some_f32x16(float *p, int n, const rt_f32x16 *v) {
  __builtin_ia32_storeups512_mask(p, *v, (uint16_t)((1u << n) - 1));
}

RT_FN void rt_store_some_f64x8(double *p, int n, const rt_f64x8 *v) {
  __builtin_ia32_storeupd512_mask(p, *v, (uint8_t)((1u << n) - 1));
}
#else
#if defined(__AVX2__)
RT_FN rt_f32x16 rt_load_some_f32x16(const float *p, int n) {
  typedef int lanes __attribute__((vector_size(32)));
  const lanes at = {0, 1, 2, 3, 4, 5, 6, 7};
  const rt_f32x8 half[] = {__builtin_ia32_maskloadps256((const rt_f32x8 *)p, at < n),
                           __builtin_ia32_maskloadps256((const rt_f32x8 *)(p + 8), at < n - 8)};
  return rt_load_f32x16((const float *)half);
}

RT_FN rt_f64x8 rt_load_some_f64x8(const double *p, int n) {
  typedef long long lanes __attribute__((vector_size(32)));
  const lanes at = {0, 1, 2, 3};
  const rt_f64x4 half[] = {__builtin_ia32_maskloadpd256((const rt_f64x4 *)p, at < n),
                           __builtin_ia32_maskloadpd256((const rt_f64x4 *)(p + 4), at < n - 4)};
  return rt_load_f64x8((const double *)half);
}
#else
RT_FN rt_f32x16 rt_load_some_f32x16(const float *p, int n) {
  float v[16] = {0};
  int at = 0;
  if (n & 8) memcpy(v, p, 32), at = 8;
  if (n & 4) memcpy(v + at, p + at, 16), at += 4;
  if (n & 2) memcpy(v + at, p + at, 8), at += 2;
  if (n & 1) v[at] = p[at];
  return rt_load_f32x16(v);
}

RT_FN rt_f64x8 rt_load_some_f64x8(const double *p, int n) {
  double v[8] = {0};
  int at = 0;
  if (n & 4) memcpy(v, p, 32), at = 4;
  if (n & 2) memcpy(v + at, p + at, 16), at += 2;
  if (n & 1) v[at] = p[at];
  return rt_load_f64x8(v);
}
#endif

RT_FN void rt_store_some_f32x16(float *p, int n, const rt_f32x16 *v) {
  const float *lane = (const float *)v;
  int at = 0;
  if (n & 8) memcpy(p, lane, 32), at = 8;
  if (n & 4) memcpy(p + at, lane + at, 16), at += 4;
  if (n & 2) memcpy(p + at, lane + at, 8), at += 2;
  if (n & 1) p[at] = lane[at];
}

RT_FN void rt_store_some_f64x8(double *p, int n, const rt_f64x8 *v) {
  const double *lane = (const double *)v;
  int at = 0;
  if (n & 4) memcpy(p, lane, 32), at = 4;
  if (n & 2) memcpy(p + at, lane + at, 16), at += 2;
  if (n & 1) p[at] = lane[at];
}
#endif

/* The last n < 16 or 8 lanes of v, the others 0. */
RT_FN rt_f32x16 rt_last_f32(const rt_f32x16 *v, int n) {
  typedef int32_t lanes __attribute__((vector_size(64)));
  const lanes at = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return (rt_f32x16)((lanes)*v & (at >= 16 - n));
}

RT_FN rt_f64x8 rt_last_f64(const rt_f64x8 *v, int n) {
  typedef int64_t lanes __attribute__((vector_size(64)));
  const lanes at = {0, 1, 2, 3, 4, 5, 6, 7};
  return (rt_f64x8)((lanes)*v & (at >= 8 - n));
}

/* The same for the last n elements of a row of `extent`, which end at p + n: read as a whole vector
** that ends there, where the row has as many; their lanes are then the last ones. */
RT_FN rt_f32x16 rt_load_tail_f32x16(const float *p, int n, int extent) {
  if (extent < 16) return rt_load_some_f32x16(p, n);
  const rt_f32x16 last = rt_load_f32x16(p + n - 16);
  return rt_last_f32(&last, n);
}

RT_FN rt_f64x8 rt_load_tail_f64x8(const double *p, int n, int extent) {
  if (extent < 8) return rt_load_some_f64x8(p, n);
  const rt_f64x8 last = rt_load_f64x8(p + n - 8);
  return rt_last_f64(&last, n);
}

#include "rt_step.h"
#endif
