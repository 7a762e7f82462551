/*
** tape.c: the derivative of a scalar body, in reverse and forward mode
**
** body = a(i) * tanh(b(i)), seed s:   a(i) gets s * tanh(b(i)),   b(i) gets s * a(i) * (1 - r * r)
** where r is tanh(b(i)). Partials come from ops.def. Indices and integers carry no derivative.
*/
#include "diff.h"

static bool tape_add(Tape *t, Scalar *s, const Flow *flow);

static bool tape_try(Tape *t, Scalar *s, const Flow *flow) {
  if (!dtype_is_float((Dtype)s->dtype)) return false;
  if (s->kind == S_READ) return flow_live(flow, s->tensor);
  bool live = false;
  for (int k = 0; s->kind == S_OP && k < s->narg; k++)
    if (op_info[s->op].partial[k][0] && tape_add(t, s->arg[k], flow)) live = true;
  return live;
}

/* Adds s, after its arguments, if a derivative reaches a live tensor through it; says whether. */
static bool tape_add(Tape *t, Scalar *s, const Flow *flow) {
  int at = idmap_get(&t->at, s->id);
  if (at >= 0) return at > 0;
  bool live = tape_try(t, s, flow);
  if (live) {
    if (t->n == t->cap) {
      Scalar **old = t->s;
      t->cap = t->cap ? 2 * t->cap : 16;
      t->s = NEWN(t->a, Scalar *, t->cap);
      for (int i = 0; i < t->n; i++) t->s[i] = old[i];
    }
    t->s[t->n++] = s;
  }
  idmap_set(&t->at, s->id, live ? t->n : 0);
  return live;
}

/* Lists the subexpressions of body through which a derivative reaches a live tensor. */
Tape tape_of(Arena *a, Scalar *body, const Flow *flow) {
  Tape t = {.a = a, .at = {.a = a}};
  tape_add(&t, body, flow);
  return t;
}

static int place(const Tape *t, const Scalar *s) {
  return idmap_get(&t->at, s->id) - 1;
}

static bool is_where(const Scalar *s) {
  return s->kind == S_OP && s->op == OP_WHERE;
}

/* p * b with masks kept outermost, so that a branch not taken leaves no trace, not even a NaN. */
static Scalar *scale(Scalar *p, Scalar *b) {
  if (s_is_const(p, 0) || s_is_const(b, 0)) return s_const((Dtype)b->dtype, 0);
  if (is_where(p) && (p->arg[1]->kind == S_CONST || p->arg[2]->kind == S_CONST))
    return s_op3(OP_WHERE, p->arg[0], scale(p->arg[1], b), scale(p->arg[2], b));
  if (is_where(b) && (s_is_const(b->arg[1], 0) || s_is_const(b->arg[2], 0)))
    return s_op3(OP_WHERE, b->arg[0], scale(p, b->arg[1]), scale(p, b->arg[2]));
  return s_mul(p, b);
}

/* d s / d s->arg[k] times v, which has the dtype of s in reverse and of the argument forwards. */
static Scalar *chain(Scalar *s, int k, Scalar *v, Dtype to) {
  if (s->op == OP_CAST) return s_cast(to, v);
  if (s->op == OP_WHERE) {
    Scalar *zero = s_const(to, 0);
    return s_op3(OP_WHERE, s->arg[0], k == 1 ? v : zero, k == 1 ? zero : v);
  }
  Scalar *p = op_partial((OpCode)s->op, k, s->arg, s);
  return p ? scale(p, v) : NULL;
}

static Scalar *plus(Scalar *x, Scalar *y) {
  return !x ? y : !y ? x : s_add(x, y);
}

/* Fills bar[i] with the cotangent of t->s[i] (NULL: zero), that of the body being seed. */
void tape_reverse(const Tape *t, Scalar *seed, Scalar **bar) {
  for (int i = 0; i < t->n; i++) bar[i] = NULL;
  if (t->n) bar[t->n - 1] = seed;
  for (int i = t->n - 1; i >= 0; i--) {
    Scalar *s = t->s[i];
    if (!bar[i] || s->kind != S_OP) continue;
    for (int k = 0; k < s->narg; k++) {
      int at = op_info[s->op].partial[k][0] ? place(t, s->arg[k]) : -1;
      if (at < 0) continue;
      Scalar *b = chain(s, k, bar[i], (Dtype)s->arg[k]->dtype);
      if (b && !s_is_const(b, 0)) bar[at] = plus(bar[at], b);
    }
  }
}

/* Returns the tangent of the body, or NULL for zero; dot gives that of each read, or NULL. */
Scalar *tape_forward(const Tape *t, Scalar *(*dot)(void *ctx, Scalar *read), void *ctx) {
  Scalar **d = NEWN(t->a, Scalar *, t->n + 1);
  for (int i = 0; i < t->n; i++) {
    Scalar *s = t->s[i];
    if (s->kind == S_READ) d[i] = dot(ctx, s);
    if (s->kind != S_OP) continue;
    for (int k = 0; k < s->narg; k++) {
      int at = op_info[s->op].partial[k][0] ? place(t, s->arg[k]) : -1;
      if (at < 0 || !d[at]) continue;
      Scalar *v = chain(s, k, d[at], (Dtype)s->dtype);
      if (v && !s_is_const(v, 0)) d[i] = plus(d[i], v);
    }
  }
  return t->n ? d[t->n - 1] : NULL;
}

static void find_where(void *found, Scalar *s) {
  if (is_where(s)) *(bool *)found = true;
}

/* Says whether a choice stands anywhere in s. */
bool s_has_where(Scalar *s) {
  bool found = false;
  s_walk(s, find_where, &found);
  return found;
}
