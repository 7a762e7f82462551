/*
** lower_side.c: the loops of a group whose members are several elements a place (fuse_side.c)
**
**   for i, j:  at_0 = ..;  at_1 = ..;  y[i][0][j] = x[0][at_0][at_1];  y[i][1][j] = ..
**
** The loops are over what members share; each member is written out for its elements in turn, which
** later ones find by their number. Scatters that come last take elements from rows on the stack,
** in a loop of their own behind that over a row (lower_scatter.c). Totals add up elements in lanes,
** a place each, in the loops that make them.
*/
#include "lower.h"
#include "fuse.h"
#include "../codegen/cgen.h"

int member_read(const Low *l, const Scalar *s) {
  if (s->kind != S_READ) return READS_LOCAL;
  for (int i = 0; i < l->k->nlocal; i++)
    if (l->k->local[i].node == s->tensor) return READS_LOCAL;
  for (int i = 0; i < l->nmember; i++)
    if (l->member[i].node == s->tensor) return i;
  return READS_FORMAL;
}

static Scalar *bind_side(void *ctx, Scalar *s) {
  Low *l = ctx;
  int64_t v = 0;
  int i = member_read(l, s);
  if (i == READS_LOCAL) return NULL;
  if (i == READS_FORMAL) return s_read(low_formal(l, s->tensor, false), s->arg, s->rule);
  const Member *m = &l->member[i];
  if (l->g->side[i] >= 0 && !s_const_value(s->arg[l->g->side[i]], &v))
    ICE(m->node->loc, "lower: an element of %s that is not known", name_of_node(m->node));
  return m->element[v];
}

Scalar *side_bound(Low *l, Scalar *s) { return s_rewrite(s, bind_side, l); }

enum { ROW = 256 /* places whose elements wait on the stack for scatters */ };

void side_axes(const Low *l, int i, int64_t v, Scalar **by) {
  int side = l->g->side[i];
  for (int d = 0; d < l->member[i].node->rank; d++)
    by[d] = d == side ? s_int(v) : l->shared[side >= 0 && d > side ? d - 1 : d];
}

/* Element v of member i at the present place; what rows have (f, or NULL) is read there. */
static void lower_element(Low *l, int i, int64_t v, const Fetch *f, Stmt *in) {
  Member *m = &l->member[i];
  Node *n = m->node;
  Scalar *by[MAX_AXES], *dom[MAX_KERNEL_AXES];
  side_axes(l, i, v, by);
  for (int p = 0; p < l->k->naxis; p++) dom[p] = low_extent(l, p);
  Scalar *value = s_subst_axes(n->body, n->ndom, by);
  value = side_bound(l, fetch_read(f, resolve_rules(value, l->k->naxis, dom)));
  bool named = value->kind == S_CONST || (value->kind == S_READ && value->narg == 0);
  if (m->used && !named) {
    Node *local = low_local(l, (Dtype)n->dtype, 0, NULL, name_of_node(n));
    stmt_add(in, stmt_let(local, value, n->loc));
    value = local_read(local);
  }
  m->element[v] = value;
  if (m->to) stmt_add(in, stmt_store(m->to, by, C_SET, value, n->loc));
  if (!m->row) return;
  Scalar *at[] = {s_int(v), lane_index(l)};
  stmt_add(in, stmt_store(m->row, at + 2 - m->row->rank, C_SET, value, n->loc));
}

int64_t side_elements(const Low *l, int i) {
  int64_t count = 1;
  if (l->g->side[i] >= 0) s_const_value(l->member[i].node->dom[l->g->side[i]], &count);
  return count;
}

/* The members from `from` to before `to`. */
static void lower_elements(Low *l, int from, int to, const Fetch *f, Stmt *in) {
  for (int i = from; i < to; i++) {
    l->member[i].element = NEWN(l->a, Scalar *, side_elements(l, i));
    for (int64_t v = 0; v < side_elements(l, i); v++) lower_element(l, i, v, f, in);
  }
}

