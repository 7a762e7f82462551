/*
** test_io_npy.c: .npy files, good and bad
*/
#include "test_io.h"

static const char good[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";

/* A file of that version, header text and number of data bytes. */
static void make(Bytes *b, int major, const char *header, size_t data) {
  b->size = 0;
  put(b, "\x93NUMPY", 6);
  put_le(b, 1, (uint64_t)major);
  put_le(b, 1, 0);
  put_le(b, major == 1 ? 2 : 4, strlen(header));
  put_text(b, header);
  for (size_t i = 0; i < data; i++) put(b, "\x01", 1);
}

static void test_round_trip(void) {
  rt_array a[16], back;
  rt_error err = {""};
  int n = samples(a);
  for (int i = 0; i < n; i++) {
    const char *path = in_folder("x.npy");
    CHECK(rt_write(path, &a[i], &err) == 0);
    CHECK(rt_read(path, &back, &err) == 0);
    CHECK(same_array(&a[i], &back));
    CHECK((uintptr_t)back.data % 8 == 0);
    rt_array_free(&back);
  }
}

static void test_header_bytes(void) {
  int64_t dim[] = {3};
  float x[3] = {1, 2, 3};
  rt_array a = view(RT_F32, 1, dim, x);
  rt_error err;
  Bytes b;
  CHECK(rt_write(in_folder("h.npy"), &a, &err) == 0);
  slurp(in_folder("h.npy"), &b);
  CHECK(b.size == 128 + 12);
  CHECK(memcmp(b.data,
               "\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
               64) == 0);
  CHECK(b.data[127] == '\n');
}

static void test_accepted(void) {
  static const char *const headers[] = {
      "{\"shape\": (2, 3), 'descr': '<f4', 'fortran_order': False}",
      "  {'descr':'<f4','fortran_order':False,'shape':(2,3,)}   \n",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (6,), }\n",
      "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3, 1), }",
  };
  Bytes b;
  rt_array a;
  for (int version = 1; version <= 3; version++)
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
      make(&b, version, headers[i], 24);
      if (READS(RT_FILE_NPY, b.data, b.size, &a)) CHECK(rt_array_count(&a) == 6);
      rt_array_free(&a);
    }
  make(&b, 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (), }", 8);
  if (READS(RT_FILE_NPY, b.data, b.size, &a)) CHECK(a.rank == 0 && rt_array_count(&a) == 1);
  rt_array_free(&a);
  make(&b, 1, "{'descr': '|b1', 'fortran_order': False, 'shape': (0, 4611686018427387), }", 0);
  if (READS(RT_FILE_NPY, b.data, b.size, &a)) CHECK(rt_array_count(&a) == 0);
  rt_array_free(&a);
}

static void test_fortran(void) {
  Bytes b;
  rt_array a;
  make(&b, 1, "{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3), }", 0);
  for (int i = 0; i < 6; i++) put_le(&b, 4, (uint64_t)i);
  if (READS(RT_FILE_NPY, b.data, b.size, &a)) {
    static const int32_t want[6] = {0, 2, 4, 1, 3, 5};
    CHECK(memcmp(a.data, want, sizeof want) == 0);
  }
  rt_array_free(&a);
}

/* The first element of a file of the dtype whose bytes are those of x. */
static double widened(const char *descr, int bytes, uint64_t x, rt_dtype want) {
  char header[100];
  Bytes b;
  rt_array a;
  rt_error err;
  snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': (1,), }",
           descr);
  make(&b, 1, header, 0);
  put_le(&b, bytes, x);
  if (!READS(RT_FILE_NPY, b.data, b.size, &a)) return -1e300;
  CHECK(a.dtype == want);
  CHECK(rt_convert(&a, RT_F64, false, "x", &err) == 0);
  double got = *(double *)a.data;
  rt_array_free(&a);
  return got;
}

static void test_widened(void) {
  CHECK(widened("|i1", 1, 0xff, RT_I32) == -1);
  CHECK(widened("|i1", 1, 0x7f, RT_I32) == 127);
  CHECK(widened("<i2", 2, 0x8000, RT_I32) == -32768);
  CHECK(widened("<u2", 2, 0xffff, RT_I32) == 65535);
  CHECK(widened("<u4", 4, 0xffffffff, RT_I64) == 4294967295.0);
  CHECK(widened("<u8", 8, 1ull << 52, RT_I64) == 4503599627370496.0);
  CHECK(widened("<f2", 2, 0x3c01, RT_F32) == 1.0009765625);
  CHECK(widened("<f2", 2, 0x8001, RT_F32) == -0x1p-24);
  CHECK(widened("<f2", 2, 0xfbff, RT_F32) == -65504);
  CHECK(widened("<f2", 2, 0x7c00, RT_F32) > 1e300);
}

