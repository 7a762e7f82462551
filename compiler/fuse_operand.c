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
**
** So is a sum over rows of what is such a product by itself, and is not wanted but for that:
**
**   d[n, i, j] = sum l. q[i, l, j] * y[n, i, l];  m[i, j] = sum n. d[n, i, j]
**
** And a product of three factors or more becomes one of two groups of them, however it was written,
** where that makes it less work: the chain a b c of matrices, a bilinear form
**
**   y[n, j] = sum i, k. a[n, i] * w[i, j, k] * b[n, k]  becomes   m[n, i, k] = a[n, i] * b[n, k]
**                                                                 y[n, j] = sum i, k. m[n, i, k] * w[i, j, k]
*/
#include <math.h>
#include "fuse.h"

enum {
  MIN_USES = 16,    /* of an element, for a tensor to pay, which may have to come from memory */
  NEAR_USES = 8,    /* of one that is known to stay in a cache */
  NEAR_BYTES = 262144,
  MIN_WORK = 20000, /* products in all */
  MAX_FACTORS = 6,
  MANY_SUMMED = 8, /* elements that are multiplied by one */
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

/* How many points the axes have together, as usual. */
static double points(const Node *n, unsigned axes) {
  Scalar *extent[MAX_AXES];
  int count = 0;
  for (int p = 0; p < n->ndom; p++)
    if (axes >> p & 1) extent[count++] = n->dom[p];
  return usual_count(count, extent);
}

/* Whether `other` lies across the rows of the tensor read that x is. */
static bool lies_across(const Scalar *x, const Scalar *other) {
  const Scalar *at = x->kind == S_READ && x->narg > 0 ? x->arg[x->narg - 1] : NULL;
  if (!at || at->kind != S_AXIS || other->kind != S_READ) return false;
  for (int d = 0; d + 1 < other->narg; d++)
    if (s_uses_axis(other->arg[d], at->axis)) return true;
  return false;
}

/* The reduced axes over which factor k of a product is to be summed first: those that it alone
** depends on, where that is less work, or spares it a walk across the other's rows. */
static unsigned summed_axes(const Node *n, Scalar *const *factor, int k) {
  unsigned x = axes_of(n, factor[k]).used, y = axes_of(n, factor[1 - k]).used, reduced = 0;
  for (int p = n->rank; p < n->ndom; p++)
    if (!s_is_int(n->dom[p], 1)) reduced |= 1u << p;
  unsigned own = x & ~y & reduced;
  bool less = 2 * points(n, x) <= usual_count(n->ndom, n->dom);
  bool across = points(n, own) >= MANY_SUMMED && lies_across(factor[k], factor[1 - k]);
  return less || across ? own : 0;
}

bool is_summed_first(const Node *n) {
  Scalar *product = product_of(n);
  return product && (summed_axes(n, product->arg, 0) || summed_axes(n, product->arg, 1));
}

/* n with what only one factor depends on summed there first. */
static Node *summed_first(Node *n) {
  Scalar *product = product_of(n), *factor[2] = {product->arg[0], product->arg[1]};
  unsigned gone = 0;
  for (int k = 0; k < 2; k++) {
    unsigned own = summed_axes(n, factor, k);
    if (!own) continue;
    Scalar *sum = summed(n, factor[k], own);
    if (sum) factor[k] = sum, gone |= own;
  }
  if (!gone) return n;
  Scalar *body = s_mul(factor[0], factor[1]);
  return sum_without(n, product == n->body ? body : s_op1(OP_NEG, body), gone);
}

/* The tensors that are read at one place alone, and are no results. */
typedef struct Once {
  int nid;
  const bool *once; /* by id */
} Once;

/* The product that n, a sum, sums again, and nothing else reads: read at *read; NULL: none. */
static Node *product_summed(const Once *c, const Node *n, Scalar **read) {
  unsigned used = 0;
  Scalar *s = n->body;
  if (n->kind != N_COMP || n->comb != C_SUM) return NULL;
  if (n->ndom == n->rank || !n_is_reduction(n)) return NULL;
  if (s->kind == S_OP && s->op == OP_NEG) s = s->arg[0];
  if (s->kind != S_READ || s->tensor->id >= c->nid || !c->once[s->tensor->id]) return NULL;
  for (int d = 0; d < s->narg; d++) {
    const Scalar *at = s->arg[d];
    if (at->kind != S_AXIS || s->rule[d] != R_NONE || used >> at->axis & 1) return NULL;
    used |= 1u << at->axis;
  }
  for (int p = n->rank; p < n->ndom; p++)
    if (!(used >> p & 1)) return NULL;
  Node *t = s->tensor;
  *read = s;
  bool fits = n->ndom + t->ndom - t->rank <= MAX_AXES && t->dtype == n->dtype;
  return fits && product_of(t) ? t : NULL;
}

/* A sum of sums of a product as one sum, where a factor is then summed first; else n. */
static Node *sums_as_one(void *ctx, Node *n) {
  Scalar *read, *by[MAX_AXES], *red[MAX_AXES];
  Node *t = product_summed(ctx, n, &read);
  int nred = 0;
  if (!t) return n;
  for (int d = 0; d < t->rank; d++) by[d] = read->arg[d];
  for (int p = n->rank; p < n->ndom; p++) red[nred++] = n->dom[p];
  for (int p = t->rank; p < t->ndom; p++) {
    by[p] = s_axis(n->rank + nred);
    red[nred++] = t->dom[p];
  }
  mod->here = n->loc;
  Scalar *term = s_replace(n->body, read, s_subst_axes(t->body, t->ndom, by));
  Node *all = n_reduce(C_SUM, n->rank, n->dim, nred, red, term);
  Node *now = product_of(all) ? summed_first(all) : all;
  if (now == all) return n;
  n_like(now, n)->loc = n->loc;
  return now;
}

/* A contraction with operands that are read along plain axes and contiguously, where that pays. */
static Node *as_contraction(Node *n) {
  bool is = n->kind == N_COMP && is_contraction(n);
  return is ? unit_stride_contraction(plain_contraction(n)) : n;
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
  return as_contraction(now);
}

/* The factors of a product, and the axes each of them depends on; all of them plain. */
typedef struct Factors {
  const Node *n;
  int count;
  Scalar *factor[MAX_FACTORS];
  unsigned axes[MAX_FACTORS];
  double read; /* elements of the tensors read */
} Factors;

/* Takes apart a product of products; false: there are too many factors, or some are not plain. */
static bool take_factors(Factors *f, Scalar *s) {
  if (s->kind == S_OP && s->op == OP_MUL)
    return take_factors(f, s->arg[0]) && take_factors(f, s->arg[1]);
  Axes x = axes_of(f->n, s);
  if (f->count == MAX_FACTORS || !x.plain || !reads_inside(s, f->n->ndom, f->n->dom)) return false;
  f->axes[f->count] = x.used;
  f->factor[f->count++] = s;
  f->read += x.read;
  return true;
}

/* Some of the factors, as one. */
typedef struct Part {
  int count;
  unsigned set, axes, own; /* own: reduced axes that no other factor has */
} Part;

static Part part_of(const Factors *f, unsigned set) {
  Part g = {.set = set};
  unsigned others = (1u << f->n->rank) - 1;
  for (int k = 0; k < f->count; k++) {
    if (set >> k & 1) g.count++, g.axes |= f->axes[k];
    else others |= f->axes[k];
  }
  g.own = g.axes & ~others;
  return g;
}

/* Whether a group is to be a tensor, not a factor as it stands. */
static bool is_made(Part g) { return g.count > 1 || g.own; }

static bool may_be_made(const Factors *f, Part g, double used) {
  double count = points(f->n, g.axes & ~g.own), result = usual_count(f->n->rank, f->n->dim);
  int rank = 0;
  for (int p = 0; p < f->n->ndom; p++) rank += (g.axes & ~g.own) >> p & 1;
  if (rank == 0 || rank > MAX_RANK || count > 2 * (f->read + result)) return false;
  return g.own || used >= MIN_USES * count;
}

/* The multiplications of a product of two groups; infinite where one may not be made. */
static double work_of(const Factors *f, Part g, Part h) {
  unsigned left = g.axes & ~g.own, right = h.axes & ~h.own;
  double work = points(f->n, left | right), used = work;
  bool tiles = has_own(f->n, left, right) && has_own(f->n, right, left);
  if (!tiles && 8 * work > points(f->n, (1u << f->n->ndom) - 1)) return INFINITY;
  for (int k = 0; k < 2; k++) {
    Part x = k ? h : g;
    if (is_made(x) && !may_be_made(f, x, used)) return INFINITY;
    if (is_made(x)) work += points(f->n, x.axes) * fmax(1, x.count - 1);
  }
  return work;
}

static Node *factors_first(void *ctx, Node *n);

/* A group as a factor: what it multiplies, summed over its own axes; or NULL. */
static Scalar *part_read(const Factors *f, Part g) {
  Scalar *s = NULL;
  for (int k = 0; k < f->count; k++)
    if (g.set >> k & 1) s = s ? s_mul(s, f->factor[k]) : f->factor[k];
  if (!is_made(g)) return s;
  Scalar *read = g.own ? summed(f->n, s, g.own) : fuse_tensor_of(f->n, s);
  return !read ? NULL : s_read(factors_first(NULL, read->tensor), read->arg, NULL);
}

/* n as the product of two groups of its three factors or more, where that is less work. */
static Node *by_parts(Node *n) {
  Factors f = {.n = n};
  Scalar *product = product_of(n);
  double all = points(n, (1u << n->ndom) - 1), least = INFINITY;
  Part best = {0}, rest = {0};
  if (!take_factors(&f, product) || f.count < 3 || all < MIN_WORK) return n;
  for (unsigned set = 1; set < 1u << (f.count - 1); set++) { /* the last is always in the rest */
    Part g = part_of(&f, set), h = part_of(&f, ((1u << f.count) - 1) & ~set);
    double work = work_of(&f, g, h);
    bool sums = (g.own | h.own) && !(best.own | rest.own); /* a derivative may need these again */
    if (work < least || (work == least && sums)) least = work, best = g, rest = h;
  }
  if (least > 0.75 * (f.count - 1) * all) return n;
  Scalar *x = part_read(&f, best), *y = part_read(&f, rest);
  if (!x || !y) return n;
  Scalar *body = s_mul(x, y);
  return sum_without(n, product == n->body ? body : s_op1(OP_NEG, body), best.own | rest.own);
}

static Node *factors_first(void *ctx, Node *n) {
  (void)ctx;
  if (!product_of(n)) return n;
  mod->here = n->loc;
  Node *now = by_parts(n);
  bool grouped = now != n;
  if (product_of(now) && is_summed_first(now)) now = summed_first(now), grouped = true;
  if (product_of(now) && product_of(now) == now->body) now = with_tensors(now);
  if (grouped) now = as_contraction(now);
  if (now != n) n_like(now, n)->loc = n->loc;
  return now;
}

static void sum_once(Func *f) {
  Arena *a = arena_new();
  Order o = graph_order(a, f->nresult, f->result);
  int *uses = graph_uses(a, o, f->nresult, f->result);
  bool *once = NEWN(a, bool, mod->nnode + 1);
  Once c = {mod->nnode, once};
  for (int k = 0; k < o.n; k++) once[o.node[k]->id] = uses[o.node[k]->id] == 1;
  for (int r = 0; r < f->nresult; r++) once[f->result[r]->id] = false;
  graph_rewrite(f->nresult, f->result, sums_as_one, &c);
  arena_free(a);
}

void fuse_operands(Func *f) {
  Loc here = mod->here;
  if (f->opaque) return;
  sum_once(f);
  graph_rewrite(f->nresult, f->result, factors_first, NULL);
  mod->here = here;
}
