/*
** place.c: where the results of a graph go
**
** A result is written where it belongs by what computes it. A value that replaces another (a
** parameter's next value, what a loop carries) is written over it, if everybody else who reads the
** old value can run before, and the writer itself may read and write the same memory:
**
**   w_next[i] = w[i] - rate * w_bar[i]      over w itself, once nothing else needs w
**
** Where something may fail, what computes a result of an entry runs after it, so that an error
** leaves outputs and parameters as they were; where it cannot, the result is copied at the end.
**
** What cannot be so is computed elsewhere, and copied (or exchanged) when everything has run.
*/
#include "routine.h"
#include <string.h>

bool same_room(const Node *a, const Node *b) {
  return a->dtype == b->dtype && n_count(a) == n_count(b);
}

static Node *result_root(const Scope *s, int k) {
  return scope_root(s, s->f->result[k]);
}

/* Whether the kernel may have `old` and `fresh` in the same memory. */
static bool kernel_may_alias(const Item *it, const Node *old, const Node *fresh, const Scope *s) {
  const Kernel *k = it->kernel;
  for (int i = 0; i < k->nformal; i++) {
    if (scope_root(s, it->formal[i]) != old) continue;
    bool may = false;
    for (int to = 0; to < k->nformal; to++)
      may = may || (it->formal[to] == fresh && formal_may_alias(k, i, to));
    if (!may) return false;
  }
  return true;
}

/* Notes that the kernel has `old` and `fresh` in the same memory. */
static void share_formals(const Item *it, const Node *old, const Node *fresh, const Scope *s) {
  for (int i = 0; i < it->kernel->nformal; i++)
    if (it->formal[i] == fresh || scope_root(s, it->formal[i]) == old)
      it->kernel->formal[i].shares = true;
}

bool overwrite(Scope *s, int p, Node *old, Node *fresh) {
  Item *writer = &s->item[p];
  if (item_reads(writer, old)) {
    if (writer->kind == I_CALL || (writer->kind == I_LOOP && fresh)) return false;
    if (writer->kind == I_KERNEL && !kernel_may_alias(writer, old, fresh, s)) return false;
  }
  int first = idmap_get(&s->reader, old->id);
  for (int k = first; k >= 0; k = s->reading[k].next)
    if (s->reading[k].item != p && item_depends(s, s->reading[k].item, p)) return false;
  for (int k = first; k >= 0; k = s->reading[k].next)
    if (s->reading[k].item != p) item_after(s, p, s->reading[k].item);
  if (writer->kind == I_KERNEL && item_reads(writer, old)) share_formals(writer, old, fresh, s);
  return true;
}

/* Adds a copy of a node into a buffer, to run as soon as the node is there. */
static void add_copy(Scope *s, Node *root, int to) {
  Item *it = item_new(s, I_COPY, root->id);
  it->node = root;
  it->to = to;
  item_needs(s, it, root);
  int from = scope_producer(s, root);
  if (from >= 0) item_after(s, s->nitem - 1, from);
}

static void add_late(Scope *s, int to, int from, Node *node, bool swap) {
  s->late[s->nlate++] = (Late){.to = to, .from = from, .node = node, .swap = swap};
}

/* A copy of what holds no memory of its own, for the end: another one's old value may be meant. */
static void keep_aside(Build *b, Scope *s, int k, Node *root) {
  const Dest *d = &s->dest[k];
  int home = d->swap ? b->r->buffer[d->buffer].home : s->home;
  int aside =
      buffer_new(b, B_WORK, root, str_format("%s_next", b->r->buffer[d->buffer].name), home);
  add_copy(s, root, aside);
  add_late(s, d->buffer, aside, NULL, d->swap);
}

/* Whether result k may be written straight to its place: it is computed here, and by no other
** result's claim. */
static bool claim(const Scope *s, int k, IdMap *taken) {
  int id = result_root(s, k)->id;
  if (idmap_get(&s->producer, id) < 0 || idmap_get(&s->pinned, id) >= 0) return false;
  if (idmap_get(taken, id) >= 0) return false;
  idmap_set(taken, id, k);
  return true;
}

