/*
** stable_product.c: the log of a matrix product of exponentials
**
**   l[i, j] = log(sum k. exp(x[i, k]) * exp(y[k, j]))
**
** The stable form takes an exponential a term. The product as it is written takes one a factor, and
** is as good where no factor is so large that a sum may overflow, and each sum so large that what
** underflow takes from it is nothing. So that is asked of the whole product; where it does not hold, a
** LOOP of one step, which is run then alone, puts the stable form in the place of the log. So it is for
** the log of the product and a positive number.
*/
#include <string.h>
#include "fuse.h"
#include "stable.h"

enum { MIN_TERMS = 4 }; /* a product has so many times as many terms as its factors elements */

/* The axes of n's domain that s depends on, and how many elements it has over these. */
static unsigned axes_of(const Node *n, const Scalar *s, Scalar **dim, int *rank, Scalar **by) {
  unsigned axes = 0;
  *rank = 0;
  for (int p = 0; p < n->ndom; p++) {
    by[p] = s_int(0);
    if (!s_uses_axis(s, p)) continue;
    axes |= 1u << p;
    by[p] = s_axis(*rank);
    dim[(*rank)++] = n->dom[p];
  }
  return axes;
}

/* Whether n is a product of matrices. */
static bool is_product(const Node *n) {
  Scalar *dim[MAX_AXES], *by[MAX_AXES];
  if (n->kind != N_COMP || n->comb != C_SUM || !n_is_reduction(n) || n->ndom == n->rank) return false;
  if (n->body->kind != S_OP || n->body->op != OP_MUL || !dtype_is_float((Dtype)n->dtype)) return false;
  unsigned axes[2], result = (1u << n->rank) - 1;
  double elements = 0;
  for (int k = 0; k < 2; k++) {
    int rank;
    axes[k] = axes_of(n, n->body->arg[k], dim, &rank, by);
    elements += usual_count(rank, dim);
  }
  if (!(axes[0] & ~axes[1] & result) || !(axes[1] & ~axes[0] & result)) return false;
  return usual_count(n->ndom, n->dom) >= MIN_TERMS * elements;
}

/* The largest magnitude of factor s of n. */
static Scalar *largest(const Node *n, Scalar *s) {
  Scalar *dim[MAX_AXES], *by[MAX_AXES];
  int rank;
  axes_of(n, s, dim, &rank, by);
  Scalar *size = s_op1(OP_ABS, s_subst_axes(s, n->ndom, by));
  return s_read(n_reduce(C_MAX, 0, NULL, rank, dim, size), NULL, NULL);
}

/* Whether the product n is good as it is, a number for all of it: value is that at n's axes, or more. */
static Node *in_range(Node *n, Scalar *value) {
  Dtype t = (Dtype)n->dtype;
  bool single = t == DT_F32;
  Scalar *large = s_const(t, single ? 1e15 : 1e150), *small = s_const(t, single ? 1e-18 : 1e-150);
  Scalar *x = largest(n, n->body->arg[0]), *y = largest(n, n->body->arg[1]);
  Scalar *least = s_read(n_reduce(C_MIN, 0, NULL, n->rank, n->dim, value), NULL, NULL);
  Scalar *most = s_op2(OP_MAX, x, y);
  Scalar *above = s_mul(small, s_op2(OP_MAX, most, s_const(t, 1)));
  return n_map(0, NULL, s_op2(OP_AND, s_op2(OP_LE, most, large), s_op2(OP_GE, least, above)));
}

/* The log of value, a tensor of n's shape; `stable` is its stable form, over nodes from id `first` on,
** which are computed where they are needed alone. */
static Node *log_tensor(Node *n, Scalar *value, Scalar *stable, int first) {
  Dtype t = (Dtype)n->dtype;
  Node *near = in_range(n, value), **outer;
  Scalar *holds = s_read(near, NULL, NULL), *one[1] = {s_int(1)};
  Scalar *log = s_op1(OP_LOG, s_op3(OP_WHERE, holds, value, s_const(t, 1)));
  Node *arg[2] = {n_map(n->rank, n->dim, log), n_map(1, one, s_op1(OP_NOT, holds))};
  Node *formal[2] = {n_param(P_FORMAL, "log", t, n->rank, n->dim, n->loc),
                     n_param(P_FORMAL, "go", DT_BOOL, 0, NULL, n->loc)};
  Node *result = n_map(n->rank, n->dim, stable);
  int nouter;
  Func *f = graph_close("stable_log", 2, formal, 1, &result, n->loc, first, &nouter, &outer);
  Node **all = NEWN(mod->arena, Node *, nouter + 2);
  memcpy(all, arg, sizeof arg);
  if (nouter) memcpy(all + 2, outer, sizeof *outer * (size_t)nouter);
  Node *loop = n_loop(f, s_int(1), 1, 1, nouter, all, 0, 0, false, 0, 0);
  return n_proj(n_guarded(loop, G_IF), 0);
}

static Node *keep_log(Scalar *of, Node *log) {
  if ((mod->nlog & (mod->nlog - 1)) == 0) {
    ProductLog *more = NEWN(mod->arena, ProductLog, 2 * mod->nlog + 1);
    if (mod->nlog) memcpy(more, mod->log, sizeof *more * (size_t)mod->nlog);
    mod->log = more;
  }
  mod->log[mod->nlog++] = (ProductLog){of, log};
  return log;
}

/* The read of a product that arg is, or is but for a number; value: the same at the product's axes. */
static Scalar *product_in(const Barrier *b, Scalar *arg, Scalar **value) {
  Scalar *x = stable_view(b, arg), *more = NULL;
  if (x->kind == S_READ && n_is_map(x->tensor)) x = stable_look(b, x);
  for (int k = 0; k < 2 && !more && x->kind == S_OP && x->op == OP_ADD; k++) {
    Scalar *c = stable_look(b, x->arg[k]);
    if (c->kind != S_CONST || !(c->f > 0)) continue;
    more = c;
    x = stable_view(b, x->arg[1 - k]);
  }
  if (x->kind != S_READ || !is_product(x->tensor)) return NULL;
  for (int k = 0; k < b->n; k++)
    if (b->node[k] == x->tensor) return NULL;
  *value = more ? s_add(s_at(x->tensor, 0), more) : s_at(x->tensor, 0);
  return x;
}

Scalar *stable_product_log(const Barrier *b, Scalar *arg,
                           Scalar *(*log_of)(const Barrier *b, Scalar *arg)) {
  Scalar *value, *x = product_in(b, arg, &value);
  if (!x) return NULL;
  for (int k = 0; k < mod->nlog; k++)
    if (mod->log[k].of == value) return s_read(mod->log[k].log, x->arg, x->rule);
  int first = mod->nnode;
  Scalar *stable = log_of(b, value);
  if (!stable) return NULL;
  return s_read(keep_log(value, log_tensor(x->tensor, value, stable, first)), x->arg, x->rule);
}
