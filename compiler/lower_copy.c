/*
** lower_copy.c: operands of contractions in blocks, copied to the order they are read in
**
**   for 32 tiles, 256 terms, 6 rows:  rows[tile][term][r] = a[i + 6 * tile + r][k + term]
**
** Reads go through any affine index. What sticks out of an operand is copied as 0, so that all
** tiles are whole. Where the terms of a row are contiguous instead of its neighbours, the copy is a
** transposition: loops that `turns` marks, which contraction.c prints as rt_turn_f32, four by four
** in registers.
*/
#include "lower_tile.h"
#include "fuse.h"

Scalar *ceil_div(Scalar *x, int by) {
  int64_t v;
  if (s_const_value(x, &v)) return s_int((v + by - 1) / by);
  return s_op2(OP_FLOORDIV, s_add(x, s_int(by - 1)), s_int(by));
}

/* min(width, extent - start), as a named constant where it is not known. */
Scalar *count_from(Low *l, Scalar *extent, Scalar *start, int width, const char *name, Stmt *in) {
  int64_t known;
  if (s_const_value(extent, &known) && known % width == 0) return s_int(width);
  Node *count = low_local(l, DT_I64, 0, NULL, name);
  l->k->local[l->k->nlocal - 1].is_int = true;
  stmt_add(in, stmt_let(count, s_op2(OP_MIN, s_int(width), s_sub(extent, start)), in->loc));
  return local_read(count);
}

Stmt *loop_to(Stmt *in, int axis, Scalar *hi, int trips) {
  Stmt *s = stmt_add(in, stmt_for(axis, s_int(0), hi, in->loc));
  s->trips = s_int(trips);
  return s;
}

/* The loops over a block of terms: an axis each into by[] and, as the place of a term in a copy,
** index[], which is one number where a copy of rows must be read along with it. Returns its rank.
** Where the copy turns rows to columns, the loop over these is outside the innermost terms. */
static int term_loops(Low *l, const Block *b, int turn, int rows, Scalar **by, Scalar **index,
                      Stmt **in) {
  const Node *n = b->p.n;
  Scalar *flat = NULL;
  for (int q = b->cut; q < n->ndom; q++) {
    Scalar *count = q == b->cut ? b->nterm : n->dom[q];
    int axis = low_axis(l, q == b->cut ? s_int(b->step) : n->dom[q], NULL);
    if (turn >= 0 && q == n->ndom - 1) {
      *in = loop_to(*in, turn, s_int(rows), rows);
      (*in)->turns = true;
    }
    *in = loop_to(*in, axis, count, b->step);
    by[q] = q == b->cut ? s_add(by[q], s_axis(axis)) : s_axis(axis);
    flat = !flat ? s_axis(axis) : s_add(s_mul(flat, n->dom[q]), s_axis(axis));
    index[q - b->cut] = s_axis(axis);
  }
  if (b->nsweep) return n->ndom - b->cut;
  index[0] = flat;
  return 1;
}

/* The dimensions of a copy along its terms; their number. */
static int term_dims(const Block *b, Scalar **dim) {
  const Node *n = b->p.n;
  dim[0] = s_int((int64_t)b->step * (b->nsweep ? 1 : b->inner));
  for (int q = b->cut + 1; b->nsweep && q < n->ndom; q++) dim[q - b->cut] = n->dom[q];
  return b->nsweep ? n->ndom - b->cut : 1;
}

/* value, or 0 from `count` on, where `whole` does not say that all are there */
static Scalar *or_zero(Scalar *at, Scalar *count, int whole, Scalar *value, Dtype t) {
  int64_t known;
  if (s_const_value(count, &known) && known % whole == 0) return value;
  return s_op3(OP_WHERE, s_op2(OP_LT, at, count), value, s_const(t, 0));
}

/* Whether a copy of a read, which the axis strides over, turns long rows of terms to columns. */
static bool turns(const Node *n, const Scalar *read, int axis) {
  int64_t terms = extent_of(n, n->ndom - 1);
  return read_along(read, axis) != CONTIGUOUS && read_along(read, n->ndom - 1) == CONTIGUOUS &&
         (terms < 0 || terms >= 8);
}

