/*
** diff_loop.c: the adjoint of a LOOP is a LOOP the other way round
**
**   forward   (carry, slice, const) -> (carry', stack, kept, sum)          t = 0, 1, ..
**   backward  (carry'_bar, [slice, kept, stack_bar], [const, sum_bar])
**                -> (carry_bar, slice_bar, const_bar)                      t = .., 1, 0
**
** so carry <-> carry, slice <-> stack, const <-> sum. The forward LOOP stacks what the backward one
** reads; merge.c puts it in the place of the plain one. Of a guarded LOOP it stacks which steps
** ran. With `checkpoint = c` the LOOP is first cut into segments of c steps, which keep nothing but
** the carry each begins with.
*/
#include <string.h>
#include "diff.h"
#include "fuse.h"

/* The adjoint of a LOOP's body under one pattern; positions are those of the body's params. */
typedef struct LoopAdjoint {
  Split split;
  Func *forward, *backward;
  int *kept; /* position of each kept node among the forward LOOP's results */
  int nnew;  /* stacks that forward has more than the body */
} LoopAdjoint;

static int in_range(Node **in, int from, int to, const Node *what) {
  for (int k = from; k < to; k++)
    if (in[k] == what) return k;
  return -1;
}

/* The body with what split.save names stacked too, before the sums. */
static void build_forward(LoopAdjoint *d, Node *loop) {
  Func *f = loop->fn;
  Split *s = &d->split;
  int n = loop->ncarry + loop->nstack;
  Node **result = NEWN(mod->arena, Node *, f->nresult + s->nsave + 1);
  memcpy(result, f->result, sizeof(Node *) * (size_t)n);
  d->kept = NEWN(mod->arena, int, s->nsave + 1);
  for (int i = 0; i < s->nsave; i++) {
    d->kept[i] = in_range(result, loop->ncarry, n, s->save[i]);
    if (d->kept[i] < 0) result[d->kept[i] = n++] = s->save[i];
  }
  d->nnew = n - loop->ncarry - loop->nstack;
  d->forward = f;
  if (!d->nnew) return;
  for (int k = 0; k < loop->nsum; k++) result[n++] = f->result[loop->ncarry + loop->nstack + k];
  merge_calls(n, result);
  d->forward = func_new(str_format("%s_fwd", f->name), f->nparam, f->param, n, result, f->loc);
  d->forward->base = f;
}

/* Appends node[k] for from <= k < to where it is there. */
static int add_present(Node **out, int n, Node **node, int from, int to) {
  for (int k = from; k < to; k++)
    if (node[k]) out[n++] = node[k];
  return n;
}

static int add_used(Node **out, int n, const bool *used, Node **node, int from, int to) {
  for (int k = from; k < to; k++)
    if (used[k]) out[n++] = node[k];
  return n;
}

static void build_backward(LoopAdjoint *d, Node *loop) {
  Func *f = loop->fn;
  Split *s = &d->split;
  int nc = loop->ncarry, ns = nc + loop->nslice, nk = nc + loop->nstack, n = 0;
  Node **param = NEWN(mod->arena, Node *, f->nparam + s->nsave + f->nresult + 1);
  n = add_present(param, n, s->result_bar, 0, nc);
  n = add_used(param, n, s->used, f->param, nc, ns);
  for (int i = 0; i < s->nsave; i++) param[n++] = s->formal[i];
  n = add_present(param, n, s->result_bar, nc, nk);
  n = add_used(param, n, s->used, f->param, ns, f->nparam);
  n = add_present(param, n, s->result_bar, nk, f->nresult);
  for (int k = 0; k < nc; k++) { /* a carry of the backward LOOP must have a next value */
    Node *p = f->param[k];
    if (s->result_bar[k] && !s->param_bar[k])
      s->param_bar[k] = node_zero(p->rank, p->dim, (Dtype)p->dtype);
  }
  Node **bar = NEWN(mod->arena, Node *, f->nparam + 1);
  int nbar = add_present(bar, 0, s->param_bar, 0, f->nparam);
  if (nbar) d->backward = func_new(str_format("%s_vjp", f->name), n, param, nbar, bar, f->loc);
}

/* The backward LOOP runs the steps that ran: what said so is its first slice. */
static void keep_guard(Split *s, const Node *loop) {
  if (loop->guard == G_IF) s->used[loop->ncarry] = true;
  if (loop->guard != G_WHILE) return;
  Node *go = loop->fn->param[0];
  int at = in_range(s->save, 0, s->nsave, go);
  if (at < 0) {
    s->save[at = s->nsave++] = go;
    s->formal[at] = n_param(P_FORMAL, "ran", DT_BOOL, 0, NULL, go->loc);
  }
  Node *formal = s->formal[at];
  memmove(s->save + 1, s->save, sizeof(Node *) * (size_t)at);
  memmove(s->formal + 1, s->formal, sizeof(Node *) * (size_t)at);
  s->save[0] = go, s->formal[0] = formal;
}

static LoopAdjoint *loop_adjoint(Node *loop, const bool *live, const bool *barred) {
  Func *f = loop->fn;
  bool recompute = loop->checkpoint > 0;
  const char *l = bits(f->nparam, live), *b = bits(f->nresult, barred);
  double steps = usual_count(1, &loop->trip);
  void **place = func_derived(f, str_format("loop vjp %d %d %d %s %s %d %d %.0f", loop->ncarry,
                                            loop->nslice, loop->nstack, l, b, recompute,
                                            loop->guard, steps));
  if (*place) return *place;
  LoopAdjoint *d = NEW(mod->arena, LoopAdjoint);
  d->split = split_func(f, live, barred, loop->ncarry, loop->ncarry + loop->nslice,
                        recompute, steps);
  keep_guard(&d->split, loop);
  build_forward(d, loop);
  build_backward(d, loop);
  return *place = d;
}

