/* guard.lua:5   y_exp[i] = exp(w[i]) */
static void make_y_exp(const float *restrict w, float *restrict y_exp) {
  RT_MASKED
  for (int i = 0; i < 100; i++)
    y_exp[i] = rt_exp_f32(w[i]);
}

/* guard.lua:5   y[i] = sum k.  y_exp[k] * zero_outside(y_bar)[i - k] * w[i] */
static void make_y(const float *restrict y_exp, const float *restrict y_bar,
    const float *restrict w, float *restrict y) {
  for (int i = 0; i < 69; i += 32) {
    float acc[32] = {0};
    for (int j = imax(0, i - 99); j < imin(100, i + 32); j++) {
      const float y_exp_j = y_exp[j];
      #pragma omp simd
      for (int k = 0; k < 32; k++)
        acc[k] += 0 <= i + k - j && i + k - j < 100 ? y_exp_j * y_bar[i + k - j] * w[i + k] : 0.0f;
    }
    #pragma omp simd
    for (int k = 0; k < 32; k++)
      y[i + k] = acc[k];
  }
  float acc[4] = {0};
  for (int i = 0; i < 100; i++) {
    const float y_exp_i = y_exp[i];
    #pragma omp simd
    for (int j = 0; j < 4; j++)
      acc[j] += 0 <= j - i + 96 ? y_exp_i * y_bar[j - i + 96] * w[j + 96] : 0.0f;
  }
  #pragma omp simd
  for (int j = 0; j < 4; j++)
    y[j + 96] = acc[j];
}

