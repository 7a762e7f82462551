/*
** control.c: functions, loops and maps of graphs
**
** Lua makes formals, runs the script's function on them once, and hands the results here to be
** closed over what they captured; the rest is CALL, LOOP or vmap.
*/
#include <string.h>
#include "dsl.h"
#include "diff.h"

static const char *const func_meta = "cr.func";

/* formal(name, like, axes): a formal of like's type and shape without its first `axes` axes. */
static int formal(lua_State *L) {
  dsl_enter(L);
  Node *n = dsl_node(L, 2, "function");
  int skip = (int)luaL_optinteger(L, 3, 0);
  dsl_push_node(L, n_param(P_FORMAL, luaL_checkstring(L, 1), (Dtype)n->dtype, n->rank - skip,
                           n->dim + skip, mod->here));
  return 1;
}

/* parameter_name(f, k): what the Lua function f calls its k-th parameter, or nil. */
static int parameter_name(lua_State *L) {
  lua_Integer k = luaL_checkinteger(L, 2);
  lua_settop(L, 1);
  if (lua_isfunction(L, 1) && !lua_iscfunction(L, 1))
    lua_pushstring(L, lua_getlocal(L, NULL, (int)k));
  else
    lua_pushnil(L);
  return 1;
}

void dsl_push_func(lua_State *L, Func *f) {
  Func **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = f;
  luaL_setmetatable(L, func_meta);
}

/* close(name, formals, results, first) -> the Func, list of what it captured; what was made since
** mark() returned `first` is the Func's even where it does not depend on the formals */
static int close_over(lua_State *L) {
  Node **param, **result, **outer;
  dsl_enter(L);
  const char *name = luaL_checkstring(L, 1);
  int nparam = dsl_nodes(L, 2, &param, name), nresult = dsl_nodes(L, 3, &result, name), nouter = 0;
  stable_graph(nresult, result, nparam, param);
  Func *f = graph_close(name, nparam, param, nresult, result, mod->here,
                        (int)luaL_optinteger(L, 4, -1), &nouter, &outer);
  dsl_push_func(L, f);
  lua_createtable(L, nouter, 0);
  for (int k = 0; k < nouter; k++) {
    dsl_push_node(L, outer[k]);
    lua_seti(L, -2, k + 1);
  }
  return 2;
}

/* replace(tensors, from, to) -> the same computed with `to` in place of `from` */
static int replace(lua_State *L) {
  Node **result, **from, **to;
  dsl_enter(L);
  int n = dsl_nodes(L, 1, &result, "replace"), nfrom = dsl_nodes(L, 2, &from, "replace");
  if (dsl_nodes(L, 3, &to, "replace") != nfrom) ICE(mod->here, "replace: lists differ in length");
  graph_replace(n, result, nfrom, from, to);
  lua_createtable(L, n, 0);
  for (int k = 0; k < n; k++) {
    dsl_push_node(L, result[k]);
    lua_seti(L, -2, k + 1);
  }
  return 1;
}

/* mark() -> a number for close: nodes made from now on have at least this id */
static int mark(lua_State *L) {
  lua_pushinteger(L, mod->nnode);
  return 1;
}

Func *dsl_func(lua_State *L, int at) {
  return *(Func **)luaL_checkudata(L, at, func_meta);
}

int dsl_push_results(lua_State *L, Node *call) {
  lua_createtable(L, call->fn->nresult, 0);
  for (int k = 0; k < call->fn->nresult; k++) {
    dsl_push_node(L, n_proj(call, k));
    lua_seti(L, -2, k + 1);
  }
  return 1;
}

/* inline(func, args) -> results, the function's graph over args */
static int inline_func(lua_State *L) {
  Node **arg;
  dsl_enter(L);
  Func *f = dsl_func(L, 1);
  if (dsl_nodes(L, 2, &arg, f->name) != f->nparam) ICE(f->loc, "inline: arguments of %s", f->name);
  Node **result = NEWN(mod->arena, Node *, f->nresult + 1);
  func_inline(f, arg, result);
  lua_createtable(L, f->nresult, 0);
  for (int k = 0; k < f->nresult; k++) {
    dsl_push_node(L, result[k]);
    lua_seti(L, -2, k + 1);
  }
  return 1;
}

/* call(func, args) -> results */
static int call(lua_State *L) {
  Node **arg;
  dsl_enter(L);
  Func *f = dsl_func(L, 1);
  if (dsl_nodes(L, 2, &arg, f->name) != f->nparam) ICE(f->loc, "call: arguments of %s", f->name);
  return dsl_push_results(L, n_call(f, arg));
}

static int int_field(lua_State *L, int at, const char *name) {
  lua_getfield(L, at, name);
  int v = (int)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return v;
}

