#!/bin/sh
# emit.sh: the folder of C: make and cc alone, no warning from anyone, two models in one program
# label: slow
# timeout: 300
cat >one.lua <<'END'
local cr = require "crescent"
local x = cr.input("x", { 4, 8 })
local label = cr.input("label", { 4 }, { dtype = "i32" })
local w, b = cr.param("dense.w", { 8, 3 }, { init = cr.init.xavier() }), cr.param("dense.b", { 3 })
local logits = cr.matmul(x, w) + b
local loss = cr.mean(cr.cross_entropy(logits, label))
return cr.program("one", {
  predict = cr.entry { inputs = { x }, outputs = { prob = cr.softmax(logits, 1) } },
  train = cr.train { inputs = { x, label }, loss = loss, optimizer = cr.optim.sgd { lr = 0.1, momentum = 0.9 } },
})
END
cat >two.lua <<'END'
local cr = require "crescent"
cr.default_dtype "f64"
local N = cr.dim "N"
local x, rate = cr.input("x", { N, 2 }), cr.input("rate", {})
local A = cr.param("A", { 2, 2 }, { init = cr.init.xavier() })
local step = function(h) return cr.tanh(cr.matmul(h, A)) * rate end
return cr.program("two", { go = cr.entry { inputs = { x, rate }, outputs = { y = cr.iterate(5, step, x) } } })
END
"$CRESCENT" emit one.lua -o one
"$CRESCENT" emit two.lua -o two
if grep -rn "$TMP" one two; then echo "a path of this machine in the C" >&2; exit 1; fi
"$CRESCENT" emit one.lua -o again
diff -r one again
mkdir elsewhere
(cd elsewhere && LC_ALL=C "$CRESCENT" emit ../one.lua -o ../again2)
diff -r one again2

for m in one two; do
  (cd $m && make -s CC="${TEST_CC:-cc}" CFLAGS=-O1 && ./$m info >/dev/null)
done

warn="-Wall -Wextra -pedantic -Werror -ffp-contract=off -fno-math-errno"
for cc in gcc clang-19; do
  command -v $cc >/dev/null || continue
  for more in "" -fopenmp "-DONE_NO_STDIO -DTWO_NO_STDIO" "-DONE_NO_THREADS -DTWO_NO_THREADS -O2" "-DONE_NO_CHECK -DTWO_NO_CHECK"; do
    for m in one two; do
      $cc -std=c11 $warn $more -c $m/$m.c -o $m.o
      case $more in *CHECK*) ;; *) $cc -std=c11 $warn $more -c $m/main.c -o main.o ;; esac
    done
  done
done

cat >both.c <<'END'
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "one/one.h"
#include "two/two.h"

#define CHECK(x) do { if (!(x)) { printf("line %d: %s\n", __LINE__, #x); return 1; } } while (0)

static int steps;
static void count(void *context, const char *kernel) { *(int *)context += kernel != NULL; }

