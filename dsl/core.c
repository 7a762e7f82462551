/*
** core.c: the C module behind the DSL's Lua files
**
** require "crescent.core" holds one function a row of ops.def, the functions of the other files
** here, and `methods`, the table that x:name() looks in. dsl/crescent.lua makes `cr` of it.
*/
#include "dsl.h"

int luaopen_crescent_core(lua_State *L) {
  static const luaL_Reg *const tables[] = {
      dsl_index_functions, dsl_build_functions,   dsl_array_functions,  dsl_declare_functions,
      dsl_grad_functions,  dsl_control_functions, dsl_program_functions,
      dsl_op_functions,    dsl_cimport_functions, dsl_rows_functions};
  dsl_enter(L);
  dsl_open_control(L);
  dsl_open_program(L);
  lua_newtable(L);
  for (size_t k = 0; k < sizeof tables / sizeof *tables; k++) luaL_setfuncs(L, tables[k], 0);
  dsl_open_expr(L);
  lua_setfield(L, -2, "methods");
  lua_newtable(L);
  dsl_open_elementwise(L);
  lua_setfield(L, -2, "ops");
  return 1;
}
