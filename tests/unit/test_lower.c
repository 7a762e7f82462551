/*
** test_lower.c: graphs through fuse, lower and print, compiled and run against the interpreter
**
** Each case builds a small graph; its kernels are printed, compiled into a shared object by $CC or
** clang, run with 1 and 2 threads and in 4 and 5 parts (all bits
** equal), and compared with eval_graph. Every tensor lies between pages that cannot be touched:
** close before one, and in one run close behind one.
*/
#define _GNU_SOURCE
#include "../../codegen/cgen.h"
#include "../../compiler/fuse.h"
#include "../../compiler/lower_tile.h"
#include "../../compiler/tune.h"
#include <assert.h>
#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MAX_TENSOR = 256 };

typedef struct Run {
  Arena *a;
  Unit unit;
  Text calls;
  int n;
  Node *node[MAX_TENSOR];
  void *data[MAX_TENSOR], *early[MAX_TENSOR];
  size_t bytes[MAX_TENSOR];
} Run;

static int64_t size_of_sym[8];
static int failed;
static const char *only;

/* So many bytes, that end where a page begins that cannot be touched, or begin where one ends. */
static void *guarded(size_t bytes, bool end) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE), length = (bytes + page - 1) / page * page;
  char *p =
      mmap(NULL, length + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert(p != MAP_FAILED);
  mprotect(p, page, PROT_NONE);
  mprotect(p + page + length, page, PROT_NONE);
  return p + page + (end ? length - bytes : 0);
}

static int buffer_of(Run *r, Node *n) {
  for (int i = 0; i < r->n; i++)
    if (r->node[i] == n) return i;
  assert(r->n < MAX_TENSOR);
  size_t bytes = dtype_size((Dtype)n->dtype);
  for (int d = 0; d < n->rank; d++) bytes *= (size_t)eval_size(n->dim[d], size_of_sym);
  r->node[r->n] = n;
  r->bytes[r->n] = bytes;
  void *at[] = {r->data[r->n] = guarded(bytes, true), r->early[r->n] = guarded(bytes, false)};
  for (int k = 0; k < 2; k++)
    if (n->kind == N_LIT) memcpy(at[k], n->data, bytes);
    else memset(at[k], 0x7b, bytes);
  return r->n++;
}

static void add_group(Run *r, Func *f, const Group *g, const Target *t) {
  Kernel *made = lower_chosen(f, g, t), *k = kernel_intern(&r->unit, made);
  text_add(&r->calls, "  {\n");
  for (int i = 0; i < k->nshared; i++) {
    text_add(&r->calls, "  %s s%d", dtype_c((Dtype)k->shared[i]->dtype), i);
    for (int d = 0; d < k->shared[i]->rank; d++)
      text_add(&r->calls, "[%d]", (int)eval_size(k->shared[i]->dim[d], size_of_sym));
    text_add(&r->calls, ";\n");
  }
  for (int p = 0; p < k->nphase; p++) {
    const Phase *ph = &k->phase[p];
    const char *sep = "";
    if (ph->parallel) { /* all at once with two threads, else in that many parts, the last first */
      text_add(&r->calls,
               "  for (int parts = threads == 2 ? 1 : threads, at = parts; at-- > 0;)\n  ");
      text_add(&r->calls, "  %s((rt_part){threads / parts, at, parts}", phase_name(k, ph));
      sep = ", ";
    } else {
      text_add(&r->calls, "  %s(", phase_name(k, ph));
    }
    for (int i = 0; i < ph->nsym; i++, sep = ", ")
      text_add(&r->calls, "%s%d", sep, (int)size_of_sym[ph->sym[i]->index]);
    for (int i = 0; i < ph->nformal; i++, sep = ", ")
      text_add(&r->calls, "%sb[%d]", sep, buffer_of(r, made->formal[ph->formal[i]].node));
    for (int i = 0; i < ph->nshared; i++, sep = ", ")
      text_add(&r->calls, "%ss%d", sep, ph->shared[i]);
    text_add(&r->calls, ");\n");
  }
  text_add(&r->calls, "  }\n");
}

