/* masks.lua:4   x_bar[i, j, k] = where(h[i, j, k] <= 0, 0, s[j, 0] * h_bar[i, j, k]) */
static void make_x_bar(const float (*restrict h)[8][14], const float (*restrict s)[1],
    const float (*restrict h_bar)[8][14], float (*restrict x_bar)[8][14]) {
  for (int i = 0; i < 32; i++)
    for (int j = 0; j < 8; j++) {
      const float s_at = s[j][0];
      RT_SHORT
      for (int k = 0; k < 14; k++)
        x_bar[i][j][k] = h[i][j][k] <= 0.0f ? 0.0f : s_at * h_bar[i][j][k];
    }
}

