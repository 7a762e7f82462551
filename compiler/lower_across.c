/*
** lower_across.c: rows of a few elements, a row in each lane
**
**   m[i] = max k. x[i, k];  y[i, j] = exp(x[i, j] - m[i])        for i by 32:
**                                rt_turn: x_turned[k][lane] = x[i + lane][k]
**                                m[lane] = -inf
**                                for k, lanes:  m[lane] = max(m[lane], x_turned[k][lane])
**                                for j, lanes:  y_i[j][lane] = exp(x_turned[j][lane] - m[lane])
**                                rt_turn: y[i + lane][j] = y_i[j][lane]
**
** Rows that are no whole vectors, or hardly more than one, leave lanes empty, and their lanes must
** be joined for each of them. Turned in registers, every operation is one of whole vectors, and the
** terms of a row are added in their order. Rows that are columns of a tensor, y[i] made of x[k, i],
** are read in lanes as they are.
*/
#include "lower_across.h"
#include "lower_tile.h"
#include "fuse.h"
#include "../codegen/cgen.h"

enum { MOST_SAME = 128 }; /* parts of numbers of a row in the bodies of rows */

/* How many elements of a row an array has room for. */
static Scalar *room_of(const Across *a, Scalar *extent) {
  return extent == a->unknown ? s_int(a->most) : extent;
}

static Node *lanes_of(Low *l, const Member *m, const char *name) {
  Scalar *dim[] = {s_int(l->width)};
  return low_local(l, (Dtype)m->node->dtype, 1, dim, name);
}

/* The loop over elements of a row, and the one over lanes in it. */
static Stmt *row_loops(Low *l, int axis, Scalar *lo, Scalar *hi, Stmt *in) {
  in = stmt_add(in, stmt_for(axis, lo, hi, l->k->loc));
  in->trips = low_extent(l, axis);
  in->lanes = true;
  return lane_loop(l, in, l->k->loc);
}

/* The axis along which rows of so many elements are read and stored. */
static int col_axis(Across *a, Scalar *extent) {
  for (int i = 0; i < a->ncol; i++)
    if (low_extent(a->l, a->col[i]) == extent) return a->col[i];
  int axis = low_axis(a->l, extent, NULL);
  if (a->ncol < MOST_PANELS) a->col[a->ncol++] = axis;
  return axis;
}

/* Reads row k of the tensors, turned. */
static void fill_panels(Across *a, Stmt *in) {
  Low *l = a->l;
  for (int k = 0; k < a->npanel; k++) {
    Scalar *s = a->read[k], *index[MAX_RANK];
    int last = s->narg - 1, col = col_axis(a, s->tensor->dim[last]);
    Scalar *dim[] = {room_of(a, low_extent(l, col)), s_int(l->width)};
    Scalar *at[] = {s_axis(col), s_axis(l->lane_axis)};
    a->panel[k] = low_local(l, (Dtype)s->tensor->dtype, 2, dim, local_name(s->tensor, "turned"));
    stmt_add(in, stmt_var(a->panel[k], NULL, in->loc));
    for (int d = 0; d < last; d++) index[d] = s_subst_axes(s->arg[d], l->nshared, l->shared);
    index[last] = s_axis(col);
    Scalar *from = s_read(low_formal(l, s->tensor, false), index, NULL);
    Stmt *fill = stmt_add(in, stmt_for(l->lane_axis, s_int(0), l->lanes, in->loc));
    fill->turns = fill->lanes = true;
    fill->trips = l->lanes;
    fill = stmt_add(fill, stmt_for(col, s_int(0), low_extent(l, col), in->loc));
    fill->lanes = true;
    stmt_add(fill, stmt_store(a->panel[k], at, C_SET, from, in->loc));
  }
}

