/*
** rt_io_npz.c: NumPy's .npz, a zip archive of .npy members
**
** [local head, name, extra, data]...  [central head, name, extra, comment]...  end record
** Read from the end record; every member's two heads must agree, and the members must fill the
** archive up to the central directory without a gap or an overlap. zip64 records are read and
*written.
*/
#include "rt_io_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
  LOCAL = 30,
  CENTRAL = 46,
  END = 22,
  END64 = 56,
  LOCATOR = 20, /* sizes of the fixed parts */
  MOST = 65535  /* members */
};

typedef struct Member {
  const unsigned char *name; /* in the central directory */
  size_t length;
  unsigned flags, method;
  uint32_t crc;
  uint64_t packed, plain, at; /* at: of the local head */
} Member;

typedef struct Zip {
  const char *file;
  rt_error *err;
  const unsigned char *data;
  uint64_t size, directory, directory_end;
  Member *member;
  int count;
} Zip;

static uint64_t word(const unsigned char *p, int bytes) {
  uint64_t x = 0;
  for (int i = bytes; i-- > 0;) x = x << 8 | p[i];
  return x;
}

/* Finds the end record, which must end the file, and the zip64 one before it if there is one. */
static int find_directory(Zip *z) {
  if (z->size < END) return rt_fail(z->err, z->file, "end record: the file is too short");
  const unsigned char *end = z->data + z->size - END;
  if (word(end, 4) != 0x06054b50)
    return rt_fail(z->err, z->file, "end record: not where it should be, at the file's end");
  uint64_t disks = word(end + 4, 4), here = word(end + 8, 2), count = word(end + 10, 2);
  uint64_t size = word(end + 12, 4), at = word(end + 16, 4), limit = z->size - END;
  if (disks || word(end + 20, 2)) return rt_fail(z->err, z->file, "end record: disks or a comment");
  bool zip64 = z->size >= END + LOCATOR + END64 && word(end - LOCATOR, 4) == 0x07064b50;
  if (zip64) {
    uint64_t at64 = word(end - LOCATOR + 8, 8);
    limit = z->size - END - LOCATOR - END64;
    const unsigned char *end64 = z->data + limit;
    if (at64 != limit || word(end64, 4) != 0x06064b50 || word(end64 + 4, 8) != END64 - 12)
      return rt_fail(z->err, z->file, "zip64 end record: not where it should be");
    uint64_t size64 = word(end64 + 40, 8), from64 = word(end64 + 48, 8);
    if ((size != 0xffffffff && size != size64) || (at != 0xffffffff && at != from64))
      return rt_fail(z->err, z->file, "zip64 end record: disagrees with the end record");
    here = word(end64 + 24, 8);
    count = word(end64 + 32, 8);
    size = size64;
    at = from64;
  }
  if (here != count || count > MOST)
    return rt_fail(z->err, z->file, "end record: %" PRIu64 " members", count);
  if (at > limit || size != limit - at)
    return rt_fail(z->err, z->file, "end record: the directory is not right before it");
  z->directory = at;
  z->directory_end = limit;
  z->count = (int)count;
  return 0;
}

/* Reads the zip64 extra field, whose 64-bit numbers stand for those that are all ones, in order. */
static int zip64_extra(const Zip *z, const unsigned char *p, size_t size, uint64_t **number,
                       int n) {
  int wanted = 0, taken = 0;
  for (int i = 0; i < n; i++) wanted += *number[i] == 0xffffffff;
  while (size >= 4) {
    size_t id = (size_t)word(p, 2), length = (size_t)word(p + 2, 2);
    if (length > size - 4) return rt_fail(z->err, z->file, "extra field: runs past its end");
    for (int i = 0; id == 1 && i < n && 8 * (size_t)(taken + 1) <= length; i++)
      if (*number[i] == 0xffffffff) *number[i] = word(p + 4 + 8 * taken++, 8);
    p += 4 + length;
    size -= 4 + length;
  }
  return taken == wanted ? 0 : rt_fail(z->err, z->file, "extra field: a zip64 size is missing");
}

/* A name inside the archive: not empty, no folder upwards, not absolute, plain text. */
static int check_name(const Zip *z, const Member *m) {
  const unsigned char *s = m->name;
  const char *wrong = m->length == 0 || m->length > 1024 ? "its length" : NULL;
  for (size_t i = 0; i < m->length && !wrong; i++) {
    if (s[i] < 0x20 || s[i] == 0x7f || s[i] == '\\') wrong = "a strange character";
    bool start = i == 0 || s[i - 1] == '/',
         dots = i + 1 < m->length && s[i] == '.' && s[i + 1] == '.';
    if (start && dots && (i + 2 == m->length || s[i + 2] == '/')) wrong = "a folder upwards";
  }
  if (!wrong && s[0] == '/') wrong = "an absolute path";
  if (!wrong) return 0;
  return rt_fail(z->err, z->file, "member name: '%.*s': %s", (int)(m->length < 40 ? m->length : 40),
                 (const char *)s, wrong);
}

