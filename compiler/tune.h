/*
** tune.h: choices of schedules, by kernel, that were measured: MODEL.tune beside MODEL.lua
**
**   crescent tune 1
**   for avx2 -D width=64
**   kernel 41ab90cc27d1e05f tile 6x2x8 threads never   # 0.0619 -> 0.0480 ms, make_h_add
**
** choice.c reads and applies such a file, tune.c measures and writes it.
*/
#ifndef CRESCENT_TUNE_H
#define CRESCENT_TUNE_H

#include "build.h"
#include "driver.h"
#include "prog.h"

typedef struct Tuned {
  uint64_t key;  /* of the kernel as it usually is */
  Choice choice;
  int line;      /* in the file */
  bool used;
} Tuned;

typedef struct Tuning {
  const char *script, *path, *section; /* section: "avx2 -D width=64" */
  int n; Tuned *tuned;
  Choice trial; /* what a trial asks of every kernel */
} Tuning;

/* choice.c */
const char *tuning_path(const char *script); /* "a/line.lua" -> "a/line.tune" */
const char *tuning_section(const DriverOptions *o);
Tuning *tuning_read(const DriverOptions *o); /* NULL: there is no file, or it has no such section */
void tuning_check(const Tuning *t);          /* ends with an error if it is of another model */
void choice_print(Text *t, const Choice *c); /* "tile 6x2x8 threads never" */
/* The file's text without the section; NULL: there is none, or nothing else in it. */
char *tuning_without(const char *path, const char *section);

/* tune.c */
void driver_tune(Program *p, const DriverOptions *o, const BuildOptions *b, char **args);

#endif
