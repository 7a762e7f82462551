/*
** random_graph.h: random programs for the tests that hold one half of the compiler against another
**
** Maps, reductions, scatters, gathers, calls and loops over small tensors of fixed and run-time
** sizes, with every boundary rule. Values stay finite and smooth enough to compare. The same seed
** makes the same program.
*/
#ifndef RANDOM_GRAPH_H
#define RANDOM_GRAPH_H
#include <string.h>
#include "ir.h"

enum { RG_POOL = 64, RG_STEPS = 7, RG_EXTENTS = 7 };

typedef struct Random {
  uint64_t state;
  Dtype real;
  int n;
  Node *pool[RG_POOL];       /* float tensors that may be read */
  Node *id;                  /* i32[N]: small integers */
  Scalar *extent[RG_EXTENTS];
  int depth;                 /* of functions */
} Random;

static inline int rg_int(Random *r, int n) { /* 0 .. n-1 */
  uint64_t z = r->state += 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return (int)((z ^ z >> 31) % (uint64_t)n);
}

static inline bool rg_chance(Random *r, int percent) { return rg_int(r, 100) < percent; }

/* An index over the axes of a domain, anywhere. */
static Scalar *rg_index(Random *r, int ndom) {
  if (!ndom) return s_int(rg_int(r, 3));
  Scalar *a = s_axis(rg_int(r, ndom)), *b = s_axis(rg_int(r, ndom));
  Scalar *c = s_int(rg_int(r, 5) - 2);
  switch (rg_int(r, 8)) {
  case 0: return s_add(a, c);
  case 1: return s_add(a, s_add(b, c));
  case 2: return s_sub(c, a);
  case 3: return s_add(s_mul(s_int(2), a), c);
  case 4: return s_op2(OP_FLOORDIV, a, s_int(2));
  case 5: {
    uint8_t wrap = R_WRAP;
    return r->id ? s_cast(DT_I64, s_read(r->id, &a, &wrap)) : a;
  }
  case 6: return s_add(s_mul(s_int(2), a), b);
  default: return a;
  }
}

/* A read of a tensor of the pool: its own axes where they fit, else any index under a rule. */
static Scalar *rg_read(Random *r, int ndom, Scalar **dom) {
  Node *t = r->pool[rg_int(r, r->n)];
  Scalar *index[MAX_RANK];
  uint8_t rule[MAX_RANK];
  for (int d = 0; d < t->rank; d++) {
    int fit = -1, from = ndom ? rg_int(r, ndom) : 0;
    for (int p = 0; p < ndom && fit < 0; p++)
      if (dom[(p + from) % ndom] == t->dim[d]) fit = (p + from) % ndom;
    bool plain = fit >= 0 && rg_chance(r, 70);
    index[d] = plain ? s_axis(fit) : rg_index(r, ndom);
    rule[d] = (uint8_t)(plain ? R_NONE : R_ZERO + rg_int(r, 5));
  }
  return s_read(t, index, rule);
}

static Scalar *rg_expr(Random *r, int ndom, Scalar **dom, int depth) {
  static const OpCode one[] = {OP_TANH, OP_SIN,  OP_SIGMOID, OP_ABS,   OP_NEG,
                               OP_COS,  OP_ATAN, OP_ERF,     OP_EXPM1, OP_SOFTPLUS};
  static const OpCode two[] = {OP_ADD, OP_SUB, OP_MUL, OP_MAX, OP_MIN, OP_MUL, OP_ADD};
  if (depth == 0 || rg_chance(r, 15)) {
    if (rg_chance(r, 12)) return s_const(r->real, (rg_int(r, 9) - 4) * 0.375);
    if (ndom && rg_chance(r, 6)) return s_op1(OP_SIN, s_cast(r->real, s_axis(rg_int(r, ndom))));
    return rg_read(r, ndom, dom);
  }
  Scalar *x = rg_expr(r, ndom, dom, depth - 1), *y, *square;
  int choice = rg_int(r, 10);
  if (choice < 3) return s_op1(one[rg_int(r, 10)], x);
  y = rg_expr(r, ndom, dom, depth - 1);
  square = s_add(s_mul(x, x), s_const(r->real, 1));
  if (choice == 3) return s_op3(OP_WHERE, s_op2(OP_LT, x, y), y, x);
  if (choice == 4) return s_op2(OP_DIV, y, square);
  if (choice == 5) return s_mul(s_op1(OP_EXP, s_op1(OP_NEG, s_mul(x, x))), y);
  if (choice == 6 && ndom)
    return s_op3(OP_WHERE, s_op2(OP_LT, s_axis(rg_int(r, ndom)), s_int(2)), x, y);
  return s_op2(two[rg_int(r, 7)], x, y);
}

static int rg_shape(Random *r, int least, int most, Scalar **dim) {
  int rank = least + rg_int(r, most - least + 1);
  for (int d = 0; d < rank; d++) dim[d] = r->extent[rg_int(r, RG_EXTENTS)];
  return rank;
}

static Node *rg_map(Random *r) {
  Scalar *dim[4];
  int rank = rg_shape(r, 0, 3, dim);
  return n_map(rank, dim, rg_expr(r, rank, dim, 3));
}

