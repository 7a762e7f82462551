/*
** test_diff_fn.c: derivatives through CALLs and LOOPs, of maps over an axis, and unrolling
*/
#include "gradcheck.h"

static int bad, done;

static void run(Check *c, const char *name) {
  c->name = name;
  bad += gc_check(c);
  done++;
}

static Node *formal(const char *name, int rank, Scalar **dim) {
  return n_param(P_FORMAL, name, DT_F64, rank, dim, mod->here);
}

static Node *matvec(Node *w, Node *x) {
  return n_reduce(C_SUM, 1, w->dim, 1, w->dim + 1, s_mul(at(w, I(0), I(1)), at(x, I(1))));
}

/* f(w, x, b) -> tanh(w x + b), the sum of its squares */
static Func *layer(int n) {
  Node *w = formal("w", 2, shape(2, n, n)), *x = formal("x", 1, shape(1, n));
  Node *b = formal("b", 1, shape(1, n)), *z = n_named(matvec(w, x), "z");
  Node *h = n_named(n_map(1, x->dim, un(OP_TANH, s_add(s_at(z, 0), s_at(b, 0)))), "h");
  Node *e = n_reduce(C_SUM, 0, NULL, 1, x->dim, s_mul(at(h, I(0)), at(h, I(0))));
  return func_new("layer", 3, (Node *[]){w, x, b}, 2, (Node *[]){h, n_named(e, "e")}, mod->here);
}

static void test_call(void) {
  for (int results = 1; results <= 3; results++) {
    Check c = {0};
    Node *w = input(&c, "w", 2, shape(2, 3, 3)), *x = input(&c, "x", 1, shape(1, 3));
    Node *b = n_map(1, x->dim, K(0.25));
    Func *f = layer(3);
    Node *one = n_call(f, (Node *[]){w, x, b});
    Node *two = n_call(f, (Node *[]){w, n_proj(one, 0), n_proj(one, 0)});
    Node *h = n_proj(two, 0);
    if (results & 1) c.y[c.ny++] = n_map(1, x->dim, s_mul(s_at(h, 0), at(n_proj(one, 1))));
    if (results & 2) c.y[c.ny++] = n_proj(two, 1);
    run(&c, str_format("call %d", results));
  }
}

static void test_nested_call(void) {
  Check c = {0};
  Node *w = input(&c, "w", 2, shape(2, 3, 3)), *x = input(&c, "x", 1, shape(1, 3));
  Node *fw = formal("w", 2, shape(2, 3, 3)), *fx = formal("x", 1, shape(1, 3));
  Node *in = n_call(layer(3), (Node *[]){fw, fx, fx});
  Node *r = n_map(1, fx->dim, s_mul(s_at(n_proj(in, 0), 0), at(n_proj(in, 1))));
  Func *outer = func_new("outer", 2, (Node *[]){fw, fx}, 1, &r, mod->here);
  Node *y = n_proj(n_call(outer, (Node *[]){w, x}), 0);
  c.y[c.ny++] = n_proj(n_call(outer, (Node *[]){w, y}), 0);
  run(&c, "nested call");
}

/* A recurrent layer: (h, count | x_t | w, unused) -> (h', count + 1 | h' * x_t | sum of h'^2). */
static Func *cell(int n) {
  Node *h = formal("h", 1, shape(1, n)), *x = formal("x", 1, shape(1, n));
  Node *count = n_param(P_FORMAL, "count", DT_I32, 0, NULL, mod->here);
  Node *w = formal("w", 2, shape(2, n, n)), *unused = formal("unused", 0, NULL);
  Node *g = n_map(1, h->dim, un(OP_SIGMOID, s_add(s_at(matvec(w, h), 0), s_at(x, 0))));
  Scalar *even = s_op2(OP_EQ, s_op2(OP_MOD, at(count), s_iconst(DT_I32, 2)), s_iconst(DT_I32, 0));
  Scalar *step = s_op3(OP_WHERE, even, s_mul(s_at(g, 0), s_at(x, 0)), un(OP_SIN, s_at(g, 0)));
  Node *next = n_named(n_map(1, h->dim, s_add(s_at(h, 0), step)), "h");
  Node *result[4] = {next, n_map(0, NULL, s_add(at(count), s_iconst(DT_I32, 1))),
                     n_map(1, h->dim, s_mul(s_at(next, 0), s_at(x, 0))),
                     n_reduce(C_SUM, 0, NULL, 1, h->dim, s_mul(at(next, I(0)), at(g, I(0))))};
  return func_new("cell", 5, (Node *[]){h, count, x, w, unused}, 4, result, mod->here);
}

