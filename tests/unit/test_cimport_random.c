/*
** test_cimport_random.c: random C functions, imported, against the same functions compiled
** label: slow
**
** usage: test_cimport_random [COUNT [FIRST_SEED [FOLDER]]]   what differs is kept in FOLDER
**
** A file of sixteen functions of three doubles: locals of four types, arrays, loops, branches,
*early
** returns, breaks, calls. The imported values must be those of the compiled ones, nearly all to the
*bit
** (the constants of a product are multiplied first), the derivatives those of forward mode and,
*where
** no function has floats, central differences of the compiled functions.
*/
#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "build.h"
#include "check.h"
#include "driver.h"

enum { FUNCTIONS = 16, POINTS = 6, ARGS = 3 };

typedef struct Gen {
  Text t;
  uint64_t state;
  int name;          /* functions below it may be called */
  int depth;         /* of statements */
  int loops, inside; /* loop variables i0, i1, ..; whether a break may stand here */
  int doubles;       /* locals d0, d1, .. */
  bool single;       /* REAL is float */
} Gen;

static int draw(Gen *g, int n) {
  return (int)((sample_noise(&g->state) + 1) / 2 * n) % n;
}

static void real(Gen *g, int depth);

/* An integer expression, small whatever its parts are. */
static void whole(Gen *g, int depth) {
  static const char *const two[] = {"(%s + %s) %% 7", "(%s * %s) / 3", "(%s - %s) %% 5",
                                    "(%s & %s)", "(%s ^ %s)"};
  if (depth > 0 && draw(g, 3)) {
    const char *form = two[draw(g, 5)], *mark = strstr(form, "%s");
    text_put(&g->t, "((", 2);
    text_put(&g->t, form, (size_t)(mark - form));
    whole(g, depth - 1);
    const char *last = strstr(mark + 2, "%s");
    text_put(&g->t, mark + 2, (size_t)(last - mark - 2));
    whole(g, depth - 1);
    for (const char *s = last + 2; *s; s++)
      if (s[0] != '%' || s[1] != '%') text_put(&g->t, s, 1);
    text_put(&g->t, "))", 2);
    return;
  }
  switch (draw(g, 4)) {
  case 0:
    text_add(&g->t, "n");
    break;
  case 1:
    if (g->loops > 0) {
      text_add(&g->t, "i%d", draw(g, g->loops));
      break;
    } /* fall through */
  case 2:
    text_add(&g->t, "%d", draw(g, 9) - 4);
    break;
  default: /* of data, within bounds */
    if (depth < 1) {
      text_add(&g->t, "2");
      break;
    }
    text_add(&g->t, "(int)fmax(-9, fmin(9, ");
    real(g, depth - 1);
    text_add(&g->t, "))");
  }
}

static void condition(Gen *g, int depth) {
  static const char *const how[] = {" < ", " > ", " <= ", " >= "};
  if (depth > 0 && draw(g, 4) == 0) {
    text_add(&g->t, draw(g, 2) ? "(!(" : "((");
    condition(g, depth - 1);
    text_add(&g->t, draw(g, 2) ? " && " : " || ");
    condition(g, depth - 1);
    text_add(&g->t, "))");
    return;
  }
  text_add(&g->t, "(");
  if (draw(g, 3)) {
    real(g, depth > 1 ? 1 : 0);
    text_add(&g->t, "%s", how[draw(g, 4)]);
    real(g, 0);
  } else {
    text_add(&g->t, "n %% 3 %s %d", draw(g, 2) ? "==" : "!=", draw(g, 3));
  }
  text_add(&g->t, ")");
}

