/*
** lower_merge.c: neighbouring axes that all tensors of a kernel have side by side become one
**
**   y[i, j, k] = sum l. x[i, j, l] * w[l, k]     i, j: 16, 64      becomes
**   y[ij, k]   = sum l. x[ij, l] * w[l, k]       ij: 1024
**
** A batch of sequences is then as good as one long matrix: w is copied once for all of it. Tensors
** are row-major, so the elements are where they were: the kernel sees them in another shape
** (Formal.as). Reduced axes become one in the same way. Axes that are used by themselves, as in
** windows x[i + r], stay. Other kernels than products gain where rows are shorter than vectors: a
** map of {N, 3} is one of {3 N}.
*/
#include "lower.h"
#include "fuse.h"

enum {
  LARGE_FACTOR = 16384,            /* elements of a matrix */
  SHORT_ROW = 64,
  FIRST = FREE_AXIS - 2, SECOND    /* the two axes, until they have met in a read */
};

/* A tensor, and what stands for it where its dimensions at, at + 1 are one; at -1: all are as they
** were. */
typedef struct Joint { Node *from, *to; int at; } Joint;

struct Merging {
  Arena *a;
  int p;                 /* axes p and p + 1 of all members */
  Scalar *outer, *inner; /* their extents */
  bool ok;
  int n, cap, round;     /* joints; those of the present pair begin at `round` */
  Joint *joint;
};

static Joint *joint_of(Merging *m, const Node *from) {
  for (int i = m->round; i < m->n; i++)
    if (m->joint[i].from == from) return &m->joint[i];
  return NULL;
}

static Node *add_joint(Merging *m, Node *from, Node *to, int at) {
  if (m->n == m->cap) {
    Joint *more = NEWN(m->a, Joint, 2 * m->cap + 8);
    for (int i = 0; i < m->n; i++) more[i] = m->joint[i];
    m->joint = more;
    m->cap = 2 * m->cap + 8;
  }
  m->joint[m->n++] = (Joint){from, to, at};
  return to;
}

/* dim without its entry at + 1, which the one before has as a factor; returns how many are left. */
static int merged_dims(int n, Scalar *const *dim, int at, Scalar **out) {
  int count = 0;
  for (int d = 0; d < n; d++) {
    if (d == at + 1) out[count - 1] = s_mul(out[count - 1], dim[d]);
    else out[count++] = dim[d];
  }
  return count;
}

/* What a tensor is read as whose dimensions at, at + 1 become one. */
static Node *joined(Merging *m, Node *from, int at) {
  Joint *j = joint_of(m, from);
  if (j) {
    m->ok = m->ok && j->at == at;
    return j->to;
  }
  if (at < 0) return add_joint(m, from, from, at);
  Scalar *dim[MAX_RANK];
  int rank = merged_dims(from->rank, from->dim, at, dim);
  return add_joint(m, from, n_param(P_FORMAL, from->name, (Dtype)from->dtype, rank, dim, from->loc),
                   at);
}

/* Axes get their new numbers; a read has the two side by side, or neither. */
static Scalar *merge_leaf(void *ctx, Scalar *s) {
  Merging *m = ctx;
  if (s->kind == S_AXIS) {
    if (s->axis == m->p) return s_axis(FIRST);
    if (s->axis == m->p + 1) return s_axis(SECOND);
    return s->axis > m->p ? s_axis(s->axis - 1) : NULL;
  }
  if (s->kind != S_READ) return NULL;
  Scalar *index[MAX_RANK];
  uint8_t rule[MAX_RANK];
  int at = -1, rank = 0;
  for (int d = 0; d < s->narg; d++) {
    bool second = d > 0 && at == d - 1 && s->arg[d] == s_axis(SECOND);
    bool pair = at < 0 && d + 1 < s->narg && s->arg[d] == s_axis(FIRST) &&
                s->arg[d + 1] == s_axis(SECOND) && s->tensor->dim[d] == m->outer &&
                s->tensor->dim[d + 1] == m->inner;
    if (second) continue;
    if (pair) at = d;
    m->ok = m->ok && (!pair || (s->rule[d] == R_NONE && s->rule[d + 1] == R_NONE));
    rule[rank] = s->rule[d];
    index[rank++] = pair ? s_axis(m->p) : s->arg[d];
  }
  Node *to = joined(m, s->tensor, at);
  return m->ok ? s_read(to, index, rule) : s; /* read in two ways: they stay two axes */
}

