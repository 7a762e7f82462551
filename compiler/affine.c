/*
** affine.c: the normal form of integer Scalars
**
** An i64 Scalar is a polynomial over atoms (axes, sizes, reads, floor_div, mod, min, ...):
**   k + sum of coef * product of atoms
** kept sorted, so that equal polynomials are equal pointers and `i + 0 - j` never appears. Division
** and modulo by d lose the terms d divides, and  d * (x // d) + x % d  becomes x again; so a
** reshape and its inverse cancel. Ranges and proofs are in range.c.
*/
#include <stdlib.h>
#include <string.h>
#include "ir.h"

enum { MAX_FACTOR = 6 };

bool s_const_value(const Scalar *s, int64_t *v) {
  if (s->kind != S_CONST || dtype_is_float((Dtype)s->dtype)) return false;
  *v = s->i;
  return true;
}

/* Axes first, by number; then everything else in order of creation. */
static int atom_compare(const Scalar *a, const Scalar *b) {
  bool x = a->kind == S_AXIS, y = b->kind == S_AXIS;
  if (x != y) return x ? -1 : 1;
  if (x) return (a->axis > b->axis) - (a->axis < b->axis);
  return (a->id > b->id) - (a->id < b->id);
}

static int factors_compare(const Term *a, const Term *b) {
  for (int k = 0; k < a->nfac && k < b->nfac; k++) {
    int c = atom_compare(a->fac[k], b->fac[k]);
    if (c) return c;
  }
  return a->nfac - b->nfac;
}

static int term_compare(const void *a, const void *b) {
  return factors_compare((const Term *)a, (const Term *)b);
}

/* Sorts, merges equal terms, drops zeros. */
static void poly_tidy(Poly *p) {
  qsort(p->term, (size_t)p->n, sizeof *p->term, term_compare);
  int n = 0;
  for (int k = 0; k < p->n; k++)
    if (n && !factors_compare(&p->term[n - 1], &p->term[k]))
      p->term[n - 1].coef = (int64_t)((uint64_t)p->term[n - 1].coef + (uint64_t)p->term[k].coef);
    else {
      if (n && !p->term[n - 1].coef) n--;
      p->term[n++] = p->term[k];
    }
  if (n && !p->term[n - 1].coef) n--;
  p->n = n;
}

static Poly poly_atom(Arena *a, Scalar *s) {
  Poly p = {0, 1, NEW(a, Term)};
  p.term[0] = (Term){.coef = 1, .nfac = 1, .fac = {s}};
  return p;
}

static Poly poly_sum(Arena *a, Poly x, Poly y, int64_t scale) {
  Poly p = {(int64_t)((uint64_t)x.k + (uint64_t)scale * (uint64_t)y.k), x.n + y.n,
            NEWN(a, Term, x.n + y.n + 1)};
  if (x.n) memcpy(p.term, x.term, sizeof *x.term * (size_t)x.n);
  for (int k = 0; k < y.n; k++) {
    p.term[x.n + k] = y.term[k];
    p.term[x.n + k].coef = (int64_t)((uint64_t)y.term[k].coef * (uint64_t)scale);
  }
  poly_tidy(&p);
  return p;
}

/* The product, or false when a term would have too many factors. */
static bool poly_product(Arena *a, Poly x, Poly y, Poly *out) {
  Poly p = {(int64_t)((uint64_t)x.k * (uint64_t)y.k), 0, NEWN(a, Term, (x.n + 1) * (y.n + 1))};
  for (int i = -1; i < x.n; i++)
    for (int j = -1; j < y.n; j++) {
      if (i < 0 && j < 0) continue;
      Term t = i < 0 ? (Term){.coef = x.k} : x.term[i];
      int64_t c = j < 0 ? y.k : y.term[j].coef;
      t.coef = (int64_t)((uint64_t)t.coef * (uint64_t)c);
      for (int f = 0; j >= 0 && f < y.term[j].nfac; f++) {
        if (t.nfac == MAX_FACTOR) return false;
        int at = t.nfac++;
        for (; at > 0 && atom_compare(y.term[j].fac[f], t.fac[at - 1]) < 0; at--)
          t.fac[at] = t.fac[at - 1];
        t.fac[at] = y.term[j].fac[f];
      }
      p.term[p.n++] = t;
    }
  poly_tidy(&p);
  *out = p;
  return true;
}

