/*
** check.c: `crescent check`: every derivative of a program's entries, by differences and two ways
**
**   train    loss by w        differences 2e-10   forward 3e-16   ok
**
** The graph is taken in f64, at small sizes, with the first values of its parameters. A training
** entry's loss is differentiated by the parameters and inputs it depends on, every other entry's
** outputs likewise.
*/
#include <stdlib.h>
#include <string.h>
#include "check.h"

typedef struct Report {
  Program *p;
  FILE *out;
  Arena *arena;
  int64_t *size;
  int good, bad, skipped;
} Report;

enum { SEEDS = 3 };

/* One output of an entry, in f64. */
typedef struct Target {
  Report *r;
  const Entry *e;
  const char *name;
  Node *y;
  int nparam, nx;
  Node **param, **x;
} Target;

/* The PARAMs y depends on. */
static void find_params(Target *t, Node *y) {
  Order o = graph_order(t->r->arena, 1, &y);
  t->param = NEWN(t->r->arena, Node *, o.n + 1);
  for (int k = 0; k < o.n; k++)
    if (o.node[k]->kind == N_PARAM) t->param[t->nparam++] = o.node[k];
}

static void widen(Target *t, Node *y) {
  find_params(t, y);
  Node **wide = NEWN(t->r->arena, Node *, t->nparam + 1);
  t->x = NEWN(t->r->arena, Node *, t->nparam + 1);
  t->y = y;
  graph_widen(t->nparam, t->param, wide, 1, &t->y);
  memcpy(t->param, wide, sizeof *wide * (size_t)t->nparam);
  for (int k = 0; k < t->nparam; k++)
    if (dtype_is_float((Dtype)wide[k]->dtype) && wide[k]->role != P_STATE) t->x[t->nx++] = wide[k];
}

/* Says how one derivative came out. */
static void say(Target *t, const Node *x, const GradReport *g, bool declared) {
  Report *r = t->r;
  const char *what = str_format("d %s / d %s", t->name, x->name ? x->name : "?");
  fprintf(r->out, "  %-12s %-34s ", t->e->name, what);
  if (!g->finite) {
    fprintf(r->out, "not finite at three random points: not checked\n");
    r->skipped++;
    return;
  }
  fprintf(r->out, "differences %-8.1e forward %-8.1e", g->difference, g->forward);
  if (grad_fits(g))
    r->good++, fprintf(r->out, " ok\n");
  else if (declared)
    r->skipped++, fprintf(r->out, " as declared: the model states another derivative on the way\n");
  else
    r->bad++, fprintf(r->out, " WRONG\n");
}

/* Points are tried until value and derivatives are finite and agree: a kink can spoil one point. */
static void check_target(void *ctx) {
  Target *t = ctx;
  GradReport *best = NEWN(t->r->arena, GradReport, t->nx + 1);
  Tensor *value = NEWN(t->r->arena, Tensor, t->nparam + 1);
  bool all = false;
  for (uint64_t seed = 1; seed <= SEEDS && !all; seed++) {
    Arena *a = arena_new();
    GradReport *g = NEWN(a, GradReport, t->nx + 1);
    sample_values(a, t->r->p, t->nparam, t->param, t->r->size, seed, value);
    grad_check(a, t->y, t->nx, t->x, t->nparam, t->param, value, t->r->size, g);
    all = true;
    for (int k = 0; k < t->nx; k++) {
      if (seed == 1 || grad_fits(&g[k])) best[k] = g[k];
      all = all && grad_fits(&best[k]);
    }
    arena_free(a);
  }
  bool declared = grad_is_declared(t->y);
  for (int k = 0; k < t->nx; k++) say(t, t->x[k], &best[k], declared);
}

static void check_output(Report *r, const Entry *e, const Port *port) {
  Target t = {.r = r, .e = e, .name = port->name};
  if (!dtype_is_float((Dtype)port->node->dtype)) return;
  widen(&t, port->node);
  char *message = t.nx ? diag_try(check_target, &t) : NULL;
  if (!message) return;
  fprintf(r->out, "  %-12s d %s: not checked: %s\n", e->name, port->name, message);
  r->skipped++;
  free(message);
}

/* Checks the derivatives of all entries, and prints a line on each; false: one is wrong. */
bool check_program(Program *p, FILE *out) {
  Report r = {.p = p, .out = out, .arena = arena_new()};
  r.size = NEWN(r.arena, int64_t, mod->nsym + 1);
  sample_sizes(p, r.size);
  fprintf(out, "%s: derivatives in f64", p->name);
  for (int k = 0; k < mod->nsym; k++)
    fprintf(out, "%s %s = %lld", k ? "," : " at", mod->sym[k]->name, (long long)r.size[k]);
  fprintf(out, "\n");
  for (int k = 0; k < p->nentry; k++) {
    const Entry *e = &p->entry[k];
    if (e->kind == E_INIT) continue;
    int n = e->kind == E_TRAIN ? 1 : e->noutput;
    for (int j = 0; j < n; j++) check_output(&r, e, &e->output[j]);
  }
  fprintf(out, "%d derivatives agree", r.good);
  if (r.skipped) fprintf(out, ", %d not checked", r.skipped);
  if (r.bad) fprintf(out, ", %d WRONG", r.bad);
  fprintf(out, "\n");
  arena_free(r.arena);
  return r.bad == 0;
}
