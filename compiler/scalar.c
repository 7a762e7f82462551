/*
** scalar.c: walking and rebuilding Scalars
**
** Every walk visits a shared subexpression once, through a small table of the ids already seen.
*/
#include <string.h>
#include "ir.h"

enum { FEW = 12 };

/* A map from Scalars to Scalars: a list while they are few, then open addressing in an arena of its
** own. */
typedef struct Memo {
  Arena *arena;
  int n, cap;
  Scalar **key, **value;
  Scalar *few[FEW], *few_value[FEW];
} Memo;

static Scalar **memo_slot(Memo *m, Scalar *key);

/* Makes the table, or doubles it. */
static void memo_grow(Memo *m) {
  Memo old = *m;
  Scalar **keys = old.cap ? old.key : old.few, **values = old.cap ? old.value : old.few_value;
  if (!m->arena) m->arena = arena_new();
  m->cap = old.cap ? old.cap * 2 : 64;
  m->n = 0;
  m->key = NEWN(m->arena, Scalar *, m->cap);
  m->value = NEWN(m->arena, Scalar *, m->cap);
  for (int k = 0; k < (old.cap ? old.cap : FEW); k++)
    if (keys[k]) *memo_slot(m, keys[k]) = values[k];
}

/* Where the key's value is, NULL at first; until another key comes. */
static Scalar **memo_slot(Memo *m, Scalar *key) {
  if (!m->cap) {
    for (int k = 0; k < m->n; k++)
      if (m->few[k] == key) return &m->few_value[k];
    if (m->n < FEW) {
      m->few[m->n] = key;
      m->few_value[m->n] = NULL;
      return &m->few_value[m->n++];
    }
  }
  if (m->n * 2 >= m->cap) memo_grow(m);
  uint32_t at = ((uint32_t)key->id * 2654435761u) & (uint32_t)(m->cap - 1);
  while (m->key[at] && m->key[at] != key) at = (at + 1) & (uint32_t)(m->cap - 1);
  if (!m->key[at]) {
    m->key[at] = key;
    m->n++;
  }
  return &m->value[at];
}

/* Rebuilds s from rebuilt arguments. */
Scalar *s_with_args(Scalar *s, Scalar **arg) {
  if (!memcmp(arg, s->arg, sizeof *arg * s->narg)) return s;
  switch ((ScalarKind)s->kind) {
  case S_READ: return s_read(s->tensor, arg, s->rule);
  case S_OP:
    if (op_info[s->op].kind == 'c' || op_info[s->op].kind == 'u')
      return s_typed((OpCode)s->op, (Dtype)s->dtype, arg[0]);
    return s_op((OpCode)s->op, arg);
  case S_REDUCE: return s_reduce((Combine)s->op, arg[0], s->narg - 1, arg + 1);
  default: return s;
  }
}

typedef struct Rebuild {
  Memo memo;
  uint64_t axes; /* what has none of these stays as it is; 0: anything may change */
  int oldest;    /* and so does what is older than this id */
  LeafFn leaf;   /* may be NULL */
  LeafFn finish; /* called on every rebuilt S_OP; may be NULL */
  void *ctx;
} Rebuild;

static Scalar *rebuild(Rebuild *r, Scalar *s) {
  if (s->kind == S_CONST || (r->axes && !(s->axes & r->axes)) || s->id < r->oldest) return s;
  Scalar *done = *memo_slot(&r->memo, s);
  if (done) return done;
  Scalar *arg[MAX_AXES + 1], *t = s, *by;
  for (int k = 0; k < s->narg; k++) arg[k] = rebuild(r, s->arg[k]);
  if (s->narg) t = s_with_args(s, arg);
  if (s->kind == S_AXIS || s->kind == S_READ || s->kind == S_SIZE) {
    if (r->leaf && (by = r->leaf(r->ctx, t))) t = by;
  } else if (s->kind == S_OP && r->finish && (by = r->finish(r->ctx, t)))
    t = by;
  return *memo_slot(&r->memo, s) = t;
}

Scalar *s_rewrite(Scalar *s, LeafFn leaf, void *ctx) { return s_rewrite_ops(s, leaf, NULL, ctx); }

Scalar *s_rewrite_ops(Scalar *s, LeafFn leaf, LeafFn finish, void *ctx) {
  Rebuild r = {.leaf = leaf, .finish = finish, .ctx = ctx};
  s = rebuild(&r, s);
  arena_free(r.memo.arena);
  return s;
}

typedef struct Subst {
  int n, from, delta;
  Scalar **by;
} Subst;

uint64_t s_axis_bit(int p) { return (uint64_t)1 << (p < FAR_AXIS ? p : FAR_AXIS); }

