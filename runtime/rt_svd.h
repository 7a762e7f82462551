/*
** rt_svd.h: A = U diag(S) Vh by one-sided Jacobi rotations, for at least as many rows as columns
**
**   A P = Q R         reflections, the largest column first
**   J R = diag(s) X'  rotations J of pairs of rows of R until all are orthogonal
**   U = Q J',  Vh = X' P'
**
** Small singular values keep the relative accuracy that the columns allow, ties and zeros are
** nothing special, and the method always converges (Drmac and Veselic, SIAM J. Matrix Anal. Appl.
** 29, 2008). Singular values descend; the signs of the vectors are arbitrary.
*/
#ifndef RT_SVD_H
#define RT_SVD_H
#include "rt_rows.h"
enum { RT_SVD_PAIRS = 16 }; /* of rows that are turned together */
#define RT_TEXT "rt_svd.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* The length of a row of n numbers that is whole vectors. */
static inline int64_t RT_(rt_svd_wide)(int64_t n) { return (n + RT_WIDE - 1) / RT_WIDE * RT_WIDE; }

/* Moves the column of B {m, wide} that is longest below row k to position k < n. size holds squared lengths
** below row k, which are downdated from row to row, and first those they were computed with. */
static inline void RT_(rt_svd_pivot)(int64_t m, int64_t n, int64_t wide, int64_t k, RT_T *B, RT_T *perm,
                                     RT_T *size, RT_T *first) {
  int64_t best = k;
  for (int64_t j = k; j < n; j++) {
    if (k) size[j] = RT_(rt_fma)(-B[(k - 1) * wide + j], B[(k - 1) * wide + j], size[j]);
    if (k && size[j] > RT_(rt_sqrt)(RT_EPS) * first[j]) continue;
    size[j] = 0;
    for (int64_t i = k; i < m; i++) size[j] = RT_(rt_fma)(B[i * wide + j], B[i * wide + j], size[j]);
    first[j] = size[j];
  }
  for (int64_t j = k + 1; j < n; j++)
    if (size[j] > size[best]) best = j;
  if (best == k) return;
  for (int64_t i = 0; i < m; i++) {
    const RT_T t = B[i * wide + k];
    B[i * wide + k] = B[i * wide + best];
    B[i * wide + best] = t;
  }
  const RT_T t = perm[k];
  perm[k] = perm[best];
  perm[best] = t;
  size[best] = size[k], first[best] = first[k];
}

/* The rotations (c, s) that make pairs of rows with squared lengths a and b and product `dot` orthogonal;
** t is their tangent, 0 where they are orthogonal already. */
static inline void RT_(rt_svd_angles)(RT_T tol, const RT_T *a, const RT_T *b, const RT_T *dot, RT_T *t,
                                      RT_T *c, RT_T *s) {
#pragma omp simd
  for (int k = 0; k < RT_SVD_PAIRS; k++) {
    const bool far = RT_(rt_abs)(dot[k]) > tol * RT_(rt_sqrt)(a[k]) * RT_(rt_sqrt)(b[k]);
    const RT_T zeta = (b[k] - a[k]) / (2 * (far ? dot[k] : 1)), z = RT_(rt_abs)(zeta);
    const RT_T root = RT_(rt_sqrt)(1 + z * z), slope = 1 / (z + (z > 1 / RT_EPS ? z : root));
    t[k] = far ? RT_(rt_copysign)(slope, zeta) : 0;
    c[k] = 1 / RT_(rt_sqrt)(1 + t[k] * t[k]);
    s[k] = c[k] * t[k];
  }
}

/* Up to RT_SVD_PAIRS pairs of rows of X, no row in two of them, made orthogonal in their first n numbers;
** size holds squared lengths. Returns whether one was not so already. */
static inline bool RT_(rt_svd_turn)(int64_t n, int64_t step, int count, const int64_t *p,
                                    const int64_t *q, RT_T tol, RT_T *X, RT_T *size) {
  RT_T a[RT_SVD_PAIRS], b[RT_SVD_PAIRS], dot[RT_SVD_PAIRS], t[RT_SVD_PAIRS], c[RT_SVD_PAIRS];
  RT_T s[RT_SVD_PAIRS];
  bool turned = false;
  for (int k = 0; k < RT_SVD_PAIRS; k++) a[k] = b[k] = 1, dot[k] = 0;
  for (int k = 0; k < count; k++) {
    if (size[p[k]] == 0 || size[q[k]] == 0) continue;
    a[k] = size[p[k]], b[k] = size[q[k]];
    dot[k] = RT_(rt_row_dot)(n, X + p[k] * step, X + q[k] * step);
  }
  RT_(rt_svd_angles)(tol, a, b, dot, t, c, s);
  for (int k = 0; k < count; k++) {
    RT_T *x = X + p[k] * step, *y = X + q[k] * step;
    if (t[k] == 0) continue;
    turned = true;
    RT_(rt_row_rotate)(step, c[k], s[k], x, y);
    size[p[k]] = a[k] - t[k] * dot[k];
    size[q[k]] = b[k] + t[k] * dot[k];
    if (size[p[k]] < a[k] / 8) size[p[k]] = RT_(rt_row_dot)(n, x, x);
    if (size[q[k]] < b[k] / 8) size[q[k]] = RT_(rt_row_dot)(n, y, y);
  }
  return turned;
}

