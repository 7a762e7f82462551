/*
** test_order.c: places in sorted order are a permutation in order, and equal elements keep theirs
**
** Every length to 300, around where runs and merges begin, and long ones; few different numbers and
** many; NaN, infinities and zeros of both signs, which are equal. The first few alone are those that
** come first of all: of numbers in any order, and of those that nearly all may be among them.
*/
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "../../runtime/rt_order.h"

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

static void expect_first(const char *name, int64_t n, int64_t k, const int64_t *first,
                         const int64_t *place) {
  bool good = true;
  for (int64_t q = 0; q < k; q++) good = good && first[q] == place[q];
  if (!good) printf("the first %lld of %lld %s: wrong\n", (long long)k, (long long)n, name), failed++;
}

/* The first k are those that come first of all, whichever way they are found. */
static void try_first(int64_t n, int64_t k, const double *x, int32_t down) {
  float *y = malloc((size_t)(n + 1) * sizeof *y);
  int64_t *whole = malloc((size_t)(n + 1) * sizeof *whole);
  int64_t *place = malloc((size_t)(n + 1) * 5 * sizeof *place), *other = place + n + 1;
  int64_t *first = other + 2 * n + 2;
  for (int64_t i = 0; i < n; i++)
    y[i] = (float)x[i], whole[i] = isfinite(x[i]) ? (int64_t)x[i] : INT64_MIN + (x[i] > 0);
  rt_order_f64(n, x, &down, place, other);
  rt_order_first_f64(n, k, x, &down, first, other);
  expect_first("f64", n, k, first, place);
  rt_order_f32(n, y, &down, place, other);
  rt_order_first_f32(n, k, y, &down, first, other);
  expect_first("f32", n, k, first, place);
  rt_order_whole_f32(n, whole, &down, place, other);
  rt_order_first_whole_f32(n, k, whole, &down, first, other);
  expect_first("whole", n, k, first, place);
  free(y), free(whole), free(place);
}

static void try_firsts(int64_t n, int64_t k, int32_t down) {
  double *x = malloc((size_t)(n + 1) * sizeof *x);
  for (int kinds = 1; kinds < 100000; kinds = kinds * 17 + 1) {
    for (int64_t i = 0; i < n; i++) x[i] = number(kinds);
    try_first(n, k, x, down);
  }
  for (int64_t i = 0; i < n; i++) x[i] = (double)(i * (i % 2 ? 1 : -1));
  try_first(n, k, x, down);
  for (int64_t i = 0; i < n; i++) x[i] = (double)(i % 32 < 2 ? -i : i); /* a group has all of them */
  try_first(n, k, x, down);
  for (int64_t i = 0; i < n; i++) x[i] = i % 7 ? NAN : 1;
  try_first(n, k, x, down);
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
  free(x), free(y), free(whole), free(place);
}

int main(void) {
  for (int32_t down = 0; down < 2; down++) {
    for (int64_t n = 0; n <= 300; n++)
      for (int kinds = 1; kinds < 1000; kinds = kinds * 7 + 1) try_length(n, kinds, down);
    for (int64_t n = 1; n <= 700; n += 1 + n / 20)
      for (int64_t k = 1; k <= n; k += 1 + k / 3) try_firsts(n, k, down);
    try_firsts(100003, 100, down);
    try_length(100003, 1000000, down);
    try_length(65536, 1000, down);
  }
  if (!failed) printf("orders as they should be\n");
  return failed != 0;
}
