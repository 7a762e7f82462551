/*
** lower_matvec.c: a vector times a matrix that does not stay in the caches
**
**   y[j] = sum k. x[k] * B[k, j]   becomes   for j by 1024:  sums[1024] = 0
**                                              for k by 8:
**                                                for l < 1024: sums[l] += x[k] * B[k][j + l], .., x[k + 7] * ..
**                                              y[j..] = the epilogue of sums
**
** So rows of B are read along, eight at a time, where tiles would jump from row to row. Each sum
** takes its terms in order, one fused multiply-add each, as in a tile.
*/
#include "lower_tile.h"
#include "fuse.h"

enum {
  ROWS_AT_ONCE = 8,
  MATVEC_BYTES = 4096,   /* of a block of sums, twice as many where there are several blocks then, too */
  LEAST_BYTES = 1 << 18, /* a smaller matrix may stay where tiles find it */
};

bool plan_matvec(const Node *n, TilePlan *p) {
  if (!is_product(n) || n->ndom != n->rank + 1) return false;
  double size = (double)dtype_size((Dtype)n->dtype), terms = usual_count(1, n->dom + n->rank);
  for (int k = 0; k < 2; k++) {
    *p = (TilePlan){
        .n = n, .one = n->body->arg[k], .vec = n->body->arg[1 - k], .row = -1, .col = -1};
    for (int q = 0; q < n->rank; q++)
      if (extent_of(n, q) != 1 && p->col < 0) p->col = q;
      else if (extent_of(n, q) != 1) return false;
    if (p->col < 0 || read_along(p->one, p->col) != NOT_AT_ALL) continue;
    if (read_along(p->vec, p->col) == CONTIGUOUS && terms >= 4 * ROWS_AT_ONCE &&
        terms * usual_count(1, n->dom + p->col) * size >= LEAST_BYTES)
      return true;
  }
  return false;
}

/* sums[lane] += the terms from `term` on, as many as `rows`, of every lane. */
static void add_rows(Low *l, const TilePlan *p, Node *sums, Scalar *count, Scalar *term, int rows,
                     Stmt *in) {
  const Node *n = p->n;
  int lane = low_axis(l, sums->dim[0], NULL);
  Scalar *at[] = {s_axis(lane)}, *sum = s_read(sums, at, NULL), *by[MAX_AXES];
  for (int q = 0; q < n->rank; q++) by[q] = low_at(l, q);
  by[p->col] = s_add(s_axis(p->col), s_axis(lane));
  for (int r = 0; r < rows; r++) {
    by[n->rank] = s_add(term, s_int(r));
    sum = s_op3(OP_FMA, tile_operand(l, p, p->one, by), tile_operand(l, p, p->vec, by), sum);
  }
  in = stmt_add(in, stmt_for(lane, s_int(0), count, n->loc));
  in->simd = in->lanes = true;
  in->trips = sums->dim[0];
  stmt_add(in, stmt_store(sums, at, C_SET, sum, n->loc));
}

void lower_matvec(Low *l, const TilePlan *p, Stmt *in) {
  const Node *n = p->n;
  Loc loc = n->loc;
  Scalar *extent = low_extent(l, p->col), *terms = n->dom[n->rank];
  int64_t lanes = MATVEC_BYTES / (int)dtype_size((Dtype)n->dtype);
  if (usual_count(1, &extent) >= 8 * (double)lanes) lanes *= 2;
  Scalar *width = s_int(lanes);
  for (int q = 0; q < l->nshared; q++) l->shared[q] = low_at(l, q);
  in = stmt_add(in, stmt_for(p->col, s_int(0), extent, loc));
  in->step = (int)lanes;
  in->tiles = true;
  Scalar *count = count_from(l, extent, s_axis(p->col), (int)lanes, "column_count", in);
  Node *sums = low_local(l, (Dtype)n->dtype, 1, &width, "sums");
  stmt_add(in, stmt_var(sums, s_const((Dtype)n->dtype, 0), loc));
  Scalar *rest = s_op2(OP_MOD, terms, s_int(ROWS_AT_ONCE));
  for (int k = 0; k < 2; k++) {
    if (k && s_is_int(rest, 0)) continue;
    int axis = low_axis(l, terms, NULL), rows = k ? 1 : ROWS_AT_ONCE;
    Stmt *loop =
        stmt_for(axis, k ? s_sub(terms, rest) : s_int(0), k ? terms : s_sub(terms, rest), loc);
    loop->step = rows;
    loop->trips = k ? s_int(ROWS_AT_ONCE / 2) : terms;
    add_rows(l, p, sums, count, s_axis(axis), rows, stmt_add(in, loop));
  }
  int lane = low_axis(l, width, NULL);
  Scalar *at[] = {s_axis(lane)};
  in = stmt_add(in, stmt_for(lane, s_int(0), count, loc));
  in->simd = true;
  in->trips = width;
  l->shared[p->col] = s_add(s_axis(p->col), s_axis(lane));
  lower_epilogue(l, s_read(sums, at, NULL), in);
}
