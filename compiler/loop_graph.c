/*
** loop_graph.c: LOOPs of a graph made into others
*/
#include <string.h>
#include "diff.h"

/* What a LOOP has become, kept with its function. */
typedef struct Became {
  bool changed;
  Node **result;
} Became;

typedef struct Change {
  const char *key;
  LoopFn change;
} Change;

static Node *change_proj(void *ctx, Node *n) {
  const Change *c = ctx;
  Node *loop = n->kind == N_PROJ ? n->arg[0] : NULL;
  if (!loop || loop->kind != N_LOOP) return n;
  void **place = func_derived(loop->fn, str_format("%s %d", c->key, loop->id));
  if (!*place) {
    Became *b = NEW(mod->arena, Became);
    b->result = NEWN(mod->arena, Node *, loop->fn->nresult + 1);
    b->changed = c->change(loop, b->result);
    *place = b;
  }
  const Became *b = *place;
  return b->changed ? b->result[n->k] : n;
}

/* Changes the LOOPs of the graph under result, each once: change(loop, out) puts what stands for
** its results in out, or returns false. `key` names the change. */
void rewrite_loops(int nresult, Node **result, const char *key, LoopFn change) {
  Change c = {key, change};
  graph_rewrite(nresult, result, change_proj, &c);
}

/* All results of the LOOP `now`, if it is one. */
bool loop_results(Node *now, Node **result) {
  for (int k = 0; now && k < now->fn->nresult; k++) result[k] = n_proj(now, k);
  return now != NULL;
}

static int append(Node **out, int n, Node **from, int count) {
  if (count) memcpy(out + n, from, sizeof *from * (size_t)count);
  return n + count;
}

Node *loop_given(const Node *loop, Node **result, const int more[2], Node **const formal[2],
                 Node **const value[2]) {
  Func *f = loop->fn;
  int nc = loop->ncarry, ns = loop->nslice, nk = loop_const(loop), n = 0, m = 0;
  Node **param = NEWN(mod->arena, Node *, f->nparam + more[0] + more[1] + 1);
  Node **arg = NEWN(mod->arena, Node *, f->nparam + more[0] + more[1] + 1);
  n = append(param, n, f->param, nc + ns), m = append(arg, m, loop->arg, nc + ns);
  n = append(param, n, formal[1], more[1]), m = append(arg, m, value[1], more[1]);
  n = append(param, n, f->param + nc + ns, nk), m = append(arg, m, loop->arg + nc + ns, nk);
  n = append(param, n, formal[0], more[0]), m = append(arg, m, value[0], more[0]);
  Func *g = func_new(f->name, n, param, f->nresult, result, f->loc);
  return n_guarded(n_loop(g, loop->trip, nc, ns + more[1], nk + more[0], arg, loop->nstack,
                          loop->nsum, loop->reverse, loop->unroll, loop->checkpoint),
                   (Guard)loop->guard);
}