/* Cuts the last of the shared axes into rows of at most ROW; lanes are a whole row or a part. */
static Stmt *open_rows(Low *l, int last, Stmt *in) {
  int64_t extent;
  Scalar *row = low_extent(l, last);
  l->lane_axis = last;
  l->lanes = row;
  l->width = ROW;
  if (s_const_value(row, &extent) && extent <= ROW) {
    l->width = (int)extent;
    return in;
  }
  in = stmt_add(in, stmt_for(last, s_int(0), row, l->k->loc));
  in->step = ROW;
  l->lanes = s_op2(OP_MIN, s_sub(row, s_axis(last)), s_int(ROW));
  l->lane_axis = low_axis(l, s_int(ROW), NULL);
  l->shared[last] = s_add(s_axis(last), s_axis(l->lane_axis));
  return in;
}

/* Rows on the stack for what members before the cut have for those from there on, and maps for
** scatters. */
static void declare_rows(Low *l, int nmap, int cut, Stmt *in) {
  for (int i = 0; i < nmap; i++) {
    Member *m = &l->member[i];
    bool crosses = false;
    for (int j = i < cut ? cut : nmap; j < l->nmember; j++)
      crosses |= (j < nmap || !m->to) && node_reads(l->member[j].node, m->node);
    if (!crosses) continue;
    Scalar *dim[] = {s_int(side_elements(l, i)), s_int(l->width)};
    int rank = l->g->side[i] >= 0 ? 2 : 1;
    m->row = low_local(l, (Dtype)m->node->dtype, rank, dim + 2 - rank, name_of_node(m->node));
    stmt_add(in, stmt_var(m->row, NULL, m->node->loc));
  }
}

static Stmt *open_lanes(Low *l, Stmt *in) {
  Stmt *row = lane_loop(l, in, l->k->loc);
  row->trips = s_int(l->width);
  return row;
}

/* From here on, members before the cut are read where their rows have them. */
static void read_rows(Low *l, int cut) {
  for (int i = 0; i < cut; i++) {
    const Member *m = &l->member[i];
    for (int64_t v = 0; m->row && v < side_elements(l, i); v++) {
      Scalar *at[] = {s_int(v), lane_index(l)};
      m->element[v] = s_read(m->row, at + 2 - m->row->rank, NULL);
    }
  }
}

/* The maps for all places of a row, in two loops where what they read is fetched between them, then
** the scatters. */
static void lower_rows(Low *l, int nmap, int places, Fetch *f, Stmt *in) {
  int cut = f->any ? f->cut : 0;
  in = open_rows(l, places - 1, in);
  declare_rows(l, nmap, cut, in);
  if (cut) lower_elements(l, 0, cut, NULL, open_lanes(l, in));
  read_rows(l, cut);
  if (f->any) fetch_rows(l, f, nmap, in);
  Stmt *row = open_lanes(l, in);
  fetch_names(l, f, row);
  lower_elements(l, cut, nmap, f, row);
  for (int j = nmap; j < l->nmember; j++) {
    Stmt *each = stmt_add(in, stmt_for(l->lane_axis, s_int(0), l->lanes, l->k->loc));
    each->trips = s_int(l->width);
    scatter_row(l, &l->member[j], places, each);
  }
}

/* The terms of a total at the present place, added to its lane q. */
static void add_terms(Low *l, int i, Node *lane, int q, Stmt *in) {
  Node *n = l->member[i].node;
  Scalar *by[MAX_AXES], *dom[MAX_KERNEL_AXES], *index[] = {s_axis(q)};
  for (int p = 0; p < n->ndom; p++) by[p] = l->shared[p];
  for (int p = 0; p < l->k->naxis; p++) dom[p] = low_extent(l, p);
  Scalar *term = resolve_rules(s_subst_axes(n->body, n->ndom, by), l->k->naxis, dom);
  stmt_add(in, stmt_store(lane, index, C_SUM, s_rewrite(term, bind_side, l), n->loc));
}

/* The maps at `count` places from `from` on along the last axis, a lane each, and the terms there. */
static void lower_lane_places(Low *l, int nmap, int places, int64_t count, Scalar *from, Node **lane,
                              Stmt *in) {
  int q = low_axis(l, s_int(count), NULL);
  Stmt *each = stmt_add(in, stmt_for(q, s_int(0), s_int(count), l->k->loc));
  each->simd = each->lanes = true;
  l->shared[places - 1] = s_add(from, s_axis(q));
  lower_elements(l, 0, nmap, NULL, each);
  for (int i = nmap; i < l->nmember; i++)
    if (lane[i]) add_terms(l, i, lane[i], q, each);
}

