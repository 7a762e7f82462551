/* window.lua:6   x_pad[i, j, k] = x[clamp_to_edge(i - 2), clamp_to_edge(k - 2), j] */
static void make_x_pad(const float (*restrict x)[40][3], float (*restrict x_pad)[3][44]) {
  for (int i = 0; i < 44; i++) {
    const int at_i = imin(imax(i - 2, 0), 39);
    for (int j = 0; j < 4; j++) {
      const int64_t choice = j < 2 ? (int64_t)j : (int64_t)j + 40;
      const int64_t minimum_maximum_diff = rt_min_i64(rt_max_i64(choice - 2, 0), 39);
      x_pad[i][0][choice] = x[at_i][minimum_maximum_diff][0];
      x_pad[i][1][choice] = x[at_i][minimum_maximum_diff][1];
      x_pad[i][2][choice] = x[at_i][minimum_maximum_diff][2];
    }
    #pragma omp simd
    for (int j = 0; j < 40; j++) {
      x_pad[i][0][j + 2] = x[at_i][j][0];
      x_pad[i][1][j + 2] = x[at_i][j][1];
      x_pad[i][2][j + 2] = x[at_i][j][2];
    }
  }
}

/* window.lua:6   x_turned[i, j, k] = x[i, k, j] */
static void make_x_turned(const float (*restrict x)[40][3], float (*restrict x_turned)[3][40]) {
  for (int i = 0; i < 40; i++) {
    #pragma omp simd
    for (int j = 0; j < 40; j++) {
      x_turned[i][0][j] = x[i][j][0];
      x_turned[i][1][j] = x[i][j][1];
      x_turned[i][2][j] = x[i][j][2];
    }
  }
}

/* window.lua:6   y[i, j] = sum k, l, m.  abs(x_pad[i + k, m, j + l] - x_turned[i, m, j]) */
static void RT_IN_PARTS make_y(rt_part part, const float (*x_pad)[3][44],
    const float (*x_turned)[3][40], float (*y)[40]) {
  for (int i = rt_first(part, 40); i < rt_end(part, 40); i++) {
    for (int j = 0; j < 9; j += 32) {
      float acc[32] = {0};
      for (int k = 0; k < 5; k++)
        for (int l = 0; l < 5; l++)
          for (int m = 0; m < 3; m++) {
            #pragma omp simd
            for (int n = 0; n < 32; n++)
              acc[n] += rt_abs_f32(x_pad[i + k][m][j + n + l] - x_turned[i][m][j + n]);
          }
      #pragma omp simd
      for (int n = 0; n < 32; n++)
        y[i][j + n] = acc[n];
    }
    float acc[8] = {0};
    for (int j = 0; j < 5; j++)
      for (int k = 0; k < 5; k++)
        for (int l = 0; l < 3; l++) {
          #pragma omp simd
          for (int m = 0; m < 8; m++)
            acc[m] += rt_abs_f32(x_pad[i + j][l][m + k + 32] - x_turned[i][l][m + 32]);
        }
    #pragma omp simd
    for (int m = 0; m < 8; m++)
      y[i][m + 32] = acc[m];
  }
}

