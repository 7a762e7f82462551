/*
** cimport.c: libclang's view of a C file becomes a small tree
**
**   double area(double r) { return PI * r * r; }
**   C_BLOCK(C_RETURN(C_BINARY(*, C_BINARY(*, C_GLOBAL PI, C_VAR 0), C_VAR 0)))
**
** Only kinds are told apart here; cimport_run.c in dsl/ gives them their meaning.
*/
#include "cimport.h"
#include <math.h>
#include <string.h>
#include "libclang.h"

typedef struct Reader {
  const Libclang *lc;
  CModule *m;
  int capfunction, capglobal, caplocal;
  CFunction *f;         /* being read */
  CXCursor *local;      /* its declarations, by number */
} Reader;

typedef struct Kids { int n, cap; CXCursor *c; } Kids;

static const char *take(const Libclang *lc, CXString s) {
  const char *text = lc->getCString(s), *kept = str_intern(text ? text : "");
  lc->disposeString(s);
  return kept;
}

static enum CXChildVisitResult add_kid(CXCursor c, CXCursor parent, CXClientData data) {
  Kids *k = data;
  (void)parent;
  if (k->n == k->cap) {
    CXCursor *more = NEWN(mod->arena, CXCursor, k->cap = 2 * k->cap + 4);
    if (k->n) memcpy(more, k->c, sizeof *more * (size_t)k->n);
    k->c = more;
  }
  k->c[k->n++] = c;
  return CXChildVisit_Continue;
}

static Kids kids_of(Reader *r, CXCursor c) {
  Kids k = {0};
  r->lc->visitChildren(c, add_kid, &k);
  return k;
}

static Loc loc_of(Reader *r, CXCursor c) {
  CXString file;
  unsigned line, column;
  r->lc->getPresumedLocation(r->lc->getCursorLocation(c), &file, &line, &column);
  return (Loc){take(r->lc, file), (int)line};
}

/* types */

static CType scalar(Dtype t, bool wraps) {
  return (CType){.kind = CT_SCALAR, .dtype = t, .wraps = wraps};
}

static CType type_of(Reader *r, CXType given) {
  CXType t = r->lc->getCanonicalType(given);
  CType type = {.kind = CT_OTHER};
  switch (t.kind) {
  case CXType_Void: type.kind = CT_VOID; break;
  case CXType_Bool: type = scalar(DT_BOOL, false); break;
  case CXType_Int: case CXType_Long: case CXType_LongLong: type = scalar(DT_I64, false); break;
  case CXType_Char_S: case CXType_SChar: case CXType_Char_U: case CXType_UChar: case CXType_Short:
  case CXType_UShort: case CXType_UInt: case CXType_ULong: case CXType_ULongLong:
  case CXType_Enum: type = scalar(DT_I64, t.kind != CXType_Enum); break;
  case CXType_Float: type = scalar(DT_F32, false); break;
  case CXType_Double: type = scalar(DT_F64, false); break;
  case CXType_ConstantArray: case CXType_IncompleteArray: case CXType_Pointer: {
    bool array = t.kind != CXType_Pointer;
    CType of = type_of(r, array ? r->lc->getArrayElementType(t) : r->lc->getPointeeType(t));
    if ((of.kind != CT_SCALAR && of.kind != CT_ARRAY) || of.rank == 4) break;
    type = of;
    if (array && r->lc->isConstQualifiedType(t)) type.constant = true;
    type.kind = CT_ARRAY;
    type.rank = of.rank + 1;
    type.dim[0] = t.kind == CXType_ConstantArray ? r->lc->getArraySize(t) : -1;
    memcpy(type.dim + 1, of.dim, sizeof *of.dim * (size_t)of.rank);
    return type;
  }
  default: break;
  }
  type.constant = r->lc->isConstQualifiedType(t) != 0;
  return type;
}

/* nodes */

static CNode *node(Reader *r, CXCursor c, CKind kind, int n) {
  CNode *x = NEW(mod->arena, CNode);
  x->kind = kind;
  x->loc = loc_of(r, c);
  x->type = type_of(r, r->lc->getCursorType(c));
  x->n = n;
  x->arg = NEWN(mod->arena, CNode *, n + 1);
  return x;
}

static CNode *bad(Reader *r, CXCursor c, const char *what) {
  CNode *x = node(r, c, C_BAD, 0);
  x->name = what;
  return x;
}

static CNode *read_node(Reader *r, CXCursor c);

/* A node whose arguments are all of the cursor's children. */
static CNode *with_kids(Reader *r, CXCursor c, CKind kind, int op) {
  Kids k = kids_of(r, c);
  CNode *x = node(r, c, kind, k.n);
  x->op = op;
  for (int i = 0; i < k.n; i++) x->arg[i] = read_node(r, k.c[i]);
  return x;
}

