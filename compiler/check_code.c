/*
** check_code.c: `crescent check`, second part: the compiled program against the interpreter
**
** Every entry is interpreted once at small sizes. Then the model's C is written and compiled with a
** probe in place of the generic program, which calls each entry on the same values, with one thread
** and with three, and writes what came out. With three, the model is made for larger sizes first, and
** then resized; and once more loops are run in parts, the last one first. The interpreter works on the
** graph as the script made it, before any pass.
*/
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include "build.h"
#include "check.h"
#include "emit.h"
#include "prog.h"
#include "tune.h"

/* The probe: for each entry, the model's state and inputs are read, each as a byte count and bytes,
** then the counts of the outputs; the error code, the outputs and the state are written. */
static const char probe[] =
    "#define _POSIX_C_SOURCE 200809L\n#include \"rt_stale.h\"\n#include \"rt.h\"\n#include <stdio.h>\n"
    "#include <stdlib.h>\n"
    "static FILE *in, *out;\n"
    "static int64_t take(void *to, size_t n) { return fread(to, 1, n, in) == n ? 0 : 1; }\n"
    "static int64_t count(void) { int64_t n = -1; return take(&n, sizeof n) ? -1 : n; }\n"
    "static void put(const void *p, int64_t n) { if (n) fwrite(p, 1, (size_t)n, out); }\n"
    "static int create(const rt_model *m, const rt_config *c, void **model) {\n"
    "  int64_t more[64] = {0};\n"
    "  rt_config large = *c;\n"
    "  for (int k = 0; k < m->nsize; k++) more[k] = 3 * c->size[k] + 5;\n"
    "  large.size = more;\n"
    "  if (c->threads > 1 && m->nsize && !m->create(model, &large)) {\n"
    "    if (!m->resize(*model, c->size)) return 0;\n"
    "    m->destroy(*model);\n  }\n"
    "  return m->create(model, c);\n}\n"
    "static int probe(const rt_model *m, const rt_entry *e, const rt_config *c) {\n"
    "  void *model, **arg = calloc((size_t)(e->ninput + e->noutput) + 1, sizeof *arg);\n"
    "  int64_t *size = calloc((size_t)(e->ninput + e->noutput + m->nstate) + 1, sizeof *size);\n"
    "  if (create(m, c, &model)) return 4;\n"
    "  for (int k = 0; k < m->nstate; k++) {\n"
    "    int64_t n = size[e->ninput + e->noutput + k] = count();\n"
    "    if (n < 0 || take(m->data(model, k), (size_t)n)) return 5;\n  }\n"
    "  for (int k = 0; k < e->ninput + e->noutput; k++) {\n"
    "    size[k] = count();\n    if (size[k] < 0) return 5;\n"
    "    arg[k] = calloc(1, (size_t)size[k] + !size[k]);\n"
    "    if (k < e->ninput && take(arg[k], (size_t)size[k])) return 5;\n  }\n"
    "  int64_t status = e->call(model, arg);\n"
    "  put(&status, sizeof status);\n"
    "  for (int k = 0; k < e->noutput; k++) put(arg[e->ninput + k], size[e->ninput + k]);\n"
    "  for (int k = 0; k < m->nstate; k++)\n"
    "    put(m->data(model, k), size[e->ninput + e->noutput + k]);\n"
    "  for (int k = 0; k < e->ninput + e->noutput; k++) free(arg[k]);\n"
    "  free(arg), free(size), m->destroy(model);\n  return 0;\n}\n"
    "static void backwards(void *to, int n, void (*part)(void *, int), void *call) {\n"
    "  for ((void)to; n-- > 0;) part(call, n);\n}\n"
    "int rt_main(int argc, char **argv, const rt_model *m) {\n"
    "  int64_t size[64] = {0};\n"
    "  rt_drop_stale();\n"
    "  rt_config c = {.threads = argc > 3 ? atoi(argv[3]) : 1, .seed = 1, .size = size};\n"
    "  if (c.threads < 0) c.threads = -c.threads, c.parallel = backwards;\n"
    "  for (int k = 4; k < argc; k++) size[k - 4] = atoll(argv[k]);\n"
    "  if (argc < 4 || !(in = fopen(argv[1], \"rb\")) || !(out = fopen(argv[2], \"wb\"))) return 6;\n"
    "  for (int k = 0; k < m->nentry; k++) {\n"
    "    int status = probe(m, &m->entry[k], &c);\n    if (status) return status;\n  }\n"
    "  return fclose(in) | fclose(out) ? 7 : 0;\n}\n";

