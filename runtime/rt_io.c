/*
** rt_io.c: arrays from and to files of any format, by the name's ending
**
** "data.npz:labels" is the file data.npz and the selection "labels", unless a file of the whole
*name
** is there. A folder, or a pattern of .png files, is a stack of pictures.
*/
#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64
#include "rt_io_parts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
  const char *ending;
  rt_format format;
} endings[] = {
    {".npy", RT_FILE_NPY}, {".npz", RT_FILE_NPZ}, {".png", RT_FILE_PNG},
    {".csv", RT_FILE_CSV}, {".tsv", RT_FILE_CSV}, {".txt", RT_FILE_TEXT},
    {".safetensors", RT_FILE_SAFETENSORS},
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
  return rt_fail(err, path, "format: none of .npy .npz .png .csv .txt .idx(.gz) .safetensors");
}

/* Reads one tensor; without a name, the only one. */
static int parse_st(const char *name, rt_bytes *b, const char *select, rt_array *out,
                    rt_error *err) {
  rt_st st;
  if (rt_st_from_memory(name, b->data, b->size, &st, err)) return 1;
  int bad = 0;
  if (!select && st.count == 1) select = st.tensor[0].name;
  if (!select) bad = rt_fail(err, name, "%d tensors, name one (FILE.safetensors:NAME)", st.count);
  if (!bad) bad = rt_st_take(&st, select, b, out, err);
  rt_st_close(&st);
  return bad;
}

/* Whether a file of the format is one array, of which only rows can be selected. */
static bool is_single(rt_format format) {
  return format == RT_FILE_NPY || format == RT_FILE_IDX || format == RT_FILE_TEXT;
}

/* Reads b's bytes, which may become the array's. */
static int parse(rt_format format, const char *name, const char *select, rt_bytes *b, rt_array *out,
                 rt_error *err) {
  memset(out, 0, sizeof *out);
  if (select && is_single(format))
    return parse(format, name, NULL, b, out, err) || rt_rows_take(name, select, out, err);
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
  case RT_FILE_TEXT:
    return rt_text_parse(name, b, out, err);
  case RT_FILE_UNKNOWN:
    break;
  }
  return unknown(name, err);
}

static int read_file(const char *file, const char *select, rt_format format, rt_array *out,
                     rt_error *err) {
  rt_bytes b;
  if (rt_file_load(file, &b, err)) return 1;
  int bad = parse(format, file, select, &b, out, err);
  rt_bytes_free(&b);
  return bad;
}

/* Copies one picture into its place of the stack, which is made with the first. */
static int add_picture(const char *file, int at, int count, rt_array *one, rt_array *out,
                       rt_error *err) {
  if (at == 0) {
    int64_t shape[RT_MAX_RANK] = {count};
    memcpy(shape + 1, one->dim, (size_t)one->rank * sizeof *shape);
    if (rt_array_alloc(out, one->dtype, one->rank + 1, shape, file, err)) return 1;
  }
  if (one->dtype != out->dtype || one->rank != out->rank - 1 ||
      memcmp(one->dim, out->dim + 1, (size_t)one->rank * sizeof *one->dim) != 0) {
    char have[128], want[128];
    return rt_fail(err, file, "shape: %s of %s, and %s of %s in the files before it",
                   rt_shape_text(have, sizeof have, one->rank, one->dim), rt_dtype_name(one->dtype),
                   rt_shape_text(want, sizeof want, out->rank - 1, out->dim + 1),
                   rt_dtype_name(out->dtype));
  }
  size_t size = (size_t)rt_array_count(one) * rt_dtype_size(one->dtype);
  memcpy((char *)out->data + (size_t)at * size, one->data, size);
  return 0;
}

/* Reads the pictures of a folder or a pattern, all of one shape, into one array, by name. */
static int read_stack(const char *where, const char *select, rt_array *out, rt_error *err) {
  char **list;
  int count;
  if (rt_list_files(where, ".png", &list, &count, err)) return 1;
  int bad = 0;
  for (int i = 0; !bad && i < count; i++) {
    rt_array one = {0};
    bad = read_file(list[i], select, RT_FILE_PNG, &one, err);
    if (!bad) bad = add_picture(list[i], i, count, &one, out, err);
    rt_array_free(&one);
  }
  rt_list_free(list, count);
  if (bad) rt_array_free(out);
  return bad;
}

/* Whether the path is a folder, or a pattern of .png files. */
static bool is_stack(const char *file, rt_format format) {
  struct stat s;
  if (stat(file, &s) == 0) return S_ISDIR(s.st_mode) && format == RT_FILE_UNKNOWN;
  return format == RT_FILE_PNG && strpbrk(file, "*?[") != NULL;
}

/* Reads an array from a file, or from the pictures of a folder; on failure out is cleared. Of a
** file of several arrays without a selection, it is the one called `like`. */
int rt_read_like(const char *path, const char *like, rt_array *out, rt_error *err) {
  const char *select;
  rt_format format;
  memset(out, 0, sizeof *out);
  char *file = split(path, &select, &format);
  if (!file) return rt_fail(err, path, "out of memory");
  int bad;
  if (is_stack(file, format))
    bad = read_stack(file, select, out, err);
  else if (format == RT_FILE_UNKNOWN)
    bad = unknown(path, err);
  else
    bad = read_file(file, select, format, out, err);
  bool several = format == RT_FILE_NPZ || format == RT_FILE_SAFETENSORS;
  rt_error ignored;
  if (bad && several && !select && like) bad = read_file(file, like, format, out, &ignored);
  free(file);
  return bad;
}

int rt_read(const char *path, rt_array *out, rt_error *err) {
  return rt_read_like(path, NULL, out, err);
}

/* Looks at a .png without its pixels: height, width, and channels of the file; the chunks and their
** checksums must be right. */
int rt_picture_size(const char *path, int64_t size[3], rt_error *err) {
  const char *select;
  rt_format format;
  rt_bytes b;
  char *file = split(path, &select, &format);
  if (!file) return rt_fail(err, path, "out of memory");
  int bad = rt_file_load(file, &b, err);
  if (!bad) bad = rt_png_size(file, &b, size, err);
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
  case RT_FILE_TEXT:
    return rt_text_write(file, a, err);
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
  if (select && (is_single(format) || format == RT_FILE_CSV))
    bad = rt_fail(err, file, "selection: ':%.40s', but the file is one array", select);
  else
    bad = write_named(file, select, format, a, err);
  free(file);
  return bad;
}
