/*
** verify.c: the check of a graph between any two passes
**
**   arguments come before users; bodies have their node's dtype; reads have their tensor's rank;
**   args are exactly what is read; extents are integers over sizes; calls fit their function
**
** Whatever is wrong is a defect of ours: ICE with the node, its script line and the pass.
*/
#include <stdarg.h>
#include <string.h>
#include "ir.h"

typedef struct Check {
  const Func *f;
  const char *pass;
  const Node *n;       /* the node looked at */
  int ndom;            /* axes that may stand in the Scalar looked at */
  int nseen, cap;      /* tensors read, by first appearance */
  const Node **seen;
  bool choice;         /* a `where` was met: reads may be out of range on its other side */
  Arena *arena;
} Check;

static _Noreturn void fail(const Check *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void fail(const Check *c, const char *fmt, ...) {
  char what[300];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(what, sizeof what, fmt, ap);
  va_end(ap);
  const char *name = c->n && c->n->name ? c->n->name : "an unnamed node";
  ICE(c->n ? c->n->loc : c->f->loc, "after %s, in %s: %s: %s", c->pass ? c->pass : "building",
      c->f->name ? c->f->name : "a function", c->n ? name : "the function", what);
}

/* Scalars */

static void check_read(Check *c, const Scalar *s) {
  if (!s->tensor || s->tensor->rank != s->narg)
    fail(c, "a read with %d indices of a tensor of rank %d", s->narg,
         s->tensor ? s->tensor->rank : -1);
  if (s->dtype != s->tensor->dtype) fail(c, "a read whose dtype is not its tensor's");
  if (s->tensor->id >= c->n->id) fail(c, "a read of a tensor made later");
  for (int d = 0; d < s->narg; d++) {
    if (s->rule[d] > R_WRAP) fail(c, "boundary rule %d", s->rule[d]);
    if (s->arg[d]->dtype != DT_I64) fail(c, "an index that is no i64");
  }
  for (int k = 0; k < c->nseen; k++)
    if (c->seen[k] == s->tensor) return;
  if (c->nseen == c->n->narg || c->n->arg[c->nseen] != s->tensor)
    fail(c, "its list of arguments is not what its body reads, in order");
  c->nseen++;
}

static void check_op(Check *c, const Scalar *s) {
  if (s->op >= OP_COUNT) fail(c, "operation %d", s->op);
  const OpInfo *o = &op_info[s->op];
  int first = o->kind == 's' ? 1 : 0;
  if (s->narg != o->arity) fail(c, "%s with %d arguments", o->name, s->narg);
  if (o->kind == 'c') return;
  if (first && s->arg[0]->dtype != DT_BOOL) fail(c, "%s of a condition that is no bool", o->name);
  for (int k = first + 1; k < s->narg; k++)
    if (s->arg[k]->dtype != s->arg[first]->dtype)
      fail(c, "%s of %s and %s", o->name, dtype_name((Dtype)s->arg[first]->dtype),
           dtype_name((Dtype)s->arg[k]->dtype));
  bool real = dtype_is_float((Dtype)s->arg[first]->dtype);
  if ((o->kind == 'f' || o->kind == 'p') && !real) fail(c, "%s of integers", o->name);
  if (o->kind == 'i' && real) fail(c, "%s of floats", o->name);
  if (o->kind == 'l' && s->arg[0]->dtype != DT_BOOL) fail(c, "%s of what is no bool", o->name);
  if (o->kind != 'u' && op_result((OpCode)s->op, (Dtype)s->arg[first]->dtype) != (Dtype)s->dtype)
    fail(c, "%s of %s gives %s", o->name, dtype_name((Dtype)s->arg[first]->dtype),
         dtype_name((Dtype)s->dtype));
  if (s->op == OP_WHERE) c->choice = true;
}

static void check_scalar(void *ctx, Scalar *s) {
  Check *c = ctx;
  if (s->dtype >= DT_COUNT) fail(c, "dtype %d", s->dtype);
  for (int k = 0; k < s->narg; k++)
    if (s->arg[k]->id >= s->id) fail(c, "a Scalar older than its argument");
  switch ((ScalarKind)s->kind) {
  case S_AXIS:
    if (s->axis < 0 || s->axis >= c->ndom) fail(c, "axis %d is free", s->axis);
    break;
  case S_SIZE:
    if (!s->sym || s->sym->index >= mod->nsym || mod->sym[s->sym->index] != s->sym)
      fail(c, "an unknown size");
    break;
  case S_READ: check_read(c, s); break;
  case S_OP: check_op(c, s); break;
  case S_REDUCE: fail(c, "a reduction left in a body");
  case S_CONST:
    if (s->dtype == DT_F32 && s->f == s->f && (double)(float)s->f != s->f)
      fail(c, "an f32 literal that is not rounded");
    break;
  }
}

static void check_extent(Check *c, Scalar *s) {
  int64_t v;
  if (!s) fail(c, "an extent is missing");
  if (s->dtype != DT_I64) fail(c, "an extent that is no i64");
  if (s_has_axis(s) || s_has_read(s)) fail(c, "an extent that is no expression over sizes");
  c->ndom = 0;
  s_walk(s, check_scalar, c);
  if (s_const_value(s, &v) && v < 0) fail(c, "extent %lld", (long long)v);
}

static bool same_extent(Scalar *a, Scalar *b) {
  int64_t v;
  return a == b || !s_const_value(s_sub(a, b), &v) || v == 0;
}

static bool same_shape(const Node *a, const Node *b, int skip_a, int skip_b) {
  if (a->dtype != b->dtype || a->rank - skip_a != b->rank - skip_b) return false;
  for (int d = 0; d < a->rank - skip_a; d++)
    if (!same_extent(a->dim[d + skip_a], b->dim[d + skip_b])) return false;
  return true;
}

/* Nodes */

/* An unguarded index that is outside for every point of a domain that is not empty. */
static void check_range(Check *c, Scalar *index, Scalar *extent, const char *what) {
  Scalar *lo, *hi;
  int64_t least, most, n, v;
  if (index->kind == S_AXIS && index->axis < c->n->ndom && c->n->dom[index->axis] == extent) return;
  for (int p = 0; p < c->n->ndom; p++)
    if (!s_const_value(c->n->dom[p], &v) || v < 1) return;
  if (s_has_read(index) || !s_range(index, c->n->ndom, c->n->dom, &lo, &hi)) return;
  if (!s_const_value(lo, &least) || !s_const_value(hi, &most) || !s_const_value(extent, &n)) return;
  if (least >= n || most < 0)
    fail(c, "%s at [%lld, %lld] of an axis of %lld", what, (long long)least, (long long)most,
         (long long)n);
}

static void check_ranges(void *ctx, Scalar *s) {
  Check *c = ctx;
  for (int d = 0; s->kind == S_READ && d < s->narg; d++)
    if (s->rule[d] == R_NONE) check_range(c, s->arg[d], s->tensor->dim[d], "a read");
}

static void check_comp(Check *c) {
  const Node *n = c->n;
  if (n->comb > C_MIN) fail(c, "combine %d", n->comb);
  if (n->ndom > MAX_AXES || n->ndom < 0) fail(c, "%d axes", n->ndom);
  for (int p = 0; p < n->ndom; p++) check_extent(c, n->dom[p]);
  if (!n->body || n->body->dtype != n->dtype) fail(c, "a body of another dtype");
  c->ndom = n->ndom;
  c->nseen = 0;
  c->seen = (const Node **)n->arg;
  c->choice = false;
  s_walk(n->body, check_scalar, c);
  for (int d = 0; d < n->rank; d++) {
    if (n->windex[d]->dtype != DT_I64) fail(c, "a write index that is no i64");
    if (n->wrule[d] > R_WRAP) fail(c, "boundary rule %d on a write", n->wrule[d]);
    s_walk(n->windex[d], check_scalar, c);
  }
  if (c->nseen != n->narg) fail(c, "an argument it does not read");
  if (!c->choice) s_walk(n->body, check_ranges, c);
  for (int d = 0; d < n->rank; d++)
    if (n->wrule[d] == R_NONE) check_range(c, n->windex[d], n->dim[d], "a write");
}

static void check_arguments(Check *c) {
  const Node *n = c->n;
  const Func *f = n->fn;
  if (!f || n->narg != f->nparam) fail(c, "%d arguments for %d", n->narg, f ? f->nparam : -1);
  if (n->kind == N_CALL) {
    for (int k = 0; k < n->narg; k++)
      if (!same_shape(n->arg[k], f->param[k], 0, 0))
        fail(c, "argument %d does not fit %s", k, f->name);
    return;
  }
  check_extent(c, n->trip);
  if (n->ncarry < 0 || n->nslice < 0 || n->nstack < 0 || n->nsum < 0 || n->unroll < 0 ||
      n->checkpoint < 0 || n->ncarry + n->nslice > n->narg ||
      n->ncarry + n->nstack + n->nsum != f->nresult)
    fail(c, "a LOOP whose counts do not fit %s", f->name);
  for (int k = 0; k < n->narg; k++) {
    bool slice = k >= n->ncarry && k < n->ncarry + n->nslice;
    if (slice && (n->arg[k]->rank < 1 || !same_extent(n->arg[k]->dim[0], n->trip)))
      fail(c, "slice %d has not one row a step", k - n->ncarry);
    if (!same_shape(n->arg[k], f->param[k], slice, 0))
      fail(c, "argument %d does not fit %s", k, f->name);
  }
  int guard = n->guard == G_IF ? n->ncarry : 0;
  if (n->guard && (guard >= (n->guard == G_IF ? n->ncarry + n->nslice : n->ncarry) ||
                   f->param[guard]->dtype != DT_BOOL || f->param[guard]->rank))
    fail(c, "a LOOP without the bool that guards its steps");
  if (n->guard == G_WHILE && n->nslice) fail(c, "a LOOP that may end early, with slices");
  for (int k = 0; k < n->ncarry; k++)
    if (!same_shape(f->result[k], f->param[k], 0, 0)) fail(c, "carry %d changes its shape", k);
}

static void check_proj(Check *c) {
  const Node *n = c->n;
  if (n->narg != 1 || (n->arg[0]->kind != N_CALL && n->arg[0]->kind != N_LOOP))
    fail(c, "a PROJ of what is no CALL or LOOP");
  const Node *call = n->arg[0];
  if (n->k < 0 || n->k >= call->fn->nresult) fail(c, "result %d of %d", n->k, call->fn->nresult);
  bool stack = call->kind == N_LOOP && n->k >= call->ncarry && n->k < call->ncarry + call->nstack;
  if (stack && (n->rank < 1 || !same_extent(n->dim[0], call->trip)))
    fail(c, "a stack that has not one row a step");
  if (!same_shape(n, call->fn->result[n->k], stack, 0)) fail(c, "it does not fit its function");
}

static void check_lit(Check *c) {
  int64_t v;
  for (int d = 0; d < c->n->rank; d++)
    if (!s_const_value(c->n->dim[d], &v)) fail(c, "a literal whose shape is not known");
  if (!c->n->data) fail(c, "a literal without elements");
}

static void check_node(Check *c, Node *n, const bool *is_param) {
  c->n = n;
  bool many = n->kind == N_CALL || n->kind == N_LOOP;
  if (n->kind > N_PROJ) fail(c, "node kind %d", n->kind);
  if (n->id < 0 || n->id >= mod->nnode || mod->node[n->id] != n)
    fail(c, "id %d is another's", n->id);
  if (many ? n->rank != -1 : n->rank < 0 || n->rank > MAX_RANK) fail(c, "rank %d", n->rank);
  if (!many && n->dtype >= DT_COUNT) fail(c, "dtype %d", n->dtype);
  for (int k = 0; k < n->narg; k++) {
    bool of_proj = n->kind == N_PROJ;
    if (n->arg[k]->id >= n->id) fail(c, "an argument made later");
    if (!of_proj && n->arg[k]->rank < 0) fail(c, "a CALL or LOOP used as a tensor");
  }
  for (int d = 0; d < n->rank && !n->verified; d++) check_extent(c, n->dim[d]);
  switch ((NodeKind)n->kind) {
  case N_PARAM:
    if (!is_param[n->id]) fail(c, "a parameter that is not the function's");
    break;
  case N_LIT: check_lit(c); break;
  case N_COMP:
    if (!n->verified) check_comp(c);
    break;
  case N_CALL: case N_LOOP: check_arguments(c); break;
  case N_PROJ: check_proj(c); break;
  }
  n->verified = true;
}

static void check_func(Check *c, bool *seen) {
  const Func *f = c->f;
  Order o = {0};
  bool *is_param = NEWN(c->arena, bool, mod->nnode + 1);
  c->n = NULL;
  seen[f->id] = true;
  for (int k = 0; k < f->nparam; k++) {
    if (!f->param[k] || f->param[k]->kind != N_PARAM) fail(c, "parameter %d is no PARAM", k);
    if (is_param[f->param[k]->id]) fail(c, "parameter %d stands there twice", k);
    is_param[f->param[k]->id] = true;
  }
  for (int k = 0; k < f->nresult; k++) {
    if (!f->result[k]) fail(c, "result %d is missing", k);
    if (f->result[k]->rank < 0) fail(c, "result %d is a CALL or LOOP", k);
  }
  if (!f->opaque) o = graph_order(c->arena, f->nresult, (Node **)f->result);
  for (int k = 0; k < o.n; k++) {
    check_node(c, o.node[k], is_param);
    if (!c->n->fn || seen[c->n->fn->id]) continue;
    Check callee = {.f = c->n->fn, .pass = c->pass, .arena = c->arena};
    check_func(&callee, seen);
  }
}

/* Checks f and all it calls; pass: what was done last, for the message. */
void verify_func(Func *f, const char *pass) {
  Check c = {.f = f, .pass = pass, .arena = arena_new()};
  check_func(&c, NEWN(c.arena, bool, mod->nfunc + 1));
  arena_free(c.arena);
}
