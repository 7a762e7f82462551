/*
** func.c: a kernel as a static function, and kernels that differ only in names as one
**
**   denoise.lua:19   x_bar[i] = sum k.  w[k] * y_bar[i - k]
**   static void conv_x_bar(int n, const float *restrict w, const float *restrict y_bar,
**                          float *restrict x_bar)
*/
#include "cgen.h"
#include <stdlib.h>
#include <string.h>

void print_param_type(Text *t, Dtype type, int rank, Scalar **dim, const char *qualifier,
                      const char *name) {
  const char *space = *qualifier ? " " : "";
  if (rank < 2) {
    text_add(t, "%s *%s%s%s", dtype_c(type), qualifier, space, name);
    return;
  }
  Kernel none = {0};
  Cg c = {.t = t, .k = &none, .index = true};
  text_add(t, "%s (*%s%s%s)", dtype_c(type), qualifier, space, name);
  for (int d = 1; d < rank; d++) print_index(&c, dim[d]);
}

/* Whether it is called for each part of its loops. */
static bool runs_in_parts(const Phase *p) { return p->parallel && !p->whole; }

/* The parameters of a phase, or with p NULL of the kernel as a whole, for comparing. Those of what runs
** in parts are plain pointers: where they are restrict, clang 19 loads the neighbours that a stencil
** reads as vectors and takes these apart (total variation: 15 % slower); loops say `omp simd`. */
static void print_params(Text *t, const Kernel *k, const Phase *p) {
  bool parts = p && runs_in_parts(p);
  const char *sep = "";
  if (p && p->parallel) {
    text_add(t, "rt_part part");
    sep = ", ";
  }
  for (int i = 0; p && i < p->nsym; i++, sep = ", ")
    text_add(t, "%sint %s", sep, name_size(p->sym[i]));
  for (int i = 0; i < (p ? p->nformal : k->nformal); i++, sep = ", ") {
    int at = p ? p->formal[i] : i;
    const Formal *f = &k->formal[at];
    text_add(t, "%s%s", sep, f->written ? "" : "const ");
    bool shares = p ? f->shares || parts : f->may_alias != NULL; /* what is read is then overwritten */
    print_param_type(t, (Dtype)f->as->dtype, f->as->rank, f->as->dim, shares ? "" : "restrict",
                     p ? f->name : str_format("f%d", at));
  }
  Cg c = {.t = t, .k = k};
  for (int i = 0; p && i < p->nshared; i++, sep = ", ") {
    const Node *n = k->shared[p->shared[i]];
    text_add(t, "%s", sep);
    print_param_type(t, (Dtype)n->dtype, n->rank, n->dim, "restrict", cg_name(&c, n));
  }
  if (!*sep) text_add(t, "void");
}

const char *phase_name(const Kernel *k, const Phase *p) {
  if (p->name) return p->name;
  return p->suffix ? str_format("%s_%s", k->name, p->suffix) : k->name;
}

/* Whether a line may be broken at the space s[i]: after a comma or before an operator. */
static bool may_break(const char *s, size_t i, size_t n) {
  if (s[i] != ' ' || i < 2) return false;
  bool after = s[i - 1] == ',' || s[i - 1] == ';' || (s[i - 1] == '=' && s[i - 2] == ' ');
  bool oper = i + 2 < n && s[i + 2] == ' ' && strchr("+-*/?:", s[i + 1]);
  bool logic = i + 3 < n && s[i + 3] == ' ' && (s[i + 1] == '&' || s[i + 1] == '|');
  return after || oper || logic;
}

/* Where to break a line that is too long: the last place of least depth in the second half of
** what fits, or else the first place that comes; 0: nowhere. */
static size_t break_point(const char *s, size_t n, size_t limit) {
  size_t best = 0, indent = strspn(s, " ");
  int depth = 0, best_depth = 1 << 20;
  for (size_t i = indent; i + 1 < n && (i < limit || best == 0); i++) {
    if (s[i] == '(' || s[i] == '[') depth++;
    if (s[i] == ')' || s[i] == ']') depth--;
    if (i < (indent + limit) / 3 || !may_break(s, i, n)) continue;
    int rank = 2 * depth + (s[i - 1] == '=');
    if (rank <= best_depth) best = i, best_depth = rank;
  }
  return best;
}

