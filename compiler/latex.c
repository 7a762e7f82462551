/*
** latex.c: formulas as LaTeX, for papers and notes
**
**   \mathit{logits}_{i,j} &= \sum_{k} X_{i,k} W_{k,j} + b_{j}
**
** The notation of print_formula.c, set as mathematics: fractions, roots, cases, subscripts.
*/
#include <math.h>
#include <string.h>
#include "cgen.h"
#include "print.h"
#include "explain.h"

typedef struct Latex {
  Text *t;
  Naming names;
} Latex;

static void latex_expr(Latex *l, Scalar *s, int prec);

/* One letter stands as it is, a longer name in italics, a trailing _bar and _dot as an accent. */
static void latex_name(Text *t, const char *name) {
  static const struct {
    const char *end, *open;
  } accent[] = {{"_bar", "\\bar{"}, {"_dot", "\\dot{"}};
  size_t n = strlen(name);
  for (int k = 0; k < 2; k++)
    if (n > 4 && !strcmp(name + n - 4, accent[k].end)) {
      text_add(t, "%s", accent[k].open);
      latex_name(t, str_format("%.*s", (int)n - 4, name));
      text_add(t, "}");
      return;
    }
  if (n == 1) {
    text_add(t, "%s", name);
    return;
  }
  text_add(t, "\\mathit{");
  for (; *name; name++)
    text_add(t, strchr("_#%&$", *name) ? "\\%c" : "%c", *name);
  text_add(t, "}");
}

static void latex_number(Text *t, double v, Dtype type) {
  Text s = {0};
  print_number(&s, v, type);
  char *e = strchr(s.s, 'e');
  if (isinf(v))
    text_add(t, v < 0 ? "-\\infty" : "\\infty");
  else if (e)
    text_add(t, "%.*s \\cdot 10^{%s}", (int)(e - s.s), s.s, e + 1);
  else
    text_add(t, "%s", s.s);
  text_free(&s);
}

static void latex_subscript(Latex *l, int n, Scalar **index) {
  if (!n) return;
  text_add(l->t, "_{");
  for (int d = 0; d < n; d++) {
    if (d) text_add(l->t, ",");
    latex_expr(l, index[d], 0);
  }
  text_add(l->t, "}");
}

static void latex_access(Latex *l, const Node *n, int rank, Scalar **index, const uint8_t *rule) {
  const char *name = l->names.node(l->names.ctx, n);
  Rule shown = R_NONE;
  for (int d = 0; d < rank; d++)
    if (rule[d] != R_NONE) shown = (Rule)rule[d];
  if (shown != R_NONE) {
    text_add(l->t, "\\operatorname{");
    for (const char *c = rule_name(shown); *c; c++) text_add(l->t, *c == '_' ? "\\_" : "%c", *c);
    text_add(l->t, "}(");
  }
  latex_name(l->t, name);
  if (shown != R_NONE) text_add(l->t, ")");
  latex_subscript(l, rank, index);
}

/* f applied to its arguments, in the parentheses that mathematics prefers. */
static void latex_call(Latex *l, const Scalar *s) {
  static const char *const known[] = {"exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh"};
  const char *name = op_info[s->op].name;
  bool command = false;
  for (size_t k = 0; k < sizeof known / sizeof *known; k++)
    command = command || !strcmp(name, known[k]);
  if (command) {
    text_add(l->t, "\\%s", name);
  } else {
    text_add(l->t, "\\operatorname{");
    for (; *name; name++) text_add(l->t, *name == '_' ? "\\_" : "%c", *name);
    text_add(l->t, "}");
  }
  text_add(l->t, "\\left(");
  for (int k = 0; k < s->narg; k++) {
    if (k) text_add(l->t, ", ");
    latex_expr(l, s->arg[k], 0);
  }
  text_add(l->t, "\\right)");
}

/* open arg[0] middle arg[1] close, the arguments with nothing around them. */
static void latex_around(Latex *l, const Scalar *s, const char *open, const char *middle,
                         const char *close) {
  text_add(l->t, "%s", open);
  latex_expr(l, s->arg[0], 0);
  if (s->narg > 1) {
    text_add(l->t, "%s", middle);
    latex_expr(l, s->arg[1], 0);
  }
  text_add(l->t, "%s", close);
}

