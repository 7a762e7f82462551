/*
** test_eval.c: the interpreter against loops written out here
**
** Every boundary rule on reads and writes at indices far outside, n = 1 and n = 0; every combine;
** blocks that fill and overflow; CALL, LOOP in both directions; reads that must not happen.
*/
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ir.h"

static int bad;
static Arena *arena;

static void expect(bool ok, const char *what) {
  if (!ok) printf("%s\n", what), bad++;
}

static Tensor vector(Dtype t, int64_t n) {
  Tensor v = {.dtype = t, .rank = 1, .dim = {n}};
  v.data = arena_zero(arena, (size_t)n + 1, dtype_size(t));
  return v;
}

/* Runs the last function of text on the values. */
static void run(const char *text, const Tensor *value, const int64_t *size, Tensor *out) {
  Func *f = parse_func(text, "t.ir");
  eval_graph(arena, f->nparam, f->param, value, size, f->nresult, f->result, out);
}

/* The definition of each rule, element by element, for a vector of n. */
static int64_t place(const char *rule, int64_t i, int64_t n) {
  if (!strcmp(rule, "zero_outside")) return i < 0 || i >= n ? -1 : i;
  if (!strcmp(rule, "clamp_to_edge")) return i < 0 ? 0 : i >= n ? n - 1 : i;
  while (i < 0 || i >= n) {
    if (!strcmp(rule, "wrap"))
      i += i < 0 ? n : -n;
    else if (!strcmp(rule, "mirror"))
      i = i < 0 ? -1 - i : 2 * n - 1 - i;
    else
      i = n == 1 ? 0 : i < 0 ? -i : 2 * (n - 1) - i;
  }
  return i;
}

static void test_rule(const char *rule, int64_t n) {
  mod = module_new();
  const char *text =
      str_format("size N\nfunc f(x: f64[N]) -> (y, z) {\n  y[i]: f64[41] = %s(x)[i - 20]\n"
                 "  z: f64[N] = scatter i < 41.  %s(z)[i - 20] += f64(i) + 1.5\n}",
                 rule, rule);
  Tensor x = vector(DT_F64, n), out[2];
  for (int64_t i = 0; i < n; i++) ((double *)x.data)[i] = 10.25 + (double)i;
  run(text, &x, (int64_t[]){n}, out);
  double z[64] = {0};
  bool ok = true;
  for (int64_t i = 0; i < 41; i++) {
    int64_t at = place(rule, i - 20, n);
    ok = ok && ((double *)out[0].data)[i] == (at < 0 ? 0 : 10.25 + (double)at);
    if (at >= 0) z[at] += (double)i + 1.5;
  }
  for (int64_t i = 0; i < n; i++) ok = ok && ((double *)out[1].data)[i] == z[i];
  expect(ok, str_format("%s of %d elements", rule, (int)n));
  module_free(mod);
}

static void test_rules(void) {
  static const char *const rule[] = {"zero_outside", "clamp_to_edge", "mirror", "reflect", "wrap"};
  for (int r = 0; r < 5; r++)
    for (int64_t n = 1; n < 9; n++) test_rule(rule[r], n);
  test_rule("zero_outside", 0);
}

/* A matrix product whose extents put several axes, one, or a part of one into a block. */
static void test_blocks(int64_t m, int64_t n, int64_t k) {
  mod = module_new();
  Tensor a = {.dtype = DT_F64, .rank = 2, .dim = {m, k}},
         b = {.dtype = DT_F64, .rank = 2, .dim = {k, n}};
  double *x = a.data = arena_zero(arena, (size_t)(m * k + 1), 8);
  double *y = b.data = arena_zero(arena, (size_t)(k * n + 1), 8);
  for (int64_t i = 0; i < m * k; i++) x[i] = sin((double)i);
  for (int64_t i = 0; i < k * n; i++) y[i] = cos((double)i);
  Tensor out[3];
  run("size M\nsize N\nsize K\n"
      "func f(a: f64[M, K], b: f64[K, N]) -> (c, t, r) {\n"
      "  c[i, j]: f64[M, N] = sum k < K.  a[i, k] * b[k, j]\n"
      "  t[i, j]: f64[N, M] = c[j, i] + f64(i)\n"
      "  r[i]: f64[M] = max k < K.  a[i, k]\n"
      "}",
      (Tensor[]){a, b}, (int64_t[]){m, n, k}, out);
  bool ok = true;
  for (int64_t i = 0; i < m; i++) {
    double top = -INFINITY;
    for (int64_t l = 0; l < k; l++) top = x[i * k + l] > top ? x[i * k + l] : top;
    ok = ok && ((double *)out[2].data)[i] == top;
    for (int64_t j = 0; j < n; j++) {
      double s = 0;
      for (int64_t l = 0; l < k; l++) s += x[i * k + l] * y[l * n + j];
      ok = ok && ((double *)out[0].data)[i * n + j] == s;
      ok = ok && ((double *)out[1].data)[j * m + i] == s + (double)j;
    }
  }
  expect(ok, str_format("product of %d x %d x %d", (int)m, (int)k, (int)n));
  module_free(mod);
}

