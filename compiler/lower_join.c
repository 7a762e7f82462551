/*
** lower_join.c: loops over the same elements become one; those with choices along the way become
** several
**
**   for j < 64: y[j] = j < 32 ? a[j] : b[j - 32]        for j < 32: y[j] = a[j]
**                                                       for j < 32: y[j + 32] = b[j]
**
**   for j < 32: a[j] = exp(x[j])                        for j < 32: a_j = exp(x[j])
**   for j < 32: y[j] = a[j] * z[j]                                  y[j] = a_j * z[j]
**
** So the parts of a tensor that is put together are written where they are computed, rows in
** between are gone, and what several of the loops compute is computed once.
*/
#include "lower.h"
#include <string.h>

enum {
  MOST_CUTS = 7,
  SHORT_PART = 16,  /* elements of a part */
  MOST_STORES = 16, /* in one loop */
  FEW_AXES = MAX_KERNEL_AXES / 2
};

static Scalar *moved(Scalar *s, int from, Scalar *to) {
  Scalar *by[MAX_KERNEL_AXES] = {0};
  by[from] = to;
  return s_subst_axes(s, from + 1, by);
}

/* Whether s is a loop over elements from 0 on, each stored by itself. */
bool is_plain_loop(const Stmt *s) {
  if (s->kind != ST_FOR || s->step != 1 || s->lanes || s->tiles || s->turns || s->simd)
    return false;
  if (!s_is_int(s->lo, 0) || s_has_axis(s->hi) || s_has_read(s->hi) || s->n > MOST_STORES)
    return false;
  for (int i = 0; i < s->n; i++)
    if (s->body[i]->kind != ST_STORE || s->body[i]->comb != C_SET || s->body[i]->to->rank == 0)
      return false;
  return s->n > 0;
}

/* cuts */

typedef struct Cuts {
  int axis, n;
  int64_t at[MOST_CUTS + 1]; /* in ascending order */
} Cuts;

static void add_cut(Cuts *c, int64_t at) {
  int i = c->n;
  if (c->n > MOST_CUTS) return;
  while (i > 0 && c->at[i - 1] > at) i--;
  if (i > 0 && c->at[i - 1] == at) return;
  memmove(c->at + i + 1, c->at + i, sizeof *c->at * (size_t)(c->n - i));
  c->at[i] = at;
  c->n++;
}

/* Where a comparison of a position with a number changes: j < 32 at 32. */
static void find_cut(void *ctx, Scalar *s) {
  Cuts *c = ctx;
  Scalar *coef, *rest;
  int64_t step, by;
  if (s->kind != S_OP || (s->op != OP_LT && s->op != OP_LE) || s->arg[0]->dtype != DT_I64) return;
  if (!affine_split(s_sub(s->arg[0], s->arg[1]), c->axis, &coef, &rest)) return;
  if (!s_const_value(coef, &step) || !s_const_value(rest, &by) || (step != 1 && step != -1)) return;
  add_cut(c, step > 0 ? -by + (s->op == OP_LE) : by + (s->op == OP_LT));
}

/* Loop s over [from, to) alone, from 0 on; a part of one element is no loop. */
static void add_part(Low *l, const Stmt *s, int64_t from, int64_t to, Stmt *out) {
  int axis = low_axis(l, s_int(to - from), NULL);
  Scalar *at = s_add(low_at(l, axis), s_int(from)), *dom[MAX_KERNEL_AXES];
  for (int p = 0; p < l->k->naxis; p++) dom[p] = low_extent(l, p);
  if (to - from > 1) out = stmt_add(out, stmt_for(axis, s_int(0), dom[axis], s->loc));
  for (int i = 0; i < s->n; i++) {
    const Stmt *b = s->body[i];
    Scalar *index[MAX_RANK];
    for (int d = 0; d < b->to->rank; d++) index[d] = moved(b->index[d], s->axis, at);
    Scalar *value = simplify_within(moved(b->value, s->axis, at), l->k->naxis, dom);
    stmt_add(out, stmt_store(b->to, index, C_SET, value, b->loc));
  }
}

static bool is_constant(const Stmt *s) {
  if (s->kind == ST_STORE) return s->value->kind == S_CONST;
  for (int i = 0; i < s->n; i++)
    if (!is_constant(s->body[i])) return false;
  return true;
}

