/*
** declare.c: inputs, parameters, state, sizes, options and constants
*/
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "dsl.h"

static bool is_identifier(const char *s, bool dots) {
  size_t letters = 0;
  for (const char *p = s; *p; p++) {
    bool letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || *p == '_';
    bool digit = *p >= '0' && *p <= '9';
    if (!letter && !(digit && letters) && !(dots && *p == '.' && letters)) return false;
    letters++;
  }
  return letters > 0 && letters < 200;
}

static const char *check_name(lua_State *L, int at, const char *what, bool dots) {
  if (lua_type(L, at) != LUA_TSTRING)
    dsl_fail(L, "%s: the first argument is its name, not a %s", what, luaL_typename(L, at));
  const char *s = lua_tostring(L, at);
  if (!is_identifier(s, dots))
    dsl_fail(L, "%s: '%s' is no name; names are letters, digits%s and '_'", what, s,
             dots ? ", '.'" : "");
  return str_intern(s);
}

enum { MOST_DIMS = 32 }; /* as RT_MAX_SIZES in runtime/rt_program.h */

/* dim(name[, default]) */
static int dim(lua_State *L) {
  dsl_enter(L);
  const char *name = check_name(L, 1, "dim", false);
  int64_t value = -1;
  if (!lua_isnoneornil(L, 2)) {
    int whole = 0;
    value = lua_type(L, 2) == LUA_TNUMBER ? lua_tointegerx(L, 2, &whole) : 0;
    if (!whole || value < 1)
      dsl_fail(L, "dim: the default of '%s' must be a whole number above 0", name);
  }
  for (int k = 0; k < mod->nsym; k++)
    if (mod->sym[k]->name == name && mod->sym[k]->value != value && value >= 0) {
      dsl_note(L, mod->sym[k]->loc, "it was declared here");
      dsl_fail(L, "dim: '%s' has another default already", name);
    }
  Scalar *size = s_size(sym_new(name, value, mod->here));
  if (mod->nsym > MOST_DIMS) dsl_fail(L, "dim: a program has at most %d run-time sizes", MOST_DIMS);
  dsl_push_scalar(L, size);
  return 1;
}

static void add_param(Dsl *d, Node *n) {
  if (d->nparam == d->capparam) {
    d->capparam = d->capparam ? d->capparam * 2 : 32;
    Node **more = NEWN(mod->arena, Node *, d->capparam);
    if (d->nparam) memcpy(more, d->param, sizeof *more * (size_t)d->nparam);
    d->param = more;
  }
  d->param[d->nparam++] = n;
}

/* declare(role, name, shape[, dtype]) */
static int declare(lua_State *L) {
  static const char *const names[] = {"input", "param", "state", NULL};
  static const Role role[] = {P_INPUT, P_WEIGHT, P_STATE};
  Scalar *shape[MAX_RANK];
  dsl_enter(L);
  Dsl *d = dsl_state(L);
  int which = luaL_checkoption(L, 1, NULL, names);
  const char *what = names[which], *name = check_name(L, 2, what, which != 0);
  for (int k = 0; k < d->nparam; k++)
    if (d->param[k]->name == name) {
      dsl_note(L, d->param[k]->loc, "'%s' was declared here", name);
      dsl_fail(L, "%s: the name '%s' is taken already", what, name);
    }
  if (lua_isnil(L, 3))
    dsl_fail(L, "%s '%s': the second argument is its shape, such as {2, 3}", what, name);
  int rank = dsl_shape(L, 3, shape, str_format("%s '%s'", what, name));
  Dtype t = dsl_dtype(L, 4, mod->default_float);
  Node *n = n_param(role[which], name, t, rank, shape, mod->here);
  add_param(d, n);
  dsl_push_node(L, n);
  return 1;
}

/* seed(): the program's seed, an i64 of rank 0, of which initial values are functions. */
static int seed(lua_State *L) {
  Dsl *d = dsl_state(L);
  dsl_enter(L);
  if (!d->seed) d->seed = n_param(P_INPUT, "seed", DT_I64, 0, NULL, mod->here);
  dsl_push_node(L, d->seed);
  return 1;
}

