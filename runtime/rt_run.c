/*
** rt_run.c: one call of an entry, inputs and outputs in files
**
**   PROGRAM run predict --in X=x.npy --out prob=p.npy
*/
#include "rt_program.h"

#include <string.h>

/* Checks that every name of --in and --out is one of the entry's. */
static int check_names(const rt_entry *e, const rt_pairs *p, const char *option, int n,
                       const rt_arg *arg, rt_error *err) {
  for (int k = 0; k < p->count; k++) {
    int i = 0;
    while (i < n && strcmp(arg[i].name, p->at[k].name) != 0) i++;
    if (i < n) continue;
    char list[256];
    rt_fail(err, option, "%s has no '%s'; there are: %s", e->name, p->at[k].name,
            rt_arg_names(list, sizeof list, arg, n));
    return RT_USAGE;
  }
  return 0;
}

/* Reads every input, the small unknown sizes being learnt on the way. */
static int read_inputs(const rt_options *o, const rt_entry *e, rt_sizes *size, rt_array *in,
                       rt_error *err) {
  for (int i = 0; i < e->ninput; i++) {
    const char *value = rt_pair_find(&o->in, e->input[i].name);
    if (!value) {
      char text[256];
      rt_fail(err, e->name, "the input %s (%s) is missing: say --in %s=FILE", e->input[i].name,
              rt_arg_text(text, sizeof text, &e->input[i]), e->input[i].name);
      return RT_USAGE;
    }
    int status = rt_read_input(o, size, &e->input[i], value, &in[i], err);
    if (status) return status;
  }
  return 0;
}

/* Cuts FILE:MEMBER into the file and the member's name; without one it is the output's. */
static const char *split(const char *path, const char *output, char *file, size_t room) {
  const char *colon = strrchr(path, ':');
  size_t n = colon ? (size_t)(colon - path) : strlen(path);
  snprintf(file, room, "%.*s", (int)n, path);
  return colon && colon[1] ? colon + 1 : output;
}

/* Writes all outputs that go to the same .npz or .safetensors as output i, which is the first. */
static int put_together(const rt_options *o, const rt_entry *e, rt_array *out, int i,
                        rt_error *err) {
  char file[1024], other[1024];
  rt_named member[RT_MAX_PAIRS];
  int n = 0;
  split(rt_pair_find(&o->out, e->output[i].name), "", file, sizeof file);
  for (int k = 0; k < e->noutput; k++) {
    const char *path = rt_pair_find(&o->out, e->output[k].name);
    if (!path) continue;
    const char *name = split(path, e->output[k].name, other, sizeof other);
    if (strcmp(file, other) != 0) continue;
    if (k < i) return 0; /* written with that one */
    member[n++] = (rt_named){name, out[k]};
  }
  bool npz = rt_format_of(file) == RT_FILE_NPZ;
  int bad = npz ? rt_npz_write(file, member, n, err) : rt_st_write(file, member, n, NULL, 0, err);
  return bad ? RT_DATA : 0;
}

/* Writes the outputs to their files, and prints the others. */
static int put_outputs(const rt_options *o, const rt_entry *e, rt_array *out, rt_error *err) {
  bool first = true;
  if (o->json) printf("{");
  for (int i = 0; i < e->noutput; i++) {
    const char *file = rt_pair_find(&o->out, e->output[i].name);
    if (file) {
      rt_format format = rt_format_of(file);
      if (format == RT_FILE_NPZ || format == RT_FILE_SAFETENSORS) {
        if (put_together(o, e, out, i, err)) return RT_DATA;
        continue;
      }
      if (format == RT_FILE_PNG &&
          (rt_layout_grid(&out[i], file, err) || rt_layout_image(&out[i], file, err)))
        return RT_DATA;
      if (rt_write(file, &out[i], err)) return RT_DATA;
    } else if (o->json) {
      printf("%s", first ? "" : ", ");
      rt_json_quote(stdout, e->output[i].name);
      printf(": ");
      rt_print_json(stdout, &out[i]);
      first = false;
    } else {
      rt_print_array(stdout, e->output[i].name, &out[i]);
    }
  }
  if (o->json) printf("}\n");
  return 0;
}

/* Allocates the outputs, calls the entry, and puts them where they belong. */
static int call_entry(const rt_options *o, const rt_entry *e, const rt_sizes *size, rt_array *in,
                      rt_array *out, rt_error *err) {
  rt_session s;
  void *arg[2 * RT_MAX_PAIRS];
  int status = rt_session_open(&s, o, size, NULL, err);
  if (status) return status;
  for (int i = 0; i < e->ninput; i++) arg[i] = in[i].data;
  for (int i = 0; i < e->noutput && !status; i++) {
    int64_t dim[RT_MAX_RANK];
    rt_shape(&e->output[i], size->value, dim);
    if (rt_array_alloc(&out[i], e->output[i].dtype, e->output[i].rank, dim, e->output[i].name, err))
      status = RT_DATA;
    arg[e->ninput + i] = out[i].data;
  }
  if (!status) status = rt_call(&s, e, arg, err);
  if (!status && o->save) status = rt_checkpoint_save(&s, o->save, NULL, err);
  if (!status) status = put_outputs(o, e, out, err);
  rt_session_close(&s);
  return status;
}

/* The command `run`. */
int rt_run(const rt_options *o, rt_error *err) {
  if (!o->entry) {
    rt_fail(err, "run", "which entry? (run ENTRY; see info)");
    return RT_USAGE;
  }
  const rt_entry *e = rt_entry_named(o, o->entry, RT_ENTRY, err);
  if (!e || (o->save && rt_checkpoint_name(o->save, err))) return RT_USAGE;
  rt_array in[RT_MAX_PAIRS] = {{0}}, out[RT_MAX_PAIRS] = {{0}};
  rt_sizes size;
  int status = rt_sizes_start(o, &size, err);
  if (!status) status = check_names(e, &o->in, "--in", e->ninput, e->input, err);
  if (!status) status = check_names(e, &o->out, "--out", e->noutput, e->output, err);
  if (!status) status = read_inputs(o, e, &size, in, err);
  if (!status) status = rt_sizes_finish(o->model, e, &size, err);
  if (!status) status = call_entry(o, e, &size, in, out, err);
  for (int i = 0; i < RT_MAX_PAIRS; i++) {
    rt_array_free(&in[i]);
    rt_array_free(&out[i]);
  }
  return status;
}
