/*
** hoist.c: what a LOOP adds up step by step, as one product after it
**
**   LOOP: w_bar += sum b. x_t[b, i] * z_bar[b, j]     becomes     LOOP: stack z_bar
**                                        w_bar[i, j] = sum t, b. x[t, b, i] * z_bar[t, b, j]
**
** when what must be stacked for it is less than the sum, which every step would read and write. Of
** a LOOP whose steps may not run (a branch of cond) only what is added to a few rows of a table.
** A sum stays that is of sines or cosines of what the step has others of: both are made at once.
** Leaves alone: the LOOPs of checkpoints, whose purpose is to keep little.
*/
#include <string.h>
#include "diff.h"
#include "fuse.h"

/* One LOOP under change. */
typedef struct Hoist {
  Node *loop, *now; /* now: with more stacks and fewer sums */
  int nextra;
  Node **extra; /* nodes of a step that are stacked too */
  Node **sum;   /* the addends of a step, as the LOOP's function has them or in another form */
  bool *out;    /* by sum: it leaves the LOOP */
  int rank;     /* of the sum being built */
  IdMap turned; /* by id of a Scalar: how many of the step's sines and the like are of it */
} Hoist;

enum { STEP, SLICE, CONSTANT }; /* what a node is to the steps of a LOOP */

/* Says what a sum reads there; *at: which argument, or which stack (-1: none yet). */
static int origin(const Hoist *h, const Node *n, int *at) {
  const Node *loop = h->loop;
  Func *f = loop->fn;
  int nc = loop->ncarry, ns = nc + loop->nslice, nk = nc + loop->nstack;
  for (*at = nc; *at < f->nparam; ++*at)
    if (f->param[*at] == n) return *at < ns ? SLICE : CONSTANT;
  for (*at = nc; *at < nk; ++*at)
    if (f->result[*at] == n) return STEP;
  for (int i = 0; i < h->nextra; i++, ++*at)
    if (h->extra[i] == n) return STEP;
  *at = -1;
  return STEP;
}

/* A scatter to places that data say: the gradient of a table that is read at ids. */
static bool picks_rows(const Node *s) {
  bool data = false;
  for (int d = 0; d < s->rank; d++) data = data || s_has_read(s->windex[d]);
  return s->comb == C_SUM && data;
}

/* Whether s is linear in tensors that it reads at the element itself, and reads nothing else. */
static bool is_linear(const Scalar *s, const Node *n) {
  if (s->kind == S_CONST) return s_is_const(s, 0);
  if (s->kind == S_READ) return s_reads_here(s, n);
  if (s->kind != S_OP) return false;
  switch ((OpCode)s->op) {
  case OP_NEG:
    return is_linear(s->arg[0], n);
  case OP_ADD: case OP_SUB:
    return is_linear(s->arg[0], n) && is_linear(s->arg[1], n);
  case OP_MUL:
    return (s->arg[0]->kind == S_CONST && is_linear(s->arg[1], n)) ||
           (s->arg[1]->kind == S_CONST && is_linear(s->arg[0], n));
  default:
    return false;
  }
}

/* The sines and cosines of one argument are made together, with what brings it near 0. */
static bool is_turned(const Scalar *s) {
  return s->kind == S_OP && (s->op == OP_SIN || s->op == OP_COS);
}

static void count_turned(void *ctx, Scalar *s) {
  IdMap *turned = ctx;
  if (!is_turned(s)) return;
  int n = idmap_get(turned, s->arg[0]->id);
  idmap_set(turned, s->arg[0]->id, n < 0 ? 1 : n + 1);
}

typedef struct Turns { IdMap own; const IdMap *all; bool shared; } Turns;

static void find_turned(void *ctx, Scalar *s) {
  Turns *t = ctx;
  if (!is_turned(s)) return;
  int id = s->arg[0]->id;
  t->shared = t->shared || idmap_get(t->all, id) > idmap_get(&t->own, id);
}

/* Whether the step has sines or cosines of what s has them of: s costs little beside these. */
static bool shares_turns(const Hoist *h, const Node *s) {
  Turns t = {.own = {.a = h->turned.a}, .all = &h->turned};
  s_walk(s->body, count_turned, &t.own);
  s_walk(s->body, find_turned, &t);
  return t.shared;
}

/* A sum of a step that is made of others: f - 2 g. */
static bool is_made_of(const Node *s) {
  return s->kind == N_COMP && s->narg > 0 && n_is_map(s) && is_linear(s->body, s);
}

