/*
** rt_info.c: what a model is: entries, shapes, dtypes, parameters, memory
*/
#include "rt_program.h"

#include <inttypes.h>

static void print_args(const char *label, int n, const rt_arg *arg) {
  char text[256];
  for (int i = 0; i < n; i++)
    printf("  %-3s %-16s %s\n", label, arg[i].name, rt_arg_text(text, sizeof text, &arg[i]));
}

/* Prints the state tensors and their numbers of elements, where the sizes are known. */
static void print_state(const rt_model *m, const rt_sizes *size) {
  int64_t trained = 0, other = 0;
  printf("parameters and state:\n");
  for (int i = 0; i < m->nstate; i++) {
    char text[256];
    int64_t dim[RT_MAX_RANK], count = 1;
    const rt_arg *a = &m->state[i].arg;
    if (!rt_shape_known(a, size, dim)) count = 0;
    for (int d = 0; d < a->rank; d++) count *= dim[d];
    *(m->state[i].trained ? &trained : &other) += count;
    printf("  %-20s %-24s %s\n", a->name, rt_arg_text(text, sizeof text, a),
           m->state[i].trained ? "trained" : "state");
  }
  printf("  %" PRId64 " parameters, %" PRId64 " other state elements\n", trained, other);
}

/* The command `info`. */
int rt_info(const rt_options *o, rt_error *err) {
  const rt_model *m = o->model;
  rt_sizes size;
  int status = rt_sizes_start(o, &size, err);
  if (status) return status;
  if (o->json) {
    puts(m->manifest());
    return 0;
  }
  printf("%s (crescent %s)\n", m->name, m->version);
  bool known = true;
  for (int k = 0; k < m->nsize; k++) {
    if (size.value[k] < 0) size.value[k] = m->size_default[k];
    printf("size %s: ", m->size_name[k]);
    if (size.value[k] < 0)
      printf("from the files, or --dim %s=...\n", m->size_name[k]);
    else
      printf("%" PRId64 "\n", size.value[k]);
    known = known && size.value[k] >= 0;
  }
  for (int i = 0; i < m->nentry; i++) {
    const rt_entry *e = &m->entry[i];
    printf("%s %s\n", e->kind == RT_TRAIN ? "train" : "entry", e->name);
    print_args("in", e->ninput, e->input);
    print_args("out", e->noutput, e->output);
    if (known && e->flops) printf("  %.4g MFLOP a call\n", e->flops(size.value) * 1e-6);
  }
  print_state(m, &size);
  rt_config c = {.size = size.value};
  if (known)
    printf("memory: %zu bytes\n", m->memory_size(&c));
  else
    printf("memory: depends on the sizes\n");
  return 0;
}
