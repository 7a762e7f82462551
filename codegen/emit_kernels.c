/*
** emit_kernels.c: kernels as text: in NAME.c, or spread over files that compile side by side
**
**   denoise_1.c, denoise_2.c ...   each about as long as the others
**   denoise_kernels.h              their prototypes
*/
#include "emit.h"
#include <string.h>

enum { LINES_A_FILE = 1000 };

static int count_lines(const char *s) {
  int n = 0;
  for (; (s = strchr(s, '\n')); s++) n++;
  return n;
}

static const char *print_one(const Emit *e, int k) {
  Text t = {0};
  print_kernel(&t, e->u->kernel[k], e->o->line);
  const char *s = arena_copy(mod->arena, t.s, t.n + 1);
  text_free(&t);
  return s;
}

/* Prints every kernel, and decides on the file of each: they fill the files in their order. In
** files of their own they are visible to the linker, and so have the model's name in front. */
void emit_kernel_texts(Emit *e) {
  int n = e->u->nkernel, lines = 0,
      most = e->o->lines_a_file > 0 ? e->o->lines_a_file : LINES_A_FILE;
  e->text = NEWN(mod->arena, const char *, n + 1);
  e->file = NEWN(mod->arena, int, n + 1);
  for (int k = 0; k < n; k++) lines += count_lines(e->text[k] = print_one(e, k));
  if (lines <= most + most / 2) return;
  e->nfile = (lines + most - 1) / most;
  for (int k = 0, at = 0; k < n; k++) {
    Kernel *kernel = e->u->kernel[k];
    e->file[k] = 1 + (int)((int64_t)at * e->nfile / lines);
    at += count_lines(e->text[k]);
    for (int p = 0; p < kernel->nphase; p++)
      kernel->phase[p].name = str_format("%s_%s", e->name, kernel->phase[p].name);
    e->text[k] = print_one(e, k);
  }
}

/* Where the next function of a kernel's text begins, after its comment; NULL: there is no other. */
static const char *definition(const char *text, const char *from) {
  static const char head[] = "static void ";
  if (from == text && strncmp(text, head, strlen(head)) == 0) return text;
  const char *s = strstr(from, "\nstatic void ");
  return s ? s + 1 : NULL;
}

bool emit_forks(const Emit *e) {
  for (int k = 0; k < e->u->nkernel; k++)
    if (e->u->kernel[k]->parallel) return true;
  return emit_opaque_forks(e, false);
}

void emit_parts(const Emit *e, Text *t, const Kernel *k) {
  for (int p = 0; p < k->nphase; p++) {
    const Phase *phase = &k->phase[p];
    if (!phase->parallel) continue;
    Text line = {0};
    text_add(&line, "PART(%s", phase->name);
    for (int i = 0; i < phase->nsym; i++)
      text_add(&line, ", SIZE(%s)", e->size[phase->sym[i]->index]);
    for (int i = 0; i < phase->nformal + phase->nshared; i++) text_add(&line, ", c->at[%d]", i);
    text_add(&line, ")\n");
    print_wrapped(t, line.s, 100);
    text_free(&line);
  }
}

void emit_kernel_header(const Emit *e, Text *t) {
  text_add(
      t,
      "/*\n** %s_kernels.h: the kernels of %s.c, which are in %s_1.c to %s_%d.c\n*/\n"
      "#ifndef %s_KERNELS_H\n#define %s_KERNELS_H\n#include <stdbool.h>\n#include <stdint.h>\n"
      "#include \"rt_kernel.h\"\n\n",
      e->name, e->name, e->name, e->name, e->nfile, e->upper, e->upper);
  for (int k = 0; k < e->u->nkernel; k++) {
    const char *at = e->text[k];
    while ((at = definition(e->text[k], at))) {
      const char *begin = at + strlen("static "), *end = strstr(begin, ") {\n");
      text_put(t, begin, (size_t)(end + 1 - begin));
      text_add(t, ";\n");
      at = end;
    }
  }
  text_add(t, "\n#endif\n");
}

void emit_kernel_file(const Emit *e, Text *t, int file) {
  text_add(t,
           "/*\n** %s_%d.c: kernels of %s.c, each with its formula\n*/\n"
           "#include \"%s_kernels.h\"\n\n",
           e->name, file, e->name, e->name);
  for (int k = 0; k < e->u->nkernel; k++) {
    if (e->file[k] != file) continue;
    const char *from = e->text[k], *at = from;
    while ((at = definition(e->text[k], at))) {
      text_put(t, from, (size_t)(at - from));
      from = at += strlen("static ");
    }
    text_add(t, "%s\n", from);
  }
}
