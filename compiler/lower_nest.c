/*
** lower_nest.c: the loops of a group
**
**   y[i, j] = sum k. a[i, k] * b[k, j]        for i, j:  acc = 0
**                                               for k:  acc += a[i][k] * b[k][j]
**                                               y[i][j] = acc
** The shared axes of the group are the outer loops; each member's own axes nest inside, in the
** order of the members. A reduction is made a vector in one of two ways:
**
**   lanes of results   (lower_lanes.c) the last shared axis is cut into tiles, and every statement is a
**                      loop over the lanes of a tile inside the loops of the reduction
**   lanes of terms     the innermost reduced axis goes round 16 (f32) or 8 (f64) accumulators,
**                      which a fixed tree joins
** and one with few results is cut into a fixed number of chunks, for threads to share
** (lower_chunk.c).
*/
#include "lower.h"
#include "fuse.h"
#include "../codegen/cgen.h"
#include <string.h>

/* members */

static Member *member_of(Low *l, const Node *n) {
  for (int m = 0; m < l->nmember; m++)
    if (l->member[m].node == n) return &l->member[m];
  return NULL;
}

static Scalar *bind_read(void *ctx, Scalar *s) {
  Low *l = ctx;
  if (s->kind != S_READ) return NULL;
  for (int i = 0; i < l->k->nlocal; i++)
    if (l->k->local[i].node == s->tensor) return NULL;
  Member *m = member_of(l, s->tensor);
  if (!m) return s_read(low_formal(l, s->tensor, false), s->arg, s->rule);
  if (m->nout == l->nshared && !m->scatter) {
    if (m->row && (m->phase != l->phase || !m->value))
      return s_read(m->row, (Scalar *[]){lane_index(l)}, NULL);
    if (m->value) return m->value;
  }
  if (m->panel)
    return s_read(m->panel, (Scalar *[]){s->arg[l->nshared], s_axis(l->lane_axis)}, NULL);
  if (m->local) return s_read(m->local, s->arg + l->nshared, NULL);
  return s_read(m->to, s->arg, NULL);
}

/* Finds which members are read by later ones, and gives each its lane loop: reductions have one of
** their own, maps between them share one. */
void members_outline(Low *l) {
  int phase = 0;
  for (int i = 0; i < l->nmember; i++) {
    Member *m = &l->member[i];
    *m = (Member){.node = l->g->base ? l->g->scatter : l->g->member[i]};
    m->scatter = n_is_scatter(m->node);
    m->ndom = m->node->ndom;
    m->nout = m->scatter ? 0 : m->node->rank;
    if (l->written_out) m->ndom = m->nout;
    bool reduces = m->ndom > m->nout && !m->scatter;
    if (reduces) phase++;
    m->phase = phase;
    if (reduces) phase++;
    for (int j = i + 1; j < l->nmember; j++) m->used |= node_reads(l->g->member[j], m->node);
  }
}

/* The formal for what member i holds: its own, or that of the last one to read it, where its rows
** are too long for the stack; NULL: it has none. */
Node *member_home(Low *l, int i) {
  Node *n = l->g->member[i];
  if (l->g->stored[i]) return n;
  if (n->rank <= l->nshared || !is_long_row(n, l->nshared)) return NULL;
  int last = l->nmember - 1;
  while (last > i && !node_reads(l->g->member[last], n)) last--;
  return last > i && heir_of(n, 1, &l->g->member[last]) ? member_home(l, last) : NULL;
}

/* The extents of all axes there are. */
static Scalar **axis_extents(const Low *l) {
  Scalar **dom = NEWN(mod->arena, Scalar *, l->k->naxis + 1);
  for (int p = 0; p < l->k->naxis; p++) dom[p] = low_extent(l, p);
  return dom;
}

Scalar *bind_body(Low *l, Scalar *body) {
  return s_rewrite(resolve_rules(body, l->k->naxis, axis_extents(l)), bind_read, l);
}

Scalar *bind_at(Low *l, Scalar *body, int ndom, Scalar **by) {
  if (body->kind == S_OP && body->op == OP_AFTER) body = body->arg[0];
  return bind_body(l, simplify_within(s_subst_axes(body, ndom, by), l->k->naxis, axis_extents(l)));
}

