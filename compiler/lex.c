/*
** lex.c: tokens of the text form of graphs
**
** Names may hold dots (conv1.w), numbers are written as in C, `#` starts a comment. A comment that
** ends a line as `# script.lua:12` says which line of the script the statement before it is from.
*/
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "parse.h"

/* Reports `file:line:column: message`. */
void parse_error(const Lexer *l, const Token *at, const char *fmt, ...) {
  char text[400];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  Loc loc = {str_format("%s:%d", l->file, at->line), at->column};
  diag_error(loc, "%s", text);
}

static bool name_char(char c) { return isalnum((unsigned char)c) || c == '_'; }

/* Keeps `file:line` if the comment from s to end reads so. */
static void lex_comment(Lexer *l, const char *s, const char *end) {
  while (s < end && (*s == '#' || *s == ' ')) s++;
  while (end > s && (end[-1] == ' ' || end[-1] == '\r')) end--;
  const char *digits = end;
  while (digits > s && isdigit((unsigned char)digits[-1])) digits--;
  if (digits == end || end - digits > 8 || digits - s < 2 || digits[-1] != ':') return;
  l->origin = (Loc){str_format("%.*s", (int)(digits - 1 - s), s), atoi(digits)};
}

static void lex_space(Lexer *l) {
  for (;; l->at++) {
    if (*l->at == '#') {
      const char *end = l->at + strcspn(l->at, "\n");
      lex_comment(l, l->at, end);
      l->at = end;
    }
    if (*l->at == '\n') {
      l->line++;
      l->line_start = l->at + 1;
    } else if (*l->at != ' ' && *l->at != '\t' && *l->at != '\r') {
      return;
    }
  }
}

static void lex_number(Lexer *l) {
  const char *s = l->at, *e = s;
  while (isdigit((unsigned char)*e)) e++;
  l->token.whole = true;
  if (*e == '.' && isdigit((unsigned char)e[1])) {
    for (e++; isdigit((unsigned char)*e);) e++;
    l->token.whole = false;
  }
  if ((*e == 'e' || *e == 'E') && isdigit((unsigned char)e[1 + (e[1] == '-' || e[1] == '+')])) {
    for (e += 2; isdigit((unsigned char)*e);) e++;
    l->token.whole = false;
  }
  if (e - s > 60) parse_error(l, &l->token, "a number of more than 60 characters");
  const char *text = str_format("%.*s", (int)(e - s), s);
  l->token.kind = T_NUMBER;
  l->token.text = text;
  l->token.f = strtod(text, NULL);
  if (l->token.whole) {
    l->token.whole = l->token.f <= 9223372036854775808.0;
    l->token.i = l->token.whole ? strtoull(text, NULL, 10) : 0;
  }
  l->at = e;
}

static void lex_string(Lexer *l) {
  const char *s = l->at + 1, *e = s + strcspn(s, "\"\n");
  if (*e != '"') parse_error(l, &l->token, "the string has no end");
  l->token.kind = T_STRING;
  l->token.text = str_format("%.*s", (int)(e - s), s);
  l->at = e + 1;
}

void lex_next(Lexer *l) {
  static const char *const mark[] = {"->", "<=", ">=", "==", "!=", "//", "+=", "*="};
  lex_space(l);
  l->token = (Token){.line = l->line, .column = (int)(l->at - l->line_start) + 1};
  const char *s = l->at;
  if (!*s) {
    l->token.text = str_intern("the end of the text");
  } else if (isdigit((unsigned char)*s)) {
    lex_number(l);
  } else if (*s == '"') {
    lex_string(l);
  } else if (name_char(*s)) {
    while (name_char(*s) || (*s == '.' && name_char(s[1]) && !isdigit((unsigned char)s[1]))) s++;
    l->token.kind = T_NAME;
    l->token.text = str_format("%.*s", (int)(s - l->at), l->at);
    l->at = s;
  } else {
    int n = 1;
    for (size_t k = 0; k < sizeof mark / sizeof *mark; k++)
      if (!strncmp(s, mark[k], 2)) n = 2;
    if (!strchr("()[]{}<>=+-*/%^.,:", *s) && n == 1)
      parse_error(l, &l->token, "unexpected character '%c'", isprint((unsigned char)*s) ? *s : '?');
    l->token.kind = T_MARK;
    l->token.text = str_format("%.*s", n, s);
    l->at += n;
  }
}

bool lex_is(const Lexer *l, const char *text) {
  return (l->token.kind == T_NAME || l->token.kind == T_MARK) && !strcmp(l->token.text, text);
}

bool lex_accept(Lexer *l, const char *text) {
  if (!lex_is(l, text)) return false;
  lex_next(l);
  return true;
}

void lex_expect(Lexer *l, const char *text) {
  if (!lex_accept(l, text))
    parse_error(l, &l->token, "'%s' expected before '%s'", text, l->token.text);
}

const char *lex_name(Lexer *l, const char *what) {
  if (l->token.kind != T_NAME)
    parse_error(l, &l->token, "%s expected before '%s'", what, l->token.text);
  const char *name = l->token.text;
  lex_next(l);
  return name;
}

int64_t lex_count(Lexer *l, const char *what) {
  if (l->token.kind != T_NUMBER || !l->token.whole || l->token.i > INT64_MAX)
    parse_error(l, &l->token, "%s expected before '%s'", what, l->token.text);
  int64_t n = (int64_t)l->token.i;
  lex_next(l);
  return n;
}
