/*
** rt_valid.c: measuring on rows that are not trained on, and stopping when that gets no better
**
**   --valid X=test.npy     or  --split 80,10,10       the rows
**   --valid-entry score    the entry that returns scalars; without it one that fits, or the loss
**   --watch accuracy:max   which of them says what is best; without it the loss, the least one
*/
#include "rt_train.h"

#include <math.h>
#include <string.h>

/* Whether an input is given by NAME=VALUE of the list or of --in. */
static bool given(const rt_options *o, const rt_pairs *files, const char *name) {
  return rt_pair_find(files, name) || rt_pair_find(&o->in, name);
}

/* Whether all outputs of an entry are scalars and all its inputs are given. */
static bool measures(const rt_entry *e, const rt_options *o, const rt_pairs *files) {
  for (int i = 0; i < e->noutput; i++)
    if (e->output[i].rank != 0) return false;
  for (int i = 0; i < e->ninput; i++)
    if (!given(o, files, e->input[i].name)) return false;
  return e->noutput > 0;
}

/* Chooses the output that --watch names: NAME, NAME:min or NAME:max. */
static int find_watch(rt_trainer *t, rt_error *err) {
  const rt_entry *e = t->valid.entry;
  const char *want = t->o->watch ? t->o->watch : t->loss_name;
  size_t n = strcspn(want, ":");
  const char *way = want[n] ? want + n + 1 : "";
  t->watch = -1;
  for (int i = 0; i < e->noutput; i++)
    if (strlen(e->output[i].name) == n && !strncmp(e->output[i].name, want, n)) t->watch = i;
  if (t->watch < 0 && !t->o->watch) t->watch = 0;
  if (t->watch < 0) {
    char list[256];
    rt_fail(err, "--watch", "%s has no output '%.*s'; there are: %s", e->name, (int)n, want,
            rt_arg_names(list, sizeof list, e->output, e->noutput));
    return RT_USAGE;
  }
  if (*way && strcmp(way, "min") && strcmp(way, "max")) {
    rt_fail(err, "--watch", "expected NAME, NAME:min or NAME:max, found '%s'", want);
    return RT_USAGE;
  }
  t->watch_max = *way ? !strcmp(way, "max") : strstr(e->output[t->watch].name, "accuracy") != NULL;
  return 0;
}

/* Finds the entry that validation runs: the one named, else one that returns scalars only, else the
** loss without its updates. */
int rt_valid_find(rt_trainer *t, rt_error *err) {
  const rt_options *o = t->o;
  const rt_pairs *files = o->valid.count ? &o->valid : &o->data;
  if (o->valid.count && o->split)
    return rt_fail(err, "--split", "--valid is given too; one of them"), RT_USAGE;
  if (!o->valid.count && !o->split) {
    const char *needs = o->patience >= 0 ? "--patience" : o->best ? "--best" : NULL;
    if (!needs) return 0;
    return rt_fail(err, needs, "there is nothing to measure on: say --valid or --split"), RT_USAGE;
  }
  const rt_entry **found = &t->valid.entry;
  if (o->valid_entry) {
    *found = rt_entry_named(o, o->valid_entry, RT_ENTRY, err);
    if (!*found) return RT_USAGE;
  }
  for (int i = 0; i < o->model->nentry && !*found; i++)
    if (o->model->entry[i].kind == RT_ENTRY && measures(&o->model->entry[i], o, files))
      *found = &o->model->entry[i];
  const rt_entry *loss = t->turn[0].entry->loss;
  if (!*found && loss && measures(loss, o, files)) *found = loss;
  if (!*found) {
    rt_fail(err, o->split ? "--split" : "--valid",
            "no entry has scalar outputs and only these inputs");
    return RT_USAGE;
  }
  return find_watch(t, err);
}

