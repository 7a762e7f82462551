/*
** test_diff.c: derivatives of small graphs of every kind, five ways each (gradcheck.h)
*/
#include "gradcheck.h"

static int bad, done;

static void run(Check *c, const char *name) {
  c->name = name;
  bad += gc_check(c);
  done++;
}

static void test_elementwise(void) {
  Check c = {.lo = 0.3, .hi = 1.7};
  Node *x = input(&c, "x", 2, shape(2, 3, 4)), *w = input(&c, "w", 1, shape(1, 4));
  Scalar *a = at(x, I(0), I(1)), *b = at(w, I(1));
  Scalar *s = s_add(s_mul(un(OP_TANH, a), b), s_op2(OP_DIV, un(OP_EXP, s_mul(a, b)), s_add(b, a)));
  Node *h = n_named(n_map(2, x->dim, s), "h");
  c.y[c.ny++] = n_map(2, x->dim, s_mul(un(OP_LOG, s_at(h, 0)), s_op2(OP_POW, a, b)));
  c.y[c.ny++] = h;
  run(&c, "elementwise");
}

static void test_matmul(void) {
  Check c = {0};
  Node *a = input(&c, "a", 2, shape(2, 3, 4)), *b = input(&c, "b", 2, shape(2, 4, 2));
  Scalar *red[1] = {s_int(4)};
  Node *m = n_reduce(C_SUM, 2, shape(2, 3, 2), 1, red, s_mul(at(a, I(0), I(2)), at(b, I(2), I(1))));
  n_named(m, "m");
  c.y[c.ny++] = n_map(2, m->dim, un(OP_TANH, s_at(m, 0)));
  run(&c, "matmul");
}

static void test_softmax(void) {
  Check c = {0};
  Node *x = input(&c, "x", 2, shape(2, 3, 5));
  Scalar *red[1] = {s_int(5)};
  Node *m = n_reduce(C_MAX, 1, x->dim, 1, red, at(x, I(0), I(1)));
  Node *e = n_map(2, x->dim, un(OP_EXP, s_sub(at(x, I(0), I(1)), at(m, I(0)))));
  Node *z = n_reduce(C_SUM, 1, x->dim, 1, red, at(e, I(0), I(1)));
  c.y[c.ny++] = n_map(2, x->dim, s_op2(OP_DIV, s_at(e, 0), at(z, I(0))));
  c.y[c.ny++] = n_map(1, x->dim, s_add(un(OP_LOG, s_at(z, 0)), s_at(m, 0)));
  run(&c, "softmax");
}

/* y[i] = sum k. w[k] * x[s i + d k - p], under every boundary rule, pads longer than x as well. */
static void test_conv(void) {
  static const int cases[][6] = {/* n, k, stride, dilation, pad, out */
                                 {7, 3, 1, 1, 1, 7},  {6, 3, 2, 1, 1, 3}, {8, 2, 1, 3, 2, 9},
                                 {3, 5, 1, 1, 7, 12}, {2, 3, 3, 2, 9, 7}, {1, 3, 1, 1, 4, 6}};
  for (Rule r = R_ZERO; r <= R_WRAP; r++)
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
      const int *q = cases[k];
      Check c = {0};
      Node *x = input(&c, "x", 1, shape(1, q[0])), *w = input(&c, "w", 1, shape(1, q[1]));
      Scalar *red[1] = {s_int(q[1])};
      Scalar *i = s_add(s_mul(s_int(q[2]), I(0)), s_sub(s_mul(s_int(q[3]), I(1)), s_int(q[4])));
      Scalar *t = un(OP_SIN, s_mul(at(w, I(1)), at_rule(r, x, i)));
      c.y[c.ny++] = n_reduce(C_SUM, 1, shape(1, q[5]), 1, red, t);
      run(&c, str_format("conv %s %zu", rule_name(r), k));
    }
}

