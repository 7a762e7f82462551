/*
** alone.c: kernels that one thread runs sooner, for what it has in its cache
**
** y = relu(w x)  on one thread, w -= y_bar x'  on two: half of w goes to the other core and back
** in every step, which takes longer than half of the update saves.
**
** Sizes are known at compile time or a kernel is left as sched.c made it. No bit depends on it.
*/
#include "lower.h"

enum {
  FLOPS_NS = 40,       /* of plain loops on what a core's cache holds, in a nanosecond */
  SUMS_NS = 100,       /* the same of contractions */
  CACHE_NS = 100,      /* bytes out of that cache */
  MOVED_NS = 12,       /* bytes out of another core's */
  CACHE = 1 << 20,     /* bytes of it: what is larger lies in no core's cache */
  REGION_NS = 2000     /* of starting and joining threads */
};

/* A buffer's memory: what it is a slice of. */
static int root_of(const Routine *r, int b) {
  while (r->buffer[b].slice_of >= 0) b = r->buffer[b].slice_of;
  return b;
}

/* How many bytes of a buffer other steps of a routine touch at most: those of one thread, kernels of
** several; and whether anybody writes it. */
typedef struct Users {
  const Routine *r;
  int root;
  const Kernel *but;
  int64_t one, several;
  bool written;
} Users;

/* Bytes that a step moves; as many as can be where that is not known. */
static int64_t step_bytes(const Step *s) {
  int64_t n;
  return s->kind == K_KERNEL && s_const_value(s->kernel->bytes, &n) ? n : INT64_MAX;
}

static void find_users(Users *u, const Step *step, int n) {
  for (int i = 0; i < n; i++) {
    const Step *s = &step[i];
    if (s->kind == K_LOOP) find_users(u, s->body, s->nbody);
    if (s->kind != K_KERNEL && s->kind != K_COPY && s->kind != K_ZERO) continue;
    for (int k = 0; k < s->narg; k++) {
      if (s->arg[k] < 0 || root_of(u->r, s->arg[k]) != u->root) continue;
      u->written = u->written || (s->kind == K_KERNEL ? s->kernel->formal[k].written : k == 0);
      if (s->kind == K_KERNEL && s->kernel == u->but) continue;
      int64_t *touched = s->kind == K_KERNEL && s->kernel->parallel ? &u->several : &u->one;
      int64_t bytes = step_bytes(s);
      if (bytes > *touched) *touched = bytes;
    }
  }
}

/* Bytes of a formal; -1: known at run time only. */
static int64_t formal_bytes(const Formal *f) {
  int64_t n;
  return s_const_value(n_count(f->as), &n) ? n * (int64_t)dtype_size((Dtype)f->as->dtype) : -1;
}

/* Whether this call of a kernel takes longer on two threads than on one: half of the buffers that
** others use on one thread moves between the cores then, and half of those that others use on
** several does not have to. */
static bool loses(const Routine *r, const Step *st) {
  const Kernel *k = st->kernel;
  int64_t flops, bytes, apart = 0, together = 0;
  if (!s_const_value(k->flops, &flops) || !s_const_value(k->bytes, &bytes)) return false;
  double time = (double)flops / (has_contraction(k->body) ? SUMS_NS : FLOPS_NS);
  time = time > (double)bytes / CACHE_NS ? time : (double)bytes / CACHE_NS;
  if (time / 2 >= REGION_NS + (double)CACHE / 2 / MOVED_NS) return false; /* whoever its users are */
  for (int f = 0; f < k->nformal; f++) {
    int64_t size = formal_bytes(&k->formal[f]);
    Users u = {.r = r, .root = root_of(r, st->arg[f]), .but = k};
    bool again = false;
    for (int e = 0; e < f; e++) again = again || root_of(r, st->arg[e]) == u.root;
    if (size < 0) return false;
    if (again) continue;
    find_users(&u, r->step, r->nstep);
    if (!u.written) continue;
    apart += size < u.one ? size : u.one;
    together += size < u.several ? size : u.several;
  }
  if (apart > CACHE) return false;
  return time / 2 + (double)together / 2 / MOVED_NS < REGION_NS + (double)apart / 2 / MOVED_NS;
}

/* Counts the calls of k in these steps, and those that lose. */
static void count_calls(const Routine *r, const Kernel *k, const Step *step, int n, int *calls,
                        int *lost) {
  for (int i = 0; i < n; i++) {
    const Step *s = &step[i];
    if (s->kind == K_LOOP) count_calls(r, k, s->body, s->nbody, calls, lost);
    if (s->kind != K_KERNEL || s->kernel != k) continue;
    ++*calls;
    *lost += loses(r, s);
  }
}

static void unmark(Stmt *s) {
  s->parallel = false;
  s->collapse = 1;
  for (int i = 0; i < s->n; i++) unmark(s->body[i]);
}

/* Leaves kernels to one thread all of whose calls lose by more; what that changes for others is
** looked at again. */
void leave_alone(Unit *u) {
  bool again = true;
  while (again) {
    again = false;
    for (int i = 0; i < u->nkernel; i++) {
      Kernel *k = u->kernel[i];
      int calls = 0, lost = 0;
      if (!k->parallel || k->choice.threads != T_USUAL || k->copy_from >= 0) continue;
      for (int r = 0; r < u->nroutine; r++)
        count_calls(u->routine[r], k, u->routine[r]->step, u->routine[r]->nstep, &calls, &lost);
      if (!calls || lost < calls) continue;
      unmark(k->body);
      k->parallel = false;
      kernel_phases(k);
      again = true;
    }
  }
}
