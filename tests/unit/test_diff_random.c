/*
** test_diff_random.c: derivatives of random graphs, five ways each (gradcheck.h)
**
** A graph is a handful of maps, reductions, scatters, calls and loops over small tensors, each
** reading what came before at random affine, folded or data-dependent indices under a random
** boundary rule. Usage: test_diff_random [count [first seed]]. A seed that disagrees at each of
** three random points is a defect; at one or two of them it met a kink.
*/
#include "gradcheck.h"

enum { POOL = 16, FEW = 4 };

/* What is being made: the tensors that may be read, and integer tensors for indices. */
typedef struct Gen {
  int n, nid, depth;
  Node *pool[POOL], *id[2];
} Gen;

static bool chance(double p) {
  return gc_uniform(0, 1) < p;
}

static void random_shape(int rank, Scalar **dim) {
  static const int extents[] = {1, 2, 3, 3, 4, 5};
  for (int d = 0; d < rank; d++)
    dim[d] = chance(0.2) ? s_size(mod->sym[gc_int(2)]) : s_int(extents[gc_int(6)]);
}

static Scalar *random_index(Gen *g, int naxis) {
  Scalar *a = naxis ? I(gc_int(naxis)) : s_int(1), *b = naxis ? I(gc_int(naxis)) : s_int(0);
  Scalar *c = s_int(gc_int(5) - 2), *two = s_int(2);
  switch (gc_int(10)) {
  case 0:
    return s_add(a, c);
  case 1:
    return s_sub(c, a);
  case 2:
    return s_add(s_mul(two, a), c);
  case 3:
    return s_add(a, b);
  case 4:
    return s_add(s_mul(two, a), s_add(b, c));
  case 5:
    return s_op2(OP_FLOORDIV, a, two);
  case 6:
    return s_op2(OP_MOD, s_add(a, s_int(1)), two);
  case 7:
    return g->nid ? at_rule(R_WRAP, g->id[gc_int(g->nid)], s_add(a, b)) : a;
  default:
    return a;
  }
}

static Scalar *random_read(Gen *g, int naxis) {
  Node *t = g->pool[gc_int(g->n)];
  Scalar *index[MAX_RANK];
  uint8_t rule[MAX_RANK];
  for (int d = 0; d < t->rank; d++) {
    index[d] = chance(0.5) && d < naxis ? I(d) : random_index(g, naxis);
    rule[d] = (uint8_t)(R_ZERO + gc_int(5));
  }
  return s_read(t, index, rule);
}

/* A random expression whose value lies in about [-1, 1]. */
static Scalar *random_scalar(Gen *g, int naxis, int depth) {
  if (depth == 0) return chance(0.1) ? K(gc_uniform(-1, 1)) : random_read(g, naxis);
  Scalar *a = random_scalar(g, naxis, depth - 1), *b = random_scalar(g, naxis, depth - 1);
  switch (gc_int(14)) {
  case 0:
    return s_mul(a, b);
  case 1:
    return s_mul(K(0.5), s_add(a, b));
  case 2:
    return s_mul(K(0.5), s_sub(a, b));
  case 3:
    return s_op2(OP_DIV, a, s_add(K(2), un(OP_SIN, b)));
  case 4:
    return un(OP_TANH, a);
  case 5:
    return un(OP_SIN, s_add(a, b));
  case 6:
    return un(OP_SIGMOID, a);
  case 7:
    return s_mul(K(0.4), un(OP_EXP, un(OP_SIN, a)));
  case 8:
    return un(OP_LOG, s_add(K(2), un(OP_COS, a)));
  case 9:
    return s_op2(OP_MAX, a, b);
  case 10:
    return s_op2(OP_MIN, a, s_mul(K(0.7), b));
  case 11:
    return s_op3(OP_WHERE, s_op2(OP_LT, a, b), s_mul(a, a), un(OP_ABS, b));
  case 12:
    return naxis ? s_op3(OP_WHERE, s_op2(OP_LT, I(0), s_int(2)), a, b) : a;
  default:
    return s_op2(OP_POW, s_add(K(1.5), un(OP_SIN, a)), b);
  }
}

