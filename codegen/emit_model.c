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
  text_add(t, "  int threads;\n  bool owned;     /* memory is ours to give back */\n  void "
              "*memory;   /* all of it, */\n"
              "  size_t bytes;   /* so many bytes */\n  char *work;     /* what entries compute in "
              "between */\n"
              "  size_t work_bytes;\n");
  for (int k = 0; k < e->u->nroutine; k++) {
    int n = emit_plan_count(e->u->routine[k]);
    if (n)
      text_add(t, "  size_t work_%s, at_%s[%d]; /* bytes, places */\n", e->member[k], e->member[k],
               n);
    else if (e->u->routine[k]->work_size < 0)
      text_add(t, "  size_t work_%s;\n", e->member[k]);
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
  case DT_BOOL:
    s.i = ((const uint8_t *)n->data)[i];
    break;
  case DT_I32:
    s.i = ((const int32_t *)n->data)[i];
    break;
  case DT_I64:
    s.i = ((const int64_t *)n->data)[i];
    break;
  case DT_F32:
    s.f = (double)((const float *)n->data)[i];
    break;
  default:
    s.f = ((const double *)n->data)[i];
  }
  print_const(t, (Dtype)n->dtype, &s);
}

static void print_literals(const Emit *e, Text *t) {
  for (int k = 0; k < e->u->nlit; k++) {
    const Node *n = e->u->lit[k];
    int64_t count = 1;
    for (int d = 0; d < n->rank; d++) count *= n->dim[d]->i;
    Text list = {0};
    text_add(&list, "static const %s %s[%lld] = {", dtype_c((Dtype)n->dtype), e->lit[k],
             (long long)(count ? count : 1));
    size_t line = 0;
    for (int64_t i = 0; i < count; i++) {
      if (list.n - line > 88) text_add(&list, "\n    "), line = list.n - 4;
      print_element(&list, n, i);
      text_add(&list, i + 1 < count ? ", " : "");
    }
    text_add(&list, "%s};\n\n", count ? "" : "0");
    text_add(t, "/* literal");
    if (n->loc.file && n->loc.line)
      text_add(t, " of %s:%d", emit_comment(emit_file_name(n->loc.file)), n->loc.line);
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
    text_add(t,
             "/* Whether every element is in [0, extent), or is `other`. */\n"
             "static bool inside_%s(const %s *x, int64_t n, int64_t extent, int64_t other) {\n"
             "  int outside = 0;\n"
             "  #pragma omp simd reduction(|:outside)\n"
             "  for (int64_t i = 0; i < n; i++)\n"
             "    outside |= ((x[i] < 0) | (x[i] >= extent)) & (x[i] != other);\n"
             "  return !outside;\n}\n\n",
             dtype_name((Dtype)n->dtype), dtype_c((Dtype)n->dtype));
  }
}

/* Whether one of the steps, or of those of their loops, is of this kind. */
static bool has_step(const Step *step, int n, StepKind kind) {
  for (int i = 0; i < n; i++)
    if (step[i].kind == kind ||
        (step[i].kind == K_LOOP && has_step(step[i].body, step[i].nbody, kind)))
      return true;
  return false;
}

static bool any_step(const Emit *e, StepKind kind) {
  for (int k = 0; k < e->u->nroutine; k++)
    if (has_step(e->u->routine[k]->step, e->u->routine[k]->nstep, kind)) return true;
  return false;
}

