/*
** libclang.h: libclang, loaded when it is first needed (it is 167 MB of shared libraries)
**
** const Libclang *lc = libclang_load();   -- NULL where this machine has none
** lc->parseTranslationUnit2(...)          -- clang_parseTranslationUnit2
*/
#ifndef CRESCENT_LIBCLANG_H
#define CRESCENT_LIBCLANG_H

#include <clang-c/Index.h>

/* Every function that is used, without its prefix clang_. */
#define LIBCLANG_FUNCTIONS(X)                                                                      \
  X(createIndex)                                                                                   \
  X(disposeIndex) X(parseTranslationUnit2) X(disposeTranslationUnit) X(getNumDiagnostics)          \
      X(getDiagnostic) X(disposeDiagnostic) X(getDiagnosticSeverity) X(getDiagnosticSpelling)      \
          X(getDiagnosticLocation) X(getPresumedLocation) X(getSpellingLocation) X(getFileName)    \
              X(getCString) X(disposeString)

/* What reading C functions takes beyond that. */
#define LIBCLANG_CURSORS(X)                                                                        \
  X(getTranslationUnitCursor)                                                                      \
  X(visitChildren) X(getCursorKind) X(getCursorKindSpelling) X(getCursorSpelling)                  \
      X(getCursorLocation) X(getCursorReferenced) X(equalCursors) X(isCursorDefinition)            \
          X(Location_isInSystemHeader) X(getCursorType) X(getCursorResultType)                     \
              X(getCanonicalType) X(getPointeeType) X(getArrayElementType) X(getArraySize)         \
                  X(isConstQualifiedType) X(getEnumConstantDeclValue) X(Cursor_getNumArguments)    \
                      X(Cursor_getArgument) X(Cursor_getStorageClass)                              \
                          X(Cursor_getVarDeclInitializer) X(Cursor_Evaluate) X(EvalResult_getKind) X(EvalResult_getAsLongLong)     \
                              X(EvalResult_getAsDouble) X(EvalResult_dispose)

typedef struct Libclang {
  int version; /* 14 to 20 */
#define X(f) __typeof__(clang_##f) *f;
  LIBCLANG_FUNCTIONS(X)
  LIBCLANG_CURSORS(X)
#undef X
  int (*binary_operator)(CXCursor), (*unary_operator)(CXCursor); /* NULL before 17: COp */
} Libclang;

/* libclang.c */
const Libclang *libclang_load(void);
void libclang_ahead(void); /* begins to load it, beside what else is done */
void libclang_wait(void);  /* for that: a process must not end while it goes on */

#endif
