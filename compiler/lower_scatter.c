/*
** lower_scatter.c: loops that add to places that are data
**
**   out[b, at[b, k]] += v[b, k]       for b:  out[b] = 0
**                                             for k:  out[b][at[b][k]] += v[b][k]
**
** Leading axes that are written in place are loops around both. Where maps make what is added and
** where it goes, place by place (fuse_side.c), rows of these stay on the stack:
**
**   for b:  out[b] = 0
**           for rows of places:   for k: at_row[k] = ..; v_row[k] = ..       a vector
**                                 for k: out[b][at_row[k]] += v_row[k]       in order
*/
#include "lower.h"
#include "fuse.h"
#include "../codegen/cgen.h"
#include <string.h>

/* How many leading result axes a scatter writes at its own leading axes. */
static int written_in_place(const Node *n) {
  int p = 0;
  while (p < n->rank && p < n->ndom && n->windex[p]->kind == S_AXIS && n->windex[p]->axis == p &&
         n->dom[p] == n->dim[p] && n->wrule[p] == R_NONE)
    p++;
  return p;
}

/* 1 where the last of the axes written in place is a few channels that go to the same places: these
** are best found once for all, in a loop inside; else 0. */
static int few_channels(const Node *n, int plain) {
  int64_t count;
  if (plain < 2 || !s_const_value(n->dom[plain - 1], &count) || count < 2 || count > 8) return 0;
  if (n->dtype == DT_BOOL || usual_count(plain - 1, n->dom) < 2) return 0;
  for (int d = plain; d < n->rank; d++)
    if (s_uses_axis(n->windex[d], plain - 1)) return 0;
  return plain < n->ndom;
}

/* 1 where the last axis is that of the result, too, and leads to places by nothing else: these are
** found once for all of it; else 0. */
static int last_channels(const Node *n, int plain) {
  int last = n->rank - 1, p = n->ndom - 1;
  if (last < 1 || p <= plain || n->wrule[last] != R_NONE || n->dom[p] != n->dim[last]) return 0;
  if (n->windex[last]->kind != S_AXIS || n->windex[last]->axis != p) return 0;
  for (int d = 0; d < last; d++)
    if (s_uses_axis(n->windex[d], p)) return 0;
  return 1;
}

Scattering scattering_of(const Node *n) {
  Scattering s = {.plain = written_in_place(n), .parts = scatter_parts(n)};
  s.channels = few_channels(n, s.plain);
  s.last = s.parts == 1 && !s.channels ? last_channels(n, s.plain) : 0;
  if (n->ndom - 1 < s.plain) s.parts = 1;
  s.plain -= s.channels;
  return s;
}

/* Adds the body at its place; where that may be outside, under a condition. A loop over channels,
** if there is one, is inside. */
static void add_at_place(Low *l, const Member *m, const Scattering *to, Scalar **by, Stmt *in) {
  Node *n = m->node;
  Scalar *index[MAX_RANK], *inside = NULL;
  for (int d = 0; d < n->rank; d++) {
    index[d] = by ? s_subst_axes(m->windex[d], l->k->naxis, by) : m->windex[d];
    if (n->wrule[d] == R_ZERO) {
      Scalar *ok = rule_inside(index[d], n->dim[d]);
      inside = inside ? s_op2(OP_AND, inside, ok) : ok;
    } else {
      index[d] = rule_index((Rule)n->wrule[d], index[d], n->dim[d]);
    }
  }
  if (inside) {
    Stmt *test = stmt_new(ST_IF, n->loc);
    test->value = inside;
    in = stmt_add(in, test);
  }
  in = open_loops(l, m, to->plain, to->plain + to->channels, in);
  in = open_loops(l, m, m->ndom - to->last, m->ndom, in);
  Scalar *value = by ? s_subst_axes(m->body, l->k->naxis, by) : m->body;
  stmt_add(in, stmt_store(m->to, index, (Combine)n->comb, value, n->loc));
}

