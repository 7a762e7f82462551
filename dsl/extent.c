/*
** extent.c: how far each index runs, and whether every read stays inside its tensor
**
** An index that stands alone, x(i), runs over that axis. Where it never stands alone the extent is
** solved for: x(2*i + k) with k < K gives i < floor((n - K) / 2) + 1, and where the tensor is
** wrapped in a boundary rule, as many as there are elements ("same" convolution); an index that is
** summed over gets no extent that way.
*/
#include <string.h>
#include "dsl.h"

AxisUse *build_axis(Build *b, Scalar *axis) {
  for (int k = 0; k < b->naxis; k++)
    if (b->axis[k].axis == axis) return &b->axis[k];
  return NULL;
}

static const char *axis_text(Build *b, Scalar *axis) {
  return text_scalar(b->d, axis);
}

static void collect(void *ctx, Scalar *s) {
  Build *b = ctx;
  if (s->kind == S_AXIS) {
    Index *x = &b->d->index[s->axis - FREE_AXIS];
    if (x->extent_of >= 0 || build_axis(b, s)) return;
    if (b->naxis == 64) dsl_fail(b->L, "more than 64 indices in one expression");
    b->axis[b->naxis++] = (AxisUse){.axis = s, .extent = x->extent};
  } else if (s->kind == S_READ && s->narg) {
    if (b->nread == b->capread) {
      b->capread = b->capread ? b->capread * 2 : 16;
      Scalar **more = NEWN(mod->arena, Scalar *, b->capread);
      if (b->nread) memcpy(more, b->read, sizeof *more * (size_t)b->nread);
      b->read = more;
    }
    b->read[b->nread++] = s;
  }
}

/* Adds the indices and reads of s. */
void build_collect(Build *b, Scalar *s) {
  s_walk(s, collect, b);
}

/* Standing alone */

static void note_read(Build *b, Scalar *read) {
  Loc *loc = map_get(&b->d->place, read);
  if (loc && loc->line != mod->here.line)
    dsl_note(b->L, *loc, "%s was read here", text_node(b->d, read->tensor));
  dsl_note_declared(b->L, read->tensor);
}

static _Noreturn void fail_disagree(Build *b, AxisUse *a, Scalar *read, int d) {
  Scalar *size = read->tensor->dim[d];
  int64_t one;
  note_read(b, a->read);
  note_read(b, read);
  dsl_fail(b->L, "index %s: %s has %s element%s along axis %d, but %s has %s along axis %d",
           axis_text(b, a->axis), text_node(b->d, a->read->tensor), text_scalar(b->d, a->extent),
           s_const_value(a->extent, &one) && one == 1 ? "" : "s", a->d,
           read->tensor == a->read->tensor ? "it" : text_node(b->d, read->tensor),
           text_scalar(b->d, size), d);
}

static void infer_alone(Build *b) {
  for (int k = 0; k < b->nread; k++) {
    Scalar *r = b->read[k];
    for (int d = 0; d < r->narg; d++) {
      AxisUse *a = r->arg[d]->kind == S_AXIS && !r->rule[d] ? build_axis(b, r->arg[d]) : NULL;
      if (!a) continue;
      if (!a->extent)
        *a = (AxisUse){a->axis, r->tensor->dim[d], r, d};
      else if (a->read && !dsl_same_size(a->extent, r->tensor->dim[d]))
        fail_disagree(b, a, r, d);
    }
  }
}

/* Solving */

typedef struct Local {
  Build *b;
  int n;
  Scalar *axis[MAX_AXES];
  bool bad; /* too many, or a stand-in for an extent not known yet */
} Local;

