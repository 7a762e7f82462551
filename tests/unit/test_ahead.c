/*
** test_ahead.c: the thread that gathers the next batch, over a data set made up here
**
** Batches come in order and as asked for; nobody gathers while the thread does, and nothing is
** written to the half that the model works on; each is gathered once.
*/
#define _DEFAULT_SOURCE
#include "rt_program.h"
#include "test_io.h"

#include <stdatomic.h>

static int64_t half[2];      /* the place that each half holds */
static atomic_int gathering; /* threads that gather now */
static atomic_int together;  /* whether two ever did */
static atomic_int gathered;  /* batches so far */

static int64_t place(int64_t epoch, int64_t row) { return epoch * 1000 + row; }

/* In place of rt_data.c: ten rows, four at a time. */
int64_t rt_dataset_rows(const rt_dataset *d, int64_t row) {
  return d->rows - row < d->batch ? d->rows - row : d->batch;
}

int64_t rt_dataset_fill(rt_dataset *d, int64_t epoch, int64_t row, int which, rt_batch *b) {
  if (atomic_fetch_add(&gathering, 1) > 0) atomic_store(&together, 1);
  atomic_fetch_add(&gathered, 1);
  usleep(2000);
  half[which] = place(epoch, row);
  b->arg[0] = &half[which];
  atomic_fetch_sub(&gathering, 1);
  return b->rows = rt_dataset_rows(d, row);
}

/* Takes a batch; it must be the one at the place, and stay so while the next is gathered. */
static int64_t take(rt_ahead *a, int64_t epoch, int64_t row, int works) {
  rt_batch b = {.rows = 0};
  int64_t n = rt_ahead_take(a, epoch, row, &b);
  CHECK(*(int64_t *)b.arg[0] == place(epoch, row));
  usleep((useconds_t)works);
  CHECK(*(int64_t *)b.arg[0] == place(epoch, row));
  return n;
}

int main(void) {
  rt_dataset d = {.feed = RT_ROWS, .rows = 10, .batch = 4};
  for (int works = 0; works <= 6000; works += 6000) { /* the model is the faster one, or the slower */
    atomic_store(&gathered, 0);
    rt_ahead *a = rt_ahead_start(&d);
    for (int64_t epoch = 0; epoch < 3; epoch++)
      for (int64_t row = 0; row < d.rows; row += 4)
        CHECK(take(a, epoch, row, works) == (row == 8 ? 2 : 4));
    CHECK(atomic_load(&gathered) <= 10); /* nine, and the one behind them */
    take(a, 7, 4, works); /* not what was asked for: nor is the epoch, nor the row */
    take(a, 7, 4, works);
    take(a, 8, 8, works);
    rt_ahead_stop(a);
  }
  CHECK(!atomic_load(&together));
  d.feed = RT_WHOLE; /* no thread: gathered when asked for */
  rt_ahead *a = rt_ahead_start(&d);
  take(a, 1, 4, 0);
  rt_ahead_stop(a);
  rt_ahead_stop(NULL);
  return failures();
}