static void test_conv2d(void) {
  for (Rule r = R_ZERO; r <= R_WRAP; r++) {
    Check c = {0};
    Node *x = input(&c, "x", 3, shape(3, 2, 4, 5)), *w = input(&c, "w", 4, shape(4, 3, 2, 3, 3));
    Scalar *red[3] = {s_int(2), s_int(3), s_int(3)};
    Scalar *read =
        at_rule(r, x, I(3), s_sub(s_add(I(1), I(4)), s_int(1)), s_sub(s_add(I(2), I(5)), s_int(1)));
    Node *y =
        n_reduce(C_SUM, 3, shape(3, 3, 4, 5), 3, red, s_mul(at(w, I(0), I(3), I(4), I(5)), read));
    c.y[c.ny++] = n_map(3, y->dim, un(OP_TANH, s_at(y, 0)));
    run(&c, str_format("conv2d %s", rule_name(r)));
  }
}

static void test_max(void) {
  for (Combine m = C_MAX; m <= C_MIN; m++) {
    Check c = {0};
    Node *x = input(&c, "x", 2, shape(2, 6, 6)), *w = input(&c, "w", 1, shape(1, 3));
    Scalar *red[2] = {s_int(3), s_int(2)};
    Scalar *b = at(x, s_add(s_mul(s_int(2), I(0)), I(2)), s_add(s_mul(s_int(2), I(1)), I(3)));
    c.y[c.ny++] = n_reduce(m, 2, shape(2, 2, 3), 2, red, s_mul(b, at(w, I(2))));
    run(&c, str_format("pooling %s", combine_name(m)));
  }
}

static void test_prod(void) {
  for (int n = 3; n <= 20; n += 17) {
    Check c = {.lo = 0.5, .hi = 1.5};
    Node *x = input(&c, "x", 2, shape(2, 2, n)), *w = input(&c, "w", 1, shape(1, 2));
    Scalar *red[2] = {s_int(n), s_int(2)};
    Scalar *b = s_mul(at(x, I(0), I(1)), un(OP_COS, at(w, I(2))));
    c.y[c.ny++] = n_reduce(C_PROD, 1, shape(1, 2), 2, red, b);
    run(&c, str_format("product of %d", 2 * n));
  }
  for (int zeros = 1; zeros <= 3; zeros++) { /* factors that vanish: x[k] - x0[k] with x == x0 */
    Check c = {.lo = 0.5, .hi = 1.5};
    Node *x = input(&c, "x", 1, shape(1, 4));
    Scalar *red[1] = {s_int(4)};
    Scalar *on = s_cast(DT_F64, s_op2(OP_GE, I(0), s_int(zeros)));
    c.y[c.ny++] = n_reduce(C_PROD, 0, NULL, 1, red, s_mul(on, at(x, I(0))));
    run(&c, str_format("product with %d zeros", zeros));
  }
}

static void test_gather(void) {
  Check c = {0};
  Node *x = input(&c, "x", 2, shape(2, 4, 3)), *id = indices(&c, "id", 7, 4);
  Node *y = n_map(2, shape(2, 7, 3), at(x, at(id, I(0)), I(1)));
  c.y[c.ny++] = n_map(2, y->dim, s_mul(s_at(y, 0), un(OP_SIN, s_at(y, 0))));
  run(&c, "gather with repeats");
}

static Node *scatter(Combine m, Node *like, int n, int out, Scalar *where, Rule rule,
                     Scalar *body) {
  (void)like;
  Scalar *dom[1] = {s_int(n)}, *index[1] = {where};
  uint8_t rules[1] = {(uint8_t)rule};
  return n_comp(DT_F64, m, 1, shape(1, out), 1, dom, index, rules, body);
}

