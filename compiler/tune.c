/*
** tune.c: `crescent tune`: schedules measured, the best of each kernel kept in MODEL.tune
**
** A trial is the whole program with one thing asked of every kernel: the second best tile, lanes
** half as wide, no threads. All trials are built, then profiled in turn, A B C A B C, and the least
** time of a kernel counts. What wins clearly is put together, built, and kept where entries as a
** whole are faster, too.
*/
#include "tune.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 4, LEAST_MS = 50, MOST_REPEAT = 2000 };

/* A kernel as one trial has it. */
typedef struct Version {
  const char *names; /* " make_y make_y_partial": of its functions */
  uint64_t usual;
  Choice took;
  bool other;     /* it is not as usual */
  double ms, sum; /* of one call of all entries: the least; in this round */
} Version;

typedef struct Trial {
  const char *label, *dir, *exe;
  Choice ask;
  int n; Version *version;
} Trial;

typedef struct Tune {
  Program *p;
  DriverOptions o;
  BuildOptions b;
  char **args;   /* of the program, from the command line */
  const char *work;
  Tuning *tuning;
  Trial *trial;
} Tune;

static const Trial trials[] = {
    {.label = "as usual"},
    {.label = "second tile, narrow lanes", .ask = {.next = 1, .shift = -1}},
    {.label = "third tile, wide lanes", .ask = {.next = 2, .shift = 1}},
    {.label = "fourth tile", .ask = {.next = 3}},
    {.label = "no threads", .ask = {.threads = T_NEVER}},
    {.label = "threads early", .ask = {.threads = T_EARLY}},
};
enum { NTRIAL = sizeof trials / sizeof trials[0] };

/* Emits the present trial, and a list of its kernels beside it. */
static void emit_trial(void *ctx) {
  Tune *t = ctx;
  Text list = {0};
  t->o.tuning = t->tuning;
  driver_emit(t->p, &t->o, t->trial->dir);
  for (int k = 0; k < t->o.unit->nkernel; k++) {
    const Kernel *n = t->o.unit->kernel[k];
    const Choice *c = &n->took;
    text_add(&list, "%" PRIx64 " %d %d %d %d %d :", n->usual, c->rows, c->vectors, c->lanes,
             c->width, n->key != n->usual);
    for (int i = 0; i < n->nphase; i++) text_add(&list, " %s", n->phase[i].name);
    text_add(&list, " \n");
  }
  files_write(str_format("%s.kernels", t->trial->dir), list.s ? list.s : "", list.n);
}

/* Reads the list; returns whether the trial differs from the usual program at all. */
static bool read_list(Trial *t) {
  size_t size;
  bool any = false;
  char *text = files_read(str_format("%s.kernels", t->dir), &size);
  t->version = NEWN(mod->arena, Version, size / 8 + 1);
  for (char *p = text; p && *p; p += strcspn(p, "\n") + 1) {
    Version v = {.ms = 1e30};
    int other, at = 0;
    if (sscanf(p, "%" SCNx64 " %d %d %d %d %d :%n", &v.usual, &v.took.rows, &v.took.vectors,
               &v.took.lanes, &v.took.width, &other, &at) != 6 || !at)
      ICE(((Loc){0}), "tune: '%s'", p);
    p += at;
    v.names = str_format("%.*s", (int)strcspn(p, "\n"), p);
    v.other = other;
    any |= v.other;
    t->version[t->n++] = v;
  }
  free(text);
  return any;
}

/* Emits a trial in a process of its own, since passes change the graph, and builds it; false where
** it differs in nothing. */
static bool make_trial(Tune *t, Trial *trial, const char *name) {
  int status;
  trial->dir = str_format("%s/%s", t->work, name);
  trial->exe = str_format("%s/%s.exe", t->work, name);
  files_make_folder(trial->dir);
  t->trial = trial;
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    char *wrong = diag_try(emit_trial, t);
    if (wrong) diag_print(wrong);
    _exit(wrong ? 1 : 0);
  }
  if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
    diag_error((Loc){0}, "tune: a trial (%s) could not be emitted", trial->label);
  bool differs = read_list(trial);
  if (differs || trial == &t->trial[0] || !trial->ask.next)
    build_folder(trial->dir, trial->exe, &t->b);
  return differs;
}

