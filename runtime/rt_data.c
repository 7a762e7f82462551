/*
** rt_data.c: a data set as the batches a training entry takes
**
** X is declared {N, 28, 28} and the file is {60000, 28, 28}: N is the batch, an epoch reads the
** rows in an order drawn from seed and epoch, the last batch may be smaller. {64, 28, 28} takes 64
** rows a step and leaves the rest of an epoch out; {28, 28} takes one. What has no such axis
** (a graph, a table) is handed over whole every step.
*/
#include "rt_program.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SCRATCH = RT_MAX_SIZES - 1 }; /* a size no model has: stands for the number of rows */

/* Tries to read the column's array with `extra` leading axes of rows, or with the leading axis
** itself as the rows. Learns sizes on success. */
static int match_rows(rt_column *c, const rt_model *m, rt_sizes *size, bool example,
                      rt_error *err) {
  rt_dim dim[RT_MAX_RANK] = {{0}};
  rt_arg arg = *c->arg;
  if (example && arg.rank == RT_MAX_RANK) return rt_fail(err, c->file, "too many axes"), RT_DATA;
  memcpy(dim + example, arg.dim, (size_t)arg.rank * sizeof *dim);
  dim[0] = (rt_dim){.coef = 1, .sym = SCRATCH, .text = "rows"};
  arg.dim = dim;
  arg.rank += example;
  rt_sizes copy = *size;
  copy.value[SCRATCH] = -1;
  int status = rt_sizes_match(m, &copy, &arg, &c->array, c->file, err);
  if (!status) *size = copy;
  size->value[SCRATCH] = -1;
  return status;
}

/* Whether the run-time size stands anywhere but in front of the inputs. */
static bool used_inside(const rt_entry *e, int sym) {
  for (int i = 0; i < e->ninput; i++)
    for (int d = 0; d < e->input[i].rank; d++) {
      const rt_dim *x = &e->input[i].dim[d];
      if (x->sym == sym && (d > 0 || x->coef != 1 || x->k != 0)) return true;
    }
  return false;
}

/* Decides how the first column of the data is fed: everything else follows it. */
static int decide(rt_dataset *d, rt_column *c, const rt_model *m, const rt_entry *e, rt_sizes *size,
                  rt_error *err) {
  const rt_dim *lead = c->arg->rank ? &c->arg->dim[0] : NULL;
  rt_error why;
  d->batch_sym = -1;
  if (lead && lead->sym >= 0 && used_inside(e, lead->sym)) {
    c->feed = d->feed = RT_WHOLE;
    return 0;
  }
  if (lead && lead->sym >= 0 && (!c->picture || c->arg->rank > 2)) {
    d->batch_sym = lead->sym;
    d->batch = size->value[lead->sym]; /* of --dim */
    size->value[lead->sym] = -1;
    c->feed = d->feed = RT_ROWS;
    if (c->picture) return 0;
    return match_rows(c, m, size, false, err);
  }
  if (c->picture) {
    bool batched =
        c->arg->rank == 4 || (c->arg->rank == 3 && c->arg->dim[0].k > 4 && c->arg->dim[2].k > 4);
    c->feed = d->feed = batched ? RT_ROWS : RT_EXAMPLE;
    d->batch = batched ? lead->k : 1;
    return 0;
  }
  if (lead && lead->sym == -1 && match_rows(c, m, size, false, &why) == 0 &&
      c->array.dim[0] >= lead->k) {
    c->feed = d->feed = RT_ROWS;
    d->batch = lead->k;
    return 0;
  }
  if (match_rows(c, m, size, true, &why) == 0) {
    c->feed = d->feed = RT_EXAMPLE;
    d->batch = 1;
    return 0;
  }
  c->feed = d->feed = RT_WHOLE;
  return 0;
}

/* Feeds a further column as the first, or whole where it has no rows. */
static int follow(rt_dataset *d, rt_column *c, const rt_model *m, rt_sizes *size, rt_error *err) {
  const rt_dim *lead = c->arg->rank ? &c->arg->dim[0] : NULL;
  bool rows =
      d->feed == RT_EXAMPLE ||
      (d->feed == RT_ROWS && lead &&
       (d->batch_sym >= 0 ? lead->sym == d->batch_sym : lead->sym == -1 && lead->k == d->batch));
  c->feed = rows ? d->feed : RT_WHOLE;
  if (c->picture || !rows) return 0;
  rt_array before = c->array;
  rt_error why;
  if (match_rows(c, m, size, d->feed == RT_EXAMPLE, d->batch_sym >= 0 ? err : &why) == 0) return 0;
  if (d->batch_sym >= 0) return RT_DATA;
  c->array = before;
  c->feed = RT_WHOLE;
  return 0;
}

