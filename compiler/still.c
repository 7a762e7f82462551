/*
** still.c: what of a body does not move along all axes is differentiated after a sum over the others
**
**   y = sum n.  f(p[n] * r)     with r = 1 - 2 * (q * q), which does not move with n
**   r_bar = sum n.  f'(p[n] * r) * p[n] * y_bar          q_bar += -4 * q * r_bar
**
** instead of -4 * q for every n: one number a subexpression is summed, and what leads from there to
** the parameters is done once. Rotations of points, variances of groups and the like are so.
** What is read under a choice stays as it is, since it may be no number where it is not chosen; but
** for what is evaluated outside of choices, too, and has finite derivatives, as of a robust loss
** of one residual.
*/
#include "diff.h"
#include "fuse.h"

enum {
  MOST_SUMS = 24,  /* instead of one for each read: more would not be held in registers */
  LEAST_TERMS = 64 /* of such a sum: fewer are no less work where they stand */
};

static int tape_place(const Tape *t, const Scalar *s) { return idmap_get(&t->at, s->id) - 1; }

/* Marks what is evaluated under a choice of t's body, at any place. */
static bool *under_choice(Arena *a, const Tape *t) {
  bool *under = NEWN(a, bool, t->n + 1);
  for (int i = t->n - 1; i >= 0; i--) {
    const Scalar *s = t->s[i];
    for (int k = 0; s->kind == S_OP && k < s->narg; k++) {
      int at = tape_place(t, s->arg[k]);
      if (at >= 0 && (under[i] || (s->op == OP_WHERE && k > 0))) under[at] = true;
    }
  }
  return under;
}

/* Whether the derivatives of an operation are finite where its arguments are. */
static bool is_tame(const Scalar *s) {
  if (s->kind == S_READ) return true;
  switch (s->kind == S_OP ? (OpCode)s->op : OP_DIV) {
  case OP_ADD: case OP_SUB: case OP_MUL: case OP_NEG: case OP_CAST: case OP_SIN: case OP_COS:
  case OP_TANH: case OP_SIGMOID:
    return true;
  default: return false;
  }
}

/* Marks what of s is evaluated whatever is chosen. */
static void mark_always(IdMap *always, const Scalar *s) {
  if (idmap_get(always, s->id) >= 0) return;
  idmap_set(always, s->id, 1);
  bool choice = s->kind == S_OP && (s->op == OP_WHERE || s->op == OP_AND || s->op == OP_OR);
  for (int k = 0; k < (choice ? 1 : s->narg); k++) mark_always(always, s->arg[k]);
}

/* How many sums still_sum would make. */
static int count_sums(Arena *a, const Tape *t, const Still *s) {
  bool *counted = NEWN(a, bool, t->n + 1);
  int n = 0;
  for (int i = 0; i < t->n; i++)
    for (int k = 0; t->s[i]->kind == S_OP && k < t->s[i]->narg; k++) {
      int at = tape_place(t, t->s[i]->arg[k]);
      if (at < 0 || counted[at] || t->s[at]->kind != S_OP || s->axes[at] == s->axes[i]) continue;
      counted[at] = true;
      n++;
    }
  return n;
}

/* Whether what moves along these axes of y alone is the same for many points. */
static bool is_still(const Node *y, unsigned axes) {
  Scalar *other[MAX_AXES];
  int n = 0;
  for (int p = 0; p < y->ndom; p++)
    if (!(axes >> p & 1)) other[n++] = y->dom[p];
  return y->ndom - n <= MAX_RANK && usual_count(n, other) >= LEAST_TERMS;
}

/* Finds, for all of the tape of y's body, the axes it moves along; false: none is worth it. */
bool still_of(Arena *a, const Tape *t, Node *y, Still *s) {
  bool *under = under_choice(a, t), *tame = NEWN(a, bool, t->n + 1), any = false;
  IdMap always = {.a = a};
  if (t->n) mark_always(&always, t->s[t->n - 1]);
  s->y = y;
  s->all = (1u << y->ndom) - 1;
  s->axes = NEWN(a, unsigned, t->n + 1);
  for (int i = 0; i < t->n; i++) {
    const Scalar *e = t->s[i];
    unsigned args = 0;
    tame[i] = is_tame(e) && idmap_get(&always, e->id) >= 0;
    for (int k = 0; e->kind == S_OP && k < e->narg; k++) {
      int at = tape_place(t, e->arg[k]);
      if (at >= 0) args |= s->axes[at], tame[i] = tame[i] && tame[at];
    }
    unsigned own = args | (under[i] && !tame[i] ? s->all : (unsigned)e->axes);
    if (!is_still(y, own)) own = s->all;
    s->axes[i] = own;
    any = any || (e->kind == S_OP && own != s->all);
  }
  return any && count_sums(a, t, s) <= MOST_SUMS;
}

/* v without its factors that use the axes `to` alone, of which *factor, NULL at first, gets the
** product; NULL: nothing is left. */
static Scalar *take_factors(unsigned to, Scalar *v, Scalar **factor) {
  if (!(v->axes & ~(uint64_t)to)) {
    *factor = *factor ? s_mul(*factor, v) : v;
    return NULL;
  }
  if (v->kind != S_OP || (v->op != OP_MUL && v->op != OP_NEG)) return v;
  Scalar *x = take_factors(to, v->arg[0], factor);
  if (v->op == OP_NEG) {
    Scalar *minus = s_const((Dtype)v->dtype, -1);
    *factor = *factor ? s_mul(minus, *factor) : minus;
    return x;
  }
  Scalar *y = take_factors(to, v->arg[1], factor);
  return x && y ? s_mul(x, y) : x ? x : y;
}

/* The sum of v, a function of the axes `from`, over those of them that are not in `to`. */
Scalar *still_sum(const Still *s, unsigned from, unsigned to, Scalar *v) {
  Scalar *by[MAX_AXES] = {NULL}, *dim[MAX_AXES], *red[MAX_AXES], *index[MAX_AXES], *factor = NULL;
  int rank = 0, nred = 0;
  for (int p = 0; p < s->y->ndom; p++)
    if (to >> p & 1) {
      dim[rank] = s->y->dom[p];
      index[rank] = s_axis(p);
      by[p] = s_axis(rank++);
    }
  for (int p = 0; p < s->y->ndom; p++)
    if ((from & ~to) >> p & 1) {
      red[nred] = s->y->dom[p];
      by[p] = s_axis(rank + nred++);
    }
  if (s->whole && from == s->all) v = s_replace(v, s->whole, s_at(s->y, 0));
  Scalar *rest = take_factors(to, v, &factor);
  if (!rest) rest = s_const((Dtype)v->dtype, 1);
  Node *sum = n_reduce(C_SUM, rank, dim, nred, red, s_subst_axes(rest, s->y->ndom, by));
  Scalar *read = s_read(sum, index, NULL);
  return factor ? s_mul(factor, read) : read;
}
