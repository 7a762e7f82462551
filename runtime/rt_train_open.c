/*
** rt_train_open.c: everything a training run needs, checked before the first step
**
**   entries of the round -> data, validation and test rows -> sizes -> model -> checkpoint
*/
#define _POSIX_C_SOURCE 200809L
#include "rt_train.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Gives the model the sizes of a batch. */
int rt_train_sizes(rt_trainer *t, const rt_batch *b, rt_error *err) {
  bool same = true;
  for (int k = 0; k < t->s.m->nsize; k++) {
    if (b->size[k] < 0 || t->s.size.value[k] == b->size[k]) continue;
    t->s.size.value[k] = b->size[k];
    same = false;
  }
  if (same) return 0;
  int code = t->s.m->resize(t->s.model, t->s.size.value);
  if (!code) return 0;
  rt_fail(err, t->s.m->name, "%s", t->s.m->error(code));
  return RT_DATA;
}

/* Allocates the outputs of an entry behind its inputs in arg. */
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

/* Finds the entries of the round: the one named, the model's schedule, or its first train entry. */
static int find_turns(rt_trainer *t, rt_error *err) {
  const rt_options *o = t->o;
  const rt_model *m = o->model;
  if (!o->entry && m->nturn > RT_MAX_TURNS)
    return rt_fail(err, m->name, "more than %d turns in the schedule", RT_MAX_TURNS), RT_USAGE;
  if (!o->entry && m->nturn) {
    for (int k = 0; k < m->nturn; k++) {
      t->turn[k].entry = m->turn[k].entry;
      t->turn[k].times = m->turn[k].times;
    }
    t->nturn = m->nturn;
  } else {
    const rt_entry *e = rt_entry_named(o, o->entry, RT_TRAIN, err);
    if (!e) return RT_USAGE;
    if (e->kind != RT_TRAIN) return rt_fail(err, e->name, "is no train entry"), RT_USAGE;
    t->turn[0].entry = e;
    t->turn[0].times = 1;
    t->nturn = 1;
  }
  for (int k = 0; k < t->nturn; k++) t->round += t->turn[k].times;
  return 0;
}

/* One entry with the inputs of all turns, which the data set feeds. */
static int join_inputs(rt_trainer *t, rt_error *err) {
  t->all = *t->turn[0].entry;
  t->all.ninput = 0;
  t->all.input = t->all_input;
  for (int k = 0; k < t->nturn; k++)
    for (int i = 0; i < t->turn[k].entry->ninput; i++) {
      const rt_arg *arg = &t->turn[k].entry->input[i];
      int at = 0;
      while (at < t->all.ninput && strcmp(t->all_input[at].name, arg->name) != 0) at++;
      if (at == RT_MAX_PAIRS) return rt_fail(err, t->all.name, "too many inputs"), RT_USAGE;
      if (at == t->all.ninput) t->all_input[t->all.ninput++] = *arg;
      t->turn[k].column[i] = at;
    }
  return 0;
}

/* Which turns take rows; the others are given their whole inputs once. */
static void settle_turns(rt_trainer *t) {
  for (int k = 0; k < t->nturn; k++) {
    rt_turn_state *turn = &t->turn[k];
    for (int i = 0; i < turn->entry->ninput; i++) {
      rt_column *c = &t->data.column[turn->column[i]];
      if (c->feed == RT_WHOLE) turn->arg[i] = c->array.data;
      else turn->eats = true;
    }
  }
}

/* What the reports call the scalar outputs: with the entry's name where there are several. */
static void name_metrics(rt_trainer *t) {
  int lines = 0;
  for (int k = 0; k < t->nturn; k++) {
    rt_turn_state *turn = &t->turn[k];
    bool again = false;
    turn->series = lines < RT_LINES ? lines : RT_LINES;
    for (int j = k - 1; j >= 0; j--)
      if (t->turn[j].entry == turn->entry) again = true, turn->series = t->turn[j].series;
    if (!again && lines < RT_LINES) t->curve.name[lines++] = t->metric[t->nmetric].name;
    for (int i = 0; !again && i < turn->entry->noutput; i++) {
      const rt_arg *out = &turn->entry->output[i];
      if (out->rank || t->nmetric == RT_MAX_METRICS) continue;
      rt_metric *m = &t->metric[t->nmetric++];
      snprintf(m->name, sizeof m->name, "%.60s%s%.60s", t->nturn > 1 ? turn->entry->name : "",
               t->nturn > 1 ? "." : "", out->name);
      m->value = &turn->out[i];
    }
  }
  t->loss_name = t->turn[0].entry->output[0].name;
}

/* Takes a run up where a checkpoint left it. */
static int resume(rt_trainer *t, rt_error *err) {
  rt_progress p = {.curve = &t->curve, .nvalue = t->nmetric + 2, .value = t->value};
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
  rt_report_keep(t, true);
  return 0;
}

/* Opens the data of training, validation and test. */
static int open_data(rt_trainer *t, rt_sizes *size, rt_error *err) {
  const rt_options *o = t->o;
  double share[3] = {0};
  int status = o->split ? rt_split_shares(o->split, share, err) : 0;
  rt_part part = o->split ? RT_PART_TRAIN : RT_PART_ALL;
  if (!status) status = rt_dataset_open(&t->data, o, &t->all, &o->data, part, NULL, size, err);
  if (!status) status = rt_valid_find(t, err);
  if (!status && t->valid.entry)
    status = rt_measure_open(t, &t->valid, o->split ? RT_PART_VALID : RT_PART_ALL, size, err);
  if (!status && share[2] > 0) {
    t->test.entry = t->valid.entry;
    status = rt_measure_open(t, &t->test, RT_PART_TEST, size, err);
  }
  if (!status) status = rt_sizes_finish(o->model, &t->all, size, err);
  if (!status) status = rt_dataset_reserve(&t->data, o->model, size, err);
  if (!status && t->valid.entry) status = rt_dataset_reserve(&t->valid.data, o->model, size, err);
  if (!status && t->test.entry) status = rt_dataset_reserve(&t->test.data, o->model, size, err);
  return status;
}

