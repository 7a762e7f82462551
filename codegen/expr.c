/*
** expr.c: Scalars as C expressions
**
** Operators come from ops.def's value text: x y z stand for the arguments, F(exp) for rt_exp_f32,
** I(min) for rt_min_i64 and so on. An argument is parenthesised where it binds looser than its
** place; comparisons, logic and bit operators always get parentheses around compound arguments.
*/
#include "cgen.h"
#include "lower.h"
#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PREC_PRIMARY = 16, PREC_UNARY = 14, PREC_MUL = 13, PREC_ADD = 12 };

const char *cg_name(const Cg *c, const Node *n) {
  const Kernel *k = c->k;
  const Formal *f = formal_of(k, n);
  if (f) return c->canonical ? str_format("f%d", (int)(f - k->formal)) : f->name;
  for (int i = 0; i < k->nlocal; i++)
    if (k->local[i].node == n) return c->canonical ? str_format("v%d", i) : k->local[i].name;
  ICE(n->loc, "codegen: tensor is neither formal nor local of kernel %s", k->name);
}

const char *cg_axis(const Cg *c, int axis) {
  assert(axis < c->k->naxis);
  return c->canonical ? str_format("a%d", axis) : c->k->axis[axis].name;
}

/* The shortest decimal that reads back as the same float or double. */
static void print_float(Text *t, bool f32, double v) {
  char buf[40];
  if (isnan(v)) {
    text_add(t, f32 ? "RT_NAN_F32" : "RT_NAN_F64");
    return;
  }
  if (isinf(v)) {
    text_add(t, "%sRT_INF_F%s", v < 0 ? "-" : "", f32 ? "32" : "64");
    return;
  }
  for (int digits = 1; digits <= 17; digits++) {
    snprintf(buf, sizeof buf, "%.*g", digits, v);
    if (f32 ? strtof(buf, NULL) == (float)v : strtod(buf, NULL) == v) break;
  }
  if (fabs(v) < 1e7 && v == floor(v)) snprintf(buf, sizeof buf, "%.1f", v);
  text_add(t, "%s%s%s", buf, strpbrk(buf, ".e") ? "" : ".0", f32 ? "f" : "");
}

void print_const(Text *t, Dtype type, const Scalar *s) {
  if (type == DT_F32 || type == DT_F64) print_float(t, type == DT_F32, s->f);
  else if (type == DT_BOOL) text_add(t, "%d", s->i != 0);
  else if (s->i == INT64_MIN) text_add(t, "INT64_MIN");
  else if (s->i >= -INT32_MAX && s->i <= INT32_MAX) text_add(t, "%d", (int)s->i);
  else if (type == DT_I32) text_add(t, "INT32_MIN");
  else text_add(t, "INT64_C(%lld)", (long long)s->i);
}

static bool is_negative_const(const Scalar *s) {
  return s->kind == S_CONST && (dtype_is_float((Dtype)s->dtype) ? signbit(s->f) : s->i < 0);
}

/* Whether an integer scalar is never negative, as far as the extents of the loops tell. */
static bool is_nonnegative(const Cg *c, Scalar *s) {
  Scalar *dom[MAX_KERNEL_AXES], *lo, *hi;
  int n = c->k->naxis;
  if (s->kind == S_OP && s->op == OP_MAX)
    for (int i = 0; i < 2; i++)
      if (s->arg[i]->kind == S_CONST && s->arg[i]->i >= 0) return true;
  for (int i = 0; i < n; i++) dom[i] = c->k->axis[i].extent ? c->k->axis[i].extent : s_int(1);
  return s_range(s, n, dom, &lo, &hi) && s_prove_ge(lo, s_int(0));
}

/* How tightly an operand must bind beside an operator of precedence `own` so that no compiler
** asks for parentheses. */
static int needed_prec(int own, bool leftmost) {
  if (own == 3) return 4;                /* ?: */
  if (own == 4 || own == 5) return 6;    /* || && */
  if (own <= 10) return PREC_ADD;        /* comparisons and bits */
  return leftmost ? own : own + 1;
}

/* Whether an integer is so plainly a position that int holds it: axes and sizes, small factors. */
static bool is_int_local(const Kernel *k, const Node *n) {
  for (int i = 0; i < k->nlocal; i++)
    if (k->local[i].node == n) return k->local[i].is_int;
  return false;
}

bool is_position(const Kernel *k, const Scalar *s) {
  if (s->kind == S_CONST) return s->i > -(1 << 24) && s->i < 1 << 24;
  if (s->kind == S_AXIS || s->kind == S_SIZE) return true;
  if (s->kind == S_READ) return is_int_local(k, s->tensor);
  if (s->kind != S_OP) return false;
  if (s->op == OP_CAST) return s->arg[0]->kind == S_READ && s->arg[0]->dtype == DT_I32;
  if (s->op == OP_MUL && s->arg[0]->kind != S_CONST && s->arg[1]->kind != S_CONST) return false;
  if (s->op != OP_ADD && s->op != OP_SUB && s->op != OP_MUL && s->op != OP_MIN &&
      s->op != OP_MAX && s->op != OP_NEG && s->op != OP_MOD && s->op != OP_FLOORDIV)
    return false;
  for (int a = 0; a < s->narg; a++)
    if (!is_position(k, s->arg[a])) return false;
  return true;
}