/* what: bit 0 the last carry, bit 1 the stack, bit 2 the sum. */
static void scan(Check *c, Scalar *trip, int n, int what, bool reverse, int unroll,
                 int checkpoint) {
  Scalar *xd[2] = {trip, s_int(n)};
  Node *h = input(c, "h", 1, shape(1, n)), *x = input(c, "x", 2, xd);
  Node *w = input(c, "w", 2, shape(2, n, n)), *zero = n_full(0, NULL, s_iconst(DT_I32, 0));
  Node *arg[5] = {h, zero, x, w, n_full(0, NULL, K(1))};
  Node *loop = n_loop(cell(n), trip, 2, 1, 2, arg, 1, 1, reverse, unroll, checkpoint);
  if (what & 1) c->y[c->ny++] = n_proj(loop, 0);
  if (what & 2) c->y[c->ny++] = n_proj(loop, 2);
  if (what & 4) c->y[c->ny++] = n_proj(loop, 3);
}

static void test_loop(void) {
  for (int what = 1; what <= 7; what++)
    for (int reverse = 0; reverse < 2; reverse++) {
      Check c = {0};
      scan(&c, s_int(4), 2, what, reverse, 0, 0);
      run(&c, str_format("loop, results %d%s", what, reverse ? ", reversed" : ""));
    }
}

static void test_checkpoint(void) {
  for (int every = 1; every <= 4; every++)
    for (int reverse = 0; reverse < 2; reverse++) {
      Check c = {0};
      scan(&c, s_int(6), 2, 7, reverse, 0, every);
      run(&c, str_format("loop of 6, checkpoint %d%s", every, reverse ? ", reversed" : ""));
      Check d = {.size = {7}};
      scan(&d, s_size(sym_new("T", -1, mod->here)), 2, 7, reverse, 0, every);
      run(&d, str_format("loop of T, checkpoint %d%s", every, reverse ? ", reversed" : ""));
    }
}

/* A map: slices and a constant only. */
static void test_parallel(void) {
  Check c = {0};
  Node *x = input(&c, "x", 2, shape(2, 4, 3)), *w = input(&c, "w", 2, shape(2, 3, 3));
  Node *fx = formal("x", 1, shape(1, 3)), *fw = formal("w", 2, shape(2, 3, 3));
  Node *h = n_map(1, fx->dim, un(OP_TANH, s_at(matvec(fw, fx), 0)));
  Func *f = func_new("each", 2, (Node *[]){fx, fw}, 1, &h, mod->here);
  c.y[c.ny++] = n_proj(n_loop(f, s_int(4), 0, 1, 1, (Node *[]){x, w}, 1, 0, false, 0, 0), 0);
  run(&c, "loop without carry");
}

/* A loop in a loop in a call. */
static void test_nested_loop(void) {
  Check c = {0};
  Node *h = input(&c, "h", 1, shape(1, 2)), *x = input(&c, "x", 2, shape(2, 3, 2));
  Node *fh = formal("h", 1, shape(1, 2)), *fx = formal("x", 1, shape(1, 2));
  Node *ih = formal("h", 1, shape(1, 2)), *ix = formal("x", 1, shape(1, 2));
  Node *next = n_map(1, ih->dim, un(OP_SIN, s_add(s_at(ih, 0), s_mul(s_at(ix, 0), s_at(ih, 0)))));
  Func *inner = func_new("inner", 2, (Node *[]){ih, ix}, 1, &next, mod->here);
  Node *last = n_proj(n_loop(inner, s_int(2), 1, 0, 1, (Node *[]){fh, fx}, 0, 0, false, 0, 0), 0);
  Node *both[2] = {last, n_map(1, fh->dim, s_mul(s_at(last, 0), s_at(fh, 0)))};
  Func *outer = func_new("outer", 2, (Node *[]){fh, fx}, 2, both, mod->here);
  Node *loop = n_loop(outer, s_int(3), 1, 1, 0, (Node *[]){h, x}, 1, 0, true, 0, 0);
  c.y[c.ny++] = n_proj(loop, 0), c.y[c.ny++] = n_proj(loop, 1);
  run(&c, "loop in a loop");
}

