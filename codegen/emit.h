/*
** emit.h: a Unit as a folder of C: NAME.c, NAME.h, main.c, Makefile, and the runtime files they
*need
**
**   emit_header.c    the C interface (LANGUAGE.md section 8)
**   emit_model.c     memory, create: NAME.c around the kernels
**   emit_kernels.c   kernels, in NAME.c or in files that compile side by side
**   emit_sizes.c     run-time sizes
**   emit_tensors.c   parameters by name and in files, errors
**   emit_opaque.c    kernels of structured operations over batches
**   emit_ops.c       what comes with them: the user's C, error codes
**   emit_routine.c   routines and entries: one call a step
**   emit_main.c      the description of the model that the generic program drives
**   emit_manifest.c  the same as JSON
**   emit.c           the folder
*/
#ifndef CRESCENT_EMIT_H
#define CRESCENT_EMIT_H
#include "cgen.h"

typedef struct EmitOptions {
  bool line;        /* #line marks in kernels */
  int lines_a_file; /* kernels of more lines are spread over several files; 0: 1000 */
  const char *target, *arch; /* the Makefile's compiler is for this triple, with this -march */
  bool mpi;             /* the Makefile asks mpicc for the flags of MPI */
  bool strict;          /* the Makefile asks for the same bits without fused multiply-add */
  const char *version;
} EmitOptions;

/* Calls put for every file of the folder. */
typedef void (*EmitPut)(void *ctx, const char *name, const char *text, size_t n);
void emit_unit(const Unit *u, const EmitOptions *o, EmitPut put, void *ctx);

/* What the files of the emitter share. */
typedef struct Emit {
  const Unit *u;
  const Program *p;
  const EmitOptions *o;
  const char *name, *upper; /* lenet, LENET */
  const char **state;       /* by Program.state: the member of the struct */
  const char **size;        /* by Sym.index: the member of the config */
  const char **error;       /* by Program.demand: the error code's name */
  const char **lit;         /* by Unit.lit */
  const char **routine;     /* by Routine.id: the C function */
  const char **member;      /* by Routine.id: what its places are called in the struct */
  const char **opaque;      /* by Unit.opaque: the C function */
  bool dynamic;             /* some workspace is planned in create */
  const char **text;        /* by Unit.kernel: its definition */
  int nfile;                /* files of kernels beside NAME.c; 0: they are in it */
  int *file;                /* by Unit.kernel */
} Emit;

/* emit.c */
void emit_shape(Text *t, int rank, Scalar **dim);             /* [N][64] */
void emit_size(Text *t, Scalar *s);                           /* (int64_t)N * 10 */
void emit_bytes(Text *t, Dtype type, int rank, Scalar **dim); /* sizeof(float) * (size_t)(...) */
bool emit_uses(const char *text, const char *word);           /* as an identifier */
bool emit_sizes(const Emit *e, Text *t,
                const char *body); /* const int N = m->size.N; for those body uses */
bool emit_fixed(int rank, Scalar **dim, int from); /* extents from `from` on are numbers */
bool emit_array(int rank, Scalar **dim);           /* of rows: an array type of several axes */
const char *emit_comment(const char *text);        /* without comment marks */
const char *emit_file_name(const char *path);      /* its last part */
const char *emit_upper(const char *s);
const char *emit_string(const char *text);         /* "..." with escapes, C and JSON */

/* emit_kernels.c */
void emit_kernel_texts(Emit *e);                         /* prints kernels, and shares them out */
bool emit_forks(const Emit *e);                          /* whether any has parallel loops */
void emit_parts(const Emit *e, Text *t, const Kernel *k); /* PART(kernel, SIZE(N), c->at[0]) */
void emit_kernel_header(const Emit *e, Text *t);         /* NAME_kernels.h */
void emit_kernel_file(const Emit *e, Text *t, int file); /* NAME_1.c, ... */

/* emit_header.c */
void emit_prototype(const Emit *e, Text *t, const UnitEntry *ue, const char *names);
void emit_header(const Emit *e, Text *t);

/* emit_routine.c */
void emit_routine(const Emit *e, Text *t, const Routine *r);
void emit_entry(const Emit *e, Text *t, const UnitEntry *ue);
void emit_plan(const Emit *e, Text *t, const Routine *r);
int emit_plan_count(const Routine *r); /* buffers placed in create; 0: none */

/* emit_ops.c: what comes with structured operations */
const char *opaque_code(const Emit *e, const Func *f, int status); /* NAME_ERROR_SOLVE_SINGULAR */
const char *opaque_file(const char *path);            /* the user's file in the folder: op_x.c */
void opaque_prototype(Text *t, const Func *f);        /* int solve(int64_t, const double *A, ..) */
void emit_opaque_includes(const Emit *e, Text *t);
void emit_opaque_files(const Emit *e, EmitPut put, void *ctx);
bool emit_has_header(const Emit *e, const char *header);
void emit_opaque_objects(const Emit *e, Text *t);     /* for the Makefile */
void emit_each_status(const Emit *e, void (*f)(const Emit *e, Text *t, const char *code,
                                               const char *words, bool last), Text *t);

/* emit_opaque.c: kernels of structured operations */
void emit_opaque_kernels(const Emit *e, Text *t);
int emit_opaque_head(const Emit *e, Text *t, int k);  /* "RUN(run_solve, N" */
bool emit_opaque_forks(const Emit *e, bool failing);  /* whether a batch is shared by threads */

/* emit_model.c */
void emit_struct(const Emit *e, Text *t);
void emit_model(const Emit *e, Text *t);

/* emit_sizes.c, emit_tensors.c */
void emit_set_sizes(const Emit *e, Text *t);
void emit_resize(const Emit *e, Text *t);
void emit_tensors(const Emit *e, Text *t);
bool emit_is_fixed(const Node *n); /* its extents are known now */
void emit_errors(const Emit *e, Text *t);

/* emit_main.c, emit_manifest.c */
void emit_main(const Emit *e, Text *t);
void emit_manifest(const Emit *e, Text *t);
#endif