static void print_prologue(const Emit *e, Text *t) {
  Text includes = {0};
  emit_opaque_includes(e, &includes);
  const char *file = e->p->file ? emit_comment(emit_file_name(e->p->file)) : "a model";
  text_add(
      t,
      "/*\n** %s.c: made by crescent %s from %s; see %s.h for its use\n**\n"
      "** Kernels, each with its formula; then entries, one call a step; then memory and files.\n"
      "** A comment like  2: %s:10  gives a step's number and its line in the model; a buffer's\n"
      "** comment the steps between which its bytes are its own.\n*/\n"
      "#if defined(__linux__) && !defined(_DEFAULT_SOURCE)\n#define _DEFAULT_SOURCE 1 /* madvise "
      "*/\n#endif\n"
      "#include \"%s.h\"\n%s#include <stdlib.h>\n#include <string.h>\n#include \"rt_kernel.h\"\n"
      "#include \"rt_plan.h\"\n#include \"rt_weights.h\"\n%s"
      "#if defined(_OPENMP) && !defined(%s_NO_THREADS)\n#include <omp.h>\n#endif\n"
      "#ifndef %s_NO_STDIO\n#include \"rt_weights_file.h\"\n#endif\n"
      "#if defined(__linux__) && !defined(%s_NO_STDIO)\n#include <sys/mman.h>\n#endif\n\n",
      e->name, e->o->version, file, e->name, file, e->name,
      e->nfile ? str_format("#include \"%s_kernels.h\"\n", e->name) : "",
      includes.s ? includes.s : "", e->upper, e->upper, e->upper);
  text_free(&includes);
}

/* What runs a kernel in parts. A batch of structured operations has a status as well: the worst. */
static void print_forks(const Emit *e, Text *t) {
  bool status = emit_opaque_forks(e, true);
  text_add(t,
           "/* A call of a kernel with parallel loops: its tensors, and into how many parts "
           "they are cut. */\n"
           "struct call {\n  %s *m;\n  void *const *at;\n%s  int threads, count;\n};\n\n"
           "/* Makes kernel_part(call, k): part k of a call. */\n"
           "#define PART(kernel, ...) \\\n"
           "  static void kernel##_part(void *call, int k) { \\\n"
           "    const struct call *c = call; \\\n"
           "    kernel((rt_part){c->threads, k, c->count}, __VA_ARGS__); \\\n  }\n",
           e->name, status ? "  int *status; /* of every part */\n" : "");
  if (status)
    text_add(t, "#define PART_TRY(kernel, ...) \\\n"
                "  static void kernel##_part(void *call, int k) { \\\n"
                "    const struct call *c = call; \\\n"
                "    c->status[k] = kernel((rt_part){c->threads, k, c->count}, __VA_ARGS__); \\\n"
                "  }\n");
  text_add(t,
           "#define SIZE(N) (int)c->m->size.N\n\n"
           "/* Runs a kernel whose loops are parallel, where that pays in parts: with OpenMP, or by\n"
           "** config.parallel. */\n"
           "static %s in_parts(%s *m, const char *kernel, bool pays, void (*part)(void *, int),\n"
           "    void *const *at) {\n"
           "  bool own = m->config.parallel != NULL;\n"
           "  int parts = !pays ? 1 : m->threads < RT_MOST_PARTS ? m->threads : RT_MOST_PARTS;\n%s"
           "  struct call c = {m, at, %sown ? 1 : m->threads, parts};\n"
           "  step(m, kernel);\n"
           "  if (parts == 1) part(&c, 0);\n"
           "  else if (own) m->config.parallel(m->config.context, parts, part, &c);\n"
           "  else {\n"
           "    #pragma omp parallel for num_threads(parts) schedule(static, 1)\n"
           "    for (int k = 0; k < parts; k++) part(&c, k);\n"
           "  }\n%s}\n"
           "#define FORK(kernel, pays, ...) \\\n"
           "  in_parts(m, #kernel, pays, kernel##_part, (void *[]){__VA_ARGS__})\n\n",
           status ? "int" : "void", e->name,
           status ? "  int status[RT_MOST_PARTS] = {0}, worst = 0;\n" : "",
           status ? "status, " : "",
           status ? "  for (int k = 0; k < parts; k++)\n"
                    "    if (status[k] > worst) worst = status[k];\n  return worst;\n"
                  : "");
}

