/*
** rows.c: gradients of tables that are zero but for a few rows
**
**   g[ids[t], j] += v[t, j]                 a part: ids {n}, and what is added at them, {n, features}
**   h[i, j] = 0.5 * g[i, j] + f[i, j]       two parts, of g and of f, and how to make h of them
**
** An optimizer that leaves a row with gradient 0 as it is then costs what the parts do (rows.lua).
** What small functions give is looked into, and sums of loops are taken after them (hoist.c).
*/
#include <string.h>
#include "dsl.h"
#include "diff.h"

/* A gradient under inspection: its scatters, and which axes their rows are picked along. */
typedef struct Rows {
  int n;
  Node *scatter[64];
  bool picked[MAX_RANK];
  Node **row; /* what stands for each scatter when the gradient is made of its rows */
  int npicked;
} Rows;

/* Whether index d of a scatter is one of its axes, of the whole extent, and the only such. */
static bool plain_index(const Node *n, int d) {
  const Scalar *w = n->windex[d];
  if (w->kind == S_CONST) return s_is_int(n->dim[d], 1);
  if (w->kind != S_AXIS || n->dom[w->axis] != n->dim[d]) return false;
  for (int e = 0; e < n->rank; e++)
    if (e != d && s_uses_axis(n->windex[e], w->axis)) return false;
  return true;
}

static bool add_scatter(Rows *r, Node *n) {
  bool data = false;
  if (n->comb != C_SUM || !dtype_is_float((Dtype)n->dtype)) return false;
  for (int k = 0; k < r->n; k++)
    if (r->scatter[k] == n) return true;
  if (r->n == (int)(sizeof r->scatter / sizeof *r->scatter)) return false;
  for (int d = 0; d < n->rank; d++) {
    bool picked = !plain_index(n, d);
    if (r->n && picked != r->picked[d]) return false;
    if (n->wrule[d] != R_NONE && !picked) return false;
    r->picked[d] = picked;
    data = data || (picked && s_has_read(n->windex[d]));
  }
  r->scatter[r->n++] = n;
  return data;
}

static bool collect_rows(Rows *r, Node *n);

/* Whether s is 0 where the tensors read at the element itself are; other reads are finite. */
static bool is_zero(Rows *r, const Node *n, Scalar *s) {
  if (s->kind == S_CONST) return s_is_const(s, 0);
  if (s->kind == S_READ) return s_reads_here(s, n) && collect_rows(r, s->tensor);
  if (s->kind != S_OP) return false;
  switch ((OpCode)s->op) {
  case OP_NEG: case OP_CAST:
    return is_zero(r, n, s->arg[0]);
  case OP_ADD: case OP_SUB:
    return is_zero(r, n, s->arg[0]) && is_zero(r, n, s->arg[1]);
  case OP_MUL:
    return is_zero(r, n, s->arg[0]) || is_zero(r, n, s->arg[1]);
  case OP_DIV:
    return is_zero(r, n, s->arg[0]);
  case OP_MIN: case OP_MAX: /* min(max(g, -1), 1) */
    for (int k = 0; k < 2; k++) {
      Scalar *c = s->arg[k];
      bool beyond = c->kind == S_CONST && (s->op == OP_MIN ? c->f >= 0 : c->f <= 0);
      if (beyond && is_zero(r, n, s->arg[1 - k])) return true;
    }
    return false;
  default:
    return false;
  }
}

static Scalar *drop_here(void *ctx, Scalar *s) {
  return s_reads_here(s, ctx) ? s_const((Dtype)s->dtype, 0) : NULL;
}

typedef struct Here { Rows *r; const Node *n; bool ok; } Here;

static void collect_here(void *ctx, Scalar *s) {
  Here *h = ctx;
  if (h->ok && s_reads_here(s, h->n)) h->ok = collect_rows(h->r, s->tensor);
}

