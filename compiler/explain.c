/*
** explain.c: what a program computes and what it costs, as text
**
**   logits[i, j] = sum k.  X[i, k] * W[k, j]
**       f32[N, 10]   1280 * N flop   model.lua:9
**
** The formulas are those of the script, before any pass; --pass shows the graph after one.
*/
#include <string.h>
#include "explain.h"
#include "print.h"

/* Costs */

static Scalar *domain_points(const Node *n) {
  Scalar *c = s_int(1);
  for (int p = 0; p < n->ndom; p++) c = s_mul(c, n->dom[p]);
  return c;
}

static Scalar *tensor_bytes(const Node *n) {
  return s_mul(n_count(n), s_int((int64_t)dtype_size((Dtype)n->dtype)));
}

static Scalar *func_cost(const Func *f, Scalar *(*cost)(const Node *n)) {
  Arena *a = arena_new();
  Scalar *sum = s_int(0);
  Order o = {0};
  if (!f->opaque) o = graph_order(a, f->nresult, (Node **)f->result);
  for (int k = 0; k < o.n; k++) sum = s_add(sum, cost(o.node[k]));
  arena_free(a);
  return sum;
}

Scalar *node_flops(const Node *n) {
  if (n->kind == N_CALL) return func_cost(n->fn, node_flops);
  if (n->kind == N_LOOP) return s_mul(n->trip, func_cost(n->fn, node_flops));
  if (n->kind != N_COMP) return s_int(0);
  bool adds = n->comb != C_SET && dtype_is_float((Dtype)n->dtype);
  return s_mul(domain_points(n), s_int(s_cost(n->body) + adds));
}

Scalar *node_bytes(const Node *n) {
  if (n->kind == N_CALL) return func_cost(n->fn, node_bytes);
  if (n->kind == N_LOOP) return s_mul(n->trip, func_cost(n->fn, node_bytes));
  if (n->kind != N_COMP) return s_int(0);
  Scalar *sum = tensor_bytes(n);
  for (int k = 0; k < n->narg; k++) sum = s_add(sum, tensor_bytes(n->arg[k]));
  return sum;
}

/* 12800 -> 12.8 k; sizes stay as they are. */
static void print_amount(Text *t, Scalar *s, const char *unit) {
  static const char *const prefix[] = {"", "k", "M", "G", "T", "P"};
  int64_t v;
  if (!s_const_value(s, &v)) {
    print_scalar(t, s, NULL);
    text_add(t, " %s", unit);
    return;
  }
  double x = (double)v;
  int k = 0;
  for (; x >= 9999.5 && k < 5; k++) x /= 1000;
  text_add(t, x >= 100 || k == 0 ? "%.0f %s%s" : "%.1f %s%s", x, prefix[k], unit);
}

/* Parts */

static void print_shape(Text *t, const Node *n) {
  Naming names = {0};
  print_dims(t, (Dtype)n->dtype, n->rank, n->dim, &names);
}

static void print_ports(Text *t, int n, const Port *port) {
  for (int k = 0; k < n; k++) {
    text_add(t, "%s%s: ", k ? ", " : "", port[k].name);
    print_shape(t, port[k].node);
  }
}

Func *explain_func(const Program *p, const Entry *e) {
  int nresult = e->noutput + e->nupdate, n = 0;
  Node **result = NEWN(mod->arena, Node *, nresult + 1);
  Node **param = NEWN(mod->arena, Node *, e->ninput + p->nstate + 1);
  for (int k = 0; k < e->noutput; k++) result[k] = e->output[k].node;
  for (int k = 0; k < e->nupdate; k++) result[e->noutput + k] = e->update[k].value;
  for (int k = 0; k < e->ninput; k++) param[n++] = e->input[k].node;
  Arena *a = arena_new();
  Order o = graph_order(a, nresult, result);
  for (int k = 0; k < o.n; k++) {
    Node *x = o.node[k];
    bool input = x->kind != N_PARAM;
    for (int j = 0; j < e->ninput; j++) input = input || e->input[j].node == x;
    if (!input) param[n++] = x;
  }
  arena_free(a);
  return func_new(e->name, n, param, nresult, result, e->loc);
}

