/*
** gradcheck.h: checks the derivatives of a graph in five ways, with the interpreter in f64
**
**   y_bar . y(x)   by central differences        against  vjp           1e-6
**   y_bar . jvp(v)                               against  vjp . v       1e-11
**   jvp of vjp     (Hessian of y_bar . y by v)   against  vjp of vjp    1e-9
**   vjp of vjp, by y_bar                         against  jvp           1e-11
**   vjp            by central differences        against  jvp of vjp    1e-6
** For tests only; all is static.
*/
#ifndef CRESCENT_GRADCHECK_H
#define CRESCENT_GRADCHECK_H
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ir.h"

#define UNUSED static __attribute__((unused))

enum { GC_MAX = 24 };

/* A graph under test: f64 inputs x to differentiate by, others (integers, constants) given. */
typedef struct Check {
  const char *name;
  int nx, nother, ny;
  Node *x[GC_MAX], *other[GC_MAX], *y[GC_MAX];
  Tensor value[GC_MAX]; /* of others */
  double lo, hi;        /* range of the random x; 0, 0: -1 to 1 */
  int64_t size[8];
  bool first_only;  /* piecewise linear or the like: leave out the second order */
  double tolerance; /* of the differences; 0: 1e-6 */
  double limit;     /* larger derivatives are too ill-conditioned to compare; 0: none are */
  bool quiet;
} Check;

static uint64_t gc_state = 1;

static double gc_uniform(double lo, double hi) {
  gc_state = gc_state * 6364136223846793005u + 1442695040888963407u;
  return lo + (hi - lo) * ((double)(gc_state >> 11) / 9007199254740992.0);
}

static int gc_int(int n) {
  return (int)gc_uniform(0, n) % n;
}

static Tensor gc_tensor(Arena *a, const Node *n, const int64_t *size) {
  Tensor t = {.dtype = (Dtype)n->dtype, .rank = n->rank};
  for (int d = 0; d < n->rank; d++) t.dim[d] = eval_size(n->dim[d], size);
  t.data = arena_zero(a, tensor_count(&t) + 1, dtype_size(t.dtype));
  return t;
}

static Tensor gc_random(Arena *a, const Node *n, const int64_t *size, double lo, double hi) {
  Tensor t = gc_tensor(a, n, size);
  for (size_t i = 0; i < tensor_count(&t); i++) ((double *)t.data)[i] = gc_uniform(lo, hi);
  return t;
}

static double gc_dot(int n, const Tensor *a, const Tensor *b) {
  double s = 0;
  for (int k = 0; k < n; k++)
    for (size_t i = 0; i < tensor_count(&a[k]); i++)
      s += ((double *)a[k].data)[i] * ((double *)b[k].data)[i];
  return s;
}

/* All that one check needs: params in the order x, y_bar, v, others. */
typedef struct Run {
  const Check *c;
  Arena *a;
  int nparam;
  Node *param[4 * GC_MAX];
  Tensor value[4 * GC_MAX];
  Tensor *x, *y_bar, *v;
  int64_t size[8];
  int bad;
} Run;

/* Counts params that a graph, or a Func it calls, reads without having been given them. */
static int gc_open(int nparam, Node *const *param, int n, Node **result, const char *where) {
  Arena *a = arena_new();
  Order o = graph_order(a, n, result);
  int bad = 0;
  for (int i = 0; i < o.n; i++) {
    Node *x = o.node[i];
    bool known = x->kind != N_PARAM;
    for (int k = 0; k < nparam && !known; k++) known = param[k] == x;
    if (!known) bad++, printf("%s reads %s, which is none of its params\n", where, x->name);
    if ((x->kind == N_CALL || x->kind == N_LOOP) && !x->fn->opaque)
      bad += gc_open(x->fn->nparam, x->fn->param, x->fn->nresult, x->fn->result, x->fn->name);
  }
  arena_free(a);
  return bad;
}

static void gc_eval(Run *r, int n, Node **result, Tensor *out) {
  if (gc_open(r->nparam, r->param, n, result, r->c->name)) fflush(stdout), abort();
  eval_graph(r->a, r->nparam, r->param, r->value, r->size, n, result, out);
}

static void gc_expect(Run *r, const char *what, double a, double b, double tol, double scale) {
  if (fabs(a - b) <= tol * (1 + fabs(a) + fabs(b) + scale)) return;
  if (!r->c->quiet) printf("%s: %s: %.15g against %.15g\n", r->c->name, what, a, b);
  r->bad++;
}

