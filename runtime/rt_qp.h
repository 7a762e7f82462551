/*
** rt_qp.h: z = argmin 1/2 z'Qz + p'z subject to A z = b, G z <= h, with its multipliers
**
**   [Q C'; C 0] [z; y] = [-p; d]      C z = d: the rows found active by rt_qp_interior.h
**
** The last system makes z, nu and lambda as accurate as it is well conditioned. Rows that depend on
** others are left out of it, so that there is a derivative where multipliers are not unique.
*/
#ifndef RT_QP_H
#define RT_QP_H
#include "rt_qp_interior.h"
#define RT_TEXT "rt_qp.h"
#include "rt_each_float.h"

#elif defined(RT_T)

static inline const RT_T *RT_(rt_qp_row)(const RT_(rt_qp_state) *q, int64_t i) {
  return i < q->e ? q->A + i * q->n : q->G + (i - q->e) * q->n;
}

/* Appends row i to the orthonormal rows V {count, n} unless it depends on them; the new count. */
static inline int64_t RT_(rt_qp_extend)(const RT_(rt_qp_state) *q, int64_t i, int64_t count,
                                        RT_T *V) {
  const int64_t n = q->n;
  const RT_T *row = RT_(rt_qp_row)(q, i);
  const RT_T length = RT_(rt_row_norm)(n, row, 1);
  RT_T *v = V + count * n;
  if (count == n || length == 0) return count;
  for (int64_t j = 0; j < n; j++) v[j] = row[j] / length;
  for (int pass = 0; pass < 2; pass++)
    for (int64_t k = 0; k < count; k++)
      RT_(rt_row_add)(n, -RT_(rt_row_dot)(n, V + k * n, v), V + k * n, v);
  const RT_T left = RT_(rt_row_norm)(n, v, 1);
  if (left < 1e-7f) return count;
  for (int64_t j = 0; j < n; j++) v[j] /= left;
  q->pick[count] = (RT_T)i;
  return count + 1;
}

/* Picks independent rows: equations, then flagged inequalities, those with large multipliers first.
** How many. */
static inline int64_t RT_(rt_qp_choose)(const RT_(rt_qp_state) *q, RT_T *V) {
  int64_t count = 0;
  for (int64_t i = 0; i < q->e; i++) count = RT_(rt_qp_extend)(q, i, count, V);
  for (int64_t i = 0; i < q->m; i++) q->rs[i] = q->flag[i];
  for (;;) {
    int64_t best = -1;
    for (int64_t i = 0; i < q->m; i++)
      if (q->rs[i] > 0 && (best < 0 || q->lambda[i] > q->lambda[best])) best = i;
    if (best < 0) return count;
    q->rs[best] = 0;
    count = RT_(rt_qp_extend)(q, q->e + best, count, V);
  }
}

/* z and the multipliers of the picked rows as equations, in dz. 1: they do not fit together. */
static inline int RT_(rt_qp_equations)(RT_(rt_qp_state) *q, int64_t count) {
  const int64_t n = q->n, k = n + count;
  for (int64_t i = 0; i < n; i++) {
    q->x[i] = -q->p[i];
    for (int64_t j = 0; j <= i; j++) q->K[i * k + j] = q->Q[i * n + j];
  }
  for (int64_t i = 0; i < count; i++) {
    const int64_t at = (int64_t)q->pick[i];
    const RT_T *row = RT_(rt_qp_row)(q, at);
    for (int64_t j = 0; j <= n + i; j++) q->K[(n + i) * k + j] = j < n ? row[j] : 0;
    q->x[n + i] = at < q->e ? q->b[at] : q->h[at - q->e];
  }
  RT_(rt_qp_factor)(k, n, 1e-9f, q->K, q->L, q->y);
  const RT_T left = RT_(rt_qp_solve)(q, k, q->x, q->dz);
  return !(left <= 1e-9f * (1 + RT_(rt_row_largest)(k, q->x, 1)));
}

/* Drops the flagged row whose multiplier is most negative, or else adds the row most violated.
** Returns whether there was one. */
static inline int RT_(rt_qp_correct)(RT_(rt_qp_state) *q, int64_t count) {
  const int64_t n = q->n;
  const RT_T small = 1e-9f * (1 + RT_(rt_row_largest)(count, q->dz + n, 1));
  RT_T worst = -small;
  int64_t which = -1;
  for (int64_t i = 0; i < count; i++) {
    const int64_t at = (int64_t)q->pick[i] - q->e;
    if (at >= 0 && q->dz[n + i] < worst) worst = q->dz[n + i], which = at;
  }
  if (which >= 0) {
    q->flag[which] = 0;
    return 1;
  }
  worst = 1e-9f * (1 + RT_(rt_row_largest)(n, q->dz, 1));
  for (int64_t i = 0; i < q->m; i++) {
    const RT_T over = RT_(rt_row_dot)(n, q->G + i * n, q->dz) - q->h[i];
    if (over > worst) worst = over, which = i;
  }
  if (which >= 0) q->flag[which] = 1;
  return which >= 0;
}

