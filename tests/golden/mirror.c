/* mirror.lua:5   dx[i, j] = x[i, mirror(j + 1)] - x[i, mirror(j - 1)] */
static void make_dx(const float (*restrict x)[30], float (*restrict dx)[30]) {
  for (int i = 0; i < 20; i++) {
    #pragma omp simd
    for (int j = 0; j < 30; j++) {
      const int at_j = imax(j + 1, -j - 2);
      const int at_j_ij = imax(j - 1, -j);
      dx[i][j] = x[i][imin(at_j, 59 - at_j)] - x[i][imin(at_j_ij, 59 - at_j_ij)];
    }
  }
}

