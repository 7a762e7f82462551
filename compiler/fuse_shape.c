/*
** fuse_shape.c: axes that need not be there
**
**   r[i, j]: [n, 1] = rsqrt(v[i] + e);  y[i, j] = x[i, j] * r[i, 0]
**   becomes   r[i]: [n] = rsqrt(v[i] + e);  y[i, j] = x[i, j] * r[i]
**
**   p[i] = sum k < m.  where(k == t[i], x[i, k], 0)
**   becomes   p[i] = where(0 <= t[i] && t[i] < m, x[i, t[i]], 0)
**
** What has as many axes as there are loops around it joins their nest; and a sum over one term is a
** read of it.
*/
#include "fuse.h"

static bool is_one(const Scalar *extent) { return s_is_int((Scalar *)extent, 1); }

/* The COMP n without its result axes of extent 1; n, where it has none or is a scatter. */
Node *n_squeezed(Node *n) {
  Scalar *dim[MAX_RANK], *dom[MAX_AXES], *by[MAX_AXES], *windex[MAX_RANK];
  int rank = 0, ndom = 0;
  if (!n_is_reduction(n)) return n;
  for (int p = 0; p < n->ndom; p++) {
    bool drop = p < n->rank && is_one(n->dim[p]);
    by[p] = drop ? s_int(0) : s_axis(ndom);
    if (!drop) dom[ndom++] = n->dom[p];
    if (p >= n->rank || drop) continue;
    windex[rank] = s_axis(rank);
    dim[rank++] = n->dim[p];
  }
  if (rank == n->rank) return n;
  return n_comp((Dtype)n->dtype, (Combine)n->comb, rank, dim, ndom, dom, windex, NULL,
                s_subst_axes(n->body, n->ndom, by));
}

/* A read of a tensor as one of what n_squeezed made of it. */
Scalar *squeezed_read(const Scalar *read, Node *now) {
  Scalar *index[MAX_RANK];
  uint8_t rule[MAX_RANK];
  int rank = 0;
  if (now->rank == read->narg) return s_read(now, (Scalar **)read->arg, read->rule);
  for (int d = 0; d < read->narg; d++) {
    if (is_one(read->tensor->dim[d])) continue;
    rule[rank] = read->rule[d];
    index[rank++] = read->arg[d];
  }
  return s_read(now, index, rule);
}

/* Whether a read may be of nothing along an axis of extent 1: then it is needed. */
bool reads_beside_one(const Scalar *read) {
  for (int d = 0; d < read->narg; d++)
    if (read->rule[d] == R_ZERO && is_one(read->tensor->dim[d])) return true;
  return false;
}

/* The position k of axis p at which alone cond holds: it says k == AXIS(p); or NULL. *rest: what
** else it says, or NULL. */
static Scalar *only_at(Scalar *cond, int p, Scalar **rest) {
  Scalar *coef, *k;
  *rest = NULL;
  if (cond->kind != S_OP) return NULL;
  if (cond->op == OP_AND)
    for (int side = 0; side < 2; side++) {
      Scalar *other = cond->arg[1 - side];
      k = only_at(cond->arg[side], p, rest);
      if (!k) continue;
      *rest = *rest ? s_op2(OP_AND, *rest, other) : other;
      return k;
    }
  if (cond->op != OP_EQ || cond->arg[0]->dtype != DT_I64) return NULL;
  if (!affine_split(s_sub(cond->arg[0], cond->arg[1]), p, &coef, &k)) return NULL;
  if (s_is_int(coef, -1)) return k;
  return s_is_int(coef, 1) ? s_sub(s_int(0), k) : NULL;
}

/* n with its reduced axis p at `k` alone, which may be outside of it. */
static Node *sum_at(const Node *n, int p, Scalar *k, Scalar *guard, Scalar *body) {
  Scalar *dom[MAX_AXES], *at[MAX_AXES] = {0}, *by[MAX_AXES], *zero = s_const((Dtype)n->dtype, 0);
  int ndom = 0;
  if (!index_inside(k, n->dom[p], n->ndom, n->dom)) {
    Scalar *inside = rule_inside(k, n->dom[p]);
    guard = guard ? s_op2(OP_AND, inside, guard) : inside;
    k = rule_index(R_CLAMP, k, n->dom[p]);
  }
  if (guard) body = s_op3(OP_WHERE, guard, body, zero);
  at[p] = k;
  body = s_subst_axes(body, n->ndom, at);
  for (int q = 0; q < n->ndom; q++) {
    by[q] = s_axis(ndom);
    if (q != p) dom[ndom++] = n->dom[q];
  }
  return n_comp((Dtype)n->dtype, ndom > n->rank ? C_SUM : C_SET, n->rank, n->dim, ndom, dom,
                n->windex, n->wrule, s_subst_axes(body, n->ndom, by));
}

