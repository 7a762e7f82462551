/*
** rt_step.h: vectors of every second to fourth element
**
** rt_load_step2_f32x8(p) is p[0], p[2], .. p[14]; nothing beyond the last of them is read. Of a row
** with `extent` such elements, rt_load_tail_step2_f32x16(p, n, extent) is the last n < 16 of them,
** which p points to, beside zeros: see rt_load_tail_f32x16.
*/
#ifndef RT_STEP_H
#define RT_STEP_H

#ifdef RT_SHUFFLE
#define RT_STEP_2(name, n, ...)                                                                    \
  return RT_SHUFFLE(rt_load_##name##x##n(p), rt_load_##name##x##n(p + n - 1), __VA_ARGS__);
#define RT_STEP_X2(name, T)                                                                        \
  RT_FN rt_##name##x2 rt_load_step2_##name##x2(const T *p) { return (rt_##name##x2){p[0], p[2]}; } \
  RT_FN rt_##name##x2 rt_load_step3_##name##x2(const T *p) { return (rt_##name##x2){p[0], p[3]}; } \
  RT_FN rt_##name##x2 rt_load_step4_##name##x2(const T *p) { return (rt_##name##x2){p[0], p[4]}; }
#define RT_STEP_X4(name, T)                                                                        \
  RT_FN rt_##name##x4 rt_load_step2_##name##x4(const T *p) { RT_STEP_2(name, 4, 0, 2, 5, 7) }      \
  RT_FN rt_##name##x4 rt_load_step3_##name##x4(const T *p) {                                       \
    return RT_SHUFFLE(rt_load_##name##x4(p), rt_load_##name##x4(p + 6), 0, 3, 4, 7);               \
  }                                                                                                \
  RT_FN rt_##name##x4 rt_load_step4_##name##x4(const T *p) {                                       \
    return RT_SHUFFLE(rt_load_##name##x8(p), rt_load_##name##x8(p + 5), 0, 4, 11, 15);             \
  }
/* Two halves, side by side. */
#define RT_STEP_HALVES(name, T, n, half, step, ...)                                                \
  RT_FN rt_##name##x##n rt_load_step##step##_##name##x##n(const T *p) {                            \
    return RT_SHUFFLE(rt_load_step##step##_##name##x##half(p),                                     \
                      rt_load_step##step##_##name##x##half(p + half * step), __VA_ARGS__);         \
  }
#define RT_STEP2_X8(name, T)                                                                       \
  RT_FN rt_##name##x8 rt_load_step2_##name##x8(const T *p) {                                       \
    RT_STEP_2(name, 8, 0, 2, 4, 6, 9, 11, 13, 15)                                                  \
  }
