/* branch.lua:4   s = sum i.  x[i]^2
   branch.lua:5   c_gt = s > 1
   branch.lua:5   c_logical_not = not c_gt */
static void make_s(const float *restrict x, float *restrict s, uint8_t *restrict c_gt,
    uint8_t *restrict c_logical_not) {
  float lane[16] = {0};
  for (int i = 0; i < 49; i += 16) {
    #pragma omp simd
    for (int j = 0; j < 16; j++)
      lane[j] += x[j + i] * x[j + i];
  }
  const float acc = rt_fold_sum_f32(lane);
  s[0] = acc;
  const uint8_t c_gt_2 = acc > 1.0f;
  c_gt[0] = c_gt_2;
  c_logical_not[0] = !c_gt_2;
}

/* branch.lua:5   c_fill[i] = 0 */
static void make_c_fill(float *restrict c_fill) {
  #pragma omp simd
  for (int i = 0; i < 64; i++)
    c_fill[i] = 0.0f;
}

/* branch.lua:6   c_max = max i.  mul[i]
   branch.lua:6   c_gt_2 = c_max > 0.5 */
static void make_c_gt_2(const float *restrict mul, uint8_t *restrict c_gt_2) {
  float lane[16];
  for (int fill = 0; fill < 16; fill++) lane[fill] = -RT_INF_F32;
  for (int i = 0; i < 49; i += 16) {
    #pragma omp simd
    for (int j = 0; j < 16; j++)
      lane[j] = rt_max_f32(lane[j], mul[j + i]);
  }
  const float c_max = rt_fold_max_f32(lane);
  c_gt_2[0] = c_max > 0.5f;
}

/* branch.lua:5   sqrt = sqrt(s) */
static void make_sqrt_(const float *restrict s, float *restrict sqrt_) {
  sqrt_[0] = rt_sqrt_f32(s[0]);
}

/* branch.lua:5   div[i] = x[i] / sqrt */
static void make_div(const float *restrict x, const float *restrict sqrt_, float *restrict div) {
  #pragma omp simd
  for (int i = 0; i < 64; i++)
    div[i] = x[i] / sqrt_[0];
}

/* branch.lua:5   mul[i] = x[i] * s */
static void make_mul(const float *restrict x, const float *restrict s, float *restrict mul) {
  #pragma omp simd
  for (int i = 0; i < 64; i++)
    mul[i] = x[i] * s[0];
}

/* branch.lua:6   c[i] = 0.9 * c_2[i] */
static void make_c(const float *c, float *c_2) {
  #pragma omp simd
  for (int i = 0; i < 64; i++)
    c_2[i] = 0.9f * c[i];
}

