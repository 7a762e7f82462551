/*
** test_ops.c: every partial of ops.def against central differences, to second order
*/
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "ir.h"

static int failures;

static double leaf_value[4]; /* values of AXIS stand-ins x y z */

/* Evaluates a Scalar over reads of three rank-0 tensors. */
static Node *leaf[3];

static Value eval(Scalar *s) {
  Value arg[3];
  if (s->kind == S_CONST)
    return dtype_is_float((Dtype)s->dtype) ? (Value){.f = s->f} : (Value){.i = s->i};
  if (s->kind == S_READ) {
    for (int k = 0; k < 3; k++)
      if (s->tensor == leaf[k]) return (Value){.f = leaf_value[k]};
  }
  for (int k = 0; k < s->narg; k++) arg[k] = eval(s->arg[k]);
  if (s->op == OP_CAST) return value_cast((Dtype)s->dtype, (Dtype)s->arg[0]->dtype, arg[0]);
  if (op_info[s->op].kind == 's') return arg[0].i ? arg[1] : arg[2];
  return op_eval((OpCode)s->op, (Dtype)s->arg[0]->dtype, arg);
}

static Scalar *derivative(Scalar *s, int k); /* d s / d leaf k, by op_partial */

static Scalar *derivative(Scalar *s, int k) {
  if (s->kind == S_READ) return s_const(DT_F64, s->tensor == leaf[k]);
  Scalar *sum = s_const(DT_F64, 0);
  if (s->kind != S_OP) return sum;
  for (int i = 0; i < s->narg; i++) {
    Scalar *p = op_partial((OpCode)s->op, i, s->arg, s);
    if (p) sum = s_add(sum, s_mul(p, derivative(s->arg[i], k)));
  }
  return sum;
}

static double difference(Scalar *s, int k) {
  double at = leaf_value[k], h = 1e-4 * fmax(fabs(at), 0.1), d[2];
  for (int step = 0; step < 2; step++) { /* Richardson's extrapolation of central differences */
    double e = step ? h / 2 : h;
    leaf_value[k] = at + e;
    double up = eval(s).f;
    leaf_value[k] = at - e;
    d[step] = (up - eval(s).f) / (2 * e);
  }
  leaf_value[k] = at;
  return (4 * d[1] - d[0]) / 3;
}

static void check(const char *what, int k, Scalar *s, Scalar *d) {
  double want = difference(s, k), have = eval(d).f;
  if (!(fabs(want - have) <= 3e-7 * fmax(1, fmax(fabs(want), fabs(eval(s).f))))) {
    printf("%s: d/d%c at (%g, %g, %g): %.12g, differences say %.12g\n", what, "xyz"[k],
           leaf_value[0], leaf_value[1], leaf_value[2], have, want);
    failures++;
  }
}

/* Points away from the kinks of floor, abs and the like, inside every op's domain. */
static void sample(OpCode op, int t) {
  static const double at[6][3] = {{0.37, 0.81, 0.2},  {0.92, 0.15, 0.6}, {0.55, 1.7, -0.4},
                                  {0.083, 2.3, 1.1}, {0.71, 0.44, 3.0}, {0.26, 1.2, -2.0}};
  memcpy(leaf_value, at[t], sizeof at[t]);
  bool positive = op == OP_LOG || op == OP_SQRT || op == OP_RSQRT || op == OP_POW ||
                  op == OP_LGAMMA || op == OP_DIGAMMA || op == OP_ASIN || op == OP_ACOS ||
                  op == OP_LOG1P || op == OP_ACOSH || op == OP_ATANH;
  if (!positive && t % 2) leaf_value[0] = -leaf_value[0] * 1.5;
  if (op == OP_ACOSH) leaf_value[0] += 1;
}

static void check_op(OpCode op) {
  const OpInfo *o = &op_info[op];
  if (o->kind != 'f' && o->kind != 'n' && o->kind != 's') return;
  if (op == OP_STOP || op == OP_SAME) return; /* their derivative is not their value's */
  Scalar *arg[3];
  for (int k = 0; k < o->arity; k++) arg[k] = s_read(leaf[k], NULL, NULL);
  if (op == OP_WHERE) arg[0] = s_op2(OP_LT, arg[1], arg[2]);
  if (op == OP_POLYGAMMA) arg[0] = s_const(DT_F64, 1);
  Scalar *s = s_op(op, arg);
  for (int t = 0; t < 6; t++) {
    sample(op, t);
    for (int k = 0; k < o->arity; k++) {
      if ((op == OP_WHERE || op == OP_POLYGAMMA) && k == 0) continue;
      Scalar *d = derivative(s, k);
      check(o->name, k, s, d);
      for (int l = 0; l < o->arity; l++)
        if (!((op == OP_WHERE || op == OP_POLYGAMMA) && l == 0))
          check(str_format("%s, second order", o->name), l, d, derivative(d, l));
    }
  }
}

int main(void) {
  mod = module_new();
  mod->default_float = DT_F64;
  for (int k = 0; k < 3; k++)
    leaf[k] = n_param(P_INPUT, (const char *[]){"x", "y", "z"}[k], DT_F64, 0, NULL, (Loc){0});
  for (int op = 0; op < OP_COUNT; op++) check_op((OpCode)op);
  module_free(mod);
  if (failures) printf("%d failures\n", failures);
  return failures > 0;
}
