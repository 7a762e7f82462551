/*
** rt_sparsemap.h: the sparse marginals of a chain
**
**   mu = argmax <u, mu> + <w, pairs of mu> - |mu|^2 / 2     over mixtures p of labelings
**
** Few labelings have p > 0. They are found one by one, each the best labeling of the chain with
** scores u - mu (Viterbi); p solves [G 1; 1' 0] [p; tau] = [scores; 1], G[i][j] how many labels i
** and j share, and labelings whose p would be negative leave (Niculae, Martins, Blondel and Cardie,
** ICML 2018).
*/
#ifndef RT_SPARSEMAP_H
#define RT_SPARSEMAP_H
#include "rt_cholesky.h"
#define RT_TEXT "rt_sparsemap.h"
#include "rt_each_float.h"

#elif defined(RT_T)

typedef struct RT_(rt_sparsemap_state) {
  int64_t T, L, count;
  const RT_T *u, *w;         /* {T, L}, {T - 1, L, L} */
  int32_t *y;                /* {S, T}: the labelings, the first `count` in use */
  RT_T *p, *mu;              /* {S}, {T, L} */
  RT_T *score, *next, *back; /* {S}: of a labeling; {S}: p to go to; {T, L}: Viterbi's choices */
  RT_T *best, *H, *F, *one;  /* {2 L}; {S, S}: G + 1 1' and its factor; {S} */
} RT_(rt_sparsemap_state);

/* Viterbi with unary scores u - mu: y {T}, the score. */
static inline RT_T RT_(rt_sparsemap_viterbi)(const RT_(rt_sparsemap_state) *q, int32_t *y) {
  const int64_t T = q->T, L = q->L;
  RT_T *now = q->best, *before = now + L;
  for (int64_t t = 0; t < T; t++) {
    RT_T *swap = now;
    now = before, before = swap;
    for (int64_t l = 0; l < L; l++) {
      int64_t from = 0;
      for (int64_t k = 1; t > 0 && k < L; k++)
        if (before[k] + q->w[((t - 1) * L + k) * L + l]
            > before[from] + q->w[((t - 1) * L + from) * L + l]) from = k;
      q->back[t * L + l] = (RT_T)from;
      now[l] = q->u[t * L + l] - q->mu[t * L + l]
        + (t > 0 ? before[from] + q->w[((t - 1) * L + from) * L + l] : 0);
    }
  }
  int64_t l = 0;
  for (int64_t k = 1; k < L; k++)
    if (now[k] > now[l]) l = k;
  const RT_T score = now[l];
  for (int64_t t = T - 1; t >= 0; t--) {
    y[t] = (int32_t)l;
    l = (int64_t)q->back[t * L + l];
  }
  return score;
}

/* How many labels i and j share; and the score of a labeling, without the quadratic term. */
static inline RT_T RT_(rt_sparsemap_shared)(int64_t T, const int32_t *i, const int32_t *j) {
  RT_T sum = 0;
  for (int64_t t = 0; t < T; t++) sum += i[t] == j[t] ? 1 : 0;
  return sum;
}

static inline RT_T RT_(rt_sparsemap_score)(const RT_(rt_sparsemap_state) *q, const int32_t *y) {
  RT_T sum = 0;
  for (int64_t t = 0; t < q->T; t++) {
    sum += q->u[t * q->L + y[t]];
    if (t > 0) sum += q->w[((t - 1) * q->L + y[t - 1]) * q->L + y[t]];
  }
  return sum;
}

/* x {count} of least x'Gx / 2 - x'right with sum 1, in place of right; the factor is in F. */
static inline void RT_(rt_sparsemap_solve)(const RT_(rt_sparsemap_state) *q, RT_T *x) {
  const int64_t n = q->count;
  RT_T sum = 0, ones = 0;
  for (int64_t i = 0; i < n; i++) q->one[i] = 1;
  RT_(rt_lower_in_place)(n, 1, q->F, 0, x);
  RT_(rt_lower_t_in_place)(n, 1, q->F, 0, x);
  RT_(rt_lower_in_place)(n, 1, q->F, 0, q->one);
  RT_(rt_lower_t_in_place)(n, 1, q->F, 0, q->one);
  for (int64_t i = 0; i < n; i++) sum += x[i], ones += q->one[i];
  for (int64_t i = 0; i < n; i++) x[i] += (1 - sum) / ones * q->one[i];
}