/* Says whether two results of one graph agree. */
static void compare(Check *c, const char *what, int n, Node **a, Node **b, double tol) {
  Run r = {.c = c, .a = arena_new()};
  Tensor u[GC_MAX], v[GC_MAX], *unused;
  c->name = what;
  memcpy(r.size, c->size, sizeof r.size);
  gc_bind(&r, c->nx, c->x, &r.x, true);
  gc_bind(&r, c->nother, c->other, &unused, false);
  gc_eval(&r, n, a, u);
  gc_eval(&r, n, b, v);
  gc_same(&r, what, n, u, v, tol);
  bad += r.bad;
  done++;
  arena_free(r.a);
}

static bool has_loop(int n, Node **result, int unroll) {
  Arena *a = arena_new();
  Order o = graph_order(a, n, result);
  bool found = false;
  for (int i = 0; i < o.n; i++) found |= o.node[i]->kind == N_LOOP && o.node[i]->unroll >= unroll;
  arena_free(a);
  return found;
}

static void test_unroll(void) {
  for (int k = 2; k <= 8; k += 2)
    for (int reverse = 0; reverse < 2; reverse++)
      for (int sized = 0; sized < 2; sized++) {
        Check c = {.size = {7}};
        Node *y[3], *g[3];
        Scalar *trip = sized ? s_size(sym_new("T", -1, mod->here)) : s_int(7);
        scan(&c, trip, 2, 7, reverse, k, 0);
        memcpy(y, c.y, sizeof y);
        unroll_loops(3, y);
        compare(&c, str_format("unroll %d", k), 3, c.y, y, 0);
        if (has_loop(3, y, 1) || (k == 8 && !sized && has_loop(3, y, 0)))
          bad++, printf("unroll %d left a loop\n", k);
        Node *one[3] = {n_full(1, c.y[0]->dim, K(1)), NULL, n_full(0, NULL, K(1))};
        diff_vjp(3, c.y, one, 3, c.x, g);
        memcpy(y, g, sizeof y);
        unroll_loops(3, y);
        compare(&c, str_format("unroll %d, adjoint", k), 3, g, y, 0);
      }
}

/* The mapped function against itself on each slice. */
static void test_vmap(void) {
  for (int which = 0; which < 8; which++) {
    Check c = {0};
    const int B = 3, n = 2;
    bool mapped[3] = {which & 1, which & 2, which & 4};
    Node *w = formal("w", 2, shape(2, n, n)), *x = formal("x", 2, shape(2, 4, n));
    Node *h = formal("h", 1, shape(1, n)), *arg[3], *result[4], *each[4];
    Node *zero = n_full(0, NULL, s_iconst(DT_I32, 0));
    Node *in[5] = {h, zero, x, w, n_full(0, NULL, K(1))};
    Node *loop = n_loop(cell(n), s_int(4), 2, 1, 2, in, 1, 1, false, 0, 0);
    Node *call = n_call(layer(n), (Node *[]){w, n_proj(loop, 0), h});
    Node *out[4] = {n_proj(loop, 0), n_proj(loop, 2), n_proj(loop, 3), n_proj(call, 0)};
    Func *f = func_new("f", 3, (Node *[]){w, x, h}, 4, out, mod->here);
    arg[0] = input(&c, "w", 2 + mapped[0], shape(3, mapped[0] ? B : n, n, n));
    arg[1] = mapped[1] ? input(&c, "x", 3, shape(3, B, 4, n)) : input(&c, "x", 2, shape(2, 4, n));
    arg[2] = input(&c, "h", 1 + mapped[2], shape(2, mapped[2] ? B : n, n));
    vmap_call(f, s_int(B), arg, mapped, result);
    for (int b = 0; b < B; b++) {
      Node *one[3], *slice[4];
      for (int k = 0; k < 3; k++) {
        Scalar *index[3] = {s_int(b), I(0), I(1)};
        one[k] = mapped[k] ? n_map(arg[k]->rank - 1, arg[k]->dim + 1, s_read(arg[k], index, NULL))
                           : arg[k];
      }
      Node *plain = n_call(f, one);
      for (int k = 0; k < 4; k++) {
        Scalar *index[3] = {s_int(b), I(0), I(1)};
        each[k] = n_proj(plain, k);
        slice[k] = n_map(result[k]->rank - 1, result[k]->dim + 1, s_read(result[k], index, NULL));
      }
      compare(&c, str_format("vmap %d", which), 4, slice, each, 0);
    }
    if (!which) continue;
    for (int k = 0; k < 4; k++) c.y[c.ny++] = result[k];
    run(&c, str_format("derivatives of vmap %d", which));
  }
}

