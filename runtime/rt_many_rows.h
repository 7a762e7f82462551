/*
** rt_many_rows.h: what rt_rows.h has, for many small matrices side by side (rt_many.h)
**
** A row is one of vectors, a number of each item in every lane. What only some lanes do is computed
** for all and picked.
*/
#ifndef RT_MANY_ROWS_H
#define RT_MANY_ROWS_H
#include "rt_many.h"
#define RT_TEXT "rt_many_rows.h"
#include "rt_each_float.h"

#elif defined(RT_T)

RT_FN RT_(rt_lanes) RT_(rt_many_root)(const RT_(rt_lanes) *x) {
  RT_T a[RT_(rt_many)];
  RT_(rt_lanes) root;
  memcpy(a, x, sizeof a);
#pragma omp simd
  for (int l = 0; l < RT_(rt_many); l++) a[l] = RT_(rt_sqrt)(a[l]);
  memcpy(&root, a, sizeof root);
  return root;
}

/* |x| with the sign of y */
RT_FN RT_(rt_lanes) RT_(rt_many_sign_of)(const RT_(rt_lanes) *x, const RT_(rt_lanes) *y) {
  const RT_(rt_lanes) sign = -(RT_(rt_lanes)){0}, size = RT_(rt_many_abs)(x);
  return (RT_(rt_lanes))((RT_(rt_mask))size | ((RT_(rt_mask))*y & (RT_(rt_mask))sign));
}

/* The largest |x[i]|; NaN where there is one. */
RT_FN RT_(rt_lanes) RT_(rt_many_largest)(int64_t n, const RT_(rt_lanes) * x, int64_t stride) {
  RT_(rt_lanes) most = {0};
  for (int64_t i = 0; i < n; i++) {
    const RT_(rt_lanes) a = RT_(rt_many_abs)(&x[i * stride]);
    const RT_(rt_mask) more = (RT_(rt_mask))(a > most) | (RT_(rt_mask))(a != a);
    most = RT_(rt_many_pick)(&more, &a, &most);
  }
  return most;
}

/* Whether all numbers of all items are finite. */
RT_FN bool RT_(rt_many_finite)(int64_t n, const RT_(rt_lanes) * x) {
  RT_(rt_lanes) odd = {0};
  for (int64_t i = 0; i < n; i++) odd += x[i] * 0;
  const RT_(rt_mask) bad = (RT_(rt_mask))(odd != 0);
  return !RT_(rt_many_any)(&bad);
}

/* The powers of two that bring the items near 1 by their largest, 1 for those of zeros: as
** rt_row_scale finds them. */
RT_FN RT_(rt_lanes) RT_(rt_many_scale)(const RT_(rt_lanes) *largest) {
  const RT_(rt_lanes) m = *largest;
  RT_(rt_lanes) s = (RT_(rt_lanes)){0} + 1;
  for (;;) {
    const RT_(rt_lanes) less = s / 2, more = s * 2;
    const RT_(rt_mask) down = (RT_(rt_mask))(m * s > 2) & (RT_(rt_mask))(s > 0);
    const RT_(rt_mask) up = (RT_(rt_mask))(m * s < 1) & (RT_(rt_mask))(m > 0) &
                            (RT_(rt_mask))(s < RT_LARGE * RT_LARGE), turned = down | up;
    if (!RT_(rt_many_any)(&turned)) return s;
    s = RT_(rt_many_pick)(&down, &less, &s);
    s = RT_(rt_many_pick)(&up, &more, &s);
  }
}

/* Number i of both rows and those RT_WIDE further: what rt_row_dot has in a lane; one for each of
** `dots` pairs, a constant, of the rows x. */
RT_FN void RT_(rt_many_terms)(const int dots, const int (*pair)[2], int64_t n, int64_t i,
                              const RT_(rt_lanes) *const *x, RT_(rt_lanes) *sum) {
  RT_UNROLL
  for (int d = 0; d < dots; d++) sum[d] = x[pair[d][0]][i] * x[pair[d][1]][i];
  for (int64_t k = i + RT_WIDE; k < n; k += RT_WIDE) {
    RT_UNROLL
    for (int d = 0; d < dots; d++) RT_(rt_many_fma)(&sum[d], &x[pair[d][0]][k], &x[pair[d][1]][k]);
  }
}

/* Products of pairs of rows of n numbers, added as rt_row_dot adds them. */
RT_FN void RT_(rt_many_dots)(const int dots, const int (*pair)[2], int64_t n,
                             const RT_(rt_lanes) *const *x, RT_(rt_lanes) *dot) {
  RT_(rt_lanes) sum[4][6], half[6], more[6];
  for (int i = 0; i < 4; i++) {
    RT_UNROLL
    for (int d = 0; i >= n && d < dots; d++) sum[i][d] = (RT_(rt_lanes)){0};
    for (int q = 0; q < RT_WIDE / 8; q++) { /* lanes i + 4 q and RT_WIDE / 2 further */
      const int64_t at = i + 4 * q;
      if (at >= n) continue;
      RT_(rt_many_terms)(dots, pair, n, at, x, half);
      if (at + RT_WIDE / 2 < n) {
        RT_(rt_many_terms)(dots, pair, n, at + RT_WIDE / 2, x, more);
        RT_UNROLL
        for (int d = 0; d < dots; d++) half[d] += more[d];
      }
      RT_UNROLL
      for (int d = 0; d < dots; d++)
        if (q) sum[i][d] += half[d];
        else sum[i][d] = half[d];
    }
  }
  RT_UNROLL
  for (int d = 0; d < dots; d++) dot[d] = (sum[0][d] + sum[2][d]) + (sum[1][d] + sum[3][d]);
}

