/*
** cimport_run.c: C statements on scalar expressions
**
**   double f(double x) { if (x < 0) return -x; return x * x; }      where(x < 0, -x, x * x)
**
** A condition that is known is followed. One that depends on data runs both sides on copies of
** the variables, which then are joined by `where`. A return, break or continue puts the variables
** aside, with the condition, until the end of what it leaves; what follows runs on those that
** stayed. Loops run round by round while their condition is known.
*/
#include <stdarg.h>
#include <string.h>
#include "cimport.h"

enum { MAX_STEPS = 200000, MAX_DEPTH = 100 };

void crun_fail(CRun *r, Loc at, const char *fmt, ...) {
  va_list ap;
  char what[256];
  va_start(ap, fmt);
  vsnprintf(what, sizeof what, fmt, ap);
  va_end(ap);
  dsl_note(r->L, mod->here, "called here");
  dsl_fail_at(r->L, at, "cimport: not supported: %s", what);
}

static CValue *copy_variables(const CFunction *f, const CValue *var) {
  CValue *v = arena_copy(mod->arena, var, sizeof *var * (size_t)(f->nlocal + 1));
  for (int k = 0; k < f->nlocal; k++)
    if (v[k].element)
      v[k].element =
          arena_copy(mod->arena, v[k].element, sizeof(Scalar *) * (size_t)(v[k].n + 1));
  return v;
}

/* a where c holds, else b; what has no value on one side has the other's. */
static Scalar *join(Scalar *c, Scalar *a, Scalar *b) {
  return a == b || !b ? a : !a ? b : s_op3(OP_WHERE, c, a, b);
}

static CValue *join_variables(const CFunction *f, Scalar *c, const CValue *a, const CValue *b) {
  if (!a || !b) return copy_variables(f, a ? a : b);
  CValue *v = copy_variables(f, a);
  for (int k = 0; k < f->nlocal; k++) {
    v[k].s = join(c, a[k].s, b[k].s);
    if (!a[k].element) v[k] = b[k].element ? b[k] : v[k];
    for (int i = 0; a[k].element && b[k].element && i < v[k].n; i++)
      v[k].element[i] = join(c, a[k].element[i], b[k].element[i]);
  }
  return v;
}

static CExit join_exits(const CFunction *f, Scalar *c, CExit a, CExit b) {
  Scalar *never = s_iconst(DT_BOOL, 0);
  if (!a.when && !b.when) return a;
  return (CExit){s_op3(OP_WHERE, c, a.when ? a.when : never, b.when ? b.when : never),
                 join_variables(f, c, a.var, b.var)};
}

CState crun_fork(const CState *s) {
  CState t = *s;
  t.var = copy_variables(s->f, s->var);
  return t;
}

CState crun_join(Scalar *c, const CState *a, const CState *b) {
  CState s = {.f = a->f, .gone = a->gone && b->gone, .outside = a->outside};
  s.result = join(c, a->result, b->result);
  s.var = join_variables(s.f, c, a->gone && !b->gone ? NULL : a->var, b->gone ? NULL : b->var);
  s.returned = join_exits(s.f, c, a->returned, b->returned);
  s.broken = join_exits(s.f, c, a->broken, b->broken);
  s.continued = join_exits(s.f, c, a->continued, b->continued);
  return s;
}

static Scalar *either(Scalar *a, Scalar *b) {
  return !a || !b ? (a ? a : b) : s_op2(OP_OR, a, b);
}

/* All runs that are there leave; those that left before keep what they had. */
static void leave(CState *s, CExit *by) {
  Scalar *left = either(either(s->returned.when, s->broken.when),
                        either(s->continued.when, s->outside));
  Scalar *now = left ? s_op1(OP_NOT, left) : s_iconst(DT_BOOL, 1);
  by->var = by->when ? join_variables(s->f, by->when, by->var, s->var)
                     : copy_variables(s->f, s->var);
  by->when = either(by->when, now);
  s->gone = true;
}

/* Those that left come back. */
static void come_back(CState *s, CExit from) {
  if (!from.when) return;
  s->var = s->gone ? from.var : join_variables(s->f, from.when, from.var, s->var);
  s->gone = false;
}

static void run(CRun *r, CState *s, CNode *x);

