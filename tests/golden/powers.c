/* powers.lua:5   k[i] = exp(-0.4 * d[i]) + exp(-0.2 * d[i]) + exp(-0.1 * d[i]) + exp(-0.3 * d[i]) */
static void make_k(const float *restrict d, float *restrict k) {
  #pragma omp simd
  for (int i = 0; i < 64; i++) {
    const float exp_product = rt_exp_f32(-0.1f * d[i]);
    const float exp_product_sq = exp_product * exp_product;
    k[i] = exp_product_sq * exp_product_sq + exp_product_sq + exp_product
        + rt_exp_f32(-0.3f * d[i]);
  }
}

