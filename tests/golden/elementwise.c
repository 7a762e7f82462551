/* elementwise.lua:9   y[i, j] = tanh(c) * sigmoid(c)  with c = a[i, j] * b[j] + 1 */
static void RT_IN_PARTS make_y(rt_part part, int N, const float (*a)[32], const float *b,
    float (*y)[32]) {
  for (int i = rt_first(part, N); i < rt_end(part, N); i++) {
    #pragma omp simd
    for (int j = 0; j < 32; j++) {
      const float total = a[i][j] * b[j] + 1.0f;
      y[i][j] = rt_tanh_f32(total) * rt_sigmoid_f32(total);
    }
  }
}

/* elementwise.lua:10   size = sum i, j, k.  rgb[i, j, k]^2 */
static void make_size(int N, const float (*restrict rgb)[3 * N], float *restrict size) {
  double acc = 0.0;
  const int bound = imax(3 * N, 0) % 16;
  for (int i = 0; i < 50; i++) {
    float lane[16] = {0};
    for (int j = 0; j < 3 * N - 15; j += 16) {
      #pragma omp simd
      for (int k = 0; k < 16; k++)
        lane[k] += rgb[i][k + j] * rgb[i][k + j];
    }
    #pragma omp simd
    for (int k = 0; k < 16; k++) {
      if (k < bound) {
        const float rgb_at = rgb[i][k + 3 * N - bound];
        lane[k] += rgb_at * rgb_at;
      }
    }
    const float part = rt_fold_sum_f32(lane);
    acc += (double)part;
  }
  size[0] = (float)acc;
}

/* elementwise.lua:10   half[i, j, k] = rgb[i, j, k] / 2 */
static void RT_IN_PARTS make_half(rt_part part, int N, const float (*rgb)[3 * N],
    float (*half)[3 * N]) {
  for (int i = rt_first(part, 50); i < rt_end(part, 50); i++) {
    #pragma omp simd
    for (int j = 0; j < 3 * N; j++)
      half[i][j] = rgb[i][j] / 2.0f;
  }
}

