/*
** loop_rows.c: maps that a LOOP takes row by row are computed in its steps
**
**   y_bar[t, i] = 0.1 * y[t, i]                becomes     LOOP, sliced: y_t
**   LOOP, sliced: y_bar_t;  g = y_bar_t + h                g = 0.1 * y_t + h
**
** Only where nothing else reads the map, its readers in the step are maps, too, and what it is
** computed from takes no more memory than it does.
*/
#include <string.h>
#include "diff.h"
#include "fuse.h"

/* A LOOP that loses its k-th argument, a slice that is the map `slice`. */
typedef struct RowMap {
  const Node *loop;
  Node *slice;
  int k;
  bool ok;
  double bytes;            /* of what is read, but for what lives longer anyway */
  int n[2];                /* constants, and slices, that the LOOP takes in its place, */
  Node **formal[2], **value[2]; /* and what they are */
} RowMap;

static void note_read(void *ctx, Scalar *s) {
  *(bool *)ctx = *(bool *)ctx || s->kind == S_READ;
}

static double bytes_of(const Node *n) {
  return usual_count(n->rank, n->dim) * (double)dtype_size((Dtype)n->dtype);
}

/* What stands in the step for the tensor x, or for its row. */
static Node *formal_for(RowMap *m, Node *x, bool row) {
  const Node *loop = m->loop;
  int nc = loop->ncarry, from = row ? nc : nc + loop->nslice;
  int to = row ? nc + loop->nslice : loop->narg;
  for (int k = from; k < to; k++)
    if (loop->arg[k] == x) return loop->fn->param[k];
  for (int i = 0; i < m->n[row]; i++)
    if (m->value[row][i] == x) return m->formal[row][i];
  if (x->kind != N_PARAM) m->bytes += bytes_of(x);
  const char *name = x->name ? x->name : "row";
  Node *p = n_param(P_FORMAL, name, (Dtype)x->dtype, x->rank - row, x->dim + row, x->loc);
  m->value[row][m->n[row]] = x;
  return m->formal[row][m->n[row]++] = p;
}

/* A read of x[t, i, ..] as one of the row x_t[i, ..]; one that does not depend on t as it is. */
static Scalar *read_of_row(void *ctx, Scalar *s) {
  RowMap *m = ctx;
  if (s->kind != S_READ || !m->ok) return NULL;
  bool inner = false, by_step = false;
  for (int d = 0; d < s->narg; d++) {
    s_walk(s->arg[d], note_read, &inner);
    by_step = by_step || s_uses_axis(s->arg[d], 0);
  }
  bool row = s->narg > 0 && s->arg[0] == s_axis(0) && s->rule[0] == R_NONE &&
             s->tensor->dim[0] == m->slice->dim[0];
  for (int d = 1; d < s->narg; d++) row = row && !s_uses_axis(s->arg[d], 0);
  m->ok = !inner && (row || !by_step);
  if (!m->ok) return NULL;
  return s_read(formal_for(m, s->tensor, row), s->arg + row, s->rule + row);
}

static void count_read(void *ctx, Scalar *s) { *(int *)ctx += s->kind == S_READ; }

/* Whether all that reads param p of the step is maps. */
static bool only_maps_read(const Func *f, const Node *p) {
  Arena *a = arena_new();
  Order o = graph_order(a, f->nresult, f->result);
  bool ok = true;
  for (int k = 0; k < f->nresult; k++) ok = ok && f->result[k] != p;
  for (int i = 0; i < o.n && ok; i++)
    for (int k = 0; k < o.node[i]->narg; k++)
      if (o.node[i]->arg[k] == p && !n_is_map(o.node[i])) ok = false;
  arena_free(a);
  return ok;
}

/* The LOOP with the map in its steps, or NULL. */
static Node *loop_with_map(RowMap *m) {
  const Node *loop = m->loop;
  Func *f = loop->fn;
  Node *x = m->slice, *p = f->param[m->k];
  int nread = 0;
  s_walk(x->body, count_read, &nread);
  for (int i = 0; i < 2; i++) {
    m->formal[i] = NEWN(mod->arena, Node *, nread + 1);
    m->value[i] = NEWN(mod->arena, Node *, nread + 1);
  }
  m->ok = true;
  Scalar *body = s_rewrite(x->body, read_of_row, m);
  bool more = m->bytes > bytes_of(x);
  if (!m->ok || more || s_uses_axis(body, 0) || !only_maps_read(f, p)) return NULL;
  Node *row = n_like(n_map(x->rank - 1, x->dim + 1, s_shift_axes(body, 1, -1)), x);
  Node **result = arena_copy(mod->arena, f->result, sizeof(Node *) * (size_t)f->nresult);
  graph_replace(f->nresult, result, 1, &p, &row);
  int most = f->nparam + m->n[0] + m->n[1] + 1, n = 0;
  Node **param = NEWN(mod->arena, Node *, most), **arg = NEWN(mod->arena, Node *, most);
  for (int k = 0; k < f->nparam; k++) {
    if (k != m->k) param[n] = f->param[k], arg[n++] = loop->arg[k];
    for (int i = 0; k == loop->ncarry + loop->nslice - 1 && i < m->n[1]; i++)
      param[n] = m->formal[1][i], arg[n++] = m->value[1][i];
  }
  for (int i = 0; i < m->n[0]; i++) param[n] = m->formal[0][i], arg[n++] = m->value[0][i];
  Func *g = func_new(f->name, n, param, f->nresult, result, f->loc);
  int nslice = loop->nslice - 1 + m->n[1];
  Node *now = n_loop(g, loop->trip, loop->ncarry, nslice, n - loop->ncarry - nslice, arg,
                     loop->nstack, loop->nsum, loop->reverse, loop->unroll, loop->checkpoint);
  return n_guarded(now, (Guard)loop->guard);
}

/* The LOOP with one of its slices computed in the steps, or NULL. */
static Node *loop_changed(const Func *f, const Order *o, const Node *loop) {
  for (int k = loop->ncarry + (loop->guard == G_IF); k < loop->ncarry + loop->nslice; k++) {
    Node *x = loop->arg[k];
    int users = 0;
    if (loop->fn->opaque || x->kind != N_COMP || !n_is_map(x) || x->narg == 0) continue;
    for (int i = 0; i < o->n; i++)
      for (int j = 0; j < o->node[i]->narg; j++) users += o->node[i]->arg[j] == x;
    for (int j = 0; j < f->nresult; j++) users += f->result[j] == x;
    RowMap m = {.loop = loop, .slice = x, .k = k};
    Node *now = users == 1 ? loop_with_map(&m) : NULL;
    if (now) return now;
  }
  return NULL;
}

/* Changes one LOOP; false: there is none to change. */
static bool change_one(Func *f, Arena *a) {
  Order o = graph_order(a, f->nresult, f->result);
  for (int i = 0; i < o.n; i++) {
    Node *loop = o.node[i], *now = loop->kind == N_LOOP ? loop_changed(f, &o, loop) : NULL;
    if (!now) continue;
    int n = loop->fn->nresult;
    Node **from = NEWN(a, Node *, n + 1), **to = NEWN(a, Node *, n + 1);
    for (int k = 0; k < n; k++) from[k] = n_proj(loop, k), to[k] = n_proj(now, k);
    graph_replace(f->nresult, f->result, n, from, to);
    return true;
  }
  return false;
}

void rows_in_steps(Func *f) {
  if (f->opaque) return;
  Arena *a = arena_new();
  while (change_one(f, a)) {
  }
  arena_free(a);
}