/* Rotates the n rows of X, which are `step` apart, until their first n numbers are orthogonal. Rows that are
** nothing beside the largest, which is near 1, become zero. A sweep is a round-robin tournament, so that the
** pairs of a round have no row in common. 1: not within 60 sweeps. */
static inline int RT_(rt_svd_sweeps)(int64_t n, int64_t step, RT_T *X, RT_T *size) {
  const RT_T tol = RT_EPS * RT_(rt_sqrt)((RT_T)n);
  const int64_t m = n + n % 2, wide = RT_(rt_svd_wide)(n); /* with an odd number one row rests */
  for (int sweep = 0; sweep < 60; sweep++) {
    bool turned = false;
    for (int64_t p = 0; p < n; p++) {
      size[p] = RT_(rt_row_dot)(wide, X + p * step, X + p * step);
      if (size[p] < RT_SMALL * RT_SMALL) size[p] = 0;
    }
    for (int64_t round = 0; round < m - 1; round++) {
      int64_t p[RT_SVD_PAIRS] = {round}, q[RT_SVD_PAIRS] = {m - 1}, i = round, j = round;
      int count = n == m;
      for (int64_t k = 1; k < m / 2; k++) {
        i = i + 1 < m - 1 ? i + 1 : 0;
        j = j > 0 ? j - 1 : m - 2;
        p[count] = i, q[count++] = j;
        if (count < RT_SVD_PAIRS) continue;
        turned |= RT_(rt_svd_turn)(wide, step, count, p, q, tol, X, size);
        count = 0;
      }
      if (count) turned |= RT_(rt_svd_turn)(wide, step, count, p, q, tol, X, size);
    }
    if (!turned) return 0;
  }
  return 1;
}

/* Makes the first n numbers of the rows of X unit vectors, and their lengths s; rows of length 0 become what
** completes the others to a basis. */
static inline void RT_(rt_svd_lengths)(int64_t n, int64_t step, RT_T *X, RT_T *s, const RT_T *size,
                                       RT_T *w) {
  for (int64_t k = 0; k < n; k++) {
    RT_T *row = X + k * step;
    s[k] = size[k] == 0 ? 0 : RT_(rt_sqrt)(RT_(rt_row_dot)(n, row, row));
    for (int64_t j = 0; j < n; j++) row[j] = s[k] > 0 ? row[j] / s[k] : 0;
  }
  for (int64_t k = 0; k < n; k++) {
    RT_T *row = X + k * step;
    if (s[k] != 0 || RT_(rt_row_largest)(n, row, 1) > 0) continue;
    for (int64_t j = 0; j < n; j++) w[j] = 0;
    for (int64_t i = 0; i < n; i++)
      for (int64_t j = 0; j < n; j++) w[j] += X[i * step + j] * X[i * step + j];
    int64_t least = 0;
    for (int64_t j = 1; j < n; j++)
      if (w[j] < w[least]) least = j;
    row[least] = 1;
    for (int pass = 0; pass < 2; pass++) {
      for (int64_t i = 0; i < n; i++)
        if (i != k) RT_(rt_row_add)(n, -RT_(rt_row_dot)(n, X + i * step, row), X + i * step, row);
      const RT_T length = RT_(rt_sqrt)(RT_(rt_row_dot)(n, row, row));
      for (int64_t j = 0; j < n; j++) row[j] /= length;
    }
  }
}

/* order[k]: the position of the k-th largest of s. */
static inline void RT_(rt_svd_order)(int64_t n, const RT_T *s, RT_T *order) {
  for (int64_t i = 0; i < n; i++) {
    int64_t k = i;
    for (; k > 0 && s[(int64_t)order[k - 1]] < s[i]; k--) order[k] = order[k - 1];
    order[k] = (RT_T)i;
  }
}

