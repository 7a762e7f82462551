/*
** toolchain.c: which C compiler, and with which flags
**
** Results must not depend on the compiler: no contraction, no -ffast-math, no libm for elementary
** functions. OpenMP is libomp with clang and libgomp with gcc; clang's -fopenmp=libgomp is never
** used, since it drops every pragma without a word.
*/
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "build.h"
#include "ir.h"

static const char *const clangs[] = {"clang-19", "clang-20", "clang-18", "clang-17", "clang-16",
                                     "clang-15", "clang-14", "clang",    NULL};

/* Returns what `cc arg` prints, to be freed; NULL if it fails. */
static char *ask(const char *cc, const char *arg) {
  const char *dir = files_temp_folder(NULL);
  Process p = {.log = str_format("%s/log", dir)};
  process_add(&p, cc);
  process_add(&p, arg);
  process_run(&p, 1, 1, false);
  size_t n;
  char *text = p.status == 0 ? files_read(p.log, &n) : NULL;
  files_remove(dir);
  return text;
}

/* Chooses the compiler: --cc; for --static gcc, as Debian has no static libomp; else clang. */
static const char *choose(const BuildOptions *o) {
  if (o->cc) {
    const char *cc = process_find(o->cc);
    if (!cc) diag_error((Loc){0}, "--cc %s: there is no such program", o->cc);
    return cc;
  }
  if (o->no_shared && !o->target && process_find("gcc")) return process_find("gcc");
  for (int i = 0; clangs[i]; i++)
    if (process_find(clangs[i])) return process_find(clangs[i]);
  if (!o->target && process_find("gcc")) return process_find("gcc");
  diag_error((Loc){0}, "no C compiler: looked for clang-19 to clang-14 and gcc in $PATH; "
                       "install clang-19 and libomp-19-dev (scripts/setup does), or say --cc");
}

/* Is the target's copy of a library there, where Debian's cross packages put it? */
static bool target_has(const char *target, const char *library) {
  return access(str_format("/usr/lib/%s/%s", target, library), R_OK) == 0 ||
         access(str_format("/usr/%s/lib/%s", target, library), R_OK) == 0;
}

static void flag(Toolchain *t, const char *s) {
  t->flag[t->nflag++] = s;
}
static void link_flag(Toolchain *t, const char *s) {
  t->link[t->nlink++] = s;
}

/* Ends with what to install where the C library of another machine is missing. */
static void check_target(const BuildOptions *o) {
  const char *headers[] = {str_format("/usr/%s/include/stdio.h", o->target),
                           str_format("/usr/include/%s/stdio.h", o->target),
                           str_format("/usr/include/%s/sys/cdefs.h", o->target)};
  for (int k = 0; k < 3; k++)
    if (access(headers[k], R_OK) == 0) return;
  bool arm = strcmp(o->target, "aarch64-linux-gnu") == 0;
  diag_error((Loc){0}, "--target %s: its C library is not here (no %s)%s", o->target, headers[0],
             arm ? "; install gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and lld-19" : "");
}

/* Whether a compiler that was asked for makes code for a processor like this one. */
static bool is_native(const char *cc) {
#if defined(__x86_64__)
  static const char here[] = "x86_64";
#else
  static const char here[] = "aarch64";
#endif
  char *machine = ask(cc, "-dumpmachine");
  bool native = machine && strncmp(machine, here, sizeof here - 1) == 0;
  free(machine);
  return native;
}

/* The flags that say for which machine. */
static void machine_flags(Toolchain *t, const BuildOptions *o) {
  if (o->target && !o->cc) check_target(o);
  if (o->target && t->is_clang) {
    flag(t, str_format("--target=%s", o->target));
    const char *digits = strrchr(t->cc, '-');
    if (process_find(digits && digits[1] >= '0' && digits[1] <= '9' ? str_format("ld.lld%s", digits)
                                                                    : "ld.lld") ||
        process_find("ld.lld"))
      link_flag(t, process_find("ld.lld") ? "-fuse-ld=lld" : str_format("-fuse-ld=lld%s", digits));
  }
  const March *march = o->march ? march_find(o->march) : NULL;
  if (march) {
    if (march->flag) flag(t, march->flag);
    return;
  }
  if (o->target || (o->cc && !is_native(t->cc))) return;
#if defined(__x86_64__) || defined(__i386__)
  flag(t, "-march=native");
#else
  flag(t, "-mcpu=native");
#endif
}

/* libpng and zlib, where they are there: without them made programs say so when they need them. */
static void file_libraries(Toolchain *t, const BuildOptions *o) {
  const char *kind = o->no_shared ? "a" : "so";
  bool here = !o->target;
  if (here
          ? access("/usr/include/png.h", R_OK) == 0 || access("/usr/local/include/png.h", R_OK) == 0
          : target_has(o->target, str_format("libpng.%s", kind))) {
    t->png = true;
    flag(t, "-DRT_HAVE_PNG");
    link_flag(t, "-lpng");
  }
  if (here ? access("/usr/include/zlib.h", R_OK) == 0 ||
                 access("/usr/local/include/zlib.h", R_OK) == 0
           : target_has(o->target, str_format("libz.%s", kind))) {
    t->zlib = true;
    flag(t, "-DRT_HAVE_ZLIB");
    link_flag(t, "-lz");
  }
}

