/*
** print.c: graphs as text, which parse.c reads back
**
**   size N = 128
**
**   func f(x: f32[N, 64], weight w: f32[64, 10]) -> (loss) {
**     y[i, j]: f32[N, 10] = sum k < 64.  x[i, k] * w[k, j]                   # model.lua:12
**     h: f32[10] = scatter i < N, j < 10.  h[id[i]] += y[i, j]
**     q: f32[N], r: f32 = call qr(y)
**     carry s: f32[4], stack ys: f32[N, 4], sum g: f32 =
**       loop step(carry s0, slice x, const w) for N steps, reverse, unroll 4
**     c: i32[3] = lit {1, 2, 3}
**     opaque qr(a: f32[B, 4, 4]) -> (q: f32[B, 4, 4], r: f32[B, 4, 4]) kernel "rt_qr_f32"
**       header "rt_qr.h" size i64[4, 4] work f32[24] batch i64[B] 1         in one line
**   }                               `func g(...) -> (...) base f {`: f with more results
**
** Functions come before their callers. Names are the script's where they are free, else derived.
*/
#include <string.h>
#include "cgen.h"
#include "print.h"

/* What text is being written, and the names given so far. */
typedef struct Printer {
  Text *t;
  Arena *arena;
  const char **node_name; /* by id; NULL: none yet */
  const char **func_name;
  const char **used;      /* open addressing, interned */
  size_t nused, cap;
  int nfunc;              /* functions to print, callees first */
  Func **func;
  bool *func_seen, *size_seen;
} Printer;

static const char *const reserved[] = {
    "sum",  "prod", "max",  "min",   "set",  "scatter", "lit",   "call", "loop",   "with", "true",
    "false", "and", "or",   "not",   "inf",  "nan",     "carry", "stack", "slice", "const", "for",
    "steps", "func", "base", "size",  "input", "weight", "state", "opaque", "free", "as",  "_",
    "while", "if"};

static size_t used_slot(const Printer *p, const char *name) {
  size_t at = ((uintptr_t)name >> 3) * 2654435761u & (p->cap - 1);
  while (p->used[at] && p->used[at] != name) at = (at + 1) & (p->cap - 1);
  return at;
}

static bool name_used(void *ctx, const char *name) {
  Printer *p = ctx;
  return p->used[used_slot(p, str_intern(name))] != NULL;
}

static void use_name(Printer *p, const char *name) {
  if (p->nused * 2 >= p->cap) {
    const char **old = p->used;
    size_t n = p->cap;
    p->cap = n ? n * 2 : 256;
    p->used = NEWN(p->arena, const char *, p->cap);
    for (size_t k = 0; k < n; k++)
      if (old[k]) p->used[used_slot(p, old[k])] = old[k];
  }
  size_t at = used_slot(p, name);
  if (!p->used[at]) p->nused++;
  p->used[at] = name;
}

/* The hint itself, made an identifier, or with a number where it is taken. */
static const char *unique_name(Printer *p, const char *hint) {
  char *s = arena_copy(p->arena, hint, strlen(hint) + 1);
  for (char *c = s; *c; c++)
    if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", *c) &&
        !(*c == '.' && c > s && c[1] && !strchr(".0123456789", c[1])))
      *c = '_';
  const char *base = str_intern(*s >= '0' && *s <= '9' ? str_format("_%s", s) : *s ? s : "v");
  const char *name = base;
  for (int k = 2; name_used(p, name); k++) name = str_format("%s_%d", base, k);
  use_name(p, name);
  return name;
}

static const char *node_name(void *ctx, const Node *n) {
  Printer *p = ctx;
  const char **name = &p->node_name[n->id];
  if (!*name) *name = unique_name(p, n->name ? n->name : name_of_node(n));
  return *name;
}

/* Pads the line that starts at `from` and writes where it comes from. */
static void print_loc(Printer *p, size_t from, Loc loc) {
  if (!loc.file || loc.line <= 0) return;
  const char *s = p->t->s + from;
  size_t width = 0;
  for (; *s; s++) width = *s == '\n' ? 0 : width + 1;
  text_add(p->t, "%*s# %s:%d", width < 74 ? (int)(75 - width) : 2, "", loc.file, loc.line);
}

void print_dims(Text *t, Dtype type, int rank, Scalar **dim, const Naming *names) {
  text_add(t, "%s", dtype_name(type));
  for (int d = 0; d < rank; d++) {
    text_add(t, d ? ", " : "[");
    print_expr(t, dim[d], names, DT_I64);
  }
  if (rank > 0) text_add(t, "]");
}

