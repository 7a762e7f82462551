/*
** ir.c: the module, its hash tables, and constructors of Scalars
**
** A Scalar is looked up before it is made, so equal expressions are one pointer. Simplification
** happens here, at birth: constants fold, integers go through affine.c, rules.def is tried.
*/
#include <assert.h>
#include <math.h>
#include <string.h>
#include "ir.h"

Module *mod;

Module *module_new(void) {
  Arena *a = arena_new();
  Module *m = NEW(a, Module);
  m->arena = a;
  m->default_float = DT_F32;
  m->scap = m->ncap = 1 << 12;
  m->stab = NEWN(a, Scalar *, m->scap);
  m->ntab = NEWN(a, Node *, m->ncap);
  m->answer = answers_new(a);
  return m;
}

void module_free(Module *m) {
  if (m) arena_free(m->arena);
  if (mod == m) mod = NULL;
}

static const struct {
  const char *name, *c;
  size_t size;
} dtypes[DT_COUNT] = {/* ORDER Dtype */
                      {"bool", "uint8_t", 1},
                      {"i32", "int32_t", 4},
                      {"i64", "int64_t", 8},
                      {"f32", "float", 4},
                      {"f64", "double", 8}};

const char *dtype_name(Dtype t) { return dtypes[t].name; }
const char *dtype_c(Dtype t) { return dtypes[t].c; }
size_t dtype_size(Dtype t) { return dtypes[t].size; }

bool dtype_parse(const char *s, Dtype *t) {
  for (int k = 0; k < DT_COUNT; k++)
    if (!strcmp(s, dtypes[k].name)) return *t = (Dtype)k, true;
  return false;
}

Dtype dtype_promote(Dtype a, Dtype b) { return a > b ? a : b; }

const char *combine_name(Combine c) {
  static const char *const name[] = {"set", "sum", "prod", "max", "min"}; /* ORDER Combine */
  return name[c];
}

const char *rule_name(Rule r) {
  static const char *const name[] = {"none",   "zero_outside", "clamp_to_edge",
                                     "mirror", "reflect",      "wrap"}; /* ORDER Rule */
  return name[r];
}

OpCode combine_op(Combine c) {
  switch (c) {
  case C_PROD: return OP_MUL;
  case C_MAX: return OP_MAX;
  case C_MIN: return OP_MIN;
  default: return OP_ADD;
  }
}

/* Hash-consing */

static uint32_t mix(uint32_t h, uint64_t v) {
  uint64_t x = (h ^ v) * 0x9E3779B97F4A7C15u;
  return (uint32_t)(x >> 32) ^ (uint32_t)x;
}

/* Whether b op a is the same Scalar: the first author's order is kept. */
static bool either_way(const Scalar *s) {
  return s->kind == S_OP &&
         (s->op == OP_ADD || s->op == OP_MUL || s->op == OP_MAX || s->op == OP_MIN);
}

static uint32_t scalar_hash(const Scalar *s) {
  uint64_t bits;
  memcpy(&bits, &s->f, sizeof bits);
  uint32_t h = mix(s->kind, s->dtype * 512u + s->op);
  h = mix(h, (uint64_t)s->i ^ bits);
  h = mix(h, (uint64_t)(uint32_t)s->axis << 8 | s->narg);
  if (s->sym) h = mix(h, (uint64_t)s->sym->index + 1);
  if (s->tensor) h = mix(h, (uint64_t)s->tensor->id + 1);
  if (either_way(s)) {
    int x = s->arg[0]->id, y = s->arg[1]->id;
    return mix(mix(h, (uint64_t)(x < y ? x : y)), (uint64_t)(x < y ? y : x));
  }
  for (int k = 0; k < s->narg; k++) {
    h = mix(h, (uint64_t)s->arg[k]->id);
    if (s->kind == S_READ) h = mix(h, s->rule[k]);
  }
  return h;
}

static bool scalar_equal(const Scalar *a, const Scalar *b) {
  if (a->kind != b->kind || a->dtype != b->dtype || a->narg != b->narg || a->op != b->op ||
      a->axis != b->axis || a->sym != b->sym || a->i != b->i || a->tensor != b->tensor ||
      memcmp(&a->f, &b->f, sizeof a->f))
    return false;
  if (either_way(a) && a->arg[0] == b->arg[1] && a->arg[1] == b->arg[0]) return true;
  for (int k = 0; k < a->narg; k++)
    if (a->arg[k] != b->arg[k] || (a->kind == S_READ && a->rule[k] != b->rule[k])) return false;
  return true;
}

static void scalar_table_grow(void) {
  uint32_t cap = mod->scap * 2;
  Scalar **fresh = NEWN(mod->arena, Scalar *, cap);
  for (uint32_t b = 0; b < mod->scap; b++)
    for (Scalar *s = mod->stab[b], *next; s; s = next) {
      next = s->chain;
      s->chain = fresh[s->hash & (cap - 1)];
      fresh[s->hash & (cap - 1)] = s;
    }
  mod->stab = fresh;
  mod->scap = cap;
}

