/*
** lower_beside.c: reductions with few results a place, summed side by side
**
**   q[i, j, k] = sum n. x[n, k] * y[n, i, j]      for i:  acc[3][3] = 0
**   with j < 3, k < 3                                       for n, j, k:  acc[j][k] += x[n][k] * y[n][i][j]
**                                                         q[i] = acc
**
** so that each term is read once, and sums do not wait for each other. Each takes its terms in order, as it
** would by itself.
*/
#include "lower.h"
#include "fuse.h"

enum { FEW_RESULTS = 16, FEW_TERMS = 16 };

/* The first of the last shared axes of a reduction by itself that have few results in all, a small matrix a
** place: these are best summed side by side, so that each term is read once. nshared: there are none. */
int results_beside(const Low *l) {
  const Node *n = l->g->member[0];
  int64_t extent, all = 1;
  int p = l->nshared;
  if (l->nmember != 1 || l->g->base || l->partial || l->chunk_axis >= 0 || l->written_out) return p;
  if (!n_is_reduction(n) || n->ndom == n->rank || n->rank != p) return p;
  if (usual_count(n->ndom - p, n->dom + p) < FEW_TERMS) return p;
  while (p > 1 && s_const_value(n->dom[p - 1], &extent) && all * extent <= FEW_RESULTS) all *= extent, p--;
  return all > 1 && usual_count(p, n->dom) > 1 ? p : l->nshared;
}

/* The reduction at one position of the shared axes before `first`, results of the others side by side. */
bool lower_beside(Low *l, int first, Stmt *in) {
  Member *m = &l->member[0];
  Scalar *index[MAX_RANK], *dim[MAX_RANK];
  members_outline(l);
  member_bind(l, m);
  Reds r = reduction_loops(l, m, true);
  if (wants_term_lanes(l, m, &r)) return false;
  for (int p = first; p < l->nshared; p++) {
    for (int k = 0; k < r.n; k++)
      if (s_uses_axis(r.lo[k], p) || s_uses_axis(r.hi[k], p)) return false;
    index[p - first] = low_at(l, p);
    dim[p - first] = low_extent(l, p);
  }
  Combine comb = (Combine)m->node->comb;
  Dtype t = (Dtype)m->node->dtype;
  Node *acc = low_local(l, t, l->nshared - first, dim, acc_name(m));
  Scalar *unit = s_combine_identity(comb, t);
  bool zero = s_is_const(unit, 0);
  stmt_add(in, stmt_var(acc, zero ? unit : NULL, m->node->loc));
  if (!zero)
    stmt_add(open_loops(l, m, first, l->nshared, in), stmt_store(acc, index, C_SET, unit, m->node->loc));
  Stmt *inner = open_loops(l, m, first, l->nshared, open_reds(&r, 0, r.n, in, m->node->loc));
  stmt_add(inner, stmt_store(acc, index, comb, m->body, m->node->loc));
  store_result(l, m, s_read(acc, index, NULL), open_loops(l, m, first, l->nshared, in));
  return true;
}
