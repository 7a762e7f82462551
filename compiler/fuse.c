/*
** fuse.c: COMPs that share their leading axes become one nest of loops
**
**   m[i] = max j. x[i, j];  e[i, j] = exp(x[i, j] - m[i]);  s[i] = sum j. e[i, j]
**                                                one loop over i, three loops over j inside
** Groups are in an order in which they can run: a COMP joins an earlier group only if all it reads
** is there before or inside it, at the same position of the shared axes.
*/
#include "fuse_draft.h"
#include "lower.h"
#include <limits.h>
#include <string.h>

enum {
  MAX_ROW = 2048, /* elements of an intermediate row kept on the stack */
  MANY_BESIDE = 3, /* tensors that an epilogue reads or stores */
  MOST_TOTALS = 12, /* in one loop over what they read */
  LEAST_SUMMED = 16, /* columns, and their terms, that have lanes of results */
  MOST_ACROSS = 48, /* elements of rows that lie across lanes */
  LONG_ROW = 32, FEW_ELEMENTS = 4096 /* in rows that are one loop, however few they are */
};

static int leading_axes(const Node *n) { return n_is_reduction(n) ? n->rank : 0; }

/* How many leading result axes n has in common with the shared ones of d. */
static int common_axes(const Draft *d, const Node *n) {
  int s = 0, most = leading_axes(n);
  if (d->nshared < most) most = d->nshared;
  while (s < most && d->member[0]->dom[s] == n->dom[s]) s++;
  return s;
}

typedef struct SameSpot {
  const Draft *d;
  int nshared;
  bool ok;
} SameSpot;

static void check_spot(void *ctx, Scalar *s) {
  SameSpot *c = ctx;
  if (s->kind != S_READ) return;
  bool inside = false;
  for (int m = 0; m < c->d->n; m++) inside = inside || c->d->member[m] == s->tensor;
  if (!inside) return;
  for (int p = 0; p < c->nshared; p++) {
    bool here = p < s->narg && s->arg[p]->kind == S_AXIS && s->arg[p]->axis == p;
    bool only = p < s->narg && s_is_int(s->arg[p], 0) && s_is_int(s->tensor->dim[p], 1);
    if (!(here || only) || s->rule[p] != R_NONE) c->ok = false;
  }
  for (int p = c->nshared; p < s->narg; p++)
    if (s->rule[p] != R_NONE) c->ok = false;
}

/* Whether a body reads members of d only at the position of the first nshared axes. */
bool reads_one_spot(const Draft *d, Scalar *body, int nshared) {
  SameSpot c = {d, nshared, true};
  s_walk(body, check_spot, &c);
  return c.ok;
}

static bool same_spot(const Draft *d, const Node *n, int nshared) {
  return reads_one_spot(d, n->body, nshared);
}

bool node_reads(const Node *n, const Node *of) {
  for (int k = 0; k < n->narg; k++)
    if (n->arg[k] == of) return true;
  return false;
}

bool reads_member(const Draft *d, const Node *n) {
  for (int m = 0; m < d->n; m++)
    if (node_reads(n, d->member[m])) return true;
  return false;
}

static bool shares_read(const Draft *d, const Node *n) {
  for (int k = 0; k < n->narg; k++)
    for (int m = 0; m < d->n; m++)
      for (int j = 0; j < d->member[m]->narg; j++)
        if (n->arg[k] == d->member[m]->arg[j]) return true;
  return false;
}

bool same_domain(const Node *x, const Node *y) {
  return x->ndom == y->ndom && !memcmp(x->dom, y->dom, sizeof *x->dom * (size_t)x->ndom);
}

/* Whether n goes over what some member of d goes over. */
static bool has_domain(const Draft *d, const Node *n) {
  bool any = false;
  for (int m = 0; m < d->n; m++) any = any || same_domain(d->member[m], n);
  return any;
}

bool is_long_row(const Node *n, int nshared) {
  int64_t row = 1, v;
  for (int p = nshared; p < n->rank; p++) {
    if (!s_const_value(n->dim[p], &v)) return true;
    row *= v;
    if (row > MAX_ROW) return true;
  }
  return false;
}