/* Renumbers the axes of member m, resolves its reads. The members before it are done. */
void member_bind(Low *l, Member *m) {
  Scalar *by[MAX_AXES];
  Node *n = m->node;
  for (int p = 0; p < m->ndom; p++) {
    m->axis[p] = p < l->nshared ? p : low_axis(l, n->dom[p], NULL);
    by[p] = p < l->nshared ? l->shared[p] : low_at(l, m->axis[p]);
  }
  l->phase = m->phase;
  m->body = m->ndom < n->ndom ? bind_at(l, written_out(n, by), 0, NULL)
                              : bind_at(l, n->body, n->ndom, by);
  for (int d = 0; d < n->rank; d++)
    m->windex[d] = bind_body(l, s_subst_axes(n->windex[d], n->ndom, by));
  Node *home = member_home(l, (int)(m - l->member));
  if (home) m->to = low_formal(l, home, true);
  if (!home && m->nout > l->nshared)
    m->local = low_local(l, (Dtype)n->dtype, n->rank - l->nshared, n->dim + l->nshared,
                         name_of_node(n));
}

/* Opens loops over the domain axes [from, to) of m inside `in`; returns the innermost body. */
Stmt *open_loops(Low *l, const Member *m, int from, int to, Stmt *in) {
  for (int p = from; p < to; p++)
    if (!s_is_int(low_extent(l, m->axis[p]), 1))
      in = stmt_add(in, stmt_for(m->axis[p], s_int(0), low_extent(l, m->axis[p]), m->node->loc));
  return in;
}

/* Stores a value of m at the current position of all its result axes. */
void store_result(Low *l, const Member *m, Scalar *value, Stmt *in) {
  Scalar *index[MAX_RANK + 1];
  Node *partial = l->partial ? l->partial[m - l->member] : NULL;
  Node *to = partial ? partial : m->to ? m->to : m->local;
  int n = 0;
  if (!to) return;
  if (partial) index[n++] = s_axis(l->chunk_axis);
  for (int d = to == m->local ? l->nshared : 0; d < m->nout; d++)
    index[n++] = d < l->nshared ? l->shared[d] : low_at(l, m->axis[d]);
  stmt_add(in, stmt_store(to, index, C_SET, value, m->node->loc));
}

/* A name for the variable a reduction adds up in. */
const char *acc_name(const Member *m) {
  return m->to ? "acc" : name_of_node(m->node);
}

/* Bounds of the reduced axes of m, narrowed by the guards of a sum; with `vector_last` the axis
** along which reads are best is moved innermost. */
Reds reduction_loops(Low *l, Member *m, bool vector_last) {
  Reds r = {.n = m->ndom - m->nout};
  int best = r.n - 1;
  for (int k = 0; k < r.n; k++) r.axis[k] = m->axis[m->nout + k];
  if (vector_last)
    for (int k = r.n - 2; k >= 0; k--)
      if (access_score(m->body, r.axis[k]) > access_score(m->body, r.axis[best])) best = k;
  int last = r.axis[best];
  memmove(r.axis + best, r.axis + best + 1, sizeof *r.axis * (size_t)(r.n - 1 - best));
  r.axis[r.n - 1] = last;
  for (int k = 0; k < r.n; k++) {
    r.lo[k] = s_int(0);
    r.trips[k] = r.hi[k] = low_extent(l, r.axis[k]);
  }
  if (m->node->comb == C_SUM)
    m->body = tighten_bounds(m->body, r.n, r.axis, l->lane_axis, l->lanes, r.lo, r.hi);
  if (l->chunk_axis >= 0) { /* this chunk's part of the outermost axis */
    Scalar *size = s_op2(OP_FLOORDIV, s_add(low_extent(l, r.axis[0]), s_int(l->chunks - 1)),
                         s_int(l->chunks));
    Scalar *from = s_mul(s_axis(l->chunk_axis), size);
    r.lo[0] = s_is_int(r.lo[0], 0) ? from : s_op2(OP_MAX, r.lo[0], from);
    r.trips[0] = size;
    r.hi[0] = s_op2(OP_MIN, r.hi[0], s_add(from, size));
  }
  return r;
}

Stmt *open_reds(const Reds *r, int from, int to, Stmt *in, Loc loc) {
  for (int k = from; k < to; k++) {
    in = stmt_add(in, stmt_for(r->axis[k], r->lo[k], r->hi[k], loc));
    in->trips = r->trips[k];
  }
  return in;
}

