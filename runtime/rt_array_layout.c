/*
** rt_array_layout.c: fit what a file holds to the shape a model declares
**
** {H, W} or {H, W, C} of a picture   ->   {H, W}, {H, W, C} or {C, H, W}, with a leading batch axis
** of one where declared. Axes of extent one come and go freely; nothing else is reshaped.
** Channels are dropped only where nothing is lost: an alpha that is opaque everywhere, three equal
** colours for a grey model. A grey picture fills a colour model's three channels.
*/
#include "rt_array.h"

#include <string.h>

/* Whether the extents s, none of them 1, fill the declared ones (-1: any); writes the shape taken.
** A run-time extent is 1 where that leads to a fit, so that a lone picture is a batch of one. */
static bool match(int ns, const int64_t *s, int nd, const int64_t *d, int64_t *out) {
  if (nd == 0) return ns == 0;
  if (d[0] == 1 || d[0] < 0) {
    out[0] = 1;
    if (match(ns, s, nd - 1, d + 1, out + 1)) return true;
  }
  if (ns == 0 || (d[0] >= 0 && d[0] != s[0])) return false;
  out[0] = s[0];
  return match(ns - 1, s + 1, nd - 1, d + 1, out + 1);
}

/* Whether the array already has the declared shape. */
static bool fits(const rt_array *a, int rank, const int64_t *dim) {
  if (a->rank != rank) return false;
  for (int i = 0; i < rank; i++)
    if (dim[i] >= 0 && dim[i] != a->dim[i]) return false;
  return true;
}

/* Fits the array by adding and dropping axes of extent one; false where that is not enough. */
static bool squeeze(rt_array *a, int rank, const int64_t *dim) {
  if (fits(a, rank, dim)) return true;
  int64_t s[RT_MAX_RANK], out[RT_MAX_RANK];
  int ns = 0;
  for (int i = 0; i < a->rank; i++)
    if (a->dim[i] != 1) s[ns++] = a->dim[i];
  if (!match(ns, s, rank, dim, out)) return false;
  a->rank = rank;
  memcpy(a->dim, out, (size_t)rank * sizeof *out);
  return true;
}

/* Makes `out` of {H, W, to} (or {to, H, W}) from the picture a with `from` channels: channel k of
** out is channel min(k, from - 1) of a. Works on the elements' bytes. */
static int channels(const rt_array *a, rt_array *out, int64_t to, bool first, const char *name,
                    rt_error *err) {
  int64_t h = a->dim[0], w = a->dim[1], from = a->rank == 3 ? a->dim[2] : 1;
  int64_t hwc[3] = {h, w, to}, chw[3] = {to, h, w};
  if (rt_array_alloc(out, a->dtype, 3, first ? chw : hwc, name, err)) return 1;
  size_t size = rt_dtype_size(a->dtype);
  const unsigned char *in = a->data;
  unsigned char *p = out->data;
  for (int64_t i = 0; i < h * w; i++)
    for (int64_t k = 0; k < to; k++) {
      int64_t source = i * from + (k < from ? k : from - 1);
      int64_t target = first ? k * h * w + i : i * to + k;
      memcpy(p + (size_t)target * size, in + (size_t)source * size, size);
    }
  return 0;
}

/* Whether the last channel of {H, W, 2 or 4} is opaque everywhere: 255, as PNG files are read. */
static bool opaque(const rt_array *a) {
  int64_t c = a->dim[2], n = a->dim[0] * a->dim[1];
  for (int64_t i = c - 1; i < n * c; i += c) {
    if (a->dtype == RT_U8 && ((const uint8_t *)a->data)[i] != 255) return false;
    if (a->dtype == RT_F32 && ((const float *)a->data)[i] != 255.0f) return false;
  }
  return a->dtype == RT_U8 || a->dtype == RT_F32;
}

/* Whether the three colours of every pixel are equal. */
static bool colourless(const rt_array *a) {
  int64_t c = a->dim[2], n = a->dim[0] * a->dim[1];
  size_t size = rt_dtype_size(a->dtype);
  for (int64_t i = 0; i < n; i++) {
    const unsigned char *p = (const unsigned char *)a->data + (size_t)(i * c) * size;
    if (memcmp(p, p + size, size) || memcmp(p, p + 2 * size, size)) return false;
  }
  return true;
}

