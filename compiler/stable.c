/*
** stable.c: naive forms that overflow or cancel become the stable ones
**
**   log(sum k. exp(x[k]))       ->   log(sum k. exp(x[k] - m)) + m,    m = max k. x[k]
**   exp(x[i]) / sum k. exp(x[k]) ->  exp(x[i] - m) / sum k. exp(x[k] - m)
**   log(1 + exp(x)), log(sigmoid(x)), exp(x) - 1, (e^x - e^-x) / (e^x + e^-x), log(1 - tanh(x)^2), 1 + tanh(x), ..
**
** rules.def sees one expression; here a tensor that is read counts as what it computes. So this
** runs on whole graphs: before a derivative is taken, when a function is closed, and as the first
** pass. What is differentiated by is not looked through.
*/
#include <math.h>
#include <string.h>
#include "stable.h"

static bool is_op(const Scalar *s, OpCode op) { return s->kind == S_OP && s->op == op; }

/* log(exp(x) + exp(y)), accurate in its tails, with derivatives of every order; infinite where both
** are. */
static Scalar *add_exp(Scalar *x, Scalar *y) {
  if (s_is_const(x, 0)) return s_op1(OP_SOFTPLUS, y);
  if (s_is_const(y, 0)) return s_op1(OP_SOFTPLUS, x);
  Scalar *first = s_op2(OP_GT, x, y);
  Scalar *same = s_op2(OP_AND, s_op2(OP_EQ, x, y), s_op1(OP_ISINF, x));
  Scalar *gap = s_op3(OP_WHERE, first, s_sub(y, x), s_sub(x, y));
  gap = s_op3(OP_WHERE, same, s_const((Dtype)gap->dtype, 0), gap);
  return s_add(s_op3(OP_WHERE, first, x, y), s_op1(OP_SOFTPLUS, gap));
}

/* The same of two exponents, less what the script subtracted from both. */
static Scalar *add_exponents(const Barrier *b, Scalar **e) {
  bool guarded;
  Scalar *by = stable_by_hand(b, 2, e, &guarded), *sum = add_exp(e[0], e[1]);
  return by ? s_sub(sum, by) : sum;
}

/* log(1 - exp(x)), x < 0 (Maechler 2012, eq. 7) */
static Scalar *log_one_less_exp(Scalar *x) {
  return infix_build("where(x < -0.7, log1p(-exp(x)), log(expm1(-x)) + x)", (Dtype)x->dtype, x,
                     NULL, NULL, NULL);
}

/* x where s is tanh(x)^2, else NULL. */
static Scalar *root_tanh(const Barrier *b, Scalar *s) {
  Scalar *y = stable_look(b, s);
  if (!is_op(y, OP_MUL) || y->arg[0] != y->arg[1]) return NULL;
  y = stable_look(b, y->arg[0]);
  return is_op(y, OP_TANH) ? y->arg[0] : NULL;
}

/* log(1 - tanh(x)^2) */
static Scalar *log_sech2(Scalar *x) {
  return infix_build("2 * (0.6931471805599453 - x - softplus(-2 * x))", (Dtype)x->dtype, x, NULL,
                     NULL, NULL);
}

/* log(x) for x one of the forms below; NULL: it is none. */
static Scalar *log_form(const Barrier *b, Scalar *x) {
  Dtype t = (Dtype)x->dtype;
  Scalar *e[MAX_TERMS], *y;
  if (x->kind != S_OP) return NULL;
  switch ((OpCode)x->op) {
  case OP_SIGMOID: return infix_build("-softplus(-x)", t, x->arg[0], NULL, NULL, NULL);
  case OP_DSIGMOID: return infix_build("-x - 2 * softplus(-x)", t, x->arg[0], NULL, NULL, NULL);
  case OP_COSH:
    return s_sub(add_exp(x->arg[0], s_op1(OP_NEG, x->arg[0])), s_const(t, 0.6931471805599453));
  case OP_NEG:
    y = stable_look(b, x->arg[0]);
    return is_op(y, OP_EXPM1) ? log_one_less_exp(y->arg[0]) : NULL;
  case OP_EXPM1: /* the inverse of softplus */
    if (is_op(x->arg[0], OP_WHERE) || is_op(x->arg[0], OP_NEG)) return NULL;
    return infix_build("where(x > 1, x + log1p(-exp(-x)), log(expm1(where(x > 1, 1, x))))", t,
                       x->arg[0], NULL, NULL, NULL);
  case OP_MUL:
    if (x->arg[0] != x->arg[1]) return NULL;
    return infix_build("2 * log(abs(x))", t, x->arg[0], NULL, NULL, NULL);
  case OP_SUB:
    y = s_is_const(x->arg[0], 1) ? root_tanh(b, x->arg[1]) : NULL;
    return y ? log_sech2(y) : NULL;
  case OP_SECH2: return log_sech2(x->arg[0]);
  case OP_ADD: return stable_exponents(b, x, e) == 2 ? add_exponents(b, e) : NULL;
  default: return NULL;
  }
}