/* A constant that libclang evaluates. */
static CNode *number(Reader *r, CXCursor c) {
  CXEvalResult e = r->lc->Cursor_Evaluate(c);
  CXEvalResultKind kind = e ? r->lc->EvalResult_getKind(e) : CXEval_UnExposed;
  CNode *x = node(r, c, C_NUMBER, 0);
  if (kind == CXEval_Int) x->i = r->lc->EvalResult_getAsLongLong(e), x->f = (double)x->i;
  else if (kind == CXEval_Float) x->f = r->lc->EvalResult_getAsDouble(e);
  else x = bad(r, c, "a constant of another kind");
  if (e) r->lc->EvalResult_dispose(e);
  return x;
}

static CNode *read_reference(Reader *r, CXCursor c) {
  CXCursor to = r->lc->getCursorReferenced(c);
  enum CXCursorKind kind = r->lc->getCursorKind(to);
  CNode *x = node(r, c, C_VAR, 0);
  x->name = take(r->lc, r->lc->getCursorSpelling(c));
  if (kind == CXCursor_EnumConstantDecl) {
    x->kind = C_NUMBER;
    x->i = r->lc->getEnumConstantDeclValue(to);
    x->type = scalar(DT_I64, false);
    return x;
  }
  for (int k = 0; r->f && k < r->f->nlocal; k++)
    if (r->lc->equalCursors(r->local[k], to)) return x->var = k, x;
  if (kind != CXCursor_VarDecl) return bad(r, c, "a function's address");
  x->kind = C_GLOBAL;
  return x;
}

static CNode *read_unary(Reader *r, CXCursor c) {
  int op = r->lc->unary_operator(c);
  switch (op) {
  case CU_AFTER_INC: case CU_AFTER_DEC: case CU_INC: case CU_DEC:
    return with_kids(r, c, C_STEP, op);
  case CU_PLUS: case CU_MINUS: case CU_FLIP: case CU_NOT: return with_kids(r, c, C_UNARY, op);
  case CU_DEREF: {
    CNode *x = with_kids(r, c, C_INDEX, 0), *at = node(r, c, C_NUMBER, 0);
    at->type = scalar(DT_I64, false);
    x->arg[x->n++] = at; /* node() leaves room for one more */
    return x;
  }
  case CU_ADDRESS: return bad(r, c, "the address of a variable (&)");
  default: return bad(r, c, "this operator");
  }
}

static CNode *read_call(Reader *r, CXCursor c) {
  CXCursor to = r->lc->getCursorReferenced(c);
  if (r->lc->getCursorKind(to) != CXCursor_FunctionDecl)
    return bad(r, c, "a call through a pointer");
  Kids k = kids_of(r, c);
  CNode *x = node(r, c, C_CALL, k.n - 1);
  x->name = take(r->lc, r->lc->getCursorSpelling(to));
  for (int i = 1; i < k.n; i++) x->arg[i - 1] = read_node(r, k.c[i]);
  return x;
}

/* What libclang does not show: conversions, mostly. */
static CNode *read_unexposed(Reader *r, CXCursor c) {
  Kids k = kids_of(r, c);
  if (k.n != 1) return bad(r, c, "this expression");
  CNode *x = node(r, c, C_CAST, 1), *of = x->arg[0] = read_node(r, k.c[0]);
  bool plain = x->type.kind != CT_SCALAR || of->type.kind != CT_SCALAR;
  return plain || (x->type.dtype == of->type.dtype && x->type.wraps == of->type.wraps) ? of : x;
}

static CNode *read_cast(Reader *r, CXCursor c) {
  Kids k = kids_of(r, c);
  CNode *x = node(r, c, C_CAST, 1);
  if (k.n == 0 || x->type.kind != CT_SCALAR) return bad(r, c, "a conversion to this type");
  x->arg[0] = read_node(r, k.c[k.n - 1]);
  return x;
}

static bool is_there(Reader *r, CXCursor c) {
  enum CXCursorKind kind = r->lc->getCursorKind(c);
  return kind < CXCursor_FirstInvalid || kind > CXCursor_LastInvalid;
}

