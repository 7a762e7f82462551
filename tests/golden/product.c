/* product.lua:5   y_matmul[i, j] = sum k.  a[i, k] * b[k, j]
   product.lua:5   y[i, j] = where(a <= 0, 0, a)  with a = y_matmul[i, j] + bias[j] */
static void RT_IN_PARTS make_y(rt_part part, const float (*a)[70], const float (*b)[64],
    const float *bias, float (*y)[64]) {
  const rt_part part_i = rt_outer(part, 4), part_j = rt_inner(part, 4);
  for (int i = rt_first_by(part_i, 64, 16); i < rt_end_by(part_i, 64, 16); i += 16)
    for (int j = rt_first_by(part_j, 48, 6); j < rt_end_by(part_j, 48, 6); j += 6) {
      float tile[6][16];
      {
        rt_f32x8 acc[6][2] = {{{0}}};
        for (int k = 0; k < 70; k++) {
          const rt_f32x8 b_0 = rt_load_f32x8(&b[k][i]);
          const rt_f32x8 b_1 = rt_load_f32x8(&b[k][i + 8]);
          RT_UNROLL
          for (int row = 0; row < 6; row++) {
            const float a_r = a[j + row][k];
            rt_fma_f32x8(&acc[row][0], a_r, &b_0);
            rt_fma_f32x8(&acc[row][1], a_r, &b_1);
          }
        }
        RT_UNROLL
        for (int row = 0; row < 6; row++) {
          rt_store_f32x8(&tile[row][0], &acc[row][0]);
          rt_store_f32x8(&tile[row][8], &acc[row][1]);
        }
      }
      RT_ROWS
      for (int row = 0; row < 6; row++) {
        #pragma omp simd
        for (int k = 0; k < 16; k++) {
          const float tile_plus_bias = tile[row][k] + bias[i + k];
          y[j + row][i + k] = tile_plus_bias <= 0.0f ? 0.0f : tile_plus_bias;
        }
      }
    }
}

/* product.lua:9   z[i, j, k] = sum l.  words[i, j, l] * b[l, k] */
static void RT_IN_PARTS make_z(rt_part part, int B, const float (*words)[12][70],
    const float (*b)[64], float (*z)[12][64]) {
  const rt_part part_i = rt_outer(part, B), part_j = rt_inner(part, B);
  for (int i = rt_first(part_i, B); i < rt_end(part_i, B); i++)
    for (int j = rt_first_by(part_j, 64, 16); j < rt_end_by(part_j, 64, 16); j += 16)
      for (int k = 0; k < 12; k += 6) {
        {
          rt_f32x8 acc[6][2] = {{{0}}};
          for (int l = 0; l < 70; l++) {
            const rt_f32x8 b_0 = rt_load_f32x8(&b[l][j]);
            const rt_f32x8 b_1 = rt_load_f32x8(&b[l][j + 8]);
            RT_UNROLL
            for (int row = 0; row < 6; row++) {
              const float words_r = words[i][k + row][l];
              rt_fma_f32x8(&acc[row][0], words_r, &b_0);
              rt_fma_f32x8(&acc[row][1], words_r, &b_1);
            }
          }
          RT_UNROLL
          for (int row = 0; row < 6; row++) {
            rt_store_f32x8(&z[i][k + row][j], &acc[row][0]);
            rt_store_f32x8(&z[i][k + row][j + 8], &acc[row][1]);
          }
        }
      }
}