/* Rebuilds s where it has axes from `lo` to below `hi`; the leaf leaves all else as it is. */
static Scalar *rebuild_axes(Scalar *s, int lo, int hi, LeafFn leaf, Subst *u) {
  Rebuild r = {.leaf = leaf, .ctx = u};
  if (lo >= hi) return s;
  r.axes = (s_axis_bit(hi - 1) - s_axis_bit(lo)) | s_axis_bit(lo) | s_axis_bit(hi - 1);
  s = rebuild(&r, s);
  arena_free(r.memo.arena);
  return s;
}

static Scalar *subst_leaf(void *ctx, Scalar *s) {
  Subst *u = ctx;
  return s->kind == S_AXIS && s->axis < u->n ? u->by[s->axis] : NULL;
}

Scalar *s_subst_axes(Scalar *s, int n, Scalar **by) {
  return rebuild_axes(s, 0, n, subst_leaf, &(Subst){.n = n, .by = by});
}

static Scalar *shift_leaf(void *ctx, Scalar *s) {
  Subst *u = ctx;
  return s->kind == S_AXIS && s->axis >= u->from ? s_axis(s->axis + u->delta) : NULL;
}

Scalar *s_shift_axes(Scalar *s, int from, int delta) {
  if (!delta) return s;
  return rebuild_axes(s, from, INT32_MAX, shift_leaf, &(Subst){.from = from, .delta = delta});
}

/* Replaces top-down: the expression is cut where `what` stands, before its arguments change. */
Scalar *s_replace(Scalar *s, Scalar *what, Scalar *by) {
  Rebuild r = {.oldest = what->id};
  *memo_slot(&r.memo, what) = by;
  s = rebuild(&r, s);
  arena_free(r.memo.arena);
  return s;
}

static void walk(Memo *m, Scalar *s, void (*f)(void *, Scalar *), void *ctx) {
  Scalar **seen = memo_slot(m, s);
  if (*seen) return;
  *seen = s;
  for (int k = 0; k < s->narg; k++) walk(m, s->arg[k], f, ctx);
  f(ctx, s);
}

void s_walk(Scalar *s, void (*f)(void *ctx, Scalar *s), void *ctx) {
  Memo m = {0};
  walk(&m, s, f, ctx);
  arena_free(m.arena);
}

typedef struct Query {
  int axis;
  bool found;
} Query;

static void find_axis(void *ctx, Scalar *s) {
  Query *q = ctx;
  if (s->kind == S_AXIS && s->axis == q->axis) q->found = true;
}

bool s_uses_axis(const Scalar *s, int p) {
  if (p < 0) return s_has_axis(s);
  if (p < FAR_AXIS || !(s->axes & s_axis_bit(p))) return (s->axes & s_axis_bit(p)) != 0;
  Query q = {p, false};
  s_walk((Scalar *)(uintptr_t)s, find_axis, &q);
  return q.found;
}

bool s_has_axis(const Scalar *s) { return s->axes != 0; }

bool s_has_read(const Scalar *s) { return s->reads; }

bool s_is_plain_read(const Scalar *s) {
  if (s->kind != S_READ) return false;
  for (int d = 0; d < s->narg; d++)
    if (s->rule[d] != R_NONE || s_has_read(s->arg[d])) return false;
  return true;
}

/* Arguments are older than what uses them. */
static bool contains(Memo *m, Scalar *s, const Scalar *what) {
  if (s == what) return true;
  if (s->id < what->id) return false;
  Scalar **seen = memo_slot(m, s);
  if (*seen) return false;
  *seen = s;
  for (int k = 0; k < s->narg; k++)
    if (contains(m, s->arg[k], what)) return true;
  return false;
}

bool s_contains(const Scalar *s, const Scalar *what) {
  Memo m = {0};
  bool found = contains(&m, (Scalar *)(uintptr_t)s, what);
  arena_free(m.arena);
  return found;
}

static void add_cost(void *ctx, Scalar *s) {
  if (s->kind == S_OP && dtype_is_float((Dtype)s->dtype))
    *(int *)ctx += op_info[s->op].prec == 16 && op_info[s->op].kind == 'f' ? 8
                   : s->op == OP_DIV || s->op == OP_SQRT                  ? 4
                                                                          : 1;
}

int s_cost(const Scalar *s) {
  int n = 0;
  s_walk((Scalar *)(uintptr_t)s, add_cost, &n);
  return n;
}

/* Says whether s reads a tensor of n's shape at the element of n itself. */
bool s_reads_here(const Scalar *s, const Node *n) {
  if (s->kind != S_READ || !n_same_shape(s->tensor, n)) return false;
  for (int d = 0; d < s->narg; d++) {
    bool only = s_is_int(s->arg[d], 0) && s_is_int(n->dim[d], 1);
    if (s->rule[d] != R_NONE || !(only || (s->arg[d]->kind == S_AXIS && s->arg[d]->axis == d)))
      return false;
  }
  return true;
}
