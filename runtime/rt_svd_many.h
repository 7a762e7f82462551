/*
** rt_svd_many.h: what rt_svd.h has, for many small matrices side by side (rt_many.h)
**
**   [X | J]  rows of R and of the rotations, which end as diag(s) X' and J (rt_svd.h)
**
** Each lane takes the turns that its item alone would, from the same products in the same order; a
** lane whose item is done turns by nothing, which can only change the sign of a zero. Arguments are
** those of rt_lu_many.h.
*/
#ifndef RT_SVD_MANY_H
#define RT_SVD_MANY_H
#include "rt_many_rows.h"
#include "rt_svd.h"
enum {
  RT_SVD_STRIP = 8, /* columns, of RT_MANY_MOST rows */
  RT_SVD_TURNS = (RT_MANY_MOST / 2 - 1) * RT_MANY_MOST / 4 /* fours in a sweep */
};
#define RT_TEXT "rt_svd_many.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* Squared lengths below row k, and the longest column in its place: rt_svd_pivot. */
static inline void RT_(rt_svd_many_pivot)(int64_t m, int64_t n, int64_t wide, int64_t k,
                                          RT_(rt_lanes) * B, RT_(rt_mask) * perm,
                                          RT_(rt_lanes) * size, RT_(rt_lanes) * first) {
  const RT_(rt_lanes) *above = B + (k - 1) * wide;
  RT_(rt_mask) at = (RT_(rt_mask)){0} + (int)k;
  for (int64_t j = k; j < n; j++) {
    RT_(rt_mask) again = ~(RT_(rt_mask)){0};
    if (k) {
      const RT_(rt_lanes) by = -above[j], least = RT_(rt_sqrt)(RT_EPS) * first[j];
      RT_(rt_many_fma)(&size[j], &by, &above[j]);
      again = ~(RT_(rt_mask))(size[j] > least);
    }
    if (!RT_(rt_many_any)(&again)) continue;
    RT_(rt_lanes) sum = {0};
    for (int64_t i = k; i < m; i++) RT_(rt_many_fma)(&sum, &B[i * wide + j], &B[i * wide + j]);
    size[j] = RT_(rt_many_pick)(&again, &sum, &size[j]);
    first[j] = RT_(rt_many_pick)(&again, &sum, &first[j]);
  }
  RT_(rt_lanes) most = size[k];
  for (int64_t j = k + 1; j < n; j++) {
    const RT_(rt_mask) more = (RT_(rt_mask))(size[j] > most);
    most = RT_(rt_many_pick)(&more, &size[j], &most);
    at = (more & (int)j) | (~more & at);
  }
  for (int64_t j = k + 1; j < n; j++) {
    const RT_(rt_mask) here = (RT_(rt_mask))(at == (int)j), p = perm[k], q = perm[j];
    if (!RT_(rt_many_any)(&here)) continue;
    for (int64_t i = 0; i < m; i++) {
      const RT_(rt_lanes) a = B[i * wide + k], b = B[i * wide + j];
      B[i * wide + k] = RT_(rt_many_pick)(&here, &b, &a);
      B[i * wide + j] = RT_(rt_many_pick)(&here, &a, &b);
    }
    perm[k] = (q & here) | (p & ~here), perm[j] = (p & here) | (q & ~here);
    size[j] = RT_(rt_many_pick)(&here, &size[k], &size[j]);
    first[j] = RT_(rt_many_pick)(&here, &first[k], &first[j]);
  }
}

