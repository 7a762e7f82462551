/*
** stmt.c: statements as C, one line or block each
*/
#include "cgen.h"
#include <string.h>
#include "lower.h"
#include "fuse.h"

enum {
  PREC_MUL = 13,
  ALIGNED_BYTES = 1024 /* arrays from this on begin at a line of the cache */
};

static void start(Cg *c) { text_add(c->t, "%*s", 2 * c->indent, ""); }

void cg_bound(Cg *c, Scalar *s, int prec) {
  bool index = c->index;
  c->index = true;
  cg_expr(c, s, prec);
  c->index = index;
}

static bool is_block_free(const Cg *c, const Stmt *s) {
  if (s->n != 1 || c->scan) return false;
  const Stmt *b = s->body[0];
  if (b->kind == ST_BLOCK) return is_block_free(c, b);
  return b->kind == ST_STORE || (b->kind == ST_FOR && !pragma_any(b));
}

static void print_body(Cg *c, const Stmt *s);

/* Whether b runs where a does not. */
static bool is_else(const Stmt *a, const Stmt *b) {
  return a->kind == ST_IF && b->kind == ST_IF && b->value == s_op1(OP_NOT, a->value);
}

static void print_else(Cg *c, const Stmt *s) {
  Text *t = c->t;
  if (t->n > 2 && t->s[t->n - 2] == '}') {
    t->s[--t->n] = 0;
    text_add(t, " else");
  } else {
    start(c);
    text_add(t, "else");
  }
  print_body(c, s);
}

static void print_body(Cg *c, const Stmt *s) {
  bool bare = is_block_free(c, s);
  text_add(c->t, bare ? "\n" : " {\n");
  c->indent++;
  bool other = false; /* the statement before was an `else` */
  for (int i = 0; i < s->n; i++) {
    other = i > 0 && !c->scan && !other && is_else(s->body[i - 1], s->body[i]);
    if (other) print_else(c, s->body[i]);
    else print_stmt(c, s->body[i]);
  }
  c->indent--;
  if (bare) return;
  start(c);
  text_add(c->t, "}\n");
}

/* "N * H > 12": whether a parallel loop has enough work. */
void cg_enough(Cg *c, const Stmt *s) {
  bool one = s->work->kind == S_SIZE;
  text_add(c->t, one ? "" : "(int64_t)");
  cg_bound(c, s->work, PREC_MUL);
  text_add(c->t, " > %lld", (long long)s->enough);
}

/* How often the loop s runs. */
Scalar *stmt_trips(const Stmt *s) {
  Scalar *n = s_sub(s->hi, s->lo);
  return s->step > 1 ? s_op2(OP_FLOORDIV, s_add(n, s_int(s->step - 1)), s_int(s->step)) : n;
}

/* The part of a loop: rt_first(part, N), of a loop of steps rt_first_by(part, N, 4). */
static void print_end_of_part(Cg *c, const Stmt *s, const char *which, const char *part) {
  if (!s_is_int(s->lo, 0)) cg_bound(c, s->lo, 12), text_add(c->t, " + ");
  text_add(c->t, "rt_%s%s(%s, ", which, s->step > 1 ? "_by" : "", part);
  cg_bound(c, s_sub(s->hi, s->lo), 0);
  if (s->step > 1) text_add(c->t, ", %d", s->step);
  text_add(c->t, ")");
}

/* for (int i = 0; i < n; i++); with a part, of a parallel loop, only so much of it. */
static void print_head(Cg *c, const Stmt *s, const char *part) {
  const char *i = cg_axis(c, s->axis);
  start(c);
  text_add(c->t, "for (int %s = ", i);
  if (part) print_end_of_part(c, s, "first", part);
  else cg_bound(c, s->lo, 0);
  text_add(c->t, "; %s < ", i);
  if (part) print_end_of_part(c, s, "end", part);
  else cg_bound(c, s->hi, 11);
  if (s->step > 1) text_add(c->t, "; %s += %d)", i, s->step);
  else text_add(c->t, "; %s++)", i);
}

/* Two loops that are run as one share their parts like the rows and columns of a table. */
static void print_collapsed(Cg *c, const Stmt *s) {
  const Stmt *in = s->body[0];
  const char *end = c->splits++ ? str_format("_%d", c->splits) : "";
  const char *outer = str_format("part_%s%s", cg_axis(c, s->axis), end);
  const char *inner = str_format("part_%s%s", cg_axis(c, in->axis), end);
  start(c);
  text_add(c->t, "const rt_part %s = rt_outer(part, ", outer);
  cg_bound(c, stmt_trips(s), 0);
  text_add(c->t, "), %s = rt_inner(part, ", inner);
  cg_bound(c, stmt_trips(s), 0);
  text_add(c->t, ");\n");
  pragma_print(c, s);
  print_head(c, s, outer);
  text_add(c->t, "\n");
  c->indent++;
  print_head(c, in, inner);
  print_body(c, in);
  c->indent--;
}

