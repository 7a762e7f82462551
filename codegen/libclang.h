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

typedef struct Libclang {
  int version; /* 14 to 20; operator kinds need 17 */
#define X(f) __typeof__(clang_##f) *f;
  LIBCLANG_FUNCTIONS(X)
#undef X
} Libclang;

/* libclang.c */
const Libclang *libclang_load(void);

#endif
