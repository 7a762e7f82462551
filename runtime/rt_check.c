/*
** rt_check.c: the compiled gradient of every training loss against central differences
**
** d loss / d w[i]  is compared with  (loss(w + h e_i) - loss(w - h e_i)) / 2h  for up to 12
** elements of every parameter, the one with the largest derivative among them, and along one
** random direction. Both sides are compiled code; only rounding, and a kink met by the step, may
** part them: the better of two steps h counts, what rounding of the loss explains is let pass, and
** one direction in four may disagree (relu and max have kinks, a wrong gradient is wrong
*throughout).
*/
#include "rt_example.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ELEMENTS = 12 };

typedef struct check {
  rt_example *x; /* the gradient entry */
  const rt_entry *loss;
  void *loss_arg[2 * RT_MAX_PAIRS];
  rt_array loss_out[RT_MAX_PAIRS];
  double tolerance, value;
} check;

static double get(const void *p, rt_dtype t, int64_t i) {
  return t == RT_F32 ? (double)((const float *)p)[i] : ((const double *)p)[i];
}

static void put(void *p, rt_dtype t, int64_t i, double v) {
  if (t == RT_F32)
    ((float *)p)[i] = (float)v;
  else
    ((double *)p)[i] = v;
}

/* The loss for the parameters as they are. */
static int loss_of(check *c, double *value, rt_error *err) {
  if (rt_call(&c->x->s, c->loss, c->loss_arg, err)) return RT_DATA;
  *value = rt_element(&c->loss_out[0], 0);
  return 0;
}

/* The derivative along `direction` of parameter data[0..n), by central differences with step h. */
static int difference(check *c, void *data, rt_dtype t, int64_t n, const double *direction,
                      double h, double *slope, rt_error *err) {
  size_t bytes = (size_t)n * rt_dtype_size(t);
  void *kept = malloc(bytes + 1);
  double side[2];
  int status = kept ? 0 : (rt_fail(err, "check", "out of memory"), RT_DATA);
  if (kept) memcpy(kept, data, bytes);
  double moved = 0;
  for (int k = 0; k < 2 && !status; k++) {
    for (int64_t i = 0; i < n; i++) put(data, t, i, get(kept, t, i) + (k ? h : -h) * direction[i]);
    status = loss_of(c, &side[k], err);
    if (k == 0) continue;
    double dot = 0, norm = 0;
    for (int64_t i = 0; i < n; i++) {
      dot += (get(data, t, i) - get(kept, t, i)) * direction[i];
      norm += direction[i] * direction[i];
    }
    moved = norm > 0 ? dot / norm : 0;
  }
  if (kept) memcpy(data, kept, bytes);
  free(kept);
  if (!status) *slope = moved != 0 ? (side[1] - side[0]) / (2 * moved) : 0;
  return status;
}

/* What came of the directions of one parameter. */
typedef struct tally {
  int tried, agreed;
  double largest; /* relative disagreement */
} tally;

/* Compares along one direction with two steps. */
static int compare(check *c, void *data, const rt_array *grad, int64_t n, const double *direction,
                   tally *t, rt_error *err) {
  bool single = grad->dtype == RT_F32;
  double expected = 0, best = INFINITY, norm = 0;
  for (int64_t i = 0; i < n; i++) {
    expected += get(grad->data, grad->dtype, i) * direction[i];
    norm += direction[i] * direction[i];
  }
  for (int k = 0; k < 2; k++) {
    double h = (single ? 1e-2 : 1e-5) / sqrt(norm) * (k ? 0.1 : 1), slope = 0;
    int status = difference(c, data, grad->dtype, n, direction, h, &slope, err);
    if (status) return status;
    double rounding = (single ? 1e-6 : 2e-15) * (fabs(c->value) + 1e-3) / h;
    double beyond = fmax(fabs(slope - expected) - rounding, 0);
    double e = beyond / (fabs(slope) + fabs(expected) + 1e-300);
    if (!(e >= best)) best = e;
  }
  t->tried++;
  t->agreed += best <= c->tolerance;
  if (!(best <= t->largest)) t->largest = best;
  return 0;
}