/* rt_svd_reduce */
static inline void RT_(rt_svd_many_reduce)(int64_t m, int64_t n, int64_t wide,
                                           RT_(rt_lanes) * B, RT_(rt_lanes) * H,
                                           RT_(rt_lanes) * tau, RT_(rt_mask) * perm) {
  RT_(rt_lanes) size[RT_MANY_MOST], first[RT_MANY_MOST];
  for (int64_t k = 0; k < n; k++) perm[k] = (RT_(rt_mask)){0} + (int)k;
  for (int64_t k = 0; k < n; k++) {
    RT_(rt_svd_many_pivot)(m, n, wide, k, B, perm, size, first);
    RT_(rt_lanes) *v = H + k * m + k;
    for (int64_t i = k; i < m; i++) {
      v[i - k] = B[i * wide + k];
      B[i * wide + k] = (RT_(rt_lanes)){0};
    }
    tau[k] = RT_(rt_many_reflector)(m - k, v, 1);
    RT_(rt_many_reflect)(m - k, n - k - 1, &tau[k], v, 1, B + k * wide + k + 1, wide);
    B[k * wide + k] = v[0];
  }
}

/* Tolerances of a sweep, infinite for items that are done, and how far some rows of each were from
** orthogonal. */
typedef struct RT_(rt_svd_lanes) {
  RT_(rt_lanes) tol, near, worst;
} RT_(rt_svd_lanes);

/* rt_svd_angles for one pair. */
RT_FN void RT_(rt_svd_many_angles)(const RT_(rt_svd_lanes) *by, const RT_(rt_lanes) *a,
                                   const RT_(rt_lanes) *b, const RT_(rt_lanes) *dot,
                                   RT_(rt_lanes) *t, RT_(rt_lanes) *c, RT_(rt_lanes) *far) {
  const RT_(rt_lanes) zero = {0}, one = zero + 1, two = zero + 2;
  const RT_(rt_lanes) both = RT_(rt_many_root)(a) * RT_(rt_many_root)(b);
  const RT_(rt_lanes) size = RT_(rt_many_abs)(dot);
  const RT_(rt_mask) some = (RT_(rt_mask))(size > by->tol * both) & (RT_(rt_mask))(*a > 0) &
                            (RT_(rt_mask))(*b > 0);
  const RT_(rt_lanes) zeta = (*b - *a) / (2 * RT_(rt_many_pick)(&some, dot, &one));
  const RT_(rt_lanes) z = RT_(rt_many_abs)(&zeta), square = 1 + z * z;
  const RT_(rt_lanes) root = RT_(rt_many_root)(&square);
  const RT_(rt_mask) large = (RT_(rt_mask))(z > 1 / RT_EPS);
  const RT_(rt_lanes) slope = 1 / (z + RT_(rt_many_pick)(&large, &z, &root));
  const RT_(rt_lanes) tangent = RT_(rt_many_sign_of)(&slope, &zeta);
  *t = RT_(rt_many_pick)(&some, &tangent, &zero);
  const RT_(rt_lanes) secant = 1 + *t * *t;
  *c = 1 / RT_(rt_many_root)(&secant);
  const RT_(rt_mask) much = (RT_(rt_mask))(size > by->near * both) | (RT_(rt_mask))(slope > by->near);
  const RT_(rt_lanes) how = RT_(rt_many_pick)(&much, &two, &one);
  *far = RT_(rt_many_pick)(&some, &how, &zero);
}

/* The farthest so far; whether any lane has something to turn. */
RT_FN bool RT_(rt_svd_many_turns)(const RT_(rt_lanes) *far, RT_(rt_svd_lanes) *by) {
  const RT_(rt_mask) more = (RT_(rt_mask))(*far > by->worst), some = (RT_(rt_mask))(*far > 0);
  by->worst = RT_(rt_many_pick)(&more, far, &by->worst);
  return RT_(rt_many_any)(&some);
}

/* What the turns work on: rows X of n numbers, their squared lengths and what they are to be
** multiplied by; and J, whose rows are `wide` apart, NULL: values alone. Turns of fours of rows are
** put off for J: `turns` of them, eight numbers each. */
typedef struct RT_(rt_svd_many_rows) {
  int64_t n, wide, turns;
  RT_(rt_lanes) *X, *J, *size, *scale, *by;
  uint8_t first[RT_SVD_TURNS], second[RT_SVD_TURNS]; /* rows of the blocks */
} RT_(rt_svd_many_rows);

