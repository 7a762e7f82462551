/* terms_joined.lua:6   w[i, j] = sum k, l.  s[k, l, i] * x[k, l, j] */
static void RT_IN_PARTS make_w(rt_part part, int T, const float (*s)[48], const float (*x)[64],
    float (*w)[64]) {
  const int bound = imax(32 * T, 1);
  for (int i = rt_first_by(part, 64, 32); i < rt_end_by(part, 64, 32); i += 32)
    for (int j = 0; j < bound; j += 256) {
      const int terms = imin(256, 32 * T - j);
      _Alignas(64) float rows[8][259][6];
      for (int k = 0; k < terms; k++)
        for (int l = 0; l < 8; l++) {
          RT_SHORT
          for (int m = 0; m < 6; m++)
            rows[l][k][m] = s[j + k][6 * l + m];
        }
      _Alignas(64) float columns[2][257][16];
      for (int k = 0; k < terms; k++)
        for (int l = 0; l < 2; l++) {
          #pragma omp simd
          for (int m = 0; m < 16; m++)
            columns[l][k][m] = x[j + k][i + 16 * l + m];
        }
      for (int k = 0; k < 2; k++)
        for (int l = 0; l < 8; l++) {
          {
            rt_f32x8 acc[6][2] = {{{0}}};
            for (int m = 0; m < terms; m++) {
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
                rt_store_f32x8(&w[row + 6 * l][i + 16 * k], &acc[row][0]);
                rt_store_f32x8(&w[row + 6 * l][i + 16 * k + 8], &acc[row][1]);
              }
            } else {
              RT_UNROLL
              for (int row = 0; row < 6; row++) {
                rt_add_f32x8(&w[row + 6 * l][i + 16 * k], &acc[row][0]);
                rt_add_f32x8(&w[row + 6 * l][i + 16 * k + 8], &acc[row][1]);
              }
            }
          }
        }
    }
}

