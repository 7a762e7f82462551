/* shared_power.lua:5   x_bar_mul[i] = a * (sqrt(sqrt(a^2 + 0.0001)) * y_bar[i])  with a = x[i + 1] - x[i] */
static void make_x_bar_mul(const float *restrict x, const float *restrict y_bar,
    float *restrict x_bar_mul) {
  #pragma omp simd
  for (int i = 0; i < 39; i++) {
    const float x_minus_x = x[i + 1] - x[i];
    x_bar_mul[i] = x_minus_x * (rt_sqrt_f32(rt_sqrt_f32(x_minus_x * x_minus_x + 0.0001f))
        * y_bar[i]);
  }
}

/* shared_power.lua:5   x_bar[i] = where(0 <= i - 1, 2.5 * x_bar_mul[i - 1], 0) + where(i < 39, -2.5 * x_bar_mul[i], 0) */
static void make_x_bar(const float *restrict x_bar_mul, float *restrict x_bar) {
  for (int i = 0; i < 2; i++) {
    const int64_t choice = i < 1 ? (int64_t)i : (int64_t)i + 38;
    x_bar[choice] = (0 <= choice - 1 ? 2.5f * x_bar_mul[choice - 1] : 0.0f)
        + (choice < 39 ? -2.5f * x_bar_mul[choice] : 0.0f);
  }
  #pragma omp simd
  for (int i = 0; i < 38; i++)
    x_bar[i + 1] = 2.5f * x_bar_mul[i] + -2.5f * x_bar_mul[i + 1];
}

