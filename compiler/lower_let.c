/*
** lower_let.c: invariant and shared subexpressions become named constants
**
**   for k: acc += w[k] * exp(-(z[i] - m) * (z[i] - m))      z_minus_m = z[i] - m
**                                                           for k: acc += w[k] * exp(...)
** A constant is declared in the outermost scope that knows all it depends on. Values that change
** (variables, arrays, results) are left alone, and so is what is only read under a condition.
*/
#include "diff.h"
#include "lower.h"
#include "../codegen/cgen.h"
#include <string.h>

enum { LONG_FUNCTION = 8 /* flops */ };

/* Where the pass stands: what is in scope, and what the kernel writes. */
typedef struct Scope {
  Low *l;
  bool axis[MAX_KERNEL_AXES]; /* axes of the enclosing loops */
  int nfixed, cap;            /* locals that are declared and do not change */
  const Node **fixed;
  Scalar **value;             /* and what they are declared as, or NULL */
  int ndeclared;              /* variables and arrays that are declared, by position */
  const Node *declared[128];
  const Stmt *block;          /* the present scope; it may store to some of them */
  const Stmt *looked_up;      /* the last scope where something looked up under a choice has a name */
} Scope;

/* One expression seen below the present scope. */
typedef struct Seen {
  Scalar *s;
  int uses;
  bool always; /* evaluated whenever its statement is */
  bool plain;  /* used outside of all choices, maybe in a statement that is not always run */
  bool inner;  /* used in a loop of the present scope */
  bool local;  /* used in the present scope itself */
  bool chosen; /* used under a choice */
} Seen;

typedef struct Sight {
  const Scope *scope;
  int n, cap;
  Seen *seen;
  int lazy;          /* how many choices the present place is under */
  IdMap at;          /* a Scalar's id -> its position in `seen` */
  IdMap known, safe; /* what is_known and reads_safely answered, by id */
} Sight;

static bool stores_to(const Stmt *s, const Node *n) {
  if (s->to == n && (s->kind == ST_STORE || s->kind == ST_VAR)) return true;
  if (s->kind == ST_CONTRACT && s->contract->tile == n) return true;
  for (int i = 0; i < s->n; i++)
    if (stores_to(s->body[i], n)) return true;
  return false;
}

/* Whether what s reads is known and stays as it is throughout the present scope. */
static bool is_fixed_read(const Scope *sc, const Scalar *s) {
  const Formal *f = formal_of(sc->l->k, s->tensor);
  if (f) return !f->written || !stores_to(sc->block, s->tensor);
  for (int i = 0; i < sc->nfixed; i++)
    if (sc->fixed[i] == s->tensor) return true;
  for (int i = 0; i < sc->ndeclared; i++)
    if (sc->declared[i] == s->tensor) return !stores_to(sc->block, s->tensor);
  return false;
}

/* Whether everything s depends on is known in the present scope and stays as it is. */
static bool is_known(Sight *v, const Scalar *s) {
  if (s->kind == S_CONST || s->kind == S_SIZE) return true;
  int answer = idmap_get(&v->known, s->id);
  if (answer >= 0) return answer;
  bool known = s->kind == S_AXIS   ? v->scope->axis[s->axis]
               : s->kind == S_READ ? is_fixed_read(v->scope, s)
                                   : true;
  for (int k = 0; k < s->narg && known; k++) known = is_known(v, s->arg[k]);
  idmap_set(&v->known, s->id, known);
  return known;
}

/* An index that has a name already as what it is declared as. */
static Scalar *declared_as(void *ctx, Scalar *s) {
  Scope *sc = ctx;
  if (s->kind != S_READ || s->narg || s->dtype != DT_I64) return NULL;
  for (int i = 0; i < sc->nfixed; i++)
    if (sc->fixed[i] == s->tensor && sc->value[i]) return s_rewrite(sc->value[i], declared_as, ctx);
  return NULL;
}

