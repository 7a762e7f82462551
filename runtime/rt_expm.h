/*
** rt_expm.h: E = e^A by scaling and squaring
**
**   e^A = (r(A / 2^s))^(2^s),  r = q(-X)^-1 q(X) the diagonal Pade approximant of degree 13
**
** (Higham, SIAM J. Matrix Anal. Appl. 26, 2005, algorithm 2.3.)
*/
#ifndef RT_EXPM_H
#define RT_EXPM_H
#include "rt_rows.h"
enum { RT_EXPM_ROWS = 4 /* of a tile of a product, in registers */ };
#define RT_TEXT "rt_expm.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* Whether the rows of A from n/2 on begin with n/2 zeros: all matrices below do, then. */
static inline bool RT_(rt_expm_is_block)(int64_t n, const RT_T *A) {
  if (n % 2 != 0) return false;
  for (int64_t i = n / 2; i < n; i++)
    for (int64_t j = 0; j < n / 2; j++)
      if (A[i * n + j] != 0) return false;
  return true;
}

/* `rows` rows of C = A B in lanes l0 <= l < l1 of the columns B begins with, the sums of terms
** k0 <= k < k1 in order. B has `room` columns. */
static inline void RT_(rt_expm_tile)(int64_t n, int rows, int l0, int l1, int room, int64_t k0,
                                     int64_t k1, const RT_T *A, const RT_T *B, RT_T *C) {
  RT_VEC sum[RT_EXPM_ROWS] = {{0}};
  for (int64_t k = k0; k < k1; k++) {
    const RT_VEC b = room < RT_WIDE ? RT_V(load_some)(B + k * n, room) : RT_V(load)(B + k * n);
    for (int r = 0; r < RT_EXPM_ROWS; r++)
      if (r < rows) RT_V(fma)(&sum[r], A[r * n + k], &b);
  }
  for (int r = 0; r < rows; r++) {
    if (l1 - l0 == RT_WIDE) RT_V(store)(C + r * n, &sum[r]);
    else
      for (int l = l0; l < l1; l++) C[r * n + l] = sum[r][l];
  }
}

/* Rows i0 <= i < i1 and columns j0 <= j < j1 of C = A B: the sums of terms k0 <= k < k1. Vectors
** that would stick out of a row are moved back. */
static inline void RT_(rt_expm_block)(int64_t n, int64_t i0, int64_t i1, int64_t j0, int64_t j1,
                                      int64_t k0, int64_t k1, const RT_T *A, const RT_T *B,
                                      RT_T *C) {
  for (int64_t i = i0; i < i1; i += RT_EXPM_ROWS)
    for (int64_t j = j0; j < j1; j += RT_WIDE) {
      const int64_t back = n < RT_WIDE ? 0 : j + RT_WIDE > n ? j + RT_WIDE - n : 0, at = j - back;
      const int rows = i1 - i < RT_EXPM_ROWS ? (int)(i1 - i) : RT_EXPM_ROWS;
      const int l0 = (int)back, l1 = j1 - at < RT_WIDE ? (int)(j1 - at) : RT_WIDE;
      if (rows == RT_EXPM_ROWS && n >= RT_WIDE)
        RT_(rt_expm_tile)(n, RT_EXPM_ROWS, l0, l1, RT_WIDE, k0, k1, A + i * n, B + at,
                          C + i * n + at);
      else
        RT_(rt_expm_tile)(n, rows, l0, l1, n < RT_WIDE ? (int)n : RT_WIDE, k0, k1, A + i * n,
                          B + at, C + i * n + at);
    }
}

/* C = A B; of matrices [A, G; 0, D] without what their zeros make. */
static inline void RT_(rt_expm_multiply)(int64_t n, bool block, const RT_T *A, const RT_T *B,
                                         RT_T *C) {
  const int64_t h = block ? n / 2 : n;
  RT_(rt_expm_block)(n, 0, h, 0, h, 0, h, A, B, C);
  if (!block) return;
  RT_(rt_expm_block)(n, 0, h, h, n, 0, n, A, B, C);
  RT_(rt_expm_block)(n, h, n, h, n, h, n, A, B, C);
  for (int64_t i = h; i < n; i++)
    for (int64_t j = 0; j < h; j++) C[i * n + j] = 0;
}