/* set_init(param, value): the graph of a parameter's first value. */
static int set_init(lua_State *L) {
  dsl_enter(L);
  Node *p = dsl_node(L, 1, "init"), *v = dsl_node(L, 2, "init");
  if (!n_same_shape(p, v))
    dsl_fail(L, "init: '%s' has shape %s, but its first value has %s", p->name,
             text_shape(dsl_state(L), p), text_shape(dsl_state(L), v));
  Arena *a = arena_new();
  Order o = graph_order(a, 1, &v);
  const char *other = NULL;
  for (int k = 0; k < o.n; k++)
    if (o.node[k]->kind == N_PARAM && o.node[k] != dsl_state(L)->seed) other = o.node[k]->name;
  arena_free(a);
  if (other) dsl_fail(L, "init: the first value of '%s' depends on '%s'", p->name, other);
  p->init = n_map(v->rank, v->dim, s_cast((Dtype)p->dtype, s_at(v, 0)));
  return 0;
}

/* default_dtype([name]) -> name: the type of what is not given one. */
static int default_dtype(lua_State *L) {
  dsl_enter(L);
  Dtype t = dsl_dtype(L, 1, mod->default_float);
  if (!dtype_is_float(t)) dsl_fail(L, "default_dtype: f32 or f64, not %s", dtype_name(t));
  mod->default_float = t;
  lua_pushstring(L, dtype_name(t));
  return 1;
}

/* parallel() -> whether train entries come in two parts as well (--mpi). */
static int parallel(lua_State *L) {
  dsl_enter(L);
  lua_pushboolean(L, mod->parallel);
  return 1;
}

/* Options */

static void push_option(lua_State *L, const char *name, const char *value) {
  char *end;
  switch (lua_type(L, 2)) {
  case LUA_TBOOLEAN: {
    bool yes = !strcmp(value, "true") || !strcmp(value, "1");
    if (!yes && strcmp(value, "false") && strcmp(value, "0"))
      dsl_fail(L, "option '%s' is true or false, not '%s'", name, value);
    lua_pushboolean(L, yes);
    return;
  }
  case LUA_TNUMBER:
    if (lua_isinteger(L, 2)) {
      long long v = strtoll(value, &end, 10);
      if (*end || end == value) dsl_fail(L, "option '%s' is a whole number, not '%s'", name, value);
      lua_pushinteger(L, v);
    } else {
      double v = strtod(value, &end);
      if (*end || end == value) dsl_fail(L, "option '%s' is a number, not '%s'", name, value);
      lua_pushnumber(L, v);
    }
    return;
  default:
    lua_pushstring(L, value);
  }
}

/* option(name, default): the value given by -D name=value, of the default's type. */
static int option(lua_State *L) {
  dsl_enter(L);
  Dsl *d = dsl_state(L);
  const char *name = check_name(L, 1, "option", true);
  int type = lua_type(L, 2);
  if (type != LUA_TNUMBER && type != LUA_TSTRING && type != LUA_TBOOLEAN)
    dsl_fail(L, "option '%s': its default must be a number, a text or a boolean, not %s", name,
             luaL_typename(L, 2));
  d->asked = d->asked ? str_format("%s, %s", d->asked, name) : name;
  for (int k = 0; k < d->noption; k++)
    if (!strcmp(d->option[k].name, name)) {
      d->option[k].used = true;
      push_option(L, name, d->option[k].value);
      return 1;
    }
  lua_settop(L, 2);
  return 1;
}

/* Constants */

enum { MAX_LITERAL = 1 << 21 }; /* they are text in the emitted C */

typedef struct Literal {
  int rank;
  int64_t dim[MAX_RANK];
  int64_t n;
  bool fraction, boolean;
  double *f; /* second pass only */
  int64_t *i;
} Literal;

/* Finds the shape from the first elements of the nested table on top. */
static void literal_shape(lua_State *L, Literal *c) {
  int top = lua_gettop(L);
  while (lua_type(L, -1) == LUA_TTABLE) {
    if (c->rank == MAX_RANK) dsl_fail(L, "const: more than %d axes", MAX_RANK);
    c->dim[c->rank++] = luaL_len(L, -1);
    luaL_checkstack(L, 2, "const");
    lua_geti(L, -1, 1);
  }
  lua_settop(L, top);
  c->n = 1;
  for (int d = 0; d < c->rank; d++) {
    if (c->dim[d] < 0) dsl_fail(L, "const: a list of length %d", (int)c->dim[d]);
    if (c->dim[d] > MAX_LITERAL || (c->n *= c->dim[d]) > MAX_LITERAL)
      dsl_fail(L, "const: more than %d numbers; make them an input, or a parameter with its file",
               MAX_LITERAL);
  }
}