/* Whether n is made of scatters row by row, and 0 in a row where they are; adds them to r. */
static bool collect_rows(Rows *r, Node *n) {
  if (n->kind != N_COMP || n->rank == 0) return false;
  if (n_is_scatter(n)) return add_scatter(r, n);
  if (!n_is_map(n) || !is_zero(r, n, n->body)) return false;
  Here h = {r, n, true};
  s_walk(n->body, collect_here, &h);
  Scalar *rest = s_rewrite(n->body, drop_here, n);
  for (int d = 0; d < n->rank; d++)
    if (r->picked[d] && s_uses_axis(rest, d)) return false;
  return h.ok;
}

/* The Func that a CALL's result comes from, or NULL. */
static Func *called(const Node *n) {
  bool is = n->kind == N_PROJ && n->arg[0]->kind == N_CALL && !n->arg[0]->fn->opaque;
  return is ? n->arg[0]->fn : NULL;
}

/* Whether it is so small that what leads to one result may be computed apart from the others. */
static bool is_small(const Func *f, int k) {
  enum { SMALL = 64 };
  Arena *a = arena_new();
  bool small = graph_order(a, 1, (Node **)&f->result[k]).n <= SMALL;
  arena_free(a);
  return small;
}

static Node *opened(Node *n);

/* A result of a large function that is made outside of it, of scatters whose operands are further
** results. */
typedef struct Export {
  Func *f;
  Node *call; /* NULL: the operands are being collected */
  int n, cap;
  Node **result;
} Export;

/* What an operand inside the function is outside. */
static Node *crossing(Export *e, Node *in) {
  for (int k = 0; k < e->f->nparam; k++)
    if (in == e->f->param[k]) return e->call ? e->call->arg[k] : in;
  if (e->call) return n_proj(e->call, e->f->nresult + e->n++);
  if (e->n == e->cap) {
    Node **more = NEWN(mod->arena, Node *, e->cap = 2 * e->cap + 8);
    if (e->n) memcpy(more, e->result, sizeof *more * (size_t)e->n);
    e->result = more;
  }
  return e->result[e->n++] = in;
}

/* A read of a tensor that holds s at those axes of scatter n that it depends on. */
static Scalar *cross_value(Export *e, const Node *n, Scalar *s) {
  Scalar *dim[MAX_AXES], *by[MAX_AXES] = {NULL}, *index[MAX_AXES];
  int rank = 0;
  if (!s_has_read(s)) return s;
  for (int p = 0; p < n->ndom; p++) {
    if (!s_uses_axis(s, p)) continue;
    by[p] = s_axis(rank);
    dim[rank] = n->dom[p];
    index[rank++] = s_axis(p);
  }
  return s_read(crossing(e, n_map(rank, dim, s_subst_axes(s, n->ndom, by))), index, NULL);
}

typedef struct Outside { Export *e; const Node *n; } Outside;

static Node *outside(Export *e, Node *n);

static Scalar *outside_leaf(void *ctx, Scalar *s) {
  const Outside *o = ctx;
  if (s->kind != S_READ) return NULL;
  Node *of = s_reads_here(s, o->n) ? outside(o->e, s->tensor) : crossing(o->e, s->tensor);
  return s_read(of, s->arg, s->rule);
}

/* n, of scatters row by row, as it is made outside. */
static Node *outside(Export *e, Node *n) {
  Scalar *windex[MAX_RANK];
  if (!n_is_scatter(n)) {
    Outside o = {e, n};
    return n_like(n_map(n->rank, n->dim, s_rewrite(n->body, outside_leaf, &o)), n);
  }
  for (int d = 0; d < n->rank; d++) windex[d] = cross_value(e, n, n->windex[d]);
  return n_like(n_comp((Dtype)n->dtype, (Combine)n->comb, n->rank, n->dim, n->ndom, n->dom, windex,
                       n->wrule, cross_value(e, n, n->body)),
                n);
}

/* What stands for a sum of a LOOP that adds to rows of a table, after the LOOP; or NULL. */
static Node *after_loop(const Node *n) {
  Node *loop = n->kind == N_PROJ && n->arg[0]->kind == N_LOOP ? n->arg[0] : NULL;
  int sum = loop ? n->k - loop->ncarry - loop->nstack : -1;
  return sum < 0 ? NULL : hoist_rows(loop, opened)[sum];
}

