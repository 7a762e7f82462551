/*
** build.h: from emitted C to a program; the check of what was emitted
**
** build_folder("folder", "out/lenet", &(BuildOptions){.kind = KIND_EXE});
*/
#ifndef CRESCENT_BUILD_H
#define CRESCENT_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include "ir.h"

typedef enum BuildKind {
  KIND_EXE,    /* a program */
  KIND_STATIC, /* lib<name>.a, without main.c */
  KIND_SHARED  /* lib<name>.so, without main.c */
} BuildKind;

typedef struct BuildOptions {
  BuildKind kind;
  const char *cc;     /* the compiler; NULL: the first clang found, 19 before the others */
  const char *target; /* a triple for clang; NULL: this machine, and code for its very processor */
  const char *march;  /* a level of march_find; NULL: the target's usual one, here the processor's */
  bool no_shared;     /* --static: the program needs no shared library */
  const char *level;  /* "-O0" and the like; NULL: -O3 */
  bool strict;
  bool mpi; /* the program trains under mpirun */
  bool sanitize; /* stop at a wrong access, an overflow, a leak; -O1 where no level is said */
  bool verbose; /* print the commands on stderr */
} BuildOptions;

/* build.c */
void build_folder(const char *dir, const char *out, const BuildOptions *o);
bool build_is_users(const char *name); /* op_*.c: of a structured operation the model declares */
const char *build_key(const char *dir, const BuildOptions *o);

/* toolchain.c */
enum { MOST_FLAGS = 48 };
typedef struct Toolchain {
  const char *cc, *version; /* path; first line of --version */
  bool is_clang, openmp, png, zlib;
  int nflag, nlink;
  const char *flag[MOST_FLAGS], *link[MOST_FLAGS]; /* of every compilation; of the link, after the objects */
} Toolchain;
Toolchain toolchain_find(const BuildOptions *o);
void toolchain_lapack(Toolchain *t, const BuildOptions *o); /* links LAPACK, or says where it is */
void toolchain_mpi(Toolchain *t, const BuildOptions *o);    /* links MPI, or says what to install */
bool toolchain_large(Toolchain *t, const BuildOptions *o);  /* the same for rt_large.h, where it pays */

/* march.c: processors */
typedef struct March {
  const char *name, *flag; /* "avx2", "-march=x86-64-v3"; flag NULL: none is needed */
  int vector_bytes, registers;
  bool fma, halves;        /* halves: vectors of 64 bytes are executed as two */
} March;
const March *march_find(const char *name);            /* NULL: there is none of this name */
const March *march_of(const char *target, const char *name); /* what tiles are made for */

/* files.c */
const char *files_temp_folder(const char *beside);
void files_keep(const char *temp);
void files_remove(const char *temp);
void files_clean(void);
char *files_read(const char *path, size_t *n);
void files_write(const char *path, const char *text, size_t n);
void files_put(const char *path, const char *text, size_t n); /* into a folder that is not there yet for others */
void files_install(const char *from, const char *to);
void files_make_folder(const char *path);
int files_list(const char *dir, const char *suffix, const char ***name);
const char *files_cache(void);

/* cache.c */
void cache_touch(const char *path);
void cache_prune(void);

/* process.c */
typedef struct Process {
  const char *argv[128]; /* ends in NULL */
  const char *log;       /* where its output goes; NULL: ours */
  int pid, status;       /* status as waitpid gives it; -1: it could not be started */
} Process;
const char *process_find(const char *name);
void process_add(Process *p, const char *arg);
void process_run(Process *p, int n, int jobs, bool verbose);

/* check.c */
typedef struct CheckFile {
  const char *name, *text; /* "denoise.c" and what is in it */
  size_t size;
} CheckFile;
enum { CHECKED_AT_ONCE = 4 };
int check_emitted(const CheckFile *file, int nfile, int from, int count, Text *report);
void check_ahead(void); /* begins to load libclang, beside what is done before */
void check_wait(void);  /* for that, before the process ends */

#endif
