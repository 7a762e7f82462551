/* max_once.lua:4   x_bar[i] = where(x[i] >= 0.5, 0.5 * (where(x[i] == 0.5, 0.5, 1) * (rsqrt(maximum(x[i], 0.5)) * y_bar[i])), 0) */
static void make_x_bar(const float *restrict x, const float *restrict y_bar,
    float *restrict x_bar) {
  #pragma omp simd
  for (int i = 0; i < 64; i++) {
    const float x_i = x[i];
    x_bar[i] = x_i >= 0.5f ? 0.5f * ((x_i == 0.5f ? 0.5f : 1.0f)
        * (rt_rsqrt_f32(rt_max_f32(x_i, 0.5f)) * y_bar[i])) : 0.0f;
  }
}

