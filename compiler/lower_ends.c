/*
** lower_ends.c: loops over rows whose ends are read otherwise than what is between
**
**   for j < n:                                for e < 2:        the ends: j = e < 1 ? e : e + n - 2
**     y[j] = x[j < 1 ? j + n - 1 : j - 1]       y[j] = x[j < 1 ? j + n - 1 : j - 1]
**                                             for j < n - 2:
**                                               y[j + 1] = x[j]
**
** Boundary rules choose an index, by which a vector is gathered element by element, or whether there
** is one at all. Between the places where a choice changes it is one and the same, and elements lie
** side by side. The first and last rows are apart likewise, where they are not read: under a choice
** that is the same for a whole row clang finds no vector either.
*/
#include "lower.h"
#include "fuse.h"
#include <string.h>

enum {
  MOST_END = 8,     /* elements at an end that are done apart */
  LEAST_ROW = 20,   /* elements of a loop, or rows */
  LEAST_PLACES = 16, /* the same of places with a few channels: vectors across them are gathered */
  MOST_LETS = 32,   /* constants in it */
  MOST_TEXT = 300   /* cost of all that is written twice */
};

/* A loop from lo to hi, and the part of it between its ends. */
typedef struct Ends {
  int axis;
  int64_t lo, hi, begin, end;
  bool gathers; /* a read at an index that is not linear in the axis */
  bool clamped; /* an index that is clamped on both sides is a reason to cut */
  int choices;  /* so many are of memory that is read under an order of the axis and a number */
  const Kernel *k;
} Ends;

/* x = axis + *first or, `falls`, *first - axis. */
static bool is_linear(const Ends *e, Scalar *x, int64_t *first, bool *falls) {
  Scalar *coef, *rest;
  int64_t step;
  if (!s_uses_axis(x, e->axis) || !affine_split(x, e->axis, &coef, &rest)) return false;
  if (!s_const_value(coef, &step) || !s_const_value(rest, first)) return false;
  *falls = step < 0;
  return step == 1 || step == -1;
}

/* A choice is one thing before position `at`, and another from it on. */
static void note_cut(Ends *e, int64_t at) {
  if (at > e->begin && at <= e->lo + MOST_END) e->begin = at;
  if (at < e->end && at >= e->hi - MOST_END) e->end = at;
}

/* Where x >= 0 begins or ends to hold. */
static void cut_at_zero(Ends *e, Scalar *x) {
  int64_t first;
  bool falls;
  if (x && is_linear(e, x, &first, &falls)) note_cut(e, falls ? first + 1 : -first);
}

/* Where s = min or max of x and the limit changes; both are the same where they meet. */
static void cut_at_limit(Ends *e, const Scalar *s, Scalar *x, Scalar *limit) {
  bool both = x->kind == S_OP && (x->op == OP_MIN || x->op == OP_MAX);
  if (s_uses_axis(limit, e->axis) || (both && !e->clamped)) return;
  for (int k = 0; both && k < 2; k++) cut_at_limit(e, s, x->arg[k], limit);
  if (!both) cut_at_zero(e, s_sub(s_sub(x, limit), s_int(s->op == OP_MIN)));
}

static void find_cuts(void *ctx, Scalar *s) {
  Ends *e = ctx;
  int64_t by, first;
  bool falls;
  if (s->kind != S_OP || s->narg < 2 || s->arg[0]->dtype != DT_I64) return;
  switch ((OpCode)s->op) {
  case OP_LT: case OP_LE: case OP_GT: case OP_GE:
    cut_at_zero(e, order_gap(s));
    return;
  case OP_MIN: case OP_MAX:
    for (int k = 0; k < 2; k++) cut_at_limit(e, s, s->arg[k], s->arg[1 - k]);
    return;
  case OP_EQ: case OP_NE:
    cut_at_zero(e, s_sub(s->arg[0], s->arg[1]));
    cut_at_zero(e, s_sub(s_sub(s->arg[0], s->arg[1]), s_int(1)));
    return;
  case OP_MOD: case OP_FLOORDIV:
    if (!s_const_value(s->arg[1], &by) || by < LEAST_ROW) return;
    if (!is_linear(e, s->arg[0], &first, &falls) || falls) return;
    for (int64_t k = (e->lo + first) / by; k <= (e->hi + first) / by + 1; k++)
      note_cut(e, k * by - first);
    return;
  default: return;
  }
}

