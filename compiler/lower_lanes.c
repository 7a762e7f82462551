/*
** lower_lanes.c: the loops of a group over tiles of its last shared axis
**
**   m[i] = max k. x[k, i];  y[i] = exp(m[i])     for tiles of i:  m_lane[32] = -inf
**                                                  for k, lanes:  m_lane = max(m_lane, x[k][i + lane])
**                                                  for lanes:     y[i + lane] = exp(m_lane[lane])
** Lanes are results: every statement is a loop over the lanes of a tile, inside the loops of a
** reduction, whose order of terms stays. Where reductions go better along their terms, each of the
** lanes is reduced by itself, four in one loop since they share reads, and what follows is a loop
** over lanes nevertheless:
**
**   d[i, j] = sum k. (x[i, k] - y[j, k])^2       for i, tiles of j:
**   y[i, j] = exp(-d[i, j])                        for j by 4, k:  d_lane[j..j+3] += ..
**                                                  for lanes:      y[i][j + lane] = exp(-d_lane[lane])
*/
#include "lower.h"
#include "fuse.h"
#include "../codegen/cgen.h"
#include <string.h>

enum {
  TOGETHER = 4,     /* lanes reduced along their terms in one loop, rows of lanes in registers */
  ROWS = 8,         /* rows of results that share what a tile reads */
  NEAR_BYTES = 16384, /* what tiles may read again and again */
  LONG_TILE = 256, MANY_ROWS = 64, /* of tiles that sum rows, of sizes known at run time */
  BOUNDED = 32,     /* lanes of sums whose terms have bounds */
  LEAST_TERMS = 8, MANY_TERMS = 32 /* of a sum along its terms, and of one of exponentials */
};

/* Whether a member of another lane loop reads m. */
static bool crosses(const Low *l, const Member *m) {
  for (int j = 0; j < l->nmember; j++)
    if (l->member[j].phase != m->phase && node_reads(l->member[j].node, m->node)) return true;
  return false;
}

static Node *lane_array(Low *l, const Member *m, const char *name) {
  Scalar *dim[] = {s_int(l->width * l->nrow)};
  return low_local(l, (Dtype)m->node->dtype, 1, dim, name);
}

/* Where the present lane is in arrays of lanes: those of several rows one after the other. */
Scalar *lane_index(const Low *l) {
  Scalar *lane = s_axis(l->lane_axis);
  return l->nrow > 1 ? s_add(s_mul(s_axis(l->lane_row), s_int(l->width)), lane) : lane;
}

Stmt *lane_loop(Low *l, Stmt *in, Loc loc) {
  if (l->nrow > 1) {
    in = stmt_add(in, stmt_for(l->lane_row, s_int(0), s_int(l->nrow), loc));
    in->lanes = true;
  }
  Stmt *s = stmt_add(in, stmt_for(l->lane_axis, s_int(0), l->lanes, loc));
  s->simd = s->lanes = true;
  s->trips = l->lanes;
  return s;
}

/* Whether y runs over the terms of x, and needs nothing that is complete only after them: neither x
** nor a reduction before it, down to `first`, whose loops x shares. The guard of a sum bounds them. */
static bool same_reductions(const Member *first, const Member *x, const Member *y) {
  Scalar *bounds = first->node->comb == C_SUM ? guard_of(first->node->body) : NULL;
  bool bounded = y->node->comb == C_SUM && guard_of(y->node->body) == bounds;
  if (x->ndom != y->ndom || x->node->comb == C_SET) return false;
  if (bounds && !bounded) return false;
  for (const Member *m = first; m <= x; m++)
    if (node_reads(y->node, m->node)) return false;
  for (int p = x->nout; p < x->ndom; p++)
    if (x->node->dom[p] != y->node->dom[p]) return false;
  return true;
}

