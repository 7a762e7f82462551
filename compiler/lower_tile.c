/*
** lower_tile.c: contractions in register tiles
**
**   y[i, j] = sum k. a[i, k] * b[k, j]      for j by 16, i by 6:
**                                             6 x 2 vectors of sums in registers
**                                             for k: 2 vectors of b times 6 elements of a
**                                             y[i..i+6][j..j+16] = the epilogue of the sums
** One operand, `vec`, is read in vectors along the column axis, of neighbours or of every second to
** fourth element (rt_step.h), the other, `one`, element by element for the rows. Reads go through any affine index, so convolutions and their adjoints are
** this too. Each sum takes its terms in order, one fused multiply-add each, whatever the tile: the
** bits do not depend on it. Tiles that would stick out are moved back, and store only what is new.
** Where both operands are contiguous along the innermost reduced axis instead (a b^T, gradients of
** filters), a tile is one of dot products: 16 (f32) or 8 (f64) lanes of terms a result. Squared
** distances, sum k. (a[i, k] - b[k, j])^2, and what they derive to, sum k. (x[i, j] - b[k, j]) *
** a[i, k], are tiles too, with another term.
*/
#include "lower_tile.h"
#include "fuse.h"
#include "../codegen/cgen.h"
#include <string.h>

enum {
  WIDE = 8,        /* vectors of a tile of one row */
  MANY_SHARES = 16, /* of the work, for threads */
  LEAST_BYTES = 16, /* of a vector */
  MOST_SPLIT = 4, SPLIT_BYTES = 256, /* of the sums of a few results; see splits_terms */
  LEAST_SPLIT = 32 /* terms */
};

static int64_t imax64(int64_t x, int64_t y) { return x > y ? x : y; }

/* Notes which tile it is. */
static void took_tile(Low *l, const TilePlan *p) {
  Choice *t = &l->k->took;
  if (t->rows == 0) t->rows = p->rows, t->vectors = p->vectors, t->lanes = p->lanes;
}

Stmt *tile_loop(Low *l, int axis, int width, Scalar **begin, Scalar **fresh, Stmt *in) {
  Scalar *extent = low_extent(l, axis);
  int64_t known = -1;
  s_const_value(extent, &known);
  *fresh = s_int(0);
  *begin = s_int(0);
  if (known >= 0 && known <= width) return in;
  in = stmt_add(in, stmt_for(axis, s_int(0), extent, l->k->loc));
  in->step = width;
  in->tiles = true;
  *begin = s_axis(axis);
  if (width == 1 || (known >= 0 && known % width == 0)) return in;
  Node *at = low_local(l, DT_I64, 0, NULL, NULL);
  l->k->local[l->k->nlocal - 1].is_int = true;
  stmt_add(in, stmt_let(at, s_op2(OP_MIN, s_axis(axis), s_sub(extent, s_int(width))), l->k->loc));
  *begin = local_read(at);
  *fresh = s_sub(s_axis(axis), *begin);
  return in;
}

Scalar *tile_operand(Low *l, const TilePlan *p, const Scalar *read, Scalar **by) {
  Scalar *index[MAX_RANK];
  for (int d = 0; d < read->narg; d++) index[d] = s_subst_axes(read->arg[d], p->n->ndom, by);
  return s_read(low_formal(l, read->tensor, false), index, NULL);
}

int outer_terms(const Node *n, bool dot) {
  int outer = n->ndom - n->rank - 1;
  Scalar *const *red = n->dom + n->rank;
  for (; outer > 0; outer--)
    if (usual_count(n->ndom - n->rank - outer + 1, red + outer - 1) > (dot ? 16 : 1) * LONG_SUM / 2)
      break;
  return outer;
}

void bound_terms(Low *l, const Node *n, Scalar **by, const int *axis, Scalar **lo, Scalar **hi) {
  Scalar *dom[MAX_KERNEL_AXES];
  int nred = n->ndom - n->rank;
  for (int p = 0; p < l->k->naxis; p++) dom[p] = low_extent(l, p);
  for (int k = 0; k < nred; k++) lo[k] = s_int(0), hi[k] = n->dom[n->rank + k];
  if (strip_guard(n->body) == n->body) return;
  tighten_bounds(s_subst_axes(n->body, n->ndom, by), nred, axis, -1, NULL, lo, hi);
  for (int k = 0; k < nred; k++) {
    lo[k] = simplify_within(lo[k], l->k->naxis, dom);
    hi[k] = simplify_within(hi[k], l->k->naxis, dom);
  }
}