/* A row of J; NULL where there is no J. */
RT_FN RT_(rt_lanes) *RT_(rt_svd_many_row)(const RT_(rt_svd_many_rows) *at, int64_t row) {
  return at->J ? at->J + row * at->wide : NULL;
}

/* rt_row_rotate */
RT_FN void RT_(rt_svd_many_rotate)(int64_t n, const RT_(rt_lanes) *c, const RT_(rt_lanes) *s,
                                   RT_(rt_lanes) *x, RT_(rt_lanes) *y) {
  const RT_(rt_lanes) minus = -*s;
  for (int64_t i = 0; i < n; i++) {
    const RT_(rt_lanes) p = x[i], q = y[i];
    x[i] = p * *c, y[i] = q * *c;
    RT_(rt_many_fma)(&x[i], &minus, &q);
    RT_(rt_many_fma)(&y[i], s, &p);
  }
}

/* Rows `row` and row + 1: rt_svd_twos for one pair. */
static inline void RT_(rt_svd_many_two)(int64_t row, RT_(rt_svd_lanes) * by,
                                        const RT_(rt_svd_many_rows) * at) {
  const int64_t n = at->n;
  RT_(rt_lanes) *x = at->X + row * n, *y = x + n, *size = at->size + row, t, c, far;
  const RT_(rt_lanes) a = size[0], b = size[1], dot = RT_(rt_many_row_dot)(n, x, y);
  RT_(rt_svd_many_angles)(by, &a, &b, &dot, &t, &c, &far);
  if (!RT_(rt_svd_many_turns)(&far, by)) return;
  const RT_(rt_lanes) s = c * t;
  RT_(rt_svd_many_rotate)(n, &c, &s, x, y);
  RT_(rt_lanes) *j = RT_(rt_svd_many_row)(at, row);
  if (at->J) RT_(rt_svd_many_rotate)(n, &c, &s, j, j + at->wide);
  const RT_(rt_mask) some = (RT_(rt_mask))(far > 0);
  size[0] = a - t * dot, size[1] = b + t * dot;
  for (int r = 0; r < 2; r++) {
    const RT_(rt_mask) less = some & (RT_(rt_mask))(size[r] < (r ? b : a) / 8);
    if (!RT_(rt_many_any)(&less)) continue;
    const RT_(rt_lanes) length = RT_(rt_many_row_dot)(n, r ? y : x, r ? y : x);
    size[r] = RT_(rt_many_pick)(&less, &length, &size[r]);
  }
}

/* Two blocks of two rows each: the rows, their squared lengths, their scales and products (rt_svd.h's
** six), what turns take of the other row, which lanes have a length so small that it is computed
** again, and how far some were from orthogonal. */
typedef struct RT_(rt_svd_four) {
  int64_t row[4];
  RT_(rt_lanes) size[4], scale[4], dot[6], by[8], t[2], c[2], far;
  RT_(rt_mask) odd;
} RT_(rt_svd_four);

/* rt_svd_plan for rows 0 and `other`, a constant, and rows 1 and 5 - other. */
RT_FN void RT_(rt_svd_many_plan)(const int other, const RT_(rt_svd_lanes) *tol,
                                 RT_(rt_svd_four) *f, const RT_(rt_lanes) *dot,
                                 RT_(rt_lanes) *by) {
  RT_UNROLL
  for (int half = 0; half < 2; half++) {
    const int y = half ? 5 - other : other;
    const RT_(rt_lanes) p = f->size[half], q = f->size[y];
    RT_(rt_lanes) far;
    RT_(rt_svd_many_angles)(tol, &p, &q, &dot[half], &f->t[half], &f->c[half], &far);
    const RT_(rt_lanes) ratio = f->scale[y] / f->scale[half], part = f->t[half] * dot[half];
    by[2 * half] = -(f->t[half] * ratio), by[2 * half + 1] = f->t[half] / ratio;
    f->scale[half] *= f->c[half], f->scale[y] *= f->c[half];
    f->size[half] = p - part, f->size[y] = q + part;
    f->odd |= (RT_(rt_mask))(f->size[half] < p / 8) | (RT_(rt_mask))(f->size[y] < q / 8);
    const RT_(rt_mask) more = (RT_(rt_mask))(far > f->far);
    f->far = RT_(rt_many_pick)(&more, &far, &f->far);
  }
}

