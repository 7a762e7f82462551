/*
** lower_turn.c: maps that copy a tensor to another order of its axes
**
**   y[i, j] = x[j, i]        for i by 64:  rt_turn: y[i + t][j] = x[j][i + t] for all j, t < 64
**
** Where what is stored side by side is far apart in what is read, and the other way round, blocks
** are turned in registers (rt_turn_f32), so that lines of both are used whole.
*/
#include "lower.h"
#include "lower_tile.h"
#include "fuse.h"

enum {
  LEAST = 8,   /* places along either axis, as usual */
  STRETCH = 64 /* of the axis that is side by side in what is read */
};

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

bool lower_turn(Low *l) {
  const Node *n = l->g->member[0];
  if (l->nmember != 1 || l->g->base || !n_is_map(n) || !s_is_plain_read(n->body)) return false;
  if (!dtype_is_float((Dtype)n->body->dtype)) return false;
  int last = last_axis(n), across = last < 0 ? -1 : axis_across(n, n->body, last);
  if (across < 0 || read_along(n->body, last) != STRIDED ||
      usual_count(1, n->dom + last) < LEAST)
    return false;
  int64_t known;
  int stretch = s_const_value(n->dom[across], &known) && known < STRETCH ? (int)known : STRETCH;
  Stmt *in = l->k->body;
  members_outline(l);
  Member *m = &l->member[0];
  for (int p = 0; p < l->nshared; p++) l->shared[p] = low_at(l, p);
  for (int p = 0; p < n->rank; p++)
    if (p != last && p != across && !s_is_int(n->dom[p], 1))
      in = stmt_add(in, stmt_for(p, s_int(0), n->dom[p], n->loc));
  int term = low_axis(l, s_int(stretch), NULL);
  Scalar *count = n->dom[across];
  l->shared[across] = s_axis(term);
  if (!s_is_int(count, stretch)) {
    in = stmt_add(in, stmt_for(across, s_int(0), count, n->loc));
    in->step = stretch;
    count = count_from(l, count, s_axis(across), stretch, "count", in);
    l->shared[across] = s_add(s_axis(across), s_axis(term));
  }
  in = stmt_add(in, stmt_for(last, s_int(0), n->dom[last], n->loc));
  in->turns = in->lanes = true;
  in = loop_to(in, term, count, stretch);
  in->lanes = true;
  member_bind(l, m);
  store_result(l, m, m->body, in);
  return true;
}