static void *compile(Run *r, const char *name) {
  char c[64], so[64], cmd[512];
  const char *cc = getenv("CC");
  snprintf(c, sizeof c, "/tmp/crescent_lower_%d.c", (int)getpid());
  snprintf(so, sizeof so, "/tmp/crescent_lower_%d_%s.so", (int)getpid(), name);
  Text t = {0};
  text_add(&t, "#include \"rt_kernel.h\"\n");
  for (int i = 0; i < r->unit.nkernel; i++) {
    text_add(&t, "\n");
    print_kernel(&t, r->unit.kernel[i], false);
  }
  text_add(&t, "\nvoid run(int threads, void **b);\nvoid run(int threads, void **b) {\n"
               "  (void)threads; (void)b;\n%s}\n", r->calls.s ? r->calls.s : "");
  FILE *f = fopen(c, "w");
  fputs(t.s, f);
  fclose(f);
  if (getenv("SHOW")) puts(t.s);
  text_free(&t);
  snprintf(
      cmd, sizeof cmd,
      "%s -std=c11 %s -march=native -fopenmp -Wall -Wextra -Werror -pedantic -ffp-contract=off "
      "-fno-math-errno -Wno-unused-function -fPIC -shared -Iruntime %s -o %s",
      cc && *cc ? cc : "clang-19", getenv("OPT") ? getenv("OPT") : "-O1", c, so);
  void *run = NULL;
  if (system(cmd) == 0) {
    void *lib = dlopen(so, RTLD_NOW);
    if (lib) run = dlsym(lib, "run");
    if (!run) fprintf(stderr, "%s: %s\n", name, dlerror());
  }
  if (!getenv("KEEP")) unlink(c);
  unlink(so);
  return run;
}

static double element(const void *p, Dtype t, size_t i) {
  switch (t) {
  case DT_BOOL: return ((const unsigned char *)p)[i];
  case DT_I32: return ((const int32_t *)p)[i];
  case DT_I64: return (double)((const int64_t *)p)[i];
  case DT_F32: return ((const float *)p)[i];
  default: return ((const double *)p)[i];
  }
}

static void fill(void *p, Dtype t, size_t n, unsigned seed) {
  for (size_t i = 0; i < n; i++) {
    seed = seed * 1664525u + 1013904223u;
    double v = (double)(seed >> 8) / (1 << 24) * 2 - 1;
    switch (t) {
    case DT_BOOL: ((unsigned char *)p)[i] = v > 0; break;
    case DT_I32: ((int32_t *)p)[i] = (int32_t)((seed >> 16) % 5); break;
    case DT_I64: ((int64_t *)p)[i] = (int64_t)((seed >> 16) % 5); break;
    case DT_F32: ((float *)p)[i] = (float)v; break;
    default: ((double *)p)[i] = v;
    }
  }
}

/* Other tiles, lanes and threads: kernels that differ, and the same bits. */
static void check_choices(const char *name, Run r, Func *f, const Grouping *all,
                          void *const *first) {
  static const Choice trial[] = {{.next = 1, .shift = -1, .threads = T_EARLY}};
  for (int t = 0; t < 1; t++) {
    Tuning tuning = {.trial = trial[t]};
    Target target = {.vector_bytes = 32, .registers = 16, .fma = true, .tuning = &tuning};
    r.unit = (Unit){0};
    r.calls = (Text){0};
    bool other = false;
    for (int g = 0; g < all->n; g++) add_group(&r, f, &all->group[g], &target);
    for (int k = 0; k < r.unit.nkernel; k++)
      other = other || r.unit.kernel[k]->key != r.unit.kernel[k]->usual;
    void (*run)(int, void **) = (void (*)(int, void **))(uintptr_t)compile(&r, name);
    if (run) run(2, r.data);
    for (int k = 0; k < f->nresult; k++) {
      int b = buffer_of(&r, f->result[k]);
      if (run && other && !memcmp(first[k], r.data[b], r.bytes[b])) continue;
      printf("%s: choice %d: result %d %s\n", name, t, k,
             other ? "differs" : "has no other kernels");
      failed = 1;
    }
  }
}

