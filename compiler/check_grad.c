/*
** check_grad.c: one derivative against central differences and against forward mode
**
**   (f(x + h d) - f(x - h d)) / 2 h  =  <x_bar, d>  =  <y_bar, y_dot>      f = <y_bar, y>
**
** for a random cotangent y_bar and a random direction d, one x at a time. Kinks (relu, max) within
** h of the point spoil a difference, so the best of three steps h counts.
*/
#include <math.h>
#include <string.h>
#include "check.h"

typedef struct Grad {
  Arena *arena;
  int nparam, nall;   /* the program's parameters; those, the cotangent and the directions */
  Node **all;
  Tensor *value;      /* of all */
  const int64_t *size;
  Node *y;
  bool coarse;        /* y has the precision of f32 */
  uint64_t state;     /* of the noise */
} Grad;

static Tensor random_like(Grad *g, const Tensor *t) {
  Tensor r = *t;
  double *v = r.data = NEWN(g->arena, double, tensor_count(t) + 1);
  for (size_t k = 0; k < tensor_count(t); k++) v[k] = sample_noise(&g->state);
  return r;
}

static double dot(const Tensor *a, const Tensor *b) {
  const double *x = a->data, *y = b->data;
  double s = 0;
  for (size_t k = 0; k < tensor_count(a); k++) s += x[k] * y[k];
  return s;
}

static double dot_abs(const Tensor *a, const Tensor *b) {
  const double *x = a->data, *y = b->data;
  double s = 0;
  for (size_t k = 0; k < tensor_count(a); k++) s += fabs(x[k] * y[k]);
  return s;
}

/* <y_bar, y> at the present values. */
static double weighted(Grad *g, const Tensor *y_bar) {
  Tensor y;
  Arena *a = arena_new();
  eval_graph(a, g->nparam, g->all, g->value, g->size, 1, &g->y, &y);
  double s = dot(y_bar, &y);
  arena_free(a);
  return s;
}

/* The central difference along d at parameter k. */
static double difference(Grad *g, int k, const Tensor *d, double h, const Tensor *y_bar) {
  Tensor here = g->value[k], moved = here;
  size_t n = tensor_count(&here);
  double *v = moved.data = NEWN(g->arena, double, n + 1), f[2];
  for (int side = 0; side < 2; side++) {
    for (size_t i = 0; i < n; i++)
      v[i] = ((double *)here.data)[i] + (side ? -h : h) * ((double *)d->data)[i];
    g->value[k] = moved;
    f[side] = weighted(g, y_bar);
  }
  g->value[k] = here;
  return (f[0] - f[1]) / (2 * h);
}

/* How far rounding takes <y_bar, y>, whose terms may cancel: how it moves with all values an ulp
** away, some times over. */
static double rounding(Grad *g, double value, const Tensor *y_bar) {
  Tensor *here = g->value;
  g->value = NEWN(g->arena, Tensor, g->nall + 1);
  double most = 0;
  memcpy(g->value, here, sizeof *here * (size_t)g->nall);
  for (int way = 0; way < BESIDE; way++) {
    Tensor *moved = sample_beside(g->arena, g->nparam, here, way);
    memcpy(g->value, moved, sizeof *moved * (size_t)g->nparam);
    most = fmax(most, fabs(weighted(g, y_bar) - value));
  }
  g->value = here;
  return ROUNDINGS * most;
}

/* |a - b| relative to `scale`, the size of the terms they are sums of, or to what makes an error of
** `noise` pass. */
static double relative(double a, double b, double scale, double noise, double limit) {
  double e = fabs(a - b), r = e / fmax(fmax(scale, noise / limit), 1e-300);
  return isnan(r) ? INFINITY : r;
}

static int place_of(const Grad *g, const Node *x) {
  for (int k = 0; k < g->nparam; k++)
    if (g->all[k] == x) return k;
  ICE(x->loc, "a derivative by what is no parameter");
}

