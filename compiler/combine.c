/*
** combine.c: what the combine of a COMP does to derivatives
**
** y[g(i)] (+)= body(i). Reverse: the cotangent of body(i), given y_bar; forward: y_dot, given
*body_dot.
**   sum        y_bar[g(i)]
**   set        y_bar[g(i)] where i is the last to write there (row-major), else 0
**   max, min   where(body(i) == y[g(i)], y_bar[g(i)] / ties[g(i)], 0)
**   prod       y_bar[g(i)] * the product of the other bodies that meet there
*/
#include "diff.h"

static const uint8_t *rules(Node *y) {
  return y->rank ? y->wrule : NULL;
}

/* Reads t, of y's shape, where y is written at. */
static Scalar *read_written(Node *t, Node *y) {
  return s_read(t, y->windex, rules(y));
}

/* Tries to recover, from the value of `s`, all axes that are not known yet: their coefficients
** must be constants, each larger than what the smaller ones can add up to. */
static bool decode(Scalar *s, int ndom, Scalar **dom, bool *known) {
  int64_t c[MAX_AXES];
  int axis[MAX_AXES], n = 0;
  for (int p = 0; p < ndom; p++) {
    Scalar *coef, *rest;
    if (known[p] || !s_uses_axis(s, p)) continue;
    if (!affine_split(s, p, &coef, &rest) || !s_const_value(coef, &c[n]) || !c[n]) return false;
    if (c[n] < 0) c[n] = -c[n];
    axis[n++] = p;
  }
  for (int i = 1; i < n; i++)
    for (int j = i; j > 0 && c[j] < c[j - 1]; j--) {
      int64_t cj = c[j];
      int aj = axis[j];
      c[j] = c[j - 1], c[j - 1] = cj;
      axis[j] = axis[j - 1], axis[j - 1] = aj;
    }
  Scalar *reach = s_int(0);
  for (int i = 0; i < n; i++) {
    if (!s_prove_lt(reach, s_int(c[i]))) return false;
    reach = s_add(reach, s_mul(s_int(c[i]), s_sub(dom[axis[i]], s_int(1))));
  }
  for (int i = 0; i < n; i++) known[axis[i]] = true;
  return n > 0;
}

/* Says whether no two points of y's domain write to one element. */
static bool writes_once(Node *y) {
  bool known[MAX_AXES] = {false};
  for (int d = 0; d < y->rank; d++)
    if (y->wrule && y->wrule[d] != R_NONE && y->wrule[d] != R_ZERO) return false;
  for (bool changed = true; changed;) {
    changed = false;
    for (int d = 0; d < y->rank; d++) changed |= decode(y->windex[d], y->ndom, y->dom, known);
  }
  for (int p = 0; p < y->ndom; p++)
    if (!known[p] && !s_is_int(y->dom[p], 1)) return false;
  return true;
}

static Scalar *domain_position(Node *y) {
  Scalar *i[MAX_AXES];
  for (int p = 0; p < y->ndom; p++) i[p] = s_axis(p);
  return linear_index(y->ndom, y->dom, i);
}

/* Holds for the points of y's domain whose value y keeps; NULL: for all. */
static Scalar *is_last(Node *y) {
  if (y->comb != C_SET || writes_once(y)) return NULL;
  Scalar *at = domain_position(y);
  Node *last = n_comp(DT_I64, C_MAX, y->rank, y->dim, y->ndom, y->dom, y->windex, rules(y), at);
  return s_op2(OP_EQ, read_written(last, y), at);
}

static Scalar *is_extreme(Node *y) {
  return s_op2(OP_EQ, y->body, read_written(y, y));
}

/* t divided by the number of points that share y's maximum or minimum, elementwise. */
static Node *over_ties(Node *y, Node *t) {
  Dtype f = (Dtype)y->dtype;
  Scalar *one = s_op3(OP_WHERE, is_extreme(y), s_const(f, 1), s_const(f, 0));
  Node *ties = n_comp(f, C_SUM, y->rank, y->dim, y->ndom, y->dom, y->windex, rules(y), one);
  Scalar *count = s_op2(OP_MAX, s_at(ties, 0), s_const(f, 1));
  return n_map(y->rank, y->dim, s_op2(OP_DIV, s_at(t, 0), count));
}

enum { FEW_FACTORS = 16 };

