/*
** fuse_move.c: what joins an earlier group once all are known
**
** Sums of columns join the rows they are of, or are beside (lower_tail.c). Scatters, and totals,
** join the maps that make what they add up, place by place (fuse_side.c): so this need not be
** stored. Totals also join maps that read what they read, as a loss the gradients of its residuals.
*/
#include "fuse_draft.h"
#include "lower.h"
#include <string.h>

enum {
  LEAST_ROWS = 16, LEAST_COLUMNS = 64, /* that are worth summing beside one another */
  LEAST_LANES = 16 /* places of a row that totals share with maps */
};

/* Whether n sums over the rows of d, and reads what is made there of one row in its term. */
static bool sums_rows(const Draft *d, const Node *n) {
  Scalar *by[MAX_AXES];
  int rows = d->nshared;
  if (n->comb != C_SUM || n->ndom != rows + n->rank || n->rank == 0) return false;
  for (int p = 0; p < rows; p++) {
    if (n->dom[n->rank + p] != d->member[0]->dom[p]) return false;
    by[n->rank + p] = s_axis(p);
  }
  for (int p = 0; p < n->rank; p++) by[p] = s_axis(rows + p);
  return reads_one_spot(d, s_subst_axes(n->body, n->ndom, by), rows);
}

/* Whether rows of d are large enough for their columns to be summed beside them, n more. */
static bool has_columns(const Draft *d, const Node *n) {
  int64_t columns = 1, v;
  bool rows = false;
  if (d->n == 0 || d->closed || d->root || d->sides || d->nshared == 0 || d->ntail == MAX_TAIL)
    return false;
  for (int m = 0; m < d->n; m++) rows = rows || d->member[m]->rank > d->nshared;
  for (int p = 0; p < n->rank; p++) {
    if (!s_const_value(n->dim[p], &v)) return false;
    columns *= v;
  }
  double count = usual_count(n->ndom - n->rank, n->dom + n->rank);
  bool fits = columns >= LEAST_COLUMNS && columns * ROW_CHUNKS * (d->ntail + 1) <= MOST_SUMMED;
  return rows && fits && usual_count(1, n->dom + n->rank) >= LEAST_ROWS &&
         count <= ROW_CHUNKS * LONG_SUM &&
         count * (double)columns * (double)dtype_size((Dtype)n->dtype) >= FAR_BYTES;
}

/* Whether d, or its members, read a tensor of rows that n reads too. */
static bool shares_rows(const Draft *d, const Node *n) {
  for (int k = 0; k < n->narg; k++)
    for (int m = 0; m < d->n; m++)
      if (n->arg[k]->rank > d->nshared && node_reads(d->member[m], n->arg[k])) return true;
  return false;
}

/* Whether all that needs n comes behind group g. */
static bool in_time(const Fuse *f, const Node *n, int g) {
  for (int k = f->readers.first[n->id]; k < f->readers.end[n->id]; k++)
    if (f->at[f->readers.node[k]->id] <= g) return false;
  return true;
}

/* Whether the sums of d are of the bumps that n adds up by themselves, place by place. */
static bool sums_bumps(const Draft *d, const Node *n) {
  int sums = 0;
  if (d->n == 0 || d->closed || d->root || d->sides || d->ntail || reads_member(d, n)) return false;
  for (int m = 0; m < d->n; m++) {
    const Node *x = d->member[m];
    if (x->rank != d->nshared) return false;
    if (x->ndom > x->rank && !sums_same_bumps(x, n)) return false;
    sums += x->ndom > x->rank;
  }
  return sums > 0;
}

/* The sum n leaves its group for that of rows it is a sum of, or of rows beside these, if there is
** one. */
static bool move_sum(Fuse *f, int from, Node *n) {
  int need = 0;
  if (!n_is_reduction(n) || n->ndom == n->rank || !dtype_is_float((Dtype)n->dtype) ||
      is_contraction(n))
    return false;
  for (int k = 0; k < n->narg; k++)
    if (f->at[n->arg[k]->id] > need) need = f->at[n->arg[k]->id];
  for (int pass = 0; pass < 3; pass++)
    for (int g = f->ndraft - 1; g >= need; g--) {
      Draft *d = &f->draft[g];
      if (g == from || (g > from && !in_time(f, n, g))) continue;
      if (pass < 2 ? !has_columns(d, n) || !sums_rows(d, n) : !sums_bumps(d, n)) continue;
      if (pass == 0 ? !reads_member(d, n) : pass == 1 && !shares_rows(d, n)) continue;
      d->sum[d->ntail++] = n;
      f->at[n->id] = g;
      return true;
    }
  return false;
}

void move_sums(Fuse *f) {
  for (int g = 0; g < f->ndraft; g++) {
    Draft *d = &f->draft[g];
    if (d->closed || d->root || d->sides || d->ntail) continue;
    bool reads = false; /* a sum that stays must not need one that goes */
    for (int m = 0; m < d->n; m++)
      for (int k = 0; k < m; k++)
        reads = reads || (d->member[m]->ndom > d->member[m]->rank &&
                          node_reads(d->member[m], d->member[k]));
    int left = 0;
    for (int m = 0; m < d->n; m++)
      if (reads || !move_sum(f, g, d->member[m])) d->member[left++] = d->member[m];
    d->n = left;
  }
}

