/*
** emit_opaque.c: opaque kernels over their batches
**
**   static int run_solve(rt_part part, int B, const double *A, const double *b, double *x) {
**     unsigned status = 0;
**     for (int64_t item = rt_first(part, B); item < rt_end(part, B); item++) {
**       double work[9];
**       unsigned got = (unsigned)my_solve(3, A, b + item * 3, x + item * 3, work);
**       ...
**
** A batch with a workspace that is no local array is cut into pieces, each with one of its own.
** Small items of a kernel that has a form for many go through it some at a time
** (runtime/rt_many.h):
**
**   for (int64_t item = rt_first_by(part, B, some); item < rt_end_by(part, B, some); item += some)
**     rt_lu_many_f64(imin(some, (int)(B - item)), 3, 3, A + item * 9, 9, LU + item * 9, perm + item * 3);
*/
#include "emit.h"
#include "../compiler/routine.h"
#include <string.h>

enum { BREAK_EVEN = 20000, /* operations of a batch that are worth threads */
       MANY_MOST = 32      /* RT_MANY_MOST of rt_many.h */ };

/* A size as a factor. */
static void print_value(Text *t, Scalar *s) {
  Text one = {0};
  emit_size(&one, s);
  text_add(t, s->kind == S_CONST || s->kind == S_SIZE ? "%s" : "(%s)", one.s);
  text_free(&one);
}

static void note_sizes(void *ctx, Scalar *s) {
  if (s->kind == S_SIZE) ((bool *)ctx)[s->sym->index] = true;
}

/* The run-time sizes that the batch and its items depend on. */
static void sizes_of(const Func *f, bool *used) {
  const Opaque *o = f->opaque;
  for (int k = 0; k < o->nsize; k++) s_walk(o->size[k], note_sizes, used);
  for (int k = 0; k < o->nbatch; k++) s_walk(o->batch[k], note_sizes, used);
  for (int k = 0; k < f->nparam + f->nresult; k++) {
    const Node *n = k < f->nparam ? f->param[k] : f->result[k - f->nparam];
    for (int d = 0; d < n->rank; d++) s_walk(n->dim[d], note_sizes, used);
  }
  if (o->work) s_walk(o->work, note_sizes, used);
  if (o->cost) s_walk(o->cost, note_sizes, used);
  if (o->many) s_walk(o->many, note_sizes, used);
}

static bool is_batch(const Func *f) {
  return f->opaque->nbatch && !s_is_int(opaque_count(f), 1);
}

/* Whether items may go side by side: each argument has one for every item of the batch, or one for
** all. */
static bool is_many(const Func *f) {
  const Opaque *o = f->opaque;
  unsigned all = (1u << o->nbatch) - 1;
  int64_t v;
  if (!o->many || !is_batch(f) || (s_const_value(o->many, &v) && v > MANY_MOST)) return false;
  for (int k = 0; k < f->nparam; k++)
    if (o->share[k] & all && (o->share[k] & all) != all) return false;
  return true;
}

static bool own_work(const Func *f) {
  return f->opaque->work && !opaque_on_stack(f);
}

/* Names of a kernel's formals, as they stand in its wrapper. */
typedef struct Formals { Names taken; const char **name; } Formals;

static Formals formals_of(const Func *f) {
  static const char *const ours[] = {"piece", "status", "got", "item", "part", "work", "some"};
  Formals a = {.name = NEWN(mod->arena, const char *, f->nparam + f->nresult + 1)};
  for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) name_claim(&a.taken, ours[i]);
  for (int k = 0; k < mod->nsym; k++) name_claim(&a.taken, name_size(mod->sym[k]));
  for (int k = 0; k < f->nparam + f->nresult; k++) {
    const Node *n = k < f->nparam ? f->param[k] : f->result[k - f->nparam];
    a.name[k] = name_claim(&a.taken, name_clean(n->name));
  }
  return a;
}

/* Where in the batch the item's argument is: `item`, `item / 4 % 3` or nothing. */
static const char *item_position(const Func *f, int k) {
  const Opaque *o = f->opaque;
  Text t = {0};
  Scalar *inner = s_int(1), *stride = s_int(1);
  unsigned all = (1u << o->nbatch) - 1, share = k < f->nparam ? o->share[k] & all : all;
  if (share == all) return "item";
  for (int b = o->nbatch - 1; b >= 0; b--) {
    if (share >> b & 1 && !s_is_int(o->batch[b], 1)) {
      Text one = {0};
      text_add(&one, "item");
      if (!s_is_int(inner, 1)) text_add(&one, " / "), print_value(&one, inner);
      bool outermost = b == 0;
      if (!outermost) text_add(&one, " %% "), print_value(&one, o->batch[b]);
      if (!s_is_int(stride, 1)) {
        Text whole = {0};
        text_add(&whole, "%s%s%s * ", strchr(one.s, ' ') ? "(" : "", one.s,
                 strchr(one.s, ' ') ? ")" : "");
        print_value(&whole, stride);
        text_free(&one);
        one = whole;
      }
      text_add(&t, "%s%s", t.n ? " + " : "", one.s);
      text_free(&one);
      stride = s_mul(stride, o->batch[b]);
    }
    inner = s_mul(inner, o->batch[b]);
  }
  const char *s = str_intern(t.s ? t.s : "");
  text_free(&t);
  return s;
}

