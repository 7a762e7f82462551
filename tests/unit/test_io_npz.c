/*
** test_io_npz.c: .npz archives, good and bad
*/
#include "test_io.h"
#include "rt_io_parts.h"

#include <zlib.h>

/* What to make of a member, and what to spoil. */
typedef struct Part {
  const char *name, *local_name; /* local_name: of the local head, where it differs */
  bool deflate, descriptor, zip64;
  unsigned flags;
  uint32_t crc_error, size_error, local_size_error;
  int64_t data_error; /* flips this byte of the packed data, from 1 on */
  uint64_t at, packed, plain;
  uint32_t crc;
} Part;

static const int64_t dim3[] = {3};
static const float three[] = {1, 2, 3};

/* The .npy of three floats, n zero floats where n is larger. */
static size_t npy(unsigned char *out, int64_t n) {
  static const float zeros[10000];
  rt_array a = view(RT_F32, 1, n ? &n : dim3, n ? zeros : three);
  size_t head = rt_npy_head((char *)out, &a), bytes = (size_t)(n ? n : 3) * 4;
  memcpy(out + head, a.data, bytes);
  return head + bytes;
}

static size_t squash(unsigned char *out, size_t room, const unsigned char *in, size_t n) {
  z_stream z = {0};
  deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
  z.next_in = (Bytef *)(uintptr_t)in;
  z.avail_in = (uInt)n;
  z.next_out = out;
  z.avail_out = (uInt)room;
  deflate(&z, Z_FINISH);
  deflateEnd(&z);
  return room - z.avail_out;
}

/* Adds a member's local head and data. */
static void put_member(Bytes *b, Part *p, int64_t zeros) {
  unsigned char plain[50000], packed[50000];
  p->plain = npy(plain, zeros);
  p->crc = rt_crc32(0, plain, p->plain) ^ p->crc_error;
  p->packed = p->plain;
  p->at = b->size;
  if (p->deflate)
    p->packed = squash(packed, sizeof packed, plain, p->plain);
  else
    memcpy(packed, plain, p->plain);
  if (p->data_error) packed[p->data_error - 1] ^= 0x10;
  const char *name = p->local_name ? p->local_name : p->name;
  bool later = p->descriptor;
  uint64_t size = p->plain + p->size_error;
  put_le(b, 4, 0x04034b50);
  put_le(b, 2, 45);
  put_le(b, 2, p->flags | (later ? 8u : 0u));
  put_le(b, 2, p->deflate ? 8 : 0);
  put_le(b, 4, 0);
  put_le(b, 4, later ? 0 : p->crc);
  put_le(b, 4, p->zip64 ? 0xffffffff : later ? 0 : p->packed + p->local_size_error);
  put_le(b, 4, p->zip64 ? 0xffffffff : later ? 0 : size);
  put_le(b, 2, strlen(name));
  put_le(b, 2, p->zip64 ? 20 : 0);
  put_text(b, name);
  if (p->zip64) {
    put_le(b, 2, 1);
    put_le(b, 2, 16);
    put_le(b, 8, size);
    put_le(b, 8, p->packed);
  }
  put(b, packed, p->packed);
  if (later) {
    put_le(b, 4, 0x08074b50);
    put_le(b, 4, p->crc);
    put_le(b, 4, p->packed);
    put_le(b, 4, size);
  }
  p->plain = size;
}

