/*
** emit_routine.c: routines and entries as C functions, one call a step
**
**   void *hidden = work + 0;                     f32 [64][128], 32768 bytes, steps 0-3
**   mlp_hidden(m->threads, X, m->W1, m->b1, hidden);               0: mlp.lua:9
*/
#include "emit.h"
#include <string.h>

/* How a function is being printed. */
typedef struct Out {
  const Emit *e;
  const Routine *r;
  const UnitEntry *entry; /* NULL: a callee */
  Text t;
  int indent;
} Out;

static void start(Out *o) {
  text_add(&o->t, "%*s", 2 * o->indent, "");
}

/* The expression for a buffer's first element. */
static const char *base(const Out *o, int k) {
  const Buffer *buf = &o->r->buffer[k];
  if (buf->kind == B_STATE) return str_format("m->%s", o->e->state[buf->index]);
  if (buf->kind == B_LIT) return o->e->lit[buf->index];
  return buf->name;
}

/* A buffer as an argument for the formal `as`, or for a plain void * where that is NULL. What has a
** type of its own is cast where the types differ; C11 has no pointer to an array of constants that
** a const void * would become. */
static const char *argument(const Out *o, int k, const Node *as) {
  const Buffer *buf = &o->r->buffer[k];
  const char *s = base(o, k);
  bool typed = buf->kind == B_LIT || (o->entry && (buf->kind == B_INPUT || buf->kind == B_OUTPUT));
  if (!typed) return s;
  if (o->entry && buf->kind == B_INPUT && buf->rank == 0) return str_format("&%s", s);
  bool pointer = buf->kind == B_LIT || !emit_array(buf->rank, buf->dim);
  bool plain = as && as->rank < 2 && pointer && as->dtype == buf->dtype;
  return plain ? s : str_format("(void *)%s", s);
}

static const char *place_text(const Step *st) {
  const char *where = "";
  if (st->loc.file && st->loc.line)
    where = str_format(": %s:%d", emit_comment(emit_file_name(st->loc.file)), st->loc.line);
  return str_format("/* %d%s */", st->position, where);
}

/* A name for an array that phases share, which no buffer has. */
static const char *shared_name(const Out *o, const Kernel *k, int shared) {
  Kernel none = *k;
  const char *base = cg_name(&(Cg){.k = &none}, k->shared[shared]), *name = base;
  for (int n = 1, i = 0; i < o->r->nbuffer; i++)
    if (strcmp(o->r->buffer[i].name, name) == 0) name = str_format("%s_%d", base, ++n), i = -1;
  return name;
}

/* One function of a kernel: RUN(make_y, N, x, y), or FORK(make_y, N > 15, x, y) where it has parts;
** the sizes of a part are the model's. */
static void print_phase(Out *o, const Step *st, const Phase *p) {
  const Kernel *k = st->kernel;
  Text line = {0};
  text_add(&line, "%*s%s(%s", 2 * o->indent, "", p->parallel ? "FORK" : "RUN", p->name);
  if (p->parallel) {
    text_add(&line, ", ");
    print_pays(&line, k, p);
  }
  for (int i = 0; i < p->nsym && !p->parallel; i++)
    text_add(&line, ", %s", name_size(p->sym[i]));
  for (int i = 0; i < p->nformal; i++)
    text_add(&line, ", %s",
             argument(o, st->arg[p->formal[i]], p->parallel ? NULL : k->formal[p->formal[i]].as));
  for (int i = 0; i < p->nshared; i++)
    text_add(&line, ", %s", shared_name(o, k, p->shared[i]));
  text_add(&line, "); %s\n", place_text(st));
  print_wrapped(&o->t, line.s, 100);
  text_free(&line);
}

