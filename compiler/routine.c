/*
** routine.c: the items of a graph in an order of running, as Steps over Buffers
**
** Among the items that may run, one that frees more memory than it takes goes first (an
** optimizer's update as soon as its gradient is there), else the one whose results were made first.
*/
#include "routine.h"
#include "../codegen/cgen.h"
#include <assert.h>
#include <string.h>

int buffer_new(Build *b, BufferKind kind, Node *n, const char *name, int home) {
  Routine *r = b->r;
  if (r->nbuffer == b->capbuffer) {
    b->capbuffer = b->capbuffer ? 2 * b->capbuffer : 32;
    Buffer *more = NEWN(mod->arena, Buffer, b->capbuffer);
    if (r->nbuffer) memcpy(more, r->buffer, sizeof *more * (size_t)r->nbuffer);
    r->buffer = more;
  }
  Buffer *buf = &r->buffer[r->nbuffer];
  *buf = (Buffer){.kind = kind,
                  .node = n,
                  .slice_of = -1,
                  .home = home,
                  .first = -1,
                  .last = -1,
                  .size = -1,
                  .offset = -1,
                  .index = -1,
                  .name = name_claim(b->names, name ? name_clean(name) : name_of_node(n))};
  if (n) {
    buf->dtype = (Dtype)n->dtype;
    buf->rank = n->rank;
    buf->dim = n->dim;
  }
  return r->nbuffer++;
}

/* The buffer of a literal, one a routine; literals are numbered over the unit. */
int literal_buffer(Build *b, Node *n) {
  Unit *u = b->u;
  int k = 0;
  while (k < u->nlit && u->lit[k] != n) k++;
  if (k == u->nlit) {
    Node **more = NEWN(mod->arena, Node *, u->nlit + 1);
    if (u->nlit) memcpy(more, u->lit, sizeof *more * (size_t)u->nlit);
    u->lit = more;
    u->lit[u->nlit++] = n;
  }
  for (int i = 0; i < b->r->nbuffer; i++)
    if (b->r->buffer[i].kind == B_LIT && b->r->buffer[i].index == k) return i;
  int buf = buffer_new(b, B_LIT, n, NULL, -1);
  b->r->buffer[buf].index = k;
  return buf;
}

bool scope_is_placed(const Scope *s, const Node *n) {
  return idmap_get(&s->buffer, n->id) >= 0;
}

void scope_put(Scope *s, const Node *n, int buffer) {
  idmap_set(&s->buffer, n->id, buffer);
}

int scope_buffer(const Scope *s, const Node *n) {
  int buf = idmap_get(&s->buffer, scope_root(s, n)->id);
  if (buf < 0)
    ICE(n->loc, "plan: %s is read before it has a place", n->name ? n->name : "a tensor");
  return buf;
}

Step *step_new(Scope *s, StepKind kind, Loc loc, int narg) {
  if (s->nstep == s->capstep) {
    s->capstep = s->capstep ? 2 * s->capstep : 32;
    Step *more = NEWN(mod->arena, Step, s->capstep);
    if (s->nstep) memcpy(more, s->step, sizeof *more * (size_t)s->nstep);
    s->step = more;
  }
  Step *st = &s->step[s->nstep++];
  *st = (Step){.kind = kind, .loc = loc, .narg = narg, .arg = NEWN(mod->arena, int, narg + 1)};
  return st;
}

static void step_pair(Scope *s, StepKind kind, Loc loc, int to, int from) {
  Step *st = step_new(s, kind, loc, from >= 0 ? 2 : 1);
  st->arg[0] = to;
  st->arg[1] = from;
}

/* Gives every tensor the item makes memory, unless it has a place already. */
void make_room(Build *b, Scope *s, const Item *it) {
  for (int k = 0; k < it->nwrite; k++)
    if (!scope_is_placed(s, it->write[k]))
      scope_put(s, it->write[k], buffer_new(b, B_WORK, it->write[k], NULL, s->home));
}

