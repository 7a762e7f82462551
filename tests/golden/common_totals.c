/* common_totals.lua:6   a_bar_exp[i, j] = exp(-(l * (x[i] - x[j])^2)) */
static void make_a_bar_exp(const float *restrict l, const float *restrict x,
    float (*restrict a_bar_exp)[32]) {
  for (int i = 0; i < 32; i++) {
    #pragma omp simd
    for (int j = 0; j < 32; j++) {
      const float x_minus_x = x[i] - x[j];
      a_bar_exp[i][j] = rt_exp_f32(-(l[0] * (x_minus_x * x_minus_x)));
    }
  }
}

/* common_totals.lua:6   a_bar = sum i, j.  a_bar_exp[i, j] * K_bar[i, j]
   common_totals.lua:6   l_bar = sum i, j.  -((x[i] - x[j])^2 * (a_bar_exp[i, j] * (a * K_bar[i, j]))) */
static void make_a_bar(const float (*restrict a_bar_exp)[32], const float (*restrict K_bar)[32],
    float *restrict a_bar, const float *restrict x, const float *restrict a,
    float *restrict l_bar) {
  float lane[16] = {0};
  float lane_2[16] = {0};
  for (int i = 0; i < 32; i++)
    for (int j = 0; j < 17; j += 16) {
      #pragma omp simd
      for (int k = 0; k < 16; k++) {
        lane[k] += a_bar_exp[i][k + j] * K_bar[i][k + j];
        const float x_minus_x = x[i] - x[k + j];
        lane_2[k] -= x_minus_x * x_minus_x * (a_bar_exp[i][k + j] * (a[0] * K_bar[i][k + j]));
      }
    }
  const float acc = rt_fold_sum_f32(lane);
  a_bar[0] = acc;
  const float acc_2 = rt_fold_sum_f32(lane_2);
  l_bar[0] = acc_2;
}

