/*
** cimport.h: running imported C functions on scalar expressions, file by file
**
**   cimport.c       what the script sees
**   cimport_run.c   statements: both sides of an `if`, loops round by round
**   cimport_expr.c  expressions
**   cimport_math.c  the functions of math.h
*/
#ifndef CRESCENT_DSL_CIMPORT_H
#define CRESCENT_DSL_CIMPORT_H
#include "../codegen/cimport.h"
#include "dsl.h"

/* A variable: a scalar, NULL while it has no value; or an array, as elements or as a tensor. */
typedef struct CValue {
  CType type;
  Scalar *s;
  int n;
  Scalar **element;
  Node *tensor;
} CValue;

/* Where runs left a loop or the function: which ones, and with which variables. No run is in two of
** them. NULL: nowhere so far. */
typedef struct CExit {
  Scalar *when;
  CValue *var;
} CExit;

/* A call under way. Its variables are those of the runs that are still there. */
typedef struct CState {
  const CFunction *f;
  CValue *var;
  bool gone;       /* none is */
  Scalar *result;  /* what was returned; NULL: nothing yet */
  CExit returned, broken, continued;
  Scalar *outside; /* runs that left a loop around this one, or NULL */
} CState;

typedef struct CRun {
  lua_State *L;
  const CModule *m;
  const char *file;
  int depth, steps;
} CRun;

/* cimport_run.c */
Scalar *crun_call(CRun *r, const CFunction *f, CValue *arg, CNode *at);
_Noreturn void crun_fail(CRun *r, Loc at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
CState crun_fork(const CState *s);
CState crun_join(Scalar *c, const CState *yes, const CState *no);

/* cimport_expr.c */
Scalar *crun_value(CRun *r, CState *s, CNode *x);       /* an expression's value */
void crun_start(CRun *r, CState *s, CValue *v, CNode *first); /* a declaration's first value */
bool crun_known(Scalar *s, bool *value);                /* a condition that is a constant */
Scalar *crun_condition(CRun *r, CState *s, CNode *x);
Scalar *crun_convert(Dtype t, Scalar *x);
CValue crun_array(CType type);                          /* an array without values */

/* cimport_math.c */
Scalar *cmath_call(const char *name, Dtype t, int n, Scalar **x); /* NULL: there is none */
#endif
