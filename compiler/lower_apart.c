/*
** lower_apart.c: rows that are read every second to fourth element are taken apart first
**
**   for j < 28:                           for j < 28:
**     y[j] = max(j > 0 ? x[2 j - 1]         x_row[0][j + 1] = x[2 j]
**                      : -inf, x[2 j],      x_row[1][j + 1] = x[2 j + 1]
**                x[2 j + 1])              for t in {0, 12}, for j < 16:
**                                           y[t + j] = max(t + j > 0 ? x_row[1][t + j] : -inf,
**                                             x_row[0][t + j + 1], x_row[1][t + j + 1])
**
** Neighbours that are elements apart come from whole vectors by shuffles, where all of them are
** read, and none under a choice: in a loop of its own. The windows are then of neighbours side by
** side. A row that windows reach over the ends of is copied, too: its copy has margins. What a row
** alone decides is chosen from what is read always, at the nearest place inside of the tensor. And
** the last vector of a row is a whole one that ends with the row: what it computes again has not
** changed.
*/
#include "lower.h"
#include <string.h>

enum {
  VECTOR = 16,       /* elements of a whole vector */
  MOST_VECTORS = 16, /* of a row */
  MOST_APART = 4,    /* elements between neighbours */
  MOST_ROWS = 16,    /* taken apart at once */
  MANY_CHOSEN = 3,
  LEAST_WINDOWS = 2, /* rows of neighbours side by side that are worth copies */
  MOST_BYTES = 1 << 14
};

/* A row that is read, and how far beyond element 0 .. extent - 1 of its parts. */
typedef struct Row {
  Scalar *read; /* one of its reads: the tensor and the other indices */
  int64_t apart, before, after;
  int nread;
  bool guarded; /* some read of it may be outside */
  bool gaps;    /* other elements than 0 .. apart - 1 are read */
  bool over;    /* some read of it may be before or after the row */
  Node *parts;  /* the local array [apart][before + extent + after], or [before + ..] */
} Row;

typedef struct Apart {
  Low *l;
  int axis, at; /* of the loop before, and of the new one */
  int64_t extent;
  Scalar *place; /* the position of the old loop, in the new one */
  int nrow;
  Row row[MOST_ROWS];
  bool fits, again; /* again: nothing that is read may share the memory of what is stored */
  int chosen; /* reads that the row alone decides about */
  bool shuffled;    /* neighbours are apart somewhere, beside choices */
} Apart;

static bool is_inside(const Low *l, const Scalar *read, int d) {
  Scalar *dom[MAX_KERNEL_AXES];
  for (int p = 0; p < l->k->naxis; p++) dom[p] = low_extent(l, p);
  return index_inside(read->arg[d], read->tensor->dim[d], l->k->naxis, dom);
}

/* How many elements of a row neighbours along the axis are apart, 1 to 4, the first one being
**rest;
** 0: it is not like that. */
static int64_t steps_along(int rank, Scalar **index, int axis, Scalar **rest) {
  Scalar *coef;
  int64_t step;
  int last = rank - 1;
  if (last < 0 || !s_uses_axis(index[last], axis)) return 0;
  for (int d = 0; d < rank; d++)
    if ((d < last && s_uses_axis(index[d], axis)) || s_has_read(index[d])) return 0;
  bool found = affine_split(index[last], axis, &coef, rest) && s_const_value(coef, &step) &&
               step >= 1 && step <= MOST_APART;
  return found ? step : 0;
}

static Row *row_of(Apart *a, const Scalar *read, int64_t apart) {
  for (int k = 0; k < a->nrow; k++) {
    Row *r = &a->row[k];
    if (r->read->tensor != read->tensor || r->apart != apart) continue;
    bool same = true;
    for (int d = 0; d + 1 < read->narg; d++) same = same && r->read->arg[d] == read->arg[d];
    if (same) return r;
  }
  if (a->nrow == MOST_ROWS) return NULL;
  a->row[a->nrow] = (Row){.read = (Scalar *)read, .apart = apart};
  return &a->row[a->nrow++];
}

