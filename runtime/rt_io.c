/*
** rt_io.c: arrays from and to files of any format, by the name's ending
**
** "data.npz:labels" is the file data.npz and the selection "labels", unless a file of the whole
*name
** is there.
*/
#define _POSIX_C_SOURCE 200809L
#include "rt_io_parts.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
  const char *ending;
  rt_format format;
} endings[] = {
    {".npy", RT_FILE_NPY}, {".npz", RT_FILE_NPZ}, {".png", RT_FILE_PNG},
    {".csv", RT_FILE_CSV}, {".tsv", RT_FILE_CSV}, {".safetensors", RT_FILE_SAFETENSORS},
};

/* Whether the name ends in .idx or -idx, perhaps a digit, perhaps -ubyte, perhaps .gz. */
static bool is_idx(const char *s, size_t n) {
  if (rt_ends_with(s, n, ".gz")) n -= 3;
  if (rt_ends_with(s, n, "-ubyte") || rt_ends_with(s, n, ".ubyte")) n -= 6;
  if (n && s[n - 1] >= '0' && s[n - 1] <= '9') n--;
  return rt_ends_with(s, n, ".idx") || rt_ends_with(s, n, "-idx");
}

static rt_format format_of(const char *s, size_t n) {
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
    if (rt_ends_with(s, n, endings[i].ending)) return endings[i].format;
  return is_idx(s, n) ? RT_FILE_IDX : RT_FILE_UNKNOWN;
}

/* Splits a path into the file, to be freed, and the selection, NULL where there is none. */
static char *split(const char *path, const char **select, rt_format *format) {
  size_t n = strlen(path);
  *select = NULL;
  *format = format_of(path, n);
  if (access(path, F_OK) != 0)
    for (const char *colon = strchr(path, ':'); colon; colon = strchr(colon + 1, ':')) {
      rt_format before = format_of(path, (size_t)(colon - path));
      if (before == RT_FILE_UNKNOWN) continue;
      *format = before;
      *select = colon + 1;
      n = (size_t)(colon - path);
      break;
    }
  char *file = malloc(n + 1);
  if (!file) return NULL;
  memcpy(file, path, n);
  file[n] = 0;
  return file;
}

/* The format a path's ending names, with a selection behind it or without. */
rt_format rt_format_of(const char *path) {
  const char *select;
  rt_format format;
  free(split(path, &select, &format));
  return format;
}

static int unknown(const char *path, rt_error *err) {
  return rt_fail(err, path, "format: none of .npy .npz .png .csv .idx(.gz) .safetensors");
}

/* Reads one tensor; without a name, the only one. */
static int parse_st(const char *name, const rt_bytes *b, const char *select, rt_array *out,
                    rt_error *err) {
  rt_st st;
  if (rt_st_from_memory(name, b->data, b->size, &st, err)) return 1;
  int bad = 0;
  if (!select && st.count == 1) select = st.tensor[0].name;
  if (!select) bad = rt_fail(err, name, "%d tensors, name one (FILE.safetensors:NAME)", st.count);
  if (!bad) bad = rt_st_read(&st, select, out, err);
  rt_st_close(&st);
  return bad;
}

/* Reads b's bytes, which may become the array's. */
static int parse(rt_format format, const char *name, const char *select, rt_bytes *b, rt_array *out,
                 rt_error *err) {
  memset(out, 0, sizeof *out);
  if (select && (format == RT_FILE_NPY || format == RT_FILE_IDX))
    return rt_fail(err, name, "selection: ':%.40s', but the file is one array", select);
  switch (format) {
  case RT_FILE_NPY:
    return rt_npy_parse(name, b, out, err);
  case RT_FILE_NPZ:
    return rt_npz_parse(name, b, select, out, err);
  case RT_FILE_PNG:
    return rt_png_parse(name, b, select, out, err);
  case RT_FILE_CSV:
    return rt_csv_parse(name, b, select, out, err);
  case RT_FILE_IDX:
    return rt_idx_parse(name, b, out, err);
  case RT_FILE_SAFETENSORS:
    return parse_st(name, b, select, out, err);
  case RT_FILE_UNKNOWN:
    break;
  }
  return unknown(name, err);
}

/* Reads an array from a file; on failure out is cleared. */
int rt_read(const char *path, rt_array *out, rt_error *err) {
  const char *select;
  rt_format format;
  rt_bytes b = {0};
  memset(out, 0, sizeof *out);
  char *file = split(path, &select, &format);
  if (!file) return rt_fail(err, path, "out of memory");
  int bad = format == RT_FILE_UNKNOWN ? unknown(path, err) : rt_file_load(file, &b, err);
  if (!bad) bad = parse(format, file, select, &b, out, err);
  rt_bytes_free(&b);
  free(file);
  return bad;
}

/* Reads an array from a file's bytes, which are left as they are and may go away afterwards. name
 *is
 ** for messages; select may be NULL. */
int rt_read_memory(rt_format format, const char *name, const char *select, const void *data,
                   size_t size, rt_array *out, rt_error *err) {
  rt_bytes b;
  if (rt_bytes_alloc(&b, size, name, err)) return 1;
  if (size) memcpy(b.data, data, size);
  int bad = parse(format, name, select, &b, out, err);
  rt_bytes_free(&b);
  return bad;
}

static int write_named(const char *file, const char *select, rt_format format, const rt_array *a,
                       rt_error *err) {
  rt_named one = {select ? select : format == RT_FILE_NPZ ? "arr_0" : "data", *a};
  switch (format) {
  case RT_FILE_NPY:
    return rt_npy_write(file, a, err);
  case RT_FILE_NPZ:
    return rt_npz_write(file, &one, 1, err);
  case RT_FILE_PNG:
    return rt_png_write(file, select, a, err);
  case RT_FILE_CSV:
    return rt_csv_write(file, a, err);
  case RT_FILE_IDX:
    return rt_idx_write(file, a, err);
  case RT_FILE_SAFETENSORS:
    return rt_st_write(file, &one, 1, NULL, 0, err);
  case RT_FILE_UNKNOWN:
    break;
  }
  return unknown(file, err);
}

/* Writes an array to a file, which is replaced whole; a selection names the member or tensor. */
int rt_write(const char *path, const rt_array *a, rt_error *err) {
  const char *select;
  rt_format format;
  char *file = split(path, &select, &format);
  if (!file) return rt_fail(err, path, "out of memory");
  int bad;
  if (select && (format == RT_FILE_NPY || format == RT_FILE_IDX || format == RT_FILE_CSV))
    bad = rt_fail(err, file, "selection: ':%.40s', but the file is one array", select);
  else
    bad = write_named(file, select, format, a, err);
  free(file);
  return bad;
}
