/*
** loop.c: a LOOP as a step that holds the steps of its body
**
**   for t:  h_next = f(h, x[t]);  y[t] = h_next;  swap(h, h_next)
**
** Carries live in buffers of their own, updated in place where the body allows it, else exchanged
** with their next value at the end of a step. Slices and stacks are rows of whole tensors. Sums are
** carries that begin with zero, so that the addition is fused into what makes the addend.
**
** Where a value that is carried is kept at every step, before or after it, its steps are the rows
** of one buffer, and nothing is copied:
**
**   h_rows[0] = h0;  for t:  h_rows[t + 1] = f(h_rows[t], x[t])
**
** The stack of what was before the steps begins at its first row, that of what came after at the
** second; of a loop that runs backwards, the other way round.
**
** What a step stacks lies where a slice of the same size was, if nobody reads that one after the
** loop and the step reads it before: gates, then their cotangents, where the products were before.
**
**   for t backwards:  z[t] = z_bar(z[t], ..)
*/
#include "routine.h"
#include "../codegen/cgen.h"
#include <string.h>

/* The LOOP's function with its sums made carries: params carry.., sum.., slice.., const..; results
** carry.., sum.., stack.. */
static Func *body_func(Node *loop) {
  Func *f = loop->fn;
  int ncarry = loop->ncarry, nsum = loop->nsum, nstack = loop->nstack;
  Node **param = NEWN(mod->arena, Node *, f->nparam + nsum + 1);
  Node **result = NEWN(mod->arena, Node *, f->nresult + 1);
  for (int k = 0; k < ncarry; k++) param[k] = f->param[k], result[k] = f->result[k];
  for (int k = 0; k < nsum; k++) {
    Node *addend = f->result[ncarry + nstack + k];
    const char *name = addend->name ? str_format("%s_sum", addend->name) : "total";
    Node *sum =
        n_param(P_FORMAL, name, (Dtype)addend->dtype, addend->rank, addend->dim, addend->loc);
    param[ncarry + k] = sum;
    result[ncarry + k] = n_named(n_add(sum, addend), name);
  }
  for (int k = ncarry; k < f->nparam; k++) param[k + nsum] = f->param[k];
  for (int k = 0; k < nstack; k++) result[ncarry + nsum + k] = f->result[ncarry + k];
  return func_new(f->name, f->nparam + nsum, param, f->nresult, result, f->loc);
}

static void copy_first(Scope *s, const Item *it, int k, int to) {
  Step *st = step_new(s, K_COPY, it->node->loc, 2);
  st->arg[0] = to;
  st->arg[1] = scope_buffer(s, it->node->arg[k]);
}

/* The buffer that carries the k-th value over, holding its first value. What a loop left in a row
** that others read stays as it is. */
static int first_carry(Build *b, Scope *s, Item *it, int k, Node *param) {
  int first = scope_buffer(s, it->node->arg[k]);
  if (it->donated[k] && b->r->buffer[first].slice_of < 0) return first;
  int buf = buffer_new(b, B_WORK, param, NULL, s->home);
  copy_first(s, it, k, buf);
  return buf;
}

static int first_sum(Build *b, Scope *s, const Item *it, Node *param) {
  int buf = buffer_new(b, B_WORK, param, NULL, s->home);
  step_new(s, K_ZERO, it->node->loc, 1)->arg[0] = buf;
  return buf;
}

/* A row of a whole tensor, at the loop's present step. */
static int row_of(Build *b, int whole, Node *row, int home) {
  int buf = buffer_new(b, B_WORK, row, row->name ? NULL : "row", home);
  b->r->buffer[buf].slice_of = whole;
  return buf;
}

/* The rows of another buffer from `at` on, as the tensor n. */
static int rows_from(Build *b, int whole, Scalar *at, Node *n, int home) {
  int buf = buffer_new(b, B_WORK, n, NULL, home);
  b->r->buffer[buf].slice_of = whole;
  b->r->buffer[buf].at = at;
  return buf;
}

/* A tensor that the LOOP does not give: the rows of a carry, `more` than it has steps. */
static Node *rows_node(const Node *loop, const Node *carry, int more) {
  Scalar *dim[MAX_RANK];
  dim[0] = s_add(loop->trip, s_int(more));
  for (int d = 0; d < carry->rank; d++) dim[d + 1] = carry->dim[d];
  const char *name = str_format("%s_%s", carry->name ? carry->name : "carry", more ? "rows" : "step");
  return n_param(P_FORMAL, name, (Dtype)carry->dtype, carry->rank + 1, dim, carry->loc);
}

