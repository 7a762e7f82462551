/*
** emit_main.c: main.c, which describes the model to the generic program (runtime/rt.h)
*/
#include "emit.h"
#include "../compiler/routine.h"
#include <string.h>

static const char *rt_dtype(Dtype t) {
  static const char *const name[] = {"RT_BOOL", "RT_I32", "RT_I64", "RT_F32",
                                     "RT_F64"}; /* ORDER Dtype */
  return name[t];
}

/* Extents that are neither numbers nor k + c * N, as functions. */
typedef struct Evals {
  int n;
  Scalar *size[256];
} Evals;

/* Whether s is k + coef * size. */
static bool affine(Scalar *s, int64_t *k, int64_t *coef, const Sym **sym) {
  Poly p = poly_of(mod->arena, s);
  *k = p.k;
  *coef = 0;
  *sym = NULL;
  if (p.n == 0) return true;
  if (p.n > 1 || p.term[0].nfac != 1 || p.term[0].fac[0]->kind != S_SIZE) return false;
  *coef = p.term[0].coef;
  *sym = p.term[0].fac[0]->sym;
  return true;
}

static void print_local_sizes(const Emit *e, Text *t, const char *body) {
  for (int k = 0; k < mod->nsym; k++)
    if (emit_uses(body, name_size(mod->sym[k])))
      text_add(t, "  const int %s = (int)size[%d];\n", name_size(mod->sym[k]), k);
  (void)e;
}

/* A function of the sizes. */
static void print_eval(const Emit *e, Text *t, const char *type, const char *name,
                       const char *body) {
  text_add(t, "static %s %s(const int64_t *size) {\n", type, name);
  print_local_sizes(e, t, body);
  text_add(t, "  (void)size;\n  return %s;\n}\n\n", body);
}

static int eval_of(const Emit *e, Text *t, Evals *v, Scalar *s) {
  for (int k = 0; k < v->n; k++)
    if (v->size[k] == s) return k;
  if (v->n == 256) ICE(((Loc){0}), "emit: too many different extents");
  v->size[v->n] = s;
  Text body = {0};
  emit_size(&body, s);
  print_eval(e, t, "int64_t", str_format("extent_%d", v->n), body.s);
  text_free(&body);
  return v->n++;
}

/* Functions for the extents that need one, before the tables that name them. */
static void print_extents(const Emit *e, Text *t, Evals *v, const Node *n) {
  int64_t k, coef;
  const Sym *sym;
  for (int d = 0; d < n->rank; d++)
    if (!affine(n->dim[d], &k, &coef, &sym)) eval_of(e, t, v, n->dim[d]);
}

static void print_dim(const Emit *e, Text *t, Evals *v, Scalar *size) {
  int64_t k, coef;
  const Sym *sym;
  Text x = {0};
  Kernel none = {0};
  Cg c = {.t = &x, .k = &none, .index = true};
  cg_expr(&c, size, 0);
  if (affine(size, &k, &coef, &sym))
    text_add(t, "{%lld, %lld, %d, \"%s\", NULL}", (long long)k, (long long)coef,
             sym ? sym->index : -1, x.s);
  else
    text_add(t, "{0, 0, -2, \"%s\", extent_%d}", x.s, eval_of(e, t, v, size));
  text_free(&x);
}

/* The table of what integer inputs must be below. Returns its length. */
static int print_ranges(const Emit *e, Text *t, Evals *v) {
  int64_t k, coef;
  const Sym *sym;
  int n = 0;
  for (int i = 0; i < e->p->ndemand; i++) {
    const Demand *d = &e->p->demand[i];
    if (!d->input || !affine(d->extent, &k, &coef, &sym)) continue;
    text_add(t, "%s    {%s, ", n++ ? ",\n" : "static const rt_range ranges[] = {\n",
             emit_string(d->input->name));
    print_dim(e, t, v, d->extent);
    const char *file = d->loc.file ? emit_file_name(d->loc.file) : NULL;
    const char *where = file ? str_format(" (%s:%d)", file, d->loc.line) : "";
    text_add(t, ", %lld, %s}", (long long)d->other,
             emit_string(str_format("%s%s", d->text, where)));
  }
  if (n) text_add(t, "};\n\n");
  return n;
}

static void print_dims(const Emit *e, Text *t, Evals *v, const Node *n) {
  if (n->rank == 0) {
    text_add(t, "NULL");
    return;
  }
  text_add(t, "(const rt_dim[]){");
  for (int d = 0; d < n->rank; d++) {
    text_add(t, d ? ", " : "");
    print_dim(e, t, v, n->dim[d]);
  }
  text_add(t, "}");
}

static void print_arg(const Emit *e, Text *t, Evals *v, const Node *n, const char *name) {
  text_add(t, "{%s, %s, %d, ", emit_string(name), rt_dtype((Dtype)n->dtype), n->rank);
  print_dims(e, t, v, n);
  text_add(t, "}");
}