static void check_place(void *ctx, Scalar *s) {
  const Node **n = ctx;
  if (s->kind == S_READ && s->tensor == *n && !s_reads_here(s, *n)) *n = NULL;
}

/* The last of the readers, where it is a map that could overwrite n element by element; or NULL. */
const Node *heir_of(const Node *n, int nreader, Node *const *reader) {
  const Node *last = nreader ? reader[nreader - 1] : NULL, *seen = n;
  if (!last || last->kind != N_COMP || !n_is_map(last) || last->dtype != n->dtype ||
      !n_same_shape(last, n))
    return NULL;
  s_walk(last->body, check_place, &seen);
  return seen ? last : NULL;
}

/* Whether rows that cross from one member to the next, or to n, are short enough for the stack, or
** can be where the last of their readers is stored: one of them each, since it is there until
** then. */
static bool rows_fit(const Fuse *f, const Draft *d, const Node *n, int nshared) {
  const Node *heir[MAX_MEMBER];
  int nheir = 0;
  for (int m = 0; m < d->n; m++) {
    const Node *x = d->member[m];
    bool crosses = node_reads(n, x);
    for (int k = m + 1; k < d->n; k++) crosses = crosses || node_reads(d->member[k], x);
    if (!crosses || !is_long_row(x, nshared)) continue;
    int first = f->readers.first[x->id], end = f->readers.end[x->id];
    const Node *h = heir_of(x, end - first, f->readers.node + first);
    for (int k = 0; k < nheir; k++)
      if (heir[k] == h) return false;
    if (!h) return false;
    heir[nheir++] = h;
  }
  return true;
}

/* Whether n is one number of numbers, and d has nothing but numbers: then n costs next to nothing
** in the kernel of d, and less than a call in one of its own. */
static bool joins_numbers(const Draft *d, const Node *n) {
  if (n->rank > 0 || n->ndom > 0) return false;
  for (int m = 0; m < d->n; m++)
    if (d->member[m]->rank > 0) return false;
  return true;
}

/* Whether what reads the map n, maybe through maps of the same domain, reads d too. Then it shall
** find both in one nest. */
static bool meets_in_reader(const Fuse *f, const Draft *d, const Node *n, int depth) {
  for (int k = f->readers.first[n->id]; k < f->readers.end[n->id]; k++) {
    const Node *user = f->readers.node[k];
    if (user->kind != N_COMP) continue;
    if (reads_member(d, user) && common_axes(d, user) == d->nshared) return true;
    if (depth && n_is_map(user) && same_domain(user, n) && meets_in_reader(f, d, user, depth - 1))
      return true;
  }
  return false;
}

/* Whether the first s axes are enough for threads, or all is so little that these do not pay. */
bool many_rows(const Node *n, int s) {
  int plain = n->rank < n->ndom ? n->rank : n->ndom; /* a scatter may have fewer axes than its result */
  double rows = usual_count(s, n->dom), row = usual_count(plain - s, n->dom + s);
  return rows >= 16 || (row >= LONG_ROW && rows * row <= FEW_ELEMENTS);
}

/* Whether n is a total over the domain of those that d has, and nothing else, and reads what they
** read. */
static bool joins_totals(const Draft *d, const Node *n) {
  if (n->rank > 0 || n_is_map(n) || d->n == MOST_TOTALS) return false;
  for (int m = 0; m < d->n; m++)
    if (d->member[m]->rank > 0 || !same_domain(d->member[m], n)) return false;
  return shares_read(d, n) && !reads_member(d, n);
}

/* Whether x adds up columns, one beside the other: then its results have lanes, and no rows follow
** each of them. */
static bool sums_columns(const Node *x) {
  int terms = x->ndom - x->rank, best = INT_MIN;
  if (!n_is_reduction(x) || terms == 0 || x->rank == 0) return false;
  if (usual_count(terms, x->dom + x->rank) < LEAST_SUMMED) return false;
  if (usual_count(1, x->dom + x->rank - 1) < LEAST_SUMMED) return false;
  for (int k = x->rank; k < x->ndom; k++) {
    int score = access_score(x->body, k);
    best = score > best ? score : best;
  }
  return best <= 0 && access_score(x->body, x->rank - 1) > 0;
}

