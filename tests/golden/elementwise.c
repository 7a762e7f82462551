/* elementwise.lua:7   y[i, j] = tanh(c) * sigmoid(c)  with c = a[i, j] * b[j] + 1 */
static void make_y(rt_part part, int N, const float (*a)[32], const float *restrict b,
    float (*y)[32]) {
  #pragma omp parallel for num_threads(part.threads) if (N > 39)
  for (int i = rt_first(part, N); i < rt_end(part, N); i++) {
    #pragma omp simd
    for (int j = 0; j < 32; j++) {
      const float total = a[i][j] * b[j] + 1.0f;
      y[i][j] = rt_tanh_f32(total) * rt_sigmoid_f32(total);
    }
  }
}

