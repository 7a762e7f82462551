/* across.lua:7   a10[i, j] = a[j, i] */
static void RT_IN_PARTS make_a10(rt_part part, int N, const float (*a)[300], float (*a10)[N]) {
  for (int i = rt_first_by(part, 300, 64); i < rt_end_by(part, 300, 64); i += 64) {
    const int count = imin(64, 300 - i);
    rt_turn_f32(&a10[i][0], N, &a[0][i], 300, N, N, count);
  }
}

/* across.lua:7   b021[i, j, k] = b[i, k, j] */
static void make_b021(const float (*restrict b)[40][16], float (*restrict b021)[16][40]) {
  for (int i = 0; i < 8; i++)
    rt_turn_f32(&b021[i][0][0], 40, &b[i][0][0], 16, 40, 40, 16);
}

/* across.lua:7   few10[i, j] = few[j, i] */
static void RT_IN_PARTS make_few10(rt_part part, const float (*few)[256], float (*few10)[2000]) {
  for (int i = rt_first_by(part, 256, 64); i < rt_end_by(part, 256, 64); i += 64)
    rt_turn_f32(&few10[i][0], 2000, &few[0][i], 256, 2000, 2000, 64);
}