/* The table of the inputs or outputs of an entry; an entry may have none. */
static void print_args(const Emit *e, Text *t, Evals *v, const char *table, int n,
                       const Port *port) {
  if (n == 0) return;
  text_add(t, "static const rt_arg %s[] = {\n", table);
  for (int k = 0; k < n; k++) {
    text_add(t, "    ");
    print_arg(e, t, v, port[k].node, port[k].name);
    text_add(t, ",\n");
  }
  text_add(t, "};\n");
}

/* The call through untyped pointers. */
static void print_call(Text *t, const UnitEntry *ue, const char *c_name) {
  const Entry *en = ue->entry;
  Text line = {0};
  text_add(t, "static int call_%s(void *model, void *const *arg) {\n", name_clean(en->name));
  text_add(&line, "  return %s(model", c_name);
  for (int k = 0; k < en->ninput + en->noutput; k++) {
    const Node *n = k < en->ninput ? en->input[k].node : en->output[k - en->ninput].node;
    if (k < en->ninput && n->rank == 0)
      text_add(&line, ", *(const %s *)arg[%d]", dtype_c((Dtype)n->dtype), k);
    else
      text_add(&line, ", arg[%d]", k);
  }
  text_add(&line, ");\n");
  print_wrapped(t, line.s, 100);
  text_add(t, "%s}\n\n", en->ninput + en->noutput ? "" : "  (void)arg;\n");
  text_free(&line);
}

/* Estimates over the steps: flops or bytes of every kernel, times the trips of loops around it. */
static Scalar *total(const Step *step, int n, bool flops) {
  Scalar *sum = s_int(0);
  for (int i = 0; i < n; i++) {
    const Step *st = &step[i];
    Scalar *part = NULL;
    if (st->kind == K_KERNEL) part = flops ? st->kernel->flops : st->kernel->bytes;
    if (st->kind == K_OPAQUE) part = flops ? opaque_flops(st->opaque) : opaque_bytes(st->opaque);
    if (st->kind == K_CALL) part = total(st->callee->step, st->callee->nstep, flops);
    if (st->kind == K_LOOP) {
      part = total(st->body, st->nbody, flops);
      if (!st->guard) part = s_mul(st->trip, part); /* else it depends on data */
    }
    if (part) sum = s_add(sum, part);
  }
  return sum;
}

static void print_entry(const Emit *e, Text *t, Evals *v, const UnitEntry *ue) {
  const Entry *en = ue->entry;
  const char *name = name_clean(en->name);
  for (int k = 0; k < en->ninput; k++) print_extents(e, t, v, en->input[k].node);
  for (int k = 0; k < en->noutput; k++) print_extents(e, t, v, en->output[k].node);
  print_args(e, t, v, str_format("%s_in", name), en->ninput, en->input);
  print_args(e, t, v, str_format("%s_out", name), en->noutput, en->output);
  text_add(t, "\n");
  for (int k = 0; k < 2; k++) {
    Text body = {0};
    text_add(&body, "(double)(");
    emit_size(&body, total(ue->routine->step, ue->routine->nstep, k == 0));
    text_add(&body, ")");
    print_eval(e, t, "double", str_format("%s_%s", k ? "bytes" : "flops", name), body.s);
    text_free(&body);
  }
  print_call(t, ue, e->routine[ue->routine->id]);
}

static void print_row(const Emit *e, Text *t, const UnitEntry *ue) {
  const Entry *en = ue->entry;
  const char *name = name_clean(en->name);
  text_add(t, "{%s, %s, %d, %d, ", emit_string(en->name),
           en->kind == E_TRAIN ? "RT_TRAIN" : "RT_ENTRY", en->ninput, en->noutput);
  text_add(t, en->ninput ? "%s_in, " : "NULL, ", name);
  text_add(t, en->noutput ? "%s_out, " : "NULL, ", name);
  text_add(t, "call_%s, flops_%s, bytes_%s, ", name, name, name);
  text_add(t, ue->loss >= 0 ? "&entry_%s, " : "NULL, ",
           ue->loss >= 0 ? name_clean(e->u->entry[ue->loss].entry->name) : "");
  text_add(t, ue->gradient >= 0 ? "&entry_%s" : "NULL",
           ue->gradient >= 0 ? name_clean(e->u->entry[ue->gradient].entry->name) : "");
  uint32_t some = 0;
  for (int k = 0; k < mod->nsym && k < 32; k++)
    if (!mod->sym[k]->empty || !en->some || en->some[k]) some |= (uint32_t)1 << k;
  text_add(t, ", 0x%x}", some);
}

static void print_tables(const Emit *e, Text *t, Evals *v) {
  for (int k = 0; k < e->p->nstate; k++) print_extents(e, t, v, e->p->state[k]);
  text_add(t, "static const rt_state states[] = {\n");
  for (int k = 0; k < e->p->nstate; k++) {
    text_add(t, "    {");
    print_arg(e, t, v, e->p->state[k], e->p->state[k]->name);
    text_add(t, ", %s},\n", e->p->state[k]->role == P_WEIGHT ? "true" : "false");
  }
  if (!e->p->nstate) text_add(t, "    {{\"\", RT_F32, 0, NULL}, false},\n");
  text_add(t, "};\n\nstatic const char *const size_names[] = {");
  for (int k = 0; k < mod->nsym; k++) text_add(t, "%s, ", emit_string(mod->sym[k]->name));
  text_add(t, "NULL};\nstatic const int64_t size_defaults[] = {");
  for (int k = 0; k < mod->nsym; k++)
    text_add(t, "%lld, ", (long long)(mod->sym[k]->value > 0 ? mod->sym[k]->value : -1));
  text_add(t, "-1};\nstatic const int64_t size_least[] = {");
  for (int k = 0; k < mod->nsym; k++) text_add(t, "%d, ", !mod->sym[k]->empty);
  text_add(t, "1};\n\n");
}

