/*
** prog.h: programs as trees of loops, what codegen prints one to one
**
** fuse.c groups the COMPs of a Func, lower.c makes of each group a Kernel, sched.c decides its
** loops, plan.c places its buffers. A Routine is a Func made runnable: a list of Steps over
** Buffers.
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
  Node *base, *scatter; /* the one member is base + scatter (fuse_into.c), or NULL */
  int ntail;         /* so many members come last and are sums over the shared axes: of columns,
                        beside the rows that the others make (lower_tail.c) */
  int *side;         /* per member: its axis of a few elements, beside those shared (fuse_side.c), -1
                        none; NULL: there are no such axes */
  int ntotal;        /* so many members come last and are totals of what the others, maps, make at a
                        place, or numbers made of these; then there is `side` */
  int nscatter;      /* so many members come last and are scatters of what the others, maps, make at
                        a place; then there is `side` */
} Group;

/* `fuse_group` leaves in stored[] every member that needs memory. */
typedef struct Grouping { int n; Group *group; } Grouping;
/* fuse.c: inlines cheap producers (returns the rewritten results in f), then groups what is left.
** CALL, LOOP, PROJ, LIT and PARAM are in no group. */
void fuse_sign(Func *f); /* fuse_sign.c: what a rectifier cut off is told by its result */
void fuse_totals(Func *f); /* fuse_total.c: totals that are added up become one */
void find_symmetry(Func *f); /* symmetry.c: sums that a symmetric tensor makes the same */
void turn_constants(Func *f); /* turn.c: what steps of a LOOP read across, turned before it */
void turn_across(Func *f);    /* fuse_across.c: what sums with few columns read across, turned before */
void channels_last(Func *f); /* fuse_channel.c: of what is read at places that are data */
void window_last(Func *f); /* lower_slide.c: terms that rows share become the innermost */
void fuse_factor(Func *f); /* fuse_factor.c: two products with one factor */
void fuse_scatter(Func *f); /* fuse_scatter.c: scatters to one tensor */
void fuse_inline(Func *f);
void rows_in_steps(Func *f); /* loop_rows.c: maps that LOOPs take row by row are computed there */
void fuse_operands(Func *f); /* fuse_operand.c: computed factors of products as tensors */
void fuse_share(Func *f); /* fuse_share.c: exponentials that two COMPs need over the same rows */
Grouping fuse_group(Arena *a, Func *f);

/* A formal of a kernel: a tensor of a given dtype and shape. The body reads and writes it through
** `as`, a PARAM of its own, whose axes may be merged ([64][10] walked as [640]). */
typedef struct Formal {
  const char *name;  /* unique in the kernel, a C identifier */
  Node *node;        /* the graph's tensor: its buffer is what the call passes */
  Node *as;          /* the same elements, as the body sees them: dtype, rank, dim */
  bool written, read;
  bool *may_alias;   /* by formal that is written: whether this one is read only where that one is
                        then written, so that both may be the same memory (an update in place) */
  bool shares;       /* it is the same memory as another one in some call */
} Formal;

/* Statements write scalars and tensors alike: a local is a PARAM node too, of rank 0 (a variable)
** or 1 (an array on the stack), and is read by S_READ. */
typedef enum StmtKind {
  ST_BLOCK,   /* body[0..n) in order */
  ST_FOR,     /* for (axis = lo; axis < hi; axis += step) body[0..n) */
  ST_LET,     /* const T to = value; */
  ST_VAR,     /* T to = value; a variable or array that ST_STORE changes; an array is filled */
  ST_STORE,   /* to[index] = value, or (+)= value by `comb` */
  ST_FOLD,    /* const T to = the lanes of array `from` joined by `comb`, in a fixed tree */
  ST_IF,      /* if (value) body[0..n) */
  ST_CONTRACT /* a register-tiled contraction: see Contract */
} StmtKind;

