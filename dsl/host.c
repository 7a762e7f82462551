/*
** host.c: runs a model script and turns its failures into one clear message
**
** `require "crescent"` is dsl/crescent.lua and `require "crescent.nn"` dsl/nn.lua, out of the
** executable; any other name is a .lua file in the model's folder, "a.b" being a/b.lua.
** An error that a library file raises with error(text, 0) is blamed on the innermost line of the
** user's own script, and so is one that goes wrong inside the library.
*/
#include <lauxlib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "embed.h"
#include "host.h"

enum { MAX_SCRIPT = 32 << 20, MAX_PATH_TEXT = 4096, MAX_MESSAGE = 8000 };

static const char PRELOAD[] = "crescent.preload"; /* registry: module -> C function */
static const char LOADED[] =
    "crescent.loaded"; /* registry: module -> value, false while it loads */
static const char FOLDER[] =
    "crescent.folder"; /* registry: the model's folder, "" or with a slash */
static const char SCRIPT[] = "crescent.script";   /* registry: the model's file */
static const char OPTIONS[] = "crescent.options"; /* registry: HostOptions with every limit set */

static int lib_require(lua_State *L);

/* Returns the option, else the environment's value, else the default. */
static int limit(int option, const char *variable, int otherwise) {
  if (option > 0) return option;
  const char *s = getenv(variable);
  int v = s ? atoi(s) : 0;
  return v > 0 ? v : otherwise;
}

/* Returns a state with the libraries of the sandbox and `require`; options may be NULL. */
lua_State *host_new(const HostOptions *options) {
  HostOptions o = options ? *options : (HostOptions){0};
  o.megabytes = limit(o.megabytes, "CRESCENT_LIMIT_MB", 4096);
  o.seconds = limit(o.seconds, "CRESCENT_LIMIT_SECONDS", 60);
  lua_State *L = sandbox_new((size_t)o.megabytes << 20);
  sandlib_open(L);
  lua_newtable(L);
  lua_setfield(L, LUA_REGISTRYINDEX, PRELOAD);
  lua_newtable(L);
  lua_setfield(L, LUA_REGISTRYINDEX, LOADED);
  lua_pushliteral(L, "");
  lua_setfield(L, LUA_REGISTRYINDEX, FOLDER);
  HostOptions *kept = lua_newuserdatauv(L, sizeof *kept, 0);
  *kept = o;
  lua_setfield(L, LUA_REGISTRYINDEX, OPTIONS);
  lua_register(L, "require", lib_require);
  return L;
}

/* Frees a state. */
void host_free(lua_State *L) {
  sandbox_free(L);
}

/* Makes `require(module)` call a C function, once, for its value. */
void host_preload(lua_State *L, const char *module, lua_CFunction open) {
  lua_getfield(L, LUA_REGISTRYINDEX, PRELOAD);
  lua_pushcfunction(L, open);
  lua_setfield(L, -2, module);
  lua_pop(L, 1);
}

/* Returns the model's folder: "" or a path that ends in a slash. */
const char *host_folder(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, FOLDER);
  const char *s = lua_tostring(L, -1);
  lua_pop(L, 1);
  return s;
}

/* Returns the line of the user's own files that is being executed; costs some 30 ns a level. */
Loc host_where(lua_State *L) {
  lua_Debug ar;
  for (int level = 0; lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "Sl", &ar);
    if (ar.source[0] == '@' && ar.currentline > 0) return (Loc){ar.source + 1, ar.currentline};
  }
  return (Loc){0};
}

/* The last line of the file that starts with `return`; 0: none. A call in tail position leaves no
** frame to ask, and that is where a script's own is. */
int host_last_return(const char *file) {
  char line[256];
  int at = 1, found = 0;
  FILE *f = file ? fopen(file, "r") : NULL;
  if (!f) return 0;
  for (bool fresh = true; fgets(line, sizeof line, f);) {
    if (fresh && !strncmp(line, "return", 6)) found = at;
    fresh = strchr(line, '\n') != NULL;
    at += fresh;
  }
  fclose(f);
  return found;
}

/* Raises an error if the text is no UTF-8, or has the bytes 0 or escape; `name` is its file. */
static void check_utf8(lua_State *L, const char *name, const char *s, size_t n) {
  int line = 1;
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)s[i];
    int more = c < 0x80                ? 0
               : c >= 0xc2 && c < 0xe0 ? 1
               : c >= 0xe0 && c < 0xf0 ? 2
               : c >= 0xf0 && c < 0xf5 ? 3
                                       : -1;
    bool good = c != 0 && c != 0x1b && more >= 0 && i + (size_t)(more > 0 ? more : 0) < n;
    for (int k = 1; good && k <= more; k++) good = (s[i + (size_t)k] & 0xc0) == 0x80;
    if (!good) luaL_error(L, "%s:%d: the file is not text in UTF-8", name, line);
    i += (size_t)more;
    line += c == '\n';
  }
}

