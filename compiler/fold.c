/*
** fold.c: scatters through a boundary rule, as a padded scatter that is folded back
**
**   out[mirror(i + k)] += body   becomes   P[i + k - lo] += body        (unit stride: a gather)
**                                          out[a] = sum of P[e - lo] over all e with mirror(e) = a
**
** The e with rule(e) = a: wrap a + n t; mirror a + 2n t, -1 - a + 2n t; reflect a + 2(n-1) t,
** -a + 2(n-1) t; clamp a, and everything outside for the edges. One axis at a time.
**
** A run-time n is nearly always larger than the reach k of e, and then t is -1, 0 or 1:
**
**   out[a] = where(n < k, few[a], P[a - lo] + P[-1 - a - lo] + ..)      few is empty unless n < k
*/
#include <string.h>
#include "ir.h"

enum { MAX_UNROLLED = 4 };

typedef struct Fold {
  Node *p;             /* padded along axis d by: index e sits at e - lo */
  int d;
  Scalar *n, *lo, *hi; /* extent after folding; range of e */
  Scalar *made;        /* how many elements are wanted: n, or 0 where it is large */
  Combine comb;
  Rule rule;
} Fold;

/* P[..., e - lo, ...] at the output position, the identity outside. */
static Scalar *padded_read(const Fold *f, Scalar *e) {
  Scalar *idx[MAX_RANK], *at = s_sub(e, f->lo);
  for (int k = 0; k < f->p->rank; k++) idx[k] = k == f->d ? at : s_axis(k);
  uint8_t rule[MAX_RANK] = {0};
  rule[f->d] = f->comb == C_SUM ? R_ZERO : R_CLAMP; /* safe to evaluate where it is not used */
  Scalar *read = s_read(f->p, idx, rule);
  if (f->comb == C_SUM) return read;
  Scalar *inside = rule_inside(at, f->p->dim[f->d]);
  return s_op3(OP_WHERE, inside, read, s_combine_identity(f->comb, (Dtype)f->p->dtype));
}

static Scalar *combine2(const Fold *f, Scalar *a, Scalar *b) {
  return a ? s_op2(combine_op(f->comb), a, b) : b;
}

/* One family  e = start + period t, t from t0 to t1, added to `sum`; unrolled when t is few. */
static Scalar *add_family(const Fold *f, Scalar *sum, Scalar *start, Scalar *period, Scalar *except,
                          Scalar *t0, Scalar *t1) {
  int64_t a, b;
  Scalar *id = s_combine_identity(f->comb, (Dtype)f->p->dtype);
  if (s_const_value(t0, &a) && s_const_value(t1, &b) && b - a < MAX_UNROLLED) {
    for (int64_t t = a; t <= b; t++) {
      Scalar *v = padded_read(f, s_add(start, s_mul(period, s_int(t))));
      sum = combine2(f, sum, except ? s_op3(OP_WHERE, except, id, v) : v);
    }
    return sum;
  }
  Scalar *dim[MAX_RANK], *trips = s_add(s_sub(t1, t0), s_int(1));
  memcpy(dim, f->p->dim, sizeof *dim * (size_t)f->p->rank);
  dim[f->d] = f->made;
  Scalar *v = padded_read(f, s_add(start, s_mul(period, s_add(s_axis(f->p->rank), t0))));
  if (except) v = s_op3(OP_WHERE, except, id, v);
  Node *part = n_reduce(f->comb, f->p->rank, dim, 1, &trips, v);
  return combine2(f, sum, s_at(part, 0));
}

static Scalar *step_floor(Scalar *x, Scalar *period) { return s_op2(OP_FLOORDIV, x, period); }

/* Where e leaves [0, n) by less than n on both sides, once around is enough; n is to be `least` for
** that. False where the reach is not known. */
static bool goes_once(const Fold *f, bool *before, bool *after, int64_t *least) {
  int64_t lo, over, n;
  if (s_const_value(f->n, &n) || !s_const_value(f->lo, &lo) ||
      !s_const_value(s_sub(f->hi, f->n), &over))
    return false;
  over = over + 1; /* how far the last e is beyond n - 1 */
  *before = lo < 0;
  *after = over > 0;
  *least = (-lo > over ? -lo : over) + (f->rule == R_REFLECT);
  return true;
}

