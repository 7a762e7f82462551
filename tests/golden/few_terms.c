/* few_terms.lua:4   y[i, j] = sum k.  x[i, k] * w[j, k] */
static void make_y(const float (*restrict w)[32], const float (*restrict x)[32],
    float (*restrict y)[64]) {
  _Alignas(64) float columns[4][33][16];
  for (int i = 0; i < 4; i++)
    rt_turn_f32(&columns[i][0][0], 16, &w[16 * i][0], 32, 16, 16, 32);
  for (int i = 0; i < 43; i++) {
    const int at_i = imin(6, 256 - 6 * i);
    for (int j = 0; j < 4; j++) {
      const int tile_rows = at_i;
      const uint8_t test = tile_rows == 6;
      if (test) {
        {
          rt_f32x8 acc[6][2] = {{{0}}};
          for (int k = 0; k < 32; k++) {
            const rt_f32x8 columns_0 = rt_load_f32x8(&columns[j][k][0]);
            const rt_f32x8 columns_1 = rt_load_f32x8(&columns[j][k][8]);
            RT_UNROLL
            for (int row = 0; row < 6; row++) {
              const float x_r = x[row + 6 * i][k];
              rt_fma_f32x8(&acc[row][0], x_r, &columns_0);
              rt_fma_f32x8(&acc[row][1], x_r, &columns_1);
            }
          }
          RT_UNROLL
          for (int row = 0; row < 6; row++) {
            rt_store_f32x8(&y[row + 6 * i][16 * j], &acc[row][0]);
            rt_store_f32x8(&y[row + 6 * i][16 * j + 8], &acc[row][1]);
          }
        }
      } else {
        {
          rt_f32x8 acc[4][2] = {{{0}}};
          for (int k = 0; k < 32; k++) {
            const rt_f32x8 columns_0 = rt_load_f32x8(&columns[j][k][0]);
            const rt_f32x8 columns_1 = rt_load_f32x8(&columns[j][k][8]);
            RT_UNROLL
            for (int row = 0; row < 4; row++) {
              const float x_r = x[row + 6 * i][k];
              rt_fma_f32x8(&acc[row][0], x_r, &columns_0);
              rt_fma_f32x8(&acc[row][1], x_r, &columns_1);
            }
          }
          RT_UNROLL
          for (int row = 0; row < 4; row++) {
            rt_store_f32x8(&y[row + 6 * i][16 * j], &acc[row][0]);
            rt_store_f32x8(&y[row + 6 * i][16 * j + 8], &acc[row][1]);
          }
        }
      }
    }
  }
}

