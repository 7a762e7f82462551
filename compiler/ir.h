/*
** ir.h: the graph, and everything passes may do with it. Read this first.
**
** A model is a pure graph of three kinds of node, each its own mirror image under reverse mode:
**
**   COMP   out[g(i)] (+)= body(i)  over the whole domain i       (+) one of set, sum, prod, max, min
**   CALL   f(args) -> results      f a graph, or an opaque kernel with a declared adjoint
**   LOOP   f per step: (carry, slice, const) -> (carry, stack, sum)
**
** and PARAM (a graph's input), PROJ (the k-th result of a CALL or LOOP), LIT (a literal tensor).
** Bodies, indices and sizes are Scalars: a DAG over axes, sizes, reads, literals and scalar ops.
** Nodes and Scalars are immutable, live in the module's arena and are hash-consed, so equality is
** pointer equality; an argument always has a smaller id than its user, so a pass is a `for` loop.
*/
#ifndef CRESCENT_IR_H
#define CRESCENT_IR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "diag.h"

/* arena.c: one arena a compilation, a scratch arena a pass; nothing is freed singly */
typedef struct Arena Arena;
Arena *arena_new(void);
void *arena_need(void *p); /* p, or the end where it is NULL: for malloc and the like */
void arena_free(Arena *a);
void *arena_alloc(Arena *a, size_t size);              /* uninitialised, aligned to 16 */
void *arena_zero(Arena *a, size_t count, size_t size); /* count * size zero bytes */
void *arena_copy(Arena *a, const void *p, size_t size);
#define NEW(a, T) ((T *)arena_zero((a), 1, sizeof(T)))
#define NEWN(a, T, n) ((T *)arena_zero((a), (size_t)(n), sizeof(T)))

