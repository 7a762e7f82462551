/*
** rt_io_npz_write.c: NumPy's .npz, written as stored members with a zip64 extra where one is large
**
** The archive's bytes depend on the arrays alone: every date is the first day of 1980.
*/
#include "rt_io_parts.h"

#include <stdlib.h>
#include <string.h>

enum { LOCAL = 30, CENTRAL = 46, END = 22, END64 = 56, LOCATOR = 20, VERSION = 45, DOS_DATE = 33 };

typedef struct Place {
  uint64_t at, size;
  uint32_t crc;
} Place;

/* Bytes under construction. */
typedef struct Record {
  unsigned char data[2048];
  size_t size;
} Record;

static void add(Record *r, int bytes, uint64_t x) {
  for (int i = 0; i < bytes; i++) r->data[r->size++] = (unsigned char)(x >> 8 * i);
}

static uint64_t clip(uint64_t x) {
  return x < 0xffffffff ? x : 0xffffffff;
}

/* Adds the part two heads share, from the version on, up to the two lengths. */
static void add_common(Record *r, const Place *p, size_t name, size_t extra) {
  add(r, 2, VERSION);
  add(r, 2, 1 << 11); /* names are UTF-8 */
  add(r, 2, 0);
  add(r, 2, 0);
  add(r, 2, DOS_DATE);
  add(r, 4, p->crc);
  add(r, 4, clip(p->size));
  add(r, 4, clip(p->size));
  add(r, 2, name);
  add(r, 2, extra);
}

static void add_name(Record *r, const char *name) {
  size_t n = strlen(name);
  memcpy(r->data + r->size, name, n);
  memcpy(r->data + r->size + n, ".npy", 4);
  r->size += n + 4;
}

/* Makes a member's local head. */
static void local_head(Record *r, const char *name, const Place *p) {
  bool large = clip(p->size) == 0xffffffff;
  r->size = 0;
  add(r, 4, 0x04034b50);
  add_common(r, p, strlen(name) + 4, large ? 20 : 0);
  add_name(r, name);
  if (!large) return;
  add(r, 2, 1);
  add(r, 2, 16);
  add(r, 8, p->size);
  add(r, 8, p->size);
}

/* Makes a member's head in the directory. */
static void central_head(Record *r, const char *name, const Place *p) {
  bool large = clip(p->size) == 0xffffffff, far = clip(p->at) == 0xffffffff;
  unsigned extra = (large ? 16u : 0u) + (far ? 8u : 0u);
  r->size = 0;
  add(r, 4, 0x02014b50);
  add(r, 2, VERSION);
  add_common(r, p, strlen(name) + 4, extra ? extra + 4 : 0);
  add(r, 8, 0);
  add(r, 2, 0); /* comment, disk, attributes: 2 + 2 + 2 + 4 */
  add(r, 4, clip(p->at));
  add_name(r, name);
  if (extra) {
    add(r, 2, 1);
    add(r, 2, extra);
  }
  if (large) {
    add(r, 8, p->size);
    add(r, 8, p->size);
  }
  if (far) add(r, 8, p->at);
}

/* Makes what ends the archive: the zip64 records where an offset needs them, and the end record. */
static void end_records(Record *r, int count, uint64_t at, uint64_t end) {
  r->size = 0;
  if (clip(end) == 0xffffffff) {
    add(r, 4, 0x06064b50);
    add(r, 8, END64 - 12);
    add(r, 2, VERSION);
    add(r, 2, VERSION);
    add(r, 8, 0);
    add(r, 8, (uint64_t)count);
    add(r, 8, (uint64_t)count);
    add(r, 8, end - at);
    add(r, 8, at);
    add(r, 4, 0x07064b50);
    add(r, 4, 0);
    add(r, 8, end);
    add(r, 4, 1);
  }
  add(r, 4, 0x06054b50);
  add(r, 4, 0);
  add(r, 2, (uint64_t)count);
  add(r, 2, (uint64_t)count);
  add(r, 4, clip(end - at));
  add(r, 4, clip(at));
  add(r, 2, 0);
}

static size_t bytes_of(const rt_array *a) {
  return (size_t)rt_array_count(a) * rt_dtype_size(a->dtype);
}

/* Computes every member's place, size and checksum; returns where the directory begins. */
static uint64_t place_members(const rt_named *member, int count, Place *place) {
  uint64_t at = 0;
  for (int i = 0; i < count; i++) {
    char head[RT_NPY_HEAD];
    Record r;
    size_t n = rt_npy_head(head, &member[i].array), bytes = bytes_of(&member[i].array);
    place[i].at = at;
    place[i].size = n + bytes;
    place[i].crc = rt_crc32(rt_crc32(0, head, n), member[i].array.data, bytes);
    local_head(&r, member[i].name, &place[i]);
    at += r.size + place[i].size;
  }
  return at;
}

/* Writes the arrays as NAME.npy each; the names must differ. */
int rt_npz_write(const char *path, const rt_named *member, int count, rt_error *err) {
  if (count < 0 || count >= 65535) return rt_fail(err, path, "members: %d are too many", count);
  for (int i = 0; i < count; i++) {
    size_t n = strlen(member[i].name);
    if (n == 0 || n > 1000 || member[i].name[0] == '/' || strstr(member[i].name, "..") ||
        strpbrk(member[i].name, "\\:\n"))
      return rt_fail(err, path, "member name: '%.60s' is not possible", member[i].name);
    for (int k = 0; k < i; k++)
      if (strcmp(member[i].name, member[k].name) == 0)
        return rt_fail(err, path, "member name: '%.60s' twice", member[i].name);
  }
  Place *place = calloc((size_t)count + 1, sizeof *place);
  if (!place) return rt_fail(err, path, "out of memory");
  uint64_t directory = place_members(member, count, place), end = directory;
  Record r;
  for (int i = 0; i < count; i++, end += r.size) central_head(&r, member[i].name, &place[i]);
  end_records(&r, count, directory, end);
  rt_out o;
  int bad = rt_out_open(&o, path, end + r.size, err);
  if (!bad) {
    for (int i = 0; i < count; i++) {
      char head[RT_NPY_HEAD];
      local_head(&r, member[i].name, &place[i]);
      rt_out_put(&o, r.data, r.size);
      rt_out_put(&o, head, rt_npy_head(head, &member[i].array));
      rt_out_put(&o, member[i].array.data, bytes_of(&member[i].array));
    }
    for (int i = 0; i < count; i++) {
      central_head(&r, member[i].name, &place[i]);
      rt_out_put(&o, r.data, r.size);
    }
    end_records(&r, count, directory, end);
    rt_out_put(&o, r.data, r.size);
    bad = rt_out_commit(&o);
  }
  free(place);
  return bad;
}
