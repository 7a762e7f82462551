/*
** rt_rows.h: what dense kernels do with rows: products, norms, rotations, reflections
**
**   H = I - tau v v',  v[0] = 1        a Householder reflection, as LAPACK keeps it
**
** Sums run over fixed lanes (rt_kernel.h), so their bits are the same with every compiler.
*/
#ifndef RT_ROWS_H
#define RT_ROWS_H
#include "rt_kernel.h"
#define RT_TEXT "rt_rows.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* The length of a row of n numbers that is whole vectors. */
static inline int64_t RT_(rt_row_wide)(int64_t n) { return (n + RT_WIDE - 1) / RT_WIDE * RT_WIDE; }

/* x' y */
static inline RT_T RT_(rt_row_dot)(int64_t n, const RT_T *x, const RT_T *y) {
  RT_VEC sum = {0};
  int64_t i = 0;
  for (; i + RT_WIDE <= n; i += RT_WIDE) {
    const RT_VEC a = RT_V(load)(x + i), b = RT_V(load)(y + i);
    RT_V(dot)(&sum, &a, &b);
  }
  if (i < n) {
    const RT_VEC a = RT_V(load_some)(x + i, (int)(n - i)), b = RT_V(load_some)(y + i, (int)(n - i));
    RT_V(dot)(&sum, &a, &b);
  }
  return RT_(rt_fold_sum)((const RT_T *)&sum);
}

/* y += a x */
static inline void RT_(rt_row_add)(int64_t n, RT_T a, const RT_T *x, RT_T *y) {
  for (int64_t i = 0; i < n; i++) y[i] = RT_(rt_fma)(a, x[i], y[i]);
}

/* y += a x, then y += b z */
static inline void RT_(rt_row_add_two)(int64_t n, RT_T a, const RT_T *x, RT_T b, const RT_T *z,
                                       RT_T *y) {
  for (int64_t i = 0; i < n; i++) y[i] = RT_(rt_fma)(b, z[i], RT_(rt_fma)(a, x[i], y[i]));
}

/* (x, y) = (c x - s y, s x + c y) */
static inline void RT_(rt_row_rotate)(int64_t n, RT_T c, RT_T s, RT_T *x, RT_T *y) {
  int64_t i = 0;
  for (; i + RT_WIDE <= n; i += RT_WIDE) {
    const RT_VEC a = RT_V(load)(x + i), b = RT_V(load)(y + i);
    RT_VEC u = a * c, v = b * c;
    RT_V(fma)(&u, -s, &b);
    RT_V(fma)(&v, s, &a);
    RT_V(store)(x + i, &u);
    RT_V(store)(y + i, &v);
  }
  for (; i < n; i++) {
    const RT_T a = x[i], b = y[i];
    x[i] = RT_(rt_fma)(-s, b, c * a);
    y[i] = RT_(rt_fma)(s, a, c * b);
  }
}

/* The largest |x[i]|; NaN where there is one. */
static inline RT_T RT_(rt_row_largest)(int64_t n, const RT_T *x, int64_t stride) {
  RT_T lane[RT_WIDE] = {0}, m = 0;
  int64_t i = 0;
  for (; stride == 1 && i + RT_WIDE <= n; i += RT_WIDE)
    for (int l = 0; l < RT_WIDE; l++) {
      const RT_T a = RT_(rt_abs)(x[i + l]);
      lane[l] = ((a > lane[l]) | (a != a)) ? a : lane[l];
    }
  for (; i < n; i++) {
    const RT_T a = RT_(rt_abs)(x[i * stride]);
    m = a > m || a != a ? a : m;
  }
  for (int l = 0; l < RT_WIDE; l++) m = lane[l] > m || lane[l] != lane[l] ? lane[l] : m;
  return m;
}

/* The largest |x[i]| of a row, or NaN where one is not finite. */
static inline RT_T RT_(rt_row_span)(int64_t n, const RT_T *x) {
  RT_T lane[RT_WIDE] = {0}, odd[RT_WIDE] = {0}, m = 0;
  int64_t i = 0;
  for (; i + RT_WIDE <= n; i += RT_WIDE)
    for (int l = 0; l < RT_WIDE; l++) {
      const RT_T a = RT_(rt_abs)(x[i + l]);
      lane[l] = a > lane[l] ? a : lane[l];
      odd[l] += a * 0;
    }
  for (; i < n; i++) {
    const RT_T a = RT_(rt_abs)(x[i]);
    lane[0] = a > lane[0] ? a : lane[0];
    odd[0] += a * 0;
  }
  for (int l = 0; l < RT_WIDE; l++) {
    m = lane[l] > m ? lane[l] : m;
    odd[0] += odd[l];
  }
  return odd[0] == 0 ? m : (RT_T)RT_NAN_F64;
}

/* A {m, n} becomes the identity, or its first columns. */
static inline void RT_(rt_row_eye)(int64_t m, int64_t n, RT_T *A) {
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < n; j++) A[i * n + j] = i == j ? 1 : 0;
}