static Scalar *localize(void *ctx, Scalar *s) {
  Local *l = ctx;
  if (s->kind != S_AXIS) return NULL;
  Index *x = &l->b->d->index[s->axis - FREE_AXIS];
  if (x->extent_of >= 0) {
    AxisUse *a = build_axis(l->b, s_axis(x->extent_of));
    if (!a || !a->extent) l->bad = true;
    return a && a->extent ? a->extent : s_int(1);
  }
  for (int k = 0; k < l->n; k++)
    if (l->axis[k] == s) return s_axis(k);
  if (l->n == MAX_AXES) return l->bad = true, s_int(0);
  l->axis[l->n] = s;
  return s_axis(l->n++);
}

static int find_unknown(Local *l, int *unknown) {
  int n = 0;
  for (int k = 0; k < l->n; k++)
    if (!build_axis(l->b, l->axis[k])->extent) {
      *unknown = k;
      n++;
    }
  return n;
}

/* s over AXIS(0), AXIS(1), .., whose extents are put into dom; false: some are not known. */
bool build_local(Build *b, Scalar *s, Scalar **local, int *ndom, Scalar **dom) {
  Local l = {.b = b};
  int unknown;
  *local = s_rewrite(s, localize, &l);
  if (l.bad || find_unknown(&l, &unknown)) return false;
  for (int k = 0; k < l.n; k++) dom[k] = build_axis(b, l.axis[k])->extent;
  *ndom = l.n;
  return true;
}

/* The extent that the only index of unknown extent in axis d of a read must have; NULL: cannot say.
** Sets *which to the index. */
static Scalar *solve(Build *b, Scalar *r, int d, AxisUse **which) {
  Local l = {.b = b};
  Scalar *local = s_rewrite(r->arg[d], localize, &l), *coef, *rest, *lo, *hi, *dom[MAX_AXES];
  Scalar *size = r->tensor->dim[d];
  int u = 0;
  int64_t c;
  if (l.bad || find_unknown(&l, &u) != 1) return NULL;
  if (!affine_split(local, u, &coef, &rest) || !s_const_value(coef, &c) || !c) return NULL;
  *which = build_axis(b, l.axis[u]);
  for (int k = 0; k < l.n; k++) dom[k] = k == u ? s_int(1) : build_axis(b, l.axis[k])->extent;
  if (r->rule[d]) {
    if (b->d->index[l.axis[u]->axis - FREE_AXIS].bound) return NULL; /* a sum must say how far */
    Scalar *step = s_int(c < 0 ? -c : c);
    return s_op2(OP_FLOORDIV, s_add(size, s_sub(step, s_int(1))), step);
  }
  if (!s_range(rest, l.n, dom, &lo, &hi)) return NULL;
  Scalar *room = c > 0 ? s_sub(s_sub(size, s_int(1)), hi) : lo;
  return s_add(s_op2(OP_FLOORDIV, room, s_int(c > 0 ? c : -c)), s_int(1));
}

/* One round of solving; takes the smallest of several extents. Returns whether any was found. */
static bool infer_round(Build *b, bool wrapped) {
  Scalar *found[64] = {0}, *read[64];
  bool any = false;
  for (int k = 0; k < b->nread; k++) {
    Scalar *r = b->read[k];
    for (int d = 0; d < r->narg; d++) {
      AxisUse *a;
      Scalar *e = (r->rule[d] != R_NONE) == wrapped ? solve(b, r, d, &a) : NULL;
      if (!e) continue;
      int at = (int)(a - b->axis);
      int64_t v, w;
      if (found[at] && !(s_const_value(e, &v) && s_const_value(found[at], &w) && v < w)) continue;
      found[at] = e;
      read[at] = r;
      any = true;
    }
  }
  for (int k = 0; k < b->naxis; k++)
    if (found[k]) {
      int64_t v;
      b->axis[k].extent = found[k];
      if (s_const_value(found[k], &v) && v <= 0) {
        note_read(b, read[k]);
        dsl_fail(b->L, "index %s has no value for which %s stays inside %s",
                 axis_text(b, b->axis[k].axis), text_scalar(b->d, read[k]),
                 text_shape(b->d, read[k]->tensor));
      }
    }
  return any;
}

