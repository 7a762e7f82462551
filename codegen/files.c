/*
** files.c: files and folders that appear whole or not at all
**
** What is made is made in a temporary folder, which goes when the process ends, however it ends
** (but for SIGKILL), and is renamed into place.
*/
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "build.h"
#include "ir.h"

enum { MAX_TEMP = 16 };
static const char *volatile temp[MAX_TEMP]; /* folders that must go; NULL: free */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *f) {
  (void)st, (void)type, (void)f;
  return remove(path);
}

/* Removes every temporary folder that is not kept. */
void files_clean(void) {
  for (int i = 0; i < MAX_TEMP; i++)
    if (temp[i]) {
      nftw(temp[i], remove_one, 16, FTW_DEPTH | FTW_PHYS);
      temp[i] = NULL;
    }
}

/* Removes one temporary folder now. */
void files_remove(const char *path) {
  nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  files_keep(path);
}

/* Leaves this temporary folder where it is. */
void files_keep(const char *path) {
  for (int i = 0; i < MAX_TEMP; i++)
    if (temp[i] == path) temp[i] = NULL;
}

/* A signal that ends us: rm removes the folders, since a handler may do little more than fork. */
static void on_signal(int sig) {
  for (int i = 0; i < MAX_TEMP; i++) {
    if (!temp[i]) continue;
    pid_t pid = fork();
    if (pid == 0) {
      execl("/bin/rm", "rm", "-rf", temp[i], (char *)NULL);
      _exit(1);
    }
    if (pid > 0) waitpid(pid, NULL, 0);
  }
  signal(sig, SIG_DFL);
  raise(sig);
}

/* Makes a temporary folder, next to `beside` (so that it can be renamed to it), or in $TMPDIR. */
const char *files_temp_folder(const char *beside) {
  static bool watching;
  const char *tmp = getenv("TMPDIR");
  if (!tmp || !tmp[0]) tmp = "/tmp";
  size_t n = beside ? strlen(beside) : 0;
  while (n > 1 && beside[n - 1] == '/') n--;
  const char *form = beside ? str_format("%.*s.tmp-XXXXXX", (int)n, beside)
                            : str_format("%s/crescent-XXXXXX", tmp);
  char *path = arena_need(strdup(form));
  if (!mkdtemp(path))
    diag_error((Loc){form, 0}, "cannot make a temporary folder: %s", strerror(errno));
  const char *made = str_intern(path);
  free(path);
  int slot = 0;
  while (slot < MAX_TEMP && temp[slot]) slot++;
  if (slot == MAX_TEMP) ICE(((Loc){0}), "too many temporary folders");
  temp[slot] = made;
  if (!watching) {
    static const int sig[] = {SIGINT, SIGTERM, SIGHUP};
    for (int i = 0; i < 3; i++)
      if (signal(sig[i], on_signal) == SIG_IGN) signal(sig[i], SIG_IGN);
    watching = true;
  }
  return made;
}

/* Returns a file's bytes with a 0 behind them, to be freed; NULL if it cannot be read. */
char *files_read(const char *path, size_t *n) {
  FILE *f = fopen(path, "rb");
  if (!f) return NULL;
  size_t cap = 1 << 16;
  char *s = arena_need(malloc(cap + 1));
  *n = 0;
  for (size_t got; (got = fread(s + *n, 1, cap - *n, f)) > 0;) {
    *n += got;
    if (*n < cap) continue;
    s = arena_need(realloc(s, (cap *= 2) + 1));
  }
  s[*n] = 0;
  fclose(f);
  return s;
}

/* Ends with the reason why a file could not be written. */
static _Noreturn void write_failed(const char *path, const char *part) {
  int err = errno;
  if (part) unlink(part);
  diag_error((Loc){path, 0}, "cannot be written: %s", strerror(err));
}

/* Writes a file under another name and renames it; `mode` as chmod takes it, 0: the usual. */
static void write_file(const char *path, const char *text, size_t n, mode_t mode) {
  const char *part = str_format("%s.tmp-%d", path, (int)getpid());
  FILE *f = fopen(part, "wb");
  if (!f) write_failed(path, NULL);
  bool bad = fwrite(text, 1, n, f) != n;
  bad |= fflush(f) != 0;
  if (!bad && mode) bad = fchmod(fileno(f), mode) != 0;
  if (fclose(f) != 0 || bad || rename(part, path) != 0) write_failed(path, part);
}