/* The Euclidean norm, without overflow or underflow on the way. */
static inline RT_T RT_(rt_row_norm)(int64_t n, const RT_T *x, int64_t stride) {
  RT_T sum = 0;
  for (int64_t i = 0; i < n; i++) sum = RT_(rt_fma)(x[i * stride], x[i * stride], sum);
  if (sum > RT_SMALL && sum < RT_LARGE) return RT_(rt_sqrt)(sum);
  const RT_T m = RT_(rt_row_largest)(n, x, stride);
  if (m == 0 || m != m) return m;
  sum = 0;
  for (int64_t i = 0; i < n; i++) {
    const RT_T a = x[i * stride] / m;
    sum = RT_(rt_fma)(a, a, sum);
  }
  return m * RT_(rt_sqrt)(sum);
}

/* The power of two that brings m > 0 near 1. */
static inline RT_T RT_(rt_row_scale)(RT_T m) {
  RT_T s = 1;
  for (; m * s > 2 && s > 0; s /= 2) continue;
  for (; m * s < 1 && s < RT_LARGE * RT_LARGE; s *= 2) continue;
  return s;
}

/* The reflection that takes a column to (beta, 0, ..): leaves beta in x[0], v[1..] in the rest, and
** returns tau; 0 where there is nothing to do. beta has the sign that x[0] has not (LAPACK's
** dlarfg). */
static inline RT_T RT_(rt_reflector)(int64_t n, RT_T *x, int64_t stride) {
  const bool wide = stride == 1 && n > 32; /* not in what rt_many.h has beside one another */
  RT_T unit = 1, rest = wide ? RT_(rt_row_dot)(n - 1, x + 1, x + 1) : 0;
  for (int64_t i = 1; !wide && i < n; i++) rest = RT_(rt_fma)(x[i * stride], x[i * stride], rest);
  if (!(rest > RT_SMALL && rest < RT_LARGE && RT_(rt_abs)(x[0]) < RT_LARGE)) {
    if (RT_(rt_row_largest)(n - 1, x + stride, stride) == 0) return 0;
    unit = RT_(rt_row_largest)(n, x, stride);
    rest = 0;
    for (int64_t i = 0; i < n; i++) x[i * stride] /= unit;
    for (int64_t i = 1; i < n; i++) rest = RT_(rt_fma)(x[i * stride], x[i * stride], rest);
  }
  const RT_T alpha = x[0];
  const RT_T beta = -RT_(rt_copysign)(RT_(rt_sqrt)(RT_(rt_fma)(alpha, alpha, rest)), alpha);
  for (int64_t i = 1; i < n; i++) x[i * stride] /= alpha - beta;
  x[0] = beta * unit;
  return (beta - alpha) / beta;
}

/* `wide` vectors of a block's columns, a constant. */
RT_FN void RT_(rt_reflect_strip)(const int wide, int64_t m, RT_T tau, const RT_T *v, int64_t stride,
                                 RT_T *A, int64_t step) {
  RT_VEC w[2];
  RT_UNROLL
  for (int k = 0; k < wide; k++) w[k] = RT_V(load)(A + k * RT_WIDE);
  for (int64_t i = 1; i < m; i++) {
    RT_UNROLL
    for (int k = 0; k < wide; k++) {
      const RT_VEC a = RT_V(load)(A + i * step + k * RT_WIDE);
      RT_V(fma)(&w[k], v[i * stride], &a);
    }
  }
  for (int64_t i = 0; i < m; i++) {
    const RT_T by = i ? -tau * v[i * stride] : -tau;
    RT_UNROLL
    for (int k = 0; k < wide; k++) {
      RT_VEC a = RT_V(load)(A + i * step + k * RT_WIDE);
      RT_V(fma)(&a, by, &w[k]);
      RT_V(store)(A + i * step + k * RT_WIDE, &a);
    }
  }
}

/* A = H A for a row-major m x n block whose rows are `step` apart; v[0] is taken for 1. */
static inline void RT_(rt_reflect)(int64_t m, int64_t n, RT_T tau, const RT_T *v, int64_t stride,
                                   RT_T *A, int64_t step) {
  int64_t j = 0;
  if (tau == 0) return;
  for (; j + 2 * RT_WIDE <= n; j += 2 * RT_WIDE)
    RT_(rt_reflect_strip)(2, m, tau, v, stride, A + j, step);
  if (j + RT_WIDE <= n) {
    RT_(rt_reflect_strip)(1, m, tau, v, stride, A + j, step);
    j += RT_WIDE;
  }
  if (j == n) return;
  RT_T w[RT_WIDE];
  for (int64_t k = j; k < n; k++) w[k - j] = A[k];
  for (int64_t i = 1; i < m; i++) RT_(rt_row_add)(n - j, v[i * stride], A + i * step + j, w);
  RT_(rt_row_add)(n - j, -tau, w, A + j);
  for (int64_t i = 1; i < m; i++) RT_(rt_row_add)(n - j, -tau * v[i * stride], w, A + i * step + j);
}

#endif