/* Adds the directory and the end record. */
static void put_directory(Bytes *b, const Part *p, int n, int claimed) {
  size_t at = b->size;
  for (int i = 0; i < n; i++) {
    put_le(b, 4, 0x02014b50);
    put_le(b, 2, 45);
    put_le(b, 2, 45);
    put_le(b, 2, p[i].flags | (p[i].descriptor ? 8u : 0u));
    put_le(b, 2, p[i].deflate ? 8 : 0);
    put_le(b, 4, 0);
    put_le(b, 4, p[i].crc);
    put_le(b, 4, p[i].packed);
    put_le(b, 4, p[i].plain);
    put_le(b, 2, strlen(p[i].name));
    for (int k = 0; k < 4; k++) put_le(b, 2, 0);
    put_le(b, 4, 0);
    put_le(b, 4, p[i].at);
    put_text(b, p[i].name);
  }
  size_t size = b->size - at;
  put_le(b, 4, 0x06054b50);
  put_le(b, 4, 0);
  put_le(b, 2, (uint64_t)claimed);
  put_le(b, 2, (uint64_t)claimed);
  put_le(b, 4, size);
  put_le(b, 4, at);
  put_le(b, 2, 0);
}

static void make(Bytes *b, Part *p, int n) {
  b->size = 0;
  for (int i = 0; i < n; i++) put_member(b, &p[i], 0);
  put_directory(b, p, n, n);
}

static void refuse_part(Part p, const char *want) {
  static Bytes b;
  make(&b, &p, 1);
  REFUSES(RT_FILE_NPZ, b.data, b.size, want);
}

static void test_accepted(void) {
  static Bytes b;
  for (int kind = 0; kind < 8; kind++) {
    Part p[2] = {{.name = "a.npy", .deflate = kind & 1, .descriptor = kind & 2, .zip64 = kind & 4},
                 {.name = "b.npy", .deflate = true}};
    make(&b, p, 2);
    rt_array a, want = view(RT_F32, 1, dim3, three);
    if (reads(RT_FILE_NPZ, "a", b.data, b.size, &a, __FILE__, __LINE__))
      CHECK(same_array(&a, &want));
    rt_array_free(&a);
    if (reads(RT_FILE_NPZ, "b.npy", b.data, b.size, &a, __FILE__, __LINE__))
      CHECK(same_array(&a, &want));
    rt_array_free(&a);
    refuse_truncations(RT_FILE_NPZ, "a", &b);
    refuses(RT_FILE_NPZ, "c", b.data, b.size, "no member 'c'; there are: a b", __FILE__, __LINE__);
    REFUSES(RT_FILE_NPZ, b.data, b.size, "2 members, name one (FILE.npz:NAME): a b");
  }
}

static void test_refused_parts(void) {
  refuse_part((Part){.name = "a.npy", .crc_error = 1}, "a.npy: checksum: the data is damaged");
  refuse_part((Part){.name = "a.npy", .deflate = true, .crc_error = 1}, "checksum");
  refuse_part((Part){.name = "a.npy", .data_error = 130}, "checksum");
  refuse_part((Part){.name = "a.npy", .deflate = true, .data_error = 1}, "a.npy: ");
  refuse_part((Part){.name = "a.npy", .deflate = true, .size_error = 1}, "less than declared");
  refuse_part((Part){.name = "a.npy", .deflate = true, .size_error = 0u - 1u}, "more than the ");
  refuse_part((Part){.name = "a.npy", .deflate = true, .size_error = 1u << 30},
              "cannot come out of");
  refuse_part((Part){.name = "a.npy", .size_error = 1}, "two sizes");
  refuse_part((Part){.name = "a.npy", .local_size_error = 1}, "disagree");
  refuse_part((Part){.name = "a.npy", .local_name = "b.npy"}, "disagree");
  refuse_part((Part){.name = "a.npy", .local_name = "ab.npy"}, "disagree");
  refuse_part((Part){.name = "a.npy", .flags = 1}, "a.npy: encrypted");
  refuse_part((Part){.name = "a.npy", .flags = 64}, "encrypted");
  refuse_part((Part){.name = "../x.npy"}, "a folder upwards");
  refuse_part((Part){.name = "a/../x.npy"}, "a folder upwards");
  refuse_part((Part){.name = ".."}, "a folder upwards");
  refuse_part((Part){.name = "/etc/x.npy"}, "an absolute path");
  refuse_part((Part){.name = ""}, "its length");
  refuse_part((Part){.name = "a\nb"}, "a strange character");
}

