/*
** stable_hand.c: sums of exponentials whose largest exponent the script subtracted itself
**
**   m + log(exp(a - m) + exp(b - m) + exp(c - m)),    m = maximum(maximum(a, b), c)
**   m - log(exp(m - a) + exp(m - b) + exp(m - c)),    m = minimum(minimum(a, b), c)
**
** These are stable as they are. Another shift would cost as much again, and only m's derivative is
** in the way: it is the same whatever m is.
*/
#include "stable.h"

/* x where s is where(isinf(x), 0, x), as stable_exp.c writes shifts; else s. */
static Scalar *without_guard(Scalar *s) {
  bool guard = s->kind == S_OP && s->op == OP_WHERE && s_is_const(s->arg[1], 0) &&
               s->arg[0]->kind == S_OP && s->arg[0]->op == OP_ISINF &&
               s->arg[0]->arg[0] == s->arg[2];
  return guard ? s->arg[2] : s;
}

/* Adds to leaf[] what `op` of all is s; false: too many. */
static bool leaves(const Barrier *b, Scalar *s, OpCode op, int *n, Scalar **leaf) {
  Scalar *x = stable_look(b, s);
  if (x->kind == S_OP && x->op == op)
    return leaves(b, x->arg[0], op, n, leaf) && leaves(b, x->arg[1], op, n, leaf);
  if (*n == MAX_TERMS) return false;
  leaf[(*n)++] = stable_view(b, s);
  return true;
}

/* A term of exponents, `plus` or minus, and whether `largest` or else the smallest of all is in it. */
typedef struct Shift { Scalar *term; bool plus, largest; } Shift;

/* Whether x is leaf, or -leaf, and the shift. */
static bool is_shifted(const Barrier *b, Scalar *x, Scalar *leaf, const Shift *by) {
  Split d = {0};
  return split_add(b, &d, x, false) && split_add(b, &d, leaf, by->largest) &&
         split_add(b, &d, by->term, by->plus) && d.nplus + d.nminus == 0;
}

/* Whether by's term has the extreme of just the exponents e[] without it: those go to plain[]. */
static bool is_extreme(const Barrier *b, int n, Scalar *const *e, Shift by, Scalar **plain) {
  Scalar *x = stable_look(b, without_guard(stable_look(b, by.term))), *leaf[MAX_TERMS];
  bool met[MAX_TERMS] = {false};
  int nleaf = 0;
  by.largest = !by.plus;
  if (x->kind == S_OP && x->op == OP_NEG) {
    x = stable_look(b, x->arg[0]);
    by.largest = by.plus;
  }
  if (!leaves(b, x, by.largest ? OP_MAX : OP_MIN, &nleaf, leaf) || nleaf < 2) return false;
  for (int k = 0; k < n; k++) {
    int at = -1;
    for (int i = 0; i < nleaf; i++)
      if (is_shifted(b, e[k], leaf[i], &by)) met[at = i] = true;
    if (at < 0) return false;
    plain[k] = by.largest ? leaf[at] : s_op1(OP_NEG, leaf[at]);
  }
  for (int i = 0; i < nleaf; i++)
    if (!met[i]) return false;
  return true;
}

Scalar *stable_by_hand(const Barrier *b, int n, Scalar **e, bool *guarded) {
  Split first = {0};
  Scalar *plain[MAX_TERMS];
  *guarded = false;
  if (!split_add(b, &first, e[0], false)) return NULL;
  for (int k = 0; k < first.nplus + first.nminus; k++) {
    bool plus = k < first.nplus;
    Shift by = {plus ? first.plus[k] : first.minus[k - first.nplus], plus, false};
    if (!is_extreme(b, n, e, by, plain)) continue;
    Scalar *term = stable_look(b, by.term);
    *guarded = without_guard(term) != term;
    for (int i = 0; i < n; i++) e[i] = plain[i];
    return plus ? s_op1(OP_NEG, by.term) : by.term;
  }
  return NULL;
}
