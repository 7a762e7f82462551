/*
** rt_io_npy.c: NumPy's .npy, versions 1.0 to 3.0
**
** "\x93NUMPY" major minor length {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } data
** The header is read as exactly this Python literal, with the three keys in any order.
*/
#include "rt_io_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST_HEADER = 65535 };

static const struct {
  const char *name;
  rt_stored stored;
} descrs[] = {
    {"<f4", {RT_F32, RT_WIDE_NONE, 4}}, {"<f8", {RT_F64, RT_WIDE_NONE, 8}},
    {"<i4", {RT_I32, RT_WIDE_NONE, 4}}, {"<i8", {RT_I64, RT_WIDE_NONE, 8}},
    {"|u1", {RT_U8, RT_WIDE_NONE, 1}},  {"|b1", {RT_BOOL, RT_WIDE_NONE, 1}},
    {"|i1", {RT_I32, RT_WIDE_I8, 1}},   {"<i2", {RT_I32, RT_WIDE_I16, 2}},
    {"<u2", {RT_I32, RT_WIDE_U16, 2}},  {"<u4", {RT_I64, RT_WIDE_U32, 4}},
    {"<u8", {RT_I64, RT_WIDE_U64, 8}},  {"<f2", {RT_F32, RT_WIDE_F16, 2}},
};

typedef struct Header {
  const char *file, *at, *end;
  rt_error *err;
  const rt_stored *stored;
  bool fortran;
  int rank;
  int64_t dim[RT_MAX_RANK];
} Header;

static void space(Header *h) {
  while (h->at < h->end && (*h->at == ' ' || *h->at == '\n')) h->at++;
}

static bool take(Header *h, char c) {
  space(h);
  if (h->at == h->end || *h->at != c) return false;
  h->at++;
  return true;
}

/* Takes a quoted string without escapes into out. */
static int quoted(Header *h, const char *field, char *out, size_t room) {
  space(h);
  char quote = h->at < h->end ? *h->at : 0;
  if (quote != '\'' && quote != '"')
    return rt_fail(h->err, h->file, "%s: a quoted string was expected", field);
  size_t n = 0;
  for (h->at++; h->at < h->end && *h->at != quote; h->at++) {
    if (n + 1 >= room) return rt_fail(h->err, h->file, "%s: the string is too long", field);
    out[n++] = *h->at;
  }
  if (h->at == h->end) return rt_fail(h->err, h->file, "%s: the string does not end", field);
  h->at++;
  out[n] = 0;
  return strlen(out) == n ? 0 : rt_fail(h->err, h->file, "%s: a zero byte", field);
}

/* Takes the dtype; says what to do about one that is not read. */
static int take_descr(Header *h) {
  char s[32];
  if (take(h, '[')) return rt_fail(h->err, h->file, "descr: records are not read");
  if (quoted(h, "descr", s, sizeof s)) return 1;
  for (size_t i = 0; i < sizeof descrs / sizeof *descrs; i++)
    if (strcmp(descrs[i].name, s) == 0) {
      h->stored = &descrs[i].stored;
      return 0;
    }
  const char *why = s[0] == '>'      ? "big-endian numbers are not read; save x.astype('<f4')"
                    : strchr(s, 'O') ? "Python objects are not read"
                                     : "this type is not read";
  return rt_fail(h->err, h->file, "descr: '%s': %s", s, why);
}

static int take_order(Header *h) {
  space(h);
  size_t left = (size_t)(h->end - h->at);
  h->fortran = left >= 4 && memcmp(h->at, "True", 4) == 0;
  if (!h->fortran && !(left >= 5 && memcmp(h->at, "False", 5) == 0))
    return rt_fail(h->err, h->file, "fortran_order: True or False was expected");
  h->at += h->fortran ? 4 : 5;
  return 0;
}

