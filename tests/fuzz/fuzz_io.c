/*
** fuzz_io.c: libFuzzer's way into every reader of files
**
** The first byte chooses the format, the second a selection (npz member, png options, csv columns);
*the
** rest is the file. With FUZZ_SEEDS=FOLDER it first writes good files to begin from.
** What reads well is written, read again, and must be the same.
*/
#include "rt_io.h"
#include "rt_io_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FORMATS = 6, SELECTIONS = 4 };

static const char *const selections[FORMATS][SELECTIONS] = {
    {NULL, NULL, NULL, NULL},          {NULL, "a", "b.npy", "arr_0"},
    {NULL, "grey", "rgb", "unit,rgb"}, {NULL, "0", "0,2-3", "name"},
    {NULL, NULL, NULL, NULL},          {NULL, "w", "a", "data"}, /* ORDER rt_format */
};
static const char *const endings[FORMATS] = {"npy", "npz", "png", "csv", "idx", "safetensors"};

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Writes one good file of the format, with the two bytes in front. */
static void seed(const char *folder, int format, int kind, const rt_array *a) {
  char path[300];
  rt_error err;
  rt_bytes b;
  snprintf(path, sizeof path, "%s/%d-%d.%s%s", folder, format, kind, endings[format],
           format == RT_FILE_IDX && kind & 1 ? ".gz" : "");
  if (rt_write(path, a, &err) || rt_file_load(path, &b, &err)) return;
  unsigned char *whole = malloc(b.size + 2);
  whole[0] = (unsigned char)format;
  whole[1] = (unsigned char)kind;
  memcpy(whole + 2, b.data, b.size);
  rt_file_put(path, whole, b.size + 2, &err);
  free(whole);
  rt_bytes_free(&b);
}

/* Writes the seeds where the environment asks for them. */
int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  const char *folder = getenv("FUZZ_SEEDS");
  static float f32[12] = {1, 2.5f, -3, 0, 4, 5, 6, 7, 8, 9, 10, 11};
  static int32_t i32[12];
  static uint8_t u8[12] = {1, 2, 3, 4, 255, 254, 7, 8, 9, 10, 11, 12};
  rt_array a[4] = {{.dtype = RT_F32, .rank = 2, .dim = {3, 4}, .data = f32},
                   {.dtype = RT_U8, .rank = 3, .dim = {2, 2, 3}, .data = u8},
                   {.dtype = RT_I32, .rank = 1, .dim = {12}, .data = i32},
                   {.dtype = RT_U8, .rank = 2, .dim = {3, 4}, .data = u8}};
  for (int format = 0; folder && format < FORMATS; format++)
    for (int kind = 0; kind < 4; kind++) seed(folder, format, kind, &a[kind]);
  return 0;
}

/* Makes every chunk's checksum right, so that the fuzzer gets behind them. */
static void mend_png(unsigned char *p, size_t size) {
  for (size_t at = 8; size >= 12 && at <= size - 12;) {
    size_t length =
        (size_t)p[at] << 24 | (size_t)p[at + 1] << 16 | (size_t)p[at + 2] << 8 | p[at + 3];
    if (length > size - at - 12) return;
    uint32_t crc = rt_crc32(0, p + at + 4, length + 4);
    for (int k = 0; k < 4; k++)
      p[at + 8 + length + (size_t)k] = (unsigned char)(crc >> (24 - 8 * k));
    at += length + 12;
  }
}

/* Stops where the condition does not hold; the fuzzer keeps the input. */
static void must(bool ok, const char *what) {
  if (ok) return;
  fprintf(stderr, "fuzz_io: %s\n", what);
  abort();
}

/* Writes what was read as .npy and reads it back. */
static void round_trip(const rt_array *a) {
  char head[RT_NPY_HEAD];
  rt_error err;
  rt_bytes b;
  rt_array back;
  size_t n = rt_npy_head(head, a), bytes = (size_t)rt_array_count(a) * rt_dtype_size(a->dtype);
  if (bytes > 1 << 16) return;
  must(rt_bytes_alloc(&b, n + bytes, "x", &err) == 0, "memory");
  memcpy(b.data, head, n);
  if (bytes) memcpy(b.data + n, a->data, bytes);
  must(rt_npy_parse("x", &b, &back, &err) == 0, "reading .npy back");
  must(back.rank == a->rank && (!bytes || memcmp(back.data, a->data, bytes) == 0),
       "the same array");
  rt_array_free(&back);
  rt_bytes_free(&b);
}

/* Reads the bytes; a failure must be one line with the name in it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 2) return 0;
  rt_format format = (rt_format)(data[0] % FORMATS);
  const char *select = selections[format][data[1] % SELECTIONS];
  rt_array a;
  rt_error err = {""};
  unsigned char *file = malloc(size);
  must(file != NULL, "memory");
  memcpy(file, data + 2, size - 2);
  if (format == RT_FILE_PNG) mend_png(file, size - 2);
  if (rt_read_memory(format, "fuzz", select, file, size - 2, &a, &err) == 0) {
    round_trip(&a);
    rt_array_free(&a);
  } else {
    must(strncmp(err.text, "fuzz: ", 6) == 0 && err.text[6], "the message names the file");
    must(!strpbrk(err.text, "\n\r\t"), "the message is one line");
    must(a.data == NULL, "nothing is left of a failure");
  }
  free(file);
  return 0;
}
