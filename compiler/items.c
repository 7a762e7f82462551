/*
** items.c: what there is to run in a graph, and what must have run before
**
** An item is a kernel made of a group of COMPs, a CALL or a LOOP. Views of a tensor (a reshape) are
** no items: their root is the tensor they view.
*/
#include "routine.h"
#include "fuse.h"
#include <assert.h>
#include <string.h>

Item *item_new(Scope *s, ItemKind kind, int key) {
  if (s->nitem == s->capitem) {
    s->capitem = s->capitem ? 2 * s->capitem : 32;
    Item *more = NEWN(mod->arena, Item, s->capitem);
    if (s->nitem) memcpy(more, s->item, sizeof *more * (size_t)s->nitem);
    s->item = more;
  }
  Item *it = &s->item[s->nitem++];
  *it = (Item){.kind = kind, .key = key, .to = -1};
  return it;
}

Node *scope_root(const Scope *s, const Node *n) {
  int root = idmap_get(&s->root, n->id);
  return mod->node[root < 0 ? n->id : root];
}

int scope_producer(const Scope *s, const Node *n) {
  return idmap_get(&s->producer, n->id);
}

bool item_reads(const Item *it, const Node *root) {
  for (int k = 0; k < it->nread; k++)
    if (it->read[k] == root) return true;
  return false;
}

/* Adds an edge: `item` runs after `before`. */
void item_after(Scope *s, int item, int before) {
  Item *it = &s->item[item];
  for (int k = 0; k < it->nbefore; k++)
    if (it->before[k] == before) return;
  if (it->nbefore == it->capbefore) {
    it->capbefore = it->capbefore ? 2 * it->capbefore : 4;
    int *more = NEWN(mod->arena, int, it->capbefore);
    if (it->nbefore) memcpy(more, it->before, sizeof *more * (size_t)it->nbefore);
    it->before = more;
  }
  it->before[it->nbefore++] = before;
}

/* Puts the item behind those that read the node. */
static void list_reader(Scope *s, const Node *root, int item) {
  if (s->nreading == s->capreading) {
    s->capreading = s->capreading ? 2 * s->capreading : 64;
    Reading *more = NEWN(mod->arena, Reading, s->capreading);
    if (s->nreading) memcpy(more, s->reading, sizeof *more * (size_t)s->nreading);
    s->reading = more;
  }
  int last = idmap_get(&s->last, root->id);
  if (last < 0) idmap_set(&s->reader, root->id, s->nreading);
  else s->reading[last].next = s->nreading;
  idmap_set(&s->last, root->id, s->nreading);
  s->reading[s->nreading++] = (Reading){item, -1};
}

/* Notes that the item reads a node, whose producer then must run before. */
void item_needs(Scope *s, Item *it, Node *n) {
  Node *root = scope_root(s, n);
  if (item_reads(it, root)) return;
  list_reader(s, root, (int)(it - s->item));
  if ((it->nread & (it->nread - 1)) == 0) { /* room grows at powers of two */
    Node **more = NEWN(mod->arena, Node *, it->nread ? 2 * it->nread : 1);
    if (it->nread) memcpy(more, it->read, sizeof *more * (size_t)it->nread);
    it->read = more;
  }
  it->read[it->nread++] = root;
}

/* Whether an item must wait, directly or not, for another. */
bool item_depends(Scope *s, int item, int on) {
  if (s->capseen < s->nitem) {
    s->capseen = 2 * s->nitem;
    s->seen = NEWN(mod->arena, int, s->capseen + 1);
    s->stack = NEWN(mod->arena, int, s->capseen + 1);
    s->stamp = 0;
  }
  int n = 0, stamp = ++s->stamp;
  s->stack[n++] = item;
  s->seen[item] = stamp;
  while (n > 0) {
    const Item *it = &s->item[s->stack[--n]];
    for (int k = 0; k < it->nbefore; k++) {
      int p = it->before[k];
      if (p == on) return true;
      if (s->seen[p] == stamp) continue;
      s->seen[p] = stamp;
      s->stack[n++] = p;
    }
  }
  return false;
}

Node *scope_proj(const Scope *s, const Node *call, int k) {
  for (int i = idmap_get(&s->proj, call->id); i >= 0; i = s->next[i])
    if (s->order.node[i]->k == k) return s->order.node[i];
  return NULL;
}

/* Fills in which results of CALLs and LOOPs there are. */
static void link_projs(Scope *s) {
  s->next = NEWN(mod->arena, int, s->order.n + 1);
  for (int i = s->order.n - 1; i >= 0; i--) {
    if (s->order.node[i]->kind != N_PROJ) continue;
    int call = s->order.node[i]->arg[0]->id;
    s->next[i] = idmap_get(&s->proj, call);
    idmap_set(&s->proj, call, i);
  }
}

