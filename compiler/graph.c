/*
** graph.c: walking and rebuilding graphs
**
** A graph is what is reachable from some results; its order is the order of ids, arguments first.
*/
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "ir.h"

Order graph_order(Arena *a, int nresult, Node **result) {
  return graph_order_from(a, 0, nresult, result);
}

/* Notes in mod->walk, if this walk has not, that it has come to n; returns how many it has. */
static int walk_to(Node *n, int least, int count) {
  if (!n || n->id < least || n->seen == mod->nwalk) return count;
  n->seen = mod->nwalk;
  mod->walk[count] = n;
  return count + 1;
}

/* Fills mod->walk with what is reachable from result, from id `least` on, until it has come to
** `sought`, which may be NULL; returns how many these are. */
static int walk(int least, int nresult, Node **result, const Node *sought) {
  int n = 0;
  mod->nwalk++;
  for (int k = 0; k < nresult; k++) n = walk_to(result[k], least, n);
  for (int i = 0; i < n && mod->walk[i] != sought; i++)
    for (int k = 0; k < mod->walk[i]->narg; k++) n = walk_to(mod->walk[i]->arg[k], least, n);
  return n;
}

static int older_first(const void *x, const void *y) {
  return (*(Node *const *)x)->id - (*(Node *const *)y)->id;
}

/* A small graph is sorted, so that its order takes as long as it is large; of one that has most
** nodes there are between its ends, they are gone through. */
Order graph_order_from(Arena *a, int least, int nresult, Node **result) {
  int n = walk(least, nresult, result, NULL), top = least - 1, low = INT_MAX;
  Order o = {0, NEWN(a, Node *, n)};
  for (int i = 0; i < n; i++) {
    if (mod->walk[i]->id > top) top = mod->walk[i]->id;
    if (mod->walk[i]->id < low) low = mod->walk[i]->id;
  }
  if (n && (top - low) / 16 > n) {
    memcpy(o.node, mod->walk, sizeof *o.node * (size_t)n);
    qsort(o.node, (size_t)(o.n = n), sizeof *o.node, older_first);
    return o;
  }
  for (int id = low; id <= top; id++)
    if (mod->node[id]->seen == mod->nwalk) o.node[o.n++] = mod->node[id];
  return o;
}

/* By id, how often a node is an argument of others of o, or a result. */
int *graph_uses(Arena *a, Order o, int nresult, Node **result) {
  int *uses = NEWN(a, int, mod->nnode + 1);
  for (int i = 0; i < o.n; i++)
    for (int k = 0; k < o.node[i]->narg; k++) uses[o.node[i]->arg[k]->id]++;
  for (int k = 0; k < nresult; k++) uses[result[k]->id]++;
  return uses;
}

/* Who of o uses each node as an argument. */
Readers graph_readers(Arena *a, Order o) {
  int n = 0;
  Readers r = {.first = NEWN(a, int, mod->nnode + 1), .end = NEWN(a, int, mod->nnode + 1)};
  for (int i = 0; i < o.n; i++)
    for (int k = 0; k < o.node[i]->narg; k++) r.end[o.node[i]->arg[k]->id]++;
  for (int i = 0; i < o.n; i++) {
    int id = o.node[i]->id, count = r.end[id];
    r.first[id] = r.end[id] = n;
    n += count;
  }
  r.node = NEWN(a, Node *, n + 1);
  for (int i = 0; i < o.n; i++)
    for (int k = 0; k < o.node[i]->narg; k++) r.node[r.end[o.node[i]->arg[k]->id]++] = o.node[i];
  return r;
}

/* Old nodes by id and what stands for them now. */
typedef struct Remap {
  Node **to;
  int top;
} Remap;

static Node *remap_node(const Remap *m, Node *n) {
  return n->id <= m->top && m->to[n->id] ? m->to[n->id] : n;
}

/* A node and what stands for its arguments, by position. */
typedef struct Over {
  Node *n, **arg;
} Over;

static Scalar *over_read(void *ctx, Scalar *s) {
  const Over *o = ctx;
  if (s->kind != S_READ) return NULL;
  for (int k = 0; k < o->n->narg; k++)
    if (o->n->arg[k] == s->tensor)
      return o->arg[k] == s->tensor ? NULL : s_read(o->arg[k], s->arg, s->rule);
  return NULL;
}

