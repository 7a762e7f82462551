/*
** fuse_permute.c: contractions that are made in the order of axes in which they are read
**
**   a[b, h, t, d] = sum s. p[b, h, t, s] * v[b, s, h, d]
**   y[b, t, h, d] = a[b, h, t, d]                  becomes   y[b, t, h, d] = sum s. p[b, h, t, s] * ..
**
** Where nothing else reads the tensor, and one of the factors lies along the axis that becomes the
** last: else the order of memory is changed better after the sum.
*/
#include "fuse.h"

/* Says which axis of the map each axis of the tensor is that it copies; false: none, or as it was. */
static bool permutation_of(const Node *map, int *to) {
  const Scalar *read = map->body;
  bool seen[MAX_RANK] = {false}, moved = false;
  if (!n_is_map(map) || read->kind != S_READ || read->narg != map->rank) return false;
  for (int d = 0; d < map->rank; d++) {
    const Scalar *i = read->arg[d];
    if (i->kind != S_AXIS || read->rule[d] != R_NONE || seen[i->axis]) return false;
    if (map->dim[i->axis] != read->tensor->dim[d]) return false;
    seen[to[d] = i->axis] = true;
    moved = moved || i->axis != d;
  }
  return moved;
}

/* Whether the read is of neighbours along axis p of its reader. */
static bool lies_along(const Scalar *read, int p) {
  if (read->kind == S_OP && read->op == OP_CAST) read = read->arg[0];
  for (int d = 0; d < read->narg; d++)
    if (s_uses_axis(read->arg[d], p) != (d == read->narg - 1)) return false;
  return true;
}

Node *contraction_as_read(Node *map) {
  int to[MAX_RANK];
  Scalar *by[MAX_AXES], *dom[MAX_AXES];
  TermOf t;
  if (!permutation_of(map, to)) return map;
  Node *n = map->body->tensor;
  if (!is_contraction(n) || !find_term(n, &t) || t.pair != PAIR_PRODUCT) return map;
  int last = 0;
  while (to[last] != n->rank - 1) last++;
  Scalar *x = strip_guard(t.factor[0]), *y = strip_guard(t.factor[1]);
  if (!lies_along(x, last) && !lies_along(y, last)) return map;
  for (int p = 0; p < n->ndom; p++) {
    int at = p < n->rank ? to[p] : p;
    by[p] = s_axis(at);
    dom[at] = n->dom[p];
  }
  return n_comp((Dtype)n->dtype, (Combine)n->comb, n->rank, map->dim, n->ndom, dom, n->windex,
                n->wrule, s_subst_axes(n->body, n->ndom, by));
}
