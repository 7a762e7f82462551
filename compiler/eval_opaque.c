/*
** eval_opaque.c: how the interpreter runs an opaque kernel
**
** The kernel is compiled, with what calls it from an array of pointers, into a shared object in the
** cache: a built-in one from the runtime's header, the user's from the user's file.
**
**   int crescent_call(const int64_t *n, void *const *x) { return rt_solve_f64(n[0], x[0], ...); }
*/
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "build.h"
#include "diff.h"
#include "embed.h"
#include "emit.h"
#include "eval.h"

typedef int (*CallKernel)(const int64_t *size, void *const *tensor);

/* Kernels known already: those that tests bind, and those that were compiled. */
typedef struct Known {
  const char *kernel, *key; /* interned; key: the text it was compiled from, NULL: bound */
  EvalKernel run;
  CallKernel call;
} Known;
enum { MAX_KERNELS = 256 };
static Known known[MAX_KERNELS];
static int nknown;

static Known *new_known(const char *kernel) {
  if (nknown == MAX_KERNELS) ICE((Loc){0}, "more than %d opaque kernels", MAX_KERNELS);
  known[nknown].kernel = str_intern(kernel);
  return &known[nknown++];
}

/* Says how the interpreter runs an opaque kernel: run gets tensors whose shapes are set. */
void eval_bind(const char *kernel, EvalKernel run) {
  Known *k = NULL;
  for (int i = 0; i < nknown; i++)
    if (!known[i].key && !strcmp(known[i].kernel, kernel)) k = &known[i];
  if (!k) k = new_known(kernel);
  k->run = run;
}

/* The C of the kernel of one item and of what calls it. */
static const char *kernel_text(const Func *f) {
  const Opaque *o = f->opaque;
  Text t = {0};
  text_add(&t, "#include <stdbool.h>\n#include <stdint.h>\n");
  if (o->header) text_add(&t, "#include \"%s\"\n", o->header);
  if (o->nsource) {
    opaque_prototype(&t, f);
    text_add(&t, ";\n");
  }
  text_add(&t, "int crescent_call(const int64_t *n, void *const *x);\n"
               "int crescent_call(const int64_t *n, void *const *x) {\n  (void)n, (void)x;\n"
               "  return %s(", o->kernel);
  int count = 0, n = f->nparam + f->nresult + (o->work != NULL);
  for (int k = 0; k < o->nsize; k++) text_add(&t, "%sn[%d]", count++ ? ", " : "", k);
  for (int k = 0; k < n; k++) text_add(&t, "%sx[%d]", count++ ? ", " : "", k);
  text_add(&t, ");\n}\n");
  const char *s = str_intern(t.s);
  text_free(&t);
  return s;
}

/* Writes what is to be compiled into the folder; returns how many C files. */
static int write_sources(const Func *f, const char *dir, const char *text, const char **file) {
  const Opaque *o = f->opaque;
  int n = 0;
  file[n++] = "crescent_call.c";
  files_write(str_format("%s/crescent_call.c", dir), text, strlen(text));
  for (int k = 0; k < embed_count(); k++) {
    const Embedded *e = embed_at(k);
    size_t len = strlen(e->path);
    if (o->header && !strncmp(e->path, "runtime/", 8) && e->path[len - 1] == 'h')
      files_write(str_format("%s/%s", dir, emit_file_name(e->path)), e->data, e->size);
  }
  for (int k = 0; k < o->nsource; k++) {
    size_t size;
    char *bytes = files_read(o->source[k], &size);
    if (!bytes) diag_error(f->loc, "%s cannot be read", o->source[k]);
    const char *name = opaque_file(o->source[k]);
    Text t = {0};
    if (!strncmp(name, "op_", 3)) {
      Text proto = {0};
      opaque_prototype(&proto, f);
      text_add(&t, "#include <stdbool.h>\n#include <stdint.h>\n%s;\n#line 1 \"%s\"\n", proto.s,
               emit_file_name(o->source[k]));
      text_free(&proto);
      file[n++] = name;
    }
    text_put(&t, bytes, size);
    files_write(str_format("%s/%s", dir, name), t.s, t.n);
    text_free(&t);
    free(bytes);
  }
  return n;
}

