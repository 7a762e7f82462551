/*
** opaque.c: opaque kernels over batches
**
**   y[b, c] = solve(A[b], x[b, c])        batch {B, C}; share of A: axis 0, of x: axes 0 and 1
**
** One item is declared; a batch is made of it, and mapping over one more axis makes a batch of a
** batch. Its derivative is the item's, traced once for one item and mapped over the same axes; what
** an argument does not share is summed.
*/
#include <string.h>
#include "diff.h"

static bool shares(const Opaque *o, int arg, int axis) {
  return o->share[arg] >> axis & 1;
}

static Node *formal(const Node *p, int nbatch, Scalar **batch, unsigned share) {
  Scalar *dim[2 * MAX_RANK + 1];
  int rank = 0;
  for (int b = 0; b < nbatch; b++)
    if (share >> b & 1) dim[rank++] = batch[b];
  for (int d = 0; d < p->rank; d++) dim[rank++] = p->dim[d];
  if (rank > MAX_RANK)
    diag_error(mod->here, "over its batch, %s would have more than %d axes",
               p->name ? p->name : "a tensor", MAX_RANK);
  return n_param(P_FORMAL, p->name ? p->name : "x", (Dtype)p->dtype, rank, dim, p->loc);
}

/* The item's kernel over leading axes, made once for each. */
Func *opaque_batch(Func *item, int nbatch, Scalar **batch, const unsigned *share) {
  if (!nbatch) return item;
  Text key = {0};
  text_add(&key, "batch");
  for (int b = 0; b < nbatch; b++) text_add(&key, " %d", batch[b]->id);
  for (int k = 0; k < item->nparam; k++) text_add(&key, " %u", share[k]);
  void **place = func_derived(item, str_intern(key.s));
  text_free(&key);
  if (*place) return *place;
  Node **param = NEWN(mod->arena, Node *, item->nparam + 1);
  Node **result = NEWN(mod->arena, Node *, item->nresult + 1);
  for (int k = 0; k < item->nparam; k++)
    param[k] = formal(item->param[k], nbatch, batch, share[k]);
  for (int k = 0; k < item->nresult; k++)
    result[k] = formal(item->result[k], nbatch, batch, ~0u);
  Func *f = func_new(item->name, item->nparam, param, item->nresult, result, item->loc);
  Opaque *o = f->opaque = arena_copy(mod->arena, item->opaque, sizeof *o);
  o->item = item;
  o->nbatch = nbatch;
  o->batch = arena_copy(mod->arena, batch, sizeof *batch * (size_t)nbatch);
  o->share = arena_copy(mod->arena, share, sizeof *share * (size_t)item->nparam);
  return *place = f;
}

static Func *item_of(Func *f) {
  return f->opaque->item ? f->opaque->item : f;
}

Func *opaque_mapped(Func *f, Scalar *extent, const bool *mapped) {
  const Opaque *o = f->opaque;
  Scalar *batch[2 * MAX_RANK + 1] = {extent};
  unsigned *share = NEWN(mod->arena, unsigned, f->nparam + 1);
  if (o->nbatch >= MAX_RANK)
    diag_error(mod->here, "%s: a batch of more than %d axes", f->name, MAX_RANK);
  for (int b = 0; b < o->nbatch; b++) batch[b + 1] = o->batch[b];
  for (int k = 0; k < f->nparam; k++) share[k] = (o->nbatch ? o->share[k] << 1 : 0) | mapped[k];
  return opaque_batch(item_of(f), o->nbatch + 1, batch, share);
}

static Node *retyped(const Node *p, Dtype from, Dtype to) {
  Dtype t = p->dtype == from ? to : (Dtype)p->dtype;
  return n_param(P_FORMAL, p->name ? p->name : "x", t, p->rank, p->dim, p->loc);
}

