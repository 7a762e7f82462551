/*
** host.h: the Lua state in which a model script runs
**
** lua_State *L = host_new(&(HostOptions){.megabytes = 4096, .seconds = 60});
** host_preload(L, "crescent.core", luaopen_crescent_core);   -- C behind the Lua files of dsl/
** host_run(L, "model.lua");                                  -- its value is on the stack's top
*/
#ifndef CRESCENT_HOST_H
#define CRESCENT_HOST_H

#include <lua.h>
#include <stddef.h>
#include "diag.h"

typedef struct HostOptions {
  int megabytes; /* the script's memory; 0: 4096, or $CRESCENT_LIMIT_MB */
  int seconds;   /* the script's time; 0: 60, or $CRESCENT_LIMIT_SECONDS */
} HostOptions;

/* host.c */
lua_State *host_new(const HostOptions *options);
void host_free(lua_State *L);
void host_preload(lua_State *L, const char *module, lua_CFunction open);
void host_run(lua_State *L, const char *script);
void host_call(lua_State *L, int narg, int nresult);
Loc host_where(lua_State *L);
int host_last_return(const char *file);
const char *host_folder(lua_State *L);

/* sandbox.c */
lua_State *sandbox_new(size_t bytes);
void sandbox_free(lua_State *L);
lua_State *sandbox_enter(lua_State *L);
void sandbox_start(int seconds, size_t bytes);
void sandbox_stop(lua_State *L);
const char *sandbox_starved(Loc otherwise); /* the message of a script that has used up its memory */

/* sandlib.c */
void sandlib_open(lua_State *L);

#endif
