/*
** print_scalar.c: expressions as a person would write them
**
**   exp(x[i] - m[j]) * (a[k] + 2) ^ 2    where(i < N - 1, mirror(x)[i + 1], 0)
**
** Parentheses stand only where the reading would change without them. A subexpression that is used
** more than once gets a name, `a / (1 + a)  with a = exp(x[i] * y[i])`, so that the text is no
** longer than the DAG is large.
*/
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "print.h"

const Infix infix_table[] = {
    {OP_OR, "or", PREC_OR},     {OP_AND, "and", PREC_AND},    {OP_EQ, "==", PREC_EQ},
    {OP_NE, "!=", PREC_EQ},     {OP_LT, "<", PREC_CMP},       {OP_LE, "<=", PREC_CMP},
    {OP_GT, ">", PREC_CMP},     {OP_GE, ">=", PREC_CMP},      {OP_ADD, "+", PREC_ADD},
    {OP_SUB, "-", PREC_ADD},    {OP_MUL, "*", PREC_MUL},      {OP_DIV, "/", PREC_MUL},
    {OP_FLOORDIV, "//", PREC_MUL}, {OP_MOD, "%", PREC_MUL},   {OP_POW, "^", PREC_POW},
    {OP_ADD, NULL, 0}};

const Infix *infix_of(OpCode op) {
  for (const Infix *x = infix_table; x->text; x++)
    if (x->op == op) return x;
  return NULL;
}

/* The fewest digits that read back as v, without the sign and zeros of an exponent. */
void print_number(Text *t, double v, Dtype type) {
  char s[40];
  if (isnan(v)) {
    text_add(t, "nan");
    return;
  }
  if (isinf(v)) {
    text_add(t, v < 0 ? "-inf" : "inf");
    return;
  }
  for (int digits = 1; digits <= 17; digits++) {
    snprintf(s, sizeof s, "%.*g", digits, v);
    double back = strtod(s, NULL);
    if (type == DT_F32 ? (float)back == (float)v : back == v) break;
  }
  char *e = strchr(s, 'e');
  if (e) {
    int exponent = atoi(e + 1);
    if (exponent >= 0 && exponent < 7)
      snprintf(s, sizeof s, "%.0f", v);
    else
      snprintf(e, sizeof s - (size_t)(e - s), "e%d", exponent);
  }
  text_add(t, "%s", s);
}

static void print_const(Text *t, const Scalar *s, const Naming *names, int prec, int expect) {
  Dtype type = (Dtype)s->dtype;
  if (type == DT_BOOL) {
    text_add(t, s->i ? "true" : "false");
    return;
  }
  bool typed = names->exact && expect != (int)type;
  bool minus = dtype_is_float(type) ? signbit(s->f) && !isnan(s->f) : s->i < 0;
  bool paren = typed || (minus && prec >= PREC_UNARY);
  if (typed) text_add(t, "%s", dtype_name(type));
  if (paren) text_add(t, "(");
  if (dtype_is_float(type))
    print_number(t, s->f, type);
  else
    text_add(t, "%lld", (long long)s->i);
  if (paren) text_add(t, ")");
}

static void print_sub(Text *t, Scalar *s, const Naming *names, int prec, int expect);

static void print_args(Text *t, const Scalar *s, const Naming *names, const int *expect) {
  text_add(t, "(");
  for (int k = 0; k < s->narg; k++) {
    if (k) text_add(t, ", ");
    print_sub(t, s->arg[k], names, 0, expect[k]);
  }
  text_add(t, ")");
}

static bool uniform_rule(int n, const uint8_t *rule) {
  for (int d = 1; d < n; d++)
    if (rule[d] != rule[0]) return false;
  return n > 0 && rule[0] != R_NONE;
}

