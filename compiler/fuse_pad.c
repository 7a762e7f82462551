/*
** fuse_pad.c: what windows read through boundary rules is copied, with what is beyond the boundary
**
**   y[i] = sum k. w[k] * mirror(x)[i + k - 3]    becomes   x_pad[e] = mirror(x)[e - 3]
**                                                          y[i] = sum k. w[k] * x_pad[i + k]
**
** Elements that vectors take lie side by side then. A contraction always gets plain reads; another
** sum or maximum does where each element of the copy is read often, unless its few terms are written
** out: lower_ends.c makes their indices plain between the ends of rows. Colours, which are terms of
** such a sum, come first in its copies.
*/
#include "fuse.h"

enum { OFTEN = 4, /* each element of a copy is read, by what is no contraction */
       FEW = 8 /* colours of a pixel */ };

static const double MOST_ZEROS = 1.25; /* elements of a copy with its zeros, for each without */

/* What reads are padded within. */
typedef struct Pad {
  int ndom;
  Scalar **dom;
  Scalar *bounds; /* what stays a guard, NULL: nothing */
  bool unsafe;    /* find_unsafe found one */
} Pad;

/* Whether an index stays inside of its extent, in the domain and its bounds. */
static bool stays_inside(const Pad *p, Scalar *i, Scalar *extent) {
  return index_inside(i, extent, p->ndom, p->dom) ||
         bounded_inside(p->bounds, i, extent, p->ndom, p->dom);
}

static bool index_range(Scalar *i, const Pad *p, Scalar **lo, Scalar **hi) {
  return s_range(i, p->ndom, p->dom, lo, hi);
}

/* x_pad[e] = x[e + lo] under the rules of the read, as large as the read reaches; NULL: it needs
** none. What moves with axis `last`, if any, comes last. */
static Scalar *pad_read(const Pad *p, Scalar *s, int last) {
  Scalar *dim[MAX_RANK], *at[MAX_RANK], *index[MAX_RANK];
  uint8_t rule[MAX_RANK];
  bool outside = false, turned = false;
  int place[MAX_RANK], n = 0;
  for (int pass = 0; pass < 2; pass++)
    for (int d = 0; d < s->narg; d++)
      if ((last >= 0 && s_uses_axis(s->arg[d], last)) == pass) turned |= n != d, place[d] = n++;
  for (int d = 0; d < s->narg; d++) {
    Scalar *i = s->arg[d], *extent = s->tensor->dim[d], *lo, *hi;
    dim[place[d]] = extent;
    at[d] = s_axis(place[d]);
    index[place[d]] = i;
    rule[d] = R_NONE;
    if (s->rule[d] == R_NONE || stays_inside(p, i, extent)) continue;
    if (!index_range(i, p, &lo, &hi)) return NULL;
    if (s_prove_ge(lo, s_int(0))) lo = s_int(0);
    dim[place[d]] = range_extent(lo, hi);
    at[d] = s_add(at[d], lo);
    index[place[d]] = s_sub(i, lo);
    rule[d] = s->rule[d];
    outside = true;
  }
  if (!outside && !turned) return p->bounds ? s_read(s->tensor, index, rule) : NULL;
  Node *copy = n_map(s->tensor->rank, dim, s_read(s->tensor, at, rule));
  if (s->tensor->name)
    n_named(copy, str_format(outside ? "%s_pad" : "%s_turned", s->tensor->name));
  return s_read(copy, index, NULL);
}

/* One side of a guard: whether `atom` says that index i of a tensor is not negative, or less than
** its extent n. */
static bool atom_bounds(const Scalar *atom, Scalar *i, Scalar *n) {
  Scalar *d = order_gap(atom);
  return d && (d == i || d == s_sub(s_sub(n, i), s_int(1)));
}

/* Turns guards that only keep reads inside their tensors into R_ZERO rules of these reads; returns
** the rest of the condition, NULL when nothing is left. */
static Scalar *guard_to_rule(Scalar *cond, int nread, Scalar **read, uint8_t (*rule)[MAX_RANK]) {
  if (cond->kind == S_OP && cond->op == OP_AND) {
    Scalar *x = guard_to_rule(cond->arg[0], nread, read, rule);
    Scalar *y = guard_to_rule(cond->arg[1], nread, read, rule);
    return and_all(x, y);
  }
  bool found = false;
  for (int k = 0; k < nread; k++)
    for (int d = 0; d < read[k]->narg; d++)
      if ((rule[k][d] == R_NONE || rule[k][d] == R_ZERO) &&
          atom_bounds(cond, read[k]->arg[d], read[k]->tensor->dim[d])) {
        rule[k][d] = R_ZERO;
        found = true;
      }
  return found ? NULL : cond;
}

/* Finds a read that something else than its rule must keep inside. */
static void find_unsafe(void *ctx, Scalar *s) {
  Pad *p = ctx;
  for (int d = 0; s->kind == S_READ && d < s->narg; d++)
    if (s->rule[d] == R_NONE && !stays_inside(p, s->arg[d], s->tensor->dim[d])) p->unsafe = true;
}

bool reads_inside(Scalar *s, int ndom, Scalar **dom) {
  Pad p = {.ndom = ndom, .dom = dom};
  s_walk(s, find_unsafe, &p);
  return !p.unsafe;
}

/* What the zero rules of a read, or of its cast, say: where it is inside; NULL: everywhere. */
static Scalar *zeros_guard(const Node *n, const Scalar *factor) {
  const Scalar *read = factor->kind == S_READ ? factor : factor->arg[0];
  Scalar *guard = NULL;
  for (int d = 0; d < read->narg; d++) {
    Scalar *i = read->arg[d], *extent = read->tensor->dim[d];
    if (read->rule[d] == R_ZERO && !index_inside(i, extent, n->ndom, n->dom))
      guard = and_all(guard, rule_inside(i, extent));
  }
  return guard;
}