static void find_gathers(void *ctx, Scalar *s) {
  Ends *e = ctx;
  Scalar *coef, *rest;
  if (s->kind != S_READ) return;
  for (int d = 0; d < s->narg; d++)
    e->gathers |= s_uses_axis(s->arg[d], e->axis) && !s_has_read(s->arg[d]) &&
                  !affine_split(s->arg[d], e->axis, &coef, &rest);
}

/* Whether cond is asked of the axis. */
static bool is_order(const Ends *e, const Scalar *cond) {
  int64_t first;
  bool falls;
  if (cond->kind == S_OP && (cond->op == OP_AND || cond->op == OP_OR))
    return is_order(e, cond->arg[0]) || is_order(e, cond->arg[1]);
  Scalar *x = order_gap(cond);
  return x && is_linear(e, x, &first, &falls);
}

typedef struct Memory { const Kernel *k; bool read; } Memory;

/* Rows on the stack are read whether or not that is wanted. */
static void find_memory(void *ctx, Scalar *s) {
  Memory *m = ctx;
  m->read |= s->kind == S_READ && formal_of(m->k, s->tensor);
}

static void find_choices(void *ctx, Scalar *s) {
  Ends *e = ctx;
  Memory m = {e->k, false};
  if (s->kind != S_OP || s->op != OP_WHERE || !is_order(e, s->arg[0])) return;
  for (int k = 1; k < 3; k++) s_walk(s->arg[k], find_memory, &m);
  e->choices += m.read;
}

/* What stands in a loop. */
typedef struct Inside {
  int lets, cost;
  bool rows; /* other loops */
} Inside;

static bool declares(const Stmt *s, const Node *n) {
  if (s->to == n && s->kind == ST_VAR) return true;
  for (int i = 0; i < s->n; i++)
    if (declares(s->body[i], n)) return true;
  return false;
}

/* Whether a store in the loop is to an element of one trip alone. */
static bool is_own(const Stmt *store, const Stmt *loop) {
  Scalar *coef, *rest;
  if (declares(loop, store->to)) return true;
  for (int d = 0; d < store->to->rank && store->comb == C_SET; d++)
    if (s_uses_axis(store->index[d], loop->axis) && !s_has_read(store->index[d]) &&
        affine_split(store->index[d], loop->axis, &coef, &rest) && coef->kind == S_CONST)
      return true;
  return false;
}

/* Whether s, a loop or one inside it, is over elements, each stored once. */
static bool is_over_elements(const Stmt *s, const Stmt *loop, Inside *in) {
  if (s->kind != ST_FOR || s->lanes || s->tiles || s->turns || s->n == 0) return false;
  for (int i = 0; i < s->n; i++) {
    const Stmt *b = s->body[i];
    if (b->kind == ST_FOR) {
      in->rows = true;
      if (!is_over_elements(b, loop, in)) return false;
      continue;
    }
    if (b->kind != ST_LET && b->kind != ST_VAR && b->kind != ST_STORE) return false;
    if (b->value) in->cost += s_cost(b->value);
    in->lets += b->kind != ST_STORE;
    if (b->kind == ST_STORE && !is_own(b, loop)) return false;
  }
  return true;
}

/* Whether all that is stored are channels of places, one by one. */
static bool is_of_channels(const Stmt *s) {
  for (int i = 0; i < s->n; i++) {
    const Stmt *b = s->body[i];
    if (b->kind == ST_STORE && (b->to->rank < 2 || b->index[b->to->rank - 1]->kind != S_CONST))
      return false;
    if (!is_of_channels(b)) return false;
  }
  return true;
}

/* Statements of a loop at another position, with locals of their own. */
typedef struct Copy {
  Low *l;
  int axis, n;
  Scalar *at, *dom[MAX_KERNEL_AXES];
  Node *old[MOST_LETS], *now[MOST_LETS];
} Copy;

static Scalar *copy_leaf(void *ctx, Scalar *s) {
  Copy *c = ctx;
  if (s->kind == S_AXIS) return s->axis == c->axis ? c->at : NULL;
  for (int k = 0; s->kind == S_READ && k < c->n; k++)
    if (s->tensor == c->old[k]) return s_read(c->now[k], s->arg, s->rule);
  return NULL;
}

static Scalar *copy_value(Copy *c, Scalar *s) {
  return s ? simplify_within(s_rewrite(s, copy_leaf, c), c->l->k->naxis, c->dom) : NULL;
}

