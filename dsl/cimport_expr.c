/*
** cimport_expr.c: C expressions on scalar expressions
**
** libclang has made conversions explicit, so operands have the type their operator works on. What
** is known at compile time is computed at once; the rest becomes a `where`, a read, an operation.
*/
#include <string.h>
#include "cimport.h"

enum { MAX_SELECT = 64 /* elements that are chosen among by an index that depends on data */ };

Scalar *crun_convert(Dtype t, Scalar *x) {
  if (t != DT_BOOL || x->dtype == DT_BOOL) return s_cast(t, x);
  bool is_float = dtype_is_float((Dtype)x->dtype);
  return s_op2(OP_NE, x, is_float ? s_const((Dtype)x->dtype, 0) : s_int(0));
}

bool crun_known(Scalar *s, bool *value) {
  if (s->kind != S_CONST) return false;
  *value = dtype_is_float((Dtype)s->dtype) ? s->f != 0 : s->i != 0;
  return true;
}

Scalar *crun_condition(CRun *r, CState *s, CNode *x) {
  return crun_convert(DT_BOOL, crun_value(r, s, x));
}

/* An integer's value, which must be known. */
static int64_t known_integer(CRun *r, Scalar *x, Loc at, const char *what) {
  int64_t v;
  if (!s_const_value(x, &v)) crun_fail(r, at, "%s depends on data", what);
  return v;
}

/* Unsigned and narrow integers wrap around: they are imported as numbers only. */
static Scalar *fits(CRun *r, CNode *x, CType type, Scalar *v) {
  if (type.kind != CT_SCALAR || !type.wraps) return v;
  if (known_integer(r, v, x->loc, "an unsigned or narrow integer") < 0)
    crun_fail(r, x->loc, "an unsigned integer below zero");
  return v;
}

/* x / y and x % y of integers, rounded towards zero. */
static Scalar *divide(CRun *r, CNode *at, bool remainder, Scalar *x, Scalar *y) {
  int64_t a, b;
  if (s_const_value(y, &b) && b == 0) crun_fail(r, at->loc, "an integer divided by 0");
  if (s_const_value(x, &a) && s_const_value(y, &b))
    return s_int(b == -1 ? (remainder ? 0 : -a) : remainder ? a % b : a / b);
  Scalar *zero = s_int(0), *q = s_op2(OP_FLOORDIV, s_op1(OP_ABS, x), s_op1(OP_ABS, y));
  Scalar *minus = s_op2(OP_NE, s_op2(OP_LT, x, zero), s_op2(OP_LT, y, zero));
  Scalar *t = s_op3(OP_WHERE, minus, s_op1(OP_NEG, q), q);
  return remainder ? s_sub(x, s_mul(t, y)) : t;
}

static Scalar *bits(CRun *r, CNode *at, int op, Scalar *x, Scalar *y) {
  int64_t a, b;
  bool known = s_const_value(x, &a) && s_const_value(y, &b);
  Scalar *both = s_op2(OP_BITAND, x, y);
  switch (op) {
  case CB_AND: return both;
  case CB_XOR: return s_op2(OP_XOR, x, y);
  case CB_OR: return known ? s_int(a | b) : s_sub(s_add(x, y), both);
  default: break;
  }
  b = known_integer(r, y, at->loc, "how far a number is shifted");
  if (b < 0 || b > 62) crun_fail(r, at->loc, "a shift by %d places", (int)b);
  Scalar *power = s_int((int64_t)1 << b);
  return op == CB_SHL ? s_mul(x, power) : s_op2(OP_FLOORDIV, x, power);
}

