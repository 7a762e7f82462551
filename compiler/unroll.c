/*
** unroll.c: LOOPs cut into segments, for `unroll = k` and for checkpoints
**
**   LOOP of N steps of f   becomes   LOOP of N // k steps of (f k times), then LOOP of N mod k
*steps of f
**
** With few steps in all (N <= k) nothing of the LOOP is left. Unrolling keeps every bit: what was a
** sum is carried along, so that its terms are added in the same order. A checkpoint's segment
** holds a LOOP of k steps instead, and the outer LOOP keeps only what each segment starts from.
*/
#include <assert.h>
#include <string.h>
#include "diff.h"

/* Puts the results of f over arg into result. */
void func_inline(Func *f, Node **arg, Node **result) {
  if (f->opaque) {
    Node *call = n_call(f, arg);
    for (int k = 0; k < f->nresult; k++) result[k] = n_proj(call, k);
    return;
  }
  memcpy(result, f->result, sizeof(Node *) * (size_t)f->nresult);
  graph_replace(f->nresult, result, f->nparam, f->param, arg);
}

/* x[t, ...] */
static Node *step_of(Node *x, Scalar *t) {
  Scalar *index[MAX_RANK] = {t};
  for (int d = 1; d < x->rank; d++) index[d] = s_axis(d - 1);
  return n_like(n_map(x->rank - 1, x->dim + 1, s_read(x, index, NULL)), x);
}

/* where over piece[from..to) by the value of t: a tree, so that its depth is small. */
static Scalar *choose(Scalar *t, Node **piece, int from, int to) {
  if (to - from == 1) return s_at(piece[from], 1);
  int mid = from + (to - from) / 2;
  return s_op3(OP_WHERE, s_op2(OP_LT, t, s_int(mid)), choose(t, piece, from, mid),
               choose(t, piece, mid, to));
}

/* The n pieces under one leading axis. */
static Node *stacked(int n, Node **piece) {
  Scalar *dim[MAX_AXES] = {s_int(n)};
  for (int d = 0; d < piece[0]->rank; d++) dim[d + 1] = piece[0]->dim[d];
  return n_like(n_map(piece[0]->rank + 1, dim, choose(s_axis(0), piece, 0, n)), piece[0]);
}

/* Results of `steps` steps of the LOOP's body, one after the other, over arg (slices have a leading
** axis of `steps`). The LOOP has no sums. */
static void run_steps(const Node *loop, int64_t steps, Node **arg, Node **result) {
  Func *f = loop->fn;
  Arena *a = arena_new();
  int nc = loop->ncarry, ns = nc + loop->nslice;
  Node **in = arena_copy(a, arg, sizeof(Node *) * (size_t)f->nparam);
  Node **out = NEWN(a, Node *, f->nresult + 1);
  Node ***piece = NEWN(a, Node **, f->nresult + 1);
  for (int k = nc; k < f->nresult; k++) piece[k] = NEWN(a, Node *, steps);
  for (int64_t i = 0; i < steps; i++) {
    int64_t t = loop->reverse ? steps - 1 - i : i;
    for (int k = nc; k < ns; k++) in[k] = step_of(arg[k], s_int(t));
    func_inline(f, in, out);
    for (int k = 0; k < nc; k++) in[k] = out[k];
    for (int k = nc; k < f->nresult; k++) piece[k][t] = out[k];
  }
  for (int k = 0; k < nc; k++) result[k] = in[k];
  for (int k = nc; k < f->nresult; k++) result[k] = stacked((int)steps, piece[k]);
  arena_free(a);
}

static Node *formal(Node *p, Scalar *leading) {
  Scalar *dim[MAX_AXES] = {leading};
  for (int d = 0; d < p->rank; d++) dim[d + 1] = p->dim[d];
  return n_param(P_FORMAL, p->name ? p->name : "x", (Dtype)p->dtype, p->rank + (leading != NULL),
                 leading ? dim : p->dim, p->loc);
}

/* Says whether the slices and stacks have room for one more axis. */
bool loop_can_split(const Node *loop) {
  bool room = true;
  for (int k = loop->ncarry; k < loop->ncarry + loop->nslice; k++)
    room &= loop->arg[k]->rank < MAX_RANK;
  for (int k = loop->ncarry; k < loop->ncarry + loop->nstack; k++)
    room &= loop->fn->result[k]->rank < MAX_RANK - 1;
  return room;
}

/* Where the segment's Func is kept. */
static void **segment_place(const Node *loop, int64_t steps, bool inlined) {
  const char *key =
      str_format("steps %lld %d %d %d %d %d %d", (long long)steps, inlined, loop->ncarry,
                 loop->nslice, loop->nstack, loop->reverse, loop->unroll);
  return func_derived(loop->fn, key);
}

/* Says whether g is the segment of the LOOP, cut for its checkpoints. */
bool loop_is_segment(const Node *loop, const Func *g) {
  return *segment_place(loop, loop->checkpoint, false) == g;
}

