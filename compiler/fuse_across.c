/*
** fuse_across.c: matrices that sums with few columns read across are turned before
**
**   b[i, j] = sum k. (x[k, j] - x[i, j]) * d[k, i]        j < 3
**   becomes   d_turned[i, k] = d[k, i];   b[i, j] = sum k. (x[k, j] - x[i, j]) * d_turned[i, k]
**
** Vectors can only go along the terms there, and elements of a column lie a row apart. What acts
** between any two points has such a derivative beside the one by rows, with which it then shares
** its loop. Where terms are few, and vectors go along the results, it is the other way round:
**
**   z[n, i] = sum k. l[i, k] * (x[n, k] - m[k])        k < 4
**   becomes   l_turned[k, i] = l[i, k];   z[n, i] = sum k. l_turned[k, i] * (x[n, k] - m[k])
*/
#include "fuse.h"

enum { FEW_COLUMNS = 4 /* whose sums share a sweep */, LEAST_TERMS = 16, LEAST_ROW = 16,
  FEW_TERMS = 8, LEAST_LANES = 4, LEAST_TIMES = 4, OFTEN = 8 /* each element is read, at least */ };

typedef struct Across {
  const Node *n;
  Scalar *read; /* one that goes across; NULL: none was found */
  bool apart;   /* terms of another stay apart */
} Across;

/* The axes of n by which s reads a whole tensor, as bits; 0: it is another read. */
static unsigned axes_read(const Node *n, const Scalar *s) {
  unsigned seen = 0;
  if (s->kind != S_READ || s->narg < 2 || s->dtype != n->dtype) return 0;
  for (int d = 0; d < s->narg; d++) {
    const Scalar *at = s->arg[d];
    if (at->kind != S_AXIS || s->rule[d] != R_NONE || seen >> at->axis & 1) return 0;
    if (n->dom[at->axis] != s->tensor->dim[d]) return 0;
    seen |= 1u << at->axis;
  }
  return seen;
}

/* A read across the terms of n, along an axis of its result: its elements are read for each of the
** columns or, where it is along these, for other results often enough. */
static void find_across(void *ctx, Scalar *s) {
  Across *a = ctx;
  const Node *n = a->n;
  int term = n->rank, last = n->rank - 1;
  unsigned seen = axes_read(n, s);
  if (s->kind != S_READ || s->narg == 0 || !s_uses_axis(s, term)) return;
  int end = seen ? s->arg[s->narg - 1]->axis : -1;
  if (end == term || (s->narg == 1 && s->arg[0]->kind == S_AXIS)) return;
  bool pays = seen && usual_count(1, n->dom + end) >= LEAST_LANES;
  if (seen && end == last)
    pays = usual_count(n->ndom, n->dom) >= LEAST_TIMES * usual_count(s->narg, s->tensor->dim);
  if (!pays) a->apart = true;
  else if (!a->read || end != last) a->read = s;
}

/* Whether the read goes along the terms of n, across its results, and is of few elements beside these. */
static void find_along(void *ctx, Scalar *s) {
  Across *a = ctx;
  const Node *n = a->n;
  unsigned seen = axes_read(n, s);
  if (!(seen >> (n->rank - 1) & 1) || s->arg[s->narg - 1]->axis != n->rank) return;
  if (usual_count(s->narg, s->tensor->dim) * OFTEN <= usual_count(n->ndom, n->dom)) a->read = s;
}

/* The same elements, those along axis `end` side by side. */
static Scalar *turned(const Scalar *read, int end) {
  Scalar *dim[MAX_RANK], *from[MAX_RANK], *index[MAX_RANK];
  int rank = 0;
  for (int last = 0; last < 2; last++)
    for (int d = 0; d < read->narg; d++) {
      if ((read->arg[d]->axis == end) != (last == 1)) continue;
      dim[rank] = read->tensor->dim[d];
      index[rank] = read->arg[d];
      from[d] = s_axis(rank++);
    }
  Node *copy = n_map(rank, dim, s_read(read->tensor, from, NULL));
  if (read->tensor->name) n_named(copy, str_format("%s_turned", read->tensor->name));
  return s_read(copy, index, NULL);
}

/* n with another read in place of that one. */
static Node *reading(const Node *n, Scalar *read, int end) {
  Scalar *copy = turned(read, end);
  copy->tensor->loc = n->loc;
  Node *now = n_reduce(C_SUM, n->rank, n->dim, n->ndom - n->rank, n->dom + n->rank,
                       s_replace(n->body, read, copy));
  n_like(now, n)->loc = n->loc;
  return now;
}

static Node *along(void *ctx, Node *n) {
  Across a = {n, NULL, false};
  int64_t columns, terms;
  (void)ctx;
  if (n->kind != N_COMP || n->comb != C_SUM || !n_is_reduction(n) || n->rank < 2) return n;
  if (n->ndom != n->rank + 1 || !dtype_is_float((Dtype)n->dtype) || is_contraction(n)) return n;
  if (!s_const_value(n->dim[n->rank - 1], &columns)) return n;
  if (columns >= LEAST_LANES && s_const_value(n->dom[n->rank], &terms) && terms <= FEW_TERMS) {
    s_walk(n->body, find_along, &a);
    if (a.read) return reading(n, a.read, n->rank - 1);
  }
  if (columns < 2 || columns > FEW_COLUMNS) return n;
  if (usual_count(1, n->dom + n->rank) < LEAST_TERMS) return n;
  s_walk(n->body, find_across, &a);
  if (!a.read) return n;
  int end = a.read->arg[a.read->narg - 1]->axis;
  if (a.apart && (end == n->rank - 1 || usual_count(1, n->dom + end) < LEAST_ROW)) return n;
  return along(NULL, reading(n, a.read, n->rank));
}

void turn_across(Func *f) {
  Loc here = mod->here;
  if (!f->opaque) graph_rewrite(f->nresult, f->result, along, NULL);
  mod->here = here;
}
