/*
** lower_bump_sum.c: sums of bumps (lower_bump.c) for every k at once
**
**   w[i, k] = sum j. exp(-(z[i, j] - k)^2 / 2) * y[i, j]
**
**   for i:  acc[k] = 0
**           lane[k][16] = 0
**           for j by 16:  for k:  lane[k][q] += bump[q] * y[i][j + q]     bump by recurrence over k
**           for k:  acc[k] += the sum of lane[k]
**           w[i][k] = acc[k]
**
** The same beside sums over k, of which one pass over the bumps makes both:
**
**   p[i, j] = sum k. exp(-(z[i, j] - k)^2 / 2) * v[i, k]
*/
#include "lower.h"
#include "fuse.h"

enum { MOST_COLUMNS = 128, LEAST_COLUMNS = 16, LEAST_PARTS = 16 };

/* lane[k][q] += body, for 16 or 8 positions of the innermost reduced axis at a time. */
static void sweep_bumps(Low *l, Member *m, int k, int axis, Scalar *base, Scalar *lanes, Node *lane,
                        Stmt *in) {
  Scalar *by[MAX_KERNEL_AXES] = {0}, *index[] = {s_axis(k), NULL};
  l->lane_axis = low_axis(l, lanes, NULL);
  l->lanes = lanes;
  by[axis] = s_add(base, s_axis(l->lane_axis));
  Scalar *body = s_subst_axes(m->body, l->k->naxis, by);
  int nupdate = 0;
  find_bump(l, body, C_SUM, k, &l->bump);
  Stmt *each = bump_loops(l, in, m->node->loc, &nupdate);
  index[1] = s_axis(l->lane_axis);
  stmt_insert(each, each->n - nupdate,
              stmt_store(lane, index, C_SUM, bump_body(l, body), m->node->loc));
}

/* The last result axis k of the first member indexes bumps; the others are its epilogue. */
static bool is_bump_sum(Low *l, const Node *n) {
  int64_t extent;
  for (int i = 0; i < l->nmember; i++)
    if (l->g->member[i]->rank != l->nshared || (i > 0 && !n_is_map(l->g->member[i]))) return false;
  if (n->comb != C_SUM || !n_is_reduction(n) || n->rank == 0 ||
      n->ndom == n->rank || !dtype_is_float((Dtype)n->dtype))
    return false;
  if (!s_const_value(n->dim[n->rank - 1], &extent) || extent < 8 || extent > MOST_COLUMNS)
    return false;
  return bump_along(n->body, n->rank - 1) != NULL;
}

/* The sums of a row of places, in lanes, are added to acc. */
static void fold_columns(Low *l, Scalar *nk, Node *acc, Node *lane, Stmt *in) {
  Scalar *at[MAX_RANK];
  Loc loc = l->k->loc;
  int j = low_axis(l, nk, NULL);
  Stmt *folds = stmt_add(in, stmt_for(j, s_int(0), nk, loc));
  Stmt *fold = stmt_new(ST_FOLD, loc);
  fold->to = low_local(l, (Dtype)lane->dtype, 0, NULL, "part");
  fold->from = lane;
  fold->comb = C_SUM;
  at[0] = s_axis(j);
  fold->index = arena_copy(mod->arena, at, sizeof *at);
  stmt_add(folds, fold);
  stmt_add(folds, stmt_store(acc, at, C_SUM, s_cast(DT_F64, local_read(fold->to)), loc));
}

