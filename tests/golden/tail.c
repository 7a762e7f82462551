/* tail.lua:5   s[i] = sum k.  x[i, k]^2
   tail.lua:6   y[i, j] = x[i, j] * rsqrt(s[i])
   tail.lua:7   total[i] = sum k.  y[k, i] */
static void RT_IN_PARTS make_y_partial(rt_part part, const float (*x)[100], float (*y)[100],
    float (*restrict partial)[100]) {
  for (int i = rt_first(part, 8); i < rt_end(part, 8); i++) {
    float acc[100] = {0};
    for (int j = 1000 * i; j < imin(8000, 1000 * i + 1000); j++) {
      float lane[16] = {0};
      for (int k = 0; k < 85; k += 16) {
        #pragma omp simd
        for (int l = 0; l < 16; l++)
          lane[l] += x[j][l + k] * x[j][l + k];
      }
      const int first = rt_kept(12);
      #pragma omp simd
      for (int k = 0; k < 16; k++) {
        const float term = x[j][k + 84] * x[j][k + 84];
        lane[k] += k >= first ? term : 0.0f;
      }
      const float s = rt_fold_sum_f32(lane);
      const float rsqrt_s = rt_rsqrt_f32(s);
      #pragma omp simd
      for (int k = 0; k < 100; k++) {
        y[j][k] = x[j][k] * rsqrt_s;
        acc[k] = acc[k] + y[j][k];
      }
    }
    #pragma omp simd
    for (int j = 0; j < 100; j++)
      partial[i][j] = acc[j];
  }
}

/* tail.lua:5   after make_y_partial */
static void make_y(float *restrict total, float (*restrict partial)[100]) {
  for (int i = 0; i < 100; i++) {
    float acc = 0.0f;
    for (int j = 0; j < 8; j++)
      acc += partial[j][i];
    total[i] = acc;
  }
}

