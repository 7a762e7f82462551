/*
** lower.h: how a group of COMPs becomes a kernel, file by file
**
**   lower.c        members, formals and the nest of loops
**   lower_index.c  boundary rules, guards, merged axes: what reads and bodies look like inside
**   lower_let.c    invariant and shared subexpressions become named constants
**   sched.c        which loop is a vector, which one runs on threads, what it costs
*/
#ifndef CRESCENT_LOWER_H
#define CRESCENT_LOWER_H
#include "prog.h"

enum {
  MAX_KERNEL_AXES = 96,
  PARALLEL_BREAK_EVEN = 10000, /* ns of serial work below which a parallel region does not pay */
};

/* One COMP of the group. Its domain axes have kernel axis numbers; the first `nshared` of them are
** 0, 1, ..., common to all members; its result axes come before its reduced ones. */
typedef struct Member {
  Node *node;
  int ndom, nout;
  int axis[MAX_AXES];
  Scalar *body;              /* over kernel axes and formals */
  Scalar *windex[MAX_RANK];  /* scatters only */
  Node *to;                  /* the formal it is stored in; NULL: not stored */
  Node *local;               /* the local that holds it at one shared position, or NULL */
  Scalar *value;             /* what later members read instead of it at the shared position */
  bool scatter;
} Member;

typedef struct Low {
  Arena *a;
  Kernel *k;
  const Group *g;
  const Target *target;
  int nshared, nmember;
  Member *member;
  int lane_axis;             /* kernel axis of the lanes of a strip-mined shared axis; -1 none */
} Low;

/* lower.c */
int low_axis(Low *l, Scalar *extent, const char *name); /* a new kernel axis */
Scalar *low_extent(const Low *l, int axis);
Node *low_local(Low *l, Dtype t, int rank, Scalar **dim, const char *name);
Node *low_formal(Low *l, Node *n, bool written);        /* the PARAM that stands for n inside */
Stmt *stmt_new(StmtKind kind, Loc loc);
Stmt *stmt_add(Stmt *to, Stmt *s);                      /* returns s */
Stmt *stmt_for(int axis, Scalar *lo, Scalar *hi, Loc loc);
Stmt *stmt_let(Node *to, Scalar *value, Loc loc);
Stmt *stmt_var(Node *to, Scalar *value, Loc loc);
Stmt *stmt_store(Node *to, Scalar **index, Combine comb, Scalar *value, Loc loc);
Scalar *local_read(Node *local);                        /* a local of rank 0 as a Scalar */

/* lower_index.c */
Scalar *resolve_rules(Scalar *s, int ndom, Scalar **dom); /* reads without rules, guards instead */

/* lower_let.c */
void lower_lets(Low *l);

/* sched.c */
void sched_kernel(Low *l);
#endif
