/*
** emit_model.c: NAME.c: the kernels, the routines, and the memory of a model around them
*/
#include "emit.h"
#include <string.h>

/* "Lays" in one line each: the struct's members. */
void emit_struct(const Emit *e, Text *t) {
  text_add(t, "struct %s {\n  %s_config config; /* as it was created */\n", e->name, e->name);
  if (mod->nsym) {
    text_add(t, "  struct {\n    int64_t ");
    for (int k = 0; k < mod->nsym; k++) text_add(t, "%s%s", k ? ", " : "", e->size[k]);
    text_add(t, ";\n  } size; /* of the calls to come */\n");
  }
  text_add(t, "  int threads;\n  bool owned;     /* memory is ours to give back */\n  void *memory;   /* all of it, */\n"
              "  size_t bytes;   /* so many bytes */\n  char *work;     /* what entries compute in between */\n"
              "  size_t work_bytes;\n");
  for (int k = 0; k < e->u->nroutine; k++) {
    int n = emit_plan_count(e->u->routine[k]);
    if (n) text_add(t, "  size_t work_%s, at_%s[%d]; /* bytes, places */\n", e->member[k], e->member[k], n);
    else if (e->u->routine[k]->work_size < 0) text_add(t, "  size_t work_%s;\n", e->member[k]);
  }
  for (int k = 0; k < e->p->nstate; k++) {
    const Node *n = e->p->state[k];
    text_add(t, "  void *%s; /* %s", e->state[k], dtype_name((Dtype)n->dtype));
    if (n->rank) text_add(t, " ");
    emit_shape(t, n->rank, n->dim);
    text_add(t, ", %s */\n", n->role == P_WEIGHT ? "a parameter" : "state");
  }
  text_add(t, "};\n\n");
}

/* One element of a literal as C. */
static void print_element(Text *t, const Node *n, int64_t i) {
  Scalar s = {.kind = S_CONST, .dtype = n->dtype};
  switch ((Dtype)n->dtype) {
  case DT_BOOL: s.i = ((const uint8_t *)n->data)[i]; break;
  case DT_I32: s.i = ((const int32_t *)n->data)[i]; break;
  case DT_I64: s.i = ((const int64_t *)n->data)[i]; break;
  case DT_F32: s.f = (double)((const float *)n->data)[i]; break;
  default: s.f = ((const double *)n->data)[i];
  }
  print_const(t, (Dtype)n->dtype, &s);
}

static void print_literals(const Emit *e, Text *t) {
  for (int k = 0; k < e->u->nlit; k++) {
    const Node *n = e->u->lit[k];
    int64_t count = 1;
    for (int d = 0; d < n->rank; d++) count *= n->dim[d]->i;
    Text list = {0};
    text_add(&list, "static const %s %s[%lld] = {", dtype_c((Dtype)n->dtype), e->lit[k], (long long)(count ? count : 1));
    size_t line = 0;
    for (int64_t i = 0; i < count; i++) {
      if (list.n - line > 88) text_add(&list, "\n    "), line = list.n - 4;
      print_element(&list, n, i);
      text_add(&list, i + 1 < count ? ", " : "");
    }
    text_add(&list, "%s};\n\n", count ? "" : "0");
    text_add(t, "/* literal");
    if (n->loc.file && n->loc.line) text_add(t, " of %s:%d", emit_comment(emit_file_name(n->loc.file)), n->loc.line);
    text_add(t, ", ");
    emit_shape(t, n->rank, n->dim);
    text_add(t, " */\n%s", list.s);
    text_free(&list);
  }
}

/* Which dtypes of inputs are checked against an extent. */
static void print_inside(const Emit *e, Text *t) {
  bool done[DT_COUNT] = {false};
  for (int k = 0; k < e->p->ndemand; k++) {
    const Node *n = e->p->demand[k].input;
    if (!n || done[n->dtype]) continue;
    done[n->dtype] = true;
    text_add(t, "/* Whether every element is in [0, extent). */\n"
                "static bool inside_%s(const %s *x, int64_t n, int64_t extent) {\n"
                "  for (int64_t i = 0; i < n; i++)\n"
                "    if (x[i] < 0 || x[i] >= extent) return false;\n"
                "  return true;\n}\n\n", dtype_name((Dtype)n->dtype), dtype_c((Dtype)n->dtype));
  }
}

