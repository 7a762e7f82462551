/*
** rt_array_convert.c: from one dtype to another, exactly unless the user allows a loss
**
** u8 -> f32 always; f64 -> f32 where (double)(float)x == x; f32 -> i32 where x is a whole number.
** With allow_lossy numbers are rounded (to f32) or cut towards zero (to integers), as in NumPy's
** astype, but what lies outside the integer's range, or is no number, is refused all the same.
*/
#include "rt_array.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { BLOCK = 512 };

/* Copies n elements from the i-th on into doubles; any dtype but i64 fits exactly. */
static void load_f64(const rt_array *a, int64_t i, int n, double *out) {
  const void *p = a->data;
  switch (a->dtype) {
  case RT_F32:
    for (int k = 0; k < n; k++) out[k] = ((const float *)p)[i + k];
    break;
  case RT_F64:
    memcpy(out, (const double *)p + i, (size_t)n * sizeof *out);
    break;
  case RT_I32:
    for (int k = 0; k < n; k++) out[k] = ((const int32_t *)p)[i + k];
    break;
  default:
    for (int k = 0; k < n; k++) out[k] = ((const uint8_t *)p)[i + k];
  }
}

/* Stores whole numbers in [low, high] that came as doubles; returns how many before the first
** that is refused. high is exclusive, so that 2^63 can be said. */
static int store_whole(double *x, int n, double low, double high, bool lossy) {
  for (int k = 0; k < n; k++) {
    double cut = trunc(x[k]);
    if (!(cut >= low && cut < high) || (cut != x[k] && !lossy)) return k;
    x[k] = cut;
  }
  return n;
}

/* Stores n doubles from element i on; returns how many before the first that is refused. */
static int store_f64(rt_array *a, int64_t i, int n, double *x, bool lossy) {
  void *p = a->data;
  int done = n;
  switch (a->dtype) {
  case RT_F32:
    for (int k = 0; k < n; k++) {
      float y = (float)x[k];
      if ((double)y != x[k] && x[k] == x[k] && !lossy) return k;
      ((float *)p)[i + k] = y;
    }
    break;
  case RT_F64:
    memcpy((double *)p + i, x, (size_t)n * sizeof *x);
    break;
  case RT_I32:
    done = store_whole(x, n, -2147483648.0, 2147483648.0, lossy);
    for (int k = 0; k < done; k++) ((int32_t *)p)[i + k] = (int32_t)x[k];
    break;
  case RT_I64:
    done = store_whole(x, n, -9223372036854775808.0, 9223372036854775808.0, lossy);
    for (int k = 0; k < done; k++) ((int64_t *)p)[i + k] = (int64_t)x[k];
    break;
  case RT_U8:
    done = store_whole(x, n, 0, 256, lossy);
    for (int k = 0; k < done; k++) ((uint8_t *)p)[i + k] = (uint8_t)x[k];
    break;
  default:
    for (int k = 0; k < n; k++) {
      if (x[k] != 0 && x[k] != 1 && !lossy) return k;
      ((uint8_t *)p)[i + k] = x[k] != 0;
    }
  }
  return done;
}

/* Whether the float y of the integer x is x again; y may be 2^63. */
static bool same(double y, int64_t x) {
  return y >= -9223372036854775808.0 && y < 9223372036854775808.0 && (int64_t)y == x;
}

/* Stores n int64 from element i on; returns how many before the first that is refused. */
static int store_i64(rt_array *a, int64_t i, int n, const int64_t *x, bool lossy) {
  void *p = a->data;
  for (int k = 0; k < n; k++) {
    switch (a->dtype) {
    case RT_F32:
      if (!same((float)x[k], x[k]) && !lossy) return k;
      ((float *)p)[i + k] = (float)x[k];
      break;
    case RT_F64:
      if (!same((double)x[k], x[k]) && !lossy) return k;
      ((double *)p)[i + k] = (double)x[k];
      break;
    case RT_I32:
      if (x[k] < INT32_MIN || x[k] > INT32_MAX) return k;
      ((int32_t *)p)[i + k] = (int32_t)x[k];
      break;
    case RT_U8:
      if (x[k] < 0 || x[k] > 255) return k;
      ((uint8_t *)p)[i + k] = (uint8_t)x[k];
      break;
    default:
      if (x[k] != 0 && x[k] != 1 && !lossy) return k;
      ((uint8_t *)p)[i + k] = x[k] != 0;
    }
  }
  return n;
}

/* Says which element does not fit, and what would let it. */
static int refuse(const rt_array *a, int64_t at, rt_dtype to, bool lossy, const char *name,
                  rt_error *err) {
  const char *why = lossy ? "does not fit" : "cannot be said exactly in";
  if (a->dtype == RT_I64)
    return rt_fail(err, name, "element %" PRId64 ": %" PRId64 " %s %s", at,
                   ((const int64_t *)a->data)[at], why, rt_dtype_name(to));
  double x;
  load_f64(a, at, 1, &x);
  const char *hint = to == RT_F32 && !lossy ? "; --lossy rounds" : "";
  return rt_fail(err, name, "element %" PRId64 ": %.17g (%s) %s %s%s", at, x,
                 rt_dtype_name(a->dtype), why, rt_dtype_name(to), hint);
}

/* Writes n elements of a, from the i-th on, as elements of out from `at` on. Returns how many
** before the first that is refused. */
int64_t rt_convert_part(const rt_array *a, int64_t i, int64_t n, rt_array *out, int64_t at,
                        bool allow_lossy) {
  for (int64_t k = 0; k < n; k += BLOCK) {
    int m = n - k < BLOCK ? (int)(n - k) : BLOCK, done;
    if (a->dtype == RT_I64) {
      done = store_i64(out, at + k, m, (const int64_t *)a->data + i + k, allow_lossy);
    } else {
      double x[BLOCK];
      load_f64(a, i + k, m, x);
      done = store_f64(out, at + k, m, x, allow_lossy);
    }
    if (done < m) return k + done;
  }
  return n;
}

/* Whether rt_convert would do it, without memory for the result. */
int rt_convert_check(const rt_array *a, rt_dtype to, bool allow_lossy, const char *name,
                     rt_error *err) {
  bool wider = (to == RT_F64 && a->dtype != RT_I64) || (to == RT_I64 && a->dtype == RT_I32);
  if (wider || (a->dtype == RT_U8 && to != RT_BOOL)) return 0;
  int64_t space[BLOCK];
  rt_array block = {.dtype = to, .data = space};
  for (int64_t i = 0, count = rt_array_count(a); a->dtype != to && i < count; i += BLOCK) {
    int64_t n = count - i < BLOCK ? count - i : BLOCK;
    int64_t done = rt_convert_part(a, i, n, &block, 0, allow_lossy);
    if (done < n) return refuse(a, i + done, to, allow_lossy, name, err);
  }
  return 0;
}

/* Turns the array into one of dtype `to`; unless lossy, only where every element comes back the
** same (NaN stays NaN). On failure the array is as it was. name is the file or entry. */
int rt_convert(rt_array *a, rt_dtype to, bool allow_lossy, const char *name, rt_error *err) {
  if (a->dtype == to) return 0;
  rt_array out;
  if (rt_array_alloc(&out, to, a->rank, a->dim, name, err)) return 1;
  int64_t count = rt_array_count(a), done = rt_convert_part(a, 0, count, &out, 0, allow_lossy);
  if (done < count) {
    rt_array_free(&out);
    return refuse(a, done, to, allow_lossy, name, err);
  }
  rt_array_free(a);
  *a = out;
  return 0;
}