/* str.c: interned strings (compare by pointer) and growing text */
typedef struct Text { char *s; size_t n, cap; } Text; /* malloc'd; s is always 0-terminated */
const char *str_intern(const char *s);
const char *str_format(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* interned */

/* Names in use, interned; {0} is none. `slot` has them by hash, and `next` the number to try behind
** each. */
typedef struct Names {
  unsigned n, cap;
  const char **name; /* as they came */
  const char **slot;
  int *next;
} Names;
bool names_has(const Names *used, const char *name);
void names_add(Names *used, const char *name);
const char *name_claim(Names *used, const char *want); /* adds want, or want_2, want_3, ... */
void names_forget(Names *used, unsigned n); /* but for the first n */
void names_free(Names *used);
void text_add(Text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_put(Text *t, const char *s, size_t n);
void text_free(Text *t);

enum { MAX_RANK = 8, MAX_AXES = 16, MAX_ARG = 4 };

typedef enum Dtype { DT_BOOL, DT_I32, DT_I64, DT_F32, DT_F64, DT_COUNT } Dtype; /* by promotion */
const char *dtype_name(Dtype t);    /* "f32" */
const char *dtype_c(Dtype t);       /* "float" */
size_t dtype_size(Dtype t);
bool dtype_parse(const char *s, Dtype *t);
static inline bool dtype_is_float(Dtype t) { return t >= DT_F32; }
Dtype dtype_promote(Dtype a, Dtype b);

/* What happens to values that meet at one element of a COMP's result. Elements nothing is written
** to hold the identity: 0 for SET and SUM, 1, -inf, +inf (or the integer extremes). */
typedef enum Combine { C_SET, C_SUM, C_PROD, C_MAX, C_MIN } Combine;
const char *combine_name(Combine c);

/* What an index outside [0, n) means. The same rule serves reads and, in their adjoints, writes. */
typedef enum Rule {
  R_NONE,    /* cannot happen: proved, or checked when the entry is called */
  R_ZERO,    /* reads 0; a write there is dropped */
  R_CLAMP,   /* the nearest element */
  R_MIRROR,  /* half-sample symmetric: -1 -> 0, n -> n-1 */
  R_REFLECT, /* whole-sample symmetric: -1 -> 1, n -> n-2 */
  R_WRAP     /* modulo n */
} Rule;
const char *rule_name(Rule r);

typedef enum OpCode {
#define OP(id, ...) OP_##id,
#include "ops.def"
#undef OP
  OP_COUNT
} OpCode;

typedef struct Node Node;
typedef struct Func Func;
typedef struct Scalar Scalar;

typedef struct Sym { /* a named run-time size */
  const char *name;
  int index;      /* position in mod->sym */
  int64_t value;  /* default for `--dim`, -1: none */
  Loc loc;
  bool empty;     /* it may be 0, not only 1 and more: nothing runs then that relies on a proof (empty.c) */
  bool full;      /* it may not: an extent is negative then, and what is added to it would be lost */
} Sym;

typedef enum ScalarKind {
  S_CONST,  /* literal: i for integers and bools, f for floats */
  S_AXIS,   /* value of domain axis `axis` (DT_I64); axis >= FREE_AXIS: a DSL index not yet placed */
  S_SIZE,   /* value of the run-time size `sym` (DT_I64) */
  S_READ,   /* tensor[arg[0], ..., arg[narg-1]], rule[d] applied on axis d */
  S_OP,     /* op(arg...) */
  S_REDUCE  /* DSL only, hoisted into a COMP of its own by cr.tensor: arg[0] body, arg[1..] axes */
} ScalarKind;
enum { FREE_AXIS = 1000, FAR_AXIS = 63 };

struct Scalar { /* what a look-up compares comes first */
  Scalar *chain;    /* hash bucket */
  uint32_t hash;
  uint8_t kind, dtype, narg; /* kind: ScalarKind; dtype: Dtype */
  bool reads;       /* a tensor is read somewhere inside */
  uint16_t op;      /* S_OP: OpCode; S_REDUCE: Combine */
  int id;           /* creation order: arguments have smaller ids */
  int axis;         /* S_AXIS */
  Sym *sym;         /* S_SIZE */
  int64_t i;        /* S_CONST, integer and bool */
  double f;         /* S_CONST, float (an f32 constant is already rounded to float) */
  Node *tensor;     /* S_READ */
  const uint8_t *rule; /* S_READ: Rule of each axis, never NULL when narg > 0 */
  Scalar **arg;
  uint64_t axes;    /* those inside: bit p for axis p, the last bit for all from FAR_AXIS on */
  int height;       /* how many Scalars stand inside each other, this one the outermost */
};

typedef enum NodeKind { N_PARAM, N_LIT, N_COMP, N_CALL, N_LOOP, N_PROJ } NodeKind;

/* What a LOOP asks, a rank-0 bool, before each step. A step that is not run leaves the carries as
** they are, zeros in the stacks, and adds nothing to the sums. */
enum { UNBOUNDED = INT32_MAX }; /* trip of a LOOP that only its guard ends */
typedef enum Guard {
  G_NONE,
  G_WHILE, /* carry 0: once false, no step runs any more; such a LOOP has no slices */
  G_IF     /* slice 0 */
} Guard;

typedef enum Role { /* of a PARAM */
  P_FORMAL, /* a parameter of a Func */
  P_INPUT,  /* cr.input */
  P_WEIGHT, /* cr.param: trained, saved */
  P_STATE   /* cr.state: optimizer state, running statistics, random key: saved, not trained */
} Role;

struct Node {
  uint8_t kind, dtype, role, comb;
  int id;
  int rank;
  Scalar **dim;       /* result extents: integer Scalars over sizes, no axes; CALL, LOOP: rank -1 */
  int narg;
  Node **arg;         /* COMP: the distinct tensors it reads, by first appearance in body, windex */

  /* COMP: out[windex(i)] comb= body(i) for i in [0,dom[0]) x ... ; axes are positions in dom */
  int ndom;
  Scalar **dom;
  Scalar *body;       /* dtype of the node */
  Scalar **windex;    /* rank of them; a plain map or reduction has windex[d] == AXIS(d) */
  const uint8_t *wrule;

  /* CALL, LOOP. CALL: arg = f's params in order.  LOOP: arg = carry.., slice.., const.. and f's
  ** params are the same with the leading axis taken off the slices; f's results are carry..,
  ** stack.., sum..; the LOOP's results the last carries, the stacks with a leading axis `trip`,
  ** and the sums added over the steps (in step order, from 0). */
  Func *fn;
  Scalar *trip;       /* LOOP: number of steps, an integer Scalar over sizes */
  int ncarry, nslice, nstack, nsum;
  bool reverse;       /* LOOP: step t runs from trip-1 down to 0; slices and stacks sit at t */
  uint8_t guard;      /* LOOP: Guard */
  int unroll;         /* LOOP attribute, spent by a pass after AD: 0 none */
  int checkpoint;     /* LOOP attribute for its adjoint: 0 keep every carry, else every so many */

  int k;              /* PROJ: which result of arg[0] */
  const void *data;   /* LIT: row-major elements */

  /* hints, outside the hash */
  const char *name;   /* from the script, or derived (x_bar); may be NULL */
  bool word;          /* the name only says what is computed: the script, or naming.c, knows better */
  Loc loc;
  bool verified;      /* its extents, and a COMP's Scalars, were found right: they stay so */
  uint32_t seen;      /* the last walk that came here (graph.c) */
  const Node *init;   /* P_WEIGHT, P_STATE: a graph of the seed that gives the first value */
  uint32_t hash;
  Node *chain;
};

/* A status a kernel may return: the k-th of an operation stands for the value k + 1. */
typedef struct Status { const char *name, *words; } Status; /* "singular", "the matrix is ..." */

/* An opaque kernel: what a structured operation declares, for one choice of sizes and types.
**   int kernel(sizes.., args.., results.., work)    of one item; all arrays row-major
** A batch of items has leading axes; argument k has those with a bit in share[k], in their order,
** and the results have all of them. The Func's params and results have these axes. */
/* What of the library the script called for an operation, and where; line 0: for its derivative. */
typedef struct Caller {
  const char *name;
  Loc loc;
  struct Caller *next;
} Caller;

typedef struct Opaque {
  const char *kernel;   /* C function, of an item */
  const char *generic;  /* its name without _f32 or _f64, where there are both; else NULL */
  const char *within;   /* kernel of one that gives these results, by name, and more; or NULL */
  const char *header;   /* the runtime's header it is in; NULL: it is in source[] */
  int nsource; const char **source; /* the user's files: C to compile, and headers */
  int nsize; Scalar **size; /* what the kernel is given first */
  Scalar *work;         /* elements of its workspace; NULL: it takes none */
  Scalar *cost;         /* operations of one item, roughly */
  Scalar *many;         /* what decides whether items go side by side (runtime/rt_many.h); NULL: never */
  bool empty;           /* its sizes may be 0 */
  Dtype type;           /* of the workspace, and of what `generic` leaves open */
  int nstatus; Status *status; /* what a kernel returns other than 0; -1: it never fails */
  int vjp_ref, jvp_ref; /* Lua registry references of its derivatives, of one item; 0 none */
  Caller **caller;      /* of all with this item; NULL: the script declares it */
  int nbatch; Scalar **batch; unsigned *share;
  Func *item;           /* of a batch: one item */
} Opaque;

struct Func {
  const char *name;
  Loc loc;
  int id;
  int nparam;   Node **param;   /* N_PARAM nodes */
  int nresult;  Node **result;
  Opaque *opaque;               /* not NULL: no graph; result holds PARAM nodes as prototypes */
  int custom_vjp;               /* Lua reference of the derivative the script declares; 0 none */
  bool custom_exact;            /* the library's own, equal to the derivative of what it computes */
  bool custom_typed;            /* and of the types here alone: it calls Funcs that have these */
  Func *base;                   /* the same computation with fewer results (params), or NULL */
  struct Derived *derived;      /* what diff_*.c, jvp.c, vmap.c and unroll.c made of it, once */
};

/* Something made from a Func, under a key that says what: "vjp 101 1". */
typedef struct Derived {
  const char *key;
  void *value;
  struct Derived *next;
} Derived;

typedef enum EntryKind { E_ENTRY, E_TRAIN, E_INIT } EntryKind;

typedef struct Port { const char *name; Node *node; Loc loc; } Port;

typedef struct Update { Node *state, *value; } Update; /* state: PARAM; value: its next value */

typedef struct Entry {
  const char *name;
  EntryKind kind;
  Loc loc;
  int ninput;   Port *input;    /* PARAMs with role P_INPUT */
  int noutput;  Port *output;   /* E_TRAIN: output[0] is the loss */
  int nupdate;  Update *update; /* applied all at once after the outputs */
  bool *some;                   /* by size: no call with a size of 0 (empty.c); NULL: with none */
} Entry;

/* What the script's reads demand of run-time sizes, and of integers that come as input. */
typedef struct Demand {
  Scalar *lo, *hi;    /* 0 <= lo and hi < extent, over sizes; NULL: see input */
  Node *input;        /* every element of this P_INPUT is in [0, extent) */
  int64_t other;      /* or is this; 0 where there is nothing else to be */
  Scalar *extent;
  const char *text;   /* "index i + 2 of 'x' along axis 0" */
  Loc loc;
} Demand;

typedef struct Option { const char *name, *value; bool used; } Option; /* -D name=value */

/* The command `train` runs the entry so many times in a round. */
typedef struct Turn { int entry, times; } Turn;

typedef struct Program {
  const char *name, *file;
  int nstate;  Node **state;    /* every PARAM with role P_WEIGHT or P_STATE, in order of creation */
  int nentry;  Entry *entry;    /* the init entry, which fills all state from `seed`, comes last */
  int nturn;  Turn *turn;       /* the training schedule; empty: one entry alone */
  Node *seed;                   /* P_INPUT of the init entry: rank 0, i64 */
  int ndemand; Demand *demand;    /* sizes when the model is created, inputs when an entry is called */
} Program;

typedef struct ProductLog { Scalar *of; Node *log; } ProductLog; /* see stable_product.c */

/* The current compilation. */
typedef struct Module {
  Arena *arena;
  int nnode, nscalar, nfunc, nsym;
  Sym **sym;
  Node **node;                  /* by id */
  Node **walk;                  /* graph.c: room for as many */
  uint32_t nwalk;               /* walks until now */
  Func **func;
  Scalar **stab; Node **ntab;   /* hash tables */
  int nlog; ProductLog *log;    /* what was made until now */
  struct Answer *answer;         /* affine.c: what was found of late */
  uint32_t scap, ncap;
  uint32_t symcap, nodecap, funccap;
  Loc here;                     /* where nodes made now come from (set by the DSL) */
  Dtype default_float;
  bool parallel;                /* --mpi: train entries come in two parts as well (shards.lua) */
  const char *without;          /* the pass that is left out, for tests; NULL: none */
} Module;
extern Module *mod;
Module *module_new(void);
void module_free(Module *m);

/* ir.c: constructors. Everything is simplified at birth. Integer (i64) arithmetic is kept in the
** normal form of affine.c, so `i + 0 - j` never appears. */
Scalar *s_int(int64_t v);                          /* DT_I64 */
Scalar *s_const(Dtype t, double v);                /* any dtype */
Scalar *s_iconst(Dtype t, int64_t v);
Scalar *s_axis(int p);
Scalar *s_size(Sym *s);
Scalar *s_read(Node *t, Scalar **idx, const uint8_t *rule); /* rule NULL: all R_NONE */
Scalar *s_op(OpCode op, Scalar **arg);             /* promotes arguments; simplifies */
Scalar *s_op1(OpCode op, Scalar *x);
Scalar *s_op2(OpCode op, Scalar *x, Scalar *y);
Scalar *s_op3(OpCode op, Scalar *x, Scalar *y, Scalar *z);
Scalar *s_cast(Dtype t, Scalar *x);
Scalar *s_typed(OpCode op, Dtype t, Scalar *x);    /* OP_CAST, OP_UNIFORM: result of type t */
Scalar *s_raw(OpCode op, Dtype t, int narg, Scalar **arg); /* as it stands, unsimplified */
Scalar *s_reduce(Combine c, Scalar *body, int naxis, Scalar **axis); /* DSL only */
static inline Scalar *s_add(Scalar *x, Scalar *y) { return s_op2(OP_ADD, x, y); }
static inline Scalar *s_sub(Scalar *x, Scalar *y) { return s_op2(OP_SUB, x, y); }
static inline Scalar *s_mul(Scalar *x, Scalar *y) { return s_op2(OP_MUL, x, y); }
static inline bool s_is_int(const Scalar *s, int64_t v) {
  return s->kind == S_CONST && !dtype_is_float((Dtype)s->dtype) && s->i == v;
}
static inline bool s_is_const(const Scalar *s, double v) {
  return s->kind == S_CONST && (dtype_is_float((Dtype)s->dtype) ? s->f : (double)s->i) == v;
}
Scalar *s_combine_identity(Combine c, Dtype t);
OpCode combine_op(Combine c);                      /* OP_ADD, OP_MUL, OP_MAX, OP_MIN */

/* Rebuilds `s` with leaves replaced. `leaf` is given each S_AXIS, S_READ (its indices already
** rebuilt) and S_SIZE and returns its replacement, or NULL to keep it. Linear in the DAG. */
typedef Scalar *(*LeafFn)(void *ctx, Scalar *leaf);
Scalar *s_rewrite(Scalar *s, LeafFn leaf, void *ctx);
/* The same, and `finish` may replace every rebuilt S_OP. */
Scalar *s_rewrite_ops(Scalar *s, LeafFn leaf, LeafFn finish, void *ctx);
Scalar *s_with_args(Scalar *s, Scalar **arg);              /* s rebuilt over other arguments */
Scalar *s_subst_axes(Scalar *s, int n, Scalar **by);       /* AXIS(p) -> by[p], by[p] NULL: keep */
Scalar *s_shift_axes(Scalar *s, int from, int delta);      /* AXIS(p) -> AXIS(p+delta), p >= from */
Scalar *s_replace(Scalar *s, Scalar *what, Scalar *by);    /* one subexpression */
uint64_t s_axis_bit(int p);                                /* of an axis, in Scalar's axes */
bool s_uses_axis(const Scalar *s, int p);                  /* p < 0: any axis at all */
bool s_has_axis(const Scalar *s);
bool s_has_read(const Scalar *s);
bool s_is_plain_read(const Scalar *s); /* a read without rules, at places that are not data */
bool s_reads_here(const Scalar *s, const Node *n);            /* a tensor of n's shape at the element itself */
bool s_contains(const Scalar *s, const Scalar *what);         /* whether what is in s, or s itself */
/* Calls f on every distinct Scalar under s, arguments first. */
void s_walk(Scalar *s, void (*f)(void *ctx, Scalar *s), void *ctx);
int s_cost(const Scalar *s);                               /* rough flops of one evaluation */

Node *n_param(Role role, const char *name, Dtype t, int rank, Scalar **dim, Loc loc); /* unique */
Node *n_lit(Dtype t, int rank, Scalar **dim, const void *data);
/* The general COMP; wrule NULL: all R_NONE. Drops axes of extent 1, simplifies body within the
** domain (range of every axis known), finds args. */
Node *n_comp(Dtype t, Combine comb, int rank, Scalar **dim, int ndom, Scalar **dom, Scalar **windex,
             const uint8_t *wrule, Scalar *body);
Node *n_map(int rank, Scalar **dim, Scalar *body);          /* out[i] = body(i) */
Node *n_reduce(Combine c, int rank, Scalar **dim, int nred, Scalar **red, Scalar *body);
                                      /* out[i] = comb k. body(i, k): axes rank.. are reduced */
Node *n_full(int rank, Scalar **dim, Scalar *value);
Node *n_call(Func *f, Node **arg);
Node *n_loop(Func *f, Scalar *trip, int ncarry, int nslice, int nconst, Node **arg, int nstack,
             int nsum, bool reverse, int unroll, int checkpoint);
Node *n_guarded(Node *loop, Guard guard); /* the LOOP with that guard */
Node *n_proj(Node *call, int k);      /* dim and dtype from f's result, and trip for stacks */
Node *n_named(Node *n, const char *name); /* gives the hint unless there is one; returns n */
Node *n_like(Node *n, const Node *of);    /* the same, with the name of `of` */
Node *n_with_body(const Node *n, Scalar *body); /* the COMP n with another body, and its name */
Node *n_add(Node *a, Node *b);        /* elementwise sum of equal shapes, for accumulating x_bar */
Node *n_read_map(Node *n);            /* identity copy */
Node *n_over(Node *n, Node **arg);    /* n with other arguments in place of n->arg (graph.c) */

bool n_is_map(const Node *n);         /* COMP, SET, windex[d] == AXIS(d), ndom == rank */
bool n_is_reduction(const Node *n);   /* COMP, windex[d] == AXIS(d), ndom >= rank, no wrule */
bool n_is_scatter(const Node *n);     /* COMP, neither of these */
bool n_same_shape(const Node *a, const Node *b);
Scalar *n_count(const Node *n);       /* number of elements, an integer Scalar over sizes */
Scalar *s_at(Node *n, int first);     /* READ n[AXIS(first), AXIS(first+1), ...] */

Sym *sym_new(const char *name, int64_t value, Loc loc); /* one a name */
void size_extended(Scalar *extent); /* something is added to it: sets Sym.full */
/* Whether a Sym.empty, where these are known, makes extent 0 and none of the others. */
bool size_may_vanish(Scalar *extent, int nother, Scalar **other);
Scalar *size_or_none(Scalar *extent); /* 0 where sizes make it negative, as N - 1 of N = 0 */
Func *func_new(const char *name, int nparam, Node **param, int nresult, Node **result, Loc loc);

/* graph.c: walking and rebuilding */
typedef struct Order { int n; Node **node; } Order;
Order graph_order(Arena *a, int nresult, Node **result);   /* reachable nodes, arguments first */
/* The same without what is older than the id `least`, and so cannot depend on the node of that id. */
Order graph_order_from(Arena *a, int least, int nresult, Node **result);
int *graph_uses(Arena *a, Order o, int nresult, Node **result); /* by id; results are used, too */
typedef struct Readers { int *first, *end; Node **node; } Readers; /* of n: first[n->id] to end[n->id] */
Readers graph_readers(Arena *a, Order o);
/* Rebuilds the graph under `result` in place of it: `f` is given each node with its arguments
** already rebuilt (a fresh node if any changed) and returns what shall stand for it. */
typedef Node *(*NodeFn)(void *ctx, Node *n);
void graph_rewrite(int nresult, Node **result, NodeFn f, void *ctx);
/* The same with some nodes replaced by others. */
void graph_replace(int nresult, Node **result, int n, Node **from, Node **to);
/* The same with each in another form, over the same graph, or over new nodes that are over it. */
void graph_reform(int nresult, Node **result, int n, Node **from, Node **to);
/* Makes a Func of the graph under result: what does not depend on param, and is not a constant,
** is captured: returned in *outer, and appended to the params as new formals. Nodes from id `first`
** on (-1: none) are the Func's even where they do not depend on param. */
Func *graph_close(const char *name, int nparam, Node **param, int nresult, Node **result, Loc loc,
                  int first, int *nouter, Node ***outer);
bool graph_depends(Node *n, Node *on);
bool graph_computes_from(Node *n, Node *on); /* the same by COMPs alone, without what a Func may not use */

/* op.c: the table of scalar ops, from ops.def */
typedef struct OpInfo {
  const char *id, *name;
  int arity;
  char kind;            /* f: floats; n: numbers; b: numbers -> bool; l: bools; i: integers;
                           s: (bool, T, T) -> T; c: cast; p: any float -> bool */
  const char *value;    /* the C expression, arguments x y z; F(exp) is rt_exp_f32 and so on */
  int prec;             /* C precedence of value: 16 call, 14 unary, 13 * /, 12 + -, 10 <, 9 ==, ..*/
  const char *partial[3]; /* d op / d argument, infix over x y z and the result r; "" none, 0 */
  const char *doc;
} OpInfo;
extern const OpInfo op_info[OP_COUNT];
OpCode op_find(const char *name);     /* OP_COUNT if there is none */
Dtype op_result(OpCode op, Dtype arg);
Scalar *op_partial(OpCode op, int k, Scalar **arg, Scalar *result); /* NULL: zero */
/* Evaluates a row on constants: args and result as double (f32 rows round as the emitted C does),
** integers exactly through int64_t. */
typedef union Value { double f; int64_t i; } Value;
Value op_eval(OpCode op, Dtype arg_type, const Value *arg);
Value value_cast(Dtype to, Dtype from, Value v);

/* rewrite.c: rules.def, and the infix notation shared with ops.def */
typedef struct RuleRow { const char *from, *to, *kinds; } RuleRow;
const RuleRow *rewrite_rows(int *count);
/* For tests: one side of a rule over the rank-0 tensors leaf[letter], and its plain value. */
Scalar *rewrite_side(const char *text, Dtype t, Node **leaf, double a, double b);
Scalar *rewrite_op(OpCode op, Dtype t, Scalar **arg); /* a simpler form by the rules, or NULL */
/* The value of an infix text where letter c is value[c - 'a'], without any rewriting. */
Value rewrite_eval(const char *text, Dtype t, const Value *value, double a, double b);
Scalar *infix_build(const char *text, Dtype t, Scalar *x, Scalar *y, Scalar *z, Scalar *r);

/* affine.c: the normal form of integer scalars, ranges, proofs */
typedef struct Term { int64_t coef; int nfac; Scalar *fac[6]; } Term;  /* coef * product of fac */
typedef struct Poly { int64_t k; int n; Term *term; } Poly;             /* k + sum of terms */
Poly poly_of(Arena *a, Scalar *s);
Scalar *poly_scalar(Poly p);
/* What the same question about integers was answered of late: `what` is an OpCode, or beyond. */
enum { ASK_PROOF = OP_COUNT, ASK_SPLIT /* and the axis */ };
typedef struct Answer {
  const Scalar *a, *b;
  int what;
  bool ok;
  Scalar *s, *rest;
} Answer;
Answer *answers_new(Arena *a);
Answer *answer_slot(int what, const Scalar *a, const Scalar *b); /* where it is, if it has these three */
bool answer_is(const Answer *k, int what, const Scalar *a, const Scalar *b);
/* Integer op on i64 arguments in normal form, or NULL: leave it to the rules. */
Scalar *affine_op(OpCode op, Scalar **arg);
/* s = coef * AXIS(p) + rest with rest free of p; false where p enters otherwise. */
bool affine_split(Scalar *s, int p, Scalar **coef, Scalar **rest);
/* Inclusive bounds of s when AXIS(p) is in [0, dom[p]); bounds are Scalars over sizes. */
bool s_range(Scalar *s, int ndom, Scalar **dom, Scalar **lo, Scalar **hi);
Scalar *range_extent(Scalar *lo, Scalar *hi); /* positions from lo to hi, never negative */
bool s_prove_ge(Scalar *a, Scalar *b);    /* a >= b for all sizes >= 1 */
bool s_prove_lt(Scalar *a, Scalar *b);
Scalar *order_gap(const Scalar *cond);    /* d where cond, an order of integers, is d >= 0; or NULL */
Scalar *simplify_within(Scalar *s, int ndom, Scalar **dom); /* uses the ranges of the axes */
bool s_const_value(const Scalar *s, int64_t *v);
Scalar *linear_index(int rank, Scalar **dim, Scalar **idx); /* row-major position */

/* shape.c: the index that a boundary rule makes of an index */
Scalar *rule_index(Rule r, Scalar *index, Scalar *extent);   /* not for R_ZERO */
Scalar *rule_inside(Scalar *index, Scalar *extent);          /* 0 <= index && index < extent */
/* Whether index is proved to lie in [0, extent) over the whole domain. */
bool index_inside(Scalar *index, Scalar *extent, int ndom, Scalar **dom);

/* gather.c, fold.c, residue.c, narrow.c */
Node *gather_node(Node *scatter);     /* the same tensor without scatter, or the node itself */
Node *narrow_node(Node *n);           /* the same tensor by way of a sum over the part of it that is not 0 */
Node *few_places(Node *scatter);     /* a sum for each of the few places it adds to, or the node itself */
Node *residue_node(Node *n);          /* the same tensor by way of strided positions' quotients */
Node *gather_folded(Node *scatter);   /* the same, for writes through clamp, mirror, reflect, wrap */

/* diff.c, diff_call.c, diff_loop.c: reverse mode.  ybar[k] may be NULL (zero); xbar[k] never is.
** Works on what reaches from ys to xs; xs may be any nodes. */
void diff_vjp(int ny, Node **y, Node **ybar, int nx, Node **x, Node **xbar);
/* jvp.c: forward mode: ydot for tangents xdot of the nodes x. */
void diff_jvp(int ny, Node **y, int nx, Node **x, Node **xdot, Node **ydot);
/* The script's declared derivatives, of an opaque kernel, or the first of a Func with custom_vjp:
** bars of the args from bars of the results, dots of the results from dots of the args. NULL is
** zero, in and out. The DSL sets them. */
typedef Node **(*DerivativeHook)(Func *f, Node **arg, Node **result, Node **given);
extern DerivativeHook opaque_vjp, opaque_jvp;
/* opaque.c: opaque kernels over batches. */
Func *opaque_batch(Func *item, int nbatch, Scalar **batch, const unsigned *share);
Func *opaque_mapped(Func *f, Scalar *extent, const bool *mapped); /* one more leading axis */
Func *opaque_of_type(Func *f, Dtype t);  /* the same in another type; f where that cannot be */
bool opaque_fails(const Func *f);        /* may return a status */
bool func_fails(Func *f);                /* it, or something it calls */
/* What the hook says of a CALL: bars of its args (reverse), or dots of its results, given those of
** the other side. It is asked of formals in their place, since it may ask for partial derivatives,
** in which no argument depends on another; of a batch of an opaque kernel, it sees one item. */
Node **declared_derivative(DerivativeHook hook, Node *call, Node **result, Node **given,
                           bool reverse);
/* vmap.c: f mapped over a new leading axis of those args with mapped[k]. */
void vmap_call(Func *f, Scalar *extent, Node **arg, const bool *mapped, Node **result);

/* naming.c: names for what has none, after what it is for: the max in s = softmax(x) is s_max. */
void name_by_use(int nresult, Node **result);
const char *name_word(const Node *n); /* what a COMP computes, in a word: sum, exp, max */

/* stable.c: naive forms (log of a sum of exponentials, ..) become stable ones; what is in `keep`
** stays, since it is to be differentiated by. */
void stable_graph(int nresult, Node **result, int nkeep, Node **keep);

/* power.c: s = x^c as products and a root of x, where c is small and an integer or half of one; or NULL. */
Scalar *power_form(const Scalar *s);

/* unroll.c, merge.c: passes. unroll_loops spends LOOP.unroll; merge_calls lets what reads a CALL or
** LOOP read the wider one (Func.base) that a derivative in the same graph needs anyway. */
void func_inline(Func *f, Node **arg, Node **result); /* the results of f over arg */
void unroll_loops(int nresult, Node **result);
void merge_calls(int nresult, Node **result);
void compute_again(Func *f);                   /* again.c: sums of bumps, beside later ones */
void even_slices(int nresult, Node **result);   /* even.c: slices that are the same at every step */
void compute_ahead(int nresult, Node **result); /* ahead.c: what needs no carry, before the LOOP */
void hoist_sums(int nresult, Node **result);    /* hoist.c: sums of a LOOP as products after it */
Node **hoist_rows(Node *loop, Node *(*opened)(Node *addend));

/* loop_graph.c: LOOPs made into others */
typedef bool (*LoopFn)(Node *loop, Node **result);
void rewrite_loops(int nresult, Node **result, const char *key, LoopFn change);
bool loop_results(Node *now, Node **result);
/* The LOOP with other results of its function, which read more[0] constants and more[1] slices more:
** what they are in the function, and to the LOOP. */
Node *loop_given(const Node *loop, Node **result, const int more[2], Node **const formal[2],
                 Node **const value[2]);

/* eval.c, eval_opaque.c: the reference interpreter, the oracle of every test */
typedef struct Tensor { Dtype dtype; int rank; int64_t dim[MAX_RANK]; void *data; } Tensor;
size_t tensor_count(const Tensor *t);
/* Values of `result` with the PARAMs `param` bound to `value`, sizes to size[sym->index]. */
void eval_graph(Arena *a, int nparam, Node **param, const Tensor *value, const int64_t *size,
                int nresult, Node **result, Tensor *out);
int64_t eval_size(Scalar *s, const int64_t *size); /* an integer Scalar over sizes */
int64_t eval_extent(Scalar *s, const int64_t *size); /* the same, 0 where it is negative */
/* How tests have the interpreter run an opaque kernel, one item: results have their shapes and
** zeros; 0 is success. */
typedef int (*EvalKernel)(const Func *f, const Tensor *arg, Tensor *result, const int64_t *size);
void eval_bind(const char *kernel, EvalKernel run);

/* print.c, parse.c, verify.c: text form of graphs, and the check between passes */
void print_scalar(Text *t, Scalar *s, const char *const *axis_name);
void print_func(Text *t, Func *f);      /* and the Funcs it calls, callees first */
void print_formula(Text *t, Node *n);   /* one line: x_bar[i] = sum k.  w[k] * y_bar[i - k] */
/* The same with names of the caller's choice. */
void print_formula_as(Text *t, Node *n, const char *(*name)(void *ctx, const Node *n), void *ctx);
Func *parse_func(const char *text, const char *file); /* the last one in the text */
void verify_func(Func *f, const char *pass);          /* ICE on a malformed graph */

/* pass.c: the table of passes in the order they run; it ends with a NULL name */
typedef struct Pass {
  const char *name;
  void (*run)(Func *f);
  const char *doc;
} Pass;
extern const Pass pass_table[];
const Pass *pass_find(const char *name);     /* NULL if there is none */
void pass_run(const Pass *p, Func *f);       /* on f and all it calls; then verifies */
void passes_run(Func *f, const char *upto);  /* through pass `upto`; NULL: all; "none": none */

#endif
