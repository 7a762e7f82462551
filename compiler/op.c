/*
** op.c: the table of scalar operations, and their values on constants
**
** ops.def is included once for the table and once for each dtype: there the value column is
** compiled, so that the interpreter and the emitted C cannot disagree in more than the rounding of
** fused multiply-adds. Here they are not fused: constants that are folded, and so what is emitted,
** must not depend on the machine.
*/
#define RT_STRICT 1
#include <math.h>
#include <string.h>
#include "ir.h"
#include "../runtime/rt_math.h"

const OpInfo op_info[OP_COUNT] = {
#define OP(id, name, arity, kind, value, prec, dx, dy, dz, doc)                                    \
  {#id, name, arity, #kind[0], #value, prec, {dx, dy, dz}, doc},
#include "ops.def"
#undef OP
};

OpCode op_find(const char *name) {
  for (int k = 0; k < OP_COUNT; k++)
    if (!strcmp(op_info[k].name, name)) return (OpCode)k;
  return OP_COUNT;
}

Dtype op_result(OpCode op, Dtype arg) {
  switch (op_info[op].kind) {
  case 'b':
  case 'p':
  case 'l': return DT_BOOL;
  default: return arg;
  }
}

Scalar *op_partial(OpCode op, int k, Scalar **arg, Scalar *result) {
  const OpInfo *o = &op_info[op];
  if (op == OP_CAST)
    return dtype_is_float((Dtype)arg[0]->dtype) ? s_const((Dtype)result->dtype, 1) : NULL;
  if (!o->partial[k][0] || !dtype_is_float((Dtype)arg[k]->dtype)) return NULL;
  return infix_build(o->partial[k], (Dtype)result->dtype, arg[0], o->arity > 1 ? arg[1] : NULL,
                     o->arity > 2 ? arg[2] : NULL, result);
}

/* Which rows make sense for floats (ON) and which for integers. */
#define FLOAT_f(e) e
#define FLOAT_n(e) e
#define FLOAT_b(e) e
#define FLOAT_p(e) e
#define FLOAT_s(e) 0
#define FLOAT_l(e) 0
#define FLOAT_i(e) 0
#define FLOAT_c(e) e
#define FLOAT_u(e) 0
#define INT_f(e) 0
#define INT_n(e) e
#define INT_b(e) e
#define INT_p(e) 0
#define INT_s(e) 0
#define INT_l(e) e
#define INT_i(e) e
#define INT_c(e) e
#define INT_u(e) 0

static double eval_f32(OpCode op, float x, float y, float z) {
  (void)z;
  switch (op) {
#define F(f) rt_##f##_f32
#define I(f) rt_##f##_f32
#define OP(id, name, arity, kind, value, prec, dx, dy, dz, doc)                                    \
  case OP_##id: return FLOAT_##kind((double)(value));
#include "ops.def"
#undef OP
#undef F
#undef I
  default: return 0;
  }
}

static double eval_f64(OpCode op, double x, double y, double z) {
  (void)z;
  switch (op) {
#define F(f) rt_##f##_f64
#define I(f) rt_##f##_f64
#define OP(id, name, arity, kind, value, prec, dx, dy, dz, doc)                                    \
  case OP_##id: return FLOAT_##kind(value);
#include "ops.def"
#undef OP
#undef F
#undef I
  default: return 0;
  }
}

static int64_t eval_i32(OpCode op, int32_t x, int32_t y) {
  switch (op) {
#define F(f) rt_##f##_f32
#define I(f) rt_##f##_i32
#define OP(id, name, arity, kind, value, prec, dx, dy, dz, doc)                                    \
  case OP_##id: return INT_##kind(value);
#include "ops.def"
#undef OP
#undef F
#undef I
  default: return 0;
  }
}

static int64_t eval_i64(OpCode op, int64_t x, int64_t y) {
  switch (op) {
#define F(f) rt_##f##_f64
#define I(f) rt_##f##_i64
#define OP(id, name, arity, kind, value, prec, dx, dy, dz, doc)                                    \
  case OP_##id: return INT_##kind(value);
#include "ops.def"
#undef OP
#undef F
#undef I
  default: return 0;
  }
}

Value op_eval(OpCode op, Dtype t, const Value *arg) {
  int n = op_info[op].arity;
  Value x = arg[0], y = n > 1 ? arg[1] : arg[0], z = n > 2 ? arg[2] : arg[0], r = {0};
  if (op_info[op].kind == 's') return x.i ? y : z;
  bool to_int = !dtype_is_float(op_result(op, t));
  switch (t) {
  case DT_F32: r.f = eval_f32(op, (float)x.f, (float)y.f, (float)z.f); break;
  case DT_F64: r.f = eval_f64(op, x.f, y.f, z.f); break;
  case DT_I64: r.i = eval_i64(op, x.i, y.i); return r;
  default: r.i = eval_i32(op, (int32_t)x.i, (int32_t)y.i); return r;
  }
  if (to_int) r.i = (int64_t)r.f;
  return r;
}

/* Floats become integers towards zero; what does not fit saturates, NaN becomes 0. */
Value value_cast(Dtype to, Dtype from, Value v) {
  Value r = {0};
  double f = dtype_is_float(from) ? v.f : (double)v.i;
  if (to == DT_F64) r.f = f;
  if (to == DT_F32) r.f = dtype_is_float(from) ? (double)(float)f : (double)(float)v.i;
  if (dtype_is_float(to)) return r;
  if (!dtype_is_float(from))
    r.i = to == DT_BOOL ? v.i != 0 : to == DT_I32 ? (int32_t)v.i : v.i;
  else if (to == DT_BOOL)
    r.i = f != 0;
  else
    r.i = to == DT_I32 ? rt_to_i32_f64(f) : rt_to_i64_f64(f);
  return r;
}
