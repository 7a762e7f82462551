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
      (Formal){.node = n, .as = as, .written = written, .read = !written, .may_alias = -1};
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

/* Reads of one formal and the store of another, in the order the kernel runs them. */
typedef struct Sharing {
  const Node *read, *written;
  Scalar **index;  /* where the store goes */
  int rank, nread;
  bool ok, stored;
} Sharing;

static void check_shared_read(void *ctx, Scalar *s) {
  Sharing *h = ctx;
  if (s->kind != S_READ || (s->tensor != h->read && s->tensor != h->written)) return;
  h->nread++;
  if (s->tensor == h->written || h->stored) h->ok = false;
  for (int d = 0; d < h->rank; d++) h->ok = h->ok && h->index && s->arg[d] == h->index[d];
}

static void find_store(const Stmt *s, Sharing *h, int *count) {
  if (s->kind == ST_STORE && s->to == h->written) {
    h->index = s->index;
    ++*count;
  }
  for (int i = 0; i < s->n; i++) find_store(s->body[i], h, count);
}

/* A contraction may neither read the two tensors nor write its sums to one. */
static void check_shared_sums(const Contract *c, Sharing *h) {
  const Scalar *of[] = {c->one, c->vec, c->here, c->sum};
  for (size_t i = 0; i < sizeof of / sizeof *of; i++)
    if (of[i] && (of[i]->tensor == h->read || of[i]->tensor == h->written)) h->ok = false;
}

/* Walks the kernel: reads at the stored index come before the store, in one and the same loop. Tiles
** of a contraction store every element once. */
static void check_sharing(const Stmt *s, Sharing *h) {
  if (s->value) s_walk(s->value, check_shared_read, h);
  if (s->kind == ST_STORE)
    for (int d = 0; d < s->to->rank; d++) s_walk(s->index[d], check_shared_read, h);
  if (s->kind == ST_FOR) {
    s_walk(s->lo, check_shared_read, h);
    s_walk(s->hi, check_shared_read, h);
  }
  for (int i = 0; i < s->n; i++) check_sharing(s->body[i], h);
  if (s->kind == ST_STORE && s->to == h->written) h->stored = true;
  if (s->kind == ST_CONTRACT) check_shared_sums(s->contract, h);
}

static void count_reads(void *ctx, Scalar *s) {
  Sharing *h = ctx;
  h->nread += s->kind == S_READ && s->tensor == h->read;
}

static void count_all_reads(const Stmt *s, Sharing *h) {
  if (s->value) s_walk(s->value, count_reads, h);
  if (s->kind == ST_STORE)
    for (int d = 0; d < s->to->rank; d++) s_walk(s->index[d], count_reads, h);
  for (int i = 0; i < s->n; i++) count_all_reads(s->body[i], h);
}

/* The innermost loop around the store to a tensor, or NULL. */
static const Stmt *loop_of_store(const Stmt *s, const Node *to) {
  for (int i = 0; i < s->n; i++) {
    const Stmt *in = loop_of_store(s->body[i], to);
    if (in) return in;
    if (s->kind == ST_FOR && s->body[i]->kind == ST_STORE && s->body[i]->to == to) return s;
  }
  return NULL;
}

/* Whether all reads that were found are in that loop. A tile that was moved back has rows that are
** stored already: outside of the loop over the fresh ones they may be read. */
static bool reads_where_stored(const Stmt *body, const Sharing *found) {
  Sharing h = {.read = found->read};
  const Stmt *loop = loop_of_store(body, found->written);
  if (loop) count_all_reads(loop, &h);
  return h.nread == found->nread;
}

/* Whether each innermost loop that stores some of the elements reads them and no others, and nothing
** outside of these loops reads any: rows whose ends are loops of their own. Adds up the reads. */
static bool shared_by_loops(const Stmt *s, Sharing *h) {
  bool ok = true;
  for (int i = 0; i < s->n && ok; i++) {
    const Stmt *b = s->body[i];
    if (b->kind == ST_STORE && b->to == h->written) {
      Sharing own = {.read = h->read, .written = h->written, .rank = h->rank, .index = b->index,
                     .ok = s->kind == ST_FOR};
      check_sharing(s, &own);
      h->nread += own.nread;
      return own.ok;
    }
    ok = shared_by_loops(b, h);
  }
  return ok;
}

static bool may_share_loops(const Stmt *body, Sharing *h) {
  Sharing all = {.read = h->read};
  if (has_contraction(body) || !shared_by_loops(body, h)) return false;
  count_all_reads(body, &all);
  return all.nread == h->nread && h->nread > 0;
}

/* Finds inputs that an output may overwrite: read only at the element then written. Of a sum in
** chunks, no numbers: its phases read them. */
static void find_aliases(Kernel *k, bool chunks) {
  for (int w = 0; w < k->nformal; w++) {
    if (!k->formal[w].written || k->formal[w].read) continue;
    for (int r = 0; r < k->nformal; r++) {
      Formal *f = &k->formal[r];
      const Node *a = f->as, *b = k->formal[w].as;
      if (f->written || f->may_alias >= 0 || !n_same_shape(a, b) || a->dtype != b->dtype) continue;
      if (chunks && a->rank == 0) continue;
      Sharing h = {.read = a, .written = b, .rank = a->rank, .ok = true};
      int stores = 0;
      find_store(k->body, &h, &stores);
      if (stores > 1) {
        Sharing parts = {.read = a, .written = b, .rank = a->rank};
        if (may_share_loops(k->body, &parts)) f->may_alias = w;
      }
      if (stores != 1) continue;
      check_sharing(k->body, &h);
      bool together = !has_contraction(k->body) || reads_where_stored(k->body, &h);
      if (h.ok && h.nread && together) f->may_alias = w;
    }
  }
}

/* A scatter into a copy of `base` may share its memory where nothing but the copy reads it. */
static void alias_base(Kernel *k, const Group *g) {
  k->copy_from = -1;
  if (!g->base) return;
  int from = -1, to = -1;
  for (int i = 0; i < k->nformal; i++) {
    if (k->formal[i].node == g->base) from = i;
    if (k->formal[i].node == g->member[0]) to = i;
  }
  Sharing h = {.read = k->formal[from].as};
  count_all_reads(k->body, &h);
  if (h.nread != 1) return;
  k->formal[from].may_alias = to;
  k->copy_from = from;
  k->copy_to = to;
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
  lower_factors(&l);
  lower_lets(&l);
  find_aliases(k, l.chunked);
  alias_base(k, g);
  sched_kernel(k);
  kernel_cost(k, g);
  kernel_phases(k);
  kernel_names(k);
  return k;
}
