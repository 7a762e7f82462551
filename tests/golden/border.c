/* border.lua:6   y[i, j] = x[zero_outside(i - 1), j] + x[zero_outside(i + 1), j] + x[i, zero_outside(j - 1)] + x[i, zero_outside(j + 1)] - 4 * x[i, j] */
static void make_y(const float (*restrict x)[64], float (*restrict y)[64]) {
  for (int i = 0; i < 2; i++) {
    const int64_t choice = i < 1 ? (int64_t)i : (int64_t)i + 62;
    const uint8_t test = 0 <= choice - 1;
    const uint8_t test_i = choice + 1 < 64;
    for (int j = 0; j < 2; j++) {
      const int64_t choice_ij = j < 1 ? (int64_t)j : (int64_t)j + 62;
      y[choice][choice_ij] = (test ? x[choice - 1][choice_ij] : 0.0f)
          + (test_i ? x[choice + 1][choice_ij] : 0.0f)
          + (0 <= choice_ij - 1 ? x[choice][choice_ij - 1] : 0.0f)
          + (choice_ij + 1 < 64 ? x[choice][choice_ij + 1] : 0.0f) - 4.0f * x[choice][choice_ij];
    }
    for (int j = 0; j < 62; j++)
      y[choice][j + 1] = (test ? x[choice - 1][j + 1] : 0.0f)
          + (test_i ? x[choice + 1][j + 1] : 0.0f) + x[choice][j] + x[choice][j + 2] - 4.0f
          * x[choice][j + 1];
  }
  for (int i = 0; i < 62; i++) {
    for (int j = 0; j < 2; j++) {
      const int64_t choice = j < 1 ? (int64_t)j : (int64_t)j + 62;
      y[i + 1][choice] = x[i][choice] + x[i + 2][choice]
          + (0 <= choice - 1 ? x[i + 1][choice - 1] : 0.0f)
          + (choice + 1 < 64 ? x[i + 1][choice + 1] : 0.0f) - 4.0f * x[i + 1][choice];
    }
    #pragma omp simd
    for (int j = 0; j < 62; j++)
      y[i + 1][j + 1] = x[i][j + 1] + x[i + 2][j + 1] + x[i + 1][j] + x[i + 1][j + 2] - 4.0f
          * x[i + 1][j + 1];
  }
}

