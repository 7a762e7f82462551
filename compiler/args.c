/*
** args.c: the command line, taken apart by one table
**
** --name value, --name=value, -o value, -ovalue; options may stand before and after the operand,
** except that everything behind the operand of `run` belongs to the made program (but -D, at its
** start).
*/
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "args.h"

typedef struct Flag {
  const char *name, *value, *doc; /* value NULL: takes none */
} Flag;

static const Flag options[] = {
    {"-o", "OUT", "where the result goes"},
    {"-D", "NAME=VALUE", "sets cr.option(\"NAME\", ...)"},
    {"--kind", "KIND", "exe (the default), static or shared: what to build"},
    {"--target", "TRIPLE", "build for another machine, e.g. aarch64-linux-gnu"},
    {"--cc", "CC", "the C compiler; otherwise clang 19, else the newest from 20 to 14"},
    {"--static", NULL, "an executable that needs no shared library at all"},
    {"-O", "LEVEL",
     "0 to 3 (the default): 0 compiles in a fraction of the time; the bits are the same"},
    {"--sanitize", NULL,
     "the program ends at an access outside memory or an overflow: for C of one's own"},
    {"--strict", NULL, "the same bits on targets without fused multiply-add too"},
    {"--mpi", NULL, "training that the processes of mpirun share, a part of every batch each"},
    {"--pass", "PASS", "show the graph after this pass"},
    {"--svg", "FILE", "draw the graph"},
    {"--latex", NULL, "formulas as LaTeX"},
    {"--march", "LEVEL", "sse2, avx2, avx512, neon, native: the processor C and tiles are for"},
    {"--markdown", NULL, "the whole reference, with what its examples give"},
    {"--types", NULL, "types of everything a model may use, for lua-language-server: files in the folder of -o"},
    {"--verify", NULL, "run every example, and hold its derivatives against differences"},
    {"--quiet", NULL, "nothing but what is wrong"},
    {"--verbose", NULL, "print the commands that are run"},
};
enum { NOPTION = sizeof options / sizeof options[0] };

/* Ends with status 2: the command line is wrong. */
_Noreturn void args_fail(const char *command, const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  fprintf(stderr, "crescent%s%s: ", command ? " " : "", command ? command : "");
  vfprintf(stderr, fmt, args);
  fprintf(stderr, "\n(`crescent %s%s--help` says more)\n", command ? command : "",
          command ? " " : "");
  va_end(args);
  exit(2);
}

/* Does the command take this option? */
static bool takes(const Command *c, const char *name) {
  size_t n = strlen(name);
  for (const char *p = c->options; *p; p += strspn(p, " ")) {
    size_t m = strcspn(p, " ");
    if (m == n && memcmp(p, name, n) == 0) return true;
    p += m;
  }
  return false;
}

/* Prints the page of one command. */
void args_help(const Command *c) {
  printf("crescent %s %s\n  %s\n", c->name, c->usage, c->doc);
  for (int i = 0; i < NOPTION; i++) {
    if (!takes(c, options[i].name)) continue;
    char left[40];
    snprintf(left, sizeof left, "%s %s", options[i].name, options[i].value ? options[i].value : "");
    printf("  %-18s %s\n", left, options[i].doc);
  }
}

/* Adds name=value to the definitions. */
static void define(const Command *c, Args *a, const char *text) {
  const char *p = text;
  while (isalnum((unsigned char)*p) || *p == '_' || *p == '.') p++;
  if (*p != '=' || p == text) args_fail(c->name, "-D needs NAME=VALUE, not '%s'", text);
  DriverOptions *d = &a->driver;
  for (int i = 0; i < d->ndefine; i++)
    if (strncmp(d->define[i], text, (size_t)(p + 1 - text)) == 0)
      args_fail(c->name, "-D %.*s is given twice", (int)(p - text), text);
  const char **list =
      arena_need(realloc((void *)d->define, sizeof *list * (size_t)(d->ndefine + 1)));
  if (!list) args_fail(c->name, "no memory");
  list[d->ndefine++] = text;
  d->define = list;
}

/* "2" -> "-O2". */
static const char *level_flag(const Command *c, const char *value) {
  static const char *const flag[] = {"-O0", "-O1", "-O2", "-O3"};
  if (value[0] < '0' || value[0] > '3' || value[1])
    args_fail(c->name, "-O is 0, 1, 2 or 3, not '%s'", value);
  return flag[value[0] - '0'];
}

