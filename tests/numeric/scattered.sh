#!/bin/sh
# scattered.sh: scatters of what maps make at a place, in rows up to, at and behind their length, against the interpreter
# timeout: 300
for sizes in "16 1 3 0" "17 5 1 1" "16 255 2 0" "16 256 2 0" "16 257 2 1"; do
  set -- $sizes
  "$CRESCENT" check "$SRC/tests/numeric/scattered.lua" -D rows=$1 -D w=$2 -D c=$3 -D dim=$4 >out.txt 2>&1 ||
    { cat out.txt >&2; echo "scattered.sh: sizes $sizes" >&2; exit 1; }
done