static Node *random_comp(Gen *g) {
  int rank = gc_int(4), nred = chance(0.5) ? 1 + gc_int(2) : 0;
  Scalar *dim[MAX_RANK], *red[2];
  random_shape(rank, dim), random_shape(nred, red);
  Combine c = !nred || chance(0.5) ? C_SUM : C_SUM + (Combine)gc_int(4);
  Scalar *body = random_scalar(g, rank + nred, 1 + gc_int(2));
  Node *n = n_reduce(nred ? c : C_SET, rank, dim, nred, red, body);
  return n_map(rank, dim, un(OP_SIN, s_at(n, 0)));
}

static Node *random_scatter(Gen *g) {
  int rank = 1 + gc_int(2), ndom = 1 + gc_int(2);
  Scalar *dim[MAX_RANK], *dom[MAX_AXES], *index[MAX_RANK];
  uint8_t rule[MAX_RANK];
  random_shape(rank, dim), random_shape(ndom, dom);
  for (int d = 0; d < rank; d++) {
    index[d] = random_index(g, ndom);
    rule[d] = (uint8_t)(R_ZERO + gc_int(5));
  }
  Scalar *body = random_scalar(g, ndom, 1);
  Node *n = n_comp(DT_F64, (Combine)gc_int(5), rank, dim, ndom, dom, index, rule, body);
  if (chance(0.5)) n = gather_node(n);
  Scalar *v = s_at(n, 0); /* what nothing is written to may be infinite */
  return n_map(rank, dim, un(OP_SIN, s_op3(OP_WHERE, un(OP_ISINF, v), K(0), v)));
}

static void random_nodes(Gen *g, int count);

/* A function of some tensors like those of the pool, and the arguments for it; the first `shared`
** results have the shapes of the first arguments. */
static Func *random_func(Gen *g, int nparam, Node **arg, int shared, int nresult, int loop_slice) {
  Gen in = {.depth = g->depth + 1};
  Node *param[FEW], *result[FEW];
  for (int k = 0; k < nparam; k++) {
    int cut = k == loop_slice;
    arg[k] = g->pool[gc_int(g->n)];
    for (int tries = 0; cut && arg[k]->rank == 0 && tries < 50; tries++)
      arg[k] = g->pool[gc_int(g->n)];
    if (cut && arg[k]->rank == 0) return NULL;
    param[k] = n_param(P_FORMAL, "p", DT_F64, arg[k]->rank - cut, arg[k]->dim + cut, mod->here);
    in.pool[in.n++] = param[k];
  }
  random_nodes(&in, 2 + gc_int(2));
  for (int k = 0; k < nresult; k++) {
    result[k] = in.pool[in.n - 1 - gc_int(in.n - 1)];
    if (k < shared)
      result[k] =
          n_map(param[k]->rank, param[k]->dim,
                un(OP_SIN, s_add(s_at(param[k], 0), random_scalar(&in, param[k]->rank, 1))));
  }
  return func_new("f", nparam, param, nresult, result, mod->here);
}

static Node *random_call(Gen *g) {
  Node *arg[FEW];
  int nresult = 1 + gc_int(3);
  Func *f = random_func(g, 1 + gc_int(3), arg, 0, nresult, -1);
  return n_proj(n_call(f, arg), gc_int(nresult));
}

static Node *random_loop(Gen *g) {
  Node *arg[FEW];
  int ncarry = gc_int(3), nconst = gc_int(2), nresult = ncarry + 1 + gc_int(2);
  Func *f = random_func(g, ncarry + 1 + nconst, arg, ncarry, nresult, ncarry);
  if (!f) return random_comp(g);
  int nsum = gc_int(nresult - ncarry + 1), checkpoint = gc_int(4), unroll = gc_int(5);
  Node *loop = n_loop(f, arg[ncarry]->dim[0], ncarry, 1, nconst, arg, nresult - ncarry - nsum, nsum,
                      chance(0.5), unroll, checkpoint);
  return n_proj(loop, gc_int(nresult));
}

