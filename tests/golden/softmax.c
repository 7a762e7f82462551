/* softmax.lua:7   p_max[i] = max k.  x[i, k]
   softmax.lua:7   p_exp[i, j] = exp(x[i, j] - p_max[i])
   softmax.lua:7   p_sum[i] = sum k.  p_exp[i, k]
   softmax.lua:7   p[i, j] = p_exp[i, j] / p_sum[i] */
static void make_p(rt_part part, int N, const float (*restrict x)[64], float (*restrict p)[64]) {
  #pragma omp parallel for num_threads(part.threads) if (N > 44)
  for (int i = rt_first(part, N); i < rt_end(part, N); i++) {
    float lane[16];
    for (int fill = 0; fill < 16; fill++) lane[fill] = -RT_INF_F32;
    for (int j = 0; j < 49; j += 16) {
      #pragma omp simd
      for (int k = 0; k < 16; k++)
        lane[k] = rt_max_f32(lane[k], x[i][k + j]);
    }
    const float p_max = rt_fold_max_f32(lane);
    float p_exp[64];
    float lane_i[16] = {0};
    for (int j = 0; j < 49; j += 16) {
      #pragma omp simd
      for (int k = 0; k < 16; k++) {
        p_exp[k + j] = rt_exp_f32(x[i][k + j] - p_max);
        lane_i[k] += p_exp[k + j];
      }
    }
    const float p_sum = rt_fold_sum_f32(lane_i);
    #pragma omp simd
    for (int j = 0; j < 64; j++)
      p[i][j] = p_exp[j] / p_sum;
  }
}

/* softmax.lua:8   q_max[i] = max k.  ten[i, k]
   softmax.lua:8   q_exp[i, j] = exp(ten[i, j] - q_max[i])
   softmax.lua:8   q_sum[i] = sum k.  q_exp[i, k]
   softmax.lua:8   q[i, j] = q_exp[i, j] / q_sum[i] */
static void make_q(rt_part part, int N, const float (*restrict ten)[10], float (*restrict q)[10]) {
  #pragma omp parallel for num_threads(part.threads) if (N > 215)
  for (int i = rt_first(part, N); i < rt_end(part, N); i++) {
    float q_max = -RT_INF_F32;
    for (int j = 0; j < 10; j++)
      q_max = rt_max_f32(q_max, ten[i][j]);
    float q_exp[10];
    RT_MASKED
    for (int j = 0; j < 10; j++)
      q_exp[j] = rt_exp_f32(ten[i][j] - q_max);
    float q_sum = 0.0f;
    for (int j = 0; j < 10; j++)
      q_sum += q_exp[j];
    #pragma omp simd
    for (int j = 0; j < 10; j++)
      q[i][j] = q_exp[j] / q_sum;
  }
}

