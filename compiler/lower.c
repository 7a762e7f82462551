/*
** lower.c: a group of COMPs as a kernel: formals, axes and a nest of loops
**
**   y[i, j] = sum k. a[i, k] * b[k, j]        for i, j:  acc = 0
**                                               for k:  acc += a[i][k] * b[k][j]
**                                               y[i][j] = acc
** The shared axes of the group are the outer loops; each member's own axes nest inside, in the
** order of the members. A member read only inside the group lives in a local variable.
*/
#include "lower.h"
#include "../codegen/cgen.h"
#include <assert.h>
#include <string.h>

/* statements */

Stmt *stmt_new(StmtKind kind, Loc loc) {
  Stmt *s = NEW(mod->arena, Stmt);
  s->kind = kind;
  s->loc = loc;
  s->step = 1;
  s->collapse = 1;
  return s;
}

Stmt *stmt_add(Stmt *to, Stmt *s) {
  if (to->n == to->cap) {
    to->cap = to->cap ? 2 * to->cap : 4;
    Stmt **more = NEWN(mod->arena, Stmt *, to->cap);
    if (to->n) memcpy(more, to->body, sizeof *more * (size_t)to->n);
    to->body = more;
  }
  return to->body[to->n++] = s;
}

Stmt *stmt_for(int axis, Scalar *lo, Scalar *hi, Loc loc) {
  Stmt *s = stmt_new(ST_FOR, loc);
  s->axis = axis;
  s->lo = lo;
  s->hi = hi;
  return s;
}

Stmt *stmt_let(Node *to, Scalar *value, Loc loc) {
  Stmt *s = stmt_new(ST_LET, loc);
  s->to = to;
  s->value = value;
  return s;
}

Stmt *stmt_var(Node *to, Scalar *value, Loc loc) {
  Stmt *s = stmt_let(to, value, loc);
  s->kind = ST_VAR;
  return s;
}

Stmt *stmt_store(Node *to, Scalar **index, Combine comb, Scalar *value, Loc loc) {
  Stmt *s = stmt_new(ST_STORE, loc);
  s->to = to;
  s->index = arena_copy(mod->arena, index, sizeof *index * (size_t)to->rank);
  s->comb = comb;
  s->value = value;
  return s;
}

Scalar *local_read(Node *local) { return s_read(local, NULL, NULL); }

/* axes, locals, formals */

int low_axis(Low *l, Scalar *extent, const char *name) {
  Kernel *k = l->k;
  if (k->naxis == MAX_KERNEL_AXES) ICE(k->loc, "lower: %s has too many loops", k->name);
  k->axis[k->naxis] = (AxisVar){.name = name, .extent = extent};
  return k->naxis++;
}

Scalar *low_extent(const Low *l, int axis) { return l->k->axis[axis].extent; }

Node *low_local(Low *l, Dtype t, int rank, Scalar **dim, const char *name) {
  Kernel *k = l->k;
  Node *n = n_param(P_FORMAL, name, t, rank, dim, k->loc);
  if ((k->nlocal & (k->nlocal - 1)) == 0) { /* room grows at powers of two */
    Name *more = NEWN(mod->arena, Name, k->nlocal ? 2 * k->nlocal : 1);
    if (k->nlocal) memcpy(more, k->local, sizeof *more * (size_t)k->nlocal);
    k->local = more;
  }
  k->local[k->nlocal++] = (Name){n, name};
  return n;
}

Node *low_formal(Low *l, Node *n, bool written) {
  Kernel *k = l->k;
  for (int i = 0; i < k->nformal; i++)
    if (k->formal[i].node == n) {
      if (written) k->formal[i].written = true;
      else k->formal[i].read = true;
      return k->formal[i].as;
    }
  if ((k->nformal & (k->nformal - 1)) == 0) {
    Formal *more = NEWN(mod->arena, Formal, k->nformal ? 2 * k->nformal : 1);
    if (k->nformal) memcpy(more, k->formal, sizeof *more * (size_t)k->nformal);
    k->formal = more;
  }
  Node *as = n_param(P_FORMAL, n->name, (Dtype)n->dtype, n->rank, n->dim, n->loc);
  k->formal[k->nformal++] =
      (Formal){.node = n, .as = as, .written = written, .read = !written, .may_alias = -1};
  return as;
}

static Member *member_of(Low *l, const Node *n) {
  for (int m = 0; m < l->nmember; m++)
    if (l->member[m].node == n) return &l->member[m];
  return NULL;
}

