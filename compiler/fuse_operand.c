/*
** fuse_operand.c: computed factors of a product become tensors, so that a contraction reads memory
**
**   q[i, j] = sum n. (x[n, j] - m[i, j]) * y[n, i]      becomes   d[n, i, j] = x[n, j] - m[i, j]
**                                                                 q[i, j] = sum n. d[n, i, j] * y[n, i]
**
** where each element is used often, and the tensor is no larger than what is there anyway. Leaves
** alone: factors read through rules or at other than plain axes (windows). Before that, what is
** summed over an axis that only one factor has is summed there first:
**
**   m[i, j] = sum n, l. q[i, l, j] * y[n, i, l]         becomes   s[i, l] = sum n. y[n, i, l]
**                                                                 m[i, j] = sum l. q[i, l, j] * s[i, l]
*/
#include "fuse.h"

enum {
  MIN_USES = 16,    /* of an element, for a tensor to pay, which may have to come from memory */
  NEAR_USES = 8,    /* of one that is known to stay in a cache */
  NEAR_BYTES = 262144,
  MIN_WORK = 20000, /* products in all */
};

/* Which axis of a domain comes before which in the tensors that an expression reads. */
typedef struct Axes {
  int ndom;
  unsigned used, before[MAX_AXES]; /* sets of axes */
  int first[MAX_AXES], nfirst;     /* in order of appearance */
  bool plain;                      /* indices are axes and constants, without rules */
  double read;                     /* elements of the tensors read */
} Axes;

static void note_axes(void *ctx, Scalar *s) {
  Axes *x = ctx;
  unsigned seen = 0;
  if (s->kind == S_AXIS && !(x->used >> s->axis & 1)) {
    x->used |= 1u << s->axis;
    x->first[x->nfirst++] = s->axis;
  }
  for (int d = 0; s->kind == S_READ && d < s->narg; d++) {
    bool axis = s->arg[d]->kind == S_AXIS;
    x->plain = x->plain && s->rule[d] == R_NONE && (axis || s->arg[d]->kind == S_CONST);
    for (int p = 0; p < x->ndom; p++) {
      if (!s_uses_axis(s->arg[d], p)) continue;
      x->before[p] |= seen & ~(1u << p);
      if (axis) seen |= 1u << p;
    }
  }
  if (s->kind == S_READ) x->read += usual_count(s->tensor->rank, s->tensor->dim);
}

static Axes axes_of(const Node *n, Scalar *s) {
  Axes x = {.ndom = n->ndom, .plain = true};
  s_walk(s, note_axes, &x);
  return x;
}

/* The axes that s depends on, in an order that the tensors it reads have them in too; returns how
** many. */
static int order_axes(const Node *n, Scalar *s, int *axis) {
  Axes x = axes_of(n, s);
  unsigned left = x.used;
  int count = 0;
  while (left) {
    int next = -1;
    for (int k = 0; k < x.nfirst && next < 0; k++)
      if (left >> x.first[k] & 1 && !(x.before[x.first[k]] & left)) next = x.first[k];
    for (int k = 0; k < x.nfirst && next < 0; k++) /* two tensors disagree */
      if (left >> x.first[k] & 1) next = x.first[k];
    axis[count++] = next;
    left &= ~(1u << next);
  }
  return count;
}

Scalar *fuse_tensor_of(const Node *n, Scalar *s) {
  int axis[MAX_AXES], rank = order_axes(n, s, axis);
  Scalar *dim[MAX_RANK], *by[MAX_AXES] = {0}, *index[MAX_RANK];
  if (rank > MAX_RANK) return NULL;
  for (int k = 0; k < rank; k++) {
    by[axis[k]] = s_axis(k);
    dim[k] = n->dom[axis[k]];
    index[k] = s_axis(axis[k]);
  }
  Node *made = n_map(rank, dim, s_subst_axes(s, n->ndom, by));
  made->loc = n->loc;
  return made->kind == N_COMP ? s_read(made, index, NULL) : NULL;
}

static bool is_read(const Scalar *s) {
  return s->kind == S_READ || (s->kind == S_OP && s->op == OP_CAST && s->arg[0]->kind == S_READ);
}

/* Whether some axis of the result is `in`'s and not the other's. */
static bool has_own(const Node *n, unsigned in, unsigned other) {
  for (int p = 0; p < n->rank; p++)
    if ((in & ~other) >> p & 1 && !s_is_int(n->dom[p], 1)) return true;
  return false;
}

/* Elements that are used so often pay: fewer times where all of them are known to be near. */
static double least_uses(const Node *n, int nused, Scalar **used) {
  int64_t extent, bytes = (int64_t)dtype_size((Dtype)n->dtype);
  for (int k = 0; k < nused; k++) {
    if (!s_const_value(used[k], &extent)) return MIN_USES;
    bytes *= extent;
  }
  return bytes <= NEAR_BYTES ? NEAR_USES : MIN_USES;
}

