/*
** rt_io_text.c: plain text, a byte a letter
**
**   prime.txt "to be"  ->  {5} of u8: 116 111 32 98 101
*/
#include "rt_io_parts.h"

#include <inttypes.h>
#include <string.h>

/* Reads all bytes of a text. */
int rt_text_parse(const char *name, const rt_bytes *b, rt_array *out, rt_error *err) {
  int64_t dim[1] = {(int64_t)b->size};
  if (rt_array_alloc(out, RT_U8, 1, dim, name, err)) return 1;
  if (b->size) memcpy(out->data, b->data, b->size);
  return 0;
}

/* The whole number that element i is, -1 where it is no byte. */
static int byte_at(const rt_array *a, int64_t i) {
  int64_t x = -1;
  if (a->dtype == RT_I32) x = ((const int32_t *)a->data)[i];
  else if (a->dtype == RT_I64) x = ((const int64_t *)a->data)[i];
  else if (a->dtype == RT_U8) x = ((const uint8_t *)a->data)[i];
  return x >= 0 && x < 256 ? (int)x : -1;
}

/* Writes whole numbers 0..255 as bytes, in row-major order. */
int rt_text_write(const char *path, const rt_array *a, rt_error *err) {
  int64_t count = rt_array_count(a);
  for (int64_t i = 0; i < count; i++)
    if (byte_at(a, i) < 0)
      return rt_fail(err, path, "element %" PRId64 ": no whole number 0..255, so no letter", i);
  rt_out o;
  if (rt_out_open(&o, path, (uint64_t)count, err)) return 1;
  for (int64_t i = 0; i < count; i++) {
    uint8_t letter = (uint8_t)byte_at(a, i);
    rt_out_put(&o, &letter, 1);
  }
  return rt_out_commit(&o);
}
