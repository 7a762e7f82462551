/* turned_terms.lua:5   L_turned[i, j, k] = L[i, k, j] */
static void make_L_turned(const float (*restrict L)[4][4], float (*restrict L_turned)[4][4]) {
  for (int i = 0; i < 6; i++) {
    #pragma omp simd
    for (int j = 0; j < 4; j++) {
      L_turned[i][0][j] = L[i][j][0];
      L_turned[i][1][j] = L[i][j][1];
      L_turned[i][2][j] = L[i][j][2];
      L_turned[i][3][j] = L[i][j][3];
    }
  }
}

/* turned_terms.lua:5   z[i, j, k] = sum l.  L_turned[j, l, k] * (x[i, l] - mu[j, l]) */
static void make_z(const float (*restrict L_turned)[4][4], const float (*restrict x)[4],
    const float (*restrict mu)[4], float (*restrict z)[6][4]) {
  for (int i = 0; i < 192; i++) {
    RT_ROWS
    for (int j = 0; j < 6; j++) {
      #pragma omp simd
      for (int k = 0; k < 4; k++)
        z[i][j][k] = L_turned[j][0][k] * (x[i][0] - mu[j][0]) + L_turned[j][1][k]
            * (x[i][1] - mu[j][1]) + L_turned[j][2][k] * (x[i][2] - mu[j][2]) + L_turned[j][3][k]
            * (x[i][3] - mu[j][3]);
    }
  }
}

/* turned_terms.lua:6   l_sum[i, j] = sum k.  z[i, j, k]^2
   turned_terms.lua:6   l_mul[i, j] = -0.5 * l_sum[i, j] */
static void make_l_mul(const float (*restrict z)[4], float *restrict l_mul) {
  #pragma omp simd
  for (int i = 0; i < 1152; i++) {
    const float l_sum = z[i][0] * z[i][0] + z[i][1] * z[i][1] + z[i][2] * z[i][2] + z[i][3]
        * z[i][3];
    l_mul[i] = -0.5f * l_sum;
  }
}

/* turned_terms.lua:6   l_max[i] = max k.  l_mul[i, k]
   turned_terms.lua:6   l_sum_2_exp[i, j] = exp(l_mul[i, j] - where(isinf(l_max[i]), 0, l_max[i]))
   turned_terms.lua:6   l_sum_2[i] = sum k.  l_sum_2_exp[i, k]
   turned_terms.lua:6   l[i] = where(l_sum_2[i] == 0, -inf, log(where(l_sum_2[i] == 0, 1, l_sum_2[i])) + where(isinf(l_max[i]), 0, l_max[i]))
   turned_terms.lua:6   l_sum_2_bar[i] = where(l_sum_2[i] == 0, 0, 1 / where(l_sum_2[i] == 0, 1, l_sum_2[i]))
   turned_terms.lua:6   l_sum_bar[i, j] = where(l_sum_2[i] == 0, 0, -0.5 * (l_sum_2_exp[i, j] * l_sum_2_bar[i])) */
static void make_l(const float (*restrict l_mul)[6], float *restrict l,
    float (*restrict l_sum_bar)[6]) {
  for (int i = 0; i < 161; i += 32) {
    float l_mul_turned[6][32];
    rt_turn_f32(&l_mul_turned[0][0], 32, &l_mul[i][0], 6, 32, 32, 6);
    float l_max[32];
    for (int fill = 0; fill < 32; fill++) l_max[fill] = -RT_INF_F32;
    for (int k = 0; k < 6; k++) {
      #pragma omp simd
      for (int j = 0; j < 32; j++)
        l_max[j] = rt_max_f32(l_max[j], l_mul_turned[k][j]);
    }
    float choice[32];
    #pragma omp simd
    for (int j = 0; j < 32; j++)
      choice[j] = rt_abs_f32(l_max[j]) == rt_inf_f32() ? 0.0f : l_max[j];
    float l_sum_2_exp[6][32];
    float l_sum_2[32] = {0};
    for (int k = 0; k < 6; k++) {
      #pragma omp simd
      for (int j = 0; j < 32; j++) {
        l_sum_2_exp[k][j] = rt_exp_f32(l_mul_turned[k][j] - choice[j]);
        l_sum_2[j] += l_sum_2_exp[k][j];
      }
    }
    float l_sum_2_bar[32];
    #pragma omp simd
    for (int j = 0; j < 32; j++) {
      const uint8_t test = l_sum_2[j] == 0.0f;
      const float choice_ij = test ? 1.0f : l_sum_2[j];
      l[i + j] = test ? -RT_INF_F32 : rt_log_f32(choice_ij)
          + (rt_abs_f32(l_max[j]) == rt_inf_f32() ? 0.0f : l_max[j]);
      const float l_sum_2_bar_ij = test ? 0.0f : 1.0f / choice_ij;
      l_sum_2_bar[j] = l_sum_2_bar_ij;
    }
    float l_sum_bar_i[6][32];
    for (int k = 0; k < 6; k++) {
      #pragma omp simd
      for (int j = 0; j < 32; j++)
        l_sum_bar_i[k][j] = l_sum_2[j] == 0.0f ? 0.0f : -0.5f
            * (l_sum_2_exp[k][j] * l_sum_2_bar[j]);
    }
    rt_turn_f32(&l_sum_bar[i][0], 6, &l_sum_bar_i[0][0], 32, 6, 6, 32);
  }
}

/* turned_terms.lua:6   z_bar[i, j, k] = 2 * (z[i, j, k] * l_sum_bar[i, j]) */
static void make_z_bar(const float (*restrict z)[4], const float *restrict l_sum_bar,
    float (*restrict z_bar)[4]) {
  #pragma omp simd
  for (int i = 0; i < 1152; i++) {
    z_bar[i][0] = 2.0f * (z[i][0] * l_sum_bar[i]);
    z_bar[i][1] = 2.0f * (z[i][1] * l_sum_bar[i]);
    z_bar[i][2] = 2.0f * (z[i][2] * l_sum_bar[i]);
    z_bar[i][3] = 2.0f * (z[i][3] * l_sum_bar[i]);
  }
}

/* turned_terms.lua:5   x_bar[i, j] = sum k, l.  L[k, l, j] * z_bar[i, k, l] */
static void make_x_bar(const float (*restrict z_bar)[24], const float (*restrict L)[4],
    float (*restrict x_bar)[4]) {
  for (int i = 0; i < 192; i += 12) {
    {
      rt_f32x4 acc[12][1] = {{{0}}};
      for (int j = 0; j < 24; j++) {
        const rt_f32x4 L_0 = rt_load_f32x4(&L[j][0]);
        RT_UNROLL
        for (int row = 0; row < 12; row++) {
          const float z_bar_r = z_bar[i + row][j];
          rt_fma_f32x4(&acc[row][0], z_bar_r, &L_0);
        }
      }
      RT_UNROLL
      for (int row = 0; row < 12; row++) {
        rt_store_f32x4(&x_bar[i + row][0], &acc[row][0]);
      }
    }
  }
}

