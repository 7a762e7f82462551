/*
** rt_data_read.c: the files behind one input of a training entry
**
**   --data X=a.npy,b.npy      one after the other along the leading axis
**   --data X=a.csv:0,3,b.csv:0,3    columns of tables; what names no file belongs to the one before
**   --data x=photos:unit      every .png of a folder, one a row: rt_pictures.c
*/
#define _POSIX_C_SOURCE 200809L
#include "rt_program.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The length of the first file of FILE,FILE,...: a comma ends it where a file's name follows. */
static size_t file_length(const char *s) {
  size_t n = strcspn(s, ",");
  while (s[n]) {
    size_t next = strcspn(s + n + 1, ",");
    char piece[1024];
    snprintf(piece, sizeof piece, "%.*s", (int)next, s + n + 1);
    if (!strchr(s, ':') || rt_format_of(piece) != RT_FILE_UNKNOWN) return n;
    n += 1 + next;
  }
  return n;
}

/* Splits FILE,FILE,... or lists a folder's pictures (FOLDER:OPTIONS hands the options on). The
** list is freed by rt_list_free. */
static int list_files(const char *value, char ***list, int *count, rt_error *err) {
  struct stat st;
  char folder[1024];
  const char *colon = strrchr(value, ':');
  size_t n = colon ? (size_t)(colon - value) : strlen(value);
  snprintf(folder, sizeof folder, "%.*s", (int)n, value);
  const char *found = stat(value, &st) == 0 && S_ISDIR(st.st_mode) ? value : folder;
  bool pattern = strpbrk(folder, "*?[") != NULL;
  if (pattern || (stat(found, &st) == 0 && S_ISDIR(st.st_mode))) {
    if (!pattern && rt_list_classes(found, list, count, NULL, err)) return RT_DATA;
    if (*count == 0 && rt_list_files(found, ".png", list, count, err)) return RT_DATA;
    if (*count == 0) return rt_fail(err, value, "no .png file there"), RT_DATA;
    for (int i = 0; found == folder && colon && i < *count; i++) {
      size_t room = strlen((*list)[i]) + strlen(colon) + 1;
      char *with = malloc(room);
      if (!with) return rt_fail(err, value, "out of memory"), RT_DATA;
      snprintf(with, room, "%s%s", (*list)[i], colon);
      free((*list)[i]);
      (*list)[i] = with;
    }
    return 0;
  }
  *count = 1;
  for (const char *s = value + file_length(value); *s; s += 1 + file_length(s + 1)) ++*count;
  *list = calloc((size_t)*count + 1, sizeof **list);
  if (!*list) return rt_fail(err, value, "out of memory"), RT_DATA;
  const char *s = value;
  for (int i = 0; i < *count; i++) {
    size_t length = file_length(s);
    (*list)[i] = malloc(length + 1);
    if (!(*list)[i]) return rt_fail(err, value, "out of memory"), RT_DATA;
    memcpy((*list)[i], s, length);
    (*list)[i][length] = 0;
    s += length + 1;
  }
  return 0;
}

/* Makes of a column's first file the first of several. */
static int start_shards(rt_column *c, int count, char **file, rt_error *err) {
  c->shard = calloc((size_t)count, sizeof *c->shard);
  if (!c->shard) return rt_fail(err, file[0], "out of memory"), RT_DATA;
  c->shard[0] = (rt_shard){.array = c->array, .file = file[0]};
  c->shards = 1;
  file[0] = NULL;
  c->array.data = c->array.map = NULL;
  c->array.map_size = 0;
  return 0;
}

