/*
** elementwise.c: scalar operations on tensors, scalar expressions and Lua numbers, in any mixture
**
** Lua numbers are weak: they take the type of what they meet, except that a fraction meeting
** integers makes them floats. Shapes broadcast as in NumPy.
*/
#include <string.h>
#include "dsl.h"

typedef struct Operand {
  Node *node;     /* a tensor */
  Scalar *scalar; /* or an expression; weak ones are made when the type is known */
  char weak;      /* 0, 'i', 'f' or 'b': a Lua value */
  int64_t i;
  double f;
} Operand;

static Operand operand(lua_State *L, int at, const char *name, int which) {
  Operand x = {0};
  Expr *e = dsl_test(L, at);
  if (e && e->rule)
    dsl_fail(L, "%s: %s is wrapped in a boundary rule, and can only be read with indices", name,
             text_node(dsl_state(L), e->node));
  if (e) {
    x.node = e->node;
    x.scalar = e->scalar;
  } else if (lua_type(L, at) == LUA_TBOOLEAN) {
    x.weak = 'b';
    x.i = lua_toboolean(L, at);
  } else if (lua_type(L, at) == LUA_TNUMBER) {
    x.weak = lua_isinteger(L, at) ? 'i' : 'f';
    x.i = lua_isinteger(L, at) ? lua_tointeger(L, at) : 0;
    x.f = lua_tonumber(L, at);
  } else {
    dsl_fail(L, "%s: argument %d must be a tensor or a number, not %s", name, which,
             lua_isnoneornil(L, at) ? "nil" : luaL_typename(L, at));
  }
  return x;
}

static Dtype operand_type(const Operand *x) {
  return (Dtype)(x->node ? x->node->dtype : x->scalar->dtype);
}

/* The type that weak operands take: that of the strong ones, or of the weak ones together. */
static Dtype common_type(int n, const Operand *x) {
  bool strong = false, fraction = false, number = false;
  Dtype t = DT_BOOL;
  for (int k = 0; k < n; k++) {
    fraction |= x[k].weak == 'f';
    number |= x[k].weak == 'i';
    if (x[k].weak) continue;
    t = strong ? dtype_promote(t, operand_type(&x[k])) : operand_type(&x[k]);
    strong = true;
  }
  if (fraction && !dtype_is_float(t)) return mod->default_float;
  if (number && t == DT_BOOL) return DT_I64;
  return t;
}

/* Brings weak operands into being. The condition of `where` is apart. */
static void settle(OpCode op, int n, Operand *x) {
  int first = op_info[op].kind == 's';
  Dtype t = common_type(n - first, x + first);
  for (int k = 0; k < n; k++) {
    if (!x[k].weak) continue;
    bool condition = k < first;
    if (x[k].weak == 'f')
      x[k].scalar = s_const(condition ? DT_BOOL : t, x[k].f);
    else if (dtype_is_float(t) && !condition)
      x[k].scalar = s_const(t, (double)x[k].i);
    else
      x[k].scalar = s_iconst(condition ? DT_BOOL : t, condition ? x[k].i != 0 : x[k].i);
  }
}

static void check_integers(lua_State *L, OpCode op, int n, const Operand *x) {
  if (op_info[op].kind != 'i') return;
  for (int k = 0; k < n; k++)
    if (dtype_is_float(operand_type(&x[k])))
      dsl_fail(L, "%s: argument %d must be of integers, not %s", op_info[op].name, k + 1,
               dtype_name(operand_type(&x[k])));
}

/* Broadcasting */

static _Noreturn void fail_shapes(lua_State *L, OpCode op, Node *a, Node *b, int from_end) {
  Dsl *d = dsl_state(L);
  int p = a->rank - from_end, q = b->rank - from_end;
  dsl_note_declared(L, a);
  dsl_note_declared(L, b);
  dsl_fail(L, "%s: %s has shape %s, but %s has %s: axis %d has %s elements and axis %d has %s",
           op_info[op].name, text_node(dsl_state(L), a), text_shape(d, a),
           b->name ? text_node(d, b) : "the other", text_shape(d, b), p, text_scalar(d, a->dim[p]),
           q, text_scalar(d, b->dim[q]));
}

/* Finds the common shape; returns its rank. */
static int broadcast(lua_State *L, OpCode op, int n, const Operand *x, Scalar **dim) {
  Node *from[MAX_RANK] = {0};
  int rank = 0;
  for (int k = 0; k < n; k++)
    if (x[k].node && x[k].node->rank > rank) rank = x[k].node->rank;
  for (int d = 0; d < rank; d++) dim[d] = s_int(1);
  for (int k = 0; k < n; k++) {
    Node *t = x[k].node;
    for (int d = t ? rank - t->rank : rank; d < rank; d++) {
      Scalar *size = t->dim[d - (rank - t->rank)];
      if (s_is_int(size, 1) || (from[d] && dsl_same_size(size, dim[d]))) continue;
      if (from[d]) fail_shapes(L, op, from[d], t, rank - d);
      dim[d] = size;
      from[d] = t;
    }
  }
  return rank;
}

