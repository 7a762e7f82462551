/* few_sums.lua:4   y_sum[i] = sum k.  x[k, i]
   few_sums.lua:4   y[i] = y_sum[i] / 1000 */
static void make_y(const float (*restrict x)[6], float *restrict y) {
  float y_sum[6] = {0};
  for (int i = 0; i < 1000; i++) {
    RT_UNROLL
    for (int j = 0; j < 6; j++)
      y_sum[j] += x[i][j];
  }
  RT_SHORT
  for (int j = 0; j < 6; j++)
    y[j] = y_sum[j] / 1000.0f;
}

