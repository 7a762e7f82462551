/*
** unused.c: results of functions that nothing reads are not computed
**
**   y, z = CALL f(x)   where nothing reads z     becomes     y = CALL g(x), g with the results y of f alone
**
** What one call of f in the graph reads, all have: so they stay calls of one function. The same of
** stacks and sums of LOOPs.
*/
#include "diff.h"

typedef struct Used {
  int nfunc;
  bool **of; /* by the id of a Func: which of its results are read; NULL: it is not called */
} Used;

static Func *callee(const Node *n) {
  bool is = n->kind == N_PROJ && n->arg[0]->fn && !n->arg[0]->fn->opaque;
  return is ? n->arg[0]->fn : NULL;
}

static int count_true(const bool *b, int from, int to) {
  int n = 0;
  for (int k = from; k < to; k++) n += b[k];
  return n;
}

/* f with the results in used[] alone. */
static Func *kept(Func *f, const bool *used) {
  void **place = func_derived(f, str_format("read %s", bits(f->nresult, used)));
  if (*place) return *place;
  Node **result = NEWN(mod->arena, Node *, f->nresult + 1);
  int n = 0;
  for (int k = 0; k < f->nresult; k++)
    if (used[k]) result[n++] = f->result[k];
  Func *g = func_new(f->name, f->nparam, f->param, n, result, f->loc);
  prune_calls(g);
  return *place = g;
}

/* The CALL or LOOP with the results in used[] alone. */
static Node *narrowed(Node *n, const bool *used) {
  Func *f = kept(n->fn, used);
  if (n->kind == N_CALL) return n_call(f, n->arg);
  int sums = n->ncarry + n->nstack;
  Node *loop = n_loop(f, n->trip, n->ncarry, n->nslice, loop_const(n), n->arg,
                      count_true(used, n->ncarry, sums), count_true(used, sums, n->fn->nresult),
                      n->reverse, n->unroll, n->checkpoint);
  return n_guarded(loop, (Guard)n->guard);
}

static Node *prune_one(void *ctx, Node *n) {
  const Used *u = ctx;
  Func *f = callee(n);
  const bool *used = f && f->id < u->nfunc ? u->of[f->id] : NULL;
  if (!used || !used[n->k] || count_true(used, 0, f->nresult) == f->nresult) return n;
  return n_like(n_proj(narrowed(n->arg[0], used), count_true(used, 0, n->k)), n);
}

void prune_calls(Func *f) {
  Arena *a = arena_new();
  Order o = graph_order(a, f->nresult, f->result);
  Used u = {.nfunc = mod->nfunc, .of = NEWN(a, bool *, mod->nfunc + 1)};
  for (int i = 0; i < o.n; i++) {
    Func *g = callee(o.node[i]);
    if (!g) continue;
    if (!u.of[g->id]) u.of[g->id] = NEWN(a, bool, g->nresult + 1);
    u.of[g->id][o.node[i]->k] = true;
    for (int k = 0; k < o.node[i]->arg[0]->ncarry; k++) u.of[g->id][k] = true;
  }
  graph_rewrite(f->nresult, f->result, prune_one, &u);
  arena_free(a);
}
