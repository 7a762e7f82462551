/*
** test_io_array.c: conversion between dtypes, layouts of pictures, checksums
*/
#include "test_io.h"
#include "rt_io_parts.h"

#include <math.h>

/* Converts one value; NULL where the result is as wanted, else what happened. */
static const char *one(rt_dtype from, double x, rt_dtype to, bool lossy, double want) {
  static rt_error err;
  rt_array a;
  double got;
  err.text[0] = 0;
  if (rt_array_alloc(&a, RT_F64, 0, NULL, "x", &err)) return err.text;
  *(double *)a.data = x;
  const char *said = rt_convert(&a, from, true, "x", &err) || rt_convert(&a, to, lossy, "x", &err)
                         ? err.text
                         : NULL;
  if (!said && rt_convert(&a, RT_F64, true, "x", &err)) said = err.text;
  got = said ? 0 : *(double *)a.data;
  rt_array_free(&a);
  return said ? said : got == want || (got != got && want != want) ? NULL : "another number";
}

/* Whole numbers about the ends of every type, from each type that has them to each of whole numbers. */
static void test_ends(void) {
  static const struct {
    rt_dtype type;
    double least, most, exact; /* exact: whole numbers up to it are */
  } all[] = {{RT_U8, 0, 255, 255},
             {RT_I32, -0x1p31, 0x1p31 - 1, 0x1p31},
             {RT_I64, -0x1p63, 0x1p63 - 1024, 0x1p63},
             {RT_F32, -0x1p100, 0x1p100, 0x1p24},
             {RT_F64, -0x1p100, 0x1p100, 0x1p53}};
  static const double ends[] = {0, 0x1p8, 0x1p31, 0x1p32, 0x1p53, 0x1p63, 0x1p64};
  for (int e = 0; e < 14; e++)
    for (int by = -2; by <= 2; by++) {
      double x = (e < 7 ? ends[e] : -ends[e - 7]) + by;
      for (int i = 0; i < 5; i++)
        for (int k = 0; k < 3; k++) {
          bool has = x >= all[i].least && x <= all[i].most && fabs(x) <= all[i].exact;
          bool fits = x >= all[k].least && x <= all[k].most;
          if (has) CHECK((one(all[i].type, x, all[k].type, true, x) == NULL) == fits);
          if (has) CHECK((one(all[i].type, x, all[k].type, false, x) == NULL) == fits);
        }
    }
}

static void test_convert(void) {
  static const rt_dtype all[] = {RT_F32, RT_F64, RT_I32, RT_I64, RT_U8, RT_BOOL};
  for (int i = 0; i < 6; i++)
    for (int k = 0; k < 6; k++) CHECK(!one(all[i], 1, all[k], false, 1));
  CHECK(!one(RT_F64, 0.5, RT_F32, false, 0.5));
  CHECK(!one(RT_F64, (double)NAN, RT_F32, false, (double)NAN));
  CHECK(!one(RT_F64, (double)INFINITY, RT_F32, false, (double)INFINITY));
  CHECK_TEXT(one(RT_F64, 0.1, RT_F32, false, 0),
             "x: element 0: 0.10000000000000001 (f64) cannot be");
  CHECK(!one(RT_F64, 0.1, RT_F32, true, (double)0.1f));
  CHECK_TEXT(one(RT_F64, 1e300, RT_F32, false, 0), "cannot be said exactly in f32");
  CHECK_TEXT(one(RT_F64, 1.5, RT_I32, false, 0), "cannot be said exactly in i32");
  CHECK(!one(RT_F64, 1.9, RT_I32, true, 1));
  CHECK(!one(RT_F64, -1.9, RT_I64, true, -1));
  CHECK_TEXT(one(RT_F64, 2147483648.0, RT_I32, true, 0), "does not fit i32");
  CHECK(!one(RT_F64, -2147483648.0, RT_I32, false, -2147483648.0));
  CHECK_TEXT(one(RT_F64, (double)NAN, RT_I64, true, 0), "does not fit i64");
  CHECK_TEXT(one(RT_F64, 0x1p63, RT_I64, true, 0), "does not fit i64");
  CHECK(!one(RT_F64, -0x1p63, RT_I64, false, -0x1p63));
  CHECK_TEXT(one(RT_F64, -1, RT_U8, true, 0), "does not fit u8");
  CHECK_TEXT(one(RT_F32, 256, RT_U8, true, 0), "does not fit u8");
  CHECK_TEXT(one(RT_U8, 2, RT_BOOL, false, 0), "cannot be said exactly in bool");
  CHECK(!one(RT_U8, 2, RT_BOOL, true, 1));
  CHECK(!one(RT_I32, 16777216, RT_F32, false, 16777216));
  CHECK_TEXT(one(RT_I32, 16777217, RT_F32, false, 0), "(i32) cannot be said exactly in f32");
  CHECK_TEXT(one(RT_I64, 256, RT_U8, false, 0), "element 0: 256 cannot be said exactly in u8");
  rt_error err;
  int64_t large[] = {(1ll << 53) + 1, INT64_MAX}, dim[] = {1};
  for (int i = 0; i < 2; i++) {
    rt_array a = view(RT_I64, 1, dim, &large[i]);
    CHECK(rt_convert(&a, RT_F64, false, "y", &err) == 1);
    CHECK_TEXT(err.text, i ? "9223372036854775807 cannot" : "9007199254740993 cannot");
    CHECK(rt_convert(&a, RT_F32, true, "y", &err) == 0);
    rt_array_free(&a);
  }
  int64_t count[] = {2000};
  rt_array a;
  CHECK(rt_array_alloc(&a, RT_U8, 1, count, "z", &err) == 0);
  for (int i = 0; i < 2000; i++) ((uint8_t *)a.data)[i] = (uint8_t)i;
  CHECK(rt_convert(&a, RT_F32, false, "z", &err) == 0 &&
        rt_convert(&a, RT_I64, false, "z", &err) == 0);
  for (int i = 0; i < 2000; i++) CHECK(((int64_t *)a.data)[i] == (uint8_t)i);
  ((int64_t *)a.data)[1234] = -1;
  CHECK(rt_convert(&a, RT_U8, false, "z", &err) == 1 && a.dtype == RT_I64);
  CHECK_TEXT(err.text, "z: element 1234: -1");
  rt_array_free(&a);
}

