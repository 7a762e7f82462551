/* gram.lua:5   g[i, j] = sum k.  f[i, k] * f[j, k] */
static void RT_IN_PARTS make_g(rt_part part, const float (*f)[2048], float (*g)[48]) {
  for (int i = rt_first_by(part, 48, 24); i < rt_end_by(part, 48, 24); i += 24)
    for (int j = 0; j < 2048; j += 256) {
      _Alignas(64) float rows[4][259][6];
      for (int k = 0; k < 4; k++)
        rt_turn_f32(&rows[k][0][0], 6, &f[i + 6 * k][j], 2048, 6, 6, 256);
      _Alignas(64) float columns[3][257][16];
      for (int k = 0; k < 3; k++)
        rt_turn_f32(&columns[k][0][0], 16, &f[16 * k][j], 2048, 16, 16, 256);
      for (int k = 0; k < 3; k++)
        for (int l = 0; l < 4; l++) {
          if (k >= (i + 6 * l) / 16) {
            {
              rt_f32x8 acc[6][2] = {{{0}}};
              for (int m = 0; m < 256; m++) {
                const rt_f32x8 columns_0 = rt_load_f32x8(&columns[k][m][0]);
                const rt_f32x8 columns_1 = rt_load_f32x8(&columns[k][m][8]);
                RT_UNROLL
                for (int row = 0; row < 6; row++) {
                  const float rows_r = rows[l][m][row];
                  rt_fma_f32x8(&acc[row][0], rows_r, &columns_0);
                  rt_fma_f32x8(&acc[row][1], rows_r, &columns_1);
                }
              }
              if (j == 0) {
                RT_UNROLL
                for (int row = 0; row < 6; row++) {
                  rt_store_f32x8(&g[i + row + 6 * l][16 * k], &acc[row][0]);
                  rt_store_f32x8(&g[i + row + 6 * l][16 * k + 8], &acc[row][1]);
                }
              } else {
                RT_UNROLL
                for (int row = 0; row < 6; row++) {
                  rt_add_f32x8(&g[i + row + 6 * l][16 * k], &acc[row][0]);
                  rt_add_f32x8(&g[i + row + 6 * l][16 * k + 8], &acc[row][1]);
                }
              }
            }
          }
        }
    }
}

/* gram.lua:5   after make_g */
static void make_g_rest(float (*restrict g)[48]) {
  for (int i = 0; i < 2; i++)
    rt_turn_f32(&g[16 * i + 16][16 * i], 48, &g[16 * i][16 * i + 16], 48, 16, 16, 32 - 16 * i);
}

