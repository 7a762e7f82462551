/*
** parse_call.c: CALL and LOOP statements of the text form
**
**   q: f32[N], _ = call qr(a)
**   carry h: f32[4], stack ys: f32[N, 4], sum g: f32 =
**     loop step(carry h0, slice x, const w) for N steps, reverse, unroll 4, checkpoint 8 as "rnn"
*/
#include <string.h>
#include "parse.h"

typedef struct Result {
  Token name;
  bool typed;        /* not `_` */
  Type type;
} Result;

typedef struct Call {
  Token at;
  Func *fn;
  bool loop, reverse;
  int nresult, resultcap;
  Result *result;
  int nleave[3];     /* results that are carry, stack, sum */
  int narg, argcap;
  Node **arg;
  int nenter[3];     /* arguments that are carry, slice, const */
  Expr *trip;
  int unroll, checkpoint;
  Guard guard;
  const char *name;
} Call;

static int role_here(const Lexer *l, const char *a, const char *b, const char *c) {
  return lex_is(l, a) ? 0 : lex_is(l, b) ? 1 : lex_is(l, c) ? 2 : -1;
}

/* Counts a carry, stack, sum (carry, slice, const), which must come in this order. */
static void count_role(const Lexer *l, const Token *at, int *count, int role) {
  for (int k = role + 1; k < 3; k++)
    if (count[k]) parse_error(l, at, "'%s' after others: carries come first", at->text);
  count[role]++;
}

/* One `carry h: f32[4]`, `h: f32[4]` or `_`. */
static void parse_result(Parser *p, Call *c) {
  Lexer *l = &p->lexer;
  Token at = l->token;
  Result r = {.name = at};
  int role = role_here(l, "carry", "stack", "sum");
  lex_name(l, "a result");
  if (role >= 0 && l->token.kind == T_NAME) {
    count_role(l, &at, c->nleave, role);
    r.name = l->token;
    lex_next(l);
  }
  r.typed = strcmp(r.name.text, "_") != 0;
  if (r.typed) {
    lex_expect(l, ":");
    r.type = parse_type(p);
  }
  c->result = parse_room(p->arena, c->result, c->nresult, &c->resultcap, sizeof r);
  c->result[c->nresult++] = r;
}

static void parse_arguments(Parser *p, Call *c) {
  Lexer *l = &p->lexer;
  lex_expect(l, "(");
  while (!lex_accept(l, ")")) {
    if (c->narg) lex_expect(l, ",");
    if (c->loop) {
      int role = role_here(l, "carry", "slice", "const");
      if (role < 0) parse_error(l, &l->token, "carry, slice or const before '%s'", l->token.text);
      count_role(l, &l->token, c->nenter, role);
      lex_next(l);
    }
    Token at = l->token;
    lex_name(l, "an argument");
    c->arg = parse_room(p->arena, c->arg, c->narg, &c->argcap, sizeof *c->arg);
    c->arg[c->narg++] = scope_tensor(&p->scope, &at);
  }
}

static void parse_attributes(Parser *p, Call *c) {
  Lexer *l = &p->lexer;
  if (c->loop) {
    lex_expect(l, "for");
    c->trip = parse_sum(l, p->arena);
    lex_expect(l, "steps");
  }
  while (c->loop && lex_accept(l, ",")) {
    if (lex_accept(l, "reverse")) {
      c->reverse = true;
    } else if (lex_accept(l, "while")) {
      c->guard = G_WHILE;
    } else if (lex_accept(l, "if")) {
      c->guard = G_IF;
    } else {
      int *attribute = lex_is(l, "unroll") ? &c->unroll : &c->checkpoint;
      if (!lex_accept(l, "unroll")) lex_expect(l, "checkpoint");
      *attribute = (int)lex_count(l, "a number of steps");
    }
  }
  if (lex_accept(l, "as")) {
    if (l->token.kind != T_STRING) parse_error(l, &l->token, "a name in quotes expected");
    c->name = l->token.text;
    lex_next(l);
  }
}

/* The function whose name comes next. */
Func *parse_func_name(Parser *p) {
  Lexer *l = &p->lexer;
  Token at = l->token;
  lex_name(l, "a function");
  for (int k = p->nfunc - 1; k >= 0; k--)
    if (!strcmp(p->func[k]->name, at.text)) return p->func[k];
  parse_error(l, &at, "there is no function '%s' above", at.text);
}

static void check_arity(const Parser *p, const Call *c) {
  const Lexer *l = &p->lexer;
  const Func *f = c->fn;
  if (c->narg != f->nparam || c->nresult != f->nresult)
    parse_error(l, &c->at, "%s takes %d arguments and gives %d results; here are %d and %d",
                f->name, f->nparam, f->nresult, c->narg, c->nresult);
  if (!c->loop) return;
  if (c->nleave[0] + c->nleave[1] + c->nleave[2] != c->nresult)
    parse_error(l, &c->at, "each result of a loop is a carry, a stack or a sum");
  if (c->nenter[0] != c->nleave[0])
    parse_error(l, &c->at, "%d carries enter the loop, %d leave it", c->nenter[0], c->nleave[0]);
  if (c->guard && (c->guard == G_IF ? !c->nenter[1] : !c->nenter[0] || c->nenter[1]))
    parse_error(l, &c->at, "the steps of a loop are guarded by its first slice, or by its first "
                           "carry where it has no slices");
  for (int k = c->nleave[0]; k < c->nleave[0] + c->nleave[1]; k++)
    if (f->result[k]->rank == MAX_RANK) parse_error(l, &c->at, "a stack has too many axes");
}

/* Names the results, and holds their types against those of the function. */
static void define_results(Parser *p, const Call *c, Node *call) {
  for (int k = 0; k < c->nresult; k++) {
    const Result *r = &c->result[k];
    if (!r->typed) continue;
    Scalar *dim[MAX_RANK];
    int first_new = mod->nnode;
    Node *n = n_proj(call, k);
    build_dims(p, &r->type, dim);
    bool same = n->rank == r->type.rank && n->dtype == r->type.dtype;
    for (int d = 0; same && d < n->rank; d++) same = n->dim[d] == dim[d];
    if (!same)
      parse_error(&p->lexer, &r->type.at, "result %d of %s has another type", k, c->fn->name);
    parse_define(p, &r->name, n, r->name.text, first_new);
  }
}

void parse_call_statement(Parser *p) {
  Lexer *l = &p->lexer;
  Call c = {0};
  if (!lex_is(l, "="))
    do parse_result(p, &c);
    while (lex_accept(l, ","));
  lex_expect(l, "=");
  c.at = l->token;
  c.loop = lex_is(l, "loop");
  if (!lex_accept(l, "call") && !lex_accept(l, "loop"))
    parse_error(l, &l->token, "call or loop expected before '%s'", l->token.text);
  c.fn = parse_func_name(p);
  parse_arguments(p, &c);
  parse_attributes(p, &c);
  check_arity(p, &c);
  mod->here = l->origin;
  int first_new = mod->nnode;
  Node *call = c.loop ? n_loop(c.fn, build_extent(p, c.trip), c.nenter[0], c.nenter[1], c.nenter[2],
                               c.arg, c.nleave[1], c.nleave[2], c.reverse, c.unroll, c.checkpoint)
                      : n_call(c.fn, c.arg);
  if (c.loop) call = n_guarded(call, c.guard);
  if (c.name && call->id >= first_new) call->name = c.name;
  define_results(p, &c, call);
}