/* rt_svd_turn, of rows p, p + 1, q and q + 1 that are `step` apart, in `count` of their numbers. */
RT_FN void RT_(rt_svd_many_turn)(int64_t count, int64_t step, int64_t p, int64_t q,
                                 const RT_(rt_lanes) *by_of, RT_(rt_lanes) *X) {
  RT_(rt_lanes) *x[4], by[8];
  for (int r = 0; r < 4; r++) x[r] = X + ((r < 2 ? p : q) + r % 2) * step;
  for (int t = 0; t < 8; t++) by[t] = by_of[t];
  for (int64_t i = 0; i < count; i++) {
    RT_(rt_lanes) v[4];
    RT_UNROLL
    for (int r = 0; r < 4; r++) v[r] = x[r][i];
    RT_UNROLL
    for (int t = 0; t < 8; t += 2) { /* 0 2, 1 3, 0 3, 1 2 */
      RT_(rt_lanes) *a = &v[t / 2 % 2], *b = &v[t == 0 || t == 6 ? 2 : 3];
      const RT_(rt_lanes) old = *a;
      RT_(rt_many_fma)(a, &by[t], b), RT_(rt_many_fma)(b, &by[t + 1], &old);
    }
    RT_UNROLL
    for (int r = 0; r < 4; r++) x[r][i] = v[r];
  }
}

/* The turns that were put off for J: some columns of all its rows, which the first cache holds, at
** a time. */
static inline void RT_(rt_svd_many_catch_up)(RT_(rt_svd_many_rows) * at) {
  const int64_t n = at->J ? at->n : 0;
  for (int64_t i = 0; i < n; i += RT_SVD_STRIP)
    for (int64_t t = 0; t < at->turns; t++)
      RT_(rt_svd_many_turn)
      (n - i < RT_SVD_STRIP ? n - i : RT_SVD_STRIP, at->wide, at->first[t], at->second[t],
       at->by + 8 * t, at->J + i);
  at->turns = 0;
}

/* Multiplies a row, which has had all its turns, by its scale in the lanes of the mask. */
static inline void RT_(rt_svd_many_rescale)(int64_t row, const RT_(rt_mask) * mask,
                                            const RT_(rt_svd_many_rows) * at) {
  RT_(rt_lanes) *scale = &at->scale[row], *x = at->X + row * at->n;
  RT_(rt_lanes) *j = RT_(rt_svd_many_row)(at, row);
  const RT_(rt_lanes) one = (RT_(rt_lanes)){0} + 1, by = RT_(rt_many_pick)(mask, scale, &one);
  const RT_(rt_mask) some = (RT_(rt_mask))(by != 1);
  if (!RT_(rt_many_any)(&some)) return;
  for (int64_t i = 0; i < at->n; i++) x[i] *= by;
  for (int64_t i = 0; at->J && i < at->n; i++) j[i] *= by;
  *scale = RT_(rt_many_pick)(mask, &one, scale);
}

