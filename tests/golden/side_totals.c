/* side_totals.lua:6   b_bar[i] = (s[i, 0] + (p[0] * s[i, 0] - s[i, 0] * s[i, 1])) * (y_bar[i, 1] - y_bar[i, 0]) - p[1] * y_bar[i, 1]
   side_totals.lua:6   a_bar[i] = (s[i, 1] + (s[i, 0] * s[i, 1] - p[1] * s[i, 1])) * (y_bar[i, 1] - y_bar[i, 0]) + p[0] * y_bar[i, 0]
   side_totals.lua:5   s_bar[i, j] = y_bar[i, j] + where(j == 1, b_bar[i], 0) + where(j == 0, a_bar[i], 0) + where(j == 1, s[i, 0] * (a - b) - p[1] * a, 0) + where(j == 0, s[i, 1] * (a - b) + p[0] * b, 0)  with a = y_bar[i, 1] + b_bar[i], b = y_bar[i, 0] + a_bar[i]
   side_totals.lua:6   first_p_2_bar = sum i.  -((s[i, 1] + (s[i, 0] * s[i, 1] - p[1] * s[i, 1])) * y_bar[i, 1]) - s[i, 1] * (y_bar[i, 1] + b_bar[i])
   side_totals.lua:6   first_p_bar = sum i.  (s[i, 0] + (p[0] * s[i, 0] - s[i, 0] * s[i, 1])) * y_bar[i, 0] + s[i, 0] * (y_bar[i, 0] + a_bar[i]) */
static void make_s_bar(float (*restrict s_bar)[2], float *restrict first_p_2_bar,
    float *restrict first_p_bar, const float (*restrict s)[2], const float *restrict p,
    const float (*restrict y_bar)[2]) {
  float lane[16] = {0};
  float lane_2[16] = {0};
  for (int i = 0; i < 25; i += 16) {
    RT_SHORT
    for (int j = 0; j < 16; j++) {
      const float s_s = s[i + j][0] * s[i + j][1];
      const float y_bar_minus_y_bar = y_bar[i + j][1] - y_bar[i + j][0];
      const float s_plus_product_minus_s_s = s[i + j][0] + (p[0] * s[i + j][0] - s_s);
      const float b_bar = s_plus_product_minus_s_s * y_bar_minus_y_bar - p[1] * y_bar[i + j][1];
      const float s_plus_s_s_minus_product = s[i + j][1] + (s_s - p[1] * s[i + j][1]);
      const float a_bar = s_plus_s_s_minus_product * y_bar_minus_y_bar + p[0] * y_bar[i + j][0];
      const float y_bar_plus_a_bar = y_bar[i + j][0] + a_bar;
      const float y_bar_plus_b_bar = y_bar[i + j][1] + b_bar;
      const float diff = y_bar_plus_b_bar - y_bar_plus_a_bar;
      s_bar[i + j][0] = y_bar_plus_a_bar + (s[i + j][1] * diff + p[0] * y_bar_plus_a_bar);
      s_bar[i + j][1] = y_bar_plus_b_bar + (s[i + j][0] * diff - p[1] * y_bar_plus_b_bar);
      lane[j] += -(s_plus_s_s_minus_product * y_bar[i + j][1]) - s[i + j][1] * y_bar_plus_b_bar;
      lane_2[j] += s_plus_product_minus_s_s * y_bar[i + j][0] + s[i + j][0] * y_bar_plus_a_bar;
    }
  }
  RT_SHORT
  for (int i = 0; i < 8; i++) {
    const float s_s = s[i + 32][0] * s[i + 32][1];
    const float y_bar_minus_y_bar = y_bar[i + 32][1] - y_bar[i + 32][0];
    const float s_plus_product_minus_s_s = s[i + 32][0] + (p[0] * s[i + 32][0] - s_s);
    const float b_bar = s_plus_product_minus_s_s * y_bar_minus_y_bar - p[1] * y_bar[i + 32][1];
    const float s_plus_s_s_minus_product = s[i + 32][1] + (s_s - p[1] * s[i + 32][1]);
    const float a_bar = s_plus_s_s_minus_product * y_bar_minus_y_bar + p[0] * y_bar[i + 32][0];
    const float y_bar_plus_b_bar = y_bar[i + 32][1] + b_bar;
    const float y_bar_plus_a_bar = y_bar[i + 32][0] + a_bar;
    const float diff = y_bar_plus_b_bar - y_bar_plus_a_bar;
    s_bar[i + 32][0] = y_bar_plus_a_bar + (s[i + 32][1] * diff + p[0] * y_bar_plus_a_bar);
    s_bar[i + 32][1] = y_bar_plus_b_bar + (s[i + 32][0] * diff - p[1] * y_bar_plus_b_bar);
    lane[i] += -(s_plus_s_s_minus_product * y_bar[i + 32][1]) - s[i + 32][1] * y_bar_plus_b_bar;
    lane_2[i] += s_plus_product_minus_s_s * y_bar[i + 32][0] + s[i + 32][0] * y_bar_plus_a_bar;
  }
  const float acc = rt_fold_sum_f32(lane);
  first_p_2_bar[0] = acc;
  const float acc_2 = rt_fold_sum_f32(lane_2);
  first_p_bar[0] = acc_2;
}

/* side_totals.lua:6   p_bar[i] = where(i == 1, first_p_2_bar, 0) + where(i == 0, first_p_bar, 0) */
static void make_p_bar(const float *restrict first_p_2_bar, const float *restrict first_p_bar,
    float *restrict p_bar) {
  const float first_p_2_bar_2 = first_p_2_bar[0];
  const float first_p_bar_2 = first_p_bar[0];
  for (int i = 0; i < 2; i++)
    p_bar[i] = (i == 1 ? first_p_2_bar_2 : 0.0f) + (i == 0 ? first_p_bar_2 : 0.0f);
}

