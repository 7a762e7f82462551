/*
** diff_call.c: the adjoint of a CALL
**
**   y, z = f(a, b)    becomes    y, z, s = f_fwd(a, b)    and    a_bar = f_vjp(a, s, y_bar)
**
** f_fwd is f with more results: the nodes s that f_vjp would otherwise compute again. It is the
** wider form that merge.c puts in the place of the plain CALL. Both are built once for each pattern
** of live params and of results with a cotangent.
*/
#include <string.h>
#include "diff.h"
#include "fuse.h"

DerivativeHook opaque_vjp, opaque_jvp;

/* "0110" */
const char *bits(int n, const bool *b) {
  Text t = {0};
  for (int i = 0; i < n; i++) text_put(&t, b[i] ? "1" : "0", 1);
  const char *s = str_intern(t.s ? t.s : "");
  text_free(&t);
  return s;
}

/* Returns where to keep what is made of f under `key` (an interned string). */
void **func_derived(Func *f, const char *key) {
  for (Derived *d = f->derived; d; d = d->next)
    if (d->key == key) return &d->value;
  Derived *d = NEW(mod->arena, Derived);
  d->key = key, d->next = f->derived;
  f->derived = d;
  return &d->value;
}

/* What split_func knows of the nodes under the params' cotangents. */
typedef struct Cut {
  Arena *a;
  int ncarry; /* params before this one are kept where read; -1: of a CALL, nothing is */
  bool recompute;
  bool carries; /* they are at hand for what is computed again, and kept where that reads them */
  Order order;
  IdMap at, param;
  IdMap next;   /* id of what becomes of a carry -> the carry's id */
  bool *back;   /* depends on a cotangent */
  bool *primal; /* depends on a param, and on no cotangent */
  bool *want;   /* primal, and read by what depends on a cotangent */
  bool *moves;  /* is not the same at each step */
  int nvary;    /* params before this one are not the same at each step: carries and slices */
  double steps; /* of the LOOP, about */
  bool near;    /* what they keep stays in a cache */
  bool *have;   /* at hand without being kept */
  bool *keep;
  int *cost; /* of having it */
} Cut;

enum {
  CHEAP = 12,    /* flops of elementwise work rather done again than kept: see s_cost; */
  LEAST = 2,     /* the same, where all that the steps of a LOOP keep has so many bytes: it stays in a cache */
  NEAR = 1 << 19,
  PART_COST = 2, /* at most, of having a part of what is kept whole */
  FEW_BYTES = 4  /* a tensor is so many times what is kept in its place, at least */
};

static void cut_mark(Cut *c, int i, const IdMap *bars) {
  Node *n = c->order.node[i];
  idmap_set(&c->at, n->id, i);
  c->back[i] = idmap_get(bars, n->id) >= 0;
  int p = idmap_get(&c->param, n->id);
  c->primal[i] = p >= 0;
  c->moves[i] = p >= 0 && p < c->nvary;
  for (int k = 0; k < n->narg; k++) {
    int j = idmap_get(&c->at, n->arg[k]->id);
    c->moves[i] |= c->moves[j];
    c->back[i] |= c->back[j];
    c->primal[i] |= c->primal[j];
  }
  if (c->back[i]) c->primal[i] = false;
  for (int k = 0; c->back[i] && k < n->narg; k++) {
    int j = idmap_get(&c->at, n->arg[k]->id);
    if (c->primal[j]) c->want[j] = true;
  }
}

/* Says whether a node may be kept, which for a step of a LOOP takes one more axis. */
static bool keepable(const Cut *c, const Node *n) {
  return n->rank >= 0 && n->rank + (c->ncarry >= 0) <= MAX_RANK;
}

/* What is read, but cannot be kept, is computed again: so its arguments are read. */
static void cut_want(Cut *c, int i) {
  Node *n = c->order.node[i];
  if (!c->want[i] || n->narg == 0 || keepable(c, n)) return;
  for (int k = 0; k < n->narg; k++) {
    int j = idmap_get(&c->at, n->arg[k]->id);
    if (c->primal[j]) c->want[j] = true;
  }
}

static double bytes_of(const Node *n) {
  return usual_count(n->rank, n->dim) * (double)dtype_size((Dtype)n->dtype);
}

