/*
** lower_chunk.c: reductions cut into a fixed number of chunks, for threads to share
**
**   s = sum i. x[i]               for c < 64 on threads:  partial[c] = the sum of chunk c
**                                 s = partial[0] + partial[1] + ..
**
** That is for few results; and for sums over the rows of a large matrix, which are read whole, one
** after the other, since memory is slow in columns:
**
**   y[j] = sum i. x[i, j]         for c < 8 on threads:   acc[j] += x[i][j]  for rows i of chunk c, all j
**   z[j] = w[j] - y[j]                                    partial[c] = acc
**                                 for j:                  y[j] = partial[0][j] + ..;  z[j] = w[j] - y[j]
*/
#include "lower.h"
#include "fuse.h"

enum {
  CHUNKS = 64,      /* where there are few results */
  LEAST_CHUNKS = 8, /* where these would be short */
  CHUNK_TERMS = 64  /* that are not */
};

static bool reduces(const Node *n) {
  return !n_is_scatter(n) && n->ndom > n->rank && n->comb != C_SET;
}

/* How many leading members are reductions of one domain, none of which reads another, where all
** others are made of their results, place by place; 0: the group is another one. */
static int leading_sums(const Low *l) {
  const Node *first = l->g->member[0];
  int nsum = 0;
  for (int i = 0; i < l->nmember; i++) {
    const Node *n = l->g->member[i];
    if (!reduces(n)) {
      if (nsum == 0 || !n_is_map(n) || n->rank != first->rank) return 0;
      continue;
    }
    if (nsum++ < i || n->rank != first->rank || !same_domain(n, first)) return 0;
    for (int k = 0; k < i; k++)
      if (node_reads(n, l->g->member[k])) return 0;
  }
  return nsum == 1 || l->nshared == first->rank ? nsum : 0;
}

/* How many chunks large reductions are best cut into that have too few results for threads; 0: they
** are not. */
static int chunks_of_few(const Low *l) {
  const Node *n = l->g->member[0];
  int64_t count = 1, v;
  int chunks = CHUNKS;
  if (l->g->base || leading_sums(l) == 0) return 0;
  for (int d = 0; d < n->rank; d++) {
    if (!s_const_value(n->dim[d], &v)) return 0;
    count *= v;
  }
  double terms = usual_count(n->ndom - n->rank, n->dom + n->rank);
  double work = terms * (double)count * (2 + s_cost(n->body));
  double cut = usual_count(1, n->dom + n->rank); /* the axis that is */
  if (work <= 4 * SHARED_WORK) return 0;
  double least = n->ndom == n->rank + 1 ? CHUNK_TERMS : 1;
  while (chunks > LEAST_CHUNKS && cut < chunks * least) chunks /= 2;
  return count <= 2 * chunks && cut >= chunks * (least > 1 ? LEAST_CHUNKS : 1) ? chunks : 0;
}

typedef struct Rows {
  int p;
  bool plain;
} Rows;

static void look_at_rows(void *ctx, Scalar *s) {
  Rows *r = ctx;
  if (s->kind == S_OP && is_dear(s)) r->plain = false;
  if (s->kind != S_READ || !s_uses_axis(s, r->p)) return;
  for (int d = 0; d + 1 < s->narg; d++) r->plain = r->plain && !s_uses_axis(s->arg[d], r->p);
  r->plain = r->plain && s->arg[s->narg - 1] == s_axis(r->p);
}

bool goes_along_rows(Scalar *body, int p) {
  Rows r = {p, true};
  s_walk(body, look_at_rows, &r);
  return r.plain;
}

/* The bytes a member reads along its first axis. */
typedef struct Moved {
  const Node *n;
  double bytes;
} Moved;

static void add_moved(void *ctx, Scalar *s) {
  Moved *m = ctx;
  if (s->kind == S_READ && s_uses_axis(s, 0))
    m->bytes += usual_count(m->n->ndom, m->n->dom) * (double)dtype_size((Dtype)s->dtype);
}

