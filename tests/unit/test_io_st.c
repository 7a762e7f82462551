/*
** test_io_st.c: safetensors files, good and bad
*/
#include "test_io.h"

static void make(Bytes *b, const char *header, size_t data) {
  b->size = 0;
  put_le(b, 8, strlen(header));
  put_text(b, header);
  for (size_t i = 0; i < data; i++) put_le(b, 1, i & 1);
}

static void test_round_trip(void) {
  rt_array a[16], back;
  rt_named named[16];
  char names[16][16];
  rt_error err = {""};
  rt_st st;
  static const char *const meta[] = {"step", "12", "a \"key\"\n", "\xc3\xa9\\", "", ""};
  int n = samples(a);
  for (int i = 0; i < n; i++) {
    snprintf(names[i], sizeof names[i], "layer.%d\t\"w\"", i);
    named[i] = (rt_named){names[i], a[i]};
  }
  const char *path = in_folder("all.safetensors");
  CHECK(rt_st_write(path, named, n, meta, 3, &err) == 0);
  if (!CHECK(rt_st_open(path, &st, &err) == 0)) {
    printf("  %s\n", err.text);
    return;
  }
  CHECK(st.checked && st.count == n && st.metas == 4);
  for (int i = 0; i < n; i++) {
    const rt_st_tensor *t = rt_st_find(&st, names[i]);
    if (!CHECK(t != NULL)) continue;
    CHECK((uintptr_t)t->data % rt_dtype_size(a[i].dtype) == 0);
    CHECK(rt_st_read(&st, names[i], &back, &err) == 0);
    CHECK(same_array(&a[i], &back));
    rt_array_free(&back);
  }
  for (int i = 0; i < 3; i++) {
    const char *value = rt_st_metadata(&st, meta[2 * i]);
    CHECK(value && strcmp(value, meta[2 * i + 1]) == 0);
  }
  CHECK(!rt_st_metadata(&st, "nothing") && !rt_st_find(&st, "nothing"));
  CHECK(rt_st_read(&st, "nothing", &back, &err) == 1);
  CHECK_TEXT(err.text, "there is no tensor 'nothing'");
  rt_st_close(&st);
  Bytes b;
  slurp(path, &b);
  uint64_t header;
  memcpy(&header, b.data, 8);
  CHECK(header % 8 == 0 && b.data[8] == '{');
}

/* Every bit of a file with a checksum counts. */
static void test_checksum(void) {
  static const int64_t dim[] = {2, 3};
  static const float x[6] = {1, 2, 3, 4, 5, 6};
  static const char *const meta[] = {"step", "12"};
  rt_named one = {"w", view(RT_F32, 2, dim, x)};
  rt_error err;
  rt_st st;
  Bytes b;
  CHECK(rt_st_write(in_folder("sum.safetensors"), &one, 1, meta, 1, &err) == 0);
  slurp(in_folder("sum.safetensors"), &b);
  CHECK(rt_st_from_memory("sum", b.data, b.size, &st, &err) == 0 && st.checked);
  rt_st_close(&st);
  for (size_t i = 0; i < b.size * 8; i++) {
    b.data[i / 8] ^= (unsigned char)(1 << i % 8);
    bool accepted = rt_st_from_memory("flip", b.data, b.size, &st, &err) == 0 && st.checked;
    if (!CHECK(!accepted)) printf("  bit %zu\n", i);
    rt_st_close(&st);
    b.data[i / 8] ^= (unsigned char)(1 << i % 8);
  }
  refuse_truncations(RT_FILE_SAFETENSORS, "w", &b);
  put_text(&b, "x");
  REFUSES(RT_FILE_SAFETENSORS, b.data, b.size, "data: 25 bytes, and the tensors have 24");
}

static void test_known_sum(void) {
  static const char header[] =
      "{\"__metadata__\":{\"crescent_checksum\":\"xxh64:0000000000000000\"},"
      "\"w\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}";
  Bytes b;
  make(&b, header, 4);
  REFUSES(RT_FILE_SAFETENSORS, b.data, b.size, "checksum: the file is damaged");
  static const char *const odd[] = {"xxh64:000000000000000", "crc32:0000000000000000", "",
                                    "xxh64:00000000000\\u003000000"};
  for (size_t i = 0; i < 4; i++) {
    char text[300];
    snprintf(text, sizeof text, "{\"__metadata__\":{\"crescent_checksum\":\"%s\"}}", odd[i]);
    make(&b, text, 0);
    REFUSES(RT_FILE_SAFETENSORS, b.data, b.size, i == 3 ? "checksum" : "is none");
  }
}