/* Whether rows of a few elements are summed in d at each place of s axes: lanes are places then
** (lower_across.c), and what has several rows at each has no part in that. */
static bool sums_short_rows(const Draft *d, int s) {
  int64_t row;
  for (int m = 0; m < d->n; m++) {
    const Node *x = d->member[m];
    bool sum = x->rank == s && x->ndom == s + 1;
    if (sum && s_const_value(x->dom[s], &row) && row <= MOST_ACROSS) return true;
  }
  return false;
}

/* The number of shared axes with which n may join d, -1: it may not. */
static int join_axes(const Fuse *f, const Draft *d, const Node *n) {
  if (d->closed || d->sides || d->n == MAX_MEMBER || n_is_scatter(n) || is_contraction(n)) return -1;
  if (joins_numbers(d, n) || joins_totals(d, n)) return 0;
  int s = common_axes(d, n);
  if (s == 0) return -1;
  bool uses = reads_member(d, n);
  if (!uses && !(shares_read(d, n) && s == d->nshared && has_domain(d, n)) &&
      !(n_is_map(n) && s == d->nshared && s == n->rank && !d->root && meets_in_reader(f, d, n, 2)))
    return -1;
  if (!same_spot(d, n, s)) return -1;
  bool whole = s == d->nshared && s == n->rank;
  if (whole && (!d->root || n_is_map(n))) return s;
  if (d->root || !many_rows(n, s) || !rows_fit(f, d, n, s)) return -1;
  if (n->rank > s + 1 && sums_short_rows(d, s)) return -1;
  for (int m = 0; m <= d->n; m++) { /* rows of sums are better off by themselves */
    const Node *x = m < d->n ? d->member[m] : n;
    if (x->ndom > x->rank && x->rank > s) return -1;
    if (x->rank == s && sums_columns(x)) return -1;
  }
  Draft narrow = *d;
  for (int m = 1; m < d->n; m++) { /* members must still meet at the narrower position */
    narrow.n = m;
    if (!same_spot(&narrow, d->member[m], s)) return -1;
  }
  return s;
}

/* Whether n joins d, since its axes are those of d but for a few elements beside one another. */
static bool joins_beside(Draft *d, const Node *n) {
  if (!d->n || d->closed || d->root || d->n == MAX_MEMBER) return false;
  if (!reads_member(d, n) && !shares_read(d, n)) return false;
  int side[MAX_MEMBER];
  if (d->sides) memcpy(side, d->side, sizeof side);
  else if (d->nshared != d->member[0]->rank || !find_sides(d->n, d->member, side)) return false;
  int axis = join_side(d->n, d->member, side, n);
  if (axis == NO_SIDES) return false;
  memcpy(d->side, side, sizeof side);
  d->side[d->n] = axis;
  d->sides = true;
  return true;
}

static void start_group(Fuse *f, Node *n) {
  Draft *d = &f->draft[f->ndraft];
  *d = (Draft){
      .n = 1, .nshared = leading_axes(n), .closed = n_is_scatter(n), .root = is_contraction(n)};
  d->member[0] = n;
  f->at[n->id] = f->ndraft++;
}

/* Where n alone reads a scatter, and adds it to a tensor, one group does both, in place of the
** scatter's. */
static bool join_scatter(Fuse *f, Node *n) {
  for (int k = 0; k < n->narg; k++) {
    Node *s = n->arg[k], *base, *scatter;
    Draft *old = s->kind == N_COMP && f->at[s->id] >= 0 ? &f->draft[f->at[s->id]] : NULL;
    if (!old || old->n != 1 || old->member[0] != s || f->uses[s->id] != 1) continue;
    if (!scatters_into(n, s, &base, &scatter)) continue;
    old->n = 0;
    Draft *d = &f->draft[f->ndraft];
    *d = (Draft){.n = 1, .closed = true, .base = base, .scatter = scatter};
    d->member[0] = n;
    f->at[n->id] = f->ndraft++;
    return true;
  }
  return false;
}

