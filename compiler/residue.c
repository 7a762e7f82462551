/*
** residue.c: sums over strided positions read along plain axes, an axis for the residue
**
**   y[k] = sum n. w[2 * n + (k + 1) % 2] * x[(k + 1) // 2 - n]       with k = 2 * q + r - 1 is
**   y_split[r, q] = sum n. w[2 * n + r] * x[q - n],   y[k] = y_split[(k + 1) % 2, (k + 1) // 2]
**
** So the adjoint of a strided convolution or pool, which gather.c solves for the position, reads
** its operands along plain axes again: a contraction is one, other sums have vectors. q is counted
** from the first one of its residue, so that as many are left as there are k:
**
**   y_split[r, q] = sum n. w[2 * n + r] * x[q + 1 - r - n],   y[k] = y_split[(k + 1) % 2, k // 2]
**
** A residue that has one place less than others has one that is computed and not read. A guard
** (k + 1) % 2 == e leaves one residue, which needs no axis.
*/
#include "fuse.h"

/* One output axis: k + shift = step q + r. */
typedef struct Split {
  int64_t step, shift, only; /* step 0: the axis stays; only: the one residue, -1: all of them */
  bool whole;                /* it stays although it is divided */
} Split;

typedef struct Find {
  const Node *n;
  Split *split;
} Find;

/* Notes (AXIS(p) + shift) % step of an output axis p; AXIS(p) % step where that has a factor. */
static void find_mod(void *ctx, Scalar *s) {
  const Find *f = ctx;
  Scalar *coef, *rest;
  int64_t step, shift, c;
  if (s->kind != S_OP || s->op != OP_MOD || s->dtype != DT_I64) return;
  if (!s_const_value(s->arg[1], &step) || step < 2) return;
  for (int p = 0; p < f->n->rank; p++)
    if (s_uses_axis(s, p) && affine_split(s->arg[0], p, &coef, &rest) && s_const_value(coef, &c) &&
        s_const_value(rest, &shift) && 0 <= shift && shift < step && !f->split[p].step)
      f->split[p] = (Split){step, c == 1 ? shift : 0, -1, false};
}

static Scalar *residue_of(const Split *s, int p) {
  return s_op2(OP_MOD, s_add(s_axis(p), s_int(s->shift)), s_int(s->step));
}

/* Notes guards that one residue alone passes. */
static void find_only(const Node *n, Scalar *guard, Split *split) {
  if (guard->kind != S_OP) return;
  if (guard->op == OP_AND)
    for (int k = 0; k < 2; k++) find_only(n, guard->arg[k], split);
  for (int p = 0; guard->op == OP_EQ && p < n->rank; p++)
    for (int k = 0; split[p].step && k < 2; k++) {
      int64_t v;
      if (guard->arg[k] == residue_of(&split[p], p) && s_const_value(guard->arg[1 - k], &v) &&
          0 <= v && v < split[p].step)
        split[p].only = v;
    }
}

/* Whether cond says that index is in [0, extent), in the very words. */
static bool says(const Scalar *cond, const Scalar *atom) {
  if (cond == atom) return true;
  return cond->kind == S_OP && cond->op == OP_AND &&
         (says(cond->arg[0], atom) || says(cond->arg[1], atom));
}

typedef struct Safe {
  int ndom;
  Scalar **dom, *guard;
} Safe;

/* Reads that the larger domain may take outside read 0 there: nobody reads what comes of it. */
static Scalar *safe_read(void *ctx, Scalar *s) {
  const Safe *c = ctx;
  uint8_t rule[MAX_RANK];
  bool same = true;
  if (s->kind != S_READ) return NULL;
  for (int d = 0; d < s->narg; d++) {
    Scalar *i = s->arg[d], *inside = rule_inside(i, s->tensor->dim[d]);
    bool known = index_inside(i, s->tensor->dim[d], c->ndom, c->dom) ||
                 (c->guard && inside->kind == S_OP && inside->op == OP_AND &&
                  (says(c->guard, inside->arg[0]) || s_prove_ge(i, s_int(0))) &&
                  says(c->guard, inside->arg[1]));
    rule[d] = s->rule[d] == R_NONE && !known ? R_ZERO : s->rule[d];
    same = same && rule[d] == s->rule[d];
  }
  return same ? NULL : s_read(s->tensor, s->arg, rule);
}

/* The domain with an axis r before the axes q, the axes of n in it, and the result's reads of
** it. */
typedef struct Layout {
  int rank, ndom;
  Scalar *dom[MAX_AXES], *by[MAX_AXES], *at[MAX_AXES], *guard;
  Scalar *from[MAX_AXES]; /* by axis: q counted from the first one of its residue */
  unsigned residues;      /* which axes are these */
} Layout;

/* Axes that stay whole, since a tensor has no room for more: those with the fewest positions. */
static void keep_whole(const Node *n, Split *split) {
  for (;;) {
    int count = 0, least = -1;
    for (int p = 0; p < n->rank; p++) {
      if (!split[p].step || split[p].only >= 0) continue;
      count++;
      if (least < 0 || usual_count(1, n->dom + p) < usual_count(1, n->dom + least)) least = p;
    }
    if (n->rank + count <= MAX_RANK) return;
    split[least] = (Split){.whole = true};
  }
}

/* Whether the body finds the residues gone: no quotient or remainder of positions is left, but for
** those of residues, and of axes that stay whole. */
typedef struct Digits {
  const Layout *l;
  unsigned whole; /* axes of the layout, and of residues */
  bool found;
} Digits;