/* The flops that are rather done again than node i is kept. */
static int cheap(const Cut *c, int i) {
  return c->moves[i] && c->near ? LEAST : CHEAP;
}

/* Whether the map n, which is read, can be computed again from what is at hand and from much smaller
** tensors, which are kept then: a matrix from the row that was added to all of its rows. */
static bool keep_smaller(Cut *c, int i) {
  Node *n = c->order.node[i];
  double bytes = 0;
  if (!c->want[i] || !n_is_map(n) || s_cost(n->body) > cheap(c, i)) return false;
  for (int pass = 0; pass < 2; pass++)
    for (int k = 0; k < n->narg; k++) {
      int j = idmap_get(&c->at, n->arg[k]->id);
      if (c->have[j]) continue;
      if (!keepable(c, n->arg[k])) return false;
      if (pass == 1) c->keep[j] = c->have[j] = true;
      else bytes += bytes_of(n->arg[k]);
      if (bytes * FEW_BYTES > bytes_of(n)) return false;
    }
  return true;
}

/* Whether node i is what becomes of a carry that is kept at every step: then it is a row of what is
** kept, the one after the carry's. */
static bool is_next_row(const Cut *c, int i) {
  int carry = idmap_get(&c->next, c->order.node[i]->id);
  int at = carry < 0 ? -1 : idmap_get(&c->at, carry);
  return at >= 0 && at < i && c->keep[at];
}

/* Decides whether node i is kept, computed again, or an argument that costs nothing. */
static void cut_decide(Cut *c, int i) {
  Node *n = c->order.node[i];
  int p = idmap_get(&c->param, n->id);
  if (!c->primal[i]) {
    c->have[i] = !c->back[i];
  } else if (p >= 0) {
    c->keep[i] = p < c->ncarry && (c->want[i] || c->recompute);
    c->have[i] = p >= c->ncarry || c->keep[i] || c->carries;
  } else if (!c->recompute && is_next_row(c, i)) {
    c->have[i] = true;
    c->keep[i] = c->want[i];
  } else if (!c->recompute) {
    bool again = n_is_map(n);
    c->cost[i] = again ? s_cost(n->body) : 0;
    for (int k = 0; again && k < n->narg; k++) {
      int j = idmap_get(&c->at, n->arg[k]->id);
      again &= c->have[j];
      c->cost[i] += c->cost[j];
    }
    again &= c->cost[i] <= cheap(c, i);
    if (!again) c->cost[i] = 0, again = keep_smaller(c, i);
    if (c->want[i] && !keepable(c, n)) again = true;
    c->keep[i] = !again && c->want[i];
    c->have[i] = again || c->keep[i];
  }
}

/* The larger node that map i is a cheap part of: it reads nothing else that is not at hand; -1. */
static int part_of(Cut *c, int i, const int *part) {
  Node *n = c->order.node[i];
  int whole = -1, cost = s_cost(n->body);
  for (int k = 0; k < n->narg; k++) {
    int j = idmap_get(&c->at, n->arg[k]->id);
    if (c->have[j] && !c->keep[j]) cost += c->cost[j];
    if (c->have[j]) continue;
    int from = bytes_of(n->arg[k]) > bytes_of(n) ? j : part[j];
    if (from < 0 || (whole >= 0 && from != whole)) return -1;
    if (from != j) cost += c->cost[j];
    whole = from;
  }
  c->cost[i] = cost;
  return cost <= PART_COST ? whole : -1;
}

/* Keeps a node in place of parts of it that are as large together: of gates cut from one product,
** the product. */
static void keep_wholes(Cut *c) {
  int *part = NEWN(c->a, int, c->order.n + 1);
  double *bytes = NEWN(c->a, double, c->order.n + 1);
  for (int i = 0; i < c->order.n; i++) {
    Node *n = c->order.node[i];
    bool made = c->primal[i] && n_is_map(n) && !is_next_row(c, i) && (c->keep[i] || !c->have[i]);
    part[i] = made ? part_of(c, i, part) : -1;
    if (part[i] >= 0 && c->keep[i]) bytes[part[i]] += bytes_of(n);
  }
  for (int i = 0; i < c->order.n; i++) {
    int j = part[i];
    if (j < 0 || !c->keep[i] || !keepable(c, c->order.node[j])) continue;
    if (bytes[j] < bytes_of(c->order.node[j])) continue;
    c->keep[i] = false;
    c->keep[j] = c->have[j] = true;
  }
}

