/*
** sandlib.c: the functions of Lua that a model script may call
**
** Base, string, table, math, coroutine and utf8, without what reads files, loads code or tells
** addresses, and made deterministic: `pairs` goes by sorted keys, `math.random` has a fixed seed,
** `tostring({})` is "table". Finalizers and strings beyond any use are refused.
*/
#include <lauxlib.h>
#include <lualib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "host.h"

enum { MAX_REP = 1 << 28 }; /* bytes of a string.rep */

/* Pushes what tostring gives: never an address. */
static void push_text(lua_State *L, int at) {
  at = lua_absindex(L, at);
  int type = lua_type(L, at);
  if (luaL_callmeta(L, at, "__tostring")) {
    if (!lua_isstring(L, -1)) luaL_error(L, "'__tostring' must return a string");
  } else if (type <= LUA_TBOOLEAN || type == LUA_TNUMBER || type == LUA_TSTRING) {
    luaL_tolstring(L, at, NULL);
  } else if (luaL_getmetafield(L, at, "__name") != LUA_TSTRING) {
    lua_pushstring(L, lua_typename(L, type));
  }
}

/* tostring(v) */
static int lib_tostring(lua_State *L) {
  luaL_checkany(L, 1);
  push_text(L, 1);
  return 1;
}

/* print(...): to standard output. */
static int lib_print(lua_State *L) {
  int n = lua_gettop(L);
  for (int i = 1; i <= n; i++) {
    push_text(L, i);
    if (i > 1) fputc('\t', stdout);
    size_t size;
    const char *s = lua_tolstring(L, -1, &size);
    fwrite(s, 1, size, stdout);
    lua_pop(L, 1);
  }
  fputc('\n', stdout);
  return 0;
}

/* string.format without %p; what has no text of its own is given the one of tostring. */
static int lib_format(lua_State *L) {
  const char *f = luaL_checkstring(L, 1);
  for (const char *p = strchr(f, '%'); p; p = strchr(p, '%')) {
    if (p[1] == '%') {
      p += 2;
      continue;
    }
    p++;
    p += strspn(p, "-+ #0123456789.");
    if (*p == 'p') return luaL_error(L, "string.format: %%p is not there for model scripts");
  }
  for (int i = lua_gettop(L); i > 1; i--) {
    int type = lua_type(L, i);
    if (type < LUA_TTABLE && type != LUA_TLIGHTUSERDATA) continue;
    push_text(L, i);
    lua_replace(L, i);
  }
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, 1);
  return 1;
}

/* string.rep of bounded size, also when what is repeated is empty. */
static int lib_rep(lua_State *L) {
  size_t n, sep;
  luaL_checklstring(L, 1, &n);
  lua_Integer times = luaL_checkinteger(L, 2);
  luaL_optlstring(L, 3, "", &sep);
  if (n + sep == 0) times = 0;
  if (times > 0 && (lua_Integer)(n + sep) > MAX_REP / times)
    return luaL_error(L, "string.rep: a string of more than %d bytes", MAX_REP);
  lua_settop(L, 3);
  lua_pushinteger(L, times);
  lua_replace(L, 2);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, 3, 1);
  return 1;
}

/* setmetatable without finalizers. */
static int lib_setmetatable(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  if (lua_istable(L, 2)) {
    lua_pushliteral(L, "__gc");
    if (lua_rawget(L, 2) != LUA_TNIL)
      return luaL_error(L, "model scripts have no finalizers (__gc)");
    lua_pop(L, 1);
  }
  lua_settop(L, 2);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, 2, 1);
  return 1;
}

/* math.randomseed: without an argument the seed is 0, so that every run is the same. */
static int lib_randomseed(lua_State *L) {
  lua_settop(L, 1);
  if (lua_isnil(L, 1)) {
    lua_pushinteger(L, 0);
    lua_replace(L, 1);
  }
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, 1, 0);
  return 0;
}

/* A key with what its place in the order depends on. */
typedef struct Key {
  int rank; /* 0 number, 1 string, 2 boolean, 3 anything else */
  bool whole;
  lua_Integer i;
  lua_Number f;
  const char *s;
  size_t n;
  int at; /* its position as found */
} Key;