/* Products of rows p, p + 1, q and q + 1, and the first two of their turns. */
static inline void RT_(rt_svd_many_begin)(int64_t p, int64_t q, const RT_(rt_svd_lanes) * tol,
                                          const RT_(rt_svd_many_rows) * at,
                                          RT_(rt_svd_four) * f) {
  static const int pair[6][2] = {{0, 2}, {1, 3}, {0, 3}, {1, 2}, {0, 1}, {2, 3}};
  const RT_(rt_lanes) *x[4];
  for (int r = 0; r < 4; r++) {
    f->row[r] = (r < 2 ? p : q) + r % 2;
    x[r] = at->X + f->row[r] * at->n;
    f->size[r] = at->size[f->row[r]], f->scale[r] = at->scale[f->row[r]];
  }
  f->far = (RT_(rt_lanes)){0}, f->odd = (RT_(rt_mask)){0};
  RT_(rt_many_dots)(6, pair, at->n, x, f->dot);
  for (int d = 0; d < 6; d++) f->dot[d] *= f->scale[pair[d][0]] * f->scale[pair[d][1]];
  RT_(rt_svd_many_plan)(2, tol, f, f->dot, f->by);
}

/* The other two turns, from the products before the first two. */
static inline void RT_(rt_svd_many_follow)(const RT_(rt_svd_lanes) * tol, RT_(rt_svd_four) * f) {
  const RT_(rt_lanes) c0 = f->c[0], c1 = f->c[1], s0 = c0 * f->t[0], s1 = c1 * f->t[1];
  const RT_(rt_lanes) *dot = f->dot, zero = {0};
  RT_(rt_lanes) next[2];
  next[0] = c0 * (s1 * dot[4] + c1 * dot[2]) - s0 * (s1 * dot[3] + c1 * dot[5]);
  next[1] = c1 * (s0 * dot[4] + c0 * dot[3]) - s1 * (s0 * dot[2] + c0 * dot[5]);
  for (int h = 0; h < 2; h++) next[h] = RT_(rt_many_pick)(&f->odd, &zero, &next[h]);
  RT_(rt_svd_many_plan)(3, tol, f, next, f->by + 4);
}

/* Lengths and scales after the turns; rows that became small are scaled, and measured again. */
static inline void RT_(rt_svd_many_end)(const RT_(rt_svd_four) * f, RT_(rt_svd_many_rows) * at) {
  RT_(rt_mask) less = f->odd;
  for (int r = 0; r < 4; r++) {
    at->size[f->row[r]] = f->size[r], at->scale[f->row[r]] = f->scale[r];
    less |= (RT_(rt_mask))(f->scale[r] < (RT_T)1e-3);
  }
  less &= (RT_(rt_mask))(f->far > 0);
  if (!RT_(rt_many_any)(&less)) return;
  RT_(rt_svd_many_catch_up)(at);
  for (int r = 0; r < 4; r++) {
    const RT_(rt_mask) again = less & f->odd & (RT_(rt_mask))(f->size[r] != 0);
    const RT_(rt_lanes) *x = at->X + f->row[r] * at->n;
    RT_(rt_svd_many_rescale)(f->row[r], &less, at);
    if (!RT_(rt_many_any)(&again)) continue;
    const RT_(rt_lanes) length = RT_(rt_many_row_dot)(at->n, x, x);
    at->size[f->row[r]] = RT_(rt_many_pick)(&again, &length, &f->size[r]);
  }
}

/* The four turns of a four; those of J later. */
static inline void RT_(rt_svd_many_turn_four)(const RT_(rt_svd_four) * f,
                                              RT_(rt_svd_many_rows) * at) {
  RT_(rt_svd_many_turn)(at->n, at->n, f->row[0], f->row[2], f->by, at->X);
  if (!at->J) return;
  at->first[at->turns] = (uint8_t)f->row[0], at->second[at->turns] = (uint8_t)f->row[2];
  memcpy(at->by + 8 * at->turns++, f->by, sizeof f->by);
}

