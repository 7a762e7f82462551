/*
** lower_block.c: large contractions in blocks that stay in the caches
**
**   y[i, j] = sum k. a[i, k] * b[k, j]   becomes
**
**   for i by 512, j by 512:              a block of results,
**     for k by 256:                      its terms block by block
**       columns = b[k..k+256][j..j+512]    copied to the order they are read in,
**       for 128 rows of the block:
**         rows = a[128 of i..][k..k+256]     too
**         for 16 columns, 4 rows of them:
**           y += a tile in registers, and the epilogue with the last terms
**
** (Goto and van de Geijn 2008.) Copying (lower_copy.c) reads through any affine index, so that
** transposed operands and convolutions are this too; `one` stays in place where its terms are near
** in memory, and rows are near one another. A sum takes its terms in order within a block of terms,
** and the blocks in order: its bits depend on neither tile nor thread.
*/
#include "lower_tile.h"
#include "fuse.h"

enum {
  BLOCK_COLUMNS = 1024, /* bytes of a row of a block of sums, four times as many at home */
  BLOCK_ROWS = 256,     /* rows of a block of f32, half as many of f64; twice as many at home */
  GROUP_ROWS = 128,     /* of them that are copied at a time then */
  FEW_TERMS = 16,       /* that make copying columns worth it where many rows share them; else thrice as many */
  PAGE = 4096,          /* bytes: terms of columns that are as far apart are copied several tiles at a time */
  FEW_ROWS = 24,        /* less than these are not worth a copy of columns */
  MANY_ROWS = 200,      /* more than these are, of columns or rows whose terms are far apart */
  FAR_TERMS = 256,      /* terms of a row that are each in a line of their own and stay in the first cache */
  INNER_TERMS = 64,     /* most terms of the reduced axes inside the one that is cut */
  MOST_SUMS = 65536,    /* results whose sums share a copy of columns */
  PARTS = 8,            /* shares of the terms where there are few results */
};

static double usual(Scalar *extent) { return usual_count(1, &extent); }

/* Whether terms of `one` are apart in memory, so that few rows have them all in one line. */
static bool is_far(const TilePlan *p) {
  const Node *n = p->n;
  return read_along(p->one, n->ndom - 1) != CONTIGUOUS && usual_count(n->ndom - n->rank, n->dom + n->rank) >= 96;
}

/* Whether tiles read both operands in place at no loss: they go through a matrix of contiguous
** columns that stays in the second cache, or have too few rows to make a copy worth while. */
static bool read_in_place(const TilePlan *p, double rows, double columns, double terms) {
  const Node *n = p->n;
  double size = (double)dtype_size((Dtype)n->dtype);
  bool product = n->ndom == n->rank + 1, far = is_far(p);
  bool deep = terms * 64 > FIRST_CACHE && rows >= 48;
  bool apart = (double)read_stride(p->vec, n->ndom - 1) * size >= PAGE;
  if (!deep && !far && !apart && rows >= FEW_ROWS) return true;
  if (!product || rows < LEAST_ROWS) return false;
  if (rows < FEW_ROWS) return true;
  return p->col == n->rank - 1 && terms * columns * size <= FAR_BYTES &&
         (rows <= MANY_ROWS || (!far && !apart)) && (!far || terms <= FAR_TERMS);
}

/* Tries a product of matrices that is large enough to be worth it. Returns whether tiles alone do
** as well: the operands are read in the order they are in, and stay in the cache. */
static bool tiles_do(TilePlan p, const Target *t, TilePlan *best) {
  const Node *n = p.n;
  Along one_row = read_along(p.one, p.row), vec_col = read_along(p.vec, p.col);
  if (one_row == NOT_AT_ALL || read_along(p.one, p.col) != NOT_AT_ALL) return false;
  if (vec_col == NOT_AT_ALL || read_along(p.vec, p.row) != NOT_AT_ALL) return false;
  double rows = usual(n->dom[p.row]), columns = usual(n->dom[p.col]);
  double terms = usual_count(n->ndom - n->rank, n->dom + n->rank);
  int least = vec_col != CONTIGUOUS && rows >= 64 ? FEW_TERMS : 3 * FEW_TERMS;
  if (columns < 16 || terms < FEW_TERMS) return false;
  if (rows * columns * terms < 100000) return false;
  if (vec_col == CONTIGUOUS && read_in_place(&p, rows, columns, terms)) return true;
  if (rows < FEW_ROWS) return false;
  bool far = is_far(&p);
  if (terms < least) return false;
  TilePlan shape = p;
  shape.cost = 1e30;
  p.blocks = true;
  tile_shapes(p, t, &shape);
  if (shape.cost > 1e29) return false;
  shape.cost += copy_cycles(vec_col) / rows;
  if (far || n->ndom > n->rank + 1) shape.cost += copy_cycles(one_row) / columns;
  if (p.col != n->rank - 1) shape.cost += 1 / terms;
  if (shape.cost < best->cost * 0.999) *best = shape;
  return false;
}