static void print_op(Cg *c, const Scalar *s, int prec);

/* What may not be computed always: elements that are maybe outside, quotients by 0. */
static void find_unsafe(void *ctx, Scalar *s) {
  bool divides = s->kind == S_OP && (s->op == OP_FLOORDIV || s->op == OP_MOD);
  bool by_number = divides && s->arg[1]->kind == S_CONST;
  if ((s->kind == S_READ && s->narg) || (divides && !by_number)) *(bool *)ctx = true;
}

/* Whether s is a & b or a | b, in place of a && b or a || b: in vectors a branch is no use. */
static bool is_bitwise(const Cg *c, const Scalar *s) {
  bool unsafe = false;
  if (!c->lanes || s->kind != S_OP || (s->op != OP_AND && s->op != OP_OR)) return false;
  s_walk(s->arg[1], find_unsafe, &unsafe);
  return !unsafe;
}

/* Prints value text with arguments filled in. Inside parentheses of the text an argument stands
** alone; outside, it must bind at least as tightly as the operator, more so on the right. */
static void print_template(Cg *c, const Scalar *s, const char *text, int own) {
  Dtype in = (Dtype)s->arg[s->op == OP_WHERE ? 1 : 0]->dtype, out = (Dtype)s->dtype;
  Dtype real = dtype_is_float(out) ? out : in;
  int depth = 0;
  for (const char *p = text; *p;) {
    if (isalpha((unsigned char)*p)) {
      const char *e = p;
      while (isalnum((unsigned char)*e) || *e == '_') e++;
      size_t n = (size_t)(e - p);
      if (n == 1 && (*p == 'F' || *p == 'I') && *e == '(') {
        const char *close = strchr(e, ')');
        text_add(c->t, "rt_%.*s_%s", (int)(close - e - 1), e + 1,
                 dtype_name(*p == 'F' ? real : in));
        p = close + 1;
        continue;
      }
      if (n == 1 && *p >= 'x' && *p <= 'z') {
        Scalar *arg = s->arg[*p - 'x'];
        bool otherwise = own == 3 && e[0] == 0; /* a ? b : c ? d : e */
        bool bits = own == 3 && p == text && is_bitwise(c, arg);
        int needed = otherwise ? own : bits ? PREC_ADD : needed_prec(own, p == text);
        cg_expr(c, arg, depth > 0 ? 0 : needed);
      } else {
        text_put(c->t, p, n);
      }
      p = e;
      continue;
    }
    if (*p == '(') depth++;
    if (*p == ')') depth--;
    text_put(c->t, p++, 1);
  }
}

/* C text and precedence of an operation where the table's row is not the best C. */
static const char *special_form(Cg *c, const Scalar *s, int *prec) {
  if (c->index && s->op == OP_MIN) { *prec = PREC_PRIMARY; return "imin(x, y)"; }
  if (c->index && s->op == OP_MAX) { *prec = PREC_PRIMARY; return "imax(x, y)"; }
  if ((s->op == OP_FLOORDIV || s->op == OP_MOD) && !dtype_is_float((Dtype)s->dtype) &&
      s->arg[1]->kind == S_CONST && s->arg[1]->i > 0 && is_nonnegative(c, s->arg[0])) {
    *prec = PREC_MUL;
    return s->op == OP_MOD ? "x % y" : "x / y";
  }
  if (is_bitwise(c, s)) {
    *prec = s->op == OP_AND ? 8 : 6;
    return s->op == OP_AND ? "x & y" : "x | y";
  }
  *prec = op_info[s->op].prec;
  if (c->near && s->op == OP_SIN) return "F(sin_near)(x)";
  if (c->near && s->op == OP_COS) return "F(cos_near)(x)";
  if (c->near && s->op == OP_TAN) return "F(tan_near)(x)";
  return op_info[s->op].value;
}

static void print_cast(Cg *c, const Scalar *s, int prec) {
  Dtype to = (Dtype)s->dtype;
  Scalar *x = s->arg[0];
  if (to == DT_BOOL) {
    if (prec > 9) text_add(c->t, "(");
    cg_expr(c, x, PREC_ADD);
    text_add(c->t, " != 0");
    if (prec > 9) text_add(c->t, ")");
    return;
  }
  if (c->index && to == DT_I64 && x->dtype == DT_I32) { /* int will do */
    cg_expr(c, x, prec);
    return;
  }
  if (prec > PREC_UNARY) text_add(c->t, "(");
  text_add(c->t, "(%s)", dtype_c(to));
  bool index = c->index;
  if (x->dtype == DT_I64 && is_position(c->k, x)) c->index = true;
  cg_expr(c, x, PREC_UNARY + 1);
  c->index = index;
  if (prec > PREC_UNARY) text_add(c->t, ")");
}

