/* rows.lua:6   y_x_2_bar[i, j] = sech2(x[i, j + 64]) * (sigmoid(x[i, j]) * y_bar[i, j])
   rows.lua:6   y_x_bar[i, j] = dsigmoid(x[i, j]) * (tanh(x[i, j + 64]) * y_bar[i, j])
   rows.lua:6   x_bar[i, j] = where(0 <= j - 64, y_x_2_bar[i, j - 64], 0) + where(j < 64, y_x_bar[i, j], 0) */
static void make_x_bar(const float (*restrict x)[128], const float (*restrict y_bar)[64],
    float (*restrict x_bar)[128]) {
  for (int i = 0; i < 40; i++) {
    #pragma omp simd
    for (int j = 0; j < 64; j++) {
      const float x_at = x[i][j + 64];
      const float x_ij = x[i][j];
      const float y_x_2_bar = rt_sech2_f32(x_at) * (rt_sigmoid_f32(x_ij) * y_bar[i][j]);
      const float y_x_bar = rt_dsigmoid_f32(x_ij) * (rt_tanh_f32(x_at) * y_bar[i][j]);
      x_bar[i][j] = y_x_bar;
      x_bar[i][j + 64] = y_x_2_bar;
    }
  }
}

