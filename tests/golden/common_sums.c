/* common_sums.lua:9   a_bar[i, j] = 1 */
static void make_a_bar(float *restrict a_bar) {
  #pragma omp simd
  for (int i = 0; i < 72; i++)
    a_bar[i] = 1.0f;
}

/* common_sums.lua:6   max[i, j] = max k.  a[i, k] + c[k, j] */
static void make_max(const float (*restrict a)[6], const float (*restrict c)[6],
    float (*restrict max)[6]) {
  for (int i = 0; i < 12; i++) {
    RT_SHORT
    for (int j = 0; j < 6; j++) {
      float max_ij = rt_max_f32(a[i][0] + c[0][j], a[i][1] + c[1][j]);
      max_ij = rt_max_f32(max_ij, a[i][2] + c[2][j]);
      max_ij = rt_max_f32(max_ij, a[i][3] + c[3][j]);
      max_ij = rt_max_f32(max_ij, a[i][4] + c[4][j]);
      max_ij = rt_max_f32(max_ij, a[i][5] + c[5][j]);
      max[i][j] = max_ij;
    }
  }
}

/* common_sums.lua:6   exp_[i, j, k] = exp(a[i, j] + c[j, k] - where(isinf(max[i, k]), 0, max[i, k])) */
static void make_exp_(const float (*restrict a)[6], const float (*restrict c)[6],
    const float (*restrict max)[6], float (*restrict exp_)[6][6]) {
  for (int i = 0; i < 12; i++)
    for (int j = 0; j < 6; j++) {
      RT_MASKED
      for (int k = 0; k < 6; k++)
        exp_[i][j][k] = rt_exp_f32(a[i][j] + c[j][k]
            - (rt_abs_f32(max[i][k]) == rt_inf_f32() ? 0.0f : max[i][k]));
    }
}

/* common_sums.lua:6   sum[i, j] = sum k.  exp_[i, k, j]
   common_sums.lua:6   add[i, j] = where(sum[i, j] == 0, -inf, log(where(sum[i, j] == 0, 1, sum[i, j])) + where(isinf(max[i, j]), 0, max[i, j])) + e[i, j] */
static void make_sum(const float (*restrict exp_)[6][6], float (*restrict sum)[6],
    const float (*restrict max)[6], const float (*restrict e)[6], float (*restrict add)[6]) {
  for (int i = 0; i < 12; i++) {
    RT_MASKED
    for (int j = 0; j < 6; j++) {
      const float sum_ij = exp_[i][0][j] + exp_[i][1][j] + exp_[i][2][j] + exp_[i][3][j]
          + exp_[i][4][j] + exp_[i][5][j];
      sum[i][j] = sum_ij;
      const uint8_t test = sum_ij == 0.0f;
      add[i][j] = (test ? -RT_INF_F32 : rt_log_f32(test ? 1.0f : sum_ij)
          + (rt_abs_f32(max[i][j]) == rt_inf_f32() ? 0.0f : max[i][j])) + e[i][j];
    }
  }
}

/* common_sums.lua:6   a_bar_where[i, j] = where(kept[i, j] == 0, 0, 1 / where(kept[i, j] == 0, 1, kept[i, j]) * y_bar[i, j]) */
static void make_a_bar_where(const float *restrict kept, const float *restrict y_bar,
    float *restrict a_bar_where) {
  #pragma omp simd
  for (int i = 0; i < 72; i++) {
    const uint8_t test = kept[i] == 0.0f;
    a_bar_where[i] = test ? 0.0f : 1.0f / (test ? 1.0f : kept[i]) * y_bar[i];
  }
}

/* common_sums.lua:6   a_bar[i, j] = sum k.  where(kept[i, k] == 0, 0, kept_2[i, j, k] * a_bar_where[i, k]) */
static void make_a_bar_2(const float (*restrict kept)[6], const float (*restrict kept_2)[6][6],
    const float (*restrict a_bar_where)[6], float (*restrict a_bar)[6]) {
  for (int i = 0; i < 12; i++)
    for (int j = 0; j < 6; j++) {
      float acc = 0.0f;
      for (int k = 0; k < 6; k++)
        acc += kept[i][k] == 0.0f ? 0.0f : kept_2[i][j][k] * a_bar_where[i][k];
      a_bar[i][j] = acc;
    }
}

/* common_sums.lua:6   c_bar[i, j] = sum k.  where(kept[k, j] == 0, 0, kept_2[k, i, j] * a_bar_where[k, j])
   common_sums.lua:6   c_bar_sum[i, j] = c_bar_sum_2[i, j] + c_bar[i, j] */
static void make_c_bar_sum(const float (*restrict kept)[6], const float (*restrict kept_2)[6][6],
    const float (*restrict a_bar_where)[6], const float (*c_bar_sum)[6], float (*c_bar_sum_2)[6]) {
  for (int i = 0; i < 6; i++) {
    float c_bar[6] = {0};
    for (int j = 0; j < 12; j++) {
      RT_SHORT
      for (int k = 0; k < 6; k++)
        c_bar[k] += kept[j][k] == 0.0f ? 0.0f : kept_2[j][i][k] * a_bar_where[j][k];
    }
    RT_SHORT
    for (int k = 0; k < 6; k++)
      c_bar_sum_2[i][k] = c_bar_sum[i][k] + c_bar[k];
  }
}

