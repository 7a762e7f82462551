/*
** jvp.c: forward mode
**
** y[g(i)] (+)= body(i) reads x[h(i)]:   y_dot[g(i)] += (d body / d x[h(i)]) * x_dot[h(i)]
**
** in one body for all reads. A CALL becomes a CALL of f_jvp, which returns f's results and then
** their tangents; a LOOP carries, slices and stacks tangents beside the values.
*/
#include <string.h>
#include "diff.h"

typedef struct Walk {
  Arena *a;
  Flow flow;
  Node **dot;         /* by position in flow.order; NULL: zero */
  Node ***result_dot; /* of a CALL or LOOP: by result */
} Walk;

static Node *dot_of(const Walk *w, const Node *n) {
  int at = idmap_get(&w->flow.at, n->id);
  return at < 0 ? NULL : w->dot[at];
}

static Scalar *dot_read(void *ctx, Scalar *read) {
  Node *d = dot_of(ctx, read->tensor);
  return d ? s_read(d, read->arg, read->rule) : NULL;
}

static Node *named_dot(Node *n, const Node *of) {
  return of->name && !of->word ? n_named(n, str_format("%s_dot", of->name)) : n;
}

static Node *comp_dot(Walk *w, Node *y) {
  Tape t = tape_of(w->a, y->body, &w->flow);
  Scalar *v = tape_forward(&t, dot_read, w);
  if (!v) return NULL;
  if (n_is_map(y) && y->body->kind == S_OP) v = s_replace(v, y->body, s_at(y, 0));
  return named_dot(combine_forward(y, v), y);
}

static Node *formal_dot(Node *n) {
  const char *name = n->name ? str_format("%s_dot", n->name) : "x_dot";
  return n_param(P_FORMAL, name, (Dtype)n->dtype, n->rank, n->dim, n->loc);
}

/* A body with tangents. Params and results are f's with, after those of each group (args; or
** carries, slices, constants; carries, stacks, sums), the tangents of those that have one. */
typedef struct Tangent {
  Func *fn;
  bool *result; /* which results of f have a tangent */
} Tangent;

typedef struct Groups {
  int n, end[3];
} Groups;

static int place_groups(Groups g, Node **plain, Node **dot, const bool *has, Node **out) {
  int n = 0;
  for (int i = 0, from = 0; i < g.n; from = g.end[i++]) {
    for (int k = from; k < g.end[i]; k++) out[n++] = plain[k];
    for (int k = from; k < g.end[i]; k++)
      if (has[k]) out[n++] = dot[k];
  }
  return n;
}

/* Builds f with tangents for the params with live[k], those of the results with has[k] among its
** results, zeros where they vanish. */
static Tangent *tangent(Func *f, Groups in, Groups out, const bool *live, const bool *has,
                        const char *key) {
  void **place = func_derived(f, key);
  if (*place) return *place;
  Arena *m = mod->arena;
  Tangent *t = NEW(m, Tangent);
  t->result = arena_copy(m, has, sizeof(bool) * (size_t)f->nresult);
  Node **x = NEWN(m, Node *, f->nparam + 1), **x_dot = NEWN(m, Node *, f->nparam + 1);
  Node **dot = NEWN(m, Node *, f->nparam + 1), **y_dot = NEWN(m, Node *, f->nresult + 1);
  int nx = 0;
  for (int k = 0; k < f->nparam; k++)
    if (live[k]) x[nx] = f->param[k], x_dot[nx++] = dot[k] = formal_dot(f->param[k]);
  diff_jvp(f->nresult, f->result, nx, x, x_dot, y_dot);
  Node **param = NEWN(m, Node *, 2 * f->nparam + 1), **result = NEWN(m, Node *, 2 * f->nresult + 1);
  int nparam = place_groups(in, f->param, dot, live, param);
  int nresult = place_groups(out, f->result, y_dot, has, result);
  merge_calls(nresult, result);
  t->fn = func_new(str_format("%s_jvp", f->name), nparam, param, nresult, result, f->loc);
  t->fn->base = f;
  return *place = t;
}

