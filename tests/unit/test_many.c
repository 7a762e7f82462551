/*
** test_many.c: kernels of many small matrices side by side give the bits of the kernels of one
**
** Sizes up to 32, every number of items, numbers of all kinds: zeros of both signs, ties between
** pivots, singular, graded, huge, denormal and infinite items among others; arguments with an item
** for each, and with one for all.
*/
#ifndef TEST_MANY
#define TEST_MANY
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../runtime/rt_cholesky_many.h"
#include "../../runtime/rt_eigh_many.h"
#include "../../runtime/rt_lu_many.h"
#include "../../runtime/rt_qr_many.h"
#include "../../runtime/rt_svd_many.h"
enum { MOST = 16, SPACE = RT_MANY_MOST * RT_MANY_MOST };

static uint32_t state = 1;

static int draw(int n) {
  state = state * 1664525u + 1013904223u;
  return (int)((uint64_t)state * (unsigned)n >> 32);
}

/* A number for an item of this kind. */
static double number(int kind) {
  if (kind == 1) return draw(3) - 1; /* ties and singular ones */
  if (kind == 2 && draw(40) == 0) return draw(2) ? 1e300 * 1e300 : 0;
  if (kind == 3) return draw(4) ? -0.0 : draw(5);
  return (draw(20001) - 10000) * (kind == 4 && draw(3) == 0 ? 1e-30 : 1e-4);
}

static int failed;

static void expect(bool good, const char *what, const char *type, int64_t m, int64_t n, int count) {
  if (good) return;
  printf("%s_%s: %d of %d x %d: not the bits of one\n", what, type, count, (int)m, (int)n);
  failed = 1;
}

#define RT_TEXT "../tests/unit/test_many.c"
#include "../../runtime/rt_each_float.h"

int main(int argc, char **argv) {
  int64_t most = argc > 1 ? atoi(argv[1]) : RT_MANY_MOST; /* the largest matrices */
  for (int64_t n = 0; n <= most; n += n < 18 ? 1 : 7)
    for (int kind = 0; kind < 8; kind++) {
      test_all_f32(n, 1 + draw((int)most), 1 + draw(RT_MANY_F32), kind);
      test_all_f64(n, 1 + draw((int)most), 1 + draw(RT_MANY_F64), kind);
      test_all_f32(n, 1, RT_MANY_F32, kind);
      test_all_f64(n, 1, RT_MANY_F64, kind);
    }
  return failed;
}

#elif defined(RT_T)

static const char *const RT_(type_name) = RT_WIDE == 16 ? "f32" : "f64";

static bool RT_(same)(int64_t n, const RT_T *x, const RT_T *y) {
  for (int64_t i = 0; i < n; i++)
    if (memcmp(&x[i], &y[i], sizeof *x) && (x[i] == x[i] || y[i] == y[i])) return false;
  return true;
}

/* A {m, n} of each item: symmetric and positive for kind 5, graded for kind 6, very large or very
** small by items for kind 7. */
static void RT_(fill)(int64_t count, int64_t m, int64_t n, int kind, RT_T *A) {
  for (int64_t i = 0; i < count * m * n; i++) {
    const int64_t item = i / (m * n);
    const int power = kind == 6 ? -3 * (int)(i % n) : kind < 7 ? 0 : item % 2 ? (RT_WIDE == 16 ? 126 : 1022) : (RT_WIDE == 16 ? -140 : -1060);
    A[i] = (RT_T)ldexp(number(kind < 5 ? kind : 0), power);
  }
  for (int64_t l = 0; l < count && kind == 5; l++)
    for (int64_t i = 0; i < n; i++)
      for (int64_t j = 0; j <= i; j++)
        A[l * n * n + j * n + i] = A[l * n * n + i * n + j] += i == j ? (RT_T)(n + 1) : 0;
}

typedef struct RT_(Data) {
  RT_T A[MOST * SPACE], F[MOST * SPACE], B[MOST * SPACE], one[MOST * SPACE], many[MOST * SPACE],
      work[3 * SPACE];
  int32_t perm[MOST * RT_MANY_MOST], other[MOST * RT_MANY_MOST];
} RT_(Data);