/* Reads one head of the central directory; *at moves past it. */
static int central_head(Zip *z, Member *m, uint64_t *at) {
  const unsigned char *p = z->data + *at;
  if (z->directory_end - *at < CENTRAL || word(p, 4) != 0x02014b50)
    return rt_fail(z->err, z->file, "directory: no member head at byte %" PRIu64, *at);
  size_t name = (size_t)word(p + 28, 2), extra = (size_t)word(p + 30, 2);
  uint64_t whole = CENTRAL + name + extra + word(p + 32, 2);
  if (whole > z->directory_end - *at)
    return rt_fail(z->err, z->file, "directory: the head at byte %" PRIu64 " is cut short", *at);
  *m = (Member){.name = p + CENTRAL,
                .length = name,
                .flags = (unsigned)word(p + 8, 2),
                .method = (unsigned)word(p + 10, 2),
                .crc = (uint32_t)word(p + 16, 4),
                .packed = word(p + 20, 4),
                .plain = word(p + 24, 4),
                .at = word(p + 42, 4)};
  *at += whole;
  uint64_t *numbers[3] = {&m->plain, &m->packed, &m->at};
  if (zip64_extra(z, p + CENTRAL + name, extra, numbers, 3) || check_name(z, m)) return 1;
  int shown = (int)(name < 40 ? name : 40);
  if (m->flags & (1 | 64)) return rt_fail(z->err, z->file, "%.*s: encrypted", shown, m->name);
  if (m->method != 0 && m->method != 8)
    return rt_fail(z->err, z->file, "%.*s: compression method %u", shown, m->name, m->method);
  if (m->method == 0 && m->packed != m->plain)
    return rt_fail(z->err, z->file, "%.*s: stored, with two sizes", shown, m->name);
  return 0;
}

/* Checks a member's local head against the directory; *data is where its bytes begin, *end where
** the next member may. A descriptor after the data must repeat the directory. */
static int local_head(const Zip *z, const Member *m, uint64_t *data, uint64_t *end) {
  const unsigned char *p = z->data + m->at;
  int shown = (int)(m->length < 40 ? m->length : 40);
  if (m->at > z->directory || z->directory - m->at < LOCAL || word(p, 4) != 0x04034b50)
    return rt_fail(z->err, z->file, "%.*s: no local head", shown, m->name);
  size_t name = (size_t)word(p + 26, 2), extra = (size_t)word(p + 28, 2);
  uint64_t room = z->directory - m->at - LOCAL;
  if (name != m->length || name + extra > room || memcmp(p + LOCAL, m->name, name) != 0 ||
      word(p + 6, 2) != m->flags || word(p + 8, 2) != m->method)
    return rt_fail(z->err, z->file, "%.*s: local head and directory disagree", shown, m->name);
  if (m->packed > room - name - extra)
    return rt_fail(z->err, z->file, "%.*s: runs into the directory", shown, m->name);
  uint64_t packed = word(p + 18, 4), plain = word(p + 22, 4), *numbers[2] = {&plain, &packed};
  bool later = m->flags & 8; /* numbers in a descriptor: zeros here */
  if (zip64_extra(z, p + LOCAL + name, extra, numbers, 2)) return 1;
  uint64_t wrong = (packed ^ m->packed) | (plain ^ m->plain) | (word(p + 14, 4) ^ m->crc);
  if (later && (packed == m->packed || !packed) && (plain == m->plain || !plain) &&
      (word(p + 14, 4) == m->crc || !word(p + 14, 4)))
    wrong = 0;
  if (wrong)
    return rt_fail(z->err, z->file, "%.*s: local head and directory disagree", shown, m->name);
  *data = m->at + LOCAL + name + extra;
  *end = *data + m->packed;
  if (!later) return 0;
  const unsigned char *d = z->data + *end;
  uint64_t left = z->directory - *end;
  size_t sign = left >= 4 && word(d, 4) == 0x08074b50 ? 4 : 0;
  for (int wide = 4; wide <= 8; wide += 4) {
    size_t whole = sign + 4 + 2 * (size_t)wide;
    if (left >= whole && word(d + sign, 4) == m->crc && word(d + sign + 4, wide) == m->packed &&
        word(d + sign + 4 + wide, wide) == m->plain) {
      *end += whole;
      return 0;
    }
  }
  return rt_fail(z->err, z->file, "%.*s: descriptor and directory disagree", shown, m->name);
}

static int by_place(const void *a, const void *b) {
  uint64_t x = ((const Member *)a)->at, y = ((const Member *)b)->at;
  return x < y ? -1 : x > y;
}

static int by_name(const void *a, const void *b) {
  const Member *x = a, *y = b;
  int order = memcmp(x->name, y->name, x->length < y->length ? x->length : y->length);
  return order ? order : x->length < y->length ? -1 : x->length > y->length;
}

