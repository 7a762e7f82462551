/* blocks.lua:5   C[i, j] = sum k.  A[i, k] * B[j, k] */
static void make_C(rt_part part, const float (*restrict B)[256], const float (*restrict A)[256],
    float (*restrict C)[64]) {
  const rt_part part_i = rt_outer(part, 2), part_j = rt_inner(part, 2);
  #pragma omp parallel for collapse(2) num_threads(part.threads)
  for (int i = rt_first_by(part_i, 64, 32); i < rt_end_by(part_i, 64, 32); i += 32)
    for (int j = rt_first_by(part_j, 64, 32); j < rt_end_by(part_j, 64, 32); j += 32) {
      float sums[32][32] = {0};
      for (int k = 0; k < 256; k += 256)
        for (int l = 0; l < 32; l += 16) {
          float columns[256][16];
          for (int m = 0; m < 16; m++) {
            #pragma omp simd
            for (int n = 0; n < 256; n++)
              columns[n][m] = B[j + l + m][k + n];
          }
          for (int m = 0; m < 8; m++) {
            {
              rt_f32x8 acc[4][2] = {{{0}}};
              for (int n = 0; n < 256; n++) {
                const rt_f32x8 columns_0 = rt_load_f32x8(&columns[n][0]);
                const rt_f32x8 columns_1 = rt_load_f32x8(&columns[n][8]);
                RT_UNROLL
                for (int row = 0; row < 4; row++) {
                  const float A_r = A[i + row + 4 * m][k + n];
                  rt_fma_f32x8(&acc[row][0], A_r, &columns_0);
                  rt_fma_f32x8(&acc[row][1], A_r, &columns_1);
                }
              }
              RT_UNROLL
              for (int row = 0; row < 4; row++) {
                rt_add_f32x8(&sums[row + 4 * m][l], &acc[row][0]);
                rt_add_f32x8(&sums[row + 4 * m][l + 8], &acc[row][1]);
              }
            }
          }
        }
      for (int k = 0; k < 32; k++) {
        #pragma omp simd
        for (int l = 0; l < 32; l++)
          C[i + k][j + l] = sums[k][l];
      }
    }
}

