/*
** parse.c: graphs read from the text that print.c writes
**
** See the top of print.c for the notation. Messages name file, line and column. A statement is
** read whole before nodes are made of it, since the comment that says where it is from comes last.
*/
#include <string.h>
#include "parse.h"

void *parse_room(Arena *a, void *list, int n, int *cap, size_t size) {
  if (n < *cap) return list;
  *cap = *cap ? *cap * 2 : 8;
  void *more = arena_zero(a, (size_t)*cap, size);
  if (n) memcpy(more, list, size * (size_t)n);
  return more;
}

/* Types */

Type parse_type(Parser *p) {
  Lexer *l = &p->lexer;
  Type t = {.at = l->token};
  if (l->token.kind != T_NAME || !dtype_parse(l->token.text, &t.dtype))
    parse_error(l, &l->token, "a dtype expected before '%s': bool i32 i64 f32 f64", l->token.text);
  lex_next(l);
  if (!lex_accept(l, "[")) return t;
  do {
    if (t.rank == MAX_RANK) parse_error(l, &l->token, "more than %d axes", MAX_RANK);
    t.dim[t.rank++] = parse_sum(l, p->arena);
  } while (lex_accept(l, ","));
  lex_expect(l, "]");
  return t;
}

Scalar *build_extent(Parser *p, const Expr *e) {
  Scalar *s = build_expr(&p->scope, e, DT_I64);
  if (dtype_is_float((Dtype)s->dtype) || s_has_read(s) || s_has_axis(s))
    parse_error(&p->lexer, &e->token, "an extent is an integer expression over sizes");
  return s_cast(DT_I64, s);
}

void build_dims(Parser *p, const Type *t, Scalar **dim) {
  for (int d = 0; d < t->rank; d++) dim[d] = build_extent(p, t->dim[d]);
}

/* Binds the name at `at` to n. A node made by this statement takes the name as its own. */
void parse_define(Parser *p, const Token *at, Node *n, const char *name, int first_new) {
  Node **slot = scope_slot(&p->scope, at->text);
  if (*slot) parse_error(&p->lexer, at, "'%s' is defined twice", at->text);
  *slot = n;
  if (n->kind != N_PARAM && (n->id >= first_new || !n->name)) n->name = name;
}

/* Parameters */

static Node *parse_param(Parser *p) {
  static const char *const word[] = {"", "input", "weight", "state"}; /* ORDER Role */
  Lexer *l = &p->lexer;
  Role role = P_FORMAL;
  Token at = l->token;
  lex_name(l, "a parameter");
  for (int r = P_INPUT; r <= P_STATE; r++)
    if (!strcmp(at.text, word[r]) && l->token.kind == T_NAME) {
      role = (Role)r;
      at = l->token;
      lex_next(l);
      break;
    }
  l->origin = (Loc){0};
  lex_expect(l, ":");
  Type t = parse_type(p);
  lex_accept(l, ",");
  Scalar *dim[MAX_RANK];
  build_dims(p, &t, dim);
  mod->here = (Loc){0};
  Node *n = n_param(role, at.text, t.dtype, t.rank, dim, l->origin);
  parse_define(p, &at, n, at.text, n->id);
  return n;
}

int parse_params(Parser *p, Node ***param) {
  Lexer *l = &p->lexer;
  int n = 0, cap = 0;
  *param = NULL;
  lex_expect(l, "(");
  while (!lex_is(l, ")")) {
    *param = parse_room(p->arena, *param, n, &cap, sizeof **param);
    (*param)[n] = parse_param(p);
    n++;
  }
  lex_next(l);
  return n;
}

/* Literals */

static void put_element(Parser *p, Dtype t, void *data, int64_t at, const Expr *e) {
  Scalar *s = build_expr(&p->scope, e, t);
  if (s->kind != S_CONST || s->dtype != t)
    parse_error(&p->lexer, &e->token, "a literal of dtype %s expected", dtype_name(t));
  switch (t) {
  case DT_BOOL: ((uint8_t *)data)[at] = (uint8_t)s->i; break;
  case DT_I32: ((int32_t *)data)[at] = (int32_t)s->i; break;
  case DT_I64: ((int64_t *)data)[at] = s->i; break;
  case DT_F32: ((float *)data)[at] = (float)s->f; break;
  default: ((double *)data)[at] = s->f;
  }
}