/* Finds the extent of every index, or says which one cannot be found. */
void build_infer(Build *b) {
  infer_alone(b);
  while (infer_round(b, false) || infer_round(b, true)) {
  }
  for (int k = 0; k < b->naxis; k++)
    if (!b->axis[k].extent) {
      Index *x = &b->d->index[b->axis[k].axis->axis - FREE_AXIS];
      dsl_note(b->L, x->loc, "index %s was made here", x->name);
      if (x->loc.line == mod->here.line) b->d->nnote = 0;
      dsl_fail(b->L, "index %s: no read tells how far it runs; state it: cr.index{ %s = ... }",
               x->name, x->name);
    }
}

/* Staying inside */

static _Noreturn void fail_outside(Build *b, Scalar *r, int d, Scalar *lo, Scalar *hi) {
  const char *t = r->tensor->name ? r->tensor->name : "x";
  Loc *loc = map_get(&b->d->place, r);
  int64_t first;
  bool from_zero = s_const_value(lo, &first) && first == 0;
  dsl_note_declared(b->L, r->tensor);
  dsl_fail_at(b->L, loc ? *loc : mod->here,
              "index %s of %s runs %s%s%sto %s, but axis %d has %s elements; "
              "wrap it, as in cr.zero_outside(%s)(...), or state a smaller extent",
              text_scalar(b->d, r->arg[d]), text_node(b->d, r->tensor), from_zero ? "" : "from ",
              from_zero ? "" : text_scalar(b->d, lo), from_zero ? "" : " ", text_scalar(b->d, hi),
              d, text_scalar(b->d, r->tensor->dim[d]), t);
}

/* Adds a check that the running program makes, once. */
void dsl_add_demand(Dsl *d, Demand c) {
  for (int k = 0; k < d->ndemand; k++) {
    Demand *o = &d->demand[k];
    if (o->lo == c.lo && o->hi == c.hi && o->input == c.input && o->extent == c.extent &&
        o->other == c.other)
      return;
  }
  if (d->ndemand == d->capdemand) {
    d->capdemand = d->capdemand ? d->capdemand * 2 : 16;
    Demand *more = NEWN(mod->arena, Demand, d->capdemand);
    if (d->ndemand) memcpy(more, d->demand, sizeof *more * (size_t)d->ndemand);
    d->demand = more;
  }
  d->demand[d->ndemand++] = c;
}

static Scalar *without_casts(Scalar *s) {
  while (s->kind == S_OP && s->op == OP_CAST) s = s->arg[0];
  return s;
}

/* Whether a copy's index d goes over all places of the axis it reads, or all but one of them, as
** the letters to read, text(n, t), and those to guess, text(n, t + 1), do. */
static bool goes_over(const Node *copy, const Scalar *read, int d) {
  Scalar *lo, *hi, *size = read->tensor->dim[d];
  Scalar *local = simplify_within(read->arg[d], copy->ndom, copy->dom);
  return s_range(local, copy->ndom, copy->dom, &lo, &hi) &&
         s_prove_ge(s_add(s_sub(hi, lo), s_int(2)), size);
}

/* Whether a copy has every element of what it reads once, as after a reshape, or all but the first
** or last along its axes. */
static bool has_all(const Node *copy, const Scalar *read) {
  Scalar *have = s_int(1), *all = s_int(1);
  for (int d = 0; d < copy->rank; d++) have = s_mul(have, copy->dim[d]);
  for (int d = 0; d < read->narg; d++) {
    all = s_mul(all, read->tensor->dim[d]);
    if (!s_has_axis(read->arg[d])) return false;
  }
  if (dsl_same_size(have, all)) return true;
  for (int d = 0; d < read->narg; d++)
    if (!goes_over(copy, read, d)) return false;
  return true;
}

