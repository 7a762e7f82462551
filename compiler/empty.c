/*
** empty.c: which run-time sizes may be 0
**
** Proofs take every size to be at least 1. With N = 0 a domain over N is empty, and what was proved
** of it holds of nothing; sums over it are 0, products 1. So 0 is fine where everything that still
** runs reads no tensor that is empty then, and no maximum of nothing reaches a result:
**
**   y[i, j] = sum k. x[i, k] * w[k, j]        N = 0 of {N, K}: y is empty; K = 0: zeros
**   m[j] = max i. x[i, j]                     N >= 1
**   where(isinf(m[j]), 0, m[j])               0: the maximum is only asked whether it is one
**
** An extent that is negative, as N - 1 of x[i + 1] - x[i], counts as 0; what only adds to one, as
** padding does, would come out too short, and asks for N >= 1 (size_extended).
**
** A model may have such a size where one of its entries has an answer then; the others say that
** they have none when they are called. Training needs an example.
*/
#include <stdlib.h>
#include "diff.h"
#include "prog.h"

typedef struct Empty {
  Sym *sym, *other; /* the size that is 0, and another that is 0 too, or NULL */
  bool fine;
  bool shapes; /* of every extent it is known whether it is 0 */
  bool negative; /* some extent is below 0 */
  Scalar **none; /* by node id: the value of a maximum of nothing, or made of one; else NULL */
  bool any, found; /* there is one; find_none found one */
  const Node *comp; /* whose reads are looked at */
} Empty;

static Scalar *zero_leaf(void *ctx, Scalar *s) {
  const Empty *e = ctx;
  return s->kind == S_SIZE && (s->sym == e->sym || s->sym == e->other) ? s_int(0) : NULL;
}

static Scalar *at_zero(Empty *e, Scalar *s) { return s_rewrite(s, zero_leaf, e); }

static void find_sym(void *ctx, Scalar *s) {
  Empty *e = ctx;
  if (s->kind == S_SIZE && (s->sym == e->sym || s->sym == e->other)) e->fine = false;
}

static bool mentions(const Empty *e, Scalar *s) {
  Empty found = {.sym = e->sym, .other = e->other, .fine = true};
  s_walk(s, find_sym, &found);
  return !found.fine;
}

static bool below_zero(Scalar *v) { return s_prove_ge(s_int(-1), v); }

/* Whether an extent is 0 where the size is, or negative. Clears e->fine and e->shapes where that
** cannot be told. */
static bool vanishes(Empty *e, Scalar *extent) {
  if (!mentions(e, extent)) return false;
  Scalar *v = at_zero(e, extent);
  if (s_prove_ge(s_int(0), v)) {
    e->negative = e->negative || !s_is_int(v, 0);
    return true;
  }
  if (!s_prove_ge(v, s_int(1))) e->fine = e->shapes = false;
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

/* A read that is proved to be inside for sizes of 1 and more, and need not be for 0: id(j), j < 2,
** of {N + 1}. */
static void check_proof(void *ctx, Scalar *s) {
  Empty *e = ctx;
  for (int d = 0; s->kind == S_READ && d < s->tensor->rank && e->fine; d++) {
    Scalar *lo, *hi, *last = s_sub(s->tensor->dim[d], s_int(1));
    const Scalar *at = s->arg[d];
    bool whole = at->kind == S_AXIS && at->axis < e->comp->ndom &&
                 e->comp->dom[at->axis] == s->tensor->dim[d]; /* inside for any size */
    if (whole || s->rule[d] || !s_range(s->arg[d], e->comp->ndom, e->comp->dom, &lo, &hi)) continue;
    bool proved = s_prove_ge(lo, s_int(0)) && s_prove_ge(last, hi);
    bool holds =
        s_prove_ge(at_zero(e, lo), s_int(0)) && s_prove_ge(at_zero(e, last), at_zero(e, hi));
    if (proved && !holds) e->fine = false;
  }
}

enum { MAX_SLACK = 16 };

/* Appends to slack what is >= 0 where c holds: the differences of its integer comparisons. */
static int find_slack(Scalar *c, Scalar **slack, int n) {
  if (c->kind != S_OP || n == MAX_SLACK) return n;
  OpCode op = (OpCode)c->op;
  if (op == OP_AND) return find_slack(c->arg[1], slack, find_slack(c->arg[0], slack, n));
  bool less = op == OP_LE || op == OP_LT, more = op == OP_GE || op == OP_GT;
  if ((!less && !more) || c->arg[0]->dtype != DT_I64) return n;
  Scalar *d = s_sub(c->arg[less], c->arg[more]);
  slack[n] = op == OP_LT || op == OP_GT ? s_sub(d, s_int(1)) : d;
  return n + 1;
}

/* A choice whose condition asks for an index in an empty range, as 1 <= i and i < 1, is its other
** branch. */
static Scalar *drop_never(void *ctx, Scalar *s) {
  (void)ctx;
  if (s->kind != S_OP || s->op != OP_WHERE) return NULL;
  Scalar *slack[MAX_SLACK];
  int n = find_slack(s->arg[0], slack, 0);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < i; j++) {
      int64_t v;
      if (s_const_value(s_add(slack[i], slack[j]), &v) && v < 0) return s->arg[2];
    }
  return NULL;
}

