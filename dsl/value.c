/*
** value.c: what the interpreter makes of a tensor, as numbers of Lua
**
**   value(x, {{input, {1, 2, 3}}, ..}, {N = 3})     {2, 4, 6}, in row-major order
**
** For tests of the front end, and for the examples of the reference.
*/
#include "dsl.h"

static double get(const Tensor *t, size_t k) {
  switch (t->dtype) {
  case DT_BOOL: return ((uint8_t *)t->data)[k];
  case DT_I32: return ((int32_t *)t->data)[k];
  case DT_I64: return (double)((int64_t *)t->data)[k];
  case DT_F32: return ((float *)t->data)[k];
  default: return ((double *)t->data)[k];
  }
}

static void set(Tensor *t, size_t k, double v) {
  switch (t->dtype) {
  case DT_BOOL: ((uint8_t *)t->data)[k] = v != 0; return;
  case DT_I32: ((int32_t *)t->data)[k] = (int32_t)v; return;
  case DT_I64: ((int64_t *)t->data)[k] = (int64_t)v; return;
  case DT_F32: ((float *)t->data)[k] = (float)v; return;
  default: ((double *)t->data)[k] = v;
  }
}

/* The numbers of the list on the stack's top as a tensor of param's shape. */
static Tensor take_numbers(lua_State *L, Arena *a, const Node *param, const int64_t *size) {
  Tensor t = {.dtype = (Dtype)param->dtype, .rank = param->rank};
  for (int d = 0; d < param->rank; d++) t.dim[d] = eval_size(param->dim[d], size);
  size_t count = tensor_count(&t);
  if (luaL_len(L, -1) != (lua_Integer)count)
    luaL_error(L, "value: %d numbers for %s", (int)luaL_len(L, -1), param->name);
  t.data = arena_zero(a, count, 8);
  for (size_t j = 0; j < count; j++) {
    lua_geti(L, -1, (lua_Integer)j + 1);
    set(&t, j, lua_tonumber(L, -1));
    lua_pop(L, 1);
  }
  return t;
}

/* value(x, {{input, {numbers}}, ...}, {N = 3}): the numbers of x in row-major order. */
int dsl_value(lua_State *L) {
  enum { MOST = 32 };
  Arena *a = arena_new();
  Node *x = dsl_node(L, 1, "value"), *param[MOST];
  Tensor given[MOST], out;
  int64_t *size = NEWN(a, int64_t, mod->nsym + 1);
  int n = lua_istable(L, 2) ? (int)luaL_len(L, 2) : 0;
  if (n > MOST) return luaL_error(L, "value: more than %d inputs", MOST);
  for (int k = 0; k < mod->nsym && lua_istable(L, 3); k++) {
    lua_getfield(L, 3, mod->sym[k]->name);
    size[mod->sym[k]->index] = lua_tointeger(L, -1);
    lua_pop(L, 1);
  }
  for (int k = 0; k < n; k++) {
    lua_geti(L, 2, k + 1);
    lua_geti(L, -1, 1);
    param[k] = dsl_node(L, -1, "value");
    lua_geti(L, -2, 2);
    given[k] = take_numbers(L, a, param[k], size);
    lua_pop(L, 3);
  }
  eval_graph(a, n, param, given, size, 1, &x, &out);
  size_t count = tensor_count(&out);
  lua_createtable(L, (int)count, 0);
  for (size_t k = 0; k < count; k++) {
    double v = get(&out, k);
    if (dtype_is_float(out.dtype)) lua_pushnumber(L, v);
    else lua_pushinteger(L, (lua_Integer)v);
    lua_seti(L, -2, (lua_Integer)k + 1);
  }
  arena_free(a);
  return 1;
}
