/*
** rt_io_st.c: safetensors files, opened and checked
**
** N (8 bytes), then N bytes of JSON, then the data:
** {"__metadata__": {"step": "12"}, "w": {"dtype": "F32", "shape": [3, 4], "data_offsets": [0, 48]}}
** The offsets must fill the data exactly, in some order. A checksum, where one is kept, must be
*right.
*/
#include "rt_io_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_HEADER = 100000000, MOST_TENSORS = 1 << 18, MOST_META = 1 << 18 };

static const struct {
  const char *name;
  rt_stored stored;
} types[] = {
    {"F32", {RT_F32, RT_WIDE_NONE, 4}},  {"F64", {RT_F64, RT_WIDE_NONE, 8}},
    {"I32", {RT_I32, RT_WIDE_NONE, 4}},  {"I64", {RT_I64, RT_WIDE_NONE, 8}},
    {"U8", {RT_U8, RT_WIDE_NONE, 1}},    {"BOOL", {RT_BOOL, RT_WIDE_NONE, 1}},
    {"I8", {RT_I32, RT_WIDE_I8, 1}},     {"I16", {RT_I32, RT_WIDE_I16, 2}},
    {"U16", {RT_I32, RT_WIDE_U16, 2}},   {"U32", {RT_I64, RT_WIDE_U32, 4}},
    {"U64", {RT_I64, RT_WIDE_U64, 8}},   {"F16", {RT_F32, RT_WIDE_F16, 2}},
    {"BF16", {RT_F32, RT_WIDE_BF16, 2}},
};

static int find_type(const char *name) {
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (strcmp(types[i].name, name) == 0) return (int)i;
  return -1;
}

typedef struct Opening {
  rt_st *st;
  rt_json json;
  const unsigned char *data; /* behind the header */
  uint64_t size;             /* of the data */
  int tensor_room, meta_room;
  const unsigned char *sum; /* the checksum's text, where there is one */
} Opening;

/* Makes room for one more item in a growing array; false without memory or above the limit. */
static void *grow(Opening *o, void *array, size_t item, int count, int *room, int most) {
  if (count < *room) return array;
  if (count >= most) return rt_json_fail(&o->json, "too many entries"), NULL;
  int more = *room ? 2 * *room : 16;
  void *grown = realloc(array, (size_t)more * item);
  if (!grown) return rt_json_fail(&o->json, "out of memory"), NULL;
  *room = more;
  return grown;
}

/* Reads __metadata__, strings to strings. */
static void read_metadata(Opening *o) {
  rt_json *j = &o->json;
  rt_st *st = o->st;
  if (!rt_json_open(j, '{')) return;
  for (bool first = true; rt_json_next(j, '}', &first);) {
    const char **meta = grow(o, st->meta, 2 * sizeof *meta, st->metas, &o->meta_room, MOST_META);
    if (!meta) return;
    st->meta = meta;
    meta += 2 * (size_t)st->metas;
    meta[0] = rt_json_key(j);
    meta[1] = meta[0] ? rt_json_string(j) : NULL;
    if (!meta[0] || !meta[1]) return;
    if (strcmp(meta[0], RT_ST_CHECKSUM) == 0) o->sum = j->at - 1 - strlen(meta[1]);
    st->metas++;
  }
}

static void read_shape(rt_json *j, rt_st_tensor *t) {
  if (!rt_json_open(j, '[')) return;
  for (bool first = true; rt_json_next(j, ']', &first);) {
    if (t->rank == RT_MAX_RANK) {
      rt_json_fail(j, "a shape of more than 8 axes");
      return;
    }
    t->dim[t->rank++] = rt_json_count(j);
  }
}

static void read_offsets(rt_json *j, int64_t *at) {
  if (!rt_json_open(j, '[')) return;
  int n = 0;
  for (bool first = true; rt_json_next(j, ']', &first); n++) {
    int64_t x = rt_json_count(j);
    if (n < 2) at[n] = x;
  }
  if (n != 2) rt_json_fail(j, "data_offsets must be two");
}

/* Checks type, shape and place of a tensor against each other and the data. */
static void check_tensor(Opening *o, rt_st_tensor *t, const int64_t *at) {
  rt_error text, *err = o->json.err;
  rt_fail(&text, o->st->file, "%.60s", t->name);
  int type = find_type(t->type);
  size_t doubles = 0;
  o->json.bad = true;
  if (type < 0) {
    rt_fail(err, text.text, "dtype: '%.20s' is unknown", t->type);
  } else if (rt_shape_size(RT_F64, t->rank, t->dim, &doubles)) {
    rt_fail(err, text.text, "shape: too large");
  } else if (at[0] > at[1] || (uint64_t)at[1] > o->size) {
    rt_fail(err, text.text, "data_offsets: %" PRId64 " to %" PRId64 " of %" PRIu64 " bytes", at[0],
            at[1], o->size);
  } else if (doubles / 8 * types[type].stored.size != (uint64_t)(at[1] - at[0])) {
    rt_fail(err, text.text, "data_offsets: %" PRId64 " bytes, and the shape needs %zu",
            at[1] - at[0], doubles / 8 * types[type].stored.size);
  } else {
    o->json.bad = false;
    t->type = types[type].name;
    t->data = o->data + at[0];
    t->size = (size_t)(at[1] - at[0]);
  }
}