/* Reverse mode against differences, along d at parameter `at`. */
static void compare_differences(Grad *g, int at, const Tensor *x_bar, const Tensor *d, double value,
                                const Tensor *y_bar, GradReport *report) {
  static const double fine[] = {1e-5, 1e-6, 1e-4}, coarse[] = {1e-2, 1e-3, 5e-2};
  const double *step = g->coarse ? coarse : fine;
  double limit = g->coarse ? coarse_limit : difference_limit;
  double reverse = dot(x_bar, d), scale = dot_abs(x_bar, d);
  double noise = fmax((g->coarse ? 1e-6 : 1e-14) * (fabs(value) + 0.01), rounding(g, value, y_bar));
  report->finite = isfinite(reverse) && isfinite(value);
  report->difference = INFINITY;
  for (int s = 0; s < 3 && report->difference > limit / 10; s++) {
    double fd = difference(g, at, d, step[s], y_bar);
    double e = relative(fd, reverse, fmax(scale, fabs(fd)), noise / step[s], limit);
    report->difference = fmin(report->difference, e);
  }
}

/* Reverse mode against forward mode, along d[k] at x[k] for k in [from, to) at once. */
static double compare_forward(Grad *g, int from, int to, const Tensor *x_bar, const Tensor *d,
                              Node *y_dot, const Tensor *y_bar) {
  Tensor *x_dot = g->value + g->nparam + 1, dot_value;
  double reverse = 0, scale = 0;
  Arena *a = arena_new();
  Tensor *zero = arena_copy(a, x_dot + from, sizeof *x_dot * (size_t)(to - from));
  for (int k = from; k < to; k++) {
    x_dot[k] = d[k];
    reverse += dot(&x_bar[k], &d[k]);
    scale += dot_abs(&x_bar[k], &d[k]);
  }
  eval_graph(a, g->nall, g->all, g->value, g->size, 1, &y_dot, &dot_value);
  memcpy(x_dot + from, zero, sizeof *x_dot * (size_t)(to - from));
  double forward = dot(y_bar, &dot_value);
  scale = fmax(scale, dot_abs(y_bar, &dot_value));
  arena_free(a);
  return relative(forward, reverse, scale, 1e-13, forward_limit);
}

static Tensor zeros(Grad *g, const Tensor *t) {
  Tensor z = *t;
  z.data = NEWN(g->arena, double, tensor_count(t) + 1);
  return z;
}

/* Whether a kernel under result takes or gives f32, which graph_widen could not change. */
static bool has_single(bool *seen, int nresult, Node **result) {
  Arena *a = arena_new();
  Order o = graph_order(a, nresult, result);
  bool found = false;
  for (int i = 0; i < o.n && !found; i++) {
    Func *f = o.node[i]->fn;
    if (!f || seen[f->id]) continue;
    seen[f->id] = true;
    for (int k = 0; f->opaque && k < f->nparam; k++)
      found = found || f->param[k]->dtype == DT_F32;
    for (int k = 0; f->opaque && k < f->nresult; k++)
      found = found || f->result[k]->dtype == DT_F32;
    found = found || (!f->opaque && has_single(seen, f->nresult, f->result));
  }
  arena_free(a);
  return found;
}

static bool is_coarse(Node *y) {
  Arena *a = arena_new();
  bool found = has_single(NEWN(a, bool, mod->nfunc + 1), 1, &y);
  arena_free(a);
  return found;
}

bool grad_fits(const GradReport *r) {
  return r->finite && r->difference <= (r->coarse ? coarse_limit : difference_limit) &&
         r->forward <= (r->coarse ? coarse_forward_limit : forward_limit);
}