static void test_combines(void) {
  mod = module_new();
  Tensor id = vector(DT_I32, 6), out[5];
  memcpy(id.data, (int32_t[]){2, 0, 2, 1, 2, 0}, 24);
  run("func f(id: i32[6]) -> (s, p, a, b, t) {\n"
      "  s: i64[4] = scatter i < 6.  s[id[i]] += i + 1\n"
      "  p: i64[4] = scatter i < 6.  p[id[i]] *= i + 1\n"
      "  a: f32[4] = scatter i < 6.  a[id[i]] max= f32(i)\n"
      "  b: i32[4] = scatter i < 6.  b[id[i]] min= i32(i)\n"
      "  t: f32[4] = scatter i < 6.  t[id[i]] = f32(i)\n"
      "}",
      &id, NULL, out);
  expect(!memcmp(out[0].data, (int64_t[]){8, 4, 9, 0}, 32), "scatter sum");
  expect(!memcmp(out[1].data, (int64_t[]){12, 4, 15, 1}, 32), "scatter prod");
  expect(!memcmp(out[2].data, (float[]){5, 3, 4, -INFINITY}, 16), "scatter max");
  expect(!memcmp(out[3].data, (int32_t[]){1, 3, 0, INT32_MAX}, 16), "scatter min");
  expect(!memcmp(out[4].data, (float[]){5, 3, 4, 0}, 16),
         "scatter set: the last in row-major order");
  module_free(mod);
}

/* f32 is rounded after every operation, and a long sum only once. */
static void test_rounding(void) {
  mod = module_new();
  int64_t n = 1000000;
  Tensor x = vector(DT_F32, n), out[2];
  float *v = x.data, third = 1.0f / 3.0f;
  for (int64_t i = 0; i < n; i++) v[i] = 0.1f;
  run("size N\nfunc f(x: f32[N]) -> (s, y) {\n  s: f32 = sum i < N.  x[i]\n"
      "  y[i]: f32[N] = (x[i] + 1e8) * 0.333333343 - x[i]\n}",
      &x, (int64_t[]){n}, out);
  float y = (v[0] + 1e8f) * third;
  y -= v[0];
  expect(*(float *)out[0].data == (float)((double)0.1f * 1e6), "a long f32 sum");
  expect(((float *)out[1].data)[n - 1] == y, "f32 rounding");
  module_free(mod);
}

static const char loop_text[] = "size T\n"
                                "func twice(x: f64) -> (y) { y: f64 = x * 2 }\n"
                                "func step(h: f64, x: f64, w: f64) -> (h1, h1, p) {\n"
                                "  x2: f64 = call twice(x)\n"
                                "  h1: f64 = w * h + x2\n"
                                "  p: f64 = h * x\n"
                                "}\n"
                                "func f(x: f64[T], h0: f64, w: f64) -> (h, ys, s, g, zs) {\n"
                                "  carry h: f64, stack ys: f64[T], sum s: f64 = loop step(carry "
                                "h0, slice x, const w) for T steps\n"
                                "  carry g: f64, stack zs: f64[T], sum _ = loop step(carry h0, "
                                "slice x, const w) for T steps, reverse\n"
                                "}\n";