static void test_refused_archives(void) {
  static Bytes b;
  Part same[2] = {{.name = "a.npy"}, {.name = "a.npy"}};
  make(&b, same, 2);
  REFUSES(RT_FILE_NPZ, b.data, b.size, "'a.npy' twice");
  Part p[2] = {{.name = "a.npy"}, {.name = "b.npy"}};
  make(&b, p, 2);
  put_text(&b, "junk");
  REFUSES(RT_FILE_NPZ, b.data, b.size, "end record");
  b.size = 0;
  put_text(&b, "#!/bin/sh\n");
  put_member(&b, &p[0], 0);
  put_directory(&b, p, 1, 1);
  REFUSES(RT_FILE_NPZ, b.data, b.size, "a gap or an overlap at byte 0");
  b.size = 0;
  put_member(&b, &p[0], 0);
  p[1] = p[0];
  p[1].name = "b.npy";
  put_directory(&b, p, 2, 2);
  REFUSES(RT_FILE_NPZ, b.data, b.size, "overlap");
  b.size = 0;
  put_member(&b, &p[0], 0);
  put_text(&b, "hole");
  put_directory(&b, p, 1, 1);
  REFUSES(RT_FILE_NPZ, b.data, b.size, "gap");
  b.size = 0;
  put_member(&b, &p[0], 0);
  put_directory(&b, p, 1, 2);
  refuses(RT_FILE_NPZ, "a", b.data, b.size, "more members than", __FILE__, __LINE__);
  b.size = 0;
  put_member(&b, &p[0], 0);
  put_directory(&b, p, 1, 0);
  refuses(RT_FILE_NPZ, "a", b.data, b.size, "junk", __FILE__, __LINE__);
  b.size = 0;
  put_directory(&b, p, 0, 0);
  REFUSES(RT_FILE_NPZ, b.data, b.size, "0 members");
}

/* Puts a zip64 end record and its locator before the end record, whose numbers go all ones. */
static void make_zip64(Bytes *b, Part *p, uint64_t count_error, uint64_t at_error, bool ones) {
  static unsigned char end[22];
  make(b, p, 1);
  b->size -= sizeof end;
  memcpy(end, b->data + b->size, sizeof end);
  uint64_t at = b->size, size = end[12] | (uint64_t)end[13] << 8,
           from = end[16] | (uint64_t)end[17] << 8;
  put_le(b, 4, 0x06064b50);
  put_le(b, 8, 44);
  put_le(b, 2, 45);
  put_le(b, 2, 45);
  put_le(b, 8, 0);
  put_le(b, 8, 1 + count_error);
  put_le(b, 8, 1 + count_error);
  put_le(b, 8, size);
  put_le(b, 8, from);
  put_le(b, 4, 0x07064b50);
  put_le(b, 4, 0);
  put_le(b, 8, at + at_error);
  put_le(b, 4, 1);
  memset(end + 12, ones ? 0xff : 0, 8);
  put(b, end, sizeof end);
}

static void test_zip64(void) {
  static Bytes b;
  Part p = {.name = "a.npy", .zip64 = true};
  rt_array a;
  make_zip64(&b, &p, 0, 0, true);
  if (READS(RT_FILE_NPZ, b.data, b.size, &a)) CHECK(rt_array_count(&a) == 3);
  rt_array_free(&a);
  refuse_truncations(RT_FILE_NPZ, NULL, &b);
  make_zip64(&b, &p, 0, 1, true);
  REFUSES(RT_FILE_NPZ, b.data, b.size, "zip64 end record: not where it should be");
  make_zip64(&b, &p, 0, 0, false);
  REFUSES(RT_FILE_NPZ, b.data, b.size, "zip64 end record: disagrees with the end record");
  make_zip64(&b, &p, 65536, 0, true);
  REFUSES(RT_FILE_NPZ, b.data, b.size, "end record: 65537 members");
  p = (Part){.name = "a.npy", .descriptor = true};
  make(&b, &p, 1);
  for (size_t i = p.at + 30 + 5 + p.packed + 4; i < p.at + 30 + 5 + p.packed + 16; i++) {
    b.data[i] ^= 1;
    REFUSES(RT_FILE_NPZ, b.data, b.size, "descriptor and directory disagree");
    b.data[i] ^= 1;
  }
}

