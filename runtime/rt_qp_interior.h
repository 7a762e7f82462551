/*
** rt_qp_interior.h: a quadratic program by an interior-point method
**
**   z = argmin 1/2 z'Qz + p'z   subject to   A z = b,  G z <= h
**   [Q  A'  G'     ] [dz     ]     [Qz + p + A'nu + G'lambda     ]
**   [A             ] [dnu    ] = - [Az - b                       ]        s = h - Gz > 0
**   [G      -S/Lam ] [dlambda]     [Gz - h + s - (s lambda - mu..) / lambda]
**
** Mehrotra's predictor and corrector (SIAM J. Optimization 2, 1992), lambda eliminated. Systems are
** quasidefinite once shifted a little, so they have factors L D L' without exchanges; refinement
** takes the shift out again. Q is symmetrised.
*/
#ifndef RT_QP_INTERIOR_H
#define RT_QP_INTERIOR_H
#include "rt_rows.h"
enum { RT_QP_INFEASIBLE = 1, RT_QP_UNBOUNDED, RT_QP_NOT_CONVEX, RT_QP_NO_CONVERGENCE,
       RT_QP_NOT_FINITE };
#define RT_TEXT "rt_qp_interior.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* A program scaled to sizes near 1, its iterate, and space for linear systems. */
typedef struct RT_(rt_qp_state) {
  int64_t n, e, m;
  RT_T *Q, *p, *A, *b, *G, *h, *norm;     /* norm {m}: what the rows of G were divided by */
  RT_T unit, cost;                        /* what z and the objective were divided by */
  RT_T *z, *nu, *lambda, *s;
  RT_T *rd, *rp, *rc, *rs;                /* residuals: n, e, m, m */
  RT_T *dz, *ds, *dl;                     /* a direction: 2n + e, m, m */
  RT_T *K, *L, *x, *y, *r;                /* systems of up to 2n + e */
  RT_T *flag, *pick;                      /* {m}: 1 for a row thought active; {n}: rows as equations */
} RT_(rt_qp_state);

/* y += a A' x for A {m, n} */
static inline void RT_(rt_qp_add_t)(int64_t m, int64_t n, const RT_T *A, const RT_T *x, RT_T *y) {
  for (int64_t i = 0; i < m; i++) RT_(rt_row_add)(n, x[i], A + i * n, y);
}

/* L with unit diagonal and D on it, K + shift = L D L', for the lower triangle of K {k, k}; the
** first n diagonal elements are shifted up, the others down. Returns the smallest of the first n of
** D. */
static inline RT_T RT_(rt_qp_factor)(int64_t k, int64_t n, RT_T shift, const RT_T *K, RT_T *L,
                                     RT_T *v) {
  RT_T least = 1;
  for (int64_t i = 0; i < k; i++) {
    RT_T *row = L + i * k, sum = 0;
    for (int64_t j = 0; j < i; j++) {
      v[j] = K[i * k + j] - RT_(rt_row_dot)(j, v, L + j * k);
      row[j] = v[j] / L[j * k + j];
      sum = RT_(rt_fma)(v[j], row[j], sum);
    }
    row[i] = K[i * k + i] + (i < n ? shift : -shift) - sum;
    if (row[i] == 0) row[i] = i < n ? shift : -shift;
    if (i < n && (row[i] < least || row[i] != row[i])) least = row[i];
  }
  return least;
}

/* x = (L D L')^-1 x */
static inline void RT_(rt_qp_back)(int64_t k, const RT_T *L, RT_T *x) {
  for (int64_t i = 0; i < k; i++) x[i] -= RT_(rt_row_dot)(i, L + i * k, x);
  for (int64_t i = 0; i < k; i++) x[i] /= L[i * k + i];
  for (int64_t i = k - 1; i >= 0; i--) RT_(rt_row_add)(i, -x[i], L + i * k, x);
}

