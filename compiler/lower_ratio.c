/*
** lower_ratio.c: quotients by what is inverted beside them are products
**
**   y = x / s;  y_bar = g * (1 / s)        r = 1 / s;  y = x * r;  y_bar = g * r
**
** A quotient derives to the inverse of its denominator, and a division takes as long as ten products.
** It rounds once more then, as the derivative does. Without an inverse beside it, it stays as it is.
*/
#include "lower.h"

enum { MOST_RATIOS = 16 };

typedef struct Ratios {
  int n;
  Scalar *by[MOST_RATIOS]; /* denominators of inverses */
} Ratios;

static bool is_division(const Scalar *s) {
  return s->kind == S_OP && s->op == OP_DIV && dtype_is_float((Dtype)s->dtype) &&
         s->arg[1]->kind != S_CONST;
}

static int ratio_at(const Ratios *all, const Scalar *by) {
  for (int k = 0; k < all->n; k++)
    if (all->by[k] == by) return k;
  return -1;
}

static void find_inverse(void *ctx, Scalar *s) {
  Ratios *all = ctx;
  if (!is_division(s) || !s_is_const(s->arg[0], 1)) return;
  if (all->n < MOST_RATIOS && ratio_at(all, s->arg[1]) < 0) all->by[all->n++] = s->arg[1];
}

static Scalar *by_inverse(void *ctx, Scalar *s) {
  if (!is_division(s) || s_is_const(s->arg[0], 1) || ratio_at(ctx, s->arg[1]) < 0) return NULL;
  return s_mul(s->arg[0], s_op2(OP_DIV, s_const((Dtype)s->dtype, 1), s->arg[1]));
}

/* The statements of one body, those of inner loops by themselves. */
void lower_ratios(Stmt *block) {
  Ratios all = {0};
  for (int i = 0; i < block->n; i++) {
    Stmt *s = block->body[i];
    if (s->n) lower_ratios(s);
    else if (s->value) s_walk(s->value, find_inverse, &all);
  }
  for (int i = 0; i < block->n && all.n; i++) {
    Stmt *s = block->body[i];
    if (s->value && s->n == 0) s->value = s_rewrite_ops(s->value, NULL, by_inverse, &all);
  }
}
