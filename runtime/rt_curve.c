/*
** rt_curve.c: losses by step, in memory that does not grow
**
**   1 2 3 4 5 6 7 ..  ->  (1 2) (3 4) (5 6) ..  ->  (1 2 3 4) (5 6 7 8) ..
**
** Each series is up to RT_STRETCHES sums over stretches of like length; where they are full, every
** two of them become one. A checkpoint holds them as text, so that a resumed run draws the whole
** curve, with the same bits: for each series its number, how many stretches, their length, and of
** each stretch the sum of its steps, its points, and the sum of their values.
*/
#include "rt_program.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Adds a point; values that are not finite are left out. */
void rt_curve_add(rt_curve *c, int series, int64_t step, double value) {
  rt_series *s = &c->series[series];
  if (!isfinite(value)) return;
  if (s->length == 0) s->length = 1;
  bool full = s->count > 0 && s->at[s->count - 1].points == s->length;
  if (full && s->count == RT_STRETCHES) {
    for (int i = 0; i < RT_STRETCHES / 2; i++) {
      const rt_stretch *a = &s->at[2 * i], *b = a + 1;
      s->at[i] = (rt_stretch){a->steps + b->steps, a->points + b->points, a->sum + b->sum};
    }
    s->count = RT_STRETCHES / 2;
    s->length *= 2;
  }
  if (s->count == 0 || full) s->at[s->count++] = (rt_stretch){0, 0, 0};
  rt_stretch *last = &s->at[s->count - 1];
  last->steps += (double)step;
  last->points++;
  last->sum += value;
}

/* The curve as text, to be freed; NULL without memory. */
char *rt_curve_text(const rt_curve *c) {
  size_t room = 1, used = 0;
  for (int k = 0; k < RT_SERIES; k++) room += 64 + (size_t)c->series[k].count * 80;
  char *text = malloc(room);
  if (!text) return NULL;
  text[0] = 0;
  for (int k = 0; k < RT_SERIES; k++) {
    const rt_series *s = &c->series[k];
    if (!s->count) continue;
    used += (size_t)snprintf(text + used, room - used, "%s%d %d %" PRId64, used ? ";" : "", k,
                             s->count, s->length);
    for (int i = 0; i < s->count; i++)
      used += (size_t)snprintf(text + used, room - used, " %a %" PRId64 " %a", s->at[i].steps,
                               s->at[i].points, s->at[i].sum);
  }
  return text;
}

/* Reads what rt_curve_text wrote; what is not of that form ends the reading. */
void rt_curve_read(rt_curve *c, const char *text) {
  for (const char *p = text; p && *p;) {
    char *end;
    long k = strtol(p, &end, 10), count = strtol(end, &end, 10);
    if (k < 0 || k >= RT_SERIES || count < 1 || count > RT_STRETCHES) return;
    rt_series *s = &c->series[k];
    s->length = strtoll(end, &end, 10);
    for (s->count = 0; s->count < count; s->count++) {
      rt_stretch *at = &s->at[s->count];
      at->steps = strtod(end, &end);
      at->points = strtoll(end, &end, 10);
      at->sum = strtod(end, &end);
      if (at->points < 1 || at->points > s->length || !isfinite(at->sum)) return;
    }
    p = *end == ';' ? end + 1 : NULL;
  }
}