/* Values stay finite: quotients by what is 1 at least, roots of what is positive. */
static void real(Gen *g, int depth) {
  static const char *const leaf[] = {"x",      "y",    "z",        "f",
                                     "v[1]",   "v[2]", "table[3]", "0.75",
                                     "-1.25f", "3",    "b",        "v[(n % 3 + 3) % 3]"};
  static const char *const open[] = {"(",     "(",     "(",  "fabs(",   "sqrt(1 + fabs(",
                                     "fmax(", "fmin(", "-(", "(REAL)(", "floor("};
  if (depth <= 0 || draw(g, 6) == 0) {
    int k = draw(g, 14);
    if (k < 12)
      text_add(&g->t, "%s", leaf[k]);
    else if (g->doubles > 0)
      text_add(&g->t, "d%d", draw(g, g->doubles));
    else
      text_add(&g->t, "x");
    return;
  }
  int k = draw(g, 13);
  if (k >= 10) { /* a call, a choice, a quotient */
    if (k == 10 && g->name > 0) {
      text_add(&g->t, "f%d(", draw(g, g->name));
      for (int j = 0; j < ARGS; j++) {
        text_add(&g->t, j ? ", " : "");
        real(g, depth - 2);
      }
      text_add(&g->t, ")");
    } else if (k == 11) {
      text_add(&g->t, "(");
      condition(g, 1);
      text_add(&g->t, " ? ");
      real(g, depth - 1);
      text_add(&g->t, " : ");
      real(g, depth - 1);
      text_add(&g->t, ")");
    } else {
      text_add(&g->t, "(");
      real(g, depth - 1);
      text_add(&g->t, " / (1.5 + fabs(");
      real(g, depth - 1);
      text_add(&g->t, ")))");
    }
    return;
  }
  text_add(&g->t, "%s", open[k]);
  real(g, depth - 1);
  if (k < 3) text_add(&g->t, "%s", k == 0 ? " + " : k == 1 ? " - " : " * ");
  if (k == 5 || k == 6) text_add(&g->t, ", ");
  if (k < 3 || k == 5 || k == 6) real(g, depth - 1);
  text_add(&g->t, k == 4 ? "))" : ")");
}

static void line(Gen *g, const char *text) {
  text_add(&g->t, "%*s%s", 2 * g->depth, "", text);
}

static void statement(Gen *g);

static void block(Gen *g, int n) {
  int doubles = g->doubles;
  text_add(&g->t, "{\n");
  g->depth++;
  for (int k = 0; k < n; k++) statement(g);
  g->depth--;
  g->doubles = doubles;
  line(g, "}\n");
}

static void loop(Gen *g) {
  static const char *const header[] = {"for (int i%d = 0; i%d < %d; i%d++) ",
                                       "for (int i%d = 4; i%d > %d; --i%d) "};
  int i = g->loops, inside = g->inside;
  line(g, "");
  text_add(&g->t, header[draw(g, 2)], i, i, 1 + draw(g, 3), i);
  g->loops++, g->inside = 1;
  block(g, 1 + draw(g, 2));
  g->loops--, g->inside = inside;
}

static void assign(Gen *g) {
  static const char *const to[] = {"f = ",           "f += ",           "v[0] = ",
                                   "v[1] -= 0.5 * ", "v[2] *= 0.25 * ", "v[(n % 3 + 3) % 3] += ",
                                   "b = ",           "x += 0.5 * "};
  int k = draw(g, 8);
  line(g, to[k]);
  if (k == 6)
    condition(g, 1);
  else
    real(g, 2);
  text_add(&g->t, ";\n");
}

static void statement(Gen *g) {
  int k = draw(g, g->depth > 3 ? 5 : 10);
  if (k == 0) {
    line(g, "");
    text_add(&g->t, "double d%d = ", g->doubles);
    real(g, 3);
    text_add(&g->t, ";\n");
    g->doubles++;
  } else if (k == 1) {
    line(g, draw(g, 2) ? "n = " : "n += ");
    whole(g, 2);
    text_add(&g->t, ";\n%*sn %%= 11;\n", 2 * g->depth, "");
  } else if (k < 5) {
    assign(g);
  } else if (k < 7) {
    loop(g);
  } else if (k == 7 && (g->inside || draw(g, 2))) {
    line(g, "if ");
    condition(g, 1);
    text_add(&g->t, g->inside ? draw(g, 2) ? " break;\n" : " continue;\n" : " return f - x;\n");
  } else {
    line(g, "if ");
    condition(g, 1);
    text_add(&g->t, " ");
    block(g, 1 + draw(g, 2));
    if (draw(g, 2)) line(g, "else "), block(g, 1);
  }
}

