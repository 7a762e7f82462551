/*
** pragma.c: what a compiler is told of loops: which are vectors, which run on threads
**
**   #pragma omp simd       a vector, whatever the compiler thinks of its lanes
**   RT_SHORT, RT_MASKED    the same for short rows; without loads and stores one by one for the rest
**   RT_UNROLL              written out: a few sums, in registers
**   RT_ROWS                no vector, whatever the compiler thinks: the loop inside is one
**
** Clang writes short loops out before it looks for vectors. What is then left of
**
**   for i < 25: for j < 12: y[i][j] = x[j] - m[i][j]
**
** is a loop over i alone, of which it makes a vector: 12 gathers, 12 scatters. As a loop that is no
** vector, its 12 elements become one and a half.
*/
#include "cgen.h"
#include "fuse.h"
#include "lower.h"

enum {
  LONG_REST = 128,   /* a row of which what is left behind vectors matters little */
  WRITTEN_OUT = 240, /* reads, operations and stores of a loop that may be written out */
  LEAST_ROW = 8,     /* elements; shuffles turn shorter ones, so across them is better */
  LEAST_ROWS = 4,    /* that may become a vector, */
  FEW_ROWS = 16, LEAST_OF_FEW = 4, /* though no whole one; then shorter rows are better */
  MUCH = 16,         /* operations at an element, */
  MOST_VECTORS = 6   /* and the row's vectors, where the rest is worth a mask for each */
};

static void find_choice(void *ctx, Scalar *s) {
  if (s->kind == S_OP && s->op == OP_WHERE && (s->arg[1]->narg || s->arg[2]->narg))
    *(bool *)ctx = true;
}

typedef struct Strides { int axis; bool found; } Strides;

/* Elements that lie apart from trip to trip: a column of a matrix. */
static void find_stride(void *ctx, Scalar *s) {
  Strides *t = ctx;
  for (int d = 0; s->kind == S_READ && d + 1 < s->narg; d++)
    if (s_uses_axis(s->arg[d], t->axis)) t->found = true;
}

/* A vector loop of so few trips that clang would write them out before it looks for vectors; then
** it finds none if there are choices, which are branches by then, and gathers columns one by one. */
static bool is_short(const Stmt *s) {
  int64_t n;
  bool choice = false;
  Strides t = {s->axis, false};
  for (int i = 0; i < s->n; i++) {
    if (s->body[i]->kind == ST_FOR || s->body[i]->kind == ST_IF) return false;
    if (s->body[i]->value) s_walk(s->body[i]->value, find_choice, &choice);
    if (s->body[i]->value) s_walk(s->body[i]->value, find_stride, &t);
  }
  return s_const_value(stmt_trips(s), &n) && n >= 5 && n <= (choice || t.found ? 24 : 7);
}

/* Whether a short loop adds to a few sums, and does nothing dear. Written out, these are in
** registers; as a vector and what it leaves, they wait for what they stored the trip before. */
static bool is_few_sums(const Stmt *s) {
  for (int i = 0; i < s->n; i++) {
    const Stmt *b = s->body[i];
    bool adds = b->kind == ST_STORE && b->comb != C_SET && b->to->rank == 1;
    bool choice = false;
    Strides t = {s->axis, false};
    if (!adds || b->index[0] != s_axis(s->axis) || has_dear(b->value)) return false;
    s_walk(b->value, find_choice, &choice);
    s_walk(b->value, find_stride, &t);
    if (choice || t.found) return false;
  }
  return is_short(s);
}

/* Units of a body, of which a division is many. */
static void add_work(void *ctx, Scalar *s) {
  if (is_division(s)) *(int *)ctx += MUCH;
}

/* Whether whole vectors leave a rest of a short row of exponentials or the like, or, in one of several
** `rows`, of much else that is read side by side. They may be added to a local that is `fresh`: where others
** were before, masked stores would keep its loads waiting, as those of a row alone in a step of a LOOP the
** loads of the next step. */
static bool leaves_rest(const Stmt *s, const Node *fresh, bool rows) {
  int64_t n;
  int lanes = 8, work = 0;
  bool dear = false;
  Strides t = {s->axis, false};
  for (int i = 0; i < s->n; i++) {
    const Stmt *b = s->body[i];
    if (b->kind != ST_STORE && b->kind != ST_LET) return false;
    if (b->to->dtype == DT_F32) lanes = 16;
    if (b->kind == ST_STORE && b->comb != C_SET && b->to != fresh) return false;
    dear = dear || has_dear(b->value);
    work += s_cost(b->value);
    s_walk(b->value, add_work, &work);
    s_walk(b->value, find_stride, &t);
  }
  if (!s_const_value(stmt_trips(s), &n) || n <= 4 || n % lanes == 0) return false;
  if (dear) return n < LONG_REST;
  bool half = n % (lanes / 2) == 0; /* the rest is a vector of half the size */
  return rows && !half && work >= MUCH && !t.found && n > lanes && n < MOST_VECTORS * lanes;
}

