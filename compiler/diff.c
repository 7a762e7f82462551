/*
** diff.c: reverse mode
**
** y[g(i)] (+)= body(i) reads x[h(i)]:   x_bar[h(i)] += (d body / d x[h(i)]) * y_bar[g(i)]
**
** over the same domain, with the read's boundary rule as the write's: one COMP for each distinct
** read. So y[i] = sum k. w[k] * x[i + k] gives w_bar[k] += x[i + k] * y_bar[i] and
** x_bar[i + k] += w[k] * y_bar[i], which gather.c turns into x_bar[a] = sum k. w[k] * y_bar[a - k].
*/
#include <assert.h>
#include <string.h>
#include "diff.h"

typedef struct Walk {
  Arena *a;
  Flow flow;
  Node **bar;         /* by position in flow.order; NULL: zero */
  Node ***result_bar; /* of a CALL or LOOP: by result */
} Walk;

/* Returns the name of x's cotangent, or NULL where x has none. */
const char *name_bar(const Node *x) {
  return x->name && !x->word ? str_format("%s_bar", x->name) : NULL;
}

/* Returns a tensor of zeros. */
Node *node_zero(int rank, Scalar **dim, Dtype t) {
  return n_full(rank, dim, s_const(t, 0));
}

static Node *named(Node *n, const Node *x) {
  return n_named(n, name_bar(x));
}

/* Adds b to the cotangent of x, which may be a result of a CALL or LOOP. */
static void add_bar(Walk *w, Node *x, Node *b) {
  if (!b || !flow_live(&w->flow, x)) return;
  Node **to = &w->bar[idmap_get(&w->flow.at, x->id)];
  *to = *to ? named(n_add(*to, b), x) : b;
}

typedef struct Domain {
  int ndom;
  Scalar *dom[MAX_AXES];
} Domain;

static Domain domain_of(const Node *y) {
  Domain d = {.ndom = y->ndom};
  for (int p = 0; p < y->ndom; p++) d.dom[p] = y->dom[p];
  return d;
}

/* A read of an index, clamped unless it is inside over all of the domain. */
static Scalar *safe_read(void *domain, Scalar *s) {
  uint8_t rule[MAX_RANK];
  Domain *n = domain;
  if (s->kind != S_READ) return NULL;
  for (int d = 0; d < s->narg; d++) {
    bool unsafe =
        s->rule[d] == R_NONE && !index_inside(s->arg[d], s->tensor->dim[d], n->ndom, n->dom);
    rule[d] = unsafe ? R_CLAMP : s->rule[d];
  }
  return s_read(s->tensor, s->arg, rule);
}

/* The cotangent that one read of a body contributes to the tensor it reads. Where only a `where`
** keeps the read inside, the value written is 0 elsewhere: such a write is dropped, and what its
** index reads is clamped. */
static void read_reverse(Walk *w, Domain *y, Scalar *read, Scalar *value) {
  Node *x = read->tensor;
  Scalar *index[MAX_RANK];
  uint8_t rule[MAX_RANK];
  bool guarded = s_has_where(value);
  for (int d = 0; d < read->narg; d++) {
    index[d] = guarded ? s_rewrite(read->arg[d], safe_read, y) : read->arg[d];
    rule[d] = read->rule[d];
    if (guarded && rule[d] == R_NONE && !index_inside(index[d], x->dim[d], y->ndom, y->dom))
      rule[d] = R_ZERO;
  }
  Node *b = n_comp((Dtype)x->dtype, C_SUM, x->rank, x->dim, y->ndom, y->dom, index, rule, value);
  add_bar(w, x, named(gather_node(b), x));
}

/* What a read is given as a function of these axes of y alone. */
static void still_reverse(void *walk, const Still *s, unsigned axes, Scalar *read, Scalar *value) {
  Scalar *by[MAX_AXES] = {NULL};
  Domain d = {0};
  for (int p = 0; p < s->y->ndom; p++)
    if (axes >> p & 1) {
      d.dom[d.ndom] = s->y->dom[p];
      by[p] = s_axis(d.ndom++);
    }
  if (s_is_const(value, 0)) return;
  read_reverse(walk, &d, s_subst_axes(read, s->y->ndom, by),
               s_subst_axes(value, s->y->ndom, by));
}

/* Whether a read of the map y's body moves with each of its axes. */
static bool moves_along(const Node *y, const Scalar *read) {
  if (!n_is_map(y) || read->narg != y->rank) return false;
  for (int d = 0; d < read->narg; d++)
    if (!s_uses_axis(read->arg[d], d)) return false;
  return true;
}