/* The axes of results, beyond row and column, that `vec` does not depend on: filters' gradients at
** all taps read the same outputs. Rows of all of them are done while a copy of columns is there. */
static int sweep_axes(const TilePlan *p, int axis[], int64_t *count) {
  const Node *n = p->n;
  int found = 0;
  *count = extent_of(n, p->row);
  if (*count < 0 || n->ndom == n->rank + 1) return 0;
  for (int q = 0; q < n->rank; q++) {
    if (q == p->row || q == p->col || read_along(p->vec, q) != NOT_AT_ALL) continue;
    int64_t extent = extent_of(n, q);
    if (extent < 0 || *count * extent * 16 > MOST_SUMS) return 0;
    *count *= extent;
    axis[found++] = q;
  }
  return *count * 16 > MOST_SUMS ? 0 : found;
}

static void try_sweep(TilePlan p, const Target *t, TilePlan *best) {
  int axis[MAX_AXES];
  int64_t rows;
  if (read_along(p.one, p.row) == NOT_AT_ALL || read_along(p.one, p.col) != NOT_AT_ALL) return;
  if (read_along(p.vec, p.col) == NOT_AT_ALL || read_along(p.vec, p.row) != NOT_AT_ALL) return;
  if (!sweep_axes(&p, axis, &rows)) return;
  double terms = usual_count(p.n->ndom - p.n->rank, p.n->dom + p.n->rank);
  if (terms < 100 || terms * (double)rows < 20000) return;
  p.copies = true;
  p.apart = read_spread(p.one, p.row);
  p.cost = copy_cycles(read_along(p.vec, p.col)) / (double)rows;
  tile_shapes(p, t, best);
}

static bool plan_product(const Node *n, const Target *t, TilePlan *best) {
  TermOf term;
  if (!tile_term(n, &term) || term.here) return false;
  best->cost = 1e30;
  for (int k = 0; k < 2; k++) {
    TilePlan p = {
        .n = n, .pair = term.pair, .one = term.factor[k], .vec = term.factor[1 - k]};
    for (p.col = 0; p.col < n->rank; p.col++)
      for (p.row = 0; p.row < n->rank; p.row++) {
        if (p.row == p.col || !in_steps(&p, p.row) || !in_steps(&p, p.col)) continue;
        if (tiles_do(p, t, best)) return false;
        try_sweep(p, t, best);
      }
  }
  return best->cost < 1;
}

static int round_up(int64_t x, int to) { return (int)((x + to - 1) / to * to); }

/* The innermost reduced axes with few terms stay whole; the one before them is cut, evenly, so that
** no block is left with few of them. */
static void cut_terms(Block *b) {
  const Node *n = b->p.n;
  int64_t extent;
  b->cut = n->ndom - 1;
  b->inner = 1;
  while (b->cut > n->rank && s_const_value(n->dom[b->cut], &extent) &&
         extent * b->inner <= (b->nsweep ? TERMS : INNER_TERMS))
    b->inner *= (int)extent, b->cut--;
  b->step = TERMS / b->inner;
  if (!s_const_value(n->dom[b->cut], &extent)) return;
  int64_t blocks = (4 * extent + 5 * b->step - 1) / (5 * b->step);
  if (extent < b->step) b->step = (int)extent;
  else if (!b->nsweep && b->inner == 1 && extent % b->step)
    b->step = blocks == 1 ? (int)extent : round_up((extent + blocks - 1) / blocks, 8);
}

/* The length of a block up to `most`, a multiple, that cuts `extent` evenly, or nearly so. */
static int even_cut(int64_t extent, int most, int multiple) {
  int64_t blocks = (extent + most - 1) / most;
  for (int length = most; length > most / 2; length -= multiple)
    if (extent > most && extent % length == 0) return length;
  return round_up((extent + blocks - 1) / blocks, multiple);
}

/* How many blocks there should be at least, for threads. */
static int least_blocks(const Node *n) {
  double work = usual_count(n->ndom, n->dom) / 4;
  return work > 250.0 * SHARED_WORK ? 4 : work > SHARED_WORK ? 2 : 1;
}

