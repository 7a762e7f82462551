/*
** lower_terms.c: one block of terms of a contraction in blocks, tile by tile
**
**   columns = b[k..k+256][all of the block]     copied,
**   for 128 rows of the block:
**     rows = a[those][k..k+256]                   too;
**     for 16 columns, 4 rows:
**       tile = their sums in registers
**       y = tile, with the first terms; y += tile, with the next;
**       y = the epilogue of y + tile, with the last
**
** So a result holds its own sums, where it has their type; else an array of the block's does. Tiles
** that are whole go from registers to a result that has no epilogue.
*/
#include "lower_tile.h"
#include "fuse.h"

enum {
  COPIED_TILES = 4 /* tiles of columns that are copied at a time, where all rows are there */
};

/* Loops over the axes that share a copy of columns; which row of the sums theirs begin at. */
Scalar *sweep_loops(Low *l, const Block *b, Scalar *part, Stmt **in) {
  Scalar *flat = part;
  for (int k = 0; k < b->nsweep; k++) {
    int q = b->sweep[k];
    flat = s_add(s_mul(flat, low_extent(l, q)), low_at(l, q));
    if (!s_is_int(low_extent(l, q), 1))
      *in = stmt_add(*in, stmt_for(q, s_int(0), low_extent(l, q), b->p.n->loc));
  }
  return s_mul(flat, s_int(b->rows));
}

Node *home_of_sums(Low *l, const Block *b) {
  const Node *n = b->p.n;
  if (b->nsweep || b->p.col != n->rank - 1) return NULL;
  for (int i = l->g->root; i < l->nmember; i++) {
    const Node *m = l->g->member[i];
    bool here = l->g->stored[i] && m->dtype == n->dtype && m->rank == n->rank;
    if (here && (i == l->g->root || n_is_map(m))) return l->g->member[i];
  }
  return NULL;
}

/* Which tile, and where its sums are. */
typedef struct TileAt {
  Node *home, *sums;       /* the result that holds those of earlier terms, or NULL; an array */
  Scalar *first, *start;   /* its first row and column in the block, */
  Scalar *rows, *columns;  /* and how many it has */
  Scalar *whole;           /* as many as fit */
  bool kept;               /* sums of earlier terms are at home before it is finished */
} TileAt;

/* A tensor at a place in the tile. */
static Scalar *at_tile(Low *l, const Block *b, const TileAt *t, Node *of, Scalar **at) {
  Scalar *index[MAX_RANK];
  for (int q = 0; q < of->rank; q++) index[q] = low_at(l, q);
  index[b->p.row] = s_add(s_add(b->row0, t->first), at[0]);
  index[b->p.col] = s_add(s_add(b->col0, t->start), at[1]);
  return s_read(of, index, NULL);
}

/* Whether an epilogue goes column by column: what it reads and stores is side by side along rows. */
static bool by_columns(const Low *l, const Block *b) {
  return l->nmember > 1 && b->p.row == b->p.n->rank - 1 && b->p.rows >= TURNED_ROWS;
}

/* The loops over a tile's elements; positions of its row and column. */
static Stmt *element_loops(Low *l, const Block *b, const TileAt *t, Scalar **at, Stmt *in) {
  int row = low_axis(l, s_int(b->p.rows), NULL), col = low_axis(l, s_int(b->p.columns), NULL);
  if (by_columns(l, b))
    in = loop_to(loop_to(in, col, t->columns, b->p.columns), row, t->rows, b->p.rows);
  else in = loop_to(loop_to(in, row, t->rows, b->p.rows), col, t->columns, b->p.columns);
  in->simd = true;
  at[0] = s_axis(row), at[1] = s_axis(col);
  return in;
}