/* rows */

/* What is written out: reads, operations and stores, and whether vectors compute something. */
typedef struct Units { int64_t n; bool op, dear, vector; } Units;

static void add_unit(void *ctx, Scalar *s) {
  Units *u = ctx;
  bool op = s->kind == S_OP && s->dtype != DT_I64;
  u->n += op || s->kind == S_READ;
  u->op |= op;
  u->dear |= is_dear(s);
}

static bool declares(const Stmt *s, const Node *n) {
  if (s->to == n && s->kind == ST_VAR) return true;
  for (int i = 0; i < s->n; i++)
    if (declares(s->body[i], n)) return true;
  return false;
}

static bool moves(const Stmt *store, int axis) {
  for (int d = 0; d < store->to->rank; d++)
    if (s_uses_axis(store->index[d], axis)) return true;
  return false;
}

/* How long rows are that are better off as vectors than what lies across them. */
static int64_t least_row(const Stmt *loop) {
  int64_t rows;
  return s_const_value(stmt_trips(loop), &rows) && rows < FEW_ROWS ? LEAST_OF_FEW : LEAST_ROW;
}

/* Whether a trip of s, in the loop or that itself, may be written out with all loops inside, and
** all is done to elements of one trip of the loop; adds it up. */
static bool may_be_written_out(const Stmt *s, const Stmt *loop, Units *u) {
  for (int i = 0; i < s->n; i++) {
    const Stmt *b = s->body[i];
    Units in = {.n = 1};
    int64_t n = 1;
    if (b->value) s_walk(b->value, add_unit, &in);
    if (b->kind == ST_FOR) {
      if (b->parallel || !s_const_value(stmt_trips(b), &n)) return false;
      if (b->simd && is_short(b)) return false;
      if (!may_be_written_out(b, loop, &in)) return false;
      u->vector |= b->simd ? in.op && n >= least_row(loop) : in.vector;
    } else if (b->kind == ST_STORE) {
      if (!moves(b, loop->axis) && !declares(loop, b->to)) return false;
    } else if (b->kind != ST_LET && b->kind != ST_VAR) {
      return false;
    }
    u->n += n * in.n;
    u->op |= in.op;
    if (in.dear || n * in.n > WRITTEN_OUT) return false;
  }
  return true;
}

/* Whether s is a loop over short rows that are vectors, or copies of them. */
bool pragma_over_rows(const Stmt *s) {
  int64_t n;
  Units u = {0};
  if (s->kind != ST_FOR || s->simd || s->tiles) return false;
  if (s->apart) return true;
  if (s_const_value(stmt_trips(s), &n) && n < LEAST_ROWS) return false;
  return may_be_written_out(s, s, &u) && u.vector;
}

bool pragma_any(const Stmt *s) {
  return s->simd || s->parallel || pragma_over_rows(s);
}

/* The loops of a function that is cut into parts run on the threads of who calls it. Pragmas are kept
** where OpenMP is off; rt_kernel.h silences the warning about them. */
void pragma_print(Cg *c, const Stmt *s) {
  if (!pragma_any(s) || (s->parallel && !s->simd && !c->whole)) return;
  text_add(c->t, "%*s", 2 * c->indent, "");
  if (!s->parallel && !s->simd) {
    text_add(c->t, "RT_ROWS\n");
    return;
  }
  bool masked = !s->parallel && !c->scan && leaves_rest(s, c->fresh, c->indent > 1);
  if (!s->parallel && !c->scan && is_few_sums(s)) {
    text_add(c->t, "RT_UNROLL\n");
    return;
  }
  if (!s->parallel && !c->scan && (masked || c->rows || is_short(s))) {
    text_add(c->t, masked ? "RT_MASKED\n" : "RT_SHORT\n");
    return;
  }
  if (!s->parallel || !c->whole) {
    text_add(c->t, "#pragma omp simd%s\n", c->scan ? " reduction(|:rt_is_far)" : "");
    return;
  }
  text_add(c->t, "#pragma omp parallel for%s", s->simd ? " simd" : "");
  if (s->collapse > 1) text_add(c->t, " collapse(%d)", s->collapse);
  if (c->scan) text_add(c->t, " reduction(|:rt_is_far)");
  text_add(c->t, " num_threads(part.threads)");
  if (s->work && s->enough > 0) {
    text_add(c->t, " if (");
    cg_enough(c, s);
    text_add(c->t, ")");
  }
  text_add(c->t, "\n");
}

