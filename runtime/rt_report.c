/*
** rt_report.c: what a training run says while it runs, its log and its curve
**
**   step 1200/4690  epoch 2/5  loss 0.2131  accuracy 0.94  15320 rows/s  0:17 left
*/
#define _POSIX_C_SOURCE 200809L
#include "rt_train.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Adds to the log's text. */
static void add(rt_trainer *t, const char *format, ...) {
  char line[1024];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(line, sizeof line, format, args);
  va_end(args);
  if (n < 0) return;
  if (n >= (int)sizeof line) n = sizeof line - 1;
  if (t->log_used + (size_t)n + 1 > t->log_room) {
    size_t room = t->log_room ? 2 * t->log_room : 1 << 16;
    char *more = realloc(t->log, room);
    if (!more) return;
    t->log = more;
    t->log_room = room;
  }
  memcpy(t->log + t->log_used, line, (size_t)n + 1);
  t->log_used += (size_t)n;
}

/* How many values a validation gives. */
static int valid_count(const rt_trainer *t) {
  return t->valid.entry ? t->valid.entry->noutput : 0;
}

/* Whether a row of the log is of a step that a resumed run has done. That of an epoch's last step
** is written after the validation, which may be still to come. */
static bool done(const rt_trainer *t, const char *line) {
  int64_t step = strtoll(line, NULL, 10);
  bool to_come = t->valid.entry && t->p.row > 0 && rt_dataset_rows(&t->data, t->p.row) == 0;
  return step < t->p.step || (step == t->p.step && !to_come);
}

/* The seconds in a row of the log. */
static double seconds_of(const char *line) {
  for (int k = 0; line && k < 2; k++) {
    line = strchr(line, ',');
    if (line) line++;
  }
  return line ? strtod(line, NULL) : 0;
}

/* Begins the log: a resumed run keeps the rows of the steps it already did, and
** goes on with their seconds. */
static void start_log(rt_trainer *t) {
  if (!t->o->log) return;
  FILE *old = t->o->resume ? fopen(t->o->log, "r") : NULL;
  char titles[1024], line[1024];
  bool head = old && fgets(titles, sizeof titles, old);
  if (head) add(t, "%s", titles);
  while (head && fgets(line, sizeof line, old)) {
    if (!done(t, line)) continue;
    add(t, "%s", line);
    t->before = seconds_of(line);
  }
  if (old) fclose(old);
  if (!head) {
    add(t, "step,epoch,seconds,rows_per_second");
    for (int i = 0; i < t->nmetric; i++) add(t, ",%s", t->metric[i].name);
    for (int i = 0; i < valid_count(t); i++) add(t, ",valid_%s", t->valid.entry->output[i].name);
    add(t, "\n");
  }
}

/* One row of the log; validation columns are empty but after an epoch. */
static void log_row(rt_trainer *t, bool valid) {
  if (!t->o->log) return;
  double seconds = rt_seconds() - t->started;
  add(t, "%" PRId64 ",%" PRId64 ",%.3f,%.1f", t->p.step, t->p.epoch + (valid ? 0 : 1),
      t->before + seconds,
      seconds > 0 ? (double)t->rows_done / seconds : 0.0);
  for (int i = 0; i < t->nmetric; i++) add(t, ",%.9g", rt_element(t->metric[i].value, 0));
  for (int i = 0; i < valid_count(t); i++)
    if (valid)
      add(t, ",%.9g", t->valid.mean[i]);
    else
      add(t, ",");
  add(t, "\n");
}

/* Draws of the validation what is called like the loss, else what is watched. */
static void choose_dots(rt_trainer *t) {
  if (!t->valid.entry) return;
  t->dots = t->watch;
  for (int i = 0; i < t->valid.entry->noutput; i++)
    if (!strcmp(t->valid.entry->output[i].name, t->loss_name)) t->dots = i;
  snprintf(t->dots_name, sizeof t->dots_name, "valid_%.120s",
           t->valid.entry->output[t->dots].name);
  t->curve.name[RT_DOTS] = t->dots_name;
}

