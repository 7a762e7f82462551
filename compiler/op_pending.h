/* op_pending.h: names rt_math.h does not have yet; goes as soon as it has them */
#include <math.h>
#define rt_floor_f32 floorf
#define rt_floor_f64 floor
#define rt_ceil_f32 ceilf
#define rt_ceil_f64 ceil
#define rt_trunc_f32 truncf
#define rt_trunc_f64 trunc
#define rt_expm1_f32 expm1f
#define rt_expm1_f64 expm1
#define rt_log1p_f32 log1pf
#define rt_log1p_f64 log1p
#define rt_sqrt_f32 sqrtf
#define rt_sqrt_f64 sqrt
#define rt_tan_f32 tanf
#define rt_tan_f64 tan
#define rt_asin_f32 asinf
#define rt_asin_f64 asin
#define rt_acos_f32 acosf
#define rt_acos_f64 acos
#define rt_atan_f32 atanf
#define rt_atan_f64 atan
#define rt_sinh_f32 sinhf
#define rt_sinh_f64 sinh
#define rt_cosh_f32 coshf
#define rt_cosh_f64 cosh
#define rt_erf_f32 erff
#define rt_erf_f64 erf
#define rt_erfc_f32 erfcf
#define rt_erfc_f64 erfc
#define rt_lgamma_f32 lgammaf
#define rt_lgamma_f64 lgamma
#define rt_round_f32 rintf
#define rt_round_f64 rint
#define rt_atan2_f32 atan2f
#define rt_atan2_f64 atan2
static inline float pend_mod_f32(float x, float y) { return x - (float)floor(x / y) * y; }
static inline float pend_floordiv_f32(float x, float y) { return (float)floor(x / y); }
static inline float pend_min_f32(float x, float y) { return x < y || x != x ? x : y; }
static inline float pend_max_f32(float x, float y) { return x > y || x != x ? x : y; }
static inline float pend_sign_f32(float x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
static inline float pend_softplus_f32(float x) { return (float)(x > 0 ? x + log1p(exp(-x)) : log1p(exp(x))); }
static inline float pend_digamma_f32(float x) { double r = 0, z = x; while (z < 12) r -= 1 / z, z += 1; double f = 1 / (z * z); return (float)(r + log(z) - 0.5 / z - f * (1. / 12 - f * (1. / 120 - f * (1. / 252 - f * (1. / 240 - f / 132))))); }
static inline float pend_polygamma_f32(float n, float x) { double r = 0, z = x, s = n + 1, g = 1; for (int i = 2; i <= (int)n; i++) g *= i; if ((int)n % 2 == 0) g = -g; while (z < 30) r += pow(z, -s), z += 1; r += pow(z, 1 - s) / (s - 1) + pow(z, -s) / 2 + s * pow(z, -s - 1) / 12 - s * (s + 1) * (s + 2) * pow(z, -s - 3) / 720; return (float)(g * r); }
static inline float pend_fma_f32(float x, float y, float z) { return x * y + z; }
static inline float pend_rsqrt_f32(float x) { return 1 / (float)sqrt(x); }
static inline double pend_mod_f64(double x, double y) { return x - (double)floor(x / y) * y; }
static inline double pend_floordiv_f64(double x, double y) { return (double)floor(x / y); }
static inline double pend_min_f64(double x, double y) { return x < y || x != x ? x : y; }
static inline double pend_max_f64(double x, double y) { return x > y || x != x ? x : y; }
static inline double pend_sign_f64(double x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
static inline double pend_softplus_f64(double x) { return (double)(x > 0 ? x + log1p(exp(-x)) : log1p(exp(x))); }
static inline double pend_digamma_f64(double x) { double r = 0, z = x; while (z < 12) r -= 1 / z, z += 1; double f = 1 / (z * z); return (double)(r + log(z) - 0.5 / z - f * (1. / 12 - f * (1. / 120 - f * (1. / 252 - f * (1. / 240 - f / 132))))); }
static inline double pend_polygamma_f64(double n, double x) { double r = 0, z = x, s = n + 1, g = 1; for (int i = 2; i <= (int)n; i++) g *= i; if ((int)n % 2 == 0) g = -g; while (z < 30) r += pow(z, -s), z += 1; r += pow(z, 1 - s) / (s - 1) + pow(z, -s) / 2 + s * pow(z, -s - 1) / 12 - s * (s + 1) * (s + 2) * pow(z, -s - 3) / 720; return (double)(g * r); }
static inline double pend_fma_f64(double x, double y, double z) { return x * y + z; }
static inline double pend_rsqrt_f64(double x) { return 1 / (double)sqrt(x); }
static inline int32_t pend_floordiv_i32(int32_t x, int32_t y) { return y == 0 ? 0 : x / y - (x % y != 0 && (x < 0) != (y < 0)); }
static inline int32_t pend_mod_i32(int32_t x, int32_t y) { return y == 0 ? 0 : x - y * pend_floordiv_i32(x, y); }
static inline int32_t pend_min_i32(int32_t x, int32_t y) { return x < y ? x : y; }
static inline int32_t pend_max_i32(int32_t x, int32_t y) { return x > y ? x : y; }
static inline int32_t pend_abs_i32(int32_t x) { return x < 0 ? -x : x; }
static inline int32_t pend_sign_i32(int32_t x) { return (x > 0) - (x < 0); }
static inline int32_t pend_shr_i32(int32_t x, int32_t y) { return (int32_t)((uint32_t)x >> y); }
static inline int32_t pend_philox_i32(int32_t k, int32_t c) { return (int32_t)(k * 2654435761 + c); }
static inline int64_t pend_floordiv_i64(int64_t x, int64_t y) { return y == 0 ? 0 : x / y - (x % y != 0 && (x < 0) != (y < 0)); }
static inline int64_t pend_mod_i64(int64_t x, int64_t y) { return y == 0 ? 0 : x - y * pend_floordiv_i64(x, y); }
static inline int64_t pend_min_i64(int64_t x, int64_t y) { return x < y ? x : y; }
static inline int64_t pend_max_i64(int64_t x, int64_t y) { return x > y ? x : y; }
static inline int64_t pend_abs_i64(int64_t x) { return x < 0 ? -x : x; }
static inline int64_t pend_sign_i64(int64_t x) { return (x > 0) - (x < 0); }
static inline int64_t pend_shr_i64(int64_t x, int64_t y) { return (int64_t)((uint64_t)x >> y); }
static inline int64_t pend_philox_i64(int64_t k, int64_t c) { return (int64_t)(k * 2654435761 + c); }
static inline int32_t pend_to_i32_f64(double f) { return f != f ? 0 : f >= 2147483647. ? INT32_MAX : f <= -2147483648. ? INT32_MIN : (int32_t)f; }
static inline int64_t pend_to_i64_f64(double f) { return f != f ? 0 : f >= 9.2e18 ? INT64_MAX : f <= -9.2e18 ? INT64_MIN : (int64_t)f; }
static inline float pend_inf_f32(void) { return INFINITY; }
static inline double pend_inf_f64(void) { return INFINITY; }
#define rt_abs_i32 pend_abs_i32
#define rt_abs_i64 pend_abs_i64
#define rt_digamma_f32 pend_digamma_f32
#define rt_digamma_f64 pend_digamma_f64
#define rt_floordiv_f32 pend_floordiv_f32
#define rt_floordiv_f64 pend_floordiv_f64
#define rt_floordiv_i32 pend_floordiv_i32
#define rt_floordiv_i64 pend_floordiv_i64
#define rt_fma_f32 pend_fma_f32
#define rt_fma_f64 pend_fma_f64
#define rt_inf_f32 pend_inf_f32
#define rt_inf_f64 pend_inf_f64
#define rt_max_f32 pend_max_f32
#define rt_max_f64 pend_max_f64
#define rt_max_i32 pend_max_i32
#define rt_max_i64 pend_max_i64
#define rt_min_f32 pend_min_f32
#define rt_min_f64 pend_min_f64
#define rt_min_i32 pend_min_i32
#define rt_min_i64 pend_min_i64
#define rt_mod_f32 pend_mod_f32
#define rt_mod_f64 pend_mod_f64
#define rt_mod_i32 pend_mod_i32
#define rt_mod_i64 pend_mod_i64
#define rt_philox_i32 pend_philox_i32
#define rt_philox_i64 pend_philox_i64
#define rt_polygamma_f32 pend_polygamma_f32
#define rt_polygamma_f64 pend_polygamma_f64
#define rt_rsqrt_f32 pend_rsqrt_f32
#define rt_rsqrt_f64 pend_rsqrt_f64
#define rt_shr_i32 pend_shr_i32
#define rt_shr_i64 pend_shr_i64
#define rt_sign_f32 pend_sign_f32
#define rt_sign_f64 pend_sign_f64
#define rt_sign_i32 pend_sign_i32
#define rt_sign_i64 pend_sign_i64
#define rt_softplus_f32 pend_softplus_f32
#define rt_softplus_f64 pend_softplus_f64
#define rt_to_i32_f64 pend_to_i32_f64
#define rt_to_i64_f64 pend_to_i64_f64
