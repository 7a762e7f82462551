/* rests.lua:6   y[i, j] = a[i, j] / b[j] */
static void make_y(const float (*restrict a)[39], const float *restrict b,
    float (*restrict y)[39]) {
  RT_ROWS
  for (int i = 0; i < 16; i++) {
    RT_MASKED
    for (int j = 0; j < 39; j++)
      y[i][j] = a[i][j] / b[j];
  }
}

/* rests.lua:7   y[i, j] = c[i, j] / d[j] */
static void make_y_2(const float (*restrict c)[40], const float *restrict d,
    float (*restrict y)[40]) {
  RT_ROWS
  for (int i = 0; i < 16; i++) {
    #pragma omp simd
    for (int j = 0; j < 40; j++)
      y[i][j] = c[i][j] / d[j];
  }
}

/* rests.lua:8   y[i, j] = a[i, j] - b[j] */
static void make_y_3(const float (*restrict a)[39], const float *restrict b,
    float (*restrict y)[39]) {
  RT_ROWS
  for (int i = 0; i < 16; i++) {
    #pragma omp simd
    for (int j = 0; j < 39; j++)
      y[i][j] = a[i][j] - b[j];
  }
}

