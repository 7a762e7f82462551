/*
** lower_slide.c: contractions whose vectors slide past the rows of a tile
**
**   x[i, j] = sum k, l, m. h[k, l, m] * z[k, i + l, j + m]      with few filters: rows are image rows
**
** Row i of the results and its term l read row i + l of z, as row i + 1 does with l - 1. So a tile of rows
** takes each row of z once, and adds it to all results it belongs to:
**
**   for k, m:
**     for s in 0..rows + 7 - 1:            the rows of z that the tile needs
**       z_0 = z[k][i + s][j + m]             one load,
**       for row with 0 <= s - row < 7:       up to 7 multiply-adds
**         acc[row] += h[k][s - row][m] * z_0
**
** The axis l becomes the innermost of the terms, with any tile. A sum with row - l is the same with the
** window turned around.
*/
#include "lower_tile.h"

/* The index along which `read` moves by as much for a row as for a term; -1: there is none, or others
** move as well. */
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

bool plan_slide(TilePlan *p, const Target *t) {
  const Node *n = p->n;
  if (p->row < 0 || read_along(p->one, p->row) != NOT_AT_ALL) return false;
  for (int q = n->rank; q < n->ndom; q++) {
    int64_t terms = extent_of(n, q), by_row, by_term;
    if (terms < 3 || terms > t->registers / 2 || read_along(p->one, q) == NOT_AT_ALL) continue;
    if (common_index(p->vec, p->row, q, &by_row, &by_term) < 0) continue;
    if (by_row != by_term && by_row != -by_term) continue;
    p->slide = q;
    p->against = by_row != by_term;
    return true;
  }
  return false;
}

double slide_cycles(const TilePlan *p) {
  double window = (double)extent_of(p->n, p->slide), sums = p->rows * p->vectors;
  double loads = (p->rows + window - 1) * p->vectors;
  return (0.45 * sums * window + 0.2 * loads + 4.5) / window;
}

void slide_reads(Low *l, const TilePlan *p, Contract *c, Scalar *row0, Scalar **by) {
  Scalar *last = s_int(extent_of(p->n, p->slide) - 1), *row = by[p->row], *term = by[p->slide];
  c->window = (int)extent_of(p->n, p->slide);
  c->slide_axis = low_axis(l, s_int(p->rows + c->window - 1), NULL);
  if (p->against) by[p->slide] = s_sub(last, term);
  c->one = tile_operand(l, p, p->one, by);
  by[p->row] = p->against ? s_add(row0, s_axis(c->slide_axis)) : row0;
  by[p->slide] = p->against ? last : s_axis(c->slide_axis);
  c->vec = tile_operand(l, p, p->vec, by);
  by[p->row] = row;
  by[p->slide] = term;
}
