/*
** parse_expr.c: expressions of the text form, first as trees, then as Scalars
**
** A literal takes the dtype of its place: of its sister operands, of the node, i64 in an index.
** So `x[i] * 2 + 1` needs no suffixes, and a tree must be whole before Scalars are made of it.
*/
#include <math.h>
#include <string.h>
#include "parse.h"

enum { MAX_DEPTH = 2000, MAX_ARGS = 16 };

static Expr *expr_new(Arena *a, ExprKind kind, Token at, int n, Expr **arg) {
  Expr *e = NEW(a, Expr);
  *e = (Expr){.kind = kind, .token = at, .n = n};
  e->arg = arena_copy(a, arg, sizeof *arg * (size_t)n);
  return e;
}

static bool rule_find(const char *name, uint8_t *rule) {
  for (int r = R_ZERO; r <= R_WRAP; r++)
    if (!strcmp(name, rule_name((Rule)r))) return *rule = (uint8_t)r, true;
  return false;
}

static int parse_list(Lexer *l, Arena *a, Expr **arg, int max, const char *end) {
  int n = 0;
  if (lex_accept(l, end)) return 0;
  do {
    if (n == max) parse_error(l, &l->token, "more than %d of them", max);
    arg[n++] = parse_expr(l, a);
  } while (lex_accept(l, ","));
  lex_expect(l, end);
  return n;
}

void parse_indices(Lexer *l, Arena *a, Expr *read) {
  Expr *arg[MAX_RANK];
  uint8_t all = R_NONE, own;
  if (read->rule) all = read->rule[0];
  read->n = parse_list(l, a, arg, MAX_RANK, "]");
  read->rule = NEWN(a, uint8_t, MAX_RANK);
  for (int d = 0; d < read->n; d++) {
    read->rule[d] = all;
    if (arg[d]->kind != E_CALL || arg[d]->n != 1 || !rule_find(arg[d]->token.text, &own)) continue;
    read->rule[d] = own;
    arg[d] = arg[d]->arg[0];
  }
  read->arg = arena_copy(a, arg, sizeof *arg * MAX_RANK);
}

static Expr *parse_name(Lexer *l, Arena *a) {
  Token at = l->token;
  Expr *arg[MAX_ARGS];
  uint8_t rule;
  lex_next(l);
  if (lex_accept(l, "(")) {
    int n = parse_list(l, a, arg, MAX_ARGS, ")");
    Expr *call = expr_new(a, E_CALL, at, n, arg);
    if (!lex_is(l, "[") || !rule_find(at.text, &rule)) return call;
    if (n != 1 || arg[0]->kind != E_NAME)
      parse_error(l, &at, "%s(...)[...] applies to the name of a tensor", at.text);
    lex_next(l);
    Expr *read = expr_new(a, E_READ, arg[0]->token, 0, NULL);
    read->rule = &rule;
    parse_indices(l, a, read);
    return read;
  }
  if (lex_accept(l, "[")) {
    Expr *read = expr_new(a, E_READ, at, 0, NULL);
    parse_indices(l, a, read);
    return read;
  }
  bool number = !strcmp(at.text, "inf") || !strcmp(at.text, "nan");
  Expr *e = expr_new(a, number ? E_NUMBER : E_NAME, at, 0, NULL);
  if (number) e->token.f = at.text[0] == 'i' ? INFINITY : NAN;
  return e;
}

static Expr *parse_level(Lexer *l, Arena *a, int prec);

static Expr *parse_atom(Lexer *l, Arena *a) {
  Token at = l->token;
  if (at.kind == T_NUMBER) {
    lex_next(l);
    return expr_new(a, E_NUMBER, at, 0, NULL);
  }
  if (lex_accept(l, "(")) {
    Expr *e = parse_expr(l, a);
    lex_expect(l, ")");
    return e;
  }
  if (at.kind != T_NAME) parse_error(l, &at, "an expression expected before '%s'", at.text);
  return parse_name(l, a);
}

