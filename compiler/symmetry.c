/*
** symmetry.c: sums that are the same since a tensor they read is symmetric are computed once
**
**   s[i, j] = f(sum k. (x[i, k] - x[j, k])^2)                  s[i, j] = s[j, i]
**   a[i, j] = sum k. (x[i, j] - x[k, j]) * s[i, k]
**   b[i, j] = sum k. (x[k, j] - x[i, j]) * s[k, i]   becomes   b = -a
**
** The derivative of whatever is made of distances, or of products of rows, has both: one by way of
** each of two rows. So has that of sums of |x[i] - x[j]|, by signs of differences. Two bodies are
** compared with the indices of symmetric tensors and the sides of differences in one order; those of
** what commutes are in one anyway (ir.c). What is computed stays as it was, but for what is added to
** itself, as where both were put under one product (fuse_factor.c):
**
**   g[i, j] = sum k. (x[i, j] - x[k, j]) * (s[i, k] + s[k, i])
**   becomes   h[i, j] = sum k. (x[i, j] - x[k, j]) * s[i, k];   g = 2 * h
*/
#include "diff.h"
#include "fuse.h"

/* The two axes of a tensor that may change places; none where both are 0. */
typedef struct Swap { int p, q; } Swap;

typedef struct Symmetry {
  Arena *a;
  IdMap swap;      /* id of a node -> its place in swaps */
  int nswap;
  Swap *swaps;
  IdMap first;     /* id of a sum with its body in order -> its place in sums */
  int nsum, nmade;
  Node **sum;      /* as they were */
  bool *negated;   /* putting its body in order changed the sign */
  Node **made;     /* what stands for negations and multiples of sums */
  bool found;      /* a read of a symmetric tensor, or the sign of a difference */
} Symmetry;

static bool comes_first(const Scalar *x, const Scalar *y) {
  if (x->kind == S_AXIS && y->kind == S_AXIS) return x->axis <= y->axis;
  return x->id <= y->id;
}

static Scalar *order_read(void *ctx, Scalar *s) {
  Symmetry *y = ctx;
  int at = s->kind == S_READ ? idmap_get(&y->swap, s->tensor->id) : -1;
  if (at < 0) return NULL;
  int p = y->swaps[at].p, q = y->swaps[at].q;
  Scalar *index[MAX_RANK];
  y->found = true;
  if (comes_first(s->arg[p], s->arg[q]) || s->rule[p] != s->rule[q]) return NULL;
  for (int d = 0; d < s->narg; d++) index[d] = s->arg[d == p ? q : d == q ? p : d];
  return s_read(s->tensor, index, s->rule);
}

static Scalar *raw2(OpCode op, Scalar *x, Scalar *y) {
  return s_raw(op, (Dtype)x->dtype, 2, (Scalar *[]){x, y});
}

/* x - y or, where they are not in order, y - x; NULL: s is no difference, or in order. */
static Scalar *turned(const Scalar *s) {
  if (s->kind != S_OP || s->op != OP_SUB || comes_first(s->arg[0], s->arg[1])) return NULL;
  return raw2(OP_SUB, s->arg[1], s->arg[0]);
}

static Scalar *order_op(void *ctx, Scalar *s) {
  Symmetry *y = ctx;
  if (s->kind != S_OP || !dtype_is_float((Dtype)s->dtype)) return NULL;
  if (s->op == OP_SIGN && s->arg[0]->kind == S_OP && s->arg[0]->op == OP_SUB) y->found = true;
  Scalar *d = s->op == OP_ABS || s->op == OP_MUL ? turned(s->arg[0]) : NULL;
  if (d && s->op == OP_ABS) return s_raw(OP_ABS, (Dtype)s->dtype, 1, &d);
  return d && s->arg[0] == s->arg[1] ? raw2(OP_MUL, d, d) : NULL;
}

static Scalar *ordered(Symmetry *y, Scalar *s) {
  return s_rewrite_ops(s, order_read, order_op, y);
}

/* The axes of n's result that may change places. */
static Swap swap_of(Symmetry *y, const Node *n) {
  if (!n_is_reduction(n)) return (Swap){0};
  for (int p = 0; p < n->rank; p++)
    for (int q = p + 1; q < n->rank; q++) {
      if (n->dim[p] != n->dim[q] || s_is_int(n->dim[p], 1)) continue;
      Scalar *by[MAX_AXES] = {0};
      by[p] = s_axis(q), by[q] = s_axis(p);
      if (ordered(y, n->body) == ordered(y, s_subst_axes(n->body, n->ndom, by)))
        return (Swap){p, q};
    }
  return (Swap){0};
}

