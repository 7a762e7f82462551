/*
** shape.c: boundary rules as arithmetic on an index
**
**   clamp    min(max(i, 0), n - 1)          wrap     i mod n
**   mirror   m = i mod 2n;       m < n ? m : 2n - 1 - m
**   reflect  m = i mod 2(n-1);   m < n ? m : 2(n-1) - m          (n = 1: always 0)
*/
#include <assert.h>
#include "ir.h"

Scalar *rule_index(Rule r, Scalar *index, Scalar *extent) {
  Scalar *one = s_int(1), *last = s_sub(extent, one), *two = s_int(2), *m, *period;
  switch (r) {
  case R_CLAMP: return s_op2(OP_MIN, s_op2(OP_MAX, index, s_int(0)), last);
  case R_WRAP: return s_op2(OP_MOD, index, extent);
  case R_MIRROR:
    period = s_mul(two, extent);
    m = s_op2(OP_MOD, index, period);
    return s_op2(OP_MIN, m, s_sub(s_sub(period, one), m));
  case R_REFLECT:
    period = s_op2(OP_MAX, s_mul(two, last), one);
    m = s_op2(OP_MOD, index, period);
    return s_op2(OP_MIN, m, s_sub(period, m));
  default: assert(r == R_NONE); return index;
  }
}

Scalar *rule_inside(Scalar *index, Scalar *extent) {
  return s_op2(OP_AND, s_op2(OP_LE, s_int(0), index), s_op2(OP_LT, index, extent));
}

Scalar *linear_index(int rank, Scalar **dim, Scalar **idx) {
  Scalar *at = s_int(0);
  for (int d = 0; d < rank; d++) at = s_add(s_mul(at, dim[d]), idx[d]);
  return at;
}
