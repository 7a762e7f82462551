/*
** args.h: the command line, taken apart
*/
#ifndef CRESCENT_ARGS_H
#define CRESCENT_ARGS_H

#include <stdbool.h>
#include "build.h"
#include "driver.h"

typedef struct Args {
  const char *operand; /* MODEL.lua or NAME; may be NULL where it is optional */
  const char *out;     /* -o */
  const char *format;  /* ops: markdown, types, verify */
  DriverOptions driver;
  BuildOptions build;
  char **rest; /* run: the made program's arguments, ends in NULL */
} Args;

typedef struct Command {
  const char *name, *usage, *doc;
  int (*run)(Args *a); /* returns the exit status */
  const char *options; /* names of the options it takes, space separated */
  int operand;         /* 0 none, 1 one, 2 at most one, 3 one and then anything */
} Command;

/* args.c */
_Noreturn void args_fail(const char *command, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void args_parse(const Command *c, char **argv, Args *a);
void args_help(const Command *c);

#endif