static void compile(const Func *f, const char *dir, const char *out, int nfile, const char **file) {
  Toolchain t = toolchain_find(&(BuildOptions){.kind = KIND_SHARED});
  Process p = {.log = str_format("%s/log", dir)};
  bool large = f->opaque->header && strcmp(f->opaque->header, "rt_large.h") == 0 &&
               toolchain_large(&t, &(BuildOptions){.kind = KIND_SHARED});
  process_add(&p, t.cc);
  for (int k = 0; k < t.nflag; k++) process_add(&p, t.flag[k]);
  process_add(&p, "-shared");
  process_add(&p, "-I");
  process_add(&p, dir);
  process_add(&p, "-o");
  process_add(&p, out);
  for (int k = 0; k < nfile; k++) process_add(&p, str_format("%s/%s", dir, file[k]));
  if (f->opaque->header && strcmp(f->opaque->header, "rt_lapack.h") == 0) {
    toolchain_lapack(&t, &(BuildOptions){.kind = KIND_SHARED});
    process_add(&p, "-llapack");
  }
  if (large) process_add(&p, "-llapack");
  process_add(&p, "-lm");
  process_run(&p, 1, 1, false);
  if (p.status == 0) return;
  size_t n;
  char *log = files_read(p.log, &n), *first = log ? strstr(log, "error") : NULL;
  while (first && first > log && first[-1] != '\n') first--;
  const char *what = first ? str_format("%.*s", (int)strcspn(first, "\n"), first) : "no message";
  free(log);
  if (!f->opaque->nsource) ICE(f->loc, "%s does not compile: %s", f->opaque->kernel, what);
  diag_error(f->loc, "%s: its C does not compile: %s", f->name, what);
}

/* The kernel of one item as a function, compiled where the cache has it not. */
static Known *load_new(const Func *f) {
  const char *text = kernel_text(f), *dir = files_temp_folder(NULL), *file[64];
  if (f->opaque->nsource > 60) diag_error(f->loc, "%s: more than 60 source files", f->name);
  int nfile = write_sources(f, dir, text, file);
  const char *key = build_key(dir, &(BuildOptions){.kind = KIND_SHARED});
  for (int k = 0; k < nknown; k++)
    if (known[k].key == key) {
      files_remove(dir);
      return &known[k];
    }
  const char *cache = str_format("%s/kernels", files_cache());
  bool caching = mkdir(cache, 0700) == 0 || errno == EEXIST;
  const char *kept = str_format("%s/%s.so", caching ? cache : dir, key);
  if (access(kept, R_OK) != 0) {
    const char *made = str_format("%s.tmp-%d", kept, (int)getpid());
    compile(f, dir, made, nfile, file);
    if (rename(made, kept) != 0) diag_error((Loc){kept, 0}, "cannot be written");
  }
  void *object = dlopen(kept, RTLD_NOW | RTLD_LOCAL);
  void *symbol = object ? dlsym(object, "crescent_call") : NULL;
  if (!symbol) {
    const char *why = dlerror();
    diag_error(f->loc, "%s: its kernel cannot be loaded: %s", f->name, why ? why : "");
  }
  files_remove(dir);
  Known *k = new_known(f->opaque->kernel);
  k->key = key;
  memcpy(&k->call, &symbol, sizeof symbol);
  return k;
}

static Known *load(Func *f) {
  void **place = func_derived(f, str_intern("call"));
  if (!*place) *place = load_new(f);
  return *place;
}

/* Position in the batch of the i-th item's k-th argument. */
static int64_t place_in(const Opaque *o, int k, int64_t i, const int64_t *size) {
  int64_t at = 0, stride = 1;
  for (int b = o->nbatch - 1; b >= 0; b--) {
    int64_t n = eval_size(o->batch[b], size), here = i % n;
    i /= n;
    if (!(o->share[k] >> b & 1)) continue;
    at += here * stride;
    stride *= n;
  }
  return at;
}