/* out[g(i)] (+)= x[i] * w[i] with g affine, folded, clipped, or data. */
static void test_scatter(void) {
  for (Combine m = C_SET; m <= C_MIN; m++)
    for (int g = 0; g < 6; g++) {
      Check c = {.lo = 0.4, .hi = 1.6};
      Node *x = input(&c, "x", 1, shape(1, 6)), *w = input(&c, "w", 1, shape(1, 6));
      Node *id = indices(&c, "id", 6, 5);
      Scalar *to[6] = {s_mul(s_int(2), I(0)),
                       s_sub(s_int(6), I(0)),
                       s_op2(OP_FLOORDIV, I(0), s_int(2)),
                       s_sub(I(0), s_int(2)),
                       s_sub(s_mul(s_int(3), I(0)), s_int(4)),
                       at(id, I(0))};
      static const Rule rule[6] = {R_NONE, R_NONE, R_NONE, R_ZERO, R_MIRROR, R_NONE};
      Scalar *body = s_mul(at(x, I(0)), un(OP_EXP, at(w, I(0))));
      Node *y = scatter(m, x, 6, g == 0 ? 11 : 7, to[g], rule[g], body);
      bool extreme = m == C_MAX || m == C_MIN; /* what is never written is infinite there */
      Scalar *v = s_at(y, 0);
      if (extreme) v = s_op3(OP_WHERE, un(OP_ISINF, v), K(0), v);
      c.y[c.ny++] = n_map(1, y->dim, v);
      run(&c, str_format("scatter %s %d", combine_name(m), g));
    }
}

static void test_where(void) {
  Check c = {0};
  Node *x = input(&c, "x", 1, shape(1, 9)), *b = input(&c, "b", 0, NULL);
  Scalar *v = at(x, I(0)), *pos = s_op2(OP_GT, v, K(0));
  Scalar *safe = s_op3(OP_WHERE, pos, v, K(1));
  Scalar *s = s_op3(OP_WHERE, pos, un(OP_SQRT, safe), s_mul(v, at(b)));
  c.y[c.ny++] = n_map(1, x->dim, s_op2(OP_MAX, s, s_op2(OP_MIN, v, K(0.2))));
  c.y[c.ny++] = n_map(1, x->dim, s_op3(OP_WHERE, pos, un(OP_LOG, v), K(0)));
  run(&c, "where");
}

static void test_shapes(void) {
  Check c = {0};
  Node *x = input(&c, "x", 2, shape(2, 4, 6));
  Scalar *lin = s_add(s_mul(I(0), s_int(8)), I(1));
  Node *r = n_map(2, shape(2, 3, 8),
                  at(x, s_op2(OP_FLOORDIV, lin, s_int(6)), s_op2(OP_MOD, lin, s_int(6))));
  Node *t = n_map(2, shape(2, 8, 3), at(r, I(1), I(0)));
  Node *f = n_map(2, shape(2, 8, 3), s_mul(at(t, s_sub(s_int(7), I(0)), I(1)), at(t, I(0), I(1))));
  Scalar *red[1] = {s_int(3)};
  c.y[c.ny++] =
      n_reduce(C_SUM, 1, shape(1, 4), 1, red, un(OP_SIN, at(f, s_mul(s_int(2), I(0)), I(1))));
  run(&c, "reshape, transpose, flip, stride");
}

/* x_dot^T x, trace, diagonal: one tensor read at several places. */
static void test_shared(void) {
  Check c = {0};
  Node *x = input(&c, "x", 2, shape(2, 4, 4));
  Scalar *red[2] = {s_int(4), s_int(4)};
  Scalar *body = s_mul(s_mul(at(x, I(0), I(1)), at(x, I(1), I(0))), at(x, I(0), I(0)));
  c.y[c.ny++] = n_reduce(C_SUM, 0, NULL, 2, red, body);
  c.y[c.ny++] = n_map(1, x->dim, un(OP_TANH, at(x, I(0), I(0))));
  run(&c, "several reads of one tensor");
}

static Scalar *dims[2];

static void test_sizes(void) {
  Sym *n = sym_new("N", -1, mod->here), *k = sym_new("K", -1, mod->here);
  dims[0] = s_size(n), dims[1] = s_size(k);
  for (int64_t v = 1; v <= 7; v += 3) {
    Check c = {.size = {v, 8 - v}};
    Node *x = input(&c, "x", 1, dims), *w = input(&c, "w", 1, dims + 1);
    Scalar *pad = s_add(dims[0], s_sub(dims[1], s_int(1))), *i = s_sub(I(0), I(1));
    Node *y = n_reduce(C_SUM, 1, &pad, 1, dims + 1, s_mul(at(w, I(1)), at_rule(R_ZERO, x, i)));
    Node *z = n_reduce(C_SUM, 1, dims, 1, dims + 1, s_mul(at(w, I(1)), at(y, s_add(I(0), I(1)))));
    c.y[c.ny++] = n_map(1, dims, un(OP_SIN, s_at(z, 0)));
    c.y[c.ny++] = n_reduce(C_PROD, 0, NULL, 1, dims, s_add(at(x, I(0)), K(2)));
    run(&c, str_format("run-time sizes %d", (int)v));
  }
}