static void copy_body(Copy *c, const Stmt *s, Stmt *to) {
  for (int i = 0; i < s->n; i++) {
    const Stmt *b = s->body[i];
    Stmt *copy = stmt_add(to, stmt_new(b->kind, b->loc));
    int rank = b->kind == ST_STORE ? b->to->rank : 0;
    *copy = *b;
    copy->n = copy->cap = 0;
    copy->body = NULL;
    copy->lo = copy_value(c, b->lo), copy->hi = copy_value(c, b->hi);
    copy->value = copy_value(c, b->value);
    copy->index = NEWN(mod->arena, Scalar *, rank + 1);
    for (int d = 0; d < rank; d++) copy->index[d] = copy_value(c, b->index[d]);
    for (int k = 0; k < c->n; k++)
      if (b->to == c->old[k]) copy->to = c->now[k];
    if (b->kind == ST_LET || b->kind == ST_VAR) {
      copy->to = low_local(c->l, (Dtype)b->to->dtype, b->to->rank, b->to->dim, b->to->name);
      c->old[c->n] = b->to;
      c->now[c->n++] = copy->to;
    }
    copy_body(c, b, copy);
  }
}

static void copy_at(Low *l, const Stmt *s, Scalar *at, Stmt *to) {
  Copy c = {.l = l, .axis = s->axis, .at = at};
  for (int p = 0; p < l->k->naxis; p++) c.dom[p] = low_extent(l, p);
  copy_body(&c, s, to);
}

static void find_all(const Stmt *s, void (*find)(void *, Scalar *), Ends *e) {
  for (int i = 0; i < s->n; i++) {
    if (s->body[i]->value) s_walk(s->body[i]->value, find, e);
    find_all(s->body[i], find, e);
  }
}

/* Finds what makes the loop slow: of rows, which one is read is known to all of it, and one choice
** has a loop for either side. */
static bool is_slow(const Stmt *s, const Inside *in, Ends *e) {
  if (!in->rows) find_all(s, find_gathers, e);
  find_all(s, find_choices, e);
  return e->gathers || e->choices > (in->rows ? 1 : 0);
}

static void find_division(void *ctx, Scalar *s) {
  if (is_division(s)) ((Ends *)ctx)->clamped = false;
}

static void cut_loop(Low *l, Stmt *block, int at) {
  enum { MASKED = 64 /* bytes of vectors that have masks: else rests of rows are divided one by one */ };
  Stmt *s = block->body[at];
  Ends e = {.axis = s->axis, .k = l->k, .clamped = true};
  Inside inside = {0};
  if (!is_over_elements(s, s, &inside) || s->step != 1 || inside.lets > MOST_LETS) return;
  if (!s_const_value(s->lo, &e.lo) || !s_const_value(s->hi, &e.hi)) return;
  if (inside.cost > MOST_TEXT) return;
  int least = is_of_channels(s) ? LEAST_PLACES : LEAST_ROW;
  if (e.hi - e.lo < least || !is_slow(s, &inside, &e)) return;
  e.begin = e.lo, e.end = e.hi;
  if (l->target->vector_bytes < MASKED) find_all(s, find_division, &e);
  find_all(s, find_cuts, &e);
  int64_t before = e.begin - e.lo, after = e.hi - e.end;
  if (before + after == 0 || (inside.rows && MOST_END * (before + after) > e.hi - e.lo)) return;
  int between = low_axis(l, s_int(e.end - e.begin), NULL), ends = low_axis(l, s_int(before + after), NULL);
  Stmt *in = stmt_for(between, s_int(0), s_int(e.end - e.begin), s->loc);
  copy_at(l, s, s_add(s_axis(between), s_int(e.begin)), in);
  Ends left = {.axis = between, .k = l->k};
  is_slow(in, &inside, &left);
  if (left.gathers || left.choices) return;
  Scalar *first = s_add(s_axis(ends), s_int(e.lo)), *last = s_add(s_axis(ends), s_int(e.end - before));
  Stmt *out = stmt_for(ends, s_int(0), s_int(before + after), s->loc);
  copy_at(l, s, !before ? last : !after ? first :
          s_op3(OP_WHERE, s_op2(OP_LT, s_axis(ends), s_int(before)), first, last), out);
  block->body[at] = out;
  stmt_insert(block, at + 1, in);
}

void cut_ends(Low *l, Stmt *block) {
  for (int i = block->n - 1; i >= 0; i--) {
    cut_ends(l, block->body[i]);
    if (l->k->naxis + 2 < MAX_KERNEL_AXES) cut_loop(l, block, i);
  }
}