/* A whole batch, and one item of it as arguments, then results. */
typedef struct Batch {
  const Func *f, *item;
  const int64_t *size;
  Tensor *one;
  void **x;      /* their data, then the workspace */
  int64_t *given; /* the sizes a kernel is given */
} Batch;

/* Points at the i-th item. */
static void go_to(Batch *b, const Tensor *arg, const Tensor *result, int64_t i) {
  const Func *f = b->f;
  for (int k = 0; k < f->nparam + f->nresult; k++) {
    bool in = k < f->nparam;
    const Node *n = in ? b->item->param[k] : b->item->result[k - f->nparam];
    const Tensor *t = in ? &arg[k] : &result[k - f->nparam];
    Tensor *one = &b->one[k];
    *one = (Tensor){.dtype = (Dtype)n->dtype, .rank = n->rank};
    for (int d = 0; d < n->rank; d++) one->dim[d] = eval_extent(n->dim[d], b->size);
    int64_t at = in && f->opaque->nbatch ? place_in(f->opaque, k, i, b->size) : i;
    one->data = (char *)t->data + (size_t)at * tensor_count(one) * dtype_size(one->dtype);
    b->x[k] = one->data;
  }
}

/* Runs every item of the batch; returns the largest status. */
static int run_items(const Func *f, const Known *known_kernel, const Tensor *arg, Tensor *result,
                     const int64_t *size) {
  const Opaque *o = f->opaque;
  int n = f->nparam + f->nresult, worst = 0;
  Arena *a = arena_new();
  Batch b = {f, o->item ? o->item : f, size, NEWN(a, Tensor, n + 1), NEWN(a, void *, n + 1),
             NEWN(a, int64_t, o->nsize + 1)};
  int64_t count = 1, work = o->work ? eval_size(o->work, size) : 0;
  for (int k = 0; k < o->nsize; k++) b.given[k] = eval_extent(o->size[k], size);
  for (int k = 0; k < o->nbatch; k++) count *= eval_extent(o->batch[k], size);
  b.x[n] = arena_zero(a, (size_t)(work > 0 ? work : 1), dtype_size(o->type));
  for (int64_t i = 0; i < count; i++) {
    go_to(&b, arg, result, i);
    int status = known_kernel->call ? known_kernel->call(b.given, b.x)
                                    : known_kernel->run(b.item, b.one, b.one + f->nparam, size);
    worst = status > worst || status < 0 ? status : worst;
  }
  arena_free(a);
  return worst;
}

static const Known *find_kernel(Func *item, Loc loc) {
  const Opaque *o = item->opaque;
  for (int k = 0; k < nknown; k++)
    if (!known[k].key && !strcmp(known[k].kernel, o->kernel)) return &known[k];
  if (!o->header && !o->nsource)
    diag_error(loc, "the interpreter does not know the kernel '%s' of %s", o->kernel, item->name);
  return load(item);
}

/* What the script called there, or else the operation's name. */
static const char *name_at(const Func *f, Loc loc) {
  const char *name = f->name;
  for (Caller *c = f->opaque->caller ? *f->opaque->caller : NULL; c; c = c->next)
    if (name == f->name || (c->loc.file == loc.file && c->loc.line == loc.line)) name = c->name;
  return name;
}

void opaque_run(Func *f, const Tensor *arg, Tensor *result, const int64_t *size, Loc loc) {
  Func *item = f->opaque->item ? f->opaque->item : f;
  const Opaque *o = item->opaque;
  int status = run_items(f, find_kernel(item, loc), arg, result, size);
  if (status > 0 && status <= o->nstatus)
    diag_error(loc, "%s: %s", name_at(f, loc), o->status[status - 1].words);
  if (status && o->nstatus >= 0)
    diag_error(loc, "%s: its kernel failed with status %d", name_at(f, loc), status);
}
