/*
** explain_unit.c: the kernels of every entry, what they cost, and where their tensors lie
**
**   conv1                                   15.1 Mflop    1.2 MB   parallel
**       model.lua:11   x[i, j, k, l] = sum m, n.  image[i, k + m - 2, l + n - 2] * conv1.w[j, 0, m, n]
**
** Costs are taken at the default run-time sizes, 64 where a size has none.
*/
#include <string.h>
#include "explain.h"
#include "print.h"
#include "routine.h"

typedef struct Costs {
  Text *t;
  const int64_t *size;
  bool *seen;            /* kernels already shown, by place in the unit */
  const Unit *u;
} Costs;

/* 12800 -> "12.8 k" and a unit. */
const char *amount_text(double x, const char *unit) {
  static const char *const prefix[] = {"", "k", "M", "G", "T", "P"};
  int k = 0;
  for (; x >= 999.95 && k < 5; k++) x /= 1000;
  return str_format(k == 0 || x >= 99.95 ? "%.0f %s%s" : "%.1f %s%s", x, prefix[k], unit);
}

static double value_of(const Costs *c, Scalar *s) {
  return s ? (double)eval_size(s, c->size) : 0;
}

/* Runs of a step, kernels in callees and loops included: flops, bytes, kernel calls. */
typedef struct Total { double flops, bytes, calls; } Total;

static Total total_of(const Costs *c, const Step *step, int n) {
  Total t = {0};
  for (int i = 0; i < n; i++) {
    const Step *s = &step[i];
    Total one = {0};
    double times = 1;
    if (s->kind == K_KERNEL)
      one = (Total){value_of(c, s->kernel->flops), value_of(c, s->kernel->bytes), 1};
    if (s->kind == K_OPAQUE)
      one = (Total){value_of(c, opaque_flops(s->opaque)), value_of(c, opaque_bytes(s->opaque)), 1};
    if (s->kind == K_CALL) one = total_of(c, s->callee->step, s->callee->nstep);
    if (s->kind == K_LOOP) {
      one = total_of(c, s->body, s->nbody);
      times = s->guard ? 1 : value_of(c, s->trip); /* how often it runs depends on data */
    }
    t.flops += times * one.flops;
    t.bytes += times * one.bytes;
    t.calls += times * one.calls;
  }
  return t;
}

static void print_indented(Text *t, const char *lines, int indent) {
  for (; *lines; lines++) {
    size_t n = strcspn(lines, "\n");
    text_add(t, "%*s%.*s\n", indent, "", (int)n, lines);
    lines += n;
    if (!*lines) return;
  }
}

static void print_kernel_step(Costs *c, const Step *s, int indent) {
  const Kernel *k = s->kernel;
  int at = 0;
  while (at < c->u->nkernel && c->u->kernel[at] != k) at++;
  text_add(c->t, "%*s%-*s %12s %9s%s", indent, "", 44 - indent, k->name,
           amount_text(value_of(c, k->flops), "flop"), amount_text(value_of(c, k->bytes), "B"),
           k->parallel ? "   parallel" : "");
  if (at < c->u->nkernel && c->seen[at]) {
    text_add(c->t, "   as above\n");
    return;
  }
  if (at < c->u->nkernel) c->seen[at] = true;
  text_add(c->t, "\n");
  print_indented(c->t, k->formula, indent + 4);
}

/* cholesky   its flops and bytes, then: L = cholesky(A), by rt_cholesky_f32 */
static void print_opaque_step(Costs *c, const Step *s, int indent) {
  const Func *f = s->opaque;
  text_add(c->t, "%*s%-*s %12s %9s\n%*s", indent, "", 44 - indent, f->name,
           amount_text(value_of(c, opaque_flops(f)), "flop"),
           amount_text(value_of(c, opaque_bytes(f)), "B"),
           indent + 4, "");
  for (int k = 0; k < f->nresult; k++)
    text_add(c->t, "%s%s", k ? ", " : "", f->result[k]->name);
  text_add(c->t, " = %s(", f->name);
  for (int k = 0; k < f->nparam; k++) text_add(c->t, "%s%s", k ? ", " : "", f->param[k]->name);
  text_add(c->t, "), the kernel %s", f->opaque->kernel);
  if (f->opaque->nbatch) {
    Naming names = {0};
    for (int b = 0; b < f->opaque->nbatch; b++) {
      text_add(c->t, b ? " x " : " over ");
      print_expr(c->t, f->opaque->batch[b], &names, DT_I64);
    }
    text_add(c->t, " items");
  }
  text_add(c->t, "\n");
}