/* lanes of terms */

enum { MANY_TERMS = 256, SHORT_ROW = 6 };

int fixed_lanes(Dtype t) { return t == DT_F32 ? 16 : 8; }

bool wants_term_lanes(const Low *l, const Member *m, const Reds *r) {
  int64_t extent;
  int last = r->axis[r->n - 1];
  if (!dtype_is_float((Dtype)m->node->dtype) || m->node->comb == C_SET) return false;
  bool dear = has_dear(m->body), many = usual_count(r->n, r->trips) >= MANY_TERMS;
  int least = dear || many ? SHORT_ROW : 16; /* some lanes may stay empty */
  if (s_const_value(low_extent(l, last), &extent) && extent < least) return false;
  return access_score(m->body, last) >= (dear || many ? -7 : 0); /* a read or two one by one */
}

static Scalar *at_axis(Scalar *body, int axis, Scalar *by) {
  Scalar *sub[MAX_KERNEL_AXES] = {0};
  sub[axis] = by;
  return s_subst_axes(body, axis + 1, sub);
}

/* One sweep along the innermost axis: lane[r][q] (+)= body[r], 16 or 8 terms at a time. */
void sweep_lanes(Low *l, const Member *m, int axis, Scalar *lo, Scalar *hi, Scalar *trips,
                 int nlane, Node **lane, Scalar **body, Stmt *in) {
  int n = fixed_lanes((Dtype)lane[0]->dtype), q = low_axis(l, s_int(n), NULL);
  int64_t extent;
  bool fits = s_const_value(low_extent(l, axis), &extent) && extent >= n; /* whole vectors do */
  int k = low_axis(l, fits ? s_int(extent - n + 1) : low_extent(l, axis), NULL);
  Loc loc = m->node->loc;
  Combine comb = (Combine)m->node->comb;
  Scalar *index[] = {s_axis(q)}, *count = s_sub(hi, lo);
  int64_t known = -1;
  s_const_value(count, &known);
  if (known < 0 || known >= n) {
    bool once = known >= n && known < 2 * n;
    Stmt *whole = in;
    if (!once) {
      whole = stmt_add(in, stmt_for(k, lo, s_sub(hi, s_int(n - 1)), loc));
      whole->step = n;
      whole->trips = trips;
    }
    Stmt *each = stmt_add(whole, stmt_for(q, s_int(0), s_int(n), loc));
    each->simd = true;
    Scalar *at = s_add(once ? lo : s_axis(k), s_axis(q));
    for (int r = 0; r < nlane; r++)
      stmt_add(each, stmt_store(lane[r], index, comb, at_axis(body[r], axis, at), loc));
  }
  if (known >= 0 && known % n == 0) return;
  Scalar *rest = s_op2(OP_MOD, known >= 0 ? count : s_op2(OP_MAX, count, s_int(0)), s_int(n));
  if (known >= 0) q = low_axis(l, rest, NULL);
  index[0] = s_axis(q);
  Stmt *each = stmt_add(in, stmt_for(q, s_int(0), rest, loc));
  each->simd = true;
  for (int r = 0; r < nlane; r++)
    stmt_add(each, stmt_store(lane[r], index, comb,
                              at_axis(body[r], axis, s_add(s_sub(hi, rest), s_axis(q))), loc));
}