/* Makes item p run after everything that may fail; false where it may fail itself, or something
** that may must run after it. */
static bool run_safely(Scope *s, int p) {
  if (!s->guarded) return true;
  for (int i = 0; i < s->nitem; i++)
    if (s->item[i].fails && (i == p || item_depends(s, i, p))) return false;
  for (int i = 0; i < s->nitem; i++)
    if (s->item[i].fails) item_after(s, p, i);
  return true;
}

/* Whether some result replaces what is in the memory of `root`. */
static bool is_replaced(const Scope *s, const Node *root) {
  for (int k = 0; k < s->f->nresult; k++)
    if (s->dest[k].old && scope_root(s, s->dest[k].old) == root) return true;
  return false;
}

static bool anything_fails(const Scope *s) {
  for (int i = 0; i < s->nitem; i++)
    if (s->item[i].fails) return true;
  return false;
}

/* Whether the LOOP stacks something that could be where its k-th argument, a slice, is. */
static bool has_stack_like(const Scope *s, const Node *loop, int k) {
  for (int j = 0; j < loop->nstack && loop->guard == G_NONE; j++) {
    const Node *n = scope_proj(s, loop, loop->ncarry + j);
    if (n && same_room(n, scope_root(s, loop->arg[k]))) return true;
  }
  return false;
}

/* The first value that a loop carries need not be copied when nobody else needs it afterwards, and
** rows of what it is given may become rows of what it gives. */
static void donate_arguments(Scope *s, int p) {
  Item *it = &s->item[p];
  for (int k = 0; k < it->node->ncarry + it->node->nslice; k++) {
    if (k >= it->node->ncarry && !has_stack_like(s, it->node, k)) continue;
    Node *root = scope_root(s, it->node->arg[k]);
    int times = 0;
    for (int j = 0; j < it->node->narg; j++) times += scope_root(s, it->node->arg[j]) == root;
    if (times > 1 || scope_producer(s, root) < 0 || scope_is_placed(s, root)) continue;
    bool result = false;
    for (int j = 0; j < s->f->nresult; j++) result = result || result_root(s, j) == root;
    it->donated[k] = !result && overwrite(s, p, root, NULL);
  }
}

/* Decides where every result goes, adding the copies that are needed. */
void scope_place(Build *b, Scope *s) {
  int n = s->f->nresult;
  IdMap taken = {.a = mod->arena};
  bool *direct = NEWN(mod->arena, bool, n + 1);
  bool late = s->guarded && anything_fails(s);
  s->late = NEWN(mod->arena, Late, n + 1);
  for (int pass = 0; pass < 2; pass++) /* what replaces something claims first */
    for (int k = 0; k < n; k++)
      if (s->dest[k].buffer >= 0 && (s->dest[k].old != NULL) == (pass == 0))
        direct[k] = claim(s, k, &taken) && run_safely(s, scope_producer(s, result_root(s, k)));
  for (int k = 0; k < n; k++) {
    Node *root = result_root(s, k);
    const Dest *d = &s->dest[k];
    if (d->buffer < 0 || direct[k] || (d->old && scope_root(s, d->old) == root)) continue;
    if (!d->old && !late)
      add_copy(s, root, d->buffer);
    else if (scope_producer(s, root) >= 0 || (!d->old && !is_replaced(s, root)))
      add_late(s, d->buffer, -1, root, false);
    else
      keep_aside(b, s, k, root);
  }
  for (int k = 0; k < n; k++) {
    const Dest *d = &s->dest[k];
    Node *root = result_root(s, k);
    if (!direct[k]) continue;
    if (!d->old || overwrite(s, scope_producer(s, root), scope_root(s, d->old), root)) {
      scope_put(s, root, d->buffer);
      continue;
    }
    int home = d->swap ? b->r->buffer[d->buffer].home : s->home;
    int next =
        buffer_new(b, B_WORK, root, str_format("%s_next", b->r->buffer[d->buffer].name), home);
    scope_put(s, root, next);
    add_late(s, d->buffer, next, NULL, d->swap);
  }
  for (int i = 0; i < s->nitem; i++)
    if (s->item[i].kind == I_LOOP) donate_arguments(s, i);
}
