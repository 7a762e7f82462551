/*
** rt_lengths.c: rows of different length, padded with zeros batch by batch
**
**   --data words=all.npy --lengths words=lengths.npy
**
** lengths is {rows}. The file of words holds the rows one behind another, {sum of lengths, ...}, or
** padded already, {rows, longest, ...}. The model declares words {N, T, ...}: T is the longest row
** of each batch. A mask is cr.arange(T) < length, with lengths given as an input of its own.
** --bucket B sorts windows of B batches by length, so that a batch has rows of like length.
*/
#include "rt_program.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Reads the lengths, and where each row begins if the rows follow one another. */
static int read_lengths(rt_column *c, const char *file, int64_t *sum, rt_error *err) {
  rt_array a;
  *sum = c->longest = 0;
  if (rt_read(file, &a, err)) return RT_DATA;
  if (a.rank == 2 && a.dim[1] == 1) a.rank = 1;
  int bad = 0;
  if (a.rank != 1) bad = rt_fail(err, file, "lengths are one number a row, not rank %d", a.rank);
  if (!bad) bad = rt_convert(&a, RT_I64, false, file, err);
  c->ragged = bad ? 0 : a.dim[0];
  c->start = bad ? NULL : calloc((size_t)c->ragged + 1, sizeof *c->start);
  c->length = bad ? NULL : calloc((size_t)c->ragged + 1, sizeof *c->length);
  if (!bad && (!c->start || !c->length)) bad = rt_fail(err, file, "out of memory");
  for (int64_t i = 0; !bad && i < c->ragged; i++) {
    int64_t n = ((const int64_t *)a.data)[i];
    if (n < 0 || n > INT64_MAX / 2 - *sum)
      bad = rt_fail(err, file, "row %" PRId64 ": %" PRId64 " is no length", i, n);
    c->start[i] = *sum;
    c->length[i] = n;
    *sum += n;
    if (n > c->longest) c->longest = n;
  }
  rt_array_free(&a);
  return bad ? RT_DATA : 0;
}

/* Gives a column that has been read its lengths; from then on its array says {rows, longest, ...}
** while its elements stay where they are. */
int rt_lengths_open(rt_column *c, const rt_options *o, const char *file, rt_error *err) {
  int64_t sum;
  if (c->picture) return rt_fail(err, file, "%s is made of pictures", c->arg->name), RT_DATA;
  if (read_lengths(c, file, &sum, err) || rt_column_join(c, err)) return RT_DATA;
  if (rt_convert(&c->array, c->arg->dtype, rt_may_round(o, c->file, c->arg->dtype), c->file, err))
    return RT_DATA;
  int rank = c->array.rank;
  if (rank == c->arg->rank && rank > 1 && c->array.dim[rank - 1] == 1 && c->array.dim[0] == sum)
    c->array.rank--; /* the only column of a table */
  c->flat = c->array;
  bool padded = c->array.rank > 1 && c->array.dim[0] == c->ragged && c->array.dim[1] >= c->longest;
  int after = padded ? 2 : 1;
  if (!padded && (c->array.rank < 1 || c->array.dim[0] != sum || c->array.rank == RT_MAX_RANK)) {
    char have[128];
    rt_fail(err, c->file, "shape %s, but %s has %" PRId64 " rows of %" PRId64 " elements in all",
            rt_shape_text(have, sizeof have, c->array.rank, c->array.dim), file, c->ragged, sum);
    return RT_DATA;
  }
  for (int64_t i = 0; padded && i < c->ragged; i++) c->start[i] = i * c->array.dim[1];
  c->inner = 1;
  for (int d = after; d < c->flat.rank; d++) c->inner *= c->flat.dim[d];
  for (int d = after; d < c->flat.rank; d++) c->array.dim[d - after + 2] = c->flat.dim[d];
  c->array.rank = c->flat.rank - after + 2;
  c->array.dim[0] = c->ragged;
  c->array.dim[1] = c->longest > 0 ? c->longest : 1;
  return 0;
}

/* The longest of these rows, at least 1. */
int64_t rt_lengths_longest(const rt_column *c, int64_t n, const int64_t *row) {
  int64_t most = 1;
  for (int64_t k = 0; k < n; k++)
    if (c->length[row[k]] > most) most = c->length[row[k]];
  return most;
}

/* Fills the batch {n, extent, ...} with rows, and zeros behind them. */
void rt_lengths_fill(const rt_column *c, rt_array *batch, int64_t n, const int64_t *row,
                     int64_t extent) {
  size_t size = rt_dtype_size(batch->dtype) * (size_t)c->inner;
  for (int64_t k = 0; k < n; k++) {
    size_t used = (size_t)c->length[row[k]] * size;
    char *to = (char *)batch->data + (size_t)(k * extent) * size;
    const char *from = (const char *)c->flat.data;
    if (used) memcpy(to, from + (size_t)c->start[row[k]] * size, used);
    memset(to + used, 0, (size_t)extent * size - used);
  }
}

typedef struct keyed {
  int64_t length, place, row;
} keyed;

static int by_length(const void *a, const void *b) {
  const keyed *x = a, *y = b;
  if (x->length != y->length) return x->length < y->length ? -1 : 1;
  return x->place < y->place ? -1 : x->place > y->place;
}

/* Sorts every window of `window` batches by length, then puts the full batches in an order drawn
** from seed and epoch; the last, smaller batch stays last. */
int rt_lengths_bucket(const rt_column *c, int64_t *order, int64_t rows, int64_t batch,
                      int64_t window, uint64_t seed, uint64_t epoch) {
  int64_t full = rows / batch;
  keyed *k = malloc((size_t)(rows + 1) * sizeof *k);
  int64_t *turn = malloc((size_t)(full + 1) * sizeof *turn);
  if (k && turn) {
    for (int64_t i = 0; i < rows; i++) k[i] = (keyed){c->length[order[i]], i, order[i]};
    for (int64_t i = 0; i < rows; i += window * batch) {
      int64_t n = rows - i < window * batch ? rows - i : window * batch;
      qsort(k + i, (size_t)n, sizeof *k, by_length);
    }
    for (int64_t i = 0; i < full; i++) turn[i] = i;
    rt_shuffle(turn, full, seed, epoch | (uint64_t)1 << 62);
    for (int64_t i = 0; i < full; i++)
      for (int64_t j = 0; j < batch; j++) order[i * batch + j] = k[turn[i] * batch + j].row;
    for (int64_t i = full * batch; i < rows; i++) order[i] = k[i].row;
  }
  bool bad = !k || !turn;
  free(k);
  free(turn);
  return bad;
}