/* A reduction with an accumulator a lane. Loops are shared with the previous reduction, whose
** innermost body is *inner, when both run over the same terms. *first: the first in these loops. */
static void reduce_lanes(Low *l, Member *m, const Member **first, Member *previous, Stmt *in,
                         Stmt **inner) {
  Scalar *index[] = {lane_index(l)};
  Dtype t = (Dtype)m->node->dtype;
  Combine comb = (Combine)m->node->comb;
  Loc loc = m->node->loc;
  m->row = lane_array(l, m, acc_name(m));
  Stmt *acc = stmt_var(m->row, s_combine_identity(comb, t), loc);
  Scalar *by[MAX_KERNEL_AXES] = {0}, *joined = NULL;
  if (previous && *inner && same_reductions(*first, previous, m)) {
    for (int p = m->nout; p < m->ndom; p++) by[m->axis[p]] = s_axis(previous->axis[p]);
    joined = s_subst_axes(m->body, l->k->naxis, by);
  }
  if (joined && bump_allows(l, joined, comb)) {
    memcpy(m->axis, previous->axis, sizeof m->axis);
    m->body = l->bump.exp ? bump_body(l, joined) : joined;
    stmt_insert(in, in->n - 1, acc);
  } else {
    Reds r = reduction_loops(l, m, false);
    *first = m;
    stmt_add(in, acc);
    l->nupdate = 0;
    l->bump = (Bump){0};
    int last = r.n - 1;
    bool whole = s_is_int(r.lo[last], 0) && r.hi[last] == low_extent(l, r.axis[last]);
    if (whole && find_bump(l, m->body, comb, r.axis[last], &l->bump)) {
      *inner = bump_loops(l, open_reds(&r, 0, r.n - 1, in, loc), loc, &l->nupdate);
      m->body = bump_body(l, m->body);
      if (l->columns) add_column(l, m, *inner);
    } else {
      *inner = lane_loop(l, open_reds(&r, 0, r.n, in, loc), loc);
    }
  }
  stmt_insert(*inner, (*inner)->n - l->nupdate, stmt_store(m->row, index, comb, m->body, loc));
}

/* rows of lanes, each reduced along its terms */

static bool by_terms(Low *l, const Member *m) {
  return l->rows && m->ndom > m->nout;
}

/* lane r of a block is reduced in an array of its own; the fold goes to its place in m->row. */
static void reduce_together(Low *l, Member *m, const Reds *r, int block, int n, Stmt *in) {
  Dtype t = (Dtype)m->node->dtype;
  Combine comb = (Combine)m->node->comb;
  Loc loc = m->node->loc;
  Node *lane[TOGETHER];
  Scalar *body[TOGETHER], *dim[] = {s_int(fixed_lanes(t))}, *by[MAX_KERNEL_AXES] = {0};
  for (int k = 0; k < n; k++) {
    lane[k] = low_local(l, t, 1, dim, "lane");
    stmt_add(in, stmt_var(lane[k], s_combine_identity(comb, t), loc));
    by[l->lane_axis] = s_add(s_axis(block), s_int(k));
    body[k] = s_subst_axes(m->body, l->lane_axis + 1, by);
  }
  sweep_lanes(l, m, r->axis[0], r->lo[0], r->hi[0], r->trips[0], n, lane, body, in);
  for (int k = 0; k < n; k++) {
    Node *sum = low_local(l, t, 0, NULL, acc_name(m));
    Stmt *fold = stmt_add(in, stmt_new(ST_FOLD, loc));
    Scalar *index[] = {s_add(s_axis(block), s_int(k))};
    fold->to = sum;
    fold->from = lane[k];
    fold->comb = comb;
    stmt_add(in, stmt_store(m->row, index, C_SET, local_read(sum), loc));
  }
}

/* A reduction along its terms for every lane of the tile. */
static void reduce_rows(Low *l, Member *m, Stmt *in) {
  Loc loc = m->node->loc;
  int64_t lanes = 0;
  m->row = lane_array(l, m, acc_name(m));
  Reds r = reduction_loops(l, m, true);
  stmt_add(in, stmt_var(m->row, NULL, loc));
  bool together = l->share && r.n == 1 && usual_count(1, r.trips) <= LONG_SUM &&
                  s_const_value(l->lanes, &lanes) && lanes % TOGETHER == 0;
  for (int k = 0; k < r.n; k++) together = together && !s_uses_axis(r.lo[k], l->lane_axis) &&
                                           !s_uses_axis(r.hi[k], l->lane_axis);
  int block = together ? low_axis(l, l->lanes, NULL) : l->lane_axis;
  Stmt *each = stmt_add(in, stmt_for(block, s_int(0), l->lanes, loc));
  each->lanes = true;
  each->trips = l->lanes;
  if (together) {
    each->step = TOGETHER;
    reduce_together(l, m, &r, block, TOGETHER, each);
    return;
  }
  Scalar *index[] = {s_axis(l->lane_axis)}, *value = reduce_terms(l, m, &r, each);
  stmt_add(each, stmt_store(m->row, index, C_SET, value, loc));
}

