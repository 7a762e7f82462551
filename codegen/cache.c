/*
** cache.c: the user's cache stays within a limit
**
**   ~/.cache/crescent/objects/HASH.o     compiled files
**   ~/.cache/crescent/HASH/program       programs of `crescent run`
** What was not used for the longest time goes first, at a build that adds something. What was used
** in the last hour stays, so that no build running at the same time loses what it found.
*/
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "build.h"

enum { LIMIT_MB = 1024, KEEP_SECONDS = 3600, LOOK_SECONDS = 60 };

typedef struct Kept {
  const char *path;
  bool folder;
  long long bytes;
  time_t used;
} Kept;

typedef struct List { int n, cap; Kept *kept; } List;

/* Notes that a cached file is being used. */
void cache_touch(const char *path) {
  utimensat(AT_FDCWD, path, NULL, 0);
}

/* The bytes of a file, or of the files in a folder, and when the newest of them was used. */
static Kept measure(const char *path) {
  struct stat st;
  Kept k = {.path = path};
  if (lstat(path, &st) != 0) return k;
  k.folder = S_ISDIR(st.st_mode);
  k.bytes = (long long)st.st_blocks * 512;
  k.used = st.st_mtime;
  DIR *d = k.folder ? opendir(path) : NULL;
  for (struct dirent *e; d && (e = readdir(d));) {
    if (e->d_name[0] == '.' || lstat(str_format("%s/%s", path, e->d_name), &st) != 0) continue;
    k.bytes += (long long)st.st_blocks * 512;
    if (st.st_mtime > k.used) k.used = st.st_mtime;
  }
  if (d) closedir(d);
  return k;
}

/* Adds what a folder of the cache holds, but for the folder of objects. */
static void collect(List *l, const char *folder) {
  DIR *d = opendir(folder);
  for (struct dirent *e; d && (e = readdir(d));) {
    if (e->d_name[0] == '.' || strcmp(e->d_name, "objects") == 0) continue;
    if (l->n == l->cap) {
      Kept *more = realloc(l->kept, sizeof *more * (size_t)(l->cap = 2 * l->cap + 64));
      if (!more) break;
      l->kept = more;
    }
    l->kept[l->n++] = measure(str_format("%s/%s", folder, e->d_name));
  }
  if (d) closedir(d);
}

static int older(const void *a, const void *b) {
  const Kept *x = a, *y = b;
  return (x->used > y->used) - (x->used < y->used);
}

/* Whether all files were looked at a short while ago; if not, they are now. */
static bool looked_at(const char *cache) {
  const char *mark = str_format("%s/.looked", cache);
  struct stat st;
  time_t now = time(NULL);
  if (stat(mark, &st) == 0 && st.st_mtime <= now && st.st_mtime > now - LOOK_SECONDS) return true;
  int fd = open(mark, O_WRONLY | O_CREAT, 0644);
  if (fd >= 0) close(fd);
  cache_touch(mark);
  return false;
}

/* Brings the cache below its limit: $CRESCENT_CACHE_MB, or a gigabyte; without a limit that is set,
** once a minute at most. */
void cache_prune(void) {
  const char *cache = files_cache(), *set = getenv("CRESCENT_CACHE_MB");
  if (!set && looked_at(cache)) return;
  long long limit = (set && atoll(set) > 0 ? atoll(set) : LIMIT_MB) << 20, total = 0;
  List l = {0};
  collect(&l, cache);
  collect(&l, str_format("%s/objects", cache));
  for (int k = 0; k < l.n; k++) total += l.kept[k].bytes;
  if (total > limit) qsort(l.kept, (size_t)l.n, sizeof *l.kept, older);
  for (int k = 0; k < l.n && total > limit; k++) {
    if (l.kept[k].used > time(NULL) - KEEP_SECONDS) break;
    if (l.kept[k].folder) files_remove(l.kept[k].path);
    else unlink(l.kept[k].path);
    total -= l.kept[k].bytes;
  }
  free(l.kept);
}
