/*
** test_random_code.c: random programs, compiled, against the interpreter, with 1 and 3 threads
** label: slow
**
** usage: test_random_code [PROGRAMS [FIRST_SEED]]. Each program has four entries: random graphs
** and the derivatives of random graphs, over one pair of run-time sizes.
*/
#include <stdio.h>
#include <stdlib.h>
#include "check.h"
#include "random_graph.h"

enum { ENTRIES = 4 };

/* The derivatives of the sum of the results by every float parameter. */
static int gradients(Random *r, int nparam, Node **param, int nresult, Node **result, Node **bar) {
  Node *one[4];
  for (int k = 0; k < nresult; k++)
    one[k] = n_full(result[k]->rank, result[k]->dim, s_const(r->real, 0.5));
  diff_vjp(nresult, result, one, nparam - 1, param + 1, bar);
  return nparam - 1;
}

/* The entries as text, for tests/passes. */
static void show(const Program *p) {
  for (int k = 0; k + 1 < p->nentry; k++) {
    const Entry *e = &p->entry[k];
    Node *param[8], *result[8];
    Text t = {0};
    for (int j = 0; j < e->ninput; j++) param[j] = e->input[j].node;
    for (int j = 0; j < e->noutput; j++) result[j] = e->output[j].node;
    print_func(&t, func_new(e->name, e->ninput, param, e->noutput, result, (Loc){0}));
    printf("%s\n", t.s);
    text_free(&t);
  }
}

/* What went wrong once. */
static const char *const found[] = {
    /* divisions under a choice in a simd loop, which clang 19 compiles wrongly */
    "size N = 7\nsize M = 7\n"
    "func f(neg: f64, x1: f64[1], z: f64[N]) -> (s) {\n"
    "  p[i, j, k]: f64[N, N + 1, N + 1] = prod l < N.  tanh(0.9 + 0.1 * where(i < 2, where(l < 2,"
    " reflect(x1)[k // 2], 1.5), abs(neg)))\n"
    "  s: f64[M, 2] = scatter i < N + 1.  wrap(s)[2 * i, i + 1] min= exp(-a^2) * (neg * x1[0])\n"
    "    with a = p[wrap(i - 1), wrap(i - 1), 0] - mirror(z)[2 * i - 1]\n}",
};

/* Seeds of what went wrong once: a constant of a parallel loop, made of others before it. */
static const uint64_t found_seed[] = {1795345571};

static Program *program_new(int nentry) {
  Program *p = NEW(mod->arena, Program);
  p->name = "graphs";
  p->seed = n_param(P_INPUT, "seed", DT_I64, 0, NULL, (Loc){0});
  p->entry = NEWN(mod->arena, Entry, nentry + 1);
  return p;
}

static void add_init(Program *p) {
  Entry *init = &p->entry[p->nentry++];
  *init = (Entry){.name = "init", .kind = E_INIT, .ninput = 1, .input = NEW(mod->arena, Port)};
  init->input[0] = (Port){"seed", p->seed, {0}};
}

static Entry entry_of(const char *name, int nparam, Node **param, int n, Node **out) {
  Entry e = {.name = name, .kind = E_ENTRY, .ninput = nparam, .noutput = n};
  e.input = NEWN(mod->arena, Port, nparam);
  e.output = NEWN(mod->arena, Port, n);
  for (int k = 0; k < nparam; k++) e.input[k] = (Port){param[k]->name, param[k], {0}};
  for (int k = 0; k < n; k++) e.output[k] = (Port){str_format("r%d", k), out[k], {0}};
  return e;
}

static bool run_found(const char *text) {
  int64_t size[8];
  mod = module_new();
  Func *f = parse_func(text, "found.ir");
  Program *p = program_new(1);
  p->entry[p->nentry++] = entry_of("entry", f->nparam, f->param, f->nresult, f->result);
  add_init(p);
  for (int k = 0; k < mod->nsym; k++) size[k] = mod->sym[k]->value;
  bool fine = check_code(p, size, &(CodeOptions){0}, stdout);
  module_free(mod);
  return fine;
}

static Entry random_entry(Random *r, int number) {
  Node *param[8], *result[4], *bar[8];
  int nparam, n = rg_graph(r, param, &nparam, result);
  const char *name = str_format("entry%d", number);
  if (number % 2 == 0) return entry_of(name, nparam, param, n, result);
  return entry_of(name, nparam, param, gradients(r, nparam, param, n, result, bar), bar);
}

static bool run(uint64_t seed) {
  Random r;
  mod = module_new();
  rg_begin(&r, seed, seed % 3 ? DT_F64 : DT_F32);
  Program *p = program_new(ENTRIES);
  for (int k = 0; k < ENTRIES; k++) p->entry[p->nentry++] = random_entry(&r, k);
  add_init(p);
  int64_t size[2] = {6 + (int64_t)(seed % 10), 5 + (int64_t)(seed % 3)};
  printf("seed %llu: ", (unsigned long long)seed);
  bool fine = check_code(p, size, &(CodeOptions){0}, stdout);
  if (!fine) show(p);
  module_free(mod);
  return fine;
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 4, bad = 0;
  uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
  for (size_t k = 0; argc == 1 && k < sizeof found / sizeof *found; k++)
    bad += !run_found(found[k]);
  for (size_t k = 0; argc == 1 && k < sizeof found_seed / sizeof *found_seed; k++)
    bad += !run(found_seed[k]);
  for (int k = 0; k < count; k++) bad += !run(first + (uint64_t)k);
  printf("%d random programs, %d defects\n", count, bad);
  return bad != 0;
}
