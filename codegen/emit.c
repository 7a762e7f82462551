/*
** emit.c: the folder of C that stands for a model
*/
#include "emit.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "embed.h"

void emit_shape(Text *t, int rank, Scalar **dim) {
  Kernel none = {0};
  Cg c = {.t = t, .k = &none, .index = true};
  for (int d = 0; d < rank; d++) print_index(&c, dim[d]);
}

void emit_size(Text *t, Scalar *s) {
  Kernel none = {0};
  Cg c = {.t = t, .k = &none};
  cg_expr(&c, s, 0);
}

void emit_bytes(Text *t, Dtype type, int rank, Scalar **dim) {
  Scalar *n = s_int(1);
  for (int d = 0; d < rank; d++) n = s_mul(n, size_or_none(dim[d]));
  int64_t v;
  if (s_const_value(n, &v)) {
    if (v == 1)
      text_add(t, "sizeof(%s)", dtype_c(type));
    else
      text_add(t, "%lld * sizeof(%s)", (long long)v, dtype_c(type));
    return;
  }
  text_add(t, "(size_t)(");
  emit_size(t, n);
  text_add(t, ") * sizeof(%s)", dtype_c(type));
}

bool emit_uses(const char *text, const char *word) {
  size_t n = strlen(word);
  for (const char *s = text; *s;) {
    if (s[0] == '/' && s[1] == '*') {
      const char *end = strstr(s + 2, "*/");
      s = end ? end + 2 : s + strlen(s);
    } else if (isalpha((unsigned char)*s) || *s == '_') {
      const char *e = s;
      while (isalnum((unsigned char)*e) || *e == '_') e++;
      bool member = s > text && (s[-1] == '.' || (s[-1] == '>' && s - 1 > text && s[-2] == '-'));
      if (!member && (size_t)(e - s) == n && memcmp(s, word, n) == 0) return true;
      s = e;
    } else {
      s++;
    }
  }
  return false;
}

bool emit_sizes(const Emit *e, Text *t, const char *body) {
  bool any = false;
  for (int k = 0; k < mod->nsym; k++)
    if (emit_uses(body, name_size(mod->sym[k]))) {
      text_add(t, "  const int %s = (int)m->size.%s;\n", name_size(mod->sym[k]), e->size[k]);
      any = true;
    }
  return any;
}

bool emit_fixed(int rank, Scalar **dim, int from) {
  for (int d = from; d < rank; d++)
    if (dim[d]->kind != S_CONST) return false;
  return true;
}

bool emit_array(int rank, Scalar **dim) {
  return rank > 1 && emit_fixed(rank, dim, 1);
}

const char *emit_comment(const char *text) {
  Text t = {0};
  for (; *text; text++) {
    bool mark = (*text == '*' && text[1] == '/') || (*text == '/' && text[1] == '*');
    text_add(&t, "%c", mark || (unsigned char)*text < 32 ? ' ' : *text);
  }
  const char *s = str_intern(t.s ? t.s : "");
  text_free(&t);
  return s;
}

const char *emit_file_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

const char *emit_string(const char *text) {
  Text t = {0};
  text_add(&t, "\"");
  for (; *text; text++) {
    if (*text == '"' || *text == '\\')
      text_add(&t, "\\%c", *text);
    else if ((unsigned char)*text < 32)
      text_add(&t, " ");
    else
      text_add(&t, "%c", *text);
  }
  text_add(&t, "\"");
  const char *s = str_intern(t.s);
  text_free(&t);
  return s;
}

/* names of what is at file scope, and members of structs */

const char *emit_upper(const char *s) {
  char buf[128];
  size_t n = 0;
  for (; *s && n < sizeof buf - 1; s++) buf[n++] = (char)toupper((unsigned char)*s);
  buf[n] = 0;
  return str_intern(buf);
}

