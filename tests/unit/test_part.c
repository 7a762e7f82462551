/*
** test_part.c: parts of loops: every iteration is in one of them, whatever their number
*/
#include "../../runtime/rt_part.h"
#include <stdio.h>
#include <string.h>

static int failed;

static void expect(int all_once, const char *what, int n, int m, int count) {
  if (all_once) return;
  printf("%s: n = %d, %d, %d parts\n", what, n, m, count);
  failed = 1;
}

static int once(const int *seen, int n, int step) {
  for (int i = 0; i < n; i++)
    if (seen[i] != (i % step == 0)) return 0;
  return 1;
}

static void check_line(int n, int step, int count) {
  int seen[64] = {0};
  for (int k = 0; k < count; k++) {
    const rt_part part = {1, k, count};
    if (step == 1)
      for (int i = rt_first(part, n); i < rt_end(part, n); i++) seen[i]++;
    else
      for (int i = rt_first_by(part, n, step); i < rt_end_by(part, n, step); i += step) seen[i]++;
  }
  expect(once(seen, n, step), "a loop", n, step, count);
}

static void check_table(int n, int m, int count) {
  int seen[64 * 64] = {0}, most = 0;
  for (int k = 0; k < count; k++) {
    const rt_part part = {1, k, count}, outer = rt_outer(part, n), inner = rt_inner(part, n);
    int cells = 0;
    for (int i = rt_first(outer, n); i < rt_end(outer, n); i++)
      for (int j = rt_first(inner, m); j < rt_end(inner, m); j++) seen[i * m + j]++, cells++;
    if (cells > most) most = cells;
  }
  expect(once(seen, n * m, 1), "a table", n, m, count);
  int fair = (n * m + count - 1) / count; /* no part has much more than its share */
  expect(n * m == 0 || most <= 3 * fair + m, "a table's largest part", n, m, count);
}

int main(void) {
  for (int count = 1; count < 20; count++)
    for (int n = 0; n < 24; n++)
      for (int m = 1; m < 9; m++) {
        check_line(n, m, count);
        check_table(n, m, count);
      }
  return failed;
}
