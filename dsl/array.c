/*
** array.c: what the library's Lua files need of C: shapes, reshape, complaints
*/
#include <string.h>
#include "dsl.h"

/* tensor_of(x, what) -> x as a tensor */
static int tensor_of(lua_State *L) {
  dsl_enter(L);
  dsl_push_node(L, dsl_node(L, 1, luaL_checkstring(L, 2)));
  return 1;
}

/* is_tensor(x): whether x can be taken for a tensor: not a number. */
static int is_tensor(lua_State *L) {
  Expr *e = dsl_test(L, 1);
  lua_pushboolean(L, e && !e->rule && (e->node || !dsl_is_open(dsl_state(L), e->scalar)));
  return 1;
}

/* is_expr(x): a tensor, a wrapped tensor or an expression over indices. */
static int is_expr(lua_State *L) {
  lua_pushboolean(L, dsl_test(L, 1) != NULL);
  return 1;
}

/* is_open(x): an expression over free indices. */
static int is_open(lua_State *L) {
  Expr *e = dsl_test(L, 1);
  lua_pushboolean(L, e && e->scalar && dsl_is_open(dsl_state(L), e->scalar));
  return 1;
}

/* fail(message, value...): an error at the script's line, with the places of these tensors. */
static int fail(lua_State *L) {
  dsl_enter(L);
  for (int k = 2; k <= lua_gettop(L); k++) {
    Expr *e = dsl_test(L, k);
    if (e && e->node) dsl_note_declared(L, e->node);
  }
  dsl_fail(L, "%s", luaL_checkstring(L, 1));
}

/* place() -> file, line of the script */
static int place(lua_State *L) {
  dsl_enter(L);
  lua_pushstring(L, mod->here.file);
  lua_pushinteger(L, mod->here.line);
  return 2;
}

/* label(x) -> how messages call it: 'logits', or this tensor; and its shape: {N, 10} */
static int label(lua_State *L) {
  dsl_enter(L);
  Expr *e = dsl_test(L, 1);
  if (!e || !e->node) {
    lua_pushstring(L, "this tensor");
    lua_pushstring(L, "{}");
  } else {
    lua_pushstring(L, text_node(dsl_state(L), e->node));
    lua_pushstring(L, text_shape(dsl_state(L), e->node));
  }
  return 2;
}

/* Calls the tensor at a stack position `name` unless the script has named it, or it is older. */
static void rename_result(lua_State *L, int at, const char *name, int from_id) {
  Expr *e = dsl_test(L, at);
  if (e && e->node && !e->rule && e->node->id >= from_id) dsl_rename(e->node, name);
}

/* hint(name, x) -> x: what to call the tensor x unless the script names it. */
static int hint(lua_State *L) {
  rename_result(L, 2, luaL_checkstring(L, 1), 0);
  lua_settop(L, 2);
  return 1;
}

/* Refuses more arguments than f, upvalue 2, which is called upvalue 1, has; nil may follow them. */
static void refuse_more(lua_State *L) {
  lua_Debug f = {0};
  int n = lua_gettop(L);
  while (n > 0 && lua_isnil(L, n)) n--;
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_getinfo(L, ">Su", &f);
  if (*f.what == 'C' || f.isvararg || n <= f.nparams) return;
  dsl_fail(L, "%s takes at most %d argument%s, not %d", lua_tostring(L, lua_upvalueindex(1)),
           f.nparams, f.nparams == 1 ? "" : "s", n);
}

/* What counted(name, f) returns: f, which refuses arguments it does not have. */
static int call_counted(lua_State *L) {
  dsl_enter(L);
  refuse_more(L);
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

static int counted(lua_State *L) {
  lua_settop(L, 2);
  lua_pushcclosure(L, call_counted, 2);
  return 1;
}

/* What hinted(name, f) returns: counted(name, f), whose result is called `name` when f made it. */
static int call_hinted(lua_State *L) {
  int before = mod->nnode, n = call_counted(L);
  if (n) rename_result(L, 1, lua_tostring(L, lua_upvalueindex(1)), before);
  return n;
}

static int hinted(lua_State *L) {
  lua_settop(L, 2);
  lua_pushcclosure(L, call_hinted, 2);
  return 1;
}

static bool is_gradient(lua_CFunction f) {
  for (const luaL_Reg *r = dsl_grad_functions; r->name; r++)
    if (f == r->func) return true;
  return false;
}

/* called() -> the name of the library's function that the script, or a derivative, is calling; nil
** where there is none. */
static int called(lua_State *L) {
  lua_Debug ar;
  lua_settop(L, 0);
  lua_pushnil(L);
  for (int level = 1; lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "Sf", &ar);
    lua_CFunction f = lua_tocfunction(L, -1);
    if (ar.source[0] == '@' || is_gradient(f)) break;
    if ((f == call_counted || f == call_hinted) && lua_getupvalue(L, -1, 1)) lua_replace(L, 1);
    lua_settop(L, 1);
  }
  lua_settop(L, 1);
  return 1;
}

/* same_size(a, b): whether two extents are equal for certain. */
static int same_size(lua_State *L) {
  dsl_enter(L);
  lua_pushboolean(L, dsl_same_size(dsl_size(L, 1, "extent"), dsl_size(L, 2, "extent")));
  return 1;
}

/* may_be_none(extent): whether sizes may make it negative, which stands for 0 (N - 1 of N = 0). */
static int may_be_none(lua_State *L) {
  dsl_enter(L);
  Scalar *size = dsl_size(L, 1, "extent");
  lua_pushboolean(L, size_or_none(size) != size);
  return 1;
}