/* Names of C functions: entries first, which the user sees. */
static void name_functions(Emit *e) {
  static const char *const ours[] = {"create", "create_in", "memory_size", "destroy",      "resize",
                                     "load",   "save",      "load_memory", "param",        "state",
                                     "error",  "manifest",  "config",      "first_values", "model"};
  Names taken = {0};
  for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
    name_claim(&taken, str_format("%s_%s", e->name, ours[i]));
  e->routine = NEWN(mod->arena, const char *, e->u->nroutine + 1);
  for (int k = 0; k < e->u->nentry; k++) {
    const char *name = str_format("%s_%s", e->name, name_clean(e->u->entry[k].entry->name));
    const char *got = name_claim(&taken, name);
    if (got != name && !e->u->entry[k].hidden)
      diag_error(e->u->entry[k].entry->loc,
                 "an entry cannot be called '%s': %s would be taken in C",
                 e->u->entry[k].entry->name, name);
    e->routine[e->u->entry[k].routine->id] = got;
  }
  for (int k = 0; k < e->u->nroutine; k++)
    if (!e->routine[k])
      e->routine[k] = name_claim(&taken, str_format("%s_%s", e->name, e->u->routine[k]->name));
  for (int k = 0; k < e->u->nkernel; k++)
    for (int p = e->u->kernel[k]->nphase - 1; p >= 0; p--) {
      Phase *phase = &e->u->kernel[k]->phase[p];
      phase->name = NULL;
      phase->name = name_claim(&taken, str_format("make_%s", phase_name(e->u->kernel[k], phase)));
    }
  e->opaque = NEWN(mod->arena, const char *, e->u->nopaque + 1);
  for (int k = 0; k < e->u->nopaque; k++)
    e->opaque[k] = name_claim(&taken, str_format("run_%s", name_clean(e->u->opaque[k]->name)));
  Names short_names = {0};
  e->member = NEWN(mod->arena, const char *, e->u->nroutine + 1);
  for (int k = 0; k < e->u->nroutine; k++)
    e->member[k] = name_claim(&short_names, e->u->routine[k]->name);
  names_free(&short_names);
  emit_kernel_texts(e);
  e->lit = NEWN(mod->arena, const char *, e->u->nlit + 1);
  for (int k = 0; k < e->u->nlit; k++)
    e->lit[k] = name_claim(&taken, str_format("%s_%s", e->name, name_of_node(e->u->lit[k])));
  names_free(&taken);
}

/* Names of struct members, config members and error codes. */
static void name_members(Emit *e) {
  static const char *const ours[] = {"config", "size", "threads",    "memory",
                                     "bytes",  "work", "work_bytes", "owned"};
  static const char *const config[] = {"threads", "seed",     "allocate", "release",
                                       "step",    "parallel", "context"};
  static const char *const codes[] = {"NULL", "SIZE", "MEMORY", "FILE", "FORMAT", "TENSOR"};
  Names taken = {0}, fields = {0}, errors = {0};
  for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) name_claim(&taken, ours[i]);
  for (size_t i = 0; i < sizeof config / sizeof *config; i++) name_claim(&fields, config[i]);
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
    name_claim(&errors, str_format("%s_ERROR_%s", e->upper, codes[i]));
  e->state = NEWN(mod->arena, const char *, e->p->nstate + 1);
  for (int k = 0; k < e->p->nstate; k++)
    e->state[k] = name_claim(&taken, name_of_node(e->p->state[k]));
  e->size = NEWN(mod->arena, const char *, mod->nsym + 1);
  for (int k = 0; k < mod->nsym; k++)
    e->size[k] = name_claim(&fields, name_clean(mod->sym[k]->name));
  e->error = NEWN(mod->arena, const char *, e->p->ndemand + 1);
  for (int k = 0; k < e->p->ndemand; k++) {
    const Demand *c = &e->p->demand[k];
    const char *what = c->input ? emit_upper(name_clean(c->input->name)) : "SIZES";
    e->error[k] = name_claim(&errors, str_format("%s_ERROR_%s", e->upper, what));
  }
  names_free(&taken), names_free(&fields), names_free(&errors);
}

/* The Makefile's line that says with which LAPACK to link, empty where the model uses none. */
static const char *lapack_variable(const Emit *e) {
  if (emit_has_header(e, "rt_lapack.h"))
    return "LAPACK ?= $(or $(call try,,-llapack),$(error the model uses LAPACK: install "
           "libopenblas-serial-dev))\n";
  if (emit_has_header(e, "rt_large.h"))
    return "# make LAPACK=-lopenblas: large factorizations by OpenBLAS (libopenblas-serial-dev), with its "
           "bits\nLAPACK ?=\n";
  return "";
}

/* the Makefile */

