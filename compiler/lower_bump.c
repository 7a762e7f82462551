/*
** lower_bump.c: a run of Gaussian bumps by recurrence
**
**   for k: acc += w[k] * exp(-(z - k)^2 / 2)      for every 8th k: g = exp(..), ratio = exp(..)
**                                                   for 8 k: acc += w[k] * g
**                                                            g *= ratio; ratio *= exp(-1)
** The exponent is a quadratic e(k) with a constant, negative second difference, so two factors give
** the next value; the ratio itself is carried from block to block by one factor. A block is so
** short that a bump too small for a float at its start is still
** negligible (below e^-18) at its end; see Note [length of a block].
**
** Where a term is 0 if its bump is, blocks whose bumps are all negligible beside the largest one of
** their lane are 0 there, and left out where they are that in every lane: so a lane's bits do not
** depend on its neighbours.
*/
#include "lower.h"
#include "fuse.h"
#include "../codegen/cgen.h"
#include <math.h>
#include <string.h>

/* c[0] + c[1] k + c[2] k^2 with coefficients free of k; NULL is zero. */
typedef struct Quad {
  Scalar *c[3];
} Quad;

static Scalar *plus(Scalar *x, Scalar *y) { return !x ? y : !y ? x : s_add(x, y); }
static Scalar *times(Scalar *x, Scalar *y) { return !x || !y ? NULL : s_mul(x, y); }

static bool quad_mul(const Quad *x, const Quad *y, Quad *out) {
  *out = (Quad){{NULL}};
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) {
      Scalar *t = times(x->c[i], y->c[j]);
      if (t && i + j > 2) return false;
      if (t) out->c[i + j] = plus(out->c[i + j], t);
    }
  return true;
}

/* The quadratic in AXIS(k) that a float scalar is; false: it is none. */
static bool quad_of(Scalar *s, int k, Quad *q) {
  Quad x, y;
  Scalar *coef, *rest;
  *q = (Quad){{NULL}};
  if (!s_uses_axis(s, k)) {
    q->c[0] = s;
    return true;
  }
  if (s->kind != S_OP) return false;
  Dtype t = (Dtype)s->dtype;
  switch ((OpCode)s->op) {
  case OP_CAST:
    if (s->arg[0]->dtype != DT_I64 || !affine_split(s->arg[0], k, &coef, &rest)) return false;
    q->c[0] = s_is_int(rest, 0) ? NULL : s_cast(t, rest);
    q->c[1] = s_cast(t, coef);
    return true;
  case OP_NEG:
    if (!quad_of(s->arg[0], k, &x)) return false;
    for (int i = 0; i < 3; i++) q->c[i] = x.c[i] ? s_op1(OP_NEG, x.c[i]) : NULL;
    return true;
  case OP_ADD: case OP_SUB:
    if (!quad_of(s->arg[0], k, &x) || !quad_of(s->arg[1], k, &y)) return false;
    for (int i = 0; i < 3; i++) {
      if (s->op == OP_SUB && y.c[i]) y.c[i] = s_op1(OP_NEG, y.c[i]);
      q->c[i] = plus(x.c[i], y.c[i]);
    }
    return true;
  case OP_MUL:
    return quad_of(s->arg[0], k, &x) && quad_of(s->arg[1], k, &y) && quad_mul(&x, &y, q);
  case OP_DIV:
    if (s_uses_axis(s->arg[1], k) || !quad_of(s->arg[0], k, &x)) return false;
    for (int i = 0; i < 3; i++) q->c[i] = x.c[i] ? s_op2(OP_DIV, x.c[i], s->arg[1]) : NULL;
    return true;
  case OP_POW:
    return s_is_const(s->arg[1], 2) && quad_of(s->arg[0], k, &x) && quad_mul(&x, &x, q);
  default: return false;
  }
}

typedef struct Search {
  int axis;
  Bump *found;
} Search;

static void look_for_bump(void *ctx, Scalar *s) {
  Search *f = ctx;
  Quad q;
  if (s->kind != S_OP || s->op != OP_EXP || f->found->exp || !s_uses_axis(s, f->axis)) return;
  if (!quad_of(s->arg[0], f->axis, &q) || !q.c[1] || !q.c[2] || q.c[2]->kind != S_CONST) return;
  double curve = q.c[2]->f, limit = s->dtype == DT_F32 ? 5.0 : 18.0;
  int block = (int)(1 + limit / sqrt(fabs(curve)));
  if (curve >= 0 || block < 4) return;
  *f->found = (Bump){.exp = s, .slope = q.c[1], .curve = curve, .axis = f->axis,
                     .block = block < 16 ? block : 16};
}

