/*
** cimport.c: C functions of a file beside the model, as functions of scalar expressions
**
** core.cimport("curve.h") -> {bend = function}, {bend = {"scalar", "array"}}
*/
#include "cimport.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "host.h"

/* The path of a file beside the model; an error where the name leaves its folder. */
static const char *path_beside(lua_State *L, const char *name) {
  bool fine = name[0] && name[0] != '/' && strlen(name) < 1000;
  for (const char *p = name; *p; p++)
    fine = fine && (unsigned char)*p >= 32 && *p != '\\' && !(p[0] == '.' && p[1] == '.');
  if (!fine) dsl_fail(L, "cimport: '%s' is no file beside the model", name);
  const char *path = str_format("%s%s", host_folder(L), name);
  if (access(path, R_OK) != 0) dsl_fail(L, "cimport: there is no file %s", path);
  return path;
}

/* A scalar argument: a number takes the parameter's type, an expression is converted as in C. */
static Scalar *scalar_argument(lua_State *L, int at, CType type, const char *what) {
  if (lua_type(L, at) == LUA_TNUMBER && dtype_is_float(type.dtype))
    return s_const(type.dtype, lua_tonumber(L, at));
  if (lua_type(L, at) == LUA_TNUMBER && !lua_isinteger(L, at))
    dsl_fail(L, "%s is an integer in C, not %f", what, lua_tonumber(L, at));
  Scalar *s = dsl_scalar(L, at, what);
  if (!dtype_is_float(type.dtype) && dtype_is_float((Dtype)s->dtype))
    dsl_fail(L, "%s is an integer in C, not %s; cr.cast says how it becomes one", what,
             dtype_name((Dtype)s->dtype));
  return crun_convert(type.dtype, s);
}

/* An array: a tensor, or a list of as many expressions as it has elements. */
static CValue array_argument(lua_State *L, int at, CType type, const char *what) {
  Expr *e = dsl_test(L, at);
  if (e && e->node && !e->rule && e->node->rank > 0) {
    for (int d = 0; d < type.rank && e->node->rank == type.rank; d++) {
      int64_t n;
      if (type.dim[d] < 0 || !s_const_value(e->node->dim[d], &n) || n >= type.dim[d]) continue;
      dsl_note_declared(L, e->node);
      dsl_fail(L, "%s has %d elements in C, but %s has %d", what, (int)type.dim[d],
               text_node(dsl_state(L), e->node), (int)n);
    }
    return (CValue){.type = type, .tensor = e->node};
  }
  if (lua_type(L, at) != LUA_TTABLE)
    dsl_fail(L, "%s is an array in C: give a tensor, or a list of expressions", what);
  if (type.rank != 1) dsl_fail(L, "%s has %d axes in C: give a tensor", what, type.rank);
  int n = (int)luaL_len(L, at);
  if (type.dim[0] > n)
    dsl_fail(L, "%s has %d elements in C, but the list has %d", what, (int)type.dim[0], n);
  type.dim[0] = n;
  CValue v = crun_array(type);
  CType one = {.kind = CT_SCALAR, .dtype = type.dtype};
  for (int k = 0; k < n; k++) {
    lua_geti(L, at, k + 1);
    v.element[k] = scalar_argument(L, -1, one, str_format("element %d of %s", k, what));
    lua_pop(L, 1);
  }
  return v;
}

/* The call of an imported function. */
static int call(lua_State *L) {
  const CModule *m = lua_touserdata(L, lua_upvalueindex(1));
  const CFunction *f = &m->function[lua_tointeger(L, lua_upvalueindex(2))];
  dsl_enter(L);
  int given = lua_gettop(L);
  CRun r = {.L = L, .m = m};
  if (f->body->kind == C_BAD) crun_fail(&r, f->body->loc, "%s", f->body->name);
  if (given != f->nparam)
    dsl_fail(L, "%s takes %d argument%s, not %d", f->name, f->nparam, f->nparam == 1 ? "" : "s",
             given);
  CValue *arg = NEWN(mod->arena, CValue, f->nparam + 1);
  for (int k = 0; k < f->nparam; k++) {
    CType type = f->local[k];
    const char *what = str_format("%s: '%s'", f->name, f->local_name[k]);
    if (type.kind == CT_ARRAY && !type.constant) {
      dsl_note(L, mod->here, "called here");
      dsl_fail_at(L, f->loc, "cimport: '%s' is not const, and an argument cannot be changed",
                  f->local_name[k]);
    }
    arg[k] = type.kind == CT_ARRAY
                 ? array_argument(L, k + 1, type, what)
                 : (CValue){.type = type, .s = scalar_argument(L, k + 1, type, what)};
  }
  if (f->result.kind != CT_SCALAR) {
    dsl_note(L, mod->here, "called here");
    dsl_fail_at(L, f->loc, "cimport: '%s' gives no number", f->name);
  }
  Scalar *y = crun_call(&r, f, arg, NULL);
  dsl_push_scalar(L, y);
  return 1;
}

/* cimport(file) -> functions by name, kinds of their parameters by name */
static int cimport(lua_State *L) {
  const char *problem;
  Loc at;
  dsl_enter(L);
  if (lua_type(L, 1) != LUA_TSTRING) dsl_fail(L, "cimport: write cr.cimport(\"file.h\")");
  const char *path = path_beside(L, lua_tostring(L, 1));
  CModule *m = cimport_read(path, &problem, &at);
  if (!m && !at.line) dsl_fail(L, "cimport: %s: %s", path, problem);
  if (!m) {
    dsl_note(L, mod->here, "imported here");
    dsl_fail_at(L, at, "%s", problem);
  }
  lua_newtable(L);
  lua_newtable(L);
  for (int k = 0; k < m->nfunction; k++) {
    const CFunction *f = &m->function[k];
    lua_pushlightuserdata(L, m);
    lua_pushinteger(L, k);
    lua_pushcclosure(L, call, 2);
    lua_setfield(L, -3, f->name);
    lua_newtable(L);
    for (int p = 0; p < f->nparam && f->body->kind != C_BAD; p++) {
      lua_pushstring(L, f->local[p].kind == CT_ARRAY ? "array" : "scalar");
      lua_seti(L, -2, p + 1);
    }
    lua_setfield(L, -2, f->name);
  }
  return 2;
}

const luaL_Reg dsl_cimport_functions[] = {{"cimport", cimport}, {NULL, NULL}};