/* Runs the graph both ways. tolerance: relative to the largest magnitude of each result. */
static void check(const char *name, int nparam, Node **param, int nresult, Node **result,
                  double tolerance) {
  static const int threads[] = {1, 2, 4, 5};
  if (only && strcmp(only, name)) return;
  Run r = {.a = arena_new()};
  Target target = {.vector_bytes = 32, .registers = 16, .fma = true};
  Tensor value[16], want[16];
  for (int k = 0; k < nparam; k++) {
    int b = buffer_of(&r, param[k]);
    value[k] = (Tensor){.dtype = (Dtype)param[k]->dtype, .rank = param[k]->rank, .data = r.data[b]};
    for (int d = 0; d < param[k]->rank; d++)
      value[k].dim[d] = eval_size(param[k]->dim[d], size_of_sym);
    fill(r.data[b], value[k].dtype, tensor_count(&value[k]), (unsigned)(k * 77 + 5));
    memcpy(r.early[b], r.data[b], r.bytes[b]);
  }
  eval_graph(r.a, nparam, param, value, size_of_sym, nresult, result, want);
  Func *f = func_new(name, nparam, param, nresult, result, (Loc){name, 1});
  fuse_inline(f);
  Grouping all = fuse_group(r.a, f);
  for (int g = 0; g < all.n; g++) add_group(&r, f, &all.group[g], &target);
  void (*run)(int, void **) = (void (*)(int, void **))(uintptr_t)compile(&r, name);
  if (!run) {
    printf("%s: does not compile\n", name);
    failed = 1;
    return;
  }
  void *first[16] = {0};
  for (int t = 0; t < 3; t++) {
    void **data = t == 1 ? r.early : r.data;
    run(threads[t], data);
    for (int k = 0; k < nresult; k++) {
      int b = buffer_of(&r, f->result[k]);
      if (t == 0) first[k] = arena_copy(r.a, data[b], r.bytes[b]);
      else if (memcmp(first[k], data[b], r.bytes[b])) {
        printf("%s: result %d differs with %d threads\n", name, k, threads[t]);
        failed = 1;
      }
    }
  }
  if (strncmp(name, "choices", 7) == 0) check_choices(name, r, f, &all, first);
  for (int k = 0; k < nresult; k++) {
    double scale = 1e-300, worst = 0;
    size_t n = tensor_count(&want[k]), at = 0;
    for (size_t i = 0; i < n; i++)
      scale = fmax(scale, fabs(element(want[k].data, want[k].dtype, i)));
    for (size_t i = 0; i < n; i++) {
      double e =
          fabs(element(want[k].data, want[k].dtype, i) - element(first[k], want[k].dtype, i));
      if (!(e <= worst)) worst = e, at = i;
    }
    if (!(worst <= tolerance * scale)) {
      printf("%s: result %d element %zu: %g, not %g, off by %g of the largest\n", name, k, at,
             element(first[k], want[k].dtype, at), element(want[k].data, want[k].dtype, at),
             worst / scale);
      failed = 1;
    }
  }
  printf("%-20s %d kernels\n", name, r.unit.nkernel);
}

/* Shorthand for building graphs. */
static Scalar *I(int64_t v) { return s_int(v); }
static Scalar *X(int p) { return s_axis(p); }
#define DIMS(...) (Scalar *[]){__VA_ARGS__}
#define READ(n, ...) s_read(n, DIMS(__VA_ARGS__), NULL)
#define COUNT(...) ((int)(sizeof(DIMS(__VA_ARGS__)) / sizeof(Scalar *)))
#define PARAM(name, t, ...) \
  n_param(P_FORMAL, name, t, COUNT(__VA_ARGS__), DIMS(__VA_ARGS__), (Loc){"test.lua", __LINE__})
#define CHECK(name, tol, np, params, ...)                                                 \
  do {                                                                                    \
    Node *res[] = {__VA_ARGS__};                                                          \
    check(name, np, params, (int)(sizeof res / sizeof *res), res, tol);                   \
  } while (0)

