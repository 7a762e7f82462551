/*
** lower_choose.c: which tiles a contraction has, and whether it has blocks, tiles or plain loops
**
** Every shape of tiles along every pair of axes has a cost, estimated cycles a result and term: of
** multiply-adds and loads of a step, of operands on their way from the caches, of copies, and of
** what sticks out. The cheapest is taken, of all that the kernel's choice (crescent tune) allows.
*/
#include "lower_tile.h"
#include "fuse.h"
#include "../codegen/cgen.h"
#include <string.h>

enum {
  PANEL_TERMS = 4096, /* most terms of columns that are copied whole */
  FOLD_CYCLES = 4,    /* of the lanes of a dot product, to one sum */
  SECOND_CACHE = 262144,
  AFAR_BYTES = 12, /* that come from beyond it in a cycle */
  STORE_APART = 2, /* cycles of a result whose neighbours in a tile are not that in memory */
  APART = 8,       /* elements between columns that share few lines of memory */
  FAR_TERMS = 512  /* with more of them, rows that are apart do not stay in the first cache */
};

/* What a vector of 64 bytes that is executed in halves takes, in vectors of 32: not twice as much,
** since it is fewer instructions. */
static const double HALVES = 1.7;

/* The share of the work that terms may have left with bounds, for these to pay. */
static const double BOUNDS_GAIN = 0.95;

/* Sums, dot products, blocks and plain loops add in orders of their own. So which of them it is, is
** decided for this processor (AVX2), and only the shape of tiles for the one that code is for. */
static const Target deciding = {.vector_bytes = 32, .registers = 16, .fma = true};

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

