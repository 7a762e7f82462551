/* apart.lua:5   far[i, j] = sum k.  a^2  with a = x[i, k] - z[k, j]
   apart.lua:7   near[i, j] = exp(-far[i, j]) */
static void RT_IN_PARTS make_near(rt_part part, const float (*x)[64], const float (*z)[64],
    float (*near)[64]) {
  const rt_part part_i = rt_outer(part, 4), part_j = rt_inner(part, 4);
  for (int i = rt_first_by(part_i, 64, 16); i < rt_end_by(part_i, 64, 16); i += 16)
    for (int j = rt_first_by(part_j, 48, 6); j < rt_end_by(part_j, 48, 6); j += 6) {
      float tile[6][16];
      {
        rt_f32x8 acc[6][2] = {{{0}}};
        for (int k = 0; k < 64; k++) {
          const rt_f32x8 z_0 = rt_load_f32x8(&z[k][i]);
          const rt_f32x8 z_1 = rt_load_f32x8(&z[k][i + 8]);
          RT_UNROLL
          for (int row = 0; row < 6; row++) {
            const float x_r = x[j + row][k];
            rt_square_f32x8(&acc[row][0], x_r, &z_0);
            rt_square_f32x8(&acc[row][1], x_r, &z_1);
          }
        }
        RT_UNROLL
        for (int row = 0; row < 6; row++) {
          rt_store_f32x8(&tile[row][0], &acc[row][0]);
          rt_store_f32x8(&tile[row][8], &acc[row][1]);
        }
      }
      for (int row = 0; row < 6; row++) {
        #pragma omp simd
        for (int k = 0; k < 16; k++)
          near[j + row][i + k] = rt_exp_f32(-tile[row][k]);
      }
    }
}

/* apart.lua:6   pull[i, j] = sum k.  (x[i, j] - z[k, j]) * s[i, k] */
static void make_pull(const float (*restrict s)[64], const float (*restrict z)[64],
    const float (*restrict x)[64], float (*restrict pull)[64]) {
  for (int i = 0; i < 64; i += 16)
    for (int j = 0; j < 48; j += 3) {
      {
        rt_f32x8 acc[3][2] = {{{0}}};
        rt_f32x8 here[3][2];
        RT_UNROLL
        for (int row = 0; row < 3; row++) {
          here[row][0] = rt_load_f32x8(&x[j + row][i]);
          here[row][1] = rt_load_f32x8(&x[j + row][i + 8]);
        }
        for (int k = 0; k < 64; k++) {
          const rt_f32x8 z_0 = rt_load_f32x8(&z[k][i]);
          const rt_f32x8 z_1 = rt_load_f32x8(&z[k][i + 8]);
          RT_UNROLL
          for (int row = 0; row < 3; row++) {
            const float s_r = s[j + row][k];
            rt_apart_f32x8(&acc[row][0], s_r, &here[row][0], &z_0);
            rt_apart_f32x8(&acc[row][1], s_r, &here[row][1], &z_1);
          }
        }
        RT_UNROLL
        for (int row = 0; row < 3; row++) {
          rt_store_f32x8(&pull[j + row][i], &acc[row][0]);
          rt_store_f32x8(&pull[j + row][i + 8], &acc[row][1]);
        }
      }
    }
}

