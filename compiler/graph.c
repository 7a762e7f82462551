/*
** graph.c: walking and rebuilding graphs
**
** A graph is what is reachable from some results; its order is the order of ids, arguments first.
*/
#include <stdlib.h>
#include <string.h>
#include "ir.h"

Order graph_order(Arena *a, int nresult, Node **result) {
  int top = -1, n = 0;
  for (int k = 0; k < nresult; k++)
    if (result[k] && result[k]->id > top) top = result[k]->id;
  bool *live = NEWN(a, bool, top + 1);
  for (int k = 0; k < nresult; k++)
    if (result[k]) live[result[k]->id] = true;
  for (int id = top; id >= 0; id--)
    if (live[id]) {
      n++;
      for (int k = 0; k < mod->node[id]->narg; k++) live[mod->node[id]->arg[k]->id] = true;
    }
  Order o = {0, NEWN(a, Node *, n)};
  for (int id = 0; id <= top; id++)
    if (live[id]) o.node[o.n++] = mod->node[id];
  return o;
}

/* For each node of o, by position, how often others of o use it as an argument. */
int *graph_use_counts(Arena *a, Order o) {
  int top = o.n ? o.node[o.n - 1]->id : -1;
  int *by_id = NEWN(a, int, top + 1), *count = NEWN(a, int, o.n);
  for (int i = 0; i < o.n; i++)
    for (int k = 0; k < o.node[i]->narg; k++) by_id[o.node[i]->arg[k]->id]++;
  for (int i = 0; i < o.n; i++) count[i] = by_id[o.node[i]->id];
  return count;
}

/* Old nodes by id and what stands for them now. */
typedef struct Remap {
  Node **to;
  int top;
} Remap;

static Node *remap_node(const Remap *m, Node *n) {
  return n->id <= m->top && m->to[n->id] ? m->to[n->id] : n;
}

static Scalar *remap_read(void *ctx, Scalar *s) {
  if (s->kind != S_READ) return NULL;
  Node *t = remap_node(ctx, s->tensor);
  return t == s->tensor ? NULL : s_read(t, s->arg, s->rule);
}

/* n over remapped arguments; hints are kept. */
static Node *rebuild_node(Node *n, Remap *m) {
  bool same = true;
  for (int k = 0; k < n->narg; k++) same = same && remap_node(m, n->arg[k]) == n->arg[k];
  if (same) return n;
  Node *arg[256], **args = n->narg <= 256 ? arg : NEWN(mod->arena, Node *, n->narg), *r;
  for (int k = 0; k < n->narg; k++) args[k] = remap_node(m, n->arg[k]);
  Loc here = mod->here;
  mod->here = n->loc;
  switch ((NodeKind)n->kind) {
  case N_COMP: {
    Scalar *windex[MAX_RANK];
    for (int d = 0; d < n->rank; d++) windex[d] = s_rewrite(n->windex[d], remap_read, m);
    r = n_comp((Dtype)n->dtype, (Combine)n->comb, n->rank, n->dim, n->ndom, n->dom, windex,
               n->wrule, s_rewrite(n->body, remap_read, m));
    break;
  }
  case N_CALL: r = n_call(n->fn, args); break;
  case N_LOOP:
    r = n_loop(n->fn, n->trip, n->ncarry, n->nslice, n->narg - n->ncarry - n->nslice, args,
               n->nstack, n->nsum, n->reverse, n->unroll, n->checkpoint);
    break;
  case N_PROJ: r = n_proj(args[0], n->k); break;
  default: r = n; break;
  }
  mod->here = here;
  return n_named(r, n->name);
}

void graph_rewrite(int nresult, Node **result, NodeFn f, void *ctx) {
  Arena *a = arena_new();
  Order o = graph_order(a, nresult, result);
  Remap m = {.top = o.n ? o.node[o.n - 1]->id : -1};
  m.to = NEWN(a, Node *, m.top + 1);
  for (int i = 0; i < o.n; i++) {
    Node *n = o.node[i], *fresh = rebuild_node(n, &m);
    Node *by = f(ctx, fresh);
    if (by != fresh) n_named(by, n->name);
    m.to[n->id] = by;
  }
  for (int k = 0; k < nresult; k++)
    if (result[k]) result[k] = remap_node(&m, result[k]);
  arena_free(a);
}