/* In how many sums a few results, side by side, add up their terms: one after the other, each sum
** would wait for itself. Whatever the processor, since it orders the terms. */
static int splits_terms(const TilePlan *p, const Contract *c) {
  const Node *n = p->n;
  int64_t rows = 1, columns, terms = LEAST_SPLIT;
  if (p->row >= 0 && (!s_const_value(n->dom[p->row], &rows) || rows > 1)) return 1;
  if (p->dot || p->slide || p->here || !s_const_value(n->dom[p->col], &columns)) return 1;
  Scalar *last = n->dom[n->ndom - 1];
  bool whole = s_is_int(c->lo[c->nred - 1], 0) && c->hi[c->nred - 1] == last;
  if (!whole || (s_const_value(last, &terms) && terms < LEAST_SPLIT)) return 1;
  int64_t fit = SPLIT_BYTES / (columns * (int64_t)dtype_size((Dtype)n->dtype));
  return fit >= MOST_SPLIT ? MOST_SPLIT : fit >= 2 ? 2 : 1;
}

/* The statement that fills the tile at row0, col0. */
static Stmt *contract_stmt(Low *l, const TilePlan *p, Scalar *row0, Scalar *col0) {
  const Node *n = p->n;
  Contract *c = NEW(mod->arena, Contract);
  Scalar *by[MAX_AXES], *dim[] = {s_int(p->rows), s_int(p->columns)};
  *c = (Contract){.dtype = (Dtype)n->dtype, .pair = p->pair, .dot = p->dot, .rows = p->rows, .vectors = p->vectors,
                  .lanes = p->lanes, .columns = p->columns, .nred = n->ndom - n->rank};
  c->row_axis = low_axis(l, dim[0], NULL);
  c->col_axis = low_axis(l, dim[1], NULL);
  for (int q = 0; q < n->rank; q++) by[q] = low_at(l, q);
  if (p->row >= 0) by[p->row] = s_add(row0, s_axis(c->row_axis));
  by[p->col] = p->columns == 1 ? col0 : s_add(col0, s_axis(c->col_axis));
  for (int k = 0; k < c->nred; k++) {
    c->red[k] = low_axis(l, n->dom[n->rank + k], NULL);
    by[n->rank + k] = s_axis(c->red[k]);
  }
  bound_terms(l, n, by, c->red, c->lo, c->hi);
  c->slide = -1;
  if (p->slide) {
    slide_reads(l, p, c, row0, by);
  } else {
    c->one = tile_operand(l, p, p->one, by);
    c->vec = tile_operand(l, p, p->vec, by);
    if (p->here) c->here = tile_operand(l, p, p->here, by);
  }
  c->vec_step = p->dot ? read_step(p->vec, n->ndom - 1) : p->lanes > 1 ? p->step : 1;
  if (p->dot) c->one_step = read_step(p->one, n->ndom - 1);
  c->one_by_row = s_uses_axis(c->one, c->row_axis);
  c->vec_by_row = s_uses_axis(c->vec, c->row_axis);
  c->tile = low_local(l, c->dtype, 2, dim, "tile");
  c->sum = s_read(c->tile, (Scalar *[]){s_axis(c->row_axis), s_axis(c->col_axis)}, NULL);
  c->outer = outer_terms(n, p->dot);
  c->split = splits_terms(p, c);
  if (c->split > 1) c->part_axis = low_axis(l, s_int(c->split), NULL);
  Stmt *s = stmt_new(ST_CONTRACT, n->loc);
  s->contract = c;
  Scalar *terms = s_int(imax64((int64_t)p->rows * p->columns / 4, 1));
  for (int k = 0; k < c->nred; k++) terms = s_mul(terms, n->dom[n->rank + k]);
  s->work = terms;
  return s;
}

void lower_epilogue(Low *l, Scalar *sum, Stmt *in) {
  members_outline(l);
  for (int i = 0; i < l->nmember; i++) {
    Member *m = &l->member[i];
    if (i != l->g->root) {
      member_bind(l, m);
      lower_map(l, m, in);
      continue;
    }
    m->value = sum;
    if (m->used && sum->kind != S_READ) { /* what it reads may be where the result goes */
      Node *local = low_local(l, (Dtype)m->node->dtype, 0, NULL, name_of_node(m->node));
      stmt_add(in, stmt_let(local, sum, m->node->loc));
      m->value = local_read(local);
    }
    if (l->g->stored[i]) m->to = low_formal(l, m->node, true);
    store_result(l, m, m->value, in);
  }
}

