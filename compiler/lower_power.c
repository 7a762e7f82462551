/*
** lower_power.c: exponentials that are squares of others
**
**   y = exp(-0.1 * d) + exp(-0.05 * d)        e = exp(-0.05 * d);  y = e * e + e
**
** Kernels of several bandwidths and the like need exp(c x) and exp(2 c x) of one x; doubling is
** exact, so that only the error of e doubles. A chain of MOST_SQUARES has at most 8 times that
** error, some units in the last place. What overflows or vanishes does so either way.
*/
#include "lower.h"
#include <math.h>

enum { MOST_EXPS = 32, MOST_SQUARES = 3 };

typedef struct Power {
  Scalar *exp, *x, *by; /* exp(factor * x), and what it is computed as */
  double factor;
  int squares;          /* of another, so often */
} Power;

typedef struct Powers {
  int n;
  Power at[MOST_EXPS];
} Powers;

/* factor * x of an exponent. */
static void split_exponent(Scalar *e, Power *p) {
  p->x = e;
  p->factor = 1;
  if (e->kind != S_OP) return;
  if (e->op == OP_NEG) {
    split_exponent(e->arg[0], p);
    p->factor = -p->factor;
  } else if (e->op == OP_MUL) {
    int k = e->arg[0]->kind == S_CONST ? 0 : 1;
    if (e->arg[k]->kind != S_CONST) return;
    p->factor = e->arg[k]->f;
    p->x = e->arg[1 - k];
  }
}

static void find_powers(void *ctx, Scalar *s) {
  Powers *all = ctx;
  if (s->kind != S_OP || s->op != OP_EXP || all->n == MOST_EXPS) return;
  for (int k = 0; k < all->n; k++)
    if (all->at[k].exp == s) return;
  Power *p = &all->at[all->n++];
  *p = (Power){.exp = s, .by = s};
  split_exponent(s->arg[0], p);
}

/* Finds what each is the square of; the smaller exponents come first, so that theirs is known. */
static void find_roots(Powers *all) {
  for (int i = 0; i < all->n; i++) {
    int least = i;
    for (int k = i; k < all->n; k++)
      if (fabs(all->at[k].factor) < fabs(all->at[least].factor)) least = k;
    Power p = all->at[least];
    all->at[least] = all->at[i];
    for (int k = 0; k < i; k++) {
      const Power *r = &all->at[k];
      if (r->x != p.x || 2 * r->factor != p.factor || r->squares == MOST_SQUARES) continue;
      p.by = s_mul(r->by, r->by);
      p.squares = r->squares + 1;
    }
    all->at[i] = p;
  }
}

/* The statements of one body, those of inner loops by themselves. */
void lower_powers(Stmt *block) {
  Powers all = {0};
  for (int i = 0; i < block->n; i++) {
    Stmt *s = block->body[i];
    if (s->n) lower_powers(s);
    if (s->value && s->n == 0) s_walk(s->value, find_powers, &all);
  }
  find_roots(&all);
  for (int k = 0; k < all.n; k++) {
    const Power *p = &all.at[k];
    for (int i = 0; i < block->n && p->by != p->exp; i++) {
      Stmt *s = block->body[i];
      if (s->value && s->n == 0) s->value = s_replace(s->value, p->exp, p->by);
    }
  }
}
