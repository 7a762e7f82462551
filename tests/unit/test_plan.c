/*
** test_plan.c: random lifetimes placed by rt_plan, and files mutated for rt_weights
**
** Buffers alive together never share a byte, and the block is not much larger than what is alive
** at the worst moment. A damaged safetensors file is refused, or read within its bounds.
*/
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "rt_plan.h"
#include "rt_weights.h"

static unsigned long long state = 88172645463325252ull;

static unsigned next(unsigned n) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (unsigned)(state % n);
}

/* The largest sum of sizes alive at one step. */
static size_t most_alive(const rt_plan_item *item, int n, int steps) {
  size_t most = 0;
  for (int t = 0; t < steps; t++) {
    size_t sum = 0;
    for (int i = 0; i < n; i++)
      if (item[i].first <= t && t <= item[i].last) sum += (item[i].size + 63) / 64 * 64;
    if (sum > most) most = sum;
  }
  return most;
}

static void test_random_plans(void) {
  enum { MOST = 120, STEPS = 60 };
  double worst = 0, total = 0;
  for (int round = 0; round < 400; round++) {
    rt_plan_item item[MOST];
    int n = 1 + (int)next(MOST);
    for (int i = 0; i < n; i++) {
      int first = (int)next(STEPS), length = (int)next(next(5) ? 6 : 40);
      item[i] = (rt_plan_item){.first = first,
                               .last = first + length < STEPS ? first + length : STEPS - 1};
      item[i].size = next(8) ? next(5000) : next(3) ? 0 : 100000 + next(100000);
    }
    size_t bytes = rt_plan(item, n);
    for (int i = 0; i < n; i++) {
      assert(item[i].offset % RT_PLAN_ALIGN == 0);
      assert(item[i].size == 0 || item[i].offset + item[i].size <= bytes);
      for (int j = 0; j < i; j++) {
        if (item[i].last < item[j].first || item[j].last < item[i].first) continue;
        if (!item[i].size || !item[j].size) continue;
        assert(item[i].offset + item[i].size <= item[j].offset ||
               item[j].offset + item[j].size <= item[i].offset);
      }
    }
    size_t alive = most_alive(item, n, STEPS);
    assert(bytes >= alive);
    double ratio = alive ? (double)bytes / (double)alive : 1;
    total += ratio;
    if (ratio > worst) worst = ratio;
  }
  printf("plans: %.3f times what is alive on the average, %.3f at worst\n", total / 400, worst);
  assert(total / 400 < 1.05 && worst < 1.4);
}

/* A chain of many buffers takes the room of two, at once. */
static void test_long_plan(void) {
  enum { MANY = 100000 };
  rt_plan_item *item = calloc(MANY, sizeof *item);
  assert(item);
  for (int i = 0; i < MANY; i++) item[i] = (rt_plan_item){.size = 60, .first = i, .last = i + 1};
  assert(rt_plan(item, MANY) == 128);
  for (int i = 0; i < MANY; i++) assert(item[i].offset == (i % 2 ? 64 : 0));
  free(item);
}

/* Arrays of a page do not begin at the same place of pages, and fill gaps none the less. */
static void test_pages(void) {
  enum { MANY = 9 };
  rt_plan_item item[MANY + 2];
  for (int i = 0; i < MANY; i++) item[i] = (rt_plan_item){.size = 8192, .first = 0, .last = 1};
  for (int i = 0; i < 2; i++) item[MANY + i] = (rt_plan_item){.size = 4096, .first = 2, .last = 3};
  assert(rt_plan(item, MANY + 2) < MANY * 8192 + 2 * 4096);
  for (int i = 0; i < MANY; i++)
    for (int j = 0; j < i; j++) assert((item[i].offset - item[j].offset) % 4096 >= 224);
  assert(item[MANY].offset + 4096 <= 9 * 8192 && item[MANY + 1].offset + 4096 <= 9 * 8192);
}

