/*
** gather.c: turn scatters into gathers by a change of variable
**
**   out[i + k] += body(i, k)        becomes   out[a] = sum k.  where(0 <= a - k < n, body(a - k, k), 0)
**   out[2 i + k] += body(i, k)      becomes   out[a] = sum k'. body(a // 2 - k', 2 k' + a % 2), guarded
**   out[j // W, j % W] += body(j)   becomes   out[a, b] = body(a W + b)
**   out[j // 4] += body(j)          becomes   out[a] = sum k < 4. body(4 a + k)
**   out[mirror(i + k)] += body      becomes   a padded gather, folded back (fold.c)
**
** Needs: nothing. Leaves alone: writes that depend on data, and what would cost more than it saves.
*/
#include <string.h>
#include "ir.h"
#include "fuse.h"

enum {
  MOST_INVERSE = 64, /* of a dilation modulo a stride */
  MOST_MORE = 8 /* times the points of the scatter: then a gather costs more than it saves */
};

/* The change of variable under way: domain axes are numbered as in the scatter, output positions
** as FREE_AXIS + d, new reduction axes from MAX_AXES on, until all are renumbered at the end. */
typedef struct Change {
  const Node *n;
  Scalar *windex[MAX_RANK];   /* with solved axes substituted */
  Scalar *by[MAX_AXES];       /* solved axes in terms of the others, NULL: unsolved */
  bool done[MAX_RANK];
  Scalar *guard;              /* NULL: none */
  int nextra;                 /* axes MAX_AXES.. : k' of strided writes */
  Scalar *extra_extent[MAX_RANK];
} Change;

static Scalar *position(int d) { return s_axis(FREE_AXIS + d); }

static void add_guard(Change *c, Scalar *cond) {
  c->guard = c->guard ? s_op2(OP_AND, c->guard, cond) : cond;
}

typedef struct One {
  int axis;
  Scalar *by;
} One;

static Scalar *one_leaf(void *ctx, Scalar *s) {
  One *o = ctx;
  return s->kind == S_AXIS && s->axis == o->axis ? o->by : NULL;
}

static Scalar *subst_one(Scalar *s, int axis, Scalar *by) {
  One o = {axis, by};
  return s_rewrite(s, one_leaf, &o);
}

/* AXIS(p) := value everywhere. */
static void solve_axis(Change *c, int p, Scalar *value) {
  for (int q = 0; q < c->n->ndom; q++)
    if (c->by[q]) c->by[q] = subst_one(c->by[q], p, value);
  for (int d = 0; d < c->n->rank; d++) c->windex[d] = subst_one(c->windex[d], p, value);
  if (c->guard) c->guard = subst_one(c->guard, p, value);
  c->by[p] = value;
}

static void solve_and_guard(Change *c, int p, Scalar *value) {
  solve_axis(c, p, value);
  add_guard(c, rule_inside(value, c->n->dom[p]));
}

/* The axis to solve windex[d] for: linear in it, coefficient 1 before others, then the largest. */
static int choose_axis(const Change *c, int d, int64_t *coef, Scalar **rest) {
  int best = -1;
  for (int p = 0; p < c->n->ndom; p++) {
    Scalar *k, *r;
    int64_t v, e, be;
    if (c->by[p] || !s_uses_axis(c->windex[d], p)) continue;
    if (!affine_split(c->windex[d], p, &k, &r) || !s_const_value(k, &v) || !v) continue;
    if (best >= 0) {
      bool unit = v == 1 || v == -1, best_unit = *coef == 1 || *coef == -1;
      bool whole = c->n->dom[p] == c->n->dim[d], best_whole = c->n->dom[best] == c->n->dim[d];
      bool known = s_const_value(c->n->dom[p], &e),
           best_known = s_const_value(c->n->dom[best], &be);
      if (whole != best_whole ? best_whole
          : known && best_known ? e * (v < 0 ? -v : v) <= be * (*coef < 0 ? -*coef : *coef)
          : known != best_known ? known
                                : !(unit && !best_unit))
        continue;
    }
    best = p;
    *coef = v;
    *rest = r;
  }
  return best;
}

/* The number below c whose product with e is 1 modulo c; 0: there is none. */
static int64_t inverse(int64_t e, int64_t c) {
  for (int64_t f = 1; f < c && f < MOST_INVERSE; f++)
    if ((f * e - 1) % c == 0) return f;
  return 0;
}

