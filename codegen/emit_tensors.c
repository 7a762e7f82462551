/*
** emit_tensors.c: parameters by name, to and from files; errors in words
*/
#include "emit.h"
#include <string.h>

bool emit_is_fixed(const Node *n) {
  int64_t v;
  for (int d = 0; d < n->rank; d++)
    if (!s_const_value(n->dim[d], &v)) return false;
  return true;
}

/* The table of parameters, and what works on it. */
void emit_tensors(const Emit *e, Text *t) {
  const char *n = e->name, *u = e->upper;
  text_add(
      t,
      "/* Describes the parameters and state of a model, for finding, loading and saving them. */\n"
      "static int tensors(const %s *m, rt_weight *w) {\n",
      n);
  Text body = {0};
  bool fixed = true;
  size_t longest = 0;
  for (int k = 0; k < e->p->nstate; k++) {
    size_t chars = strlen(e->p->state[k]->name);
    fixed = fixed && emit_is_fixed(e->p->state[k]);
    longest = chars > longest ? chars : longest;
  }
  text_add(&body, "  static const struct {\n    char name[%zu], type[5];\n  } called[TENSORS] = {\n",
           longest + 1);
  for (int k = 0; k < e->p->nstate; k++)
    text_add(&body, "    {%s, \"%s\"},\n", emit_string(e->p->state[k]->name),
             dtype_name((Dtype)e->p->state[k]->dtype));
  text_add(&body, "  };\n  %sconst rt_weight all[TENSORS] = {\n", fixed ? "static " : "");
  for (int k = 0; k < e->p->nstate; k++) {
    const Node *s = e->p->state[k];
    text_add(&body, "    {.element = sizeof(%s)", dtype_c((Dtype)s->dtype));
    if (s->rank) text_add(&body, ", .rank = %d, .dim = {", s->rank);
    for (int d = 0; d < s->rank; d++) {
      text_add(&body, d ? ", " : "");
      emit_size(&body, s->dim[d]);
    }
    text_add(&body, "%s%s},\n", s->rank ? "}" : "", s->role == P_WEIGHT ? ", .trained = true" : "");
  }
  text_add(&body, "  };\n  for (int k = 0; k < TENSORS; k++) {\n    w[k] = all[k];\n"
                  "    w[k].name = called[k].name;\n    w[k].dtype = called[k].type;\n"
                  "    memcpy(&w[k].data, (const char *)m + tensor_at[k], sizeof w[k].data);\n  }\n"
                  "  return TENSORS;\n}\n\n");
  if (e->p->nstate) {
    emit_sizes(e, t, body.s);
    print_wrapped(t, body.s, 100);
  } else
    text_add(t, "  (void)m;\n  memset(w, 0, sizeof *w);\n  return 0;\n}\n\n");
  text_free(&body);
  text_add(t,
           "void *%s_state(%s *m, const char *name, size_t *count) {\n"
           "  rt_weight w[TENSORS];\n"
           "  int n = m ? tensors(m, w) : 0;\n"
           "  for (int k = 0; k < n; k++)\n"
           "    if (name && strcmp(w[k].name, name) == 0) {\n"
           "      if (count) *count = rt_weight_count(&w[k]);\n"
           "      return w[k].data;\n    }\n"
           "  return NULL;\n}\n\n",
           n, n);
  const char *type = NULL;
  for (int k = 0; k < e->p->nstate; k++) {
    if (e->p->state[k]->role != P_WEIGHT) continue;
    const char *own = dtype_c((Dtype)e->p->state[k]->dtype);
    type = type && strcmp(type, own) != 0 ? "void" : own;
  }
  text_add(t,
           "%s *%s_param(%s *m, const char *name, size_t *count) {\n"
           "  rt_weight w[TENSORS];\n"
           "  int n = m ? tensors(m, w) : 0;\n"
           "  for (int k = 0; k < n; k++)\n"
           "    if (name && w[k].trained && strcmp(w[k].name, name) == 0) return %s_state(m, name, "
           "count);\n"
           "  return NULL;\n}\n\n",
           type ? type : "void", n, n, n);
  text_add(t,
           "int %s_load_memory(%s *m, const void *data, size_t size) {\n"
           "  rt_weight w[TENSORS];\n"
           "  if (!m || !data) return %s_ERROR_NULL;\n"
           "  switch (rt_weights_load(w, tensors(m, w), data, size)) {\n"
           "  case 0: return %s_OK;\n  case 1: return %s_ERROR_FORMAT;\n  default: return "
           "%s_ERROR_TENSOR;\n  }\n}\n\n"
           "#ifndef %s_NO_STDIO\n"
           "static rt_memory memory_of(const %s *m) {\n"
           "  rt_memory own = {m->config.allocate, m->config.release, m->config.context};\n"
           "  return own;\n}\n\n"
           "int %s_load(%s *m, const char *path) {\n"
           "  if (!m || !path) return %s_ERROR_NULL;\n"
           "  size_t size;\n"
           "  rt_memory own = memory_of(m);\n"
           "  void *data = rt_weights_read(&own, path, &size);\n"
           "  if (!data) return %s_ERROR_FILE;\n"
           "  int error = %s_load_memory(m, data, size);\n"
           "  rt_memory_put(&own, data, size);\n  return error;\n}\n\n"
           "int %s_save(const %s *m, const char *path) {\n"
           "  rt_weight w[TENSORS];\n"
           "  if (!m || !path) return %s_ERROR_NULL;\n"
           "  rt_memory own = memory_of(m);\n"
           "  return rt_weights_save(&own, w, tensors(m, w), \"%s\", path) ? %s_ERROR_FILE : "
           "%s_OK;\n}\n#endif\n\n",
           n, n, u, u, u, u, u, n, n, n, u, u, n, n, n, u, n, u, u);
}

