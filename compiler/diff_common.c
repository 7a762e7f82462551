/*
** diff_common.c: exponentials and roots that a step has, and their adjoints have again, are kept
**
**   s[b, j] = sum i. exp(a[b, i] + c[i, j])        forward, and backward
**   a_bar[b, i] = sum j. exp(a[b, i] + c[i, j]) * s_bar[b, j]
**
** become sums of e[b, i, j], a tensor of the forward step that diff_call.c keeps as it keeps others; the
** sum of the forward step is made to read it by fuse_common.c. Of a map of the forward step,
**
**   y[i] = sqrt(x[i])     forward;     x_bar[i] = 0.5 * rsqrt(x[i]) * y_bar[i]     backward
**
** the latter reads y: it is 0.5 / y[i] * y_bar[i].
*/
#include "diff.h"
#include "fuse.h"

typedef struct Kept {
  IdMap forward; /* nodes of the forward graph, */
  IdMap tensor;  /* what exponentials of its sums would be, */
  IdMap map;     /* and by their bodies, maps that are exponentials or roots */
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

static bool is_root(const Scalar *s) {
  return s->kind == S_OP && (s->op == OP_SQRT || s->op == OP_RSQRT);
}

static void note_map(Kept *k, Node *n) {
  double bytes = usual_count(n->rank, n->dim) * (double)dtype_size((Dtype)n->dtype);
  if (!n_is_map(n) || bytes > k->most || !(is_dear(n->body) || is_root(n->body))) return;
  idmap_set(&k->map, n->body->id, n->id);
}

/* The forward map that is s, read at the same place; NULL: there is none. */
static Scalar *map_of(const Kept *k, const Scalar *s) {
  int id = idmap_get(&k->map, s->id);
  Node *map = id < 0 ? NULL : mod->node[id];
  if (!map || map->rank > k->node->ndom) return NULL;
  for (int p = 0; p < map->rank; p++)
    if (map->dim[p] != k->node->dom[p]) return NULL;
  return s_at(map, 0);
}

static Scalar *read_kept(void *ctx, Scalar *s) {
  const Kept *k = ctx;
  if (is_root(s) || is_dear(s)) {
    Scalar *read = map_of(k, s), *one = s_const((Dtype)s->dtype, 1);
    if (read) return read;
    read = s->op == OP_RSQRT ? map_of(k, s_op1(OP_SQRT, s->arg[0])) : NULL;
    if (read) return s_op2(OP_DIV, one, read);
  }
  Scalar *read = tensor_of(k, s);
  return read && idmap_get(&k->tensor, read->tensor->id) > 0 ? read : NULL;
}

static Node *with_kept(void *ctx, Node *n) {
  Kept *k = ctx;
  if (n->kind != N_COMP || idmap_get(&k->forward, n->id) > 0) return n;
  k->node = n;
  Scalar *body = s_rewrite_ops(n->body, NULL, read_kept, k);
  return body == n->body ? n : n_with_body(n, body);
}

/* Has the cotangents bar read tensors, of at most so many bytes, in place of exponentials that the
** forward graph under result has, too. */
void keep_common(int nresult, Node **result, int nbar, Node **bar, double most) {
  Arena *a = arena_new();
  Kept k = {.forward = {.a = a}, .tensor = {.a = a}, .map = {.a = a}, .most = most};
  Order order = graph_order(a, nresult, result);
  for (int i = 0; i < order.n; i++) {
    k.node = order.node[i];
    idmap_set(&k.forward, order.node[i]->id, 1);
    note_map(&k, order.node[i]);
    if (fuse_is_sum(k.node)) s_walk(k.node->body, note_forward, &k);
  }
  graph_rewrite(nbar, bar, with_kept, &k);
  arena_free(a);
}
