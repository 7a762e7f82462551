/*
** emit_header.c: NAME.h, the C interface of a model
**
**   int lenet_predict(lenet *m, const float image[64][28][28], float prob[64][10]);
**
** Tensors are arrays, of any number of rows where the first extent is known only at run time:
** image[][28][28]. Those with another run-time extent are pointers to their first element,
** row-major, as their comment says. Scalars come by value and go by pointer.
*/
#include "emit.h"
#include <string.h>

static void print_argument(Text *t, const Node *n, const char *name, bool output) {
  const char *type = dtype_c((Dtype)n->dtype);
  if (!output && n->rank == 0)
    text_add(t, "%s %s", type, name);
  else if (n->rank > 0 && emit_fixed(n->rank, n->dim, 0)) {
    text_add(t, "%s%s %s", output ? "" : "const ", type, name);
    emit_shape(t, n->rank, n->dim);
  } else if (emit_array(n->rank, n->dim)) {
    text_add(t, "%s%s %s[]", output ? "" : "const ", type, name);
    emit_shape(t, n->rank - 1, n->dim + 1);
  } else
    text_add(t, "%s%s *%s", output ? "" : "const ", type, name);
}

/* Prints "int lenet_predict(lenet *m, ...)" with the routine's names of inputs and outputs. */
void emit_prototype(const Emit *e, Text *t, const UnitEntry *ue, const char *suffix) {
  const Entry *en = ue->entry;
  const Routine *r = ue->routine;
  Text line = {0};
  text_add(&line, "int %s_%s(%s *m", e->name, name_clean(en->name), e->name);
  for (int k = 0; k < en->ninput; k++) {
    text_add(&line, ", ");
    print_argument(&line, en->input[k].node, r->buffer[r->param[k]].name, false);
  }
  for (int k = 0; k < en->noutput; k++) {
    text_add(&line, ", ");
    print_argument(&line, en->output[k].node, r->buffer[r->result[k]].name, true);
  }
  text_add(&line, ")%s\n", suffix);
  print_wrapped(t, line.s, 100);
  text_free(&line);
}

static void entry_comment(const Emit *e, Text *t, const UnitEntry *ue) {
  const Entry *en = ue->entry;
  const Routine *r = ue->routine;
  text_add(t, "/* %s", en->kind == E_TRAIN ? "a training step" : "an entry");
  if (en->loc.file)
    text_add(t, " (%s:%d)", emit_comment(emit_file_name(en->loc.file)), en->loc.line);
  text_add(t, ":");
  for (int k = 0; k < en->ninput + en->noutput; k++) {
    bool in = k < en->ninput;
    const Node *n = in ? en->input[k].node : en->output[k - en->ninput].node;
    const char *name = r->buffer[in ? r->param[k] : r->result[k - en->ninput]].name;
    text_add(t, "%s %s %s",
             k == en->ninput ? " ->"
             : k             ? ","
                             : "",
             dtype_name((Dtype)n->dtype), name);
    emit_shape(t, n->rank, n->dim);
  }
  text_add(t, " */\n");
  (void)e;
}

static void print_config(const Emit *e, Text *t) {
  text_add(
      t,
      "/* What a model is created with: copy %s_CONFIG and change what matters. */\n"
      "typedef struct %s_config {\n"
      "  int threads;       /* 0: as many as the machine has; with `parallel`: parts, 0: 8, at most 64 */\n"
      "  uint64_t seed;     /* of the first values of parameters and state */\n",
      e->upper, e->name);
  for (int k = 0; k < mod->nsym; k++)
    text_add(t, "  int64_t %s;%*s/* run-time size: the largest that will be used */\n", e->size[k],
             (int)(10 - (int)strlen(e->size[k]) > 1 ? 10 - (int)strlen(e->size[k]) : 1), "");
  text_add(
      t,
      "  void *(*allocate)(void *context, size_t size); /* NULL: the C library's */\n"
      "  void (*release)(void *context, void *memory, size_t size);\n"
      "  void (*step)(void *context, const char *kernel); /* called before every kernel, and with\n"
      "                                                      NULL after the last; may be NULL */\n"
      "  /* Your own threads in place of OpenMP's: calls part(call, k) once for every 0 <= k < n, in "
      "any\n     order, side by side or not, and returns when all have returned. Bits stay the same. "
      "NULL:\n     OpenMP, where the C is compiled with it. */\n"
      "  void (*parallel)(void *context, int n, void (*part)(void *call, int k), void *call);\n"
      "  void *context; /* the first argument of all of these */\n"
      "} %s_config;\n\n#define %s_CONFIG {0, 0, ",
      e->name, e->upper);
  for (int k = 0; k < mod->nsym; k++) /* -1, which is no size: it must be said */
    text_add(t, "%lld, ", (long long)(mod->sym[k]->value > 0 ? mod->sym[k]->value : -1));
  text_add(t, "NULL, NULL, NULL, NULL, NULL}\n\n");
}

static void print_status(const Emit *e, Text *t, const char *code, const char *words, bool last) {
  (void)e;
  text_add(t, "  %s%s /* %s */\n", code, last ? "" : ",", emit_comment(words));
}