static Scalar *stable_log(const Barrier *b, Scalar *arg);

/* log(x) where it is known that x is positive; NULL: it is not. */
static Scalar *log_of_positive(const Barrier *b, Scalar *arg) {
  Split s;
  Scalar *x = stable_look(b, arg);
  if (x->kind == S_CONST && x->f > 0) return s_const((Dtype)x->dtype, log(x->f));
  if (is_op(x, OP_SIGMOID) || is_op(x, OP_COSH)) return stable_log(b, arg);
  if (is_op(x, OP_ADD) && stable_split_sum(b, x, &s)) return s.positive ? stable_log(b, arg) : NULL;
  return stable_split(b, arg, &s) && s.positive ? stable_log(b, arg) : NULL;
}

/* The log of a product over axes of positive numbers is the sum of theirs. */
static Scalar *log_of_product(const Barrier *b, Scalar *x) {
  Node *n = x->kind == S_READ ? x->tensor : NULL;
  if (!n || n->kind != N_COMP || n->comb != C_PROD || !n_is_reduction(n)) return NULL;
  for (int k = 0; k < b->n; k++)
    if (b->node[k] == n) return NULL;
  Scalar *r = log_of_positive(b, n->body);
  if (!r) return NULL;
  Node *sum = n_reduce(C_SUM, n->rank, n->dim, n->ndom - n->rank, n->dom + n->rank, r);
  return s_read(n_like(sum, n), x->arg, x->rule);
}

/* log(x^c), log(sqrt(x)), log(c x), log(x / c) for x a sum of exponentials or the like. */
static Scalar *log_through(const Barrier *b, Scalar *x) {
  Dtype t = (Dtype)x->dtype;
  Scalar *y, *z;
  if (x->kind != S_OP) return log_of_product(b, x);
  switch ((OpCode)x->op) {
  case OP_SQRT:
    y = log_of_positive(b, x->arg[0]);
    return y ? s_mul(s_const(t, 0.5), y) : NULL;
  case OP_POW:
    y = x->arg[1]->kind == S_CONST ? log_of_positive(b, x->arg[0]) : NULL;
    return y ? s_mul(x->arg[1], y) : NULL;
  case OP_MUL: case OP_DIV:
    y = log_of_positive(b, x->arg[0]);
    z = y ? log_of_positive(b, x->arg[1]) : NULL;
    return !z ? NULL : x->op == OP_MUL ? s_add(y, z) : s_sub(y, z);
  default: return NULL;
  }
}

static Scalar *log_of(const Barrier *b, Scalar *arg) {
  Split s;
  Dtype t = (Dtype)arg->dtype;
  Scalar *x = stable_look(b, arg), *r = NULL;
  bool split = stable_split(b, arg, &s), product = is_op(x, OP_MUL) || is_op(x, OP_DIV);
  if (!(split && product && !(x->arg[0] == x->arg[1]))) r = log_through(b, x);
  if (!r) r = log_form(b, x);
  if (r) return r;
  if (!(is_op(x, OP_ADD) && stable_split_sum(b, x, &s)) && !stable_split(b, arg, &s)) return NULL;
  r = split_exponent(&s, t);
  if (s.num) r = s_add(s_op1(OP_LOG, s.num), r);
  return s.den ? s_sub(r, s_op1(OP_LOG, s.den)) : r;
}

