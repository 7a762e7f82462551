/*
** process.c: runs other programs, several at a time, without a shell
**
** Process p = {.log = "log"};  process_add(&p, "/usr/bin/cc"); ...  process_run(&p, 1, 1, false);
*/
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "build.h"
#include "ir.h"

extern char **environ;

/* Returns the path of a program, by $PATH unless the name has a slash; NULL if there is none. */
const char *process_find(const char *name) {
  struct stat st;
  if (strchr(name, '/')) {
    bool fine = access(name, X_OK) == 0 && stat(name, &st) == 0 && S_ISREG(st.st_mode);
    return fine ? str_intern(name) : NULL;
  }
  const char *path = getenv("PATH");
  if (!path || !path[0]) path = "/usr/local/bin:/usr/bin:/bin";
  for (const char *p = path;; p++) {
    size_t n = strcspn(p, ":");
    const char *file = str_format("%.*s%s%s", (int)n, p, n ? "/" : "", name);
    if (access(file, X_OK) == 0 && stat(file, &st) == 0 && S_ISREG(st.st_mode)) return file;
    p += n;
    if (!*p) return NULL;
  }
}

/* Adds one argument; the text must stay alive. */
void process_add(Process *p, const char *arg) {
  int n = 0;
  while (p->argv[n]) n++;
  assert(n + 1 < (int)(sizeof p->argv / sizeof p->argv[0]));
  p->argv[n] = arg;
}

/* Starts one process, its input empty, its output in the log. */
static void start(Process *p, bool verbose) {
  posix_spawn_file_actions_t files;
  if (verbose) {
    for (int i = 0; p->argv[i]; i++) fprintf(stderr, "%s%s", i ? " " : "", p->argv[i]);
    fprintf(stderr, "\n");
  }
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  if (p->log) {
    posix_spawn_file_actions_addopen(&files, 1, p->log, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
  }
  pid_t pid;
  int err = posix_spawn(&pid, p->argv[0], &files, NULL, (char **)p->argv, environ);
  posix_spawn_file_actions_destroy(&files);
  p->pid = err ? 0 : (int)pid;
  p->status = -1;
}

/* Runs all of them, at most `jobs` at a time, and waits; their fate is in status. After one that
** fails no other starts: those that never did have the status of success. */
void process_run(Process *p, int n, int jobs, bool verbose) {
  int begun = 0, busy = 0;
  fflush(stdout);
  while (begun < n || busy > 0) {
    if (begun < n && busy < jobs) {
      start(&p[begun], verbose);
      busy += p[begun++].pid != 0;
      continue;
    }
    int status;
    pid_t pid = waitpid(-1, &status, 0);
    if (pid < 0 && errno == EINTR) continue;
    if (pid < 0) break;
    for (int i = 0; i < begun; i++) {
      if (p[i].pid != (int)pid) continue;
      p[i].status = status;
      if (status != 0) n = begun;
      busy--;
    }
  }
}
