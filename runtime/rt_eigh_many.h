/*
** rt_eigh_many.h: what rt_eigh.h has, for many small matrices side by side (rt_many.h)
**
** Each lane has a block [low, high] of its own that the next step of QL turns: a sweep goes over all
** of them, and turns by nothing where a lane's is not, which can only change the sign of a zero.
** Arguments are those of rt_lu_many.h.
*/
#ifndef RT_EIGH_MANY_H
#define RT_EIGH_MANY_H
#include "rt_eigh.h"
#include "rt_many_rows.h"
#define RT_TEXT "rt_eigh_many.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* Of C, what is below and right of row and column k of B: w = v' C, or C -= v w' + w v'; `wide`
** columns, at most 8 and a constant, from j on. */
RT_FN void RT_(rt_eigh_many_strip)(const int wide, bool product, int64_t k, int64_t n, int64_t j,
                                   RT_(rt_lanes) *B, const RT_(rt_lanes) *v, RT_(rt_lanes) *w) {
  RT_(rt_lanes) sum[8] = {{0}}, *C = B + j;
  for (int64_t i = k + 1; i < n && product; i++) {
    RT_UNROLL
    for (int c = 0; c < wide; c++) RT_(rt_many_fma)(&sum[c], &v[i], &C[i * n + c]);
  }
  for (int64_t i = k + 1; i < n && !product; i++) {
    const RT_(rt_lanes) x = -v[i], y = -w[i];
    RT_UNROLL
    for (int c = 0; c < wide; c++) {
      RT_(rt_many_fma)(&C[i * n + c], &x, &w[j + c]);
      RT_(rt_many_fma)(&C[i * n + c], &y, &v[j + c]);
    }
  }
  RT_UNROLL
  for (int c = 0; c < wide && product; c++) w[j + c] = sum[c];
}

static inline void RT_(rt_eigh_many_strips)(bool product, int64_t k, int64_t n, RT_(rt_lanes) * B,
                                            const RT_(rt_lanes) * v, RT_(rt_lanes) * w) {
  int64_t j = k + 1;
  for (; j + 8 <= n; j += 8) RT_(rt_eigh_many_strip)(8, product, k, n, j, B, v, w);
  for (; j + 2 <= n; j += 2) RT_(rt_eigh_many_strip)(2, product, k, n, j, B, v, w);
  for (; j < n; j++) RT_(rt_eigh_many_strip)(1, product, k, n, j, B, v, w);
}

/* rt_eigh_reduce, for rows of n. */
static inline void RT_(rt_eigh_many_reduce)(int64_t n, RT_(rt_lanes) * B, RT_(rt_lanes) * H,
                                            RT_(rt_lanes) * tau, RT_(rt_lanes) * d,
                                            RT_(rt_lanes) * e) {
  RT_(rt_lanes) w[RT_MANY_MOST] = {{0}};
  const RT_(rt_lanes) zero = {0};
  for (int64_t k = 0; k + 1 < n; k++) {
    RT_(rt_lanes) *v = H + k * n;
    for (int64_t i = 0; i <= k; i++) v[i] = w[i] = zero;
    for (int64_t i = k + 1; i < n; i++) v[i] = B[i * n + k] + 0;
    tau[k] = zero;
    if (k + 2 < n) tau[k] = RT_(rt_many_reflector)(n - k - 1, v + k + 1, 1);
    e[k] = v[k + 1];
    v[k + 1] = zero + 1;
    if (k + 2 == n) break;
    RT_(rt_eigh_many_strips)(true, k, n, B, v, w);
    for (int64_t j = k + 1; j < n; j++) w[j] *= tau[k];
    const RT_(rt_lanes) by = -tau[k] / 2 * RT_(rt_many_row_dot)(n, w, v);
    for (int64_t j = k + 1; j < n; j++) RT_(rt_many_fma)(&w[j], &by, &v[j]);
    RT_(rt_eigh_many_strips)(false, k, n, B, v, w);
  }
  for (int64_t i = 0; i < n; i++) d[i] = B[i * n + i] + 0;
}