static void run_if(CRun *r, CState *s, CNode *x) {
  Scalar *c = crun_condition(r, s, x->arg[0]);
  bool known;
  if (crun_known(c, &known)) {
    if (known) run(r, s, x->arg[1]);
    else if (x->n == 3) run(r, s, x->arg[2]);
    return;
  }
  CState then = crun_fork(s), other = crun_fork(s);
  run(r, &then, x->arg[1]);
  if (x->n == 3) run(r, &other, x->arg[2]);
  *s = crun_join(c, &then, &other);
}

/* Rounds of a loop: for (start; condition; step) body, while, or do. */
static void run_loop(CRun *r, CState *s, CNode *condition, CNode *step, CNode *body, bool first) {
  CExit broken = s->broken, continued = s->continued;
  Scalar *outside = s->outside;
  s->outside = either(outside, either(broken.when, continued.when));
  s->broken = s->continued = (CExit){0};
  for (bool known;; first = false) {
    if (!first) {
      Scalar *c = crun_condition(r, s, condition);
      if (!crun_known(c, &known))
        crun_fail(r, condition->loc, "a loop whose number of rounds depends on data");
      if (!known) break;
    }
    s->continued = (CExit){0};
    run(r, s, body);
    come_back(s, s->continued);
    if (s->gone) break;
    if (step) crun_value(r, s, step);
    if (++r->steps > MAX_STEPS)
      crun_fail(r, body->loc, "a function of more than %d steps", MAX_STEPS);
  }
  come_back(s, s->broken);
  s->broken = broken;
  s->continued = continued;
  s->outside = outside;
}

static void run_return(CRun *r, CState *s, CNode *x) {
  if (x->n) {
    Scalar *v = crun_convert(s->f->result.dtype, crun_value(r, s, x->arg[0]));
    s->result = s->returned.when ? join(s->returned.when, s->result, v) : v;
  }
  leave(s, &s->returned);
}

static void run(CRun *r, CState *s, CNode *x) {
  if (s->gone) return;
  if (++r->steps > MAX_STEPS) crun_fail(r, x->loc, "a function of more than %d steps", MAX_STEPS);
  switch (x->kind) {
  case C_BLOCK:
    for (int k = 0; k < x->n; k++) run(r, s, x->arg[k]);
    break;
  case C_DECL: {
    CValue v = x->type.kind == CT_ARRAY ? crun_array(x->type) : (CValue){.type = x->type};
    for (int d = 0; d < x->type.rank; d++)
      if (x->type.dim[d] < 0) crun_fail(r, x->loc, "a pointer or an array without a size");
    if (x->n) crun_start(r, s, &v, x->arg[0]);
    s->var[x->var] = v; /* after: a choice in the value makes new variables */
    break;
  }
  case C_IF: run_if(r, s, x); break;
  case C_FOR:
    run(r, s, x->arg[0]);
    run_loop(r, s, x->arg[1], x->arg[2], x->arg[3], false);
    break;
  case C_WHILE: run_loop(r, s, x->arg[0], NULL, x->arg[1], false); break;
  case C_DO: run_loop(r, s, x->arg[1], NULL, x->arg[0], true); break;
  case C_RETURN: run_return(r, s, x); break;
  case C_BREAK: leave(s, &s->broken); break;
  case C_CONTINUE: leave(s, &s->continued); break;
  default: crun_value(r, s, x);
  }
}

/* Runs f on its arguments; returns its result, or 0 of a function without one. */
Scalar *crun_call(CRun *r, const CFunction *f, CValue *arg, CNode *at) {
  if (++r->depth > MAX_DEPTH) crun_fail(r, at ? at->loc : f->loc, "recursion without a known end");
  CState s = {.f = f};
  s.var = NEWN(mod->arena, CValue, f->nlocal + 1);
  for (int k = 0; k < f->nlocal; k++) s.var[k].type = f->local[k];
  for (int k = 0; k < f->nparam; k++) {
    s.var[k] = arg[k];
    if (f->local[k].kind == CT_SCALAR) s.var[k].s = crun_convert(f->local[k].dtype, arg[k].s);
    else s.var[k].type.constant = f->local[k].constant;
  }
  run(r, &s, f->body);
  if (f->result.kind != CT_VOID && s.returned.when && !s.gone)
    crun_fail(r, f->loc, "'%s', which may end without a `return`", f->name);
  come_back(&s, s.returned);
  for (int k = 0; k < f->nparam; k++)
    if (s.var[k].element) arg[k].element = s.var[k].element;
  r->depth--;
  if (s.result) return s.result;
  if (f->result.kind != CT_VOID) crun_fail(r, f->loc, "'%s', which returns nothing", f->name);
  return s_int(0);
}