/* Says whether the sum s can leave, and how many elements a step would stack more for that; `rows`:
** if it is made of rows of a table alone. */
static bool can_leave(const Hoist *h, const Node *s, bool rows, double *more) {
  *more = 0;
  if (is_made_of(s)) {
    for (int k = 0; k < s->narg; k++) {
      double one;
      if (!can_leave(h, s->arg[k], true, &one)) return false;
      *more += one;
    }
    return true;
  }
  if (s->kind != N_COMP || (s->comb != C_SUM && s->comb != C_SET)) return false;
  if (!picks_rows(s) && (rows || !n_is_reduction(s))) return false;
  if (!dtype_is_float((Dtype)s->dtype) || s->ndom == MAX_AXES || s->narg == 0) return false;
  if (!picks_rows(s) && shares_turns(h, s)) return false;
  for (int k = 0; k < s->narg; k++) {
    int at, what = origin(h, s->arg[k], &at);
    if (what != CONSTANT && s->arg[k]->rank == MAX_RANK) return false;
    if (what == STEP && at < 0) *more += usual_count(s->arg[k]->rank, s->arg[k]->dim);
  }
  return true;
}

/* Has what the sum s reads stacked. */
static void stack_reads(Hoist *h, const Node *s) {
  for (int k = 0, at; k < s->narg; k++) {
    if (is_made_of(s))
      stack_reads(h, s->arg[k]);
    else if (origin(h, s->arg[k], &at) == STEP && at < 0)
      h->extra[h->nextra++] = s->arg[k];
  }
}

/* Marks the sums that leave, and what is stacked for them; `rows`: those of rows of a table alone;
** `always`: even if more is stacked. */
static bool choose_sums(Hoist *h, bool rows, bool always) {
  bool any = false;
  for (bool changed = true; changed;) {
    changed = false;
    for (int k = 0; k < h->loop->nsum; k++) {
      Node *s = h->sum[k];
      double more;
      if (h->out[k] || !can_leave(h, s, rows, &more)) continue;
      if (!always && more > 0 && 2 * more > usual_count(s->rank, s->dim)) continue;
      stack_reads(h, s);
      h->out[k] = any = changed = true;
    }
  }
  return any;
}

/* The LOOP with more stacks, and without the sums that leave; or with all (`wide`), so that what
** reads the others of its results can read those of this one (merge.c). */
static void build_loop(Hoist *h, bool wide) {
  const Node *loop = h->loop;
  Func *f = loop->fn;
  int first = loop->ncarry + loop->nstack, n = first, nsum = 0;
  Node **result = NEWN(mod->arena, Node *, f->nresult + h->nextra + 1);
  memcpy(result, f->result, sizeof(Node *) * (size_t)first);
  for (int i = 0; i < h->nextra; i++) result[n++] = h->extra[i];
  for (int k = 0; k < loop->nsum; k++)
    if (wide || !h->out[k]) result[n++] = f->result[first + k], nsum++;
  Func *g = func_new(f->name, f->nparam, f->param, n, result, f->loc);
  if (wide) g->base = f;
  h->now = n_guarded(n_loop(g, loop->trip, loop->ncarry, loop->nslice, loop_const(loop), loop->arg,
                            loop->nstack + h->nextra, nsum, loop->reverse, loop->unroll,
                            loop->checkpoint), (Guard)loop->guard);
}

/* A read in a step becomes one at time t, the axis after those of the result. */
static Scalar *at_time(void *ctx, Scalar *s) {
  Hoist *h = ctx;
  if (s->kind == S_AXIS) return s->axis >= h->rank ? s_axis(s->axis + 1) : NULL;
  if (s->kind != S_READ) return NULL;
  int at, what = origin(h, s->tensor, &at);
  if (what == CONSTANT) return s_read(h->loop->arg[at], s->arg, s->rule);
  Scalar *index[MAX_RANK] = {s_axis(h->rank)};
  uint8_t rule[MAX_RANK] = {R_NONE};
  for (int d = 0; d < s->narg; d++) index[d + 1] = s->arg[d], rule[d + 1] = s->rule[d];
  return s_read(what == SLICE ? h->loop->arg[at] : n_proj(h->now, at), index, rule);
}

/* x where the step at time AXIS(0) runs, else another value: what is stacked of one that does not
** run means nothing. */
static Scalar *if_run(const Hoist *h, Scalar *x, Scalar *other) {
  Scalar *t = s_axis(0);
  return s_op3(OP_WHERE, s_read(h->loop->arg[h->loop->ncarry], &t, NULL), x, other);
}

