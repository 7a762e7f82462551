/*
** across_fits.c: whether the rows of a group had better each have a lane (lower_across.c)
*/
#include "lower_across.h"
#include "lower_tile.h"
#include "fuse.h"
#include "../codegen/cgen.h"

enum {
  LEAST_TERMS = 3, MOST_TERMS = 64, /* of a row; */
  LEAST_ROW = 6,                    /* elements of the longest row: clang itself puts shorter ones in
                                       lanes, but makes none of 5 */
  MOST_CHEAP = 48,                  /* fewer where nothing is dear */
  MOST_IN_PLACE = 512, LEAST_LANES = 8 /* where all are columns: terms, and lanes */
};

int group_place(const Low *l, const Node *n) {
  for (int i = 0; i < l->nmember; i++)
    if (l->g->member[i] == n) return i;
  return -1;
}

/* Whether rows of so many elements are few, or may be at run time. */
static bool is_few(Across *a, Scalar *extent, int64_t most) {
  int64_t known;
  if (s_const_value(extent, &known)) return known <= most;
  if (!a->unknown) a->unknown = extent;
  return a->unknown == extent;
}

/* The read of a row's first element. */
static Scalar *row_read(const Scalar *s) {
  Scalar *index[MAX_RANK];
  for (int d = 0; d < s->narg; d++) index[d] = s->arg[d];
  index[s->narg - 1] = s_int(0);
  return s_read(s->tensor, index, NULL);
}

static int panel_of(const Across *a, const Scalar *s) {
  Scalar *row = row_read(s);
  for (int k = 0; k < a->npanel; k++)
    if (a->read[k] == row) return k;
  return -1;
}

/* Whether s reads a row of a tensor, all of which may be read: at the places of the shared axes. */
static bool is_row(Across *a, const Scalar *s) {
  int last = s->narg - 1;
  if (!s_is_plain_read(s) || !dtype_is_float((Dtype)s->tensor->dtype)) return false;
  if (!is_few(a, s->tensor->dim[last], MOST_TERMS)) return false;
  if (s_has_read(s->arg[last])) return false;
  for (int p = 0; p < a->l->nshared; p++)
    if (s_uses_axis(s->arg[last], p)) return false;
  for (int d = 0; d < last; d++) {
    const Scalar *at = s->arg[d];
    bool all = at->kind == S_AXIS && at->axis < a->l->nshared &&
               a->n->dom[at->axis] == s->tensor->dim[d];
    if (!all && at->kind != S_CONST) return false;
  }
  return true;
}

static void look(void *ctx, Scalar *s) {
  Across *a = ctx;
  if (s->kind != S_READ || group_place(a->l, s->tensor) >= 0) return;
  if (!s_uses_axis(s, a->l->nshared - 1) || !s_uses_axis(s, a->l->nshared)) return;
  if (s_is_plain_read(s) && read_step(s, a->l->nshared - 1) == 1) a->in_place = true;
  else if (!is_row(a, s)) a->ok = false;
  else if (panel_of(a, s) < 0) {
    if (a->npanel == MOST_PANELS) a->ok = false;
    else a->read[a->npanel++] = row_read(s);
  }
}

/* What the members make. */
typedef struct Work {
  bool rows, dear, divides;
  int sums;
} Work;

static Work work_of(const Low *l) {
  Work w = {0};
  for (int i = 0; i < l->nmember; i++) {
    const Node *n = l->g->member[i];
    w.rows = w.rows || has_row(l, n);
    w.dear = w.dear || has_dear(n->body);
    w.divides = w.divides || has_division(n->body);
    w.sums += reduces(n);
  }
  return w;
}

/* The most elements of a row that are better in lanes where their number is known at run time:
** other loops make no constant sizes of few of them, either. */
static int64_t most_across(const Low *l, Dtype t) {
  Work w = work_of(l);
  if (w.dear && t == DT_F32) return MOST_TERMS;
  return w.dear || w.rows ? MOST_CHEAP - 1 : fixed_lanes(t) - 1;
}

/* Whether sums of `terms` elements, and what is made of them, are better in lanes: those of
** exponentials; and where there are rows to store, all of a few vectors at most. Numbers alone need
** what is turned once: of f32, sums of less than a vector, and the largest of no whole vectors. Of
** f64, as vectors have half as many lanes, longer rows without exponentials, and none too long;
** shorter ones, as rows of 5 of f32, where there is more than one sum, or a division that whole
** vectors of a row do not share. */
static bool pays_across(const Low *l, const Node *sum, int64_t terms) {
  Work w = work_of(l);
  bool wide = sum->dtype == DT_F64;
  if (w.dear) return !wide || terms < MOST_CHEAP;
  if (writes_out(l) || terms >= MOST_CHEAP) return false;
  bool much = w.sums > 1 || (w.divides && terms % fixed_lanes(DT_F64) != 0);
  if (w.rows) return terms >= (wide ? ACROSS_LANES / 2 : LEAST_ROW) || much;
  int lanes = fixed_lanes(DT_F32);
  return !wide && (sum->comb == C_SUM ? terms < lanes : terms % lanes != 0);
}

/* Whether clang would not take rows of so many elements apart, that are made or only read. */
static bool is_long(const Across *a, Scalar *extent, const Node *made) {
  int64_t n;
  bool also5 = made && (made->dtype == DT_F32 || a->l->target->vector_bytes >= LONG_VECTOR);
  return !s_const_value(extent, &n) || n >= LEAST_ROW - also5;
}

bool fits_across(Across *a) {
  const Low *l = a->l;
  bool any = false, sums = false, rows = false, apart = false;
  int64_t extent, longest = 0, lanes = ACROSS_LANES, most = MOST_CHEAP - 1;
  if (l->g->base || l->nshared == 0) return false;
  s_const_value(l->g->member[0]->dom[l->nshared - 1], &lanes);
  for (int i = 0; i < l->nmember; i++) {
    const Node *n = a->n = l->g->member[i];
    if (n_is_scatter(n) || n->rank > l->nshared + 1 || n->ndom > l->nshared + 1) return false;
    if (n->ndom > l->nshared) {
      bool known = s_const_value(n->dom[l->nshared], &extent);
      if (!known && !is_few(a, n->dom[l->nshared], MOST_TERMS)) return false;
      if (!dtype_is_float((Dtype)n->dtype)) return false;
      if (!known) extent = most = most_across(l, (Dtype)n->dtype);
      longest = extent > longest ? extent : longest;
      any = any || (reduces(n) && (!known || (extent >= LEAST_TERMS && pays_across(l, n, extent))));
    }
    sums = sums || reduces(n);
    rows = rows || (has_row(l, n) && !member_home((Low *)l, i));
    apart = apart || (has_row(l, n) && is_long(a, n->dom[l->nshared], n));
    s_walk(n->body, look, a);
  }
  if (!a->ok || (a->unknown && a->npanel == 0)) return false;
  bool square = a->unknown == low_extent(l, l->nshared - 1); /* as many rows as elements */
  if (square && most < ACROSS_LANES) return false;
  a->most = most;
  for (int k = 0; k < a->npanel; k++)
    apart = apart || is_long(a, a->read[k]->tensor->dim[a->read[k]->narg - 1], NULL);
  if (a->npanel > 0) return any && apart && longest <= MOST_TERMS && lanes >= ACROSS_LANES;
  return a->in_place && sums && rows && longest <= MOST_IN_PLACE && lanes >= LEAST_LANES;
}
