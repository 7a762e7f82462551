/*
** turn.c: matrices that the steps of a LOOP read across, turned once before it
**
**   LOOP: a[i, j] = sum k. h[i, k] * w[j, k]   becomes
**
**   w_turned[k, j] = w[j, k];  LOOP: a[i, j] = sum k. h[i, k] * w_turned[k, j]
**
** so that at every step vectors run along j, in the order of memory. A large matrix, or one whose
** rows would be a page or more apart, is cut into panels of columns, each in one piece:
**
**   w_turned[p, k, c] = w[32 p + c, k];  LOOP: a[i, p, c] = sum k. h[i, k] * w_turned[p, k, c]
**
** What else is a copy of a constant in another order leaves the LOOP as it is, so that nested LOOPs
** turn a matrix once, too.
*/
#include "lower_tile.h"
#include "diff.h"
#include "fuse.h"

enum {
  NEAR_BYTES = 262144, /* of a matrix that stays near, in whatever order */
  PAGE = 4096,       /* bytes */
  PANEL = 32,        /* columns of one */
  MANY_ROWS = 128,   /* of them, blocks are better (lower_block.c) */
  LEAST_ROWS_A_STEP = 4, /* that read the matrix, for turning it to pay; */
  LEAST_ROWS_IN_ALL = 64, /* and of all steps */
  LEAST_TERMS = 8
};

/* One LOOP under change: the constants it is given more. */
typedef struct Turned {
  const Node *loop;
  int n;
  Node **formal, **value;
} Turned;

/* The LOOP's argument for a constant of its function; NULL: it is none. */
static Node *constant_of(const Node *loop, const Node *param) {
  const Func *f = loop->fn;
  for (int k = loop->ncarry + loop->nslice; k < f->nparam; k++)
    if (f->param[k] == param) return loop->arg[k];
  return NULL;
}

/* A constant that the LOOP is given in place of `copy`, a map of one. */
static Node *given(Turned *t, Node *copy) {
  Node *from = constant_of(t->loop, copy->arg[0]), *value = n_over(copy, &from);
  for (int k = 0; k < t->n; k++)
    if (t->value[k] == value) return t->formal[k];
  n_like(value, copy)->loc = copy->loc;
  t->value[t->n] = value;
  const char *name = copy->name ? copy->name : "turned";
  return t->formal[t->n++] = n_param(P_FORMAL, name, (Dtype)copy->dtype, copy->rank, copy->dim,
                                     copy->loc);
}

/* Which axis each index of a read is, in order, all different; false: there are others. */
static bool axes_of(const Scalar *read, int axis[]) {
  unsigned seen = 0;
  for (int d = 0; d < read->narg; d++) {
    if (read->arg[d]->kind != S_AXIS || read->rule[d] != R_NONE) return false;
    axis[d] = read->arg[d]->axis;
    if (seen >> axis[d] & 1) return false;
    seen |= 1u << axis[d];
  }
  return read->narg > 0;
}

/* Whether n is a constant in another order. */
static bool is_copy(const Turned *t, const Node *n) {
  if (n->narg != 1 || !constant_of(t->loop, n->arg[0]) || !n_is_map(n) || is_view(n)) return false;
  return s_is_plain_read(n->body) && n_count(n) == n_count(n->arg[0]);
}

static bool uses(const Scalar *read, int p) {
  return read_along(read, p) != NOT_AT_ALL;
}

/* What a product does with a matrix. */
typedef struct Use {
  const Node *n;
  Scalar *vec, *one;
  int axis[MAX_RANK]; /* of n, by index of vec */
  int col;            /* the last result axis of vec that is not one's */
  bool panels;
} Use;

/* How often an element of the matrix is read at one step. */
static double rows_of(const Use *u) {
  double rows = 1;
  for (int p = 0; p < u->n->rank; p++)
    if (uses(u->one, p) && !uses(u->vec, p)) rows *= usual_count(1, u->n->dom + p);
  return rows;
}

static bool wants_panels(const Use *u) {
  const Node *n = u->n;
  int64_t columns = extent_of(n, u->col), row = columns * (int64_t)dtype_size((Dtype)n->dtype);
  return u->col == n->rank - 1 && n->rank < MAX_RANK && n->ndom < MAX_AXES &&
         u->vec->narg < MAX_RANK && columns > PANEL && columns % PANEL == 0 &&
         (row >= PAGE || row * known_terms(n) >= NEAR_BYTES) && rows_of(u) <= MANY_ROWS;
}

/* Whether the matrix of the product u->n is worth turning. */
static bool pays(const Turned *t, Use *u) {
  const Node *n = u->n, *matrix = u->vec->tensor;
  if (!constant_of(t->loop, matrix) || constant_of(t->loop, u->one->tensor)) return false;
  if (matrix->dtype != n->dtype || !axes_of(u->vec, u->axis)) return false;
  u->col = -1;
  for (int d = 0; d < u->vec->narg; d++)
    if (u->axis[d] < n->rank && !uses(u->one, u->axis[d])) u->col = u->axis[d];
  if (u->col < 0 || usual_count(n->ndom - n->rank, n->dom + n->rank) < LEAST_TERMS) return false;
  for (int p = n->rank; p < n->ndom; p++)
    if (!uses(u->vec, p)) return false;
  double rows = rows_of(u);
  if (rows < LEAST_ROWS_A_STEP || rows * usual_count(1, &t->loop->trip) < LEAST_ROWS_IN_ALL)
    return false;
  u->panels = wants_panels(u);
  return u->panels || u->axis[u->vec->narg - 1] != u->col;
}