/* The scatter s of the steps as one whose first axis is time. A step that does not run picks row
** -1, which is none. */
static Node *whole_scatter(Hoist *h, Node *s) {
  Scalar *dom[MAX_AXES] = {h->loop->trip}, *windex[MAX_RANK];
  uint8_t rule[MAX_RANK];
  memcpy(dom + 1, s->dom, sizeof *dom * (size_t)s->ndom);
  h->rank = 0;
  Scalar *body = s_rewrite(s->body, at_time, h);
  for (int d = 0; d < s->rank; d++) {
    windex[d] = s_rewrite(s->windex[d], at_time, h);
    rule[d] = s->wrule[d];
    if (!h->loop->guard || windex[d]->kind == S_AXIS) continue;
    if (rule[d] > R_ZERO) windex[d] = rule_index((Rule)rule[d], windex[d], s->dim[d]);
    windex[d] = if_run(h, windex[d], s_int(-1));
    rule[d] = R_ZERO;
  }
  if (h->loop->guard) body = if_run(h, body, s_const((Dtype)s->dtype, 0));
  return n_comp((Dtype)s->dtype, C_SUM, s->rank, s->dim, s->ndom + 1, dom, windex, rule, body);
}

/* The sum s of the steps as a reduction over time as well. */
static Node *whole_reduction(Hoist *h, Node *s) {
  Scalar *red[MAX_AXES] = {h->loop->trip};
  for (int p = s->rank; p < s->ndom; p++) red[p - s->rank + 1] = s->dom[p];
  h->rank = s->rank;
  Scalar *body = s_rewrite(s->body, at_time, h);
  return n_reduce(C_SUM, s->rank, s->dim, s->ndom - s->rank + 1, red, body);
}

static Node *whole_sum(Hoist *h, Node *s) {
  Loc here = mod->here;
  Node *n, **arg = NEWN(mod->arena, Node *, s->narg + 1);
  mod->here = s->loc;
  if (is_made_of(s)) {
    for (int k = 0; k < s->narg; k++) arg[k] = whole_sum(h, s->arg[k]);
    n = n_over(s, arg);
  } else {
    n = n_is_reduction(s) ? whole_reduction(h, s) : whole_scatter(h, s);
  }
  mod->here = here;
  return n_like(n, s);
}

static Hoist hoist_of(Node *loop, Node **sum) {
  Hoist h = {.loop = loop, .sum = sum, .turned.a = mod->arena,
             .out = NEWN(mod->arena, bool, loop->nsum + 1)};
  Arena *a = arena_new();
  h.extra = NEWN(mod->arena, Node *, graph_order(a, loop->nsum, sum).n + 1);
  Order all = graph_order(a, loop->fn->nresult, loop->fn->result);
  for (int k = 0; k < all.n; k++)
    if (all.node[k]->kind == N_COMP) s_walk(all.node[k]->body, count_turned, &h.turned);
  arena_free(a);
  return h;
}

/* Puts what stands for the results of the LOOP into result; false: it stays as it is. */
static bool hoist_loop(Node *loop, Node **result) {
  int first = loop->ncarry + loop->nstack;
  if (loop->fn->opaque || loop->guard == G_WHILE || loop->checkpoint || !loop->nsum) return false;
  Hoist h = hoist_of(loop, loop->fn->result + first);
  if (!choose_sums(&h, loop->guard, false)) return false;
  build_loop(&h, false);
  for (int k = 0; k < first; k++) result[k] = n_proj(h.now, k);
  for (int k = 0, at = first + h.nextra; k < loop->nsum; k++)
    result[first + k] = h.out[k] ? whole_sum(&h, h.sum[k]) : n_proj(h.now, at++);
  return true;
}

/* Takes sums of products out of the LOOPs of the graph under result. */
void hoist_sums(int nresult, Node **result) {
  rewrite_loops(nresult, result, "hoisted", hoist_loop);
}

/* By the number of a LOOP's sum: what stands for it if it adds to a few rows of a table, made after
** the LOOP with more stacks, whose other results are those of the LOOP; NULL for others. `opened`
** may give the addend of a step another form. */
Node **hoist_rows(Node *loop, Node *(*opened)(Node *addend)) {
  void **place = func_derived(loop->fn, str_format("rows %d", loop->id));
  if (*place) return *place;
  int first = loop->ncarry + loop->nstack;
  Node **after = NEWN(mod->arena, Node *, loop->nsum + 1),
       **sum = NEWN(mod->arena, Node *, loop->nsum + 1);
  *place = after;
  if (loop->fn->opaque || loop->guard == G_WHILE || loop->checkpoint) return after;
  for (int k = 0; k < loop->nsum; k++) sum[k] = opened(loop->fn->result[first + k]);
  Hoist h = hoist_of(loop, sum);
  if (!choose_sums(&h, true, true)) return after;
  build_loop(&h, true);
  for (int k = 0; k < loop->nsum; k++)
    if (h.out[k]) after[k] = whole_sum(&h, sum[k]);
  return after;
}
