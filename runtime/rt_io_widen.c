/*
** rt_io_widen.c: take stored numbers into an array, the small types into the next larger one
**
** i8 i16 u16 -> i32, u32 u64 -> i64, f16 bf16 -> f32. All exact; a u64 of 2^63 or more is refused.
*/
#include "rt_io_parts.h"

#include <inttypes.h>
#include <string.h>

static uint64_t load(const unsigned char *p, size_t size) {
  uint64_t x = 0;
  memcpy(&x, p, size);
  return x;
}

static float from_bits(uint32_t bits) {
  float x;
  memcpy(&x, &bits, 4);
  return x;
}

/* The f32 of an IEEE half: denormals are m * 2^-24, and infinities and NaN keep their bits. */
static float half(uint32_t h) {
  uint32_t sign = (h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 1023;
  if (exponent == 31) return from_bits(sign | 0x7f800000 | fraction << 13);
  if (exponent) return from_bits(sign | (exponent + 112) << 23 | fraction << 13);
  float tiny = (float)fraction * 0x1p-24f;
  return sign ? -tiny : tiny;
}

/* One element; false where its value has no place. */
static bool widen(rt_wide wide, uint64_t x, rt_array *out, int64_t i) {
  int32_t *i32 = out->data;
  int64_t *i64 = out->data;
  float *f32 = out->data;
  switch (wide) {
  case RT_WIDE_I8:
    i32[i] = (int32_t)(x ^ 0x80) - 0x80;
    break;
  case RT_WIDE_I16:
    i32[i] = (int32_t)(x ^ 0x8000) - 0x8000;
    break;
  case RT_WIDE_U16:
    i32[i] = (int32_t)x;
    break;
  case RT_WIDE_U32:
    i64[i] = (int64_t)x;
    break;
  case RT_WIDE_U64:
    if (x > INT64_MAX) return false;
    i64[i] = (int64_t)x;
    break;
  case RT_WIDE_F16:
    f32[i] = half((uint32_t)x);
    break;
  case RT_WIDE_BF16:
    f32[i] = from_bits((uint32_t)x << 16);
    break;
  case RT_WIDE_NONE:
    break;
  }
  return true;
}

/* Fills the array, whose dtype is s->dtype, from stored elements at any alignment. The bytes of a
** bool must be 0 or 1. */
int rt_take(const char *name, const rt_stored *s, const void *data, rt_array *out, rt_error *err) {
  int64_t count = rt_array_count(out);
  const unsigned char *p = data;
  if (s->wide == RT_WIDE_NONE) {
    if (count && p != out->data) memcpy(out->data, p, (size_t)count * s->size);
    for (int64_t i = 0; s->dtype == RT_BOOL && i < count; i++)
      if (p[i] > 1)
        return rt_fail(err, name, "data: element %" PRId64 ": byte %d is no bool", i, p[i]);
    return 0;
  }
  for (int64_t i = 0; i < count; i++) {
    uint64_t x = load(p + (size_t)i * s->size, s->size);
    if (!widen(s->wide, x, out, i))
      return rt_fail(err, name, "data: element %" PRId64 ": %" PRIu64 " does not fit i64", i, x);
  }
  return 0;
}