/* The scatter that is group `from` joins the maps that make what it adds up, where rows it writes
** in place are enough for threads: so these need not be stored. */
void move_scatter(Fuse *f, int from) {
  Draft *old = &f->draft[from];
  Node *n = old->member[0];
  int need = -1, side[MAX_MEMBER];
  if (old->n != 1 || old->base || !n_is_scatter(n)) return;
  for (int k = 0; k < n->narg; k++)
    if (f->at[n->arg[k]->id] > need) need = f->at[n->arg[k]->id];
  Draft *d = need < 0 ? NULL : &f->draft[need];
  if (!d || !d->n || d->closed || d->root || d->ntail || d->n == MAX_MEMBER) return;
  int nmap = d->n - d->nscatter;
  for (int m = nmap; m < d->n; m++) /* whose sums are not whole yet */
    if (node_reads(n, d->member[m])) return;
  if (d->sides) memcpy(side, d->side, sizeof side);
  else if (d->nshared != d->member[0]->rank || !find_sides(nmap, d->member, side)) return;
  if (!scatters_places(nmap, d->member, side, n) || !many_rows(n, scattering_of(n).plain)) return;
  memcpy(d->side, side, sizeof side);
  d->side[d->n] = -1;
  d->sides = true;
  d->member[d->n++] = n;
  d->nscatter++;
  old->n = 0;
  f->at[n->id] = need;
}

/* Whether d is totals of floats of one type, and numbers made of these. */
static bool is_totals(const Draft *d) {
  int totals = 0;
  for (int m = 0; m < d->n; m++) {
    const Node *n = d->member[m];
    bool total = n->ndom > 0 && n->comb == C_SUM && n->dtype == d->member[0]->dtype;
    if (n->rank > 0 || !n_is_reduction(n) || !(total || n_is_map(n))) return false;
    totals += total;
  }
  return totals > 0 && d->member[0]->ndom > 0 && dtype_is_float((Dtype)d->member[0]->dtype);
}

/* The last group that the members of d need, but for `but`. */
static int last_need(const Fuse *f, const Draft *d, int but) {
  int need = -1;
  for (int m = 0; m < d->n; m++)
    for (int k = 0; k < d->member[m]->narg; k++) {
      int at = f->at[d->member[m]->arg[k]->id];
      if (at != but && at > need) need = at;
    }
  return need;
}

/* Puts the members of `old`, which are totals, behind those of d, both of which are now group g. */
static void put_totals(Fuse *f, Draft *d, Draft *old, int g) {
  Draft both = *d;
  for (int m = 0; m < old->n; m++) {
    both.side[both.n] = -1;
    both.member[both.n++] = old->member[m];
  }
  both.ntotal += old->n;
  d->n = old->n = 0;
  f->draft[g] = both;
  for (int m = 0; m < both.n; m++) f->at[both.member[m]->id] = g;
}

/* Whether the maps and totals of d can take in the totals `old`. */
static bool takes_totals(const Draft *d, const Draft *old) {
  int nmap = d->n - d->ntotal;
  if (d->nscatter || d->n + old->n > MAX_MEMBER) return false;
  for (int t = nmap; t < d->n; t++) /* totals that are not whole yet */
    for (int m = 0; m < old->n; m++)
      if (old->member[m]->ndom > 0 && node_reads(old->member[m], d->member[t])) return false;
  if (d->ntotal && d->member[nmap]->dtype != old->member[0]->dtype) return false;
  return totals_places(nmap, d->member, d->side, old->n, old->member);
}

/* Whether a map of d computes something with what a total of `old` reads at each place. */
static bool shares_places(const Draft *d, const Draft *old, int places) {
  for (int t = 0; t < old->n; t++)
    for (int k = 0; k < old->member[t]->narg; k++) {
      const Node *x = old->member[t]->arg[k];
      for (int m = 0; m < d->n; m++)
        if (x->rank >= places && node_reads(d->member[m], x)) return true;
    }
  return false;
}

/* Whether rows of places have lanes enough. */
static bool has_lanes(const Draft *d) {
  int64_t row = 0;
  const Node *n = d->member[0];
  int last = n->rank - 1 - (d->side[0] == n->rank - 1);
  return last >= 0 && s_const_value(n->dom[last], &row) && row >= LEAST_LANES;
}

/* The totals that are group `from` join maps that read what they read, place by place: it is read
** once then, and computed with once. */
static void join_beside(Fuse *f, int from) {
  Draft *old = &f->draft[from];
  int need = last_need(f, old, from);
  for (int g = need < 0 ? 0 : need; g < f->ndraft; g++) {
    Draft d = f->draft[g];
    if (g == from || d.n == 0 || d.closed || d.root || d.ntail || d.nscatter) continue;
    if (g > from && last_need(f, &f->draft[g], g) >= from) continue;
    int nmap = d.n - d.ntotal;
    if (!d.sides && (d.nshared != d.member[0]->rank || !find_sides(nmap, d.member, d.side)))
      continue;
    d.sides = true;
    if (!shares_places(&d, old, d.member[0]->rank - (d.side[0] >= 0)) || !has_lanes(&d)) continue;
    if (!takes_totals(&d, old)) continue;
    f->draft[g] = d;
    put_totals(f, &f->draft[g], old, g < from ? g : from);
    return;
  }
}

/* The totals that are group `from` join the maps of a few elements a place that they are of: so
** these need not be stored. */
void move_totals(Fuse *f, int from) {
  Draft *old = &f->draft[from];
  if (old->closed || old->root || old->sides || old->ntail || !is_totals(old)) return;
  int need = last_need(f, old, from);
  Draft *d = need < 0 ? NULL : &f->draft[need];
  if (d && need < from && d->sides && takes_totals(d, old)) put_totals(f, d, old, need);
  else join_beside(f, from);
}
