/* beside.lua:6   w[i, j, k] = max l.  x[l, k] + y[l, i, j]
   beside.lua:7   q[i, j, k] = sum l.  (x[l, k] - m[i, k]) * y[l, i, j] */
static void make_w(rt_part part, int n, const float (*restrict x)[3],
    const float (*restrict y)[25][2], float (*restrict w)[2][3], const float (*restrict m)[3],
    float (*restrict q)[2][3]) {
  #pragma omp parallel for num_threads(part.threads) if (n > 6)
  for (int i = rt_first(part, 25); i < rt_end(part, 25); i++)
    for (int j = 0; j < 2; j++)
      for (int k = 0; k < 3; k++) {
        float acc = -RT_INF_F32;
        for (int l = 0; l < n; l++)
          acc = rt_max_f32(acc, x[l][k] + y[l][i][j]);
        w[i][j][k] = acc;
        float acc_ijk = 0.0f;
        for (int l = 0; l < n; l++)
          acc_ijk += (x[l][k] - m[i][k]) * y[l][i][j];
        q[i][j][k] = acc_ijk;
      }
}

