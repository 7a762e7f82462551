/*
** rt_options.c: the command line of a made program
**
**   PROGRAM run predict --in X=x.npy --out prob=p.npy --threads 2
*/
#include "rt_program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef enum { PAIR, TEXT, COUNT, SEED, FLAG } option_kind;

typedef struct option_row {
  const char *name, *commands; /* commands: where it may stand, NULL: everywhere */
  option_kind kind;
  size_t at;
  const char *value, *doc;
} option_row;

#define AT(f) offsetof(rt_options, f)
static const option_row option_table[] = {
    {"--in", "run train bench profile check", PAIR, AT(in), "X=FILE",
     "an input: .npy .npz .png .csv .txt .idx .safetensors, or a number"},
    {"--out", "run", PAIR, AT(out), "Y=FILE", "where an output goes; without it, it is printed"},
    {"--dim", NULL, PAIR, AT(dim), "N=128", "a run-time size"},
    {"--threads", NULL, COUNT, AT(threads), "N", "threads to use (all)"},
    {"--seed", NULL, SEED, AT(seed), "S", "seed of the first values and of shuffling (0)"},
    {"--weights", NULL, TEXT, AT(weights), "FILE", "parameters to start from (.safetensors)"},
    {"--partial", NULL, FLAG, AT(partial), "",
     "of --weights what fits in name and shape; the rest starts anew"},
    {"--quiet", NULL, FLAG, AT(quiet), "", "errors and results only"},
    {"--json", NULL, FLAG, AT(json), "", "results as JSON"},
    {"--lossy", NULL, FLAG, AT(lossy), "", "numbers may be rounded to the entry's dtype"},
    {"--data", "train", PAIR, AT(data), "X=FILE[,FILE]",
     "training data, a row an example; or a folder of pictures"},
    {"--valid", "train", PAIR, AT(valid), "X=FILE", "the same, to measure on after every epoch"},
    {"--valid-entry", "train", TEXT, AT(valid_entry), "NAME", "entry that measures (the loss)"},
    {"--epochs", "train", COUNT, AT(epochs), "N", "times through the data (1)"},
    {"--steps", "train", COUNT, AT(steps), "N", "stop after so many steps in all"},
    {"--batch", "train bench", COUNT, AT(batch), "N",
     "rows a step; 0: all (all up to 1024 rows, else 64)"},
    {"--split", "train", TEXT, AT(split), "80,10,10", "rows to train, validate and test on"},
    {"--watch", "train", TEXT, AT(watch), "NAME[:max]", "what says which is best (loss)"},
    {"--best", "train", TEXT, AT(best), "FILE", "where the best parameters go"},
    {"--patience", "train", COUNT, AT(patience), "N", "stop after N epochs that are no better"},
    {"--lengths", "train", PAIR, AT(lengths), "X=FILE", "how long each row of X is"},
    {"--valid-lengths", "train", PAIR, AT(valid_lengths), "X=FILE", "the same for --valid"},
    {"--bucket", "train", COUNT, AT(bucket), "N", "sort windows of N batches by length"},
    {"--skip", "train", COUNT, AT(skip), "N",
     "leave out up to N steps in a row whose loss is no number (0)"},
    {"--cache", "train", COUNT, AT(cache), "MB", "decoded pictures to keep in memory (512)"},
#ifdef RT_HAVE_MPI
    {"--shards", "train", COUNT, AT(shards), "N", "parts of a batch that processes share out (8)"},
#endif
    {"--ordered", "train", FLAG, AT(ordered), "", "rows in the order of the files"},
    {"--save", "train run", TEXT, AT(save), "FILE", "where parameters and state go"},
    {"--checkpoint-every", "train", COUNT, AT(checkpoint_every), "N", "save every N steps as well"},
    {"--resume", "train", TEXT, AT(resume), "FILE",
     "go on exactly where that run stopped, with its options"},
    {"--log", "train", TEXT, AT(log), "FILE.csv",
     "step, epoch, loss, metrics and seconds as a table"},
    {"--plot", "train", TEXT, AT(plot), "FILE.svg", "the loss curve (.svg or .png)"},
    {"--repeat", "bench profile", COUNT, AT(repeat), "N", "timed calls"},
};
#undef AT
enum { OPTIONS = sizeof option_table / sizeof *option_table };

static const char *const commands[] = {"info", "run", "train", "check", "bench", "profile"};
enum { COMMANDS = sizeof commands / sizeof *commands };

static const char rt_file_help[] =
    "files: FILE.csv:age,class or FILE.csv:0-3,7 takes columns of a table, FILE.npz:NAME an array,\n"
    "       FILE.npy:0-7, FILE.idx:3 and FILE.txt:0,2 rows (the first is 0),\n"
    "       FOLDER pictures (a folder in it is a class), FOLDER:class their labels\n"
    "pictures: a .png holds 0..255, as floats too: a model that wants 0..1 divides;\n"
    "          {H, W}, {H, W, C} or {C, H, W}, FILE.png:rgb and :grey convert";

/* Prints how the program is used. */
void rt_usage(FILE *out, const rt_model *m) {
  fprintf(out,
          "usage: %s COMMAND [OPTIONS]\n"
          "  info                 entries, shapes, dtypes, parameters, memory\n"
          "  run ENTRY            one call of an entry\n"
          "  train [ENTRY]        training on files\n"
          "  check [ENTRY]        compiled derivatives against finite differences\n"
          "  bench [ENTRY]        time of one call\n"
          "  profile ENTRY        time of its kernels\n"
          "  help, version        also --help, --version\noptions:\n",
          m->name);
  for (int i = 0; i < OPTIONS; i++) {
    char left[64];
    snprintf(left, sizeof left, "%s %s", option_table[i].name, option_table[i].value);
    fprintf(out, "  %-24s %s\n", left, option_table[i].doc);
  }
  fprintf(out, "%s\n", rt_file_help);
  fprintf(out, "entries:");
  for (int i = 0; i < m->nentry; i++) fprintf(out, " %s", m->entry[i].name);
  fprintf(out, "\n");
}

