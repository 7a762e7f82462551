/*
** vmap.c: a function mapped over a new leading axis
**
** y[g(i)] (+)= body(i), x[h(i)] mapped     becomes     y[b, g(i)] (+)= body with x[b, h(i)]
**
** What depends on no mapped argument stays as it is. A CALL calls the mapped callee, a LOOP steps
** the mapped body (time stays the leading axis of its slices and stacks). An opaque kernel runs on
** a batch (opaque.c); a graph with a declared derivative is a parallel LOOP over the axis.
*/
#include <string.h>
#include "diff.h"

typedef struct Walk {
  Arena *a;
  Scalar *extent;
  Order order;
  IdMap at;      /* id -> position in order */
  Node **to;     /* by position: what stands for the node */
  bool *mapped;  /* by position: `to` has the new axis */
  bool **result; /* of a CALL or LOOP: which results have it */
  bool *each;    /* by position: a LOOP that became one over the new axis (loop_each) */
} Walk;

static int position(const Walk *w, const Node *n) {
  return idmap_get(&w->at, n->id);
}
static bool is_mapped(const Walk *w, const Node *n) {
  return w->mapped[position(w, n)];
}

static void check_rank(const Node *n, int rank) {
  if (rank > MAX_RANK)
    diag_error(n->loc, "mapped over one more axis, %s would have more than %d axes",
               n->name ? n->name : "a tensor", MAX_RANK);
}

/* x with a leading axis along which it does not change. */
static Node *repeated(Node *x, Scalar *extent) {
  Scalar *dim[MAX_AXES] = {extent};
  check_rank(x, x->rank + 1);
  for (int d = 0; d < x->rank; d++) dim[d + 1] = x->dim[d];
  return n_like(n_map(x->rank + 1, dim, s_at(x, 1)), x);
}

/* x with its first two axes exchanged: between a mapped axis and time. */
static Node *exchanged(Node *x) {
  Scalar *dim[MAX_AXES], *index[MAX_RANK];
  for (int d = 0; d < x->rank; d++) {
    int from = d < 2 ? 1 - d : d;
    dim[d] = x->dim[from];
    index[from] = s_axis(d);
  }
  return n_like(n_map(x->rank, dim, s_read(x, index, NULL)), x);
}

static Scalar *map_leaf(void *ctx, Scalar *s) {
  Walk *w = ctx;
  if (s->kind == S_AXIS) return s_axis(s->axis + 1);
  if (s->kind != S_READ) return NULL;
  Node *t = w->to[position(w, s->tensor)];
  if (!is_mapped(w, s->tensor)) return s_read(t, s->arg, s->rule);
  Scalar *index[MAX_RANK] = {s_axis(0)};
  uint8_t rule[MAX_RANK] = {R_NONE};
  for (int d = 0; d < s->narg; d++) index[d + 1] = s->arg[d], rule[d + 1] = s->rule[d];
  return s_read(t, index, rule);
}

static Node *map_comp(Walk *w, Node *n) {
  Scalar *dim[MAX_AXES] = {w->extent}, *dom[MAX_AXES] = {w->extent}, *index[MAX_RANK] = {s_axis(0)};
  uint8_t rule[MAX_RANK] = {R_NONE};
  check_rank(n, n->rank + 1);
  if (n->ndom == MAX_AXES)
    diag_error(n->loc, "mapped over one more axis, this loops over more than %d axes", MAX_AXES);
  for (int d = 0; d < n->rank; d++) {
    dim[d + 1] = n->dim[d];
    index[d + 1] = s_rewrite(n->windex[d], map_leaf, w);
    rule[d + 1] = n->wrule ? n->wrule[d] : R_NONE;
  }
  for (int p = 0; p < n->ndom; p++) dom[p + 1] = n->dom[p];
  return n_comp((Dtype)n->dtype, (Combine)n->comb, n->rank + 1, dim, n->ndom + 1, dom, index, rule,
                s_rewrite(n->body, map_leaf, w));
}

static void depend_fn(Node *n, bool *arg, bool *result);

