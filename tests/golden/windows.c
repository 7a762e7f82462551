/* windows.lua:8   y[i, j, k] = max l.  where(0 <= a, x[i, j, zero_outside(a)], -1)  with a = 2 * k + l - 1
   windows.lua:9   z[i, j, k] = y[i, j, k]^2 */
static void make_y(const float (*restrict x)[40], float (*restrict y)[20],
    float (*restrict z)[20]) {
  for (int i = 0; i < 72; i++) {
    float x_row[2][21];
    #pragma omp simd
    for (int j = 0; j < 20; j++) {
      x_row[0][j + 1] = x[i][2 * j];
      x_row[1][j + 1] = x[i][2 * j + 1];
    }
    x_row[0][0] = 0.0f;
    x_row[1][0] = 0.0f;
    for (int j = 0; j < 20; j += 16) {
      const int at_j = imin(j, 4);
      #pragma omp simd
      for (int k = 0; k < 16; k++) {
        const float x_row_at = x_row[1][k + at_j];
        const float y_ijk = rt_max_f32(rt_max_f32(0 <= 2 * k + 2 * at_j - 1 ? x_row_at : -1.0f,
            x_row[0][k + at_j + 1]), x_row[1][k + at_j + 1]);
        const float z_ijk = y_ijk * y_ijk;
        y[i][k + at_j] = y_ijk;
        z[i][k + at_j] = z_ijk;
      }
    }
  }
}