static Scalar *rule_read(Node *n, Rule rule, Scalar **idx) {
  uint8_t rules[MAX_RANK];
  for (int d = 0; d < n->rank; d++) rules[d] = (uint8_t)rule;
  return s_read(n, idx, rules);
}

static void test_maps(void) {
  Node *x = PARAM("x", DT_F32, I(37), I(50)), *b = PARAM("b", DT_F32, I(50));
  Node *y = n_map(2, x->dim, s_op1(OP_TANH, s_add(READ(x, X(0), X(1)), READ(b, X(1)))));
  Node *z = n_map(2, x->dim, s_mul(s_at(y, 0), s_at(y, 0)));
  CHECK("map", 1e-6, 2, ((Node *[]){x, b}), n_named(y, "y"), n_named(z, "z"));
  Node *i = PARAM("id", DT_I32, I(9));
  Node *picked = n_map(2, DIMS(I(9), I(50)),
                       READ(x, s_cast(DT_I64, READ(i, X(0))), X(1)));
  CHECK("pick", 0, 2, ((Node *[]){x, i}), n_named(picked, "picked"));
  Node *t = n_map(2, DIMS(I(50), I(37)), READ(x, X(1), X(0)));
  Node *flat = n_map(1, DIMS(I(1850)),
                     READ(x, s_op2(OP_FLOORDIV, X(0), I(50)), s_op2(OP_MOD, X(0), I(50))));
  CHECK("reshape", 0, 1, ((Node *[]){x}), n_named(t, "t"), n_named(flat, "flat"));
}

static void test_rules(void) {
  static const Rule rules[] = {R_ZERO, R_CLAMP, R_MIRROR, R_REFLECT, R_WRAP};
  Node *x = PARAM("x", DT_F32, I(11), I(20));
  for (int k = 0; k < 5; k++) {
    Scalar *at[] = {s_sub(X(0), I(4)), s_sub(X(1), I(3))};
    Node *p = n_map(2, DIMS(I(19), I(26)), rule_read(x, rules[k], at));
    CHECK(str_format("pad_%s", rule_name(rules[k])), 0, 1, ((Node *[]){x}), n_named(p, "p"));
  }
  Node *w = PARAM("w", DT_F32, I(5));
  Scalar *at[] = {X(0), s_sub(s_add(X(1), X(2)), I(2))};
  Node *s = n_reduce(C_SUM, 2, x->dim, 1, DIMS(I(5)),
                     s_mul(READ(w, X(2)), rule_read(x, R_ZERO, at)));
  CHECK("conv1d_zero", 1e-6, 2, ((Node *[]){x, w}), n_named(s, "s"));
}

static void test_reductions(void) {
  Node *x = PARAM("x", DT_F32, I(40), I(123));
  Scalar **rows = DIMS(I(40)), **cols = DIMS(I(123));
  Node *m = n_reduce(C_MAX, 1, rows, 1, cols, s_at(x, 0));
  Node *e = n_map(2, x->dim, s_op1(OP_EXP, s_sub(s_at(x, 0), READ(m, X(0)))));
  Node *s = n_reduce(C_SUM, 1, rows, 1, cols, s_at(e, 0));
  Node *p = n_map(2, x->dim, s_op2(OP_DIV, s_at(e, 0), READ(s, X(0))));
  CHECK("softmax", 1e-6, 1, ((Node *[]){x}), n_named(p, "p"));
  Node *total = n_reduce(C_SUM, 0, NULL, 2, x->dim, s_mul(s_at(x, 0), s_at(x, 0)));
  Node *col = n_reduce(C_SUM, 1, cols, 1, rows, READ(x, X(1), X(0)));
  CHECK("sums", 1e-6, 1, ((Node *[]){x}), n_named(total, "total"), n_named(col, "col"));
  Node *big = PARAM("big", DT_F32, I(300000));
  Node *sum = n_reduce(C_SUM, 0, NULL, 1, big->dim, s_op1(OP_ABS, READ(big, X(0))));
  CHECK("long_sum", 1e-6, 1, ((Node *[]){big}), n_named(sum, "sum"));
  Node *least = n_reduce(C_MIN, 0, NULL, 1, big->dim, READ(big, X(0)));
  CHECK("least", 0, 1, ((Node *[]){big}), n_named(least, "least"));
}