static Scalar *item_size(const Func *f, int k) {
  const Func *item = f->opaque->item ? f->opaque->item : f;
  return n_count(k < f->nparam ? item->param[k] : item->result[k - f->nparam]);
}

/* rt_solve_f64(3, A, b + item * 3, y + item * 3, work); many: how many items at a time, else
** NULL */
static void print_item_call(Text *t, const Func *f, const Formals *a, const char *work,
                            const char *many) {
  const Opaque *o = f->opaque;
  int n = many != NULL;
  if (many) text_add(t, "%s_many_%s(%s", o->generic, dtype_name(o->type), many);
  else text_add(t, "%s(", o->kernel);
  for (int k = 0; k < o->nsize; k++) {
    text_add(t, n++ ? ", " : "");
    Text one = {0};
    emit_size(&one, size_may_vanish(o->size[k], 0, NULL) ? size_or_none(o->size[k]) : o->size[k]);
    text_add(t, "%s", one.s);
    text_free(&one);
  }
  for (int k = 0; k < f->nparam + f->nresult; k++) {
    const char *at = is_batch(f) ? item_position(f, k) : "";
    text_add(t, "%s%s", n++ ? ", " : "", a->name[k]);
    if (!*at) text_add(t, "%s", many && k < f->nparam ? ", 0" : "");
    if (!*at) continue;
    Scalar *size = item_size(f, k);
    bool simple = !strchr(at, '+') && !strchr(at, '%') && !strchr(at, '/');
    bool one = s_is_int(size, 1);
    text_add(t, " + %s%s%s", simple || one ? "" : "(", at, simple || one ? "" : ")");
    if (!one) text_add(t, " * "), print_value(t, size);
    if (many && k < f->nparam) text_add(t, ", "), print_value(t, size);
  }
  if (o->work) text_add(t, "%s%s", n++ ? ", " : "", work);
  text_add(t, ")");
}

static void print_stack_work(Text *t, const Func *f, int indent) {
  const Opaque *o = f->opaque;
  if (!o->work || !opaque_on_stack(f)) return;
  int64_t n = 0;
  s_const_value(o->work, &n);
  text_add(t, "%*s%s work[%lld];\n", indent, "", dtype_c(o->type), (long long)(n > 0 ? n : 1));
}

/* Operations of the whole batch. */
static Scalar *batch_cost(const Func *f) {
  return s_mul(opaque_count(f), f->opaque->cost ? f->opaque->cost : s_int(1));
}

/* Whether the batch may be worth threads. */
static bool takes_threads(const Func *f) {
  int64_t v;
  return is_batch(f) && !(s_const_value(batch_cost(f), &v) && v <= BREAK_EVEN);
}

/* for (int64_t i = 0; i < n; i++), or the part of it where there are parts; step: NULL for 1. */
static void print_part_loop(Text *t, const Func *f, const char *i, const char *n,
                            const char *step) {
  const char *next = step ? str_format("%s += %s", i, step) : str_format("%s++", i);
  if (takes_threads(f) && step)
    text_add(t, "  for (int64_t %s = rt_first_by(part, %s, %s); %s < rt_end_by(part, %s, %s); %s)",
             i, n, step, i, n, step, next);
  else if (takes_threads(f))
    text_add(t, "  for (int64_t %s = rt_first(part, %s); %s < rt_end(part, %s); %s)", i, n, i, n,
             next);
  else
    text_add(t, "  for (int64_t %s = 0; %s < %s; %s)", i, i, n, next);
}

/* How many items go at a time: a constant of the runtime, or a variable, which is printed. */
static const char *print_some(Text *t, const Func *f) {
  const char *some = f->opaque->type == DT_F32 ? "RT_MANY_F32" : "RT_MANY_F64";
  int64_t v;
  if (!is_many(f)) return NULL;
  if (s_const_value(f->opaque->many, &v)) return some;
  text_add(t, "  const int some = ");
  emit_size(t, f->opaque->many);
  text_add(t, " <= %d ? %s : 1;\n", MANY_MOST, some);
  return "some";
}