/* The file of this seed. */
static void generate(Gen *g) {
  text_add(&g->t,
           "#include <math.h>\n#include <stdbool.h>\n#define REAL %s\nstatic const double table[4] "
           "= {0.5, -1.5, 2.25, 0.125};\n",
           g->single ? "float" : "double");
  for (g->name = 0; g->name < FUNCTIONS; g->name++) {
    text_add(&g->t,
             "double f%d(double x, double y, double z) {\n  REAL f = (REAL)(y * 0.5);\n"
             "  double v[3] = {x, 0.5, z};\n  int n = %d;\n  bool b = x > y;\n",
             g->name, draw(g, 7));
    g->depth = 1, g->doubles = g->loops = g->inside = 0;
    for (int k = 0, n = 2 + draw(g, 4); k < n; k++) statement(g);
    line(g, "return ");
    real(g, 3);
    text_add(&g->t, " + v[0] + n + b;\n}\n");
  }
}

static void write_model(const char *path) {
  Text t = {0};
  text_add(
      &t,
      "local cr = require \"crescent\"\ncr.default_dtype \"f64\"\nlocal f = cr.cimport \"f.h\"\n"
      "local x, d, i = cr.input(\"x\", {%d, 3}), cr.input(\"d\", {%d, 3}), cr.index{i = %d}\nlocal "
      "out = {}\n"
      "for k = 0, %d do\n  local y = cr.tensor({i}, f[\"f\" .. k](x(i, 0), x(i, 1), x(i, 2)))\n"
      "  out[(\"a%%02d\"):format(k)], out[(\"b%%02d\"):format(k)] = y, cr.grad(cr.sum(y), x)\n"
      "  out[(\"c%%02d\"):format(k)] = cr.jvp(y, {x}, {d})\nend\n"
      "return cr.program(\"random\", {run = cr.entry{inputs = {x, d}, outputs = out}})\n",
      POINTS, POINTS, POINTS, FUNCTIONS - 1);
  files_write(path, t.s, t.n);
  text_free(&t);
}

typedef struct Run {
  const char *script;
  void *library;
  bool single;
  int bad, bits, kinks; /* bits: values that are not the same to the bit */
  const Tensor *got;    /* values, gradients, tangents by turns of function */
  double *x, *d;
} Run;

typedef double Compiled(double, double, double);

/* One function's values, gradients and tangents at all points. */
static void compare(Run *r, int k) {
  Compiled *f;
  void *symbol = dlsym(r->library, str_format("f%d", k));
  memcpy(&f, &symbol, sizeof f);
  const double *y = r->got[k].data, *x_bar = r->got[FUNCTIONS + k].data,
               *y_dot = r->got[2 * FUNCTIONS + k].data;
  int off = 0;
  for (int p = 0; p < POINTS; p++) {
    const double *x = r->x + ARGS * p, *d = r->d + ARGS * p, h = 1e-6;
    double want = f(x[0], x[1], x[2]), dot = 0, size = 1e-2;
    if (isnan(want) && isnan(y[p])) continue;
    r->bits += memcmp(&want, &y[p], sizeof want) != 0;
    if (!(want == y[p] || fabs(want - y[p]) <= (r->single ? 1e-5 : 1e-12) * (1 + fabs(want)))) {
      printf("f%d(%.17g, %.17g, %.17g) is %.17g, imported %.17g\n", k, x[0], x[1], x[2], want,
             y[p]);
      r->bad++;
      return;
    }
    for (int j = 0; j < ARGS; j++)
      dot += x_bar[ARGS * p + j] * d[j], size += fabs(x_bar[ARGS * p + j] * d[j]);
    if (fabs(dot - y_dot[p]) > 1e-5 * size) { /* floats on the way */
      printf("f%d at point %d: reverse mode says %.17g, forward mode %.17g\n", k, p, dot, y_dot[p]);
      r->bad++;
      return;
    }
    double up = f(x[0] + h * d[0], x[1] + h * d[1], x[2] + h * d[2]),
           down = f(x[0] - h * d[0], x[1] - h * d[1], x[2] - h * d[2]);
    off += fabs((up - down) / (2 * h) - dot) > 1e-4 * (size + fabs(want));
  }
  r->kinks += off; /* jumps: only most points can be right */
}