/* A LOOP being placed. */
typedef struct Placing {
  Item *it;
  Func *f;        /* its function, with sums among the carries */
  bool *constant; /* by carry: it never changes */
  int *last;      /* by carry: where it is in the end, if that is a row; -1 */
  bool *bound;    /* by stack: it has its rows */
} Placing;

/* The stack of the LOOP whose row is in the memory of `row`, wanted and free to be anywhere; -1. */
static int free_stack(const Scope *s, const Placing *p, const Scope *in, const Node *row) {
  const Node *loop = p->it->node;
  for (int j = 0; j < loop->nstack; j++) {
    const Node *whole = scope_proj(s, loop, loop->ncarry + j);
    if (!whole || p->bound[j] || scope_is_placed(s, whole)) continue;
    if (scope_root(in, p->f->result[loop->ncarry + loop->nsum + j]) == row) return j;
  }
  return -1;
}

/* The rows of a stack, or of what nobody else wants, from `at` on. */
static int stack_rows(Build *b, Scope *s, Placing *p, int whole, Scalar *at, int stack, int carry) {
  Node *loop = p->it->node;
  if (stack < 0)
    return rows_from(b, whole, at, rows_node(loop, p->f->param[carry], 0), s->home);
  Node *n = scope_proj(s, loop, loop->ncarry + stack);
  p->bound[stack] = true;
  int rows = rows_from(b, whole, at, n, s->home);
  scope_put(s, n, rows);
  return rows;
}

/* Puts all steps of the k-th carry into one buffer, if they are kept; else does nothing. */
static bool keep_rows(Build *b, Scope *s, Placing *p, Scope *in, int k) {
  Node *loop = p->it->node, *old = p->f->param[k], *next = scope_root(in, p->f->result[k]);
  if (loop->guard != G_NONE || old->rank == MAX_RANK || scope_producer(in, next) < 0) return false;
  int before = free_stack(s, p, in, old), after = free_stack(s, p, in, next);
  if (before < 0 && after < 0) return false;
  Scalar *from = loop->reverse ? loop->trip : s_int(0), *to = loop->reverse ? s_int(0) : loop->trip;
  Scalar *one = s_int(1), *zero = s_int(0);
  int rows = buffer_new(b, B_WORK, rows_node(loop, old, 1), NULL, s->home);
  copy_first(s, p->it, k, rows_from(b, rows, from, old, s->home));
  int olds = stack_rows(b, s, p, rows, loop->reverse ? one : zero, before, k);
  int nexts = stack_rows(b, s, p, rows, loop->reverse ? zero : one, after, k);
  scope_put(in, old, row_of(b, olds, old, in->home));
  in->dest[k] = (Dest){row_of(b, nexts, next, in->home), NULL, false};
  p->last[k] = rows_from(b, rows, to, old, s->home);
  return true;
}

/* Places the body's params and results; carries that never change are what they were. */
static void bind_body(Build *b, Scope *s, Placing *p, Scope *in) {
  Func *f = p->f;
  Node *loop = p->it->node;
  int ncarry = loop->ncarry, nsum = loop->nsum;
  for (int k = 0; k < f->nparam; k++) {
    Node *n = f->param[k];
    int buf;
    if (k < ncarry && !p->constant[k] && keep_rows(b, s, p, in, k)) continue;
    if (k < ncarry)
      buf = p->constant[k] ? scope_buffer(s, loop->arg[k]) : first_carry(b, s, p->it, k, n);
    else if (k < ncarry + nsum)
      buf = first_sum(b, s, p->it, n);
    else if (k < ncarry + nsum + loop->nslice)
      buf = row_of(b, scope_buffer(s, loop->arg[k - nsum]), n, in->home);
    else
      buf = scope_buffer(s, loop->arg[k - nsum]);
    scope_put(in, n, buf);
    if (k < ncarry + nsum) in->dest[k] = (Dest){buf, n, b->r->buffer[buf].kind == B_WORK};
  }
}

/* How often the node whose memory is `root` is a result. */
static int times_result(const Scope *s, const Node *root) {
  int n = 0;
  for (int k = 0; k < s->f->nresult; k++) n += scope_root(s, s->f->result[k]) == root;
  return n;
}

