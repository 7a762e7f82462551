/* beside.lua:6   w[i, j, k] = max l.  x[l, k] + y[l, i, j]
   beside.lua:7   q[i, j, k] = sum l.  (x[l, k] - m[i, k]) * y[l, i, j] */
static void RT_IN_PARTS make_w(rt_part part, int n, const float (*x)[3], const float (*y)[25][2],
    float (*w)[2][3], const float (*m)[3], float (*q)[2][3]) {
  for (int i = rt_first(part, 25); i < rt_end(part, 25); i++) {
    float acc[2][3];
    for (int j = 0; j < 2; j++)
      for (int k = 0; k < 3; k++)
        acc[j][k] = -RT_INF_F32;
    for (int l = 0; l < n; l++)
      for (int j = 0; j < 2; j++)
        for (int k = 0; k < 3; k++)
          acc[j][k] = rt_max_f32(acc[j][k], x[l][k] + y[l][i][j]);
    for (int j = 0; j < 2; j++)
      for (int k = 0; k < 3; k++)
        w[i][j][k] = acc[j][k];
    float acc_i[2][3] = {0};
    for (int l = 0; l < n; l++)
      for (int j = 0; j < 2; j++)
        for (int k = 0; k < 3; k++)
          acc_i[j][k] += (x[l][k] - m[i][k]) * y[l][i][j];
    for (int j = 0; j < 2; j++)
      for (int k = 0; k < 3; k++)
        q[i][j][k] = acc_i[j][k];
  }
}

