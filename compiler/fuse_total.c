/*
** fuse_total.c: totals that are added up become one, of fewer tensors
**
**   s = sum i, j. a[i, j];  t = sum i, j. b[i, j];  loss = s / 100 + t / 100
**   becomes   c[i, j] = a[i, j] + b[i, j];  u = sum i, j. c[i, j];  loss = u / 100
**
** A loss of several terms is like this. What makes a and b makes c beside them, so that a and b need
** not be stored where nothing else reads them, and one loop over c replaces one over each.
**
** And terms that boundary rules choose along a row are a tensor before they are summed, since rows of
** maps are cut where a choice changes (lower_ends.c):
**
**   s = sum i. wrap(a)[i + 1] * b[i]   becomes   c[i] = wrap(a)[i + 1] * b[i];  s = sum i. c[i]
**
** A total of rows that are summed one by one, too, is first summed row by row, so that one loop over
** a row makes it and adds it up, and nothing of it is stored:
**
**   d[i] = sum j. r[i, j] * t[j];  loss = sum i, j. r[i, j]^2
**   becomes   d[i] = ..;  l[i] = sum j. r[i, j]^2;  loss = sum i. l[i]
**
** Terms of a few coordinates a place are written out, so that lanes may be places:
**
**   s = sum i, c. a[i] * x[i, c] * y[i, c], c < 3
**   becomes   s = sum i. a[i] * x[i, 0] * y[i, 0] + a[i] * x[i, 1] * y[i, 1] + ..
*/
#include "fuse.h"
#include <string.h>

enum {
  MAX_BODY = 150, /* cost of a body that takes no more in */
  LEAST_ROW = 64, /* elements that are worth cutting */
  LEAST_ROWS = 16, /* that are worth loops of their own */
  FEW_TERMS = 4, LEAST_PLACES = 8, LONG_ROW = 16 /* that lanes are worth having for */
};

typedef struct Total {
  Readers readers; /* of what was there at the start, */
  int nid;         /* whose ids are below this */
  bool *result;    /* by id: it is one of the graph */
} Total;

/* A total times or divided by a constant: factor NULL where it is neither. */
typedef struct Scaled { Node *sum; Scalar *factor; OpCode op; } Scaled;

/* Whether n is a sum over all of its domain that is read once. */
static bool is_total(const Total *t, const Node *n) {
  if (n->kind != N_COMP || n->comb != C_SUM || n->rank > 0 || n->ndom == 0) return false;
  if (n->id >= t->nid) return true; /* made here, as what nothing read at the start */
  return t->readers.end[n->id] - t->readers.first[n->id] <= 1 && !t->result[n->id];
}

static bool find_total(const Total *t, Scalar *s, Scaled *to) {
  *to = (Scaled){0};
  if (s->kind == S_OP && (s->op == OP_DIV || s->op == OP_MUL)) {
    int k = s->op == OP_DIV ? 1 : 0;
    if (s->arg[k]->kind != S_CONST) return false;
    to->op = (OpCode)s->op;
    to->factor = s->arg[k];
    s = s->arg[1 - k];
  }
  if (s->kind != S_READ || !is_total(t, s->tensor)) return false;
  to->sum = s->tensor;
  return true;
}

static Scalar *join_totals(void *ctx, Scalar *s) {
  Scaled x, y;
  if (s->kind != S_OP || s->op != OP_ADD || !dtype_is_float((Dtype)s->dtype)) return NULL;
  if (!find_total(ctx, s->arg[0], &x) || !find_total(ctx, s->arg[1], &y)) return NULL;
  Node *a = x.sum, *b = y.sum;
  if (a == b || x.op != y.op || x.factor != y.factor || a->ndom != b->ndom) return NULL;
  if (a->dtype != b->dtype || memcmp(a->dom, b->dom, sizeof *a->dom * (size_t)a->ndom)) return NULL;
  if (s_cost(a->body) + s_cost(b->body) > MAX_BODY) return NULL;
  Node *both = n_reduce(C_SUM, 0, NULL, a->ndom, a->dom, s_add(a->body, b->body));
  if (both->kind != N_COMP) return NULL;
  n_like(both, a)->loc = a->loc;
  Scalar *read = s_read(both, NULL, NULL);
  if (!x.factor) return read;
  return x.op == OP_DIV ? s_op2(OP_DIV, read, x.factor) : s_mul(x.factor, read);
}