static void print_helpers(const Emit *e, Text *t) {
  text_add(t,
           "/* Tells the caller's hook which kernel comes next. */\n"
           "static inline void step(const %s *m, const char *kernel) {\n"
           "  if (m->config.step) m->config.step(m->config.context, kernel);\n}\n"
           "#define RUN(kernel, ...) (step(m, #kernel), kernel(__VA_ARGS__))\n",
           e->name);
  if (any_step(e, K_COPY))
    text_add(t, "#define COPY(to, from, size) (step(m, \"copy\"), memcpy(to, from, size))\n");
  if (any_step(e, K_ZERO))
    text_add(t, "#define ZERO(to, size) (step(m, \"zero\"), memset(to, 0, size))\n");
  text_add(t, "\n");
  if (emit_forks(e)) print_forks(e, t);
  bool fails = false;
  for (int k = 0; k < e->u->nroutine; k++) fails = fails || e->u->routine[k]->fails;
  if (fails)
    text_add(t, "/* Hands an error code on. */\n"
                "#define TRY(call) do { int got = (call); if (got) return got; } while (0)\n\n");
  if (any_step(e, K_SWAP))
    text_add(t, "/* What a loop carries and its next value change places. */\n"
                "static inline void swap(void **x, void **y) {\n"
                "  void *z = *x;\n  *x = *y;\n  *y = z;\n}\n\n");
  print_inside(e, t);
}

/* Marks the kernels that these steps and those they call run. */
static void mark_kernels(const Unit *u, const Step *step, int n, bool *seen) {
  for (int i = 0; i < n; i++) {
    if (step[i].kind == K_LOOP) mark_kernels(u, step[i].body, step[i].nbody, seen);
    if (step[i].kind == K_CALL) mark_kernels(u, step[i].callee->step, step[i].callee->nstep, seen);
    for (int k = 0; step[i].kind == K_KERNEL && k < u->nkernel; k++)
      if (u->kernel[k] == step[i].kernel) seen[k] = true;
  }
}

/* Marks the routines that these steps call. */
static void mark_routines(const Step *step, int n, bool *seen) {
  for (int i = 0; i < n; i++) {
    if (step[i].kind == K_LOOP) mark_routines(step[i].body, step[i].nbody, seen);
    if (step[i].kind != K_CALL) continue;
    seen[step[i].callee->id] = true;
    mark_routines(step[i].callee->step, step[i].callee->nstep, seen);
  }
}

/* The called Funcs; those of hidden entries only can be left out with them. */
static void print_routines(const Emit *e, Text *t) {
  bool *entry = NEWN(mod->arena, bool, e->u->nroutine + 1);
  bool *seen = NEWN(mod->arena, bool, e->u->nroutine + 1);
  for (int k = 0; k < e->u->nentry; k++) {
    const Routine *r = e->u->entry[k].routine;
    entry[r->id] = true;
    if (!e->u->entry[k].hidden) mark_routines(r->step, r->nstep, seen);
  }
  for (int k = 0; k < e->u->nroutine; k++) {
    if (entry[k]) continue;
    if (!seen[k]) text_add(t, "#ifndef %s_NO_CHECK\n", e->upper);
    emit_routine(e, t, e->u->routine[k]);
    if (!seen[k]) text_add(t, "#endif\n\n");
  }
}

/* The kernels themselves, unless they are in files of their own, and their parts. Those only hidden
** entries run can be left out. */
static void print_kernels(const Emit *e, Text *t) {
  bool *seen = NEWN(mod->arena, bool, e->u->nkernel + 1);
  for (int k = 0; k < e->u->nentry; k++)
    if (!e->u->entry[k].hidden)
      mark_kernels(e->u, e->u->entry[k].routine->step, e->u->entry[k].routine->nstep, seen);
  for (int pass = 0; pass < 2; pass++) {
    bool guarded = false;
    for (int k = 0; k < e->u->nkernel; k++) {
      if (seen[k] != (pass == 0)) continue;
      if (pass && !guarded) text_add(t, "#ifndef %s_NO_CHECK\n\n", e->upper);
      guarded = pass;
      if (e->nfile == 0) text_add(t, "%s\n", e->text[k]);
    }
    for (int k = 0; k < e->u->nkernel; k++)
      if (seen[k] == (pass == 0)) emit_parts(e, t, e->u->kernel[k]);
    text_add(t, "\n");
    if (guarded) text_add(t, "#endif\n\n");
  }
}

