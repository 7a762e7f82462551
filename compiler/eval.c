/*
** eval.c: the reference interpreter, the oracle of every test
**
** Graphs are run node by node in the order of ids; a tensor is freed after its last use. f32
** results are rounded after every operation, as the emitted C does; sums and products of f32 are
** taken in double and rounded once: nearer to the truth than any order of f32 additions.
** A function's COMPs are made ready once (Plan) and run for every CALL and every step of a LOOP.
*/
#include <stdlib.h>
#include <string.h>
#include "eval.h"

typedef struct Plan {      /* a Func, or the graph handed to eval_graph, made ready */
  int nparam, nresult;
  Node **param, **result;
  Order order;
  int *position;           /* by node id: place in the order, -1: not in it */
  int top;
  int *uses;               /* by place: arguments and results that mention it */
  Comp **comp;             /* by place */
} Plan;

typedef struct Eval {
  Arena *arena;
  const int64_t *size;
  Plan **plan;             /* by Func id */
  Value *file;             /* registers, as many as the largest Comp needs */
  int nfile;
} Eval;

typedef struct Slot {      /* what a node of a frame holds */
  Tensor t;
  bool owned;              /* data is the frame's to free */
  int nresult;             /* CALL, LOOP: results waiting for their PROJ; owned */
  Tensor *result;
} Slot;

size_t tensor_count(const Tensor *t) {
  size_t n = 1;
  for (int d = 0; d < t->rank; d++) n *= (size_t)t->dim[d];
  return n;
}

static size_t tensor_bytes(const Tensor *t) { return tensor_count(t) * dtype_size(t->dtype); }

static void tensor_allocate(Tensor *t) {
  t->data = calloc(tensor_count(t) + 1, dtype_size(t->dtype));
  if (!t->data) diag_error((Loc){0}, "out of memory in the interpreter");
}

static Tensor tensor_copy(const Tensor *t) {
  Tensor c = *t;
  tensor_allocate(&c);
  if (tensor_bytes(t)) memcpy(c.data, t->data, tensor_bytes(t));
  return c;
}

/* Row i of t along its first axis, sharing its data. */
static Tensor tensor_row(const Tensor *t, int64_t i) {
  Tensor row = {.dtype = t->dtype, .rank = t->rank - 1};
  for (int d = 1; d < t->rank; d++) row.dim[d - 1] = t->dim[d];
  row.data = (char *)t->data + (size_t)i * tensor_bytes(&row);
  return row;
}

int64_t eval_size(Scalar *s, const int64_t *size) {
  Value arg[3];
  switch ((ScalarKind)s->kind) {
  case S_CONST: return s->i;
  case S_SIZE: return size[s->sym->index];
  case S_OP:
    for (int k = 0; k < s->narg; k++) arg[k].i = eval_size(s->arg[k], size);
    if (s->op == OP_CAST) return value_cast((Dtype)s->dtype, (Dtype)s->arg[0]->dtype, arg[0]).i;
    return op_eval((OpCode)s->op, (Dtype)s->arg[s->narg - 1]->dtype, arg).i;
  default: ICE((Loc){0}, "a size that depends on an axis or a tensor");
  }
}

int64_t eval_extent(Scalar *s, const int64_t *size) {
  int64_t n = eval_size(s, size);
  return n > 0 ? n : 0;
}

static Tensor shape_of(const Eval *e, const Node *n) {
  Tensor t = {.dtype = (Dtype)n->dtype, .rank = n->rank};
  for (int d = 0; d < n->rank; d++) {
    t.dim[d] = eval_extent(n->dim[d], e->size);
  }
  return t;
}

static void run_opaque(const Eval *e, Func *f, const Tensor *arg, Tensor *result, Loc loc) {
  for (int k = 0; k < f->nresult; k++) {
    result[k] = shape_of(e, f->result[k]);
    tensor_allocate(&result[k]);
  }
  opaque_run(f, arg, result, e->size, loc);
}

/* Frames */