/* Whether the index is in [0, extent): by the axes, or as min(max(what is read, 0), extent - 1). */
static bool stays_inside(Scalar *index, Scalar *extent, int ndom, Scalar **dom) {
  int64_t n, least, most;
  if (index_inside(index, extent, ndom, dom)) return true;
  if (!s_const_value(extent, &n) || n < 1 || index->op != OP_MIN || index->kind != S_OP)
    return false;
  for (int k = 0; k < 2; k++) {
    Scalar *x = index->arg[1 - k];
    if (!s_const_value(index->arg[k], &most) || most >= n || x->kind != S_OP || x->op != OP_MAX)
      continue;
    for (int j = 0; j < 2; j++)
      if (s_const_value(x->arg[j], &least) && least >= 0 && most >= 0) return true;
  }
  return false;
}

/* Whether every read in s stays inside its tensor wherever the axes are. */
static bool reads_safely(Sight *v, const Scalar *s) {
  Scalar *dom[MAX_KERNEL_AXES];
  const Kernel *k = v->scope->l->k;
  int answer = s->narg ? idmap_get(&v->safe, s->id) : true;
  if (answer >= 0) return answer;
  bool safe = true;
  if (s->kind == S_READ) {
    for (int p = 0; p < k->naxis; p++) dom[p] = k->axis[p].extent;
    for (int d = 0; d < s->narg && safe; d++)
      safe = stays_inside(s_rewrite(s->arg[d], declared_as, (void *)v->scope), s->tensor->dim[d],
                          k->naxis, dom);
  }
  for (int i = 0; i < s->narg && safe; i++) safe = reads_safely(v, s->arg[i]);
  idmap_set(&v->safe, s->id, safe);
  return safe;
}

/* A read of a float at an index that is read. */
static bool is_lookup(const Scalar *s) {
  bool found = false;
  for (int d = 0; s->kind == S_READ && d < s->narg; d++) found = found || s_has_read(s->arg[d]);
  return found && dtype_is_float((Dtype)s->dtype);
}

/* How much a name for s saves: flops, the integer operations that are not free, and looking up. */
static int worth(const Scalar *s) {
  if (is_lookup(s)) return 1;
  if (dtype_is_float((Dtype)s->dtype)) return s->kind == S_OP ? s_cost(s) : 0;
  if (s->kind != S_OP) return 0;
  switch ((OpCode)s->op) {
  case OP_MIN: case OP_MAX: case OP_MOD: case OP_FLOORDIV: case OP_WHERE: case OP_PHILOX: return 2;
  default: return s->dtype == DT_BOOL && s_has_read(s) ? 1 : 0;
  }
}

static Seen *sighted(Sight *v, Scalar *s) {
  int at = idmap_get(&v->at, s->id);
  if (at >= 0) return &v->seen[at];
  if (v->n == v->cap) {
    v->cap = v->cap ? 2 * v->cap : 16;
    Seen *more = NEWN(v->scope->l->a, Seen, v->cap);
    if (v->n) memcpy(more, v->seen, sizeof *more * (size_t)v->n);
    v->seen = more;
  }
  idmap_set(&v->at, s->id, v->n);
  v->seen[v->n] = (Seen){.s = s};
  return &v->seen[v->n++];
}

/* Notes a use of s. An expression already noted from as certain and as shallow a place only counts
** once more; its arguments do not. */
static void look(Sight *v, Scalar *s, bool always, bool inner) {
  if (s->kind == S_CONST || s->kind == S_AXIS || s->kind == S_SIZE) return;
  Seen *e = sighted(v, s);
  bool fresh = e->uses++ == 0;
  bool news = fresh || (!v->lazy && !e->plain) || (always && !e->always) || (inner && !e->inner) ||
              (!inner && !e->local);
  e->always |= always;
  e->plain |= !v->lazy;
  e->chosen |= v->lazy > 0;
  e->inner |= inner;
  e->local |= !inner;
  if (!news) return;
  bool lazy = s->kind == S_OP && (s->op == OP_WHERE || s->op == OP_AND || s->op == OP_OR);
  for (int k = 0; k < s->narg; k++) {
    if (!fresh && idmap_get(&v->at, s->arg[k]->id) >= 0)
      sighted(v, s->arg[k])->uses--; /* the same edge again, seen from elsewhere */
    v->lazy += lazy && k > 0;
    look(v, s->arg[k], always && (!lazy || k == 0), inner);
    v->lazy -= lazy && k > 0;
  }
}

