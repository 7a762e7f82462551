/*
** lower_tile.c: contractions in register tiles
**
**   y[i, j] = sum k. a[i, k] * b[k, j]      for j by 16, i by 6:
**                                             6 x 2 vectors of sums in registers
**                                             for k: 2 vectors of b times 6 elements of a
**                                             y[i..i+6][j..j+16] = the epilogue of the sums
** One operand, `vec`, is read in vectors along the column axis, the other, `one`, element by
** element for the rows. Reads go through any affine index, so convolutions and their adjoints are
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
  PANEL_TERMS = 4096, /* most terms of columns that are copied whole */
  FOLD_CYCLES = 4, /* of the lanes of a dot product, to one sum */
  SECOND_CACHE = 262144,
  AFAR_BYTES = 12, /* that come from beyond it in a cycle */
  STORE_APART = 2, /* cycles of a result whose neighbours in a tile are not that in memory */
  APART = 8,       /* elements between columns that share few lines of memory */
  TURNED_ROWS = 4, /* of a tile that is stored across */
  FAR_TERMS = 512,    /* with more of them, rows that are apart do not stay in the first cache */
};

/* The share of the work that terms may have left with bounds, for these to pay. */
static const double BOUNDS_GAIN = 0.95;

/* Sums, dot products, blocks and plain loops add in orders of their own. So which of them it is, is
** decided for this processor (AVX2), and only the shape of tiles for the one that code is for. */
static const Target deciding = {.vector_bytes = 32, .registers = 16, .fma = true};

static int64_t imax64(int64_t x, int64_t y) { return x > y ? x : y; }

Along read_along(const Scalar *read, int axis) {
  Scalar *coef, *rest;
  int64_t step;
  Along a = NOT_AT_ALL;
  int last = read->narg - 1; /* of those indices that are not always 0 */
  while (last > 0 && s_is_int(read->tensor->dim[last], 1)) last--;
  for (int d = 0; d < read->narg; d++) {
    if (!s_uses_axis(read->arg[d], axis)) continue;
    if (!affine_split(read->arg[d], axis, &coef, &rest) || !s_const_value(coef, &step))
      return ELSEWISE;
    a = a == NOT_AT_ALL && d == last && step == 1 ? CONTIGUOUS : STRIDED;
  }
  return a;
}

double read_spread(const Scalar *read, int axis) {
  for (int d = read->narg - 1; d >= 0; d--)
    if (s_uses_axis(read->arg[d], axis)) return 1 + 0.05 * (read->narg - 1 - d);
  return 1;
}

int64_t read_stride(const Scalar *read, int axis) {
  Scalar *coef, *rest;
  int64_t step, apart = 1, stride = 0;
  for (int d = read->narg - 1; d >= 0; d--) {
    int64_t extent = 1;
    if (s_uses_axis(read->arg[d], axis)) {
      if (!affine_split(read->arg[d], axis, &coef, &rest) || !s_const_value(coef, &step)) return -1;
      stride += step * apart;
    }
    bool known = d == 0 || s_const_value(read->tensor->dim[d], &extent);
    for (int e = 0; e < d && !known; e++)
      if (stride == 0 || s_uses_axis(read->arg[e], axis)) return -1;
    if (!known) return stride;
    apart *= extent;
  }
  return stride;
}

int64_t extent_of(const Node *n, int p) {
  int64_t v;
  return s_const_value(n->dom[p], &v) ? v : -1;
}

int64_t known_terms(const Node *n) {
  int64_t terms = 1;
  for (int q = n->rank; q < n->ndom; q++) {
    int64_t extent = extent_of(n, q);
    if (extent < 0) return -1;
    terms *= extent;
  }
  return terms;
}