/* The functions of a kernel, in a block of their own where they share arrays. */
static void print_kernel_step(Out *o, const Step *st) {
  const Kernel *k = st->kernel;
  if (k->nshared) {
    start(o);
    text_add(&o->t, "{\n");
    o->indent++;
  }
  for (int i = 0; i < k->nshared; i++) {
    const Node *n = k->shared[i];
    start(o);
    text_add(&o->t, "%s %s", dtype_c((Dtype)n->dtype), shared_name(o, k, i));
    emit_shape(&o->t, n->rank, n->dim);
    text_add(&o->t, ";\n");
  }
  bool in_place =
      k->nphase > 1 && k->copy_from >= 0 && st->arg[k->copy_from] == st->arg[k->copy_to];
  for (int i = in_place; i < k->nphase; i++) print_phase(o, st, &k->phase[i]);
  if (!k->nshared) return;
  o->indent--;
  start(o);
  text_add(&o->t, "}\n");
}

static void print_call_step(Out *o, const Step *st) {
  const Routine *c = st->callee;
  Text line = {0};
  text_add(&line, "%*s%s%s(m", 2 * o->indent, "", c->fails ? "TRY(" : "", o->e->routine[c->id]);
  for (int k = 0; k < st->narg - 1; k++) text_add(&line, ", %s", argument(o, st->arg[k], NULL));
  text_add(&line, ", %s)%s; %s\n",
           st->arg[st->narg - 1] < 0 ? "NULL" : base(o, st->arg[st->narg - 1]), c->fails ? ")" : "",
           place_text(st));
  print_wrapped(&o->t, line.s, 100);
  text_free(&line);
}

static void print_opaque_step(Out *o, const Step *st) {
  int k = 0;
  while (o->e->u->opaque[k] != st->opaque) k++;
  Text line = {0};
  bool fails = opaque_fails(st->opaque);
  text_add(&line, "%*s%s", 2 * o->indent, "", fails ? "TRY(" : "");
  emit_opaque_head(o->e, &line, k);
  for (int i = 0; i < st->narg; i++)
    if (st->arg[i] >= 0) text_add(&line, ", %s", argument(o, st->arg[i], NULL));
  text_add(&line, ")%s; %s\n", fails ? ")" : "", place_text(st));
  print_wrapped(&o->t, line.s, 100);
  text_free(&line);
}

/* A buffer as an argument of memcpy. */
static const char *place_of(const Out *o, int k) {
  const Buffer *buf = &o->r->buffer[k];
  bool value = o->entry && buf->kind == B_INPUT && buf->rank == 0;
  return value ? str_format("&%s", base(o, k)) : base(o, k);
}

static void print_bytes(Text *t, const Buffer *buf) {
  emit_bytes(t, buf->dtype, buf->rank, buf->dim);
}

static void print_copy(Out *o, const Step *st) {
  start(o);
  bool zero = st->kind == K_ZERO;
  text_add(&o->t, "%s(%s, ", zero ? "ZERO" : "COPY", place_of(o, st->arg[0]));
  if (!zero) text_add(&o->t, "%s, ", place_of(o, st->arg[1]));
  print_bytes(&o->t, &o->r->buffer[st->arg[zero ? 0 : 1]]);
  text_add(&o->t, "); %s\n", place_text(st));
}

static bool mentioned(const Step *step, int n, int buffer) {
  for (int i = 0; i < n; i++) {
    for (int k = 0; k < step[i].narg; k++)
      if (step[i].arg[k] == buffer) return true;
    if (step[i].kind == K_LOOP && mentioned(step[i].body, step[i].nbody, buffer)) return true;
  }
  return false;
}

/* Whether a row, or a row of it, is read or written in these steps. */
static bool row_used(const Routine *r, const Step *step, int n, int row) {
  if (mentioned(step, n, row)) return true;
  for (int k = 0; k < r->nbuffer; k++)
    if (r->buffer[k].slice_of == row && row_used(r, step, n, k)) return true;
  return false;
}

