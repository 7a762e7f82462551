/*
** fuse_share.c: exponentials and the like that two COMPs need are computed once, row by row
**
**   s[i] = sum k. exp(x[i, k] - m[i]);   g[i, j] = exp(x[i, j] - m[i]) * c[i]
**   becomes   e[i, j] = exp(x[i, j] - m[i]);   s[i] = sum k. e[i, k];   g[i, j] = e[i, j] * c[i]
**
** The three make one nest over i (fuse.c), in which a row of e stays on the stack. That pays where
** rows are long enough for vectors along them and short enough for the stack. Other rows of e are
** kept where those of g will be, if g is all that needs them after s.
**
**   y[n, i] = exp(q[i]) * x[n, i]   becomes   e[i] = exp(q[i]);   y[n, i] = e[i] * x[n, i]
**
** since no loop over i is outside of the one over n. For the same reason, a column of a matrix is
** copied to where vectors find its elements side by side. And before what is added to places that are
** data, one after the other:
**
**   g[at[n]] += exp(x[n])              becomes   e[n] = exp(x[n]);   g[at[n]] += e[n]
*/
#include <stdlib.h>
#include <string.h>
#include "diff.h"
#include "fuse.h"

enum {
  SHORT_ROW = 6,
  LONG_ROW = 2048,
  FEW_ROWS = 16,
  MIN_AGAIN = 4,    /* times that a body computes the same again, for a tensor to pay; */
  MIN_READ = 32     /* or reads it, one element after the other */
};

/* An expression, and the COMPs that have it. */
typedef struct Found {
  Scalar *s;
  Node *first;  /* which one, */
  Node *second; /* and the next that may share it; NULL: none */
  bool third;   /* there is one more */
  int nuser, cap;
  Node **user;  /* all of them */
} Found;

typedef struct Share {
  Arena *a;
  IdMap at;     /* of an expression in found */
  int n, cap;
  Found *found;
  IdMap dirty;  /* nodes that are about to be others */
  Node *node;   /* the COMP being looked at */
} Share;

/* Whether n is over rows [0, dom[0]) x ... that are not too short, its last axis along them. */
static bool has_rows(const Node *n) {
  int64_t row;
  if (n->kind != N_COMP || !n_is_reduction(n) || n->ndom < 2 || n->rank < n->ndom - 1) return false;
  if (s_const_value(n->dom[n->ndom - 1], &row) && row < SHORT_ROW) return false;
  return usual_count(n->ndom - 1, n->dom) >= FEW_ROWS;
}

bool is_dear(const Scalar *s) {
  switch (s->kind == S_OP ? (OpCode)s->op : OP_ADD) {
  case OP_EXP: case OP_LOG: case OP_TANH: case OP_SIGMOID: case OP_ERF: case OP_POW: case OP_SIN:
  case OP_COS: case OP_LOG1P: case OP_EXPM1: case OP_SOFTPLUS: case OP_SECH2: case OP_ASINH:
  case OP_ACOSH: case OP_ATANH: case OP_DSIGMOID: case OP_ERFC: case OP_SINH: case OP_COSH: case OP_TAN:
  case OP_LGAMMA: case OP_DIGAMMA:
    return true;
  default: return false;
  }
}

static void find_dear(void *ctx, Scalar *s) {
  if (is_dear(s)) *(bool *)ctx = true;
}

bool has_dear(Scalar *s) {
  bool dear = false;
  s_walk(s, find_dear, &dear);
  return dear;
}

bool is_division(const Scalar *s) {
  bool divides = s->kind == S_OP && (s->op == OP_DIV || s->op == OP_SQRT || s->op == OP_RSQRT);
  return divides && dtype_is_float((Dtype)s->dtype);
}

static void find_division(void *ctx, Scalar *s) {
  if (is_division(s)) *(bool *)ctx = true;
}

bool has_division(Scalar *s) {
  bool divides = false;
  s_walk(s, find_division, &divides);
  return divides;
}

static bool same_rows(const Node *x, const Node *y) {
  if (x->ndom != y->ndom) return false;
  for (int p = 0; p < x->ndom; p++)
    if (x->dom[p] != y->dom[p]) return false;
  return true;
}

/* What is known of s, new or not. */
static Found *found_of(Share *h, Scalar *s) {
  int at = idmap_get(&h->at, s->id);
  if (at >= 0) return &h->found[at];
  if (h->n == h->cap) {
    h->cap = h->cap ? 2 * h->cap : 64;
    Found *more = NEWN(h->a, Found, h->cap);
    if (h->n) memcpy(more, h->found, sizeof *more * (size_t)h->n);
    h->found = more;
  }
  idmap_set(&h->at, s->id, h->n);
  h->found[h->n] = (Found){.s = s};
  return &h->found[h->n++];
}

static void add_user(Share *h, Found *x) {
  if (x->nuser == x->cap) {
    x->cap = x->cap ? 2 * x->cap : 4;
    Node **more = NEWN(h->a, Node *, x->cap);
    if (x->nuser) memcpy(more, x->user, sizeof *more * (size_t)x->nuser);
    x->user = more;
  }
  x->user[x->nuser++] = h->node;
}

