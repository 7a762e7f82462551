/*
** test_print.c: the text form of graphs says everything, and reads back as itself
**
** print(parse(t)) == t for texts written here by hand; the formulas above kernels; parse errors.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ir.h"

static int bad;

static char *printed(Func *f) {
  Text t = {0};
  print_func(&t, f);
  return t.s;
}

/* text is already in the printer's own form. */
static void round_trip(const char *what, const char *text) {
  mod = module_new();
  char *once = printed(parse_func(text, "t.ir"));
  module_free(mod);
  mod = module_new();
  char *twice = printed(parse_func(once, "t.ir"));
  if (strcmp(once, text))
    printf("%s: wrote\n%s\nread\n%s\n", what, text, once), bad++;
  else if (strcmp(once, twice))
    printf("%s: second printing differs\n%s\n", what, twice), bad++;
  free(once);
  free(twice);
  module_free(mod);
}

static void test_round_trips(void) {
  round_trip("dense", "size N = 128\n\n"
                      "func f(x: f32[N, 64], weight w: f32[64, 10]) -> (y, loss) {\n"
                      "  y[i, j]: f32[N, 10] = sum k < 64.  x[i, k] * w[k, j]"
                      "                     # model.lua:12\n"
                      "  loss: f32 = sum i < N, j < 10.  y[i, j]^2\n"
                      "}\n");
  round_trip("rules", "func f(x: f32[8, 9], w: f32[3]) -> (y, z) {\n"
                      "  y[i, j]: f32[8, 9] = sum k < 3.  w[k] * x[i, mirror(j + k - 1)]\n"
                      "  z[i, j]: f32[8, 9] = zero_outside(x)[i - 1, j + 1] + wrap(w)[i - 9]\n"
                      "}\n");
  round_trip("scatter", "size N\n\n"
                        "func f(id: i32[N], y: f32[N], M: f32) -> (h, g, m) {\n"
                        "  h: f32[10] = scatter i < N.  h[id[i]] += y[i]\n"
                        "  g: f32[N + 2] = scatter i < N, j < 3.  g[i + j] = 2.5 * y[i]\n"
                        "  m: f32[10] = scatter i < N.  zero_outside(m)[id[i] + 1] max= y[i] + M\n"
                        "}\n");
  round_trip("operators",
             "func f(a: f32[4], b: f32[4], p: bool[4]) -> (v, q) {\n"
             "  v[i]: f32[4] = where(p[i] and not (a[i] < b[i] or i == 3), -a[i]^2 - (b[i] - a[i]),"
             " exp(a[i] / (3 * b[i])) * (a[i] + b[i]))\n"
             "  q[i]: bool[4] = i64(a[i]) // 2 % 7 - 3 * i >= 2 or false == p[i]\n"
             "}\n");
  round_trip("literals", "func f(n: i32[3]) -> (c, d, e) {\n"
                         "  c: f64[3] = lit {1, -2.5, 1e-300}\n"
                         "  d: bool[2, 2] = lit {true, false, false, true}\n"
                         "  e[i]: f32[3] = 0.1 * f32(n[i]) + inf\n"
                         "}\n");
  round_trip("with", "func f(x: f32[4]) -> (y) {\n"
                     "  y[i]: f32[4] = a / (1 + a)\n"
                     "    with a = exp(x[i] * x[3 - i])\n"
                     "}\n");
}

static void test_calls(void) {
  round_trip(
      "calls",
      "size T\n\n"
      "opaque qr(a: f64[4, 4]) -> (q: f64[4, 4], r: f64[4, 4]) kernel \"rt_qr\""
      " source \"rt_qr.c\"\n\n"
      "func step(h: f64[4], x: f64[4], w: f64[4, 4]) -> (h1, h1, g) {\n"
      "  h1[i]: f64[4] = tanh(x[i]) + h[i]\n"
      "  g: f64 = sum i < 4.  w[i, i]\n"
      "}\n\n"
      "func f(\n"
      "  x: f64[T, 4],                                                            # m.lua:3\n"
      "  a: f64[4, 4],\n"
      "  state h0: f64[4]\n"
      ") -> (h, total, r) {                                                       # m.lua:9\n"
      "  q: f64[4, 4], r: f64[4, 4] = call qr(a) as \"factors\"\n"
      "  carry h: f64[4], stack _, sum total: f64 = loop step(carry h0, slice x, const q) for T"
      " steps, reverse, unroll 4, checkpoint 8\n"
      "}\n");
}