/* The pointers to this step's rows of slices and stacks. */
static void print_rows(Out *o, const Step *loop) {
  for (int k = 0; k < o->r->nbuffer; k++) {
    const Buffer *row = &o->r->buffer[k];
    if (row->slice_of < 0 || row->at || row->home != loop->home ||
        !row_used(o->r, loop->body, loop->nbody, k))
      continue;
    start(o);
    if (loop->guard && s_is_int(loop->trip, 1)) {
      text_add(&o->t, "void *%s = (void *)%s;\n", row->name, place_of(o, row->slice_of));
      continue;
    }
    text_add(&o->t, "void *%s = (char *)%s + (size_t)%s * (", row->name,
             place_of(o, row->slice_of), loop->var);
    print_bytes(&o->t, row);
    text_add(&o->t, ");\n");
  }
}

static void print_steps(Out *o, const Step *step, int n);

/* Whether this step of a guarded loop runs, in C. */
static const char *guard_text(const Out *o, const Step *st) {
  const Buffer *buf = &o->r->buffer[st->arg[0]];
  if (o->entry && buf->kind == B_INPUT && buf->rank == 0) return base(o, st->arg[0]);
  if (st->guard == G_WHILE || s_is_int(st->trip, 1))
    return str_format("*(const uint8_t *)%s", base(o, st->arg[0]));
  return str_format("((const uint8_t *)%s)[%s]", base(o, st->arg[0]), st->var);
}

/* if (p) for a guarded loop of one step; while (go) for one without a bound; else a for. */
static void print_loop_head(Out *o, const Step *st) {
  Text trip = {0};
  const char *v = st->var;
  emit_size(&trip, st->trip);
  start(o);
  if (st->guard && s_is_int(st->trip, 1))
    text_add(&o->t, "if (%s) {", guard_text(o, st));
  else if (st->guard == G_WHILE && s_is_int(st->trip, UNBOUNDED))
    text_add(&o->t, "while (%s) {", guard_text(o, st));
  else if (st->reverse)
    text_add(&o->t, "for (int64_t %s = (%s) - 1; %s >= 0; %s--) {", v, trip.s, v, v);
  else
    text_add(&o->t, "for (int64_t %s = 0; %s < %s%s%s; %s++) {", v, v, trip.s,
             st->guard == G_WHILE ? " && " : "",
             st->guard == G_WHILE ? guard_text(o, st) : "", v);
  text_add(&o->t, " /* %d-%d */\n", st->position, st->end);
  text_free(&trip);
}

static void print_loop(Out *o, const Step *st) {
  print_loop_head(o, st);
  o->indent++;
  if (st->guard == G_IF && !s_is_int(st->trip, 1)) {
    start(o);
    text_add(&o->t, "if (!%s) continue;\n", guard_text(o, st));
  }
  print_rows(o, st);
  print_steps(o, st->body, st->nbody);
  o->indent--;
  start(o);
  text_add(&o->t, "}\n");
}

static void print_steps(Out *o, const Step *step, int n) {
  for (int i = 0; i < n; i++) {
    const Step *st = &step[i];
    switch (st->kind) {
    case K_KERNEL:
      print_kernel_step(o, st);
      break;
    case K_CALL:
      print_call_step(o, st);
      break;
    case K_OPAQUE:
      print_opaque_step(o, st);
      break;
    case K_LOOP:
      print_loop(o, st);
      break;
    case K_COPY:
    case K_ZERO:
      print_copy(o, st);
      break;
    case K_SWAP:
      start(o);
      text_add(&o->t, "swap(&%s, &%s);\n", base(o, st->arg[0]), base(o, st->arg[1]));
    }
  }
}

/* Rows of a buffer from one on: the same pointer, or one behind it. */
static void print_view(Out *o, const Buffer *rows) {
  const Buffer *whole = &o->r->buffer[rows->slice_of];
  Scalar *dim[MAX_RANK];
  dim[0] = rows->at;
  for (int d = 1; d < whole->rank; d++) dim[d] = whole->dim[d];
  text_add(&o->t, "  void *%s = ", rows->name);
  if (s_is_int(rows->at, 0))
    text_add(&o->t, "%s;", base(o, rows->slice_of));
  else {
    text_add(&o->t, "(char *)%s + ", base(o, rows->slice_of));
    emit_bytes(&o->t, rows->dtype, whole->rank, dim);
    text_add(&o->t, ";");
  }
  text_add(&o->t, " /* %s", dtype_name(rows->dtype));
  if (rows->rank) text_add(&o->t, " ");
  emit_shape(&o->t, rows->rank, rows->dim);
  text_add(&o->t, " of its rows */\n");
}

