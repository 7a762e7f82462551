#!/bin/sh
# edges.sh: every output of edges.lua is 0, in f64 and f32
# timeout: 120
fail() { echo "edges.sh: $*" >&2; exit 1; }
printf '0\n-1\n2\n0.5\n' >x.csv
printf '0\n1\n1\n0\n' >c.csv
for dtype in f64 f32; do
  "$CRESCENT" build "$SRC/tests/numeric/edges.lua" -D dtype=$dtype -o edges || fail "build"
  ./edges run f --in x=x.csv --in c=c.csv --json --quiet >out.txt || fail "run"
  ! tr ',{' '\n' <out.txt | grep '":' | grep -v '": *\(0\|0\.0\)[]}]*$' || fail "$dtype: elements are apart: $(cat out.txt)"
done