/* members */

static Scalar *bind_read(void *ctx, Scalar *s) {
  Low *l = ctx;
  if (s->kind != S_READ) return NULL;
  Member *m = member_of(l, s->tensor);
  if (!m) return s_read(low_formal(l, s->tensor, false), s->arg, s->rule);
  if (m->value && m->nout == l->nshared) return m->value;
  if (m->local) return s_read(m->local, s->arg + l->nshared, NULL);
  return s_read(m->to, s->arg, NULL);
}

/* Renumbers the axes of a member, resolves its reads. The members before it are done. */
static void member_init(Low *l, Member *m, Node *n, bool stored) {
  Scalar *by[MAX_AXES], *dom[MAX_KERNEL_AXES];
  m->node = n;
  m->ndom = n->ndom;
  m->scatter = n_is_scatter(n);
  m->nout = m->scatter ? 0 : n->rank;
  for (int p = 0; p < n->ndom; p++) {
    m->axis[p] = p < l->nshared ? p : low_axis(l, n->dom[p], NULL);
    by[p] = s_axis(m->axis[p]);
  }
  for (int p = 0; p < l->k->naxis; p++) dom[p] = low_extent(l, p);
  Scalar *body = s_subst_axes(n->body, n->ndom, by);
  m->body = s_rewrite(resolve_rules(body, l->k->naxis, dom), bind_read, l);
  for (int d = 0; d < n->rank; d++)
    m->windex[d] = s_rewrite(s_subst_axes(n->windex[d], n->ndom, by), bind_read, l);
  if (stored) m->to = low_formal(l, n, true);
  if (!stored && m->nout > l->nshared)
    m->local = low_local(l, (Dtype)n->dtype, n->rank - l->nshared, n->dim + l->nshared,
                         name_of_node(n));
}

/* nests */

/* Opens loops over the domain axes [from, to) of m inside `in`; returns the innermost body. */
static Stmt *open_loops(Low *l, const Member *m, int from, int to, Stmt *in) {
  for (int p = from; p < to; p++)
    in = stmt_add(in, stmt_for(m->axis[p], s_int(0), low_extent(l, m->axis[p]), m->node->loc));
  return in;
}

static void result_index(const Low *l, const Member *m, const Node *to, Scalar **index) {
  int skip = to == m->local ? l->nshared : 0;
  for (int d = skip; d < m->nout; d++) index[d - skip] = s_axis(m->axis[d]);
}

/* Puts a value of m, at the current position of all its result axes, where others find it. */
static void put_value(Low *l, Member *m, Scalar *value, Stmt *in) {
  Scalar *index[MAX_RANK];
  if (m->nout == l->nshared) m->value = value;
  Node *to = m->to ? m->to : m->local;
  if (!to) return;
  result_index(l, m, to, index);
  stmt_add(in, stmt_store(to, index, C_SET, value, m->node->loc));
}

static void lower_map(Low *l, Member *m, Stmt *in) {
  Scalar *value = m->body;
  in = open_loops(l, m, l->nshared, m->nout, in);
  if (m->nout == l->nshared) {
    Node *local = low_local(l, (Dtype)m->node->dtype, 0, NULL, name_of_node(m->node));
    stmt_add(in, stmt_let(local, value, m->node->loc));
    value = local_read(local);
  }
  put_value(l, m, value, in);
}

static void lower_reduction(Low *l, Member *m, Stmt *in) {
  Dtype t = (Dtype)m->node->dtype;
  Combine comb = (Combine)m->node->comb;
  in = open_loops(l, m, l->nshared, m->nout, in);
  Node *acc = low_local(l, t, 0, NULL, name_of_node(m->node));
  stmt_add(in, stmt_var(acc, s_combine_identity(comb, t), m->node->loc));
  Stmt *inner = open_loops(l, m, m->nout, m->ndom, in);
  stmt_add(inner, stmt_store(acc, NULL, comb, m->body, m->node->loc));
  put_value(l, m, local_read(acc), in);
}