/* A lane loop for results and the maps of a phase: over the fresh lanes, unless later loops need
** values of all of them. */
static Stmt *fresh_loop(Low *l, int phase, Stmt *in, Loc loc) {
  Stmt *s = lane_loop(l, in, loc);
  for (int i = 0; i < l->nmember; i++)
    if (l->member[i].phase == phase && crosses(l, &l->member[i])) return s;
  s->lo = l->fresh;
  return s;
}

/* Whether the maps that later lane loops read are stored too: then no tile may cover lanes of
** another, whose inputs its results may have replaced. */
static bool stores_crossing_map(Low *l) {
  members_outline(l);
  for (int i = 0; i < l->nmember; i++) {
    const Member *m = &l->member[i];
    if (m->ndom == m->nout && member_home(l, i) && crosses(l, m)) return true;
  }
  return false;
}

/* All members for one tile of the present rows: lanes [0, lanes) at base + lane. */
static void tile_members(Low *l, Scalar *base, Scalar *lanes, Stmt *in) {
  int p = l->nshared - 1;
  Stmt *open = NULL, *inner = NULL;
  Member *previous = NULL;
  const Member *first = NULL;
  l->lane_axis = low_axis(l, lanes, NULL);
  l->lanes = lanes;
  l->shared[p] = s_add(base, s_axis(l->lane_axis));
  members_outline(l);
  for (int i = 0; i < l->nmember; i++) {
    Member *m = &l->member[i];
    member_bind(l, m);
    Scalar *index[] = {lane_index(l)};
    if (m->ndom > m->nout) {
      bool joins = previous && previous == m - 1 && inner && l->nrow == 1;
      if (by_terms(l, m)) reduce_rows(l, m, in), previous = NULL;
      else reduce_lanes(l, m, &first, joins ? previous : NULL, in, &inner), previous = m;
      open = NULL;
      bool more = i + 1 < l->nmember && l->member[i + 1].ndom > l->member[i + 1].nout;
      if (more) continue;
      for (Member *q = m; q >= l->member && q->ndom > q->nout; q--) {
        if (!q->to && !l->partial) continue;
        if (!open) open = fresh_loop(l, m->phase + 1, in, q->node->loc);
        store_result(l, q, s_read(q->row, index, NULL), open);
      }
      continue;
    }
    if (!open) open = fresh_loop(l, m->phase, in, m->node->loc);
    lower_map(l, m, open);
    if (m->used && crosses(l, m)) {
      m->row = lane_array(l, m, name_of_node(m->node));
      stmt_insert(in, in->n - 1, stmt_var(m->row, NULL, m->node->loc));
      stmt_add(open, stmt_store(m->row, index, C_SET, m->value, m->node->loc));
    }
  }
}

/* One tile, of the rows of a block if there are any: some rows at a time, then those that are
** left. */
void lower_lane_tile(Low *l, Scalar *base, Scalar *lanes, Stmt *in) {
  int q = l->row_axis;
  int64_t rows;
  if (l->row_block < 0) {
    tile_members(l, base, lanes, in);
    return;
  }
  Scalar *from = s_axis(l->row_block), *n = low_extent(l, q), *one = l->shared[q];
  Scalar *end = s_op2(OP_MIN, s_add(from, s_int(ROWS)), n);
  if (l->together > 1) {
    Stmt *some = stmt_add(in, stmt_for(q, from, s_sub(end, s_int(l->together - 1)), l->k->loc));
    some->step = l->nrow = l->together;
    some->trips = s_int(ROWS);
    l->lane_row = low_axis(l, s_int(l->nrow), NULL);
    l->shared[q] = s_add(one, s_axis(l->lane_row));
    tile_members(l, base, lanes, some);
    l->shared[q] = one;
    l->nrow = 1;
    if (s_const_value(n, &rows) && rows % l->together == 0) return;
    from = s_sub(end, s_op2(OP_MOD, end, s_int(l->together)));
    q = l->row_axis;
  }
  Stmt *each = stmt_add(in, stmt_for(q, from, end, l->k->loc));
  each->trips = s_int(ROWS);
  tile_members(l, base, lanes, each);
}

/* The most reductions that share their loops: they share the registers too. */
static int most_together(Low *l) {
  int most = 0, n = 0;
  members_outline(l);
  for (int i = 0; i < l->nmember; i++) {
    const Member *m = &l->member[i];
    bool sum = m->ndom > m->nout && !l->rows;
    n = !sum ? 0 : n && same_reductions(m - n, m - 1, m) ? n + 1 : 1;
    most = n > most ? n : most;
  }
  return most;
}