static const char *latex_infix(const Infix *x) {
  static const struct { OpCode op; const char *text; } other[] = {
      {OP_OR, "\\lor"}, {OP_AND, "\\land"}, {OP_EQ, "="}, {OP_NE, "\\ne"}, {OP_LE, "\\le"},
      {OP_GE, "\\ge"}, {OP_MOD, "\\bmod"}};
  for (size_t k = 0; k < sizeof other / sizeof *other; k++)
    if (other[k].op == x->op) return other[k].text;
  return x->text;
}

static void latex_operator(Latex *l, const Scalar *s, int prec) {
  const Infix *x = infix_of((OpCode)s->op);
  bool product = s->op == OP_MUL, paren = prec > x->prec;
  bool square = product && s->arg[0] == s->arg[1];
  if (paren) text_add(l->t, "\\left(");
  if (square || s->op == OP_POW) {
    latex_expr(l, s->arg[0], PREC_ATOM);
    text_add(l->t, "^{");
    if (square)
      text_add(l->t, "2");
    else
      latex_expr(l, s->arg[1], 0);
    text_add(l->t, "}");
  } else {
    bool digits = s->arg[1]->kind == S_CONST; /* x 2 would read as x_2 */
    latex_expr(l, s->arg[0], x->prec);
    text_add(l->t, product ? digits ? " \\cdot " : " \\, " : " %s ", latex_infix(x));
    latex_expr(l, s->arg[1], x->prec + 1);
  }
  if (paren) text_add(l->t, "\\right)");
}

static void latex_where(Latex *l, const Scalar *s) {
  text_add(l->t, "\\begin{cases}");
  latex_expr(l, s->arg[1], 0);
  text_add(l->t, " & ");
  latex_expr(l, s->arg[0], 0);
  text_add(l->t, " \\\\ ");
  latex_expr(l, s->arg[2], 0);
  text_add(l->t, " & \\text{else}\\end{cases}");
}

static void latex_op(Latex *l, const Scalar *s, int prec) {
  switch ((OpCode)s->op) {
  case OP_DIV: latex_around(l, s, "\\frac{", "}{", "}"); break;
  case OP_FLOORDIV: latex_around(l, s, "\\left\\lfloor\\frac{", "}{", "}\\right\\rfloor"); break;
  case OP_SQRT: latex_around(l, s, "\\sqrt{", "", "}"); break;
  case OP_RSQRT: latex_around(l, s, "\\frac{1}{\\sqrt{", "", "}}"); break;
  case OP_ABS: latex_around(l, s, "\\left|", "", "\\right|"); break;
  case OP_FLOOR: latex_around(l, s, "\\left\\lfloor ", "", "\\right\\rfloor"); break;
  case OP_CEIL: latex_around(l, s, "\\left\\lceil ", "", "\\right\\rceil"); break;
  case OP_MIN: latex_around(l, s, "\\min\\left(", ", ", "\\right)"); break;
  case OP_MAX: latex_around(l, s, "\\max\\left(", ", ", "\\right)"); break;
  case OP_SIGMOID: latex_around(l, s, "\\sigma\\left(", "", "\\right)"); break;
  case OP_CAST: latex_expr(l, s->arg[0], prec); break;
  case OP_WHERE: latex_where(l, s); break;
  case OP_NEG: case OP_NOT:
    if (prec > PREC_UNARY) text_add(l->t, "\\left(");
    text_add(l->t, s->op == OP_NEG ? "-" : "\\lnot ");
    latex_expr(l, s->arg[0], PREC_UNARY);
    if (prec > PREC_UNARY) text_add(l->t, "\\right)");
    break;
  default:
    if (infix_of((OpCode)s->op))
      latex_operator(l, s, prec);
    else
      latex_call(l, s);
  }
}

