/*
** fuse_across.c: matrices that sums with few columns read across are turned before
**
**   b[i, j] = sum k. (x[k, j] - x[i, j]) * d[k, i]        j < 3
**   becomes   d_turned[i, k] = d[k, i];   b[i, j] = sum k. (x[k, j] - x[i, j]) * d_turned[i, k]
**
** Vectors can only go along the terms there, and elements of a column lie a row apart. What acts
** between any two points has such a derivative beside the one by rows, with which it then shares
** its loop.
*/
#include "fuse.h"

enum { FEW_COLUMNS = 4 /* whose sums share a sweep */, LEAST_TERMS = 16, LEAST_ROW = 16 };

typedef struct Across {
  const Node *n;
  Scalar *read; /* one that goes across; NULL: none was found */
} Across;

/* Whether the read goes across the terms of n, and along another axis of its result. */
static void find_across(void *ctx, Scalar *s) {
  Across *a = ctx;
  int term = a->n->rank, last = a->n->rank - 1;
  unsigned seen = 0;
  if (s->kind != S_READ || s->narg < 2 || s->dtype != a->n->dtype) return;
  for (int d = 0; d < s->narg; d++) {
    const Scalar *at = s->arg[d];
    if (at->kind != S_AXIS || s->rule[d] != R_NONE || seen >> at->axis & 1) return;
    if (a->n->dom[at->axis] != s->tensor->dim[d]) return;
    seen |= 1u << at->axis;
  }
  int end = s->arg[s->narg - 1]->axis;
  if (!(seen >> term & 1) || end == term || end == last) return;
  if (usual_count(1, a->n->dom + end) >= LEAST_ROW) a->read = s;
}

/* The same elements, those of one sum side by side. */
static Scalar *turned(const Node *n, const Scalar *read) {
  Scalar *dim[MAX_RANK], *from[MAX_RANK], *index[MAX_RANK];
  int rank = 0;
  for (int last = 0; last < 2; last++)
    for (int d = 0; d < read->narg; d++) {
      if ((read->arg[d]->axis == n->rank) != (last == 1)) continue;
      dim[rank] = read->tensor->dim[d];
      index[rank] = read->arg[d];
      from[d] = s_axis(rank++);
    }
  Node *copy = n_map(rank, dim, s_read(read->tensor, from, NULL));
  copy->loc = n->loc;
  if (read->tensor->name) n_named(copy, str_format("%s_turned", read->tensor->name));
  return s_read(copy, index, NULL);
}

static Node *along(void *ctx, Node *n) {
  Across a = {n, NULL};
  int64_t columns;
  (void)ctx;
  if (n->kind != N_COMP || n->comb != C_SUM || !n_is_reduction(n) || n->rank < 2) return n;
  if (n->ndom != n->rank + 1 || !dtype_is_float((Dtype)n->dtype) || is_contraction(n)) return n;
  if (!s_const_value(n->dim[n->rank - 1], &columns)) return n;
  if (columns < 2 || columns > FEW_COLUMNS) return n;
  if (usual_count(1, n->dom + n->rank) < LEAST_TERMS) return n;
  s_walk(n->body, find_across, &a);
  if (!a.read) return n;
  Node *now = n_reduce(C_SUM, n->rank, n->dim, 1, n->dom + n->rank,
                       s_replace(n->body, a.read, turned(n, a.read)));
  n_like(now, n)->loc = n->loc;
  return now;
}

void turn_across(Func *f) {
  Loc here = mod->here;
  if (!f->opaque) graph_rewrite(f->nresult, f->result, along, NULL);
  mod->here = here;
}
