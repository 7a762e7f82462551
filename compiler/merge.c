/*
** merge.c: read the wider of two CALLs or LOOPs that compute the same
**
**   h = LOOP f(..)          and in the same graph    h', kept = LOOP f_fwd(..)
**
** where f_fwd is f with more results (Func.base): what reads h reads h' instead, and f does not run
** twice. The wider form may also have more params after those of f in each group (jvp's tangents).
** An operation may name a wider one, too: eigenvalues are among what vectors come with.
*/
#include <string.h>
#include "diff.h"

typedef struct Wide { /* the CALLs and LOOPs of a graph that have a base */
  int n;
  Node **node;
} Wide;

/* How many steps of `base` lead from g to f; -1: none do. */
static int base_steps(const Func *g, const Func *f) {
  int steps = 0;
  for (; g && g != f; g = g->base) steps++;
  return g ? steps : -1;
}

static bool same_args(Node **a, Node **b, int n) {
  for (int k = 0; k < n; k++)
    if (a[k] != b[k]) return false;
  return true;
}

/* Whether the operation g gives the results of f, and more. */
static bool op_is_within(const Func *f, const Func *g) {
  const Opaque *o = f->opaque, *p = g->opaque;
  if (!o || !p || !o->within || strcmp(o->within, p->kernel)) return false;
  return o->nbatch == p->nbatch &&
         !memcmp(o->share, p->share, sizeof *o->share * (size_t)(o->nbatch ? f->nparam : 0));
}

/* Says whether wide has the arguments of n, group by group, and maybe more after each. */
static bool covers(const Node *wide, const Node *n) {
  if (wide->kind != n->kind || wide == n || wide->fn == n->fn) return false;
  if (n->kind == N_CALL) return wide->narg >= n->narg && same_args(wide->arg, n->arg, n->narg);
  int more_const = loop_const(wide) - loop_const(n), s = n->ncarry, ws = wide->ncarry;
  return wide->trip == n->trip && wide->reverse == n->reverse && wide->guard == n->guard &&
         ws >= s && wide->nslice >= n->nslice && more_const >= 0 &&
         same_args(wide->arg, n->arg, s) && same_args(wide->arg + ws, n->arg + s, n->nslice) &&
         same_args(wide->arg + ws + wide->nslice, n->arg + s + n->nslice, loop_const(n));
}

/* The widest node of the graph that computes what n does, or NULL. */
static Node *widest(const Wide *w, Node *n) {
  Node *best = NULL;
  int most = 0;
  for (int i = 0; i < w->n; i++) {
    bool within = op_is_within(n->fn, w->node[i]->fn);
    int steps = within ? 1 : base_steps(w->node[i]->fn, n->fn);
    if (steps > most && covers(w->node[i], n)) best = w->node[i], most = steps;
  }
  return best;
}

/* The position in wide of the k-th result of n. */
static int result_at(const Node *wide, const Node *n, int k) {
  if (n->fn->opaque)
    for (int at = 0; at < wide->fn->nresult; at++)
      if (!strcmp(wide->fn->result[at]->name, n->fn->result[k]->name)) return at;
  if (n->kind == N_CALL || k < n->ncarry) return k;
  k -= n->ncarry;
  if (k < n->nstack) return wide->ncarry + k;
  return wide->ncarry + wide->nstack + k - n->nstack;
}

/* The graph with PROJs of some nodes taken to be those of wider ones, being rebuilt. */
typedef struct Merge {
  Order order;
  IdMap at;   /* id -> position in order */
  int *wide;  /* position of what stands for a CALL or LOOP, or -1 */
  int *state; /* 0 not seen, 1 on the stack, 2 rebuilt */
  Node **fresh;
  int *stack, *next, depth;
} Merge;

static int position(const Merge *m, const Node *n) {
  return idmap_get(&m->at, n->id);
}

/* The position of n's k-th argument, with the wider node for a PROJ of a narrow one. */
static int argument(const Merge *m, const Node *n, int k) {
  int at = position(m, n->arg[k]);
  return n->kind == N_PROJ && m->wide[at] >= 0 ? m->wide[at] : at;
}

static void rebuild(Merge *m, int i) {
  Node *n = m->order.node[i];
  if (n->kind == N_PROJ && m->wide[position(m, n->arg[0])] >= 0) {
    int w = argument(m, n, 0);
    m->fresh[i] = n_proj(m->fresh[w], result_at(m->order.node[w], n->arg[0], n->k));
    return;
  }
  Node **arg = NEWN(mod->arena, Node *, n->narg + 1);
  for (int k = 0; k < n->narg; k++) arg[k] = m->fresh[argument(m, n, k)];
  m->fresh[i] = n_over(n, arg);
}