static void find_digit(void *ctx, Scalar *s) {
  Digits *d = ctx;
  if (s->kind != S_OP || s->dtype != DT_I64 || (s->op != OP_MOD && s->op != OP_FLOORDIV)) return;
  for (int p = 0; p < d->l->ndom; p++)
    if (!(d->whole >> p & 1) && s_uses_axis(s, p)) d->found = true;
}

/* The first q of residue r: 1 for those below the shift, else 0. */
static Scalar *first_quotient(const Split *s, Scalar *r) {
  if (s->only >= 0) return s_int(s->only < s->shift);
  if (s->shift == 0) return s_int(0);
  if (s->step == 2) return s_sub(s_int(1), r);
  Scalar *late = s_add(r, s_int(s->step - s->shift));
  return s_sub(s_int(1), s_op2(OP_FLOORDIV, late, s_int(s->step)));
}

static bool lay_out(const Node *n, const Split *split, Layout *l) {
  int first = 0;
  while (!split[first].step) first++;
  for (int p = 0; p < n->ndom; p++) {
    for (int q = p; p == first && q < n->rank; q++) { /* the residues */
      if (!split[q].step || split[q].only >= 0) continue;
      if (l->ndom == MAX_RANK) return false;
      l->by[q] = s_axis(l->ndom);
      l->residues |= 1u << l->ndom;
      l->at[l->ndom] = residue_of(&split[q], q);
      l->dom[l->ndom++] = s_int(split[q].step);
    }
    if (l->ndom == (p < n->rank ? MAX_RANK : MAX_AXES)) return false;
    const Split *s = p < n->rank ? &split[p] : &(Split){0};
    Scalar *step = s_int(s->step), *shift = s_int(s->shift), *q = s_axis(l->ndom);
    if (s->step) l->from[l->ndom] = s_add(q, first_quotient(s, l->by[p]));
    l->at[l->ndom] = !s->step ? s_axis(p) : s_op2(OP_FLOORDIV, s_axis(p), step);
    l->dom[l->ndom++] = !s->step ? n->dom[p]
        : s_op2(OP_FLOORDIV, s_add(n->dom[p], s_int(s->shift + s->step - 1)), step);
    if (!s->step) l->by[p] = q;
    else l->by[p] = s_sub(s_add(s_mul(step, q), s->only >= 0 ? s_int(s->only) : l->by[p]), shift);
    if (s->step && s->only >= 0) {
      Scalar *here = s_op2(OP_EQ, residue_of(s, p), s_int(s->only));
      l->guard = l->guard ? s_op2(OP_AND, l->guard, here) : here;
    }
    if (p == n->rank - 1) l->rank = l->ndom;
  }
  return true;
}

/* The body with the quotients counted from the first of each residue. */
static Scalar *count_quotients(const Node *n, const Split *split, Layout *l, Scalar *body) {
  int q = l->rank;
  for (int p = n->rank - 1; p >= 0; p--) {
    q--;
    int64_t step = split[p].step;
    if (l->from[q])
      l->dom[q] = s_op2(OP_FLOORDIV, s_add(n->dom[p], s_int(step - 1)), s_int(step));
  }
  return simplify_within(s_subst_axes(body, l->ndom, l->from), l->ndom, l->dom);
}

/* Whether a sum of so few terms is written out, beside its neighbours along a divided axis, without
** an axis for residues (lower_short.c). Products are not: there are contractions among them. */
static bool is_short(const Node *n, const Split *split) {
  TermOf t;
  const Split *last = &split[n->rank - 1];
  if (find_term(n, &t) || !last->step) return false;
  return is_written_out(n) && divides_well(n->dim[n->rank - 1], last->step);
}

/* The same tensor by way of one with an axis for residues; n itself where it has none. */
Node *residue_node(Node *n) {
  Split split[MAX_RANK] = {{0}};
  Find find = {n, split};
  Layout l = {0};
  Digits digits = {.l = &l};
  bool any = false;
  if (!n_is_reduction(n) || n->comb == C_SET || n->rank == 0) return n;
  s_walk(n->body, find_mod, &find);
  for (Scalar *b = n->body; b != strip_guard(b); b = b->arg[1]) find_only(n, b->arg[0], split);
  keep_whole(n, split);
  for (int p = 0; p < n->rank; p++) any = any || split[p].step;
  if (!any) return n;
  if (is_short(n, split)) return n;
  if (!lay_out(n, split, &l)) return n;
  digits.whole = l.residues;
  for (int p = 0; p < n->rank; p++)
    if (split[p].whole) digits.whole |= 1u << l.by[p]->axis;
  Scalar *body = simplify_within(s_subst_axes(n->body, n->ndom, l.by), l.ndom, l.dom);
  s_walk(body, find_digit, &digits);
  if (digits.found) return n;
  body = count_quotients(n, split, &l, body);
  Safe safe = {l.ndom, l.dom, body != strip_guard(body) ? body->arg[0] : NULL};
  body = s_rewrite(body, safe_read, &safe);
  Scalar *windex[MAX_RANK];
  for (int d = 0; d < l.rank; d++) windex[d] = s_axis(d);
  Combine comb = (Combine)n->comb;
  Node *y = n_comp((Dtype)n->dtype, comb, l.rank, l.dom, l.ndom, l.dom, windex, NULL, body);
  if (n->name) n_named(y, str_format("%s_split", n->name));
  Scalar *read = s_read(y, l.at, NULL);
  if (l.guard) read = s_op3(OP_WHERE, l.guard, read, s_combine_identity(comb, (Dtype)n->dtype));
  return n_named(n_map(n->rank, n->dim, read), n->name);
}
