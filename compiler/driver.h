/*
** driver.h: the whole path from a script to C, as the command line calls it
**
** Program *p = driver_load(&options);  driver_emit(p, &options, "folder");
** Every function ends in diag_error where the model is wrong.
*/
#ifndef CRESCENT_DRIVER_H
#define CRESCENT_DRIVER_H

#include "prog.h"

typedef struct DriverOptions {
  const char *script; /* as the user wrote it */
  int ndefine;
  const char *const *define; /* "name=value", names valid, from -D */
  bool strict;               /* the same bits on targets without fused multiply-add too */
  bool sanitize;             /* check: as in BuildOptions */
  const char *level;         /* check: as in BuildOptions */
  bool mpi;                  /* train entries come in two parts as well, for processes to share */
  bool quiet;                /* check: print only what is wrong */
  const char *target, *march; /* as in BuildOptions */
  const char *pass; /* explain --pass: show the graph after this pass */
  const char *svg;  /* explain --svg: the file for the picture of the graph */
  bool latex;       /* explain --latex: formulas as LaTeX */
  const struct Tuning *tuning; /* a trial of tune; NULL: what MODEL.tune says, if it is there */
  bool checks;                 /* driver_emit: libclang reads the C, which no compiler is about to */
  Unit *unit;                  /* driver_emit sets it */
} DriverOptions;

/* driver.c */
Program *driver_load(const DriverOptions *o); /* runs the script */
void driver_emit(Program *p, DriverOptions *o, const char *dir); /* into a folder that exists */
void driver_explain(Program *p, const DriverOptions *o); /* on stdout, and --svg */
bool driver_check(Program *p, const DriverOptions *o); /* report on stdout; false: a check failed */

/* A page of the reference: what one comment of a Lua source says of one function. */
typedef struct Page {
  const char *name, *file;
  Text text; /* "relu(x): max(x, 0), .." in one line */
  Text tags; /* the lines that start with @, without their dashes */
} Page;
typedef void (*PageFn)(void *ctx, const Page *p);

/* reference.c */
bool reference_op(const char *name);
void reference_all(void);
void reference_visit(PageFn f, void *ctx);

/* reference_doc.c */
bool reference_document(const char *format, const char *folder);

#endif