/* Cycles of one step of a tile on a machine with nearly two loads and two multiply-adds a cycle, of
** four cycles of latency. No unit is kept busy all the time: every load takes a little, and so does
** the wait for the slowest of few chains. Relative to AVX2's best tile, 6 rows of 2 vectors. */
static double step_cycles(const TilePlan *p, bool one_by_row, bool vec_by_row) {
  if (p->slide) return slide_cycles(p);
  double fma = p->rows * p->vectors;
  double loads = (vec_by_row ? fma : p->vectors) + (one_by_row ? p->rows : 1);
  double cycles = fma / 2 > loads * 0.6 ? fma / 2 : loads * 0.6;
  double wait = fma > 8 ? 32 / (fma * fma) : 0.5;
  return ((cycles < 4 ? 4 : cycles) + 0.05 * loads + wait) / 1.104;
}

double copy_cycles(Along a) { return a == CONTIGUOUS ? 0.25 : 1; }

/* How many columns a tile of p's vectors has; 0: too many vectors. Where columns are fewer than
** lanes, the last vector is moved back, or, of a copy, filled up. */
static int columns_of(const TilePlan *p, int64_t ncol, int size) {
  int all = p->vectors * p->lanes;
  if (ncol < 0) return p->vectors == 1 || all * size <= 64 ? all : 0;
  if (all <= ncol) return all;
  if (ncol <= all - p->lanes) return 0;
  return ncol >= p->lanes ? (int)ncol : p->copies ? all : 0;
}

/* Bytes of `vec` that a tile of a sum over windows reads again and again: whole lines, where they
** are not copied. */
static int64_t vector_bytes(const TilePlan *p) {
  const Node *n = p->n;
  int64_t size = (int64_t)dtype_size((Dtype)n->dtype), bytes = p->columns * size;
  if (n->ndom == n->rank + 1) return 0;
  if (p->copies) return bytes * known_terms(n);
  bytes += 64;
  for (int q = n->rank; q < n->ndom; q++)
    if (extent_of(n, q) > 1 && read_along(p->vec, q) == STRIDED) bytes *= extent_of(n, q);
  return bytes;
}

int64_t row_bytes(const TilePlan *p) {
  return (int64_t)dtype_size((Dtype)p->n->dtype) * p->rows * TERMS;
}

/* Cycles a result and term that operands take on their way to registers. In blocks, columns come
** from the second cache while the rows of a tile stay in the first, which should not fill it. */
static double passing_cycles(const TilePlan *p, bool vec_by_row, const Target *t) {
  double vectors = p->vectors * (vec_by_row ? p->rows : 1), results = p->rows * p->columns;
  if (p->blocks) return (0.75 * vectors + (4 * row_bytes(p) > FIRST_CACHE ? 2 : 0)) / results;
  return vector_bytes(p) > FIRST_CACHE / 64 * t->vector_bytes ? 0.5 * vectors / results : 0;
}

static bool is_better(const TilePlan *p, const TilePlan *best) {
  const Choice *c = p->only;
  if (p->floor > 0 && p->cost <= p->floor * 1.001) return false;
  if (c && (c->rows != p->rows || c->vectors != p->vectors || c->lanes != p->lanes)) return false;
  return p->cost < best->cost * 0.999;
}

/* Whether rows are examples of a batch, of which there may be one, and not the positions within
** them. */
static bool may_be_one(const TilePlan *p) { return p->row == 0 && p->n->rank > 2; }

