/* few_rows.lua:5   y_matmul[i, j] = sum k.  x[i, k] * w[k, j]
   few_rows.lua:5   y[i, j] = tanh(y_matmul[i, j]) */
static void make_y(const float (*restrict x)[96], const float (*restrict w)[64],
    float (*restrict y)[64]) {
  for (int i = 0; i < 64; i += 16)
    for (int j = 0; j < 20; j += 5) {
      float tile[5][16];
      {
        rt_f32x8 acc[5][2] = {{{0}}};
        for (int k = 0; k < 96; k++) {
          const rt_f32x8 w_0 = rt_load_f32x8(&w[k][i]);
          const rt_f32x8 w_1 = rt_load_f32x8(&w[k][i + 8]);
          RT_UNROLL
          for (int row = 0; row < 5; row++) {
            const float x_r = x[j + row][k];
            rt_fma_f32x8(&acc[row][0], x_r, &w_0);
            rt_fma_f32x8(&acc[row][1], x_r, &w_1);
          }
        }
        RT_UNROLL
        for (int row = 0; row < 5; row++) {
          rt_store_f32x8(&tile[row][0], &acc[row][0]);
          rt_store_f32x8(&tile[row][8], &acc[row][1]);
        }
      }
      for (int row = 0; row < 5; row++) {
        #pragma omp simd
        for (int k = 0; k < 16; k++)
          y[j + row][i + k] = rt_tanh_f32(tile[row][k]);
      }
    }
}

