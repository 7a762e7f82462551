/*
** fuse_channel.c: what is read or added to at places that are data has its channels last
**
**   y[n, c, i] = x[n, c, at[n, i]] * w[i]   becomes   x_turned[n, p, c] = x[n, c, p]
**                                           y_turned[n, i, c] = x_turned[n, at[n, i], c] * w[i]
**                                           y[n, c, i] = y_turned[n, i, c]
** A channel is an axis right before the places, which these do not depend on. Side by side they are
** one piece of memory for each place: a vector, where there are many; a line instead of several,
** where they are few, which are then written out (fuse_side.c). Scatters likewise:
**
**   g[n, c, at[n, i]] += d[n, c, i]   becomes   g_turned[n, at[n, i], c] += d_turned[n, i, c]
**
** Done where the reads are so many that they pay for the copies.
*/
#include "fuse.h"
#include "lower_tile.h"

enum {
  FEW = 4,          /* channels that are written out, */
  MANY = 8,         /* or make a vector */
  USES = 2,         /* reads for an element that is copied, where channels are many; */
  FEW_READS = 8,    /* reads, */
  FEW_SCATTERED = 4 /* and terms of a scatter, where they are few */
};

/* A tensor that is read at places that are data. */
typedef struct Turned {
  Node *tensor;
  int channel;          /* which of its axes; -1: none, or not the same one everywhere */
  double reads, copied; /* elements: read in all, and copied beside the tensor's own */
  const Node *last;     /* that was found to read it */
} Turned;

typedef struct Channels {
  Order order;
  int at, n;      /* the node that comes next; tensors */
  Turned *tensor; /* before the graph is rebuilt, */
  Node **now;     /* and what stands for them; NULL: it is not turned */
} Channels;

static double count_of(const Node *n) { return usual_count(n->rank, n->dim); }

static bool is_few(const Scalar *extent) {
  int64_t v;
  return s_const_value(extent, &v) && v <= FEW;
}

/* Of a run-time size, such as that of a batch, there may be one. */
static bool is_many(const Scalar *extent) {
  int64_t v;
  return s_const_value(extent, &v) && v >= MANY;
}

/* The axis of channels before the places that n indices lead to, the last of which is data; -1:
** there is none. */
static int channel_of(int n, Scalar *const *index, const uint8_t *rule, Scalar *const *dim) {
  int first = 0;
  if (n < 2 || !s_has_read(index[n - 1])) return -1;
  while (!s_has_read(index[first])) first++;
  int c = first - 1;
  if (c < 0 || rule[c] != R_NONE || !(is_many(dim[c]) || (is_few(dim[c]) && !s_is_int(dim[c], 1))))
    return -1;
  if (index[c]->kind == S_CONST) return c;
  if (index[c]->kind != S_AXIS) return -1;
  for (int d = 0; d < n; d++)
    if (d != c && s_uses_axis(index[d], index[c]->axis)) return -1;
  return c;
}

static int read_channel(const Scalar *s) {
  if (s->kind != S_READ || !dtype_is_float((Dtype)s->dtype)) return -1;
  return channel_of(s->narg, s->arg, s->rule, s->tensor->dim);
}

/* Whether a read moves along axis p with one of its indices, which is not the last and nothing
** else: a copy then has it last. */
static int apart_along(const Scalar *s, int p) {
  int at = -1;
  for (int d = 0; s->kind == S_READ && d < s->narg; d++) {
    if (!s_uses_axis(s->arg[d], p)) continue;
    if (at >= 0 || s->arg[d]->kind != S_AXIS || s->rule[d] != R_NONE) return -1;
    at = d;
  }
  return at == s->narg - 1 || !dtype_is_float((Dtype)s->dtype) ? -1 : at;
}

/* What is found in one body. */
typedef struct Found {
  Channels *c;
  const Node *n;
  int axis;      /* of many channels; -1: none */
  double copied; /* elements of other tensors that are copied then */
} Found;

static void find_axis(void *ctx, Scalar *s) {
  Found *f = ctx;
  int c = read_channel(s);
  if (c >= 0 && s->arg[c]->kind == S_AXIS && is_many(s->tensor->dim[c])) f->axis = s->arg[c]->axis;
}

static void count_copied(void *ctx, Scalar *s) {
  Found *f = ctx;
  if (s->kind == S_READ && read_channel(s) < 0 && apart_along(s, f->axis) >= 0)
    f->copied += count_of(s->tensor);
}