static inline int RT_(rt_sparsemap_factor)(RT_(rt_sparsemap_state) *q) {
  for (int64_t i = 0; i < q->count; i++)
    for (int64_t j = 0; j < q->count; j++)
      q->H[i * q->count + j] = 1 + RT_(rt_sparsemap_shared)(q->T, q->y + i * q->T, q->y + j * q->T);
  return RT_(rt_cholesky)(q->count, q->H, q->F);
}

static inline void RT_(rt_sparsemap_drop)(RT_(rt_sparsemap_state) *q, int64_t k) {
  for (int64_t i = k; i + 1 < q->count; i++) {
    q->p[i] = q->p[i + 1], q->score[i] = q->score[i + 1];
    for (int64_t t = 0; t < q->T; t++) q->y[i * q->T + t] = q->y[(i + 1) * q->T + t];
  }
  q->count--;
}

/* Moves p to the best mixture of the labelings in use; those that reach 0 on the way leave. 1: they
** depend on each other. */
static inline int RT_(rt_sparsemap_mix)(RT_(rt_sparsemap_state) *q) {
  for (;;) {
    if (RT_(rt_sparsemap_factor)(q)) return 1;
    for (int64_t i = 0; i < q->count; i++) q->next[i] = q->score[i] - q->score[0]; /* else 1 is lost */
    RT_(rt_sparsemap_solve)(q, q->next);
    RT_T a = 1;
    int64_t stop = -1;
    for (int64_t i = 0; i < q->count; i++)
      if (q->next[i] <= 0 && q->p[i] / (q->p[i] - q->next[i]) < a && q->p[i] > q->next[i])
        a = q->p[i] / (q->p[i] - q->next[i]), stop = i;
    for (int64_t i = 0; i < q->count; i++) q->p[i] += a * (q->next[i] - q->p[i]);
    if (stop < 0) return 0;
    RT_(rt_sparsemap_drop)(q, stop);
  }
}

/* Adds the labeling behind the last one in use; one that depends on the others takes the place of
** one of them, with the same mu and a better score. */
static inline void RT_(rt_sparsemap_add)(RT_(rt_sparsemap_state) *q) {
  const int64_t T = q->T, k = q->count;
  const int32_t *y = q->y + k * T;
  RT_T left = (RT_T)T;
  for (int64_t i = 0; i < k; i++) q->next[i] = RT_(rt_sparsemap_shared)(T, q->y + i * T, y);
  RT_(rt_sparsemap_solve)(q, q->next);
  for (int64_t i = 0; i < k; i++) {
    left -= 2 * q->next[i] * RT_(rt_sparsemap_shared)(T, q->y + i * T, y);
    for (int64_t j = 0; j < k; j++) left += q->next[i] * q->next[j] * (q->H[i * k + j] - 1);
  }
  q->score[k] = RT_(rt_sparsemap_score)(q, y);
  q->p[k] = 0;
  q->count++;
  if (left > 1e-6f) return;
  int64_t stop = 0;
  RT_T a = RT_(rt_inf)();
  for (int64_t i = 0; i < k; i++)
    if (q->next[i] > 1e-9f && q->p[i] / q->next[i] < a) a = q->p[i] / q->next[i], stop = i;
  for (int64_t i = 0; i < k; i++) q->p[i] -= a * q->next[i];
  q->p[k] = a;
  RT_(rt_sparsemap_drop)(q, stop);
}

