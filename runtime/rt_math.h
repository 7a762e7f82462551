/*
** rt_math.h: the elementary functions of emitted code and of the interpreter
**
** rt_exp_f32(x), rt_exp_f64(x), ...   one inline function a name and a type
**
** Every function is branch-free C11 on scalars: selects, bit casts, and the correctly rounded
** operations + - * / sqrt and, where the target has it, fused multiply-add. So a `#pragma omp simd`
** loop over it becomes full vectors without a vector math library, and the bits are the same for
** clang and gcc, at every optimisation level, on every target that has fused multiply-add; with
** RT_STRICT, on every target. Compile with -ffp-contract=off.
** Bounds in ulp, the same with and without fusing, are measured by tests/unit/test_math.c; see
** Note [writing branch-free code].
*/
#ifndef RT_MATH_H
#define RT_MATH_H

#include <stdint.h>
#include <string.h>

#if defined(__FAST_MATH__)
#error "rt_math.h needs IEEE arithmetic: do not compile with -ffast-math"
#endif

#define RT_FN static inline __attribute__((always_inline))

#define RT_INF_F32 __builtin_inff()
#define RT_NAN_F32 __builtin_nanf("")
#define RT_INF_F64 __builtin_inf()
#define RT_NAN_F64 __builtin_nan("")

/* The bits of a float, and the float of some bits. */
RT_FN uint32_t rt_bits_f32(float x) {
  uint32_t u;
  memcpy(&u, &x, sizeof u);
  return u;
}

RT_FN float rt_from_bits_f32(uint32_t u) {
  float x;
  memcpy(&x, &u, sizeof x);
  return x;
}

RT_FN uint64_t rt_bits_f64(double x) {
  uint64_t u;
  memcpy(&u, &x, sizeof u);
  return u;
}

RT_FN double rt_from_bits_f64(uint64_t u) {
  double x;
  memcpy(&x, &u, sizeof x);
  return x;
}

/* |x|, for NaN too. */
RT_FN float rt_abs_f32(float x) {
  return rt_from_bits_f32(rt_bits_f32(x) & 0x7fffffffu);
}

RT_FN double rt_abs_f64(double x) {
  return rt_from_bits_f64(rt_bits_f64(x) & 0x7fffffffffffffffu);
}

/* |x| with the sign of s. */
RT_FN float rt_copysign_f32(float x, float s) {
  return rt_from_bits_f32((rt_bits_f32(x) & 0x7fffffffu) | (rt_bits_f32(s) & 0x80000000u));
}

RT_FN double rt_copysign_f64(double x, double s) {
  return rt_from_bits_f64((rt_bits_f64(x) & 0x7fffffffffffffffu) |
                          (rt_bits_f64(s) & 0x8000000000000000u));
}

/* x if it lies in [lo, hi], else the nearer end; NaN stays NaN. */
RT_FN float rt_clamp_f32(float x, float lo, float hi) {
  x = x > hi ? hi : x;
  return x < lo ? lo : x;
}

RT_FN double rt_clamp_f64(double x, double lo, double hi) {
  x = x > hi ? hi : x;
  return x < lo ? lo : x;
}

/* Whether the target has fused multiply-add, and results need not be those of targets without. */
#if (defined(__FMA__) || defined(__aarch64__)) && !defined(RT_STRICT)
#define RT_HAS_FMA 1
#endif

/* x * y + z, rounded once where RT_HAS_FMA is defined. */
RT_FN float rt_fma_f32(float x, float y, float z) {
#ifdef RT_HAS_FMA
  return __builtin_fmaf(x, y, z);
#else
  return x * y + z;
#endif
}

RT_FN double rt_fma_f64(double x, double y, double z) {
#ifdef RT_HAS_FMA
  return __builtin_fma(x, y, z);
#else
  return x * y + z;
#endif
}

/* x * y + z, rounded once but for what a double cannot hold, on every target. */
RT_FN float rt_fused_f32(float x, float y, float z) {
#ifdef RT_HAS_FMA
  return __builtin_fmaf(x, y, z);
#else
  return (float)((double)x * (double)y + (double)z);
#endif
}

