/* pool.lua:3   y_max[i, j, k] = max l, m.  x[i, 2 * j + l, 2 * k + m]
   pool.lua:3   y_min[i, j, k] = min l, m.  where(a == y_max[i, j, k] or isnan(a), i32(2 * l + m), 4)  with a = x[i, 2 * j + l, 2 * k + m] */
static void make_y_max(const float (*restrict x)[16][32], float (*restrict y_max)[8][16],
    int32_t (*restrict y_min)[8][16]) {
  for (int i = 0; i < 8; i++)
    for (int j = 0; j < 8; j++) {
      #pragma omp simd
      for (int k = 0; k < 16; k++) {
        const float x_at = x[i][2 * j][2 * k];
        const float x_at_ijk = x[i][2 * j][2 * k + 1];
        const float x_at_ijk_2 = x[i][2 * j + 1][2 * k];
        const float x_at_ijk_3 = x[i][2 * j + 1][2 * k + 1];
        float y_max_ijk = rt_max_f32(x_at, x_at_ijk);
        y_max_ijk = rt_max_f32(y_max_ijk, x_at_ijk_2);
        y_max_ijk = rt_max_f32(y_max_ijk, x_at_ijk_3);
        y_max[i][j][k] = y_max_ijk;
        int32_t y_min_ijk = rt_min_i32(x_at == y_max_ijk || x_at != x_at ? 0 : 4,
            x_at_ijk == y_max_ijk || x_at_ijk != x_at_ijk ? 1 : 4);
        y_min_ijk = rt_min_i32(y_min_ijk, x_at_ijk_2 == y_max_ijk || x_at_ijk_2 != x_at_ijk_2 ? 2
            : 4);
        y_min_ijk = rt_min_i32(y_min_ijk, x_at_ijk_3 == y_max_ijk || x_at_ijk_3 != x_at_ijk_3 ? 3
            : 4);
        y_min[i][j][k] = y_min_ijk;
      }
    }
}

/* pool.lua:3   y_x_bar[i, j, k] = where(y_min[i, j // 2, k // 2] == i32(k % 2 + 2 * (j % 2)), 1, 0) */
static void make_y_x_bar(const int32_t (*restrict y_min)[8][16],
    float (*restrict y_x_bar)[16][32]) {
  for (int i = 0; i < 8; i++) {
    RT_ROWS
    for (int j = 0; j < 16; j++) {
      const int at_j = j / 2;
      const int at_j_ij = j % 2;
      #pragma omp simd
      for (int k = 0; k < 16; k++) {
        y_x_bar[i][j][2 * k] = y_min[i][at_j][k] == (int32_t)(2 * at_j_ij) ? 1.0f : 0.0f;
        y_x_bar[i][j][2 * k + 1] = y_min[i][at_j][k] == (int32_t)(2 * at_j_ij + 1) ? 1.0f : 0.0f;
      }
    }
  }
}