/* columns[term][c] = vec at the columns from `start` of the block on; returns the read of it. */
Scalar *copy_columns(Low *l, const Block *b, Scalar **by, Scalar *start, const Contract *c,
                            Stmt *in) {
  const TilePlan *p = &b->p;
  int wide = p->columns;
  Scalar *dim[MAX_RANK], *index[MAX_RANK], *mine[MAX_AXES];
  int nt = term_dims(b, dim);
  dim[nt] = s_int(wide);
  Node *panel = low_local(l, (Dtype)p->n->dtype, nt + 1, dim, "columns");
  for (int q = 0; q < p->n->ndom; q++) mine[q] = by[q];
  stmt_add(in, stmt_var(panel, NULL, in->loc));
  int lane = low_axis(l, dim[nt], NULL);
  bool turned = turns(p->n, p->vec, p->col);
  bool strided = !turned && read_along(p->vec, p->col) != CONTIGUOUS; /* then column by column */
  if (strided) in = loop_to(in, lane, dim[nt], wide);
  term_loops(l, b, turned ? lane : -1, wide, mine, index, &in);
  Stmt *inner = turned || strided ? in : loop_to(in, lane, dim[nt], wide);
  inner->lanes = true;
  Scalar *at = s_add(start, s_axis(lane));
  index[nt] = s_axis(lane);
  mine[p->col] = s_add(b->col0, at);
  Scalar *value = or_zero(at, b->ncol, wide, tile_operand(l, p, p->vec, mine), (Dtype)p->n->dtype);
  stmt_add(inner, stmt_store(panel, index, C_SET, value, in->loc));
  for (int k = 0; k < nt; k++) index[k] = s_axis(c->red[k]);
  index[nt] = s_axis(c->col_axis);
  return s_read(panel, index, NULL);
}

/* The loops that fill tiles [lo, hi) of a copy, from a read at `count` places from `start` on. */
static void fill_tiles(Low *l, const Block *b, Scalar **by, const Scalar *read, Scalar *start,
                       Scalar *count, Scalar *lo, Scalar *hi, int trips, Node *copy, Stmt *in) {
  const Node *n = b->p.n;
  int axis = read == b->p.one ? b->p.row : b->p.col;
  int width = read == b->p.one ? b->p.rows : b->p.columns;
  Scalar *mine[MAX_AXES], *flat;
  for (int q = 0; q < n->ndom; q++) mine[q] = by[q];
  int t = low_axis(l, copy->dim[0], NULL), r = low_axis(l, copy->dim[2], NULL);
  bool turned = turns(n, read, axis);
  Stmt *tiles = NULL;
  if (turned) in = tiles = loop_to(in, t, hi, trips);
  term_loops(l, b, turned ? r : -1, width, mine, &flat, &in);
  if (!turned) {
    in = tiles = loop_to(in, t, hi, trips);
    in = loop_to(in, r, copy->dim[2], width);
  }
  tiles->lo = lo;
  in->lanes = true;
  Scalar *at = s_add(s_mul(s_axis(t), s_int(width)), s_axis(r));
  Scalar *index[] = {s_axis(t), flat, s_axis(r)};
  mine[axis] = s_add(start, at);
  Scalar *value = tile_operand(l, &b->p, read, mine);
  if (count) value = or_zero(at, count, width, value, (Dtype)n->dtype);
  stmt_add(in, stmt_store(copy, index, C_SET, value, in->loc));
}

/* copy[tile][term][r] = a read at `count` places from `start` on, p->rows or p->columns of them a
** tile; returns the read of it at a tile, at place `lane` of it. Whole tiles are copied first, then
** what sticks out; a transposition does both. */
Scalar *copy_tiles(Low *l, const Block *b, Scalar **by, const Scalar *read, Scalar *start,
                   Scalar *count, int tiles, int tile, int lane, const Contract *c, Stmt *in) {
  const Node *n = b->p.n;
  bool rows = read == b->p.one;
  int width = rows ? b->p.rows : b->p.columns;
  int line = 64 / (int)dtype_size((Dtype)n->dtype); /* tiles are not whole pages apart */
  Scalar *dim[] = {s_int(tiles), s_int((int64_t)b->step * b->inner + (line + width - 1) / width),
                   s_int(width)};
  Node *copy = low_local(l, (Dtype)n->dtype, 3, dim, rows ? "rows" : "columns");
  stmt_add(in, stmt_var(copy, NULL, in->loc));
  Scalar *all = ceil_div(count, width), *whole = s_op2(OP_FLOORDIV, count, s_int(width));
  if (turns(n, read, rows ? b->p.row : b->p.col) || all == whole) {
    fill_tiles(l, b, by, read, start, count, s_int(0), all, tiles, copy, in);
  } else {
    fill_tiles(l, b, by, read, start, NULL, s_int(0), whole, tiles, copy, in);
    fill_tiles(l, b, by, read, start, count, whole, all, 1, copy, in);
  }
  Scalar *place[] = {s_axis(tile), s_axis(c->red[0]), s_axis(lane)};
  return s_read(copy, place, NULL);
}

/* Whether neighbouring terms read overlapping runs of vec, few enough to stay in the first cache. */
static bool windows_stay(const TilePlan *p) {
  const Node *n = p->n;
  int64_t run = p->columns * (int64_t)dtype_size((Dtype)n->dtype), lines = 1;
  bool overlap = false;
  for (int q = n->rank; q < n->ndom; q++)
    if (read_along(p->vec, q) == CONTIGUOUS) overlap = true;
    else if (read_along(p->vec, q) == STRIDED) lines *= extent_of(n, q);
  return overlap && read_along(p->vec, p->col) == CONTIGUOUS &&
         2 * lines * (run + 64) <= FIRST_CACHE;
}

