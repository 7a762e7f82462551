/*
** grad.c: derivatives, as the script asks for them
*/
#include "dsl.h"

/* A list of tensors of floats that are tensors proper, so that what depends on them can be told. */
static int variables(lua_State *L, int at, Node ***x, const char *what) {
  int n = (int)luaL_len(L, at);
  *x = NEWN(mod->arena, Node *, n);
  for (int k = 0; k < n; k++) {
    lua_geti(L, at, k + 1);
    Expr *e = dsl_test(L, -1);
    if (!e || !e->node || e->rule)
      dsl_fail(L, "%s: a derivative is taken with respect to a tensor, not a %s", what,
               e ? "scalar expression" : luaL_typename(L, -1));
    if (!dtype_is_float((Dtype)e->node->dtype)) {
      dsl_note_declared(L, e->node);
      dsl_fail(L, "%s: %s is of %s; derivatives are taken of f32 and f64 only", what,
               text_node(dsl_state(L), e->node), dtype_name((Dtype)e->node->dtype));
    }
    (*x)[k] = e->node;
    lua_pop(L, 1);
  }
  return n;
}

/* A cotangent or tangent for `like`: of its shape, cast to its type. */
static Node *matching(lua_State *L, int at, Node *like, const char *what) {
  Node *n = dsl_node(L, at, what);
  if (!n_same_shape(n, like)) {
    bool same = n->rank == like->rank;
    for (int d = 0; same && d < n->rank; d++) same = dsl_same_size(n->dim[d], like->dim[d]);
    if (!same) {
      dsl_note_declared(L, like);
      dsl_fail(L, "%s: %s has shape %s, but what goes with it has %s", what,
               text_node(dsl_state(L), like), text_shape(dsl_state(L), like),
               text_shape(dsl_state(L), n));
    }
  }
  return n_map(like->rank, like->dim, s_cast((Dtype)like->dtype, s_at(n, 0)));
}

static int push_list(lua_State *L, int n, Node **node) {
  lua_createtable(L, n, 0);
  for (int k = 0; k < n; k++) {
    dsl_push_node(L, node[k]);
    lua_seti(L, -2, k + 1);
  }
  return 1;
}

/* vjp(ys, xs, ybars, what) -> xbars, lists all */
static int vjp(lua_State *L) {
  Node **y, **x;
  dsl_enter(L);
  const char *what = luaL_checkstring(L, 4);
  int ny = dsl_nodes(L, 1, &y, what), nx = variables(L, 2, &x, what);
  if (luaL_len(L, 3) != ny)
    dsl_fail(L, "%s: %d results, but %d cotangents", what, ny, (int)luaL_len(L, 3));
  Node **ybar = NEWN(mod->arena, Node *, ny), **xbar = NEWN(mod->arena, Node *, nx);
  for (int k = 0; k < ny; k++) {
    lua_geti(L, 3, k + 1);
    ybar[k] = matching(L, -1, y[k], what);
    lua_pop(L, 1);
  }
  stable_graph(ny, y, nx, x);
  diff_vjp(ny, y, ybar, nx, x, xbar);
  return push_list(L, nx, xbar);
}

/* jvp(ys, xs, xdots, what) -> ydots, lists all */
static int jvp(lua_State *L) {
  Node **y, **x;
  dsl_enter(L);
  const char *what = luaL_checkstring(L, 4);
  int ny = dsl_nodes(L, 1, &y, what), nx = variables(L, 2, &x, what);
  if (luaL_len(L, 3) != nx)
    dsl_fail(L, "%s: %d tensors, but %d tangents", what, nx, (int)luaL_len(L, 3));
  Node **xdot = NEWN(mod->arena, Node *, nx), **ydot = NEWN(mod->arena, Node *, ny);
  for (int k = 0; k < nx; k++) {
    lua_geti(L, 3, k + 1);
    xdot[k] = matching(L, -1, x[k], what);
    lua_pop(L, 1);
  }
  stable_graph(ny, y, nx, x);
  diff_jvp(ny, y, nx, x, xdot, ydot);
  for (int k = 0; k < ny; k++)
    if (!ydot[k]) ydot[k] = n_full(y[k]->rank, y[k]->dim, s_const((Dtype)y[k]->dtype, 0));
  return push_list(L, ny, ydot);
}

/* depends(y, x) */
static int depends(lua_State *L) {
  dsl_enter(L);
  lua_pushboolean(L, graph_depends(dsl_node(L, 1, "depends"), dsl_node(L, 2, "depends")));
  return 1;
}

/* computes_from(y, x) */
static int computes_from(lua_State *L) {
  dsl_enter(L);
  Node *y = dsl_node(L, 1, "computes_from"), *x = dsl_node(L, 2, "computes_from");
  lua_pushboolean(L, graph_computes_from(y, x));
  return 1;
}

const luaL_Reg dsl_grad_functions[] = {{"vjp", vjp},
                                       {"jvp", jvp},
                                       {"depends", depends},
                                       {"computes_from", computes_from},
                                       {NULL, NULL}};
