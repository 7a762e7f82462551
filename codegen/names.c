/*
** names.c: identifiers of emitted C, from the model's names
**
**   conv1.w -> conv1_w        exp(z) -> exp_z        a second x -> x_2
*/
#include "cgen.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Words C or our headers have taken, and a few that would be misread. */
static const char *const reserved[] = {
    "auto",     "break",    "case",     "char",    "const",   "continue", "default", "do",
    "double",   "else",     "enum",     "extern",  "float",   "for",      "goto",    "if",
    "inline",   "int",      "long",     "register", "restrict", "return",  "short",   "signed",
    "sizeof",   "static",   "struct",   "switch",  "typedef", "union",    "unsigned", "void",
    "volatile", "while",    "asm",      "typeof",  "bool",    "true",     "false",   "NULL",
    "main",     "errno",    "linux",    "unix",    "part",     "complex",  "imin",    "imax",
    "alignas",  "alignof",  "nullptr",  "constexpr", "thread_local", "static_assert", "and", "or",
    "not",      "xor",      "class",    "new",     "delete",  "this",     "template", "public",
    "private",  "namespace", "operator", "try",    "catch",   "throw",    "export",  "using",
    "virtual",  "friend",   "explicit", "abs",     "exp",     "log",      "sqrt",    "sin",
    "cos",      "tan",      "tanh",     "pow",     "floor",   "ceil",     "round",   "trunc",
    "fma",      "erf",      "erfc",     "lgamma",  "y0",      "y1",       "yn",      "j0",
    "j1",       "jn",       "gamma",    "index",   "stdin",   "stdout",   "stderr",  "signal",
    "select",   "time",     "clock",    "rand",    "exit",    "abort",    "free",    "malloc",
    "memcpy",   "memset",   "expm1",    "log1p",   "asin",    "acos",     "atan",    "sinh",
    "cosh",     "remainder"};

const char *name_clean(const char *s) {
  char buf[96];
  size_t n = 0;
  if (isdigit((unsigned char)s[0])) buf[n++] = '_';
  for (; *s && n < sizeof buf - 2; s++) {
    char c = isalnum((unsigned char)*s) ? *s : '_';
    if (c == '_' && n > 0 && buf[n - 1] == '_' && s[1]) continue;
    buf[n++] = c;
  }
  while (n > 1 && buf[n - 1] == '_') n--;
  if (n == 0) buf[n++] = 'x';
  buf[n] = 0;
  if (buf[0] == '_') return str_format("x%s", buf);
  for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
    if (buf[0] == reserved[i][0] && strcmp(buf, reserved[i]) == 0) return str_format("%s_", buf);
  if (strncmp(buf, "rt_", 3) == 0 || strncmp(buf, "RT_", 3) == 0) return str_format("m_%s", buf);
  return str_intern(buf);
}

/* Variables and functions of the code around kernels. */
static const char *const ours[] = {
    "arg",        "argc",  "argv",    "base",   "c",       "config",    "config_of",   "create",
    "call",       "data",  "destroy", "entry",  "entries", "elements",  "in_parts",    "error",
    "file",       "head",  "k",       "m",      "memory",  "memory_of", "memory_size", "model",
    "name",       "omp",   "out",     "p",      "page",    "resize",    "rt",          "size",
    "size_names", "skip",  "state",   "states", "step",    "swap",      "value",       "w",
    "work",       "count", "text"};

static bool is_ours(const char *name) {
  for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
    if (strcmp(name, ours[i]) == 0) return true;
  return false;
}

/* The variable that holds a run-time size. */
const char *name_size(const Sym *size) {
  const char *name = name_clean(size->name);
  return is_ours(name) ? str_format("%s_size", name) : name;
}

/* The model's name, a type's, which begins every symbol: it hides nothing of the code's own, nor of
** the C library. */
const char *name_model(const char *want) {
  static const char *const library[] = {"div",    "fopen",  "printf", "puts", "random",
                                        "remove", "rename", "system", "write", "read"};
  const char *name = name_clean(want);
  bool taken = !name[1] || is_ours(name);
  for (size_t i = 0; i < sizeof library / sizeof *library; i++)
    taken = taken || strcmp(name, library[i]) == 0;
  return taken ? str_format("%s_", name) : name;
}

const char *name_of_node(const Node *n) {
  if (n->name) return name_clean(n->name);
  switch ((NodeKind)n->kind) {
  case N_COMP: return name_clean(name_word(n));
  case N_LIT: return "table";
  case N_PARAM: return "arg";
  case N_CALL: return name_clean(n->fn->name);
  case N_LOOP: return "loop";
  case N_PROJ:
    if (n->arg[0]->fn->result && n->arg[0]->fn->nresult > n->k &&
        n->arg[0]->fn->result[n->k]->name)
      return name_clean(n->arg[0]->fn->result[n->k]->name);
    return name_clean(n->arg[0]->fn->name);
  }
  return "x";
}

