/*
** parse_opaque.c: opaque kernels read from text
**
**   opaque solve(A: f64[3, 3], b: f64[B, 3]) -> (y: f64[B, 3]) kernel "rt_solve_f64"
**     header "rt_solve.h" size i64[3] work f64[9] batch i64[B] 0 1      in one line; also
**   within "rt_more_f64", source "solve.c"
*/
#include <string.h>
#include "parse.h"

static const char *parse_string(Lexer *l) {
  const char *s = l->token.text;
  if (l->token.kind != T_STRING) parse_error(l, &l->token, "a text in quotes expected");
  lex_next(l);
  return s;
}

/* The item of a batch: params and results without the axes they share. */
static Func *item_of(const char *name, int nparam, Node **param, int nresult, Node **result,
                     const unsigned *share, int nbatch) {
  Node **all = NEWN(mod->arena, Node *, nparam + nresult + 1);
  for (int k = 0; k < nparam + nresult; k++) {
    const Node *p = k < nparam ? param[k] : result[k - nparam];
    int skip = 0;
    for (int b = 0; b < nbatch; b++) skip += k < nparam ? share[k] >> b & 1 : 1;
    if (skip > p->rank) skip = p->rank;
    all[k] =
        n_param(P_FORMAL, p->name, (Dtype)p->dtype, p->rank - skip, p->dim + skip, p->loc);
  }
  return func_new(name, nparam, all, nresult, all + nparam, (Loc){0});
}

static int parse_extents(Parser *p, Dtype *dtype, Scalar **dim) {
  Type t = parse_type(p);
  build_dims(p, &t, dim);
  if (dtype) *dtype = t.dtype;
  return t.rank;
}

static void parse_attributes(Parser *p, Opaque *o, int nparam, unsigned *share) {
  Lexer *l = &p->lexer;
  Scalar *dim[MAX_RANK];
  for (;;) {
    if (lex_accept(l, "source")) {
      const char **more = NEWN(mod->arena, const char *, o->nsource + 1);
      if (o->nsource) memcpy(more, o->source, sizeof *more * (size_t)o->nsource);
      more[o->nsource++] = parse_string(l);
      o->source = more;
    } else if (lex_accept(l, "within")) {
      o->within = parse_string(l);
    } else if (lex_accept(l, "header")) {
      o->header = parse_string(l);
    } else if (lex_accept(l, "size")) {
      o->nsize = parse_extents(p, NULL, dim);
      o->size = arena_copy(mod->arena, dim, sizeof *dim * (size_t)o->nsize);
    } else if (lex_accept(l, "work")) {
      if (parse_extents(p, &o->type, dim)) o->work = dim[0];
    } else if (lex_accept(l, "batch")) {
      o->nbatch = parse_extents(p, NULL, dim);
      o->batch = arena_copy(mod->arena, dim, sizeof *dim * (size_t)o->nbatch);
      for (int k = 0; k < nparam; k++) share[k] = (unsigned)lex_count(l, "a share");
    } else {
      return;
    }
  }
}

void parse_opaque(Parser *p) {
  Lexer *l = &p->lexer;
  Token at = l->token;
  Node **param, **result;
  Opaque *o = NEW(mod->arena, Opaque);
  lex_name(l, "a function's name");
  int nparam = parse_params(p, &param);
  lex_expect(l, "->");
  int nresult = parse_params(p, &result);
  l->origin = (Loc){0};
  lex_expect(l, "kernel");
  o->kernel = parse_string(l);
  unsigned *share = NEWN(p->arena, unsigned, nparam + 1);
  parse_attributes(p, o, nparam, share);
  int nbatch = o->nbatch;
  Func *f = func_new(at.text, nparam, param, nresult, result, l->origin);
  if (nbatch) {
    f = item_of(at.text, nparam, param, nresult, result, share, nbatch);
    o->nbatch = 0;
  }
  f->opaque = o;
  add_func(p, &at, opaque_batch(f, nbatch, o->batch, share));
}