/* Takes (), (3,) or (3, 4), with a comma at the end or without where there are two or more. */
static int take_shape(Header *h) {
  if (!take(h, '(')) return rt_fail(h->err, h->file, "shape: '(' was expected");
  bool comma = true;
  for (h->rank = 0; !take(h, ')'); h->rank++) {
    if (h->rank == RT_MAX_RANK)
      return rt_fail(h->err, h->file, "shape: more than %d axes", RT_MAX_RANK);
    if (!comma) return rt_fail(h->err, h->file, "shape: ',' or ')' was expected");
    space(h);
    const char *from = h->at;
    while (h->at < h->end && *h->at >= '0' && *h->at <= '9') h->at++;
    if (!rt_parse_count(from, (size_t)(h->at - from), &h->dim[h->rank]))
      return rt_fail(h->err, h->file, "shape: axis %d is no whole number from 0 to 10^18", h->rank);
    comma = take(h, ',');
  }
  if (h->rank == 1 && !comma) return rt_fail(h->err, h->file, "shape: ',' was expected");
  return 0;
}

static int take_dict(Header *h) {
  static const char *const keys[] = {"descr", "fortran_order", "shape"};
  static int (*const takes[])(Header *) = {take_descr, take_order, take_shape}; /* ORDER keys */
  unsigned seen = 0;
  if (!take(h, '{')) return rt_fail(h->err, h->file, "header: '{' was expected");
  for (bool comma = true; !take(h, '}');) {
    char key[32];
    if (!comma) return rt_fail(h->err, h->file, "header: ',' or '}' was expected");
    if (quoted(h, "header", key, sizeof key)) return 1;
    int k = 0;
    while (k < 3 && strcmp(keys[k], key) != 0) k++;
    if (k == 3) return rt_fail(h->err, h->file, "header: unknown key '%s'", key);
    if (seen >> k & 1) return rt_fail(h->err, h->file, "header: '%s' twice", key);
    seen |= 1u << k;
    if (!take(h, ':')) return rt_fail(h->err, h->file, "header: ':' was expected");
    if (takes[k](h)) return 1;
    comma = take(h, ',');
  }
  for (int k = 0; k < 3; k++)
    if (!(seen >> k & 1)) return rt_fail(h->err, h->file, "header: '%s' is missing", keys[k]);
  space(h);
  if (h->at != h->end) return rt_fail(h->err, h->file, "header: something follows its '}'");
  return 0;
}

/* Reads magic, version, length and header; *offset is where the data begins. */
static int take_header(Header *h, const rt_bytes *b, size_t *offset) {
  if (b->size < 10) return rt_fail(h->err, h->file, "magic: the file is too short");
  if (memcmp(b->data, "\x93NUMPY", 6) != 0) return rt_fail(h->err, h->file, "magic: no .npy file");
  int major = b->data[6], minor = b->data[7];
  if (major < 1 || major > 3 || minor != 0)
    return rt_fail(h->err, h->file, "version: %d.%d, and 1.0 to 3.0 are known", major, minor);
  size_t fixed = major == 1 ? 10 : 12, length = b->data[8] | (size_t)b->data[9] << 8;
  if (b->size < fixed) return rt_fail(h->err, h->file, "header length: the file is too short");
  if (major > 1) length |= (size_t)b->data[10] << 16 | (size_t)b->data[11] << 24;
  if (length > LONGEST_HEADER)
    return rt_fail(h->err, h->file, "header length: %zu, at most %d", length, LONGEST_HEADER);
  if (length > b->size - fixed)
    return rt_fail(h->err, h->file, "header length: %zu is past the end of the file", length);
  h->at = (const char *)b->data + fixed;
  h->end = h->at + length;
  *offset = fixed + length;
  return take_dict(h);
}

