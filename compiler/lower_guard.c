/*
** lower_guard.c: what is read under choices alone gets a name where its text would explode
**
**   where(g, x[i] * f(x[i]), 0) + where(h, f(x[i]), 1)     x_at = where(0 <= i and i < n, x[i], 0)
**
** lower_let.c names a shared expression if it may be evaluated always. One that reads x outside of x
** unless a choice forbids it stays where it is, again and again: derivatives of derivatives, a graph
** of some hundred nodes, become a text of a million lines. So where a text is long, the read itself
** gets a name, as 0 outside of its tensor. What is made of the name may be evaluated always, and
** lower_let.c names that.
*/
#include "diff.h"
#include "lower.h"

enum { LONG_TEXT = 1000 /* nodes */, MOST_TEXT = 1 << 30 };

/* Every node of an expression, arguments first, and how often it stands in the text. */
typedef struct Count {
  Arena *a;
  int n, cap, *times;
  Scalar **s;
  IdMap at; /* a Scalar's id -> its position */
} Count;

static void collect(void *ctx, Scalar *s) {
  Count *c = ctx;
  if (c->n == c->cap) {
    c->cap = c->cap ? 2 * c->cap : 64;
    Scalar **more = NEWN(c->a, Scalar *, c->cap);
    for (int k = 0; k < c->n; k++) more[k] = c->s[k];
    c->s = more;
  }
  idmap_set(&c->at, s->id, c->n);
  c->s[c->n++] = s;
}

static int add(int x, int y) { return x > MOST_TEXT - y ? MOST_TEXT : x + y; }

/* Counts how often each node stands in the text of `value`; returns how long that is. */
static int count(Count *c, Scalar *value) {
  int length = 0;
  s_walk(value, collect, c);
  c->times = NEWN(c->a, int, c->n);
  c->times[c->n - 1] = 1;
  for (int i = c->n - 1; i >= 0; i--) {
    length = add(length, c->times[i]);
    for (int k = 0; k < c->s[i]->narg; k++) {
      int *times = &c->times[idmap_get(&c->at, c->s[i]->arg[k]->id)];
      *times = add(*times, c->times[i]);
    }
  }
  return length;
}

/* The read where its indices are inside of the tensor, else 0. */
static Scalar *read_inside(const Kernel *k, Scalar *read) {
  Scalar *dom[MAX_KERNEL_AXES], *inside = s_iconst(DT_BOOL, 1);
  for (int p = 0; p < k->naxis; p++) dom[p] = k->axis[p].extent;
  for (int d = 0; d < read->narg; d++)
    if (!index_inside(read->arg[d], read->tensor->dim[d], k->naxis, dom))
      inside = s_op2(OP_AND, inside, rule_inside(read->arg[d], read->tensor->dim[d]));
  return s_op3(OP_WHERE, inside, read, s_const((Dtype)read->dtype, 0));
}

/* Where the text of `value` is long: the first read, arguments before what they are in, that stands
** in it several times; *always is what may be evaluated instead of it anywhere. NULL: none. */
Scalar *guarded_read(const Kernel *k, Scalar *value, Scalar **always) {
  Count c = {.a = arena_new()};
  Scalar *read = NULL;
  c.at.a = c.a;
  int length = count(&c, value);
  for (int i = 0; i < c.n && length > LONG_TEXT && !read; i++)
    if (c.s[i]->kind == S_READ && c.s[i]->narg && c.times[i] > 1) read = c.s[i];
  if (read) *always = read_inside(k, read);
  arena_free(c.a);
  return read;
}
