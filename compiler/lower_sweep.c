/*
** lower_sweep.c: sums along the same row become one sweep
**
**   for k by 16: lane[l] += x[k + l]              for k by 16: lane[l] += x[k + l]
**   s = fold(lane)                                             lane_2[l] += x[k + l] * w[k + l]
**   for k by 16: lane_2[l] += x[k + l] * w[k + l]  s = fold(lane);  t = fold(lane_2)
**   t = fold(lane_2)
**
** So do loops of such sums, over the rows of a matrix or stretches of a long row, of the same
** bounds. The later of them moves up to the earlier, where nothing in between has to do with it. So has a
** loop over all elements of a row that comes before a sum along it: what it stores is then summed
** while it is in a register. Each lane adds the terms it had in the order it had: the bits stay.
*/
#include "lower.h"

enum {
  MOST_SUMS = 12 /* in one sweep: they share the registers, of which 16 lanes may take four */
};

/* A sum along a row in lanes: its loop over whole vectors, and the one over what is left. */
typedef struct Sweep {
  int at, n;              /* its position in the block, and how many statements it is */
  Stmt *main, *each;      /* the loop over vectors, and that over lanes in it */
  Stmt *rest;             /* the loop over the lanes of the last terms, or NULL */
} Sweep;

/* Whether s is a loop over lanes, and all it does is to add to them, or to store beside that. */
static bool is_lanes(const Stmt *s) {
  bool adds = false;
  if (s->kind != ST_FOR || !s->simd || !s_is_int(s->lo, 0)) return false;
  for (int i = 0; i < s->n; i++) {
    const Stmt *b = s->body[i];
    if (b->kind != ST_STORE) return false;
    adds = adds || (b->comb != C_SET && b->to->rank == 1 && b->index[0]->kind == S_AXIS &&
                    b->index[0]->axis == s->axis);
    if (b->comb != C_SET && !adds) return false;
  }
  return adds;
}

static bool find_sweep(const Stmt *block, int at, Sweep *w) {
  Stmt *s = block->body[at];
  int64_t lanes;
  *w = (Sweep){.at = at, .n = 1, .main = s};
  if (s->kind != ST_FOR || s->step < 2 || s->n != 1) return false;
  if (s->simd || s->lanes || s->tiles) return false;
  w->each = s->body[0];
  if (!is_lanes(w->each) || !s_const_value(w->each->hi, &lanes) || lanes != s->step) return false;
  if (at + 1 < block->n && is_lanes(block->body[at + 1])) {
    const Stmt *rest = block->body[at + 1];
    if (rest->n != w->each->n) return true;
    for (int i = 0; i < rest->n; i++)
      if (rest->body[i]->to != w->each->body[i]->to) return true;
    w->rest = block->body[at + 1];
    w->n = 2;
  }
  return true;
}

/* Whether b goes along the row that a goes along, in the same vectors. */
static bool same_row(const Sweep *a, const Sweep *b) {
  if (a->main->lo != b->main->lo || a->main->hi != b->main->hi || a->main->step != b->main->step)
    return false;
  return !a->rest == !b->rest && (!a->rest || a->rest->hi == b->rest->hi);
}

/* What a sweep reads and writes. */
static void sweep_touches(const Sweep *w, Touched *reads, Touched *writes) {
  stmt_touches(w->main, reads, writes);
  if (w->rest) stmt_touches(w->rest, reads, writes);
}

static bool declares_any(const Stmt *s, const Touched *writes) {
  Touched to = {1, {s->to}};
  return s->kind == ST_VAR && has_common(&to, writes);
}

/* moving */

static Scalar *moved(Scalar *s, int axis, Scalar *to, int axis2, Scalar *to2) {
  Scalar *by[MAX_KERNEL_AXES] = {0};
  by[axis] = to;
  if (axis2 >= 0) by[axis2] = to2;
  return s_subst_axes(s, (axis > axis2 ? axis : axis2) + 1, by);
}

