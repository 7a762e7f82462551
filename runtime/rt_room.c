/*
** rt_room.c: room for what a large file holds
**
** Up to a quarter of the machine's memory comes from malloc. More than that, or what malloc has
** not, is mapped from a file without a name in $TMPDIR (else /var/tmp), whose disk space is taken
** at once: a packed .npz, .idx.gz or .csv larger than memory is then read from disk as a mapped
** .npy is.
*/
#define _DEFAULT_SOURCE /* _SC_PHYS_PAGES */
#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64
#include "rt_array.h"

#include <stdio.h>
#include <stdlib.h>
#if defined(__linux__)
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

static void *from_malloc(size_t size) {
  return aligned_alloc(64, (size / 64 + 1) * 64);
}

#if defined(__linux__)
enum { LARGE = 64 << 20 };

/* The bytes of memory that this machine, or the container it is, has. */
static size_t memory(void) {
  long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  size_t all = pages > 0 && page > 0 ? (size_t)pages * (size_t)page : SIZE_MAX;
  unsigned long long limit = 0;
  FILE *f = fopen("/sys/fs/cgroup/memory.max", "r"); /* a number, or "max" */
  if (f && fscanf(f, "%llu", &limit) == 1 && limit < all) all = (size_t)limit;
  if (f) fclose(f);
  return all;
}

/* Maps size bytes of a file that has no name any more; NULL where the disk has no room. */
static void *from_disk(size_t size) {
  const char *folder = getenv("TMPDIR");
  char path[1024];
  if (!folder || !*folder) folder = "/var/tmp";
  int n = snprintf(path, sizeof path, "%s/crescent-XXXXXX", folder);
  int fd = n > 0 && n < (int)sizeof path ? mkstemp(path) : -1;
  if (fd < 0) return NULL;
  unlink(path);
  void *map = MAP_FAILED;
  if (posix_fallocate(fd, 0, (off_t)size) == 0)
    map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  return map == MAP_FAILED ? NULL : map;
}

/* Makes room for size bytes, aligned to 64; NULL where there is none. *map_size is what is to be
** unmapped, 0 where free takes it back. */
void *rt_room(size_t size, size_t *map_size) {
  *map_size = 0;
  void *room = size < LARGE || size <= memory() / 4 ? from_malloc(size) : NULL;
  if (room || size < LARGE) return room;
  room = from_disk(size);
  if (room) *map_size = size;
  return room ? room : from_malloc(size);
}
#else
/* Makes room for size bytes, aligned to 64; NULL where there is none. free takes it back. */
void *rt_room(size_t size, size_t *map_size) {
  *map_size = 0;
  return from_malloc(size);
}
#endif