/* home = tile with the first terms, and home += tile with others. */
static void keep_sums(Low *l, const Block *b, const TileAt *t, Stmt *in) {
  Scalar *at[2];
  for (int k = 0; k < 2; k++) {
    Stmt *when = in;
    if (!b->first && k) return;
    if (b->first) {
      when = stmt_add(in, stmt_new(ST_IF, in->loc));
      when->value = k ? s_op1(OP_NOT, b->first) : b->first;
    }
    Stmt *each = element_loops(l, b, t, at, when);
    Scalar *to = at_tile(l, b, t, t->home, at);
    Scalar *sum = s_read(t->sums, at, NULL);
    stmt_add(each, stmt_store(t->home, to->arg, k ? C_SUM : C_SET, sum, in->loc));
  }
}

/* A tile turned in registers, columns by rows. */
static Node *turned_tile(Low *l, const Block *b, const TileAt *t, Stmt *in) {
  int row = low_axis(l, s_int(b->p.rows), NULL), col = low_axis(l, s_int(b->p.columns), NULL);
  Scalar *dim[] = {s_int(b->p.columns), s_int(b->p.rows)};
  Scalar *from[] = {s_axis(row), s_axis(col)}, *to[] = {s_axis(col), s_axis(row)};
  Node *turned = low_local(l, (Dtype)t->sums->dtype, 2, dim, "turned");
  stmt_add(in, stmt_var(turned, NULL, in->loc));
  in = loop_to(in, row, t->rows, b->p.rows);
  in->turns = in->lanes = true;
  in = loop_to(in, col, t->columns, b->p.columns);
  in->lanes = true;
  stmt_add(in, stmt_store(turned, to, C_SET, s_read(t->sums, from, NULL), in->loc));
  return turned;
}

/* What becomes of the sums of a tile once the last block of terms is added. They are in the tile,
** but for those of earlier blocks, which are at home; without a home, all are in `sums`. */
static void finish_tile(Low *l, const Block *b, const TileAt *t, Stmt *in) {
  const TilePlan *p = &b->p;
  Scalar *at[2];
  if (t->home && l->nmember == 1) {
    keep_sums(l, b, t, in);
    return;
  }
  if (b->last) {
    Stmt *last = stmt_add(in, stmt_new(ST_IF, in->loc));
    last->value = b->last;
    if (t->home && !t->kept) {
      Stmt *more = stmt_add(in, stmt_new(ST_IF, in->loc));
      more->value = s_op1(OP_NOT, b->last);
      keep_sums(l, b, t, more);
    }
    in = last;
  }
  Stmt *rows = in;
  bool turns = by_columns(l, b) && (!b->last || t->home);
  Node *turned = turns ? turned_tile(l, b, t, in) : NULL;
  in = element_loops(l, b, t, at, in);
  if (l->nmember == 1 && p->row == p->n->rank - 1) /* plain sums, neighbours in a column of a tile */
    rows->body[rows->n - 1]->turns = true;
  Scalar *sum = turns ? s_read(turned, (Scalar *[]){at[1], at[0]}, NULL) : s_read(t->sums, at, NULL);
  Scalar *before = t->home ? at_tile(l, b, t, t->home, at) : NULL;
  l->shared[p->row] = s_add(s_add(b->row0, t->first), at[0]);
  l->shared[p->col] = s_add(s_add(b->col0, t->start), at[1]);
  if (b->last && !t->home) {
    at[0] = s_add(t->first, at[0]), at[1] = s_add(t->start, at[1]);
    sum = s_read(t->sums, at, NULL);
  }
  if (b->last && t->home) {
    Scalar *both = s_add(before, sum);
    sum = b->may_be_one ? s_op3(OP_WHERE, b->first, sum, both) : both;
  }
  lower_epilogue(l, sum, in);
}

/* The sums of a tile, where they go: to c->sum. */
static void add_contract(const Block *b, const Contract *c, Stmt *in) {
  Stmt *s = stmt_add(in, stmt_new(ST_CONTRACT, b->p.n->loc));
  s->contract = arena_copy(mod->arena, c, sizeof *c);
  s->contract->tile = c->sum->tensor;
  s->work = s_int((int64_t)b->p.rows * b->p.columns * b->step * b->inner / 4);
}