/* Moves to the solution with the active rows as equations, if it is one; picks those rows. 0: it
** is. */
static inline int RT_(rt_qp_polish)(RT_(rt_qp_state) *q, int64_t *count) {
  const int64_t n = q->n;
  for (int64_t i = 0; i < q->m; i++) {
    q->flag[i] = q->lambda[i] > q->s[i];
    q->dl[i] = q->lambda[i] > 1e4f * q->s[i]; /* held firmly, by some of the multipliers that there are */
  }
  *count = RT_(rt_qp_choose)(q, q->L);
  for (int round = 0; round < 20; round++) {
    if (RT_(rt_qp_equations)(q, *count)) break;
    if (RT_(rt_qp_correct)(q, *count)) {
      *count = RT_(rt_qp_choose)(q, q->L);
      continue;
    }
    for (int64_t i = 0; i < n; i++) q->z[i] = q->dz[i];
    for (int64_t i = 0; i < q->e; i++) q->nu[i] = 0;
    for (int64_t i = 0; i < q->m; i++) q->lambda[i] = 0;
    for (int64_t i = 0; i < *count; i++) {
      const int64_t at = (int64_t)q->pick[i];
      const RT_T y = q->dz[n + i];
      if (at < q->e) q->nu[at] = y;
      else q->lambda[at - q->e] = y > 0 ? y : 0;
    }
    for (int64_t i = 0; i < q->m; i++)
      q->s[i] = q->h[i] - RT_(rt_row_dot)(n, q->G + i * n, q->z);
    return 0;
  }
  for (int64_t i = 0; i < q->m; i++) q->flag[i] = q->lambda[i] > q->s[i];
  *count = RT_(rt_qp_choose)(q, q->L);
  return 1;
}

/* Writes the results in the program's own units. */
static inline void RT_(rt_qp_results)(const RT_(rt_qp_state) *q, int64_t count, RT_T *z, RT_T *nu,
                                      RT_T *lambda, RT_T *active) {
  const RT_T strong = 1e-8f * (1 + RT_(rt_row_largest)(q->m, q->lambda, 1));
  const RT_T near = 1e-8f * (1 + RT_(rt_row_largest)(q->n, q->z, 1));
  for (int64_t i = 0; i < q->n; i++) z[i] = q->unit * q->z[i];
  for (int64_t i = 0; i < q->e; i++) nu[i] = q->cost * q->nu[i], active[i] = 0;
  for (int64_t i = 0; i < q->m; i++) {
    lambda[i] = q->cost * q->lambda[i] / q->norm[i];
    active[q->e + i] = q->flag[i] == 0 && q->s[i] <= near ? (RT_T)0.5 : 0;
  }
  for (int64_t i = 0; i < count; i++) {
    const int64_t at = (int64_t)q->pick[i];
    const bool holds = at < q->e || q->lambda[at - q->e] > strong || q->dl[at - q->e] > 0;
    active[at] = holds ? 1 : (RT_T)0.5;
  }
}

/* z {n}, nu {e}, lambda {m}; active {e + m}: 1 for a row that holds as an equation, 0.5 where its
** multiplier is 0 all the same, else 0. work: n n + (e + m) n + 4 n + 3 e + 9 m + 4 k + 2 k k with
** k = 2 n + e. Statuses: enum RT_QP. */
static inline int RT_(rt_qp)(int64_t n, int64_t e, int64_t m, const RT_T *Q, const RT_T *p,
                             const RT_T *A, const RT_T *b, const RT_T *G, const RT_T *h,
                             const RT_T *most, const RT_T *tol, RT_T *z, RT_T *nu, RT_T *lambda,
                             RT_T *active, RT_T *work) {
  const int64_t k = 2 * n + e;
  RT_(rt_qp_state) q = {.n = n, .e = e, .m = m};
  RT_T **const part[] = {&q.Q, &q.A, &q.G, &q.p, &q.z, &q.rd, &q.pick, &q.b, &q.nu, &q.rp, &q.h,
    &q.norm, &q.lambda, &q.s, &q.rc, &q.rs, &q.ds, &q.dl, &q.flag, &q.dz, &q.x, &q.y, &q.r, &q.K,
    &q.L};
  for (int i = 0; i < 25; i++) {
    *part[i] = work;
    work += i == 0 ? n * n : i == 1 ? e * n : i == 2 ? m * n : i < 7 ? n : i < 10 ? e
      : i < 19 ? m : i < 23 ? k : k * k;
  }
  int64_t count = 0;
  int status = RT_(rt_qp_scale)(&q, Q, p, A, b, G, h);
  if (status) return status;
  status = RT_(rt_qp_run)(&q, (int64_t)*most, *tol);
  if (status && status != RT_QP_NO_CONVERGENCE) return status;
  if (RT_(rt_qp_polish)(&q, &count) && status) return status;
  RT_(rt_qp_results)(&q, count, z, nu, lambda, active);
  return 0;
}

#endif
