/*
** unused.c: results of functions that nothing reads are not computed
**
**   y, z = CALL f(x)   where nothing reads z     becomes     y = CALL g(x), g with the results y of f alone
**
** What one call of f in the graph reads, all have: so they stay calls of one function.
*/
#include "diff.h"

typedef struct Used {
  int nfunc;
  bool **of; /* by the id of a Func: which of its results are read; NULL: it is not called */
} Used;

static Func *callee(const Node *n) {
  bool is = n->kind == N_PROJ && n->arg[0]->kind == N_CALL && !n->arg[0]->fn->opaque;
  return is ? n->arg[0]->fn : NULL;
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

static Node *prune_one(void *ctx, Node *n) {
  const Used *u = ctx;
  Func *f = callee(n);
  const bool *used = f && f->id < u->nfunc ? u->of[f->id] : NULL;
  int before = 0, all = 0;
  if (!used) return n;
  for (int k = 0; k < f->nresult; k++) all += used[k], before += used[k] && k < n->k;
  if (all == f->nresult || !used[n->k]) return n;
  return n_like(n_proj(n_call(kept(f, used), n->arg[0]->arg), before), n);
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
  }
  graph_rewrite(f->nresult, f->result, prune_one, &u);
  arena_free(a);
}