/* loop(what, func, trip, args, {carry=, slice=, stack=, reverse=, unroll=, checkpoint=}) ->
** results */
static int loop(lua_State *L) {
  Node **arg;
  dsl_enter(L);
  Func *f = dsl_func(L, 2);
  Scalar *trip = dsl_size(L, 3, luaL_checkstring(L, 1));
  int narg = dsl_nodes(L, 4, &arg, f->name);
  int ncarry = int_field(L, 5, "carry"), nslice = int_field(L, 5, "slice");
  lua_getfield(L, 5, "reverse");
  bool reverse = lua_toboolean(L, -1);
  Node *n = n_loop(f, trip, ncarry, nslice, narg - ncarry - nslice, arg, int_field(L, 5, "stack"),
                   0, reverse, int_field(L, 5, "unroll"), int_field(L, 5, "checkpoint"));
  lua_getfield(L, 5, "guard"); /* "while": carry 0, "if": slice 0 */
  const char *guard = luaL_optstring(L, -1, "");
  return dsl_push_results(L, n_guarded(n, !strcmp(guard, "while") ? G_WHILE
                                      : !strcmp(guard, "if")  ? G_IF
                                                              : G_NONE));
}

/* vmap(func, extent, args, nmapped) -> results; the first nmapped args have the new axis. */
static int vmap(lua_State *L) {
  Node **arg;
  dsl_enter(L);
  Func *f = dsl_func(L, 1);
  Scalar *extent = dsl_size(L, 2, "map");
  int narg = dsl_nodes(L, 3, &arg, f->name), nmapped = (int)luaL_checkinteger(L, 4);
  bool *mapped = NEWN(mod->arena, bool, narg);
  for (int k = 0; k < nmapped; k++) mapped[k] = true;
  Node **result = NEWN(mod->arena, Node *, f->nresult);
  vmap_call(f, extent, arg, mapped, result);
  lua_createtable(L, f->nresult, 0);
  for (int k = 0; k < f->nresult; k++) {
    dsl_push_node(L, result[k]);
    lua_seti(L, -2, k + 1);
  }
  return 1;
}

/* Derivatives that the script declares */

static lua_State *hook_state;

/* Calls the Lua function of reference `ref` on args, results, given bars or dots, made zero where
** NULL, and a list of which were not NULL; returns `n` tensors or NULLs. */
static Node **call_hook(int ref, int narg, Node **arg, int nresult, Node **result, int ngiven,
                        Node **given, Node **like, int n) {
  lua_State *L = hook_state;
  Node *const *group[3] = {arg, result, given};
  int count[3] = {narg, nresult, ngiven};
  lua_rawgeti(L, LUA_REGISTRYINDEX, ref);
  for (int g = 0; g < 3; g++) {
    lua_createtable(L, count[g], 0);
    for (int k = 0; k < count[g]; k++) {
      Node *x = group[g][k];
      if (!x) x = n_full(like[k]->rank, like[k]->dim, s_const((Dtype)like[k]->dtype, 0));
      dsl_push_node(L, x);
      lua_seti(L, -2, k + 1);
    }
  }
  lua_createtable(L, ngiven, 0);
  for (int k = 0; k < ngiven; k++) {
    lua_pushboolean(L, given[k] != NULL);
    lua_seti(L, -2, k + 1);
  }
  lua_call(L, 4, 1);
  Node **out = NEWN(mod->arena, Node *, n);
  for (int k = 0; k < n; k++) {
    lua_geti(L, -1, k + 1);
    if (lua_toboolean(L, -1)) out[k] = dsl_node(L, -1, "derivative");
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return out;
}

static Node **run_vjp(Func *f, Node **arg, Node **result, Node **ybar) {
  int ref = f->opaque ? f->opaque->vjp_ref : f->custom_vjp;
  return call_hook(ref, f->nparam, arg, f->nresult, result, f->nresult, ybar, result, f->nparam);
}

static Node **run_jvp(Func *f, Node **arg, Node **result, Node **xdot) {
  return call_hook(f->opaque->jvp_ref, f->nparam, arg, f->nresult, result, f->nparam, xdot, arg,
                   f->nresult);
}

/* set_vjp(func, f, exact): f(args, results, ybars) -> xbars, in the DSL. exact: it is the
** derivative of what func computes, in any type of floats, or with "typed" in those of func. */
static int set_vjp(lua_State *L) {
  Func *f = dsl_func(L, 1);
  f->custom_exact = lua_toboolean(L, 3);
  f->custom_typed = lua_isstring(L, 3);
  lua_settop(L, 2);
  f->custom_vjp = luaL_ref(L, LUA_REGISTRYINDEX);
  return 0;
}

/* Prepares L for functions and hooks. */
void dsl_open_control(lua_State *L) {
  hook_state = L;
  opaque_vjp = run_vjp;
  opaque_jvp = run_jvp;
  luaL_newmetatable(L, func_meta);
  lua_pop(L, 1);
}

const luaL_Reg dsl_control_functions[] = {{"formal", formal},    {"parameter_name", parameter_name},
                                          {"close", close_over}, {"call", call},
                                          {"mark", mark},        {"inline", inline_func},
                                          {"loop", loop},        {"vmap", vmap},
                                          {"set_vjp", set_vjp},
                                          {"replace", replace},  {NULL, NULL}};
