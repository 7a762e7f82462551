/*
** cimport.h: plain C functions, as libclang reads them
**
** CModule *m = cimport_read("model/curve.h", &problem, &at);   -- NULL: `problem` says why
**
** The tree keeps what libclang made explicit: every expression has its type, every conversion is a
** C_CAST. What cannot be imported is a C_BAD, with the reason; it matters only where it is run.
*/
#ifndef CRESCENT_CIMPORT_H
#define CRESCENT_CIMPORT_H
#include "ir.h"

typedef enum CKind {
  C_NUMBER,  /* i or f */
  C_VAR,     /* local or parameter `var` */
  C_GLOBAL,  /* the constant `name` */
  C_CALL,    /* name(arg...) */
  C_BINARY, C_UNARY, /* op arg[0] arg[1] */
  C_CHOICE,  /* arg[0] ? arg[1] : arg[2] */
  C_CAST,    /* (type)arg[0] */
  C_INDEX,   /* arg[0][arg[1]] */
  C_LIST,    /* {arg...} */
  C_ASSIGN,  /* arg[0] = arg[1]; with op: arg[0] op= arg[1] */
  C_STEP,    /* op: ++ or -- of arg[0], before or after */
  C_COMMA,   /* arg[0], arg[1] */
  C_BLOCK, C_DECL, /* DECL: local `var`, arg[0] its first value, or none */
  C_IF, C_FOR, C_WHILE, C_DO, C_RETURN, C_BREAK, C_CONTINUE,
  C_BAD      /* name says what */
} CKind;

typedef enum COp { /* ORDER CXBinaryOperatorKind, CXUnaryOperatorKind of libclang 17 and newer */
  CB_MUL = 3, CB_DIV, CB_REM, CB_ADD, CB_SUB, CB_SHL, CB_SHR, CB_THREE_WAY, CB_LT, CB_GT, CB_LE,
  CB_GE, CB_EQ, CB_NE, CB_AND, CB_XOR, CB_OR, CB_BOTH, CB_EITHER, CB_ASSIGN, CB_MUL_ASSIGN,
  CB_DIV_ASSIGN, CB_REM_ASSIGN, CB_ADD_ASSIGN, CB_SUB_ASSIGN, CB_SHL_ASSIGN, CB_SHR_ASSIGN,
  CB_AND_ASSIGN, CB_XOR_ASSIGN, CB_OR_ASSIGN, CB_COMMA,
  CU_AFTER_INC = 1, CU_AFTER_DEC, CU_INC, CU_DEC, CU_ADDRESS, CU_DEREF, CU_PLUS, CU_MINUS, CU_FLIP,
  CU_NOT
} COp;

typedef enum CTypeKind { CT_VOID, CT_SCALAR, CT_ARRAY, CT_OTHER } CTypeKind;

/* Integers are i64 in the graph, whatever their width: where they overflow, C gives no promise. */
typedef struct CType {
  CTypeKind kind;
  Dtype dtype;      /* of the scalar, or of an array's elements: bool, i64, f32, f64 */
  bool wraps;       /* unsigned, or narrower than int: for numbers known at compile time only */
  bool constant;
  int rank;         /* ARRAY, also a pointer: extents, -1 where it is not said */
  int64_t dim[4];
} CType;

typedef struct CNode CNode;
struct CNode {
  CKind kind;
  int op, var, n;
  CType type;
  Loc loc;
  const char *name;
  int64_t i;
  double f;
  CNode **arg;
};

typedef struct CFunction {
  const char *name;
  Loc loc;
  CType result;
  int nparam, nlocal; /* parameters are the first locals */
  CType *local;
  const char **local_name;
  CNode *body;
} CFunction;

typedef struct CGlobal {
  const char *name;
  Loc loc;
  CType type;
  CNode *first; /* its value, or NULL */
} CGlobal;

typedef struct CModule {
  int nfunction, nglobal;
  CFunction *function;
  CGlobal *global;
} CModule;

/* cimport.c */
CModule *cimport_read(const char *path, const char **problem, Loc *at);

#endif
