/*
** build.c: cr.tensor and cr.scatter: from index notation to COMPs
**
** Each reduction becomes a COMP of its own, over the free indices it uses and those it reduces, so
** that the body of what is left has none:
**
**   C[i, j] = f(sum k. A[i, k] * B[k, j])   becomes   t[i, j] = sum k. ...;   C[i, j] = f(t[i, j])
*/
#include <string.h>
#include "dsl.h"

/* Hoisting */

typedef struct Axes {
  Build *b;
  int n;
  Scalar *axis[64];
} Axes;

static void collect_axis(void *ctx, Scalar *s) {
  Axes *a = ctx;
  if (s->kind != S_AXIS) return;
  for (int k = 0; k < a->n; k++)
    if (a->axis[k] == s) return;
  if (a->n < 64) a->axis[a->n++] = s;
}

/* The order of the axes of a hoisted reduction: as in the result, then as made. */
static int axis_order(Build *b, Scalar *s) {
  for (int k = 0; k < b->nout; k++)
    if (b->out[k] == s) return k;
  return s->axis;
}

static void sort_axes(Axes *a) {
  for (int k = 1; k < a->n; k++)
    for (int j = k; j > 0 && axis_order(a->b, a->axis[j]) < axis_order(a->b, a->axis[j - 1]); j--) {
      Scalar *t = a->axis[j];
      a->axis[j] = a->axis[j - 1];
      a->axis[j - 1] = t;
    }
}

typedef struct Place {
  int n;
  Scalar **axis;
} Place;

static Scalar *place_leaf(void *ctx, Scalar *s) {
  Place *p = ctx;
  if (s->kind != S_AXIS) return NULL;
  for (int k = 0; k < p->n; k++)
    if (p->axis[k] == s) return s_axis(k);
  return NULL;
}

static Scalar *hoist_leaf(void *ctx, Scalar *s) {
  Build *b = ctx;
  if (s->kind != S_REDUCE) return NULL;
  Axes used = {.b = b}, all = {.b = b};
  Scalar *dim[MAX_AXES], *red[MAX_AXES];
  int nred = s->narg - 1;
  s_walk(s->arg[0], collect_axis, &used);
  for (int k = 0; k < used.n; k++) {
    bool bound = false;
    for (int j = 1; j <= nred; j++) bound |= s->arg[j] == used.axis[k];
    if (!bound) all.axis[all.n++] = used.axis[k];
  }
  int rank = all.n;
  if (rank > MAX_RANK || rank + nred > MAX_AXES)
    dsl_fail(b->L,
             "this %s has %d free and %d reduced indices; at most %d, and %d together, can be",
             combine_name((Combine)s->op), rank, nred, MAX_RANK, MAX_AXES);
  sort_axes(&all);
  for (int k = 0; k < nred; k++) all.axis[rank + k] = s->arg[k + 1];
  for (int k = 0; k < rank; k++) dim[k] = build_axis(b, all.axis[k])->extent;
  for (int k = 0; k < nred; k++) red[k] = build_axis(b, all.axis[rank + k])->extent;
  Place p = {rank + nred, all.axis};
  Loc *loc = map_get(&b->d->place, s), here = mod->here;
  if (loc) mod->here = *loc;
  Node *n = n_reduce((Combine)s->op, rank, dim, nred, red, s_rewrite(s->arg[0], place_leaf, &p));
  mod->here = here;
  return s_read(n, all.axis, NULL);
}

/* Complains of indices of s that are neither listed nor reduced. */
static void check_bound(Build *b, Scalar *s, const char *what) {
  Axes used = {.b = b};
  s_walk(s, collect_axis, &used);
  for (int k = 0; k < used.n; k++) {
    Index *x = &b->d->index[used.axis[k]->axis - FREE_AXIS];
    if (x->bound) continue;
    bool listed = false;
    for (int j = 0; j < b->nout; j++) listed |= b->out[j] == used.axis[k];
    if (!listed && b->nout)
      dsl_fail(b->L, "%s: index %s is used, but is neither listed nor reduced", what, x->name);
    if (!listed)
      dsl_fail(b->L, "index %s is free here: list it in cr.tensor, or reduce over it", x->name);
  }
}

/* Infers and checks what has been collected, then frees *s of reductions. */
static void finish_scalar(Build *b, Scalar **s) {
  *s = build_guard(b, *s);
  *s = dsl_rebuild(b->d, *s, hoist_leaf, b);
}

static Scalar *placed(Build *b, Scalar *s) {
  Place p = {b->nout, b->out};
  return s_rewrite(s, place_leaf, &p);
}

/* States the extents in the table at stack position `at` for the listed indices. */
static void state_extents(Build *b, int at, const char *what) {
  Scalar *dim[MAX_RANK];
  int n = lua_isnoneornil(b->L, at) ? 0 : dsl_shape(b->L, at, dim, what);
  if (n && n != b->nout)
    dsl_fail(b->L, "%s: %d extents are stated for %d indices", what, n, b->nout);
  for (int k = 0; k < b->nout; k++) {
    AxisUse *a = build_axis(b, b->out[k]);
    if (!a) build_collect(b, b->out[k]), a = build_axis(b, b->out[k]);
    if (n) *a = (AxisUse){.axis = a->axis, .extent = dim[k]};
  }
}