/* Turns an array whose first axis is the fastest into row-major order. */
static int from_fortran(rt_array *a, const char *name, rt_error *err) {
  rt_array out;
  if (rt_array_alloc(&out, a->dtype, a->rank, a->dim, name, err)) return 1;
  size_t size = rt_dtype_size(a->dtype);
  int64_t count = rt_array_count(a), stride[RT_MAX_RANK] = {0}, i[RT_MAX_RANK] = {0}, from = 0,
          s = 1;
  for (int k = 0; k < a->rank; s *= a->dim[k++]) stride[k] = s;
  for (int64_t to = 0; to < count; to++) {
    memcpy((char *)out.data + (size_t)to * size, (char *)a->data + (size_t)from * size, size);
    for (int k = a->rank - 1; k >= 0; k--) {
      from += stride[k];
      if (++i[k] < a->dim[k]) break;
      from -= i[k] * stride[k];
      i[k] = 0;
    }
  }
  rt_array_free(a);
  *a = out;
  return 0;
}

/* Reads an array from a .npy file's bytes; keeps those bytes as its storage where they serve. */
int rt_npy_parse(const char *name, rt_bytes *b, rt_array *out, rt_error *err) {
  Header h = {.file = name, .err = err};
  size_t offset = 0, bytes = 0, count;
  if (take_header(&h, b, &offset)) return 1;
  if (rt_shape_size(RT_F64, h.rank, h.dim, &bytes)) return rt_fail(err, name, "shape: too large");
  count = bytes / 8;
  size_t have = b->size - offset, want = count * h.stored->size;
  if (want != have)
    return rt_fail(err, name, "data: %zu bytes, and the shape needs %zu", have, want);
  rt_dtype t = h.stored->dtype;
  bool steal = b->map && h.stored->wide == RT_WIDE_NONE && count &&
               (uintptr_t)(b->data + offset) % rt_dtype_size(t) == 0;
  if (steal) {
    *out = (rt_array){.dtype = t, .rank = h.rank, .data = b->data + offset};
    memcpy(out->dim, h.dim, sizeof h.dim);
  } else if (rt_array_alloc(out, t, h.rank, h.dim, name, err)) {
    return 1;
  }
  if (rt_take(name, h.stored, b->data + offset, out, err)) {
    rt_array_free(out);
    return 1;
  }
  if (steal) {
    out->map = b->map;
    out->map_size = b->map_size;
    memset(b, 0, sizeof *b);
  }
  if (h.fortran && h.rank > 1 && from_fortran(out, name, err)) {
    rt_array_free(out);
    return 1;
  }
  return 0;
}

/* Writes the head of the array's .npy, RT_NPY_HEAD bytes at most; returns its length, a multiple
** of 64. */
size_t rt_npy_head(char *head, const rt_array *a) {
  const char *descr = "";
  for (size_t i = 0; i < sizeof descrs / sizeof *descrs; i++)
    if (descrs[i].stored.wide == RT_WIDE_NONE && descrs[i].stored.dtype == a->dtype)
      descr = descrs[i].name;
  char *text = head + 10;
  const size_t room = RT_NPY_HEAD - 10;
  size_t n =
      (size_t)snprintf(text, room, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr);
  for (int i = 0; i < a->rank; i++)
    n += (size_t)snprintf(text + n, room - n, "%s%" PRId64 "%s", i ? " " : "", a->dim[i],
                          i + 1 < a->rank || a->rank == 1 ? "," : "");
  n += (size_t)snprintf(text + n, room - n, "), }");
  size_t total = (n + 1 + 10 + 63) / 64 * 64;
  memset(text + n, ' ', total - 10 - n);
  head[total - 1] = '\n';
  memcpy(head, "\x93NUMPY\x01\x00", 8);
  head[8] = (char)((total - 10) & 255);
  head[9] = (char)((total - 10) >> 8);
  return total;
}

/* Writes a .npy file. */
int rt_npy_write(const char *path, const rt_array *a, rt_error *err) {
  char head[RT_NPY_HEAD];
  size_t n = rt_npy_head(head, a), size = (size_t)rt_array_count(a) * rt_dtype_size(a->dtype);
  rt_out o;
  if (rt_out_open(&o, path, n + size, err)) return 1;
  rt_out_put(&o, head, n);
  rt_out_put(&o, a->data, size);
  return rt_out_commit(&o);
}
