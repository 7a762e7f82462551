#!/bin/sh
# lapack.sh: {lapack = true}: what our own kernels give; statuses; linked only where it is used
# timeout: 300
fail() { echo "lapack.sh: $*" >&2; exit 1; }
needs() { readelf -d "$1" | grep -q 'NEEDED.*liblapack'; }
"$CRESCENT" build "$SRC/tests/numeric/qp_status.lua" -o plain || fail "a model without LAPACK"
! needs plain || fail "a model without LAPACK needs it"
if [ -z "$(ls /usr/lib/*/liblapack.so /usr/lib/liblapack.so 2>/dev/null)" ]; then
  "$CRESCENT" build "$SRC/tests/numeric/lapack.lua" -o lapack >out.txt 2>&1 && fail "no liblapack, and no message"
  grep -q 'install libopenblas-serial-dev' out.txt || { cat out.txt >&2; fail "no message"; }
  exit 0
fi
"$CRESCENT" build "$SRC/tests/numeric/lapack.lua" -o lapack || fail "lapack.lua"
needs lapack || fail "liblapack is not linked"
"$CRESCENT" build "$SRC/tests/numeric/lapack.lua" --static -o static >out.txt 2>&1 && fail "--static succeeds"
grep -q 'which --static cannot link' out.txt || { cat out.txt >&2; fail "--static: no message"; }

awk 'BEGIN { srand(1); for (i = 0; i < 18; i++) { s = ""; for (j = 0; j < 6; j++) s = s (j ? "," : "") rand() - 0.5; print s } }' >A2.csv
awk 'BEGIN { srand(2); for (i = 0; i < 6; i++) { s = ""; for (j = 0; j < 6; j++) s = s (j ? "," : "") rand() - 0.5; print s } }' >B.csv
cat >stack.lua <<'LUA'
local cr = require "crescent"
local A = cr.input("A", {18, 6}, {dtype = "f64"})
return cr.program("stack", { f = cr.entry{inputs = {A}, outputs = {A = cr.reshape(A, {2, 9, 6}) * 1}} })
LUA
"$CRESCENT" build stack.lua -o stack && ./stack run f --in A=A2.csv --out A=A.npy --quiet
./lapack run values --in A=A.npy --in B=B.csv --json --quiet >far.json || fail "values"
tr ',' '\n' <far.json | awk -F: '{ gsub(/[{}]/, "", $2); x = $2 + 0; if (!(x < 1e-9) || $2 ~ /N/) exit 1 } END { if (NR != 9) exit 1 }' ||
  { cat far.json >&2; fail "LAPACK and our own differ"; }

# the emitted Makefile links it
"$CRESCENT" emit "$SRC/tests/numeric/lapack.lua" -o folder
grep -q -- '-llapack' folder/Makefile || fail "the Makefile"

# an infinity never reaches LAPACK, where it may hang
status() {
  timeout 20 ./lapack run "$2" --in B=C.csv >out.txt 2>&1 && fail "$2 succeeds"
  grep -q "$1" out.txt || { cat out.txt >&2; fail "$2: no '$1'"; }
  ! grep -q _lapack out.txt || { cat out.txt >&2; fail "$2: an error names the kernel"; }
}
sed '3s/^[^,]*/inf/' B.csv >C.csv
for entry in symmetric system reflected; do status "NaN or infinity" $entry; done
status "not positive definite" positive
cp B.csv C.csv
status "not positive definite" positive
sed '2s/.*/0,0,0,0,0,0/' B.csv >C.csv
status "is singular" system

# large ones take LAPACK where the build has a fast one; the emitted C needs none, and takes it when told to
cat >large.lua <<'LUA'
local cr = require "crescent"
cr.default_dtype "f64"
local x = cr.input("x", {})
local i, j = cr.index "i j"
local A = cr.tensor({i, j}, cr.sin(cr.cast(i * 7 + j * i, "f64")) * x, {130, 128})
local s, g = cr.linalg.svdvals(A), cr.grad(cr.sum((select(2, cr.linalg.svd(A)))), x)
return cr.program("large", { f = cr.entry{inputs = {x}, outputs = {s = s, g = g, least = cr.linalg.svdvals(A, {lapack = false})}} })
LUA
echo 1 >x.csv
"$CRESCENT" emit large.lua -o plain-c && make -C plain-c CFLAGS=-O1 >log 2>&1 || { cat log >&2; fail "the emitted C without LAPACK"; }
! needs plain-c/large || fail "the emitted C needs LAPACK"
cp -r plain-c fast-c && make -C fast-c clean >/dev/null && make -C fast-c CFLAGS=-O1 LAPACK=-llapack >log 2>&1 || { cat log >&2; fail "make LAPACK=-llapack"; }
needs fast-c/large || fail "LAPACK=-llapack is not linked"
for c in plain fast; do
  for t in 1 2; do ./$c-c/large run f --in x=x.csv --threads $t --json --quiet >$c.$t || fail "$c"; done
  cmp $c.1 $c.2 || fail "$c: other bits at two threads"
done
! cmp -s plain.1 fast.1 || fail "LAPACK has not been taken"
for c in plain fast; do tr -c -- '-+.0-9e' '\n' <$c.1 | grep '[0-9]' >$c.txt; done
paste plain.txt fast.txt | awk '{ d = $1 - $2; if (d < 0) d = -d; if (d > 1e-9 * (1 + ($1 < 0 ? -$1 : $1))) exit 1; n++ } END { if (n < 257) exit 1 }' ||
  fail "LAPACK and our own differ on large matrices"
