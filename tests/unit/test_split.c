/*
** test_split.c: the parts of --split: every row is in one of them, in as many as its share says
*/
#include "rt_program.h"
#include "test_io.h"

static void test_parts(const char *split, int64_t rows, bool ordered, const int64_t want[3]) {
  rt_options o = {.split = split, .seed = 5, .ordered = ordered};
  int times[100] = {0};
  for (int part = RT_PART_TRAIN; part <= RT_PART_TEST; part++) {
    rt_dataset d = {.rows = rows, .feed = RT_ROWS};
    rt_error err = {""};
    CHECK(rt_split_rows(&d, &o, (rt_part)part, &err) == (want[part] ? 0 : RT_DATA));
    if (!want[part]) {
      CHECK_TEXT(err.text, "leaves a part without any");
      continue;
    }
    CHECK(d.rows == want[part]);
    for (int64_t i = 0; i < d.rows; i++) times[d.subset[i]]++;
    free(d.subset);
  }
  for (int64_t i = 0; i < rows; i++) CHECK(times[i] == 1);
}

int main(void) {
  test_parts("50,30,20", 10, false, (int64_t[]){5, 3, 2});
  test_parts("50,30,20", 97, true, (int64_t[]){49, 29, 19});
  test_parts("2,1", 100, false, (int64_t[]){67, 33, 0});
  return failures();
}
