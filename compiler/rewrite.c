/*
** rewrite.c: the rules of rules.def, and the infix notation they share with ops.def
**
**   RULE("log(1 + x)", "log1p(x)", "f")
**
** A text is parsed once into a Pat tree. Rules are tried by root operation, in table order, when
** s_op makes a scalar whose arguments are already in simplest form.
*/
#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "ir.h"

typedef enum PatKind { PAT_VAR, PAT_CONST, PAT_NUMBER, PAT_BOOL, PAT_OP } PatKind;

typedef struct Pat {
  PatKind kind;
  char var;       /* PAT_VAR: x y z w r; PAT_CONST: a b */
  double number;  /* PAT_NUMBER, PAT_BOOL */
  OpCode op;
  struct Pat *arg[3];
} Pat;

/* Parsing: or < and < comparison < + - < * / < unary - < primary */

typedef struct Reader {
  const char *text, *at;
} Reader;

static Pat *parse_level(Reader *r, int level);

static _Noreturn void bad_text(const Reader *r) {
  ICE((Loc){0}, "bad infix text '%s' at '%s'", r->text, r->at);
}

static Pat *pat_new(PatKind kind) {
  Pat *p = arena_need(calloc(1, sizeof *p)); /* parsed once for the life of the process */
  p->kind = kind;
  return p;
}

static Pat *pat_op(OpCode op, Pat *x, Pat *y) {
  Pat *p = pat_new(PAT_OP);
  p->op = op;
  p->arg[0] = x;
  p->arg[1] = y;
  return p;
}

static void skip_space(Reader *r) {
  while (*r->at == ' ') r->at++;
}

static bool take(Reader *r, const char *word) {
  skip_space(r);
  size_t n = strlen(word);
  if (strncmp(r->at, word, n) ||
      (isalpha((unsigned char)word[0]) && isalnum((unsigned char)r->at[n])))
    return false;
  r->at += n;
  return true;
}

static Pat *parse_call(Reader *r, const char *name) {
  Pat *p = pat_new(PAT_OP);
  p->op = !strcmp(name, "not") ? OP_NOT : op_find(name);
  if (p->op == OP_COUNT) bad_text(r);
  for (int k = 0; k < op_info[p->op].arity; k++) {
    if (k && !take(r, ",")) bad_text(r);
    p->arg[k] = parse_level(r, 0);
  }
  if (!take(r, ")")) bad_text(r);
  return p;
}

static Pat *parse_primary(Reader *r) {
  skip_space(r);
  if (take(r, "(")) {
    Pat *p = parse_level(r, 0);
    if (!take(r, ")")) bad_text(r);
    return p;
  }
  if (isdigit((unsigned char)*r->at)) {
    char *end;
    Pat *p = pat_new(PAT_NUMBER);
    p->number = strtod(r->at, &end);
    r->at = end;
    return p;
  }
  if (!isalpha((unsigned char)*r->at)) bad_text(r);
  char name[32];
  size_t n = 0;
  while ((isalnum((unsigned char)*r->at) || *r->at == '_') && n + 1 < sizeof name)
    name[n++] = *r->at++;
  name[n] = 0;
  if (take(r, "(")) return parse_call(r, name);
  if (!strcmp(name, "true") || !strcmp(name, "false")) {
    Pat *p = pat_new(PAT_BOOL);
    p->number = name[0] == 't';
    return p;
  }
  if (n != 1) bad_text(r);
  Pat *p = pat_new(name[0] == 'a' || name[0] == 'b' ? PAT_CONST : PAT_VAR);
  p->var = name[0];
  return p;
}

static Pat *parse_unary(Reader *r) {
  if (!take(r, "-")) return parse_primary(r);
  Pat *x = parse_unary(r);
  if (x->kind == PAT_NUMBER) {
    x->number = -x->number;
    return x;
  }
  return pat_op(OP_NEG, x, NULL);
}

static const struct {
  int level;
  const char *sign;
  OpCode op;
} binary[] = {{0, "or", OP_OR}, {1, "and", OP_AND}, {2, "<=", OP_LE}, {2, ">=", OP_GE},
              {2, "==", OP_EQ}, {2, "!=", OP_NE},   {2, "<", OP_LT},  {2, ">", OP_GT},
              {3, "+", OP_ADD}, {3, "-", OP_SUB},   {4, "*", OP_MUL}, {4, "/", OP_DIV}};

static Pat *parse_level(Reader *r, int level) {
  if (level == 5) return parse_unary(r);
  Pat *x = parse_level(r, level + 1);
  for (;;) {
    size_t k = 0, count = sizeof binary / sizeof *binary;
    while (k < count && !(binary[k].level == level && take(r, binary[k].sign))) k++;
    if (k == count) return x;
    x = pat_op(binary[k].op, x, parse_level(r, level + 1));
  }
}

static Pat *pat_parse(const char *text) {
  Reader r = {text, text};
  Pat *p = parse_level(&r, 0);
  skip_space(&r);
  if (*r.at) bad_text(&r);
  return p;
}

/* Building and matching */

typedef struct Binding {
  Scalar *var[26];
} Binding;

