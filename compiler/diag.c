/*
** diag.c: messages to the user, and defects of our own
**
** An error travels as text, "file:line: what is wrong", notes on lines of their own; it unwinds
*through
** Lua when a script is running, else by longjmp to the nearest diag_try. When it is printed, the
** source line is put under its place:
**
**   crf.lua:14: index k: 'unary' has 3 labels here, but 'pairwise' has 4
**      14 | local s = cr.sum(k, unary(t, k) + pairwise(k, l))
**   crf.lua:5: 'pairwise' was declared here
*/
#include <ctype.h>
#include <lua.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "diag.h"

enum { MAX_MESSAGE = 8192 };

/* Where an error lands: a jump, or the Lua state that runs inside it. */
typedef struct Catch {
  struct Catch *outer;
  lua_State *lua; /* not NULL: a script is running, raise there */
  char *message;
  jmp_buf jump;
} Catch;

static Catch *top;                /* the innermost */
static char notes[MAX_MESSAGE];   /* for the next error */
static const char *activity = ""; /* what the compiler was doing */
static void (*ice_dump)(FILE *);

/* Appends "file:line: text" to the 0-terminated buffer, cutting what does not fit. */
static void add_message(char *buf, size_t size, Loc loc, const char *fmt, va_list args) {
  size_t n = strlen(buf);
  if (loc.file && loc.line > 0)
    snprintf(buf + n, size - n, "%s:%d: ", loc.file, loc.line);
  else if (loc.file)
    snprintf(buf + n, size - n, "%s: ", loc.file);
  n = strlen(buf);
  vsnprintf(buf + n, size - n, fmt, args);
}

/* Ends the current work with a finished message, "file:line: text" and notes after newlines. */
_Noreturn void diag_raise(const char *message) {
  notes[0] = 0;
  if (top && top->lua) {
    lua_pushstring(top->lua, message);
    lua_error(top->lua);
  }
  char *copy = top ? strdup(message) : NULL;
  if (!copy) {
    diag_print(message);
    exit(1);
  }
  free(top->message);
  top->message = copy;
  longjmp(top->jump, 1);
}

/* Ends the current work: the model or the data is wrong. One line, without a full stop. */
_Noreturn void diag_error(Loc loc, const char *fmt, ...) {
  char text[2 * MAX_MESSAGE] = "";
  va_list args;
  va_start(args, fmt);
  add_message(text, MAX_MESSAGE, loc, fmt, args);
  va_end(args);
  size_t n = strlen(text);
  snprintf(text + n, sizeof text - n, "%s", notes);
  diag_raise(text);
}

/* Adds a second place to the error that follows. */
void diag_note(Loc loc, const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  size_t n = strlen(notes);
  snprintf(notes + n, sizeof notes - n, "\n");
  add_message(notes, sizeof notes, loc, fmt, args);
  va_end(args);
}

/* Runs f(ctx); returns NULL, or the message it ended with, to be freed. */
char *diag_try(void (*f)(void *ctx), void *ctx) {
  Catch here = {.outer = top};
  top = &here;
  if (setjmp(here.jump) == 0) f(ctx);
  top = here.outer;
  notes[0] = 0;
  return here.message;
}

/* Runs f(ctx); returns 0, or 1 after printing the message it ended with. */
int diag_protect(void (*f)(void *ctx), void *ctx) {
  char *message = diag_try(f, ctx);
  if (!message) return 0;
  diag_print(message);
  free(message);
  return 1;
}

/* Says which Lua state runs inside the innermost diag_try, NULL for none; returns the one before.
 */
lua_State *diag_lua(lua_State *L) {
  if (!top) return NULL;
  lua_State *before = top->lua;
  top->lua = L;
  return before;
}

/* Prints line `line` of the file under its number; nothing if it cannot be read. */
static void print_source(const char *file, int line) {
  FILE *f = fopen(file, "r");
  if (!f) return;
  int c = 0, at = 1;
  while (at < line && (c = getc(f)) != EOF) at += c == '\n';
  if (at == line && c != EOF) {
    char text[161];
    int n = 0;
    while ((c = getc(f)) != EOF && c != '\n' && n < 160) text[n++] = (char)(iscntrl(c) ? ' ' : c);
    while (n > 0 && text[n - 1] == ' ') n--;
    if (n > 0) fprintf(stderr, "%5d | %.*s\n", line, n, text);
  }
  fclose(f);
}

/* Splits "file:line: text": copies the file, sets the line; returns where ": text" starts, or NULL
** where the first line of the message has no such start. */
const char *diag_place(const char *message, char *file, size_t size, int *line) {
  size_t n = strcspn(message, "\n");
  for (size_t i = 1; i + 2 < n && i < size; i++) {
    if (message[i] != ':' || !isdigit((unsigned char)message[i + 1])) continue;
    char *end;
    long v = strtol(message + i + 1, &end, 10);
    if (*end != ':' || v < 1 || v > 100000000) continue;
    memcpy(file, message, i);
    file[i] = 0;
    *line = (int)v;
    return end;
  }
  return NULL;
}

/* Prints a line of a message, or all of the rest; what would steer the terminal becomes '?'. */
static void print_text(const char *s, size_t n) {
  for (size_t i = 0; i < n; i++) {
    int steers = iscntrl((unsigned char)s[i]) && s[i] != '\n' && s[i] != '\t';
    putc(steers ? '?' : s[i], stderr);
  }
  putc('\n', stderr);
}

/* Prints a finished message on stderr, with the source line under the first place. */
void diag_print(const char *message) {
  char file[1024];
  int line;
  fflush(stdout);
  size_t n = strcspn(message, "\n");
  print_text(message, n);
  if (diag_place(message, file, sizeof file, &line)) print_source(file, line);
  if (message[n]) print_text(message + n + 1, strlen(message + n + 1));
}

/* Names what goes on, for the report of a defect; the text must stay alive. */
void diag_while(const char *what) {
  activity = what;
}

/* Sets what writes the graph when a defect is found, in the form that tests/passes reads. */
void diag_on_ice(void (*dump)(FILE *out)) {
  ice_dump = dump;
}

/* Ends the process with status 3: a defect of ours, with what to send. */
_Noreturn void diag_ice(const char *file, int line, Loc loc, const char *fmt, ...) {
  static int again;
  char text[MAX_MESSAGE] = "";
  va_list args;
  va_start(args, fmt);
  add_message(text, sizeof text, loc, fmt, args);
  va_end(args);
  fflush(stdout);
  fprintf(stderr, "crescent: a defect of the compiler, not of your model: %s\n", text);
  fprintf(stderr, "  at %s:%d%s%s\n", file, line, activity[0] ? ", while " : "", activity);
  if (ice_dump && !again++) {
    const char *tmp = getenv("TMPDIR");
    char path[1024];
    snprintf(path, sizeof path, "%s/crescent-defect-%d.ir", tmp && tmp[0] ? tmp : "/tmp",
             (int)getpid());
    FILE *out = fopen(path, "w");
    if (out) {
      ice_dump(out);
      fclose(out);
      fprintf(stderr, "  the graph is in %s\n", path);
    }
  }
  fprintf(stderr, "  please send this text, the model, the command and `crescent --version`\n");
  exit(3);
}
