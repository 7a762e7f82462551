/*
** test_checkpoint.c: checkpoints of a made-up model: every bit, every field, other models and
** dtypes
**
** Whatever is wrong with a file, loading fails with a message that names it, and the model is as it
** was.
*/
#include "rt_train.h"
#include "test_io.h"

static float weight[6], first[6] = {1, 2, 3, 4, 5, 6};
static int64_t key[2];

static void *data(void *model, int state) {
  (void)model;
  return state ? (void *)key : (void *)weight;
}

static const rt_dim w_dim[] = {{2, 0, -1, "2", NULL}, {3, 0, -1, "3", NULL}};
static const rt_dim key_dim[] = {{2, 0, -1, "2", NULL}};
static rt_state states[] = {{{"W", RT_F32, 2, w_dim}, true}, {{"key", RT_I64, 1, key_dim}, false}};
static const rt_model model = {.name = "tiny", .nstate = 2, .state = states, .data = data};

static rt_options options = {.model = &model, .epochs = 3, .steps = -1, .batch = 4};
static const rt_session session = {.o = &options, .m = &model};

/* Loads a file for resuming; the model must be as it was where that fails. */
static int load(const char *path, rt_error *err) {
  static rt_curve curve;
  double value[2];
  rt_progress p = {.curve = &curve, .nvalue = 2, .value = value};
  memset(weight, 7, sizeof weight);
  int bad = rt_checkpoint_load(&session, path, &p, err);
  static float sevens[6];
  memset(sevens, 7, sizeof sevens);
  CHECK(memcmp(weight, bad ? sevens : first, sizeof weight) == 0);
  if (!bad) {
    CHECK(p.seed == 3 && p.step == 9 && p.epoch == 2 && p.row == 5 && p.rows == 10 && p.batch == 4);
    CHECK(p.best_step == 7 && p.waits == 2 && p.best == 0.25);
  }
  return bad;
}

static const char *save(const char *name) {
  static rt_curve curve;
  double value[2] = {0.5, 1e300};
  rt_error err = {""};
  rt_progress p = {.seed = 3,
                   .step = 9,
                   .epoch = 2,
                   .row = 5,
                   .rows = 10,
                   .batch = 4,
                   .best_step = 7,
                   .waits = 2,
                   .best = 0.25,
                   .curve = &curve,
                   .nvalue = 2,
                   .value = value};
  memcpy(weight, first, sizeof weight);
  for (int i = 1; i <= 9; i++) rt_curve_add(&curve, 0, i, 1.0 / i);
  CHECK(rt_checkpoint_save(&session, in_folder(name), &p, &err) == 0);
  return in_folder(name);
}

/* Writes a checkpoint with a right checksum whose field says something else. */
static void with_field(const char *field, const char *text, const char *want) {
  static const char *const good[][2] = {
      {"crescent_model", "tiny"}, {"crescent_seed", "3"},  {"crescent_step", "9"},
      {"crescent_epoch", "2"},    {"crescent_row", "5"},   {"crescent_rows", "10"},
      {"crescent_batch", "4"},    {"crescent_waits", "2"}, {"crescent_best_step", "7"},
      {"crescent_best", "0.25"}};
  const char *meta[2 * 10];
  int n = 0;
  for (int i = 0; i < 10; i++) {
    bool other = strcmp(good[i][0], field) == 0;
    if (other && !text) continue;
    meta[2 * n] = good[i][0];
    meta[2 * n++ + 1] = other ? text : good[i][1];
  }
  rt_named t[2] = {{"W", {.dtype = RT_F32, .rank = 2, .dim = {2, 3}, .data = first}},
                   {"key", {.dtype = RT_I64, .rank = 1, .dim = {2}, .data = key}}};
  rt_error err = {""};
  const char *path = in_folder("field.safetensors");
  CHECK(rt_st_write(path, t, 2, meta, n, &err) == 0);
  CHECK(load(path, &err) == (want != NULL));
  if (want) CHECK_TEXT(err.text, want);
}

static void test_fields(void) {
  static const char *const count[] = {"crescent_step", "crescent_epoch", "crescent_row",
                                      "crescent_rows", "crescent_batch", "crescent_waits"};
  for (int i = 0; i < 6; i++) {
    with_field(count[i], NULL, "missing, so no run can be resumed from it");
    with_field(count[i], "", "is no number");
    with_field(count[i], "9x", "is no number");
    with_field(count[i], "-2", "-2 cannot be");
    with_field(count[i], "99999999999999999999999", "is no number");
    with_field(count[i], "9223372036854775807", "cannot be");
  }
  with_field("crescent_row", "11", "crescent_row: 11 of 10");
  with_field("crescent_batch", "0", "0 at a time");
  with_field("crescent_best_step", "-2", "-2 cannot be");
  with_field("crescent_model", "other", NULL); /* its tensors fit */
}

/* Every bit of the file, and every length: found by the checksum or before. */
static void test_bits(void) {
  rt_error err;
  size_t size = 0;
  const char *path = save("whole.safetensors");
  CHECK(load(path, &err) == 0);
  FILE *f = fopen(path, "rb");
  static unsigned char bytes[1 << 16];
  if (f) size = fread(bytes, 1, sizeof bytes, f), fclose(f);
  CHECK(size > 500);
  for (size_t at = 0; at < size; at++) {
    bytes[at] ^= (unsigned char)(1 << at % 8);
    f = fopen(in_folder("bit.safetensors"), "wb");
    if (f) fwrite(bytes, 1, size, f), fclose(f);
    bytes[at] ^= (unsigned char)(1 << at % 8);
    if (!CHECK(load(in_folder("bit.safetensors"), &err) == 1)) printf("  byte %zu\n", at);
    CHECK_TEXT(err.text, "bit.safetensors: ");
  }
  for (size_t n = 0; n < size; n += 7) {
    f = fopen(in_folder("cut.safetensors"), "wb");
    if (f) fwrite(bytes, 1, n, f), fclose(f);
    CHECK(load(in_folder("cut.safetensors"), &err) == 1);
  }
}

/* Another model's file: a tensor that is not there, of another shape, of another dtype. */
static void test_others(void) {
  rt_error err;
  const char *path = save("other.safetensors");
  states[0].arg.name = "V";
  CHECK(load(path, &err) == 1);
  CHECK_TEXT(err.text, "V: missing; the file is of this model, with other state");
  states[0].arg.name = "W";
  static const rt_dim wide[] = {{3, 0, -1, "3", NULL}, {2, 0, -1, "2", NULL}};
  states[0].arg.dim = wide;
  CHECK(load(path, &err) == 1);
  CHECK_TEXT(err.text, "W: shape {2, 3}, but the model has {3, 2}");
  states[0].arg.dim = w_dim;
  key[1] = (int64_t)1 << 40;
  path = save("large.safetensors");
  states[1].arg.dtype = RT_I32;
  CHECK(load(path, &err) == 1);
  CHECK_TEXT(err.text, "large.safetensors: key: element 1: 1099511627776 cannot be said exactly");
  states[1].arg.dtype = RT_I64;
}

int main(void) {
  test_fields();
  test_bits();
  test_others();
  return failures();
}
