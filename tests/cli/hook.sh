#!/bin/sh
# hook.sh: the caller's own threads in place of OpenMP's: the same bits in any number of parts, in any
# order, on any threads, under the thread sanitizer; the same model twice with other sizes, side by side
# label: slow
# timeout: 300
cat >mix.lua <<'END'
local cr = require "crescent"
local N, T = cr.dim "N", cr.dim "T"
local x = cr.input("x", { N, 1, 24, 24 })
local y = cr.input("y", { N }, { dtype = "i32" })
local s = cr.input("s", { T, 8 })
local w = cr.param("w", { 6, 1, 5, 5 }, { init = cr.init.xavier() })
local v, b = cr.param("v", { 600, 10 }, { init = cr.init.xavier() }), cr.param("b", { 10 })
local A = cr.param("A", { 8, 8 }, { init = cr.init.xavier() })
local maps = cr.max_pool2d(cr.relu(cr.conv2d(x, w)), 2)
local logits = cr.matmul(cr.reshape(maps, { N, 600 }), v) + b
local last = cr.scan(function(h, u) return cr.tanh(cr.matmul(cr.reshape(h, { 1, 8 }), A)):reshape { 8 } + u, h:sum() end,
  cr.zeros { 8 }, s)
local z = cr.input("z", { 300000 })
local power = cr.sum(cr.abs(z))          -- a long sum, in chunks
local loss = cr.mean(cr.cross_entropy(logits, y)) + 0.01 * (last * last):sum() 
return cr.program("mix", {
  predict = cr.entry { inputs = { x, z }, outputs = { prob = cr.softmax(logits, 1), power = power } },
  train = cr.train { inputs = { x, y, s }, loss = loss, optimizer = cr.optim.adam { lr = 1e-2 } },
})
END
"$CRESCENT" emit mix.lua -o mix
grep -q 'FORK(make_power_partial, true, (void \*)z, partial)' mix/mix.c

cat >pool.c <<'END'
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mix/mix.h"

#define CHECK(x) do { if (!(x)) { printf("line %d: %s\n", __LINE__, #x); exit(1); } } while (0)
enum { STEPS = 3, MOST = 40, T = 5 };

/* What one model gave: losses, probabilities, parameters. */
typedef struct { float loss[STEPS], prob[MOST][10], power, v[6000]; } Result;

typedef struct { void (*part)(void *, int); void *call; int first, step, n; } Share;
typedef struct { int calls, parts; size_t live, most; } Count;

static void *run_share(void *arg) {
  Share *s = arg;
  for (int k = s->first; k < s->n; k += s->step) s->part(s->call, k);
  return NULL;
}

/* Three threads, each with every third part. */
static void on_threads(void *context, int n, void (*part)(void *, int), void *call) {
  pthread_t thread[3];
  Share share[3];
  Count *c = context;
  c->calls++, c->parts += n;
  for (int k = 0; k < 3; k++) {
    share[k] = (Share){part, call, k, 3, n};
    CHECK(pthread_create(&thread[k], NULL, run_share, &share[k]) == 0);
  }
  for (int k = 0; k < 3; k++) pthread_join(thread[k], NULL);
}

/* No threads at all, the last part first. */
static void backwards(void *context, int n, void (*part)(void *, int), void *call) {
  Count *c = context;
  c->calls++, c->parts += n;
  while (n-- > 0) part(call, n);
}

static void *get(void *context, size_t size) {
  Count *c = context;
  c->live += size;
  if (c->live > c->most) c->most = c->live;
  return malloc(size);
}

static void put(void *context, void *memory, size_t size) {
  ((Count *)context)->live -= size;
  free(memory);
}

static void work(int n, mix_config c, Result *r) {
  float *x = malloc(sizeof(float) * (size_t)n * 576), s[T][8];
  float *z = malloc(300000 * sizeof *z);
  int32_t y[MOST];
  mix *m;
  for (int i = 0; i < n * 576; i++) x[i] = (float)((i * 7919) % 1009) / 1009 - 0.3f;
  for (int i = 0; i < T * 8; i++) s[i / 8][i % 8] = (float)(i % 7) / 7;
  for (int i = 0; i < n; i++) y[i] = i % 10;
  for (int i = 0; i < 300000; i++) z[i] = (float)(i % 1013) / 1013 - 0.5f;
  c.N = n;
  c.T = T;
  memset(r, 0, sizeof *r);
  CHECK(mix_create(&m, &c) == MIX_OK);
  for (int k = 0; k < STEPS; k++) CHECK(mix_train(m, (const void *)x, y, (const void *)s, &r->loss[k]) == MIX_OK);
  CHECK(mix_predict(m, (const void *)x, z, &r->power, r->prob) == MIX_OK);
  memcpy(r->v, mix_param(m, "v", NULL), sizeof r->v);
  mix_destroy(m);
  free(x), free(z);
}