static void print_loop(Cg *c, const Stmt *s) {
  if (s->parallel && s->collapse > 1) {
    print_collapsed(c, s);
    return;
  }
  bool lanes = c->lanes, rows = c->rows;
  pragma_print(c, s);
  print_head(c, s, s->parallel ? "part" : NULL);
  c->lanes = s->simd && s->shuffled;
  c->rows = s->parallel && pragma_over_rows(s);
  c->fresh = NULL;
  print_body(c, s);
  c->fresh = NULL;
  c->lanes = lanes;
  c->rows = rows;
}

/* A sine of a large argument needs a branch, which would keep a loop from becoming vectors. So a
** vector loop looks first whether all arguments are near:
**
**   int rt_is_far = 0;
**   for (..) rt_is_far |= rt_far_f32(x[i]);
**   if (!rt_is_far) for (..) y[i] = rt_sin_near_f32(x[i]);
**   else for (..) y[i] = rt_sin_f32(x[i]);
*/
typedef struct Trig {
  int n;
  Scalar *arg[16];
  bool fine; /* every argument may be computed wherever the loop is */
} Trig;

static bool is_trig(const Scalar *s) {
  return s->kind == S_OP && (s->op == OP_SIN || s->op == OP_COS || s->op == OP_TAN);
}

/* Notes an argument; false: it was there. */
static bool add_argument(Trig *t, Scalar *arg) {
  for (int k = 0; k < t->n; k++)
    if (t->arg[k] == arg) return false;
  if (t->n < 16) t->arg[t->n++] = arg;
  else t->fine = false;
  return true;
}

static void find_trig(void *ctx, Scalar *s) {
  if (is_trig(s)) add_argument(ctx, s->arg[0]);
}

/* What a `where` chooses may be computed only where it is chosen. */
static void find_chosen(void *ctx, Scalar *s) {
  Trig chosen = {.fine = true};
  if (s->kind != S_OP || s->op != OP_WHERE) return;
  for (int k = 1; k < 3; k++) s_walk(s->arg[k], find_trig, &chosen);
  if (chosen.n) ((Trig *)ctx)->fine = false;
}

static void find_statement(const Stmt *s, Trig *t) {
  bool plain = s->kind == ST_LET || s->kind == ST_STORE || s->kind == ST_IF || s->kind == ST_BLOCK;
  t->fine = t->fine && plain;
  if (!t->fine) return;
  if (s->value) s_walk(s->value, find_chosen, t), s_walk(s->value, find_trig, t);
  for (int i = 0; i < s->n; i++) find_statement(s->body[i], t);
}

/* Whether the loop s (of several that are run as one, the inner) has sines of arguments to look
** at. */
static bool has_trig(const Stmt *s) {
  Trig t = {.fine = true};
  const Stmt *in = s->parallel && s->collapse > 1 ? s->body[0] : s;
  if (!s->simd && !in->simd) return false;
  for (int i = 0; i < in->n; i++) find_statement(in->body[i], &t);
  return t.fine && t.n;
}

/* The constants that looking at the arguments reads, each before its readers. */
typedef struct Needs {
  int n, cap;
  const Node **node;
  Trig seen; /* the arguments that were looked at */
} Needs;

/* rt_is_far |= rt_far_f32(x), for the arguments in a value. */
static void print_scan(Cg *c, const Stmt *s) {
  Trig t = {.fine = true};
  s_walk(s->value, find_trig, &t);
  for (int k = 0; k < t.n; k++) {
    if (!add_argument(&c->scan->seen, t.arg[k])) continue;
    start(c);
    text_add(c->t, "rt_is_far |= rt_far_%s(", dtype_name((Dtype)t.arg[k]->dtype));
    cg_expr(c, t.arg[k], 0);
    text_add(c->t, ");\n");
  }
}

static bool is_needed(const Needs *needs, const Node *n) {
  for (int k = 0; k < needs->n; k++)
    if (needs->node[k] == n) return true;
  return false;
}

static void add_need(void *ctx, Scalar *s) {
  Needs *needs = ctx;
  if (s->kind != S_READ || s->narg || is_needed(needs, s->tensor)) return;
  if (needs->n == needs->cap) {
    const Node **more = NEWN(mod->arena, const Node *, 2 * needs->cap + 8);
    if (needs->n) memcpy(more, needs->node, sizeof *more * (size_t)needs->n);
    needs->node = more;
    needs->cap = 2 * needs->cap + 8;
  }
  needs->node[needs->n++] = s->tensor;
}

/* From the last statement to the first, so that a constant is known to be needed when it comes. */
static void find_needs(const Stmt *s, Needs *needs) {
  Trig t = {.fine = true};
  for (int i = s->n - 1; i >= 0; i--) find_needs(s->body[i], needs);
  if (s->value) s_walk(s->value, find_trig, &t);
  for (int k = 0; k < t.n; k++) s_walk(t.arg[k], add_need, needs);
  if (s->kind == ST_IF || (s->kind == ST_LET && is_needed(needs, s->to)))
    s_walk(s->value, add_need, needs);
}

