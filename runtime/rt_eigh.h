/*
** rt_eigh.h: A = V diag(w) V' for symmetric A
**
**   Q' A Q = T        tridiagonal, by reflections
**   Z' T Z = diag(w)  implicit QL rotations with Wilkinson's shift;  V = Q Z
**
** (Golub and Van Loan, algorithms 8.3.1 and 8.3.3; EISPACK's tql2.) Only the lower triangle is
** read. Eigenvalues ascend; the signs of the vectors are arbitrary.
*/
#ifndef RT_EIGH_H
#define RT_EIGH_H
#include "rt_rows.h"
#define RT_TEXT "rt_eigh.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* Tridiagonalises the full symmetric B {n, wide}, wide whole vectors: diagonal d, subdiagonal e[0 ..
** n-2], and the reflections as rows of H {n, wide} (row k from position k + 1, its first element 1)
** with tau; w: wide. No zero that is divided by is -0. */
static inline void RT_(rt_eigh_reduce)(int64_t n, int64_t wide, RT_T *B, RT_T *H, RT_T *tau, RT_T *d,
                                       RT_T *e, RT_T *w) {
  for (int64_t k = 0; k + 1 < n; k++) {
    const int64_t m = n - k - 1, from = (k + 1) / RT_WIDE * RT_WIDE, many = wide - from;
    RT_T *v = H + k * wide;
    for (int64_t i = 0; i < wide; i++) v[i] = i > k && i < n ? B[i * wide + k] + 0 : 0;
    tau[k] = m > 1 ? RT_(rt_reflector)(m, v + k + 1, 1) : 0;
    e[k] = v[k + 1];
    v[k + 1] = 1;
    if (tau[k] == 0) continue;
    for (int64_t j = from; j < wide; j++) w[j] = 0;
    int64_t i = k + 1;
    for (; i + 2 <= n; i += 2) {
      const RT_T *row = B + i * wide + from;
      RT_(rt_row_add_two)(many, v[i], row, v[i + 1], row + wide, w + from);
    }
    if (i < n) RT_(rt_row_add)(many, v[i], B + i * wide + from, w + from);
    for (int64_t j = from; j < wide; j++) w[j] *= tau[k];
    const RT_T by = -tau[k] / 2 * RT_(rt_row_dot)(many, w + from, v + from);
    RT_(rt_row_add)(many, by, v + from, w + from);
    for (i = k + 1; i < n; i++)
      RT_(rt_row_add_two)(many, -v[i], w + from, -w[i], v + from, B + i * wide + from);
  }
  for (int64_t i = 0; i < n; i++) d[i] = B[i * wide + i] + 0;
}

/* Diagonalises the tridiagonal (d, e), turning the rows of Z {n, wide} (unless NULL) along.
** 1: an eigenvalue took more than 60 steps. */
static inline int RT_(rt_eigh_ql)(int64_t n, int64_t wide, RT_T *d, RT_T *e, RT_T *Z) {
  for (int64_t l = 0; l < n; l++)
    for (int step = 0;; step++) {
      int64_t m = l;
      for (; m + 1 < n; m++) {
        const RT_T near = RT_(rt_abs)(d[m]) + RT_(rt_abs)(d[m + 1]);
        if (RT_(rt_abs)(e[m]) <= RT_EPS * near || RT_(rt_abs)(e[m]) < RT_SMALL * RT_SMALL) break;
      }
      if (m == l) break;
      if (step == 60) return 1;
      RT_T g = (d[l + 1] - d[l]) / (2 * e[l]), pair[2] = {g, 1};
      RT_T r = RT_(rt_row_norm)(2, pair, 1);
      g = d[m] - d[l] + e[l] / (g + RT_(rt_copysign)(r, g));
      RT_T s = 1, c = 1, p = 0;
      int64_t i = m - 1;
      for (; i >= l; i--) {
        const RT_T f = s * e[i], b = c * e[i], both[2] = {f, g};
        r = RT_(rt_row_norm)(2, both, 1);
        if (i + 1 < m) e[i + 1] = r;
        if (r == 0) {
          d[i + 1] -= p;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        r = (d[i] - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        if (Z) RT_(rt_row_rotate)(wide, c, s, Z + i * wide, Z + (i + 1) * wide);
      }
      if (r == 0 && i >= l) continue;
      d[l] -= p;
      e[l] = g;
    }
  return 0;
}

/* order[k]: the position of the k-th smallest of d. */
static inline void RT_(rt_eigh_order)(int64_t n, const RT_T *d, RT_T *order) {
  for (int64_t i = 0; i < n; i++) {
    int64_t k = i;
    for (; k > 0 && d[(int64_t)order[k - 1]] > d[i]; k--) order[k] = order[k - 1];
    order[k] = (RT_T)i;
  }
}

/* w {n} and, unless V is NULL, V {n, n}; work: 2 n n + 35 n + 16. */
static inline int RT_(rt_eigh_any)(int64_t n, const RT_T *A, RT_T *w, RT_T *V, RT_T *work) {
  const int64_t wide = RT_(rt_row_wide)(n);
  RT_T *B = work, *H = B + n * wide, *tau = H + n * wide, *d = tau + n, *e = d + n, *order = e + n;
  RT_T *row = order + n, largest = 0;
  for (int64_t i = 0; i < n; i++) {
    const RT_T m = RT_(rt_row_span)(i + 1, A + i * n);
    if (m > largest || m != m) largest = m;
    if (m != m) break;
  }
  if (!(largest * 0 == 0)) return 2;
  const RT_T scale = largest > 0 ? RT_(rt_row_scale)(largest) : 1;
  for (int64_t i = 0; i < n; i++) {
    for (int64_t j = 0; j <= i; j++) B[i * wide + j] = B[j * wide + i] = A[i * n + j] * scale;
    for (int64_t j = n; j < wide; j++) B[i * wide + j] = 0;
  }
  RT_(rt_eigh_reduce)(n, wide, B, H, tau, d, e, row);
  if (V) {
    RT_(rt_row_eye)(n, wide, B);
    for (int64_t k = n - 2; k >= 0; k--) {
      const int64_t from = (k + 1) / RT_WIDE * RT_WIDE;
      RT_(rt_reflect)
      (n - k - 1, wide - from, tau[k], H + k * wide + k + 1, 1, B + (k + 1) * wide + from, wide);
    }
    for (int64_t i = 0; i < n; i++)
      for (int64_t j = 0; j < wide; j++) H[i * wide + j] = j < n ? B[j * wide + i] : 0;
  }
  const int failed = RT_(rt_eigh_ql)(n, wide, d, e, V ? H : NULL);
  RT_(rt_eigh_order)(n, d, order);
  for (int64_t k = 0; k < n; k++) {
    w[k] = d[(int64_t)order[k]] / scale;
    for (int64_t i = 0; V && i < n; i++) V[i * n + k] = H[(int64_t)order[k] * wide + i] + 0;
  }
  return failed;
}

/* w {n} ascending and V {n, n}, column k the vector of w[k], of A {n, n}; work: 2 n n + 35 n + 16.
** 1: no convergence; 2: not finite. */
static inline int RT_(rt_eigh)(int64_t n, const RT_T *A, RT_T *w, RT_T *V, RT_T *work) {
  return RT_(rt_eigh_any)(n, A, w, V, work);
}

/* w {n} of A {n, n}; work: 2 n n + 35 n + 16. */
static inline int RT_(rt_eigvalsh)(int64_t n, const RT_T *A, RT_T *w, RT_T *work) {
  return RT_(rt_eigh_any)(n, A, w, NULL, work);
}

#endif