/* Opens the data that the validation's entry measures on. */
int rt_measure_open(rt_trainer *t, rt_measure *m, int part, rt_sizes *size, rt_error *err) {
  rt_options ordered = *t->o;
  int sym = t->data.batch_sym;
  ordered.batch = sym >= 0 ? t->data.batch : -1;
  rt_sizes other = *size;
  if (sym >= 0) other.value[sym] = -1;
  for (int i = 0; i < t->data.ncolumn; i++)
    if (t->data.column[i].ragged) other.value[t->data.column[i].arg->dim[1].sym] = -1;
  bool split = part != RT_PART_ALL;
  const rt_pairs *files = split ? &ordered.data : &ordered.valid;
  ordered.ordered = split ? t->o->ordered : true;
  int status = rt_dataset_open(&m->data, &ordered, m->entry, files, (rt_part)part,
                               split ? &t->data : NULL, &other, err);
  m->data.ordered = true;
  if (status) return status;
  if (m->data.batch_sym >= 0) other.value[m->data.batch_sym] = t->data.batch;
  if (sym >= 0) other.value[sym] = t->data.batch;
  for (int k = 0; k < RT_MAX_SIZES; k++)
    if (other.value[k] < size->value[k]) other.value[k] = size->value[k];
  *size = other;
  return 0;
}

/* Runs all rows through, and keeps the means weighted by rows. */
int rt_measure_run(rt_trainer *t, rt_measure *m, rt_error *err) {
  const rt_entry *e = m->entry;
  if (!e) return 0;
  double sum[RT_MAX_PAIRS] = {0};
  int64_t rows = 0, n;
  while ((n = rt_dataset_fill(&m->data, 0, rows, 0, &m->batch)) > 0) {
    memcpy(m->arg, m->batch.arg, sizeof *m->arg * (size_t)e->ninput);
    if (rt_train_sizes(t, &m->batch, err) || rt_call(&t->s, e, m->arg, err)) return RT_DATA;
    for (int i = 0; i < e->noutput; i++) sum[i] += rt_element(&m->out[i], 0) * (double)n;
    rows += n;
  }
  if (n < 0) return *err = m->batch.err, RT_DATA;
  for (int i = 0; i < e->noutput; i++) m->mean[i] = sum[i] / (double)rows;
  return 0;
}

/* A state tensor that a schedule follows the validation by (dsl/schedule.lua): {validations so far,
** the last one's value, the less the better}. */
static double *follower(const rt_trainer *t, int k) {
  static const char ending[] = ".schedule.watched";
  const rt_arg *arg = &t->s.m->state[k].arg;
  size_t n = strlen(arg->name), m = sizeof ending - 1;
  bool is = n > m && !strcmp(arg->name + n - m, ending) && arg->dtype == RT_F64 && arg->rank == 1;
  return is ? t->s.m->data(t->s.model, k) : NULL;
}

/* A schedule that follows the validation must have one to follow. */
int rt_valid_needed(const rt_trainer *t, rt_error *err) {
  for (int k = 0; k < t->s.m->nstate && !t->valid.entry; k++) {
    if (!follower(t, k)) continue;
    rt_fail(err, t->all.name, "its schedule follows the validation: say --valid or --split");
    return RT_USAGE;
  }
  return 0;
}

/* Notes the validation just run, and tells the schedules; whether it is the best so far. */
bool rt_valid_better(rt_trainer *t) {
  double now = t->valid.mean[t->watch];
  for (int k = 0; k < t->s.m->nstate; k++) {
    double *told = follower(t, k);
    if (told) told[0] += 1, told[1] = t->watch_max ? -now : now;
  }
  bool first = t->p.best_step < 0;
  bool better = first ? isfinite(now) : t->watch_max ? now > t->p.best : now < t->p.best;
  t->p.waits = better ? 0 : t->p.waits + 1;
  if (!better) return false;
  t->p.best = now;
  t->p.best_step = t->p.step;
  return true;
}

/* Whether --patience is at its end. */
bool rt_valid_tired(const rt_trainer *t) {
  return t->valid.entry && t->o->patience >= 0 && t->p.waits > 0 && t->p.waits >= t->o->patience;
}
