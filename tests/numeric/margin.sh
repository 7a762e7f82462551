#!/bin/sh
# margin.sh: rows with margins against the interpreter, at widths about the edges of vectors
# timeout: 300
for sizes in "W=1" "W=2 l=3" "W=3 r=0" "W=4 l=0" "W=7" "W=8 r=2" "W=14" "W=15 dtype=f64" "W=16 l=17 r=16" "W=17 l=5" "W=33 r=15"; do
  "$CRESCENT" check "$SRC/tests/numeric/margin.lua" $(for s in $sizes; do echo "-D $s"; done) >out.txt 2>&1 ||
    { cat out.txt >&2; echo "margin.sh: sizes $sizes" >&2; exit 1; }
done
