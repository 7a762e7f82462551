/* neighbours.lua:7   s_mul[i] = wrap(x)[i + 1] * wrap(y)[i - 1]
   neighbours.lua:6   a[i] = wrap(x)[i + 1] * y[i] - wrap(x)[i - 1]
   neighbours.lua:6   b[i] = wrap(y)[i + 1] * x[i] */
static void make_s_mul(const float *restrict x, const float *restrict y, float *restrict s_mul,
    float *restrict a, float *restrict b) {
  for (int i = 0; i < 2; i++) {
    const int64_t choice = i < 1 ? (int64_t)i : (int64_t)i + 198;
    const int64_t choice_i = choice + 1 >= 200 ? choice - 199 : choice + 1;
    const int64_t choice_i_2 = choice - 1 < 0 ? choice + 199 : choice - 1;
    const float x_at = x[choice_i];
    s_mul[choice] = x_at * y[choice_i_2];
    a[choice] = x_at * y[choice] - x[choice_i_2];
    b[choice] = y[choice_i] * x[choice];
  }
  #pragma omp simd
  for (int i = 0; i < 198; i++) {
    const float s_mul_i = x[i + 2] * y[i];
    const float a_i = x[i + 2] * y[i + 1] - x[i];
    const float b_i = y[i + 2] * x[i + 1];
    s_mul[i + 1] = s_mul_i;
    a[i + 1] = a_i;
    b[i + 1] = b_i;
  }
}

/* neighbours.lua:7   s = sum i.  s_mul[i] */
static void make_s(const float *restrict s_mul, float *restrict s) {
  float lane[16] = {0};
  for (int i = 0; i < 185; i += 16) {
    #pragma omp simd
    for (int j = 0; j < 16; j++)
      lane[j] += s_mul[j + i];
  }
  const int first = rt_kept(8);
  #pragma omp simd
  for (int i = 0; i < 16; i++) {
    const float term = s_mul[i + 184];
    lane[i] += i >= first ? term : 0.0f;
  }
  const float acc = rt_fold_sum_f32(lane);
  s[0] = acc;
}