/* The factors of a product that n sums, and all guards of it and of them, zero rules too; or NULL. */
static Scalar *open_product(const Node *n, Scalar **factor) {
  Scalar *guard = guard_of(n->body), *b = strip_guard(n->body);
  for (int k = 0; k < 2; k++) {
    guard = and_all(guard, guard_of(b->arg[k]));
    factor[k] = strip_guard(b->arg[k]);
    guard = and_all(guard, zeros_guard(n, factor[k]));
  }
  return guard;
}

/* The contraction n with plain reads: its guard becomes zeros of padded operands where it can, but
** for the part of it that bounds its terms, NULL: none. */
static Node *plain_within(Node *n, Scalar *guard, Scalar *bounds, Scalar **factor) {
  Scalar *read[2], *b;
  uint8_t rule[2][MAX_RANK] = {{0}};
  for (int k = 0; k < 2; k++) {
    read[k] = factor[k]->kind == S_READ ? factor[k] : factor[k]->arg[0];
    for (int d = 0; d < read[k]->narg; d++) rule[k][d] = read[k]->rule[d];
  }
  Pad p = {.ndom = n->ndom, .dom = n->dom, .bounds = bounds};
  Scalar *rest = guard ? guard_to_rule(guard, 2, read, rule) : NULL;
  if (rest) s_walk(rest, find_unsafe, &p);
  for (int k = 0; guard && k < 2; k++)
    find_unsafe(&p, s_read(read[k]->tensor, read[k]->arg, rule[k]));
  if (p.unsafe) return n; /* what is left still needs the guard */
  guard = and_all(rest, bounds);
  for (int k = 0; k < 2; k++) {
    Scalar *r = s_read(read[k]->tensor, read[k]->arg, rule[k]), *plain = pad_read(&p, r, -1);
    read[k] = s_cast((Dtype)factor[k]->dtype, plain ? plain : r);
  }
  b = s_mul(read[0], read[1]);
  if (guard) b = s_op3(OP_WHERE, guard, b, s_const((Dtype)b->dtype, 0));
  return n_comp((Dtype)n->dtype, C_SUM, n->rank, n->dim, n->ndom, n->dom, n->windex, n->wrule, b);
}

/* The contraction n with plain reads: guards become zeros of padded operands where they can, or
** bounds of terms where that is less work: of all of them, or of all but those along one axis, which
** may be the one that vectors are read along. */
Node *plain_contraction(Node *n) {
  TermOf t;
  if (!find_term(n, &t) || t.pair != PAIR_PRODUCT) return n;
  Scalar *factor[2], *guard = open_product(n, factor), *rest;
  Node *padded = plain_within(n, guard, NULL, factor), *best = padded;
  double part, work, least = 1;
  for (int but = n->rank - 1; guard && but < n->ndom; but++) {
    Scalar *bounds = term_bounds(n, guard, but < n->rank ? -1 : but, &rest, &part);
    if (!bounds) continue;
    Node *exact = plain_within(n, rest, bounds, factor);
    work = bounded_work(exact, part, unit_stride_contraction(padded));
    if (work < least) best = exact, least = work;
  }
  return best;
}

typedef struct Windows {
  const Node *n;
  Pad pad;
} Windows;

/* Whether the last index is a term of few, and vectors go along another: colours of pixels. */
static bool is_apart(const Node *n, const Scalar *read) {
  int64_t extent;
  const Scalar *last = read->arg[read->narg - 1];
  if (last->kind != S_AXIS || last->axis < n->rank) return false;
  if (!s_const_value(n->dom[last->axis], &extent) || extent > FEW) return false;
  for (int d = 0; d + 1 < read->narg; d++)
    if (s_uses_axis(read->arg[d], n->rank - 1)) return true;
  return false;
}

/* Copies what vectors, which go along the last axis of the result, would gather. Zeros are not worth
** a term where they are many. */
static Scalar *pad_window(void *ctx, Scalar *s) {
  const Windows *w = ctx;
  if (s->kind != S_READ || s->narg == 0) return NULL;
  bool apart = is_apart(w->n, s), window = apart, zeros = false;
  for (int d = 0; d < s->narg; d++) {
    if (s_has_read(s->arg[d])) return NULL;
    window |= s->rule[d] != R_NONE && s_uses_axis(s->arg[d], w->n->rank - 1);
    zeros |= s->rule[d] == R_ZERO;
  }
  Scalar *plain = window ? pad_read(&w->pad, s, apart ? w->n->rank - 1 : -1) : NULL;
  if (!plain) return NULL;
  double copied = usual_count(plain->tensor->rank, plain->tensor->dim);
  if (zeros && copied > MOST_ZEROS * usual_count(s->narg, s->tensor->dim)) return NULL;
  return copied * OFTEN <= usual_count(w->n->ndom, w->n->dom) ? plain : NULL;
}

/* The same of a sum or maximum over windows that is no contraction. */
Node *plain_windows(Node *n) {
  Windows w = {n, {.ndom = n->ndom, .dom = n->dom}};
  if (!n_is_reduction(n) || n->rank == 0 || n->ndom == n->rank || is_written_out(n)) return n;
  Scalar *body = s_rewrite(n->body, pad_window, &w);
  if (body == n->body) return n;
  return n_comp((Dtype)n->dtype, (Combine)n->comb, n->rank, n->dim, n->ndom, n->dom, n->windex,
                n->wrule, body);
}
