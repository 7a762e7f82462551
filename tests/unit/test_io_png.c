/*
** test_io_png.c: PNG pictures, good and bad
*/
#include "test_io.h"
#include "rt_io_parts.h"

#include <signal.h>
#include <sys/resource.h>
#include <zlib.h>

static void chunk(Bytes *b, const char *type, const void *data, size_t size) {
  size_t at = b->size + 4;
  put_be(b, 4, size);
  put_text(b, type);
  put(b, data, size);
  put_be(b, 4, rt_crc32(0, b->data + at, size + 4));
}

static void start(Bytes *b, uint32_t width, uint32_t height, int depth, int type, int interlace) {
  Bytes head = {.size = 0};
  b->size = 0;
  put(b, "\x89PNG\r\n\x1a\n", 8);
  put_be(&head, 4, width);
  put_be(&head, 4, height);
  put_be(&head, 1, (uint64_t)depth);
  put_be(&head, 1, (uint64_t)type);
  put_be(&head, 2, 0);
  put_be(&head, 1, (uint64_t)interlace);
  chunk(b, "IHDR", head.data, head.size);
}

/* The raw rows, filter bytes and all, as one IDAT; spoil drops or adds bytes at the stream's end.
 */
static void pixels(Bytes *b, const void *rows, size_t size, int spoil) {
  unsigned char packed[20000] = {0};
  uLongf n = sizeof packed;
  if (compress2(packed, &n, rows, size, 9) != Z_OK) abort();
  chunk(b, "IDAT", packed, n + (size_t)spoil);
}

static void end(Bytes *b) {
  chunk(b, "IEND", "", 0);
}

static void make(Bytes *b, uint32_t width, uint32_t height, int depth, int type, const void *rows,
                 size_t size) {
  start(b, width, height, depth, type, 0);
  if (type == 3) chunk(b, "PLTE", "\x0a\x0b\x0c\x14\x15\x16\x1e\x1f\x20", 9);
  pixels(b, rows, size, 0);
  end(b);
}

static void expect(const Bytes *b, const char *select, rt_dtype t, int channels, const void *want,
                   int line) {
  rt_array a;
  if (reads(RT_FILE_PNG, select, b->data, b->size, &a, "png", line)) {
    check(a.dtype == t && a.rank == (channels ? 3 : 2), "dtype and rank", "png", line);
    check(channels == 0 || a.dim[2] == channels, "channels", "png", line);
    size_t n = (size_t)rt_array_count(&a) * rt_dtype_size(t);
    check(memcmp(a.data, want, n) == 0, "the pixels", "png", line);
    rt_bytes bytes = {.data = (unsigned char *)b->data, .size = b->size};
    int64_t size[3] = {0};
    rt_error err;
    bool said = select || rt_png_size("png", &bytes, size, &err) == 0;
    said = said && (select || (size[0] == a.dim[0] && size[1] == a.dim[1] &&
                               size[2] == (channels ? channels : 1)));
    check(said, "its size", "png", line);
  }
  rt_array_free(&a);
}

static void test_types(void) {
  Bytes b;
  make(&b, 3, 2, 8, 0, "\0\1\2\3\0\4\5\6", 8);
  expect(&b, NULL, RT_U8, 0, "\1\2\3\4\5\6", __LINE__);
  make(&b, 3, 2, 8, 0, "\1\1\1\1\2\4\4\4", 8);
  expect(&b, NULL, RT_U8, 0, "\1\2\3\5\6\7", __LINE__);
  make(&b, 10, 1, 1, 0, "\0\xa0\x40", 3);
  expect(&b, NULL, RT_U8, 0, "\xff\0\xff\0\0\0\0\0\0\xff", __LINE__);
  make(&b, 3, 1, 2, 0, "\0\x1b", 2);
  expect(&b, NULL, RT_U8, 0, "\0\x55\xaa", __LINE__);
  make(&b, 3, 1, 4, 0, "\0\x0f\x10", 3);
  expect(&b, NULL, RT_U8, 0, "\0\xff\x11", __LINE__);
  make(&b, 2, 1, 8, 2, "\0\1\2\3\4\5\6", 7);
  expect(&b, NULL, RT_U8, 3, "\1\2\3\4\5\6", __LINE__);
  make(&b, 2, 1, 8, 4, "\0\1\2\3\4", 5);
  expect(&b, NULL, RT_U8, 2, "\1\2\3\4", __LINE__);
  make(&b, 2, 1, 8, 6, "\0\1\2\3\4\5\6\7\x08", 9);
  expect(&b, NULL, RT_U8, 4, "\1\2\3\4\5\6\7\x08", __LINE__);
  for (int depth = 1; depth <= 8; depth *= 2) {
    static const char *const rows[] = {"\0\x40", "\0\x60", NULL, "\0\x12\x00",
                                       NULL,     NULL,     NULL, "\0\1\2\0"};
    make(&b, depth == 1 ? 2 : 3, 1, depth, 3, rows[depth - 1], depth == 8 ? 4 : depth == 4 ? 3 : 2);
    static const char one[] = "\x0a\x0b\x0c\x14\x15\x16",
                      two[] = "\x14\x15\x16\x1e\x1f\x20\x0a\x0b\x0c";
    expect(&b, NULL, RT_U8, 3, depth == 1 ? one : two, depth);
  }
}