Scalar *bump_along(Scalar *body, int axis) {
  Bump b = {0};
  Search f = {axis, &b};
  s_walk(body, look_for_bump, &f);
  return b.exp;
}

/* Whether s is 0 where e, a part of it, is. */
static bool vanishes(const Scalar *s, const Scalar *e) {
  if (s == e) return true;
  if (s->kind != S_OP) return false;
  switch ((OpCode)s->op) {
  case OP_MUL: return vanishes(s->arg[0], e) || vanishes(s->arg[1], e);
  case OP_ADD: case OP_SUB: return vanishes(s->arg[0], e) && vanishes(s->arg[1], e);
  case OP_NEG: case OP_DIV: return vanishes(s->arg[0], e);
  default: return false;
  }
}

bool bump_allows(const Low *l, Scalar *body, Combine comb) {
  return !l->bump.exp || !l->bump.near || (comb == C_SUM && vanishes(body, l->bump.exp));
}

bool find_bump(Low *l, Scalar *body, Combine comb, int axis, Bump *b) {
  int64_t extent;
  Search f = {axis, b};
  *b = (Bump){0};
  if (!s_const_value(low_extent(l, axis), &extent) || extent < 8) return false;
  s_walk(body, look_for_bump, &f);
  b->near = b->exp && comb == C_SUM && extent >= 2 * b->block && vanishes(body, b->exp);
  return b->exp != NULL;
}

Scalar *bump_body(const Low *l, Scalar *body) {
  Scalar *lane[] = {s_axis(l->lane_axis)};
  return s_replace(body, l->bump.exp, s_read(l->bump.value, lane, NULL));
}

/* exp(e(k + 1) - e(k)) at k, kept finite: where it is that large, exp(e(k)) is zero. */
static Scalar *growth(const Bump *b, Scalar *k) {
  Dtype t = (Dtype)b->exp->dtype;
  Scalar *odd = s_add(s_mul(s_const(t, 2), s_cast(t, k)), s_const(t, 1));
  Scalar *step = s_add(b->slope, s_mul(s_const(t, b->curve), odd));
  return s_op1(OP_EXP, s_op2(OP_MIN, step, s_const(t, t == DT_F32 ? 80 : 700)));
}

/* Whether the growth at k = 0 is below its limit wherever a bump of any k matters, so that the one
** at the start of every block follows from it; see Note [length of a block]. */
static bool growth_fits(const Bump *b, int64_t extent) {
  double limit = b->exp->dtype == DT_F32 ? 80 : 700, least = limit + 24;
  return -2 * b->curve * ((double)extent + sqrt(least / -b->curve)) < limit;
}

/* The lanes' first and last k that are near: whose bump is not negligible beside the largest. With
** e(k) = -c (k - v)^2 that is one at most sqrt(d^2 + 18 / c) from v, d from v to all k. */
static void find_near(Low *l, int64_t extent, Stmt *in, Stmt *each, Loc loc) {
  Bump *b = &l->bump;
  Dtype t = (Dtype)b->exp->dtype;
  Scalar *dim[] = {s_int(l->width)}, *lane[] = {s_axis(l->lane_axis)};
  b->low = low_local(l, t, 1, dim, "low");
  b->high = low_local(l, t, 1, dim, "high");
  stmt_insert(in, in->n - 1, stmt_var(b->low, NULL, loc));
  stmt_insert(in, in->n - 1, stmt_var(b->high, NULL, loc));
  Scalar *v = s_mul(s_const(t, -0.5 / b->curve), b->slope);
  Scalar *best = s_op2(OP_MIN, s_op2(OP_MAX, v, s_const(t, 0)), s_const(t, (double)extent - 1));
  Scalar *past = s_sub(v, best);
  double reach = (t == DT_F32 ? 18 : 40) / -b->curve;
  Scalar *far = s_op1(OP_SQRT, s_add(s_mul(past, past), s_const(t, reach)));
  stmt_add(each, stmt_store(b->low, lane, C_SET, s_sub(v, far), loc));
  stmt_add(each, stmt_store(b->high, lane, C_SET, s_add(v, far), loc));
}

/* Whether the block from k on has nothing near in the present lane. What is no number is near. */
static Scalar *is_far(const Low *l, Scalar *k) {
  const Bump *b = &l->bump;
  Dtype t = (Dtype)b->exp->dtype;
  Scalar *lane[] = {s_axis(l->lane_axis)};
  Scalar *end = s_cast(t, s_add(k, s_int(b->block - 1)));
  return s_op2(OP_OR, s_op2(OP_LT, end, s_read(b->low, lane, NULL)),
               s_op2(OP_LT, s_read(b->high, lane, NULL), s_cast(t, k)));
}

