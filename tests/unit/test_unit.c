/*
** test_unit.c: hand-built programs, emitted, compiled and run against the interpreter
**
** Every case is a Program made of graph constructors. Its folder of C is compiled without a warning
** and linked with a main that calls the C interface; results are compared with eval.c's.
*/
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "emit.h"

static const char *folder; /* of the case under way */
static char base[64];      /* of all cases */

static void put(void *ctx, const char *name, const char *text, size_t n) {
  (void)ctx;
  const char *path = str_format("%s/%s", folder, name);
  FILE *f = fopen(path, "wb");
  assert(f);
  fwrite(text, 1, n, f);
  assert(fclose(f) == 0);
}

static void command(const char *text) {
  int status = system(text);
  if (status == 0) return;
  fprintf(stderr, "failed: %s\n", text);
  exit(1);
}

static Unit *emit_case(const char *name, Program *p) {
  if (!base[0]) {
    snprintf(base, sizeof base, "/tmp/test_unit.XXXXXX");
    assert(mkdtemp(base));
  }
  folder = str_format("%s/%s", base, name);
  mkdir(folder, 0755);
  Target t = {.vector_bytes = 32, .registers = 16, .fma = true};
  Unit *u = unit_build(p, &t);
  emit_unit(u, &(EmitOptions){.version = "test"}, put, NULL);
  return u;
}

/* Compiles the model and this caller with every warning an error, by both compilers, and runs
** it. */
static void run_case(const char *name, const char *caller) {
  const char *flags =
      "-std=c11 -O1 -Wall -Wextra -pedantic -Werror -ffp-contract=off -fno-math-errno";
  put(NULL, "caller.c", caller, strlen(caller));
  command(str_format(
      "cd %s && ${TEST_CC:-cc} %s -c %s.c main.c && ${TEST_CC:-cc} %s -fopenmp -o t %s.c caller.c -lm && ./t",
      folder, flags, name, flags, name));
  put(NULL, "plus.cpp",
      str_format("#include \"%s.h\"\nint main() { return %s_manifest() == 0; }\n", name, name),
      strlen(str_format("#include \"%s.h\"\nint main() { return %s_manifest() == 0; }\n", name,
                        name)));
  if (system("c++ --version >/dev/null 2>&1") == 0)
    command(
        str_format("cd %s && c++ -Wall -Wextra -pedantic -Werror -c plus.cpp -o plus.o", folder));
}

static Port port(Node *n, const char *name) { return (Port){name, n, {0}}; }

static Node *param(Role role, const char *name, Dtype t, int rank, int64_t a, int64_t b) {
  Scalar *dim[2] = {s_int(a), s_int(b)};
  return n_param(role, name, t, rank, dim, (Loc){0});
}

/* Adds the init entry: every state tensor filled with `value`. */
static Program *program(const char *name, int nstate, Node **state, double value, int nentry,
                        const Entry *entry) {
  Program *p = NEW(mod->arena, Program);
  p->name = name;
  p->nstate = nstate;
  p->state = arena_copy(mod->arena, state, sizeof *state * (size_t)nstate);
  p->nentry = nentry + 1;
  p->entry = NEWN(mod->arena, Entry, nentry + 1);
  memcpy(p->entry, entry, sizeof *entry * (size_t)nentry);
  p->seed = n_param(P_INPUT, "seed", DT_I64, 0, NULL, (Loc){0});
  Entry *init = &p->entry[nentry];
  *init = (Entry){.name = "init",
                  .kind = E_INIT,
                  .ninput = 1,
                  .input = NEW(mod->arena, Port),
                  .nupdate = nstate};
  init->input[0] = port(p->seed, "seed");
  init->update = NEWN(mod->arena, Update, nstate + 1);
  for (int k = 0; k < nstate; k++)
    init->update[k] = (Update){
        state[k], n_full(state[k]->rank, state[k]->dim, s_const((Dtype)state[k]->dtype, value))};
  return p;
}