void print_wrapped(Text *to, const char *text, int columns) {
  for (const char *line = text; *line;) {
    const char *end = strchr(line, '\n');
    size_t n = end ? (size_t)(end - line) : strlen(line), limit = (size_t)columns;
    const char *next = end ? end + 1 : line + n;
    size_t indent = strspn(line, " ");
    bool hash = line[indent] == '#';
    char *rest = arena_need(malloc(n + 1));
    memcpy(rest, line, n);
    rest[n] = 0;
    const char *s = rest;
    bool first = true;
    while (n + (first ? 0 : indent + 4) > limit && !hash) {
      size_t at = break_point(s, n, first ? limit : limit - indent - 4);
      if (at == 0) break;
      if (!first) text_add(to, "%*s", (int)indent + 4, "");
      text_put(to, s, at);
      text_add(to, "\n");
      s += at + 1;
      n -= at + 1;
      first = false;
    }
    if (!first) text_add(to, "%*s", (int)indent + 4, "");
    text_put(to, s, n);
    text_add(to, "\n");
    free(rest);
    line = next;
  }
}

static void print_formula_comment(Text *t, const Kernel *k) {
  if (!k->formula) return;
  text_add(t, "/* ");
  for (const char *p = k->formula; *p; p++) {
    text_put(t, p, 1);
    if (*p == '\n') text_add(t, "   ");
  }
  text_add(t, " */\n");
}

/* The comment of a later phase: its place in the script, and what has run before. */
static void print_later(Text *t, const Kernel *k, int phase) {
  const char *gap = k->formula ? strstr(k->formula, "   ") : NULL;
  text_add(t, "\n/* %.*safter %s */\n", gap ? (int)(gap + 3 - k->formula) : 0,
           gap ? k->formula : "", phase_name(k, &k->phase[phase - 1]));
}

void print_kernel(Text *t, const Kernel *k, bool line_marks) {
  for (int i = 0; i < k->nphase; i++) {
    const Phase *p = &k->phase[i];
    Text raw = {0};
    Cg c = {.t = &raw, .k = k, .whole = p->whole, .line = line_marks, .indent = 1};
    text_add(&raw, "static void %s%s(", runs_in_parts(p) ? "RT_IN_PARTS " : "", phase_name(k, p));
    print_params(&raw, k, p);
    text_add(&raw, ") {\n");
    for (int s = 0; s < p->n; s++) print_stmt(&c, p->stmt[s]);
    text_add(&raw, "}\n");
    if (i == 0) print_formula_comment(t, k);
    else print_later(t, k, i);
    print_wrapped(t, raw.s, 100);
    text_free(&raw);
  }
}

static uint64_t text_hash(const char *s) {
  uint64_t h = 1469598103934665603u;
  for (; *s; s++) h = (h ^ (unsigned char)*s) * 1099511628211u;
  return h;
}

static const char *canonical_text(const Kernel *k) {
  Text t = {0};
  Cg c = {.t = &t, .k = k, .canonical = true};
  print_params(&t, k, NULL);
  text_add(&t, "\n");
  print_stmt(&c, k->body);
  const char *s = str_intern(t.s);
  text_free(&t);
  return s;
}

void kernel_identify(Kernel *k) {
  k->text = canonical_text(k);
  k->key = text_hash(k->text);
}

Kernel *kernel_intern(Unit *u, Kernel *k) {
  kernel_identify(k);
  for (int i = 0; i < u->nkernel; i++)
    if (u->kernel[i]->key == k->key && u->kernel[i]->text == k->text) return u->kernel[i];
  Names taken = {0};
  for (int i = 0; i < u->nkernel; i++) name_claim(&taken, u->kernel[i]->name);
  k->name = name_claim(&taken, k->name);
  names_free(&taken);
  if ((u->nkernel & (u->nkernel - 1)) == 0) { /* room grows at powers of two */
    Kernel **more = NEWN(mod->arena, Kernel *, u->nkernel ? 2 * u->nkernel : 1);
    if (u->nkernel) memcpy(more, u->kernel, sizeof *more * (size_t)u->nkernel);
    u->kernel = more;
  }
  u->kernel[u->nkernel++] = k;
  return k;
}