static Plan *plan_new(Eval *e, int nparam, Node **param, int nresult, Node **result) {
  Plan *p = NEW(e->arena, Plan);
  *p = (Plan){.nparam = nparam, .param = param, .nresult = nresult, .result = result};
  p->order = graph_order(e->arena, nresult, result);
  int n = p->order.n;
  p->top = n ? p->order.node[n - 1]->id : -1;
  p->position = NEWN(e->arena, int, p->top + 2);
  p->uses = NEWN(e->arena, int, n + 1);
  p->comp = NEWN(e->arena, Comp *, n + 1);
  for (int id = 0; id <= p->top; id++) p->position[id] = -1;
  for (int k = 0; k < n; k++) {
    Node *x = p->order.node[k];
    p->position[x->id] = k;
    for (int j = 0; j < x->narg; j++) p->uses[p->position[x->arg[j]->id]]++;
    if (x->kind == N_COMP) p->comp[k] = comp_new(e->arena, x, e->size);
    if (p->comp[k] && p->comp[k]->nregister > e->nfile) e->nfile = p->comp[k]->nregister;
  }
  for (int k = 0; k < nresult; k++) p->uses[p->position[result[k]->id]]++;
  e->file = realloc(e->file, sizeof *e->file * (size_t)(e->nfile + 1));
  if (!e->file) diag_error((Loc){0}, "out of memory in the interpreter");
  return p;
}

static Plan *plan_of(Eval *e, Func *f) {
  if (!e->plan[f->id]) e->plan[f->id] = plan_new(e, f->nparam, f->param, f->nresult, f->result);
  return e->plan[f->id];
}

static void run_plan(Eval *e, const Plan *p, const Tensor *arg, Tensor *result);

/* Results of f, each owned by the caller. */
static void run_func(Eval *e, Func *f, const Tensor *arg, Tensor *result, Loc loc) {
  if (f->opaque)
    run_opaque(e, f, arg, result, loc);
  else
    run_plan(e, plan_of(e, f), arg, result);
}

/* The state of a LOOP while it runs; arrays in the order of the function's params and results. */
typedef struct Loop {
  const Node *n;
  int64_t trip;
  const Tensor *arg;
  Tensor *in, *out;        /* of one step */
  Tensor *result;
  double **total;          /* sums of floats, kept in double */
} Loop;

static void loop_begin(const Eval *e, Loop *l) {
  const Node *n = l->n;
  for (int k = 0; k < n->fn->nresult; k++) {
    bool stack = k >= n->ncarry && k < n->ncarry + n->nstack;
    Tensor row = shape_of(e, n->fn->result[k]), t = row;
    if (k < n->ncarry) {
      l->result[k] = tensor_copy(&l->arg[k]);
      continue;
    }
    if (stack) {
      t.rank = row.rank + 1;
      t.dim[0] = l->trip;
      memcpy(t.dim + 1, row.dim, sizeof *row.dim * (size_t)row.rank);
    }
    tensor_allocate(&t);
    l->result[k] = t;
    if (!stack && dtype_is_float(t.dtype))
      l->total[k] = arena_need(calloc(tensor_count(&t) + 1, sizeof(double)));
  }
}

/* Takes in what one step gave. */
static void loop_advance(Loop *l, int64_t t) {
  const Node *n = l->n;
  for (int k = 0; k < n->fn->nresult; k++) {
    Tensor *r = &l->result[k], *step = &l->out[k];
    if (k < n->ncarry) {
      free(r->data);
      *r = *step;
      continue;
    }
    if (k < n->ncarry + n->nstack) {
      Tensor row = tensor_row(r, t);
      if (tensor_bytes(step)) memcpy(row.data, step->data, tensor_bytes(step));
    } else {
      for (int64_t i = 0, m = (int64_t)tensor_count(r); i < m; i++) {
        Value v = tensor_load(step, i);
        if (l->total[k])
          l->total[k][i] += v.f;
        else
          tensor_store(r, i, combine_values(C_SUM, r->dtype, tensor_load(r, i), v));
      }
    }
    free(step->data);
  }
}

static void run_loop(Eval *e, const Node *n, const Tensor *arg, Tensor *result) {
  Func *f = n->fn;
  Loop l = {.n = n, .arg = arg, .result = result, .trip = eval_size(n->trip, e->size)};
  l.in = arena_need(calloc((size_t)f->nparam + 1, sizeof *l.in));
  l.out = arena_need(calloc((size_t)f->nresult + 1, sizeof *l.out));
  l.total = arena_need(calloc((size_t)f->nresult + 1, sizeof *l.total));
  loop_begin(e, &l);
  for (int64_t step = 0; step < l.trip; step++) {
    int64_t t = n->reverse ? l.trip - 1 - step : step;
    for (int k = 0; k < f->nparam; k++)
      l.in[k] = k < n->ncarry                ? result[k]
                : k < n->ncarry + n->nslice ? tensor_row(&arg[k], t)
                                             : arg[k];
    if (n->guard && !*(const uint8_t *)l.in[n->guard == G_IF ? n->ncarry : 0].data) {
      if (n->guard == G_WHILE) break;
      continue;
    }
    run_func(e, f, l.in, l.out, n->loc);
    loop_advance(&l, t);
  }
  for (int k = 0; k < f->nresult; k++) {
    for (int64_t i = 0; l.total[k] && i < (int64_t)tensor_count(&result[k]); i++)
      tensor_store(&result[k], i, (Value){.f = l.total[k][i]});
    free(l.total[k]);
  }
  free(l.in);
  free(l.out);
  free(l.total);
}