Poly poly_of(Arena *a, Scalar *s) {
  Poly out;
  if (s->kind == S_CONST && s->dtype == DT_I64) return (Poly){s->i, 0, NULL};
  if (s->kind == S_OP && s->dtype == DT_I64) switch (s->op) {
    case OP_ADD: return poly_sum(a, poly_of(a, s->arg[0]), poly_of(a, s->arg[1]), 1);
    case OP_SUB: return poly_sum(a, poly_of(a, s->arg[0]), poly_of(a, s->arg[1]), -1);
    case OP_NEG: return poly_sum(a, (Poly){0}, poly_of(a, s->arg[0]), -1);
    case OP_MUL:
      if (poly_product(a, poly_of(a, s->arg[0]), poly_of(a, s->arg[1]), &out)) return out;
      break;
    default: break;
    }
  return poly_atom(a, s);
}

static Scalar *term_scalar(const Term *t, int64_t coef) {
  Scalar *s = coef == 1 && t->nfac ? NULL : s_int(coef);
  for (int k = 0; k < t->nfac; k++)
    s = s ? s_raw(OP_MUL, DT_I64, 2, (Scalar *[]){s, t->fac[k]}) : t->fac[k];
  return s;
}

/* Terms in order, a positive one first where there is one, the constant last. */
Scalar *poly_scalar(Poly p) {
  int first = 0;
  while (first < p.n && p.term[first].coef < 0) first++;
  if (first == p.n) first = 0;
  Scalar *s = NULL;
  bool k_first = p.n && p.term[first].coef < 0 && p.k > 0;
  if (k_first) s = s_int(p.k);
  for (int step = 0; step < p.n; step++) {
    int at = step == 0 ? first : step <= first ? step - 1 : step;
    const Term *t = &p.term[at];
    if (!s)
      s = term_scalar(t, t->coef);
    else if (t->coef < 0 && t->coef != INT64_MIN)
      s = s_raw(OP_SUB, DT_I64, 2, (Scalar *[]){s, term_scalar(t, -t->coef)});
    else
      s = s_raw(OP_ADD, DT_I64, 2, (Scalar *[]){s, term_scalar(t, t->coef)});
  }
  if (!s) return s_int(p.k);
  if (!p.k || k_first) return s;
  if (p.k < 0 && p.k != INT64_MIN)
    return s_raw(OP_SUB, DT_I64, 2, (Scalar *[]){s, s_int(-p.k)});
  return s_raw(OP_ADD, DT_I64, 2, (Scalar *[]){s, s_int(p.k)});
}

/* Division with remainder */

static int64_t floordiv(int64_t x, int64_t d) {
  int64_t q = x / d;
  return q - (x % d != 0 && (x < 0) != (d < 0));
}

/* t / d where d is a single term that divides t. */
static bool term_divide(const Term *t, int64_t dcoef, const Term *d, Term *q) {
  if (t->coef % dcoef) return false;
  *q = (Term){.coef = t->coef / dcoef};
  int f = 0;
  for (int k = 0; k < t->nfac; k++)
    if (d && f < d->nfac && t->fac[k] == d->fac[f])
      f++;
    else
      q->fac[q->nfac++] = t->fac[k];
  return !d || f == d->nfac;
}

/* x = d * quotient + rest, taking every term d divides into the quotient. d: one term or const. */
static bool poly_split(Arena *a, Poly x, Poly d, Poly *quotient, Poly *rest) {
  if (d.n > 1 || (d.n == 1 && d.k) || (d.n == 0 && d.k == 0)) return false;
  int64_t dcoef = d.n ? d.term[0].coef : d.k;
  if (dcoef <= 0) return false;
  const Term *dt = d.n ? &d.term[0] : NULL;
  *quotient = (Poly){0, 0, NEWN(a, Term, x.n + 1)};
  *rest = (Poly){x.k, 0, NEWN(a, Term, x.n + 1)};
  for (int k = 0; k < x.n; k++) {
    Term q;
    if (!term_divide(&x.term[k], dcoef, dt, &q))
      rest->term[rest->n++] = x.term[k];
    else if (q.nfac)
      quotient->term[quotient->n++] = q;
    else
      quotient->k += q.coef;
  }
  if (!dt) {
    quotient->k += floordiv(x.k, dcoef);
    rest->k = x.k - dcoef * floordiv(x.k, dcoef);
  }
  poly_tidy(quotient);
  return true;
}