static void emit_kernel(Build *b, Scope *s, Item *it) {
  make_room(b, s, it);
  Step *st = step_new(s, K_KERNEL, it->kernel->loc, it->kernel->nformal);
  st->kernel = it->kernel;
  for (int k = 0; k < st->narg; k++) st->arg[k] = scope_buffer(s, it->formal[k]);
  const Node *first = it->nwrite ? it->write[0] : NULL;
  if (first && first->loc.line) st->loc = first->loc;
}

/* A call: arguments, results (the unwanted ones too need memory), and the callee's workspace. */
static void emit_call(Build *b, Scope *s, Item *it) {
  Func *f = it->node->fn;
  if (f->opaque) {
    emit_opaque(b, s, it);
    return;
  }
  Routine *callee = routine_of(b, f);
  b->r->fails = b->r->fails || callee->fails;
  make_room(b, s, it);
  int narg = f->nparam + f->nresult + 1;
  Step *st = step_new(s, K_CALL, it->node->loc, narg);
  int *arg = st->arg;
  st->callee = callee;
  for (int k = 0; k < f->nparam; k++) arg[k] = scope_buffer(s, it->node->arg[k]);
  for (int k = 0; k < f->nresult; k++) {
    Node *p = scope_proj(s, it->node, k);
    arg[f->nparam + k] =
        p ? scope_buffer(s, p) : buffer_new(b, B_WORK, f->result[k], "unused", s->home);
  }
  arg[narg - 1] = -1;
  if (callee->work_size == 0) return;
  int work = buffer_new(b, B_WORK, NULL, str_format("%s_work", callee->name), s->home);
  b->r->buffer[work].work_of = callee;
  arg[narg - 1] = work;
}

static void emit_item(Build *b, Scope *s, int i) {
  Item *it = &s->item[i];
  switch (it->kind) {
  case I_KERNEL:
    emit_kernel(b, s, it);
    break;
  case I_CALL:
    emit_call(b, s, it);
    break;
  case I_LOOP:
    emit_loop(b, s, it);
    break;
  case I_COPY:
    step_pair(s, K_COPY, it->node->loc, it->to, scope_buffer(s, it->node));
    break;
  }
}

/* What is left to run. */
typedef struct Ready {
  int *waiting; /* by item: how many must run before it */
  int *nafter;  /* by item, how many wait for it, */
  int **after;  /* and which */
  IdMap number; /* of a node that is read */
  int *readers; /* by number: items to come that read it */
  int *first, *end, *reader; /* by number: all that do are reader[first], .. before end */
  signed char *shrinks; /* by item: whether its growth is negative; -1: not known now */
} Ready;

/* Numbers the nodes that are read, and lists who does. */
static void list_readers(const Scope *s, Ready *r) {
  int most = 0, n = 0;
  for (int i = 0; i < s->nitem; i++) most += s->item[i].nread;
  r->number.a = mod->arena;
  r->readers = NEWN(mod->arena, int, most + 1);
  r->first = NEWN(mod->arena, int, most + 1);
  r->end = NEWN(mod->arena, int, most + 1);
  r->reader = NEWN(mod->arena, int, most + 1);
  for (int i = 0; i < s->nitem; i++)
    for (int k = 0; k < s->item[i].nread; k++) {
      int id = s->item[i].read[k]->id, at = idmap_get(&r->number, id);
      if (at < 0) idmap_set(&r->number, id, at = n++);
      r->readers[at]++;
    }
  for (int at = 0, sum = 0; at < n; sum += r->readers[at++]) r->first[at] = r->end[at] = sum;
  for (int i = 0; i < s->nitem; i++)
    for (int k = 0; k < s->item[i].nread; k++)
      r->reader[r->end[idmap_get(&r->number, s->item[i].read[k]->id)]++] = i;
}