/* Checks the number of rows of a column against the others; whole ones are matched here. */
static int settle(rt_dataset *d, rt_column *c, const rt_options *o, rt_sizes *size, rt_error *err) {
  const rt_model *m = o->model;
  if (c->feed == RT_WHOLE && !c->shared && rt_column_join(c, err)) return RT_DATA;
  if (c->picture && c->feed == RT_WHOLE) {
    rt_fail(err, c->file, "pictures for %s, which has no axis for them", c->arg->name);
    return RT_DATA;
  }
  if (c->picture && rt_pictures_open(c, c->feed, m, size, err)) return RT_DATA;
  if (c->feed == RT_WHOLE) {
    if (rt_sizes_match(m, size, c->arg, &c->array, c->file, err)) return RT_DATA;
  } else {
    int64_t rows = c->picture ? c->picture->count : c->array.dim[0];
    if (d->rows_of && rows != d->rows) {
      rt_fail(err, c->file, "%" PRId64 " rows, but %s has %" PRId64, rows, d->rows_of, d->rows);
      return RT_DATA;
    }
    d->rows = rows;
    d->rows_of = c->file;
  }
  return c->picture || c->shared ? 0 : rt_column_convert(c, o, err);
}

/* How many rows a step takes. */
static int choose_batch(rt_dataset *d, const rt_options *o, rt_error *err) {
  if (d->feed == RT_WHOLE) {
    d->rows = d->batch = 1;
    return 0;
  }
  if (d->batch_sym < 0) {
    if (o->batch > 0 && o->batch != d->batch) {
      rt_fail(err, "--batch", "the model's batch is fixed: %" PRId64, d->batch);
      return RT_USAGE;
    }
  } else {
    if (o->batch > 0)
      d->batch = o->batch;
    else if (o->batch == 0)
      d->batch = d->rows;
    else if (d->batch < 0)
      d->batch = d->rows <= 1024 ? d->rows : 64;
    if (d->batch > d->rows) d->batch = d->rows;
  }
  if (d->rows >= 1 && d->rows >= d->batch) return 0;
  rt_fail(err, d->rows_of, "%" PRId64 " rows, but a step takes %" PRId64, d->rows, d->batch);
  return RT_DATA;
}

/* Takes a column's rows from another data set that has read the same files. */
static bool borrow(rt_column *c, const rt_dataset *from) {
  for (int i = 0; from && i < from->ncolumn; i++) {
    const rt_column *f = &from->column[i];
    if (strcmp(f->arg->name, c->arg->name) || f->file != c->file) continue;
    c->array = f->array;
    c->shard = f->shard;
    c->shards = f->shards;
    c->lossy = f->lossy;
    c->picture = f->picture;
    c->channel_first = f->channel_first;
    c->ragged = f->ragged;
    c->length = f->length;
    c->start = f->start;
    c->longest = f->longest;
    c->inner = f->inner;
    c->flat = f->flat;
    c->shared = true;
    return true;
  }
  return false;
}

/* Opens the data of an entry: `files` feeds rows, --in whole values. Learns sizes. The rows are
** those of a part of --split; what `from` has read is not read again. */
int rt_dataset_open(rt_dataset *d, const rt_options *o, const rt_entry *e, const rt_pairs *files,
                    rt_part part, const rt_dataset *from, rt_sizes *size, rt_error *err) {
  memset(d, 0, sizeof *d);
  d->ordered = o->ordered;
  d->seed = o->seed;
  d->bucket = o->bucket;
  d->order_epoch = -1;
  d->feed = RT_WHOLE;
  d->batch_sym = -1;
  for (int i = 0; i < e->ninput; i++) {
    rt_column *c = &d->column[d->ncolumn++];
    c->arg = &e->input[i];
    const char *value = rt_pair_find(files, c->arg->name);
    const char *whole = rt_pair_find(&o->in, c->arg->name);
    if (!value && !whole) {
      char text[256];
      rt_fail(err, e->name, "no data for the input %s (%s): say --data %s=FILE", c->arg->name,
              rt_arg_text(text, sizeof text, c->arg), c->arg->name);
      return RT_USAGE;
    }
    c->file = value ? value : whole;
    if (!value || borrow(c, from)) continue;
    if (rt_column_read(c, o, value, err)) return RT_DATA;
    const char *lengths = rt_pair_find(files == &o->valid ? &o->valid_lengths : &o->lengths,
                                       c->arg->name);
    if (lengths && rt_lengths_open(c, o, lengths, err)) return RT_DATA;
  }
  bool first = true;
  for (int i = 0; i < d->ncolumn; i++) {
    rt_column *c = &d->column[i];
    if (!rt_pair_find(files, c->arg->name)) continue;
    int status = first ? decide(d, c, o->model, e, size, err) : follow(d, c, o->model, size, err);
    if (!status) status = settle(d, c, o, size, err);
    if (status) return status;
    if (c->feed != RT_WHOLE) first = false;
  }
  int status = part == RT_PART_ALL ? 0 : rt_split_rows(d, o, part, err);
  if (!status) status = choose_batch(d, o, err);
  if (!status && d->batch_sym >= 0) size->value[d->batch_sym] = d->batch;
  for (int i = 0; i < d->ncolumn && !status; i++) {
    rt_column *c = &d->column[i];
    const char *whole = rt_pair_find(files, c->arg->name) ? NULL : c->file;
    if (whole) status = rt_read_input(o, size, c->arg, whole, &c->array, err);
    if (whole) c->feed = RT_WHOLE;
  }
  return status;
}