/* A function mapped over a new axis of some of its arguments. */
static Node *random_vmap(Gen *g) {
  Node *arg[FEW], *result[FEW];
  bool mapped[FEW];
  int nparam = 1 + gc_int(3), nresult = 1 + gc_int(2);
  Func *f = random_func(g, nparam, arg, 0, nresult, -1);
  for (int k = 0; k < nparam; k++) {
    Node *x = arg[k];
    Scalar *dim[MAX_RANK + 1] = {s_int(2)}, *shift = s_mul(K(0.3), s_cast(DT_F64, I(0)));
    for (int d = 0; d < x->rank; d++) dim[d + 1] = x->dim[d];
    if ((mapped[k] = x->rank < 3 && chance(0.7)))
      arg[k] = n_map(x->rank + 1, dim, un(OP_SIN, s_add(s_at(x, 1), shift)));
  }
  vmap_call(f, s_int(2), arg, mapped, result);
  return result[gc_int(nresult)];
}

static void random_nodes(Gen *g, int count) {
  for (int i = 0; i < count && g->n < POOL; i++) {
    int kind = gc_int(g->depth < 2 ? 11 : 6);
    Node *n = kind < 4   ? random_comp(g)
              : kind < 6 ? random_scatter(g)
              : kind < 8 ? random_call(g)
              : kind < 9 ? random_vmap(g)
                         : random_loop(g);
    if (n->rank > 3) n = n_reduce(C_MAX, 0, NULL, n->rank, n->dim, s_at(n, 0));
    g->pool[g->n++] = n;
  }
}

static void print_graph(int n, Node **result) {
  Arena *a = arena_new();
  Order o = graph_order(a, n, result);
  for (int i = 0; i < o.n; i++) {
    if (o.node[i]->kind == N_PARAM) continue;
    Text t = {0};
    print_formula(&t, o.node[i]);
    printf("  %s\n", t.s);
    text_free(&t);
    if (o.node[i]->kind == N_CALL || o.node[i]->kind == N_LOOP)
      print_graph(o.node[i]->fn->nresult, o.node[i]->fn->result);
  }
  arena_free(a);
}

static bool check_seed(int seed) {
  mod = module_new();
  mod->default_float = DT_F64;
  gc_state = (uint64_t)seed * 2654435769u + 12345;
  for (int i = 0; i < 4; i++) gc_uniform(0, 1);
  Check c = {.name = str_format("seed %d", seed), .quiet = true, .limit = 1e4};
  Gen g = {0};
  for (int k = 0; k < 2; k++) c.size[k] = 3 + gc_int(3), sym_new(k ? "M" : "N", -1, mod->here);
  for (int k = 0; k < 3; k++) {
    Scalar *dim[MAX_RANK];
    int rank = gc_int(4);
    random_shape(rank, dim);
    g.pool[g.n++] = input(&c, str_format("x%d", k), rank, dim);
  }
  g.id[g.nid++] = indices(&c, "id", 5, 4);
  random_nodes(&g, 2 + gc_int(4));
  c.y[c.ny++] = g.pool[g.n - 1];
  if (chance(0.5)) c.y[c.ny++] = g.pool[3 + gc_int(g.n - 3)];
  int failed = 0;
  for (int point = 0; point < 3 && failed == point; point++) {
    c.quiet = point < 2;
    failed += gc_check(&c) > 0;
  }
  if (failed == 3) print_graph(c.ny, c.y);
  module_free(mod);
  return failed < 3;
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 300, first = argc > 2 ? atoi(argv[2]) : 1, bad = 0;
  for (int seed = first; seed < first + count && bad < 5; seed++) bad += !check_seed(seed);
  printf("%d random graphs, %d disagreements\n", count, bad);
  return bad != 0;
}