/* Runs `COMMAND ENTRY --json ..` of a made program; returns what it prints, to be freed. */
static char *ask_program(const Tune *t, const Trial *trial, const char *command, const char *entry,
                         int repeat) {
  size_t n;
  Process p = {.log = str_format("%s/log", t->work),
               .argv = {trial->exe, command, entry, "--json"}};
  process_add(&p, "--repeat");
  process_add(&p, str_format("%d", repeat));
  for (char **a = t->args; *a; a++) process_add(&p, *a);
  process_run(&p, 1, 1, false);
  char *text = files_read(p.log, &n);
  if (p.status != 0 || !text)
    diag_error((Loc){0}, "tune: `%s %s` of the made program fails\n%s", command, entry,
               text ? text : "");
  return text;
}

/* Adds up what one call of an entry spends in each kernel; returns all of it. */
static double profile(const Tune *t, Trial *trial, const char *entry, int repeat) {
  char *text = ask_program(t, trial, "profile", entry, repeat), name[512] = " ";
  double ms, all = 0;
  for (const char *p = text; (p = strstr(p, "{\"kernel\": \"")); p++) {
    if (sscanf(p, "{\"kernel\": \"%500[^\"]\", \"ms\": %lf", name + 1, &ms) != 2) continue;
    all += ms;
    strcat(name, " ");
    for (int k = 0; k < trial->n; k++)
      if (strstr(trial->version[k].names, name)) trial->version[k].sum += ms;
  }
  free(text);
  return all;
}

/* One round of a trial over all entries. */
static void profile_all(const Tune *t, Trial *trial, int *repeat) {
  for (int k = 0; k < trial->n; k++) trial->version[k].sum = 0;
  for (int e = 0; e < t->p->nentry; e++) {
    if (t->p->entry[e].kind == E_INIT) continue;
    double ms = profile(t, trial, t->p->entry[e].name, repeat[e] ? repeat[e] : 3);
    double wish = LEAST_MS / (ms > 1e-4 ? ms : 1e-4);
    if (!repeat[e]) repeat[e] = wish < 3 ? 3 : wish > MOST_REPEAT ? MOST_REPEAT : (int)wish;
  }
  for (int k = 0; k < trial->n; k++)
    if (trial->version[k].sum < trial->version[k].ms) trial->version[k].ms = trial->version[k].sum;
}

/* The fastest version of a kernel where it matters and is clearly faster than the usual one; else
** NULL. */
static const Version *winner(const Trial *trial, const bool *made, const Version *usual,
                             Threads *threads) {
  const Version *best = NULL;
  double all = 0;
  for (int k = 0; k < trial[0].n; k++) all += trial[0].version[k].ms;
  if (usual->ms < 0.01 * all) return NULL;
  for (int c = 1; c < NTRIAL; c++)
    for (int k = 0; made[c] && k < trial[c].n; k++) {
      const Version *v = &trial[c].version[k];
      if (!v->other || v->usual != usual->usual || v->ms > 0.93 * usual->ms) continue;
      if (best && v->ms >= best->ms) continue;
      best = v;
      *threads = trial[c].ask.threads;
    }
  return best;
}

/* Puts the winners together as a section of the file. */
static int choose(const Trial *trial, const bool *made, Text *section) {
  int n = 0;
  for (int k = 0; k < trial[0].n; k++) {
    const Version *usual = &trial[0].version[k];
    Threads threads = T_USUAL;
    const Version *best = winner(trial, made, usual, &threads);
    if (!best) continue;
    Choice c = {.threads = threads};
    if (!threads) c = best->took;
    if (!threads && c.rows == usual->took.rows && c.vectors == usual->took.vectors &&
        c.lanes == usual->took.lanes)
      c.rows = 0;
    if (c.width == usual->took.width) c.width = 0;
    if (!c.rows && !c.width && !threads) continue;
    Text words = {0};
    choice_print(&words, &c);
    int len = (int)strcspn(usual->names + 1, " ");
    text_add(section, "kernel %016" PRIx64 " %s   # %.4f -> %.4f ms, %.*s\n", usual->usual, words.s,
             usual->ms, best->ms, len, usual->names + 1);
    printf("  %-32.*s %-20s %10.4f -> %.4f ms\n", len, usual->names + 1, words.s, usual->ms,
           best->ms);
    text_free(&words);
    n++;
  }
  return n;
}

