/* margin.lua:4   y[i, j] = zero_outside(x)[i - 1, j - 1] */
static void make_y(const float (*restrict x)[14], float (*restrict y)[17]) {
  for (int i = 0; i < 10; i++) {
    y[i][0] = 0.0f;
    RT_SHORT
    for (int j = 0; j < 14; j++)
      y[i][j + 1] = 0 <= i - 1 && i - 1 < 8 ? x[i - 1][j] : 0.0f;
    for (int j = 0; j < 2; j++)
      y[i][j + 15] = 0.0f;
  }
}

