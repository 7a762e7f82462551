/*
** rt_resume.c: `train --resume w.safetensors` knows what the stopped run was told
**
** The checkpoint's metadata crescent_options holds the options as lines, NAME<TAB>VALUE:
**   --data	X=train-x.idx3
**   --batch	64
*/
#include "rt_train.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void put(char *out, size_t room, const char *name, const char *value) {
  size_t n = strlen(out);
  if (n < room && value) snprintf(out + n, room - n, "%s\t%s\n", name, value);
}

static void put_pairs(char *out, size_t room, const char *name, const rt_pairs *p) {
  for (int i = 0; i < p->count; i++) {
    char text[1200];
    snprintf(text, sizeof text, "%s=%s", p->at[i].name, p->at[i].value);
    put(out, room, name, text);
  }
}

static void put_count(char *out, size_t room, const char *name, int64_t value) {
  char text[24];
  snprintf(text, sizeof text, "%" PRId64, value);
  if (value >= 0) put(out, room, name, text);
}

/* Writes the options a resumed run needs; not those that say where its files go, so that equal runs
** leave equal files. */
void rt_options_text(const rt_options *o, char *out, size_t room) {
  out[0] = 0;
  put(out, room, "entry", o->entry);
  put_pairs(out, room, "--data", &o->data);
  put_pairs(out, room, "--valid", &o->valid);
  put_pairs(out, room, "--in", &o->in);
  put_pairs(out, room, "--dim", &o->dim);
  put(out, room, "--valid-entry", o->valid_entry);
  put_count(out, room, "--batch", o->batch);
  put_count(out, room, "--epochs", o->epochs);
  put_count(out, room, "--steps", o->steps);
  put_count(out, room, "--checkpoint-every", o->checkpoint_every);
  put_count(out, room, "--patience", o->patience);
  put_pairs(out, room, "--lengths", &o->lengths);
  put_pairs(out, room, "--valid-lengths", &o->valid_lengths);
  put_count(out, room, "--bucket", o->bucket);
  put(out, room, "--split", o->split);
  put(out, room, "--watch", o->watch);
  if (o->ordered) put(out, room, "--ordered", "1");
  if (o->lossy) put(out, room, "--lossy", "1");
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
             {"--split", &o->split, NULL},
             {"--watch", &o->watch, NULL}};
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    if (strcmp(row[i].name, name) != 0) continue;
    if (row[i].text && !*row[i].text) *row[i].text = value;
    if (row[i].count && *row[i].count < 0) *row[i].count = strtoll(value, NULL, 10);
  }
}

/* Completes the options from the checkpoint. *kept holds their text, to be freed at the end. A
** number of steps or epochs given now is the new total of both. */
int rt_resume_options(rt_options *o, char **kept, rt_error *err) {
  rt_st st;
  if (rt_st_open(o->resume, &st, err)) return RT_DATA;
  const char *text = rt_st_metadata(&st, "crescent_options");
  const char *seed = rt_st_metadata(&st, "crescent_seed");
  if (seed) o->seed = strtoull(seed, NULL, 10);
  bool more = o->steps >= 0 || o->epochs >= 0;
  int64_t steps = -1;
  size_t length = text ? strlen(text) : 0;
  *kept = malloc(length + 1);
  if (!*kept) {
    rt_st_close(&st);
    return rt_fail(err, o->resume, "out of memory"), RT_DATA;
  }
  if (text) memcpy(*kept, text, length);
  (*kept)[length] = 0;
  for (char *line = *kept; *line;) {
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
  return 0;
}

/* Checks that every name of --data and --valid is an input. */
int rt_check_data_names(const rt_trainer *t, rt_error *err) {
  const rt_pairs *list[] = {&t->o->data, &t->o->valid, &t->o->in};
  static const char *const option[] = {"--data", "--valid", "--in"};
  const rt_model *m = t->o->model;
  for (int k = 0; k < 3; k++)
    for (int i = 0; i < list[k]->count; i++) {
      bool found = false;
      for (int e = 0; e < m->nentry; e++)
        for (int j = 0; j < m->entry[e].ninput; j++)
          found = found || ((k > 0 || t->o->split) &&
                            !strcmp(m->entry[e].input[j].name, list[k]->at[i].name));
      for (int j = 0; j < t->all.ninput; j++)
        found = found || !strcmp(t->all.input[j].name, list[k]->at[i].name);
      if (found) continue;
      rt_fail(err, option[k], "%s has no input '%s'", t->all.name, list[k]->at[i].name);
      return RT_USAGE;
    }
  return 0;
}
