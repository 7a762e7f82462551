/*
** eval_comp.c: a COMP as instructions over registers, run over its whole domain in row-major order
**
**   for i < N, j < M:  out[windex(i, j)] (+)= body(i, j)
**
** An instruction runs again only when an axis it depends on has changed. The innermost axes, as
** many as fit into LANES points, lie flat in one block; a long innermost axis is cut into blocks.
** SET keeps the last value of an element, in row-major order.
*/
#include <stdlib.h>
#include <string.h>
#include "eval.h"

typedef struct Builder {
  Comp *c;
  Arena *arena;
  int n, cap;
  Scalar **seen;       /* in order of appearance, arguments first */
  Operand *place;      /* of each */
  int *level;
} Builder;

static void collect(void *ctx, Scalar *s) {
  Builder *b = ctx;
  if (b->n == b->cap) {
    int cap = b->cap ? b->cap * 2 : 64;
    Scalar **more = NEWN(b->arena, Scalar *, cap);
    if (b->n) memcpy(more, b->seen, sizeof *more * (size_t)b->n);
    b->seen = more;
    b->cap = cap;
  }
  b->seen[b->n++] = s;
}

static int by_id(const void *a, const void *b) {
  int x = (*(Scalar *const *)a)->id, y = (*(Scalar *const *)b)->id;
  return (x > y) - (x < y);
}

/* Sorts what was collected by id (arguments have smaller ones) and drops repetitions. */
static void settle(Builder *b) {
  int n = 0;
  qsort(b->seen, (size_t)b->n, sizeof *b->seen, by_id);
  for (int k = 0; k < b->n; k++)
    if (!k || b->seen[k] != b->seen[k - 1]) b->seen[n++] = b->seen[k];
  b->n = n;
  b->place = NEWN(b->arena, Operand, n + 1);
  b->level = NEWN(b->arena, int, n + 1);
}

static int find(const Builder *b, const Scalar *s) {
  int lo = 0, hi = b->n;
  while (hi - lo > 1) {
    int mid = (lo + hi) / 2;
    if (b->seen[mid]->id <= s->id)
      lo = mid;
    else
      hi = mid;
  }
  return lo;
}

static int new_register(Comp *c, bool lanes) {
  int at = c->nregister;
  c->nregister += lanes ? LANES : 1;
  return at;
}

/* Chooses which axes lie flat in a block. */
static void split_domain(Comp *c, int ndom) {
  c->outer = ndom;
  c->flat = 1;
  while (c->outer > 0 && c->dom[c->outer - 1] <= LANES / (c->flat ? c->flat : 1))
    c->flat *= c->dom[--c->outer];
  if (c->outer == ndom && ndom > 0) c->flat = c->dom[--c->outer];
}

static int tensor_slot(const Node *n, const Node *t) {
  for (int k = 0; k < n->narg; k++)
    if (n->arg[k] == t) return k;
  ICE(n->loc, "a COMP reads a tensor that is not among its arguments");
}

static Value constant_of(const Scalar *s, const int64_t *size) {
  if (s->kind == S_SIZE) return (Value){.i = size[s->sym->index]};
  return dtype_is_float((Dtype)s->dtype) ? (Value){.f = s->f} : (Value){.i = s->i};
}

/* The instruction or the constant register of the k-th Scalar. */
static void place_scalar(Builder *b, int k, Inst *inst, const int64_t *size) {
  Comp *c = b->c;
  Scalar *s = b->seen[k];
  if (s->kind == S_CONST || s->kind == S_SIZE) {
    int at = new_register(c, false);
    c->constant[c->nconstant++] = (Constant){at, constant_of(s, size)};
    b->place[k] = (Operand){at, 0, -1};
  } else if (s->kind == S_AXIS) {
    if (s->axis >= c->node->ndom) ICE(c->node->loc, "axis %d is free in a body", s->axis);
    bool lanes = s->axis >= c->outer;
    b->level[k] = lanes ? c->outer + 1 : s->axis + 1;
    b->place[k] = (Operand){c->axis[s->axis], lanes, -1};
  } else {
    Inst q = {.read = s->kind == S_READ, .op = (OpCode)s->op, .to = (Dtype)s->dtype,
              .narg = s->narg, .source = s};
    if (s->kind == S_REDUCE) ICE(c->node->loc, "a reduction is left in a body");
    for (int j = 0; j < s->narg; j++) {
      int at = find(b, s->arg[j]);
      q.arg[j] = b->place[at];
      if (b->level[at] > b->level[k]) b->level[k] = b->level[at];
    }
    if (s->narg) q.from = (Dtype)s->arg[s->narg - 1]->dtype;
    if (q.read) {
      q.tensor = tensor_slot(c->node, s->tensor);
      q.rule = s->rule;
    }
    q.level = b->level[k];
    bool lanes = q.level > c->outer;
    q.dst = (Operand){new_register(c, lanes), lanes, c->ninst};
    b->place[k] = q.dst;
    inst[c->ninst++] = q;
  }
}

