/*
** rt_pictures.c: pictures of any size as the rows of a training entry's input
**
**   --data x=photos:grey      every .png of a folder, one a row, cropped at random to {H, W}
**
** As many as --cache has room for are decoded before the first step and kept. Of the others the
** chunks and checksums are looked at then, and several threads decode a batch's when it is
** gathered; so a data set may be larger than memory. A file that cannot be read is named.
*/
#define _POSIX_C_SOURCE 200809L
#include "rt_program.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CACHE = 512, MOST_THREADS = 8, CHANNELS = 5 };

/* Takes the list of files over; NULL without memory. */
rt_pictures *rt_pictures_of(char **file, int count, const rt_options *o) {
  rt_pictures *p = calloc(1, sizeof *p);
  if (p) {
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    p->threads = o->threads ? o->threads : cpus > 1 ? (int)cpus : 1;
    if (p->threads > MOST_THREADS) p->threads = MOST_THREADS;
    p->room = (o->cache >= 0 && o->cache < 1 << 30 ? o->cache : CACHE) << 20;
    p->size = calloc((size_t)count + 1, sizeof *p->size);
    p->kept = calloc((size_t)count + 1, sizeof *p->kept);
  }
  if (!p || !p->size || !p->kept) {
    rt_list_free(file, count);
    if (p) free(p->size), free(p->kept);
    free(p);
    return NULL;
  }
  p->file = file;
  p->count = count;
  return p;
}

void rt_pictures_free(rt_pictures *p) {
  if (!p) return;
  for (int64_t i = 0; i < p->count; i++) rt_array_free(&p->kept[i]);
  rt_list_free(p->file, (int)p->count);
  free(p->kept);
  free(p->size);
  free(p);
}

/* Reads picture i, and gives it the declared number of channels. */
static int load(const rt_pictures *p, int64_t i, rt_array *a, rt_error *err) {
  int64_t dim[3] = {-1, -1, p->channels};
  if (rt_read(p->file[i], a, err)) return 1;
  if (rt_layout(a, true, p->rank, dim, p->file[i], err)) {
    rt_array_free(a);
    return 1;
  }
  return 0;
}

/* Whether a picture of so many channels can be told to fit without its pixels. */
static bool sure(const rt_pictures *p, int64_t i, int64_t channels) {
  const char *colon = strrchr(p->file[i], ':');
  bool opaque = channels == 1 || channels == 3;
  if (colon && (strstr(colon, "grey") || strstr(colon, "rgb"))) return opaque;
  return channels == p->channels || (channels == 1 && p->channels == 3);
}

/* Looks at picture i before training: decodes it where there is room to keep it, where it is the
** first of its kind, or where its pixels decide whether it fits; else checks the file. */
static int look(rt_pictures *p, int64_t i, bool *known, rt_error *err) {
  int64_t size[3] = {0, 0, 0};
  if (p->room <= 0 && rt_picture_size(p->file[i], size, err)) return 1;
  p->size[i][0] = size[0];
  p->size[i][1] = size[1];
  bool kind = size[2] > 0 && size[2] < CHANNELS && known[size[2]] && sure(p, i, size[2]);
  if (kind) return 0;
  rt_array a;
  if (load(p, i, &a, err)) return 1;
  if (size[2] > 0 && size[2] < CHANNELS) known[size[2]] = true;
  p->size[i][0] = a.dim[0];
  p->size[i][1] = a.dim[1];
  int64_t bytes = rt_array_count(&a) * (int64_t)rt_dtype_size(a.dtype);
  if (bytes <= p->room)
    p->kept[i] = a;
  else
    rt_array_free(&a);
  p->room -= bytes;
  return 0;
}

/* Learns height or width: the declared extent, that of --dim, or that of every picture. */
static int learn(const rt_column *c, const rt_dim *e, int axis, const rt_model *m, rt_sizes *size,
                 rt_error *err) {
  const rt_pictures *p = c->picture;
  bool open = e->sym >= 0 && size->value[e->sym] < 0;
  int64_t want = open ? p->size[0][axis] : rt_extent(e, size->value);
  for (int64_t i = 0; i < p->count; i++) {
    int64_t have = p->size[i][axis];
    if (have >= want && (!open || have == want)) continue;
    rt_fail(err, p->file[i], "%s %" PRId64 ", but %" PRId64 " %s%s", axis ? "width" : "height",
            have, want, open ? "in the first picture: say --dim " : "is needed",
            open ? m->size_name[e->sym] : "");
    return RT_DATA;
  }
  if (open) {
    size->value[e->sym] = (want - e->k) / (e->coef ? e->coef : 1);
    snprintf(size->from[e->sym], sizeof size->from[e->sym], "%.140s", c->file);
  }
  return 0;
}

/* Whether an extent is a number of channels. */
static bool is_channels(const rt_dim *e) {
  return e->sym == -1 && e->k >= 1 && e->k <= 4;
}