/* One entry with the values it is run on and those the interpreter gave. */
typedef struct Trial {
  const Entry *e;
  int nparam;        /* state, then inputs */
  Node **param;
  Tensor *value;
  Tensor *want;      /* outputs, then the state afterwards */
  Tensor *moved[BESIDE]; /* the same for values an ulp away, once asked for */
  bool refused;      /* at these sizes; nothing is known of the results */
} Trial;

typedef struct Code {
  Program *p;
  int64_t *size;
  Arena *arena;
  FILE *out;
  CodeOptions *o;
  int n;
  Trial *trial;
  const char *dir;
  int good, bad;
} Code;

static size_t bytes_of(const Tensor *t) { return tensor_count(t) * dtype_size(t->dtype); }

/* Whether the entry has no answer at a size of 0 that the program may have. */
static bool refuses(const Code *c, const Entry *e) {
  bool found = false;
  for (int k = 0; k < mod->nsym; k++)
    found = found || (c->size[k] == 0 && (!e->some || e->some[k]));
  return found;
}

/* The shapes alone, of an entry that is not to be interpreted. */
static void shape_results(Code *c, int n, Node **result, Tensor *got) {
  for (int k = 0; k < n; k++) {
    got[k] = (Tensor){.dtype = (Dtype)result[k]->dtype, .rank = result[k]->rank};
    for (int d = 0; d < got[k].rank; d++) got[k].dim[d] = eval_extent(result[k]->dim[d], c->size);
    got[k].data = arena_zero(c->arena, tensor_count(&got[k]) + 1, dtype_size(got[k].dtype));
  }
}

/* What the entry's outputs, and then the state afterwards, are to be by the interpreter. */
static Tensor *evaluate(Code *c, const Trial *t, const Tensor *value) {
  Program *p = c->p;
  const Entry *e = t->e;
  int nresult = e->noutput + e->nupdate;
  Node **result = NEWN(c->arena, Node *, nresult + 1);
  Tensor *got = NEWN(c->arena, Tensor, nresult + 1);
  Tensor *want = NEWN(c->arena, Tensor, e->noutput + p->nstate + 1);
  for (int k = 0; k < e->noutput; k++) result[k] = e->output[k].node;
  for (int k = 0; k < e->nupdate; k++) result[e->noutput + k] = e->update[k].value;
  if (t->refused)
    shape_results(c, nresult, result, got);
  else
    eval_graph(c->arena, t->nparam, t->param, value, c->size, nresult, result, got);
  memcpy(want, got, sizeof *got * (size_t)e->noutput);
  memcpy(want + e->noutput, value, sizeof *got * (size_t)p->nstate);
  for (int k = 0; k < e->nupdate; k++)
    for (int s = 0; s < p->nstate; s++)
      if (p->state[s] == e->update[k].state) want[e->noutput + s] = got[e->noutput + k];
  return want;
}

/* Samples the entry's values and interprets it. */
static void interpret(Code *c, Trial *t, const Entry *e) {
  Program *p = c->p;
  t->e = e;
  t->nparam = p->nstate + e->ninput;
  t->param = NEWN(c->arena, Node *, t->nparam + 1);
  t->value = NEWN(c->arena, Tensor, t->nparam + 1);
  for (int k = 0; k < p->nstate; k++) t->param[k] = p->state[k];
  for (int k = 0; k < e->ninput; k++) t->param[p->nstate + k] = e->input[k].node;
  sample_values(c->arena, p, t->nparam, t->param, c->size, c->o->seed ? c->o->seed : 1, t->value);
  t->refused = refuses(c, e);
  t->want = evaluate(c, t, t->value);
}

static void interpret_all(void *ctx) {
  Code *c = ctx;
  sizes_may_be_empty(c->p);
  for (int k = 0; k < c->p->nentry; k++)
    if (c->p->entry[k].kind != E_INIT) interpret(c, &c->trial[c->n++], &c->p->entry[k]);
}

static void put_count(Text *t, const Tensor *v, bool data) {
  int64_t n = (int64_t)bytes_of(v);
  text_put(t, (const char *)&n, sizeof n);
  if (data && n) text_put(t, v->data, (size_t)n);
}

static void write_values(const Code *c) {
  Text t = {0};
  text_put(&t, "", 0);
  for (int k = 0; k < c->n; k++) {
    const Trial *r = &c->trial[k];
    for (int j = 0; j < r->nparam; j++) put_count(&t, &r->value[j], true);
    for (int j = 0; j < r->e->noutput; j++) put_count(&t, &r->want[j], false);
  }
  files_write(str_format("%s/values", c->dir), t.s, t.n);
  text_free(&t);
}

