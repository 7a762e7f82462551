/*
** contraction.c: register-tiled contractions as C
*/
#include "cgen.h"

void print_contract(Cg *c, const Stmt *s) { ICE(s->loc, "%s: no contraction", c->k->name); }
