/*
** test_passes.c: graphs before and after a pass, in tests/passes/x.ir
**
**   # what the case is about
**   # passes: gather inline
**   func f(...) ...                 the input
**   ---
**   func f(...) ...                 what the passes must make of it
**
** Every case is also run by the interpreter before and after, on pseudo-random values: the results
** must agree. BLESS=1 rewrites the files, which scripts/bless shows as a diff.
*/
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ir.h"

enum { MAX_CASES = 500, SIZE = 7 };

static char *read_file(const char *path) {
  FILE *f = fopen(path, "rb");
  if (!f) return NULL;
  fseek(f, 0, SEEK_END);
  long n = ftell(f);
  rewind(f);
  char *s = calloc(1, (size_t)n + 1);
  if (fread(s, 1, (size_t)n, f) != (size_t)n) s[0] = 0;
  fclose(f);
  return s;
}

static double noise(uint32_t *state) {
  *state = *state * 1664525u + 1013904223u;
  return (double)(*state >> 8) / (1 << 24);
}

/* Values for every parameter: floats in [-1, 1), integers in [0, 4). */
static Tensor *values(Arena *a, const Func *f, const int64_t *size) {
  uint32_t state = 1;
  Tensor *v = NEWN(a, Tensor, f->nparam + 1);
  for (int k = 0; k < f->nparam; k++) {
    const Node *p = f->param[k];
    v[k] = (Tensor){.dtype = (Dtype)p->dtype, .rank = p->rank};
    for (int d = 0; d < p->rank; d++) v[k].dim[d] = eval_size(p->dim[d], size);
    size_t n = tensor_count(&v[k]);
    v[k].data = arena_zero(a, n + 1, 8);
    for (size_t i = 0; i < n; i++) {
      double x = noise(&state);
      switch (v[k].dtype) {
      case DT_BOOL: ((uint8_t *)v[k].data)[i] = x < 0.5; break;
      case DT_I32: ((int32_t *)v[k].data)[i] = (int32_t)(x * 4); break;
      case DT_I64: ((int64_t *)v[k].data)[i] = (int64_t)(x * 4); break;
      case DT_F32: ((float *)v[k].data)[i] = (float)(2 * x - 1); break;
      default: ((double *)v[k].data)[i] = 2 * x - 1;
      }
    }
  }
  return v;
}

static double element(const Tensor *t, size_t i) {
  switch (t->dtype) {
  case DT_BOOL: return ((const uint8_t *)t->data)[i];
  case DT_I32: return ((const int32_t *)t->data)[i];
  case DT_I64: return (double)((const int64_t *)t->data)[i];
  case DT_F32: return (double)((const float *)t->data)[i];
  default: return ((const double *)t->data)[i];
  }
}

static double difference(const Tensor *a, const Tensor *b) {
  double worst = 0;
  for (size_t i = 0; i < tensor_count(a); i++) {
    double x = element(a, i), y = element(b, i), d = fabs(x - y) / fmax(1, fabs(x));
    if (x == y || (isnan(x) && isnan(y))) continue;
    worst = d > worst || isnan(d) ? d : worst;
  }
  double limit = a->dtype == DT_F64 ? 1e-12 : a->dtype == DT_F32 ? 1e-5 : 0;
  return worst > limit ? worst : 0;
}

typedef struct Case {
  const char *path;
  char *text, *want, *got;
  const char *passes;
  bool differs;
} Case;

static void run_case(void *ctx) {
  Case *c = ctx;
  Arena *a = arena_new();
  Func *f = parse_func(c->text, c->path);
  int64_t size[64];
  for (int k = 0; k < mod->nsym && k < 64; k++)
    size[k] = mod->sym[k]->value >= 0 ? mod->sym[k]->value : SIZE;
  Tensor *v = values(a, f, size), *before = NEWN(a, Tensor, f->nresult + 1);
  Tensor *after = NEWN(a, Tensor, f->nresult + 1);
  verify_func(f, NULL);
  eval_graph(a, f->nparam, f->param, v, size, f->nresult, f->result, before);
  char *list = strdup(c->passes), *rest = list;
  for (char *name; (name = strtok_r(rest, " ,", &rest));) {
    const Pass *p = pass_find(name);
    if (!p) diag_error((Loc){c->path, 0}, "there is no pass '%s'", name);
    pass_run(p, f);
  }
  free(list);
  eval_graph(a, f->nparam, f->param, v, size, f->nresult, f->result, after);
  for (int k = 0; k < f->nresult; k++)
    if (difference(&before[k], &after[k]) > 0) {
      printf("%s: result %d differs by %g after the passes\n", c->path, k,
             difference(&before[k], &after[k]));
      c->differs = true;
    }
  Text t = {0};
  print_func(&t, f);
  c->got = t.s;
  arena_free(a);
}

/* Splits the file into its parts; says what is wrong with it, or NULL. */
static const char *split_case(Case *c) {
  char *line = strstr(c->text, "# passes:"), *cut = strstr(c->text, "\n---\n");
  if (!line) return "no line '# passes: ...'";
  c->passes = str_format("%.*s", (int)strcspn(line + 9, "\n"), line + 9);
  c->want = strdup(cut ? cut + 5 : "");
  if (cut) cut[1] = 0;
  return NULL;
}

static bool bless(const Case *c) {
  FILE *f = fopen(c->path, "wb");
  if (!f) return false;
  fprintf(f, "%s---\n%s", c->text, c->got);
  return fclose(f) == 0;
}

static int run_file(const char *path) {
  Case c = {.path = path, .text = read_file(path)};
  const char *wrong = c.text ? split_case(&c) : "cannot be read";
  if (wrong) return printf("%s: %s\n", path, wrong), 1;
  mod = module_new();
  int bad = diag_protect(run_case, &c) || c.differs;
  if (c.differs) printf("%s", c.got);
  if (!bad && strcmp(c.got, c.want)) {
    if (getenv("BLESS"))
      bad = !bless(&c);
    else
      printf("%s\nwanted:\n%s\ngot:\n%s\n", path, c.want, c.got), bad = 1;
  }
  free(c.text);
  free(c.want);
  free(c.got);
  module_free(mod);
  return bad;
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int main(int argc, char **argv) {
  const char *path[MAX_CASES];
  int n = 0, bad = 0;
  for (int k = 1; k < argc && n < MAX_CASES; k++) path[n++] = argv[k];
  DIR *dir = argc > 1 ? NULL : opendir("tests/passes");
  for (struct dirent *e; dir && (e = readdir(dir)) && n < MAX_CASES;) {
    size_t len = strlen(e->d_name);
    if (len > 3 && !strcmp(e->d_name + len - 3, ".ir"))
      path[n++] = str_format("tests/passes/%s", e->d_name);
  }
  if (dir) closedir(dir);
  qsort(path, (size_t)n, sizeof *path, by_name);
  for (int k = 0; k < n; k++) bad += run_file(path[k]);
  printf("%d cases, %d defects\n", n, bad);
  return bad != 0 || n == 0;
}
