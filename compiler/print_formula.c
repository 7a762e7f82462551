/*
** print_formula.c: one line that says what a node computes
**
**   x_bar[i] = sum k.  w[k] * y_bar[i - k]       h[id[i]] += y[i]
**   q, r = qr(a)                                 h, ys = loop step(h0, x, w) for N steps
**
** It stands above every emitted kernel and in `crescent explain`.
*/
#include <string.h>
#include "cgen.h"
#include "print.h"

typedef struct Formula {
  const char *(*name)(void *ctx, const Node *n); /* the caller's; NULL: name_node's own */
  void *ctx;
  const Node *node;
  int n;                  /* names given so far: the node and what it reads */
  const Node **named;
  const char **text;
  Arena *arena;
} Formula;

static const char *name_node(void *ctx, const Node *n) {
  Formula *f = ctx;
  if (f->name) return f->name(f->ctx, n);
  for (int k = 0; k < f->n; k++)
    if (f->named[k] == n) return f->text[k];
  const char *base = str_intern(n->name ? n->name : name_of_node(n)), *name = base;
  for (int k = 0, round = 1; k < f->n; k++)
    if (f->text[k] == name) {
      name = str_format("%s_%d", base, ++round);
      k = -1;
    }
  f->named[f->n] = n;
  return f->text[f->n++] = name;
}

typedef struct Taken {
  const char *name;
  bool found;
} Taken;

static void see_size_name(void *ctx, Scalar *s) {
  Taken *t = ctx;
  if (s->kind == S_SIZE && !strcmp(s->sym->name, t->name)) t->found = true;
}

static bool is_some_size(const char *name) {
  for (int k = 0; k < mod->nsym; k++)
    if (!strcmp(mod->sym[k]->name, name)) return true;
  return false;
}

/* Whether a letter is the name of a tensor or a size of this formula. */
static bool formula_taken(void *ctx, const char *name) {
  Formula *f = ctx;
  const Node *n = f->node;
  Taken t = {name, !strcmp(name_node(f, n), name)};
  for (int k = 0; k < n->narg; k++) t.found = t.found || !strcmp(name_node(f, n->arg[k]), name);
  if (t.found || !is_some_size(name)) return t.found;
  s_walk(n->body, see_size_name, &t);
  for (int d = 0; d < n->rank; d++) s_walk(n->windex[d], see_size_name, &t);
  return t.found;
}

static void call_formula(Text *t, Formula *f, const Node *n) {
  const char *name = n->fn->name ? n->fn->name : "f";
  for (int k = 0; k < n->fn->nresult; k++) {
    const Node *r = n->fn->result[k];
    text_add(t, "%s%s", k ? ", " : "", r->name ? r->name : "v");
  }
  text_add(t, n->kind == N_LOOP ? " = loop %s(" : " = %s(", name);
  for (int k = 0; k < n->narg; k++) text_add(t, "%s%s", k ? ", " : "", name_node(f, n->arg[k]));
  text_add(t, ")");
  if (n->kind == N_LOOP) {
    Naming names = {.node = name_node, .ctx = f};
    text_add(t, " for ");
    print_expr(t, n->trip, &names, DT_I64);
    text_add(t, n->reverse ? " steps, backwards" : " steps");
    if (n->guard) text_add(t, n->guard == G_WHILE ? ", while its first carry holds" : ", if");
  }
}

static void comp_formula(Text *t, Formula *f, Node *n) {
  Naming names = {.node = name_node, .ctx = f};
  Scalar *root[MAX_RANK + 1];
  int count = 0;
  for (int d = 0; d < n->rank; d++) root[count++] = n->windex[d];
  root[count++] = n->body;
  name_axes(&names, n, formula_taken, f);
  bind_shared(f->arena, &names, count, root, formula_taken, f);
  print_comp(t, n, &names, name_node(f, n), false);
  if (names.nbound) {
    text_add(t, "  with ");
    print_bound(t, &names, ", ");
  }
}

void print_formula_as(Text *t, Node *n, const char *(*name)(void *ctx, const Node *n), void *ctx) {
  Formula f = {.name = name, .ctx = ctx, .node = n, .arena = arena_new()};
  f.named = NEWN(f.arena, const Node *, n->narg + 2);
  f.text = NEWN(f.arena, const char *, n->narg + 2);
  Naming names = {.node = name_node, .ctx = &f};
  switch ((NodeKind)n->kind) {
  case N_COMP: comp_formula(t, &f, n); break;
  case N_CALL: case N_LOOP: call_formula(t, &f, n); break;
  case N_PROJ:
    text_add(t, "%s = result %d of %s", name_node(&f, n), n->k,
             n->arg[0]->fn->name ? n->arg[0]->fn->name : "f");
    break;
  default:
    text_add(t, "%s: ", name_node(&f, n));
    print_dims(t, (Dtype)n->dtype, n->rank, n->dim, &names);
  }
  arena_free(f.arena);
}

void print_formula(Text *t, Node *n) { print_formula_as(t, n, NULL, NULL); }

static const char *plain_name(void *ctx, const Node *n) {
  (void)ctx;
  return n->name ? n->name : str_format("v%d", n->id);
}

static bool never_taken(void *ctx, const char *name) {
  (void)ctx, (void)name;
  return false;
}

/* axis_name: names of the first axes, NULL-terminated, or NULL for i j k ... */
void print_scalar(Text *t, Scalar *s, const char *const *axis_name) {
  Naming names = {.node = plain_name};
  name_axes(&names, NULL, never_taken, NULL);
  for (int p = 0; axis_name && p < MAX_AXES && axis_name[p]; p++) names.axis[p] = axis_name[p];
  print_expr(t, s, &names, NO_TYPE);
}
