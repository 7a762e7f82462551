/*
** sched.c: which loops are vectors, which run on threads, what a kernel costs
**
** Work is counted in units of about a sixteenth of a nanosecond: a flop of a vector loop, four
** multiply-adds in registers or an element moved. A loop is worth threads from PARALLEL_BREAK_EVEN
** units on; where sizes are known only at run time, that is an if() clause.
*/
#include "lower.h"
#include "lower_tile.h"
#include "fuse.h"
#include "../codegen/cgen.h"
#include <string.h>

enum { SCALAR_FACTOR = 4 /* how much slower a loop is that is no vector */ };

typedef struct Score {
  int axis, score;
} Score;

/* A read along a vector: adjacent elements are good, one element for all lanes is fine, every
** second to fourth can be had by shuffles, anything else is slow. */
static void score_read(void *ctx, Scalar *s) {
  Score *c = ctx;
  if (s->kind != S_READ) return;
  int64_t stride = s_uses_axis(s, c->axis) ? read_stride(s, c->axis) : 0;
  c->score += stride == 0 ? 1 : stride == 1 ? 2 : stride > 1 && stride <= 4 ? 0 : -4;
}

int access_score(Scalar *body, int axis) {
  Score c = {axis, 0};
  s_walk(body, score_read, &c);
  return c.score;
}

/* Four vectors of 32 bytes: what compilers unroll whole. Shorter rows take half of that. */
int lane_width(Scalar *extent, Dtype t) {
  int64_t n;
  int whole = t == DT_F64 ? 16 : 32;
  if (!s_const_value(extent, &n) || n >= whole) return whole;
  return n > whole / 2 ? whole / 2 : (int)n;
}

/* cost */

typedef struct Cost {
  int units;
  bool slow;
} Cost;

static void add_units(void *ctx, Scalar *s) {
  Cost *c = ctx;
  if (s->kind == S_READ) c->units += 1;
  else if (s->kind == S_OP && (s->op == OP_FLOORDIV || s->op == OP_MOD)) c->units += 6;
  else if (s->kind == S_OP && dtype_is_float((Dtype)s->dtype) && op_info[s->op].prec == 16 &&
           s->op != OP_MAX && s->op != OP_MIN && s->op != OP_ABS)
    c->units += 12;
  else if (s->kind == S_OP) c->units += 1;
}

static int64_t scalar_units(Scalar *s) {
  Cost c = {0, false};
  if (s) s_walk(s, add_units, &c);
  return c.units;
}

static Scalar *stmt_work(const Stmt *s, bool vector);

static Scalar *block_work(const Stmt *s, bool vector) {
  Scalar *sum = s_int(0);
  for (int i = 0; i < s->n; i++) sum = s_add(sum, stmt_work(s->body[i], vector));
  return sum;
}

/* The number of iterations, from the extent of the axis when bounds depend on other loops. */
static Scalar *trip_count(const Stmt *s) {
  Scalar *n = s_sub(s->hi, s->lo);
  if (s_has_axis(n) || s_has_read(n)) n = s->trips ? s->trips : s_int(16);
  return s->step > 1 ? s_op2(OP_FLOORDIV, s_add(n, s_int(s->step - 1)), s_int(s->step)) : n;
}

static Scalar *stmt_work(const Stmt *s, bool vector) {
  int64_t factor = vector ? 1 : SCALAR_FACTOR;
  switch (s->kind) {
  case ST_FOR: return s_mul(trip_count(s), block_work(s, vector || s->simd));
  case ST_BLOCK: case ST_IF: return block_work(s, vector);
  case ST_CONTRACT: return s->work;
  case ST_FOLD: return s_int(20);
  default: return s_int((scalar_units(s->value) + 1) * factor);
  }
}

/* simd */

/* Whether iterations of a loop of plain stores are independent lanes: it writes only what its own
** axis indexes, and reads nothing that it writes elsewhere. */
static bool is_lane_loop(const Stmt *s) {
  for (int i = 0; i < s->n; i++) {
    const Stmt *b = s->body[i];
    if (b->kind == ST_LET) continue;
    if (b->kind != ST_STORE || b->to->rank == 0 || b->comb != C_SET) return false;
    const Scalar *last = b->index[b->to->rank - 1];
    bool moves = false;
    for (int d = 0; d < b->to->rank; d++) {
      if (s_has_read(b->index[d])) return false;
      moves |= s_uses_axis(b->index[d], s->axis);
    }
    if (!moves || !last) return false;
  }
  return s->n > 0;
}

static void mark_simd(Stmt *s) {
  int64_t lo, hi;
  for (int i = 0; i < s->n; i++) mark_simd(s->body[i]);
  if (s->kind != ST_FOR || s->simd || !is_lane_loop(s)) return;
  if (s_const_value(s->lo, &lo) && s_const_value(s->hi, &hi) && hi - lo < 4) return;
  s->simd = true;
}

/* What a loop's values hold: reads on one side of a choice; divisions by what is not known. */
typedef struct Hazard { bool choice_read, division; } Hazard;

static void find_hazard(void *ctx, Scalar *s) {
  Hazard *h = ctx;
  if (s->kind != S_OP) return;
  bool divides = s->op == OP_FLOORDIV || s->op == OP_MOD;
  if (divides && s->arg[1]->kind != S_CONST) h->division = true;
  if (s->op == OP_WHERE || s->op == OP_AND || s->op == OP_OR)
    for (int k = 1; k < s->narg; k++) h->choice_read = h->choice_read || s_has_read(s->arg[k]);
}

