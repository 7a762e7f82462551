#!/bin/sh
# pairwise.sh: tiles of pairs of rows, and rows of exponentials, against the interpreter at sizes about their edges
# timeout: 400
for sizes in "1 1 1 0" "3 9 32 0" "24 40 33 0" "17 32 100 0" "35 67 16 0" "24 40 33 1" "35 70 64 1" "19 70 70 0"; do
  set -- $sizes
  "$CRESCENT" check "$SRC/tests/numeric/pairwise.lua" -D m=$1 -D n=$2 -D k=$3 -D dim=$4 >out.txt 2>&1 ||
    { cat out.txt >&2; echo "pairwise.sh: sizes $sizes" >&2; exit 1; }
done