/* Tries all tile shapes for the axes of p; keeps the best in *best. */
void tile_shapes(TilePlan p, const Target *t, TilePlan *best) {
  double extra = p.cost; /* of copies */
  int64_t ncol = extent_of(p.n, p.col), nrow = p.row < 0 ? 1 : extent_of(p.n, p.row);
  int size = (int)dtype_size((Dtype)p.n->dtype), registers = t->registers;
  bool one_by_row = p.row >= 0 && read_along(p.one, p.row) != NOT_AT_ALL;
  bool vec_by_row = p.row >= 0 && read_along(p.vec, p.row) != NOT_AT_ALL;
  double spread = (vec_by_row ? read_spread(p.vec, p.row) : 1) * (p.apart > 1 ? p.apart : 1);
  double terms = usual_count(p.n->ndom - p.n->rank, p.n->dom + p.n->rank);
  if (p.col != p.n->rank - 1 && !p.blocks) extra += STORE_APART / terms;
  for (int bytes = t->vector_bytes; bytes >= 16; bytes /= 2) {
    p.lanes = bytes / size;
    if (ncol >= 0 && 2 * ncol <= p.lanes && bytes > 16) continue; /* half of it would do */
    for (p.vectors = 1; p.vectors <= 8; p.vectors++) {
      int width = p.columns = columns_of(&p, ncol, size);
      if (width == 0) break;
      int most = p.row < 0 ? 1 : nrow < 0 ? 8 : 14;
      for (p.rows = 1; p.rows <= most; p.rows++) {
        if (nrow >= 0 && p.rows > nrow) break;
        int held = p.rows * p.vectors * (p.here ? 2 : 1);
        if (held + (p.slide ? 4 : vec_by_row ? 2 : p.vectors + 1) > registers) break;
        bool full = p.vectors > 2 && !p.slide && !vec_by_row && held + p.vectors + 1 == registers;
        if (full) break; /* compilers would spill */
        int64_t cols = ncol < 0 ? 64 * width : ncol, rows = nrow < 0 ? 64 * p.rows : nrow;
        int64_t tiles = ((cols + width - 1) / width) * ((rows + p.rows - 1) / p.rows);
        p.cost = step_cycles(&p, one_by_row, vec_by_row) * spread * (double)tiles /
                 (double)(cols * rows);
        p.cost += passing_cycles(&p, vec_by_row, t) + extra;
        if (nrow < 0) p.cost *= may_be_one(&p) ? 1.03 : 1.02; /* plain loops run where a tile has too many */
        if (is_better(&p, best)) *best = p;
      }
    }
  }
}

/* Tries tiles of dot products: rows from one, columns from vec. */
static void try_dots(TilePlan p, const Target *t, int columns, TilePlan *best) {
  int64_t nrow = extent_of(p.n, p.row), ncol = extent_of(p.n, p.col);
  int64_t terms = extent_of(p.n, p.n->ndom - 1);
  p.dot = true;
  p.lanes = p.n->dtype == DT_F32 ? 16 : 8;
  int parts = 64 / t->vector_bytes; /* registers a run of lanes takes */
  int size = (int)dtype_size((Dtype)p.n->dtype);
  bool afar = nrow > 0 && known_terms(p.n) * nrow * size > SECOND_CACHE;
  double part =
      terms < 0 ? 1.2 : (double)((terms + p.lanes - 1) / p.lanes * p.lanes) / (double)terms;
  for (p.rows = 1; p.rows <= 6; p.rows++)
    for (p.vectors = 1; p.vectors <= columns; p.vectors++) {
      if ((nrow >= 0 && p.rows > nrow) || (ncol >= 0 && p.vectors > ncol)) continue;
      if (p.rows * p.vectors * parts + p.vectors + 1 > t->registers) continue;
      double fma = p.rows * p.vectors * parts, loads = (p.rows + p.vectors) * parts;
      double cycles = fma > loads ? fma / 2 : loads / 2;
      int64_t rows = nrow < 0 ? 64 * p.rows : nrow, cols = ncol < 0 ? 64 * p.vectors : ncol;
      int64_t tiles = ((cols + p.vectors - 1) / p.vectors) * ((rows + p.rows - 1) / p.rows);
      p.cost =
          1.1 * (cycles < 4 ? 4 : cycles) * part / p.lanes * (double)tiles / (double)(rows * cols);
      p.cost *= read_spread(p.one, p.row);
      if (known_terms(p.n) > 0) p.cost += FOLD_CYCLES / (double)known_terms(p.n);
      if (afar)
        p.cost += (double)(p.rows * p.lanes * size) / AFAR_BYTES * (double)tiles /
                  (double)(rows * cols * p.lanes);
      p.columns = p.vectors;
      if (is_better(&p, best)) *best = p;
    }
}

