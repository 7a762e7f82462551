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
  (cd $m && make -s CC="${TEST_CC:-cc}" CFLAGS=-O0 && ./$m info >/dev/null && make -s CC="${TEST_CC:-cc}" CFLAGS=-O0 lib$m.a && test -s lib$m.a)
done
./one/one info --json >info.json

warn="-Wall -Wextra -pedantic -Werror -ffp-contract=off -fno-math-errno"
for cc in gcc clang-19; do
  command -v $cc >/dev/null || continue
  for more in "" -fopenmp "-DONE_NO_STDIO -DTWO_NO_STDIO" "-DONE_NO_THREADS -DTWO_NO_THREADS -O2" "-DONE_NO_CHECK -DTWO_NO_CHECK"; do
    for m in one two; do
      $cc -std=c11 $warn $more -c $m/$m.c -o $m.o
      case $more in *CHECK*) ;; *) $cc -std=c11 $warn $more -c $m/main.c -o main.o ;; esac
    done
  done
  # for small targets: nothing of files, threads or processes is left
  $cc -std=c11 $warn -O2 -DONE_NO_STDIO -DONE_NO_THREADS -DONE_NO_CHECK -c one/one.c -o small.o
  if nm -u small.o | grep -vE 'mem(cpy|set|move|cmp)|bcmp|str(cmp|len)|aligned_alloc|free|fmaf?$|GLOBAL_OFFSET|stack_chk'; then
    echo "$cc: small targets have none of these" >&2; exit 1
  fi
  # no variable of the model's outlives a call
  if nm small.o | grep -E ' [bBdDC] '; then echo "$cc: globals" >&2; exit 1; fi
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

  static char bytes[1 << 16];
  FILE *f = fopen("w.safetensors", "rb");
  size_t got = fread(bytes, 1, sizeof bytes, f);
  fclose(f);
  memset(v, 0, 24 * sizeof *v);
  CHECK(one_load_memory(n, bytes, got) == ONE_OK && memcmp(w, v, 24 * sizeof *w) == 0);
  for (size_t cut = 0; cut < got; cut += 7) CHECK(one_load_memory(n, bytes, cut) != ONE_OK);
  CHECK(memcmp(w, v, 24 * sizeof *w) == 0);
  CHECK(one_load_memory(NULL, bytes, got) == ONE_ERROR_NULL && one_load(n, NULL) == ONE_ERROR_NULL);
  CHECK(one_save(n, "no/such/folder") == ONE_ERROR_FILE);
  for (int code = 0; code < 12; code++) CHECK(one_error(code) && one_error(code)[0]);
  CHECK(strcmp(one_error(ONE_OK), one_error(ONE_ERROR_SIZE)) != 0);
  one *none_of_it = n;
  CHECK(one_create(NULL, &c) == ONE_ERROR_NULL && one_create(&none_of_it, NULL) == ONE_ERROR_NULL);
  CHECK(one_memory_size(NULL) == 0 && !one_param(NULL, "dense.w", NULL) && !one_param(m, NULL, NULL));
  CHECK(one_state(m, "dense.b", &count_w) && count_w == 3);
  CHECK(strstr(one_manifest(), "\"predict\"") && strstr(one_manifest(), "dense.w"));
  one_destroy(NULL);

  CHECK(one_load(n, "nowhere") == ONE_ERROR_FILE && one_load(n, "both.c") == ONE_ERROR_FORMAT);

  double in[3][2] = {{1, 2}, {3, 4}, {5, 6}}, y[3][2], z[1][2], *A = two_param(t, "A", NULL);
  CHECK(two_go(t, (const void *)in, 0.5, y) == TWO_OK);
  double h[2] = {in[1][0], in[1][1]};
  for (int k = 0; k < 5; k++) {
    double a = 0.5 * tanh(h[0] * A[0] + h[1] * A[2]), b = 0.5 * tanh(h[0] * A[1] + h[1] * A[3]);
    h[0] = a;
    h[1] = b;
  }
  CHECK(fabs(y[1][0] - h[0]) < 1e-12 && fabs(y[1][1] - h[1]) < 1e-12);
  d.N = 1;
  CHECK(two_resize(t, &d) == TWO_OK && two_go(t, (const void *)(in + 1), 0.5, z) == TWO_OK);
  CHECK(z[0][0] == y[1][0] && z[0][1] == y[1][1]);
  d.N = 4;
  CHECK(two_resize(t, &d) == TWO_ERROR_SIZE);
  d.N = -1;
  two *none = t;
  CHECK(two_create(&none, &d) == TWO_ERROR_SIZE && !none);
  d.N = 0;
  CHECK(two_create(&none, &d) == TWO_OK && two_go(none, (const void *)in, 0.5, z) == TWO_OK);
  two_destroy(none);

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
#include <cstring>
static void own(void *, int n, void (*part)(void *, int), void *call) {
  for (int k = 0; k < n; k++) part(call, k);
}
int main() {
  one_config c = ONE_CONFIG;
  c.parallel = own;
  c.threads = 3;
  one *m = nullptr;
  if (one_create(&m, &c)) return 1;
  float x[4][8] = {{1}}, prob[4][3], *w = one_param(m, "dense.w", nullptr);
  int error = one_predict(m, x, prob);
  std::size_t count = 0;
  if (!one_state(m, "dense.b", &count) || count != 3) return 2;
  one_destroy(m);
  return w == nullptr || error != ONE_OK || two_manifest()[0] != '{' || !std::strlen(one_error(ONE_ERROR_SIZE));
}
END
build() { "$@" -Wall -Wextra -Wno-pedantic -Werror both.c one/one.c two/two.c -o both -lm && ./both | grep -q 'both models are right'; }
build cc -std=c11 -O1 -ffp-contract=off
for cc in gcc clang-19; do
  command -v $cc >/dev/null || continue
  build $cc -std=c11 -O2 -fopenmp -ffp-contract=off -march=native
  build $cc -std=c11 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -ffp-contract=off
done
for cxx in g++ clang++-19 clang++; do
  command -v $cxx >/dev/null || continue
  cc -O1 -c one/one.c -o one.o && cc -O1 -c two/two.c -o two.o
  $cxx -std=c++17 -Wall -Wextra -pedantic -Werror plus.cpp one.o two.o -o plus -lm && ./plus
  for m in one two; do echo "#include \"$m/$m.h\"" | $cxx -std=c++17 -Wall -Wextra -pedantic -Werror -x c++ -I. -fsyntax-only -; done
done