typedef struct { int n; Result want, got; mix_config config; Count count; } Side;
static void *beside(void *arg) {
  Side *s = arg;
  work(s->n, s->config, &s->got);
  return NULL;
}

int main(void) {
  static Result want, got;
  static Side side[2];
  mix_config plain = MIX_CONFIG;
  plain.threads = 1;
  work(MOST, plain, &want);
  CHECK(want.loss[2] < want.loss[0]);
  static const int parts[] = {0, 1, 2, 3, 7, 64};
  for (int k = 0; k < 6; k++) {
    Count count = {0};
    mix_config c = MIX_CONFIG;
    c.threads = parts[k];
    c.parallel = k % 2 ? on_threads : backwards;
    c.context = &count;
    c.allocate = get;
    c.release = put;
    work(MOST, c, &got);
    CHECK(memcmp(&want, &got, sizeof want) == 0);
    CHECK(count.live == 0 && count.most > 0);
    CHECK(parts[k] == 1 ? count.calls == 0 : count.parts == count.calls * (parts[k] ? parts[k] : 8));
    CHECK(parts[k] == 1 || count.calls > 20);
  }
  for (int k = 0; k < 2; k++) { /* one model twice, of other sizes, each in a thread of its own */
    side[k].n = k ? 20 : 33;
    work(side[k].n, plain, &side[k].want);
    side[k].config = plain;
    side[k].config.threads = 4;
    side[k].config.parallel = on_threads;
    side[k].config.context = &side[k].count;
  }
  pthread_t thread[2];
  for (int k = 0; k < 2; k++) CHECK(pthread_create(&thread[k], NULL, beside, &side[k]) == 0);
  for (int k = 0; k < 2; k++) pthread_join(thread[k], NULL);
  for (int k = 0; k < 2; k++)
    CHECK(memcmp(&side[k].want, &side[k].got, sizeof(Result)) == 0 && side[k].count.calls > 10);
  puts("the same bits");
  return 0;
}
END
cat >batch.lua <<'END'
local cr = require "crescent"
local N = cr.dim "N"
local A = cr.input("A", { N, 12, 12 })
return cr.program("batch", { go = cr.entry { inputs = { A }, outputs = { L = cr.linalg.cholesky(A) } } })
END
"$CRESCENT" emit batch.lua -o batch
grep -q 'TRY(FORK(' batch/batch.c
cat >shared.c <<'END'
#include <stdio.h>
#include <string.h>
#include "batch/batch.h"
static int calls;
static void backwards(void *context, int n, void (*part)(void *, int), void *call) {
  (void)context;
  for (calls++; n-- > 0;) part(call, n);
}
int main(void) {
  enum { N = 150 };
  static float A[N][12][12], want[N][12][12], got[N][12][12];
  for (int i = 0; i < N; i++)
    for (int j = 0; j < 12; j++)
      for (int k = 0; k < 12; k++) A[i][j][k] = (float)((j * k + i) % 5) / 5 + (j == k ? 12 : 0);
  for (int i = 0; i < N; i++) /* symmetric */
    for (int j = 0; j < 12; j++)
      for (int k = 0; k < j; k++) A[i][j][k] = A[i][k][j];
  batch_config c = BATCH_CONFIG;
  batch *plain, *own;
  c.N = N, c.threads = 1;
  if (batch_create(&plain, &c)) return 1;
  c.threads = 7, c.parallel = backwards;
  if (batch_create(&own, &c)) return 1;
  if (batch_go(plain, (const void *)A, want) || batch_go(own, (const void *)A, got)) return 2;
  if (memcmp(want, got, sizeof want) || !calls) return 3;
  A[31][3][3] = -1; /* not positive definite, in one of the parts */
  int error = batch_go(plain, (const void *)A, want);
  if (!error || batch_go(own, (const void *)A, got) != error) return 4;
  puts(batch_error(error));
  batch_destroy(plain), batch_destroy(own);
  return 0;
}
END
cc -std=c11 -O1 -Wall -Wextra -Werror -ffp-contract=off shared.c batch/batch*.c -o shared -lm
./shared | grep -q 'not positive definite'
cc -std=c11 -O1 -fopenmp -Wall -Wextra -Werror -ffp-contract=off shared.c batch/batch*.c -o shared -lm
./shared >/dev/null

try() { "$@" -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -ffp-contract=off -fno-math-errno pool.c mix/mix*.c -o pool -lm -lpthread &&
  ./pool | grep -q 'the same bits'; }
for cc in clang-19 clang gcc; do
  command -v $cc >/dev/null || continue
  [ $cc = clang ] && command -v clang-19 >/dev/null && continue
  try $cc -O1
  try $cc -O2 -fopenmp || { [ $cc = clang ] && echo "no OpenMP for $cc"; }
  try $cc -O1 -g -fsanitize=thread
  try $cc -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all
done
