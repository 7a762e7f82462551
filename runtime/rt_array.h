/*
** rt_array.h: dense arrays as the files and the command line of a made program see them
**
** Row-major, the last axis fastest: x[i, j] of a {H, W} array is element i * dim[1] + j.
** Functions that can fail return 0, or 1 with one line of text, "FILE: field: what".
*/
#ifndef RT_ARRAY_H
#define RT_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the file formats here are read and written on little-endian machines only"
#endif

#if defined(__GNUC__)
#define RT_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define RT_PRINTF(f, a)
#endif

typedef enum {
  RT_F32,
  RT_F64,
  RT_I32,
  RT_I64,
  RT_U8,
  RT_BOOL, /* one byte, 0 or 1 */
  RT_DTYPES
} rt_dtype;

enum { RT_MAX_RANK = 8 };

typedef struct rt_array {
  rt_dtype dtype;
  int rank;                 /* 0: a scalar, one element */
  int64_t dim[RT_MAX_RANK]; /* 0 is allowed */
  void *data;               /* aligned for its dtype; writable */
  void *map;                /* what rt_array_free gives back; NULL: data is somebody else's */
  size_t map_size;          /* bytes mapped from a file, 0 where free takes map back */
} rt_array;

typedef struct rt_error {
  char text[512];
} rt_error;

/* rt_array.c */
void rt_error_put(rt_error *err, const char *file, const char *format, ...) RT_PRINTF(3, 4);
/* return rt_fail(err, path, "field: %d", x); reports, and is 1, which compilers can see. */
static inline int rt_failed(void) {
  return 1;
}
#define rt_fail(...) (rt_error_put(__VA_ARGS__), rt_failed())
size_t rt_dtype_size(rt_dtype t);
const char *rt_dtype_name(rt_dtype t); /* "f32" */
bool rt_dtype_parse(const char *name, rt_dtype *t);
int rt_shape_size(rt_dtype t, int rank, const int64_t *dim, size_t *bytes);
int rt_array_alloc(rt_array *a, rt_dtype t, int rank, const int64_t *dim, const char *name,
                   rt_error *err);
int64_t rt_array_count(const rt_array *a);
void rt_array_free(rt_array *a);
const char *rt_shape_text(char *out, size_t size, int rank, const int64_t *dim); /* "{3, N}" */

void *rt_room(size_t size, size_t *map_size); /* rt_room.c */

/* rt_array_convert.c */
int rt_convert(rt_array *a, rt_dtype to, bool allow_lossy, const char *name, rt_error *err);
int rt_convert_check(const rt_array *a, rt_dtype to, bool allow_lossy, const char *name,
                     rt_error *err);
int64_t rt_convert_part(const rt_array *a, int64_t i, int64_t n, rt_array *out, int64_t at,
                        bool allow_lossy);

/* rt_array_layout.c */
int rt_layout(rt_array *a, bool image, int rank, const int64_t *dim, const char *name,
              rt_error *err);
int rt_layout_grid(rt_array *a, const char *name, rt_error *err); /* rt_array_grid.c */
int rt_layout_image(rt_array *a, const char *name, rt_error *err);
int rt_image_grey(rt_array *a, const char *name, rt_error *err);
int rt_image_rgb(rt_array *a, const char *name, rt_error *err);
int rt_image_unit(rt_array *a, const char *name, rt_error *err);

#endif