static Scalar *pat_build(const Pat *p, Dtype t, const Binding *b) {
  switch (p->kind) {
  case PAT_NUMBER: return s_const(t, p->number);
  case PAT_BOOL: return s_iconst(DT_BOOL, (int64_t)p->number);
  case PAT_VAR:
  case PAT_CONST: assert(b->var[p->var - 'a']); return b->var[p->var - 'a'];
  default: break;
  }
  Scalar *arg[3] = {0};
  for (int k = 0; k < op_info[p->op].arity; k++) arg[k] = pat_build(p->arg[k], t, b);
  return s_op(p->op, arg);
}

static bool pat_match(const Pat *p, Scalar *s, Binding *b) {
  switch (p->kind) {
  case PAT_CONST:
    if (s->kind != S_CONST) return false; /* fall through */
  case PAT_VAR:
    if (b->var[p->var - 'a'] && b->var[p->var - 'a'] != s) return false;
    b->var[p->var - 'a'] = s;
    return true;
  case PAT_NUMBER: return s_is_const(s, p->number) && s->dtype != DT_BOOL;
  case PAT_BOOL: return s->kind == S_CONST && s->dtype == DT_BOOL && s->i == (int64_t)p->number;
  default: break;
  }
  if (s->kind != S_OP || s->op != p->op) return false;
  for (int k = 0; k < s->narg; k++)
    if (!pat_match(p->arg[k], s->arg[k], b)) return false;
  return true;
}

Scalar *infix_build(const char *text, Dtype t, Scalar *x, Scalar *y, Scalar *z, Scalar *r) {
  static struct {
    const char *text;
    Pat *pat;
  } cache[256];
  size_t at = ((uintptr_t)text >> 3) % 256;
  while (cache[at].text && cache[at].text != text) at = (at + 1) % 256;
  if (!cache[at].text) {
    cache[at].pat = pat_parse(text);
    cache[at].text = text;
  }
  Binding b = {{0}};
  b.var['x' - 'a'] = x;
  b.var['y' - 'a'] = y;
  b.var['z' - 'a'] = z;
  b.var['r' - 'a'] = r;
  return pat_build(cache[at].pat, t, &b);
}

/* Rules */

static const RuleRow rows[] = {
#define RULE(from, to, kinds) {from, to, kinds},
#include "rules.def"
#undef RULE
};

typedef struct Parsed {
  Pat *from, *to;
  const char *kinds;
} Parsed;

const RuleRow *rewrite_rows(int *count) {
  *count = (int)(sizeof rows / sizeof *rows);
  return rows;
}

static const Parsed *parsed_rules(void) {
  static Parsed parsed[sizeof rows / sizeof *rows];
  if (!parsed[0].from)
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
      parsed[k] = (Parsed){pat_parse(rows[k].from), pat_parse(rows[k].to), rows[k].kinds};
  return parsed;
}

Scalar *rewrite_op(OpCode op, Dtype t, Scalar **arg) {
  const Parsed *rule = parsed_rules();
  char kind = dtype_is_float(t) ? 'f' : t == DT_BOOL ? 'b' : 'i';
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
    if (rule[k].from->op != op || !strchr(rule[k].kinds, kind)) continue;
    Binding b = {{0}};
    bool ok = true;
    for (int i = 0; i < op_info[op].arity && ok; i++)
      ok = pat_match(rule[k].from->arg[i], arg[i], &b);
    if (ok) return s_cast(t, pat_build(rule[k].to, t, &b));
  }
  return NULL;
}

/* For the test of the table */

Scalar *rewrite_side(const char *text, Dtype t, Node **leaf, double a, double b) {
  Binding bind = {{0}};
  for (int k = 2; k < 26; k++) bind.var[k] = s_read(leaf[k], NULL, NULL);
  bind.var[0] = s_const(t, a);
  bind.var[1] = s_const(t, b);
  return pat_build(pat_parse(text), t, &bind);
}

static Value pat_eval(const Pat *p, Dtype t, const Value *v, Dtype *type) {
  Value arg[3];
  Dtype at[3] = {t, t, t};
  *type = p->kind == PAT_BOOL ? DT_BOOL : t;
  switch (p->kind) {
  case PAT_NUMBER:
  case PAT_BOOL:
    return dtype_is_float(*type) ? (Value){.f = p->number} : (Value){.i = (int64_t)p->number};
  case PAT_VAR:
  case PAT_CONST: return v[p->var - 'a'];
  default: break;
  }
  for (int k = 0; k < op_info[p->op].arity; k++) arg[k] = pat_eval(p->arg[k], t, v, &at[k]);
  char kind = op_info[p->op].kind;
  Dtype type_in = kind == 's' ? at[1] : kind == 'l' ? DT_BOOL : at[0];
  *type = op_result(p->op, type_in);
  return op_eval(p->op, type_in, arg);
}

Value rewrite_eval(const char *text, Dtype t, const Value *value, double a, double b) {
  Value v[26];
  Dtype type;
  memcpy(v, value, sizeof v);
  v[0] = dtype_is_float(t) ? (Value){.f = a} : (Value){.i = (int64_t)a};
  v[1] = dtype_is_float(t) ? (Value){.f = b} : (Value){.i = (int64_t)b};
  return pat_eval(pat_parse(text), t, v, &type);
}