bool lower_bump_sums(Low *l) {
  Node *n = l->g->member[0];
  if (!is_bump_sum(l, n)) return false;
  int lanes = fixed_lanes((Dtype)n->dtype), k = n->rank - 1;
  Dtype t = (Dtype)n->dtype;
  Loc loc = n->loc;
  members_outline(l);
  Member *m = &l->member[0];
  member_bind(l, m);
  Reds r = reduction_loops(l, m, true);
  if (!wants_term_lanes(l, m, &r) ||
      access_score(m->body, k) > access_score(m->body, r.axis[r.n - 1]))
    return false;
  for (int q = 0; q < r.n; q++)
    if (s_uses_axis(r.lo[q], k) || s_uses_axis(r.hi[q], k)) return false;
  Scalar *nk = n->dim[k], *rows[] = {nk, s_int(lanes)};
  Stmt *in = l->k->body;
  for (int p = 0; p < k; p++) in = open_axis(l, p, in);
  Node *acc = low_local(l, DT_F64, 1, rows, "acc"), *lane = low_local(l, t, 2, rows, "lane");
  stmt_add(in, stmt_var(acc, s_const(DT_F64, 0), loc));
  Stmt *outer = open_reds(&r, 0, r.n > 1 ? 1 : 0, in, loc);
  stmt_add(outer, stmt_var(lane, s_const(t, 0), loc));
  Stmt *inner = open_reds(&r, r.n > 1 ? 1 : 0, r.n - 1, outer, loc);
  int last = r.axis[r.n - 1], tile = low_axis(l, low_extent(l, last), NULL);
  l->width = lanes;
  Scalar *lo = r.lo[r.n - 1], *hi = r.hi[r.n - 1], *count = s_sub(hi, lo);
  Stmt *whole = stmt_add(inner, stmt_for(tile, lo, s_sub(hi, s_int(lanes - 1)), loc));
  whole->step = lanes;
  whole->trips = r.trips[r.n - 1];
  sweep_bumps(l, m, k, last, s_axis(tile), s_int(lanes), lane, whole);
  Scalar *rest = s_op2(OP_MOD, s_op2(OP_MAX, count, s_int(0)), s_int(lanes));
  if (!s_is_int(rest, 0)) sweep_bumps(l, m, k, last, s_sub(hi, rest), rest, lane, inner);
  fold_columns(l, nk, acc, lane, outer);
  int out = low_axis(l, nk, NULL);
  Stmt *store = stmt_add(in, stmt_for(out, s_int(0), nk, loc));
  Scalar *from[] = {s_axis(out)};
  l->shared[k] = s_axis(out);
  m->value = s_cast(t, s_read(acc, from, NULL));
  store_result(l, m, m->value, store);
  for (int i = 1; i < l->nmember; i++) {
    member_bind(l, &l->member[i]);
    lower_map(l, &l->member[i], store);
  }
  return true;
}

/* beside sums over k */

/* Whether y is x with axes by others: axis p of x by axis[p], -1 as long as it is not known. */
static bool same_but_axes(const Scalar *x, const Scalar *y, int *axis) {
  if (x->kind == S_AXIS && y->kind == S_AXIS) {
    if (axis[x->axis] < 0) axis[x->axis] = y->axis;
    return axis[x->axis] == y->axis;
  }
  if (x->kind != y->kind || x->narg != y->narg) return false;
  if (!x->narg) return x == y || (x->kind == S_READ && x->tensor == y->tensor);
  if (x->kind == S_READ ? x->tensor != y->tensor : x->op != y->op) return false;
  for (int k = 0; k < x->narg; k++)
    if (!same_but_axes(x->arg[k], y->arg[k], axis)) return false;
  return true;
}

/* The axes of `rows` that those of `columns` are, where both sum the same bumps; see fuse.h. */
static bool bump_axes(const Node *rows, const Node *columns, int *axis) {
  Scalar *by[MAX_AXES];
  uint64_t seen = 0;
  int64_t extent;
  int places = rows->rank, c = columns->rank - 1;
  if (!n_is_reduction(rows) || !n_is_reduction(columns) || c < 1 || places <= c) return false;
  if (rows->comb != C_SUM || columns->comb != C_SUM || rows->dtype != columns->dtype) return false;
  if (rows->ndom != places + 1 || columns->ndom != places + 1) return false;
  if (!s_const_value(rows->dom[places], &extent) || extent < LEAST_COLUMNS ||
      extent > MOST_COLUMNS || usual_count(c, columns->dom) < LEAST_PARTS)
    return false;
  Scalar *one = bump_along(rows->body, places), *other = bump_along(columns->body, c);
  for (int p = 0; p <= places; p++) axis[p] = -1;
  if (!one || !other || !same_but_axes(other, one, axis)) return false;
  for (int p = 0; p <= places; p++) {
    if (axis[p] < 0 || columns->dom[p] != rows->dom[axis[p]] || (p < c && axis[p] == places - 1))
      return false;
    seen |= s_axis_bit(axis[p]);
    by[p] = s_axis(axis[p]);
  }
  for (int p = 0; p <= places; p++)
    if (!(seen & s_axis_bit(p))) return false;
  return axis[c] == places && access_score(rows->body, places - 1) > 0 &&
         s_subst_axes(other, columns->ndom, by) == one;
}

