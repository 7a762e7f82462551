/*
** fuse_scatter.c: scatters to the same tensor over the same domain become one
**
**   s[ids[o], 0] += a[o];  t[ids[o], 2] += b[o];  g[i, j] = s[i, j] + t[i, j]
**   becomes   g[ids[o], p == 0 ? 0 : 2] += p == 0 ? a[o] : b[o]    over o and p < 2
**
** The derivative of columns that are read one by one looks like this. lower_scatter writes the
** parts out one after the other, so that places are found once and the tensor is filled once.
*/
#include "fuse.h"
#include <string.h>

enum { MAX_PARTS = 16 };

typedef struct Merge {
  const int *uses; /* by id, below nid */
  int nid;
  int nmerged, nparts[64];
  Node *merged[64]; /* those made here, and of how many parts */
} Merge;

static int parts_of(const Merge *m, const Node *n) {
  for (int k = 0; k < m->nmerged; k++)
    if (m->merged[k] == n) return m->nparts[k];
  return 1;
}

/* The scatter of sums that s reads at its own position, and nothing else reads; or NULL. */
static Node *scatter_read(const Merge *m, const Scalar *s) {
  if (s->kind != S_READ || !n_is_scatter(s->tensor) || s->tensor->comb != C_SUM) return NULL;
  for (int d = 0; d < s->narg; d++) {
    bool here = s->arg[d]->kind == S_AXIS && s->arg[d]->axis == d;
    bool only = s_is_int(s->arg[d], 0) && s_is_int(s->tensor->dim[d], 1);
    if (!(here || only) || s->rule[d] != R_NONE) return NULL;
  }
  if (parts_of(m, s->tensor) > 1) return s->tensor;
  return s->tensor->id < m->nid && m->uses[s->tensor->id] == 1 ? s->tensor : NULL;
}

/* The value of part k of n, which has `parts`, in place of s. */
static Scalar *of_part(const Node *n, int parts, int k, Scalar *s) {
  Scalar *by[MAX_AXES] = {0};
  if (parts == 1) return s;
  by[n->ndom - 1] = s_int(k);
  return s_subst_axes(s, n->ndom, by);
}

/* p == 0 ? value[0] : p == 1 ? value[1] : ... */
static Scalar *by_part(int parts, Scalar **value, Scalar *p) {
  Scalar *all = value[parts - 1];
  for (int k = parts - 2; k >= 0; k--)
    if (value[k] != all) all = s_op3(OP_WHERE, s_op2(OP_EQ, p, s_int(k)), value[k], all);
  return all;
}

static Node *merged(Merge *m, const Node *x, const Node *y) {
  int nx = parts_of(m, x), ny = parts_of(m, y), parts = nx + ny, ndom = x->ndom - (nx > 1);
  Scalar *value[MAX_PARTS], *windex[MAX_RANK], *dom[MAX_AXES];
  if (parts > MAX_PARTS || m->nmerged == 64 || ndom != y->ndom - (ny > 1) || ndom + 1 > MAX_AXES)
    return NULL;
  if (ndom == 0 || x->dtype != y->dtype || !n_same_shape(x, y)) return NULL;
  if (memcmp(x->dom, y->dom, sizeof *dom * (size_t)ndom) ||
      memcmp(x->wrule, y->wrule, (size_t)x->rank))
    return NULL;
  Scalar *p = s_axis(ndom);
  for (int d = 0; d <= x->rank; d++) {
    for (int k = 0; k < parts; k++) {
      const Node *n = k < nx ? x : y;
      value[k] =
          of_part(n, k < nx ? nx : ny, k < nx ? k : k - nx, d < x->rank ? n->windex[d] : n->body);
      bool places = d < x->rank && s_has_read(value[k]);
      if (places && value[k] != value[0]) return NULL; /* to be found once */
    }
    if (d < x->rank) windex[d] = by_part(parts, value, p);
  }
  memcpy(dom, x->dom, sizeof *dom * (size_t)ndom);
  dom[ndom] = s_int(parts);
  Node *n = n_comp((Dtype)x->dtype, C_SUM, x->rank, x->dim, ndom + 1, dom, windex, x->wrule,
                   by_part(parts, value, p));
  if (n->kind != N_COMP || n->ndom != ndom + 1) return NULL;
  m->nparts[m->nmerged] = parts;
  m->merged[m->nmerged++] = n;
  return n;
}

static Scalar *join_sum(void *ctx, Scalar *s) {
  if (s->kind != S_OP || s->op != OP_ADD || !dtype_is_float((Dtype)s->dtype)) return NULL;
  Node *x = scatter_read(ctx, s->arg[0]), *y = x ? scatter_read(ctx, s->arg[1]) : NULL;
  Node *both = y && x != y ? merged(ctx, x, y) : NULL;
  return both ? s_read(n_like(both, x), s->arg[0]->arg, NULL) : NULL;
}

static Node *merge_in(void *ctx, Node *n) {
  if (!n_is_map(n)) return n;
  Scalar *body = s_rewrite_ops(n->body, NULL, join_sum, ctx);
  return body == n->body ? n : n_like(n_map(n->rank, n->dim, body), n);
}

void fuse_scatter(Func *f) {
  if (f->opaque) return;
  Arena *a = arena_new();
  Order order = graph_order(a, f->nresult, f->result);
  Merge m = {.uses = graph_uses(a, order, f->nresult, f->result), .nid = mod->nnode};
  graph_rewrite(f->nresult, f->result, merge_in, &m);
  arena_free(a);
}

typedef struct Parts {
  int axis;
  bool found;
} Parts;

static void find_part(void *ctx, Scalar *s) {
  Parts *p = ctx;
  if (s->kind == S_OP && s->op == OP_EQ && s->arg[0]->dtype == DT_I64)
    p->found = p->found || s_uses_axis(s, p->axis);
}

/* How many parts the scatter n has, which its last axis counts; 1: it has none. */
int scatter_parts(const Node *n) {
  int64_t count;
  Parts p = {.axis = n->ndom - 1};
  if (n->ndom < 2 || !s_const_value(n->dom[n->ndom - 1], &count) || count > MAX_PARTS) return 1;
  s_walk(n->body, find_part, &p);
  for (int d = 0; d < n->rank; d++) s_walk(n->windex[d], find_part, &p);
  return p.found ? (int)count : 1;
}
