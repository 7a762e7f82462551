/*
** fuse_side.c: maps of several elements a place, which are done one after the other there
**
**   at[i, j, l] = ..            l < 2: coordinates        for i, j:  at_0 = ..; at_1 = ..
**   y[i, c, j]  = x[c, at[i, j, 0], at[i, j, 1]]                     y[i][0][j] = x[0][at_0][at_1]; ..
**                               c < 3: channels                      y[i][1][j] = x[1][at_0][at_1]; ..
**   z[c, i, j]  = p[i, j, c]    c < 3                              z[0][i][j] = p[i][j][0]; ..
**
** The axis of the few elements is left out of the loops that maps share: so these may have it at
** different places, or of different extents. What is the same for all elements is computed once a
** place (lower_side.c). Scatters that add up what is made there may come last, or totals of it or
** of what it is made of.
*/
#include "fuse.h"
#include "lower.h"

enum {
  MOST_SIDES = 4,
  MOST_CHOICES = 16, /* elements that have expressions of their own */
  LEAST_PLACES = 8,
  MOST_COST = 1500, /* of all that is written out */
  MOST_ROWS = 16,   /* of elements, on the stack for a scatter */
  TOTAL_CHUNKS = 64, LEAST_CHUNKS = 8, /* into which many places are cut for totals of them, */
  CHUNK_PLACES = 64 /* each with so many at least */
};

typedef struct Places {
  int axis, last; /* the last one of the result */
  bool found;     /* a read at an index that is read, the same along the axis, or of elements that */
} Places;         /* lie side by side along it */

static void find_place(void *ctx, Scalar *s) {
  Places *p = ctx;
  if (s->kind != S_READ || s->narg == 0) return;
  const Scalar *end = s->arg[s->narg - 1];
  bool beside = end->kind == S_AXIS && end->axis == p->axis, moves = false;
  for (int d = 0; d + 1 < s->narg; d++) moves = moves || s_uses_axis(s->arg[d], p->last);
  if (beside && moves) p->found = true;
  for (int d = 0; d < s->narg; d++)
    if (s_has_read(s->arg[d]) && !s_uses_axis(s->arg[d], p->axis)) p->found = true;
}

/* The cost of the elements along axis p of a map written out, what they share once. */
static double written_cost(const Node *n, int p, int64_t count) {
  Scalar *by[MAX_AXES], *all = NULL;
  for (int q = 0; q < n->ndom; q++) by[q] = s_axis(q);
  for (int64_t v = 0; v < count; v++) {
    by[p] = s_int(v);
    Scalar *element = s_subst_axes(n->body, n->ndom, by);
    all = all ? s_op2(OP_MAX, all, element) : element;
  }
  return s_cost(all) - (double)(count - 1);
}

/* Whether the last axis tells elements apart that have little in common: columns put beside one
** another, of which all are computed for each where none is chosen at compile time. */
static bool is_choice(const Node *n, int p, int64_t count) {
  return p == n->rank - 1 && count <= MOST_CHOICES && n->body->kind == S_OP &&
         written_cost(n, p, count) <= s_cost(n->body);
}

static bool is_few(const Node *n, int p) {
  int64_t count;
  if (!n_is_map(n) || !s_const_value(n->dom[p], &count) || count < 2) return false;
  return count <= MOST_SIDES || is_choice(n, p, count);
}

int side_axis(const Node *n) {
  for (int p = n->rank - 1; p >= 0 && n->rank > 1; p--) {
    Places places = {.axis = p, .last = n->rank - 1};
    if (!is_few(n, p)) continue;
    if (p == n->rank - 1 && usual_count(1, n->dom + p - 1) >= LEAST_PLACES) return p;
    if (p < n->rank - 1) s_walk(n->body, find_place, &places);
    if (places.found) return p;
  }
  return -1;
}

/* Where the p-th axis of those that are shared is in a map with that side axis. */
static int shared_at(int p, int side) { return side >= 0 && p >= side ? p + 1 : p; }

static bool same_places(const Node *x, int xside, const Node *y, int yside) {
  int n = x->ndom - (xside >= 0);
  if (n == 0 || n != y->ndom - (yside >= 0)) return false;
  for (int p = 0; p < n; p++)
    if (x->dom[shared_at(p, xside)] != y->dom[shared_at(p, yside)]) return false;
  return true;
}

typedef struct Spot {
  int nmember;
  Node *const *member;
  const int *side;
  int axis; /* the side axis of the one that reads them */
  bool ok;
} Spot;

