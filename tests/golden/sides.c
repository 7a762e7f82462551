/* sides.lua:6   part[i, j] = w[i, j] / (w[i, 0] + w[i, 1])
   sides.lua:7   y[i, j] = part[j, 0] * x[i, clamp_to_edge(at[j, 0])] + part[j, 1] * x[i, clamp_to_edge(at[j, 1])] */
static void make_part_(float (*restrict part_)[2], float (*restrict y)[50],
    const float (*restrict w)[2], const int32_t (*restrict at)[2], const float (*restrict x)[100]) {
  #pragma omp simd
  for (int i = 0; i < 50; i++) {
    const float w_plus_w = w[i][0] + w[i][1];
    const float part__i = w[i][0] / w_plus_w;
    part_[i][0] = part__i;
    const float part__i_2 = w[i][1] / w_plus_w;
    part_[i][1] = part__i_2;
    const int at_i = imin(imax(at[i][0], 0), 99);
    const int at_i_i = imin(imax(at[i][1], 0), 99);
    y[0][i] = part__i * x[0][at_i] + part__i_2 * x[0][at_i_i];
    y[1][i] = part__i * x[1][at_i] + part__i_2 * x[1][at_i_i];
    y[2][i] = part__i * x[2][at_i] + part__i_2 * x[2][at_i_i];
  }
}

/* sides.lua:10   planes[i, j, k] = picture[j, k, i] / 255 */
static void make_planes(const float (*restrict picture)[3], float (*restrict planes)[600]) {
  #pragma omp simd
  for (int i = 0; i < 600; i++) {
    planes[0][i] = picture[i][0] / 255.0f;
    planes[1][i] = picture[i][1] / 255.0f;
    planes[2][i] = picture[i][2] / 255.0f;
  }
}