typedef struct Stmt Stmt;
struct Stmt {
  StmtKind kind;
  Loc loc;               /* script line, for #line and comments */
  int n, cap; Stmt **body;
  int axis;              /* ST_FOR: its S_AXIS number */
  Scalar *lo, *hi;
  int step;
  bool shuffled;           /* FOR: of vectors, with choices beside what is read: see lower_apart.c */
  bool simd;             /* lanes are independent: #pragma omp simd */
  bool lanes;            /* a vector by construction, too short for threads */
  bool tiles;            /* iterations store different elements by construction */
  bool kept;             /* LET: an index that compilers are not to know, lest they take vectors apart */
  bool apart;            /* FOR: short copies that compilers are not to gather: see lower_fetch.c */
  bool turns;            /* over rows that a loop over terms copies to columns: transposed in registers */
  bool parallel;         /* iterations are independent and worth a thread each */
  int collapse;          /* parallel: so many nested loops at once, at least 1 */
  Scalar *trips;         /* about how often it runs, where bounds depend on outer loops, or NULL */
  Scalar *work;          /* CONTRACT: its units of work, an integer over sizes. Parallel: threads */
  int64_t enough;        /* pay when this product of sizes is larger than `enough`; NULL: always */
  Node *to, *from;       /* LET, VAR, STORE, FOLD; from: FOLD's lanes */
  Scalar **index;        /* STORE: one for each axis of `to`; FOLD: all but the last of `from` */
  Combine comb;          /* STORE: C_SET overwrites */
  Scalar *value;
  struct Contract *contract; /* CONTRACT */
};

/* A term of a contraction, of its two factors x and y. */
typedef enum Pair {
  PAIR_PRODUCT, /* x * y */
  PAIR_SQUARE,  /* (x - y)^2: distances */
  PAIR_TO,      /* x * (here - y), where `here` is the same for all terms: what distances derive to */
  PAIR_FROM     /* x * (y - here) */
} Pair;
typedef struct TermOf { Pair pair; Scalar *factor[2], *here; } TermOf;

/* tile[r][c] = sum over the reduced axes, in order, of one * vec, in rows x vectors registers.
** Outer product: `one` is an element, `vec` a run of lanes of columns; c counts lanes, too.
** Dot products: both are runs of 16 (f64: 8) terms along the innermost reduced axis, c a column. */
typedef struct Contract {
  Dtype dtype;
  Pair pair;                   /* a term of one and vec, */
  Scalar *here;                /* and of this, contiguous along columns; or NULL */
  bool dot;
  int rows, vectors, lanes;
  int columns;                 /* of the tile; the last vector is moved back where they are fewer */
  int row_axis, col_axis;      /* S_AXIS numbers: row in the tile; first column of a vector */
  Scalar *one, *vec;           /* S_READs */
  bool one_by_row, vec_by_row; /* whether they depend on the row */
  int one_step, vec_step;      /* elements between those of a vector of them; 0, 1: neighbours */
  int nred, red[MAX_AXES];     /* reduced axes, outermost first, */
  Scalar *lo[MAX_AXES], *hi[MAX_AXES]; /* and their bounds; NULL: 0 and their extents */
  int outer;                   /* so many of them add up in the tile, the rest in registers; */
  int split, part_axis;        /* of one row: in so many sums each, of every so manyth term; 1 */
  /* the one of red[] along which vectors slide past rows, -1: none; their place, */
  int slide, slide_axis;
  Scalar *slide_term;          /* and the term that meets a row there: lower_slide.c */
  Node *tile;                  /* local array [rows][columns] */
  Scalar *sum;                 /* the S_READ of it at row_axis and col_axis: part of a larger array, too */
  bool adds;                   /* sums are added to what is there, */
  Scalar *first;               /* but where this holds: nothing is there yet; NULL: never */
  Scalar *home, *late;         /* until `late` holds, they go home so, and not to the tile; NULL: never */
  const char *one_name, *vec_name; /* of the registers, from names.c */
} Contract;

