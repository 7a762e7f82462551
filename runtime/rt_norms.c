/*
** rt_norms.c: norms of the parameters, for the message of a run whose loss is no number
**
**   parameter norms: W1 12.5 -> nan, b1 0.3 -> 4e+37      after step 120 -> now
*/
#include "rt_train.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The 2-norm of a state tensor. */
static double norm(const rt_trainer *t, int k) {
  const rt_arg *arg = &t->s.m->state[k].arg;
  rt_array a = {.dtype = arg->dtype, .rank = arg->rank, .data = t->s.m->data(t->s.model, k)};
  rt_shape(arg, t->s.size.value, a.dim);
  double sum = 0;
  int64_t n = rt_array_count(&a);
  for (int64_t i = 0; i < n; i++) sum += rt_element(&a, i) * rt_element(&a, i);
  return sqrt(sum);
}

/* Keeps the norms as they are now. Nothing is done before a second has gone by, and a hundred times
** what the last look took. */
void rt_norms_look(rt_trainer *t) {
  int n = t->s.m->nstate;
  double now = rt_seconds();
  if (t->norm && now < t->norm_next) return;
  if (!t->norm) t->norm = calloc((size_t)n + 1, sizeof *t->norm);
  for (int k = 0; t->norm && k < n; k++)
    if (t->s.m->state[k].trained) t->norm[k] = norm(t, k);
  t->norm_step = t->p.step;
  t->norm_next = rt_seconds() + fmax(1, 100 * (rt_seconds() - now));
}

/* Says which input of the step's batch is not finite, in which row of its file; "" where all
** are. */
void rt_norms_rows(const rt_trainer *t, const rt_turn_state *turn, char *out, size_t room) {
  *out = 0;
  for (int i = 0; turn->eats && i < turn->entry->ninput; i++) {
    const rt_column *c = &t->data.column[turn->column[i]];
    if (c->feed == RT_WHOLE || (c->arg->dtype != RT_F32 && c->arg->dtype != RT_F64)) continue;
    rt_array a = {.dtype = c->arg->dtype, .rank = c->arg->rank, .data = turn->arg[i]};
    rt_shape(c->arg, t->s.size.value, a.dim);
    int64_t n = rt_array_count(&a), a_row = t->batch.rows > 0 ? n / t->batch.rows : n;
    for (int64_t k = 0; k < n; k++) {
      if (isfinite(rt_element(&a, k))) continue;
      snprintf(out, room, "; %.60s has %s in row %" PRId64 " of %.100s", c->arg->name,
               isnan(rt_element(&a, k)) ? "not a number" : "an infinity",
               rt_dataset_row(&t->data, t->p.epoch, t->p.row + k / a_row), c->file);
      return;
    }
  }
}

/* Writes the norms, those that are not finite first, as many as fit. */
void rt_norms_text(const rt_trainer *t, char *out, size_t room) {
  size_t used = (size_t)snprintf(out, room, "parameter norms (after step %" PRId64 " -> now):",
                                 t->norm_step);
  int left = 0;
  for (int finite = 0; finite < 2; finite++)
    for (int k = 0; k < t->s.m->nstate; k++) {
      const rt_state *s = &t->s.m->state[k];
      double now = s->trained ? norm(t, k) : 0;
      if (!s->trained || (isfinite(now) != 0) != finite) continue;
      char line[300];
      double was = t->norm ? t->norm[k] : NAN; /* of NaN without its sign */
      int n = snprintf(line, sizeof line, " %.200s %.3g -> %.3g", s->arg.name,
                       isnan(was) ? NAN : was, isnan(now) ? NAN : now);
      if (n < 0 || used + (size_t)n + 24 > room) {
        left++;
        continue;
      }
      memcpy(out + used, line, (size_t)n);
      used += (size_t)n;
      out[used++] = ',';
      out[used] = 0;
    }
  if (used && out[used - 1] == ',') out[--used] = 0;
  if (left) snprintf(out + used, room - used, " and %d more", left);
}
