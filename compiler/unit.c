/*
** unit.c: a Program as routines over shared kernels, ready to be printed
**
** Every entry is a Func of its inputs and the state it touches; its results are its outputs and the
** next values of state. A training entry gets two hidden companions: its outputs without the
** updates (for validation and `check`), and the loss with its derivative by every parameter.
*/
#include "routine.h"
#include "../codegen/cgen.h"
#include <string.h>

/* The results of an entry: outputs, then updated values. */
static Node **entry_results(const Entry *e) {
  Node **result = NEWN(mod->arena, Node *, e->noutput + e->nupdate + 1);
  for (int k = 0; k < e->noutput; k++) result[k] = e->output[k].node;
  for (int k = 0; k < e->nupdate; k++) result[e->noutput + k] = e->update[k].value;
  return result;
}

/* By id, what the entry reads or replaces. */
static bool *used_by(Arena *a, Order o, const Entry *e) {
  bool *used = NEWN(a, bool, mod->nnode);
  for (int i = 0; i < o.n; i++) used[o.node[i]->id] = true;
  for (int k = 0; k < e->nupdate; k++) used[e->update[k].state->id] = true;
  return used;
}

/* The entry as a Func: inputs, then the state tensors it uses (their numbers go to *index). */
static Func *entry_func(const Program *p, const Entry *e, int **index) {
  Node **result = entry_results(e);
  int nresult = e->noutput + e->nupdate, n = 0;
  Arena *a = arena_new();
  bool *used = used_by(a, graph_order(a, nresult, result), e);
  Node **param = NEWN(mod->arena, Node *, e->ninput + p->nstate + 1);
  *index = NEWN(mod->arena, int, e->ninput + p->nstate + 1);
  for (int k = 0; k < e->ninput; k++) param[n++] = e->input[k].node;
  for (int k = 0; k < p->nstate; k++) {
    if (!used[p->state[k]->id]) continue;
    (*index)[n] = k;
    param[n++] = p->state[k];
  }
  arena_free(a);
  return func_new(e->name, n, param, nresult, result, e->loc);
}

/* Builds the routine of an entry. */
static Routine *entry_routine(Build *b, const Entry *e) {
  const Program *p = b->u->program;
  int *index;
  Func *f = entry_func(p, e, &index);
  passes_run(f, NULL);
  Names names = {0};
  b->names = &names;
  Routine *r = routine_new(b, name_clean(e->name), f);
  for (int k = 0; k < f->nparam; k++) {
    r->param[k] = buffer_new(b, k < e->ninput ? B_INPUT : B_STATE, f->param[k], NULL, -1);
    r->buffer[r->param[k]].index = k < e->ninput ? k : index[k];
  }
  Dest *dest = NEWN(mod->arena, Dest, f->nresult + 1);
  for (int k = 0; k < e->noutput; k++) {
    r->result[k] = buffer_new(b, B_OUTPUT, f->result[k], e->output[k].name, -1);
    r->buffer[r->result[k]].index = k;
    dest[k] = (Dest){.buffer = r->result[k]};
  }
  for (int k = 0; k < e->nupdate; k++) {
    int at = 0;
    while (f->param[at] != e->update[k].state) at++;
    r->result[e->noutput + k] = r->param[at];
    dest[e->noutput + k] = (Dest){.buffer = r->param[at], .old = f->param[at]};
  }
  routine_finish(b, dest, e->kind != E_INIT);
  names_free(&names);
  return r;
}

/* The training entry without its updates. */
static const Entry *loss_entry(const Entry *e) {
  Entry *h = arena_copy(mod->arena, e, sizeof *e);
  h->name = str_format("%s_loss", e->name);
  h->kind = E_ENTRY;
  h->nupdate = 0;
  return h;
}

/* The loss, and its derivative by every parameter. */
static const Entry *gradient_entry(const Program *p, const Entry *e) {
  Entry *h = arena_copy(mod->arena, e, sizeof *e);
  Node **w = NEWN(mod->arena, Node *, p->nstate + 1),
       **w_bar = NEWN(mod->arena, Node *, p->nstate + 1);
  int n = 0;
  for (int k = 0; k < p->nstate; k++)
    if (p->state[k]->role == P_WEIGHT && dtype_is_float((Dtype)p->state[k]->dtype))
      w[n++] = p->state[k];
  Node *loss = e->output[0].node, *one = n_full(0, NULL, s_const((Dtype)loss->dtype, 1));
  diff_vjp(1, &loss, &one, n, w, w_bar);
  h->name = str_format("%s_gradient", e->name);
  h->kind = E_ENTRY;
  h->nupdate = 0;
  h->noutput = n + 1;
  h->output = NEWN(mod->arena, Port, n + 1);
  h->output[0] = e->output[0];
  for (int k = 0; k < n; k++)
    h->output[k + 1] = (Port){str_format("%s_bar", w[k]->name), w_bar[k], w[k]->loc};
  return h;
}

/* Whether some call of k in these steps has its base elsewhere than its result. */
static bool needs_copy(const Kernel *k, const Step *step, int n) {
  for (int i = 0; i < n; i++) {
    const Step *s = &step[i];
    if (s->kind == K_KERNEL && s->kernel == k && s->arg[k->copy_from] != s->arg[k->copy_to])
      return true;
    if (s->kind == K_LOOP && needs_copy(k, s->body, s->nbody)) return true;
  }
  return false;
}

/* Takes from kernels the phase that copies a base (fuse_into.c) where all calls work in place. */
static void drop_copies(Unit *u) {
  for (int i = 0; i < u->nkernel; i++) {
    Kernel *k = u->kernel[i];
    bool needed = k->copy_from < 0 || k->nphase < 2;
    for (int r = 0; r < u->nroutine && !needed; r++)
      needed = needs_copy(k, u->routine[r]->step, u->routine[r]->nstep);
    if (needed) continue;
    k->phase++;
    k->nphase--;
    k->copy_from = -1;
    k->parallel = false;
    for (int p = 0; p < k->nphase; p++) k->parallel = k->parallel || k->phase[p].parallel;
    if (k->nphase == 1) k->phase[0].suffix = NULL;
  }
}

Unit *unit_build(Program *p, const Target *t) {
  Unit *u = NEW(mod->arena, Unit);
  Build b = {.u = u, .target = t, .a = mod->arena};
  u->program = p;
  sizes_may_be_empty(p);
  u->entry = NEWN(mod->arena, UnitEntry, 3 * p->nentry + 1);
  for (int k = 0; k < p->nentry; k++)
    u->entry[u->nentry++] = (UnitEntry){.entry = &p->entry[k], .loss = -1, .gradient = -1};
  for (int k = 0; k < p->nentry; k++) {
    const Entry *e = &p->entry[k];
    if (e->kind != E_TRAIN || !dtype_is_float((Dtype)e->output[0].node->dtype)) continue;
    u->entry[k].loss = u->nentry;
    u->entry[u->nentry++] =
        (UnitEntry){.entry = loss_entry(e), .hidden = true, .loss = -1, .gradient = -1};
    u->entry[k].gradient = u->nentry;
    u->entry[u->nentry++] =
        (UnitEntry){.entry = gradient_entry(p, e), .hidden = true, .loss = -1, .gradient = -1};
  }
  for (int k = 0; k < u->nentry; k++) u->entry[k].routine = entry_routine(&b, u->entry[k].entry);
  drop_copies(u);
  leave_alone(u);
  return u;
}