/* Puts n into the earliest group that it may join, or into a new one. */
static void place(Fuse *f, Node *n) {
  int need = -1;
  for (int k = 0; k < n->narg; k++)
    if (f->at[n->arg[k]->id] > need) need = f->at[n->arg[k]->id];
  f->at[n->id] = need;
  if (n->kind != N_COMP) { /* runs right after the last group it needs */
    if (n->kind == N_CALL || n->kind == N_LOOP) {
      Draft *d = &f->draft[f->ndraft];
      *d = (Draft){.closed = true};
      f->at[n->id] = f->ndraft++;
    }
    return;
  }
  if (is_view(n)) {
    start_group(f, n);
    f->draft[f->ndraft - 1].closed = true;
    return;
  }
  if (join_scatter(f, n)) return;
  for (int g = need < 0 ? 0 : need; g < f->ndraft; g++) {
    Draft *d = &f->draft[g];
    int s = d->n ? join_axes(f, d, n) : -1;
    bool row = s > 0 && n_is_map(n) && n->rank > s && /* better lanes of places than short rows */
               (side_axis(n) >= 0 || side_axis(d->member[0]) >= 0);
    if (!((s < 0 || row) && joins_beside(d, n)) && s < 0) continue;
    d->member[d->n++] = n;
    d->nshared = d->sides ? d->member[0]->rank - (d->side[0] >= 0) : s;
    f->at[n->id] = g;
    return;
  }
  start_group(f, n);
}

static bool in_group(const Draft *d, const Node *n) {
  for (int m = 0; m < d->n; m++)
    if (d->member[m] == n) return true;
  return false;
}

/* Whether what n computes has to be stored: something outside the group reads it, or sums of
** columns do, of rows too long for the stack. */
static bool is_stored(const Fuse *f, const Draft *d, const Node *n) {
  bool stored = f->result[n->id];
  for (int k = f->readers.first[n->id]; k < f->readers.end[n->id]; k++)
    stored |= !in_group(d, f->readers.node[k]);
  for (int t = 0; t < d->ntail; t++)
    stored |= d->sum[t] == n || (node_reads(d->sum[t], n) && is_long_row(n, d->nshared));
  return stored;
}

/* How many tensors as large as its results the maps of d read or store beside the contraction. */
static int tensors_beside(const Fuse *f, const Draft *d) {
  const Node *seen[MAX_MEMBER * 4];
  int n = 0;
  for (int m = 1; m < d->n; m++) {
    const Node *x = d->member[m];
    if (is_stored(f, d, x)) seen[n++] = x;
    for (int k = 0; k < x->narg && n < MAX_MEMBER * 4; k++) {
      bool known = x->arg[k]->rank < d->member[0]->rank || in_group(d, x->arg[k]);
      for (int i = 0; i < n; i++) known = known || seen[i] == x->arg[k];
      if (!known) seen[n++] = x->arg[k];
    }
  }
  return n;
}

/* Takes maps from behind a contraction whose columns are far apart in memory, where they touch more
** than it stores by itself: a filter's gradient and its optimizer, 16 filters at a time. */
static Draft take_apart(const Fuse *f, Draft *d) {
  Draft rest = *d;
  rest.n = 0;
  if (!d->root || d->n == 1 || tensors_beside(f, d) < MANY_BESIDE || !columns_apart(d->member[0]))
    return rest;
  rest.n = d->n - 1;
  rest.root = false;
  memmove(rest.member, d->member + 1, sizeof *d->member * (size_t)rest.n);
  d->n = 1;
  return rest;
}

/* Sums come before maps that they do not read: neighbours share loops. */
static void sums_first(Draft *d) {
  for (int m = 1; m < d->n - d->nscatter && !d->root && !d->sides; m++)
    for (int k = m; k > 0; k--) {
      Node *n = d->member[k], *before = d->member[k - 1];
      if (n_is_map(n) || !n_is_map(before) || node_reads(n, before)) break;
      d->member[k] = before;
      d->member[k - 1] = n;
    }
}