/* So they are in a gap that has room for it. */
static void test_pages_in_gap(void) {
  enum { MANY = 4 };
  rt_plan_item item[MANY + 2] = {{.size = 16 * 4096, .first = 0, .last = 1},
                                 {.size = 8 * 4096 + 64, .first = 0, .last = 3}};
  for (int i = 2; i < MANY + 2; i++)
    item[i] = (rt_plan_item){.size = 4096, .first = 2, .last = 3};
  rt_plan(item, MANY + 2);
  for (int i = 2; i < MANY + 2; i++) {
    assert(item[i].offset + 4096 <= 16 * 4096);
    for (int j = 2; j < i; j++) assert((item[i].offset - item[j].offset) % 4096 >= 224);
  }
}

/* A file of that header and 32 bytes. */
static size_t with_head(char *out, const char *head) {
  size_t n = strlen(head);
  memset(out, 0, 8);
  out[0] = (char)n;
  out[1] = (char)(n >> 8);
  memcpy(out + 8, head, n);
  for (int i = 0; i < 32; i++) out[8 + n + (size_t)i] = (char)i;
  return 8 + n + 32;
}

/* A file of two tensors. */
static size_t make_file(char *out) {
  const char *head = "{\"__metadata__\": {\"a\": \"b\"}, \"w.x\": {\"dtype\": \"F32\", \"shape\": "
                     "[2, 3], \"data_offsets\": [0, 24]}, "
                     "\"k\": {\"shape\": [], \"dtype\": \"I64\", \"data_offsets\": [24, 32]}}";
  return with_head(out, head);
}

static void test_weights(void) {
  char file[512], *copy;
  float w[6];
  long long k;
  rt_weight weight[2] = {{"w.x", "f32", 4, 2, {2, 3}, w, true, false},
                         {"k", "i64", 8, 0, {0}, &k, false, false}};
  size_t size = make_file(file);
  assert(rt_weights_load(weight, 2, file, size) == 0);
  assert(((char *)w)[5] == 5 && ((char *)&k)[7] == 31);
  weight[0].dim[0] = 3;
  assert(rt_weights_load(weight, 2, file, size) == 2);
  weight[0].dim[0] = 2;
  weight[0].name = "w";
  assert(rt_weights_load(weight, 2, file, size) == 2);
  weight[0].name = "w.x";
  for (int i = 0; i < 6; i++) { /* a key twice, or one that is missing */
    static const char *const wrong[] = {
        "{\"w.x\": {\"shape\": [2, 3], \"data_offsets\": [0, 24]}}",
        "{\"w.x\": {\"dtype\": \"F32\", \"data_offsets\": [0, 24]}}",
        "{\"w.x\": {\"dtype\": \"F32\", \"shape\": [2, 3]}}",
        "{\"w.x\": {\"dtype\": \"F32\", \"dtype\": \"F32\", \"shape\": [2, 3], \"data_offsets\": [0, 24]}}",
        "{\"w.x\": {\"dtype\": \"F32\", \"shape\": [2, 3], \"data_offsets\": [0, 24]},"
        " \"w.x\": {\"dtype\": \"F32\", \"shape\": [2, 3], \"data_offsets\": [0, 24]}}",
        "{\"k\": {\"dtype\": \"I64\", \"shape\": [], \"data_offsets\": [0, 8]},"
        " \"k\": {\"dtype\": \"I64\", \"shape\": [], \"data_offsets\": [8, 16]}}"};
    assert(rt_weights_load(weight, 2, file, with_head(file, wrong[i])) == 1);
  }
  size = make_file(file);
  for (size_t cut = 0; cut < size; cut++) { /* every prefix, in memory of exactly its size */
    copy = malloc(cut + 1);
    assert(copy);
    memcpy(copy, file, cut);
    assert(rt_weights_load(weight, 2, copy, cut) != 0);
    free(copy);
  }
  for (int round = 0; round < 20000; round++) { /* damage: no crash, whatever comes of it */
    copy = malloc(size);
    assert(copy);
    memcpy(copy, file, size);
    for (unsigned i = next(3) + 1; i > 0; i--)
      copy[next((unsigned)size)] = next(2) ? (char)next(256) : "{}[]\",:0123456789e\\"[next(19)];
    rt_weights_load(weight, 2, copy, size);
    free(copy);
  }
}

int main(void) {
  test_random_plans();
  test_long_plan();
  test_pages_in_gap();
  test_pages();
  test_weights();
  return 0;
}