void grad_graph(Arena *a, Node *y, int nx, Node **x, GradGraph *out) {
  *out = (GradGraph){.nx = nx, .y = y, .x = x, .coarse = is_coarse(y)};
  out->y_bar = n_param(P_FORMAL, "y_bar", (Dtype)y->dtype, y->rank, y->dim, (Loc){0});
  out->x_bar = NEWN(a, Node *, nx + 1), out->x_dot = NEWN(a, Node *, nx + 1);
  for (int k = 0; k < nx; k++)
    out->x_dot[k] =
        n_param(P_FORMAL, "x_dot", (Dtype)x[k]->dtype, x[k]->rank, x[k]->dim, (Loc){0});
  diff_vjp(1, &y, &out->y_bar, nx, x, out->x_bar);
  diff_jvp(1, &y, nx, x, out->x_dot, &out->y_dot);
}

void grad_compare(Arena *a, const GradGraph *graph, int nparam, Node **param, const Tensor *value,
                  const int64_t *size, GradReport *report) {
  int nx = graph->nx;
  Node *y = graph->y, **x = graph->x, *y_dot = graph->y_dot;
  Grad g = {.arena = a, .nparam = nparam, .nall = nparam + 1 + nx, .size = size, .y = y,
            .coarse = graph->coarse};
  g.all = NEWN(a, Node *, g.nall);
  g.value = NEWN(a, Tensor, g.nall);
  memcpy(g.all, param, sizeof *param * (size_t)nparam);
  memcpy(g.value, value, sizeof *value * (size_t)nparam);
  Tensor y_value, *x_bar_value = NEWN(a, Tensor, nx + 1);
  eval_graph(a, nparam, param, value, size, 1, &y, &y_value);
  g.all[nparam] = graph->y_bar;
  g.value[nparam] = random_like(&g, &y_value);
  for (int k = 0; k < nx; k++) {
    g.all[nparam + 1 + k] = graph->x_dot[k];
    g.value[nparam + 1 + k] = zeros(&g, &value[place_of(&g, x[k])]);
  }
  eval_graph(a, nparam + 1, g.all, g.value, size, nx, graph->x_bar, x_bar_value);
  double value_here = dot(&g.value[nparam], &y_value);
  Tensor *d = NEWN(a, Tensor, nx + 1);
  for (int k = 0; k < nx; k++) d[k] = random_like(&g, &x_bar_value[k]);
  double together = compare_forward(&g, 0, nx, x_bar_value, d, y_dot, &g.value[nparam]);
  for (int k = 0; k < nx; k++) {
    compare_differences(&g, place_of(&g, x[k]), &x_bar_value[k], &d[k], value_here,
                        &g.value[nparam], &report[k]);
    report[k].forward = together;
    report[k].coarse = g.coarse;
    if (!grad_fits(&report[k]))
      report[k].forward =
          compare_forward(&g, k, k + 1, x_bar_value, d, y_dot, &g.value[nparam]);
  }
}

void grad_check(Arena *a, Node *y, int nx, Node **x, int nparam, Node **param, const Tensor *value,
                const int64_t *size, GradReport *report) {
  GradGraph graph;
  grad_graph(a, y, nx, x, &graph);
  grad_compare(a, &graph, nparam, param, value, size, report);
}

/* Declared derivatives */

typedef struct Search {
  Arena *arena;
  bool *seen;   /* Funcs */
  bool found;
} Search;

static void find_stop(void *ctx, Scalar *s) {
  if (s->kind == S_OP && s->op == OP_STOP) ((Search *)ctx)->found = true;
}

static void search(Search *s, int nresult, Node **result) {
  Order o = graph_order(s->arena, nresult, result);
  for (int k = 0; k < o.n && !s->found; k++) {
    Node *n = o.node[k];
    if (n->kind == N_COMP) s_walk(n->body, find_stop, s);
    if (!n->fn || s->seen[n->fn->id]) continue;
    s->seen[n->fn->id] = true;
    s->found = s->found || (n->fn->custom_vjp && !n->fn->custom_exact);
    if (!n->fn->opaque) search(s, n->fn->nresult, n->fn->result);
  }
}

bool grad_is_declared(Node *y) {
  Search s = {.arena = arena_new()};
  s.seen = NEWN(s.arena, bool, mod->nfunc + 1);
  search(&s, 1, &y);
  arena_free(s.arena);
  return s.found;
}