static void test_bad_headers(void) {
  static const struct {
    const char *header;
    size_t data;
    const char *want;
  } bad[] = {
      {good, 23, "data: 23 bytes, and the shape needs 24"},
      {good, 25, "data: 25 bytes"},
      {good, 0, "data: 0 bytes"},
      {"", 24, "header: '{' was expected"},
      {"{}", 24, "header: 'descr' is missing"},
      {"{'descr': '<f4', 'fortran_order': False}", 24, "'shape' is missing"},
      {"{'descr': '<f4', 'shape': (2, 3)}", 24, "'fortran_order' is missing"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'x': 1}", 24, "unknown key 'x'"},
      {"{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (6,)}", 24,
       "'descr' twice"},
      {"{'descr': '|O', 'fortran_order': False, 'shape': (6,)}", 24, "Python objects"},
      {"{'descr': '>f4', 'fortran_order': False, 'shape': (6,)}", 24, "big-endian"},
      {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,)}", 24, "records"},
      {"{'descr': '<f3', 'fortran_order': False, 'shape': (6,)}", 24, "'<f3'"},
      {"{'descr': '<U8', 'fortran_order': False, 'shape': (6,)}", 24, "'<U8'"},
      {"{'descr': '<c8', 'fortran_order': False, 'shape': (3,)}", 24, "'<c8'"},
      {"{'descr': '<f4<f4<f4<f4<f4<f4<f4<f4<f4<f4<f4', 'shape': (6,)}", 24, "too long"},
      {"{'descr': <f4, 'fortran_order': False, 'shape': (6,)}", 24, "a quoted string"},
      {"{'descr': '<f4, 'fortran_order': False, 'shape': (6,)}", 24, "descr"},
      {"{'descr': '<f4', 'fortran_order': 0, 'shape': (6,)}", 24, "True or False"},
      {"{'descr': '<f4', 'fortran_order': Falsey, 'shape': (6,)}", 24, "',' or '}'"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (-6,)}", 24, "axis 0"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (6.0,)}", 24, "shape: ',' or ')'"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (True, 6)}", 24, "axis 0"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (6)}", 24, "',' was expected"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': 6}", 24, "'(' was expected"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2 3)}", 24, "',' or ')'"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (,)}", 24, "axis 0"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,,3)}", 24, "axis 1"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", 24,
       "too large"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4)}", 24, "axis 0"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (922337203685477580, 32)}", 24,
       "too large"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776,)}", 24, "data: 24 bytes"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", 24, "axis 0"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,6)}", 24, "more than 8"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (6,)} x", 24, "follows"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (6,)", 24, "',' or '}'"},
      {"{'descr': '<f4' 'fortran_order': False, 'shape': (6,)}", 24, "',' or '}'"},
      {"{'descr' '<f4', 'fortran_order': False, 'shape': (6,)}", 24, "':' was expected"},
      {"{'descr': '|b1', 'fortran_order': False, 'shape': (6,)}\x07", 24, "follows"},
      {"{'descr': '|b1', 'fortran_order': False, 'sha\xff\x01pe': (6,)}", 6, "unknown key"},
  };
  Bytes b;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    make(&b, 1, bad[i].header, bad[i].data);
    REFUSES(RT_FILE_NPY, b.data, b.size, bad[i].want);
  }
  make(&b, 1, "{'descr': '|b1', 'fortran_order': False, 'shape': (6,)}", 6);
  b.data[b.size - 2] = 7;
  REFUSES(RT_FILE_NPY, b.data, b.size, "element 4: byte 7 is no bool");
  make(&b, 1, "{'descr': '<u8', 'fortran_order': False, 'shape': (1,)}", 0);
  put_le(&b, 8, UINT64_MAX);
  REFUSES(RT_FILE_NPY, b.data, b.size, "does not fit i64");
}

static void test_bad_bytes(void) {
  Bytes b;
  make(&b, 1, good, 24);
  refuse_truncations(RT_FILE_NPY, NULL, &b);
  b.data[0] = 'N';
  REFUSES(RT_FILE_NPY, b.data, b.size, "magic");
  make(&b, 0, good, 24);
  REFUSES(RT_FILE_NPY, b.data, b.size, "version: 0.0");
  make(&b, 9, good, 24);
  REFUSES(RT_FILE_NPY, b.data, b.size, "version: 9.0");
  make(&b, 1, good, 24);
  b.data[8] = b.data[9] = 0xff;
  REFUSES(RT_FILE_NPY, b.data, b.size, "header length: 65535 is past the end");
  make(&b, 2, good, 24);
  memset(b.data + 8, 0xff, 4);
  REFUSES(RT_FILE_NPY, b.data, b.size, "header length: 4294967295");
  make(&b, 1, good, 24);
  b.data[14] = 0;
  REFUSES(RT_FILE_NPY, b.data, b.size, "header");
  make(&b, 1, good, 24);
  for (size_t i = 0; i < 10 + sizeof good - 1; i++)
    for (int bit = 0; bit < 8; bit++) {
      rt_array a;
      rt_error err;
      b.data[i] ^= (unsigned char)(1 << bit);
      if (rt_read_memory(RT_FILE_NPY, "flip", NULL, b.data, b.size, &a, &err) == 0)
        rt_array_free(&a);
      b.data[i] ^= (unsigned char)(1 << bit);
    }
}