static int64_t quotient(int64_t x, int64_t by) {
  return x / by - (x % by < 0);
}

static void note_read(void *ctx, Scalar *s) {
  Apart *a = ctx;
  Scalar *rest;
  int64_t first, n;
  if (s->kind != S_READ) return;
  int64_t apart = steps_along(s->narg, s->arg, a->axis, &rest);
  if (apart == 0) return;
  bool inside = true;
  for (int d = 0; d < s->narg; d++) inside = inside && is_inside(a->l, s, d);
  a->shuffled = a->shuffled || !inside;
  a->chosen += !inside && is_inside(a->l, s, s->narg - 1);
  Row *r = row_of(a, s, apart);
  if (!r || !s_const_value(rest, &first) || !s_const_value(s->tensor->dim[s->narg - 1], &n)) {
    a->fits = false;
    return;
  }
  int64_t by = quotient(first, apart);
  if (-by > r->before) r->before = -by;
  if (by > r->after) r->after = by;
  r->guarded = r->guarded || !inside;
  r->gaps = r->gaps || by != 0;
  r->over = r->over || !is_inside(a->l, s, s->narg - 1);
  r->nread++;
}

typedef struct Others {
  const Stmt *store;
  const Node *x;
  bool elsewhere; /* x is read at another element than is stored */
} Others;

static void find_elsewhere(void *ctx, Scalar *s) {
  Others *o = ctx;
  if (s->kind != S_READ || s->tensor != o->x) return;
  for (int d = 0; d < s->narg; d++) o->elsewhere = o->elsewhere || s->arg[d] != o->store->index[d];
}

typedef struct Share {
  const Stmt *loop, *store;
  bool may;
} Share;

/* Whether the result may be written over x, which is read at the element then stored and no other
** (lower.c). */
static void find_share(void *ctx, Scalar *s) {
  Share *h = ctx;
  const Node *to = h->store->to;
  if (s->kind != S_READ || s->tensor->dtype != to->dtype || !n_same_shape(s->tensor, to)) return;
  Others o = {.store = h->store, .x = s->tensor};
  for (int i = 0; i < h->loop->n; i++) s_walk(h->loop->body[i]->value, find_elsewhere, &o);
  h->may = h->may || !o.elsewhere;
}

static bool may_share(const Stmt *loop, const Stmt *store) {
  Share h = {.loop = loop, .store = store};
  for (int i = 0; i < loop->n; i++) s_walk(loop->body[i]->value, find_share, &h);
  return h.may;
}

/* Whether s is a loop over elements, with constants on the way. */
static bool is_row(const Stmt *s) {
  if (s->kind != ST_FOR || s->step != 1 || s->lanes || s->tiles || s->turns || s->simd)
    return false;
  for (int i = 0; i < s->n; i++) {
    const Stmt *b = s->body[i];
    if (b->kind != ST_LET && (b->kind != ST_STORE || b->comb != C_SET || b->to->rank == 0))
      return false;
  }
  return s->n > 0 && s_is_int(s->lo, 0);
}

/* Whether several neighbours side by side are read, some of them over the ends of the row. */
static bool is_window(const Row *r) { return r->apart == 1 && r->over && r->nread > 1; }