/* Adding one of these rounds a small x to an integer, half to even, and leaves that integer in
   the low bits of the sum; RT_MAGIC_EXP_* leave it with twice the bias of an exponent. */
#define RT_MAGIC_F32 12582912.0f        /* 1.5 * 2^23, |x| <= 2^22 */
#define RT_MAGIC_F64 6755399441055744.0 /* 1.5 * 2^52, |x| <= 2^51 */
#define RT_MAGIC_EXP_F32 (RT_MAGIC_F32 + 254.0f)
#define RT_MAGIC_EXP_F64 (RT_MAGIC_F64 + 2046.0)

/* Polynomials by Estrin's scheme, lowest coefficient first: shorter chains of operations than
   Horner's. */
RT_FN float rt_quadratic_f32(float x, float a, float b, float c) {
  return rt_fma_f32(x * x, c, rt_fma_f32(b, x, a));
}

RT_FN float rt_cubic_f32(float x, float a, float b, float c, float d) {
  return rt_fma_f32(x * x, rt_fma_f32(d, x, c), rt_fma_f32(b, x, a));
}

RT_FN float rt_quartic_f32(float x, float a, float b, float c, float d, float e) {
  float xx = x * x;
  float upper = rt_fma_f32(xx, e, rt_fma_f32(d, x, c));
  return rt_fma_f32(xx, upper, rt_fma_f32(b, x, a));
}

RT_FN double rt_quadratic_f64(double x, double a, double b, double c) {
  return rt_fma_f64(x * x, c, rt_fma_f64(b, x, a));
}

RT_FN double rt_cubic_f64(double x, double a, double b, double c, double d) {
  return rt_fma_f64(x * x, rt_fma_f64(d, x, c), rt_fma_f64(b, x, a));
}

RT_FN double rt_quartic_f64(double x, double a, double b, double c, double d, double e) {
  double xx = x * x;
  double upper = rt_fma_f64(xx, e, rt_fma_f64(d, x, c));
  return rt_fma_f64(xx, upper, rt_fma_f64(b, x, a));
}

/* An unevaluated sum of two doubles, |lo| <= ulp(hi)/2. */
typedef struct {
  double hi, lo;
} rt_pair;

/* a + b exactly. */
RT_FN rt_pair rt_two_sum(double a, double b) {
  double s = a + b;
  double bb = s - a;
  rt_pair r = {s, (a - (s - bb)) + (b - bb)};
  return r;
}

/* a + b exactly where |a| >= |b| or a is zero. */
RT_FN rt_pair rt_fast_two_sum(double a, double b) {
  double s = a + b;
  rt_pair r = {s, b - (s - a)};
  return r;
}

/* a * b exactly; without fused multiply-add by Dekker (1971), for |a|, |b| < 2^996. */
RT_FN rt_pair rt_two_prod(double a, double b) {
#ifdef RT_HAS_FMA
  double p = a * b;
  rt_pair r = {p, rt_fma_f64(a, b, -p)};
#else
  double ca = 134217729.0 * a, cb = 134217729.0 * b;
  double ah = ca - (ca - a), bh = cb - (cb - b);
  double al = a - ah, bl = b - bh;
  double p = a * b;
  rt_pair r = {p, ((ah * bh - p) + ah * bl + al * bh) + al * bl};
#endif
  return r;
}

#include "rt_math_arith.h"
#include "rt_math_f32.h"
#include "rt_math_f64.h"
#include "rt_math_trig.h"
#include "rt_math_erf.h"
#include "rt_math_gamma.h"
#include "rt_math_random.h"

/*
** Note [writing branch-free code]
** Both arms of a select are computed into variables first, so that no compiler needs to guess
** whether an operation may be executed speculatively. Comparisons are written so that NaN takes
** the arm that keeps it. Integers are made from floats by the magic constants alone: baseline
** x86-64 has no vector instruction for 64-bit conversions, 64-bit arithmetic shifts or rounding.
*/
#endif
