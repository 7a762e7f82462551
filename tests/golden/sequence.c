/* sequence.lua:6   y_matmul[i, j, k] = sum l.  x[i, j, l] * w[l, k]
   sequence.lua:6   y[i, j, k] = tanh(y_matmul[i, j, k] + b[k]) */
static void make_y(const float (*restrict x)[32], const float (*restrict w)[16],
    const float *restrict b, float (*restrict y)[16]) {
  for (int i = 0; i < 48; i += 6) {
    float tile[6][16];
    {
      rt_f32x8 acc[6][2] = {{{0}}};
      for (int j = 0; j < 32; j++) {
        const rt_f32x8 w_0 = rt_load_f32x8(&w[j][0]);
        const rt_f32x8 w_1 = rt_load_f32x8(&w[j][8]);
        RT_UNROLL
        for (int row = 0; row < 6; row++) {
          const float x_r = x[i + row][j];
          rt_fma_f32x8(&acc[row][0], x_r, &w_0);
          rt_fma_f32x8(&acc[row][1], x_r, &w_1);
        }
      }
      RT_UNROLL
      for (int row = 0; row < 6; row++) {
        rt_store_f32x8(&tile[row][0], &acc[row][0]);
        rt_store_f32x8(&tile[row][8], &acc[row][1]);
      }
    }
    for (int row = 0; row < 6; row++) {
      #pragma omp simd
      for (int j = 0; j < 16; j++)
        y[i + row][j] = rt_tanh_f32(tile[row][j] + b[j]);
    }
  }
}

/* sequence.lua:6   w_bar[i, j] = sum k, l.  x[k, l, i] * y_bar[k, l, j] */
static void make_w_bar(const float (*restrict x)[32], const float (*restrict y_bar)[16],
    float (*restrict w_bar)[16]) {
  for (int i = 0; i < 32; i += 4) {
    {
      rt_f32x8 acc[4][2] = {{{0}}};
      for (int j = 0; j < 48; j++) {
        const rt_f32x8 y_bar_0 = rt_load_f32x8(&y_bar[j][0]);
        const rt_f32x8 y_bar_1 = rt_load_f32x8(&y_bar[j][8]);
        RT_UNROLL
        for (int row = 0; row < 4; row++) {
          const float x_r = x[j][i + row];
          rt_fma_f32x8(&acc[row][0], x_r, &y_bar_0);
          rt_fma_f32x8(&acc[row][1], x_r, &y_bar_1);
        }
      }
      RT_UNROLL
      for (int row = 0; row < 4; row++) {
        rt_store_f32x8(&w_bar[i + row][0], &acc[row][0]);
        rt_store_f32x8(&w_bar[i + row][8], &acc[row][1]);
      }
    }
  }
}

