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

/* A sum over the terms coef * factor[0] * factor[1]. */
typedef struct Product {
  const Node *node;
  double coef;
  Scalar *factor[2];
} Product;

/* The tensor that s reads at its own position, and nothing else reads; or NULL. */
static Node *own_read(const Factor *f, const Scalar *s) {
  if (s->kind != S_READ || s->tensor->kind != N_COMP) return NULL;
  for (int d = 0; d < s->narg; d++)
    if (s->arg[d]->kind != S_AXIS || s->arg[d]->axis != d || s->rule[d] != R_NONE) return NULL;
  return s->tensor->id < f->nid && f->uses[s->tensor->id] == 1 ? s->tensor : NULL;
}

/* Whether n is a sum of products; both factors in *p. */
static bool is_product(const Node *n, Product *p) {
  if (n->comb != C_SUM || !n_is_reduction(n) || n->ndom == n->rank) return false;
  if (!dtype_is_float((Dtype)n->dtype)) return false;
  Scalar *s = n->body;
  *p = (Product){n, 1, {NULL}};
  if (s->kind == S_OP && s->op == OP_MUL && s->arg[0]->kind == S_CONST) {
    p->coef = s->arg[0]->f;
    s = s->arg[1];
  }
  if (s->kind != S_OP || s->op != OP_MUL) return false;
  p->factor[0] = s->arg[0], p->factor[1] = s->arg[1];
  return true;
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

/* 1 where x is y, -1 where it is a - b and y is b - a, else 0. */
static int same_but_sign(const Scalar *x, const Scalar *y) {
  if (x == y) return 1;
  bool both = x->kind == S_OP && y->kind == S_OP && x->op == OP_SUB && y->op == OP_SUB;
  return both && x->arg[0] == y->arg[1] && x->arg[1] == y->arg[0] ? -1 : 0;
}

/* x + y for the factors other than a common one. Where each is used but a few times, as in sums over
** pairs of points, of which these are the coordinates, they are added up where they are read. */
static Scalar *added(const Product *x, const Product *y, Scalar *one, Scalar *other) {
  Scalar *sum = NULL;
  if (is_contraction(x->node) != is_contraction(y->node)) return NULL;
  if (is_contraction(x->node)) sum = sum_of_factors(x->node, one, other);
  else if (one->kind == S_READ && other->kind == S_READ) sum = s_add(one, other);
  return sum;
}

/* x + y as one product, or NULL. */
static Node *joined(const Product *x, const Product *y) {
  const Node *n = x->node, *m = y->node;
  if (n->ndom != m->ndom || n->dtype != m->dtype || !n_same_shape(n, m)) return NULL;
  for (int p = 0; p < n->ndom; p++)
    if (n->dom[p] != m->dom[p]) return NULL;
  for (int a = 0; a < 2; a++)
    for (int b = 0; b < 2; b++) {
      int sign = same_but_sign(x->factor[a], y->factor[b]);
      if (sign == 0 || x->coef != y->coef * sign) continue;
      Scalar *both = added(x, y, x->factor[1 - a], y->factor[1 - b]);
      if (!both) continue;
      Scalar *body = s_mul(s_const((Dtype)n->dtype, x->coef), s_mul(x->factor[a], both));
      return n_comp((Dtype)n->dtype, C_SUM, n->rank, n->dim, n->ndom, n->dom, n->windex, n->wrule,
                    body);
    }
  return NULL;
}

/* sum + y, a product that `read` reads, where it is joined with one of the sum's terms; or NULL. */
static Scalar *join_term(const Factor *f, Scalar *sum, const Product *y, Scalar *read, int depth) {
  enum { DEEP = 8 };
  Product x;
  Node *n = own_read(f, sum), *both;
  if (depth == DEEP) return NULL;
  if (n && is_product(n, &x))
    return (both = joined(&x, y)) ? s_read(n_like(both, n), sum->arg, NULL) : NULL;
  if (n && n_is_map(n) && n->rank == read->narg) sum = n->body;
  if (sum->kind != S_OP || sum->op != OP_ADD) return NULL;
  for (int k = 1; k >= 0; k--) {
    Scalar *term = join_term(f, sum->arg[k], y, read, depth + 1);
    if (term) return s_add(sum->arg[1 - k], term);
  }
  return NULL;
}

static Scalar *join_sum(void *ctx, Scalar *s) {
  if (s->kind != S_OP || s->op != OP_ADD || !dtype_is_float((Dtype)s->dtype)) return NULL;
  for (int k = 1; k >= 0; k--) {
    Product y;
    Node *n = own_read(ctx, s->arg[k]);
    Scalar *sum = n && is_product(n, &y) ? join_term(ctx, s->arg[1 - k], &y, s->arg[k], 0) : NULL;
    if (sum) return sum;
  }
  return NULL;
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
