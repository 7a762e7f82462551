/*
** fuse_inline.c: cheap producers move into their readers, windows get plain operands (fuse_pad.c)
**
**   t[i] = 2 * x[i]; y[i] = t[i + 1] + t[i]      becomes   y[i] = 2 * x[i + 1] + 2 * x[i]
**
** A map is inlined where that costs no more than storing it. A reduction never is, nor anything
** but a renamed tensor into a contraction, whose inner loop shall read memory and nothing else.
*/
#include "fuse.h"
#include <assert.h>
#include <string.h>

enum {
  STORE_COST = 3,      /* what writing an element and reading it again costs, in flops */
  APART_COST = 4,      /* what a read more costs where neighbours are not, as of x[i // 2] */
  MANY_READERS = 3,    /* at an element that is a number times another: rules would take the number
                       ** through all their products */
  MAX_BODY_COST = 300, /* a body that has grown to this takes nothing more in */
  MIN_TERMS = 16, MIN_ROW = 8, /* of a contraction of differences */
};

/* What is known of a node of the old graph. */
typedef struct Info {
  Node *now;    /* the node that stands for it */
  bool inlined; /* its readers hold its body */
  bool kept;    /* needed in memory: a result, or the argument of a CALL or LOOP */
  double evals; /* times its readers evaluate a read of it */
  int nuser;
  bool to_contraction, to_view;
  Node *into; /* where a scatter goes straight into a tensor (fuse_into.c) */
  bool base;  /* such a tensor */
  bool beside;  /* some read of it may be of nothing beside an axis of extent 1 */
  bool elsewhere; /* some read of it is of another element than the reader is at */
} Info;

typedef struct Inline {
  Arena *a;
  Info *info; /* by id of the old node */
  int n;
  Scalar **dom; /* domain of the COMP being rebuilt */
  int ndom;
  Node *largest;     /* the scatter into a tensor that adds the most values */
  bool reads_base;   /* find_base found one */
  bool reads_own;    /* and `into` */
  const Node *into;
} Inline;

/* A typical value of a count: run-time sizes count as 64. */
static int64_t usual_size(const Sym *s) {
  return s->value > 0 ? s->value : 64;
}

double usual_count(int n, Scalar *const *extent) {
  int64_t *size = NEWN(mod->arena, int64_t, mod->nsym + 1);
  double count = 1;
  for (int k = 0; k < mod->nsym; k++) size[k] = usual_size(mod->sym[k]);
  for (int k = 0; k < n; k++) count *= (double)eval_size(extent[k], size);
  return count;
}

Scalar *and_all(Scalar *x, Scalar *y) {
  return !x ? y : !y ? x : s_op2(OP_AND, x, y);
}

static bool is_factor(const Scalar *s) {
  if (s->kind == S_READ) return true;
  return s->kind == S_OP && s->op == OP_CAST && s->arg[0]->kind == S_READ;
}

Scalar *strip_guard(Scalar *s) {
  while (s->kind == S_OP && s->op == OP_WHERE && s_is_const(s->arg[2], 0)) s = s->arg[1];
  return s;
}

Scalar *guard_of(Scalar *s) {
  Scalar *guard = NULL;
  for (; s != strip_guard(s); s = s->arg[1]) guard = and_all(guard, s->arg[0]);
  return guard;
}

/* Whether s depends on an axis that n reduces. */
static bool by_terms(const Node *n, const Scalar *s) {
  for (int p = n->rank; p < n->ndom; p++)
    if (s_uses_axis(s, p)) return true;
  return false;
}

bool find_term(const Node *n, TermOf *t) {
  Scalar *b = strip_guard(n->body);
  if (b->kind != S_OP || b->op != OP_MUL) return false;
  *t = (TermOf){PAIR_PRODUCT, {b->arg[0], b->arg[1]}, NULL};
  for (int k = 0; k < 2 && b == n->body; k++) {
    Scalar *d = b->arg[k], *other = b->arg[1 - k];
    if (d->kind != S_OP || d->op != OP_SUB) continue;
    if (d == other) *t = (TermOf){PAIR_SQUARE, {d->arg[0], d->arg[1]}, NULL};
    if (d == other || other->kind != S_READ) continue;
    int here = by_terms(n, d->arg[0]) ? 1 : 0;
    if (by_terms(n, d->arg[here]) || !by_terms(n, d->arg[1 - here])) continue;
    *t = (TermOf){here ? PAIR_FROM : PAIR_TO, {other, d->arg[1 - here]}, d->arg[here]};
  }
  return true;
}