static Expr *parse_unary(Lexer *l, Arena *a) {
  Token at = l->token;
  if (++l->depth > MAX_DEPTH) parse_error(l, &at, "nested more than %d deep", (int)MAX_DEPTH);
  bool minus = lex_accept(l, "-"), no = !minus && lex_accept(l, "not");
  Expr *e;
  if (minus || no) {
    e = parse_unary(l, a);
    if (minus && e->kind == E_NUMBER) {
      e->minus = !e->minus;
    } else {
      e = expr_new(a, E_UNARY, at, 1, &e);
      e->op = minus ? OP_NEG : OP_NOT;
    }
  } else {
    e = parse_atom(l, a);
    if (lex_is(l, "^")) {
      Token mark = l->token;
      lex_next(l);
      Expr *arg[2] = {e, parse_unary(l, a)};
      e = expr_new(a, E_BINARY, mark, 2, arg);
      e->op = OP_POW;
    }
  }
  l->depth--;
  return e;
}

static const Infix *infix_here(const Lexer *l, int prec) {
  for (const Infix *x = infix_table; x->text; x++)
    if (x->prec >= prec && x->prec < PREC_UNARY && lex_is(l, x->text)) return x;
  return NULL;
}

/* Operators that bind at least as tightly as prec, from the left. */
static Expr *parse_level(Lexer *l, Arena *a, int prec) {
  const Infix *x;
  Expr *e = parse_unary(l, a);
  while ((x = infix_here(l, prec))) {
    Token mark = l->token;
    lex_next(l);
    Expr *arg[2] = {e, parse_level(l, a, x->prec + 1)};
    e = expr_new(a, E_BINARY, mark, 2, arg);
    e->op = x->op;
  }
  return e;
}

Expr *parse_expr(Lexer *l, Arena *a) { return parse_level(l, a, 0); }
Expr *parse_sum(Lexer *l, Arena *a) { return parse_level(l, a, PREC_ADD); }

/* From trees to Scalars */

Node **scope_slot(Scope *s, const char *name) {
  if (s->ntable * 2 >= s->ncap) {
    Scope old = *s;
    s->ncap = old.ncap ? old.ncap * 2 : 64;
    s->ntable = 0;
    s->tensor_name = NEWN(s->arena, const char *, s->ncap);
    s->tensor = NEWN(s->arena, Node *, s->ncap);
    for (int k = 0; k < old.ncap; k++)
      if (old.tensor_name[k]) *scope_slot(s, old.tensor_name[k]) = old.tensor[k];
  }
  uint32_t at = (uint32_t)((uintptr_t)name >> 3) * 2654435761u & (uint32_t)(s->ncap - 1);
  while (s->tensor_name[at] && s->tensor_name[at] != name) at = (at + 1) & (uint32_t)(s->ncap - 1);
  if (!s->tensor_name[at]) {
    s->tensor_name[at] = name;
    s->ntable++;
  }
  return &s->tensor[at];
}

Node *scope_tensor(Scope *s, const Token *at) {
  Node *n = *scope_slot(s, at->text);
  if (!n) parse_error(s->lexer, at, "'%s' is not defined", at->text);
  return n;
}

static Scalar *build_number(Scope *s, const Expr *e, int expect) {
  const Token *t = &e->token;
  Dtype type = expect != NO_TYPE ? (Dtype)expect : t->whole ? DT_I64 : mod->default_float;
  if (dtype_is_float(type)) return s_const(type, e->minus ? -t->f : t->f);
  if (!t->whole || t->i > (uint64_t)INT64_MAX + e->minus)
    parse_error(s->lexer, t, "'%s' where %s is needed", t->text, dtype_name(type));
  int64_t v = (int64_t)(e->minus ? 0 - t->i : t->i);
  if (type == DT_I32 && (v < INT32_MIN || v > INT32_MAX))
    parse_error(s->lexer, t, "'%s' is no i32", t->text);
  return s_iconst(type, type == DT_BOOL ? v != 0 : v);
}

static Scalar *build_name(Scope *s, const Expr *e) {
  const char *name = e->token.text;
  for (int p = 0; p < s->naxis; p++)
    if (s->axis[p] == name) return s_axis(p);
  for (int k = 0; k < s->nbound; k++)
    if (s->bound_name[k] == name) return s->bound[k];
  if (!strcmp(name, "true") || !strcmp(name, "false")) return s_iconst(DT_BOOL, name[0] == 't');
  for (int k = 0; k < mod->nsym; k++)
    if (mod->sym[k]->name == name) return s_size(mod->sym[k]);
  Node *n = scope_tensor(s, &e->token);
  if (n->rank != 0)
    parse_error(s->lexer, &e->token, "'%s' has %d axes, it needs as many indices", name, n->rank);
  return s_read(n, NULL, NULL);
}

