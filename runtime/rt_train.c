/*
** rt_train.c: training on files
**
**   PROGRAM train --data X=x.idx --data y=y.idx --epochs 5 --batch 64 --save w.safetensors
**
** Every step is one call of the train entry on a batch. A run resumed from a checkpoint has the
** same bits as one never stopped: state, keys, epoch and row are in the file, and the order of the
** rows is a function of seed and epoch.
*/
#define _POSIX_C_SOURCE 200809L
#include "rt_train.h"

#include <errno.h>
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

/* Whether all outputs of an entry are scalars and all its inputs are given. */
static bool measures(const rt_entry *e, const rt_options *o) {
  for (int i = 0; i < e->noutput; i++)
    if (e->output[i].rank != 0) return false;
  for (int i = 0; i < e->ninput; i++)
    if (!rt_pair_find(&o->valid, e->input[i].name) && !rt_pair_find(&o->in, e->input[i].name))
      return false;
  return e->noutput > 0;
}

/* Finds the entry that --valid runs: the one named, else one that returns scalars only, else the
** loss without its updates. */
static int find_valid(rt_trainer *t, rt_error *err) {
  const rt_options *o = t->o;
  if (o->valid.count == 0) return 0;
  if (o->valid_entry) {
    t->valid_entry = rt_entry_named(o, o->valid_entry, RT_ENTRY, err);
    return t->valid_entry ? 0 : RT_USAGE;
  }
  for (int i = 0; i < o->model->nentry && !t->valid_entry; i++)
    if (o->model->entry[i].kind == RT_ENTRY && measures(&o->model->entry[i], o))
      t->valid_entry = &o->model->entry[i];
  if (!t->valid_entry && t->entry->loss && measures(t->entry->loss, o))
    t->valid_entry = t->entry->loss;
  if (t->valid_entry) return 0;
  rt_fail(err, "--valid", "no entry has scalar outputs and only these inputs");
  return RT_USAGE;
}

/* Makes the model take n rows a call. */
static int use_rows(rt_trainer *t, const rt_dataset *d, int64_t n, rt_error *err) {
  if (d->batch_sym < 0 || t->s.size.value[d->batch_sym] == n) return 0;
  t->s.size.value[d->batch_sym] = n;
  int code = t->s.m->resize(t->s.model, t->s.size.value);
  if (!code) return 0;
  rt_fail(err, t->s.m->name, "%s", t->s.m->error(code));
  return RT_DATA;
}

/* Allocates the scalar outputs of an entry behind its n inputs in arg. */
static int reserve_outputs(const rt_entry *e, const rt_sizes *size, rt_array *out, void **arg,
                           rt_error *err) {
  for (int i = 0; i < e->noutput; i++) {
    int64_t dim[RT_MAX_RANK];
    rt_shape(&e->output[i], size->value, dim);
    if (rt_array_alloc(&out[i], e->output[i].dtype, e->output[i].rank, dim, e->output[i].name, err))
      return RT_DATA;
    arg[e->ninput + i] = out[i].data;
  }
  return 0;
}

/* Runs the validation data through, and keeps the means weighted by rows. */
static int validate(rt_trainer *t, rt_error *err) {
  const rt_entry *e = t->valid_entry;
  if (!e) return 0;
  double sum[RT_MAX_PAIRS] = {0};
  int64_t rows = 0, n;
  while ((n = rt_dataset_fill(&t->valid, 0, rows, t->valid_arg)) > 0) {
    if (use_rows(t, &t->valid, n, err) || rt_call(&t->s, e, t->valid_arg, err)) return RT_DATA;
    for (int i = 0; i < e->noutput; i++) sum[i] += rt_element(&t->valid_out[i], 0) * (double)n;
    rows += n;
  }
  for (int i = 0; i < e->noutput; i++) t->valid_mean[i] = sum[i] / (double)rows;
  return 0;
}

