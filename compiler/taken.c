/*
** taken.c: what is differentiated for one branch of a `where` stays under it
**
**   l[i] = log(x[i]);  y[i] = where(x[i] > 0, l[i], 0)       l_bar[i] = where(x[i] > 0, y_bar[i], 0)
**   x_bar[i] = 1 / x[i] * l_bar[i]     becomes     where(x[i] > 0, 1 / x[i] * l_bar[i], 0)
**
** since 0 times what is no number is none. Only where a factor may be infinite or no number, and
** not in a contraction whose factors are read: there the mask would cost more than it is worth.
*/
#include "diff.h"

enum { DEEP = 8 };

static bool is_zero(const Scalar *s) { return s_is_const(s, 0); }

static bool is_plain_read(const Scalar *s) {
  if (s->kind != S_READ || !n_is_reduction(s->tensor)) return false;
  for (int d = 0; d < s->narg; d++)
    if (s->rule[d]) return false;
  return true;
}

static bool is_and(const Scalar *s) { return s->kind == S_OP && s->op == OP_AND; }

/* The conditions that both a and b, which may be NULL, are made of. */
static Scalar *shared(Scalar *a, Scalar *b) {
  if (!a || !b || a == b) return a == b ? a : NULL;
  if (is_and(a)) {
    Scalar *x = shared(a->arg[0], b), *y = shared(a->arg[1], b);
    return x && y ? s_op2(OP_AND, x, y) : x ? x : y;
  }
  return is_and(b) ? shared(b, a) : NULL;
}

static Scalar *mask_of(Scalar *s, int depth);

/* A condition without which an element of n, a map or a sum, is 0. */
static Scalar *mask_of_node(const Node *n, int depth) {
  if (n->ndom > n->rank && n->comb != C_SUM) return NULL;
  Scalar *mask = mask_of(n->body, depth);
  for (int p = n->rank; mask && p < n->ndom; p++)
    if (s_uses_axis(mask, p)) return NULL;
  return mask;
}

/* A condition without which s is 0; NULL: none is known. */
static Scalar *mask_of(Scalar *s, int depth) {
  Scalar *first = NULL;
  if (!depth) return NULL;
  if (is_plain_read(s)) {
    first = mask_of_node(s->tensor, depth - 1);
    return first ? s_subst_axes(first, s->narg, s->arg) : NULL;
  }
  if (s->kind != S_OP) return NULL;
  switch ((OpCode)s->op) {
  case OP_WHERE:
    if (is_zero(s->arg[2])) return s->arg[0];
    return is_zero(s->arg[1]) ? s_op1(OP_NOT, s->arg[0]) : NULL;
  case OP_MUL:
    first = mask_of(s->arg[0], depth - 1);
    return first ? first : mask_of(s->arg[1], depth - 1);
  case OP_ADD:
    first = mask_of(s->arg[0], depth - 1);
    return first ? shared(first, mask_of(s->arg[1], depth - 1)) : NULL;
  case OP_NEG: case OP_CAST: case OP_DIV: return mask_of(s->arg[0], depth - 1);
  default: return NULL;
  }
}

typedef struct Risk {
  Node *y, *y_bar;
  Scalar *mask;
  bool found;
} Risk;

/* An operation whose result may be infinite, or no number, for finite arguments. */
static bool is_wild(const Scalar *s) {
  if (s->kind != S_OP || !dtype_is_float((Dtype)s->dtype)) return false;
  switch ((OpCode)s->op) {
  case OP_DIV: case OP_MOD: case OP_FLOORDIV: return s->arg[1]->kind != S_CONST;
  case OP_MUL: return s->arg[0] == s->arg[1];
  case OP_POW: case OP_EXP: case OP_EXPM1: case OP_LOG: case OP_LOG1P: case OP_SQRT: case OP_RSQRT:
  case OP_TAN: case OP_ASIN: case OP_ACOS: case OP_SINH: case OP_COSH: case OP_LGAMMA:
  case OP_DIGAMMA: case OP_POLYGAMMA: return true;
  default: return false;
  }
}

static void find_wild(void *found, Scalar *s) {
  if (is_wild(s)) *(bool *)found = true;
}

/* Whether a read is of a map that is wild, at every axis the mask depends on: one that holds for
** elements of both branches is as wild for those that are taken. */
static bool is_wild_read(const Risk *r, Scalar *s) {
  if (r->y->ndom != r->y->rank || !is_plain_read(s) || !n_is_map(s->tensor)) return false;
  for (int p = 0; p < r->y->ndom; p++)
    if (s_uses_axis(r->mask, p) && !s_uses_axis(s, p)) return false;
  bool found = false;
  s_walk(s->tensor->body, find_wild, &found);
  return found;
}

static void find_risk(void *ctx, Scalar *s) {
  Risk *r = ctx;
  if (r->found || (s->kind == S_READ && s->tensor == r->y_bar)) return;
  r->found = is_wild(s) || is_wild_read(r, s);
}

/* The condition under which y[i], at the point i of its domain, has a cotangent; NULL: none is
** known. It can be asked wherever y_bar is read. */
Scalar *taken_mask(Node *y, Node *y_bar) {
  return n_is_reduction(y) && n_is_reduction(y_bar) ? mask_of_node(y_bar, DEEP) : NULL;
}

/* What a read of y's body is given, under the mask where that may matter. */
Scalar *taken_under(Scalar *mask, Node *y, Node *y_bar, Scalar *value) {
  Risk r = {.y = y, .y_bar = y_bar, .mask = mask};
  s_walk(value, find_risk, &r);
  return r.found ? s_op3(OP_WHERE, mask, value, s_const((Dtype)value->dtype, 0)) : value;
}
