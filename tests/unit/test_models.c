/*
** test_models.c: random models (models.lua), each run in several ways that must agree
** label: slow
**
** usage: test_models [COUNT [FIRST_SEED [FOLDER [graphs]]]]   a failing one is made small and kept in FOLDER;
**                    `graphs`: interpreted only, which is ten times as fast
**        test_models FILE.lua ...                    models that exist
** Without arguments: those of tests/models, which once failed, and six more.
**
** The derivatives against differences and forward mode (crescent check); the graph interpreted as
** it is, after all passes, and with each pass left out; the program at two levels of optimisation, at
** one of them with all loops shared out that may be, which must give the same bits, with 1 and 3 threads
** and in parts, at several sizes; once with a pass left out;
** and by gcc, for AVX-512, or strictly for SSE2 and AVX2, with the same bits.
*/
#include <lauxlib.h>
#include <lualib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "build.h"
#include "check.h"
#include "driver.h"

enum { REFUSED = 1, DEFECT = 3, DERIVATIVE = 11, CODE, BITS, PASS, TWIN, MODEL_SECONDS = 300 };

static const char *outcome_name(int status) {
  if (WIFSIGNALED(status)) return WTERMSIG(status) == SIGALRM ? "hangs" : "crashes";
  switch (WEXITSTATUS(status)) {
  case 0: return "ok";
  case REFUSED: return "refused";
  case DEFECT: return "internal error";
  case DERIVATIVE: return "wrong derivative";
  case CODE: return "wrong code";
  case BITS: return "other bits";
  case PASS: return "wrong pass";
  case TWIN: return "wrong twin";
  default: return "fails";
  }
}

/* What the ways of one model share. */
typedef struct Trial {
  Program *p;
  uint64_t seed;
  FILE *log;
  bool graphs; /* nothing is compiled */
} Trial;

/* |a - b| / |a| as vectors; what is not finite must be so in both. */
static double distance(const Tensor *a, const Tensor *b) {
  double error = 0, norm = 1e-12;
  for (size_t k = 0; k < tensor_count(a); k++) {
    double x = sample_element(a, k), y = sample_element(b, k);
    if (x == y || (isnan(x) && isnan(y))) {
      norm += isfinite(x) ? x * x : 0;
      continue;
    }
    if (!isfinite(x) || !isfinite(y)) return INFINITY;
    error += (x - y) * (x - y);
    norm += x * x;
  }
  return sqrt(error / norm);
}

/* An entry's function, interpreted with the values of this seed, or those an ulp away. */
static void evaluate(Trial *t, Arena *a, const Func *f, const int64_t *size, uint64_t seed,
                     int beside, Tensor *out) {
  Tensor *value = NEWN(a, Tensor, f->nparam + 1);
  sample_values(a, t->p, f->nparam, f->param, size, seed, value);
  if (beside) value = sample_beside(a, f->nparam, value, beside - 1);
  eval_graph(a, f->nparam, f->param, value, size, f->nresult, f->result, out);
}

static Func *entry_func(const Program *p, const Entry *e) {
  Node **param = NEWN(mod->arena, Node *, p->nstate + e->ninput + 1);
  Node **result = NEWN(mod->arena, Node *, e->noutput + e->nupdate + 1);
  int n = 0, m = 0;
  for (int k = 0; k < p->nstate; k++) param[n++] = p->state[k];
  for (int k = 0; k < e->ninput; k++) param[n++] = e->input[k].node;
  for (int k = 0; k < e->noutput; k++) result[m++] = e->output[k].node;
  for (int k = 0; k < e->nupdate; k++) result[m++] = e->update[k].value;
  return func_new(e->name, n, param, m, result, (Loc){0});
}

/* Entry `again` says in disguise what `run` says, output X_twin what X does (models_twin.lua). */
static const Port *twin_of(const Program *p, const Entry *e, const Port *port) {
  const Entry *in = e;
  const char *name = str_format("%s_twin", port->name);
  if (!strcmp(e->name, "again")) in = &p->entry[0], name = port->name;
  for (int k = 0; k < in->noutput; k++)
    if (!strcmp(in->output[k].name, name)) return &in->output[k];
  return NULL;
}