static Turned *turned_of(Channels *c, Node *tensor, int channel) {
  for (int k = 0; k < c->n; k++)
    if (c->tensor[k].tensor == tensor) return &c->tensor[k];
  c->tensor[c->n] = (Turned){.tensor = tensor, .channel = channel};
  return &c->tensor[c->n++];
}

static void note_read(void *ctx, Scalar *s) {
  Found *f = ctx;
  int channel = read_channel(s);
  if (channel < 0) return;
  Turned *t = turned_of(f->c, s->tensor, channel);
  if (t->channel != channel) t->channel = -1;
  double reads = 1;
  for (int p = 0; p < f->n->ndom; p++)
    if (s_uses_axis(s, p)) reads *= usual_count(1, f->n->dom + p);
  t->reads += reads;
  if (t->last != f->n) t->copied += f->copied;
  t->last = f->n;
}

/* Counts the reads of one node, and what is copied for them. */
static void note_reads(Channels *c, const Node *n) {
  Found f = {c, n, -1, 0};
  if (!n_is_map(n) && !n_is_reduction(n)) return;
  s_walk(n->body, find_axis, &f);
  if (f.axis >= 0) s_walk(n->body, count_copied, &f);
  if (f.axis >= 0 && f.axis < n->rank) f.copied += count_of(n);
  s_walk(n->body, note_read, &f);
}

/* Whether what belongs to one place of the axes before the channels is more than stays near. */
static bool is_far(const Node *n, int channel) {
  return usual_count(n->rank - channel, n->dim + channel) * (double)dtype_size((Dtype)n->dtype) >
         FIRST_CACHE;
}

static bool pays(const Turned *t) {
  const Node *n = t->tensor;
  if (t->channel < 0) return false;
  if (is_few(n->dim[t->channel]))
    return is_far(n, t->channel) && t->reads >= FEW_READS * count_of(n);
  return t->reads >= USES * (count_of(n) + t->copied);
}

/* n[i .., channel, j ..] = the result at [i .., j .., channel]: `at`, the index of one in order of
** the other. */
static Node *moved_back(const Node *n, int channel, Node *turned) {
  Scalar *at[MAX_RANK];
  for (int d = 0; d < n->rank - 1; d++) at[d] = s_axis(d < channel ? d : d + 1);
  at[n->rank - 1] = s_axis(channel);
  return n_map(n->rank, n->dim, s_read(turned, at, NULL));
}

/* A copy of a tensor with axis `channel` as its last; where it is one of such a copy itself, that
** one's. */
static Node *moved_last(Node *n, int channel) {
  Scalar *dim[MAX_RANK], *at[MAX_RANK];
  int last = n->rank - 1;
  for (int d = 0; d <= last; d++) {
    int to = d == channel ? last : d < channel ? d : d - 1;
    dim[to] = n->dim[d];
    at[d] = s_axis(to);
  }
  Node *from = n_is_map(n) && n->body->kind == S_READ ? n->body->tensor : NULL;
  if (from && from->rank == n->rank && moved_back(n, channel, from) == n) return from;
  Node *copy = n_map(n->rank, dim, s_read(n, at, NULL));
  return n->name ? n_named(copy, str_format("%s_turned", n->name)) : copy;
}

/* The read of that copy in place of s. */
static Scalar *read_moved(const Scalar *s, int channel) {
  Scalar *index[MAX_RANK];
  uint8_t rule[MAX_RANK];
  for (int d = 0; d < s->narg; d++) {
    int to = d == channel ? s->narg - 1 : d < channel ? d : d - 1;
    index[to] = s->arg[d];
    rule[to] = s->rule[d];
  }
  return s_read(moved_last(s->tensor, channel), index, rule);
}

/* One node under change. */
typedef struct Change {
  const Channels *c;
  int axis; /* of many channels; -1: none */
  bool any;
} Change;

static bool is_turned(const Channels *c, const Node *tensor) {
  for (int k = 0; k < c->n; k++)
    if (c->now[k] == tensor) return true;
  return false;
}

static void find_turned(void *ctx, Scalar *s) {
  Change *h = ctx;
  int c = read_channel(s);
  if (c < 0 || !is_turned(h->c, s->tensor)) return;
  h->any = true;
  if (s->arg[c]->kind == S_AXIS && is_many(s->tensor->dim[c])) h->axis = s->arg[c]->axis;
}

static Scalar *turn_read(void *ctx, Scalar *s) {
  const Change *h = ctx;
  int c = read_channel(s);
  if (c >= 0) return is_turned(h->c, s->tensor) ? read_moved(s, c) : NULL;
  int apart = h->axis < 0 ? -1 : apart_along(s, h->axis);
  return apart < 0 ? NULL : read_moved(s, apart);
}

