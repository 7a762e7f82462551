/*
** check.c: libclang reads what was emitted, before any file is written
**
** #line makes a diagnostic point at the model's script:
**
**   denoise.lua:19: error: use of undeclared identifier 'y_bar'
**       in denoise.c:211:16
*/
#include <pthread.h>
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

/* Adds the diagnostics of a unit to the report, if there is one; returns the number of errors. */
static int report_all(Text *report, const Libclang *lc, CXTranslationUnit unit) {
  int count = 0, shown = 0;
  unsigned n = lc->getNumDiagnostics(unit);
  for (unsigned i = 0; i < n; i++) {
    CXDiagnostic d = lc->getDiagnostic(unit, i);
    if (lc->getDiagnosticSeverity(d) >= CXDiagnostic_Warning) {
      if (report && shown++ < 20) report_one(report, lc, d);
      count += lc->getDiagnosticSeverity(d) >= CXDiagnostic_Error;
    }
    lc->disposeDiagnostic(d);
  }
  return count;
}

/* One parse, for a thread of its own. */
typedef struct Parse {
  const Libclang *lc;
  struct CXUnsavedFile *file;
  unsigned n;
  const char *name;
  int errors;
  Text *report;
} Parse;

static void *parse(void *ctx) {
  static const char *const all[] = {"-std=c11", "-fopenmp", "-ferror-limit=20",
                                    "-Wall",    "-Wextra",  "-pedantic"};
  static const char *const errors[] = {"-std=c11", "-fopenmp", "-ferror-limit=20", "-w"};
  Parse *p = ctx;
  const Libclang *lc = p->lc;
  CXIndex index = lc->createIndex(0, 0);
  CXTranslationUnit unit = NULL;
  enum CXErrorCode err = lc->parseTranslationUnit2(
      index, p->name, p->report ? all : errors, p->report ? 6 : 4, p->file, p->n,
      CXTranslationUnit_KeepGoing, &unit);
  p->errors = 1;
  if ((err != CXError_Success || !unit) && p->report)
    text_add(p->report, "%s: libclang cannot parse it (code %d)\n", p->name + strlen(FOLDER),
             (int)err);
  else if (unit)
    p->errors = report_all(p->report, lc, unit);
  if (unit) lc->disposeTranslationUnit(unit);
  lc->disposeIndex(index);
  return NULL;
}

/* The files, and the runtime's headers, as libclang is given them; the caller frees the list. */
static struct CXUnsavedFile *unsaved_files(const CheckFile *file, int nfile, unsigned *n) {
  struct CXUnsavedFile *unsaved =
      arena_need(calloc((size_t)(nfile + embed_count()), sizeof *unsaved));
  *n = 0;
  for (int i = 0; i < nfile; i++)
    unsaved[(*n)++] = (struct CXUnsavedFile){str_format("%s%s", FOLDER, file[i].name),
                                             file[i].text, file[i].size};
  for (int i = 0; i < embed_count(); i++) {
    const Embedded *e = embed_at(i);
    size_t len = strlen(e->path);
    if (strncmp(e->path, "runtime/", 8) != 0 || e->path[len - 1] != 'h') continue;
    unsaved[(*n)++] =
        (struct CXUnsavedFile){str_format("%s%s", FOLDER, e->path + 8), e->data, e->size};
  }
  return unsaved;
}

void check_ahead(void) { libclang_ahead(); }

void check_wait(void) { libclang_wait(); }

/* Parses file[from..from+count-1], C files, each in a thread of its own; they may include the other
** files and the runtime's headers, and none is written. Errors and warnings go to the reports, one a
** file, a line or two each; NULL: errors are counted only. Returns their number, or -1 where there
** is no libclang and nothing was checked. */
int check_emitted(const CheckFile *file, int nfile, int from, int count, Text *report) {
  const Libclang *lc = libclang_load();
  pthread_t thread[CHECKED_AT_ONCE];
  bool runs[CHECKED_AT_ONCE] = {false};
  Parse part[CHECKED_AT_ONCE];
  int errors = 0;
  unsigned n;
  if (!lc) return -1;
  struct CXUnsavedFile *unsaved = unsaved_files(file, nfile, &n);
  for (int k = 0; k < count; k++)
    part[k] = (Parse){lc, unsaved, n, unsaved[from + k].Filename, 0, report ? &report[k] : NULL};
  for (int k = 1; k < count; k++)
    runs[k] = pthread_create(&thread[k], NULL, parse, &part[k]) == 0;
  for (int k = 0; k < count; k++)
    if (!runs[k]) parse(&part[k]);
  for (int k = 0; k < count; k++) {
    if (runs[k]) pthread_join(thread[k], NULL);
    errors += part[k].errors;
  }
  free(unsaved);
  return errors;
}
