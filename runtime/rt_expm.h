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
#define RT_TEXT "rt_expm.h"
#include "rt_each_float.h"

#elif defined(RT_T)

/* C = A B + c C */
static inline void RT_(rt_expm_multiply)(int64_t n, const RT_T *A, const RT_T *B, RT_T c, RT_T *C) {
  for (int64_t i = 0; i < n; i++) {
    RT_T *row = C + i * n;
    for (int64_t j = 0; j < n; j++) row[j] = c == 0 ? 0 : c * row[j];
    for (int64_t k = 0; k < n; k++) RT_(rt_row_add)(n, A[i * n + k], B + k * n, row);
  }
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
static inline void RT_(rt_expm_parts)(int64_t n, const RT_T *X, const RT_T *X2, RT_T *P, RT_T *Q,
                                      RT_T *work) {
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
  RT_(rt_expm_multiply)(n, X2, X2, 0, X4);
  RT_(rt_expm_multiply)(n, X4, X2, 0, X6);
  for (int64_t i = 0; i < n * n; i++) {
    odd[i] = c[13] * X6[i] + c[11] * X4[i] + c[9] * X2[i];
    P[i] = c[12] * X6[i] + c[10] * X4[i] + c[8] * X2[i];
  }
  RT_(rt_expm_multiply)(n, X6, P, 0, Q);
  RT_(rt_expm_multiply)(n, X6, odd, 0, P);
  for (int64_t i = 0; i < n * n; i++) {
    const RT_T one = i % n == i / n ? 1 : 0;
    odd[i] = P[i] + c[7] * X6[i] + c[5] * X4[i] + c[3] * X2[i] + c[1] * one;
    Q[i] += c[6] * X6[i] + c[4] * X4[i] + c[2] * X2[i] + one;
  }
  RT_(rt_expm_multiply)(n, X, odd, 0, P);
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
  int squarings = 0;
  RT_T scale = 1;
  for (; norm * scale > (RT_T)5.371920351148152; scale /= 2) squarings++;
  for (int64_t i = 0; i < n * n; i++) X[i] = A[i] * scale;
  RT_(rt_expm_multiply)(n, X, X, 0, X2);
  RT_(rt_expm_parts)(n, X, X2, P, Q, more);
  for (int64_t i = 0; i < n * n; i++) {
    E[i] = Q[i] + P[i];
    Q[i] -= P[i];
  }
  if (RT_(rt_expm_solve)(n, Q, E)) return 1;
  for (; squarings > 0; squarings--) {
    for (int64_t i = 0; i < n * n; i++) X[i] = E[i];
    RT_(rt_expm_multiply)(n, X, X, 0, E);
  }
  return 0;
}

#endif