/* Divisions by what is 0, and negative extents as numbers. */
static void check_number(void *ctx, Scalar *s) {
  Empty *e = ctx;
  bool number = s->kind == S_OP && s->op == OP_CAST && !dtype_is_float((Dtype)s->arg[0]->dtype);
  if (number && mentions(e, s->arg[0]) && !s_has_axis(s) && !s_has_read(s) &&
      !s_prove_ge(at_zero(e, s->arg[0]), s_int(0)))
    e->fine = false;
  bool whole = s->kind == S_OP && (s->op == OP_FLOORDIV || s->op == OP_MOD);
  if (whole && !dtype_is_float((Dtype)s->dtype) && mentions(e, s->arg[1])) e->fine = false;
}

/* The larger of 0 and a number made of sizes that is not above it then is 0, as max(N - 1, 0). */
static Scalar *drop_below(void *ctx, Scalar *s) {
  Empty *e = ctx;
  if (s->kind != S_OP || s->op != OP_MAX) return NULL;
  for (int k = 0; k < 2; k++) {
    Scalar *zero = s->arg[k], *number = s->arg[1 - k];
    bool is = zero->kind == S_CONST && s_is_const(zero, 0) && number->kind == S_OP &&
              number->op == OP_CAST && number->arg[0]->dtype == DT_I64 && !s_has_axis(number) &&
              !s_has_read(number);
    if (is && s_prove_ge(s_int(0), at_zero(e, number->arg[0]))) return zero;
  }
  return NULL;
}

/* Maxima of nothing are what they start from. */
static Scalar *none_leaf(void *ctx, Scalar *s) {
  Empty *e = ctx;
  return s->kind == S_READ ? e->none[s->tensor->id] : NULL;
}

static Scalar *drop_stop(void *ctx, Scalar *s) {
  (void)ctx;
  return s->kind == S_OP && s->op == OP_STOP && s->arg[0]->kind == S_CONST ? s->arg[0] : NULL;
}

/* s without choices that a maximum of nothing decides. */
static Scalar *decided(void *ctx, Scalar *s) {
  Empty *e = ctx;
  if (s->kind != S_OP || s->op != OP_WHERE) return NULL;
  Scalar *c = s_rewrite_ops(s->arg[0], none_leaf, drop_stop, e);
  return c->kind != S_CONST ? NULL : c->i ? s->arg[1] : s->arg[2];
}

static void find_none(void *ctx, Scalar *s) {
  Empty *e = ctx;
  if (s->kind == S_READ && e->none[s->tensor->id]) e->found = true;
}

/* The value of n, whose elements are all one where they are made of a maximum of nothing; NULL:
** they are not made of one. */
static Scalar *value_of_none(Empty *e, Node *n, Scalar *s) {
  s = s_rewrite_ops(s, NULL, decided, e);
  e->found = false;
  s_walk(s, find_none, e);
  if (!e->found) return NULL;
  Scalar *v = s_rewrite_ops(s, none_leaf, drop_stop, e);
  return v->kind == S_CONST && n_is_map(n) ? v : s_op1(OP_STOP, s_at(n, 0));
}

