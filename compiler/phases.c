/*
** phases.c: the functions that a kernel with parallel loops is printed as
**
** A phase is one function. Its parallel loops may be cut into parts that run in any order, on any
** threads, those of a caller too; what depends on a whole loop waits for the next phase:
**
**   float partial[64]                    make_s_partial:  for i on threads: partial[i] = ...
**   for i on threads: partial[i] = ...
**   for i: acc += partial[i]             make_s:          for i: acc += partial[i]
**   s = acc                                               s = acc
** A local array that crosses phases is handed to both. Constants are computed where they are used.
*/
#include "lower.h"
#include <string.h>

/* The tensors and locals that statements read and write. */
typedef struct Touch {
  int nread, nwrite, capread, capwrite;
  const Node **read, **write;
} Touch;

static bool has(const Node **list, int n, const Node *what) {
  for (int i = 0; i < n; i++)
    if (list[i] == what) return true;
  return false;
}

static void note(const Node ***list, int *n, int *cap, const Node *what) {
  if (has(*list, *n, what)) return;
  if (*n == *cap) {
    const Node **more = NEWN(mod->arena, const Node *, *cap = 2 * *cap + 8);
    if (*n) memcpy(more, *list, sizeof *more * (size_t)*n);
    *list = more;
  }
  (*list)[(*n)++] = what;
}

static void note_read(void *ctx, Scalar *s) {
  Touch *t = ctx;
  if (s->kind == S_READ) note(&t->read, &t->nread, &t->capread, s->tensor);
}

static void touch(Touch *t, const Stmt *s) {
  Scalar *const part[] = {s->lo, s->hi, s->value};
  for (size_t i = 0; i < sizeof part / sizeof *part; i++)
    if (part[i]) s_walk(part[i], note_read, t);
  if (s->kind == ST_STORE)
    for (int d = 0; d < s->to->rank; d++) s_walk(s->index[d], note_read, t);
  if (s->kind == ST_FOLD)
    for (int d = 0; d + 1 < s->from->rank; d++) s_walk(s->index[d], note_read, t);
  if (s->from) note(&t->read, &t->nread, &t->capread, s->from);
  const Node *to = s->contract ? s->contract->tile : s->to;
  if (to && s->kind != ST_LET) note(&t->write, &t->nwrite, &t->capwrite, to);
  if (s->contract) {
    s_walk(s->contract->one, note_read, t);
    s_walk(s->contract->vec, note_read, t);
    if (s->contract->here) s_walk(s->contract->here, note_read, t);
  }
  for (int i = 0; i < s->n; i++) touch(t, s->body[i]);
}

static Touch touch_of(const Stmt *s) {
  Touch t = {0};
  touch(&t, s);
  return t;
}

static bool touches(const Touch *t, const Node *n) {
  return has(t->read, t->nread, n) || has(t->write, t->nwrite, n);
}

/* Whether what t reads is, or shares memory with, something that w writes. */
static bool reads_written(const Kernel *k, const Touch *t, const Touch *w) {
  for (int i = 0; i < t->nread; i++) {
    if (has(w->write, w->nwrite, t->read[i])) return true;
    for (int f = 0; f < k->nformal; f++)
      for (int to = 0; k->formal[f].as == t->read[i] && to < k->nformal; to++)
        if (formal_may_alias(k, f, to) && has(w->write, w->nwrite, k->formal[to].as)) return true;
  }
  return false;
}

/* Whether two statements of a kernel must run one after the other, as wholes. */
static bool depends(const Kernel *k, const Stmt *a, const Stmt *b) {
  bool both = a->kind == ST_IF && b->kind == ST_IF;
  if (both && (b->value == s_op1(OP_NOT, a->value) || a->value == s_op1(OP_NOT, b->value)))
    return false; /* only one of them runs */
  Touch x = touch_of(a), y = touch_of(b);
  for (int i = 0; i < x.nwrite; i++)
    if (has(y.write, y.nwrite, x.write[i])) return true;
  return reads_written(k, &x, &y) || reads_written(k, &y, &x);
}

static bool has_parallel(const Stmt *s) {
  bool any = s->parallel;
  for (int i = 0; i < s->n && !any; i++) any = has_parallel(s->body[i]);
  return any;
}

