/*
** reference_doc.c: the reference as one document, written by dsl/reference.lua
**
** The script gets `crescent.pages`: the rows of ops.def, the pages of the Lua sources, and `value`,
** by which it runs the examples; it returns a text, and whether all is well.
*/
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>
#include "driver.h"
#include "embed.h"
#include "../codegen/build.h"
#include "../dsl/dsl.h"
#include "../dsl/host.h"

static void set_text(lua_State *L, const char *field, const Text *t) {
  lua_pushlstring(L, t->s ? t->s : "", t->n);
  lua_setfield(L, -2, field);
}

/* The comment at the top of a file, without its dashes. */
static void push_head(lua_State *L, const char *file) {
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  const char *s = embed_find(file)->data;
  while (strncmp(s, "--", 2) == 0 && s[2] != '-') {
    size_t n = strcspn(s, "\n");
    luaL_addlstring(&b, s + 2, n - 2);
    luaL_addchar(&b, '\n');
    s += n + (s[n] == '\n');
  }
  luaL_pushresult(&b);
}

static void add_page(void *ctx, const Page *p) {
  lua_State *L = ctx;
  lua_newtable(L);
  if (p->name) {
    lua_pushstring(L, p->name);
    lua_setfield(L, -2, "name");
  }
  lua_pushstring(L, p->file);
  lua_setfield(L, -2, "file");
  push_head(L, p->file);
  lua_setfield(L, -2, "head");
  set_text(L, "text", &p->text);
  set_text(L, "tags", &p->tags);
  lua_seti(L, -2, luaL_len(L, -2) + 1);
}

static void add_row(lua_State *L, const OpInfo *o) {
  lua_newtable(L);
  lua_pushstring(L, o->name);
  lua_setfield(L, -2, "name");
  lua_pushstring(L, o->doc);
  lua_setfield(L, -2, "doc");
  lua_pushlstring(L, &o->kind, 1);
  lua_setfield(L, -2, "kind");
  lua_pushinteger(L, o->arity);
  lua_setfield(L, -2, "arity");
  lua_newtable(L);
  for (int k = 0; k < o->arity; k++) {
    lua_pushstring(L, o->partial[k]);
    lua_seti(L, -2, k + 1);
  }
  lua_setfield(L, -2, "partial");
  lua_seti(L, -2, luaL_len(L, -2) + 1);
}

/* load_text(text, name, environment): the function, or nil and why not */
static int load_text(lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  if (luaL_loadbufferx(L, text, n, luaL_checkstring(L, 2), "t") != LUA_OK) {
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
  }
  if (!lua_isnoneornil(L, 3)) {
    lua_pushvalue(L, 3);
    lua_setupvalue(L, -2, 1);
  }
  return 1;
}

static int open_pages(lua_State *L) {
  lua_newtable(L);
  lua_newtable(L);
  for (int op = 0; op < OP_COUNT; op++) add_row(L, &op_info[op]);
  lua_setfield(L, -2, "rows");
  lua_newtable(L);
  reference_visit(add_page, L);
  lua_setfield(L, -2, "pages");
  lua_pushcfunction(L, dsl_value);
  lua_setfield(L, -2, "value");
  lua_pushcfunction(L, load_text);
  lua_setfield(L, -2, "load_text");
  return 1;
}

/* Writes the files of a list of {path, text} into a folder. */
static void write_files(lua_State *L, const char *folder) {
  for (lua_Integer k = 1; lua_geti(L, -1, k) == LUA_TTABLE; k++) {
    size_t n;
    lua_geti(L, -1, 1);
    lua_geti(L, -2, 2);
    const char *path = str_format("%s/%s", folder, lua_tostring(L, -2));
    const char *text = lua_tolstring(L, -1, &n);
    files_make_folder(str_format("%.*s", (int)(strrchr(path, '/') - path), path));
    files_write(path, text, n);
    lua_pop(L, 3);
  }
  lua_pop(L, 1);
}

/* Prints the reference on stdout: "markdown", or what "verify" finds wrong; of "types" (LuaCATS)
** writes the files into a folder. False where an example fails. */
bool reference_document(const char *format, const char *folder) {
  mod = module_new();
  lua_State *L = host_new(NULL);
  host_preload(L, "crescent.core", luaopen_crescent_core);
  host_preload(L, "crescent.pages", open_pages);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "crescent.reference");
  host_call(L, 1, 1);
  lua_getfield(L, -1, format);
  host_call(L, 0, 2);
  bool fine = lua_toboolean(L, -1);
  lua_pop(L, 1);
  if (lua_istable(L, -1))
    write_files(L, folder);
  else
    fputs(lua_tostring(L, -1), stdout);
  host_free(L);
  module_free(mod);
  return fine;
}