bool sums_same_bumps(const Node *rows, const Node *columns) {
  int axis[MAX_AXES];
  return bump_axes(rows, columns, axis);
}

void add_column(Low *l, const Member *m, Stmt *each) {
  Node *n = l->columns;
  Scalar *by[MAX_AXES], *index[] = {s_axis(l->bump.axis), s_axis(l->lane_axis)};
  int axis[MAX_AXES];
  bump_axes(m->node, n, axis);
  for (int p = 0; p < n->ndom; p++)
    by[p] = axis[p] < m->nout ? l->shared[axis[p]] : s_axis(m->axis[axis[p]]);
  Scalar *term = bump_body(l, bind_at(l, n->body, n->ndom, by));
  stmt_insert(each, each->n - l->nupdate, stmt_store(l->column, index, C_SUM, term, n->loc));
}

bool lower_bump_columns(Low *l) {
  Node *n = l->g->member[l->nmember - 1], *const *rows = l->g->member;
  int axis[MAX_AXES], last = l->nshared - 1, k = n->rank - 1;
  if (l->g->ntail != 1 || n->ndom == l->nshared + n->rank) return false;
  while ((*rows)->ndom == (*rows)->rank) rows++;
  bump_axes(*rows, n, axis);
  int lanes = fixed_lanes((Dtype)n->dtype);
  Dtype t = (Dtype)n->dtype;
  Scalar *nk = n->dim[k], *dim[] = {nk, s_int(lanes)}, *extent = low_extent(l, last);
  Node *acc = low_local(l, DT_F64, 1, dim, "acc");
  l->columns = n;
  l->column = low_local(l, t, 2, dim, "lane");
  l->nmember--;
  l->fresh = s_int(0);
  l->width = lanes;
  Stmt *in = l->k->body;
  for (int p = 0; p < k; p++) in = open_axis(l, axis[p], in);
  stmt_add(in, stmt_var(acc, s_const(DT_F64, 0), n->loc));
  Stmt *row = in;
  for (int p = 0; p < last; p++) {
    bool common = false;
    for (int q = 0; q < k; q++) common = common || axis[q] == p;
    if (!common) row = open_axis(l, p, row);
  }
  stmt_add(row, stmt_var(l->column, s_const(t, 0), n->loc));
  Scalar *rest = s_op2(OP_MOD, extent, s_int(lanes));
  Stmt *tiles = stmt_add(row, stmt_for(last, s_int(0), s_sub(extent, s_int(lanes - 1)), n->loc));
  tiles->step = lanes;
  lower_lane_tile(l, s_axis(last), s_int(lanes), tiles);
  if (!s_is_int(rest, 0)) lower_lane_tile(l, s_sub(extent, rest), rest, row);
  fold_columns(l, nk, acc, l->column, row);
  int out = low_axis(l, nk, NULL);
  Stmt *store = stmt_add(in, stmt_for(out, s_int(0), nk, n->loc));
  Scalar *at[MAX_RANK], *from[] = {s_axis(out)};
  for (int p = 0; p < k; p++) at[p] = l->shared[axis[p]];
  at[k] = s_axis(out);
  Scalar *sum = s_cast(t, s_read(acc, from, NULL));
  stmt_add(store, stmt_store(low_formal(l, n, true), at, C_SET, sum, n->loc));
  return true;
}
