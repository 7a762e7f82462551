/* kept_rows.lua:7   g_bar[i] = 1 */
static void make_g_bar(float *restrict g_bar) {
  #pragma omp simd
  for (int i = 0; i < 16; i++)
    g_bar[i] = 1.0f;
}

/* kept_rows.lua:5   C_bar[i, j] = sum k.  where(iterate_fwd[k, i] == 0, 0, -(iterate_fwd_2[k, i, j] * g_bar_where[k, i])) */
static void make_C_bar(const float (*restrict iterate_fwd)[16],
    const float (*restrict iterate_fwd_2)[16][16], const float (*restrict g_bar_where)[16],
    float (*restrict C_bar)[16]) {
  for (int i = 0; i < 16; i++) {
    const float g_bar_where_at = g_bar_where[0][i];
    const float g_bar_where_at_i = g_bar_where[1][i];
    const float g_bar_where_at_i_2 = g_bar_where[2][i];
    const float g_bar_where_at_i_3 = g_bar_where[3][i];
    const float g_bar_where_at_i_4 = g_bar_where[4][i];
    RT_SHORT
    for (int j = 0; j < 16; j++)
      C_bar[i][j] = (iterate_fwd[0][i] == 0.0f ? 0.0f : -(iterate_fwd_2[0][i][j] * g_bar_where_at))
          + (iterate_fwd[1][i] == 0.0f ? 0.0f : -(iterate_fwd_2[1][i][j] * g_bar_where_at_i))
          + (iterate_fwd[2][i] == 0.0f ? 0.0f : -(iterate_fwd_2[2][i][j] * g_bar_where_at_i_2))
          + (iterate_fwd[3][i] == 0.0f ? 0.0f : -(iterate_fwd_2[3][i][j] * g_bar_where_at_i_3))
          + (iterate_fwd[4][i] == 0.0f ? 0.0f : -(iterate_fwd_2[4][i][j] * g_bar_where_at_i_4));
  }
}

/* kept_rows.lua:5   max[i] = max k.  g[k] - C[i, k]
   kept_rows.lua:5   exp_[i, j] = exp(g[j] - C[i, j] - where(isinf(max[i]), 0, max[i]))
   kept_rows.lua:5   sum[i] = sum k.  exp_[i, k]
   kept_rows.lua:5   where[i] = where(sum[i] == 0, -inf, log(where(sum[i] == 0, 1, sum[i])) + where(isinf(max[i]), 0, max[i])) */
static void make_exp_(const float *restrict g, const float (*restrict C)[16],
    float (*restrict exp_)[16], float *restrict sum, float *restrict where) {
  for (int i = 0; i < 16; i++) {
    float lane[16];
    for (int fill = 0; fill < 16; fill++) lane[fill] = -RT_INF_F32;
    #pragma omp simd
    for (int j = 0; j < 16; j++)
      lane[j] = rt_max_f32(lane[j], g[j] - C[i][j]);
    const float max = rt_fold_max_f32(lane);
    const float choice = rt_abs_f32(max) == rt_inf_f32() ? 0.0f : max;
    #pragma omp simd
    for (int j = 0; j < 16; j++)
      exp_[i][j] = rt_exp_f32(g[j] - C[i][j] - choice);
    float lane_i[16] = {0};
    #pragma omp simd
    for (int j = 0; j < 16; j++)
      lane_i[j] += exp_[i][j];
    const float acc = rt_fold_sum_f32(lane_i);
    sum[i] = acc;
    const uint8_t test = acc == 0.0f;
    where[i] = test ? -RT_INF_F32 : rt_log_f32(test ? 1.0f : acc) + choice;
  }
}

/* kept_rows.lua:5   g_bar_where[i] = where(kept[i] == 0, 0, 1 / where(kept[i] == 0, 1, kept[i]) * y_bar[i]) */
static void make_g_bar_where(const float *restrict kept, const float *restrict y_bar,
    float *restrict g_bar_where) {
  RT_SHORT
  for (int i = 0; i < 16; i++) {
    const uint8_t test = kept[i] == 0.0f;
    g_bar_where[i] = test ? 0.0f : 1.0f / (test ? 1.0f : kept[i]) * y_bar[i];
  }
}

/* kept_rows.lua:5   g_bar[i] = sum k.  where(kept[k] == 0, 0, kept_2[k, i] * g_bar_where[k]) */
static void make_g_bar_2(const float *restrict kept, const float (*restrict kept_2)[16],
    const float *restrict g_bar_where, float *restrict g_bar) {
  float acc[16] = {0};
  for (int i = 0; i < 16; i++) {
    const float g_bar_where_i = g_bar_where[i];
    RT_SHORT
    for (int j = 0; j < 16; j++)
      acc[j] += kept[i] == 0.0f ? 0.0f : kept_2[i][j] * g_bar_where_i;
  }
  #pragma omp simd
  for (int j = 0; j < 16; j++)
    g_bar[j] = acc[j];
}

