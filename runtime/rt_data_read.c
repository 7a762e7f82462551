/*
** rt_data_read.c: the files behind one input of a training entry
**
**   --data X=a.npy,b.npy      one after the other along the leading axis
**   --data x=photos:unit      every .png of a folder, one a row: rt_pictures.c
*/
#define _POSIX_C_SOURCE 200809L
#include "rt_program.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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
  for (const char *s = value; *s; s++) *count += *s == ',' && strchr(value, ':') == NULL;
  *list = calloc((size_t)*count + 1, sizeof **list);
  if (!*list) return rt_fail(err, value, "out of memory"), RT_DATA;
  const char *s = value;
  for (int i = 0; i < *count; i++) {
    size_t length = *count == 1 ? strlen(s) : strcspn(s, ",");
    (*list)[i] = malloc(length + 1);
    if (!(*list)[i]) return rt_fail(err, value, "out of memory"), RT_DATA;
    memcpy((*list)[i], s, length);
    (*list)[i][length] = 0;
    s += length + 1;
  }
  return 0;
}

/* Puts b after a along the leading axis, and frees b. */
static int append(rt_array *a, rt_array *b, const char *file, rt_error *err) {
  bool same = a->rank == b->rank && a->rank > 0 && a->dtype == b->dtype;
  for (int d = 1; same && d < a->rank; d++) same = a->dim[d] == b->dim[d];
  if (!same) {
    char x[128], y[128];
    return rt_fail(err, file, "%s %s does not follow %s %s of the file before",
                   rt_dtype_name(b->dtype), rt_shape_text(x, sizeof x, b->rank, b->dim),
                   rt_dtype_name(a->dtype), rt_shape_text(y, sizeof y, a->rank, a->dim)),
           RT_DATA;
  }
  rt_array out;
  int64_t dim[RT_MAX_RANK];
  memcpy(dim, a->dim, sizeof dim);
  dim[0] += b->dim[0];
  if (rt_array_alloc(&out, a->dtype, a->rank, dim, file, err)) return RT_DATA;
  size_t size = rt_dtype_size(a->dtype), n = (size_t)rt_array_count(a) * size;
  memcpy(out.data, a->data, n);
  memcpy((char *)out.data + n, b->data, (size_t)rt_array_count(b) * size);
  rt_array_free(a);
  rt_array_free(b);
  *a = out;
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
  if (n > 6 && !strcmp(value + n - 6, ":class")) return read_classes(c, value, n - 6, err);
  int count = 0, status = list_files(value, &list, &count, err);
  c->file = value;
  if (!status && rt_is_picture(list[0])) {
    c->picture = rt_pictures_of(list, count, o);
    return c->picture ? 0 : (rt_fail(err, value, "out of memory"), RT_DATA);
  }
  for (int i = 0; !status && i < count; i++) {
    if (i == 0) {
      if (rt_read_like(list[i], c->arg->name, &c->array, err)) status = RT_DATA;
    } else {
      rt_array next;
      if (rt_read_like(list[i], c->arg->name, &next, err))
        status = RT_DATA;
      else if ((status = append(&c->array, &next, list[i], err)))
        rt_array_free(&next);
    }
  }
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

/* Fills the batch with n rows of the data: bytes are kept as such until now. */
void rt_column_fill(rt_column *c, rt_array *batch, int64_t n, const int64_t *row) {
  int64_t count = 1;
  for (int d = 1; d < c->array.rank; d++) count *= c->array.dim[d];
  size_t size = (size_t)count * rt_dtype_size(c->array.dtype);
  for (int64_t k = 0; k < n; k++) {
    const char *from = (const char *)c->array.data + (size_t)row[k] * size;
    if (c->array.dtype == batch->dtype)
      memcpy((char *)batch->data + (size_t)k * size, from, size);
    else
      widen(batch, k * count, (const uint8_t *)from, count);
  }
}
