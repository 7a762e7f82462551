/*
** lower_factor.c: terms of a sum that share a factor are added up before they are multiplied
**
**   nu * g[i] + u[i] * g[i]        (nu + u[i]) * g[i]
**
** The derivative of a polynomial says each factor once for every term it is in. What is the same
** for all elements is multiplied with one term beside it first, since that is done outside of
** loops; a product that something else needs, too, stays as it is.
*/
#include "diff.h"
#include "lower.h"

enum { MOST_TERMS = 24, MOST_FACTORS = 8 };

/* factor[0] * factor[1] * .., or less that. */
typedef struct Addend {
  bool minus;
  int n;
  Scalar *factor[MOST_FACTORS];
} Addend;

typedef struct Addends {
  int n;
  Addend term[MOST_TERMS];
} Addends;

typedef struct Factoring {
  const Kernel *k;
  IdMap uses, at;       /* by id of a Scalar: how often it is used, and what it became */
  int n, cap;
  Scalar **now;
} Factoring;

static void count_uses(Factoring *f, Scalar *s) {
  int n = idmap_get(&f->uses, s->id);
  idmap_set(&f->uses, s->id, n < 0 ? 1 : n + 1);
  for (int k = 0; k < s->narg && n < 0; k++) count_uses(f, s->arg[k]);
}

static bool is_op(const Scalar *s, OpCode op) {
  return s->kind == S_OP && (OpCode)s->op == op && dtype_is_float((Dtype)s->dtype);
}

static bool is_sum(const Scalar *s) {
  return is_op(s, OP_ADD) || is_op(s, OP_SUB) || is_op(s, OP_NEG);
}

static bool used_once(const Factoring *f, const Scalar *s) {
  return idmap_get(&f->uses, s->id) <= 1;
}

/* Whether s is another for other elements: of arguments without axes only locals are. */
static bool varies(const Factoring *f, const Scalar *s) {
  if (s_has_axis(s)) return true;
  if (s->kind == S_READ) return !formal_of(f->k, s->tensor);
  for (int k = 0; k < s->narg; k++)
    if (varies(f, s->arg[k])) return true;
  return false;
}

/* Adds the factors of s to t; false: they are too many. */
static bool split_product(const Factoring *f, Scalar *s, Addend *t) {
  if (is_op(s, OP_NEG) && used_once(f, s)) {
    t->minus = !t->minus;
    return split_product(f, s->arg[0], t);
  }
  if (is_op(s, OP_MUL) && used_once(f, s))
    return split_product(f, s->arg[0], t) && split_product(f, s->arg[1], t);
  if (t->n == MOST_FACTORS) return false;
  t->factor[t->n++] = s;
  return true;
}

/* Adds the terms of s, or of -s, to sum; false: they are too many. `top`: s is the sum itself. */
static bool split_sum(const Factoring *f, Scalar *s, bool minus, bool top, Addends *sum) {
  if (is_sum(s) && (top || used_once(f, s))) {
    if (is_op(s, OP_NEG)) return split_sum(f, s->arg[0], !minus, false, sum);
    return split_sum(f, s->arg[0], minus, false, sum) &&
           split_sum(f, s->arg[1], minus != is_op(s, OP_SUB), false, sum);
  }
  if (sum->n == MOST_TERMS) return false;
  Addend *t = &sum->term[sum->n++];
  *t = (Addend){.minus = minus};
  return split_product(f, s, t);
}

/* Where x is among the factors of t, which has others; -1: it is not. A factor that does not vary
** only where all others do. */
static int shared_at(const Factoring *f, const Addend *t, const Scalar *x) {
  int at = -1;
  if (t->n < 2) return -1;
  for (int k = 0; k < t->n && at < 0; k++)
    if (t->factor[k] == x) at = k;
  for (int k = 0; k < t->n && at >= 0 && !varies(f, x); k++)
    if (k != at && !varies(f, t->factor[k])) return -1;
  return at;
}

/* The factor that most terms share, what varies before others, the first of these; NULL: none. */
static Scalar *best_factor(const Factoring *f, const Addends *sum) {
  Scalar *best = NULL;
  int most = 1;
  bool moves = false;
  for (int i = 0; i < sum->n; i++)
    for (int k = 0; k < sum->term[i].n; k++) {
      Scalar *x = sum->term[i].factor[k];
      int n = 0;
      for (int j = 0; j < sum->n; j++) n += shared_at(f, &sum->term[j], x) >= 0;
      if (n < 2 || n < most || (n == most && (moves || !varies(f, x)))) continue;
      most = n;
      best = x;
      moves = varies(f, x);
    }
  return best;
}

/* x * y as it stands: rules would take a number out of it. */
static Scalar *times(Scalar *x, Scalar *y) {
  Scalar *arg[] = {x, y};
  return s_raw(OP_MUL, (Dtype)x->dtype, 2, arg);
}

