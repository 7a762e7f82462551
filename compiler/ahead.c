/*
** ahead.c: what the steps of a LOOP compute from slices and constants alone, ahead of it
**
**   LOOP: a = sum k. x_t[b, k] * w[k, j]     becomes     a[t, b, j] = sum k. x[t, b, k] * w[k, j]
**         h' = tanh(a + ..)                              LOOP, sliced: a_t;  h' = tanh(a_t + ..)
**
** Reductions only, and only where their results are not much more than the slices they read: the
** rest is done in the step, and so are those of exponentials that it takes anyway. LOOPs of
** checkpoints are left alone, whose purpose is to keep little.
*/
#include "diff.h"
#include "fuse.h"

typedef enum Class { CONSTANT, SLICE, STEP } Class; /* what a node depends on at most */

enum { GROWTH = 4 }; /* elements computed ahead for each element of a slice read */

/* One LOOP under change. */
typedef struct Ahead {
  Arena *a;
  Node *loop;
  Order order;
  IdMap at;
  Class *class; /* by position in order */
  bool *root;   /* computed ahead */
  bool *step;   /* a map that what needs a carry reads too, maybe through maps */
  int n[2];     /* roots that are constants, and that become slices */
  Node **from[2], **formal[2], **value[2];
} Ahead;

static int place(const Ahead *h, const Node *n) {
  return idmap_get(&h->at, n->id);
}

static Class class_of(const Ahead *h, const Node *n) {
  const Node *loop = h->loop;
  Class c = CONSTANT;
  for (int k = 0; n->kind == N_PARAM && k < loop->fn->nparam; k++)
    if (loop->fn->param[k] == n)
      c = k < loop->ncarry ? STEP : k < loop->ncarry + loop->nslice ? SLICE : CONSTANT;
  for (int k = 0; k < n->narg; k++)
    if (h->class[place(h, n->arg[k])] > c) c = h->class[place(h, n->arg[k])];
  bool fits = n->kind == N_COMP && n->rank < MAX_RANK && n->ndom < MAX_AXES;
  return n->kind == N_PARAM || n->kind == N_LIT || fits ? c : STEP;
}

/* Says whether node i is work to be done ahead. */
static bool worthwhile(const Ahead *h, int i) {
  Node *n = h->order.node[i];
  double read = 0;
  if (n->kind != N_COMP || n->ndom <= n->rank || !n->narg || h->class[i] == STEP) return false;
  for (int k = 0; k < n->narg; k++)
    if (h->class[place(h, n->arg[k])] == SLICE)
      read += usual_count(n->arg[k]->rank, n->arg[k]->dim);
  return h->class[i] == CONSTANT || usual_count(n->rank, n->dim) <= GROWTH * read;
}

/* Marks the maps of slices that steps compute in any case. */
static void mark_steps(Ahead *h) {
  for (int i = h->order.n - 1; i >= 0; i--) {
    const Node *n = h->order.node[i];
    if (h->class[i] != STEP && !h->step[i]) continue;
    for (int k = 0; k < n->narg; k++) {
      int j = place(h, n->arg[k]);
      if (h->class[j] == SLICE && n_is_map(h->order.node[j])) h->step[j] = true;
    }
  }
}

/* Whether node i takes exponentials or the like, maybe through maps, that steps compute in any
** case: ahead they would be computed twice. */
static bool computes_again(const Ahead *h, int i, const bool *again) {
  const Node *n = h->order.node[i];
  bool dear = false;
  for (int k = 0; k < n->narg; k++) {
    int j = place(h, n->arg[k]);
    Node *a = h->order.node[j];
    if (h->class[j] != SLICE || !n_is_map(a)) continue;
    dear = dear || again[j] || (h->step[j] && has_dear(a->body));
  }
  return dear;
}

/* What would be computed twice is left to the steps, and so is what needs it. */
static void leave_to_steps(Ahead *h) {
  bool *again = NEWN(h->a, bool, h->order.n + 1);
  mark_steps(h);
  for (int i = 0; i < h->order.n; i++) {
    h->class[i] = class_of(h, h->order.node[i]);
    again[i] = computes_again(h, i, again);
    if (again[i] && worthwhile(h, i)) h->class[i] = STEP;
  }
}

/* Finds the roots: worthwhile nodes that others than these read. */
static bool find_roots(Ahead *h) {
  bool any = false;
  for (int i = 0; i < h->order.n; i++) {
    idmap_set(&h->at, h->order.node[i]->id, i);
    h->class[i] = class_of(h, h->order.node[i]);
  }
  leave_to_steps(h);
  for (int i = 0; i < h->order.n; i++) {
    Node *n = h->order.node[i];
    for (int k = 0; !worthwhile(h, i) && k < n->narg; k++) {
      int j = place(h, n->arg[k]);
      if (worthwhile(h, j)) h->root[j] = any = true;
    }
  }
  for (int k = 0; k < h->loop->fn->nresult; k++) {
    int j = place(h, h->loop->fn->result[k]);
    if (worthwhile(h, j)) h->root[j] = any = true;
  }
  return any;
}