static Node *parse_lit(Parser *p, const Type *t) {
  Lexer *l = &p->lexer;
  int64_t n = 0, count = 1, extent;
  int cap = 0;
  Expr **element = NULL;
  Scalar *dim[MAX_RANK];
  lex_expect(l, "{");
  while (!lex_accept(l, "}")) {
    if (n) lex_expect(l, ",");
    element = parse_room(p->arena, element, (int)n, &cap, sizeof *element);
    element[n++] = parse_sum(l, p->arena);
  }
  build_dims(p, t, dim);
  for (int d = 0; d < t->rank; d++) {
    if (!s_const_value(dim[d], &extent) || extent < 0 || extent > INT32_MAX)
      parse_error(l, &t->dim[d]->token, "the extents of a literal are known numbers");
    count = count > INT32_MAX ? count : count * extent;
  }
  if (count != n)
    parse_error(l, &t->at, "%lld elements for a shape of %lld", (long long)n, (long long)count);
  void *data = arena_alloc(p->arena, (size_t)n * dtype_size(t->dtype) + 1);
  for (int64_t k = 0; k < n; k++) put_element(p, t->dtype, data, k, element[k]);
  mod->here = l->origin;
  return n_lit(t->dtype, t->rank, dim, data);
}

/* COMP */

typedef struct Comp {
  Token self;
  Type type;
  Combine comb;
  int naxis;                  /* of the domain; the result's own first, unless it is a scatter */
  const char *axis[MAX_AXES];
  Expr *extent[MAX_AXES], *body;
  bool scatter;
  Expr write;                 /* scatter: target and indices */
  int nbound, boundcap;
  struct Bound { Token name; Expr *value; } *bound;
} Comp;

static void add_axis(Parser *p, Comp *c, bool extent) {
  Lexer *l = &p->lexer;
  if (c->naxis == MAX_AXES) parse_error(l, &l->token, "more than %d axes", MAX_AXES);
  Token at = l->token;
  c->axis[c->naxis] = lex_name(l, "an axis");
  for (int k = 0; k < c->naxis; k++)
    if (c->axis[k] == at.text) parse_error(l, &at, "axis '%s' stands there twice", at.text);
  if (extent) {
    lex_expect(l, "<");
    c->extent[c->naxis] = parse_sum(l, p->arena);
  }
  c->naxis++;
}

/* `i < N, j < 3.` */
static void parse_ranges(Parser *p, Comp *c) {
  Lexer *l = &p->lexer;
  while (!lex_accept(l, ".")) {
    add_axis(p, c, true);
    if (!lex_is(l, ".")) lex_expect(l, ",");
  }
}

/* `mirror(z)[i + k - 1, j] +=` */
static void parse_write(Parser *p, Comp *c) {
  static const char *const word[] = {"", "", "", "max", "min"}; /* ORDER Combine */
  static const char *const mark[] = {"=", "+=", "*=", "=", "="};
  Lexer *l = &p->lexer;
  c->write.token = l->token;
  Expr *e = parse_sum(l, p->arena);
  if ((e->kind != E_READ && e->kind != E_NAME) || e->token.text != c->self.text)
    parse_error(l, &c->write.token, "a write to '%s' expected", c->self.text);
  c->write = *e;
  for (int k = C_MIN; k >= C_SET; k--)
    if ((!*word[k] || lex_accept(l, word[k])) && lex_accept(l, mark[k])) {
      c->comb = (Combine)k;
      return;
    }
  parse_error(l, &l->token, "one of = += *= max= min= expected before '%s'", l->token.text);
}

static void parse_value(Parser *p, Comp *c) {
  Lexer *l = &p->lexer;
  if (lex_accept(l, "scatter")) {
    if (c->naxis) parse_error(l, &c->self, "a scatter names its axes after the word");
    c->scatter = true;
    parse_ranges(p, c);
    parse_write(p, c);
  } else {
    if (c->naxis != c->type.rank)
      parse_error(l, &c->self, "%d axes named for a type of %d", c->naxis, c->type.rank);
    for (int d = 0; d < c->naxis; d++) c->extent[d] = c->type.dim[d];
    for (int k = C_SUM; k <= C_MIN; k++)
      if (lex_accept(l, combine_name((Combine)k))) {
        c->comb = (Combine)k;
        parse_ranges(p, c);
        break;
      }
  }
  c->body = parse_expr(l, p->arena);
  if (!lex_accept(l, "with")) return;
  do {
    c->bound = parse_room(p->arena, c->bound, c->nbound, &c->boundcap, sizeof *c->bound);
    c->bound[c->nbound].name = l->token;
    lex_name(l, "a name");
    lex_expect(l, "=");
    c->bound[c->nbound++].value = parse_expr(l, p->arena);
  } while (lex_accept(l, ","));
}

