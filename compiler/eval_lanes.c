/*
** eval_lanes.c: one instruction of the interpreter over a block of points
**
** Floats are kept as doubles; a result of dtype f32 is rounded to float, as the emitted C does.
** For + - * / that double rounding gives the float operation's bits (53 >= 2 * 24 + 2).
*/
#include <string.h>
#include "eval.h"

/* Boundary rules, for any index however far outside */
int64_t rule_position(Rule r, int64_t i, int64_t n) {
  if (i >= 0 && i < n) return i;
  if (r == R_NONE) return -2;
  if (r == R_ZERO) return -1;
  if (n <= 0) return -2;
  int64_t period = r == R_WRAP ? n : r == R_MIRROR ? 2 * n : 2 * (n - 1);
  if (r == R_CLAMP) return i < 0 ? 0 : n - 1;
  if (period == 0) return 0; /* reflect, n = 1 */
  int64_t m = i % period;
  if (m < 0) m += period;
  if (m < n) return m;
  return r == R_MIRROR ? 2 * n - 1 - m : period - m;
}

/* Elements */

Value tensor_load(const Tensor *t, int64_t at) {
  switch (t->dtype) {
  case DT_BOOL: return (Value){.i = ((const uint8_t *)t->data)[at] != 0};
  case DT_I32: return (Value){.i = ((const int32_t *)t->data)[at]};
  case DT_I64: return (Value){.i = ((const int64_t *)t->data)[at]};
  case DT_F32: return (Value){.f = (double)((const float *)t->data)[at]};
  default: return (Value){.f = ((const double *)t->data)[at]};
  }
}

void tensor_store(Tensor *t, int64_t at, Value v) {
  switch (t->dtype) {
  case DT_BOOL: ((uint8_t *)t->data)[at] = v.i != 0; break;
  case DT_I32: ((int32_t *)t->data)[at] = (int32_t)v.i; break;
  case DT_I64: ((int64_t *)t->data)[at] = v.i; break;
  case DT_F32: ((float *)t->data)[at] = (float)v.f; break;
  default: ((double *)t->data)[at] = v.f;
  }
}

Value combine_start(Combine c, Dtype t) {
  Scalar *s = s_combine_identity(c, t);
  return dtype_is_float(t) ? (Value){.f = s->f} : (Value){.i = s->i};
}

/* acc (+) v. Sums and products of f32 stay in double until they are stored. */
Value combine_values(Combine c, Dtype t, Value acc, Value v) {
  bool real = dtype_is_float(t);
  if (c == C_SET) return v;
  uint64_t a = (uint64_t)acc.i, b = (uint64_t)v.i; /* integers wrap */
  if (c == C_SUM) return real ? (Value){.f = acc.f + v.f} : (Value){.i = (int64_t)(a + b)};
  if (c == C_PROD) return real ? (Value){.f = acc.f * v.f} : (Value){.i = (int64_t)(a * b)};
  return op_eval(combine_op(c), t, (Value[2]){acc, v});
}

/* Reads */

static void load_lanes(const Tensor *t, const int64_t *at, Value *d, int n) {
#define LOAD(T, field, convert)                                                                    \
  for (int l = 0; l < n; l++) d[l].field = at[l] < 0 ? 0 : convert((const T *)t->data)[at[l]];     \
  break
  switch (t->dtype) {
  case DT_BOOL: LOAD(uint8_t, i, );
  case DT_I32: LOAD(int32_t, i, );
  case DT_I64: LOAD(int64_t, i, );
  case DT_F32: LOAD(float, f, (double));
  default: LOAD(double, f, );
  }
#undef LOAD
}

static void read_lanes(const Inst *q, const Tensor *t, Value *file, int n, bool *outside) {
  int64_t at[LANES];
  bool miss = false, out = false;
  memset(at, 0, sizeof *at * (size_t)n);
  for (int d = 0; d < q->narg; d++) {
    const Value *index = file + q->arg[d].at;
    int step = q->arg[d].step;
    int64_t extent = t->dim[d];
    for (int l = 0; l < n; l++) {
      int64_t i = index[l * step].i;
      if ((uint64_t)i >= (uint64_t)extent) {
        i = rule_position((Rule)q->rule[d], i, extent);
        miss = true;
      }
      at[l] = i < 0 || at[l] < 0 ? (i < at[l] ? i : at[l]) : at[l] * extent + i;
    }
  }
  for (int l = 0; miss && l < n; l++) out = out || at[l] == -2;
  if (out) *outside = true;
  load_lanes(t, at, file + q->dst.at, n);
}

/* Operations */

#define LANE(e)                                                                                    \
  for (int l = 0; l < n; l++) {                                                                    \
    Value x = a[l * sa], y = b[l * sb];                                                            \
    d[l] = e;                                                                                      \
  }                                                                                                \
  return true
#define REAL(e) LANE(((Value){.f = (e)}))
#define WHOLE(e) LANE(((Value){.i = (e)}))
#define WRAPPED(sign) WHOLE((int64_t)((uint64_t)x.i sign(uint64_t) y.i))

/* The commonest operations, in loops of their own; false: not one of them. */
static bool common_lanes(const Inst *q, Value *file, int n) {
  const Value *a = file + q->arg[0].at, *b = file + q->arg[q->narg > 1].at;
  int sa = q->arg[0].step, sb = q->arg[q->narg > 1].step;
  Value *d = file + q->dst.at;
  if (q->from == DT_F32) switch (q->op) {
    case OP_ADD: REAL((double)(float)(x.f + y.f));
    case OP_SUB: REAL((double)(float)(x.f - y.f));
    case OP_MUL: REAL((double)(float)(x.f * y.f));
    case OP_DIV: REAL((double)(float)(x.f / y.f));
    default: break;
    }
  if (q->from == DT_F64) switch (q->op) {
    case OP_ADD: REAL(x.f + y.f);
    case OP_SUB: REAL(x.f - y.f);
    case OP_MUL: REAL(x.f * y.f);
    case OP_DIV: REAL(x.f / y.f);
    default: break;
    }
  if (q->from == DT_I64) switch (q->op) {
    case OP_ADD: WRAPPED(+);
    case OP_SUB: WRAPPED(-);
    case OP_MUL: WRAPPED(*);
    case OP_LT: WHOLE(x.i < y.i);
    case OP_LE: WHOLE(x.i <= y.i);
    default: break;
    }
  return false;
}

static Value one_op(const Inst *q, const Value *arg) {
  if (op_info[q->op].kind == 'c') return value_cast(q->to, q->from, arg[0]);
  if (op_info[q->op].kind != 'u') return op_eval(q->op, q->from, arg);
  uint64_t bits = (uint64_t)arg[0].i; /* UNIFORM: the upper 24 or 53 bits */
  if (q->to == DT_F32) return (Value){.f = (double)(bits >> 40) * 0x1p-24};
  return (Value){.f = (double)(bits >> 11) * 0x1p-53};
}

static void op_lanes(const Inst *q, Value *file, int n) {
  Value *d = file + q->dst.at;
  if (common_lanes(q, file, n)) return;
  for (int l = 0; l < n; l++) {
    Value v[3];
    for (int k = 0; k < q->narg; k++) v[k] = file[q->arg[k].at + l * q->arg[k].step];
    d[l] = one_op(q, v);
  }
}

void lanes_run(const Inst *q, const Tensor *arg, Value *file, int n, bool *outside) {
  if (q->read)
    read_lanes(q, &arg[q->tensor], file, n, outside);
  else
    op_lanes(q, file, n);
}