static void explain_node(Text *t, Node *n, bool latex) {
  if (n->kind == N_PARAM || n->kind == N_PROJ) return;
  text_add(t, "  ");
  if (latex) {
    latex_formula(t, n);
    text_add(t, " \\\\\n");
    return;
  }
  print_formula(t, n);
  text_add(t, "\n      ");
  if (n->rank >= 0) {
    print_shape(t, n);
    text_add(t, "   ");
  }
  if (n->kind != N_LIT) print_amount(t, node_flops(n), "flop");
  if (n->loc.file && n->loc.line > 0) text_add(t, "   %s:%d", n->loc.file, n->loc.line);
  text_add(t, "\n");
}

typedef struct Seen {
  Arena *arena;
  bool *func;
} Seen;

/* The functions a graph calls, callees first, then the graph itself. */
static void explain_graph(Text *t, const Func *f, const char *title, bool latex, Seen *seen) {
  Order o = graph_order(seen->arena, f->nresult, (Node **)f->result);
  for (int k = 0; k < o.n; k++) {
    Func *g = o.node[k]->fn;
    if (!g || g->opaque || seen->func[g->id]) continue;
    seen->func[g->id] = true;
    explain_graph(t, g, str_format("function %s", g->name), latex, seen);
  }
  text_add(t, "%s\n", title);
  if (latex) text_add(t, "\\begin{align*}\n");
  for (int k = 0; k < o.n; k++) explain_node(t, o.node[k], latex);
  if (latex) text_add(t, "\\end{align*}\n");
  text_add(t, "\n");
}

static void explain_entry(Text *t, const Program *p, const Entry *e, const ExplainOptions *opt,
                          Seen *seen) {
  Func *f = explain_func(p, e);
  Text title = {0};
  text_add(&title, "entry %s(", e->name);
  print_ports(&title, e->ninput, e->input);
  text_add(&title, ") -> (");
  print_ports(&title, e->noutput, e->output);
  text_add(&title, ")");
  if (e->nupdate) text_add(&title, ", replaces %d state tensors", e->nupdate);
  explain_graph(t, f, title.s, opt->latex, seen);
  text_free(&title);
  if (opt->latex) return;
  text_add(t, "  in all ");
  print_amount(t, func_cost(f, node_flops), "flop");
  text_add(t, ", ");
  print_amount(t, func_cost(f, node_bytes), "bytes moved, before fusion");
  text_add(t, "\n\n");
}

static void explain_state(Text *t, const Program *p) {
  Scalar *sum = s_int(0);
  if (!p->nstate) return;
  text_add(t, "parameters and state\n");
  for (int k = 0; k < p->nstate; k++) {
    const Node *n = p->state[k];
    text_add(t, "  %-9s %s: ", n->role == P_WEIGHT ? "parameter" : "state", n->name);
    print_shape(t, n);
    text_add(t, "\n");
    sum = s_add(sum, tensor_bytes(n));
  }
  text_add(t, "  in all ");
  print_amount(t, sum, "bytes");
  text_add(t, "\n\n");
}

static void explain_pass(Text *t, const Program *p, const char *pass) {
  if (strcmp(pass, "none") && !pass_find(pass)) {
    Text names = {0};
    for (const Pass *q = pass_table; q->name; q++) text_add(&names, " %s", q->name);
    const char *all = str_intern(names.s);
    text_free(&names);
    diag_error((Loc){0}, "--pass %s: there is no such pass; there are none%s", pass, all);
  }
  for (int k = 0; k < p->nentry; k++) {
    Func *f = explain_func(p, &p->entry[k]);
    passes_run(f, pass);
    text_add(t, "# entry %s after pass %s\n\n", p->entry[k].name, pass);
    print_func(t, f);
    text_add(t, "\n");
  }
}

/* Prints what the options ask for; formulas and costs if they ask for nothing. */
void explain_program(Program *p, const ExplainOptions *opt, FILE *out) {
  Text t = {0};
  Seen seen = {.arena = arena_new()};
  seen.func = NEWN(seen.arena, bool, mod->nfunc + 1);
  if (opt->pass) {
    explain_pass(&t, p, opt->pass);
  } else {
    if (!opt->latex) {
      text_add(&t, "%s, from %s\n\n", p->name, p->file ? p->file : "a script");
      explain_state(&t, p);
    }
    for (int k = 0; k < p->nentry; k++)
      if (p->entry[k].kind != E_INIT) explain_entry(&t, p, &p->entry[k], opt, &seen);
  }
  fputs(t.s ? t.s : "", out);
  text_free(&t);
  arena_free(seen.arena);
}