static Node *build_comp(Parser *p, Comp *c) {
  Scope *s = &p->scope;
  Scalar *dim[MAX_RANK], *dom[MAX_AXES], *windex[MAX_RANK];
  int rank = c->type.rank;
  build_dims(p, &c->type, dim);
  for (int k = 0; k < c->naxis; k++) dom[k] = build_extent(p, c->extent[k]);
  if (c->scatter && c->write.n != rank)
    parse_error(&p->lexer, &c->write.token, "'%s' has %d axes, here are %d indices", c->self.text,
                rank, c->write.n);
  s->naxis = c->naxis;
  memcpy(s->axis, c->axis, sizeof c->axis);
  s->bound_name = NEWN(p->arena, const char *, c->nbound + 1);
  s->bound = NEWN(p->arena, Scalar *, c->nbound + 1);
  for (s->nbound = 0; s->nbound < c->nbound; s->nbound++) {
    s->bound[s->nbound] = build_expr(s, c->bound[s->nbound].value, NO_TYPE);
    s->bound_name[s->nbound] = c->bound[s->nbound].name.text;
  }
  Scalar *body = build_expr(s, c->body, c->type.dtype);
  if (body->dtype != c->type.dtype)
    parse_error(&p->lexer, &c->body->token, "the value is %s, '%s' is %s",
                dtype_name((Dtype)body->dtype), c->self.text, dtype_name(c->type.dtype));
  for (int d = 0; d < rank; d++)
    windex[d] = c->scatter ? build_index(s, c->write.arg[d]) : s_axis(d);
  s->naxis = s->nbound = 0;
  mod->here = p->lexer.origin;
  return n_comp(c->type.dtype, c->comb, rank, dim, c->naxis, dom, windex,
                c->scatter ? c->write.rule : NULL, body);
}

/* Functions */

static void parse_statement(Parser *p) {
  Lexer *l = &p->lexer;
  l->origin = (Loc){0};
  if (lex_accept(l, "free")) {
    parse_param(p);
    return;
  }
  Lexer start = *l;
  Comp c = {.self = l->token};
  int first_new;
  lex_name(l, "a statement");
  bool call = lex_is(l, "=") || lex_is(l, ",") || l->token.kind == T_NAME;
  if (!call) {
    if (lex_accept(l, "[")) {
      do add_axis(p, &c, false);
      while (lex_accept(l, ","));
      lex_expect(l, "]");
    }
    lex_expect(l, ":");
    c.type = parse_type(p);
    call = lex_is(l, ",");
    if (!call) lex_expect(l, "=");
    call = call || lex_is(l, "call");
  }
  if (call) {
    *l = start;
    parse_call_statement(p);
    return;
  }
  first_new = mod->nnode;
  Node *n;
  if (lex_accept(l, "lit")) {
    n = parse_lit(p, &c.type);
  } else {
    parse_value(p, &c);
    n = build_comp(p, &c);
  }
  parse_define(p, &c.self, n, c.self.text, first_new);
}

void add_func(Parser *p, const Token *at, Func *f) {
  for (int k = 0; k < p->nfunc; k++)
    if (p->func[k]->name == f->name)
      parse_error(&p->lexer, at, "function '%s' is defined twice", at->text);
  p->func = parse_room(p->arena, p->func, p->nfunc, &p->funccap, sizeof *p->func);
  p->func[p->nfunc++] = f;
}

static void parse_graph(Parser *p) {
  Lexer *l = &p->lexer;
  Token at = l->token, *name = NULL;
  Node **param, **result;
  Func *base = NULL;
  int nresult = 0, cap = 0;
  lex_name(l, "a function's name");
  int nparam = parse_params(p, &param);
  lex_expect(l, "->");
  lex_expect(l, "(");
  while (!lex_is(l, ")")) {
    if (nresult) lex_expect(l, ",");
    name = parse_room(p->arena, name, nresult, &cap, sizeof *name);
    name[nresult++] = l->token;
    lex_name(l, "a result");
  }
  lex_next(l);
  if (lex_accept(l, "base")) base = parse_func_name(p);
  l->origin = (Loc){0};
  lex_expect(l, "{");
  Loc loc = l->origin;
  while (!lex_is(l, "}")) parse_statement(p);
  result = NEWN(p->arena, Node *, nresult + 1);
  for (int k = 0; k < nresult; k++) result[k] = scope_tensor(&p->scope, &name[k]);
  lex_next(l);
  Func *f = func_new(at.text, nparam, param, nresult, result, loc);
  f->base = base;
  add_func(p, &at, f);
}

static void parse_size(Lexer *l) {
  int64_t value = -1;
  l->origin = (Loc){0};
  const char *name = lex_name(l, "a size");
  if (lex_accept(l, "=")) value = lex_count(l, "a size");
  sym_new(name, value, l->origin);
}

Func *parse_func(const char *text, const char *file) {
  Parser p = {.arena = arena_new()};
  Loc here = mod->here;
  p.lexer = (Lexer){.at = text, .line_start = text, .file = file, .line = 1};
  lex_next(&p.lexer);
  while (p.lexer.token.kind != T_END) {
    p.scope = (Scope){.lexer = &p.lexer, .arena = p.arena};
    if (lex_accept(&p.lexer, "size"))
      parse_size(&p.lexer);
    else if (lex_accept(&p.lexer, "opaque"))
      parse_opaque(&p);
    else {
      lex_expect(&p.lexer, "func");
      parse_graph(&p);
    }
  }
  if (!p.nfunc) parse_error(&p.lexer, &p.lexer.token, "no function in the text");
  Func *f = p.func[p.nfunc - 1];
  mod->here = here;
  arena_free(p.arena);
  return f;
}
