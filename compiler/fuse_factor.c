/*
** fuse_factor.c: two products with one factor become one product
**
**   g[i, j] = sum k. f[i, k] * s[k, j] + sum k. f[i, k] * s[j, k]
**   becomes   t[j, k] = s[k, j] + s[j, k];   g[i, j] = sum k. f[i, k] * t[j, k]
**
** The derivative of whatever is symmetric looks like this: of a Gram matrix, a quadratic form, a
** covariance. Done where the sum of the other factors is small beside the product.
*/
#include "fuse.h"

enum { MIN_USES = 8 /* of an element of the sum of factors */ };

typedef struct Factor {
  const int *uses; /* by id, below nid */
  int nid;
} Factor;

/* The product that s reads at its own position, and nothing else reads; or NULL. */
static Node *product_read(const Factor *f, const Scalar *s) {
  if (s->kind != S_READ || !is_contraction(s->tensor) || s->tensor->body->op != OP_MUL) return NULL;
  for (int d = 0; d < s->narg; d++)
    if (s->arg[d]->kind != S_AXIS || s->arg[d]->axis != d || s->rule[d] != R_NONE) return NULL;
  return s->tensor->id < f->nid && f->uses[s->tensor->id] == 1 ? s->tensor : NULL;
}

/* x + y as a tensor over the axes of n that they depend on, read where n needs it; or NULL. */
static Scalar *sum_of_factors(const Node *n, Scalar *x, Scalar *y) {
  Scalar *dim[MAX_RANK], *by[MAX_AXES] = {0}, *index[MAX_RANK], *sum = s_add(x, y);
  int rank = 0;
  for (int p = 0; p < n->ndom; p++) {
    if (!s_uses_axis(sum, p)) continue;
    if (rank == MAX_RANK) return NULL;
    by[p] = s_axis(rank);
    dim[rank] = n->dom[p];
    index[rank++] = s_axis(p);
  }
  if (rank == 0 || usual_count(rank, dim) * MIN_USES > usual_count(n->ndom, n->dom)) return NULL;
  Node *t = n_map(rank, dim, s_subst_axes(sum, n->ndom, by));
  return t->kind == N_COMP ? s_read(t, index, NULL) : NULL;
}

/* x + y as one product, or NULL. */
static Node *joined(const Node *x, const Node *y) {
  if (x->ndom != y->ndom || x->dtype != y->dtype || !n_same_shape(x, y)) return NULL;
  for (int p = 0; p < x->ndom; p++)
    if (x->dom[p] != y->dom[p]) return NULL;
  for (int a = 0; a < 2; a++)
    for (int b = 0; b < 2; b++) {
      if (x->body->arg[a] != y->body->arg[b]) continue;
      Scalar *other = sum_of_factors(x, x->body->arg[1 - a], y->body->arg[1 - b]);
      if (!other) continue;
      return n_comp((Dtype)x->dtype, C_SUM, x->rank, x->dim, x->ndom, x->dom, x->windex, x->wrule,
                    s_mul(x->body->arg[a], other));
    }
  return NULL;
}

static Scalar *join_sum(void *ctx, Scalar *s) {
  if (s->kind != S_OP || s->op != OP_ADD || !dtype_is_float((Dtype)s->dtype)) return NULL;
  Node *x = product_read(ctx, s->arg[0]), *y = x ? product_read(ctx, s->arg[1]) : NULL;
  Node *both = y ? joined(x, y) : NULL;
  return both ? s_read(n_like(both, x), s->arg[0]->arg, NULL) : NULL;
}

static Node *factor_node(void *ctx, Node *n) {
  if (!n_is_map(n)) return n;
  Scalar *body = s_rewrite_ops(n->body, NULL, join_sum, ctx);
  return body == n->body ? n : n_like(n_map(n->rank, n->dim, body), n);
}

void fuse_factor(Func *f) {
  if (f->opaque) return;
  Arena *a = arena_new();
  Order order = graph_order(a, f->nresult, f->result);
  Factor c = {.uses = graph_uses(a, order, f->nresult, f->result), .nid = mod->nnode};
  graph_rewrite(f->nresult, f->result, factor_node, &c);
  arena_free(a);
}