/* Whether a result of a call or LOOP is made of scatters row by row, whose operands have a place
** each. */
static bool gives_rows(Node *n) {
  Func *f = called(n);
  Node *after = after_loop(n);
  Rows r = {0};
  if (f) return gives_rows(f->result[n->k]);
  if (!collect_rows(&r, after ? after : n)) return false;
  for (int k = 0; k < r.n; k++)
    if (r.scatter[k]->ndom > MAX_RANK) return false;
  return true;
}

/* By result of a call of a large function: what is made of it outside if it is of rows, else NULL.
** What it scatters are results of a wider function, which merge.c lets the other results be taken
** from. */
static Node **exported(Node *call) {
  Func *f = call->fn;
  void **place = func_derived(f, str_format("exported %d", call->id));
  if (*place) return *place;
  Node **after = NEWN(mod->arena, Node *, f->nresult + 1),
       **inside = NEWN(mod->arena, Node *, f->nresult + 1);
  Export e = {.f = f};
  *place = after;
  for (int k = 0; k < f->nresult; k++) {
    if (!gives_rows(f->result[k]) || is_small(f, k)) continue;
    inside[k] = opened(f->result[k]);
    outside(&e, inside[k]);
  }
  Node **result = NEWN(mod->arena, Node *, f->nresult + e.n + 1);
  memcpy(result, f->result, sizeof *result * (size_t)f->nresult);
  if (e.n) memcpy(result + f->nresult, e.result, sizeof *result * (size_t)e.n);
  Func *wide = func_new(f->name, f->nparam, f->param, f->nresult + e.n, result, f->loc);
  wide->base = f;
  e.call = n_call(wide, call->arg);
  e.n = 0;
  for (int k = 0; k < f->nresult; k++)
    if (inside[k]) after[k] = outside(&e, inside[k]);
  return after;
}

static Node *open_call(void *ctx, Node *n) {
  Func *f = called(n);
  Node *after = after_loop(n);
  if (after) return after;
  if (!f || !gives_rows(n)) return n;
  *(bool *)ctx = true;
  if (!is_small(f, n->k)) return exported(n->arg[0])[n->k];
  Node **result = NEWN(mod->arena, Node *, f->nresult);
  func_inline(f, n->arg[0]->arg, result);
  return result[n->k];
}

/* The gradient with rows that functions and the steps of LOOPs add to tables in their place. */
static Node *opened(Node *n) {
  bool more = true;
  while (more) {
    more = false;
    graph_rewrite(1, &n, open_call, &more);
  }
  return n;
}

static bool find_rows(Rows *r, Node *n) {
  if (!collect_rows(r, n) || r->n == 0) return false;
  for (int d = 0; d < n->rank; d++) r->npicked += r->picked[d];
  return true;
}

/* The axes of a scatter's domain that are no axes of its rows, flattened: by[p] is axis p at
** AXIS(0), the others follow in the order of the result's axes. Returns how many positions there
** are. */
static Scalar *flatten(const Rows *r, const Node *n, Scalar **by) {
  bool own[MAX_AXES] = {false};
  int rank = 1;
  for (int d = 0; d < n->rank; d++) {
    if (r->picked[d]) continue;
    if (n->windex[d]->kind == S_AXIS) {
      own[n->windex[d]->axis] = true;
      by[n->windex[d]->axis] = s_axis(rank);
    }
    rank++;
  }
  Scalar *count = s_int(1);
  for (int p = n->ndom - 1; p >= 0; p--) {
    if (own[p]) continue;
    by[p] = s_op2(OP_FLOORDIV, s_axis(0), count);
    count = s_mul(count, n->dom[p]);
    by[p] = s_op2(OP_MOD, by[p], n->dom[p]);
  }
  return count;
}

/* {n, ..}: the shape of n tensors of a table without the axes that rows are picked along. */
static int row_shape(const Rows *r, const Node *n, Scalar *count, Scalar **dim) {
  int rank = 1;
  dim[0] = count;
  for (int d = 0; d < n->rank; d++)
    if (!r->picked[d]) dim[rank++] = n->dim[d];
  return rank;
}

