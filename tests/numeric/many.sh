#!/bin/sh
# many.sh: small matrices side by side have the bits of one alone, and their statuses
# timeout: 200
fail() { echo "many.sh: $*" >&2; exit 1; }
"$CRESCENT" build "$SRC/tests/numeric/many.lua" -o many >out.txt 2>&1 || { cat out.txt >&2; fail "does not build"; }
"$CRESCENT" emit "$SRC/tests/numeric/many.lua" -o c || fail "is not emitted"
for kernel in lu_many_f32 lu_many_f64 qr_many_f32 qr_many_f64 svd_many_f64 eigh_many_f32; do
  grep -q "rt_$kernel(imin(some," c/many.c || fail "$kernel is not called: nothing goes side by side"
done
for sizes in "6 1" "7 4" "18 5" "23 19" "9 32" "6 33"; do
  set -- $sizes
  ./many run f --in at=-1 --dim B=$1 --dim n=$2 --threads 2 --quiet --json >out.txt 2>&1 ||
    { cat out.txt >&2; fail "B = $1, n = $2"; }
  awk '{ gsub(/"f(32|64)[0-9]+"/, ""); if ($0 ~ /nan|inf/ || $0 ~ /[1-9]/) bad = 1; seen += gsub(/: *0/, "") }
    END { exit bad || seen < 29 }' out.txt || { cat out.txt >&2; fail "B = $1, n = $2: other bits"; }
done
for at in 0 16 17; do
  ./many run f --in at=$at --dim B=18 --dim n=5 --quiet >out.txt 2>&1 && fail "item $at is singular, and not said to be"
  grep -q "singular" out.txt || { cat out.txt >&2; fail "item $at: the message is another"; }
done
true
