/*
** rt_io_idx.c: the IDX files of MNIST, plain or gzipped
**
** 0 0 type axes, then each extent as a big-endian u32, then big-endian numbers.
** 00 00 08 03 | 60000 28 28 | pixels     is train-images-idx3-ubyte
*/
#include "rt_io_parts.h"

#include <inttypes.h>
#include <string.h>

enum { HEAD = 4 + 4 * RT_MAX_RANK };

static const struct {
  unsigned char code;
  rt_stored stored;
} types[] = {
    {0x08, {RT_U8, RT_WIDE_NONE, 1}},  {0x09, {RT_I32, RT_WIDE_I8, 1}},
    {0x0b, {RT_I32, RT_WIDE_I16, 2}},  {0x0c, {RT_I32, RT_WIDE_NONE, 4}},
    {0x0d, {RT_F32, RT_WIDE_NONE, 4}}, {0x0e, {RT_F64, RT_WIDE_NONE, 8}},
};

/* Turns big-endian numbers around, or back, where they stand. */
static void swap(unsigned char *p, size_t size, size_t bytes) {
  for (size_t i = 0; size > 1 && i < bytes; i += size)
    for (size_t a = i, z = i + size - 1; a < z; a++, z--) {
      unsigned char t = p[a];
      p[a] = p[z];
      p[z] = t;
    }
}

/* Reads the head from the first `size` bytes; gives the type, the shape, its length and the bytes
** of data to come. */
static int head(const char *name, const unsigned char *p, size_t size, const rt_stored **stored,
                rt_array *shape, size_t *length, size_t *bytes, rt_error *err) {
  if (size < 4) return rt_fail(err, name, "magic: the file is too short");
  if (p[0] || p[1]) return rt_fail(err, name, "magic: no IDX file");
  *stored = NULL;
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (types[i].code == p[2]) *stored = &types[i].stored;
  if (!*stored) return rt_fail(err, name, "type: 0x%02x is unknown", p[2]);
  if (p[3] < 1 || p[3] > RT_MAX_RANK)
    return rt_fail(err, name, "axes: %d, from 1 to %d are read", p[3], RT_MAX_RANK);
  shape->rank = p[3];
  *length = 4 + 4 * (size_t)p[3];
  if (size < *length) return rt_fail(err, name, "shape: the file is too short");
  for (int i = 0; i < shape->rank; i++) {
    const unsigned char *d = p + 4 + 4 * i;
    shape->dim[i] =
        (int64_t)((uint32_t)d[0] << 24 | (uint32_t)d[1] << 16 | (uint32_t)d[2] << 8 | d[3]);
  }
  size_t doubles = 0;
  if (rt_shape_size(RT_F64, shape->rank, shape->dim, &doubles))
    return rt_fail(err, name, "shape: too large");
  *bytes = doubles / 8 * (*stored)->size;
  return 0;
}

/* Unpacks a .gz whose head has been seen to promise `total` bytes. */
static int unpack(const char *name, const rt_bytes *b, size_t total, rt_bytes *plain,
                  rt_error *err) {
  if (total / RT_MAX_RATIO > b->size)
    return rt_fail(err, name, "shape: %zu bytes cannot come out of %zu packed ones", total,
                   b->size);
  if (rt_bytes_alloc(plain, total, name, err)) return 1;
  size_t got = 0;
  bool more = false;
  if (rt_gunzip(name, b->data, b->size, plain->data, total, &got, &more, err)) return 1;
  if (more) return rt_fail(err, name, "data: more than the shape's %zu bytes", total);
  if (got != total)
    return rt_fail(err, name, "data: %zu bytes, and the shape needs %zu", got, total);
  return 0;
}

/* Makes the array of the data at that offset; bytes need no turning around and become its storage.
 */