static CNode *read_local(Reader *r, CXCursor c) {
  CFunction *f = r->f;
  CXCursor first = r->lc->Cursor_getVarDeclInitializer(c);
  CNode *x = node(r, c, C_DECL, 1);
  enum CX_StorageClass where = r->lc->Cursor_getStorageClass(c);
  if ((where == CX_SC_Static && !x->type.constant) || where == CX_SC_Extern)
    return bad(r, c, "a variable that outlives the call (static or extern)");
  if (x->type.kind != CT_SCALAR && x->type.kind != CT_ARRAY)
    return bad(r, c, "a variable of this type");
  if (f->nlocal == r->caplocal) {
    int cap = r->caplocal = 2 * r->caplocal + 16;
    CXCursor *local = NEWN(mod->arena, CXCursor, cap);
    CType *type = NEWN(mod->arena, CType, cap);
    const char **name = NEWN(mod->arena, const char *, cap);
    if (f->nlocal) {
      memcpy(local, r->local, sizeof *local * (size_t)f->nlocal);
      memcpy(type, f->local, sizeof *type * (size_t)f->nlocal);
      memcpy(name, f->local_name, sizeof *name * (size_t)f->nlocal);
    }
    r->local = local, f->local = type, f->local_name = name;
  }
  r->local[f->nlocal] = c;
  f->local[f->nlocal] = x->type;
  f->local_name[f->nlocal] = x->name = take(r->lc, r->lc->getCursorSpelling(c));
  x->var = f->nlocal++;
  x->n = is_there(r, first);
  if (x->n) x->arg[0] = read_node(r, first);
  return x;
}

static CNode *read_statement(Reader *r, CXCursor c, enum CXCursorKind kind) {
  CNode *x;
  switch (kind) {
  case CXCursor_CompoundStmt: case CXCursor_DeclStmt: return with_kids(r, c, C_BLOCK, 0);
  case CXCursor_NullStmt: return node(r, c, C_BLOCK, 0);
  case CXCursor_VarDecl: return read_local(r, c);
  case CXCursor_IfStmt:
    x = with_kids(r, c, C_IF, 0);
    return x->n == 2 || x->n == 3 ? x : bad(r, c, "this `if`");
  case CXCursor_ForStmt:
    x = with_kids(r, c, C_FOR, 0);
    return x->n == 4 ? x : bad(r, c, "a `for` without a start, a condition or a step");
  case CXCursor_WhileStmt: return with_kids(r, c, C_WHILE, 0);
  case CXCursor_DoStmt: return with_kids(r, c, C_DO, 0);
  case CXCursor_ReturnStmt: return with_kids(r, c, C_RETURN, 0);
  case CXCursor_BreakStmt: return node(r, c, C_BREAK, 0);
  case CXCursor_ContinueStmt: return node(r, c, C_CONTINUE, 0);
  case CXCursor_SwitchStmt: return bad(r, c, "`switch`");
  case CXCursor_GotoStmt: case CXCursor_IndirectGotoStmt: case CXCursor_LabelStmt:
    return bad(r, c, "`goto` and labels");
  case CXCursor_MemberRefExpr: return bad(r, c, "a member of a struct");
  case CXCursor_StringLiteral: return bad(r, c, "a string");
  default: return bad(r, c, str_format("%s", take(r->lc, r->lc->getCursorKindSpelling(kind))));
  }
}

static CNode *read_node(Reader *r, CXCursor c) {
  enum CXCursorKind kind = r->lc->getCursorKind(c);
  int op = kind == CXCursor_BinaryOperator || kind == CXCursor_CompoundAssignOperator
               ? r->lc->binary_operator(c)
               : 0;
  switch (kind) {
  case CXCursor_IntegerLiteral: case CXCursor_FloatingLiteral: case CXCursor_CharacterLiteral:
  case CXCursor_UnaryExpr: return number(r, c);
  case CXCursor_ParenExpr: {
    Kids k = kids_of(r, c);
    return k.n == 1 ? read_node(r, k.c[0]) : bad(r, c, "this expression");
  }
  case CXCursor_UnexposedExpr: return read_unexposed(r, c);
  case CXCursor_DeclRefExpr: return read_reference(r, c);
  case CXCursor_BinaryOperator:
    return with_kids(r, c, op == CB_ASSIGN ? C_ASSIGN : op == CB_COMMA ? C_COMMA : C_BINARY,
                     op == CB_ASSIGN ? 0 : op);
  case CXCursor_CompoundAssignOperator: /* x *= y has the operator five to ten further on */
    return with_kids(r, c, C_ASSIGN,
                     op <= CB_SUB_ASSIGN   ? op - CB_MUL_ASSIGN + CB_MUL
                     : op <= CB_SHR_ASSIGN ? op - CB_SHL_ASSIGN + CB_SHL
                                           : op - CB_AND_ASSIGN + CB_AND);
  case CXCursor_UnaryOperator: return read_unary(r, c);
  case CXCursor_ConditionalOperator: return with_kids(r, c, C_CHOICE, 0);
  case CXCursor_CStyleCastExpr: return read_cast(r, c);
  case CXCursor_ArraySubscriptExpr: return with_kids(r, c, C_INDEX, 0);
  case CXCursor_InitListExpr: return with_kids(r, c, C_LIST, 0);
  case CXCursor_CallExpr: return read_call(r, c);
  default: return read_statement(r, c, kind);
  }
}