/* Whether rows of `one`, which are long, are so far apart that they are found late: each on a page
** of its own; or are whole pages apart, so that few of them stay in a cache at a time. */
static bool rows_apart(const Block *b) {
  const Node *n = b->p.n;
  int64_t size = (int64_t)dtype_size((Dtype)n->dtype),
          apart = read_stride(b->p.one, b->p.row) * size;
  int least = apart % PAGE == 0 ? 32 : 256; /* columns that a copy pays for */
  return apart >= PAGE / 2 && b->step * size >= 256 &&
         usual(n->dom[b->p.col]) >= least;
}

/* At how many positions of the axes of results that blocks do not have. */
static int64_t positions(const Block *b) {
  const Node *n = b->p.n;
  int64_t all = 1;
  for (int q = 0; q < n->rank; q++)
    if (q != b->p.col && q != b->p.row && extent_of(n, q) > 0) all *= extent_of(n, q);
  return all;
}

/* Whether more blocks along rows, each with a copy of its columns, cost less than more of them
** along columns, each with a copy of its rows. */
static bool rows_cut_cheaper(const Block *b, int64_t rows, int64_t columns) {
  int64_t down = (rows + b->rows - 1) / b->rows, across = (columns + b->columns - 1) / b->columns;
  double one = copy_cycles(read_along(b->p.one, b->p.row));
  double vec = copy_cycles(read_along(b->p.vec, b->p.col));
  return (double)(down * columns) * vec < (double)(across * rows) * one;
}

/* Blocks no larger than the results, and several of them where sizes allow: cut along rows, whose
** copies cost more than those of columns, or, where there are none, along columns. */
void size_blocks(Block *b) {
  const TilePlan *p = &b->p;
  const Node *n = p->n;
  int wide = p->columns;
  int64_t rows = -1, columns = -1;
  if (b->nsweep) {
    s_const_value(n->dom[p->row], &rows);
    b->rows = round_up(rows, p->rows);
    b->columns = wide;
    return;
  }
  int size = (int)dtype_size((Dtype)n->dtype), home = b->home ? 2 : 1;
  b->copy_rows = read_along(p->one, n->ndom - 1) != CONTIGUOUS || b->inner > 1 ||
                 (read_stride(p->one, p->row) < 0 && usual(n->dom[p->col]) >= 256) || rows_apart(b);
  b->rows = round_up(BLOCK_ROWS * home * 4 / size, p->rows);
  b->columns = round_up(BLOCK_COLUMNS * home * home / size, wide);
  if (s_const_value(n->dom[p->row], &rows)) b->rows = even_cut(rows, b->rows, p->rows);
  else b->rows = round_up(b->rows / home, p->rows);
  if (s_const_value(n->dom[p->col], &columns)) b->columns = even_cut(columns, b->columns, wide);
  while (rows >= 0 && columns >= 0) {
    int64_t blocks = ((rows + b->rows - 1) / b->rows) * ((columns + b->columns - 1) / b->columns);
    if (blocks * positions(b) >= least_blocks(n)) break;
    if (b->copy_rows && b->rows >= 64 && rows_cut_cheaper(b, rows, columns))
      b->rows = round_up((b->rows + 1) / 2, p->rows);
    else if (b->columns >= 4 * wide) b->columns = round_up((b->columns + 1) / 2, wide);
    else if (b->rows >= 8 * p->rows) b->rows = round_up((b->rows + 1) / 2, p->rows);
    else break;
  }
  int least = GROUP_ROWS * 4 / size, groups = (b->rows + least - 1) / least;
  bool pays = b->home && 2 * b->rows > 3 * least;
  b->group = pays ? round_up((b->rows + groups - 1) / groups, p->rows) : 0;
}

/* min(width, hi - start): how many terms a block has, which is known for whole ones. */
static Scalar *terms_from(Low *l, const Block *b, int axis, Scalar *hi, Stmt *in) {
  int64_t known;
  if (s_const_value(hi, &known) && known % b->step == 0) return s_int(b->step);
  Node *count = low_local(l, DT_I64, 0, NULL, "terms");
  l->k->local[l->k->nlocal - 1].is_int = true;
  Scalar *rest = s_sub(hi, s_axis(axis));
  stmt_add(in, stmt_let(count, s_op2(OP_MIN, s_int(b->step), rest), in->loc));
  return local_read(count);
}

/* max(extent, 1), even where sizes are taken to be at least 1: sums of no terms are finished,
** too. */
static Scalar *at_least_one(Scalar *extent) {
  int64_t known;
  if (s_const_value(extent, &known)) return extent;
  return s_raw(OP_MAX, DT_I64, 2, (Scalar *[]){extent, s_int(1)});
}

