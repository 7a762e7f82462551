# op/run.sh: the README's section on structured operations, followed; then what can go wrong
fail() { echo "op: $*" >&2; exit 1; }
sed -n '/^\/\* smooth.c/,/^SMOOTH(smooth_f64/p' "$SRC/README.md" >smooth.c
sed -n '/^-- smooth.lua/,/^})/p' "$SRC/README.md" >smooth.lua
[ "$(wc -l <smooth.c)" -gt 10 ] && [ "$(wc -l <smooth.lua)" -gt 20 ] || fail "the README's files"

# derivatives, and compiled code against the interpreter
"$CRESCENT" check smooth.lua >check.log || { cat check.log >&2; fail "check"; }
grep -q '^4 derivatives agree$' check.log || { cat check.log >&2; fail "derivatives"; }
grep -q '^2 entries agree' check.log || { cat check.log >&2; fail "entries"; }

# a program, its values, an error that leaves everything as it was
"$CRESCENT" build smooth.lua -o smooth
printf '1,2,3\n0,0,6\n' >x.csv
./smooth run run --in x=x.csv --out y=y.csv --dim N=2 --dim T=3 --quiet
tr ',' '\n' <y.csv | awk 'BEGIN { split("1.3333333 2 2.6666667 0.4 1.2 4.4", w, " ") }
  { if ($1 - w[NR] > 1e-5 || w[NR] - $1 > 1e-5) exit 1 } END { if (NR != 6) exit 1 }' ||
  { cat y.csv >&2; fail "values"; }

# emitted C: the user's file is compiled along, by clang or gcc; two threads, errors in words
"$CRESCENT" emit smooth.lua -o folder
[ -f folder/op_smooth.c ] && [ -f folder/smooth_ops.h ] || fail "files of the folder"
cat >folder/main.c <<'C'
#include <stdio.h>
#include <string.h>
#include "smooth.h"
static int parts;
static void backwards(void *context, int count, void (*part)(void *call, int k), void *call) {
  (void)context;
  for (int k = count - 1; k >= 0; k--, parts++) part(call, k);
}
/* A batch in the caller's parts has the bits of a batch in one piece. */
static int in_parts(smooth_config c) {
  static float x[3000 * 8], one[3000 * 8], many[3000 * 8];
  smooth *m;
  for (int i = 0; i < 3000 * 8; i++) x[i] = (float)(i * 7919 % 1000) / 100;
  c.N = 3000, c.T = 8, c.threads = 1;
  if (smooth_create(&m, &c) || smooth_run(m, x, one)) return 1;
  smooth_destroy(m);
  c.threads = 5, c.parallel = backwards;
  if (smooth_create(&m, &c) || smooth_run(m, x, many)) return 1;
  smooth_destroy(m);
  return parts != 5 || memcmp(one, many, sizeof one) != 0;
}
int main(void) {
  smooth_config c = SMOOTH_CONFIG;
  smooth *m;
  float x[6] = {1, 2, 3, 0, 0, 6}, y[6] = {7, 7, 7, 7, 7, 7}, loss = 7, w = -1;
  c.N = 2, c.T = 3, c.threads = 2;
  if (smooth_create(&m, &c)) return 1;
  *smooth_param(m, "w", NULL) = w;
  int error = smooth_run(m, x, y), also = smooth_train(m, x, &loss);
  puts(smooth_error(error));
  for (int i = 0; i < 6; i++) if (y[i] != 7) return 2;
  if (loss != 7 || *smooth_param(m, "w", NULL) != w) return 3;
  if (error != SMOOTH_ERROR_SMOOTH_WEIGHT || also != error) return 4;
  smooth_destroy(m);
  return in_parts(c) ? 5 : 0;
}
C
for cc in gcc clang clang-19; do
  command -v $cc >/dev/null || continue
  [ $cc = clang ] && command -v clang-19 >/dev/null && continue
  omp=; [ $cc = clang ] || omp=-fopenmp
  (cd folder && make -s CC=$cc OPENMP=$omp CFLAGS="-O1 -Wall -Wextra -Werror" clean smooth.o \
    op_smooth.o && $cc $omp main.c smooth.o op_smooth.o -o probe -lm && ./probe >words) ||
    fail "the emitted C with $cc"
  grep -qx 'smooth: the weight is negative' folder/words || fail "words of the error"
done

# the user's own mistakes in C are the user's
sed 's/int64_t n, const T/int64_t n, T/' smooth.c >wrong.c
sed 's/smooth\.c/wrong.c/' smooth.lua >wrong.lua
"$CRESCENT" build wrong.lua -o wrong 2>err && fail "a prototype that does not fit" || status=$?
[ $status -eq 1 ] && grep -q 'wrong.c:.*conflicting types' err || { cat err >&2; fail "message"; }
[ ! -e wrong ] || fail "a program is left"

# kernels in one type, integers, expressions of sizes, shared batches, maps and scans
for model in single pairs forward partial; do
  "$CRESCENT" check "$SRC/tests/op/$model.lua" >log || { cat log >&2; fail "$model"; }
  grep -q 'not checked' log && { cat log >&2; fail "$model: something is not checked"; }
done
"$CRESCENT" explain "$SRC/tests/op/pairs.lua" | grep -q 'diagonal, flat, next = pairs(A, k), .* over 2 x M items' ||
  fail "explain"
"$CRESCENT" explain --pass gather "$SRC/tests/op/pairs.lua" | grep -q 'kernel "pairs_f32".*size i64\[3, 5\].*batch i64\[2, M\] 3 2' ||
  fail "the text form"

# a library for other programs shows the model's names only
"$CRESCENT" build smooth.lua --kind static -o libsmooth.a
nm libsmooth.a | grep ' T ' | grep -v ' smooth_' | grep . && fail "names in the library" || true

# --sanitize finds a kernel that reads behind its argument
cat >beyond.c <<'C'
#include <stdint.h>
#define BEYOND(name, T) \
  int name(int64_t n, const T *x, T *y) { \
    for (int64_t i = 0; i < n; i++) y[i] = x[i + 1]; \
    return 0; \
  }
BEYOND(beyond_f32, float)
BEYOND(beyond_f64, double)
C
cat >beyond.lua <<'LUA'
local cr = require "crescent"
local x = cr.input("x", {5})
local beyond = cr.op{ name = "beyond", kernel = "beyond", source = "beyond.c", args = { {"x", {"n"}} }, results = { {"y", {"n"}} } }
return cr.program("beyond", { go = cr.entry{ inputs = {x}, outputs = { y = beyond(x) } } })
LUA
"$CRESCENT" check --sanitize beyond.lua >log && fail "nobody saw a read behind the end"
# lines are named where a plain program's are: the machine has a symbolizer that clang's runtime can use
printf '#include <stdlib.h>\nint main(int n, char **v) {\n  (void)v; return ((int *)calloc(5, 4))[n + 4];\n}\n' >plain.c
clang=$(command -v clang-19 || command -v clang)
"$clang" -g -fsanitize=address plain.c -o plain
place=heap-buffer-overflow; if ./plain 2>&1 | grep -q 'plain.c:3'; then place=beyond.c:[78]; fi
grep -q 'heap-buffer-overflow' log && grep -q "$place" log || { cat log >&2; fail "what the sanitizer said"; }
"$CRESCENT" check --sanitize --quiet smooth.lua || fail "smooth.c"