/* The model's own files and the headers, but not the generic program. */
static void put_file(void *ctx, const char *name, const char *text, size_t n) {
  const Code *c = ctx;
  size_t len = strlen(name);
  bool source = len > 2 && !strcmp(name + len - 2, ".c");
  if (strcmp(name, "Makefile") && !(source && !strncmp(name, "rt_", 3)))
    files_write(str_format("%s/%s", c->dir, name), text, n);
}

static void compile(void *ctx) {
  Code *c = ctx;
  const March *m = march_of(NULL, c->o->march);
  Target target = {.vector_bytes = m->vector_bytes, .registers = m->registers, .fma = m->fma,
                   .halves = m->halves};
  Tuning always = {.trial.threads = T_ALWAYS};
  if (c->o->shared) target.tuning = &always;
  Unit *u = unit_build(c->p, &target);
  emit_unit(u, &(EmitOptions){.version = "check"}, put_file, c);
  files_write(str_format("%s/rt_probe.c", c->dir), probe, sizeof probe - 1);
  build_folder(c->dir, str_format("%s/probe", c->dir),
               &(BuildOptions){.strict = c->o->strict, .level = c->o->level, .cc = c->o->cc,
                               .march = c->o->march, .sanitize = c->o->sanitize});
}

/* Runs the probe; its results, or NULL after a message. */
static char *run_probe(Code *c, const char *threads, size_t *n) {
  const char *results = str_format("%s/results", c->dir), *log = str_format("%s/log", c->dir);
  Process run = {.log = log};
  process_add(&run, str_format("%s/probe", c->dir));
  process_add(&run, str_format("%s/values", c->dir));
  process_add(&run, results);
  process_add(&run, threads);
  for (int k = 0; k < mod->nsym; k++) process_add(&run, str_format("%lld", (long long)c->size[k]));
  process_run(&run, 1, 1, false);
  if (run.status == 0) return files_read(results, n);
  if (WIFSIGNALED(run.status))
    fprintf(c->out, "  the compiled program crashed, with signal %d\n", WTERMSIG(run.status));
  else
    fprintf(c->out, "  the compiled program ended with status %d\n", WEXITSTATUS(run.status));
  char *said = c->o->sanitize ? files_read(log, n) : NULL,
       *end = said ? strstr(said, "\nShadow") : NULL;
  if (said) fprintf(c->out, "%.*s\n", end ? (int)(end - said) : 2000, said);
  free(said);
  c->bad++;
  return NULL;
}

static double element(const Tensor *t, const char *data, size_t k) {
  switch (t->dtype) {
  case DT_BOOL: return ((const uint8_t *)data)[k];
  case DT_I32: return ((const int32_t *)data)[k];
  case DT_I64: return (double)((const int64_t *)data)[k];
  case DT_F32: return (double)((const float *)data)[k];
  default: return ((const double *)data)[k];
  }
}

/* |got - want| / |want| as vectors; infinite where only one of them is NaN or they differ in what
** must be exact. */
static double distance(const Tensor *want, const char *got) {
  double error = 0, norm = 0;
  for (size_t k = 0; k < tensor_count(want); k++) {
    double w = element(want, want->data, k), g = element(want, got, k);
    if (w == g || (isnan(w) && isnan(g))) {
      norm += isfinite(w) ? w * w : 0;
      continue;
    }
    if (!isfinite(w) || !isfinite(g) || !dtype_is_float(want->dtype)) return INFINITY;
    error += (w - g) * (w - g);
    norm += w * w;
  }
  return error == 0 ? 0 : sqrt(error / (norm > 0 ? norm : 1));
}

static double limit_of(Dtype t) { return t == DT_F64 ? 1e-9 : t == DT_F32 ? 1e-4 : 0; }

/* How far rounding alone takes result k of the trial: its distance, as the interpreter has it, when
** what goes in moves by one unit in the last place. The gradient of a sum of softmax, 0 but for
** rounding, moves as far as it is large. */
static double rounding(Code *c, Trial *t, int k) {
  double most = 0;
  for (int way = 0; way < BESIDE; way++) {
    if (!t->moved[way])
      t->moved[way] = evaluate(c, t, sample_beside(c->arena, t->nparam, t->value, way));
    most = fmax(most, distance(&t->want[k], t->moved[way][k].data));
  }
  return most;
}

