/* bumps.lua:5   psi[i] = sum k.  w[k] * exp(-((z[i] - f32(k))^2 / 2)) */
static void make_psi(const float *restrict w, const float *restrict z, float *restrict psi) {
  for (int i = 0; i < 33; i += 32) {
    float acc[32] = {0};
    float first_ratio[32];
    float low[32];
    float high[32];
    #pragma omp simd
    for (int j = 0; j < 32; j++) {
      const float ratio = (-z[i + j] - z[i + j]) / 2.0f;
      first_ratio[j] = rt_exp_f32(rt_min_f32(-0.5f - ratio, 80.0f));
      const float neg_ratio = -ratio;
      const float diff = neg_ratio - rt_min_f32(rt_max_f32(neg_ratio, 0.0f), 30.0f);
      const float sqrt_total = rt_sqrt_f32(diff * diff + 36.0f);
      low[j] = neg_ratio - sqrt_total;
      high[j] = sqrt_total - ratio;
    }
    for (int k = 0; k < 31; k += 8) {
      int32_t near = 0;
      const float k_ik = (float)k;
      for (int j = 0; j < 32; j++)
        near = rt_max_i32(near, (int32_t)(!((float)(k + 7) < low[j] || high[j] < k_ik)));
      if (near != 0) {
        float bump[32];
        float ratio[32];
        #pragma omp simd
        for (int j = 0; j < 32; j++) {
          bump[j] = (float)(k + 7) < low[j] || high[j] < k_ik ? 0.0f
              : rt_exp_f32(-((z[i + j] - k_ik) * (z[i + j] - k_ik) / 2.0f));
          ratio[j] = first_ratio[j];
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
        first_ratio[j] *= 0.00033546262f;
    }
    #pragma omp simd
    for (int j = 0; j < 32; j++)
      psi[i + j] = acc[j];
  }
}