/* The product over a reduction's other points by prefix and suffix products: two LOOPs of N steps,
** see Note [products]. */
static Scalar *others_by_loops(Node *y, Scalar *count) {
  int nred = y->ndom - y->rank, rank = y->rank;
  Scalar *dim[MAX_AXES], *by[MAX_AXES], *index[MAX_AXES], *rest = s_axis(0);
  for (int d = 0; d < rank; d++) by[d] = s_axis(d + 1), dim[d + 1] = y->dim[d];
  dim[0] = count;
  for (int p = y->ndom - 1; p >= rank; p--) { /* the reduced axes from the flat position */
    by[p] = p == rank ? rest : s_op2(OP_MOD, rest, y->dom[p]);
    rest = s_op2(OP_FLOORDIV, rest, y->dom[p]);
  }
  Node *factor = n_map(rank + 1, dim, s_subst_axes(y->body, y->ndom, by));
  Node *so_far = n_param(P_FORMAL, "product", (Dtype)y->dtype, rank, y->dim, mod->here);
  Node *next = n_param(P_FORMAL, "factor", (Dtype)y->dtype, rank, y->dim, mod->here);
  Node *result[2] = {n_map(rank, y->dim, s_mul(s_at(so_far, 0), s_at(next, 0))), so_far};
  Func *f = func_new("running_product", 2, (Node *[]){so_far, next}, 2, result, mod->here);
  Node *arg[2] = {n_full(rank, y->dim, s_const((Dtype)y->dtype, 1)), factor};
  Node *before = n_loop(f, count, 1, 1, 0, arg, 1, 0, false, 0, 0);
  Node *after = n_loop(f, count, 1, 1, 0, arg, 1, 0, true, 0, 0);
  Scalar *axis[MAX_AXES];
  for (int k = 0; k < nred; k++) axis[k] = s_axis(rank + k);
  index[0] = linear_index(nred, y->dom + rank, axis);
  for (int d = 0; d < rank; d++) index[d + 1] = s_axis(d);
  return s_mul(s_read(n_proj(before, 1), index, NULL), s_read(n_proj(after, 1), index, NULL));
}

/* Appends a second copy of the axes from `from` on to y's domain, with the body at the copy. */
static Scalar *second_copy(Node *y, int from, Scalar **by, Scalar **extent) {
  int n = y->ndom - from;
  if (y->ndom > MAX_RANK || y->ndom + n > MAX_AXES)
    diag_error(y->loc, "derivative of a product over a domain of more than %d axes", MAX_RANK);
  for (int p = 0; p < y->ndom; p++) by[p] = p < from ? s_axis(p) : s_axis(p + n);
  for (int k = 0; k < n; k++) extent[k] = y->dom[from + k];
  return s_subst_axes(y->body, y->ndom, by);
}

/* The product, at every point of y's domain, over the other points that meet in y. */
static Scalar *others(Node *y) {
  Dtype t = (Dtype)y->dtype;
  Scalar *by[MAX_AXES], *extent[MAX_AXES], *one = s_const(t, 1), *same = NULL, *count = s_int(1);
  bool reduction = n_is_reduction(y);
  int64_t few;
  for (int p = y->rank; p < y->ndom; p++) count = s_mul(count, y->dom[p]);
  bool compact = s_const_value(count, &few) && few <= FEW_FACTORS && y->ndom <= MAX_RANK;
  if (reduction && y->rank < MAX_RANK && !compact) return others_by_loops(y, count);
  int from = reduction ? y->rank : 0;
  Scalar *body = second_copy(y, from, by, extent);
  for (int p = from; p < y->ndom; p++) {
    Scalar *eq = s_op2(OP_EQ, s_axis(p), by[p]);
    same = same ? s_op2(OP_AND, same, eq) : eq;
  }
  body = same ? s_op3(OP_WHERE, same, one, body) : one;
  for (int d = 0; !reduction && d < y->rank; d++) { /* a scatter: only those with the same target */
    Rule r = y->wrule ? (Rule)y->wrule[d] : R_NONE;
    Scalar *a = y->windex[d];
    if (r != R_NONE && r != R_ZERO) a = rule_index(r, a, y->dim[d]);
    Scalar *b = s_subst_axes(a, y->ndom, by);
    body = s_op3(OP_WHERE, s_op2(OP_EQ, a, b), body, one);
  }
  return s_at(n_reduce(C_PROD, y->ndom, y->dom, y->ndom - from, extent, body), 0);
}

/* Returns the cotangent of y's body at every point of its domain. */
Scalar *combine_reverse(Node *y, Node *y_bar) {
  Scalar *seed = read_written(y_bar, y), *zero = s_const((Dtype)y->dtype, 0);
  switch ((Combine)y->comb) {
  case C_SUM:
    return seed;
  case C_SET: {
    Scalar *last = is_last(y);
    return last ? s_op3(OP_WHERE, last, seed, zero) : seed;
  }
  case C_PROD:
    return s_mul(seed, others(y));
  case C_MAX:
  case C_MIN:
    return s_op3(OP_WHERE, is_extreme(y), read_written(over_ties(y, y_bar), y), zero);
  }
  return NULL;
}

static Node *like(Node *y, Combine c, Scalar *body) {
  return n_comp((Dtype)y->dtype, c, y->rank, y->dim, y->ndom, y->dom, y->windex, rules(y), body);
}

/* Returns the tangent of y from that of its body. */
Node *combine_forward(Node *y, Scalar *body_dot) {
  switch ((Combine)y->comb) {
  case C_SUM:
  case C_SET:
    return like(y, (Combine)y->comb, body_dot);
  case C_PROD:
    return like(y, C_SUM, s_mul(body_dot, others(y)));
  case C_MAX:
  case C_MIN: {
    Scalar *zero = s_const((Dtype)y->dtype, 0);
    return over_ties(y, like(y, C_SUM, s_op3(OP_WHERE, is_extreme(y), body_dot, zero)));
  }
  }
  return NULL;
}

/*
** Note [products]
** y / body(i) is wrong where a factor is 0, and repairing that with a count of zeros is right to
** first order only: the second derivative needs the product over all but two. Products over the
** others are exact to any order: for few factors as a COMP that is quadratic in their number,
** else as prefix[k] * suffix[k], two LOOPs, which are linear and differentiate as any LOOP does.
*/