/* The bits of an output as a number, all NaN alike: which one it is follows from the order of operands,
** and from what was computed when compiling. */
static void note_bits(Code *c, const Tensor *of, const char *data) {
  for (size_t k = 0; k < tensor_count(of); k++) {
    double x = element(of, data, k);
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    c->o->bits = (c->o->bits ^ (isnan(x) ? 1 : bits)) * 0x100000001b3u;
  }
}

/* Compares the results of one entry; returns where those of the next begin. */
static const char *compare_trial(Code *c, Trial *t, const char *at, const char *end) {
  int64_t status = -1;
  const Tensor *worst = NULL;
  const char *name = "", *what = "outputs";
  double distance_of_worst = 0, shown = 0;
  bool noise = false;
  if (end - at < (ptrdiff_t)sizeof status) return NULL;
  memcpy(&status, at, sizeof status);
  at += sizeof status;
  for (int k = 0; k < t->e->noutput + c->p->nstate; k++) {
    const Tensor *w = &t->want[k];
    size_t n = bytes_of(w);
    if ((size_t)(end - at) < n) return NULL;
    char *copy = arena_copy(c->arena, at, n); /* aligned */
    note_bits(c, w, copy);
    double d = distance(w, copy), limit = limit_of(w->dtype);
    shown = fmax(shown, d);
    if (d > limit && status == 0 && !t->refused && d <= ROUNDINGS * rounding(c, t, k))
      noise = true;
    else if (d > 0 && d / fmax(limit, 1e-300) > distance_of_worst) {
      distance_of_worst = d / fmax(limit, 1e-300);
      worst = w;
      name = k < t->e->noutput ? t->e->output[k].name : c->p->state[k - t->e->noutput]->name;
    }
    at += n;
  }
  bool fine =
      refuses(c, t->e) ? status != 0 : status == 0 && (t->refused || distance_of_worst <= 1);
  fprintf(c->out, "  %-12s %-34s difference  %-8.1e", t->e->name,
          t->e->nupdate ? "outputs and next state" : what, shown);
  if (fine)
    c->good++, fprintf(c->out, noise ? " ok: rounding alone differs as much\n" : " ok\n");
  else if (status)
    c->bad++, fprintf(c->out, " FAILED with error %lld\n", (long long)status);
  else
    c->bad++, fprintf(c->out, " WRONG, most in %s (%s)\n", name, dtype_name(worst->dtype));
  return at;
}

static void run_and_compare(void *ctx) {
  Code *c = ctx;
  size_t n, m, p;
  write_values(c);
  char *one = run_probe(c, "1", &n), *three = one ? run_probe(c, "3", &m) : NULL;
  char *parts = three ? run_probe(c, "-5", &p) : NULL;
  const char *at = one;
  for (int k = 0; at && k < c->n; k++)
    if (!(at = compare_trial(c, &c->trial[k], at, one + n))) {
      fprintf(c->out, "  the compiled program wrote too little\n");
      c->bad++;
    }
  if (three && (n != m || memcmp(one, three, n))) {
    fprintf(c->out, "  one thread and three give different bits: WRONG\n");
    c->bad++;
  }
  if (parts && (n != p || memcmp(one, parts, n))) {
    fprintf(c->out, "  parts in another order give different bits: WRONG\n");
    c->bad++;
  }
  free(one);
  free(three);
  free(parts);
}

static bool attempt(Code *c, void (*f)(void *ctx), const char *what) {
  char *message = diag_try(f, c);
  if (!message) return true;
  fprintf(c->out, "  %s: %s\n", what, message);
  free(message);
  return false;
}

/* Compares the compiled program with the interpreter; prints a line for each entry. */
bool check_code(Program *p, int64_t *size, CodeOptions *o, FILE *out) {
  Code c = {.p = p, .size = size, .arena = arena_new(), .out = out, .o = o};
  c.trial = NEWN(c.arena, Trial, p->nentry + 1);
  fprintf(out, "%s: compiled code against the interpreter\n", p->name);
  if (!attempt(&c, interpret_all, "not checked")) {
    arena_free(c.arena);
    return true;
  }
  c.dir = files_temp_folder(NULL);
  if (!attempt(&c, compile, "not compiled") || !attempt(&c, run_and_compare, "not run")) c.bad++;
  files_remove(c.dir);
  fprintf(out, "%d entries agree, with the same bits for one thread and three", c.good);
  if (c.bad) fprintf(out, ", %d WRONG", c.bad);
  fprintf(out, "\n");
  arena_free(c.arena);
  return c.bad == 0;
}