static Node *rg_reduce(Random *r) {
  static const Combine comb[] = {C_SUM, C_SUM, C_SUM, C_MAX, C_MIN, C_PROD};
  Scalar *dom[5];
  int ndom = rg_shape(r, 1, 4, dom), nred = 1 + rg_int(r, ndom > 2 ? 2 : 1);
  Combine c = comb[rg_int(r, 6)];
  Scalar *body = rg_expr(r, ndom, dom, 2);
  if (rg_chance(r, 50)) body = s_mul(rg_read(r, ndom, dom), rg_read(r, ndom, dom));
  if (c == C_PROD) body = s_add(s_const(r->real, 0.9), s_mul(body, s_const(r->real, 0.1)));
  return n_reduce(c, ndom - nred, dom, nred, dom + ndom - nred, s_op1(OP_TANH, body));
}

static Node *rg_scatter(Random *r) {
  static const Combine comb[] = {C_SUM, C_SUM, C_SUM, C_MAX, C_MIN};
  Scalar *dom[4], *dim[3], *windex[3];
  uint8_t rule[3];
  int ndom = rg_shape(r, 1, 3, dom), rank = rg_shape(r, 1, 2, dim);
  for (int d = 0; d < rank; d++) {
    windex[d] = rg_index(r, ndom);
    rule[d] = (uint8_t)(R_ZERO + rg_int(r, 5));
  }
  Combine c = comb[rg_int(r, 5)];
  Node *n = n_comp(r->real, c, rank, dim, ndom, dom, windex, rule, rg_expr(r, ndom, dom, 2));
  if (c == C_SUM) return n;
  Scalar *least = s_op2(OP_MAX, s_at(n, 0), s_const(r->real, -3)); /* some are infinite */
  return n_map(rank, dim, s_op2(OP_MIN, least, s_const(r->real, 3)));
}

static Node *rg_node(Random *r);

/* A function of two tensors, called; or a loop whose carry is the first of them. */
static Node *rg_call(Random *r) {
  Random in = {.state = r->state, .real = r->real, .depth = r->depth + 1};
  memcpy(in.extent, r->extent, sizeof in.extent);
  Node *a = r->pool[rg_int(r, r->n)], *b = r->pool[rg_int(r, r->n)], *arg[2] = {a, b}, *param[2];
  bool loop = rg_chance(r, 50) && b->rank > 0 && b->rank < 4;
  param[0] = n_param(P_FORMAL, "h", r->real, a->rank, a->dim, (Loc){0});
  param[1] = n_param(P_FORMAL, "x", r->real, b->rank - loop, b->dim + loop, (Loc){0});
  in.pool[in.n++] = param[0];
  in.pool[in.n++] = param[1];
  for (int k = 0; k < 2; k++) in.pool[in.n++] = rg_node(&in);
  Node *other = in.pool[in.n - 1];
  Node *next = n_map(a->rank, a->dim, s_op1(OP_TANH, rg_expr(&in, a->rank, a->dim, 2)));
  Node *result[3] = {next, other, other};
  r->state = in.state + 1;
  if (loop) {
    Func *f = func_new("step", 2, param, other->rank < 4 ? 3 : 1, result, (Loc){0});
    bool more = f->nresult == 3;
    Node *l = n_loop(f, b->dim[0], 1, 1, 0, arg, more, more, rg_chance(r, 50),
                     rg_chance(r, 30) ? 1 + rg_int(r, 3) : 0, 0);
    return n_proj(l, rg_int(r, f->nresult));
  }
  Func *f = func_new("apply", 2, param, 2, result, (Loc){0});
  return n_proj(n_call(f, arg), rg_int(r, 2));
}

/* A new tensor over those of the pool. */
static Node *rg_node(Random *r) {
  int choice = rg_int(r, 10);
  if (choice < 4) return rg_map(r);
  if (choice < 7) return rg_reduce(r);
  if (choice < 9 || r->depth > 1) return rg_scatter(r);
  return rg_call(r);
}

/* Fills in the extents; call once a module. */
static void rg_begin(Random *r, uint64_t seed, Dtype real) {
  *r = (Random){.state = seed * 7919 + 1, .real = real};
  Scalar *n = s_size(sym_new("N", -1, (Loc){0})), *m = s_size(sym_new("M", -1, (Loc){0}));
  Scalar *extent[RG_EXTENTS] = {n, m, s_int(1), s_int(2), s_int(3), s_int(5), s_add(n, s_int(1))};
  memcpy(r->extent, extent, sizeof extent);
}

/* A graph over fresh parameters; its results are the last tensors made. Returns their number. */
static int rg_graph(Random *r, Node **param, int *nparam, Node **result) {
  r->n = *nparam = 0;
  r->id = n_param(P_INPUT, "id", DT_I32, 1, r->extent, (Loc){0});
  param[(*nparam)++] = r->id;
  for (int k = 0; k < 3; k++) {
    Scalar *dim[3];
    int rank = rg_shape(r, k > 0, 2, dim);
    Node *p = n_param(P_INPUT, str_format("x%d", k), r->real, rank, dim, (Loc){0});
    param[(*nparam)++] = r->pool[r->n++] = p;
  }
  int steps = 2 + rg_int(r, RG_STEPS), nresult = 0;
  for (int k = 0; k < steps; k++) r->pool[r->n++] = rg_node(r);
  for (int k = r->n - 1; k >= 4 && nresult < 3; k--)
    if (r->pool[k]->kind != N_PARAM) result[nresult++] = r->pool[k];
  return nresult;
}

#endif
