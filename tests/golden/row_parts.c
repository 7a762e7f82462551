/* row_parts.lua:5   mix_max[i] = max k.  x[i, k]
   row_parts.lua:5   mix_add[i] = exp(x[i, 0] - mix_max[i]) + exp(x[i, 1] - mix_max[i]) + exp(x[i, 2] - mix_max[i]) + exp(x[i, 3] - mix_max[i])
   row_parts.lua:6   mix[i, j] = exp(x[i, j] - mix_max[i]) / mix_add[i] * x[i, j + 4] */
static void make_mix(const float (*restrict x)[8], float (*restrict mix)[4]) {
  for (int i = 0; i < 33; i += 32) {
    _Alignas(64) float x_turned[8][32];
    rt_turn_f32(&x_turned[0][0], 32, &x[i][0], 8, 32, 32, 8);
    float mix_max[32];
    for (int fill = 0; fill < 32; fill++) mix_max[fill] = -RT_INF_F32;
    for (int k = 0; k < 4; k++) {
      #pragma omp simd
      for (int j = 0; j < 32; j++)
        mix_max[j] = rt_max_f32(mix_max[j], x_turned[k][j]);
    }
    float mix_add[32];
    #pragma omp simd
    for (int j = 0; j < 32; j++) {
      const float mix_add_ij = rt_exp_f32(x_turned[0][j] - mix_max[j])
          + rt_exp_f32(x_turned[1][j] - mix_max[j]) + rt_exp_f32(x_turned[2][j] - mix_max[j])
          + rt_exp_f32(x_turned[3][j] - mix_max[j]);
      mix_add[j] = mix_add_ij;
    }
    float mix_i[4][32];
    for (int k = 0; k < 4; k++) {
      #pragma omp simd
      for (int j = 0; j < 32; j++)
        mix_i[k][j] = rt_exp_f32(x_turned[k][j] - mix_max[j]) / mix_add[j] * x_turned[k + 4][j];
    }
    rt_turn_f32(&mix[i][0], 4, &mix_i[0][0], 32, 4, 4, 32);
  }
}

