/*
** lower.c: a group of COMPs as a kernel: statements, axes, formals, and the kernel as a whole
**
** What the body reads is one PARAM a tensor (a formal) or a PARAM of rank 0 or more that is a
** variable or an array on the stack (a local). See lower_nest.c for the loops.
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

Stmt *stmt_insert(Stmt *to, int at, Stmt *s) {
  stmt_add(to, s);
  memmove(to->body + at + 1, to->body + at, sizeof *to->body * (size_t)(to->n - 1 - at));
  return to->body[at] = s;
}

void stmt_drop(Stmt *from, int at) {
  memmove(from->body + at, from->body + at + 1, sizeof *from->body * (size_t)(from->n - 1 - at));
  from->n--;
}

Stmt *stmt_for(int axis, Scalar *lo, Scalar *hi, Loc loc) {
  Stmt *s = stmt_new(ST_FOR, loc);
  s->axis = axis;
  s->lo = lo;
  s->hi = hi;
  return s;
}

Stmt *open_axis(Low *l, int axis, Stmt *in) {
  if (s_is_int(low_extent(l, axis), 1)) return in;
  return stmt_add(in, stmt_for(axis, s_int(0), low_extent(l, axis), l->k->loc));
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

Scalar *low_at(const Low *l, int axis) {
  return s_is_int(low_extent(l, axis), 1) ? s_int(0) : s_axis(axis);
}

Node *low_local(Low *l, Dtype t, int rank, Scalar **dim, const char *name) {
  Kernel *k = l->k;
  Node *n = n_param(P_FORMAL, name ? name : "value", t, rank, dim, k->loc);
  if ((k->nlocal & (k->nlocal - 1)) == 0) { /* room grows at powers of two */
    Name *more = NEWN(mod->arena, Name, k->nlocal ? 2 * k->nlocal : 1);
    if (k->nlocal) memcpy(more, k->local, sizeof *more * (size_t)k->nlocal);
    k->local = more;
  }
  k->local[k->nlocal++] = (Name){.node = n, .name = name};
  return n;
}

const char *local_name(const Node *x, const char *what) {
  return x->name ? name_clean(str_format("%s_%s", x->name, what)) : what;
}

const Formal *formal_of(const Kernel *k, const Node *as) {
  for (int i = 0; i < k->nformal; i++)
    if (k->formal[i].as == as) return &k->formal[i];
  return NULL;
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
      (Formal){.node = n, .as = as, .written = written, .read = !written};
  return as;
}

static void collect_sym(void *ctx, Scalar *s) {
  Phase *k = ctx;
  if (s->kind != S_SIZE) return;
  int at = 0; /* in the order the script declares them, the same for every kernel */
  while (at < k->nsym && k->sym[at]->index < s->sym->index) at++;
  if (at < k->nsym && k->sym[at] == s->sym) return;
  memmove(k->sym + at + 1, k->sym + at, sizeof *k->sym * (size_t)(k->nsym - at));
  k->sym[at] = s->sym;
  k->nsym++;
}

static void stmt_syms(Phase *k, const Stmt *s) {
  Scalar *const part[] = {s->lo, s->hi, s->value, s->work};
  for (size_t i = 0; i < sizeof part / sizeof *part; i++)
    if (part[i]) s_walk(part[i], collect_sym, k);
  if (s->kind == ST_STORE)
    for (int d = 0; d < s->to->rank; d++) s_walk(s->index[d], collect_sym, k);
  for (int i = 0; i < s->n; i++) stmt_syms(k, s->body[i]);
}

static void shape_syms(Phase *p, const Node *n) {
  for (int d = 1; d < n->rank; d++) s_walk(n->dim[d], collect_sym, p);
}

void kernel_syms(Kernel *k, Phase *p) {
  p->sym = NEWN(mod->arena, Sym *, mod->nsym + 1);
  for (int i = 0; i < p->nformal; i++) shape_syms(p, k->formal[p->formal[i]].as);
  for (int i = 0; i < p->nshared; i++) shape_syms(p, k->shared[p->shared[i]]);
  for (int i = 0; i < p->n; i++) stmt_syms(p, p->stmt[i]);
}

/* Comment lines: the script place and the formula of every member. */
static const char *kernel_formula(const Group *g) {
  Text t = {0};
  for (int m = 0; m < g->nmember; m++) {
    Node *n = g->member[m];
    const char *slash = n->loc.file ? strrchr(n->loc.file, '/') : NULL;
    if (n->loc.file && n->loc.line > 0)
      text_add(&t, "%s:%d   ", slash ? slash + 1 : n->loc.file, n->loc.line);
    print_formula(&t, n);
    if (m + 1 < g->nmember) text_add(&t, "\n");
  }
  const char *s = str_intern(t.s ? t.s : "");
  text_free(&t);
  return s;
}

bool has_contraction(const Stmt *s) {
  bool any = s->kind == ST_CONTRACT;
  for (int i = 0; i < s->n && !any; i++) any = has_contraction(s->body[i]);
  return any;
}

Kernel *lower_group(Func *f, const Group *g, const Target *target, const Choice *c) {
  Kernel *k = NEW(mod->arena, Kernel);
  Group merged;
  Merging *merging = merge_axes(mod->arena, g, &merged);
  if (c) k->choice = *c;
  Low l = {.a = mod->arena,
           .k = k,
           .g = &merged,
           .target = target,
           .nshared = merged.nshared,
           .nmember = g->nmember,
           .lane_axis = -1,
           .chunk_axis = -1,
           .row_block = -1,
           .nrow = 1,
           .together = 1};
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
  lower_members(&l);
  for (int i = 0; i < k->nformal; i++) k->formal[i].node = before_merge(merging, k->formal[i].node);
  k->formula = kernel_formula(g);
  lower_join(&l);
  names_within(&l);
  rows_around(&l, k->body);
  cut_ends(&l, k->body);
  take_rows_apart(&l, k->body);
  stores_last(&l, k->body);
  lower_powers(k->body);
  lower_ratios(k->body);
  lower_factors(&l);
  whole_rests(&l, k->body);
  lower_lets(&l);
  lower_aliases(k, g, l.chunked);
  sched_kernel(k);
  kernel_cost(k, g);
  kernel_phases(k);
  kernel_names(k);
  return k;
}
