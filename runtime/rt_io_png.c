/*
** rt_io_png.c: PNG pictures into arrays, through libpng
**
** 8 bit or less: u8, 0..255 (grey of 1, 2 and 4 bits is stretched); 16 bit: f32, sample / 257, so
** 0..255 as well. {H, W} grey, {H, W, 2} grey and alpha, {H, W, 3} and {H, W, 4} colour; a palette
*gives
** its colours. The chunks are walked and their checksums checked before libpng sees the file; those
*that
** are no pixels (profiles, text) are never unpacked. An animation gives its first picture.
*/
#include "rt_io_parts.h"

#ifndef RT_HAVE_PNG

int rt_png_size(const char *name, const rt_bytes *b, int64_t size[3], rt_error *err) {
  (void)b, (void)size;
  return rt_fail(err, name, "format: this program was built without libpng");
}

int rt_png_parse(const char *name, const rt_bytes *b, const char *select, rt_array *out,
                 rt_error *err) {
  (void)b, (void)select, (void)out;
  return rt_fail(err, name, "format: this program was built without libpng");
}

#else

#include <png.h>
#include <setjmp.h>
#include <string.h>

enum { MOST_PIXELS = 1 << 30 };

typedef struct Reader {
  const char *file;
  rt_error *err;
  const unsigned char *at, *end;
  png_structp png;
  png_infop info;
  rt_array *out;
  png_color palette[256];
  unsigned char alpha[256];
  int colors; /* of the palette, 0 without */
  bool transparent;
} Reader;