/* Whether tiles pay for a term of differences: of plain reads, and of many of them, since what
** follows the sum may not share its loops then; along rows that are no shorter than vectors. */
static bool tiles_pay(const Node *n, const TermOf *t) {
  int64_t extent;
  if (!s_is_plain_read(t->factor[0]) || !s_is_plain_read(t->factor[1])) return false;
  if (usual_count(n->ndom - n->rank, n->dom + n->rank) < MIN_TERMS) return false;
  if (t->here && !s_is_plain_read(t->here)) return false;
  for (int p = 0; t->here && p < n->rank; p++) {
    bool here = s_uses_axis(t->here, p), x = s_uses_axis(t->factor[0], p);
    if (here && !x && s_const_value(n->dom[p], &extent) && extent < MIN_ROW) return false;
  }
  return true;
}

bool is_contraction(const Node *n) {
  TermOf t;
  if (n->kind != N_COMP || n->comb != C_SUM || !n_is_reduction(n) || n->ndom == n->rank ||
      !dtype_is_float((Dtype)n->dtype) || !find_term(n, &t))
    return false;
  if (t.pair != PAIR_PRODUCT && !tiles_pay(n, &t)) return false;
  Scalar *x = strip_guard(t.factor[0]), *y = strip_guard(t.factor[1]);
  if (!is_factor(x) || !is_factor(y) || x->narg == 0 || y->narg == 0) return false;
  for (int p = 0; p < n->rank; p++) /* elements are used more than once */
    if (!s_is_int(n->dim[p], 1) && (!s_uses_axis(x, p) || !s_uses_axis(y, p))) return true;
  return false;
}

bool is_view(const Node *n) {
  if (!n_is_map(n) || n->body->kind != S_READ) return false;
  const Scalar *b = n->body;
  Scalar *at[MAX_RANK];
  for (int d = 0; d < b->narg; d++)
    if (b->rule[d] != R_NONE) return false;
  for (int d = 0; d < n->rank; d++) at[d] = s_axis(d);
  if (n_count(n) != n_count(b->tensor)) return false;
  return simplify_within(linear_index(b->narg, b->tensor->dim, b->arg), n->ndom, n->dom) ==
         simplify_within(linear_index(n->rank, n->dim, at), n->ndom, n->dom);
}

static void find_quotient(void *ctx, Scalar *s) {
  if (s->kind == S_OP && (s->op == OP_FLOORDIV || s->op == OP_MOD)) *(bool *)ctx = true;
}

static bool has_quotient(Scalar *s) {
  bool found = false;
  s_walk(s, find_quotient, &found);
  return found;
}

/* Whether the indices of a read, themselves free of reads, are affine. */
static bool plain_indices(const Scalar *read) {
  for (int d = 0; d < read->narg; d++)
    if (has_quotient(read->arg[d])) return false;
  return true;
}

/* The body of producer t at the indices of a read of it. */
static Scalar *body_at(const Inline *in, const Node *t, const Scalar *read) {
  Scalar *by[MAX_RANK], *inside = NULL;
  for (int d = 0; d < t->rank; d++) {
    Scalar *i = read->arg[d];
    by[d] = i;
    if (read->rule[d] == R_NONE || index_inside(i, t->dim[d], in->ndom, in->dom)) continue;
    if (read->rule[d] == R_ZERO) {
      Scalar *ok = rule_inside(i, t->dim[d]);
      inside = inside ? s_op2(OP_AND, inside, ok) : ok;
    } else {
      by[d] = rule_index((Rule)read->rule[d], i, t->dim[d]);
    }
  }
  Scalar *b = s_subst_axes(t->body, t->rank, by);
  return inside ? s_op3(OP_WHERE, inside, b, s_const((Dtype)b->dtype, 0)) : b;
}