/* The store to a tensor inside s; the last one found. */
static const Stmt *store_to(const Stmt *s, const Node *to) {
  const Stmt *found = s->kind == ST_STORE && s->to == to ? s : NULL;
  for (int i = 0; i < s->n; i++) {
    const Stmt *in = store_to(s->body[i], to);
    if (in) found = in;
  }
  return found;
}

/* Reads and stores of one tensor that must all be at one place. */
typedef struct Place { const Node *of; Scalar **index; bool one; } Place;

static void check_place(void *ctx, Scalar *s) {
  Place *p = ctx;
  if (s->kind != S_READ || s->tensor != p->of) return;
  for (int d = 0; d < s->narg; d++) p->one = p->one && s->arg[d] == p->index[d];
}

static void check_places(const Stmt *s, Place *p) {
  if (s->value) s_walk(s->value, check_place, p);
  if (s->kind == ST_STORE && s->to == p->of)
    for (int d = 0; d < s->to->rank; d++) p->one = p->one && s->index[d] == p->index[d];
  if (s->kind == ST_CONTRACT) p->one = false;
  for (int i = 0; i < s->n; i++) check_places(s->body[i], p);
}

/* Whether a parallel loop inside the plain loop s keeps to its own elements over all of s: what is
** written there is read and written at one place only. */
static bool keeps_apart(const Kernel *k, const Stmt *s) {
  Touch t = touch_of(s);
  for (int f = 0; f < k->nformal; f++) {
    const Node *n = k->formal[f].as;
    if (!has(t.write, t.nwrite, n)) continue;
    const Stmt *store = store_to(s, n);
    if (!store) return false; /* a contraction's sums */
    Place p = {n, store->index, true};
    check_places(s, &p);
    if (!p.one) return false;
  }
  return true;
}

typedef enum Kind { SERIAL, PARALLEL, WHOLE } Kind; /* WHOLE: parallel, but not to be cut */

static Kind kind_of(const Kernel *k, const Stmt *s) {
  if (!has_parallel(s)) return SERIAL;
  if (s->kind == ST_FOR && s->parallel) return PARALLEL;
  Touch all = touch_of(s);
  int units = 0;
  for (int i = 0; i < s->n; i++) {
    Touch t = touch_of(s->body[i]);
    if (s->body[i]->kind == ST_LET && !reads_written(k, &t, &all)) continue;
    if (kind_of(k, s->body[i]) != PARALLEL) return WHOLE;
    units++;
  }
  return units == 1 && (s->kind != ST_FOR || keeps_apart(k, s)) ? PARALLEL : WHOLE;
}

/* The statements of a kernel as a list: */
typedef struct List {
  int n, cap;
  const Stmt **stmt;
  int *phase; /* -1: computed, or declared, in the phases that use it */
} List;

static void flatten(List *l, const Stmt *s) {
  if (s->kind == ST_BLOCK) {
    for (int i = 0; i < s->n; i++) flatten(l, s->body[i]);
    return;
  }
  if (l->n == l->cap) {
    const Stmt **more = NEWN(mod->arena, const Stmt *, l->cap = 2 * l->cap + 8);
    if (l->n) memcpy(more, l->stmt, sizeof *more * (size_t)l->n);
    l->stmt = more;
  }
  l->stmt[l->n++] = s;
}

/* Whether statement i uses what an earlier one computes in a phase of its own. */
static bool uses_phase(const List *l, int i, const Touch *t) {
  for (int j = 0; j < i; j++)
    if (l->phase[j] >= 0 && l->stmt[j]->kind == ST_LET && has(t->read, t->nread, l->stmt[j]->to))
      return true;
  return false;
}

/* Gives every statement its phase; the number of phases, or 0 where the kernel stays whole. */
static int assign_phases(const Kernel *k, const List *l, bool *parallel) {
  Touch all = touch_of(k->body);
  int n = 0, from = 0;
  for (int i = 0; i < l->n; i++) {
    const Stmt *s = l->stmt[i];
    Touch t = touch_of(s);
    l->phase[i] = -1;
    bool anywhere = s->kind == ST_LET && !reads_written(k, &t, &all) && !uses_phase(l, i, &t);
    if (s->kind == ST_VAR || anywhere) continue;
    Kind kind = kind_of(k, s);
    if (kind == WHOLE) return 0;
    bool join = n > 0 && parallel[n - 1] == (kind == PARALLEL);
    for (int j = from; join && kind == PARALLEL && j < i; j++)
      join = l->phase[j] < 0 || !depends(k, l->stmt[j], s);
    if (!join) parallel[n++] = kind == PARALLEL, from = i;
    l->phase[i] = n - 1;
  }
  return n;
}