static void gc_same(Run *r, const char *what, int n, const Tensor *a, const Tensor *b, double tol) {
  for (int k = 0; k < n && r->bad < 5; k++) {
    if (tensor_count(&a[k]) != tensor_count(&b[k])) {
      printf("%s: %s: shapes differ\n", r->c->name, what), r->bad++;
      continue;
    }
    for (size_t i = 0; i < tensor_count(&a[k]) && r->bad < 5; i++)
      gc_expect(r, what, ((double *)a[k].data)[i], ((double *)b[k].data)[i], tol, 0);
  }
}

/* d (weight . y) / d *p by central differences, extrapolated from two steps; *error is how far
** those two are apart. */
static double gc_slope(Run *r, double *p, int n, Node **y, const Tensor *weight, double *error) {
  Tensor out[GC_MAX];
  double keep = *p, slope[2];
  for (int k = 0; k < 2; k++) {
    double h = k ? 1e-5 : 2e-5;
    *p = keep + h;
    gc_eval(r, n, y, out);
    double up = gc_dot(n, out, weight);
    *p = keep - h;
    gc_eval(r, n, y, out);
    slope[k] = (up - gc_dot(n, out, weight)) / (2 * h);
  }
  *p = keep;
  *error = fabs(slope[1] - slope[0]);
  return (4 * slope[1] - slope[0]) / 3;
}

/* Compares `grad`, by x, with differences of weight . y, in some elements. */
static void gc_differences(Run *r, const char *what, int n, Node **y, const Tensor *weight,
                           const Tensor *grad) {
  for (int k = 0; k < r->c->nx; k++) {
    size_t count = tensor_count(&r->x[k]), step = count > 12 ? count / 7 : 1;
    for (size_t i = 0; i < count; i += step) {
      double error, g = ((double *)grad[k].data)[i];
      double slope = gc_slope(r, (double *)r->x[k].data + i, n, y, weight, &error);
      gc_expect(r, what, g, slope, 1e-6, 1e6 * error);
    }
  }
}

static void gc_bind(Run *r, int n, Node *const *node, Tensor **values, bool random) {
  *values = &r->value[r->nparam];
  for (int k = 0; k < n; k++) {
    r->param[r->nparam] = node[k];
    r->value[r->nparam++] = random ? gc_random(r->a, node[k], r->size, -1, 1) : r->c->value[k];
  }
}

static Node *gc_like(const char *name, const Node *n) {
  return n_param(P_FORMAL, name, DT_F64, n->rank, n->dim, n->loc);
}

/* The values of y and g again, after verification and all passes. */
static void gc_passes(Run *r, Node **g, const Tensor *before) {
  const Check *c = r->c;
  Node *all[2 * GC_MAX];
  Tensor after[2 * GC_MAX];
  for (int k = 0; k < c->nx; k++) all[k] = g[k];
  for (int k = 0; k < c->ny; k++) all[c->nx + k] = c->y[k];
  Func *f = func_new("check", r->nparam, r->param, c->nx + c->ny, all, mod->here);
  passes_run(f, NULL);
  gc_eval(r, c->nx + c->ny, f->result, after);
  gc_same(r, "after the passes", c->nx, before, after, 1e-11);
}

/* Says whether some derivative is beyond the limit, or no number. */
static bool gc_wild(const Run *r, int n, const Tensor *g) {
  for (int k = 0; r->c->limit > 0 && k < n; k++)
    for (size_t i = 0; i < tensor_count(&g[k]); i++)
      if (!(fabs(((double *)g[k].data)[i]) <= r->c->limit)) return true;
  return false;
}