/* A reduction over lanes of terms; long ones in stretches, whose sums an outer variable (f64 for
** f32 sums) takes. Returns its value. */
Scalar *reduce_terms(Low *l, const Member *m, const Reds *r, Stmt *in) {
  Dtype t = (Dtype)m->node->dtype, wide = m->node->comb == C_SUM ? DT_F64 : t;
  Combine comb = (Combine)m->node->comb;
  Loc loc = m->node->loc;
  Scalar *unit = s_combine_identity(comb, t), *dim[] = {s_int(fixed_lanes(t))};
  int last = r->axis[r->n - 1], depth = r->n - 1;
  Scalar *ext[MAX_AXES];
  for (int k = 0; k < r->n; k++) ext[k] = r->trips[k];
  while (depth > 0 && usual_count(r->n - depth + 1, ext + depth - 1) <= LONG_SUM) depth--;
  bool stretch = usual_count(1, r->trips + r->n - 1) > LONG_SUM;
  Node *lane = low_local(l, t, 1, dim, "lane"), *acc = NULL;
  Node *sum = low_local(l, t, 0, NULL, depth || stretch ? "part" : acc_name(m));
  if (depth || stretch) {
    acc = low_local(l, wide, 0, NULL, acc_name(m));
    stmt_add(in, stmt_var(acc, s_combine_identity(comb, wide), loc));
  }
  Stmt *at = open_reds(r, 0, depth, in, loc);
  Scalar *lo = r->lo[r->n - 1], *hi = r->hi[r->n - 1], *trips = r->trips[r->n - 1];
  if (stretch) {
    int b = low_axis(l, low_extent(l, last), NULL);
    at = stmt_add(at, stmt_for(b, lo, hi, loc));
    at->step = LONG_SUM;
    at->trips = trips;
    trips = s_int(LONG_SUM);
    lo = s_axis(b);
    hi = s_op2(OP_MIN, hi, s_add(lo, s_int(LONG_SUM)));
  }
  stmt_add(at, stmt_var(lane, unit, loc));
  Stmt *inner = open_reds(r, depth, r->n - 1, at, loc);
  sweep_lanes(l, m, last, lo, hi, trips, 1, &lane, (Scalar *[]){m->body}, inner);
  Stmt *fold = stmt_new(ST_FOLD, loc);
  fold->to = sum;
  fold->from = lane;
  fold->comb = comb;
  stmt_add(at, fold);
  if (!acc) return local_read(sum);
  stmt_add(at, stmt_store(acc, NULL, comb, s_cast(wide, local_read(sum)), loc));
  return s_cast(t, local_read(acc));
}

static Scalar *reduce_plainly(Low *l, const Member *m, const Reds *r, Stmt *in) {
  Dtype t = (Dtype)m->node->dtype;
  Combine comb = (Combine)m->node->comb;
  Node *acc = low_local(l, t, 0, NULL, acc_name(m));
  stmt_add(in, stmt_var(acc, s_combine_identity(comb, t), m->node->loc));
  Stmt *inner = open_reds(r, 0, r->n, in, m->node->loc);
  stmt_add(inner, stmt_store(acc, NULL, comb, m->body, m->node->loc));
  return local_read(acc);
}

/* members one at a time */

void lower_map(Low *l, Member *m, Stmt *in) {
  Scalar *value = m->body;
  if (m->local) stmt_add(in, stmt_var(m->local, NULL, m->node->loc));
  in = open_loops(l, m, l->nshared, m->nout, in);
  bool largest = m->ndom < m->node->ndom && (m->node->comb == C_MAX || m->node->comb == C_MIN);
  if (m->nout == l->nshared && m->used && value->kind == S_READ && value->narg == 0) {
    m->value = value; /* it has a name already, or is one element */
  } else if (m->nout == l->nshared && (m->used || largest)) { /* a chain of maxima is long */
    Node *local = low_local(l, (Dtype)m->node->dtype, 0, NULL, name_of_node(m->node));
    stmt_add(in, stmt_let(local, value, m->node->loc));
    m->value = value = local_read(local);
  }
  store_result(l, m, value, in);
}

static void lower_reduction(Low *l, Member *m, Stmt *in) {
  if (m->local) stmt_add(in, stmt_var(m->local, NULL, m->node->loc));
  in = open_loops(l, m, l->nshared, m->nout, in);
  Reds r = reduction_loops(l, m, true);
  Scalar *value = wants_term_lanes(l, m, &r) ? reduce_terms(l, m, &r, in)
                                             : reduce_plainly(l, m, &r, in);
  if (m->nout == l->nshared) m->value = value;
  store_result(l, m, value, in);
}

/* axes of a few elements */

/* The side axis of a group of maps (fuse_side.c), and how many elements it has; -1: none. */
static int few_axis(const Low *l, int64_t *count) {
  int axis = -1;
  for (int i = 0; i < l->nmember; i++) {
    const Node *n = l->g->member[i];
    if (!n_is_map(n) || n->rank != l->nshared || l->g->base) return -1;
    if (side_axis(n) > axis) axis = side_axis(n);
  }
  if (axis >= 0) s_const_value(l->g->member[0]->dom[axis], count);
  return axis;
}

