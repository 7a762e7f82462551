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

static Entry random_entry(Random *r, int number) {
  Node *param[8], *result[4], *bar[8];
  int nparam, n = rg_graph(r, param, &nparam, result);
  Entry e = {.name = str_format("entry%d", number), .kind = E_ENTRY, .ninput = nparam};
  Node **out = result;
  if (number % 2) {
    n = gradients(r, nparam, param, n, result, bar);
    out = bar;
  }
  e.input = NEWN(mod->arena, Port, nparam);
  e.output = NEWN(mod->arena, Port, n);
  e.noutput = n;
  for (int k = 0; k < nparam; k++) e.input[k] = (Port){param[k]->name, param[k], {0}};
  for (int k = 0; k < n; k++) e.output[k] = (Port){str_format("r%d", k), out[k], {0}};
  return e;
}

static bool run(uint64_t seed) {
  Random r;
  mod = module_new();
  Program *p = NEW(mod->arena, Program);
  rg_begin(&r, seed, seed % 3 ? DT_F64 : DT_F32);
  p->name = "graphs";
  p->seed = n_param(P_INPUT, "seed", DT_I64, 0, NULL, (Loc){0});
  p->entry = NEWN(mod->arena, Entry, ENTRIES + 1);
  for (int k = 0; k < ENTRIES; k++) p->entry[p->nentry++] = random_entry(&r, k);
  Entry *init = &p->entry[p->nentry++];
  *init = (Entry){.name = "init", .kind = E_INIT, .ninput = 1, .input = NEW(mod->arena, Port)};
  init->input[0] = (Port){"seed", p->seed, {0}};
  int64_t size[2] = {6 + (int64_t)(seed % 10), 5 + (int64_t)(seed % 3)};
  printf("seed %llu: ", (unsigned long long)seed);
  bool fine = check_code(p, size, false, stdout);
  module_free(mod);
  return fine;
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 6, bad = 0;
  uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
  for (int k = 0; k < count; k++) bad += !run(first + (uint64_t)k);
  printf("%d random programs, %d defects\n", count, bad);
  return bad != 0;
}