static bool swaps(const Step *step, int n) {
  for (int i = 0; i < n; i++)
    if (step[i].kind == K_SWAP || (step[i].kind == K_LOOP && swaps(step[i].body, step[i].nbody))) return true;
  return false;
}

static void print_prologue(const Emit *e, Text *t) {
  const char *file = e->p->file ? emit_comment(emit_file_name(e->p->file)) : "a model";
  text_add(t,
           "/*\n** %s.c: made by crescent %s from %s; see %s.h for its use\n**\n"
           "** Kernels, each with its formula; then entries, one call a step; then memory and files.\n"
           "** A comment like  2: %s:10  gives a step's number and its line in the model; a buffer's\n"
           "** comment the steps between which its bytes are its own.\n*/\n"
           "#if defined(__linux__) && !defined(_DEFAULT_SOURCE)\n#define _DEFAULT_SOURCE 1 /* madvise */\n#endif\n"
           "#include \"%s.h\"\n%s#include <stdlib.h>\n#include <string.h>\n#include \"rt_kernel.h\"\n"
           "#include \"rt_plan.h\"\n#include \"rt_weights.h\"\n"
           "#if defined(_OPENMP) && !defined(%s_NO_THREADS)\n#include <omp.h>\n#endif\n"
           "#ifndef %s_NO_STDIO\n#include \"rt_weights_file.h\"\n#endif\n"
           "#if defined(__linux__) && !defined(%s_NO_STDIO)\n#include <sys/mman.h>\n#endif\n\n",
           e->name, e->o->version, file, e->name, file, e->name,
           e->nfile ? str_format("#include \"%s_kernels.h\"\n", e->name) : "", e->upper, e->upper, e->upper);
}

static void print_helpers(const Emit *e, Text *t) {
  text_add(t,
           "/* Tells the caller's hook which kernel comes next. */\n"
           "static inline void step(const %s *m, const char *kernel) {\n"
           "  if (m->config.step) m->config.step(m->config.context, kernel);\n}\n"
           "#define RUN(kernel, ...) (step(m, #kernel), kernel(__VA_ARGS__))\n\n", e->name);
  bool any = false;
  for (int k = 0; k < e->u->nroutine; k++) any = any || swaps(e->u->routine[k]->step, e->u->routine[k]->nstep);
  if (any)
    text_add(t, "/* What a loop carries and its next value change places. */\n"
                "static inline void swap(void **x, void **y) {\n"
                "  void *z = *x;\n  *x = *y;\n  *y = z;\n}\n\n");
  print_inside(e, t);
}

/* The kernels themselves, or where they are. */
static void print_kernels(const Emit *e, Text *t) {
  for (int k = 0; e->nfile == 0 && k < e->u->nkernel; k++) text_add(t, "%s\n", e->text[k]);
}

/* Sizes and checks of them. */
static void print_set_sizes(const Emit *e, Text *t) {
  text_add(t, "/* Takes the run-time sizes of a config, if the model can have them. */\n"
              "static int set_sizes(%s *m, const %s_config *c) {\n", e->name, e->name);
  if (!mod->nsym) text_add(t, "  (void)m, (void)c;\n");
  for (int k = 0; k < mod->nsym; k++)
    text_add(t, "  if (c->%s < 1 || c->%s > INT32_MAX) return %s_ERROR_SIZE;\n", e->size[k], e->size[k], e->upper);
  for (int k = 0; k < mod->nsym; k++) text_add(t, "  m->size.%s = c->%s;\n", e->size[k], e->size[k]);
  Text body = {0};
  text_add(&body, "%s", "");
  for (int k = 0; k < e->p->ndemand; k++) {
    const Demand *c = &e->p->demand[k];
    if (c->input) continue;
    text_add(&body, "  if (");
    if (c->lo) emit_size(&body, c->lo), text_add(&body, " < 0");
    if (c->lo && c->hi) text_add(&body, " || ");
    if (c->hi) emit_size(&body, c->hi), text_add(&body, " >= "), emit_size(&body, c->extent);
    text_add(&body, ") return %s;\n", e->error[k]);
  }
  emit_sizes(e, t, body.s);
  print_wrapped(t, body.s, 100);
  text_add(t, "  return %s_OK;\n}\n\n", e->upper);
  text_free(&body);
}

