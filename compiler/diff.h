/*
** diff.h: what diff*.c, jvp.c, vmap.c, merge.c and unroll.c share
*/
#ifndef CRESCENT_DIFF_H
#define CRESCENT_DIFF_H
#include "ir.h"

/* idmap.c: from the id of a Node or a Scalar to a small number */
typedef struct IdMap {
  Arena *a;
  uint32_t n, cap;
  int *key, *value;
} IdMap;
void idmap_set(IdMap *m, int id, int value);
int idmap_get(const IdMap *m, int id); /* -1: not there */

/* flow.c: through which nodes a derivative flows. live[i]: order.node[i] depends on one of the xs
** by a way that has a derivative; result[i][k]: so does the k-th result of a CALL or LOOP. */
typedef struct Flow {
  Arena *a;
  Order order;
  IdMap at;       /* id of a node -> its position in order */
  bool *live;
  bool **result;
} Flow;
Flow flow_of(Arena *a, int ny, Node **y, int nx, Node **x);
bool flow_live(const Flow *f, const Node *n);
void flow_func(Func *f, const bool *param, bool *result);
void flow_func_back(Func *f, const bool *param, const bool *result, bool *useful);
void flow_loop(Node *loop, bool *arg, bool *result);
void flow_loop_back(Node *loop, const bool *arg, bool *result, bool *useful);
int loop_const(const Node *loop); /* number of constant arguments */

/* tape.c: the derivative of a body */
typedef struct Tape {
  Arena *a;
  int n, cap;
  Scalar **s;     /* the subexpressions with a derivative, arguments first; the body comes last */
  IdMap at;
} Tape;
Tape tape_of(Arena *a, Scalar *body, const Flow *flow);

/* still.c: what of the body of the COMP y does not move along all axes of its domain. axes[i]: the
** axes, bit p for axis p, that what is at i of the tape moves along. */
typedef struct Still {
  Node *y;
  unsigned all, *axes;
  Scalar *whole; /* the body, where y holds it: read from there; else NULL */
  void *ctx;     /* reverse() is given what a read's cotangent is over those of the axes alone */
  void (*reverse)(void *ctx, const struct Still *s, unsigned axes, Scalar *read, Scalar *bar);
} Still;
bool still_of(Arena *a, const Tape *t, Node *y, Still *s);
Scalar *still_sum(const Still *s, unsigned from, unsigned to, Scalar *v);

void tape_reverse(const Tape *t, Scalar *seed, const Still *still, Scalar **bar);
Scalar *tape_forward(const Tape *t, Scalar *(*dot)(void *ctx, Scalar *read), void *ctx);
bool s_has_where(Scalar *s);

/* combine.c: what a combine does to derivatives */
Scalar *combine_reverse(Node *y, Node *y_bar);
Node *combine_forward(Node *y, Scalar *body_dot);

/* diff.c */
void diff_reverse(int ny, Node **y, Node **y_bar, int nx, Node **x, Node **x_bar);
const char *name_bar(const Node *x);
Node *node_zero(int rank, Scalar **dim, Dtype t);

/* taken.c: what comes of one branch of a `where` */
Scalar *taken_mask(Node *y, Node *y_bar);
Scalar *taken_under(Scalar *mask, Node *y, Node *y_bar, Scalar *value);

/* diff_share.c: makes a tensor of what several of n cotangents of y's reads have in common, and puts
** it in their place; says whether there is some. Some may be NULL; all are under `guard`, which may
** be NULL. shares_terms: whether to do so where y is a sum. */
bool shares_terms(Node *y, int n, Scalar **read, Scalar **value);
bool share_common(Arena *a, Node *y, Scalar *guard, int n, Scalar **value);

/* diff_common.c */
void keep_common(int nresult, Node **result, int nbar, Node **bar, double most);

/* diff_call.c, diff_loop.c: bars of the arguments from those of the results; NULL is zero */
typedef struct Split {
  Node **result_bar; /* formals, NULL: zero */
  Node **param_bar;  /* over params, formals and result_bar; NULL: zero */
  int nsave;
  Node **save;       /* nodes of the forward graph to keep */
  Node **formal;     /* what stands for them in param_bar */
  bool *used;        /* params that param_bar reads */
} Split;
Split split_func(Func *f, const bool *live, const bool *barred, int ncarry, int nvary,
                 bool recompute, double steps);
Node *loop_with_graph(Node *loop);
Node **declared_vjp(Node *call, Node **result, Node **given);
void call_reverse(Node *call, const bool *live, Node **result_bar, Node **arg_bar);
void loop_reverse(Node *loop, const bool *live, Node **result_bar, Node **arg_bar);
void **func_derived(Func *f, const char *key); /* where to keep it; NULL at first */
void prune_calls(Func *f); /* unused.c: calls in f without the results that nothing reads */
const char *bits(int n, const bool *b);        /* "0110", interned */

/* mask.c */
Func *masked_body(const Node *loop, const bool *mapped);

/* unroll.c */
bool loop_can_split(const Node *loop);
bool loop_is_segment(const Node *loop, const Func *g);
void loop_split(Node *loop, int64_t steps, bool inlined, Node **result);
#endif
