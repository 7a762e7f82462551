/*
** rt_cofactor.h: the derivative of a determinant, for singular matrices too
**
**   d det A = <C, dA>,  C = sign P' L^-T adj(U)'        for A[perm] = L U
**   adj of (U r; 0 u) = (u adj(U), -adj(U) r; 0, det U)       so nothing is divided by
**
** The second derivative is that of a product of singular values: with A = Q S V', B = Q' G V and
** p_ij the product of all s but s_i and s_j, K_ii = sum_j B_jj p_ij, K_ij = -B_ji p_ij.
*/
#ifndef RT_COFACTOR_H
#define RT_COFACTOR_H
#include "rt_lu.h"
#include "rt_svd.h"
#define RT_TEXT "rt_cofactor.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* W = adj(U) of the upper triangle of LU; W's lower triangle is zero. */
static inline void RT_(rt_adjugate)(int64_t n, const RT_T *LU, RT_T *W) {
  RT_T det = 1;
  for (int64_t i = 0; i < n * n; i++) W[i] = 0;
  for (int64_t k = 0; k < n; k++) {
    const RT_T u = LU[k * n + k];
    for (int64_t i = 0; i < k; i++) {
      RT_T sum = 0;
      for (int64_t j = i; j < k; j++) sum = RT_(rt_fma)(W[i * n + j], LU[j * n + k], sum);
      for (int64_t j = i; j < k; j++) W[i * n + j] *= u;
      W[i * n + k] = -sum;
    }
    W[k * n + k] = det;
    det *= u;
  }
}

/* C {n, n} of A, which is not read itself; work: 2 n n. */
static inline int RT_(rt_cofactor)(int64_t n, const RT_T *A, const RT_T *LU, const int32_t *perm,
                                   RT_T *C, RT_T *work) {
  RT_T *W = work, *Y = work + n * n;
  const RT_T sign = (RT_T)RT_(rt_perm_sign)(n, perm);
  (void)A;
  RT_(rt_adjugate)(n, LU, W);
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++) Y[i * n + j] = sign * W[j * n + i];
  RT_(rt_lower_t_in_place)(n, n, LU, 1, Y);
  for (int64_t i = 0; i < n; i++) RT_(rt_copy)(n, Y + i * n, C + perm[i] * n);
  return 0;
}

/* The sign of det Q for an orthogonal Q; work: n n. */
static inline RT_T RT_(rt_cofactor_sign)(int64_t n, const RT_T *Q, RT_T *work) {
  RT_T sign = 1;
  RT_(rt_copy)(n * n, Q, work);
  for (int64_t k = 0; k < n; k++) {
    int64_t best = k;
    for (int64_t i = k + 1; i < n; i++)
      if (RT_(rt_abs)(work[i * n + k]) > RT_(rt_abs)(work[best * n + k])) best = i;
    if (best != k) RT_(rt_row_exchange)(n, work + k * n, work + best * n), sign = -sign;
    const RT_T pivot = work[k * n + k];
    if (pivot < 0) sign = -sign;
    for (int64_t i = k + 1; i < n && pivot != 0; i++)
      RT_(rt_row_add)(n - k, -work[i * n + k] / pivot, work + k * n + k, work + i * n + k);
  }
  return sign;
}

/* C = A' B, A B or A B', all {n, n}. */
static inline void RT_(rt_square_tn)(int64_t n, const RT_T *A, const RT_T *B, RT_T *C) {
  for (int64_t i = 0; i < n * n; i++) C[i] = 0;
  for (int64_t k = 0; k < n; k++)
    for (int64_t i = 0; i < n; i++) RT_(rt_row_add)(n, A[k * n + i], B + k * n, C + i * n);
}

static inline void RT_(rt_square_nn)(int64_t n, const RT_T *A, const RT_T *B, RT_T *C) {
  for (int64_t i = 0; i < n * n; i++) C[i] = 0;
  for (int64_t i = 0; i < n; i++)
    for (int64_t k = 0; k < n; k++) RT_(rt_row_add)(n, A[i * n + k], B + k * n, C + i * n);
}

static inline void RT_(rt_square_nt)(int64_t n, const RT_T *A, const RT_T *B, RT_T *C) {
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++) C[i * n + j] = RT_(rt_short_dot)(n, A + i * n, B + j * n);
}

/* K = the derivative of <C(A), G> by A; work: 8 n n + 57 n + 40. 1: the singular values do not
** converge; 2: A is not finite. */
static inline int RT_(rt_cofactor_vjp)(int64_t n, const RT_T *A, const RT_T *G, RT_T *K,
                                       RT_T *work) {
  RT_T *Q = work, *V = Q + n * n, *B = V + n * n, *M = B + n * n, *s = M + n * n, *rest = s + n;
  const int status = RT_(rt_svd)(n, n, A, Q, s, V, rest);
  if (status) return status == 3 ? 2 : 1;
  const RT_T sign = RT_(rt_cofactor_sign)(n, Q, rest) * RT_(rt_cofactor_sign)(n, V, rest);
  RT_(rt_square_tn)(n, Q, G, M);
  RT_(rt_square_nt)(n, M, V, B); /* V holds V' */
  for (int64_t i = 0; i < n * n; i++) M[i] = 0;
  RT_T before = sign;
  for (int64_t i = 0; i < n; i++) {
    RT_T between = before;
    for (int64_t j = i + 1; j < n; j++) {
      RT_T p = between;
      for (int64_t k = j + 1; k < n; k++) p *= s[k];
      M[i * n + i] += B[j * n + j] * p;
      M[j * n + j] += B[i * n + i] * p;
      M[i * n + j] = -B[j * n + i] * p;
      M[j * n + i] = -B[i * n + j] * p;
      between *= s[j];
    }
    before *= s[i];
  }
  RT_(rt_square_nn)(n, Q, M, B);
  RT_(rt_square_nn)(n, B, V, K);
  return 0;
}

#endif