static void test_intermediate(void) {
  Check c = {0};
  Node *x = input(&c, "x", 1, shape(1, 3));
  Node *h = n_map(1, x->dim, un(OP_SIN, s_at(x, 0))),
       *y = n_map(1, x->dim, s_mul(s_at(h, 0), s_at(x, 0)));
  Node *xs[3] = {x, h, n_map(1, x->dim, K(1))}, *ys[2] = {y, h}, *y_bar[2] = {xs[2], NULL}, *g[3];
  double data[3] = {0.5, 1, 1.5};
  Tensor in = {.dtype = DT_F64, .rank = 1, .dim = {3}, .data = data}, out[3];
  Arena *a = arena_new();
  diff_vjp(2, ys, y_bar, 3, xs, g);
  eval_graph(a, 1, &x, &in, NULL, 3, g, out);
  for (int i = 0; i < 3; i++) {
    double *gx = out[0].data, *gh = out[1].data, *go = out[2].data, v = data[i];
    bad += fabs(gx[i] - (sin(v) + v * cos(v))) > 1e-14 || gh[i] != v || go[i] != 0;
  }
  if (strcmp(g[0]->name, "x_bar")) bad++, printf("the cotangent of x is called %s\n", g[0]->name);
  arena_free(a);
  done++;
}

/* Ties share, and the value where nothing is read twice stays finite. */
static void test_ties(void) {
  Scalar *red[1] = {s_int(4)};
  Node *x = n_param(P_INPUT, "x", DT_F64, 1, red, mod->here), *g[1];
  Node *y = n_reduce(C_MAX, 0, NULL, 1, red, at(x, I(0))), *one = n_full(0, NULL, K(1));
  double data[4] = {2, 5, 5, 1};
  Tensor in = {.dtype = DT_F64, .rank = 1, .dim = {4}, .data = data}, out[1];
  Arena *a = arena_new();
  diff_vjp(1, &y, &one, 1, &x, g);
  eval_graph(a, 1, &x, &in, NULL, 1, g, out);
  double *gx = out[0].data;
  if (gx[0] != 0 || gx[1] != 0.5 || gx[2] != 0.5 || gx[3] != 0)
    bad++, printf("ties are not shared\n");
  arena_free(a);
  done++;
}

/* What is the same for many points: numbers and rows that come of parameters, one of the other. */
static void test_still(void) {
  Check c = {.lo = 0.2, .hi = 0.9};
  Node *q = input(&c, "q", 1, shape(1, 3)), *p = input(&c, "p", 1, shape(1, 70));
  Node *s = input(&c, "s", 1, shape(1, 2));
  Scalar *a = at(q, s_int(0)), *b = at(q, s_int(1)), *n = at(p, I(1)), *e = un(OP_EXP, at(s, I(0)));
  Scalar *turn = s_sub(K(1), s_mul(K(2), s_mul(a, b)));
  Scalar *scale = un(OP_SQRT, s_add(a, at(q, s_int(2))));
  Scalar *row = s_mul(s_op2(OP_DIV, e, scale), s_add(e, b)), *red[1] = {s_int(70)};
  Scalar *term = s_add(s_mul(turn, n), s_sub(s_mul(row, un(OP_SIN, n)), s_mul(turn, scale)));
  c.y[c.ny++] = n_reduce(C_SUM, 1, s->dim, 1, red, un(OP_TANH, s_add(term, s_mul(n, a))));
  c.y[c.ny++] = n_map(2, shape(2, 2, 70), un(OP_EXP, s_mul(term, un(OP_SIN, term))));
  c.y[c.ny++] = n_reduce(C_MAX, 1, s->dim, 1, red, term);
  Scalar *near = s_op2(OP_LT, n, K(0.5));
  c.y[c.ny++] = n_reduce(C_SUM, 0, NULL, 1, red,
                         s_subst_axes(s_op3(OP_WHERE, near, s_mul(turn, n), s_mul(scale, turn)), 2,
                                      (Scalar *[]){s_int(0), I(0)}));
  Scalar *by[] = {s_int(0), I(0)}, *r = s_sub(s_mul(turn, at(p, I(0))), K(0.2));
  Scalar *is_near = s_op2(OP_LT, s_mul(r, r), K(0.1)), *root = un(OP_SQRT, s_mul(r, r));
  Scalar *loss = s_op3(OP_WHERE, is_near, s_mul(r, r), s_mul(root, s_subst_axes(scale, 2, by)));
  c.y[c.ny++] = n_reduce(C_SUM, 0, NULL, 1, red, loss);
  run(&c, "what is the same for many points");
}