/* Least squares with run-time rows: y = X w, a gradient step of rate 1/10 on mean((X w - y)^2). */
static void test_regression(void) {
  mod = module_new();
  Sym *N = sym_new("N", -1, (Loc){0});
  Scalar *n = s_size(N), *d = s_int(3), *nd[] = {n, d}, *dn[] = {d};
  Node *X = n_param(P_INPUT, "X", DT_F64, 2, nd, (Loc){0}),
       *y = n_param(P_INPUT, "y", DT_F64, 1, nd, (Loc){0});
  Node *w = n_param(P_WEIGHT, "layer.w", DT_F64, 1, dn, (Loc){0});
  Scalar *Xw[] = {s_axis(0), s_axis(1)};
  Node *fit = n_named(n_reduce(C_SUM, 1, nd, 1, dn, s_mul(s_read(X, Xw, NULL), s_at(w, 1))), "fit");
  Scalar *r = s_sub(s_at(fit, 0), s_at(y, 0));
  Node *loss = n_named(
      n_reduce(C_SUM, 0, NULL, 1, nd, s_op2(OP_DIV, s_mul(r, r), s_cast(DT_F64, n))), "loss");
  Node *one = n_full(0, NULL, s_const(DT_F64, 1)), *w_bar;
  diff_vjp(1, &loss, &one, 1, &w, &w_bar);
  Node *next = n_map(1, dn, s_sub(s_at(w, 0), s_mul(s_const(DT_F64, 0.1), s_at(w_bar, 0))));
  Port in[] = {port(X, "X"), port(y, "y")}, out[] = {port(fit, "fit")},
       cost[] = {port(loss, "loss")};
  Update up[] = {{w, next}};
  Entry entry[] = {
      {.name = "predict", .kind = E_ENTRY, .ninput = 1, .input = in, .noutput = 1, .output = out},
      {.name = "train",
       .kind = E_TRAIN,
       .ninput = 2,
       .input = in,
       .noutput = 1,
       .output = cost,
       .nupdate = 1,
       .update = up}};
  emit_case("ls", program("ls", 1, &w, 0.5, 2, entry));
  run_case(
      "ls",
      "#include \"ls.h\"\n#include <stdio.h>\n#include <math.h>\n#include <string.h>\n"
      "static int bad(double a, double b) { return !(fabs(a - b) <= 1e-12 * (1 + fabs(b))); }\n"
      "int main(void) {\n  ls_config c = LS_CONFIG;\n  ls *m, *m2;\n"
      "  const double X[4][3] = {{1, 2, 3}, {0, 1, 0}, {-1, 0, 2}, {2, 2, 2}};"
      " double y[4] = {1, 2, 3, 4}, fit[4], loss;\n"
      "  if (ls_create(&m, &c) != LS_ERROR_SIZE) return 10;\n"
      "  c.N = 4;\n  if (ls_create(&m, &c) || ls_create(&m2, &c)) return 11;\n"
      "  size_t n;\n  double *w = ls_param(m, \"layer.w\", &n);\n  if (!w || n != 3 || w[0] != 0.5 || ls_param(m, \"z\", NULL)) return 12;\n"
      "  if (ls_predict(m, X, fit) || bad(fit[0], 3) || bad(fit[2], 0.5)) return 13;\n"
      "  if (ls_predict(m, NULL, fit) != LS_ERROR_NULL) return 14;\n"
      "  double g[3] = {0}, old[3], l = 0;\n"
      "  memcpy(old, w, sizeof old);\n"
      "  for (int i = 0; i < 4; i++) { double r = X[i][0] * w[0] + X[i][1] * w[1] + X[i][2] * w[2] - y[i];\n"
      "    l += r * r / 4; for (int k = 0; k < 3; k++) g[k] += 2 * r * X[i][k] / 4; }\n"
      "  double l2, wg[3];\n  if (ls_train_loss(m, X, y, &l2) || bad(l2, l)) return 15;\n"
      "  if (ls_train_gradient(m, X, y, &l2, wg) || bad(wg[1], g[1])) return 16;\n"
      "  if (memcmp(old, w, sizeof old)) return 17;\n"
      "  if (ls_train(m, X, y, &loss) || bad(loss, l)) return 18;\n"
      "  for (int k = 0; k < 3; k++) if (bad(w[k], old[k] - 0.1 * g[k])) return 19;\n"
      "  if (ls_save(m, \"w.safetensors\") || ls_load(m2, \"w.safetensors\")) return 20;\n"
      "  if (memcmp(ls_param(m2, \"layer.w\", NULL), w, sizeof old)) return 21;\n"
      "  c.N = 2; if (ls_resize(m2, &c) || ls_predict(m2, X + 1, fit) || bad(fit[0], w[1])) return 22;\n"
      "  c.N = 5; if (ls_resize(m2, &c) != LS_ERROR_SIZE) return 23;\n"
      "  if (ls_load_memory(m2, \"xxxxxxxxxxxx\", 12) != LS_ERROR_FORMAT || ls_load(m2, \"none\") != LS_ERROR_FILE) return 24;\n"
      "  if (ls_manifest()[0] != '{') return 25;\n  ls_destroy(m); ls_destroy(m2);\n  return 0;\n}\n");
  module_free(mod);
}

