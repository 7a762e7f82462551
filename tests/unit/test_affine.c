/*
** test_affine.c: the normal form, ranges and proofs, against plain evaluation of random indices
**
** usage: test_affine [COUNT]
*/
#include <stdlib.h>
#include <string.h>
#include "ir.h"

enum { AXES = 3, SIZES = 2 };
static int failures;
static uint64_t state = 0x9E3779B97F4A7C15u;
static int pick(int n) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (int)((state >> 33) % (uint64_t)n);
}

/* A random index: a tree evaluated plainly, and the Scalar made of it. */
typedef struct Tree {
  int op; /* 0 constant, 1 axis, 2 size, else OpCode */
  int64_t v;
  struct Tree *a, *b;
} Tree;

static Sym *size[SIZES];

static Tree *tree(Arena *a, int op, int64_t v, Tree *x, Tree *y) {
  Tree *t = NEW(a, Tree);
  *t = (Tree){op, v, x, y};
  return t;
}

static Tree *random_tree(Arena *a, int depth);

/* (g x + y) // (g d) or (g x + y) % (g d), where y is about as large as g. */
static Tree *random_digits(Arena *a, int depth, int op) {
  int g = 2 + pick(3), d = 1 + pick(3);
  Tree *x = random_tree(a, depth - 1), *y = pick(2) ? tree(a, -2, 0, NULL, NULL)
                                                     : tree(a, -1, pick(g + 2), NULL, NULL);
  x = tree(a, OP_MUL, 0, tree(a, -1, g, NULL, NULL), x);
  return tree(a, op, 0, tree(a, OP_ADD, 0, x, y), tree(a, -1, g * d, NULL, NULL));
}

static Tree *random_tree(Arena *a, int depth) {
  static const OpCode op[] = {OP_ADD, OP_SUB, OP_MUL, OP_FLOORDIV, OP_MOD, OP_MIN, OP_MAX, OP_ADD};
  Tree *t = NEW(a, Tree);
  if (!depth || pick(5) == 0) {
    t->op = -1 - pick(3);
    t->v = t->op == -1 ? pick(9) - 4 : t->op == -2 ? pick(AXES) : pick(SIZES);
    return t;
  }
  t->op = (int)op[pick(8)];
  if ((t->op == OP_FLOORDIV || t->op == OP_MOD) && pick(3) == 0)
    return random_digits(a, depth, t->op);
  t->a = random_tree(a, depth - 1);
  t->b = random_tree(a, depth - 1);
  if (t->op == OP_FLOORDIV || t->op == OP_MOD) { /* by 1..4, a size, or a product of sizes */
    t->b = NEW(a, Tree);
    t->b->op = pick(2) ? -1 : -3;
    t->b->v = t->b->op == -1 ? 1 + pick(4) : pick(SIZES);
  }
  return t;
}

static Scalar *tree_scalar(const Tree *t) {
  switch (t->op) {
  case -1: return s_int(t->v);
  case -2: return s_axis((int)t->v);
  case -3: return s_size(size[t->v]);
  default: return s_op2((OpCode)t->op, tree_scalar(t->a), tree_scalar(t->b));
  }
}

static int64_t tree_value(const Tree *t, const int64_t *axis, const int64_t *sizes) {
  if (t->op == -1) return t->v;
  if (t->op == -2) return axis[t->v];
  if (t->op == -3) return sizes[t->v];
  Value v[2] = {{.i = tree_value(t->a, axis, sizes)}, {.i = tree_value(t->b, axis, sizes)}};
  return op_eval((OpCode)t->op, DT_I64, v).i;
}

static int64_t value(Scalar *s, const int64_t *axis, const int64_t *sizes) {
  if (s->kind == S_CONST) return s->i;
  if (s->kind == S_AXIS) return axis[s->axis];
  if (s->kind == S_SIZE) return sizes[s->sym->index];
  Value v[3];
  for (int k = 0; k < s->narg; k++) v[k].i = value(s->arg[k], axis, sizes);
  return op_eval((OpCode)s->op, DT_I64, v).i;
}

static void fail(const char *what, const int64_t *axis, const int64_t *sizes, int64_t have,
                 int64_t want) {
  printf("%s at (%d, %d, %d), N=%d M=%d: %lld, want %lld\n", what, (int)axis[0], (int)axis[1],
         (int)axis[2], (int)sizes[0], (int)sizes[1], (long long)have, (long long)want);
  failures++;
}

static void check_tree(Arena *a) {
  Scalar *dom[AXES] = {s_int(1 + pick(4)), s_size(size[0]), s_add(s_size(size[1]), s_int(pick(3)))};
  Tree *t = random_tree(a, 4);
  Scalar *s = tree_scalar(t), *within = simplify_within(s, AXES, dom), *lo, *hi;
  bool ranged = s_range(s, AXES, dom, &lo, &hi), nonneg = ranged && s_prove_ge(lo, s_int(0));
  for (int trial = 0; trial < 8; trial++) {
    int64_t sizes[SIZES] = {1 + pick(5), 1 + pick(5)}, axis[AXES];
    for (int p = 0; p < AXES; p++) axis[p] = pick((int)value(dom[p], NULL, sizes));
    int64_t want = tree_value(t, axis, sizes);
    if (value(s, axis, sizes) != want)
      fail("normal form", axis, sizes, value(s, axis, sizes), want);
    if (value(within, axis, sizes) != want)
      fail("within the domain", axis, sizes, value(within, axis, sizes), want);
    if (ranged && (value(lo, axis, sizes) > want || value(hi, axis, sizes) < want))
      fail("range", axis, sizes, value(lo, axis, sizes), want);
    if (nonneg && want < 0) fail("proof", axis, sizes, 0, want);
  }
}

static void same(const char *what, Scalar *a, Scalar *b) {
  if (a == b) return;
  printf("%s: not one pointer\n", what);
  failures++;
}

static void check_forms(void) {
  Scalar *i = s_axis(0), *j = s_axis(1), *n = s_size(size[0]), *m = s_size(size[1]);
  same("i + 0 - i", s_sub(s_add(i, s_int(0)), i), s_int(0));
  same("i + j", s_add(i, j), s_add(j, i));
  Scalar *q = s_op2(OP_FLOORDIV, i, s_int(6)), *r = s_op2(OP_MOD, i, s_int(6));
  same("6 (i // 6) + i % 6", s_add(s_mul(s_int(6), q), r), i);
  q = s_op2(OP_FLOORDIV, i, s_mul(n, m));
  r = s_op2(OP_MOD, s_op2(OP_FLOORDIV, i, m), n);
  same("unflatten and flatten", s_add(s_mul(s_add(s_mul(q, n), r), m), s_op2(OP_MOD, i, m)), i);
  same("(4 i + 1) // 2", s_op2(OP_FLOORDIV, s_add(s_mul(s_int(4), i), s_int(1)), s_int(2)),
       s_mul(s_int(2), i));
  if (!s_prove_lt(s_int(0), s_mul(n, m)) || s_prove_ge(n, m) ||
      !s_prove_ge(s_add(s_mul(n, m), m), n)) {
    puts("proofs over sizes");
    failures++;
  }
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 20000;
  mod = module_new();
  Arena *a = arena_new();
  size[0] = sym_new("N", -1, (Loc){0});
  size[1] = sym_new("M", -1, (Loc){0});
  check_forms();
  for (int k = 0; k < count && failures < 10; k++) check_tree(a);
  arena_free(a);
  module_free(mod);
  if (failures) printf("%d failures\n", failures);
  return failures > 0;
}