/* Where everything lies in the model's memory. */
static void print_lay_out(const Emit *e, Text *t) {
  for (int k = 0; k < e->u->nroutine; k++) emit_plan(e, t, e->u->routine[k]);
  text_add(t,
           "/* Takes the next bytes of the memory at base, which may be NULL: only counted then. */\n"
           "static void *take(char *base, size_t *at, size_t bytes) {\n"
           "  char *p = base ? base + *at : NULL;\n"
           "  *at += (bytes + RT_PLAN_ALIGN - 1) / RT_PLAN_ALIGN * RT_PLAN_ALIGN;\n  return p;\n}\n\n"
           "/* Lays the model out in the memory at base, and returns the bytes it takes. */\n"
           "static size_t lay_out(%s *m, char *base) {\n", e->name);
  Text body = {0};
  text_add(&body, "  size_t at = 0;\n  take(base, &at, sizeof *m);\n");
  for (int k = 0; k < e->p->nstate; k++) {
    const Node *n = e->p->state[k];
    text_add(&body, "  m->%s = take(base, &at, ", e->state[k]);
    emit_bytes(&body, (Dtype)n->dtype, n->rank, n->dim);
    text_add(&body, ");\n");
  }
  int64_t fixed = 0;
  for (int k = 0; k < e->u->nentry; k++)
    if (e->u->entry[k].routine->work_size > fixed) fixed = e->u->entry[k].routine->work_size;
  text_add(&body, "  m->work_bytes = %lld;\n", (long long)fixed);
  for (int k = 0; k < e->u->nroutine; k++)
    if (emit_plan_count(e->u->routine[k])) text_add(&body, "  plan_%s(m);\n", e->member[k]);
  for (int k = 0; k < e->u->nentry; k++) {
    const Routine *r = e->u->entry[k].routine;
    if (emit_plan_count(r))
      text_add(&body, "  if (m->work_%s > m->work_bytes) m->work_bytes = m->work_%s;\n", e->member[r->id], e->member[r->id]);
  }
  text_add(&body, "  m->work = take(base, &at, m->work_bytes);\n  return at;\n");
  emit_sizes(e, t, body.s);
  text_add(t, "%s}\n\n", body.s);
  text_free(&body);
}