/* The positive factor of an integer term that is subtracted, 0: it is added. *rest: what it is a
** factor of, NULL: the constant itself. */
static int64_t subtracted(const Scalar *s, Scalar **rest) {
  *rest = NULL;
  if (s->kind == S_CONST) return s->i < 0 && s->i > -INT32_MAX ? -s->i : 0;
  if (s->kind != S_OP || s->op != OP_MUL) return 0;
  for (int k = 0; k < 2; k++)
    if (s->arg[k]->kind == S_CONST && s->arg[k]->i < 0 && s->arg[k]->i > -INT32_MAX) {
      *rest = s->arg[1 - k];
      return -s->arg[k]->i;
    }
  return 0;
}

/* Prints x + -3 as x - 3, -1 * x + y as y - x, -1 * x + -2 as -x - 2. */
static bool print_difference(Cg *c, const Scalar *s, int prec) {
  Scalar *x = s->arg[0], *y = s->arg[1], *rest, *other;
  if (!subtracted(y, &rest) && subtracted(x, &other)) {
    x = s->arg[1];
    y = s->arg[0];
  }
  int64_t factor = subtracted(y, &rest), lead = subtracted(x, &other);
  if (!factor) return false;
  if (prec > PREC_ADD) text_add(c->t, "(");
  if (lead == 1 && other) {
    text_add(c->t, "-");
    cg_expr(c, other, PREC_UNARY + 1);
  } else {
    cg_expr(c, x, PREC_ADD);
  }
  text_add(c->t, " - ");
  if (!rest) text_add(c->t, "%lld", (long long)factor);
  else if (factor > 1) text_add(c->t, "%lld * ", (long long)factor);
  if (rest) cg_expr(c, rest, factor > 1 ? PREC_MUL + 1 : PREC_ADD + 1);
  if (prec > PREC_ADD) text_add(c->t, ")");
  return true;
}

static void print_op(Cg *c, const Scalar *s, int prec) {
  if (s->op == OP_CAST) {
    print_cast(c, s, prec);
    return;
  }
  if (s->op == OP_ADD && !dtype_is_float((Dtype)s->dtype) && print_difference(c, s, prec)) return;
  Scalar *rest;
  if (s->op == OP_MUL && !dtype_is_float((Dtype)s->dtype) && subtracted(s, &rest) == 1) {
    if (prec > PREC_UNARY) text_add(c->t, "(");
    text_add(c->t, "-");
    cg_expr(c, rest, PREC_UNARY + 1);
    if (prec > PREC_UNARY) text_add(c->t, ")");
    return;
  }
  int own;
  bool index = c->index, compare = op_info[s->op].kind == 'b';
  if (compare && s->arg[0]->dtype == DT_I64 && is_position(c->k, s->arg[0]) &&
      is_position(c->k, s->arg[1]))
    c->index = true;
  const char *text = special_form(c, s, &own);
  if (own < prec) text_add(c->t, "(");
  print_template(c, s, text, own);
  if (own < prec) text_add(c->t, ")");
  c->index = index;
}

void print_access(Cg *c, const Node *n, Scalar **index) {
  text_add(c->t, "%s", cg_name(c, n));
  bool local = n->rank == 0;
  for (int i = 0; i < c->k->nformal && local; i++) local = c->k->formal[i].as != n;
  if (n->rank == 0 && !local) text_add(c->t, "[0]");
  for (int d = 0; d < n->rank; d++) print_index(c, index[d]);
}

void print_index(Cg *c, Scalar *s) {
  bool index = c->index;
  c->index = true;
  text_add(c->t, "[");
  cg_expr(c, s, 0);
  text_add(c->t, "]");
  c->index = index;
}

/* An axis or size among 64-bit values is widened first: products of them may need it. */
static void print_int(Cg *c, const char *name, int prec) {
  if (c->index) text_add(c->t, "%s", name);
  else text_add(c->t, prec > PREC_UNARY ? "((int64_t)%s)" : "(int64_t)%s", name);
}

void cg_expr(Cg *c, Scalar *s, int prec) {
  switch ((ScalarKind)s->kind) {
  case S_CONST: {
    bool paren = prec > PREC_MUL && is_negative_const(s);
    if (paren) text_add(c->t, "(");
    print_const(c->t, (Dtype)s->dtype, s);
    if (paren) text_add(c->t, ")");
    break;
  }
  case S_AXIS: print_int(c, cg_axis(c, s->axis), prec); break;
  case S_SIZE: print_int(c, name_size(s->sym), prec); break;
  case S_READ: print_access(c, s->tensor, s->arg); break;
  case S_OP: print_op(c, s, prec); break;
  case S_REDUCE: ICE(c->k->loc, "codegen: a DSL reduction reached the emitter");
  }
}
