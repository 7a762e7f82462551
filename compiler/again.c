/*
** again.c: sums of bumps are computed again beside a later sum of the same ones, not kept for it
**
**   p[i, j] = sum k. exp(-(z[i, j] - k)^2 / 2) * v[i, k]                 what follows from p: y
**   g[i, k] = sum j. exp(-(z[i, j] - k)^2 / 2) * y[i, j]                 the derivative by v
**
** Reverse mode needs p, and another sum of the bumps, dp / dz, once more after g; both would be
** kept until then. The bumps, which are what they cost, are computed for g anyway: so what follows
** g reads sums that are made beside it (lower_bump_sum.c), and z alone is kept.
*/
#include "fuse.h"
#include "lower.h"

typedef struct Again {
  Arena *a;
  Func *f;
  Order order;
  Readers readers;
  bool *early;   /* by node id: what the later sum needs */
  Node **late;   /* by node id: what stands for it elsewhere; NULL: itself */
} Again;

/* Whether n is a copy of `of` at other places, alone. */
static bool is_copy(const Node *n, const Node *of) {
  if (n->kind != N_COMP || n->narg != 1 || n->arg[0] != of || n->comb != C_SET) return false;
  return n->body->kind == S_READ;
}

static bool is_result(const Func *f, const Node *n) {
  for (int k = 0; k < f->nresult; k++)
    if (f->result[k] == n) return true;
  return false;
}

/* How many readers of n, and of copies of it, are early, or are not. */
static int count_readers(const Again *g, const Node *n, bool early) {
  int count = 0;
  for (int k = g->readers.first[n->id]; k < g->readers.end[n->id]; k++) {
    const Node *r = g->readers.node[k];
    bool copied = is_copy(r, n) && g->early[r->id];
    count += copied ? count_readers(g, r, early) : g->early[r->id] == early;
  }
  return count;
}

/* What `columns` reads, and `rows` does not, at each of its places; NULL: nothing. */
static Node *read_late(const Node *rows, const Node *columns) {
  for (int k = 0; k < columns->narg; k++) {
    Node *x = columns->arg[k];
    if (x->dtype == rows->dtype && n_same_shape(x, rows) && !node_reads(rows, x)) return x;
  }
  return NULL;
}

static double bytes_of(const Node *n) {
  return usual_count(n->rank, n->dim) * (double)dtype_size((Dtype)n->dtype);
}

/* Whether keeping the sum `rows` until after `columns` may be saved. */
static bool is_kept(const Again *g, const Node *rows) {
  return bytes_of(rows) >= FAR_BYTES && !is_result(g->f, rows) && count_readers(g, rows, false);
}

/* The sum n, to be made once `late` is there. */
static Node *sum_after(Node *n, Node *late) {
  mod->here = n->loc;
  Scalar *body = s_op2(OP_AFTER, n->body, s_at(late, 0));
  return n_like(n_comp((Dtype)n->dtype, (Combine)n->comb, n->rank, n->dim, n->ndom, n->dom,
                       n->windex, n->wrule, body), n);
}

/* n, and copies of it, as what is not early shall read them. */
static void stand_in(Again *g, Node *n, Node *by) {
  g->late[n->id] = by;
  for (int k = g->readers.first[n->id]; k < g->readers.end[n->id]; k++) {
    Node *r = g->readers.node[k];
    if (is_copy(r, n) && g->early[r->id] && count_readers(g, r, false) && !is_result(g->f, r))
      stand_in(g, r, n_over(r, &by));
  }
}

static void mark_early(Again *g, const Node *late) {
  g->early[late->id] = true;
  for (int k = g->order.n - 1; k >= 0; k--) {
    const Node *n = g->order.node[k];
    for (int j = 0; j < n->narg && g->early[n->id]; j++) g->early[n->arg[j]->id] = true;
  }
}

/* Rebuilds what is not early over what stands for its arguments. */
static void rebuild(Again *g) {
  for (int k = 0; k < g->order.n; k++) {
    Node *n = g->order.node[k], **arg = NEWN(g->a, Node *, n->narg + 1);
    if (g->early[n->id] || g->late[n->id]) continue;
    bool same = true;
    for (int j = 0; j < n->narg; j++) {
      arg[j] = g->late[n->arg[j]->id] ? g->late[n->arg[j]->id] : n->arg[j];
      same = same && arg[j] == n->arg[j];
    }
    if (!same) g->late[n->id] = n_like(n_over(n, arg), n);
  }
  for (int k = 0; k < g->f->nresult; k++) {
    Node *r = g->f->result[k];
    if (r && !g->early[r->id] && g->late[r->id]) g->f->result[k] = g->late[r->id];
  }
}

/* Makes again beside `columns` what sums of the same bumps are kept beyond it. */
static bool sum_again(Again *g, const Node *columns) {
  Node *late = NULL, *rows[2 * MAX_RANK];
  int n = 0;
  bool saves = false;
  for (int k = 0; k < g->order.n && n < 2 * MAX_RANK; k++) {
    Node *x = g->order.node[k];
    if (x->kind != N_COMP || !sums_same_bumps(x, columns)) continue;
    Node *y = read_late(x, columns);
    if (!y || (late && y != late)) continue;
    late = y;
    rows[n++] = x;
  }
  if (!n) return false;
  g->early = NEWN(g->a, bool, mod->nnode);
  g->late = NEWN(g->a, Node *, mod->nnode);
  mark_early(g, late);
  for (int k = 0; k < n; k++)
    saves = saves || (is_kept(g, rows[k]) && count_readers(g, rows[k], true));
  if (!saves) return false;
  for (int k = 0; k < n; k++)
    if (is_kept(g, rows[k])) stand_in(g, rows[k], sum_after(rows[k], late));
  rebuild(g);
  return true;
}

void compute_again(Func *f) {
  Again g = {.a = arena_new(), .f = f};
  for (bool more = true; more;) {
    more = false;
    g.order = graph_order(g.a, f->nresult, f->result);
    g.readers = graph_readers(g.a, g.order);
    for (int k = g.order.n - 1; k >= 0 && !more; k--) {
      const Node *n = g.order.node[k];
      more = n->kind == N_COMP && n->comb == C_SUM && n->rank > 1 &&
             bump_along(n->body, n->rank - 1) && sum_again(&g, n);
    }
  }
  arena_free(g.a);
}