/* The body of the outer LOOP: `steps` steps of the inner, one after the other or as a LOOP. */
static Func *segment(const Node *loop, int64_t steps, bool inlined) {
  Func *f = loop->fn;
  void **place = segment_place(loop, steps, inlined);
  if (*place) return *place;
  int nc = loop->ncarry, ns = nc + loop->nslice;
  Node **param = NEWN(mod->arena, Node *, f->nparam + 1);
  Node **result = NEWN(mod->arena, Node *, f->nresult + 1);
  for (int k = 0; k < f->nparam; k++)
    param[k] = formal(f->param[k], k < nc || k >= ns ? NULL : s_int(steps));
  if (inlined) {
    run_steps(loop, steps, param, result);
  } else {
    Node *inner = n_loop(f, s_int(steps), nc, loop->nslice, loop_const(loop), param, loop->nstack,
                         loop->nsum, loop->reverse, loop->unroll, 0);
    for (int k = 0; k < f->nresult; k++) result[k] = n_proj(inner, k);
  }
  Func *g = func_new(str_format("%s_%s", f->name, inlined ? "steps" : "segment"), f->nparam, param,
                     f->nresult, result, f->loc);
  return *place = g;
}

/* How a LOOP is cut: trip = whole * steps + rest. */
typedef struct Cut {
  Scalar *steps, *whole, *rest, *start; /* start: whole * steps */
  bool even;                            /* rest is 0 for all sizes */
} Cut;

static Cut cut_of(const Node *loop, int64_t steps) {
  Cut c = {.steps = s_int(steps)};
  c.whole = s_op2(OP_FLOORDIV, loop->trip, c.steps);
  c.rest = s_op2(OP_MOD, loop->trip, c.steps);
  c.start = s_mul(c.whole, c.steps);
  c.even = s_is_int(c.rest, 0);
  return c;
}

/* x[N, ...] as [N // k, k, ...], and its last N mod k rows. */
static Node *head(const Cut *c, Node *x) {
  Scalar *dim[MAX_AXES] = {c->whole, c->steps}, *index[MAX_RANK];
  index[0] = s_add(s_mul(s_axis(0), c->steps), s_axis(1));
  for (int d = 1; d < x->rank; d++) dim[d + 1] = x->dim[d], index[d] = s_axis(d + 1);
  return n_like(n_map(x->rank + 1, dim, s_read(x, index, NULL)), x);
}

static Node *tail(const Cut *c, Node *x) {
  Scalar *dim[MAX_AXES] = {c->rest}, *index[MAX_RANK] = {s_add(c->start, s_axis(0))};
  for (int d = 1; d < x->rank; d++) dim[d] = x->dim[d], index[d] = s_axis(d);
  return n_like(n_map(x->rank, dim, s_read(x, index, NULL)), x);
}

/* The inverse: segments [N // k, k, ...] and a rest (NULL: none) as one stack [trip, ...]. */
static Node *joined(const Cut *c, Scalar *trip, Node *segments, Node *rest) {
  Scalar *dim[MAX_AXES] = {trip}, *index[MAX_RANK], *after[MAX_RANK], *t = s_axis(0);
  static const uint8_t zero[MAX_RANK] = {R_ZERO};
  int rank = segments->rank - 1;
  index[0] = s_op2(OP_FLOORDIV, t, c->steps);
  index[1] = s_op2(OP_MOD, t, c->steps);
  after[0] = s_sub(t, c->start);
  for (int d = 1; d < rank; d++) {
    dim[d] = segments->dim[d + 1];
    index[d + 1] = after[d] = s_axis(d);
  }
  Scalar *body = s_read(segments, index, rest ? zero : NULL);
  if (rest) body = s_op3(OP_WHERE, s_op2(OP_LT, t, c->start), body, s_read(rest, after, zero));
  return n_like(n_map(rank, dim, body), segments);
}

/* Runs the segments or the rest over the carries in[], which it replaces by the last ones. */
static Node *run_part(const Node *loop, const Cut *c, Func *g, bool rest, Node **in) {
  int nc = loop->ncarry, ns = nc + loop->nslice;
  Node **arg = NEWN(mod->arena, Node *, loop->narg + 1);
  memcpy(arg, in, sizeof(Node *) * (size_t)nc);
  for (int k = nc; k < loop->narg; k++) {
    Node *x = loop->arg[k];
    arg[k] = k >= ns ? x : rest ? tail(c, x) : head(c, x);
  }
  Node *part = n_loop(g, rest ? c->rest : c->whole, nc, loop->nslice, loop_const(loop), arg,
                      loop->nstack, loop->nsum, loop->reverse, 0, rest ? 0 : 1);
  for (int k = 0; k < nc; k++) in[k] = n_proj(part, k);
  return part;
}