/* Inserts the stores of `from` into `to` at *at, with other axes. */
static void put_stores(Stmt *to, int *at, const Stmt *from, int axis, Scalar *by, int axis2,
                       Scalar *by2) {
  for (int i = 0; i < from->n; i++) {
    const Stmt *s = from->body[i];
    Scalar *index[MAX_RANK];
    for (int d = 0; d < s->to->rank; d++) index[d] = moved(s->index[d], axis, by, axis2, by2);
    Scalar *value = moved(s->value, axis, by, axis2, by2);
    stmt_insert(to, (*at)++, stmt_store(s->to, index, s->comb, value, s->loc));
  }
}

static int count_sums(const Sweep *w) {
  int n = 0;
  for (int i = 0; i < w->each->n; i++) n += w->each->body[i]->comb != C_SET;
  return n;
}

/* Moves the sweep b up into a, and what it adds in before that. */
static void join_sweep(Stmt *block, const Sweep *a, const Sweep *b, const Touched *writes) {
  int at = a->each->n;
  put_stores(a->each, &at, b->each, b->main->axis, s_axis(a->main->axis), b->each->axis,
             s_axis(a->each->axis));
  at = a->rest ? a->rest->n : 0;
  if (a->rest)
    put_stores(a->rest, &at, b->rest, b->rest->axis, s_axis(a->rest->axis), -1, NULL);
  for (int k = 0; k < b->n; k++) stmt_drop(block, b->at);
  for (int i = a->at + a->n, to = a->at; i < b->at; i++) {
    Stmt *s = block->body[i];
    if (!declares_any(s, writes)) continue;
    stmt_drop(block, i);
    stmt_insert(block, to++, s);
  }
}

/* Joins the sweep at `at` to an earlier one along the same row. Returns whether it did. */
static bool join_up(Stmt *block, int at) {
  Sweep a, b;
  Touched reads = {0}, writes = {0};
  if (!find_sweep(block, at, &b)) return false;
  sweep_touches(&b, &reads, &writes);
  for (int k = at - 1; k >= 0; k--) {
    Touched r = {0}, w = {0};
    if (find_sweep(block, k, &a) && a.at + a.n <= at && same_row(&a, &b) &&
        count_sums(&a) + count_sums(&b) <= MOST_SUMS) {
      sweep_touches(&a, &r, &w);
      if (has_common(&w, &reads) || has_common(&r, &writes) || has_common(&w, &writes))
        return false;
      if (has_common(&r, &reads)) return join_sweep(block, &a, &b, &writes), true;
    }
    if (!declares_any(block->body[k], &writes) && !is_apart(block->body[k], &reads, &writes))
      return false;
  }
  return false;
}

/* a loop over a row before a sum along it */

typedef struct Meet {
  const Stmt *store; /* of the loop, */
  int axis;          /* over this axis; */
  Scalar *at;        /* what that is in the sweep */
  bool ok;
} Meet;

static void check_meet(void *ctx, Scalar *s) {
  Meet *m = ctx;
  if (s->kind != S_READ || s->tensor != m->store->to) return;
  for (int d = 0; d < s->narg; d++)
    m->ok = m->ok && moved(m->store->index[d], m->axis, m->at, -1, NULL) == s->arg[d];
}

/* Whether the lanes of a sweep read what the loop p stores only in the same step, which is `at`. */
static bool meets(const Stmt *p, const Stmt *lanes, Scalar *at) {
  for (int i = 0; i < p->n; i++) {
    const Stmt *b = p->body[i];
    Meet m = {b, p->axis, at, s_uses_axis(b->index[b->to->rank - 1], p->axis)};
    for (int k = 0; k < lanes->n; k++) {
      s_walk(lanes->body[k]->value, check_meet, &m);
      for (int d = 0; d < lanes->body[k]->to->rank; d++)
        s_walk(lanes->body[k]->index[d], check_meet, &m);
    }
    if (!m.ok) return false;
  }
  return true;
}

