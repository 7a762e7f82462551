/*
** test_host.c: scripts that are wrong get one clear message; hostile ones are stopped
*/
#include <lauxlib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "host.h"

typedef struct Case {
  const char *script;
  const char *expect; /* what the message holds; NULL: the script succeeds */
} Case;

static const Case cases[] = {
    {"return 1", NULL},
    {"\n\nlocal x = nil + 1", "t.lua:3: attempt to perform arithmetic on a nil value"},
    {"local x = = 1", "t.lua:1: unexpected symbol near '='"},
    {"error({})", "t.lua:1: the script raised an error that is a table, not a text"},
    {"local t = setmetatable({}, {__tostring = function() return 'mine' end}) error(t)",
     "t.lua:1: mine"},
    {"\nfail('bad', 7)", "t.lua:2: bad 7\nother.lua:5: declared here"},
    {"local f = coroutine.wrap(function() fail('in', 1) end)\nf()", "t.lua:1: in 1\nother"},
    {"local ok, m = pcall(fail, 'x', 2); assert(not ok and m:find 'x 2'); fail('y', 3)",
     "t.lua:1: y 3\nother.lua:5: declared here"},
    {"where(9)\nwhere(2)", "t.lua:1: 1 is not 9"},
    {"where(1)\nwhere(2)\nlocal co = coroutine.create(function()\nwhere(4) "
     "end)\nassert(coroutine.resume(co))\nwhere(6)",
     NULL},
    {"require 'no.such'", "t.lua:1: require: there is no module 'no.such'"},
    {"require '../t'", "t.lua:1: require: '../t' is no name of a module"},
    {"require 't'", "t.lua:1: require: module 't' needs itself"},
    {"assert(require 'given' == 7 and require 'given' == 7)", NULL},
    {"\xff", "t.lua:1: the file is not text in UTF-8"},
    {"-- \xc3\xa4 \xe2\x88\x91\nreturn 1", NULL},
    {"\x1bLua", "t.lua:1: the file is not text"},
    {"assert(not (load or loadfile or dofile or io or os or debug or package or collectgarbage))",
     NULL},
    {"assert(not string.dump and not coroutine.close)", NULL},
    {"assert(tostring({}) == 'table' and tostring(print) == 'function')", NULL},
    {"assert(string.format('%s %5.2f %%p', {}, 1.5) == 'table  1.50 %p')", NULL},
    {"string.format('%20p', {})", "t.lua:1: string.format: %p"},
    {"local s = '' for k, v in pairs{b=1, a=2, [10]=3, [2]=4, [1.5]=5, [true]=6} do s = "
     "s..tostring(k)..v end\n"
     "assert(s == '1.552410' .. '3a2b1true6', s)",
     NULL},
    {"local t = {a=1, b=2, c=3} local s = '' for k in pairs(t) do t.b = nil s = s..k end assert(s "
     "== 'ac')",
     NULL},
    {"local t = {10, 20, x=3} local k, v = next(t) assert(k == 1 and v == 10) k = next(t, 2) "
     "assert(k == 'x')\n"
     "assert(next(t, 'x') == nil and next({}) == nil)",
     NULL},
    {"for _ in pairs{[{}] = 1, [{}] = 2} do end",
     "t.lua:1: a table with several keys that are objects"},
    {"assert(math.random(1000000) == RANDOM and select('#', math.randomseed()) == 0)", NULL},
    {"string.rep('x', 1 << 40)", "t.lua:1: string.rep: a string of more than"},
    {"assert(string.rep('', 1 << 62) == '' and ('ab'):rep(2, ',') == 'ab,ab')", NULL},
    {"setmetatable({}, {__gc = function() while true do end end})",
     "t.lua:1: model scripts have no finalizers"},
    {"getmetatable('').__index.format = nil", "t.lua:1: attempt to index a boolean value"},
    {"local s = 'x' while true do s = s .. s end", "not enough memory"},
    {"local function f() return 1 + f() end f()", "t.lua:1: stack overflow"},
    {"while true do end", "t.lua:1: stopped: the script ran for more than 1 seconds"},
    {"local function f() pcall(f) pcall(f) end f()", "stopped"},
    {"while true do pcall(function() while true do end end) end", "stopped"},
    {"while true do coroutine.wrap(function() pcall(error) end)() end", "stopped"},
    {"local co = coroutine.wrap(function() while true do pcall(next, {}) end end) while true do "
     "pcall(co) end",
     "stopped"},
};

/* fail(text, number): a mistake that is found in C, with a second place. */
static int fail(lua_State *L) {
  const char *text = luaL_checkstring(L, 1);
  diag_note((Loc){"other.lua", 5}, "declared here");
  diag_error(host_where(L), "%s %d", text, (int)luaL_checkinteger(L, 2));
}

/* where(n): the script's line is n. */
static int where(lua_State *L) {
  Loc loc = host_where(L);
  if (loc.line != luaL_checkinteger(L, 1))
    diag_error(loc, "%d is not %d", loc.line, (int)lua_tointeger(L, 1));
  return 0;
}

/* A module in C. */
static int given(lua_State *L) {
  static int calls;
  lua_pushinteger(L, calls++ ? -1 : 7);
  return 1;
}

static lua_Integer first_random;

typedef struct Run {
  const Case *c;
  lua_State *L;
} Run;

/* Runs t.lua in a state of its own; only scripts that do not stop have little time. */
static void run(void *ctx) {
  Run *r = ctx;
  bool endless = r->c->expect && strstr(r->c->expect, "stopped");
  lua_State *L = host_new(&(HostOptions){.megabytes = 192, .seconds = endless ? 1 : 60});
  r->L = L;
  lua_register(L, "fail", fail);
  lua_register(L, "where", where);
  lua_pushinteger(L, first_random);
  lua_setglobal(L, "RANDOM");
  host_preload(L, "given", given);
  host_run(L, "t.lua");
}

/* Returns 1 if the case's message is not as expected. */
static int check(const Case *c) {
  FILE *f = fopen("t.lua", "w");
  if (!f || fputs(c->script, f) < 0 || fclose(f)) return 1;
  Run r = {c, NULL};
  time_t start = time(NULL);
  char *message = diag_try(run, &r);
  host_free(r.L);
  int bad = c->expect ? !message || !strstr(message, c->expect) : message != NULL;
  bad |= c->expect && strstr(c->expect, "stopped") && time(NULL) - start > 3;
  if (bad) printf("script: %s\n  message:  %s\n  expected: %s\n", c->script, message, c->expect);
  free(message);
  return bad;
}

/* The first value of math.random, which must be the same in every state. */
static void take_random(void *ctx) {
  lua_State *L = host_new(NULL);
  (void)ctx;
  luaL_dostring(L, "return math.random(1000000)");
  first_random = lua_tointeger(L, -1);
  host_free(L);
}

int main(void) {
  char folder[] = "/tmp/test_host.XXXXXX";
  if (!mkdtemp(folder) || chdir(folder)) return 1;
  free(diag_try(take_random, NULL));
  int bad = 0, n = sizeof cases / sizeof cases[0];
  for (int i = 0; i < n; i++) bad += check(&cases[i]);
  unlink("t.lua");
  rmdir(folder);
  printf("%d scripts, %d defects\n", n, bad);
  return bad != 0;
}
