/*
** power.c: powers that are a few products and roots
**
**   x^6   ->   (x * x * x) * (x * x * x)        x^-1.5   ->   1 / (x * sqrt(x))
**   x^1.25   ->   x * sqrt(sqrt(x))             x^0.75   ->   sqrt(x) * sqrt(sqrt(x))
**
** Each product rounds: of x^12 the error is some units in the last place. What would be denormal
** may become 0, and -inf has no root, as in x^0.5 of rules.def. Done once derivatives are taken, which are powers
** themselves.
*/
#include <math.h>
#include "ir.h"

enum { MOST = 12, MOST_BESIDE_ROOT = 4 };

static Scalar *whole_power(Scalar *x, int n) {
  if (n == 1) return x;
  Scalar *rest = whole_power(x, n % 2 ? n - 1 : n / 2);
  return s_mul(rest, n % 2 ? x : rest);
}

/* x^(quarters / 4) */
static Scalar *root_power(Scalar *x, int quarters) {
  Scalar *root = s_op1(OP_SQRT, x);
  if (quarters == 2) return root;
  Scalar *fourth = s_op1(OP_SQRT, root);
  return quarters == 1 ? fourth : s_mul(root, fourth);
}

Scalar *power_form(const Scalar *s) {
  if (s->kind != S_OP || s->op != OP_POW || s->arg[1]->kind != S_CONST) return NULL;
  double c = s->arg[1]->f, whole = floor(fabs(c)), quarters = 4 * (fabs(c) - whole);
  if (!dtype_is_float((Dtype)s->dtype) || !(whole <= (quarters > 0 ? MOST_BESIDE_ROOT : MOST)))
    return NULL;
  if (quarters != floor(quarters) || c == 0) return NULL;
  Scalar *x = s->arg[0], *p = whole > 0 ? whole_power(x, (int)whole) : NULL;
  if (quarters > 0) {
    Scalar *root = root_power(x, (int)quarters);
    p = p ? s_mul(p, root) : root;
  }
  return c < 0 ? s_op2(OP_DIV, s_const((Dtype)s->dtype, 1), p) : p;
}