/* How many leading members are sums over the rows of large matrices, of which the rest are maps; 0:
** the group is another one. */
static int sums_of_rows(const Low *l) {
  Moved moved = {0};
  bool plain = true;
  int64_t columns;
  int nsum = 0;
  if (l->nshared != 1 || l->g->base || !s_const_value(l->g->member[0]->dom[0], &columns)) return 0;
  for (int i = 0; i < l->nmember; i++) {
    const Node *n = moved.n = l->g->member[i];
    if (n->rank != 1 || n_is_scatter(n) || !dtype_is_float((Dtype)n->dtype)) return 0;
    if (!reduces(n)) continue;
    if (nsum++ < i || n->comb != C_SUM || strip_guard(n->body) != n->body) return 0;
    if (usual_count(1, n->dom + 1) < 4 * ROW_CHUNKS) return 0; /* chunks are of this axis */
    if (usual_count(n->ndom - 1, n->dom + 1) < CHUNKS * ROW_CHUNKS) return 0;
    for (int j = 0; j < i; j++)
      if (node_reads(n, l->g->member[j])) return 0;
    plain = plain && goes_along_rows(n->body, 0);
    s_walk(n->body, add_moved, &moved);
  }
  bool fits = columns >= 64 && columns * ROW_CHUNKS * nsum <= MOST_SUMMED;
  return fits && plain && moved.bytes >= FAR_BYTES ? nsum : 0;
}

bool wants_chunks(Low *l, bool lanes) {
  int few = chunks_of_few(l);
  l->chunks = few ? few : ROW_CHUNKS;
  l->whole_rows = !few && lanes && !l->rows && sums_of_rows(l) > 0;
  return few || l->whole_rows;
}

/* The sum of all chunks of a member at one result. */
static Scalar *join(Low *l, const Member *m, Node *partial, Scalar **index, Stmt *in) {
  Dtype t = (Dtype)m->node->dtype;
  Combine comb = (Combine)m->node->comb;
  Loc loc = m->node->loc;
  Node *acc = low_local(l, t, 0, NULL, "acc");
  stmt_add(in, stmt_var(acc, s_combine_identity(comb, t), loc));
  int c = low_axis(l, s_int(l->chunks), NULL);
  index[0] = s_axis(c);
  Stmt *each = stmt_add(in, stmt_for(c, s_int(0), s_int(l->chunks), loc));
  stmt_add(each, stmt_store(acc, NULL, comb, s_read(partial, index, NULL), loc));
  return local_read(acc);
}

/* The results of all members from the parts of the first `nsum`. */
static void join_members(Low *l, int nsum, Node **partial, Stmt *in) {
  Scalar *index[MAX_RANK + 1];
  const Node *first = l->g->member[0];
  for (int d = 0; d < first->rank; d++) {
    int p = low_axis(l, first->dim[d], NULL);
    index[d + 1] = s_axis(p);
    if (d < l->nshared) l->shared[d] = index[d + 1];
    in = stmt_add(in, stmt_for(p, s_int(0), first->dim[d], first->loc));
  }
  members_outline(l);
  for (int i = 0; i < l->nmember; i++) {
    Member *m = &l->member[i];
    if (i >= nsum) {
      member_bind(l, m);
      lower_map(l, m, in);
      continue;
    }
    m->value = join(l, m, partial[i], index, in);
    if (l->g->stored[i])
      stmt_add(in,
               stmt_store(low_formal(l, m->node, true), index + 1, C_SET, m->value, m->node->loc));
  }
}

/* The chunks by body(), on threads; then their sums in order, and what is made of them. */
void lower_chunks(Low *l, bool lanes, void (*body)(Low *l, bool lanes, Stmt *in)) {
  int nsum = l->whole_rows ? sums_of_rows(l) : leading_sums(l), nmember = l->nmember;
  Loc loc = l->g->member[0]->loc;
  Node **partial = NEWN(mod->arena, Node *, nmember);
  Scalar *dim[MAX_RANK + 1] = {s_int(l->chunks)};
  l->chunk_axis = low_axis(l, s_int(l->chunks), NULL);
  for (int i = 0; i < nsum; i++) {
    const Node *n = l->g->member[i];
    for (int d = 0; d < n->rank; d++) dim[d + 1] = n->dim[d];
    partial[i] = low_local(l, (Dtype)n->dtype, n->rank + 1, dim, "partial");
    stmt_add(l->k->body, stmt_var(partial[i], NULL, loc));
  }
  Stmt *each = stmt_add(l->k->body, stmt_for(l->chunk_axis, s_int(0), s_int(l->chunks), loc));
  l->partial = partial;
  l->chunked = true;
  l->nmember = nsum;
  body(l, lanes, each);
  l->partial = NULL;
  l->nmember = nmember;
  l->chunk_axis = l->lane_axis = -1;
  join_members(l, nsum, partial, l->k->body);
}