/* Results of the LOOP cut into segments of `steps` steps, inlined (then it has no sums) or LOOPs
** themselves, and a rest. Steps run through the rest first where the LOOP is reversed. */
void loop_split(Node *loop, int64_t steps, bool inlined, Node **result) {
  Func *g = segment(loop, steps, inlined);
  Cut c = cut_of(loop, steps);
  int nc = loop->ncarry, nk = nc + loop->nstack;
  Node **in = arena_copy(mod->arena, loop->arg, sizeof(Node *) * (size_t)nc), *rest = NULL;
  assert(!inlined || !loop->nsum);
  if (loop->reverse && !c.even) rest = run_part(loop, &c, loop->fn, true, in);
  Node *whole = run_part(loop, &c, g, false, in);
  if (!loop->reverse && !c.even) rest = run_part(loop, &c, loop->fn, true, in);
  for (int k = 0; k < loop->fn->nresult; k++) {
    Node *a = n_proj(whole, k), *b = rest ? n_proj(rest, k) : NULL;
    if (k < nc)
      result[k] = in[k];
    else if (k < nk)
      result[k] = joined(&c, loop->trip, a, b);
    else
      result[k] = b ? n_add(a, b) : a;
  }
}

/* The body with its sums carried: carries.., totals.. , stacks... */
static Func *carried_body(const Node *loop) {
  Func *f = loop->fn;
  void **place = func_derived(f, str_format("carried %d %d", loop->ncarry, loop->nsum));
  if (*place) return *place;
  int nc = loop->ncarry, nk = nc + loop->nstack, more = loop->nsum;
  Node **param = NEWN(mod->arena, Node *, f->nparam + more + 1);
  Node **result = NEWN(mod->arena, Node *, f->nresult + 1);
  for (int k = 0; k < f->nparam; k++) param[k < nc ? k : k + more] = f->param[k];
  for (int k = 0; k < nk; k++) result[k < nc ? k : k + more] = f->result[k];
  for (int k = 0; k < more; k++) {
    param[nc + k] = formal(f->result[nk + k], NULL);
    result[nc + k] = n_add(param[nc + k], f->result[nk + k]);
  }
  Func *g = func_new(str_format("%s_total", f->name), f->nparam + more, param, f->nresult, result,
                     f->loc);
  return *place = g;
}

static Node *carry_sums(const Node *loop) {
  Func *f = loop->fn;
  int nc = loop->ncarry, nk = nc + loop->nstack, more = loop->nsum;
  Node **arg = NEWN(mod->arena, Node *, f->nparam + more + 1);
  for (int k = 0; k < f->nparam; k++) arg[k < nc ? k : k + more] = loop->arg[k];
  for (int k = 0; k < more; k++) {
    Node *s = f->result[nk + k];
    arg[nc + k] = node_zero(s->rank, s->dim, (Dtype)s->dtype);
  }
  return n_loop(carried_body(loop), loop->trip, nc + more, loop->nslice, loop_const(loop), arg,
                loop->nstack, 0, loop->reverse, loop->unroll, 0);
}

/* Results of the LOOP unrolled as its attribute says. */
static void unrolled(Node *loop, Node **result) {
  int nc = loop->ncarry, nk = nc + loop->nstack, more = loop->nsum;
  Node *plain = more ? carry_sums(loop) : loop;
  Node **out = NEWN(mod->arena, Node *, loop->fn->nresult + 1);
  int64_t trip;
  if (s_const_value(loop->trip, &trip) && trip <= loop->unroll)
    run_steps(plain, trip, plain->arg, out);
  else
    loop_split(plain, loop->unroll, true, out);
  for (int k = 0; k < nk; k++) result[k] = out[k < nc ? k : k + more];
  for (int k = 0; k < more; k++) result[nk + k] = out[nc + k];
}

typedef struct Unroll {
  IdMap at; /* id of a LOOP -> its place in result */
  int n, cap;
  Node ***result;
} Unroll;

static Node *unroll_proj(void *ctx, Node *n) {
  Unroll *u = ctx;
  Node *loop = n->kind == N_PROJ ? n->arg[0] : NULL;
  int64_t trip;
  if (!loop || loop->kind != N_LOOP || loop->unroll < 2 || loop->guard) return n;
  bool fixed = s_const_value(loop->trip, &trip);
  if ((fixed && trip < 1) || (!(fixed && trip <= loop->unroll) && !loop_can_split(loop))) return n;
  int at = idmap_get(&u->at, loop->id);
  if (at < 0) {
    if (u->n == u->cap) {
      Node ***old = u->result;
      u->cap = u->cap ? 2 * u->cap : 8;
      u->result = NEWN(u->at.a, Node **, u->cap);
      for (int k = 0; k < u->n; k++) u->result[k] = old[k];
    }
    idmap_set(&u->at, loop->id, at = u->n);
    u->result[u->n++] = NEWN(u->at.a, Node *, loop->fn->nresult + 1);
    unrolled(loop, u->result[at]);
  }
  return u->result[at][n->k];
}

/* Unrolls the LOOPs of the graph under result that ask for it; those of the Funcs it calls are
** unrolled when their graphs are given. */
void unroll_loops(int nresult, Node **result) {
  Unroll u = {.at = {.a = arena_new()}};
  graph_rewrite(nresult, result, unroll_proj, &u);
  arena_free(u.at.a);
}