bool shares_copy(const TilePlan *p, int q) {
  return p->copies && read_along(p->vec, q) == NOT_AT_ALL;
}

static Stmt *outer_loop(Low *l, const TilePlan *p, int q, Stmt *in) {
  if (q == p->col || q == p->row || s_is_int(low_extent(l, q), 1)) return in;
  return stmt_add(in, stmt_for(q, s_int(0), low_extent(l, q), p->n->loc));
}

void tile_cases(Low *l, Scalar *whole, Stmt *in, Stmt **large, Stmt **small) {
  *large = in;
  *small = NULL;
  if (!whole) return;
  *large = stmt_add(in, stmt_new(ST_IF, l->k->loc));
  (*large)->value = whole;
  *small = stmt_add(in, stmt_new(ST_IF, l->k->loc));
  (*small)->value = s_op1(OP_NOT, whole);
}

/* The epilogue of a row of a tile, from its first fresh column on. */
static void finish_columns(Low *l, const TilePlan *p, const Contract *c, Scalar *col0,
                           Scalar *fresh, Stmt *in) {
  Scalar *at[] = {p->row >= 0 ? s_axis(c->row_axis) : s_int(0), s_int(0)};
  int64_t known;
  l->shared[p->col] = col0;
  if (p->columns > 1) {
    int col = low_axis(l, s_int(p->columns), NULL);
    bool filled = s_const_value(p->n->dom[p->col], &known) && known < p->columns;
    in = stmt_add(in, stmt_for(col, fresh, s_int(filled ? known : p->columns), p->n->loc));
    in->simd = true;
    in->trips = s_int(p->columns);
    l->shared[p->col] = s_add(col0, s_axis(col));
    at[1] = s_axis(col);
  }
  lower_epilogue(l, s_read(c->tile, at, NULL), in);
}

/* The epilogue column by column, where results are side by side along rows: the tile is near, and
** what else the epilogue reads and stores is not. */
static void finish_rows(Low *l, const TilePlan *p, const Contract *c, Scalar *col0, Scalar *row0,
                        Scalar *col_fresh, Scalar *row_fresh, Stmt *in) {
  int64_t known;
  int col = low_axis(l, s_int(p->columns), NULL);
  bool filled = s_const_value(p->n->dom[p->col], &known) && known < p->columns;
  in = stmt_add(in, stmt_for(col, col_fresh, s_int(filled ? known : p->columns), p->n->loc));
  in->trips = s_int(p->columns);
  in = stmt_add(in, stmt_for(c->row_axis, row_fresh, s_int(p->rows), p->n->loc));
  in->trips = s_int(p->rows);
  in->simd = p->rows >= 4;
  l->shared[p->col] = s_add(col0, s_axis(col));
  l->shared[p->row] = s_add(row0, s_axis(c->row_axis));
  Scalar *at[] = {s_axis(c->row_axis), s_axis(col)};
  lower_epilogue(l, s_read(c->tile, at, NULL), in);
}

/* Sums that go to a result as they are, rows side by side: the tile is turned in registers. */
static void turn_tile(Low *l, const TilePlan *p, const Contract *c, Scalar *col0, Scalar *row0,
                      Scalar *col_fresh, Scalar *row_fresh, Stmt *in) {
  int64_t known;
  int row = low_axis(l, s_int(p->rows), NULL), col = low_axis(l, s_int(p->columns), NULL);
  bool filled = s_const_value(p->n->dom[p->col], &known) && known < p->columns;
  Scalar *columns = s_int(filled ? known : p->columns);
  in = loop_to(in, row, s_sub(s_int(p->rows), row_fresh), p->rows);
  in->turns = in->lanes = true;
  in = loop_to(in, col, s_sub(columns, col_fresh), p->columns);
  in->lanes = true;
  Scalar *at[] = {s_add(row_fresh, s_axis(row)), s_add(col_fresh, s_axis(col))};
  l->shared[p->row] = s_add(row0, at[0]);
  l->shared[p->col] = s_add(col0, at[1]);
  lower_epilogue(l, s_read(c->tile, at, NULL), in);
}

/* Whether tiles of this width fit an axis. */
static bool fits(const Node *n, int axis, int width) {
  return axis < 0 || width == 1 || (extent_of(n, axis) > 0 && extent_of(n, axis) % width == 0);
}