/* Whether nothing but n, and maps beside it, reads t: it need not be stored but for n. */
static bool for_this(const Total *t, const Node *n, const Node *map) {
  if (map->id >= t->nid) return true;
  if (t->result[map->id]) return false;
  for (int k = t->readers.first[map->id]; k < t->readers.end[map->id]; k++) {
    const Node *r = t->readers.node[k];
    if (r != n && !(n_is_map(r) && n_same_shape(r, map))) return false;
  }
  return true;
}

/* How many such maps s adds up or scales at the position of n, and nothing else; -1: it does
** more. */
static int maps_here(const Total *t, const Node *n, const Scalar *s) {
  if (s->kind == S_CONST) return 0;
  if (s->kind == S_READ) {
    const Node *m = s->tensor;
    bool here = m->kind == N_COMP && n_is_map(m) && m->rank == n->ndom && m->dtype == n->dtype;
    for (int d = 0; d < s->narg && here; d++)
      here = s->arg[d]->kind == S_AXIS && s->arg[d]->axis == d && s->rule[d] == R_NONE &&
             m->dim[d] == n->dom[d];
    return here && for_this(t, n, m) ? 1 : -1;
  }
  if (s->kind != S_OP || (s->op != OP_ADD && s->op != OP_SUB && s->op != OP_MUL)) return -1;
  int x = maps_here(t, n, s->arg[0]), y = maps_here(t, n, s->arg[1]);
  return x < 0 || y < 0 ? -1 : x + y;
}

/* s with the largest parts of it that are of several maps as reads of one. */
static Scalar *maps_as_one(const Total *t, const Node *n, Scalar *s) {
  int maps = maps_here(t, n, s);
  if (maps > 1) return s_at(n_map(n->ndom, n->dom, s), 0);
  if (maps >= 0 || s->kind != S_OP || (s->op != OP_ADD && s->op != OP_SUB)) return s;
  return s_op2((OpCode)s->op, maps_as_one(t, n, s->arg[0]), maps_as_one(t, n, s->arg[1]));
}

static Node *total_node(void *ctx, Node *n) {
  if (!n_is_map(n)) return n;
  Scalar *body = s_rewrite_ops(n->body, NULL, join_totals, ctx);
  return body == n->body ? n : n_like(n_map(n->rank, n->dim, body), n);
}

static Node *total_of_one(void *ctx, Node *n) {
  if (n->kind != N_COMP || n->comb != C_SUM || n->rank > 0 || n->ndom > MAX_RANK) return n;
  Scalar *body = maps_as_one(ctx, n, n->body);
  if (body == n->body) return n;
  return n_like(n_reduce(C_SUM, 0, NULL, n->ndom, n->dom, body), n);
}

/* A sum's last axis, and whether some read along it is at an index that is chosen. */
typedef struct Ended { const Node *n; bool chosen; } Ended;

static void find_mod(void *ctx, Scalar *s) {
  int64_t by;
  if (s->kind == S_OP && s->op == OP_MOD && s_const_value(s->arg[1], &by) && by >= LEAST_ROW)
    *(bool *)ctx = true;
}

static void find_chosen(void *ctx, Scalar *s) {
  Ended *e = ctx;
  const Node *n = e->n;
  int64_t by;
  for (int d = 0; s->kind == S_READ && d < s->narg; d++) {
    if (!s_uses_axis(s->arg[d], n->ndom - 1) || s_has_read(s->arg[d])) continue;
    if (!s_const_value(s_sub(s->arg[d], s_axis(n->ndom - 1)), &by)) {
      s_walk(s->arg[d], find_mod, &e->chosen);
      continue;
    }
    if (s->rule[d] > R_ZERO && !index_inside(s->arg[d], s->tensor->dim[d], n->ndom, n->dom))
      e->chosen = true; /* zeros are bounds of a sum */
  }
}