static void test_accepted(void) {
  static const struct {
    const char *type;
    int size;
    rt_dtype t;
  } types[] = {{"F64", 8, RT_F64},  {"F32", 4, RT_F32}, {"F16", 2, RT_F32}, {"BF16", 2, RT_F32},
               {"I64", 8, RT_I64},  {"I32", 4, RT_I32}, {"I16", 2, RT_I32}, {"I8", 1, RT_I32},
               {"U64", 8, RT_I64},  {"U32", 4, RT_I64}, {"U16", 2, RT_I32}, {"U8", 1, RT_U8},
               {"BOOL", 1, RT_BOOL}};
  Bytes b;
  rt_array a;
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    char text[200];
    snprintf(text, sizeof text,
             "{\"a\":{\"shape\":[2,1],\"dtype\":\"%s\",\"data_offsets\":[0,%d]}}   ", types[i].type,
             2 * types[i].size);
    make(&b, text, 0);
    for (int k = 0; k < types[i].size; k++) put_le(&b, 1, k == 0);
    for (int k = 0; k < types[i].size; k++) put_le(&b, 1, 0);
    if (READS(RT_FILE_SAFETENSORS, b.data, b.size, &a)) CHECK(a.dtype == types[i].t && a.rank == 2);
    rt_array_free(&a);
  }
  make(&b, "{}", 0);
  REFUSES(RT_FILE_SAFETENSORS, b.data, b.size, "0 tensors, name one");
  make(&b,
       "{ \"\\u00e9\\ud83d\\ude00\" : {\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[ 0 , 1 ]},\n"
       "\"z\":{\"dtype\":\"F32\",\"shape\":[0,5],\"data_offsets\":[1,1]},"
       "\"__metadata__\":{}}",
       1);
  if (reads(RT_FILE_SAFETENSORS, "\xc3\xa9\xf0\x9f\x98\x80", b.data, b.size, &a, __FILE__,
            __LINE__))
    CHECK(a.rank == 0 && *(uint8_t *)a.data == 0);
  rt_array_free(&a);
}

#define W "\"w\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}"
#define T(dtype, shape, offsets)                                                                   \
  "{\"w\":{\"dtype\":" dtype ",\"shape\":" shape ",\"data_offsets\":" offsets "}}"

static void test_refused(void) {
  static const struct {
    const char *header;
    size_t data;
    const char *want;
  } bad[] = {
      {"{" W "}", 23, "w: data_offsets: 0 to 24 of 23 bytes"},
      {"{" W "}", 25, "data: 25 bytes, and the tensors have 24"},
      {"[" W "]", 24, "header: '{' must begin it"},
      {" {" W "}", 24, "header: '{' must begin it"},
      {"{" W "," W "}", 24, "twice"},
      {"{" W "} x", 24, "follows the closing bracket"},
      {"{" W, 24, "',' or '}' was expected"},
      {"{" W ",}", 24, "a string was expected"},
      {"{,}", 24, "a string was expected"},
      {"{" W " \"x\"}", 24, "',' or '}' was expected"},
      {"{" W ",\"v\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[20,24]}}", 24, "an overlap"},
      {"{" W ",\"v\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[28,32]}}", 32, "a hole"},
      {T("\"F32\"", "[2,3]", "[24,0]"), 24, "data_offsets: 24 to 0"},
      {T("\"F32\"", "[2,3]", "[0,48]"), 24, "data_offsets: 0 to 48 of 24 bytes"},
      {T("\"F32\"", "[2,3]", "[4,28]"), 28, "a hole"},
      {T("\"F32\"", "[2,2]", "[0,24]"), 24, "24 bytes, and the shape needs 16"},
      {T("\"F32\"", "[4294967296,4294967296]", "[0,24]"), 24, "shape: too large"},
      {T("\"U8\"", "[4611686018427387904,4]", "[0,0]"), 0, "shape: too large"},
      {T("\"U8\"", "[9223372036854775808]", "[0,0]"), 0, "the number is too large"},
      {T("\"F32\"", "[-6]", "[0,24]"), 24, "a whole number"},
      {T("\"F32\"", "[6.0]", "[0,24]"), 24, "a whole number"},
      {T("\"F32\"", "[6e0]", "[0,24]"), 24, "a whole number"},
      {T("\"F32\"", "[06]", "[0,24]"), 24, "a whole number"},
      {T("\"F32\"", "[true]", "[0,24]"), 24, "a whole number"},
      {T("\"F32\"", "[\"6\"]", "[0,24]"), 24, "a whole number"},
      {T("\"F32\"", "[6,]", "[0,24]"), 24, "a whole number"},
      {T("\"F32\"", "[6 6]", "[0,24]"), 24, "',' or ']'"},
      {T("\"F32\"", "6", "[0,24]"), 24, "'[' was expected"},
      {T("\"U8\"", "[1,1,1,1,1,1,1,1,24]", "[0,24]"), 24, "more than 8 axes"},
      {T("\"F32\"", "[6]", "[0,24,24]"), 24, "data_offsets must be two"},
      {T("\"F32\"", "[6]", "[0]"), 24, "data_offsets must be two"},
      {T("\"F33\"", "[6]", "[0,24]"), 24, "w: dtype: 'F33' is unknown"},
      {T("\"f32\"", "[6]", "[0,24]"), 24, "w: dtype: 'f32' is unknown"},
      {T("32", "[6]", "[0,24]"), 24, "a string was expected"},
      {"{\"w\":{\"dtype\":\"F32\",\"shape\":[6]}}", 24, "is missing"},
      {"{\"w\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[6],\"data_offsets\":[0,24]}}", 24,
       "twice"},
      {"{\"w\":{\"dtype\":\"F32\",\"shape\":[6],\"data_offsets\":[0,24],\"x\":1}}", 24,
       "an unknown key"},
      {"{\"w\":3}", 0, "'{' was expected"},
      {"{\"w\" {}}", 0, "':' was expected"},
      {"{\"__metadata__\":{\"a\":1}}", 0, "a string was expected"},
      {"{\"__metadata__\":{\"a\":\"1\",\"a\":\"1\"}}", 0, "__metadata__: 'a' twice"},
      {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, "__metadata__ is there twice"},
      {"{\"__metadata__\":[]}", 0, "'{' was expected"},
      {"{\"\\ud800\":{}}", 0, "half of a surrogate pair"},
      {"{\"\\udc00\":{}}", 0, "half of a surrogate pair"},
      {"{\"\\ud800\\u0041\":{}}", 0, "half of a surrogate pair"},
      {"{\"\\u00g0\":{}}", 0, "four hexadecimal digits"},
      {"{\"\\u0000\":{}}", 0, "a zero character"},
      {"{\"\\x\":{}}", 0, "an unknown escape"},
      {"{\"\x01\":{}}", 0, "a control character"},
      {"{\"\xff\":{}}", 0, "not UTF-8"},
      {"{\"\xc0\x80\":{}}", 0, "not UTF-8"},
      {"{\"\xed\xa0\x80\":{}}", 0, "not UTF-8"},
      {"{\"\xf4\x90\x80\x80\":{}}", 0, "not UTF-8"},
      {"{\"\xc3\":{}}", 0, "not UTF-8"},
      {"{\"w", 0, "does not end"},
      {"{\"w\\", 0, "an unknown escape"},
      {"{'w':{}}", 0, "a string was expected"},
  };
  Bytes b;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    make(&b, bad[i].header, bad[i].data);
    refuses(RT_FILE_SAFETENSORS, "w", b.data, b.size, bad[i].want, bad[i].header, (int)i);
  }
}

