/*
** rt_sinkhorn.h: entropic optimal transport: the duals f, g of P = a_i b_j exp((f_i + g_j - C_ij) /
** eps)
**
**   f_i = -eps log sum j. b_j exp((g_j - C_ij) / eps)       rows of P sum to a
**   g_j = -eps log sum i. a_i exp((f_i - C_ij) / eps)       columns sum to b
**
** in turn (Sinkhorn 1967, in logarithms), for a falling eps, and now and then a step of Newton's
** method, which ends what would take thousands of turns. Zeros in a and b are exact.
*/
#ifndef RT_SINKHORN_H
#define RT_SINKHORN_H
#include "rt_laplacian.h"
#define RT_TEXT "rt_sinkhorn.h"
#include "rt_each_float.h"

#elif defined(RT_T)

typedef struct RT_(rt_sinkhorn_state) {
  int64_t m, n;
  const RT_T *C, *a, *b;
  RT_T eps, *f, *g;
  RT_T *la, *lb;      /* logarithms of a and b */
  RT_T *x, *top;      /* {n}: scratch */
  RT_T *saved;        /* {n}: g before a step of Newton's method */
  RT_T *P, *W;        /* {m, n}, {n, n} */
} RT_(rt_sinkhorn_state);

/* The sum of x {n}, over fixed lanes. */
static inline RT_T RT_(rt_sinkhorn_sum)(int64_t n, const RT_T *x) {
  RT_VEC sum = {0};
  int64_t i = 0;
  for (; i + RT_WIDE <= n; i += RT_WIDE) sum += RT_V(load)(x + i);
  if (i < n) sum += RT_V(load_some)(x + i, (int)(n - i));
  return RT_(rt_fold_sum)((const RT_T *)&sum);
}

/* f from g. 1: a row with mass reaches no column with mass. */
static inline int RT_(rt_sinkhorn_rows)(RT_(rt_sinkhorn_state) *q) {
  const RT_T eps = q->eps;
  for (int64_t i = 0; i < q->m; i++) {
    const RT_T *C = q->C + i * q->n;
    RT_T top = -RT_(rt_inf)();
    for (int64_t j = 0; j < q->n; j++) {
      q->x[j] = q->lb[j] + (q->g[j] - C[j]) / eps;
      if (q->x[j] > top) top = q->x[j];
    }
    if (!(top > -RT_(rt_inf)())) {
      if (q->a[i] > 0) return 1;
      q->f[i] = 0;
      continue;
    }
    for (int64_t j = 0; j < q->n; j++) q->x[j] = RT_(rt_exp)(q->x[j] - top);
    q->f[i] = -eps * (top + RT_(rt_log)(RT_(rt_sinkhorn_sum)(q->n, q->x)));
  }
  return 0;
}

/* g from f. Returns sum j. |column j of P before - b_j|, or a negative number where a column with
** mass reaches no row with mass. */
static inline RT_T RT_(rt_sinkhorn_columns)(RT_(rt_sinkhorn_state) *q) {
  const RT_T eps = q->eps;
  RT_T off = 0;
  for (int64_t j = 0; j < q->n; j++) q->top[j] = -RT_(rt_inf)();
  for (int64_t i = 0; i < q->m; i++)
    for (int64_t j = 0; j < q->n; j++) {
      const RT_T x = q->la[i] + (q->f[i] - q->C[i * q->n + j]) / eps;
      q->top[j] = x > q->top[j] ? x : q->top[j];
    }
  for (int64_t j = 0; j < q->n; j++) {
    q->x[j] = 0;
    if (q->top[j] > -RT_(rt_inf)()) continue;
    if (q->b[j] > 0) return -1;
    q->top[j] = 0;
  }
  for (int64_t i = 0; i < q->m; i++)
    for (int64_t j = 0; j < q->n; j++)
      q->x[j] += RT_(rt_exp)(q->la[i] + (q->f[i] - q->C[i * q->n + j]) / eps - q->top[j]);
  for (int64_t j = 0; j < q->n; j++) {
    const RT_T g = q->x[j] > 0 ? -eps * (q->top[j] + RT_(rt_log)(q->x[j])) : 0;
    if (q->b[j] > 0) off += q->b[j] * RT_(rt_abs)(RT_(rt_expm1)((q->g[j] - g) / eps));
    q->g[j] = g;
  }
  return off;
}

/* A step of Newton's method in g, the rows of P being right. */
static inline void RT_(rt_sinkhorn_newton)(RT_(rt_sinkhorn_state) *q) {
  const int64_t m = q->m, n = q->n;
  for (int64_t j = 0; j < n; j++) q->x[j] = q->b[j], q->saved[j] = q->g[j];
  for (int64_t j = 0; j < n * n; j++) q->W[j] = 0;
  for (int64_t i = 0; i < m; i++) {
    RT_T *P = q->P + i * n;
    if (!(q->a[i] > 0)) continue;
    for (int64_t j = 0; j < n; j++)
      P[j] = RT_(rt_exp)(q->la[i] + q->lb[j] + (q->f[i] + q->g[j] - q->C[i * n + j]) / q->eps);
    for (int64_t j = 0; j < n; j++) q->x[j] -= P[j];
    for (int64_t j = 0; j < n; j++)
      if (P[j] > 0) RT_(rt_row_add)(n, P[j] / q->a[i], P, q->W + j * n);
  }
  RT_(rt_laplacian_in_place)(n, q->W, q->x);
  for (int64_t j = 0; j < n; j++) q->g[j] += q->eps * q->x[j];
}

