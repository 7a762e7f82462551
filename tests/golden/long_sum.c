/* long_sum.lua:4   s = sum i.  abs(x[i]) */
static void RT_IN_PARTS make_s_partial(rt_part part, const float *x, float *restrict partial) {
  for (int i = rt_first(part, 64); i < rt_end(part, 64); i++) {
    double acc = 0.0;
    const int at_i = imin(1000000, 15625 * i + 15625);
    for (int j = 15625 * i; j < at_i; j += 8192) {
      float lane[16] = {0};
      const int at_j = imin(at_i, j + 8192);
      for (int k = j; k < at_j - 15; k += 16) {
        #pragma omp simd
        for (int l = 0; l < 16; l++)
          lane[l] += rt_abs_f32(x[l + k]);
      }
      const int at_j_ij = imax(at_j - j, 0) % 16;
      #pragma omp simd
      for (int l = 0; l < 16; l++) {
        if (l < at_j_ij)
          lane[l] += rt_abs_f32(x[l + at_j - at_j_ij]);
      }
      const float part = rt_fold_sum_f32(lane);
      acc += (double)part;
    }
    partial[i] = (float)acc;
  }
}

/* long_sum.lua:4   after make_s_partial */
static void make_s(float *restrict s, float *restrict partial) {
  float acc = 0.0f;
  for (int i = 0; i < 64; i++)
    acc += partial[i];
  s[0] = acc;
}

