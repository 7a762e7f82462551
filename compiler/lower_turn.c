/*
** lower_turn.c: maps of tensors in another order of axes
**
**   y[i, j] = x[j, i]        for i by 64:  rt_turn: y[i + t][j] = x[j][i + t] for all j, t < 64
**
**   y[i, j] = 2 * x[j, i]    for i by 16:
**                              for j by 128:
**                                rt_turn: x_turned[t][u] = x[j + u][i + t] for all u < 128, t < 16
**                                for t, u:  y[i + t][j + u] = 2 * x_turned[t][u]
**
** Where what is stored side by side is far apart in what is read, and the other way round, blocks
** are turned in registers (rt_turn_f32), so that lines of both are used whole.
*/
#include "lower.h"
#include "lower_tile.h"
#include "fuse.h"

enum {
  LEAST = 8,   /* places along either axis, as usual */
  STRETCH = 64, /* of the axis that is side by side in what is read */
  ROWS = 16, LENGTH = 128, /* of a block of a map, and */
  MOST_TURNED = 4          /* of the reads that are turned for it */
};

/* A block of a map: its rows and places, and the reads that are turned to their order. */
typedef struct Turned {
  Low *l;
  int last, across;        /* axes of the map, */
  int place, row;          /* and of the block along them */
  Scalar *read[MOST_TURNED];
  Node *panel[MOST_TURNED]; /* [ROWS][LENGTH] */
  int n;
} Turned;

/* The axis along which the read is side by side, and the store is not; -1: there is none worth
** it. */
static int axis_across(const Node *n, const Scalar *read, int last) {
  for (int p = 0; p < last; p++)
    if (read_along(read, p) == CONTIGUOUS && usual_count(1, n->dom + p) >= LEAST) return p;
  return -1;
}

/* The last axis of more than one place; -1: there is none. */
static int last_axis(const Node *n) {
  int last = n->rank - 1;
  while (last >= 0 && s_is_int(n->dom[last], 1)) last--;
  return last;
}

/* Loops over all axes of the map but two, the places along which are yet to be said. */
static Stmt *loops_but(Low *l, int last, int across) {
  const Node *n = l->g->member[0];
  Stmt *in = l->k->body;
  members_outline(l);
  for (int p = 0; p < l->nshared; p++) l->shared[p] = low_at(l, p);
  for (int p = 0; p < n->rank; p++)
    if (p != last && p != across && !s_is_int(n->dom[p], 1))
      in = stmt_add(in, stmt_for(p, s_int(0), n->dom[p], n->loc));
  return in;
}

/* A loop over an axis of the map in blocks; how many places this one has. */
static Stmt *blocks_along(Low *l, int axis, int length, int within, Scalar **count, Stmt *in) {
  Scalar *extent = *count;
  int64_t known;
  l->shared[axis] = s_axis(within);
  if (s_const_value(extent, &known) && known <= length) return in;
  in = stmt_add(in, stmt_for(axis, s_int(0), extent, in->loc));
  in->step = length;
  *count = count_from(l, extent, s_axis(axis), length, "count", in);
  l->shared[axis] = s_add(s_axis(axis), s_axis(within));
  return in;
}

/* Whether all members are maps of the same axes, and no more. */
static bool only_maps(const Low *l) {
  for (int i = 0; i < l->nmember; i++) {
    const Node *n = l->g->member[i];
    if (!n_is_map(n) || n->rank != l->nshared || !dtype_is_float((Dtype)n->body->dtype)) return false;
  }
  return true;
}

/* Whether all places of the map read inside of the tensor: those that a choice leaves out, too. */
static bool all_inside(const Node *n, const Scalar *read) {
  for (int d = 0; d < read->narg; d++)
    if (!index_inside(read->arg[d], read->tensor->dim[d], n->ndom, n->dom)) return false;
  return true;
}

/* A read of a tensor that no member makes, across the order in which results are stored. */
static bool is_across(const Turned *t, const Scalar *s) {
  return s_is_plain_read(s) && dtype_is_float((Dtype)s->tensor->dtype) &&
         member_read(t->l, s) < 0 && read_along(s, t->last) == STRIDED &&
         all_inside(t->l->g->member[0], s);
}

static void find_across(void *ctx, Scalar *s) {
  Turned *t = ctx;
  if (t->across < 0 && is_across(t, s)) t->across = axis_across(t->l->g->member[0], s, t->last);
}