static Ready ready_new(const Scope *s) {
  int n = s->nitem;
  Arena *a = mod->arena;
  Ready r = {.waiting = NEWN(a, int, n + 1), .nafter = NEWN(a, int, n + 1),
             .after = NEWN(a, int *, n + 1), .shrinks = NEWN(a, signed char, n + 1)};
  for (int i = 0; i < n; i++) {
    const Item *it = &s->item[i];
    r.shrinks[i] = -1;
    r.waiting[i] = it->nbefore;
    for (int k = 0; k < it->nbefore; k++) r.nafter[it->before[k]]++;
  }
  for (int i = 0; i < n; i++) {
    r.after[i] = NEWN(mod->arena, int, r.nafter[i] + 1);
    r.nafter[i] = 0;
  }
  for (int i = 0; i < n; i++)
    for (int k = 0; k < s->item[i].nbefore; k++) {
      int p = s->item[i].before[k];
      r.after[p][r.nafter[p]++] = i;
    }
  list_readers(s, &r);
  return r;
}

static double node_bytes(const Node *n) {
  Buffer as = {.rank = n->rank, .dim = n->dim, .dtype = (Dtype)n->dtype};
  return buffer_usual_bytes(&as);
}

/* Bytes an item takes less those it frees: results without a place, arguments nobody else needs. */
static double growth(const Scope *s, const Ready *r, const Item *it) {
  double bytes = 0;
  for (int k = 0; k < it->nwrite; k++)
    if (!scope_is_placed(s, it->write[k])) bytes += node_bytes(it->write[k]);
  for (int k = 0; k < it->nread; k++)
    if (scope_producer(s, it->read[k]) >= 0 &&
        r->readers[idmap_get(&r->number, it->read[k]->id)] == 1)
      bytes -= node_bytes(it->read[k]);
  return bytes;
}

static bool shrinks(const Scope *s, Ready *r, int i) {
  if (r->shrinks[i] < 0) r->shrinks[i] = growth(s, r, &s->item[i]) < 0;
  return r->shrinks[i];
}

/* Item i is done: those that wait for it are one nearer, the last reader of what it read frees it. */
static void count_down(const Scope *s, Ready *r, int i) {
  for (int k = 0; k < s->item[i].nread; k++) {
    int at = idmap_get(&r->number, s->item[i].read[k]->id);
    if (--r->readers[at] != 1) continue;
    for (int p = r->first[at]; p < r->end[at]; p++) r->shrinks[r->reader[p]] = -1;
  }
  for (int k = 0; k < r->nafter[i]; k++) r->waiting[r->after[i][k]]--;
}

/* Runs the items: of those that may run, the first that frees memory, else the first. */
static void run_items(Build *b, Scope *s) {
  Ready r = ready_new(s);
  int *list = NEWN(mod->arena, int, s->nitem + 1), n = 0, done = 0;
  for (int i = 0; i < s->nitem; i++)
    if (r.waiting[i] == 0) list[n++] = i;
  for (; n > 0; done++) {
    int best = 0, shrinking = -1;
    for (int k = 0; k < n; k++) {
      int key = s->item[list[k]].key;
      if (key < s->item[list[best]].key) best = k;
      if (shrinking >= 0 && key >= s->item[list[shrinking]].key) continue;
      if (shrinks(s, &r, list[k])) shrinking = k;
    }
    if (shrinking >= 0) best = shrinking;
    int i = list[best];
    list[best] = list[--n];
    emit_item(b, s, i);
    count_down(s, &r, i);
    for (int k = 0; k < r.nafter[i]; k++)
      if (r.waiting[r.after[i][k]] == 0) list[n++] = r.after[i][k];
  }
  if (done < s->nitem) ICE(s->f->loc, "plan: the steps of %s wait for each other", s->f->name);
}