/* A group as an item. */
static void group_item(Build *b, Scope *s, const Group *g) {
  Item *it = item_new(s, I_KERNEL, g->member[g->nmember - 1]->id);
  const Kernel *k = it->kernel = kernel_of_group(b, s->f, g, &it->formal);
  it->write = NEWN(mod->arena, Node *, k->nformal + 1);
  int self = s->nitem - 1;
  for (int i = 0; i < k->nformal; i++) {
    if (!k->formal[i].written) continue;
    it->write[it->nwrite++] = it->formal[i];
    idmap_set(&s->producer, it->formal[i]->id, self);
  }
  for (int i = 0; i < k->nformal; i++)
    if (scope_producer(s, it->formal[i]) != self) item_needs(s, it, it->formal[i]);
}

/* Whether n is the first elements of a tensor in their order, and only LOOPs take it, as slices:
** the segments of a checkpointed LOOP that leave a rest. */
static bool leading_part(const Scope *s, const Node *n) {
  Scalar *at[MAX_RANK], *b = n->body;
  if (!n_is_map(n) || n->rank == 0 || b->kind != S_READ) return false;
  for (int d = 0; d < b->narg; d++)
    if (b->rule[d] != R_NONE) return false;
  for (int d = 0; d < n->rank; d++) at[d] = s_axis(d);
  if (!s_prove_ge(n_count(b->tensor), n_count(n))) return false;
  if (simplify_within(linear_index(b->narg, b->tensor->dim, b->arg), n->ndom, n->dom) !=
      simplify_within(linear_index(n->rank, n->dim, at), n->ndom, n->dom))
    return false;
  for (int k = 0; k < s->f->nresult; k++)
    if (s->f->result[k] == n) return false;
  for (int i = 0; i < s->order.n; i++) {
    const Node *user = s->order.node[i];
    for (int k = 0; k < user->narg; k++)
      if (user->arg[k] == n && (user->kind != N_LOOP || k < user->ncarry ||
                                k >= user->ncarry + user->nslice))
        return false;
  }
  return true;
}

/* Whether the group is nothing but a view of a tensor; then the tensor is its root. */
static bool view_group(Scope *s, const Group *g) {
  Node *n = g->member[0];
  if (g->nmember != 1 || n->narg != 1 || !(is_view(n) || leading_part(s, n))) return false;
  idmap_set(&s->root, n->id, scope_root(s, n->arg[0])->id);
  return true;
}

bool carry_stays(const Node *loop, int k) {
  return k < loop->ncarry && loop->fn->result[k] == loop->fn->param[k];
}

/* What a LOOP carries and never changes is in the memory it was in before. */
static void carry_roots(Scope *s) {
  for (int i = 0; i < s->order.n; i++) {
    Node *n = s->order.node[i];
    if (n->kind == N_PROJ && n->arg[0]->kind == N_LOOP && carry_stays(n->arg[0], n->k))
      idmap_set(&s->root, n->id, n->arg[0]->arg[n->k]->id);
  }
}

/* A CALL or LOOP as an item. */
static void call_item(Scope *s, Node *n) {
  Item *it = item_new(s, n->kind == N_CALL ? I_CALL : I_LOOP, n->id);
  int self = s->nitem - 1;
  it->node = n;
  it->fails = func_fails(n->fn);
  it->donated = NEWN(mod->arena, bool, n->narg + 1);
  it->write = NEWN(mod->arena, Node *, n->fn->nresult + 1);
  for (int k = 0; k < n->narg; k++) item_needs(s, it, n->arg[k]);
  for (int k = 0; k < n->fn->nresult; k++) {
    Node *p = scope_proj(s, n, k);
    if (!p || idmap_get(&s->root, p->id) >= 0) continue;
    it->write[it->nwrite++] = p;
    idmap_set(&s->producer, p->id, self);
    if (n->kind == N_LOOP && (k < n->ncarry || k >= n->ncarry + n->nstack))
      idmap_set(&s->pinned, p->id, 1);
  }
}

/* Fills the scope's items and tables; params and literals have none. */
void scope_items(Build *b, Scope *s) {
  Func *f = s->f;
  Grouping groups = fuse_group(mod->arena, f);
  s->order = graph_order(mod->arena, f->nresult, f->result);
  s->root.a = s->producer.a = s->buffer.a = s->pinned.a = s->proj.a = mod->arena;
  s->reader.a = s->last.a = mod->arena;
  link_projs(s);
  for (int g = 0; g < groups.n; g++) view_group(s, &groups.group[g]);
  carry_roots(s);
  for (int i = 0; i < s->order.n; i++) { /* views of views, in the order of ids */
    int id = s->order.node[i]->id, root = idmap_get(&s->root, id);
    if (root >= 0) idmap_set(&s->root, id, scope_root(s, mod->node[root])->id);
  }
  for (int g = 0; g < groups.n; g++)
    if (idmap_get(&s->root, groups.group[g].member[0]->id) < 0) group_item(b, s, &groups.group[g]);
  for (int i = 0; i < s->order.n; i++)
    if (s->order.node[i]->kind == N_CALL || s->order.node[i]->kind == N_LOOP)
      call_item(s, s->order.node[i]);
  for (int i = 0; i < s->nitem; i++)
    for (int k = 0; k < s->item[i].nread; k++) {
      int p = scope_producer(s, s->item[i].read[k]);
      if (p >= 0 && p != i) item_after(s, i, p);
    }
}
