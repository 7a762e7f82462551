/*
** stmt.c: statements as C, one line or block each
*/
#include "cgen.h"
#include "lower.h"

enum { PREC_MUL = 13 };

static void start(Cg *c) { text_add(c->t, "%*s", 2 * c->indent, ""); }

static void print_bound(Cg *c, Scalar *s, int prec) {
  bool index = c->index;
  c->index = true;
  cg_expr(c, s, prec);
  c->index = index;
}

static bool is_block_free(const Stmt *s) {
  if (s->n != 1) return false;
  const Stmt *b = s->body[0];
  if (b->kind == ST_BLOCK) return is_block_free(b);
  return b->kind == ST_STORE || ((b->kind == ST_FOR) && !b->simd && !b->parallel);
}

static void print_body(Cg *c, const Stmt *s) {
  bool bare = is_block_free(s);
  text_add(c->t, bare ? "\n" : " {\n");
  c->indent++;
  for (int i = 0; i < s->n; i++) print_stmt(c, s->body[i]);
  c->indent--;
  if (bare) return;
  start(c);
  text_add(c->t, "}\n");
}

/* Pragmas are kept where OpenMP is off; rt_kernel.h silences the warning about them. */
static void print_pragma(Cg *c, const Stmt *s) {
  if (!s->parallel && !s->simd) return;
  start(c);
  if (!s->parallel) {
    text_add(c->t, "#pragma omp simd\n");
    return;
  }
  text_add(c->t, "#pragma omp parallel for%s", s->simd ? " simd" : "");
  if (s->collapse > 1) text_add(c->t, " collapse(%d)", s->collapse);
  text_add(c->t, " num_threads(threads)");
  if (s->work && s->enough > 0) {
    bool one = s->work->kind == S_SIZE;
    text_add(c->t, " if (%s", one ? "" : "(int64_t)");
    print_bound(c, s->work, PREC_MUL);
    text_add(c->t, " > %lld)", (long long)s->enough);
  }
  text_add(c->t, "\n");
}

static void print_for(Cg *c, const Stmt *s) {
  const char *i = cg_axis(c, s->axis);
  print_pragma(c, s);
  start(c);
  text_add(c->t, "for (int %s = ", i);
  print_bound(c, s->lo, 0);
  text_add(c->t, "; %s < ", i);
  print_bound(c, s->hi, 11);
  if (s->step > 1) text_add(c->t, "; %s += %d)", i, s->step);
  else text_add(c->t, "; %s++)", i);
  print_body(c, s);
}

static void print_var(Cg *c, const Stmt *s) {
  const char *type = dtype_c((Dtype)s->to->dtype), *name = cg_name(c, s->to);
  start(c);
  if (s->to->rank == 0) {
    text_add(c->t, "%s %s = ", type, name);
    cg_expr(c, s->value, 0);
    text_add(c->t, ";\n");
    return;
  }
  text_add(c->t, "%s %s", type, name);
  for (int d = 0; d < s->to->rank; d++) print_index(c, s->to->dim[d]);
  if (s->value && s_is_const(s->value, 0)) {
    text_add(c->t, " = {0};\n");
    return;
  }
  text_add(c->t, ";\n");
  if (!s->value) return;
  start(c);
  text_add(c->t, "for (int fill = 0; fill < ");
  print_bound(c, s->to->dim[0], 11);
  text_add(c->t, "; fill++) %s[fill] = ", name);
  cg_expr(c, s->value, 0);
  text_add(c->t, ";\n");
}

static void print_store(Cg *c, const Stmt *s) {
  const char *type = dtype_name((Dtype)s->to->dtype);
  start(c);
  print_access(c, s->to, s->index);
  if (s->comb == C_MAX || s->comb == C_MIN) {
    text_add(c->t, " = rt_%s_%s(", s->comb == C_MAX ? "max" : "min", type);
    print_access(c, s->to, s->index);
    text_add(c->t, ", ");
    cg_expr(c, s->value, 0);
    text_add(c->t, ");\n");
    return;
  }
  const Scalar *v = s->value;
  bool subtract = s->comb == C_SUM && v->kind == S_OP && v->op == OP_NEG;
  text_add(c->t, subtract            ? " -= "
                 : s->comb == C_SUM  ? " += "
                 : s->comb == C_PROD ? " *= "
                                     : " = ");
  cg_expr(c, subtract ? v->arg[0] : s->value, 0);
  text_add(c->t, ";\n");
}

/* Lets a diagnostic of the C compiler point at the script. */
static void print_line_mark(Cg *c, const Stmt *s) {
  if (!c->line || !s->loc.file || s->loc.line <= 0 || s->kind == ST_BLOCK) return;
  text_add(c->t, "#line %d \"%s\"\n", s->loc.line, s->loc.file);
}

void print_stmt(Cg *c, const Stmt *s) {
  print_line_mark(c, s);
  switch (s->kind) {
  case ST_BLOCK:
    for (int i = 0; i < s->n; i++) print_stmt(c, s->body[i]);
    break;
  case ST_FOR: print_for(c, s); break;
  case ST_LET:
    start(c);
    if (is_position(c->k, s_read(s->to, NULL, NULL))) {
      text_add(c->t, "const int %s = ", cg_name(c, s->to));
      print_bound(c, s->value, 0);
    } else {
      text_add(c->t, "const %s %s = ", dtype_c((Dtype)s->to->dtype), cg_name(c, s->to));
      cg_expr(c, s->value, 0);
    }
    text_add(c->t, ";\n");
    break;
  case ST_VAR: print_var(c, s); break;
  case ST_STORE: print_store(c, s); break;
  case ST_FOLD:
    start(c);
    text_add(c->t, "const %s %s = rt_fold_%s_%s(%s", dtype_c((Dtype)s->to->dtype),
             cg_name(c, s->to), combine_name(s->comb), dtype_name((Dtype)s->to->dtype),
             cg_name(c, s->from));
    for (int d = 0; d + 1 < s->from->rank; d++) print_index(c, s->index[d]);
    text_add(c->t, ");\n");
    break;
  case ST_IF:
    start(c);
    text_add(c->t, "if (");
    cg_expr(c, s->value, 0);
    text_add(c->t, ")");
    print_body(c, s);
    break;
  case ST_CONTRACT: print_contract(c, s); break;
  }
}