/* Whether columns of vec are worth copying into a panel of their own before the rows are done: they
** are far apart in memory, and many rows use them. */
bool wants_panel(const TilePlan *p) {
  const Node *n = p->n, *of = p->vec->tensor;
  int64_t bytes = p->columns * (int64_t)dtype_size((Dtype)n->dtype), row = bytes, extent;
  if (p->copies) return true;
  if (p->dot || p->row < 0 || read_along(p->vec, p->row) != NOT_AT_ALL) return false;
  if (usual_count(1, n->dom + p->row) < 8 * p->rows) return false;
  for (int k = n->rank; k < n->ndom; k++) {
    if (!s_const_value(n->dom[k], &extent)) return false;
    bytes *= extent;
  }
  if (windows_stay(p)) return false;
  if (!s_const_value(of->dim[of->rank - 1], &row)) return false;
  return bytes >= 4096 && bytes <= 131072 && row * (int64_t)dtype_size((Dtype)n->dtype) >= 512;
}

/* panel[k][c] = vec at column col0 + c; the contraction will read the panel. */
Scalar *pack_panel(Low *l, const TilePlan *p, Scalar *col0, Contract *c, Stmt *in) {
  const Node *n = p->n;
  Scalar *dim[MAX_RANK], *index[MAX_RANK], *by[MAX_AXES], *lo[MAX_AXES], *hi[MAX_AXES];
  int nred = n->ndom - n->rank, axis[MAX_AXES];
  for (int q = 0; q < n->rank; q++) by[q] = low_at(l, q);
  for (int k = 0; k < nred; k++) {
    dim[k] = n->dom[n->rank + k];
    axis[k] = low_axis(l, dim[k], NULL);
    by[n->rank + k] = index[k] = s_axis(axis[k]);
  }
  bound_terms(l, n, by, axis, lo, hi);
  for (int k = 0; k < nred; k++)
    for (int q = 0; q < n->rank; q++)
      if (shares_copy(p, q) && (s_uses_axis(lo[k], q) || s_uses_axis(hi[k], q)))
        lo[k] = s_int(0), hi[k] = dim[k]; /* what one of the results needs */
  dim[nred] = s_int(p->columns);
  int lane = low_axis(l, dim[nred], NULL);
  index[nred] = s_axis(lane);
  by[p->col] = s_add(col0, s_axis(lane));
  Node *panel = low_local(l, (Dtype)n->dtype, nred + 1, dim, "panel");
  stmt_add(in, stmt_var(panel, NULL, n->loc));
  bool all = s_is_int(lo[nred - 1], 0) && hi[nred - 1] == dim[nred - 1];
  bool turned = all && turns(n, p->vec, p->col);
  for (int k = 0; k < nred; k++) {
    if (turned && k == nred - 1) {
      in = loop_to(in, lane, dim[nred], p->columns);
      in->turns = true;
    }
    in = stmt_add(in, stmt_for(axis[k], lo[k], hi[k], n->loc));
    in->trips = dim[k];
  }
  if (!turned) in = stmt_add(in, stmt_for(lane, s_int(0), dim[nred], n->loc));
  in->simd = in->lanes = true;
  int64_t known;
  Scalar *value = tile_operand(l, p, p->vec, by);
  if (s_const_value(n->dom[p->col], &known) && known < p->columns)
    value = or_zero(s_axis(lane), n->dom[p->col], p->columns, value, (Dtype)n->dtype);
  stmt_add(in, stmt_store(panel, index, C_SET, value, n->loc));
  for (int k = 0; k < nred; k++) index[k] = s_axis(c->red[k]);
  index[nred] = s_axis(c->col_axis);
  return s_read(panel, index, NULL);
}

/* `one` where it is, at a row of a tile; rows that stick out read the last one. */
Scalar *rows_in_place(Low *l, const Block *b, Scalar **by, Scalar *row, const Contract *c) {
  const TilePlan *p = &b->p;
  Scalar *mine[MAX_AXES], *extent = low_extent(l, p->row);
  int64_t known;
  for (int q = 0; q < p->n->ndom; q++) mine[q] = by[q];
  Scalar *at = s_add(b->row0, row);
  if (!s_const_value(extent, &known) || (known % p->rows && !b->left))
    at = s_op2(OP_MIN, at, s_sub(extent, s_int(1)));
  mine[p->row] = at;
  for (int k = 0; k < c->nred; k++)
    mine[b->cut + k] = k ? s_axis(c->red[k]) : s_add(by[b->cut], s_axis(c->red[0]));
  return tile_operand(l, p, p->one, mine);
}
