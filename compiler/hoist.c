/*
** hoist.c: what a LOOP adds up step by step, as one product after it
**
**   LOOP: w_bar += sum b. x_t[b, i] * z_bar[b, j]     becomes     LOOP: stack z_bar
**                                                      w_bar[i, j] = sum t, b. x[t, b, i] *
*z_bar[t, b, j]
**
** when what must be stacked for it is less than the sum, which every step would read and write.
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
  bool *out;    /* by sum: it leaves the LOOP */
  int rank;     /* of the sum being built */
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

/* Says whether the sum s can leave, and how many elements a step would stack more for that. */
static bool can_leave(const Hoist *h, const Node *s, double *more) {
  *more = 0;
  if (s->kind != N_COMP || (s->comb != C_SUM && s->comb != C_SET)) return false;
  if (!n_is_reduction(s) && !picks_rows(s)) return false;
  if (!dtype_is_float((Dtype)s->dtype) || s->ndom == MAX_AXES || s->narg == 0) return false;
  for (int k = 0; k < s->narg; k++) {
    int at, what = origin(h, s->arg[k], &at);
    if (what != CONSTANT && s->arg[k]->rank == MAX_RANK) return false;
    if (what == STEP && at < 0) *more += usual_count(s->arg[k]->rank, s->arg[k]->dim);
  }
  return true;
}

/* Marks the sums that leave, and what is stacked for them. */
static bool choose_sums(Hoist *h) {
  const Node *loop = h->loop;
  int first = loop->ncarry + loop->nstack;
  bool any = false;
  for (bool changed = true; changed;) {
    changed = false;
    for (int k = 0; k < loop->nsum; k++) {
      Node *s = loop->fn->result[first + k];
      double more;
      if (h->out[k] || !can_leave(h, s, &more)) continue;
      if (more > 0 && 2 * more > usual_count(s->rank, s->dim)) continue;
      for (int i = 0, at; i < s->narg; i++)
        if (origin(h, s->arg[i], &at) == STEP && at < 0) h->extra[h->nextra++] = s->arg[i];
      h->out[k] = any = changed = true;
    }
  }
  return any;
}

static void build_loop(Hoist *h) {
  const Node *loop = h->loop;
  Func *f = loop->fn;
  int first = loop->ncarry + loop->nstack, n = first, nsum = 0;
  Node **result = NEWN(mod->arena, Node *, f->nresult + h->nextra + 1);
  memcpy(result, f->result, sizeof(Node *) * (size_t)first);
  for (int i = 0; i < h->nextra; i++) result[n++] = h->extra[i];
  for (int k = 0; k < loop->nsum; k++)
    if (!h->out[k]) result[n++] = f->result[first + k], nsum++;
  Func *g = func_new(f->name, f->nparam, f->param, n, result, f->loc);
  h->now = n_loop(g, loop->trip, loop->ncarry, loop->nslice, loop_const(loop), loop->arg,
                  loop->nstack + h->nextra, nsum, loop->reverse, loop->unroll, loop->checkpoint);
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

/* The scatter s of the steps as one whose first axis is time. */
static Node *whole_scatter(Hoist *h, Node *s) {
  Scalar *dom[MAX_AXES] = {h->loop->trip}, *windex[MAX_RANK];
  memcpy(dom + 1, s->dom, sizeof *dom * (size_t)s->ndom);
  h->rank = 0;
  for (int d = 0; d < s->rank; d++) windex[d] = s_rewrite(s->windex[d], at_time, h);
  return n_comp((Dtype)s->dtype, C_SUM, s->rank, s->dim, s->ndom + 1, dom, windex, s->wrule,
                s_rewrite(s->body, at_time, h));
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
  mod->here = s->loc;
  Node *n = n_is_reduction(s) ? whole_reduction(h, s) : whole_scatter(h, s);
  mod->here = here;
  return n_like(n, s);
}

/* Puts what stands for the results of the LOOP into result; false: it stays as it is. */
static bool hoist_loop(Node *loop, Node **result) {
  int reads = 0, first = loop->ncarry + loop->nstack;
  for (int k = 0; k < loop->nsum; k++) reads += loop->fn->result[first + k]->narg;
  Hoist h = {.loop = loop,
             .extra = NEWN(mod->arena, Node *, reads + 1),
             .out = NEWN(mod->arena, bool, loop->nsum + 1)};
  if (loop->fn->opaque || loop->guard || loop->checkpoint || !choose_sums(&h)) return false;
  build_loop(&h);
  for (int k = 0; k < first; k++) result[k] = n_proj(h.now, k);
  for (int k = 0, at = first + h.nextra; k < loop->nsum; k++)
    result[first + k] = h.out[k] ? whole_sum(&h, loop->fn->result[first + k]) : n_proj(h.now, at++);
  return true;
}

/* What a LOOP has become, kept with its function. */
typedef struct Hoisted {
  bool changed;
  Node **result;
} Hoisted;

static Node *hoist_proj(void *ctx, Node *n) {
  (void)ctx;
  Node *loop = n->kind == N_PROJ ? n->arg[0] : NULL;
  if (!loop || loop->kind != N_LOOP || loop->nsum == 0) return n;
  void **place = func_derived(loop->fn, str_format("hoisted %d", loop->id));
  if (!*place) {
    Hoisted *h = NEW(mod->arena, Hoisted);
    h->result = NEWN(mod->arena, Node *, loop->fn->nresult + 1);
    h->changed = hoist_loop(loop, h->result);
    *place = h;
  }
  Hoisted *h = *place;
  return h->changed ? h->result[n->k] : n;
}

/* Takes sums of products out of the LOOPs of the graph under result. */
void hoist_sums(int nresult, Node **result) {
  graph_rewrite(nresult, result, hoist_proj, NULL);
}
