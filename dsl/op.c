/*
** op.c: structured operations: opaque kernels as the script declares them
**
** dsl/op.lua checks the declaration, binds size variables at each call, and finds the batch; what
** it found comes here as plain shapes.
*/
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "dsl.h"
#include "embed.h"
#include "host.h"

static const char *text_field(lua_State *L, int at, const char *name) {
  lua_getfield(L, at, name);
  const char *s = lua_isstring(L, -1) ? str_intern(lua_tostring(L, -1)) : NULL;
  lua_pop(L, 1);
  return s;
}

static int function_field(lua_State *L, int at, const char *name) {
  if (lua_getfield(L, at, name) != LUA_TNIL) return luaL_ref(L, LUA_REGISTRYINDEX);
  lua_pop(L, 1);
  return 0;
}

/* The field, a list of {name, dtype, shape}, as formals. */
static int formals(lua_State *L, int at, const char *field, Node ***node) {
  lua_getfield(L, at, field);
  int list = lua_gettop(L), n = (int)luaL_len(L, list);
  *node = NEWN(mod->arena, Node *, n + 1);
  for (int k = 0; k < n; k++) {
    Scalar *dim[MAX_RANK];
    lua_geti(L, list, k + 1);
    int row = lua_gettop(L);
    lua_geti(L, row, 1);
    lua_geti(L, row, 2);
    lua_geti(L, row, 3);
    Dtype t = dsl_dtype(L, row + 2, mod->default_float);
    int rank = dsl_shape(L, row + 3, dim, lua_tostring(L, row + 1));
    (*node)[k] = n_param(P_FORMAL, lua_tostring(L, row + 1), t, rank, dim, mod->here);
    lua_settop(L, list);
  }
  lua_pop(L, 1);
  return n;
}

static Scalar *size_field(lua_State *L, int at, const char *name) {
  Scalar *s = NULL;
  if (lua_getfield(L, at, name) != LUA_TNIL) s = dsl_size(L, -1, name);
  lua_pop(L, 1);
  return s;
}

static void read_status(lua_State *L, int at, Opaque *o) {
  lua_getfield(L, at, "status");
  o->nstatus = lua_istable(L, -1) ? (int)luaL_len(L, -1) : -1;
  o->status = NEWN(mod->arena, Status, o->nstatus + 2);
  for (int k = 0; k < o->nstatus; k++) {
    lua_geti(L, -1, k + 1);
    lua_geti(L, -1, 1);
    lua_geti(L, -2, 2);
    o->status[k] = (Status){str_intern(lua_tostring(L, -2)), str_intern(lua_tostring(L, -1))};
    lua_pop(L, 3);
  }
  lua_pop(L, 1);
}