int main(void) {
  one_config c = ONE_CONFIG;
  two_config d = TWO_CONFIG;
  one *m, *n;
  two *t;
  float x[4][8], prob[4][3], loss = 0, first = 0, before[4][3];
  int32_t label[4] = {0, 2, 1, 0}, wrong[4] = {0, 3, 1, 0};
  for (int i = 0; i < 32; i++) x[i / 8][i % 8] = (float)((i * 7) % 11) / 11;
  CHECK(one_create(&m, &c) == ONE_OK);
  c.seed = 5;
  c.threads = 2;
  c.step = count;
  c.context = &steps;
  size_t size = one_memory_size(&c);
  void *memory = malloc(size);
  CHECK(one_create_in(&n, &c, memory, 100) == ONE_ERROR_MEMORY);
  CHECK(one_create_in(&n, &c, memory, size) == ONE_OK);
  d.N = 3;
  CHECK(two_create(&t, &d) == TWO_OK);

  size_t count_w;
  float *w = one_param(m, "dense.w", &count_w), *v = one_param(n, "dense.w", NULL);
  CHECK(w && v && count_w == 24 && memcmp(w, v, 24 * sizeof *w) != 0);
  CHECK(!one_param(m, "dense", NULL));

  CHECK(one_predict(m, (const void *)x, prob) == ONE_OK);
  for (int i = 0; i < 4; i++) CHECK(fabsf(prob[i][0] + prob[i][1] + prob[i][2] - 1) < 1e-5f);
  memcpy(before, prob, sizeof prob);
  CHECK(one_predict(m, NULL, prob) == ONE_ERROR_NULL);
  CHECK(memcmp(before, prob, sizeof prob) == 0);

  float w_before[24];
  memcpy(w_before, w, sizeof w_before);
  loss = 123;
  CHECK(one_train(m, (const void *)x, wrong, &loss) == ONE_ERROR_LABEL);
  CHECK(loss == 123 && memcmp(w, w_before, sizeof w_before) == 0);
  CHECK(strstr(one_error(ONE_ERROR_LABEL), "label"));
  for (int i = 0; i < 200; i++) {
    CHECK(one_train(m, (const void *)x, label, &loss) == ONE_OK);
    if (i == 0) first = loss;
  }
  CHECK(loss < first / 2);

  CHECK(one_save(m, "w.safetensors") == ONE_OK && one_load(n, "w.safetensors") == ONE_OK);
  CHECK(memcmp(w, v, 24 * sizeof *w) == 0);
  CHECK(one_predict(m, (const void *)x, before) == ONE_OK);
  CHECK(one_predict(n, (const void *)x, prob) == ONE_OK && steps > 0);
  CHECK(memcmp(before, prob, sizeof prob) == 0);
  CHECK(one_load(n, "nowhere") == ONE_ERROR_FILE && one_load(n, "both.c") == ONE_ERROR_FORMAT);

  double in[6] = {1, 2, 3, 4, 5, 6}, y[6], z[2], *A = two_param(t, "A", NULL);
  CHECK(two_go(t, in, 0.5, y) == TWO_OK);
  double h[2] = {in[2], in[3]};
  for (int k = 0; k < 5; k++) {
    double a = 0.5 * tanh(h[0] * A[0] + h[1] * A[2]), b = 0.5 * tanh(h[0] * A[1] + h[1] * A[3]);
    h[0] = a;
    h[1] = b;
  }
  CHECK(fabs(y[2] - h[0]) < 1e-12 && fabs(y[3] - h[1]) < 1e-12);
  d.N = 1;
  CHECK(two_resize(t, &d) == TWO_OK && two_go(t, in + 2, 0.5, z) == TWO_OK);
  CHECK(z[0] == y[2] && z[1] == y[3]);
  d.N = 4;
  CHECK(two_resize(t, &d) == TWO_ERROR_SIZE);
  d.N = 0;
  two *none = t;
  CHECK(two_create(&none, &d) == TWO_ERROR_SIZE && !none);

  one_destroy(m);
  one_destroy(n);
  two_destroy(t);
  free(memory);
  puts("both models are right");
  return 0;
}
END
cat >plus.cpp <<'END'
#include "one/one.h"
#include "two/two.h"
int main() {
  one_config c = ONE_CONFIG;
  one *m = nullptr;
  if (one_create(&m, &c)) return 1;
  float *w = one_param(m, "dense.w", nullptr);
  one_destroy(m);
  return w == nullptr || two_manifest()[0] != '{';
}
END
build() { "$@" -Wall -Wextra -Wno-pedantic -Werror both.c one/one.c two/two.c -o both -lm && ./both | grep -q 'both models are right'; }
build cc -std=c11 -O1 -ffp-contract=off
for cc in gcc clang-19; do
  command -v $cc >/dev/null || continue
  build $cc -std=c11 -O2 -fopenmp -ffp-contract=off -march=native
  build $cc -std=c11 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -ffp-contract=off
done
if command -v c++ >/dev/null; then
  cc -O1 -c one/one.c -o one.o && cc -O1 -c two/two.c -o two.o
  c++ -Wall -Wextra -pedantic -Werror plus.cpp one.o two.o -o plus -lm && ./plus
fi
