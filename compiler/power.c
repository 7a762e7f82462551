/*
** power.c: powers that are a few products, and a root
**
**   x^6   ->   (x * x * x) * (x * x * x)        x^-1.5   ->   1 / (x * sqrt(x))
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

Scalar *power_form(const Scalar *s) {
  if (s->kind != S_OP || s->op != OP_POW || s->arg[1]->kind != S_CONST) return NULL;
  double c = s->arg[1]->f, whole = floor(fabs(c));
  bool root = fabs(c) - whole == 0.5;
  if (!dtype_is_float((Dtype)s->dtype) || !(whole <= (root ? MOST_BESIDE_ROOT : MOST))) return NULL;
  if (!root && fabs(c) != whole) return NULL;
  Scalar *x = s->arg[0], *p = whole > 0 ? whole_power(x, (int)whole) : NULL;
  if (root) p = p ? s_mul(p, s_op1(OP_SQRT, x)) : s_op1(OP_SQRT, x);
  if (!p) return NULL;
  return c < 0 ? s_op2(OP_DIV, s_const((Dtype)s->dtype, 1), p) : p;
}