static void print_for(Cg *c, const Stmt *s) {
  if (s->turns && print_turn(c, s)) return;
  if (c->near || c->scan || !has_trig(s)) {
    print_loop(c, s);
    return;
  }
  start(c);
  text_add(c->t, "{\n");
  c->indent++;
  start(c);
  text_add(c->t, "int rt_is_far = 0;\n");
  Needs needs = {0};
  find_needs(s, &needs);
  c->scan = &needs;
  c->near = true;
  print_loop(c, s);
  c->scan = NULL;
  start(c);
  text_add(c->t, "if (!rt_is_far) {\n");
  c->indent++;
  print_loop(c, s);
  c->near = false;
  c->indent--;
  start(c);
  text_add(c->t, "} else {\n");
  c->indent++;
  print_loop(c, s);
  for (int k = 0; k < 2; k++) {
    c->indent--;
    start(c);
    text_add(c->t, "}\n");
  }
}

/* Adds the conditions of the parallel loops in s; false: one of them always pays. */
static bool add_pays(Cg *c, const Stmt *s) {
  bool fine = true;
  if (s->kind == ST_FOR && s->parallel) {
    if (!s->work || s->enough <= 0) return false;
    text_add(c->t, c->t->n ? " || " : "");
    cg_enough(c, s);
    return true;
  }
  for (int i = 0; i < s->n && fine; i++) fine = add_pays(c, s->body[i]);
  return fine;
}

void print_pays(Text *t, const Kernel *k, const Phase *p) {
  Text some = {0};
  Cg c = {.t = &some, .k = k};
  bool fine = !p->whole;
  for (int i = 0; i < p->n && fine; i++) fine = add_pays(&c, p->stmt[i]);
  text_add(t, "%s", p->whole ? "false" : fine ? some.s : "true");
  text_free(&some);
}

/* The size of a local array. */
static int64_t array_bytes(const Node *n) {
  int64_t bytes = (int64_t)dtype_size((Dtype)n->dtype), extent;
  for (int d = 0; d < n->rank; d++) bytes *= s_const_value(n->dim[d], &extent) ? extent : 1;
  return bytes;
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
  text_add(c->t, "%s%s %s", array_bytes(s->to) >= ALIGNED_BYTES ? "_Alignas(64) " : "", type, name);
  for (int d = 0; d < s->to->rank; d++) print_index(c, s->to->dim[d]);
  if (s->value && s_is_const(s->value, 0)) {
    text_add(c->t, " = {0};\n");
    return;
  }
  text_add(c->t, ";\n");
  if (!s->value) return;
  start(c);
  text_add(c->t, "for (int fill = 0; fill < ");
  cg_bound(c, s->to->dim[0], 11);
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

/* The terms of max(max(a, b), c), the first of them last; how many there are. */
enum { LONG_CHAIN = 4, MOST_CHAIN = 64 };

static int chain_of(Scalar *s, Scalar **term) {
  int n = 0;
  if (s->kind != S_OP || (s->op != OP_MAX && s->op != OP_MIN)) return 0;
  const OpCode op = (OpCode)s->op;
  while (s->kind == S_OP && s->op == op && n < MOST_CHAIN - 1) {
    term[n++] = s->arg[1];
    s = s->arg[0];
  }
  term[n++] = s;
  return n;
}

/* A long chain of maxima term by term: y = max(a, b); y = max(y, c); .. False: it is none. */
static bool print_chain(Cg *c, const Stmt *s) {
  Scalar *term[MOST_CHAIN];
  int n = chain_of(s->value, term);
  if (n < LONG_CHAIN) return false;
  const OpCode op = (OpCode)s->value->op;
  const char *type = dtype_c((Dtype)s->to->dtype), *name = cg_name(c, s->to);
  text_add(c->t, "%s %s = ", type, name);
  cg_expr(c, s_op2(op, term[n - 1], term[n - 2]), 0);
  for (int k = n - 3; k >= 0; k--) {
    text_add(c->t, ";\n");
    start(c);
    text_add(c->t, "%s = ", name);
    cg_expr(c, s_op2(op, local_read(s->to), term[k]), 0);
  }
  return true;
}

void print_stmt(Cg *c, const Stmt *s) {
  print_line_mark(c, s);
  if (c->scan && s->kind != ST_BLOCK && s->kind != ST_FOR) print_scan(c, s);
  if (c->scan && s->kind == ST_STORE) return;
  switch (s->kind) {
  case ST_BLOCK:
    for (int i = 0; i < s->n; i++) print_stmt(c, s->body[i]);
    break;
  case ST_FOR: print_for(c, s); break;
  case ST_LET:
    if (c->scan && !is_needed(c->scan, s->to)) break;
    start(c);
    if (is_position(c->k, s_read(s->to, NULL, NULL))) {
      text_add(c->t, s->kept ? "const int %s = rt_kept(" : "const int %s = ", cg_name(c, s->to));
      cg_bound(c, s->value, 0);
      if (s->kept) text_add(c->t, ")");
    } else if (!print_chain(c, s)) {
      text_add(c->t, "const %s %s = ", dtype_c((Dtype)s->to->dtype), cg_name(c, s->to));
      cg_expr(c, s->value, 0);
    }
    text_add(c->t, ";\n");
    break;
  case ST_VAR:
    print_var(c, s);
    c->fresh = s->to;
    break;
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