static void test_mixture(void) {
  Node *z = PARAM("z", DT_F32, I(3), I(6), I(45)), *w = PARAM("w", DT_F32, I(6), I(31));
  Scalar *mu = s_mul(s_const(DT_F32, 0.1), s_sub(s_cast(DT_F32, X(3)), s_const(DT_F32, 15)));
  Scalar *d = s_sub(READ(z, X(0), X(1), X(2)), mu);
  Scalar *g = s_op1(OP_EXP, s_mul(s_const(DT_F32, -5), s_mul(d, d)));
  Node *psi = n_reduce(C_SUM, 3, z->dim, 1, DIMS(I(31)), s_mul(READ(w, X(1), X(3)), g));
  Node *slope = n_reduce(C_SUM, 3, z->dim, 1, DIMS(I(31)),
                         s_mul(s_mul(READ(w, X(1), X(3)), g), s_mul(s_const(DT_F32, -10), d)));
  CHECK("mixture", 1e-5, 2, ((Node *[]){z, w}), n_named(psi, "psi"), n_named(slope, "slope"));
  Node *part = n_reduce(C_SUM, 3, z->dim, 1, DIMS(I(31)),
                        s_op3(OP_WHERE, s_op2(OP_LT, X(3), s_add(s_mul(I(3), X(1)), I(9))),
                              s_mul(READ(w, X(1), X(3)), g), s_const(DT_F32, 0)));
  Scalar *far = s_sub(s_mul(s_const(DT_F32, 12), READ(z, X(0), X(1), X(2))),
                      s_mul(s_const(DT_F32, 0.5), s_sub(s_cast(DT_F32, X(3)), s_const(DT_F32, 15))));
  Scalar *apart = s_op1(OP_EXP, s_mul(s_const(DT_F32, -5), s_mul(far, far)));
  Node *few = n_reduce(C_SUM, 3, z->dim, 1, DIMS(I(31)), s_mul(READ(w, X(1), X(3)), apart));
  Node *all = n_reduce(C_SUM, 3, z->dim, 1, DIMS(I(31)), s_add(READ(w, X(1), X(3)), apart));
  CHECK("mixture_far", 1e-5, 2, ((Node *[]){z, w}), n_named(few, "few"), n_named(all, "all"));
  CHECK("mixture_part", 1e-5, 2, ((Node *[]){z, w}), n_named(part, "part"));
  Scalar *mu2 = s_mul(s_const(DT_F32, 0.2), s_sub(s_cast(DT_F32, X(1)), s_const(DT_F32, 15)));
  Scalar *d2 = s_sub(READ(z, X(2), X(0), X(3)), mu2);
  Node *sums = n_reduce(C_SUM, 2, w->dim, 2, DIMS(I(3), I(45)),
                        s_op1(OP_EXP, s_mul(s_const(DT_F32, -5), s_mul(d2, d2))));
  Node *twice = n_map(2, w->dim, s_add(s_at(sums, 0), s_at(w, 0)));
  CHECK("bump_sums", 1e-5, 2, ((Node *[]){z, w}), n_named(sums, "sums"), n_named(twice, "twice"));
}