/* Places results, runs the items, and ends with the late copies and exchanges. */
void scope_build(Build *b, Scope *s) {
  scope_place(b, s);
  run_items(b, s);
  for (int swap = 0; swap < 2; swap++)
    for (int k = 0; k < s->nlate; k++) {
      const Late *l = &s->late[k];
      if (l->swap != (swap == 1)) continue;
      int from = l->from >= 0 ? l->from : scope_buffer(s, l->node);
      step_pair(s, swap ? K_SWAP : K_COPY, (Loc){0}, l->to, from);
    }
}

Routine *routine_new(Build *b, const char *name, Func *f) {
  Routine *r = NEW(mod->arena, Routine);
  r->name = name;
  r->fn = f;
  r->nparam = f->nparam;
  r->param = NEWN(mod->arena, int, f->nparam + 1);
  r->nresult = f->nresult;
  r->result = NEWN(mod->arena, int, f->nresult + 1);
  b->r = r;
  b->capbuffer = 0;
  b->names->n = 0;
  for (int k = 0; k < mod->nsym; k++) name_claim(b->names, name_size(mod->sym[k]));
  name_claim(b->names, "m");
  name_claim(b->names, "work");
  name_claim(b->names, "step");
  name_claim(b->names, "swap");
  return r;
}

void routine_finish(Build *b, Dest *dest, bool guarded) {
  Routine *r = b->r;
  Scope s = {.f = r->fn, .home = -1, .dest = dest, .guarded = guarded};
  scope_items(b, &s);
  for (int k = 0; k < r->nparam; k++) scope_put(&s, r->fn->param[k], r->param[k]);
  for (int i = 0; i < s.order.n; i++)
    if (s.order.node[i]->kind == N_LIT)
      scope_put(&s, s.order.node[i], literal_buffer(b, s.order.node[i]));
  scope_build(b, &s);
  r->step = s.step;
  r->nstep = s.nstep;
  plan_routine(r);
  Unit *u = b->u;
  Routine **more = NEWN(mod->arena, Routine *, u->nroutine + 1);
  if (u->nroutine) memcpy(more, u->routine, sizeof *more * (size_t)u->nroutine);
  u->routine = more;
  r->id = u->nroutine;
  u->routine[u->nroutine++] = r;
}

/* A name no routine of the unit has. */
static const char *routine_name(const Unit *u, const char *want) {
  const char *name = name_clean(want);
  for (int n = 1, k = 0; k < u->nroutine; k++)
    if (u->routine[k]->name == name) name = str_format("%s_%d", name_clean(want), ++n), k = -1;
  return name;
}

Routine *routine_of(Build *b, Func *f) {
  if (f->id < b->nfunc && b->routine[f->id]) return b->routine[f->id];
  Build saved = *b;
  Names names = {0};
  b->names = &names;
  passes_run(f, NULL);
  Routine *r = routine_new(b, routine_name(b->u, f->name), f);
  for (int k = 0; k < f->nparam; k++) {
    r->param[k] = buffer_new(b, B_INPUT, f->param[k], NULL, -1);
    r->buffer[r->param[k]].index = k;
  }
  Dest *dest = NEWN(mod->arena, Dest, f->nresult + 1);
  for (int k = 0; k < f->nresult; k++) {
    r->result[k] = buffer_new(b, B_OUTPUT, f->result[k], NULL, -1);
    r->buffer[r->result[k]].index = k;
    dest[k] = (Dest){.buffer = r->result[k]};
  }
  routine_finish(b, dest, false);
  names_free(&names);
  b->names = saved.names;
  b->r = saved.r;
  b->capbuffer = saved.capbuffer;
  if (f->id >= b->nfunc) {
    int n = mod->nfunc + 64;
    Routine **more = NEWN(mod->arena, Routine *, n);
    if (b->nfunc) memcpy(more, b->routine, sizeof *more * (size_t)b->nfunc);
    b->routine = more;
    b->nfunc = n;
  }
  return b->routine[f->id] = r;
}