static void release(Slot *s) {
  if (s->owned) free(s->t.data);
  for (int k = 0; k < s->nresult; k++) free(s->result[k].data);
  free(s->result);
  *s = (Slot){0};
}

static void run_node(Eval *e, const Plan *p, int at, Slot *slot) {
  Node *n = p->order.node[at];
  Slot *s = &slot[at];
  Tensor few[16], *arg = n->narg > 16 ? calloc((size_t)n->narg, sizeof *arg) : few;
  for (int k = 0; k < n->narg; k++) arg[k] = slot[p->position[n->arg[k]->id]].t;
  switch ((NodeKind)n->kind) {
  case N_COMP:
    s->t = shape_of(e, n);
    s->owned = true;
    tensor_allocate(&s->t);
    comp_run(p->comp[at], arg, &s->t, e->file);
    break;
  case N_LIT:
    s->t = shape_of(e, n);
    s->t.data = (void *)(uintptr_t)n->data;
    break;
  case N_CALL: case N_LOOP:
    s->nresult = n->fn->nresult;
    s->result = arena_need(calloc((size_t)s->nresult + 1, sizeof *s->result));
    if (n->kind == N_CALL)
      run_func(e, n->fn, arg, s->result, n->loc);
    else
      run_loop(e, n, arg, s->result);
    break;
  case N_PROJ: { /* the result changes hands */
    Slot *call = &slot[p->position[n->arg[0]->id]];
    s->t = call->result[n->k];
    s->owned = true;
    call->result[n->k].data = NULL;
    break;
  }
  case N_PARAM: break;
  }
  if (arg != few) free(arg);
}

static void run_plan(Eval *e, const Plan *p, const Tensor *arg, Tensor *result) {
  int n = p->order.n;
  Slot *slot = arena_need(calloc((size_t)n + 1, sizeof *slot));
  bool *bound = arena_need(calloc((size_t)n + 1, 1));
  int *left = arena_need(malloc(sizeof *left * (size_t)(n + 1)));
  memcpy(left, p->uses, sizeof *left * (size_t)n);
  for (int k = 0; k < p->nparam; k++) {
    Node *x = p->param[k];
    if (x->id > p->top || p->position[x->id] < 0) continue;
    slot[p->position[x->id]].t = arg[k];
    bound[p->position[x->id]] = true;
  }
  for (int k = 0; k < n; k++) {
    Node *x = p->order.node[k];
    if (bound[k]) continue;
    if (x->kind == N_PARAM) ICE(x->loc, "'%s' has no value", x->name ? x->name : "a parameter");
    run_node(e, p, k, slot);
    for (int j = 0; j < x->narg; j++) {
      int a = p->position[x->arg[j]->id];
      if (--left[a] == 0) release(&slot[a]);
    }
  }
  for (int k = 0; k < p->nresult; k++) {
    Slot *s = &slot[p->position[p->result[k]->id]];
    bool last = --left[p->position[p->result[k]->id]] == 0;
    result[k] = s->owned && last ? s->t : tensor_copy(&s->t);
    if (s->owned && last) s->owned = false;
  }
  for (int k = 0; k < n; k++) release(&slot[k]);
  free(slot);
  free(bound);
  free(left);
}

/* Values are checked against the shapes their PARAMs declare. */
static void check_value(const Eval *e, const Node *n, const Tensor *v) {
  Tensor want = shape_of(e, n);
  bool same = want.dtype == v->dtype && want.rank == v->rank;
  for (int d = 0; same && d < want.rank; d++) same = want.dim[d] == v->dim[d];
  if (!same) ICE(n->loc, "the value of '%s' has another shape or dtype", n->name ? n->name : "?");
}

void eval_graph(Arena *a, int nparam, Node **param, const Tensor *value, const int64_t *size,
                int nresult, Node **result, Tensor *out) {
  Eval e = {.arena = arena_new(), .size = size};
  e.plan = NEWN(e.arena, Plan *, mod->nfunc + 1);
  for (int k = 0; k < nparam; k++) check_value(&e, param[k], &value[k]);
  run_plan(&e, plan_new(&e, nparam, param, nresult, result), value, out);
  for (int k = 0; k < nresult; k++) {
    void *data = out[k].data;
    out[k].data = arena_copy(a, data, tensor_bytes(&out[k]));
    free(data);
  }
  free(e.file);
  arena_free(e.arena);
}