/* What a read is at the places of the block, as members have it in their bodies. */
static Scalar *at_block(const Turned *t, const Scalar *s) {
  Scalar *index[MAX_RANK];
  for (int d = 0; d < s->narg; d++) index[d] = s_subst_axes(s->arg[d], t->l->nshared, t->l->shared);
  return s_read(low_formal(t->l, s->tensor, false), index, NULL);
}

static int turned_of(const Turned *t, const Scalar *s) {
  for (int k = 0; k < t->n; k++)
    if (t->read[k] == s) return k;
  return -1;
}

static void note_across(void *ctx, Scalar *s) {
  Turned *t = ctx;
  if (t->n == MOST_TURNED || !is_across(t, s) || read_along(s, t->across) != CONTIGUOUS) return;
  Scalar *read = at_block(t, s);
  if (turned_of(t, read) < 0) t->read[t->n++] = read;
}

static Scalar *read_turned(void *ctx, Scalar *s) {
  Turned *t = ctx;
  int k = turned_of(t, s);
  return k < 0 ? NULL : s_read(t->panel[k], (Scalar *[]){s_axis(t->row), s_axis(t->place)}, NULL);
}

/* Turns the block of all reads. */
static void turn_block(Turned *t, Scalar *rows, Scalar *places, Stmt *in) {
  Scalar *dim[] = {s_int(ROWS), s_int(LENGTH)}, *at[] = {s_axis(t->row), s_axis(t->place)};
  for (int k = 0; k < t->n; k++) {
    const Node *x = t->read[k]->tensor;
    const char *name = local_name(x, "turned");
    t->panel[k] = low_local(t->l, (Dtype)x->dtype, 2, dim, name);
    stmt_add(in, stmt_var(t->panel[k], NULL, in->loc));
    Stmt *fill = loop_to(in, t->place, places, LENGTH);
    fill->turns = fill->lanes = true;
    fill = loop_to(fill, t->row, rows, ROWS);
    fill->lanes = true;
    stmt_add(fill, stmt_store(t->panel[k], at, C_SET, t->read[k], in->loc));
  }
}

/* Maps that read across the order they are stored in, block by block. */
static bool lower_turned_map(Low *l) {
  if (l->g->base || !only_maps(l)) return false;
  const Node *n = l->g->member[0];
  Turned t = {.l = l, .last = last_axis(n), .across = -1};
  if (t.last < 0 || usual_count(1, n->dom + t.last) < LEAST) return false;
  for (int i = 0; i < l->nmember; i++) s_walk(l->g->member[i]->body, find_across, &t);
  if (t.across < 0) return false;
  Stmt *in = loops_but(l, t.last, t.across);
  Scalar *rows = n->dom[t.across], *places = n->dom[t.last];
  t.row = low_axis(l, s_int(ROWS), NULL);
  t.place = low_axis(l, s_int(LENGTH), NULL);
  in = blocks_along(l, t.across, ROWS, t.row, &rows, in);
  in = blocks_along(l, t.last, LENGTH, t.place, &places, in);
  for (int i = 0; i < l->nmember; i++) s_walk(l->g->member[i]->body, note_across, &t);
  turn_block(&t, rows, places, in);
  in = loop_to(in, t.row, rows, ROWS);
  in = loop_to(in, t.place, places, LENGTH);
  in->simd = true;
  for (int i = 0; i < l->nmember; i++) {
    Member *m = &l->member[i];
    member_bind(l, m);
    m->body = s_rewrite(m->body, read_turned, &t);
    lower_map(l, m, in);
  }
  return true;
}

bool lower_turn(Low *l) {
  const Node *n = l->g->member[0];
  if (l->nmember != 1 || l->g->base || !n_is_map(n) || !s_is_plain_read(n->body))
    return lower_turned_map(l);
  if (!dtype_is_float((Dtype)n->body->dtype)) return false;
  int last = last_axis(n), across = last < 0 ? -1 : axis_across(n, n->body, last);
  if (across < 0 || read_along(n->body, last) != STRIDED ||
      usual_count(1, n->dom + last) < LEAST)
    return false;
  int64_t known;
  int stretch = s_const_value(n->dom[across], &known) && known < STRETCH ? (int)known : STRETCH;
  Stmt *in = loops_but(l, last, across);
  Member *m = &l->member[0];
  int term = low_axis(l, s_int(stretch), NULL);
  Scalar *count = n->dom[across];
  in = blocks_along(l, across, stretch, term, &count, in);
  in = stmt_add(in, stmt_for(last, s_int(0), n->dom[last], n->loc));
  in->turns = in->lanes = true;
  in = loop_to(in, term, count, stretch);
  in->lanes = true;
  member_bind(l, m);
  store_result(l, m, m->body, in);
  return true;
}