/* windex[d] = c p + r with |c| > 1. Where r = e k + r0 for an unsolved axis k, and e has an inverse
** f modulo c, k runs in steps of c: k = c k' + m with m = f (a - r0) mod c, and
** p = (a - r0 - e m) div c - e k'. Otherwise guarded by divisibility. */
static void solve_strided(Change *c, int d, int p, int64_t coef, Scalar *rest) {
  Scalar *a = position(d), *step = s_int(coef < 0 ? -coef : coef);
  for (int k = 0; coef > 1 && k < c->n->ndom; k++) {
    Scalar *kc, *r0;
    int64_t e;
    if (c->by[k] || k == p || !affine_split(rest, k, &kc, &r0)) continue;
    if (!s_const_value(kc, &e) || !inverse(e, coef)) continue;
    Scalar *at = s_sub(a, r0), *inner = s_axis(MAX_AXES + c->nextra);
    Scalar *m = s_op2(OP_MOD, s_mul(s_int(inverse(e, coef)), at), step);
    c->extra_extent[c->nextra++] =
        s_op2(OP_FLOORDIV, s_add(c->n->dom[k], s_int(coef - 1)), step);
    solve_axis(c, k, s_add(s_mul(step, inner), m));
    add_guard(c, s_op2(OP_LT, c->by[k], c->n->dom[k]));
    Scalar *more = s_mul(s_int((e - 1) / coef), m);
    Scalar *first = (e - 1) % coef ? s_op2(OP_FLOORDIV, s_sub(at, s_mul(kc, m)), step)
                                   : s_sub(s_op2(OP_FLOORDIV, at, step), more);
    solve_and_guard(c, p, s_sub(first, s_mul(kc, inner)));
    return;
  }
  Scalar *scaled = coef > 0 ? s_sub(a, rest) : s_sub(rest, a);
  solve_and_guard(c, p, s_op2(OP_FLOORDIV, scaled, step));
  add_guard(c, s_op2(OP_EQ, s_op2(OP_MOD, scaled, step), s_int(0)));
}

static bool solve_dims(Change *c) {
  for (int left = c->n->rank; left > 0; left--) {
    int d = 0, p = -1, bd = -1;
    int64_t coef = 0, bcoef = 0;
    Scalar *rest = NULL, *brest = NULL;
    for (d = 0; d < c->n->rank; d++) { /* unit coefficients first */
      int q = c->done[d] ? -1 : choose_axis(c, d, &coef, &rest);
      bool unit = coef == 1 || coef == -1;
      if (q >= 0 && (p < 0 || (unit && bcoef != 1 && bcoef != -1)))
        p = q, bd = d, bcoef = coef, brest = rest;
    }
    if (p < 0) break;
    c->done[bd] = true;
    if (bcoef == 1)
      solve_and_guard(c, p, s_sub(position(bd), brest));
    else if (bcoef == -1)
      solve_and_guard(c, p, s_sub(brest, position(bd)));
    else
      solve_strided(c, bd, p, bcoef, brest);
  }
  for (int d = 0; d < c->n->rank; d++) {
    if (c->done[d]) continue;
    for (int p = 0; p < c->n->ndom; p++)
      if (!c->by[p] && s_uses_axis(c->windex[d], p)) return false;
    add_guard(c, s_op2(OP_EQ, position(d), c->windex[d]));
  }
  return true;
}

/* windex is a mixed-radix number over some axes that fills the output: axis p is digit p of it. */
static bool solve_radix(Change *c) {
  const Node *n = c->n;
  Scalar *dim_axis[MAX_RANK],
      *lin = simplify_within(linear_index(n->rank, n->dim, c->windex), n->ndom, n->dom);
  for (int d = 0; d < n->rank; d++) {
    dim_axis[d] = position(d);
    if (n->wrule[d] != R_NONE) return false;
  }
  Scalar *stride = s_int(1), *at = linear_index(n->rank, n->dim, dim_axis), *rest = lin;
  int digit[MAX_AXES], ndigit = 0;
  Scalar *strides[MAX_AXES];
  for (bool found = true; found;) {
    found = false;
    for (int p = 0; p < n->ndom && !found; p++) {
      Scalar *k, *r;
      if (!s_uses_axis(rest, p) || !affine_split(rest, p, &k, &r) || k != stride) continue;
      digit[ndigit] = p;
      strides[ndigit++] = stride;
      stride = s_mul(stride, n->dom[p]);
      rest = r;
      found = true;
    }
  }
  if (!s_is_int(rest, 0) || stride != n_count(n) || ndigit == 0) return false;
  for (int k = 0; k < ndigit; k++) {
    Scalar *v = s_op2(OP_FLOORDIV, at, strides[k]);
    if (k + 1 < ndigit) v = s_op2(OP_MOD, v, n->dom[digit[k]]);
    c->by[digit[k]] = v;
  }
  return true;
}

