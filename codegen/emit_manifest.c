/*
** emit_manifest.c: what a model is, as JSON in a C string
*/
#include "emit.h"
#include <string.h>

/* "N", 28: an extent as JSON. */
static void json_extent(Text *t, Scalar *s) {
  int64_t v;
  if (s_const_value(s, &v)) {
    text_add(t, "%lld", (long long)v);
    return;
  }
  Kernel none = {0};
  Text x = {0};
  Cg c = {.t = &x, .k = &none, .index = true};
  cg_expr(&c, s, 0);
  text_add(t, "%s", emit_string(x.s));
  text_free(&x);
}

static void json_tensor(Text *t, const Node *n, const char *name) {
  text_add(t, "{\"name\": %s, \"dtype\": \"%s\", \"shape\": [", emit_string(name),
           dtype_name((Dtype)n->dtype));
  for (int d = 0; d < n->rank; d++) {
    text_add(t, d ? ", " : "");
    json_extent(t, n->dim[d]);
  }
  text_add(t, "]");
}

static void json_ports(Text *t, const char *key, int n, const Port *port) {
  text_add(t, ", \"%s\": [", key);
  for (int k = 0; k < n; k++) {
    text_add(t, k ? ", " : "");
    json_tensor(t, port[k].node, port[k].name);
    text_add(t, "}");
  }
  text_add(t, "]");
}

static void json_memory(const Emit *e, Text *t) {
  int64_t state = 0, work = 0;
  bool fixed = true;
  for (int k = 0; k < e->p->nstate; k++) {
    const Node *n = e->p->state[k];
    Scalar *count = s_int((int64_t)dtype_size((Dtype)n->dtype));
    for (int d = 0; d < n->rank; d++) count = s_mul(count, n->dim[d]);
    int64_t v;
    if (s_const_value(count, &v))
      state += v;
    else
      fixed = false;
  }
  for (int k = 0; k < e->u->nentry; k++) {
    int64_t w = e->u->entry[k].routine->work_size;
    if (w < 0) fixed = false;
    if (w > work) work = w;
  }
  if (fixed)
    text_add(t, ", \"memory\": {\"state\": %lld, \"workspace\": %lld}", (long long)state,
             (long long)work);
  else
    text_add(t, ", \"memory\": null");
}

enum { LONG_STRING = 4095 }; /* characters that every compiler takes */

/* A C string over several lines. */
static void print_string(Text *t, const char *s, size_t n) {
  text_add(t, "  static const char text[] =");
  for (size_t at = 0; at < n;) {
    size_t end = at + 84 < n ? at + 84 : n;
    while (end < n && end > at + 40 && s[end - 1] != ' ') end--;
    text_add(t, "\n    \"");
    for (; at < end; at++) {
      if (s[at] == '"' || s[at] == '\\') text_add(t, "\\");
      text_put(t, s + at, 1);
    }
    text_add(t, "\"");
  }
  text_add(t, ";\n");
}

void emit_manifest(const Emit *e, Text *t) {
  Text j = {0};
  text_add(&j, "{\"name\": %s, \"crescent\": %s, \"sizes\": [", emit_string(e->name),
           emit_string(e->o->version));
  for (int k = 0; k < mod->nsym; k++) {
    text_add(&j, "%s{\"name\": %s", k ? ", " : "", emit_string(mod->sym[k]->name));
    if (mod->sym[k]->value > 0) text_add(&j, ", \"default\": %lld", (long long)mod->sym[k]->value);
    text_add(&j, "}");
  }
  text_add(&j, "], \"entries\": [");
  bool first = true;
  for (int k = 0; k < e->p->nentry; k++) {
    const Entry *en = &e->p->entry[k];
    if (en->kind == E_INIT) continue;
    text_add(&j, "%s{\"name\": %s, \"kind\": \"%s\"", first ? "" : ", ", emit_string(en->name),
             en->kind == E_TRAIN ? "train" : "entry");
    json_ports(&j, "inputs", en->ninput, en->input);
    json_ports(&j, "outputs", en->noutput, en->output);
    text_add(&j, "}");
    first = false;
  }
  text_add(&j, "], \"state\": [");
  for (int k = 0; k < e->p->nstate; k++) {
    text_add(&j, k ? ", " : "");
    json_tensor(&j, e->p->state[k], e->p->state[k]->name);
    text_add(&j, ", \"trained\": %s}", e->p->state[k]->role == P_WEIGHT ? "true" : "false");
  }
  text_add(&j, "]");
  json_memory(e, &j);
  text_add(&j, "}");
  bool is_long = j.n > LONG_STRING;
  if (is_long)
    text_add(t, "#if defined(__GNUC__)\n#pragma GCC diagnostic push\n"
                "#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n#endif\n");
  text_add(t, "const char *%s_manifest(void) {\n", e->name);
  print_string(t, j.s, j.n);
  text_add(t, "  return text;\n}\n");
  if (is_long) text_add(t, "#if defined(__GNUC__)\n#pragma GCC diagnostic pop\n#endif\n");
  text_free(&j);
}