int read_step(const Scalar *read, int axis) {
  Scalar *coef, *rest;
  int64_t step;
  Along a = read_along(read, axis);
  int last = read->narg - 1;
  if (a == CONTIGUOUS) return 1;
  if (a != STRIDED) return 0;
  while (last > 0 && s_is_int(read->tensor->dim[last], 1)) last--;
  for (int d = 0; d < last; d++)
    if (s_uses_axis(read->arg[d], axis)) return 0;
  if (!affine_split(read->arg[last], axis, &coef, &rest) || !s_const_value(coef, &step)) return 0;
  return 1 <= step && step <= MOST_STEP ? (int)step : 0;
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

/* What a vector of every so manyth element costs, in loads of one of neighbours. */
static double step_loads(int step) { return step > 1 ? step + 0.5 : 1; }

/* Cycles of one step of a tile on a machine with nearly two loads and two multiply-adds a cycle, of
** four cycles of latency. No unit is kept busy all the time: every load takes a little, and so does
** the wait for the slowest of few chains. Relative to AVX2's best tile, 6 rows of 2 vectors. `parts`:
** what a vector is executed in. */
static double step_cycles(const TilePlan *p, bool one_by_row, bool vec_by_row, double parts) {
  if (p->slide) return parts * slide_cycles(p);
  double fma = p->rows * p->vectors, ones = one_by_row ? p->rows : 1;
  double vectors = (vec_by_row ? fma : p->vectors) * step_loads(p->step), loads = vectors + ones;
  double slow = parts * vectors + ones;
  double cycles = parts * fma / 2 > slow * 0.6 ? parts * fma / 2 : slow * 0.6;
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

/* How many lines of `vec` a sum over windows reads again and again for a tile: of a copy, one for
** each term. 0: no such sum. */
static int64_t lines_again(const TilePlan *p) {
  const Node *n = p->n;
  int64_t lines = 1;
  if (n->ndom == n->rank + 1) return 0;
  if (p->copies) return known_terms(n);
  for (int q = n->rank; q < n->ndom; q++)
    if (extent_of(n, q) > 1 && read_along(p->vec, q) == STRIDED) lines *= extent_of(n, q);
  return lines;
}

int64_t row_bytes(const TilePlan *p) {
  return (int64_t)dtype_size((Dtype)p->n->dtype) * p->rows * TERMS;
}

/* Cycles a result and term that operands take on their way to registers. In blocks, columns come
** from the second cache while the rows of a tile stay in the first, which should not fill it. */
static double passing_cycles(const TilePlan *p, bool vec_by_row, int64_t lines, const Target *t) {
  int64_t line = p->columns * (int64_t)dtype_size((Dtype)p->n->dtype) + (p->copies ? 0 : 64);
  double vectors = p->vectors * (vec_by_row ? p->rows : 1), results = p->rows * p->columns;
  if (p->blocks) return (0.75 * vectors + (4 * row_bytes(p) > FIRST_CACHE ? 2 : 0)) / results;
  double share = t->vector_bytes / 64.0; /* of a line of the cache that a vector is */
  return lines * line > FIRST_CACHE * share ? 0.5 * share * vectors / results : 0;
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

void tile_shapes(TilePlan p, const Target *t, TilePlan *best) {
  double extra = p.cost; /* of copies */
  int64_t ncol = extent_of(p.n, p.col), nrow = p.row < 0 ? 1 : extent_of(p.n, p.row);
  int size = (int)dtype_size((Dtype)p.n->dtype), registers = t->registers;
  int64_t lines = lines_again(&p);
  bool one_by_row = p.row >= 0 && read_along(p.one, p.row) != NOT_AT_ALL;
  bool vec_by_row = p.row >= 0 && read_along(p.vec, p.row) != NOT_AT_ALL;
  double spread = (vec_by_row ? read_spread(p.vec, p.row) : 1) * (p.apart > 1 ? p.apart : 1);
  double terms = usual_count(p.n->ndom - p.n->rank, p.n->dom + p.n->rank);
  if (p.col != p.n->rank - 1 && !p.blocks) extra += STORE_APART / terms;
  for (int bytes = t->vector_bytes; bytes >= 16; bytes /= 2) {
    p.lanes = bytes / size;
    if (ncol >= 0 && 2 * ncol <= p.lanes && bytes > 16) continue; /* half of it would do */
    double parts = t->halves && bytes == 64 ? HALVES : 1;
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
        p.cost = step_cycles(&p, one_by_row, vec_by_row, parts) * spread * (double)tiles /
                 (double)(cols * rows);
        p.cost += passing_cycles(&p, vec_by_row, lines, t) + extra;
        if (nrow < 0) p.cost *= may_be_one(&p) ? 1.03 : 1.02; /* plain loops run where a tile has too many */
        if (is_better(&p, best)) *best = p;
      }
    }
  }
}

/* The share of steps of a dot product that read what is left of a row, and take a cycle more for
** every vector: half a one where a whole vector that ends there can be read. */
static double tail_share(int64_t terms, int lanes) {
  if (terms < 0) return 0.1;
  if (terms < lanes) return 1;
  return terms % lanes == 0 ? 0 : 0.5 / (double)((terms + lanes - 1) / lanes);
}

/* Tries tiles of dot products: rows from one, columns from vec. */
static void try_dots(TilePlan p, const Target *t, int columns, TilePlan *best) {
  int64_t nrow = extent_of(p.n, p.row), ncol = extent_of(p.n, p.col);
  int64_t terms = extent_of(p.n, p.n->ndom - 1);
  p.dot = true;
  p.lanes = p.n->dtype == DT_F32 ? 16 : 8;
  int parts = 64 / t->vector_bytes; /* registers a run of lanes takes */
  int size = (int)dtype_size((Dtype)p.n->dtype), last = p.n->ndom - 1;
  double one_loads = step_loads(read_step(p.one, last)), vec_loads = step_loads(read_step(p.vec, last));
  double tail = tail_share(terms, p.lanes);
  bool afar = nrow > 0 && known_terms(p.n) * nrow * size > SECOND_CACHE;
  double part =
      terms < 0 ? 1.2 : (double)((terms + p.lanes - 1) / p.lanes * p.lanes) / (double)terms;
  for (p.rows = 1; p.rows <= 6; p.rows++)
    for (p.vectors = 1; p.vectors <= columns; p.vectors++) {
      if ((nrow >= 0 && p.rows > nrow) || (ncol >= 0 && p.vectors > ncol)) continue;
      if (p.rows * p.vectors * parts + p.vectors + 1 > t->registers) continue;
      double fma = p.rows * p.vectors * parts;
      double loads = (p.rows * one_loads + p.vectors * vec_loads) * parts;
      double cycles = (fma > loads ? fma / 2 : loads / 2) + tail * (p.rows + p.vectors);
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

/* Whether tiles can read s: the indices are affine in every axis of terms, without rules. */
static bool is_operand(const Node *n, const Scalar *s) {
  if (!s_is_plain_read(s)) return false;
  for (int p = n->rank; p < n->ndom; p++)
    if (read_along(s, p) == ELSEWISE) return false;
  return true;
}

bool in_steps(const TilePlan *p, int axis) {
  Scalar *guard = guard_of(p->n->body);
  return read_along(p->one, axis) != ELSEWISE && read_along(p->vec, axis) != ELSEWISE &&
         (!p->here || read_along(p->here, axis) != ELSEWISE) &&
         !(guard && s_uses_axis(guard, axis));
}

/* Whether the guard of n does nothing but bound its terms. */
static bool only_bounds(const Node *n) {
  Scalar *guard = guard_of(n->body), *rest;
  double part;
  return !guard || (term_bounds(n, guard, -1, &rest, &part) && !rest);
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
  p.step = 1;
  if (along == CONTIGUOUS && !p.here && plan_slide(&p, t)) {
    tile_shapes(p, t, best);
    return;
  }
  p.step = read_step(p.vec, p.col);
  bool once = p.row < 0 || read_along(p.vec, p.row) != NOT_AT_ALL; /* what is loaded is used */
  bool apart = p.here || (once && is_written_out(n)); /* plain loops then take rows apart */
  if (p.step == 1 || (p.step > 1 && !apart)) tile_shapes(p, t, best);
  p.step = 1;
  if (!may_copy(&p)) return;
  for (int q = 0; q < n->rank; q++)
    if (read_along(p.vec, q) == NOT_AT_ALL) positions *= usual_count(1, n->dom + q);
  p.copies = true;
  p.apart = read_spread(p.one, p.row);
  p.cost += copy_cycles(along) / positions;
  tile_shapes(p, t, best);
}

/* Whether both operands are runs of elements along the innermost term, in steps if they are long. */
static bool may_be_dots(const TilePlan *p) {
  int last = p->n->ndom - 1, one = read_step(p->one, last), vec = read_step(p->vec, last);
  int64_t terms = extent_of(p->n, last), least = one > 1 || vec > 1 ? 16 : 8;
  return !p->here && !guard_of(p->n->body) && one && vec && (terms < 0 || terms >= least);
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
    if (!dots || !may_be_dots(&p)) continue;
    for (p.col = 0; p.col < n->rank; p.col++)
      for (p.row = 0; p.row < n->rank; p.row++)
        if (p.row != p.col && read_along(p.one, p.row) != NOT_AT_ALL &&
            read_along(p.vec, p.row) == NOT_AT_ALL && in_steps(&p, p.row) && in_steps(&p, p.col))
          try_dots(p, t, read_along(p.one, p.col) == NOT_AT_ALL ? 4 : 1, best);
  }
}

bool plan_tiles(const Node *n, const Target *t, TilePlan *best) {
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

/* Whether blocks are the best plan. Sums over windows may do as well in tiles. */
static bool prefers_blocks(const Node *n, Block *b) {
  TilePlan p;
  if (!plan_block(n, &deciding, b)) return false;
  return n->ndom == n->rank + 1 || !plan_tiles(n, &deciding, &p) || b->p.cost < p.cost;
}

bool blocks_pay(const Low *l, Block *b) {
  const Node *n = l->g->member[l->g->root];
  Block there;
  if (!prefers_blocks(n, b)) return false;
  if (plan_block(n, l->target, &there) && there.nsweep == b->nsweep && there.parts == b->parts)
    *b = there;
  return true;
}

double bounded_work(const Node *bounded, double part, const Node *whole) {
  Block b;
  TilePlan tile;
  if (!plan_tiles(bounded, &deciding, &tile)) return 1;
  double cost = tile.cost * part, all = tile.cost * 2;
  if (prefers_blocks(whole, &b)) all = b.p.cost;
  else if (plan_tiles(whole, &deciding, &tile)) all = tile.cost;
  return cost < BOUNDS_GAIN * all ? cost / all : 1;
}

bool columns_apart(const Node *n) {
  Block b;
  if (plan_matvec(n, &b.p)) return false;
  if (!prefers_blocks(n, &b) && !plan_tiles(n, &deciding, &b.p)) return false;
  return usual_count(n->rank - b.p.col - 1, n->dom + b.p.col + 1) >= APART;
}