/* Stores what one option says. */
static void set(const Command *c, Args *a, const char *name, const char *value) {
  if (value && !*value) args_fail(c->name, "%s needs a value", name);
  if (strcmp(name, "-o") == 0)
    a->out = value;
  else if (strcmp(name, "-D") == 0)
    define(c, a, value);
  else if (strcmp(name, "--target") == 0)
    a->build.target = a->driver.target = value;
  else if (strcmp(name, "--cc") == 0)
    a->build.cc = value;
  else if (strcmp(name, "--static") == 0)
    a->build.no_shared = true;
  else if (strcmp(name, "-O") == 0)
    a->build.level = a->driver.level = level_flag(c, value);
  else if (strcmp(name, "--sanitize") == 0)
    a->build.sanitize = a->driver.sanitize = true;
  else if (strcmp(name, "--strict") == 0)
    a->build.strict = a->driver.strict = true;
  else if (strcmp(name, "--mpi") == 0)
    a->build.mpi = a->driver.mpi = true;
  else if (strcmp(name, "--pass") == 0)
    a->driver.pass = value;
  else if (strcmp(name, "--svg") == 0)
    a->driver.svg = value;
  else if (strcmp(name, "--latex") == 0)
    a->driver.latex = true;
  else if (strcmp(name, "--verbose") == 0)
    a->build.verbose = true;
  else if (strcmp(name, "--quiet") == 0)
    a->driver.quiet = true;
  else if (strcmp(name, "--markdown") == 0 || strcmp(name, "--types") == 0 ||
           strcmp(name, "--verify") == 0)
    a->format = name + 2;
  else if (strcmp(name, "--march") == 0)
    a->build.march = a->driver.march = value;
  else if (strcmp(value, "exe") == 0)
    a->build.kind = KIND_EXE;
  else if (strcmp(value, "static") == 0)
    a->build.kind = KIND_STATIC;
  else if (strcmp(value, "shared") == 0)
    a->build.kind = KIND_SHARED;
  else
    args_fail(c->name, "--kind is exe, static or shared, not '%s'", value);
}

/* Takes the option at argv[0], and its value; returns where the next argument is. */
static char **take_option(const Command *c, char **argv, Args *a) {
  const char *text = argv[0];
  bool is_long = text[1] == '-';
  size_t n = is_long ? strcspn(text, "=") : 2;
  for (int i = 0; i < NOPTION; i++) {
    const Flag *o = &options[i];
    if (strlen(o->name) != n || memcmp(o->name, text, n) != 0) continue;
    if (!takes(c, o->name)) args_fail(c->name, "%s is no option of this command", o->name);
    const char *attached = text[n] ? text + n + is_long : NULL;
    if (!o->value) {
      if (attached) args_fail(c->name, "%s takes no value", o->name);
      set(c, a, o->name, NULL);
      return argv + 1;
    }
    if (!attached && !argv[1]) args_fail(c->name, "%s needs a value: %s", o->name, o->value);
    set(c, a, o->name, attached ? attached : argv[1]);
    return argv + (attached ? 1 : 2);
  }
  args_fail(c->name, "there is no option %.*s", (int)n, text);
}

/* Fills `a` from the arguments behind the command's name; --help is answered at once. */
void args_parse(const Command *c, char **argv, Args *a) {
  bool only_operands = false;
  while (*argv) {
    const char *text = *argv;
    bool option = !only_operands && text[0] == '-' && text[1];
    if (option && (strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0)) {
      args_help(c);
      exit(0);
    }
    if (option && strcmp(text, "--") == 0) {
      only_operands = true;
      argv++;
    } else if (option) {
      argv = take_option(c, argv, a);
    } else {
      if (c->operand == 0 || a->operand) args_fail(c->name, "what is '%s' to mean?", text);
      if (!*text) args_fail(c->name, "the name is empty");
      a->operand = text;
      argv++;
      if (c->operand == 3) break;
    }
  }
  while (a->operand && c->operand == 3 && *argv && strncmp(*argv, "-D", 2) == 0)
    argv = take_option(c, argv, a);
  const char *level = a->build.march;
  if (level && !march_find(level))
    args_fail(c->name, "--march is sse2, avx2, avx512, neon or native, not '%s'", level);
  a->rest = argv;
  a->driver.script = a->operand;
  if (!a->operand && (c->operand & 1))
    args_fail(c->name, "which one? usage: crescent %s %s", c->name, c->usage);
}