/* Points act on one another: what acts is read by sums over different axes. */
static void test_pairs(void) {
  Check c = {0};
  Node *x = input(&c, "x", 1, shape(1, 5)), *k = input(&c, "k", 2, shape(2, 5, 5));
  Node *a = input(&c, "a", 1, shape(1, 3)), *b = input(&c, "b", 1, shape(1, 3));
  Scalar *red[2] = {s_int(5), s_int(3)}, *e = un(OP_EXP, at(a, I(1)));
  Scalar *s = un(OP_SIN, s_sub(at(x, I(1)), at(x, I(0))));
  c.y[c.ny++] = n_reduce(C_SUM, 1, x->dim, 1, red, s_mul(at(k, I(0), I(1)), s));
  Scalar *z = s_mul(e, s_sub(at(x, I(0)), at(b, I(1))));
  c.y[c.ny++] = n_reduce(C_SUM, 0, NULL, 2, red, s_sub(un(OP_SOFTPLUS, z), s_mul(z, K(0.3))));
  Scalar *far = s_op2(OP_GT, at(x, I(0)), at(b, I(1)));
  c.y[c.ny++] = n_reduce(C_SUM, 0, NULL, 2, red, s_op3(OP_WHERE, far, un(OP_TANH, z), z));
  run(&c, "points that act on one another");
}

/* What no point chooses has no cotangent, though its derivative is infinite. */
static void test_still_choice(void) {
  Scalar *dim[1] = {s_int(70)};
  Node *q = n_param(P_INPUT, "q", DT_F64, 0, NULL, mod->here), *g[1];
  Node *p = n_param(P_INPUT, "p", DT_F64, 1, dim, mod->here);
  Scalar *root = un(OP_SQRT, at(q)), *n = at(p, I(0));
  Scalar *body = s_op3(OP_WHERE, s_op2(OP_GT, n, K(0)), s_mul(n, s_mul(root, root)), n);
  body = s_add(body, s_mul(n, s_add(at(q), s_mul(at(q), at(q)))));
  Node *y = n_reduce(C_SUM, 0, NULL, 1, dim, body), *one = n_full(0, NULL, K(1));
  double zero = 0, data[70];
  for (int i = 0; i < 70; i++) data[i] = -1;
  Tensor of_q = {.dtype = DT_F64, .data = &zero};
  Tensor in[] = {of_q, {.dtype = DT_F64, .rank = 1, .dim = {70}, .data = data}}, out[1];
  Arena *a = arena_new();
  diff_vjp(1, &y, &one, 1, &q, g);
  eval_graph(a, 2, (Node *[]){q, p}, in, NULL, 1, g, out);
  if (*(double *)out[0].data != -70)
    bad++, printf("a choice that no point takes has a cotangent\n");
  arena_free(a);
  done++;
}

int main(void) {
  mod = module_new();
  mod->default_float = DT_F64;
  test_elementwise(), test_matmul(), test_softmax(), test_conv(), test_conv2d(), test_max();
  test_prod(), test_gather(), test_scatter(), test_where(), test_shapes(), test_shared();
  test_sizes(), test_intermediate(), test_ties(), test_still(), test_still_choice();
  test_pairs();
  module_free(mod);
  printf("%d graphs, %d disagreements\n", done, bad);
  return bad != 0;
}