/* Fills the result with the identity, or what the scatter adds to; the loops over axes written in
** place are around it. */
static void fill_result(Low *l, const Member *m, int plain, Stmt *in) {
  Node *n = m->node;
  Scalar *index[MAX_RANK];
  for (int d = 0; d < n->rank; d++) {
    int p = d < plain ? m->axis[d] : low_axis(l, n->dim[d], NULL);
    index[d] = low_at(l, p);
    if (d >= plain && !s_is_int(n->dim[d], 1))
      in = stmt_add(in, stmt_for(p, s_int(0), n->dim[d], n->loc));
  }
  Scalar *first = l->g->base ? s_read(low_formal(l, l->g->base, false), index, NULL)
                             : s_combine_identity((Combine)n->comb, (Dtype)n->dtype);
  stmt_add(in, stmt_store(m->to, index, C_SET, first, n->loc));
}

/* Walks the domain in order, its axes from the given one on; channels come last. */
static void add_all(Low *l, const Member *m, const Scattering *to, int from, Stmt *in) {
  int parts = to->parts;
  in = open_loops(l, m, from, m->ndom - (parts > 1 ? 1 : to->last), in);
  if (parts == 1) add_at_place(l, m, to, NULL, in);
  for (int k = 0; parts > 1 && k < parts; k++) {
    Scalar *by[MAX_KERNEL_AXES] = {0};
    by[m->axis[m->ndom - 1]] = s_int(k);
    add_at_place(l, m, to, by, in);
  }
}

void lower_scatter(Low *l, Member *m, Stmt *in) {
  Scattering to = scattering_of(m->node);
  in = open_loops(l, m, 0, to.plain, in);
  fill_result(l, m, to.plain, in);
  add_all(l, m, &to, to.plain + to.channels, in);
}

/* rows of places */

int place_axis(const Scattering *to, int place) {
  return place < to->plain ? place : place + to->channels;
}

/* A read of a member, where its row holds it, or as it was stored. */
static Scalar *bind_row(void *ctx, Scalar *s) {
  Low *l = ctx;
  int i = member_read(l, s);
  if (i == READS_LOCAL) return NULL;
  if (i == READS_FORMAL) return s_read(low_formal(l, s->tensor, false), s->arg, s->rule);
  const Member *m = &l->member[i];
  if (m->to) return s_read(m->to, s->arg, s->rule);
  Scalar *at[] = {l->g->side[i] >= 0 ? s->arg[l->g->side[i]] : NULL, lane_index(l)};
  return s_read(m->row, at + 2 - m->row->rank, NULL);
}

void scatter_begin(Low *l, Member *m, int places, int at, Stmt *in) {
  const Node *n = m->node;
  Scattering to = scattering_of(n);
  if (to.plain != at) return;
  for (int p = 0; p < m->ndom; p++) m->axis[p] = -1;
  for (int p = 0; p < places; p++) m->axis[place_axis(&to, p)] = p;
  for (int p = 0; p < m->ndom; p++)
    if (m->axis[p] < 0) m->axis[p] = low_axis(l, n->dom[p], NULL);
  m->to = low_formal(l, m->node, true);
  fill_result(l, m, to.plain, in);
}

void scatter_row(Low *l, Member *m, int places, Stmt *in) {
  const Node *n = m->node;
  Scattering to = scattering_of(n);
  Scalar *by[MAX_AXES], *dom[MAX_KERNEL_AXES];
  for (int p = 0; p < m->ndom; p++)
    by[p] = m->axis[p] < places ? l->shared[m->axis[p]] : low_at(l, m->axis[p]);
  for (int p = 0; p < l->k->naxis; p++) dom[p] = low_extent(l, p);
  for (int d = -1; d < n->rank; d++) {
    Scalar *s = s_subst_axes(d < 0 ? n->body : n->windex[d], n->ndom, by);
    s = s_rewrite(resolve_rules(s, l->k->naxis, dom), bind_row, l);
    if (d < 0) m->body = s;
    else m->windex[d] = s;
  }
  add_all(l, m, &to, place_axis(&to, places - 1) + 1, in);
}