static void test_deep_and_transparent(void) {
  Bytes b;
  static const float half[2] = {255.0f, (float)0x0102 / 257.0f};
  make(&b, 2, 1, 16, 0, "\0\xff\xff\x01\x02", 5);
  expect(&b, NULL, RT_F32, 0, half, __LINE__);
  static const float rgba[4] = {1, 2, 3, 255};
  make(&b, 1, 1, 16, 6, "\0\1\1\2\2\3\3\xff\xff", 9);
  expect(&b, NULL, RT_F32, 4, rgba, __LINE__);
  static const float grey = (float)((299.0 * 1 + 587.0 * 2 + 114.0 * 3) / 1000.0);
  expect(&b, "grey", RT_F32, 0, &grey, __LINE__);
  start(&b, 3, 1, 8, 3, 0);
  chunk(&b, "PLTE", "\1\1\1\2\2\2\3\3\3", 9);
  chunk(&b, "tRNS", "\x07\x08", 2);
  pixels(&b, "\0\0\1\2", 4, 0);
  end(&b);
  expect(&b, NULL, RT_U8, 4, "\1\1\1\7\2\2\2\x08\3\3\3\xff", __LINE__);
  start(&b, 2, 1, 8, 0, 0);
  chunk(&b, "tRNS", "\0\5", 2);
  pixels(&b, "\0\4\5", 3, 0);
  end(&b);
  expect(&b, NULL, RT_U8, 2, "\4\xff\5\0", __LINE__);
  start(&b, 2, 2, 8, 0, 1);
  pixels(&b, "\0\1\0\2\0\3\4", 7, 0);
  end(&b);
  expect(&b, NULL, RT_U8, 0, "\1\2\3\4", __LINE__);
  start(&b, 1, 1, 8, 0, 0);
  chunk(&b, "iCCP", "nonsense", 8);
  chunk(&b, "zTXt", "more\0\0nonsense", 14);
  chunk(&b, "acTL", "\0\0\0\1\0\0\0\0", 8);
  pixels(&b, "\0\x09", 2, 0);
  chunk(&b, "tEXt", "late", 4);
  end(&b);
  expect(&b, NULL, RT_U8, 0, "\x09", __LINE__);
}

static void test_options(void) {
  Bytes b;
  static const float unit[3] = {0, 51 / 255.0f, 1};
  make(&b, 1, 2, 8, 2, "\0\x64\x32\xc8\0\x0a\x0a\x0a", 8);
  expect(&b, "grey", RT_U8, 0, "\x52\x0a", __LINE__);
  make(&b, 2, 1, 8, 4, "\0\1\2\3\4", 5);
  expect(&b, "rgb", RT_U8, 3, "\1\1\1\3\3\3", __LINE__);
  expect(&b, "grey", RT_U8, 0, "\1\3", __LINE__);
  make(&b, 2, 1, 8, 6, "\0\1\2\3\4\5\6\7\x08", 9);
  expect(&b, "rgb", RT_U8, 3, "\1\2\3\5\6\7", __LINE__);
  make(&b, 3, 1, 8, 0, "\0\0\x33\xff", 4);
  expect(&b, "unit", RT_F32, 0, unit, __LINE__);
  refuses(RT_FILE_PNG, "gray", b.data, b.size, "option: 'gray' is not grey, rgb or unit", "png",
          __LINE__);
}