/* Keeps the carries, and what becomes of them, that what is computed again reads. */
static void cut_carries(Cut *c) {
  bool *need = NEWN(c->a, bool, c->order.n + 1);
  for (int i = c->order.n - 1; i >= 0; i--) {
    const Node *n = c->order.node[i];
    int p = idmap_get(&c->param, n->id);
    if (!c->primal[i] || !(c->want[i] || need[i])) continue;
    if ((p >= 0 && p < c->ncarry) || (p < 0 && is_next_row(c, i))) c->keep[i] = true;
    for (int k = 0; !c->keep[i] && k < n->narg; k++)
      need[idmap_get(&c->at, n->arg[k]->id)] = true;
  }
}

/* Decides for all nodes; returns how many bytes are kept. */
static double cut_nodes(Cut *c, bool carries) {
  double bytes = 0;
  c->carries = carries;
  for (int i = 0; i < c->order.n; i++) {
    c->keep[i] = c->have[i] = false, c->cost[i] = 0;
    cut_decide(c, i);
  }
  if (!c->recompute) keep_wholes(c);
  if (c->ncarry > 0 && !c->recompute) cut_carries(c);
  for (int i = 0; i < c->order.n; i++) {
    const Node *n = c->order.node[i];
    if (c->keep[i] && !is_next_row(c, i)) bytes += bytes_of(n);
  }
  return bytes;
}

/* Decides so that less is kept: what is cheap to compute from a carry, or the carry, which may be
** much smaller. */
static double cut_least(Cut *c) {
  double bytes = cut_nodes(c, false);
  if (c->ncarry <= 0 || c->recompute) return bytes;
  double carries = cut_nodes(c, true);
  return carries < bytes ? carries : cut_nodes(c, false);
}

/* Which forward nodes of f are kept: of a LOOP more, where all of that stays in a cache. */
static Cut cut_of(Arena *a, Func *f, int n, Node **result, Node **result_bar, int ncarry,
                  int nvary, bool recompute, double steps) {
  Cut c = {.a = a, .ncarry = ncarry, .nvary = nvary, .recompute = recompute, .steps = steps,
           .at = {.a = a}, .param = {.a = a}, .next = {.a = a}};
  IdMap bars = {.a = a};
  c.order = graph_order(a, n, result);
  for (int k = 0; k < f->nparam; k++) idmap_set(&c.param, f->param[k]->id, k);
  for (int k = 0; k < f->nresult; k++)
    if (result_bar[k]) idmap_set(&bars, result_bar[k]->id, k);
  for (int k = 0; k < ncarry; k++) idmap_set(&c.next, f->result[k]->id, f->param[k]->id);
  int m = c.order.n + 1;
  c.back = NEWN(a, bool, m), c.primal = NEWN(a, bool, m), c.want = NEWN(a, bool, m);
  c.have = NEWN(a, bool, m), c.keep = NEWN(a, bool, m), c.cost = NEWN(a, int, m);
  c.moves = NEWN(a, bool, m);
  for (int i = 0; i < c.order.n; i++) cut_mark(&c, i, &bars);
  for (int i = c.order.n - 1; i >= 0; i--) cut_want(&c, i);
  c.near = nvary > 0;
  if (cut_least(&c) * steps <= NEAR || !c.near) return c;
  c.near = false;
  cut_least(&c);
  return c;
}

/* The nodes that are there, in the order of f's params and results that have one. */
static int present(int n, Node **node, Node **out) {
  int m = 0;
  for (int k = 0; k < n; k++)
    if (node[k]) out[m++] = node[k];
  return m;
}

/* Takes out the cotangents that depend on none of the results': being linear, they are zero. */
static void drop_zero(Arena *a, int n, Node **bar, int nresult, Node **result_bar) {
  Order o = graph_order(a, n, bar);
  IdMap on = {.a = a};
  for (int k = 0; k < nresult; k++)
    if (result_bar[k]) idmap_set(&on, result_bar[k]->id, 1);
  for (int i = 0; i < o.n; i++)
    for (int k = 0; k < o.node[i]->narg; k++)
      if (idmap_get(&on, o.node[i]->arg[k]->id) > 0) idmap_set(&on, o.node[i]->id, 1);
  for (int k = 0; k < n; k++)
    if (bar[k] && idmap_get(&on, bar[k]->id) < 0) bar[k] = NULL;
}

