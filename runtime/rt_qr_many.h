/*
** rt_qr_many.h: what rt_qr.h has, for many small matrices side by side (rt_many.h)
**
** Arguments are those of rt_lu_many.h: how many items, sizes, how far apart the items of an
** argument are.
*/
#ifndef RT_QR_MANY_H
#define RT_QR_MANY_H
#include "rt_many_rows.h"
#include "rt_qr.h"
#define RT_TEXT "rt_qr_many.h"
#include "rt_each_float.h"

#elif defined(RT_T)

static inline int RT_(rt_qr_many)(int count, int64_t m, int64_t n, const RT_T *A, int64_t A_step,
                                  RT_T *Q, RT_T *R, RT_T *work) {
  if (count == 1 || m < n) return RT_(rt_qr)(m, n, A, Q, R, work);
  RT_(rt_lanes) F[RT_MANY_MOST * RT_MANY_MOST], Y[RT_MANY_MOST * RT_MANY_MOST], tau[RT_MANY_MOST];
  RT_(rt_many_take)(count, m * n, A, A_step, F);
  if (!RT_(rt_many_finite)(m * n, F)) return 2;
  for (int64_t k = 0; k < n; k++) {
    RT_(rt_lanes) *column = F + k * n + k;
    tau[k] = RT_(rt_many_reflector)(m - k, column, n);
    RT_(rt_many_reflect)(m - k, n - k - 1, &tau[k], column, n, column + 1, n);
  }
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++) Y[i * n + j] = j < i ? (RT_(rt_lanes)){0} : F[i * n + j];
  RT_(rt_many_give)(count, n * n, Y, R);
  RT_(rt_many_eye)(m, n, Y);
  for (int64_t k = n - 1; k >= 0; k--)
    RT_(rt_many_reflect)(m - k, n - k, &tau[k], F + k * n + k, n, Y + k * n + k, n);
  RT_(rt_many_give)(count, m * n, Y, Q);
  return 0;
}

#endif
