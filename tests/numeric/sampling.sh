#!/bin/sh
# sampling.sh: channels read at computed places, and elements written side by side, against the interpreter
# timeout: 300
for sizes in "1 1 3 0" "9 17 3 0" "8 8 2 0" "9 33 4 0" "5 9 5 0" "9 17 3 1"; do
  set -- $sizes
  "$CRESCENT" check "$SRC/tests/numeric/sampling.lua" -D h=$1 -D w=$2 -D c=$3 -D dim=$4 >out.txt 2>&1 ||
    { cat out.txt >&2; echo "sampling.sh: sizes $sizes" >&2; exit 1; }
done
