/* stages.lua:6   last_mul[i] = (s[i, 0] + (s[i, 0] - a) / 2) * (s[i, 1] + (a - s[i, 1]) / 2)  with a = s[i, 0] * s[i, 1]
   stages.lua:6   last_sub[i, j] = s[i, 0] + (s[i, 0] - s[i, 0] * s[i, 1]) / 2 - last_mul[i]
   stages.lua:6   last_sub_2[i, j] = last_mul[i] - (s[i, 1] + (s[i, 0] * s[i, 1] - s[i, 1]) / 2)
   stages.lua:6   last_mul_2[i] = (s[i, 0] + last_sub[i, 0] / 2) * (s[i, 1] + last_sub_2[i, 0] / 2)
   stages.lua:6   last[i, j] = where(j < 1, s[i, 0] + last_sub[i, 0] / 2 - last_mul_2[i], where(0 <= j - 1, last_mul_2[i] - (s[i, 1] + last_sub_2[i, 0] / 2), 0))
   stages.lua:11   next[i, j] = s[i, j] + where(j < 1, s[i, 0] - a, where(0 <= j - 1, a - s[i, 1], 0)) + 2 * where(j < 1, last_sub[i, zero_outside(j)], last_sub_2[i, zero_outside(j - 1)]) + 2 * last[i, j] + where(j < 1, b - b * c, where(0 <= j - 1, b * c - c, 0))  with a = s[i, 0] * s[i, 1], b = s[i, 0] + last[i, 0], c = s[i, 1] + last[i, 1] */
static void make_next(float (*restrict next)[2], const float (*restrict s)[2]) {
  #pragma omp simd
  for (int i = 0; i < 200; i++) {
    const float s_s = s[i][0] * s[i][1];
    const float s_minus_s_s = s[i][0] - s_s;
    const float s_s_minus_s = s_s - s[i][1];
    const float s_plus_ratio = s[i][0] + s_minus_s_s / 2.0f;
    const float s_plus_ratio_i = s[i][1] + s_s_minus_s / 2.0f;
    const float last_mul = s_plus_ratio * s_plus_ratio_i;
    const float last_sub = s_plus_ratio - last_mul;
    const float last_sub_2 = last_mul - s_plus_ratio_i;
    const float s_plus_ratio_i_2 = s[i][0] + last_sub / 2.0f;
    const float s_plus_ratio_i_3 = s[i][1] + last_sub_2 / 2.0f;
    const float last_mul_2 = s_plus_ratio_i_2 * s_plus_ratio_i_3;
    const float last = s_plus_ratio_i_2 - last_mul_2;
    const float last_i = last_mul_2 - s_plus_ratio_i_3;
    const float s_plus_last = s[i][0] + last;
    const float s_plus_last_i = s[i][1] + last_i;
    const float product = s_plus_last * s_plus_last_i;
    next[i][0] = s[i][0] + s_minus_s_s + 2.0f * (last_sub + last) + s_plus_last - product;
    next[i][1] = s[i][1] + s_s_minus_s + 2.0f * (last_sub_2 + last_i) + product - s_plus_last_i;
  }
}