/* The gradient of a weight leaves the LOOP, as one product over all steps. */
static void test_hoist(void) {
  for (int reverse = 0; reverse < 2; reverse++) {
    Check c = {0};
    scan(&c, s_int(5), 6, 1, reverse, 0, 0);
    Node *one = n_full(1, c.y[0]->dim, K(1)), *g[3], *after[3];
    diff_vjp(1, c.y, &one, 3, c.x, g);
    memcpy(after, g, sizeof g);
    hoist_sums(3, after);
    compare(&c, "hoist", 3, g, after, 1e-13);
    Node *loop = g[2]->arg[0];
    if (loop->nsum != 1) bad++, printf("hoist: the loop had %d sums\n", loop->nsum);
    if (after[2]->kind != N_COMP || after[2]->ndom != 3)
      bad++, printf("hoist: the sum is not a product over the steps\n");
  }
}

/* w x_t + w2 does not wait for the carry: nothing but slices of it is left in the LOOP. */
static void test_ahead(void) {
  for (int reverse = 0; reverse < 2; reverse++) {
    Check c = {0};
    Node *h = input(&c, "h", 1, shape(1, 3)), *x = input(&c, "x", 2, shape(2, 5, 3));
    Node *w = input(&c, "w", 2, shape(2, 3, 3)), *b = input(&c, "b", 1, shape(1, 3));
    Node *fh = formal("h", 1, h->dim), *fx = formal("x", 1, x->dim + 1),
         *fw = formal("w", 2, w->dim);
    Node *fb = formal("b", 1, b->dim), *once = matvec(fw, fb), *r[2], *now[2];
    Node *relu = n_map(1, h->dim, s_op2(OP_MAX, s_at(matvec(fw, fx), 0), s_at(once, 0)));
    Node *z = matvec(fw, relu),
         *next = n_map(1, h->dim, un(OP_TANH, s_add(s_at(z, 0), s_at(fh, 0))));
    Func *f = func_new("f", 4, (Node *[]){fh, fx, fw, fb}, 2, (Node *[]){next, z}, mod->here);
    Node *loop = n_loop(f, s_int(5), 1, 1, 2, (Node *[]){h, x, w, b}, 1, 0, reverse, 0, 0);
    for (int k = 0; k < 2; k++) c.y[c.ny++] = now[k] = r[k] = n_proj(loop, k);
    compute_ahead(2, now);
    compare(&c, "ahead", 2, r, now, 0);
    Func *g = now[0]->arg[0]->fn;
    Arena *a = arena_new();
    Order o = graph_order(a, g->nresult, g->result);
    for (int i = 0; i < o.n; i++)
      if (o.node[i]->ndom > o.node[i]->rank && o.node[i]->kind == N_COMP)
        bad++, printf("ahead: a reduction is left in the loop\n");
    if (now[0]->arg[0]->nslice != 2) bad++, printf("ahead: %d slices\n", now[0]->arg[0]->nslice);
    arena_free(a);
    run(&c, "derivatives of what is computed ahead");
  }
}

/* The vjp that cube and its opaque twin declare: x_bar = 3 x^2 y_bar, and for the second argument
** w_bar = y_bar. */
static Node **cube_vjp(Func *f, Node **arg, Node **result, Node **given) {
  Node **bar = NEWN(mod->arena, Node *, f->nparam), *x = arg[0];
  (void)result;
  if (!given[0]) return bar;
  Scalar *square = s_mul(s_at(x, 0), s_at(x, 0));
  bar[0] = n_map(1, x->dim, s_mul(s_mul(K(3), square), s_at(given[0], 0)));
  bar[1] = given[0];
  return bar;
}