/* x {k} with K x = r, its factor being of the shifted K: refined until that no longer helps.
** Returns what is left of r. */
static inline RT_T RT_(rt_qp_solve)(RT_(rt_qp_state) *q, int64_t k, const RT_T *r, RT_T *x) {
  RT_T *res = q->r, *try_x = q->y, before = RT_(rt_row_largest)(k, r, 1);
  for (int64_t i = 0; i < k; i++) x[i] = 0, res[i] = r[i];
  for (int step = 0; step < 30 && before > 0; step++) {
    RT_(rt_qp_back)(k, q->L, res);
    for (int64_t i = 0; i < k; i++) try_x[i] = x[i] + res[i], res[i] = r[i];
    for (int64_t i = 0; i < k; i++) {
      const RT_T *row = q->K + i * k;
      res[i] -= RT_(rt_row_dot)(i + 1, row, try_x);
      RT_(rt_row_add)(i, -try_x[i], row, res);
    }
    const RT_T left = RT_(rt_row_largest)(k, res, 1);
    if (!(left < before) && step > 0) break;
    for (int64_t i = 0; i < k; i++) x[i] = try_x[i];
    before = left;
  }
  return before;
}

/* The largest |x| of a list that should be finite; inf where one is not. */
static inline RT_T RT_(rt_qp_size)(int64_t n, const RT_T *x) {
  const RT_T m = RT_(rt_row_largest)(n, x, 1);
  return m * 0 == 0 ? m : RT_(rt_inf)();
}

/* Scales copies of the program; an inequality with h = inf becomes 0 <= 1. 0 or a status. */
static inline int RT_(rt_qp_scale)(RT_(rt_qp_state) *q, const RT_T *Q, const RT_T *p, const RT_T *A,
                                   const RT_T *b, const RT_T *G, const RT_T *h) {
  const int64_t n = q->n, e = q->e, m = q->m;
  RT_T unit = RT_(rt_qp_size)(e, b);
  const RT_T size = RT_(rt_qp_size)(n * n, Q), linear = RT_(rt_qp_size)(n, p);
  if (!((unit + size + linear + RT_(rt_qp_size)(e * n, A) + RT_(rt_qp_size)(m * n, G)) * 0 == 0))
    return RT_QP_NOT_FINITE;
  for (int64_t i = 0; i < m; i++) {
    if (!(h[i] > -RT_(rt_inf)())) return RT_QP_NOT_FINITE;
    const int none = h[i] == RT_(rt_inf)();
    const RT_T length = none ? 0 : RT_(rt_row_norm)(n, G + i * n, 1);
    q->norm[i] = length > 0 ? length : 1;
    for (int64_t j = 0; j < n; j++) q->G[i * n + j] = none ? 0 : G[i * n + j] / q->norm[i];
    q->h[i] = none ? RT_(rt_inf)() : h[i] / q->norm[i];
    const RT_T a = RT_(rt_abs)(q->h[i]);
    if (a > unit && a < 1e15f) unit = a;
  }
  q->unit = unit > 0 ? unit : 1;
  q->cost = size * q->unit > linear ? size * q->unit : linear;
  if (q->cost == 0) q->cost = 1;
  for (int64_t i = 0; i < m; i++) q->h[i] = q->h[i] == RT_(rt_inf)() ? 1 : q->h[i] / q->unit;
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++)
      q->Q[i * n + j] = (Q[i * n + j] / 2 + Q[j * n + i] / 2) * (q->unit / q->cost);
  for (int64_t i = 0; i < n; i++) q->p[i] = p[i] / q->cost;
  for (int64_t i = 0; i < e * n; i++) q->A[i] = A[i];
  for (int64_t i = 0; i < e; i++) q->b[i] = b[i] / q->unit;
  const RT_T shift = 100 * RT_EPS * (RT_T)(n + 1);
  return RT_(rt_qp_factor)(n, n, shift, q->Q, q->L, q->y) > 0 ? 0 : RT_QP_NOT_CONVEX;
}

/* K = [Q + G' diag(w) G, A'; A, 0], lower triangle, and its factor. */
static inline void RT_(rt_qp_kkt)(RT_(rt_qp_state) *q, const RT_T *w) {
  const int64_t n = q->n, k = n + q->e;
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j <= i; j++) q->K[i * k + j] = q->Q[i * n + j];
  for (int64_t c = 0; c < q->m; c++)
    for (int64_t i = 0; i < n; i++)
      RT_(rt_row_add)(i + 1, w[c] * q->G[c * n + i], q->G + c * n, q->K + i * k);
  for (int64_t i = 0; i < q->e; i++)
    for (int64_t j = 0; j < n + i + 1; j++) q->K[(n + i) * k + j] = j < n ? q->A[i * n + j] : 0;
  RT_(rt_qp_factor)(k, n, 1e-9f, q->K, q->L, q->y);
}