static Scalar *scalar_find(Scalar *key) {
  key->hash = scalar_hash(key);
  for (Scalar *s = mod->stab[key->hash & (mod->scap - 1)]; s; s = s->chain)
    if (s->hash == key->hash && scalar_equal(s, key)) return s;
  return NULL;
}

/* The one Scalar that equals *key; args and rule are copied when it is new. */
static Scalar *scalar_intern(Scalar *key) {
  Scalar *s = scalar_find(key);
  if (s) return s;
  if ((uint32_t)mod->nscalar > mod->scap / 4) scalar_table_grow(); /* each in a chain is far */
  s = arena_copy(mod->arena, key, sizeof *key);
  s->id = mod->nscalar++;
  s->height = 0;
  s->axes = s->kind == S_AXIS ? s_axis_bit(s->axis) : 0;
  s->reads = s->kind == S_READ;
  for (int k = 0; k < s->narg; k++) {
    if (s->arg[k]->height > s->height) s->height = s->arg[k]->height;
    s->axes |= s->arg[k]->axes;
    s->reads |= s->arg[k]->reads;
  }
  s->height++;
  s->arg = arena_copy(mod->arena, key->arg, sizeof(Scalar *) * key->narg);
  if (key->kind == S_READ) s->rule = arena_copy(mod->arena, key->rule, key->narg);
  s->chain = mod->stab[s->hash & (mod->scap - 1)];
  mod->stab[s->hash & (mod->scap - 1)] = s;
  return s;
}

/* Leaves */

Scalar *s_iconst(Dtype t, int64_t v) {
  if (dtype_is_float(t)) return s_const(t, (double)v);
  Scalar key = {.kind = S_CONST, .dtype = t, .i = v};
  return scalar_intern(&key);
}

Scalar *s_int(int64_t v) { return s_iconst(DT_I64, v); }

Scalar *s_const(Dtype t, double v) {
  if (t == DT_BOOL) return s_iconst(t, v != 0);
  if (!dtype_is_float(t)) return s_iconst(t, (int64_t)v);
  Scalar key = {.kind = S_CONST, .dtype = t, .f = t == DT_F32 ? (double)(float)v : v};
  return scalar_intern(&key);
}

Scalar *s_axis(int p) {
  Scalar key = {.kind = S_AXIS, .dtype = DT_I64, .axis = p};
  return scalar_intern(&key);
}

Scalar *s_size(Sym *sym) {
  Scalar key = {.kind = S_SIZE, .dtype = DT_I64, .sym = sym};
  return scalar_intern(&key);
}

Scalar *s_read(Node *t, Scalar **idx, const uint8_t *rule) {
  static const uint8_t none[MAX_RANK];
  Scalar *cast[MAX_RANK];
  assert(t->rank >= 0 && t->rank <= MAX_RANK);
  for (int d = 0; d < t->rank; d++) cast[d] = s_cast(DT_I64, idx[d]);
  Scalar key = {.kind = S_READ, .dtype = t->dtype, .narg = (uint8_t)t->rank, .tensor = t,
                .arg = cast, .rule = rule ? rule : none};
  return scalar_intern(&key);
}

Scalar *s_reduce(Combine c, Scalar *body, int naxis, Scalar **axis) {
  Scalar *arg[MAX_AXES + 1] = {body};
  memcpy(arg + 1, axis, sizeof *axis * (size_t)naxis);
  Scalar key = {.kind = S_REDUCE, .dtype = body->dtype, .narg = (uint8_t)(naxis + 1),
                .op = (uint16_t)c, .arg = arg};
  return scalar_intern(&key);
}

Scalar *s_combine_identity(Combine c, Dtype t) {
  bool low = c == C_MAX;
  if (c == C_PROD) return s_const(t, 1);
  if (c != C_MAX && c != C_MIN) return s_const(t, 0);
  if (dtype_is_float(t)) return s_const(t, low ? -INFINITY : INFINITY);
  if (t == DT_BOOL) return s_iconst(t, low ? 0 : 1);
  if (t == DT_I32) return s_iconst(t, low ? INT32_MIN : INT32_MAX);
  return s_iconst(t, low ? INT64_MIN : INT64_MAX);
}

/* Operations */

/* The Scalar op(arg) as it stands, arguments already of the right types. */
Scalar *s_raw(OpCode op, Dtype t, int narg, Scalar **arg) {
  Scalar key = {.kind = S_OP, .dtype = t, .narg = (uint8_t)narg, .op = (uint16_t)op, .arg = arg};
  return scalar_intern(&key);
}

static Scalar *fold(OpCode op, Dtype t, Dtype argt, Scalar **arg) {
  Value v[3], r;
  for (int k = 0; k < op_info[op].arity; k++) {
    Dtype have = (Dtype)arg[k]->dtype;
    v[k] = dtype_is_float(have) ? (Value){.f = arg[k]->f} : (Value){.i = arg[k]->i};
  }
  r = op_eval(op, argt, v);
  return dtype_is_float(t) ? s_const(t, r.f) : s_iconst(t, r.i);
}

