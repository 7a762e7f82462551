/* scatter.lua:5   t[zero_outside(id[i]), j] += v[i, j] */
static void make_t(const float (*restrict v)[16], const int32_t *restrict id,
    float (*restrict t)[16]) {
  for (int i = 0; i < 100; i++) {
    #pragma omp simd
    for (int j = 0; j < 16; j++)
      t[i][j] = 0.0f;
  }
  for (int i = 0; i < 500; i++) {
    if (0 <= id[i] && id[i] < 100)
      for (int j = 0; j < 16; j++)
        t[id[i]][j] += v[i][j];
  }
}

