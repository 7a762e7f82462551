/*
** sample.c: small sizes and random values, at which a program is checked
**
** Sizes are small and all different, so that one in place of another is noticed. Parameters and
** state get the first values the program gives them, the weights a little noise on top, so that
** nothing sits exactly on a kink. Everything follows from the seed alone.
*/
#include <math.h>
#include <string.h>
#include "check.h"

/* splitmix64, as a number in [-1, 1). */
double sample_noise(uint64_t *state) {
  uint64_t z = *state += 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return (double)((z ^ z >> 31) >> 11) * 0x1p-52 - 1;
}

bool sample_fits(const Program *p, const int64_t *size) {
  for (int k = 0; k < p->ndemand; k++) {
    const Demand *d = &p->demand[k];
    if (!d->input && (eval_size(d->lo, size) < 0 ||
                      eval_size(d->hi, size) >= eval_size(d->extent, size)))
      return false;
  }
  return true;
}

/* More rows than columns for inputs {N, 13}, so that what is fitted to them is determined. */
static int64_t least_size(const Program *p) {
  int64_t least = 4, columns;
  for (int k = 0; k < p->nentry; k++)
    for (int j = 0; j < p->entry[k].ninput; j++) {
      const Node *n = p->entry[k].input[j].node;
      if (n->rank != 2 || n->dim[0]->kind == S_CONST) continue;
      if (!s_const_value(n->dim[1], &columns)) continue;
      if (columns <= 32 && columns + 3 > least) least = columns + 3;
    }
  return least;
}

/* The smallest that all reads allow, else the sizes' defaults. */
void sample_sizes(const Program *p, int64_t *size) {
  for (int64_t base = least_size(p); base < 100; base++) {
    for (int k = 0; k < mod->nsym; k++) size[k] = base + k;
    if (sample_fits(p, size)) return;
  }
  for (int k = 0; k < mod->nsym; k++) size[k] = mod->sym[k]->value >= 0 ? mod->sym[k]->value : 4;
}

/* Integers that serve as indices must lie inside; where nothing is said, 2 is safe for most. */
static int64_t integer_bound(const Program *p, const Node *n, const int64_t *size) {
  int64_t bound = 0;
  for (int k = 0; k < p->ndemand; k++) {
    const Demand *d = &p->demand[k];
    if (d->input != n) continue;
    int64_t extent = eval_size(d->extent, size);
    bound = !bound || extent < bound ? extent : bound;
  }
  return bound ? bound : 2;
}

static void put(Tensor *t, size_t k, double v) {
  switch (t->dtype) {
  case DT_BOOL: ((uint8_t *)t->data)[k] = v != 0; break;
  case DT_I32: ((int32_t *)t->data)[k] = (int32_t)v; break;
  case DT_I64: ((int64_t *)t->data)[k] = (int64_t)v; break;
  case DT_F32: ((float *)t->data)[k] = (float)v; break;
  default: ((double *)t->data)[k] = v;
  }
}

double sample_element(const Tensor *t, size_t k) {
  switch (t->dtype) {
  case DT_BOOL: return ((const uint8_t *)t->data)[k];
  case DT_I32: return ((const int32_t *)t->data)[k];
  case DT_I64: return (double)((const int64_t *)t->data)[k];
  case DT_F32: return (double)((const float *)t->data)[k];
  default: return ((const double *)t->data)[k];
  }
}

/* The value init gives a state, in its own dtype. */
static Tensor first_value(Arena *a, const Program *p, const Node *n, const int64_t *size) {
  int64_t *seed = NEW(a, int64_t);
  Tensor in = {.dtype = DT_I64, .data = seed}, out;
  Node *init = (Node *)(uintptr_t)n->init, *param = p->seed;
  *seed = 1;
  eval_graph(a, param ? 1 : 0, &param, &in, size, 1, &init, &out);
  return out;
}

void sample_values(Arena *a, const Program *p, int n, Node **param, const int64_t *size,
                   uint64_t seed, Tensor *value) {
  uint64_t state = seed * 1000003;
  for (int k = 0; k < n; k++) {
    const Node *x = param[k];
    Tensor t = {.dtype = (Dtype)x->dtype, .rank = x->rank}, first = {0};
    for (int d = 0; d < x->rank; d++) t.dim[d] = eval_extent(x->dim[d], size);
    size_t count = tensor_count(&t);
    t.data = arena_zero(a, count + 1, 8);
    if (x->init) first = first_value(a, p, x, size);
    bool real = dtype_is_float(t.dtype);
    int64_t bound = integer_bound(p, x, size);
    for (size_t i = 0; i < count; i++) {
      double v = sample_noise(&state);
      if (first.data && (!real || x->role != P_WEIGHT))
        v = sample_element(&first, i);
      else if (first.data)
        v = sample_element(&first, i) + 0.05 * v;
      else if (!real)
        v = (double)(int64_t)((v + 1) / 2 * (double)bound);
      put(&t, i, v);
    }
    value[k] = t;
  }
}

static double neighbour(Dtype type, double x, int way) {
  if (!isfinite(x) || x * 8 == rint(x * 8)) return x;
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  double to = (bits * 0x9E3779B97F4A7C15u) >> (63 - way) & 1 ? INFINITY : -INFINITY;
  return type == DT_F32 ? (double)nextafterf((float)x, (float)to) : nextafter(x, to);
}

Tensor *sample_beside(Arena *a, int n, const Tensor *value, int way) {
  Tensor *moved = NEWN(a, Tensor, n + 1);
  for (int k = 0; k < n; k++) {
    moved[k] = value[k];
    if (!dtype_is_float(value[k].dtype)) continue;
    size_t count = tensor_count(&value[k]);
    moved[k].data = arena_copy(a, value[k].data, count * dtype_size(value[k].dtype));
    for (size_t i = 0; i < count; i++)
      put(&moved[k], i, neighbour(value[k].dtype, sample_element(&value[k], i), way));
  }
  return moved;
}