/* A wider node that needs what its own results would replace cannot stand for it: takes back the
** last such replacement on the stack. */
static void take_back(Merge *m) {
  for (int d = m->depth - 1; d >= 0; d--) {
    Node *n = m->order.node[m->stack[d]];
    int at = n->kind == N_PROJ ? position(m, n->arg[0]) : -1;
    if (at < 0 || m->wide[at] < 0) continue;
    m->wide[at] = -1;
    return;
  }
}

static void push(Merge *m, int i) {
  m->state[i] = 1;
  m->next[m->depth] = 0;
  m->stack[m->depth++] = i;
}

/* Rebuilds all that node i needs, and it; false: something was taken back. */
static bool rebuild_from(Merge *m, int i) {
  m->depth = 0;
  if (m->state[i] == 0) push(m, i);
  while (m->depth > 0) {
    int top = m->stack[m->depth - 1];
    Node *n = m->order.node[top];
    if (m->next[m->depth - 1] == n->narg) {
      rebuild(m, top);
      m->state[top] = 2;
      m->depth--;
      continue;
    }
    int k = argument(m, n, m->next[m->depth - 1]++);
    if (m->state[k] == 1) {
      take_back(m);
      return false;
    }
    if (m->state[k] == 0) push(m, k);
  }
  return true;
}

static bool find_wide(Arena *a, Merge *m) {
  Wide w = {.node = NEWN(a, Node *, m->order.n + 1)};
  for (int i = 0; i < m->order.n; i++) {
    Node *n = m->order.node[i];
    idmap_set(&m->at, n->id, i);
    m->wide[i] = -1;
    if (n->kind != N_CALL && n->kind != N_LOOP) continue;
    if (n->fn->base || n->fn->opaque) w.node[w.n++] = n;
  }
  bool any = false;
  for (int i = 0; w.n > 0 && i < m->order.n; i++) {
    Node *n = m->order.node[i];
    Node *by = n->kind == N_CALL || n->kind == N_LOOP ? widest(&w, n) : NULL;
    if (by) m->wide[i] = position(m, by), any = true;
  }
  return any;
}

/* Says whether a derivative in the graph runs the LOOP in segments. */
static bool runs_in_segments(const Order *o, const Node *loop) {
  for (int i = 0; i < o->n; i++)
    for (Func *g = o->node[i]->kind == N_LOOP ? o->node[i]->fn : NULL; g; g = g->base)
      if (loop_is_segment(loop, g)) return true;
  return false;
}

static Node *split_proj(void *ctx, Node *n) {
  Node *loop = n->kind == N_PROJ ? n->arg[0] : NULL;
  if (!loop || loop->kind != N_LOOP || loop->checkpoint < 2 || !loop_can_split(loop) ||
      !runs_in_segments(ctx, loop))
    return n;
  Node **result = NEWN(mod->arena, Node *, loop->fn->nresult + 1);
  loop_split(loop, loop->checkpoint, false, result);
  return result[n->k];
}

/* Lets the graph under result read the wider of CALLs and LOOPs that compute the same. */
void merge_calls(int nresult, Node **result) {
  Arena *a = arena_new();
  Order before = graph_order(a, nresult, result);
  bool segments = false;
  for (int i = 0; i < before.n; i++)
    segments |= before.node[i]->kind == N_LOOP && before.node[i]->checkpoint > 1;
  if (segments) graph_rewrite(nresult, result, split_proj, &before);
  Merge m = {.order = graph_order(a, nresult, result), .at = {.a = a}};
  int n = m.order.n + 1;
  m.wide = NEWN(a, int, n), m.stack = NEWN(a, int, n), m.next = NEWN(a, int, n);
  bool ok = !find_wide(a, &m);
  bool any = !ok;
  while (!ok) {
    m.state = NEWN(a, int, n), m.fresh = NEWN(a, Node *, n);
    ok = true;
    for (int k = 0; ok && k < nresult; k++) ok = rebuild_from(&m, position(&m, result[k]));
  }
  for (int k = 0; any && k < nresult; k++) result[k] = m.fresh[position(&m, result[k])];
  arena_free(a);
}