static void finish_group(Fuse *f, Draft *d, Group *g) {
  sums_first(d);
  for (int t = 0; t < d->ntail; t++) d->member[d->n++] = d->sum[t];
  *g = (Group){.nmember = d->n,
               .nscatter = d->nscatter, .ntotal = d->ntotal,
               .ntail = d->ntail, .nshared = d->nshared, .root = -1, .base = d->base,
               .scatter = d->scatter,
               .member = arena_copy(f->a, d->member, sizeof *d->member * (size_t)d->n),
               .stored = NEWN(f->a, bool, d->n),
           .side = d->sides ? arena_copy(f->a, d->side, sizeof *d->side * (size_t)d->n) : NULL};
  for (int m = 0; m < d->n; m++) {
    g->stored[m] = is_stored(f, d, d->member[m]);
    if (is_contraction(d->member[m])) g->root = m;
  }
}

/* Fills in how often each node is read, results counted as reads. */
static void count_uses(Fuse *f, const Func *fn) {
  f->uses = graph_uses(f->a, f->order, fn->nresult, fn->result);
  f->result = NEWN(f->a, bool, mod->nnode + 1);
  for (int r = 0; r < fn->nresult; r++) f->result[fn->result[r]->id] = true;
}

/* Whether n is a map of nothing that is computed. */
static bool is_free(const Node *n, const bool *free) {
  if (!n_is_map(n) || is_view(n)) return false;
  for (int k = 0; k < n->narg; k++)
    if (n->arg[k]->kind == N_COMP ? !free[n->arg[k]->id] : n->arg[k]->narg > 0) return false;
  return true;
}

static void place_after_free(Fuse *f, Node *n, bool *free) {
  for (int k = 0; k < n->narg; k++)
    if (free[n->arg[k]->id]) place_after_free(f, n->arg[k], free);
  free[n->id] = false;
  place(f, n);
}

typedef struct Gathered {
  const Node *of;
  bool found;
} Gathered;

static void find_gathered(void *ctx, Scalar *s) {
  Gathered *g = ctx;
  for (int d = 0; s->kind == S_READ && s->tensor == g->of && d < s->narg; d++)
    if (s_has_read(s->arg[d])) g->found = true;
}

/* Whether n is read at places that are data, so that it must be whole before. */
static bool is_gathered(const Fuse *f, const Node *n) {
  Gathered g = {n, false};
  for (int k = f->readers.first[n->id]; k < f->readers.end[n->id]; k++)
    if (f->readers.node[k]->kind == N_COMP) s_walk(f->readers.node[k]->body, find_gathered, &g);
  return g.found;
}

/* Places all nodes; what depends on nothing comes last before its first reader, so that groups it
** may join are there, but numbers first, and what is gathered from, so that no group has to run
** after them. */
static void place_all(Fuse *f) {
  bool *free = NEWN(f->a, bool, mod->nnode);
  bool *late = NEWN(f->a, bool, mod->nnode);
  for (int k = 0; k < f->order.n; k++) {
    Node *n = f->order.node[k];
    late[n->id] = free[n->id] = is_free(n, late);
    if (free[n->id] && (n->rank == 0 || is_gathered(f, n))) place_after_free(f, n, free);
  }
  for (int k = 0; k < f->order.n; k++)
    if (!late[f->order.node[k]->id]) place_after_free(f, f->order.node[k], free);
  for (int k = 0; k < f->order.n; k++)
    if (free[f->order.node[k]->id]) place_after_free(f, f->order.node[k], free);
}

Grouping fuse_group(Arena *a, Func *fn) {
  Fuse f = {.a = a, .order = graph_order(a, fn->nresult, fn->result)};
  Grouping all = {0};
  f.at = NEWN(a, int, mod->nnode);
  count_uses(&f, fn);
  f.readers = graph_readers(a, f.order);
  f.draft = NEWN(a, Draft, f.order.n + 1);
  for (int k = 0; k < f.order.n; k++) f.at[f.order.node[k]->id] = -1;
  place_all(&f);
  move_sums(&f);
  for (int g = 0; g < f.ndraft; g++) move_scatter(&f, g);
  for (int g = 0; g < f.ndraft; g++) move_totals(&f, g);
  all.group = NEWN(a, Group, 2 * f.ndraft + 1);
  for (int g = 0; g < f.ndraft; g++) {
    Draft rest = take_apart(&f, &f.draft[g]);
    if (f.draft[g].n) finish_group(&f, &f.draft[g], &all.group[all.n++]);
    if (rest.n) finish_group(&f, &rest, &all.group[all.n++]);
  }
  return all;
}