static void test_bad_paths(void) {
  rt_array a;
  rt_error err;
  CHECK(rt_read("/nowhere/x.npy", &a, &err) == 1);
  CHECK_TEXT(err.text, "/nowhere/x.npy: open: No such file or directory");
  CHECK(rt_read("x.bmp", &a, &err) == 1);
  CHECK_TEXT(err.text, "x.bmp: format: none of .npy");
  mkdir(in_folder("folder.npy"), 0777);
  CHECK(rt_read(in_folder("folder.npy"), &a, &err) == 1);
  CHECK_TEXT(err.text, "is a folder");
  CHECK(rt_read("bad\nname.npy", &a, &err) == 1);
  CHECK(strchr(err.text, '\n') == NULL);
  static const float x = 1;
  rt_array one = view(RT_F32, 0, NULL, &x);
  CHECK(rt_write(in_folder("w.npy"), &one, &err) == 0);
  char path[300];
  snprintf(path, sizeof path, "%s:w", in_folder("w.npy"));
  CHECK(rt_read(path, &a, &err) == 1);
  CHECK_TEXT(err.text, "w.npy: rows: ':w', but the file is one number");
  CHECK(rt_write(path, &one, &err) == 1);
  CHECK_TEXT(err.text, "w.npy: selection: ':w', but the file is one array");
  CHECK(rt_write(in_folder("x.bmp"), &one, &err) == 1);
  CHECK_TEXT(err.text, "x.bmp: format: none of .npy");
  CHECK(rt_read(in_folder("w.npy"), &a, &err) == 0 && a.rank == 0);
  rt_array_free(&a);
  rename(in_folder("w.npy"), in_folder("odd.npz:name.npy"));
  CHECK(rt_read(in_folder("odd.npz:name.npy"), &a, &err) == 0);
  rt_array_free(&a);
}

/* rows.npy of {4, 2}, its rows 10 k, 10 k + 1, read with a selection; wrong ones say why. */
static void test_rows(void) {
  static const float x[8] = {0, 1, 10, 11, 20, 21, 30, 31};
  static const struct {
    const char *select;
    int rank;
    int64_t dim[2];
    float first, last;
  } good_ones[] = {{"1-2", 2, {2, 2}, 10, 21}, {"3-3", 2, {1, 2}, 30, 31}, {"2", 1, {2}, 20, 21},
                   {"3,0-1", 2, {3, 2}, 30, 11}, {"0,0", 2, {2, 2}, 0, 1}};
  static const char *const bad_ones[][2] = {
      {"4", "rows: there is no row 4, the file has 4"}, {"0-9", "rows: there is no row 9"},
      {"2-1", "rows: '2-1' is neither 3 nor 0-7"},      {"", "rows: '' is neither"},
      {"1,,2", "rows: '' is neither"},                  {"-1", "rows: '-1' is neither"},
      {"99999999999999999999", "is neither 3 nor 0-7"}, {"1-", "rows: '1-' is neither"}};
  rt_array a = view(RT_F32, 2, (int64_t[]){4, 2}, x), back;
  rt_error err;
  char path[300];
  CHECK(rt_write(in_folder("rows.npy"), &a, &err) == 0);
  for (size_t i = 0; i < sizeof good_ones / sizeof *good_ones; i++) {
    snprintf(path, sizeof path, "%s:%s", in_folder("rows.npy"), good_ones[i].select);
    CHECK(rt_read(path, &back, &err) == 0);
    if (!back.data) continue;
    int64_t n = rt_array_count(&back);
    CHECK(back.rank == good_ones[i].rank && back.dim[0] == good_ones[i].dim[0]);
    CHECK(back.rank == 1 || back.dim[1] == good_ones[i].dim[1]);
    CHECK(((float *)back.data)[0] == good_ones[i].first);
    CHECK(((float *)back.data)[n - 1] == good_ones[i].last);
    rt_array_free(&back);
  }
  for (size_t i = 0; i < sizeof bad_ones / sizeof *bad_ones; i++) {
    snprintf(path, sizeof path, "%s:%s", in_folder("rows.npy"), bad_ones[i][0]);
    CHECK(rt_read(path, &back, &err) == 1 && back.map == NULL);
    CHECK_TEXT(err.text, bad_ones[i][1]);
  }
}

int main(void) {
  test_rows();
  test_round_trip();
  test_header_bytes();
  test_accepted();
  test_fortran();
  test_widened();
  test_bad_headers();
  test_bad_bytes();
  test_bad_paths();
  return failures();
}
