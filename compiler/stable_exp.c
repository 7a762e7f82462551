/*
** stable_exp.c: a scalar as exp(e) * rest, the exponents of sums among its factors shifted
**
**   exp(x[i]) / sum k. exp(x[k])   =   exp(x[i] - m) / sum k. exp(x[k] - m),    m = max k. x[k]
**
** A weighted sum has the largest of those with a weight other than 0; over the sum of the same without
** weights, which is 1 or more then, that one's m:
**
**   sum k. w[k, j] * exp(x[k]) / sum k. exp(x[k])   =   sum k. w[k, j] * exp(x[k] - m) / sum k. exp(x[k] - m)
**
** m is under stop_gradient: what is shifted does not depend on it. A sum whose exponent has such a
** term already, by the library or by hand, is left as it is.
*/
#include <math.h>
#include "stable.h"

static bool barred(const Barrier *b, const Node *n) {
  for (int k = 0; k < b->n; k++)
    if (b->node[k] == n) return true;
  return false;
}

static bool plain_read(const Barrier *b, const Scalar *s) {
  if (s->kind != S_READ || s->tensor->kind != N_COMP || barred(b, s->tensor)) return false;
  for (int d = 0; d < s->narg; d++)
    if (s->rule[d] && s->rule[d] != R_CLAMP) return false;
  return true;
}

/* The places a read reads from; those that depend on data are clamped. */
static void places(const Scalar *s, Scalar **at) {
  for (int d = 0; d < s->narg; d++)
    at[d] = s->rule[d] ? rule_index(R_CLAMP, s->arg[d], s->tensor->dim[d]) : s->arg[d];
}

/* What a map computes where it is read. */
static Scalar *body_at(Scalar *s) {
  Scalar *at[MAX_RANK];
  places(s, at);
  return s_subst_axes(s->tensor->body, s->narg, at);
}

/* A read of what a small function of the script returns, as one of what the function computes. */
static Scalar *into_call(const Barrier *b, Scalar *s) {
  enum { SMALL = 24 };
  if (s->kind != S_READ || s->tensor->kind != N_PROJ || barred(b, s->tensor)) return s;
  const Node *call = s->tensor->arg[0];
  Func *f = call->fn;
  if (call->kind != N_CALL || f->opaque || f->custom_vjp) return s;
  Arena *a = arena_new();
  bool small = graph_order(a, f->nresult, f->result).n <= SMALL;
  arena_free(a);
  if (!small) return s;
  Node **result = NEWN(mod->arena, Node *, f->nresult);
  func_inline(f, call->arg, result);
  return s_read(result[s->tensor->k], s->arg, s->rule);
}

Scalar *stable_look(const Barrier *b, Scalar *s) {
  s = into_call(b, s);
  while (plain_read(b, s) && n_is_map(s->tensor) && s->tensor->body->kind != S_CONST)
    s = body_at(s);
  return s;
}

Scalar *stable_view(const Barrier *b, Scalar *s) {
  while (plain_read(b, s) && n_is_map(s->tensor) && s->tensor->body->kind == S_READ)
    s = body_at(s);
  return s;
}

/* Splits */

static Scalar *times(Scalar *x, Scalar *y) { return !x ? y : !y ? x : s_mul(x, y); }

static bool add_term(Scalar **list, int *n, Scalar **other, int *nother, Scalar *x) {
  for (int k = 0; k < *nother; k++)
    if (other[k] == x) {
      other[k] = other[--*nother];
      return true;
    }
  if (*n == MAX_TERMS) return false;
  list[(*n)++] = x;
  return true;
}

/* The same, where `room` says how many more sums and terms may be looked at: a long chain of sums,
** of which each asks for its terms, is not followed to its end each time. */
static bool add_parts(const Barrier *b, Split *x, Scalar *term, bool negative, int *room) {
  if (--*room < 0) return false;
  Scalar *t = stable_look(b, term);
  if (t->kind == S_OP && (t->op == OP_ADD || t->op == OP_SUB))
    return add_parts(b, x, t->arg[0], negative, room) &&
           add_parts(b, x, t->arg[1], negative != (t->op == OP_SUB), room);
  if (t->kind == S_OP && t->op == OP_NEG) return add_parts(b, x, t->arg[0], !negative, room);
  term = stable_view(b, term);
  if (s_is_const(term, 0)) return true;
  return negative ? add_term(x->minus, &x->nminus, x->plus, &x->nplus, term)
                  : add_term(x->plus, &x->nplus, x->minus, &x->nminus, term);
}

