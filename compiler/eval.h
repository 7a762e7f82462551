/*
** eval.h: the reference interpreter's parts, shared by eval*.c
**
** A COMP becomes a Comp: a list of instructions over a register file, each run once for every
** change of the outermost axes it depends on. The innermost axes run in blocks of up to LANES.
*/
#ifndef CRESCENT_EVAL_H
#define CRESCENT_EVAL_H
#include "ir.h"

enum { LANES = 256 };

/* A register: file[at], or file[at..at + LANES) when step is 1. */
typedef struct Operand {
  int at, step;
  int inst;            /* which instruction computes it; -1: an axis or a constant */
} Operand;

typedef struct Inst {
  bool read;           /* a READ, else an operation */
  OpCode op;
  Dtype from, to;      /* dtypes of the arguments and of the result */
  int narg;
  Operand dst, arg[MAX_RANK];
  int tensor;          /* READ: which argument of the node */
  const uint8_t *rule;
  Scalar *source;      /* what it computes */
  int level;           /* runs when an axis < level changes; `outer` + 1: in every block */
} Inst;

typedef struct Constant { int at; Value value; } Constant;

typedef struct Comp {
  Node *node;
  int64_t dom[MAX_AXES], dim[MAX_RANK], points, count; /* sizes of the domain and the result */
  int outer;           /* axes 0..outer-1 are loops, the others lie flat in a block */
  int64_t flat;        /* points of these others */
  int ninst;
  Inst *inst;          /* by level, arguments first */
  int level_end[MAX_AXES + 2];
  int nconstant;
  Constant *constant;
  int axis[MAX_AXES];  /* registers of the axes */
  Operand body, windex[MAX_RANK];
  int nregister;
} Comp;

/* eval_comp.c */
Comp *comp_new(Arena *a, Node *n, const int64_t *size);
/* Fills out->data, whose shape is set, from arguments in the order of n->arg. */
void comp_run(const Comp *c, const Tensor *arg, Tensor *out, Value *file);

/* eval_opaque.c: results have their shapes and zeros */
void opaque_run(Func *f, const Tensor *arg, Tensor *result, const int64_t *size, Loc loc);

/* eval_lanes.c */
void lanes_run(const Inst *q, const Tensor *arg, Value *file, int n, bool *outside);
/* Position of an index under a rule: -1 where a read gives 0, -2 where it must not be. */
int64_t rule_position(Rule r, int64_t i, int64_t n);
Value tensor_load(const Tensor *t, int64_t at);
void tensor_store(Tensor *t, int64_t at, Value v);
Value combine_values(Combine c, Dtype t, Value acc, Value v);
Value combine_start(Combine c, Dtype t);

#endif
