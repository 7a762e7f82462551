/*
** rt_out.c: a file written whole or not at all
**
** temporary (nameless where the system can) -> space reserved -> written -> fsync -> rename over
** the target -> fsync of its folder. A kill leaves the old file or the new one (between link and
** rename the new one under the temporary's name, too). A link is followed, and a file that was
** there keeps its permissions. Running out of space is found before the first byte where the size
** is known.
*/
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "rt_io_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Records the first failure, with errno's words. */
static int out_fail(rt_out *o, const char *doing) {
  if (!o->failed) rt_fail(o->err, o->path, "%s: %s", doing, strerror(errno));
  o->failed = true;
  return 1;
}

/* The folder of a path, to be freed; NULL without memory. */
static char *folder_of(const char *path) {
  const char *slash = strrchr(path, '/');
  if (!slash) return strdup(".");
  return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* Opens a file without a name, which a kill takes along; false where the system has none. */
static bool open_nameless(rt_out *o) {
#if defined(O_TMPFILE) && defined(AT_SYMLINK_FOLLOW) && !defined(RT_NAMED_TEMPORARIES)
  if (access("/proc/self/fd", X_OK)) return false;
  char *folder = folder_of(o->path);
  if (!folder) return false;
  o->fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  free(folder);
  return o->fd >= 0;
#else
  (void)o;
  return false;
#endif
}

/* Finds a free name beside the target, and makes the file there: a link to the nameless one, or an
** empty one. The caller reports errno. */
static int make_temporary(rt_out *o) {
  size_t room = strlen(o->path) + 48;
  const char *slash = strrchr(o->path, '/');
  int folder = slash ? (int)(slash - o->path) + 1 : 0;
  if (!o->temporary) o->temporary = malloc(room);
  if (!o->temporary) return errno = ENOMEM, 1;
  for (int attempt = 0; attempt < 1000; attempt++) {
    snprintf(o->temporary, room, "%.*s.%.200s.%ld-%d.tmp", folder, o->path, o->path + folder,
             (long)getpid(), attempt);
    if (o->fd >= 0) {
      char proc[40];
      snprintf(proc, sizeof proc, "/proc/self/fd/%d", o->fd);
      if (linkat(AT_FDCWD, proc, AT_FDCWD, o->temporary, AT_SYMLINK_FOLLOW) == 0) break;
    } else {
      o->fd = open(o->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (o->fd >= 0) break;
    }
    if (errno != EEXIST || attempt == 999) return 1;
  }
  o->linked = true;
  return 0;
}

/* Reserves the space; a file system that cannot reserve is no failure. */
static int reserve(rt_out *o, uint64_t size) {
  if (size == 0) return 0;
  int got;
  do got = posix_fallocate(o->fd, 0, (off_t)size);
  while (got == EINTR);
  if (got == 0 || got == EINVAL || got == EOPNOTSUPP || got == ENOSYS) return 0;
  errno = got;
  return out_fail(o, "reserve space");
}

/* Begins to write path. size is the file's size to come, 0 where that is not known. On failure
** everything is already given back. */
int rt_out_open(rt_out *o, const char *path, uint64_t size, rt_error *err) {
  memset(o, 0, offsetof(rt_out, buffer));
  o->fd = -1;
  o->err = err;
  struct stat s;
  bool there = stat(path, &s) == 0;
  o->path = there ? realpath(path, NULL) : strdup(path);
  if (!o->path) return rt_fail(err, path, "open: %s", strerror(errno));
  if (there && !S_ISREG(s.st_mode)) {
    rt_fail(err, path, S_ISDIR(s.st_mode) ? "open: is a folder" : "open: is no regular file");
    o->failed = true;
  } else if (there && access(path, W_OK)) {
    out_fail(o, "open");
  } else if (!open_nameless(o) && make_temporary(o)) {
    out_fail(o, "open");
  } else if (there && fchmod(o->fd, s.st_mode & 07777) && errno != EPERM && errno != ENOSYS) {
    out_fail(o, "set permissions");
  } else {
    reserve(o, size);
  }
  if (!o->failed) return 0;
  rt_out_abort(o);
  return 1;
}

static int put_now(rt_out *o, const unsigned char *p, size_t size) {
  while (size) {
    ssize_t n = write(o->fd, p, size < 1u << 30 ? size : 1u << 30);
    if (n < 0 && errno == EINTR) continue;
    if (n == 0) errno = EIO;
    if (n <= 0) return out_fail(o, "write");
    p += n;
    size -= (size_t)n;
  }
  return 0;
}

/* Writes; after a failure it does nothing, so that one check at the commit is enough. */
int rt_out_put(rt_out *o, const void *data, size_t size) {
  if (o->failed) return 1;
  if (size <= sizeof o->buffer - o->used) {
    if (size) memcpy(o->buffer + o->used, data, size);
    o->used += size;
    return 0;
  }
  size_t used = o->used;
  o->used = 0;
  if (put_now(o, o->buffer, used)) return 1;
  if (size > sizeof o->buffer) return put_now(o, data, size);
  memcpy(o->buffer, data, size);
  o->used = size;
  return 0;
}

/* Syncs the folder, so that the rename survives a power cut; some systems cannot. */
static void sync_folder(rt_out *o) {
  char *folder = folder_of(o->path);
  int fd = folder ? open(folder, O_RDONLY | O_CLOEXEC) : -1;
  if (fd >= 0) {
    (void)fsync(fd);
    close(fd);
  }
  free(folder);
}

/* Puts the file in its place; on failure the target is as it was, and nothing else is left. */
int rt_out_commit(rt_out *o) {
  if (!o->failed && put_now(o, o->buffer, o->used) == 0) {
    if (fsync(o->fd))
      out_fail(o, "sync");
    else if (!o->linked && make_temporary(o))
      out_fail(o, "link");
    else if (rename(o->temporary, o->path))
      out_fail(o, "rename");
    else
      o->linked = false;
  }
  if (!o->failed) sync_folder(o);
  bool failed = o->failed;
  rt_out_abort(o);
  return failed;
}

/* Gives everything back, the unfinished file too. */
void rt_out_abort(rt_out *o) {
  if (o->fd >= 0) close(o->fd);
  if (o->linked) unlink(o->temporary);
  free(o->temporary);
  free(o->path);
  o->path = o->temporary = NULL;
  o->fd = -1;
  o->linked = false;
}

/* Writes a whole file from memory. */
int rt_file_put(const char *path, const void *data, size_t size, rt_error *err) {
  rt_out o;
  if (rt_out_open(&o, path, size, err)) return 1;
  rt_out_put(&o, data, size);
  return rt_out_commit(&o);
}
