/*
** even.c: slices of a LOOP that are the same at every step become constants of it
**
**   LOOP, sliced: l_bar[t, i] = 0.5 * w[i]     becomes     LOOP, constant: l_bar[i] = 0.5 * w[i]
**
** The cotangents of what steps give are often so: of a sum or mean of losses they are one number,
** which goes into the step itself.
*/
#include "diff.h"
#include "fuse.h"

enum { MOST_DEPTH = 8 /* of maps that are read through */ };

/* A read of a map that is one number or a copy, as what it copies. */
static Scalar *read_through(void *ctx, Scalar *s) {
  int depth = *(int *)ctx - 1;
  if (s->kind != S_READ || depth < 0 || !n_is_map(s->tensor)) return NULL;
  Scalar *body = s->tensor->body;
  if (body->kind != S_CONST && body->kind != S_READ) return NULL;
  for (int d = 0; d < s->narg; d++)
    if (s->rule[d] != R_NONE) return NULL;
  return s_rewrite(s_subst_axes(body, s->tensor->ndom, s->arg), read_through, &depth);
}

/* What an element of the map n is, if that is the same for all of its first axis; or NULL. */
static Scalar *even_body(const Node *n) {
  int depth = MOST_DEPTH;
  if (n->kind != N_COMP || !n_is_map(n) || n->rank == 0) return NULL;
  Scalar *body = s_rewrite(n->body, read_through, &depth);
  return s_uses_axis(body, 0) ? NULL : s_shift_axes(body, 1, -1);
}

/* The LOOP without such slices; or NULL. */
static Node *loop_evened(Node *loop) {
  Func *f = loop->fn;
  int nc = loop->ncarry, n = 0, nslice = 0, nstill = 0, nfrom = 0;
  if (f->opaque || loop->guard) return NULL;
  Node **list[6];
  for (int k = 0; k < 6; k++) list[k] = NEWN(mod->arena, Node *, f->nparam + 1);
  Node **param = list[0], **arg = list[1]; /* of the LOOP that comes out */
  Node **still = list[2], **row = list[3]; /* its new constants, */
  Node **from = list[4], **to = list[5];   /* and what is a number in its step */
  for (int k = 0; k < f->nparam; k++) {
    bool slice = k >= nc && k < nc + loop->nslice;
    Scalar *body = slice ? even_body(loop->arg[k]) : NULL;
    if (!body) {
      param[n] = f->param[k], arg[n++] = loop->arg[k];
      nslice += slice;
      continue;
    }
    Node *value = n_like(n_map(loop->arg[k]->rank - 1, loop->arg[k]->dim + 1, body), loop->arg[k]);
    if (body->kind == S_CONST) from[nfrom] = f->param[k], to[nfrom++] = value;
    else still[nstill] = f->param[k], row[nstill++] = value;
  }
  if (nfrom + nstill == 0) return NULL;
  for (int k = 0; k < nstill; k++) param[n] = still[k], arg[n++] = row[k];
  Node **result = arena_copy(mod->arena, f->result, sizeof(Node *) * (size_t)f->nresult);
  graph_replace(f->nresult, result, nfrom, from, to);
  Func *g = func_new(f->name, n, param, f->nresult, result, f->loc);
  return n_loop(g, loop->trip, nc, nslice, n - nc - nslice, arg, loop->nstack, loop->nsum,
                loop->reverse, loop->unroll, loop->checkpoint);
}

static bool do_even(Node *loop, Node **result) {
  return loop_results(loop_evened(loop), result);
}

/* Takes from the LOOPs of the graph under result the slices that are the same at every step. */
void even_slices(int nresult, Node **result) {
  rewrite_loops(nresult, result, "even", do_even);
}
