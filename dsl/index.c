/*
** index.c: indices, reads, boundary rules and reductions of index notation
**
**   local i, k = cr.index "i k"
**   cr.sum(k, w(k) * cr.zero_outside(x)(i + k - 1))
**
** An index is an axis with a number from FREE_AXIS on. A reduction gives the indices it binds new
** numbers, so that no two reductions share one, and nothing here needs scopes.
*/
#include <stdlib.h>
#include <string.h>
#include "dsl.h"

static int new_axis(Dsl *d, Index x) {
  if (d->nindex == d->capindex) {
    d->capindex = d->capindex ? d->capindex * 2 : 64;
    Index *more = NEWN(mod->arena, Index, d->capindex);
    if (d->nindex) memcpy(more, d->index, sizeof *more * (size_t)d->nindex);
    d->index = more;
  }
  d->index[d->nindex] = x;
  return FREE_AXIS + d->nindex++;
}

/* The number of a new index; extent NULL: to be inferred. */
int dsl_new_axis(Dsl *d, const char *name, Scalar *extent) {
  return new_axis(d, (Index){str_intern(name), extent, -1, false, mod->here});
}

static void push_index(lua_State *L, const char *name, Scalar *extent) {
  dsl_push_scalar(L, s_axis(dsl_new_axis(dsl_state(L), name, extent)));
}