static void print_status(const Emit *e, Text *t, const char *code, const char *words, bool last) {
  (void)e, (void)last;
  text_add(t, "  case %s: return %s;\n", code, emit_string(words));
}

void emit_errors(const Emit *e, Text *t) {
  const char *n = e->name, *u = e->upper;
  text_add(
      t,
      "const char *%s_error(int error) {\n  switch (error) {\n"
      "  case %s_OK: return \"no error\";\n"
      "  case %s_ERROR_NULL: return \"a pointer is NULL\";\n"
      "  case %s_ERROR_SIZE: return \"a run-time size is too small for this call, or above what the "
      "model was created with\";\n"
      "  case %s_ERROR_MEMORY: return \"not enough memory\";\n"
      "  case %s_ERROR_FILE: return \"the file cannot be read or written\";\n"
      "  case %s_ERROR_FORMAT: return \"no safetensors file\";\n"
      "  case %s_ERROR_TENSOR: return \"a parameter is missing in the file, or has another "
      "shape or dtype\";\n",
      n, u, u, u, u, u, u, u);
  for (int k = 0; k < e->p->ndemand; k++) {
    const Demand *c = &e->p->demand[k];
    Text message = {0};
    if (c->input) {
      Text extent = {0};
      Kernel none = {0};
      Cg cg = {.t = &extent, .k = &none, .index = true};
      cg_expr(&cg, c->extent, 0);
      text_add(&message, "input %s: an element is outside 0 <= i < %s", c->input->name, extent.s);
      if (c->other) text_add(&message, ", and not %lld", (long long)c->other);
      text_add(&message, ": %s", c->text);
      text_free(&extent);
    } else {
      text_add(&message, "the sizes do not go together: %s", c->text);
    }
    if (c->loc.file) text_add(&message, " (%s:%d)", emit_file_name(c->loc.file), c->loc.line);
    text_add(t, "  case %s: return %s;\n", e->error[k], emit_string(message.s));
    text_free(&message);
  }
  emit_each_status(e, print_status, t);
  text_add(t, "  default: return \"unknown error\";\n  }\n}\n\n");
}
