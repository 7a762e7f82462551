#!/bin/sh
# sinkhorn.sh: cr.sinkhorn: derivatives against differences, zeros of mass, statuses
# timeout: 300
fail() { echo "sinkhorn.sh: $*" >&2; exit 1; }
"$CRESCENT" check "$SRC/tests/numeric/sinkhorn.lua" >out.txt 2>&1
grep -q 'd second / d C .* ok' out.txt || { cat out.txt >&2; fail "check"; }
"$CRESCENT" build "$SRC/tests/numeric/sinkhorn.lua" -o ot || fail "sinkhorn.lua"
printf '.3,.8,.1,.5\n.9,.2,.4,.6\n.7,.15,.35,.25\n' >D.csv
printf '.3,-1,.2,.7\n.5,.1,-.4,2\n-.6,.8,.9,.1\n' >W.csv
args="--in D=D.csv --in s=s.csv --in t=t.csv --quiet"
small() {
  ./ot run exact $args --in W=W.csv --json >out.txt 2>&1 || { cat out.txt >&2; fail "$1"; }
  awk '{ gsub(/[^-+.0-9eEnaif]+/, " "); n = split($0, w, " ")
      for (k = 1; k <= n; k++) if (w[k] ~ /^-?[0-9]/) { seen++; if (w[k] > 1e-12 || w[k] < -1e-12) bad++ }
      if ($0 ~ /nan|inf/) bad++ } END { exit !(seen > 0 && bad == 0) }' out.txt ||
    { cat out.txt >&2; fail "$1: not exact"; }
}
printf '.25\n.5\n.25\n' >s.csv
printf '.4\n.3\n.2\n.1\n' >t.csv
small "masses"
printf '0\n.5\n.5\n' >s.csv
printf '.5\n.3\n.2\n0\n' >t.csv
small "zeros of mass"
./ot run zero $args --out sum=z.csv && [ "$(cat z.csv)" = 0 ] || fail "a place without mass gets some"

status() {
  ./ot run zero $args >out.txt 2>&1 && { cat out.txt >&2; fail "$1: succeeds"; }
  grep -q "$1" out.txt || { cat out.txt >&2; fail "no '$1'"; }
}
printf '1\n.5\n.5\n' >s.csv
status "sums of a and b differ"
printf -- '-.5\n1\n.5\n' >s.csv
status "negative or not finite"
printf '0\n.5\n.5\n' >s.csv
printf '.3,.8,.1,.5\ninf,inf,inf,inf\n.7,.15,.35,.25\n' >D.csv
status "infinite cost to every place"
printf '.3,.8,.1,.5\ninf,.2,.4,.6\n.7,.15,.35,.25\n' >D.csv
./ot run zero $args --out sum=z.csv && [ "$(cat z.csv)" = 0 ] || fail "a way that is closed"
printf '.3,.8,.1,.5\nnan,.2,.4,.6\n.7,.15,.35,.25\n' >D.csv
status "a cost is NaN"
