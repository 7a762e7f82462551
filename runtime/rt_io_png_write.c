/*
** rt_io_png_write.c: arrays into PNG pictures of 8 bit, through libpng
**
** sample = round(x), or round(255 x) with the option unit, clamped to 0..255. A bool is 0 or 255.
*/
#include "rt_io_parts.h"

#ifndef RT_HAVE_PNG

int rt_png_write(const char *path, const char *select, const rt_array *a, rt_error *err) {
  (void)select, (void)a;
  return rt_fail(err, path, "format: this program was built without libpng");
}

#else

#include <inttypes.h>
#include <math.h>
#include <png.h>
#include <setjmp.h>
#include <string.h>

typedef struct Writer {
  rt_out out;
  const rt_array *samples; /* u8 */
  png_structp png;
  png_infop info;
} Writer;

static uint8_t clamp(double x) {
  return x <= 0 ? 0 : x >= 255 ? 255 : (uint8_t)(x + 0.5);
}

/* Makes the samples; NaN has none. */
static int quantise(const char *path, const rt_array *a, bool unit, rt_array *out, rt_error *err) {
  if (rt_array_alloc(out, RT_U8, a->rank, a->dim, path, err)) return 1;
  double scale = unit || a->dtype == RT_BOOL ? 255 : 1;
  uint8_t *to = out->data;
  for (int64_t i = 0, n = rt_array_count(a); i < n; i++) {
    double x = 0;
    switch (a->dtype) {
    case RT_F32:
      x = (double)((const float *)a->data)[i];
      break;
    case RT_F64:
      x = ((const double *)a->data)[i];
      break;
    case RT_I32:
      x = ((const int32_t *)a->data)[i];
      break;
    case RT_I64:
      x = (double)((const int64_t *)a->data)[i];
      break;
    default:
      x = ((const uint8_t *)a->data)[i];
    }
    if (isnan(x)) {
      rt_array_free(out);
      return rt_fail(err, path, "element %" PRId64 ": NaN is no brightness", i);
    }
    to[i] = clamp(x * scale);
  }
  return 0;
}

static void on_error(png_structp png, png_const_charp message) {
  Writer *w = png_get_error_ptr(png);
  if (!w->out.failed) rt_fail(w->out.err, w->out.path, "pixels: %s", message);
  w->out.failed = true;
  longjmp(png_jmpbuf(png), 1);
}

static void on_warning(png_structp png, png_const_charp message) {
  (void)png, (void)message;
}

static void on_write(png_structp png, png_bytep data, png_size_t size) {
  Writer *w = png_get_io_ptr(png);
  if (rt_out_put(&w->out, data, size)) png_error(png, "the file cannot be written");
}

static void on_flush(png_structp png) {
  (void)png;
}

/* Writes everything through libpng, whose errors come back here. */
static int encode(Writer *w) {
  static const int types[5] = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA,
                               PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
  if (setjmp(png_jmpbuf(w->png))) return 1;
  const rt_array *a = w->samples;
  int channels = a->rank == 3 ? (int)a->dim[2] : 1;
  png_set_write_fn(w->png, w, on_write, on_flush);
  png_set_user_limits(w->png, 0x7fffffff, 0x7fffffff);
  png_set_IHDR(w->png, w->info, (png_uint_32)a->dim[1], (png_uint_32)a->dim[0], 8, types[channels],
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(w->png, w->info);
  const uint8_t *p = a->data;
  for (int64_t i = 0; i < a->dim[0]; i++) png_write_row(w->png, p + i * a->dim[1] * channels);
  png_write_end(w->png, NULL);
  return 0;
}

static int write_samples(const char *path, const rt_array *samples, rt_error *err) {
  Writer w = {.samples = samples};
  if (rt_out_open(&w.out, path, 0, err)) return 1;
  w.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &w, on_error, on_warning);
  w.info = w.png ? png_create_info_struct(w.png) : NULL;
  int bad = w.info ? encode(&w) : rt_fail(err, path, "out of memory");
  png_destroy_write_struct(&w.png, &w.info);
  if (!bad) return rt_out_commit(&w.out);
  rt_out_abort(&w.out);
  return 1;
}

/* Writes a picture of any shape rt_layout_image takes; select is NULL or "unit". */
int rt_png_write(const char *path, const char *select, const rt_array *a, rt_error *err) {
  rt_array picture = *a, samples;
  if (select && strcmp(select, "unit") != 0)
    return rt_fail(err, path, "option: '%.40s' is not unit", select);
  picture.map = NULL;
  picture.map_size = 0;
  if (rt_layout_image(&picture, path, err)) return 1;
  int bad = 0;
  if (picture.dim[0] < 1 || picture.dim[1] < 1 || picture.dim[0] > 0x7fffffff ||
      picture.dim[1] > 0x7fffffff / 4)
    bad = rt_fail(err, path, "shape: %" PRId64 " rows of %" PRId64 " pixels", picture.dim[0],
                  picture.dim[1]);
  if (!bad) bad = quantise(path, &picture, select != NULL, &samples, err);
  rt_array_free(&picture);
  if (bad) return 1;
  bad = write_samples(path, &samples, err);
  rt_array_free(&samples);
  return bad;
}

#endif
