/*
** expr.c: the userdata of the DSL, and reading its values from Lua's stack
**
** Tensors of rank 0 and scalars without free indices are the same thing: dsl_node and dsl_scalar
** turn either into the other.
*/
#include <math.h>
#include <string.h>
#include "dsl.h"

enum { MAX_HEIGHT = 10000 }; /* passes that follow an expression go down one call a level */
enum { MAX_TENSORS = 300000 }; /* some ten microseconds each in the script, some hundred in the passes */

static const char *const expr_meta = "cr.tensor";

static Expr *push_expr(lua_State *L) {
  Expr *e = lua_newuserdatauv(L, sizeof *e, 0);
  memset(e, 0, sizeof *e);
  luaL_setmetatable(L, expr_meta);
  return e;
}

/* Pushes a tensor; it will be named after the local it ends up in. */
void dsl_push_node(lua_State *L, Node *n) {
  if (mod->nnode > MAX_TENSORS)
    dsl_fail(L, "the model has more than %d tensors; a loop by cr.iterate or cr.scan has few",
             MAX_TENSORS);
  push_expr(L)->node = n;
  dsl_pending(dsl_state(L), n);
}

void dsl_push_scalar(lua_State *L, Scalar *s) {
  if (s->height > MAX_HEIGHT)
    dsl_fail(L, "an expression of more than %d operations inside each other; make a part of it a "
             "tensor by cr.tensor, or take a loop (cr.iterate, cr.scan)", MAX_HEIGHT);
  push_expr(L)->scalar = s;
}

Expr *dsl_test(lua_State *L, int at) {
  return luaL_testudata(L, at, expr_meta);
}

/* Whether s has indices that no reduction binds. Remembered for every Scalar asked about. */
bool dsl_is_open(Dsl *d, Scalar *s) {
  if (s->kind == S_AXIS) return s->axis >= FREE_AXIS && !d->index[s->axis - FREE_AXIS].bound;
  if (!s->narg) return false;
  void *known = map_get(&d->open, s);
  if (known) return known == (void *)&d->open;
  bool is_open = false;
  for (int k = 0; k < s->narg && !is_open; k++) is_open = dsl_is_open(d, s->arg[k]);
  map_put(&d->open, s, is_open ? (void *)&d->open : (void *)&d->place);
  return is_open;
}

static const char *kind_of(lua_State *L, int at) {
  Expr *e = dsl_test(L, at);
  if (!e) return luaL_typename(L, at);
  return e->rule ? "tensor wrapped in a boundary rule" : e->node ? "tensor" : "scalar expression";
}

/* Lua numbers and booleans as constants: integers i64, floats of the default type. */
static Scalar *literal(lua_State *L, int at) {
  if (lua_type(L, at) == LUA_TBOOLEAN) return s_iconst(DT_BOOL, lua_toboolean(L, at));
  if (lua_type(L, at) != LUA_TNUMBER) return NULL;
  if (lua_isinteger(L, at)) return s_int(lua_tointeger(L, at));
  return s_const(mod->default_float, lua_tonumber(L, at));
}

/* The value at `at` as a tensor: a number, a tensor or an expression without free indices. */
Node *dsl_node(lua_State *L, int at, const char *what) {
  Expr *e = dsl_test(L, at);
  if (e && e->rule)
    dsl_fail(L, "%s: %s is wrapped in a boundary rule, and can only be read with indices", what,
             text_node(dsl_state(L), e->node));
  if (e && e->node) return e->node;
  Scalar *s = e ? e->scalar : literal(L, at);
  if (!s) dsl_fail(L, "%s: a tensor is needed here, not a %s", what, kind_of(L, at));
  return dsl_close_scalar(L, s);
}

/* The value at `at` as a scalar expression; a tensor must have rank 0. */
Scalar *dsl_scalar(lua_State *L, int at, const char *what) {
  Expr *e = dsl_test(L, at);
  if (e && e->node) {
    if (e->node->rank || e->rule) {
      dsl_note_declared(L, e->node);
      dsl_fail(L, "%s: %s has shape %s, and must be read with %d %s here", what,
               text_node(dsl_state(L), e->node), text_shape(dsl_state(L), e->node), e->node->rank,
               e->node->rank == 1 ? "index" : "indices");
    }
    return s_read(e->node, NULL, NULL);
  }
  Scalar *s = e ? e->scalar : literal(L, at);
  if (!s)
    dsl_fail(L, "%s: a number or an expression is needed here, not a %s", what, kind_of(L, at));
  return s;
}

