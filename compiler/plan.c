/*
** plan.c: how long every work buffer lives, and where it lies in the workspace
**
** A buffer that belongs to a routine lives from the first step that touches it to the last; a loop
** is one step for those who were there before it. Where sizes are known the offsets are found here,
** by the code that a made program runs where they are not (runtime/rt_plan.h).
*/
#include "routine.h"
#include "fuse.h"
#include "../runtime/rt_plan.h"

Scalar *buffer_count(const Buffer *buf) {
  Scalar *n = s_int(1);
  for (int d = 0; d < buf->rank; d++) n = s_mul(n, buf->dim[d]);
  return n;
}

double buffer_usual_bytes(const Buffer *buf) {
  return usual_count(buf->rank, buf->dim) * (double)dtype_size(buf->dtype);
}

/* A walk over the steps. */
typedef struct Walk {
  Routine *r;
  int position;
  int nloop, *parent; /* by loop number: the loop around it, -1: none */
} Walk;

/* The buffer whose memory is meant: of a row, the whole tensor. */
static Buffer *owner(Routine *r, int k) {
  while (r->buffer[k].slice_of >= 0) k = r->buffer[k].slice_of;
  return &r->buffer[k];
}

static void touch(Walk *w, int k) {
  if (k < 0) return;
  Buffer *buf = owner(w->r, k);
  if (buf->first < 0) buf->first = w->position;
  buf->last = w->position;
}

/* Whether loop `in` is `loop`, or inside it. */
static bool within(const Walk *w, int in, int loop) {
  while (in >= 0 && in != loop) in = w->parent[in];
  return in == loop;
}

static void walk(Walk *w, int nstep, Step *step, int loop) {
  for (int i = 0; i < nstep; i++) {
    Step *st = &step[i];
    st->position = w->position;
    for (int k = 0; k < st->narg; k++) touch(w, st->arg[k]);
    w->position++;
    if (st->kind != K_LOOP) continue;
    w->parent[st->home] = loop;
    walk(w, st->nbody, st->body, st->home);
    st->end = w->position++;
    for (int k = 0; k < w->r->nbuffer; k++) {
      Buffer *buf = &w->r->buffer[k];
      if (buf->last < st->position || within(w, buf->home, st->home)) continue;
      if (buf->first > st->position) buf->first = st->position;
      buf->last = st->end;
    }
  }
}

static int count_loops(int nstep, const Step *step) {
  int n = 0;
  for (int i = 0; i < nstep; i++) {
    if (step[i].kind != K_LOOP) continue;
    int inside = count_loops(step[i].nbody, step[i].body);
    if (step[i].home >= n) n = step[i].home + 1;
    if (inside > n) n = inside;
  }
  return n;
}

/* Buffers that change places live as long as each other. */
static bool join_swapped(Routine *r, int nstep, const Step *step) {
  bool changed = false;
  for (int i = 0; i < nstep; i++) {
    if (step[i].kind == K_LOOP) changed |= join_swapped(r, step[i].nbody, step[i].body);
    if (step[i].kind != K_SWAP) continue;
    Buffer *x = owner(r, step[i].arg[0]), *y = owner(r, step[i].arg[1]);
    int first = x->first < y->first ? x->first : y->first,
        last = x->last > y->last ? x->last : y->last;
    changed |= x->first != first || y->first != first || x->last != last || y->last != last;
    x->first = y->first = first;
    x->last = y->last = last;
  }
  return changed;
}

static int64_t fixed_size(const Buffer *buf) {
  if (buf->work_of) return buf->work_of->work_size;
  int64_t n;
  return s_const_value(buffer_count(buf), &n) ? n * (int64_t)dtype_size(buf->dtype) : -1;
}

/* Refuses tensors that int cannot index: emitted loops count in int. */
static void check_size(const Buffer *buf) {
  double n = 1;
  for (int d = 0; d < buf->rank; d++) {
    int64_t v;
    if (!s_const_value(buf->dim[d], &v)) return;
    n *= (double)v;
  }
  if (n > INT32_MAX)
    diag_error(buf->node ? buf->node->loc : (Loc){0},
               "'%s' has %.4g elements; a tensor may have at most %d", buf->name, n, INT32_MAX);
}

/* Finds lifetimes, and offsets where every size is known. */
void plan_routine(Routine *r) {
  int nloop = count_loops(r->nstep, r->step);
  Walk w = {.r = r, .nloop = nloop, .parent = NEWN(mod->arena, int, nloop + 1)};
  walk(&w, r->nstep, r->step, -1);
  while (join_swapped(r, r->nstep, r->step)) {
  }
  rt_plan_item *item = NEWN(mod->arena, rt_plan_item, r->nbuffer + 1);
  int n = 0;
  bool fixed = true;
  for (int k = 0; k < r->nbuffer; k++) {
    Buffer *buf = &r->buffer[k];
    check_size(buf);
    if (buf->kind != B_WORK || buf->slice_of >= 0 || buf->first < 0) continue;
    buf->size = fixed_size(buf);
    fixed = fixed && buf->size >= 0;
    item[n++] = (rt_plan_item){
        .size = (size_t)(buf->size < 0 ? 0 : buf->size), .first = buf->first, .last = buf->last};
  }
  r->work_size = fixed ? (int64_t)rt_plan(item, n) : -1;
  for (int k = 0, i = 0; fixed && k < r->nbuffer; k++) {
    Buffer *buf = &r->buffer[k];
    if (buf->kind == B_WORK && buf->slice_of < 0 && buf->first >= 0)
      buf->offset = (int64_t)item[i++].offset;
  }
}