/* Renumbers: output positions 0.., unsolved axes and extra axes after them. */
static Scalar *renumber_leaf(void *ctx, Scalar *s) {
  return s->kind == S_AXIS ? ((Scalar **)ctx)[s->axis >= FREE_AXIS ? s->axis - FREE_AXIS
                                                                  : s->axis + MAX_RANK]
                           : NULL;
}

/* The part of a condition that depends on axes from `first` on, or NULL; the rest goes to *rest. */
static Scalar *depends_from(Scalar *cond, int first, int end, Scalar **rest) {
  if (cond->kind == S_OP && cond->op == OP_AND) {
    Scalar *x = depends_from(cond->arg[0], first, end, rest);
    Scalar *y = depends_from(cond->arg[1], first, end, rest);
    return and_all(x, y);
  }
  for (int p = first; p < end; p++)
    if (s_uses_axis(cond, p)) return cond;
  *rest = and_all(*rest, cond);
  return NULL;
}

/* Whether every read in a body is inside of its tensor, by the domain or by what `guard` says. */
typedef struct Reach {
  int ndom;
  Scalar **dom, *guard;
  bool inside;
} Reach;

static void find_reach(void *ctx, Scalar *s) {
  Reach *r = ctx;
  for (int d = 0; s->kind == S_READ && d < s->narg; d++) {
    Scalar *i = s->arg[d], *n = s->tensor->dim[d];
    r->inside = r->inside && (s->rule[d] != R_NONE || index_inside(i, n, r->ndom, r->dom) ||
                              bounded_inside(r->guard, i, n, r->ndom, r->dom));
  }
}

/* out[a, b] = sum k. where(a = 2 and .., body(b, k), 0), which depends on a by the condition alone:
** where(a = 2, t[b], 0) with t[b] = sum k. where(.., body(b, k), 0). NULL: it is not like this. */
static Node *sum_once(const Node *n, int ndom, Scalar **dom, Scalar *guard, Scalar *body) {
  Scalar *outer = NULL, *by[MAX_AXES], *at[MAX_RANK], *dim[MAX_AXES], *windex[MAX_RANK];
  Scalar *inner = depends_from(guard, n->rank, ndom, &outer);
  int rank = 0, k = 0;
  if (!outer || n->comb != C_SUM || ndom == n->rank) return NULL;
  Reach reach = {ndom, dom, inner, true};
  s_walk(body, find_reach, &reach);
  if (!reach.inside) return NULL; /* the condition keeps it inside, too */
  Scalar *zero = s_const((Dtype)n->dtype, 0);
  if (inner) body = s_op3(OP_WHERE, inner, body, zero);
  for (int p = 0; p < ndom; p++) {
    if (p < n->rank && !s_uses_axis(body, p)) continue;
    if (p < n->rank) at[rank] = s_axis(p), windex[rank] = s_axis(rank), rank++;
    dim[k] = dom[p];
    by[p] = s_axis(k++);
  }
  if (rank == n->rank) return NULL;
  for (int p = 0; p < n->rank; p++)
    if (!s_uses_axis(body, p)) by[p] = s_int(0);
  Node *sum = n_comp((Dtype)n->dtype, C_SUM, rank, dim, k, dim, windex, NULL,
                     s_subst_axes(body, ndom, by));
  return n_map(n->rank, n->dim, s_op3(OP_WHERE, outer, s_read(sum, at, NULL), zero));
}