/* Tries the picture with `to` channels, first or last (to = 0: the plain {H, W}); on a fit the
** array is replaced. -1 is an error, 0 no fit, 1 a fit. */
static int attempt(rt_array *a, int64_t to, bool first, int rank, const int64_t *dim,
                   const char *name, rt_error *err) {
  rt_array shape = {.rank = to ? 3 : 2, .dim = {a->dim[0], a->dim[1], to}};
  if (to && first) {
    shape.dim[0] = to;
    shape.dim[1] = a->dim[0];
    shape.dim[2] = a->dim[1];
  }
  if (!squeeze(&shape, rank, dim)) return 0;
  rt_array out;
  if (channels(a, &out, to ? to : 1, first, name, err)) return -1;
  out.rank = shape.rank;
  memcpy(out.dim, shape.dim, sizeof out.dim);
  rt_array_free(a);
  *a = out;
  return 1;
}

/* Tries the layouts of a picture, the ones that keep its channels before the others. */
static int image_layout(rt_array *a, int rank, const int64_t *dim, const char *name,
                        rt_error *err) {
  int64_t c = a->rank == 3 ? a->dim[2] : 1, to[4];
  int n = 0;
  to[n++] = c;
  if (c == 1) to[n++] = 3;
  bool dense = (c == 2 || c == 4) && opaque(a);
  if (dense) to[n++] = c - 1;
  if ((c == 3 || (c == 4 && dense)) && colourless(a)) to[n++] = 1;
  for (int i = 0; i < n; i++)
    for (int first = 1; first >= 0; first--) {
      int got = attempt(a, to[i] == 1 && !first ? 0 : to[i], first != 0, rank, dim, name, err);
      if (got) return got;
    }
  return 0;
}

/* Fits every picture of a stack {N, H, W, C} to what is declared behind the first axis. */
static int stack_layout(rt_array *a, int rank, const int64_t *dim, const char *name,
                        rt_error *err) {
  rt_array out = {0};
  size_t bytes = rt_dtype_size(a->dtype);
  for (int i = 1; i < a->rank; i++) bytes *= (size_t)a->dim[i];
  for (int64_t n = 0; n < a->dim[0]; n++) {
    rt_array one = {
        .dtype = a->dtype, .rank = a->rank - 1, .data = (char *)a->data + (size_t)n * bytes};
    memcpy(one.dim, a->dim + 1, sizeof one.dim - sizeof *one.dim);
    if (rt_layout(&one, true, rank - 1, dim + 1, name, err)) return rt_array_free(&out), 1;
    size_t size = (size_t)rt_array_count(&one) * rt_dtype_size(one.dtype);
    if (n == 0) {
      int64_t shape[RT_MAX_RANK] = {a->dim[0]};
      memcpy(shape + 1, one.dim, sizeof shape - sizeof *shape);
      if (rt_array_alloc(&out, a->dtype, rank, shape, name, err)) return rt_array_free(&one), 1;
    }
    memcpy((char *)out.data + (size_t)n * size, one.data, size);
    rt_array_free(&one);
  }
  rt_array_free(a);
  *a = out;
  return 0;
}

/* Fits the array to the shape an entry declares (-1: an extent known only at run time), moving a
** picture's channels where image is set; of a stack of pictures too. name is the file or entry. */
int rt_layout(rt_array *a, bool image, int rank, const int64_t *dim, const char *name,
              rt_error *err) {
  if (squeeze(a, rank, dim)) return 0;
  if (image && (a->rank == 2 || (a->rank == 3 && a->dim[2] >= 1 && a->dim[2] <= 4))) {
    int got = image_layout(a, rank, dim, name, err);
    if (got) return got < 0;
  }
  if (image && a->rank >= 3 && rank == 4 && a->dim[0] > 0 && (dim[0] < 0 || dim[0] == a->dim[0]))
    return stack_layout(a, rank, dim, name, err);
  char have[128], want[128];
  const char *hint = image && a->rank == 3 ? " (FILE.png:grey and :rgb change the channels)" : "";
  return rt_fail(err, name, "shape: %s does not fit the declared %s%s",
                 rt_shape_text(have, sizeof have, a->rank, a->dim),
                 rt_shape_text(want, sizeof want, rank, dim), hint);
}