/* The value given to NAME, or NULL. */
const char *rt_pair_find(const rt_pairs *p, const char *name) {
  for (int i = 0; i < p->count; i++)
    if (strcmp(p->at[i].name, name) == 0) return p->at[i].value;
  return NULL;
}

/* Fails with a message about the command line. */
static int usage(rt_error *err, const char *what, const char *why) {
  rt_fail(err, what, "%s", why);
  return RT_USAGE;
}

/* Adds NAME=VALUE; text is kept, and cut at the '='. */
static int add_pair(rt_pairs *p, const char *option, char *text, rt_error *err) {
  char *equal = strchr(text, '=');
  if (!equal || equal == text || !equal[1]) {
    rt_fail(err, option, "expected NAME=VALUE, found '%s'", text);
    return RT_USAGE;
  }
  if (p->count == RT_MAX_PAIRS) return usage(err, option, "given too often");
  *equal = 0;
  if (rt_pair_find(p, text)) {
    rt_fail(err, option, "%s is given twice", text);
    return RT_USAGE;
  }
  p->at[p->count].name = text;
  p->at[p->count++].value = equal + 1;
  return 0;
}

/* Reads a whole number that is not negative. */
static int count_of(const char *option, const char *text, int64_t *out, rt_error *err) {
  char *end;
  errno = 0;
  long long v = strtoll(text, &end, 10);
  if (errno || end == text || *end || v < 0) {
    rt_fail(err, option, "expected a whole number, found '%s'", text);
    return RT_USAGE;
  }
  *out = v;
  return 0;
}

static int set_option(rt_options *o, const option_row *row, char *value, rt_error *err) {
  void *field = (char *)o + row->at;
  int64_t n = 0;
  int status = 0;
  switch (row->kind) {
  case PAIR:
    return add_pair(field, row->name, value, err);
  case TEXT:
    memcpy(field, &value, sizeof value);
    return 0;
  case FLAG:
    *(bool *)field = true;
    return 0;
  case SEED:
    if ((status = count_of(row->name, value, &n, err))) return status;
    o->seed = (uint64_t)n;
    o->seeded = true;
    return 0;
  case COUNT:
    if ((status = count_of(row->name, value, &n, err))) return status;
    if (field == (void *)&o->threads) {
      if (n < 1 || n > 4096) return usage(err, row->name, "expected 1 to 4096");
      o->threads = (int)n;
    } else {
      *(int64_t *)field = n;
    }
  }
  return 0;
}

/* Whether the word is among those of the list, separated by spaces. */
static bool listed(const char *list, const char *word) {
  size_t n = strlen(word);
  for (const char *s = list; n && (s = strstr(s, word)); s += n)
    if ((s == list || s[-1] == ' ') && (s[n] == ' ' || !s[n])) return true;
  return false;
}

/* Reads the command line. `--in=X=x.npy` and `--in X=x.npy` are the same. */
int rt_options_read(rt_options *o, const rt_model *m, int argc, char **argv, rt_error *err) {
  *o = (rt_options){
      .model = m, .epochs = -1, .steps = -1, .batch = -1, .checkpoint_every = -1, .patience = -1,
      .bucket = -1, .repeat = -1, .cache = -1,
      .skip = -1,
      .shards = -1};
  for (int i = 1; i < argc; i++) {
    char *word = argv[i];
    bool first = !o->command;
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 ||
        (first && strcmp(word, "help") == 0)) {
      o->command = "help";
      return 0;
    }
    if (strcmp(word, "--version") == 0 || (first && strcmp(word, "version") == 0)) {
      o->command = "version";
      return 0;
    }
    if (word[0] != '-' || !word[1]) {
      if (!o->command)
        o->command = word;
      else if (!o->entry)
        o->entry = word;
      else
        return usage(err, word, "one command and one entry at a time");
      continue;
    }
    size_t length = strcspn(word, "=");
    const option_row *row = NULL;
    for (int k = 0; k < OPTIONS; k++)
      if (strlen(option_table[k].name) == length &&
          strncmp(option_table[k].name, word, length) == 0)
        row = &option_table[k];
    if (!row) return usage(err, word, "no such option (see --help)");
    if (row->commands && o->command && !listed(row->commands, o->command)) {
      rt_fail(err, row->name, "is no option of '%s' (of: %s)", o->command, row->commands);
      return RT_USAGE;
    }
    char *value = word[length] ? word + length + 1 : NULL;
    if (row->kind == FLAG && value) return usage(err, row->name, "takes no value");
    if (row->kind != FLAG && !value && ++i >= argc) return usage(err, row->name, "needs a value");
    if (row->kind != FLAG && !value) value = argv[i];
    int status = set_option(o, row, value, err);
    if (status) return status;
  }
  if (!o->command)
    return usage(err, m->name, "which command? info, run, train, check, bench or profile");
  for (int i = 0; i < COMMANDS; i++)
    if (strcmp(commands[i], o->command) == 0) return 0;
  return usage(err, o->command, "no such command (info, run, train, check, bench, profile)");
}
