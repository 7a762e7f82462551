/* beside.lua:6   w[i, j] = max k.  y[k, i, j] */
static void make_w(rt_part part, int n, const float (*restrict y)[25][2], float (*restrict w)[2]) {
  #pragma omp parallel for num_threads(part.threads) if (n > 97)
  for (int i = rt_first(part, 25); i < rt_end(part, 25); i++) {
    float acc[2];
    for (int j = 0; j < 2; j++)
      acc[j] = -RT_INF_F32;
    for (int k = 0; k < n; k++)
      for (int j = 0; j < 2; j++)
        acc[j] = rt_max_f32(acc[j], y[k][i][j]);
    for (int j = 0; j < 2; j++)
      w[i][j] = acc[j];
  }
}

/* beside.lua:7   q[i, j, k] = sum l.  (x[l, k] - m[i, k]) * y[l, i, j] */
static void make_q(rt_part part, int n, const float (*restrict x)[3], const float (*restrict m)[3],
    const float (*restrict y)[25][2], float (*restrict q)[2][3]) {
  #pragma omp parallel for num_threads(part.threads) if (n > 11)
  for (int i = rt_first(part, 25); i < rt_end(part, 25); i++) {
    float acc[2][3] = {0};
    for (int j = 0; j < n; j++)
      for (int k = 0; k < 2; k++)
        for (int l = 0; l < 3; l++)
          acc[k][l] += (x[j][l] - m[i][l]) * y[j][i][k];
    for (int k = 0; k < 2; k++)
      for (int l = 0; l < 3; l++)
        q[i][k][l] = acc[k][l];
  }
}