/* A reduction of terms that are chosen along a row as one of a tensor. */
static Node *terms_first(void *ctx, Node *n) {
  Ended e = {n, false};
  (void)ctx;
  if (n->kind != N_COMP || !n_is_reduction(n) || n->ndom == n->rank || n->ndom > MAX_RANK) return n;
  if (!dtype_is_float((Dtype)n->dtype) || n->comb == C_SET || is_contraction(n)) return n;
  if (usual_count(1, n->dom + n->ndom - 1) < LEAST_ROW) return n;
  s_walk(n->body, find_chosen, &e);
  if (!e.chosen) return n;
  Node *term = n_map(n->ndom, n->dom, n->body);
  Node *now = n_reduce((Combine)n->comb, n->rank, n->dim, n->ndom - n->rank, n->dom + n->rank,
                       s_at(term, 0));
  term->loc = now->loc = n->loc;
  return n_like(now, n);
}

/* Whether y, a map of n's domain or what reads such maps, sums rows of it; *rows: of how many axes
** before their own. */
static bool sums_rows(const Total *t, const Node *n, const Node *y, int depth, int *rows) {
  if (y->kind != N_COMP || !same_domain(y, n)) return false;
  if (n_is_reduction(y) && y->rank > 0 && y->rank < y->ndom && y->comb != C_SET) {
    *rows = y->rank;
    return !is_contraction(y);
  }
  if (!n_is_map(y) || depth == 0 || y->id >= t->nid) return false;
  for (int k = t->readers.first[y->id]; k < t->readers.end[y->id]; k++)
    if (sums_rows(t, n, t->readers.node[k], depth - 1, rows)) return true;
  return false;
}

/* Whether all that reads the map x goes over its elements. */
static bool stays_in_rows(const Total *t, const Node *x) {
  if (x->id >= t->nid || t->result[x->id]) return false;
  for (int k = t->readers.first[x->id]; k < t->readers.end[x->id]; k++)
    if (t->readers.node[k]->kind != N_COMP || !same_domain(t->readers.node[k], x)) return false;
  return true;
}

/* A total of rows that others sum, too, as the total of its rows. */
static Node *rows_first(void *ctx, Node *n) {
  int rows = 0;
  if (n->kind != N_COMP || n->comb != C_SUM || n->rank > 0 || n->ndom < 2 || n->ndom > MAX_RANK ||
      !dtype_is_float((Dtype)n->dtype) || is_contraction(n))
    return n;
  for (int k = 0; k < n->narg && !rows; k++) {
    const Node *x = n->arg[k];
    if (n_is_map(x) && same_domain(x, n) && stays_in_rows(ctx, x)) sums_rows(ctx, n, x, 2, &rows);
    if (rows && (is_long_row(x, rows) || usual_count(rows, n->dom) < LEAST_ROWS)) rows = 0;
  }
  if (!rows) return n;
  Node *row = n_reduce(C_SUM, rows, n->dom, n->ndom - rows, n->dom + rows, n->body);
  return n_like(n_reduce(C_SUM, 0, NULL, rows, n->dom, s_at(row, 0)), n);
}

/* Whether a read moves along n's last axis but one, and not along the last beside it: then the two
** are no one axis, and vectors along the last are short. */
static void find_place_read(void *ctx, Scalar *s) {
  Ended *e = ctx;
  int last = e->n->ndom - 1, d = s->narg - 1;
  if (s->kind != S_READ || !s_uses_axis(s, last - 1)) return;
  bool beside = d > 0 && s_uses_axis(s->arg[d], last) && s_uses_axis(s->arg[d - 1], last - 1);
  e->chosen = e->chosen || !beside;
}

/* The terms of n along its last axis, added. */
static Scalar *terms_added(const Node *n, int64_t count) {
  Scalar *by[MAX_AXES], *all = NULL;
  int last = n->ndom - 1;
  for (int p = 0; p < last; p++) by[p] = s_axis(p);
  for (int64_t k = 0; k < count; k++) {
    by[last] = s_int(k);
    Scalar *term = s_subst_axes(n->body, n->ndom, by);
    all = all ? s_add(all, term) : term;
  }
  return all;
}

