/*
** test_dsl.c: runs the scripts of tests/dsl: what the front end builds has the shapes, types,
** names and values the script asserts
**
** A script gets `value(x, ...)`, the interpreter's numbers of a tensor as a flat list, with inputs
** given as pairs of tensor and list.
*/
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include "dsl.h"
#include "host.h"

static int failures;

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

/* value(x, {{input, {numbers}}, ...}, {N = 3}): the numbers of x in row-major order. */
static int value(lua_State *L) {
  Arena *a = arena_new();
  Node *x = dsl_node(L, 1, "value"), *param[32];
  Tensor given[32], out;
  int64_t *size = NEWN(a, int64_t, mod->nsym + 1);
  int n = lua_istable(L, 2) ? (int)luaL_len(L, 2) : 0;
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
    given[k] = (Tensor){.dtype = (Dtype)param[k]->dtype, .rank = param[k]->rank};
    for (int d = 0; d < param[k]->rank; d++) given[k].dim[d] = eval_size(param[k]->dim[d], size);
    size_t count = tensor_count(&given[k]);
    if (luaL_len(L, -1) != (lua_Integer)count)
      return luaL_error(L, "value: %d numbers for %s", (int)luaL_len(L, -1), param[k]->name);
    given[k].data = arena_zero(a, count, 8);
    for (size_t j = 0; j < count; j++) {
      lua_geti(L, -1, (lua_Integer)j + 1);
      set(&given[k], j, lua_tonumber(L, -1));
      lua_pop(L, 1);
    }
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

static void run(void *ctx) {
  const char *path = ctx;
  lua_State *L = host_new(&(HostOptions){.megabytes = 512, .seconds = 60});
  host_preload(L, "crescent.core", luaopen_crescent_core);
  lua_register(L, "value", value);
  host_run(L, path);
  host_free(L);
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int main(int argc, char **argv) {
  if (argc > 1) {
    for (int k = 1; k < argc; k++) {
      mod = module_new();
      char *message = diag_try(run, argv[k]);
      if (message) diag_print(message);
      else printf("%s: fine\n", argv[k]);
      free(message);
      module_free(mod);
    }
    return 0;
  }
  char *name[256];
  int n = 0;
  DIR *dir = opendir("tests/dsl");
  for (struct dirent *e; dir && (e = readdir(dir));)
    if (n < 256 && strstr(e->d_name, ".lua")) name[n++] = strdup(e->d_name);
  if (dir) closedir(dir);
  qsort(name, (size_t)n, sizeof *name, by_name);
  for (int k = 0; k < n; k++) {
    char path[512];
    snprintf(path, sizeof path, "tests/dsl/%s", name[k]);
    mod = module_new();
    char *message = diag_try(run, path);
    if (message) {
      diag_print(message);
      failures++;
    }
    free(message);
    module_free(mod);
    free(name[k]);
  }
  printf("%d scripts, %d failures\n", n, failures);
  return failures != 0 || n == 0;
}