static int cube_run(const Func *f, const Tensor *arg, Tensor *result, const int64_t *size) {
  const double *x = arg[0].data, *w = arg[1].data;
  (void)f, (void)size;
  for (size_t i = 0; i < tensor_count(&arg[0]); i++)
    ((double *)result[0].data)[i] = x[i] * x[i] * x[i] + w[i];
  return 0;
}

/* cube(x, w) = x^3 + w with a declared vjp: an opaque kernel, or a graph. */
static Func *cube(bool opaque) {
  static Opaque kernel = {.kernel = "cube", .vjp_ref = 1};
  Node *x = formal("x", 1, shape(1, 3)), *w = formal("w", 1, shape(1, 3)),
       *y = formal("y", 1, x->dim);
  Scalar *v = s_at(x, 0);
  if (!opaque) y = n_map(1, x->dim, s_add(s_mul(s_mul(v, v), v), s_at(w, 0)));
  Func *f = func_new("cube", 2, (Node *[]){x, w}, 1, &y, mod->here);
  if (opaque)
    f->opaque = &kernel;
  else
    f->custom_vjp = 1;
  return f;
}

/* Derivatives that the script declares, in a call, a loop, and over a mapped axis. */
static void test_declared(void) {
  opaque_vjp = cube_vjp;
  eval_bind("cube", cube_run);
  for (int opaque = 0; opaque < 2; opaque++) {
    Func *f = cube(opaque);
    Check c = {0}, d = {0}, e = {0};
    Node *x = input(&c, "x", 1, shape(1, 3)), *w = input(&c, "w", 1, shape(1, 3)), *r[1];
    Node *y = n_proj(n_call(f, (Node *[]){x, n_map(1, x->dim, un(OP_SIN, s_at(w, 0)))}), 0);
    c.y[c.ny++] = n_proj(n_call(f, (Node *[]){y, x}), 0);
    run(&c, opaque ? "opaque" : "custom vjp");
    x = input(&d, "x", 1, shape(1, 3)), w = input(&d, "w", 2, shape(2, 4, 3));
    d.y[d.ny++] =
        n_proj(n_loop(f, s_int(4), 1, 1, 0, (Node *[]){x, w}, 0, 0, false, 3 * opaque, 0), 0);
    run(&d, opaque ? "loop of an opaque kernel" : "loop of a custom vjp");
    x = input(&e, "x", 2, shape(2, 2, 3)), w = input(&e, "w", 1, shape(1, 3));
    vmap_call(f, s_int(2), (Node *[]){x, w}, (bool[]){true, false}, r);
    e.y[e.ny++] = r[0];
    run(&e, opaque ? "mapped opaque" : "mapped custom vjp");
  }
}

/* With the gradient in the graph, the loop and the call run once. */
static void test_merge(int checkpoint, int expected) {
  Check c = {0};
  scan(&c, s_int(5), 2, 7, false, 0, checkpoint);
  Node *h = n_proj(n_call(layer(2), (Node *[]){c.x[2], c.y[0], c.x[0]}), 0);
  Node *loss = n_reduce(C_SUM, 0, NULL, 1, h->dim, at(h, I(0))), *one = n_full(0, NULL, K(1));
  Node *all[7] = {loss, c.y[1], c.y[2], h}, *before[7];
  diff_vjp(1, &loss, &one, 3, c.x, all + 4);
  memcpy(before, all, sizeof all);
  merge_calls(7, all);
  compare(&c, "merge", 7, before, all, 0);
  Arena *a = arena_new();
  Order o = graph_order(a, 7, all);
  int calls = 0, loops = 0;
  for (int i = 0; i < o.n; i++)
    calls += o.node[i]->kind == N_CALL, loops += o.node[i]->kind == N_LOOP;
  if (calls != 2 || loops != expected)
    bad++, printf("merge: %d calls and %d loops\n", calls, loops);
  arena_free(a);
}

int main(void) {
  mod = module_new();
  mod->default_float = DT_F64;
  test_call(), test_nested_call(), test_loop(), test_checkpoint(), test_parallel();
  test_nested_loop(), test_unroll(), test_vmap(), test_merge(0, 2);
  test_merge(2, 4);
  test_hoist();
  test_ahead();
  test_declared();
  module_free(mod);
  printf("%d graphs, %d disagreements\n", done, bad);
  return bad != 0;
}