/* The value of a node's elements that a test starts from: small numbers with two digits. */
static Tensor sample(Arena *a, const Node *n, const int64_t *size, int salt) {
  Tensor t = {.dtype = (Dtype)n->dtype, .rank = n->rank};
  for (int d = 0; d < n->rank; d++) t.dim[d] = eval_size(n->dim[d], size);
  size_t count = tensor_count(&t);
  t.data = arena_zero(a, count + 1, 8);
  for (size_t i = 0; i < count; i++) {
    double x = (double)((int)((i * 37 + (size_t)salt * 11) % 41) - 20) / 16;
    switch (t.dtype) {
    case DT_F64: ((double *)t.data)[i] = x; break;
    case DT_F32: ((float *)t.data)[i] = (float)x; break;
    case DT_I64: ((int64_t *)t.data)[i] = (int64_t)i % 2; break;
    case DT_I32: ((int32_t *)t.data)[i] = (int32_t)i % 2; break;
    default: ((uint8_t *)t.data)[i] = i % 2;
    }
  }
  return t;
}

static double element(const Tensor *t, size_t i) {
  switch (t->dtype) {
  case DT_F64: return ((const double *)t->data)[i];
  case DT_F32: return (double)((const float *)t->data)[i];
  case DT_I64: return (double)((const int64_t *)t->data)[i];
  case DT_I32: return ((const int32_t *)t->data)[i];
  default: return ((const uint8_t *)t->data)[i];
  }
}

static void print_values(Text *t, const char *name, const Tensor *x) {
  text_add(t, "static %s %s[%zu] = {", dtype_c(x->dtype), name, tensor_count(x) + 1);
  for (size_t i = 0; i < tensor_count(x); i++) text_add(t, "%.17g, ", element(x, i));
  text_add(t, "0};\n");
}