bool split_add(const Barrier *b, Split *x, Scalar *term, bool negative) {
  int room = 5 * MAX_TERMS; /* MAX_TERMS with either sign, the sums of these, and some that cancel */
  return add_parts(b, x, term, negative, &room);
}

static bool split_times(Split *x, const Split *by, bool divide) {
  bool ok = true;
  for (int k = 0; k < by->nplus; k++)
    ok = ok && (divide ? add_term(x->minus, &x->nminus, x->plus, &x->nplus, by->plus[k])
                       : add_term(x->plus, &x->nplus, x->minus, &x->nminus, by->plus[k]));
  for (int k = 0; k < by->nminus; k++)
    ok = ok && (divide ? add_term(x->plus, &x->nplus, x->minus, &x->nminus, by->minus[k])
                       : add_term(x->minus, &x->nminus, x->plus, &x->nplus, by->minus[k]));
  x->num = times(x->num, divide ? by->den : by->num);
  x->den = times(x->den, divide ? by->num : by->den);
  x->exp = x->exp || by->exp;
  x->sum = x->sum || by->sum;
  x->positive = x->positive && by->positive;
  return ok;
}

bool split_divide(Split *x, const Split *by) { return split_times(x, by, true); }

Scalar *split_exponent(const Split *x, Dtype t) {
  Scalar *e = NULL;
  for (int k = 0; k < x->nplus; k++) e = e ? s_add(e, x->plus[k]) : x->plus[k];
  for (int k = 0; k < x->nminus; k++)
    e = e ? s_sub(e, x->minus[k]) : s_op1(OP_NEG, x->minus[k]);
  return e ? s_cast(t, e) : s_const(t, 0);
}

Scalar *split_rest(const Split *x, Dtype t) {
  Scalar *num = x->num ? x->num : s_const(t, 1);
  return x->den ? s_op2(OP_DIV, num, x->den) : num;
}

static bool plain(Scalar *s, Split *out) {
  *out = (Split){.num = s};
  out->positive = s->kind == S_CONST && s->f > 0;
  return true;
}

/* The factors of s, without sums: exponentials and the rest. */
static bool split_product(const Barrier *b, Scalar *s, Split *out, bool sums);

/* Sums over axes */

typedef struct Sum { /* READ of sum k. where(mask, rest * exp(free + inner), 0) */
  Node *node;
  Scalar *mask, *rest, *inner;
  Split free;         /* terms of the exponent that do not depend on the summed axes */
} Sum;

static void find_stop(void *ctx, Scalar *s) {
  if (s->kind == S_OP && s->op == OP_STOP) *(bool *)ctx = true;
}

static bool has_stop(Scalar *s) {
  bool found = false;
  s_walk(s, find_stop, &found);
  return found;
}

static bool uses_summed(const Node *n, Scalar *s) {
  for (int p = n->rank; p < n->ndom; p++)
    if (s_uses_axis(s, p)) return true;
  return false;
}

/* Whether n is a sum of exponentials that is not shifted yet. */
static bool sum_of(const Barrier *b, Node *n, Sum *out) {
  Split x;
  if (n->comb != C_SUM || !n_is_reduction(n) || n->ndom == n->rank) return false;
  *out = (Sum){.node = n};
  Scalar *body = stable_look(b, n->body);
  if (body->kind == S_OP && body->op == OP_WHERE && s_is_const(body->arg[2], 0)) {
    out->mask = body->arg[0];
    body = body->arg[1];
  }
  if (!split_product(b, body, &x, false) || !x.exp) return false;
  Split inner = {0};
  for (int k = 0; k < x.nplus + x.nminus; k++) {
    bool negative = k >= x.nplus;
    Scalar *term = negative ? x.minus[k - x.nplus] : x.plus[k];
    bool summed = uses_summed(n, term);
    if ((!summed || b->bounded) && has_stop(term)) return false;
    if (!split_add(b, summed ? &inner : &out->free, term, negative)) return false;
  }
  if (!inner.nplus && !inner.nminus) return false;
  out->inner = split_exponent(&inner, (Dtype)n->dtype);
  if (x.num || x.den) out->rest = split_rest(&x, (Dtype)n->dtype);
  out->free.positive = !out->rest || (out->rest->kind == S_CONST && out->rest->f > 0);
  return true;
}