/* Starts the backward LOOP, and hands its results out. */
static void run_backward(LoopAdjoint *d, Node *loop, Node **result_bar, Node **arg_bar) {
  Func *f = loop->fn, *g = d->backward;
  Split *s = &d->split;
  int nc = loop->ncarry, ns = nc + loop->nslice, nk = nc + loop->nstack, n = 0;
  int counts[2];
  Node **arg = NEWN(mod->arena, Node *, g->nparam + 1);
  Node *forward =
      n_loop(d->forward, loop->trip, nc, loop->nslice, loop_const(loop), loop->arg,
             loop->nstack + d->nnew, loop->nsum, loop->reverse, loop->unroll, loop->checkpoint);
  forward = n_guarded(forward, (Guard)loop->guard);
  for (int k = 0; k < nc; k++) {
    Node *p = f->param[k];
    if (!s->result_bar[k]) continue;
    arg[n++] = result_bar[k] ? result_bar[k] : node_zero(p->rank, p->dim, (Dtype)p->dtype);
  }
  counts[0] = n;
  n = add_used(arg, n, s->used, loop->arg, nc, ns);
  for (int i = 0; i < s->nsave; i++) arg[n++] = n_proj(forward, d->kept[i]);
  n = add_present(arg, n, result_bar, nc, nk);
  counts[1] = n - counts[0];
  n = add_used(arg, n, s->used, loop->arg, ns, f->nparam);
  n = add_present(arg, n, result_bar, nk, f->nresult);
  int nstack = 0, nsum = 0;
  for (int k = nc; k < f->nparam; k++)
    if (s->param_bar[k]) k < ns ? nstack++ : nsum++;
  Node *back = n_loop(g, loop->trip, counts[0], counts[1], n - counts[0] - counts[1], arg, nstack,
                      nsum, !loop->reverse, loop->unroll, loop->checkpoint);
  if (loop->guard) back = n_guarded(back, G_IF);
  for (int k = 0, i = 0; k < f->nparam; k++)
    if (s->param_bar[k]) arg_bar[k] = n_proj(back, i++);
}

/* Differentiates the LOOP cut into segments of `checkpoint` steps: over formals, since arguments
** may be equal or depend on one another. */
static void segments_reverse(Node *loop, const bool *live, Node **result_bar, Node **arg_bar) {
  Arena *m = mod->arena;
  int n = loop->fn->nresult, nx = 0, nbar = 0;
  Node **y = NEWN(m, Node *, n + 1), **formal = NEWN(m, Node *, loop->narg + 1);
  Node **x = NEWN(m, Node *, loop->narg + 1), **x_bar = NEWN(m, Node *, loop->narg + 1);
  Node **bar = NEWN(m, Node *, loop->narg + 1);
  for (int k = 0; k < loop->narg; k++) {
    Node *a = loop->arg[k];
    const char *name = a->name ? a->name : "x";
    formal[k] = n_param(P_FORMAL, name, (Dtype)a->dtype, a->rank, a->dim, a->loc);
    if (live[k]) x[nx++] = formal[k];
  }
  loop_split(n_over(loop, formal), loop->checkpoint, false, y);
  diff_reverse(n, y, result_bar, nx, x, x_bar);
  for (int k = 0; k < nx; k++)
    if (x_bar[k]) bar[nbar++] = x_bar[k];
  graph_replace(nbar, bar, loop->narg, formal, loop->arg);
  for (int k = 0, i = 0, j = 0; k < loop->narg; k++)
    if (live[k] && x_bar[i++]) arg_bar[k] = bar[j++];
}

/* Fills arg_bar[k] for the arguments with live[k], from the cotangents of the results. */
void loop_reverse(Node *loop, const bool *live, Node **result_bar, Node **arg_bar) {
  loop = loop_with_graph(loop);
  Func *f = loop->fn;
  int64_t trip;
  bool fixed = s_const_value(loop->trip, &trip);
  if (loop->checkpoint > 1 && loop->ncarry && !loop->guard &&
      !(fixed && trip <= loop->checkpoint) && loop_can_split(loop)) {
    segments_reverse(loop, live, result_bar, arg_bar);
    return;
  }
  bool *arg = NEWN(mod->arena, bool, f->nparam + 1);
  bool *barred = NEWN(mod->arena, bool, f->nresult + 1);
  memcpy(arg, live, sizeof(bool) * (size_t)f->nparam);
  flow_loop(loop, arg, barred);
  for (int k = 0; k < f->nresult; k++) barred[k] &= result_bar[k] != NULL;
  flow_loop_back(loop, arg, barred, NEWN(mod->arena, bool, f->nparam + 1));
  for (int k = 0; k < loop->ncarry; k++) barred[k] &= arg[k];
  for (int k = 0; k < f->nresult; k++)
    if (k >= loop->ncarry && !barred[k]) result_bar[k] = NULL;
  LoopAdjoint *d = loop_adjoint(loop, arg, barred);
  if (d->backward && loop->guard == G_WHILE && s_is_int(loop->trip, UNBOUNDED))
    diag_error(loop->loc, "while_loop: reverse mode needs a bound on the number of steps: say "
                          "{max = n}; forward mode (jvp) needs none");
  if (d->backward) run_backward(d, loop, result_bar, arg_bar);
}