/* Whether the buffer has a place in the workspace. */
static bool placed(const Buffer *buf) {
  return buf->kind == B_WORK && buf->slice_of < 0 && buf->first >= 0;
}

/* The pointers into the workspace. */
static void print_buffers(Out *o) {
  int index = 0;
  for (int k = 0; k < o->r->nbuffer; k++) {
    const Buffer *buf = &o->r->buffer[k];
    if (buf->at && row_used(o->r, o->r->step, o->r->nstep, k)) print_view(o, buf);
    if (!placed(buf)) continue;
    if (o->r->work_size < 0)
      text_add(&o->t, "  void *%s = work + m->at_%s[%d];", buf->name, o->e->member[o->r->id],
               index++);
    else
      text_add(&o->t, "  void *%s = work + %lld;", buf->name, (long long)buf->offset);
    text_add(&o->t, " /* ");
    if (buf->work_of)
      text_add(&o->t, "workspace of %s", o->e->routine[buf->work_of->id]);
    else {
      text_add(&o->t, "%s%s", dtype_name(buf->dtype), buf->rank ? " " : "");
      emit_shape(&o->t, buf->rank, buf->dim);
    }
    if (buf->size >= 0) text_add(&o->t, ", %lld bytes", (long long)buf->size);
    text_add(&o->t, ", steps %d-%d */\n", buf->first, buf->last);
  }
}

/* The declarations of buffers and the steps. */
static void print_body(Out *o, Text *to) {
  print_buffers(o);
  if (o->t.n && o->entry) text_add(to, "  char *work = m->work;\n");
  print_steps(o, o->r->step, o->r->nstep);
  text_put(to, o->t.s ? o->t.s : "", o->t.n);
  text_free(&o->t);
}

static void print_signature(const Emit *e, Text *t, const Routine *r) {
  Text line = {0};
  text_add(&line, "static %s %s(%s *m", r->fails ? "int" : "void", e->routine[r->id], e->name);
  for (int k = 0; k < r->nparam; k++) text_add(&line, ", void *%s", r->buffer[r->param[k]].name);
  for (int k = 0; k < r->nresult; k++) text_add(&line, ", void *%s", r->buffer[r->result[k]].name);
  text_add(&line, ", char *work)");
  print_wrapped(t, line.s, 100);
  text_free(&line);
}

/* What a function does not use is said to be unused. */
static void print_unused(Text *t, const char *body, const char *name) {
  if (!emit_uses(body, name)) text_add(t, "  (void)%s;\n", name);
}

/* A called Func. */
void emit_routine(const Emit *e, Text *t, const Routine *r) {
  Out o = {.e = e, .r = r, .indent = 1};
  Text body = {0};
  text_add(&body, "%s", "");
  print_body(&o, &body);
  text_add(t, "/* %s", emit_comment(r->fn->name));
  if (r->fn->loc.file)
    text_add(t, " (%s:%d)", emit_comment(emit_file_name(r->fn->loc.file)), r->fn->loc.line);
  text_add(t, " */\n");
  print_signature(e, t, r);
  t->n--;
  text_add(t, " {\n");
  if (!emit_sizes(e, t, body.s)) print_unused(t, body.s, "m");
  print_unused(t, body.s, "work");
  for (int k = 0; k < r->nparam; k++) print_unused(t, body.s, r->buffer[r->param[k]].name);
  text_add(t, "%s", body.s);
  if (r->fails) text_add(t, "  return %s_OK;\n", e->upper);
  text_add(t, "}\n\n");
  text_free(&body);
}

