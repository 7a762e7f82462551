/* shared_root.lua:5   x_bar_mul[i, j] = a * rsqrt(b^2 + a^2 + 1)  with a = x[i, j + 1] - x[i, j], b = x[i + 1, j] - x[i, j]
   shared_root.lua:5   x_bar_mul_2[i, j] = a * rsqrt(a^2 + b^2 + 1)  with a = x[i + 1, j] - x[i, j], b = x[i, j + 1] - x[i, j] */
static void make_x_bar_mul(const float (*restrict x)[64], float (*restrict x_bar_mul)[63],
    float (*restrict x_bar_mul_2)[63]) {
  for (int i = 0; i < 15; i++) {
    RT_MASKED
    for (int j = 0; j < 63; j++) {
      const float x_minus_x = x[i][j + 1] - x[i][j];
      const float x_minus_x_ij = x[i + 1][j] - x[i][j];
      const float rsqrt_total = rt_rsqrt_f32(x_minus_x_ij * x_minus_x_ij + x_minus_x * x_minus_x
          + 1.0f);
      const float x_bar_mul_ij = x_minus_x * rsqrt_total;
      const float x_bar_mul_2_ij = x_minus_x_ij * rsqrt_total;
      x_bar_mul[i][j] = x_bar_mul_ij;
      x_bar_mul_2[i][j] = x_bar_mul_2_ij;
    }
  }
}

/* shared_root.lua:5   x_bar[i, j] = where(0 <= i - 1 and j < 63, x_bar_mul_2[i - 1, j], 0) + where(i < 15 and j < 63, -x_bar_mul[i, j] - x_bar_mul_2[i, j], 0) + where(i < 15 and 0 <= j - 1, x_bar_mul[i, j - 1], 0) */
static void make_x_bar(const float (*restrict x_bar_mul_2)[63],
    const float (*restrict x_bar_mul)[63], float (*restrict x_bar)[64]) {
  for (int i = 0; i < 16; i++) {
    for (int j = 0; j < 2; j++) {
      const int64_t choice = j < 1 ? (int64_t)j : (int64_t)j + 62;
      const uint8_t test = choice < 63;
      x_bar[i][choice] = (0 <= i - 1 && test ? x_bar_mul_2[i - 1][choice] : 0.0f)
          + (i < 15 && test ? -x_bar_mul[i][choice] - x_bar_mul_2[i][choice] : 0.0f)
          + (i < 15 && 0 <= choice - 1 ? x_bar_mul[i][choice - 1] : 0.0f);
    }
    const int at_i = imax(i - 1, 0);
    const int at_i_i = imin(i, 14);
    for (int j = 0; j < 62; j += 16) {
      const int at_j = imin(j, 46);
      RT_SHORT
      for (int k = 0; k < 16; k++) {
        const float x_bar_mul_2_at = x_bar_mul_2[at_i][k + at_j + 1];
        const float x_bar_mul_at = x_bar_mul[at_i_i][k + at_j + 1];
        const float x_bar_mul_2_at_ijk = x_bar_mul_2[at_i_i][k + at_j + 1];
        const float x_bar_mul_at_ijk = x_bar_mul[at_i_i][k + at_j];
        x_bar[i][k + at_j + 1] = (0 <= i - 1 ? x_bar_mul_2_at : 0.0f)
            + (i < 15 ? -x_bar_mul_at - x_bar_mul_2_at_ijk : 0.0f)
            + (i < 15 ? x_bar_mul_at_ijk : 0.0f);
      }
    }
  }
}

