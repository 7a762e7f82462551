/*
** test_order.c: places in sorted order are a permutation in order, and equal elements keep theirs
**
** Every length to 300, around where runs and merges begin, and long ones; few different numbers and
** many; NaN, infinities and zeros of both signs, which are equal. A few alone, the first or from a
** place on, are those of all: of numbers in any order, and of those that nearly all may be among
** the first. Many short rows side by side are as each alone.
*/
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "../../runtime/rt_order_many.h"

static int failed;
static uint32_t state = 1;

static int draw(int n) {
  state = state * 1664525u + 1013904223u;
  return (int)((uint64_t)state * (unsigned)n >> 32);
}

static double number(int kinds) {
  int special = draw(20);
  if (special < 4) return (double[]){NAN, INFINITY, -INFINITY, -0.0}[special];
  return draw(kinds) - kinds / 2;
}

/* -1, 0 or 1 as p belongs before q, with it or behind it: NaN is the largest. */
static int compare(double p, double q, bool down) {
  int c = p != p ? q == q : q != q ? -1 : p < q ? -1 : p > q;
  return down ? -c : c;
}

static void expect_order(const char *name, int64_t n, const double *x, const int64_t *place,
                         bool down) {
  char *seen = calloc((size_t)n + 1, 1);
  bool good = true;
  for (int64_t k = 0; k < n; k++) {
    good = good && 0 <= place[k] && place[k] < n && !seen[place[k]];
    if (!good) break;
    seen[place[k]] = 1;
    int c = k ? compare(x[place[k - 1]], x[place[k]], down) : -1;
    good = c < 0 || (c == 0 && place[k - 1] < place[k]);
  }
  if (!good) printf("%s of %lld, %s: wrong\n", name, (long long)n, down ? "down" : "up"), failed++;
  free(seen);
}

static void expect_some(const char *name, int64_t n, int64_t k, int64_t from, const int64_t *some,
                        const int64_t *place) {
  bool good = true;
  for (int64_t q = 0; q < k; q++) good = good && some[q] == place[from + q];
  if (!good)
    printf("%lld from %lld on of %lld %s: wrong\n", (long long)k, (long long)from, (long long)n,
           name), failed++;
}

/* k from a place on are those of all, whichever way they are found. */
static void try_some(int64_t n, int64_t k, int64_t from, const double *x, int32_t down) {
  float *y = malloc((size_t)(n + 1) * sizeof *y);
  int64_t *whole = malloc((size_t)(n + 1) * sizeof *whole);
  int64_t *place = malloc((size_t)(n + 1) * 5 * sizeof *place), *other = place + n + 1;
  int64_t *some = other + 2 * n + 2;
  for (int64_t i = 0; i < n; i++)
    y[i] = (float)x[i], whole[i] = isfinite(x[i]) ? (int64_t)x[i] : INT64_MIN + (x[i] > 0);
  rt_order_f64(n, x, &down, place, other);
  rt_order_some_f64(n, k, x, &down, &from, some, other);
  expect_some("f64", n, k, from, some, place);
  rt_order_f32(n, y, &down, place, other);
  rt_order_some_f32(n, k, y, &down, &from, some, other);
  expect_some("f32", n, k, from, some, place);
  rt_order_whole_f32(n, whole, &down, place, other);
  rt_order_some_whole_f32(n, k, whole, &down, &from, some, other);
  expect_some("whole", n, k, from, some, place);
  free(y), free(whole), free(place);
}

static void try_somes(int64_t n, int64_t k, int64_t from, int32_t down) {
  double *x = malloc((size_t)(n + 1) * sizeof *x);
  for (int kinds = 1; kinds < 100000; kinds = kinds * 17 + 1) {
    for (int64_t i = 0; i < n; i++) x[i] = number(kinds);
    try_some(n, k, from, x, down);
  }
  for (int64_t i = 0; i < n; i++) x[i] = (double)(i * (i % 2 ? 1 : -1));
  try_some(n, k, from, x, down);
  for (int64_t i = 0; i < n; i++) x[i] = (double)(i % 32 < 2 ? -i : i); /* a group has all of them */
  try_some(n, k, from, x, down);
  for (int64_t i = 0; i < n; i++) x[i] = i % 7 ? NAN : 1;
  try_some(n, k, from, x, down);
  free(x);
}