/* Says what the data are and how long the run will be. */
void rt_report_start(rt_trainer *t) {
  const rt_dataset *d = &t->data;
  int64_t a_epoch = d->batch_sym >= 0 || d->feed == RT_WHOLE ? (d->rows + d->batch - 1) / d->batch
                                                             : d->rows / d->batch;
  int64_t eating = d->feed == RT_WHOLE;
  for (int k = 0; k < t->nturn; k++)
    if (t->turn[k].eats) eating += t->turn[k].times;
  t->total_steps = t->epochs >= 0 ? t->epochs * a_epoch * t->round / eating : t->o->steps;
  if (t->o->steps >= 0 && t->o->steps < t->total_steps) t->total_steps = t->o->steps;
  t->every = t->total_steps / 20 > 0 ? t->total_steps / 20 : 1;
  t->terminal = isatty(1) && !t->o->quiet && !t->o->json;
  t->started = t->shown = rt_seconds();
  t->first_step = t->p.step;
  t->loss = NAN;
  choose_dots(t);
  start_log(t);
  if (t->o->quiet || t->o->json) return;
  if (d->feed == RT_WHOLE)
    printf("%s: %" PRId64 " steps on all data\n", t->all.name, t->total_steps);
  else
    printf("%s: %" PRId64 " rows, %" PRId64 " a step, %" PRId64 " steps\n", t->all.name, d->rows,
           d->batch, t->total_steps);
  if (d->batch_sym < 0 && d->rows % d->batch)
    printf("%" PRId64 " rows of every epoch are left out: the model's batch is fixed\n",
           d->rows % d->batch);
  if (t->test.entry)
    printf("%" PRId64 " rows to validate, %" PRId64 " to test on\n", t->valid.data.rows,
           t->test.data.rows);
  else if (t->valid.entry)
    printf("%" PRId64 " rows to validate on\n", t->valid.data.rows);
  if (t->p.step) printf("resumed at step %" PRId64 "\n", t->p.step);
}

/* Prints the progress line, in place on a terminal. */
static void show(rt_trainer *t) {
  double now = rt_seconds(), seconds = now - t->started;
  double rate = seconds > 0 ? (double)t->rows_done / seconds : 0;
  int64_t done = t->p.step - t->first_step, left = t->total_steps - t->p.step;
  double eta = done > 0 && left > 0 ? seconds / (double)done * (double)left : 0;
  bool all = t->data.feed == RT_WHOLE; /* an epoch is a step */
  printf("%sstep %" PRId64 "/%" PRId64, t->terminal ? "\r" : "", t->p.step, t->total_steps);
  if (!all) printf("  epoch %" PRId64, t->p.epoch + 1);
  if (!all && t->epochs >= 0) printf("/%" PRId64, t->epochs);
  for (int i = 0; i < t->nmetric; i++)
    printf("  %s %.5g", t->metric[i].name, rt_element(t->metric[i].value, 0));
  printf(rate < 10 ? "  %.1f %s/s" : "  %.0f %s/s", rate, all ? "steps" : "rows");
  if (left > 0) printf("  %d:%02d left", (int)eta / 60, (int)eta % 60);
  printf("%s", t->terminal ? "\033[K" : "\n");
  fflush(stdout);
  t->shown = now;
}

/* After every step; the means of an epoch are of the first entry of the round. */
void rt_report_step(rt_trainer *t, double loss, const rt_turn_state *turn) {
  rt_norms_look(t);
  if (turn->series < RT_LINES) rt_curve_add(&t->curve, turn->series, t->p.step, loss);
  if (turn == t->turn) {
    t->loss = loss;
    t->epoch_sum += loss;
    t->epoch_steps++;
  }
  bool valid_follows = t->valid.entry && rt_dataset_rows(&t->data, t->p.row) == 0;
  if (!valid_follows) log_row(t, false);
  if (t->o->quiet || t->o->json) return;
  bool due = t->terminal ? rt_seconds() - t->shown > 0.1
                         : t->p.step % t->every == 0 || t->p.step == t->first_step + 1;
  if (due) show(t);
}

/* Notes what the log and the epoch's mean need of the steps done, for a checkpoint, or takes it up
** again. */
void rt_report_keep(rt_trainer *t, bool back) {
  int n = t->nmetric;
  for (int i = 0; i < n; i++) {
    rt_array number = {.dtype = RT_F64, .data = &t->value[i]};
    if (back) rt_convert_part(&number, 0, 1, t->metric[i].value, 0, true);
    else t->value[i] = rt_element(t->metric[i].value, 0);
  }
  if (back) {
    t->epoch_sum = t->value[n];
    t->epoch_steps = (int64_t)t->value[n + 1];
  } else {
    t->value[n] = t->epoch_sum;
    t->value[n + 1] = (double)t->epoch_steps;
  }
}