/* x op y, both of one type. */
static Scalar *apply(CRun *r, CNode *at, int op, Scalar *x, Scalar *y) {
  if (x->dtype == DT_BOOL) x = s_cast(DT_I64, x);
  if (y->dtype == DT_BOOL) y = s_cast(DT_I64, y);
  bool floats = dtype_is_float((Dtype)x->dtype) || dtype_is_float((Dtype)y->dtype);
  switch (op) {
  case CB_MUL: return s_mul(x, y);
  case CB_ADD: return s_add(x, y);
  case CB_SUB: return s_sub(x, y);
  case CB_DIV: return floats ? s_op2(OP_DIV, x, y) : divide(r, at, false, x, y);
  case CB_REM: return divide(r, at, true, x, y);
  case CB_LT: return s_op2(OP_LT, x, y);
  case CB_GT: return s_op2(OP_GT, x, y);
  case CB_LE: return s_op2(OP_LE, x, y);
  case CB_GE: return s_op2(OP_GE, x, y);
  case CB_EQ: return s_op2(OP_EQ, x, y);
  case CB_NE: return s_op2(OP_NE, x, y);
  default: return bits(r, at, op, x, y);
  }
}

static Scalar *binary(CRun *r, CState *s, CNode *x) {
  bool known;
  if (x->op == CB_BOTH || x->op == CB_EITHER) {
    bool both = x->op == CB_BOTH;
    Scalar *a = crun_condition(r, s, x->arg[0]);
    if (crun_known(a, &known) && known != both) return s_iconst(DT_BOOL, known);
    Scalar *b = crun_condition(r, s, x->arg[1]);
    return both ? s_op3(OP_WHERE, a, b, s_iconst(DT_BOOL, 0))
                : s_op3(OP_WHERE, a, s_iconst(DT_BOOL, 1), b);
  }
  if (x->arg[0]->type.kind == CT_ARRAY || x->arg[1]->type.kind == CT_ARRAY)
    crun_fail(r, x->loc, "arithmetic on pointers");
  Scalar *a = crun_value(r, s, x->arg[0]), *b = crun_value(r, s, x->arg[1]);
  return fits(r, x, x->type, apply(r, x, x->op, a, b));
}

static Scalar *unary(CRun *r, CState *s, CNode *x) {
  if (x->op == CU_NOT) return s_op1(OP_NOT, crun_condition(r, s, x->arg[0]));
  Scalar *a = crun_value(r, s, x->arg[0]);
  if (a->dtype == DT_BOOL) a = s_cast(DT_I64, a);
  if (x->op == CU_MINUS) return s_op1(OP_NEG, a);
  return x->op == CU_FLIP ? s_sub(s_int(-1), a) : a;
}

/* arrays */

CValue crun_array(CType type) {
  CValue v = {.type = type, .n = 1};
  for (int d = 0; d < type.rank; d++) v.n *= (int)(type.dim[d] < 0 ? 0 : type.dim[d]);
  v.element = NEWN(mod->arena, Scalar *, v.n + 1);
  return v;
}

/* Fills elements from {a, {b, c}}, from `at` on; each list stands for `each` elements. */
static void fill(CRun *r, CState *s, CValue *v, CNode *x, int depth, int at) {
  int each = 1;
  for (int d = depth + 1; d < v->type.rank; d++) each *= (int)v->type.dim[d];
  if (x->kind != C_LIST) crun_fail(r, x->loc, "an array's value that is no list {...}");
  for (int k = 0; k < x->n; k++) {
    if (x->arg[k]->kind == C_LIST && depth + 1 < v->type.rank)
      fill(r, s, v, x->arg[k], depth + 1, at + k * each);
    else if (depth + 1 < v->type.rank)
      crun_fail(r, x->loc, "a list without braces for every row");
    else
      v->element[at + k] = crun_convert(v->type.dtype, crun_value(r, s, x->arg[k]));
  }
}

void crun_start(CRun *r, CState *s, CValue *v, CNode *first) {
  if (v->type.kind == CT_SCALAR) {
    v->s = crun_convert(v->type.dtype, crun_value(r, s, first));
    return;
  }
  Scalar *zero = crun_convert(v->type.dtype, s_int(0));
  for (int k = 0; k < v->n; k++) v->element[k] = zero;
  fill(r, s, v, first, 0, 0);
}