/* t read at the axes of a result of this rank. */
static Scalar *read_broadcast(Node *t, int rank) {
  Scalar *idx[MAX_RANK];
  int shift = rank - t->rank;
  for (int d = 0; d < t->rank; d++) idx[d] = s_is_int(t->dim[d], 1) ? s_int(0) : s_axis(d + shift);
  return s_read(t, idx, NULL);
}

static _Noreturn void fail_unindexed(lua_State *L, OpCode op, Node *t, Scalar *s) {
  Dsl *d = dsl_state(L);
  dsl_note_declared(L, t);
  dsl_fail(L, "%s: %s has shape %s, and must be read with indices to meet %s", op_info[op].name,
           text_node(dsl_state(L), t), text_shape(d, t), text_scalar(d, s));
}

/* Applies op to the values from stack position `first`, and pushes the result: a tensor when one of
** them is, else an expression. */
int dsl_apply(lua_State *L, OpCode op, int first) {
  Operand x[3];
  Scalar *arg[3], *dim[MAX_RANK], *open = NULL;
  int n = op_info[op].arity;
  bool tensors = false;
  dsl_enter(L);
  Dsl *d = dsl_state(L);
  for (int k = 0; k < n; k++) x[k] = operand(L, first + k, op_info[op].name, k + 1);
  settle(op, n, x);
  check_integers(L, op, n, x);
  for (int k = 0; k < n; k++) {
    if (x[k].node)
      tensors = true;
    else if (dsl_is_open(d, x[k].scalar))
      open = x[k].scalar;
  }
  if (!tensors || open) {
    for (int k = 0; k < n; k++) {
      if (x[k].node && x[k].node->rank) fail_unindexed(L, op, x[k].node, open);
      arg[k] = x[k].node ? s_read(x[k].node, NULL, NULL) : x[k].scalar;
    }
    dsl_push_scalar(L, s_op(op, arg));
    return 1;
  }
  int rank = broadcast(L, op, n, x, dim);
  for (int k = 0; k < n; k++) {
    if (!x[k].node && !dsl_is_size(x[k].scalar)) x[k].node = dsl_close_scalar(L, x[k].scalar);
    arg[k] = x[k].node ? read_broadcast(x[k].node, rank) : x[k].scalar;
  }
  Node *result = n_map(rank, dim, s_op(op, arg));
  dsl_hint(result, op_info[op].name);
  dsl_push_node(L, result);
  return 1;
}

static int apply_upvalue(lua_State *L) {
  OpCode op = (OpCode)lua_tointeger(L, lua_upvalueindex(1));
  int arity = op_info[op].arity, given = lua_gettop(L);
  if (given > arity) {
    dsl_enter(L);
    dsl_fail(L, "%s takes %d argument%s, not %d", op_info[op].name, arity, arity == 1 ? "" : "s",
             given);
  }
  lua_settop(L, arity);
  return dsl_apply(L, op, 1);
}

/* cast(x, dtype) */
static int cast(lua_State *L) {
  dsl_enter(L);
  Expr *e = dsl_test(L, 1);
  Dtype t = dsl_dtype(L, 2, mod->default_float);
  if (e && !e->node && dsl_is_open(dsl_state(L), e->scalar)) {
    dsl_push_scalar(L, s_cast(t, e->scalar));
    return 1;
  }
  Node *n = dsl_node(L, 1, "cast");
  dsl_push_node(L, n_map(n->rank, n->dim, s_cast(t, s_at(n, 0))));
  return 1;
}

/* uniform(bits[, dtype]): 64 random bits as a float in [0, 1). */
static int uniform(lua_State *L) {
  dsl_enter(L);
  Dtype t = dsl_dtype(L, 2, mod->default_float);
  dsl_push_scalar(L, s_typed(OP_UNIFORM, t, s_cast(DT_I64, dsl_scalar(L, 1, "uniform"))));
  return 1;
}

/* Adds to the table on top one function for every row of ops.def, under the row's name. */
void dsl_open_elementwise(lua_State *L) {
  for (int op = 0; op < OP_COUNT; op++) {
    if (op == OP_CAST || op == OP_UNIFORM) continue;
    lua_pushinteger(L, op);
    lua_pushcclosure(L, apply_upvalue, 1);
    lua_setfield(L, -2, op_info[op].name);
  }
  lua_pushcfunction(L, cast);
  lua_setfield(L, -2, "cast");
  lua_pushcfunction(L, uniform);
  lua_setfield(L, -2, "uniform");
}