/* Reads the key at a stack position; its string stays alive as long as the key does. */
static Key read_key(lua_State *L, int at, int position) {
  Key k = {.rank = 3, .at = position};
  switch (lua_type(L, at)) {
  case LUA_TNUMBER:
    k.rank = 0;
    k.whole = lua_isinteger(L, at);
    if (k.whole) k.i = lua_tointeger(L, at);
    k.f = lua_tonumber(L, at);
    break;
  case LUA_TSTRING:
    k.rank = 1;
    k.s = lua_tolstring(L, at, &k.n);
    break;
  case LUA_TBOOLEAN:
    k.rank = 2;
    k.i = lua_toboolean(L, at);
    break;
  default:
    break;
  }
  return k;
}

/* The order of keys: numbers, strings by their bytes, false, true, others. */
static int compare_keys(const void *pa, const void *pb) {
  const Key *a = pa, *b = pb;
  if (a->rank != b->rank) return a->rank < b->rank ? -1 : 1;
  if (a->rank == 1) {
    int c = memcmp(a->s, b->s, a->n < b->n ? a->n : b->n);
    return c ? c : (a->n > b->n) - (a->n < b->n);
  }
  if (a->rank == 0 && !(a->whole && b->whole)) return (a->f > b->f) - (a->f < b->f);
  return (a->i > b->i) - (a->i < b->i);
}

/* The error for keys whose order would be that of their addresses. */
static int no_order(lua_State *L) {
  return luaL_error(L, "a table with several keys that are objects has no fixed order; "
                       "keep them in a list as well, and go through that");
}

/* Steps through the keys that pairs has sorted; what was removed meanwhile is left out. */
static int pairs_step(lua_State *L) {
  lua_Integer i = lua_tointeger(L, lua_upvalueindex(2));
  lua_settop(L, 1);
  for (;;) {
    i++;
    if (lua_rawgeti(L, lua_upvalueindex(1), i) == LUA_TNIL) return 1;
    lua_pushvalue(L, -1);
    if (lua_rawget(L, 1) != LUA_TNIL) break;
    lua_pop(L, 2);
  }
  lua_pushinteger(L, i);
  lua_replace(L, lua_upvalueindex(2));
  return 2;
}

/* pairs(t) in the order of keys. */
static int lib_pairs(lua_State *L) {
  luaL_checkany(L, 1);
  if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
    lua_pushvalue(L, 1);
    lua_call(L, 1, 3);
    return 3;
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  size_t n = 0, objects = 0;
  for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) n++;
  Key *key = lua_newuserdatauv(L, (n + 1) * sizeof *key, 0); /* 2 */
  lua_createtable(L, (int)n, 0);                             /* 3: as found */
  lua_createtable(L, (int)n, 0);                             /* 4: sorted */
  size_t i = 0;
  for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
    key[i] = read_key(L, -2, (int)i + 1);
    objects += key[i].rank == 3;
    i++;
    lua_pushvalue(L, -2);
    lua_rawseti(L, 3, (lua_Integer)i);
  }
  if (objects > 1) return no_order(L);
  qsort(key, n, sizeof *key, compare_keys);
  for (i = 0; i < n; i++) {
    lua_rawgeti(L, 3, key[i].at);
    lua_rawseti(L, 4, (lua_Integer)i + 1);
  }
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, pairs_step, 2);
  lua_pushvalue(L, 1);
  return 2;
}

/* next(t, k): the smallest key above k. Linear in the size of the table. */
static int lib_next(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  bool first = lua_isnil(L, 2), found = false;
  Key from = read_key(L, 2, 0), best = {0};
  int objects = 0;
  lua_pushnil(L); /* 3: the best so far */
  for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
    Key k = read_key(L, -2, 0);
    if (k.rank == 3 && objects++ > 0) return no_order(L);
    if (!first && compare_keys(&k, &from) <= 0) continue;
    if (found && compare_keys(&k, &best) >= 0) continue;
    best = k;
    found = true;
    lua_pushvalue(L, -2);
    lua_replace(L, 3);
  }
  if (!found) return 1;
  lua_pushvalue(L, 3);
  lua_rawget(L, 1);
  return 2;
}

