#!/bin/sh
# discrete.sh: cr.sparsemap against all labelings, its derivatives against differences; cr.blackbox by hand
# timeout: 300
fail() { echo "discrete.sh: $*" >&2; exit 1; }
"$CRESCENT" check "$SRC/tests/numeric/discrete.lua" >out.txt || { cat out.txt >&2; fail "check"; }
"$CRESCENT" build "$SRC/tests/numeric/discrete.lua" -o discrete || fail "discrete.lua"
near() {
  file=$1
  shift
  tr ',' '\n' <"$file" | awk -v want="$*" 'BEGIN { n = split(want, w, " ") }
    { d = $1 - w[NR]; if (!(d < 1e-9 && d > -1e-9)) bad = 1 } END { exit bad || NR != n }' ||
    { cat "$file" >&2; fail "$file is not $*"; }
}
for seed in 1 2 3 4 5 6 7 8; do
  awk -v s=$seed 'BEGIN { srand(s); for (i = 0; i < 4; i++) print rand() "," rand() "," rand() }' >one.csv
  awk -v s=$seed 'BEGIN { srand(s + 50); for (i = 0; i < 9; i++) print rand() "," rand() "," rand() }' >ow.csv
  [ $seed != 7 ] || printf '1,1,1\n0,0,0\n1,1,1\n0,0,0\n' >one.csv
  [ $seed != 7 ] || printf '0,0,0\n0,0,0\n0,0,0\n0,0,0\n0,0,0\n0,0,0\n0,0,0\n0,0,0\n0,0,0\n' >ow.csv
  ./discrete run best --in one=one.csv --in ow=ow.csv --out gap=gap.csv --out sum=sum.csv --out flat=flat.csv --quiet ||
    fail "scores $seed"
  near gap.csv 0
  near sum.csv 0
  ./discrete run lengths --in one=one.csv --in ow=ow.csv --out apart=apart.csv --quiet || fail "lengths $seed"
  near apart.csv 0
done
printf '.8,.6,-.5\n0,0,0\n0,0,0\n0,0,0\n' >one.csv
./discrete run best --in one=one.csv --in ow=ow.csv --out gap=gap.csv --out sum=sum.csv --out flat=flat.csv --quiet
near flat.csv .6 .4 0
printf '8e299,6e299,-5e299\n0,0,0\n0,0,0\n0,0,0\n' >one.csv # beside which 1 is nothing
./discrete run best --in one=one.csv --in ow=ow.csv --out sum=sum.csv --out flat=flat.csv --quiet || fail "huge scores"
near sum.csv 0
near flat.csv 1 0 0
printf 'nan,.6,-.5\n0,0,0\n0,0,0\n0,0,0\n' >one.csv
./discrete run best --in one=one.csv --in ow=ow.csv >out.txt 2>&1 && fail "a score of NaN"
grep -q "NaN or +inf" out.txt || { cat out.txt >&2; fail "no message"; }
./discrete run none --in one=one.csv --out p=p.csv --out bar=bar.csv --quiet || fail "no position"
near p.csv 1 0
near bar.csv 0
# -inf forbids a label, and a pair, exactly
for seed in 1 2 3 4 5 6; do
  awk -v s=$seed 'BEGIN { srand(s); for (i = 0; i < 4; i++) print rand() "," rand() "," (i % 2 ? rand() : "-inf") }' >one.csv
  awk -v s=$seed 'BEGIN { srand(s + 50)
    for (i = 0; i < 9; i++) print rand() "," (i % 3 == s % 3 ? "-inf" : rand()) "," rand() }' >ow.csv
  ./discrete run best --in one=one.csv --in ow=ow.csv --out gap=gap.csv --out sum=sum.csv --out flat=flat.csv --quiet ||
    fail "forbidden $seed"
  near gap.csv 0
  near sum.csv 0
done
printf '1,2,3\n-inf,-inf,-inf\n0,0,0\n0,0,0\n' >one.csv
./discrete run best --in one=one.csv --in ow=ow.csv >out.txt 2>&1 && fail "all forbidden"
grep -q "all labelings are forbidden" out.txt || { cat out.txt >&2; fail "no message of what is forbidden"; }

# the cheapest of (1, 2, 5, 9) should be the second: costs + 2 y_bar = (5, -2, 5, 9), so -(y - y') / 2
printf '1\n2\n5\n9\n' >c.csv
./discrete run black --in c=c.csv --out y=y.csv --out c_bar=bar.csv --quiet
near y.csv 1 0 0 0
near bar.csv -.5 .5 0 0
printf '1\n9\n4\n9\n' >c.csv
./discrete run black --in c=c.csv --out y=y.csv --out c_bar=bar.csv --out second=second.csv --quiet
near bar.csv -.5 0 .5 0
near second.csv 0 0 0 0