/* x' y of two rows, as rt_row_dot adds it. */
static RT_(rt_lanes) RT_(rt_many_row_dot)(int64_t n, const RT_(rt_lanes) * x,
                                         const RT_(rt_lanes) * y) {
  static const int pair[1][2] = {{0, 1}};
  const RT_(rt_lanes) *rows[2] = {x, y};
  RT_(rt_lanes) dot;
  RT_(rt_many_dots)(1, pair, n, rows, &dot);
  return dot;
}

/* rt_reflector; its tau. */
static inline RT_(rt_lanes)
    RT_(rt_many_reflector)(int64_t n, RT_(rt_lanes) * x, int64_t stride) {
  const RT_(rt_lanes) first = RT_(rt_many_abs)(&x[0]);
  RT_(rt_lanes) unit = (RT_(rt_lanes)){0} + 1, rest = {0};
  RT_(rt_mask) none = {0};
  for (int64_t i = 1; i < n; i++) RT_(rt_many_fma)(&rest, &x[i * stride], &x[i * stride]);
  const RT_(rt_mask) far = ~((RT_(rt_mask))(rest > RT_SMALL) & (RT_(rt_mask))(rest < RT_LARGE) &
                             (RT_(rt_mask))(first < RT_LARGE));
  const bool some = RT_(rt_many_any)(&far);
  if (some) {
    const RT_(rt_lanes) most = RT_(rt_many_largest)(n - 1, x + stride, stride);
    const RT_(rt_lanes) all = RT_(rt_many_largest)(n, x, stride);
    none = far & (RT_(rt_mask))(most == 0);
    const RT_(rt_mask) scaled = far & ~none;
    unit = RT_(rt_many_pick)(&scaled, &all, &unit);
    rest = (RT_(rt_lanes)){0};
    for (int64_t i = 0; i < n; i++) x[i * stride] /= unit;
    for (int64_t i = 1; i < n; i++) RT_(rt_many_fma)(&rest, &x[i * stride], &x[i * stride]);
  }
  const RT_(rt_lanes) alpha = x[0], zero = {0};
  RT_(rt_many_fma)(&rest, &alpha, &alpha);
  const RT_(rt_lanes) length = RT_(rt_many_root)(&rest);
  const RT_(rt_lanes) beta = -RT_(rt_many_sign_of)(&length, &alpha), by = alpha - beta;
  for (int64_t i = 1; i < n; i++) {
    const RT_(rt_lanes) v = x[i * stride] / by;
    x[i * stride] = some ? RT_(rt_many_pick)(&none, &x[i * stride], &v) : v;
  }
  const RT_(rt_lanes) tau = (beta - alpha) / beta, now = beta * unit;
  x[0] = some ? RT_(rt_many_pick)(&none, &alpha, &now) : now;
  return some ? RT_(rt_many_pick)(&none, &zero, &tau) : tau;
}

/* `wide` columns, at most 8 and a constant; by[i] = -tau v[i]. Lanes of `keep` stay as they are,
** NULL: none. */
RT_FN void RT_(rt_many_reflect_strip)(const int wide, int64_t m, const RT_(rt_lanes) *by,
                                      const RT_(rt_mask) *keep, const RT_(rt_lanes) *v,
                                      int64_t stride, RT_(rt_lanes) *A, int64_t step) {
  RT_(rt_lanes) w[8];
  RT_UNROLL
  for (int k = 0; k < wide; k++) w[k] = A[k];
  for (int64_t i = 1; i < m; i++) {
    const RT_(rt_lanes) x = v[i * stride];
    RT_UNROLL
    for (int k = 0; k < wide; k++) RT_(rt_many_fma)(&w[k], &x, &A[i * step + k]);
  }
  for (int64_t i = 0; i < m; i++) {
    const RT_(rt_lanes) x = by[i];
    RT_UNROLL
    for (int k = 0; k < wide; k++) {
      RT_(rt_lanes) a = A[i * step + k];
      RT_(rt_many_fma)(&a, &x, &w[k]);
      A[i * step + k] = keep ? RT_(rt_many_pick)(keep, &A[i * step + k], &a) : a;
    }
  }
}

/* rt_reflect */
static inline void RT_(rt_many_reflect)(int64_t m, int64_t n, const RT_(rt_lanes) * tau,
                                        const RT_(rt_lanes) * v, int64_t stride,
                                        RT_(rt_lanes) * A, int64_t step) {
  RT_(rt_lanes) by[RT_MANY_MOST];
  const RT_(rt_mask) none = (RT_(rt_mask))(*tau == 0), some = ~none;
  const RT_(rt_mask) *keep = RT_(rt_many_any)(&none) ? &none : NULL;
  if (!RT_(rt_many_any)(&some)) return;
  by[0] = -*tau;
  for (int64_t i = 1; i < m; i++) by[i] = by[0] * v[i * stride];
  int64_t j = 0;
  for (; j + 8 <= n; j += 8)
    RT_(rt_many_reflect_strip)(8, m, by, keep, v, stride, A + j, step);
  for (; j + 4 <= n; j += 4)
    RT_(rt_many_reflect_strip)(4, m, by, keep, v, stride, A + j, step);
  for (; j < n; j++) RT_(rt_many_reflect_strip)(1, m, by, keep, v, stride, A + j, step);
}

/* A {m, n} becomes the identity, or its first columns. */
RT_FN void RT_(rt_many_eye)(int64_t m, int64_t n, RT_(rt_lanes) * A) {
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < n; j++) A[i * n + j] = (RT_(rt_lanes)){0} + (RT_T)(i == j);
}

#endif