/* The guard of n's term, NULL: there is none. */
static Scalar *guard_of(const Node *n) {
  Scalar *guard = NULL;
  for (Scalar *b = n->body; b != strip_guard(b); b = b->arg[1]) guard = and_all(guard, b->arg[0]);
  return guard;
}

/* Whether tiles can read s: the indices are affine in every axis of terms, without rules. */
static bool is_operand(const Node *n, const Scalar *s) {
  if (s->kind != S_READ) return false;
  for (int d = 0; d < s->narg; d++)
    if (s->rule[d] != R_NONE || s_has_read(s->arg[d])) return false;
  for (int p = n->rank; p < n->ndom; p++)
    if (read_along(s, p) == ELSEWISE) return false;
  return true;
}

bool in_steps(const TilePlan *p, int axis) {
  Scalar *guard = guard_of(p->n);
  return read_along(p->one, axis) != ELSEWISE && read_along(p->vec, axis) != ELSEWISE &&
         (!p->here || read_along(p->here, axis) != ELSEWISE) &&
         !(guard && s_uses_axis(guard, axis));
}

/* Whether the guard of n does nothing but bound its terms. */
static bool only_bounds(const Node *n) {
  Scalar *guard = guard_of(n), *rest;
  double part;
  return !guard || (term_bounds(n, guard, &rest, &part) && !rest);
}

/* Whether n sums a term of two reads, maybe with bounds, that tiles can have. */
static bool tiled_term(const Node *n, TermOf *t) {
  return find_term(n, t) && only_bounds(n) && is_operand(n, t->factor[0]) &&
         is_operand(n, t->factor[1]) && (!t->here || is_operand(n, t->here));
}

bool tile_term(const Node *n, TermOf *t) {
  return tiled_term(n, t) && strip_guard(n->body) == n->body;
}

bool is_product(const Node *n) {
  TermOf t;
  return tile_term(n, &t) && t.pair == PAIR_PRODUCT;
}

/* Whether columns may be worth copying to where they are contiguous: sums over windows, whose filters
** are read for every position, and columns that are apart in memory, if all terms of a tile fit a
** panel. */
static bool may_copy(const TilePlan *p) {
  const Node *n = p->n;
  int64_t terms = known_terms(n);
  bool apart = n->ndom > n->rank + 1 || read_along(p->vec, p->col) != CONTIGUOUS;
  return apart && p->row >= 0 && read_along(p->vec, p->row) == NOT_AT_ALL && terms > 0 &&
         terms <= PANEL_TERMS;
}

/* Tries the tiles of a row axis: columns as they are in memory, and copied. */
static void try_row(TilePlan p, const Target *t, TilePlan *best) {
  const Node *n = p.n;
  Along along = read_along(p.vec, p.col);
  bool far = p.row >= 0 && read_along(p.one, p.row) == STRIDED && known_terms(n) > FAR_TERMS;
  double positions = 1;
  bool near = s_uses_axis(p.one->arg[p.one->narg - 1], n->ndom - 1); /* terms, to one another */
  double lost = (far ? 0.64 : 0) + (near || known_terms(n) <= FAR_TERMS ? 0 : 1.6);
  p.cost = lost / t->vector_bytes;
  if (along == CONTIGUOUS && !p.here && plan_slide(&p, t)) {
    tile_shapes(p, t, best);
    return;
  }
  if (along == CONTIGUOUS) tile_shapes(p, t, best);
  if (!may_copy(&p)) return;
  for (int q = 0; q < n->rank; q++)
    if (read_along(p.vec, q) == NOT_AT_ALL) positions *= usual_count(1, n->dom + q);
  p.copies = true;
  p.apart = read_spread(p.one, p.row);
  p.cost += copy_cycles(along) / positions;
  tile_shapes(p, t, best);
}

