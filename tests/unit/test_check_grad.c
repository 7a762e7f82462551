/*
** test_check_grad.c: derivatives of many small graphs, three ways: reverse, forward, differences
**
** Each graph is text; every result is differentiated by every float parameter, and so are these
** derivatives once more.
*/
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "check.h"

static const char *const graphs[] = {
    "func f(x: f32[5, 4], w: f32[4, 3], b: f32[3]) -> (y) {\n"
    "  a[i, j]: f32[5, 3] = sum k < 4.  x[i, k] * w[k, j]\n"
    "  y[i, j]: f32[5, 3] = tanh(a[i, j] + b[j])\n}",

    "size N = 6\n"
    "func f(x: f64[N], w: f64[3]) -> (y, z) {\n"
    "  y[i]: f64[N] = sum k < 3.  w[k] * mirror(x)[i + k - 1]\n"
    "  z[i]: f64[N] = sum k < 3.  w[k] * zero_outside(x)[2 * i + k - 4] + wrap(x)[i - 9]\n}",

    "func f(x: f64[3, 5]) -> (s, l, m, p) {\n"
    "  top[i]: f64[3] = max k < 5.  x[i, k]\n"
    "  e[i, j]: f64[3, 5] = exp(x[i, j] - top[i])\n"
    "  d[i]: f64[3] = sum k < 5.  e[i, k]\n"
    "  s[i, j]: f64[3, 5] = e[i, j] / d[i]\n"
    "  l[i]: f64[3] = log(d[i]) + top[i]\n"
    "  m[i]: f64[5] = min k < 3.  x[k, i]^2\n"
    "  p[i]: f64[3] = prod k < 5.  x[i, k] + 0.5\n}",

    "func f(x: f64[6], t: f64[4, 2], id: i32[6]) -> (g, h, c) {\n"
    "  g[i, j]: f64[6, 2] = t[id[i], j] * x[i]\n"
    "  h: f64[4] = scatter i < 6.  h[id[i]] += exp(x[i])\n"
    "  c: f64[9] = scatter i < 6, k < 3.  clamp_to_edge(c)[i + k + 2] += sin(x[i]) * x[k]\n}",

    "size T = 4\n"
    "func step(h: f64[3], x: f64[3], w: f64[3, 3]) -> (h1, h1, e) {\n"
    "  a[i]: f64[3] = sum k < 3.  w[i, k] * h[k]\n"
    "  h1[i]: f64[3] = sigmoid(x[i] + a[i])\n"
    "  e: f64 = sum i < 3.  h1[i]^2\n}\n"
    "func f(h0: f64[3], x: f64[T, 3], w: f64[3, 3]) -> (h, ys, s) {\n"
    "  carry h: f64[3], stack ys: f64[T, 3], sum s: f64 =\n"
    "    loop step(carry h0, slice x, const w) for T steps\n}",

    "func sq(x: f64[3], y: f64) -> (z, s) {\n"
    "  z[i]: f64[3] = x[i]^2 * y\n"
    "  s: f64 = sum i < 3.  z[i]\n}\n"
    "func f(x: f64[3], y: f64) -> (u, v) {\n"
    "  z: f64[3], s: f64 = call sq(x, y)\n"
    "  u: f64[3], _ = call sq(z, s)\n"
    "  v: f64 = s^3 + sqrt(y + 3)\n}",

    "func f(x: f32[7]) -> (y, z) {\n"
    "  y[i]: f32[7] = where(x[i] > 0, x[i]^1.5, 0.1 * x[i]) + atan2(x[i], x[6 - i] + 3)\n"
    "  z: f32 = sum i < 7, j < 7.  abs(x[i] - x[j]) * erf(x[i])\n}",
};

static int bad, done;

static void inspect(const char *what, Node *y, int n, const GradReport *r) {
  for (int k = 0; k < n; k++, done++) {
    if (r[k].finite && r[k].difference < difference_limit && r[k].forward < 1e-11) continue;
    printf("%s of %s by parameter %d: differences %g, forward %g\n", what, y->name, k,
           r[k].difference, r[k].forward);
    bad++;
  }
}

static void check_text(const char *text) {
  Arena *a = arena_new();
  mod = module_new();
  Func *f = parse_func(text, "t.ir");
  Program p = {.name = "t"};
  Node *param[8], *x[8], *y[8];
  Tensor value[8];
  int64_t size[8];
  int nx = 0;
  memcpy(y, f->result, sizeof *y * (size_t)f->nresult);
  graph_widen(f->nparam, f->param, param, f->nresult, y);
  sample_sizes(&p, size);
  sample_values(a, &p, f->nparam, param, size, 3, value);
  for (int k = 0; k < f->nparam; k++)
    if (dtype_is_float((Dtype)param[k]->dtype)) x[nx++] = param[k];
  for (int k = 0; k < f->nresult; k++) {
    GradReport r[8];
    Node *bar[8], *one = n_full(y[k]->rank, y[k]->dim, s_const(DT_F64, 0.7));
    grad_check(a, y[k], nx, x, f->nparam, param, value, size, r);
    inspect("derivative", y[k], nx, r);
    diff_vjp(1, &y[k], &one, nx, x, bar);
    for (int j = 0; j < nx; j++) {
      grad_check(a, bar[j], nx, x, f->nparam, param, value, size, r);
      inspect("second derivative", y[k], nx, r);
    }
  }
  module_free(mod);
  arena_free(a);
}

/* A training entry with loss = sum of body; the report of check_program must hold `want`. */
static void check_report(const char *body, bool right, const char *want) {
  mod = module_new();
  Func *f = parse_func(str_format("size N\nfunc f(input x: f32[N], weight w: f32[N]) -> (loss) {\n"
                                  "  loss: f32 = sum i < N.  %s\n}", body), "t.ir");
  Port in = {"x", f->param[0], {0}}, out = {"loss", f->result[0], {0}};
  Entry e = {.name = "train", .kind = E_TRAIN, .ninput = 1, .input = &in, .noutput = 1,
             .output = &out};
  Program p = {.name = "t", .nentry = 1, .entry = &e};
  FILE *log = tmpfile();
  char text[2000];
  bool got = check_program(&p, log);
  rewind(log);
  text[fread(text, 1, sizeof text - 1, log)] = 0;
  if (got != right || !strstr(text, want)) printf("%s", text), bad++;
  fclose(log);
  module_free(mod);
}

int main(void) {
  for (size_t k = 0; k < sizeof graphs / sizeof *graphs; k++) check_text(graphs[k]);
  check_report("(w[i] * x[i] - 1)^2", true, "t: derivatives in f64 at N = 4\n");
  check_report("(w[i] * x[i] - 1)^2", true, "2 derivatives agree\n");
  check_report("stop_gradient(w[i]) * x[i] * w[i]", true, "1 not checked");
  check_report("log(-1 - abs(w[i])) * x[i]", true, "2 not checked");
  printf("%d derivatives, %d defects\n", done, bad);
  return bad != 0;
}