/* coroutine.resume that tells diag and the alarm which thread runs. */
static int lib_resume(lua_State *L) {
  lua_State *co = lua_tothread(L, 1);
  luaL_argexpected(L, co, 1, "coroutine");
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  sandbox_enter(co);
  lua_State *before = diag_lua(co);
  int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
  diag_lua(before);
  sandbox_enter(L);
  return status == LUA_OK ? lua_gettop(L) : lua_error(L);
}

/* What coroutine.wrap returns: resumes its thread, and hands its errors on. */
static int wrapped(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_rotate(L, 1, 2);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  if (lua_toboolean(L, 1)) return lua_gettop(L) - 1;
  lua_settop(L, 2);
  return lua_error(L);
}

/* coroutine.wrap(f) */
static int lib_wrap(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  lua_State *co = lua_newthread(L);
  lua_insert(L, 1);
  lua_xmove(L, co, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_pushcclosure(L, wrapped, 2);
  return 1;
}

/* Replaces table[name] of the library on the stack's top by f, which has the old one as its
 * upvalue. */
static void wrap(lua_State *L, const char *name, lua_CFunction f) {
  lua_getfield(L, -1, name);
  lua_pushcclosure(L, f, 1);
  lua_setfield(L, -2, name);
}

/* A global that nothing has set is an error, so that a name with a slip in it is not nil in
** silence. What other versions of Lua have may be asked for. */
static int lib_undefined(lua_State *L) {
  static const char *const known[] = {
      "unpack",   "loadstring",     "load", "setfenv", "getfenv", "jit", "bit",
      "bit32",    "package",        "os",   "io",      "debug",   "arg", "dofile",
      "loadfile", "collectgarbage", "warn", "module",  NULL};
  const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
  for (int k = 0; known[k]; k++)
    if (strcmp(known[k], name) == 0) return 0;
  return luaL_error(L, "'%s' is not defined", name);
}

/* Removes names, up to NULL, from the table on the stack's top. */
static void drop(lua_State *L, const char *const *name) {
  for (; *name; name++) {
    lua_pushnil(L);
    lua_setfield(L, -2, *name);
  }
}

/* Opens what scripts may use, and nothing else. */
void sandlib_open(lua_State *L) {
  static const luaL_Reg libs[] = {
      {LUA_STRLIBNAME, luaopen_string}, {LUA_TABLIBNAME, luaopen_table},
      {LUA_MATHLIBNAME, luaopen_math},  {LUA_COLIBNAME, luaopen_coroutine},
      {LUA_UTF8LIBNAME, luaopen_utf8},  {LUA_GNAME, luaopen_base}};
  for (size_t i = 0; i < sizeof libs / sizeof libs[0]; i++) {
    luaL_requiref(L, libs[i].name, libs[i].func, 1);
    lua_pop(L, 1);
  }
  lua_pushglobaltable(L);
  lua_newtable(L);
  lua_pushcfunction(L, lib_undefined);
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  drop(L, (const char *const[]){"load", "loadfile", "dofile", "loadstring", "collectgarbage",
                                "warn", NULL});
  wrap(L, "tostring", lib_tostring);
  wrap(L, "print", lib_print);
  wrap(L, "pairs", lib_pairs);
  wrap(L, "next", lib_next);
  wrap(L, "setmetatable", lib_setmetatable);
  lua_getfield(L, -1, "string");
  drop(L, (const char *const[]){"dump", NULL});
  wrap(L, "rep", lib_rep);
  wrap(L, "format", lib_format);
  lua_getfield(L, -2, "math");
  wrap(L, "randomseed", lib_randomseed);
  lua_getfield(L, -1, "randomseed");
  lua_call(L, 0, 0);
  lua_getfield(L, -3, "coroutine");
  drop(L, (const char *const[]){"close", NULL});
  wrap(L, "resume", lib_resume);
  lua_getfield(L, -1, "resume");
  lua_pushcclosure(L, lib_wrap, 1);
  lua_setfield(L, -2, "wrap");
  lua_settop(L, 0);
  lua_pushliteral(L, "");
  lua_getmetatable(L, -1);
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_settop(L, 0);
}
