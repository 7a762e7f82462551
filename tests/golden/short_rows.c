/* short_rows.lua:4   y[i, j, k] = x[i, k] - m[j, k] */
static void make_y(const float (*restrict x)[12], const float (*restrict m)[12],
    float (*restrict y)[25][12]) {
  for (int i = 0; i < 40; i++) {
    RT_ROWS
    for (int j = 0; j < 25; j++) {
      #pragma omp simd
      for (int k = 0; k < 12; k++)
        y[i][j][k] = x[i][k] - m[j][k];
    }
  }
}

