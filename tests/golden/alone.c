/* alone.lua:6   w_x[i] = sum k.  x[k] * w[k, i] */
static void make_w_x(const float *restrict x, const float (*restrict w)[200], float *restrict w_x) {
  for (int i = 0; i < 200; i += 1024) {
    const int column_count = imin(1024, 200 - i);
    _Alignas(64) float sums[1024] = {0};
    for (int j = 0; j < 400; j += 8) {
      #pragma omp simd
      for (int k = 0; k < column_count; k++)
        sums[k] = rt_fma_f32(x[j + 7], w[j + 7][i + k],
            rt_fma_f32(x[j + 6], w[j + 6][i + k],
            rt_fma_f32(x[j + 5], w[j + 5][i + k],
            rt_fma_f32(x[j + 4], w[j + 4][i + k],
            rt_fma_f32(x[j + 3], w[j + 3][i + k],
            rt_fma_f32(x[j + 2], w[j + 2][i + k],
            rt_fma_f32(x[j + 1], w[j + 1][i + k], rt_fma_f32(x[j], w[j][i + k], sums[k]))))))));
    }
    #pragma omp simd
    for (int j = 0; j < column_count; j++)
      w_x[i + j] = sums[j];
  }
}

/* alone.lua:8   w_next[i, j] = w[i, j] + x[i] * y[j] */
static void make_w_next(const float (*w)[200], const float *restrict x, const float *restrict y,
    float (*w_next)[200]) {
  for (int i = 0; i < 400; i++) {
    #pragma omp simd
    for (int j = 0; j < 200; j++)
      w_next[i][j] = w[i][j] + x[i] * y[j];
  }
}

/* alone.lua:4   fill[i, j] = 0 */
static void make_fill(float (*restrict fill)[200]) {
  for (int i = 0; i < 400; i++) {
    #pragma omp simd
    for (int j = 0; j < 200; j++)
      fill[i][j] = 0.0f;
  }
}