/* sqrt(x x + y y) as rt_row_norm has it; where `on` says so. */
RT_FN RT_(rt_lanes) RT_(rt_eigh_many_norm)(const RT_(rt_mask) *on, const RT_(rt_lanes) *x,
                                           const RT_(rt_lanes) *y) {
  RT_(rt_lanes) sum = *x * *x;
  RT_(rt_many_fma)(&sum, y, y);
  const RT_(rt_mask) far = *on & ~((RT_(rt_mask))(sum > RT_SMALL) & (RT_(rt_mask))(sum < RT_LARGE));
  const RT_(rt_lanes) near = RT_(rt_many_root)(&sum);
  if (!RT_(rt_many_any)(&far)) return near;
  const RT_(rt_lanes) pair[2] = {*x, *y}, most = RT_(rt_many_largest)(2, pair, 1);
  const RT_(rt_lanes) a = *x / most, b = *y / most;
  const RT_(rt_mask) none = (RT_(rt_mask))(most == 0) | (RT_(rt_mask))(most != most);
  sum = a * a;
  RT_(rt_many_fma)(&sum, &b, &b);
  const RT_(rt_lanes) root = most * RT_(rt_many_root)(&sum);
  const RT_(rt_lanes) scaled = RT_(rt_many_pick)(&none, &most, &root);
  return RT_(rt_many_pick)(&far, &scaled, &near);
}

/* x[at] of each lane. */
RT_FN RT_(rt_lanes) RT_(rt_eigh_many_at)(const RT_(rt_lanes) *x, const RT_(rt_mask) *at) {
  RT_T a[RT_(rt_many)];
  RT_(rt_lanes) all;
  for (int l = 0; l < RT_(rt_many); l++) a[l] = ((const RT_T *)x)[(*at)[l] * RT_(rt_many) + l];
  memcpy(&all, a, sizeof all);
  return all;
}

/* The next block [low, high] of each lane, from its low on: low is n where there is none. */
static inline void RT_(rt_eigh_many_block)(int64_t n, const RT_(rt_lanes) * d,
                                           const RT_(rt_lanes) * e, RT_(rt_mask) * low,
                                           RT_(rt_mask) * high) {
  RT_(rt_mask) last = (RT_(rt_mask)){0} + (int)(n - 1), first = last + 1;
  for (int64_t i = n - 2; i >= 0; i--) {
    const RT_(rt_lanes) size = RT_(rt_many_abs)(&e[i]);
    const RT_(rt_lanes) near = RT_(rt_many_abs)(&d[i]) + RT_(rt_many_abs)(&d[i + 1]);
    const RT_(rt_mask) small = (RT_(rt_mask))(size <= RT_EPS * near) |
                               (RT_(rt_mask))(size < RT_SMALL * RT_SMALL);
    const RT_(rt_mask) here = ~small & (RT_(rt_mask))((int)i >= *low);
    last = (small & (int)i) | (~small & last);
    first = (here & (int)i) | (~here & first);
    *high = (here & last) | (~here & *high);
  }
  *low = first;
}