/* A read of a member is at the shared position, at an element that is known. */
static void check_spot(void *ctx, Scalar *s) {
  Spot *c = ctx;
  int64_t v;
  for (int m = 0; s->kind == S_READ && m < c->nmember; m++) {
    const Node *t = c->member[m];
    if (s->tensor != t) continue;
    for (int d = 0; d < s->narg; d++) {
      const Scalar *at = s->arg[d];
      bool axis = at->kind == S_AXIS, only = s_is_int(at, 0) && s_is_int(t->dim[d], 1);
      if (d == c->side[m]) {
        bool known = s_const_value(at, &v) && v >= 0 && s_prove_lt(s_int(v), t->dim[d]);
        c->ok = c->ok && known;
      } else {
        int p = c->side[m] >= 0 && d > c->side[m] ? d - 1 : d;
        c->ok = c->ok && (only || (axis && at->axis == shared_at(p, c->axis)));
      }
      c->ok = c->ok && s->rule[d] == R_NONE;
    }
  }
}

/* Whether each element of n along c->axis reads members so, when it is written out by itself. */
static bool meets_members(Spot *c, const Node *n) {
  Scalar *by[MAX_AXES];
  int64_t count = 1;
  for (int q = 0; q < n->ndom; q++) by[q] = s_axis(q);
  if (c->axis >= 0) s_const_value(n->dom[c->axis], &count);
  for (int64_t v = 0; v < count && c->ok; v++) {
    if (c->axis >= 0) by[c->axis] = s_int(v);
    s_walk(resolve_rules(s_subst_axes(n->body, n->ndom, by), n->ndom, n->dom), check_spot, c);
  }
  return c->ok;
}

static double cost_of(const Node *n, int side) {
  int64_t count = 1;
  if (side >= 0) s_const_value(n->dom[side], &count);
  return count > MOST_SIDES ? written_cost(n, side, count) : (double)count * s_cost(n->body);
}

/* The side axis with which n may join these maps; `plain`: none of them may have one. */
static int side_with(int nmember, Node *const *member, const int *side, const Node *n, bool plain) {
  double cost = 0;
  bool reads = false;
  if (!n_is_map(n) || is_view(n)) return NO_SIDES;
  for (int m = 0; m < nmember; m++) {
    cost += cost_of(member[m], side[m]);
    reads = reads || node_reads(n, member[m]);
  }
  int own = side_axis(n);
  for (int p = -2; p < n->rank; p++) { /* its own first, none, any */
    int axis = p == -2 ? own : p;
    bool only = axis >= 0 && s_is_int(n->dom[axis], 1);
    if (axis >= 0 && ((!only && !is_few(n, axis)) || (p >= 0 && !reads))) continue;
    if (axis < 0 && side[0] < 0 && !plain) continue;
    Spot c = {nmember, member, side, axis, same_places(member[0], side[0], n, axis)};
    if (!c.ok || usual_count(n->rank, n->dom) < LEAST_PLACES) continue;
    if (meets_members(&c, n) && cost + cost_of(n, axis) <= MOST_COST) return axis;
  }
  return NO_SIDES;
}

int join_side(int nmember, Node *const *member, const int *side, const Node *n) {
  return side_with(nmember, member, side, n, false);
}

/* The same for maps of one shape. */
static bool find_same_sides(int nmember, Node *const *member, int *side) {
  int axis = -1;
  for (int m = 0; m < nmember; m++) {
    const Node *n = member[m], *first = member[0];
    if (!n_is_map(n) || is_view(n) || n->rank != first->rank) return false;
    for (int p = 0; p < n->rank; p++)
      if (n->dom[p] != first->dom[p]) return false;
    if (side_axis(n) > axis) axis = side_axis(n);
  }
  for (int m = 0; m < nmember; m++) side[m] = axis;
  return true;
}

bool find_sides(int nmember, Node *const *member, int *side) {
  const Node *first = member[0];
  if (find_same_sides(nmember, member, side)) return true;
  if (!n_is_map(first) || is_view(first)) return false;
  bool one = first->rank > 1 && s_is_int(first->dom[first->rank - 1], 1);
  side[0] = one ? first->rank - 1 : side_axis(first);
  for (int m = 1; m < nmember; m++) {
    side[m] = side_with(m, member, side, member[m], true);
    if (side[m] == NO_SIDES) return false;
  }
  return true;
}

/* s, of a map with that side axis at its element v, over the shared axes; v < 0: of a total. */
static Scalar *at_shared(const Node *n, int side, int64_t v) {
  Scalar *by[MAX_AXES];
  for (int p = 0; p < n->ndom; p++)
    by[p] = side < 0 || p < side ? s_axis(p) : p == side ? s_int(v) : s_axis(p - 1);
  return s_subst_axes(n->body, n->ndom, by);
}

