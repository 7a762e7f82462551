/*
** range.c: bounds of integer Scalars, and what follows from them
**
** With AXIS(p) in [0, dom[p]) every index has bounds that are Scalars over sizes. Proofs hold for
** all sizes from 1: a polynomial in N is >= 0 when, in N' = N - 1, no coefficient is negative.
** (With a size of 0 a domain is empty and nothing in it is evaluated.)
*/
#include <string.h>
#include "ir.h"

enum { MAX_DEPTH = 6 };
static const int64_t HUGE_INDEX = (int64_t)1 << 60; /* beyond: the identity of a max or min */

static bool prove_nonneg(Scalar *s, int depth);

static Scalar *size_plus_one(void *ctx, Scalar *s) {
  (void)ctx;
  return s->kind == S_SIZE ? s_add(s, s_int(1)) : NULL;
}

/* The first atom of s that case analysis or a bound can remove. */
static Scalar *find_atom(Arena *a, Scalar *s, int64_t *coef) {
  Poly p = poly_of(a, s);
  for (int k = 0; k < p.n; k++)
    for (int f = 0; f < p.term[k].nfac; f++) {
      Scalar *x = p.term[k].fac[f];
      if (x->kind != S_OP) continue;
      *coef = p.term[k].nfac == 1 ? p.term[k].coef : 0;
      return x;
    }
  return NULL;
}

/* s >= 0 by bounding or splitting the atom x, which stands in s with coefficient coef. */
static bool prove_by_atom(Scalar *s, Scalar *x, int64_t coef, int depth) {
  int64_t d;
  Scalar *a = x->narg > 0 ? x->arg[0] : NULL, *b = x->narg > 1 ? x->arg[1] : NULL;
  switch (x->op) {
  case OP_MIN:
  case OP_MAX: {
    bool first, low = (x->op == OP_MAX) == (coef > 0); /* replacing gives a lower bound */
    if (!coef) low = false;
    first = prove_nonneg(s_replace(s, x, a), depth);
    if (low && first) return true;
    if (!low && !first) return false;
    return prove_nonneg(s_replace(s, x, b), depth);
  }
  case OP_WHERE:
    return prove_nonneg(s_replace(s, x, b), depth) &&
           prove_nonneg(s_replace(s, x, x->arg[2]), depth);
  case OP_MOD:
    if (!coef) return false;
    return prove_nonneg(s_replace(s, x, coef > 0 ? s_int(0) : s_sub(b, s_int(1))), depth);
  case OP_FLOORDIV: { /* d * (a // d) lies in [a - d + 1, a] */
    if (!coef || !s_const_value(b, &d) || d <= 0) return false;
    Scalar *bound = coef > 0 ? s_sub(a, s_int(d - 1)) : a;
    Scalar *others = s_sub(s, s_mul(s_int(coef), x));
    return prove_nonneg(s_add(s_mul(s_int(d), others), s_mul(s_int(coef), bound)), depth);
  }
  default: return false;
  }
}

static bool prove_anew(Scalar *s, int depth) {
  int64_t coef;
  Arena *a = arena_new();
  Scalar *atom = find_atom(a, s, &coef);
  bool ok;
  if (atom)
    ok = prove_by_atom(s, atom, coef, depth + 1);
  else {
    Poly p = poly_of(a, s_rewrite(s, size_plus_one, NULL));
    ok = p.k >= 0;
    for (int k = 0; k < p.n; k++) {
      ok = ok && p.term[k].coef >= 0;
      for (int f = 0; f < p.term[k].nfac; f++) ok = ok && p.term[k].fac[f]->kind == S_SIZE;
    }
  }
  arena_free(a);
  return ok;
}

static bool prove_nonneg(Scalar *s, int depth) {
  int64_t v;
  if (s_const_value(s, &v)) return v >= 0;
  if (depth > MAX_DEPTH) return false;
  if (depth) return prove_anew(s, depth);
  Answer *k = answer_slot(ASK_PROOF, s, NULL);
  if (!answer_is(k, ASK_PROOF, s, NULL)) {
    bool ok = prove_anew(s, depth);
    *k = (Answer){.a = s, .what = ASK_PROOF, .ok = ok};
  }
  return k->ok;
}

bool s_prove_ge(Scalar *a, Scalar *b) { return prove_nonneg(s_sub(a, b), 0); }
bool s_prove_lt(Scalar *a, Scalar *b) { return prove_nonneg(s_sub(s_sub(b, a), s_int(1)), 0); }

Scalar *order_gap(const Scalar *atom) {
  if (atom->kind != S_OP || atom->narg != 2 || atom->arg[0]->dtype != DT_I64) return NULL;
  Scalar *x = atom->arg[0], *y = atom->arg[1];
  switch ((OpCode)atom->op) {
  case OP_LE: return s_sub(y, x);
  case OP_GE: return s_sub(x, y);
  case OP_LT: return s_sub(s_sub(y, x), s_int(1));
  case OP_GT: return s_sub(s_sub(x, y), s_int(1));
  default: return NULL;
  }
}