/* The sums of a tile in an array of its own, from which they go on; of a whole tile, only the last
** ones: until then they are kept at home. */
static void lower_apart(Low *l, const Block *b, Contract *c, TileAt *t, bool two, Stmt *in) {
  Scalar *dim[] = {s_int(b->p.rows), s_int(b->p.columns)};
  Scalar *place[] = {s_axis(c->row_axis), s_axis(c->col_axis)};
  bool whole_here = t->rows == dim[0] && t->columns == dim[1];
  t->sums = low_local(l, c->dtype, 2, dim, "tile");
  stmt_add(in, stmt_var(t->sums, NULL, in->loc));
  c->sum = s_read(t->sums, place, NULL);
  c->adds = false;
  c->first = NULL;
  t->kept = t->home && b->last && l->nmember > 1 && (whole_here || two);
  if (t->kept) {
    c->home = at_tile(l, b, t, t->home, place);
    c->late = whole_here ? b->last : s_op2(OP_OR, b->last, s_op1(OP_NOT, t->whole));
    c->adds = true;
    c->first = b->first;
  }
  add_contract(b, c, in);
  Stmt *rest = in, *all;
  if (two) {
    TileAt whole = *t;
    tile_cases(l, t->whole, in, &all, &rest);
    whole.rows = dim[0], whole.columns = dim[1];
    finish_tile(l, b, &whole, all);
    t->kept = false;
  }
  finish_tile(l, b, t, rest);
}

/* A tile with all of its columns and so many rows. */
static void lower_rows(Low *l, const Block *b, const Contract *c, const TileAt *t, int rows,
                       Stmt *in) {
  Contract mine = *c;
  TileAt here = *t;
  Scalar *place[] = {s_axis(c->row_axis), s_axis(c->col_axis)};
  mine.rows = rows;
  here.rows = s_int(rows), here.columns = s_int(b->p.columns);
  if (l->nmember > 1 || !t->home) {
    lower_apart(l, b, &mine, &here, false, in);
    return;
  }
  mine.sum = at_tile(l, b, t, t->home, place);
  mine.adds = b->first != NULL;
  mine.first = b->first;
  add_contract(b, &mine, in);
}

/* Rows or columns of a tile that starts there in a block: all, where they divide the extent, as
** blocks are whole tiles long. */
static Scalar *tile_count(Low *l, Scalar *extent, Scalar *count, Scalar *start, int width,
                          const char *name, Stmt *in) {
  int64_t known;
  if (s_const_value(extent, &known) && known % width == 0) return s_int(width);
  return count_from(l, count, start, width, name, in);
}

/* The tile whose first row and column are these: its sums, and where they go. Whole tiles go from
** registers to a result without an epilogue. */
static void lower_one_tile(Low *l, const Block *b, Node *sums, Contract *c, Scalar *at,
                           Scalar *first, Scalar *start, Stmt *in) {
  const TilePlan *p = &b->p;
  TileAt t = {.sums = sums, .first = first, .start = start};
  Scalar *place[] = {s_axis(c->row_axis), s_axis(c->col_axis)};
  if (l->mirror) in = in_half(p, s_add(b->row0, first), s_add(b->col0, start), in);
  if (sums) {
    Scalar *there[] = {s_add(s_add(at, first), place[0]), s_add(start, place[1])};
    c->sum = s_read(sums, there, NULL);
    c->adds = true;
    c->first = b->first;
    add_contract(b, c, in);
    if (!b->finish) return;
  }
  t.home = b->home ? low_formal(l, b->home, true) : NULL;
  t.rows = tile_count(l, p->n->dom[p->row], b->nrow, first, p->rows, "tile_rows", in);
  t.columns = tile_count(l, p->n->dom[p->col], b->ncol, start, p->columns, "tile_columns", in);
  Scalar *rows = s_op2(OP_EQ, t.rows, s_int(p->rows));
  Scalar *columns = s_op2(OP_EQ, t.columns, s_int(p->columns));
  t.whole = s_op2(OP_AND, rows, columns);
  bool always = t.whole->kind == S_CONST, apart = l->nmember > 1 || !t.home;
  if (sums) {
    finish_tile(l, b, &t, in);
    return;
  }
  Stmt *whole = in, *rest = in;
  if (apart && !b->left) {
    lower_apart(l, b, c, &t, !always && l->nmember <= FEW_MEMBERS, in);
    return;
  }
  if (!always) tile_cases(l, t.whole, in, &whole, &rest);
  lower_rows(l, b, c, &t, p->rows, whole);
  if (b->left) lower_rows(l, b, c, &t, b->left, rest);
  else if (!always) lower_apart(l, b, c, &t, false, rest);
}

