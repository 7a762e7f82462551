/*
** rt_array.c: allocation, sizes and names of arrays, and the one line an error is
**
** rt_fail(err, "w.npy", "shape: %d axes", 70)   gives   "w.npy: shape: 70 axes"
*/
#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64
#include "rt_array.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__unix__) || defined(__APPLE__)
#include <sys/mman.h>
#endif

static const struct {
  const char *name;
  size_t size;
} dtypes[RT_DTYPES] = {
    {"f32", 4}, {"f64", 8}, {"i32", 4}, {"i64", 8}, {"u8", 1}, {"bool", 1}, /* ORDER rt_dtype */
};

/* Writes "FILE: message" into err, on one line whatever the names contain. The start of a very long
** path gives way to the message. */
void rt_error_put(rt_error *err, const char *file, const char *format, ...) {
  if (!err) return;
  const size_t room = 200, length = strlen(file);
  const char *dots = length > room ? "..." : "";
  const char *tail = length > room ? file + length - room : file;
  int n = snprintf(err->text, sizeof err->text, "%s%s: ", dots, tail);
  va_list args;
  va_start(args, format);
  vsnprintf(err->text + n, sizeof err->text - (size_t)n, format, args);
  va_end(args);
  for (char *c = err->text; *c; c++)
    if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = '?';
}

/* Bytes of one element. */
size_t rt_dtype_size(rt_dtype t) {
  return dtypes[t].size;
}

/* The dtype's name in the language, "f32". */
const char *rt_dtype_name(rt_dtype t) {
  return dtypes[t].name;
}

/* Finds a dtype by name; false where there is none. */
bool rt_dtype_parse(const char *name, rt_dtype *t) {
  for (int i = 0; i < RT_DTYPES; i++)
    if (strcmp(dtypes[i].name, name) == 0) {
      *t = (rt_dtype)i;
      return true;
    }
  return false;
}

/* Computes the bytes of a shape; 1 where an extent is negative or the product, even of the
** extents beside a zero, does not fit an int64. */
int rt_shape_size(rt_dtype t, int rank, const int64_t *dim, size_t *bytes) {
  uint64_t product = rt_dtype_size(t);
  bool empty = false;
  for (int i = 0; i < rank; i++) {
    if (dim[i] < 0) return 1;
    if (dim[i] == 0) {
      empty = true;
      continue;
    }
    if (product > (uint64_t)INT64_MAX / (uint64_t)dim[i]) return 1;
    product *= (uint64_t)dim[i];
  }
  if (product > SIZE_MAX / 2) return 1;
  *bytes = empty ? 0 : (size_t)product;
  return 0;
}

/* Makes an array of the shape, aligned to 64 bytes, its elements unset. */
int rt_array_alloc(rt_array *a, rt_dtype t, int rank, const int64_t *dim, const char *name,
                   rt_error *err) {
  memset(a, 0, sizeof *a);
  if (rank < 0 || rank > RT_MAX_RANK)
    return rt_fail(err, name, "shape: %d axes, at most %d are possible", rank, RT_MAX_RANK);
  size_t bytes;
  if (rt_shape_size(t, rank, dim, &bytes)) return rt_fail(err, name, "shape: too large");
  void *data = rt_room(bytes, &a->map_size);
  if (!data) return rt_fail(err, name, "out of memory (%zu bytes)", bytes);
  a->dtype = t;
  a->rank = rank;
  for (int i = 0; i < rank; i++) a->dim[i] = dim[i];
  a->data = a->map = data;
  return 0;
}

/* The number of elements. */
int64_t rt_array_count(const rt_array *a) {
  int64_t count = 1;
  for (int i = 0; i < a->rank; i++)
    if (a->dim[i] == 0) return 0;
  for (int i = 0; i < a->rank; i++) count *= a->dim[i];
  return count;
}

/* Gives back what the array owns, and clears it, so that a second call does nothing. */
void rt_array_free(rt_array *a) {
#if defined(__unix__) || defined(__APPLE__)
  if (a->map_size)
    munmap(a->map, a->map_size);
  else
    free(a->map);
#else
  free(a->map);
#endif
  memset(a, 0, sizeof *a);
}

/* Prints a shape, "{3, N}" for {3, -1}; returns out. */
const char *rt_shape_text(char *out, size_t size, int rank, const int64_t *dim) {
  size_t n = (size_t)snprintf(out, size, "{");
  for (int i = 0; i < rank && n < size; i++) {
    const char *comma = i ? ", " : "";
    if (dim[i] < 0)
      n += (size_t)snprintf(out + n, size - n, "%sN", comma);
    else
      n += (size_t)snprintf(out + n, size - n, "%s%" PRId64, comma, dim[i]);
  }
  if (n < size) snprintf(out + n, size - n, "}");
  return out;
}