/* A body where(c, u, constant) is differentiated as u, and all that comes of it is put under c
** again: so what may only be read under c still is. Where y holds u, it is not computed again. */
static void comp_reverse(Walk *w, Node *y, Node *y_bar) {
  Scalar *u = y->body, *guard = NULL;
  if (u->kind == S_OP && u->op == OP_WHERE && u->arg[2]->kind == S_CONST)
    guard = u->arg[0], u = u->arg[1];
  Tape t = tape_of(w->a, u, &w->flow);
  if (!t.n) return;
  Scalar **bar = NEWN(w->a, Scalar *, t.n), *mask = taken_mask(y, y_bar);
  bool held = n_is_map(y) && u->kind == S_OP, apart = false;
  Still still = {.whole = held ? u : NULL, .ctx = w, .reverse = still_reverse};
  Scalar *seed = combine_reverse(y, y_bar);
  tape_reverse(&t, seed, NULL, bar);
  bool free = !guard && !mask, shared = free && shares_terms(y, t.n, t.s, bar);
  if (shared) shared = share_common(w->a, y, NULL, t.n, bar);
  if (free && !shared && still_of(w->a, &t, y, &still)) {
    memset(bar, 0, sizeof *bar * (size_t)t.n);
    tape_reverse(&t, seed, &still, bar);
  }
  Scalar **moving = NEWN(w->a, Scalar *, t.n);
  Domain domain = domain_of(y);
  for (int i = 0; i < t.n; i++) {
    if (t.s[i]->kind != S_READ || !bar[i]) continue;
    if (held) bar[i] = s_replace(bar[i], u, s_at(y, 0));
    if (mask) bar[i] = taken_under(mask, y, y_bar, bar[i]);
    if (moves_along(y, t.s[i])) moving[i] = bar[i];
    apart = apart || (moving[i] && !s_reads_here(t.s[i], y));
  }
  if (apart) share_common(w->a, y, guard, t.n, moving);
  for (int i = 0; i < t.n; i++) {
    Scalar *value = moving[i] ? moving[i] : bar[i];
    if (t.s[i]->kind != S_READ || !value) continue;
    if (guard) value = s_op3(OP_WHERE, guard, value, s_const((Dtype)value->dtype, 0));
    if (!s_is_const(value, 0)) read_reverse(w, &domain, t.s[i], value);
  }
}

static void proj_reverse(Walk *w, Node *n, Node *n_bar) {
  int at = idmap_get(&w->flow.at, n->arg[0]->id);
  if (!w->result_bar[at]) w->result_bar[at] = NEWN(w->a, Node *, n->arg[0]->fn->nresult);
  w->result_bar[at][n->k] = n_bar;
}

static void fn_reverse(Walk *w, Node *n, Node **result_bar) {
  bool *live = NEWN(w->a, bool, n->narg + 1);
  Node **arg_bar = NEWN(w->a, Node *, n->narg + 1);
  for (int k = 0; k < n->narg; k++)
    live[k] = dtype_is_float((Dtype)n->arg[k]->dtype) && flow_live(&w->flow, n->arg[k]);
  if (n->kind == N_CALL)
    call_reverse(n, live, result_bar, arg_bar);
  else
    loop_reverse(n, live, result_bar, arg_bar);
  for (int k = 0; k < n->narg; k++)
    if (live[k] && arg_bar[k]) add_bar(w, n->arg[k], named(arg_bar[k], n->arg[k]));
}

static void node_reverse(Walk *w, int i) {
  Node *n = w->flow.order.node[i];
  mod->here = n->loc;
  if (n->kind == N_COMP && w->bar[i])
    comp_reverse(w, n, w->bar[i]);
  else if (n->kind == N_PROJ && w->bar[i])
    proj_reverse(w, n, w->bar[i]);
  else if (w->result_bar[i])
    fn_reverse(w, n, w->result_bar[i]);
}

/* diff_vjp with x_bar[k] NULL where it is zero. */
void diff_reverse(int ny, Node **y, Node **y_bar, int nx, Node **x, Node **x_bar) {
  Loc here = mod->here;
  Walk w = {.a = arena_new()};
  w.flow = flow_of(w.a, ny, y, nx, x);
  int n = w.flow.order.n;
  w.bar = NEWN(w.a, Node *, n + 1);
  w.result_bar = NEWN(w.a, Node **, n + 1);
  for (int k = 0; k < ny; k++) {
    if (!y_bar[k]) continue;
    assert(n_same_shape(y[k], y_bar[k]) && y[k]->dtype == y_bar[k]->dtype);
    add_bar(&w, y[k], y_bar[k]);
  }
  for (int i = n - 1; i >= 0; i--)
    if (w.flow.live[i]) node_reverse(&w, i);
  for (int k = 0; k < nx; k++)
    x_bar[k] = flow_live(&w.flow, x[k]) ? w.bar[idmap_get(&w.flow.at, x[k]->id)] : NULL;
  arena_free(w.a);
  mod->here = here;
}

/* Cotangents x_bar of the nodes x from those of the nodes y (NULL: zero); zeros where nothing in x
** is reached. Shapes and dtypes of x_bar[k] are those of x[k]. */
void diff_vjp(int ny, Node **y, Node **y_bar, int nx, Node **x, Node **x_bar) {
  name_by_use(ny, y);
  diff_reverse(ny, y, y_bar, nx, x, x_bar);
  for (int k = 0; k < nx; k++)
    if (!x_bar[k])
      x_bar[k] = named(node_zero(x[k]->rank, x[k]->dim, (Dtype)x[k]->dtype), x[k]);
}
