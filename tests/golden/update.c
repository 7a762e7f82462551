/* update.lua:5   w_bar[i, j, k, l] = sum m, n, o.  x[m, j, k + n, l + o] * y_bar[m, i, n, o] */
static void RT_IN_PARTS make_w_bar(rt_part part, const float (*y_bar)[64][6][6],
    const float (*x)[24][9][9], float (*w_bar)[24][4][4]) {
  for (int i = rt_first_by(part, 64, 16); i < rt_end_by(part, 64, 16); i += 16) {
    _Alignas(64) float sums[384][16] = {0};
    for (int j = 0; j < 32; j += 7) {
      const int terms = imin(7, 32 - j);
      _Alignas(64) float columns[7][6][6][16];
      for (int k = 0; k < 16; k++)
        for (int l = 0; l < terms; l++)
          for (int m = 0; m < 6; m++) {
            RT_SHORT
            for (int n = 0; n < 6; n++)
              columns[l][m][n][k] = y_bar[j + l][i + k][m][n];
          }
      for (int k = 0; k < 4; k++)
        for (int l = 0; l < 4; l++)
          for (int m = 0; m < 4; m++) {
            {
              rt_f32x8 acc[6][2] = {{{0}}};
              for (int n = 0; n < terms; n++) {
                for (int p = 0; p < 6; p++) {
                  for (int q = 0; q < 6; q++) {
                    const rt_f32x8 columns_0 = rt_load_f32x8(&columns[n][p][q][0]);
                    const rt_f32x8 columns_1 = rt_load_f32x8(&columns[n][p][q][8]);
                    RT_UNROLL
                    for (int row = 0; row < 6; row++) {
                      const float x_r = x[j + n][row + 6 * k][l + p][m + q];
                      rt_fma_f32x8(&acc[row][0], x_r, &columns_0);
                      rt_fma_f32x8(&acc[row][1], x_r, &columns_1);
                    }
                  }
                }
              }
              RT_UNROLL
              for (int row = 0; row < 6; row++) {
                rt_add_f32x8(&sums[96 * l + 24 * m + row + 6 * k][0], &acc[row][0]);
                rt_add_f32x8(&sums[96 * l + 24 * m + row + 6 * k][8], &acc[row][1]);
              }
            }
          }
    }
    for (int j = 0; j < 24; j++)
      for (int l = 0; l < 4; l++)
        for (int m = 0; m < 4; m++) {
          #pragma omp simd
          for (int k = 0; k < 16; k++)
            w_bar[i + k][j][l][m] = sums[96 * l + 24 * m + j][k];
        }
  }
}

/* update.lua:6   m_next[i, j, k, l] = 0.9 * m[i, j, k, l] + w_bar[i, j, k, l]
   update.lua:7   w_next[i, j, k, l] = w[i, j, k, l] - 0.1 * m_next[i, j, k, l] */
static void RT_IN_PARTS make_m_next(rt_part part, const float *m, const float *w_bar,
    float *m_next, const float *w, float *w_next) {
  #pragma omp simd
  for (int i = rt_first(part, 24576); i < rt_end(part, 24576); i++) {
    const float m_next_i = 0.9f * m[i] + w_bar[i];
    m_next[i] = m_next_i;
    w_next[i] = w[i] - 0.1f * m_next_i;
  }
}

