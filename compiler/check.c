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
  int nparam;
  Node **param;
  GradGraph graph;
} Target;

/* The PARAMs y depends on. */
static void find_params(Target *t, Node *y) {
  Order o = graph_order(t->r->arena, 1, &y);
  t->param = NEWN(t->r->arena, Node *, o.n + 1);
  for (int k = 0; k < o.n; k++)
    if (o.node[k]->kind == N_PARAM) t->param[t->nparam++] = o.node[k];
}

/* The parameters of n that y is differentiated by. */
static int chosen(int n, Node **param, Node **x) {
  int nx = 0;
  for (int k = 0; k < n; k++)
    if (dtype_is_float((Dtype)param[k]->dtype) && param[k]->role != P_STATE) x[nx++] = param[k];
  return nx;
}

/* y and its derivatives in f64: those of its wide form, or the wide form of those of y where some
** are declared for f32. */
static void widen(Target *t) {
  Arena *a = t->r->arena;
  find_params(t, t->y);
  Node **wide = NEWN(a, Node *, 2 * t->nparam + 2), **x = NEWN(a, Node *, t->nparam + 1);
  bool iterates;
  if (!widen_loses(t->y, &iterates)) {
    graph_widen(t->nparam, t->param, wide, 1, &t->y);
    grad_graph(a, t->y, chosen(t->nparam, wide, x), x, &t->graph);
  } else {
    GradGraph *g = &t->graph;
    grad_graph(a, t->y, chosen(t->nparam, t->param, x), x, g);
    int nx = g->nx, n = t->nparam + 1 + nx;
    Node **all = NEWN(a, Node *, n), **result = NEWN(a, Node *, nx + 2);
    memcpy(all, t->param, sizeof *all * (size_t)t->nparam);
    all[t->nparam] = g->y_bar;
    memcpy(all + t->nparam + 1, g->x_dot, sizeof *all * (size_t)nx);
    result[0] = t->y, result[1] = g->y_dot;
    memcpy(result + 2, g->x_bar, sizeof *result * (size_t)nx);
    graph_widen(n, all, wide, nx + 2, result);
    *g = (GradGraph){.nx = chosen(t->nparam, wide, x), .y = result[0], .y_dot = result[1],
                     .y_bar = wide[t->nparam], .x = x, .x_bar = result + 2,
                     .x_dot = wide + t->nparam + 1, .coarse = g->coarse || iterates};
  }
  memcpy(t->param, wide, sizeof *wide * (size_t)t->nparam);
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
  widen(t);
  int nx = t->graph.nx;
  if (!nx) return;
  GradReport *best = NEWN(t->r->arena, GradReport, nx + 1);
  Tensor *value = NEWN(t->r->arena, Tensor, t->nparam + 1);
  bool all = false;
  for (uint64_t seed = 1; seed <= SEEDS && !all; seed++) {
    Arena *a = arena_new();
    GradReport *g = NEWN(a, GradReport, nx + 1);
    sample_values(a, t->r->p, t->nparam, t->param, t->r->size, seed, value);
    grad_compare(a, &t->graph, t->nparam, t->param, value, t->r->size, g);
    all = true;
    for (int k = 0; k < nx; k++) {
      if (seed == 1 || grad_fits(&g[k])) best[k] = g[k];
      all = all && grad_fits(&best[k]);
    }
    arena_free(a);
  }
  bool declared = grad_is_declared(t->y);
  for (int k = 0; k < nx; k++) say(t, t->graph.x[k], &best[k], declared);
}

static void check_output(Report *r, const Entry *e, const Port *port) {
  Target t = {.r = r, .e = e, .name = port->name, .y = port->node};
  if (!dtype_is_float((Dtype)port->node->dtype)) return;
  char *message = diag_try(check_target, &t);
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