/* n with other arguments in place of n->arg; hints are kept. */
Node *n_over(Node *n, Node **arg) {
  bool same = true;
  for (int k = 0; k < n->narg; k++) same = same && arg[k] == n->arg[k];
  if (same) return n;
  Loc here = mod->here;
  Node *r = n;
  Over o = {n, arg};
  mod->here = n->loc;
  switch ((NodeKind)n->kind) {
  case N_COMP: {
    Scalar *windex[MAX_RANK];
    for (int d = 0; d < n->rank; d++) windex[d] = s_rewrite(n->windex[d], over_read, &o);
    r = n_comp((Dtype)n->dtype, (Combine)n->comb, n->rank, n->dim, n->ndom, n->dom, windex,
               n->wrule, s_rewrite(n->body, over_read, &o));
    break;
  }
  case N_CALL: r = n_call(n->fn, arg); break;
  case N_LOOP:
    r = n_loop(n->fn, n->trip, n->ncarry, n->nslice, n->narg - n->ncarry - n->nslice, arg,
               n->nstack, n->nsum, n->reverse, n->unroll, n->checkpoint);
    r = n_guarded(r, (Guard)n->guard);
    break;
  case N_PROJ: r = n_proj(arg[0], n->k); break;
  default: break;
  }
  mod->here = here;
  return n_like(r, n);
}

static Node *rebuild_node(Node *n, const Remap *m) {
  Node *arg[64], **args = n->narg <= 64 ? arg : NEWN(mod->arena, Node *, n->narg);
  for (int k = 0; k < n->narg; k++) args[k] = remap_node(m, n->arg[k]);
  return n_over(n, args);
}

void graph_rewrite(int nresult, Node **result, NodeFn f, void *ctx) {
  Arena *a = arena_new();
  Order o = graph_order(a, nresult, result);
  Remap m = {.top = o.n ? o.node[o.n - 1]->id : -1};
  m.to = NEWN(a, Node *, m.top + 1);
  for (int i = 0; i < o.n; i++) {
    Node *n = o.node[i], *fresh = rebuild_node(n, &m);
    Loc here = mod->here;
    mod->here = n->loc; /* what stands for n comes from n's line */
    Node *by = f(ctx, fresh);
    mod->here = here;
    if (by != fresh) n_like(by, n);
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

void graph_reform(int nresult, Node **result, int n, Node **from, Node **to) {
  Arena *a = arena_new();
  Order o = graph_order(a, nresult, result);
  int old = o.n ? o.node[o.n - 1]->id : -1;
  Remap m = {.top = mod->nnode - 1, .to = NEWN(a, Node *, mod->nnode)};
  Node **form = NEWN(a, Node *, old + 1);
  for (int k = 0; k < n; k++) form[from[k]->id] = to[k];
  for (int i = 0; i < o.n; i++) {
    int id = o.node[i]->id;
    Node *now = form[id] ? form[id] : o.node[i];
    for (int k = 0; k < now->narg; k++) {
      Node *x = now->arg[k];
      if (x->id > old && !m.to[x->id]) m.to[x->id] = rebuild_node(x, &m);
    }
    m.to[id] = rebuild_node(now, &m);
  }
  for (int k = 0; k < nresult; k++)
    if (result[k]) result[k] = remap_node(&m, result[k]);
  arena_free(a);
}

bool graph_depends(Node *n, Node *on) {
  if (n->id < on->id) return false;
  walk(on->id, 1, &n, on);
  return on->seen == mod->nwalk;
}

bool graph_computes_from(Node *n, Node *on) {
  if (n->id < on->id) return false; /* what is older is not made from it */
  Arena *a = arena_new();
  Order o = graph_order_from(a, on->id, 1, &n);
  bool *from = NEWN(a, bool, n->id - on->id + 1); /* by id, from that of `on` on */
  from[0] = true;
  for (int i = 0; i < o.n; i++)
    for (int k = 0; o.node[i]->kind == N_COMP && k < o.node[i]->narg; k++) {
      int arg = o.node[i]->arg[k]->id - on->id;
      from[o.node[i]->id - on->id] |= arg >= 0 && from[arg];
    }
  bool found = from[n->id - on->id];
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
                  int first, int *nouter, Node ***outer) {
  Arena *a = arena_new();
  Order o = graph_order(a, nresult, result);
  int top = o.n ? o.node[o.n - 1]->id : -1;
  uint8_t *side = NEWN(a, uint8_t, top + 1);
  bool *captured = NEWN(a, bool, top + 1);
  for (int k = 0; k < nparam; k++)
    if (param[k]->id <= top) side[param[k]->id] = INSIDE;
  for (int i = 0; i < o.n; i++) {
    const Node *x = o.node[i];
    bool own = first >= 0 && x->id >= first && x->kind != N_PARAM;
    if (!side[x->id]) side[x->id] = own ? INSIDE : (uint8_t)side_of(x, side);
  }
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
