/*
** rt_viterbi.h: the best labelling of a chain (Viterbi 1967), of equal ones the smallest, seen from
** its end
**
**   best[t][j] = u[t][j] + max i. best[t-1][i] + p[i][j]        back[t][j]: the first i where that is so
**
** The labels j stand side by side in vectors; the largest and where it is are found in one pass
** over i. NaN is larger than any number, so that the labelling found leads through one if there is
** one, and its score is NaN.
*/
#ifndef RT_VITERBI_H
#define RT_VITERBI_H
#include "rt_rows.h"
#define RT_TEXT "rt_viterbi.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* best and back {W} of W labels j: score {L} of the labels before, p the scores of going to them,
** its rows `step` apart. */
static inline void RT_(rt_viterbi_step)(int64_t L, int64_t step, const RT_T *score, const RT_T *p,
                                        RT_T *best, RT_T *back) {
  enum { W = 2 * RT_WIDE };
  RT_T top[W], at[W] = {0};
  for (int l = 0; l < W; l++) top[l] = score[0] + p[l];
  for (int64_t i = 1; i < L; i++) {
    const RT_T from = score[i], place = (RT_T)i, *row = p + i * step;
#pragma omp simd
    for (int l = 0; l < W; l++) {
      const RT_T s = from + row[l];
      at[l] = s > top[l] ? place : at[l];
      top[l] = s > top[l] ? s : top[l];
    }
  }
  for (int l = 0; l < W; l++) best[l] = top[l], back[l] = at[l];
}

/* Whether s comes before the largest so far: it is larger, or the first NaN. */
static inline int RT_(rt_viterbi_larger)(RT_T s, RT_T top) {
  return top == top && !(s <= top);
}

/* The step of all labels where there may be NaN. */
static inline void RT_(rt_viterbi_step_odd)(int64_t L, int64_t step, const RT_T *score,
                                            const RT_T *p, RT_T *best, RT_T *back) {
  for (int64_t j = 0; j < L; j++) {
    best[j] = score[0] + p[j], back[j] = 0;
    for (int64_t i = 1; i < L; i++) {
      const RT_T s = score[i] + p[i * step + j];
      if (RT_(rt_viterbi_larger)(s, best[j])) best[j] = s, back[j] = (RT_T)i;
    }
  }
}

/* Whether some x {n} is NaN, or +inf, which makes NaN of what is forbidden. */
static inline int RT_(rt_viterbi_odd)(int64_t n, const RT_T *x) {
  int found = 0;
  for (int64_t i = 0; i < n; i++) found |= !(x[i] < RT_(rt_inf)());
  return found;
}

/* Rows of p {L, L} in the order a step takes them, each with room to a multiple of W. */
static inline void RT_(rt_viterbi_pad)(int64_t L, int64_t step, const RT_T *p, RT_T *wide) {
  for (int64_t i = 0; i < L; i++)
    for (int64_t j = 0; j < step; j++) wide[i * step + j] = j < L ? p[i * L + j] : 0;
}

/* y {T}: u {T, L}, start and stop {L}; p {q, L, L}: one for every step, or all the same; the first
** *n places count, and y is 0 from there on. work: (T + L + 2) (L + 2 W), W = RT_WIDE. */
static inline int RT_(rt_viterbi)(int64_t T, int64_t L, int64_t q, const RT_T *u, const RT_T *p,
                                  const RT_T *start, const RT_T *stop, const int64_t *n, int32_t *y,
                                  RT_T *work) {
  const int64_t W = 2 * RT_WIDE, step = (L + W - 1) / W * W, count = *n < T ? *n : T;
  RT_T *back = work, *wide = back + T * step, *score = wide + L * step, *best = score + step;
  for (int64_t t = count > 0 ? count : 0; t < T; t++) y[t] = 0;
  if (count <= 0 || L == 0) return 0;
  for (int64_t j = 0; j < L; j++) score[j] = u[j] + start[j];
  int odd = RT_(rt_viterbi_odd)(count * L, u) | RT_(rt_viterbi_odd)(L, start);
  for (int64_t t = 1; t < count; t++) {
    if (q > 1 || t == 1) {
      const RT_T *pt = p + (q > 1 ? (t - 1) * L * L : 0);
      RT_(rt_viterbi_pad)(L, step, pt, wide);
      odd |= RT_(rt_viterbi_odd)(L * L, pt);
    }
    if (odd) RT_(rt_viterbi_step_odd)(L, step, score, wide, best, back + t * step);
    for (int64_t j = 0; j < step && !odd; j += W)
      RT_(rt_viterbi_step)(L, step, score, wide + j, best + j, back + t * step + j);
    for (int64_t j = 0; j < L; j++) score[j] = best[j] + u[t * L + j];
  }
  int64_t last = 0;
  for (int64_t j = 0; j < L; j++) score[j] += stop[j];
  for (int64_t j = 1; j < L; j++)
    if (RT_(rt_viterbi_larger)(score[j], score[last])) last = j;
  for (int64_t t = count - 1; t >= 0; t--) {
    y[t] = (int32_t)last;
    if (t > 0) last = (int64_t)back[t * step + last];
  }
  return 0;
}

#endif