/* Tables of the tensors, since statements one after the other, one for each of thousands, take
** compilers longer than all the kernels. */
static void print_places(const Emit *e, Text *t) {
  text_add(t, "enum { TENSORS = %d };\n", e->p->nstate ? e->p->nstate : 1);
  if (!e->p->nstate) return;
  text_add(t, "\n/* Where a model has the addresses of its parameters and state. */\n"
              "static const size_t tensor_at[TENSORS] = {\n");
  for (int k = 0; k < e->p->nstate; k++)
    text_add(t, "  offsetof(%s, %s),\n", e->name, e->state[k]);
  text_add(t, "};\n\n");
}

/* How many bytes each takes, and the loop that takes them. */
static void print_take_all(const Emit *e, Text *body) {
  bool fixed = true;
  if (!e->p->nstate) return;
  for (int k = 0; k < e->p->nstate; k++) fixed = fixed && emit_is_fixed(e->p->state[k]);
  text_add(body, "  %sconst size_t bytes[TENSORS] = {\n", fixed ? "static " : "");
  for (int k = 0; k < e->p->nstate; k++) {
    const Node *n = e->p->state[k];
    text_add(body, "    ");
    emit_bytes(body, (Dtype)n->dtype, n->rank, n->dim);
    text_add(body, ", /* %s */\n", e->state[k]);
  }
  text_add(body, "  };\n  for (int k = 0; k < TENSORS; k++) {\n"
                 "    void *p = take(base, &at, bytes[k]);\n"
                 "    memcpy((char *)m + tensor_at[k], &p, sizeof p);\n  }\n");
}

/* Where everything lies in the model's memory. */
static void print_lay_out(const Emit *e, Text *t) {
  for (int k = 0; k < e->u->nroutine; k++) emit_plan(e, t, e->u->routine[k]);
  print_places(e, t);
  text_add(
      t,
      "/* Takes the next bytes of the memory at base, which may be NULL: only counted then. */\n"
      "static void *take(char *base, size_t *at, size_t bytes) {\n"
      "  char *p = base ? base + *at : NULL;\n"
      "  *at += (bytes + RT_PLAN_ALIGN - 1) / RT_PLAN_ALIGN * RT_PLAN_ALIGN;\n  return p;\n}\n\n"
      "/* Lays the model out in the memory at base, and returns the bytes it takes. */\n"
      "static size_t lay_out(%s *m, char *base) {\n",
      e->name);
  Text body = {0};
  text_add(&body, "  size_t at = 0;\n  take(base, &at, sizeof *m);\n");
  print_take_all(e, &body);
  int64_t fixed = 0;
  for (int k = 0; k < e->u->nentry; k++)
    if (e->u->entry[k].routine->work_size > fixed) fixed = e->u->entry[k].routine->work_size;
  text_add(&body, "  m->work_bytes = %lld;\n", (long long)fixed);
  for (int k = 0; k < e->u->nroutine; k++)
    if (emit_plan_count(e->u->routine[k])) text_add(&body, "  plan_%s(m);\n", e->member[k]);
  for (int k = 0; k < e->u->nentry; k++) {
    const Routine *r = e->u->entry[k].routine;
    if (emit_plan_count(r))
      text_add(&body, "  if (m->work_%s > m->work_bytes) m->work_bytes = m->work_%s;\n",
               e->member[r->id], e->member[r->id]);
  }
  text_add(&body, "  m->work = take(base, &at, m->work_bytes);\n  return at;\n");
  emit_sizes(e, t, body.s);
  text_add(t, "%s}\n\n", body.s);
  text_free(&body);
}

