/*
** rt_stale.h: what a killed process left of libomp
**
** libomp notes itself in a file of shared memory by its process's number. What a process killed in
** the midst of that left there, empty, would end this one by SIGBUS where the number is the same.
** To be included where _POSIX_C_SOURCE is defined.
*/
#ifndef RT_STALE_H
#define RT_STALE_H

#if defined(__linux__)
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Before OpenMP begins. */
static inline void rt_drop_stale(void) {
  char path[80];
  struct stat is;
  snprintf(path, sizeof path, "/dev/shm/__KMP_REGISTERED_LIB_%d_%d", (int)getpid(), (int)getuid());
  if (stat(path, &is) == 0 && is.st_size == 0) unlink(path);
}
#else
static inline void rt_drop_stale(void) {}
#endif

#endif