static Scalar *replace_read(void *ctx, Scalar *s) {
  Inline *in = ctx;
  if (s->kind != S_READ || s->tensor->id >= in->n) return NULL;
  const Info *t = &in->info[s->tensor->id];
  if (!t->now) return NULL;
  if (!t->inlined && t->now == s->tensor) return NULL;
  s = squeezed_read(s, t->now);
  if (!t->inlined) return s;
  Scalar *b = body_at(in, t->now, s);
  if (is_view(t->now)) {
    Scalar *simple = simplify_within(b, in->ndom, in->dom);
    if (simple->kind == S_READ && !plain_indices(simple)) return s;
  }
  return b;
}

/* Whether the operand can be read in place: a renamed tensor, all indices plain. */
static bool is_renaming(const Node *n) {
  return n_is_map(n) && s_is_plain_read(n->body) && (plain_indices(n->body) || is_view(n));
}

/* Whether it is a tensor times a constant, which sums that read it can have outside. */
static bool is_scaling(const Node *n) {
  const Scalar *b = n->body;
  if (!n_is_map(n) || b->kind != S_OP || !dtype_is_float((Dtype)n->dtype)) return false;
  int k = b->op == OP_MUL && b->arg[0]->kind == S_CONST;
  bool scales = b->op == OP_NEG || (b->op == OP_MUL && b->arg[!k]->kind == S_CONST);
  return scales && s_is_plain_read(b->arg[k]) && plain_indices(b->arg[k]);
}

/* A number times something. */
static bool is_multiple(const Scalar *s) {
  return s->kind == S_OP && s->op == OP_MUL && dtype_is_float((Dtype)s->dtype) &&
         (s->arg[0]->kind == S_CONST || s->arg[1]->kind == S_CONST);
}

typedef struct Reads { int n, apart; } Reads;

static void count_reads(void *ctx, Scalar *s) {
  Reads *r = ctx;
  if (s->kind != S_READ) return;
  r->n++;
  r->apart += !plain_indices(s);
}

/* Whether the rebuilt node `now` moves into its readers. */
static bool should_inline(const Info *t, const Node *now) {
  Reads r = {0};
  if (!n_is_map(now) || t->nuser == 0) return false;
  s_walk(now->body, count_reads, &r);
  double count = usual_count(now->rank, now->dim);
  int cost = s_cost(now->body), reads = r.n;
  if (t->to_contraction) return is_renaming(now) || (!t->kept && !t->to_view && is_scaling(now));
  if (reads == 0 && cost <= 2) return true; /* a constant, or an index */
  if (is_renaming(now) && !t->to_view) return true;
  if (t->kept || t->to_view || cost > MAX_BODY_COST || reads > 24) return false;
  if (t->evals <= count * 1.01) return true; /* each element evaluated once */
  bool several = t->evals > (MANY_READERS - 0.5) * count;
  if (!t->elsewhere && several && is_multiple(now->body)) return false;
  cost += APART_COST * r.apart;
  double store = count * (cost + STORE_COST * reads + STORE_COST) + t->evals * 1;
  return cost < 8 && t->evals * (cost + reads) <= store;
}

static void find_base(void *ctx, Scalar *s) {
  Inline *in = ctx;
  if (s->kind != S_READ || s->tensor->id >= in->n || !in->info[s->tensor->id].base) return;
  in->reads_base = true;
  in->reads_own = in->reads_own || s->tensor == in->into;
}

/* Whether some index that n writes at uses axis p. */
static bool writes_by(const Node *n, int p) {
  for (int d = 0; d < n->rank; d++)
    if (s_uses_axis(n->windex[d], p)) return true;
  return n->comb != C_SUM;
}

/* How many values a scatter adds, those that go to one place being one. */
static double values_of(const Node *n) {
  double count = 1;
  for (int p = 0; p < n->ndom; p++)
    if (writes_by(n, p)) count *= usual_count(1, n->dom + p);
  return count;
}