/* The loop s at block->body[at] as one for each part between cuts. Short ones do not pay, but for
** those of constants about one that is copied: a row with a margin of zeros. */
static void split_loop(Low *l, Stmt *block, int at) {
  Stmt *s = block->body[at];
  Cuts c = {.axis = s->axis};
  int64_t extent;
  if (!is_plain_loop(s) || !s_const_value(s->hi, &extent)) return;
  for (int i = 0; i < s->n; i++) s_walk(s->body[i]->value, find_cut, &c);
  add_cut(&c, 0);
  add_cut(&c, extent);
  if (c.n < 3 || c.n > MOST_CUTS || c.at[0] < 0 || c.at[c.n - 1] > extent) return;
  bool is_short = false;
  int computed = 0, naxis = l->k->naxis;
  Stmt *all = stmt_new(ST_BLOCK, s->loc);
  for (int k = 0; k + 1 < c.n; k++) {
    Stmt *part = stmt_new(ST_BLOCK, s->loc);
    is_short = is_short || c.at[k + 1] - c.at[k] < SHORT_PART;
    add_part(l, s, c.at[k], c.at[k + 1], part);
    computed += !is_constant(part);
    for (int i = 0; i < part->n; i++) stmt_add(all, part->body[i]);
  }
  if (is_short && computed != 1) {
    l->k->naxis = naxis;
    return;
  }
  stmt_drop(block, at);
  for (int i = 0; i < all->n; i++) stmt_insert(block, at + i, all->body[i]);
}

/* joining */

static bool same_index(const Stmt *store, Scalar **index, int from, Scalar *to) {
  bool moves = false;
  for (int d = 0; d < store->to->rank; d++) {
    moves = moves || s_uses_axis(store->index[d], from);
    if (moved(store->index[d], from, to) != index[d]) return false;
  }
  return moves;
}

typedef struct Meet {
  const Stmt *store; /* of one loop, */
  int from;          /* over this axis; */
  Scalar *to;        /* what that is in the other */
  bool ok;
} Meet;

static void check_meet(void *ctx, Scalar *s) {
  Meet *m = ctx;
  if (s->kind == S_READ && s->tensor == m->store->to)
    m->ok = m->ok && same_index(m->store, s->arg, m->from, m->to);
}

typedef struct Touch {
  const Node *what;
  bool found;
} Touch;

static void find_read_of(void *ctx, Scalar *s) {
  Touch *t = ctx;
  if (s->kind == S_READ && s->tensor == t->what) t->found = true;
}

static bool reads_of(Scalar *s, const Node *what) {
  Touch t = {what, false};
  s_walk(s, find_read_of, &t);
  return t.found;
}

/* Whether loop b reads what loop a stores only in the same step. */
static bool meets(const Stmt *a, const Stmt *b) {
  for (int i = 0; i < a->n; i++) {
    Meet m = {a->body[i], a->axis, s_axis(b->axis), true};
    for (int k = 0; k < b->n; k++) {
      s_walk(b->body[k]->value, check_meet, &m);
      for (int d = 0; d < b->body[k]->to->rank; d++)
        m.ok = m.ok && !reads_of(b->body[k]->index[d], m.store->to);
    }
    if (!m.ok) return false;
  }
  return true;
}

/* Whether stores of loops a and b to one tensor are to different elements of it. */
static bool stores_apart(const Stmt *a, const Stmt *b) {
  int64_t extent, by;
  bool known = s_const_value(a->hi, &extent);
  for (int i = 0; i < a->n; i++)
    for (int k = 0; k < b->n; k++) {
      const Stmt *x = a->body[i], *y = b->body[k];
      if (x->to != y->to) continue;
      bool apart = false;
      for (int d = 0; d < x->to->rank && known; d++)
        apart =
            apart ||
            (s_const_value(s_sub(moved(x->index[d], a->axis, s_axis(b->axis)), y->index[d]), &by) &&
             (by >= extent || by <= -extent));
      if (!apart) return false;
    }
  return true;
}

/* Whether statement s has nothing to do with the plain loop b, which reads and writes these. */
static bool is_beside(const Stmt *s, const Stmt *b, const Touched *reads, const Touched *writes) {
  Touched r = {0}, w = {0};
  stmt_touches(s, &r, &w);
  if (has_common(&w, reads) || has_common(&r, writes)) return false;
  if (!has_common(&w, writes) || (s->kind == ST_VAR && !s->value)) return true;
  return is_plain_loop(s) && stores_apart(s, b);
}

static bool joins(const Stmt *a, const Stmt *b, const Touched *reads) {
  if (!is_plain_loop(a) || a->hi != b->hi || a->n + b->n > MOST_STORES) return false;
  Touched r = {0}, w = {0};
  stmt_touches(a, &r, &w);
  if (!has_common(&r, reads) && !has_common(&w, reads)) return false;
  return meets(a, b) && meets(b, a) && stores_apart(a, b);
}

