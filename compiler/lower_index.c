/*
** lower_index.c: reads under boundary rules as plain reads
**
**   mirror(x)[i - 3]          x[min(max(i - 3, 2 - i), 2 * n - 1 - max(..))]
**   zero_outside(x)[i + k]    where(0 <= i + k && i + k < n, x[i + k], 0)
**
** What a choice says is not asked again by those inside it.
*/
#include "lower.h"
#include "fuse.h"

typedef struct Rules {
  int ndom;
  Scalar **dom;
} Rules;

/* Whether -reach <= index < extent + reach with reach = extent: one reflection is enough. */
static bool once_outside(Scalar *index, Scalar *extent, const Rules *r) {
  Scalar *lo, *hi;
  return s_range(index, r->ndom, r->dom, &lo, &hi) && s_prove_ge(s_add(lo, extent), s_int(1)) &&
         s_prove_lt(hi, s_sub(s_mul(s_int(2), extent), s_int(1)));
}

/* rule_index without remainders where the index goes at most once around. */
static Scalar *near_index(Rule rule, Scalar *i, Scalar *n, const Rules *r) {
  if (rule == R_NONE || rule == R_CLAMP || !once_outside(i, n, r)) return rule_index(rule, i, n);
  Scalar *one = s_int(1), *zero = s_int(0), *up;
  switch (rule) {
  case R_MIRROR:
    up = s_op2(OP_MAX, i, s_sub(s_int(-1), i));
    return s_op2(OP_MIN, up, s_sub(s_sub(s_mul(s_int(2), n), one), up));
  case R_REFLECT:
    up = s_op2(OP_MAX, i, s_sub(zero, i));
    return s_op2(OP_MIN, up, s_sub(s_mul(s_int(2), s_sub(n, one)), up));
  default: /* R_WRAP */
    return s_op3(OP_WHERE, s_op2(OP_LT, i, zero), s_add(i, n),
                 s_op3(OP_WHERE, s_op2(OP_GE, i, n), s_sub(i, n), i));
  }
}

static void find_cast(void *ctx, Scalar *s) {
  if (s->kind == S_OP && s->op == OP_CAST) *(bool *)ctx = true;
}

/* Whether a number of any size may come out of the index. */
static bool has_cast(Scalar *index) {
  bool found = false;
  s_walk(index, find_cast, &found);
  return found;
}

/* A read through R_ZERO whose index depends on data stays inside its tensor even where it is not
** wanted: vectors load on both sides of a choice. */
static Scalar *resolve(void *ctx, Scalar *s) {
  const Rules *r = ctx;
  Scalar *index[MAX_RANK], *inside = NULL;
  if (s->kind != S_READ) return NULL;
  for (int d = 0; d < s->narg; d++) {
    Scalar *n = s->tensor->dim[d];
    Rule rule = (Rule)s->rule[d];
    index[d] = s->arg[d];
    if (rule == R_NONE || index_inside(index[d], n, r->ndom, r->dom)) continue;
    if (rule == R_ZERO) {
      Scalar *ok = simplify_within(rule_inside(index[d], n), r->ndom, r->dom);
      inside = inside ? s_op2(OP_AND, inside, ok) : ok;
      if (s_has_read(index[d]) || has_cast(index[d])) index[d] = rule_index(R_CLAMP, index[d], n);
    } else {
      index[d] = near_index(rule, index[d], n, r);
    }
  }
  Scalar *plain = s_read(s->tensor, index, NULL);
  return inside ? s_op3(OP_WHERE, inside, plain, s_const((Dtype)s->dtype, 0)) : plain;
}

/* Whether `known` says that d >= 0: some part of it is d - c >= 0, with c >= 0. */
static bool says(const Scalar *known, Scalar *d) {
  int64_t more;
  if (known->kind == S_OP && known->op == OP_AND)
    return says(known->arg[0], d) || says(known->arg[1], d);
  Scalar *e = order_gap(known);
  return e && s_const_value(s_sub(d, e), &more) && more >= 0;
}

/* What `cond` asks beyond `known`; NULL: nothing. */
static Scalar *unsaid(Scalar *cond, const Scalar *known) {
  if (cond->kind == S_OP && cond->op == OP_AND) {
    Scalar *x = unsaid(cond->arg[0], known), *y = unsaid(cond->arg[1], known);
    return and_all(x, y);
  }
  Scalar *d = order_gap(cond);
  return d && says(known, d) ? NULL : cond;
}

static void find_order(void *ctx, Scalar *s) {
  if (order_gap(s)) *(bool *)ctx = true;
}