/* Names that are missing, clash or are words of the notation. */
static void test_names(void) {
  mod = module_new();
  Scalar *n = s_size(sym_new("N", 7, (Loc){"m.lua", 1}));
  Node *x = n_param(P_FORMAL, "sum", DT_F32, 1, &n, (Loc){0});
  Node *y = n_param(P_FORMAL, "i", DT_F32, 1, &n, (Loc){0});
  Node *a = n_map(1, &n, s_mul(s_at(x, 0), s_at(y, 0)));
  Node *b = n_named(n_map(1, &n, s_op1(OP_EXP, s_at(a, 0))), "i");
  Node *c = n_named(n_map(1, &n, s_op1(OP_LOG, s_at(b, 0))), "conv1.w x");
  Node *param[2] = {x, y};
  char *text = printed(func_new("f", 2, param, 1, &c, (Loc){0}));
  const char *want =
      "size N = 7                                                                 # m.lua:1\n\n"
      "func f(sum_2: f32[N], i: f32[N]) -> (conv1.w_x) {\n"
      "  mul[j]: f32[N] = sum_2[j] * i[j]\n"
      "  i_2[j]: f32[N] = exp(mul[j])\n"
      "  conv1.w_x[j]: f32[N] = log(i_2[j])\n"
      "}\n";
  if (strcmp(text, want)) printf("names:\n%s", text), bad++;
  free(text);
  module_free(mod);
}

static void formula(Node *n, const char *want) {
  Text t = {0};
  print_formula(&t, n);
  if (strcmp(t.s, want)) printf("formula: %s\nwanted:  %s\n", t.s, want), bad++;
  text_free(&t);
}

static void test_formulas(void) {
  mod = module_new();
  Func *f = parse_func("func f(w: f32[3], y: f32[9], id: i32[9]) -> (a, b, c, d) {\n"
                       "a[i]: f32[11] = sum k < 3. w[k] * zero_outside(y)[i - k]\n"
                       "b[i]: f32[9] = where(y[i] > 0, y[i], 0.1 * (exp(y[i]) - 1))\n"
                       "c: f32[4] = scatter i < 9.  c[id[i]] += y[i]\n"
                       "d: f32 = max i < 9. -y[i]\n"
                       "}",
                       "t.ir");
  formula(f->result[0], "a[i] = sum k.  w[k] * zero_outside(y)[i - k]");
  formula(f->result[1], "b[i] = where(y[i] > 0, y[i], 0.1 * expm1(y[i]))");
  formula(f->result[2], "c[id[i]] += y[i]");
  formula(f->result[3], "d = max i.  -y[i]");
  module_free(mod);
}

typedef struct Parse {
  const char *text;
} Parse;

static void parse(void *ctx) {
  parse_func(((Parse *)ctx)->text, "t.ir");
}

static void refused(const char *text, const char *want) {
  mod = module_new();
  Parse p = {text};
  char *got = diag_try(parse, &p);
  if (!got || strcmp(got, want))
    printf("%s\n got: %s\nwant: %s\n", text, got ? got : "-", want), bad++;
  free(got);
  module_free(mod);
}

static void test_errors(void) {
  refused("func f(x: f32[4]) -> (y) {\n  y[i]: f32[4] = z[i]\n}", "t.ir:2:18: 'z' is not defined");
  refused("func f(x: f32[4]) -> (y) {\n  y[i]: f32[4] = x[i, i]\n}",
          "t.ir:2:18: 'x' has 1 axes, here are 2 indices");
  refused("func f(x: f33) -> (x) {}",
          "t.ir:1:11: a dtype expected before 'f33': bool i32 i64 f32 f64");
  refused("func f(x: f32[4]) -> (y) { y[i]: f32[4] = sinus(x[i]) }",
          "t.ir:1:43: there is no operation 'sinus'");
  refused("func f(x: f32[4]) -> (y) { y[i]: i32[4] = x[i] }",
          "t.ir:1:43: the value is f32, 'y' is i32");
  refused("func f(x: f32[4]) -> (y) { y[i]: f32[4] = x[i] + }",
          "t.ir:1:50: an expression expected before '}'");
  refused("func f(x: f32) -> (y) { y: f32 = call g(x) }",
          "t.ir:1:39: there is no function 'g' above");
  refused("func f(x: f32[3]) -> (c) { c: f32[3] = lit {1, 2} }",
          "t.ir:1:31: 2 elements for a shape of 3");
  refused("func f(x: f32[3]) -> (x) {",
          "t.ir:1:27: a statement expected before 'the end of the text'");
  refused("size", "t.ir:1:5: a size expected before 'the end of the text'");
}

int main(void) {
  test_round_trips();
  test_calls();
  test_names();
  test_formulas();
  test_errors();
  printf("%d defects\n", bad);
  return bad != 0;
}