/* Pushes the text of a user's file; raises a clear error if there is none. Returns false, with
** nothing pushed, where the file does not exist. */
static bool push_file(lua_State *L, const char *path) {
  struct stat st;
  if (stat(path, &st) != 0) return false;
  if (!S_ISREG(st.st_mode)) luaL_error(L, "%s: not a file", path);
  if (st.st_size > MAX_SCRIPT)
    luaL_error(L, "%s: a script of more than %d MB", path, MAX_SCRIPT >> 20);
  FILE *f = fopen(path, "rb");
  if (!f) luaL_error(L, "%s: cannot be read", path);
  char *text = lua_newuserdatauv(L, (size_t)st.st_size + 1, 0);
  size_t n = fread(text, 1, (size_t)st.st_size, f);
  bool failed = ferror(f) != 0;
  fclose(f);
  if (failed) luaL_error(L, "%s: cannot be read", path);
  check_utf8(L, path, text, n);
  size_t skip = n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  lua_pushlstring(L, text + skip, n - skip);
  lua_remove(L, -2);
  return true;
}

/* Pushes the function that a user's file holds. Returns false where the file does not exist. */
static bool load_file(lua_State *L, const char *path) {
  if (!push_file(L, path)) return false;
  size_t n;
  const char *text = lua_tolstring(L, -1, &n);
  const char *name = lua_pushfstring(L, "@%s", path);
  if (n > 1 && text[0] == '#') { /* a first line for the shell */
    while (n > 0 && *text != '\n') text++, n--;
  }
  if (luaL_loadbufferx(L, text, n, name, "t") != LUA_OK) {
    char file[MAX_PATH_TEXT];
    int line;
    const char *message = lua_tostring(L, -1);
    if (!diag_place(message, file, sizeof file, &line)) luaL_error(L, "%s: %s", path, message);
    lua_error(L);
  }
  lua_replace(L, -3);
  lua_pop(L, 1);
  return true;
}

/* Pushes the loader of a module of ours: "crescent.nn" -> dsl/nn.lua. False if there is none. */
static bool load_embedded(lua_State *L, const char *module) {
  if (strncmp(module, "crescent", 8) != 0 || (module[8] && module[8] != '.')) return false;
  const char *rest = module[8] ? module + 9 : "crescent";
  char path[256];
  if (snprintf(path, sizeof path, "dsl/%s", rest) >= (int)sizeof path - 5) return false;
  for (char *p = path + 4; *p; p++)
    if (*p == '.') *p = '/';
  strcat(path, ".lua");
  const Embedded *e = embed_find(path);
  if (!e) return false;
  const char *name = lua_pushfstring(L, "=%s", path);
  if (luaL_loadbufferx(L, e->data, e->size, name, "t") != LUA_OK) lua_error(L);
  lua_remove(L, -2);
  return true;
}

/* Pushes the loader of a module beside the model: "a.b" -> a/b.lua. False if there is none. */
static bool load_beside(lua_State *L, const char *module) {
  char path[MAX_PATH_TEXT];
  int n = snprintf(path, sizeof path, "%s", host_folder(L));
  for (const char *p = module; *p; p++) {
    bool fine = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
                *p == '_' || *p == '-' || (*p == '.' && p > module && p[1] && p[1] != '.');
    if (!fine) luaL_error(L, "require: '%s' is no name of a module", module);
    if (n >= MAX_PATH_TEXT - 5) return false;
    path[n++] = *p == '.' ? '/' : *p;
  }
  strcpy(path + n, ".lua");
  return load_file(L, path);
}

/* require(module) */
static int lib_require(lua_State *L) {
  const char *module = luaL_checkstring(L, 1);
  lua_settop(L, 1);
  lua_getfield(L, LUA_REGISTRYINDEX, LOADED); /* 2 */
  if (lua_getfield(L, 2, module) != LUA_TNIL) {
    if (lua_isboolean(L, -1) && !lua_toboolean(L, -1))
      return luaL_error(L, "require: module '%s' needs itself", module);
    return 1;
  }
  lua_getfield(L, LUA_REGISTRYINDEX, PRELOAD); /* 4 */
  lua_getfield(L, 4, module);
  if (lua_isnil(L, -1) && !load_embedded(L, module) && !load_beside(L, module))
    return luaL_error(L, "require: there is no module '%s', and no %s%s.lua", module,
                      host_folder(L), module);
  lua_pushboolean(L, 0);
  lua_setfield(L, 2, module);
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  if (lua_isnil(L, -1) || (lua_isboolean(L, -1) && !lua_toboolean(L, -1))) {
    lua_pop(L, 1);
    lua_pushboolean(L, 1);
  }
  lua_pushvalue(L, -1);
  lua_setfield(L, 2, module);
  return 1;
}

