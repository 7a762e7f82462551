#!/bin/sh
# columns.sh: scatters that became one, against the interpreter
# timeout: 200
for sizes in "1 0" "40 0" "33 1"; do
  set -- $sizes
  "$CRESCENT" check "$SRC/tests/numeric/columns.lua" -D n=$1 -D dim=$2 >out.txt 2>&1 ||
    { cat out.txt >&2; echo "columns.sh: sizes $sizes" >&2; exit 1; }
done
