/*
** test_io_idx.c: IDX files, plain and packed, good and bad
*/
#include "test_io.h"

#include <zlib.h>

static void make(Bytes *b, int type, int axes, const uint32_t *dim, size_t data) {
  b->size = 0;
  put_be(b, 2, 0);
  put_be(b, 1, (uint64_t)type);
  put_be(b, 1, (uint64_t)axes);
  for (int i = 0; i < axes && dim; i++) put_be(b, 4, dim[i]);
  for (size_t i = 0; i < data; i++) put_be(b, 1, i + 1);
}

static void gzip(const Bytes *in, Bytes *out) {
  z_stream z = {0};
  deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
  z.next_in = (Bytef *)(uintptr_t)in->data;
  z.avail_in = (uInt)in->size;
  z.next_out = out->data + out->size;
  z.avail_out = (uInt)(sizeof out->data - out->size);
  deflate(&z, Z_FINISH);
  out->size = sizeof out->data - z.avail_out;
  deflateEnd(&z);
}

static void test_round_trip(void) {
  static const char *const names[] = {"x.idx",        "x.idx3",   "x-idx3-ubyte",
                                      "x.idx1-ubyte", "x.idx.gz", "x-images-idx3-ubyte.gz"};
  rt_array a[16], back;
  rt_error err = {""};
  int n = samples(a);
  for (int i = 0; i < n; i++)
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
      int bad = rt_write(in_folder(names[k]), &a[i], &err);
      if (a[i].rank == 0 || a[i].dtype == RT_I64) {
        CHECK(bad);
        CHECK_TEXT(err.text, "write .npy");
        continue;
      }
      CHECK(!bad);
      if (!CHECK(rt_read(in_folder(names[k]), &back, &err) == 0)) printf("  %s\n", err.text);
      if (a[i].dtype == RT_BOOL) back.dtype = RT_BOOL;
      CHECK(same_array(&a[i], &back));
      rt_array_free(&back);
    }
}

static void test_types(void) {
  static const uint32_t two[] = {2};
  Bytes b;
  rt_array a;
  make(&b, 0x0b, 1, two, 0);
  put_be(&b, 2, 0xfffe);
  put_be(&b, 2, 258);
  if (READS(RT_FILE_IDX, b.data, b.size, &a)) {
    CHECK(a.dtype == RT_I32 && ((int32_t *)a.data)[0] == -2 && ((int32_t *)a.data)[1] == 258);
  }
  rt_array_free(&a);
  make(&b, 0x09, 1, two, 0);
  put_be(&b, 1, 0xff);
  put_be(&b, 1, 5);
  if (READS(RT_FILE_IDX, b.data, b.size, &a)) {
    CHECK(a.dtype == RT_I32 && ((int32_t *)a.data)[0] == -1 && ((int32_t *)a.data)[1] == 5);
  }
  rt_array_free(&a);
  make(&b, 0x0d, 1, two, 0);
  put_be(&b, 4, 0x3fc00000);
  put_be(&b, 4, 0xc0000000);
  if (READS(RT_FILE_IDX, b.data, b.size, &a)) {
    CHECK(a.dtype == RT_F32 && ((float *)a.data)[0] == 1.5f && ((float *)a.data)[1] == -2.0f);
  }
  rt_array_free(&a);
}

static void test_bad(void) {
  static const uint32_t d23[] = {2, 3}, huge[] = {0xffffffff, 0xffffffff, 0xffffffff};
  Bytes b;
  make(&b, 8, 2, d23, 6);
  refuse_truncations(RT_FILE_IDX, NULL, &b);
  make(&b, 8, 2, d23, 7);
  REFUSES(RT_FILE_IDX, b.data, b.size, "data: 7 bytes, and the shape needs 6");
  make(&b, 8, 2, d23, 6);
  b.data[0] = 1;
  REFUSES(RT_FILE_IDX, b.data, b.size, "magic");
  make(&b, 0x0a, 2, d23, 6);
  REFUSES(RT_FILE_IDX, b.data, b.size, "type: 0x0a is unknown");
  make(&b, 8, 0, NULL, 6);
  REFUSES(RT_FILE_IDX, b.data, b.size, "axes: 0");
  make(&b, 8, 255, NULL, 2000);
  REFUSES(RT_FILE_IDX, b.data, b.size, "axes: 255");
  make(&b, 8, 3, huge, 6);
  REFUSES(RT_FILE_IDX, b.data, b.size, "shape: too large");
  make(&b, 8, 1, huge, 6);
  REFUSES(RT_FILE_IDX, b.data, b.size, "the shape needs 4294967295");
}

static void test_bad_gzip(void) {
  static const uint32_t d23[] = {2, 3}, bomb[] = {0xffffffff};
  static Bytes plain, b;
  rt_array a;
  make(&plain, 8, 2, d23, 6);
  b.size = 0;
  gzip(&plain, &b);
  refuse_truncations(RT_FILE_IDX, NULL, &b);
  size_t whole = b.size;
  put_text(&b, "x");
  REFUSES(RT_FILE_IDX, b.data, b.size, "gzip: something follows");
  b.size = whole;
  gzip(&plain, &b);
  REFUSES(RT_FILE_IDX, b.data, b.size, "data: more than the shape's 18 bytes");
  b.size = whole;
  b.data[whole - 8] ^= 1;
  REFUSES(RT_FILE_IDX, b.data, b.size, "gzip: it is damaged");
  make(&plain, 8, 1, bomb, 6);
  b.size = 0;
  gzip(&plain, &b);
  REFUSES(RT_FILE_IDX, b.data, b.size, "cannot come out of");
  make(&plain, 8, 2, d23, 5);
  b.size = 0;
  gzip(&plain, &b);
  REFUSES(RT_FILE_IDX, b.data, b.size, "data: 17 bytes, and the shape needs 18");
  make(&plain, 8, 2, d23, 3);
  b.size = 0;
  gzip(&plain, &b);
  plain.size = 0;
  put_text(&plain, "\4\5\6");
  gzip(&plain, &b);
  if (READS(RT_FILE_IDX, b.data, b.size, &a)) CHECK(memcmp(a.data, "\1\2\3\4\5\6", 6) == 0);
  rt_array_free(&a);
}

int main(void) {
  test_round_trip();
  test_types();
  test_bad();
  test_bad_gzip();
  return failures();
}
