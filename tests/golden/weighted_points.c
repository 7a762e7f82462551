/* weighted_points.lua:5   w_turned[i, j] = w[j, i] */
static void make_w_turned(const float (*restrict w)[5], float (*restrict w_turned)[96]) {
  for (int i = 0; i < 5; i++) {
    #pragma omp simd
    for (int j = 0; j < 96; j++)
      w_turned[i][j] = w[j][i];
  }
}

/* weighted_points.lua:5   x_turned[i, j] = x[j, i] */
static void make_x_turned(const float (*restrict x)[3], float (*restrict x_turned)[96]) {
  #pragma omp simd
  for (int i = 0; i < 96; i++) {
    x_turned[0][i] = x[i][0];
    x_turned[1][i] = x[i][1];
    x_turned[2][i] = x[i][2];
  }
}

/* weighted_points.lua:5   spread[i, j] = sum k.  w_turned[i, k] * a^2  with a = x_turned[j, k] - m[i, j] */
static void make_spread(const float (*restrict w_turned)[96], const float (*restrict x_turned)[96],
    const float (*restrict m)[3], float (*restrict spread)[3]) {
  for (int i = 0; i < 5; i++) {
    float lane[16] = {0};
    float lane_i[16] = {0};
    float lane_i_2[16] = {0};
    for (int j = 0; j < 81; j += 16) {
      #pragma omp simd
      for (int k = 0; k < 16; k++) {
        const float x_turned_minus_m = x_turned[0][k + j] - m[i][0];
        lane[k] += w_turned[i][k + j] * (x_turned_minus_m * x_turned_minus_m);
        const float x_turned_minus_m_ijk = x_turned[1][k + j] - m[i][1];
        lane_i[k] += w_turned[i][k + j] * (x_turned_minus_m_ijk * x_turned_minus_m_ijk);
        const float x_turned_minus_m_ijk_2 = x_turned[2][k + j] - m[i][2];
        lane_i_2[k] += w_turned[i][k + j] * (x_turned_minus_m_ijk_2 * x_turned_minus_m_ijk_2);
      }
    }
    const float acc = rt_fold_sum_f32(lane);
    spread[i][0] = acc;
    const float acc_i = rt_fold_sum_f32(lane_i);
    spread[i][1] = acc_i;
    const float acc_i_2 = rt_fold_sum_f32(lane_i_2);
    spread[i][2] = acc_i_2;
  }
}

