/*
** libclang.c: load libclang, 19 before 20 and before the older ones
*/
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "libclang.h"

/* Opens one version by the names and places that Debian and LLVM's own packages give it. */
static void *open_version(int version) {
  static const char *const form[] = {"libclang-%d.so.%d", "libclang-%d.so.1",
                                     "/usr/lib/llvm-%d/lib/libclang.so.1",
                                     "/usr/lib/llvm-%d/lib/libclang.so.%d", "libclang.so.%d"};
  for (size_t i = 0; i < sizeof form / sizeof form[0]; i++) {
    char name[128];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(name, sizeof name, form[i], version, version);
#pragma GCC diagnostic pop
    void *h = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (h) return h;
  }
  return NULL;
}

static Libclang lc; /* version 0: there is none */

/* Finds the newest libclang that is known to work. */
static void load(void) {
  static const int versions[] = {19, 20, 18, 17, 16, 15, 14};
  for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
    void *h = open_version(versions[i]);
    if (!h) continue;
    bool whole = true;
#define X(f)                                                                                       \
  {                                                                                                \
    void *p = dlsym(h, "clang_" #f);                                                               \
    whole &= p != NULL;                                                                            \
    memcpy(&lc.f, &p, sizeof p);                                                                   \
  }
    LIBCLANG_FUNCTIONS(X)
    LIBCLANG_CURSORS(X)
#undef X
    if (whole) {
      void *binary = dlsym(h, "clang_getCursorBinaryOperatorKind");
      void *unary = dlsym(h, "clang_getCursorUnaryOperatorKind");
      memcpy(&lc.binary_operator, &binary, sizeof binary);
      memcpy(&lc.unary_operator, &unary, sizeof unary);
      lc.version = versions[i];
      return;
    }
    dlclose(h);
  }
}

/* Returns its functions; NULL if there is none. */
const Libclang *libclang_load(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return lc.version ? &lc : NULL;
}

static void *load_aside(void *ctx) {
  (void)ctx;
  libclang_load();
  return NULL;
}

static pthread_t aside;
static bool loads;

void libclang_ahead(void) { loads = pthread_create(&aside, NULL, load_aside, NULL) == 0; }

void libclang_wait(void) {
  if (loads) pthread_join(aside, NULL);
  loads = false;
}