static void print_steps(Costs *c, const Routine *r, const Step *step, int n, int indent) {
  for (int i = 0; i < n; i++) {
    const Step *s = &step[i];
    const char *to = s->narg ? r->buffer[s->arg[0]].name : "";
    switch (s->kind) {
    case K_KERNEL: print_kernel_step(c, s, indent); break;
    case K_CALL: text_add(c->t, "%*scall %s\n", indent, "", s->callee->name); break;
    case K_OPAQUE: print_opaque_step(c, s, indent); break;
    case K_COPY:
      text_add(c->t, "%*scopy %s to %s\n", indent, "", r->buffer[s->arg[1]].name, to);
      break;
    case K_ZERO: text_add(c->t, "%*sclear %s\n", indent, "", to); break;
    case K_SWAP:
      text_add(c->t, "%*sswap %s and %s\n", indent, "", to, r->buffer[s->arg[1]].name);
      break;
    case K_LOOP:
      text_add(c->t, "%*sloop ", indent, "");
      if (!s->guard || !s_is_int(s->trip, UNBOUNDED)) {
        text_add(c->t, s->guard ? "at most " : "");
        print_scalar(c->t, s->trip, NULL);
        text_add(c->t, s->reverse ? " times, backwards" : " times");
      }
      if (s->guard) text_add(c->t, " while or if %s", r->buffer[s->arg[0]].name);
      text_add(c->t, "\n");
      print_steps(c, r, s->body, s->nbody, indent + 2);
      break;
    }
  }
}

/* The workspace: offset, size, life and shape of each buffer. */
static void print_plan(Costs *c, const Routine *r) {
  bool any = false;
  for (int k = 0; k < r->nbuffer; k++) {
    const Buffer *b = &r->buffer[k];
    if (b->kind != B_WORK || b->slice_of >= 0) continue;
    if (!any) text_add(c->t, "  workspace\n");
    any = true;
    if (b->offset >= 0)
      text_add(c->t, "    at %9lld", (long long)b->offset);
    else
      text_add(c->t, "    at   create");
    double bytes = (double)b->size;
    if (b->size < 0) {
      Scalar *count = s_int((int64_t)dtype_size(b->dtype));
      for (int d = 0; d < b->rank; d++) count = s_mul(count, b->dim[d]);
      bytes = value_of(c, count);
    }
    text_add(c->t, "  %9s   steps %3d to %3d   %s", amount_text(bytes, "B"), b->first, b->last,
             b->name);
    if (b->node) {
      Naming names = {0};
      text_add(c->t, ": ");
      print_dims(c->t, b->dtype, b->rank, b->dim, &names);
    }
    text_add(c->t, "\n");
  }
}

static void print_routine(Costs *c, const Routine *r, const char *title) {
  Total all = total_of(c, r->step, r->nstep);
  text_add(c->t, "%s\n  %.0f kernel call%s, %s, %s read and written", title, all.calls,
           all.calls == 1 ? "" : "s", amount_text(all.flops, "flop"), amount_text(all.bytes, "B"));
  if (r->work_size > 0) text_add(c->t, ", %s of workspace", amount_text((double)r->work_size, "B"));
  text_add(c->t, "\n\n");
  print_steps(c, r, r->step, r->nstep, 2);
  print_plan(c, r);
  text_add(c->t, "\n");
}

static bool is_entry(const Unit *u, const Routine *r) {
  for (int k = 0; k < u->nentry; k++)
    if (u->entry[k].routine == r) return true;
  return false;
}

/* Appends what the entries run, kernel by kernel. title: of an entry. */
void explain_unit(Text *t, Program *p, const char *(*title)(const Entry *e)) {
  Target target = {.vector_bytes = 32, .registers = 16, .fma = true};
  int64_t *size = NEWN(mod->arena, int64_t, mod->nsym + 1);
  for (int k = 0; k < mod->nsym; k++) size[k] = mod->sym[k]->value >= 0 ? mod->sym[k]->value : 64;
  Unit *u = unit_build(p, &target);
  Costs c = {.t = t, .size = size, .u = u, .seen = NEWN(mod->arena, bool, u->nkernel + 1)};
  for (int k = 0; k < mod->nsym; k++)
    text_add(t, "%s%s = %lld%s", k ? ", " : "costs at ", mod->sym[k]->name, (long long)size[k],
             k + 1 == mod->nsym ? "\n\n" : "");
  for (int k = 0; k < u->nroutine; k++)
    if (!is_entry(u, u->routine[k]))
      print_routine(&c, u->routine[k], str_format("function %s", u->routine[k]->name));
  for (int k = 0; k < u->nentry; k++) {
    const UnitEntry *e = &u->entry[k];
    if (!e->hidden && e->entry->kind != E_INIT) print_routine(&c, e->routine, title(e->entry));
  }
}
