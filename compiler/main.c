/*
** main.c: the command line of crescent
**
** Exit status: 0 done, 1 the model or the data is wrong, 2 the command line is wrong, 3 a defect of
** ours. What is made is made under another name, and renamed when it is whole.
*/
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "args.h"
#include "embed.h"
#include "tune.h"
#include "../codegen/cgen.h"

static Program *program; /* of the script on the command line */
static int status;       /* what `check` found */

/* The name of what `build` makes when -o does not say it. */
static const char *default_output(const Args *a) {
  switch (a->build.kind) {
  case KIND_STATIC:
    return str_format("lib%s.a", program->name);
  case KIND_SHARED:
    return str_format("lib%s.so", program->name);
  default:
    return program->name;
  }
}

/* Ends with status 2 unless something can be made at this path. */
static void check_output(const char *command, const char *path, bool folder) {
  struct stat st;
  if (stat(path, &st) == 0 && S_ISDIR(st.st_mode) != folder)
    args_fail(command, folder ? "%s is there, and is no folder" : "%s is a folder", path);
  const char *slash = strrchr(path, '/');
  const char *parent =
      !slash ? "." : str_format("%.*s", slash == path ? 1 : (int)(slash - path), path);
  if (stat(parent, &st) != 0) args_fail(command, "-o %s: there is no folder %s", path, parent);
  if (!S_ISDIR(st.st_mode)) args_fail(command, "-o %s: %s is no folder", path, parent);
}

/* Runs the script. */
static void load(void *ctx) {
  program = driver_load(&((Args *)ctx)->driver);
}

/* What is compiled for this very processor has its tiles, too. */
static void tiles_for_here(Args *a) {
  if (!a->build.march && !a->build.target && !a->build.cc) a->driver.march = "native";
}

/* build MODEL.lua: the program, or the library and its header beside it. */
static void build(void *ctx) {
  Args *a = ctx;
  tiles_for_here(a);
  load(ctx);
  const char *out = a->out ? a->out : default_output(a);
  check_output("build", out, false);
  const char *dir = files_temp_folder(NULL);
  driver_emit(program, &a->driver, dir);
  build_folder(dir, out, &a->build);
  if (a->build.kind == KIND_EXE) return;
  const char *slash = strrchr(out, '/');
  const char *header = str_format("%s.h", name_model(program->name));
  files_install(str_format("%s/%s", dir, header),
                str_format("%.*s%s", slash ? (int)(slash + 1 - out) : 0, out, header));
}

/* emit MODEL.lua -o DIR: the folder of C. */
static void emit(void *ctx) {
  Args *a = ctx;
  check_output("emit", a->out, true);
  check_ahead();
  load(ctx);
  const char *dir = files_temp_folder(a->out);
  a->driver.checks = true;
  driver_emit(program, &a->driver, dir);
  files_install(dir, a->out);
}

/* run MODEL.lua ARGS...: build into the cache unless it is there, then become the program. */
static void run(void *ctx) {
  Args *a = ctx;
  tiles_for_here(a);
  load(ctx);
  const char *dir = files_temp_folder(NULL);
  driver_emit(program, &a->driver, dir);
  const char *folder = str_format("%s/%s", files_cache(), build_key(dir, &a->build));
  const char *exe = str_format("%s/%s", folder, program->name);
  if (access(exe, X_OK) != 0) {
    files_make_folder(folder);
    build_folder(dir, exe, &a->build);
  }
  cache_touch(exe);
  files_clean();
  fflush(stdout);
  a->rest[-1] = (char *)exe;
  execv(exe, a->rest - 1);
  diag_error((Loc){exe, 0}, "cannot be started: %s", strerror(errno));
}

static void check(void *ctx) {
  Args *a = ctx;
  load(ctx);
  status = driver_check(program, &a->driver) ? 0 : 1;
}

static void explain(void *ctx) {
  load(ctx);
  driver_explain(program, &((Args *)ctx)->driver);
}

/* tune MODEL.lua ARGS...: MODEL.tune, by measurements. */
static void tune(void *ctx) {
  Args *a = ctx;
  tiles_for_here(a);
  load(ctx);
  driver_tune(program, &a->driver, &a->build, a->rest);
}

static int do_build(Args *a) {
  return diag_protect(build, a);
}
static int do_run(Args *a) {
  return diag_protect(run, a);
}
static int do_tune(Args *a) {
  return diag_protect(tune, a);
}
static int do_explain(Args *a) {
  return diag_protect(explain, a);
}
static int do_check(Args *a) {
  return diag_protect(check, a) | status;
}

static int do_emit(Args *a) {
  if (!a->out) args_fail("emit", "into which folder? usage: crescent emit MODEL.lua -o DIR");
  return diag_protect(emit, a);
}

static void document(void *ctx) {
  const Args *a = ctx;
  status = reference_document(a->format, a->out) ? 0 : 1;
}

