/*
** alike.c: groups that are alike are lowered once
**
**   h1[i, j] = tanh(x[i, j] + b1[j]);   h2[i, j] = tanh(h1[i, j] + b2[j])
**
** The layers of a network, and the entries of a program, have groups that differ in nothing but
** which tensors they read and make. The first of them is lowered; for the others its kernel is
** called with their tensors. What a group is like is a text: its COMPs with their tensors, and the
** Scalars that read these, numbered as they are met. Lowering looks at nothing else.
*/
#include "routine.h"
#include <string.h>

struct Alike {
  const char *text; /* what the group was like, */
  size_t size;
  uint32_t hash;
  Kernel *kernel; /* and became; */
  int *formal;    /* by formal of the kernel: the number of its tensor */
  Alike *next;
};
enum { BUCKETS = 1024 };

/* A group being described. */
typedef struct Likeness {
  Arena *a;
  Text text;
  IdMap number, scalar; /* of a tensor; of a Scalar that reads one */
  int ntensor, cap, nscalar;
  Node **tensor;        /* by number */
} Likeness;

static void put(Likeness *l, int64_t v) {
  text_put(&l->text, (const char *)&v, sizeof v);
}

/* What reads no tensor is the same wherever it stands. */
static void put_plain(Likeness *l, int n, Scalar *const *s) {
  put(l, n);
  for (int k = 0; k < n; k++) put(l, s[k]->id);
}

static void put_tensor(Likeness *l, Node *n) {
  int number = idmap_get(&l->number, n->id);
  put(l, number);
  if (number >= 0) return;
  if (l->ntensor == l->cap) {
    l->cap = 2 * l->cap + 16;
    Node **more = NEWN(l->a, Node *, l->cap);
    if (l->ntensor) memcpy(more, l->tensor, sizeof *more * (size_t)l->ntensor);
    l->tensor = more;
  }
  l->tensor[l->ntensor] = n;
  idmap_set(&l->number, n->id, l->ntensor++);
  put(l, n->kind * 256 + n->dtype);
  put_plain(l, n->rank, n->dim);
}

static void put_scalar(Likeness *l, const Scalar *s) {
  int number = s->reads ? idmap_get(&l->scalar, s->id) : s->id;
  put(l, number);
  if (number >= 0) return;
  put(l, s->kind + 256 * (s->dtype + 256 * (s->narg + 256 * (int64_t)s->op)));
  if (s->kind == S_READ) {
    put_tensor(l, s->tensor);
    for (int k = 0; k < s->narg; k++) put(l, s->rule[k]);
  }
  for (int k = 0; k < s->narg; k++) put_scalar(l, s->arg[k]);
  idmap_set(&l->scalar, s->id, l->nscalar++);
}

static void put_comp(Likeness *l, Node *n) {
  put_tensor(l, n);
  put(l, n->comb);
  put_plain(l, n->ndom, n->dom);
  put_scalar(l, n->body);
  for (int d = 0; d < n->rank; d++) {
    put(l, n->wrule[d]);
    put_scalar(l, n->windex[d]);
  }
}

static void describe(Likeness *l, const Group *g) {
  const int whole[] = {g->nmember, g->nshared, g->root, g->ntail, g->ntotal, g->nscatter,
                       g->side != NULL, g->base != NULL, g->scatter != NULL};
  text_put(&l->text, (const char *)whole, sizeof whole);
  for (int m = 0; m < g->nmember; m++) {
    put(l, g->stored[m] + 2 * (g->side ? g->side[m] : 0));
    put_comp(l, g->member[m]);
  }
  if (g->base) put_tensor(l, g->base);
  if (g->scatter) put_comp(l, g->scatter);
}

static uint32_t hash_of(const Text *t) {
  uint64_t h = 1469598103934665603u, word;
  for (size_t at = 0; at < t->n; at += sizeof word) {
    size_t left = t->n - at;
    word = 0;
    memcpy(&word, t->s + at, left < sizeof word ? left : sizeof word);
    h = (h ^ word) * 1099511628211u;
    h ^= h >> 29;
  }
  return (uint32_t)(h ^ h >> 32);
}

/* Lowers the group, and notes what it was like; *formal are the group's tensors, one a formal. */
static Kernel *lower_first(Build *b, Func *f, const Group *g, const Likeness *l, uint32_t hash,
                           Node ***formal) {
  Kernel *k = lower_chosen(f, g, b->target), *shared = kernel_intern(b->u, k);
  Alike *x = NEW(mod->arena, Alike);
  bool known = true;
  *x = (Alike){.text = arena_copy(mod->arena, l->text.s, l->text.n), .size = l->text.n,
               .hash = hash, .kernel = shared, .formal = NEWN(mod->arena, int, k->nformal + 1)};
  *formal = NEWN(mod->arena, Node *, k->nformal + 1);
  for (int i = 0; i < k->nformal; i++) {
    (*formal)[i] = k->formal[i].node;
    x->formal[i] = idmap_get(&l->number, k->formal[i].node->id);
    known = known && x->formal[i] >= 0;
  }
  if (!known) return shared;
  x->next = b->alike[hash % BUCKETS];
  b->alike[hash % BUCKETS] = x;
  return shared;
}

Kernel *kernel_of_group(Build *b, Func *f, const Group *g, Node ***formal) {
  Likeness l = {.a = arena_new()};
  l.number.a = l.scalar.a = l.a;
  describe(&l, g);
  uint32_t hash = hash_of(&l.text);
  if (!b->alike) b->alike = NEWN(mod->arena, Alike *, BUCKETS);
  const Alike *x = b->alike[hash % BUCKETS];
  while (x && (x->hash != hash || x->size != l.text.n || memcmp(x->text, l.text.s, l.text.n)))
    x = x->next;
  Kernel *k = x ? x->kernel : lower_first(b, f, g, &l, hash, formal);
  if (x) {
    *formal = NEWN(mod->arena, Node *, k->nformal + 1);
    for (int i = 0; i < k->nformal; i++) (*formal)[i] = l.tensor[x->formal[i]];
  }
  text_free(&l.text);
  arena_free(l.a);
  return k;
}