/* The smallest of three seeds' largest differences between the results of f and g, as written, where
** rounding alone does not make as much of a difference. */
static double differ(Trial *t, const Func *f, const Func *g) {
  int64_t *size = NEWN(mod->arena, int64_t, mod->nsym + 1);
  Tensor *want = NEWN(mod->arena, Tensor, f->nresult + 1),
         *got = NEWN(mod->arena, Tensor, f->nresult + 1),
         *moved = NEWN(mod->arena, Tensor, f->nresult + 1);
  double least = INFINITY;
  sample_sizes(t->p, size);
  for (uint64_t seed = 1; seed <= 3 && least > 1e-9; seed++) {
    double worst = 0;
    evaluate(t, mod->arena, f, size, seed, 0, want);
    evaluate(t, mod->arena, g, size, seed, 0, got);
    for (int r = 0; r < f->nresult; r++) {
      double slack = want[r].dtype == DT_F32 ? 1e-5 : 1;
      double apart = distance(&want[r], &got[r]);
      for (int way = 1; way <= BESIDE && slack * apart > 1e-9; way++) {
        evaluate(t, mod->arena, f, size, seed, way, moved);
        if (apart <= ROUNDINGS * distance(&want[r], &moved[r])) apart = 0;
      }
      worst = fmax(worst, slack * apart);
    }
    least = fmin(least, worst);
  }
  return least;
}

/* What is said twice has the same value. */
static int check_twins(Trial *t) {
  for (int k = 0; k < t->p->nentry; k++) {
    const Entry *e = &t->p->entry[k];
    Func *f = entry_func(t->p, e);
    for (int j = 0; e->kind == E_ENTRY && j < e->noutput; j++) {
      const Port *twin = twin_of(t->p, e, &e->output[j]);
      if (!twin) continue;
      Func *one = func_new("one", f->nparam, f->param, 1, &e->output[j].node, e->loc);
      Func *two = func_new("two", f->nparam, f->param, 1, (Node *[]){twin->node}, e->loc);
      double apart = differ(t, one, two);
      if (apart <= 1e-9) continue;
      fprintf(t->log, "%s of entry %s and its twin differ by %g\n", e->output[j].name, e->name,
              apart);
      return TWIN;
    }
  }
  return 0;
}

/* In a process of its own, since it changes what is called: all passes but one, interpreted. */
static int check_passes(Trial *t, const char *without) {
  mod->without = without;
  int twins = without ? 0 : check_twins(t);
  for (int k = 0; !twins && k < t->p->nentry; k++) {
    const Entry *e = &t->p->entry[k];
    if (e->kind == E_INIT) continue;
    Func *f = entry_func(t->p, e), *g = entry_func(t->p, e);
    passes_run(g, NULL);
    double least = differ(t, f, g);
    if (least <= 1e-9) continue;
    fprintf(t->log, "without pass %s, entry %s differs by %g\n", without ? without : "(all run)",
            e->name, least);
    return PASS;
  }
  return twins;
}

/* Whether every entry has an answer where size k is 0. */
static bool may_be_empty(const Program *p, int k) {
  bool may = mod->sym[k]->empty;
  for (int e = 0; e < p->nentry; e++) may = may && !p->entry[e].some[k];
  return may;
}

/* Sizes for one run of the program: small and odd ones, 1 and 0 among them; false: the model
** refuses them. */
static bool draw_sizes(Trial *t, uint64_t *state, int64_t *size) {
  static const int64_t from[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 1, 0, 65};
  for (int k = 0; k < mod->nsym; k++)
    size[k] = from[(int)((sample_noise(state) + 1) / 2 * (double)(sizeof from / sizeof *from))];
  sizes_may_be_empty(t->p);
  for (int k = 0; k < mod->nsym; k++) size[k] += size[k] == 0 && !may_be_empty(t->p, k);
  return sample_fits(t->p, size);
}

typedef struct Way {
  const char *level, *without;
  bool odd;          /* at sizes that are drawn, else at those of crescent check */
  uint64_t *bits;
  const char *cc, *march;
  bool strict, shared; /* shared: all loops that may be */
} Way;

/* The compiled program against the interpreter; a difference at one seed only is one of rounding at
** a kink. Sets the hash of its bits. */
static int run_code(Trial *t, const int64_t *size, const Way *w) {
  int64_t here[16];
  for (uint64_t seed = 1; seed <= 3; seed++) {
    CodeOptions o = {
        .seed = seed, .level = w->level, .cc = w->cc, .march = w->march, .strict = w->strict,
        .shared = w->shared};
    memcpy(here, size, sizeof *size * (size_t)mod->nsym);
    bool fine = check_code(t->p, here, &o, t->log);
    if (seed == 1) *w->bits = o.bits;
    if (fine) return 0;
  }
  return CODE;
}