/* Alternates until rows and columns are right to `tol` of the mass, at most `most` times; the
** number of rounds is added to *rounds. 0 or a status. */
static inline int RT_(rt_sinkhorn_run)(RT_(rt_sinkhorn_state) *q, RT_T mass, int64_t most, RT_T tol,
                                       int64_t *rounds) {
  const int64_t every = 10 + q->n / 8;
  RT_T before = RT_(rt_inf)();
  int64_t since = 0;
  int tried = 0;
  if (RT_(rt_sinkhorn_rows)(q)) return 2;
  for (int64_t step = 0; step < most; step++, ++*rounds) {
    if (tried) {
      RT_(rt_sinkhorn_newton)(q);
      (void)RT_(rt_sinkhorn_rows)(q);
    }
    const RT_T off = RT_(rt_sinkhorn_columns)(q);
    if (off < 0) return 2;
    if (tried && !(off < before)) /* that step was no good: back, and on by turns */
      for (int64_t j = 0; j < q->n; j++) q->g[j] = q->saved[j];
    else before = off;
    (void)RT_(rt_sinkhorn_rows)(q);
    if (off <= tol * mass) return 0;
    tried = (tried && off == before) || ++since % every == 0;
  }
  return 1;
}

/* Goes from an eps as large as the costs differ down to the one asked for, by halves, each time
** from where the one before ended; a last step of Newton's method if that helps. 0 or a status. */
static inline int RT_(rt_sinkhorn_anneal)(RT_(rt_sinkhorn_state) *q, RT_T mass, int64_t most,
                                          RT_T tol) {
  const RT_T eps = q->eps;
  RT_T low = RT_(rt_inf)(), high = -low;
  int64_t rounds = 0;
  for (int64_t i = 0; i < q->m * q->n; i++) {
    if (q->C[i] < low) low = q->C[i];
    if (q->C[i] > high && q->C[i] < RT_(rt_inf)()) high = q->C[i];
  }
  for (q->eps = (high - low) / 4; q->eps > 2 * eps; q->eps /= 2)
    if (RT_(rt_sinkhorn_run)(q, mass, 60, 1e-3f, &rounds) == 2) return 2;
  q->eps = eps;
  const int status = RT_(rt_sinkhorn_run)(q, mass, most > rounds ? most - rounds : 1, tol, &rounds);
  if (status) return status;
  RT_(rt_sinkhorn_newton)(q);
  (void)RT_(rt_sinkhorn_rows)(q);
  if (!(RT_(rt_sinkhorn_columns)(q) <= tol * mass))
    for (int64_t j = 0; j < q->n; j++) q->g[j] = q->saved[j];
  (void)RT_(rt_sinkhorn_rows)(q);
  return 0;
}

/* f {m}, g {n}, with equal means, of C {m, n}, a {m}, b {n}; surplus: the sum of a over that of b
** before b was scaled to it. work: m n + n n + 4 n + m + n. 1: no convergence; 2: mass that nothing
** can take; 3: not finite or negative; 4: the sums of a and b differ; 5: eps is not positive. */
static inline int RT_(rt_sinkhorn)(int64_t m, int64_t n, const RT_T *C, const RT_T *a,
                                   const RT_T *b, const RT_T *eps, const RT_T *surplus,
                                   const RT_T *most, const RT_T *tol, RT_T *f, RT_T *g,
                                   RT_T *work) {
  RT_(rt_sinkhorn_state) q = {.m = m, .n = n, .C = C, .a = a, .b = b, .eps = *eps, .f = f, .g = g};
  RT_T mass = 0, mean = 0;
  q.P = work, q.W = q.P + m * n, q.x = q.W + n * n, q.top = q.x + n, q.saved = q.top + n;
  q.lb = q.saved + n, q.la = q.lb + n;
  if (!(*eps > 0) || *eps * 0 != 0) return 5;
  for (int64_t i = 0; i < m * n; i++)
    if (!(C[i] > -RT_(rt_inf)())) return 3;
  for (int64_t i = 0; i < m; i++) {
    if (!(a[i] >= 0) || a[i] * 0 != 0) return 3;
    q.la[i] = RT_(rt_log)(a[i]), mass += a[i], f[i] = 0;
  }
  for (int64_t j = 0; j < n; j++) {
    if (!(b[j] >= 0) || b[j] * 0 != 0) return mass > 0 ? 3 : 4;
    q.lb[j] = RT_(rt_log)(b[j]), g[j] = 0;
  }
  if (!(RT_(rt_abs)(*surplus - 1) <= 1e-3f) || !(mass > 0)) return 4;
  const int status = RT_(rt_sinkhorn_anneal)(&q, mass, (int64_t)*most, *tol);
  if (status) return status;
  for (int64_t j = 0; j < n; j++) mean -= g[j] / (2 * (RT_T)n);
  for (int64_t i = 0; i < m; i++) mean += f[i] / (2 * (RT_T)m);
  for (int64_t i = 0; i < m; i++) f[i] -= mean;
  for (int64_t j = 0; j < n; j++) g[j] += mean;
  return 0;
}

#endif
