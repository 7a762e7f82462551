/*
** choice.c: what MODEL.tune says of a kernel, and the kernel made by it
**
** A kernel is known by the hash of its text as the cost model alone would have it, which holds all
** that matters: formula, sizes, types, processor. What has no such kernel any more is refused,
** since then the model is another one.
*/
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tune.h"

const char *tuning_path(const char *script) {
  size_t n = strlen(script);
  if (n > 4 && strcmp(script + n - 4, ".lua") == 0) n -= 4;
  return str_format("%.*s.tune", (int)n, script);
}

const char *tuning_section(const DriverOptions *o) {
  Text t = {0};
  text_add(&t, "%s", march_of(o->target, o->march)->name);
  if (o->target) text_add(&t, " --target %s", o->target);
  for (int k = 0; k < o->ndefine; k++) text_add(&t, " -D %s", o->define[k]);
  const char *s = str_intern(t.s);
  text_free(&t);
  return s;
}

void choice_print(Text *t, const Choice *c) {
  const char *gap = "";
  if (c->rows) text_add(t, "tile %dx%dx%d", c->rows, c->vectors, c->lanes), gap = " ";
  if (c->width) text_add(t, "%swidth %d", gap, c->width), gap = " ";
  if (c->threads) text_add(t, "%sthreads %s", gap, c->threads == T_NEVER ? "never" : "early");
}

/* Reads one choice, "tile 6x2x8" say, at *s, and moves on; false: it is none. */
static bool read_choice(const char **s, Choice *c) {
  int n = 0;
  char word[8];
  if (sscanf(*s, " tile %dx%dx%d%n", &c->rows, &c->vectors, &c->lanes, &n) == 3 && n) {
    *s += n;
    return c->rows > 0 && c->rows <= 16 && c->vectors > 0 && c->vectors <= 16 && c->lanes > 0;
  }
  if (sscanf(*s, " width %d%n", &c->width, &n) == 1 && n) {
    *s += n;
    return c->width >= 4 && c->width <= 64;
  }
  if (sscanf(*s, " threads %7[a-z]%n", word, &n) != 1 || !n) return false;
  *s += n;
  c->threads = strcmp(word, "never") == 0 ? T_NEVER : T_EARLY;
  return c->threads == T_NEVER || strcmp(word, "early") == 0;
}

static bool read_kernel(const char *s, Tuned *t) {
  int n = 0;
  if (sscanf(s, "kernel %16" SCNx64 "%n", &t->key, &n) != 1 || n != 7 + 16) return false;
  for (s += n; s[strspn(s, " ")];)
    if (!read_choice(&s, &t->choice)) return false;
  return true;
}

/* Reads a line without its comment. *mine: whether the lines are of the section that is looked
** for. */
static void read_line(Tuning *t, const char *s, int number, bool *mine) {
  Loc loc = {t->path, number};
  if (strncmp(s, "for ", 4) == 0) {
    bool again = *mine || t->n;
    *mine = strcmp(s + 4, t->section) == 0;
    if (*mine && again) diag_error(loc, "a second section 'for %s'", t->section);
    return;
  }
  Tuned *one = &t->tuned[t->n];
  *one = (Tuned){.line = number};
  if (!read_kernel(s, one))
    diag_error(loc,
               "'%s' is no choice; expected: kernel KEY tile ROWSxVECTORSxLANES, width LANES or "
               "threads never|early; run `crescent tune %s` again, or remove %s",
               s, t->script, t->path);
  if (*mine) t->n++;
}

Tuning *tuning_read(const DriverOptions *o) {
  size_t size;
  Tuning *t = NEW(mod->arena, Tuning);
  *t = (Tuning){.script = o->script, .path = tuning_path(o->script), .section = tuning_section(o)};
  char *text = files_read(t->path, &size);
  if (!text && access(t->path, F_OK) == 0) diag_error((Loc){t->path, 0}, "cannot be read");
  if (!text) return NULL;
  int number = 0, said = 0;
  bool mine = false;
  t->tuned = NEWN(mod->arena, Tuned, size / 8 + 2);
  for (char *p = text, *next; *p; p = next) {
    size_t n = strcspn(p, "\n"), end = strcspn(p, "#\n");
    next = p + n + (p[n] != 0);
    while (end > 0 && (p[end - 1] == ' ' || p[end - 1] == '\r')) end--;
    const char *line = str_format("%.*s", (int)end, p);
    number++;
    if (*line && said++ == 0 && strcmp(line, "crescent tune 1") != 0)
      diag_error((Loc){t->path, number},
                 "'%s': a file of this version begins with 'crescent tune 1'; run `crescent tune "
                 "%s` again, or remove %s", line, t->script, t->path);
    else if (*line && said > 1)
      read_line(t, line, number, &mine);
  }
  if (!said) diag_error((Loc){t->path, 0}, "the file is empty; remove it");
  free(text);
  return t->n ? t : NULL;
}

void tuning_check(const Tuning *t) {
  for (int k = 0; t && k < t->n; k++)
    if (!t->tuned[k].used)
      diag_error((Loc){t->path, t->tuned[k].line},
                 "kernel %016" PRIx64
                 " is not in %s any more, or cannot be so: the file is older than "
                 "the model; run `crescent tune %s` again, or remove %s",
                 t->tuned[k].key, t->script, t->script, t->path);
}

char *tuning_without(const char *path, const char *section) {
  size_t size;
  char *text = files_read(path, &size);
  Text kept = {0};
  bool mine = false, any = false;
  for (char *p = text; p && *p;) {
    size_t n = strcspn(p, "\n");
    if (strncmp(p, "for ", 4) == 0)
      mine = strlen(section) + 4 == n && strncmp(p + 4, section, n - 4) == 0, any |= !mine;
    if (!mine) text_add(&kept, "%.*s\n", (int)n, p);
    p += n + (p[n] != 0);
  }
  free(text);
  if (any) return kept.s;
  text_free(&kept);
  return NULL;
}

Kernel *lower_chosen(Func *f, const Group *g, const Target *target) {
  Kernel *usual = lower_group(f, g, target, NULL);
  Tuning *t = (Tuning *)target->tuning;
  if (!t) return usual;
  kernel_identify(usual);
  Tuned *mine = NULL;
  for (int k = 0; k < t->n; k++)
    if (t->tuned[k].key == usual->key) mine = &t->tuned[k];
  if (t->n && !mine) return usual;
  const Choice *want = mine ? &mine->choice : &t->trial;
  Kernel *k = lower_group(f, g, target, want);
  k->usual = usual->key;
  if (!mine) return k;
  const Choice *took = &k->took;
  mine->used |= (!want->rows || (want->rows == took->rows && want->vectors == took->vectors &&
                                 want->lanes == took->lanes)) &&
                (!want->width || want->width == took->width);
  return k;
}