/* *all: something that computes s beside what it does already. */
static void compute_too(Scalar **all, Scalar *s, double *apart) {
  if (!*all) *all = s;
  else if ((*all)->dtype == s->dtype) *all = s_op2(OP_MAX, *all, s);
  else *apart += s_cost(s);
}

/* The cost of maps and totals at one place, what they share once. */
static double place_cost(int nmember, Node *const *member, const int *side, int ntotal,
                         Node *const *total) {
  Scalar *all = NULL;
  double apart = 0;
  for (int m = 0; m < nmember; m++) {
    int64_t count = 1;
    if (side[m] >= 0) s_const_value(member[m]->dom[side[m]], &count);
    for (int64_t v = 0; v < count; v++) compute_too(&all, at_shared(member[m], side[m], v), &apart);
  }
  for (int t = 0; t < ntotal; t++)
    if (total[t]->ndom) compute_too(&all, at_shared(total[t], -1, 0), &apart);
  return s_cost(all) + apart;
}

bool totals_chunks(int nmember, Node *const *member, const int *side, int ntotal,
                   Node *const *total, int *chunks) {
  const Node *first = member[0];
  double cost = place_cost(nmember, member, side, ntotal, total), places = 1;
  int64_t extent, cut = 0;
  int nplace = 0;
  for (int p = 0; p < first->ndom; p++) {
    if (p == side[0]) continue;
    if (!s_const_value(first->dom[p], &extent)) return false;
    places *= (double)extent;
    if (nplace++ == 0) cut = extent;
  }
  *chunks = 0;
  if (cost > MOST_COST) return false;
  if (places <= LONG_SUM && places * cost <= 4 * SHARED_WORK) return true;
  if (nplace == 1) cut /= CHUNK_PLACES;
  *chunks = TOTAL_CHUNKS;
  while (*chunks > LEAST_CHUNKS && cut < *chunks) *chunks /= 2;
  return cut >= *chunks && places <= (double)*chunks * LONG_SUM;
}

bool totals_places(int nmember, Node *const *member, const int *side, int ntotal,
                   Node *const *total) {
  int chunks;
  for (int t = 0; t < ntotal; t++) {
    const Node *n = total[t];
    if (n->ndom == 0) continue;
    Spot c = {nmember, member, side, -1, same_places(member[0], side[0], n, -1)};
    if (!c.ok || !meets_members(&c, n)) return false;
  }
  return totals_chunks(nmember, member, side, ntotal, total, &chunks);
}

typedef struct Taken {
  int nmember;
  Node *const *member;
  const int *side;
  const Scattering *to;
  bool ok;
} Taken;

/* A read of a member is at the place that the scatter is at. */
static void check_taken(void *ctx, Scalar *s) {
  Taken *c = ctx;
  for (int m = 0; s->kind == S_READ && m < c->nmember; m++) {
    if (s->tensor != c->member[m]) continue;
    for (int d = 0; d < s->narg; d++) {
      const Scalar *at = s->arg[d];
      int p = c->side[m] >= 0 && d > c->side[m] ? d - 1 : d;
      bool here = at->kind == S_AXIS && at->axis == place_axis(c->to, p);
      bool only = s_is_int(at, 0) && s_is_int(s->tensor->dim[d], 1);
      c->ok = c->ok && s->rule[d] == R_NONE && (d == c->side[m] || here || only);
    }
  }
}

bool scatters_places(int nmember, Node *const *member, const int *side, const Node *n) {
  Scattering to = scattering_of(n);
  Taken c = {nmember, member, side, &to, true};
  double taken = 0;
  int places = member[0]->rank - (side[0] >= 0);
  if (to.plain == 0 || to.plain >= places || places + to.channels > n->ndom - (to.parts > 1 ? 1 : to.last))
    return false;
  for (int p = 0; p < places; p++)
    if (n->dom[place_axis(&to, p)] != member[0]->dom[shared_at(p, side[0])]) return false;
  s_walk(n->body, check_taken, &c);
  for (int d = 0; d < n->rank; d++) s_walk(n->windex[d], check_taken, &c);
  for (int m = 0; m < nmember; m++)
    if (node_reads(n, member[m]))
      taken += side[m] < 0 ? 1 : usual_count(1, member[m]->dom + side[m]);
  return c.ok && taken > 0 && taken <= MOST_ROWS;
}
