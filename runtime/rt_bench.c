/*
** rt_bench.c: how long an entry takes, and which of its kernels
**
**   predict: 0.213 ms, 96.4 GFLOP/s, 1.2 GB/s (median of 400 calls; the fastest 0.205 ms)
*/
#define _POSIX_C_SOURCE 200809L
#include "rt_example.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Seconds of calls. */
typedef struct timing {
  double median, least;
  int calls;
} timing;

/* Calls until a second has passed (at least 5 calls, at most 10000), or `repeat` times. */
static int measure(rt_example *x, int64_t repeat, timing *of, rt_error *err) {
  enum { MOST = 10000 };
  static const double enough = 1.0;
  double *time = malloc(MOST * sizeof *time), begin = rt_seconds();
  if (!time) return rt_fail(err, "bench", "out of memory"), RT_DATA;
  int n = 0, status = rt_call(&x->s, x->entry, x->arg, err);
  while (!status && n < MOST) {
    if (repeat > 0 ? n >= repeat : n >= 5 && rt_seconds() - begin > enough) break;
    double t = rt_seconds();
    status = rt_call(&x->s, x->entry, x->arg, err);
    time[n++] = rt_seconds() - t;
  }
  qsort(time, (size_t)n, sizeof *time, by_value);
  if (n) *of = (timing){time[n / 2], time[0], n};
  free(time);
  return status;
}

/* The command `bench`: every entry, or one. */
int rt_bench(const rt_options *o, rt_error *err) {
  const rt_model *m = o->model;
  if (o->entry && !rt_entry_named(o, o->entry, RT_ENTRY, err)) return RT_USAGE;
  int status = 0;
  bool first = true;
  if (o->json) printf("[");
  for (int i = 0; i < m->nentry && !status; i++) {
    const rt_entry *e = &m->entry[i];
    if (o->entry && strcmp(o->entry, e->name) != 0) continue;
    rt_example x;
    timing t = {0};
    status = rt_example_open(&x, o, e, NULL, err);
    if (!status) status = measure(&x, o->repeat, &t, err);
    double flops = e->flops ? e->flops(x.s.size.value) : 0,
           bytes = e->bytes ? e->bytes(x.s.size.value) : 0;
    double rate = t.median > 0 ? 1e-9 / t.median : 0;
    if (!status && o->json) {
      printf("%s{\"entry\": ", first ? "" : ", ");
      rt_json_quote(stdout, e->name);
      printf(
          ", \"ms\": %.6f, \"least_ms\": %.6f, \"gflops\": %.3f, \"gbytes\": %.3f, \"calls\": %d}",
          t.median * 1e3, t.least * 1e3, flops * rate, bytes * rate, t.calls);
    } else if (!status) {
      printf("%s: %.4g ms, %.3g GFLOP/s, %.3g GB/s (median of %d calls; the fastest %.4g ms)\n",
             e->name, t.median * 1e3, flops * rate, bytes * rate, t.calls, t.least * 1e3);
    }
    first = false;
    rt_example_close(&x);
  }
  if (o->json) printf("]\n");
  return status;
}

enum { MOST_KERNELS = 4096 };

/* Times by kernel, collected by the step hook. */
typedef struct profile {
  int count;
  const char *name[MOST_KERNELS];
  double seconds[MOST_KERNELS];
  int64_t calls[MOST_KERNELS];
  int running; /* -1: none */
  double since;
} profile;

/* The hook: the kernel before ends where the next one begins. */
static void step(void *context, const char *kernel) {
  profile *p = context;
  double now = rt_seconds();
  if (p->running >= 0) p->seconds[p->running] += now - p->since;
  p->running = -1;
  for (int i = 0; kernel && i < p->count && p->running < 0; i++)
    if (strcmp(p->name[i], kernel) == 0) p->running = i;
  if (kernel && p->running < 0 && p->count < MOST_KERNELS) {
    p->name[p->count] = kernel;
    p->running = p->count++;
  }
  if (p->running >= 0) p->calls[p->running]++;
  p->since = rt_seconds();
}

/* Prints the kernels, the slowest first. */
static void print_profile(const rt_options *o, profile *p, int64_t repeat) {
  double total = 0;
  for (int i = 0; i < p->count; i++) total += p->seconds[i];
  if (o->json)
    printf("[");
  else
    printf("%10s %6s %8s  %s\n", "ms a call", "share", "times", "kernel");
  for (int shown = 0; shown < p->count; shown++) {
    int k = 0;
    for (int i = 1; i < p->count; i++)
      if (p->seconds[i] > p->seconds[k]) k = i;
    double ms = p->seconds[k] / (double)repeat * 1e3;
    if (o->json)
      printf("%s{\"kernel\": \"%s\", \"ms\": %.6f, \"calls\": %" PRId64 "}", shown ? ", " : "",
             p->name[k], ms, p->calls[k] / repeat);
    else
      printf("%10.4f %5.1f%% %8" PRId64 "  %s\n", ms, 100 * p->seconds[k] / total,
             p->calls[k] / repeat, p->name[k]);
    p->seconds[k] = -1;
  }
  if (o->json)
    printf("]\n");
  else
    printf("%10.4f 100.0%%           all\n", total / (double)repeat * 1e3);
}

/* The command `profile`. */
int rt_profile(const rt_options *o, rt_error *err) {
  if (!o->entry) {
    rt_fail(err, "profile", "which entry?");
    return RT_USAGE;
  }
  const rt_entry *e = rt_entry_named(o, o->entry, RT_ENTRY, err);
  profile *p = calloc(1, sizeof *p);
  rt_example x;
  if (!e || !p) {
    free(p);
    return RT_USAGE;
  }
  rt_config hook = {.step = step, .step_context = p};
  p->running = -1;
  int status = rt_example_open(&x, o, e, &hook, err);
  int64_t repeat = o->repeat > 0 ? o->repeat : 20;
  for (int64_t i = 0; i <= repeat && !status; i++) {
    status = rt_call(&x.s, e, x.arg, err);
    if (i == 0) *p = (profile){.running = -1}; /* the first call warms up */
  }
  if (!status) print_profile(o, p, repeat);
  rt_example_close(&x);
  free(p);
  return status;
}