static const char *tensor_word(const Node *n, const Kernel *k) {
  const Formal *f = formal_of(k, n);
  if (f) return f->name ? f->name : name_of_node(f->node);
  for (int i = 0; i < k->nlocal; i++)
    if (k->local[i].node == n) return k->local[i].name ? k->local[i].name : "value";
  return name_of_node(n);
}

/* The letters of plain axis indices: x[i][j] -> "_ij"; other indices leave none. */
static void axis_letters(const Scalar *s, const Kernel *k, char *buf, size_t size) {
  size_t n = 0;
  for (int d = 0; d < s->narg && n + 4 < size; d++) {
    const Scalar *i = s->arg[d];
    if (i->kind != S_AXIS || i->axis >= k->naxis || !k->axis[i->axis].name) { n = 0; break; }
    n += (size_t)snprintf(buf + n, size - n, "%s%s", n ? "" : "_", k->axis[i->axis].name);
  }
  buf[n] = 0;
}

static const char *word(const Scalar *s, const Kernel *k, int depth);

/* Two operands around a middle word, or `otherwise` where that gets long. */
static const char *joined(const Scalar *s, const Kernel *k, int depth, const char *middle,
                          const char *otherwise) {
  if (depth > 1) return otherwise;
  const char *a = word(s->arg[0], k, depth + 1), *b = word(s->arg[1], k, depth + 1);
  if (!*a || !*b || strlen(a) + strlen(b) > 18) return otherwise;
  return str_format("%s%s%s", a, middle, b);
}

static const char *word(const Scalar *s, const Kernel *k, int depth) {
  char letters[32];
  switch ((ScalarKind)s->kind) {
  case S_READ:
    if (depth > 0) return tensor_word(s->tensor, k);
    axis_letters(s, k, letters, sizeof letters);
    return str_format("%s%s", tensor_word(s->tensor, k), *letters ? letters : s->narg ? "_at" : "");
  case S_AXIS: return s->axis < k->naxis && k->axis[s->axis].name ? k->axis[s->axis].name : "";
  case S_SIZE: return name_size(s->sym);
  case S_OP: break;
  default: return "";
  }
  switch ((OpCode)s->op) {
  case OP_ADD: return joined(s, k, depth, "_plus_", "total");
  case OP_SUB: return joined(s, k, depth, "_minus_", "diff");
  case OP_MUL: return s->arg[0] == s->arg[1]
                          ? str_format("%s_sq", word(s->arg[0], k, depth + 1))
                          : joined(s, k, depth, "_", "product");
  case OP_DIV: return joined(s, k, depth, "_over_", "ratio");
  case OP_NEG: return str_format("neg_%s", word(s->arg[0], k, depth + 1));
  case OP_WHERE: return "choice";
  case OP_CAST: return word(s->arg[0], k, depth + 1);
  case OP_LT: case OP_LE: case OP_GT: case OP_GE: case OP_EQ: case OP_NE: case OP_AND: case OP_OR:
    return "test";
  default: break;
  }
  const char *of = depth > 1 ? "" : word(s->arg[0], k, depth + 1);
  if (!*of || strlen(of) > 20) return op_info[s->op].name;
  return str_format("%s_%s", op_info[s->op].name, of);
}

typedef struct Letters { const Kernel *k; char text[16]; } Letters;

static void add_letter(void *ctx, Scalar *s) {
  Letters *l = ctx;
  if (s->kind != S_AXIS || s->axis >= l->k->naxis || !l->k->axis[s->axis].name) return;
  const char *name = l->k->axis[s->axis].name;
  if (strlen(l->text) + strlen(name) < sizeof l->text && !strstr(l->text, name))
    strcat(l->text, name);
}

const char *name_of_scalar(const Scalar *s, const Kernel *k) {
  if (s->dtype == DT_I64 && is_position(k, s)) { /* at_ij: a position made of i and j */
    Letters l = {.k = k};
    s_walk((Scalar *)(uintptr_t)s, add_letter, &l);
    return l.text[0] ? str_format("at_%s", l.text) : "bound";
  }
  const char *w = word(s, k, 0);
  return name_clean(*w ? w : "value");
}

/* Locals are scoped as in C, so siblings may use the same name. An axis may belong to several
** loops: its letter differs from those of all axes it is ever nested with. */
typedef struct Scope {
  Kernel *k;
  Names taken;
  char axes[24];               /* letters of the enclosing loops, outermost first */
  int depth, stack[64];        /* axes of the enclosing loops */
  unsigned char *meets;        /* naxis x naxis: nested in each other somewhere */
} Scope;

static void enter_axis(Scope *sc, int axis) {
  for (int d = 0; d < sc->depth; d++) {
    int other = sc->stack[d];
    sc->meets[axis * sc->k->naxis + other] = sc->meets[other * sc->k->naxis + axis] = 1;
  }
  if (sc->depth < 64) sc->stack[sc->depth++] = axis;
}

static const char *const letters[] = {"i", "j", "k", "l", "m", "n", "p", "q", "r", "s", "u", "v"};