typedef struct Replace {
  int n;
  Node **from, **to;
} Replace;

void graph_replace(int nresult, Node **result, int n, Node **from, Node **to) {
  Arena *a = arena_new();
  Order o = graph_order(a, nresult, result);
  Remap m = {.top = o.n ? o.node[o.n - 1]->id : -1};
  m.to = NEWN(a, Node *, m.top + 1);
  for (int i = 0; i < o.n; i++) {
    Node *by = NULL;
    for (int k = 0; k < n && !by; k++)
      if (from[k] == o.node[i]) by = to[k];
    m.to[o.node[i]->id] = by ? by : rebuild_node(o.node[i], &m);
  }
  for (int k = 0; k < nresult; k++)
    if (result[k]) result[k] = remap_node(&m, result[k]);
  arena_free(a);
}

bool graph_depends(Node *n, Node *on) {
  Arena *a = arena_new();
  Order o = graph_order(a, 1, &n);
  bool found = false;
  for (int i = 0; i < o.n; i++) found = found || o.node[i] == on;
  arena_free(a);
  return found;
}

/* What is known of a node while a function is closed over it. */
typedef enum Side { INSIDE = 1, OUTSIDE = 2, CONSTANT = 3 } Side;

static Side side_of(const Node *n, const uint8_t *side) {
  bool inside = false, outside = false;
  for (int k = 0; k < n->narg; k++) {
    inside = inside || side[n->arg[k]->id] == INSIDE;
    outside = outside || side[n->arg[k]->id] == OUTSIDE;
  }
  return inside ? INSIDE : outside || n->kind == N_PARAM ? OUTSIDE : CONSTANT;
}

Func *graph_close(const char *name, int nparam, Node **param, int nresult, Node **result, Loc loc,
                  int *nouter, Node ***outer) {
  Arena *a = arena_new();
  Order o = graph_order(a, nresult, result);
  int top = o.n ? o.node[o.n - 1]->id : -1;
  uint8_t *side = NEWN(a, uint8_t, top + 1);
  bool *captured = NEWN(a, bool, top + 1);
  for (int k = 0; k < nparam; k++)
    if (param[k]->id <= top) side[param[k]->id] = INSIDE;
  for (int i = 0; i < o.n; i++)
    if (!side[o.node[i]->id]) side[o.node[i]->id] = (uint8_t)side_of(o.node[i], side);
  for (int i = 0; i < o.n; i++)
    for (int k = 0; side[o.node[i]->id] == INSIDE && k < o.node[i]->narg; k++)
      if (side[o.node[i]->arg[k]->id] == OUTSIDE) captured[o.node[i]->arg[k]->id] = true;
  for (int k = 0; k < nresult; k++)
    if (side[result[k]->id] == OUTSIDE) captured[result[k]->id] = true;
  Node **from = NEWN(mod->arena, Node *, o.n + 1), **all = NEWN(a, Node *, nparam + o.n);
  int n = 0;
  if (nparam) memcpy(all, param, sizeof *param * (size_t)nparam);
  for (int i = 0; i < o.n; i++) {
    Node *x = o.node[i];
    if (!captured[x->id]) continue;
    all[nparam + n] = n_param(P_FORMAL, x->name, (Dtype)x->dtype, x->rank, x->dim, x->loc);
    from[n++] = x;
  }
  Node **closed = arena_copy(a, result, sizeof *result * (size_t)nresult);
  graph_replace(nresult, closed, n, from, all + nparam);
  Func *f = func_new(name, nparam + n, all, nresult, closed, loc);
  *nouter = n;
  *outer = from;
  arena_free(a);
  return f;
}