static int compare_names(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* index{ i = N, j = 3 }: one value a name, in the names' order. */
static int index_table(lua_State *L) {
  const char *name[MAX_AXES];
  int n = 0;
  lua_pushnil(L);
  while (lua_next(L, 1)) {
    lua_pop(L, 1);
    if (lua_type(L, -1) != LUA_TSTRING)
      dsl_fail(L, "index: write cr.index \"i j\" or cr.index{ i = 4 }");
    if (n == MAX_AXES) dsl_fail(L, "index: at most %d indices at once", MAX_AXES);
    name[n++] = lua_tostring(L, -1);
  }
  qsort(name, (size_t)n, sizeof *name, compare_names);
  for (int k = 0; k < n; k++) {
    lua_getfield(L, 1, name[k]);
    Scalar *extent = dsl_size(L, -1, str_format("index %s", name[k]));
    lua_pop(L, 1);
    push_index(L, name[k], extent);
  }
  return n;
}

/* index "i j k" */
static int make_index(lua_State *L) {
  dsl_enter(L);
  if (lua_type(L, 1) == LUA_TTABLE) return index_table(L);
  if (lua_type(L, 1) != LUA_TSTRING)
    dsl_fail(L, "index: write cr.index \"i j\" or cr.index{ i = 4 }");
  const char *s = lua_tostring(L, 1);
  int n = 0;
  luaL_checkstack(L, MAX_AXES + 4, "index");
  for (;;) {
    s += strspn(s, " ,");
    size_t length = strcspn(s, " ,");
    if (!length) break;
    if (n++ == MAX_AXES) dsl_fail(L, "index: at most %d indices at once", MAX_AXES);
    lua_pushlstring(L, s, length);
    const char *name = str_intern(lua_tostring(L, -1));
    lua_pop(L, 1);
    push_index(L, name, NULL);
    s += length;
  }
  if (!n) dsl_fail(L, "index: there is no name in \"\"");
  return n;
}

/* Reads */

static void place(Dsl *d, Scalar *s, Loc loc) {
  map_put(&d->place, s, arena_copy(mod->arena, &loc, sizeof loc));
}

/* Complains of a constant index that is outside for certain. */
static void check_constant(lua_State *L, const Expr *e, int d, Scalar *at) {
  int64_t v, n;
  if ((e->rule && e->rule[d]) || !s_const_value(at, &v)) return;
  bool bounded = s_const_value(e->node->dim[d], &n);
  if (v >= 0 && (!bounded || v < n)) return;
  dsl_note_declared(L, e->node);
  if (v < 0)
    dsl_fail(L, "index %d of %s along axis %d: indices count from 0", (int)v,
             text_node(dsl_state(L), e->node), d);
  dsl_fail(L, "index %d of %s along axis %d, which has %d element%s, counted from 0", (int)v,
           text_node(dsl_state(L), e->node), d, (int)n, n == 1 ? "" : "s");
}

/* x(i, 2*j + 1): the scalar expression that reads x. */
int dsl_read(lua_State *L) {
  dsl_enter(L);
  Dsl *d = dsl_state(L);
  Expr *e = dsl_test(L, 1);
  int n = lua_gettop(L) - 1;
  Scalar *idx[MAX_RANK];
  if (!e->node && n)
    dsl_fail(L, "%s is a scalar and has no axes to read", text_scalar(d, e->scalar));
  if (!e->node) return lua_settop(L, 1), 1;
  if (n != e->node->rank) {
    dsl_note_declared(L, e->node);
    dsl_fail(L, "%s has shape %s and is read with %d %s, not %d", text_node(dsl_state(L), e->node),
             text_shape(d, e->node), e->node->rank, e->node->rank == 1 ? "index" : "indices", n);
  }
  for (int k = 0; k < n; k++) {
    idx[k] = dsl_scalar(
        L, k + 2, str_format("index along axis %d of %s", k, text_node(dsl_state(L), e->node)));
    if (dtype_is_float((Dtype)idx[k]->dtype) || idx[k]->dtype == DT_BOOL)
      dsl_fail(L, "index along axis %d of %s must be an integer, not %s", k,
               text_node(dsl_state(L), e->node), dtype_name((Dtype)idx[k]->dtype));
    idx[k] = s_cast(DT_I64, idx[k]);
    check_constant(L, e, k, idx[k]);
  }
  Scalar *s = s_read(e->node, idx, e->rule);
  place(d, s, mod->here);
  dsl_push_scalar(L, s);
  return 1;
}

/* wrap(rule, x, axis...): x read by this rule along the given axes, or all. */
static int wrap(lua_State *L) {
  static const char *const names[] = {"zero_outside", "clamp_to_edge", "mirror",
                                      "reflect",      "wrap",          NULL};
  dsl_enter(L);
  int rule = luaL_checkoption(L, 1, NULL, names) + R_ZERO;
  Expr *e = dsl_test(L, 2);
  const char *name = rule_name((Rule)rule);
  if (!e || (!e->node && !dsl_is_open(dsl_state(L), e->scalar)))
    lua_pushvalue(L, 2), dsl_node(L, -1, name), lua_pop(L, 1);
  if (!e || !e->node) dsl_fail(L, "%s: a tensor with axes is needed here", name);
  Node *n = e->node;
  uint8_t *r = NEWN(mod->arena, uint8_t, MAX_RANK);
  if (e->rule) memcpy(r, e->rule, (size_t)n->rank);
  int given = lua_gettop(L) - 2;
  for (int k = 0; k < (given ? given : n->rank); k++) {
    int whole = 1;
    lua_Integer axis = given ? lua_tointegerx(L, k + 3, &whole) : k;
    if (axis < 0) axis += n->rank;
    if (!whole || axis < 0 || axis >= n->rank)
      dsl_fail(L, "%s: %s has no axis %s", name, text_node(dsl_state(L), n),
               luaL_tolstring(L, k + 3, NULL));
    r[axis] = (uint8_t)rule;
    size_extended(n->dim[axis]);
  }
  dsl_push_node(L, n);
  dsl_test(L, -1)->rule = r;
  return 1;
}

/* Rebuilding */

typedef struct Rebuild {
  Dsl *d;
  Map memo;
  LeafFn leaf;
  void *ctx;
} Rebuild;

static Scalar *rebuild(Rebuild *r, Scalar *s) {
  Scalar *done = map_get(&r->memo, s), *arg[MAX_AXES + 1], *t = s, *by;
  if (done) return done;
  for (int k = 0; k < s->narg; k++) arg[k] = rebuild(r, s->arg[k]);
  if (s->narg) t = s_with_args(s, arg);
  if (s->kind == S_READ || s->kind == S_REDUCE) {
    Loc *loc = map_get(&r->d->place, s);
    if (t != s && loc) map_put(&r->d->place, t, loc);
  }
  if (s->kind != S_OP && s->kind != S_CONST && (by = r->leaf(r->ctx, t))) t = by;
  map_put(&r->memo, s, t);
  return t;
}

/* s_rewrite for expressions of the script: `leaf` sees reductions too, and places are kept. */
Scalar *dsl_rebuild(Dsl *d, Scalar *s, LeafFn leaf, void *ctx) {
  Rebuild r = {.d = d, .memo = {.arena = arena_new()}, .leaf = leaf, .ctx = ctx};
  s = rebuild(&r, s);
  arena_free(r.memo.arena);
  return s;
}

/* Reductions */

typedef struct Rename {
  int n;
  Scalar *from[MAX_AXES], *to[MAX_AXES];
} Rename;

static Scalar *rename_leaf(void *ctx, Scalar *s) {
  Rename *r = ctx;
  for (int k = 0; k < r->n; k++)
    if (s == r->from[k]) return r->to[k];
  return NULL;
}

static bool is_index(Dsl *d, const Expr *e) {
  return e && e->scalar && e->scalar->kind == S_AXIS && dsl_is_open(d, e->scalar);
}

/* Reads the index or list of indices at stack position `at`. */
int dsl_indices(lua_State *L, int at, Scalar **axis, const char *what) {
  Dsl *d = dsl_state(L);
  Expr *e = dsl_test(L, at);
  if (is_index(d, e)) return axis[0] = e->scalar, 1;
  if (lua_type(L, at) != LUA_TTABLE)
    dsl_fail(L, "%s: an index or a list of indices is needed here, not a %s", what,
             e ? "tensor" : luaL_typename(L, at));
  int n = (int)luaL_len(L, at);
  if (n > MAX_AXES) dsl_fail(L, "%s: more than %d indices", what, MAX_AXES);
  for (int k = 0; k < n; k++) {
    lua_geti(L, at, k + 1);
    e = dsl_test(L, -1);
    if (!is_index(d, e)) dsl_fail(L, "%s: element %d of the list is not an index", what, k + 1);
    axis[k] = e->scalar;
    for (int j = 0; j < k; j++)
      if (axis[j] == axis[k])
        dsl_fail(L, "%s: index %s stands twice", what, text_scalar(d, axis[k]));
    lua_pop(L, 1);
  }
  return n;
}

/* reduce(combine, indices, expr) -> the reduction, and a stand-in for the number of terms. */
static int reduce(lua_State *L) {
  static const char *const names[] = {"sum", "prod", "max", "min", NULL};
  static const Combine combine[] = {C_SUM, C_PROD, C_MAX, C_MIN};
  dsl_enter(L);
  Dsl *d = dsl_state(L);
  int which = luaL_checkoption(L, 1, NULL, names);
  Rename r;
  r.n = dsl_indices(L, 2, r.from, names[which]);
  Scalar *body = dsl_scalar(L, 3, names[which]), *count = s_int(1);
  if (!r.n) dsl_fail(L, "%s: the list of indices is empty", names[which]);
  for (int k = 0; k < r.n; k++) {
    Index x = d->index[r.from[k]->axis - FREE_AXIS];
    x.bound = true;
    int axis = new_axis(d, x);
    r.to[k] = s_axis(axis);
    x.extent_of = axis;
    count = s_mul(count, s_axis(new_axis(d, x)));
  }
  body = dsl_rebuild(d, body, rename_leaf, &r);
  if (body->dtype == DT_BOOL) body = s_cast(DT_I64, body);
  if (body->kind == S_REDUCE && body->op == combine[which] && body->narg - 1 + r.n <= MAX_AXES) {
    for (int k = 1; k < body->narg; k++) r.to[r.n++] = body->arg[k];
    body = body->arg[0]; /* a sum of a sum is one sum */
  }
  Scalar *s = s_reduce(combine[which], body, r.n, r.to);
  place(d, s, mod->here);
  dsl_push_scalar(L, s);
  dsl_push_scalar(L, count);
  return 2;
}

/* is_index(x): whether x is an index or a nonempty list whose first element is one. */
static int test_index(lua_State *L) {
  Dsl *d = dsl_state(L);
  bool yes = is_index(d, dsl_test(L, 1));
  if (lua_type(L, 1) == LUA_TTABLE) {
    lua_geti(L, 1, 1);
    yes = is_index(d, dsl_test(L, -1));
  }
  lua_pushboolean(L, yes);
  return 1;
}

const luaL_Reg dsl_index_functions[] = {{"index", make_index},
                                        {"wrap", wrap},
                                        {"reduce", reduce},
                                        {"is_index", test_index},
                                        {NULL, NULL}};