/* Moves the loop over a row at `at` down into a sweep along it. Returns whether it did. */
static bool join_down(Stmt *block, int at) {
  Stmt *p = block->body[at];
  Sweep w;
  Touched reads = {0}, writes = {0};
  if (!is_plain_loop(p)) return false;
  stmt_touches(p, &reads, &writes);
  for (int k = at + 1; k < block->n; k++) {
    if (find_sweep(block, k, &w) && s_is_int(w.main->lo, 0) &&
        w.main->hi == s_sub(p->hi, s_int(w.main->step - 1)) && w.each->n + p->n <= 2 * MOST_SUMS) {
      Scalar *here = s_add(s_axis(w.main->axis), s_axis(w.each->axis));
      Scalar *end = !w.rest ? NULL : s_add(s_sub(p->hi, w.rest->hi), s_axis(w.rest->axis));
      Touched r = {0}, to = {0};
      sweep_touches(&w, &r, &to);
      if (has_common(&to, &reads) || has_common(&to, &writes) || !has_common(&r, &writes) ||
          !meets(p, w.each, here) || (end && !meets(p, w.rest, end)))
        return false;
      int first = 0;
      put_stores(w.each, &first, p, p->axis, here, -1, NULL);
      first = 0;
      if (end) put_stores(w.rest, &first, p, p->axis, end, -1, NULL);
      stmt_drop(block, at);
      return true;
    }
    if (!is_apart(block->body[k], &reads, &writes)) return false;
  }
  return false;
}

/* loops of sums */

static bool holds_lanes(const Stmt *s) {
  bool any = is_lanes(s);
  for (int i = 0; i < s->n && !any; i++) any = holds_lanes(s->body[i]);
  return any;
}

/* Whether the statement at `at` is a loop around sums along rows. */
static bool is_nest(const Stmt *block, int at) {
  const Stmt *s = block->body[at];
  Sweep w;
  if (s->kind != ST_FOR || s->simd || s->lanes || s->tiles || s->turns) return false;
  return !find_sweep(block, at, &w) && holds_lanes(s);
}

/* Puts `to` in the place of an axis in all of s. */
static void rename_axis(Stmt *s, int axis, Scalar *to) {
  int rank = s->kind == ST_STORE ? s->to->rank : s->kind == ST_FOLD ? s->from->rank - 1 : 0;
  Scalar **part[] = {&s->lo, &s->hi, &s->trips, &s->value};
  for (size_t i = 0; i < sizeof part / sizeof *part; i++)
    if (*part[i]) *part[i] = moved(*part[i], axis, to, -1, NULL);
  for (int d = 0; d < rank; d++) s->index[d] = moved(s->index[d], axis, to, -1, NULL);
  for (int i = 0; i < s->n; i++) rename_axis(s->body[i], axis, to);
}

/* Joins the loop of sums at `at` to an earlier one over the same that reads some of the same.
** Returns whether it did. */
static bool join_nest(Stmt *block, int at) {
  Touched reads = {0}, writes = {0};
  Stmt *b = block->body[at];
  if (!is_nest(block, at)) return false;
  stmt_touches(b, &reads, &writes);
  int k = at - 1;
  for (; k >= 0; k--) {
    Stmt *a = block->body[k];
    Touched r = {0}, w = {0};
    stmt_touches(a, &r, &w);
    bool apart = is_apart(a, &reads, &writes);
    if (apart && is_nest(block, k) && a->lo == b->lo && a->hi == b->hi && a->step == b->step &&
        has_common(&r, &reads))
      break;
    if (!apart && !declares_any(a, &writes)) return false;
  }
  if (k < 0) return false;
  rename_axis(b, b->axis, s_axis(block->body[k]->axis));
  for (int i = 0; i < b->n; i++) stmt_add(block->body[k], b->body[i]);
  stmt_drop(block, at);
  for (int i = k + 1; i < at; i++) {
    Stmt *s = block->body[i];
    if (!declares_any(s, &writes)) continue;
    stmt_drop(block, i);
    stmt_insert(block, k++, s);
  }
  return true;
}

void lower_sweeps(Stmt *block) {
  for (int i = 1; i < block->n; i++) i -= join_nest(block, i);
  for (int i = 0; i < block->n; i++) lower_sweeps(block->body[i]);
  for (int i = 1; i < block->n; i++) join_up(block, i);
  for (int i = block->n - 1; i >= 0; i--) join_down(block, i);
}
