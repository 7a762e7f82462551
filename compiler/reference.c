/*
** reference.c: the pages of `crescent ops`, from what defines the operations
**
** Scalar operations come from ops.def; library functions from the comments above them in the Lua
** sources that travel in the executable:
**
**   ---relu(x): max(x, 0), with derivative 0 at 0          a page: its name, how it is called, a text
**   M.relu = ...                                           the name, where the comment gives none
**
** Lines `---@example`, `---@source`, `---@param` and `---@return` are for reference_doc.c.
** `---@class cr.random` puts what follows under random.; `---@class private` leaves a file out;
** the files of dsl/ops are linalg's.
*/
#include <ctype.h>
#include <string.h>
#include "driver.h"
#include "embed.h"

static bool is_word(char c) {
  return isalnum((unsigned char)c) || c == '_' || c == '.' || c == ':';
}

static size_t word(const char *s) {
  size_t n = 0;
  while (is_word(s[n])) n++;
  return n;
}

static const char *line_end(const char *s) {
  const char *e = strchr(s, '\n');
  return e ? e : s + strlen(s);
}

/* The name that a line of code gives: "function M.name(args)", "M.name = ..". Sets *args to the
** arguments with their parentheses, if there are any. */
static const char *code_name(const char *line, const char **args) {
  *args = "";
  bool function = strncmp(line, "function ", 9) == 0;
  if (function) line += 9;
  size_t n = word(line), from = n;
  while (from && line[from - 1] != '.' && line[from - 1] != ':') from--;
  if (!from || n == from || (!function && strncmp(line + n, " = ", 3) != 0)) return NULL;
  const char *end = line_end(line), *close = memchr(line, ')', (size_t)(end - line));
  if (function && close) *args = str_format("%.*s", (int)(close + 1 - line - (long)n), line + n);
  return str_format("%.*s", (int)(n - from), line + from);
}

/* Calls f on the page of the comment lines [s, code), if it makes one. */
static void visit_block(const char *file, const char *prefix, const char *s, const char *code,
                        PageFn f, void *ctx) {
  Page p = {.file = file};
  Text body = {0};
  const char *args;
  for (; s < code; s = line_end(s) + 1) {
    const char *end = line_end(s);
    if (s[3] == '@') {
      text_add(&p.tags, "%.*s\n", (int)(end - s - 3), s + 3);
      continue;
    }
    text_add(&body, "%s%.*s", body.n ? " " : "", (int)(end - s - 3), s + 3);
  }
  size_t n = body.s ? word(body.s) : 0;
  if (body.n && n && (body.s[n] == '(' || body.s[n] == '{')) {
    p.name = str_format("%s%.*s", prefix, (int)n, body.s);
    text_add(&p.text, "%s%s", prefix, body.s);
  } else if (body.n && (p.name = code_name(code, &args))) {
    p.name = str_format("%s%s", prefix, p.name);
    text_add(&p.text, "%s%s: %s", p.name, args, body.s);
  }
  if (p.text.n || p.tags.n) f(ctx, &p);
  text_free(&body);
  text_free(&p.text);
  text_free(&p.tags);
}

static bool is_structured(const char *path) { return strncmp(path, "dsl/ops/", 8) == 0; }

static void visit_file(const Embedded *e, PageFn f, void *ctx) {
  const char *start = NULL, *prefix = is_structured(e->path) ? "linalg." : "";
  for (const char *s = e->data; *s;) {
    const char *end = line_end(s), *next = *end ? end + 1 : end;
    if (strncmp(s, "---@class private", 17) == 0) return;
    if (strncmp(s, "---@class cr.", 13) == 0) {
      prefix = str_format("%.*s.", (int)(end - s - 13), s + 13);
    } else if (strncmp(s, "---", 3) == 0 && s[3] != '-') {
      if (!start) start = s;
    } else if (start) {
      visit_block(e->path, prefix, start, s, f, ctx);
      start = NULL;
    }
    s = next;
  }
}

/* Calls f on every library function, file by file. A page without a name has tags for those that
** follow in its file. */
void reference_visit(PageFn f, void *ctx) {
  for (int i = 0; i < embed_count(); i++) {
    const Embedded *e = embed_at(i);
    size_t n = strlen(e->path);
    if (strncmp(e->path, "dsl/", 4) != 0 || strncmp(e->path, "dsl/meta/", 9) == 0) continue;
    if (n > 4 && strcmp(e->path + n - 4, ".lua") == 0) visit_file(e, f, ctx);
  }
}