/* Differentiates f's graph: cotangents of the params with live[k], from those of the results with
** barred[k], and which forward nodes they read. For a LOOP of ncarry carries, these are kept where
** read, as other nodes are; slices and constants are at hand. For a CALL, ncarry is -1.
** `recompute`: keep nothing but carries. */
Split split_func(Func *f, const bool *live, const bool *barred, int ncarry, int nvary,
                 bool recompute, double steps) {
  Arena *m = mod->arena, *a = arena_new();
  Split s = {.result_bar = NEWN(m, Node *, f->nresult + 1),
             .param_bar = NEWN(m, Node *, f->nparam + 1),
             .used = NEWN(m, bool, f->nparam + 1)};
  for (int k = 0; k < f->nresult; k++) {
    Node *r = f->result[k];
    const char *name = name_bar(r);
    if (barred[k])
      s.result_bar[k] =
          n_param(P_FORMAL, name ? name : "y_bar", (Dtype)r->dtype, r->rank, r->dim, r->loc);
  }
  Node **x = NEWN(a, Node *, f->nparam + 1), **bar = NEWN(a, Node *, f->nparam + 1);
  int nx = 0;
  for (int k = 0; k < f->nparam; k++)
    if (live[k]) x[nx++] = f->param[k];
  diff_reverse(f->nresult, f->result, s.result_bar, nx, x, bar);
  drop_zero(a, nx, bar, f->nresult, s.result_bar);
  for (int k = 0, i = 0; k < f->nparam; k++)
    if (live[k]) s.param_bar[k] = bar[i++];
  int n = present(f->nparam, s.param_bar, bar);
  merge_calls(n, bar);
  if (ncarry > 0 && !recompute) keep_common(f->nresult, f->result, n, bar, NEAR / steps);
  Cut c = cut_of(a, f, n, bar, s.result_bar, ncarry, nvary, recompute, steps);
  s.save = NEWN(m, Node *, c.order.n + 2), s.formal = NEWN(m, Node *, c.order.n + 2);
  for (int i = 0; i < c.order.n; i++) {
    if (!c.keep[i]) continue;
    Node *v = s.save[s.nsave] = c.order.node[i];
    s.formal[s.nsave++] =
        n_param(P_FORMAL, v->name ? v->name : "kept", (Dtype)v->dtype, v->rank, v->dim, v->loc);
  }
  graph_replace(n, bar, s.nsave, s.save, s.formal);
  for (int k = 0, i = 0; k < f->nparam; k++)
    if (s.param_bar[k]) s.param_bar[k] = bar[i++];
  Order left = graph_order(a, n, bar);
  for (int i = 0; i < left.n; i++) {
    int p = idmap_get(&c.param, left.node[i]->id);
    if (p >= 0) s.used[p] = true;
  }
  arena_free(a);
  return s;
}

/* The adjoint of a CALL of f under one pattern. */
typedef struct CallAdjoint {
  Split split;
  Func *forward, *backward;
  int *kept; /* position of each kept node among forward's results */
} CallAdjoint;

static int find(int n, Node **in, const Node *what) {
  for (int k = 0; k < n; k++)
    if (in[k] == what) return k;
  return -1;
}

static CallAdjoint *call_adjoint(Func *f, const bool *live, const bool *barred) {
  const char *l = bits(f->nparam, live), *b = bits(f->nresult, barred);
  void **place = func_derived(f, str_format("vjp %s %s", l, b));
  if (*place) return *place;
  Arena *m = mod->arena;
  CallAdjoint *d = NEW(m, CallAdjoint);
  d->split = split_func(f, live, barred, -1, 0, false, 1);
  Split *s = &d->split;
  int nresult = f->nresult, nparam = 0;
  Node **result = NEWN(m, Node *, nresult + s->nsave + 1);
  memcpy(result, f->result, sizeof(Node *) * (size_t)nresult);
  d->kept = NEWN(m, int, s->nsave + 1);
  for (int i = 0; i < s->nsave; i++) {
    d->kept[i] = find(nresult, result, s->save[i]);
    if (d->kept[i] < 0) result[d->kept[i] = nresult++] = s->save[i];
  }
  d->forward = f;
  if (nresult > f->nresult) {
    merge_calls(nresult, result);
    d->forward =
        func_new(str_format("%s_fwd", f->name), f->nparam, f->param, nresult, result, f->loc);
    d->forward->base = f;
  }
  Node **param = NEWN(m, Node *, f->nparam + s->nsave + f->nresult + 1);
  for (int k = 0; k < f->nparam; k++)
    if (s->used[k]) param[nparam++] = f->param[k];
  for (int i = 0; i < s->nsave; i++) param[nparam++] = s->formal[i];
  nparam += present(f->nresult, s->result_bar, param + nparam);
  Node **bar = NEWN(m, Node *, f->nparam + 1);
  int nbar = present(f->nparam, s->param_bar, bar);
  if (nbar) d->backward = func_new(str_format("%s_vjp", f->name), nparam, param, nbar, bar, f->loc);
  return *place = d;
}