/* Stores the rows of m. */
static void store_turned(Across *a, const Member *m, Stmt *in) {
  Low *l = a->l;
  Scalar *index[MAX_RANK];
  int col = col_axis(a, m->node->dom[l->nshared]);
  for (int d = 0; d < l->nshared; d++) index[d] = l->shared[d];
  index[l->nshared] = s_axis(col);
  Scalar *at[] = {s_axis(col), s_axis(l->lane_axis)};
  Stmt *s = stmt_add(in, stmt_for(col, s_int(0), low_extent(l, col), m->node->loc));
  s->turns = s->lanes = true;
  s = stmt_add(s, stmt_for(l->lane_axis, s_int(0), l->lanes, m->node->loc));
  s->lanes = true;
  s->trips = l->lanes;
  stmt_add(s, stmt_store(m->to, index, C_SET, s_read(m->panel, at, NULL), m->node->loc));
}

/* Reads of rows as those of panels, once axes are places of the tile. */
static Scalar *read_panel(void *ctx, Scalar *s) {
  Across *a = ctx;
  const Low *l = a->l;
  if (!s_is_plain_read(s)) return NULL;
  for (int k = 0; k < a->npanel; k++) {
    Scalar *row = a->read[k];
    bool same = s->tensor == row->tensor;
    for (int d = 0; d < row->narg - 1 && same; d++)
      same = s->arg[d] == s_subst_axes(row->arg[d], l->nshared, (Scalar **)l->shared);
    Scalar *at[] = {s->arg[s->narg - 1], s_axis(l->lane_axis)};
    if (same) return s_read(a->panel[k], at, NULL);
  }
  return NULL;
}

/* Sets the body of m, whose rows go along axis `col`. */
static void bind_across(Across *a, Member *m, int col) {
  Low *l = a->l;
  Scalar *by[MAX_AXES], *body = m->node->body;
  if (body->kind == S_OP && body->op == OP_AFTER) body = body->arg[0];
  for (int p = 0; p < m->ndom; p++) {
    m->axis[p] = p < l->nshared ? p : col;
    by[p] = p < l->nshared ? l->shared[p] : s_axis(col);
  }
  l->phase = m->phase;
  m->body = bind_at(l, s_rewrite(s_subst_axes(body, m->ndom, by), read_panel, a), 0, NULL);
}

/* Parts of a body that are the same for all elements of a row, and can be had whatever they are
** chosen by: made of numbers that are there. Arguments come before what has them. */
typedef struct Same {
  const Low *l;
  int n;
  Scalar *part[MOST_SAME];
} Same;

static bool is_lane(const Low *l, const Scalar *s) {
  if (s->narg != 1 || s->arg[0]->kind != S_AXIS || s->arg[0]->axis != l->lane_axis) return false;
  for (int i = 0; i < l->k->nlocal; i++)
    if (l->k->local[i].node == s->tensor) return true;
  return false;
}

static void find_same(void *ctx, Scalar *s) {
  Same *p = ctx;
  bool same = s->kind == S_READ ? is_lane(p->l, s) : s->kind == S_OP || s->kind == S_CONST;
  for (int i = 0; i < s->narg && s->kind == S_OP && same; i++) {
    same = false;
    for (int k = 0; k < p->n && !same; k++) same = p->part[k] == s->arg[i];
  }
  if (same && p->n < MOST_SAME) p->part[p->n++] = s;
}

/* Computes what is the same for all elements of a row before the statement `before` of `in`, once
** in each lane. */
static Scalar *numbers_once(Across *a, Scalar *body, int before, Stmt *in) {
  Low *l = a->l;
  Same p = {.l = l};
  s_walk(body, find_same, &p);
  for (int i = p.n - 1; i >= 0; i--) {
    Scalar *s = p.part[i], *at[] = {s_axis(l->lane_axis)}, *dim[] = {s_int(l->width)};
    if (s->kind != S_OP || !dtype_is_float((Dtype)s->dtype) || !s_has_read(s)) continue;
    int k = 0;
    while (k < a->nonce && a->once[k] != s) k++;
    if (k == MOST_ONCE) break;
    const char *name = name_of_scalar(s, l->k);
    Node *number = k < a->nonce ? a->number[k] : low_local(l, (Dtype)s->dtype, 1, dim, name);
    Scalar *with = s_replace(body, s, s_read(number, at, NULL));
    if (with == body) continue; /* it is part of one that was replaced */
    body = with;
    if (k < a->nonce) continue;
    a->once[a->nonce] = s;
    a->number[a->nonce++] = number;
    Stmt *each = lane_loop(l, stmt_new(ST_BLOCK, in->loc), in->loc);
    stmt_add(each, stmt_store(number, at, C_SET, s, in->loc));
    stmt_insert(in, before++, stmt_var(number, NULL, in->loc));
    stmt_insert(in, before++, each);
  }
  return body;
}