/* Lays u8 0, 1, 2 ... of the shape out as declared, and expects those first elements and shape. */
static void layout(int rank, const int64_t *dim, int drank, const int64_t *declared,
                   const char *want, size_t n, const int64_t *shape, int line) {
  rt_error err = {""};
  rt_array a;
  if (rt_array_alloc(&a, RT_U8, rank, dim, "x", &err)) abort();
  for (int64_t i = 0; i < rt_array_count(&a); i++) ((uint8_t *)a.data)[i] = (uint8_t)i;
  int bad = rt_layout(&a, true, drank, declared, "p.png", &err);
  if (!want) {
    check(bad == 1 && strstr(err.text, "does not fit the declared"), "refused", "layout", line);
  } else if (check(!bad && a.rank == drank, err.text, "layout", line)) {
    for (int i = 0; i < drank; i++) check(a.dim[i] == shape[i], "the shape", "layout", line);
    check(memcmp(a.data, want, n) == 0, "the elements", "layout", line);
  }
  rt_array_free(&a);
}

#define S(...)                                                                                     \
  (const int64_t[]) {                                                                              \
    __VA_ARGS__                                                                                    \
  }

static void test_layout(void) {
  layout(2, S(2, 5), 2, S(-1, -1), "\0\1\2", 3, S(2, 5), __LINE__);
  layout(2, S(2, 5), 3, S(-1, -1, -1), "\0\1\2", 3, S(1, 2, 5), __LINE__);
  layout(2, S(2, 5), 4, S(-1, 1, -1, -1), "\0\1\2", 3, S(1, 1, 2, 5), __LINE__);
  layout(2, S(2, 5), 3, S(-1, -1, 1), "\0\1\2", 3, S(2, 5, 1), __LINE__);
  layout(2, S(2, 5), 3, S(2, 5, 3), "\0\0\0\1\1\1\2", 7, S(2, 5, 3), __LINE__);
  layout(2, S(2, 5), 3, S(3, -1, -1), "\0\1\2\3\4\5\6\7\x08\x09\0\1", 12, S(3, 2, 5), __LINE__);
  layout(2, S(2, 5), 2, S(2, 4), NULL, 0, NULL, __LINE__);
  layout(3, S(2, 5, 3), 3, S(-1, -1, 3), "\0\1\2", 3, S(2, 5, 3), __LINE__);
  layout(3, S(2, 5, 3), 3, S(3, -1, -1), "\0\3\6\x09\x0c\x0f\x12\x15\x18\x1b\1\4", 12, S(3, 2, 5),
         __LINE__);
  layout(3, S(2, 5, 3), 4, S(-1, 3, -1, -1), "\0\3\6", 3, S(1, 3, 2, 5), __LINE__);
  layout(3, S(2, 5, 3), 4, S(-1, -1, -1, 3), "\0\1\2", 3, S(1, 2, 5, 3), __LINE__);
  layout(3, S(2, 5, 3), 2, S(-1, -1), NULL, 0, NULL, __LINE__);
  layout(3, S(2, 5, 4), 3, S(3, -1, -1), NULL, 0, NULL, __LINE__);
  layout(3, S(2, 5, 4), 3, S(4, -1, -1), "\0\4\x08", 3, S(4, 2, 5), __LINE__);
  layout(3, S(7, 1, 1), 2, S(-1, 1), "\0\1", 2, S(7, 1), __LINE__);
  layout(2, S(7, 1), 1, S(-1), "\0\1", 2, S(7), __LINE__);
  layout(1, S(7), 2, S(-1, 1), "\0\1", 2, S(7, 1), __LINE__);
  layout(1, S(1), 0, NULL, "\0", 1, NULL, __LINE__);
  layout(1, S(7), 2, S(-1, 7), "\0\1", 2, S(1, 7), __LINE__);
}

