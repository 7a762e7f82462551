/* columns.lua:4   s_sum[i] = sum k, l.  x[k, l, i]
   columns.lua:4   s[i] = 2 * s_sum[i] */
static void RT_IN_PARTS make_s_partial(rt_part part, const float (*x)[256],
    float (*restrict partial)[256]) {
  for (int i = rt_first(part, 8); i < rt_end(part, 8); i++) {
    _Alignas(64) float s_sum[256] = {0};
    for (int j = 350 * i; j < imin(2800, 350 * i + 350); j++) {
      #pragma omp simd
      for (int k = 0; k < 256; k++)
        s_sum[k] += x[j][k];
    }
    #pragma omp simd
    for (int k = 0; k < 256; k++)
      partial[i][k] = s_sum[k];
  }
}

/* columns.lua:4   after make_s_partial */
static void make_s(float *restrict s, float (*restrict partial)[256]) {
  for (int i = 0; i < 256; i++) {
    float acc = 0.0f;
    for (int j = 0; j < 8; j++)
      acc += partial[j][i];
    s[i] = 2.0f * acc;
  }
}