/* An expression without free indices as a tensor of rank 0. */
Node *dsl_close_scalar(lua_State *L, Scalar *s) {
  Build b = {.L = L, .d = dsl_state(L)};
  check_bound(&b, s, "tensor");
  build_collect(&b, s);
  build_infer(&b);
  finish_scalar(&b, &s);
  if (s->kind == S_READ && !s->narg) return s->tensor;
  return n_map(0, NULL, s);
}

/* tensor({i, j}, expr[, extents[, trusted]]) */
static int tensor(lua_State *L) {
  Scalar *out[MAX_AXES], *dim[MAX_AXES];
  dsl_enter(L);
  Build b = {.L = L, .d = dsl_state(L), .out = out, .trusted = lua_toboolean(L, 4)};
  b.nout = dsl_indices(L, 1, out, "tensor");
  if (b.nout > MAX_RANK) dsl_fail(L, "tensor: at most %d axes, not %d", MAX_RANK, b.nout);
  Scalar *s = dsl_scalar(L, 2, "tensor");
  check_bound(&b, s, "tensor");
  build_collect(&b, s);
  state_extents(&b, 3, "tensor");
  build_infer(&b);
  finish_scalar(&b, &s);
  for (int k = 0; k < b.nout; k++) dim[k] = build_axis(&b, out[k])->extent;
  dsl_push_node(L, n_map(b.nout, dim, placed(&b, s)));
  return 1;
}

/* The rule that writes of a scatter along axis d need. */
static Rule write_rule(Build *b, Scalar *at, Scalar *size, int d) {
  Scalar *local, *dom[MAX_AXES], *lo, *hi;
  int ndom = 0;
  if (!build_local(b, at, &local, &ndom, dom)) return R_ZERO;
  local = simplify_within(local, ndom, dom);
  bool known = s_range(local, ndom, dom, &lo, &hi);
  if (known && s_prove_ge(lo, s_int(0)) && s_prove_lt(hi, size)) return R_NONE;
  if (known && !b->trusted && !s_has_read(local) &&
      (s_prove_lt(lo, s_int(0)) || s_prove_ge(hi, size)))
    dsl_fail(b->L,
             "scatter: index %s along axis %d runs from %s to %s, but the result has %s elements",
             text_scalar(b->d, at), d, text_scalar(b->d, lo), text_scalar(b->d, hi),
             text_scalar(b->d, size));
  return R_ZERO;
}

/* scatter(shape, how, {i, j}, at, value[, extents[, trusted]]): out[at(i, j)] (+)= value(i, j).
** What falls outside is dropped; where it surely does, it is an error unless trusted. */
static int scatter(lua_State *L) {
  static const char *const names[] = {"set", "sum", "prod", "max", "min", NULL}; /* ORDER Combine */
  Scalar *out[MAX_AXES], *dom[MAX_AXES], *dim[MAX_RANK], *at[MAX_RANK];
  uint8_t rule[MAX_RANK];
  dsl_enter(L);
  int rank = dsl_shape(L, 1, dim, "scatter"), how = 0;
  const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
  while (names[how] && strcmp(names[how], name)) how++;
  if (!names[how])
    dsl_fail(L, "scatter: the second argument is \"sum\", \"prod\", \"max\", \"min\" or \"set\"");
  Build b = {.L = L, .d = dsl_state(L), .out = out, .trusted = lua_toboolean(L, 7)};
  b.nout = dsl_indices(L, 3, out, "scatter");
  bool list = lua_type(L, 4) == LUA_TTABLE;
  int given = list ? (int)luaL_len(L, 4) : 1;
  if (given != rank) dsl_fail(L, "scatter: %d positions for a result with %d axes", given, rank);
  for (int d = 0; d < rank; d++) {
    if (list)
      lua_geti(L, 4, d + 1);
    else
      lua_pushvalue(L, 4);
    at[d] = dsl_scalar(L, -1, "scatter");
    lua_pop(L, 1);
    if (dtype_is_float((Dtype)at[d]->dtype)) dsl_fail(L, "scatter: a position must be an integer");
    at[d] = s_cast(DT_I64, at[d]);
    check_bound(&b, at[d], "scatter");
    build_collect(&b, at[d]);
  }
  Scalar *s = dsl_scalar(L, 5, "scatter");
  if (s->dtype == DT_BOOL && how != C_SET) s = s_cast(DT_I64, s);
  check_bound(&b, s, "scatter");
  build_collect(&b, s);
  state_extents(&b, 6, "scatter");
  build_infer(&b);
  for (int d = 0; d < rank; d++) rule[d] = (uint8_t)write_rule(&b, at[d], dim[d], d);
  for (int d = 0; d < rank; d++) {
    finish_scalar(&b, &at[d]);
    at[d] = placed(&b, at[d]);
  }
  finish_scalar(&b, &s);
  for (int k = 0; k < b.nout; k++) dom[k] = build_axis(&b, out[k])->extent;
  dsl_push_node(
      L, n_comp((Dtype)s->dtype, (Combine)how, rank, dim, b.nout, dom, at, rule, placed(&b, s)));
  return 1;
}

const luaL_Reg dsl_build_functions[] = {{"tensor", tensor}, {"scatter", scatter}, {NULL, NULL}};
