/* gram.lua:5   g[i, j] = sum k.  f[i, k] * f[j, k] */
static void make_g(rt_part part, const float (*restrict f)[2048], float (*restrict g)[48]) {
  const rt_part part_i = rt_outer(part, 2), part_j = rt_inner(part, 2);
  #pragma omp parallel for collapse(2) num_threads(part.threads)
  for (int i = rt_first_by(part_i, 48, 24); i < rt_end_by(part_i, 48, 24); i += 24)
    for (int j = rt_first_by(part_j, 48, 48); j < rt_end_by(part_j, 48, 48); j += 48) {
      _Alignas(64) float sums[24][48];
      for (int k = 0; k < 2048; k += 256) {
        _Alignas(64) float rows[6][260][4];
        for (int l = 0; l < 6; l++)
          rt_turn_f32(&rows[l][0][0], 4, &f[i + 4 * l][k], 2048, 4, 4, 256);
        _Alignas(64) float columns[3][257][16];
        for (int l = 0; l < 3; l++)
          rt_turn_f32(&columns[l][0][0], 16, &f[j + 16 * l][k], 2048, 16, 16, 256);
        for (int l = 0; l < 3; l++)
          for (int m = 0; m < 6; m++) {
            {
              rt_f32x8 acc[4][2] = {{{0}}};
              for (int n = 0; n < 256; n++) {
                const rt_f32x8 columns_0 = rt_load_f32x8(&columns[l][n][0]);
                const rt_f32x8 columns_1 = rt_load_f32x8(&columns[l][n][8]);
                RT_UNROLL
                for (int row = 0; row < 4; row++) {
                  const float rows_r = rows[m][n][row];
                  rt_fma_f32x8(&acc[row][0], rows_r, &columns_0);
                  rt_fma_f32x8(&acc[row][1], rows_r, &columns_1);
                }
              }
              if (k == 0) {
                RT_UNROLL
                for (int row = 0; row < 4; row++) {
                  rt_store_f32x8(&sums[row + 4 * m][16 * l], &acc[row][0]);
                  rt_store_f32x8(&sums[row + 4 * m][16 * l + 8], &acc[row][1]);
                }
              } else {
                RT_UNROLL
                for (int row = 0; row < 4; row++) {
                  rt_add_f32x8(&sums[row + 4 * m][16 * l], &acc[row][0]);
                  rt_add_f32x8(&sums[row + 4 * m][16 * l + 8], &acc[row][1]);
                }
              }
            }
            if (k + 256 >= 2048)
              for (int n = 0; n < 4; n++) {
                #pragma omp simd
                for (int p = 0; p < 16; p++)
                  g[i + 4 * m + n][j + 16 * l + p] = sums[4 * m + n][16 * l + p];
              }
          }
      }
    }
}

