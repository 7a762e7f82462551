/*
** bins.c: what is added to a few places that are data becomes a sum a place
**
**   b[clamp(y[n])] += v[n]      3 places        becomes      b[k] = sum n. where(clamp(y[n]) == k, v[n], 0)
**
** These sums run side by side in lanes, where additions to memory wait for each other; they have
** threads, and loops with what else reads the same. So for levels of a factor, categories, the
** cut points of an ordinal model.
*/
#include "fuse.h"

enum { FEW_PLACES = 8, MANY_TERMS = 32 };

Node *few_places(Node *n) {
  int64_t places;
  Scalar *dom[MAX_AXES];
  if (n->comb != C_SUM || n->rank != 1 || n->ndom + 1 > MAX_AXES) return n;
  if (!dtype_is_float((Dtype)n->dtype) || !s_const_value(n->dim[0], &places)) return n;
  Rule rule = n->wrule ? (Rule)n->wrule[0] : R_NONE;
  if (rule != R_NONE && rule != R_ZERO && rule != R_CLAMP) return n;
  if (places > FEW_PLACES || usual_count(n->ndom, n->dom) < MANY_TERMS) return n;
  dom[0] = n->dim[0];
  for (int p = 0; p < n->ndom; p++) dom[p + 1] = s_shift_axes(n->dom[p], 0, 1);
  Scalar *at = s_shift_axes(n->windex[0], 0, 1);
  if (rule == R_CLAMP) at = rule_index(rule, at, n->dim[0]);
  Scalar *here = s_op2(OP_EQ, at, s_axis(0));
  Scalar *zero = s_combine_identity(C_SUM, (Dtype)n->dtype);
  Scalar *body = s_op3(OP_WHERE, here, s_shift_axes(n->body, 0, 1), zero);
  Node *sum = n_reduce(C_SUM, 1, dom, n->ndom, dom + 1, body);
  n_like(sum, n)->loc = n->loc;
  return sum;
}
