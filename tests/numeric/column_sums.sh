#!/bin/sh
# column_sums.sh: sums of columns beside rows, in chunks, against the interpreter
# timeout: 300
for sizes in "2101 1 130 0" "150 15 120 1"; do
  set -- $sizes
  "$CRESCENT" check "$SRC/tests/numeric/column_sums.lua" -D n=$1 -D t=$2 -D c=$3 -D dim=$4 >out.txt 2>&1 ||
    { cat out.txt >&2; echo "column_sums.sh: sizes $sizes" >&2; exit 1; }
done
