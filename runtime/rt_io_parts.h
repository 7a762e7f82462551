/*
** rt_io_parts.h: what the files of the file layer share among themselves
**
** A reader has the file's bytes in an rt_bytes, checks them, and fills an rt_array.
** A writer opens an rt_out, writes, and commits; after any failure it aborts, and nothing is left.
*/
#ifndef RT_IO_PARTS_H
#define RT_IO_PARTS_H

#include "rt_io.h"

/* No deflate stream expands by more than 1032 to 1; what claims more is refused unread. */
enum { RT_MAX_RATIO = 1100 };

/* A file's bytes: for free (map_size 0), mapped, or somebody else's (map NULL). */
typedef struct rt_bytes {
  unsigned char *data;
  size_t size;
  void *map;
  size_t map_size;
} rt_bytes;

/* rt_file.c */
int rt_file_load(const char *path, rt_bytes *b, rt_error *err);
int rt_bytes_alloc(rt_bytes *b, size_t size, const char *name, rt_error *err);
void rt_bytes_free(rt_bytes *b);
bool rt_ends_with(const char *s, size_t length, const char *ending);

/* rt_out.c */
typedef struct rt_out {
  char *path, *temporary;
  int fd;
  bool linked;   /* the temporary has its name already */
  rt_error *err; /* the first failure, where every call since puts nothing */
  bool failed;
  size_t used;
  unsigned char buffer[1 << 15];
} rt_out;

int rt_out_open(rt_out *o, const char *path, uint64_t size, rt_error *err);
int rt_out_put(rt_out *o, const void *data, size_t size);
int rt_out_commit(rt_out *o);
void rt_out_abort(rt_out *o);

/* rt_io_st.c */
int rt_st_take(const rt_st *st, const char *name, rt_bytes *b, rt_array *out, rt_error *err);

/* rt_io_sum.c */
typedef struct rt_xxh64 {
  uint64_t lane[4], total;
  unsigned char rest[32];
  int used;
} rt_xxh64;

uint32_t rt_crc32(uint32_t crc, const void *data, size_t size);
void rt_xxh64_start(rt_xxh64 *h);
void rt_xxh64_add(rt_xxh64 *h, const void *data, size_t size);
uint64_t rt_xxh64_sum(const rt_xxh64 *h);

/* rt_io_number.c */
typedef enum { RT_NUMBER_OK, RT_NUMBER_BAD, RT_NUMBER_LARGE } rt_number;
rt_number rt_parse_f64(const char *s, size_t length, double *out);
bool rt_parse_count(const char *s, size_t length, int64_t *out);
void rt_print_number(char *out, size_t size, const rt_array *a, int64_t at);

/* rt_io_deflate.c */
int rt_inflate(const char *name, const void *in, size_t size, void *out, size_t want,
               rt_error *err);
int rt_gunzip(const char *name, const void *in, size_t size, void *out, size_t room, size_t *got,
              bool *more, rt_error *err);
int rt_gzip_put(rt_out *o, const char *name, const void *head, size_t head_size, const void *data,
                size_t size);

/* rt_json.c */
typedef struct rt_json {
  const char *file;
  const unsigned char *start, *at, *end;
  char *strings; /* room for every string of the text, ended by zeros: end - start bytes */
  size_t used;
  rt_error *err;
  bool bad;
} rt_json;

void rt_json_start(rt_json *j, const char *file, const void *text, size_t size, char *strings,
                   rt_error *err);
bool rt_json_open(rt_json *j, char bracket);
bool rt_json_next(rt_json *j, char bracket, bool *first);
const char *rt_json_key(rt_json *j);
const char *rt_json_string(rt_json *j);
int64_t rt_json_count(rt_json *j);
bool rt_json_finish(rt_json *j);
void rt_json_fail(rt_json *j, const char *what);

/* one file each: rt_io_npy.c ... A reader may take b's bytes over, and leaves b empty then. */
enum { RT_NPY_HEAD = 256 };
int rt_npy_parse(const char *name, rt_bytes *b, rt_array *out, rt_error *err);
size_t rt_npy_head(char *head, const rt_array *a);
int rt_npy_write(const char *path, const rt_array *a, rt_error *err);
int rt_npz_parse(const char *name, rt_bytes *b, const char *select, rt_array *out, rt_error *err);
int rt_png_parse(const char *name, const rt_bytes *b, const char *select, rt_array *out,
                 rt_error *err);
int rt_png_size(const char *name, const rt_bytes *b, int64_t size[3], rt_error *err);
int rt_png_write(const char *path, const char *select, const rt_array *a, rt_error *err);
int rt_csv_parse(const char *name, const rt_bytes *b, const char *select, rt_array *out,
                 rt_error *err);
int rt_csv_write(const char *path, const rt_array *a, rt_error *err);
int rt_idx_parse(const char *name, rt_bytes *b, rt_array *out, rt_error *err);
int rt_idx_write(const char *path, const rt_array *a, rt_error *err);
int rt_text_parse(const char *name, const rt_bytes *b, rt_array *out, rt_error *err);
int rt_text_write(const char *path, const rt_array *a, rt_error *err);
int rt_rows_take(const char *name, const char *select, rt_array *a, rt_error *err);

/* rt_io_widen.c: numbers of types the arrays do not have */
typedef enum {
  RT_WIDE_I8,
  RT_WIDE_I16,
  RT_WIDE_U16,
  RT_WIDE_U32,
  RT_WIDE_U64,
  RT_WIDE_F16,
  RT_WIDE_BF16,
  RT_WIDE_NONE
} rt_wide;
typedef struct rt_stored {
  rt_dtype dtype; /* as it is read */
  rt_wide wide;   /* as it is stored, where that differs */
  size_t size;    /* bytes an element in the file */
} rt_stored;
int rt_take(const char *name, const rt_stored *s, const void *data, rt_array *out, rt_error *err);

#endif