static void list_roots(Ahead *h) {
  for (int s = 0; s < 2; s++) {
    h->from[s] = NEWN(mod->arena, Node *, h->order.n + 1);
    h->formal[s] = NEWN(mod->arena, Node *, h->order.n + 1);
    h->value[s] = NEWN(mod->arena, Node *, h->order.n + 1);
  }
  for (int i = 0; i < h->order.n; i++) {
    Node *n = h->order.node[i];
    if (!h->root[i]) continue;
    int s = h->class[i] == SLICE;
    h->from[s][h->n[s]] = n;
    h->formal[s][h->n[s]++] =
        n_param(P_FORMAL, n->name ? n->name : "ahead", (Dtype)n->dtype, n->rank, n->dim, n->loc);
  }
}

/* Computes the roots from the LOOP's arguments: constants once, the others mapped over time. */
static void compute_roots(Ahead *h) {
  Node *loop = h->loop;
  Func *f = loop->fn;
  int nc = loop->ncarry, n = f->nparam - nc;
  bool *mapped = NEWN(h->a, bool, n + 1);
  for (int k = 0; k < loop->nslice; k++) mapped[k] = true;
  for (int s = 0; s < 2; s++) {
    if (!h->n[s]) continue;
    Func *g =
        func_new(str_format("%s_ahead", f->name), n, f->param + nc, h->n[s], h->from[s], f->loc);
    if (s)
      vmap_call(g, loop->trip, loop->arg + nc, mapped, h->value[s]);
    else
      func_inline(g, loop->arg + nc, h->value[s]);
    for (int i = 0; i < h->n[s]; i++) n_named(h->value[s][i], h->from[s][i]->name);
  }
}

/* Takes out of the lists what the new body does not read. */
static void drop_unread(Ahead *h, int nresult, Node **result) {
  Order o = graph_order(h->a, nresult, result);
  IdMap read = {.a = h->a};
  for (int i = 0; i < o.n; i++) idmap_set(&read, o.node[i]->id, 1);
  for (int s = 0; s < 2; s++) {
    int n = 0;
    for (int i = 0; i < h->n[s]; i++) {
      if (idmap_get(&read, h->formal[s][i]->id) < 0) continue;
      h->formal[s][n] = h->formal[s][i];
      h->value[s][n++] = h->value[s][i];
    }
    h->n[s] = n;
  }
}

/* The LOOP over a body that reads the roots as slices and constants. */
static Node *build_loop(Ahead *h) {
  const Node *loop = h->loop;
  Func *f = loop->fn;
  Node **result = arena_copy(mod->arena, f->result, sizeof(Node *) * (size_t)f->nresult);
  Node **from = NEWN(h->a, Node *, h->n[0] + h->n[1] + 1);
  Node **to = NEWN(h->a, Node *, h->n[0] + h->n[1] + 1);
  for (int s = 0, n = 0; s < 2; s++)
    for (int i = 0; i < h->n[s]; i++, n++) from[n] = h->from[s][i], to[n] = h->formal[s][i];
  graph_replace(f->nresult, result, h->n[0] + h->n[1], from, to);
  drop_unread(h, f->nresult, result);
  return loop_given(loop, result, h->n, h->formal, h->value);
}

/* The LOOP with that done ahead, or NULL. */
static Node *loop_ahead(Node *loop) {
  Func *f = loop->fn;
  if (f->opaque || loop->guard || loop->checkpoint || !loop->nslice) return NULL;
  Ahead h = {.a = arena_new(), .loop = loop};
  h.order = graph_order(h.a, f->nresult, f->result);
  h.at = (IdMap){.a = h.a};
  h.class = NEWN(h.a, Class, h.order.n + 1);
  h.root = NEWN(h.a, bool, h.order.n + 1);
  h.step = NEWN(h.a, bool, h.order.n + 1);
  Node *now = NULL;
  if (find_roots(&h)) {
    list_roots(&h);
    compute_roots(&h);
    now = build_loop(&h);
  }
  arena_free(h.a);
  return now;
}

static bool do_ahead(Node *loop, Node **result) {
  return loop_results(loop_ahead(loop), result);
}

/* Does ahead of the LOOPs of the graph under result what they need not do step by step. */
void compute_ahead(int nresult, Node **result) {
  rewrite_loops(nresult, result, "ahead", do_ahead);
}