/* The input that n is, or whose elements n has in other places; else NULL. */
Node *dsl_input_behind(Node *n) {
  while (n->kind == N_COMP && n->ndom == n->rank) {
    Scalar *r = without_casts(n->body);
    if (r->kind != S_READ || !has_all(n, r)) return NULL;
    n = r->tensor;
  }
  return n->kind == N_PARAM && n->role == P_INPUT ? n : NULL;
}

/* An index that depends on data: an input's values are checked when the entry is called, and the
** read takes the nearest element whatever comes. */
static void check_data(Build *b, Scalar *r, int d, Loc loc) {
  Scalar *i = without_casts(r->arg[d]);
  Node *input = i->kind == S_READ ? dsl_input_behind(i->tensor) : NULL;
  if (!input) return;
  const char *text = str_format("index of %s along axis %d", text_node(b->d, r->tensor), d);
  dsl_add_demand(
      b->d, (Demand){.input = input, .extent = r->tensor->dim[d], .text = text, .loc = loc});
}

/* The rule axis d of a read needs: R_NONE when it is proved or will be checked, else R_CLAMP. */
static Rule guard_axis(Build *b, Scalar *r, int d, Loc loc) {
  Scalar *local, *dom[MAX_AXES], *lo, *hi, *size = r->tensor->dim[d];
  int ndom = 0;
  int64_t v;
  if (!build_local(b, r->arg[d], &local, &ndom, dom)) return R_NONE;
  for (int k = 0; k < ndom; k++)
    if (s_const_value(dom[k], &v) && v == 0) return R_NONE; /* nothing is read at all */
  local = simplify_within(local, ndom, dom);
  bool known = s_range(local, ndom, dom, &lo, &hi);
  if (known && s_prove_ge(lo, s_int(0)) && s_prove_lt(hi, size)) return R_NONE;
  if (s_has_read(local)) return check_data(b, r, d, loc), R_CLAMP;
  if (b->trusted) return R_NONE;
  if (!known) {
    dsl_note_declared(b->L, r->tensor);
    dsl_fail_at(b->L, loc,
                "index %s of %s along axis %d has no provable range; wrap it, as in "
                "cr.clamp_to_edge(%s)(...)",
                text_scalar(b->d, r->arg[d]), text_node(b->d, r->tensor), d,
                r->tensor->name ? r->tensor->name : "x");
  }
  if (s_prove_lt(lo, s_int(0)) || s_prove_ge(hi, size)) fail_outside(b, r, d, lo, hi);
  dsl_add_demand(b->d, (Demand){.lo = lo,
                                .hi = hi,
                                .extent = size,
                                .loc = loc,
                                .text = str_format("index %s of %s along axis %d",
                                                   text_scalar(b->d, r->arg[d]),
                                                   text_node(b->d, r->tensor), d)});
  return R_NONE;
}

static Scalar *guard_leaf(void *ctx, Scalar *s) {
  Build *b = ctx;
  if (s->kind == S_AXIS) {
    Index *x = &b->d->index[s->axis - FREE_AXIS];
    return x->extent_of >= 0 ? build_axis(b, s_axis(x->extent_of))->extent : NULL;
  }
  if (s->kind != S_READ || !s->narg) return NULL;
  Loc *loc = map_get(&b->d->place, s);
  uint8_t rule[MAX_RANK];
  bool changed = false;
  for (int d = 0; d < s->narg; d++) {
    rule[d] = s->rule[d];
    if (rule[d] == R_NONE) rule[d] = (uint8_t)guard_axis(b, s, d, loc ? *loc : mod->here);
    changed |= rule[d] != s->rule[d];
  }
  return changed ? s_read(s->tensor, s->arg, rule) : NULL;
}

/* s with every unwrapped read proved inside, noted as a run-time check, or clamped when its index
** depends on data; and with stand-ins for extents replaced. */
Scalar *build_guard(Build *b, Scalar *s) {
  return dsl_rebuild(b->d, s, guard_leaf, b);
}