static void print_errors(const Emit *e, Text *t) {
  bool more = false;
  for (int k = 0; k < e->u->nopaque; k++) more = more || opaque_fails(e->u->opaque[k]);
  text_add(
      t,
      "/* What the functions return; %s_error() puts it into words. */\n"
      "enum {\n"
      "  %s_OK,\n"
      "  %s_ERROR_NULL,   /* a pointer is NULL */\n"
      "  %s_ERROR_SIZE,   /* a run-time size is too small, or above what the model was created with "
      "*/\n"
      "  %s_ERROR_MEMORY, /* not enough memory */\n"
      "  %s_ERROR_FILE,   /* a file cannot be read or written */\n"
      "  %s_ERROR_FORMAT, /* it is no safetensors file */\n"
      "  %s_ERROR_TENSOR%s /* a parameter is missing there, or has another shape or dtype */\n",
      e->name, e->upper, e->upper, e->upper, e->upper, e->upper, e->upper, e->upper,
      e->p->ndemand || more ? "," : "");
  for (int k = 0; k < e->p->ndemand; k++)
    text_add(t, "  %s%s /* %s */\n", e->error[k], k + 1 < e->p->ndemand || more ? "," : "",
             emit_comment(e->p->demand[k].text));
  emit_each_status(e, print_status, t);
  text_add(t, "};\n\n");
}

/* The element type of every parameter if they agree, else void. */
static const char *param_type(const Emit *e) {
  const char *type = NULL;
  for (int k = 0; k < e->p->nstate; k++) {
    if (e->p->state[k]->role != P_WEIGHT) continue;
    const char *own = dtype_c((Dtype)e->p->state[k]->dtype);
    if (type && strcmp(type, own) != 0) return "void";
    type = own;
  }
  return type ? type : "void";
}

static void print_functions(const Emit *e, Text *t) {
  const char *n = e->name;
  text_add(t,
           "/* Makes a model; its parameters have their first values. create_in uses memory of the "
           "caller,\n"
           "   of at least memory_size bytes, which is 0 where a size of the config is wrong. */\n"
           "int %s_create(%s **m, const %s_config *config);\n"
           "int %s_create_in(%s **m, const %s_config *config, void *memory, size_t size);\n"
           "size_t %s_memory_size(const %s_config *config);\n"
           "void %s_destroy(%s *m);\n\n",
           n, n, n, n, n, n, n, n, n, n);
  if (mod->nsym)
    text_add(t,
             "/* Changes the run-time sizes for the calls that follow, up to those of create. */\n"
             "int %s_resize(%s *m, const %s_config *config);\n\n",
             n, n, n);
  text_add(t,
           "/* Parameters and state from and to a safetensors file. Loading needs every parameter; "
           "other\n"
           "   state is taken where it is there. On an error the model is as it was. */\n"
           "#ifndef %s_NO_STDIO\n"
           "int %s_load(%s *m, const char *path);\n"
           "int %s_save(const %s *m, const char *path);\n"
           "#endif\n"
           "int %s_load_memory(%s *m, const void *data, size_t size);\n\n"
           "/* The elements of a parameter, or NULL where there is none of that name; count may be "
           "NULL.\n"
           "   %s_state gives optimizer state, running statistics and keys as well. */\n"
           "%s *%s_param(%s *m, const char *name, size_t *count);\n"
           "void *%s_state(%s *m, const char *name, size_t *count);\n\n"
           "const char *%s_error(int error);    /* in words */\n"
           "const char *%s_manifest(void);      /* entries, shapes, dtypes, memory, as JSON */\n\n",
           e->upper, n, n, n, n, n, n, n, param_type(e), n, n, n, n, n, n);
}

/* Prints the header. */
void emit_header(const Emit *e, Text *t) {
  const char *file = e->p->file ? emit_comment(emit_file_name(e->p->file)) : "a model";
  text_add(t,
           "/*\n** %s.h: the C interface of %s, made by crescent from %s\n**\n"
           "**   %s_config c = %s_CONFIG;\n"
           "**   %s *m;\n"
           "**   int err = %s_create(&m, &c);\n**\n"
           "** Functions return 0, or an error that left the outputs and the model as they were. A "
           "model is\n"
           "** used by one thread at a time; any number of them run side by side. Inputs and "
           "outputs of a\n"
           "** call must not overlap. Define %s_NO_STDIO or %s_NO_THREADS for small targets.\n*/\n",
           e->name, e->name, file, e->name, e->upper, e->name, e->name, e->upper, e->upper);
  text_add(t,
           "#ifndef %s_H\n#define %s_H\n\n#include <stdbool.h>\n#include <stddef.h>\n#include "
           "<stdint.h>\n\n"
           "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\ntypedef struct %s %s;\n\n",
           e->upper, e->upper, e->name, e->name);
  print_config(e, t);
  print_errors(e, t);
  print_functions(e, t);
  for (int k = 0; k < e->u->nentry; k++) {
    const UnitEntry *ue = &e->u->entry[k];
    if (ue->entry->kind == E_INIT || ue->hidden) continue;
    entry_comment(e, t, ue);
    emit_prototype(e, t, ue, ";");
    text_add(t, "\n");
  }
  bool hidden = false;
  for (int k = 0; k < e->u->nentry; k++) {
    const UnitEntry *ue = &e->u->entry[k];
    if (!ue->hidden) continue;
    if (!hidden)
      text_add(
          t,
          "/* For validation and tests: a training entry's loss without its updates, and with its\n"
          "   derivative by every parameter, in the order of the manifest. */\n#ifndef "
          "%s_NO_CHECK\n",
          e->upper);
    emit_prototype(e, t, ue, ";");
    hidden = true;
  }
  if (hidden) text_add(t, "#endif\n\n");
  text_add(t, "#ifdef __cplusplus\n}\n#endif\n#endif\n");
}
