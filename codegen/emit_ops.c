/*
** emit_ops.c: what comes with opaque kernels: the user's C, headers, error codes
**
** The user's own C goes into the folder as op_FILE.c, behind the prototypes it must agree with
** (NAME_ops.h); headers keep their names. A status becomes an error code with the kernel's name:
** SMOOTH_ERROR_SOLVE_SINGULAR.
*/
#include "emit.h"
#include "build.h"
#include <stdlib.h>
#include <string.h>

static const Opaque *opaque_at(const Emit *e, int k) {
  return e->u->opaque[k]->opaque;
}

/* Whether an earlier row has the same word at the same place. */
static bool file_before(const Emit *e, int k, int j) {
  const char *path = opaque_at(e, k)->source[j];
  for (int i = 0; i <= k; i++)
    for (int m = 0; m < (i == k ? j : opaque_at(e, i)->nsource); m++)
      if (opaque_at(e, i)->source[m] == path) return true;
  return false;
}

static bool has_sources(const Emit *e) {
  for (int k = 0; k < e->u->nopaque; k++)
    if (opaque_at(e, k)->nsource) return true;
  return false;
}

static bool ends(const char *s, const char *with) {
  size_t n = strlen(s), m = strlen(with);
  return n > m && strcmp(s + n - m, with) == 0;
}

const char *opaque_file(const char *path) {
  const char *name = emit_file_name(path);
  return ends(name, ".c") ? str_format("op_%s", name) : name;
}

/* The prototype of an item's kernel, without its end. */
void opaque_prototype(Text *t, const Func *f) {
  const Opaque *o = f->opaque;
  const Func *item = o->item ? o->item : f;
  int n = 0;
  text_add(t, "int %s(", o->kernel);
  for (int k = 0; k < o->nsize; k++) text_add(t, "%sint64_t", n++ ? ", " : "");
  for (int k = 0; k < item->nparam; k++)
    text_add(t, "%sconst %s *%s", n++ ? ", " : "", dtype_c((Dtype)item->param[k]->dtype),
             name_clean(item->param[k]->name));
  for (int k = 0; k < item->nresult; k++)
    text_add(t, "%s%s *%s", n++ ? ", " : "", dtype_c((Dtype)item->result[k]->dtype),
             name_clean(item->result[k]->name));
  if (o->work) text_add(t, "%s%s *work", n++ ? ", " : "", dtype_c(o->type));
  text_add(t, n ? ")" : "void)");
}

/* Whether a kernel is in this header of the runtime. */
bool emit_has_header(const Emit *e, const char *header) {
  for (int k = 0; k < e->u->nopaque; k++)
    if (opaque_at(e, k)->header && strcmp(opaque_at(e, k)->header, header) == 0) return true;
  return false;
}

/* The headers that the kernels of the runtime are in, and NAME_ops.h. */
void emit_opaque_includes(const Emit *e, Text *t) {
  for (int k = 0; k < e->u->nopaque; k++) {
    bool seen = !opaque_at(e, k)->header;
    for (int i = 0; i < k && !seen; i++) {
      const char *other = opaque_at(e, i)->header;
      seen = other && strcmp(other, opaque_at(e, k)->header) == 0;
    }
    if (!seen) text_add(t, "#include \"%s\"\n", opaque_at(e, k)->header);
  }
  if (has_sources(e)) text_add(t, "#include \"%s_ops.h\"\n", e->name);
}

static void emit_prototypes(const Emit *e, Text *t) {
  text_add(t,
           "/*\n** %s_ops.h: the kernels of %s.c that are the model's own; each returns 0, or a "
           "status\n*/\n#ifndef %s_OPS_H\n#define %s_OPS_H\n#include <stdbool.h>\n#include "
           "<stdint.h>\n\n",
           e->name, e->name, e->upper, e->upper);
  for (int k = 0; k < e->u->nopaque; k++) {
    const Opaque *o = opaque_at(e, k);
    bool seen = !o->nsource;
    for (int i = 0; i < k; i++) seen = seen || !strcmp(opaque_at(e, i)->kernel, o->kernel);
    if (seen) continue;
    Text line = {0};
    opaque_prototype(&line, e->u->opaque[k]);
    text_add(&line, ";\n");
    print_wrapped(t, line.s, 100);
    text_free(&line);
  }
  text_add(t, "\n#endif\n");
}

/* Ends where a file of the user's would take the place of one of ours. */
static void check_name(const Emit *e, const Func *f, const char *name) {
  static const char *const end[] = {".h", ".c", "_ops.h", "_kernels.h"};
  for (size_t i = 0; i < sizeof end / sizeof *end; i++)
    if (strcmp(name, str_format("%s%s", e->name, end[i])) == 0)
      diag_error(f->loc, "%s: source %s: the model %s has a file of this name; rename yours",
                 f->name, name, e->name);
}