/* After every epoch, with the validation's values; of many short ones, about a hundred are shown,
** and none where an epoch is one step on all data and nothing is validated. */
void rt_report_epoch(rt_trainer *t) {
  if (t->valid.entry) {
    log_row(t, true);
    rt_curve_add(&t->curve, RT_DOTS, t->p.step, t->valid.mean[t->dots]);
  }
  bool steps = t->data.feed == RT_WHOLE && !t->valid.entry;
  int64_t apart = t->epochs > 100 && !t->valid.entry ? t->epochs / 100 : 1;
  if (!steps && !t->o->quiet && !t->o->json && t->p.epoch % apart == 0) {
    printf("%sepoch %" PRId64 ": mean %s %.6g", t->terminal ? "\r\033[K" : "", t->p.epoch,
           t->loss_name, t->epoch_steps ? t->epoch_sum / (double)t->epoch_steps : NAN);
    for (int i = 0; i < valid_count(t); i++)
      printf("  valid %s %.6g", t->valid.entry->output[i].name, t->valid.mean[i]);
    printf("%s\n", t->valid.entry && t->p.best_step == t->p.step ? "  best" : "");
    fflush(stdout);
  }
  t->epoch_sum = 0;
  t->epoch_steps = 0;
}

/* Values of a measurement as a JSON object. */
static void json_measure(const char *name, const rt_measure *m) {
  if (!m->entry) return;
  printf(", \"%s\": {", name);
  for (int i = 0; i < m->entry->noutput; i++) {
    printf("%s", i ? ", " : "");
    rt_json_quote(stdout, m->entry->output[i].name);
    printf(": %.9g", m->mean[i]);
  }
  printf("}");
}

/* The summary as JSON. */
static void json_summary(rt_trainer *t, double seconds) {
  printf("{\"steps\": %" PRId64 ", \"epochs\": %" PRId64
         ", \"seconds\": %.3f, \"rows_per_second\": %.1f",
         t->p.step, t->p.epoch, seconds, seconds > 0 ? (double)t->rows_done / seconds : 0.0);
  for (int i = 0; i < t->nmetric; i++) {
    printf(", ");
    rt_json_quote(stdout, t->metric[i].name);
    printf(": ");
    if (t->p.step > t->first_step) rt_print_json(stdout, t->metric[i].value);
    else printf("null");
  }
  if (t->o->skip > 0) printf(", \"skipped\": %" PRId64, t->skipped);
  json_measure("valid", &t->valid);
  json_measure("test", &t->test);
  if (t->valid.entry && t->p.best_step >= 0)
    printf(", \"best\": {\"step\": %" PRId64 ", \"value\": %.9g}", t->p.best_step, t->p.best);
  printf("}\n");
}

/* At the end: a summary, as JSON where asked for. */
void rt_report_end(rt_trainer *t, int status) {
  double seconds = rt_seconds() - t->started;
  if (t->terminal) printf("\r\033[K");
  if (status) return;
  if (t->o->json) json_summary(t, seconds);
  if (t->o->json || t->o->quiet) return;
  if (rt_valid_tired(t))
    printf("stopped early: no better for %" PRId64 " epochs\n", t->p.waits);
  int64_t steps = t->p.step - t->first_step;
  printf("%" PRId64 " steps in %.1f s", steps, seconds);
  if (steps) printf(", last %s %.6g", t->loss_name, t->loss);
  else if (t->p.step) printf(": that is done already; --epochs or --steps say the new total");
  printf("%s%s\n", t->save ? ", saved in " : "", t->save ? t->save : "");
  if (t->skipped)
    printf("%" PRId64 " steps were left out: their loss was no number\n", t->skipped);
  if (t->valid.entry && t->p.best_step >= 0)
    printf("best: %s %.6g at step %" PRId64 "%s%s\n", t->valid.entry->output[t->watch].name,
           t->p.best, t->p.best_step, t->o->best ? ", in " : "", t->o->best ? t->o->best : "");
  for (int i = 0; t->test.entry && i < t->test.entry->noutput; i++)
    printf("%s%s %.6g%s", i ? "  " : "test: ", t->test.entry->output[i].name, t->test.mean[i],
           i + 1 < t->test.entry->noutput ? "" : t->o->best ? " (best)\n" : "\n");
}

/* Writes the log as far as it goes. */
int rt_report_log(const rt_trainer *t, rt_error *err) {
  return t->o->log && rt_file_put(t->o->log, t->log, t->log_used, err) ? RT_DATA : 0;
}

/* Writes the log and the plot. */
int rt_report_files(rt_trainer *t, rt_error *err) {
  if (rt_report_log(t, err)) return RT_DATA;
  char title[200];
  snprintf(title, sizeof title, "%s: %s", t->s.m->name, t->loss_name);
  if (t->o->plot && rt_plot(t->o->plot, title, &t->curve, err)) return RT_DATA;
  return 0;
}

void rt_report_free(rt_trainer *t) {
  free(t->log);
}
