/*
** loop.c: a LOOP as a step that holds the steps of its body
**
**   for t:  h_next = f(h, x[t]);  y[t] = h_next;  swap(h, h_next)
**
** Carries live in buffers of their own, updated in place where the body allows it, else exchanged
** with their next value at the end of a step. Slices and stacks are rows of whole tensors. Sums are
** carries that begin with zero, so that the addition is fused into what makes the addend.
*/
#include "routine.h"
#include "../codegen/cgen.h"
#include <string.h>

/* The LOOP's function with its sums made carries: params carry.., sum.., slice.., const..; results
** carry.., sum.., stack.. */
static Func *body_func(Node *loop) {
  Func *f = loop->fn;
  int ncarry = loop->ncarry, nsum = loop->nsum, nstack = loop->nstack;
  Node **param = NEWN(mod->arena, Node *, f->nparam + nsum + 1);
  Node **result = NEWN(mod->arena, Node *, f->nresult + 1);
  for (int k = 0; k < ncarry; k++) param[k] = f->param[k], result[k] = f->result[k];
  for (int k = 0; k < nsum; k++) {
    Node *addend = f->result[ncarry + nstack + k];
    const char *name = addend->name ? str_format("%s_sum", addend->name) : "total";
    Node *sum =
        n_param(P_FORMAL, name, (Dtype)addend->dtype, addend->rank, addend->dim, addend->loc);
    param[ncarry + k] = sum;
    result[ncarry + k] = n_named(n_add(sum, addend), name);
  }
  for (int k = ncarry; k < f->nparam; k++) param[k + nsum] = f->param[k];
  for (int k = 0; k < nstack; k++) result[ncarry + nsum + k] = f->result[ncarry + k];
  return func_new(f->name, f->nparam + nsum, param, f->nresult, result, f->loc);
}

/* The buffer that carries the k-th value over, holding its first value. */
static int first_carry(Build *b, Scope *s, Item *it, int k, Node *param) {
  Node *first = it->node->arg[k];
  if (it->donated[k]) return scope_buffer(s, first);
  int buf = buffer_new(b, B_WORK, param, NULL, s->home);
  Step *st = step_new(s, K_COPY, it->node->loc, 2);
  st->arg[0] = buf;
  st->arg[1] = scope_buffer(s, first);
  return buf;
}

static int first_sum(Build *b, Scope *s, const Item *it, Node *param) {
  int buf = buffer_new(b, B_WORK, param, NULL, s->home);
  step_new(s, K_ZERO, it->node->loc, 1)->arg[0] = buf;
  return buf;
}

/* A row of a whole tensor, at the loop's present step. */
static int row_of(Build *b, int whole, Node *row, int home) {
  int buf = buffer_new(b, B_WORK, row, row->name ? NULL : "row", home);
  b->r->buffer[buf].slice_of = whole;
  return buf;
}

/* Places the body's params and results; carries that never change are what they were. */
static void bind_body(Build *b, Scope *s, Item *it, Func *f, Scope *in, const bool *constant) {
  Node *loop = it->node;
  int ncarry = loop->ncarry, nsum = loop->nsum;
  for (int k = 0; k < f->nparam; k++) {
    Node *p = f->param[k];
    int buf;
    if (k < ncarry)
      buf = constant[k] ? scope_buffer(s, loop->arg[k]) : first_carry(b, s, it, k, p);
    else if (k < ncarry + nsum)
      buf = first_sum(b, s, it, p);
    else if (k < ncarry + nsum + loop->nslice)
      buf = row_of(b, scope_buffer(s, loop->arg[k - nsum]), p, in->home);
    else
      buf = scope_buffer(s, loop->arg[k - nsum]);
    if (p->id < in->nid) in->buffer[p->id] = buf;
    if (k < ncarry + nsum) in->dest[k] = (Dest){buf, p, b->r->buffer[buf].kind == B_WORK};
  }
}

/* Gives the LOOP's results their places: the carries' buffers, and whole stacks. */
static void bind_results(Build *b, Scope *s, Item *it, Func *f, Scope *in) {
  Node *loop = it->node;
  for (int k = 0; k < loop->ncarry + loop->nsum; k++) {
    Node *p = scope_proj(s, loop, k < loop->ncarry ? k : k + loop->nstack);
    if (p) s->buffer[p->id] = in->dest[k].buffer;
  }
  for (int k = 0; k < loop->nstack; k++) {
    Node *p = scope_proj(s, loop, loop->ncarry + k),
         *row = f->result[loop->ncarry + loop->nsum + k];
    in->dest[loop->ncarry + loop->nsum + k] = (Dest){-1, NULL, false};
    if (!p) continue;
    if (s->buffer[p->id] < 0) s->buffer[p->id] = buffer_new(b, B_WORK, p, NULL, s->home);
    if (loop->guard) step_new(s, K_ZERO, loop->loc, 1)->arg[0] = s->buffer[p->id];
    in->dest[loop->ncarry + loop->nsum + k].buffer = row_of(b, s->buffer[p->id], row, in->home);
  }
}

void emit_loop(Build *b, Scope *s, Item *it) {
  Node *loop = it->node;
  Func *f = body_func(loop);
  passes_run(f, NULL);
  Scope in = {.f = f, .home = b->loops++, .dest = NEWN(mod->arena, Dest, f->nresult + 1)};
  scope_items(b, &in);
  bool *constant = NEWN(mod->arena, bool, loop->ncarry + 1);
  for (int k = 0; k < loop->ncarry; k++) constant[k] = carry_stays(loop, k);
  bind_body(b, s, it, f, &in, constant);
  bind_results(b, s, it, f, &in);
  for (int i = 0; i < in.order.n; i++)
    if (in.order.node[i]->kind == N_LIT)
      in.buffer[in.order.node[i]->id] = literal_buffer(b, in.order.node[i]);
  scope_build(b, &in);
  Step *st = step_new(s, K_LOOP, loop->loc, loop->guard != G_NONE);
  st->guard = (Guard)loop->guard;
  if (loop->guard == G_IF) st->arg[0] = scope_buffer(s, loop->arg[loop->ncarry]);
  if (loop->guard == G_WHILE) st->arg[0] = in.buffer[f->param[0]->id];
  st->trip = loop->trip;
  st->reverse = loop->reverse;
  st->body = in.step;
  st->nbody = in.nstep;
  st->home = in.home;
  st->var = name_claim(b->names, "t");
}