/* Whether tiles go to a result as they are, from registers: they fit, or all of those along an axis
** are one thread's, which may then store what sticks out twice. */
static bool is_result(const Low *l, const TilePlan *p) {
  const Node *n = p->n;
  int64_t shared = 1; /* positions that threads share */
  bool alone = l->nmember == 1 && l->g->stored[l->g->root] && !l->g->base;
  if (!alone || p->dot || outer_terms(n, false) > 0 || p->col != n->rank - 1) return false;
  if (extent_of(n, p->col) < p->columns) return false;
  if (fits(n, p->col, p->columns) && fits(n, p->row, p->rows)) return true;
  for (int q = 0; q < n->rank; q++)
    if (q != p->row && q != p->col && !shares_copy(p, q) && extent_of(n, q) > 1)
      shared *= extent_of(n, q);
  return shared >= MANY_SHARES && !guard_of(n->body) && !l->mirror;
}

/* The loop over tiles of an axis; of those that may be stored twice, one for no threads to share. */
static Stmt *tiles_along(Low *l, int axis, int width, bool result, Scalar **begin, Scalar **fresh,
                         Stmt *in) {
  in = tile_loop(l, axis, width, begin, fresh, in);
  if (result && !s_is_int(*fresh, 0)) in->tiles = false;
  return in;
}

/* The result at the tile's row and column. */
static Scalar *result_at(Low *l, const TilePlan *p, const Contract *c, Scalar *row0, Scalar *col0) {
  Scalar *at[MAX_AXES];
  for (int q = 0; q < p->n->rank; q++) at[q] = low_at(l, q);
  if (p->row >= 0) at[p->row] = s_add(row0, s_axis(c->row_axis));
  at[p->col] = s_add(col0, s_axis(c->col_axis));
  return s_read(low_formal(l, l->g->member[l->g->root], true), at, NULL);
}

static void lower_all_tiles(Low *l, const TilePlan *p, Stmt *in) {
  const Node *n = p->n;
  Scalar *col0, *row0 = s_int(0), *col_fresh, *row_fresh = s_int(0);
  Loc loc = n->loc;
  bool result = is_result(l, p);
  bool uneven = guard_of(n->body) != NULL; /* then threads had better share columns than residues */
  if (uneven) in = tiles_along(l, p->col, p->columns, result, &col0, &col_fresh, in);
  for (int q = 0; q < n->rank; q++)
    if (!shares_copy(p, q)) in = outer_loop(l, p, q, in);
  if (p->slide) in = tiles_along(l, p->row, p->rows, result, &row0, &row_fresh, in); /* a line serves next columns */
  if (!uneven) in = tiles_along(l, p->col, p->columns, result, &col0, &col_fresh, in);
  Stmt *columns = in;
  bool packs = wants_panel(p);
  Stmt *before = packs ? stmt_add(columns, stmt_new(ST_BLOCK, loc)) : NULL;
  bool rows = p->row >= 0 && !p->slide;
  for (int q = 0; q < n->rank; q++) /* as the results are in memory: of a filter's taps, too */
    if (q == p->row && rows) in = tiles_along(l, q, p->rows, result, &row0, &row_fresh, in);
    else if (shares_copy(p, q)) in = outer_loop(l, p, q, in);
  if (l->mirror) in = in_half(p, row0, col0, in);
  Stmt *sums = contract_stmt(l, p, row0, col0);
  Contract *c = sums->contract;
  if (packs) c->vec = pack_panel(l, p, col0, c, before);
  if (result) {
    c->sum = result_at(l, p, c, row0, col0);
    c->tile = c->sum->tensor;
    stmt_add(in, sums);
    return;
  }
  stmt_add(in, stmt_var(c->tile, c->outer ? s_const(c->dtype, 0) : NULL, loc));
  stmt_add(in, sums);
  bool across = p->row == n->rank - 1 && p->columns > 1 && p->rows > 1;
  if (across && l->nmember == 1 && p->rows >= TURNED_ROWS) {
    turn_tile(l, p, c, col0, row0, col_fresh, row_fresh, in);
    return;
  }
  if (across && l->nmember > 1) {
    finish_rows(l, p, c, col0, row0, col_fresh, row_fresh, in);
    return;
  }
  if (p->row >= 0) {
    in = stmt_add(in, stmt_for(c->row_axis, row_fresh, s_int(p->rows), loc));
    in->trips = s_int(p->rows);
    l->shared[p->row] = s_add(row0, s_axis(c->row_axis));
  }
  if (!s_is_int(col_fresh, 0) && l->nmember <= FEW_MEMBERS) {
    Stmt *moved;
    tile_cases(l, s_op2(OP_EQ, col0, s_axis(p->col)), in, &in, &moved);
    finish_columns(l, p, c, col0, col_fresh, moved);
    col_fresh = s_int(0);
  }
  finish_columns(l, p, c, col0, col_fresh, in);
}

