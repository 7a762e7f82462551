/*
** narrow.c: sums that are 0 but for a part of their results are those of that part
**
**   c_bar[i, j] = sum k. where(0 <= j - 3, y_bar[i, k, j - 3], 0)         j < 6
**   becomes   t[i, j] = sum k. y_bar[i, k, j];   c_bar[i, j] = zero_outside(t)[i, j - 3]
**
** What a slice of packed parameters is used for derives to this.
*/
#include <string.h>
#include "ir.h"

/* The part of axis `axis` that a guard leaves, from lo to hi. */
typedef struct Part {
  int axis;
  int64_t lo, hi;
} Part;

/* Whether x = s + *first, s the axis or, `falls`, less it. */
static bool is_linear(Scalar *x, int axis, int64_t *first, bool *falls) {
  Scalar *coef, *rest;
  int64_t step;
  if (!affine_split(x, axis, &coef, &rest) || !s_const_value(coef, &step)) return false;
  *falls = step == -1;
  return (step == 1 || step == -1) && s_const_value(rest, first);
}

/* Whether cond only says where along one axis of n's result a place is; takes in what it says. */
static bool find_part(const Node *n, Scalar *cond, Part *part) {
  int64_t first;
  bool falls;
  if (cond->kind != S_OP || s_has_read(cond)) return false;
  if (cond->op == OP_AND)
    return find_part(n, cond->arg[0], part) && find_part(n, cond->arg[1], part);
  bool one = cond->op == OP_EQ && cond->arg[0]->dtype == DT_I64;
  Scalar *gap = one ? s_sub(cond->arg[0], cond->arg[1]) : order_gap(cond);
  for (int p = 0; gap && p < n->ndom; p++) {
    if (!s_uses_axis(gap, p)) continue;
    if (p >= n->rank || (part->axis >= 0 && part->axis != p)) return false;
    part->axis = p;
  }
  if (!gap || part->axis < 0 || !is_linear(gap, part->axis, &first, &falls)) return false;
  int64_t zero = falls ? first : -first; /* where the gap is 0 */
  if ((one || !falls) && zero > part->lo) part->lo = zero;
  if ((one || falls) && zero + 1 < part->hi) part->hi = zero + 1;
  return true;
}

Node *narrow_node(Node *n) {
  Part part = {-1, 0, INT64_MAX};
  Scalar *by[MAX_AXES], *dom[MAX_AXES], *at[MAX_RANK];
  uint8_t rule[MAX_RANK] = {0};
  int64_t extent;
  if (n->kind != N_COMP || n->comb != C_SUM || !n_is_reduction(n) || n->ndom == n->rank) return n;
  const Scalar *body = n->body;
  if (body->kind != S_OP || body->op != OP_WHERE || !s_is_const(body->arg[2], 0)) return n;
  if (!find_part(n, body->arg[0], &part) || !s_const_value(n->dim[part.axis], &extent)) return n;
  if (part.hi > extent) part.hi = extent;
  if (part.lo >= part.hi || part.hi - part.lo == extent) return n;
  for (int p = 0; p < n->ndom; p++) by[p] = s_axis(p), dom[p] = n->dom[p];
  by[part.axis] = s_add(s_axis(part.axis), s_int(part.lo));
  dom[part.axis] = s_int(part.hi - part.lo);
  Scalar *inner = simplify_within(s_subst_axes(body->arg[1], n->ndom, by), n->ndom, dom);
  Node *sum = n_reduce(C_SUM, n->rank, dom, n->ndom - n->rank, dom + n->rank, inner);
  for (int d = 0; d < n->rank; d++) at[d] = s_axis(d);
  at[part.axis] = s_sub(s_axis(part.axis), s_int(part.lo));
  rule[part.axis] = R_ZERO;
  n_like(sum, n)->loc = n->loc;
  return n_like(n_map(n->rank, n->dim, s_read(sum, at, rule)), n);
}
