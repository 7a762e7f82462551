/*
** rt_train.c: training on files
**
**   PROGRAM train --data X=x.idx --data y=y.idx --epochs 5 --batch 64 --save w.safetensors
**
** Every step is one call of a train entry on a batch; which one is a function of the step's number
** where the model has a schedule. A run resumed from a checkpoint has the same bits as one never
** stopped: state, keys, epoch and row are in the file, and the order of the rows is a function of
** seed and epoch.
*/
#define _POSIX_C_SOURCE 200809L
#include "rt_train.h"

#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t stop_signal;

/* Asks for a stop after this step; the second time, stops at once. */
static void on_signal(int number) {
  if (stop_signal) _exit(128 + number);
  stop_signal = number;
}

/* Whether somebody asked for a stop; processes that train together stop together. */
static bool stopping(const rt_trainer *t) {
  return t->ranks ? rt_ranks_stop(t) : stop_signal;
}

/* Saves the log so far, then parameters and place: a kill in between leaves rows too many in the
** log, which a resumed run takes out. */
static int save(rt_trainer *t, rt_error *err) {
  if (!t->save) return 0;
  rt_report_keep(t, false);
  if (rt_report_log(t, err) || rt_checkpoint_save(&t->s, t->save, &t->p, err)) return RT_DATA;
  t->saved_step = t->p.step;
  t->saved_time = rt_seconds();
  return 0;
}

/* Saves as often as asked for; else where this is a `good` moment, or once a minute. */
static int save_now_and_then(rt_trainer *t, bool good, rt_error *err) {
  int64_t every = t->o->checkpoint_every;
  double since = rt_seconds() - t->saved_time;
  bool due = every > 0 ? !good && t->p.step % every == 0 : since > (good ? 10 : 60);
  return due ? save(t, err) : 0;
}

/* The bytes of state tensor k. */
static size_t state_size(const rt_trainer *t, int k) {
  return rt_arg_bytes(&t->s.m->state[k].arg, t->s.size.value);
}

/* With --skip, keeps the state as it is before a step, or gives it back. */
static int keep_state(rt_trainer *t, bool back, rt_error *err) {
  size_t at = 0;
  if (t->o->skip < 1) return 0;
  for (int k = 0; k < t->s.m->nstate && !t->undo; k++) at += state_size(t, k);
  if (!t->undo) t->undo = malloc(at + 1);
  if (!t->undo) return rt_fail(err, "--skip", "out of memory"), RT_DATA;
  at = 0;
  for (int k = 0; k < t->s.m->nstate; k++) {
    size_t n = state_size(t, k);
    void *now = t->s.m->data(t->s.model, k);
    if (n && back) memcpy(now, t->undo + at, n);
    else if (n) memcpy(t->undo + at, now, n);
    at += n;
  }
  return 0;
}

/* Stops a run whose loss is no number. */
static int not_finite(const rt_trainer *t, const rt_turn_state *turn, double loss, rt_error *err) {
  char rows[240], kept[200] = "no checkpoint was made", norms[240];
  if (t->saved_step >= 0)
    snprintf(kept, sizeof kept, "the last good checkpoint, of step %" PRId64 ", is %.140s",
             t->saved_step, t->save);
  rt_norms_text(t, norms, sizeof norms);
  rt_norms_rows(t, turn, rows, sizeof rows);
  rt_fail(err, turn->entry->name,
          "the loss is %s at step %" PRId64 " (epoch %" PRId64 ")%s; %s; %s",
          isnan(loss) ? "not a number" : "infinite", t->p.step + 1, t->p.epoch + 1, rows, kept,
          norms);
  return RT_DATA;
}

/* Stops a run at what cannot be done (a file that cannot be read any more, an entry's error): saves
** what was learnt so far. */
static int stop_here(rt_trainer *t, const rt_error *why, rt_error *err) {
  if (t->p.step > t->saved_step && save(t, err)) return RT_DATA;
  if (t->saved_step < 0 || !rt_ranks_first(t)) return *err = *why, RT_DATA;
  snprintf(err->text, sizeof err->text, "%.340s; the run is saved at step %" PRId64 " in %.100s",
           why->text, t->saved_step, t->save);
  return RT_DATA;
}

/* The end of an epoch: validation, and the best parameters kept. */
static int end_epoch(rt_trainer *t, rt_error *err) {
  rt_error why;
  if (rt_measure_run(t, &t->valid, &why)) return stop_here(t, &why, err);
  t->p.epoch++;
  t->p.row = 0;
  if (t->valid.entry) {
    bool better = rt_valid_better(t);
    rt_report_keep(t, false);
    if (better && t->o->best && rt_checkpoint_save(&t->s, t->o->best, &t->p, err)) return RT_DATA;
  }
  rt_report_epoch(t);
  return save_now_and_then(t, true, err);
}

/* The turn whose step is next. */
static rt_turn_state *next_turn(rt_trainer *t) {
  int64_t at = t->p.step % t->round;
  int k = 0;
  while (at >= t->turn[k].times) at -= t->turn[k++].times;
  return &t->turn[k];
}

