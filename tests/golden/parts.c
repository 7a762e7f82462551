/* parts.lua:6   gate[i, j] = sigmoid(x[i, j])
   parts.lua:6   value[i, j] = tanh(x[i, j + 64]) */
static void make_gate(const float (*restrict x)[128], float (*restrict gate)[64],
    float (*restrict value)[64]) {
  for (int i = 0; i < 40; i++) {
    #pragma omp simd
    for (int j = 0; j < 64; j++) {
      gate[i][j] = rt_sigmoid_f32(x[i][j]);
      value[i][j] = rt_tanh_f32(x[i][j + 64]);
    }
  }
}

/* parts.lua:8   y[i, j] = where(j < 64, gate[i, j] * value[i, j], where(j < 128, value[i, zero_outside(j - 64)], where(0 <= j - 128, -gate[i, j - 128], 0))) */
static void make_y(const float (*restrict gate)[64], const float (*restrict value)[64],
    float (*restrict y)[192]) {
  for (int i = 0; i < 40; i++) {
    #pragma omp simd
    for (int j = 0; j < 64; j++) {
      y[i][j] = gate[i][j] * value[i][j];
      y[i][j + 64] = value[i][j];
      y[i][j + 128] = -gate[i][j];
    }
  }
}

