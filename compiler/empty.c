/*
** empty.c: which run-time sizes may be 0
**
** Proofs take every size to be at least 1. With N = 0 a domain over N is empty, and what was proved of
** it holds of nothing; sums over it are 0, products 1. So 0 is fine where everything that still runs
** reads no tensor that is empty then, and no maximum is taken of nothing:
**
**   y[i, j] = sum k. x[i, k] * w[k, j]        N = 0 of {N, K}: y is empty; K = 0: zeros
**   m[j] = max i. x[i, j]                     N >= 1
*/
#include "diff.h"
#include "prog.h"

typedef struct Empty {
  Sym *sym;
  bool fine;
} Empty;

static Scalar *zero_leaf(void *ctx, Scalar *s) {
  return s->kind == S_SIZE && s->sym == ctx ? s_int(0) : NULL;
}

static Scalar *at_zero(const Empty *e, Scalar *s) { return s_rewrite(s, zero_leaf, e->sym); }

static void find_sym(void *ctx, Scalar *s) {
  Empty *e = ctx;
  if (s->kind == S_SIZE && s->sym == e->sym) e->fine = false;
}

static bool mentions(const Empty *e, Scalar *s) {
  Empty found = {e->sym, true};
  s_walk(s, find_sym, &found);
  return !found.fine;
}

/* Whether an extent is 0 where the size is. Clears e->fine where that cannot be told, or it is negative. */
static bool vanishes(Empty *e, Scalar *extent) {
  if (!mentions(e, extent)) return false;
  Scalar *v = at_zero(e, extent);
  if (s_is_int(v, 0)) return true;
  if (!s_prove_ge(v, s_int(1))) e->fine = false;
  return false;
}

static bool node_vanishes(Empty *e, const Node *n) {
  bool any = false;
  for (int d = 0; d < n->rank; d++) any = vanishes(e, n->dim[d]) || any;
  return any;
}

/* Reads of what is empty, unless they are outside for certain and give 0. */
static void check_read(void *ctx, Scalar *s) {
  Empty *e = ctx;
  if (s->kind != S_READ) return;
  bool empty = false, zero = false;
  for (int d = 0; d < s->tensor->rank; d++) {
    bool none = vanishes(e, s->tensor->dim[d]);
    empty = empty || none;
    zero = zero || (none && s->rule[d] == R_ZERO);
  }
  if (empty && !zero) e->fine = false;
}

/* Divisions by what is 0. */
static void check_division(void *ctx, Scalar *s) {
  Empty *e = ctx;
  bool whole = s->kind == S_OP && (s->op == OP_FLOORDIV || s->op == OP_MOD);
  if (whole && !dtype_is_float((Dtype)s->dtype) && mentions(e, s->arg[1])) e->fine = false;
}

static void check_comp(Empty *e, Node *n) {
  Scalar *dom[MAX_AXES];
  bool runs = true;
  for (int p = 0; p < n->ndom; p++)
    runs = !vanishes(e, n->dom[p]) && !s_is_int(n->dom[p], 0) && runs;
  if (!e->fine) return;
  if (!runs) {
    bool truth = n->body->kind == S_OP && n->body->op == OP_CAST && /* any and all */
                 n->body->arg[0]->dtype == DT_BOOL;
    bool order = (n->comb == C_MAX || n->comb == C_MIN) && n->dtype != DT_BOOL && !truth;
    if (order && !node_vanishes(e, n)) e->fine = false;
    return;
  }
  Scalar *all[MAX_RANK + 1] = {n->body};
  for (int d = 0; d < n->rank; d++) all[d + 1] = n->windex[d];
  for (int p = 0; p < n->ndom; p++) dom[p] = at_zero(e, n->dom[p]);
  for (int k = 0; k <= n->rank; k++) {
    s_walk(all[k], check_division, e);
    if (e->fine) s_walk(simplify_within(at_zero(e, all[k]), n->ndom, dom), check_read, e);
  }
}

static void check_graph(Empty *e, int nresult, Node **result);

static void check_node(Empty *e, Node *n) {
  node_vanishes(e, n);
  if (n->kind == N_COMP) check_comp(e, n);
  if (n->kind != N_CALL && n->kind != N_LOOP) return;
  if (n->kind == N_LOOP && vanishes(e, n->trip)) return;
  Func *f = n->fn;
  if (f->opaque) {
    const Func *item = f->opaque->item ? f->opaque->item : f; /* a batch of none is fine */
    for (int k = 0; k < item->nparam; k++)
      if (node_vanishes(e, item->param[k]) && !item->opaque->empty) e->fine = false;
    for (int k = 0; k < item->nresult; k++) node_vanishes(e, item->result[k]);
    return;
  }
  check_graph(e, f->nresult, f->result);
}

static void check_graph(Empty *e, int nresult, Node **result) {
  Arena *a = arena_new();
  Order o = graph_order(a, nresult, result);
  for (int i = 0; i < o.n && e->fine; i++) check_node(e, o.node[i]);
  arena_free(a);
}

/* Whether every entry has an answer where the size is 0 and the others are not. */
static bool may_vanish(const Program *p, Sym *sym) {
  Empty e = {sym, sym->least == 1};
  for (int k = 0; k < p->nentry && e.fine; k++) {
    const Entry *entry = &p->entry[k];
    e.fine = entry->kind != E_TRAIN;
    for (int i = 0; i < entry->noutput && e.fine; i++) check_graph(&e, 1, &entry->output[i].node);
    for (int i = 0; i < entry->nupdate && e.fine; i++)
      check_graph(&e, 1, &entry->update[i].value);
  }
  return e.fine;
}

/* Sets Sym.empty of every run-time size. */
void sizes_may_be_empty(const Program *p) {
  for (int k = 0; k < mod->nsym; k++) mod->sym[k]->empty = may_vanish(p, mod->sym[k]);
}
