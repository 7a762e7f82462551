/* into.lua:7   t_next[i, j] = t[i, j] - 0.5 * sum[i, j] */
static void make_t_next(const float (*restrict v)[16], const int32_t *restrict id,
    float (*t_next)[16]) {
  for (int i = 0; i < 500; i++) {
    if (0 <= id[i] && id[i] < 100000)
      for (int j = 0; j < 16; j++)
        t_next[id[i]][j] += -0.5f * v[i][j];
  }
}

/* into.lua:5   fill[i, j] = 0 */
static void RT_IN_PARTS make_fill(rt_part part, float *fill) {
  #pragma omp simd
  for (int i = rt_first(part, 1600000); i < rt_end(part, 1600000); i++)
    fill[i] = 0.0f;
}