/* Whether the number r is in [-d, d), where d is a product of sizes: then r // d is -1 or 0. */
static bool is_below(const Poly *r, const Poly *d) {
  if (r->n || !r->k) return !r->n;
  if (d->n != 1 || d->k) return false;
  for (int f = 0; f < d->term[0].nfac; f++)
    if (d->term[0].fac[f]->kind != S_SIZE) return false;
  int64_t least = d->term[0].coef;
  return -least <= r->k && r->k < least;
}

static Scalar *divide(Arena *a, Scalar *x, Scalar *d) {
  Poly q, r, dp = poly_of(a, d);
  if (s_is_int(d, 1)) return x;
  if (!poly_split(a, poly_of(a, x), dp, &q, &r)) return NULL;
  if (q.n || q.k)
    return s_add(poly_scalar(q), s_op2(OP_FLOORDIV, poly_scalar(r), d));
  if (is_below(&r, &dp)) return s_int(r.k < 0 ? -1 : 0);
  if (x->kind == S_OP && x->op == OP_FLOORDIV && s_prove_ge(x->arg[1], s_int(1)) &&
      s_prove_ge(d, s_int(1)))
    return s_op2(OP_FLOORDIV, x->arg[0], s_mul(x->arg[1], d)); /* (y // m) // d = y // (m d) */
  if (x->kind == S_OP && x->op == OP_MOD) { /* (y % (d m)) // d = (y // d) % m */
    Poly m, none;
    if (poly_split(a, poly_of(a, x->arg[1]), dp, &m, &none) && !none.n && !none.k)
      return s_op2(OP_MOD, s_op2(OP_FLOORDIV, x->arg[0], d), poly_scalar(m));
  }
  return NULL;
}

static Scalar *modulo(Arena *a, Scalar *x, Scalar *d) {
  Poly q, r, dp = poly_of(a, d);
  if (s_is_int(d, 1)) return s_int(0);
  if (!poly_split(a, poly_of(a, x), dp, &q, &r)) return NULL;
  if (q.n || q.k) return s_op2(OP_MOD, poly_scalar(r), d);
  if (is_below(&r, &dp)) return r.k < 0 ? s_add(d, s_int(r.k)) : s_int(r.k);
  if (x->kind == S_OP && x->op == OP_MOD) { /* (y % (d m)) % d = y % d */
    Poly m, none;
    if (poly_split(a, poly_of(a, x->arg[1]), dp, &m, &none) && !none.n && !none.k)
      return s_op2(OP_MOD, x->arg[0], d);
  }
  return NULL;
}

/* Finds  c * (x % d) * rest  beside  c * d * (x // d) * rest  and puts c * x * rest for both. */
static bool recombine(Arena *a, Poly *p) {
  for (int k = 0; k < p->n; k++)
    for (int f = 0; f < p->term[k].nfac; f++) {
      Scalar *m = p->term[k].fac[f];
      if (m->kind != S_OP || m->op != OP_MOD || m->dtype != DT_I64) continue;
      Term others = p->term[k];
      memmove(others.fac + f, others.fac + f + 1,
              sizeof *others.fac * (size_t)(others.nfac - f - 1));
      others.nfac--;
      Poly rest = {others.nfac ? 0 : others.coef, others.nfac ? 1 : 0, &others}, want, whole;
      Scalar *q = s_op2(OP_FLOORDIV, m->arg[0], m->arg[1]);
      if (!poly_product(a, rest, poly_of(a, s_mul(m->arg[1], q)), &want)) continue;
      if (want.k || want.n == 0) continue;
      bool all = true; /* every term of `want` must be there, with at least its coefficient */
      for (int w = 0; w < want.n && all; w++) {
        bool found = false;
        for (int t = 0; t < p->n; t++)
          found = found || (!factors_compare(&p->term[t], &want.term[w]) &&
                            p->term[t].coef == want.term[w].coef);
        all = found;
      }
      if (!all || !poly_product(a, rest, poly_of(a, m->arg[0]), &whole)) continue;
      Poly self = {0, 1, NEW(a, Term)};
      self.term[0] = p->term[k];
      *p = poly_sum(a, poly_sum(a, poly_sum(a, *p, self, -1), want, -1), whole, 1);
      return true;
    }
  return false;
}