/* Whether n's domain may be empty along axis p alone, so that there is no position to be left. */
static bool vanishes_alone(const Node *n, int p) {
  Scalar *other[MAX_AXES];
  int nother = 0;
  for (int q = 0; q < n->ndom; q++)
    if (q != p) other[nother++] = n->dom[q];
  return size_may_vanish(n->dom[p], nother, other);
}

/* A sum over an axis of which its guard leaves one position: the same without the axis. */
Node *sum_of_one(Node *n) {
  Scalar *guard = NULL, *rest, *k;
  if (n->kind != N_COMP || n->comb != C_SUM || !n_is_reduction(n)) return n;
  for (Scalar *b = n->body; b->kind == S_OP && b->op == OP_WHERE && s_is_const(b->arg[2], 0);) {
    for (int p = n->rank; p < n->ndom; p++) {
      k = only_at(b->arg[0], p, &rest);
      if (!k || vanishes_alone(n, p)) continue;
      if (rest) guard = guard ? s_op2(OP_AND, guard, rest) : rest;
      return sum_of_one(sum_at(n, p, k, guard, b->arg[1]));
    }
    guard = guard ? s_op2(OP_AND, guard, b->arg[0]) : b->arg[0];
    b = b->arg[1];
  }
  return n;
}

/* A constant factor of s, which becomes what it is a factor of; 1 where there is none. */
static double take_factor(Scalar **s) {
  Scalar *b = *s;
  if (b->kind != S_OP || !dtype_is_float((Dtype)b->dtype)) return 1;
  if (b->op == OP_NEG) {
    *s = b->arg[0];
    return -take_factor(s);
  }
  for (int k = 0; b->op == OP_MUL && k < 2; k++) {
    if (b->arg[k]->kind != S_CONST) continue;
    *s = b->arg[1 - k];
    return b->arg[k]->f * take_factor(s);
  }
  if (b->op != OP_WHERE || !s_is_const(b->arg[2], 0)) return 1;
  Scalar *inner = b->arg[1];
  double f = take_factor(&inner);
  if (f != 1) *s = s_op3(OP_WHERE, b->arg[0], inner, b->arg[2]);
  return f;
}

/* Sums of c * x are c times the sums of x, which it returns, where c is neither large nor small. Not
** few of so many terms that threads share them in chunks. */
Node *sum_without_factor(Node *n, double *c) {
  enum { FEW = 128, MANY_TERMS = 1 << 14 };
  Scalar *body = n->body;
  *c = 1;
  if (n->kind != N_COMP || n->comb != C_SUM || !n_is_reduction(n) || n->ndom == n->rank) return n;
  bool few = usual_count(n->rank, n->dom) <= FEW;
  if (few && usual_count(n->ndom, n->dom) > MANY_TERMS) return n;
  double f = take_factor(&body), size = f < 0 ? -f : f;
  if (f == 1 || (few && size == 1) || !(size > 1e-6 && size < 1e6)) return n;
  *c = f;
  return n_comp((Dtype)n->dtype, C_SUM, n->rank, n->dim, n->ndom, n->dom, n->windex, n->wrule,
                body);
}

typedef struct Terms {
  const Node *n;
  bool apart; /* a read at an index that is read, or a choice by the number of the term */
} Terms;

static void find_apart(void *ctx, Scalar *s) {
  Terms *t = ctx;
  for (int d = 0; s->kind == S_READ && d < s->narg; d++) t->apart |= s_has_read(s->arg[d]);
  if (s->kind != S_OP || s->op != OP_EQ || s->arg[0]->dtype != DT_I64) return;
  for (int p = t->n->rank; p < t->n->ndom; p++) t->apart |= s_uses_axis(s, p);
}

/* A reduction over few terms that are no vector, by their reads, as a map that has them all. */
Node *few_terms(Node *n) {
  enum { MOST = 8, LONG = 200 };
  int64_t count = 1, v;
  Terms t = {.n = n};
  if (n->kind != N_COMP || n->comb == C_SET || !n_is_reduction(n) || n->ndom == n->rank) return n;
  for (int p = n->rank; p < n->ndom; p++) {
    if (!s_const_value(n->dom[p], &v) || v > MOST) return n;
    count *= v;
  }
  s_walk(n->body, find_apart, &t);
  if (count > MOST || !t.apart || s_cost(n->body) * count > LONG) return n;
  Scalar *all = NULL;
  for (int64_t k = 0; k < count; k++) {
    Scalar *by[MAX_AXES] = {0};
    int64_t rest = k;
    for (int p = n->ndom - 1; p >= n->rank; rest /= v, p--) {
      s_const_value(n->dom[p], &v);
      by[p] = s_int(rest % v);
    }
    Scalar *term = s_subst_axes(n->body, n->ndom, by);
    all = all ? s_op2(combine_op((Combine)n->comb), all, term) : term;
  }
  return all ? n_map(n->rank, n->dim, all) : n;
}