/* Pushes {ids = {tensor {n}, ..}, rows = tensor {n, ..}} of a scatter; rows of what it drops are
** 0. */
static void push_part(lua_State *L, const Rows *r, const Node *n) {
  Scalar *by[MAX_AXES] = {NULL}, *dim[MAX_RANK + 1];
  Scalar *count = flatten(r, n, by);
  int rank = row_shape(r, n, count, dim), k = 0;
  Scalar *body = s_subst_axes(n->body, n->ndom, by);
  lua_createtable(L, 0, 2);
  lua_createtable(L, r->npicked, 0);
  for (int d = 0; d < n->rank; d++) {
    if (!r->picked[d]) continue;
    Scalar *at = simplify_within(s_subst_axes(n->windex[d], n->ndom, by), 1, &count);
    if (n->wrule[d] == R_ZERO)
      body = s_op3(OP_WHERE, rule_inside(at, n->dim[d]), body, s_const((Dtype)n->dtype, 0));
    else if (n->wrule[d] != R_NONE)
      at = rule_index((Rule)n->wrule[d], at, n->dim[d]);
    dsl_push_node(L, n_map(1, &count, at));
    lua_seti(L, -2, ++k);
  }
  lua_setfield(L, -2, "ids");
  dsl_push_node(L, n_map(rank, dim, simplify_within(body, rank, dim)));
  lua_setfield(L, -2, "rows");
}

/* row_parts(g) -> {part..}, {true where rows are picked along the axis, ..}, whether g itself is
** the one scatter; or nil: a gradient without such structure. */
static int row_parts(lua_State *L) {
  dsl_enter(L);
  Node *given = dsl_node(L, 1, "rows"), *n = opened(given);
  Rows r = {0};
  if (!find_rows(&r, n) || n->rank - r.npicked + 1 > MAX_RANK) return lua_pushnil(L), 1;
  lua_createtable(L, r.n, 0);
  for (int k = 0; k < r.n; k++) {
    push_part(L, &r, r.scatter[k]);
    lua_seti(L, -2, k + 1);
  }
  lua_createtable(L, n->rank, 0);
  for (int d = 0; d < n->rank; d++) {
    lua_pushboolean(L, r.picked[d]);
    lua_seti(L, -2, d + 1);
  }
  lua_pushboolean(L, n_is_scatter(given));
  return 3;
}

typedef struct Remake { const Rows *r; Node *n; } Remake;

static Node *remake(const Rows *r, Node *n);

/* A read of a gradient becomes one of its rows, over axes that are set apart by MAX_AXES. */
static Scalar *remake_leaf(void *ctx, Scalar *s) {
  const Remake *m = ctx;
  return s_reads_here(s, m->n) ? s_at(remake(m->r, s->tensor), MAX_AXES) : NULL;
}

static Node *remake(const Rows *r, Node *n) {
  Scalar *dim[MAX_RANK + 1], *by[MAX_RANK];
  for (int k = 0; k < r->n; k++)
    if (r->scatter[k] == n) return r->row[k];
  int rank = row_shape(r, n, r->row[0]->dim[0], dim), to = 1;
  for (int d = 0; d < n->rank; d++) by[d] = s_axis(MAX_AXES + (r->picked[d] ? 0 : to++));
  Remake m = {r, n};
  Scalar *body = s_subst_axes(s_rewrite(n->body, remake_leaf, &m), n->rank, by);
  return n_map(rank, dim, s_shift_axes(body, MAX_AXES, -MAX_AXES));
}

/* row_map(g, {tensor {n, ..}, ..}) -> g's rows {n, ..}, made of those of its scatters */
static int row_map(lua_State *L) {
  dsl_enter(L);
  Node *n = opened(dsl_node(L, 1, "rows"));
  Rows r = {0};
  int given = dsl_nodes(L, 2, &r.row, "rows");
  if (!find_rows(&r, n) || given != r.n) dsl_fail(L, "rows: this gradient has no such rows");
  dsl_push_node(L, remake(&r, n));
  return 1;
}

const luaL_Reg dsl_rows_functions[] = {
    {"row_parts", row_parts}, {"row_map", row_map}, {NULL, NULL}};