/* Reads one tensor's entry. */
static void read_tensor(Opening *o, const char *name) {
  rt_json *j = &o->json;
  rt_st *st = o->st;
  rt_st_tensor *t = grow(o, st->tensor, sizeof *t, st->count, &o->tensor_room, MOST_TENSORS);
  if (!t) return;
  st->tensor = t;
  t += st->count;
  memset(t, 0, sizeof *t);
  t->name = name;
  int64_t at[2] = {0, 0};
  unsigned seen = 0;
  if (!rt_json_open(j, '{')) return;
  for (bool first = true; rt_json_next(j, '}', &first);) {
    const char *key = rt_json_key(j);
    if (!key) return;
    unsigned bit = !strcmp(key, "dtype")          ? 1
                   : !strcmp(key, "shape")        ? 2
                   : !strcmp(key, "data_offsets") ? 4
                                                  : 0;
    if (bit == 0) rt_json_fail(j, "an unknown key, not dtype, shape or data_offsets");
    if (seen & bit) rt_json_fail(j, "the key is there twice");
    seen |= bit;
    if (bit == 1) t->type = rt_json_string(j);
    if (bit == 2) read_shape(j, t);
    if (bit == 4) read_offsets(j, at);
  }
  if (!j->bad && seen != 7) rt_json_fail(j, "dtype, shape or data_offsets is missing");
  if (!j->bad) check_tensor(o, t, at);
  if (!j->bad) st->count++;
}

static int by_place(const void *a, const void *b) {
  const rt_st_tensor *x = a, *y = b;
  uintptr_t p = (uintptr_t)x->data, q = (uintptr_t)y->data;
  if (p != q) return p < q ? -1 : 1;
  return x->size < y->size ? -1 : x->size > y->size;
}

static int by_name(const void *a, const void *b) {
  return strcmp(((const rt_st_tensor *)a)->name, ((const rt_st_tensor *)b)->name);
}

