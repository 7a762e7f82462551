/*
** march.c: processors by name, and the tiles they want
**
** What `emit` writes does not depend on the machine it is written on, unless `native` is asked for:
** it is for AVX2, or for the target's or --march's processor. What `build` and `run` compile for
** this processor has tiles for it. Tiles decide how fast it is, never which bits come out: every
** element of a product adds its terms in one order.
*/
#include <string.h>
#include "build.h"

static const March table[] = {
    {"sse2", "-march=x86-64", 16, 16, .fma = false},
    {"avx2", "-march=x86-64-v3", 32, 16, .fma = true},
    {"avx512", "-march=x86-64-v4", 64, 32, .fma = true},
    {"neon", NULL, 16, 32, .fma = true},
    {"native", "-march=native", 32, 16, .fma = true}};

/* The first of AMD's processors with AVX-512. */
static const March zen4 = {"avx512", "-march=x86-64-v4", 64, 32, .fma = true, .halves = true};

const March *march_find(const char *name) {
  for (size_t k = 0; k < sizeof table / sizeof *table; k++)
    if (strcmp(table[k].name, name) == 0) return &table[k];
  return NULL;
}

/* The level that `native` is here. */
static const March *native(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_is("amdfam19h")) return &zen4;
  if (__builtin_cpu_supports("avx512f")) return march_find("avx512");
  bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return march_find(avx2 ? "avx2" : "sse2");
#else
  return march_find("neon");
#endif
}

const March *march_of(const char *target, const char *name) {
  bool arm = target && (strncmp(target, "aarch64", 7) == 0 || strncmp(target, "arm64", 5) == 0);
  if (!name) name = arm ? "neon" : "avx2";
  return strcmp(name, "native") == 0 ? native() : march_find(name);
}