/* Gives an axis a letter: its hint, or the first that no axis it meets has. */
static void name_axis(Scope *sc, int axis) {
  Kernel *k = sc->k;
  if (k->axis[axis].letter) return;
  const char *hint = k->axis[axis].name;
  for (int round = 0;; round++) {
    const char *name = hint && round == 0 ? hint
                       : hint             ? str_format("%s_%d", hint, round + 1)
                       : round < 12       ? letters[round]
                                          : str_format("i_%d", round - 10);
    bool free = !names_has(&sc->taken, str_intern(name));
    for (int a = 0; a < k->naxis && free; a++)
      free = !(sc->meets[axis * k->naxis + a] && k->axis[a].letter == str_intern(name));
    if (!free) continue;
    k->axis[axis].name = k->axis[axis].letter = str_intern(name);
    return;
  }
}

static void name_axes(Scope *sc, const Stmt *s, bool assign) {
  int depth = sc->depth;
  if (s->kind == ST_FOR && assign) name_axis(sc, s->axis);
  if (s->kind == ST_FOR && !assign) enter_axis(sc, s->axis);
  if (s->kind == ST_CONTRACT) {
    const Contract *c = s->contract;
    for (int q = 0; q < c->nred; q++) {
      if (assign) name_axis(sc, c->red[q]);
      else enter_axis(sc, c->red[q]);
    }
    if (c->slide >= 0 && assign) name_axis(sc, c->slide_axis);
    else if (c->slide >= 0) enter_axis(sc, c->slide_axis);
    if (c->split > 1 && assign) name_axis(sc, c->part_axis);
    else if (c->split > 1) enter_axis(sc, c->part_axis);
    sc->k->axis[c->row_axis].name = "row";
    if (assign) name_axis(sc, c->row_axis);
    else enter_axis(sc, c->row_axis);
    sc->depth = depth;
  }
  for (int i = 0; i < s->n; i++) name_axes(sc, s->body[i], assign);
  sc->depth = depth;
}

/* A local named as a tensor that is there already is its element: y_ij. */
static const char *local_name(Scope *sc, const char *hint) {
  if (names_has(&sc->taken, str_intern(hint)) && sc->axes[0] && strlen(sc->axes) < 6)
    return name_claim(&sc->taken, str_format("%s_%s", hint, sc->axes));
  return name_claim(&sc->taken, hint);
}

/* A local is named by its hint, or by the expression it holds. */
static void name_local(Scope *sc, const Stmt *s) {
  Kernel *k = sc->k;
  for (int i = 0; i < k->nlocal; i++) {
    if (k->local[i].node != s->to) continue;
    const char *hint = k->local[i].name;
    k->local[i].name = local_name(sc, hint ? hint : name_of_scalar(s->value, k));
  }
}

/* A name for registers that hold elements of n: `name`_r or `name`_0, _1, ... are free. */
static const char *register_name(Scope *sc, const Node *n) {
  const char *name = tensor_word(n, sc->k);
  for (int u = -1; u < 8; u++) {
    const char *full = u < 0 ? str_format("%s_r", name) : str_format("%s_%d", name, u);
    if (!names_has(&sc->taken, full)) continue;
    name = str_format("%s_v", name);
    u = -2;
  }
  return name;
}

static void name_stmt(Scope *sc, const Stmt *s) {
  unsigned mark = sc->taken.n;
  size_t depth = strlen(sc->axes);
  if (s->kind == ST_FOR) {
    const char *letter = sc->k->axis[s->axis].letter;
    if (depth + strlen(letter) < sizeof sc->axes) strcat(sc->axes, letter);
  }
  if (s->kind == ST_LET || s->kind == ST_VAR || s->kind == ST_FOLD) name_local(sc, s);
  if (s->kind == ST_CONTRACT) {
    s->contract->one_name = register_name(sc, s->contract->one->tensor);
    s->contract->vec_name = register_name(sc, s->contract->vec->tensor);
  }
  for (int i = 0; i < s->n; i++) name_stmt(sc, s->body[i]);
  if (s->kind == ST_FOR || s->kind == ST_IF) {
    names_forget(&sc->taken, mark);
    sc->axes[depth] = 0;
  }
}

void kernel_names(Kernel *k) {
  Scope sc = {.k = k};
  sc.meets = NEWN(mod->arena, unsigned char, k->naxis * k->naxis + 1);
  for (int p = 0; p < k->nphase; p++)
    for (int i = 0; i < k->phase[p].nsym; i++)
      if (!names_has(&sc.taken, name_size(k->phase[p].sym[i])))
        name_claim(&sc.taken, name_size(k->phase[p].sym[i]));
  for (int i = 0; i < 12; i++) name_claim(&sc.taken, str_format("part_%s", letters[i]));
  for (int i = 0; i < k->nformal; i++)
    k->formal[i].name = name_claim(&sc.taken, name_of_node(k->formal[i].node));
  name_axes(&sc, k->body, false);
  name_axes(&sc, k->body, true);
  for (int a = 0; a < k->naxis; a++)
    if (k->axis[a].letter && !names_has(&sc.taken, k->axis[a].letter))
      name_claim(&sc.taken, k->axis[a].letter);
  name_stmt(&sc, k->body);
  names_free(&sc.taken);
}