static void test_contractions(void) {
  Node *a = PARAM("a", DT_F32, I(70), I(33)), *b = PARAM("b", DT_F32, I(33), I(50));
  Node *bias = PARAM("bias", DT_F32, I(50));
  Node *c = n_reduce(C_SUM, 2, DIMS(I(70), I(50)), 1, DIMS(I(33)),
                     s_mul(READ(a, X(0), X(2)), READ(b, X(2), X(1))));
  Node *r = n_map(2, c->dim, s_op2(OP_MAX, s_add(s_at(c, 0), READ(bias, X(1))),
                                   s_const(DT_F32, 0)));
  CHECK("choices_matmul", 1e-6, 3, ((Node *[]){a, b, bias}), n_named(r, "r"));
  Node *left = PARAM("left", DT_F32, I(66), I(300)),
       *right = PARAM("right", DT_F32, I(300), I(200));
  Node *packed = n_reduce(C_SUM, 2, DIMS(I(66), I(200)), 1, DIMS(I(300)),
                          s_mul(READ(left, X(0), X(2)), READ(right, X(2), X(1))));
  CHECK("packed", 2e-6, 2, ((Node *[]){left, right}), n_named(packed, "packed"));
  Node *back = n_reduce(C_SUM, 2, left->dim, 1, DIMS(I(200)),
                        s_mul(READ(packed, X(0), X(2)), READ(right, X(1), X(2))));
  CHECK("choices_dots", 2e-6, 2, ((Node *[]){left, right}), n_named(back, "back"));
  Node *x = PARAM("x", DT_F32, I(2), I(1), I(20), I(24)),
       *w = PARAM("w", DT_F32, I(8), I(1), I(5), I(5));
  Scalar *at[] = {X(0), X(4), s_sub(s_add(X(2), X(5)), I(2)), s_sub(s_add(X(3), X(6)), I(2))};
  uint8_t rule[] = {R_NONE, R_NONE, R_MIRROR, R_MIRROR};
  Node *y = n_reduce(C_SUM, 4, DIMS(I(2), I(8), I(20), I(24)), 3, DIMS(I(1), I(5), I(5)),
                     s_mul(s_read(x, at, rule), READ(w, X(1), X(4), X(5), X(6))));
  CHECK("conv2d", 1e-6, 2, ((Node *[]){x, w}), n_named(y, "y"));
  Node *ybar = PARAM("y_bar", DT_F32, I(2), I(8), I(20), I(24));
  Scalar *wat[] = {X(4), X(1), s_sub(s_add(X(5), X(2)), I(2)), s_sub(s_add(X(6), X(3)), I(2))};
  Node *wbar = n_reduce(C_SUM, 4, w->dim, 3, DIMS(I(2), I(20), I(24)),
                        s_mul(s_read(x, wat, rule), READ(ybar, X(4), X(0), X(5), X(6))));
  CHECK("conv2d_w_bar", 1e-5, 2, ((Node *[]){x, ybar}), n_named(wbar, "w_bar"));
  Scalar *yat[] = {X(0), X(4), s_sub(s_add(X(2), I(2)), X(5)), s_sub(s_add(X(3), I(2)), X(6))};
  Scalar *in = s_op2(OP_AND, rule_inside(yat[2], I(20)), rule_inside(yat[3], I(24)));
  Node *xbar = n_reduce(C_SUM, 4, x->dim, 3, DIMS(I(8), I(5), I(5)),
                        s_op3(OP_WHERE, in, s_mul(READ(ybar, yat[0], yat[1], yat[2], yat[3]),
                                                  READ(w, X(4), X(1), X(5), X(6))),
                              s_const(DT_F32, 0)));
  CHECK("conv2d_x_bar", 1e-6, 2, ((Node *[]){w, ybar}), n_named(xbar, "x_bar"));
}

static void test_strides(void) {
  Node *x = PARAM("x", DT_F32, I(4), I(3), I(33), I(33)),
       *w = PARAM("w", DT_F32, I(16), I(3), I(3), I(3));
  Scalar *at[] = {X(0), X(4), s_add(s_mul(I(2), X(2)), X(5)), s_add(s_mul(I(2), X(3)), X(6))};
  Node *y = n_reduce(C_SUM, 4, DIMS(I(4), I(16), I(16), I(16)), 3, DIMS(I(3), I(3), I(3)),
                     s_mul(s_read(x, at, NULL), READ(w, X(1), X(4), X(5), X(6))));
  CHECK("strides", 1e-6, 2, ((Node *[]){x, w}), n_named(y, "y"));
  Node *ybar = PARAM("y_bar", DT_F32, I(4), I(16), I(16), I(16));
  Scalar *wat[] = {X(4), X(1), s_add(s_mul(I(2), X(5)), X(2)), s_add(s_mul(I(2), X(6)), X(3))};
  Node *wbar = n_reduce(C_SUM, 4, w->dim, 3, DIMS(I(4), I(16), I(16)),
                        s_mul(s_read(x, wat, NULL), READ(ybar, X(4), X(0), X(5), X(6))));
  CHECK("strides_w_bar", 2e-6, 2, ((Node *[]){x, ybar}), n_named(wbar, "w_bar"));
}

