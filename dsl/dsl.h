/*
** dsl.h: what a model script is written in, seen from C
**
** An Expr is what the script holds: a tensor (Node), a scalar expression over indices (Scalar), or
** a tensor wrapped in boundary rules. It points into the module's arena and owns nothing, so Lua's
** collector may have it at any time.
**
**   host_preload(L, "crescent.core", luaopen_crescent_core);   C behind the Lua files of dsl/
**   host_run(L, "model.lua");  Program *p = dsl_program(L, -1);
*/
#ifndef CRESCENT_DSL_H
#define CRESCENT_DSL_H

#include <lua.h>
#include <lauxlib.h>
#include "ir.h"

typedef struct Expr {
  Node *node;          /* a tensor, or NULL */
  Scalar *scalar;      /* a scalar expression, when node is NULL */
  const uint8_t *rule; /* a wrapped tensor: the Rule of each axis; else NULL */
} Expr;

typedef struct Index { /* of a free axis: axis number FREE_AXIS + its place in Dsl.index */
  const char *name;
  Scalar *extent;      /* stated by cr.index{ i = N }, or NULL */
  int extent_of;       /* this axis stands for the extent of that one; -1: an ordinary index */
  bool bound;          /* belongs to a reduction */
  Loc loc;
} Index;

/* A map from pointers to pointers, in an arena. */
typedef struct Map { Arena *arena; int n, cap; const void **key; void **value; } Map;

enum { NPENDING = 64, NNOTE = 4 };

/* A tensor that has no name yet, and the Lua function that made it. */
typedef struct Pending { Node *node; const void *maker; } Pending;

typedef struct Note { Loc loc; const char *text; } Note;

/* The front end's state, one a compilation. */
typedef struct Dsl {
  int nindex, capindex; Index *index;
  Map place;                       /* of a read or reduction (Scalar) -> Loc * */
  Map open;                        /* Scalar -> whether it has free indices: 1 yes, 2 no */
  const void *maker;               /* the user's function that is running */
  int npending; Pending pending[NPENDING];
  int nnote; Note note[NNOTE];     /* second places of the error about to be raised */
  int ndemand, capdemand; Demand *demand;
  int nparam, capparam; Node **param; /* inputs, weights and states in order of creation */
  Node *seed;
  int noption; Option *option;     /* from -D */
  const char *asked;               /* names the script has options for: "width, stages" */
} Dsl;

/* state.c */
Dsl *dsl_state(lua_State *L);
void *map_get(const Map *m, const void *key);
void map_put(Map *m, const void *key, void *value);
void dsl_options(lua_State *L, int n, Option *option);  /* before the script runs */

/* place.c: script lines, names of tensors, messages */
void dsl_enter(lua_State *L);      /* first thing in every function the script can reach */
void dsl_pending(Dsl *d, Node *n); /* n wants a name */
void dsl_hint(Node *n, const char *name); /* called so unless it has a name or hint */
void dsl_rename(Node *n, const char *name); /* called so unless the script names it */
void dsl_note(lua_State *L, Loc loc, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void dsl_note_declared(lua_State *L, const Node *n);
_Noreturn void dsl_fail(lua_State *L, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
_Noreturn void dsl_fail_at(lua_State *L, Loc loc, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* text.c: expressions and shapes in messages */
const char *text_scalar(Dsl *d, Scalar *s);
const char *text_shape(Dsl *d, const Node *n);            /* {N, 10} */
const char *text_node(Dsl *d, const Node *n);             /* 'unary', or this tensor */

/* expr.c: the userdata */
void dsl_push_node(lua_State *L, Node *n);
void dsl_push_scalar(lua_State *L, Scalar *s);
Expr *dsl_test(lua_State *L, int at);                     /* NULL: not an Expr */
bool dsl_is_open(Dsl *d, Scalar *s);                      /* has free indices */
Node *dsl_node(lua_State *L, int at, const char *what);   /* any value that can be a tensor */
Scalar *dsl_scalar(lua_State *L, int at, const char *what);
Scalar *dsl_size(lua_State *L, int at, const char *what); /* an extent */
int dsl_shape(lua_State *L, int at, Scalar **dim, const char *what);
void dsl_push_shape(lua_State *L, int rank, Scalar **dim);
int dsl_nodes(lua_State *L, int at, Node ***node, const char *what); /* a list of tensors */
Dtype dsl_dtype(lua_State *L, int at, Dtype otherwise);   /* "f32", or {dtype = "f32"} */
bool dsl_is_size(Scalar *s);                              /* no reads, no indices */
bool dsl_same_size(Scalar *a, Scalar *b);
void dsl_open_expr(lua_State *L);                         /* makes the metatable */

/* elementwise.c */
int dsl_apply(lua_State *L, OpCode op, int first);        /* op on the values from `first` */
void dsl_open_elementwise(lua_State *L);                  /* adds one function an op to the top */

/* index.c: indices, reads, reductions */
int dsl_read(lua_State *L);                               /* __call of a tensor */
Scalar *dsl_rebuild(Dsl *d, Scalar *s, LeafFn leaf, void *ctx);
int dsl_new_axis(Dsl *d, const char *name, Scalar *extent);
int dsl_indices(lua_State *L, int at, Scalar **axis, const char *what);

/* extent.c: how far indices run, and whether reads stay inside */
typedef struct AxisUse {
  Scalar *axis, *extent; /* extent NULL: not known yet */
  Scalar *read; int d;   /* where it was found; NULL: stated */
} AxisUse;
typedef struct Build {   /* one cr.tensor or cr.scatter under way */
  lua_State *L;
  Dsl *d;
  int naxis; AxisUse axis[64];
  int nread, capread; Scalar **read;
  int nout; Scalar **out;
  bool trusted;          /* the library vouches for its reads */
} Build;
void dsl_add_demand(Dsl *d, Demand c);
Node *dsl_input_behind(Node *n);                          /* NULL: it is computed */
void build_collect(Build *b, Scalar *s);
AxisUse *build_axis(Build *b, Scalar *axis);              /* NULL: not used */
void build_infer(Build *b);
Scalar *build_guard(Build *b, Scalar *s);                 /* reads checked, unsafe ones clamped */
bool build_local(Build *b, Scalar *s, Scalar **local, int *ndom, Scalar **dom);

/* build.c: cr.tensor, cr.scatter */
Node *dsl_close_scalar(lua_State *L, Scalar *s);          /* an expression without free indices */

/* tables of functions, all added to the core module */
extern const luaL_Reg dsl_index_functions[], dsl_build_functions[], dsl_array_functions[],
    dsl_declare_functions[], dsl_grad_functions[], dsl_control_functions[],
    dsl_program_functions[], dsl_op_functions[], dsl_cimport_functions[], dsl_rows_functions[];

/* control.c, program.c: metatables and hooks */
Func *dsl_func(lua_State *L, int at);
void dsl_push_func(lua_State *L, Func *f);
int dsl_push_results(lua_State *L, Node *call);           /* a list */
void dsl_open_control(lua_State *L);
void dsl_open_program(lua_State *L);

/* value.c */
int dsl_value(lua_State *L);                              /* value(x, given, sizes) */

/* core.c */
int luaopen_crescent_core(lua_State *L);

/* program.c */
Program *dsl_program(lua_State *L, int at);               /* NULL: something else */

#endif