/* A table of all kernels: their keys, and what they take in each trial. */
static void print_table(const Trial *trial, const bool *made) {
  for (int k = 0; k < trial[0].n; k++) {
    const Version *usual = &trial[0].version[k];
    printf("kernel %016" PRIx64 "%s", usual->usual, usual->names);
    for (int c = 0; c < NTRIAL; c++)
      for (int j = 0; made[c] && j < trial[c].n; j++) {
        const Version *v = &trial[c].version[j];
        if (v->usual == usual->usual && (c == 0 || v->other))
          printf("%s %s %.4f", c ? "," : "", trial[c].label, v->ms);
      }
    printf(" ms\n");
  }
}

static double bench(const Tune *t, const Trial *trial, const char *entry, int repeat) {
  char *text = ask_program(t, trial, "bench", entry, repeat), *ms = strstr(text, "\"ms\": ");
  double v = ms ? atof(ms + 6) : 0;
  free(text);
  return v;
}

/* Times the entries of the usual and the chosen program in turn; returns whether all of them
** together are faster. */
static bool compare(const Tune *t, const Trial *usual, const Trial *chosen, const int *repeat) {
  double before = 0, after = 0;
  for (int e = 0; e < t->p->nentry; e++) {
    double least[2] = {1e30, 1e30};
    if (t->p->entry[e].kind == E_INIT) continue;
    for (int r = 0; r < 2 * ROUNDS; r++) {
      double ms = bench(t, r % 2 ? chosen : usual, t->p->entry[e].name, repeat[e]);
      if (ms < least[r % 2]) least[r % 2] = ms;
    }
    printf("%s: %.4g -> %.4g ms\n", t->p->entry[e].name, least[0], least[1]);
    before += least[0], after += least[1];
  }
  return after < before;
}

void driver_tune(Program *p, const DriverOptions *o, const BuildOptions *b, char **args) {
  Tune t = {.p = p, .o = *o, .b = *b, .args = args, .work = files_temp_folder(NULL)};
  Trial *trial = arena_copy(mod->arena, trials, sizeof trials), chosen = {.label = "chosen"};
  bool made[NTRIAL] = {true};
  int *repeat = NEWN(mod->arena, int, p->nentry + 1), n = 0;
  const char *path = tuning_path(o->script), *section = tuning_section(o);
  Tuning ask = {.script = o->script, .path = path, .section = section};
  t.tuning = &ask;
  for (int c = 0; c < NTRIAL; c++) {
    ask.trial = trial[c].ask;
    made[c] = make_trial(&t, &trial[c], str_format("trial%d", c)) || c == 0;
    n += made[c];
  }
  printf("%s for %s: %d kernels, %d programs\n", o->script, section, trial[0].n, n);
  for (int r = 0; r <= ROUNDS; r++) /* the first round finds out how often to repeat */
    for (int c = 0; c < NTRIAL; c++)
      if (made[c] && (r || c == 0)) profile_all(&t, &trial[c], repeat);
  if (b->verbose) print_table(trial, made);
  Text out = {0};
  char *others = tuning_without(path, section);
  text_add(&out, "%s", others ? others : "crescent tune 1\n");
  text_add(&out, "for %s\n", section);
  n = choose(trial, made, &out);
  bool better = false;
  if (n) {
    files_write(str_format("%s/chosen.tune", t.work), out.s, out.n);
    DriverOptions as = *o;
    as.script = str_format("%s/chosen.lua", t.work);
    t.tuning = tuning_read(&as);
    make_trial(&t, &chosen, "chosen");
    better = compare(&t, &trial[0], &chosen, repeat);
  }
  if (better) files_write(path, out.s, out.n);
  else if (others) files_write(path, others, strlen(others));
  else unlink(path);
  if (better) printf("%s: %d choices\n", path, n);
  else printf("nothing is faster than the usual schedule: no choices for %s\n", section);
  text_free(&out);
  free(others);
  files_remove(t.work);
}