/* Looks at every picture, and learns the sizes they give: the declared shape is {H, W}, {H, W, C}
** or {C, H, W}, after a leading batch axis where feed is RT_ROWS. */
int rt_pictures_open(rt_column *c, rt_feed feed, const rt_model *m, rt_sizes *size, rt_error *err) {
  int lead = feed == RT_ROWS, rank = c->arg->rank - lead;
  const rt_dim *e = c->arg->dim + lead;
  rt_pictures *p = c->picture;
  if (rank != 2 && rank != 3) {
    char text[256];
    rt_fail(err, c->file, "pictures do not fit %s %s", c->arg->name,
            rt_arg_text(text, sizeof text, c->arg));
    return RT_DATA;
  }
  c->channel_first = rank == 3 && is_channels(&e[0]) && !is_channels(&e[2]);
  p->rank = rank;
  p->channels = rank == 2 ? 1 : rt_extent(&e[c->channel_first ? 0 : 2], size->value);
  bool known[CHANNELS] = {false};
  for (int64_t i = 0; i < p->count && !p->looked; i++)
    if (look(p, i, known, err)) return RT_DATA;
  p->looked = true;
  for (int axis = 0; axis < 2; axis++)
    if (learn(c, &e[axis + c->channel_first], axis, m, size, err)) return RT_DATA;
  return 0;
}

/* Writes x as element i. */
static void store(rt_array *a, int64_t i, double x) {
  switch (a->dtype) {
  case RT_F32:
    ((float *)a->data)[i] = (float)x;
    break;
  case RT_F64:
    ((double *)a->data)[i] = x;
    break;
  case RT_I32:
    ((int32_t *)a->data)[i] = (int32_t)x;
    break;
  case RT_I64:
    ((int64_t *)a->data)[i] = (int64_t)x;
    break;
  default:
    ((uint8_t *)a->data)[i] = (uint8_t)x;
  }
}

/* Cuts a window out of picture p at a place drawn for this row and epoch, into the k-th place of
** the batch. */
static void crop(const rt_column *c, rt_array *batch, int64_t k, const rt_array *p, uint64_t seed,
                 uint64_t epoch, int64_t row) {
  int rank = p->rank;
  const int64_t *shape = batch->dim + batch->rank - rank;
  int64_t h = shape[c->channel_first], w = shape[c->channel_first + 1];
  int64_t channels = rank == 2 ? 1 : p->dim[2];
  uint64_t stream = epoch | (uint64_t)1 << 63;
  int64_t top =
      (int64_t)(rt_random(seed, stream, (uint64_t)row * 2) % (uint64_t)(p->dim[0] - h + 1));
  int64_t left =
      (int64_t)(rt_random(seed, stream, (uint64_t)row * 2 + 1) % (uint64_t)(p->dim[1] - w + 1));
  int64_t at = k * h * w * channels;
  bool bytes = p->dtype == RT_U8 && batch->dtype == RT_F32;
  int64_t across = c->channel_first ? 1 : channels, between = c->channel_first ? h * w : 1;
  for (int64_t i = 0; i < h; i++) {
    int64_t from = ((top + i) * p->dim[1] + left) * channels, to = at + i * w * across;
    for (int64_t j = 0; j < w; j++)
      for (int64_t n = 0; n < channels; n++) {
        int64_t x = from + j * channels + n, y = to + j * across + n * between;
        if (bytes)
          ((float *)batch->data)[y] = ((const uint8_t *)p->data)[x];
        else
          store(batch, y, rt_element(p, x));
      }
  }
}

/* A batch that several threads fill. */
typedef struct Work {
  const rt_column *c;
  rt_array *batch;
  const int64_t *row;
  int64_t n, next;
  uint64_t seed, epoch;
  int64_t bad; /* the first row that failed, n where none did */
  rt_error err;
  pthread_mutex_t lock;
} Work;

/* Fills one place of the batch; a picture that is another one by now is an error. */
static int fill_one(const Work *w, int64_t k, rt_error *err) {
  const rt_pictures *p = w->c->picture;
  int64_t i = w->row[k];
  rt_array a = p->kept[i];
  bool kept = a.data != NULL;
  if (!kept && load(p, i, &a, err)) return 1;
  int bad = 0;
  if (a.dim[0] != p->size[i][0] || a.dim[1] != p->size[i][1])
    bad = rt_fail(err, p->file[i], "%" PRId64 " x %" PRId64 " pixels, but %" PRId64 " x %" PRId64
                  " when the run began", a.dim[0], a.dim[1], p->size[i][0], p->size[i][1]);
  if (!bad) crop(w->c, w->batch, k, &a, w->seed, w->epoch, i);
  if (!kept) rt_array_free(&a);
  return bad;
}

/* Fills places until there are none left; of several failures the first place's is told. */
static void *fill_some(void *context) {
  Work *w = context;
  for (;;) {
    rt_error err;
    pthread_mutex_lock(&w->lock);
    int64_t k = w->next++;
    pthread_mutex_unlock(&w->lock);
    if (k >= w->n) return NULL;
    if (!fill_one(w, k, &err)) continue;
    pthread_mutex_lock(&w->lock);
    if (k < w->bad) w->bad = k, w->err = err;
    w->next = w->n;
    pthread_mutex_unlock(&w->lock);
  }
}

/* Fills the batch with n pictures, by several threads; where one cannot be read, says which. */
int rt_pictures_fill(const rt_column *c, rt_array *batch, int64_t n, const int64_t *row,
                     uint64_t seed, uint64_t epoch, rt_error *err) {
  Work w = {.c = c, .batch = batch, .row = row, .n = n, .seed = seed, .epoch = epoch, .bad = n};
  pthread_t thread[MOST_THREADS];
  int threads = 0;
  pthread_mutex_init(&w.lock, NULL);
  while (threads < c->picture->threads - 1 && threads < n - 1 &&
         pthread_create(&thread[threads], NULL, fill_some, &w) == 0)
    threads++;
  fill_some(&w);
  for (int i = 0; i < threads; i++) pthread_join(thread[i], NULL);
  pthread_mutex_destroy(&w.lock);
  if (w.bad == n) return 0;
  *err = w.err;
  return 1;
}
