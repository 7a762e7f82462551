/* depthwise.lua:4   y_sum[i, j] = sum k.  x[i, 2 * j + k] * w[i, k] */
static void make_y_sum(const float (*restrict x)[57], const float (*restrict w)[3],
    float (*restrict y_sum)[28]) {
  for (int i = 0; i < 4; i++) {
    #pragma omp simd
    for (int j = 0; j < 28; j++)
      y_sum[i][j] = x[i][2 * j] * w[i][0] + x[i][2 * j + 1] * w[i][1] + x[i][2 * j + 2] * w[i][2];
  }
}

