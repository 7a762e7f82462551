/* window_inside.lua:5   y[i, j, k, l] = sum m, n, o.  where(0 <= k + n - 2 and k + n - 2 < 6 and (0 <= l + o - 2 and l + o - 2 < 6), x[i, m, k + n - 2, l + o - 2] * w[j, m, n, o], 0) */
static void make_y_panel(const float (*restrict w)[8][5][5], float (*restrict panel)[5][5][16]) {
  for (int i = 0; i < 8; i++)
    for (int j = 0; j < 5; j++)
      for (int k = 0; k < 5; k++) {
        RT_SHORT
        for (int l = 0; l < 16; l++)
          panel[i][j][k][l] = w[l][i][j][k];
      }
}

/* window_inside.lua:5   after make_y_panel */
static void RT_IN_PARTS make_y(rt_part part, const float (*x)[8][6][6], float (*y)[16][6][6],
    float (*restrict panel)[5][5][16]) {
  const rt_part part_i = rt_outer(part, 6), part_j = rt_inner(part, 6);
  for (int i = rt_first(part_i, 6); i < rt_end(part_i, 6); i++)
    for (int j = rt_first(part_j, 6); j < rt_end(part_j, 6); j++) {
      float tile[4][16];
      {
        rt_f32x8 acc[4][2] = {{{0}}};
        for (int k = 0; k < 8; k++) {
          for (int l = imax(0, 2 - i); l < imin(5, 8 - i); l++) {
            for (int m = imax(0, 2 - j); m < imin(5, 8 - j); m++) {
              const rt_f32x8 panel_0 = rt_load_f32x8(&panel[k][l][m][0]);
              const rt_f32x8 panel_1 = rt_load_f32x8(&panel[k][l][m][8]);
              RT_UNROLL
              for (int row = 0; row < 4; row++) {
                const float x_r = x[row][k][i + l - 2][j + m - 2];
                rt_fma_f32x8(&acc[row][0], x_r, &panel_0);
                rt_fma_f32x8(&acc[row][1], x_r, &panel_1);
              }
            }
          }
        }
        RT_UNROLL
        for (int row = 0; row < 4; row++) {
          rt_store_f32x8(&tile[row][0], &acc[row][0]);
          rt_store_f32x8(&tile[row][8], &acc[row][1]);
        }
      }
      for (int row = 0; row < 4; row++) {
        #pragma omp simd
        for (int k = 0; k < 16; k++)
          y[row][k][i][j] = tile[row][k];
      }
    }
}

/* window_inside.lua:5   w_bar[i, j, k, l] = sum m, n, o.  where(0 <= k + n - 2 and k + n - 2 < 6 and (0 <= l + o - 2 and l + o - 2 < 6), x[m, j, k + n - 2, l + o - 2] * y_bar[m, i, n, o], 0) */
static void make_w_bar_panel(const float (*restrict y_bar)[16][6][6],
    float (*restrict panel)[6][6][16]) {
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 6; j++)
      for (int k = 0; k < 6; k++) {
        RT_SHORT
        for (int l = 0; l < 16; l++)
          panel[i][j][k][l] = y_bar[i][l][j][k];
      }
}

/* window_inside.lua:5   after make_w_bar_panel */
static void RT_IN_PARTS make_w_bar(rt_part part, const float (*x)[8][6][6],
    float (*w_bar)[8][5][5], float (*restrict panel)[6][6][16]) {
  const rt_part part_i = rt_outer(part, 2), part_j = rt_inner(part, 2);
  for (int i = rt_first_by(part_i, 8, 4); i < rt_end_by(part_i, 8, 4); i += 4)
    for (int j = rt_first(part_j, 5); j < rt_end(part_j, 5); j++)
      for (int k = 0; k < 5; k++) {
        float tile[4][16];
        {
          rt_f32x8 acc[4][2] = {{{0}}};
          for (int l = 0; l < 4; l++) {
            for (int m = imax(0, 2 - j); m < imin(6, 8 - j); m++) {
              for (int n = imax(0, 2 - k); n < imin(6, 8 - k); n++) {
                const rt_f32x8 panel_0 = rt_load_f32x8(&panel[l][m][n][0]);
                const rt_f32x8 panel_1 = rt_load_f32x8(&panel[l][m][n][8]);
                RT_UNROLL
                for (int row = 0; row < 4; row++) {
                  const float x_r = x[l][i + row][j + m - 2][k + n - 2];
                  rt_fma_f32x8(&acc[row][0], x_r, &panel_0);
                  rt_fma_f32x8(&acc[row][1], x_r, &panel_1);
                }
              }
            }
          }
          RT_UNROLL
          for (int row = 0; row < 4; row++) {
            rt_store_f32x8(&tile[row][0], &acc[row][0]);
            rt_store_f32x8(&tile[row][8], &acc[row][1]);
          }
        }
        for (int row = 0; row < 4; row++) {
          #pragma omp simd
          for (int l = 0; l < 16; l++)
            w_bar[l][i + row][j][k] = tile[row][l];
        }
      }
}