static bool has_mod(const Poly *p) {
  for (int k = 0; k < p->n; k++)
    for (int f = 0; f < p->term[k].nfac; f++)
      if (p->term[k].fac[f]->kind == S_OP && p->term[k].fac[f]->op == OP_MOD) return true;
  return false;
}

/* The answers of late: a table in which an answer takes the place of an older one. They hold for
** good, since Scalars do not change, and finding one again makes no Scalar that was not there. */

enum { ANSWERS = 1 << 12 };

Answer *answers_new(Arena *a) { return NEWN(a, Answer, ANSWERS); }

Answer *answer_slot(int what, const Scalar *a, const Scalar *b) {
  uint32_t h = ((uint32_t)a->id * 2654435761u) ^ ((b ? (uint32_t)b->id : 0) * 2246822519u) ^
               ((uint32_t)what * 3266489917u);
  return &mod->answer[(h ^ h >> 16) & (ANSWERS - 1)];
}

bool answer_is(const Answer *k, int what, const Scalar *a, const Scalar *b) {
  return k->a == a && k->b == b && k->what == what;
}

static Scalar *affine_new(OpCode op, Scalar **arg) {
  Arena *a = arena_new();
  Scalar *s = NULL;
  Poly p;
  switch (op) {
  case OP_ADD:
  case OP_SUB:
    p = poly_sum(a, poly_of(a, arg[0]), poly_of(a, arg[1]), op == OP_ADD ? 1 : -1);
    while (p.n > 1 && has_mod(&p) && recombine(a, &p)) {}
    s = poly_scalar(p);
    break;
  case OP_NEG: s = poly_scalar(poly_sum(a, (Poly){0}, poly_of(a, arg[0]), -1)); break;
  case OP_MUL:
    if (poly_product(a, poly_of(a, arg[0]), poly_of(a, arg[1]), &p)) s = poly_scalar(p);
    break;
  case OP_FLOORDIV: s = divide(a, arg[0], arg[1]); break;
  case OP_MOD: s = modulo(a, arg[0], arg[1]); break;
  default: break;
  }
  arena_free(a);
  return s;
}

Scalar *affine_op(OpCode op, Scalar **arg) {
  const Scalar *x = arg[0], *y = op_info[op].arity > 1 ? arg[1] : NULL;
  Answer *k = answer_slot(op, x, y);
  if (!answer_is(k, op, x, y)) {
    Scalar *s = affine_new(op, arg);
    *k = (Answer){.a = x, .b = y, .what = op, .s = s};
  }
  return k->s;
}

static bool split_new(Scalar *s, int p, Scalar **coef, Scalar **rest) {
  Arena *a = arena_new();
  Poly x = poly_of(a, s), c = {0, 0, NEWN(a, Term, x.n + 1)}, r = {x.k, 0, NEWN(a, Term, x.n + 1)};
  Scalar *axis = s_axis(p);
  bool ok = true;
  for (int k = 0; k < x.n && ok; k++) {
    Term t = x.term[k];
    int times = 0, n = 0;
    for (int f = 0; f < t.nfac; f++)
      if (t.fac[f] == axis)
        times++;
      else {
        ok = ok && !s_uses_axis(t.fac[f], p);
        t.fac[n++] = t.fac[f];
      }
    t.nfac = n;
    if (times > 1) ok = false;
    if (!times)
      r.term[r.n++] = t;
    else if (t.nfac)
      c.term[c.n++] = t;
    else
      c.k += t.coef;
  }
  if (ok) {
    poly_tidy(&c);
    *coef = poly_scalar(c);
    *rest = poly_scalar(r);
  }
  arena_free(a);
  return ok;
}

bool affine_split(Scalar *s, int p, Scalar **coef, Scalar **rest) {
  int what = ASK_SPLIT + p;
  Answer *k = answer_slot(what, s, NULL);
  if (!answer_is(k, what, s, NULL)) {
    Scalar *c = NULL, *r = NULL;
    bool ok = split_new(s, p, &c, &r);
    *k = (Answer){.a = s, .what = what, .ok = ok, .s = c, .rest = r};
  }
  if (k->ok) *coef = k->s, *rest = k->rest;
  return k->ok;
}