/* shape(x, what) -> the list of extents that x, a list or one extent, stands for */
static int shape(lua_State *L) {
  Scalar *dim[MAX_RANK];
  dsl_enter(L);
  int rank = dsl_shape(L, 1, dim, luaL_checkstring(L, 2));
  dsl_push_shape(L, rank, dim);
  return 1;
}

/* fresh(n) -> n new indices, for the library */
static int fresh(lua_State *L) {
  static const char *const names[] = {"i", "j", "k", "l", "m", "n", "o", "p",
                                      "q", "r", "s", "t", "u", "v", "w", "x"};
  int n = (int)luaL_checkinteger(L, 1);
  Dsl *d = dsl_state(L);
  luaL_checkstack(L, n + 2, "fresh");
  for (int k = 0; k < n; k++) dsl_push_scalar(L, s_axis(dsl_new_axis(d, names[k & 15], NULL)));
  return n;
}

/* expect(ids, extent, text[, other]): every element of ids is to be in [0, extent), or `other`;
** checked when an entry is called, if ids is an input, or the same in another order. */
static int expect(lua_State *L) {
  dsl_enter(L);
  Node *n = dsl_input_behind(dsl_node(L, 1, "expect"));
  Scalar *extent = dsl_size(L, 2, "expect");
  if (n && !dtype_is_float((Dtype)n->dtype))
    dsl_add_demand(dsl_state(L), (Demand){.input = n,
                                          .extent = extent,
                                          .other = luaL_optinteger(L, 4, 0),
                                          .loc = mod->here,
                                          .text = str_intern(luaL_checkstring(L, 3))});
  return 0;
}

/* Reshape */

static Scalar *product(int n, Scalar **dim) {
  Scalar *p = s_int(1);
  for (int k = 0; k < n; k++) p = s_mul(p, dim[k]);
  return p;
}

/* Sets idx[from..to) of the source from the flat position within a group of axes. */
static void unravel(Scalar *flat, int from, int to, Scalar **dim, Scalar **idx) {
  for (int k = to - 1; k >= from; k--) {
    idx[k] = k == from ? flat : s_op2(OP_MOD, flat, dim[k]);
    if (k > from) flat = s_op2(OP_FLOORDIV, flat, dim[k]);
  }
}

/* Reads n as a tensor of the shape dim: equal runs of axes are matched, so that splitting or
** merging one axis leaves the others alone. */
static Node *reshaped(Node *n, int rank, Scalar **dim) {
  Scalar *idx[MAX_RANK];
  int a = 0, b = 0;
  while (a < n->rank || b < rank) {
    int p = a + (a < n->rank), q = b + (b < rank);
    for (;;) { /* grow the two runs until their products agree */
      Scalar *x = product(p - a, n->dim + a), *y = product(q - b, dim + b);
      int64_t u, v;
      if (dsl_same_size(x, y)) break;
      bool both = s_const_value(x, &u) && s_const_value(y, &v) && u && v;
      if (p == n->rank && q == rank) break;
      if (q < rank && (p == n->rank || (both && v < u)))
        q++;
      else if (p < n->rank && (q == rank || both))
        p++;
      else
        p = n->rank, q = rank;
    }
    Scalar *flat = s_int(0);
    for (int k = b; k < q; k++) flat = s_add(s_mul(flat, dim[k]), s_axis(k));
    unravel(flat, a, p, n->dim, idx);
    a = p;
    b = q;
  }
  return n_map(rank, dim, s_read(n, idx, NULL));
}

/* reshape(x, shape): one extent may be -1 */
static int reshape(lua_State *L) {
  Scalar *dim[MAX_RANK], *known = s_int(1);
  dsl_enter(L);
  Dsl *d = dsl_state(L);
  Node *n = dsl_node(L, 1, "reshape");
  if (lua_type(L, 2) != LUA_TTABLE) dsl_fail(L, "reshape: the new shape is a list such as {2, -1}");
  int rank = (int)luaL_len(L, 2), open = -1;
  if (rank > MAX_RANK) dsl_fail(L, "reshape: at most %d axes", MAX_RANK);
  for (int k = 0; k < rank; k++) {
    lua_geti(L, 2, k + 1);
    if (lua_type(L, -1) == LUA_TNUMBER && lua_tonumber(L, -1) == -1) {
      if (open >= 0) dsl_fail(L, "reshape: only one extent can be -1");
      open = k;
    } else {
      dim[k] = dsl_size(L, -1, "reshape");
      known = s_mul(known, dim[k]);
    }
    lua_pop(L, 1);
  }
  if (open >= 0) {
    int64_t zero;
    if (s_const_value(known, &zero) && !zero) dsl_fail(L, "reshape: -1 beside an extent of 0");
    dim[open] = s_op2(OP_FLOORDIV, n_count(n), known);
  }
  Scalar *count = product(rank, dim);
  if (!dsl_same_size(count, n_count(n))) {
    dsl_note_declared(L, n);
    dsl_fail(L, "reshape: %s has shape %s, %s elements, which %s", text_node(dsl_state(L), n),
             text_shape(d, n), text_scalar(d, n_count(n)),
             open >= 0 ? "the given extents do not divide"
                       : str_format("do not fit %s", text_scalar(d, count)));
  }
  dsl_push_node(L, reshaped(n, rank, dim));
  return 1;
}

const luaL_Reg dsl_array_functions[] = {{"tensor_of", tensor_of}, {"is_tensor", is_tensor},
                                        {"is_expr", is_expr},     {"is_open", is_open},
                                        {"fail", fail},           {"place", place},
                                        {"label", label},
                                        {"hint", hint},           {"hinted", hinted},
                                        {"counted", counted},       {"called", called},
                                        {"same_size", same_size}, {"fresh", fresh},
                                        {"may_be_none", may_be_none},
                                        {"shape", shape},         {"expect", expect},
                                        {"reshape", reshape},     {NULL, NULL}};
