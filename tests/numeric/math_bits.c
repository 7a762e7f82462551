/*
** math_bits.c: one hash a function of runtime/rt_math.h, over a fixed sample
**
** math_bits.sh compiles this with every compiler and level it finds: all must print the same.
** The loops are written as emitted code writes them, so that vectors are what is compared.
*/
#include <stdio.h>

#include "../../runtime/rt_math.h"

#define UNARY(X)                                                                                   \
  X(exp)                                                                                           \
  X(expm1) X(log) X(log1p) X(tanh) X(sech2) X(dsigmoid) X(asinh) X(acosh) X(atanh) X(sinh)          \
      X(cosh) X(sigmoid) X(softplus) X(sqrt) X(rsqrt)                                              \
      X(sin_near) X(cos_near) X(tan_near) X(asin) X(acos) X(atan) X(erf) X(erfc) X(lgamma) X(digamma) X(round) X(floor)  \
          X(ceil) X(trunc) X(sign)
#define BRANCHES(X) X(sin) X(cos) X(tan) /* of arguments that may be far */
#define BINARY(X) X(pow) X(atan2) X(mod) X(floordiv) X(max) X(min)

enum { COUNT = 8192 };

static float x32[COUNT], y32[COUNT], z32[COUNT];
static double x64[COUNT], y64[COUNT], z64[COUNT];

/* Half of the points have random bits, a quarter lie in [-1, 1), a quarter in [-32, 32). */
static void fill(void) {
  uint64_t s = 1;
  for (int i = 0; i < 2 * COUNT; i++) {
    s = s * 6364136223846793005u + 1442695040888963407u;
    uint64_t u = s ^ (s >> 29);
    double w = (double)(int64_t)(u >> 11) * 0x1p-52 - 1.0;
    w = i % 4 == 2 ? w * 32 : w;
    double *d = i < COUNT ? &x64[i] : &y64[i - COUNT];
    float *f = i < COUNT ? &x32[i] : &y32[i - COUNT];
    *d = i % 4 < 2 ? rt_from_bits_f64(u) : w;
    *f = i % 4 < 2 ? rt_from_bits_f32((uint32_t)(u >> 32)) : (float)w;
  }
}

static uint64_t mix(uint64_t h, uint64_t bits) {
  return (h ^ bits) * 0x100000001b3u;
}

/* Prints the hash of z32 or z64; every NaN counts as the same. */
static void print_hash(const char *name, int wide) {
  uint64_t h = 0xcbf29ce484222325u;
  for (int i = 0; i < COUNT; i++) {
    if (wide)
      h = mix(h, z64[i] == z64[i] ? rt_bits_f64(z64[i]) : 1u);
    else
      h = mix(h, z32[i] == z32[i] ? rt_bits_f32(z32[i]) : 1u);
  }
  printf("%s_%s %08x%08x\n", name, wide ? "f64" : "f32", (unsigned)(h >> 32), (unsigned)h);
}

#define DEFINE_UNARY(f)                                                                            \
  static void run_##f(void) {                                                                      \
    _Pragma("omp simd") for (int i = 0; i < COUNT; i++) z32[i] = rt_##f##_f32(x32[i]);             \
    print_hash(#f, 0);                                                                             \
    _Pragma("omp simd") for (int i = 0; i < COUNT; i++) z64[i] = rt_##f##_f64(x64[i]);             \
    print_hash(#f, 1);                                                                             \
  }
#define DEFINE_BRANCHES(f)                                                                         \
  static void run_##f(void) {                                                                      \
    for (int i = 0; i < COUNT; i++) z32[i] = rt_##f##_f32(x32[i]);                                 \
    print_hash(#f, 0);                                                                             \
    for (int i = 0; i < COUNT; i++) z64[i] = rt_##f##_f64(x64[i]);                                 \
    print_hash(#f, 1);                                                                             \
  }
#define DEFINE_BINARY(f)                                                                           \
  static void run_##f(void) {                                                                      \
    _Pragma("omp simd") for (int i = 0; i < COUNT; i++) z32[i] = rt_##f##_f32(x32[i], y32[i]);     \
    print_hash(#f, 0);                                                                             \
    _Pragma("omp simd") for (int i = 0; i < COUNT; i++) z64[i] = rt_##f##_f64(x64[i], y64[i]);     \
    print_hash(#f, 1);                                                                             \
  }
#define RUN(f) run_##f();

UNARY(DEFINE_UNARY)
BRANCHES(DEFINE_BRANCHES)
BINARY(DEFINE_BINARY)

int main(void) {
  fill();
  UNARY(RUN)
  BRANCHES(RUN)
  BINARY(RUN)
  return 0;
}