/* Orders instructions by level; within one they stay as they are. */
static void sort_levels(Comp *c, Arena *a, const Inst *inst) {
  c->inst = NEWN(a, Inst, c->ninst + 1);
  int *moved = NEWN(a, int, c->ninst + 1), n = 0;
  for (int level = 0; level <= c->outer + 1; level++) {
    for (int k = 0; k < c->ninst; k++)
      if (inst[k].level == level) {
        moved[k] = n;
        c->inst[n++] = inst[k];
      }
    c->level_end[level] = n;
  }
  for (int k = 0; k < n; k++) {
    Inst *q = &c->inst[k];
    q->dst.inst = k;
    for (int j = 0; j < q->narg; j++)
      if (q->arg[j].inst >= 0) q->arg[j].inst = moved[q->arg[j].inst];
  }
  if (c->body.inst >= 0) c->body.inst = moved[c->body.inst];
  for (int d = 0; d < c->node->rank; d++)
    if (c->windex[d].inst >= 0) c->windex[d].inst = moved[c->windex[d].inst];
}

Comp *comp_new(Arena *a, Node *n, const int64_t *size) {
  Comp *c = NEW(a, Comp);
  Builder b = {.c = c, .arena = arena_new()};
  c->node = n;
  c->points = c->count = 1;
  for (int p = 0; p < n->ndom; p++) {
    c->dom[p] = eval_extent(n->dom[p], size);
    c->points *= c->dom[p];
  }
  for (int d = 0; d < n->rank; d++) {
    c->dim[d] = eval_extent(n->dim[d], size);
    c->count *= c->dim[d];
  }
  split_domain(c, n->ndom);
  for (int p = 0; p < n->ndom; p++) c->axis[p] = new_register(c, p >= c->outer);
  s_walk(n->body, collect, &b);
  for (int d = 0; d < n->rank; d++) s_walk(n->windex[d], collect, &b);
  settle(&b);
  Inst *inst = NEWN(b.arena, Inst, b.n + 1);
  c->constant = NEWN(a, Constant, b.n + 1);
  for (int k = 0; k < b.n; k++) place_scalar(&b, k, inst, size);
  c->body = b.place[find(&b, n->body)];
  for (int d = 0; d < n->rank; d++) c->windex[d] = b.place[find(&b, n->windex[d])];
  sort_levels(c, a, inst);
  arena_free(b.arena);
  return c;
}

/* Running */

typedef struct Run {
  const Comp *c;
  const Tensor *arg;
  Tensor *out;
  Value *file, *acc;           /* acc: the result while it is combined; NULL for a plain map */
  bool outside[MAX_AXES + 2];  /* by level: a read was out of bounds when it last ran */
} Run;

static const char *name_of(const Node *n) { return n->name ? n->name : "an unnamed tensor"; }

/* Reports index i of axis d of tensor t; the data's fault if the index is read from data. */
static _Noreturn void report(const Node *n, const Node *t, Scalar *index, int d, int64_t i,
                             int64_t extent, const char *what) {
  Text text = {0};
  print_formula(&text, (Node *)(uintptr_t)n);
  const char *formula = str_intern(text.s);
  text_free(&text);
  if (s_has_read(index))
    diag_error(n->loc, "%s index %lld of axis %d of '%s' is outside [0, %lld)\n  in %s", what,
               (long long)i, d, name_of(t), (long long)extent, formula);
  ICE(n->loc, "%s index %lld of axis %d of '%s' is outside [0, %lld)\n  in %s", what, (long long)i,
      d, name_of(t), (long long)extent, formula);
}

static Value operand(const Run *r, Operand o, int lane) { return r->file[o.at + lane * o.step]; }

/* Looks whether a read that was out of bounds is really needed at this point: a `where` or a
** logical operation leaves its other side alone, as in C. Reports it if so. */
static void check_lane(const Run *r, int lane, bool *need) {
  const Comp *c = r->c;
  memset(need, 0, sizeof *need * (size_t)(c->ninst + 1));
  need += 1; /* need[-1]: constants */
  need[c->body.inst] = true;
  for (int d = 0; d < c->node->rank; d++) need[c->windex[d].inst] = true;
  for (int k = c->ninst - 1; k >= 0; k--) {
    const Inst *q = &c->inst[k];
    if (!need[k]) continue;
    bool first = !q->read && (q->op == OP_WHERE || q->op == OP_AND || q->op == OP_OR);
    int64_t choice = first ? operand(r, q->arg[0], lane).i : 0;
    for (int j = 0; j < q->narg; j++) {
      bool skip = first && j > 0 && (q->op == OP_WHERE ? (j == 1) != (choice != 0)
                                                      : (q->op == OP_OR) == (choice != 0));
      if (!skip) need[q->arg[j].inst] = true;
    }
    for (int d = 0; q->read && d < q->narg; d++) {
      int64_t i = operand(r, q->arg[d], lane).i, extent = r->arg[q->tensor].dim[d];
      if (rule_position((Rule)q->rule[d], i, extent) != -2) continue;
      report(c->node, q->source->tensor, q->source->arg[d], d, i, extent, "reading");
    }
  }
}