/* Lanes of zeros for each of the totals. */
static void begin_lanes(Low *l, int nmap, Node **lane, Stmt *in) {
  Dtype t = (Dtype)l->member[nmap].node->dtype;
  Scalar *dim[] = {s_int(fixed_lanes(t))};
  for (int i = nmap; i < l->nmember; i++) {
    const Node *x = l->member[i].node;
    lane[i] = x->ndom ? low_local(l, t, 1, dim, "lane") : NULL;
    if (lane[i]) stmt_add(in, stmt_var(lane[i], s_const(t, 0), x->loc));
  }
}

/* The sum of the lanes of total i. */
static Scalar *fold_lanes(Low *l, int i, Node *lane, Stmt *in) {
  Stmt *fold = stmt_add(in, stmt_new(ST_FOLD, l->member[i].node->loc));
  fold->to = low_local(l, (Dtype)lane->dtype, 0, NULL, acc_name(&l->member[i]));
  fold->from = lane;
  fold->comb = C_SUM;
  return local_read(fold->to);
}

/* The places [from, to) of the last axis, about `trips`, in whole lanes. */
static void lower_whole(Low *l, int nmap, int places, Scalar *from, Scalar *to, Scalar *trips,
                        Node **lane, Stmt *in) {
  int64_t n = fixed_lanes((Dtype)l->member[nmap].node->dtype);
  int k = low_axis(l, low_extent(l, places - 1), NULL);
  Stmt *whole = stmt_add(in, stmt_for(k, from, to, l->k->loc));
  whole->step = (int)n;
  whole->trips = trips;
  lower_lane_places(l, nmap, places, n, s_axis(k), lane, whole);
}

/* All places of the last axis, and those left over. */
static void lower_row(Low *l, int nmap, int places, Node **lane, Stmt *in) {
  int64_t row = 1, n = fixed_lanes((Dtype)l->member[nmap].node->dtype);
  s_const_value(low_extent(l, places - 1), &row);
  if (row >= 2 * n)
    lower_whole(l, nmap, places, s_int(0), s_int(row - n + 1), NULL, lane, in);
  else if (row >= n)
    lower_lane_places(l, nmap, places, n, s_int(0), lane, in);
  if (row % n) lower_lane_places(l, nmap, places, row % n, s_int(row - row % n), lane, in);
}

/* Loops over places from axis p on but for the last, and the rows of these. */
static void lower_places(Low *l, int nmap, int p, int places, Node **lane, Stmt *in) {
  for (; p < places - 1; p++) in = open_axis(l, p, in);
  lower_row(l, nmap, places, lane, in);
}

/* The result of total i, which is stored where others need it. */
static void set_total(Low *l, int i, Scalar *value) {
  Member *m = &l->member[i];
  m->element = NEWN(l->a, Scalar *, 1);
  m->element[0] = value;
  if (m->to) stmt_add(l->k->body, stmt_store(m->to, NULL, C_SET, value, m->node->loc));
}

/* The number that member i makes of totals. */
static void set_number(Low *l, int i) {
  l->member[i].element = NEWN(l->a, Scalar *, 1);
  lower_element(l, i, 0, NULL, l->k->body);
}

/* The maps for all places, and totals of what they make in lanes, 16 or 8 places at a time. */
static void lower_totals(Low *l, int nmap, int places) {
  Node *lane[l->nmember];
  begin_lanes(l, nmap, lane, l->k->body);
  lower_places(l, nmap, 0, places, lane, l->k->body);
  for (int i = nmap; i < l->nmember; i++) {
    if (lane[i]) set_total(l, i, fold_lanes(l, i, lane[i], l->k->body));
    else set_number(l, i);
  }
}

/* The places of chunk c: whole lanes of the only axis, or rows along the first. */
static void lower_chunk(Low *l, int nmap, int places, int chunks, int c, Node **lane, Stmt *in) {
  int64_t n = places > 1 ? 1 : fixed_lanes((Dtype)l->member[nmap].node->dtype), extent = 0;
  s_const_value(low_extent(l, 0), &extent);
  int64_t all = extent / n, size = (all + chunks - 1) / chunks * n;
  Scalar *from = s_mul(s_axis(c), s_int(size));
  Scalar *to = s_op2(OP_MIN, s_int(all * n), s_add(from, s_int(size)));
  if (places == 1) {
    lower_whole(l, nmap, places, from, to, s_int(size), lane, in);
    return;
  }
  Stmt *rows = stmt_add(in, stmt_for(0, from, to, l->k->loc));
  rows->trips = s_int(size);
  lower_places(l, nmap, 1, places, lane, rows);
}