/* Whether member i may go in the loops of those before it: over the same elements, of which it
** reads the present one, and no sum of them. */
typedef struct Joining { const Across *a; int i; bool ok; } Joining;

static void check_joins(void *ctx, Scalar *s) {
  Joining *j = ctx;
  const Low *l = j->a->l;
  int k = s->kind == S_READ ? group_place(l, s->tensor) : -1;
  if (k < j->a->first || k >= j->i) return;
  const Scalar *at = s->arg[s->narg - 1];
  if (!has_row(l, l->g->member[k]) || at->kind != S_AXIS || at->axis != l->nshared) j->ok = false;
}

static bool joins(const Across *a, int i) {
  const Node *n = a->l->g->member[i];
  Joining j = {a, i, n->dom[a->l->nshared] == low_extent(a->l, a->terms->axis)};
  s_walk(n->body, check_joins, &j);
  return j.ok;
}

static void end_loops(Across *a, int end, Stmt *in) {
  Low *l = a->l;
  if (!a->terms) return;
  a->terms = a->each = NULL;
  for (int i = a->first; i < end; i++) {
    Member *m = &l->member[i];
    if (!m->to || has_row(l, m->node)) continue;
    if (!a->open) a->open = lane_loop(l, in, m->node->loc);
    Scalar *at[] = {s_axis(l->lane_axis)};
    store_result(l, m, s_read(m->row, at, NULL), a->open);
  }
}

/* A sum of rows, or rows. */
static void lower_elements(Across *a, int i, Stmt *in) {
  Low *l = a->l;
  Member *m = &l->member[i];
  Node *n = m->node;
  bool join = a->terms && joins(a, i);
  if (!join) end_loops(a, i, in);
  a->open = NULL;
  int col = join ? a->terms->axis : low_axis(l, n->dom[l->nshared], NULL);
  bind_across(a, m, col);
  Scalar *lo = s_int(0), *hi = n->dom[l->nshared];
  if (reduces(n)) {
    if (n->comb == C_SUM)
      m->body = tighten_bounds(m->body, 1, &col, l->lane_axis, l->lanes, &lo, &hi);
    m->row = lanes_of(l, m, acc_name(m));
  } else {
    Scalar *dim[] = {room_of(a, n->dom[l->nshared]), s_int(l->width)};
    m->panel = low_local(l, (Dtype)n->dtype, 2, dim, name_of_node(n));
  }
  m->body = numbers_once(a, m->body, in->n - join, in);
  bool whole = s_is_int(lo, 0) && hi == n->dom[l->nshared];
  if (join && !whole) {
    end_loops(a, i, in);
    a->open = NULL;
    join = false;
  }
  Node *to = reduces(n) ? m->row : m->panel;
  Scalar *zero = reduces(n) ? s_combine_identity((Combine)n->comb, (Dtype)n->dtype) : NULL;
  Stmt *var = stmt_var(to, zero, n->loc);
  if (join) stmt_insert(in, in->n - 1, var);
  else {
    stmt_add(in, var);
    a->first = i;
    a->each = row_loops(l, col, lo, hi, in);
    a->terms = in->body[in->n - 1];
  }
  Scalar *at[] = {s_axis(col), s_axis(l->lane_axis)};
  stmt_add(a->each, reduces(n) ? stmt_store(to, at + 1, (Combine)n->comb, m->body, n->loc)
                               : stmt_store(to, at, C_SET, m->body, n->loc));
  if (!whole) end_loops(a, i + 1, in);
}