/* Whether one block of terms has all there is along reduced axis q. */
static bool is_whole(const Block *b, int q) {
  int64_t extent = extent_of(b->p.n, q);
  return extent >= 0 && extent <= (q == b->cut ? b->step : 1);
}

/* The loops over blocks of terms, of the part whose number is the axis b->part. */
static void lower_blocks_of_terms(Low *l, Block *b, Node *sums, Scalar **by, Stmt *in) {
  const Node *n = b->p.n;
  Scalar *lo = s_int(0), *hi = n->dom[n->rank];
  Stmt *terms = in;
  if (b->parts > 1) {
    Scalar *share = ceil_div(hi, b->parts);
    lo = s_mul(s_axis(b->part), share);
    hi = s_op2(OP_MIN, hi, s_add(lo, share));
  }
  b->first = b->last = NULL;
  b->may_be_one = true;
  for (int q = n->rank; q <= b->cut; q++) {
    if (q > n->rank) lo = s_int(0), hi = n->dom[q];
    if (b->finish) hi = at_least_one(hi);
    if (b->parts == 1 && is_whole(b, q)) {
      by[q] = s_int(0);
      continue;
    }
    int axis = low_axis(l, n->dom[q], NULL);
    b->may_be_one = b->may_be_one && extent_of(n, q) < 0;
    if (b->finish) {
      Scalar *begin = s_op2(OP_EQ, s_axis(axis), s_int(0));
      Scalar *end = s_op2(OP_GE, s_add(s_axis(axis), s_int(q == b->cut ? b->step : 1)), n->dom[q]);
      b->first = b->first ? s_op2(OP_AND, b->first, begin) : begin;
      b->last = b->last ? s_op2(OP_AND, b->last, end) : end;
    }
    by[q] = s_axis(axis);
    terms = stmt_add(terms, stmt_for(axis, lo, hi, n->loc));
    terms->trips = n->dom[q];
  }
  if (is_whole(b, b->cut) && b->parts == 1) b->nterm = n->dom[b->cut];
  else
    terms->step = b->step,
    b->nterm = terms_from(l, b, terms->axis, b->finish ? n->dom[b->cut] : hi, terms);
  lower_terms(l, b, sums, by, terms);
}

/* The sums of all parts, added in order; of one part, its own. */
static Scalar *join_parts(const Block *b, Node *sums, Scalar *row, Scalar *col) {
  Scalar *sum = NULL;
  int64_t count = b->rows;
  for (int k = 0; k < b->nsweep; k++) count *= extent_of(b->p.n, b->sweep[k]);
  for (int p = 0; p < b->parts; p++) {
    Scalar *at[] = {s_add(row, s_int(p * count)), col}, *part = s_read(sums, at, NULL);
    sum = sum ? s_op2(OP_ADD, sum, part) : part;
  }
  return sum;
}

/* sums = 0, and the terms; in parts, each on a thread. */
static Node *lower_sums(Low *l, Block *b, Scalar **by, Stmt *in) {
  const Node *n = b->p.n;
  Loc loc = n->loc;
  int64_t rows = b->rows;
  for (int k = 0; k < b->nsweep; k++) rows *= extent_of(n, b->sweep[k]);
  Scalar *dim[] = {s_int(rows * b->parts), s_int(b->columns)}, *zero = s_const((Dtype)n->dtype, 0);
  Node *sums = low_local(l, (Dtype)n->dtype, 2, dim, "sums");
  stmt_add(in, stmt_var(sums, b->parts > 1 ? NULL : zero, loc));
  if (b->parts > 1) {
    b->part = low_axis(l, s_int(b->parts), NULL);
    in = stmt_add(in, stmt_for(b->part, s_int(0), s_int(b->parts), loc));
    in->tiles = true;
    int row = low_axis(l, s_int(rows), NULL), col = low_axis(l, dim[1], NULL);
    Scalar *at[] = {s_add(s_mul(s_axis(b->part), s_int(rows)), s_axis(row)), s_axis(col)};
    Stmt *fill = loop_to(loop_to(in, row, s_int(rows), (int)rows), col, dim[1], b->columns);
    stmt_add(fill, stmt_store(sums, at, C_SET, zero, loc));
  }
  lower_blocks_of_terms(l, b, sums, by, in);
  return sums;
}

/* Whether a block has the whole of an axis. */
static bool in_one(const Block *b, int axis, int length) {
  int64_t extent = extent_of(b->p.n, axis);
  return extent >= 0 && extent <= length;
}

