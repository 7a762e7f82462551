/*
** fuse_sign.c: where an input was cut off at 0 is told by the result
**
**   h[i] = where(a[i] <= 0, 0, a[i]);   a_bar[i] = where(a[i] <= 0, 0, h_bar[i])
**   becomes                             a_bar[i] = where(h[i] <= 0, 0, h_bar[i])
**
** The two conditions are the same, for NaN as well. So the derivative of a rectifier keeps h alone,
** which the next layer reads anyway, and `a` ends with the kernel that makes it. Where h is not
** kept, its condition turns back into that of `a` as it is made (ir.c).
*/
#include "diff.h"
#include "fuse.h"
#include <math.h>

typedef struct Cuts {
  IdMap at; /* id of an input -> its place in result */
  int n;
  Node **result;
} Cuts;

/* x where s says x <= 0 or x > 0; or NULL. */
static Scalar *sign_of(const Scalar *s) {
  bool is = s->kind == S_OP && (s->op == OP_LE || s->op == OP_GT) && s_is_const(s->arg[1], 0);
  return is && s->arg[0]->kind == S_READ ? s->arg[0] : NULL;
}

/* Whether s is not positive where x is not: 0, or x times a positive number, which is 0 where x
** is. */
static bool keeps_sign(const Scalar *s, const Scalar *x) {
  if (s_is_const(s, 0)) return true;
  if (s->kind != S_OP || s->op != OP_MUL) return false;
  for (int k = 0; k < 2; k++)
    if (s->arg[k] == x && s->arg[1 - k]->kind == S_CONST && s->arg[1 - k]->f > 0 &&
        isfinite(s->arg[1 - k]->f))
      return true;
  return false;
}

/* The tensor that n cuts off, where(a <= 0, 0, a) or where(a > 0, a, 0.1 * a); or NULL. */
static Node *input_of(const Node *n) {
  const Scalar *b =
      n->kind == N_COMP && n_is_map(n) && dtype_is_float((Dtype)n->dtype) ? n->body : NULL;
  if (!b || b->kind != S_OP || b->op != OP_WHERE) return NULL;
  Scalar *x = sign_of(b->arg[0]);
  int positive = b->arg[0]->op == OP_GT ? 1 : 2;
  bool cuts = x && x == b->arg[positive] && s_reads_here(x, n) &&
              keeps_sign(b->arg[3 - positive], x);
  return cuts ? x->tensor : NULL;
}

static void add_cut(Cuts *c, Node *n) {
  Node *of = input_of(n);
  if (!of || idmap_get(&c->at, of->id) >= 0) return;
  idmap_set(&c->at, of->id, c->n);
  c->result[c->n++] = n;
}

/* Results that are there anyway: returned, or read by more than maps. */
static Cuts find_cuts(Arena *a, const Func *f) {
  Order o = graph_order(a, f->nresult, f->result);
  Cuts c = {.at = {.a = a}, .result = NEWN(a, Node *, o.n + 1)};
  for (int i = 0; i < o.n; i++)
    for (int k = 0; k < o.node[i]->narg && !(o.node[i]->kind == N_COMP && n_is_map(o.node[i])); k++)
      add_cut(&c, o.node[i]->arg[k]);
  for (int k = 0; k < f->nresult; k++) add_cut(&c, f->result[k]);
  return c;
}

/* The condition s by a result that the same condition made: where(a > 0, a, 0) is 0 for NaN, which
** is not a <= 0. */
static Scalar *tell(void *ctx, Scalar *s) {
  const Cuts *c = ctx;
  Scalar *x = sign_of(s);
  int at = x ? idmap_get(&c->at, x->tensor->id) : -1;
  if (at < 0 || c->result[at]->body->arg[0]->op != s->op) return NULL;
  return s_op2((OpCode)s->op, s_read(c->result[at], x->arg, x->rule), s->arg[1]);
}

static Node *tell_node(void *ctx, Node *n) {
  if (n->kind != N_COMP || input_of(n)) return n;
  Scalar *body = s_rewrite_ops(n->body, NULL, tell, ctx);
  if (body == n->body) return n;
  return n_like(n_comp((Dtype)n->dtype, (Combine)n->comb, n->rank, n->dim, n->ndom, n->dom,
                       n->windex, n->wrule, body),
                n);
}

void fuse_sign(Func *f) {
  for (bool changed = !f->opaque; changed;) {
    Arena *a = arena_new();
    Node **before = NEWN(a, Node *, f->nresult + 1);
    Cuts c = find_cuts(a, f);
    for (int k = 0; k < f->nresult; k++) before[k] = f->result[k];
    if (c.n) graph_rewrite(f->nresult, f->result, tell_node, &c);
    changed = false;
    for (int k = 0; k < f->nresult; k++) changed |= before[k] != f->result[k];
    arena_free(a);
  }
}
