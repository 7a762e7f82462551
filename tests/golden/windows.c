/* windows.lua:8   y[i, j, k] = max l.  where(0 <= a, x[i, j, zero_outside(a)], -1)  with a = 2 * k + l - 1
   windows.lua:9   z[i, j, k] = y[i, j, k]^2 */
static void make_y(const float (*restrict x)[18][40], float (*restrict y)[18][20],
    float (*restrict z)[18][20]) {
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 18; j++) {
      float x_row[2][21];
      #pragma omp simd
      for (int k = 0; k < 20; k++) {
        x_row[0][k + 1] = x[i][j][2 * k];
        x_row[1][k + 1] = x[i][j][2 * k + 1];
      }
      x_row[0][0] = 0.0f;
      x_row[1][0] = 0.0f;
      for (int k = 0; k < 20; k += 16) {
        const int at_k = imin(k, 4);
        #pragma omp simd
        for (int l = 0; l < 16; l++) {
          const float x_row_at = x_row[1][l + at_k];
          const float y_ijkl = rt_max_f32(rt_max_f32(0 <= 2 * l + 2 * at_k - 1 ? x_row_at : -1.0f,
              x_row[0][l + at_k + 1]), x_row[1][l + at_k + 1]);
          const float z_ijkl = y_ijkl * y_ijkl;
          y[i][j][l + at_k] = y_ijkl;
          z[i][j][l + at_k] = z_ijkl;
        }
      }
    }
}