static void look_stmt(Sight *v, const Stmt *s, bool always, bool inner) {
  if (s->value && !(s->kind == ST_VAR && s->to->rank)) look(v, s->value, always, inner);
  if (s->kind == ST_STORE)
    for (int d = 0; d < s->to->rank; d++) look(v, s->index[d], always, inner);
  if (s->kind == ST_FOR) {
    look(v, s->lo, always, inner);
    look(v, s->hi, always, inner);
  }
  bool nest = s->kind == ST_FOR;
  for (int i = 0; i < s->n; i++)
    look_stmt(v, s->body[i], always && s->kind != ST_IF, inner || nest);
}

static void replace_stmt(Stmt *s, Scalar *what, Scalar *by) {
  if (s->value) s->value = s_replace(s->value, what, by);
  if (s->kind == ST_STORE)
    for (int d = 0; d < s->to->rank; d++) s->index[d] = s_replace(s->index[d], what, by);
  if (s->kind == ST_FOR) {
    s->lo = s_replace(s->lo, what, by);
    s->hi = s_replace(s->hi, what, by);
  }
  for (int i = 0; i < s->n; i++) replace_stmt(s->body[i], what, by);
}

/* Whether a parent of e, seen below, could itself be declared here. */
static bool parent_known(Sight *v, const Seen *e) {
  int edges = 0;
  for (int i = 0; i < v->n; i++) {
    const Scalar *p = v->seen[i].s;
    for (int k = 0; k < p->narg; k++)
      if (p->arg[k] == e->s) {
        edges++;
        if (p->kind == S_READ || !is_known(v, p) || worth(p) == 0) return false;
      }
  }
  return edges > 0 && edges >= e->uses;
}

/* Whether another read is beside e in the same row, by a fixed distance: compilers keep one for the
** step that reads the other then and, where only a choice reads it, make no vectors. */
static bool has_neighbour(const Sight *v, const Scalar *read) {
  int64_t by;
  int last = read->narg - 1;
  if (!s_has_axis(read->arg[last]) || s_has_read(read->arg[last])) return false;
  for (int i = 0; i < v->n; i++) {
    const Scalar *s = v->seen[i].s;
    if (s->kind != S_READ || s == read || s->tensor != read->tensor) continue;
    bool same = s_const_value(s_sub(s->arg[last], read->arg[last]), &by);
    for (int d = 0; d < last; d++) same = same && s->arg[d] == read->arg[d];
    if (same) return true;
  }
  return false;
}

/* Whether e is looked up under a choice only, or read so in a loop with many choices, where it
** may be read always: vectors do that faster. What else is read beside a lookup under
** choices may then, too, or compilers move the former back there. */
static bool is_masked(const Sight *v, const Seen *e) {
  if (e->s->kind != S_READ || e->s->narg == 0 || e->plain || !e->local) return false;
  if (v->scope->block->shuffled) return true;
  if (!dtype_is_float((Dtype)e->s->dtype)) return false;
  return is_lookup(e->s) || v->scope->looked_up == v->scope->block || has_neighbour(v, e->s);
}

/* Whether e is read always, and again under choices, several times: compilers may leave those
** there, and then make no vectors. */
static bool is_reread(const Seen *e) {
  bool read = e->s->kind == S_READ && e->s->narg > 0 && dtype_is_float((Dtype)e->s->dtype);
  return read && e->always && e->chosen && e->local && e->uses >= 3;
}