/* The turns of one QL step of the lanes' blocks, from row `to` down to row `from`: sines and
** cosines. */
static inline void RT_(rt_eigh_many_turns)(int64_t n, int64_t from, int64_t to,
                                           const RT_(rt_mask) * low, const RT_(rt_mask) * high,
                                           RT_(rt_lanes) * d, RT_(rt_lanes) * e,
                                           RT_(rt_lanes) * cosine, RT_(rt_lanes) * sine) {
  const RT_(rt_lanes) zero = {0}, one = zero + 1;
  RT_(rt_mask) on = (RT_(rt_mask))(*low < (int)n), at = on & *low, next = on & (*low + 1);
  const RT_(rt_mask) end = on & *high;
  const RT_(rt_lanes) d0 = RT_(rt_eigh_many_at)(d, &at), e0 = RT_(rt_eigh_many_at)(e, &at);
  RT_(rt_lanes) g = (RT_(rt_eigh_many_at)(d, &next) - d0) / (2 * e0), s = one, c = one, p = zero;
  RT_(rt_lanes) r = RT_(rt_eigh_many_norm)(&on, &g, &one);
  g = RT_(rt_eigh_many_at)(d, &end) - d0 + e0 / (g + RT_(rt_many_sign_of)(&r, &g));
  RT_(rt_mask) whole = on; /* lanes whose step did not end early */
  for (int64_t i = to; i >= from; i--) {
    const RT_(rt_mask) inner = (RT_(rt_mask))((int)i + 1 < *high);
    on = whole & (RT_(rt_mask))((int)i < *high) & (RT_(rt_mask))((int)i >= *low);
    const RT_(rt_lanes) f = s * e[i], b = c * e[i];
    r = RT_(rt_eigh_many_norm)(&on, &f, &g);
    const RT_(rt_mask) nothing = on & (RT_(rt_mask))(r == 0), kept = on & inner;
    const RT_(rt_lanes) left = d[i + 1] - p;
    e[i + 1] = RT_(rt_many_pick)(&kept, &r, &e[i + 1]);
    on &= ~nothing, whole &= ~nothing;
    const RT_(rt_lanes) s1 = f / r, c1 = g / r, r1 = (d[i] - left) * s1 + 2 * c1 * b, p1 = s1 * r1;
    const RT_(rt_lanes) g1 = c1 * r1 - b, sum = left + p1, rest = d[i] - p1;
    const RT_(rt_mask) done = on & (RT_(rt_mask))(*low == (int)i);
    d[i + 1] = RT_(rt_many_pick)(&nothing, &left, &d[i + 1]);
    d[i + 1] = RT_(rt_many_pick)(&on, &sum, &d[i + 1]);
    d[i] = RT_(rt_many_pick)(&done, &rest, &d[i]);
    e[i] = RT_(rt_many_pick)(&done, &g1, &e[i]);
    s = RT_(rt_many_pick)(&on, &s1, &s), c = RT_(rt_many_pick)(&on, &c1, &c);
    p = RT_(rt_many_pick)(&on, &p1, &p), g = RT_(rt_many_pick)(&on, &g1, &g);
    cosine[i] = RT_(rt_many_pick)(&on, &c1, &one), sine[i] = RT_(rt_many_pick)(&on, &s1, &zero);
  }
}

/* `wide` columns of Z, a constant, at most 4: rows `to` and to + 1 are turned, then those above, to
** row `from`. */
RT_FN void RT_(rt_eigh_many_rotate)(const int wide, int64_t n, int64_t from, int64_t to,
                                    const RT_(rt_lanes) *cosine, const RT_(rt_lanes) *sine,
                                    RT_(rt_lanes) *Z) {
  RT_(rt_lanes) low[4];
  RT_UNROLL
  for (int k = 0; k < wide; k++) low[k] = Z[(to + 1) * n + k];
  for (int64_t i = to; i >= from; i--) {
    const RT_(rt_lanes) c = cosine[i], s = sine[i], minus = -s;
    RT_UNROLL
    for (int k = 0; k < wide; k++) {
      const RT_(rt_lanes) x = Z[i * n + k];
      RT_(rt_lanes) u = x * c, v = low[k] * c;
      RT_(rt_many_fma)(&u, &minus, &low[k]);
      RT_(rt_many_fma)(&v, &s, &x);
      Z[(i + 1) * n + k] = v, low[k] = u;
    }
  }
  RT_UNROLL
  for (int k = 0; k < wide; k++) Z[from * n + k] = low[k];
}