/* ops [NAME] */
static int do_ops(Args *a) {
  if (a->format && a->operand)
    args_fail("ops", "--%s is of every operation, not of '%s'", a->format, a->operand);
  if ((a->out != NULL) != (a->format && strcmp(a->format, "types") == 0))
    args_fail("ops", "--types -o DIR: only types are files, and they go into a folder");
  if (a->format) return diag_protect(document, a) | status;
  if (!a->operand)
    reference_all();
  else if (!reference_op(a->operand))
    args_fail("ops", "there is no operation '%s'; `crescent ops` lists them", a->operand);
  return 0;
}

/* Writes the starting model, with its name put in. */
static void write_new(void *ctx) {
  const char *name = ctx, *path = str_format("%s.lua", name);
  const Embedded *e = embed_find("dsl/meta/new.lua");
  if (!e) ICE(((Loc){0}), "the starting model is not embedded");
  Text t = {0};
  const char *p = e->data;
  for (const char *at; (at = strstr(p, "NAME")); p = at + 4) {
    text_put(&t, p, (size_t)(at - p));
    text_add(&t, "%s", name);
  }
  text_add(&t, "%s", p);
  files_write(path, t.s, t.n);
  printf("%s is there; now: crescent check %s; crescent build %s; ./%s info\n", path, path, path,
         name);
}

/* new NAME: a starting model, NAME.lua. */
static int do_new(Args *a) {
  const char *s = a->operand;
  bool fine = isalpha((unsigned char)*s) || *s == '_';
  for (; *s; s++) fine &= isalnum((unsigned char)*s) || *s == '_';
  if (!fine)
    args_fail("new", "'%s' is no name: letters, digits and _, not a digit first", a->operand);
  if (access(str_format("%s.lua", a->operand), F_OK) == 0)
    args_fail("new", "%s.lua is there already", a->operand);
  return diag_protect(write_new, (void *)a->operand);
}

static const Command commands[] = {
    {"build", "MODEL.lua [-o OUT] [options]", "a standalone program, or a library with its header",
     do_build, "-o -D -O --kind --target --march --cc --static --strict --sanitize --mpi --verbose",
     1},
    {"emit", "MODEL.lua -o DIR [options]", "self-contained C with a Makefile", do_emit,
     "-o -D --target --march --strict --mpi", 1},
    {"run", "[options] MODEL.lua ARGS...", "build into a cache, then run the program with ARGS",
     do_run, "-D -O --cc --march --strict --sanitize --mpi --verbose", 3},
    {"check", "MODEL.lua [options]",
     "every derivative against differences, compiled code against the interpreter", do_check,
     "-D -O --quiet --strict --sanitize", 1},
    {"explain", "MODEL.lua [options]", "formulas, kernels, flops, bytes, the memory plan",
     do_explain, "-D --pass --svg --latex --strict", 1},
    {"tune", "[options] MODEL.lua ARGS...",
     "measures other tiles and threads for each kernel, and keeps the best in MODEL.tune", do_tune,
     "-D --cc --march --verbose", 3},
    {"ops", "[NAME]", "the reference of every operation", do_ops, "-o --markdown --types --verify", 2},
    {"new", "NAME", "a starting model, NAME.lua", do_new, "", 1},
};
enum { NCOMMAND = sizeof commands / sizeof commands[0] };

static void help(void) {
  printf("crescent " CRESCENT_VERSION ": differentiable programs, from Lua to C\n\n");
  for (int i = 0; i < NCOMMAND; i++)
    printf("  crescent %-8s%-30s %s\n", commands[i].name, commands[i].usage, commands[i].doc);
  printf("\n`crescent COMMAND --help` lists a command's options.\n"
         "Exit status: 0 done, 1 the model or the data is wrong, 2 the command line is wrong, 3 a "
         "defect of ours.\n");
}

/* A signal that only a defect of ours can cause: say so, with status 3. */
static void on_crash(int sig) {
  static const char text[] =
      "crescent: a defect of the compiler, not of your model (it crashed)\n"
      "  please send this text, the model, the command and `crescent --version`\n";
  (void)sig;
  if (write(2, text, sizeof text - 1) < 0) _exit(3);
  _exit(3);
}

/* Sends crashes to on_crash, on a stack of its own since the usual one may be full. */
static void catch_crashes(void) {
  static char stack[1 << 16];
  sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
  struct sigaction sa = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK};
  static const int sig[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
  for (int i = 0; i < 5; i++) sigaction(sig[i], &sa, NULL);
}

int main(int argc, char **argv) {
  if (!getenv("ASAN_OPTIONS")) catch_crashes();
  signal(SIGPIPE, SIG_DFL);
  atexit(files_clean);
  if (argc < 2) args_fail(NULL, "no command");
  const char *name = argv[1];
  if (strcmp(name, "--version") == 0 || strcmp(name, "version") == 0) {
    printf("crescent " CRESCENT_VERSION "\n");
    return 0;
  }
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
    help();
    return 0;
  }
  for (int i = 0; i < NCOMMAND; i++) {
    if (strcmp(name, commands[i].name) != 0) continue;
    Args a = {0};
    args_parse(&commands[i], argv + 2, &a);
    int rc = commands[i].run(&a);
    check_wait();
    if (fflush(stdout) != 0) {
      fprintf(stderr, "crescent: standard output cannot be written: %s\n", strerror(errno));
      return 1;
    }
    return rc;
  }
  args_fail(NULL, "there is no command '%s'", name);
}