static void find_unsized(void *ctx, Scalar *s) {
  if (s->kind == S_READ || s->kind == S_AXIS || s->kind == S_REDUCE) *(bool *)ctx = true;
}

/* Whether s is made of constants and run-time sizes only. */
bool dsl_is_size(Scalar *s) {
  bool bad = false;
  s_walk(s, find_unsized, &bad);
  return !bad;
}

/* The value at `at` as an extent: a whole number, or an expression over run-time sizes. */
Scalar *dsl_size(lua_State *L, int at, const char *what) {
  Expr *e = dsl_test(L, at);
  if (e && e->scalar && !dtype_is_float((Dtype)e->scalar->dtype) && dsl_is_size(e->scalar))
    return s_cast(DT_I64, e->scalar);
  int whole = 0;
  lua_Integer v = lua_type(L, at) == LUA_TNUMBER ? lua_tointegerx(L, at, &whole) : 0;
  if (!whole)
    dsl_fail(L, "%s: an extent is a whole number or made from cr.dim, not %s", what,
             lua_type(L, at) == LUA_TNUMBER ? lua_tostring(L, at) : kind_of(L, at));
  if (v < 0 || v > ((lua_Integer)1 << 40))
    dsl_fail(L, "%s: %s is no extent", what, lua_tostring(L, at));
  return s_int(v);
}

/* A list of extents, or one alone. Returns the rank. */
int dsl_shape(lua_State *L, int at, Scalar **dim, const char *what) {
  at = lua_absindex(L, at);
  if (lua_type(L, at) != LUA_TTABLE) {
    if (lua_type(L, at) != LUA_TNUMBER && !dsl_test(L, at))
      dsl_fail(L, "%s: a shape is a list such as {2, 3}, not a %s", what, kind_of(L, at));
    dim[0] = dsl_size(L, at, what);
    return 1;
  }
  lua_Integer rank = luaL_len(L, at);
  if (rank > MAX_RANK)
    dsl_fail(L, "%s: a tensor has at most %d axes, not %d", what, MAX_RANK, (int)rank);
  for (int d = 0; d < rank; d++) {
    lua_geti(L, at, d + 1);
    dim[d] = dsl_size(L, -1, what);
    lua_pop(L, 1);
  }
  return (int)rank;
}

/* A list of tensors, or one alone; *node lives in the module's arena. */
int dsl_nodes(lua_State *L, int at, Node ***node, const char *what) {
  at = lua_absindex(L, at);
  bool list = lua_type(L, at) == LUA_TTABLE;
  int n = list ? (int)luaL_len(L, at) : 1;
  *node = NEWN(mod->arena, Node *, n);
  for (int k = 0; k < n; k++) {
    if (list)
      lua_geti(L, at, k + 1);
    else
      lua_pushvalue(L, at);
    (*node)[k] = dsl_node(L, -1, what);
    lua_pop(L, 1);
  }
  return n;
}

Dtype dsl_dtype(lua_State *L, int at, Dtype otherwise) {
  Dtype t;
  if (lua_isnoneornil(L, at)) return otherwise;
  int top = lua_gettop(L);
  if (lua_type(L, at) != LUA_TTABLE || lua_getfield(L, at, "dtype") == LUA_TNIL)
    lua_pushvalue(L, at);
  const char *s = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : luaL_typename(L, -1);
  if (!dtype_parse(s, &t)) dsl_fail(L, "'%s' is no dtype: there are bool i32 i64 f32 f64", s);
  lua_settop(L, top);
  return t;
}

bool dsl_same_size(Scalar *a, Scalar *b) {
  return a == b || s_is_int(s_sub(a, b), 0);
}

/* Fields and methods */

static void push_extent(lua_State *L, Scalar *s) {
  int64_t v;
  if (s_const_value(s, &v))
    lua_pushinteger(L, v);
  else
    dsl_push_scalar(L, s);
}

void dsl_push_shape(lua_State *L, int rank, Scalar **dim) {
  lua_createtable(L, rank, 0);
  for (int d = 0; d < rank; d++) {
    push_extent(L, dim[d]);
    lua_seti(L, -2, d + 1);
  }
}

static int push_field(lua_State *L, Expr *e, const char *key) {
  Node *n = e->node;
  if (!strcmp(key, "dtype")) {
    lua_pushstring(L, dtype_name((Dtype)(n ? n->dtype : e->scalar->dtype)));
  } else if (!strcmp(key, "rank")) {
    lua_pushinteger(L, n ? n->rank : 0);
  } else if (!strcmp(key, "shape")) {
    dsl_push_shape(L, n ? n->rank : 0, n ? n->dim : NULL);
  } else if (!strcmp(key, "name")) {
    dsl_enter(L);
    lua_pushstring(L, n && !n->word ? n->name : NULL);
  } else {
    return 0;
  }
  return 1;
}

