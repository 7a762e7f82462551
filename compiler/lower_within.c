/*
** lower_within.c: rows of which each element stays where it is made are names
**
**   for j:  r[j] = x[j] - y[j]                    for j:  r = x[j] - y[j]
**           lane += r[j] * r[j]                           lane += r * r
**
** Members of a group hand rows to one another on the stack. Where the loops over these became one, an
** element is read only in the trip that stores it, and need not be in memory.
*/
#include "lower.h"

typedef struct Within {
  const Node *row;
  const Stmt *store; /* of the present loop, before the statement looked at */
  bool found, other; /* some read, and one of another element */
} Within;

static void look(void *ctx, Scalar *s) {
  Within *w = ctx;
  if (s->kind != S_READ || s->tensor != w->row) return;
  w->found = true;
  bool same = w->store != NULL;
  for (int d = 0; d < s->narg && same; d++) same = s->arg[d] == w->store->index[d];
  w->other = w->other || !same;
}

/* Whether all of s that has to do with the row is within loops that store its elements first. */
static bool stays_within(const Stmt *s, Within *w) {
  const Stmt *before = w->store;
  bool loop = s->kind == ST_FOR;
  if (s->from == w->row || s->kind == ST_CONTRACT) return false;
  if (s->kind == ST_VAR && s->to == w->row && s->value) return false;
  if (loop || s->kind == ST_BLOCK || s->kind == ST_IF) w->store = NULL;
  for (int i = 0; i < s->n; i++) {
    Stmt *b = s->body[i];
    if (!stays_within(b, w)) return false;
    if (b->kind != ST_STORE || b->to != w->row) continue;
    if (!loop || b->comb != C_SET || w->store) return false;
    w->store = b;
  }
  w->store = NULL;
  if (loop) s_walk(s->lo, look, w), s_walk(s->hi, look, w);
  w->store = before;
  if (s->value) s_walk(s->value, look, w);
  for (int d = 0; s->kind == ST_STORE && d < s->to->rank; d++) s_walk(s->index[d], look, w);
  return !w->other;
}

typedef struct Named {
  const Node *row;
  Scalar *name;
} Named;

static Scalar *by_name(void *ctx, Scalar *s) {
  const Named *n = ctx;
  return s->kind == S_READ && s->tensor == n->row ? n->name : NULL;
}

/* Stores of the row become names, and what reads it reads these. */
static void name_elements(Low *l, Stmt *s, const Node *row) {
  Named n = {.row = row};
  for (int i = 0; i < s->n; i++) {
    Stmt *b = s->body[i];
    if (b->kind == ST_VAR && b->to == row) {
      stmt_drop(s, i--);
      continue;
    }
    name_elements(l, b, row);
    if (n.name && b->value) b->value = s_rewrite(b->value, by_name, &n);
    for (int d = 0; n.name && b->kind == ST_STORE && d < b->to->rank; d++)
      b->index[d] = s_rewrite(b->index[d], by_name, &n);
    if (b->kind != ST_STORE || b->to != row) continue;
    Node *to = low_local(l, (Dtype)row->dtype, 0, NULL, row->name);
    s->body[i] = stmt_let(to, b->value, b->loc);
    n.name = local_read(to);
  }
}

void names_within(Low *l) {
  for (int i = 0, n = l->k->nlocal; i < n; i++) {
    const Node *row = l->k->local[i].node;
    Within w = {.row = row};
    if (row->rank == 1 && stays_within(l->k->body, &w) && w.found)
      name_elements(l, l->k->body, row);
  }
}