/* A sum of a few terms at each of many places as a sum over places. */
static Node *few_written_out(void *ctx, Node *n) {
  Ended e = {n, false};
  int64_t count;
  int last = n->ndom - 1;
  (void)ctx;
  if (n->kind != N_COMP || n->comb != C_SUM || n->rank > 0 || n->ndom < 2) return n;
  if (!dtype_is_float((Dtype)n->dtype) || is_contraction(n)) return n;
  if (!s_const_value(n->dom[last], &count) || count < 2 || count > FEW_TERMS) return n;
  if (usual_count(1, n->dom + last - 1) < LEAST_PLACES || s_cost(n->body) * count > MAX_BODY)
    return n;
  s_walk(n->body, find_place_read, &e);
  if (!e.chosen) return n;
  return n_like(n_reduce(C_SUM, 0, NULL, last, n->dom, terms_added(n, count)), n);
}

/* The maps of a few elements a place. */
typedef struct Sided { int n; Node **map; } Sided;

/* Whether a map has a few elements at each place of the result of n. */
static bool has_sides(const Sided *s, const Node *n) {
  for (int k = 0; k < s->n; k++) {
    const Node *m = s->map[k];
    int side = side_axis(m), d = 0;
    if (m->rank != n->rank + 1) continue;
    while (d < n->rank && n->dim[d] == m->dim[d < side ? d : d + 1]) d++;
    if (d == n->rank) return true;
  }
  return false;
}

/* Whether the sums of n, of terms between points as distances are, fill rows: as a map, these are one
** with what is made of them. */
static bool in_long_rows(const Node *n) {
  return n->rank > 1 && usual_count(1, n->dim + n->rank - 1) >= LONG_ROW && !is_contraction(n);
}

/* A sum of a few terms a place as a map, where maps of a few elements are made at the places: so it
** may be made beside them, in lanes of places. */
static Node *few_as_map(void *ctx, Node *n) {
  int64_t count;
  if (n->kind != N_COMP || n->comb != C_SUM || n->rank == 0 || n->ndom != n->rank + 1) return n;
  if (!n_is_reduction(n) || !dtype_is_float((Dtype)n->dtype)) return n;
  if (!s_const_value(n->dom[n->rank], &count) || count < 2 || count > FEW_TERMS) return n;
  if (usual_count(n->rank, n->dom) < LEAST_PLACES || s_cost(n->body) * count > MAX_BODY) return n;
  if (!has_sides(ctx, n) && !in_long_rows(n)) return n;
  return n_like(n_map(n->rank, n->dim, terms_added(n, count)), n);
}

/* Makes maps of such sums. */
static void sums_beside_sides(Arena *a, Func *f) {
  Order o = graph_order(a, f->nresult, f->result);
  Sided s = {0, NEWN(a, Node *, o.n + 1)};
  for (int i = 0; i < o.n; i++)
    if (o.node[i]->kind == N_COMP && n_is_map(o.node[i]) && side_axis(o.node[i]) >= 0)
      s.map[s.n++] = o.node[i];
  graph_rewrite(f->nresult, f->result, few_as_map, &s);
}

/* The graph as it is. */
static Total look(Arena *a, const Func *f) {
  Total t = {.nid = mod->nnode};
  t.readers = graph_readers(a, graph_order(a, f->nresult, f->result));
  t.result = NEWN(a, bool, t.nid + 1);
  for (int r = 0; r < f->nresult; r++)
    if (f->result[r]) t.result[f->result[r]->id] = true;
  return t;
}

void fuse_totals(Func *f) {
  if (f->opaque) return;
  Arena *a = arena_new();
  Total t = look(a, f);
  graph_rewrite(f->nresult, f->result, total_node, &t);
  t = look(a, f);
  graph_rewrite(f->nresult, f->result, total_of_one, &t);
  graph_rewrite(f->nresult, f->result, terms_first, NULL);
  t = look(a, f);
  graph_rewrite(f->nresult, f->result, rows_first, &t);
  graph_rewrite(f->nresult, f->result, few_written_out, NULL);
  sums_beside_sides(a, f);
  arena_free(a);
}
