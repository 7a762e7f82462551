/*
** print.h: the notation that print*.c writes and parse*.c reads
**
** Infix operators, their precedence, and names for what an expression mentions:
**
**   x[i + k - 1]   mirror(x)[i - 1]   x[n, wrap(i + 1)]   exp(x[i]) * 2   i32(x[i])   a ^ 2
*/
#ifndef CRESCENT_PRINT_H
#define CRESCENT_PRINT_H
#include "ir.h"

enum { PREC_OR = 4, PREC_AND, PREC_EQ = 9, PREC_CMP, PREC_ADD = 12, PREC_MUL, PREC_UNARY, PREC_POW,
       PREC_ATOM };

typedef struct Infix { OpCode op; const char *text; int prec; } Infix;
extern const Infix infix_table[]; /* ends with a NULL text */
const Infix *infix_of(OpCode op); /* NULL: written as a call, or unary */

/* Names while one expression is printed. */
typedef struct Naming {
  const char *(*node)(void *ctx, const Node *n);
  void *ctx;
  const char *axis[MAX_AXES];
  bool exact;             /* literals whose type the place does not give are written f32(2) */
  int nbound;             /* subexpressions written as a name, bound by `with` */
  Scalar **bound;
  const char **bound_name;
} Naming;

enum { NO_TYPE = -1 };    /* what an expression's place says of its dtype: nothing */

/* print_scalar.c */
void print_expr(Text *t, Scalar *s, const Naming *names, int expect);
void print_number(Text *t, double v, Dtype type);
void print_read(Text *t, const Naming *names, const char *tensor, int n, Scalar **index,
                const uint8_t *rule);
/* Picks the letters i j k ... of the node's axes (NULL: of any), none of them `taken`. */
void name_axes(Naming *names, const Node *node, bool (*taken)(void *ctx, const char *name),
               void *ctx);
/* Finds the subexpressions under root[0..n) worth a name, arguments first. */
void bind_shared(Arena *a, Naming *names, int n, Scalar **root,
                 bool (*taken)(void *ctx, const char *name), void *ctx);
void print_bound(Text *t, const Naming *names, const char *between);

/* print.c: the parts of a node's statement */
void print_dims(Text *t, Dtype type, int rank, Scalar **dim, const Naming *names);
void print_comp(Text *t, const Node *n, const Naming *names, const char *self, bool typed);

#endif