/* The factors of s with their differences, and those they are signs of, in order; *negated: that
** changed the sign. */
static Scalar *order_factors(Scalar *s, bool *negated) {
  Scalar *d = turned(s);
  if (s->kind == S_OP && s->op == OP_SIGN && (d = turned(s->arg[0])))
    d = s_raw(OP_SIGN, (Dtype)s->dtype, 1, &d);
  if (d) *negated = !*negated;
  if (d || s->kind != S_OP || s->op != OP_MUL) return d ? d : s;
  return raw2(OP_MUL, order_factors(s->arg[0], negated), order_factors(s->arg[1], negated));
}

/* The sum n, or an earlier one that is the same. */
static Node *earlier(Symmetry *y, Node *n) {
  bool negated = false;
  y->found = false;
  Scalar *body = ordered(y, n->body);
  if (!y->found) return n;
  body = order_factors(body, &negated);
  Node *key = n_comp((Dtype)n->dtype, C_SUM, n->rank, n->dim, n->ndom, n->dom, n->windex, n->wrule,
                     body);
  int at = idmap_get(&y->first, key->id);
  if (at < 0) {
    idmap_set(&y->first, key->id, y->nsum);
    y->sum[y->nsum] = n;
    y->negated[y->nsum++] = negated;
    return n;
  }
  if (y->negated[at] == negated) return y->sum[at];
  Node *made = n_map(n->rank, n->dim, s_op1(OP_NEG, s_at(y->sum[at], 0)));
  y->made[y->nmade++] = made;
  return n_like(made, n);
}

static Scalar *read_as(void *ctx, Scalar *s) {
  const Scalar *at = ctx;
  return s->kind == S_READ ? s_read(s->tensor, at->arg, at->rule) : NULL;
}

static Scalar *read_made(void *ctx, Scalar *s) {
  const Symmetry *y = ctx;
  for (int k = 0; k < y->nmade && s->kind == S_READ; k++)
    if (y->made[k] == s->tensor) return s_rewrite(s->tensor->body, read_as, s);
  return NULL;
}

/* x + y as 2 * x where a symmetric tensor makes them the same. */
static Scalar *doubled(void *ctx, Scalar *s) {
  Symmetry *y = ctx;
  if (!y->nswap || s->kind != S_OP || s->op != OP_ADD || !dtype_is_float((Dtype)s->dtype)) return NULL;
  if (!s_has_read(s->arg[0]) || ordered(y, s->arg[0]) != ordered(y, s->arg[1])) return NULL;
  return s_mul(s_const((Dtype)s->dtype, 2), s->arg[0]);
}

/* The sum n, or an earlier one that is the same; of c times a term, c times that of the terms. */
static Node *sum_once(Symmetry *y, Node *n, bool changed) {
  const Scalar *b = n->body;
  if (!changed || b->kind != S_OP || b->op != OP_MUL || b->arg[0]->kind != S_CONST)
    return earlier(y, n);
  Node *terms = earlier(y, n_like(n_with_body(n, b->arg[1]), n));
  if (terms->kind != N_COMP) return n;
  Scalar *times = s_mul(b->arg[0], s_rewrite(s_at(terms, 0), read_made, y));
  Node *made = n_map(n->rank, n->dim, times);
  y->made[y->nmade++] = made;
  return n_like(made, n);
}

static Node *symmetric_node(void *ctx, Node *n) {
  Symmetry *y = ctx;
  bool changed = false;
  if (n->kind != N_COMP) return n;
  if ((y->nmade || y->nswap) && !n_is_scatter(n)) {
    Scalar *body = s_rewrite_ops(n->body, read_made, doubled, y);
    changed = body != n->body;
    if (changed) n = n_like(n_with_body(n, body), n);
  }
  if (n->kind != N_COMP || !dtype_is_float((Dtype)n->dtype)) return n;
  bool sum = n->comb == C_SUM && n_is_reduction(n) && n->ndom > n->rank;
  Node *same = sum ? sum_once(y, n, changed) : n;
  Swap s = same == n ? swap_of(y, n) : (Swap){0};
  if (s.q) {
    y->swaps[y->nswap] = s;
    idmap_set(&y->swap, n->id, y->nswap++);
  }
  return same;
}

void find_symmetry(Func *f) {
  if (f->opaque) return;
  Arena *a = arena_new();
  int n = graph_order(a, f->nresult, f->result).n + 1;
  Symmetry y = {.a = a, .swap = {.a = a}, .first = {.a = a}, .swaps = NEWN(a, Swap, n),
                .sum = NEWN(a, Node *, n), .negated = NEWN(a, bool, n), .made = NEWN(a, Node *, 2 * n)};
  graph_rewrite(f->nresult, f->result, symmetric_node, &y);
  arena_free(a);
}