/* Fills the result with the identity, then walks the domain in order. */
static void lower_scatter(Low *l, Member *m, Stmt *in) {
  Node *n = m->node, *to = m->to;
  Scalar *index[MAX_RANK], *inside = NULL;
  Stmt *fill = in;
  for (int d = 0; d < n->rank; d++) {
    int p = low_axis(l, n->dim[d], NULL);
    index[d] = s_axis(p);
    fill = stmt_add(fill, stmt_for(p, s_int(0), n->dim[d], n->loc));
  }
  stmt_add(fill, stmt_store(to, index, C_SET,
                            s_combine_identity((Combine)n->comb, (Dtype)n->dtype), n->loc));
  for (int d = 0; d < n->rank; d++) {
    index[d] = m->windex[d];
    if (n->wrule[d] == R_ZERO) {
      Scalar *ok = rule_inside(index[d], n->dim[d]);
      inside = inside ? s_op2(OP_AND, inside, ok) : ok;
    } else {
      index[d] = rule_index((Rule)n->wrule[d], index[d], n->dim[d]);
    }
  }
  in = open_loops(l, m, 0, m->ndom, in);
  if (inside) {
    Stmt *test = stmt_new(ST_IF, n->loc);
    test->value = inside;
    in = stmt_add(in, test);
  }
  stmt_add(in, stmt_store(to, index, (Combine)n->comb, m->body, n->loc));
}

static void collect_sym(void *ctx, Scalar *s) {
  Kernel *k = ctx;
  if (s->kind != S_SIZE) return;
  for (int i = 0; i < k->nsym; i++)
    if (k->sym[i] == s->sym) return;
  k->sym[k->nsym++] = s->sym;
}

static void stmt_syms(Kernel *k, const Stmt *s) {
  Scalar *const part[] = {s->lo, s->hi, s->value, s->work};
  for (size_t i = 0; i < sizeof part / sizeof *part; i++)
    if (part[i]) s_walk(part[i], collect_sym, k);
  if (s->kind == ST_STORE)
    for (int d = 0; d < s->to->rank; d++) s_walk(s->index[d], collect_sym, k);
  for (int i = 0; i < s->n; i++) stmt_syms(k, s->body[i]);
}

static void kernel_syms(Kernel *k) {
  k->sym = NEWN(mod->arena, Sym *, mod->nsym + 1);
  for (int i = 0; i < k->nformal; i++)
    for (int d = 0; d < k->formal[i].as->rank; d++)
      s_walk(k->formal[i].as->dim[d], collect_sym, k);
  stmt_syms(k, k->body);
}

/* Comment lines: the script place and the formula of every member. */
static const char *kernel_formula(const Group *g) {
  Text t = {0};
  for (int m = 0; m < g->nmember; m++) {
    Node *n = g->member[m];
    if (n->loc.file && n->loc.line > 0) text_add(&t, "%s:%d   ", n->loc.file, n->loc.line);
    print_formula(&t, n);
    if (m + 1 < g->nmember) text_add(&t, "\n");
  }
  const char *s = str_intern(t.s ? t.s : "");
  text_free(&t);
  return s;
}

Kernel *lower_group(Func *f, const Group *g, const Target *target) {
  Kernel *k = NEW(mod->arena, Kernel);
  Low l = {.a = mod->arena, .k = k, .g = g, .target = target, .nshared = g->nshared,
           .nmember = 0, .lane_axis = -1};
  (void)f;
  k->loc = g->member[0]->loc;
  k->name = "kernel";
  for (int m = g->nmember - 1; m >= 0; m--)
    if (g->stored[m]) {
      k->name = name_of_node(g->member[m]);
      k->loc = g->member[m]->loc;
    }
  k->axis = NEWN(mod->arena, AxisVar, MAX_KERNEL_AXES);
  k->body = stmt_new(ST_BLOCK, k->loc);
  l.member = NEWN(mod->arena, Member, g->nmember);
  Stmt *in = k->body;
  for (int p = 0; p < g->nshared; p++) {
    Scalar *extent = g->member[0]->dom[p];
    low_axis(&l, extent, NULL);
    in = stmt_add(in, stmt_for(p, s_int(0), extent, k->loc));
  }
  for (int i = 0; i < g->nmember; i++) {
    Member *m = &l.member[i];
    member_init(&l, m, g->member[i], g->stored[i]);
    l.nmember++;
    if (m->scatter) lower_scatter(&l, m, in);
    else if (m->ndom > m->nout) lower_reduction(&l, m, in);
    else lower_map(&l, m, in);
  }
  k->formula = kernel_formula(g);
  sched_kernel(&l);
  lower_lets(&l);
  kernel_syms(k);
  kernel_names(k);
  return k;
}
