/*
** rt_checkpoint.c: parameters, optimizer state, keys and the place in the data, in one safetensors
**
** metadata: crescent_model, and for a training run crescent_seed, _step, _epoch, _row, _rows,
** _batch, _best_step, _waits, _best, _options, _curve and _values. Any tensor file with the right
** names serves as
** --weights; --resume needs all of it.
*/
#include "rt_train.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = 8 };
#define MOST_STEPS ((int64_t)1 << 60)
static const char *const field_name[FIELDS] = {"crescent_seed", "crescent_step", "crescent_epoch",
                                               "crescent_row",  "crescent_rows", "crescent_batch",
                                               "crescent_best_step", "crescent_waits"};

/* The state tensor as an array over the model's own memory. */
static rt_array view(const rt_session *s, int k) {
  const rt_arg *arg = &s->m->state[k].arg;
  rt_array a = {.dtype = arg->dtype, .rank = arg->rank, .data = s->m->data(s->model, k)};
  rt_shape(arg, s->size.value, a.dim);
  return a;
}

/* A checkpoint is not to be called like another kind of file. */
int rt_checkpoint_name(const char *path, rt_error *err) {
  rt_format format = rt_format_of(path);
  if (format == RT_FILE_SAFETENSORS || format == RT_FILE_UNKNOWN) return 0;
  return rt_fail(err, path, "parameters and state are saved as .safetensors"), RT_USAGE;
}

/* The values of the last step as text, to be freed. */
static char *values_text(const rt_progress *p) {
  size_t room = (size_t)p->nvalue * 32 + 1, used = 0;
  char *text = calloc(room, 1);
  for (int i = 0; text && i < p->nvalue; i++)
    used += (size_t)snprintf(text + used, room - used, "%s%a", i ? " " : "", p->value[i]);
  return text;
}

/* Writes all state; p, which may be NULL, says how far training has come. */
int rt_checkpoint_save(const rt_session *s, const char *path, const rt_progress *p, rt_error *err) {
  const rt_model *m = s->m;
  rt_named *t = calloc((size_t)m->nstate + 1, sizeof *t);
  if (!t) return rt_fail(err, path, "out of memory");
  for (int k = 0; k < m->nstate; k++) {
    t[k].name = m->state[k].arg.name;
    t[k].array = view(s, k);
  }
  const char *meta[2 * (FIELDS + 5)] = {"crescent_model", m->name};
  char text[FIELDS][24], best[40];
  char *options = p ? rt_options_text(s->o) : NULL, *curve = p ? rt_curve_text(p->curve) : NULL;
  char *values = p ? values_text(p) : NULL;
  int n = 1,
      status = p && (!options || !curve || !values) ? rt_fail(err, path, "out of memory") : 0;
  if (p) {
    const int64_t value[FIELDS] = {(int64_t)p->seed, p->step, p->epoch, p->row, p->rows, p->batch,
                                   p->best_step, p->waits};
    for (int i = 0; i < FIELDS; i++) {
      snprintf(text[i], sizeof text[i], "%" PRId64, value[i]);
      meta[2 * n] = field_name[i];
      meta[2 * n++ + 1] = text[i];
    }
    snprintf(best, sizeof best, "%a", p->best);
    meta[2 * n] = "crescent_best";
    meta[2 * n++ + 1] = best;
    meta[2 * n] = "crescent_options";
    meta[2 * n++ + 1] = options;
    meta[2 * n] = "crescent_curve";
    meta[2 * n++ + 1] = curve;
    meta[2 * n] = "crescent_values";
    meta[2 * n++ + 1] = values;
  }
  if (!status && rt_st_write(path, t, m->nstate, meta, n, err)) status = RT_DATA;
  free(options);
  free(curve);
  free(values);
  free(t);
  return status;
}

/* Reads the run's place from the metadata. */
static int read_progress(const rt_st *st, const char *path, rt_progress *p, rt_error *err) {
  int64_t value[FIELDS];
  for (int i = 0; i < FIELDS; i++) {
    const char *text = rt_st_metadata(st, field_name[i]);
    char *end;
    if (!text)
      return rt_fail(err, path, "%s: missing, so no run can be resumed from it", field_name[i]);
    errno = 0;
    value[i] = strtoll(text, &end, 10);
    if (!*text || *end || errno)
      return rt_fail(err, path, "%s: '%s' is no number", field_name[i], text);
    bool best = !strcmp(field_name[i], "crescent_best_step");
    if (i && (value[i] < -best || value[i] > MOST_STEPS))
      return rt_fail(err, path, "%s: %" PRId64 " cannot be", field_name[i], value[i]);
  }
  if (value[3] > value[4] || value[5] < 1)
    return rt_fail(err, path, "crescent_row: %" PRId64 " of %" PRId64 ", %" PRId64 " at a time",
                   value[3], value[4], value[5]);
  *p = (rt_progress){.seed = (uint64_t)value[0],
                     .step = value[1],
                     .epoch = value[2],
                     .row = value[3],
                     .rows = value[4],
                     .batch = value[5],
                     .best_step = value[6],
                     .waits = value[7],
                     .curve = p->curve,
                     .nvalue = p->nvalue,
                     .value = p->value};
  const char *best = rt_st_metadata(st, "crescent_best");
  if (best) p->best = strtod(best, NULL);
  rt_curve_read(p->curve, rt_st_metadata(st, "crescent_curve"));
  const char *text = rt_st_metadata(st, "crescent_values");
  for (int i = 0; text && *text && i < p->nvalue; i++) {
    char *end;
    p->value[i] = strtod(text, &end);
    text = end;
  }
  return 0;
}