static void note(void *ctx, Scalar *s) {
  Share *h = ctx;
  if (!is_dear(s) || !dtype_is_float((Dtype)s->dtype)) return;
  for (int p = 0; p < h->node->ndom; p++)
    if (!s_uses_axis(s, p)) return;
  if (!reads_inside(s, h->node->ndom, h->node->dom)) return;
  Found *x = found_of(h, s);
  add_user(h, x);
  if (!x->first) x->first = h->node;
  else if (!x->second && x->first->rank < x->first->ndom && same_rows(x->first, h->node) &&
           graph_depends(h->node, x->first))
    x->second = h->node;
  else if (h->node != x->second)
    x->third = true;
}

/* What leads from one COMP to another, and how many leading axes all of it has in common. */
typedef struct Between {
  IdMap on_way; /* the first, and what depends on it */
  int shared;
} Between;

static bool is_on_way(const Between *b, const Node *n) {
  return idmap_get(&b->on_way, n->id) >= 0;
}

static void note_place(void *ctx, Scalar *s) {
  Between *b = ctx;
  if (s->kind != S_READ || !is_on_way(b, s->tensor)) return;
  int p = 0;
  for (; p < b->shared && p < s->narg && s->rule[p] == R_NONE; p++) {
    bool here = s->arg[p]->kind == S_AXIS && s->arg[p]->axis == p;
    bool only = s_is_int(s->arg[p], 0) && s_is_int(s->tensor->dim[p], 1);
    if (!here && !only) break;
  }
  if (p < b->shared) b->shared = p;
}

/* The leading axes of a nest that has both, and all between them; -1: something there is about to be
** another node. */
static int nest_axes(const Share *h, Node *first, Node *second) {
  Arena *a = arena_new();
  Order order = graph_order_from(a, first->id, 1, &second);
  Between b = {{.a = a}, first->rank};
  bool dirty = false;
  idmap_set(&b.on_way, first->id, 1);
  for (int k = 0; k < order.n && b.shared; k++) {
    const Node *n = order.node[k];
    bool on_way = false;
    for (int j = 0; j < n->narg; j++) on_way = on_way || is_on_way(&b, n->arg[j]);
    if (!on_way || n == first) continue;
    idmap_set(&b.on_way, n->id, 1);
    dirty = dirty || idmap_get(&h->dirty, n->id) >= 0;
    if (n->kind != N_COMP || !n_is_reduction(n))
      b.shared = 0;
    else if (n->rank < b.shared)
      b.shared = n->rank;
    for (int p = b.shared - 1; p >= 0; p--)
      if (n->dom[p] != first->dom[p]) b.shared = p;
    if (b.shared) s_walk(n->body, note_place, &b);
  }
  arena_free(a);
  return dirty ? -1 : b.shared;
}

/* Whether what is shared needs no memory of its own: rows on the stack of a nest that both are in,
** or the second COMP's place. -1: that is to be seen when others have been shared. */
static int has_room(const Share *h, const Found *x) {
  Node *second = x->second;
  int64_t row = 1, extent = 0;
  if (!second) return 0;
  for (int k = 0; k < x->nuser; k++)
    if (idmap_get(&h->dirty, x->user[k]->id) >= 0) return -1;
  int shared = nest_axes(h, x->first, second);
  if (shared < 0) return -1;
  for (int p = shared; p < second->ndom && row <= LONG_ROW; p++)
    row = s_const_value(second->dom[p], &extent) ? row * extent : LONG_ROW + 1;
  if (row <= LONG_ROW) return 1;
  return n_is_map(second) && second->dtype == x->s->dtype && !x->third;
}

/* The COMPs of one rows that have x read it from a tensor, the last of `from` and `to`. */
static int replace(const Found *x, int n, Node **from, Node **to) {
  Node *made = n_map(x->first->ndom, x->first->dom, x->s);
  made->loc = x->first->loc;
  for (int k = 0; k < x->nuser; k++) {
    Node *user = x->user[k];
    if (!same_rows(user, x->first)) continue;
    from[n] = user;
    to[n++] = n_with_body(user, s_replace(user->body, x->s, s_at(made, 0)));
  }
  return n;
}

static int last_made_first(const void *x, const void *y) {
  return ((const Found *)y)->s->id - ((const Found *)x)->s->id;
}

/* Shares expressions that two COMPs have, the largest ones, and all at once that have nothing to do
** with one another; false: there is none. */
static bool share_some(Func *f) {
  Arena *a = arena_new();
  Order order = graph_order(a, f->nresult, f->result);
  Share h = {.a = a, .at = {.a = a}, .dirty = {.a = a}};
  int n = 0, nuser = 0;
  for (int k = 0; k < order.n; k++) {
    h.node = order.node[k];
    if (has_rows(h.node)) s_walk(h.node->body, note, &h);
  }
  if (h.n) qsort(h.found, (size_t)h.n, sizeof *h.found, last_made_first);
  for (int k = 0; k < h.n; k++) nuser += h.found[k].nuser;
  Node **from = NEWN(a, Node *, nuser + 1), **to = NEWN(a, Node *, nuser + 1);
  for (int k = 0; k < h.n; k++) {
    const Found *x = &h.found[k];
    int room = has_room(&h, x);
    if (room > 0) n = replace(x, n, from, to);
    for (int i = 0; i < x->nuser && room; i++) idmap_set(&h.dirty, x->user[i]->id, 1);
  }
  if (n) graph_reform(f->nresult, f->result, n, from, to);
  arena_free(a);
  return n > 0;
}

