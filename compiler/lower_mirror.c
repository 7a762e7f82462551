/*
** lower_mirror.c: half of a symmetric product is computed, the other half is its mirror image
**
**   y[i, j] = sum k. x[i, k] * x[j, k] = y[j, i]          n rows and columns
**
**   for tiles with an element where j >= i:     y's tile
**   for i, j < i:                               y[i][j] = y[j][i]
**
** Squared distances of rows to one another are that, too, and so is what maps make of either. The
** products of both halves have the same factors in the same order of terms, so that no bit differs.
** Where rows or columns are all that threads can share, the half is (j - i) mod n <= n / 2 instead:
** so every one of them has as many elements to compute. Both halves are made of whole blocks of 16
** by 16 where n is a multiple, i and j counting these: blocks are turned in registers.
*/
#include "lower_tile.h"
#include "fuse.h"

enum { LEAST_TERMS = 32, LEAST_SIDE = 32 /* that are worth it */, LONG_SIDE = 256, BLOCK = 16 };

/* A read of a member of the group, all of which are read at their own position, as a number. */
static Scalar *without_member(void *ctx, Scalar *s) {
  const Low *l = ctx;
  if (s->kind != S_READ) return NULL;
  for (int m = 0; m < l->nmember; m++)
    if (l->g->member[m] == s->tensor) return s_const((Dtype)s->dtype, m + 2);
  return NULL;
}

/* Whether the body is the same with axes p and q exchanged. */
static bool is_symmetric(Low *l, const Node *n, int p, int q) {
  Scalar *by[MAX_AXES] = {0}, *body = s_rewrite(n->body, without_member, l);
  by[p] = s_axis(q), by[q] = s_axis(p);
  return s_subst_axes(body, n->ndom, by) == body;
}

/* Whether each row and column has half of its elements computed. */
static bool is_even(const TilePlan *p) {
  for (int q = 0; q < p->n->rank; q++)
    if (q != p->row && q != p->col && extent_of(p->n, q) != 1) return false;
  return extent_of(p->n, p->row) >= LONG_SIDE;
}

bool wants_mirror(Low *l, const TilePlan *p) {
  const Node *n = p->n;
  TermOf t;
  Scalar *by[MAX_AXES] = {0};
  if (p->row < 0 || p->slide || l->g->base || !tile_term(n, &t)) return false;
  if (t.pair != PAIR_PRODUCT && t.pair != PAIR_SQUARE) return false;
  int64_t side = extent_of(n, p->row);
  if (side < LEAST_SIDE || n->dom[p->row] != n->dom[p->col]) return false;
  int along = (p->rows + p->columns) * (is_even(p) ? 2 : 1); /* what tiles cover of its borders */
  if (along > side || known_terms(n) < LEAST_TERMS) return false;
  by[p->row] = s_axis(p->col), by[p->col] = s_axis(p->row);
  if (s_subst_axes(t.factor[0], n->ndom, by) != t.factor[1]) return false;
  for (int m = 0; m < l->nmember; m++) {
    const Node *x = l->g->member[m];
    if (m != l->g->root && !is_symmetric(l, x, p->row, p->col)) return false;
  }
  return true;
}

/* Rows, or columns, of a block. */
static int block_side(const TilePlan *p) { return extent_of(p->n, p->row) % BLOCK ? 1 : BLOCK; }

Stmt *in_half(const TilePlan *p, Scalar *row0, Scalar *col0, Stmt *in) {
  int64_t side = extent_of(p->n, p->row) / block_side(p);
  Scalar *block = s_int(block_side(p));
  Scalar *top = s_op2(OP_FLOORDIV, row0, block), *left = s_op2(OP_FLOORDIV, col0, block);
  Scalar *bottom = s_op2(OP_FLOORDIV, s_add(row0, s_int(p->rows - 1)), block);
  Scalar *right = s_op2(OP_FLOORDIV, s_add(col0, s_int(p->columns - 1)), block);
  Stmt *test = stmt_add(in, stmt_new(ST_IF, p->n->loc));
  test->value = s_op2(OP_GE, right, top);
  if (!is_even(p)) return test;
  Scalar *apart = s_sub(left, bottom);
  Scalar *near = s_op2(OP_AND, test->value, s_op2(OP_LE, apart, s_int(side / 2)));
  test->value = s_op2(OP_OR, near, s_op2(OP_LE, apart, s_int(side / 2 - side)));
  return test;
}

/* y[i][j] = y[j][i] for the columns j of a block that starts at left, and rows i from `lo` on, as
** many as there are in a count of blocks. */
static void mirror_block(Low *l, const TilePlan *p, Scalar *left, Scalar *lo, Scalar *count,
                         Stmt *in) {
  const Node *n = p->n;
  Scalar *at[MAX_RANK], *from[MAX_RANK];
  int side = block_side(p);
  for (int m = 0; m < l->nmember; m++) {
    Node *home = member_home(l, m);
    if (!home) continue;
    int j = low_axis(l, s_int(side), NULL), i = low_axis(l, n->dom[p->row], NULL);
    Stmt *turn = stmt_add(in, stmt_for(j, s_int(0), s_int(side), n->loc));
    turn->turns = side == BLOCK;
    Stmt *each = stmt_add(turn, stmt_for(i, s_int(0), s_mul(count, s_int(side)), n->loc));
    each->trips = s_op2(OP_FLOORDIV, n->dom[p->row], s_int(2));
    for (int q = 0; q < n->rank; q++) at[q] = from[q] = low_at(l, q);
    at[p->row] = from[p->col] = s_add(lo, s_axis(i));
    at[p->col] = from[p->row] = s_add(left, s_axis(j));
    Node *y = low_formal(l, home, true);
    low_formal(l, home, false);
    stmt_add(each, stmt_store(y, at, C_SET, s_read(y, from, NULL), n->loc));
  }
}

void lower_mirror(Low *l, const TilePlan *p, Stmt *in) {
  const Node *n = p->n;
  int side = block_side(p);
  int64_t blocks = extent_of(n, p->row) / side, half = blocks - blocks / 2 - 1;
  for (int q = 0; q < n->rank; q++)
    if (q != p->row && q != p->col && !s_is_int(low_extent(l, q), 1))
      in = stmt_add(in, stmt_for(q, s_int(0), low_extent(l, q), n->loc));
  int axis = low_axis(l, s_int(blocks), NULL);
  in = stmt_add(in, stmt_for(axis, s_int(0), s_int(blocks - !is_even(p)), n->loc));
  Scalar *b = s_axis(axis), *left = s_mul(b, s_int(side)), *below = s_add(left, s_int(side));
  Scalar *left_over = s_sub(s_int(blocks - 1), b); /* blocks of rows below this one's */
  if (!is_even(p)) {
    mirror_block(l, p, left, below, left_over, in);
    return;
  }
  below = s_op2(OP_MIN, below, s_int((blocks - 1) * side)); /* there are none below the last */
  mirror_block(l, p, left, below, s_op2(OP_MIN, left_over, s_int(half)), in);
  mirror_block(l, p, left, s_int(0), s_op2(OP_MAX, s_sub(s_int(half), left_over), s_int(0)), in);
}
