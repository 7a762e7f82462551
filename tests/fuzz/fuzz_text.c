/*
** fuzz_text.c: libFuzzer's way into what people write: graphs, scripts, calls of the library, command lines
**
** The first byte chooses; the rest is the text, or for calls (calls.lua) their numbers. A text is
** read, or refused with a message; a graph that is read prints as a text that reads as itself. A
** defect of ours ends the process, which the fuzzer notices. Messages count as coverage, so that
** it finds its way even where the compiler is not instrumented. The library is translated by Lua
** once, not for every input: that took nine tenths of the time.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../codegen/cgen.h"
#include "../../dsl/dsl.h"
#include "../../dsl/host.h"
#include "embed.h"
#include "rt_program.h"
#include <lauxlib.h>

enum { GRAPH, SCRIPT, CALLS, COMMAND, KINDS, COUNTERS = 1 << 12, LONGEST = 1 << 13 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t counter[COUNTERS];

static const char *text;      /* of the input */
static const char *script;    /* the file that a script is written to */
static lua_State *state;

/* Stops where the condition does not hold; the fuzzer keeps the input. */
static void must(bool ok, const char *what) {
  if (ok) return;
  fprintf(stderr, "fuzz_text: %s\n", what);
  abort();
}

/* Counts a message by its letters: places and numbers are left out. */
static void note(const char *message) {
  uint32_t h = 2166136261u;
  for (const char *s = message; *s && *s != '\n'; s++)
    if (*s >= 'a' && *s <= 'z') h = (h ^ (uint8_t)*s) * 16777619u;
  if (counter[h % COUNTERS] < 255) counter[h % COUNTERS]++;
}

/* A graph: what is printed reads as itself. */
static void graph(void *ctx) {
  Text first = {0}, second = {0};
  (void)ctx;
  print_func(&first, parse_func(text, "fuzz.ir"));
  module_free(mod);
  mod = module_new();
  print_func(&second, parse_func(first.s, "fuzz.ir"));
  bool same = strcmp(first.s, second.s) == 0;
  if (!same) fprintf(stderr, "%s\nreads as\n%s\n", first.s, second.s);
  must(same, "a graph that is printed reads as another one");
  text_free(&first);
  text_free(&second);
}

enum { MODULES = 1024 };
static Text translated[MODULES]; /* the library's files as Lua translated them, by number in embed_at */

static int keep(lua_State *L, const void *p, size_t n, void *ctx) {
  (void)L;
  text_put(ctx, p, n);
  return 0;
}

static const char *module_file(const char *module) {
  return str_format("dsl/%s.lua", module[8] ? module + 9 : "crescent");
}

/* What `require` calls for a module of the library. */
static int open_module(lua_State *L) {
  const char *file = module_file(lua_tostring(L, 1));
  int at = (int)(embed_find(file) - embed_at(0));
  Text *code = &translated[at];
  bool known = code->n > 0;
  const char *from = known ? code->s : embed_at(at)->data, *name = str_format("=%s", file);
  if (luaL_loadbufferx(L, from, known ? code->n : embed_at(at)->size, name, "bt")) return lua_error(L);
  if (!known) lua_dump(L, keep, code, 0);
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  return 1;
}

/* Has `require` take the library's modules from what was translated before. */
static void preload(lua_State *L) {
  for (int k = 0; k < embed_count() && k < MODULES; k++) {
    const char *path = embed_at(k)->path;
    int n = (int)strlen(path) - 8;
    if (n < 1 || strncmp(path, "dsl/", 4) || strcmp(path + 4 + n, ".lua") || strchr(path + 4, '/')) continue;
    bool whole = !strcmp(path, "dsl/crescent.lua");
    host_preload(L, whole ? "crescent" : str_format("crescent.%.*s", n, path + 4), open_module);
  }
}

/* A script, or the calls that the numbers stand for. */
static void run(void *ctx) {
  Option option = {.name = "numbers", .value = ctx ? str_intern(ctx) : NULL};
  state = host_new(&(HostOptions){.megabytes = 256, .seconds = 4});
  preload(state);
  host_preload(state, "crescent.core", luaopen_crescent_core);
  dsl_options(state, ctx ? 1 : 0, &option);
  host_run(state, ctx ? getenv("FUZZ_CALLS") : script);
}

static void try(void (*f)(void *ctx), void *ctx) {
  mod = module_new();
  char *message = diag_try(f, ctx);
  if (message) note(message);
  if (message) must(*message && strlen(message) < 1 << 15, "a message of some length");
  free(message);
  if (state) host_free(state);
  state = NULL;
  module_free(mod);
}

/* The command line of a made program, its words between newlines. */
static void command(char *words) {
  static const rt_arg input = {.name = "X", .dtype = RT_F32};
  static const rt_entry entry = {.name = "train", .kind = RT_TRAIN, .ninput = 1, .input = &input};
  static const rt_model model = {.name = "fuzz", .nentry = 1, .entry = &entry};
  static rt_options o;
  char *argv[64] = {"fuzz"};
  int argc = 1;
  for (char *s = words; s && argc < 64;) {
    char *end = strchr(s, '\n');
    if (end) *end++ = 0;
    argv[argc++] = s;
    s = end;
  }
  rt_error err = {""};
  int status = rt_options_read(&o, &model, argc, argv, &err);
  must(status == 0 || (status == RT_USAGE && err.text[0]), "a status with a message");
  note(err.text);
}

/* One input. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 1 || size > LONGEST) return 0;
  char *copy = malloc(2 * size + 1);
  must(copy != NULL, "memory");
  memcpy(copy, data + 1, size - 1);
  copy[size - 1] = 0;
  text = copy;
  switch (data[0] % KINDS) {
  case GRAPH:
    try(graph, NULL);
    break;
  case SCRIPT: {
    script = "fuzz_script.lua";
    FILE *f = fopen(script, "wb");
    must(f && fwrite(data + 1, 1, size - 1, f) == size - 1 && fclose(f) == 0, "a file");
    try(run, NULL);
    break;
  }
  case CALLS:
    for (size_t i = 1; i < size; i++) snprintf(copy + 2 * (i - 1), 3, "%02x", data[i]);
    if (size > 1) try(run, copy);
    break;
  default:
    command(copy);
  }
  free(copy);
  return 0;
}