/* Pushes the full name of the file that Lua's message calls `cut` ("...tail" where it was long). */
static void push_full_name(lua_State *L, const char *cut) {
  lua_Debug ar;
  for (int level = 0; lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "S", &ar);
    if (ar.source[0] == '@' && strcmp(ar.short_src, cut) == 0) {
      lua_pushstring(L, ar.source + 1);
      return;
    }
  }
  lua_pushstring(L, cut);
}

/* The script's last return, which has left no frame where it is a call. */
static Loc script_end(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, SCRIPT);
  const char *script = lua_tostring(L, -1); /* the registry keeps it */
  lua_pop(L, 1);
  return (Loc){script, host_last_return(script)};
}

/* Turns what was raised into "file:line: text" with the file and line of the user's own script. */
static int on_error(lua_State *L) {
  if (lua_type(L, 1) != LUA_TSTRING && !luaL_callmeta(L, 1, "__tostring"))
    lua_pushfstring(L, "the script raised an error that is a %s, not a text", luaL_typename(L, 1));
  const char *message = lua_tostring(L, -1);
  if (!message) message = "the script raised an error without a text";
  if (strlen(message) > MAX_MESSAGE) message = lua_pushlstring(L, message, MAX_MESSAGE);
  if (getenv("CRESCENT_TRACEBACK")) {
    luaL_traceback(L, L, message, 1);
    fprintf(stderr, "%s\n", lua_tostring(L, -1));
  }
  char file[MAX_PATH_TEXT];
  int line = 0;
  const char *text = diag_place(message, file, sizeof file, &line);
  bool ours = text && embed_find(file);
  Loc user = host_where(L);
  if (!user.file) user = script_end(L);
  if (text && !ours) {
    if (strncmp(file, "...", 3) != 0) return lua_pushstring(L, message), 1;
    push_full_name(L, file);
    lua_pushfstring(L, "%s:%d%s", lua_tostring(L, -1), line, text);
  } else if (!user.file) {
    lua_pushstring(L, message);
  } else if (ours) {
    lua_pushfstring(L, "%s:%d%s\n%s:%d: raised here", user.file, user.line, text, file, line);
  } else {
    lua_pushfstring(L, "%s:%d: %s", user.file, user.line, message);
  }
  return 1;
}

/* As lua_pcall; on failure the message is on the stack's top, as it is to be shown. */
static bool call(lua_State *L, int narg, int nresult) {
  int handler = lua_gettop(L) - narg;
  lua_pushcfunction(L, on_error);
  lua_insert(L, handler);
  lua_State *before = sandbox_enter(L), *diag_before = diag_lua(L);
  int status = lua_pcall(L, narg, nresult, handler);
  diag_lua(diag_before);
  sandbox_enter(before);
  lua_remove(L, handler);
  if (status == LUA_ERRMEM) {
    lua_pop(L, 1);
    lua_gc(L, LUA_GCCOLLECT);
    lua_pushstring(L, sandbox_starved(script_end(L)));
  }
  return status == LUA_OK;
}

/* Calls the function under `narg` arguments, as lua_call does; a failure goes to diag_raise. */
void host_call(lua_State *L, int narg, int nresult) {
  if (!call(L, narg, nresult)) diag_raise(lua_tostring(L, -1));
}

/* Loads the file named by the string at 1 and runs it; its first result is returned. */
static int run_file(lua_State *L) {
  const char *path = lua_tostring(L, 1);
  if (!load_file(L, path)) return luaL_error(L, "%s: there is no such file", path);
  lua_call(L, 0, 1);
  return 1;
}

/* Runs a model script under the limits; its value is left on the top of the stack. */
void host_run(lua_State *L, const char *script) {
  const char *slash = strrchr(script, '/');
  lua_pushlstring(L, script, slash ? (size_t)(slash + 1 - script) : 0);
  lua_setfield(L, LUA_REGISTRYINDEX, FOLDER);
  lua_pushstring(L, script);
  lua_setfield(L, LUA_REGISTRYINDEX, SCRIPT);
  lua_getfield(L, LUA_REGISTRYINDEX, OPTIONS);
  HostOptions *o = lua_touserdata(L, -1);
  lua_pop(L, 1);
  lua_pushcfunction(L, run_file);
  lua_pushstring(L, script);
  sandbox_start(o->seconds, (size_t)o->megabytes << 20);
  bool done = call(L, 1, 1);
  sandbox_stop(L);
  if (!done) diag_raise(lua_tostring(L, -1));
}
