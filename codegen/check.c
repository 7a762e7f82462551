/*
** check.c: libclang reads what was emitted, before any file is written
**
** #line makes a diagnostic point at the model's script:
**
**   denoise.lua:19: error: use of undeclared identifier 'y_bar'
**       in denoise.c:211:16
*/
#include <stdlib.h>
#include <string.h>
#include "build.h"
#include "embed.h"
#include "ir.h"
#include "libclang.h"

static const char FOLDER[] = "/crescent-emitted/"; /* exists only in memory */

/* Adds one diagnostic to the report. */
static void report_one(Text *report, const Libclang *lc, CXDiagnostic d) {
  CXSourceLocation at = lc->getDiagnosticLocation(d);
  CXString file, text = lc->getDiagnosticSpelling(d), real_name;
  unsigned line, column, real_line;
  CXFile real;
  lc->getPresumedLocation(at, &file, &line, &column);
  lc->getSpellingLocation(at, &real, &real_line, &column, NULL);
  real_name = lc->getFileName(real);
  const char *shown = lc->getCString(file), *in = lc->getCString(real_name);
  size_t n = strlen(FOLDER);
  if (shown && strncmp(shown, FOLDER, n) == 0) shown += n;
  if (in && strncmp(in, FOLDER, n) == 0) in += n;
  text_add(report, "%s:%u: %s: %s\n", shown ? shown : "?", line,
           lc->getDiagnosticSeverity(d) >= CXDiagnostic_Error ? "error" : "warning",
           lc->getCString(text));
  if (in && (!shown || strcmp(in, shown) != 0))
    text_add(report, "    in %s:%u:%u\n", in, real_line, column);
  lc->disposeString(file);
  lc->disposeString(text);
  lc->disposeString(real_name);
}

/* Adds the diagnostics of a unit to the report; returns the number of errors. */
static int report_all(Text *report, const Libclang *lc, CXTranslationUnit unit) {
  int count = 0, shown = 0;
  unsigned n = lc->getNumDiagnostics(unit);
  for (unsigned i = 0; i < n; i++) {
    CXDiagnostic d = lc->getDiagnostic(unit, i);
    if (lc->getDiagnosticSeverity(d) >= CXDiagnostic_Warning) {
      if (shown++ < 20) report_one(report, lc, d);
      count += lc->getDiagnosticSeverity(d) >= CXDiagnostic_Error;
    }
    lc->disposeDiagnostic(d);
  }
  return count;
}

/* Parses file[which], a C file, which may include the other files and the runtime's headers,
** without writing any. Errors and warnings go to the report, a line or two each; returns the number
** of errors, or -1 where there is no libclang and nothing was checked. */
int check_emitted(const CheckFile *file, int nfile, int which, Text *report) {
  static const char *const flags[] = {"-std=c11", "-fopenmp",  "-Wall",
                                      "-Wextra",  "-pedantic", "-ferror-limit=20"};
  const Libclang *lc = libclang_load();
  if (!lc) return -1;
  struct CXUnsavedFile *unsaved =
      arena_need(calloc((size_t)(nfile + embed_count()), sizeof *unsaved));
  unsigned n = 0;
  for (int i = 0; i < nfile; i++, n++)
    unsaved[n] = (struct CXUnsavedFile){str_format("%s%s", FOLDER, file[i].name), file[i].text,
                                        file[i].size};
  for (int i = 0; i < embed_count(); i++) {
    const Embedded *e = embed_at(i);
    size_t len = strlen(e->path);
    if (strncmp(e->path, "runtime/", 8) != 0 || e->path[len - 1] != 'h') continue;
    unsaved[n++] =
        (struct CXUnsavedFile){str_format("%s%s", FOLDER, e->path + 8), e->data, e->size};
  }
  CXIndex index = lc->createIndex(0, 0);
  CXTranslationUnit unit = NULL;
  enum CXErrorCode err = lc->parseTranslationUnit2(index, unsaved[which].Filename, flags,
                                                   (int)(sizeof flags / sizeof flags[0]), unsaved,
                                                   n, CXTranslationUnit_KeepGoing, &unit);
  int count = 1;
  if (err != CXError_Success || !unit)
    text_add(report, "%s: libclang cannot parse it (code %d)\n", file[which].name, (int)err);
  else
    count = report_all(report, lc, unit);
  if (unit) lc->disposeTranslationUnit(unit);
  lc->disposeIndex(index);
  free(unsaved);
  return count;
}
