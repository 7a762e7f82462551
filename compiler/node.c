/*
** node.c: constructors of graph nodes
**
** A COMP is put into its simplest form here: its body is simplified within its domain, axes that
** do not matter are dropped, a sum over an axis its body does not use becomes a product.
*/
#include <assert.h>
#include <string.h>
#include "ir.h"

static uint32_t mix(uint32_t h, uint64_t v) {
  uint64_t x = (h ^ v) * 0x9E3779B97F4A7C15u;
  return (uint32_t)(x >> 32) ^ (uint32_t)x;
}

static uint32_t mix_scalars(uint32_t h, int n, Scalar *const *s) {
  for (int k = 0; k < n; k++) h = mix(h, (uint64_t)s[k]->id + 1);
  return h;
}

/* Bytes of a literal. */
static size_t lit_size(const Node *n) {
  size_t size = dtype_size((Dtype)n->dtype);
  for (int d = 0; d < n->rank; d++) size *= (size_t)n->dim[d]->i;
  return size;
}

static uint32_t mix_bytes(uint32_t h, const uint8_t *data, size_t size) {
  for (size_t k = 0; k < size; k++) h = (h ^ data[k]) * 16777619u; /* FNV-1a */
  return h;
}

static uint32_t node_hash(const Node *n) {
  uint32_t h = mix(n->kind, n->dtype * 8u + n->comb);
  h = mix(h, (uint64_t)(n->rank * 64 + n->ndom));
  if (n->rank > 0) h = mix_scalars(h, n->rank, n->dim);
  h = mix_scalars(h, n->ndom, n->dom);
  for (int k = 0; k < n->narg; k++) h = mix(h, (uint64_t)n->arg[k]->id + 1);
  if (n->kind == N_COMP) {
    h = mix_scalars(h, n->rank, n->windex);
    h = mix(h, (uint64_t)n->body->id);
  }
  if (n->kind == N_LIT) h = mix_bytes(h, n->data, lit_size(n));
  if (n->fn) h = mix(h, (uint64_t)n->fn->id + 1);
  return mix(h, (uint64_t)n->k * 4 + n->guard);
}

/* memcmp for equality, where nothing may be NULL. */
static bool same(const void *p, const void *q, size_t n) { return n == 0 || memcmp(p, q, n) == 0; }

static bool node_equal(const Node *a, const Node *b) {
  if (a->kind != b->kind || a->dtype != b->dtype || a->comb != b->comb || a->rank != b->rank ||
      a->ndom != b->ndom || a->narg != b->narg || a->fn != b->fn || a->k != b->k ||
      a->body != b->body || a->trip != b->trip || a->ncarry != b->ncarry ||
      a->nslice != b->nslice || a->nstack != b->nstack || a->nsum != b->nsum ||
      a->reverse != b->reverse || a->guard != b->guard || a->unroll != b->unroll ||
      a->checkpoint != b->checkpoint)
    return false;
  size_t r = a->rank > 0 ? (size_t)a->rank : 0;
  return same(a->dim, b->dim, sizeof *a->dim * r) &&
         same(a->dom, b->dom, sizeof *a->dom * (size_t)a->ndom) &&
         same(a->arg, b->arg, sizeof *a->arg * (size_t)a->narg) &&
         (a->kind != N_LIT || same(a->data, b->data, lit_size(a))) &&
         (a->kind != N_COMP || (same(a->windex, b->windex, sizeof *a->windex * r) &&
                                same(a->wrule, b->wrule, r)));
}

static void node_table_grow(void) {
  uint32_t cap = mod->ncap * 2;
  Node **fresh = NEWN(mod->arena, Node *, cap);
  for (uint32_t b = 0; b < mod->ncap; b++)
    for (Node *n = mod->ntab[b], *next; n; n = next) {
      next = n->chain;
      n->chain = fresh[n->hash & (cap - 1)];
      fresh[n->hash & (cap - 1)] = n;
    }
  mod->ntab = fresh;
  mod->ncap = cap;
}

static Node *node_add(Node *n) {
  if ((uint32_t)mod->nnode == mod->nodecap) {
    mod->nodecap = mod->nodecap ? mod->nodecap * 2 : 1024;
    Node **more = NEWN(mod->arena, Node *, mod->nodecap);
    if (mod->nnode) memcpy(more, mod->node, sizeof *more * (size_t)mod->nnode);
    mod->node = more;
    mod->walk = NEWN(mod->arena, Node *, mod->nodecap);
  }
  n->id = mod->nnode;
  if (!n->loc.line) n->loc = mod->here;
  return mod->node[mod->nnode++] = n;
}

