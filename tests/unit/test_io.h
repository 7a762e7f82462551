/*
** test_io.h: what the tests of the file layer share
**
** CHECK(condition) counts and prints a failure, and goes on; main returns FAILURES() at the end.
*/
#ifndef TEST_IO_H
#define TEST_IO_H

#include "rt_io.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct Test {
  int failures;
  char folder[64];
} Test;

/* The counter and the folder of temporary files, made at the first use. */
static inline Test *test(void) {
  static Test t;
  if (!t.folder[0]) {
    snprintf(t.folder, sizeof t.folder, "/tmp/test_io.XXXXXX");
    if (!mkdtemp(t.folder)) abort();
  }
  return &t;
}

#define CHECK(c) check((c), #c, __FILE__, __LINE__)
static inline bool check(bool ok, const char *what, const char *file, int line) {
  if (!ok && ++test()->failures <= 50) printf("%s:%d: %s\n", file, line, what);
  return ok;
}

#define CHECK_TEXT(have, want) check_text((have), (want), __FILE__, __LINE__)
static inline void check_text(const char *have, const char *want, const char *file, int line) {
  if (!check(strstr(have, want) != NULL, "the message", file, line))
    printf("  have: %s\n  want: %s\n", have, want);
}

/* A path in the test's folder; four of them at a time. */
static inline const char *in_folder(const char *name) {
  static char path[4][256];
  static int next;
  next = (next + 1) % 4;
  snprintf(path[next], sizeof path[next], "%s/%s", test()->folder, name);
  return path[next];
}

/* Bytes put together for a malformed file. */
typedef struct Bytes {
  unsigned char data[1 << 16];
  size_t size;
} Bytes;

static inline void put(Bytes *b, const void *data, size_t size) {
  if (b->size + size > sizeof b->data) abort();
  memcpy(b->data + b->size, data, size);
  b->size += size;
}

static inline void put_text(Bytes *b, const char *s) {
  put(b, s, strlen(s));
}

static inline void put_le(Bytes *b, int bytes, uint64_t x) {
  for (int i = 0; i < bytes; i++) put(b, &(unsigned char){(unsigned char)(x >> 8 * i)}, 1);
}

static inline void put_be(Bytes *b, int bytes, uint64_t x) {
  for (int i = bytes; i-- > 0;) put(b, &(unsigned char){(unsigned char)(x >> 8 * i)}, 1);
}

/* A whole file, as the test wrote it. */
static inline void slurp(const char *path, Bytes *b) {
  FILE *f = fopen(path, "rb");
  b->size = f ? fread(b->data, 1, sizeof b->data, f) : 0;
  if (f) fclose(f);
}

/* Reading the bytes must fail, with one line that names the file and says `want`. The bytes are in
 *a
 ** block of their own size, so that the address sanitizer sees a read past their end. */
#define REFUSES(format, data, size, want)                                                          \
  refuses(format, NULL, data, size, want, __FILE__, __LINE__)
static inline void refuses(rt_format format, const char *select, const void *data, size_t size,
                           const char *want, const char *file, int line) {
  rt_array a;
  rt_error err = {""};
  unsigned char *exact = malloc(size ? size : 1);
  if (size) memcpy(exact, data, size);
  bool failed = rt_read_memory(format, "bad.file", select, exact, size, &a, &err) != 0;
  check(failed, "the bytes were accepted", file, line);
  check(a.data == NULL || !failed, "the array of a failure is empty", file, line);
  check_text(err.text, failed ? "bad.file: " : "", file, line);
  check_text(err.text, failed ? want : "", file, line);
  check(strchr(err.text, '\n') == NULL, "one line", file, line);
  rt_array_free(&a);
  free(exact);
}

/* The bytes must read; the array is the caller's to free. */
#define READS(format, data, size, a) reads(format, NULL, data, size, a, __FILE__, __LINE__)
static inline bool reads(rt_format format, const char *select, const void *data, size_t size,
                         rt_array *a, const char *file, int line) {
  rt_error err = {""};
  bool ok = rt_read_memory(format, "good.file", select, data, size, a, &err) == 0;
  if (!check(ok, "the bytes were refused", file, line)) printf("  %s\n", err.text);
  return ok;
}

/* No beginning of the file, shorter than all of it, may be accepted. */
static inline void refuse_truncations(rt_format format, const char *select, const Bytes *b) {
  for (size_t n = 0; n < b->size; n++) refuses(format, select, b->data, n, "", __FILE__, (int)n);
}

/* An array over values that stay the caller's. */
static inline rt_array view(rt_dtype t, int rank, const int64_t *dim, const void *data) {
  rt_array a = {.dtype = t, .rank = rank, .data = (void *)(uintptr_t)data};
  for (int i = 0; i < rank; i++) a.dim[i] = dim[i];
  return a;
}

/* Whether two arrays agree in type, shape and every byte. */
static inline bool same_array(const rt_array *a, const rt_array *b) {
  if (a->dtype != b->dtype || a->rank != b->rank) return false;
  for (int i = 0; i < a->rank; i++)
    if (a->dim[i] != b->dim[i]) return false;
  size_t n = (size_t)rt_array_count(a) * rt_dtype_size(a->dtype);
  return n == 0 || memcmp(a->data, b->data, n) == 0;
}

/* Arrays of every type and of ranks 0 to 8, some empty. */
static inline int samples(rt_array out[16]) {
  static const float f32[6] = {0.1f, -2.5f, 1e-40f, 3e38f, 0, 7};
  static const double f64[6] = {0.1, 1.0 / 3, 1e-310, 1e308, -0.0, 123456789.125};
  static const int32_t i32[6] = {0, -1, INT32_MAX, INT32_MIN, 5, 6};
  static const int64_t i64[6] = {INT64_MAX, INT64_MIN, 3, 4, 5, 6};
  static const uint8_t u8[6] = {0, 1, 2, 254, 255, 7}, flags[6] = {0, 1, 1, 0, 1, 0};
  static const int64_t d23[] = {2, 3}, d6[] = {6}, d321[] = {3, 2, 1}, none[] = {2, 0, 3};
  static const int64_t d8[] = {1, 1, 1, 2, 1, 3, 1, 1};
  int n = 0;
  out[n++] = view(RT_F32, 2, d23, f32);
  out[n++] = view(RT_F64, 1, d6, f64);
  out[n++] = view(RT_I32, 3, d321, i32);
  out[n++] = view(RT_I64, 8, d8, i64);
  out[n++] = view(RT_U8, 2, d23, u8);
  out[n++] = view(RT_BOOL, 1, d6, flags);
  out[n++] = view(RT_F32, 0, NULL, f32);
  out[n++] = view(RT_F64, 3, none, f64);
  return n;
}

/* Removes the folder with its files, says how it went, and returns the status for main. */
static inline int failures(void) {
  char command[128];
  snprintf(command, sizeof command, "rm -rf '%s'", test()->folder);
  if (system(command) != 0) printf("%s stays\n", test()->folder);
  if (test()->failures) printf("%d failed\n", test()->failures);
  return test()->failures != 0;
}

#endif