static void latex_expr(Latex *l, Scalar *s, int prec) {
  for (int k = 0; k < l->names.nbound; k++)
    if (l->names.bound[k] == s) {
      latex_name(l->t, l->names.bound_name[k]);
      return;
    }
  switch ((ScalarKind)s->kind) {
  case S_CONST: {
    double v = dtype_is_float((Dtype)s->dtype) ? s->f : (double)s->i;
    if (v < 0 && prec >= PREC_UNARY) text_add(l->t, "(");
    latex_number(l->t, v, (Dtype)s->dtype);
    if (v < 0 && prec >= PREC_UNARY) text_add(l->t, ")");
    break;
  }
  case S_AXIS: text_add(l->t, "%s", s->axis < MAX_AXES ? l->names.axis[s->axis] : "?"); break;
  case S_SIZE: latex_name(l->t, s->sym->name); break;
  case S_READ: latex_access(l, s->tensor, s->narg, s->arg, s->rule); break;
  case S_OP: latex_op(l, s, prec); break;
  case S_REDUCE: break;
  }
}

static const char *plain_name(void *ctx, const Node *n) {
  (void)ctx;
  return n->name ? n->name : name_of_node(n);
}

static bool is_name(void *ctx, const char *name) {
  const Node *n = ctx;
  bool found = !strcmp(plain_name(NULL, n), name);
  for (int k = 0; k < n->narg; k++) found = found || !strcmp(plain_name(NULL, n->arg[k]), name);
  return found;
}

static void latex_comp(Latex *l, Arena *a, Node *n) {
  static const char *const big[] = {"", "\\sum", "\\prod", "\\max", "\\min"}; /* ORDER Combine */
  bool scatter = n_is_scatter(n);
  Scalar *body[1] = {n->body};
  name_axes(&l->names, n, is_name, n);
  bind_shared(a, &l->names, 1, body, is_name, n);
  latex_access(l, n, n->rank, n->windex, n->wrule);
  if (scatter) {
    static const char *const update[] = {"\\gets", "\\mathrel{+}=", "\\mathrel{\\cdot}=",
                                         "\\mathrel{\\max}=", "\\mathrel{\\min}="};
    text_add(l->t, " &%s ", update[n->comb]);
  } else {
    text_add(l->t, " &= ");
  }
  if (!scatter && n->comb != C_SET) {
    text_add(l->t, "%s_{", big[n->comb]);
    for (int p = n->rank; p < n->ndom; p++)
      text_add(l->t, p > n->rank ? ",%s" : "%s", l->names.axis[p]);
    text_add(l->t, "} ");
  }
  latex_expr(l, n->body, scatter || n->comb == C_SET ? 0 : PREC_MUL);
  for (int k = 0; k < l->names.nbound; k++) {
    Scalar *s = l->names.bound[k];
    l->names.bound[k] = NULL;
    text_add(l->t, k ? ",\\; " : " \\quad\\text{where }");
    latex_name(l->t, l->names.bound_name[k]);
    text_add(l->t, " = ");
    latex_expr(l, s, 0);
    l->names.bound[k] = s;
  }
}

/* One line of an align environment, without its end. */
void latex_formula(Text *t, Node *n) {
  Latex l = {.t = t, .names = {.node = plain_name}};
  Arena *a = arena_new();
  if (n->kind == N_COMP) {
    latex_comp(&l, a, n);
  } else if (n->fn) {
    for (int k = 0; k < n->fn->nresult; k++) {
      if (k) text_add(t, ", ");
      latex_name(t, plain_name(NULL, n->fn->result[k]));
    }
    text_add(t, " &= ");
    if (n->kind == N_LOOP) {
      text_add(t, "\\operatorname{loop}_{");
      latex_expr(&l, n->trip, 0);
      text_add(t, "}\\; ");
    }
    latex_name(t, n->fn->name);
    text_add(t, "(");
    for (int k = 0; k < n->narg; k++) {
      if (k) text_add(t, ", ");
      latex_name(t, plain_name(NULL, n->arg[k]));
    }
    text_add(t, ")");
  } else {
    latex_name(t, plain_name(NULL, n));
    text_add(t, " &\\text{ is given}");
  }
  arena_free(a);
}
