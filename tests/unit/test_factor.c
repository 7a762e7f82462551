/*
** test_factor.c: the dense kernels of runtime/: qr, svd, eigh, expm, in f32 and f64
**
** Every factor is multiplied out and its vectors held against a basis, on matrices that are random,
** tied, rank-deficient, zero, graded, huge, tiny and not finite. This file is its own text for
** rt_each_float.h.
*/
#ifndef RT_T
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../runtime/rt_eigh.h"
#include "../../runtime/rt_expm.h"
#include "../../runtime/rt_qr.h"
#include "../../runtime/rt_svd.h"

enum { MOST = 40, KINDS = 10, GUARD = 77 };

static int failures;
static uint64_t seed = 1;

static double uniform(void) {
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return (double)(int64_t)(seed >> 11) * 0x1p-52 - 1.0;
}

/* Counts a failure where the error is above `most` roundings, or NaN. */
static void expect(const char *what, int kind, int m, int n, double error, double most) {
  if (error <= most) return;
  printf("%s, kind %d, %d x %d: error of %g roundings  FAIL\n", what, kind, m, n, error);
  failures++;
}

#define RT_TEXT "../tests/unit/test_factor.c"
#include "../../runtime/rt_each_float.h"

int main(void) {
  test_all_f32();
  test_all_f64();
  return failures > 0;
}

#else

/* Columns of a random orthonormal basis, from the QR of random numbers. */
static void RT_(basis)(int m, int n, RT_T *Q) {
  static RT_T A[MOST * MOST], R[MOST * MOST], work[MOST * MOST + 2 * MOST];
  for (int i = 0; i < m * n; i++) A[i] = (RT_T)uniform();
  if (RT_(rt_qr)(m, n, A, Q, R, work)) failures++;
}

/* U diag(s) V' with singular values by kind; kinds 6 and up are other matrices. */
static void RT_(fill)(int kind, int m, int n, RT_T *A) {
  static RT_T U[MOST * MOST], V[MOST * MOST];
  const RT_T far = RT_LARGE * RT_LARGE;
  RT_(basis)(m, n, U);
  RT_(basis)(n, n, V);
  for (int i = 0; i < m; i++)
    for (int j = 0; j < n; j++) {
      RT_T sum = 0;
      for (int k = 0; k < n; k++) {
        const RT_T tied = (RT_T)(1 + k % 4 / 2), grade = (RT_T)pow(10, -0.3 * k);
        const RT_T s = kind == 1 ? tied : kind == 2 ? (RT_T)(k % 2) : kind == 3 ? grade : 1 + k;
        sum += U[i * n + k] * s * V[j * n + k];
      }
      RT_T *a = &A[i * n + j];
      *a = kind == 4 ? sum * far : kind == 5 ? sum / far : sum;
      if (kind == 6) *a = 0;
      if (kind == 7) *a = i == j;
      if (kind == 8) *a = 1;
      if (kind == 9) *a = i == j ? (j % 2 ? 1 : RT_SMALL) : 0;
    }
}

/* The largest |X' X - I| of an m x n matrix whose columns should be orthonormal, in roundings. */
static double RT_(tilt)(int m, int n, const RT_T *X) {
  double worst = 0;
  for (int a = 0; a < n; a++)
    for (int b = 0; b < n; b++) {
      double sum = a == b ? -1 : 0;
      for (int i = 0; i < m; i++) sum += (double)X[i * n + a] * (double)X[i * n + b];
      if (!(fabs(sum) <= worst)) worst = fabs(sum);
    }
  return worst / (double)RT_EPS;
}

/* The largest |X diag(s) Y - A| beside the largest |A|, in roundings; X {m, p}, Y {k, n}, s {k}. */
static double RT_(residual)(int m, int n, int k, const RT_T *X, int p, const RT_T *s, const RT_T *Y,
                            const RT_T *A) {
  double worst = 0, size = (double)RT_(rt_row_largest)(m * n, A, 1);
  for (int i = 0; i < m; i++)
    for (int j = 0; j < n; j++) {
      double sum = -(double)A[i * n + j];
      for (int l = 0; l < k; l++)
        sum += (double)X[i * p + l] * (s ? (double)s[l] : 1) * (double)Y[l * n + j];
      if (!(fabs(sum) <= worst)) worst = fabs(sum);
    }
  return worst / (size > 0 ? size : 1) / (double)RT_EPS;
}