static void run_model(void *ctx) {
  Run *r = ctx;
  DriverOptions o = {.script = r->script};
  Program *p = driver_load(&o);
  const Entry *e = &p->entry[0];
  Node *param[2] = {e->input[0].node, e->input[1].node}, *result[3 * FUNCTIONS];
  Tensor value[2], *got = NEWN(mod->arena, Tensor, 3 * FUNCTIONS);
  for (int k = 0; k < e->noutput; k++) {
    const char *name = e->output[k].name;
    result[(name[0] - 'a') * FUNCTIONS + atoi(name + 1)] = e->output[k].node;
  }
  sample_values(mod->arena, p, 2, param, NULL, 1, value);
  r->x = value[0].data, r->d = value[1].data;
  for (int k = 0; k < ARGS * POINTS; k++) r->x[k] *= 2;
  eval_graph(mod->arena, 2, param, value, NULL, 3 * FUNCTIONS, result, got);
  r->got = got;
  for (int k = 0; k < FUNCTIONS; k++) compare(r, k);
}

/* Compiles the C as a library; false after a message. */
static bool compile(const char *dir) {
  Process cc = {.log = str_format("%s/log", dir)};
  const char *clang = process_find("clang-19");
  const char *arg[] = {clang ? clang : process_find("cc"),
                       "-x",
                       "c",
                       "-w",
                       "-O1",
                       "-ffp-contract=off",
                       "-fPIC",
                       "-shared",
                       "-lm",
                       "-o"};
  for (size_t k = 0; k < sizeof arg / sizeof *arg; k++) process_add(&cc, arg[k]);
  process_add(&cc, str_format("%s/f.so", dir));
  process_add(&cc, str_format("%s/f.h", dir));
  process_run(&cc, 1, 1, false);
  return cc.status == 0;
}

/* Returns 0 where all functions of the seed agree. */
static int run_seed(uint64_t seed, const char *dir, const char *keep) {
  Gen g = {.state = seed * 7919 + 1, .single = seed % 2};
  Run r = {0};
  char *script = strdup(str_format("%s/model.lua", dir)), *message = NULL;
  generate(&g);
  files_write(str_format("%s/f.h", dir), g.t.s, g.t.n);
  write_model(script);
  r.script = script, r.single = g.single;
  bool made = compile(dir);
  r.library = made ? dlopen(str_format("%s/f.so", dir), RTLD_NOW) : NULL;
  if (r.library) message = diag_try(run_model, &r);
  if (!r.library) printf("not compiled: %s\n", files_read(str_format("%s/log", dir), &(size_t){0}));
  if (message) printf("%s\n", message);
  bool smooth =
      g.single || 4 * r.kinks < POINTS * FUNCTIONS; /* wrong derivatives are wrong at more points */
  if (!smooth) printf("%d of %d differences are others\n", r.kinks, POINTS * FUNCTIONS);
  bool rounded = 20 * r.bits < POINTS * FUNCTIONS;
  if (!rounded) printf("%d of %d values have other bits\n", r.bits, POINTS * FUNCTIONS);
  int bad = !r.library || message || r.bad || !smooth || !rounded;
  if (bad) printf("seed %llu: wrong\n", (unsigned long long)seed);
  if (bad && keep)
    files_write(str_format("%s/cimport_%llu.h", keep, (unsigned long long)seed), g.t.s, g.t.n);
  if (r.library) dlclose(r.library);
  text_free(&g.t);
  free(message);
  free(script);
  return bad;
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 3, bad = 0;
  uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
  char *dir = strdup(files_temp_folder(NULL));
  for (int k = 0; k < count; k++)
    bad += run_seed(first + (uint64_t)k, dir, argc > 3 ? argv[3] : NULL);
  files_remove(dir);
  free(dir);
  printf("%d files of %d random C functions, %d defects\n", count, FUNCTIONS, bad);
  return bad != 0;
}