static void print_create(const Emit *e, Text *t) {
  const char *n = e->name, *u = e->upper;
  text_add(t,
           "size_t %s_memory_size(const %s_config *config) {\n"
           "  %s m;\n  memset(&m, 0, sizeof m);\n"
           "  if (!config || set_sizes(&m, config)) return 0;\n"
           "  return lay_out(&m, NULL) + RT_PLAN_ALIGN;\n}\n\n", n, n, n);
  text_add(t,
           "int %s_create_in(%s **out, const %s_config *config, void *memory, size_t size) {\n"
           "  %s head;\n  memset(&head, 0, sizeof head);\n"
           "  if (!out || !config || !memory) return %s_ERROR_NULL;\n"
           "  *out = NULL;\n"
           "  int error = set_sizes(&head, config);\n  if (error) return error;\n"
           "  size_t skip = (RT_PLAN_ALIGN - (uintptr_t)memory %% RT_PLAN_ALIGN) %% RT_PLAN_ALIGN;\n"
           "  if (size < skip || lay_out(&head, NULL) > size - skip) return %s_ERROR_MEMORY;\n"
           "  char *base = (char *)memory + skip;\n"
           "  lay_out(&head, base);\n"
           "  head.config = *config;\n  head.memory = memory;\n  head.bytes = size;\n  head.threads = config->threads > 0 ? config->threads : 1;\n"
           "#if defined(_OPENMP) && !defined(%s_NO_THREADS)\n"
           "  if (config->threads <= 0) head.threads = omp_get_max_threads();\n"
           "#elif defined(%s_NO_THREADS)\n  head.threads = 1;\n#endif\n"
           "  %s *m = (%s *)(void *)base;\n  memcpy(m, &head, sizeof head);\n"
           "  %s_first_values(m, (int64_t)config->seed);\n  *out = m;\n  return %s_OK;\n}\n\n",
           n, n, n, n, u, u, u, u, n, n, n, u);
  text_add(t,
           "/* Memory of the C library, in huge pages where that pays. */\n"
           "static void *get_memory(size_t size) {\n"
           "  size_t page = size >= (size_t)1 << 22 ? (size_t)1 << 21 : RT_PLAN_ALIGN;\n"
           "  void *p = aligned_alloc(page, (size + page - 1) / page * page);\n"
           "#if defined(__linux__) && !defined(%s_NO_STDIO) && defined(MADV_HUGEPAGE)\n"
           "  if (p && page > RT_PLAN_ALIGN) madvise(p, size, MADV_HUGEPAGE);\n#endif\n"
           "  return p;\n}\n\n", u);
  text_add(t,
           "int %s_create(%s **out, const %s_config *config) {\n"
           "  %s probe;\n  memset(&probe, 0, sizeof probe);\n"
           "  if (!out || !config) return %s_ERROR_NULL;\n"
           "  *out = NULL;\n"
           "  int error = set_sizes(&probe, config);\n  if (error) return error;\n"
           "  size_t size = %s_memory_size(config);\n"
           "  void *memory = config->allocate ? config->allocate(config->context, size) : get_memory(size);\n"
           "  if (!memory) return %s_ERROR_MEMORY;\n"
           "  error = %s_create_in(out, config, memory, size);\n"
           "  if (!error) (*out)->owned = true;\n"
           "  else if (!config->allocate) free(memory);\n"
           "  else if (config->release) config->release(config->context, memory, size);\n"
           "  return error;\n}\n\n"
           "void %s_destroy(%s *m) {\n"
           "  if (!m || !m->owned) return;\n"
           "  %s_config c = m->config;\n"
           "  if (!c.allocate) free(m->memory);\n"
           "  else if (c.release) c.release(c.context, m->memory, m->bytes);\n}\n\n",
           n, n, n, n, u, n, u, n, n, n, n);
}

static bool uses_sym(Scalar **dim, int rank, const Sym *sym) {
  Text t = {0};
  for (int d = 0; d < rank; d++) emit_size(&t, dim[d]), text_add(&t, " ");
  bool uses = t.s && emit_uses(t.s, sym->name);
  text_free(&t);
  return uses;
}

/* Whether a size is never larger for smaller run-time sizes. */
static bool grows(Scalar *s) {
  if (s->kind == S_CONST || s->kind == S_SIZE) return true;
  Poly p = poly_of(mod->arena, s);
  for (int i = 0; i < p.n; i++) {
    if (p.term[i].coef < 0) return false;
    for (int k = 0; k < p.term[i].nfac; k++) {
      Scalar *f = p.term[i].fac[k];
      if (f->kind == S_SIZE) continue;
      bool division = f->kind == S_OP && f->op == OP_FLOORDIV && f->arg[1]->kind == S_CONST && f->arg[1]->i > 0;
      bool order = f->kind == S_OP && (f->op == OP_MIN || f->op == OP_MAX) && grows(f->arg[1]);
      if (!(division || order) || !grows(f->arg[0])) return false;
    }
  }
  return true;
}

/* Whether everything planned for some sizes holds what smaller ones need. */
static bool all_grow(const Unit *u) {
  for (int k = 0; k < u->nroutine; k++)
    for (int i = 0; u->routine[k]->work_size < 0 && i < u->routine[k]->nbuffer; i++) {
      const Buffer *buf = &u->routine[k]->buffer[i];
      for (int d = 0; buf->kind == B_WORK && d < buf->rank; d++)
        if (!grows(buf->dim[d])) return false;
    }
  return true;
}

