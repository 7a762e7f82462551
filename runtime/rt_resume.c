/*
** rt_resume.c: `train --resume w.safetensors` knows what the stopped run was told
**
** The checkpoint's metadata crescent_options holds the options as lines, NAME<TAB>VALUE:
**   --data	X=train-x.idx3
**   --batch	64
** --save is the checkpoint itself; --best, --log and --plot are noted in the same form in a file
** beside it, w.safetensors.run, so that equal runs leave equal checkpoints. --weights, --threads,
** --quiet and --json are not remembered.
*/
#define _POSIX_C_SOURCE 200809L
#include "rt_train.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Text that grows; bad where there was no memory. */
typedef struct Text {
  char *at;
  size_t used, room;
  bool bad;
} Text;

static void add(Text *t, const char *s) {
  size_t n = strlen(s);
  if (t->used + n + 1 > t->room) {
    size_t room = 2 * (t->used + n) + 256;
    char *more = realloc(t->at, room);
    if (!more) t->bad = true;
    if (!more) return;
    t->at = more;
    t->room = room;
  }
  memcpy(t->at + t->used, s, n + 1);
  t->used += n;
}

static void put(Text *t, const char *name, const char *value) {
  if (!value) return;
  add(t, name);
  add(t, "\t");
  add(t, value);
  add(t, "\n");
}

static void put_pairs(Text *t, const char *name, const rt_pairs *p) {
  for (int i = 0; i < p->count; i++) {
    add(t, name);
    add(t, "\t");
    add(t, p->at[i].name);
    add(t, "=");
    add(t, p->at[i].value);
    add(t, "\n");
  }
}

static void put_count(Text *t, const char *name, int64_t value) {
  char text[24];
  snprintf(text, sizeof text, "%" PRId64, value);
  if (value >= 0) put(t, name, text);
}

/* The options that a resumed run needs, to be freed; NULL without memory. */
char *rt_options_text(const rt_options *o) {
  Text t = {0};
  put(&t, "entry", o->entry);
  put_pairs(&t, "--data", &o->data);
  put_pairs(&t, "--valid", &o->valid);
  put_pairs(&t, "--in", &o->in);
  put_pairs(&t, "--dim", &o->dim);
  put(&t, "--valid-entry", o->valid_entry);
  put_count(&t, "--batch", o->batch);
  put_count(&t, "--epochs", o->epochs);
  put_count(&t, "--steps", o->steps);
  put_count(&t, "--checkpoint-every", o->checkpoint_every);
  put_count(&t, "--patience", o->patience);
  put_pairs(&t, "--lengths", &o->lengths);
  put_pairs(&t, "--valid-lengths", &o->valid_lengths);
  put_count(&t, "--bucket", o->bucket);
  put_count(&t, "--skip", o->skip);
  put_count(&t, "--shards", o->shards);
  put(&t, "--split", o->split);
  put(&t, "--watch", o->watch);
  if (o->ordered) put(&t, "--ordered", "1");
  if (o->lossy) put(&t, "--lossy", "1");
  add(&t, "");
  if (!t.bad) return t.at;
  free(t.at);
  return NULL;
}

/* Adds a kept NAME=VALUE unless that name is given now. */
static void keep_pair(rt_pairs *p, char *text) {
  char *equal = strchr(text, '=');
  if (!equal || p->count == RT_MAX_PAIRS) return;
  *equal = 0;
  if (!rt_pair_find(p, text)) p->at[p->count++] = (rt_pair){text, equal + 1};
}

/* Takes one kept option unless it is given now. */
static void keep(rt_options *o, const char *name, char *value) {
  if (!strcmp(name, "--data"))
    keep_pair(&o->data, value);
  else if (!strcmp(name, "--valid"))
    keep_pair(&o->valid, value);
  else if (!strcmp(name, "--lengths"))
    keep_pair(&o->lengths, value);
  else if (!strcmp(name, "--valid-lengths"))
    keep_pair(&o->valid_lengths, value);
  else if (!strcmp(name, "--in"))
    keep_pair(&o->in, value);
  else if (!strcmp(name, "--dim"))
    keep_pair(&o->dim, value);
  else if (!strcmp(name, "--ordered"))
    o->ordered = true;
  else if (!strcmp(name, "--lossy"))
    o->lossy = true;
  const struct {
    const char *name;
    const char **text;
    int64_t *count;
  } row[] = {{"entry", &o->entry, NULL},
             {"--valid-entry", &o->valid_entry, NULL},
             {"--batch", NULL, &o->batch},
             {"--epochs", NULL, &o->epochs},
             {"--checkpoint-every", NULL, &o->checkpoint_every},
             {"--patience", NULL, &o->patience},
             {"--bucket", NULL, &o->bucket},
             {"--skip", NULL, &o->skip},
             {"--shards", NULL, &o->shards},
             {"--split", &o->split, NULL},
             {"--watch", &o->watch, NULL}};
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    if (strcmp(row[i].name, name) != 0) continue;
    if (row[i].text && !*row[i].text) *row[i].text = value;
    if (row[i].count && *row[i].count < 0) *row[i].count = strtoll(value, NULL, 10);
  }
}

static const char *const target_name[] = {"--best", "--log", "--plot"};
enum { TARGETS = 3 };

static const char **target_of(rt_options *o, int k) {
  const char **option[TARGETS] = {&o->best, &o->log, &o->plot};
  return option[k];
}

