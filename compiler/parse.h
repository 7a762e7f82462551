/*
** parse.h: tokens and expressions of the text form, shared by parse*.c
*/
#ifndef CRESCENT_PARSE_H
#define CRESCENT_PARSE_H
#include "print.h"

typedef enum TokenKind { T_END, T_NAME, T_NUMBER, T_STRING, T_MARK } TokenKind;

typedef struct Token {
  TokenKind kind;
  const char *text;  /* interned: the name, the mark, or what is between the quotes */
  bool whole;        /* T_NUMBER: an integer, in i */
  uint64_t i;
  double f;
  int line, column;
} Token;

typedef struct Lexer {
  const char *at, *line_start, *file;
  int line, depth;
  Token token;       /* the one to be parsed next */
  Loc origin;        /* the last `# script.lua:12` passed */
} Lexer;

typedef enum ExprKind { E_NUMBER, E_NAME, E_READ, E_CALL, E_UNARY, E_BINARY } ExprKind;

typedef struct Expr Expr;
struct Expr {
  ExprKind kind;
  Token token;       /* where it starts; number, name */
  bool minus;        /* E_NUMBER */
  OpCode op;         /* E_UNARY, E_BINARY */
  int n;
  Expr **arg;        /* operands, arguments, indices */
  uint8_t *rule;     /* E_READ */
};

/* What names stand for while expressions become Scalars. */
typedef struct Scope {
  Lexer *lexer;
  Arena *arena;
  int naxis;
  const char *axis[MAX_AXES];
  int nbound;
  const char **bound_name;
  Scalar **bound;
  int ntable, ncap;  /* tensors of this function, open addressing */
  const char **tensor_name;
  Node **tensor;
} Scope;

/* lex.c */
_Noreturn void parse_error(const Lexer *l, const Token *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void lex_next(Lexer *l);
bool lex_is(const Lexer *l, const char *text);    /* the next token is this name or mark */
bool lex_accept(Lexer *l, const char *text);      /* ... and is passed */
void lex_expect(Lexer *l, const char *text);
const char *lex_name(Lexer *l, const char *what);
int64_t lex_count(Lexer *l, const char *what);    /* a whole number >= 0 */

/* parse_expr.c */
Expr *parse_expr(Lexer *l, Arena *a);
Expr *parse_sum(Lexer *l, Arena *a);              /* no comparisons: an extent */
void parse_indices(Lexer *l, Arena *a, Expr *read); /* after `[`, through `]` */
Scalar *build_expr(Scope *s, const Expr *e, int expect);
Scalar *build_index(Scope *s, const Expr *e);
Node *scope_tensor(Scope *s, const Token *at);
Node **scope_slot(Scope *s, const char *name);

typedef struct Parser {
  Lexer lexer;
  Arena *arena;
  Scope scope;       /* of the function being read */
  int nfunc, funccap;
  Func **func;
} Parser;

typedef struct Type {
  Dtype dtype;
  int rank;
  Expr *dim[MAX_RANK];
  Token at;
} Type;

/* parse.c */
Type parse_type(Parser *p);
void build_dims(Parser *p, const Type *t, Scalar **dim);
Scalar *build_extent(Parser *p, const Expr *e);
void parse_define(Parser *p, const Token *at, Node *n, const char *name, int first_new);
/* list with room for one more of n elements, of which it had room for *cap. */
void *parse_room(Arena *a, void *list, int n, int *cap, size_t size);

int parse_params(Parser *p, Node ***param);
void add_func(Parser *p, const Token *at, Func *f);

/* parse_opaque.c: from the name on */
void parse_opaque(Parser *p);

/* parse_call.c: `q: f32[N], r: f32 = call f(x)` from its `=` on, or from its first token */
void parse_call_statement(Parser *p);
Func *parse_func_name(Parser *p);

#endif