/* A P = Q R: R on and above the diagonal of B {m, wide}, which held A and zeros; the reflections as rows of
** H {n, m} with tau, row k from position k; perm: the places of A's columns. */
static inline void RT_(rt_svd_reduce)(int64_t m, int64_t n, int64_t wide, RT_T *B, RT_T *H, RT_T *tau,
                                      RT_T *perm, RT_T *size, RT_T *first) {
  for (int64_t k = 0; k < n; k++) perm[k] = (RT_T)k;
  for (int64_t k = 0; k < n; k++) {
    RT_(rt_svd_pivot)(m, n, wide, k, B, perm, size, first);
    RT_T *v = H + k * m + k;
    const int64_t from = (k + 1) / RT_WIDE * RT_WIDE;
    for (int64_t i = k; i < m; i++) v[i - k] = B[i * wide + k], B[i * wide + k] = 0;
    tau[k] = RT_(rt_reflector)(m - k, v, 1);
    RT_(rt_reflect)(m - k, wide - from, tau[k], v, 1, B + k * wide + from, wide);
    B[k * wide + k] = v[0];
  }
}

/* The factors with p columns of U, n or m; U NULL: values alone. A row of X, and beside it one of J, are whole
** vectors each. work: 2 m n + 16 m + 2 n n + 38 n. */
static inline int RT_(rt_svd_any)(int64_t m, int64_t n, int64_t p, const RT_T *A, RT_T *U, RT_T *S,
                                  RT_T *Vh, RT_T *work) {
  const int64_t wide = RT_(rt_svd_wide)(n), step = U ? 2 * wide : wide;
  RT_T *B = work, *H = B + m * wide, *X = H + m * n, *tau = X + 2 * n * wide, *perm = tau + n;
  RT_T *size = perm + n, *order = size + n, *s = order + n, *w = s + n;
  if (m < n) return 2;
  const RT_T largest = RT_(rt_row_span)(m * n, A);
  if (largest * 0 != 0) return 3;
  const RT_T scale = largest > 0 ? RT_(rt_row_scale)(largest) : 1;
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < wide; j++) B[i * wide + j] = j < n ? A[i * n + j] * scale : 0;
  RT_(rt_svd_reduce)(m, n, wide, B, H, tau, perm, size, w);
  for (int64_t i = 0; i < n; i++) {
    RT_T *row = X + i * step;
    for (int64_t j = 0; j < step; j++) row[j] = j < wide ? B[i * wide + j] : 0;
    if (U) row[wide + i] = 1;
  }
  const int failed = RT_(rt_svd_sweeps)(n, step, X, size);
  RT_(rt_svd_lengths)(n, step, X, s, size, w);
  RT_(rt_svd_order)(n, s, order);
  for (int64_t k = 0; k < n; k++) S[k] = s[(int64_t)order[k]] / scale;
  if (!U) return failed;
  RT_(rt_row_eye)(m, p, U);
  for (int64_t k = 0; k < n; k++) {
    const RT_T *x = X + (int64_t)order[k] * step, *j = x + wide;
    const RT_T length = RT_(rt_sqrt)(RT_(rt_row_dot)(n, j, j)); /* 1 but for many roundings */
    for (int64_t i = 0; i < n; i++) U[i * p + k] = j[i] / length;
    for (int64_t i = 0; i < n; i++) Vh[k * n + (int64_t)perm[i]] = x[i];
  }
  for (int64_t k = n - 1; k >= 0; k--)
    RT_(rt_reflect)(m - k, p, tau[k], H + k * m + k, 1, U + k * p, p);
  return failed;
}

/* U {m, n}, S {n}, Vh {n, n} of A {m, n}, m >= n; work: 2 m n + 16 m + 2 n n + 38 n. 1: no convergence,
** 2: m < n, 3: not finite. */
static inline int RT_(rt_svd)(int64_t m, int64_t n, const RT_T *A, RT_T *U, RT_T *S, RT_T *Vh,
                              RT_T *work) {
  return RT_(rt_svd_any)(m, n, n, A, U, S, Vh, work);
}

/* The same with all m columns of U; work: 2 m n + 16 m + 2 n n + 38 n. */
static inline int RT_(rt_svd_full)(int64_t m, int64_t n, const RT_T *A, RT_T *U, RT_T *S, RT_T *Vh,
                                   RT_T *work) {
  return RT_(rt_svd_any)(m, n, m, A, U, S, Vh, work);
}

/* S {n} of A {m, n}, m >= n; work: 2 m n + 16 m + 2 n n + 38 n. */
static inline int RT_(rt_svdvals)(int64_t m, int64_t n, const RT_T *A, RT_T *S, RT_T *work) {
  return RT_(rt_svd_any)(m, n, n, A, NULL, S, NULL, work);
}

#endif