/* Appends the stores of loop b to those of a. */
static void append_loop(Stmt *a, const Stmt *b) {
  for (int i = 0; i < b->n; i++) {
    const Stmt *s = b->body[i];
    Scalar *index[MAX_RANK], *to = s_axis(a->axis);
    for (int d = 0; d < s->to->rank; d++) index[d] = moved(s->index[d], b->axis, to);
    stmt_add(a, stmt_store(s->to, index, C_SET, moved(s->value, b->axis, to), s->loc));
  }
}

/* Joins the loop at `at` to an earlier one of the block, past statements that have nothing to do
** with it; arrays declared in between are then declared before. Returns whether it did. */
static bool join_loop(Stmt *block, int at) {
  Touched reads = {0}, writes = {0};
  Stmt *b = block->body[at];
  if (!is_plain_loop(b)) return false;
  stmt_touches(b, &reads, &writes);
  int k = at - 1;
  while (k >= 0 && !joins(block->body[k], b, &reads)) {
    if (!is_beside(block->body[k], b, &reads, &writes)) return false;
    k--;
  }
  if (k < 0) return false;
  append_loop(block->body[k], b);
  stmt_drop(block, at);
  for (int i = k + 1; i < at; i++) {
    Stmt *s = block->body[i];
    if (s->kind != ST_VAR || s->value || !stmt_writes(block->body[k], s->to)) continue;
    stmt_drop(block, i);
    stmt_insert(block, k++, s);
  }
  return true;
}

/* Moves the loop at `at` down into a later one of the block, past statements that have nothing to
** do with it. Returns whether it did. */
static bool sink_loop(Stmt *block, int at) {
  Touched reads = {0}, writes = {0};
  Stmt *a = block->body[at];
  if (!is_plain_loop(a)) return false;
  stmt_touches(a, &reads, &writes);
  for (int k = at + 1; k < block->n; k++) {
    Stmt *b = block->body[k];
    if (joins(b, a, &reads)) {
      Stmt *all = stmt_for(b->axis, b->lo, b->hi, b->loc);
      append_loop(all, a);
      for (int i = 0; i < b->n; i++) stmt_add(all, b->body[i]);
      block->body[k] = all;
      stmt_drop(block, at);
      return true;
    }
    if (!is_beside(b, a, &reads, &writes)) return false;
  }
  return false;
}

/* arrays that are read where they are stored */

static int count_stores(const Stmt *s, const Node *to) {
  int n = s->kind == ST_STORE && s->to == to;
  for (int i = 0; i < s->n; i++) n += count_stores(s->body[i], to);
  return n;
}

/* Makes a constant of an array that only later stores of the same step of a loop read. */
static void forward(Low *l, Stmt *block, int var) {
  Node *array = block->body[var]->to;
  Stmt *loop = NULL;
  int store = -1;
  if (array->rank != 1 || block->body[var]->value || count_stores(l->k->body, array) != 1) return;
  for (int i = var + 1; i < block->n; i++) {
    Stmt *s = block->body[i];
    if (!stmt_reads(s, array) && !stmt_writes(s, array)) continue;
    if (loop || s->kind != ST_FOR) return;
    loop = s;
  }
  for (int i = 0; loop && i < loop->n && store < 0; i++) {
    if (loop->body[i]->kind != ST_STORE && loop->body[i]->kind != ST_LET) return;
    if (loop->body[i]->to == array) store = i;
    else if (stmt_reads(loop->body[i], array)) return;
  }
  if (store < 0 || store + 1 == loop->n) return;
  Stmt *s = loop->body[store];
  Meet m = {s, loop->axis, s_axis(loop->axis), true};
  for (int i = store + 1; i < loop->n; i++) s_walk(loop->body[i]->value, check_meet, &m);
  if (!m.ok) return;
  Node *value = low_local(l, (Dtype)array->dtype, 0, NULL, array->name);
  Scalar *read = s_read(array, s->index, NULL);
  for (int i = store + 1; i < loop->n; i++)
    loop->body[i]->value = s_replace(loop->body[i]->value, read, local_read(value));
  loop->body[store] = stmt_let(value, s->value, s->loc);
  stmt_drop(block, var);
}

static void join_block(Low *l, Stmt *block) {
  for (int i = 0; i < block->n; i++) join_block(l, block->body[i]);
  for (int i = block->n - 1; i >= 0 && l->k->naxis < FEW_AXES; i--) split_loop(l, block, i);
  for (int i = 1; i < block->n; i++) i -= join_loop(block, i);
  for (int i = block->n - 2; i >= 0; i--) sink_loop(block, i);
  for (int i = block->n - 1; i >= 0; i--)
    if (block->body[i]->kind == ST_VAR) forward(l, block, i);
}

void lower_join(Low *l) {
  join_block(l, l->k->body);
  lower_sweeps(l->k->body);
}