static void test_bad_chunks(void) {
  Bytes b;
  make(&b, 3, 2, 8, 0, "\0\1\2\3\0\4\5\6", 8);
  refuse_truncations(RT_FILE_PNG, NULL, &b);
  for (size_t i = 0; i < b.size * 8; i++) {
    b.data[i / 8] ^= (unsigned char)(1 << i % 8);
    REFUSES(RT_FILE_PNG, b.data, b.size, "");
    b.data[i / 8] ^= (unsigned char)(1 << i % 8);
  }
  put_text(&b, "PK");
  REFUSES(RT_FILE_PNG, b.data, b.size, "IEND: 2 bytes follow it");
  start(&b, 3, 2, 8, 0, 0);
  pixels(&b, "\0\1\2\3\0\4\5\6", 8, 0);
  REFUSES(RT_FILE_PNG, b.data, b.size, "IEND: missing");
  start(&b, 3, 2, 8, 0, 0);
  end(&b);
  REFUSES(RT_FILE_PNG, b.data, b.size, "IDAT: missing");
  b.size = 8;
  end(&b);
  REFUSES(RT_FILE_PNG, b.data, b.size, "IHDR: missing");
  make(&b, 3, 2, 8, 0, "\0\1\2\3\0\4\5\6", 8);
  b.data[33] = 0x80;
  REFUSES(RT_FILE_PNG, b.data, b.size, "IDAT at byte 33: runs past the end");
  start(&b, 1, 1, 8, 3, 0);
  pixels(&b, "\0\0", 2, 0);
  end(&b);
  REFUSES(RT_FILE_PNG, b.data, b.size, "PLTE");
  make(&b, 1, 1, 8, 3, "\0\3", 2);
  REFUSES(RT_FILE_PNG, b.data, b.size, "an index is not in the palette");
  start(&b, 1, 1, 8, 0, 0);
  chunk(&b, "ABCD", "", 0);
  pixels(&b, "\0\1", 2, 0);
  end(&b);
  REFUSES(RT_FILE_PNG, b.data, b.size, "ABCD");
}

static void test_bad_pixels(void) {
  Bytes b;
  static const unsigned char rows[65536] = {0};
  make(&b, 3, 2, 8, 0, "\5\1\2\3\0\4\5\6", 8);
  REFUSES(RT_FILE_PNG, b.data, b.size, "filter");
  make(&b, 3, 2, 8, 0, "\0\1\2\3\0\4\5", 7);
  REFUSES(RT_FILE_PNG, b.data, b.size, "pixels: ");
  make(&b, 3, 2, 8, 0, "\0\1\2\3\0\4\5\6\7", 9);
  REFUSES(RT_FILE_PNG, b.data, b.size, "pixels: ");
  for (int spoil = -1; spoil <= 1; spoil += 2) {
    start(&b, 3, 2, 8, 0, 0);
    pixels(&b, "\0\1\2\3\0\4\5\6", 8, 4 * spoil);
    end(&b);
    REFUSES(RT_FILE_PNG, b.data, b.size, "pixels: ");
  }
  make(&b, 10, 1, 8, 0, rows, sizeof rows);
  REFUSES(RT_FILE_PNG, b.data, b.size, "pixels: ");
  make(&b, 60000, 17000, 8, 0, rows, sizeof rows);
  REFUSES(RT_FILE_PNG, b.data, b.size, "IHDR: 60000 x 17000 pixels cannot come out of");
}

