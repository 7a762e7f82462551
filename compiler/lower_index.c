/*
** lower_index.c: reads under boundary rules as plain reads
**
**   mirror(x)[i - 3]          x[min(max(i - 3, 2 - i), 2 * n - 1 - max(..))]
**   zero_outside(x)[i + k]    where(0 <= i + k && i + k < n, x[i + k], 0)
*/
#include "lower.h"

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
      Scalar *ok = rule_inside(index[d], n);
      inside = inside ? s_op2(OP_AND, inside, ok) : ok;
    } else {
      index[d] = near_index(rule, index[d], n, r);
    }
  }
  Scalar *plain = s_read(s->tensor, index, NULL);
  return inside ? s_op3(OP_WHERE, inside, plain, s_const((Dtype)s->dtype, 0)) : plain;
}

Scalar *resolve_rules(Scalar *s, int ndom, Scalar **dom) {
  Rules r = {ndom, dom};
  return s_rewrite(s, resolve, &r);
}
