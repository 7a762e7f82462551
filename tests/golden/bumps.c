/* bumps.lua:5   psi[i] = sum k.  w[k] * exp(-((z[i] - f32(k))^2 / 2)) */
static void make_psi(const float *restrict w, const float *z, float *psi) {
  for (int i = 0; i < 33; i += 32) {
    float acc[32] = {0};
    float first_ratio[32];
    #pragma omp simd
    for (int j = 0; j < 32; j++)
      first_ratio[j] = rt_exp_f32(rt_min_f32(-0.5f - (-z[i + j] - z[i + j]) / 2.0f, 80.0f));
    for (int k = 0; k < 31; k += 8) {
      float bump[32];
      float ratio[32];
      #pragma omp simd
      for (int j = 0; j < 32; j++) {
        const float z_minus_k = z[i + j] - (float)k;
        bump[j] = rt_exp_f32(-(z_minus_k * z_minus_k / 2.0f));
        ratio[j] = first_ratio[j];
        first_ratio[j] *= 0.00033546262f;
      }
      for (int l = k; l < imin(31, k + 8); l++) {
        #pragma omp simd
        for (int j = 0; j < 32; j++) {
          acc[j] += w[l] * bump[j];
          bump[j] *= ratio[j];
          ratio[j] *= 0.36787945f;
        }
      }
    }
    #pragma omp simd
    for (int j = 0; j < 32; j++)
      psi[i + j] = acc[j];
  }
}