static void test_loop(int64_t n) {
  mod = module_new();
  Tensor x = vector(DT_F64, n), out[5];
  double h0 = 0.75, w = 0.5, *v = x.data;
  for (int64_t i = 0; i < n; i++) v[i] = (double)(i * i) + 0.125;
  Tensor arg[3] = {x, {.dtype = DT_F64, .data = &h0}, {.dtype = DT_F64, .data = &w}};
  run(loop_text, arg, &n, out);
  double h = h0, g = h0, s = 0;
  bool ok = true;
  for (int64_t t = 0; t < n; t++) {
    s += h * v[t];
    h = w * h + v[t] * 2;
    g = w * g + v[n - 1 - t] * 2;
    ok = ok && ((double *)out[1].data)[t] == h && ((double *)out[4].data)[n - 1 - t] == g;
  }
  ok = ok && *(double *)out[0].data == h && *(double *)out[2].data == s &&
       *(double *)out[3].data == g;
  expect(ok, str_format("loop of %d steps", (int)n));
  module_free(mod);
}

static int add_kernel(const Func *f, const Tensor *arg, Tensor *result, const int64_t *size) {
  (void)f, (void)size;
  for (int64_t i = 0; i < arg[0].dim[0]; i++)
    ((double *)result[0].data)[i] = ((double *)arg[0].data)[i] + 1;
  return 0;
}

static void test_opaque(void) {
  mod = module_new();
  eval_bind("k_add", add_kernel);
  Tensor x = vector(DT_F64, 3), out;
  run("opaque add(x: f64[3]) -> (y: f64[3]) kernel \"k_add\"\n"
      "func f(x: f64[3]) -> (y) { y: f64[3] = call add(x) }",
      &x, NULL, &out);
  expect(((double *)out.data)[2] == 1, "opaque kernel");
  module_free(mod);
}

typedef struct Gather {
  int32_t id;
  bool guarded;
  double got;
} Gather;

static void gather(void *ctx) {
  Gather *g = ctx;
  mod->here = (Loc){0};
  Tensor x = vector(DT_F64, 4), id = vector(DT_I32, 300), out;
  for (int i = 0; i < 300; i++) ((int32_t *)id.data)[i] = i == 299 ? g->id : i % 4;
  for (int i = 0; i < 4; i++) ((double *)x.data)[i] = i + 1;
  run(g->guarded
          ? "func f(x: f64[4], id: i32[300]) -> (y) {\n"
            "y[i]: f64[300] = where(id[i] >= 0 and id[i] < 4, x[id[i]], -1)\n}"
          : "func f(x: f64[4], id: i32[300]) -> (y) {\ny[i]: f64[300] = x[id[i]] # m.lua:7\n}",
      (Tensor[]){x, id}, NULL, &out);
  g->got = ((double *)out.data)[299];
}

/* Indices from data: reported when used, harmless on the side of a `where` that is not taken. */
static void test_bounds(void) {
  Gather in = {2, false, 0}, over = {4, false, 0}, guarded = {-9, true, 0};
  mod = module_new();
  char *message = diag_try(gather, &in);
  expect(!message && in.got == 3, "gather inside");
  message = diag_try(gather, &over);
  expect(message && !strcmp(message, "m.lua:7: reading index 4 of axis 0 of 'x' is outside [0, 4)\n"
                                     "  in y[i] = x[id[i]]"),
         message ? message : "nothing reported");
  free(message);
  message = diag_try(gather, &guarded);
  expect(!message && guarded.got == -1, "a guarded read outside");
  module_free(mod);
}

int main(void) {
  arena = arena_new();
  test_rules();
  static const int64_t shape[][3] = {{3, 4, 5}, {1, 1, 1}, {2, 7, 300}, {5, 600, 3}, {20, 30, 16},
                                     {0, 3, 4}, {3, 0, 4}, {3, 4, 0},   {257, 1, 2}};
  for (size_t k = 0; k < sizeof shape / sizeof *shape; k++)
    test_blocks(shape[k][0], shape[k][1], shape[k][2]);
  test_combines();
  test_rounding();
  for (int64_t n = 0; n < 5; n++) test_loop(n);
  test_opaque();
  test_bounds();
  arena_free(arena);
  printf("%d defects\n", bad);
  return bad != 0;
}