/* A declared vjp gives the jvp too: x_bar is linear in y_bar, so y_dot is the cotangent of y_bar
** when x_bar has the cotangent x_dot. */
static void transposed_dot(Node *n, Node **result, Node **arg_dot, Node **result_dot) {
  Func *f = n->fn;
  Node **u = NEWN(mod->arena, Node *, f->nresult + 1),
       **zero = NEWN(mod->arena, Node *, f->nresult + 1);
  Node **bar = NEWN(mod->arena, Node *, f->nparam + 1),
       **dot = NEWN(mod->arena, Node *, f->nparam + 1);
  Node **x = NEWN(mod->arena, Node *, f->nresult + 1),
       **x_dot = NEWN(mod->arena, Node *, f->nresult + 1);
  int ny = 0, nx = 0, nfound = 0;
  for (int k = 0; k < f->nresult; k++) {
    Node *r = result[k];
    if (!dtype_is_float((Dtype)r->dtype)) continue;
    x[nx] = u[k] = n_param(P_FORMAL, "y_bar", (Dtype)r->dtype, r->rank, r->dim, n->loc);
    zero[nx++] = node_zero(r->rank, r->dim, (Dtype)r->dtype);
  }
  Node **given = declared_vjp(n, result, u);
  for (int k = 0; k < f->nparam; k++)
    if (arg_dot[k] && given[k]) bar[ny] = given[k], dot[ny++] = arg_dot[k];
  diff_reverse(ny, bar, dot, nx, x, x_dot);
  Node **found = NEWN(mod->arena, Node *, nx + 1);
  for (int k = 0; k < nx; k++)
    if (x_dot[k]) found[nfound++] = x_dot[k];
  graph_replace(nfound, found, nx, x, zero);
  for (int k = 0, i = 0, at = 0; k < f->nresult; k++)
    if (u[k] && x_dot[i++]) result_dot[k] = found[at++];
}

static void declared_dot(Node *n, Node **arg_dot, Node **result_dot) {
  Func *f = n->fn;
  Node **result = NEWN(mod->arena, Node *, f->nresult + 1);
  for (int k = 0; k < f->nresult; k++) result[k] = n_proj(n, k);
  if (!f->opaque || !f->opaque->jvp_ref) {
    transposed_dot(n, result, arg_dot, result_dot);
    return;
  }
  Node **dot = declared_derivative(opaque_jvp, n, result, arg_dot, false);
  for (int k = 0; k < f->nresult; k++) result_dot[k] = dot[k];
}

static void call_dot(Walk *w, Node *n, bool *live, Node **arg_dot, const bool *has,
                     Node **result_dot) {
  Func *f = n->fn;
  if (f->opaque || f->custom_vjp) {
    declared_dot(n, arg_dot, result_dot);
    return;
  }
  Groups in = {1, {f->nparam}}, out = {1, {f->nresult}};
  const char *key = str_format("jvp %s", bits(f->nparam, live));
  Tangent *t = tangent(f, in, out, live, has, key);
  Node **arg = NEWN(w->a, Node *, 2 * f->nparam + 1);
  place_groups(in, n->arg, arg_dot, live, arg);
  Node *call = n_call(t->fn, arg);
  for (int k = 0, at = f->nresult; k < f->nresult; k++)
    if (has[k]) result_dot[k] = n_proj(call, at++);
}

static int count(const bool *b, int from, int to) {
  int n = 0;
  for (int k = from; k < to; k++) n += b[k];
  return n;
}