/* The array that a chain of [] goes into, and its indices, outermost first. */
static CValue *array_of(CRun *r, CState *s, CNode *x, Scalar **index, int *n) {
  *n = 0;
  CNode *at[8];
  for (; x->kind == C_INDEX && *n < 8; x = x->arg[0]) at[(*n)++] = x;
  for (int k = 0; k < *n; k++) {
    Scalar *i = crun_value(r, s, at[*n - 1 - k]->arg[1]);
    index[k] = s_cast(DT_I64, i);
  }
  if (x->kind == C_VAR) return &s->var[x->var];
  if (x->kind != C_GLOBAL) crun_fail(r, x->loc, "%s", x->kind == C_BAD ? x->name : "this array");
  for (int k = 0; k < r->m->nglobal; k++) {
    CGlobal *g = &r->m->global[k];
    if (strcmp(g->name, x->name) != 0) continue;
    if (!g->type.constant || !g->first)
      crun_fail(r, x->loc, "the variable '%s', which is no constant with a value", g->name);
    CValue *v = NEW(mod->arena, CValue);
    *v = g->type.kind == CT_ARRAY ? crun_array(g->type) : (CValue){.type = g->type};
    crun_start(r, s, v, g->first);
    return v;
  }
  crun_fail(r, x->loc, "the variable '%s', which is not of this file", x->name);
}

/* The place of constant indices in the elements; -1 where one depends on data. */
static int place_of(CRun *r, CNode *x, const CValue *v, Scalar **index, int n) {
  int64_t at = 0, i;
  if (n != v->type.rank)
    crun_fail(r, x->loc, "an array of %d axes with %d indices", v->type.rank, n);
  for (int d = 0; d < n; d++) {
    if (!s_const_value(index[d], &i)) return -1;
    if (i < 0 || i >= v->type.dim[d])
      crun_fail(r, x->loc, "index %lld of an array of %lld elements", (long long)i,
                (long long)v->type.dim[d]);
    at = at * v->type.dim[d] + i;
  }
  return (int)at;
}

static double constant_of(const Scalar *s) {
  return dtype_is_float((Dtype)s->dtype) ? s->f : (double)s->i;
}

/* The elements as a literal tensor, where all are constants; else NULL. */
static Node *table_of(const CValue *v) {
  Scalar *dim[4];
  size_t size = dtype_size(v->type.dtype);
  char *data = arena_zero(mod->arena, (size_t)v->n + 1, size);
  for (int k = 0; k < v->n; k++) {
    const Scalar *e = v->element[k];
    if (!e || e->kind != S_CONST) return NULL;
    double f = constant_of(e);
    float g = (float)f;
    bool b = f != 0;
    const void *from = v->type.dtype == DT_F64   ? (const void *)&f
                       : v->type.dtype == DT_F32 ? (const void *)&g
                       : v->type.dtype == DT_I64 ? (const void *)&e->i
                                                 : (const void *)&b;
    memcpy(data + (size_t)k * size, from, size);
  }
  for (int d = 0; d < v->type.rank; d++) dim[d] = s_int(v->type.dim[d]);
  return n_lit(v->type.dtype, v->type.rank, dim, data);
}

/* a[index]: of a table of constants a gather, of other arrays a choice among their elements. */
static Scalar *element(CRun *r, CState *s, CNode *x) {
  static const uint8_t clamp[4] = {R_CLAMP, R_CLAMP, R_CLAMP, R_CLAMP};
  Scalar *index[8];
  int n;
  CValue *v = array_of(r, s, x, index, &n);
  if (v->tensor) {
    if (n != v->tensor->rank)
      crun_fail(r, x->loc, "a tensor of %d axes with %d indices", v->tensor->rank, n);
    Scalar *read = s_read(v->tensor, index, NULL);
    map_put(&dsl_state(r->L)->place, read, arena_copy(mod->arena, &mod->here, sizeof mod->here));
    return crun_convert(v->type.dtype, read);
  }
  int at = place_of(r, x, v, index, n);
  if (at >= 0) {
    if (!v->element[at]) crun_fail(r, x->loc, "an element that has no value yet");
    return v->element[at];
  }
  Node *table = table_of(v);
  if (table) return s_read(table, index, clamp);
  if (n != 1 || v->n > MAX_SELECT)
    crun_fail(r, x->loc, "an index that depends on data, into a large array that is not constant");
  Scalar *value = v->element[v->n - 1];
  for (int k = v->n - 1; k >= 0; k--) {
    if (!v->element[k] || !value) crun_fail(r, x->loc, "an element that has no value yet");
    value = s_op3(OP_WHERE, s_op2(OP_EQ, index[0], s_int(k)), v->element[k], value);
  }
  return value;
}