/* A member with the two axes as one, or NULL. */
static Node *merged_member(Merging *m, const Node *n) {
  Scalar *dim[MAX_RANK], *dom[MAX_AXES], *windex[MAX_RANK];
  bool has = m->p + 1 < n->ndom;
  int ndom = merged_dims(n->ndom, n->dom, has ? m->p : n->ndom, dom);
  int rank = merged_dims(n->rank, n->dim, m->p + 1 < n->rank ? m->p : n->rank, dim);
  Scalar *body = s_rewrite(n->body, merge_leaf, m);
  if (!m->ok || s_uses_axis(body, FIRST) || s_uses_axis(body, SECOND)) return NULL;
  for (int d = 0; d < rank; d++) windex[d] = s_axis(d);
  Node *now = n_comp((Dtype)n->dtype, (Combine)n->comb, rank, dim, ndom, dom, windex, NULL, body);
  return now->kind == N_COMP && now->ndom == ndom && (now != n || !has) ? n_like(now, n) : NULL;
}

/* Whether axes p and p + 1 of a product are worth it as one: those of terms are, so that blocks have
** many. Where one of a result's is known at run time only, whole tiles of the other are better, unless
** the operand without them is so large that it had better be copied once. */
static bool worth_merging(const Node *n, int p) {
  int64_t extent;
  bool outer = s_const_value(n->dom[p], &extent), inner = s_const_value(n->dom[p + 1], &extent);
  if (p + 1 == n->rank || s_is_int(n->dom[p], 1) || s_is_int(n->dom[p + 1], 1)) return false;
  if ((outer && inner) || p >= n->rank) return true;
  if (!outer && !inner) return false;
  return usual_count(n->ndom, n->dom) >= LARGE_FACTOR * usual_count(2, n->dom + p);
}

/* The member with the most axes. */
static const Node *widest(const Group *g) {
  const Node *most = g->member[0];
  for (int i = 1; i < g->nmember; i++)
    if (g->member[i]->ndom > most->ndom) most = g->member[i];
  return most;
}

/* Whether axes p and p + 1 are there, of these extents, in every member that has so many, and both
** are or neither is an axis of its result. */
static bool same_axes(const Group *g, const Node *like, int p) {
  for (int i = 0; i < g->nmember; i++) {
    const Node *n = g->member[i];
    if (n->ndom == p + 1 || n->rank == p + 1) return false;
    if (n->ndom > p && (n->dom[p] != like->dom[p] || n->dom[p + 1] != like->dom[p + 1]))
      return false;
  }
  return g->nshared != p + 1;
}

/* Whether axes p and p + 1 of g are worth it as one, and may be that. */
static bool may_merge(const Group *g, const Node *like, int p) {
  int64_t row;
  if (g->root >= 0) return worth_merging(like, p) && same_axes(g, like, p);
  if (!s_const_value(like->dom[p + 1], &row) || row < 2 || row >= SHORT_ROW) return false;
  return !s_is_int(like->dom[p], 1) && same_axes(g, like, p);
}

/* g with axes p and p + 1 as one; false: they cannot be. */
static bool merge_pair(Merging *m, Group *g, int p) {
  const Node *like = g->root >= 0 ? g->member[g->root] : widest(g);
  Node *member[g->nmember];
  if (!may_merge(g, like, p)) return false;
  m->p = p;
  m->outer = like->dom[p];
  m->inner = like->dom[p + 1];
  m->ok = true;
  m->round = m->n;
  for (int i = 0; i < g->nmember; i++) {
    const Node *n = g->member[i];
    member[i] = merged_member(m, n);
    if (!member[i]) {
      m->n = m->round;
      return false;
    }
    add_joint(m, g->member[i], member[i], p + 1 < n->rank ? p : -1);
  }
  g->member = arena_copy(m->a, member, sizeof *member * (size_t)g->nmember);
  if (p + 1 < g->nshared) g->nshared--;
  return true;
}

Merging *merge_axes(Arena *a, const Group *g, Group *out) {
  Merging *m = NEW(a, Merging);
  m->a = a;
  *out = *g;
  if (g->side || g->ntail || g->base || (g->root >= 0 && g->member[g->root]->rank != g->nshared)) return m;
  for (int i = 0; i < g->nmember; i++)
    if (n_is_scatter(g->member[i])) return m;
  for (int p = 0; p + 1 < (out->root >= 0 ? out->member[out->root] : widest(out))->ndom;)
    if (!merge_pair(m, out, p)) p++;
  return m;
}

Node *before_merge(const Merging *m, Node *n) {
  for (int i = m->n - 1; i >= 0; i--)
    if (m->joint[i].to == n) n = m->joint[i].from;
  return n;
}
