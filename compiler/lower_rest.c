/*
** lower_rest.c: what is left of a row, as a whole vector that ends with it
**
**   for k by 16, l < 16: lane[l] += x[k + l]   for k by 16, l < 16: lane[l] += x[k + l]
**   for l < 3:  lane[l] += x[48 + l]           for l < 16:  t = x[35 + l]
**                                                           lane[l] += l >= first ? t : 0
**
** The terms before `first` are there already. Of lanes that are known to stay as they are,
** compilers would make vectors of all sizes, in the loop before, too; so `first`, 13, is a number
** that they do not know (rt_kept). The largest and the smallest may see their terms twice.
**
**   for l < rest:  lane[l] += x[n - rest + l]  for l < 16:  if (l < rest) lane[l] += x[n - rest + l]
*/
#include "lower.h"
#include "fuse.h"

static bool adds(const Stmt *s) { return s->kind == ST_STORE && s->comb != C_SET; }

/* The lanes of a loop that adds to all of some arrays of lanes; 0: it is none. */
static int64_t lanes_of(const Stmt *s) {
  int64_t lanes = 0, extent;
  if (s->kind != ST_FOR || !s->simd || s->step != 1 || !s_is_int(s->lo, 0)) return 0;
  for (int i = 0; i < s->n; i++) {
    const Stmt *b = s->body[i];
    if (b->kind != ST_STORE && b->kind != ST_LET) return 0;
    if (!adds(b)) continue;
    if (b->to->rank != 1 || b->index[0] != s_axis(s->axis)) return 0;
    if (!s_const_value(b->to->dim[0], &extent) || (lanes && extent != lanes)) return 0;
    lanes = extent;
  }
  return lanes;
}

/* s with axes replaced: the lane by `lane`, and where vectors start, if that is one, by `start`. */
static Scalar *moved(Scalar *s, int lane_axis, Scalar *lane, int start_axis, Scalar *start) {
  Scalar *by[MAX_KERNEL_AXES] = {0};
  by[lane_axis] = lane;
  if (start_axis >= 0) by[start_axis] = start;
  return s_subst_axes(s, (lane_axis > start_axis ? lane_axis : start_axis) + 1, by);
}

/* Whether `rest` does what `before` does, a loop over all lanes or one of such loops, where that
** ends. */
static bool goes_on(const Stmt *before, const Stmt *rest, int64_t lanes) {
  Scalar *lane = s_axis(rest->axis), *start = NULL;
  const Stmt *each = before;
  int64_t lo, hi;
  int axis = -1;
  if (before->kind == ST_FOR && before->step == lanes && before->n == 1) {
    if (!s_const_value(before->lo, &lo) || !s_const_value(before->hi, &hi)) return false;
    if (lo >= hi) return false;
    axis = before->axis;
    start = s_int(lo + (hi - lo + lanes - 1) / lanes * lanes);
    each = before->body[0];
  } else {
    lane = s_add(lane, s_int(lanes));
  }
  if (lanes_of(each) != lanes || !s_is_int(each->hi, lanes) || each->n != rest->n) return false;
  for (int i = 0; i < rest->n; i++) {
    const Stmt *x = each->body[i], *y = rest->body[i];
    if (x->kind != y->kind || x->comb != y->comb) return false;
    if (x->kind == ST_STORE && x->to != y->to) return false;
    Scalar *value = moved(x->value, each->axis, lane, axis, start);
    for (int k = 0; k < i; k++)
      if (each->body[k]->kind == ST_LET)
        value = s_replace(value, local_read(each->body[k]->to), local_read(rest->body[k]->to));
    if (value != y->value) return false;
    for (int d = 0; x->kind == ST_STORE && !adds(x) && d < x->to->rank; d++)
      if (moved(x->index[d], each->axis, lane, axis, start) != y->index[d]) return false;
  }
  return true;
}

static bool is_local(const Low *l, const Node *n) {
  for (int i = 0; i < l->k->nlocal; i++)
    if (l->k->local[i].node == n) return true;
  return false;
}