/* Calls every entry of the program once, in a fresh model whose state is sampled, and compares
** outputs and new state with the interpreter's. size: the run-time sizes. */
static void against_interpreter(Program *p, const int64_t *size) {
  Arena *a = arena_new();
  Text t = {0}, body = {0};
  text_add(
      &t,
      "#include \"%s.h\"\n#include <stdio.h>\n#include <math.h>\n#include <string.h>\n"
      "static int differ(double a, double b) { return !(fabs(a - b) <= 1e-12 * (1 + fabs(b))); }\n",
      p->name);
  int nentry = p->nentry - 1;
  Node **result[8];
  Entry *entries = p->entry;
  for (int e = 0; e < nentry; e++) {
    Entry *en = &entries[e];
    int np = en->ninput + p->nstate, nr = en->noutput + en->nupdate;
    Node **param = NEWN(a, Node *, np + 1);
    Tensor *value = NEWN(a, Tensor, np + 1), *out = NEWN(a, Tensor, nr + 1);
    result[e] = NEWN(a, Node *, nr + 1);
    for (int k = 0; k < np; k++) {
      param[k] = k < en->ninput ? en->input[k].node : p->state[k - en->ninput];
      value[k] = sample(a, param[k], size, k < en->ninput ? k : 20 + k - en->ninput);
    }
    for (int k = 0; k < nr; k++)
      result[e][k] = k < en->noutput ? en->output[k].node : en->update[k - en->noutput].value;
    eval_graph(a, np, param, value, size, nr, result[e], out);
    text_add(&body, "  if (%s_create(&m, &c)) return 1;\n", p->name);
    for (int k = 0; k < np; k++) {
      print_values(&t, str_format("in_%d_%d", e, k), &value[k]);
      if (k >= en->ninput)
        text_add(
            &body,
            "  memcpy(%s_state(m, \"%s\", NULL), in_%d_%d, sizeof in_%d_%d - sizeof *in_%d_%d);\n",
            p->name, param[k]->name, e, k, e, k, e, k);
    }
    text_add(&body, "  if (%s_%s(m", p->name, en->name);
    for (int k = 0; k < en->ninput; k++)
      text_add(&body, ", %sin_%d_%d", en->input[k].node->rank ? "(void *)" : "*", e, k);
    for (int k = 0; k < en->noutput; k++) text_add(&body, ", (void *)got_%d_%d", e, k);
    text_add(&body, ")) return 2;\n");
    for (int k = 0; k < nr; k++) {
      print_values(&t, str_format("out_%d_%d", e, k), &out[k]);
      bool output = k < en->noutput;
      const char *type = dtype_c(out[k].dtype);
      if (output)
        text_add(&t, "static %s got_%d_%d[%zu];\n", type, e, k, tensor_count(&out[k]) + 1);
      text_add(&body, "  for (int i = 0; i < %zu; i++) {\n    %s *got = ", tensor_count(&out[k]),
               type);
      if (output) text_add(&body, "got_%d_%d;\n", e, k);
      else
        text_add(&body, "%s_state(m, \"%s\", NULL);\n", p->name,
                 en->update[k - en->noutput].state->name);
      text_add(
          &body,
          "    if (differ(got[i], out_%d_%d[i])) return printf(\"%s: result %d[%%d]: %%.17g, not %%.17g\\n\", i, (double)got[i], (double)out_%d_%d[i]);\n  }\n",
          e, k, en->name, k, e, k);
    }
    text_add(&body, "  %s_destroy(m);\n", p->name);
  }
  text_add(&t, "int main(void) {\n  %s *m;\n  %s_config c;\n  memset(&c, 0, sizeof c);\n", p->name,
           p->name);
  for (int k = 0; k < mod->nsym; k++)
    text_add(&t, "  c.%s = %lld;\n", mod->sym[k]->name, (long long)size[k]);
  text_add(&t, "%s  return 0;\n}\n", body.s);
  run_case(p->name, t.s);
  text_free(&t);
  text_free(&body);
  arena_free(a);
}

static Scalar *at(Node *n, Scalar *i, Scalar *j) {
  Scalar *idx[2] = {i, j};
  return s_read(n, idx, NULL);
}