/* what a file declares */

static void read_function(Reader *r, CXCursor c) {
  CModule *m = r->m;
  if (m->nfunction == r->capfunction) {
    CFunction *more = NEWN(mod->arena, CFunction, r->capfunction = 2 * r->capfunction + 8);
    if (m->nfunction) memcpy(more, m->function, sizeof *more * (size_t)m->nfunction);
    m->function = more;
  }
  CFunction *f = r->f = &m->function[m->nfunction++];
  *f = (CFunction){.name = take(r->lc, r->lc->getCursorSpelling(c)), .loc = loc_of(r, c)};
  f->result = type_of(r, r->lc->getCursorResultType(c));
  r->caplocal = 0;
  int n = r->lc->Cursor_getNumArguments(c);
  CNode *refused = NULL;
  for (int k = 0; k < n; k++) {
    CNode *x = read_local(r, r->lc->Cursor_getArgument(c, (unsigned)k));
    if (x->kind == C_BAD) refused = x;
  }
  f->nparam = f->nlocal;
  Kids k = kids_of(r, c);
  f->body = refused ? refused : read_node(r, k.c[k.n - 1]);
  if (refused) refused->name = "a parameter of this type";
  r->f = NULL;
}

static void read_global(Reader *r, CXCursor c) {
  CModule *m = r->m;
  CXCursor first = r->lc->Cursor_getVarDeclInitializer(c);
  if (m->nglobal == r->capglobal) {
    CGlobal *more = NEWN(mod->arena, CGlobal, r->capglobal = 2 * r->capglobal + 8);
    if (m->nglobal) memcpy(more, m->global, sizeof *more * (size_t)m->nglobal);
    m->global = more;
  }
  CGlobal *g = &m->global[m->nglobal++];
  *g = (CGlobal){.name = take(r->lc, r->lc->getCursorSpelling(c)), .loc = loc_of(r, c),
                 .type = type_of(r, r->lc->getCursorType(c))};
  if (is_there(r, first)) g->first = read_node(r, first);
}

static void read_declarations(Reader *r, CXTranslationUnit unit) {
  Kids k = kids_of(r, r->lc->getTranslationUnitCursor(unit));
  for (int i = 0; i < k.n; i++) {
    CXCursor c = k.c[i];
    if (r->lc->Location_isInSystemHeader(r->lc->getCursorLocation(c))) continue;
    enum CXCursorKind kind = r->lc->getCursorKind(c);
    if (kind == CXCursor_FunctionDecl && r->lc->isCursorDefinition(c)) read_function(r, c);
    if (kind == CXCursor_VarDecl) read_global(r, c);
  }
}

/* The first error of a unit; false: it has none. */
static bool first_error(const Libclang *lc, CXTranslationUnit unit, const char **problem, Loc *at) {
  unsigned n = lc->getNumDiagnostics(unit);
  bool found = false;
  for (unsigned i = 0; i < n && !found; i++) {
    CXDiagnostic d = lc->getDiagnostic(unit, i);
    if (lc->getDiagnosticSeverity(d) >= CXDiagnostic_Error) {
      CXString file;
      unsigned line, column;
      found = true;
      lc->getPresumedLocation(lc->getDiagnosticLocation(d), &file, &line, &column);
      *at = (Loc){take(lc, file), (int)line};
      *problem = take(lc, lc->getDiagnosticSpelling(d));
    }
    lc->disposeDiagnostic(d);
  }
  return found;
}

/* Reads a C file as a header of functions; NULL where it is no C, and *problem and *at say so. */
CModule *cimport_read(const char *path, const char **problem, Loc *at) {
  static const char *const flags[] = {"-xc", "-std=gnu11", "-ffp-contract=off"};
  const Libclang *lc = libclang_load();
  *at = (Loc){0};
  *problem = "cr.cimport needs libclang 17 or newer; install libclang-19-dev";
  if (!lc || !lc->binary_operator || !lc->unary_operator) return NULL;
  CXIndex index = lc->createIndex(0, 0);
  CXTranslationUnit unit = NULL;
  Reader r = {.lc = lc};
  *problem = "libclang cannot read it";
  enum CXErrorCode err =
      lc->parseTranslationUnit2(index, path, flags, (int)(sizeof flags / sizeof *flags), NULL, 0,
                                CXTranslationUnit_None, &unit);
  if (err == CXError_Success && unit && !first_error(lc, unit, problem, at)) {
    r.m = NEW(mod->arena, CModule);
    read_declarations(&r, unit);
  }
  if (unit) lc->disposeTranslationUnit(unit);
  lc->disposeIndex(index);
  return r.m;
}
