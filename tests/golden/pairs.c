/* pairs.lua:5   r2_x_3[i] = x[i, 0]
   pairs.lua:5   r2_x_2[i] = x[i, 1]
   pairs.lua:5   r2_x[i] = x[i, 2]
   pairs.lua:5   x_turned[i, j] = x[j, i] */
static void make_r2_x_3(float *restrict r2_x_3, float *restrict r2_x_2, float *restrict r2_x,
    float (*restrict x_turned)[32], const float (*restrict x)[3]) {
  #pragma omp simd
  for (int i = 0; i < 32; i++) {
    r2_x_3[i] = x[i][0];
    r2_x_2[i] = x[i][1];
    r2_x[i] = x[i][2];
    x_turned[0][i] = x[i][0];
    x_turned[1][i] = x[i][1];
    x_turned[2][i] = x[i][2];
  }
}

/* pairs.lua:5   r2[i, j] = a^2 + b^2 + c^2  with a = x[i, 0] - r2_x_3[j], b = x[i, 1] - r2_x_2[j], c = x[i, 2] - r2_x[j]
   pairs.lua:6   energy_div[i, j] = 1 / ((1 + r2[i, j])^2 * (1 + r2[i, j]))
   pairs.lua:6   energy_add_bar[i, j] = -3 * ((1 + r2[i, j])^2 * energy_div[i, j]^2)
   pairs.lua:6   energy = sum i, j.  energy_div[i, j] */
static void make_energy_add_bar(float (*restrict energy_add_bar)[32], float *restrict energy,
    const float (*restrict x)[3], const float *restrict r2_x_3, const float *restrict r2_x_2,
    const float *restrict r2_x) {
  float lane[16] = {0};
  for (int i = 0; i < 32; i++)
    for (int j = 0; j < 17; j += 16) {
      #pragma omp simd
      for (int k = 0; k < 16; k++) {
        const float x_minus_r2_x_3 = x[i][0] - r2_x_3[j + k];
        const float x_minus_r2_x_2 = x[i][1] - r2_x_2[j + k];
        const float x_minus_r2_x = x[i][2] - r2_x[j + k];
        const float r2 = x_minus_r2_x_3 * x_minus_r2_x_3 + x_minus_r2_x_2 * x_minus_r2_x_2
            + x_minus_r2_x * x_minus_r2_x;
        const float total = 1.0f + r2;
        const float total_sq = total * total;
        const float energy_div = 1.0f / (total_sq * total);
        energy_add_bar[i][j + k] = -3.0f * (total_sq * (energy_div * energy_div));
        lane[k] += energy_div;
      }
    }
  const float acc = rt_fold_sum_f32(lane);
  energy[0] = acc;
}

/* pairs.lua:5   x_bar_sum[i, j] = sum k.  (x[i, j] - x_turned[j, k]) * energy_add_bar[i, k]
   pairs.lua:5   x_bar[i, j] = 4 * x_bar_sum[i, j] */
static void make_x_bar(const float (*restrict x)[3], const float (*restrict x_turned)[32],
    const float (*restrict energy_add_bar)[32], float (*restrict x_bar)[3]) {
  for (int i = 0; i < 32; i++) {
    float lane[16] = {0};
    float lane_i[16] = {0};
    float lane_i_2[16] = {0};
    for (int j = 0; j < 17; j += 16) {
      #pragma omp simd
      for (int k = 0; k < 16; k++) {
        lane[k] += (x[i][0] - x_turned[0][k + j]) * energy_add_bar[i][k + j];
        lane_i[k] += (x[i][1] - x_turned[1][k + j]) * energy_add_bar[i][k + j];
        lane_i_2[k] += (x[i][2] - x_turned[2][k + j]) * energy_add_bar[i][k + j];
      }
    }
    const float x_bar_sum = rt_fold_sum_f32(lane);
    x_bar[i][0] = 4.0f * x_bar_sum;
    const float x_bar_sum_i = rt_fold_sum_f32(lane_i);
    x_bar[i][1] = 4.0f * x_bar_sum_i;
    const float x_bar_sum_i_2 = rt_fold_sum_f32(lane_i_2);
    x_bar[i][2] = 4.0f * x_bar_sum_i_2;
  }
}