/* The LOOP itself, or where its body's derivative is declared, the same LOOP over a graph that
** calls the body. */
Node *loop_with_graph(Node *loop) {
  Func *f = loop->fn;
  if (!f->opaque && !f->custom_vjp) return loop;
  void **place = func_derived(f, str_intern("called"));
  if (!*place) {
    Node **param = NEWN(mod->arena, Node *, f->nparam + 1);
    Node **result = NEWN(mod->arena, Node *, f->nresult + 1);
    for (int k = 0; k < f->nparam; k++) {
      Node *p = f->param[k];
      param[k] =
          n_param(P_FORMAL, p->name ? p->name : "x", (Dtype)p->dtype, p->rank, p->dim, p->loc);
    }
    Node *call = n_call(f, param);
    for (int k = 0; k < f->nresult; k++) result[k] = n_proj(call, k);
    *place = func_new(f->name, f->nparam, param, f->nresult, result, f->loc);
  }
  Node *same = n_loop(*place, loop->trip, loop->ncarry, loop->nslice, loop_const(loop), loop->arg,
                      loop->nstack, loop->nsum, loop->reverse, loop->unroll, loop->checkpoint);
  return n_guarded(same, (Guard)loop->guard);
}

/* The declared vjp of the CALL n's function for cotangents `given` of its results. */
Node **declared_vjp(Node *n, Node **result, Node **given) {
  Func *f = n->fn;
  if (!(f->opaque ? f->opaque->vjp_ref : f->custom_vjp))
    diag_error(n->loc, "%s has no derivative: it declares no vjp", f->name);
  return declared_derivative(opaque_vjp, n, result, given, true);
}

static void declared_reverse(Node *n, const bool *live, Node **result_bar, Node **arg_bar) {
  Node **result = NEWN(mod->arena, Node *, n->fn->nresult + 1);
  for (int k = 0; k < n->fn->nresult; k++) result[k] = n_proj(n, k);
  Node **bar = declared_vjp(n, result, result_bar);
  for (int k = 0; k < n->narg; k++)
    if (live[k]) arg_bar[k] = bar[k];
}

/* Fills arg_bar[k] for the arguments with live[k], from the cotangents of the results. */
void call_reverse(Node *n, const bool *live, Node **result_bar, Node **arg_bar) {
  Func *f = n->fn;
  if (f->opaque || f->custom_vjp) {
    declared_reverse(n, live, result_bar, arg_bar);
    return;
  }
  Arena *m = mod->arena;
  bool *barred = NEWN(m, bool, f->nresult + 1);
  for (int k = 0; k < f->nresult; k++) barred[k] = result_bar[k] != NULL;
  CallAdjoint *d = call_adjoint(f, live, barred);
  Split *s = &d->split;
  if (!d->backward) return;
  Node *forward = n_call(d->forward, n->arg);
  Node **arg = NEWN(m, Node *, d->backward->nparam + 1);
  int narg = 0;
  for (int k = 0; k < f->nparam; k++)
    if (s->used[k]) arg[narg++] = n->arg[k];
  for (int i = 0; i < s->nsave; i++) arg[narg++] = n_proj(forward, d->kept[i]);
  present(f->nresult, result_bar, arg + narg);
  Node *backward = n_call(d->backward, arg);
  for (int k = 0, i = 0; k < f->nparam; k++)
    if (s->param_bar[k]) arg_bar[k] = n_proj(backward, i++);
}