static void emit_makefile(const Emit *e, Text *t) {
  text_add(
      t,
      "# Makes the program %s, or with `make lib%s.a` the library alone, with any C11 compiler.\n"
      "# make CC=clang ARCH= OPENMP= PNG= ZLIB=      what to leave out, or choose\n"
      "CFLAGS ?= -O3\n", e->name, e->name);
  if (e->o->target)
    text_add(t, "ifeq ($(origin CC),default)\nCC = %s-gcc\nAR = %s-ar\nendif\n", e->o->target,
             e->o->target);
  if (e->o->arch || e->o->target)
    text_add(t, "ARCH ?= %s\n", e->o->arch ? e->o->arch : "");
  else
    text_add(t, "ARCH ?= $(shell $(CC) -march=native -E -x c /dev/null >/dev/null 2>&1 && echo "
                "-march=native)\n");
  text_add(
      t,
      "try = $(shell printf '%%b\\n' '$(1)int main(void) { return 0; }' >.try.c; $(CC) .try.c -o "
      ".try $(2) >/dev/null 2>&1 && echo '$(2)'; rm -f .try.c .try)\n"
      "OPENMP ?= $(call try,,-fopenmp)\n"
      "PNG ?= $(call try,\\043include <png.h>\\n,-lpng)\n"
      "ZLIB ?= $(call try,\\043include <zlib.h>\\n,-lz)\n"
      "override OPENMP := $(OPENMP)\n"
      "override PNG := $(PNG)\n"
      "override ZLIB := $(ZLIB)\n%s%s"
      "FLAGS = -std=c11 $(ARCH) -ffp-contract=off -fno-math-errno%s $(OPENMP) \\\n"
      "  $(if $(PNG),-DRT_HAVE_PNG) $(if $(ZLIB),-DRT_HAVE_ZLIB)%s%s $(CFLAGS)\n\n"
      "MODEL = %s.o",
      lapack_variable(e),
      e->o->mpi ? "MPI := $(shell mpicc -show)\n" : "",
      e->o->strict ? " -DRT_STRICT" : "",
      emit_has_header(e, "rt_large.h") && !emit_has_header(e, "rt_lapack.h")
          ? " $(if $(LAPACK),-DRT_HAVE_LAPACK)"
          : "",
      e->o->mpi ? " -DRT_HAVE_MPI $(filter -I%,$(MPI))" : "",
      e->name);
  for (int k = 0; k < e->nfile; k++) text_add(t, " %s_%d.o", e->name, k + 1);
  emit_opaque_objects(e, t);
  text_add(t,
           "\nPROGRAM = main.o $(patsubst %%.c,%%.o,$(wildcard rt_*.c))\n\n"
           "%s: $(MODEL) $(PROGRAM)\n"
           "\t$(CC) $(FLAGS) $(LDFLAGS) -o $@ $(MODEL) $(PROGRAM) $(PNG) $(ZLIB)%s%s -lm\n\n"
           "lib%s.a: $(MODEL)\n\t$(AR) rcs $@ $(MODEL)\n\n"
           "%%.o: %%.c $(wildcard *.h)\n\t$(CC) $(FLAGS) -c -o $@ $<\n\n"
           "clean:\n\trm -f %s lib%s.a *.o\n\n.PHONY: clean\n",
           e->name, *lapack_variable(e) ? " $(LAPACK)" : "",
           e->o->mpi ? " $(filter -L% -l% -Wl%,$(MPI))" : "", e->name, e->name,
           e->name);
}

/* Whether a made program needs this file of the runtime. */
static bool needed(const Emit *e, const char *path) {
  return strncmp(path, "runtime/", 8) == 0 && (e->o->mpi || strcmp(path, "runtime/rt_mpi.c") != 0);
}

void emit_unit(const Unit *u, const EmitOptions *o, EmitPut put, void *ctx) {
  Emit e = {.u = u, .p = u->program, .o = o, .name = name_model(u->program->name)};
  e.upper = emit_upper(e.name);
  for (int k = 0; k < u->nroutine; k++) e.dynamic = e.dynamic || u->routine[k]->work_size < 0;
  name_functions(&e);
  name_members(&e);
  Text t = {0};
  emit_header(&e, &t);
  put(ctx, str_format("%s.h", e.name), t.s, t.n);
  t.n = 0;
  emit_model(&e, &t);
  put(ctx, str_format("%s.c", e.name), t.s, t.n);
  for (int k = 0; k <= e.nfile && e.nfile; k++) {
    t.n = 0;
    if (k == 0)
      emit_kernel_header(&e, &t);
    else
      emit_kernel_file(&e, &t, k);
    put(ctx, k ? str_format("%s_%d.c", e.name, k) : str_format("%s_kernels.h", e.name), t.s, t.n);
  }
  emit_opaque_files(&e, put, ctx);
  t.n = 0;
  emit_main(&e, &t);
  put(ctx, "main.c", t.s, t.n);
  t.n = 0;
  emit_makefile(&e, &t);
  put(ctx, "Makefile", t.s, t.n);
  text_free(&t);
  for (int k = 0; k < embed_count(); k++) {
    const Embedded *f = embed_at(k);
    if (needed(&e, f->path)) put(ctx, emit_file_name(f->path), f->data, f->size);
  }
}
