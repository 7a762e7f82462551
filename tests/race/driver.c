/* Calls the entries of races.lua with four threads. */
#include "races.h"
#include <stdio.h>
#include <stdlib.h>
enum { N = 240 };
static float x[N][400], image[8][4][40][40], columns[300], conv[8][8][40][40], last[400], rows[N], scan[N][300];
static float solved[32][40][40], sorted[N][400], table[64][300], total, loss;
static int32_t ids[N];
int main(void) {
  races_config c = RACES_CONFIG;
  races *m;
  c.threads = 4, c.N = N;
  for (int i = 0; i < N * 400; i++) x[i / 400][i % 400] = (float)(i * 37 % 101) * 0.01f - 0.5f;
  for (int i = 0; i < 8 * 4 * 40 * 40; i++) (&image[0][0][0][0])[i] = (float)(i * 53 % 97) * 0.02f - 1;
  for (int i = 0; i < N; i++) ids[i] = i * 7 % 64;
  int e = races_create(&m, &c);
  if (!e) e = races_run(m, x, ids, image, columns, conv, last, rows, scan, solved, sorted, table, &total);
  if (!e) e = races_train(m, x, image, &loss);
  if (e) return puts(races_error(e)), 1;
  printf("%a %a\n", (double)total, (double)loss);
  races_destroy(m);
  return 0;
}