Func *opaque_of_type(Func *f, Dtype t) {
  const Opaque *o = f->opaque;
  if (!o->generic || o->type == t) return f;
  if (o->item) return opaque_batch(opaque_of_type(o->item, t), o->nbatch, o->batch, o->share);
  void **place = func_derived(f, str_format("type %s", dtype_name(t)));
  if (*place) return *place;
  Node **param = NEWN(mod->arena, Node *, f->nparam + 1);
  Node **result = NEWN(mod->arena, Node *, f->nresult + 1);
  for (int k = 0; k < f->nparam; k++) param[k] = retyped(f->param[k], o->type, t);
  for (int k = 0; k < f->nresult; k++) result[k] = retyped(f->result[k], o->type, t);
  Func *g = func_new(f->name, f->nparam, param, f->nresult, result, f->loc);
  g->opaque = arena_copy(mod->arena, o, sizeof *o);
  g->opaque->type = t;
  g->opaque->kernel = str_format("%s_%s", o->generic, dtype_name(t));
  if (o->within) {
    int generic = (int)(strlen(o->within) - strlen(dtype_name(o->type)));
    g->opaque->within = str_format("%.*s%s", generic, o->within, dtype_name(t));
  }
  return *place = g;
}

bool opaque_fails(const Func *f) {
  return f->opaque && f->opaque->nstatus >= 0;
}

bool func_fails(Func *f) {
  if (f->opaque) return opaque_fails(f);
  void **place = func_derived(f, str_intern("fails"));
  static bool yes, no;
  if (*place) return *place == (void *)&yes;
  Arena *a = arena_new();
  Order o = graph_order(a, f->nresult, f->result);
  bool fails = false;
  for (int i = 0; i < o.n && !fails; i++)
    if (o.node[i]->fn) fails = func_fails(o.node[i]->fn);
  arena_free(a);
  *place = fails ? (void *)&yes : (void *)&no;
  return fails;
}

/* What a derivative of one item takes: its arguments, its results, what is given; then captures. */
typedef struct Traced {
  Func *fn;
  int nouter;
  Node **outer;
  int nout;   /* results of fn */
  int *which; /* of which argument (reverse) or result each is the bar or dot */
} Traced;

/* What the hook says of formals, *n of them in *all: a derivative may ask for the partial ones of
** what it computes, in which no argument depends on another. */
static Node **of_formals(DerivativeHook hook, Func *item, Node **given, bool reverse, Node ***all,
                         int *n) {
  int np = item->nparam, nr = item->nresult, ngiven = reverse ? nr : np, count = 0;
  Node **like = reverse ? item->result : item->param;
  Node **some = NEWN(mod->arena, Node *, ngiven + 1);
  Node **in = *all = NEWN(mod->arena, Node *, np + nr + ngiven + 1);
  for (int k = 0; k < np; k++) in[count++] = formal(item->param[k], 0, NULL, 0);
  for (int k = 0; k < nr; k++) in[count++] = formal(item->result[k], 0, NULL, 0);
  for (int k = 0; k < ngiven; k++)
    if (given[k]) in[count++] = some[k] = formal(like[k], 0, NULL, 0);
  *n = count;
  return hook(item, in, in + np, some);
}

/* The derivative of a call without a batch. */
static Node **derivative_alone(DerivativeHook hook, Node *call, Node **result, Node **given,
                               bool reverse) {
  Func *f = call->fn;
  Node **all, **said, **to;
  int n, at = 0, nout = reverse ? f->nparam : f->nresult, some = 0;
  said = of_formals(hook, f, given, reverse, &all, &n);
  to = NEWN(mod->arena, Node *, n + 1);
  for (int k = 0; k < f->nparam; k++) to[at++] = call->arg[k];
  for (int k = 0; k < f->nresult; k++) to[at++] = result[k];
  for (int k = 0; k < (reverse ? f->nresult : f->nparam); k++)
    if (given[k]) to[at++] = given[k];
  Node **out = NEWN(mod->arena, Node *, nout + 1), **all_out = NEWN(mod->arena, Node *, nout + 1);
  for (int k = 0; k < nout; k++)
    if (said[k]) out[some++] = said[k];
  graph_replace(some, out, n, all, to);
  for (int k = some = 0; k < nout; k++)
    if (said[k]) all_out[k] = out[some++];
  return all_out;
}

