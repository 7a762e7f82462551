/* rows_within.lua:5   r[i, j] = sin(a[i] * x[j]) - y[i, j]
   rows_within.lua:5   a_bar[i] = sum k.  x[k] * (cos(a[i] * x[k]) * (where(b, r[i, k], 0) + where(b, 0, sign(r[i, k]))))  with b = abs(r[i, k]) < 1
   rows_within.lua:6   loss_sum[i] = sum k.  where(abs(r[i, k]) < 1, r[i, k]^2 / 2, abs(r[i, k]) - 0.5) */
static void make_a_bar(const float *restrict a, const float *restrict x,
    const float (*restrict y)[40], float *restrict a_bar, float *restrict loss_sum) {
  for (int i = 0; i < 24; i++) {
    float lane[16] = {0};
    float lane_i[16] = {0};
    for (int j = 0; j < 25; j += 16) {
      {
        int rt_is_far = 0;
        #pragma omp simd reduction(|:rt_is_far)
        for (int k = 0; k < 16; k++) {
          const float a_x = a[i] * x[k + j];
          rt_is_far |= rt_far_f32(a_x);
        }
        if (!rt_is_far) {
          RT_SHORT
          for (int k = 0; k < 16; k++) {
            const float a_x = a[i] * x[k + j];
            const float r = rt_sin_near_f32(a_x) - y[i][k + j];
            const float abs_r = rt_abs_f32(r);
            const uint8_t test = abs_r < 1.0f;
            lane[k] += x[k + j] * (rt_cos_near_f32(a_x)
                * ((test ? r : 0.0f) + (test ? 0.0f : rt_sign_f32(r))));
            lane_i[k] += test ? r * r / 2.0f : abs_r - 0.5f;
          }
        } else {
          RT_SHORT
          for (int k = 0; k < 16; k++) {
            const float a_x = a[i] * x[k + j];
            const float r = rt_sin_f32(a_x) - y[i][k + j];
            const float abs_r = rt_abs_f32(r);
            const uint8_t test = abs_r < 1.0f;
            lane[k] += x[k + j] * (rt_cos_f32(a_x)
                * ((test ? r : 0.0f) + (test ? 0.0f : rt_sign_f32(r))));
            lane_i[k] += test ? r * r / 2.0f : abs_r - 0.5f;
          }
        }
      }
    }
    const int first = rt_kept(8);
    {
      int rt_is_far = 0;
      #pragma omp simd reduction(|:rt_is_far)
      for (int j = 0; j < 16; j++) {
        const float a_x = a[i] * x[j + 24];
        rt_is_far |= rt_far_f32(a_x);
      }
      if (!rt_is_far) {
        RT_SHORT
        for (int j = 0; j < 16; j++) {
          const float a_x = a[i] * x[j + 24];
          const float r = rt_sin_near_f32(a_x) - y[i][j + 24];
          const float abs_r = rt_abs_f32(r);
          const uint8_t test = abs_r < 1.0f;
          const float term = x[j + 24]
              * (rt_cos_near_f32(a_x) * ((test ? r : 0.0f) + (test ? 0.0f : rt_sign_f32(r))));
          const uint8_t test_ij = j >= first;
          lane[j] += test_ij ? term : 0.0f;
          const float term_ij = test ? r * r / 2.0f : abs_r - 0.5f;
          lane_i[j] += test_ij ? term_ij : 0.0f;
        }
      } else {
        RT_SHORT
        for (int j = 0; j < 16; j++) {
          const float a_x = a[i] * x[j + 24];
          const float r = rt_sin_f32(a_x) - y[i][j + 24];
          const float abs_r = rt_abs_f32(r);
          const uint8_t test = abs_r < 1.0f;
          const float term = x[j + 24]
              * (rt_cos_f32(a_x) * ((test ? r : 0.0f) + (test ? 0.0f : rt_sign_f32(r))));
          const uint8_t test_ij = j >= first;
          lane[j] += test_ij ? term : 0.0f;
          const float term_ij = test ? r * r / 2.0f : abs_r - 0.5f;
          lane_i[j] += test_ij ? term_ij : 0.0f;
        }
      }
    }
    const float acc = rt_fold_sum_f32(lane);
    a_bar[i] = acc;
    const float acc_i = rt_fold_sum_f32(lane_i);
    loss_sum[i] = acc_i;
  }
}

/* rows_within.lua:6   loss = sum i.  loss_sum[i] */
static void make_loss(const float *restrict loss_sum, float *restrict loss) {
  float lane[16] = {0};
  #pragma omp simd
  for (int i = 0; i < 16; i++)
    lane[i] += loss_sum[i];
  const int first = rt_kept(8);
  #pragma omp simd
  for (int i = 0; i < 16; i++) {
    const float term = loss_sum[i + 8];
    lane[i] += i >= first ? term : 0.0f;
  }
  const float acc = rt_fold_sum_f32(lane);
  loss[0] = acc;
}