/* Where axis p of the product is in the order of memory that it wants: axes of one item each,
** terms, columns. */
static int order_of(const Use *u, int p) {
  return p == u->col ? 3 : p >= u->n->rank ? 1 : uses(u->one, p) ? 0 : 2;
}

/* The read of the matrix in the order that the product wants, its panels by the axes col and
** col + 1 then. */
static Scalar *turned_read(Turned *t, const Use *u) {
  Scalar *dim[MAX_RANK], *index[MAX_RANK], *at[MAX_RANK];
  int count = u->vec->narg, rank = 0;
  Node *matrix = u->vec->tensor;
  for (int order = u->panels ? -1 : 0; order < 4; order++)
    for (int d = 0; d < count; d++) {
      int p = u->axis[d];
      bool is_col = u->panels && p == u->col;
      if (order < 0 ? !is_col : order_of(u, p) != order) continue;
      dim[rank] = u->n->dom[p];
      index[rank] = s_axis(u->panels && p > u->col ? p + 1 : p);
      if (order < 0) dim[rank] = s_int(extent_of(u->n, p) / PANEL);
      else if (is_col) dim[rank] = s_int(PANEL), index[rank] = s_axis(p + 1);
      at[d] = s_axis(rank);
      if (is_col && order > 0) at[d] = s_add(s_mul(s_int(PANEL), s_axis(0)), at[d]);
      rank++;
    }
  Node *copy = n_map(rank, dim, s_read(matrix, at, NULL));
  copy->loc = u->n->loc;
  if (matrix->name) n_named(copy, str_format("%s_turned", matrix->name));
  return s_read(given(t, copy), index, NULL);
}

static Node *by_columns(Turned *t, const Use *u) {
  const Node *n = u->n;
  return n_reduce(C_SUM, n->rank, n->dim, n->ndom - n->rank, n->dom + n->rank,
                  s_mul(turned_read(t, u), u->one));
}

/* The product by panels, of one axis more, as a view of the same shape as before. */
static Node *by_panels(Turned *t, const Use *u) {
  const Node *n = u->n;
  Scalar *dim[MAX_RANK], *by[MAX_AXES] = {0}, *at[MAX_RANK];
  for (int p = 0; p < n->ndom; p++) by[p] = s_axis(p > u->col ? p + 1 : p);
  for (int p = 0; p < n->rank; p++) dim[p] = n->dom[p], at[p] = s_axis(p);
  dim[u->col] = s_int(extent_of(n, u->col) / PANEL);
  dim[u->col + 1] = s_int(PANEL);
  at[u->col] = s_op2(OP_FLOORDIV, s_axis(u->col), s_int(PANEL));
  at[u->col + 1] = s_op2(OP_MOD, s_axis(u->col), s_int(PANEL));
  Scalar *product = s_mul(turned_read(t, u), s_subst_axes(u->one, n->ndom, by));
  Node *made = n_reduce(C_SUM, n->rank + 1, dim, n->ndom - n->rank, n->dom + n->rank, product);
  n_like(made, n)->loc = n->loc;
  return n_map(n->rank, n->dim, s_read(made, at, NULL));
}

static Node *turn_one(void *ctx, Node *n) {
  Turned *t = ctx;
  TermOf term;
  if (n->kind != N_COMP) return n;
  if (is_copy(t, n)) return given(t, n);
  if (!n_is_reduction(n) || !tile_term(n, &term) || term.pair != PAIR_PRODUCT) return n;
  mod->here = n->loc;
  for (int k = 0; k < 2; k++) {
    Use u = {.n = n, .vec = term.factor[k], .one = term.factor[1 - k]};
    if (!pays(t, &u)) continue;
    Node *now = u.panels ? by_panels(t, &u) : by_columns(t, &u);
    n_like(now, n)->loc = n->loc;
    return now;
  }
  return n;
}

/* The LOOP with its matrices turned, or NULL. */
static Node *loop_turned(Node *loop) {
  Func *f = loop->fn;
  if (f->opaque || loop_const(loop) == 0) return NULL;
  Arena *a = arena_new();
  int most = 2 * graph_order(a, f->nresult, f->result).n + 1;
  arena_free(a);
  Turned t = {loop, 0, NEWN(mod->arena, Node *, most), NEWN(mod->arena, Node *, most)};
  Node **result = arena_copy(mod->arena, f->result, sizeof(Node *) * (size_t)f->nresult);
  graph_rewrite(f->nresult, result, turn_one, &t);
  if (!t.n) return NULL;
  return loop_given(loop, result, (int[]){t.n, 0}, (Node **[]){t.formal, NULL},
                    (Node **[]){t.value, NULL});
}

static bool turn_loop(Node *loop, Node **result) {
  return loop_results(loop_turned(loop), result);
}

void turn_constants(Func *f) {
  Loc here = mod->here;
  if (!f->opaque) rewrite_loops(f->nresult, f->result, "turned", turn_loop);
  mod->here = here;
}