/* Chooses operands, axes and tile, of the kinds asked for. */
static void search_tiles(const Node *n, const Target *t, bool sums, bool dots, TilePlan *best) {
  TermOf term;
  best->cost = 1e30;
  if (!tiled_term(n, &term)) return;
  for (int k = 0; k < (term.here ? 1 : 2); k++) {
    TilePlan p = {.n = n, .pair = term.pair, .here = term.here,
                  .one = term.factor[k], .vec = term.factor[1 - k]};
    for (p.col = 0; p.col < n->rank; p.col++) {
      if (read_along(p.one, p.col) != NOT_AT_ALL || read_along(p.vec, p.col) == NOT_AT_ALL)
        continue;
      if (p.here && read_along(p.here, p.col) != CONTIGUOUS) continue;
      if (!in_steps(&p, p.col)) continue;
      for (p.row = -1; p.row < n->rank && sums; p.row++)
        if (p.row != p.col && (p.row < 0 || in_steps(&p, p.row))) try_row(p, t, best);
    }
    int last = n->ndom - 1;
    if (!dots || p.here || guard_of(n) || read_along(p.one, last) != CONTIGUOUS ||
        read_along(p.vec, last) != CONTIGUOUS ||
        (extent_of(n, last) >= 0 && extent_of(n, last) < 8))
      continue;
    for (p.col = 0; p.col < n->rank; p.col++)
      for (p.row = 0; p.row < n->rank; p.row++)
        if (p.row != p.col && read_along(p.one, p.row) != NOT_AT_ALL &&
            read_along(p.vec, p.row) == NOT_AT_ALL && in_steps(&p, p.row) && in_steps(&p, p.col))
          try_dots(p, t, read_along(p.one, p.col) == NOT_AT_ALL ? 4 : 1, best);
  }
}

/* The tiles of n; false: better done by plain loops. Which kind is decided for one processor. */
static bool plan_tiles(const Node *n, const Target *t, TilePlan *best) {
  TilePlan there;
  TermOf term;
  if (!tiled_term(n, &term) || usual_count(n->ndom - n->rank, n->dom + n->rank) < 4) return false;
  search_tiles(n, &deciding, true, true, best);
  if (best->cost >= 1) return false; /* plain loops manage about a multiply-add a cycle */
  search_tiles(n, t, !best->dot, best->dot, &there);
  if (there.cost < 1e29) *best = there;
  return true;
}

bool choose_tile(Low *l, TilePlan *p) {
  const Choice *c = &l->k->choice;
  TilePlan from = *p, best = {.cost = 0};
  from.cost = 0;
  from.only = c->rows ? c : NULL;
  for (int k = c->rows ? c->next : 0; k <= c->next && best.cost < 1e29; k++) {
    from.floor = best.cost;
    best.cost = 1e30;
    if (p->dot) try_dots(from, l->target, read_along(p->one, p->col) == NOT_AT_ALL ? 4 : 1, &best);
    else tile_shapes(from, l->target, &best);
  }
  if (best.cost > 1e29 || !(c->rows || c->next)) return false;
  *p = best;
  return true;
}

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
  c->one_by_row = s_uses_axis(c->one, c->row_axis);
  c->vec_by_row = s_uses_axis(c->vec, c->row_axis);
  c->tile = low_local(l, c->dtype, 2, dim, "tile");
  c->sum = s_read(c->tile, (Scalar *[]){s_axis(c->row_axis), s_axis(c->col_axis)}, NULL);
  c->outer = outer_terms(n, p->dot);
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

