#!/bin/sh
# residues.sh: convolutions of any stride and padding, transposed ones too, against the interpreter
# timeout: 300
for sizes in "1 0" "7 0" "8 0" "7 1"; do
  set -- $sizes
  "$CRESCENT" check "$SRC/tests/numeric/residues.lua" -D n=$1 -D dim=$2 >out.txt 2>&1 ||
    { cat out.txt >&2; echo "residues.sh: sizes $sizes" >&2; exit 1; }
done
