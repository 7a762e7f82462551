/* blocks.lua:5   C[i, j] = sum k.  A[i, k] * B[j, k] */
static void make_C(rt_part part, const float (*restrict B)[256], const float (*restrict A)[256],
    float (*restrict C)[64]) {
  for (int i = 0; i < 64; i += 64) {
    #pragma omp parallel for num_threads(part.threads)
    for (int j = rt_first_by(part, 64, 32); j < rt_end_by(part, 64, 32); j += 32) {
      _Alignas(64) float columns[2][257][16];
      for (int k = 0; k < 2; k++)
        rt_turn_f32(&columns[k][0][0], 16, &B[j + 16 * k][0], 256, 16, 16, 256);
      for (int k = 0; k < 2; k++)
        for (int l = 0; l < 16; l++) {
          float tile[4][16];
          {
            rt_f32x8 acc[4][2] = {{{0}}};
            for (int m = 0; m < 256; m++) {
              const rt_f32x8 columns_0 = rt_load_f32x8(&columns[k][m][0]);
              const rt_f32x8 columns_1 = rt_load_f32x8(&columns[k][m][8]);
              RT_UNROLL
              for (int row = 0; row < 4; row++) {
                const float A_r = A[i + row + 4 * l][m];
                rt_fma_f32x8(&acc[row][0], A_r, &columns_0);
                rt_fma_f32x8(&acc[row][1], A_r, &columns_1);
              }
            }
            RT_UNROLL
            for (int row = 0; row < 4; row++) {
              rt_store_f32x8(&tile[row][0], &acc[row][0]);
              rt_store_f32x8(&tile[row][8], &acc[row][1]);
            }
          }
          for (int m = 0; m < 4; m++) {
            #pragma omp simd
            for (int n = 0; n < 16; n++)
              C[i + 4 * l + m][j + 16 * k + n] = tile[m][n];
          }
        }
    }
  }
}