/* is_int: an index that int holds, of dtype i64 in the graph */
typedef struct Name { const Node *node; const char *name; bool is_int; } Name;
typedef struct AxisVar { /* values in [0, extent) */
  const char *name, *letter; /* letter: NULL until names.c has chosen it */
  Scalar *extent;
} AxisVar;

/* How a kernel is scheduled, where a measurement knows better than the cost model; 0: as usual. No
** choice changes a bit of any result. See choice.c. */
typedef enum Threads { T_NEVER = -1, T_USUAL, T_EARLY, T_ALWAYS } Threads;
typedef struct Choice {
  int rows, vectors, lanes; /* of the tiles of a contraction */
  int width;                /* lanes of a tile of results */
  Threads threads;          /* T_EARLY: for an eighth of the work that usually pays for them;
                               T_ALWAYS: for any, which only tests ask for */
  int next, shift;          /* of a trial: the tile that comes so many places behind the best; the
                               width times 2^shift */
} Choice;

/* One function of a kernel: see phases.c. */
typedef struct Phase {
  const char *name, *suffix;     /* name: of the C function, once given; suffix: "partial", or NULL */
  bool parallel;                 /* its loops are cut into parts: takes `rt_part part` first */
  bool whole;                    /* but only on threads of OpenMP */
  int n; const Stmt **stmt;
  int nformal, *formal;          /* of the kernel's formals, */
  int nshared, *shared;          /* and of its shared arrays, those it takes */
  int nsym; Sym **sym;           /* run-time sizes it needs, passed as ints before the formals */
} Phase;

typedef struct Kernel {
  const char *name;      /* C identifier, from the first stored member */
  const char *formula;   /* comment lines, script place first */
  Loc loc;
  int nformal; Formal *formal;
  bool parallel;         /* has a parallel loop */
  int nphase; Phase *phase;      /* the functions it is printed as, run one after the other */
  int nshared; Node **shared;    /* local arrays that one phase fills and a later one reads */
  int copy_from, copy_to;        /* the first phase copies one formal to another; from -1: no */
  Stmt *body;
  int naxis; AxisVar *axis;      /* by S_AXIS number */
  int nlocal; Name *local;       /* names of locals */
  uint64_t key;          /* hash of `text` */
  const char *text;      /* canonical body (interned): equal texts share one C function */
  Scalar *flops, *bytes; /* of one call, over sizes: see cost.c */
  Choice choice, took;   /* what it was to be, and is; took.threads: it has a parallel loop */
  uint64_t usual;        /* the key it has without a choice */
} Kernel;
/* lower.c: what of the kernel's formals the body reads and writes as this; NULL: none. */
const Formal *formal_of(const Kernel *k, const Node *as);
/* lower_alias.c: whether formal `from`, which is read, may share memory with `to`, which is written. */
bool formal_may_alias(const Kernel *k, int from, int to);

typedef enum BufferKind { B_INPUT, B_OUTPUT, B_STATE, B_WORK, B_LIT } BufferKind;

/* A tensor's memory in a Routine. Views share the buffer of what they view. */
typedef struct Buffer {
  const char *name;      /* unique in the routine, a C identifier */
  BufferKind kind;
  Dtype dtype;
  int rank; Scalar **dim;
  int index;             /* B_INPUT: parameter, B_OUTPUT: result; B_STATE: Program.state; B_LIT: Unit.lit */
  Node *node;            /* what it held first; NULL: a callee's workspace */
  struct Routine *work_of; /* B_WORK: the workspace of this callee */
  int slice_of;          /* row `loop step` of another buffer (LOOP slices, stacks); -1 none */
  Scalar *at;            /* not NULL: all rows of slice_of from this one on, whatever the step */
  int home;              /* the loop (Step.home) whose steps each have their own; -1: the routine */
  int first, last;       /* B_WORK: positions of the steps between which it is alive */
  int64_t size;          /* B_WORK: bytes, -1: depends on run-time sizes */
  int64_t offset;        /* B_WORK: bytes into the workspace, -1: found in _create (run-time sizes) */
} Buffer;

