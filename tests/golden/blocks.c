/* blocks.lua:5   C[i, j] = sum k.  A[i, k] * B[j, k] */
static void RT_IN_PARTS make_C(rt_part part, const float (*B)[256], const float (*A)[256],
    float (*C)[64]) {
  for (int i = rt_first_by(part, 64, 32); i < rt_end_by(part, 64, 32); i += 32) {
    _Alignas(64) float columns[2][257][16];
    for (int j = 0; j < 2; j++)
      rt_turn_f32(&columns[j][0][0], 16, &B[i + 16 * j][0], 256, 16, 16, 256);
    for (int j = 0; j < 2; j++)
      for (int k = 0; k < 11; k++) {
        const int tile_rows = imin(6, 64 - 6 * k);
        const uint8_t test = tile_rows == 6;
        if (test) {
          {
            rt_f32x8 acc[6][2] = {{{0}}};
            for (int l = 0; l < 256; l++) {
              const rt_f32x8 columns_0 = rt_load_f32x8(&columns[j][l][0]);
              const rt_f32x8 columns_1 = rt_load_f32x8(&columns[j][l][8]);
              RT_UNROLL
              for (int row = 0; row < 6; row++) {
                const float A_r = A[row + 6 * k][l];
                rt_fma_f32x8(&acc[row][0], A_r, &columns_0);
                rt_fma_f32x8(&acc[row][1], A_r, &columns_1);
              }
            }
            RT_UNROLL
            for (int row = 0; row < 6; row++) {
              rt_store_f32x8(&C[row + 6 * k][i + 16 * j], &acc[row][0]);
              rt_store_f32x8(&C[row + 6 * k][i + 16 * j + 8], &acc[row][1]);
            }
          }
        } else {
          {
            rt_f32x8 acc[4][2] = {{{0}}};
            for (int l = 0; l < 256; l++) {
              const rt_f32x8 columns_0 = rt_load_f32x8(&columns[j][l][0]);
              const rt_f32x8 columns_1 = rt_load_f32x8(&columns[j][l][8]);
              RT_UNROLL
              for (int row = 0; row < 4; row++) {
                const float A_r = A[row + 6 * k][l];
                rt_fma_f32x8(&acc[row][0], A_r, &columns_0);
                rt_fma_f32x8(&acc[row][1], A_r, &columns_1);
              }
            }
            RT_UNROLL
            for (int row = 0; row < 4; row++) {
              rt_store_f32x8(&C[row + 6 * k][i + 16 * j], &acc[row][0]);
              rt_store_f32x8(&C[row + 6 * k][i + 16 * j + 8], &acc[row][1]);
            }
          }
        }
      }
  }
}

