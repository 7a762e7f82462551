/*
** fuse_common.c: exponentials that sums over different axes have in common are computed once
**
**   x[b, r] = sum s. exp(a[b, r] + c[r, s] - m[b, s]) * w[b, s]
**   y[r, s] = sum b. exp(a[b, r] + c[r, s] - m[b, s]) * w[b, s]
**
** become sums of e[b, r, s] * w[b, s], where e is small enough to stay in a cache; so does one sum, where
** e is there in any case. fuse_share.c has done before what is over the same axes in the same order, of
** which rows stay on the stack.
*/
#include <string.h>
#include "diff.h"
#include "fuse.h"

enum { NEAR_BYTES = 262144 };

/* A tensor of an exponential that a sum has, and how many sums have it. */
typedef struct Common { Node *tensor, *last; int nuser; } Common;

typedef struct Commons {
  Arena *a;
  IdMap at; /* of a tensor in item */
  int n, cap;
  Common *item;
  Node *node; /* the COMP being looked at */
} Commons;

static Common *common_of(Commons *c, Node *tensor) {
  int at = idmap_get(&c->at, tensor->id);
  if (at >= 0) return &c->item[at];
  if (c->n == c->cap) {
    c->cap = c->cap ? 2 * c->cap : 32;
    Common *more = NEWN(c->a, Common, c->cap);
    if (c->n) memcpy(more, c->item, sizeof *more * (size_t)c->n);
    c->item = more;
  }
  idmap_set(&c->at, tensor->id, c->n);
  c->item[c->n] = (Common){.tensor = tensor};
  return &c->item[c->n++];
}

Scalar *fuse_small_tensor(const Node *n, Scalar *s) {
  int64_t extent, bytes = (int64_t)dtype_size((Dtype)s->dtype);
  if (!is_dear(s) || !dtype_is_float((Dtype)s->dtype)) return NULL;
  for (int p = 0; p < n->ndom; p++) {
    if (!s_uses_axis(s, p) || !s_const_value(n->dom[p], &extent)) return NULL;
    bytes *= extent;
    if (bytes > NEAR_BYTES) return NULL;
  }
  return reads_inside(s, n->ndom, n->dom) ? fuse_tensor_of(n, s) : NULL;
}

bool fuse_is_sum(const Node *n) {
  return n->kind == N_COMP && n->comb == C_SUM && n_is_reduction(n) && n->ndom > n->rank &&
         n->ndom > 1;
}

static bool is_total(const Node *n) {
  return n->kind == N_COMP && n->comb == C_SUM && n->rank == 0 && n->ndom > 0;
}

/* The same for totals, which join a map over their axes, so that it needs no memory. */
static Scalar *tensor_for(const Node *n, Scalar *s) {
  Scalar *read = fuse_small_tensor(n, s);
  if (!read || !is_total(n)) return read;
  for (int d = 0; d < read->narg; d++)
    if (read->arg[d]->axis != d) return NULL;
  return read;
}

static bool has_common(const Node *n) { return fuse_is_sum(n) || is_total(n); }

static void note_common(void *ctx, Scalar *s) {
  Commons *c = ctx;
  Scalar *read = tensor_for(c->node, s);
  if (!read) return;
  Common *x = common_of(c, read->tensor);
  if (x->last != c->node && (c->node->ndom > 2 || is_total(c->node))) x->nuser++;
  x->last = c->node;
}

static Scalar *read_common(void *ctx, Scalar *s) {
  Commons *c = ctx;
  Scalar *read = tensor_for(c->node, s);
  int at = read ? idmap_get(&c->at, read->tensor->id) : -1;
  return at >= 0 && c->item[at].nuser > 1 ? read : NULL;
}

static Node *with_common(void *ctx, Node *n) {
  Commons *c = ctx;
  if (!has_common(n)) return n;
  c->node = n;
  Scalar *body = s_rewrite_ops(n->body, NULL, read_common, c);
  return body == n->body ? n : n_with_body(n, body);
}

static bool share_once(Func *f) {
  Commons c = {.a = arena_new()};
  c.at.a = c.a;
  bool some = false;
  Order order = graph_order(c.a, f->nresult, f->result);
  for (int k = 0; k < order.n; k++) {
    c.node = order.node[k];
    if (has_common(c.node)) s_walk(c.node->body, note_common, &c);
  }
  for (int k = 0; k < order.n; k++) {
    int at = idmap_get(&c.at, order.node[k]->id);
    if (at >= 0) c.item[at].nuser += 2; /* it is there in any case */
  }
  for (int k = 0; k < c.n; k++) some = some || c.item[k].nuser > 1;
  if (some) graph_rewrite(f->nresult, f->result, with_common, &c);
  arena_free(c.a);
  return some;
}

void fuse_common(Func *f) {
  enum { NESTED = 4 }; /* exponentials inside one another, at most */
  for (int k = 0; k < NESTED && share_once(f); k++) {}
}