/* Adds the next file of a column, whose rows are to be like those before. */
static int add_shard(rt_column *c, char **file, rt_error *err) {
  rt_array next, *all = &c->array;
  if (rt_read_like(*file, c->arg->name, &next, err)) return RT_DATA;
  bool same = all->rank == next.rank && all->rank > 0 && all->dtype == next.dtype;
  for (int d = 1; same && d < all->rank; d++) same = all->dim[d] == next.dim[d];
  if (!same) {
    char x[128], y[128];
    rt_fail(err, *file, "%s %s does not follow %s %s of the file before",
            rt_dtype_name(next.dtype), rt_shape_text(x, sizeof x, next.rank, next.dim),
            rt_dtype_name(all->dtype), rt_shape_text(y, sizeof y, all->rank, all->dim));
    rt_array_free(&next);
    return RT_DATA;
  }
  c->shard[c->shards++] = (rt_shard){.array = next, .first = all->dim[0], .file = *file};
  *file = NULL;
  all->dim[0] += next.dim[0];
  return 0;
}

/* Puts several files into one array, for what needs them together. */
int rt_column_join(rt_column *c, rt_error *err) {
  rt_array out;
  if (!c->shard) return 0;
  if (rt_array_alloc(&out, c->shard[0].array.dtype, c->array.rank, c->array.dim, c->file, err))
    return RT_DATA;
  char *to = out.data;
  for (int k = 0; k < c->shards; k++) {
    const rt_array *a = &c->shard[k].array;
    size_t bytes = (size_t)rt_array_count(a) * rt_dtype_size(a->dtype);
    if (bytes) memcpy(to, a->data, bytes);
    to += bytes;
    rt_array_free(&c->shard[k].array);
    free(c->shard[k].file);
  }
  free(c->shard);
  c->shard = NULL;
  c->shards = 0;
  c->array = out;
  return 0;
}

void rt_column_free(rt_column *c) {
  rt_array_free(&c->array);
  for (int k = 0; k < c->shards; k++) {
    rt_array_free(&c->shard[k].array);
    free(c->shard[k].file);
  }
  free(c->shard);
  rt_pictures_free(c->picture);
  free(c->length);
  free(c->start);
}

/* Gives numbers the declared dtype: now, or where they are bytes or a mapped file with each batch,
** after a look whether that is possible. */
int rt_column_convert(rt_column *c, const rt_options *o, rt_error *err) {
  rt_dtype to = c->arg->dtype;
  for (int k = 0; k < (c->shard ? c->shards : 1); k++) {
    rt_array *a = c->shard ? &c->shard[k].array : &c->array;
    const char *file = c->shard ? c->shard[k].file : c->file;
    c->lossy = rt_may_round(o, file, to);
    bool bytes = a->dtype == RT_U8 && to != RT_BOOL, large = a->map_size > 0 || c->shard;
    bool later = c->feed != RT_WHOLE && (bytes || large);
    if (later ? !bytes && rt_convert_check(a, to, c->lossy, file, err)
              : rt_convert(a, to, c->lossy, file, err))
      return RT_DATA;
  }
  return 0;
}

/* Checks the ranges of a column's integers, file by file. */
int rt_column_ranges(const rt_column *c, const rt_model *m, const rt_sizes *size, rt_error *err) {
  if (c->picture) return 0;
  if (!c->shard)
    return rt_range_check(m, size, c->arg, c->ragged ? &c->flat : &c->array, c->file, err);
  for (int k = 0; k < c->shards; k++)
    if (rt_range_check(m, size, c->arg, &c->shard[k].array, c->shard[k].file, err)) return RT_DATA;
  return 0;
}

/* Reads the labels of FOLDER:class, n bytes of value being the folder. */
static int read_classes(rt_column *c, const char *value, size_t n, rt_error *err) {
  char folder[1024], **list;
  int count;
  c->file = value;
  snprintf(folder, sizeof folder, "%.*s", (int)n, value);
  int status = rt_list_classes(folder, &list, &count, &c->array, err);
  rt_list_free(list, count);
  if (!status && count == 0) status = rt_fail(err, value, "no folder of pictures in it");
  return status ? RT_DATA : 0;
}

