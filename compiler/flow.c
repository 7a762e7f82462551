/*
** flow.c: through which nodes a derivative flows
**
** Forwards a node is live if it depends on one of the xs by a way that has a derivative; backwards
** a param is useful if one of the given results depends on it so. A LOOP's carries are iterated
** until nothing changes: a carry is live if it starts so or if a step makes it so.
*/
#include "diff.h"

static bool is_float(const Node *n) {
  return dtype_is_float((Dtype)n->dtype);
}

/* Returns the number of constant arguments of a LOOP. */
int loop_const(const Node *loop) {
  return loop->narg - loop->ncarry - loop->nslice;
}

/* Says whether a derivative can reach the xs from n. */
bool flow_live(const Flow *f, const Node *n) {
  int at = idmap_get(&f->at, n->id);
  return at >= 0 && f->live[at];
}

static bool call_live(Flow *f, Node *n, int i) {
  bool *arg = NEWN(f->a, bool, n->narg + 1), any = false;
  f->result[i] = NEWN(f->a, bool, n->fn->nresult + 1);
  for (int k = 0; k < n->narg; k++) any |= arg[k] = is_float(n->arg[k]) && flow_live(f, n->arg[k]);
  if (!any) return false;
  if (n->kind == N_CALL)
    flow_func(n->fn, arg, f->result[i]);
  else
    flow_loop(n, arg, f->result[i]);
  any = false;
  for (int k = 0; k < n->fn->nresult; k++) any |= f->result[i][k];
  return any;
}

static bool node_live(Flow *f, Node *n, int i) {
  switch ((NodeKind)n->kind) {
  case N_COMP:
    return is_float(n) && tape_of(f->a, n->body, f).n > 0;
  case N_PROJ: {
    bool *result = f->result[idmap_get(&f->at, n->arg[0]->id)];
    return is_float(n) && result && result[n->k];
  }
  case N_CALL:
  case N_LOOP:
    return call_live(f, n, i);
  default:
    return false;
  }
}

/* Returns what is live between the xs and the ys. */
Flow flow_of(Arena *a, int ny, Node **y, int nx, Node **x) {
  Flow f = {.a = a, .order = graph_order(a, ny, y), .at = {.a = a}};
  IdMap wanted = {.a = a};
  for (int k = 0; k < nx; k++)
    if (is_float(x[k])) idmap_set(&wanted, x[k]->id, 1);
  f.live = NEWN(a, bool, f.order.n + 1);
  f.result = NEWN(a, bool *, f.order.n + 1);
  for (int i = 0; i < f.order.n; i++) {
    Node *n = f.order.node[i];
    idmap_set(&f.at, n->id, i);
    f.live[i] = node_live(&f, n, i);
    if (idmap_get(&wanted, n->id) >= 0) f.live[i] = true;
  }
  return f;
}

static bool has_graph(const Func *f) {
  return !f->opaque && !f->custom_vjp;
}

static Flow flow_in(Arena *a, Func *f, const bool *param) {
  Node **x = NEWN(a, Node *, f->nparam + 1);
  int nx = 0;
  for (int k = 0; k < f->nparam; k++)
    if (param[k]) x[nx++] = f->param[k];
  return flow_of(a, f->nresult, f->result, nx, x);
}

/* Sets result[k] where f's k-th result is live when the params with param[k] are. */
void flow_func(Func *f, const bool *param, bool *result) {
  bool any = false;
  for (int k = 0; k < f->nparam; k++) any |= param[k];
  for (int k = 0; k < f->nresult; k++) result[k] = any && is_float(f->result[k]);
  if (!any || !has_graph(f)) return;
  Arena *a = arena_new();
  Flow flow = flow_in(a, f, param);
  for (int k = 0; k < f->nresult; k++) result[k] = flow_live(&flow, f->result[k]);
  arena_free(a);
}

/* Widens arg[] by the carries that the steps make live, and sets result[]. */
void flow_loop(Node *loop, bool *arg, bool *result) {
  for (bool changed = true; changed;) {
    changed = false;
    flow_func(loop->fn, arg, result);
    for (int k = 0; k < loop->ncarry; k++)
      if (result[k] && !arg[k]) arg[k] = changed = true;
  }
  for (int k = 0; k < loop->ncarry; k++) result[k] |= arg[k];
}

static void back_node(Flow *f, int i, bool *useful, bool **wanted) {
  Node *n = f->order.node[i];
  if (n->kind == N_COMP && useful[i]) {
    Tape t = tape_of(f->a, n->body, f);
    for (int k = 0; k < t.n; k++)
      if (t.s[k]->kind == S_READ) useful[idmap_get(&f->at, t.s[k]->tensor->id)] = true;
  } else if (n->kind == N_PROJ && useful[i]) {
    int at = idmap_get(&f->at, n->arg[0]->id);
    if (!wanted[at]) wanted[at] = NEWN(f->a, bool, n->arg[0]->fn->nresult + 1);
    wanted[at][n->k] = true;
  } else if ((n->kind == N_CALL || n->kind == N_LOOP) && wanted[i]) {
    bool *arg = NEWN(f->a, bool, n->narg + 1), *to = NEWN(f->a, bool, n->narg + 1);
    for (int k = 0; k < n->narg; k++) arg[k] = is_float(n->arg[k]) && flow_live(f, n->arg[k]);
    if (n->kind == N_CALL) {
      flow_func_back(n->fn, arg, wanted[i], to);
    } else {
      flow_loop(n, arg, NEWN(f->a, bool, n->fn->nresult + 1));
      flow_loop_back(n, arg, wanted[i], to);
    }
    for (int k = 0; k < n->narg; k++)
      if (to[k]) useful[idmap_get(&f->at, n->arg[k]->id)] = true;
  }
}

/* Sets useful[k] for the live params that a result with result[k] depends on. */
void flow_func_back(Func *f, const bool *param, const bool *result, bool *useful) {
  bool any = false;
  for (int k = 0; k < f->nresult; k++) any |= result[k];
  for (int k = 0; k < f->nparam; k++) useful[k] = any && param[k];
  if (!any || !has_graph(f)) return;
  Arena *a = arena_new();
  Flow flow = flow_in(a, f, param);
  bool *to = NEWN(a, bool, flow.order.n + 1);
  bool **wanted = NEWN(a, bool *, flow.order.n + 1);
  for (int k = 0; k < f->nresult; k++)
    if (result[k] && flow_live(&flow, f->result[k]))
      to[idmap_get(&flow.at, f->result[k]->id)] = true;
  for (int i = flow.order.n - 1; i >= 0; i--)
    if (flow.live[i]) back_node(&flow, i, to, wanted);
  for (int k = 0; k < f->nparam; k++) {
    int at = idmap_get(&flow.at, f->param[k]->id);
    useful[k] = param[k] && at >= 0 && to[at];
  }
  arena_free(a);
}

/* Widens result[] by the carries whose next value something depends on, and sets useful[] for the
** arguments. arg[] is as flow_loop leaves it. */
void flow_loop_back(Node *loop, const bool *arg, bool *result, bool *useful) {
  for (bool changed = true; changed;) {
    changed = false;
    flow_func_back(loop->fn, arg, result, useful);
    for (int k = 0; k < loop->ncarry; k++)
      if (useful[k] && !result[k]) result[k] = changed = true;
  }
  for (int k = 0; k < loop->ncarry; k++) useful[k] |= arg[k] && result[k];
}