/* Visits the elements of the nested table on top, in order. */
static int64_t literal_fill(lua_State *L, Literal *c, int depth, int64_t at) {
  if (depth < c->rank) {
    if (lua_type(L, -1) != LUA_TTABLE || luaL_len(L, -1) != c->dim[depth])
      dsl_fail(L, "const: the lists are ragged: %d elements were found before, now %d",
               (int)c->dim[depth], lua_type(L, -1) == LUA_TTABLE ? (int)luaL_len(L, -1) : 1);
    for (int64_t k = 1; k <= c->dim[depth]; k++) {
      lua_geti(L, -1, k);
      at = literal_fill(L, c, depth + 1, at);
      lua_pop(L, 1);
    }
    return at;
  }
  bool boolean = lua_type(L, -1) == LUA_TBOOLEAN;
  if (!boolean && lua_type(L, -1) != LUA_TNUMBER)
    dsl_fail(L, "const: elements are numbers or booleans, not a %s", luaL_typename(L, -1));
  c->boolean = at ? c->boolean && boolean : boolean;
  c->fraction |= !boolean && !lua_isinteger(L, -1);
  c->f[at] = boolean ? lua_toboolean(L, -1) : lua_tonumber(L, -1);
  c->i[at] = boolean ? lua_toboolean(L, -1) : lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
  return at + 1;
}

static void store(Dtype t, void *data, int64_t at, double f, int64_t i) {
  switch (t) {
  case DT_BOOL:
    ((uint8_t *)data)[at] = f != 0;
    return;
  case DT_I32:
    ((int32_t *)data)[at] = (int32_t)i;
    return;
  case DT_I64:
    ((int64_t *)data)[at] = i;
    return;
  case DT_F32:
    ((float *)data)[at] = (float)f;
    return;
  default:
    ((double *)data)[at] = f;
  }
}

/* constant(nested numbers[, dtype]) */
static int constant(lua_State *L) {
  Literal c = {0};
  Scalar *shape[MAX_RANK];
  dsl_enter(L);
  Expr *e = dsl_test(L, 1);
  if (e) {
    Node *n = dsl_node(L, 1, "const");
    Dtype t = dsl_dtype(L, 2, (Dtype)n->dtype);
    dsl_push_node(L, n_map(n->rank, n->dim, s_cast(t, s_at(n, 0))));
    return 1;
  }
  lua_settop(L, 2);
  lua_pushvalue(L, 1);
  literal_shape(L, &c);
  c.f = NEWN(mod->arena, double, c.n);
  c.i = NEWN(mod->arena, int64_t, c.n);
  literal_fill(L, &c, 0, 0);
  Dtype t = dsl_dtype(L, 2, c.fraction ? mod->default_float : c.boolean ? DT_BOOL : DT_I64);
  if (c.fraction && !dtype_is_float(t) && t != DT_BOOL)
    for (int64_t k = 0; k < c.n; k++) {
      if (!(fabs(c.f[k]) < 0x1p63) || c.f[k] != floor(c.f[k]))
        dsl_fail(L, "const: %s cannot hold %f", dtype_name(t), c.f[k]);
      c.i[k] = (int64_t)c.f[k];
    }
  for (int64_t k = 0; t == DT_I32 && k < c.n; k++)
    if (c.i[k] != (int32_t)c.i[k])
      dsl_fail(L, "const: i32 cannot hold %s", str_format("%lld", (long long)c.i[k]));
  void *data = arena_zero(mod->arena, (size_t)c.n, dtype_size(t));
  for (int64_t k = 0; k < c.n; k++) store(t, data, k, c.f[k], c.i[k]);
  for (int d = 0; d < c.rank; d++) shape[d] = s_int(c.dim[d]);
  if (c.rank == 0)
    dsl_push_node(L, n_full(0, NULL, dtype_is_float(t) ? s_const(t, c.f[0]) : s_iconst(t, c.i[0])));
  else
    dsl_push_node(L, n_lit(t, c.rank, shape, data));
  return 1;
}

/* full(shape, value[, dtype]) */
static int full(lua_State *L) {
  Scalar *shape[MAX_RANK];
  dsl_enter(L);
  const char *what = luaL_optstring(L, 4, "full");
  int rank = dsl_shape(L, 1, shape, what);
  Scalar *v = dsl_scalar(L, 2, what);
  if (!dsl_is_size(v)) v = s_read(dsl_close_scalar(L, v), NULL, NULL);
  dsl_push_node(L, n_full(rank, shape, s_cast(dsl_dtype(L, 3, (Dtype)v->dtype), v)));
  return 1;
}

const luaL_Reg dsl_declare_functions[] = {{"dim", dim},
                                          {"declare", declare},
                                          {"seed", seed},
                                          {"set_init", set_init},
                                          {"default_dtype", default_dtype},
                                          {"parallel", parallel},
                                          {"option", option},
                                          {"constant", constant},
                                          {"full", full},
                                          {NULL, NULL}};