static void RT_(test_qr)(int kind, int m, int n, const RT_T *A) {
  static RT_T Q[MOST * MOST], R[MOST * MOST], work[MOST * MOST + MOST + 1];
  work[m * n + n] = GUARD;
  expect("qr status", kind, m, n, RT_(rt_qr)(m, n, A, Q, R, work), 0);
  expect("qr workspace", kind, m, n, work[m * n + n] != GUARD, 0);
  expect("Q R - A", kind, m, n, RT_(residual)(m, n, n, Q, n, NULL, R, A), 100);
  expect("Q'Q - I", kind, m, n, RT_(tilt)(m, n, Q), 100);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < i; j++) expect("R below", kind, m, n, R[i * n + j] != 0, 0);
  if (A[0] != 0 && m > 1 && A[n] != 0) expect("sign", kind, m, n, (R[0] > 0) == (A[0] > 0), 0);
}

static void RT_(test_svd)(int kind, int m, int n, const RT_T *A) {
  static RT_T U[MOST * MOST], S[MOST], V[MOST * MOST], W[4 * MOST * MOST], work[9 * MOST * MOST];
  const int most = 2 * m * n + 16 * m + 2 * n * n + 40 * n + 40;
  work[most] = GUARD;
  expect("svd status", kind, m, n, RT_(rt_svd)(m, n, A, U, S, V, work), 0);
  expect("svd workspace", kind, m, n, work[most] != GUARD, 0);
  expect("U S Vh - A", kind, m, n, RT_(residual)(m, n, n, U, n, S, V, A), 150);
  expect("U'U - I", kind, m, n, RT_(tilt)(m, n, U), 100);
  expect("Vh'Vh - I", kind, m, n, RT_(tilt)(n, n, V), 100);
  for (int k = 0; k < n; k++)
    expect("order", kind, m, n, !(S[k] >= 0) || (k > 0 && S[k] > S[k - 1]), 0);
  if (kind == 3) /* small values to the accuracy of the largest, that is, of the matrix given */
    for (int k = 0; k < n; k++)
      expect("graded", kind, m, n, fabs((double)S[k] - pow(10, -0.3 * k)) / (double)RT_EPS, 100);
  if (kind == 9) /* a graded diagonal exactly */
    for (int k = 0; k < n; k++)
      expect("diagonal", kind, m, n, S[k] != (k < n / 2 ? 1 : RT_SMALL), 0);
  work[most] = GUARD;
  expect("full status", kind, m, n, RT_(rt_svd_full)(m, n, A, W, S, V, work), 0);
  expect("full workspace", kind, m, n, work[most] != GUARD, 0);
  expect("full U'U - I", kind, m, n, RT_(tilt)(m, m, W), 100);
  expect("full U S Vh - A", kind, m, n, RT_(residual)(m, n, n, W, m, S, V, A), 150);
  expect("values status", kind, m, n, RT_(rt_svdvals)(m, n, A, W, work), 0);
  for (int k = 0; k < n; k++) expect("values", kind, m, n, W[k] != S[k], 0);
}

static void RT_(test_eigh)(int kind, int n, const RT_T *A) {
  static RT_T H[MOST * MOST], w[MOST], v[MOST], V[MOST * MOST], T[MOST * MOST];
  static RT_T work[3 * MOST * MOST];
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) H[i * n + j] = i < j ? (RT_T)uniform() : A[i * n + j];
  work[2 * n * n + 35 * n + 16] = GUARD;
  expect("eigh status", kind, n, n, RT_(rt_eigh)(n, H, w, V, work), 0);
  expect("eigh workspace", kind, n, n, work[2 * n * n + 35 * n + 16] != GUARD, 0);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      T[j * n + i] = V[i * n + j];
      if (i < j) H[i * n + j] = H[j * n + i]; /* the lower triangle alone was read */
    }
  expect("V w V' - A", kind, n, n, RT_(residual)(n, n, n, V, n, w, T, H), 150);
  expect("V'V - I", kind, n, n, RT_(tilt)(n, n, V), 100);
  for (int k = 1; k < n; k++) expect("ascending", kind, n, n, !(w[k] >= w[k - 1]), 0);
  expect("eigvalsh status", kind, n, n, RT_(rt_eigvalsh)(n, H, v, work), 0);
  for (int k = 0; k < n; k++) expect("eigvalsh", kind, n, n, v[k] != w[k], 0);
}

