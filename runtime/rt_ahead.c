/*
** rt_ahead.c: the next batch is gathered by a thread while the model works on this one
**
**   take(epoch, row)  ->  the batch there;  meanwhile the thread fills the one behind it
**
** The rows are a function of seed, epoch and place, so a run has the same bits with or without it.
*/
#include "rt_program.h"

#include <pthread.h>
#include <stdlib.h>

struct rt_ahead {
  rt_dataset *d;
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  bool running;       /* there is a thread */
  enum { IDLE, ASKED, READY, STOP } state;
  int64_t epoch, row; /* of the batch asked for */
  int which;          /* the half it goes to */
  rt_batch batch;
};

/* Fills what is asked for, until told to stop. */
static void *work(void *context) {
  rt_ahead *a = context;
  pthread_mutex_lock(&a->lock);
  for (;;) {
    while (a->state == IDLE || a->state == READY) pthread_cond_wait(&a->changed, &a->lock);
    if (a->state == STOP) break;
    int64_t epoch = a->epoch, row = a->row;
    int which = a->which;
    pthread_mutex_unlock(&a->lock);
    rt_dataset_fill(a->d, epoch, row, which, &a->batch);
    pthread_mutex_lock(&a->lock);
    if (a->state == STOP) break;
    a->state = READY;
    pthread_cond_broadcast(&a->changed);
  }
  pthread_mutex_unlock(&a->lock);
  return NULL;
}

/* Starts the thread; where there can be none, take gathers by itself. NULL without memory. */
rt_ahead *rt_ahead_start(rt_dataset *d) {
  rt_ahead *a = calloc(1, sizeof *a);
  if (!a) return NULL;
  a->d = d;
  a->which = 1;
  pthread_mutex_init(&a->lock, NULL);
  pthread_cond_init(&a->changed, NULL);
  a->running = d->feed != RT_WHOLE && pthread_create(&a->thread, NULL, work, a) == 0;
  return a;
}

/* The batch at a place, as rt_dataset_fill, and asks for the one behind it. */
int64_t rt_ahead_take(rt_ahead *a, int64_t epoch, int64_t row, rt_batch *b) {
  if (!a->running) return rt_dataset_fill(a->d, epoch, row, 0, b);
  pthread_mutex_lock(&a->lock);
  while (a->state == ASKED) pthread_cond_wait(&a->changed, &a->lock);
  if (a->state == READY && a->epoch == epoch && a->row == row) {
    *b = a->batch;
  } else {
    rt_dataset_fill(a->d, epoch, row, a->which, b);
  }
  int64_t n = b->rows;
  if (n > 0) {
    bool more = rt_dataset_rows(a->d, row + n) > 0;
    a->epoch = more ? epoch : epoch + 1;
    a->row = more ? row + n : 0;
    a->which = !a->which;
    a->state = ASKED;
    pthread_cond_broadcast(&a->changed);
  }
  pthread_mutex_unlock(&a->lock);
  return n;
}

/* Ends the thread, and gives everything back. */
void rt_ahead_stop(rt_ahead *a) {
  if (!a) return;
  if (a->running) {
    pthread_mutex_lock(&a->lock);
    a->state = STOP;
    pthread_cond_broadcast(&a->changed);
    pthread_mutex_unlock(&a->lock);
    pthread_join(a->thread, NULL);
  }
  pthread_cond_destroy(&a->changed);
  pthread_mutex_destroy(&a->lock);
  free(a);
}