/* A COMP of whose domain nothing is left: its value is what the sum, product, .. starts from. A
** scatter of nothing is as where nothing is written. */
static void check_nothing(Empty *e, Node *n) {
  bool truth = n->body->kind == S_OP && n->body->op == OP_CAST && /* any and all */
               n->body->arg[0]->dtype == DT_BOOL;
  bool order = (n->comb == C_MAX || n->comb == C_MIN) && n->dtype != DT_BOOL && !truth &&
               n_is_reduction(n);
  if (!order || node_vanishes(e, n)) return;
  e->none[n->id] = s_combine_identity((Combine)n->comb, (Dtype)n->dtype);
  e->any = true;
}

static void check_comp(Empty *e, Node *n) {
  Scalar *dom[MAX_AXES];
  bool runs = true;
  for (int p = 0; p < n->ndom; p++)
    runs = !vanishes(e, n->dom[p]) && !s_is_int(n->dom[p], 0) && runs;
  if (!e->fine) return;
  if (!runs) {
    check_nothing(e, n);
    return;
  }
  Scalar *all[MAX_RANK + 1] = {n->body};
  e->comp = n;
  for (int d = 0; d < n->rank; d++) all[d + 1] = n->windex[d];
  for (int p = 0; p < n->ndom; p++) dom[p] = at_zero(e, n->dom[p]);
  for (int k = 0; k <= n->rank; k++) {
    s_walk(s_rewrite_ops(all[k], NULL, drop_below, e), check_number, e);
    s_walk(all[k], check_proof, e);
    if (e->fine) {
      Scalar *now = simplify_within(at_zero(e, all[k]), n->ndom, dom);
      s_walk(s_rewrite_ops(now, NULL, drop_never, e), check_read, e);
    }
    Scalar *none = e->any ? value_of_none(e, n, all[k]) : NULL;
    if (k == 0) e->none[n->id] = none;
    if (k && none) e->fine = false;
  }
}

/* A batch of none is fine; else a kernel is to take sizes of 0, which those below become. */
static void check_opaque(Empty *e, const Func *f) {
  const Func *item = f->opaque->item ? f->opaque->item : f;
  for (int k = 0; k < f->opaque->nbatch; k++) (void)vanishes(e, f->opaque->batch[k]);
  for (int k = 0; k < item->nparam; k++)
    if (node_vanishes(e, item->param[k]) && !item->opaque->empty) e->fine = false;
  for (int k = 0; k < item->nresult; k++) node_vanishes(e, item->result[k]);
}

static void check_graph(Empty *e, int nresult, Node **result);

static void check_node(Empty *e, Node *n) {
  node_vanishes(e, n);
  if (n->kind == N_COMP) check_comp(e, n);
  if (n->kind != N_CALL && n->kind != N_LOOP) return;
  if (n->kind == N_LOOP && vanishes(e, n->trip)) {
    bool cut = n->unroll || n->checkpoint; /* of N - 1 steps 7 are left of each 8: N = 0 would have some */
    e->fine = e->fine && !(cut && below_zero(at_zero(e, n->trip)));
    return;
  }
  for (int k = 0; k < n->narg; k++) e->fine = e->fine && !e->none[n->arg[k]->id];
  Func *f = n->fn;
  if (f->opaque) {
    check_opaque(e, f);
    return;
  }
  check_graph(e, f->nresult, f->result);
}

static void check_graph(Empty *e, int nresult, Node **result) {
  Arena *a = arena_new();
  Order o = graph_order(a, nresult, result);
  for (int i = 0; i < o.n && e->fine; i++) check_node(e, o.node[i]);
  for (int k = 0; k < nresult && e->fine; k++) e->fine = !e->none[result[k]->id];
  arena_free(a);
}

static void check_shapes(Empty *e, int nresult, Node **result) {
  Arena *a = arena_new();
  Order o = graph_order(a, nresult, result);
  for (int i = 0; i < o.n && e->shapes; i++) {
    Node *n = o.node[i];
    if (n->rank >= 0) node_vanishes(e, n);
    for (int p = 0; n->kind == N_COMP && p < n->ndom; p++) vanishes(e, n->dom[p]);
    if (n->kind == N_LOOP) vanishes(e, n->trip);
    if ((n->kind == N_LOOP || n->kind == N_CALL) && !n->fn->opaque)
      check_shapes(e, n->fn->nresult, n->fn->result);
  }
  arena_free(a);
}