static void print_ranges(Text *t, const Node *n, int from, const Naming *names, bool extent) {
  for (int p = from; p < n->ndom; p++) {
    text_add(t, p > from ? ", %s" : " %s", names->axis[p]);
    if (!extent) continue;
    text_add(t, " < ");
    print_expr(t, n->dom[p], names, DT_I64);
  }
}

/* A COMP's statement. typed: with dtypes and extents, so that it can be read back. */
void print_comp(Text *t, const Node *n, const Naming *names, const char *self, bool typed) {
  static const char *const update[] = {"=", "+=", "*=", "max=", "min="}; /* ORDER Combine */
  bool scatter = n_is_scatter(n) || (n->comb == C_SET) != (n->ndom == n->rank);
  if (!scatter) print_read(t, names, self, n->rank, n->windex, n->wrule);
  if (typed) {
    text_add(t, "%s: ", scatter ? self : "");
    print_dims(t, (Dtype)n->dtype, n->rank, n->dim, names);
  }
  if (!scatter && n->comb == C_SET) {
    text_add(t, " = ");
  } else if (!scatter) {
    text_add(t, " = %s", combine_name((Combine)n->comb));
    print_ranges(t, n, n->rank, names, typed);
    text_add(t, ".  ");
  } else {
    if (typed) {
      text_add(t, " = scatter");
      print_ranges(t, n, 0, names, true);
      text_add(t, ".  ");
    }
    print_read(t, names, self, n->rank, n->windex, n->wrule);
    text_add(t, " %s ", update[n->comb]);
  }
  print_expr(t, n->body, names, n->dtype);
}

static Naming naming_of(Printer *p, const Node *n) {
  Naming names = {.node = node_name, .ctx = p, .exact = true};
  if (n->kind != N_COMP) return names;
  Scalar *root[MAX_RANK + 1];
  int count = 0;
  for (int d = 0; d < n->rank; d++) root[count++] = n->windex[d];
  root[count++] = n->body;
  name_axes(&names, n, name_used, p);
  bind_shared(p->arena, &names, count, root, name_used, p);
  return names;
}

static void print_lit(Text *t, const Node *n) {
  Tensor v = {.dtype = n->dtype, .rank = n->rank};
  for (int d = 0; d < n->rank; d++) v.dim[d] = n->dim[d]->i;
  size_t count = tensor_count(&v);
  text_add(t, "lit {");
  for (size_t k = 0; k < count; k++) {
    if (k) text_add(t, ", ");
    switch ((Dtype)n->dtype) {
    case DT_BOOL: text_add(t, ((const uint8_t *)n->data)[k] ? "true" : "false"); break;
    case DT_I32: text_add(t, "%d", (int)((const int32_t *)n->data)[k]); break;
    case DT_I64: text_add(t, "%lld", (long long)((const int64_t *)n->data)[k]); break;
    case DT_F32: print_number(t, (double)((const float *)n->data)[k], DT_F32); break;
    default: print_number(t, ((const double *)n->data)[k], DT_F64);
    }
  }
  text_add(t, "}");
}

static void print_call(Printer *p, const Node *n, const Naming *names) {
  bool loop = n->kind == N_LOOP;
  text_add(p->t, "%s %s(", loop ? "loop" : "call", p->func_name[n->fn->id]);
  for (int k = 0; k < n->narg; k++) {
    const char *role = k < n->ncarry ? "carry " : k < n->ncarry + n->nslice ? "slice " : "const ";
    text_add(p->t, "%s%s%s", k ? ", " : "", loop ? role : "", node_name(p, n->arg[k]));
  }
  text_add(p->t, ")");
  if (loop) {
    text_add(p->t, " for ");
    print_expr(p->t, n->trip, names, DT_I64);
    text_add(p->t, " steps");
    if (n->guard) text_add(p->t, n->guard == G_WHILE ? ", while" : ", if");
    if (n->reverse) text_add(p->t, ", reverse");
    if (n->unroll) text_add(p->t, ", unroll %d", n->unroll);
    if (n->checkpoint) text_add(p->t, ", checkpoint %d", n->checkpoint);
  }
  if (n->name) text_add(p->t, " as \"%s\"", n->name);
}

/* `q: f32[N], r: f32 = call f(x)`: the results that are used get names, the others `_`. */
static void print_results(Printer *p, const Node *n, Node **proj, const Naming *names) {
  for (int k = 0; k < n->fn->nresult; k++) {
    if (k) text_add(p->t, ", ");
    if (n->kind == N_LOOP)
      text_add(p->t, "%s ", k < n->ncarry ? "carry" : k < n->ncarry + n->nstack ? "stack" : "sum");
    text_add(p->t, "%s", proj[k] ? node_name(p, proj[k]) : "_");
    if (!proj[k]) continue;
    text_add(p->t, ": ");
    print_dims(p->t, (Dtype)proj[k]->dtype, proj[k]->rank, proj[k]->dim, names);
  }
  text_add(p->t, n->fn->nresult ? " = " : "= ");
}

