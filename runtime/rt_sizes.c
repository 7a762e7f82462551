/*
** rt_sizes.c: run-time sizes from the shapes of the files
**
** X is declared {N, 64} and x.npy is {500, 64}: N = 500. An extent k + c*N is solved for N; a size
** that two files give differently is an error that names both.
*/
#include "rt_program.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Takes the sizes of --dim. */
int rt_sizes_start(const rt_options *o, rt_sizes *s, rt_error *err) {
  const rt_model *m = o->model;
  for (int i = 0; i < RT_MAX_SIZES; i++) s->value[i] = -1, s->most[i] = false, s->from[i][0] = 0;
  for (int k = 0; k < o->dim.count; k++) {
    const rt_pair *p = &o->dim.at[k];
    int sym = 0;
    while (sym < m->nsize && strcmp(m->size_name[sym], p->name) != 0) sym++;
    char *end;
    long long v = strtoll(p->value, &end, 10);
    if (sym == m->nsize) {
      rt_fail(err, "--dim", "%s is no run-time size of %s", p->name, m->name);
      return RT_USAGE;
    }
    int least = m->size_least && !m->size_least[sym] ? 0 : 1;
    if (*end || end == p->value || v < least) {
      rt_fail(err, "--dim", "%s: expected a whole number from %d on, found '%s'", p->name, least,
              p->value);
      return RT_USAGE;
    }
    s->value[sym] = v;
    snprintf(s->from[sym], sizeof s->from[sym], "--dim");
  }
  return 0;
}

/* Writes the extents of an argument, -1 where a size it needs is not known. Returns whether all
** are known. */
int rt_shape_known(const rt_arg *arg, const rt_sizes *s, int64_t *dim) {
  bool known = true;
  for (int d = 0; d < arg->rank; d++) {
    const rt_dim *e = &arg->dim[d];
    bool open = e->sym == -2;
    for (int k = 0; open && k < RT_MAX_SIZES; k++)
      if (s->value[k] >= 0) open = false;
    if (e->sym >= 0) open = s->value[e->sym] < 0;
    dim[d] = open ? -1 : rt_extent(e, s->value);
    known = known && !open;
  }
  return known;
}

/* The bytes of an argument for known sizes. */
size_t rt_arg_bytes(const rt_arg *arg, const int64_t *size) {
  rt_array a = {.rank = arg->rank};
  rt_shape(arg, size, a.dim);
  return (size_t)rt_array_count(&a) * rt_dtype_size(arg->dtype);
}

/* Writes the extents of an argument for known sizes. */
void rt_shape(const rt_arg *arg, const int64_t *size, int64_t *dim) {
  for (int d = 0; d < arg->rank; d++) dim[d] = rt_extent(&arg->dim[d], size);
}

/* Writes "f32 {N, 64}", and returns out. */
char *rt_arg_text(char *out, size_t room, const rt_arg *arg) {
  int n = snprintf(out, room, "%s {", rt_dtype_name(arg->dtype));
  for (int d = 0; d < arg->rank && n < (int)room; d++)
    n += snprintf(out + n, room - (size_t)n, "%s%s", d ? ", " : "", arg->dim[d].text);
  if (n < (int)room) snprintf(out + n, room - (size_t)n, "}");
  return out;
}

/* The names of n arguments, "X, y". */
char *rt_arg_names(char *out, size_t room, const rt_arg *arg, int n) {
  size_t used = 0;
  out[0] = 0;
  for (int i = 0; i < n && used < room; i++)
    used += (size_t)snprintf(out + used, room - used, "%s%s", i ? ", " : "", arg[i].name);
  return out;
}

/* Whether the file holds a picture, by its name. */
bool rt_is_picture(const char *file) {
  return rt_format_of(file) == RT_FILE_PNG;
}

/* Fits the array to the declared shape, learning the sizes that are not known yet. */
int rt_sizes_match(const rt_model *m, rt_sizes *s, const rt_arg *arg, rt_array *a, const char *file,
                   rt_error *err) {
  int64_t dim[RT_MAX_RANK], open[RT_MAX_RANK];
  rt_shape_known(arg, s, dim);
  for (int d = 0; d < arg->rank; d++) open[d] = arg->dim[d].sym == -1 ? dim[d] : -1;
  char label[160];
  snprintf(label, sizeof label, "%s=%s", arg->name, file);
  rt_error ignored;
  if (rt_layout(a, rt_is_picture(file), arg->rank, dim, label, &ignored) &&
      rt_layout(a, rt_is_picture(file), arg->rank, open, label, err))
    return RT_DATA;
  for (int d = 0; d < arg->rank; d++) {
    const rt_dim *e = &arg->dim[d];
    if (e->sym < 0) continue;
    int64_t known = s->value[e->sym];
    if (known >= 0 && a->dim[d] == 0 && rt_extent(e, s->value) == 0) continue; /* N - 1 of N = 0 */
    int64_t rest = a->dim[d] - e->k, v = e->coef ? rest / e->coef : 0;
    bool own = e->sym < m->nsize; /* else it stands for the rows (rt_data.c) */
    int64_t least = own && m->size_least && !m->size_least[e->sym] ? 0 : 1;
    const bool most = a->dim[d] == 0 && e->k < 0 && e->coef > 0; /* any smaller size leaves as little */
    if (e->coef == 0 || (rest % e->coef && !most) || v < least) {
      rt_fail(err, label, "axis %d: %" PRId64 " is no value of %s%s", d, a->dim[d], e->text,
              v == 0 && e->k == 0 ? ": it must be 1 or more here" : "");
      return RT_DATA;
    }
    if (known < 0 || (s->most[e->sym] && v <= known)) {
      s->value[e->sym] = v;
      s->most[e->sym] = most;
      snprintf(s->from[e->sym], sizeof s->from[e->sym], "%.140s, axis %d", label, d);
    } else if (known != v) {
      rt_fail(err, label, "axis %d: %s = %" PRId64 ", but it is %" PRId64 " by %s", d,
              m->size_name[e->sym], v, known, s->from[e->sym]);
      return RT_DATA;
    }
  }
  return 0;
}

/* Whether an extent of these tensors may depend on the size. */
static bool mentions(int n, const rt_arg *arg, int sym) {
  for (int i = 0; i < n; i++)
    for (int d = 0; d < arg[i].rank; d++)
      if (arg[i].dim[d].sym == sym || arg[i].dim[d].sym == -2) return true;
  return false;
}

/* Takes the defaults of sizes still open, and the least for those the entry has nothing to do with;
** one that remains is an error. */
int rt_sizes_finish(const rt_model *m, const rt_entry *e, rt_sizes *s, rt_error *err) {
  for (int k = 0; k < m->nsize; k++) {
    if (s->value[k] == 0 && e->some >> k & 1 && m->size_least && !m->size_least[k]) {
      rt_fail(err, e->name, "%s is 0 by %s: it must be 1 or more for this entry", m->size_name[k],
              s->from[k]);
      return RT_DATA;
    }
    if (s->value[k] >= 0) continue;
    bool needed = mentions(e->ninput, e->input, k) || mentions(e->noutput, e->output, k);
    if (needed && m->size_default[k] < 0) {
      rt_fail(err, m->name, "the size %s is not known: say --dim %s=...", m->size_name[k],
              m->size_name[k]);
      return RT_USAGE;
    }
    int64_t least = m->size_least && m->size_least[k] > 1 ? m->size_least[k] : 1;
    s->value[k] = m->size_default[k] < 0 ? least : m->size_default[k];
    snprintf(s->from[k], sizeof s->from[k], "the model's default");
  }
  return 0;
}
