/*
** fuse_into.c: a scatter whose sum is only added to a tensor goes straight into it
**
**   S[ids[t], j] += v[t, j];   p'[i, j] = p[i, j] - 0.1 * S[i, j]
**   becomes   p'[i, j] = p[i, j];   p'[ids[t], j] += -0.1 * v[t, j]
**
** Where p' takes the place of p the copy is nothing, and a training step of an embedding costs what
** its batch does, whatever the size of the table.
*/
#include "fuse.h"

static bool here(const Scalar *s, const Node *of) {
  if (s->kind != S_READ || (of && s->tensor != of)) return false;
  for (int d = 0; d < s->narg; d++) {
    bool only = s_is_int(s->arg[d], 0) && s_is_int(s->tensor->dim[d], 1);
    if (s->rule[d] != R_NONE || !(only || (s->arg[d]->kind == S_AXIS && s->arg[d]->axis == d)))
      return false;
  }
  return true;
}

/* The factor f of s = f * of[here], a Scalar without axes; NULL: s is something else. */
static Scalar *factor_of(Scalar *s, const Node *of) {
  if (here(s, of)) return dtype_is_float((Dtype)s->dtype) ? s_const((Dtype)s->dtype, 1) : s_int(1);
  if (s->kind != S_OP) return NULL;
  if (s->op == OP_NEG) {
    Scalar *f = factor_of(s->arg[0], of);
    return f ? s_op1(OP_NEG, f) : NULL;
  }
  if (s->op != OP_MUL) return NULL;
  for (int k = 0; k < 2; k++) {
    Scalar *f = factor_of(s->arg[k], of);
    if (!f) continue;
    return s_has_axis(s->arg[1 - k]) ? NULL : s_mul(s->arg[1 - k], f);
  }
  return NULL;
}

/* Whether n is base[here] + factor * s[here] for the scatter s; then *base, and *scatter, which is
** s times the factor. */
bool scatters_into(const Node *n, Node *s, Node **base, Node **scatter) {
  if (!n_is_map(n) || !n_is_scatter(s) || s->comb != C_SUM || s->rank == 0) return false;
  if (s->windex[0]->kind == S_AXIS || s->dtype != n->dtype || !n_same_shape(n, s)) return false;
  Scalar *b = n->body;
  if (b->kind != S_OP || (b->op != OP_ADD && b->op != OP_SUB)) return false;
  for (int k = 0; k < (b->op == OP_ADD ? 2 : 1); k++) {
    Scalar *to = b->arg[k], *factor = here(to, NULL) ? factor_of(b->arg[1 - k], s) : NULL;
    if (!factor || to->tensor == s || !n_same_shape(to->tensor, n)) continue;
    if (b->op == OP_SUB) factor = s_op1(OP_NEG, factor);
    *base = to->tensor;
    *scatter = n_comp((Dtype)s->dtype, C_SUM, s->rank, s->dim, s->ndom, s->dom, s->windex,
                      s->wrule, s_mul(factor, s->body));
    return (*scatter)->kind == N_COMP && n_is_scatter(*scatter);
  }
  return false;
}