/* Allocates the batches, once every size is known, and checks the ranges of integers. */
int rt_dataset_reserve(rt_dataset *d, const rt_model *m, const rt_sizes *size, rt_error *err) {
  for (int i = 0; i < d->ncolumn; i++) {
    rt_column *c = &d->column[i];
    int64_t dim[RT_MAX_RANK];
    if (!c->shared && rt_column_ranges(c, m, size, err)) return RT_DATA;
    if (c->ragged && (c->feed != RT_ROWS || c->arg->dim[1].sym < 0 || c->arg->dim[1].k ||
                      c->arg->dim[1].coef != 1)) {
      char text[256];
      rt_fail(err, c->file, "--lengths: %s is %s; its second axis must be a run-time size",
              c->arg->name, rt_arg_text(text, sizeof text, c->arg));
      return RT_DATA;
    }
    rt_shape(c->arg, size->value, dim);
    if (c->feed == RT_WHOLE) continue;
    if (!d->ordered && !c->ragged && !c->picture) rt_column_shuffled(c);
    for (int k = 0; k < 2; k++)
      if (rt_array_alloc(&c->batch[k], c->arg->dtype, c->arg->rank, dim, c->arg->name, err))
        return RT_DATA;
  }
  d->order = malloc((size_t)(d->rows + 1) * sizeof *d->order);
  return d->order ? 0 : (rt_fail(err, d->rows_of ? d->rows_of : "data", "out of memory"), RT_DATA);
}

/* How many rows the batch has that begins at `row` of an epoch, 0 where the epoch is over. */
int64_t rt_dataset_rows(const rt_dataset *d, int64_t row) {
  int64_t n = d->rows - row < d->batch ? d->rows - row : d->batch;
  return n < 1 || (n < d->batch && d->batch_sym < 0) ? 0 : n;
}

/* Puts the rows of an epoch in their order. */
static void set_order(rt_dataset *d, int64_t epoch) {
  if (d->order_epoch == epoch) return;
  for (int64_t i = 0; i < d->rows; i++) d->order[i] = i;
  if (!d->ordered && d->batch < d->rows) rt_shuffle(d->order, d->rows, d->seed, (uint64_t)epoch);
  for (int64_t i = 0; d->subset && i < d->rows; i++) d->order[i] = d->subset[d->order[i]];
  for (int i = 0; i < d->ncolumn && d->bucket > 0 && !d->ordered; i++)
    if (d->column[i].ragged) {
      rt_lengths_bucket(&d->column[i], d->order, d->rows, d->batch, d->bucket, d->seed,
                        (uint64_t)epoch);
      break;
    }
  d->order_epoch = epoch;
}

/* Fills one of the two batches with the rows from `row` of an epoch on. Returns their number, 0
** where the epoch is over, -1 where a file could not be read (b->err says why). */
int64_t rt_dataset_fill(rt_dataset *d, int64_t epoch, int64_t row, int which, rt_batch *b) {
  int64_t n = b->rows = rt_dataset_rows(d, row);
  if (n == 0) return 0;
  set_order(d, epoch);
  for (int k = 0; k < RT_MAX_SIZES; k++) b->size[k] = -1;
  if (d->batch_sym >= 0) b->size[d->batch_sym] = n;
  for (int i = 0; i < d->ncolumn; i++) {
    const rt_column *c = &d->column[i];
    if (!c->ragged) continue;
    int64_t longest = rt_lengths_longest(c, n, d->order + row), *to = &b->size[c->arg->dim[1].sym];
    if (longest > *to) *to = longest;
  }
  for (int i = 0; i < d->ncolumn; i++) {
    rt_column *c = &d->column[i];
    rt_array *to = &c->batch[which];
    if (c->ragged)
      rt_lengths_fill(c, to, n, d->order + row, b->size[c->arg->dim[1].sym]);
    else if (c->picture && rt_pictures_fill(c, to, n, d->order + row, d->seed, (uint64_t)epoch,
                                            &b->err))
      return b->rows = -1;
    else if (c->feed != RT_WHOLE && !c->picture)
      rt_column_fill(c, to, n, d->order + row);
    b->arg[i] = c->feed == RT_WHOLE ? c->array.data : c->batch[which].data;
  }
  return n;
}

/* Which row of the files comes at place `at` of an epoch, whatever order the thread ahead is at. */
int64_t rt_dataset_row(const rt_dataset *d, int64_t epoch, int64_t at) {
  rt_dataset copy = *d;
  copy.order_epoch = -1;
  copy.order = malloc((size_t)(d->rows + 1) * sizeof *copy.order);
  if (!copy.order) return -1;
  set_order(&copy, epoch);
  int64_t row = copy.order[at];
  free(copy.order);
  return row;
}

void rt_dataset_close(rt_dataset *d) {
  for (int i = 0; i < d->ncolumn; i++) {
    rt_column *c = &d->column[i];
    rt_array_free(&c->batch[0]);
    rt_array_free(&c->batch[1]);
    if (!c->shared) rt_column_free(c);
  }
  free(d->order);
  free(d->subset);
  d->ncolumn = 0;
}