/* The COMP being looked at, and what it computes again for every position of an outer axis. */
typedef struct Again {
  Share look;
  Scalar *found;
} Again;

/* Whether s reads a column of a matrix along n's last axis. */
static bool is_column(const Node *n, const Scalar *s) {
  bool plain = s->kind == S_READ && s->narg > 1 && !s_has_axis(s->arg[s->narg - 1]) &&
               s_uses_axis(s, n->ndom - 1);
  for (int d = 0; plain && d < s->narg; d++)
    plain = s->rule[d] == R_NONE && (s->arg[d]->kind == S_AXIS || s->arg[d]->kind == S_CONST);
  return plain && !s_is_int(s->tensor->dim[s->narg - 1], 1);
}

/* Whether s depends on an axis inside one that it does not depend on, and on few enough. The lanes
** of a sum may be inside the loops over its terms. */
static void note_again(void *ctx, Scalar *s) {
  Again *g = ctx;
  const Node *n = g->look.node;
  Scalar *used[MAX_AXES];
  int nused = 0;
  bool gap = false, inside = false, column = is_column(n, s) && !is_contraction(n);
  if ((!is_dear(s) && !column) || !dtype_is_float((Dtype)s->dtype)) return;
  for (int p = 0; p < n->ndom; p++)
    if (s_uses_axis(s, p)) inside = inside || gap, used[nused++] = n->dom[p];
    else gap = gap || !s_is_int(n->dom[p], 1), inside = inside || (nused && p >= n->rank);
  double again = usual_count(n->ndom, n->dom) / usual_count(nused, used);
  if (!inside || again < (column ? MIN_READ : MIN_AGAIN)) return;
  if (reads_inside(s, n->ndom, n->dom)) g->found = s; /* the last one holds the others */
}

static Node *compute_once(void *ctx, Node *n) {
  (void)ctx;
  for (int k = 0; k < 8 && n->kind == N_COMP && n_is_reduction(n); k++) {
    Again g = {.look = {.node = n}};
    s_walk(n->body, note_again, &g);
    Scalar *by = g.found ? fuse_tensor_of(n, g.found) : NULL;
    if (!by) return n;
    n = n_with_body(n, s_replace(n->body, g.found, by));
  }
  return n;
}

/* What was made a tensor for scatters: of s, over these axes. */
typedef struct Made {
  Arena *a;
  int n, cap;
  struct { Scalar *s, *by; const Node *of; } *item;
} Made;

static void note_made(Made *m, const Node *of, Scalar *s, Scalar *by) {
  if (m->n == m->cap) {
    m->cap = m->cap ? 2 * m->cap : 16;
    void *more = arena_zero(m->a, (size_t)m->cap, sizeof *m->item);
    if (m->n) memcpy(more, m->item, sizeof *m->item * (size_t)m->n);
    m->item = more;
  }
  m->item[m->n].s = s, m->item[m->n].by = by, m->item[m->n++].of = of;
}

static void note_added(void *ctx, Scalar *s) {
  Again *g = ctx;
  if (!is_dear(s) || !s_has_axis(s) || !dtype_is_float((Dtype)s->dtype)) return;
  if (reads_inside(s, g->look.node->ndom, g->look.node->dom)) g->found = s;
}

static Node *make_before_adding(void *ctx, Node *n) {
  for (int k = 0; k < 8 && n->kind == N_COMP && n_is_scatter(n); k++) {
    Again g = {.look = {.node = n}};
    s_walk(n->body, note_added, &g);
    Scalar *by = g.found ? fuse_tensor_of(n, g.found) : NULL;
    if (!by) return n;
    note_made(ctx, n, g.found, by);
    n = n_with_body(n, s_replace(n->body, g.found, by));
  }
  return n;
}

/* Other COMPs over the same axes that need the same read it, too. */
static Node *read_made(void *ctx, Node *n) {
  const Made *m = ctx;
  for (int k = 0; k < m->n && n->kind == N_COMP; k++) {
    if (n == m->item[k].by->tensor || !same_rows(n, m->item[k].of)) continue;
    if (s_contains(n->body, m->item[k].s))
      n = n_with_body(n, s_replace(n->body, m->item[k].s, m->item[k].by));
  }
  return n;
}

void fuse_share(Func *f) {
  if (f->opaque) return;
  Made made = {.a = arena_new()};
  graph_rewrite(f->nresult, f->result, compute_once, NULL);
  graph_rewrite(f->nresult, f->result, make_before_adding, &made);
  if (made.n) graph_rewrite(f->nresult, f->result, read_made, &made);
  arena_free(made.a);
  while (share_some(f)) {}
  fuse_common(f);
}
