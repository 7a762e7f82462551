/*
** cost.c: floating-point operations and bytes of a kernel, over run-time sizes
**
** What reports and benchmarks count, not what the scheduler estimates: one for an arithmetic
** operation or a comparison of floats, eight for an elementary function, whatever the loops do.
*/
#include "prog.h"

static void count_flops(void *ctx, Scalar *s) {
  int *n = ctx;
  if (s->kind != S_OP || !s->narg || !dtype_is_float((Dtype)s->arg[s->narg - 1]->dtype)) return;
  switch ((OpCode)s->op) {
  case OP_WHERE: case OP_STOP: case OP_SAME: case OP_AFTER: case OP_CAST: break;
  case OP_FMA: *n += 2; break;
  case OP_MIN: case OP_MAX: case OP_ABS: case OP_SQRT: ++*n; break;
  default: *n += op_info[s->op].kind == 'f' && op_info[s->op].prec == 16 ? 8 : 1;
  }
}

/* Operations of a COMP: its body, and the combination of values, at every point of its domain. */
static Scalar *comp_flops(const Node *n) {
  int each = n->comb != C_SET && dtype_is_float((Dtype)n->dtype);
  s_walk(n->body, count_flops, &each);
  Scalar *points = s_int(each);
  for (int p = 0; p < n->ndom; p++) points = s_mul(points, n->dom[p]);
  return points;
}

/* A formal whose reads are under inspection: how many elements they can reach; NULL where one reads
** them all. */
typedef struct Reach { const Formal *formal; const Node *member; Scalar *count; bool whole; } Reach;

static void reach_of(void *ctx, Scalar *s) {
  Reach *r = ctx;
  if (s->kind != S_READ || (s->tensor != r->formal->node && s->tensor != r->formal->as)) return;
  bool data = false;
  Scalar *count = s_int(1);
  for (int d = 0; d < s->narg; d++) data = data || s_has_read(s->arg[d]);
  for (int p = 0; p < r->member->ndom; p++)
    for (int d = 0; d < s->narg; d++)
      if (s_uses_axis(s->arg[d], p)) {
        count = s_mul(count, r->member->dom[p]);
        break;
      }
  r->whole = r->whole || !data;
  r->count = s_add(r->count, count);
}

/* How many elements of a formal are read: no more than there are, and of a table that is read at
** ids no more than places of it are asked for. */
static Scalar *elements_read(const Formal *f, const Group *g) {
  Reach r = {.formal = f, .count = s_int(0)};
  for (int m = 0; m < g->nmember; m++) {
    r.member = g->member[m];
    s_walk(r.member->body, reach_of, &r);
  }
  Scalar *all = n_count(f->as);
  return r.whole || s_is_int(r.count, 0) ? all : s_op2(OP_MIN, all, r.count);
}

/* Sets flops and bytes: what the members compute; what the formals hold, read or written once. */
void kernel_cost(Kernel *k, const Group *g) {
  k->flops = k->bytes = s_int(0);
  for (int m = 0; m < g->nmember; m++) k->flops = s_add(k->flops, comp_flops(g->member[m]));
  Scalar *touched = NULL; /* elements of a tensor that a scatter adds to in place */
  if (g->base && k->copy_from >= 0) {
    k->flops = comp_flops(g->scatter);
    touched = s_int(1);
    for (int p = 0; p < g->scatter->ndom; p++) touched = s_mul(touched, g->scatter->dom[p]);
  }
  for (int i = 0; i < k->nformal; i++) {
    const Formal *f = &k->formal[i];
    if (touched && (i == k->copy_from || i == k->copy_to)) {
      Scalar *each = s_int((int64_t)dtype_size((Dtype)f->as->dtype));
      k->bytes = s_add(k->bytes, s_mul(touched, each));
      continue;
    }
    Scalar *count = f->read ? elements_read(f, g) : s_int(0);
    if (f->written) count = s_add(count, n_count(f->as));
    k->bytes = s_add(k->bytes, s_mul(count, s_int((int64_t)dtype_size((Dtype)f->as->dtype))));
  }
}