/* A number of each row. */
static void lower_number(Across *a, int i, Stmt *in) {
  Low *l = a->l;
  Member *m = &l->member[i];
  bool crosses = false;
  end_loops(a, i, in);
  if (!a->open) a->open = lane_loop(l, in, m->node->loc);
  bind_across(a, m, -1);
  lower_map(l, m, a->open);
  for (int j = i + 1; j < l->nmember; j++)
    crosses = crosses || (l->member[j].phase != m->phase && node_reads(l->g->member[j], m->node));
  if (!crosses) return;
  Scalar *at[] = {s_axis(l->lane_axis)};
  m->row = lanes_of(l, m, name_of_node(m->node));
  stmt_insert(in, in->n - 1, stmt_var(m->row, NULL, m->node->loc));
  stmt_add(a->open, stmt_store(m->row, at, C_SET, m->value, m->node->loc));
}

/* All members for the rows [base, base + lanes). */
static void across_tile(Across *a, Scalar *base, Scalar *lanes, Stmt *in) {
  Low *l = a->l;
  l->lane_axis = low_axis(l, lanes, NULL);
  l->lanes = lanes;
  l->shared[l->nshared - 1] = s_add(base, s_axis(l->lane_axis));
  a->nonce = a->ncol = 0;
  fill_panels(a, in);
  members_outline(l);
  for (int i = 0, phase = 0; i < l->nmember; i++) { /* numbers in a row share a loop */
    Member *m = &l->member[i];
    bool number = m->ndom == l->nshared, after = i > 0 && m[-1].ndom > l->nshared;
    m->phase = phase += i > 0 && (!number || after);
    if (l->g->stored[i]) m->to = low_formal(l, m->node, true);
  }
  a->open = a->terms = NULL;
  for (int i = 0; i < l->nmember; i++)
    if (l->member[i].ndom > l->nshared) lower_elements(a, i, in);
    else lower_number(a, i, in);
  end_loops(a, l->nmember, in);
  for (int i = 0; i < l->nmember; i++)
    if (l->member[i].to && has_row(l, l->member[i].node)) store_turned(a, &l->member[i], in);
}

/* Rows one by one, from `first` on. */
static void row_by_row(Low *l, Scalar *first, Stmt *in) {
  int p = l->nshared - 1, row = low_axis(l, low_extent(l, p), NULL);
  in = stmt_add(in, stmt_for(row, first, low_extent(l, p), l->k->loc));
  if (!s_is_int(first, 0)) in->trips = s_int(l->width / 2);
  l->shared[p] = s_axis(row);
  l->lane_axis = -1;
  lower_each(l, in);
}

bool lower_across(Low *l) {
  Across a = {.l = l, .ok = true};
  if (!fits_across(&a)) return false;
  Stmt *in = l->k->body, *few, *many;
  int p = l->nshared - 1;
  Scalar *extent = low_extent(l, p), *when = NULL;
  int64_t known = -1;
  for (int q = 0; q < p; q++) in = open_axis(l, q, in);
  l->width = ACROSS_LANES / 2;
  for (int i = 0; i < l->nmember; i++)
    if (l->g->member[i]->dtype == DT_F32) l->width = ACROSS_LANES;
  if (s_const_value(extent, &known) && known < l->width) l->width = (int)known;
  Scalar *width = s_int(l->width), *rest = s_op2(OP_MOD, extent, width);
  if (a.unknown) when = s_op2(OP_LE, a.unknown, s_int(a.most));
  if (a.unknown && known < 0) when = s_op2(OP_AND, when, s_op2(OP_GE, extent, width));
  tile_cases(l, when, in, &few, &many);
  if (known == l->width) across_tile(&a, s_int(0), extent, few);
  else {
    Stmt *tiles = stmt_for(p, s_int(0), s_sub(extent, s_int(l->width - 1)), l->k->loc);
    tiles->step = l->width;
    across_tile(&a, s_axis(p), width, stmt_add(few, tiles));
  }
  if (known < 0 || known % l->width != 0) {
    if (!many || in == l->k->body) { /* in a phase after that of the tiles */
      few = stmt_add(in, stmt_new(many ? ST_IF : ST_BLOCK, l->k->loc));
      few->value = when;
    }
    if (known < 0 && !many) row_by_row(l, s_sub(extent, rest), few); /* there may be one row */
    else across_tile(&a, s_sub(extent, rest), rest, few);
  }
  if (many) row_by_row(l, s_int(0), many);
  return true;
}
