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

/* (x, y) = (c x - s y, s x + c y) */
static inline void RT_(rt_row_rotate)(int64_t n, RT_T c, RT_T s, RT_T *restrict x,
                                      RT_T *restrict y) {
  for (int64_t i = 0; i < n; i++) {
    const RT_T a = x[i], b = y[i];
    x[i] = c * a - s * b;
    y[i] = s * a + c * b;
  }
}

/* The largest |x[i]|; NaN where there is one. */
static inline RT_T RT_(rt_row_largest)(int64_t n, const RT_T *x, int64_t stride) {
  RT_T m = 0;
  for (int64_t i = 0; i < n; i++) {
    const RT_T a = RT_(rt_abs)(x[i * stride]);
    m = a > m || a != a ? a : m;
    if (m != m) break;
  }
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

/* The Euclidean norm, without overflow or underflow on the way. */
static inline RT_T RT_(rt_row_norm)(int64_t n, const RT_T *x, int64_t stride) {
  const RT_T m = RT_(rt_row_largest)(n, x, stride);
  if (m == 0 || m != m) return m;
  const RT_T scale = m < RT_SMALL || m > RT_LARGE ? m : 1;
  RT_T sum = 0;
  for (int64_t i = 0; i < n; i++) {
    const RT_T a = x[i * stride] / scale;
    sum = RT_(rt_fma)(a, a, sum);
  }
  return scale * RT_(rt_sqrt)(sum);
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
  const RT_T m = RT_(rt_row_largest)(n, x, stride), unit = m < RT_SMALL || m > RT_LARGE ? m : 1;
  if (RT_(rt_row_largest)(n - 1, x + stride, stride) == 0) return 0;
  for (int64_t i = 0; unit != 1 && i < n; i++) x[i * stride] /= unit;
  const RT_T alpha = x[0];
  const RT_T beta = -RT_(rt_copysign)(RT_(rt_row_norm)(n, x, stride), alpha);
  for (int64_t i = 1; i < n; i++) x[i * stride] /= alpha - beta;
  x[0] = beta * unit;
  return (beta - alpha) / beta;
}

/* A = H A for a row-major m x n block whose rows are `step` apart; v[0] is taken for 1; w: n. */
static inline void RT_(rt_reflect)(int64_t m, int64_t n, RT_T tau, const RT_T *v, int64_t stride,
                                   RT_T *A, int64_t step, RT_T *w) {
  if (tau == 0) return;
  for (int64_t j = 0; j < n; j++) w[j] = A[j];
  for (int64_t i = 1; i < m; i++) RT_(rt_row_add)(n, v[i * stride], A + i * step, w);
  RT_(rt_row_add)(n, -tau, w, A);
  for (int64_t i = 1; i < m; i++) RT_(rt_row_add)(n, -tau * v[i * stride], w, A + i * step);
}

#endif
