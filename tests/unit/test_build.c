/*
** test_build.c: a folder of C becomes a program or library; failures are reported, leaving nothing
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "build.h"
#include "ir.h"

static int bad;

static void expect(bool ok, const char *what) {
  if (!ok) printf("not so: %s\n", what);
  bad += !ok;
}

static void put(const char *path, const char *text) {
  files_write(path, text, strlen(text));
}

typedef struct Job {
  const char *out;
  BuildOptions o;
} Job;

static void build(void *ctx) {
  build_folder("c", ((Job *)ctx)->out, &((Job *)ctx)->o);
}

/* Builds; returns the message, "" for none. */
static const char *try_build(const char *out, BuildOptions o) {
  Job j = {out, o};
  char *message = diag_try(build, &j);
  const char *kept = str_intern(message ? message : "");
  free(message);
  return kept;
}

static int run(const char *exe) {
  Process p = {.log = "log"};
  process_add(&p, exe);
  process_run(&p, 1, 1, false);
  return p.status == -1 || !WIFEXITED(p.status) ? -1 : WEXITSTATUS(p.status);
}

static int left_over(void) {
  const char **name;
  int n = files_list("tmp", "", &name);
  free(name);
  return n;
}

/* In a child, since a defect of ours ends the process. */
static int status_of_bad_c(void) {
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    atexit(files_clean);
    if (!freopen("bad.err", "w", stderr)) _exit(9);
    put("c/extra.c", "int extra(void) { return 1 +; }\n");
    try_build("never", (BuildOptions){0});
    exit(0);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void make_sources(void) {
  mkdir("c", 0777);
  put("c/net.h", "int net_f(int x);\n");
  put("c/net.c",
      "#include \"net.h\"\n#include \"rt_add.h\"\nint net_f(int x) { return rt_add(x, 4); }\n");
  put("c/rt_add.h", "int rt_add(int x, int y);\n");
  put("c/rt_add.c", "#include \"rt_add.h\"\nint rt_add(int x, int y) { return x + y; }\n");
  put("c/main.c",
      "#include \"net.h\"\n#include <omp.h>\nint main(void) { int n = 0;\n"
      "#pragma omp parallel num_threads(2)\n{\n#pragma omp atomic\nn++;\n}\nreturn net_f(n); }\n");
}

static void test_kinds(void) {
  expect(!*try_build("net", (BuildOptions){0}), "a program is built");
  expect(run("./net") == 6, "the program runs, on two threads");
  expect(!*try_build("net", (BuildOptions){0}), "it is built again, from the cache");
  put("c/net.c", "#include \"net.h\"\nint net_f(int x) { return x + 10; }\n");
  expect(!*try_build("net", (BuildOptions){0}) && run("./net") == 12, "a change is seen");
  expect(!*try_build("libnet.so", (BuildOptions){.kind = KIND_SHARED}), "a shared library");
  expect(!*try_build("libnet.a", (BuildOptions){.kind = KIND_STATIC}), "a static library");
  if (process_find("gcc")) {
    expect(!*try_build("net-static", (BuildOptions){.no_shared = true}), "a fully static program");
    expect(run("./net-static") == 12, "which runs");
  }
}

static void test_failures(void) {
  expect(strstr(try_build("never", (BuildOptions){.cc = "no-such-cc"}), "no such program") != NULL,
         "--cc is absent");
  put("false-cc", "#!/bin/sh\necho fine\ncase $1 in --version) exit 0;; esac\necho 'error: broken' "
                  ">&2\nkill -9 $$\n");
  chmod("false-cc", 0755);
  expect(strstr(try_build("never", (BuildOptions){.cc = "./false-cc"}), "was killed by signal 9") !=
             NULL,
         "killed");
  char *path = strdup(getenv("PATH"));
  setenv("PATH", "/nowhere", 1);
  expect(strstr(try_build("never", (BuildOptions){0}), "no C compiler") != NULL,
         "no compiler at all");
  setenv("PATH", path, 1);
  free(path);
  put("c/net.c",
      "#include \"net.h\"\nint elsewhere(int);\nint net_f(int x) { return elsewhere(x); }\n");
  expect(strstr(try_build("never", (BuildOptions){0}), "undefined") != NULL, "a symbol is missing");
  put("c/net.c", "#include \"nowhere.h\"\n");
  expect(strstr(try_build("never", (BuildOptions){0}), "nowhere.h") != NULL, "a header is missing");
  expect(status_of_bad_c() == 3, "bad C is a defect of ours");
  expect(access("never", F_OK) != 0, "nothing half-made");
}

int main(void) {
  char folder[] = "/tmp/test_build.XXXXXX";
  if (!mkdtemp(folder) || chdir(folder)) return 1;
  mkdir("tmp", 0777);
  setenv("TMPDIR", str_format("%s/tmp", folder), 1);
  setenv("XDG_CACHE_HOME", "/proc/no", 1);
  setenv("HOME", "/proc/no", 1);
  expect(strstr(files_cache(), "/tmp/crescent-cache-") != NULL, "a cache without a home");
  setenv("XDG_CACHE_HOME", str_format("%s/cache", folder), 1);
  make_sources();
  const char *key = build_key("c", &(BuildOptions){0});
  expect(strlen(key) == 32 && key == build_key("c", &(BuildOptions){0}),
         "the key is a function of the files");
  expect(key != build_key("c", &(BuildOptions){.strict = true}), "and of the flags");
  test_kinds();
  test_failures();
  files_clean();
  expect(left_over() == 1, "only the cache is left");
  Process rm = {.log = "/dev/null"};
  process_add(&rm, "/bin/rm");
  process_add(&rm, "-rf");
  process_add(&rm, folder);
  process_run(&rm, 1, 1, false);
  printf("%d defects\n", bad);
  return bad != 0;
}
