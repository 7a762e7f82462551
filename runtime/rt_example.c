/*
** rt_example.c: inputs nobody gave: numbers in [0, 1) for floats, zeros for integers
**
** --in gives real ones; run-time sizes come from those, --dim, the model's default, or are 8.
*/
#include "rt_example.h"

#include <string.h>

/* Fills an array with numbers drawn for this input. */
static void fill(rt_array *a, uint64_t seed, uint64_t stream) {
  int64_t n = rt_array_count(a);
  for (int64_t i = 0; i < n; i++) {
    double x = (double)(rt_random(seed, stream, (uint64_t)i) >> 11) * 0x1p-53;
    if (a->dtype == RT_F32)
      ((float *)a->data)[i] = (float)((double)(int)(x * 16777216) / 16777216);
    else if (a->dtype == RT_F64)
      ((double *)a->data)[i] = x;
  }
  if (a->dtype != RT_F32 && a->dtype != RT_F64)
    memset(a->data, 0, (size_t)n * rt_dtype_size(a->dtype));
}

/* Makes inputs, sizes, model and outputs. */
int rt_example_open(rt_example *x, const rt_options *o, const rt_entry *e, const rt_config *more,
                    rt_error *err) {
  memset(x, 0, sizeof *x);
  x->entry = e;
  rt_sizes size;
  int status = rt_sizes_start(o, &size, err);
  for (int i = 0; i < e->ninput && !status; i++) {
    const char *value = rt_pair_find(&o->in, e->input[i].name);
    if (value) status = rt_read_input(o, &size, &e->input[i], value, &x->in[i], err);
  }
  for (int k = 0; k < o->model->nsize; k++)
    if (size.value[k] < 0)
      size.value[k] = o->model->size_default[k] < 0 ? 8 : o->model->size_default[k];
  for (int i = 0; i < e->ninput + e->noutput && !status; i++) {
    bool input = i < e->ninput;
    const rt_arg *arg = input ? &e->input[i] : &e->output[i - e->ninput];
    rt_array *a = input ? &x->in[i] : &x->out[i - e->ninput];
    int64_t dim[RT_MAX_RANK];
    rt_shape(arg, size.value, dim);
    if (!a->data && rt_array_alloc(a, arg->dtype, arg->rank, dim, arg->name, err))
      status = RT_DATA;
    else if (input && !rt_pair_find(&o->in, arg->name))
      fill(a, o->seed, (uint64_t)i);
    x->arg[i] = a->data;
  }
  return status ? status : rt_session_open(&x->s, o, &size, more, err);
}

void rt_example_close(rt_example *x) {
  if (x->s.m) rt_session_close(&x->s);
  for (int i = 0; i < RT_MAX_PAIRS; i++) {
    rt_array_free(&x->in[i]);
    rt_array_free(&x->out[i]);
  }
}