/* Whether e, which is read, is an argument of several long functions, as of tanh and sech2, which
** begin alike. Compilers compute that once, if e is not read again behind a store. */
static bool has_functions(const Sight *v, const Seen *e) {
  int functions = 0;
  if (e->s->kind != S_READ || e->s->narg == 0 || !e->always || !e->local) return false;
  for (int i = 0; i < v->n; i++) {
    const Scalar *p = v->seen[i].s;
    functions += p->kind == S_OP && p->narg == 1 && p->arg[0] == e->s &&
                 s_cost(p) - s_cost(e->s) >= LONG_FUNCTION;
  }
  return functions > 1;
}

/* Whether e is read from memory in the loops inside, the same for all trips, and under choices only:
** compilers leave it there, and a vector gathers it for all its lanes. */
static bool is_chosen_inside(const Sight *v, const Seen *e) {
  bool inside = e->inner && !e->local && e->chosen && !e->plain;
  return inside && e->s->kind == S_READ && dtype_is_float((Dtype)e->s->dtype) &&
         formal_of(v->scope->l->k, e->s->tensor);
}

static bool wants_name(Sight *v, const Seen *e) {
  if (is_chosen_inside(v, e) && is_known(v, e->s) && reads_safely(v, e->s)) return true;
  bool masked = is_masked(v, e), shared = e->uses > 1 || masked, hoists = e->inner && !e->local;
  if ((!shared && !hoists) || !is_known(v, e->s)) return false;
  int gain = masked || is_reread(e) || has_functions(v, e) ? 1 : worth(e->s);
  if (gain == 0 || (!shared && (gain < 2 || parent_known(v, e)))) return false;
  if (!s_has_read(e->s)) return true;
  return (e->always && e->local) || reads_safely(v, e->s);
}

static Sight sight(const Scope *sc) {
  Arena *a = sc->l->a;
  return (Sight){.scope = sc, .at = {.a = a}, .known = {.a = a}, .safe = {.a = a}};
}

/* The first expression in the statements from `at` on that deserves a name here, or NULL. */
static Scalar *next_name(const Scope *sc, const Stmt *block, int at) {
  Sight v = sight(sc);
  Scalar *best = NULL;
  for (int i = at; i < block->n; i++) look_stmt(&v, block->body[i], i == at, false);
  for (int i = 0; i < v.n; i++)
    if ((!best || v.seen[i].s->id < best->id) && wants_name(&v, &v.seen[i])) best = v.seen[i].s;
  return best;
}

static bool uses_scalar(const Scalar *s, const Scalar *what) {
  return s->id >= what->id && s_contains(s, what);
}

static bool stmt_uses(const Stmt *s, const Scalar *what) {
  if (s->value && uses_scalar(s->value, what)) return true;
  if (s->kind == ST_STORE)
    for (int d = 0; d < s->to->rank; d++)
      if (uses_scalar(s->index[d], what)) return true;
  if (s->kind == ST_FOR && (uses_scalar(s->lo, what) || uses_scalar(s->hi, what))) return true;
  for (int i = 0; i < s->n; i++)
    if (stmt_uses(s->body[i], what)) return true;
  return false;
}

static void fix(Scope *sc, const Node *n, Scalar *value) {
  if (sc->nfixed == sc->cap) {
    sc->cap = sc->cap ? 2 * sc->cap : 32;
    const Node **more = NEWN(sc->l->a, const Node *, sc->cap);
    Scalar **values = NEWN(sc->l->a, Scalar *, sc->cap);
    if (sc->nfixed) memcpy(more, sc->fixed, sizeof *more * (size_t)sc->nfixed);
    if (sc->nfixed) memcpy(values, sc->value, sizeof *values * (size_t)sc->nfixed);
    sc->fixed = more;
    sc->value = values;
  }
  sc->value[sc->nfixed] = value;
  sc->fixed[sc->nfixed++] = n;
}

