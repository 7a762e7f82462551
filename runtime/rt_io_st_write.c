/*
** rt_io_st_write.c: safetensors files, written with a checksum
**
** Tensors go by falling element size, else in the order given, so that each is aligned; the header
*is
** filled up with spaces to a multiple of 8. __metadata__ holds the caller's pairs and
**   "crescent_checksum": "xxh64:" and 16 digits of the XXH64 (seed 0) of the whole file, in which
** those digits are 16 times '0'. Other tools ignore it; rt_st_open refuses a file where it is
*wrong.
*/
#include "rt_io_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A text that grows; `failed` once memory has run out. */
typedef struct Text {
  char *data;
  size_t size, room;
  bool failed;
} Text;

static void add(Text *t, const char *s, size_t n) {
  if (t->room - t->size < n && !t->failed) {
    size_t room = 2 * (t->size + n) + 256;
    char *more = realloc(t->data, room);
    if (!more)
      t->failed = true;
    else
      t->data = more, t->room = room;
  }
  if (t->failed) return;
  memcpy(t->data + t->size, s, n);
  t->size += n;
}

static void add_text(Text *t, const char *s) {
  add(t, s, strlen(s));
}

static void add_count(Text *t, int64_t x) {
  char s[24];
  snprintf(s, sizeof s, "%" PRId64, x);
  add_text(t, s);
}

/* Adds a JSON string; bytes from 0x80 on are taken to be UTF-8. */
static void add_string(Text *t, const char *s) {
  add_text(t, "\"");
  for (; *s; s++) {
    char hex[8];
    if (*s == '"' || *s == '\\') add_text(t, "\\");
    if ((unsigned char)*s < 0x20) {
      snprintf(hex, sizeof hex, "\\u%04x", (unsigned char)*s);
      add_text(t, hex);
    } else {
      add(t, s, 1);
    }
  }
  add_text(t, "\"");
}

static const char *type_name(rt_dtype t) {
  static const char *const names[RT_DTYPES] = {"F32", "F64", "I32",
                                               "I64", "U8",  "BOOL"}; /* ORDER rt_dtype */
  return names[t];
}

static size_t bytes_of(const rt_array *a) {
  return (size_t)rt_array_count(a) * rt_dtype_size(a->dtype);
}

/* Adds one tensor's entry, whose data begin at *at, which moves on. */
static void add_tensor(Text *t, const rt_named *n, int64_t *at) {
  const rt_array *a = &n->array;
  add_text(t, ",");
  add_string(t, n->name);
  add_text(t, ":{\"dtype\":\"");
  add_text(t, type_name(a->dtype));
  add_text(t, "\",\"shape\":[");
  for (int i = 0; i < a->rank; i++) {
    if (i) add_text(t, ",");
    add_count(t, a->dim[i]);
  }
  add_text(t, "],\"data_offsets\":[");
  add_count(t, *at);
  add_text(t, ",");
  *at += (int64_t)bytes_of(a);
  add_count(t, *at);
  add_text(t, "]}");
}

/* Calls for each tensor in the order of the data: element sizes 8, 4, 1. Either adds its entry to
 *the
 ** text, or its bytes to the hash or the file, whichever is given. */
static void each_tensor(const rt_named *tensor, int count, Text *t, rt_xxh64 *h, rt_out *o) {
  static const size_t sizes[] = {8, 4, 1};
  int64_t at = 0;
  for (int k = 0; k < 3; k++)
    for (int i = 0; i < count; i++) {
      if (rt_dtype_size(tensor[i].array.dtype) != sizes[k]) continue;
      if (t) add_tensor(t, &tensor[i], &at);
      if (h) rt_xxh64_add(h, tensor[i].array.data, bytes_of(&tensor[i].array));
      if (o) rt_out_put(o, tensor[i].array.data, bytes_of(&tensor[i].array));
    }
}

/* Makes the length and the header, with the checksum in it. */
static void make_header(Text *t, const rt_named *tensor, int count, const char *const *meta,
                        int metas) {
  static const char open[] = "{\"__metadata__\":{\"" RT_ST_CHECKSUM "\":\"xxh64:";
  add(t, "\0\0\0\0\0\0\0", 8);
  add_text(t, open);
  size_t digits = t->size;
  add_text(t, "0000000000000000\"");
  for (int i = 0; i < metas; i++) {
    add_text(t, ",");
    add_string(t, meta[2 * i]);
    add_text(t, ":");
    add_string(t, meta[2 * i + 1]);
  }
  add_text(t, "}");
  each_tensor(tensor, count, t, NULL, NULL);
  add_text(t, "}");
  while (t->size % 8 && !t->failed) add_text(t, " ");
  if (t->failed) return;
  uint64_t length = t->size - 8;
  memcpy(t->data, &length, 8);
  rt_xxh64 h;
  rt_xxh64_start(&h);
  rt_xxh64_add(&h, t->data, t->size);
  each_tensor(tensor, count, NULL, &h, NULL);
  char sum[17];
  snprintf(sum, sizeof sum, "%016" PRIx64, rt_xxh64_sum(&h));
  memcpy(t->data + digits, sum, 16);
}

static int by_text(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Refuses names that are there twice, or have a meaning of their own. */
static int check_names(const char *path, const char **name, int count, const char *reserved,
                       rt_error *err) {
  if (count) qsort((void *)name, (size_t)count, sizeof *name, by_text);
  for (int i = 0; i < count; i++) {
    if (strcmp(name[i], reserved) == 0)
      return rt_fail(err, path, "header: the name '%s' is taken", reserved);
    if (i && strcmp(name[i - 1], name[i]) == 0)
      return rt_fail(err, path, "header: '%.60s' twice", name[i]);
  }
  return 0;
}

/* Writes the tensors and the metadata, key, value, key, value ...; all or nothing. */
int rt_st_write(const char *path, const rt_named *tensor, int count, const char *const *meta,
                int metas, rt_error *err) {
  const char **names = malloc(((size_t)count + (size_t)metas + 1) * sizeof *names);
  if (!names) return rt_fail(err, path, "out of memory");
  for (int i = 0; i < count; i++) names[i] = tensor[i].name;
  for (int i = 0; i < metas; i++) names[count + i] = meta[2 * i];
  int bad = check_names(path, names, count, "__metadata__", err) ||
            check_names(path, names + count, metas, RT_ST_CHECKSUM, err);
  free((void *)names);
  if (bad) return 1;
  Text t = {0};
  make_header(&t, tensor, count, meta, metas);
  uint64_t size = t.size;
  for (int i = 0; i < count; i++) size += bytes_of(&tensor[i].array);
  rt_out o;
  bad = t.failed ? rt_fail(err, path, "out of memory") : rt_out_open(&o, path, size, err);
  if (!bad) {
    rt_out_put(&o, t.data, t.size);
    each_tensor(tensor, count, NULL, NULL, &o);
    bad = rt_out_commit(&o);
  }
  free(t.data);
  return bad;
}
