/* sine.lua:5   y[i] = sin(2 * x[i]) + cos(x[i]) */
static void RT_IN_PARTS make_y(rt_part part, int N, const float *x, float *y) {
  {
    int rt_is_far = 0;
    #pragma omp simd reduction(|:rt_is_far)
    for (int i = rt_first(part, N); i < rt_end(part, N); i++) {
      rt_is_far |= rt_far_f32(2.0f * x[i]);
      rt_is_far |= rt_far_f32(x[i]);
    }
    if (!rt_is_far) {
      #pragma omp simd
      for (int i = rt_first(part, N); i < rt_end(part, N); i++)
        y[i] = rt_sin_near_f32(2.0f * x[i]) + rt_cos_near_f32(x[i]);
    } else {
      #pragma omp simd
      for (int i = rt_first(part, N); i < rt_end(part, N); i++)
        y[i] = rt_sin_f32(2.0f * x[i]) + rt_cos_f32(x[i]);
    }
  }
}

