/*
** explain.h: `crescent explain`: a program in formulas, numbers and a picture
*/
#ifndef CRESCENT_EXPLAIN_H
#define CRESCENT_EXPLAIN_H
#include "ir.h"

typedef struct ExplainOptions {
  const char *pass; /* print the graphs as text after this pass; "none": before any */
  bool latex;       /* formulas as LaTeX */
} ExplainOptions;

/* explain.c */
void explain_program(Program *p, const ExplainOptions *o, FILE *out);
/* The entry as a function of its inputs and the state it touches, every node with a name. */
Func *explain_func(const Program *p, const Entry *e, const char *pass);

/* explain_unit.c */
void explain_unit(Text *t, Program *p, const char *(*title)(const Entry *e));
const char *amount_text(double x, const char *unit); /* 12.8 kB */

/* latex.c */
void latex_formula(Text *t, Node *n);

/* picture.c */
void explain_picture(Program *p, const char *path); /* SVG of every entry's graph */

#endif