/* Whether to do a trip once more stores what is there: rows of this kernel's own, which are made of
** others. */
static bool may_be_repeated(const Low *l, const Stmt *loop) {
  for (int i = 0; i < loop->n; i++) {
    const Stmt *s = loop->body[i];
    if (s->kind != ST_STORE || adds(s)) continue;
    if (!is_local(l, s->to)) return false;
    for (int k = 0; k < loop->n; k++)
      if (!adds(loop->body[k]) && stmt_reads(loop->body[k], s->to)) return false;
  }
  return true;
}

/* The loop with all lanes, of which those from `first` on are new. */
static Stmt *all_lanes(Low *l, const Stmt *rest, int64_t lanes, int64_t count, Node *first) {
  int axis = low_axis(l, s_int(lanes), NULL);
  Scalar *lane = s_axis(axis), *by = s_sub(lane, s_int(lanes - count));
  Stmt *all = stmt_for(axis, s_int(0), s_int(lanes), rest->loc);
  all->simd = true;
  all->trips = rest->trips ? s_int(lanes) : NULL;
  for (int i = 0; i < rest->n; i++) {
    const Stmt *s = rest->body[i];
    Scalar *value = moved(s->value, rest->axis, by, -1, NULL), *index[MAX_RANK];
    if (s->kind == ST_LET) {
      stmt_add(all, stmt_let(s->to, value, s->loc));
      continue;
    }
    for (int d = 0; d < s->to->rank; d++) index[d] = moved(s->index[d], rest->axis, by, -1, NULL);
    if (adds(s)) index[0] = lane;
    if (adds(s) && s->comb != C_MAX && s->comb != C_MIN) {
      Node *term = low_local(l, (Dtype)s->to->dtype, 0, NULL, "term");
      stmt_add(all, stmt_let(term, value, s->loc));
      value = s_op3(OP_WHERE, s_op2(OP_GE, lane, local_read(first)), local_read(term),
                    s_combine_identity(s->comb, (Dtype)s->to->dtype));
    }
    stmt_add(all, stmt_store(s->to, index, s->comb, value, s->loc));
  }
  return all;
}

/* Whether masks cost less than memory: each lane is a branch where there are no masked loads. */
static bool pays_masked(const Low *l, const Stmt *rest, int64_t lanes) {
  bool dear = false;
  for (int i = 0; i < rest->n; i++) dear = dear || has_dear(rest->body[i]->value);
  return lanes <= fixed_lanes(DT_F32) && (!dear || l->target->vector_bytes >= 32);
}

/* Lanes of a number that varies as all lanes, where it is more: or they would be kept in memory. */
static void mask_lanes(Stmt *rest, int64_t lanes) {
  Stmt *in = stmt_new(ST_IF, rest->loc);
  in->value = s_op2(OP_LT, s_axis(rest->axis), rest->hi);
  for (int i = 0; i < rest->n; i++) stmt_add(in, rest->body[i]);
  rest->n = 0;
  rest->hi = s_int(lanes);
  stmt_add(rest, in);
}

/* Makes statement i of the block, a loop over lanes after that over all, one over all, if that can
** be; how many statements there are more. */
static int whole_rest(Low *l, Stmt *block, int i, int64_t lanes, int64_t count) {
  Stmt *rest = block->body[i];
  if (!goes_on(block->body[i - 1], rest, lanes) || !may_be_repeated(l, rest)) return 0;
  Node *first = low_local(l, DT_I64, 0, NULL, "first");
  l->k->local[l->k->nlocal - 1].is_int = true;
  block->body[i] = all_lanes(l, rest, lanes, count, first);
  if (!stmt_reads(block->body[i], first)) return 0;
  Stmt *let = stmt_let(first, s_int(lanes - count), rest->loc);
  let->kept = true;
  stmt_insert(block, i, let);
  return 1;
}

void whole_rests(Low *l, Stmt *block) {
  for (int i = 0; i < block->n; i++) {
    Stmt *rest = block->body[i];
    int64_t count = 0, lanes = i > 0 ? lanes_of(rest) : 0;
    whole_rests(l, rest);
    if (lanes == 0) continue;
    bool known = s_const_value(rest->hi, &count);
    if (!known && pays_masked(l, rest, lanes)) mask_lanes(rest, lanes);
    if (known && count < lanes) i += whole_rest(l, block, i, lanes, count);
  }
}
