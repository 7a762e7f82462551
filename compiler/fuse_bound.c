/*
** fuse_bound.c: guards of a contraction that bound its terms, as of a strided convolution's adjoint
**
**   y[r, q] = sum m < 2. where(r + 2 * m < 3, w[r + 2 * m] * x[q - m], 0)      r < 2
**
** One residue has two taps, the other has one (residue.c). With w padded to four taps this would be
** a plain contraction, and each result have all terms; as it stands, the loop over m of a tile ends
** at (4 - r) // 2. A window that is half outside of a small image is alike: rows of taps beyond it
** are left out where that is less work than zeros. Such a guard is an order of two axes: a reduced
** one, and one of a few results, on which tiles have neither rows nor columns.
*/
#include "fuse.h"

enum { MOST_RESULTS = 64, MOST_TERMS = 64 };
static const double MOST_INSIDE = 0.96; /* of the terms, that leave a bound worth it */

/* The only axis in [from, to) that s depends on; -1: there is none, or several. */
static int only_axis(Scalar *s, int from, int to) {
  int axis = -1;
  for (int p = from; p < to; p++)
    if (s_uses_axis(s, p)) {
      if (axis >= 0) return -1;
      axis = p;
    }
  return axis;
}

/* Which part of the terms of n has gap >= 0; 1 where that is no bound, or hardly one: a window's
** places outside of its tensor are few, unless that is small, and every other place is many. */
static double part_within(const Node *n, Scalar *gap) {
  int r = only_axis(gap, 0, n->rank), q = only_axis(gap, n->rank, n->ndom);
  int64_t results, terms, step, v, count = 0;
  Scalar *coef, *rest, *by[MAX_AXES] = {0};
  if (r < 0 || q < 0 || s_has_read(gap) || !s_const_value(n->dom[r], &results) ||
      !s_const_value(n->dom[q], &terms) || results > MOST_RESULTS || terms > MOST_TERMS)
    return 1;
  if (!affine_split(gap, q, &coef, &rest) || !s_const_value(coef, &step)) return 1;
  for (int64_t k = 0; k < results * terms; k++) {
    by[r] = s_int(k / terms), by[q] = s_int(k % terms);
    if (!s_const_value(s_subst_axes(gap, n->ndom, by), &v)) return 1;
    count += v >= 0;
  }
  double part = (double)count / (double)(results * terms);
  return step > -2 && step < 2 && part > MOST_INSIDE ? 1 : part;
}

Scalar *term_bounds(const Node *n, Scalar *guard, int but, Scalar **rest, double *part) {
  if (guard->kind == S_OP && guard->op == OP_AND) {
    Scalar *other[2];
    double parts[2];
    Scalar *x = term_bounds(n, guard->arg[0], but, &other[0], &parts[0]);
    Scalar *y = term_bounds(n, guard->arg[1], but, &other[1], &parts[1]);
    *rest = and_all(other[0], other[1]);
    *part = parts[0] * parts[1];
    return and_all(x, y);
  }
  Scalar *gap = order_gap(guard);
  *part = gap && (but < 0 || !s_uses_axis(gap, but)) ? part_within(n, gap) : 1;
  *rest = *part < 1 ? NULL : guard;
  return *part < 1 ? guard : NULL;
}

/* Whether conditions joined by AND say that gap >= 0. */
static bool says(const Scalar *cond, const Scalar *gap) {
  if (cond->kind == S_OP && cond->op == OP_AND)
    return says(cond->arg[0], gap) || says(cond->arg[1], gap);
  return order_gap(cond) == gap;
}

bool bounded_inside(const Scalar *bounds, Scalar *index, Scalar *extent, int ndom, Scalar **dom) {
  Scalar *lo, *hi, *last = s_sub(extent, s_int(1));
  if (!bounds || !s_range(index, ndom, dom, &lo, &hi)) return false;
  return (s_prove_ge(lo, s_int(0)) || says(bounds, index)) &&
         (s_prove_ge(last, hi) || says(bounds, s_sub(last, index)));
}
