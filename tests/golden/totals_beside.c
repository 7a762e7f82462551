/* totals_beside.lua:7   r_bar[i] = a * rsqrt(1 + a^2)  with a = w200[0] * x200[i, 0] + w200[1] * x200[i, 1] - b200[i]
   totals_beside.lua:6   x200_bar[i, j] = where(j == 0, w200[0] * r_bar[i], 0) + where(j == 1, w200[1] * r_bar[i], 0)
   totals_beside.lua:7   loss = sum i.  sqrt(1 + a^2) - 1  with a = w200[0] * x200[i, 0] + w200[1] * x200[i, 1] - b200[i]
   totals_beside.lua:6   w200_bar_sum = sum i.  x200[i, 0] * r_bar[i]
   totals_beside.lua:6   w200_bar_sum_2 = sum i.  x200[i, 1] * r_bar[i] */
static void make_x200_bar(float (*restrict x200_bar)[2], float *restrict loss,
    float *restrict w200_bar_sum, float *restrict w200_bar_sum_2, const float *restrict w200,
    const float (*restrict x200)[2], const float *restrict b200) {
  float lane[16] = {0};
  float lane_2[16] = {0};
  float lane_3[16] = {0};
  for (int i = 0; i < 185; i += 16) {
    RT_SHORT
    for (int j = 0; j < 16; j++) {
      const float diff = w200[0] * x200[i + j][0] + w200[1] * x200[i + j][1] - b200[i + j];
      const float total = 1.0f + diff * diff;
      const float r_bar = diff * rt_rsqrt_f32(total);
      x200_bar[i + j][0] = w200[0] * r_bar;
      x200_bar[i + j][1] = w200[1] * r_bar;
      lane[j] += rt_sqrt_f32(total) - 1.0f;
      lane_2[j] += x200[i + j][0] * r_bar;
      lane_3[j] += x200[i + j][1] * r_bar;
    }
  }
  RT_SHORT
  for (int i = 0; i < 8; i++) {
    const float diff = w200[0] * x200[i + 192][0] + w200[1] * x200[i + 192][1] - b200[i + 192];
    const float total = 1.0f + diff * diff;
    const float r_bar = diff * rt_rsqrt_f32(total);
    x200_bar[i + 192][0] = w200[0] * r_bar;
    x200_bar[i + 192][1] = w200[1] * r_bar;
    lane[i] += rt_sqrt_f32(total) - 1.0f;
    lane_2[i] += x200[i + 192][0] * r_bar;
    lane_3[i] += x200[i + 192][1] * r_bar;
  }
  const float acc = rt_fold_sum_f32(lane);
  loss[0] = acc;
  const float acc_2 = rt_fold_sum_f32(lane_2);
  w200_bar_sum[0] = acc_2;
  const float acc_3 = rt_fold_sum_f32(lane_3);
  w200_bar_sum_2[0] = acc_3;
}

/* totals_beside.lua:6   w200_bar[i] = where(i == 0, w200_bar_sum, 0) + where(i == 1, w200_bar_sum_2, 0) */
static void make_w200_bar(const float *restrict w200_bar_sum, const float *restrict w200_bar_sum_2,
    float *restrict w200_bar) {
  const float w200_bar_sum_3 = w200_bar_sum[0];
  const float w200_bar_sum_2_2 = w200_bar_sum_2[0];
  for (int i = 0; i < 2; i++)
    w200_bar[i] = (i == 0 ? w200_bar_sum_3 : 0.0f) + (i == 1 ? w200_bar_sum_2_2 : 0.0f);
}