/* Writes a text file whole. */
void files_write(const char *path, const char *text, size_t n) {
  write_file(path, text, n, 0);
}

void files_put(const char *path, const char *text, size_t n) {
  int f = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (f < 0) write_failed(path, NULL);
  while (n > 0) {
    ssize_t done = write(f, text, n);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) write_failed(path, NULL);
    text += done;
    n -= (size_t)done;
  }
  if (close(f) != 0) write_failed(path, NULL);
}

/* Puts one finished file into place, across file systems if need be. */
static void install_file(const char *from, const char *to) {
  struct stat st;
  if (rename(from, to) == 0) return;
  if (errno != EXDEV) write_failed(to, NULL);
  size_t n;
  char *text = files_read(from, &n);
  if (!text || stat(from, &st) != 0)
    diag_error((Loc){from, 0}, "cannot be read: %s", strerror(errno));
  write_file(to, text, n, st.st_mode & 0777);
  free(text);
  unlink(from);
}

/* Puts a finished file or folder into place. Into a folder that is there already, its files go one
** by one: nothing the user has there is touched, but for files of the same names. */
void files_install(const char *from, const char *to) {
  struct stat st;
  if (stat(from, &st) != 0) diag_error((Loc){from, 0}, "%s", strerror(errno));
  if (!S_ISDIR(st.st_mode)) {
    install_file(from, to);
    return;
  }
  mode_t mask = umask(0);
  umask(mask);
  chmod(from, 0777 & ~mask);
  if (stat(to, &st) != 0) {
    if (rename(from, to) != 0) write_failed(to, NULL);
    files_keep(from);
    return;
  }
  const char **name;
  int n = files_list(from, "", &name);
  for (int i = 0; i < n; i++)
    install_file(str_format("%s/%s", from, name[i]), str_format("%s/%s", to, name[i]));
  free(name);
}

/* Makes a folder, and those above it. */
void files_make_folder(const char *path) {
  char *copy = arena_need(strdup(path));
  for (char *p = copy + 1;; p++) {
    if (*p && *p != '/') continue;
    char c = *p;
    *p = 0;
    int failed = mkdir(copy, 0777) != 0 && errno != EEXIST;
    *p = c;
    if (failed && !c) write_failed(path, NULL);
    if (!c) break;
  }
  free(copy);
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Lists the files of a folder whose names end so, sorted; *name is to be freed, the names not. */
int files_list(const char *dir, const char *suffix, const char ***name) {
  DIR *d = opendir(dir);
  if (!d) diag_error((Loc){dir, 0}, "cannot be read: %s", strerror(errno));
  int n = 0, cap = 64;
  const char **list = arena_need(malloc((size_t)cap * sizeof *list));
  size_t m = strlen(suffix);
  for (struct dirent *e; (e = readdir(d));) {
    size_t k = strlen(e->d_name);
    if (e->d_name[0] == '.' || k < m || strcmp(e->d_name + k - m, suffix) != 0) continue;
    if (n == cap) list = arena_need(realloc(list, (size_t)(cap *= 2) * sizeof *list));
    list[n++] = str_intern(e->d_name);
  }
  closedir(d);
  qsort(list, (size_t)n, sizeof *list, by_name);
  *name = list;
  return n;
}

/* Is this a folder of ours in which we may write? Makes it if it can. */
static bool usable(const char *path) {
  struct stat st;
  if (mkdir(path, 0700) != 0 && errno == ENOENT) {
    const char *slash = strrchr(path, '/');
    if (slash && slash > path) mkdir(str_format("%.*s", (int)(slash - path), path), 0700);
    mkdir(path, 0700);
  }
  return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
         access(path, W_OK | X_OK) == 0;
}

/* Returns the folder of the cache: $XDG_CACHE_HOME/crescent, ~/.cache/crescent, or, where neither
** can be written, one in $TMPDIR; at worst a temporary one. */
const char *files_cache(void) {
  const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME"), *tmp = getenv("TMPDIR");
  const char *path = NULL;
  if (xdg && xdg[0] == '/')
    path = str_format("%s/crescent", xdg);
  else if (home && home[0] == '/')
    path = str_format("%s/.cache/crescent", home);
  if (path && usable(path)) return path;
  path = str_format("%s/crescent-cache-%d", tmp && tmp[0] ? tmp : "/tmp", (int)geteuid());
  return usable(path) ? path : files_temp_folder(NULL);
}