/* Reads the files of a column as one array; pictures are only listed. */
int rt_column_read(rt_column *c, const rt_options *o, const char *value, rt_error *err) {
  char **list = NULL;
  size_t n = strlen(value);
  if (rt_format_of(value) == RT_FILE_UNKNOWN && n > 6 && !strcmp(value + n - 6, ":class"))
    return read_classes(c, value, n - 6, err);
  int count = 0, status = list_files(value, &list, &count, err);
  c->file = value;
  if (!status && rt_is_picture(list[0])) {
    c->picture = rt_pictures_of(list, count, o);
    return c->picture ? 0 : (rt_fail(err, value, "out of memory"), RT_DATA);
  }
  if (!status && rt_read_like(list[0], c->arg->name, &c->array, err)) status = RT_DATA;
  if (!status && count > 1) status = start_shards(c, count, list, err);
  for (int i = 1; !status && i < count; i++) status = add_shard(c, &list[i], err);
  rt_list_free(list, count);
  return status;
}

/* Writes n bytes as numbers of the array's dtype, from element `at` on. */
static void widen(rt_array *a, int64_t at, const uint8_t *x, int64_t n) {
  switch (a->dtype) {
  case RT_F32:
    for (int64_t i = 0; i < n; i++) ((float *)a->data)[at + i] = x[i];
    break;
  case RT_F64:
    for (int64_t i = 0; i < n; i++) ((double *)a->data)[at + i] = x[i];
    break;
  case RT_I32:
    for (int64_t i = 0; i < n; i++) ((int32_t *)a->data)[at + i] = x[i];
    break;
  case RT_I64:
    for (int64_t i = 0; i < n; i++) ((int64_t *)a->data)[at + i] = x[i];
    break;
  default:
    memcpy((uint8_t *)a->data + at, x, (size_t)n);
  }
}

/* Says that bytes of a mapped file are to be read in no order, or soon. */
static void advise(const rt_array *a, const char *from, size_t size, bool soon) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE), before = (uintptr_t)from % page;
  if (a->map_size) posix_madvise((void *)((uintptr_t)from - before), size + before,
                                 soon ? POSIX_MADV_WILLNEED : POSIX_MADV_RANDOM);
}

/* Rows will be read in any order: the system is not to read ahead of them. */
void rt_column_shuffled(const rt_column *c) {
  for (int k = 0; k < (c->shard ? c->shards : 1); k++) {
    const rt_array *a = c->shard ? &c->shard[k].array : &c->array;
    if (a->map_size) advise(a, a->map, a->map_size, false);
  }
}

/* The file that a row is in; *at is its first element there, of `count` a row. */
static const rt_array *find_row(const rt_column *c, int64_t row, int64_t count, int64_t *at) {
  int low = 0, high = c->shards;
  *at = row * count;
  if (!c->shard) return &c->array;
  while (high - low > 1) {
    int middle = (low + high) / 2;
    if (c->shard[middle].first <= row) low = middle;
    else high = middle;
  }
  *at = (row - c->shard[low].first) * count;
  return &c->shard[low].array;
}

/* Fills the batch with n rows of the data, which keep their own dtype until now; those of a mapped
** file are asked for together. */
void rt_column_fill(rt_column *c, rt_array *batch, int64_t n, const int64_t *row) {
  int64_t count = 1, at;
  for (int d = 1; d < c->array.rank; d++) count *= c->array.dim[d];
  for (int64_t k = 0; k < n; k++) {
    const rt_array *a = find_row(c, row[k], count, &at);
    size_t size = rt_dtype_size(a->dtype);
    if (size * (size_t)count >= 4096)
      advise(a, (const char *)a->data + (size_t)at * size, size * (size_t)count, true);
  }
  for (int64_t k = 0; k < n; k++) {
    const rt_array *a = find_row(c, row[k], count, &at);
    size_t size = rt_dtype_size(a->dtype);
    const char *from = (const char *)a->data + (size_t)at * size;
    if (a->dtype == batch->dtype)
      memcpy((char *)batch->data + (size_t)(k * count) * size, from, size * (size_t)count);
    else if (a->dtype == RT_U8)
      widen(batch, k * count, (const uint8_t *)from, count);
    else
      rt_convert_part(a, at, count, batch, k * count, c->lossy);
  }
}
