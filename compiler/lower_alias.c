/*
** lower_alias.c: which inputs of a kernel may share memory with which of its outputs
**
**   for i: w_next[i] = w[i] - rate * w_bar[i]         w_next may be w, and may be w_bar
**   for i: g[i] = f(z[i], z[i + n]); g[i + n] = ..    g may be z, since every z[i + n] that is read
**                                                     is an element that the same trip then stores
**
** An element is stored once, so an input that is read only in the trip that stores this element,
** and before it does, may be overwritten.
*/
#include "lower.h"

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

/* The stores of one loop to `written`, in their order. */
typedef struct Trip {
  const Stmt *loop;
  const Node *read, *written;
  int at, nread; /* the statement of the loop that reads, and how many reads there were */
  bool ok;
} Trip;

/* Whether the loop stores at the index of a read, from its statement t->at on. */
static void check_trip_read(void *ctx, Scalar *s) {
  Trip *t = ctx;
  if (s->kind != S_READ || s->tensor != t->read) return;
  bool stored = false;
  for (int i = t->at; i < t->loop->n && !stored; i++) {
    const Stmt *b = t->loop->body[i];
    stored = b->kind == ST_STORE && b->to == t->written && b->comb == C_SET;
    for (int d = 0; d < s->narg && stored; d++) stored = s->arg[d] == b->index[d];
  }
  t->ok = t->ok && stored;
  t->nread++;
}

static void check_trip(const Stmt *s, Trip *t) {
  if (s->value) s_walk(s->value, check_trip_read, t);
  if (s->lo) s_walk(s->lo, check_trip_read, t);
  if (s->hi) s_walk(s->hi, check_trip_read, t);
  for (int d = 0; s->kind == ST_STORE && d < s->to->rank; d++)
    s_walk(s->index[d], check_trip_read, t);
  for (int i = 0; i < s->n; i++) check_trip(s->body[i], t);
}

/* Whether each innermost loop that stores some of the elements reads these and no others, each
** before it stores it, and nothing outside of these loops reads any: rows whose ends are loops of
** their own, parts of a row side by side. Adds up the reads. */
static bool shared_by_loops(const Stmt *s, Sharing *h) {
  bool stores = false, ok = true;
  for (int i = 0; i < s->n; i++)
    stores = stores || (s->body[i]->kind == ST_STORE && s->body[i]->to == h->written);
  if (!stores) {
    for (int i = 0; i < s->n && ok; i++) ok = shared_by_loops(s->body[i], h);
    return ok;
  }
  Trip t = {.loop = s, .read = h->read, .written = h->written, .ok = s->kind == ST_FOR};
  for (t.at = 0; t.at < s->n && t.ok; t.at++) check_trip(s->body[t.at], &t);
  h->nread += t.nread;
  return t.ok;
}

static bool may_share_loops(const Stmt *body, Sharing *h) {
  Sharing all = {.read = h->read};
  if (has_contraction(body) || !shared_by_loops(body, h)) return false;
  count_all_reads(body, &all);
  return all.nread == h->nread && h->nread > 0;
}

/* Whether input r may be overwritten by output w. */
static bool may_share(const Kernel *k, const Formal *r, const Formal *w) {
  const Node *a = r->as, *b = w->as;
  Sharing h = {.read = a, .written = b, .rank = a->rank, .ok = true};
  Sharing parts = {.read = a, .written = b, .rank = a->rank};
  int stores = 0;
  find_store(k->body, &h, &stores);
  if (stores == 1) check_sharing(k->body, &h);
  bool one = stores == 1 && h.ok && h.nread > 0;
  if (one) return !has_contraction(k->body) || reads_where_stored(k->body, &h);
  return may_share_loops(k->body, &parts);
}

static void set_alias(Kernel *k, int from, int to) {
  Formal *f = &k->formal[from];
  if (!f->may_alias) f->may_alias = NEWN(mod->arena, bool, k->nformal);
  f->may_alias[to] = true;
}

bool formal_may_alias(const Kernel *k, int from, int to) {
  const bool *may = k->formal[from].may_alias;
  return may && may[to];
}

/* Finds inputs that an output may overwrite: read only at the element then written. Of a sum in
** chunks, no numbers: its phases read them. */
static void find_aliases(Kernel *k, bool chunks) {
  for (int to = 0; to < k->nformal; to++) {
    const Formal *w = &k->formal[to];
    if (!w->written) continue;
    for (int from = 0; from < k->nformal; from++) {
      const Formal *r = &k->formal[from];
      if (r->written || !n_same_shape(r->as, w->as) || r->as->dtype != w->as->dtype) continue;
      if (chunks && r->as->rank == 0) continue;
      if (may_share(k, r, w)) set_alias(k, from, to);
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
  set_alias(k, from, to);
  k->copy_from = from;
  k->copy_to = to;
}

void lower_aliases(Kernel *k, const Group *g, bool chunks) {
  find_aliases(k, chunks);
  alias_base(k, g);
}