/* The first expression that one statement by itself computes twice, or NULL. Named just before it,
** the value is the same whatever the statement reads. */
static Scalar *repeated(const Scope *sc, const Stmt *s) {
  Sight v = sight(sc);
  Scalar *best = NULL;
  if (s->n || !s->value || (s->kind == ST_VAR && s->to->rank)) return NULL;
  look(&v, s->value, true, false);
  for (int i = 0; i < v.n; i++) {
    const Seen *e = &v.seen[i];
    if (e->uses < 2 || worth(e->s) == 0 || (best && e->s->id > best->id)) continue;
    if (e->always || !s_has_read(e->s)) best = e->s;
  }
  return best;
}

/* Whether a read in block->body[at], a long text, got a name just before it. */
static bool name_guarded(Scope *sc, Stmt *block, int at) {
  Stmt *s = block->body[at];
  Scalar *always, *read = NULL;
  if (!s->n && s->value && !(s->kind == ST_VAR && s->to->rank))
    read = guarded_read(sc->l->k, s->value, &always);
  if (!read) return false;
  Node *to = low_local(sc->l, (Dtype)read->dtype, 0, NULL, NULL);
  s->value = s_replace(s_replace(s->value, always, local_read(to)), read, local_read(to));
  stmt_insert(block, at, stmt_let(to, always, s->loc));
  return true;
}

/* Names what deserves it in the scope of a block, then in the scopes inside. */
static void name_block(Scope *sc, Stmt *block) {
  int mark = sc->nfixed, declared = sc->ndeclared;
  const Stmt *outer = sc->block;
  sc->block = block;
  for (int i = 0; i < block->n; i++) {
    for (Scalar *e; (e = next_name(sc, block, i));) {
      int at = i;
      while (!stmt_uses(block->body[at], e)) at++;
      Stmt *user = block->body[at];
      if (user->kind == ST_LET && user->value == e) { /* it has a name from there on */
        for (int j = at + 1; j < block->n; j++)
          replace_stmt(block->body[j], e, local_read(user->to));
        continue;
      }
      Node *to = low_local(sc->l, (Dtype)e->dtype, 0, NULL, NULL);
      sc->l->k->local[sc->l->k->nlocal - 1].is_int = e->dtype == DT_I64 && is_position(sc->l->k, e);
      for (int j = at; j < block->n; j++) replace_stmt(block->body[j], e, local_read(to));
      stmt_insert(block, at, stmt_let(to, e, user->loc));
      if (at > i) continue; /* fixed when we come to it */
      fix(sc, to, e);
      if (is_lookup(e)) sc->looked_up = block;
      i++;
    }
    Stmt *s = block->body[i];
    for (Scalar *e; (e = repeated(sc, s));) {
      Node *to = low_local(sc->l, (Dtype)e->dtype, 0, NULL, NULL);
      s->value = s_replace(s->value, e, local_read(to));
      stmt_insert(block, i++, stmt_let(to, e, s->loc));
      fix(sc, to, e);
    }
    if (name_guarded(sc, block, i)) {
      i--; /* the name first, then the statement again */
      continue;
    }
    if (s->kind == ST_LET || s->kind == ST_FOLD)
      fix(sc, s->to, s->kind == ST_LET ? s->value : NULL);
    if (s->kind == ST_VAR && sc->ndeclared < 128) sc->declared[sc->ndeclared++] = s->to;
    if (s->kind == ST_FOR) {
      sc->axis[s->axis] = true;
      name_block(sc, s);
      sc->axis[s->axis] = false;
    } else if (s->n) {
      name_block(sc, s);
    }
  }
  sc->nfixed = mark;
  sc->ndeclared = declared;
  sc->block = outer;
}

void lower_lets(Low *l) {
  Scope sc = {.l = l};
  l->a = arena_new();
  name_block(&sc, l->k->body);
  arena_free(l->a);
  l->a = mod->arena;
}