static void print_resize(const Emit *e, Text *t) {
  const char *n = e->name, *u = e->upper;
  if (!mod->nsym) return;
  text_add(t,
           "int %s_resize(%s *m, const %s_config *config) {\n"
           "  if (!m || !config) return %s_ERROR_NULL;\n", n, n, n, u);
  for (int k = 0; k < mod->nsym; k++) {
    bool fixed = false;
    for (int s = 0; s < e->p->nstate; s++) fixed = fixed || uses_sym(e->p->state[s]->dim, e->p->state[s]->rank, mod->sym[k]);
    text_add(t, "  if (config->%s %s m->config.%s) return %s_ERROR_SIZE;%s\n", e->size[k], fixed ? "!=" : ">", e->size[k], u,
             fixed ? " /* parameters have it */" : "");
  }
  if (all_grow(e->u)) {
    text_add(t, "  return set_sizes(m, config); /* what fitted the larger sizes fits these */\n}\n\n");
    return;
  }
  text_add(t, "  %s probe = *m;\n  int error = set_sizes(&probe, config);\n  if (error) return error;\n"
              "  lay_out(&probe, NULL);\n"
              "  if (probe.work_bytes > m->work_bytes) return %s_ERROR_SIZE;\n"
              "  set_sizes(m, config);\n", n, u);
  for (int k = 0; k < e->u->nroutine; k++)
    if (emit_plan_count(e->u->routine[k])) text_add(t, "  plan_%s(m);\n", e->member[k]);
  text_add(t, "  return %s_OK;\n}\n\n", u);
}

/* The table of parameters, and what works on it. */
static void print_tensors(const Emit *e, Text *t) {
  const char *n = e->name, *u = e->upper;
  text_add(t, "/* Describes the parameters and state of a model, for finding, loading and saving them. */\n"
              "static int tensors(const %s *m, rt_weight *w) {\n", n);
  Text body = {0};
  text_add(&body, "  int k = 0;\n");
  for (int k = 0; k < e->p->nstate; k++) {
    const Node *s = e->p->state[k];
    text_add(&body, "  w[k++] = (rt_weight){%s, \"%s\", sizeof(%s), %d, {", emit_string(s->name), dtype_name((Dtype)s->dtype),
             dtype_c((Dtype)s->dtype), s->rank);
    if (!s->rank) text_add(&body, "0");
    for (int d = 0; d < s->rank; d++) {
      text_add(&body, d ? ", " : "");
      emit_size(&body, s->dim[d]);
    }
    text_add(&body, "}, m->%s, %s};\n", e->state[k], s->role == P_WEIGHT ? "true" : "false");
  }
  emit_sizes(e, t, body.s);
  if (!e->p->nstate) text_add(t, "  (void)m;\n  memset(w, 0, sizeof *w);\n");
  print_wrapped(t, body.s, 100);
  text_add(t, "  return k;\n}\n\nenum { TENSORS = %d };\n\n", e->p->nstate ? e->p->nstate : 1);
  text_free(&body);
  text_add(t,
           "void *%s_state(%s *m, const char *name, size_t *count) {\n"
           "  rt_weight w[TENSORS];\n"
           "  int n = m ? tensors(m, w) : 0;\n"
           "  for (int k = 0; k < n; k++)\n"
           "    if (name && strcmp(w[k].name, name) == 0) {\n"
           "      if (count) *count = rt_weight_count(&w[k]);\n"
           "      return w[k].data;\n    }\n"
           "  return NULL;\n}\n\n", n, n);
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
           "    if (name && w[k].trained && strcmp(w[k].name, name) == 0) return %s_state(m, name, count);\n"
           "  return NULL;\n}\n\n", type ? type : "void", n, n, n);
  text_add(t,
           "int %s_load_memory(%s *m, const void *data, size_t size) {\n"
           "  rt_weight w[TENSORS];\n"
           "  if (!m || !data) return %s_ERROR_NULL;\n"
           "  switch (rt_weights_load(w, tensors(m, w), data, size)) {\n"
           "  case 0: return %s_OK;\n  case 1: return %s_ERROR_FORMAT;\n  default: return %s_ERROR_TENSOR;\n  }\n}\n\n"
           "#ifndef %s_NO_STDIO\n"
           "int %s_load(%s *m, const char *path) {\n"
           "  if (!m || !path) return %s_ERROR_NULL;\n"
           "  size_t size;\n"
           "  void *data = rt_weights_read(path, &size);\n"
           "  if (!data) return %s_ERROR_FILE;\n"
           "  int error = %s_load_memory(m, data, size);\n"
           "  free(data);\n  return error;\n}\n\n"
           "int %s_save(const %s *m, const char *path) {\n"
           "  rt_weight w[TENSORS];\n"
           "  if (!m || !path) return %s_ERROR_NULL;\n"
           "  return rt_weights_save(w, tensors(m, w), \"%s\", path) ? %s_ERROR_FILE : %s_OK;\n}\n#endif\n\n",
           n, n, u, u, u, u, u, n, n, u, u, n, n, n, u, n, u, u);
}