static int fill(const char *name, rt_bytes *b, size_t offset, const rt_stored *stored,
                const rt_array *shape, rt_array *out, rt_error *err) {
  size_t bytes = b->size - offset;
  if (stored->size == 1 && stored->wide == RT_WIDE_NONE && b->map && bytes) {
    *out = *shape;
    out->dtype = stored->dtype;
    out->data = b->data + offset;
    out->map = b->map;
    out->map_size = b->map_size;
    memset(b, 0, sizeof *b);
    return 0;
  }
  rt_bytes turned;
  if (rt_bytes_alloc(&turned, bytes, name, err)) return 1;
  if (bytes) memcpy(turned.data, b->data + offset, bytes);
  swap(turned.data, stored->size, bytes);
  int bad = rt_array_alloc(out, stored->dtype, shape->rank, shape->dim, name, err);
  if (!bad && rt_take(name, stored, turned.data, out, err)) {
    rt_array_free(out);
    bad = 1;
  }
  rt_bytes_free(&turned);
  return bad;
}

static int parse(const char *name, rt_bytes *packed, rt_bytes *plain, rt_array *out,
                 rt_error *err) {
  rt_bytes *b = packed;
  const rt_stored *stored = NULL;
  rt_array shape = {0};
  size_t length = 0, bytes = 0;
  bool gz = b->size >= 2 && b->data[0] == 0x1f && b->data[1] == 0x8b;
  if (gz) {
    unsigned char first[HEAD];
    size_t got = 0;
    bool more = false;
    if (rt_gunzip(name, b->data, b->size, first, sizeof first, &got, &more, err)) return 1;
    if (head(name, first, got, &stored, &shape, &length, &bytes, err)) return 1;
    if (unpack(name, packed, length + bytes, plain, err)) return 1;
    b = plain;
  } else if (head(name, b->data, b->size, &stored, &shape, &length, &bytes, err)) {
    return 1;
  }
  if (b->size - length != bytes)
    return rt_fail(err, name, "data: %zu bytes, and the shape needs %zu", b->size - length, bytes);
  return fill(name, b, length, stored, &shape, out, err);
}

/* Reads an IDX file's bytes, which it may take over; whether they are gzipped is seen from them. */
int rt_idx_parse(const char *name, rt_bytes *b, rt_array *out, rt_error *err) {
  rt_bytes plain = {0};
  int bad = parse(name, b, &plain, out, err);
  rt_bytes_free(&plain);
  return bad;
}

/* Writes an IDX file, packed where the name ends in .gz. bool is written as u8; i64 has no type. */
int rt_idx_write(const char *path, const rt_array *a, rt_error *err) {
  unsigned char first[HEAD] = {0};
  size_t length = 4 + 4 * (size_t)a->rank, size = rt_dtype_size(a->dtype);
  if (a->dtype == RT_I64) return rt_fail(err, path, "type: IDX has no i64; write .npy");
  if (a->rank == 0) return rt_fail(err, path, "axes: IDX has no scalars; write .npy");
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (types[i].stored.wide == RT_WIDE_NONE &&
        types[i].stored.dtype == (a->dtype == RT_BOOL ? RT_U8 : a->dtype))
      first[2] = types[i].code;
  first[3] = (unsigned char)a->rank;
  for (int i = 0; i < a->rank; i++) {
    if (a->dim[i] > UINT32_MAX) return rt_fail(err, path, "shape: axis %d is too long", i);
    for (int k = 0; k < 4; k++) first[4 + 4 * i + k] = (unsigned char)(a->dim[i] >> (24 - 8 * k));
  }
  rt_bytes turned;
  size_t bytes = (size_t)rt_array_count(a) * size;
  if (rt_bytes_alloc(&turned, bytes, path, err)) return 1;
  if (bytes) memcpy(turned.data, a->data, bytes);
  swap(turned.data, size, bytes);
  bool gz = rt_ends_with(path, strlen(path), ".gz");
  rt_out o;
  int bad = rt_out_open(&o, path, gz ? 0 : length + bytes, err);
  if (!bad) {
    if (gz) {
      rt_gzip_put(&o, path, first, length, turned.data, bytes);
    } else {
      rt_out_put(&o, first, length);
      rt_out_put(&o, turned.data, bytes);
    }
    bad = rt_out_commit(&o);
  }
  rt_bytes_free(&turned);
  return bad;
}