/* The one node that equals *key: an older one, or a copy of *key with its arrays kept as they
** are. */
static Node *node_intern(Node *key) {
  key->hash = node_hash(key);
  for (Node *n = mod->ntab[key->hash & (mod->ncap - 1)]; n; n = n->chain)
    if (n->hash == key->hash && node_equal(n, key)) return n;
  if ((uint32_t)mod->nnode > mod->ncap) node_table_grow();
  Node *n = arena_copy(mod->arena, key, sizeof *key);
  n->chain = mod->ntab[n->hash & (mod->ncap - 1)];
  mod->ntab[n->hash & (mod->ncap - 1)] = n;
  return node_add(n);
}

static Scalar **keep(int n, Scalar **s) {
  return arena_copy(mod->arena, s, sizeof *s * (size_t)(n > 0 ? n : 0));
}

Node *n_param(Role role, const char *name, Dtype t, int rank, Scalar **dim, Loc loc) {
  Node *n = NEW(mod->arena, Node);
  n->kind = N_PARAM;
  n->dtype = t;
  n->role = role;
  n->name = str_intern(name);
  n->rank = rank;
  n->dim = keep(rank, dim);
  n->loc = loc;
  return node_add(n);
}

Node *n_lit(Dtype t, int rank, Scalar **dim, const void *data) {
  Node key = {.kind = N_LIT, .dtype = (uint8_t)t, .rank = rank, .dim = keep(rank, dim)};
  for (int d = 0; d < rank; d++) assert(dim[d]->kind == S_CONST);
  key.data = arena_copy(mod->arena, data, lit_size(&key));
  return node_intern(&key);
}

/* COMP */

typedef struct Args {
  int n, cap;
  Node **arg;
} Args;

static void collect_read(void *ctx, Scalar *s) {
  Args *a = ctx;
  if (s->kind != S_READ) return;
  for (int k = 0; k < a->n; k++)
    if (a->arg[k] == s->tensor) return;
  if (a->n == a->cap) {
    a->cap = a->cap ? a->cap * 2 : 8;
    Node **more = NEWN(mod->arena, Node *, a->cap);
    if (a->n) memcpy(more, a->arg, sizeof *more * (size_t)a->n);
    a->arg = more;
  }
  a->arg[a->n++] = s->tensor;
}

/* A COMP under construction. */
typedef struct Draft {
  int rank, ndom;
  Scalar *dom[MAX_AXES], *windex[MAX_RANK], *body;
  uint8_t wrule[MAX_RANK];
  Combine comb;
} Draft;

static bool is_identity_axis(const Draft *c, int p) {
  return p < c->rank && c->windex[p]->kind == S_AXIS && c->windex[p]->axis == p;
}

/* Takes axis p out of the domain, with `at` standing for it. */
static void drop_axis(Draft *c, int p, Scalar *at) {
  Scalar *by[MAX_AXES];
  for (int q = 0; q < c->ndom; q++) by[q] = q < p ? s_axis(q) : q == p ? at : s_axis(q - 1);
  c->body = s_subst_axes(c->body, c->ndom, by);
  for (int d = 0; d < c->rank; d++) c->windex[d] = s_subst_axes(c->windex[d], c->ndom, by);
  memmove(c->dom + p, c->dom + p + 1, sizeof *c->dom * (size_t)(c->ndom - p - 1));
  c->ndom--;
}

static bool windex_uses(const Draft *c, int p) {
  for (int d = 0; d < c->rank; d++)
    if (s_uses_axis(c->windex[d], p)) return true;
  return false;
}

/* Drops axes of extent 1, and axes neither body nor write use. */
static void drop_axes(Draft *c) {
  int64_t extent;
  for (int p = c->ndom - 1; p >= 0; p--) {
    if (is_identity_axis(c, p)) continue;
    bool known = s_const_value(c->dom[p], &extent);
    if (known && extent == 1) {
      drop_axis(c, p, s_int(0));
      continue;
    }
    if (windex_uses(c, p) || s_uses_axis(c->body, p) || !known || extent < 1) continue;
    if (c->comb == C_PROD || (c->comb == C_SUM && c->body->dtype == DT_BOOL)) continue;
    if (c->comb == C_SUM)
      c->body = s_mul(s_iconst((Dtype)c->body->dtype, extent), c->body);
    drop_axis(c, p, s_int(0));
  }
}