/* Residuals at the iterate; the largest, beside the terms it is made of. */
static inline RT_T RT_(rt_qp_residuals)(RT_(rt_qp_state) *q) {
  const int64_t n = q->n;
  RT_T size = 1, worst = 0;
  for (int64_t i = 0; i < n; i++) q->rd[i] = RT_(rt_row_dot)(n, q->Q + i * n, q->z);
  RT_(rt_qp_add_t)(q->m, n, q->G, q->lambda, q->rd);
  size += RT_(rt_row_largest)(n, q->rd, 1);
  RT_(rt_qp_add_t)(q->e, n, q->A, q->nu, q->rd);
  for (int64_t i = 0; i < n; i++) q->rd[i] += q->p[i];
  worst = RT_(rt_row_largest)(n, q->rd, 1) / size;
  size = 1 + RT_(rt_row_largest)(n, q->z, 1);
  for (int64_t i = 0; i < q->e; i++)
    q->rp[i] = RT_(rt_row_dot)(n, q->A + i * n, q->z) - q->b[i];
  for (int64_t i = 0; i < q->m; i++)
    q->rc[i] = RT_(rt_row_dot)(n, q->G + i * n, q->z) + q->s[i] - q->h[i];
  const RT_T rp = RT_(rt_row_largest)(q->e, q->rp, 1), rc = RT_(rt_row_largest)(q->m, q->rc, 1);
  if (rp > worst * size) worst = rp / size;
  if (rc > worst * size) worst = rc / size;
  return worst;
}

/* The direction for the right sides rd, rp, rc and rs; r {n + e} is scratch. */
static inline void RT_(rt_qp_direction)(RT_(rt_qp_state) *q) {
  const int64_t n = q->n, k = n + q->e;
  RT_T *right = q->x;
  for (int64_t i = 0; i < n; i++) right[i] = -q->rd[i];
  for (int64_t i = 0; i < q->e; i++) right[n + i] = -q->rp[i];
  for (int64_t i = 0; i < q->m; i++)
    RT_(rt_row_add)(n, (q->rs[i] - q->lambda[i] * q->rc[i]) / q->s[i], q->G + i * n, right);
  RT_(rt_qp_solve)(q, k, right, q->dz);
  for (int64_t i = 0; i < q->m; i++) {
    q->ds[i] = -q->rc[i] - RT_(rt_row_dot)(n, q->G + i * n, q->dz);
    q->dl[i] = (-q->rs[i] - q->lambda[i] * q->ds[i]) / q->s[i];
  }
}

/* The longest step, up to 1, that leaves s and lambda positive; and mu after it. */
static inline RT_T RT_(rt_qp_step)(const RT_(rt_qp_state) *q, RT_T *mu) {
  RT_T a = 1, sum = 0;
  for (int64_t i = 0; i < q->m; i++) {
    if (q->ds[i] < 0 && -q->s[i] / q->ds[i] < a) a = -q->s[i] / q->ds[i];
    if (q->dl[i] < 0 && -q->lambda[i] / q->dl[i] < a) a = -q->lambda[i] / q->dl[i];
  }
  for (int64_t i = 0; i < q->m; i++)
    sum += (q->s[i] + a * q->ds[i]) * (q->lambda[i] + a * q->dl[i]);
  *mu = q->m > 0 ? sum / (RT_T)q->m : 0;
  return a;
}

/* The start: the least-squares point, with s and lambda made positive (as in CVXOPT). */
static inline void RT_(rt_qp_start)(RT_(rt_qp_state) *q) {
  const int64_t n = q->n;
  RT_T lowest = 1, highest = -1;
  for (int64_t i = 0; i < q->m; i++) q->rs[i] = 1;
  RT_(rt_qp_kkt)(q, q->rs);
  for (int64_t i = 0; i < n; i++) q->x[i] = -q->p[i];
  for (int64_t i = 0; i < q->e; i++) q->x[n + i] = q->b[i];
  RT_(rt_qp_add_t)(q->m, n, q->G, q->h, q->x);
  RT_(rt_qp_solve)(q, n + q->e, q->x, q->dz);
  for (int64_t i = 0; i < n; i++) q->z[i] = q->dz[i];
  for (int64_t i = 0; i < q->e; i++) q->nu[i] = q->dz[n + i];
  for (int64_t i = 0; i < q->m; i++) {
    q->s[i] = q->h[i] - RT_(rt_row_dot)(n, q->G + i * n, q->z);
    if (i == 0 || q->s[i] < lowest) lowest = q->s[i];
    if (i == 0 || q->s[i] > highest) highest = q->s[i];
  }
  for (int64_t i = 0; i < q->m; i++) {
    const RT_T s = q->s[i];
    q->lambda[i] = highest < -1e-6f ? -s : -s + 1 + highest;
    q->s[i] = lowest > 1e-6f ? s : s + 1 - lowest;
  }
}