/* The path of the file beside a checkpoint, to be freed. */
static char *beside(const char *checkpoint) {
  char *path = malloc(strlen(checkpoint) + sizeof ".run");
  if (path) strcat(strcpy(path, checkpoint), ".run");
  return path;
}

/* Notes beside the checkpoint to come where best, log and plot go; without any there is no file. */
int rt_resume_note(const rt_options *o, const char *save, rt_error *err) {
  rt_options copy = *o;
  Text t = {0};
  char *path = beside(save);
  for (int k = 0; k < TARGETS; k++) put(&t, target_name[k], *target_of(&copy, k));
  int bad = !path || t.bad ? rt_fail(err, save, "out of memory") : 0;
  if (!bad && t.used) bad = rt_file_put(path, t.at, t.used, err);
  if (!bad && !t.used && access(path, F_OK) == 0) unlink(path);
  free(path);
  free(t.at);
  return bad ? RT_DATA : 0;
}

/* Takes what is noted beside the checkpoint, unless it is given now. A run that is to be saved
** under another name leaves the old one's files alone. */
static int keep_targets(rt_options *o, rt_kept *kept) {
  if (o->save && strcmp(o->save, o->resume) != 0) return 0;
  char *path = beside(o->resume), line[4200];
  FILE *f = path ? fopen(path, "r") : NULL;
  bool bad = !path;
  free(path);
  while (f && !bad && fgets(line, sizeof line, f)) {
    char *tab = strchr(line, '\t');
    if (!tab) continue;
    *tab++ = 0;
    tab[strcspn(tab, "\n")] = 0;
    for (int k = 0; k < TARGETS; k++) {
      const char **option = target_of(o, k);
      if (strcmp(line, target_name[k]) != 0 || *option || kept->target[k] || !*tab) continue;
      kept->target[k] = strdup(tab);
      *option = kept->target[k];
      bad = bad || !kept->target[k];
    }
  }
  if (f) fclose(f);
  return bad;
}

void rt_resume_free(rt_kept *kept) {
  for (int k = 0; k < TARGETS; k++) free(kept->target[k]);
  free(kept->text);
}

/* Completes the options from the checkpoint. `kept` holds their text, to be freed at the end. A
** number of steps or epochs given now is the new total of both. */
int rt_resume_options(rt_options *o, rt_kept *kept, rt_error *err) {
  rt_st st;
  if (rt_st_open(o->resume, &st, err)) return RT_DATA;
  const char *model = rt_st_metadata(&st, "crescent_model");
  if (model && strcmp(model, o->model->name)) {
    rt_fail(err, o->resume, "is of the model %.100s, not of %s", model, o->model->name);
    rt_st_close(&st);
    return RT_DATA;
  }
  const char *text = rt_st_metadata(&st, "crescent_options");
  const char *seed = rt_st_metadata(&st, "crescent_seed");
  if (seed) o->seed = strtoull(seed, NULL, 10);
  bool more = o->steps >= 0 || o->epochs >= 0;
  int64_t steps = -1;
  size_t length = text ? strlen(text) : 0;
  kept->text = calloc(length + 1, 1);
  int status = kept->text ? 0 : RT_DATA;
  if (!status && text) memcpy(kept->text, text, length);
  for (char *line = kept->text; !status && *line;) {
    char *end = line + strcspn(line, "\n"), *tab = memchr(line, '\t', (size_t)(end - line));
    bool last = *end == 0;
    *end = 0;
    if (tab) {
      *tab = 0;
      if (!strcmp(line, "--steps"))
        steps = strtoll(tab + 1, NULL, 10);
      else if (strcmp(line, "--epochs") || !more)
        keep(o, line, tab + 1);
    }
    line = last ? end : end + 1;
  }
  if (!more) o->steps = steps;
  rt_st_close(&st);
  if (!status && keep_targets(o, kept)) status = RT_DATA;
  if (status) rt_fail(err, o->resume, "out of memory");
  return status;
}

/* Checks that every name of --data, --valid and the lengths is an input, and that there are lengths
** to sort by. */
int rt_check_data_names(const rt_trainer *t, rt_error *err) {
  const rt_options *o = t->o;
  const rt_pairs *list[] = {&o->data, &o->lengths, &o->valid, &o->in, &o->valid_lengths};
  static const char *const option[] = {"--data", "--lengths", "--valid", "--in", "--valid-lengths"};
  const rt_model *m = o->model;
  for (int k = 0; k < 5; k++)
    for (int i = 0; i < list[k]->count; i++) {
      bool found = false;
      for (int e = 0; e < m->nentry; e++)
        for (int j = 0; j < m->entry[e].ninput; j++)
          found = found ||
                  ((k > 1 || o->split) && !strcmp(m->entry[e].input[j].name, list[k]->at[i].name));
      for (int j = 0; j < t->all.ninput; j++)
        found = found || !strcmp(t->all.input[j].name, list[k]->at[i].name);
      if (found) continue;
      char names[256];
      rt_fail(err, option[k], "%s has no input '%s'; there are: %s", t->all.name,
              list[k]->at[i].name, rt_arg_names(names, sizeof names, t->all.input, t->all.ninput));
      return RT_USAGE;
    }
  if (o->bucket > 0 && !o->lengths.count)
    return rt_fail(err, "--bucket", "there are no lengths to sort by: say --lengths X=FILE"),
           RT_USAGE;
  return 0;
}
