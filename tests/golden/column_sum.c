/* column_sum.lua:4   s[i] = sum k.  x[k, i] */
static void make_s(const float (*restrict x)[96], float *restrict s) {
  for (int i = 0; i < 65; i += 32) {
    float acc[32] = {0};
    for (int j = 0; j < 50; j++) {
      #pragma omp simd
      for (int k = 0; k < 32; k++)
        acc[k] += x[j][i + k];
    }
    #pragma omp simd
    for (int k = 0; k < 32; k++)
      s[i + k] = acc[k];
  }
}

