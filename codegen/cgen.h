/*
** cgen.h: from programs of loops to C text. Every function appends to a Text.
**
** Kernels are printed one to one from prog.h: a statement is a line or a block, a Scalar an
** expression with no more parentheses than C (and -Wparentheses) asks for.
*/
#ifndef CRESCENT_CGEN_H
#define CRESCENT_CGEN_H
#include "prog.h"

/* Where an expression or statement is printed: the kernel that names its axes and tensors. */
typedef struct Cg {
  Text *t;
  const Kernel *k;
  bool canonical; /* f0, v0, a0 in place of names: for comparing kernels */
  bool index;     /* inside an index or a bound: int arithmetic */
  bool whole;     /* a function that is not cut into parts: its parallel loops are OpenMP's */
  bool line;      /* print #line before statements whose script line is known */
  bool lanes;       /* inside a vector loop with many choices: these are made without branches */
  bool rows;        /* inside a parallel loop over short rows (pragma.c) */
  const Node *fresh; /* a local declared just before: nothing is added to it yet */
  bool near;        /* stmt.c: every argument of sin, cos, tan is near */
  struct Needs *scan; /* looking whether it is: the constants that takes; or NULL */
  int indent, splits; /* splits: declarations of part_i, part_j so far */
} Cg;

/* names.c */
const char *name_size(const Sym *size);                /* the variable that holds a run-time size */
const char *name_model(const char *want);             /* the prefix of a model's symbols */
const char *name_clean(const char *s);                /* a C identifier that resembles s */
const char *name_of_node(const Node *n);              /* script name, or what it computes */
const char *name_of_scalar(const Scalar *s, const Kernel *k); /* a word or two for a LET */
void kernel_names(Kernel *k);                         /* names formals, axes and locals */

/* expr.c */
void print_const(Text *t, Dtype type, const Scalar *s);
void cg_expr(Cg *c, Scalar *s, int prec);          /* parenthesised if it binds looser */
void print_index(Cg *c, Scalar *s);                   /* the same as an index: [s] */
void print_access(Cg *c, const Node *n, Scalar **index);
bool is_position(const Kernel *k, const Scalar *s);   /* an integer of the kind int holds */
const char *cg_name(const Cg *c, const Node *n);
const char *cg_axis(const Cg *c, int axis);

/* pragma.c */
bool pragma_any(const Stmt *s);                       /* whether pragma_print has something to say */
bool pragma_over_rows(const Stmt *s);
void pragma_print(Cg *c, const Stmt *s);

/* stmt.c */
Scalar *stmt_trips(const Stmt *s);                    /* how often a loop runs */
void cg_bound(Cg *c, Scalar *s, int prec);
void cg_enough(Cg *c, const Stmt *s);
void print_stmt(Cg *c, const Stmt *s);
/* Whether a phase has work for threads, as a condition on sizes: "true" where it always has. */
void print_pays(Text *t, const Kernel *k, const Phase *p);

/* contraction.c */
void print_contract(Cg *c, const Stmt *s);
bool print_turn(Cg *c, const Stmt *s); /* a copy in registers; false: better as the loops it is */

/* func.c */
void print_kernel(Text *t, const Kernel *k, bool line_marks); /* comment and definitions */
const char *phase_name(const Kernel *k, const Phase *p);      /* of its C function */
void print_param_type(Text *t, Dtype type, int rank, Scalar **dim, const char *qualifier,
                      const char *name);              /* const float (*restrict x)[28][28] */
void print_wrapped(Text *to, const char *text, int columns); /* breaks long lines of C */
#endif