/* assignments */

static void store(CRun *r, CState *s, CNode *to, Scalar *value) {
  if (to->kind == C_VAR && s->var[to->var].type.kind == CT_SCALAR) {
    CValue *v = &s->var[to->var];
    v->s = fits(r, to, v->type, crun_convert(v->type.dtype, value));
    return;
  }
  if (to->kind != C_INDEX)
    crun_fail(r, to->loc, "an assignment to %s", to->kind == C_BAD ? to->name : "this");
  Scalar *index[8];
  int n;
  CValue *v = array_of(r, s, to, index, &n);
  if (v->tensor || v->type.constant) crun_fail(r, to->loc, "an assignment to an input");
  int at = place_of(r, to, v, index, n);
  value = crun_convert(v->type.dtype, value);
  if (at >= 0) {
    v->element[at] = value;
    return;
  }
  if (n != 1 || v->n > MAX_SELECT)
    crun_fail(r, to->loc, "an assignment at an index that depends on data, in a large array");
  for (int k = 0; k < v->n; k++) {
    Scalar *here = s_op2(OP_EQ, index[0], s_int(k)), *old = v->element[k];
    if (!old) crun_fail(r, to->loc, "an element that has no value yet");
    v->element[k] = s_op3(OP_WHERE, here, value, old);
  }
}

/* x op= y computes in the wider of both types. */
static Scalar *assign(CRun *r, CState *s, CNode *x) {
  Scalar *y = crun_value(r, s, x->arg[1]);
  if (x->op) {
    Scalar *old = crun_value(r, s, x->arg[0]);
    Dtype t = dtype_promote((Dtype)old->dtype, (Dtype)y->dtype);
    if (dtype_is_float((Dtype)old->dtype) != dtype_is_float((Dtype)y->dtype))
      t = (Dtype)(dtype_is_float((Dtype)y->dtype) ? y->dtype : old->dtype);
    y = apply(r, x, x->op, s_cast(t, old), s_cast(t, y));
  }
  store(r, s, x->arg[0], y);
  return crun_value(r, s, x->arg[0]);
}

static Scalar *step(CRun *r, CState *s, CNode *x) {
  bool up = x->op == CU_AFTER_INC || x->op == CU_INC;
  Scalar *old = crun_value(r, s, x->arg[0]);
  store(r, s, x->arg[0], s_add(old, s_cast((Dtype)old->dtype, s_int(up ? 1 : -1))));
  return x->op == CU_AFTER_INC || x->op == CU_AFTER_DEC ? old : crun_value(r, s, x->arg[0]);
}

/* calls */

/* An argument that is an array: its elements as they are, for a callee that only reads them. */
static CValue array_argument(CRun *r, CState *s, CNode *x, CType type) {
  Scalar *index[8];
  int n;
  CValue v = *array_of(r, s, x, index, &n);
  if (n) crun_fail(r, x->loc, "a part of an array as an argument");
  if (!type.constant && (v.tensor || v.type.constant))
    crun_fail(r, x->loc, "a constant array, to be changed");
  if (!v.tensor)
    v.element = arena_copy(mod->arena, v.element, sizeof *v.element * (size_t)(v.n + 1));
  return v;
}