/* Whether so many copied columns stay in the first cache beside rows and results. Then rows are
** done one tile after the other, which stores them in longer runs. */
static bool columns_stay(const Block *b, int columns) {
  int64_t terms = (int64_t)b->step * b->inner * (int64_t)dtype_size((Dtype)b->p.n->dtype);
  return b->finish && terms * columns <= FIRST_CACHE / 2;
}

/* Whether a tile's rows do beside columns that pass by, from the second cache on. Then all columns
** are done for them: a line of columns serves as many multiply-adds as either way, and results are
** stored in long runs. */
static bool rows_stay(const Block *b) {
  return row_bytes(&b->p) * b->step * b->inner / TERMS <= FIRST_CACHE / 2;
}

static Stmt *row_loop(const Block *b, int row, Scalar *count, int rows, Stmt *in) {
  return loop_to(in, row, ceil_div(count, b->p.rows), rows / b->p.rows);
}

/* Tiles of columns that share copies with others on the axes of a sweep. */
static void lower_sweep(Low *l, Block *b, Node *sums, Scalar **by, Contract *c, Stmt *in) {
  const TilePlan *p = &b->p;
  int row = low_axis(l, s_int(b->rows / p->rows), NULL);
  bool one_row = b->rows == p->rows;
  c->vec = copy_columns(l, b, by, s_int(0), c, stmt_add(in, stmt_new(ST_BLOCK, in->loc)));
  bool outer = read_spread(p->one, p->row) > read_spread(p->one, b->sweep[0]);
  if (!one_row && outer) in = row_loop(b, row, b->nrow, b->rows, in);
  Scalar *at = sweep_loops(l, b, b->parts > 1 ? s_axis(b->part) : s_int(0), &in);
  if (!one_row && !outer) in = row_loop(b, row, b->nrow, b->rows, in);
  Scalar *first = one_row ? s_int(0) : s_mul(s_axis(row), s_int(p->rows));
  c->one = rows_in_place(l, b, by, s_add(first, s_axis(c->row_axis)), c);
  lower_one_tile(l, b, sums, c, at, first, s_int(0), in);
}

/* All columns are copied, then rows, some at a time. */
static void lower_groups(Low *l, Block *b, Node *sums, Scalar **by, Contract *c, Stmt *in) {
  const TilePlan *p = &b->p;
  int wide = p->columns, tiles = b->columns / wide;
  int row = low_axis(l, s_int(b->group / p->rows), NULL), col = low_axis(l, s_int(tiles), NULL);
  c->vec = copy_tiles(l, b, by, p->vec, b->col0, b->ncol, tiles, col, c->col_axis, c, in);
  int group = low_axis(l, s_int((b->rows + b->group - 1) / b->group), NULL);
  in = loop_to(in, group, ceil_div(b->nrow, b->group), b->rows / b->group);
  Scalar *from = s_mul(s_axis(group), s_int(b->group));
  Scalar *count = count_from(l, b->nrow, from, b->group, "rows_here", in);
  if (b->copy_rows)
    c->one = copy_tiles(l, b, by, p->one, s_add(b->row0, from), count, b->group / p->rows, row,
                        c->row_axis, c, in);
  bool stays = rows_stay(b);
  if (stays) in = row_loop(b, row, count, b->group, in);
  in = loop_to(in, col, ceil_div(b->ncol, wide), tiles);
  if (!stays) in = row_loop(b, row, count, b->group, in);
  Scalar *first = s_add(from, s_mul(s_axis(row), s_int(p->rows)));
  if (!b->copy_rows) c->one = rows_in_place(l, b, by, s_add(first, s_axis(c->row_axis)), c);
  lower_one_tile(l, b, sums, c, s_int(0), first, s_mul(s_axis(col), s_int(wide)), in);
}

