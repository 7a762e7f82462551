/*
** lower_slide.c: contractions whose vectors slide past the rows of a tile
**
**   x[i, j] = sum k, l, m. h[k, l, m] * z[k, i + l, j + m]      with few filters: rows are image rows
**
** Row i of the results and its term l read row i + l of z, as row i + 1 does with l - 1. So a tile
** of rows takes each row of z once, and adds it to all results it belongs to:
**
**   for k, m:
**     for n in 0..rows + 7 - 1:              the rows of z that the tile needs
**       z_0 = z[k][i + n][j + m]               one load,
**       for row with 0 <= l = n - row < 7:     up to 7 multiply-adds
**         acc[row] += h[k][l][m] * z_0
**
** This takes terms in their order if l is the innermost of them, which a pass sees to wherever rows
** are worth it: so the order is a matter of the sum alone, not of tile or processor. A sum with row
** - l goes from the last row of z to the first.
*/
#include "lower_tile.h"
#include "fuse.h"

enum { LEAST_WINDOW = 3, MOST_WINDOW = 8, MOST_USES = 3 };

/* The index along which `read` moves by as much for a row as for a term; -1: there is none, or
** others move as well. */
static int common_index(const Scalar *read, int row, int term, int64_t *by_row, int64_t *by_term) {
  Scalar *coef, *rest;
  int found = -1;
  for (int d = 0; d < read->narg; d++) {
    bool uses_row = s_uses_axis(read->arg[d], row), uses_term = s_uses_axis(read->arg[d], term);
    if (!uses_row && !uses_term) continue;
    if (!uses_row || !uses_term || found >= 0) return -1;
    if (!affine_split(read->arg[d], row, &coef, &rest) || !s_const_value(coef, by_row)) return -1;
    if (!affine_split(rest, term, &coef, &rest) || !s_const_value(coef, by_term)) return -1;
    found = d;
  }
  return found;
}

/* Whether rows along result axis `row` can share the loads of vec by term q. */
static bool shares_loads(const Node *n, const Scalar *one, const Scalar *vec, int row, int q,
                         bool *against) {
  int64_t by_row, by_term;
  if (read_along(one, row) != NOT_AT_ALL || read_along(one, q) == NOT_AT_ALL) return false;
  if (extent_of(n, q) < LEAST_WINDOW || common_index(vec, row, q, &by_row, &by_term) < 0)
    return false;
  *against = by_row != by_term;
  return by_row == by_term || by_row == -by_term;
}

bool plan_slide(TilePlan *p, const Target *t) {
  int q = p->n->ndom - 1;
  if (p->row < 0 || extent_of(p->n, q) > t->registers / 2) return false;
  if (outer_terms(p->n, false) > q - p->n->rank) return false;
  if (!shares_loads(p->n, p->one, p->vec, p->row, q, &p->against)) return false;
  if (p->n->body != strip_guard(p->n->body)) return false; /* not all results may have all terms */
  p->slide = q;
  return true;
}

/* The term that should be the innermost, or -1: few results use the same element of `vec`, and
** neighbours in one of its axes would share loads. */
static int shared_term(const Node *n, const Scalar *one, const Scalar *vec) {
  double uses = 1;
  bool columns = false, against;
  for (int p = 0; p < n->rank; p++) {
    if (read_along(vec, p) == NOT_AT_ALL) uses *= usual_count(1, n->dom + p);
    columns |= read_along(vec, p) == CONTIGUOUS && read_along(one, p) == NOT_AT_ALL;
  }
  if (!columns || uses > MOST_USES) return -1;
  for (int q = n->rank; q < n->ndom; q++)
    for (int row = 0; row < n->rank && extent_of(n, q) <= MOST_WINDOW; row++)
      if (shares_loads(n, one, vec, row, q, &against)) return q;
  return -1;
}

/* n with its reduced axis q as the innermost. */
static Node *with_innermost(Node *n, int q) {
  Scalar *dom[MAX_AXES], *by[MAX_AXES];
  for (int p = 0; p < n->ndom; p++) {
    int to = p < q ? p : p == q ? n->ndom - 1 : p - 1;
    by[p] = s_axis(to);
    dom[to] = n->dom[p];
  }
  Node *to = n_comp((Dtype)n->dtype, (Combine)n->comb, n->rank, n->dim, n->ndom, dom, n->windex,
                    n->wrule, s_subst_axes(n->body, n->ndom, by));
  return n_like(to, n);
}

static Node *window_node(void *ctx, Node *n) {
  (void)ctx;
  if (n->kind != N_COMP || n->comb != C_SUM || !n_is_reduction(n)) return n;
  if (n->ndom < n->rank + 2 || !is_product(n)) return n;
  for (int k = 0; k < 2; k++) {
    int q = shared_term(n, n->body->arg[k], n->body->arg[1 - k]);
    if (q >= 0) return q < n->ndom - 1 ? with_innermost(n, q) : n;
  }
  return n;
}

void window_last(Func *f) { graph_rewrite(f->nresult, f->result, window_node, NULL); }

double slide_cycles(const TilePlan *p) {
  double window = (double)extent_of(p->n, p->slide), sums = p->rows * p->vectors;
  double loads = (p->rows + window - 1) * p->vectors;
  return (0.45 * sums * window + 0.2 * loads + 4.5) / window;
}

void slide_reads(Low *l, const TilePlan *p, Contract *c, Scalar *row0, Scalar **by) {
  int window = (int)extent_of(p->n, p->slide), last = p->rows + window - 2;
  Scalar *row = by[p->row], *term = by[p->slide];
  c->slide = p->slide - p->n->rank;
  c->slide_axis = low_axis(l, s_int(last + 1), NULL);
  Scalar *at = s_axis(c->slide_axis), *in_tile = s_axis(c->row_axis);
  c->slide_term = p->against ? s_sub(s_add(at, in_tile), s_int(p->rows - 1)) : s_sub(at, in_tile);
  c->one = tile_operand(l, p, p->one, by);
  by[p->row] = p->against ? s_add(row0, s_sub(s_int(last), at)) : row0;
  by[p->slide] = p->against ? s_int(window - 1) : at;
  c->vec = tile_operand(l, p, p->vec, by);
  by[p->row] = row;
  by[p->slide] = term;
}