/* What the loop s reads and stores along rows; fits: each store along them. */
static Apart look_at_row(Low *l, const Stmt *s, int64_t extent) {
  Apart a = {.l = l, .axis = s->axis, .extent = extent, .fits = true, .again = !l->g->base};
  bool apart = false, stores = false;
  for (int i = 0; i < s->n; i++) {
    const Stmt *b = s->body[i];
    Scalar *rest;
    if (b->kind != ST_STORE) continue;
    int64_t step = steps_along(b->to->rank, b->index, s->axis, &rest);
    apart = apart || step > 1;
    a.fits = a.fits && step > 0;
    a.again = a.again && !may_share(s, b);
    stores = true;
  }
  for (int i = 0; i < s->n; i++) s_walk(s->body[i]->value, note_read, &a);
  int kept = 0;
  int64_t bytes = 0;
  int windows = 0;
  bool stores_apart = apart;
  for (int k = 0; k < a.nrow; k++) {
    apart = apart || a.row[k].apart > 1;
    windows += is_window(&a.row[k]);
  }
  for (int k = 0; k < a.nrow; k++) {
    Row *r = &a.row[k];
    bool window = is_window(r) && windows >= LEAST_WINDOWS && !stores_apart;
    if (r->apart > 1 ? !r->guarded && !r->gaps : !window) continue;
    int64_t len = r->before + extent + r->after;
    bytes += r->apart * len * (int64_t)dtype_size((Dtype)r->read->dtype);
    a.row[kept++] = *r;
  }
  bool many = apart || kept || a.chosen >= MANY_CHOSEN;
  a.shuffled = a.shuffled && many;
  a.fits = a.fits && stores && a.shuffled && bytes <= MOST_BYTES;
  a.nrow = kept;
  return a;
}

/* Index d of a read at the nearest place inside, where the axis has no part in it. */
static Scalar *nearest(const Apart *a, const Scalar *read, int d) {
  Scalar *dom[MAX_KERNEL_AXES];
  if (d == read->narg - 1 || is_inside(a->l, read, d)) return read->arg[d];
  for (int p = 0; p < a->l->k->naxis; p++) dom[p] = low_extent(a->l, p);
  return simplify_within(rule_index(R_CLAMP, read->arg[d], read->tensor->dim[d]), a->l->k->naxis,
                         dom);
}

/* Stores element apart j + c of the row in parts[c][before + j], or 0. */
static void store_part(const Apart *a, const Row *r, int64_t c, Scalar *j, bool exists, Stmt *in) {
  const Scalar *read = r->read;
  int last = read->narg - 1;
  Scalar *index[MAX_RANK], *to[] = {s_int(c), s_add(j, s_int(r->before))};
  Scalar **place = to + (r->apart == 1);
  for (int d = 0; d < last; d++) index[d] = nearest(a, read, d);
  index[last] = s_add(s_mul(s_int(r->apart), j), s_int(c));
  Scalar *value = exists ? s_read(read->tensor, index, NULL) : s_const((Dtype)read->dtype, 0);
  stmt_add(in, stmt_store(r->parts, place, C_SET, value, a->l->k->loc));
}

/* Takes the rows apart, all that have as many whole groups of elements in one loop; what a row does
** not have is 0. */
static void take_apart(Apart *a, Stmt *out) {
  Stmt *loop[MOST_ROWS];
  int64_t whole[MOST_ROWS], n[MOST_ROWS];
  Loc loc = a->l->k->loc;
  for (int k = 0; k < a->nrow; k++) {
    Row *r = &a->row[k];
    const Node *x = r->read->tensor;
    Scalar *dim[] = {s_int(r->apart), s_int(r->before + a->extent + r->after)};
    const char *name = local_name(x, "row");
    bool one = r->apart == 1;
    r->parts = low_local(a->l, (Dtype)x->dtype, one ? 1 : 2, dim + one, name);
    stmt_add(out, stmt_var(r->parts, NULL, loc));
    s_const_value(x->dim[x->rank - 1], &n[k]);
    whole[k] = n[k] / r->apart < a->extent + r->after ? n[k] / r->apart : a->extent + r->after;
  }
  for (int k = 0; k < a->nrow; k++) {
    Row *r = &a->row[k];
    loop[k] = NULL;
    for (int i = 0; i < k && !loop[k]; i++)
      if (whole[i] == whole[k]) loop[k] = loop[i];
    if (!loop[k]) {
      int j = low_axis(a->l, s_int(whole[k]), NULL);
      loop[k] = stmt_add(out, stmt_for(j, s_int(0), s_int(whole[k]), loc));
      loop[k]->simd = true;
    }
    for (int64_t c = 0; c < r->apart; c++)
      store_part(a, r, c, s_axis(loop[k]->axis), true, loop[k]);
  }
  for (int k = 0; k < a->nrow; k++)
    for (int64_t c = 0; c < a->row[k].apart; c++)
      for (int64_t j = -a->row[k].before; j < a->extent + a->row[k].after; j++)
        if (j < 0 || j >= whole[k])
          store_part(a, &a->row[k], c, s_int(j), j >= 0 && a->row[k].apart * j + c < n[k], out);
}