/* The functions the generic program creates and resizes a model with. */
static void print_functions(const Emit *e, Text *t) {
  const char *n = e->name;
  text_add(t,
           "static %s_config config_of(const rt_config *c) {\n"
           "  %s_config config = %s_CONFIG;\n"
           "  config.threads = c->threads;\n  config.seed = c->seed;\n"
           "  config.step = c->step;\n  config.parallel = c->parallel;\n"
           "  config.context = c->step_context;\n",
           n, n, e->upper);
  for (int k = 0; k < mod->nsym; k++) text_add(t, "  config.%s = c->size[%d];\n", e->size[k], k);
  text_add(t,
           "  return config;\n}\n\n"
           "static int create(void **model, const rt_config *c) {\n"
           "  %s_config config = config_of(c);\n  %s *m = NULL;\n"
           "  int error = %s_create(&m, &config);\n  *model = m;\n  return error;\n}\n\n"
           "static size_t memory_size(const rt_config *c) {\n"
           "  %s_config config = config_of(c);\n  return %s_memory_size(&config);\n}\n\n",
           n, n, n, n, n);
  if (mod->nsym)
    text_add(t,
             "static int resize(void *model, const int64_t *size) {\n"
             "  rt_config c = {.size = size};\n  %s_config config = config_of(&c);\n"
             "  return %s_resize(model, &config);\n}\n\n",
             n, n);
  else
    text_add(t, "static int resize(void *model, const int64_t *size) {\n  (void)model, "
                "(void)size;\n  return 0;\n}\n\n");
  text_add(t,
           "static void destroy(void *model) { %s_destroy(model); }\n\n"
           "static void *data(void *model, int k) { return %s_state(model, states[k].arg.name, "
           "NULL); }\n\n",
           n, n);
}

/* Prints main.c. */
void emit_main(const Emit *e, Text *t) {
  Evals v = {0};
  Text rows = {0};
  int nentry = 0;
  text_add(
      t,
      "/*\n** main.c: the program %s: the model described to the generic program, see rt.h\n*/\n"
      "#include \"%s.h\"\n#include \"rt.h\"\n#include \"rt_math.h\"\n\n",
      e->name, e->name);
  for (int k = e->u->nentry - 1; k >= 0; k--) { /* hidden ones first, which others name */
    const UnitEntry *ue = &e->u->entry[k];
    if (ue->entry->kind == E_INIT) continue;
    print_entry(e, t, &v, ue);
    if (!ue->hidden) continue;
    text_add(t, "static const rt_entry entry_%s = ", name_clean(ue->entry->name));
    print_row(e, t, ue);
    text_add(t, ";\n\n");
  }
  for (int k = 0; k < e->p->nentry; k++) {
    if (e->u->entry[k].entry->kind == E_INIT) continue;
    text_add(&rows, "    ");
    print_row(e, &rows, &e->u->entry[k]);
    text_add(&rows, ",\n");
    nentry++;
  }
  text_add(t, "static const rt_entry entries[] = {\n%s};\n\n", rows.s ? rows.s : "");
  text_free(&rows);
  if (e->p->nturn) text_add(t, "static const rt_turn turns[] = {");
  for (int k = 0; k < e->p->nturn; k++)
    text_add(t, "%s{&entries[%d], %d}", k ? ", " : "", e->p->turn[k].entry, e->p->turn[k].times);
  if (e->p->nturn) text_add(t, "};\n\n");
  int nrange = print_ranges(e, t, &v);
  print_tables(e, t, &v);
  print_functions(e, t);
  text_add(
      t,
      "static const rt_model %s_model = {\n"
      "    .name = %s, .version = %s, .nsize = %d, .size_name = size_names,\n"
      "    .size_default = size_defaults, .size_least = size_least, .nentry = %d, .entry = entries, .nstate = %d,\n"
      "    .state = states, .create = create, .memory_size = memory_size, .resize = resize,\n"
      "    .destroy = destroy, .data = data, .error = %s_error, .manifest = %s_manifest,\n"
      "    .nturn = %d, .turn = %s, .nrange = %d, .range = %s,\n};\n\n"
      "int main(int argc, char **argv) { return rt_main(argc, argv, &%s_model); }\n",
      e->name, emit_string(e->name), emit_string(e->o->version), mod->nsym, nentry, e->p->nstate,
      e->name, e->name, e->p->nturn, e->p->nturn ? "turns" : "NULL", nrange,
      nrange ? "ranges" : "NULL", e->name);
}