/* Leaves a block out where no lane has anything near; what it is in. */
static Stmt *if_near(Low *l, Scalar *k, Stmt *in, Loc loc) {
  Node *near = low_local(l, DT_I32, 0, NULL, "near");
  stmt_add(in, stmt_var(near, s_const(DT_I32, 0), loc));
  Stmt *each = lane_loop(l, in, loc);
  Scalar *here = s_cast(DT_I32, s_op1(OP_NOT, is_far(l, k)));
  stmt_add(each, stmt_store(near, NULL, C_MAX, here, loc));
  each->simd = false;
  in = stmt_add(in, stmt_new(ST_IF, loc));
  in->value = s_op2(OP_NE, local_read(near), s_const(DT_I32, 0));
  return in;
}

Stmt *bump_loops(Low *l, Stmt *in, Loc loc, int *nupdate) {
  Bump *b = &l->bump;
  Dtype t = (Dtype)b->exp->dtype;
  Scalar *extent = low_extent(l, b->axis), *dim[] = {s_int(l->width)};
  Scalar *lane[] = {s_axis(l->lane_axis)}, *by[MAX_KERNEL_AXES] = {0};
  int start = low_axis(l, extent, NULL);
  bool follows = growth_fits(b, extent->i);
  Node *first = follows ? low_local(l, t, 1, dim, "first_ratio") : NULL;
  b->value = low_local(l, t, 1, dim, "bump");
  b->ratio = low_local(l, t, 1, dim, "ratio");
  if (first) stmt_add(in, stmt_var(first, NULL, loc));
  Stmt *before = first || b->near ? lane_loop(l, in, loc) : NULL;
  if (first) stmt_add(before, stmt_store(first, lane, C_SET, growth(b, s_int(0)), loc));
  if (b->near) find_near(l, extent->i, in, before, loc);
  Stmt *blocks = stmt_add(in, stmt_for(start, s_int(0), extent, loc)), *block = blocks;
  blocks->step = b->block;
  if (b->near) block = if_near(l, s_axis(start), blocks, loc);
  stmt_add(block, stmt_var(b->value, NULL, loc));
  stmt_add(block, stmt_var(b->ratio, NULL, loc));
  by[b->axis] = s_axis(start);
  Stmt *each = lane_loop(l, block, loc);
  Scalar *bump = s_subst_axes(b->exp, b->axis + 1, by);
  if (b->near) bump = s_op3(OP_WHERE, is_far(l, s_axis(start)), s_const(t, 0), bump);
  stmt_add(each, stmt_store(b->value, lane, C_SET, bump, loc));
  Scalar *ratio = first ? s_read(first, lane, NULL) : growth(b, s_axis(start));
  stmt_add(each, stmt_store(b->ratio, lane, C_SET, ratio, loc));
  Scalar *end = s_op2(OP_MIN, extent, s_add(s_axis(start), s_int(b->block)));
  Stmt *steps = stmt_add(block, stmt_for(b->axis, s_axis(start), end, loc));
  if (first) {
    if (b->near) each = lane_loop(l, blocks, loc);
    stmt_add(each, stmt_store(first, lane, C_PROD, s_const(t, exp(2 * b->curve * b->block)), loc));
  }
  steps->trips = s_int(b->block);
  each = lane_loop(l, steps, loc);
  stmt_add(each, stmt_store(b->value, lane, C_PROD, s_read(b->ratio, lane, NULL), loc));
  stmt_add(each, stmt_store(b->ratio, lane, C_PROD, s_const(t, exp(2 * b->curve)), loc));
  *nupdate = 2;
  return each;
}

/*
** Note [length of a block]
** With e(k) = -c (k - z)^2, exp underflows an f32 to zero where c t^2 > 87, t = |k - z|, and is
** below e^-18 where c t^2 > 18. So a bump that is lost at the start of a block may be missed only
** while t shrinks from sqrt(87 / c) to sqrt(18 / c): 5 / sqrt(c) steps. In f64 that is
** (sqrt(745) - sqrt(40)) / sqrt(c), about 21 / sqrt(c); 18 leaves room for what denormals lose.
** The growth e(1) - e(0) = c (2 z - 1) of a z that the last of n bumps can feel, z < n +
** sqrt(104 / c), must stay below 80 for one start to serve all blocks.
*/