/* The loop over items: over pieces of the batch where each piece has a workspace of its own. */
static void print_batch(Text *t, const Func *f, const Formals *a, bool status) {
  Text call = {0}, count = {0};
  print_value(&count, opaque_count(f));
  int indent = 4;
  const char *some = print_some(t, f), *work = "work", *end = count.s;
  if (own_work(f)) {
    Text size = {0};
    print_value(&size, f->opaque->work);
    long long pieces = (long long)opaque_shares(f)->i;
    const char *from = str_format("(int64_t)%s * piece / %lld", count.s, pieces);
    end = str_format("(int64_t)%s * (piece + 1) / %lld", count.s, pieces);
    if (some) { /* whole groups, but for the last */
      const char *share = str_format("(rt_part){1, (int)piece, %lld}, %s, %s", pieces, count.s, some);
      from = str_format("rt_first_by(%s)", share), end = str_format("rt_end_by(%s)", share);
    }
    print_part_loop(t, f, "piece", str_format("%lld", pieces), NULL);
    text_add(t, "\n    for (int64_t item = %s; item < %s; item%s%s) {\n", from, end,
             some ? " += " : "++", some ? some : "");
    work = str_format("work + piece * %s", size.s);
    text_free(&size);
    indent = 6;
  } else {
    print_part_loop(t, f, "item", count.s, some);
    text_add(t, " {\n");
  }
  print_stack_work(t, f, indent);
  const char *many = some ? str_format("imin(%s, (int)(%s - item))", some, end) : NULL;
  print_item_call(&call, f, a, work, many);
  if (status)
    text_add(t, "%*sunsigned got = (unsigned)%s;\n%*sstatus = got > status ? got : status;\n",
             indent, "", call.s, indent, "");
  else
    text_add(t, "%*s%s;\n", indent, "", call.s);
  text_add(t, "%*s}\n", indent - 2, "");
  text_free(&call), text_free(&count);
}

static void print_single(Text *t, const Func *f, const Formals *a, bool status) {
  Text call = {0};
  print_stack_work(t, f, 2);
  print_item_call(&call, f, a, "work", NULL);
  text_add(t, "  %s%s;\n", status ? "int status = " : "", call.s);
  text_free(&call);
}

/* What status stands for which code. */
static void print_codes(const Emit *e, Text *t, const Func *f) {
  const Opaque *o = f->opaque;
  text_add(t, "  switch (status) {\n  case 0: return %s_OK;\n", e->upper);
  for (int s = 0; s < o->nstatus; s++)
    text_add(t, "  case %d: return %s;\n", s + 1, opaque_code(e, f, s));
  text_add(t, "  default: return %s;\n  }\n", opaque_code(e, f, o->nstatus));
}

static void print_signature(const Emit *e, Text *t, int k, const Formals *a) {
  const Func *f = e->u->opaque[k];
  bool *used = NEWN(mod->arena, bool, mod->nsym + 1);
  int n = 0;
  sizes_of(f, used);
  text_add(t, "static %s %s(", opaque_fails(f) ? "int" : "void", e->opaque[k]);
  if (takes_threads(f)) text_add(t, "%srt_part part", n++ ? ", " : "");
  for (int i = 0; i < mod->nsym; i++)
    if (used[i]) text_add(t, "%sint %s", n++ ? ", " : "", name_size(mod->sym[i]));
  for (int i = 0; i < f->nparam + f->nresult; i++) {
    bool in = i < f->nparam;
    const Node *x = in ? f->param[i] : f->result[i - f->nparam];
    text_add(t, "%s%s%s *%s", n++ ? ", " : "", in ? "const " : "", dtype_c((Dtype)x->dtype),
             a->name[i]);
  }
  if (own_work(f)) text_add(t, "%s%s *work", n++ ? ", " : "", dtype_c(f->opaque->type));
  text_add(t, ") {\n");
}

static void print_formula_of(Text *t, const Func *f, const Formals *a) {
  const Opaque *o = f->opaque;
  text_add(t, "/* ");
  for (int k = 0; k < f->nresult; k++)
    text_add(t, "%s%s", k ? ", " : "", a->name[f->nparam + k]);
  text_add(t, " = %s(", emit_comment(f->name));
  for (int k = 0; k < f->nparam; k++) text_add(t, "%s%s", k ? ", " : "", a->name[k]);
  text_add(t, ")");
  if (is_batch(f)) {
    text_add(t, " for each item of ");
    emit_shape(t, o->nbatch, o->batch);
  }
  text_add(t, " */\n");
}

