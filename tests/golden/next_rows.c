/* next_rows.lua:10   loss = sum i, j.  pow[i, j] */
static void make_loss(const float *restrict pow_, float *restrict loss) {
  float lane[16] = {0};
  for (int i = 0; i < 1985; i += 16) {
    #pragma omp simd
    for (int j = 0; j < 16; j++)
      lane[j] += pow_[j + i];
  }
  const float acc = rt_fold_sum_f32(lane);
  loss[0] = acc;
}

/* next_rows.lua:9   s_bar_fill[i] = 0 */
static void make_s_bar_fill(float *restrict s_bar_fill) {
  #pragma omp simd
  for (int i = 0; i < 40; i++)
    s_bar_fill[i] = 0.0f;
}

/* next_rows.lua:6   n_tanh[i] = tanh(s[i])
   next_rows.lua:6   n[i] = a[i] * n_tanh[i]
   next_rows.lua:7   pow[i] = (n[i] - o[i])^2 */
static void make_n_tanh(const float *restrict s, float *restrict n_tanh, const float *restrict a,
    float *restrict n, const float *restrict o, float *restrict pow_) {
  RT_MASKED
  for (int i = 0; i < 40; i++) {
    const float n_tanh_i = rt_tanh_f32(s[i]);
    n_tanh[i] = n_tanh_i;
    const float n_i = a[i] * n_tanh_i;
    n[i] = n_i;
    const float n_i_minus_o = n_i - o[i];
    pow_[i] = n_i_minus_o * n_i_minus_o;
  }
}

/* next_rows.lua:6   s_bar[i] = sech2(s[i]) * (a[i] * (n_bar[i] + 2 * (n[i] - o[i])))
   next_rows.lua:7   a_bar_sum[i] = a_bar_sum_2[i] + tanh[i] * (n_bar[i] + 2 * (n[i] - o[i])) */
static void make_s_bar(const float *restrict s, const float *restrict a, const float *n_bar,
    const float *restrict n, const float *restrict o, float *s_bar, const float *a_bar_sum,
    const float *restrict tanh_, float *a_bar_sum_2) {
  RT_MASKED
  for (int i = 0; i < 40; i++) {
    const float n_bar_plus_product = n_bar[i] + 2.0f * (n[i] - o[i]);
    s_bar[i] = rt_sech2_f32(s[i]) * (a[i] * n_bar_plus_product);
    a_bar_sum_2[i] = a_bar_sum[i] + tanh_[i] * n_bar_plus_product;
  }
}