static void print_create(const Emit *e, Text *t) {
  bool fails = false; /* what gives the first values */
  for (int k = 0; k < e->u->nentry; k++)
    if (e->u->entry[k].entry->kind == E_INIT) fails = e->u->entry[k].routine->fails;
  const char *n = e->name, *u = e->upper;
  text_add(t,
           "size_t %s_memory_size(const %s_config *config) {\n"
           "  %s m;\n  memset(&m, 0, sizeof m);\n"
           "  if (!config || set_sizes(&m, config)) return 0;\n"
           "  return lay_out(&m, NULL) + RT_PLAN_ALIGN;\n}\n\n",
           n, n, n);
  text_add(
      t,
      "int %s_create_in(%s **out, const %s_config *config, void *memory, size_t size) {\n"
      "  %s head;\n  memset(&head, 0, sizeof head);\n"
      "  if (!out || !config || !memory) return %s_ERROR_NULL;\n"
      "  *out = NULL;\n"
      "  int error = set_sizes(&head, config);\n  if (error) return error;\n"
      "  size_t skip = (RT_PLAN_ALIGN - (uintptr_t)memory %% RT_PLAN_ALIGN) %% RT_PLAN_ALIGN;\n"
      "  if (size < skip || lay_out(&head, NULL) > size - skip) return %s_ERROR_MEMORY;\n"
      "  char *base = (char *)memory + skip;\n"
      "  lay_out(&head, base);\n"
      "  head.config = *config;\n  head.memory = memory;\n  head.bytes = size;\n"
      "  head.threads = config->threads > 0 ? config->threads : config->parallel ? 8 : 1;\n"
      "#if defined(%s_NO_THREADS)\n  head.threads = 1;\n"
      "#elif defined(_OPENMP)\n"
      "  if (config->threads <= 0 && !config->parallel) head.threads = omp_get_max_threads();\n"
      "#endif\n"
      "  %s *m = (%s *)(void *)base;\n  memcpy(m, &head, sizeof head);\n"
      "%s%s_first_values(m, (int64_t)config->seed)%s;\n  *out = m;\n  return %s_OK;\n}\n\n",
      n, n, n, n, u, u, u, n, n, fails ? "  TRY(" : "  ", n, fails ? ")" : "", u);
  text_add(t,
           "/* Memory of the C library, in huge pages where that pays. */\n"
           "static void *get_memory(size_t size) {\n"
           "  size_t page = size >= (size_t)1 << 22 ? (size_t)1 << 21 : RT_PLAN_ALIGN;\n"
           "  void *p = aligned_alloc(page, (size + page - 1) / page * page);\n"
           "#if defined(__linux__) && !defined(%s_NO_STDIO) && defined(MADV_HUGEPAGE)\n"
           "  if (p && page > RT_PLAN_ALIGN) madvise(p, size, MADV_HUGEPAGE);\n#endif\n"
           "  return p;\n}\n\n",
           u);
  text_add(t,
           "int %s_create(%s **out, const %s_config *config) {\n"
           "  %s probe;\n  memset(&probe, 0, sizeof probe);\n"
           "  if (!out || !config) return %s_ERROR_NULL;\n"
           "  *out = NULL;\n"
           "  int error = set_sizes(&probe, config);\n  if (error) return error;\n"
           "  size_t size = %s_memory_size(config);\n"
           "  void *memory = config->allocate ? config->allocate(config->context, size) : "
           "get_memory(size);\n"
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

/* Prints NAME.c. */
void emit_model(const Emit *e, Text *t) {
  print_prologue(e, t);
  emit_struct(e, t);
  print_helpers(e, t);
  print_literals(e, t);
  print_kernels(e, t);
  emit_opaque_kernels(e, t);
  print_routines(e, t);
  bool hidden = false;
  for (int pass = 0; pass < 2; pass++)
    for (int k = 0; k < e->u->nentry; k++) {
      if (e->u->entry[k].hidden != (pass == 1)) continue;
      if (pass && !hidden) text_add(t, "#ifndef %s_NO_CHECK\n", e->upper);
      hidden = hidden || pass;
      emit_entry(e, t, &e->u->entry[k]);
    }
  if (hidden) text_add(t, "#endif\n\n");
  emit_set_sizes(e, t);
  print_lay_out(e, t);
  print_create(e, t);
  emit_resize(e, t);
  emit_tensors(e, t);
  emit_errors(e, t);
  emit_manifest(e, t);
}