/* Sets result[k] where f's k-th result depends in any way on a param with param[k]. */
static void depend_func(Func *f, const bool *param, bool *result) {
  bool any = false;
  for (int k = 0; k < f->nparam; k++) any |= param[k];
  for (int k = 0; k < f->nresult; k++) result[k] = any;
  if (f->opaque || !any) return;
  Arena *a = arena_new();
  Order o = graph_order(a, f->nresult, f->result);
  IdMap at = {.a = a};
  bool *on = NEWN(a, bool, o.n + 1), **of = NEWN(a, bool *, o.n + 1);
  for (int i = 0; i < o.n; i++) {
    Node *n = o.node[i];
    bool *arg = NEWN(a, bool, n->narg + 1);
    idmap_set(&at, n->id, i);
    for (int k = 0; k < n->narg; k++) on[i] |= arg[k] = on[idmap_get(&at, n->arg[k]->id)];
    for (int k = 0; n->kind == N_PARAM && k < f->nparam; k++)
      if (f->param[k] == n) on[i] = param[k];
    if (n->kind == N_PROJ) on[i] = of[idmap_get(&at, n->arg[0]->id)][n->k];
    if (n->kind != N_CALL && n->kind != N_LOOP) continue;
    of[i] = NEWN(a, bool, n->fn->nresult + 1);
    depend_fn(n, arg, of[i]);
  }
  for (int k = 0; k < f->nresult; k++) result[k] = on[idmap_get(&at, f->result[k]->id)];
  arena_free(a);
}

/* The same for a CALL, or for a LOOP, whose arg[] is widened by the carries that come to depend. */
static void depend_fn(Node *n, bool *arg, bool *result) {
  for (bool changed = true; changed;) {
    changed = false;
    depend_func(n->fn, arg, result);
    for (int k = 0; n->kind == N_LOOP && k < n->ncarry; k++)
      if (result[k] && !arg[k]) arg[k] = changed = true;
  }
  for (int k = 0; n->kind == N_LOOP && k < n->ncarry; k++) result[k] |= arg[k];
}

static void map_graph(Func *f, Scalar *extent, Node **arg, const bool *mapped, const bool *want,
                      Node **result);

/* f with a leading axis on the params with mapped[k] and on the results with want[k]. */
static Func *mapped_func(Func *f, Scalar *extent, const bool *mapped, const bool *want) {
  const char *key =
      str_format("map %d %s %s", extent->id, bits(f->nparam, mapped), bits(f->nresult, want));
  void **place = func_derived(f, key);
  if (*place) return *place;
  Node **param = NEWN(mod->arena, Node *, f->nparam + 1);
  Node **result = NEWN(mod->arena, Node *, f->nresult + 1);
  for (int k = 0; k < f->nparam; k++) {
    Node *p = param[k] = f->param[k];
    Scalar *dim[MAX_RANK + 1] = {extent};
    if (!mapped[k]) continue;
    check_rank(p, p->rank + 1);
    for (int d = 0; d < p->rank; d++) dim[d + 1] = p->dim[d];
    param[k] =
        n_param(P_FORMAL, p->name ? p->name : "x", (Dtype)p->dtype, p->rank + 1, dim, p->loc);
  }
  map_graph(f, extent, param, mapped, want, result);
  Func *g = func_new(str_format("%s_map", f->name), f->nparam, param, f->nresult, result, f->loc);
  return *place = g;
}

/* What keeps its declared derivative: a LOOP over the axis, without carry, that calls f for one
** element. */
static Node *map_by_loop(Walk *w, Func *f, Node **arg, const bool *mapped) {
  Node **param = NEWN(w->a, Node *, f->nparam + 1), **inner = NEWN(w->a, Node *, f->nparam + 1);
  Node **outer = NEWN(w->a, Node *, f->nparam + 1), **result = NEWN(w->a, Node *, f->nresult + 1);
  int at = 0, nslice = 0;
  for (int pass = 1; pass >= 0; pass--) { /* slices, then constants */
    for (int k = 0; k < f->nparam; k++) {
      Node *p = f->param[k];
      if (mapped[k] != (pass == 1)) continue;
      inner[k] =
          n_param(P_FORMAL, p->name ? p->name : "x", (Dtype)p->dtype, p->rank, p->dim, p->loc);
      param[at] = inner[k], outer[at++] = arg[k];
    }
    if (pass == 1) nslice = at;
  }
  Node *call = n_call(f, inner);
  for (int k = 0; k < f->nresult; k++) result[k] = n_proj(call, k);
  Func *g = func_new(str_format("%s_each", f->name), f->nparam, param, f->nresult, result, f->loc);
  return n_loop(g, w->extent, 0, nslice, f->nparam - nslice, outer, f->nresult, 0, false, 0, 0);
}

