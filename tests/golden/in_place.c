/* in_place.lua:5   w_bar[i, j] = sum k.  x[k, i] * y_bar[k, j]
   in_place.lua:6   w_next[i, j] = w[i, j] - 0.1 * w_bar[i, j] */
static void make_w_next(const float (*restrict x)[48], const float (*restrict y_bar)[32],
    const float (*w)[32], float (*w_next)[32]) {
  for (int i = 0; i < 32; i += 16)
    for (int j = 0; j < 48; j += 6) {
      float tile[6][16];
      {
        rt_f32x8 acc[6][2] = {{{0}}};
        for (int k = 0; k < 64; k++) {
          const rt_f32x8 y_bar_0 = rt_load_f32x8(&y_bar[k][i]);
          const rt_f32x8 y_bar_1 = rt_load_f32x8(&y_bar[k][i + 8]);
          RT_UNROLL
          for (int row = 0; row < 6; row++) {
            const float x_r = x[k][j + row];
            rt_fma_f32x8(&acc[row][0], x_r, &y_bar_0);
            rt_fma_f32x8(&acc[row][1], x_r, &y_bar_1);
          }
        }
        RT_UNROLL
        for (int row = 0; row < 6; row++) {
          rt_store_f32x8(&tile[row][0], &acc[row][0]);
          rt_store_f32x8(&tile[row][8], &acc[row][1]);
        }
      }
      RT_ROWS
      for (int row = 0; row < 6; row++) {
        #pragma omp simd
        for (int k = 0; k < 16; k++)
          w_next[j + row][i + k] = w[j + row][i + k] - 0.1f * tile[row][k];
      }
    }
}

/* in_place.lua:4   fill[i, j] = 0 */
static void make_fill(float *restrict fill) {
  #pragma omp simd
  for (int i = 0; i < 1536; i++)
    fill[i] = 0.0f;
}