/* Blocks (round + k, round - k) from k = `from` to before `to`, at most two, whose angles a
** processor finds at the same time: rt_svd_blocks. m - 1 rounds; block m - 1 stays. */
static inline void RT_(rt_svd_many_blocks)(int64_t m, int64_t round, int64_t from, int64_t to,
                                           RT_(rt_svd_lanes) * tol, RT_(rt_svd_many_rows) * at) {
  RT_(rt_svd_four) f[2];
  for (int64_t k = from; k < to; k++) {
    const int64_t p = (round + k) % (m - 1), q = k ? (round + m - 1 - k) % (m - 1) : m - 1;
    RT_(rt_svd_many_begin)(2 * p, 2 * q, tol, at, &f[k - from]);
  }
  for (int64_t k = from; k < to; k++) RT_(rt_svd_many_follow)(tol, &f[k - from]);
  for (int64_t k = from; k < to; k++) {
    if (!RT_(rt_svd_many_turns)(&f[k - from].far, tol)) continue;
    RT_(rt_svd_many_turn_four)(&f[k - from], at);
    RT_(rt_svd_many_end)(&f[k - from], at);
  }
}

/* One sweep: rt_svd_sweep. */
static inline void RT_(rt_svd_many_sweep)(RT_(rt_svd_lanes) * tol, RT_(rt_svd_many_rows) * at) {
  const int64_t blocks = (at->n + 1) / 2, m = blocks + blocks % 2;
  for (int64_t p = 0; p < blocks; p++) RT_(rt_svd_many_two)(2 * p, tol, at);
  for (int64_t round = 0; round < m - 1; round++)
    for (int64_t k = blocks < m; k < m / 2; k += 2)
      RT_(rt_svd_many_blocks)(m, round, k, k + 2 < m / 2 ? k + 2 : m / 2, tol, at);
  RT_(rt_svd_many_catch_up)(at);
}

/* rt_svd_sweeps, until all items are done. */
static inline int RT_(rt_svd_many_sweeps)(RT_(rt_svd_many_rows) * at) {
  const int64_t n = at->n, rows = n + n % 2;
  const RT_T tol = RT_EPS * RT_(rt_sqrt)((RT_T)n), near = RT_(rt_sqrt)(tol / (RT_T)n);
  const RT_(rt_lanes) zero = {0}, never = zero + RT_LARGE, some = zero + tol;
  RT_(rt_mask) all = ~(RT_(rt_mask)){0}, on = all;
  for (int64_t r = 0; r < rows; r++) at->scale[r] = zero + 1;
  for (int sweep = 0; sweep < 60 && RT_(rt_many_any)(&on); sweep++) {
    RT_(rt_svd_lanes) by = {RT_(rt_many_pick)(&on, &some, &never), zero + near, zero};
    for (int64_t r = 0; r < rows; r++) {
      const RT_(rt_lanes) dot = RT_(rt_many_row_dot)(n, at->X + r * n, at->X + r * n);
      const RT_(rt_mask) none = (RT_(rt_mask))(dot < RT_SMALL * RT_SMALL);
      const RT_(rt_lanes) length = RT_(rt_many_pick)(&none, &zero, &dot);
      at->size[r] = RT_(rt_many_pick)(&on, &length, &at->size[r]);
    }
    RT_(rt_svd_many_sweep)(&by, at);
    for (int64_t r = 0; r < rows; r++) RT_(rt_svd_many_rescale)(r, &all, at);
    on &= (RT_(rt_mask))(by.worst == 2);
  }
  return RT_(rt_many_any)(&on);
}

/* Rows of X {n, n} of item l that are nothing become what completes the others to a basis. */
static inline void RT_(rt_svd_many_complete)(int64_t n, int l, RT_(rt_lanes) * X,
                                             const RT_(rt_lanes) * s) {
  RT_T row[RT_MANY_MOST * RT_MANY_MOST], length[RT_MANY_MOST], w[RT_MANY_MOST];
  for (int64_t r = 0; r < n; r++) {
    length[r] = s[r][l];
    for (int64_t i = 0; i < n; i++) row[r * n + i] = X[r * n + i][l];
  }
  RT_(rt_svd_complete)(n, n, row, length, w);
  for (int64_t r = 0; r < n; r++)
    for (int64_t i = 0; i < n; i++) X[r * n + i][l] = row[r * n + i];
}

