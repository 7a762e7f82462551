/*
** lower_ends.c: loops over rows whose ends are read otherwise than what is between
**
**   for j < n:                                for e < 2:        the ends: j = e < 1 ? e : e + n - 2
**     y[j] = x[j < 1 ? j + n - 1 : j - 1]       y[j] = x[j < 1 ? j + n - 1 : j - 1]
**                                             for j < n - 2:
**                                               y[j + 1] = x[j]
**
** Boundary rules choose an index, by which a vector is gathered element by element. Between the
** places where a choice changes it is one and the same, and elements lie side by side.
*/
#include "lower.h"
#include <string.h>

enum {
  MOST_END = 8,     /* elements at an end that are done apart */
  LEAST_ROW = 32,   /* of a loop */
  MOST_LETS = 32,   /* constants in it */
  MOST_TEXT = 300   /* cost of all that is written twice */
};

/* A loop from lo to hi, and the part of it between its ends. */
typedef struct Ends {
  int axis;
  int64_t lo, hi, begin, end;
  bool gathers; /* a read at an index that is not linear in the axis */
  bool choices; /* reads of memory under an order of the axis and a number */
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
    cut_at_zero(e, s_sub(s->arg[0], s->arg[1]));
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

/* Rows on the stack are read whether or not that is wanted. */
static void find_memory(void *ctx, Scalar *s) {
  Ends *e = ctx;
  for (int i = 0; s->kind == S_READ && i < e->k->nformal; i++)
    e->choices |= e->k->formal[i].as == s->tensor;
}

static void find_choices(void *ctx, Scalar *s) {
  Ends *e = ctx;
  if (s->kind != S_OP || s->op != OP_WHERE || e->choices || !is_order(e, s->arg[0])) return;
  for (int k = 1; k < 3; k++) s_walk(s->arg[k], find_memory, e);
}

/* Whether s is a loop over elements, each stored once. */
static bool is_row(const Stmt *s) {
  Scalar *coef, *rest;
  int lets = 0, cost = 0;
  if (s->kind != ST_FOR || s->step != 1 || s->lanes || s->tiles || s->turns || s->n == 0) return false;
  for (int i = 0; i < s->n; i++) {
    const Stmt *b = s->body[i];
    bool moves = false;
    if (b->kind != ST_LET && b->kind != ST_STORE) return false;
    cost += s_cost(b->value);
    lets += b->kind == ST_LET;
    for (int d = 0; b->kind == ST_STORE && d < b->to->rank; d++)
      moves |= s_uses_axis(b->index[d], s->axis) && !s_has_read(b->index[d]) &&
               affine_split(b->index[d], s->axis, &coef, &rest) && coef->kind == S_CONST;
    if (b->kind == ST_STORE && !moves) return false;
  }
  return lets <= MOST_LETS && cost <= MOST_TEXT;
}

/* The statements of a loop at another position, with constants of their own. */
static void copy_at(Low *l, const Stmt *s, Scalar *at, Stmt *to) {
  Scalar *by[MAX_KERNEL_AXES] = {0}, *dom[MAX_KERNEL_AXES], *old[MOST_LETS], *now[MOST_LETS];
  int nlet = 0;
  by[s->axis] = at;
  for (int p = 0; p < l->k->naxis; p++) dom[p] = low_extent(l, p);
  for (int i = 0; i < s->n; i++) {
    const Stmt *b = s->body[i];
    Stmt *copy = stmt_add(to, stmt_new(b->kind, b->loc));
    int rank = b->kind == ST_STORE ? b->to->rank : 0;
    Scalar **index = NEWN(mod->arena, Scalar *, rank + 1), *value = b->value;
    for (int k = 0; k < nlet; k++) value = s_replace(value, old[k], now[k]);
    copy->to = b->to;
    copy->comb = b->comb;
    copy->value = simplify_within(s_subst_axes(value, s->axis + 1, by), l->k->naxis, dom);
    for (int d = 0; d < rank; d++) index[d] = s_subst_axes(b->index[d], s->axis + 1, by);
    copy->index = index;
    if (b->kind == ST_STORE) continue;
    copy->to = low_local(l, (Dtype)b->to->dtype, 0, NULL, b->to->name);
    old[nlet] = local_read(b->to);
    now[nlet++] = local_read(copy->to);
  }
}

static void find_all(const Stmt *s, void (*find)(void *, Scalar *), Ends *e) {
  for (int i = 0; i < s->n; i++) s_walk(s->body[i]->value, find, e);
}

static void cut_loop(Low *l, Stmt *block, int at) {
  Stmt *s = block->body[at];
  Ends e = {.axis = s->axis, .k = l->k};
  if (!is_row(s) || !s_const_value(s->lo, &e.lo) || !s_const_value(s->hi, &e.hi)) return;
  if (e.hi - e.lo < LEAST_ROW) return;
  e.begin = e.lo, e.end = e.hi;
  find_all(s, find_gathers, &e);
  find_all(s, find_choices, &e);
  if (!e.gathers && !e.choices) return;
  find_all(s, find_cuts, &e);
  int64_t before = e.begin - e.lo, after = e.hi - e.end;
  if (before + after == 0) return;
  int between = low_axis(l, s_int(e.end - e.begin), NULL), ends = low_axis(l, s_int(before + after), NULL);
  Stmt *in = stmt_for(between, s_int(0), s_int(e.end - e.begin), s->loc);
  copy_at(l, s, s_add(s_axis(between), s_int(e.begin)), in);
  Ends left = {.axis = between, .k = l->k};
  find_all(in, find_gathers, &left);
  find_all(in, find_choices, &left);
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
