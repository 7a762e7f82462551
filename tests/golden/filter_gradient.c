/* filter_gradient.lua:5   w_bar[i, j] = sum k, l.  x[i + k, j + l] * y_bar[k, l] */
static void make_w_bar(const float (*restrict x)[44], const float (*restrict y_bar)[40],
    float (*restrict w_bar)[5]) {
  for (int i = 0; i < 5; i++) {
    float tile[5][1];
    {
      rt_f32x16 acc[5][1] = {{{0}}};
      for (int j = 0; j < 40; j++) {
        for (int k = 0; k < 25; k += 16) {
          const rt_f32x16 y_bar_0 = rt_load_f32x16(&y_bar[j][k]);
          RT_UNROLL
          for (int row = 0; row < 5; row++) {
            const rt_f32x16 x_r = rt_load_f32x16(&x[i + j][row + k]);
            rt_dot_f32x16(&acc[row][0], &x_r, &y_bar_0);
          }
        }
        {
          const int some = 8, k = 40 - some;
          const rt_f32x16 y_bar_0 = rt_load_tail_f32x16(&y_bar[j][k], some, 40);
          RT_UNROLL
          for (int row = 0; row < 5; row++) {
            const rt_f32x16 x_r = rt_load_tail_f32x16(&x[i + j][row + k], some, 40);
            rt_dot_f32x16(&acc[row][0], &x_r, &y_bar_0);
          }
        }
      }
      RT_UNROLL
      for (int row = 0; row < 5; row++) {
        tile[row][0] = rt_fold_sum_f32((const float *)&acc[row][0]);
      }
    }
    RT_SHORT
    for (int row = 0; row < 5; row++)
      w_bar[i][row] = tile[row][0];
  }
}

