/*
** lower_beside.c: reductions with few results a place, summed side by side
**
**   q[i, j, k] = sum n. x[n, k] * y[n, i, j]      for i:  acc[3][3] = 0
**   with j < 3, k < 3                                       for n, j, k:  acc[j][k] += x[n][k] * y[n][i][j]
**                                                         q[i] = acc
**
** so that each term is read once, and sums do not wait for each other. Each takes its terms in
** order, as it would by itself. Where terms go in lanes, so do those of a few results:
**
**   g[i, c] = sum k. (x[i, c] - x[k, c]) * w[i, k]       for i:  lane[3][16] = 0
**                                                         for k by 16:  lane[c][l] += ..  for all c
*/
#include "lower.h"
#include "fuse.h"

enum { FEW_RESULTS = 16, FEW_TERMS = 16, FEW_LANES = 5 };

/* Whether member i is a reduction of many terms over the shared axes, which reads no other. */
static bool stands_alone(const Low *l, int i) {
  const Node *n = l->g->member[i];
  for (int k = 0; k < l->nmember; k++)
    if (node_reads(n, l->g->member[k])) return false;
  return n_is_reduction(n) && n->ndom > n->rank && n->rank == l->nshared &&
         usual_count(n->ndom - n->rank, n->dom + n->rank) >= FEW_TERMS;
}

/* Whether member i is made of the results at one place of those before it. */
static bool follows(const Low *l, int i) {
  const Node *n = l->g->member[i];
  return i > 0 && n_is_map(n) && n->rank == l->nshared;
}

/* The first of the last shared axes of a group of reductions that have few results in all, a small
** matrix a place: these are best summed side by side, so that each term is read once. nshared:
** there are none. */
int results_beside(const Low *l) {
  const Node *n = l->g->member[0];
  int64_t extent, all = 1;
  int p = l->nshared, least = p > 1; /* the first of several is for threads */
  if (l->g->base || l->partial || l->chunk_axis >= 0 || l->written_out) return p;
  for (int i = 0; i < l->nmember; i++)
    if (!stands_alone(l, i) && !follows(l, i)) return p;
  while (p > least && s_const_value(n->dom[p - 1], &extent) && all * extent <= FEW_RESULTS)
    all *= extent, p--;
  return all > 1 && (p == 0 || usual_count(p, n->dom) > 1) ? p : l->nshared;
}

/* Whether the loops over terms can be outside of those over the shared axes from `first` on. */
static bool terms_outside(const Low *l, const Member *m, const Reds *r, int first) {
  if (wants_term_lanes(l, m, r)) return false;
  for (int p = first; p < l->nshared; p++)
    for (int k = 0; k < r->n; k++)
      if (s_uses_axis(r->lo[k], p) || s_uses_axis(r->hi[k], p)) return false;
  return true;
}

static void sum_beside(Low *l, const Member *m, const Reds *r, int first, Stmt *in) {
  Scalar *index[MAX_RANK], *dim[MAX_RANK];
  Combine comb = (Combine)m->node->comb;
  Dtype t = (Dtype)m->node->dtype;
  Loc loc = m->node->loc;
  for (int p = first; p < l->nshared; p++) {
    index[p - first] = low_at(l, p);
    dim[p - first] = low_extent(l, p);
  }
  Node *acc = low_local(l, t, l->nshared - first, dim, acc_name(m));
  Scalar *unit = s_combine_identity(comb, t);
  bool zero = s_is_const(unit, 0);
  stmt_add(in, stmt_var(acc, zero ? unit : NULL, loc));
  if (!zero)
    stmt_add(open_loops(l, m, first, l->nshared, in), stmt_store(acc, index, C_SET, unit, loc));
  Stmt *inner = open_loops(l, m, first, l->nshared, open_reds(r, 0, r->n, in, loc));
  stmt_add(inner, stmt_store(acc, index, comb, m->body, loc));
  store_result(l, m, s_read(acc, index, NULL), open_loops(l, m, first, l->nshared, in));
}

/* How many results of the last shared axis alone have their terms in lanes; 0: they have not. */
static int results_in_lanes(const Low *l, const Member *m, const Reds *r, int first) {
  int64_t results;
  bool one = first == l->nshared - 1 && s_const_value(low_extent(l, first), &results);
  if (!one || results > FEW_RESULTS || !wants_term_lanes(l, m, r)) return 0;
  for (int k = 0; k < r->n; k++) {
    int64_t terms;
    if (s_uses_axis(r->lo[k], first) || s_uses_axis(r->hi[k], first)) return 0;
    if (!s_const_value(r->trips[k], &terms)) return 0;
  }
  return usual_count(r->n, r->trips) <= LONG_SUM ? (int)results : 0;
}

/* Some of the results, from `from` on. */
static void lanes_beside(Low *l, Member *m, const Reds *r, int from, int results, Stmt *in) {
  Dtype t = (Dtype)m->node->dtype;
  Node *lane[FEW_LANES];
  Scalar *body[FEW_LANES], *sub[MAX_KERNEL_AXES] = {0}, *dim[] = {s_int(fixed_lanes(t))};
  int p = l->nshared - 1, last = r->n - 1;
  for (int v = 0; v < results; v++) {
    lane[v] = low_local(l, t, 1, dim, "lane");
    sub[p] = s_int(from + v);
    body[v] = s_subst_axes(m->body, p + 1, sub);
    stmt_add(in, stmt_var(lane[v], s_combine_identity((Combine)m->node->comb, t), m->node->loc));
  }
  sweep_lanes(l, m, r->axis[last], r->lo[last], r->hi[last], r->trips[last], results, lane, body,
              open_reds(r, 0, last, in, m->node->loc));
  for (int v = 0; v < results; v++) {
    Stmt *fold = stmt_add(in, stmt_new(ST_FOLD, m->node->loc));
    fold->to = low_local(l, t, 0, NULL, acc_name(m));
    fold->from = lane[v];
    fold->comb = (Combine)m->node->comb;
    l->shared[p] = s_int(from + v);
    m->value = local_read(fold->to);
    store_result(l, m, m->value, in);
    for (int i = 1; i < l->nmember; i++) lower_member(l, &l->member[i], in);
  }
  l->shared[p] = low_at(l, p);
}

/* The reductions at one position of the shared axes before `first`, results of the others side by
** side. */
bool lower_beside(Low *l, int first, Stmt *in) {
  Reds *r = NEWN(mod->arena, Reds, l->nmember);
  members_outline(l);
  member_bind(l, &l->member[0]);
  r[0] = reduction_loops(l, &l->member[0], true);
  bool alone = true;
  for (int i = 1; i < l->nmember; i++) alone = alone && follows(l, i);
  int results = alone ? results_in_lanes(l, &l->member[0], &r[0], first) : 0;
  int parts = (results + FEW_LANES - 1) / FEW_LANES;
  for (int k = 0; k < parts; k++) {
    int from = results * k / parts, to = results * (k + 1) / parts;
    lanes_beside(l, &l->member[0], &r[0], from, to - from, in);
  }
  if (results) return true;
  if (first == 0) return false;
  if (!terms_outside(l, &l->member[0], &r[0], first)) return false;
  for (int i = 1; i < l->nmember; i++) {
    if (follows(l, i)) return false;
    member_bind(l, &l->member[i]);
    r[i] = reduction_loops(l, &l->member[i], true);
    if (!terms_outside(l, &l->member[i], &r[i], first)) return false;
  }
  for (int i = 0; i < l->nmember; i++) sum_beside(l, &l->member[i], &r[i], first, in);
  return true;
}