/* h <- tanh(A h + x_t), y_t = h; total = sum of h * x_t: a carry that cannot be in place, a stack
** and a sum; then the same backwards with the parameter's update from the carried value. */
static void test_loop(void) {
  mod = module_new();
  Scalar *d[] = {s_int(5), s_int(5)}, *td[] = {s_int(7), s_int(5)};
  Node *A = param(P_WEIGHT, "A", DT_F64, 2, 5, 5), *h0 = param(P_STATE, "h0", DT_F64, 1, 5, 0);
  Node *x = n_param(P_INPUT, "x", DT_F64, 2, td, (Loc){0});
  Node *h = n_param(P_FORMAL, "h", DT_F64, 1, d, (Loc){0}),
       *xt = n_param(P_FORMAL, "x_t", DT_F64, 1, d, (Loc){0});
  Node *B = n_param(P_FORMAL, "B", DT_F64, 2, d, (Loc){0});
  Node *Bh = n_reduce(C_SUM, 1, d, 1, d, s_mul(at(B, s_axis(0), s_axis(1)), s_at(h, 1)));
  Node *next = n_map(1, d, s_op1(OP_TANH, s_add(s_at(Bh, 0), s_at(xt, 0))));
  Node *prod = n_map(1, d, s_mul(s_at(next, 0), s_at(xt, 0)));
  Node *params[] = {h, xt, B}, *results[] = {next, next, prod};
  Func *f = func_new("rnn", 3, params, 3, results, (Loc){0});
  Node *args[] = {h0, x, A}, *loop = n_loop(f, s_int(7), 1, 1, 1, args, 1, 1, false, 0, 0);
  Node *last = n_proj(loop, 0), *ys = n_proj(loop, 1), *total = n_proj(loop, 2);
  Node *cost = n_reduce(C_SUM, 0, NULL, 2, td,
                        s_mul(at(ys, s_axis(0), s_axis(1)), at(ys, s_axis(0), s_axis(1))));
  Node *one = n_full(0, NULL, s_const(DT_F64, 1)), *A_bar;
  diff_vjp(1, &cost, &one, 1, &A, &A_bar);
  Node *A_next = n_map(2, d,
                       s_sub(at(A, s_axis(0), s_axis(1)),
                             s_mul(s_const(DT_F64, 0.01), at(A_bar, s_axis(0), s_axis(1)))));
  Port in[] = {port(x, "x")},
       out[] = {port(last, "last"), port(ys, "ys"), port(total, "total"), port(h0, "before")};
  Port loss[] = {port(cost, "cost"), port(last, "h_last")};
  Update up[] = {{A, A_next}, {h0, last}};
  Entry entry[] = {
      {.name = "run", .kind = E_ENTRY, .ninput = 1, .input = in, .noutput = 4, .output = out},
      {.name = "train",
       .kind = E_TRAIN,
       .ninput = 1,
       .input = in,
       .noutput = 2,
       .output = loss,
       .nupdate = 2,
       .update = up}};
  Node *state[] = {A, h0};
  Program *p = program("rnn", 2, state, 0.25, 2, entry);
  emit_case("rnn", p);
  int64_t none[1] = {0};
  against_interpreter(p, none);
  module_free(mod);
}

/* Updates that want each other's old values: u and v change places, s keeps a copy of old u. */
static void test_swap(void) {
  mod = module_new();
  Scalar *d[] = {s_int(6)};
  Node *u = param(P_STATE, "u", DT_F64, 1, 6, 0), *v = param(P_STATE, "v", DT_F64, 1, 6, 0);
  Node *s = param(P_STATE, "s", DT_F64, 1, 6, 0), *w = param(P_WEIGHT, "w", DT_F64, 1, 6, 0);
  Scalar *back = s_sub(s_int(5), s_axis(0));
  Node *flip = n_map(1, d, s_read(w, &back, NULL)),
       *half = n_map(1, d, s_mul(s_at(w, 0), s_const(DT_F64, 0.5)));
  Update up[] = {{u, v}, {v, u}, {s, half}, {w, flip}};
  Node *sum = n_reduce(C_SUM, 0, NULL, 1, d, s_add(s_at(u, 0), s_at(w, 0)));
  Port out[] = {port(u, "u_old"), port(flip, "flipped"), port(sum, "sum")};
  Entry entry[] = {
      {.name = "go", .kind = E_ENTRY, .noutput = 3, .output = out, .nupdate = 4, .update = up}};
  Node *state[] = {u, v, s, w};
  Program *p = program("exchange", 4, state, 1, 1, entry);
  emit_case("exchange", p);
  int64_t none[1] = {0};
  against_interpreter(p, none);
  module_free(mod);
}