static Node *finish(Change *c) {
  const Node *n = c->n;
  Scalar *map[2 * MAX_RANK + MAX_AXES] = {0}, *dom[2 * MAX_AXES], *windex[MAX_RANK];
  int ndom = 0;
  for (int d = 0; d < n->rank; d++) {
    dom[ndom] = n->dim[d];
    windex[d] = map[d] = s_axis(ndom++);
  }
  for (int p = 0; p < n->ndom; p++) {
    if (c->by[p]) continue;
    dom[ndom] = n->dom[p];
    map[MAX_RANK + p] = s_axis(ndom++);
  }
  for (int k = 0; k < c->nextra; k++) {
    dom[ndom] = c->extra_extent[k];
    map[MAX_RANK + MAX_AXES + k] = s_axis(ndom++);
  }
  if (ndom > MAX_AXES || (n->comb == C_SET && ndom > n->rank)) return NULL;
  Scalar *body = n->body;
  body = s_rewrite(s_subst_axes(body, n->ndom, c->by), renumber_leaf, map);
  if (c->guard) {
    Scalar *guard = s_rewrite(c->guard, renumber_leaf, map);
    Node *once = sum_once(n, ndom, dom, guard, body);
    if (once) return once;
    body = s_op3(OP_WHERE, guard, body, s_combine_identity((Combine)n->comb, (Dtype)n->dtype));
  }
  return n_comp((Dtype)n->dtype, (Combine)n->comb, n->rank, n->dim, ndom, dom, windex, NULL, body);
}

/* Whether an axis is solved for by what is not linear in the others, as in packed triangles: out[k
** k + r]. */
static bool is_crooked(const Change *c) {
  Scalar *coef, *rest;
  for (int p = 0; p < c->n->ndom; p++)
    for (int q = 0; c->by[p] && q < c->n->ndom; q++)
      if (s_uses_axis(c->by[p], q) && !affine_split(c->by[p], q, &coef, &rest)) return true;
  return false;
}

/* Whether the gather g looks at far more points than the scatter n writes. */
static bool looks_at_more(const Node *g, const Node *n) {
  double writes = usual_count(n->ndom, n->dom) + usual_count(n->rank, n->dim);
  return usual_count(g->ndom, g->dom) > MOST_MORE * writes;
}

/* A division of a domain axis by a number that divides its extent. */
typedef struct Digits {
  const Node *n;
  int axis;
  int64_t by; /* the largest there is; 0: none */
} Digits;

static void find_digits(void *ctx, Scalar *s) {
  Digits *d = ctx;
  int64_t by, extent;
  if (s->kind != S_OP || (s->op != OP_FLOORDIV && s->op != OP_MOD)) return;
  const Scalar *x = s->arg[0];
  if (x->kind != S_AXIS || x->axis >= d->n->ndom || !s_const_value(s->arg[1], &by)) return;
  if (!s_const_value(d->n->dom[x->axis], &extent) || by < 2 || extent % by || by <= d->by) return;
  d->axis = x->axis;
  d->by = by;
}

/* The scatter n over quotients and remainders of the axes it divides where it writes: out[j // 4] +=
** body(j) as out[q] += body(4 q + r). */
static Node *split_digits(Node *n) {
  for (;;) {
    Digits found = {.n = n};
    Scalar *by[MAX_AXES], *dom[MAX_AXES], *windex[MAX_RANK];
    for (int d = 0; d < n->rank; d++) s_walk(n->windex[d], find_digits, &found);
    if (!found.by || n->ndom == MAX_AXES) return n;
    int p = found.axis, ndom = n->ndom + 1;
    for (int q = 0; q < n->ndom; q++) {
      by[q] = s_axis(q + (q > p));
      dom[q + (q > p)] = n->dom[q];
    }
    by[p] = s_add(s_mul(s_int(found.by), s_axis(p)), s_axis(p + 1));
    dom[p] = s_op2(OP_FLOORDIV, n->dom[p], s_int(found.by));
    dom[p + 1] = s_int(found.by);
    for (int d = 0; d < n->rank; d++) windex[d] = s_subst_axes(n->windex[d], n->ndom, by);
    n = n_comp((Dtype)n->dtype, (Combine)n->comb, n->rank, n->dim, ndom, dom, windex, n->wrule,
               s_subst_axes(n->body, n->ndom, by));
  }
}

Node *gather_node(Node *scatter) {
  if (!n_is_scatter(scatter)) return scatter;
  Node *n = split_digits(scatter);
  if (!n_is_scatter(n)) return n_named(n, scatter->name);
  bool folded = false;
  for (int d = 0; d < n->rank; d++) {
    if (s_has_read(n->windex[d])) return scatter;
    folded = folded || n->wrule[d] > R_ZERO;
  }
  if (folded) return gather_folded(scatter);
  Change c = {.n = n};
  memcpy(c.windex, n->windex, sizeof *c.windex * (size_t)n->rank);
  if (!solve_radix(&c) && !solve_dims(&c)) return scatter;
  Node *g = finish(&c);
  bool pays = g && !(is_crooked(&c) && looks_at_more(g, n));
  return pays ? n_named(g, scatter->name) : scatter;
}