static void test_heads(void) {
  static const unsigned char rows[64] = {0};
  static const char legal[7][6] = {"12489", {0}, "89", "1248", "89", {0}, "89"};
  Bytes b;
  rt_array a;
  for (int type = 0; type < 8; type++)
    for (int depth = 0; depth <= 32; depth++) {
      bool good = type < 7 && depth &&
                  (depth == 16 ? strchr(legal[type], '9') != NULL
                               : depth < 9 && strchr(legal[type], '0' + depth));
      int samples_a_pixel = type == 2 ? 3 : type == 4 ? 2 : type == 6 ? 4 : 1;
      make(&b, 1, 1, depth, type, rows, 1 + ((size_t)(samples_a_pixel * depth) + 7) / 8);
      if (!good)
        REFUSES(RT_FILE_PNG, b.data, b.size, "");
      else if (READS(RT_FILE_PNG, b.data, b.size, &a))
        rt_array_free(&a);
    }
  static const uint32_t sizes[][2] = {{0, 1},
                                      {1, 0},
                                      {1u << 31, 1},
                                      {1, 1u << 31},
                                      {1u << 20, 1u << 20},
                                      {0xffffffff, 0xffffffff},
                                      {0x7fffffff, 1}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    make(&b, sizes[i][0], sizes[i][1], 8, 0, rows, 2);
    REFUSES(RT_FILE_PNG, b.data, b.size, "IHDR: ");
  }
}

static void test_written(void) {
  rt_error err = {""};
  rt_array back;
  static const uint8_t u8[24] = {0, 1, 127, 254, 255, 3, 9, 8, 7, 6, 5, 4};
  static const float f32[6] = {-5, 0.49f, 0.5f, 254.6f, 255, 1e30f},
                     unit[6] = {-1, 0, 0.2f, 0.5f, 1, 2};
  static const int64_t shapes[][4] = {{3, 4},    {2, 3, 2}, {2, 2, 3},
                                      {1, 3, 4}, {3, 1, 4}, {1, 1, 3, 4}};
  static const int ranks[] = {2, 3, 3, 3, 3, 4};
  for (int i = 0; i < 6; i++) {
    rt_array a = view(RT_U8, ranks[i], shapes[i], u8);
    if (i == 4) a = view(RT_U8, 3, (const int64_t[]){2, 1, 6}, u8);
    CHECK(rt_write(in_folder("p.png"), &a, &err) == 0);
    CHECK(rt_read(in_folder("p.png"), &back, &err) == 0);
    CHECK(rt_array_count(&back) == 12);
    static const uint8_t moved[12] = {0, 9, 1, 8, 127, 7, 254, 6, 255, 5, 3, 4};
    CHECK(memcmp(back.data, i == 4 ? moved : u8, 12) == 0);
    rt_array_free(&back);
  }
  rt_array a = view(RT_F32, 2, (const int64_t[]){2, 3}, f32), b = view(RT_F32, 2, a.dim, unit);
  char path[300];
  CHECK(rt_write(in_folder("f.png"), &a, &err) == 0);
  CHECK(rt_read(in_folder("f.png"), &back, &err) == 0);
  CHECK(memcmp(back.data, "\0\0\1\xff\xff\xff", 6) == 0);
  rt_array_free(&back);
  snprintf(path, sizeof path, "%s:unit", in_folder("f.png"));
  CHECK(rt_write(path, &b, &err) == 0);
  CHECK(rt_read(in_folder("f.png"), &back, &err) == 0);
  CHECK(memcmp(back.data, "\0\0\x33\x80\xff\xff", 6) == 0);
  rt_array_free(&back);
  float nan2[2] = {1, 0.0f / 0.0f};
  a = view(RT_F32, 2, (const int64_t[]){1, 2}, nan2);
  CHECK(rt_write(in_folder("nan.png"), &a, &err) == 1);
  CHECK_TEXT(err.text, "element 1: NaN");
  a = view(RT_U8, 2, (const int64_t[]){0, 2}, u8);
  CHECK(rt_write(in_folder("nan.png"), &a, &err) == 1);
  a = view(RT_U8, 3, (const int64_t[]){2, 2, 5}, u8);
  CHECK(rt_write(in_folder("nan.png"), &a, &err) == 0);
  a = view(RT_U8, 1, (const int64_t[]){12}, u8);
  CHECK(rt_write(in_folder("nan2.png"), &a, &err) == 1);
  CHECK_TEXT(err.text, "shape: {12} is no picture");
  CHECK(access(in_folder("nan2.png"), F_OK) != 0);
}

/* Writes values of the dtype, which must come back as those samples. */
static void writes(rt_dtype t, const void *values, const char *want) {
  rt_error err = {""};
  rt_array a = view(t, 2, (const int64_t[]){1, 3}, values), back;
  CHECK(rt_write(in_folder("t.png"), &a, &err) == 0);
  CHECK(rt_read(in_folder("t.png"), &back, &err) == 0 && back.dtype == RT_U8);
  CHECK(memcmp(back.data, want, 3) == 0);
  rt_array_free(&back);
}

