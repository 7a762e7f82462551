/*
** routine.h: how a Func becomes a Routine, file by file
**
**   items.c     what there is to run in a graph: kernels, calls, loops, copies, and what each needs
**   alike.c     kernels of groups, one for all that are alike
**   place.c     which memory results go to: written there directly, updated in place, or copied
**   routine.c   items in the order of running become Steps over Buffers
**   plan.c      lifetimes and offsets of the work buffers
**   unit.c      every entry of a program, and the hidden ones for training
*/
#ifndef CRESCENT_ROUTINE_H
#define CRESCENT_ROUTINE_H
#include "diff.h"
#include "prog.h"

typedef enum ItemKind { I_KERNEL, I_CALL, I_LOOP, I_COPY } ItemKind;

/* Something that runs at once. Reads and writes are roots: the nodes whose memory is meant. */
typedef struct Item {
  ItemKind kind;
  int key;        /* order of creation of what it makes: runs by it where nothing else says */
  Kernel *kernel; /* I_KERNEL: the one of the unit that does this */
  Node **formal;  /* I_KERNEL: the node of each of its formals */
  Node *node;     /* I_CALL, I_LOOP; I_COPY: what is copied */
  int to;         /* I_COPY: the buffer it is copied to */
  int nread, nwrite;
  Node **read, **write;
  int nbefore, capbefore;
  int *before;   /* items that must have run */
  bool fails;    /* I_CALL, I_LOOP: may end with an error code */
  bool *donated; /* I_LOOP: the loop may overwrite its k-th argument, a first carry or a slice */
} Item;

/* Where a result shall be: in `buffer`, which until then holds the value of `old` (NULL: nothing of
** worth). */
typedef struct Dest {
  int buffer;
  Node *old;
  bool swap; /* the buffer may change places with another one of its size */
} Dest;

/* What is left to do when everything has run. */
typedef struct Late {
  int to, from; /* buffers; from -1: that of `node` */
  Node *node;
  bool swap;
} Late;

/* An item that reads a node, and the next one that does, -1. */
typedef struct Reading { int item, next; } Reading;

/* The graph of one Func being placed: a routine's, or a loop's body inside it. */
typedef struct Scope {
  Func *f;
  int home; /* as in Buffer */
  Order order;
  IdMap root;     /* the id of the node in whose memory a node is */
  IdMap producer; /* the item that writes it */
  IdMap buffer;   /* where it is placed, once it is */
  IdMap pinned;   /* its buffer is the loop's, no result may be placed elsewhere */
  IdMap proj;     /* the first result of a CALL or LOOP there is, by its place in order; */
  int *next;      /* and by place, that of the next one of the same */
  bool guarded;  /* results change only when nothing can fail any more */
  int nitem, capitem;
  Item *item;
  IdMap reader, last;   /* of a node's readers, the first and the last one in */
  int nreading, capreading;
  Reading *reading;
  Dest *dest; /* one a result of f */
  int nlate;
  Late *late;
  int nstep, capstep;
  Step *step;
  int capseen, stamp;    /* item_depends: seen in the search of this number */
  int *seen, *stack;
} Scope;

typedef struct Alike Alike;

typedef struct Build {
  Unit *u;
  const Target *target;
  Arena *a;          /* for the tables */
  Routine **routine; /* by Func id: done already */
  int nfunc;
  struct Names *names; /* taken in the routine being built */
  Routine *r;          /* being built */
  int capbuffer;
  int loops; /* numbers given to loops */
  Alike **alike; /* groups that were lowered */
} Build;

/* items.c */
void scope_items(Build *b, Scope *s);
Item *item_new(Scope *s, ItemKind kind, int key);
void item_needs(Scope *s, Item *it, Node *read);
void item_after(Scope *s, int item, int before);
bool item_depends(Scope *s, int item, int on);
bool item_reads(const Item *it, const Node *root);
Node *scope_root(const Scope *s, const Node *n);
int scope_producer(const Scope *s, const Node *n); /* -1: no item of this graph */
Node *scope_proj(const Scope *s, const Node *call, int k); /* NULL: nobody wants it */
/* Whether the LOOP leaves its k-th carry as it was: then the result is in the memory of the
** argument. */
bool carry_stays(const Node *loop, int k);

/* alike.c: the kernel of the unit that does what the group does, and by its formals the tensors it
** is to be called with */
Kernel *kernel_of_group(Build *b, Func *f, const Group *g, Node ***formal);

/* place.c */
void scope_place(Build *b, Scope *s);
/* Makes every other reader of `old` run before item p, which overwrites it with `fresh`. False,
** and nothing changed, where that cannot be. */
bool overwrite(Scope *s, int p, Node *old, Node *fresh);
bool same_room(const Node *a, const Node *b); /* as many elements of the same type */

/* routine.c */
Routine *routine_new(Build *b, const char *name, Func *f); /* begins one: buffers follow */
void routine_finish(Build *b, Dest *dest, bool guarded);   /* its steps, its plan */
Routine *routine_of(Build *b, Func *f);                    /* of a called Func, built once */
int literal_buffer(Build *b, Node *n);
int buffer_new(Build *b, BufferKind kind, Node *n, const char *name, int home);
void scope_build(Build *b, Scope *s);
int scope_buffer(const Scope *s, const Node *n);
bool scope_is_placed(const Scope *s, const Node *n);
void scope_put(Scope *s, const Node *n, int buffer);

/* loop.c */
void emit_loop(Build *b, Scope *s, Item *it);
Step *step_new(Scope *s, StepKind kind, Loc loc, int narg);
void make_room(Build *b, Scope *s, const Item *it); /* memory for what the item writes */

/* opaque_step.c: how an opaque kernel's batch is shared out, and where each share works */
enum { MAX_SHARES = 16, STACK_BYTES = 4096 };
void emit_opaque(Build *b, Scope *s, Item *it);
Scalar *opaque_count(const Func *f);         /* items of the batch */
Scalar *opaque_shares(const Func *f);        /* pieces of the batch that may run side by side */
Scalar *opaque_flops(const Func *f);         /* of the whole batch, as declared; bytes */
Scalar *opaque_bytes(const Func *f);
bool opaque_on_stack(const Func *f);         /* its workspace is a local array */

/* plan.c */
void plan_routine(Routine *r);
Scalar *buffer_count(const Buffer *buf); /* elements, over sizes */
double buffer_usual_bytes(const Buffer *buf);
#endif