static Traced trace_item(DerivativeHook hook, Func *item, Node **given, bool reverse) {
  Arena *m = mod->arena;
  int n, nout = reverse ? item->nparam : item->nresult;
  Node **all, **said = of_formals(hook, item, given, reverse, &all, &n);
  Node **out = NEWN(m, Node *, nout + 1);
  Traced t = {.which = NEWN(m, int, nout + 1)};
  for (int k = 0; k < nout; k++)
    if (said[k]) t.which[t.nout] = k, out[t.nout++] = said[k];
  t.fn = graph_close(item->name, n, all, t.nout, out, item->loc, -1, &t.nouter, &t.outer);
  return t;
}

/* g with a leading axis on the params with bit b of share: as a Func. */
static Func *map_axis(Func *g, Scalar *extent, const unsigned *share, int b) {
  Node **param = NEWN(mod->arena, Node *, g->nparam + 1);
  Node **result = NEWN(mod->arena, Node *, g->nresult + 1);
  bool *mapped = NEWN(mod->arena, bool, g->nparam + 1);
  for (int k = 0; k < g->nparam; k++) {
    mapped[k] = share[k] >> b & 1;
    param[k] = formal(g->param[k], mapped[k], &extent, 1);
  }
  vmap_call(g, extent, param, mapped, result);
  return func_new(g->name, g->nparam, param, g->nresult, result, g->loc);
}

/* x, which has every axis of the batch, summed over those that the argument does not share. */
static Node *sum_unshared(const Opaque *o, int arg, Node *x) {
  Scalar *dim[MAX_RANK], *red[MAX_RANK], *index[MAX_RANK];
  int rank = 0, nred = 0;
  for (int d = 0; d < x->rank; d++)
    if (d >= o->nbatch || shares(o, arg, d)) dim[rank++] = x->dim[d];
  for (int d = 0, at = 0; d < x->rank; d++) {
    bool kept = d >= o->nbatch || shares(o, arg, d);
    index[d] = s_axis(kept ? at++ : rank + nred);
    if (!kept) red[nred++] = x->dim[d];
  }
  return nred ? n_reduce(C_SUM, rank, dim, nred, red, s_read(x, index, NULL)) : x;
}

Node **declared_derivative(DerivativeHook hook, Node *call, Node **result, Node **given,
                           bool reverse) {
  Func *f = call->fn;
  const Opaque *o = f->opaque;
  if (!o || !o->nbatch) return derivative_alone(hook, call, result, given, reverse);
  Arena *m = mod->arena;
  Traced t = trace_item(hook, o->item, given, reverse);
  int np = f->nparam, n = 0, nout = reverse ? np : f->nresult;
  Node **arg = NEWN(m, Node *, t.fn->nparam + 1), **out = NEWN(m, Node *, t.nout + 1);
  unsigned *share = NEWN(m, unsigned, t.fn->nparam + 1);
  bool *mapped = NEWN(m, bool, t.fn->nparam + 1);
  for (int k = 0; k < np; k++) share[n] = o->share[k], arg[n++] = call->arg[k];
  for (int k = 0; k < f->nresult; k++) share[n] = ~0u, arg[n++] = result[k];
  for (int k = 0; k < (reverse ? f->nresult : np); k++)
    if (given[k]) share[n] = reverse ? ~0u : o->share[k], arg[n++] = given[k];
  for (int k = 0; k < t.nouter; k++) arg[n++] = t.outer[k];
  Func *g = t.fn;
  for (int b = o->nbatch - 1; b > 0; b--) g = map_axis(g, o->batch[b], share, b);
  for (int k = 0; k < n; k++) mapped[k] = share[k] & 1;
  vmap_call(g, o->batch[0], arg, mapped, out);
  Node **said = NEWN(m, Node *, nout + 1);
  for (int i = 0; i < t.nout; i++)
    said[t.which[i]] = reverse ? sum_unshared(o, t.which[i], out[i]) : out[i];
  return said;
}