Scalar *s_typed(OpCode op, Dtype t, Scalar *x) {
  Dtype from = (Dtype)x->dtype;
  if (op == OP_CAST) {
    if (from == t) return x;
    if (x->kind == S_CONST) {
      Value v = dtype_is_float(from) ? (Value){.f = x->f} : (Value){.i = x->i};
      v = value_cast(t, from, v);
      return dtype_is_float(t) ? s_const(t, v.f) : s_iconst(t, v.i);
    }
    bool widened = x->kind == S_OP && x->op == OP_CAST && x->arg[0]->dtype < from;
    if (widened && (x->arg[0]->dtype == t || !dtype_is_float(from)) && x->arg[0]->dtype <= t)
      return s_typed(OP_CAST, t, x->arg[0]); /* i32 -> i64 -> f32, f32 -> f64 -> f32 */
  }
  return s_raw(op, t, 1, &x);
}

Scalar *s_cast(Dtype t, Scalar *x) { return s_typed(OP_CAST, t, x); }

/* The common type the arguments of op are brought to. */
static Dtype argument_type(OpCode op, Scalar **arg) {
  const OpInfo *o = &op_info[op];
  if (o->kind == 'l') return DT_BOOL;
  int first = o->kind == 's' ? 1 : 0;
  Dtype t = (Dtype)arg[first]->dtype;
  for (int k = first + 1; k < o->arity; k++) t = dtype_promote(t, (Dtype)arg[k]->dtype);
  if ((o->kind == 'f' || o->kind == 'p') && !dtype_is_float(t)) t = mod->default_float;
  if ((o->kind == 'n' || o->kind == 'i') && t == DT_BOOL && op != OP_MIN && op != OP_MAX &&
      op != OP_STOP)
    t = DT_I32;
  return t;
}

/* x of where(x <= 0, 0, x) <= 0, which says the same as x <= 0; or NULL. */
static Scalar *cut_off(OpCode op, Scalar **arg) {
  const Scalar *w = arg[0], *test = w->kind == S_OP && w->op == OP_WHERE ? w->arg[0] : NULL;
  if (op != OP_LE || !test || test->kind != S_OP || test->op != OP_LE || test->arg[0] != w->arg[2])
    return NULL;
  bool zeros = s_is_const(arg[1], 0) && s_is_const(test->arg[1], 0) && s_is_const(w->arg[1], 0);
  return zeros ? w->arg[2] : NULL;
}

Scalar *s_op(OpCode op, Scalar **given) {
  const OpInfo *o = &op_info[op];
  if (o->kind == 'c') return s_cast(mod->default_float, given[0]);
  if (o->kind == 'u') return s_typed(op, mod->default_float, s_cast(DT_I64, given[0]));
  Scalar *arg[3];
  Dtype at = argument_type(op, given);
  bool constant = true;
  for (int k = 0; k < o->arity; k++) {
    arg[k] = s_cast(o->kind == 's' && k == 0 ? DT_BOOL : at, given[k]);
    constant = constant && arg[k]->kind == S_CONST;
  }
  Dtype t = op_result(op, at);
  if (constant && op != OP_STOP && op != OP_SAME) return fold(op, t, at, arg);
  if (at == DT_I64) {
    Scalar *s = affine_op(op, arg);
    if (s) return s;
  }
  Scalar *cut = cut_off(op, arg);
  if (cut) return s_op2(op, cut, arg[1]);
  Scalar *simpler = rewrite_op(op, t, arg);
  return simpler ? simpler : s_raw(op, t, o->arity, arg);
}

Scalar *s_op1(OpCode op, Scalar *x) { return s_op(op, &x); }
Scalar *s_op2(OpCode op, Scalar *x, Scalar *y) { return s_op(op, (Scalar *[]){x, y}); }
Scalar *s_op3(OpCode op, Scalar *x, Scalar *y, Scalar *z) {
  return s_op(op, (Scalar *[]){x, y, z});
}

/* Sizes */

Sym *sym_new(const char *name, int64_t value, Loc loc) {
  name = str_intern(name);
  for (int k = 0; k < mod->nsym; k++)
    if (mod->sym[k]->name == name) return mod->sym[k];
  if ((uint32_t)mod->nsym == mod->symcap) {
    mod->symcap = mod->symcap ? mod->symcap * 2 : 16;
    Sym **more = NEWN(mod->arena, Sym *, mod->symcap);
    if (mod->nsym) memcpy(more, mod->sym, sizeof *more * (size_t)mod->nsym);
    mod->sym = more;
  }
  Sym *s = NEW(mod->arena, Sym);
  *s = (Sym){.name = name, .index = mod->nsym, .value = value, .loc = loc};
  return mod->sym[mod->nsym++] = s;
}
