/*
** mask.c: the body of a guarded LOOP where elements go their own way
**
** A step that only some elements of a mapped axis take runs for all of them, and leaves zeros where
** it is not taken:
**
**   out[g(i)] (+)= body(i)     becomes     out[g(i)] (+)= where(go, body(i), 0)
**
** In every COMP, not in the results alone: so each derivative of one is under `go` too, and what a
** branch not taken divides by, or takes the log of, leaves no NaN in derivatives of any order.
*/
#include <string.h>
#include "diff.h"

static Func *masked_callee(Func *f, const bool *mapped);

static Node *masked_comp(Node *n, Scalar *go) {
  Scalar *body = s_op3(OP_WHERE, go, n->body, s_cast((Dtype)n->dtype, s_iconst(DT_I64, 0)));
  return n_with_body(n, body);
}

/* A CALL or LOOP of n's kind over arg, whose function knows go. */
static Node *masked_fn(Arena *a, Node *n, Node *go, Node **arg, const bool *on) {
  Func *f = n->fn;
  bool *mapped = NEWN(a, bool, n->narg + 2);
  Node **in = NEWN(a, Node *, n->narg + 2);
  memcpy(in, arg, sizeof *in * (size_t)n->narg);
  memcpy(mapped, on, sizeof *mapped * (size_t)n->narg);
  if (f->opaque || f->custom_vjp) {
    for (int k = 0; k < n->narg; k++) {
      Node *x = in[k];
      if (!on[k] || x->kind == N_COMP || !dtype_is_float((Dtype)x->dtype)) continue;
      Scalar *zero = s_const((Dtype)x->dtype, 0);
      Scalar *body = s_op3(OP_WHERE, s_read(go, NULL, NULL), s_at(x, 0), zero);
      in[k] = n_like(n_map(x->rank, x->dim, body), x);
    }
    return n_over(n, in);
  }
  in[n->narg] = go;
  mapped[n->narg] = true;
  if (n->kind == N_CALL) return n_call(masked_callee(f, mapped), in);
  for (int k = 0; k < n->ncarry; k++) mapped[k] = true;
  Node *loop = n_loop(masked_callee(f, mapped), n->trip, n->ncarry, n->nslice, loop_const(n) + 1,
                      in, n->nstack, n->nsum, n->reverse, n->unroll, n->checkpoint);
  return n_guarded(loop, (Guard)n->guard);
}

/* f's results where every COMP that depends on a param with mapped[k] is under go. */
static void masked_graph(Func *f, Node *go, const bool *mapped, Node **result) {
  Arena *a = arena_new();
  Order o = graph_order(a, f->nresult, f->result);
  IdMap at = {.a = a};
  Node **to = NEWN(a, Node *, o.n + 1);
  bool *on = NEWN(a, bool, o.n + 1);
  Loc here = mod->here;
  for (int i = 0; i < o.n; i++) {
    Node *n = o.node[i], **arg = NEWN(a, Node *, n->narg + 1);
    bool *of = NEWN(a, bool, n->narg + 1);
    idmap_set(&at, n->id, i);
    mod->here = n->loc;
    for (int k = 0; k < n->narg; k++) {
      int p = idmap_get(&at, n->arg[k]->id);
      arg[k] = to[p];
      on[i] |= of[k] = on[p];
    }
    for (int k = 0; n->kind == N_PARAM && k < f->nparam; k++)
      if (f->param[k] == n) on[i] = mapped[k];
    to[i] = n->narg ? n_over(n, arg) : n;
    if (on[i] && n->kind == N_COMP) to[i] = masked_comp(to[i], s_read(go, NULL, NULL));
    if (on[i] && (n->kind == N_CALL || n->kind == N_LOOP)) to[i] = masked_fn(a, n, go, arg, of);
    to[i] = n_like(to[i], n);
  }
  mod->here = here;
  for (int k = 0; k < f->nresult; k++) result[k] = to[idmap_get(&at, f->result[k]->id)];
  arena_free(a);
}

/* f with one more param, the last: whether its step is taken. mapped[] has f->nparam + 1. */
static Func *masked_callee(Func *f, const bool *mapped) {
  void **place = func_derived(f, str_format("masked %s", bits(f->nparam, mapped)));
  if (*place) return *place;
  Node **param = NEWN(mod->arena, Node *, f->nparam + 2);
  Node **result = NEWN(mod->arena, Node *, f->nresult + 1);
  memcpy(param, f->param, sizeof *param * (size_t)f->nparam);
  param[f->nparam] = n_param(P_FORMAL, "taken", DT_BOOL, 0, NULL, f->loc);
  masked_graph(f, param[f->nparam], mapped, result);
  Func *g = func_new(f->name, f->nparam + 1, param, f->nresult, result, f->loc);
  return *place = g;
}

/* The guarded LOOP's body with what a step that does not run leaves: its carries, and zeros.
** mapped[] says which arguments have the mapped axis. */
Func *masked_body(const Node *loop, const bool *mapped) {
  Func *f = loop->fn;
  const char *key =
      str_format("masked %d %d %s", loop->guard, loop->ncarry, bits(f->nparam, mapped));
  void **place = func_derived(f, key);
  if (*place) return *place;
  Node *taken = f->param[loop->guard == G_IF ? loop->ncarry : 0];
  Scalar *go = s_read(taken, NULL, NULL);
  Node **result = NEWN(mod->arena, Node *, f->nresult + 1);
  masked_graph(f, taken, mapped, result);
  for (int k = 0; k < f->nresult; k++) {
    Node *r = result[k];
    Scalar *old = k < loop->ncarry ? s_at(f->param[k], 0) : s_const((Dtype)r->dtype, 0);
    result[k] = n_like(n_map(r->rank, r->dim, s_op3(OP_WHERE, go, s_at(r, 0), old)), r);
  }
  return *place = func_new(f->name, f->nparam, f->param, f->nresult, result, f->loc);
}