static Scalar *stable_log(const Barrier *b, Scalar *arg) {
  Scalar *product = stable_product_log(b, arg, log_of);
  return product ? product : log_of(b, arg);
}

static Scalar *stable_log1p(const Barrier *b, Scalar *arg) {
  Scalar *e[MAX_TERMS], *x = stable_look(b, arg);
  Dtype t = (Dtype)arg->dtype;
  if (is_op(x, OP_NEG) && is_op(x = stable_look(b, x->arg[0]), OP_SIGMOID))
    return infix_build("-softplus(x)", t, x->arg[0], NULL, NULL, NULL);
  if (is_op(x, OP_EXPM1)) return x->arg[0];
  Scalar *whole = s_raw(OP_ADD, t, 2, (Scalar *[]){s_const(t, 1), arg});
  return stable_exponents(b, whole, e) == 2 ? add_exponents(b, e) : NULL;
}

/* 1 - tanh(x)^2, 1 + tanh(x), 1 - tanh(x), with minus for the last; or NULL. */
static Scalar *one_and_tanh(const Barrier *b, Scalar *x, bool minus) {
  Dtype t = (Dtype)x->dtype;
  Scalar *square = minus ? root_tanh(b, x) : NULL;
  if (square) return s_op1(OP_SECH2, square);
  if (!is_op(x, OP_TANH)) return NULL;
  return infix_build(minus ? "2 * sigmoid(-2 * x)" : "2 * sigmoid(2 * x)", t, x->arg[0], NULL, NULL,
                     NULL);
}

/* Whether s reads the largest or smallest of some numbers. */
static bool is_extreme(const Barrier *b, Scalar *s) {
  Scalar *x = stable_look(b, s);
  if (is_op(x, OP_MAX) || is_op(x, OP_MIN)) return true;
  return s->kind == S_READ && s->tensor->kind == N_COMP && s->tensor->comb == C_MAX;
}

/* exp(x) - 1, 1 - exp(x), 1 - sigmoid(x), 1 - tanh(x)^2, 1 + tanh(x); and the max that was
** subtracted by hand, added again. */
static Scalar *stable_sum(const Barrier *b, Scalar *s) {
  Dtype t = (Dtype)s->dtype;
  bool minus = s->op == OP_SUB;
  for (int k = 0; k < 2; k++) {
    Scalar *one = s->arg[k], *other = s->arg[1 - k];
    bool first = minus && k == 0; /* 1 - other */
    if (one->kind != S_CONST) continue;
    Scalar *x = stable_look(b, other);
    Scalar *y = s_is_const(one, 1) && (first || !minus) ? one_and_tanh(b, x, first) : NULL;
    if (y) return y;
    if (!s_is_const(one, first || minus ? 1 : -1)) continue;
    if (is_op(x, OP_EXP)) {
      Scalar *r = s_op1(OP_EXPM1, x->arg[0]);
      return first ? s_op1(OP_NEG, r) : r;
    }
    if (first && is_op(x, OP_SIGMOID))
      return infix_build("sigmoid(-x)", t, x->arg[0], NULL, NULL, NULL);
  }
  for (int k = 0; k < 2; k++) {
    Split x = {0}, m = {0};
    if (!split_add(b, &m, s->arg[k], false) || m.nplus + m.nminus != 1) continue;
    Scalar *max = m.nplus ? m.plus[0] : m.minus[0];
    if (!is_extreme(b, max)) continue;
    if (!split_add(b, &x, s->arg[1 - k], minus && k == 0)) continue;
    int before = x.nplus + x.nminus;
    if (split_add(b, &x, s->arg[k], minus && k == 1) && x.nplus + x.nminus < before)
      return split_exponent(&x, t);
  }
  return NULL;
}

