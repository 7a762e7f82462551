/*
** driver.c: the whole path from a script to C
**
** host (script) -> Program -> passes -> prog -> codegen
*/
#include <string.h>
#include <unistd.h>
#include "driver.h"
#include "check.h"
#include "explain.h"
#include "tune.h"
#include "../codegen/build.h"
#include "../codegen/emit.h"
#include "../dsl/dsl.h"
#include "../dsl/host.h"

/* Runs the script and returns the program that it gives. */
Program *driver_load(const DriverOptions *o) {
  mod = module_new();
  mod->parallel = o->mpi;
  Option *option = NEWN(mod->arena, Option, o->ndefine);
  for (int k = 0; k < o->ndefine; k++) {
    const char *equals = strchr(o->define[k], '=');
    char *name = arena_copy(mod->arena, o->define[k], strlen(o->define[k]) + 1);
    name[equals - o->define[k]] = 0;
    option[k] = (Option){.name = name, .value = str_intern(equals + 1)};
  }
  lua_State *L = host_new(&(HostOptions){0});
  host_preload(L, "crescent.core", luaopen_crescent_core);
  dsl_options(L, o->ndefine, option);
  host_run(L, o->script);
  Program *p = dsl_program(L, -1);
  if (!p)
    diag_error((Loc){o->script, 0},
               "the script returns no program; end it with return cr.program(...)");
  for (int k = 0; k < o->ndefine; k++)
    if (!option[k].used)
      diag_error((Loc){o->script, 0}, "-D %s: the script has no option of this name (cr.option)",
                 option[k].name);
  return p;
}

/* The files of the folder, kept until they are known to be good. */
typedef struct Folder {
  int n, cap;
  CheckFile *file;
} Folder;

static void put_file(void *ctx, const char *name, const char *text, size_t n) {
  Folder *f = ctx;
  if (f->n == f->cap) {
    CheckFile *more = arena_alloc(mod->arena, sizeof *more * (size_t)(f->cap = 2 * f->cap + 64));
    for (int k = 0; k < f->n; k++) more[k] = f->file[k];
    f->file = more;
  }
  char *copy = arena_alloc(mod->arena, n + 1);
  memcpy(copy, text, n);
  copy[n] = 0;
  f->file[f->n++] = (CheckFile){str_intern(name), copy, n};
}

/* Whether a file is C made from the model. */
static bool is_models(const CheckFile *f) {
  const char *dot = strrchr(f->name, '.');
  return dot && strcmp(dot, ".c") == 0 && strncmp(f->name, "rt_", 3) != 0;
}

/* Lets libclang read the model's own C files, and ends if it finds an error in what we wrote. They
** are read as a few of one size, side by side, so that the headers are read but as often; where
** there are errors, each file by itself tells. */
static void check_folder(Folder *f) {
  Text part[CHECKED_AT_ONCE] = {{0}};
  size_t size[CHECKED_AT_ONCE] = {0};
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  int n = f->n, nparts = cores < 1 ? 1 : cores > CHECKED_AT_ONCE ? CHECKED_AT_ONCE : (int)cores;
  diag_while("checking the emitted C");
  for (int k = 0; k < n; k++) {
    int least = 0;
    for (int h = 1; h < nparts; h++)
      if (size[h] < size[least]) least = h;
    if (!is_models(&f->file[k])) continue;
    text_add(&part[least], "#include \"%s\"\n", f->file[k].name);
    size[least] += f->file[k].size;
  }
  for (int h = 0; h < nparts; h++)
    put_file(f, str_format("part %d.c", h), part[h].s ? part[h].s : "", part[h].n);
  f->n = n;
  bool right = check_emitted(f->file, n + nparts, n, nparts, NULL) <= 0;
  for (int k = 0; k < n && !right; k++) {
    const char *name = f->file[k].name;
    Text report = {0};
    if (!is_models(&f->file[k]) || check_emitted(f->file, n, k, 1, &report) <= 0) {
      text_free(&report);
      continue;
    }
    if (build_is_users(name))
      diag_error((Loc){0}, "the C of an operation does not compile\n%s", report.s);
    ICE(((Loc){0}), "the emitted C is wrong\n%s", report.s);
  }
  for (int h = 0; h < CHECKED_AT_ONCE; h++) text_free(&part[h]);
}

/* Writes the model's C, and all it needs, into a folder of our own. */
void driver_emit(Program *p, DriverOptions *o, const char *dir) {
  const March *m = march_of(o->target, o->march), *arch = o->march ? march_find(o->march) : NULL;
  Target target = {.triple = o->target, .march = o->march, .vector_bytes = m->vector_bytes,
                   .registers = m->registers, .fma = m->fma, .halves = m->halves,
                   .tuning = o->tuning ? o->tuning : tuning_read(o)};
  EmitOptions options = {.version = CRESCENT_VERSION, .strict = o->strict, .mpi = o->mpi,
                         .target = o->target,
                         .arch = arch ? arch->flag : NULL};
  Folder folder = {0};
  o->unit = unit_build(p, &target);
  tuning_check(target.tuning);
  emit_unit(o->unit, &options, put_file, &folder);
  if (o->checks) check_folder(&folder);
  for (int k = 0; k < folder.n; k++)
    files_put(str_format("%s/%s", dir, folder.file[k].name), folder.file[k].text,
              folder.file[k].size);
}

/* Prints formulas, kernels, flops, bytes and the memory plan. */
void driver_explain(Program *p, const DriverOptions *o) {
  explain_program(p, &(ExplainOptions){.pass = o->pass, .latex = o->latex}, stdout);
  if (o->svg) explain_picture(p, o->svg);
}

/* Compares derivatives with differences, and compiled code with the interpreter; with `quiet` the
** report is printed only where something is wrong. */
bool driver_check(Program *p, const DriverOptions *o) {
  int64_t *size = NEWN(mod->arena, int64_t, mod->nsym + 1);
  FILE *report = o->quiet ? tmpfile() : NULL, *out = report ? report : stdout;
  sample_sizes(p, size);
  bool derivatives = check_program(p, out);
  CodeOptions code = {.strict = o->strict, .level = o->level, .sanitize = o->sanitize};
  bool fine = check_code(p, size, &code, out) && derivatives;
  if (!report) return fine;
  rewind(report);
  for (int c; !fine && (c = getc(report)) != EOF;) putchar(c);
  fclose(report);
  return fine;
}