/* The test that no pointer is NULL. */
static void print_null_test(const Emit *e, Text *t, const UnitEntry *ue) {
  const Entry *en = ue->entry;
  const Routine *r = ue->routine;
  Text line = {0};
  text_add(&line, "  if (!m");
  for (int k = 0; k < en->ninput; k++)
    if (en->input[k].node->rank > 0) text_add(&line, " || !%s", r->buffer[r->param[k]].name);
  for (int k = 0; k < en->noutput; k++) text_add(&line, " || !%s", r->buffer[r->result[k]].name);
  text_add(&line, ") return %s_ERROR_NULL;\n", e->upper);
  print_wrapped(t, line.s, 100);
  text_free(&line);
}

/* The tests that integers used as indices are inside what they index, before anything changes. */
static void print_checks(const Emit *e, Text *t, const UnitEntry *ue) {
  const Entry *en = ue->entry;
  const Routine *r = ue->routine;
  for (int c = 0; c < e->p->ndemand; c++) {
    const Demand *check = &e->p->demand[c];
    for (int k = 0; check->input && k < en->ninput; k++) {
      if (en->input[k].node != check->input) continue;
      const Buffer *buf = &r->buffer[r->param[k]];
      Text line = {0};
      Scalar *n = s_int(1);
      for (int d = 0; d < buf->rank; d++) n = s_mul(n, buf->dim[d]);
      bool array = emit_array(buf->rank, buf->dim);
      text_add(&line, "  if (!inside_%s(%s%s, ", dtype_name(buf->dtype),
               buf->rank == 0 ? "&"
               : array        ? "(const void *)"
                              : "",
               buf->name);
      emit_size(&line, n);
      text_add(&line, ", ");
      emit_size(&line, check->extent);
      text_add(&line, ", %lld)) return %s;\n", (long long)check->other, e->error[c]);
      print_wrapped(t, line.s, 100);
      text_free(&line);
    }
  }
}

/* The tests that sizes are not 0, where that is no error for the model but one for the entry. */
static void print_size_checks(const Emit *e, Text *t, const Entry *en) {
  for (int k = 0; k < mod->nsym; k++)
    if (mod->sym[k]->empty && (!en->some || en->some[k]))
      text_add(t, "  if (m->size.%s < 1) return %s_ERROR_SIZE;\n", e->size[k], e->upper);
}

/* An entry, public but for init. */
void emit_entry(const Emit *e, Text *t, const UnitEntry *ue) {
  const Entry *en = ue->entry;
  const Routine *r = ue->routine;
  Out o = {.e = e, .r = r, .entry = ue, .indent = 1};
  Text body = {0};
  text_add(&body, "%s", "");
  if (en->kind != E_INIT) print_checks(e, &body, ue);
  print_body(&o, &body);
  if (en->kind == E_INIT) {
    const char *seed = r->buffer[r->param[0]].name;
    text_add(t,
             "/* Gives parameters and state their first values. */\n"
             "static %s %s_first_values(%s *m, int64_t %s) {\n",
             r->fails ? "int" : "void", e->name, e->name, seed);
    if (!emit_sizes(e, t, body.s)) print_unused(t, body.s, "m");
    print_unused(t, body.s, seed);
    text_add(t, "%s", body.s);
    if (r->fails) text_add(t, "  return %s_OK;\n", e->upper);
    text_add(t, "}\n\n");
  } else {
    emit_prototype(e, t, ue, " {");
    print_null_test(e, t, ue);
    print_size_checks(e, t, en);
    emit_sizes(e, t, body.s);
    for (int k = 0; k < en->ninput; k++)
      if (en->input[k].node->rank == 0) print_unused(t, body.s, r->buffer[r->param[k]].name);
    text_add(t, "%s  step(m, NULL);\n  return %s_OK;\n}\n\n", body.s, e->upper);
  }
  text_free(&body);
}