/* Reads the directory into z->member, and checks that the members tile the archive and that no two
** have one name. They are left in the order of their names. */
static int read_directory(Zip *z) {
  uint64_t at = z->directory;
  if ((uint64_t)z->count > (z->directory_end - z->directory) / CENTRAL)
    return rt_fail(z->err, z->file, "end record: more members than the directory can hold");
  z->member = calloc((size_t)z->count + 1, sizeof *z->member);
  if (!z->member) return rt_fail(z->err, z->file, "out of memory");
  for (int i = 0; i < z->count; i++)
    if (central_head(z, &z->member[i], &at)) return 1;
  if (at != z->directory_end) return rt_fail(z->err, z->file, "directory: junk at its end");
  qsort(z->member, (size_t)z->count, sizeof *z->member, by_place);
  uint64_t next = 0, data;
  for (int i = 0; i < z->count; i++) {
    if (z->member[i].at != next)
      return rt_fail(z->err, z->file, "members: a gap or an overlap at byte %" PRIu64, next);
    if (local_head(z, &z->member[i], &data, &next)) return 1;
  }
  if (next != z->directory)
    return rt_fail(z->err, z->file, "members: a gap at byte %" PRIu64, next);
  qsort(z->member, (size_t)z->count, sizeof *z->member, by_name);
  for (int i = 1; i < z->count; i++)
    if (by_name(&z->member[i - 1], &z->member[i]) == 0)
      return rt_fail(z->err, z->file, "member name: '%.*s' twice",
                     (int)(z->member[i].length < 40 ? z->member[i].length : 40), z->member[i].name);
  return 0;
}

/* Whether the member is called `name`, or that and .npy. */
static bool named(const Member *m, const char *name) {
  size_t n = strlen(name);
  if (m->length != n && !(m->length == n + 4 && memcmp(m->name + n, ".npy", 4) == 0)) return false;
  return memcmp(m->name, name, n) == 0;
}

/* The member to read: the one selected, or the only one. */
static const Member *choose(const Zip *z, const char *select) {
  if (!select && z->count == 1) return z->member;
  for (int i = 0; select && i < z->count; i++)
    if (named(&z->member[i], select)) return &z->member[i];
  char list[160] = "";
  for (int i = 0, n = 0; i < z->count && n < 120; i++) {
    const Member *m = &z->member[i];
    size_t length =
        rt_ends_with((const char *)m->name, m->length, ".npy") ? m->length - 4 : m->length;
    if (length > 30) length = 30;
    if (i) list[n++] = ' ';
    memcpy(list + n, m->name, length);
    n += (int)length;
  }
  if (select)
    rt_fail(z->err, z->file, "no member '%.60s'; there are: %s", select, list);
  else
    rt_fail(z->err, z->file, "%d members, name one (FILE.npz:NAME): %s", z->count, list);
  return NULL;
}

/* Lends the bytes of a stored member where the archive is mapped; b is the archive's. They are not
** always aligned for their dtype, and then copied by whoever reads them. */
static bool lend(const Member *m, uint64_t at, const rt_bytes *b, rt_bytes *member) {
  if (m->method == 8 || b->map_size == 0) return false;
  *member = *b;
  member->data = b->data + at;
  member->size = (size_t)m->plain;
  return true;
}

/* Takes the chosen member's bytes out, checks them, and reads them as .npy. The array may take over
** the mapping of b, which is left empty then. */
static int read_member(Zip *z, const char *select, rt_bytes *b, rt_array *out) {
  const Member *m = choose(z, select);
  if (!m) return 1;
  char name[300];
  rt_error label;
  rt_fail(&label, z->file, "%.*s", (int)(m->length < 60 ? m->length : 60), m->name);
  memcpy(name, label.text, sizeof name - 1);
  name[sizeof name - 1] = 0;
  uint64_t at = 0, end = 0;
  if (local_head(z, m, &at, &end)) return 1;
  if (m->plain / RT_MAX_RATIO > m->packed + 64)
    return rt_fail(z->err, name, "size: %" PRIu64 " bytes cannot come out of %" PRIu64, m->plain,
                   m->packed);
  rt_bytes plain;
  bool lent = lend(m, at, b, &plain);
  if (!lent && rt_bytes_alloc(&plain, (size_t)m->plain, name, z->err)) return 1;
  int bad = 0;
  if (m->method == 8)
    bad = rt_inflate(name, z->data + at, (size_t)m->packed, plain.data, plain.size, z->err);
  else if (!lent && plain.size)
    memcpy(plain.data, z->data + at, plain.size);
  if (!bad && rt_crc32(0, plain.data, plain.size) != m->crc)
    bad = rt_fail(z->err, name, "checksum: the data is damaged");
  if (!bad) bad = rt_npy_parse(name, &plain, out, z->err);
  if (!lent) rt_bytes_free(&plain);
  else if (!plain.map) memset(b, 0, sizeof *b); /* taken over */
  return bad;
}

/* Reads one member of an archive's bytes, which it may take over; select NULL takes the only
** one. */
int rt_npz_parse(const char *name, rt_bytes *b, const char *select, rt_array *out, rt_error *err) {
  Zip z = {.file = name, .err = err, .data = b->data, .size = b->size};
  int bad = find_directory(&z) || read_directory(&z) || read_member(&z, select, b, out);
  free(z.member);
  return bad;
}