static bool writes_identity(const Draft *c) {
  for (int d = 0; d < c->rank; d++)
    if (!is_identity_axis(c, d)) return false;
  return true;
}

/* The tensor itself when the COMP copies all of it. */
static Node *copied_tensor(const Draft *c, Scalar **dim) {
  Scalar *b = c->body;
  if (b->kind != S_READ || b->narg != c->rank || c->ndom != c->rank) return NULL;
  for (int d = 0; d < c->rank; d++) {
    bool same = b->arg[d]->kind == S_AXIS && b->arg[d]->axis == d;
    bool only = s_is_int(b->arg[d], 0) && s_is_int(dim[d], 1);
    if (!(same || only) || b->tensor->dim[d] != dim[d]) return NULL;
  }
  return b->tensor;
}

Node *n_comp(Dtype t, Combine comb, int rank, Scalar **dim, int ndom, Scalar **dom, Scalar **windex,
             const uint8_t *wrule, Scalar *body) {
  Draft c = {.rank = rank, .ndom = ndom, .comb = comb};
  assert(rank <= MAX_RANK && ndom <= MAX_AXES);
  for (int p = 0; p < ndom; p++) c.dom[p] = dom[p];
  for (int d = 0; d < rank; d++) {
    c.windex[d] = simplify_within(s_cast(DT_I64, windex[d]), ndom, dom);
    if (wrule && wrule[d] != R_NONE && !index_inside(windex[d], dim[d], ndom, dom))
      c.wrule[d] = wrule[d];
    if (windex[d]->kind == S_AXIS && windex[d]->axis == d && dom[d] == dim[d])
      c.windex[d] = windex[d]; /* an identity write stays one, whatever its extent */
  }
  c.body = s_cast(t, simplify_within(body, ndom, dom));
  drop_axes(&c);
  if (c.ndom < ndom) /* what is left may be simplified further */
    return n_comp(t, c.comb, rank, dim, c.ndom, c.dom, c.windex, c.wrule, c.body);
  bool identity = writes_identity(&c);
  if (identity && c.ndom == rank) {
    bool plain = true;
    for (int d = 0; d < rank; d++) plain = plain && c.dom[d] == dim[d] && !c.wrule[d];
    if (plain) c.comb = C_SET;
  }
  if (identity && c.comb == C_SET && copied_tensor(&c, dim)) return copied_tensor(&c, dim);
  Args args = {0};
  s_walk(c.body, collect_read, &args);
  for (int d = 0; d < rank; d++) s_walk(c.windex[d], collect_read, &args);
  Node key = {.kind = N_COMP, .dtype = t, .comb = c.comb, .rank = rank, .dim = keep(rank, dim),
              .narg = args.n, .arg = args.arg, .ndom = c.ndom, .dom = keep(c.ndom, c.dom),
              .body = c.body, .windex = keep(rank, c.windex),
              .wrule = arena_copy(mod->arena, c.wrule, (size_t)rank)};
  return node_intern(&key);
}

Node *n_map(int rank, Scalar **dim, Scalar *body) {
  return n_reduce(C_SET, rank, dim, 0, NULL, body);
}

Node *n_reduce(Combine c, int rank, Scalar **dim, int nred, Scalar **red, Scalar *body) {
  Scalar *dom[MAX_AXES], *windex[MAX_RANK];
  for (int d = 0; d < rank; d++) {
    dom[d] = dim[d];
    windex[d] = s_axis(d);
  }
  for (int k = 0; k < nred; k++) dom[rank + k] = red[k];
  return n_comp((Dtype)body->dtype, c, rank, dim, rank + nred, dom, windex, NULL, body);
}

Node *n_full(int rank, Scalar **dim, Scalar *value) { return n_map(rank, dim, value); }

/* CALL, LOOP, PROJ */

Node *n_call(Func *f, Node **arg) {
  Node key = {.kind = N_CALL, .rank = -1, .narg = f->nparam, .fn = f,
              .arg = arena_copy(mod->arena, arg, sizeof *arg * (size_t)f->nparam)};
  return node_intern(&key);
}

Node *n_loop(Func *f, Scalar *trip, int ncarry, int nslice, int nconst, Node **arg, int nstack,
             int nsum, bool reverse, int unroll, int checkpoint) {
  assert(f->nparam == ncarry + nslice + nconst && f->nresult == ncarry + nstack + nsum);
  Node key = {.kind = N_LOOP, .rank = -1, .narg = f->nparam, .fn = f, .trip = trip,
              .ncarry = ncarry, .nslice = nslice, .nstack = nstack, .nsum = nsum,
              .reverse = reverse, .unroll = unroll, .checkpoint = checkpoint,
              .arg = arena_copy(mod->arena, arg, sizeof *arg * (size_t)f->nparam)};
  return node_intern(&key);
}