/* e^(A') = (e^A)', of a matrix [X, G; 0, Y], whose zeros are not multiplied, and of its transpose. */
static void RT_(test_expm_block)(int n) {
  static RT_T A[MOST * MOST], B[MOST * MOST], E[MOST * MOST], F[MOST * MOST], work[7 * MOST * MOST];
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      A[i * n + j] = (RT_T)(i >= n / 2 && j < n / 2 ? 0 : uniform() * 3 / sqrt(n));
      B[j * n + i] = A[i * n + j];
    }
  expect("expm status", 2, n, n, RT_(rt_expm)(n, A, E, work) + RT_(rt_expm)(n, B, F, work), 0);
  double most = 0;
  for (int i = 0; i < n * n; i++) most = fmax(most, fabs((double)E[i]));
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      const double apart = (double)E[i * n + j] - (double)F[j * n + i];
      expect("expm of a block", 2, n, n, fabs(apart) / most / (double)RT_EPS, 200);
      if (i >= n / 2 && j < n / 2) expect("expm of zeros", 2, n, n, E[i * n + j] != 0, 0);
    }
}

/* e^(c 11') = I + (e^(c n) - 1) / n 11', and e^A e^-A = I. */
static void RT_(test_expm)(int n) {
  static RT_T A[MOST * MOST], E[MOST * MOST], F[MOST * MOST], one[MOST * MOST];
  static RT_T work[7 * MOST * MOST + 1];
  const double c = 8.0 / n, want = (exp(8.0) - 1) / n;
  for (int i = 0; i < n * n; i++) A[i] = (RT_T)c;
  work[7 * n * n] = GUARD;
  expect("expm status", 0, n, n, RT_(rt_expm)(n, A, E, work), 0);
  expect("expm workspace", 0, n, n, work[7 * n * n] != GUARD, 0);
  for (int i = 0; i < n * n; i++) {
    const double exact = want + (i % n == i / n);
    expect("expm of ones", 0, n, n, fabs((double)E[i] - exact) / want / (double)RT_EPS, 200);
  }
  for (int i = 0; i < n * n; i++) A[i] = (RT_T)(uniform() * 3 / sqrt(n)), one[i] = i % n == i / n;
  expect("expm status", 1, n, n, RT_(rt_expm)(n, A, E, work), 0);
  for (int i = 0; i < n * n; i++) A[i] = -A[i];
  expect("expm status", 1, n, n, RT_(rt_expm)(n, A, F, work), 0);
  expect("expm inverse", 1, n, n, RT_(residual)(n, n, n, E, n, NULL, F, one), 5000);
}

/* What is not finite is a status, and so are fewer rows than columns; what is not read is
** neither. */
static void RT_(test_odd)(void) {
  static RT_T U[20], S[4], V[16], work[300];
  for (int bad = 0; bad < 2; bad++) {
    RT_T A[20] = {1, 2, 3, 4, 5, 6, (RT_T)(bad ? RT_NAN_F64 : RT_INF_F64), 8};
    expect("svd NaN", bad, 5, 4, RT_(rt_svd)(5, 4, A, U, S, V, work) == 0, 0);
    expect("eigh above", bad, 4, 4, RT_(rt_eigh)(4, A, S, V, work) != 0, 0);
    A[4] = A[6];
    expect("eigh NaN", bad, 4, 4, RT_(rt_eigh)(4, A, S, V, work) == 0, 0);
    expect("expm NaN", bad, 4, 4, RT_(rt_expm)(4, A, V, work) == 0, 0);
    expect("qr NaN", bad, 5, 4, RT_(rt_qr)(5, 4, A, U, V, work) == 0, 0);
    expect("qr wide", bad, 4, 5, RT_(rt_qr)(4, 5, A, U, V, work) != 1, 0);
    expect("svd wide", bad, 4, 5, RT_(rt_svd)(4, 5, A, U, S, V, work) != 2, 0);
  }
}

static void RT_(test_all)(void) {
  static const int size[][2] = {{1, 1}, {2, 2},   {5, 1},   {3, 3},
                                {9, 4}, {17, 17}, {40, 33}, {40, 40}};
  static RT_T A[MOST * MOST];
  for (int t = 0; t < (int)(sizeof size / sizeof *size); t++) {
    const int m = size[t][0], n = size[t][1];
    for (int kind = 0; kind < KINDS; kind++) {
      RT_(fill)(kind, m, n, A);
      RT_(test_qr)(kind, m, n, A);
      RT_(test_svd)(kind, m, n, A);
      if (m == n) RT_(test_eigh)(kind, n, A);
    }
    RT_(test_expm)(n);
    if (n % 2 == 0) RT_(test_expm_block)(n);
  }
  RT_(test_odd)();
}

#endif