/* extent >= width, or NULL where that is known to hold. */
static Scalar *large_enough(const Low *l, int axis, int width) {
  int64_t known;
  if (width == 1 || s_const_value(low_extent(l, axis), &known)) return NULL;
  return s_op2(OP_GE, low_extent(l, axis), s_int(width));
}

/* A tile of one row is as wide as registers allow: what it reads once is then near in memory. */
static void one_row(TilePlan *p) {
  int64_t columns = extent_of(p->n, p->col);
  p->rows = 1;
  p->slide = 0;
  if (p->dot || p->columns == 1 || columns < p->columns) return;
  int64_t vectors = (columns + p->lanes - 1) / p->lanes;
  if (vectors > WIDE) vectors = WIDE;
  p->vectors = (int)vectors;
  p->columns = (int)(columns < vectors * p->lanes ? columns : vectors * p->lanes);
}

/* Tiles of fewer columns: of one vector, then of shorter ones, with as many rows as registers allow;
** at last of one result. */
static void fewer_columns(TilePlan *p) {
  int lanes = p->columns > p->lanes ? p->lanes : p->lanes / 2;
  p->slide = 0;
  if (p->dot || lanes * (int)dtype_size((Dtype)p->n->dtype) < LEAST_BYTES) {
    p->vectors = p->columns = 1;
    p->lanes = p->dot ? p->lanes : 1;
    one_row(p);
    return;
  }
  if (p->row >= 0 && extent_of(p->n, p->row) >= (int64_t)p->rows * p->vectors) p->rows *= p->vectors;
  p->vectors = 1;
  p->lanes = p->columns = lanes;
}

/* The tiles of p, and where sizes of run time are less than a tile's, smaller ones: which size that
** is depends on the processor, so every tile adds up in the same order. */
static void lower_tiles_of_any(Low *l, TilePlan p, Stmt *in) {
  Scalar *cols = large_enough(l, p.col, p.columns);
  Scalar *rows = p.row >= 0 ? large_enough(l, p.row, p.rows) : NULL;
  Stmt *large, *small;
  tile_cases(l, !cols ? rows : !rows ? cols : s_op2(OP_AND, cols, rows), in, &large, &small);
  lower_all_tiles(l, &p, large);
  if (l->mirror) lower_mirror(l, &p, large);
  if (!small) return;
  if (rows) one_row(&p);
  else fewer_columns(&p);
  lower_tiles_of_any(l, p, small);
}

static bool tiles_or_nests(Low *l, Stmt *in) {
  TilePlan p;
  if (!plan_tiles(l->g->member[l->g->root], l->target, &p)) return false;
  choose_tile(l, &p);
  took_tile(l, &p);
  for (int q = 0; q < l->nshared; q++) l->shared[q] = low_at(l, q);
  l->mirror = wants_mirror(l, &p);
  lower_tiles_of_any(l, p, in);
  l->mirror = false;
  return true;
}

bool lower_tiles(Low *l) {
  Block b;
  Stmt *large, *small;
  if (l->g->root < 0 || l->g->member[l->g->root]->rank > l->nshared) return false;
  if (plan_matvec(l->g->member[l->g->root], &b.p)) {
    lower_matvec(l, &b.p, l->k->body);
    return true;
  }
  if (!blocks_pay(l, &b)) return tiles_or_nests(l, l->k->body);
  b.home = home_of_sums(l, &b);
  size_blocks(&b);
  choose_block(l, &b);
  took_tile(l, &b.p);
  tile_cases(l, large_enough(l, b.p.row, LEAST_ROWS), l->k->body, &large, &small);
  l->mirror = b.nsweep == 0 && wants_mirror(l, &b.p);
  lower_block(l, &b, large);
  if (l->mirror) lower_mirror(l, &b.p, large);
  l->mirror = false;
  if (small && !tiles_or_nests(l, small)) lower_nests(l, small);
  return true;
}
