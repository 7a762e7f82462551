/*
** rt_data_folder.c: pictures in folders, one folder a class
**
**   animals/cat/1.png animals/cat/2.png animals/dog/7.png
**   --data image=animals --data label=animals:class        label 0 is cat, 1 is dog, by name
*/
#define _POSIX_C_SOURCE 200809L
#include "rt_program.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_folder(const char *path) {
  struct stat s;
  return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Lists the folders in a folder, by name; the list is freed by rt_list_free. */
static int list_classes(const char *where, char ***list, int *count, rt_error *err) {
  DIR *folder = opendir(where);
  *list = NULL;
  *count = 0;
  if (!folder) return rt_fail(err, where, "open: %s", strerror(errno));
  int room = 0, bad = 0;
  for (struct dirent *d; !bad && (d = readdir(folder)) != NULL;) {
    if (d->d_name[0] == '.') continue;
    size_t size = strlen(where) + strlen(d->d_name) + 2;
    char *path = malloc(size);
    if (*count == room) {
      room = room ? 2 * room : 64;
      char **more = realloc(*list, (size_t)room * sizeof *more);
      if (more) *list = more;
      else bad = 1;
    }
    if (!path || bad) {
      free(path);
      bad = rt_fail(err, where, "out of memory");
      break;
    }
    snprintf(path, size, "%s/%s", where, d->d_name);
    if (is_folder(path)) (*list)[(*count)++] = path;
    else free(path);
  }
  closedir(folder);
  if (*count) qsort(*list, (size_t)*count, sizeof **list, by_name);
  return bad;
}

/* Appends b to a list of n names, and leaves b empty. */
static int join(char ***list, int *n, char **b, int nb, const char *where, rt_error *err) {
  char **more = realloc(*list, (size_t)(*n + nb + 1) * sizeof *more);
  if (!more) return rt_fail(err, where, "out of memory");
  memcpy(more + *n, b, (size_t)nb * sizeof *b);
  *list = more;
  *n += nb;
  return 0;
}

/* Lists the pictures of all classes in a folder of folders. With labels, an array {pictures} of the
** classes' numbers is made too. A folder without folders is no failure: count is 0. */
int rt_list_classes(const char *where, char ***list, int *count, rt_array *labels, rt_error *err) {
  char **folder;
  int classes, *end = NULL;
  *list = NULL;
  *count = 0;
  int bad = list_classes(where, &folder, &classes, err);
  if (!bad && classes) end = calloc((size_t)classes, sizeof *end);
  if (!bad && classes && !end) bad = rt_fail(err, where, "out of memory");
  for (int k = 0; !bad && k < classes; k++) {
    char **one = NULL;
    int n = 0;
    bad = rt_list_files(folder[k], ".png", &one, &n, err);
    if (!bad && join(list, count, one, n, where, err)) {
      rt_list_free(one, n);
      bad = 1;
    } else if (!bad) {
      free(one);
    }
    end[k] = *count;
  }
  if (!bad && labels && *count) {
    int64_t dim[1] = {*count};
    bad = rt_array_alloc(labels, RT_I64, 1, dim, where, err);
    for (int i = 0, k = 0; !bad && i < *count; i++) {
      while (i >= end[k]) k++;
      ((int64_t *)labels->data)[i] = k;
    }
  }
  rt_list_free(folder, classes);
  free(end);
  return bad ? RT_DATA : 0;
}
