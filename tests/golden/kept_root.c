/* kept_root.lua:4   v_mul = 0.02 * mu */
static void make_v_mul(const float *restrict mu, float *restrict v_mul) {
  v_mul[0] = 0.02f * mu[0];
}

/* kept_root.lua:6   v_bar[i] = 1 */
static void make_v_bar(float *restrict v_bar) {
  #pragma omp simd
  for (int i = 0; i < 32; i++)
    v_bar[i] = 1.0f;
}

/* kept_root.lua:4   sqrt[i] = sqrt(v[i])
   kept_root.lua:4   add[i] = v[i] + mul + sqrt[i] * z[i] */
static void make_sqrt_(const float *v, float *restrict sqrt_, const float *restrict mul,
    const float *restrict z, float *add) {
  #pragma omp simd
  for (int i = 0; i < 32; i++) {
    const float sqrt__i = rt_sqrt_f32(v[i]);
    sqrt_[i] = sqrt__i;
    add[i] = v[i] + mul[0] + sqrt__i * z[i];
  }
}

/* kept_root.lua:4   v_bar[i] = y_bar[i] + 0.5 * (1 / sqrt[i] * (z[i] * y_bar[i]))
   kept_root.lua:4   mul_bar = sum i.  y_bar[i]
   kept_root.lua:4   mul_bar_sum = mul_bar_sum_2 + mul_bar */
static void make_v_bar_2(float *restrict v_bar, float *mul_bar_sum, const float *restrict y_bar,
    const float *restrict sqrt_, const float *restrict z, const float *mul_bar_sum_2) {
  float lane[16] = {0};
  for (int i = 0; i < 17; i += 16) {
    #pragma omp simd
    for (int j = 0; j < 16; j++) {
      v_bar[i + j] = y_bar[i + j] + 0.5f * (1.0f / sqrt_[i + j] * (z[i + j] * y_bar[i + j]));
      lane[j] += y_bar[i + j];
    }
  }
  const float mul_bar = rt_fold_sum_f32(lane);
  mul_bar_sum[0] = mul_bar_sum_2[0] + mul_bar;
}