/* max over the summed axes of the exponent, where its term counts, as a READ at n's own axes; 0
** where it is infinite. */
static Scalar *sum_shift(const Sum *s) {
  Node *n = s->node;
  Dtype t = (Dtype)n->dtype;
  Scalar *e = s->inner, *low = s_const(t, -INFINITY), *by[MAX_AXES], *dim[MAX_RANK], *at[MAX_RANK];
  if (s->rest && s->rest->kind != S_CONST && s_cost(s->rest) == 0)
    e = s_op3(OP_WHERE, s_op2(OP_NE, s->rest, s_const(t, 0)), e, low);
  if (s->mask) e = s_op3(OP_WHERE, s->mask, e, low);
  int rank = 0, reduced = n->ndom - n->rank;
  for (int p = 0; p < n->rank; p++) {
    by[p] = s_int(0);
    if (!s_uses_axis(e, p)) continue;
    by[p] = s_axis(rank);
    dim[rank] = n->dim[p];
    at[rank++] = s_axis(p);
  }
  for (int k = 0; k < reduced; k++) by[n->rank + k] = s_axis(rank + k);
  e = s_subst_axes(e, n->ndom, by);
  Node *m = n_reduce(C_MAX, rank, dim, reduced, n->dom + n->rank, e);
  Scalar *largest = s_op1(OP_STOP, s_read(m, at, NULL));
  return s_op3(OP_WHERE, s_op1(OP_ISINF, largest), s_const(t, 0), largest);
}

/* What is summed over, where the sum is read at `at`: its exponents, with axes of their own for those
** summed, and -inf where they do not count. */
static Scalar *summed_at(const Sum *s, Scalar **at) {
  enum { OWN = 2 * MAX_AXES };
  Node *n = s->node;
  Scalar *by[MAX_AXES], *e = s->inner;
  for (int p = 0; p < n->ndom; p++) by[p] = p < n->rank ? at[p] : s_axis(OWN + p - n->rank);
  if (s->mask) e = s_op3(OP_WHERE, s->mask, e, s_const((Dtype)n->dtype, -INFINITY));
  return s_subst_axes(e, n->ndom, by);
}

Scalar *stable_summed(const Barrier *b, Scalar *s) {
  Sum sum;
  Scalar *at[MAX_RANK];
  s = into_call(b, stable_look(b, s));
  if (!plain_read(b, s) || !sum_of(b, s->tensor, &sum) || sum.rest) return NULL;
  places(s, at);
  return summed_at(&sum, at);
}

/* The READ s of a sum of exponentials as exp(shift) * READ of the shifted sum. */
static bool split_reduction(const Barrier *b, Scalar *s, Split *out) {
  Sum sum;
  Scalar *at[MAX_RANK];
  s = into_call(b, s);
  if (!plain_read(b, s) || !sum_of(b, s->tensor, &sum)) return false;
  Node *n = s->tensor;
  places(s, at);
  Sum shifted_as = sum;
  if (b->over && summed_at(&sum, at) == b->over) shifted_as.rest = NULL;
  Scalar *shift = sum_shift(&shifted_as);
  Scalar *body = times(sum.rest, s_op1(OP_EXP, s_sub(sum.inner, shift)));
  if (sum.mask) body = s_op3(OP_WHERE, sum.mask, body, s_const((Dtype)n->dtype, 0));
  Node *shifted = n_reduce(C_SUM, n->rank, n->dim, n->ndom - n->rank, n->dom + n->rank, body);
  *out = (Split){.exp = true, .sum = true, .positive = sum.free.positive};
  bool ok = split_add(b, out, s_subst_axes(shift, n->rank, at), false);
  for (int k = 0; k < sum.free.nplus; k++)
    ok = ok && split_add(b, out, s_subst_axes(sum.free.plus[k], n->rank, at), false);
  for (int k = 0; k < sum.free.nminus; k++)
    ok = ok && split_add(b, out, s_subst_axes(sum.free.minus[k], n->rank, at), true);
  out->num = s_read(n_like(shifted, n), at, NULL);
  return ok;
}

/* Sums of a few terms */

typedef struct Terms {
  int n;
  Scalar *e[MAX_TERMS];
  bool negative[MAX_TERMS];
  bool some; /* an exponential is among them */
} Terms;