/* A scatter that goes straight into a tensor, and reads one that others go into, as a scatter of
** what is computed before: so that all may be written in place. What goes to one place is added up
** there. The largest need not, if the tensor is another: it runs before those that write what it
** reads. */
static Node *values_before(Inline *in, const Node *old, Node *n) {
  Scalar *by[MAX_AXES], *dom[MAX_AXES], *windex[MAX_RANK], *own[MAX_RANK];
  int kept = 0, ndom = 0;
  if (n->kind != N_COMP || !n_is_scatter(n)) return n;
  in->reads_base = in->reads_own = false;
  in->into = in->info[old->id].into;
  s_walk(n->body, find_base, in);
  if (!in->reads_base || (old == in->largest && !in->reads_own)) return n;
  for (int pass = 0; pass < 2; pass++)
    for (int p = 0; p < n->ndom; p++) {
      if (writes_by(n, p) != (pass == 0)) continue;
      by[p] = s_axis(ndom);
      dom[ndom++] = n->dom[p];
      kept += pass == 0;
    }
  if (kept > MAX_RANK || kept == 0) return n;
  for (int d = 0; d < kept; d++) own[d] = s_axis(d);
  for (int d = 0; d < n->rank; d++) windex[d] = s_subst_axes(n->windex[d], n->ndom, by);
  Node *value = n_comp((Dtype)n->dtype, kept < ndom ? C_SUM : C_SET, kept, dom, ndom, dom, own,
                       NULL, s_subst_axes(n->body, n->ndom, by));
  return n_comp((Dtype)n->dtype, (Combine)n->comb, n->rank, n->dim, kept, dom, windex, n->wrule,
                s_at(value, 0));
}

static void copy_hints(Node *to, const Node *from) {
  if (to == from) return;
  n_like(to, from);
  if (from->loc.line && to->loc.line != from->loc.line && !from->name) return;
  to->loc = from->loc;
}

/* Whether `now`, made of n, reads a tensor that nothing else reads, and that is no result. */
static bool reads_alone(const Inline *in, const Node *n, const Node *now) {
  if (now->kind != N_COMP || now->narg != 1 || n->narg != 1) return false;
  const Info *x = &in->info[n->arg[0]->id];
  return x->now == now->arg[0] && !x->inlined && x->nuser == 1 && !x->kept;
}

static Node *rebuild_comp(Inline *in, Node *n) {
  const Info *t = &in->info[n->id];
  Scalar *windex[MAX_RANK];
  in->dom = n->dom;
  in->ndom = n->ndom;
  Scalar *body = s_rewrite(n->body, replace_read, in);
  for (int d = 0; d < n->rank; d++) windex[d] = s_rewrite(n->windex[d], replace_read, in);
  bool same = body == n->body;
  for (int d = 0; d < n->rank; d++) same = same && windex[d] == n->windex[d];
  Node *now = same ? n
                   : n_comp((Dtype)n->dtype, (Combine)n->comb, n->rank, n->dim, n->ndom, n->dom,
                            windex, n->wrule, body);
  double factor;
  now = sum_without_factor(sum_of_one(now), &factor);
  now = few_terms(now);
  if (!t->kept && !t->beside && now->kind == N_COMP) now = n_squeezed(now);
  if (reads_alone(in, n, now)) now = contraction_as_read(now);
  if (now->kind == N_COMP) now = is_contraction(now) ? plain_contraction(now) : plain_windows(now);
  if (now->kind == N_COMP && is_contraction(now) && !is_summed_first(now))
    now = unit_stride_contraction(now);
  if (factor == 1) return now;
  return n_map(now->rank, now->dim, s_mul(s_const((Dtype)now->dtype, factor), s_at(now, 0)));
}