/* Whether factor s of n, beside `other`, is worth a tensor. */
static bool pays(const Node *n, Scalar *s, Scalar *other) {
  Axes x = axes_of(n, s), y = axes_of(n, other);
  Scalar *used[MAX_AXES];
  int nused = 0;
  if (is_read(s) || !x.plain || !y.plain || !s_has_read(s) || !reads_inside(s, n->ndom, n->dom)) return false;
  if (!has_own(n, x.used, y.used) || !has_own(n, y.used, x.used)) return false;
  for (int p = 0; p < n->ndom; p++)
    if (x.used >> p & 1) used[nused++] = n->dom[p];
  double count = usual_count(nused, used), all = usual_count(n->ndom, n->dom);
  if (nused == 0 || nused > MAX_RANK || all < MIN_WORK || all < least_uses(n, nused, used) * count)
    return false;
  return count <= 2 * (x.read + y.read + usual_count(n->rank, n->dim));
}

/* The product that n sums, or whose negation it sums; NULL: there is none. */
static Scalar *product_of(const Node *n) {
  if (n->kind != N_COMP || n->comb != C_SUM || n->ndom == n->rank || !n_is_reduction(n) ||
      !dtype_is_float((Dtype)n->dtype))
    return NULL;
  Scalar *b = n->body;
  if (b->kind == S_OP && b->op == OP_NEG) b = b->arg[0];
  return b->kind == S_OP && b->op == OP_MUL ? b : NULL;
}

/* s summed over the axes `own`, as a read at its others; NULL: they are too many. */
static Scalar *summed(const Node *n, Scalar *s, unsigned own) {
  int axis[MAX_AXES], all = order_axes(n, s, axis), rank = 0, nred = 0;
  Scalar *dim[MAX_AXES], *red[MAX_AXES], *by[MAX_AXES] = {0}, *index[MAX_AXES];
  for (int k = 0; k < all; k++) {
    if (own >> axis[k] & 1) continue;
    dim[rank] = n->dom[axis[k]];
    index[rank] = s_axis(axis[k]);
    by[axis[k]] = s_axis(rank++);
  }
  if (rank > MAX_RANK) return NULL;
  for (int p = n->rank; p < n->ndom; p++)
    if (own >> p & 1) by[p] = s_axis(rank + nred), red[nred++] = n->dom[p];
  Node *made = n_reduce(C_SUM, rank, dim, nred, red, s_subst_axes(s, n->ndom, by));
  if (made->kind == N_COMP) made->loc = n->loc;
  return s_read(made, index, NULL);
}

/* The sum n of x * y, without the reduced axes `gone`. */
static Node *sum_without(Node *n, Scalar *body, unsigned gone) {
  Scalar *red[MAX_AXES], *by[MAX_AXES] = {0};
  int nred = 0;
  for (int p = n->rank; p < n->ndom; p++)
    if (!(gone >> p & 1)) by[p] = s_axis(n->rank + nred), red[nred++] = n->dom[p];
  body = s_subst_axes(body, n->ndom, by);
  return nred ? n_reduce(C_SUM, n->rank, n->dim, nred, red, body) : n_map(n->rank, n->dim, body);
}

/* n with what only one factor depends on summed there first, where that is less work. */
static Node *summed_first(Node *n) {
  Scalar *product = product_of(n), *factor[2] = {product->arg[0], product->arg[1]};
  unsigned gone = 0, reduced = 0;
  for (int p = n->rank; p < n->ndom; p++)
    if (!s_is_int(n->dom[p], 1)) reduced |= 1u << p;
  for (int k = 0; k < 2; k++) {
    unsigned x = axes_of(n, factor[k]).used, y = axes_of(n, factor[1 - k]).used;
    unsigned own = x & ~y & reduced;
    double count = 1;
    for (int p = 0; p < n->ndom; p++)
      if (x >> p & 1) count *= usual_count(1, n->dom + p);
    if (!own || 2 * count > usual_count(n->ndom, n->dom)) continue;
    Scalar *sum = summed(n, factor[k], own);
    if (sum) factor[k] = sum, gone |= own;
  }
  if (!gone) return n;
  Scalar *body = s_mul(factor[0], factor[1]);
  return sum_without(n, product == n->body ? body : s_op1(OP_NEG, body), gone);
}

static Node *with_tensors(Node *n) {
  Scalar *factor[2] = {n->body->arg[0], n->body->arg[1]};
  bool any = false;
  for (int k = 0; k < 2; k++) {
    Scalar *read = pays(n, factor[k], factor[1 - k]) ? fuse_tensor_of(n, factor[k]) : NULL;
    if (read) factor[k] = read, any = true;
  }
  if (!any || !is_read(factor[0]) || !is_read(factor[1])) return n;
  Node *now = n_comp((Dtype)n->dtype, C_SUM, n->rank, n->dim, n->ndom, n->dom, n->windex, n->wrule,
                     s_mul(factor[0], factor[1]));
  return now->kind == N_COMP && is_contraction(now)
             ? unit_stride_contraction(plain_contraction(now))
             : now;
}

static Node *factors_first(void *ctx, Node *n) {
  (void)ctx;
  if (!product_of(n)) return n;
  mod->here = n->loc;
  Node *now = summed_first(n);
  if (product_of(now) == now->body) now = with_tensors(now);
  if (now != n) n_like(now, n)->loc = n->loc;
  return now;
}

void fuse_operands(Func *f) {
  Loc here = mod->here;
  if (!f->opaque) graph_rewrite(f->nresult, f->result, factors_first, NULL);
  mod->here = here;
}