/* A stored member of a large archive is not copied. */
static void test_mapped(void) {
  int64_t dim[] = {70, 1 << 20};
  unsigned char *x = calloc(70, 1 << 20);
  rt_array a = view(RT_U8, 2, dim, x), back;
  rt_error err;
  x[12345678] = 7;
  CHECK(rt_write(in_folder("large.npz"), &a, &err) == 0);
  CHECK(rt_read(in_folder("large.npz"), &back, &err) == 0);
  CHECK(back.map_size > 70 << 20 && ((unsigned char *)back.data)[12345678] == 7);
  rt_array_free(&back);
  remove(in_folder("large.npz"));
  free(x);
}

static void test_bomb(void) {
  static Bytes b;
  Part p = {.name = "zeros.npy", .deflate = true};
  b.size = 0;
  put_member(&b, &p, 10000);
  put_directory(&b, &p, 1, 1);
  rt_array a;
  if (READS(RT_FILE_NPZ, b.data, b.size, &a)) CHECK(rt_array_count(&a) == 10000);
  rt_array_free(&a);
}

static void test_flipped_bits(void) {
  static Bytes b;
  Part p[2] = {{.name = "a.npy"}, {.name = "b.npy", .deflate = true, .zip64 = true}};
  make(&b, p, 2);
  for (size_t i = 0; i < b.size * 8; i++) {
    rt_array a;
    rt_error err;
    b.data[i / 8] ^= (unsigned char)(1 << i % 8);
    if (rt_read_memory(RT_FILE_NPZ, "flip", i & 1 ? "a" : "b", b.data, b.size, &a, &err) == 0)
      rt_array_free(&a);
    b.data[i / 8] ^= (unsigned char)(1 << i % 8);
  }
}

static void test_written(void) {
  rt_array a[16], back;
  rt_named named[16];
  rt_error err = {""};
  char names[16][8], path[100];
  int n = samples(a);
  for (int i = 0; i < n; i++) {
    snprintf(names[i], sizeof names[i], "x%d", i);
    named[i] = (rt_named){names[i], a[i]};
  }
  CHECK(rt_npz_write(in_folder("all.npz"), named, n, &err) == 0);
  for (int i = 0; i < n; i++) {
    snprintf(path, sizeof path, "%s:x%d", in_folder("all.npz"), i);
    if (!CHECK(rt_read(path, &back, &err) == 0)) printf("  %s\n", err.text);
    CHECK(same_array(&a[i], &back));
    rt_array_free(&back);
  }
  CHECK(rt_write(in_folder("one.npz"), &a[0], &err) == 0);
  CHECK(rt_read(in_folder("one.npz:arr_0"), &back, &err) == 0);
  rt_array_free(&back);
  named[1].name = "x0";
  CHECK(rt_npz_write(in_folder("twice.npz"), named, n, &err) == 1);
  CHECK_TEXT(err.text, "'x0' twice");
  named[1].name = "../x";
  CHECK(rt_npz_write(in_folder("twice.npz"), named, n, &err) == 1);
  CHECK_TEXT(err.text, "'../x' is not possible");
  CHECK(access(in_folder("twice.npz"), F_OK) != 0);
}

int main(void) {
  test_accepted();
  test_refused_parts();
  test_refused_archives();
  test_zip64();
  test_mapped();
  test_bomb();
  test_flipped_bits();
  test_written();
  return failures();
}