/* Whether exp(a) - exp(b) is the numerator. */
static bool is_difference(const Barrier *b, Scalar *num, Scalar *x, Scalar *y) {
  Dtype t = (Dtype)num->dtype;
  Scalar *s = stable_look(b, num), *e[2];
  bool negative = is_op(s, OP_NEG);
  if (negative) s = stable_look(b, s->arg[0]);
  if (is_op(s, OP_EXPM1)) {
    e[0] = s->arg[0];
    e[1] = s_const(t, 0);
  } else if (is_op(s, OP_SUB)) {
    for (int k = 0; k < 2; k++) {
      Scalar *z = stable_look(b, s->arg[k]);
      if (!is_op(z, OP_EXP)) return false;
      e[k] = z->arg[0];
    }
  } else {
    return false;
  }
  Split d = {0};
  bool ok = split_add(b, &d, e[negative], false) && split_add(b, &d, e[!negative], true) &&
            split_add(b, &d, x, true) && split_add(b, &d, y, false);
  return ok && !d.nplus && !d.nminus;
}

/* num / (exp(x) + exp(y)) as a tanh or a sigmoid. */
static Scalar *stable_pair(const Barrier *b, Scalar *num, Scalar *x, Scalar *y) {
  Dtype t = (Dtype)num->dtype;
  if (is_difference(b, num, x, y)) return infix_build("tanh(0.5 * (x - y))", t, x, y, NULL, NULL);
  if (is_difference(b, num, y, x)) return infix_build("tanh(0.5 * (y - x))", t, x, y, NULL, NULL);
  Split n;
  if (!stable_split(b, num, &n)) n = (Split){.num = num};
  for (int k = 0; k < 2; k++) {
    Split d = n;
    Scalar *mine = k ? y : x, *other = k ? x : y;
    if (!split_add(b, &d, mine, true) || d.nplus || d.nminus) continue;
    return s_mul(split_rest(&n, t), s_op1(OP_SIGMOID, s_sub(mine, other)));
  }
  return NULL;
}

static Scalar *stable_div(const Barrier *b, Scalar *num, Scalar *den) {
  Dtype t = (Dtype)num->dtype;
  Scalar *e[MAX_TERMS], *x = stable_look(b, den), *r;
  Split n, d;
  if (x->kind == S_CONST) return NULL;
  Scalar *masked = stable_look(b, num);
  if (is_op(masked, OP_WHERE) && s_is_const(masked->arg[2], 0)) {
    r = stable_div(b, masked->arg[1], den);
    return r ? s_op3(OP_WHERE, masked->arg[0], r, s_const(t, 0)) : NULL;
  }
  if (is_op(x, OP_COSH)) {
    Scalar *y = stable_look(b, num);
    if (is_op(y, OP_SINH) && y->arg[0] == x->arg[0]) return s_op1(OP_TANH, x->arg[0]);
    num = s_mul(s_const(t, 2), num);
    x = s_raw(OP_ADD, t, 2,
              (Scalar *[]){s_op1(OP_EXP, x->arg[0]), s_op1(OP_EXP, s_op1(OP_NEG, x->arg[0]))});
  }
  bool few = is_op(x, OP_ADD);
  if (few && stable_exponents(b, x, e) == 2 && (r = stable_pair(b, num, e[0], e[1]))) return r;
  bool summed = few ? stable_split_sum(b, x, &d) : stable_split(b, den, &d) && d.sum;
  if (!summed) return NULL;
  Barrier above = *b; /* a product with probabilities is no larger than they are */
  above.bounded = true;
  above.over = few || b->logged ? NULL : stable_summed(b, den);
  if (!stable_split(&above, num, &n)) {
    if (!few) return NULL;
    n = (Split){.num = num};
  }
  if (!split_divide(&n, &d)) return NULL;
  r = s_op1(OP_EXP, split_exponent(&n, t));
  if (n.num) r = s_mul(r, n.num);
  return n.den ? s_op2(OP_DIV, r, n.den) : r;
}

/* x * (y / z) */
static Scalar *stable_mul(const Barrier *b, Scalar *const *arg) {
  for (int k = 0; k < 2; k++) {
    Scalar *y = stable_look(b, arg[k]);
    Scalar *r = is_op(y, OP_DIV) ? stable_div(b, s_mul(arg[1 - k], y->arg[0]), y->arg[1]) : NULL;
    if (r) return r;
  }
  return NULL;
}

