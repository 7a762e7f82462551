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
#include "rt_many.h"
enum { RT_SVD_PAIRS = 16, RT_SVD_BLOCKS = 8 }; /* of rows that are turned together; two pairs a block */
#define RT_TEXT "rt_svd.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* Moves the column of B {m, wide} that is longest below row k to position k < n. size holds squared
** lengths below row k, which are downdated from row to row, and first those they were computed
** with. */
static inline void RT_(rt_svd_pivot)(int64_t m, int64_t n, int64_t wide, int64_t k, RT_T *B,
                                     RT_T *perm, RT_T *size, RT_T *first) {
  int64_t best = k;
  for (int64_t j = k; j < n; j++) {
    if (k) size[j] = RT_(rt_fma)(-B[(k - 1) * wide + j], B[(k - 1) * wide + j], size[j]);
    if (k && size[j] > RT_(rt_sqrt)(RT_EPS) * first[j]) continue;
    size[j] = 0;
    for (int64_t i = k; i < m; i++)
      size[j] = RT_(rt_fma)(B[i * wide + j], B[i * wide + j], size[j]);
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

/* The rotations that make pairs of rows with squared lengths a and b and product `dot` orthogonal:
** tangents t and cosines c. far: 0 where they are so already (t is 0), or one of them is nothing; 1
** where so nearly that what a turn does to the products of other pairs is nothing; else 2. */
static inline void RT_(rt_svd_angles)(int count, RT_T tol, RT_T near, const RT_T *a, const RT_T *b,
                                      const RT_T *dot, RT_T *t, RT_T *c, RT_T *far) {
#pragma omp simd
  for (int k = 0; k < count; k++) {
    const RT_T both = RT_(rt_sqrt)(a[k]) * RT_(rt_sqrt)(b[k]), size = RT_(rt_abs)(dot[k]);
    const bool some = (size > tol * both) & (a[k] > 0) & (b[k] > 0);
    const RT_T zeta = (b[k] - a[k]) / (2 * (some ? dot[k] : 1)), z = RT_(rt_abs)(zeta);
    const RT_T root = RT_(rt_sqrt)(1 + z * z), slope = 1 / (z + (z > 1 / RT_EPS ? z : root));
    t[k] = some ? RT_(rt_copysign)(slope, zeta) : 0;
    c[k] = 1 / RT_(rt_sqrt)(1 + t[k] * t[k]);
    far[k] = some ? (((size > near * both) | (slope > near)) ? 2 : 1) : 0;
  }
}

/* Makes the rows 2 p and 2 p + 1 of X orthogonal in their first n numbers, for up to RT_SVD_PAIRS p
** from `from` on; size holds squared lengths. Returns how far some were from it. */
static inline RT_T RT_(rt_svd_twos)(int64_t n, int64_t step, int64_t from, int64_t count, RT_T tol,
                                    RT_T near, RT_T *X, RT_T *size) {
  RT_T a[RT_SVD_PAIRS] = {0}, b[RT_SVD_PAIRS] = {0}, dot[RT_SVD_PAIRS] = {0}, t[RT_SVD_PAIRS];
  RT_T c[RT_SVD_PAIRS], far[RT_SVD_PAIRS], worst = 0;
  for (int k = 0; k < RT_SVD_PAIRS && from + k < count; k++) {
    const RT_T *x = X + 2 * (from + k) * step, *y = x + step;
    a[k] = size[2 * (from + k)], b[k] = size[2 * (from + k) + 1];
    dot[k] = RT_(rt_row_dot)(n, x, y);
  }
  RT_(rt_svd_angles)
  (count - from > RT_SVD_BLOCKS ? RT_SVD_PAIRS : RT_SVD_BLOCKS, tol, near, a, b, dot, t, c, far);
  for (int k = 0; k < RT_SVD_PAIRS && from + k < count; k++) {
    RT_T *x = X + 2 * (from + k) * step, *y = x + step, *length = size + 2 * (from + k);
    if (far[k] == 0) continue;
    worst = far[k] > worst ? far[k] : worst;
    RT_(rt_row_rotate)(step, c[k], c[k] * t[k], x, y);
    length[0] = a[k] - t[k] * dot[k], length[1] = b[k] + t[k] * dot[k];
    if (length[0] < a[k] / 8) length[0] = RT_(rt_row_dot)(n, x, x);
    if (length[1] < b[k] / 8) length[1] = RT_(rt_row_dot)(n, y, y);
  }
  return worst;
}

/* Two blocks of two rows each, rows 0 and 1 and rows 2 and 3, at a time: for each of RT_SVD_BLOCKS
** such fours, where its rows are, their squared lengths, and what the numbers in X are to be
** multiplied by. */
typedef struct RT_(rt_svd_fours) {
  int64_t row[4][RT_SVD_BLOCKS];
  RT_T size[4][RT_SVD_BLOCKS], scale[4][RT_SVD_BLOCKS];
  RT_T dot[6][RT_SVD_BLOCKS]; /* of rows 0 2, 1 3, 0 3, 1 2, 0 1 and 2 3 */
  RT_T by[8][RT_SVD_BLOCKS];  /* what the turns take of the other row */
  RT_T odd[RT_SVD_BLOCKS];    /* not 0: a length became so small that it is computed again */
  RT_T far[RT_SVD_BLOCKS];    /* how far some rows were from orthogonal */
} RT_(rt_svd_fours);

/* The products of the rows of the four k. */
RT_FN void RT_(rt_svd_dots)(int64_t n, int64_t step, const RT_T *X, RT_(rt_svd_fours) *f, int k) {
  const RT_T *x[4];
  RT_VEC sum[6] = {{0}};
  for (int r = 0; r < 4; r++) x[r] = X + f->row[r][k] * step;
  for (int64_t i = 0; i < n; i += RT_WIDE) {
    const RT_VEC a = RT_V(load)(x[0] + i), b = RT_V(load)(x[2] + i), c = RT_V(load)(x[3] + i);
    RT_V(dot)(&sum[0], &a, &b), RT_V(dot)(&sum[2], &a, &c), RT_V(dot)(&sum[5], &b, &c);
  }
  for (int64_t i = 0; i < n; i += RT_WIDE) {
    const RT_VEC a = RT_V(load)(x[1] + i), b = RT_V(load)(x[2] + i), c = RT_V(load)(x[3] + i);
    const RT_VEC d = RT_V(load)(x[0] + i);
    RT_V(dot)(&sum[1], &a, &c), RT_V(dot)(&sum[3], &a, &b), RT_V(dot)(&sum[4], &a, &d);
  }
  for (int q = 0; q < 6; q++) f->dot[q][k] = RT_(rt_fold_sum)((const RT_T *)&sum[q]);
}

/* Turns rows 0 and `other`, and rows 1 and 5 - other, whose products are dot[0] and dot[1], of
** `room` fours: their lengths and scales afterwards, and by[0 .. 3] such that x, y in X become x -
** by[0] y, y + by[1] x. */
RT_FN void RT_(rt_svd_plan)(int room, RT_T tol, RT_T near, RT_(rt_svd_fours) * f, int other,
                            const RT_T (*dot)[RT_SVD_BLOCKS], RT_T (*by)[RT_SVD_BLOCKS], RT_T *t,
                            RT_T *c) {
  RT_T a[RT_SVD_PAIRS], b[RT_SVD_PAIRS], d[RT_SVD_PAIRS], far[RT_SVD_PAIRS];
  for (int half = 0; half < 2; half++)
    for (int k = 0; k < room; k++) {
      a[half * room + k] = f->size[half][k],
                      b[half * room + k] = f->size[half ? 5 - other : other][k];
      d[half * room + k] = dot[half][k];
    }
  RT_(rt_svd_angles)(2 * room, tol, near, a, b, d, t, c, far);
  for (int half = 0; half < 2; half++) {
    const int y = half ? 5 - other : other;
#pragma omp simd
    for (int k = 0; k < room; k++) {
      const RT_T tangent = t[half * room + k], cosine = c[half * room + k];
      const RT_T ratio = f->scale[y][k] / f->scale[half][k], part = tangent * dot[half][k];
      const RT_T p = f->size[half][k], q = f->size[y][k];
      by[2 * half][k] = tangent * ratio, by[2 * half + 1][k] = tangent / ratio;
      f->scale[half][k] *= cosine, f->scale[y][k] *= cosine;
      f->size[half][k] = p - part, f->size[y][k] = q + part;
      f->odd[k] = ((p - part < p / 8) | (q + part < q / 8)) ? 1 : f->odd[k];
      f->far[k] = far[half * room + k] > f->far[k] ? far[half * room + k] : f->far[k];
    }
  }
}

/* The four turns of the four k, rows of `step` numbers. */
RT_FN void RT_(rt_svd_turn)(int64_t step, RT_T *X, const RT_(rt_svd_fours) *f, int k) {
  RT_T *x[4];
  RT_(rt_many_value) by[8], v[4] = {{0}};
  for (int r = 0; r < 4; r++) x[r] = X + f->row[r][k] * step;
  for (int q = 0; q < 8; q++)
    by[q] = (q % 2 ? f->by[q][k] : -f->by[q][k]) - (RT_(rt_many_value)){0};
  for (int64_t i = 0; i < step; i += RT_(rt_many)) {
    RT_UNROLL
    for (int r = 0; r < 4; r++) v[r] = RT_(rt_many_load)(x[r] + i);
    RT_UNROLL
    for (int q = 0; q < 8; q += 2) { /* 0 2, 1 3, 0 3, 1 2 */
      RT_(rt_many_value) *a = &v[q / 2 % 2], *b = &v[q == 0 || q == 6 ? 2 : 3];
      const RT_(rt_many_value) old = *a;
      RT_(rt_many_dot)(a, &by[q], b), RT_(rt_many_dot)(b, &by[q + 1], &old);
    }
    RT_UNROLL
    for (int r = 0; r < 4; r++) RT_(rt_many_store)(x[r] + i, &v[r]);
  }
}

/* Multiplies a row by its scale. */
static inline void RT_(rt_svd_rescale)(int64_t step, RT_T *scale, RT_T *x) {
  const RT_T by = *scale;
  for (int64_t i = 0; by != 1 && i < step; i++) x[i] *= by;
  *scale = 1;
}

/* Makes both rows of blocks p[k] orthogonal to those of blocks q[k], for `count` of them. The
** second two turns follow from the products before the first two; where lengths shrink too much for
** that, they are left to the next sweep. Returns how far some were from it. */
static inline RT_T RT_(rt_svd_blocks)(int64_t n, int64_t step, int count, const int64_t *p,
                                      const int64_t *q, RT_T tol, RT_T near, RT_T *X, RT_T *size,
                                      RT_T *scale) {
  RT_(rt_svd_fours) f;
  RT_T t[RT_SVD_PAIRS], c[RT_SVD_PAIRS], next[2][RT_SVD_BLOCKS], least[RT_SVD_BLOCKS], worst = 0;
  const int room = count <= RT_WIDE / 2 ? RT_WIDE / 2 : RT_SVD_BLOCKS; /* whole vectors */
  for (int k = 0; k < room; k++) f.odd[k] = f.far[k] = 0;
  for (int pair = 0; pair < 6; pair++)
    for (int k = count; k < room; k++) f.dot[pair][k] = 0;
  for (int k = 0; k < room; k++)
    for (int r = 0; r < 4; r++) {
      f.row[r][k] = k < count ? 2 * (r < 2 ? p[k] : q[k]) + r % 2 : 0;
      f.size[r][k] = k < count ? size[f.row[r][k]] : 0;
      f.scale[r][k] = k < count ? scale[f.row[r][k]] : 1;
    }
  for (int k = 0; k < count; k++) RT_(rt_svd_dots)(n, step, X, &f, k);
#pragma omp simd
  for (int k = 0; k < room; k++) {
    const RT_T g = f.scale[0][k], h = f.scale[1][k], i = f.scale[2][k], j = f.scale[3][k];
    f.dot[0][k] *= g * i, f.dot[1][k] *= h * j, f.dot[2][k] *= g * j, f.dot[3][k] *= h * i;
    f.dot[4][k] *= g * h, f.dot[5][k] *= i * j;
  }
  RT_(rt_svd_plan)(room, tol, near, &f, 2, f.dot, f.by, t, c);
#pragma omp simd
  for (int k = 0; k < room; k++) {
    const RT_T c0 = c[k], c1 = c[k + room], s0 = c0 * t[k], s1 = c1 * t[k + room];
    const RT_T d03 = f.dot[2][k], d12 = f.dot[3][k], d01 = f.dot[4][k], d23 = f.dot[5][k];
    const RT_T u = c0 * (s1 * d01 + c1 * d03) - s0 * (s1 * d12 + c1 * d23);
    const RT_T v = c1 * (s0 * d01 + c0 * d12) - s1 * (s0 * d03 + c0 * d23);
    next[0][k] = f.odd[k] != 0 ? 0 : u, next[1][k] = f.odd[k] != 0 ? 0 : v;
  }
  RT_(rt_svd_plan)(room, tol, near, &f, 3, (const RT_T(*)[RT_SVD_BLOCKS])next, f.by + 4, t, c);
#pragma omp simd
  for (int k = 0; k < room; k++) {
    const RT_T a = f.scale[0][k] < f.scale[1][k] ? f.scale[0][k] : f.scale[1][k];
    const RT_T b = f.scale[2][k] < f.scale[3][k] ? f.scale[2][k] : f.scale[3][k];
    least[k] = f.odd[k] != 0 ? 0 : a < b ? a : b;
  }
  for (int k = 0; k < count; k++) {
    if (f.far[k] == 0) continue;
    worst = f.far[k] > worst ? f.far[k] : worst;
    RT_(rt_svd_turn)(step, X, &f, k);
    for (int r = 0; r < 4; r++)
      size[f.row[r][k]] = f.size[r][k], scale[f.row[r][k]] = f.scale[r][k];
    for (int r = 0; r < 4 && least[k] < (RT_T)1e-3; r++) {
      const int64_t row = f.row[r][k];
      RT_T *x = X + row * step;
      RT_(rt_svd_rescale)(step, &scale[row], x);
      if (f.odd[k] != 0 && size[row] != 0) size[row] = RT_(rt_row_dot)(n, x, x);
    }
  }
  return worst;
}

/* One sweep: a round-robin tournament of blocks of two rows, so that those of a round have no row
** in common. Returns how far some rows were from orthogonal. */
static inline RT_T RT_(rt_svd_sweep)(int64_t n, int64_t wide, int64_t step, RT_T *X, RT_T *size,
                                     RT_T *scale) {
  const RT_T tol = RT_EPS * RT_(rt_sqrt)((RT_T)n), near = RT_(rt_sqrt)(tol / (RT_T)n);
  const int64_t blocks = (n + 1) / 2, m = blocks + blocks % 2; /* with an odd number one block rests */
  RT_T worst = 0;
  for (int64_t p = 0; p < blocks; p += RT_SVD_PAIRS) {
    const RT_T far = RT_(rt_svd_twos)(wide, step, p, blocks, tol, near, X, size);
    worst = far > worst ? far : worst;
  }
  for (int64_t round = 0; round < m - 1; round++) {
    int64_t p[RT_SVD_BLOCKS] = {round}, q[RT_SVD_BLOCKS] = {m - 1}, i = round, j = round;
    int count = blocks == m;
    for (int64_t k = 1; k <= m / 2; k++) {
      if (count == RT_SVD_BLOCKS || (k == m / 2 && count)) {
        const RT_T far = RT_(rt_svd_blocks)(wide, step, count, p, q, tol, near, X, size, scale);
        worst = far > worst ? far : worst;
        count = 0;
      }
      i = i + 1 < m - 1 ? i + 1 : 0;
      j = j > 0 ? j - 1 : m - 2;
      p[count] = i, q[count++] = j;
    }
  }
  return worst;
}

/* Rotates the rows of X, which are `step` apart, until their first n numbers are orthogonal: n
** rows, and one of zeros to make them even. Rows that are nothing beside the largest, which is near
** 1, become zero. 1: not within 60 sweeps. */
static inline int RT_(rt_svd_sweeps)(int64_t n, int64_t step, RT_T *X, RT_T *size, RT_T *scale) {
  const int64_t rows = n + n % 2, wide = RT_(rt_row_wide)(n);
  RT_T worst = 2;
  for (int64_t p = 0; p < rows; p++) scale[p] = 1;
  for (int sweep = 0; sweep < 60 && worst == 2; sweep++) {
    for (int64_t p = 0; p < rows; p++) {
      size[p] = RT_(rt_row_dot)(wide, X + p * step, X + p * step);
      if (size[p] < RT_SMALL * RT_SMALL) size[p] = 0;
    }
    worst = RT_(rt_svd_sweep)(n, wide, step, X, size, scale);
    for (int64_t p = 0; p < rows; p++) RT_(rt_svd_rescale)(step, &scale[p], X + p * step);
  }
  return worst == 2;
}

/* Rows of X that are nothing, of length 0 by s, become what completes the others, which are unit
** vectors of n numbers, to a basis. */
static inline void RT_(rt_svd_complete)(int64_t n, int64_t step, RT_T *X, const RT_T *s, RT_T *w) {
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

/* Makes the first n numbers of the rows of X unit vectors or zeros, and their lengths s. */
static inline void RT_(rt_svd_lengths)(int64_t n, int64_t step, RT_T *X, RT_T *s,
                                       const RT_T *size) {
  for (int64_t k = 0; k < n; k++) {
    RT_T *row = X + k * step;
    s[k] = size[k] == 0 ? 0 : RT_(rt_sqrt)(RT_(rt_row_dot)(n, row, row));
    for (int64_t j = 0; j < n; j++) row[j] = s[k] > 0 ? row[j] / s[k] : 0;
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

/* A P = Q R: R on and above the diagonal of B {m, wide}, which held A and zeros; the reflections as
** rows of H {n, m} with tau, row k from position k; perm: the places of A's columns. */
static inline void RT_(rt_svd_reduce)(int64_t m, int64_t n, int64_t wide, RT_T *B, RT_T *H,
                                      RT_T *tau, RT_T *perm, RT_T *size, RT_T *first) {
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

/* The factors with p columns of U, n or m; U NULL: values alone. A row of X, and beside it one of
** J, are whole vectors each. work: 2 m n + 16 m + 2 n n + 40 n + 40. */
static inline int RT_(rt_svd_any)(int64_t m, int64_t n, int64_t p, const RT_T *A, RT_T *U, RT_T *S,
                                  RT_T *Vh, RT_T *work) {
  const int64_t wide = RT_(rt_row_wide)(n), step = U ? 2 * wide : wide;
  RT_T *B = work, *H = B + m * wide, *X = H + m * n, *tau = X + 2 * (n + 1) * wide, *perm = tau + n;
  RT_T *size = perm + n, *order = size + n + 1, *s = order + n, *w = s + n;
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
  for (int64_t j = 0; j < step; j++) X[n * step + j] = 0;
  const int failed = RT_(rt_svd_sweeps)(n, step, X, size, w);
  RT_(rt_svd_lengths)(n, step, X, s, size);
  RT_(rt_svd_order)(n, s, order);
  for (int64_t k = 0; k < n; k++) S[k] = s[(int64_t)order[k]] / scale;
  if (!U) return failed;
  RT_(rt_svd_complete)(n, step, X, s, w);
  RT_(rt_row_eye)(m, p, U);
  for (int64_t k = 0; k < n; k++) { /* + 0: a zero is never -0 */
    const RT_T *x = X + (int64_t)order[k] * step, *j = x + wide;
    const RT_T length = RT_(rt_sqrt)(RT_(rt_row_dot)(n, j, j)); /* 1 but for many roundings */
    for (int64_t i = 0; i < n; i++) U[i * p + k] = j[i] / length + 0;
    for (int64_t i = 0; i < n; i++) Vh[k * n + (int64_t)perm[i]] = x[i] + 0;
  }
  for (int64_t k = n - 1; k >= 0; k--)
    RT_(rt_reflect)(m - k, p, tau[k], H + k * m + k, 1, U + k * p, p);
  return failed;
}

/* U {m, n}, S {n}, Vh {n, n} of A {m, n}, m >= n; work: 2 m n + 16 m + 2 n n + 40 n + 40. 1: no
** convergence, 2: m < n, 3: not finite. */
static inline int RT_(rt_svd)(int64_t m, int64_t n, const RT_T *A, RT_T *U, RT_T *S, RT_T *Vh,
                              RT_T *work) {
  return RT_(rt_svd_any)(m, n, n, A, U, S, Vh, work);
}

/* The same with all m columns of U; work: 2 m n + 16 m + 2 n n + 40 n + 40. */
static inline int RT_(rt_svd_full)(int64_t m, int64_t n, const RT_T *A, RT_T *U, RT_T *S, RT_T *Vh,
                                   RT_T *work) {
  return RT_(rt_svd_any)(m, n, m, A, U, S, Vh, work);
}

/* S {n} of A {m, n}, m >= n; work: 2 m n + 16 m + 2 n n + 40 n + 40. */
static inline int RT_(rt_svdvals)(int64_t m, int64_t n, const RT_T *A, RT_T *S, RT_T *work) {
  return RT_(rt_svd_any)(m, n, n, A, NULL, S, NULL, work);
}

#endif
