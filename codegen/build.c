/*
** build.c: runs the C compiler on a folder of emitted files
**
** Every .c of the folder is one object. main.c is left out of libraries; the rt_*.c, which are the
** same for every model, go into an archive so that only what is used is linked: the one that was
** made when Crescent was built, or for another compiler, machine or way to build, a new one. Objects
** are kept in the cache under a hash of compiler, flags and text, so that those are compiled once.
*/
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "build.h"
#include "embed.h"
#include "ir.h"

typedef struct Hash {
  uint64_t a, b;
} Hash;

/* One source on its way to an object. */
typedef struct Unit {
  const char *name, *source, *object, *cached, *log;
  bool runtime; /* an rt_*.c */
} Unit;

/* Two FNV-1a hashes with different starts: 128 bits against accidents. */
static void hash_bytes(Hash *h, const char *s, size_t n) {
  for (size_t i = 0; i <= n; i++) { /* with the 0 at the end, which keeps texts apart */
    h->a = (h->a ^ (unsigned char)s[i]) * 0x100000001b3u;
    h->b = (h->b ^ (unsigned char)s[i]) * 0x100000001b3u;
    h->b ^= h->b >> 29;
  }
}

static void hash_text(Hash *h, const char *s) {
  hash_bytes(h, s, strlen(s));
}

static void hash_file(Hash *h, const char *path) {
  size_t n;
  char *s = files_read(path, &n);
  if (!s) diag_error((Loc){path, 0}, "cannot be read");
  hash_bytes(h, s, n);
  free(s);
}

/* The hash of everything but the sources that objects depend on. */
static Hash hash_toolchain(const Toolchain *t) {
  Hash h = {0xcbf29ce484222325u, 0x84222325cbf29ce4u};
  hash_text(&h, t->cc);
  hash_text(&h, t->version);
  for (int i = 0; i < t->nflag; i++) hash_text(&h, t->flag[i]);
  return h;
}

static const char *hash_name(Hash h) {
  return str_format("%016llx%016llx", (unsigned long long)h.a, (unsigned long long)h.b);
}

static bool is_runtime(const char *name) {
  return strncmp(name, "rt_", 3) == 0 || strncmp(name, "rt.", 3) == 0;
}

bool build_is_users(const char *name) {
  size_t n = strlen(name);
  return strncmp(name, "op_", 3) == 0 && n > 2 && strcmp(name + n - 2, ".c") == 0;
}

/* Adds the folder's headers to the hash: only the runtime's own ones, or all. */
static void hash_headers(Hash *h, const char *dir, bool runtime) {
  const char **name;
  int n = files_list(dir, ".h", &name);
  for (int i = 0; i < n; i++) {
    if (runtime && !is_runtime(name[i])) continue;
    hash_text(h, name[i]);
    hash_file(h, str_format("%s/%s", dir, name[i]));
  }
  free(name);
}

/* Returns 32 hexadecimal digits that stand for the folder's files, the compiler and its flags. */
const char *build_key(const char *dir, const BuildOptions *o) {
  Toolchain t = toolchain_find(o);
  Hash h = hash_toolchain(&t);
  for (int i = 0; i < t.nlink; i++) hash_text(&h, t.link[i]);
  hash_headers(&h, dir, false);
  const char **name;
  int n = files_list(dir, ".c", &name);
  for (int i = 0; i < n; i++) {
    hash_text(&h, name[i]);
    hash_file(&h, str_format("%s/%s", dir, name[i]));
  }
  free(name);
  return hash_name(h);
}

/* Copies the first lines of a log that say "error", at most `room` bytes. */
static void first_errors(const char *log, char *out, size_t room) {
  size_t n, used = 0;
  char *s = files_read(log, &n);
  out[0] = 0;
  for (char *p = s; p && *p;) {
    size_t len = strcspn(p, "\n");
    char *end = p + len + (p[len] != 0);
    p[len] = 0;
    if ((strstr(p, "error") || strstr(p, "undefined reference") || strstr(p, "cannot find")) &&
        used + len + 4 < room)
      used += (size_t)snprintf(out + used, room - used, "\n  %s", p);
    if (used > 600) break;
    p = end;
  }
  free(s);
}

