/*
** lower_last.c: what a loop stores of neighbours is stored after all of them are read
**
**   for j < n:                            for j < n:
**     a[j] = x[j + 1] - x[j]                const a_j = x[j + 1] - x[j], b_j = y[j + 1] * x[j]
**     b[j] = y[j + 1] * x[j]                a[j] = a_j;  b[j] = b_j
**
** Clang carries x[j + 1] over to the next trip, where it is x[j]. It makes vectors of such a loop
** only if no store stands before a value that is carried is read.
*/
#include "lower.h"
#include "../codegen/cgen.h"

enum { MOST_READS = 64, MOST_STORES = 16 };

typedef struct Neighbours {
  int axis, n;
  Scalar *read[MOST_READS];
  bool found;
} Neighbours;

/* Whether x reads what y does a trip later, or earlier. */
static bool are_neighbours(const Scalar *x, const Scalar *y, int axis) {
  Scalar *coef, *rest;
  bool apart = false;
  if (x->tensor != y->tensor) return false;
  for (int d = 0; d < x->narg; d++) {
    if (x->arg[d] == y->arg[d]) continue;
    if (apart || s_has_read(x->arg[d])) return false;
    if (!affine_split(x->arg[d], axis, &coef, &rest)) return false;
    apart = s_sub(x->arg[d], y->arg[d]) == coef || s_sub(y->arg[d], x->arg[d]) == coef;
    if (!apart) return false;
  }
  return apart;
}

static void find_neighbours(void *ctx, Scalar *s) {
  Neighbours *x = ctx;
  if (s->kind != S_READ || s->narg == 0) return;
  for (int k = 0; k < x->n; k++) x->found |= are_neighbours(x->read[k], s, x->axis);
  if (x->n < MOST_READS) x->read[x->n++] = s;
}

/* Whether s is a loop of stores of several tensors, that reads neighbours, and nothing it stores. */
static bool stores_neighbours(const Stmt *s) {
  Neighbours x = {.axis = s->axis};
  int stores = 0;
  if (s->kind != ST_FOR || s->step != 1 || s->lanes || s->tiles || s->turns) return false;
  for (int i = 0; i < s->n; i++) {
    const Stmt *b = s->body[i];
    bool store = b->kind == ST_STORE && b->comb == C_SET && b->to->rank > 0;
    if (b->kind != ST_LET && !store) return false;
    if (store && (++stores > MOST_STORES || stmt_reads(s, b->to))) return false;
    s_walk(b->value, find_neighbours, &x);
  }
  return stores > 1 && x.found;
}

void stores_last(Low *l, Stmt *block) {
  for (int i = 0; i < block->n; i++) stores_last(l, block->body[i]);
  if (!stores_neighbours(block)) return;
  Stmt *store[MOST_STORES];
  int n = 0;
  for (int i = 0; i < block->n; i++) {
    Stmt *b = block->body[i];
    if (b->kind != ST_STORE) continue;
    store[n++] = b;
    if (b->value->kind == S_READ && b->value->narg == 0) {
      stmt_drop(block, i--);
      continue;
    }
    Node *local = low_local(l, (Dtype)b->to->dtype, 0, NULL, b->to->name);
    block->body[i] = stmt_let(local, b->value, b->loc);
    b->value = local_read(local);
  }
  for (int k = 0; k < n; k++) stmt_add(block, store[k]);
}