/* any[] = whether an element of go[extent] holds */
static Node *any_of(Node *go) {
  Scalar *n[] = {go->dim[0]};
  Node *count = n_reduce(C_SUM, 0, NULL, 1, n, s_cast(DT_I32, s_at(go, 0)));
  return n_named(n_map(0, NULL, s_op2(OP_GT, s_at(count, 0), s_iconst(DT_I32, 0))), "any");
}

/* The LOOP of body g, whose carry 0 says for each element whether it goes on: it ends when none
** does, which a carry put before the others says. */
static Node *until_all_end(const Node *n, Func *g, Node **arg) {
  Node **param = NEWN(mod->arena, Node *, g->nparam + 2),
       **in = NEWN(mod->arena, Node *, n->narg + 2);
  Node **result = NEWN(mod->arena, Node *, g->nresult + 2);
  param[0] = n_param(P_FORMAL, "any", DT_BOOL, 0, NULL, n->loc);
  in[0] = any_of(arg[0]);
  result[0] = any_of(g->result[0]);
  memcpy(param + 1, g->param, sizeof *param * (size_t)g->nparam);
  memcpy(in + 1, arg, sizeof *in * (size_t)n->narg);
  memcpy(result + 1, g->result, sizeof *result * (size_t)g->nresult);
  Func *h = func_new(g->name, g->nparam + 1, param, g->nresult + 1, result, g->loc);
  Node *loop = n_loop(h, n->trip, n->ncarry + 1, 0, loop_const(n), in, n->nstack, n->nsum,
                      n->reverse, n->unroll, n->checkpoint);
  return n_guarded(loop, G_WHILE);
}

/* A guarded LOOP that may fail, for each element by itself: what one does not run cannot fail. */
static Node *loop_each(Walk *w, Node *n, Node **arg, const bool *mapped) {
  Node **param = NEWN(mod->arena, Node *, n->narg + 1);
  Node **result = NEWN(mod->arena, Node *, n->fn->nresult + 1);
  for (int k = 0; k < n->narg; k++) {
    Node *x = n->arg[k];
    param[k] = n_param(P_FORMAL, x->name ? x->name : "x", (Dtype)x->dtype, x->rank, x->dim, n->loc);
  }
  Node *one = n_over(n, param);
  for (int k = 0; k < n->fn->nresult; k++) result[k] = n_proj(one, k);
  Func *f = func_new(n->fn->name, n->narg, param, n->fn->nresult, result, n->loc);
  return map_by_loop(w, f, arg, mapped);
}

static Node *map_loop(Walk *w, Node *n, Node **arg, bool *mapped, bool *result) {
  bool *given = arena_copy(w->a, mapped, sizeof(bool) * (size_t)n->narg);
  int ns = n->ncarry + n->nslice;
  depend_fn(n, mapped, result);
  bool apart = n->guard && mapped[n->guard == G_IF ? n->ncarry : 0]; /* each goes its own way */
  if (apart) memset(result, 1, (size_t)n->fn->nresult);
  for (int k = 0; apart && k < n->ncarry; k++) mapped[k] = true;
  for (int k = 0; k < ns; k++) {
    if (k < n->ncarry && mapped[k] && !given[k]) arg[k] = repeated(arg[k], w->extent);
    if (k >= n->ncarry && mapped[k]) arg[k] = exchanged(arg[k]);
  }
  Func *g = mapped_func(apart ? masked_body(n, mapped) : n->fn, w->extent, mapped, result);
  if (apart && n->guard == G_WHILE) return until_all_end(n, g, arg);
  Node *loop = n_loop(g, n->trip, n->ncarry, n->nslice, loop_const(n), arg, n->nstack, n->nsum,
                      n->reverse, n->unroll, n->checkpoint);
  return apart ? loop : n_guarded(loop, (Guard)n->guard);
}

