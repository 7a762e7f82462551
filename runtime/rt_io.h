/*
** rt_io.h: the files of a made program: arrays in and out, and parameters in safetensors
**
** rt_read("train-images-idx3-ubyte.gz", &x, &err)      {60000, 28, 28} of u8
** rt_read("data.npz:labels", &y, &err)                 one member
** rt_write("out.png", &picture, &err)                  all of it or nothing
**
** Readers refuse whatever is not exactly as its format says, before memory is taken for it, with
** one line naming file and field. Writers put a temporary file beside the target, reserve its
** space, sync it, and rename it over; a kill at any moment leaves the old file or the new one.
** A program that writes should ignore SIGXFSZ and SIGPIPE, so that a limit is an error, not a
*death.
** Numbers in text are read and written with a '.', whatever LC_NUMERIC says.
** Built without RT_HAVE_PNG or RT_HAVE_ZLIB, what needs that library is an error that says so.
*/
#ifndef RT_IO_H
#define RT_IO_H

#include "rt_array.h"

/* ---- any format, by the name's ending (rt_io.c)
**
**   .npy                  NumPy 1.0 to 3.0, little-endian; i8 i16 u16 are read as i32, u32 and u64
**                         as i64, f16 as f32; a Fortran-order array is turned row-major
**   .npz[:MEMBER]         stored or deflated; written as one stored member (arr_0 if not named)
**   .png[:OPTION,...]     u8 {H, W}, {H, W, 2} (grey, alpha), {H, W, 3} or {H, W, 4}; 16-bit files
**                         are f32, sample / 257. Options: grey, rgb, unit (0..1 in place of
*0..255).
**                         Written as 8 bit, numbers rounded and clamped to 0..255
**   FOLDER, a*.png        every .png there, by name, all of one shape, stacked: {files, H, W} and
*so on
**   .csv[:COLUMNS]        f64 {rows, columns}; also .tsv. COLUMNS is 2, 0-3, 0,2,5-7 or a header's
**                         name; one column gives {rows}
**   .txt                  bytes: {letters} of u8
**   .idx[.gz]             also .idx3, -idx3-ubyte and so on; i8 and i16 are read as i32
**   .safetensors[:NAME]   one tensor of the file
**   .npy, .idx, .txt take rows: x.npy:0-7, x.idx:3 (without the axis of rows), x.idx:0,2,5-7
*/
typedef enum {
  RT_FILE_NPY,
  RT_FILE_NPZ,
  RT_FILE_PNG,
  RT_FILE_CSV,
  RT_FILE_IDX,
  RT_FILE_SAFETENSORS,
  RT_FILE_TEXT,
  RT_FILE_UNKNOWN
} rt_format;

rt_format rt_format_of(const char *path);
int rt_read(const char *path, rt_array *out, rt_error *err);
int rt_read_like(const char *path, const char *like, rt_array *out, rt_error *err);
int rt_read_memory(rt_format format, const char *name, const char *select, const void *data,
                   size_t size, rt_array *out, rt_error *err);
int rt_picture_size(const char *path, int64_t size[3], rt_error *err);
int rt_write(const char *path, const rt_array *a, rt_error *err);

/* An array and its name, as the files that hold several take them. */
typedef struct rt_named {
  const char *name;
  rt_array array;
} rt_named;

int rt_npz_write(const char *path, const rt_named *member, int count, rt_error *err);

/* ---- safetensors (rt_io_st.c, rt_io_st_write.c) */

typedef struct rt_st_tensor {
  const char *name;
  const char *type; /* as in the file: "F32", "BF16" ... */
  int rank;
  int64_t dim[RT_MAX_RANK];
  const void *data; /* not always aligned for its type: rt_st_read copies */
  size_t size;      /* bytes */
} rt_st_tensor;

typedef struct rt_st {
  const char *file; /* for messages */
  int count;
  rt_st_tensor *tensor; /* by name */
  int metas;
  const char **meta; /* key, value, key, value ..., by key */
  bool checked;      /* the file had a checksum, and it was right */
  char *strings;     /* every name, key and value */
  void *map;         /* the file's bytes, as in rt_array */
  size_t map_size;
} rt_st;

#define RT_ST_CHECKSUM "crescent_checksum" /* the metadata key; see rt_io_st_write.c */

int rt_st_open(const char *path, rt_st *st, rt_error *err);
int rt_st_from_memory(const char *name, const void *data, size_t size, rt_st *st, rt_error *err);
const rt_st_tensor *rt_st_find(const rt_st *st, const char *name);
const char *rt_st_metadata(const rt_st *st, const char *key);
int rt_st_read(const rt_st *st, const char *name, rt_array *out, rt_error *err);
void rt_st_close(rt_st *st);
int rt_st_write(const char *path, const rt_named *tensor, int count, const char *const *meta,
                int metas, rt_error *err);

/* ---- files and folders (rt_file.c, rt_out.c) */

int rt_file_put(const char *path, const void *data, size_t size, rt_error *err);
int rt_list_files(const char *where, const char *ending, char ***list, int *count, rt_error *err);
void rt_list_free(char **list, int count);

#endif