/* e.T is transposed; e.key a field, or a method from the table kept as upvalue 1, whose own
** __index complains. */
static int expr_index(lua_State *L) {
  Expr *e = luaL_checkudata(L, 1, expr_meta);
  if (lua_type(L, 2) == LUA_TSTRING && push_field(L, e, lua_tostring(L, 2))) return 1;
  if (lua_type(L, 2) != LUA_TSTRING) {
    dsl_enter(L);
    dsl_fail(L, "elements of a tensor are read with parentheses: x(i), counted from 0");
  }
  bool transposed = !strcmp(lua_tostring(L, 2), "T");
  if (transposed)
    lua_pushliteral(L, "transpose");
  else
    lua_pushvalue(L, 2);
  lua_gettable(L, lua_upvalueindex(1));
  if (!transposed) return 1;
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  return 1;
}

static int expr_text(lua_State *L) {
  Expr *e = luaL_checkudata(L, 1, expr_meta);
  Dsl *d = dsl_state(L);
  dsl_enter(L);
  if (e->node)
    lua_pushfstring(L, "%s: %s%s", e->node->name ? e->node->name : "tensor",
                    dtype_name((Dtype)e->node->dtype), text_shape(d, e->node));
  else
    lua_pushstring(L, text_scalar(d, e->scalar));
  return 1;
}

static int no_compare(lua_State *L) {
  dsl_enter(L);
  dsl_fail(
      L, "tensors are compared elementwise by functions: cr.lt, cr.le, cr.gt, cr.ge, cr.eq, cr.ne");
}

static int no_concat(lua_State *L) {
  dsl_enter(L);
  dsl_fail(L, "'..' joins strings; tensors are joined by cr.cat({a, b}, axis)");
}

static int no_length(lua_State *L) {
  dsl_enter(L);
  dsl_fail(L, "'#' counts the elements of a list; the extents of a tensor x are x.shape");
}

static int no_assign(lua_State *L) {
  dsl_enter(L);
  dsl_fail(L, "tensors do not change: build a new one with cr.tensor or cr.where");
}

static int expr_equal(lua_State *L) {
  Expr *a = dsl_test(L, 1), *b = dsl_test(L, 2);
  lua_pushboolean(L, a && b && a->node == b->node && a->scalar == b->scalar && a->rule == b->rule);
  return 1;
}

static int add_(lua_State *L) {
  return dsl_apply(L, OP_ADD, 1);
}
static int sub_(lua_State *L) {
  return dsl_apply(L, OP_SUB, 1);
}
static int mul_(lua_State *L) {
  return dsl_apply(L, OP_MUL, 1);
}
static int div_(lua_State *L) {
  return dsl_apply(L, OP_DIV, 1);
}
static int pow_(lua_State *L) {
  return dsl_apply(L, OP_POW, 1);
}
static int mod_(lua_State *L) {
  return dsl_apply(L, OP_MOD, 1);
}
static int floordiv_(lua_State *L) {
  return dsl_apply(L, OP_FLOORDIV, 1);
}
static int neg_(lua_State *L) {
  return lua_settop(L, 1), dsl_apply(L, OP_NEG, 1);
}

/* Makes the metatable, and leaves the table of methods on the stack. */
void dsl_open_expr(lua_State *L) {
  static const luaL_Reg meta[] = {{"__add", add_},         {"__sub", sub_},
                                  {"__mul", mul_},         {"__div", div_},
                                  {"__pow", pow_},         {"__mod", mod_},
                                  {"__idiv", floordiv_},   {"__unm", neg_},
                                  {"__call", dsl_read},    {"__tostring", expr_text},
                                  {"__lt", no_compare},    {"__le", no_compare},
                                  {"__concat", no_concat}, {"__newindex", no_assign},
                                  {"__eq", expr_equal},    {"__len", no_length},
                                  {NULL, NULL}};
  lua_newtable(L);
  luaL_newmetatable(L, expr_meta);
  luaL_setfuncs(L, meta, 0);
  lua_pushvalue(L, -2);
  lua_pushcclosure(L, expr_index, 1);
  lua_setfield(L, -2, "__index");
  lua_pushliteral(L, "tensor");
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}