/* Whether phase p has statement i: one of its own, or what these use (`use` grows by it). */
static bool belongs(const List *l, int i, int p, Touch *use) {
  const Stmt *s = l->stmt[i];
  if (l->phase[i] >= 0 ? l->phase[i] != p : !touches(use, s->to)) return false;
  touch(use, s);
  return true;
}

/* Takes what phase p needs of the list, in its order. */
static void fill_phase(Kernel *k, const List *l, int p) {
  Phase *ph = &k->phase[p];
  Touch use = {0};
  bool *mine = NEWN(mod->arena, bool, l->n + 1);
  for (int i = 0; i < l->n; i++)
    if (l->phase[i] == p) touch(&use, l->stmt[i]);
  for (int i = l->n - 1; i >= 0; i--) mine[i] = belongs(l, i, p, &use);
  ph->stmt = NEWN(mod->arena, const Stmt *, l->n + 1);
  for (int i = 0; i < l->n; i++) {
    bool shared = mine[i] && has((const Node **)k->shared, k->nshared, l->stmt[i]->to);
    if (mine[i] && !shared) ph->stmt[ph->n++] = l->stmt[i];
  }
  ph->formal = NEWN(mod->arena, int, k->nformal + 1);
  for (int f = 0; f < k->nformal; f++)
    if (touches(&use, k->formal[f].as)) ph->formal[ph->nformal++] = f;
  ph->shared = NEWN(mod->arena, int, k->nshared + 1);
  for (int s = 0; s < k->nshared; s++) {
    if (!touches(&use, k->shared[s])) continue;
    ph->shared[ph->nshared++] = s;
    if (p + 1 < k->nphase) ph->suffix = k->shared[s]->name;
  }
}

/* Finds the local arrays that cross phases; false where something else does. */
static bool find_shared(Kernel *k, const List *l) {
  k->shared = NEWN(mod->arena, Node *, l->n + 1);
  for (int i = 0; i < l->n; i++) {
    const Stmt *s = l->stmt[i];
    int first = l->phase[i];
    bool crosses = false;
    if (!s->to || (s->kind != ST_VAR && s->kind != ST_LET && s->kind != ST_FOLD)) continue;
    for (int j = 0; j < l->n; j++) {
      Touch t = touch_of(l->stmt[j]);
      if (j == i || !touches(&t, s->to)) continue;
      if (l->phase[j] < 0 && s->kind == ST_VAR) return false;
      crosses = crosses || (first >= 0 && first != l->phase[j] && l->phase[j] >= 0);
      if (first < 0) first = l->phase[j];
    }
    if (!crosses || (s->kind == ST_LET && l->phase[i] < 0)) continue;
    if (s->kind != ST_VAR || s->value || s->to->rank == 0) return false;
    k->shared[k->nshared++] = s->to;
  }
  return true;
}

/* Sets the phases of a kernel whose loops are scheduled. */
void kernel_phases(Kernel *k) {
  List l = {0};
  flatten(&l, k->body);
  l.phase = NEWN(mod->arena, int, l.n + 1);
  bool *parallel = NEWN(mod->arena, bool, l.n + 1);
  k->nphase = k->parallel ? assign_phases(k, &l, parallel) : 0;
  if (k->nphase == 0 || !find_shared(k, &l)) { /* one function, with all loops whole */
    k->nphase = 1;
    k->nshared = 0;
    k->phase = NEW(mod->arena, Phase);
    k->phase->whole = true;
    parallel[0] = k->parallel;
    for (int i = 0; i < l.n; i++) l.phase[i] = 0;
  } else {
    k->phase = NEWN(mod->arena, Phase, k->nphase);
  }
  for (int p = 0; p < k->nphase; p++) {
    k->phase[p].parallel = parallel[p];
    fill_phase(k, &l, p);
    if (k->nphase > 1 && !k->phase[p].suffix && p > 0 && !k->phase[p].nshared)
      k->phase[p].suffix = "rest";
    kernel_syms(k, &k->phase[p]);
  }
}