/* The slice whose rows the j-th stack may overwrite, as position among the LOOP's arguments, or -1.
** What reads a row runs before the row is overwritten, within the step. */
static int slice_for_stack(Build *b, Scope *s, const Placing *p, Scope *in, int j) {
  const Node *loop = p->it->node, *whole = scope_proj(s, loop, loop->ncarry + j);
  Node *fresh = scope_root(in, p->f->result[loop->ncarry + loop->nsum + j]);
  int writer = scope_producer(in, fresh);
  bool pinned = idmap_get(&in->pinned, fresh->id) >= 0;
  if (writer < 0 || pinned || times_result(in, fresh) > 1) return -1;
  for (int k = loop->ncarry; k < loop->ncarry + loop->nslice; k++) {
    Node *old = p->f->param[k + loop->nsum];
    if (!p->it->donated[k] || !same_room(whole, scope_root(s, loop->arg[k]))) continue;
    if (b->r->buffer[scope_buffer(s, loop->arg[k])].slice_of >= 0) continue;
    if (times_result(in, old) == 0 && overwrite(in, writer, old, fresh)) return k;
  }
  return -1;
}

/* Puts the rows of the j-th stack where those of a slice were, if that may be. */
static bool stack_over_slice(Build *b, Scope *s, Placing *p, Scope *in, int j) {
  const Node *loop = p->it->node, *n = scope_proj(s, loop, loop->ncarry + j);
  if (loop->guard != G_NONE || scope_is_placed(s, n)) return false;
  int k = slice_for_stack(b, s, p, in, j);
  if (k < 0) return false;
  p->it->donated[k] = false;
  scope_put(s, n, scope_buffer(s, loop->arg[k]));
  in->dest[loop->ncarry + loop->nsum + j].buffer =
      idmap_get(&in->buffer, p->f->param[k + loop->nsum]->id);
  return true;
}

/* Gives the LOOP's results their places: the carries' buffers, and whole stacks. */
static void bind_results(Build *b, Scope *s, Placing *p, Scope *in) {
  Node *loop = p->it->node;
  for (int k = 0; k < loop->ncarry + loop->nsum; k++) {
    Node *n = scope_proj(s, loop, k < loop->ncarry ? k : k + loop->nstack);
    bool is_row = k < loop->ncarry && p->last[k] >= 0;
    if (n) scope_put(s, n, is_row ? p->last[k] : in->dest[k].buffer);
  }
  for (int k = 0; k < loop->nstack; k++) {
    Node *n = scope_proj(s, loop, loop->ncarry + k),
         *row = p->f->result[loop->ncarry + loop->nsum + k];
    in->dest[loop->ncarry + loop->nsum + k] = (Dest){-1, NULL, false};
    if (!n || p->bound[k] || stack_over_slice(b, s, p, in, k)) continue;
    if (!scope_is_placed(s, n)) scope_put(s, n, buffer_new(b, B_WORK, n, NULL, s->home));
    int whole = idmap_get(&s->buffer, n->id);
    if (loop->guard) step_new(s, K_ZERO, loop->loc, 1)->arg[0] = whole;
    in->dest[loop->ncarry + loop->nsum + k].buffer = row_of(b, whole, row, in->home);
  }
}

void emit_loop(Build *b, Scope *s, Item *it) {
  Node *loop = it->node;
  Func *f = body_func(loop);
  passes_run(f, NULL);
  Scope in = {.f = f, .home = b->loops++, .dest = NEWN(mod->arena, Dest, f->nresult + 1)};
  scope_items(b, &in);
  Placing p = {it, f, NEWN(mod->arena, bool, loop->ncarry + 1),
               NEWN(mod->arena, int, loop->ncarry + 1), NEWN(mod->arena, bool, loop->nstack + 1)};
  for (int k = 0; k < loop->ncarry; k++) p.constant[k] = carry_stays(loop, k), p.last[k] = -1;
  bind_body(b, s, &p, &in);
  bind_results(b, s, &p, &in);
  for (int i = 0; i < in.order.n; i++)
    if (in.order.node[i]->kind == N_LIT)
      scope_put(&in, in.order.node[i], literal_buffer(b, in.order.node[i]));
  scope_build(b, &in);
  Step *st = step_new(s, K_LOOP, loop->loc, loop->guard != G_NONE);
  st->guard = (Guard)loop->guard;
  if (loop->guard == G_IF) st->arg[0] = scope_buffer(s, loop->arg[loop->ncarry]);
  if (loop->guard == G_WHILE) st->arg[0] = idmap_get(&in.buffer, f->param[0]->id);
  st->trip = loop->trip;
  st->reverse = loop->reverse;
  st->body = in.step;
  st->nbody = in.nstep;
  st->home = in.home;
  st->var = name_claim(b->names, "t");
}