static void loop_dot(Walk *w, Node *n, bool *live, Node **arg_dot, bool *has, Node **result_dot) {
  n = loop_with_graph(n);
  Func *f = n->fn;
  int nc = n->ncarry, ns = nc + n->nslice, nk = nc + n->nstack;
  flow_loop(n, live, has);
  for (int k = 0; k < nc; k++) {
    Node *p = f->param[k];
    if (live[k] && !arg_dot[k]) arg_dot[k] = node_zero(p->rank, p->dim, (Dtype)p->dtype);
  }
  Groups in = {3, {nc, ns, f->nparam}}, out = {3, {nc, nk, f->nresult}};
  const char *key =
      str_format("loop jvp %d %d %d %s", nc, n->nslice, n->nstack, bits(f->nparam, live));
  Tangent *t = tangent(f, in, out, live, has, key);
  Node **arg = NEWN(w->a, Node *, 2 * f->nparam + 1);
  int narg = place_groups(in, n->arg, arg_dot, live, arg);
  int carry = nc + count(live, 0, nc), slice = n->nslice + count(live, nc, ns);
  int stack = n->nstack + count(has, nc, nk), sum = n->nsum + count(has, nk, f->nresult);
  Node *loop = n_loop(t->fn, n->trip, carry, slice, narg - carry - slice, arg, stack, sum,
                      n->reverse, n->unroll, n->checkpoint);
  loop = n_guarded(loop, (Guard)n->guard);
  int at = 0;
  for (int i = 0, from = 0; i < 3; from = out.end[i++]) {
    at += out.end[i] - from;
    for (int k = from; k < out.end[i]; k++)
      if (has[k]) result_dot[k] = n_proj(loop, at++);
  }
}

static void fn_dot(Walk *w, Node *n, int i) {
  bool *live = NEWN(w->a, bool, n->narg + 1), *has = NEWN(w->a, bool, n->fn->nresult + 1);
  Node **arg_dot = NEWN(w->a, Node *, n->narg + 1);
  for (int k = 0; k < n->narg; k++) {
    arg_dot[k] = dot_of(w, n->arg[k]);
    live[k] = arg_dot[k] != NULL;
  }
  w->result_dot[i] = NEWN(w->a, Node *, n->fn->nresult + 1);
  if (!count(live, 0, n->narg)) return;
  flow_func(n->fn, live, has);
  if (n->kind == N_CALL)
    call_dot(w, n, live, arg_dot, has, w->result_dot[i]);
  else
    loop_dot(w, n, live, arg_dot, has, w->result_dot[i]);
}

static void node_dot(Walk *w, int i) {
  Node *n = w->flow.order.node[i], *d = NULL;
  mod->here = n->loc;
  if (n->kind == N_COMP) d = comp_dot(w, n);
  if (n->kind == N_CALL || n->kind == N_LOOP) fn_dot(w, n, i);
  if (n->kind == N_PROJ) { /* of what has no tangents where the PROJ is itself an x */
    Node **result_dot = w->result_dot[idmap_get(&w->flow.at, n->arg[0]->id)];
    d = result_dot ? result_dot[n->k] : NULL;
  }
  if (d && w->dot[i]) d = n_add(d, w->dot[i]);
  if (d) w->dot[i] = named_dot(d, n);
}

/* Tangents y_dot of the nodes y for tangents x_dot of the nodes x (NULL: zero), zeros where nothing
** in x reaches them. Where one x depends on another, its tangent is what it gets from there plus
** what is given: the transpose of diff_vjp. */
void diff_jvp(int ny, Node **y, int nx, Node **x, Node **x_dot, Node **y_dot) {
  Loc here = mod->here;
  Walk w = {.a = arena_new()};
  name_by_use(ny, y);
  w.flow = flow_of(w.a, ny, y, nx, x);
  w.dot = NEWN(w.a, Node *, w.flow.order.n + 1);
  w.result_dot = NEWN(w.a, Node **, w.flow.order.n + 1);
  for (int k = 0; k < nx; k++)
    if (x_dot[k] && flow_live(&w.flow, x[k])) {
      Node **to = &w.dot[idmap_get(&w.flow.at, x[k]->id)];
      *to = *to ? n_add(*to, x_dot[k]) : x_dot[k];
    }
  for (int i = 0; i < w.flow.order.n; i++)
    if (w.flow.live[i]) node_dot(&w, i);
  for (int k = 0; k < ny; k++) {
    y_dot[k] = dot_of(&w, y[k]);
    if (!y_dot[k]) y_dot[k] = named_dot(node_zero(y[k]->rank, y[k]->dim, (Dtype)y[k]->dtype), y[k]);
  }
  arena_free(w.a);
  mod->here = here;
}