typedef enum StepKind {
  K_KERNEL,
  K_CALL,    /* another routine */
  K_OPAQUE,  /* an opaque kernel, over its batch */
  K_LOOP,    /* trip times the body */
  K_COPY,    /* arg[0] = arg[1] */
  K_ZERO,    /* arg[0] = 0 */
  K_SWAP     /* arg[0] and arg[1] change places: what a loop carries, and its next value */
} StepKind;

typedef struct Step Step;
struct Step {
  StepKind kind;
  Loc loc;
  int position;          /* in program order, loops counting once at their begin and once at their end */
  Kernel *kernel;        /* K_KERNEL */
  struct Routine *callee;/* K_CALL */
  Func *opaque;          /* K_OPAQUE */
  int narg; int *arg;    /* buffers: kernel formals; callee params, results and workspace (or -1) */
  Scalar *trip; bool reverse; Guard guard; int nbody; Step *body; const char *var; int home, end;
                         /* K_LOOP: home is its number in Buffer.home; arg[0]: what guards it, the
                            carry or the whole slice */
};

/* A Func made runnable. Entries are Routines too. */
typedef struct Routine {
  const char *name;          /* unique in the unit, a C identifier */
  Func *fn;
  int id;                    /* position in Unit.routine */
  int nbuffer; Buffer *buffer;
  int nparam; int *param;    /* buffers of fn->param */
  int nresult; int *result;  /* buffers of fn->result */
  int nstep; Step *step;
  int64_t work_size;         /* bytes of its workspace, -1: depends on run-time sizes */
  bool fails;                /* may return an error code */
} Routine;

/* An entry of the model, or one made for training (its loss, its gradient). */
typedef struct UnitEntry {
  const Entry *entry;
  Routine *routine;
  bool hidden;               /* made by unit.c for `check` and --valid */
  int loss, gradient;        /* E_TRAIN: its hidden entries, -1 none */
} UnitEntry;

typedef struct Unit {        /* all there is to print */
  Program *program;
  int nkernel; Kernel **kernel;   /* distinct ones, in order of first use */
  int nroutine; Routine **routine;/* callees first */
  int nentry; UnitEntry *entry;   /* those of the program in its order, then hidden ones */
  int nlit; Node **lit;           /* literal tensors, in order of first use */
  int nopaque; Func **opaque;     /* opaque kernels, in order of first use */
} Unit;

/* What sched.c and the contraction generator know of the machine compiled for. */
typedef struct Target {
  const char *triple, *march; /* NULL: the host */
  int vector_bytes;           /* 64 AVX-512, 32 AVX2, 16 SSE2 and NEON */
  int registers;              /* vector registers */
  bool fma, halves;           /* halves: vectors of 64 bytes are executed as two */
  const struct Tuning *tuning; /* choices by kernel; NULL: none */
} Target;

/* lower.c, sched.c, contract.c (schedule side), cost.c, plan.c */
void kernel_cost(Kernel *k, const Group *g); /* sets flops and bytes */
Kernel *lower_group(Func *f, const Group *g, const Target *t, const Choice *c);
/* choice.c: the same with what the tuning of the target says of that kernel. */
Kernel *lower_chosen(Func *f, const Group *g, const Target *t);
/* func.c: the kernel of u that prints as k does but for names, or k, appended under a free name.
** Formals correspond by position. */
Kernel *kernel_intern(Unit *u, Kernel *k);
void kernel_identify(Kernel *k); /* sets key and text */
void sizes_may_be_empty(const Program *p); /* empty.c */
void leave_alone(Unit *u); /* alone.c: kernels that threads do not pay for after all */
Unit *unit_build(Program *p, const Target *t);
#endif