void print_read(Text *t, const Naming *names, const char *tensor, int n, Scalar **index,
                const uint8_t *rule) {
  bool all = uniform_rule(n, rule);
  if (all)
    text_add(t, "%s(%s)", rule_name((Rule)rule[0]), tensor);
  else
    text_add(t, "%s", tensor);
  if (n) text_add(t, "[");
  for (int d = 0; d < n; d++) {
    Scalar *x = index[d];
    bool own = !all && rule[d] != R_NONE;
    bool widened = x->kind == S_OP && x->op == OP_CAST && !dtype_is_float((Dtype)x->arg[0]->dtype);
    if (d) text_add(t, ", ");
    if (own) text_add(t, "%s(", rule_name((Rule)rule[d]));
    print_sub(t, widened ? x->arg[0] : x, names, 0, DT_I64); /* an index is cast to i64 anyway */
    if (own) text_add(t, ")");
  }
  if (n) text_add(t, "]");
}

/* Whether s is made of literals alone, so that its dtype cannot be seen from it. */
static bool is_literal(const Scalar *s) {
  if (s->kind != S_OP) return s->kind == S_CONST && s->dtype != DT_BOOL;
  if (strchr("cublp", op_info[s->op].kind)) return false;
  for (int k = op_info[s->op].kind == 's'; k < s->narg; k++)
    if (!is_literal(s->arg[k])) return false;
  return true;
}

/* What the place of argument k says about its type: that of its sisters, if one is no literal; else
** what the place of s says. */
static int argument_place(const Scalar *s, int k, int expect) {
  const OpInfo *o = &op_info[s->op];
  int first = o->kind == 's' ? 1 : 0;
  if (o->kind == 'l' || k < first) return DT_BOOL;
  if (o->kind == 'u') return DT_I64;
  if (o->kind == 'c' || o->kind == 'p') return NO_TYPE;
  for (int j = first; j < s->narg; j++)
    if (!is_literal(s->arg[j])) return s->arg[j]->dtype;
  return s->dtype == expect && o->kind != 'b' ? expect : NO_TYPE;
}

/* a + -3 and a + -3 * b are written as differences; only of integers, where that is exact. */
static bool print_difference(Text *t, const Scalar *s, const Naming *names, int place) {
  Scalar *y = s->arg[1];
  if (s->op != OP_ADD || dtype_is_float((Dtype)s->dtype)) return false;
  if (y->kind == S_CONST && y->i < 0 && y->i > INT32_MIN && s->dtype == DT_I64) {
    print_sub(t, s->arg[0], names, PREC_ADD, place);
    text_add(t, " - %lld", (long long)-y->i);
    return true;
  }
  return false;
}

/* x * x is written x^2, which is read back as x * x. */
static void print_infix(Text *t, const Scalar *s, const Naming *names, const Infix *op, int prec,
                        int expect) {
  bool right = op->prec == PREC_POW, compares = op->prec == PREC_CMP || op->prec == PREC_EQ;
  bool square = s->op == OP_MUL && s->arg[0] == s->arg[1] && dtype_is_float((Dtype)s->dtype);
  if (square) op = infix_of(OP_POW);
  bool paren = prec > op->prec;
  int left_place = argument_place(s, 0, expect), right_place = argument_place(s, 1, expect);
  if (paren) text_add(t, "(");
  if (square) {
    print_sub(t, s->arg[0], names, PREC_POW + 1, left_place);
    text_add(t, "^2");
  } else if (!print_difference(t, s, names, left_place)) {
    print_sub(t, s->arg[0], names, op->prec + (right || compares), left_place);
    text_add(t, right ? "%s" : " %s ", op->text);
    print_sub(t, s->arg[1], names, right ? PREC_UNARY + 1 : op->prec + 1, right_place);
  }
  if (paren) text_add(t, ")");
}

