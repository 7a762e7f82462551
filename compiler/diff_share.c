/*
** diff_share.c: what the cotangents of several reads have in common is computed once
**
**   y[i] = log(exp(x[i]) + exp(x[i - 1]))
**   c[i] = y_bar[i] / (exp(x[i]) + exp(x[i - 1]))      x_bar[i]     += exp(x[i]) * c[i]
**                                                    x_bar[i - 1] += exp(x[i - 1]) * c[i]
** Reads at different places end in different loops, each of which would compute it again: recurrences
** of alignments and segments are like this, and lengths of differences, as in a total variation. So
** do the reads of a sum's terms that are summed over different axes, as of what acts between any two
** points:
**
**   y[i] = sum j. sin(x[j] - x[i])      c[i, j] = y_bar[i] * cos(x[j] - x[i])
**                                       x_bar[j] += sum i. c[i, j]      x_bar[i] -= sum j. c[i, j]
*/
#include "diff.h"
#include "fuse.h"

enum {
  MIN_DEAR = 2, /* exponentials and the like that pay for a tensor; a division or a root is one */
  MOST_SHARED = 4,
  NEAR_BYTES = 1 << 20 /* of a tensor that stays in a cache: one of them pays for it */
};

typedef struct Common {
  IdMap count; /* by id of a Scalar: how many of the values have it */
  int n, dear; /* so many of these at least */
  Scalar *found[MOST_SHARED]; /* the largest ones */
} Common;

static void count_one(void *ctx, Scalar *s) {
  Common *c = ctx;
  int n = idmap_get(&c->count, s->id);
  idmap_set(&c->count, s->id, n < 0 ? 1 : n + 1);
}

static void count_dear(void *ctx, Scalar *s) {
  if (is_dear(s) || is_division(s)) *(int *)ctx += 1 + (s->op == OP_RSQRT || s->op == OP_POW);
}

static void note_common(Common *c, Scalar *s) {
  int dear = 0;
  if (idmap_get(&c->count, s->id) < 2 || s->kind != S_OP || c->n == MOST_SHARED) return;
  if (!dtype_is_float((Dtype)s->dtype)) { /* a test: of what it compares */
    for (int k = 0; k < s->narg; k++) note_common(c, s->arg[k]);
    return;
  }
  for (int k = 0; k < c->n; k++)
    if (c->found[k] == s) return;
  s_walk(s, count_dear, &dear);
  if (dear >= c->dear) c->found[c->n++] = s;
}

/* Looks for common arguments of what is not common. */
static void find_common(void *ctx, Scalar *s) {
  Common *c = ctx;
  if (s->kind != S_OP || idmap_get(&c->count, s->id) >= 2) return;
  for (int k = 0; k < s->narg; k++) note_common(c, s->arg[k]);
}

/* Whether reads of the terms that y sums, those with a value, are summed over different axes, and
** what they share would stay near. */
bool shares_terms(Node *y, int n, Scalar **read, Scalar **value) {
  unsigned first = 0, differ = 0;
  double size = (double)dtype_size((Dtype)y->dtype);
  if (n_is_map(y) || y->comb != C_SUM || !n_is_reduction(y) || y->ndom > MAX_RANK) return false;
  if (usual_count(y->ndom, y->dom) * size > NEAR_BYTES) return false;
  for (int i = 0; i < n; i++) {
    unsigned axes = 0;
    for (int p = 0; p < y->ndom; p++) axes |= (unsigned)s_uses_axis(read[i], p) << p;
    if (!value[i] || axes == (1u << y->ndom) - 1) continue;
    if (!first) first = axes + 1;
    differ |= axes ^ (first - 1);
  }
  return differ != 0;
}

bool share_common(Arena *a, Node *y, Scalar *guard, int n, Scalar **value) {
  Common c = {.count = {.a = a}, .dear = n_is_map(y) ? MIN_DEAR : 1};
  bool any = false;
  for (int i = 0; i < n; i++)
    if (value[i]) s_walk(value[i], count_one, &c);
  for (int i = 0; i < n; i++) {
    if (value[i] && !n_is_map(y)) note_common(&c, value[i]);
    if (value[i]) s_walk(value[i], find_common, &c);
  }
  for (int k = 0; k < c.n; k++) {
    Scalar *body = c.found[k];
    if (!n_is_map(y) && !reads_inside(body, y->ndom, y->dom)) continue;
    if (guard) body = s_op3(OP_WHERE, guard, body, s_const((Dtype)body->dtype, 0));
    Scalar *by = s_at(n_map(y->ndom, y->dom, body), 0);
    for (int i = 0; i < n; i++)
      if (value[i]) value[i] = s_replace(value[i], c.found[k], by);
    any = true;
  }
  return any;
}