static uint32_t word(const unsigned char *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Walks the chunks from IHDR to IEND, which must end the file. Refuses a picture larger than its
** packed bytes could give. */
static int walk(const char *name, const rt_bytes *b, int64_t size[3], rt_error *err) {
  static const unsigned char magic[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  if (b->size < 8 || memcmp(b->data, magic, 8) != 0)
    return rt_fail(err, name, "magic: no PNG file");
  uint64_t packed = 0;
  bool transparent = false;
  const unsigned char *head = NULL;
  for (size_t at = 8;;) {
    const unsigned char *p = b->data + at;
    if (at == b->size) return rt_fail(err, name, "IEND: missing");
    if (b->size - at < 12) return rt_fail(err, name, "chunk at byte %zu: cut short", at);
    uint32_t length = word(p);
    char type[5] = {0};
    memcpy(type, p + 4, 4);
    if (length > 0x7fffffff || length > b->size - at - 12)
      return rt_fail(err, name, "%s at byte %zu: runs past the end of the file", type, at);
    if (rt_crc32(0, p + 4, length + (size_t)4) != word(p + 8 + length))
      return rt_fail(err, name, "%s at byte %zu: its checksum is wrong", type, at);
    bool first = at == 8;
    at += length + (size_t)12;
    if (first && (strcmp(type, "IHDR") != 0 || length != 13))
      return rt_fail(err, name, "IHDR: missing");
    if (first) head = p + 8;
    if (strcmp(type, "IDAT") == 0) packed += length;
    if (strcmp(type, "tRNS") == 0) transparent = true;
    if (strcmp(type, "IEND") == 0) {
      if (length) return rt_fail(err, name, "IEND: is not empty");
      if (at != b->size) return rt_fail(err, name, "IEND: %zu bytes follow it", b->size - at);
      break;
    }
  }
  if (packed == 0) return rt_fail(err, name, "IDAT: missing");
  uint64_t width = word(head), height = word(head + 4);
  if (width == 0 || height == 0 || width * height > MOST_PIXELS)
    return rt_fail(err, name, "IHDR: %u x %u pixels", (unsigned)width, (unsigned)height);
  static const unsigned char samples[8] = {1, 0, 3, 1, 2, 0, 4, 0}; /* by colour type */
  uint64_t bits = width * head[8] * samples[head[9] & 7];
  if ((bits / 8 + 1) * height / RT_MAX_RATIO > packed)
    return rt_fail(err, name, "IHDR: %u x %u pixels cannot come out of %llu packed bytes",
                   (unsigned)width, (unsigned)height, (unsigned long long)packed);
  size[0] = (int64_t)height;
  size[1] = (int64_t)width;
  size[2] = head[9] == 3 ? 3 : samples[head[9] & 7];
  size[2] += transparent && size[2] % 2;
  return 0;
}

/* Height, width and channels, from the file's chunks alone. */
int rt_png_size(const char *name, const rt_bytes *b, int64_t size[3], rt_error *err) {
  return walk(name, b, size, err);
}

static void on_error(png_structp png, png_const_charp message) {
  Reader *r = png_get_error_ptr(png);
  rt_fail(r->err, r->file, "pixels: %s", message);
  longjmp(png_jmpbuf(png), 1);
}

static void on_warning(png_structp png, png_const_charp message) {
  (void)png, (void)message;
}

static void on_read(png_structp png, png_bytep to, png_size_t size) {
  Reader *r = png_get_io_ptr(png);
  if (size > (size_t)(r->end - r->at)) png_error(png, "the file ends too early");
  memcpy(to, r->at, size);
  r->at += size;
}

/* Reads what comes before the pixels, and keeps the palette, whose indices libpng must not look up:
** it would not notice one out of range. */
static void read_head(Reader *r) {
  png_structp png = r->png;
  png_set_read_fn(png, r, on_read);
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  png_set_chunk_malloc_max(png, 8 << 20);
  png_set_benign_errors(png, 0);
#ifdef PNG_HANDLE_AS_UNKNOWN_SUPPORTED
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
#endif
  png_read_info(png, r->info);
  png_colorp colors = NULL;
  png_bytep alpha = NULL;
  int alphas = 0;
  bool indexed = png_get_color_type(png, r->info) == PNG_COLOR_TYPE_PALETTE;
  r->transparent = png_get_valid(png, r->info, PNG_INFO_tRNS) != 0;
  if (indexed) {
    if (!png_get_PLTE(png, r->info, &colors, &r->colors)) png_error(png, "the palette is missing");
    memcpy(r->palette, colors, (size_t)r->colors * sizeof *colors);
    memset(r->alpha, 255, sizeof r->alpha);
    if (r->transparent) png_get_tRNS(png, r->info, &alpha, &alphas, NULL);
    if (alphas) memcpy(r->alpha, alpha, (size_t)alphas);
    png_set_packing(png);
  } else {
    if (png_get_bit_depth(png, r->info) < 8) png_set_expand_gray_1_2_4_to_8(png);
    if (r->transparent) png_set_tRNS_to_alpha(png);
  }
}

/* Looks the indices of a picture's n pixels up. They are the last bytes of the array, so that no
** colour is written over an index to come. */
static void look_up(Reader *r, int64_t n, int channels) {
  unsigned char *to = r->out->data;
  const unsigned char *from = to + (channels - 1) * n;
  for (int64_t i = 0; i < n; i++, to += channels) {
    int k = from[i];
    if (k >= r->colors) png_error(r->png, "an index is not in the palette");
    unsigned char alpha = r->alpha[k];
    png_color c = r->palette[k];
    to[0] = c.red;
    to[1] = c.green;
    to[2] = c.blue;
    if (channels == 4) to[3] = alpha;
  }
}

/* Turns n big-endian 16-bit samples into floats. They are the second half of the array, so that no
** float is written over a sample to come. */
static void to_floats(Reader *r, int64_t n) {
  float *to = r->out->data;
  const unsigned char *from = (const unsigned char *)r->out->data + 2 * n;
  for (int64_t i = 0; i < n; i++) {
    int sample = from[2 * i] << 8 | from[2 * i + 1];
    to[i] = (float)sample / 257.0f;
  }
}

/* Reads the pixels into r->out, at its end where they are yet to grow. */
static void read_pixels(Reader *r) {
  png_structp png = r->png;
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, r->info);
  int64_t height = png_get_image_height(png, r->info), width = png_get_image_width(png, r->info);
  int channels = r->colors ? 3 + r->transparent : png_get_channels(png, r->info);
  bool deep = png_get_bit_depth(png, r->info) == 16;
  int64_t shape[3] = {height, width, channels};
  if (rt_array_alloc(r->out, deep ? RT_F32 : RT_U8, channels == 1 ? 2 : 3, shape, r->file, r->err))
    longjmp(png_jmpbuf(png), 1);
  int64_t pixels = width * height;
  size_t row = png_get_rowbytes(png, r->info);
  unsigned char *p = r->out->data;
  if (r->colors) p += (channels - 1) * pixels;
  if (deep) p += 2 * pixels * channels;
  for (int pass = 0; pass < passes; pass++)
    for (int64_t i = 0; i < height; i++) png_read_row(png, p + (size_t)i * row, NULL);
  png_read_end(png, NULL);
  if (r->colors) look_up(r, pixels, channels);
  if (deep) to_floats(r, pixels * channels);
}

/* Applies the options: grey, rgb, unit. */
static int apply(const char *name, const char *select, rt_array *a, rt_error *err) {
  for (const char *s = select; s; s = *s ? s + 1 : NULL) {
    size_t n = strcspn(s, ",");
    int bad = 0;
    if (n == 4 && memcmp(s, "grey", n) == 0)
      bad = rt_image_grey(a, name, err);
    else if (n == 3 && memcmp(s, "rgb", n) == 0)
      bad = rt_image_rgb(a, name, err);
    else if (n == 4 && memcmp(s, "unit", n) == 0)
      bad = rt_image_unit(a, name, err);
    else
      bad = rt_fail(err, name, "option: '%.*s' is not grey, rgb or unit", n < 40 ? (int)n : 40, s);
    if (bad) return 1;
    s += n;
  }
  return 0;
}

/* Reads head and pixels; libpng's errors come back here. */
static int decode(Reader *r) {
  if (setjmp(png_jmpbuf(r->png))) return 1;
  read_head(r);
  read_pixels(r);
  return 0;
}

/* Reads a picture's bytes; select lists options, or is NULL. */
int rt_png_parse(const char *name, const rt_bytes *b, const char *select, rt_array *out,
                 rt_error *err) {
  int64_t size[3];
  if (walk(name, b, size, err)) return 1;
  memset(out, 0, sizeof *out);
  Reader r = {.file = name, .err = err, .at = b->data, .end = b->data + b->size, .out = out};
  r.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &r, on_error, on_warning);
  r.info = r.png ? png_create_info_struct(r.png) : NULL;
  int bad = r.info ? decode(&r) : rt_fail(err, name, "out of memory");
  png_destroy_read_struct(&r.png, &r.info, NULL);
  if (!bad) bad = apply(name, select, out, err);
  if (bad) rt_array_free(out);
  return bad;
}

#endif