/* rt_svd_lengths, and unit vectors of J too where there is one. */
static inline void RT_(rt_svd_many_lengths)(int count, const RT_(rt_svd_many_rows) * at,
                                            RT_(rt_lanes) * s) {
  const RT_(rt_lanes) zero = {0};
  const int64_t n = at->n;
  RT_(rt_mask) missing = {0};
  for (int64_t k = 0; k < n; k++) {
    RT_(rt_lanes) *x = at->X + k * n, *j = RT_(rt_svd_many_row)(at, k);
    RT_(rt_lanes) square = RT_(rt_many_row_dot)(n, x, x);
    const RT_(rt_mask) none = (RT_(rt_mask))(at->size[k] == 0);
    s[k] = RT_(rt_many_root)(&square);
    s[k] = RT_(rt_many_pick)(&none, &zero, &s[k]);
    const RT_(rt_mask) some = (RT_(rt_mask))(s[k] > 0);
    missing |= ~some;
    for (int64_t i = 0; i < n; i++) {
      const RT_(rt_lanes) unit = x[i] / s[k];
      x[i] = RT_(rt_many_pick)(&some, &unit, &zero);
    }
    if (!at->J) continue;
    square = RT_(rt_many_row_dot)(n, j, j);
    const RT_(rt_lanes) length = RT_(rt_many_root)(&square);
    for (int64_t i = 0; i < n; i++) j[i] = j[i] / length + 0;
  }
  for (int l = 0; l < count && at->J; l++)
    if (missing[l]) RT_(rt_svd_many_complete)(n, l, at->X, s);
}

/* S, and unless U is NULL the columns of U and the rows of Vh, of each item by their size. */
static inline void RT_(rt_svd_many_give)(int count, int64_t m, int64_t n, int64_t p,
                                         const RT_(rt_lanes) * X, const RT_(rt_lanes) * s,
                                         const RT_(rt_lanes) * scale, const RT_(rt_mask) * perm,
                                         RT_T *U, RT_T *S, RT_T *Vh) {
  RT_T length[RT_MANY_MOST], order[RT_MANY_MOST], row[RT_MANY_MOST];
  const RT_T *x = (const RT_T *)X;
  for (int l = 0; l < count; l++) {
    for (int64_t k = 0; k < n; k++) length[k] = s[k][l];
    RT_(rt_svd_order)(n, length, order);
    for (int64_t k = 0; k < n; k++) S[l * n + k] = length[(int64_t)order[k]] / (*scale)[l];
    for (int64_t i = 0; U && i < m; i++) {
      RT_T *u = U + (l * m + i) * p;
      for (int64_t k = 0; k < n; k++) row[k] = u[(int64_t)order[k]];
      for (int64_t k = 0; k < n; k++) u[k] = row[k];
    }
    for (int64_t k = 0; U && k < n; k++)
      for (int64_t i = 0; i < n; i++)
        Vh[(l * n + k) * n + (int64_t)perm[i][l]] =
            x[((int64_t)order[k] * n + i) * RT_(rt_many) + l] + 0;
  }
}