static int by_key(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Checks that no tensor's name is there twice; leaves them sorted by name. */
static int check_names(rt_st *st, rt_error *err) {
  if (st->count) qsort(st->tensor, (size_t)st->count, sizeof *st->tensor, by_name);
  for (int i = 1; i < st->count; i++)
    if (by_name(&st->tensor[i - 1], &st->tensor[i]) == 0)
      return rt_fail(err, st->file, "header: the tensor '%.60s' twice", st->tensor[i].name);
  return 0;
}

/* Checks that no key of the metadata is there twice; leaves them sorted. */
static int check_keys(rt_st *st, rt_error *err) {
  if (st->metas) qsort((void *)st->meta, (size_t)st->metas, 2 * sizeof *st->meta, by_key);
  for (int i = 1; i < st->metas; i++)
    if (strcmp(st->meta[2 * i - 2], st->meta[2 * i]) == 0)
      return rt_fail(err, st->file, "__metadata__: '%.60s' twice", st->meta[2 * i]);
  return 0;
}

/* Checks that the tensors fill the data exactly. */
static int check_places(Opening *o, rt_error *err) {
  rt_st *st = o->st;
  const unsigned char *next = o->data;
  if (st->count) qsort(st->tensor, (size_t)st->count, sizeof *st->tensor, by_place);
  for (int i = 0; i < st->count; i++) {
    const rt_st_tensor *t = &st->tensor[i];
    const unsigned char *data = t->data;
    if (data != next)
      return rt_fail(err, st->file, "%.60s: data_offsets: %s before it", t->name,
                     data < next ? "an overlap with the data" : "a hole");
    next += t->size;
  }
  uint64_t filled = (uint64_t)(next - o->data);
  if (filled == o->size) return 0;
  return rt_fail(err, st->file, "data: %" PRIu64 " bytes, and the tensors have %" PRIu64, o->size,
                 filled);
}

/* Checks the file's hash: that of all its bytes with 16 zeros in place of its own digits. */
static int check_sum(Opening *o, const unsigned char *file, uint64_t header, rt_error *err) {
  const char *kept = rt_st_metadata(o->st, RT_ST_CHECKSUM);
  if (!kept) return 0;
  if (strlen(kept) != 22 || memcmp(kept, "xxh64:", 6) != 0 || memcmp(o->sum, kept, 22) != 0)
    return rt_fail(err, o->st->file, "checksum: '%.40s' is none", kept);
  const unsigned char *found = o->sum + 6;
  rt_xxh64 h;
  char sum[17];
  rt_xxh64_start(&h);
  rt_xxh64_add(&h, file, (size_t)(found - file));
  rt_xxh64_add(&h, "0000000000000000", 16);
  rt_xxh64_add(&h, found + 16, (size_t)(8 + header + o->size) - (size_t)(found + 16 - file));
  snprintf(sum, sizeof sum, "%016" PRIx64, rt_xxh64_sum(&h));
  if (memcmp(sum, found, 16) != 0)
    return rt_fail(err, o->st->file, "checksum: the file is damaged");
  o->st->checked = true;
  return 0;
}

/* Reads and checks everything; the caller closes st on failure. */
static int open_bytes(rt_st *st, const unsigned char *file, size_t size, rt_error *err) {
  Opening o = {.st = st};
  uint64_t header;
  if (size < 8) return rt_fail(err, st->file, "header length: the file is too short");
  memcpy(&header, file, 8);
  if (header > LONGEST_HEADER || header > size - 8 || header < 2)
    return rt_fail(err, st->file, "header length: %" PRIu64 " of %zu bytes; is it .safetensors?",
                   header, size - 8);
  if (file[8] != '{') return rt_fail(err, st->file, "header: '{' must begin it");
  st->strings = malloc((size_t)header);
  if (!st->strings) return rt_fail(err, st->file, "out of memory");
  rt_json *j = &o.json;
  rt_json_start(j, st->file, file + 8, (size_t)header, st->strings, err);
  o.data = file + 8 + header;
  o.size = size - 8 - header;
  rt_json_open(j, '{');
  bool metadata = false;
  for (bool first = true; rt_json_next(j, '}', &first);) {
    const char *name = rt_json_key(j);
    if (!name) break;
    if (strcmp(name, "__metadata__") != 0) {
      read_tensor(&o, name);
    } else if (metadata) {
      rt_json_fail(j, "__metadata__ is there twice");
    } else {
      metadata = true;
      read_metadata(&o);
    }
  }
  if (!rt_json_finish(j)) return 1;
  if (check_names(st, err) || check_keys(st, err) || check_places(&o, err)) return 1;
  if (st->count) qsort(st->tensor, (size_t)st->count, sizeof *st->tensor, by_name);
  return check_sum(&o, file, header, err);
}

/* Opens a file from memory, which must stay until the close. */
int rt_st_from_memory(const char *name, const void *data, size_t size, rt_st *st, rt_error *err) {
  memset(st, 0, sizeof *st);
  st->file = name;
  if (open_bytes(st, data, size, err) == 0) return 0;
  rt_st_close(st);
  return 1;
}

/* Opens a file; path must stay until the close. */
int rt_st_open(const char *path, rt_st *st, rt_error *err) {
  rt_bytes b;
  memset(st, 0, sizeof *st);
  if (rt_file_load(path, &b, err)) return 1;
  if (rt_st_from_memory(path, b.data, b.size, st, err)) {
    rt_bytes_free(&b);
    return 1;
  }
  st->map = b.map;
  st->map_size = b.map_size;
  return 0;
}

/* Gives everything back, and clears st. */
void rt_st_close(rt_st *st) {
  rt_bytes b = {.map = st->map, .map_size = st->map_size};
  rt_bytes_free(&b);
  free(st->tensor);
  free((void *)st->meta);
  free(st->strings);
  memset(st, 0, sizeof *st);
}

/* The tensor of that name, or NULL. */
const rt_st_tensor *rt_st_find(const rt_st *st, const char *name) {
  rt_st_tensor key = {.name = name};
  return st->count ? bsearch(&key, st->tensor, (size_t)st->count, sizeof key, by_name) : NULL;
}

/* The metadata value of that key, or NULL. */
const char *rt_st_metadata(const rt_st *st, const char *key) {
  const char **found =
      st->metas ? bsearch(&key, st->meta, (size_t)st->metas, 2 * sizeof key, by_key) : NULL;
  return found ? found[1] : NULL;
}

/* Copies a tensor into an array of its own; small types are widened as in .npy files. */
int rt_st_read(const rt_st *st, const char *name, rt_array *out, rt_error *err) {
  const rt_st_tensor *t = rt_st_find(st, name);
  if (!t) return rt_fail(err, st->file, "there is no tensor '%.60s'", name);
  const rt_stored *s = &types[find_type(t->type)].stored;
  if (rt_array_alloc(out, s->dtype, t->rank, t->dim, st->file, err)) return 1;
  rt_error text;
  rt_fail(&text, st->file, "%.60s", name);
  if (rt_take(text.text, s, t->data, out, err) == 0) return 0;
  rt_array_free(out);
  return 1;
}

/* As rt_st_read, of the bytes b that st was made of: where they are mapped and as an array wants
** them, the array takes them over, and b is left empty. */
int rt_st_take(const rt_st *st, const char *name, rt_bytes *b, rt_array *out, rt_error *err) {
  const rt_st_tensor *t = rt_st_find(st, name);
  const rt_stored *s = t ? &types[find_type(t->type)].stored : NULL;
  if (!t || !b->map_size || s->wide != RT_WIDE_NONE || s->dtype == RT_BOOL ||
      (uintptr_t)t->data % s->size)
    return rt_st_read(st, name, out, err);
  *out = (rt_array){.dtype = s->dtype,
                    .rank = t->rank,
                    .data = (unsigned char *)b->data + ((const unsigned char *)t->data - b->data),
                    .map = b->map,
                    .map_size = b->map_size};
  memcpy(out->dim, t->dim, sizeof out->dim);
  memset(b, 0, sizeof *b);
  return 0;
}