/* A window of exactly n positions meets every element once: P turned by lo. */
static Scalar *rotated_read(const Fold *f) {
  Scalar *idx[MAX_RANK];
  uint8_t rule[MAX_RANK] = {0};
  for (int k = 0; k < f->p->rank; k++) idx[k] = s_axis(k);
  idx[f->d] = s_sub(s_axis(f->d), f->lo);
  rule[f->d] = R_WRAP;
  return s_read(f->p, idx, rule);
}

static Scalar *fold_once(const Fold *f, bool before, bool after) {
  Scalar *a = s_axis(f->d), *zero = s_int(0), *one = s_int(1), *last = s_sub(f->n, one), *edge;
  Scalar *sum = padded_read(f, a), *id = s_combine_identity(f->comb, (Dtype)f->p->dtype), *v;
  Scalar *mirrored = s_sub(f->rule == R_MIRROR ? s_int(-1) : zero, a); /* e below 0 */
  Scalar *period = s_mul(s_int(2), f->rule == R_MIRROR ? f->n : last);
  if (f->rule == R_WRAP) {
    if (before) sum = combine2(f, sum, padded_read(f, s_sub(a, f->n)));
    return after ? combine2(f, sum, padded_read(f, s_add(a, f->n))) : sum;
  }
  for (int side = 0; side < 2; side++) {
    if (!(side ? after : before)) continue;
    v = padded_read(f, side ? s_add(mirrored, period) : mirrored);
    edge = s_op2(OP_EQ, a, side ? last : zero);
    sum = combine2(f, sum, f->rule == R_REFLECT ? s_op3(OP_WHERE, edge, id, v) : v);
  }
  return sum;
}

/* All e of an element, for any n. */
static Scalar *fold_families(const Fold *f) {
  Scalar *a = s_axis(f->d), *one = s_int(1), *last = s_sub(f->n, one), *sum = NULL, *period,
         *except;
  switch (f->rule) {
  case R_WRAP:
    return add_family(f, NULL, a, f->n, NULL, step_floor(f->lo, f->n), step_floor(f->hi, f->n));
  case R_MIRROR:
    period = s_mul(s_int(2), f->n);
    sum = add_family(f, NULL, a, period, NULL,
                     step_floor(s_add(s_sub(f->lo, last), s_sub(period, one)), period),
                     step_floor(f->hi, period));
    return add_family(f, sum, s_sub(s_int(-1), a), period, NULL,
                      step_floor(s_add(f->lo, period), period),
                      step_floor(s_add(f->hi, f->n), period));
  default: /* R_REFLECT */
    period = s_op2(OP_MAX, s_mul(s_int(2), last), one);
    sum = add_family(f, NULL, a, period, NULL,
                     step_floor(s_add(s_sub(f->lo, last), s_sub(period, one)), period),
                     step_floor(f->hi, period));
    except = s_op2(OP_OR, s_op2(OP_EQ, a, s_int(0)), s_op2(OP_EQ, a, last));
    return add_family(f, sum, s_sub(s_int(0), a), period, except,
                      step_floor(s_add(f->lo, s_sub(period, one)), period),
                      step_floor(s_add(f->hi, last), period));
  }
}

/* The elements where n < least, else none, and the choice between them and those of fold_once. */
static Scalar *fold_few(Fold f, int64_t least, Scalar *once) {
  Scalar *dim[MAX_RANK], *idx[MAX_RANK], *gap = s_sub(s_int(least), f.n);
  uint8_t rule[MAX_RANK] = {0};
  f.made = s_op2(OP_MAX, s_op2(OP_MIN, f.n, s_mul(f.n, gap)), s_int(0));
  for (int k = 0; k < f.p->rank; k++) {
    dim[k] = k == f.d ? f.made : f.p->dim[k];
    idx[k] = s_axis(k);
  }
  rule[f.d] = R_ZERO;
  Node *few = n_named(n_map(f.p->rank, dim, fold_families(&f)), "few");
  return s_op3(OP_WHERE, s_op2(OP_GT, gap, s_int(0)), s_read(few, idx, rule), once);
}