/* Turns a model's result into {H, W} or {H, W, C}, C from 2 to 4, as pictures are written: leading
** axes of one are dropped, channels move last. Three axes are {H, W, C} where the last is 2 to 4.
*/
int rt_layout_image(rt_array *a, const char *name, rt_error *err) {
  int drop = 0;
  while (a->rank - drop > 3 && a->dim[drop] == 1) drop++;
  int64_t last = a->rank ? a->dim[a->rank - 1] : 0;
  if (a->rank - drop == 3 && a->dim[drop] == 1 && (last < 2 || last > 4)) drop++;
  int rank = a->rank - drop;
  const int64_t *d = a->dim + drop;
  if (rank == 3 && d[2] > 4 && d[0] <= 4) {
    int64_t c = d[0], hw = d[1] * d[2], hwc[3] = {d[1], d[2], c};
    rt_array out;
    if (rt_array_alloc(&out, a->dtype, 3, hwc, name, err)) return 1;
    size_t size = rt_dtype_size(a->dtype);
    for (int64_t i = 0; i < hw; i++)
      for (int64_t k = 0; k < c; k++)
        memcpy((char *)out.data + (size_t)(i * c + k) * size,
               (const char *)a->data + (size_t)(k * hw + i) * size, size);
    rt_array_free(a);
    *a = out;
    return 0;
  }
  if (rank == 3 && d[2] == 1) rank = 2;
  if (rank != 2 && !(rank == 3 && d[2] >= 2 && d[2] <= 4)) {
    char have[128];
    return rt_fail(err, name, "shape: %s is no picture ({H, W}, {H, W, C} or {C, H, W})",
                   rt_shape_text(have, sizeof have, a->rank, a->dim));
  }
  memmove(a->dim, d, (size_t)rank * sizeof *d);
  a->rank = rank;
  return 0;
}

/* Turns a picture {H, W, C} of u8 or f32 into its grey values {H, W}, without alpha:
** (299 R + 587 G + 114 B) / 1000, rounded to nearest in u8. */
int rt_image_grey(rt_array *a, const char *name, rt_error *err) {
  if (a->rank == 2) return 0;
  int64_t c = a->dim[2], n = a->dim[0] * a->dim[1];
  rt_array out;
  if (rt_array_alloc(&out, a->dtype, 2, a->dim, name, err)) return 1;
  for (int64_t i = 0; i < n; i++) {
    int64_t r = i * c, g = c > 2 ? r + 1 : r, b = c > 2 ? r + 2 : r;
    if (a->dtype == RT_U8) {
      const uint8_t *p = a->data;
      ((uint8_t *)out.data)[i] = (uint8_t)((299 * p[r] + 587 * p[g] + 114 * p[b] + 500) / 1000);
    } else {
      const float *p = a->data;
      double y = c > 2 ? (299.0 * p[r] + 587.0 * p[g] + 114.0 * p[b]) / 1000.0 : p[r];
      ((float *)out.data)[i] = (float)y;
    }
  }
  rt_array_free(a);
  *a = out;
  return 0;
}

/* Turns a picture {H, W} or {H, W, C} into {H, W, 3}: grey three times, alpha dropped. */
int rt_image_rgb(rt_array *a, const char *name, rt_error *err) {
  rt_array out;
  if (a->rank == 3 && a->dim[2] == 2 && rt_image_grey(a, name, err)) return 1;
  if (channels(a, &out, 3, false, name, err)) return 1;
  rt_array_free(a);
  *a = out;
  return 0;
}

/* Turns values 0..255 into f32 0..1. */
int rt_image_unit(rt_array *a, const char *name, rt_error *err) {
  if (rt_convert(a, RT_F32, false, name, err)) return 1;
  float *p = a->data;
  for (int64_t i = 0, n = rt_array_count(a); i < n; i++) p[i] /= 255.0f;
  return 0;
}
