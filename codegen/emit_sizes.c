/*
** emit_sizes.c: run-time sizes of a model: taken, checked, changed
**
**   c.N = 64;  err = lenet_resize(m, &c);      the last, smaller batch of an epoch
*/
#include "emit.h"
#include <string.h>

/* The numbers of elements of every tensor that depends on run-time sizes, as a list of doubles. */
static void print_elements(const Emit *e, Text *t) {
  Scalar **seen = NEWN(mod->arena, Scalar *, 1);
  int n = 0;
  for (int k = 0; k < e->u->nroutine; k++) {
    const Routine *r = e->u->routine[k];
    for (int i = 0; i < r->nbuffer; i++) {
      const Buffer *buf = &r->buffer[i];
      if (buf->work_of || emit_fixed(buf->rank, buf->dim, 0)) continue;
      Scalar *count = s_int(1);
      for (int d = 0; d < buf->rank; d++) count = s_mul(count, buf->dim[d]);
      bool known = false;
      for (int j = 0; j < n; j++) known = known || seen[j] == count;
      if (known) continue;
      Scalar **more = NEWN(mod->arena, Scalar *, n + 1);
      memcpy(more, seen, sizeof *more * (size_t)n);
      seen = more;
      seen[n++] = count;
      text_add(t, n > 1 ? ",\n      " : "\n      ");
      for (int d = 0; d < buf->rank; d++) {
        text_add(t, d ? " * (double)(" : "(double)(");
        emit_size(t, buf->dim[d]);
        text_add(t, ")");
      }
    }
  }
}

/* Sizes and checks of them: tensors are indexed by int. */
void emit_set_sizes(const Emit *e, Text *t) {
  text_add(t,
           "/* Takes the run-time sizes of a config, if the model can have them. */\n"
           "static int set_sizes(%s *m, const %s_config *c) {\n",
           e->name, e->name);
  if (!mod->nsym) text_add(t, "  (void)m, (void)c;\n");
  for (int k = 0; k < mod->nsym; k++)
    text_add(t, "  if (c->%s < %d || c->%s > INT32_MAX) return %s_ERROR_SIZE;\n", e->size[k],
             !mod->sym[k]->empty, e->size[k], e->upper);
  for (int k = 0; k < mod->nsym; k++)
    text_add(t, "  m->size.%s = c->%s;\n", e->size[k], e->size[k]);
  Text body = {0};
  text_add(&body, "%s", "");
  print_elements(e, &body);
  if (body.n) {
    char *list = body.s;
    body = (Text){0};
    text_add(&body,
             "  const double elements[] = {%s};\n"
             "  for (size_t k = 0; k < sizeof elements / sizeof *elements; k++)\n"
             "    if (elements[k] > INT32_MAX) return %s_ERROR_SIZE;\n",
             list, e->upper);
    text_free(&(Text){.s = list});
  }
  for (int k = 0; k < e->p->ndemand; k++) {
    const Demand *c = &e->p->demand[k];
    if (c->input) continue;
    text_add(&body, "  if (");
    if (c->lo) emit_size(&body, c->lo), text_add(&body, " < 0");
    if (c->lo && c->hi) text_add(&body, " || ");
    if (c->hi) emit_size(&body, c->hi), text_add(&body, " >= "), emit_size(&body, c->extent);
    text_add(&body, ") return %s;\n", e->error[k]);
  }
  emit_sizes(e, t, body.s);
  print_wrapped(t, body.s, 100);
  text_add(t, "  return %s_OK;\n}\n\n", e->upper);
  text_free(&body);
}

static bool uses_sym(Scalar **dim, int rank, const Sym *sym) {
  Text t = {0};
  for (int d = 0; d < rank; d++) emit_size(&t, dim[d]), text_add(&t, " ");
  bool uses = t.s && emit_uses(t.s, name_size(sym));
  text_free(&t);
  return uses;
}

/* Whether a size is never larger for smaller run-time sizes. */
static bool grows(Scalar *s) {
  if (s->kind == S_CONST || s->kind == S_SIZE) return true;
  Poly p = poly_of(mod->arena, s);
  for (int i = 0; i < p.n; i++) {
    if (p.term[i].coef < 0) return false;
    for (int k = 0; k < p.term[i].nfac; k++) {
      Scalar *f = p.term[i].fac[k];
      if (f->kind == S_SIZE) continue;
      bool division =
          f->kind == S_OP && f->op == OP_FLOORDIV && f->arg[1]->kind == S_CONST && f->arg[1]->i > 0;
      bool order = f->kind == S_OP && (f->op == OP_MIN || f->op == OP_MAX) && grows(f->arg[1]);
      if (!(division || order) || !grows(f->arg[0])) return false;
    }
  }
  return true;
}

/* Whether everything planned for some sizes holds what smaller ones need. */
static bool all_grow(const Unit *u) {
  for (int k = 0; k < u->nroutine; k++)
    for (int i = 0; u->routine[k]->work_size < 0 && i < u->routine[k]->nbuffer; i++) {
      const Buffer *buf = &u->routine[k]->buffer[i];
      for (int d = 0; buf->kind == B_WORK && d < buf->rank; d++)
        if (!grows(buf->dim[d])) return false;
    }
  return true;
}

void emit_resize(const Emit *e, Text *t) {
  const char *n = e->name, *u = e->upper;
  if (!mod->nsym) return;
  text_add(t,
           "int %s_resize(%s *m, const %s_config *config) {\n"
           "  if (!m || !config) return %s_ERROR_NULL;\n",
           n, n, n, u);
  for (int k = 0; k < mod->nsym; k++) {
    bool fixed = false;
    for (int s = 0; s < e->p->nstate; s++)
      fixed = fixed || uses_sym(e->p->state[s]->dim, e->p->state[s]->rank, mod->sym[k]);
    text_add(t, "  if (config->%s %s m->config.%s) return %s_ERROR_SIZE;%s\n", e->size[k],
             fixed ? "!=" : ">", e->size[k], u, fixed ? " /* parameters have it */" : "");
  }
  if (all_grow(e->u)) {
    text_add(t,
             "  return set_sizes(m, config); /* what fitted the larger sizes fits these */\n}\n\n");
    return;
  }
  text_add(
      t,
      "  %s probe = *m;\n  int error = set_sizes(&probe, config);\n  if (error) return error;\n"
      "  lay_out(&probe, NULL);\n"
      "  if (probe.work_bytes > m->work_bytes) return %s_ERROR_SIZE;\n"
      "  set_sizes(m, config);\n",
      n, u);
  for (int k = 0; k < e->u->nroutine; k++)
    if (emit_plan_count(e->u->routine[k])) text_add(t, "  plan_%s(m);\n", e->member[k]);
  text_add(t, "  return %s_OK;\n}\n\n", u);
}