static void test_channels(void) {
  static const uint8_t opaque[] = {1, 1, 1, 255, 7, 7, 7, 255},
                       colour[] = {1, 2, 3, 255, 4, 5, 6, 255};
  rt_error err;
  rt_array a = view(RT_U8, 3, S(1, 2, 4), opaque);
  CHECK(rt_layout(&a, true, 2, S(1, 2), "p", &err) == 0 && memcmp(a.data, "\1\7", 2) == 0);
  rt_array_free(&a);
  a = view(RT_U8, 3, S(1, 2, 4), colour);
  CHECK(rt_layout(&a, true, 3, S(3, -1, -1), "p", &err) == 0 && a.dim[2] == 2);
  CHECK(memcmp(a.data, "\1\4\2\5\3\6", 6) == 0);
  rt_array_free(&a);
  a = view(RT_U8, 3, S(1, 2, 4), colour);
  CHECK(rt_layout(&a, true, 2, S(1, 2), "p", &err) == 1);
  CHECK_TEXT(err.text, "shape: {1, 2, 4} does not fit the declared {1, 2} (FILE.png:grey");
  CHECK(rt_layout(&a, false, 3, S(3, -1, -1), "p", &err) == 1);
  CHECK_TEXT(err.text, "does not fit the declared {3, N, N}");
}

static void test_sums(void) {
  rt_xxh64 h;
  char text[200];
  CHECK(rt_crc32(0, "123456789", 9) == 0xcbf43926);
  CHECK(rt_crc32(rt_crc32(0, "1234", 4), "56789", 5) == 0xcbf43926);
  rt_xxh64_start(&h);
  CHECK(rt_xxh64_sum(&h) == 0xef46db3751d8e999);
  rt_xxh64_add(&h, "a", 1);
  CHECK(rt_xxh64_sum(&h) == 0xd24ec4f1a98c6e5b);
  rt_xxh64_add(&h, "bc", 2);
  CHECK(rt_xxh64_sum(&h) == 0x44bc2cf5ad770999);
  for (int i = 0; i < 200; i++) text[i] = (char)(i * i);
  rt_xxh64_start(&h);
  rt_xxh64_add(&h, text, 200);
  uint64_t whole = rt_xxh64_sum(&h);
  for (size_t cut = 0; cut <= 200; cut++) {
    rt_xxh64_start(&h);
    rt_xxh64_add(&h, text, cut / 2);
    rt_xxh64_add(&h, text + cut / 2, cut - cut / 2);
    rt_xxh64_add(&h, text + cut, 200 - cut);
    CHECK(rt_xxh64_sum(&h) == whole);
  }
}

static void test_names(void) {
  rt_dtype t;
  char text[64];
  rt_error err;
  rt_array a;
  for (int i = 0; i < RT_DTYPES; i++)
    CHECK(rt_dtype_parse(rt_dtype_name((rt_dtype)i), &t) && t == (rt_dtype)i);
  CHECK(!rt_dtype_parse("f16", &t));
  CHECK(strcmp(rt_shape_text(text, sizeof text, 2, S(3, -1)), "{3, N}") == 0);
  CHECK(strcmp(rt_shape_text(text, 6, 2, S(12345678, -1)), "{1234") == 0);
  CHECK(rt_array_alloc(&a, RT_F64, 2, S(1ll << 40, 1ll << 40), "x", &err) == 1);
  CHECK(strcmp(err.text, "x: shape: too large") == 0);
  CHECK(rt_array_alloc(&a, RT_F64, 9, S(1, 1, 1, 1, 1, 1, 1, 1, 1), "x", &err) == 1);
  CHECK(rt_array_alloc(&a, RT_F64, 1, S(-1), "x", &err) == 1);
  char path[1000];
  memset(path, 'p', sizeof path);
  path[999] = 0;
  rt_fail(&err, path, "%s", "what is wrong");
  CHECK_TEXT(err.text, "ppp: what is wrong");
  CHECK(rt_format_of("a.NPY") == RT_FILE_NPY && rt_format_of("x/y.npz:w") == RT_FILE_NPZ);
  CHECK(rt_format_of("t10k-labels-idx1-ubyte.gz") == RT_FILE_IDX &&
        rt_format_of("a.idx3") == RT_FILE_IDX);
  CHECK(rt_format_of("midx3") == RT_FILE_UNKNOWN && rt_format_of("a.npy.gz") == RT_FILE_UNKNOWN);
}

int main(void) {
  test_convert();
  test_ends();
  test_layout();
  test_channels();
  test_sums();
  test_names();
  return failures();
}
