/*
** pass.c: the table of graph passes, run in its order with the verifier between any two
**
** A pass rewrites one function's results in place. Simplification, common subexpressions and dead
** code are no passes: nodes are simplified and hash-consed when they are made, and only what is
** reachable from a result exists.
*/
#include <string.h>
#include "diff.h"
#include "prog.h"

/* stop_gradient, and `same`, are their first argument once derivatives are taken, powers products. */
static Scalar *settle_op(void *ctx, Scalar *s) {
  (void)ctx;
  return s->op == OP_STOP || s->op == OP_SAME ? s->arg[0] : power_form(s);
}

static void stable(Func *f) { stable_graph(f->nresult, f->result, 0, NULL); }

static Node *settle_one(void *ctx, Node *n) {
  Scalar *windex[MAX_RANK];
  (void)ctx;
  if (n->kind != N_COMP) return n;
  for (int d = 0; d < n->rank; d++)
    windex[d] = s_rewrite_ops(n->windex[d], NULL, settle_op, NULL);
  Scalar *body = s_rewrite_ops(n->body, NULL, settle_op, NULL);
  if (body == n->body) return n;
  return n_comp((Dtype)n->dtype, (Combine)n->comb, n->rank, n->dim, n->ndom, n->dom, windex,
                n->wrule, body);
}

static void settle(Func *f) { graph_rewrite(f->nresult, f->result, settle_one, NULL); }

static void merge(Func *f) { merge_calls(f->nresult, f->result); }

static void unroll(Func *f) { unroll_loops(f->nresult, f->result); }

static void ahead(Func *f) {
  even_slices(f->nresult, f->result);
  compute_ahead(f->nresult, f->result);
}

static void hoist(Func *f) { hoist_sums(f->nresult, f->result); }

static Node *gather_one(void *ctx, Node *n) {
  (void)ctx;
  Node *gathered = n_is_scatter(n) ? gather_node(n) : n;
  return narrow_node(n_is_scatter(gathered) ? few_places(gathered) : gathered);
}

static Node *residue_one(void *ctx, Node *n) {
  (void)ctx;
  return n->kind == N_COMP ? residue_node(n) : n;
}

static void residue(Func *f) { graph_rewrite(f->nresult, f->result, residue_one, NULL); }

static void turn(Func *f) {
  turn_constants(f);
  turn_across(f);
}

static void name(Func *f) { name_by_use(f->nresult, f->result); }

static void gather(Func *f) { graph_rewrite(f->nresult, f->result, gather_one, NULL); }

const Pass pass_table[] = {
    {"stable", stable, "naive forms of logarithms, exponentials and quotients become stable ones"},
    {"settle", settle, "stop_gradient and same have done their work and go; powers become products"},
    {"merge", merge, "a CALL or LOOP that a derivative runs again in a wider form is run once"},
    {"unused", prune_calls, "results of functions and LOOPs that nothing reads are not computed"},
    {"ahead", ahead,
     "what a LOOP's steps compute without a carry is computed for all of them before it"},
    {"hoist", hoist, "sums of products over the steps of a LOOP become one product after it"},
    {"unroll", unroll, "LOOPs with unroll = k become k steps at a time"},
    {"gather", gather,
     "scatters become gathers by a change of variable, of no more results than there are, and sums to a "
     "few places one each"},
    {"residue", residue,
     "sums over strided positions read along plain axes, an axis for the residue"},
    {"sign", fuse_sign, "where a rectifier's input was cut off is told by its result"},
    {"factor", fuse_factor, "two products with one factor are added up before"},
    {"scatter", fuse_scatter, "scatters to the same tensor over the same domain become one"},
    {"inline", fuse_inline, "cheap producers move into the bodies that read them"},
    {"step", rows_in_steps, "maps that a LOOP takes row by row are computed in its steps"},
    {"total", fuse_totals, "totals that are added up become one, of fewer tensors"},
    {"symmetry", find_symmetry, "sums that a symmetric tensor makes the same are computed once"},
    {"operand", fuse_operands,
     "products are summed two factors at a time, computed factors as tensors, so that contractions "
     "read memory"},
    {"turn", turn, "matrices that the steps of a LOOP, or sums, read across are turned once before"},
    {"window", window_last,
     "terms of a window along which neighbours share loads become the innermost"},
    {"channel", channels_last,
     "tensors that are read or added to at places that are data have their channels last"},
    {"share", fuse_share, "exponentials of a row that two bodies need are computed once"},
    {"again", compute_again, "sums of bumps are computed again beside later ones of the same, not kept"},
    {"name", name, "what the script did not name is named after what it is for"},
    {NULL, NULL, NULL}};

const Pass *pass_find(const char *name) {
  for (const Pass *p = pass_table; p->name; p++)
    if (!strcmp(p->name, name)) return p;
  return NULL;
}

/* What is being worked on, for the report of a defect. */
static Func *current;

static void dump_current(FILE *out) {
  Text t = {0};
  print_func(&t, current);
  fprintf(out, "%s", t.s);
  text_free(&t);
}

typedef struct Callees {
  Arena *arena;
  int n;
  Func **func;
  bool *seen;
} Callees;

static void add_callees(Callees *c, Func *f) {
  if (f->opaque || c->seen[f->id]) return;
  c->seen[f->id] = true;
  Order o = graph_order(c->arena, f->nresult, f->result);
  for (int k = 0; k < o.n; k++)
    if (o.node[k]->fn) add_callees(c, o.node[k]->fn);
  c->func[c->n++] = f;
}

/* Runs one pass on f and all it calls, callees first, and verifies. */
void pass_run(const Pass *p, Func *f) {
  Callees c = {.arena = arena_new()};
  c.func = NEWN(c.arena, Func *, mod->nfunc + 1);
  c.seen = NEWN(c.arena, bool, mod->nfunc + 1);
  current = f;
  diag_on_ice(dump_current);
  diag_while(str_format("pass %s", p->name));
  add_callees(&c, f);
  for (int k = 0; k < c.n; k++) p->run(c.func[k]);
  arena_free(c.arena);
  verify_func(f, p->name);
  diag_while("");
}

/* Runs the passes up to and with `upto` (NULL: all; "none": only the verifier). */
void passes_run(Func *f, const char *upto) {
  current = f;
  diag_on_ice(dump_current);
  verify_func(f, NULL);
  if (upto && !strcmp(upto, "none")) return;
  for (const Pass *p = pass_table; p->name; p++) {
    if (!mod->without || strcmp(mod->without, p->name)) pass_run(p, f);
    if (upto && !strcmp(upto, p->name)) return;
  }
}
