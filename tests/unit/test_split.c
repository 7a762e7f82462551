/*
** test_split.c: the parts of --split: every row is in one of them, in as many as its share says; and the
** order that rows are dealt in: each permutation is as likely as another
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

/* 24 orders of four rows, each a 24th of many draws, within five standard errors. */
static void test_shuffle(void) {
  enum { ROWS = 4, DRAWS = 24000 };
  int times[256] = {0}, seen = 0;
  for (int draw = 0; draw < DRAWS; draw++) {
    int64_t order[ROWS];
    rt_shuffle(order, ROWS, 3, (uint64_t)draw);
    times[order[0] | order[1] << 2 | order[2] << 4 | order[3] << 6]++;
  }
  for (int k = 0; k < 256; k++) {
    if (!times[k]) continue;
    seen++;
    CHECK(times[k] > 1000 - 5 * 32 && times[k] < 1000 + 5 * 32);
  }
  CHECK(seen == 24);
}

/* Known answers of Philox4x32-10 (Random123's kat_vectors): the first two words of four. */
static void test_random(void) {
  CHECK(rt_random(0, 0, 0) == 0xe169c58d6627e8d5u);
  CHECK(rt_random(UINT64_MAX, UINT64_MAX, UINT64_MAX) == 0x41c83b0e408f276du);
  CHECK(rt_random(0x299f31d0a4093822u, 0x0370734413198a2eu, 0x85a308d3243f6a88u) == 0x94fdccebd16cfe09u);
}

int main(void) {
  test_random();
  test_shuffle();
  test_parts("50,30,20", 10, false, (int64_t[]){5, 3, 2});
  test_parts("50,30,20", 97, true, (int64_t[]){49, 29, 19});
  test_parts("2,1", 100, false, (int64_t[]){67, 33, 0});
  return failures();
}