static void print_error(const Emit *e, Text *t) {
  const char *n = e->name, *u = e->upper;
  text_add(t,
           "const char *%s_error(int error) {\n  switch (error) {\n"
           "  case %s_OK: return \"no error\";\n"
           "  case %s_ERROR_NULL: return \"a pointer is NULL\";\n"
           "  case %s_ERROR_SIZE: return \"a run-time size is below 1, or above what the model was created with\";\n"
           "  case %s_ERROR_MEMORY: return \"not enough memory\";\n"
           "  case %s_ERROR_FILE: return \"the file cannot be read or written\";\n"
           "  case %s_ERROR_FORMAT: return \"no safetensors file\";\n"
           "  case %s_ERROR_TENSOR: return \"a parameter is missing in the file, or has another shape or dtype\";\n",
           n, u, u, u, u, u, u, u);
  for (int k = 0; k < e->p->ndemand; k++) {
    const Demand *c = &e->p->demand[k];
    Text message = {0};
    if (c->input) {
      Text extent = {0};
      Kernel none = {0};
      Cg cg = {.t = &extent, .k = &none, .index = true};
      cg_expr(&cg, c->extent, 0);
      text_add(&message, "input %s: an element is outside 0 <= i < %s: %s", c->input->name, extent.s, c->text);
      text_free(&extent);
    } else {
      text_add(&message, "the sizes do not go together: %s", c->text);
    }
    if (c->loc.file) text_add(&message, " (%s:%d)", emit_file_name(c->loc.file), c->loc.line);
    text_add(t, "  case %s: return %s;\n", e->error[k], emit_string(message.s));
    text_free(&message);
  }
  text_add(t, "  default: return \"unknown error\";\n  }\n}\n\n");
}

/* Prints NAME.c. */
void emit_model(const Emit *e, Text *t) {
  print_prologue(e, t);
  emit_struct(e, t);
  print_helpers(e, t);
  print_literals(e, t);
  print_kernels(e, t);
  bool *entry = NEWN(mod->arena, bool, e->u->nroutine + 1);
  for (int k = 0; k < e->u->nentry; k++) entry[e->u->entry[k].routine->id] = true;
  for (int k = 0; k < e->u->nroutine; k++)
    if (!entry[k]) emit_routine(e, t, e->u->routine[k]);
  bool hidden = false;
  for (int pass = 0; pass < 2; pass++)
    for (int k = 0; k < e->u->nentry; k++) {
      if (e->u->entry[k].hidden != (pass == 1)) continue;
      if (pass && !hidden) text_add(t, "#ifndef %s_NO_CHECK\n", e->upper);
      hidden = hidden || pass;
      emit_entry(e, t, &e->u->entry[k]);
    }
  if (hidden) text_add(t, "#endif\n\n");
  print_set_sizes(e, t);
  print_lay_out(e, t);
  print_create(e, t);
  print_resize(e, t);
  print_tensors(e, t);
  print_error(e, t);
  emit_manifest(e, t);
}