/* Saves parameters and place. */
static int save(rt_trainer *t, rt_error *err) {
  if (!t->save) return 0;
  if (rt_checkpoint_save(&t->s, t->save, &t->p, err)) return RT_DATA;
  t->saved_step = t->p.step;
  return 0;
}

/* Stops a run whose loss is no number. */
static int not_finite(const rt_trainer *t, double loss, rt_error *err) {
  char kept[400] = "";
  if (t->saved_step >= 0)
    snprintf(kept, sizeof kept, "; the checkpoint of step %" PRId64 " is in %.300s", t->saved_step,
             t->save);
  rt_fail(err, t->entry->name, "the loss is %s at step %" PRId64 " (epoch %" PRId64 ")%s",
          isnan(loss) ? "not a number" : "infinite", t->p.step + 1, t->p.epoch + 1, kept);
  return RT_DATA;
}

/* One step on the batch at the run's place, or the end of its epoch. */
static int advance(rt_trainer *t, rt_error *err) {
  int64_t n = rt_dataset_fill(&t->data, t->p.epoch, t->p.row, t->arg);
  if (n == 0) {
    t->p.epoch++;
    t->p.row = 0;
    if (validate(t, err)) return RT_DATA;
    rt_report_epoch(t);
    return 0;
  }
  if (use_rows(t, &t->data, n, err) || rt_call(&t->s, t->entry, t->arg, err)) return RT_DATA;
  double loss = rt_element(&t->out[0], 0);
  if (!isfinite(loss)) return not_finite(t, loss, err);
  t->p.step++;
  t->p.row += n;
  t->rows_done += n;
  rt_report_step(t, loss);
  if (t->o->checkpoint_every > 0 && t->p.step % t->o->checkpoint_every == 0) return save(t, err);
  return 0;
}

/* Whether the run has done what was asked for. */
static bool finished(const rt_trainer *t) {
  if (t->o->steps >= 0 && t->p.step >= t->o->steps) return true;
  return t->epochs >= 0 && t->p.epoch >= t->epochs;
}

/* Steps until the run is finished or somebody stops it, then saves, and writes log and plot. */
static int run(rt_trainer *t, rt_error *err) {
  struct sigaction act = {.sa_handler = on_signal}, old[2];
  stop_signal = 0;
  sigaction(SIGINT, &act, &old[0]);
  sigaction(SIGTERM, &act, &old[1]);
  int status = 0;
  rt_report_start(t);
  while (!status && !finished(t) && !stop_signal) status = advance(t, err);
  if (!status && !stop_signal && t->p.row > 0 && t->valid_entry) status = validate(t, err);
  rt_report_end(t, status);
  if (!status) status = save(t, err);
  rt_error log_error = {""};
  int log_status = rt_report_files(t, &log_error);
  if (!status && log_status) status = log_status, *err = log_error;
  sigaction(SIGINT, &old[0], NULL);
  sigaction(SIGTERM, &old[1], NULL);
  if (status || !stop_signal) return status;
  fprintf(stderr, "stopped after step %" PRId64 "%s%s\n", t->p.step,
          t->save ? "; go on with train --resume " : " (nothing saved: no --save)",
          t->save ? t->save : "");
  return 128 + (int)stop_signal;
}

/* Takes a run up where a checkpoint left it. */
static int resume(rt_trainer *t, rt_error *err) {
  rt_progress p;
  if (rt_checkpoint_load(&t->s, t->o->resume, &p, err)) return RT_DATA;
  if (p.rows != t->data.rows || p.batch != t->data.batch) {
    rt_fail(err, t->o->resume,
            "the run had %" PRId64 " rows in batches of %" PRId64 ", here are %" PRId64
            " in batches of %" PRId64,
            p.rows, p.batch, t->data.rows, t->data.batch);
    return RT_DATA;
  }
  t->p = p;
  t->data.seed = p.seed;
  t->saved_step = p.step;
  return 0;
}

