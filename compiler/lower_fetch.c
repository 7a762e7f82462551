/*
** lower_fetch.c: the channels at places that are data are copied to rows before they are read
**
**   for k: at[k] = ..                              for k: at[k] = ..
**          y_0[k] = x[at[k]][0] * w[k]             for k: for c < 2: x_at[k][c] = x[at[k]][c]
**          y_1[k] = x[at[k]][1] * w[k]             for k: y_0[k] = x_at[k][0] * w[k]; ..
**
** Channels lie side by side: one short copy for each place takes them all, where lanes would gather
** each by itself; from the rows, vectors are then read in order. Done for places that a boundary
** rule keeps inside, whatever they are, beside scatters, whose rows have what the copies need.
*/
#include "lower.h"
#include "fuse.h"

enum {
  LEAST_VECTOR = 64,   /* bytes; shorter ones take their lanes one by one, and as fast */
  LEAST_PLACES = 4,    /* that one member reads at; a loop for fewer costs as much as it saves */
  LEAST_ROW = 16,      /* lanes */
  MOST_BYTES = 1 << 15 /* of all rows */
};

/* Looks for what an index of a read takes from members from `cut` on, or from numbers. */
typedef struct Index {
  const Low *l;
  int cut;
  bool ok;
} Index;

static void check_index(void *ctx, Scalar *s) {
  Index *x = ctx;
  if (s->kind != S_READ) return;
  int i = member_read(x->l, s);
  if (i == READS_LOCAL || i >= x->cut || dtype_is_float((Dtype)s->dtype)) x->ok = false;
}

/* Whether s reads a channel at a place that is data, known before member `cut`, of what is no
** member; `axis` counts channels, or is -1. */
static bool is_fetched(const Low *l, int cut, const Scalar *s, int axis) {
  int64_t channels;
  bool data = false;
  int last = s->kind == S_READ ? s->narg - 1 : 0;
  if (last < 1 || !dtype_is_float((Dtype)s->dtype) || member_read(l, s) != READS_FORMAL)
    return false;
  const Scalar *c = s->arg[last];
  if (s->rule[last] != R_NONE || !(c->kind == S_CONST || (c->kind == S_AXIS && c->axis == axis)))
    return false;
  if (!s_const_value(s->tensor->dim[last], &channels) || channels < 2 || channels > MOST_CHANNELS)
    return false;
  for (int d = 0; d < last; d++) {
    Index x = {l, cut, true};
    if (!s_has_read(s->arg[d])) continue;
    s_walk(s->arg[d], check_index, &x);
    if (!x.ok || s->rule[d] == R_NONE) return false;
    data = true;
  }
  return data;
}

typedef struct Finding {
  Low *l;
  Fetch *f;
  int axis; /* that counts channels */
  Scalar **dom;
} Finding;

/* The number of the place that plain read s is at; -1: it is none of them. */
static int place_of(const Fetch *f, const Scalar *s) {
  for (int p = 0; p < f->n; p++) {
    const Scalar *x = f->place[p];
    int d = s->tensor == x->tensor ? 0 : s->narg;
    while (d < s->narg - 1 && s->arg[d] == x->arg[d]) d++;
    if (d == s->narg - 1) return p;
  }
  return -1;
}

static void find_read(void *ctx, Scalar *s) {
  Finding *x = ctx;
  Fetch *f = x->f;
  if (is_fetched(x->l, f->cut, s, x->axis) && place_of(f, s) < 0 && f->n < MOST_PLACES)
    f->place[f->n++] = s;
}

Fetch fetch_begin(Low *l, int nmap, Scalar *row) {
  Fetch f = {.cut = nmap};
  int64_t extent;
  if (l->target->vector_bytes < LEAST_VECTOR || l->g->nscatter == 0) return f;
  if (s_const_value(row, &extent) && extent < LEAST_ROW) return f;
  for (int i = 0; i < nmap; i++) {
    Finding x = {.l = l, .f = &f, .axis = l->g->side[i]};
    if (f.cut == nmap) f.cut = i;
    f.n = 0;
    s_walk(l->member[i].node->body, find_read, &x);
    f.any = f.any || f.n >= LEAST_PLACES;
    if (f.n == 0 && f.cut == i) f.cut = nmap;
  }
  f.n = 0;
  return f;
}

