/*
** rt_bus.c: a mapped file that is cut short while it is read
**
**   x.npy: read: the file was cut short meanwhile        and exit status 1, in place of SIGBUS
*/
#define _POSIX_C_SOURCE 200809L
#include "rt_program.h"
#include "rt_stale.h"

#if defined(__linux__)

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Names the mapped file that holds an address, by /proc/self/maps; calls only what a handler
** may. */
static void name_mapping(uintptr_t at) {
  char line[4400], c;
  size_t n = 0;
  int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  while (fd >= 0 && read(fd, &c, 1) == 1) {
    if (c != '\n') {
      if (n + 1 < sizeof line) line[n++] = c;
      continue;
    }
    line[n] = 0;
    uintptr_t bound[2] = {0, 0};
    const char *p = line, *path = strchr(line, '/');
    for (int k = 0; k < 2; k++, p++)
      for (; *p && *p != '-' && *p != ' '; p++)
        bound[k] = bound[k] * 16 + (uintptr_t)(*p <= '9' ? *p - '0' : *p - 'a' + 10);
    if (path && at >= bound[0] && at < bound[1]) {
      if (write(2, path, strlen(path)) < 0) break;
      if (write(2, ": ", 2) < 0) break;
    }
    n = 0;
  }
}

/* A mapped file that became shorter: the program ends with a message, not a signal. */
static void on_bus(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  static const char text[] = "read: the file was cut short meanwhile\n";
  name_mapping((uintptr_t)info->si_addr);
  if (write(2, text, sizeof text - 1) < 0) _exit(RT_DATA);
  _exit(RT_DATA);
}

/* Installs the handler; before any thread is started. */
void rt_catch_bus(void) {
  rt_drop_stale();
  struct sigaction act = {.sa_sigaction = on_bus, .sa_flags = SA_SIGINFO};
  sigaction(SIGBUS, &act, NULL);
}

#else

void rt_catch_bus(void) {}

#endif
