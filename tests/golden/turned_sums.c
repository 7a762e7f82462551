/* turned_sums.lua:5   c[i, j] = sum k.  a[i, k] * b[j, k] */
static void RT_IN_PARTS make_c(rt_part part, const float (*a)[128], const float (*b)[128],
    float (*c)[1200]) {
  for (int i = rt_first_by(part, 1200, 240); i < rt_end_by(part, 1200, 240); i += 240) {
    _Alignas(64) float columns[2][129][16];
    for (int j = 0; j < 2; j++)
      rt_turn_f32(&columns[j][0][0], 16, &a[16 * j][0], 128, 16, 16, 128);
    for (int j = 0; j < 40; j++)
      for (int k = 0; k < 2; k++) {
        float tile[6][16];
        {
          rt_f32x8 acc[6][2] = {{{0}}};
          for (int l = 0; l < 128; l++) {
            const rt_f32x8 columns_0 = rt_load_f32x8(&columns[k][l][0]);
            const rt_f32x8 columns_1 = rt_load_f32x8(&columns[k][l][8]);
            RT_UNROLL
            for (int row = 0; row < 6; row++) {
              const float b_r = b[i + row + 6 * j][l];
              rt_fma_f32x8(&acc[row][0], b_r, &columns_0);
              rt_fma_f32x8(&acc[row][1], b_r, &columns_1);
            }
          }
          RT_UNROLL
          for (int row = 0; row < 6; row++) {
            rt_store_f32x8(&tile[row][0], &acc[row][0]);
            rt_store_f32x8(&tile[row][8], &acc[row][1]);
          }
        }
        rt_turn_f32(&c[16 * k][i + 6 * j], 1200, &tile[0][0], 16, 6, 6, 16);
      }
  }
}