/* Checks one parameter, and prints a line. */
static int check_state(check *c, const rt_options *o, int k, const rt_array *grad, bool *wrong,
                       rt_error *err) {
  const rt_model *m = o->model;
  void *data = m->data(c->x->s.model, k);
  int64_t n = rt_array_count(grad), largest = 0;
  double *direction = calloc((size_t)n + 1, sizeof *direction);
  tally t = {0, 0, 0};
  if (!direction) return rt_fail(err, "check", "out of memory"), RT_DATA;
  for (int64_t i = 0; i < n; i++)
    if (fabs(get(grad->data, grad->dtype, i)) > fabs(get(grad->data, grad->dtype, largest)))
      largest = i;
  int status = 0;
  for (int64_t j = 0; j < n && j < ELEMENTS && !status; j++) {
    int64_t i = n <= ELEMENTS ? j
                : j == 0      ? largest
                              : (int64_t)(rt_random(o->seed, 77, (uint64_t)j) % (uint64_t)n);
    direction[i] = 1;
    status = compare(c, data, grad, n, direction, &t, err);
    direction[i] = 0;
  }
  for (int64_t i = 0; i < n; i++)
    direction[i] = (double)(rt_random(o->seed, 78, (uint64_t)i) & 1) * 2 - 1;
  if (!status && n) status = compare(c, data, grad, n, direction, &t, err);
  free(direction);
  bool bad = 4 * (t.tried - t.agreed) > t.tried;
  *wrong = *wrong || bad;
  if (!status && (!o->quiet || bad))
    printf("  %-20s %8" PRId64
           " elements, %2d of %2d directions agree, largest difference %.2g%s\n",
           m->state[k].arg.name, n, t.agreed, t.tried, t.largest, bad ? ": WRONG" : "");
  return status;
}

/* Checks the gradient of one training entry. */
static int check_entry(const rt_options *o, const rt_entry *e, bool *wrong, rt_error *err) {
  const rt_model *m = o->model;
  rt_example x;
  check c = {.x = &x, .loss = e->loss};
  int status = rt_example_open(&x, o, e->gradient, NULL, err);
  for (int i = 0; i < e->loss->ninput; i++) c.loss_arg[i] = x.arg[i];
  for (int i = 0; i < e->loss->noutput && !status; i++) {
    int64_t dim[RT_MAX_RANK];
    const rt_arg *arg = &e->loss->output[i];
    rt_shape(arg, x.s.size.value, dim);
    if (rt_array_alloc(&c.loss_out[i], arg->dtype, arg->rank, dim, arg->name, err))
      status = RT_DATA;
    c.loss_arg[e->loss->ninput + i] = c.loss_out[i].data;
  }
  if (!status) status = rt_call(&x.s, e->gradient, x.arg, err);
  if (!status) status = loss_of(&c, &c.value, err);
  c.tolerance = e->gradient->output[0].dtype == RT_F32 ? 2e-2 : 1e-5;
  if (!status && !o->quiet)
    printf("%s: loss %.9g, gradient against central differences\n", e->name, c.value);
  for (int k = 0, g = 1; k < m->nstate && !status; k++) {
    bool real = m->state[k].arg.dtype == RT_F32 || m->state[k].arg.dtype == RT_F64;
    if (m->state[k].trained && real) status = check_state(&c, o, k, &x.out[g++], wrong, err);
  }
  for (int i = 0; i < e->loss->noutput; i++) rt_array_free(&c.loss_out[i]);
  rt_example_close(&x);
  return status;
}

/* The command `check`. */
int rt_check(const rt_options *o, rt_error *err) {
  const rt_model *m = o->model;
  bool wrong = false;
  int status = 0, checked = 0;
  if (o->entry && !rt_entry_named(o, o->entry, RT_TRAIN, err)) return RT_USAGE;
  for (int i = 0; i < m->nentry && !status; i++) {
    const rt_entry *e = &m->entry[i];
    if (!e->gradient || (o->entry && strcmp(o->entry, e->name) != 0)) continue;
    status = check_entry(o, e, &wrong, err);
    checked++;
  }
  if (!status && !checked && !o->quiet) printf("no train entry, so no gradient to check\n");
  if (status || !wrong) return status;
  rt_fail(err, "check", "a compiled gradient is not the slope of the compiled loss");
  return RT_DATA;
}