/* rt_svd_any, side by side */
static inline int RT_(rt_svd_many_lanes)(int count, int64_t m, int64_t n, int64_t p, const RT_T *A,
                                         int64_t A_step, RT_T *U, RT_T *S, RT_T *Vh) {
  RT_(rt_lanes) B[RT_MANY_MOST * (RT_MANY_MOST + 1)], H[RT_MANY_MOST * RT_MANY_MOST];
  RT_(rt_lanes) X[RT_MANY_MOST * RT_MANY_MOST], J[RT_MANY_MOST * (RT_MANY_MOST + 1)];
  RT_(rt_lanes) tau[RT_MANY_MOST], s[RT_MANY_MOST], size[RT_MANY_MOST], by[RT_MANY_MOST];
  RT_(rt_mask) perm[RT_MANY_MOST];
  const int64_t wide = n + 1, room = p + 1; /* so that columns lie in many sets of a cache */
  RT_(rt_svd_many_rows) at = {n, wide, 0, X, U ? J : NULL, size, by, B, {0}, {0}};
  for (int64_t i = 0; i < m; i++) {
    RT_(rt_many_take)(count, n, A + i * n, A_step, B + i * wide);
    B[i * wide + n] = (RT_(rt_lanes)){0};
  }
  if (!RT_(rt_many_finite)(m * wide, B)) return 3;
  const RT_(rt_lanes) largest = RT_(rt_many_largest)(m * wide, B, 1);
  const RT_(rt_lanes) scale = RT_(rt_many_scale)(&largest);
  for (int64_t i = 0; i < m * wide; i++) B[i] *= scale;
  RT_(rt_svd_many_reduce)(m, n, wide, B, H, tau, perm);
  for (int64_t i = 0; i < n + n % 2; i++)
    for (int64_t j = 0; j < n; j++) X[i * n + j] = i < n ? B[i * wide + j] : (RT_(rt_lanes)){0};
  if (U) RT_(rt_many_eye)(n + n % 2, wide, J);
  const int failed = RT_(rt_svd_many_sweeps)(&at);
  RT_(rt_svd_many_lengths)(count, &at, s);
  if (U) {
    RT_(rt_many_eye)(m, room, B);
    for (int64_t k = 0; k < n; k++)
      for (int64_t i = 0; i < n; i++) B[i * room + k] = J[k * wide + i];
    for (int64_t k = n - 1; k >= 0; k--)
      RT_(rt_many_reflect)(m - k, p, &tau[k], H + k * m + k, 1, B + k * room, room);
    for (int64_t i = 0; i < m; i++)
      RT_(rt_turn)
      (U + i * p, (int)(m * p), (const RT_T *)(B + i * room), RT_(rt_many), (int)p, (int)p, count);
  }
  RT_(rt_svd_many_give)(count, m, n, p, X, s, &scale, perm, U, S, Vh);
  return failed;
}

/* rt_svd_any. Few items are done sooner one after the other, their rows fill vectors by themselves:
** side by side they take the time of 3 with 8 columns, of 10 with 32 (16 lanes; Zen 4). */
static inline int RT_(rt_svd_many_any)(int count, int64_t m, int64_t n, int64_t p, const RT_T *A,
                                       int64_t A_step, RT_T *U, RT_T *S, RT_T *Vh, RT_T *work) {
  if (m < n) return 2;
  if (count > 1 && 64 * count > (n + 4) * RT_(rt_many))
    return RT_(rt_svd_many_lanes)(count, m, n, p, A, A_step, U, S, Vh);
  int failed = 0;
  for (int64_t i = 0; i < count; i++) {
    RT_T *u = U ? U + i * m * p : NULL, *v = U ? Vh + i * n * n : NULL;
    const int got = RT_(rt_svd_any)(m, n, p, A + i * A_step, u, S + i * n, v, work);
    failed = got > failed ? got : failed;
  }
  return failed;
}

static inline int RT_(rt_svd_many)(int count, int64_t m, int64_t n, const RT_T *A, int64_t A_step,
                                   RT_T *U, RT_T *S, RT_T *Vh, RT_T *work) {
  return RT_(rt_svd_many_any)(count, m, n, n, A, A_step, U, S, Vh, work);
}

static inline int RT_(rt_svd_full_many)(int count, int64_t m, int64_t n, const RT_T *A,
                                        int64_t A_step, RT_T *U, RT_T *S, RT_T *Vh, RT_T *work) {
  return RT_(rt_svd_many_any)(count, m, n, m, A, A_step, U, S, Vh, work);
}

static inline int RT_(rt_svdvals_many)(int count, int64_t m, int64_t n, const RT_T *A,
                                       int64_t A_step, RT_T *S, RT_T *work) {
  return RT_(rt_svd_many_any)(count, m, n, n, A, A_step, NULL, S, NULL, work);
}

#endif
