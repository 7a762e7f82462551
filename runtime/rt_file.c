/*
** rt_file.c: a file's bytes in memory, and the files of a folder or a pattern
**
** A file under 64 MB is read whole, so that one cut short meanwhile is an error. A larger one is
** mapped, privately and writable: it costs no memory until touched, and the file never changes.
** What is unpacked from a file, or written in another type, has its room from rt_room.c.
*/
#define _DEFAULT_SOURCE /* MAP_NORESERVE */
#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64
#include "rt_io_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAP_FROM = 64 << 20 };

/* A mapping that may be written is charged as memory, and refused where it is larger than that. */
#ifdef MAP_NORESERVE
#define UNCHARGED MAP_NORESERVE
#else
#define UNCHARGED 0
#endif

/* Makes room for size bytes, aligned to 64. */
int rt_bytes_alloc(rt_bytes *b, size_t size, const char *name, rt_error *err) {
  memset(b, 0, sizeof *b);
  if (size < SIZE_MAX / 2) b->map = rt_room(size, &b->map_size);
  if (!b->map) return rt_fail(err, name, "out of memory (%zu bytes)", size);
  b->data = b->map;
  b->size = size;
  return 0;
}

/* Gives back what b owns, and clears it. */
void rt_bytes_free(rt_bytes *b) {
  if (b->map_size)
    munmap(b->map, b->map_size);
  else
    free(b->map);
  memset(b, 0, sizeof *b);
}

/* Reads the b->size bytes of the open file. */
static int read_all(int fd, rt_bytes *b, const char *path, rt_error *err) {
  for (size_t done = 0; done < b->size;) {
    ssize_t n = read(fd, b->data + done, b->size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return rt_fail(err, path, "read: %s", strerror(errno));
    if (n == 0) return rt_fail(err, path, "read: the file was cut short meanwhile");
    done += (size_t)n;
  }
  return 0;
}

static int load_open(int fd, const char *path, rt_bytes *b, rt_error *err) {
  struct stat s;
  if (fstat(fd, &s)) return rt_fail(err, path, "stat: %s", strerror(errno));
  if (S_ISDIR(s.st_mode)) return rt_fail(err, path, "open: is a folder");
  if (!S_ISREG(s.st_mode)) return rt_fail(err, path, "open: is no regular file");
  if ((uint64_t)s.st_size > SIZE_MAX / 4) return rt_fail(err, path, "open: too large");
  size_t size = (size_t)s.st_size;
  if (size >= MAP_FROM) {
    void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | UNCHARGED, fd, 0);
    if (map != MAP_FAILED) {
      *b = (rt_bytes){.data = map, .size = size, .map = map, .map_size = size};
      return 0;
    }
  }
  if (rt_bytes_alloc(b, size, path, err)) return 1;
  if (read_all(fd, b, path, err)) {
    rt_bytes_free(b);
    return 1;
  }
  return 0;
}

/* Takes a regular file's bytes into memory; b->map is never NULL. */
int rt_file_load(const char *path, rt_bytes *b, rt_error *err) {
  memset(b, 0, sizeof *b);
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return rt_fail(err, path, "open: %s", strerror(errno));
  int bad = load_open(fd, path, b, err);
  close(fd);
  return bad;
}

/* Whether the text of that length ends so; letters of either case match the ending's small ones. */
bool rt_ends_with(const char *s, size_t length, const char *ending) {
  size_t n = strlen(ending);
  if (n > length) return false;
  for (size_t i = 0; i < n; i++) {
    char c = s[length - n + i];
    if ((c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c) != ending[i]) return false;
  }
  return true;
}

typedef struct List {
  char **item;
  int count, room;
} List;

/* Adds "folder/name", or name alone, to the list. */
static int add(List *l, const char *folder, const char *name, const char *where, rt_error *err) {
  if (l->count == l->room) {
    int room = l->room ? 2 * l->room : 64;
    char **more = realloc(l->item, (size_t)room * sizeof *more);
    if (!more) return rt_fail(err, where, "out of memory");
    l->item = more;
    l->room = room;
  }
  size_t size = strlen(name) + (folder ? strlen(folder) : 0) + 2;
  char *item = malloc(size);
  if (!item) return rt_fail(err, where, "out of memory");
  bool slash = folder && *folder && folder[strlen(folder) - 1] != '/';
  snprintf(item, size, "%s%s%s", folder ? folder : "", slash ? "/" : "", name);
  l->item[l->count++] = item;
  return 0;
}

static int list_folder(List *l, const char *where, const char *ending, rt_error *err) {
  DIR *folder = opendir(where);
  if (!folder) return rt_fail(err, where, "open: %s", strerror(errno));
  int bad = 0;
  errno = 0;
  for (struct dirent *d; !bad && (d = readdir(folder)) != NULL; errno = 0)
    if (d->d_name[0] != '.' && rt_ends_with(d->d_name, strlen(d->d_name), ending))
      bad = add(l, where, d->d_name, where, err);
  if (!bad && errno) bad = rt_fail(err, where, "read: %s", strerror(errno));
  closedir(folder);
  return bad;
}

static int list_pattern(List *l, const char *where, rt_error *err) {
  glob_t found;
  int got = glob(where, GLOB_NOSORT, NULL, &found);
  if (got == GLOB_NOMATCH) return rt_fail(err, where, "no such file");
  if (got) return rt_fail(err, where, "the files cannot be listed");
  int bad = 0;
  for (size_t i = 0; !bad && i < found.gl_pathc; i++)
    bad = add(l, NULL, found.gl_pathv[i], where, err);
  globfree(&found);
  return bad;
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Lists the files of a folder with the ending (".png"), or those of a pattern ("photos/a*.png"),
** by the bytes of their names, so that the order is one everywhere. None at all is an error. */
int rt_list_files(const char *where, const char *ending, char ***list, int *count, rt_error *err) {
  List l = {0};
  struct stat s;
  bool folder = stat(where, &s) == 0 && S_ISDIR(s.st_mode);
  int bad = folder ? list_folder(&l, where, ending, err) : list_pattern(&l, where, err);
  if (!bad && l.count == 0) bad = rt_fail(err, where, "no %s file in this folder", ending);
  if (bad) {
    rt_list_free(l.item, l.count);
    l.item = NULL;
    l.count = 0;
  } else {
    qsort(l.item, (size_t)l.count, sizeof *l.item, by_name);
  }
  *list = l.item;
  *count = l.count;
  return bad;
}

/* Gives a list of rt_list_files back. */
void rt_list_free(char **list, int count) {
  for (int i = 0; list && i < count; i++) free(list[i]);
  free(list);
}