/* The function over its batch of the k-th opaque kernel. */
static void print_kernel_of(const Emit *e, Text *t, int k) {
  const Func *f = e->u->opaque[k];
  Formals a = formals_of(f);
  bool status = opaque_fails(f), batch = is_batch(f);
  Text raw = {0}, body = {0};
  print_signature(e, &raw, k, &a);
  if (batch)
    print_batch(&body, f, &a, status);
  else
    print_single(&body, f, &a, status);
  bool *used = NEWN(mod->arena, bool, mod->nsym + 1);
  sizes_of(f, used);
  for (int i = 0; i < mod->nsym; i++)
    if (used[i] && !emit_uses(body.s, name_size(mod->sym[i])))
      text_add(&raw, "  (void)%s;\n", name_size(mod->sym[i]));
  if (batch && status) text_add(&raw, "  unsigned status = 0;\n");
  text_put(&raw, body.s, body.n);
  if (status) print_codes(e, &raw, f);
  text_add(&raw, "}\n");
  print_formula_of(t, f, &a);
  print_wrapped(t, raw.s, 100);
  text_add(t, "\n");
  text_free(&raw), text_free(&body), names_free(&a.taken);
}

static void mark(const Unit *u, const Step *step, int n, bool *seen) {
  for (int i = 0; i < n; i++) {
    if (step[i].kind == K_LOOP) mark(u, step[i].body, step[i].nbody, seen);
    if (step[i].kind == K_CALL) mark(u, step[i].callee->step, step[i].callee->nstep, seen);
    for (int k = 0; step[i].kind == K_OPAQUE && k < u->nopaque; k++)
      if (u->opaque[k] == step[i].opaque) seen[k] = true;
  }
}

/* PART(run_solve, SIZE(N), c->at[0], c->at[1]), for threads that share a batch. */
static void print_part(const Emit *e, Text *t, int k) {
  const Func *f = e->u->opaque[k];
  bool *used = NEWN(mod->arena, bool, mod->nsym + 1);
  if (!takes_threads(f)) return;
  Text line = {0};
  sizes_of(f, used);
  text_add(&line, "%s(%s", opaque_fails(f) ? "PART_TRY" : "PART", e->opaque[k]);
  for (int i = 0; i < mod->nsym; i++)
    if (used[i]) text_add(&line, ", SIZE(%s)", e->size[i]);
  for (int i = 0; i < f->nparam + f->nresult + own_work(f); i++)
    text_add(&line, ", c->at[%d]", i);
  text_add(&line, ")\n\n");
  print_wrapped(t, line.s, 100);
  text_free(&line);
}

/* Every opaque kernel in use; those of hidden entries only can be left out with them. */
void emit_opaque_kernels(const Emit *e, Text *t) {
  bool *seen = NEWN(mod->arena, bool, e->u->nopaque + 1);
  for (int k = 0; k < e->u->nentry; k++)
    if (!e->u->entry[k].hidden)
      mark(e->u, e->u->entry[k].routine->step, e->u->entry[k].routine->nstep, seen);
  for (int k = 0; k < e->u->nopaque; k++) {
    if (!seen[k]) text_add(t, "#ifndef %s_NO_CHECK\n", e->upper);
    print_kernel_of(e, t, k);
    print_part(e, t, k);
    if (!seen[k]) text_add(t, "#endif\n\n");
  }
}

bool emit_opaque_forks(const Emit *e, bool failing) {
  for (int k = 0; k < e->u->nopaque; k++)
    if (takes_threads(e->u->opaque[k]) && (!failing || opaque_fails(e->u->opaque[k]))) return true;
  return false;
}

/* The beginning of a call of the k-th: RUN(run_solve, N or FORK(run_solve, pays; returns how many
** arguments of the macro there are. */
int emit_opaque_head(const Emit *e, Text *t, int k) {
  const Func *f = e->u->opaque[k];
  bool *used = NEWN(mod->arena, bool, mod->nsym + 1);
  int64_t v;
  int n = 1;
  text_add(t, "%s(%s", takes_threads(f) ? "FORK" : "RUN", e->opaque[k]);
  if (takes_threads(f)) {
    text_add(t, ", ");
    if (s_const_value(batch_cost(f), &v)) text_add(t, "true");
    else emit_size(t, batch_cost(f)), text_add(t, " > %d", BREAK_EVEN);
    return 2;
  }
  sizes_of(f, used);
  for (int i = 0; i < mod->nsym; i++)
    if (used[i]) text_add(t, ", %s", name_size(mod->sym[i])), n++;
  return n;
}