/* Ends with what went wrong in a compilation or in the link (unit NULL). */
static _Noreturn void failed(const Process *p, const Unit *u, const Toolchain *t, const char *dir) {
  char errors[1024];
  const char *what = u ? u->name : "the link";
  if (p->status == -1) diag_error((Loc){0}, "%s could not be started", p->argv[0]);
  if (WIFSIGNALED(p->status))
    diag_error((Loc){0}, "%s was killed by signal %d (%s) while it worked on %s%s", p->argv[0],
               WTERMSIG(p->status), strsignal(WTERMSIG(p->status)), what,
               WTERMSIG(p->status) == SIGKILL ? "; was there too little memory?" : "");
  first_errors(p->log, errors, sizeof errors);
  if (!u)
    diag_error((Loc){0}, "%s cannot link the program; is a library missing?%s", p->argv[0], errors);
  if (!errors[0] || strstr(errors, "file not found") || strstr(errors, "No such file") ||
      strstr(errors, "No space"))
    diag_error((Loc){0}, "%s fails on %s%s", p->argv[0], what, errors);
  if (u && build_is_users(u->name))
    diag_error((Loc){0}, "the C of an operation does not compile%s", errors);
  files_keep(dir);
  ICE(((Loc){0}), "%s (%s) does not take the C that was emitted, kept in %s%s", t->cc, t->version,
      dir, errors);
}

/* The runtime as it was compiled with Crescent, where that is what this program needs; else NULL.
** It has no arithmetic of models, so the level of the processor and -O do not matter. */
static const Embedded *made_runtime(const Toolchain *t, const BuildOptions *o) {
  bool usual = !o->cc && !o->target && !o->sanitize && !o->mpi && t->png && t->zlib;
  return usual ? embed_find("librt.a") : NULL;
}

/* Whether a source is the runtime's, unchanged. */
static bool is_of_runtime(const char *name, const char *path) {
  const Embedded *e = embed_find(str_format("runtime/%s", name));
  size_t n;
  char *text = e ? files_read(path, &n) : NULL;
  bool same = text && n == e->size && memcmp(text, e->data, n) == 0;
  free(text);
  return same;
}

/* Fills the table of units; returns how many there are. */
static int find_units(const char *dir, const char *work, const Toolchain *t, const BuildOptions *o,
                      Unit **unit) {
  const char **name;
  int n = files_list(dir, ".c", &name), count = 0;
  const char *cache = str_format("%s/objects", files_cache());
  bool caching = mkdir(cache, 0700) == 0 || errno == EEXIST, made = made_runtime(t, o) != NULL;
  Unit *u = arena_need(calloc((size_t)n + 1, sizeof *u));
  Hash common[2] = {hash_toolchain(t), hash_toolchain(t)};
  hash_headers(&common[0], dir, false);
  hash_headers(&common[1], dir, true);
  for (int i = 0; i < n; i++) {
    if (o->kind != KIND_EXE && strcmp(name[i], "main.c") == 0) continue;
    const char *source = str_format("%s/%s", dir, name[i]);
    if (made && is_of_runtime(name[i], source)) continue;
    Unit *v = &u[count++];
    v->name = name[i];
    v->source = source;
    v->runtime = is_runtime(name[i]);
    v->log = str_format("%s/%s.log", work, name[i]);
    v->object = str_format("%s/%.*s.o", work, (int)strlen(name[i]) - 2, name[i]);
    if (!caching) continue;
    Hash h = common[v->runtime];
    hash_text(&h, name[i]);
    hash_file(&h, v->source);
    v->cached = str_format("%s/%s.o", cache, hash_name(h));
    if (access(v->cached, R_OK) != 0) continue;
    v->object = v->cached;
    cache_touch(v->cached);
  }
  free(name);
  *unit = u;
  return count;
}

