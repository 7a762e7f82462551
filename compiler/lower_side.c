/*
** lower_side.c: the loops of a group whose members are several elements a place (fuse_side.c)
**
**   for i, j:  at_0 = ..;  at_1 = ..;  y[i][0][j] = x[0][at_0][at_1];  y[i][1][j] = ..
**
** The loops are over what members share; each member is written out for its elements in turn, which
** later ones find by their number.
*/
#include "lower.h"
#include "fuse.h"
#include "../codegen/cgen.h"

static Scalar *bind_side(void *ctx, Scalar *s) {
  Low *l = ctx;
  int64_t v = 0;
  if (s->kind != S_READ) return NULL;
  for (int i = 0; i < l->k->nlocal; i++)
    if (l->k->local[i].node == s->tensor) return NULL;
  for (int i = 0; i < l->nmember; i++) {
    const Member *m = &l->member[i];
    if (m->node != s->tensor) continue;
    if (l->g->side[i] >= 0 && !s_const_value(s->arg[l->g->side[i]], &v))
      ICE(m->node->loc, "lower: an element of %s that is not known", name_of_node(m->node));
    return m->element[v];
  }
  return s_read(low_formal(l, s->tensor, false), s->arg, s->rule);
}

/* Element v of member i at the present place. */
static void lower_element(Low *l, int i, int64_t v, Stmt *in) {
  Member *m = &l->member[i];
  Node *n = m->node;
  int side = l->g->side[i];
  Scalar *by[MAX_AXES], *dom[MAX_KERNEL_AXES];
  for (int d = 0; d < n->rank; d++)
    by[d] = d == side ? s_int(v) : low_at(l, side >= 0 && d > side ? d - 1 : d);
  for (int p = 0; p < l->k->naxis; p++) dom[p] = low_extent(l, p);
  Scalar *value = s_subst_axes(n->body, n->ndom, by);
  value = s_rewrite(resolve_rules(value, l->k->naxis, dom), bind_side, l);
  bool named = value->kind == S_CONST || (value->kind == S_READ && value->narg == 0);
  if (m->used && !named) {
    Node *local = low_local(l, (Dtype)n->dtype, 0, NULL, name_of_node(n));
    stmt_add(in, stmt_let(local, value, n->loc));
    value = local_read(local);
  }
  m->element[v] = value;
  if (m->to) stmt_add(in, stmt_store(m->to, by, C_SET, value, n->loc));
}

bool lower_sides(Low *l) {
  const Group *g = l->g;
  if (!g->side) return false;
  const Node *first = g->member[0];
  Stmt *in = l->k->body;
  for (int p = 0; p < first->rank; p++)
    if (p != g->side[0]) low_axis(l, first->dom[p], NULL);
  for (int p = 0; p < l->k->naxis; p++)
    if (!s_is_int(low_extent(l, p), 1))
      in = stmt_add(in, stmt_for(p, s_int(0), low_extent(l, p), l->k->loc));
  members_outline(l);
  for (int i = 0; i < l->nmember; i++) {
    Member *m = &l->member[i];
    int64_t count = 1;
    if (g->side[i] >= 0) s_const_value(m->node->dom[g->side[i]], &count);
    m->element = NEWN(l->a, Scalar *, count);
    if (g->stored[i]) m->to = low_formal(l, m->node, true);
    for (int64_t v = 0; v < count; v++) lower_element(l, i, v, in);
  }
  return true;
}