static void print_op(Text *t, Scalar *s, const Naming *names, int prec, int expect) {
  OpCode op = (OpCode)s->op;
  const Infix *infix = infix_of(op);
  int place[3];
  bool minus = op == OP_MUL && s->dtype == DT_I64 && s_is_int(s->arg[0], -1); /* i64 has no NEG */
  if (minus || op == OP_NEG || op == OP_NOT) {
    bool paren = prec > PREC_UNARY;
    text_add(t, "%s%s", paren ? "(" : "", op == OP_NOT ? "not " : "-");
    print_sub(t, s->arg[minus], names, PREC_UNARY, argument_place(s, minus, expect));
    if (paren) text_add(t, ")");
  } else if (infix) {
    print_infix(t, s, names, infix, prec, expect);
  } else {
    for (int k = 0; k < s->narg; k++) place[k] = argument_place(s, k, expect);
    if (op == OP_CAST)
      text_add(t, "%s", dtype_name((Dtype)s->dtype));
    else
      text_add(t, op_info[op].kind == 'u' ? "%s_%s" : "%s", op_info[op].name,
               dtype_name((Dtype)s->dtype));
    print_args(t, s, names, place);
  }
}

static void print_reduce(Text *t, Scalar *s, const Naming *names) {
  text_add(t, "%s(", combine_name((Combine)s->op));
  for (int k = 1; k < s->narg; k++) print_sub(t, s->arg[k], names, 0, DT_I64), text_add(t, ", ");
  print_sub(t, s->arg[0], names, 0, NO_TYPE);
  text_add(t, ")");
}

static const char *bound_name(const Naming *names, const Scalar *s) {
  for (int k = 0; k < names->nbound; k++)
    if (names->bound[k] == s) return names->bound_name[k];
  return NULL;
}

/* Prints what s is, even if it has a name. */
static void print_whole(Text *t, Scalar *s, const Naming *names, int prec, int expect) {
  switch ((ScalarKind)s->kind) {
  case S_CONST: print_const(t, s, names, prec, expect); break;
  case S_AXIS:
    if (s->axis < MAX_AXES && names->axis[s->axis])
      text_add(t, "%s", names->axis[s->axis]);
    else
      text_add(t, "@%d", s->axis);
    break;
  case S_SIZE: text_add(t, "%s", s->sym->name); break;
  case S_READ:
    print_read(t, names, names->node(names->ctx, s->tensor), s->narg, s->arg, s->rule);
    break;
  case S_OP: print_op(t, s, names, prec, expect); break;
  case S_REDUCE: print_reduce(t, s, names); break;
  }
}

static void print_sub(Text *t, Scalar *s, const Naming *names, int prec, int expect) {
  const char *name = s->kind == S_OP || s->kind == S_READ ? bound_name(names, s) : NULL;
  if (name)
    text_add(t, "%s", name);
  else
    print_whole(t, s, names, prec, expect);
}

void print_expr(Text *t, Scalar *s, const Naming *names, int expect) {
  print_sub(t, s, names, 0, expect);
}

/* `a = exp(x[i]), b = 1 + a`, with `between` for the comma. */
void print_bound(Text *t, const Naming *names, const char *between) {
  for (int k = 0; k < names->nbound; k++) {
    text_add(t, "%s%s = ", k ? between : "", names->bound_name[k]);
    print_whole(t, names->bound[k], names, 0, NO_TYPE);
  }
}

/* Axes */

void name_axes(Naming *names, const Node *node, bool (*taken)(void *ctx, const char *name),
               void *ctx) {
  static const char *const letter[] = {"i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t",
                                       "u", "v", "i1", "j1", "k1", "l1", "m1", "n1", "o1", "p1",
                                       "q1", "r1", "s1", "t1", "u1", "v1", "i2", "j2", "k2", "l2"};
  int n = 0;
  bool k_second = /* y[i] = sum k. */
      node && node->rank == 1 && node->ndom > 1 && !n_is_scatter(node);
  for (size_t k = 0; k < sizeof letter / sizeof *letter && n < MAX_AXES; k++)
    if (!taken(ctx, letter[k]) && !(k_second && k == 1)) names->axis[n++] = letter[k];
  for (int k = 0; n < MAX_AXES; k++) {
    const char *name = str_format("axis%d", k);
    if (!taken(ctx, name)) names->axis[n++] = name;
  }
}

