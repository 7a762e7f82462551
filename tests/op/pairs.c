/* pairs.c: a kernel with integers, two sizes and several results */
#include "pairs.h"

#define PAIRS(name, T)                                                                        \
  int name(int64_t m, int64_t n, const T *A, const int32_t *k, T *diagonal, T *flat, int64_t *next) { \
    T sum = 0;                                                                                \
    for (int64_t i = 0; i < m * n; i++) flat[i] = A[i], sum += A[i];                          \
    flat[m * n] = sum;                                                                        \
    for (int64_t i = 0; i < SMALLER(m, n); i++) diagonal[i] = *k * A[i * n + i];              \
    *next = *k + 1;                                                                           \
    return 0;                                                                                 \
  }
PAIRS(pairs_f32, float)
PAIRS(pairs_f64, double)