/* Makes the objects that are not in the cache, and keeps them there. */
static void compile(Unit *u, int n, const char *dir, const Toolchain *t, const BuildOptions *o) {
  Process *p = arena_need(calloc((size_t)n + 1, sizeof *p));
  int *which = arena_need(calloc((size_t)n + 1, sizeof *which)), m = 0;
  for (int pass = 0; pass < 2; pass++) /* the model's own files first: they take longest */
    for (int i = 0; i < n; i++) {
      if (u[i].object == u[i].cached || u[i].runtime != (pass == 1)) continue;
      which[m] = i;
      p[m].log = u[i].log;
      process_add(&p[m], t->cc);
      for (int k = 0; k < t->nflag; k++) process_add(&p[m], t->flag[k]);
      const char *const rest[] = {"-I", dir, "-c", u[i].source, "-o", u[i].object};
      for (int k = 0; k < 6; k++) process_add(&p[m], rest[k]);
      m++;
    }
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  process_run(p, m, cores < 2 ? 2 : cores > 16 ? 16 : (int)cores, o->verbose);
  for (int k = 0; k < m; k++)
    if (p[k].status != 0) failed(&p[k], &u[which[k]], t, dir);
  for (int k = 0; k < m; k++) {
    Unit *v = &u[which[k]];
    if (!v->cached) continue;
    const char *part = str_format("%s.tmp-%d", v->cached, (int)getpid());
    size_t size;
    char *bytes = files_read(v->object, &size);
    FILE *f = bytes ? fopen(part, "wb") : NULL;
    if (f) {
      bool fine = fwrite(bytes, 1, size, f) == size;
      fine &= fclose(f) == 0;
      if (!fine || rename(part, v->cached) != 0) unlink(part);
    }
    free(bytes);
  }
  free(p);
  free(which);
}

/* Runs one of the tools that work on objects, and ends if it fails. */
static void run_tool(Process *p, const Toolchain *t, const BuildOptions *o, const char *work) {
  process_run(p, 1, 1, o->verbose);
  if (p->status != 0) failed(p, NULL, t, work);
}

/* Finds a program of binutils, or LLVM's of the same name. */
static const char *find_tool(const char *name) {
  const char *path = process_find(name);
  if (!path) path = process_find(str_format("llvm-%s-19", name));
  if (!path) diag_error((Loc){0}, "there is no `%s` in $PATH; install binutils", name);
  return path;
}

/* Adds archives of the runtime to a link: of the objects that were compiled for it, and then the
** one that was made with Crescent, of which the first may take the place. */
static void add_runtime(Process *link, const Unit *u, int n, const char *work, const Toolchain *t,
                        const BuildOptions *o) {
  const char *own = str_format("%s/librt_model.a", work), *rest = str_format("%s/librt.a", work);
  const Embedded *made = made_runtime(t, o);
  Process p = {.log = str_format("%s/ar.log", work), .argv = {find_tool("ar"), "rcsD", own}};
  int count = 0;
  for (int i = 0; i < n; i++)
    if (u[i].runtime) {
      process_add(&p, u[i].object);
      count++;
    }
  if (count) run_tool(&p, t, o, work);
  if (count) process_add(link, own);
  if (made) files_write(rest, made->data, made->size);
  if (made) process_add(link, rest);
}