/* Opens the model and the outputs. */
static int open_model(rt_trainer *t, const rt_sizes *size, rt_error *err) {
  int status = rt_session_open(&t->s, t->o, size, NULL, err);
  if (status) return status;
  t->p = (rt_progress){.seed = t->o->seed,
                       .rows = t->data.rows,
                       .batch = t->data.batch,
                       .best_step = -1,
                       .curve = &t->curve,
                       .nvalue = t->nmetric + 2,
                       .value = t->value};
  memcpy(t->widest.size, size->value, sizeof t->widest.size);
  for (int k = 0; k < t->nturn && !status; k++)
    status = reserve_outputs(t->turn[k].entry, size, t->turn[k].out, t->turn[k].arg, err);
  rt_measure *m[] = {&t->valid, &t->test};
  for (int k = 0; k < 2 && !status; k++)
    if (m[k]->entry) status = reserve_outputs(m[k]->entry, size, m[k]->out, m[k]->arg, err);
  if (!status) status = rt_valid_needed(t, err);
  if (!status && t->o->resume) status = resume(t, err);
  if (!status) status = rt_ranks_reserve(t, err);
  if (status) return status;
  t->ahead = rt_ahead_start(&t->data);
  return t->ahead ? 0 : (rt_fail(err, "train", "out of memory"), RT_DATA);
}

/* Whether two paths are one file that is there, or one name. */
static bool same_file(const char *a, const char *b) {
  struct stat x, y;
  if (!strcmp(a, b)) return true;
  return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* A file the run writes must not be one of its data, nor be written twice. */
static int check_apart(const rt_options *o, const char *const *target, int k, rt_error *err) {
  static const char *const option[] = {"--save", "--log", "--plot", "--best"};
  const rt_pairs *list[] = {&o->data, &o->valid, &o->in, &o->lengths, &o->valid_lengths};
  for (int i = 0; i < k; i++)
    if (target[i] && same_file(target[i], target[k]))
      return rt_fail(err, target[k], "both %s and %s go there", option[i], option[k]), RT_USAGE;
  for (int j = 0; j < 5; j++)
    for (int i = 0; i < list[j]->count; i++)
      if (same_file(list[j]->at[i].value, target[k])) {
        rt_fail(err, target[k], "%s would write over the data of %s", option[k],
                list[j]->at[i].name);
        return RT_USAGE;
      }
  return 0;
}

/* Sees to it, before hours are spent, that what a run leaves can be written. */
static int check_targets(const rt_trainer *t, rt_error *err) {
  const char *const target[] = {t->save, t->o->log, t->o->plot, t->o->best};
  for (int i = 0; i < 4; i++) {
    if (!target[i]) continue;
    const char *slash = strrchr(target[i], '/');
    size_t length = slash ? (size_t)(slash - target[i]) + 1 : 0;
    char folder[4096] = ".";
    if (length >= sizeof folder) return rt_fail(err, target[i], "the path is too long"), RT_DATA;
    if (length) memcpy(folder, target[i], length), folder[length] = 0;
    if (access(folder, W_OK))
      return rt_fail(err, target[i], "cannot be written: %s", strerror(errno)), RT_DATA;
    if (check_apart(t->o, target, i, err)) return RT_USAGE;
  }
  const char *kept[] = {t->save, t->o->best};
  for (int i = 0; i < 2; i++)
    if (kept[i] && rt_checkpoint_name(kept[i], err)) return RT_USAGE;
  return t->o->plot ? rt_plot_check(t->o->plot, err) : 0;
}

/* Opens the run that the options ask for. */
int rt_train_open(rt_trainer *t, rt_error *err) {
  const rt_options *o = t->o;
  rt_sizes size;
  t->saved_step = -1;
  t->saved_time = rt_seconds();
  t->save = !rt_ranks_first(t) ? NULL : o->save ? o->save : o->resume;
  t->epochs = o->epochs >= 0 ? o->epochs : o->steps >= 0 ? -1 : 1;
  int status = rt_sizes_start(o, &size, err);
  if (!status) status = find_turns(t, err);
  if (!status) status = join_inputs(t, err);
  if (!status) status = rt_check_data_names(t, err);
  if (!status) status = check_targets(t, err);
  if (status) return status;
  name_metrics(t);
  status = open_data(t, &size, err);
  if (status) return status;
  settle_turns(t);
  status = open_model(t, &size, err);
  return !status && t->save ? rt_resume_note(o, t->save, err) : status;
}

void rt_train_close(rt_trainer *t) {
  rt_ahead_stop(t->ahead);
  rt_session_close(&t->s);
  rt_dataset_close(&t->valid.data);
  rt_dataset_close(&t->test.data);
  rt_dataset_close(&t->data);
  for (int i = 0; i < RT_MAX_PAIRS; i++) {
    for (int k = 0; k < t->nturn; k++) rt_array_free(&t->turn[k].out[i]);
    rt_array_free(&t->valid.out[i]);
    rt_array_free(&t->test.out[i]);
  }
  rt_report_free(t);
  free(t->norm);
  free(t->undo);
}
