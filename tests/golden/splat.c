/* splat.lua:5   low[i, j] = floor(x[i, j])
   splat.lua:8   at[i, j] = i32(where(a > 62, 62, a))  with a = where(low[i, j] < 0, 0, low[i, j])
   splat.lua:9   count[i, zero_outside(k + i64(at[i, j]))] += where(k == 0, 1 - a, a)  with a = x[i, j] - low[i, j] */
static void RT_IN_PARTS make_at(rt_part part, int32_t (*at)[300], float (*count)[64],
    const float (*x)[300]) {
  for (int i = rt_first(part, 40); i < rt_end(part, 40); i++) {
    #pragma omp simd
    for (int j = 0; j < 64; j++)
      count[i][j] = 0.0f;
    for (int j = 0; j < 300; j += 256) {
      _Alignas(64) float low[256];
      const int at_j = imin(300 - j, 256);
      #pragma omp simd
      for (int k = 0; k < at_j; k++) {
        const float low_ijk = rt_floor_f32(x[i][j + k]);
        low[k] = low_ijk;
        const float choice = low_ijk < 0.0f ? 0.0f : low_ijk;
        const int32_t at_ijk = (int32_t)(choice > 62.0f ? 62.0f : choice);
        at[i][j + k] = at_ijk;
      }
      for (int k = 0; k < at_j; k++) {
        if (0 <= at[i][j + k] && at[i][j + k] < 64)
          count[i][at[i][j + k]] += 1.0f - (x[i][j + k] - low[k]);
        if (0 <= at[i][j + k] + 1 && at[i][j + k] + 1 < 64)
          count[i][at[i][j + k] + 1] += x[i][j + k] - low[k];
      }
    }
  }
}

