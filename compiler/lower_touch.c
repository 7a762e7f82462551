/*
** lower_touch.c: which tensors statements read and write, and what that says of their order
*/
#include "lower.h"

static void add_touched(Touched *t, const Node *n) {
  for (int i = 0; i < t->n; i++)
    if (t->node[i] == n) return;
  if (t->n < MOST_TOUCHED) t->node[t->n] = n;
  t->n++;
}

static void add_read(void *ctx, Scalar *s) {
  if (s->kind == S_READ) add_touched(ctx, s->tensor);
}

/* Adds what s reads and writes; more than MOST_TOUCHED stand for all there are. */
void stmt_touches(const Stmt *s, Touched *reads, Touched *writes) {
  Scalar *const part[] = {s->lo, s->hi, s->value};
  for (int i = 0; i < 3; i++)
    if (part[i]) s_walk(part[i], add_read, reads);
  if (s->from) add_touched(reads, s->from);
  if (s->to) add_touched(writes, s->to);
  if (s->kind == ST_STORE && s->comb != C_SET) add_touched(reads, s->to);
  for (int d = 0; s->kind == ST_STORE && d < s->to->rank; d++) s_walk(s->index[d], add_read, reads);
  if (s->kind == ST_FOLD)
    for (int d = 0; d + 1 < s->from->rank; d++) s_walk(s->index[d], add_read, reads);
  if (s->kind == ST_CONTRACT) reads->n = writes->n = MOST_TOUCHED + 1;
  for (int i = 0; i < s->n; i++) stmt_touches(s->body[i], reads, writes);
}

bool has_common(const Touched *a, const Touched *b) {
  if (a->n > MOST_TOUCHED || b->n > MOST_TOUCHED) return true;
  for (int i = 0; i < a->n; i++)
    for (int k = 0; k < b->n; k++)
      if (a->node[i] == b->node[k]) return true;
  return false;
}

/* Whether s may go before or after statements that read and write these. */
bool is_apart(const Stmt *s, const Touched *reads, const Touched *writes) {
  Touched r = {0}, w = {0};
  stmt_touches(s, &r, &w);
  return !has_common(&w, reads) && !has_common(&r, writes) && !has_common(&w, writes);
}

bool stmt_reads(const Stmt *s, const Node *what) {
  Touched r = {0}, w = {0}, one = {1, {what}};
  stmt_touches(s, &r, &w);
  return has_common(&r, &one);
}

bool stmt_writes(const Stmt *s, const Node *what) {
  Touched r = {0}, w = {0}, one = {1, {what}};
  stmt_touches(s, &r, &w);
  return has_common(&w, &one);
}