/* All rows are copied, then some columns at a time. */
static void lower_columns(Low *l, Block *b, Node *sums, Scalar **by, Contract *c, Stmt *in) {
  const TilePlan *p = &b->p;
  int wide = p->columns, all = b->columns / wide, tiles = all < COPIED_TILES ? all : COPIED_TILES;
  int row = low_axis(l, s_int(b->rows / p->rows), NULL), col = low_axis(l, s_int(all), NULL);
  Scalar *from = s_int(0), *count = b->ncol;
  if (b->copy_rows)
    c->one = copy_tiles(l, b, by, p->one, b->row0, b->nrow, b->rows / p->rows, row, c->row_axis, c,
                        in);
  if (all > tiles) {
    int group = low_axis(l, s_int((all + tiles - 1) / tiles), NULL);
    in = loop_to(in, group, ceil_div(b->ncol, tiles * wide), all / tiles);
    from = s_mul(s_axis(group), s_int(tiles * wide));
    count = count_from(l, b->ncol, from, tiles * wide, "copied", in);
  }
  c->vec =
      copy_tiles(l, b, by, p->vec, s_add(b->col0, from), count, tiles, col, c->col_axis, c, in);
  bool rows_first = columns_stay(b, tiles * wide);
  if (rows_first) in = row_loop(b, row, b->nrow, b->rows, in);
  in = loop_to(in, col, ceil_div(count, wide), tiles);
  if (!rows_first) in = row_loop(b, row, b->nrow, b->rows, in);
  Scalar *first = s_mul(s_axis(row), s_int(p->rows));
  if (!b->copy_rows) c->one = rows_in_place(l, b, by, s_add(first, s_axis(c->row_axis)), c);
  lower_one_tile(l, b, sums, c, s_int(0), first, s_add(from, s_mul(s_axis(col), s_int(wide))), in);
}

/* Rows of the last tile, where they are known and tiles have all of their columns. */
static int rows_left(const Low *l, const Block *b, const Node *sums) {
  int64_t rows, columns;
  if (sums || l->nmember > FEW_MEMBERS || !s_const_value(b->p.n->dom[b->p.row], &rows)) return 0;
  bool whole = s_const_value(b->p.n->dom[b->p.col], &columns) && columns % b->p.columns == 0;
  return whole ? (int)(rows % b->p.rows) : 0;
}

void lower_terms(Low *l, Block *b, Node *sums, Scalar **by, Stmt *in) {
  const TilePlan *p = &b->p;
  const Node *n = p->n;
  Contract *c = NEW(mod->arena, Contract);
  *c = (Contract){.dtype = (Dtype)n->dtype,
                  .pair = p->pair,
                  .rows = p->rows,
                  .vectors = p->vectors,
                  .lanes = p->lanes,
                  .columns = p->columns,
                  .nred = b->nsweep ? n->ndom - b->cut : 1,
                  .one_by_row = true,
                  .split = 1,
                  .slide = -1};
  b->left = rows_left(l, b, sums);
  c->row_axis = low_axis(l, s_int(p->rows), NULL);
  c->col_axis = low_axis(l, s_int(p->columns), NULL);
  c->red[0] = low_axis(l, b->nsweep ? b->nterm : s_mul(b->nterm, s_int(b->inner)), NULL);
  for (int k = 1; k < c->nred; k++) c->red[k] = low_axis(l, n->dom[b->cut + k], NULL);
  if (b->nsweep) lower_sweep(l, b, sums, by, c, in);
  else if (b->group && !columns_stay(b, b->columns)) lower_groups(l, b, sums, by, c, in);
  else lower_columns(l, b, sums, by, c, in);
}