/* The product of the factors of a term, those that do not vary first. */
static Scalar *product_of(const Factoring *f, const Addend *t) {
  Scalar *product = NULL;
  for (int moves = 0; moves < 2; moves++)
    for (int k = 0; k < t->n; k++)
      if (varies(f, t->factor[k]) == (moves == 1))
        product = product ? times(product, t->factor[k]) : t->factor[k];
  return product;
}

static Scalar *sum_of(const Factoring *f, const Addends *sum) {
  Scalar *total = NULL;
  for (int i = 0; i < sum->n; i++) {
    Scalar *x = product_of(f, &sum->term[i]);
    if (!total) total = sum->term[i].minus ? s_op1(OP_NEG, x) : x;
    else total = s_op2(sum->term[i].minus ? OP_SUB : OP_ADD, total, x);
  }
  return total;
}

/* Takes x out of the terms that have it, which become one. */
static void take_out(const Factoring *f, Addends *sum, Scalar *x) {
  Addends *rest = NEWN(f->at.a, Addends, 1);
  int kept = 0, place = -1;
  for (int i = 0; i < sum->n; i++) {
    Addend t = sum->term[i];
    int at = shared_at(f, &t, x);
    if (at < 0) {
      sum->term[kept++] = t;
      continue;
    }
    if (place < 0) place = kept++;
    for (int k = at; k + 1 < t.n; k++) t.factor[k] = t.factor[k + 1];
    t.n--;
    rest->term[rest->n++] = t;
  }
  sum->n = kept;
  for (Scalar *y; (y = best_factor(f, rest));) take_out(f, rest, y);
  bool minus = rest->term[0].minus;
  for (int i = 0; i < rest->n; i++) rest->term[i].minus = rest->term[i].minus != minus;
  sum->term[place] = (Addend){minus, 2, {x, sum_of(f, rest)}};
}

static Scalar *factored(Factoring *f, Scalar *s);

/* s over what its arguments became. */
static Scalar *over_factored(Factoring *f, Scalar *s) {
  Scalar *arg[MAX_RANK + 4];
  bool same = true;
  if (s->kind != S_OP) return s;
  for (int k = 0; k < s->narg; k++) {
    arg[k] = factored(f, s->arg[k]);
    same = same && arg[k] == s->arg[k];
  }
  return same ? s : s_with_args(s, arg);
}

/* Whether several factors of a term do not vary, and others do. */
static bool has_constants(const Factoring *f, const Addend *t) {
  int still = 0;
  for (int k = 0; k < t->n; k++) still += !varies(f, t->factor[k]);
  return still > 1 && still < t->n;
}

/* The product s with those of its factors first that do not vary; NULL: it stays as it is. */
static Scalar *constants_first(Factoring *f, Scalar *s) {
  Addend t = {0};
  bool all = split_product(f, s->arg[0], &t) && split_product(f, s->arg[1], &t);
  if (!all || !has_constants(f, &t)) return NULL;
  for (int k = 0; k < t.n; k++) t.factor[k] = factored(f, t.factor[k]);
  Scalar *product = product_of(f, &t);
  return t.minus ? s_op1(OP_NEG, product) : product;
}

static Scalar *factored(Factoring *f, Scalar *s) {
  int at = idmap_get(&f->at, s->id);
  if (at >= 0) return f->now[at];
  Scalar *now = NULL;
  if (is_sum(s)) {
    Addends *sum = NEWN(f->at.a, Addends, 1);
    Scalar *x = split_sum(f, s, false, true, sum) ? best_factor(f, sum) : NULL;
    if (x) {
      for (int i = 0; i < sum->n; i++)
        for (int k = 0; k < sum->term[i].n; k++)
          sum->term[i].factor[k] = factored(f, sum->term[i].factor[k]);
      while ((x = best_factor(f, sum))) take_out(f, sum, x);
      now = sum_of(f, sum);
    }
  }
  if (is_op(s, OP_MUL)) now = constants_first(f, s);
  if (!now) now = over_factored(f, s);
  if (f->n == f->cap) {
    int cap = f->cap ? 2 * f->cap : 64;
    Scalar **old = f->now;
    f->now = NEWN(f->at.a, Scalar *, cap);
    for (int i = 0; i < f->n; i++) f->now[i] = old[i];
    f->cap = cap;
  }
  idmap_set(&f->at, s->id, f->n);
  f->now[f->n++] = now;
  return now;
}

static void count_block(Factoring *f, const Stmt *block) {
  for (int i = 0; i < block->n; i++) {
    if (block->body[i]->value) count_uses(f, block->body[i]->value);
    count_block(f, block->body[i]);
  }
}

static void factor_block(Factoring *f, Stmt *block) {
  for (int i = 0; i < block->n; i++) {
    Stmt *s = block->body[i];
    if (s->value && dtype_is_float((Dtype)s->value->dtype)) s->value = factored(f, s->value);
    factor_block(f, s);
  }
}

void lower_factors(Low *l) {
  Arena *a = arena_new();
  Factoring f = {.k = l->k, .uses = {.a = a}, .at = {.a = a}};
  count_block(&f, l->k->body);
  factor_block(&f, l->k->body);
  arena_free(a);
}
