/* home.lua:6   w_next_matmul[i, j] = sum k.  g[k, i] * x[k, j]
   home.lua:6   w_next[i, j] = w[i, j] - 0.01 * w_next_matmul[i, j] */
static void RT_IN_PARTS make_w_next(rt_part part, const float (*g)[96], const float (*x)[64],
    float (*w_next)[64], const float (*w)[64]) {
  for (int i = rt_first_by(part, 96, 48); i < rt_end_by(part, 96, 48); i += 48)
    for (int j = 0; j < 600; j += 304) {
      const int terms = imin(304, 600 - j);
      _Alignas(64) float rows[8][307][6];
      for (int k = 0; k < terms; k++)
        for (int l = 0; l < 8; l++) {
          RT_SHORT
          for (int m = 0; m < 6; m++)
            rows[l][k][m] = g[j + k][i + 6 * l + m];
        }
      _Alignas(64) float columns[4][305][16];
      for (int k = 0; k < terms; k++)
        for (int l = 0; l < 4; l++) {
          #pragma omp simd
          for (int m = 0; m < 16; m++)
            columns[l][k][m] = x[j + k][16 * l + m];
        }
      for (int k = 0; k < 4; k++)
        for (int l = 0; l < 8; l++) {
          float tile[6][16];
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
            if (j + 304 >= 600) {
              RT_UNROLL
              for (int row = 0; row < 6; row++) {
                rt_store_f32x8(&tile[row][0], &acc[row][0]);
                rt_store_f32x8(&tile[row][8], &acc[row][1]);
              }
            } else {
              if (j == 0) {
                RT_UNROLL
                for (int row = 0; row < 6; row++) {
                  rt_store_f32x8(&w_next[i + row + 6 * l][16 * k], &acc[row][0]);
                  rt_store_f32x8(&w_next[i + row + 6 * l][16 * k + 8], &acc[row][1]);
                }
              } else {
                RT_UNROLL
                for (int row = 0; row < 6; row++) {
                  rt_add_f32x8(&w_next[i + row + 6 * l][16 * k], &acc[row][0]);
                  rt_add_f32x8(&w_next[i + row + 6 * l][16 * k + 8], &acc[row][1]);
                }
              }
            }
          }
          if (j + 304 >= 600) {
            RT_ROWS
            for (int m = 0; m < 6; m++) {
              #pragma omp simd
              for (int n = 0; n < 16; n++) {
                const float w_next_matmul = w_next[i + 6 * l + m][16 * k + n] + tile[m][n];
                w_next[i + 6 * l + m][16 * k + n] = w[i + 6 * l + m][16 * k + n] - 0.01f
                    * w_next_matmul;
              }
            }
          }
        }
    }
}