/* totals_beside.lua:7   r_bar[i] = a * rsqrt(1 + a^2)  with a = w400001[0] * x400001[i, 0] + w400001[1] * x400001[i, 1] - b400001[i]
   totals_beside.lua:6   x400001_bar[i, j] = where(j == 0, w400001[0] * r_bar[i], 0) + where(j == 1, w400001[1] * r_bar[i], 0)
   totals_beside.lua:7   loss = sum i.  sqrt(1 + a^2) - 1  with a = w400001[0] * x400001[i, 0] + w400001[1] * x400001[i, 1] - b400001[i]
   totals_beside.lua:6   w400001_bar_sum = sum i.  x400001[i, 0] * r_bar[i]
   totals_beside.lua:6   w400001_bar_sum_2 = sum i.  x400001[i, 1] * r_bar[i] */
static void RT_IN_PARTS make_x400001_bar_partial(rt_part part, float (*x400001_bar)[2],
    const float *w400001, const float (*x400001)[2], const float *b400001, float *restrict partial,
    float *restrict partial_2, float *restrict partial_3) {
  for (int i = rt_first(part, 64); i < rt_end(part, 64); i++) {
    float lane[16] = {0};
    float lane_i[16] = {0};
    float lane_i_2[16] = {0};
    for (int j = 6256 * i; j < imin(400000, 6256 * i + 6256); j += 16) {
      RT_SHORT
      for (int k = 0; k < 16; k++) {
        const float diff = w400001[0] * x400001[j + k][0] + w400001[1] * x400001[j + k][1]
            - b400001[j + k];
        const float total = 1.0f + diff * diff;
        const float r_bar = diff * rt_rsqrt_f32(total);
        x400001_bar[j + k][0] = w400001[0] * r_bar;
        x400001_bar[j + k][1] = w400001[1] * r_bar;
        lane[k] += rt_sqrt_f32(total) - 1.0f;
        lane_i[k] += x400001[j + k][0] * r_bar;
        lane_i_2[k] += x400001[j + k][1] * r_bar;
      }
    }
    const float acc = rt_fold_sum_f32(lane);
    partial[i] = acc;
    const float acc_i = rt_fold_sum_f32(lane_i);
    partial_2[i] = acc_i;
    const float acc_i_2 = rt_fold_sum_f32(lane_i_2);
    partial_3[i] = acc_i_2;
  }
}

/* totals_beside.lua:7   after make_x400001_bar_partial */
static void make_x400001_bar(float (*restrict x400001_bar)[2], float *restrict loss,
    float *restrict w400001_bar_sum, float *restrict w400001_bar_sum_2,
    const float *restrict w400001, const float (*restrict x400001)[2],
    const float *restrict b400001, float *restrict partial, float *restrict partial_2,
    float *restrict partial_3) {
  float lane[16] = {0};
  float lane_2[16] = {0};
  float lane_3[16] = {0};
  #pragma omp simd
  for (int i = 0; i < 1; i++) {
    const float diff = w400001[0] * x400001[i + 400000][0] + w400001[1] * x400001[i + 400000][1]
        - b400001[i + 400000];
    const float total = 1.0f + diff * diff;
    const float r_bar = diff * rt_rsqrt_f32(total);
    x400001_bar[i + 400000][0] = w400001[0] * r_bar;
    x400001_bar[i + 400000][1] = w400001[1] * r_bar;
    lane[i] += rt_sqrt_f32(total) - 1.0f;
    lane_2[i] += x400001[i + 400000][0] * r_bar;
    lane_3[i] += x400001[i + 400000][1] * r_bar;
  }
  float acc = 0.0f;
  for (int i = 0; i < 64; i++)
    acc += partial[i];
  const float acc_2 = rt_fold_sum_f32(lane);
  acc += acc_2;
  loss[0] = acc;
  float acc_3 = 0.0f;
  for (int i = 0; i < 64; i++)
    acc_3 += partial_2[i];
  const float acc_4 = rt_fold_sum_f32(lane_2);
  acc_3 += acc_4;
  w400001_bar_sum[0] = acc_3;
  float acc_5 = 0.0f;
  for (int i = 0; i < 64; i++)
    acc_5 += partial_3[i];
  const float acc_6 = rt_fold_sum_f32(lane_3);
  acc_5 += acc_6;
  w400001_bar_sum_2[0] = acc_5;
}

