/*
** test_dsl.c: runs the scripts of tests/dsl: what the front end builds has the shapes, types,
** names and values the script asserts
**
** A script gets `value(x, ...)` of value.c. usage: test_dsl [SCRIPT ...]
*/
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include "dsl.h"
#include "host.h"

static int failures;

static void run(void *ctx) {
  const char *path = ctx;
  lua_State *L = host_new(&(HostOptions){.megabytes = 512, .seconds = 60});
  host_preload(L, "crescent.core", luaopen_crescent_core);
  lua_register(L, "value", dsl_value);
  host_run(L, path);
  host_free(L);
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Runs a script in a module of its own. */
static void try(char *path) {
  mod = module_new();
  char *message = diag_try(run, path);
  if (message) {
    diag_print(message);
    failures++;
  }
  free(message);
  module_free(mod);
}

int main(int argc, char **argv) {
  char *name[256];
  int n = 0;
  DIR *dir = opendir("tests/dsl");
  for (int k = 1; k < argc; k++) try(argv[k]);
  for (struct dirent *e; dir && argc < 2 && (e = readdir(dir));)
    if (n < 256 && strstr(e->d_name, ".lua")) name[n++] = strdup(e->d_name);
  if (dir) closedir(dir);
  qsort(name, (size_t)n, sizeof *name, by_name);
  for (int k = 0; k < n; k++) {
    char path[512];
    snprintf(path, sizeof path, "tests/dsl/%s", name[k]);
    try(path);
    free(name[k]);
  }
  printf("%d scripts, %d failures\n", n + argc - 1, failures);
  return failures != 0 || n + argc < 2;
}
