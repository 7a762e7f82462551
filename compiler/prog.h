/*
** prog.h: programs as trees of loops, what codegen prints one to one
**
** fuse.c groups the COMPs of a Func, lower.c makes of each group a Kernel, sched.c decides its
** loops, plan.c places its buffers. A Routine is a Func made runnable: a list of Steps over Buffers.
**
**   Func --fuse--> Group[] --lower, sched--> Kernel + Step[] --plan--> offsets --codegen--> C
*/
#ifndef CRESCENT_PROG_H
#define CRESCENT_PROG_H
#include "ir.h"

/* One fused nest. Members are in order; all share their first `nshared` axes (same extents), and a
** member reads an earlier member only at the same shared position. */
typedef struct Group {
  int nmember;
  Node **member;
  int nshared;
  int root;          /* the contraction among the members, -1: none */
  bool *stored;      /* per member: somebody outside the group reads it */
} Group;

typedef struct Grouping { int n; Group *group; } Grouping;
/* fuse.c: inlines cheap producers (returns the rewritten results in f), then groups what is left.
** CALL, LOOP, PROJ, LIT and PARAM are in no group. */
void fuse_inline(Func *f);
Grouping fuse_group(Arena *a, Func *f);

/* A formal of a kernel: a tensor of a given dtype and shape, or a scalar kept in a register. */
typedef struct Formal {
  const char *name;  /* unique in the kernel, a C identifier */
  Dtype dtype;
  int rank;
  Scalar **dim;
  bool written, read;
  Node *node;        /* what it was when the kernel was made (names, comments) */
} Formal;

typedef enum StmtKind {
  ST_BLOCK,   /* body[0..n) in order */
  ST_FOR,     /* for (var = lo; var < hi; var += step) body[0] */
  ST_LET,     /* const T name = value; */
  ST_ACC,     /* T name = value; a variable that ST_SET changes */
  ST_ARRAY,   /* T name[extent] = {identity}; on the stack */
  ST_SET,     /* name = value, or name (+)= value by `comb` */
  ST_STORE,   /* formal[index] = value, or (+)= value by `comb` */
  ST_IF,      /* if (value) body[0] */
  ST_CONTRACT /* a register-tiled contraction: see Contract */
} StmtKind;

typedef struct Stmt Stmt;
typedef struct Var { const char *name; Dtype dtype; int axis; } Var; /* axis: its S_AXIS number */

struct Stmt {
  StmtKind kind;
  Loc loc;               /* script line, for #line and comments */
  int n; Stmt **body;
  Var var;               /* ST_FOR's loop variable; LET, ACC, ARRAY's name */
  Scalar *lo, *hi; int step;
  bool parallel, simd; int unroll;
  Scalar *par_work;      /* parallel: estimated ns of the loop, tested against the break-even */
  Scalar *value;         /* may read formals (S_READ of Formal.node), axes and S_AXIS of LETs */
  Scalar *extent;        /* ST_ARRAY */
  int formal;            /* ST_STORE */
  Scalar **index;
  Combine comb;
  struct Contract *contract;
};

typedef struct Kernel {
  const char *name;      /* C identifier, from the first stored member */
  const char *formula;   /* comment lines, script place first */
  Loc loc;
  int nformal; Formal *formal;
  int nsym; Sym **sym;   /* run-time sizes it needs, passed as ints */
  Stmt *body;
  int nvar; Var *var;    /* axes and locals by S_AXIS number */
  uint64_t key;          /* structural hash: equal keys and equal bodies share one C function */
  Scalar *flops, *bytes; /* estimates, over sizes */
} Kernel;

typedef enum BufferKind { B_INPUT, B_OUTPUT, B_STATE, B_WORK, B_LIT } BufferKind;

typedef struct Buffer {
  const char *name;
  BufferKind kind;
  Dtype dtype;
  int rank; Scalar **dim;
  int index;             /* B_INPUT, B_OUTPUT: argument; B_STATE: Program.state; B_LIT: literal */
  Node *node;
  int alias;             /* same memory as buffer `alias` (a reshape, a donation, a slice); -1 none */
  int slice_of;          /* row `loop step` of another buffer (LOOP slices, stacks); -1 none */
  int first, last;       /* B_WORK: steps between which it is alive */
  int64_t offset;        /* B_WORK: bytes into the workspace, -1: found in _create (run-time sizes) */
} Buffer;

typedef enum StepKind { K_KERNEL, K_CALL, K_OPAQUE, K_LOOP, K_COPY, K_ZERO } StepKind;

typedef struct Step Step;
struct Step {
  StepKind kind;
  Loc loc;
  Kernel *kernel;        /* K_KERNEL */
  struct Routine *callee;/* K_CALL */
  Func *opaque;          /* K_OPAQUE */
  int narg; int *arg;    /* buffers: kernel formals, callee params then results, copy (to, from) */
  Scalar *trip; bool reverse; int nbody; Step *body; const char *loop_name; /* K_LOOP */
};

/* A Func made runnable. Entries are Routines too. */
typedef struct Routine {
  const char *name;
  Func *fn;
  int nbuffer; Buffer *buffer;
  int nparam; int *param;    /* buffers of fn->param */
  int nresult; int *result;  /* buffers of fn->result */
  int nstep; Step *step;
  Scalar *work_bytes;        /* workspace, over sizes */
} Routine;

typedef struct Unit {        /* all there is to print */
  Program *program;
  int nkernel; Kernel **kernel;   /* distinct ones, in order of first use */
  int nroutine; Routine **routine;/* callees first */
  int *entry;                     /* routine of each program entry */
} Unit;

/* What sched.c and the contraction generator know of the machine compiled for. */
typedef struct Target {
  const char *triple, *march; /* NULL: the host */
  int vector_bytes;           /* 64 AVX-512, 32 AVX2, 16 SSE2 and NEON */
  int registers;              /* vector registers */
  bool fma;
} Target;

/* lower.c, sched.c, contract.c (schedule side), plan.c */
Kernel *lower_group(Func *f, const Group *g, const Target *t);
Unit *unit_build(Program *p, const Target *t);
#endif