Node *n_guarded(Node *loop, Guard guard) {
  if (loop->guard == guard) return loop;
  Node key = *loop;
  key.guard = (uint8_t)guard;
  key.name = NULL;
  return n_like(node_intern(&key), loop);
}

Node *n_proj(Node *call, int k) {
  const Node *proto = call->fn->result[k];
  Scalar *dim[MAX_RANK + 1];
  bool stack = call->kind == N_LOOP && k >= call->ncarry && k < call->ncarry + call->nstack;
  if (stack && proto->rank == MAX_RANK)
    diag_error(call->loc, "a loop stacks a tensor of more than %d axes", MAX_RANK - 1);
  if (stack) dim[0] = call->trip;
  for (int d = 0; d < proto->rank; d++) dim[d + stack] = proto->dim[d];
  Node key = {.kind = N_PROJ, .dtype = proto->dtype, .rank = proto->rank + stack,
              .narg = 1, .arg = arena_copy(mod->arena, &call, sizeof call), .k = k,
              .dim = keep(proto->rank + stack, dim)};
  Node *n = node_intern(&key);
  return n_like(n, proto);
}

/* Small conveniences */

Node *n_named(Node *n, const char *name) {
  if (!n->name && name) n->name = str_intern(name);
  return n;
}

Node *n_like(Node *n, const Node *of) {
  if (n->name || !of->name) return n;
  n->name = of->name;
  n->word = of->word;
  return n;
}

Node *n_with_body(const Node *n, Scalar *body) {
  Node *now = n_comp((Dtype)n->dtype, (Combine)n->comb, n->rank, n->dim, n->ndom, n->dom, n->windex,
                     n->wrule, body);
  n_like(now, n)->loc = n->loc;
  return now;
}

Scalar *s_at(Node *n, int first) {
  Scalar *idx[MAX_RANK];
  for (int d = 0; d < n->rank; d++) idx[d] = s_axis(first + d);
  return s_read(n, idx, NULL);
}

Node *n_add(Node *a, Node *b) {
  assert(n_same_shape(a, b));
  return n_map(a->rank, a->dim, s_add(s_at(a, 0), s_at(b, 0)));
}

Node *n_read_map(Node *n) { return n_map(n->rank, n->dim, s_at(n, 0)); }

bool n_is_reduction(const Node *n) {
  if (n->kind != N_COMP || n->ndom < n->rank) return false;
  for (int d = 0; d < n->rank; d++)
    if (n->windex[d]->kind != S_AXIS || n->windex[d]->axis != d || n->wrule[d] ||
        n->dom[d] != n->dim[d])
      return false;
  return true;
}

bool n_is_map(const Node *n) {
  return n_is_reduction(n) && n->comb == C_SET && n->ndom == n->rank;
}

bool n_is_scatter(const Node *n) { return n->kind == N_COMP && !n_is_reduction(n); }

bool n_same_shape(const Node *a, const Node *b) {
  return a->rank == b->rank &&
         (a->rank <= 0 || !memcmp(a->dim, b->dim, sizeof *a->dim * (size_t)a->rank));
}

Scalar *n_count(const Node *n) {
  Scalar *c = s_int(1);
  for (int d = 0; d < n->rank; d++) c = s_mul(c, n->dim[d]);
  return c;
}

Func *func_new(const char *name, int nparam, Node **param, int nresult, Node **result, Loc loc) {
  if ((uint32_t)mod->nfunc == mod->funccap) {
    mod->funccap = mod->funccap ? mod->funccap * 2 : 16;
    Func **more = NEWN(mod->arena, Func *, mod->funccap);
    if (mod->nfunc) memcpy(more, mod->func, sizeof *more * (size_t)mod->nfunc);
    mod->func = more;
  }
  Func *f = NEW(mod->arena, Func);
  *f = (Func){.name = str_intern(name), .loc = loc, .id = mod->nfunc, .nparam = nparam,
              .nresult = nresult,
              .param = arena_copy(mod->arena, param, sizeof *param * (size_t)nparam),
              .result = arena_copy(mod->arena, result, sizeof *result * (size_t)nresult)};
  return mod->func[mod->nfunc++] = f;
}