/* Links the model's objects with what they use of the runtime: a program, a shared library, or,
** for a static one, a single object that shows nothing of the runtime. */
static void link_all(const Unit *u, int n, const char *out, const char *work, const Toolchain *t,
                     const BuildOptions *o) {
  bool whole = o->kind != KIND_STATIC;
  Process p = {.log = str_format("%s/link.log", work), .argv = {t->cc}};
  for (int k = 0; k < t->nflag; k++)
    if ((whole && strncmp(t->flag[k], "-f", 2) == 0) || strncmp(t->flag[k], "--target", 8) == 0)
      process_add(&p, t->flag[k]);
  if (!whole) {
    process_add(&p, "-r");
    process_add(&p, "-nostdlib");
  }
  process_add(&p, "-o");
  process_add(&p, out);
  for (int i = 0; i < n; i++)
    if (!u[i].runtime) process_add(&p, u[i].object);
  add_runtime(&p, u, n, work, t, o);
  for (int k = 0; whole && k < t->nlink; k++) process_add(&p, t->link[k]);
  run_tool(&p, t, o, work);
}

/* "NAME_" where the folder has NAME_ops.h, the prototypes of the user's kernels; else NULL. */
static const char *ops_prefix(const char *dir) {
  const char **name, *found = NULL;
  int n = files_list(dir, "_ops.h", &name);
  if (n) found = str_format("%.*s", (int)strlen(name[0]) - 5, name[0]);
  free(name);
  return found;
}

/* Makes lib<name>.a: one object, in which the runtime's names are local, so that two models of
** different versions may stand in one program. */
static void make_static(const Unit *u, int n, const char *out, const char *work, const char *ops,
                        const Toolchain *t, const BuildOptions *o) {
  const char *object = str_format("%s/model.o", work);
  link_all(u, n, object, work, t, o);
  if (!o->target) {
    Process hide = {.log = str_format("%s/objcopy.log", work),
                    .argv = {find_tool("objcopy"), "-w", "--localize-symbol", "rt_*"}};
    for (int i = 0; i < n; i++) /* the user's kernels: only the model's own names stay visible */
      if (build_is_users(u[i].name) && ops) {
        process_add(&hide, "--keep-global-symbol");
        process_add(&hide, str_format("%s*", ops));
        break;
      }
    process_add(&hide, object);
    run_tool(&hide, t, o, work);
  }
  Process ar = {.log = str_format("%s/ar.log", work),
                .argv = {find_tool("ar"), "rcsD", out, object}};
  run_tool(&ar, t, o, work);
}

/* Whether the model's C in the folder includes a header of the runtime. */
static bool uses_header(const char *dir, const char *header) {
  static const char *const ending[2] = {".c", ".h"};
  bool found = false;
  for (int e = 0; e < 2; e++) {
    const char **name;
    int n = files_list(dir, ending[e], &name);
    for (int k = 0; k < n && !found; k++) {
      size_t size;
      char *text = strncmp(name[k], "rt", 2) != 0
                       ? files_read(str_format("%s/%s", dir, name[k]), &size) : NULL;
      found = text && strstr(text, str_format("#include \"%s\"", header)) != NULL;
      free(text);
    }
    free(name);
  }
  return found;
}

/* Makes a program or library of the emitted files in `dir`; `out` is replaced when it is whole. */
void build_folder(const char *dir, const char *out, const BuildOptions *o) {
  Toolchain t = toolchain_find(o);
  if (o->mpi) toolchain_mpi(&t, o);
  if (uses_header(dir, "rt_lapack.h")) toolchain_lapack(&t, o);
  if (uses_header(dir, "rt_large.h")) toolchain_large(&t, o);
  const char *work = files_temp_folder(NULL);
  const char *made = str_format("%s/made", work);
  Unit *u;
  int n = find_units(dir, work, &t, o, &u);
  if (n > 100) diag_error((Loc){dir, 0}, "more than 100 C files");
  compile(u, n, dir, &t, o);
  if (o->kind == KIND_STATIC)
    make_static(u, n, made, work, ops_prefix(dir), &t, o);
  else
    link_all(u, n, made, work, &t, o);
  free(u);
  files_install(made, out);
  cache_prune();
  files_remove(work);
}