static Scalar *smaller(Scalar *a, Scalar *b) {
  return s_prove_ge(b, a) ? a : s_prove_ge(a, b) ? b : s_op2(OP_MIN, a, b);
}

static Scalar *larger(Scalar *a, Scalar *b) {
  return s_prove_ge(a, b) ? a : s_prove_ge(b, a) ? b : s_op2(OP_MAX, a, b);
}

static bool op_range(Scalar *s, int ndom, Scalar **dom, Scalar **lo, Scalar **hi) {
  Scalar *l[3] = {0}, *h[3] = {0};
  if (s->op == OP_CAST && s->arg[0]->dtype == DT_BOOL) {
    *lo = s_int(0);
    *hi = s_int(1);
    return true;
  }
  int first = s->op == OP_WHERE ? 1 : 0;
  if (s->op != OP_MOD && s->op != OP_MIN && s->op != OP_MAX && s->op != OP_WHERE &&
      s->op != OP_FLOORDIV)
    return false;
  bool known = true;
  for (int k = first; k < s->narg; k++)
    known = s_range(s->arg[k], ndom, dom, &l[k], &h[k]) && known;
  if (s->op == OP_MOD) {
    if (!s_range(s->arg[1], ndom, dom, &l[1], &h[1]) || !s_prove_ge(l[1], s_int(1))) return false;
    bool within = known && s_prove_ge(l[0], s_int(0)) && s_prove_lt(h[0], l[1]);
    *lo = within ? l[0] : s_int(0);
    *hi = within ? h[0] : s_sub(h[1], s_int(1));
    return true;
  }
  if (!known && (s->op == OP_MIN || s->op == OP_MAX)) return false;
  if (!known) return false;
  switch (s->op) {
  case OP_FLOORDIV:
    if (l[1] != h[1] || !s_prove_ge(l[1], s_int(1))) return false;
    *lo = s_op2(OP_FLOORDIV, l[0], l[1]);
    *hi = s_op2(OP_FLOORDIV, h[0], l[1]);
    return true;
  case OP_MIN: *lo = smaller(l[0], l[1]), *hi = smaller(h[0], h[1]); return true;
  case OP_MAX: *lo = larger(l[0], l[1]), *hi = larger(h[0], h[1]); return true;
  default: *lo = smaller(l[1], l[2]), *hi = larger(h[1], h[2]); return true;
  }
}

static bool atom_range(Scalar *s, int ndom, Scalar **dom, Scalar **lo, Scalar **hi) {
  switch ((ScalarKind)s->kind) {
  case S_CONST:
  case S_SIZE: *lo = *hi = s; return true;
  case S_AXIS:
    if (s->axis >= ndom) return false;
    *lo = s_int(0);
    *hi = s_sub(dom[s->axis], s_int(1));
    return true;
  case S_OP: return op_range(s, ndom, dom, lo, hi);
  default: return false;
  }
}

/* coef * product of factors; several factors must all be >= 0. */
static bool term_range(const Term *t, int ndom, Scalar **dom, Scalar **lo, Scalar **hi) {
  Scalar *l = s_int(1), *h = s_int(1);
  for (int f = 0; f < t->nfac; f++) {
    Scalar *fl, *fh;
    if (!atom_range(t->fac[f], ndom, dom, &fl, &fh)) return false;
    if (t->nfac > 1 && !s_prove_ge(fl, s_int(0))) return false;
    l = s_mul(l, fl);
    h = s_mul(h, fh);
  }
  Scalar *c = s_int(t->coef);
  *lo = s_mul(c, t->coef > 0 ? l : h);
  *hi = s_mul(c, t->coef > 0 ? h : l);
  return true;
}

bool s_range(Scalar *s, int ndom, Scalar **dom, Scalar **lo, Scalar **hi) {
  if (s->dtype != DT_I64) return false;
  Arena *a = arena_new();
  Poly p = poly_of(a, s);
  bool ok = p.k > -HUGE_INDEX && p.k < HUGE_INDEX; /* no overflow below */
  *lo = *hi = s_int(p.k);
  for (int k = 0; k < p.n && ok; k++) {
    Scalar *l, *h;
    if ((ok = term_range(&p.term[k], ndom, dom, &l, &h))) {
      *lo = s_add(*lo, l);
      *hi = s_add(*hi, h);
    }
  }
  arena_free(a);
  return ok;
}

/* hi - lo + 1, or 0 where an empty domain makes hi less than that. */
Scalar *range_extent(Scalar *lo, Scalar *hi) {
  Scalar *n = s_add(s_sub(hi, lo), s_int(1));
  return s_prove_ge(n, s_int(0)) ? n : s_op2(OP_MAX, n, s_int(0));
}

/* Whether index < extent by min(x, y) <= (x + y) / 2, as where a mirror turns back. */
static bool turns_back(Scalar *index, Scalar *extent, int ndom, Scalar **dom) {
  Scalar *lo, *hi;
  if (index->kind != S_OP || index->op != OP_MIN) return false;
  return s_range(s_add(index->arg[0], index->arg[1]), ndom, dom, &lo, &hi) &&
         s_prove_lt(hi, s_mul(s_int(2), extent));
}