/* The sum of what the chunks have of total i, in order, and of what is left over (`rest`, or
** NULL). */
static Scalar *join_chunks(Low *l, int i, Node *partial, Node *rest) {
  Stmt *body = l->k->body;
  Dtype t = (Dtype)partial->dtype;
  Node *acc = low_local(l, t, 0, NULL, acc_name(&l->member[i]));
  int k = low_axis(l, partial->dim[0], NULL);
  Scalar *index[] = {s_axis(k)};
  stmt_add(body, stmt_var(acc, s_const(t, 0), l->k->loc));
  Stmt *join = stmt_add(body, stmt_for(k, s_int(0), partial->dim[0], l->k->loc));
  stmt_add(join, stmt_store(acc, NULL, C_SUM, s_read(partial, index, NULL), l->k->loc));
  if (rest)
    stmt_add(body, stmt_store(acc, NULL, C_SUM, fold_lanes(l, i, rest, body), l->k->loc));
  return local_read(acc);
}

/* The same in chunks, which threads share. */
static void lower_chunked(Low *l, int nmap, int places, int chunks) {
  Node *lane[l->nmember], *partial[l->nmember];
  Dtype t = (Dtype)l->member[nmap].node->dtype;
  int64_t n = fixed_lanes(t), extent = 0;
  Stmt *body = l->k->body;
  Scalar *dim[] = {s_int(chunks)};
  int c = low_axis(l, dim[0], NULL);
  Scalar *index[] = {s_axis(c)};
  Stmt *each = stmt_for(c, s_int(0), dim[0], l->k->loc);
  each->tiles = true;
  for (int i = nmap; i < l->nmember; i++) {
    partial[i] = low_local(l, t, 1, dim, "partial");
    if (l->member[i].node->ndom) stmt_add(body, stmt_var(partial[i], NULL, l->k->loc));
  }
  stmt_add(body, each);
  begin_lanes(l, nmap, lane, each);
  lower_chunk(l, nmap, places, chunks, c, lane, each);
  for (int i = nmap; i < l->nmember; i++) {
    if (!lane[i]) continue;
    Scalar *sum = fold_lanes(l, i, lane[i], each);
    stmt_add(each, stmt_store(partial[i], index, C_SET, sum, l->k->loc));
  }
  s_const_value(low_extent(l, 0), &extent);
  bool rest = places == 1 && extent % n;
  if (rest) {
    begin_lanes(l, nmap, lane, body);
    lower_lane_places(l, nmap, places, extent % n, s_int(extent - extent % n), lane, body);
  }
  for (int i = nmap; i < l->nmember; i++) {
    if (lane[i]) set_total(l, i, join_chunks(l, i, partial[i], rest ? lane[i] : NULL));
    else set_number(l, i);
  }
}

bool lower_sides(Low *l) {
  const Group *g = l->g;
  if (!g->side) return false;
  const Node *first = g->member[0];
  int nmap = l->nmember - g->nscatter - g->ntotal;
  Stmt *in = l->k->body;
  for (int p = 0; p < first->rank; p++)
    if (p != g->side[0]) low_axis(l, first->dom[p], NULL);
  int places = l->k->naxis;
  for (int p = 0; p < places; p++) l->shared[p] = low_at(l, p);
  members_outline(l);
  for (int i = 0; i < l->nmember - g->nscatter; i++)
    if (g->stored[i]) l->member[i].to = low_formal(l, g->member[i], true);
  if (g->ntotal) {
    int chunks = 0;
    totals_chunks(nmap, g->member, g->side, g->ntotal, g->member + nmap, &chunks);
    if (chunks) lower_chunked(l, nmap, places, chunks);
    else lower_totals(l, nmap, places);
    return true;
  }
  Fetch fetch = fetch_begin(l, nmap, low_extent(l, places - 1));
  int loops = g->nscatter ? places - 1 : places;
  for (int p = 0; p <= loops; p++) {
    for (int i = nmap; i < l->nmember; i++) scatter_begin(l, &l->member[i], places, p, in);
    if (p < loops) in = open_axis(l, p, in);
  }
  if (g->nscatter) lower_rows(l, nmap, places, &fetch, in);
  else lower_elements(l, 0, nmap, NULL, in);
  return true;
}