/* Calls a turn's entry, on the batch at the run's place where it takes one. */
static int call_turn(rt_trainer *t, rt_turn_state *turn, rt_batch *b, bool eats, rt_error *why) {
  int status = eats && rt_ahead_take(t->ahead, t->p.epoch, t->p.row, b) < 0 ? RT_DATA : 0;
  if (status) *why = b->err;
  for (int i = 0; eats && !status && i < turn->entry->ninput; i++)
    turn->arg[i] = b->arg[turn->column[i]];
  if (t->ranks) return rt_ranks_step(t, turn, b, stop_signal, status, why);
  if (!status) status = rt_train_sizes(t, b, why);
  return status ? status : rt_call(&t->s, turn->entry, turn->arg, why);
}

/* One step on the batch at the run's place, or the end of its epoch. What takes no data and belongs
** to the last batch comes before that end. */
static int advance(rt_trainer *t, rt_error *err) {
  rt_turn_state *turn = next_turn(t);
  bool due = !turn->eats && t->p.step % t->round != 0;
  if (rt_dataset_rows(&t->data, t->p.row) == 0 && !due) return end_epoch(t, err);
  bool whole = t->data.feed == RT_WHOLE, last = (t->p.step + 1) % t->round == 0;
  bool eats = whole ? last : turn->eats;
  rt_batch *b = eats ? &t->batch : &t->widest;
  rt_error why = {""};
  if (keep_state(t, false, err)) return RT_DATA;
  if (call_turn(t, turn, b, eats, &why)) return stop_here(t, &why, err);
  double loss = rt_element(&turn->out[0], 0);
  bool skip = !isfinite(loss) && t->in_a_row < t->o->skip;
  if (!skip && !isfinite(loss)) return not_finite(t, turn, loss, err);
  if (skip && keep_state(t, true, err)) return RT_DATA;
  if (eats) {
    t->p.row += b->rows;
    t->rows_done += b->rows;
  }
  t->in_a_row = skip ? t->in_a_row + 1 : 0;
  t->skipped += skip;
  if (skip) return 0;
  t->p.step++;
  rt_report_step(t, loss, turn);
  return save_now_and_then(t, false, err);
}

/* Whether the run has done what was asked for. */
static bool finished(const rt_trainer *t) {
  if (t->o->steps >= 0 && t->p.step >= t->o->steps) return true;
  return (t->epochs >= 0 && t->p.epoch >= t->epochs) || rt_valid_tired(t);
}

/* Measures on the test rows with the best parameters, if they were kept. */
static int final_test(rt_trainer *t, rt_error *err) {
  if (!t->test.entry || stopping(t) || !rt_ranks_first(t)) return 0;
  if (t->o->best && t->p.best_step >= 0 && rt_checkpoint_load(&t->s, t->o->best, NULL, err))
    return RT_DATA;
  return rt_measure_run(t, &t->test, err);
}

/* Steps until the run is finished or somebody stops it, then saves, and writes log and plot. */
static int run(rt_trainer *t, rt_error *err) {
  struct sigaction act = {.sa_handler = on_signal}, old[2];
  stop_signal = 0;
  sigaction(SIGINT, &act, &old[0]);
  sigaction(SIGTERM, &act, &old[1]);
  int status = 0;
  rt_report_start(t);
  rt_norms_look(t);
  while (!status && !finished(t) && !stopping(t)) status = advance(t, err);
  if (!status && !stopping(t) && t->p.row > 0) status = rt_measure_run(t, &t->valid, err);
  if (!status) status = save(t, err);
  if (!status) status = final_test(t, err);
  rt_report_end(t, status);
  rt_error log_error = {""};
  int log_status = rt_report_files(t, &log_error);
  if (!status && log_status) status = log_status, *err = log_error;
  sigaction(SIGINT, &old[0], NULL);
  sigaction(SIGTERM, &old[1], NULL);
  if (status || !stopping(t)) return status;
  if (rt_ranks_first(t))
    fprintf(stderr, "stopped after step %" PRId64 "%s%s\n", t->p.step,
            t->save ? "; go on with train --resume " : " (nothing saved: no --save)",
            t->save ? t->save : "");
  return 128 + (stop_signal ? (int)stop_signal : SIGTERM);
}

/* The command `train`. */
int rt_train(const rt_options *given, rt_error *err) {
  rt_options options = *given;
  rt_kept kept = {0};
  rt_trainer *t = calloc(1, sizeof *t);
  if (!t) return rt_fail(err, "train", "out of memory"), RT_DATA;
  t->o = &options;
  int status = rt_ranks_open(t, &options, err);
  if (!status && options.resume) status = rt_resume_options(&options, &kept, err);
  if (!status) rt_ranks_quiet(t, &options);
  if (!status) status = rt_train_open(t, err);
  if (!status) status = run(t, err);
  status = rt_ranks_close(t, status, err);
  rt_train_close(t);
  rt_resume_free(&kept);
  free(t);
  return status;
}
