/*
** diff_common.c: exponentials that a step's sums have, and their adjoints have again, are kept
**
**   s[b, j] = sum i. exp(a[b, i] + c[i, j])        forward, and backward
**   a_bar[b, i] = sum j. exp(a[b, i] + c[i, j]) * s_bar[b, j]
**
** become sums of e[b, i, j], a tensor of the forward step that diff_call.c keeps as it keeps others; the
** sum of the forward step is made to read it by fuse_common.c.
*/
#include "diff.h"
#include "fuse.h"

typedef struct Kept {
  IdMap forward; /* nodes of the forward graph, */
  IdMap tensor;  /* and what exponentials of its sums would be */
  double most;   /* bytes of one */
  const Node *node;
} Kept;

static Scalar *tensor_of(const Kept *k, Scalar *s) {
  Scalar *read = fuse_small_tensor(k->node, s);
  if (!read) return NULL;
  const Node *n = read->tensor;
  double bytes = usual_count(n->rank, n->dim) * (double)dtype_size((Dtype)n->dtype);
  return bytes <= k->most ? read : NULL;
}

static void note_forward(void *ctx, Scalar *s) {
  Kept *k = ctx;
  Scalar *read = tensor_of(k, s);
  if (read) idmap_set(&k->tensor, read->tensor->id, 1);
}

static Scalar *read_kept(void *ctx, Scalar *s) {
  const Kept *k = ctx;
  Scalar *read = tensor_of(k, s);
  return read && idmap_get(&k->tensor, read->tensor->id) > 0 ? read : NULL;
}

static Node *with_kept(void *ctx, Node *n) {
  Kept *k = ctx;
  if (!fuse_is_sum(n) || idmap_get(&k->forward, n->id) > 0) return n;
  k->node = n;
  Scalar *body = s_rewrite_ops(n->body, NULL, read_kept, k);
  if (body == n->body) return n;
  Node *now = n_comp((Dtype)n->dtype, (Combine)n->comb, n->rank, n->dim, n->ndom, n->dom, n->windex,
                     n->wrule, body);
  n_like(now, n)->loc = n->loc;
  return now;
}

/* Has the cotangents bar read tensors, of at most so many bytes, in place of exponentials that the
** forward graph under result has, too. */
void keep_common(int nresult, Node **result, int nbar, Node **bar, double most) {
  Arena *a = arena_new();
  Kept k = {.forward = {.a = a}, .tensor = {.a = a}, .most = most};
  Order order = graph_order(a, nresult, result);
  for (int i = 0; i < order.n; i++) {
    k.node = order.node[i];
    idmap_set(&k.forward, k.node->id, 1);
    if (fuse_is_sum(k.node)) s_walk(k.node->body, note_forward, &k);
  }
  graph_rewrite(nbar, bar, with_kept, &k);
  arena_free(a);
}