/* Whether tiles are whole and go to a result as they are, from registers. */
static bool is_result(const Low *l, const TilePlan *p, const Contract *c, Scalar *row_fresh,
                      Scalar *col_fresh) {
  bool alone = l->nmember == 1 && l->g->stored[l->g->root] && !l->g->base;
  return alone && !p->dot && c->outer == 0 && p->col == p->n->rank - 1 &&
         extent_of(p->n, p->col) >= p->columns && s_is_int(row_fresh, 0) && s_is_int(col_fresh, 0);
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
  bool uneven = guard_of(n) != NULL; /* then threads had better share columns than residues */
  if (uneven) in = tile_loop(l, p->col, p->columns, &col0, &col_fresh, in);
  for (int q = 0; q < n->rank; q++)
    if (!shares_copy(p, q)) in = outer_loop(l, p, q, in);
  if (p->slide) in = tile_loop(l, p->row, p->rows, &row0, &row_fresh, in); /* a line serves next columns */
  if (!uneven) in = tile_loop(l, p->col, p->columns, &col0, &col_fresh, in);
  Stmt *columns = in;
  bool packs = wants_panel(p);
  Stmt *before = packs ? stmt_add(columns, stmt_new(ST_BLOCK, loc)) : NULL;
  bool rows = p->row >= 0 && !p->slide;
  for (int q = 0; q < n->rank; q++) /* as the results are in memory: of a filter's taps, too */
    if (q == p->row && rows) in = tile_loop(l, q, p->rows, &row0, &row_fresh, in);
    else if (shares_copy(p, q)) in = outer_loop(l, p, q, in);
  if (l->mirror) in = in_half(p, row0, col0, in);
  Stmt *sums = contract_stmt(l, p, row0, col0);
  Contract *c = sums->contract;
  if (packs) c->vec = pack_panel(l, p, col0, c, before);
  if (is_result(l, p, c, row_fresh, col_fresh)) {
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

/* The tiles of p, and where sizes of run time are less than a tile's, tiles of one row, or of one
** result: which size that is depends on the processor, so every tile adds up in the same order. */
static void lower_tiles_of_any(Low *l, TilePlan p, Stmt *in) {
  Scalar *cols = large_enough(l, p.col, p.columns);
  Scalar *rows = p.row >= 0 ? large_enough(l, p.row, p.rows) : NULL;
  Stmt *large, *small;
  tile_cases(l, !cols ? rows : !rows ? cols : s_op2(OP_AND, cols, rows), in, &large, &small);
  lower_all_tiles(l, &p, large);
  if (l->mirror) lower_mirror(l, &p, large);
  if (!small) return;
  if (!rows) p.vectors = p.columns = 1, p.lanes = p.dot ? p.lanes : 1;
  p.rows = 1;
  p.slide = 0;
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

/* Whether blocks are the best plan. Sums over windows may do as well in tiles. */
static bool prefers_blocks(const Node *n, Block *b) {
  TilePlan p;
  if (!plan_block(n, &deciding, b)) return false;
  return n->ndom == n->rank + 1 || !plan_tiles(n, &deciding, &p) || b->p.cost < p.cost;
}

static bool blocks_pay(const Low *l, Block *b) {
  const Node *n = l->g->member[l->g->root];
  Block there;
  if (!prefers_blocks(n, b)) return false;
  if (plan_block(n, l->target, &there) && there.nsweep == b->nsweep && there.parts == b->parts)
    *b = there;
  return true;
}

bool bounds_pay(const Node *bounded, double part, const Node *whole) {
  Block b;
  TilePlan tile;
  if (!plan_tiles(bounded, &deciding, &tile)) return false;
  double cost = tile.cost * part;
  if (prefers_blocks(whole, &b)) return cost < BOUNDS_GAIN * b.p.cost;
  return !plan_tiles(whole, &deciding, &tile) || cost < BOUNDS_GAIN * tile.cost;
}

bool columns_apart(const Node *n) {
  Block b;
  if (plan_matvec(n, &b.p)) return false;
  if (!prefers_blocks(n, &b) && !plan_tiles(n, &deciding, &b.p)) return false;
  return usual_count(n->rank - b.p.col - 1, n->dom + b.p.col + 1) >= APART;
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
