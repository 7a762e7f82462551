/* added_in_vectors.lua:5   y_exp[i] = exp(-x[i]) */
static void make_y_exp(const float *restrict x, float *restrict y_exp) {
  #pragma omp simd
  for (int i = 0; i < 64; i++)
    y_exp[i] = rt_exp_f32(-x[i]);
}

/* added_in_vectors.lua:5   zero_outside(y)[at[i]] += y_exp[i] */
static void make_y(const float *restrict y_exp, const int32_t *restrict at, float *restrict y) {
  #pragma omp simd
  for (int i = 0; i < 10; i++)
    y[i] = 0.0f;
  for (int i = 0; i < 64; i++) {
    if (0 <= at[i] && at[i] < 10)
      y[at[i]] += y_exp[i];
  }
}

