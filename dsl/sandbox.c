/*
** sandbox.c: limits on what a model script may take
**
** Memory: an allocator with a budget, and RLIMIT_DATA behind it while the script runs. What goes a
** little over the budget is given, and the script ends at its next instruction, whose line is
** known. Time: SIGALRM sets a hook that raises an error at the next instruction; if the script sits
** in one long C function, a second alarm two seconds later ends the process with a message.
*/
#include <lauxlib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "host.h"
#include "ir.h"

/* AddressSanitizer's shadow memory counts as data, so the two do not go together. */
#define LIMIT_DATA 1
#if defined(__SANITIZE_ADDRESS__)
#undef LIMIT_DATA
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#undef LIMIT_DATA
#endif
#endif

typedef struct Budget {
  size_t used, limit;
} Budget;

static lua_State *volatile running;   /* the thread that executes now */
static volatile sig_atomic_t expired; /* the time is up */
static bool starved;                  /* the memory is used up */
static Loc starved_at;                /* where Lua was refused memory; file NULL: not known */
static struct timespec asked;         /* the processor's time when the script was asked to stop */
static int waits;                     /* alarms since then at which it had not had the processor to do so */
static int limit_seconds;
enum { SLACK = 24 << 20 };            /* more than Lua's own stack may take */
#ifdef LIMIT_DATA
static struct rlimit data_before;
#endif

static void stop_soon(lua_State *L);

/* Whether to give what goes beyond the budget. Where not, the line is noted, unless the memory
** might be for Lua's stack itself, which cannot be looked at then. */
static bool give_beyond(const Budget *b, const void *p, size_t old, size_t size) {
  if (!running || expired) return false;
  if (b->used + (size - old) <= b->limit + SLACK) {
    if (!starved) stop_soon(running);
    starved = true;
    return true;
  }
  if (!p || size > SLACK) {
    Loc at = host_where(running);
    if (at.file) starved_at = (Loc){str_intern(at.file), at.line};
  }
  return false;
}

/* Lua's allocator: gives no more than the budget, and the slack. */
static void *allocate(void *ud, void *p, size_t old, size_t size) {
  Budget *b = ud;
  if (!p) old = 0;
  if (size == 0) {
    free(p);
    b->used -= old;
    return NULL;
  }
  if (size > old && b->used + (size - old) > b->limit && !give_beyond(b, p, old, size)) return NULL;
  void *q = realloc(p, size);
  if (q) b->used += size - old;
  return q;
}

/* Raised outside of any protected call: nothing can go on. */
static int panic(lua_State *L) {
  const char *s = lua_tostring(L, -1);
  diag_print(s ? s : "the script failed outside of any function");
  exit(1);
}

/* Returns an empty Lua state that may hold that many bytes. */
lua_State *sandbox_new(size_t bytes) {
  Budget *b = calloc(1, sizeof *b);
  lua_State *L = NULL;
  if (b) {
    b->limit = bytes;
    L = lua_newstate(allocate, b);
  }
  if (!L) diag_error((Loc){0}, "no memory for the script");
  lua_atpanic(L, panic);
  return L;
}

/* Frees the state and everything in it. */
void sandbox_free(lua_State *L) {
  void *b;
  lua_getallocf(L, &b);
  lua_close(L);
  free(b);
}

static const char starving[] =
    "not enough memory for the script ($CRESCENT_LIMIT_MB sets the limit)";

const char *sandbox_starved(Loc otherwise) {
  Loc at = starved_at.file ? starved_at : otherwise;
  return at.file ? str_format("%s:%d: %s", at.file, at.line, starving) : starving;
}

/* The hook of a script whose time or memory is up. */
static void stop(lua_State *L, lua_Debug *ar) {
  (void)ar;
  if (!expired) luaL_error(L, "%s", starving);
  luaL_error(
      L,
      "stopped: the script ran for more than %d seconds ($CRESCENT_LIMIT_SECONDS sets the limit)",
      limit_seconds);
}

/* Makes the thread raise an error at its next instruction, and at every one after that; not at
** calls of C functions, since those that tidy up after an error would lose it. */
static void stop_soon(lua_State *L) {
  lua_sethook(L, stop, LUA_MASKCOUNT, 1);
}

static _Noreturn void end_process(int sig) {
  static const char text[] = "crescent: the script did not stop in time, and was ended\n";
  (void)sig;
  if (write(2, text, sizeof text - 1) < 0) _exit(1);
  _exit(1);
}

/* Whether a busy machine has kept the script from stopping, though for no more than a minute. */
static bool still_waiting(void) {
  struct timespec now = asked;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  double had = (double)(now.tv_sec - asked.tv_sec) + 1e-9 * (double)(now.tv_nsec - asked.tv_nsec);
  return had < 1 && waits++ < 60;
}

/* First alarm: ask. Second: end the process, with the line whose C function does not come back.
** Lua's state is only read, and should it be half changed, a fault ends us as well. */
static void on_alarm(int sig) {
  (void)sig;
  if (expired && still_waiting()) {
    alarm(1);
    return;
  }
  if (expired) {
    char text[512];
    signal(SIGSEGV, end_process);
    signal(SIGBUS, end_process);
    Loc at = running ? host_where(running) : (Loc){0};
    if (!at.file) end_process(sig);
    int n = snprintf(text, sizeof text, "%s:%d: the script did not stop in time, and was ended\n",
                     at.file, at.line);
    if (n < 0 || write(2, text, n < (int)sizeof text ? (size_t)n : sizeof text - 1) < 0) _exit(1);
    _exit(1);
  }
  expired = 1;
  waits = 0;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &asked);
  if (running) stop_soon(running);
  alarm(2);
}

/* Says which thread executes from now on; returns the one before. */
lua_State *sandbox_enter(lua_State *L) {
  lua_State *before = running;
  running = L;
  if (L && (expired || starved)) stop_soon(L);
  return before;
}

/* Starts the limits; one script runs at a time. */
void sandbox_start(int seconds, size_t bytes) {
  expired = 0;
  starved = false;
  starved_at = (Loc){0};
  limit_seconds = seconds;
  signal(SIGALRM, on_alarm);
  alarm((unsigned)seconds);
#ifdef LIMIT_DATA
  getrlimit(RLIMIT_DATA, &data_before);
  struct rlimit r = data_before;
  rlim_t most = (rlim_t)bytes * 2 + ((rlim_t)1 << 30);
  if (r.rlim_cur == RLIM_INFINITY || r.rlim_cur > most) r.rlim_cur = most;
  setrlimit(RLIMIT_DATA, &r);
#else
  (void)bytes;
#endif
}

/* Lifts the limits. */
void sandbox_stop(lua_State *L) {
  lua_sethook(L, NULL, 0, 0);
  alarm(0);
  signal(SIGALRM, SIG_DFL);
  expired = 0;
#ifdef LIMIT_DATA
  setrlimit(RLIMIT_DATA, &data_before);
#endif
}