/* Shared subexpressions */

typedef struct Shared {
  Arena *arena;
  int n, cap;
  Scalar **s;
  int *uses, *size; /* size: how many symbols it is printed as, 1 for a name */
} Shared;

static void shared_add(void *ctx, Scalar *s) {
  Shared *w = ctx;
  if (w->n == w->cap) {
    w->cap = w->cap ? w->cap * 2 : 64;
    Scalar **more = NEWN(w->arena, Scalar *, w->cap);
    if (w->n) memcpy(more, w->s, sizeof *more * (size_t)w->n);
    w->s = more;
  }
  w->s[w->n++] = s;
}

static int by_id(const void *a, const void *b) {
  int x = (*(Scalar *const *)a)->id, y = (*(Scalar *const *)b)->id;
  return (x > y) - (x < y);
}

static int shared_find(const Shared *w, const Scalar *s) {
  int lo = 0, hi = w->n;
  while (hi - lo > 1) {
    int mid = (lo + hi) / 2;
    if (w->s[mid]->id <= s->id)
      lo = mid;
    else
      hi = mid;
  }
  return lo;
}

/* Distinct Scalars under the roots in order of id, and how often each is an argument. */
static Shared shared_of(Arena *a, int n, Scalar **root) {
  Shared w = {.arena = a};
  for (int k = 0; k < n; k++) s_walk(root[k], shared_add, &w);
  qsort(w.s, (size_t)w.n, sizeof *w.s, by_id);
  int distinct = 0;
  for (int k = 0; k < w.n; k++)
    if (!k || w.s[k] != w.s[k - 1]) w.s[distinct++] = w.s[k];
  w.n = distinct;
  w.uses = NEWN(a, int, w.n + 1);
  w.size = NEWN(a, int, w.n + 1);
  for (int k = 0; k < w.n; k++)
    for (int j = 0; j < w.s[k]->narg; j++) w.uses[shared_find(&w, w.s[k]->arg[j])]++;
  for (int k = 0; k < n; k++) w.uses[shared_find(&w, root[k])]++;
  return w;
}

/* The next free name out of a b c ... a2 b2 ... */
static const char *next_letter(int *letter, bool (*taken)(void *ctx, const char *name), void *ctx) {
  static const char letters[] = "abcdefghwxyz";
  for (;;) {
    int n = (int)sizeof letters - 1, round = *letter / n, at = (*letter)++ % n;
    const char *name = str_format(round ? "%c%d" : "%c", letters[at], round + 1);
    if (!taken(ctx, name)) return name;
  }
}

void bind_shared(Arena *a, Naming *names, int n, Scalar **root,
                 bool (*taken)(void *ctx, const char *name), void *ctx) {
  Shared w = shared_of(a, n, root), order = {.arena = a};
  bool *worth = NEWN(a, bool, w.n + 1);
  int count = 0, letter = 0;
  for (int k = 0; k < w.n; k++) { /* by id, so arguments first: sizes grow from the leaves */
    const Scalar *s = w.s[k];
    int size = 1, least = s->kind == S_OP ? 6 : s->kind == S_READ ? 12 : INT32_MAX;
    for (int j = 0; j < s->narg; j++) size += w.size[shared_find(&w, s->arg[j])];
    worth[k] = w.uses[k] > 1 && size >= least;
    w.size[k] = worth[k] ? 1 : size;
    count += worth[k];
  }
  names->bound = NEWN(a, Scalar *, count + 1);
  names->bound_name = NEWN(a, const char *, count + 1);
  for (int k = 0; k < n; k++) s_walk(root[k], shared_add, &order); /* by place in the text */
  for (int k = 0; k < order.n; k++) {
    int at = shared_find(&w, order.s[k]);
    if (!worth[at]) continue;
    worth[at] = false;
    names->bound[names->nbound] = order.s[k];
    names->bound_name[names->nbound++] = next_letter(&letter, taken, ctx);
  }
}
