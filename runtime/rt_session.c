/*
** rt_session.c: a model made ready for a command, and its inputs read
*/
#define _POSIX_C_SOURCE 200809L
#include "rt_program.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Seconds of a clock that never goes back. */
double rt_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Returns the entry of this name; without a name the first of this kind (any kind: -1). */
const rt_entry *rt_entry_named(const rt_options *o, const char *name, rt_kind kind, rt_error *err) {
  const rt_model *m = o->model;
  for (int i = 0; i < m->nentry; i++)
    if (name ? strcmp(m->entry[i].name, name) == 0 : (int)kind < 0 || m->entry[i].kind == kind)
      return &m->entry[i];
  char list[300] = "";
  for (int i = 0; i < m->nentry; i++) {
    size_t n = strlen(list);
    snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", m->entry[i].name);
  }
  if (name)
    rt_fail(err, name, "no such entry; there are: %s", list);
  else
    rt_fail(err, o->command, "no %s entry here; there are: %s", kind == RT_TRAIN ? "train" : "such",
            list);
  return NULL;
}

/* Creates the model with these sizes, the options' seed and threads, and loads --weights. `more`
** may give a step hook. */
int rt_session_open(rt_session *s, const rt_options *o, const rt_sizes *size, const rt_config *more,
                    rt_error *err) {
  rt_config c = {.threads = o->threads, .seed = o->seed};
  if (more) c.step = more->step, c.step_context = more->step_context;
  s->o = o;
  s->m = o->model;
  s->size = *size;
  s->model = NULL;
  c.size = s->size.value;
  int code = s->m->create(&s->model, &c);
  if (code) {
    rt_fail(err, s->m->name, "%s", s->m->error(code));
    return RT_DATA;
  }
  if (o->weights && rt_checkpoint_load(s, o->weights, NULL, err)) {
    rt_session_close(s);
    return RT_DATA;
  }
  return 0;
}

void rt_session_close(rt_session *s) {
  if (s->model) s->m->destroy(s->model);
  s->model = NULL;
}

/* Calls an entry. */
int rt_call(const rt_session *s, const rt_entry *e, void *const *arg, rt_error *err) {
  int code = e->call(s->model, arg);
  if (!code) return 0;
  rt_fail(err, e->name, "%s", s->m->error(code));
  return RT_DATA;
}

/* Element i as a double. */
double rt_element(const rt_array *a, int64_t i) {
  switch (a->dtype) {
  case RT_F32:
    return (double)((const float *)a->data)[i];
  case RT_F64:
    return ((const double *)a->data)[i];
  case RT_I32:
    return ((const int32_t *)a->data)[i];
  case RT_I64:
    return (double)((const int64_t *)a->data)[i];
  default:
    return ((const uint8_t *)a->data)[i];
  }
}

/* Whether a file's numbers may be rounded to the dtype: when asked, and decimal text to floats. */
bool rt_may_round(const rt_options *o, const char *file, rt_dtype t) {
  return o->lossy || (rt_format_of(file) == RT_FILE_CSV && (t == RT_F32 || t == RT_F64));
}

/* Reads `--in NAME=value`: a file, or a number where the input is a scalar. The array comes with
** the argument's dtype and shape. */
int rt_read_input(const rt_options *o, rt_sizes *s, const rt_arg *arg, const char *value,
                  rt_array *a, rt_error *err) {
  char *end, label[200];
  double number = strtod(value, &end);
  snprintf(label, sizeof label, "%s=%s", arg->name, value);
  if (arg->rank == 0 && end != value && !*end && access(value, F_OK) != 0) {
    if (rt_array_alloc(a, RT_F64, 0, NULL, label, err)) return RT_DATA;
    *(double *)a->data = number;
    bool round = o->lossy || arg->dtype == RT_F32;
    if (rt_convert(a, arg->dtype, round, label, err)) goto fail;
    return 0;
  }
  if (rt_read_like(value, arg->name, a, err)) return RT_DATA;
  if (rt_sizes_match(o->model, s, arg, a, value, err)) goto fail;
  if (rt_convert(a, arg->dtype, rt_may_round(o, value, arg->dtype), label, err)) goto fail;
  if (rt_range_check(o->model, s, arg, a, value, err)) goto fail;
  return 0;
fail:
  rt_array_free(a);
  return RT_DATA;
}