/* where(c and d, x, y) as where(d, x, y), where c is known. */
static Scalar *drop_said(void *ctx, Scalar *s) {
  if (s->op != OP_WHERE) return NULL;
  Scalar *rest = unsaid(s->arg[0], ctx);
  if (rest == s->arg[0]) return NULL;
  return rest ? s_op3(OP_WHERE, rest, s->arg[1], s->arg[2]) : s->arg[1];
}

/* What c says is known in x of where(c, x, y), and in x of c and x. */
static Scalar *ask_once(void *ctx, Scalar *s) {
  bool order = false;
  (void)ctx;
  if (s->op != OP_WHERE && s->op != OP_AND) return NULL;
  s_walk(s->arg[0], find_order, &order);
  Scalar *in = order ? s_rewrite_ops(s->arg[1], NULL, drop_said, s->arg[0]) : s->arg[1];
  if (in == s->arg[1]) return NULL;
  return s->op == OP_AND ? s_op2(OP_AND, s->arg[0], in) : s_op3(OP_WHERE, s->arg[0], in, s->arg[2]);
}

Scalar *resolve_rules(Scalar *s, int ndom, Scalar **dom) {
  Rules r = {ndom, dom};
  return s_rewrite_ops(s_rewrite(s, resolve, &r), NULL, ask_once, NULL);
}

/* Narrows [lo, hi) of one loop by d >= 0, d = coef * axis + rest. False: it cannot say that. */
static bool narrow(Scalar *d, int axis, Scalar **lo, Scalar **hi) {
  Scalar *coef, *rest;
  int64_t c;
  if (!affine_split(d, axis, &coef, &rest) || !s_const_value(coef, &c) || !c) return false;
  int64_t step = c < 0 ? -c : c;
  Scalar *least = s_op2(OP_FLOORDIV, s_sub(s_int(step - 1), rest), s_int(step)); /* -rest / step, up */
  if (c > 0) *lo = s_op2(OP_MAX, *lo, least);
  else *hi = s_op2(OP_MIN, *hi, s_sub(s_int(1), least));
  return true;
}

typedef struct Bounds {
  int n;
  const int *axis;
  int lane;
  Scalar *lanes;
  Scalar **lo, **hi;
} Bounds;

/* Spends the conditions of `cond` on bounds; returns what is left, NULL: nothing. */
static Scalar *spend(const Bounds *b, Scalar *cond) {
  if (cond->kind == S_OP && cond->op == OP_AND) {
    Scalar *x = spend(b, cond->arg[0]), *y = spend(b, cond->arg[1]);
    return and_all(x, y);
  }
  Scalar *d = order_gap(cond), *coef, *rest;
  int64_t c;
  if (!d || s_has_read(d)) return cond;
  if (b->lane >= 0 && s_uses_axis(d, b->lane)) { /* what the lane that reaches farthest allows */
    if (!affine_split(d, b->lane, &coef, &rest) || !s_const_value(coef, &c)) return cond;
    d = c > 0 ? s_add(rest, s_mul(coef, s_sub(b->lanes, s_int(1)))) : rest;
    for (int k = b->n - 1; k >= 0; k--)
      if (s_uses_axis(d, b->axis[k])) {
        narrow(d, b->axis[k], &b->lo[k], &b->hi[k]);
        break;
      }
    return cond;
  }
  for (int k = b->n - 1; k >= 0; k--)
    if (s_uses_axis(d, b->axis[k]))
      return narrow(d, b->axis[k], &b->lo[k], &b->hi[k]) ? NULL : cond;
  return cond;
}

/* Moves guards of factors outwards: where(c, x, 0) * y -> where(c, x * y, 0). */
static Scalar *lift_guards(Scalar *s, Scalar **guard) {
  if (s->kind == S_OP && s->op == OP_WHERE && s_is_const(s->arg[2], 0)) {
    *guard = *guard ? s_op2(OP_AND, *guard, s->arg[0]) : s->arg[0];
    return lift_guards(s->arg[1], guard);
  }
  if (s->kind == S_OP && s->op == OP_MUL) {
    Scalar *x = lift_guards(s->arg[0], guard), *y = lift_guards(s->arg[1], guard);
    return x == s->arg[0] && y == s->arg[1] ? s : s_mul(x, y);
  }
  return s;
}

Scalar *tighten_bounds(Scalar *body, int n, const int *axis, int lane, Scalar *lanes, Scalar **lo,
                       Scalar **hi) {
  Scalar *guard = NULL, *b = lift_guards(body, &guard);
  if (!guard) return body;
  Bounds all = {n, axis, lane, lanes, lo, hi};
  Scalar *rest = spend(&all, guard);
  return rest ? s_op3(OP_WHERE, rest, b, s_const((Dtype)b->dtype, 0)) : b;
}
