/*
** explain.c: what a program computes and what it costs, as text
**
** Without options: parameters, then the kernels of every entry (explain_unit.c). --latex sets the
** formulas of the script, before any pass; --pass prints the graph after one, for parse.c to read.
*/
#include <string.h>
#include "cgen.h"
#include "explain.h"
#include "print.h"

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

/* Names that no two nodes share, as hints on the nodes themselves. */
static void name_nodes(const Func *f) {
  Arena *a = arena_new();
  Names taken = {0};
  Order o = graph_order(a, f->nresult, (Node **)f->result);
  for (int k = 0; k < o.n; k++)
    if (o.node[k]->kind == N_PARAM) name_claim(&taken, o.node[k]->name);
  for (int k = 0; k < o.n; k++) {
    Node *n = o.node[k];
    if (n->kind != N_PARAM && n->rank >= 0)
      n->name = name_claim(&taken, n->name ? n->name : name_of_node(n));
  }
  names_free(&taken);
  arena_free(a);
}

Func *explain_func(const Program *p, const Entry *e, const char *pass) {
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
    bool other = x->kind == N_PARAM;
    for (int j = 0; j < e->ninput; j++) other = other && e->input[j].node != x;
    if (other) param[n++] = x;
  }
  arena_free(a);
  Func *f = func_new(e->name, n, param, nresult, result, e->loc);
  passes_run(f, pass);
  name_nodes(f);
  return f;
}

static const char *entry_title(const Entry *e) {
  Text t = {0};
  text_add(&t, "entry %s(", e->name);
  print_ports(&t, e->ninput, e->input);
  text_add(&t, ") -> (");
  print_ports(&t, e->noutput, e->output);
  text_add(&t, ")");
  if (e->nupdate) text_add(&t, ", replaces %d state tensors", e->nupdate);
  const char *s = str_intern(t.s);
  text_free(&t);
  return s;
}

static void explain_latex(Text *t, const Program *p) {
  text_add(t, "%% %s, from %s; needs amsmath\n", p->name, p->file ? p->file : "a script");
  for (int k = 0; k < p->nentry; k++) {
    const Entry *e = &p->entry[k];
    if (e->kind == E_INIT) continue;
    Arena *a = arena_new();
    Func *f = explain_func(p, e, "none");
    Order o = graph_order(a, f->nresult, f->result);
    text_add(t, "%% %s\n\\begin{align*}\n", entry_title(e));
    for (int j = 0; j < o.n; j++) {
      if (o.node[j]->kind == N_PARAM || o.node[j]->kind == N_PROJ) continue;
      text_add(t, "  ");
      latex_formula(t, o.node[j]);
      text_add(t, " \\\\\n");
    }
    text_add(t, "\\end{align*}\n");
    arena_free(a);
  }
}

static void explain_state(Text *t, const Program *p) {
  double elements = 0, bytes = 0;
  if (!p->nstate) return;
  text_add(t, "parameters and state\n");
  for (int k = 0; k < p->nstate; k++) {
    const Node *n = p->state[k];
    int64_t count = 0;
    text_add(t, "  %-9s %s: ", n->role == P_WEIGHT ? "parameter" : "state", n->name);
    print_shape(t, n);
    text_add(t, "\n");
    if (!s_const_value(n_count(n), &count)) continue;
    if (n->role == P_WEIGHT) elements += (double)count;
    bytes += (double)count * (double)dtype_size((Dtype)n->dtype);
  }
  text_add(t, "  %.0f numbers to train; %s in all\n\n", elements, amount_text(bytes, "B"));
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
    Func *f = explain_func(p, &p->entry[k], pass);
    text_add(t, "# entry %s after pass %s\n\n", p->entry[k].name, pass);
    print_func(t, f);
    text_add(t, "\n");
  }
}

/* Prints what the options ask for: kernels, costs and the memory plan if they ask for nothing. */
void explain_program(Program *p, const ExplainOptions *opt, FILE *out) {
  Text t = {0};
  if (opt->pass) {
    explain_pass(&t, p, opt->pass);
  } else if (opt->latex) {
    explain_latex(&t, p);
  } else {
    text_add(&t, "%s, from %s\n\n", p->name, p->file ? p->file : "a script");
    explain_state(&t, p);
    explain_unit(&t, p, entry_title);
  }
  fputs(t.s ? t.s : "", out);
  text_free(&t);
}