/* Whether the multipliers prove that nothing is feasible, or z that the objective has no bound. */
static inline int RT_(rt_qp_hopeless)(RT_(rt_qp_state) *q) {
  const int64_t n = q->n;
  RT_T gain = 0, slope = 0, worst = 0;
  for (int64_t i = 0; i < n; i++) q->x[i] = 0;
  RT_(rt_qp_add_t)(q->e, n, q->A, q->nu, q->x);
  RT_(rt_qp_add_t)(q->m, n, q->G, q->lambda, q->x);
  for (int64_t i = 0; i < q->e; i++) gain -= q->b[i] * q->nu[i];
  for (int64_t i = 0; i < q->m; i++) gain -= q->h[i] * q->lambda[i];
  if (gain > 0 && RT_(rt_row_largest)(n, q->x, 1) <= 1e-8f * gain) return RT_QP_INFEASIBLE;
  for (int64_t i = 0; i < n; i++) {
    const RT_T c = RT_(rt_abs)(RT_(rt_row_dot)(n, q->Q + i * n, q->z));
    worst = c > worst ? c : worst, slope -= q->p[i] * q->z[i];
  }
  for (int64_t i = 0; i < q->e; i++) {
    const RT_T c = RT_(rt_abs)(RT_(rt_row_dot)(n, q->A + i * n, q->z));
    worst = c > worst ? c : worst;
  }
  for (int64_t i = 0; i < q->m; i++) {
    const RT_T c = RT_(rt_row_dot)(n, q->G + i * n, q->z);
    worst = c > worst ? c : worst;
  }
  return slope > 0 && worst <= 1e-8f * slope ? RT_QP_UNBOUNDED : 0;
}

/* One step of predictor and corrector. */
static inline void RT_(rt_qp_iterate)(RT_(rt_qp_state) *q, RT_T mu) {
  RT_T ahead;
  for (int64_t i = 0; i < q->m; i++) q->rs[i] = q->lambda[i] / q->s[i];
  RT_(rt_qp_kkt)(q, q->rs);
  for (int64_t i = 0; i < q->m; i++) q->rs[i] = q->s[i] * q->lambda[i];
  RT_(rt_qp_direction)(q);
  if (q->m > 0) {
    RT_(rt_qp_step)(q, &ahead);
    const RT_T c = mu > 0 ? ahead / mu : 0, target = c * c * c * mu;
    for (int64_t i = 0; i < q->m; i++) q->rs[i] += q->ds[i] * q->dl[i] - target;
    RT_(rt_qp_direction)(q);
  }
  const RT_T longest = RT_(rt_qp_step)(q, &ahead), a = longest < 1 ? 0.99f * longest : 1;
  for (int64_t i = 0; i < q->n; i++) q->z[i] += a * q->dz[i];
  for (int64_t i = 0; i < q->e; i++) q->nu[i] += a * q->dz[q->n + i];
  for (int64_t i = 0; i < q->m; i++) q->s[i] += a * q->ds[i], q->lambda[i] += a * q->dl[i];
}

/* Iterates until residuals and mu are below tol. 0 or a status. */
static inline int RT_(rt_qp_run)(RT_(rt_qp_state) *q, int64_t most, RT_T tol) {
  RT_(rt_qp_start)(q);
  for (int64_t step = 0;; step++) {
    const RT_T worst = RT_(rt_qp_residuals)(q);
    RT_T mu = 0;
    for (int64_t i = 0; i < q->m; i++) mu += q->s[i] * q->lambda[i] / (RT_T)q->m;
    if (worst <= tol && mu <= tol) return 0;
    const int status = RT_(rt_qp_hopeless)(q);
    if (status) return status;
    if (step >= most || !((worst + mu) * 0 == 0)) return RT_QP_NO_CONVERGENCE;
    RT_(rt_qp_iterate)(q, mu);
  }
}

#endif
