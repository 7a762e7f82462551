/*
** test_io_out.c: files are written whole or not at all; folders are listed by name
*/
#include "test_io.h"
#include "rt_io_parts.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static bool holds(const char *path, const char *text) {
  Bytes b;
  slurp(path, &b);
  return b.size == strlen(text) && memcmp(b.data, text, b.size) == 0;
}

static int entries(const char *folder) {
  int n = 0;
  DIR *d = opendir(folder);
  while (d && readdir(d)) n++;
  if (d) closedir(d);
  return n - 2;
}

static void test_put(void) {
  rt_error err = {""};
  struct stat s;
  mkdir(in_folder("put"), 0777);
  const char *path = in_folder("put/a.txt"), *link = in_folder("put/link.txt");
  CHECK(rt_file_put(path, "one", 3, &err) == 0 && holds(path, "one"));
  chmod(path, 0640);
  CHECK(rt_file_put(path, "two!", 4, &err) == 0 && holds(path, "two!"));
  CHECK(stat(path, &s) == 0 && (s.st_mode & 0777) == 0640);
  CHECK(symlink("a.txt", link) == 0);
  CHECK(rt_file_put(link, "three", 5, &err) == 0 && holds(path, "three"));
  CHECK(lstat(link, &s) == 0 && S_ISLNK(s.st_mode));
  CHECK(rt_file_put(path, "", 0, &err) == 0 && holds(path, ""));
  CHECK(entries(in_folder("put")) == 2);
}

static void test_abandoned(void) {
  rt_error err = {""};
  rt_out o;
  mkdir(in_folder("abort"), 0777);
  const char *path = in_folder("abort/a.txt");
  CHECK(rt_file_put(path, "old", 3, &err) == 0);
  CHECK(rt_out_open(&o, path, 100000, &err) == 0);
  for (int i = 0; i < 10000; i++) rt_out_put(&o, "0123456789", 10);
  rt_out_abort(&o);
  CHECK(holds(path, "old") && entries(in_folder("abort")) == 1);
  CHECK(rt_file_put(in_folder("nowhere/a.txt"), "x", 1, &err) == 1);
  CHECK_TEXT(err.text, "open: No such file or directory");
  CHECK(rt_file_put(in_folder("abort"), "x", 1, &err) == 1);
  CHECK_TEXT(err.text, "is a folder");
  CHECK(rt_file_put("/dev/null", "x", 1, &err) == 1);
  CHECK_TEXT(err.text, "is no regular file");
}

/* Runs out of the file size a process may write, with the space reserved before and without. */
static void test_no_space(void) {
  rt_error err = {""};
  struct rlimit old, small = {65536, 65536};
  signal(SIGXFSZ, SIG_IGN);
  mkdir(in_folder("full"), 0777);
  static double x[20000];
  static const int64_t dim[] = {20000};
  rt_array a = view(RT_F64, 1, dim, x);
  for (int i = 0; i < 20000; i++) x[i] = i / 7.0;
  const char *path = in_folder("full/x.npy"), *table = in_folder("full/x.csv");
  CHECK(rt_file_put(path, "old", 3, &err) == 0);
  pid_t child = fork();
  if (child == 0) {
    test()->failures = 0;
    getrlimit(RLIMIT_FSIZE, &old);
    small.rlim_max = old.rlim_max;
    setrlimit(RLIMIT_FSIZE, &small);
    CHECK(rt_write(path, &a, &err) == 1);
    CHECK_TEXT(err.text, strerror(EFBIG));
    CHECK(rt_write(table, &a, &err) == 1);
    CHECK_TEXT(err.text, "write: ");
    CHECK(holds(path, "old") && entries(in_folder("full")) == 1);
    _exit(test()->failures);
  }
  int status = 1;
  CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
}

/* Kills a writer again and again: what is there afterwards is always one whole file. */
static void test_killed(void) {
  rt_error err = {""};
  rt_st st;
  mkdir(in_folder("kill"), 0777);
  const char *path = in_folder("kill/w.safetensors");
  static float x[200000];
  static const int64_t dim[] = {200000};
  rt_named one = {"w", view(RT_F32, 1, dim, x)};
  CHECK(rt_st_write(path, &one, 1, NULL, 0, &err) == 0);
  for (int i = 0; i < 40; i++) {
    pid_t child = fork();
    if (child == 0) {
      for (int k = 0;; k++) {
        x[k % 200000] += 1;
        if (rt_st_write(path, &one, 1, NULL, 0, &err)) _exit(1);
      }
    }
    usleep((useconds_t)(500 + i * 137));
    int status;
    kill(child, SIGKILL);
    CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
    bool good = rt_st_open(path, &st, &err) == 0 && st.checked;
    if (!CHECK(good)) printf("  %s\n", err.text);
    if (good) rt_st_close(&st);
  }
}

static void test_list(void) {
  static const char *const names[] = {"b.png",  "a.png",   "C.PNG", "d.txt",
                                      ".e.png", "a10.png", "a9.png"};
  static const char *const sorted[] = {"C.PNG", "a.png", "a10.png", "a9.png", "b.png"};
  rt_error err = {""};
  char **list, path[300];
  int n;
  mkdir(in_folder("list"), 0777);
  mkdir(in_folder("empty"), 0777);
  for (int i = 0; i < 7; i++) {
    snprintf(path, sizeof path, "list/%s", names[i]);
    CHECK(rt_file_put(in_folder(path), "", 0, &err) == 0);
  }
  CHECK(rt_list_files(in_folder("list"), ".png", &list, &n, &err) == 0 && n == 5);
  for (int i = 0; i < n; i++) {
    snprintf(path, sizeof path, "list/%s", sorted[i]);
    CHECK(strcmp(list[i], in_folder(path)) == 0);
  }
  rt_list_free(list, n);
  CHECK(rt_list_files(in_folder("list/a*.png"), ".png", &list, &n, &err) == 0 && n == 3);
  rt_list_free(list, n);
  CHECK(rt_list_files(in_folder("list/x*.png"), ".png", &list, &n, &err) == 1 && n == 0);
  CHECK_TEXT(err.text, "no such file");
  CHECK(rt_list_files(in_folder("empty"), ".png", &list, &n, &err) == 1);
  CHECK_TEXT(err.text, "no .png file in this folder");
}

/* A file that is large enough to be mapped. */
static void test_mapped(void) {
  rt_error err = {""};
  static const int64_t dim[] = {72, 1 << 20};
  rt_array a, back;
  if (!CHECK(rt_array_alloc(&a, RT_U8, 2, dim, "a", &err) == 0)) return;
  for (int64_t i = 0; i < rt_array_count(&a); i++) ((uint8_t *)a.data)[i] = (uint8_t)(i * 7 >> 3);
  const char *path = in_folder("large.npy");
  CHECK(rt_write(path, &a, &err) == 0);
  CHECK(rt_read(path, &back, &err) == 0 && back.map_size > 0);
  CHECK(same_array(&a, &back));
  if (back.data) ((uint8_t *)back.data)[0] ^= 255;
  rt_array_free(&back);
  CHECK(rt_read(path, &back, &err) == 0 && same_array(&a, &back));
  rt_array_free(&back);
  rt_array_free(&a);
  unlink(path);
}

int main(void) {
  test_put();
  test_abandoned();
  test_no_space();
  test_killed();
  test_list();
  test_mapped();
  return failures();
}