/* Every second to fourth element of rows, up to the last one. */
static void test_steps(void) {
  for (int step = 2; step <= 4; step++) {
    Node *x = PARAM("x", DT_F32, I(3), I(13), I(20 * step + 5)),
         *w = PARAM("w", DT_F32, I(3), I(5), I(5));
    Scalar *at[] = {X(0), s_add(X(1), X(3)), s_add(s_mul(I(step), X(2)), X(4))};
    Node *y = n_reduce(C_SUM, 3, DIMS(I(3), I(9), I(21)), 2, DIMS(I(5), I(5)),
                       s_mul(s_read(x, at, NULL), READ(w, X(0), X(3), X(4))));
    CHECK(str_format("choices_step%d", step), 1e-6, 2, ((Node *[]){x, w}), n_named(y, "y"));
    Scalar *wat[] = {X(0), s_add(X(1), X(3)), s_add(s_mul(I(step), X(4)), X(2))};
    Node *ybar = PARAM("y_bar", DT_F32, I(3), I(9), I(21));
    Node *wbar = n_reduce(C_SUM, 3, w->dim, 2, DIMS(I(9), I(21)),
                          s_mul(s_read(x, wat, NULL), READ(ybar, X(0), X(3), X(4))));
    CHECK(str_format("step%d_w_bar", step), 2e-6, 2, ((Node *[]){x, ybar}),
          n_named(wbar, "w_bar"));
  }
}

/* 19 columns are two vectors of 16, or three of 8 where those of 16 take twice as long. */
static void test_halves(void) {
  Node *a = PARAM("a", DT_F32, I(60), I(300)), *b = PARAM("b", DT_F32, I(300), I(19));
  Node *c = n_reduce(C_SUM, 2, DIMS(I(60), I(19)), 1, DIMS(I(300)),
                     s_mul(READ(a, X(0), X(2)), READ(b, X(2), X(1))));
  for (int halves = 0; halves < 2; halves++) {
    Target target = {.vector_bytes = 64, .registers = 32, .fma = true, .halves = halves};
    TilePlan p;
    if (plan_tiles(c, &target, &p) && p.lanes == (halves ? 8 : 16)) continue;
    printf("halves %d: not %d lanes\n", halves, p.lanes);
    failed = 1;
  }
}

static void test_scatter(void) {
  Node *id = PARAM("id", DT_I32, I(60)), *v = PARAM("v", DT_F32, I(60), I(7));
  Scalar *at[] = {s_cast(DT_I64, READ(id, X(0))), X(1)};
  Node *t = n_comp(DT_F32, C_SUM, 2, DIMS(I(5), I(7)), 2, v->dim, at, NULL, s_at(v, 0));
  CHECK("scatter", 1e-6, 2, ((Node *[]){id, v}), n_named(t, "t"));
}

/* Sums over the rows of a matrix that no cache holds, and what is made of them; odd rows and
** columns. */
static void test_sums_of_rows(void) {
  Node *x = PARAM("x", DT_F32, I(1031), I(517)), *s = PARAM("s", DT_F32, I(1031));
  Node *w = PARAM("w", DT_F32, I(517));
  Node *b = n_reduce(C_SUM, 1, DIMS(I(517)), 1, DIMS(I(1031)), READ(x, X(1), X(0)));
  Node *g = n_reduce(C_SUM, 1, DIMS(I(517)), 1, DIMS(I(1031)),
                     s_mul(s_mul(READ(x, X(1), X(0)), READ(s, X(1))), READ(x, X(1), X(0))));
  Node *next = n_map(1, w->dim, s_sub(READ(w, X(0)), s_mul(s_at(b, 0), s_at(g, 0))));
  CHECK("sums_of_rows", 1e-6, 3, ((Node *[]){x, s, w}), n_named(b, "total"), n_named(next, "next"));
}