/* The user's sources, as NAME_ops.h and op_*.c. */
void emit_opaque_files(const Emit *e, EmitPut put, void *ctx) {
  if (!has_sources(e)) return;
  Text t = {0};
  emit_prototypes(e, &t);
  put(ctx, str_format("%s_ops.h", e->name), t.s, t.n);
  for (int k = 0; k < e->u->nopaque; k++)
    for (int j = 0; j < opaque_at(e, k)->nsource; j++) {
      const char *path = opaque_at(e, k)->source[j];
      size_t n;
      char *text = file_before(e, k, j) ? NULL : files_read(path, &n);
      if (file_before(e, k, j)) continue;
      if (!text) diag_error(e->u->opaque[k]->loc, "%s cannot be read", path);
      t.n = 0;
      if (ends(path, ".c"))
        text_add(&t, "#include \"%s_ops.h\"\n#line 1 \"%s\"\n", e->name, emit_file_name(path));
      text_put(&t, text, n);
      check_name(e, e->u->opaque[k], opaque_file(path));
      put(ctx, opaque_file(path), t.s, t.n);
      free(text);
    }
  text_free(&t);
}

/* " op_a.o op_b.o" */
void emit_opaque_objects(const Emit *e, Text *t) {
  for (int k = 0; k < e->u->nopaque; k++)
    for (int j = 0; j < opaque_at(e, k)->nsource; j++) {
      const char *name = opaque_file(opaque_at(e, k)->source[j]);
      if (!file_before(e, k, j) && ends(name, ".c"))
        text_add(t, " %.*s.o", (int)strlen(name) - 2, name);
    }
}

/* What errors call an operation: the library's eigh_large and eigh_lapack are eigh by another
** kernel. */
static const char *spoken_name(const Func *f) {
  static const char *const kernel[] = {"_large", "_lapack"};
  for (int k = 0; f->opaque->header && k < 2; k++) {
    size_t n = strlen(f->name), end = strlen(kernel[k]);
    if (n > end && strcmp(f->name + n - end, kernel[k]) == 0)
      return str_format("%.*s", (int)(n - end), f->name);
  }
  return f->name;
}

/* The error code of a kernel's status, from 0; the last one is for what has no name. */
const char *opaque_code(const Emit *e, const Func *f, int status) {
  const Opaque *o = f->opaque;
  const char *of = emit_upper(name_clean(spoken_name(f)));
  if (status >= o->nstatus) return str_format("%s_ERROR_%s", e->upper, of);
  return str_format("%s_ERROR_%s_%s", e->upper, of,
                    emit_upper(name_clean(o->status[status].name)));
}

/* What the script called for the operations with this error code, and where if these are few:
** linalg.solve (model.lua:4) or linalg.inv (model.lua:9). */
static const char *callers_of(const Emit *e, const char *code, const Func *like, bool places) {
  enum { MOST = 4 };
  const char *called[MOST];
  Text t = {0};
  int n = 0;
  for (int k = 0; k < e->u->nopaque; k++) {
    const Func *g = e->u->opaque[k];
    bool same = false;
    for (int s = 0; s <= g->opaque->nstatus; s++) same = same || opaque_code(e, g, s) == code;
    for (Caller *c = same && g->opaque->caller ? *g->opaque->caller : NULL; c; c = c->next) {
      const char *one = !places || !c->loc.line
                            ? c->name
                            : str_format("%s (%s:%d)", c->name, c->loc.file, c->loc.line);
      int i = 0;
      while (i < n && called[i] != one) i++;
      if (i == MOST) { /* too many to tell */
        text_free(&t);
        return places ? callers_of(e, code, like, false) : spoken_name(like);
      }
      if (i == n) text_add(&t, "%s%s", n ? " or " : "", called[n] = one), n++;
    }
  }
  const char *s = n ? str_intern(t.s) : spoken_name(like);
  text_free(&t);
  return s;
}

/* Calls f for every distinct status of the kernels in use. */
void emit_each_status(const Emit *e, void (*f)(const Emit *e, Text *t, const char *code,
                                               const char *words, bool last), Text *t) {
  const char *code[256], *words[256];
  int n = 0;
  for (int k = 0; k < e->u->nopaque; k++) {
    const Func *g = e->u->opaque[k];
    for (int s = 0; s <= g->opaque->nstatus; s++) {
      const char *c = opaque_code(e, g, s);
      bool seen = false;
      for (int i = 0; i < n; i++) seen = seen || code[i] == c;
      if (seen || n == 256) continue;
      code[n] = c;
      words[n++] = s < g->opaque->nstatus
                       ? str_format("%s: %s", callers_of(e, c, g, true), g->opaque->status[s].words)
                       : str_format("%s: its kernel failed", callers_of(e, c, g, true));
    }
  }
  for (int i = 0; i < n; i++) f(e, t, code[i], words[i], i + 1 == n);
}