/* Opens data, model and buffers. */
static int open_run(rt_trainer *t, rt_sizes *size, rt_error *err) {
  const rt_options *o = t->o;
  int status = rt_dataset_open(&t->data, o, t->entry, &o->data, size, err);
  if (!status) status = find_valid(t, err);
  if (!status && t->valid_entry) {
    rt_options ordered = *o;
    ordered.ordered = true;
    ordered.batch = t->data.batch_sym >= 0 ? t->data.batch : -1;
    rt_sizes other = *size;
    if (t->data.batch_sym >= 0) other.value[t->data.batch_sym] = -1;
    status = rt_dataset_open(&t->valid, &ordered, t->valid_entry, &o->valid, &other, err);
    if (!status && t->valid.batch_sym >= 0) other.value[t->valid.batch_sym] = t->data.batch;
    if (!status) *size = other;
  }
  if (!status) status = rt_sizes_finish(o->model, t->entry, size, err);
  if (!status) status = rt_dataset_reserve(&t->data, size, err);
  if (!status && t->valid_entry) status = rt_dataset_reserve(&t->valid, size, err);
  if (!status) status = rt_session_open(&t->s, o, size, NULL, err);
  if (status) return status;
  t->p = (rt_progress){.seed = o->seed, .rows = t->data.rows, .batch = t->data.batch};
  status = reserve_outputs(t->entry, size, t->out, t->arg, err);
  if (!status && t->valid_entry)
    status = reserve_outputs(t->valid_entry, size, t->valid_out, t->valid_arg, err);
  return status || !o->resume ? status : resume(t, err);
}

/* Sees to it, before hours are spent, that what a run leaves can be written. */
static int check_targets(const rt_trainer *t, rt_error *err) {
  const char *const target[] = {t->save, t->o->log, t->o->plot};
  for (int i = 0; i < 3; i++) {
    if (!target[i]) continue;
    const char *slash = strrchr(target[i], '/');
    size_t length = slash ? (size_t)(slash - target[i]) + 1 : 0;
    char folder[4096] = ".";
    if (length >= sizeof folder) return rt_fail(err, target[i], "the path is too long"), RT_DATA;
    if (length) memcpy(folder, target[i], length), folder[length] = 0;
    if (access(folder, W_OK))
      return rt_fail(err, target[i], "cannot be written: %s", strerror(errno)), RT_DATA;
  }
  return t->o->plot ? rt_plot_check(t->o->plot, err) : 0;
}

/* The command `train`. */
int rt_train(const rt_options *given, rt_error *err) {
  rt_options options = *given, *o = &options;
  char *kept = NULL;
  int status = o->resume ? rt_resume_options(o, &kept, err) : 0;
  rt_trainer *t = calloc(1, sizeof *t);
  if (!t) return rt_fail(err, "train", "out of memory"), RT_DATA;
  rt_sizes size;
  t->o = o;
  t->saved_step = -1;
  t->save = o->save ? o->save : o->resume;
  t->epochs = o->epochs >= 0 ? o->epochs : o->steps >= 0 ? -1 : 1;
  if (!status) status = rt_sizes_start(o, &size, err);
  if (!status && !(t->entry = rt_entry_named(o, o->entry, RT_TRAIN, err))) status = RT_USAGE;
  if (!status && t->entry->kind != RT_TRAIN) {
    rt_fail(err, t->entry->name, "is no train entry");
    status = RT_USAGE;
  }
  if (!status) status = rt_check_data_names(t, err);
  if (!status) status = check_targets(t, err);
  if (!status) status = open_run(t, &size, err);
  if (!status) status = run(t, err);
  rt_session_close(&t->s);
  rt_dataset_close(&t->data);
  rt_dataset_close(&t->valid);
  for (int i = 0; i < RT_MAX_PAIRS; i++) {
    rt_array_free(&t->out[i]);
    rt_array_free(&t->valid_out[i]);
  }
  rt_report_free(t);
  free(kept);
  free(t);
  return status;
}