/* Returns the number of disagreements. */
static int gc_check(const Check *c) {
  Run r = {.c = c, .a = arena_new()};
  Node *y_bar[GC_MAX], *v[GC_MAX], *x[GC_MAX], *y[GC_MAX], *g[GC_MAX], *y_dot[GC_MAX];
  Tensor gv[GC_MAX], yd[GC_MAX], h1[GC_MAX], h2[GC_MAX], *others;
  Node *hf[GC_MAX], *hr[2 * GC_MAX], *both[2 * GC_MAX];
  memcpy(x, c->x, sizeof x), memcpy(y, c->y, sizeof y);
  for (int k = 0; k < c->nx; k++) both[k] = x[k], v[k] = gc_like("v", x[k]);
  for (int k = 0; k < c->ny; k++) both[c->nx + k] = y_bar[k] = gc_like("y_bar", y[k]);
  diff_vjp(c->ny, y, y_bar, c->nx, x, g);
  diff_jvp(c->ny, y, c->nx, x, v, y_dot);
  diff_vjp(c->nx, g, v, c->nx + c->ny, both, hr);
  diff_jvp(c->nx, g, c->nx, x, v, hf);
  memcpy(r.size, c->size, sizeof r.size);
  gc_bind(&r, c->nx, c->x, &r.x, true);
  gc_bind(&r, c->ny, y_bar, &r.y_bar, true);
  gc_bind(&r, c->nx, v, &r.v, true);
  gc_bind(&r, c->nother, c->other, &others, false);
  if (c->lo < c->hi)
    for (int k = 0; k < c->nx; k++) r.x[k] = gc_random(r.a, x[k], r.size, c->lo, c->hi);
  gc_eval(&r, c->nx, g, gv);
  gc_eval(&r, c->nx, hr, h2);
  if (gc_wild(&r, c->nx, gv) || gc_wild(&r, c->nx, h2)) {
    arena_free(r.a);
    return 0;
  }
  gc_differences(&r, "vjp against differences", c->ny, y, r.y_bar, gv);
  gc_eval(&r, c->ny, y_dot, yd);
  gc_expect(&r, "jvp against vjp", gc_dot(c->ny, yd, r.y_bar), gc_dot(c->nx, gv, r.v), 1e-11, 0);
  gc_eval(&r, c->ny, hr + c->nx, h2);
  gc_same(&r, "vjp of vjp by y_bar against jvp", c->ny, h2, yd, 1e-11);
  gc_eval(&r, c->nx, hf, h1);
  gc_eval(&r, c->nx, hr, h2);
  gc_same(&r, "jvp of vjp against vjp of vjp", c->nx, h1, h2, 1e-9);
  gc_differences(&r, "vjp of vjp against differences", c->nx, g, r.v, h2);
  gc_passes(&r, g, gv);
  arena_free(r.a);
  return r.bad;
}
/* For building graphs: UNUSED, since no test needs them all. */

/* The extents of a tensor, as an array good until the next call but seven. */
UNUSED Scalar **shape(int rank, ...) {
  static Scalar *ring[8][MAX_RANK];
  static int next;
  Scalar **d = ring[next++ % 8];
  va_list v;
  va_start(v, rank);
  for (int k = 0; k < rank; k++) d[k] = s_int(va_arg(v, int));
  va_end(v);
  return d;
}

UNUSED Node *input(Check *c, const char *name, int rank, Scalar **dim) {
  return c->x[c->nx++] = n_param(P_INPUT, name, DT_F64, rank, dim, mod->here);
}

/* An integer input that holds 0 <= values < below, with repeats. */
UNUSED Node *indices(Check *c, const char *name, int n, int below) {
  Node *p = n_param(P_INPUT, name, DT_I32, 1, shape(1, n), mod->here);
  Tensor t = {.dtype = DT_I32, .rank = 1, .dim = {n}, .data = arena_zero(mod->arena, (size_t)n, 4)};
  for (int i = 0; i < n; i++) ((int32_t *)t.data)[i] = gc_int(below);
  c->value[c->nother] = t;
  return c->other[c->nother++] = p;
}

UNUSED Scalar *at(Node *t, ...) {
  Scalar *index[MAX_RANK];
  va_list v;
  va_start(v, t);
  for (int k = 0; k < t->rank; k++) index[k] = va_arg(v, Scalar *);
  va_end(v);
  return s_read(t, index, NULL);
}

UNUSED Scalar *at_rule(Rule rule, Node *t, ...) {
  Scalar *index[MAX_RANK];
  uint8_t rules[MAX_RANK];
  va_list v;
  va_start(v, t);
  for (int k = 0; k < t->rank; k++) index[k] = va_arg(v, Scalar *), rules[k] = (uint8_t)rule;
  va_end(v);
  return s_read(t, index, rules);
}

UNUSED Scalar *I(int p) {
  return s_axis(p);
}
UNUSED Scalar *K(double v) {
  return s_const(DT_F64, v);
}
UNUSED Scalar *un(OpCode op, Scalar *x) {
  return s_op1(op, x);
}

#endif