static Scalar *fold_periodic(const Fold *f) {
  bool before, after;
  int64_t least;
  if (f->rule == R_WRAP && f->p->dim[f->d] == f->n) return rotated_read(f);
  if (!goes_once(f, &before, &after, &least)) return fold_families(f);
  Scalar *once = fold_once(f, before, after);
  return s_prove_ge(f->n, s_int(least)) ? once : fold_few(*f, least, once);
}

/* Everything of P beyond one edge, combined: a tensor without axis d. */
static Scalar *fold_side(const Fold *f, Scalar *from, Scalar *count) {
  Scalar *dim[MAX_RANK], *idx[MAX_RANK], *at[MAX_RANK];
  int r = 0;
  for (int k = 0; k < f->p->rank; k++) {
    if (k == f->d) continue;
    dim[r] = f->p->dim[k];
    at[r] = s_axis(k);
    idx[k] = s_axis(r++);
  }
  idx[f->d] = s_add(s_sub(from, f->lo), s_axis(r));
  Node *side = n_reduce(f->comb, r, dim, 1, &count, s_read(f->p, idx, NULL));
  return s_read(side, at, NULL);
}

static Scalar *fold_clamp(const Fold *f) {
  Scalar *a = s_axis(f->d), *zero = s_int(0), *last = s_sub(f->n, s_int(1));
  Scalar *id = s_combine_identity(f->comb, (Dtype)f->p->dtype), *sum = padded_read(f, a);
  Scalar *from = s_op2(OP_MAX, f->n, f->lo); /* e from `from` on reads the last element */
  Scalar *left = s_op2(OP_MIN, s_op2(OP_MAX, s_sub(zero, f->lo), zero), f->p->dim[f->d]);
  Scalar *right = s_op2(OP_MAX, s_sub(s_add(f->hi, s_int(1)), from), zero);
  if (!s_prove_ge(f->lo, zero))
    sum = combine2(f, sum, s_op3(OP_WHERE, s_op2(OP_EQ, a, zero), fold_side(f, f->lo, left), id));
  if (!s_prove_ge(last, f->hi))
    sum = combine2(f, sum, s_op3(OP_WHERE, s_op2(OP_EQ, a, last), fold_side(f, from, right), id));
  return sum;
}

Node *gather_folded(Node *n) {
  Scalar *lo[MAX_RANK], *hi[MAX_RANK], *dim[MAX_RANK], *windex[MAX_RANK];
  uint8_t rule[MAX_RANK];
  if (n->comb == C_SET) return n;
  for (int d = 0; d < n->rank; d++) {
    dim[d] = n->dim[d];
    windex[d] = n->windex[d];
    rule[d] = n->wrule[d];
    if (rule[d] <= R_ZERO) continue;
    if (!s_range(n->windex[d], n->ndom, n->dom, &lo[d], &hi[d])) return n;
    rule[d] = R_NONE;
    dim[d] = range_extent(lo[d], hi[d]);
    windex[d] = s_sub(n->windex[d], lo[d]);
  }
  Node *p = n_comp((Dtype)n->dtype, (Combine)n->comb, n->rank, dim, n->ndom, n->dom, windex, rule,
                   n->body);
  Node *gathered = gather_node(p);
  if (gathered == p && n_is_scatter(p)) return n;
  p = n_named(gathered, n->name ? str_format("%s_padded", n->name) : NULL);
  for (int d = 0; d < n->rank; d++) {
    if (n->wrule[d] <= R_ZERO) continue;
    Fold f = {p, d, n->dim[d], lo[d], hi[d], n->dim[d], (Combine)n->comb, (Rule)n->wrule[d]};
    dim[d] = n->dim[d];
    p = n_map(n->rank, dim, f.rule == R_CLAMP ? fold_clamp(&f) : fold_periodic(&f));
  }
  return n_like(p, n);
}
