/*
** rt_weights_file.h: the files of rt_weights.h, where there is a file system
*/
#ifndef RT_WEIGHTS_FILE_H
#define RT_WEIGHTS_FILE_H

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include "rt_weights.h"

/* Where memory for a while comes from: the C library, unless allocate says otherwise. */
typedef struct rt_memory {
  void *(*allocate)(void *context, size_t size);
  void (*release)(void *context, void *memory, size_t size);
  void *context;
} rt_memory;

static inline void *rt_memory_get(const rt_memory *m, size_t size) {
  return m->allocate ? m->allocate(m->context, size) : malloc(size);
}

static inline void rt_memory_put(const rt_memory *m, void *memory, size_t size) {
  if (!m->allocate) free(memory);
  else if (m->release && memory) m->release(m->context, memory, size);
}

/* Returns the file's bytes, to be given back, or NULL. */
static inline void *rt_weights_read(const rt_memory *m, const char *path, size_t *size) {
  FILE *f = fopen(path, "rb");
  *size = 0;
  if (!f) return NULL;
  long n = fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
  bool fine = n > 0 && n < LONG_MAX && fseek(f, 0, SEEK_SET) == 0;
  char *data = fine ? (char *)rt_memory_get(m, (size_t)n) : NULL;
  if (data && fread(data, 1, (size_t)n, f) != (size_t)n) {
    rt_memory_put(m, data, (size_t)n);
    data = NULL;
  }
  fclose(f);
  *size = data ? (size_t)n : 0;
  return data;
}

/* Prints the header into f, or counts its bytes where f is NULL. */
static inline size_t rt_weights_header(FILE *f, const rt_weight *w, int n, const char *model) {
  char text[512];
  size_t total = 0, at = 0;
  for (int k = -1; k <= n; k++) {
    int length;
    if (k < 0) {
      length =
          snprintf(text, sizeof text, "{\"__metadata__\": {\"crescent_model\": \"%s\"}", model);
    } else if (k == n) {
      length = snprintf(text, sizeof text, "}");
    } else {
      char type[8] = "";
      size_t bytes = rt_weight_count(&w[k]) * w[k].element;
      for (int i = 0; i < 7 && w[k].dtype[i]; i++)
        type[i] = (char)(w[k].dtype[i] >= 'a' && w[k].dtype[i] <= 'z' ? w[k].dtype[i] - 32
                                                                      : w[k].dtype[i]);
      length = snprintf(text, sizeof text, ", \"%.200s\": {\"dtype\": \"%s\", \"shape\": [",
                        w[k].name, type);
      for (int d = 0; d < w[k].rank; d++)
        length += snprintf(text + length, sizeof text - (size_t)length, "%s%lld", d ? ", " : "",
                           (long long)w[k].dim[d]);
      length += snprintf(text + length, sizeof text - (size_t)length,
                         "], \"data_offsets\": [%zu, %zu]}", at, at + bytes);
      at += bytes;
    }
    if (f) fwrite(text, 1, (size_t)length, f);
    total += (size_t)length;
  }
  for (; total % 8; total++)
    if (f) fputc(' ', f);
  return total;
}

/* Writes all tensors beside the path, and renames; false is success. */
static inline bool rt_weights_save(const rt_memory *m, const rt_weight *w, int n, const char *model,
                                   const char *path) {
  size_t room = strlen(path) + 8;
  char *beside = (char *)rt_memory_get(m, room);
  if (!beside) return true;
  snprintf(beside, room, "%s.part", path);
  FILE *f = fopen(beside, "wb");
  bool bad = !f;
  if (f) {
    uint64_t length = rt_weights_header(NULL, w, n, model);
    for (int i = 0; i < 8; i++) fputc((int)(length >> (8 * i) & 255), f);
    rt_weights_header(f, w, n, model);
    for (int k = 0; k < n; k++) {
      size_t count = rt_weight_count(&w[k]);
      bad = bad || fwrite(w[k].data, w[k].element, count, f) != count;
    }
    bad = ferror(f) != 0 || bad;
    bad = fclose(f) != 0 || bad;
    bad = bad || rename(beside, path) != 0;
    if (bad) remove(beside);
  }
  rt_memory_put(m, beside, room);
  return bad;
}

#endif
