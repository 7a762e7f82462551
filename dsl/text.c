/*
** text.c: expressions, shapes and tensors as messages show them
**
** In a message an index has its own name: `2*i + k - 1`, `x(i, 0)`, `{N, 10}`.
*/
#include <string.h>
#include "dsl.h"

static void put(Dsl *d, Text *t, Scalar *s, int above);

static void put_list(Dsl *d, Text *t, int n, Scalar **s) {
  for (int k = 0; k < n; k++) {
    if (k) text_add(t, ", ");
    put(d, t, s[k], 0);
  }
}

static void put_axis(Dsl *d, Text *t, int axis) {
  if (axis < FREE_AXIS || axis - FREE_AXIS >= d->nindex) {
    text_add(t, "axis%d", axis);
    return;
  }
  Index *x = &d->index[axis - FREE_AXIS];
  if (x->extent_of >= 0)
    text_add(t, "extent of %s", d->index[x->extent_of - FREE_AXIS].name);
  else
    text_add(t, "%s", x->name);
}

static void put_infix(Dsl *d, Text *t, Scalar *s, const char *op, int prec, int above) {
  if (prec < above) text_add(t, "(");
  put(d, t, s->arg[0], prec);
  Scalar *y = s->arg[1];
  bool less = s->op == OP_ADD && y->kind == S_CONST && !dtype_is_float((Dtype)y->dtype) && y->i < 0;
  if (less)
    text_add(t, " - %lld", -(long long)y->i);
  else {
    text_add(t, "%s", op);
    put(d, t, y, prec + 1);
  }
  if (prec < above) text_add(t, ")");
}

static void put_op(Dsl *d, Text *t, Scalar *s, int above) {
  switch (s->op) {
  case OP_ADD:
    put_infix(d, t, s, " + ", 1, above);
    return;
  case OP_SUB:
    put_infix(d, t, s, " - ", 1, above);
    return;
  case OP_MUL:
    put_infix(d, t, s, "*", 2, above);
    return;
  case OP_DIV:
    put_infix(d, t, s, " / ", 2, above);
    return;
  case OP_FLOORDIV:
    put_infix(d, t, s, " // ", 2, above);
    return;
  case OP_MOD:
    put_infix(d, t, s, " % ", 2, above);
    return;
  case OP_CAST:
    put(d, t, s->arg[0], above);
    return;
  case OP_NEG:
    text_add(t, "-");
    put(d, t, s->arg[0], 3);
    return;
  default:
    text_add(t, "%s(", op_info[s->op].name);
    put_list(d, t, s->narg, s->arg);
    text_add(t, ")");
  }
}

static void put(Dsl *d, Text *t, Scalar *s, int above) {
  switch ((ScalarKind)s->kind) {
  case S_CONST:
    if (dtype_is_float((Dtype)s->dtype))
      text_add(t, "%.9g", s->f);
    else if (s->dtype == DT_BOOL)
      text_add(t, s->i ? "true" : "false");
    else
      text_add(t, "%lld", (long long)s->i);
    return;
  case S_AXIS:
    put_axis(d, t, s->axis);
    return;
  case S_SIZE:
    text_add(t, "%s", s->sym->name);
    return;
  case S_READ:
    text_add(t, "%s", s->tensor->name ? s->tensor->name : "tensor"); /* a hint will do here */
    if (!s->narg) return;
    text_add(t, "(");
    put_list(d, t, s->narg, s->arg);
    text_add(t, ")");
    return;
  case S_REDUCE:
    text_add(t, "%s(...)", combine_name((Combine)s->op));
    return;
  case S_OP:
    put_op(d, t, s, above);
    return;
  }
}

static const char *finish(Text *t) {
  const char *s = str_intern(t->s ? t->s : "");
  text_free(t);
  return s;
}

const char *text_scalar(Dsl *d, Scalar *s) {
  Text t = {0};
  put(d, &t, s, 0);
  return finish(&t);
}

const char *text_shape(Dsl *d, const Node *n) {
  Text t = {0};
  text_add(&t, "{");
  put_list(d, &t, n->rank, n->dim);
  text_add(&t, "}");
  return finish(&t);
}

const char *text_node(Dsl *d, const Node *n) {
  (void)d;
  return n->name && !n->word ? str_format("'%s'", n->name) : "this tensor";
}