bool index_inside(Scalar *index, Scalar *extent, int ndom, Scalar **dom) {
  Scalar *lo, *hi;
  return s_range(index, ndom, dom, &lo, &hi) && s_prove_ge(lo, s_int(0)) &&
         (s_prove_lt(hi, extent) || turns_back(index, extent, ndom, dom));
}

/* Simplification that needs the ranges of the axes */

typedef struct Domain {
  int n;
  Scalar **extent;
} Domain;

static Scalar *leaf_within(void *ctx, Scalar *s) {
  const Domain *d = ctx;
  if (s->kind == S_AXIS && s->axis < d->n) return s_is_int(d->extent[s->axis], 1) ? s_int(0) : NULL;
  if (s->kind == S_READ) { /* a rule that never applies goes */
    uint8_t rule[MAX_RANK];
    bool changed = false;
    for (int k = 0; k < s->narg; k++) {
      rule[k] = s->rule[k];
      if (rule[k] != R_NONE && index_inside(s->arg[k], s->tensor->dim[k], d->n, d->extent))
        rule[k] = R_NONE, changed = true;
    }
    if (changed) return s_read(s->tensor, s->arg, rule);
  }
  return NULL;
}

static Scalar *compare_within(Scalar *s, Scalar *lo, Scalar *hi) {
  Scalar *zero = s_int(0), *yes = s_iconst(DT_BOOL, 1), *no = s_iconst(DT_BOOL, 0);
  bool negative = s_prove_lt(hi, zero), positive = s_prove_lt(zero, lo);
  bool nonneg = s_prove_ge(lo, zero), nonpos = s_prove_ge(zero, hi);
  switch (s->op) {
  case OP_LT: return negative ? yes : nonneg ? no : NULL;
  case OP_GE: return nonneg ? yes : negative ? no : NULL;
  case OP_GT: return positive ? yes : nonpos ? no : NULL;
  case OP_LE: return nonpos ? yes : positive ? no : NULL;
  case OP_EQ: return negative || positive ? no : nonneg && nonpos ? yes : NULL;
  case OP_NE: return negative || positive ? yes : nonneg && nonpos ? no : NULL;
  case OP_MIN: return nonpos ? s->arg[0] : nonneg ? s->arg[1] : NULL;
  case OP_MAX: return nonneg ? s->arg[0] : nonpos ? s->arg[1] : NULL;
  default: return NULL;
  }
}

static Scalar *sum_of_terms(const Poly *p, int64_t by, bool multiples) {
  Scalar *sum = s_int(0);
  for (int k = 0; k <= p->n; k++) {
    int64_t c = k < p->n ? p->term[k].coef : p->k;
    if ((c % by == 0) != multiples) continue;
    Scalar *term = s_int(multiples ? c / by : c);
    for (int f = 0; k < p->n && f < p->term[k].nfac; f++) term = s_mul(term, p->term[k].fac[f]);
    sum = s_add(sum, term);
  }
  return sum;
}

/* (g a + r) // (g d) = a // d  and  (g a + r) % (g d) = g (a % d) + r  where 0 <= r < g. */
static Scalar *divide_within(const Domain *d, Scalar *s) {
  int64_t by;
  Scalar *lo, *hi;
  if (!s_const_value(s->arg[1], &by) || by < 2) return NULL;
  Poly p = poly_of(mod->arena, s->arg[0]);
  for (int k = 0; k < p.n; k++) {
    int64_t g = p.term[k].coef;
    if (g < 2 || g >= by || by % g) continue;
    Scalar *rest = sum_of_terms(&p, g, false), *whole = sum_of_terms(&p, g, true);
    if (!s_range(rest, d->n, d->extent, &lo, &hi) || !s_prove_ge(lo, s_int(0)) ||
        !s_prove_lt(hi, s_int(g)))
      continue;
    if (s->op == OP_FLOORDIV) return s_op2(OP_FLOORDIV, whole, s_int(by / g));
    return s_add(s_mul(s_int(g), s_op2(OP_MOD, whole, s_int(by / g))), rest);
  }
  return NULL;
}

static Scalar *op_within(void *ctx, Scalar *s) {
  const Domain *d = ctx;
  Scalar *lo, *hi;
  if (s->narg != 2 || s->arg[0]->dtype != DT_I64) return NULL;
  if (s->op == OP_FLOORDIV || s->op == OP_MOD) {
    if (!s_range(s->arg[0], d->n, d->extent, &lo, &hi) || !s_prove_ge(lo, s_int(0)) ||
        !s_prove_lt(hi, s->arg[1]))
      return divide_within(d, s);
    return s->op == OP_MOD ? s->arg[0] : s_int(0);
  }
  bool ordered = op_info[s->op].kind == 'b' || s->op == OP_MIN || s->op == OP_MAX;
  if (!ordered || !s_range(s_sub(s->arg[0], s->arg[1]), d->n, d->extent, &lo, &hi)) return NULL;
  return compare_within(s, lo, hi);
}

Scalar *simplify_within(Scalar *s, int ndom, Scalar **dom) {
  Domain d = {ndom, dom};
  return s_rewrite_ops(s, leaf_within, op_within, &d);
}
