/* ratio.lua:5   y[i] = x[i] / s[i] */
static void make_y(const float *restrict x, const float *restrict s, float *restrict y) {
  #pragma omp simd
  for (int i = 0; i < 64; i++)
    y[i] = x[i] / s[i];
}

/* ratio.lua:5   y[i] = x[i] / s[i]
   ratio.lua:5   x_bar[i] = 1 / s[i] * b[i]
   ratio.lua:5   s_bar[i] = -(y[i] * (1 / s[i]) * b[i]) */
static void make_y_2(const float *restrict x, const float *restrict s, float *restrict y,
    const float *restrict b, float *restrict x_bar, float *restrict s_bar) {
  #pragma omp simd
  for (int i = 0; i < 64; i++) {
    const float ratio = 1.0f / s[i];
    const float y_i = x[i] * ratio;
    y[i] = y_i;
    x_bar[i] = ratio * b[i];
    s_bar[i] = -(y_i * ratio * b[i]);
  }
}

/* ratio.lua:12   d[i] = clamp_to_edge(x)[i + 1] - clamp_to_edge(x)[i - 1] */
static void make_d(const float *restrict x, float *restrict d) {
  for (int i = 0; i < 2; i++) {
    const int64_t choice = i < 1 ? (int64_t)i : (int64_t)i + 62;
    d[choice] = x[imin(choice + 1, 63)] - x[imax(choice - 1, 0)];
  }
  #pragma omp simd
  for (int i = 0; i < 62; i++)
    d[i + 1] = x[i + 2] - x[i];
}

