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

/* p * v where p may be a choice between constants: the branch not taken leaves no trace. Where both
** are numbers other than 0, v is there once. */
static Scalar *scale(Scalar *p, Scalar *v) {
  if (s_is_const(p, 0) || s_is_const(v, 0)) return s_const((Dtype)v->dtype, 0);
  bool first = is_where(p) && p->arg[1]->kind == S_CONST;
  bool second = is_where(p) && p->arg[2]->kind == S_CONST;
  if (first && second && !s_is_const(p->arg[1], 0) && !s_is_const(p->arg[2], 0)) return s_mul(p, v);
  if (first || second)
    return s_op3(OP_WHERE, p->arg[0], scale(p->arg[1], v), scale(p->arg[2], v));
  return s_mul(p, v);
}

static Scalar *plus(Scalar *x, Scalar *y) {
  return !x ? y : !y ? x : s_add(x, y);
}

static Scalar *choose(Scalar *cond, bool sense, Scalar *v) {
  Scalar *zero = s_const((Dtype)v->dtype, 0);
  return s_op3(OP_WHERE, cond, sense ? v : zero, sense ? zero : v);
}

/* The choices under which a subexpression is evaluated, innermost first. A cotangent stays apart
** from them to the end: so all that is multiplied to it is evaluated under them too, and what may
** only be read there, or is no number elsewhere, does no harm. */
typedef struct Mask {
  struct Mask *outer;
  int depth;
  Scalar *cond;
  bool sense;
} Mask;

typedef struct Bar {
  Mask *mask;
  Scalar *value; /* NULL: zero */
} Bar;

static Bar lift(Bar b) {
  return (Bar){b.mask->outer, choose(b.mask->cond, b.mask->sense, b.value)};
}

/* The sum of two cotangents, under the choices they share. */
static Bar bar_add(Bar a, Bar b) {
  if (!a.value || !b.value) return a.value ? a : b;
  while (a.mask != b.mask) {
    bool first = !b.mask || (a.mask && a.mask->depth >= b.mask->depth);
    if (first)
      a = lift(a);
    else
      b = lift(b);
  }
  a.value = s_add(a.value, b.value);
  return a;
}

/* What the k-th argument of s gets from the cotangent of s. */
static Bar bar_of(Arena *a, Scalar *s, int k, Bar b) {
  if (s->op == OP_WHERE) {
    Mask *m = NEW(a, Mask);
    *m = (Mask){b.mask, b.mask ? b.mask->depth + 1 : 1, s->arg[0], k == 1};
    return (Bar){m, b.value};
  }
  Scalar *p = s->op == OP_CAST ? NULL : op_partial((OpCode)s->op, k, s->arg, s);
  Scalar *v = s->op == OP_CAST ? s_cast((Dtype)s->arg[0]->dtype, b.value)
              : p              ? scale(p, b.value)
                               : NULL;
  return (Bar){b.mask, v && !s_is_const(v, 0) ? v : NULL};
}

/* A cotangent by the axes that what it comes from moves along. */
typedef struct Part {
  unsigned axes;
  Bar bar;
  struct Part *next;
} Part;

static void part_add(Arena *a, Part **list, unsigned axes, Bar b) {
  for (Part *p = *list; p; p = p->next)
    if (p->axes == axes) {
      p->bar = bar_add(p->bar, b);
      return;
    }
  Part *p = NEW(a, Part);
  *p = (Part){axes, b, *list};
  *list = p;
}

static Scalar *lifted(Bar b) {
  while (b.value && b.mask) b = lift(b);
  return b.value;
}

/* The cotangent of t->s[i], summed over the axes it does not move along. */
static Bar summed(const Part *p, const Still *still, int i) {
  Bar b = {0};
  for (; p; p = p->next) {
    Scalar *v = !still || p->axes == still->axes[i] ? NULL : lifted(p->bar);
    if (v) v = still_sum(still, p->axes, still->axes[i], v);
    b = bar_add(b, v ? (Bar){.value = v} : p->bar);
  }
  return b;
}

static void read_parts(const Part *p, const Still *still, Scalar *read, Scalar **bar) {
  for (; p; p = p->next) {
    Scalar *v = lifted(p->bar);
    if (v && still && p->axes != still->all)
      still->reverse(still->ctx, still, p->axes, read, v);
    else
      *bar = v;
  }
}

/* Fills bar[i] with the cotangent of the read t->s[i] (NULL: zero), that of the body being seed.
** still may be NULL; else it is given what comes from what does not move along all axes. */
void tape_reverse(const Tape *t, Scalar *seed, const Still *still, Scalar **bar) {
  Part **part = NEWN(t->a, Part *, t->n + 1);
  if (t->n) part_add(t->a, &part[t->n - 1], still ? still->all : 0, (Bar){.value = seed});
  for (int i = t->n - 1; i >= 0; i--) {
    Scalar *s = t->s[i];
    if (s->kind == S_READ) read_parts(part[i], still, s, &bar[i]);
    if (s->kind != S_OP) continue;
    Bar b = summed(part[i], still, i);
    for (int k = 0; b.value && k < s->narg; k++) {
      int at = op_info[s->op].partial[k][0] ? place(t, s->arg[k]) : -1;
      Bar to = at >= 0 ? bar_of(t->a, s, k, b) : (Bar){0};
      if (to.value) part_add(t->a, &part[at], still ? still->axes[i] : 0, to);
    }
  }
}

/* What s gets from the tangent d of its k-th argument; NULL: nothing. */
static Scalar *dot_from(Scalar *s, int k, Scalar *d) {
  if (s->op == OP_CAST) return s_cast((Dtype)s->dtype, d);
  if (s->op == OP_WHERE) return choose(s->arg[0], k == 1, d);
  Scalar *p = op_partial((OpCode)s->op, k, s->arg, s);
  return p ? scale(p, d) : NULL;
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
      Scalar *v = dot_from(s, k, d[at]);
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