static int check_way(Trial *t, const Way *w) {
  int64_t size[16];
  uint64_t state = t->seed;
  mod->without = w->without;
  sample_sizes(t->p, size);
  if (w->odd && !draw_sizes(t, &state, size)) return 0;
  fprintf(t->log, "%s %s%s, level %s, without %s, at", w->cc ? w->cc : "clang",
          w->march ? w->march : "", w->strict ? " strict" : "", w->level ? w->level : "-O3",
          w->without ? w->without : "nothing");
  for (int k = 0; k < mod->nsym; k++)
    fprintf(t->log, " %s = %lld", mod->sym[k]->name, (long long)size[k]);
  fprintf(t->log, "\n");
  return run_code(t, size, w);
}

typedef struct Forked {
  Trial *t;
  const char *without;
  const Way *way;
  int status;
} Forked;

static void run_forked(void *ctx) {
  Forked *f = ctx;
  f->status = f->way ? check_way(f->t, f->way) : check_passes(f->t, f->without);
}

/* Runs one way in a process of its own; its status as waitpid has it. */
static int fork_way(Trial *t, const char *without, const Way *way) {
  Forked f = {t, without, way, 0};
  int status = 0;
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    int failed = diag_protect(run_forked, &f);
    files_clean();
    fflush(NULL);
    _exit(failed ? REFUSED : f.status);
  }
  while (waitpid(child, &status, 0) < 0) continue;
  return status;
}

static int passes(void) {
  int n = 0;
  while (pass_table[n].name) n++;
  return n;
}

/* Other compilers and processors, which must give the same bits: by turns of the seed. */
static int check_others(Trial *t, uint64_t *bits) {
  const Way gcc[] = {{.level = "-O2", .bits = &bits[5], .cc = "gcc"}};
  const Way wide[] = {{.level = "-O2", .bits = &bits[5], .march = "avx512"}};
  const Way strict[] = {{.level = "-O1", .bits = &bits[5], .march = "sse2", .strict = true},
                        {.level = "-O1", .bits = &bits[6], .march = "avx2", .strict = true}};
  const char *native = march_of(NULL, "native")->name;
  int status = 0, kind = (int)(t->seed % 3);
  if (kind == 0   ? !process_find("gcc")
      : kind == 1 ? strcmp(native, "avx512") != 0
                  : !strcmp(native, "neon"))
    return 0;
  for (int k = 0; k < (kind == 2 ? 2 : 1) && !status; k++)
    status = fork_way(t, NULL, kind == 0 ? gcc : kind == 1 ? wide : &strict[k]);
  return status ? status : bits[5] != bits[kind == 2 ? 6 : 2] ? BITS << 8 : 0;
}

/* All ways of one model, in the child. */
static int check_model(Trial *t, uint64_t *bits) {
  const char *some = pass_table[t->seed % (uint64_t)passes()].name;
  bool sized = mod->nsym > 0;
  const Way way[] = {{.level = "-O0", .shared = true, .bits = &bits[0]},
                     {.level = "-O0", .odd = sized, .shared = true, .bits = &bits[1]},
                     {.bits = &bits[2]},
                     {.odd = sized, .bits = &bits[3]},
                     {.level = "-O1", .without = some, .bits = &bits[4]}};
  int status = check_program(t->p, t->log) ? 0 : DERIVATIVE << 8;
  for (int k = -1; k < passes() && !status; k++)
    status = fork_way(t, k < 0 ? NULL : pass_table[k].name, NULL);
  for (int k = 0; k < 5 && !status && !t->graphs; k++) status = fork_way(t, NULL, &way[k]);
  if (!status && !t->graphs) status = check_others(t, bits);
  if (!status && !t->graphs && (bits[0] != bits[2] || bits[1] != bits[3])) status = BITS << 8;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

typedef struct Load {
  DriverOptions o;
  Trial t;
  uint64_t *bits;
  int status;
} Load;

static void load_and_check(void *ctx) {
  Load *l = ctx;
  l->t.p = driver_load(&l->o);
  l->status = check_model(&l->t, l->bits);
}

/* Runs the model of a file in another process, whose messages go to `log`. */
static const char *try_file(const char *path, uint64_t seed, bool graphs, uint64_t *bits,
                            const char *log) {
  int status = 0;
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    Load l = {
        .o = {.script = path}, .t = {.seed = seed, .log = stdout, .graphs = graphs}, .bits = bits};
    if (!freopen(log, "w", stdout) || !freopen(log, "a", stderr)) _exit(2);
    setvbuf(stdout, NULL, _IONBF, 0);
    int failed = diag_protect(load_and_check, &l);
    files_clean();
    fflush(NULL);
    if (l.status > 128) raise(l.status - 128);
    _exit(failed ? REFUSED : l.status);
  }
  int seconds = 0;
  while (waitpid(child, &status, seconds < MODEL_SECONDS ? WNOHANG : 0) == 0) {
    usleep(seconds ? 20000 : 5000);
    static int ticks;
    if (++ticks % 50 == 0 && ++seconds == MODEL_SECONDS) kill(child, SIGALRM);
  }
  return outcome_name(status);
}