static void find_hazards(const Stmt *s, Hazard *h) {
  if (s->value) s_walk(s->value, find_hazard, h);
  if (s->kind == ST_STORE)
    for (int d = 0; d < s->to->rank; d++) s_walk(s->index[d], find_hazard, h);
  for (int i = 0; i < s->n; i++) find_hazards(s->body[i], h);
}

/* Takes the simd mark off loops that clang 19 gets wrong: see Note [divisions under a choice]. */
static void unmark_hazards(Stmt *s) {
  Hazard h = {0};
  if (s->kind == ST_FOR && s->simd) find_hazards(s, &h);
  if (h.choice_read && h.division) s->simd = false;
  for (int i = 0; i < s->n; i++) unmark_hazards(s->body[i]);
}

/* threads */

/* Whether different iterations of the loop write different elements at this index: it is the axis
** itself, or the start of a tile plus a position inside it. */
static bool moves_with(const Kernel *k, Scalar *index, const Stmt *loop) {
  Scalar *coef, *rest;
  int64_t width;
  if (index->kind == S_AXIS) return index->axis == loop->axis;
  if (s_has_read(index) || !affine_split(index, loop->axis, &coef, &rest) || !s_is_int(coef, 1))
    return false;
  if (!s_has_axis(rest)) return true;
  return rest->kind == S_AXIS && s_const_value(k->axis[rest->axis].extent, &width) &&
         width <= loop->step;
}

static bool store_moves(const Kernel *k, int rank, Scalar **index, const Stmt *loop) {
  for (int d = 0; d < rank; d++)
    if (moves_with(k, index[d], loop)) return true;
  return false;
}

static bool declared_inside(const Stmt *s, const Node *n) {
  if (s->to == n && (s->kind == ST_VAR || s->kind == ST_LET || s->kind == ST_FOLD)) return true;
  for (int i = 0; i < s->n; i++)
    if (declared_inside(s->body[i], n)) return true;
  return false;
}

/* Whether iterations of loop s write different elements: every store goes to a local of the
** iteration or moves with the axis. */
static bool is_independent(const Kernel *k, const Stmt *s, const Stmt *loop) {
  if (loop->tiles) return true;
  if (s->kind == ST_STORE && !declared_inside(loop, s->to)) 
    return store_moves(k, s->to->rank, s->index, loop);
  if (s->kind == ST_CONTRACT && !declared_inside(loop, s->contract->tile))
    return store_moves(k, s->contract->sum->narg, s->contract->sum->arg, loop);
  for (int i = 0; i < s->n; i++)
    if (!is_independent(k, s->body[i], loop)) return false;
  return true;
}

/* Units of work that pay for threads. */
static int64_t break_even(const Kernel *k) {
  if (k->choice.threads == T_ALWAYS) return 0;
  return k->choice.threads == T_EARLY ? PARALLEL_BREAK_EVEN / 8 : PARALLEL_BREAK_EVEN;
}

static int64_t const_or(Scalar *s, int64_t otherwise) {
  int64_t v;
  return s_const_value(s, &v) ? v : otherwise;
}

/* The threshold on work as one on its largest term, for sizes as they usually are:
** 100 N H + 20 N > 40000 becomes N H > 398. */
static void set_threshold(const Kernel *k, Stmt *s, Scalar *work) {
  Poly p = poly_of(mod->arena, work);
  double total = usual_count(1, &work), most = 0;
  int best = -1;
  for (int i = 0; i < p.n; i++) {
    double v = usual_count(p.term[i].nfac, p.term[i].fac) * (double)p.term[i].coef;
    if (v > most) most = v, best = i;
  }
  s->work = NULL;
  if (best < 0) return;
  Scalar *product = s_int(1);
  for (int i = 0; i < p.term[best].nfac; i++) product = s_mul(product, p.term[best].fac[i]);
  double unit = total / usual_count(1, &product);
  s->work = product;
  s->enough = (int64_t)((double)break_even(k) / unit);
}

static void mark_parallel(Kernel *k, Stmt *s) {
  int64_t known;
  if (s->kind == ST_BLOCK) {
    for (int i = 0; i < s->n; i++) mark_parallel(k, s->body[i]);
    return;
  }
  if (s->kind == ST_IF)
    for (int i = 0; i < s->n; i++) mark_parallel(k, s->body[i]);
  if (s->kind != ST_FOR || s->lo->kind != S_CONST || s->lanes) return;
  Scalar *work = stmt_work(s, false);
  if (s_const_value(work, &known) && known < break_even(k)) return;
  if (!is_independent(k, s, s) || const_or(trip_count(s), 100) < 2) {
    if (s->n == 1 && s->body[0]->kind == ST_FOR) mark_parallel(k, s->body[0]);
    return;
  }
  s->parallel = k->parallel = true;
  set_threshold(k, s, work);
  Stmt *in = s;
  int64_t trips = const_or(trip_count(s), 8);
  while (trips < 16 && in->n == 1 && in->body[0]->kind == ST_FOR && !in->body[0]->simd &&
         !in->body[0]->turns) {
    Stmt *next = in->body[0];
    if (s_has_axis(next->lo) || s_has_axis(next->hi) || !is_independent(k, next, next)) break;
    trips *= const_or(trip_count(next), 8);
    s->collapse++;
    in = next;
  }
}

void sched_kernel(Kernel *k) {
  mark_simd(k->body);
  unmark_hazards(k->body);
  if (k->choice.threads != T_NEVER) mark_parallel(k, k->body);
}

/*
** Note [divisions under a choice]
** `omp simd` lets LLVM execute a load on both sides of a choice. A division it may not: that stays
** under the choice, where the passes before also move divisions that were written above it. A load
** whose index comes from such a division then goes to an address that was never computed, or gives
** another lane's value. Without the mark the load is masked, and right. A division by a literal is
** a multiplication, and harmless.
*/
