/*
** test_random.c: random graphs mean the same before and after every pass, and as text
**
** usage: test_random [COUNT [FIRST_SEED]]. A failing graph is printed, for tests/passes.
*/
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "check.h"
#include "random_graph.h"

static int bad;

static double element(const Tensor *t, size_t k) {
  return t->dtype == DT_F64 ? ((const double *)t->data)[k] : (double)((const float *)t->data)[k];
}

static double distance(const Tensor *a, const Tensor *b) {
  double worst = 0;
  for (size_t k = 0; k < tensor_count(a); k++) {
    double x = element(a, k), y = element(b, k);
    if (x != y && !(isnan(x) && isnan(y))) worst = fmax(worst, fabs(x - y) / fmax(1, fabs(x)));
    if (isnan(x) != isnan(y)) return INFINITY;
  }
  return worst;
}

typedef struct Trial {
  Func *f;
  Arena *arena;
  int64_t size[2];
  Tensor value[8], want[4];
} Trial;

static void evaluate(Trial *t, const Func *f, const int64_t *size, Tensor *out) {
  eval_graph(t->arena, f->nparam, f->param, t->value, size, f->nresult, f->result, out);
}

static void compare(Trial *t, const Func *f, const int64_t *size, const char *what) {
  Tensor got[4];
  evaluate(t, f, size, got);
  for (int k = 0; k < f->nresult; k++) {
    double d = distance(&t->want[k], &got[k]);
    if (d <= 1e-7) continue;
    printf("result %d differs by %g after %s\n", k, d, what);
    bad++;
  }
}

/* In a module of its own: print(parse(text)) is text, and what was read computes the same. */
static void check_text(Trial *t, const char *text) {
  Module *outer = mod;
  Text again = {0};
  int64_t size[2] = {0};
  mod = module_new();
  Func *f = parse_func(text, "random.ir");
  print_func(&again, f);
  for (int k = 0; k < mod->nsym; k++) size[k] = t->size[mod->sym[k]->name[0] == 'M'];
  if (strcmp(again.s, text)) {
    printf("the text differs when read back:\n%s\n", again.s);
    bad++;
  }
  compare(t, f, size, "printing and parsing");
  text_free(&again);
  module_free(mod);
  mod = outer;
}

static void run(uint64_t seed) {
  Trial t = {.arena = arena_new(), .size = {14 + (int64_t)(seed % 3), 13}};
  Random r;
  Node *param[8], *result[4];
  int nparam, before = bad;
  Program p = {.name = "random"};
  mod = module_new();
  rg_begin(&r, seed, DT_F64);
  int nresult = rg_graph(&r, param, &nparam, result);
  t.f = func_new("f", nparam, param, nresult, result, (Loc){0});
  sample_values(t.arena, &p, nparam, param, t.size, seed, t.value);
  evaluate(&t, t.f, t.size, t.want);
  verify_func(t.f, NULL);
  Text text = {0};
  print_func(&text, t.f);
  check_text(&t, text.s);
  for (const Pass *q = pass_table; q->name && bad == before; q++) {
    pass_run(q, t.f);
    compare(&t, t.f, t.size, q->name);
  }
  if (bad != before) printf("seed %llu\n%s\n", (unsigned long long)seed, text.s);
  text_free(&text);
  module_free(mod);
  arena_free(t.arena);
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 150;
  uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
  for (int k = 0; k < count && bad < 5; k++) run(first + (uint64_t)k);
  printf("%d random graphs, %d defects\n", count, bad);
  return bad != 0;
}