void lower_member(Low *l, Member *m, Stmt *in) {
  member_bind(l, m);
  if (m->scatter) lower_scatter(l, m, in);
  else if (m->ndom > m->nout) lower_reduction(l, m, in);
  else lower_map(l, m, in);
}

/* The members at one position, one after the other. */
void lower_each(Low *l, Stmt *in) {
  members_outline(l);
  for (int i = 0; i < l->nmember; i++) lower_member(l, &l->member[i], in);
}

/* The members for each of the few elements of an axis in turn. */
static void lower_few(Low *l, int axis, int64_t count, Stmt *in) {
  for (int64_t v = 0; v < count; v++) {
    l->shared[axis] = s_int(v);
    lower_each(l, in);
  }
}

/* A group of maps, the last axis of which is divided: a loop over quotients, its remainders written
** out; and what is left at its end. */
static void lower_parts(Low *l, int parts, Stmt *in) {
  int p = l->nshared - 1, q = low_axis(l, s_op2(OP_FLOORDIV, low_extent(l, p), s_int(parts)), NULL);
  Stmt *each = stmt_add(in, stmt_for(q, s_int(0), low_extent(l, q), l->k->loc));
  Scalar *whole = s_mul(low_extent(l, q), s_int(parts));
  int64_t left, start;
  for (int r = 0; r < parts; r++) {
    l->shared[p] = s_add(s_mul(s_axis(q), s_int(parts)), s_int(r));
    lower_each(l, each);
  }
  if (s_const_value(s_sub(low_extent(l, p), whole), &left) && s_const_value(whole, &start)) {
    for (int64_t r = 0; r < left; r++) {
      l->shared[p] = s_int(start + r);
      lower_each(l, in);
    }
    return;
  }
  each = stmt_add(in, stmt_for(p, whole, low_extent(l, p), l->k->loc));
  each->trips = s_int(parts / 2);
  l->shared[p] = s_axis(p);
  lower_each(l, each);
}

/* The shared loops and the members inside them. */
static void lower_shared(Low *l, bool lanes, Stmt *in) {
  int64_t few = 0;
  int side = lanes || l->written_out ? -1 : few_axis(l, &few);
  int parts = lanes || side >= 0 ? 1 : split_parts(l);
  int outer = l->nshared - (lanes || parts > 1 ? 1 : 0);
  int blocks = lanes && wants_row_blocks(l) ? outer - 1 : -1;
  int beside = lanes || side >= 0 || parts > 1 ? l->nshared : results_beside(l);
  for (int p = 0; p < outer; p++) {
    if (p == beside && lower_beside(l, beside, in)) return;
    if (s_is_int(low_extent(l, p), 1) || p == side) continue;
    in = p == blocks ? row_blocks(l, p, in) : open_axis(l, p, in);
  }
  if (lanes) {
    lower_lanes(l, in);
    return;
  }
  if (side >= 0) lower_few(l, side, few, in);
  else if (parts > 1) lower_parts(l, parts, in);
  else lower_each(l, in);
}

static bool has_reduction(const Low *l) {
  bool any = false;
  for (int i = 0; i < l->nmember; i++) {
    const Node *n = l->g->member[i];
    any = any || (n->ndom > n->rank && !n_is_scatter(n));
  }
  return any;
}

void lower_nests(Low *l, Stmt *in) {
  for (int p = 0; p < l->nshared; p++) l->shared[p] = low_at(l, p);
  bool lanes = wants_lanes(l);
  l->written_out = writes_out(l);
  l->written_out = l->written_out && (lanes || (has_reduction(l) && split_parts(l) > 1));
  lanes = !l->written_out && (lanes || wants_rows(l));
  if (in == l->k->body && wants_chunks(l, lanes)) lower_chunks(l, lanes && !l->rows, lower_shared);
  else lower_shared(l, lanes, in);
}

void lower_members(Low *l) {
  if (lower_sides(l)) return;
  for (int p = 0; p < l->nshared; p++) {
    low_axis(l, l->g->member[0]->dom[p], NULL);
    l->shared[p] = low_at(l, p);
  }
  if (lower_bump_columns(l)) return;
  if (l->g->ntail) lower_tail(l);
  else if (!lower_turn(l) && !lower_tiles(l) && !lower_bump_sums(l) && !lower_across(l))
    lower_nests(l, l->k->body);
}