/* The same for all that an entry computes. */
static void check_entry(Empty *e, const Entry *entry,
                        void (*check)(Empty *e, int nresult, Node **result)) {
  Node **result = arena_need(calloc((size_t)(entry->noutput + entry->nupdate) + 1, sizeof *result));
  int n = 0;
  for (int i = 0; i < entry->noutput; i++) result[n++] = entry->output[i].node;
  for (int i = 0; i < entry->nupdate; i++) result[n++] = entry->update[i].value;
  check(e, n, result);
  free(result);
}

/* Whether the entry has an answer where the size is 0 and the others are not. */
static bool answers(Empty *e, const Entry *entry) {
  e->fine = true;
  for (int k = 0; entry->kind == E_TRAIN && k < entry->ninput; k++)
    e->fine = e->fine && !node_vanishes(e, entry->input[k].node);
  if (e->fine) check_entry(e, entry, check_graph);
  return e->fine;
}

/* Whether the size may be 0 beside the other one, which may be NULL: some entry has an answer.
** Those that have none are in Entry.some. */
static bool may_vanish(const Program *p, Arena *a, Sym *sym, Sym *other, bool *negative) {
  Empty e = {.sym = sym,
             .other = other,
             .fine = true,
             .shapes = true,
             .none = NEWN(a, Scalar *, mod->nnode)};
  bool any = false, init = true;
  for (int k = 0; k < p->nentry; k++) check_entry(&e, &p->entry[k], check_shapes);
  *negative = e.negative;
  if (sym->full || !e.shapes) return false;
  for (int k = 0; k < p->nentry; k++) {
    Entry *entry = &p->entry[k];
    bool fine = answers(&e, entry);
    if (other && !fine && !entry->some[sym->index] && !entry->some[other->index]) return false;
    if (!other) entry->some[sym->index] = !fine;
    if (entry->kind == E_INIT) init = fine;
    if (entry->kind != E_INIT) any = any || fine;
  }
  return init && any;
}

/* Sets Sym.empty of every run-time size, and Entry.some. Two negative extents have a product like
** any other: a size that makes one is looked at beside each other size. */
void sizes_may_be_empty(const Program *p) {
  Arena *a = arena_new();
  bool negative, unused;
  for (int k = 0; k < p->nentry; k++) p->entry[k].some = NEWN(mod->arena, bool, mod->nsym + 1);
  for (int k = 0; k < mod->nsym; k++) {
    Sym *sym = mod->sym[k];
    sym->empty = may_vanish(p, a, sym, NULL, &negative);
    for (int j = 0; j < k && sym->empty && negative; j++)
      sym->empty = !mod->sym[j]->empty || may_vanish(p, a, sym, mod->sym[j], &unused);
  }
  arena_free(a);
}

/* An extent with one less of each size: sizes from 1 stand for those from 0. */
static Scalar *one_less_leaf(void *ctx, Scalar *s) {
  (void)ctx;
  return s->kind == S_SIZE ? s_sub(s, s_int(1)) : NULL;
}

Scalar *size_or_none(Scalar *extent) {
  if (s_prove_ge(s_rewrite(extent, one_less_leaf, NULL), s_int(0))) return extent;
  return s_raw(OP_MAX, DT_I64, 2, (Scalar *[]){extent, s_int(0)});
}

void size_extended(Scalar *extent) {
  for (int k = 0; k < mod->nsym; k++) {
    Empty e = {.sym = mod->sym[k]};
    if (mentions(&e, extent) && !s_prove_ge(at_zero(&e, extent), s_int(0)))
      mod->sym[k]->full = true;
  }
}

bool size_may_vanish(Scalar *extent, int nother, Scalar **other) {
  for (int k = 0; k < mod->nsym; k++) {
    Empty e = {.sym = mod->sym[k]};
    if (!e.sym->empty || !mentions(&e, extent) || s_prove_ge(at_zero(&e, extent), s_int(1))) continue;
    bool beside = false;
    for (int q = 0; q < nother; q++)
      beside |= s_prove_ge(s_int(0), at_zero(&e, other[q]));
    if (!beside) return true;
  }
  return false;
}