static void print_param(Printer *p, const Node *n) {
  static const char *const role[] = {"", "input ", "weight ", "state "}; /* ORDER Role */
  Naming names = naming_of(p, n);
  text_add(p->t, "%s%s: ", role[n->role], node_name(p, n));
  print_dims(p->t, (Dtype)n->dtype, n->rank, n->dim, &names);
}

static void print_node(Printer *p, const Node *n, Node **proj) {
  if (n->kind == N_PROJ) return; /* printed with its CALL */
  size_t from = p->t->n;
  Naming names = naming_of(p, n);
  text_add(p->t, "  ");
  if (n->kind == N_PARAM) {
    text_add(p->t, "free ");
    print_param(p, n);
  } else if (n->kind == N_CALL || n->kind == N_LOOP) {
    print_results(p, n, proj, &names);
    print_call(p, n, &names);
  } else if (n->kind == N_LIT) {
    text_add(p->t, "%s: ", node_name(p, n));
    print_dims(p->t, (Dtype)n->dtype, n->rank, n->dim, &names);
    text_add(p->t, " = ");
    print_lit(p->t, n);
  } else {
    print_comp(p->t, n, &names, node_name(p, n), true);
  }
  if (names.nbound) {
    text_add(p->t, "\n    with ");
    print_bound(p->t, &names, ",\n         ");
  }
  print_loc(p, from, n->loc);
  text_add(p->t, "\n");
}

/* The header's `(x: f32[N], w: f32)`; one a line if they know where they come from. */
static void print_params(Printer *p, int n, Node **param) {
  bool lines = false;
  for (int k = 0; k < n; k++) lines = lines || (param[k]->loc.file && param[k]->loc.line > 0);
  text_add(p->t, "(");
  for (int k = 0; k < n; k++) {
    size_t from = p->t->n + 1;
    if (lines) text_add(p->t, "\n  ");
    print_param(p, param[k]);
    if (k + 1 < n) text_add(p->t, lines ? "," : ", ");
    if (lines) print_loc(p, from, param[k]->loc);
  }
  text_add(p->t, lines ? "\n)" : ")");
}

static void print_opaque(Printer *p, const Func *f) {
  text_add(p->t, "opaque %s", p->func_name[f->id]);
  print_params(p, f->nparam, f->param);
  text_add(p->t, " -> ");
  print_params(p, f->nresult, f->result);
  text_add(p->t, " kernel \"%s\"", f->opaque->kernel ? f->opaque->kernel : "");
  const Opaque *o = f->opaque;
  Naming names = {0};
  for (int k = 0; k < o->nsource; k++) text_add(p->t, " source \"%s\"", o->source[k]);
  if (o->header) text_add(p->t, " header \"%s\"", o->header);
  if (o->within) text_add(p->t, " within \"%s\"", o->within);
  if (o->nsize) {
    text_add(p->t, " size ");
    print_dims(p->t, DT_I64, o->nsize, o->size, &names);
  }
  if (o->work) {
    text_add(p->t, " work ");
    print_dims(p->t, o->type, 1, (Scalar **)&o->work, &names);
  }
  if (!o->nbatch) return;
  text_add(p->t, " batch ");
  print_dims(p->t, DT_I64, o->nbatch, o->batch, &names);
  for (int k = 0; k < f->nparam; k++) text_add(p->t, " %u", o->share[k]);
}

/* PROJ nodes of each CALL and LOOP in the order, by id of the call. */
static Node ***projections(Arena *a, Order o) {
  Node ***proj = NEWN(a, Node **, mod->nnode + 1);
  for (int k = 0; k < o.n; k++) {
    Node *n = o.node[k];
    if (n->kind == N_CALL || n->kind == N_LOOP) proj[n->id] = NEWN(a, Node *, n->fn->nresult + 1);
    if (n->kind == N_PROJ) proj[n->arg[0]->id][n->k] = n;
  }
  return proj;
}

