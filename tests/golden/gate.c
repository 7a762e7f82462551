/* gate.lua:5   y[i] = sigmoid(x[i])
   gate.lua:5   x_bar[i] = dsigmoid(x[i]) * y_bar[i] */
static void make_y(const float *restrict x, float *restrict y, const float *restrict y_bar,
    float *restrict x_bar) {
  #pragma omp simd
  for (int i = 0; i < 64; i++) {
    const float x_i = x[i];
    y[i] = rt_sigmoid_f32(x_i);
    x_bar[i] = rt_dsigmoid_f32(x_i) * y_bar[i];
  }
}

