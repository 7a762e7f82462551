/*
** widen.c: a graph of f32 as the same graph of f64
**
** For derivatives by differences: in f32 a difference of nearby values has some three digits, in
** f64 ten. Opaque kernels that exist in one type only keep it; what goes into them is converted.
*/
#include <string.h>
#include "check.h"

typedef struct Widen {
  Arena *arena;
  Node **to;      /* by node id */
  int top;        /* ids below have an entry in `to` */
  Func **func;    /* by Func id */
  int nfunc;
} Widen;

static Dtype wide(int t) { return t == DT_F32 ? DT_F64 : (Dtype)t; }

static Node *widened(const Widen *w, Node *n) {
  return n->id < w->top && w->to[n->id] ? w->to[n->id] : n;
}

static Scalar *widen_leaf(void *ctx, Scalar *s) {
  return s->kind == S_READ ? s_read(widened(ctx, s->tensor), s->arg, s->rule) : NULL;
}

static Scalar *widen_op(void *ctx, Scalar *s) {
  (void)ctx;
  return s->op == OP_CAST && s->dtype == DT_F32 ? s_cast(DT_F64, s->arg[0]) : NULL;
}

static Scalar *widen_scalar(Widen *w, Scalar *s) {
  return s_rewrite_ops(s, widen_leaf, widen_op, w);
}

static Node *widen_comp(Widen *w, const Node *n) {
  Scalar *windex[MAX_RANK];
  for (int d = 0; d < n->rank; d++) windex[d] = widen_scalar(w, n->windex[d]);
  return n_comp(wide(n->dtype), (Combine)n->comb, n->rank, n->dim, n->ndom, n->dom, windex,
                n->wrule, widen_scalar(w, n->body));
}

static Node *widen_lit(Widen *w, Node *n) {
  if (n->dtype != DT_F32) return n;
  Tensor t = {.dtype = DT_F32, .rank = n->rank};
  for (int d = 0; d < n->rank; d++) t.dim[d] = n->dim[d]->i;
  size_t count = tensor_count(&t);
  double *data = NEWN(w->arena, double, count + 1);
  for (size_t k = 0; k < count; k++) data[k] = (double)((const float *)n->data)[k];
  return n_lit(DT_F64, n->rank, n->dim, data);
}

static Node *converted(Node *n, Dtype t) {
  return n->dtype == t ? n : n_map(n->rank, n->dim, s_cast(t, s_at(n, 0)));
}

static void widen_graph(Widen *w, int nresult, Node **result);

static Func *widen_func(Widen *w, Func *f) {
  if (f->opaque) return opaque_of_type(f, DT_F64);
  if (f->id < w->nfunc && w->func[f->id]) return w->func[f->id];
  Node **param = NEWN(w->arena, Node *, f->nparam + 1);
  Node **result = arena_copy(w->arena, f->result, sizeof *result * (size_t)f->nresult);
  for (int k = 0; k < f->nparam; k++) {
    Node *p = f->param[k]; /* Funcs made of one another share their formals and bodies */
    if (!w->to[p->id])
      w->to[p->id] = n_param((Role)p->role, p->name, wide(p->dtype), p->rank, p->dim, p->loc);
    param[k] = w->to[p->id];
  }
  widen_graph(w, f->nresult, result);
  Func *g = func_new(f->name, f->nparam, param, f->nresult, result, f->loc);
  bool same = true;
  for (int k = 0; k < f->nparam; k++) same = same && param[k]->dtype == f->param[k]->dtype;
  if (f->custom_exact && (same || !f->custom_typed))
    g->custom_vjp = f->custom_vjp, g->custom_exact = true, g->custom_typed = f->custom_typed;
  return w->func[f->id] = g;
}

static Node *widen_node(Widen *w, Node *n) {
  Node **arg = NEWN(w->arena, Node *, n->narg + 1);
  for (int k = 0; k < n->narg; k++) arg[k] = widened(w, n->arg[k]);
  switch ((NodeKind)n->kind) {
  case N_COMP: return widen_comp(w, n);
  case N_LIT: return widen_lit(w, n);
  case N_PROJ: return converted(n_proj(arg[0], n->k), wide(n->dtype));
  case N_CALL: {
    Func *f = widen_func(w, n->fn);
    for (int k = 0; f->opaque && k < n->narg; k++)
      arg[k] = converted(arg[k], (Dtype)f->param[k]->dtype);
    return n_call(f, arg);
  }
  case N_LOOP:
    return n_guarded(n_loop(widen_func(w, n->fn), n->trip, n->ncarry, n->nslice,
                            n->narg - n->ncarry - n->nslice, arg, n->nstack, n->nsum, n->reverse,
                            n->unroll, n->checkpoint),
                     (Guard)n->guard);
  default: return n;
  }
}

static void widen_graph(Widen *w, int nresult, Node **result) {
  Order o = graph_order(w->arena, nresult, result);
  for (int k = 0; k < o.n; k++) {
    Node *n = o.node[k];
    if (n->id < w->top && !w->to[n->id]) w->to[n->id] = n_like(widen_node(w, n), n);
  }
  for (int k = 0; k < nresult; k++) result[k] = widened(w, result[k]);
}

static void find_loss(bool *seen, int nresult, Node **result, bool *loses, bool *iterates) {
  Arena *a = arena_new();
  Order o = graph_order(a, nresult, result);
  for (int k = 0; k < o.n; k++) {
    Func *f = o.node[k]->fn;
    *iterates = *iterates || (o.node[k]->kind == N_LOOP && o.node[k]->guard == G_WHILE);
    if (!f || f->opaque || seen[f->id]) continue;
    seen[f->id] = true;
    for (int j = 0; f->custom_exact && f->custom_typed && j < f->nparam; j++)
      *loses = *loses || f->param[j]->dtype == DT_F32;
    find_loss(seen, f->nresult, f->result, loses, iterates);
  }
  arena_free(a);
}

bool widen_loses(Node *y, bool *iterates) {
  Arena *a = arena_new();
  bool loses = *iterates = false;
  find_loss(NEWN(a, bool, mod->nfunc + 1), 1, &y, &loses, iterates);
  arena_free(a);
  return loses;
}

/* Puts the f64 form of the graph over param into result, and its parameters into wide_param. */
void graph_widen(int nparam, Node **param, Node **wide_param, int nresult, Node **result) {
  Widen w = {.arena = arena_new(), .top = mod->nnode, .nfunc = mod->nfunc};
  w.to = NEWN(w.arena, Node *, w.top + 1);
  w.func = NEWN(w.arena, Func *, w.nfunc + 1);
  for (int k = 0; k < nparam; k++) {
    Node *p = param[k];
    wide_param[k] = p->dtype == DT_F32 ? n_param((Role)p->role, p->name, DT_F64, p->rank, p->dim,
                                                 p->loc)
                                       : p;
    wide_param[k]->init = p->init;
    w.to[p->id] = wide_param[k];
  }
  widen_graph(&w, nresult, result);
  arena_free(w.arena);
}