/* try(text, seed, graphs) -> what came of it, for models.lua; what was said is in the file
** `log`. */
static int lua_try(lua_State *L) {
  const char *dir = lua_tostring(L, lua_upvalueindex(1));
  uint64_t *bits = lua_touserdata(L, lua_upvalueindex(2));
  char path[512], log[512];
  snprintf(path, sizeof path, "%s/model.lua", dir);
  snprintf(log, sizeof log, "%s/log", dir);
  FILE *f = fopen(path, "w");
  if (!f || fputs(luaL_checkstring(L, 1), f) < 0 || fclose(f))
    return luaL_error(L, "%s: no room", path);
  lua_pushstring(L,
                 try_file(path, (uint64_t)luaL_checkinteger(L, 2), lua_toboolean(L, 3), bits, log));
  return 1;
}

/* What is done with seeds and files; here since it is a loop over strings. */
static const char work[] =
    "local dir, top, try, arg, kept = ...\n"
    "local M, shrink = dofile(top .. '/models.lua'), dofile(top .. '/shrink.lua')\n"
    "local function read(path) local f = assert(io.open(path)) return f:read('a'), f:close() end\n"
    "local function log() io.write((read(dir .. '/log'):sub(-3000))) end\n"
    "local bad, n = 0, 0\n"
    "local named = arg[1] and not tonumber(arg[1])\n"
    "for k, path in ipairs(named and arg or arg[1] and {} or kept) do\n"
    "  local what = try(read(path), k)\n"
    "  if what ~= 'ok' then bad = bad + 1 print(path .. ': ' .. what) log() end\n"
    "end\n"
    "if named then return bad end\n"
    "local first = tonumber(arg[2] or 1)\n"
    "for s = first, first + tonumber(arg[1] or 6) - 1 do\n"
    "  local model = M.generate(s)\n"
    "  local text = M.text(model)\n"
    "  local what = try(text, s, arg[4])\n"
    "  n = n + 1\n"
    "  if n % 50 == 0 then print(s .. ': ' .. bad .. ' defects') io.flush() end\n"
    "  if what ~= 'ok' then\n"
    "    bad = bad + 1\n"
    "    print('seed ' .. s .. ': ' .. what) log()\n"
    "    if arg[3] then\n"
    "      text = M.text(shrink(M.text, model, function(t) return try(t, s, arg[4]) end, what))\n"
    "      try(text, s, arg[4])\n"
    "      print('made small:') log()\n"
    "      local name = ('%s/%s_%d.lua'):format(arg[3], what:gsub('[^%w]', '_'), s)\n"
    "      local f = assert(io.open(name, 'w')) f:write(text) f:close()\n"
    "    end\n"
    "    print(text)\n"
    "    io.flush()\n"
    "  end\n"
    "end\n"
    "print(n .. ' random models, ' .. bad .. ' defects')\n"
    "return bad\n";

int main(int argc, char **argv) {
  uint64_t *bits = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  char dir[] = "/tmp/crescent-models-XXXXXX"; /* not of files.c: children end with files_clean */
  if (!mkdtemp(dir)) return 2;
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  if (luaL_loadstring(L, work)) abort();
  lua_pushstring(L, dir);
  lua_pushstring(L, TESTS "/unit");
  lua_pushstring(L, dir);
  lua_pushlightuserdata(L, bits);
  lua_pushcclosure(L, lua_try, 2);
  lua_newtable(L);
  for (int k = 1; k < argc; k++) {
    lua_pushstring(L, argv[k]);
    lua_rawseti(L, -2, k);
  }
  const char **kept;
  const char *folder = TESTS "/models";
  lua_newtable(L);
  for (int k = 0, n = files_list(folder, ".lua", &kept); k < n; k++) {
    lua_pushfstring(L, "%s/%s", folder, kept[k]);
    lua_rawseti(L, -2, k + 1);
  }
  int status = lua_pcall(L, 5, 1, 0);
  if (status) fprintf(stderr, "%s\n", lua_tostring(L, -1));
  int bad = status ? 1 : (int)lua_tointeger(L, -1);
  lua_close(L);
  files_remove(dir);
  return bad != 0;
}