/* op_item{name, kernel, generic, within, header, sources, args, results, sizes, work, cost, many, dtype,
** status, vjp, jvp, file, line} -> the Func of one item */
static int op_item(lua_State *L) {
  Node **param, **result;
  Scalar *size[64];
  dsl_enter(L);
  Opaque *o = NEW(mod->arena, Opaque);
  const char *name = text_field(L, 1, "name");
  o->kernel = text_field(L, 1, "kernel");
  o->generic = text_field(L, 1, "generic");
  o->within = text_field(L, 1, "within");
  o->header = text_field(L, 1, "header");
  lua_getfield(L, 1, "dtype");
  o->type = dsl_dtype(L, -1, mod->default_float);
  lua_getfield(L, 1, "sources");
  o->nsource = lua_istable(L, -1) ? (int)luaL_len(L, -1) : 0;
  o->source = NEWN(mod->arena, const char *, o->nsource + 1);
  for (int k = 0; k < o->nsource; k++) {
    lua_geti(L, -1, k + 1);
    o->source[k] = str_intern(lua_tostring(L, -1));
    lua_pop(L, 1);
  }
  lua_pop(L, 2);
  int nparam = formals(L, 1, "args", &param), nresult = formals(L, 1, "results", &result);
  lua_getfield(L, 1, "sizes");
  o->nsize = (int)luaL_len(L, -1);
  if (o->nsize > 64) dsl_fail(L, "%s: more than 64 sizes", name);
  for (int k = 0; k < o->nsize; k++) {
    lua_geti(L, -1, k + 1);
    size[k] = dsl_size(L, -1, name);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  o->size = arena_copy(mod->arena, size, sizeof *size * (size_t)o->nsize);
  o->work = size_field(L, 1, "work");
  o->cost = size_field(L, 1, "cost");
  o->many = size_field(L, 1, "many");
  read_status(L, 1, o);
  lua_getfield(L, 1, "empty");
  o->empty = lua_toboolean(L, -1);
  lua_pop(L, 1);
  if (o->header) o->caller = NEW(mod->arena, Caller *);
  o->vjp_ref = function_field(L, 1, "vjp");
  o->jvp_ref = function_field(L, 1, "jvp");
  lua_getfield(L, 1, "line");
  Loc loc = {text_field(L, 1, "file"), (int)lua_tointeger(L, -1)};
  Func *f = func_new(name, nparam, param, nresult, result, loc);
  f->opaque = o;
  dsl_push_func(L, f);
  return 1;
}

/* Notes what the script called for an operation, unless it is known. */
static void add_caller(Opaque *o, const char *name, Loc loc) {
  Caller **c = o->caller;
  while (*c && ((*c)->name != name || (*c)->loc.file != loc.file || (*c)->loc.line != loc.line))
    c = &(*c)->next;
  if (*c) return;
  *c = NEW(mod->arena, Caller);
  **c = (Caller){name, loc, NULL};
}

/* op_call(item, batch, share, args, caller, derived) -> results; bit b of share[k]: args[k] has
** batch axis b; caller: what the script called, or nil; derived: to differentiate it */
static int op_call(lua_State *L) {
  Scalar *batch[MAX_RANK];
  Node **arg;
  dsl_enter(L);
  Func *f = dsl_func(L, 1);
  int nbatch = dsl_shape(L, 2, batch, f->name);
  unsigned *share = NEWN(mod->arena, unsigned, f->nparam + 1);
  for (int k = 0; k < f->nparam; k++) {
    lua_geti(L, 3, k + 1);
    share[k] = (unsigned)lua_tointeger(L, -1);
    lua_pop(L, 1);
  }
  if (dsl_nodes(L, 4, &arg, f->name) != f->nparam) ICE(f->loc, "op: arguments of %s", f->name);
  if (f->opaque->caller && lua_isstring(L, 5))
    add_caller(f->opaque, str_intern(lua_tostring(L, 5)),
               lua_toboolean(L, 6) ? (Loc){0} : mod->here);
  return dsl_push_results(L, n_call(opaque_batch(f, nbatch, batch, share), arg));
}

/* op_source(path) -> the path of a file beside the model, its text; nil if it cannot be read */
static int op_source(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  const char *path = name[0] == '/' ? name : lua_pushfstring(L, "%s%s", host_folder(L), name);
  struct stat st;
  FILE *f = stat(path, &st) == 0 && S_ISREG(st.st_mode) ? fopen(path, "rb") : NULL;
  if (!f) return 0;
  luaL_Buffer b;
  char part[4096];
  lua_pushstring(L, path);
  luaL_buffinit(L, &b);
  for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;) luaL_addlstring(&b, part, n);
  fclose(f);
  luaL_pushresult(&b);
  return 2;
}

/* op_files() -> the names of dsl/ops/NAME.lua */
static int op_files(lua_State *L) {
  int n = 0;
  lua_newtable(L);
  for (int k = 0; k < embed_count(); k++) {
    const char *path = embed_at(k)->path;
    size_t len = strlen(path);
    if (strncmp(path, "dsl/ops/", 8) || strcmp(path + len - 4, ".lua")) continue;
    lua_pushlstring(L, path + 8, len - 12);
    lua_seti(L, -2, ++n);
  }
  return 1;
}

const luaL_Reg dsl_op_functions[] = {{"op_item", op_item},
                                     {"op_call", op_call},
                                     {"op_source", op_source},
                                     {"op_files", op_files},
                                     {NULL, NULL}};
