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
  Kernel copy = *e->u->kernel[k];
  Text t = {0};
  copy.name = e->kernel[k];
  print_kernel(&t, &copy, e->o->line);
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
    e->file[k] = 1 + (int)((int64_t)at * e->nfile / lines);
    at += count_lines(e->text[k]);
    e->kernel[k] = str_format("%s_%s", e->name, e->kernel[k]);
    e->text[k] = print_one(e, k);
  }
}

/* The definition's beginning: after its comment. */
static const char *definition(const Emit *e, int k) {
  const char *s = strstr(e->text[k], "\nstatic void ");
  if (s) return s + 1;
  if (strncmp(e->text[k], "static void ", 12) == 0) return e->text[k];
  ICE(e->u->kernel[k]->loc, "emit: kernel %s is printed in an unknown way", e->kernel[k]);
}

void emit_kernel_header(const Emit *e, Text *t) {
  text_add(
      t,
      "/*\n** %s_kernels.h: the kernels of %s.c, which are in %s_1.c to %s_%d.c\n*/\n"
      "#ifndef %s_KERNELS_H\n#define %s_KERNELS_H\n#include <stdbool.h>\n#include <stdint.h>\n\n",
      e->name, e->name, e->name, e->name, e->nfile, e->upper, e->upper);
  for (int k = 0; k < e->u->nkernel; k++) {
    const char *begin = definition(e, k) + strlen("static "), *end = strstr(begin, ") {\n");
    text_put(t, begin, (size_t)(end + 1 - begin));
    text_add(t, ";\n");
  }
  text_add(t, "\n#endif\n");
}

void emit_kernel_file(const Emit *e, Text *t, int file) {
  text_add(t,
           "/*\n** %s_%d.c: kernels of %s.c, each with its formula\n*/\n"
           "#include \"%s_kernels.h\"\n#include \"rt_kernel.h\"\n\n",
           e->name, file, e->name, e->name);
  for (int k = 0; k < e->u->nkernel; k++) {
    if (e->file[k] != file) continue;
    const char *begin = definition(e, k);
    text_put(t, e->text[k], (size_t)(begin - e->text[k]));
    text_add(t, "%s\n", begin + strlen("static "));
  }
}
