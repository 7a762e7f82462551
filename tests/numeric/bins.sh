#!/bin/sh
# bins.sh: what is added to a few places that are data, in up to and more places than are summed one by one, against the interpreter
# timeout: 300
for sizes in "40 1 f32 0" "33 2 f32 1" "500 4 f32 0" "97 5 f64 0" "1000 7 f32 1" "64 8 f64 0" "64 9 f32 0" "20000 3 f64 1"; do
  set -- $sizes
  "$CRESCENT" check "$SRC/tests/numeric/bins.lua" -D n=$1 -D k=$2 -D dtype=$3 -D dim=$4 >out.txt 2>&1 ||
    { cat out.txt >&2; echo "bins.sh: sizes $sizes" >&2; exit 1; }
done