/* What follows from LU and perm of A; `shared`: there is one A. */
static void RT_(test_solves)(RT_(Data) *d, int64_t n, int64_t k, int count, bool shared) {
  const int64_t s = shared ? 0 : n * n, p = shared ? 0 : n;
  int want[2] = {0}, got[2];
  RT_T sign[2 * MOST] = {0}, det[2 * MOST] = {0};
  for (int transposed = 0; transposed < 2; transposed++) {
    bool good = true;
    if (transposed)
      got[1] = RT_(rt_lu_solve_t_many)(count, n, k, d->A, s, d->F, s, d->perm, p, d->B, n * k,
                                       d->many, d->work);
    else
      got[0] =
          RT_(rt_lu_solve_many)(count, n, k, d->A, s, d->F, s, d->perm, p, d->B, n * k, d->many);
    for (int l = 0; l < count; l++) {
      const RT_T *A = d->A + l * s, *F = d->F + l * s, *B = d->B + l * n * k;
      const int32_t *perm = d->perm + l * p;
      const int status = transposed ? RT_(rt_lu_solve_t)(n, k, A, F, perm, B, d->one, d->work)
                                    : RT_(rt_lu_solve)(n, k, A, F, perm, B, d->one);
      if (status > want[transposed]) want[transposed] = status;
      good = good && (status || RT_(same)(n * k, d->one, d->many + l * n * k));
    }
    expect(good && got[transposed] == want[transposed], transposed ? "lu_solve_t" : "lu_solve",
           RT_(type_name), n, k, count);
  }
  RT_(rt_cofactor_many)(count, n, d->A, s, d->F, s, d->perm, p, d->many, d->work);
  for (int l = 0; l < count; l++)
    RT_(rt_cofactor)(n, d->A + l * s, d->F + l * s, d->perm + l * p, d->one + l * n * n, d->work);
  expect(RT_(same)(count * n * n, d->one, d->many), "cofactor", RT_(type_name), n, n, count);
  RT_(rt_det_many)(count, n, d->A, s, d->F, s, d->perm, p, det);
  for (int l = 0; l < count; l++)
    RT_(rt_det)(n, d->A + l * s, d->F + l * s, d->perm + l * p, det + MOST + l);
  expect(RT_(same)(count, det, det + MOST), "det", RT_(type_name), n, n, count);
  RT_(rt_slogdet_many)(count, n, d->A, s, d->F, s, d->perm, p, sign, det);
  for (int l = 0; l < count; l++)
    RT_(rt_slogdet)
    (n, d->A + l * s, d->F + l * s, d->perm + l * p, sign + MOST + l, det + MOST + l);
  expect(RT_(same)(count, det, det + MOST) && RT_(same)(count, sign, sign + MOST), "slogdet",
         RT_(type_name), n, n, count);
}

static void RT_(test_lu)(RT_(Data) *d, int64_t m, int64_t n, int count, int kind) {
  RT_(fill)(count, m, n, kind, d->A);
  RT_(rt_lu_many)(count, m, n, d->A, m * n, d->F, d->perm, d->work);
  for (int l = 0; l < count; l++)
    RT_(rt_lu)(m, n, d->A + l * m * n, d->one + l * m * n, d->other + l * m, d->work);
  expect(RT_(same)(count * m * n, d->one, d->F) &&
             !memcmp(d->perm, d->other, (size_t)(count * m) * sizeof *d->perm),
         "lu", RT_(type_name), m, n, count);
}

/* The four triangles of F, and A X = B by its factor; of items that have no status. */
static void RT_(test_triangles)(RT_(Data) *d, int64_t n, int64_t k, int count) {
  int (*const one[])(int64_t, int64_t, const RT_T *, const RT_T *, RT_T *) = {
      RT_(rt_solve_lower), RT_(rt_solve_lower_t), RT_(rt_solve_upper), RT_(rt_solve_upper_t)};
  int (*const many[])(int, int64_t, int64_t, const RT_T *, int64_t, const RT_T *, int64_t,
                      RT_T *) = {RT_(rt_solve_lower_many), RT_(rt_solve_lower_t_many),
                                 RT_(rt_solve_upper_many), RT_(rt_solve_upper_t_many)};
  for (int t = 0; t < 5; t++) {
    const int64_t step = t == 4 ? 0 : n * k;
    int want = 0, got = t < 4 ? many[t](count, n, k, d->F, n * n, d->B, step, d->many)
                              : RT_(rt_solve_positive_many)(count, n, k, d->A, n * n, d->F, n * n,
                                                            d->B, 0, d->many);
    bool good = true;
    for (int l = 0; l < count; l++) {
      const RT_T *F = d->F + l * n * n, *B = d->B + l * step;
      const int status =
          t < 4 ? one[t](n, k, F, B, d->one) : RT_(rt_solve_positive)(n, k, d->A, F, B, d->one);
      if (status > want) want = status;
      good = good && (status || RT_(same)(n * k, d->one, d->many + l * n * k));
    }
    expect(good && got == want, t < 4 ? "triangle" : "solve_positive", RT_(type_name), n, k, count);
  }
}

static void RT_(test_cholesky)(RT_(Data) *d, int64_t n, int64_t k, int count, int kind) {
  RT_(fill)(count, n, n, kind, d->A);
  int want = 0, got = RT_(rt_cholesky_many)(count, n, d->A, n * n, d->F);
  bool good = true;
  for (int l = 0; l < count; l++) {
    const int status = RT_(rt_cholesky)(n, d->A + l * n * n, d->one);
    if (status > want) want = status;
    good = good && (status || RT_(same)(n * n, d->one, d->F + l * n * n));
  }
  expect(good && got == want, "cholesky", RT_(type_name), n, n, count);
  if (want == 0) RT_(test_triangles)(d, n, k, count);
}