static void test_lengths(void) {
  Bytes b;
  make(&b, "{" W "}", 24);
  uint64_t n;
  memcpy(&n, b.data, 8);
  static const uint64_t wrong[] = {0,          1,          1000,       100000001,
                                   1ull << 32, 1ull << 63, UINT64_MAX, UINT64_MAX - 7};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    memcpy(b.data, &wrong[i], 8);
    REFUSES(RT_FILE_SAFETENSORS, b.data, b.size, "header length: ");
  }
  for (int by = -3; by <= 3; by++) {
    uint64_t moved = n + (uint64_t)by;
    memcpy(b.data, &moved, 8);
    if (by) REFUSES(RT_FILE_SAFETENSORS, b.data, b.size, "");
  }
  memcpy(b.data, &n, 8);
  b.data[b.size - 30] = 0;
  REFUSES(RT_FILE_SAFETENSORS, b.data, b.size, "header byte");
  make(&b, "", 0);
  for (int i = 0; i < 60000; i++) put_text(&b, i ? "[" : "{\"a\":{\"shape\":");
  n = b.size - 8;
  memcpy(b.data, &n, 8);
  REFUSES(RT_FILE_SAFETENSORS, b.data, b.size, "a whole number");
  make(&b, "{" W "}", 24);
  refuse_truncations(RT_FILE_SAFETENSORS, NULL, &b);
}

static void test_paths(void) {
  static const int64_t dim[] = {2};
  static const double x[] = {1, 2};
  rt_array a = view(RT_F64, 1, dim, x), back;
  rt_named two[2] = {{"v", a}, {"v", a}};
  rt_error err;
  char path[300];
  CHECK(rt_write(in_folder("p.safetensors"), &a, &err) == 0);
  CHECK(rt_read(in_folder("p.safetensors"), &back, &err) == 0);
  CHECK(same_array(&a, &back));
  rt_array_free(&back);
  snprintf(path, sizeof path, "%s:data", in_folder("p.safetensors"));
  CHECK(rt_read(path, &back, &err) == 0);
  rt_array_free(&back);
  CHECK(rt_st_write(in_folder("q.safetensors"), two, 2, NULL, 0, &err) == 1);
  CHECK_TEXT(err.text, "'v' twice");
  two[0].name = "__metadata__";
  CHECK(rt_st_write(in_folder("q.safetensors"), two, 2, NULL, 0, &err) == 1);
  CHECK_TEXT(err.text, "the name '__metadata__' is taken");
  CHECK(access(in_folder("q.safetensors"), F_OK) != 0);
}

int main(void) {
  test_round_trip();
  test_checksum();
  test_known_sum();
  test_accepted();
  test_refused();
  test_lengths();
  test_paths();
  return failures();
}