/* What an operation takes and gives, by the kind column of ops.def. */
static const char *kind_text(char kind) {
  switch (kind) {
  case 'f':
    return "floats";
  case 'n':
    return "numbers";
  case 'b':
    return "numbers, giving booleans";
  case 'p':
    return "floats, giving booleans";
  case 'l':
    return "booleans";
  case 'i':
    return "integers";
  case 's':
    return "a boolean and two values";
  default:
    return "any type";
  }
}

static bool print_op(const char *name) {
  OpCode op = op_find(name);
  if (op == OP_COUNT) return false;
  const OpInfo *o = &op_info[op];
  printf("%s(", o->name);
  for (int k = 0; k < o->arity; k++) printf("%s%c", k ? ", " : "", "xyz"[k]);
  printf(")   %s\n\n  takes       %s\n  in C        %s\n", o->doc, kind_text(o->kind), o->value);
  for (int k = 0; k < o->arity; k++)
    printf("  d/d%c         %s\n", "xyz"[k], o -> partial[k][0] ? o -> partial[k] : "0");
  printf("\n  elementwise, with NumPy's broadcasting; x y z are the arguments, r the result\n");
  return true;
}

/* Prints text in lines of at most 88 columns, each after two spaces. */
static void print_wrapped(const char *s) {
  enum { WIDTH = 86 };
  while (*s) {
    size_t n = strlen(s);
    if (n > WIDTH) {
      n = WIDTH;
      while (n && s[n] != ' ') n--;
      if (!n) n = WIDTH;
    }
    printf("  %.*s\n", (int)n, s);
    s += n;
    while (*s == ' ') s++;
  }
}

typedef struct Wanted {
  const char *name;
  int found;
} Wanted;

/* Where the description starts: after the ": " that is outside brackets. */
static const char *description(const char *s) {
  int depth = 0;
  for (const char *p = s; *p; p++) {
    depth += (*p == '(' || *p == '{') - (*p == ')' || *p == '}');
    if (!depth && p[0] == ':' && p[1] == ' ') return p + 2;
  }
  return NULL;
}

/* The comment at the top of a file, where the formulas are. */
static void print_head(const char *file) {
  const char *s = embed_find(file)->data;
  for (; strncmp(s, "--", 2) == 0; s = *line_end(s) ? line_end(s) + 1 : line_end(s))
    printf("    %.*s\n", (int)(line_end(s) - s - 2), s + 2);
}

static void print_page(void *ctx, const Page *p) {
  Wanted *w = ctx;
  if (!p->name) return;
  const char *dot = strrchr(p->name, '.');
  if (strcmp(p->name, w->name) != 0 && (!dot || strcmp(dot + 1, w->name) != 0)) return;
  const char *text = description(p->text.s);
  if (w->found++) printf("\n");
  print_wrapped(text ? str_format("cr.%.*s", (int)(text - 2 - p->text.s), p->text.s)
                     : str_format("cr.%s", p->text.s));
  if (text) printf("\n"), print_wrapped(text);
  printf("\n  from %s\n", p->file);
  if (is_structured(p->file)) print_head(p->file);
}

/* Prints the pages of one name on stdout, "relu", "random.normal", "normal" or "cr.relu"; false
** where there is none. */
bool reference_op(const char *name) {
  Wanted w = {name, 0};
  if (strncmp(name, "cr.", 3) == 0) w.name = name + 3;
  reference_visit(print_page, &w);
  if (w.found && op_find(w.name) != OP_COUNT) printf("\n");
  return print_op(w.name) || w.found;
}

/* One line: the name, and the description's first clause, or how it is called where it has none. */
static void print_line(void *ctx, const Page *p) {
  if (!p->name) return;
  const char **file = ctx, *text = description(p->text.s);
  if (*file != p->file) printf("\n%s\n", p->file);
  *file = p->file;
  if (!text) text = p->text.s;
  size_t n = 0;
  for (; text[n] && strncmp(text + n, "; ", 2) != 0; n++)
    if (strncmp(text + n, ". ", 2) == 0 && (n < 2 || strncmp(text + n - 2, "al", 2) != 0)) break;
  printf("%-14s %.*s\n", p->name, (int)n, text);
}

/* Prints one line on each operation and library function on stdout. */
void reference_all(void) {
  const char *file = NULL;
  for (int op = 0; op < OP_COUNT; op++) printf("%-14s %s\n", op_info[op].name, op_info[op].doc);
  reference_visit(print_line, &file);
}