/* rt_eigh_ql */
static inline int RT_(rt_eigh_many_ql)(int64_t n, RT_(rt_lanes) * d, RT_(rt_lanes) * e,
                                       RT_(rt_lanes) * Z) {
  RT_(rt_lanes) cosine[RT_MANY_MOST], sine[RT_MANY_MOST];
  RT_(rt_mask) low = {0}, high = {0}, steps = ~low;
  int failed = 0;
  for (;;) {
    const RT_(rt_mask) old = low;
    int64_t from = n, to = -1;
    RT_(rt_eigh_many_block)(n, d, e, &low, &high);
    steps = (steps + 1) & (RT_(rt_mask))(low == old);
    for (int l = 0; l < RT_(rt_many); l++) {
      if (low[l] < n && steps[l] == 60) failed = 1, low[l] = (int)n;
      if (low[l] >= n) continue;
      from = low[l] < from ? (int64_t)low[l] : from;
      to = high[l] - 1 > to ? (int64_t)high[l] - 1 : to;
    }
    if (to < 0) return failed;
    RT_(rt_eigh_many_turns)(n, from, to, &low, &high, d, e, cosine, sine);
    int64_t j = 0;
    for (; Z && j + 4 <= n; j += 4)
      RT_(rt_eigh_many_rotate)(4, n, from, to, cosine, sine, Z + j);
    for (; Z && j < n; j++) RT_(rt_eigh_many_rotate)(1, n, from, to, cosine, sine, Z + j);
  }
}

/* w {n} and, unless V is NULL, V {n, n} of each item. */
static inline int RT_(rt_eigh_many_any)(int count, int64_t n, const RT_T *A, int64_t A_step, RT_T *w,
                                        RT_T *V) {
  RT_(rt_lanes) B[RT_MANY_MOST * RT_MANY_MOST], H[RT_MANY_MOST * RT_MANY_MOST], largest = {0};
  RT_(rt_lanes) tau[RT_MANY_MOST], d[RT_MANY_MOST], e[RT_MANY_MOST];
  RT_T one[RT_MANY_MOST], order[RT_MANY_MOST];
  RT_(rt_many_take)(count, n * n, A, A_step, B);
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < i; j++) B[j * n + i] = B[i * n + j];
  if (!RT_(rt_many_finite)(n * n, B)) return 2;
  largest = RT_(rt_many_largest)(n * n, B, 1);
  const RT_(rt_lanes) scale = RT_(rt_many_scale)(&largest);
  for (int64_t i = 0; i < n * n; i++) B[i] *= scale;
  RT_(rt_eigh_many_reduce)(n, B, H, tau, d, e);
  e[n > 0 ? n - 1 : 0] = (RT_(rt_lanes)){0};
  if (V) {
    RT_(rt_many_eye)(n, n, B);
    for (int64_t k = n - 2; k >= 0; k--)
      RT_(rt_many_reflect)
      (n - k - 1, n - k - 1, &tau[k], H + k * n + k + 1, 1, B + (k + 1) * (n + 1), n);
    for (int64_t i = 0; i < n; i++)
      for (int64_t j = 0; j < n; j++) H[i * n + j] = B[j * n + i];
  }
  const int failed = RT_(rt_eigh_many_ql)(n, d, e, V ? H : NULL);
  for (int l = 0; l < count; l++) {
    for (int64_t k = 0; k < n; k++) one[k] = d[k][l];
    RT_(rt_eigh_order)(n, one, order);
    for (int64_t k = 0; k < n; k++) {
      const RT_T *z = (const RT_T *)(H + (int64_t)order[k] * n) + l;
      w[l * n + k] = one[(int64_t)order[k]] / scale[l];
      for (int64_t i = 0; V && i < n; i++) V[(l * n + i) * n + k] = z[i * RT_(rt_many)] + 0;
    }
  }
  return failed;
}

static inline int RT_(rt_eigh_many)(int count, int64_t n, const RT_T *A, int64_t A_step, RT_T *w,
                                    RT_T *V, RT_T *work) {
  if (count == 1) return RT_(rt_eigh)(n, A, w, V, work);
  return RT_(rt_eigh_many_any)(count, n, A, A_step, w, V);
}

static inline int RT_(rt_eigvalsh_many)(int count, int64_t n, const RT_T *A, int64_t A_step, RT_T *w,
                                        RT_T *work) {
  if (count == 1) return RT_(rt_eigvalsh)(n, A, w, work);
  return RT_(rt_eigh_many_any)(count, n, A, A_step, w, NULL);
}

#endif
