/* softmax.lua:7   p_max[i] = max k.  x[i, k]
   softmax.lua:7   p_exp[i, j] = exp(x[i, j] - p_max[i])
   softmax.lua:7   p_sum[i] = sum k.  p_exp[i, k]
   softmax.lua:7   p[i, j] = p_exp[i, j] / p_sum[i] */
static void RT_IN_PARTS make_p(rt_part part, int N, const float (*x)[64], float (*p)[64]) {
  for (int i = rt_first_by(part, N - 31, 32); i < rt_end_by(part, N - 31, 32); i += 32) {
    _Alignas(64) float x_turned[64][32];
    rt_turn_f32(&x_turned[0][0], 32, &x[i][0], 64, 32, 32, 64);
    float p_max[32];
    for (int fill = 0; fill < 32; fill++) p_max[fill] = -RT_INF_F32;
    for (int k = 0; k < 64; k++) {
      #pragma omp simd
      for (int j = 0; j < 32; j++)
        p_max[j] = rt_max_f32(p_max[j], x_turned[k][j]);
    }
    _Alignas(64) float p_exp[64][32];
    float p_sum[32] = {0};
    for (int k = 0; k < 64; k++) {
      #pragma omp simd
      for (int j = 0; j < 32; j++) {
        p_exp[k][j] = rt_exp_f32(x_turned[k][j] - p_max[j]);
        p_sum[j] += p_exp[k][j];
      }
    }
    _Alignas(64) float p_i[64][32];
    RT_ROWS
    for (int k = 0; k < 64; k++) {
      #pragma omp simd
      for (int j = 0; j < 32; j++)
        p_i[k][j] = p_exp[k][j] / p_sum[j];
    }
    rt_turn_f32(&p[i][0], 64, &p_i[0][0], 32, 64, 64, 32);
  }
}

/* softmax.lua:7   after make_p */
static void make_p_rest(int N, const float (*restrict x)[64], float (*restrict p)[64]) {
  for (int i = N - N % 32; i < N; i++) {
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
static void RT_IN_PARTS make_q(rt_part part, int N, const float (*ten)[10], float (*q)[10]) {
  for (int i = rt_first_by(part, N - 31, 32); i < rt_end_by(part, N - 31, 32); i += 32) {
    _Alignas(64) float ten_turned[10][32];
    rt_turn_f32(&ten_turned[0][0], 32, &ten[i][0], 10, 32, 32, 10);
    float q_max[32];
    for (int fill = 0; fill < 32; fill++) q_max[fill] = -RT_INF_F32;
    for (int k = 0; k < 10; k++) {
      #pragma omp simd
      for (int j = 0; j < 32; j++)
        q_max[j] = rt_max_f32(q_max[j], ten_turned[k][j]);
    }
    _Alignas(64) float q_exp[10][32];
    float q_sum[32] = {0};
    for (int k = 0; k < 10; k++) {
      #pragma omp simd
      for (int j = 0; j < 32; j++) {
        q_exp[k][j] = rt_exp_f32(ten_turned[k][j] - q_max[j]);
        q_sum[j] += q_exp[k][j];
      }
    }
    _Alignas(64) float q_i[10][32];
    RT_ROWS
    for (int k = 0; k < 10; k++) {
      #pragma omp simd
      for (int j = 0; j < 32; j++)
        q_i[k][j] = q_exp[k][j] / q_sum[j];
    }
    rt_turn_f32(&q[i][0], 10, &q_i[0][0], 32, 10, 10, 32);
  }
}

/* softmax.lua:8   after make_q */
static void make_q_rest(int N, const float (*restrict ten)[10], float (*restrict q)[10]) {
  for (int i = N - N % 32; i < N; i++) {
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