static void test_written_types(void) {
  rt_error err;
  char path[300];
  writes(RT_F64, (const double[]){1.5, 254.5, -1e300}, "\2\xff\0");
  writes(RT_I32, (const int32_t[]){-1, 256, 7}, "\0\xff\7");
  writes(RT_I64, (const int64_t[]){INT64_MIN, INT64_MAX, 9}, "\0\xff\x09");
  writes(RT_BOOL, (const uint8_t[]){0, 1, 0}, "\0\xff\0");
  rt_array a = view(RT_U8, 2, (const int64_t[]){1, 1}, "x");
  snprintf(path, sizeof path, "%s:grey", in_folder("t.png"));
  CHECK(rt_write(path, &a, &err) == 1);
  CHECK_TEXT(err.text, "option: 'grey' is not unit");
  static uint8_t large[300 * 300 * 4];
  for (size_t i = 0; i < sizeof large; i++) large[i] = (uint8_t)(i * i >> 7);
  a = view(RT_U8, 3, (const int64_t[]){300, 300, 4}, large);
  signal(SIGXFSZ, SIG_IGN);
  struct rlimit old, small = {1000, 0};
  getrlimit(RLIMIT_FSIZE, &old);
  small.rlim_max = old.rlim_max;
  setrlimit(RLIMIT_FSIZE, &small);
  CHECK(rt_write(in_folder("large.png"), &a, &err) == 1);
  setrlimit(RLIMIT_FSIZE, &old);
  CHECK_TEXT(err.text, "large.png: write: ");
  CHECK(access(in_folder("large.png"), F_OK) != 0);
}

/* A folder of pictures is one array, its channels where the model wants them. */
static void test_stack(void) {
  rt_error err = {""};
  rt_array back;
  char path[300];
  static const uint8_t x[12] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  mkdir(in_folder("stack"), 0777);
  rt_array a = view(RT_U8, 3, (const int64_t[]){1, 2, 3}, x), b = view(RT_U8, 3, a.dim, x + 6);
  CHECK(rt_write(in_folder("stack/b.png"), &b, &err) == 0);
  CHECK(rt_write(in_folder("stack/a.png"), &a, &err) == 0);
  CHECK(rt_read(in_folder("stack"), &back, &err) == 0);
  CHECK(back.rank == 4 && back.dim[0] == 2 && back.dim[3] == 3 && memcmp(back.data, x, 12) == 0);
  static const int64_t planes[] = {-1, 3, -1, -1}, wrong[] = {3, 3, -1, -1};
  CHECK(rt_layout(&back, true, 4, wrong, "stack", &err) == 1);
  CHECK_TEXT(err.text, "shape: {2, 1, 2, 3} does not fit the declared {3, 3, N, N}");
  CHECK(rt_layout(&back, true, 4, planes, "stack", &err) == 0);
  CHECK(back.dim[1] == 3 && back.dim[2] == 1 && back.dim[3] == 2);
  CHECK(memcmp(back.data, "\0\3\1\4\2\5\6\x09\7\x0a\x08\x0b", 12) == 0);
  rt_array_free(&back);
  snprintf(path, sizeof path, "%s/[b]*.png:grey", in_folder("stack"));
  CHECK(rt_read(path, &back, &err) == 0 && back.rank == 3 && back.dim[0] == 1);
  rt_array_free(&back);
  a.dim[0] = 2;
  a.dim[1] = 1;
  CHECK(rt_write(in_folder("stack/c.png"), &a, &err) == 0);
  CHECK(rt_read(in_folder("stack"), &back, &err) == 1 && !back.data);
  CHECK_TEXT(err.text, "c.png: shape: {2, 1, 3} of u8, and {1, 2, 3} of u8 in the files before it");
  CHECK(rt_read(in_folder("stack/x*.png"), &back, &err) == 1);
  CHECK_TEXT(err.text, "no such file");
}

int main(void) {
  test_types();
  test_deep_and_transparent();
  test_options();
  test_bad_chunks();
  test_bad_pixels();
  test_heads();
  test_written();
  test_written_types();
  test_stack();
  return failures();
}