static void check_block(const Run *r, int n) {
  bool *need = arena_need(malloc((size_t)r->c->ninst + 1));
  for (int lane = 0; lane < n; lane++) check_lane(r, lane, need);
  free(need);
}

static void run_level(Run *r, int level, int n) {
  const Comp *c = r->c;
  r->outside[level] = false;
  for (int k = level ? c->level_end[level - 1] : 0; k < c->level_end[level]; k++)
    lanes_run(&c->inst[k], r->arg, r->file, n, &r->outside[level]);
}

/* Where point `lane` writes, -1: nowhere. */
static int64_t write_position(const Run *r, int lane) {
  const Comp *c = r->c;
  int64_t at = 0;
  for (int d = 0; d < c->node->rank; d++) {
    int64_t i = operand(r, c->windex[d], lane).i;
    int64_t p = rule_position((Rule)c->node->wrule[d], i, c->dim[d]);
    if (p == -2) report(c->node, c->node, c->node->windex[d], d, i, c->dim[d], "writing");
    if (p == -1) return -1;
    at = at * c->dim[d] + p;
  }
  return at;
}

static bool one_target(const Comp *c) {
  for (int d = 0; d < c->node->rank; d++)
    if (c->windex[d].step) return false;
  return true;
}

/* Combines the block's values into the result. `first` is the number of its first point. */
static void write_block(Run *r, int n, int64_t first) {
  const Comp *c = r->c;
  Dtype t = (Dtype)c->node->dtype;
  Combine comb = (Combine)c->node->comb;
  if (!r->acc) {
    for (int l = 0; l < n; l++) tensor_store(r->out, first + l, operand(r, c->body, l));
    return;
  }
  if (one_target(c)) {
    int64_t at = write_position(r, 0);
    if (at < 0) return;
    Value acc = r->acc[at];
    if (comb == C_SUM && dtype_is_float(t))
      for (int l = 0; l < n; l++) acc.f += operand(r, c->body, l).f;
    else
      for (int l = 0; l < n; l++) acc = combine_values(comb, t, acc, operand(r, c->body, l));
    r->acc[at] = acc;
    return;
  }
  for (int l = 0; l < n; l++) {
    int64_t at = write_position(r, l);
    if (at >= 0) r->acc[at] = combine_values(comb, t, r->acc[at], operand(r, c->body, l));
  }
}

/* The values of the flat axes at points first..first+n-1 of the block. */
static void fill_axes(Run *r, int64_t first, int n) {
  const Comp *c = r->c;
  int64_t below = 1;
  for (int p = c->node->ndom - 1; p >= c->outer; p--) {
    Value *v = r->file + c->axis[p];
    for (int l = 0; l < n; l++) v[l].i = (first + l) / below % c->dom[p];
    below *= c->dom[p];
  }
}

/* All points below the outer axes' current values. */
static void run_blocks(Run *r, int64_t *done) {
  const Comp *c = r->c;
  bool suspect = false;
  for (int level = 0; level <= c->outer; level++) suspect = suspect || r->outside[level];
  for (int64_t first = 0; first < c->flat; first += LANES) {
    int n = (int)(c->flat - first < LANES ? c->flat - first : LANES);
    if (c->flat > LANES) fill_axes(r, first, n);
    run_level(r, c->outer + 1, n);
    if (suspect || r->outside[c->outer + 1]) check_block(r, n);
    write_block(r, n, *done);
    *done += n;
  }
}

static void run_domain(Run *r) {
  const Comp *c = r->c;
  int64_t at[MAX_AXES] = {0}, done = 0;
  for (int k = 0; k < c->nconstant; k++) r->file[c->constant[k].at] = c->constant[k].value;
  for (int p = 0; p < c->outer; p++) r->file[c->axis[p]].i = 0;
  if (c->flat <= LANES) fill_axes(r, 0, (int)c->flat);
  run_level(r, 0, 1);
  for (int from = 0, p; from >= 0; from = p) {
    for (int level = from + 1; level <= c->outer; level++) run_level(r, level, 1);
    run_blocks(r, &done);
    for (p = c->outer - 1; p >= 0; p--) { /* the next point of the outer axes */
      r->file[c->axis[p]].i = ++at[p];
      if (at[p] < c->dom[p]) break;
      r->file[c->axis[p]].i = at[p] = 0;
    }
  }
}

void comp_run(const Comp *c, const Tensor *arg, Tensor *out, Value *file) {
  Run r = {.c = c, .arg = arg, .out = out, .file = file};
  Dtype t = (Dtype)c->node->dtype;
  Value start = combine_start((Combine)c->node->comb, t);
  if (!n_is_map(c->node) || c->points != c->count) {
    r.acc = arena_need(malloc(sizeof *r.acc * (size_t)(c->count + 1)));
    if (!r.acc) diag_error(c->node->loc, "out of memory");
    for (int64_t k = 0; k < c->count; k++) r.acc[k] = start;
  }
  if (c->points > 0) run_domain(&r);
  for (int64_t k = 0; r.acc && k < c->count; k++) tensor_store(out, k, r.acc[k]);
  free(r.acc);
}