/* Writes mu from p. */
static inline void RT_(rt_sparsemap_mean)(RT_(rt_sparsemap_state) *q) {
  for (int64_t i = 0; i < q->T * q->L; i++) q->mu[i] = 0;
  for (int64_t i = 0; i < q->count; i++)
    for (int64_t t = 0; t < q->T; t++) q->mu[t * q->L + q->y[i * q->T + t]] += q->p[i];
}

/* Moves labelings {count, n} apart to {count, T}, with zeros from n on. */
static inline void RT_(rt_sparsemap_spread)(int64_t count, int64_t n, int64_t T, int32_t *y) {
  for (int64_t i = count - 1; i >= 0; i--)
    for (int64_t t = T - 1; t >= 0; t--) y[i * T + t] = t < n ? y[i * n + t] : 0;
}

/* The largest |x[i]| but for -inf, which forbids; NaN where a number is NaN or +inf. */
static inline RT_T RT_(rt_sparsemap_size)(int64_t n, const RT_T *x) {
  RT_T most = 0;
  for (int64_t i = 0; i < n; i++) {
    const RT_T a = x[i] == -RT_(rt_inf)() ? 0 : RT_(rt_abs)(x[i]);
    if (a * 0 != 0) return (RT_T)RT_NAN_F64;
    most = a > most ? a : most;
  }
  return most;
}

/* mu {T, L}; labelings y {S, T} with weights p {S}, 0 where there are fewer; S = T (L - 1) + 2, one
** more than can be independent; e = T - 1. The first *length places count; all is 0 from there on.
** work: 2 S S + 3 S + T L + 2 L. 1: no convergence in `limit` rounds; 2: a score is NaN or +inf; 3:
** all labelings are forbidden. */
static inline int RT_(rt_sparsemap)(int64_t T, int64_t L, int64_t e, const RT_T *u, const RT_T *w,
                                    const RT_T *limit, const int64_t *length, RT_T *mu, int32_t *y,
                                    RT_T *p, RT_T *work) {
  const int64_t n = *length < T ? *length : T, S = n * (L - 1) + 2, all = T * (L - 1) + 2;
  RT_(rt_sparsemap_state) q = {.T = n, .L = L, .u = u, .w = w, .y = y, .p = p, .mu = mu};
  (void)e;
  for (int64_t i = 0; i < T * L; i++) mu[i] = 0;
  for (int64_t i = 0; i < all * T; i++) y[i] = 0;
  for (int64_t i = 0; i < all; i++) p[i] = i == 0;
  if (n <= 0) return 0;
  const RT_T size = RT_(rt_sparsemap_size)(n * L, u) + RT_(rt_sparsemap_size)((n - 1) * L * L, w);
  if (size * 0 != 0) return 2;
  q.H = work, q.F = q.H + S * S, q.score = q.F + S * S, q.next = q.score + S, q.one = q.next + S;
  q.back = q.one + S, q.best = q.back + T * L;
  if (RT_(rt_sparsemap_viterbi)(&q, y) == -RT_(rt_inf)()) return 3;
  q.count = 1, p[0] = 1, q.score[0] = RT_(rt_sparsemap_score)(&q, y);
  for (int64_t round = 0;; round++) {
    if (RT_(rt_sparsemap_mix)(&q)) return 1;
    RT_(rt_sparsemap_mean)(&q);
    RT_T tau = q.score[0];
    for (int64_t t = 0; t < n; t++) tau -= mu[t * L + y[t]];
    const RT_T over = RT_(rt_sparsemap_viterbi)(&q, y + q.count * n) - tau;
    if (!(over > 64 * RT_EPS * (size + 1) * (RT_T)n)) break;
    if (round >= (int64_t)*limit) return 1;
    RT_(rt_sparsemap_add)(&q);
  }
  for (int64_t i = q.count; i < all; i++) p[i] = 0;
  RT_(rt_sparsemap_spread)(q.count, n, T, y);
  for (int64_t i = q.count * T; i < all * T; i++) y[i] = 0;
  return 0;
}

#endif