static void print_graph(Printer *p, const Func *f) {
  Order o = graph_order(p->arena, f->nresult, f->result);
  Node ***proj = projections(p->arena, o);
  text_add(p->t, "func %s", p->func_name[f->id]);
  print_params(p, f->nparam, f->param);
  text_add(p->t, " -> (");
  /* names are given in the order of the text, so that they come out the same when read back */
  for (int k = 0; k < o.n; k++) {
    Node *n = o.node[k];
    for (int j = 0; proj[n->id] && j < n->fn->nresult; j++)
      if (proj[n->id][j]) node_name(p, proj[n->id][j]);
    if (n->kind != N_PROJ && n->kind != N_CALL && n->kind != N_LOOP) node_name(p, n);
  }
  for (int k = 0; k < f->nresult; k++)
    text_add(p->t, "%s%s", k ? ", " : "", node_name(p, f->result[k]));
  text_add(p->t, ")");
  for (int k = 0; f->base && k < p->nfunc && p->func[k] != f; k++)
    if (p->func[k] == f->base) text_add(p->t, " base %s", p->func_name[f->base->id]);
  text_add(p->t, " {");
  bool *is_param = NEWN(p->arena, bool, mod->nnode + 1);
  for (int k = 0; k < f->nparam; k++) is_param[f->param[k]->id] = true;
  size_t from = p->t->n;
  while (from && p->t->s[from - 1] != '\n') from--;
  print_loc(p, from, f->loc);
  text_add(p->t, "\n");
  for (int k = 0; k < o.n; k++)
    if (!is_param[o.node[k]->id]) print_node(p, o.node[k], proj[o.node[k]->id]);
  text_add(p->t, "}\n");
}

/* A fresh set of names: only keywords, sizes and functions are taken. */
static void reset_names(Printer *p) {
  p->node_name = NEWN(p->arena, const char *, mod->nnode + 1);
  p->used = NULL;
  p->nused = p->cap = 0;
  for (size_t k = 0; k < sizeof reserved / sizeof *reserved; k++)
    use_name(p, str_intern(reserved[k]));
  for (int k = 0; k < mod->nsym; k++)
    if (p->size_seen[k]) use_name(p, mod->sym[k]->name);
}

static void see_size(void *ctx, Scalar *s) {
  if (s->kind == S_SIZE) ((Printer *)ctx)->size_seen[s->sym->index] = true;
}

static void see_node(Printer *p, const Node *n) {
  for (int d = 0; d < n->rank; d++) s_walk(n->dim[d], see_size, p);
  if (n->kind == N_LOOP) s_walk(n->trip, see_size, p);
  if (n->kind != N_COMP) return;
  for (int k = 0; k < n->ndom; k++) s_walk(n->dom[k], see_size, p);
  for (int d = 0; d < n->rank; d++) s_walk(n->windex[d], see_size, p);
  s_walk(n->body, see_size, p);
}

/* Adds f after everything it calls. */
static void see_func(Printer *p, Func *f) {
  if (p->func_seen[f->id]) return;
  p->func_seen[f->id] = true;
  for (int k = 0; k < f->nparam; k++) see_node(p, f->param[k]);
  for (int k = 0; k < f->nresult; k++) see_node(p, f->result[k]);
  if (!f->opaque) {
    Order o = graph_order(p->arena, f->nresult, f->result);
    for (int k = 0; k < o.n; k++) {
      see_node(p, o.node[k]);
      if (o.node[k]->fn) see_func(p, o.node[k]->fn);
    }
  }
  p->func[p->nfunc++] = f;
}

void print_func(Text *t, Func *f) {
  Printer p = {.t = t, .arena = arena_new()};
  p.func = NEWN(p.arena, Func *, mod->nfunc + 1);
  p.func_seen = NEWN(p.arena, bool, mod->nfunc + 1);
  p.func_name = NEWN(p.arena, const char *, mod->nfunc + 1);
  p.size_seen = NEWN(p.arena, bool, mod->nsym + 1);
  see_func(&p, f);
  reset_names(&p);
  for (int k = 0; k < p.nfunc; k++)
    p.func_name[p.func[k]->id] = unique_name(&p, p.func[k]->name ? p.func[k]->name : "f");
  bool sizes = false;
  for (int k = 0; k < mod->nsym; k++) {
    if (!p.size_seen[k]) continue;
    size_t from = t->n;
    text_add(t, "size %s", mod->sym[k]->name);
    if (mod->sym[k]->value >= 0) text_add(t, " = %lld", (long long)mod->sym[k]->value);
    print_loc(&p, from, mod->sym[k]->loc);
    text_add(t, "\n");
    sizes = true;
  }
  for (int k = 0; k < p.nfunc; k++) {
    if (k || sizes) text_add(t, "\n");
    reset_names(&p);
    if (p.func[k]->opaque) {
      print_opaque(&p, p.func[k]);
      text_add(t, "\n");
    } else {
      print_graph(&p, p.func[k]);
    }
  }
  arena_free(p.arena);
}