static Node *map_fn(Walk *w, Node *n, int i) {
  Func *f = n->fn;
  Node **arg = NEWN(w->a, Node *, n->narg + 1);
  bool *mapped = NEWN(w->a, bool, n->narg + 1), *result = NEWN(w->a, bool, f->nresult + 1);
  for (int k = 0; k < n->narg; k++) {
    arg[k] = w->to[position(w, n->arg[k])];
    mapped[k] = is_mapped(w, n->arg[k]);
  }
  w->result[i] = result;
  w->each[i] = n->kind == N_LOOP && n->guard && mapped[n->guard == G_IF ? n->ncarry : 0] &&
               func_fails(f);
  if (w->each[i]) {
    memset(result, 1, (size_t)f->nresult);
    return loop_each(w, n, arg, mapped);
  }
  if (n->kind == N_LOOP) return map_loop(w, n, arg, mapped, result);
  if (f->opaque || f->custom_vjp) memset(result, 1, (size_t)f->nresult);
  if (f->opaque) return n_call(opaque_mapped(f, w->extent, mapped), arg);
  if (f->custom_vjp) return map_by_loop(w, f, arg, mapped);
  depend_func(f, mapped, result);
  return n_call(mapped_func(f, w->extent, mapped, result), arg);
}

static Node *map_proj(Walk *w, Node *n, int i) {
  int at = position(w, n->arg[0]);
  Node *from = w->to[at];
  bool loop = n->arg[0]->kind == N_LOOP && !w->each[at];
  int more = loop ? from->ncarry - n->arg[0]->ncarry : 0; /* until_all_end */
  Node *r = n_proj(from, n->k + more);
  bool stack = loop && n->k >= n->arg[0]->ncarry && n->k < n->arg[0]->ncarry + n->arg[0]->nstack;
  w->mapped[i] = w->mapped[at] && w->result[at][n->k];
  return w->mapped[i] && stack ? exchanged(r) : r;
}

static Node *map_node(Walk *w, int i) {
  Node *n = w->order.node[i];
  for (int k = 0; k < n->narg; k++) w->mapped[i] |= is_mapped(w, n->arg[k]);
  if (n->kind == N_PROJ) return map_proj(w, n, i);
  if (w->mapped[i]) return n->kind == N_COMP ? map_comp(w, n) : map_fn(w, n, i);
  Node **to = NEWN(w->a, Node *, n->narg + 1);
  for (int k = 0; k < n->narg; k++) to[k] = w->to[position(w, n->arg[k])];
  return n->narg ? n_over(n, to) : n;
}

/* Copies f's graph over arg, with the new axis where it depends on an arg with mapped[k] or where
** it is wanted. */
static void map_graph(Func *f, Scalar *extent, Node **arg, const bool *mapped, const bool *want,
                      Node **result) {
  Walk w = {.a = arena_new(), .extent = extent};
  Loc here = mod->here;
  w.order = graph_order(w.a, f->nresult, f->result);
  w.at = (IdMap){.a = w.a};
  int n = w.order.n + 1;
  w.to = NEWN(w.a, Node *, n), w.mapped = NEWN(w.a, bool, n), w.result = NEWN(w.a, bool *, n);
  w.each = NEWN(w.a, bool, n);
  for (int i = 0; i < w.order.n; i++) idmap_set(&w.at, w.order.node[i]->id, i);
  for (int k = 0; k < f->nparam; k++) {
    int at = position(&w, f->param[k]);
    if (at >= 0) w.to[at] = arg[k], w.mapped[at] = mapped[k];
  }
  for (int i = 0; i < w.order.n; i++) {
    mod->here = w.order.node[i]->loc;
    if (!w.to[i]) w.to[i] = n_like(map_node(&w, i), w.order.node[i]);
  }
  for (int k = 0; k < f->nresult; k++) {
    int at = position(&w, f->result[k]);
    result[k] = want[k] && !w.mapped[at] ? repeated(w.to[at], extent) : w.to[at];
  }
  arena_free(w.a);
  mod->here = here;
}

/* Results of f mapped over a new leading axis, of the given extent, of those args with mapped[k]:
** every result has that axis. */
void vmap_call(Func *f, Scalar *extent, Node **arg, const bool *mapped, Node **result) {
  bool *want = NEWN(mod->arena, bool, f->nresult + 1);
  memset(want, 1, (size_t)f->nresult);
  if (f->opaque || f->custom_vjp) {
    Walk w = {.a = mod->arena, .extent = extent};
    Node *all = f->opaque ? n_call(opaque_mapped(f, extent, mapped), arg)
                          : map_by_loop(&w, f, arg, mapped);
    for (int k = 0; k < f->nresult; k++) result[k] = n_proj(all, k);
    return;
  }
  map_graph(f, extent, arg, mapped, want, result);
}
