/*
** test_order.c: places in sorted order are a permutation in order, and equal elements keep theirs
**
** Every length to 300, around where runs and merges begin, and long ones; few different numbers and
** many; NaN, infinities and zeros of both signs, which are equal.
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
    try_length(100003, 1000000, down);
    try_length(65536, 1000, down);
  }
  if (!failed) printf("orders as they should be\n");
  return failed != 0;
}
