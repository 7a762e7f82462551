/*
** opaque_step.c: a CALL of an opaque kernel as a step
**
** A batch of more than one item is cut into at most MAX_SHARES pieces, each of which runs on one
** thread with a workspace of its own: on the stack where it is small and its size is known, else
** in the model's memory, so that no kernel allocates.
*/
#include "routine.h"
#include "../codegen/cgen.h"
#include <string.h>

Scalar *opaque_count(const Func *f) {
  Scalar *n = s_int(1);
  for (int b = 0; b < f->opaque->nbatch; b++) n = s_mul(n, size_or_none(f->opaque->batch[b]));
  return n;
}

Scalar *opaque_flops(const Func *f) {
  return f->opaque->cost ? s_mul(opaque_count(f), f->opaque->cost) : s_int(0);
}

Scalar *opaque_bytes(const Func *f) {
  Scalar *bytes = s_int(0);
  for (int k = 0; k < f->nparam + f->nresult; k++) {
    const Node *n = k < f->nparam ? f->param[k] : f->result[k - f->nparam];
    bytes = s_add(bytes, s_mul(n_count(n), s_int((int64_t)dtype_size((Dtype)n->dtype))));
  }
  return bytes;
}

bool opaque_on_stack(const Func *f) {
  const Opaque *o = f->opaque;
  int64_t n;
  return o->work && s_const_value(o->work, &n) &&
         n * (int64_t)dtype_size(o->type) <= STACK_BYTES;
}

Scalar *opaque_shares(const Func *f) {
  int64_t n;
  Scalar *count = opaque_count(f);
  if (s_const_value(count, &n)) return s_int(n < MAX_SHARES ? n : MAX_SHARES);
  return s_int(MAX_SHARES);
}

/* The unit's kernel list has f. */
static void unit_opaque(Unit *u, Func *f) {
  for (int k = 0; k < u->nopaque; k++)
    if (u->opaque[k] == f) return;
  Func **more = NEWN(mod->arena, Func *, u->nopaque + 1);
  if (u->nopaque) memcpy(more, u->opaque, sizeof *more * (size_t)u->nopaque);
  u->opaque = more;
  u->opaque[u->nopaque++] = f;
}

/* Its workspace as a buffer; -1: it needs none. */
static int workspace(Build *b, const Scope *s, const Func *f) {
  const Opaque *o = f->opaque;
  if (!o->work || opaque_on_stack(f)) return -1;
  int work = buffer_new(b, B_WORK, NULL, str_format("%s_work", f->name), s->home);
  Buffer *buf = &b->r->buffer[work];
  buf->dtype = o->type;
  buf->dim = NEWN(mod->arena, Scalar *, 2);
  if (!s_is_int(opaque_shares(f), 1)) buf->dim[buf->rank++] = opaque_shares(f);
  buf->dim[buf->rank++] = o->work;
  return work;
}

void emit_opaque(Build *b, Scope *s, Item *it) {
  Func *f = it->node->fn;
  unit_opaque(b->u, f);
  make_room(b, s, it);
  int narg = f->nparam + f->nresult + 1, work = workspace(b, s, f);
  Step *st = step_new(s, K_OPAQUE, it->node->loc, narg);
  st->opaque = f;
  for (int k = 0; k < f->nparam; k++) st->arg[k] = scope_buffer(s, it->node->arg[k]);
  for (int k = 0; k < f->nresult; k++) {
    Node *p = scope_proj(s, it->node, k);
    st->arg[f->nparam + k] =
        p ? scope_buffer(s, p) : buffer_new(b, B_WORK, f->result[k], "unused", s->home);
  }
  st->arg[narg - 1] = work;
  b->r->fails = b->r->fails || opaque_fails(f);
}