static Node *rebuild_node(Inline *in, Node *n) {
  Node *arg[n->narg > 0 ? n->narg : 1], *now = n;
  bool same = true;
  mod->here = n->loc; /* of what is born here */
  if (n->kind == N_COMP) {
    now = rebuild_comp(in, n);
    if (in->info[n->id].into) now = values_before(in, n, now);
  } else {
    for (int k = 0; k < n->narg; k++) {
      arg[k] = in->info[n->arg[k]->id].now;
      same = same && arg[k] == n->arg[k];
    }
    if (same) return n;
    if (n->kind == N_CALL) now = n_call(n->fn, arg);
    if (n->kind == N_PROJ) now = n_proj(arg[0], n->k);
    if (n->kind == N_LOOP)
      now = n_guarded(n_loop(n->fn, n->trip, n->ncarry, n->nslice, n->narg - n->ncarry - n->nslice,
                             arg, n->nstack, n->nsum, n->reverse, n->unroll, n->checkpoint),
                      (Guard)n->guard);
  }
  copy_hints(now, n);
  return now;
}

typedef struct ReadCount {
  Node *of;
  int n, ndom; /* ndom: axes of the reader */
  bool beside, elsewhere;
} ReadCount;

static bool is_elsewhere(const Scalar *read, int ndom) {
  bool here = read->narg == ndom;
  for (int d = 0; d < read->narg && here; d++)
    here = read->arg[d] == s_axis(d) && read->rule[d] == R_NONE;
  return !here;
}

static void count_reads_of(void *ctx, Scalar *s) {
  ReadCount *c = ctx;
  if (s->kind == S_READ && s->tensor == c->of) {
    c->n++;
    c->beside |= reads_beside_one(s);
    c->elsewhere |= is_elsewhere(s, c->ndom);
  }
}

/* Notes what n does with each tensor it takes. */
static void note_uses(Inline *in, Node *n) {
  bool contraction = n->kind == N_COMP && is_contraction(n);
  bool view = n->kind == N_COMP && is_view(n);
  double evals = n->kind == N_COMP ? usual_count(n->ndom, n->dom) : 0;
  for (int k = 0; k < n->narg; k++) {
    Info *t = &in->info[n->arg[k]->id];
    t->nuser++;
    if (n->kind != N_COMP) {
      t->kept = true;
      continue;
    }
    ReadCount c = {.of = n->arg[k], .ndom = n->ndom};
    s_walk(n->body, count_reads_of, &c);
    t->beside |= c.beside;
    t->elsewhere |= c.elsewhere;
    t->evals += evals * (c.n > 0 ? c.n : 1);
    t->to_contraction |= contraction;
    t->to_view |= view;
    for (int d = 0; d < n->rank; d++) {
      c.n = 0;
      s_walk(n->windex[d], count_reads_of, &c);
      if (c.n) t->kept = true;
    }
  }
}

/* Notes which scatters go straight into which tensors. */
static void note_bases(Inline *in, Node *n) {
  for (int k = 0; n->kind == N_COMP && k < n->narg; k++) {
    Node *s = n->arg[k], *base, *scatter;
    if (s->kind != N_COMP || in->info[s->id].nuser != 1) continue;
    if (!scatters_into(n, s, &base, &scatter) || base->kind != N_PARAM) continue;
    in->info[s->id].into = base;
    in->info[base->id].base = true;
    if (!in->largest || values_of(s) > values_of(in->largest)) in->largest = s;
  }
}

void fuse_inline(Func *f) {
  if (f->opaque) return;
  Arena *a = arena_new();
  Inline in = {.a = a, .n = mod->nnode, .info = NEWN(a, Info, mod->nnode)};
  Order o = graph_order(a, f->nresult, f->result);
  for (int k = 0; k < o.n; k++) note_uses(&in, o.node[k]);
  for (int k = 0; k < f->nresult; k++) in.info[f->result[k]->id].kept = true;
  for (int k = 0; k < o.n; k++) note_bases(&in, o.node[k]);
  for (int k = 0; k < o.n; k++) {
    Node *n = o.node[k];
    Info *t = &in.info[n->id];
    t->now = rebuild_node(&in, n);
    t->inlined = n->kind == N_COMP && t->now->kind == N_COMP && should_inline(t, t->now);
  }
  for (int k = 0; k < f->nresult; k++) f->result[k] = in.info[f->result[k]->id].now;
  arena_free(a);
}