#if defined(__aarch64__)
#define HERE "aarch64-linux-gnu"
#else
#define HERE "x86_64-linux-gnu"
#endif

/* Large factorizations by LAPACK where that is Debian's serial OpenBLAS, and the program may need a
** shared library: any other is slower than our own (reference LAPACK), or has threads and bits of
** its own. */
bool toolchain_large(Toolchain *t, const BuildOptions *o) {
  char path[PATH_MAX];
  if (o->target || o->no_shared || o->kind == KIND_STATIC) return false;
  if (!realpath("/usr/lib/" HERE "/liblapack.so", path) || !strstr(path, "openblas-serial"))
    return false;
  flag(t, "-DRT_HAVE_LAPACK");
  link_flag(t, "-llapack");
  return true;
}

/* A static library leaves the link to its user. */
void toolchain_lapack(Toolchain *t, const BuildOptions *o) {
  if (o->kind == KIND_STATIC) return;
  if (o->no_shared)
    diag_error((Loc){0}, "the model uses LAPACK (lapack = true), which --static cannot link; leave "
                         "out one of them");
  if (!target_has(o->target ? o->target : HERE, "liblapack.so") &&
      (o->target || access("/usr/lib/liblapack.so", R_OK) != 0))
    diag_error((Loc){0},
               "the model uses LAPACK (lapack = true), and there is no liblapack.so: install "
               "libopenblas-serial-dev, or leave lapack = true out");
  link_flag(t, "-llapack");
}

/* The flags of MPI, as mpicc shows the command it runs. */
void toolchain_mpi(Toolchain *t, const BuildOptions *o) {
  const char *mpicc = process_find("mpicc");
  if (o->target || o->no_shared || o->kind != KIND_EXE)
    diag_error((Loc){0}, "--mpi makes programs for this machine, with shared libraries");
  char *text = mpicc ? ask(mpicc, "-show") : NULL;
  if (!text)
    diag_error((Loc){0},
               "--mpi needs an MPI library, and there is no mpicc: install libopenmpi-dev "
               "and openmpi-bin");
  flag(t, "-DRT_HAVE_MPI");
  for (char *word = strtok(text, " \n"); word; word = strtok(NULL, " \n")) {
    if (strncmp(word, "-I", 2) == 0 && t->nflag < MOST_FLAGS) flag(t, str_intern(word));
    if ((strncmp(word, "-L", 2) == 0 || strncmp(word, "-l", 2) == 0 ||
         strncmp(word, "-Wl", 3) == 0) &&
        t->nlink < MOST_FLAGS)
      link_flag(t, str_intern(word));
  }
  free(text);
}

/* Finds the compiler and settles the flags; a clear error where there is none. */
Toolchain toolchain_find(const BuildOptions *o) {
  static const char *const always[] = {
      "-std=c11",
      "-ffp-contract=off",
      "-fno-math-errno",
      "-fno-trapping-math", /* lets gcc turn the selects of rt_math.h into vectors; no bit differs
                             */
      "-ffunction-sections",
      "-fdata-sections"};
  Toolchain t = {.cc = choose(o)};
  char *version = ask(t.cc, "--version");
  if (!version) diag_error((Loc){0}, "%s --version fails: this is no C compiler", t.cc);
  t.is_clang = strstr(version, "clang") != NULL;
  t.version = str_format("%.*s", (int)strcspn(version, "\n"), version);
  free(version);
  flag(&t, o->level ? o->level : o->sanitize ? "-O1" : "-O3");
  for (size_t i = 0; i < sizeof always / sizeof always[0]; i++) flag(&t, always[i]);
  machine_flags(&t, o);
  if (o->strict) flag(&t, "-DRT_STRICT");
  if (o->sanitize) {
    flag(&t, "-fsanitize=address,undefined");
    flag(&t, "-fno-sanitize-recover=all");
    flag(&t, "-fno-sanitize=vla-bound"); /* x[..][N] of N = 0: an empty array, never stepped over */
    flag(&t, "-g1");
  }
  if (o->kind != KIND_EXE) flag(&t, "-fPIC");
  t.openmp = !t.is_clang || (!o->no_shared && (!o->target || target_has(o->target, "libomp.so.5")));
  if (t.openmp) {
    flag(&t, "-fopenmp");
    if (t.is_clang) {
      flag(&t, "-mllvm");
      flag(&t, "-openmp-opt-disable");
    }
  }
  if (o->no_shared) link_flag(&t, "-static");
  if (o->kind == KIND_SHARED) {
    link_flag(&t, "-shared");
    link_flag(&t, "-Wl,--exclude-libs,librt_model.a:librt.a");
  }
  link_flag(&t, "-Wl,--gc-sections");
  link_flag(&t, "-Wl,--as-needed");
  file_libraries(&t, o);
  link_flag(&t, "-lm");
  return t;
}