/* Elements at places that are read, some of them outside, for pairs side by side. */
static void test_lookups(void) {
  Node *id = PARAM("id", DT_I32, I(9), I(50), I(2)), *x = PARAM("x", DT_F32, I(3), I(4));
  Node *a = PARAM("a", DT_F32, I(9), I(50), I(2));
  Scalar *sum[2] = {0};
  uint8_t rule[] = {R_NONE, R_ZERO};
  for (int p = 0; p < 2; p++)
    for (int c = 0; c < 3; c++) {
      Scalar *at = s_sub(s_cast(DT_I64, READ(id, X(0), X(1), p ? X(2) : I(c / 2))), I(1));
      Scalar *inside = s_op2(OP_AND, s_op2(OP_GE, at, I(0)), s_op2(OP_LT, at, I(3)));
      Scalar *term = s_mul(s_read(x, DIMS(I(c), at), rule), READ(a, X(0), X(1), I(c % 2)));
      if (c == 1) term = s_op3(OP_WHERE, inside, term, s_const(DT_F32, 0));
      sum[p] = sum[p] ? s_add(sum[p], term) : term;
    }
  CHECK("lookups", 1e-6, 3, ((Node *[]){id, x, a}), n_named(n_map(3, id->dim, sum[1]), "y"),
        n_named(n_map(2, id->dim, sum[0]), "z"));
}

static void test_run_time_sizes(void) {
  Sym *n = sym_new("N", 0, (Loc){"test.lua", 1}), *m = sym_new("M", 0, (Loc){"test.lua", 2});
  size_of_sym[n->index] = 37;
  size_of_sym[m->index] = 21;
  Scalar *N = s_size(n), *M = s_size(m);
  Node *x = PARAM("x", DT_F64, N, M), *w = PARAM("w", DT_F64, M, I(10));
  Node *y = n_reduce(C_SUM, 2, DIMS(N, I(10)), 1, DIMS(M),
                     s_mul(READ(x, X(0), X(2)), READ(w, X(2), X(1))));
  Node *mean = n_reduce(C_SUM, 1, DIMS(M), 1, DIMS(N),
                        s_op2(OP_DIV, READ(x, X(1), X(0)), s_cast(DT_F64, N)));
  Node *c = n_map(2, x->dim, s_sub(s_at(x, 0), READ(mean, X(1))));
  CHECK("choices_run_time", 1e-14, 2, ((Node *[]){x, w}), n_named(y, "y"), n_named(c, "centred"));
  static const int few[][2] = {{15, 15}, {7, 3}, {16, 17}, {1, 15}}; /* about the size of a tile */
  Node *u = PARAM("u", DT_F32, M, I(9)), *v = PARAM("v", DT_F32, I(9), N);
  Node *p = n_reduce(C_SUM, 2, DIMS(M, N), 1, DIMS(I(9)),
                     s_mul(READ(u, X(0), X(2)), READ(v, X(2), X(1))));
  for (int k = 0; k < 4; k++) {
    size_of_sym[n->index] = few[k][0];
    size_of_sym[m->index] = few[k][1];
    CHECK(str_format("few_run_time%d", k), 1e-6, 2, ((Node *[]){u, v}), n_named(p, "p"));
  }
}

int main(int argc, char **argv) {
  only = argc > 1 ? argv[1] : NULL;
  mod = module_new();
  test_maps();
  test_rules();
  test_reductions();
  test_mixture();
  test_contractions();
  test_strides();
  test_steps();
  test_halves();
  test_scatter();
  test_sums_of_rows();
  test_lookups();
  test_run_time_sizes();
  module_free(mod);
  return failed;
}