static Scalar *stable_op(void *ctx, Scalar *s) {
  const Barrier *b = ctx;
  if (!dtype_is_float((Dtype)s->dtype)) return NULL;
  switch ((OpCode)s->op) {
  case OP_LOG: return stable_log(b, s->arg[0]);
  case OP_LOG1P: return stable_log1p(b, s->arg[0]);
  case OP_ADD:
  case OP_SUB: return stable_sum(b, s);
  case OP_MUL: return stable_mul(b, s->arg);
  case OP_DIV: return stable_div(b, s->arg[0], s->arg[1]);
  default: return NULL;
  }
}

static Node *stable_node(Barrier *b, Node *n) {
  if (n->kind != N_COMP) return n;
  Scalar *body = s_rewrite_ops(n->body, NULL, stable_op, b);
  if (body == n->body) return n;
  return n_with_body(n, body);
}

/* Which tensors, by id, a log is taken of, be they multiplied, added up or divided before. */
typedef struct Logged { bool *tensor; uint8_t *seen; /* of a Scalar, by id: bit 0 outside of logs, 1 within */ } Logged;

static void find_logged(Logged *l, const Scalar *s, bool within) {
  if (!s->reads || l->seen[s->id] >> within & 1) return;
  l->seen[s->id] |= (uint8_t)(1 << within);
  if (s->kind == S_READ) {
    if (within) l->tensor[s->tensor->id] = true;
    return;
  }
  if (s->kind != S_OP) return;
  switch ((OpCode)s->op) {
  case OP_LOG: case OP_LOG1P: within = true; break;
  case OP_ADD: case OP_SUB: case OP_MUL: case OP_DIV: case OP_NEG: case OP_MAX: case OP_MIN: case OP_WHERE:
  case OP_POW: case OP_SQRT: case OP_ABS: case OP_CAST: case OP_STOP: case OP_SAME: break;
  default: within = false;
  }
  for (int k = 0; k < s->narg; k++) find_logged(l, s->arg[k], within);
}

static void find_log(void *ctx, Scalar *s) {
  if (is_op(s, OP_LOG) || is_op(s, OP_LOG1P)) *(bool *)ctx = true;
}

static bool *logged_tensors(Arena *a, Order o) {
  Logged l = {NEWN(a, bool, mod->nnode + 1), NEWN(a, uint8_t, mod->nscalar + 1)};
  for (int i = o.n - 1; i >= 0; i--) {
    const Node *n = o.node[i];
    if (n->kind == N_COMP) {
      find_logged(&l, n->body, l.tensor[n->id]);
      s_walk(n->body, find_log, &l.tensor[n->id]);
    } else if (l.tensor[n->id]) {
      for (int k = 0; k < n->narg; k++) l.tensor[n->arg[k]->id] = true;
    }
  }
  return l.tensor;
}

/* Rewrites the graph under result. Nodes of `keep` stay as they are, and are not looked through. */
void stable_graph(int nresult, Node **result, int nkeep, Node **keep) {
  Arena *a = arena_new();
  Order o = graph_order(a, nresult, result);
  Node **to = NEWN(a, Node *, (o.n ? o.node[o.n - 1]->id : -1) + 1);
  bool *logged = logged_tensors(a, o);
  Barrier b = {.n = nkeep, .node = keep};
  Loc here = mod->here;
  for (int i = 0; i < o.n; i++) {
    Node *n = o.node[i], **arg = NEWN(a, Node *, n->narg + 1);
    bool kept = false;
    for (int k = 0; k < nkeep; k++) kept = kept || keep[k] == n;
    for (int k = 0; k < n->narg; k++) arg[k] = to[n->arg[k]->id];
    mod->here = n->loc;
    b.logged = logged[n->id];
    to[n->id] = kept ? n : n_like(stable_node(&b, n_over(n, arg)), n);
  }
  mod->here = here;
  for (int k = 0; k < nresult; k++)
    if (result[k]) result[k] = to[result[k]->id];
  arena_free(a);
}