/* A carry that a matrix multiplies changes places with its next value. */
static void test_exchange(void) {
  mod = module_new();
  Scalar *d[] = {s_int(5), s_int(5)};
  Node *A = param(P_INPUT, "A", DT_F64, 2, 5, 5), *v = param(P_INPUT, "v", DT_F64, 1, 5, 0);
  Node *h = n_param(P_FORMAL, "h", DT_F64, 1, d, (Loc){0}),
       *g = n_param(P_FORMAL, "g", DT_F64, 1, d, (Loc){0});
  Node *B = n_param(P_FORMAL, "B", DT_F64, 2, d, (Loc){0});
  Node *next = n_reduce(C_SUM, 1, d, 1, d, s_mul(at(B, s_axis(0), s_axis(1)), s_at(h, 1)));
  Node *params[] = {h, g, B}, *results[] = {next, h, next};
  Func *f = func_new("power", 3, params, 3, results, (Loc){0});
  Node *args[] = {v, v, A}, *loop = n_loop(f, s_int(3), 2, 0, 1, args, 1, 0, false, 0, 0);
  Port in[] = {port(A, "A"), port(v, "v")};
  Port out[] = {port(n_proj(loop, 0), "last"), port(n_proj(loop, 1), "before"),
                port(n_proj(loop, 2), "all")};
  Entry entry[] = {
      {.name = "power", .kind = E_ENTRY, .ninput = 2, .input = in, .noutput = 3, .output = out}};
  Program *p = program("powers", 0, NULL, 1, 1, entry);
  emit_case("powers", p);
  int64_t none[1] = {0};
  against_interpreter(p, none);
  module_free(mod);
}

/* A Func called twice is one routine with a workspace of its own; its size depends on N. */
static void test_call(void) {
  mod = module_new();
  Sym *N = sym_new("N", 9, (Loc){0});
  Scalar *n = s_size(N), *d[] = {n, s_int(4)}, *e[] = {s_int(4), s_int(4)};
  Node *x = n_param(P_FORMAL, "x", DT_F64, 2, d, (Loc){0}),
       *W = n_param(P_FORMAL, "W", DT_F64, 2, e, (Loc){0});
  Node *z = n_named(
      n_reduce(C_SUM, 2, d, 1, e, s_mul(at(x, s_axis(0), s_axis(2)), at(W, s_axis(2), s_axis(1)))),
      "z");
  Node *m = n_named(n_reduce(C_MAX, 1, d, 1, e, at(z, s_axis(0), s_axis(1))), "m");
  Node *y = n_map(2, d, s_sub(at(z, s_axis(0), s_axis(1)), s_at(m, 0)));
  Node *params[] = {x, W}, *results[] = {y, m};
  Func *f = func_new("layer", 2, params, 2, results, (Loc){0});
  Node *X = n_param(P_INPUT, "X", DT_F64, 2, d, (Loc){0}),
       *V = n_param(P_WEIGHT, "V", DT_F64, 2, e, (Loc){0});
  Node *arg1[] = {X, V}, *y1 = n_proj(n_call(f, arg1), 0), *arg2[] = {y1, V};
  Node *c2 = n_call(f, arg2), *y2 = n_proj(c2, 0), *top = n_proj(c2, 1);
  Port in[] = {port(X, "X")}, out[] = {port(y2, "y"), port(top, "top")};
  Entry entry[] = {
      {.name = "apply", .kind = E_ENTRY, .ninput = 1, .input = in, .noutput = 2, .output = out}};
  Program *p = program("twice", 1, &V, 1, 1, entry);
  Unit *u = emit_case("twice", p);
  int calls = 0;
  for (int k = 0; k < u->nroutine; k++) calls += strcmp(u->routine[k]->name, "layer") == 0;
  assert(calls == 1);
  int64_t size[1] = {13};
  against_interpreter(p, size);
  module_free(mod);
}

int main(void) {
  test_regression();
  test_loop();
  test_swap();
  test_exchange();
  test_call();
  command(str_format("rm -rf %s", base));
  return 0;
}
