/* strided.lua:4   y_bar_pad[i, j, k] = y_bar[i, j, zero_outside(k - 1)] */
static void make_y_bar_pad(const float (*restrict y_bar)[14], float (*restrict y_bar_pad)[16]) {
  for (int i = 0; i < 128; i++) {
    y_bar_pad[i][0] = 0.0f;
    #pragma omp simd
    for (int j = 0; j < 14; j++)
      y_bar_pad[i][j + 1] = y_bar[i][j];
    y_bar_pad[i][15] = 0.0f;
  }
}

/* strided.lua:4   x_bar_split[i, j, k, l] = sum m, n.  where(k + 2 * n < 3, w[m, j, k + 2 * n] * y_bar_pad[i, m, l - k - n + 2], 0) */
static void make_x_bar_split(const float (*restrict w)[16][3],
    const float (*restrict y_bar_pad)[32][16], float (*restrict x_bar_split)[16][2][14]) {
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 2; j++)
      for (int k = 0; k < 16; k += 4) {
        {
          rt_f32x8 acc[4][2] = {{{0}}};
          for (int l = 0; l < 32; l++) {
            for (int m = 0; m < 2 - (j + 1) / 2; m++) {
              const rt_f32x8 y_bar_pad_0 = rt_load_f32x8(&y_bar_pad[i][l][2 - j - m]);
              const rt_f32x8 y_bar_pad_1 = rt_load_f32x8(&y_bar_pad[i][l][8 - j - m]);
              RT_UNROLL
              for (int row = 0; row < 4; row++) {
                const float w_r = w[l][k + row][j + 2 * m];
                rt_fma_f32x8(&acc[row][0], w_r, &y_bar_pad_0);
                rt_fma_f32x8(&acc[row][1], w_r, &y_bar_pad_1);
              }
            }
          }
          RT_UNROLL
          for (int row = 0; row < 4; row++) {
            rt_store_f32x8(&x_bar_split[i][k + row][j][0], &acc[row][0]);
            rt_store_f32x8(&x_bar_split[i][k + row][j][6], &acc[row][1]);
          }
        }
      }
}

/* strided.lua:4   x_bar[i, j, k] = x_bar_split[i, j, (k + 1) % 2, k // 2] */
static void make_x_bar(const float (*restrict x_bar_split)[2][14], float (*restrict x_bar)[28]) {
  for (int i = 0; i < 64; i++) {
    #pragma omp simd
    for (int j = 0; j < 14; j++) {
      x_bar[i][2 * j] = x_bar_split[i][1][j];
      x_bar[i][2 * j + 1] = x_bar_split[i][0][j];
    }
  }
}