/* A map or reduction that reads turned tensors; with many channels they are its last result axis,
** too. */
static Node *turned_reader(const Channels *c, Node *n) {
  Scalar *dom[MAX_AXES], *by[MAX_AXES];
  Change h = {c, -1, false};
  s_walk(n->body, find_turned, &h);
  if (!h.any) return n;
  Scalar *body = s_rewrite(n->body, turn_read, &h);
  bool moves = h.axis >= 0 && h.axis < n->rank - 1;
  for (int p = 0; p < n->ndom; p++) {
    int to = !moves || p >= n->rank || p < h.axis ? p : p == h.axis ? n->rank - 1 : p - 1;
    dom[to] = n->dom[p];
    by[p] = s_axis(to);
  }
  if (moves) body = s_subst_axes(body, n->ndom, by);
  Node *now = n->ndom > n->rank ? n_reduce((Combine)n->comb, n->rank, dom, n->ndom - n->rank,
                                           dom + n->rank, body)
                                : n_map(n->rank, dom, body);
  if (!moves) return now;
  if (n->name) n_named(now, str_format("%s_turned", n->name));
  return moved_back(n, h.axis, now);
}

/* The axis of the domain that a scatter has channels along, which are *channel of its result; -1:
** there is none, or turning it does not pay. */
static int scatter_axis(const Node *n, int *channel) {
  int c = *channel = channel_of(n->rank, n->windex, n->wrule, n->dim);
  if (c < 0 || n->windex[c]->kind != S_AXIS || scatter_parts(n) > 1) return -1;
  int p = n->windex[c]->axis;
  if (n->dom[p] != n->dim[c] || !dtype_is_float((Dtype)n->dtype)) return -1;
  double terms = usual_count(n->ndom, n->dom);
  if (is_few(n->dim[c])) return is_far(n, c) && terms >= FEW_SCATTERED * count_of(n) ? p : -1;
  Found f = {.n = n, .axis = p};
  s_walk(n->body, count_copied, &f);
  return terms >= USES * (count_of(n) + f.copied) ? p : -1;
}

static Node *turned_scatter(const Channels *c, Node *n) {
  Scalar *dim[MAX_RANK], *windex[MAX_RANK], *dom[MAX_AXES], *by[MAX_AXES];
  uint8_t rule[MAX_RANK];
  int channel, p = scatter_axis(n, &channel);
  if (p < 0) return n;
  for (int q = 0; q < n->ndom; q++) {
    int to = q == p ? n->ndom - 1 : q < p ? q : q - 1;
    dom[to] = n->dom[q];
    by[q] = s_axis(to);
  }
  for (int d = 0; d < n->rank; d++) {
    int to = d == channel ? n->rank - 1 : d < channel ? d : d - 1;
    dim[to] = n->dim[d];
    windex[to] = s_subst_axes(n->windex[d], n->ndom, by);
    rule[to] = n->wrule[d];
  }
  Change h = {c, is_few(n->dim[channel]) ? -1 : p, true};
  Scalar *body = s_subst_axes(s_rewrite(n->body, turn_read, &h), n->ndom, by);
  Node *now = n_comp((Dtype)n->dtype, (Combine)n->comb, n->rank, dim, n->ndom, dom, windex, rule,
                     body);
  if (n->name) n_named(now, str_format("%s_turned", n->name));
  return moved_back(n, channel, now);
}

static Node *turn_one(void *ctx, Node *n) {
  Channels *c = ctx;
  const Node *was = c->order.node[c->at++];
  Node *now = n;
  if (n->kind == N_COMP && n_is_scatter(n)) now = turned_scatter(c, n);
  else if (n->kind == N_COMP) now = turned_reader(c, n);
  for (int k = 0; k < c->n; k++)
    if (c->tensor[k].tensor == was && pays(&c->tensor[k])) c->now[k] = now;
  return now;
}

void channels_last(Func *f) {
  if (f->opaque) return;
  Arena *a = arena_new();
  Channels c = {.order = graph_order(a, f->nresult, f->result)};
  c.tensor = NEWN(a, Turned, c.order.n);
  c.now = NEWN(a, Node *, c.order.n);
  for (int k = 0; k < c.order.n; k++)
    if (c.order.node[k]->kind == N_COMP) note_reads(&c, c.order.node[k]);
  graph_rewrite(f->nresult, f->result, turn_one, &c);
  arena_free(a);
}
