/*
** lower_around.c: rows that lanes read around their ends are turned before
**
**   for k < 64 by 16:                            for j < 64:
**     for q < 16:                                  y_row[j] = y[(j + 1) % 64]
**       z[k + q] = y[(k + q + 1) % 64]           for k < 64 by 16:
**       lane[q] += x[k + q] * z[k + q]             for q < 16:
**                                                    z[k + q] = y_row[k + q]
**                                                    lane[q] += x[k + q] * z[k + q]
**
** A vector at places that are not linear in its lanes is gathered element by element. The copy is a
** loop over elements, which lower_ends.c cuts where the places jump; lanes then have whole vectors,
** and add up in the order they had.
*/
#include "lower.h"

enum {
  MOST_AROUND = 8,      /* rows copied for one loop */
  MOST_BYTES = 1 << 15, /* of them all */
  LEAST_ROW = 32        /* elements */
};

typedef struct Around {
  const Kernel *k;
  Node *row[MOST_AROUND];       /* the local array [n], */
  Scalar *value[MOST_AROUND];   /* and its element at position AXIS(at) */
  int nrow;
  int axis, lane, at;           /* of the loop over vectors, of their lanes, of the copy */
  Scalar *begin;                /* lane 0 is at this position */
} Around;

static bool is_input(const Around *a, const Node *n) {
  const Formal *f = formal_of(a->k, n);
  return f && !f->written;
}

static Scalar *to_position(void *ctx, Scalar *s) {
  const Around *a = ctx;
  if (s->kind != S_AXIS) return NULL;
  if (a->axis < 0) return s->axis == a->lane ? s_sub(s_axis(a->at), a->begin) : s;
  return s->axis == a->axis ? s_sub(s_axis(a->at), s_axis(a->lane)) : s;
}

/* The element at the position of the copy, of a read that lanes would gather; else NULL. */
static Scalar *gathered(Around *a, Scalar *s) {
  Scalar *coef, *rest;
  int last = s->narg - 1;
  if (s->kind != S_READ || s->narg == 0 || !is_input(a, s->tensor)) return NULL;
  for (int d = 0; d <= last; d++)
    if (s_has_read(s->arg[d]) || (d < last && s_uses_axis(s->arg[d], a->lane))) return NULL;
  if (!s_uses_axis(s->arg[last], a->lane) || affine_split(s->arg[last], a->lane, &coef, &rest))
    return NULL;
  Scalar *e = s_rewrite(s, to_position, a);
  return s_uses_axis(e, a->lane) || (a->axis >= 0 && s_uses_axis(e, a->axis)) ? NULL : e;
}

static int row_of(const Around *a, const Scalar *value) {
  for (int r = 0; r < a->nrow; r++)
    if (a->value[r] == value) return r;
  return -1;
}

static void note_rows(void *ctx, Scalar *s) {
  Around *a = ctx;
  Scalar *value = gathered(a, s);
  if (value && row_of(a, value) < 0 && a->nrow < MOST_AROUND) a->value[a->nrow++] = value;
}

static Scalar *read_row(void *ctx, Scalar *s) {
  Around *a = ctx;
  Scalar *value = gathered(a, s);
  int r = value ? row_of(a, value) : -1;
  Scalar *at = s_add(a->begin, s_axis(a->lane));
  return r < 0 ? NULL : s_read(a->row[r], &at, NULL);
}

/* Lets the lanes in s, of those at a->begin, read the rows. */
static void read_rows(Around *a, const Stmt *s) {
  for (int i = 0; i < s->n; i++)
    if (s->body[i]->value) s->body[i]->value = s_rewrite(s->body[i]->value, read_row, a);
}

static bool is_lanes(const Stmt *s) {
  if (s->kind != ST_FOR || !s->simd || s->step != 1 || !s_is_int(s->lo, 0)) return false;
  for (int i = 0; i < s->n; i++)
    if (s->body[i]->kind != ST_STORE && s->body[i]->kind != ST_LET) return false;
  return s->n > 0;
}

/* Declares the rows of n elements, and copies them, before statement `at` of the block. */
static void copy_rows(Low *l, Around *a, int64_t n, Stmt *block, int at) {
  Stmt *copy = stmt_for(a->at, s_int(0), s_int(n), block->body[at]->loc);
  for (int r = 0; r < a->nrow; r++) {
    Node *x = a->value[r]->tensor;
    Scalar *dim[] = {s_int(n)}, *index[] = {s_axis(a->at)};
    const char *name = local_name(x, "row");
    a->row[r] = low_local(l, (Dtype)x->dtype, 1, dim, name);
    stmt_insert(block, at++, stmt_var(a->row[r], NULL, copy->loc));
    stmt_add(copy, stmt_store(a->row[r], index, C_SET, a->value[r], copy->loc));
  }
  stmt_insert(block, at, copy);
}

/* The loop over vectors at block->body[i], and the rest after it. */
static void turn_rows(Low *l, Stmt *block, int i) {
  Stmt *s = block->body[i];
  int64_t lo, hi, lanes, bytes = 0;
  if (s->kind != ST_FOR || s->step < 2 || s->n != 1 || !is_lanes(s->body[0])) return;
  Stmt *each = s->body[0], *rest = i + 1 < block->n ? block->body[i + 1] : NULL;
  if (!s_const_value(s->lo, &lo) || lo != 0 || !s_const_value(s->hi, &hi)) return;
  if (!s_const_value(each->hi, &lanes) || lanes != s->step) return;
  int64_t n = (hi + lanes - 1) / lanes * lanes, more = 0;
  if (rest && is_lanes(rest) && s_const_value(rest->hi, &more) && more < lanes)
    n += more;
  else
    rest = NULL;
  if (n < LEAST_ROW) return;
  Around a = {.k = l->k, .axis = s->axis, .lane = each->axis, .begin = s_axis(s->axis)};
  a.at = low_axis(l, s_int(n), NULL);
  for (int k = 0; k < each->n; k++)
    if (each->body[k]->value) s_walk(each->body[k]->value, note_rows, &a);
  for (int r = 0; r < a.nrow; r++) bytes += n * (int64_t)dtype_size((Dtype)a.value[r]->dtype);
  if (a.nrow == 0 || bytes > MOST_BYTES) return;
  copy_rows(l, &a, n, block, i);
  read_rows(&a, each);
  if (!rest) return;
  a.axis = -1;
  a.lane = rest->axis;
  a.begin = s_int(n - more);
  read_rows(&a, rest);
}

void rows_around(Low *l, Stmt *block) {
  for (int i = block->n - 1; i >= 0; i--) {
    rows_around(l, block->body[i]);
    if (l->k->naxis + 3 < MAX_KERNEL_AXES) turn_rows(l, block, i);
  }
}
