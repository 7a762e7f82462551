/* short_row.lua:5   y[i] = sum k.  w[i, k] * exp(x[i, k]) */
static void make_y(const float (*restrict w)[6], const float (*restrict x)[6], float *restrict y) {
  for (int i = 0; i < 30; i++) {
    float lane[16] = {0};
    RT_MASKED
    for (int j = 0; j < 6; j++)
      lane[j] += w[i][j] * rt_exp_f32(x[i][j]);
    const float acc = rt_fold_sum_f32(lane);
    y[i] = acc;
  }
}