/* X = A^-1 X by elimination with row exchanges; A is overwritten. 1: A is singular. */
static inline int RT_(rt_expm_solve)(int64_t n, RT_T *A, RT_T *X) {
  for (int64_t k = 0; k < n; k++) {
    int64_t best = k;
    for (int64_t i = k + 1; i < n; i++)
      if (RT_(rt_abs)(A[i * n + k]) > RT_(rt_abs)(A[best * n + k])) best = i;
    if (A[best * n + k] == 0) return 1;
    for (int64_t j = 0; best != k && j < n; j++) {
      const RT_T a = A[k * n + j], x = X[k * n + j];
      A[k * n + j] = A[best * n + j], A[best * n + j] = a;
      X[k * n + j] = X[best * n + j], X[best * n + j] = x;
    }
    for (int64_t i = k + 1; i < n; i++) {
      const RT_T f = -A[i * n + k] / A[k * n + k];
      if (f == 0) continue;
      RT_(rt_row_add)(n - k, f, A + k * n + k, A + i * n + k);
      RT_(rt_row_add)(n, f, X + k * n, X + i * n);
    }
  }
  for (int64_t k = n - 1; k >= 0; k--) {
    for (int64_t j = 0; j < n; j++) X[k * n + j] /= A[k * n + k];
    for (int64_t i = 0; i < k; i++) RT_(rt_row_add)(n, -A[i * n + k], X + k * n, X + i * n);
  }
  return 0;
}

/* The odd part of q at X into P, the even part into Q, from X2 = X^2; work: 3 n n. */
static inline void RT_(rt_expm_parts)(int64_t n, bool block, const RT_T *X, const RT_T *X2, RT_T *P,
                                      RT_T *Q, RT_T *work) {
  static const double b[14] = {64764752532480000.0,
                               32382376266240000.0,
                               7771770303897600.0,
                               1187353796428800.0,
                               129060195264000.0,
                               10559470521600.0,
                               670442572800.0,
                               33522128640.0,
                               1323241920.0,
                               40840800.0,
                               960960.0,
                               16380.0,
                               182.0,
                               1.0};
  RT_T *X4 = work, *X6 = X4 + n * n, *odd = X6 + n * n, c[14];
  for (int k = 0; k < 14; k++) c[k] = (RT_T)(b[k] / b[0]);
  RT_(rt_expm_multiply)(n, block, X2, X2, X4);
  RT_(rt_expm_multiply)(n, block, X4, X2, X6);
  for (int64_t i = 0; i < n * n; i++) {
    odd[i] = c[13] * X6[i] + c[11] * X4[i] + c[9] * X2[i];
    P[i] = c[12] * X6[i] + c[10] * X4[i] + c[8] * X2[i];
  }
  RT_(rt_expm_multiply)(n, block, X6, P, Q);
  RT_(rt_expm_multiply)(n, block, X6, odd, P);
  for (int64_t i = 0; i < n * n; i++) {
    const RT_T one = i % n == i / n ? 1 : 0;
    odd[i] = P[i] + c[7] * X6[i] + c[5] * X4[i] + c[3] * X2[i] + c[1] * one;
    Q[i] += c[6] * X6[i] + c[4] * X4[i] + c[2] * X2[i] + one;
  }
  RT_(rt_expm_multiply)(n, block, X, odd, P);
}

/* E {n, n} of A {n, n}; work: 7 n n. 1: q is singular; 2: A is not finite. */
static inline int RT_(rt_expm)(int64_t n, const RT_T *A, RT_T *E, RT_T *work) {
  RT_T *X = work, *X2 = X + n * n, *P = X2 + n * n, *Q = P + n * n, *more = Q + n * n, norm = 0;
  for (int64_t j = 0; j < n; j++) {
    RT_T sum = 0;
    for (int64_t i = 0; i < n; i++) sum += RT_(rt_abs)(A[i * n + j]);
    if (sum > norm || sum != sum) norm = sum;
    if (norm != norm) break;
  }
  if (!(norm * 0 == 0)) return 2;
  const bool block = RT_(rt_expm_is_block)(n, A);
  int squarings = 0;
  RT_T scale = 1;
  for (; norm * scale > (RT_T)5.371920351148152; scale /= 2) squarings++;
  for (int64_t i = 0; i < n * n; i++) X[i] = A[i] * scale;
  RT_(rt_expm_multiply)(n, block, X, X, X2);
  RT_(rt_expm_parts)(n, block, X, X2, P, Q, more);
  for (int64_t i = 0; i < n * n; i++) {
    E[i] = Q[i] + P[i];
    Q[i] -= P[i];
  }
  if (RT_(rt_expm_solve)(n, Q, E)) return 1;
  for (; squarings > 0; squarings--) {
    for (int64_t i = 0; i < n * n; i++) X[i] = E[i];
    RT_(rt_expm_multiply)(n, block, X, X, E);
  }
  return 0;
}

#endif