/* The number of buffers of the routine that are placed when the model is created. */
int emit_plan_count(const Routine *r) {
  int n = 0;
  for (int k = 0; r->work_size < 0 && k < r->nbuffer; k++) n += placed(&r->buffer[k]);
  return n;
}

/* What sizes of buffers are multiples of, as texts: 1, and what the model's sizes give. */
typedef struct Units {
  int n, cap;
  const char **text;
} Units;

static int unit_of(Units *u, const char *text) {
  for (int k = 0; k < u->n; k++)
    if (u->text[k] == text) return k;
  if (u->n == u->cap) {
    u->cap = 2 * u->cap + 8;
    const char **more = NEWN(mod->arena, const char *, u->cap);
    for (int k = 0; k < u->n; k++) more[k] = u->text[k];
    u->text = more;
  }
  u->text[u->n++] = text;
  return u->n - 1;
}

/* n = *times * what is returned. */
static Scalar *without_factor(Scalar *n, int64_t *times) {
  Poly p = poly_of(mod->arena, n);
  *times = 1;
  if (p.n == 0) {
    *times = p.k;
    return s_int(1);
  }
  if (p.n > 1 || p.k != 0 || p.term[0].coef < 1) return n;
  *times = p.term[0].coef;
  p.term[0].coef = 1;
  return poly_scalar(p);
}

/* A row of the table: when the buffer is alive, and its bytes. */
static void print_need(const Emit *e, Text *t, const Buffer *buf, Units *u) {
  int64_t times = 1;
  Text unit = {0};
  text_add(t, "    {%d, %d, ", buf->first, buf->last);
  if (!buf->work_of) {
    Scalar *n = s_int(1);
    for (int d = 0; d < buf->rank; d++) n = s_mul(n, size_or_none(buf->dim[d]));
    Scalar *by = without_factor(n, &times);
    bool one = s_is_int(by, 1), size = by->kind == S_SIZE;
    if (size) text_add(&unit, "(size_t)%s", name_size(by->sym));
    else text_add(&unit, one ? "" : "(size_t)(");
    if (!size) emit_size(&unit, by);
    text_add(&unit, one || size ? "" : ")");
    text_add(t, "%d, ", unit_of(u, str_intern(unit.s)));
    if (times != 1) text_add(t, "%lld * ", (long long)times);
    text_add(t, "sizeof(%s)", dtype_c(buf->dtype));
  } else if (buf->size >= 0)
    text_add(t, "0, %lld", (long long)buf->size);
  else
    text_add(t, "%d, 1",
             unit_of(u, str_intern(str_format("m->work_%s", e->member[buf->work_of->id]))));
  text_add(t, "}, /* %s */\n", buf->name);
  text_free(&unit);
}

/* The function that finds where the buffers of a routine lie, for the sizes of the model. */
void emit_plan(const Emit *e, Text *t, const Routine *r) {
  int n = emit_plan_count(r);
  const char *name = e->member[r->id];
  if (n == 0) return;
  Text rows = {0}, units = {0};
  Units u = {0};
  unit_of(&u, str_intern("1"));
  for (int k = 0; k < r->nbuffer; k++)
    if (placed(&r->buffer[k])) print_need(e, &rows, &r->buffer[k], &u);
  text_add(&units, "  const size_t by[] = {");
  for (int k = 0; k < u.n; k++) text_add(&units, "%s%s", k ? ", " : "", u.text[k]);
  text_add(&units, "};\n");
  text_add(t, "/* Places the buffers of %s in the workspace. */\nstatic void plan_%s(%s *m) {\n",
           name, name, e->name);
  emit_sizes(e, t, units.s);
  print_wrapped(t, units.s, 100);
  text_add(t,
           "  static const rt_plan_need need[%d] = {\n%s  };\n  rt_plan_item item[%d];\n"
           "  m->work_%s = rt_plan_needs(need, by, item, %d, m->at_%s);\n}\n\n",
           n, rows.s, n, name, n, name);
  text_free(&rows);
  text_free(&units);
}