/* Notes the place of s, as the plain read of a channel that its rules leave. */
static void note_place(void *ctx, Scalar *s) {
  Finding *x = ctx;
  Fetch *f = x->f;
  if (!is_fetched(x->l, f->cut, s, -1)) return;
  Scalar *plain = resolve_rules(s, x->l->k->naxis, x->dom);
  if (plain->kind == S_OP && plain->op == OP_WHERE) plain = plain->arg[1];
  if (plain->kind != S_READ) return;
  int64_t channel = 0;
  int p = place_of(f, plain);
  if (p < 0 && f->n == MOST_PLACES) return;
  if (p < 0) f->place[p = f->n++] = plain;
  s_const_value(plain->arg[plain->narg - 1], &channel);
  if (!f->value[p][channel])
    f->value[p][channel] = low_local(x->l, (Dtype)s->dtype, 0, NULL, local_name(s->tensor, "at"));
}

static int64_t channels_of(const Scalar *read) {
  int64_t channels = 0;
  s_const_value(read->tensor->dim[read->narg - 1], &channels);
  return channels;
}

/* Finds the places that members from the cut on read at. */
static void find_places(Low *l, Fetch *f, int nmap) {
  Scalar *by[MAX_AXES], *dom[MAX_KERNEL_AXES];
  int64_t bytes = 0;
  for (int p = 0; p < l->k->naxis; p++) dom[p] = low_extent(l, p);
  for (int i = f->cut; i < nmap; i++)
    for (int64_t v = 0; v < side_elements(l, i); v++) {
      Finding x = {.l = l, .f = f, .dom = dom};
      side_axes(l, i, v, by);
      s_walk(s_subst_axes(l->member[i].node->body, l->member[i].node->ndom, by), note_place, &x);
    }
  for (int p = 0; p < f->n; p++) {
    int64_t size =
        l->width * channels_of(f->place[p]) * (int64_t)dtype_size((Dtype)f->place[p]->dtype);
    if ((bytes += size) > MOST_BYTES) f->n = p;
  }
}

void fetch_rows(Low *l, Fetch *f, int nmap, Stmt *in) {
  Scalar *at[MAX_RANK];
  Loc loc = l->k->loc;
  find_places(l, f, nmap);
  if (f->n == 0) return;
  Stmt *each = stmt_for(l->lane_axis, s_int(0), l->lanes, loc);
  each->trips = s_int(l->width);
  each->apart = true;
  for (int p = 0; p < f->n; p++) {
    const Scalar *x = f->place[p];
    Scalar *dim[] = {s_int(l->width), x->tensor->dim[x->narg - 1]};
    int last = x->narg - 1, c = low_axis(l, dim[1], NULL);
    f->row[p] = low_local(l, (Dtype)x->dtype, 2, dim, local_name(x->tensor, "at"));
    stmt_add(in, stmt_var(f->row[p], NULL, loc));
    for (int d = 0; d < last; d++) at[d] = side_bound(l, x->arg[d]);
    at[last] = s_axis(c);
    Scalar *index[] = {lane_index(l), s_axis(c)};
    Stmt *channels = stmt_add(each, stmt_for(c, s_int(0), dim[1], loc));
    Scalar *value = s_read(low_formal(l, x->tensor, false), at, NULL);
    stmt_add(channels, stmt_store(f->row[p], index, C_SET, value, loc));
  }
  stmt_add(in, each);
}

/* They are read outside of the choices that they are used in: so these leave vectors whole. */
void fetch_names(Low *l, Fetch *f, Stmt *in) {
  for (int p = 0; p < f->n; p++)
    for (int c = 0; c < MOST_CHANNELS; c++) {
      Scalar *index[] = {lane_index(l), s_int(c)};
      if (f->value[p][c])
        stmt_add(in, stmt_let(f->value[p][c], s_read(f->row[p], index, NULL), l->k->loc));
    }
}

static Scalar *read_name(void *ctx, Scalar *s) {
  const Fetch *f = ctx;
  int64_t c = 0;
  int p = s->kind == S_READ && s->narg > 1 ? place_of(f, s) : -1;
  if (p < 0 || !s_const_value(s->arg[s->narg - 1], &c) || !f->value[p][c]) return NULL;
  return local_read(f->value[p][c]);
}

Scalar *fetch_read(const Fetch *f, Scalar *value) {
  return f && f->n ? s_rewrite(value, read_name, (void *)f) : value;
}