void lower_block(Low *l, Block *b, Stmt *in) {
  const TilePlan *p = &b->p;
  const Node *n = p->n;
  Scalar *by[MAX_AXES];
  Loc loc = n->loc;
  for (int q = 0; q < l->nshared; q++) l->shared[q] = low_at(l, q);
  for (int q = 0; q < n->ndom; q++) by[q] = q < n->rank ? low_at(l, q) : NULL;
  for (int q = 0; q < n->rank; q++) {
    bool sweeps = b->nsweep && read_along(p->vec, q) == NOT_AT_ALL;
    if (q != p->col && q != p->row && !sweeps && !s_is_int(low_extent(l, q), 1))
      in = stmt_add(in, stmt_for(q, s_int(0), low_extent(l, q), loc));
  }
  for (int k = 0; k < 2; k++) {
    int axis = k ? p->col : p->row;
    if (in_one(b, axis, k ? b->columns : b->rows)) continue;
    in = stmt_add(in, stmt_for(axis, s_int(0), low_extent(l, axis), loc));
    in->step = k ? b->columns : b->rows;
    in->tiles = true;
  }
  bool one_row = in_one(b, p->row, b->rows), one_col = in_one(b, p->col, b->columns);
  b->row0 = one_row ? s_int(0) : s_axis(p->row);
  b->col0 = one_col ? s_int(0) : s_axis(p->col);
  b->nrow = one_row ? n->dom[p->row]
                    : count_from(l, low_extent(l, p->row), b->row0, b->rows, "row_count", in);
  b->ncol = one_col ? n->dom[p->col]
                    : count_from(l, low_extent(l, p->col), b->col0, b->columns, "column_count", in);
  if (b->finish) {
    bool one = true;
    for (int q = n->rank; q <= b->cut; q++) one = one && is_whole(b, q);
    Scalar *dim[] = {s_int(b->rows), s_int(b->columns)};
    Node *sums = one || b->home ? NULL : low_local(l, (Dtype)n->dtype, 2, dim, "sums");
    if (sums) stmt_add(in, stmt_var(sums, NULL, loc));
    lower_blocks_of_terms(l, b, sums, by, in);
    return;
  }
  Node *sums = lower_sums(l, b, by, in);
  int row = low_axis(l, s_int(b->rows), NULL), col = low_axis(l, s_int(b->columns), NULL);
  Stmt *out = in;
  bool outer = b->nsweep && p->row < b->sweep[0]; /* results are stored nearly in the order they are in */
  if (outer) out = loop_to(out, row, b->nrow, b->rows);
  Scalar *first = sweep_loops(l, b, s_int(0), &out);
  if (!outer) out = loop_to(out, row, b->nrow, b->rows);
  out = loop_to(out, col, b->ncol, b->columns);
  out->simd = true;
  l->shared[p->row] = s_add(b->row0, s_axis(row));
  l->shared[p->col] = s_add(b->col0, s_axis(col));
  lower_epilogue(l, join_parts(b, sums, s_add(first, s_axis(row)), s_axis(col)), out);
}

/* Whether there is one block of results, and enough terms for threads. */
static bool few_results(const Block *b) {
  const Node *n = b->p.n;
  double terms = usual_count(n->ndom - n->rank, n->dom + n->rank);
  int64_t rows, other = 1;
  int axis[MAX_AXES], shares = sweep_axes(&b->p, axis, &rows);
  for (int q = 0; q < n->rank; q++)
    if (q != b->p.row && q != b->p.col) other *= extent_of(n, q) == 1 ? 1 : 2;
  for (int k = 0; k < shares; k++)
    if (extent_of(n, axis[k]) > 1) other /= 2;
  return other == 1 && extent_of(n, b->p.col) >= 0 && extent_of(n, b->p.col) <= b->columns &&
         usual_count(1, n->dom + n->rank) >= PARTS &&
         terms * (double)rows * b->columns / 4 > SHARED_WORK;
}

bool plan_block(const Node *n, const Target *t, Block *b) {
  *b = (Block){0};
  if (!plan_product(n, t, &b->p)) return false;
  int64_t rows;
  if (b->p.copies) b->nsweep = sweep_axes(&b->p, b->sweep, &rows);
  cut_terms(b);
  size_blocks(b);
  b->parts = b->nsweep && few_results(b) ? PARTS : 1;
  b->finish = !b->nsweep;
  return true;
}

void choose_block(Low *l, Block *b) {
  Block now = *b;
  if (!choose_tile(l, &now.p)) return;
  size_blocks(&now);
  if ((now.nsweep && few_results(&now) ? PARTS : 1) == b->parts) *b = now; /* else other bits */
}
