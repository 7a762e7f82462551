/*
** shim.c: calls that fail when asked to, preloaded into a program under test
**
**   FAULT=write:5:3 LD_PRELOAD=./shim.so program     the third write to a file fails with errno 5
**
** write, fsync, rename, read, open: the N-th fails. malloc: the N-th of the program's own does;
** malloc+: it and all later ones do. fork: every N-th and all after it do, in a child of its own, which
** must end by itself with status 1. signal: at the N-th fsync a signal comes twice. short, eintr: every
** N-th write or read is cut in half, or interrupted. FAULT_COUNT=FILE: how many there were is written
** there at the end. Standard streams and what libraries allocate for themselves are left alone.
*/
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

static char kind[16];
static int code, ready, child;
static long nth, count;
static void *program;

static void start(void) {
  const char *s = getenv("FAULT");
  Dl_info info;
  ready = 1;
  if (dladdr((void *)getauxval(AT_PHDR), &info)) program = info.dli_fbase;
  if (s) sscanf(s, "%15[a-z+]:%d:%ld", kind, &code, &nth);
}

__attribute__((destructor)) static void report(void) {
  const char *file = getenv("FAULT_COUNT");
  FILE *f = file ? fopen(file, "w") : NULL;
  if (f) fprintf(f, "%ld\n", count), fclose(f);
}

/* Whether this call of what is to fail is the one. */
static int fails(const char *what) {
  if (!ready) start();
  if (strcmp(kind, what) != 0) return 0;
  if (__atomic_add_fetch(&count, 1, __ATOMIC_RELAXED) != nth) return 0;
  errno = code;
  return 1;
}

/* Whether this one of many is: every nth. */
static int every(const char *what) {
  if (!ready) start();
  return strcmp(kind, what) == 0 && __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED) % nth == 0;
}

typedef ssize_t Write(int, const void *, size_t);
typedef ssize_t Read(int, void *, size_t);
typedef int Sync(int);
typedef int Rename(const char *, const char *);
typedef int Open(const char *, int, ...);

/* The function that this one stands before. */
#define REAL(name, type)                                                                           \
  static type *real;                                                                               \
  if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *p, size_t n) {
  REAL(write, Write);
  if (fd > 2 && fails("write")) return -1;
  if (fd > 2 && every("eintr")) return errno = EINTR, -1;
  if (fd > 2 && n > 1 && every("short")) n /= 2;
  return real(fd, p, n);
}

ssize_t read(int fd, void *p, size_t n) {
  REAL(read, Read);
  if (fd > 2 && fails("read")) return -1;
  if (fd > 2 && every("eintr")) return errno = EINTR, -1;
  if (fd > 2 && n > 1 && every("short")) n /= 2;
  return real(fd, p, n);
}

int fsync(int fd) {
  REAL(fsync, Sync);
  if (fails("signal")) raise(code), raise(code);
  return fails("fsync") ? -1 : real(fd);
}

int rename(const char *a, const char *b) {
  REAL(rename, Rename);
  return fails("rename") ? -1 : real(a, b);
}

#define OPEN(name)                                                                                 \
  int name(const char *path, int flags, ...) {                                                     \
    REAL(name, Open);                                                                              \
    va_list args;                                                                                  \
    va_start(args, flags);                                                                         \
    int mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(args, int) : 0;                            \
    va_end(args);                                                                                  \
    return fails("open") ? -1 : real(path, flags, mode);                                           \
  }
OPEN(open)
OPEN(open64)

/* Every nth time goes on in two processes: the child has no memory, and the parent waits for its end. */
static int split(void) {
  int status = 0;
  if (child) return errno = ENOMEM, 1;
  if (++count % nth) return 0;
  child = fork() == 0;
  if (child) return errno = ENOMEM, 1;
  while (wait(&status) < 0 && errno == EINTR) continue;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 1) return 0;
  dprintf(2, "shim: without memory from allocation %ld on: status %x\n", count, (unsigned)status);
  _exit(99);
}

/* Whether the program's own allocation fails: not one of a library it uses. */
static int no_memory(void *caller) {
  Dl_info info;
  int forks;
  if (!ready) start();
  forks = strcmp(kind, "fork") == 0;
  if (!forks && strncmp(kind, "malloc", 6) != 0) return 0;
  if (!program || !dladdr(caller, &info) || info.dli_fbase != program) return 0;
  if (forks) return split();
  long now = __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
  if (kind[6] ? now < nth : now != nth) return 0;
  errno = ENOMEM;
  return 1;
}

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

void *malloc(size_t n) {
  return no_memory(__builtin_return_address(0)) ? NULL : __libc_malloc(n);
}
void *calloc(size_t n, size_t m) {
  return no_memory(__builtin_return_address(0)) ? NULL : __libc_calloc(n, m);
}
void *realloc(void *p, size_t n) {
  return n && no_memory(__builtin_return_address(0)) ? NULL : __libc_realloc(p, n);
}
void *aligned_alloc(size_t a, size_t n) {
  return no_memory(__builtin_return_address(0)) ? NULL : __libc_memalign(a, n);
}