/* The width of tiles along an axis of `known` elements (-1: a run-time size) that a choice asks
** for. */
static int chosen_width(Low *l, int64_t known) {
  const Choice *c = &l->k->choice;
  int width = c->width ? c->width : c->shift < 0 ? l->width / 2 : l->width << c->shift;
  bool fits = width >= 4 && width <= 64 && (known < 0 || width <= known);
  return l->k->took.width = fits ? width : l->width;
}

/* Four vectors of the target, if there are so many lanes; of sums whose terms the place bounds no more
** than 32, since each tile takes all terms that one of its lanes has. */
static int tile_width(const Low *l, Scalar *extent, Dtype t, int64_t known) {
  int width = lane_width(extent, t);
  if (l->target->vector_bytes < LONG_VECTOR || (known >= 0 && known < 2 * width)) return width;
  for (int i = 0; i < l->nmember && width >= BOUNDED; i++)
    if (strip_guard(l->g->member[i]->body) != l->g->member[i]->body) return width;
  return 2 * width;
}

/* Whether the group sums over many rows what is there of them: memory is best read along rows, and
** the sums of a long tile are near all the same. */
static bool sums_long_rows(const Low *l) {
  bool many = false;
  if (l->together > 1 || l->rows) return false;
  for (int i = 0; i < l->nmember; i++) {
    const Node *n = l->g->member[i];
    if (strip_guard(n->body) != n->body || !goes_along_rows(n->body, l->nshared - 1)) return false;
    many |= n->ndom > n->rank && usual_count(n->ndom - n->rank, n->dom + n->rank) >= MANY_ROWS;
  }
  return many;
}

void lower_lanes(Low *l, Stmt *in) {
  int p = l->nshared - 1;
  Scalar *extent = low_extent(l, p);
  Dtype t = (Dtype)l->g->member[l->nmember - 1]->dtype;
  int64_t known = -1;
  s_const_value(extent, &known);
  l->width = tile_width(l, extent, t, known);
  if (l->together > 1) l->width = l->width >= 16 ? l->width / 2 : l->width;
  else
    for (int n = most_together(l); n > 2 && l->width >= 16; n = (n + 1) / 2) l->width /= 2;
  l->width = l->whole_rows ? (int)known : chosen_width(l, known);
  if (known < 0 && sums_long_rows(l)) l->width = LONG_TILE;
  l->fresh = s_int(0);
  if (known == l->width) {
    lower_lane_tile(l, s_int(0), extent, in);
    return;
  }
  if (known < 0 && !stores_crossing_map(l)) {
    Scalar *base;
    Stmt *large = stmt_add(in, stmt_new(ST_IF, l->k->loc)), *small = stmt_new(ST_IF, l->k->loc);
    l->width /= 2;
    large->value = s_op2(OP_GE, extent, s_int(l->width));
    Stmt *tiles = tile_loop(l, p, l->width, &base, &l->fresh, large);
    lower_lane_tile(l, base, s_int(l->width), tiles);
    stmt_add(in, small);
    small->value = s_op2(OP_LT, extent, s_int(l->width));
    l->fresh = s_int(0);
    lower_lane_tile(l, s_int(0), extent, small);
    return;
  }
  Scalar *rest = s_op2(OP_MOD, extent, s_int(l->width));
  Stmt *tiles = stmt_add(in, stmt_for(p, s_int(0), s_sub(extent, s_int(l->width - 1)), l->k->loc));
  tiles->step = l->width;
  lower_lane_tile(l, s_axis(p), s_int(l->width), tiles);
  if (known >= 0 && known % l->width == 0) return;
  if (known >= 0) l->width = (int)(known % l->width);
  Stmt *block = stmt_add(in, stmt_new(ST_BLOCK, l->k->loc));
  lower_lane_tile(l, s_sub(extent, rest), rest, block);
}

bool wants_lanes(const Low *l) {
  int score = 0;
  bool reduces = false;
  int64_t extent;
  if (l->nshared == 0) return false;
  int p = l->nshared - 1;
  for (int i = 0; i < l->nmember; i++) {
    const Node *n = l->g->member[i];
    if (n_is_scatter(n) || n->rank != l->nshared) return false;
    if (n->ndom == n->rank) continue;
    reduces = true;
    score += access_score(n->body, p);
    int best = -100;
    bool any_long = false;
    for (int q = n->rank; q < n->ndom; q++) {
      int s = access_score(n->body, q);
      if (s > best) best = s;
      any_long |= !s_const_value(n->dom[q], &extent) || extent >= 32;
    }
    if (any_long && best > 0) score -= best;
  }
  if (!reduces || (s_const_value(l->g->member[0]->dom[p], &extent) && extent < 4)) return false;
  return score >= 0;
}