static Scalar *call(CRun *r, CState *s, CNode *x) {
  const CFunction *f = NULL;
  for (int k = 0; k < r->m->nfunction; k++)
    if (!strcmp(r->m->function[k].name, x->name)) f = &r->m->function[k];
  if (!f) {
    Scalar **arg = NEWN(mod->arena, Scalar *, x->n + 1), *y = NULL;
    Dtype t = x->n && x->type.dtype < DT_F32 ? x->arg[0]->type.dtype : x->type.dtype;
    for (int k = 0; k < x->n && x->arg[k]->type.kind == CT_SCALAR; k++)
      arg[k] = crun_value(r, s, x->arg[k]);
    if (!x->n || arg[x->n - 1] || !strncmp(x->name, "__builtin_nan", 13))
      y = cmath_call(x->name, t, x->n, arg);
    if (!y)
      crun_fail(r, x->loc,
                "a call of '%s', which is neither in this file nor among the functions of "
                "math.h that are known",
                x->name);
    return x->type.kind == CT_SCALAR && x->type.dtype >= DT_F32 ? s_cast(x->type.dtype, y) : y;
  }
  if (f->body->kind == C_BAD) crun_fail(r, f->body->loc, "%s", f->body->name);
  CValue *arg = NEWN(mod->arena, CValue, f->nparam + 1);
  for (int k = 0; k < f->nparam; k++) {
    CType type = f->local[k];
    if (type.kind == CT_ARRAY) arg[k] = array_argument(r, s, x->arg[k], type);
    else arg[k] = (CValue){.type = type, .s = crun_value(r, s, x->arg[k])};
  }
  Scalar *y = crun_call(r, f, arg, x);
  for (int k = 0; k < f->nparam; k++) { /* what it did to arrays of ours */
    if (f->local[k].kind != CT_ARRAY || f->local[k].constant || x->arg[k]->kind != C_VAR) continue;
    CValue *v = &s->var[x->arg[k]->var];
    for (int i = 0; i < v->n; i++)
      if (arg[k].element[i]) v->element[i] = arg[k].element[i];
  }
  return y;
}

static Scalar *choice(CRun *r, CState *s, CNode *x) {
  Scalar *c = crun_condition(r, s, x->arg[0]);
  bool known;
  if (crun_known(c, &known)) return crun_value(r, s, x->arg[known ? 1 : 2]);
  CState yes = crun_fork(s), no = crun_fork(s);
  Scalar *a = crun_value(r, &yes, x->arg[1]), *b = crun_value(r, &no, x->arg[2]);
  *s = crun_join(c, &yes, &no);
  return s_op3(OP_WHERE, c, crun_convert(x->type.dtype, a), crun_convert(x->type.dtype, b));
}

Scalar *crun_value(CRun *r, CState *s, CNode *x) {
  switch (x->kind) {
  case C_NUMBER:
    return x->type.dtype >= DT_F32 ? s_const(x->type.dtype, x->f) : s_int(x->i);
  case C_VAR:
    if (s->var[x->var].type.kind == CT_ARRAY) crun_fail(r, x->loc, "an array as a value");
    if (!s->var[x->var].s) crun_fail(r, x->loc, "'%s', which has no value yet", x->name);
    return s->var[x->var].s;
  case C_GLOBAL: {
    int n;
    CValue *v = array_of(r, s, x, NULL, &n);
    return v->s ? v->s : (crun_fail(r, x->loc, "an array as a value"), NULL);
  }
  case C_CALL: return call(r, s, x);
  case C_BINARY: return binary(r, s, x);
  case C_UNARY: return unary(r, s, x);
  case C_CHOICE: return choice(r, s, x);
  case C_CAST:
    return fits(r, x, x->type, crun_convert(x->type.dtype, crun_value(r, s, x->arg[0])));
  case C_INDEX: return element(r, s, x);
  case C_ASSIGN: return assign(r, s, x);
  case C_STEP: return step(r, s, x);
  case C_COMMA: crun_value(r, s, x->arg[0]); return crun_value(r, s, x->arg[1]);
  case C_BAD: crun_fail(r, x->loc, "%s", x->name);
  default: crun_fail(r, x->loc, "a list here");
  }
}