RT_STEP_X4(f32, float)
RT_STEP2_X8(f32, float)
RT_STEP_HALVES(f32, float, 8, 4, 3, 0, 1, 2, 3, 4, 5, 6, 7)
RT_STEP_HALVES(f32, float, 8, 4, 4, 0, 1, 2, 3, 4, 5, 6, 7)
RT_FN rt_f32x16 rt_load_step2_f32x16(const float *p) {
  RT_STEP_2(f32, 16, 0, 2, 4, 6, 8, 10, 12, 14, 17, 19, 21, 23, 25, 27, 29, 31)
}
RT_STEP_X2(f64, double)
RT_STEP_X4(f64, double)
RT_STEP2_X8(f64, double)
#ifdef __AVX512F__ /* any elements of two vectors, in one step */
RT_FN rt_f32x16 rt_load_step3_f32x16(const float *p) {
  const rt_f32x16 a = rt_load_f32x16(p), b = rt_load_f32x16(p + 16), c = rt_load_f32x16(p + 30);
  const rt_f32x16 ab = RT_SHUFFLE(a, b, 0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 0, 0, 0, 0, 0);
  return RT_SHUFFLE(ab, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 19, 22, 25, 28, 31);
}
RT_FN rt_f32x16 rt_load_step4_f32x16(const float *p) {
  const rt_f32x16 a = rt_load_f32x16(p), b = rt_load_f32x16(p + 16);
  const rt_f32x16 c = rt_load_f32x16(p + 32), d = rt_load_f32x16(p + 45);
  const rt_f32x16 ab = RT_SHUFFLE(a, b, 0, 4, 8, 12, 16, 20, 24, 28, 0, 0, 0, 0, 0, 0, 0, 0);
  const rt_f32x16 cd = RT_SHUFFLE(c, d, 0, 4, 8, 12, 19, 23, 27, 31, 0, 0, 0, 0, 0, 0, 0, 0);
  return RT_SHUFFLE(ab, cd, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
}
RT_FN rt_f64x8 rt_load_step3_f64x8(const double *p) {
  const rt_f64x8 a = rt_load_f64x8(p), b = rt_load_f64x8(p + 8), c = rt_load_f64x8(p + 14);
  const rt_f64x8 ab = RT_SHUFFLE(a, b, 0, 3, 6, 9, 12, 15, 0, 0);
  return RT_SHUFFLE(ab, c, 0, 1, 2, 3, 4, 5, 12, 15);
}
RT_FN rt_f64x8 rt_load_step4_f64x8(const double *p) {
  const rt_f64x8 a = rt_load_f64x8(p), b = rt_load_f64x8(p + 8);
  const rt_f64x8 c = rt_load_f64x8(p + 16), d = rt_load_f64x8(p + 21);
  const rt_f64x8 ab = RT_SHUFFLE(a, b, 0, 4, 8, 12, 0, 0, 0, 0);
  const rt_f64x8 cd = RT_SHUFFLE(c, d, 0, 4, 11, 15, 0, 0, 0, 0);
  return RT_SHUFFLE(ab, cd, 0, 1, 2, 3, 8, 9, 10, 11);
}
#else
RT_STEP_HALVES(f32, float, 16, 8, 3, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
RT_STEP_HALVES(f32, float, 16, 8, 4, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
RT_STEP_HALVES(f64, double, 8, 4, 3, 0, 1, 2, 3, 4, 5, 6, 7)
RT_STEP_HALVES(f64, double, 8, 4, 4, 0, 1, 2, 3, 4, 5, 6, 7)
#endif
#else
#define RT_STEP_BY(name, T, n, step)                                                               \
  RT_FN rt_##name##x##n rt_load_step##step##_##name##x##n(const T *p) {                            \
    T v[n];                                                                                        \
    for (int k = 0; k < n; k++) v[k] = p[step * k];                                                \
    return rt_load_##name##x##n(v);                                                                \
  }
#define RT_STEPS(name, T, n)                                                                       \
  RT_STEP_BY(name, T, n, 2)                                                                        \
  RT_STEP_BY(name, T, n, 3)                                                                        \
  RT_STEP_BY(name, T, n, 4)
RT_STEPS(f32, float, 4)
RT_STEPS(f32, float, 8)
RT_STEPS(f32, float, 16)
RT_STEPS(f64, double, 2)
RT_STEPS(f64, double, 4)
RT_STEPS(f64, double, 8)
#endif

#define RT_STEP_TAIL(name, T, n, step)                                                             \
  RT_FN rt_##name##x##n rt_load_tail_step##step##_##name##x##n(const T *p, int some,               \
                                                               int extent) {                       \
    T v[n] = {0};                                                                                  \
    if (extent >= n) {                                                                             \
      const rt_##name##x##n last = rt_load_step##step##_##name##x##n(p + step * (some - n));       \
      return rt_last_##name(&last, some);                                                          \
    }                                                                                              \
    for (int k = 0; k < some; k++) v[k] = p[step * k];                                             \
    return rt_load_##name##x##n(v);                                                                \
  }
RT_STEP_TAIL(f32, float, 16, 2)
RT_STEP_TAIL(f32, float, 16, 3)
RT_STEP_TAIL(f32, float, 16, 4)
RT_STEP_TAIL(f64, double, 8, 2)
RT_STEP_TAIL(f64, double, 8, 3)
RT_STEP_TAIL(f64, double, 8, 4)

#endif