typedef struct Looks {
  int p, q;        /* the tiled axis, and the one before it */
  bool shared;     /* a read of terms that every lane does too */
  bool again;      /* one that every row does too */
  bool dear;       /* an exponential, or the like */
  const Node *n;
} Looks;

static void look(void *ctx, Scalar *s) {
  Looks *k = ctx;
  bool terms = false;
  if (s->kind == S_OP && is_dear(s)) k->dear = true;
  if (s->kind != S_READ) return;
  for (int r = k->n->rank; r < k->n->ndom; r++) terms = terms || s_uses_axis(s, r);
  if (terms && !s_uses_axis(s, k->p)) k->shared = true;
  if (terms && k->q >= 0 && s_uses_axis(s, k->p) && !s_uses_axis(s, k->q)) k->again = true;
}

/* Whether reductions along their terms are best done for a tile of results before what follows
** them: since that has vectors then, or since the results share reads. */
bool wants_rows(Low *l) {
  Looks seen = {.p = l->nshared - 1, .q = -1};
  int64_t v, terms = 1;
  int nreduced = 0;
  if (l->nshared == 0) return false;
  if (s_const_value(l->g->member[0]->dom[seen.p], &v) && v < 8) return false;
  for (int i = 0; i < l->nmember; i++) {
    const Node *n = l->g->member[i];
    if (n_is_scatter(n) || n->rank != l->nshared || !dtype_is_float((Dtype)n->dtype)) return false;
    seen.n = n;
    if (n->ndom == n->rank) {
      s_walk(n->body, look, &seen);
      continue;
    }
    Looks sum = seen;
    sum.dear = false;
    s_walk(n->body, look, &sum);
    seen.shared = seen.shared || sum.shared;
    nreduced++;
    if (n->ndom > n->rank + 1) return false;
    int least = sum.dear ? MANY_TERMS : LEAST_TERMS;
    if (s_const_value(n->dom[n->rank], &v) && v < least) return false;
    if (access_score(n->body, n->rank) <= 0) return false;
    terms = (int64_t)usual_count(1, n->dom + n->rank);
  }
  bool near = nreduced == 1 || terms * 32 * 4 <= NEAR_BYTES || (nreduced && seen.shared);
  l->rows = nreduced && near && (seen.dear || seen.shared);
  l->share = seen.shared;
  return l->rows;
}

/* Whether tiles of some rows of results are best done one after the other, since they read the
** same. */
bool wants_row_blocks(const Low *l) {
  Looks seen = {.p = l->nshared - 1, .q = l->nshared - 2};
  if (l->nshared < 2 || usual_count(1, l->g->member[0]->dom + seen.q) < 2 * ROWS) return false;
  for (int i = 0; i < l->nmember; i++) {
    seen.n = l->g->member[i];
    int inner = seen.n->ndom - seen.p;
    if (seen.n->ndom > seen.n->rank && usual_count(inner, seen.n->dom + seen.p) > NEAR_BYTES / 4)
      s_walk(seen.n->body, look, &seen);
  }
  return seen.again;
}

/* Whether the reductions may be over the lanes of several rows at once: their bounds do not depend
** on the row, and exponentials would take the registers. */
static bool rows_together(const Low *l) {
  for (int i = 0; i < l->nmember; i++) {
    Looks seen = {.n = l->g->member[i]};
    if (seen.n->ndom == seen.n->rank) continue;
    s_walk(seen.n->body, look, &seen);
    if (seen.dear || strip_guard(seen.n->body) != seen.n->body) return false;
  }
  return !l->rows;
}

/* The loop over blocks of rows along axis p; the one over the rows of a block is opened in each
** tile. */
Stmt *row_blocks(Low *l, int p, Stmt *in) {
  l->row_axis = p;
  l->together = rows_together(l) ? TOGETHER : 1;
  l->row_block = low_axis(l, low_extent(l, p), NULL);
  Stmt *s = stmt_add(in, stmt_for(l->row_block, s_int(0), low_extent(l, p), l->k->loc));
  s->step = ROWS;
  s->tiles = true;
  return s;
}