Scalar *build_index(Scope *s, const Expr *e) {
  Scalar *i = build_expr(s, e, DT_I64);
  if (dtype_is_float((Dtype)i->dtype))
    parse_error(s->lexer, &e->token, "an index is an integer, here is %s",
                dtype_name((Dtype)i->dtype));
  return s_cast(DT_I64, i);
}

static Scalar *build_read(Scope *s, const Expr *e) {
  Scalar *index[MAX_RANK];
  Node *n = scope_tensor(s, &e->token);
  if (n->rank != e->n)
    parse_error(s->lexer, &e->token, "'%s' has %d axes, here are %d indices", e->token.text,
                n->rank, e->n);
  for (int d = 0; d < e->n; d++) index[d] = build_index(s, e->arg[d]);
  return s_read(n, index, e->rule);
}

/* Whether an expression's dtype depends on its place: it is a literal, or an operation on them. */
static bool untyped(const Expr *e) {
  if (e->kind == E_NUMBER) return true;
  if (e->kind == E_NAME || e->kind == E_READ) return false;
  OpCode op = e->kind == E_CALL ? op_find(e->token.text) : e->op;
  char kind = op == OP_COUNT ? 'c' : op_info[op].kind; /* 'c': f32(x), uniform_f32(x) */
  if (strchr("cublp", kind)) return false;
  for (int k = kind == 's'; k < e->n; k++)
    if (!untyped(e->arg[k])) return false;
  return true;
}

static Scalar *build_op(Scope *s, const Expr *e, OpCode op, int expect) {
  const OpInfo *o = &op_info[op];
  Scalar *arg[3];
  int place = NO_TYPE, first = o->kind == 's' ? 1 : 0;
  if (o->kind == 'l') place = DT_BOOL;
  for (int k = 0; k < e->n; k++) {
    if (untyped(e->arg[k])) continue;
    arg[k] = build_expr(s, e->arg[k], k < first ? DT_BOOL : NO_TYPE);
    if (o->kind == 'i' && dtype_is_float((Dtype)arg[k]->dtype))
      parse_error(s->lexer, &e->token, "%s takes integers", o->name);
    if (k >= first && (place == NO_TYPE || arg[k]->dtype > place)) place = arg[k]->dtype;
  }
  if (place == NO_TYPE && o->kind != 'b') place = expect;
  for (int k = 0; k < e->n; k++)
    if (untyped(e->arg[k])) arg[k] = build_expr(s, e->arg[k], k < first ? DT_BOOL : place);
  return s_op(op, arg);
}

static Scalar *build_call(Scope *s, const Expr *e, int expect) {
  Dtype type;
  const char *name = e->token.text;
  if (dtype_parse(name, &type) && e->n == 1)
    return s_cast(type, build_expr(s, e->arg[0], untyped(e->arg[0]) ? (int)type : NO_TYPE));
  if (!strncmp(name, "uniform_", 8) && dtype_parse(name + 8, &type) && e->n == 1)
    return s_typed(OP_UNIFORM, type, s_cast(DT_I64, build_expr(s, e->arg[0], DT_I64)));
  OpCode op = op_find(name);
  if (op == OP_COUNT) parse_error(s->lexer, &e->token, "there is no operation '%s'", name);
  if (op_info[op].arity != e->n)
    parse_error(s->lexer, &e->token, "%s takes %d arguments, here are %d", name, op_info[op].arity,
                e->n);
  return build_op(s, e, op, expect);
}

Scalar *build_expr(Scope *s, const Expr *e, int expect) {
  switch (e->kind) {
  case E_NUMBER: return build_number(s, e, expect);
  case E_NAME: return build_name(s, e);
  case E_READ: return build_read(s, e);
  case E_CALL: return build_call(s, e, expect);
  default: return build_op(s, e, e->op, expect);
  }
}