/* Reads one state tensor into a copy of its own, checked against the model. */
static int read_one(const rt_session *s, const rt_st *st, int k, rt_array *a, rt_error *err) {
  rt_array to = view(s, k);
  const char *name = s->m->state[k].arg.name;
  if (rt_st_read(st, name, a, err)) return RT_DATA;
  bool same = a->rank == to.rank;
  for (int d = 0; same && d < a->rank; d++) same = a->dim[d] == to.dim[d];
  if (!same) {
    char have[128], want[128];
    rt_fail(err, st->file, "%s: shape %s, but the model has %s", name,
            rt_shape_text(have, sizeof have, a->rank, a->dim),
            rt_shape_text(want, sizeof want, to.rank, to.dim));
    return RT_DATA;
  }
  char label[256];
  snprintf(label, sizeof label, "%s: %s", st->file, name);
  return rt_convert(a, to.dtype, s->o->lossy, label, err) ? RT_DATA : 0;
}

/* Whether the file has a tensor of state k's name and shape. */
static bool fits(const rt_session *s, const rt_st *st, int k) {
  const rt_st_tensor *t = rt_st_find(st, s->m->state[k].arg.name);
  rt_array to = view(s, k);
  bool same = t && t->rank == to.rank;
  for (int d = 0; same && d < to.rank; d++) same = t->dim[d] == to.dim[d];
  return same;
}

/* Whether state k is what a run counts or remembers of a parameter: a step, a key,
** `adam.m.NAME`. */
static bool of_a_run(const rt_model *m, int k) {
  const rt_arg *arg = &m->state[k].arg;
  size_t length = strlen(arg->name);
  if (m->state[k].trained) return false;
  if (arg->dtype == RT_I64 || arg->dtype == RT_I32) return true;
  for (int i = 0; i < m->nstate; i++) {
    size_t tail = strlen(m->state[i].arg.name);
    if (m->state[i].trained && length > tail + 1 && arg->name[length - tail - 1] == '.' &&
        !strcmp(arg->name + length - tail, m->state[i].arg.name))
      return true;
  }
  return false;
}

/* Reads what fits of the parameters and statistics, and says what starts anew. */
static int read_partial(const rt_session *s, const rt_st *st, const char *path, rt_array *a,
                        rt_error *err) {
  const rt_model *m = s->m;
  int found = 0, all = 0, status = 0;
  for (int k = 0; k < m->nstate; k++) {
    all += m->state[k].trained;
    found += m->state[k].trained && fits(s, st, k);
  }
  if (!found)
    return rt_fail(err, path, "none of the model's %d parameters is in it, by name and shape", all);
  if (!s->o->quiet) fprintf(stderr, "%s: %d of %d parameters", path, found, all);
  for (int k = 0, told = 0; k < m->nstate && !status; k++) {
    if (fits(s, st, k) && !of_a_run(m, k)) status = read_one(s, st, k, &a[k], err);
    else if (m->state[k].trained && !s->o->quiet)
      fprintf(stderr, "%s%s", told++ ? ", " : "; new: ", m->state[k].arg.name);
  }
  if (!s->o->quiet) fputc('\n', stderr);
  return status;
}

/* Reads state from a file. With p, all of it and the run's place; without, every parameter, and
** the other state where the file has it; --partial less. On failure the model is as it was. */
int rt_checkpoint_load(const rt_session *s, const char *path, rt_progress *p, rt_error *err) {
  const rt_model *m = s->m;
  rt_st st;
  if (rt_st_open(path, &st, err)) return RT_DATA;
  rt_array *a = calloc((size_t)m->nstate + 1, sizeof *a);
  int status = a ? 0 : rt_fail(err, path, "out of memory");
  if (!status && p && !st.checked)
    status = rt_fail(err, path, "crescent_checksum: missing, so no run can be resumed from it; "
                                "--weights takes its parameters");
  if (!status && p) status = read_progress(&st, path, p, err);
  bool partial = s->o->partial && !p && path == s->o->weights;
  if (!status && partial) status = read_partial(s, &st, path, a, err);
  for (int k = 0; !status && !partial && k < m->nstate; k++) {
    bool there = rt_st_find(&st, m->state[k].arg.name) != NULL;
    if (there) {
      status = read_one(s, &st, k, &a[k], err);
    } else if (p || m->state[k].trained) {
      const char *other = rt_st_metadata(&st, "crescent_model");
      bool same = other && !strcmp(other, m->name);
      status = rt_fail(err, path, "%s: missing%s%.60s%s", m->state[k].arg.name,
                       same    ? "; the file is of this model, with other state"
                       : other ? "; the file is of the model "
                               : "",
                       same || !other ? "" : other, p ? "" : "; --partial takes what fits");
    }
  }
  for (int k = 0; a && k < m->nstate; k++) {
    if (!status && a[k].data) {
      rt_array to = view(s, k);
      if (rt_array_count(&to))
        memcpy(to.data, a[k].data, (size_t)rt_array_count(&to) * rt_dtype_size(to.dtype));
    }
    rt_array_free(&a[k]);
  }
  free(a);
  rt_st_close(&st);
  return status ? RT_DATA : 0;
}