/* Q and R, where no item has a status. */
static void RT_(test_qr)(RT_(Data) *d, int64_t m, int64_t n, int count, int kind) {
  RT_(fill)(count, m, n, kind, d->A);
  int want = 0, got = RT_(rt_qr_many)(count, m, n, d->A, m * n, d->many, d->F, d->work);
  for (int l = 0; l < count; l++) {
    const int status = RT_(rt_qr)(m, n, d->A + l * m * n, d->one + l * m * n, d->B + l * n * n,
                                  d->work);
    want = status > want ? status : want;
  }
  expect(got == want && (want || (RT_(same)(count * m * n, d->one, d->many) &&
                                  RT_(same)(count * n * n, d->B, d->F))),
         "qr", RT_(type_name), m, n, count);
}

/* The thin factors, those with all columns of U, and the values alone. */
static void RT_(test_svd)(RT_(Data) *d, int64_t m, int64_t n, int count, int kind) {
  static RT_T U[2][MOST * SPACE], S[2][MOST * RT_MANY_MOST], V[2][MOST * SPACE];
  RT_T *work = d->B;
  RT_(fill)(count, m, n, kind, d->A);
  for (int form = 0; form < 3; form++) {
    const int64_t p = form == 1 ? m : n, s = m * n;
    int got = form == 2   ? RT_(rt_svdvals_many)(count, m, n, d->A, s, S[0], work)
              : form == 1 ? RT_(rt_svd_full_many)(count, m, n, d->A, s, U[0], S[0], V[0], work)
                          : RT_(rt_svd_many)(count, m, n, d->A, s, U[0], S[0], V[0], work);
    int want = 0;
    for (int l = 0; l < count; l++) {
      const RT_T *A = d->A + l * s;
      RT_T *u = U[1] + l * m * p, *v = V[1] + l * n * n, *one = S[1] + l * n;
      const int status = form == 2   ? RT_(rt_svdvals)(m, n, A, one, work)
                         : form == 1 ? RT_(rt_svd_full)(m, n, A, u, one, v, work)
                                     : RT_(rt_svd)(m, n, A, u, one, v, work);
      want = status > want ? status : want;
    }
    const bool vectors = form == 2 || (RT_(same)(count * m * p, U[0], U[1]) &&
                                       RT_(same)(count * n * n, V[0], V[1]));
    expect(got == want && (want || (vectors && RT_(same)(count * n, S[0], S[1]))), "svd",
           RT_(type_name), m, n, count);
  }
}

/* Eigenvalues with vectors and without. */
static void RT_(test_eigh)(RT_(Data) *d, int64_t n, int count, int kind) {
  static RT_T w[2][MOST * RT_MANY_MOST], V[2][MOST * SPACE];
  RT_(fill)(count, n, n, kind, d->A);
  for (int values = 0; values < 2; values++) {
    int want = 0, got = values ? RT_(rt_eigvalsh_many)(count, n, d->A, n * n, w[0], d->B)
                               : RT_(rt_eigh_many)(count, n, d->A, n * n, w[0], V[0], d->B);
    for (int l = 0; l < count; l++) {
      const RT_T *A = d->A + l * n * n;
      RT_T *one = w[1] + l * n;
      const int status = values ? RT_(rt_eigvalsh)(n, A, one, d->B)
                                : RT_(rt_eigh)(n, A, one, V[1] + l * n * n, d->B);
      want = status > want ? status : want;
    }
    expect(got == want && (want || (RT_(same)(count * n, w[0], w[1]) &&
                                    (values || RT_(same)(count * n * n, V[0], V[1])))),
           "eigh", RT_(type_name), n, n, count);
  }
}

static void RT_(test_all)(int64_t n, int64_t k, int count, int kind) {
  RT_(Data) *d = calloc(1, sizeof *d);
  if (!d) exit(1);
  RT_(fill)(count, n, k, kind == 2 ? 0 : kind, d->B);
  RT_(test_lu)(d, n, k, count, kind);
  RT_(test_lu)(d, n, n, count, kind);
  RT_(test_solves)(d, n, k, count, false);
  RT_(test_solves)(d, n, k, count, true);
  RT_(test_cholesky)(d, n, k, count, kind);
  RT_(test_cholesky)(d, n, k, count, 5);
  RT_(test_qr)(d, n, n, count, kind);
  RT_(test_qr)(d, n > k ? n : k, n > k ? k : n, count, kind);
  RT_(test_eigh)(d, n, count, kind);
  RT_(test_svd)(d, n, n, count, kind);
  RT_(test_svd)(d, n > k ? n : k, n > k ? k : n, count, kind);
  free(d);
}

#endif