static void try_length(int64_t n, int kinds, int32_t down) {
  double *x = malloc((size_t)(n + 1) * sizeof *x);
  float *y = malloc((size_t)(n + 1) * sizeof *y);
  int64_t *whole = malloc((size_t)(n + 1) * sizeof *whole);
  int64_t *place = malloc((size_t)(n + 1) * 2 * sizeof *place), *other = place + n + 1;
  for (int64_t i = 0; i < n; i++) y[i] = (float)(x[i] = number(kinds));
  rt_order_f64(n, x, &down, place, other);
  expect_order("f64", n, x, place, down);
  rt_order_f32(n, y, &down, place, other);
  expect_order("f32", n, x, place, down);
  for (int64_t i = 0; i < n; i++) x[i] = (double)(whole[i] = draw(kinds) - kinds / 2);
  rt_order_whole_f32(n, whole, &down, place, other);
  expect_order("whole", n, x, place, down);
  for (int64_t i = 0; i < n; i++) x[i] = 1 + (double)whole[i] * 0x1p-52; /* alike but for last bits */
  rt_order_f64(n, x, &down, place, other);
  expect_order("near", n, x, place, down);
  free(x), free(y), free(whole), free(place);
}

#define TRY_MANY(T, NAME)                                                                           \
  static void try_many_##NAME(int count, int64_t n, int64_t k, int64_t from, int32_t down) {       \
    T x[64 * RT_MANY_MOST];                                                                        \
    int64_t all[64 * RT_MANY_MOST], place[64 * RT_MANY_MOST], other[128 * RT_MANY_MOST];           \
    for (int64_t i = 0; i < count * n; i++) x[i] = (T)number(i % 3 ? 1000 : 5);                    \
    rt_order_many_##NAME(count, n, x, n, &down, 0, all, other);                                    \
    for (int l = 0; l < count; l++) {                                                              \
      rt_order_##NAME(n, x + l * n, &down, place, other);                                          \
      expect_some("rows of " #NAME, n, n, 0, all + l * n, place);                                  \
    }                                                                                              \
    rt_order_some_many_##NAME(count, n, k, x, n, &down, 0, &from, 0, place, other);                \
    for (int l = 0; l < count; l++)                                                                \
      expect_some("rows of " #NAME, n, k, from, place + l * k, all + l * n);                       \
  }
TRY_MANY(float, f32)
TRY_MANY(double, f64)

int main(void) {
  for (int32_t down = 0; down < 2; down++) {
    for (int64_t n = 0; n <= 300; n++)
      for (int kinds = 1; kinds < 1000; kinds = kinds * 7 + 1) try_length(n, kinds, down);
    for (int64_t n = 1; n <= 700; n += 1 + n / 20)
      for (int64_t k = 1; k <= n; k += 1 + k / 3)
        for (int64_t from = 0; from <= n - k; from += 1 + n / 5) try_somes(n, k, from, down);
    for (int64_t n = 0; n <= RT_MANY_MOST; n++)
      for (int count = 1; count <= RT_MANY_F32; count++) {
        const int64_t from = n ? draw((int)n) : 0, k = n ? 1 + draw((int)(n - from)) : 0;
        try_many_f32(count, n, k, from, down);
        try_many_f64(imin(count, RT_MANY_F64), n, k, from, down);
      }
    try_somes(100003, 100, 0, down);
    try_somes(100003, 2, 50001, down);
    try_length(100003, 1000000, down);
    try_length(65536, 1000, down);
  }
  if (!failed) printf("orders as they should be\n");
  return failed != 0;
}