static bool add_terms(const Barrier *b, Scalar *s, bool negative, Terms *out) {
  Dtype t = (Dtype)s->dtype;
  Scalar *x = stable_look(b, s);
  if (x->kind == S_OP && (x->op == OP_ADD || x->op == OP_SUB))
    return add_terms(b, x->arg[0], negative, out) &&
           add_terms(b, x->arg[1], negative != (x->op == OP_SUB), out);
  if (x->kind == S_OP && x->op == OP_EXPM1)
    return add_terms(b, s_op1(OP_EXP, x->arg[0]), negative, out) &&
           add_terms(b, s_const(t, 1), !negative, out);
  if (x->kind == S_OP && x->op == OP_NEG) return add_terms(b, x->arg[0], !negative, out);
  Split p;
  if (out->n == MAX_TERMS || !split_product(b, s, &p, true)) return false;
  Scalar *rest = split_rest(&p, t);
  if (rest->kind == S_CONST && rest->f < 0) {
    negative = !negative;
    rest = s_const(t, -rest->f);
  } else if (!p.positive) {
    return false;
  }
  if (!s_is_const(rest, 1) && !split_add(b, &p, s_op1(OP_LOG, rest), false)) return false;
  out->some = out->some || p.exp;
  out->negative[out->n] = negative;
  out->e[out->n++] = split_exponent(&p, t);
  return true;
}

int stable_exponents(const Barrier *b, Scalar *s, Scalar **e) {
  Terms t = {0};
  if (!add_terms(b, s, false, &t) || !t.some || t.n < 2) return 0;
  for (int k = 0; k < t.n; k++) {
    if (t.negative[k]) return 0;
    e[k] = t.e[k];
  }
  return t.n;
}

bool stable_split_sum(const Barrier *b, Scalar *s, Split *out) {
  Terms t = {0};
  Dtype type = (Dtype)s->dtype;
  if (!add_terms(b, s, false, &t) || !t.some || t.n < 2) return false;
  *out = (Split){.exp = true, .sum = true, .positive = true};
  bool shifted = true, guarded;
  for (int k = 0; k < t.n; k++) shifted = shifted && has_stop(t.e[k]);
  if (shifted) return false;
  Scalar *by = stable_by_hand(b, t.n, t.e, &guarded), *m = by ? by : t.e[0], *sum = NULL;
  if (guarded) return false;
  for (int k = 1; !by && k < t.n; k++) m = s_op2(OP_MAX, m, t.e[k]);
  m = s_op1(OP_STOP, m);
  m = s_op3(OP_WHERE, s_op1(OP_ISINF, m), s_const(type, 0), m);
  for (int k = 0; k < t.n; k++) {
    Scalar *x = s_op1(OP_EXP, s_sub(t.e[k], m));
    if (t.negative[k]) {
      out->positive = false;
      x = s_op1(OP_NEG, x);
    }
    sum = sum ? s_add(sum, x) : x;
  }
  out->num = sum;
  return split_add(b, out, m, false) && (!by || split_add(b, out, by, true));
}

static bool split_product(const Barrier *b, Scalar *s, Split *out, bool sums) {
  Split y;
  Scalar *x = stable_look(b, s);
  *out = (Split){.positive = true};
  if (x->kind != S_OP) return (sums && split_reduction(b, x, out)) || plain(s, out);
  switch ((OpCode)x->op) {
  case OP_EXP:
    out->exp = true;
    return split_add(b, out, x->arg[0], false);
  case OP_POW: /* 2^x */
    if (x->arg[0]->kind != S_CONST || !(x->arg[0]->f > 0) || x->arg[1]->kind == S_CONST)
      return plain(s, out);
    out->exp = true;
    return split_add(b, out, s_mul(s_const((Dtype)s->dtype, log(x->arg[0]->f)), x->arg[1]), false);
  case OP_NEG:
    if (!split_product(b, x->arg[0], out, sums)) return false;
    out->num = out->num ? s_op1(OP_NEG, out->num) : s_const((Dtype)s->dtype, -1);
    out->positive = false;
    break;
  case OP_MUL:
  case OP_DIV:
    if (!split_product(b, x->arg[0], out, sums) || !split_product(b, x->arg[1], &y, sums) ||
        !split_times(out, &y, x->op == OP_DIV))
      return false;
    break;
  case OP_COSH:
    y.num = s_op1(OP_EXP, s_op1(OP_NEG, x->arg[0]));
    y.num = s_raw(OP_ADD, (Dtype)s->dtype, 2, (Scalar *[]){s_op1(OP_EXP, x->arg[0]), y.num});
    if (!sums || !stable_split_sum(b, y.num, out)) return plain(s, out);
    out->num = s_mul(s_const((Dtype)s->dtype, 0.5), out->num);
    break;
  default: return plain(s, out);
  }
  return out->exp || plain(s, out);
}

bool stable_split(const Barrier *b, Scalar *s, Split *out) {
  return split_product(b, s, out, true) && out->exp;
}
