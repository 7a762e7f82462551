#include <stdint.h>
int cube_f32(int64_t n, const float *x, const float *s, float *y) { for (int64_t i = 0; i < n; i++) y[i] = *s*x[i]*x[i]*x[i]; return 0; }
int cube_f64(int64_t n, const double *x, const double *s, double *y) { for (int64_t i = 0; i < n; i++) y[i] = *s*x[i]*x[i]*x[i]; return 0; }