/* A read along the axis: from the parts of its row, or at the nearest place inside. */
static Scalar *read_apart(void *ctx, Scalar *s) {
  Apart *a = ctx;
  Scalar *index[MAX_RANK], *rest;
  int64_t first;
  if (s->kind != S_READ) return NULL;
  int64_t apart = steps_along(s->narg, s->arg, a->axis, &rest);
  if (apart == 0) return NULL;
  for (int k = 0; k < a->nrow; k++) {
    Row *r = &a->row[k];
    bool same = r->read->tensor == s->tensor && r->apart == apart;
    for (int d = 0; d + 1 < s->narg && same; d++) same = r->read->arg[d] == s->arg[d];
    if (!same) continue;
    s_const_value(rest, &first);
    int64_t by = quotient(first, apart);
    Scalar *at[] = {s_int(first - by * apart), s_add(s_axis(a->axis), s_int(by + r->before))};
    return s_read(r->parts, at + (apart == 1), NULL);
  }
  for (int d = 0; d < s->narg; d++) index[d] = nearest(a, s, d);
  return s_read(s->tensor, index, NULL);
}

/* The loop over the row, or over its vectors; at: the position in it. */
static Stmt *open_row(Apart *a, Loc loc, Stmt *out) {
  Low *l = a->l;
  int64_t n = a->extent;
  Scalar *begin = s_int(0);
  if (n > VECTOR && n % VECTOR && n < VECTOR * MOST_VECTORS && a->again) {
    int tile = low_axis(l, s_int(n), NULL);
    out = stmt_add(out, stmt_for(tile, s_int(0), s_int(n), loc));
    out->step = VECTOR;
    begin = s_op2(OP_MIN, s_axis(tile), s_int(n - VECTOR));
    n = VECTOR;
  }
  a->at = low_axis(l, s_int(n), NULL);
  a->place = s_add(s_axis(a->at), begin);
  out = stmt_add(out, stmt_for(a->at, s_int(0), s_int(n), loc));
  out->shuffled = out->simd = true;
  return out;
}

/* The loop at block->body[at] over rows taken apart, where neighbours are elements apart. */
static void cut_row(Low *l, Stmt *block, int at) {
  Stmt *s = block->body[at], *all = stmt_new(ST_BLOCK, s->loc), *row;
  Scalar *by[MAX_KERNEL_AXES] = {0}, *dom[MAX_KERNEL_AXES];
  int64_t extent;
  if (!is_row(s) || !s_const_value(s->hi, &extent) || extent < VECTOR / 2) return;
  Apart a = look_at_row(l, s, extent);
  if (!a.fits) return;
  take_apart(&a, all);
  row = open_row(&a, s->loc, all);
  by[s->axis] = a.place;
  for (int p = 0; p < l->k->naxis; p++) dom[p] = low_extent(l, p);
  for (int i = 0; i < s->n; i++) {
    Stmt *b = stmt_add(row, s->body[i]);
    Scalar *value = s_rewrite(b->value, read_apart, &a);
    b->value = simplify_within(s_subst_axes(value, s->axis + 1, by), l->k->naxis, dom);
    for (int d = 0; b->kind == ST_STORE && d < b->to->rank; d++)
      b->index[d] = s_subst_axes(b->index[d], s->axis + 1, by);
  }
  stmt_drop(block, at);
  for (int i = 0; i < all->n; i++) stmt_insert(block, at + i, all->body[i]);
}

/* All loops of a block; from the last on, since what is new comes behind. */
void take_rows_apart(Low *l, Stmt *block) {
  for (int i = block->n - 1; i >= 0; i--) {
    take_rows_apart(l, block->body[i]);
    if (l->k->naxis + MOST_ROWS + 2 < MAX_KERNEL_AXES) cut_row(l, block, i);
  }
}
