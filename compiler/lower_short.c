/*
** lower_short.c: loops that are written out
**
**   y[i] = max k < 2. x[2 i + k]       y[i] = max(x[2 i], x[2 i + 1])           no loop over terms
**   z[i] = where(i % 2 = a[i // 2],    for h:  z[2 h] = where(0 = a[h], ..)     no gathers
**                b[i // 2], 0)                 z[2 h + 1] = where(1 = a[h], ..)
** A reduction of few terms is one expression, so that a group of them, such as pooling and what it
** remembers, is one vector loop. A map whose last axis is divided is a loop over quotients.
*/
#include "lower.h"
#include "fuse.h"
#include <string.h>

enum {
  MOST_TERMS = 9,
  MOST_COST = 160,  /* of the body of a reduction, times its terms */
  MOST_PARTS = 4,   /* remainders a loop is split into */
  LEAST_TRIPS = 4,  /* of the loop over quotients */
};

static int terms_of(const Node *n) {
  int64_t extent, terms = 1;
  for (int p = n->rank; p < n->ndom; p++) {
    if (!s_const_value(n->dom[p], &extent) || extent > MOST_TERMS) return -1;
    terms *= extent;
  }
  return terms <= MOST_TERMS ? (int)terms : -1;
}

/* Whether n is a reduction of few terms. */
bool is_written_out(const Node *n) {
  int terms = terms_of(n);
  return n->comb != C_SET && terms >= 1 && terms * s_cost(n->body) <= MOST_COST;
}

/* Whether a loop over the quotients of an axis has few parts, and is long enough. */
bool divides_well(Scalar *extent, int64_t by) {
  return by <= MOST_PARTS && usual_count(1, &extent) >= (double)(by * LEAST_TRIPS);
}

/* Whether all reductions of the group have few terms. */
bool writes_out(const Low *l) {
  for (int i = 0; i < l->nmember; i++) {
    const Node *n = l->g->member[i];
    if (n_is_scatter(n) || n->rank != l->nshared) return false;
    if (n->ndom > n->rank && !is_written_out(n)) return false;
  }
  return true;
}

/* All terms of n's body joined in order, where by[] has the shared axes. */
Scalar *written_out(const Node *n, Scalar **by) {
  Scalar *all = NULL;
  int count[MAX_AXES] = {0}, terms = terms_of(n);
  for (int t = 0; t < terms; t++) {
    for (int p = n->rank; p < n->ndom; p++) by[p] = s_int(count[p]);
    Scalar *term = s_subst_axes(n->body, n->ndom, by);
    all = all ? s_op2(combine_op((Combine)n->comb), all, term) : term;
    for (int p = n->ndom - 1; p >= n->rank && s_is_int(n->dom[p], ++count[p]); p--) count[p] = 0;
  }
  return all;
}

/* The divisor of an axis, or of one plus a number, in a body: the largest there is. */
typedef struct Divided { int axis; int64_t by; } Divided;

static void find_division(void *ctx, Scalar *s) {
  Divided *d = ctx;
  int64_t by, plus;
  if (s->kind != S_OP || (s->op != OP_FLOORDIV && s->op != OP_MOD)) return;
  if (!s_const_value(s_sub(s->arg[0], s_axis(d->axis)), &plus)) return;
  if (s_const_value(s->arg[1], &by) && by > d->by) d->by = by;
}

/* The parts that the last shared axis of a group of maps is split into; 1: it is not divided. */
int split_parts(const Low *l) {
  Divided d = {l->nshared - 1, 1};
  if (l->nshared == 0) return 1;
  for (int i = 0; i < l->nmember; i++) {
    const Node *n = l->g->member[i];
    if (n_is_scatter(n) || n->rank != l->nshared) return 1;
    if (n->ndom > n->rank && !l->written_out) return 1;
    s_walk(n->body, find_division, &d);
  }
  return divides_well(l->g->member[0]->dom[d.axis], d.by) ? (int)d.by : 1;
}
