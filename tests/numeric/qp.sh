#!/bin/sh
# qp.sh: cr.qp: derivatives against differences, known answers, statuses
# timeout: 300
fail() { echo "qp.sh: $*" >&2; exit 1; }
"$CRESCENT" check "$SRC/tests/numeric/qp.lua" >out.txt || { cat out.txt >&2; fail "check"; }
"$CRESCENT" build -O1 "$SRC/tests/numeric/qp.lua" -o qp || fail "qp.lua"
"$CRESCENT" build -O1 "$SRC/tests/numeric/qp_status.lua" -o status || fail "qp_status.lua"

# near FILE WANT..: the numbers of a file
near() {
  file=$1
  shift
  tr ',' '\n' <"$file" | awk -v want="$*" 'BEGIN { n = split(want, w, " ") }
    { d = $1 - w[NR]; if (!(d < 1e-6 && d > -1e-6)) bad = 1 } END { exit bad || NR != n }' ||
    { cat "$file" >&2; fail "$file is not $*"; }
}
printf '.8\n.6\n-.5\n' >y.csv
./qp run simplex --in y=y.csv --out z=z.csv --out J=J.csv --out free=free.csv --out active=active.csv --quiet
near z.csv .6 .4 0
near J.csv .5 -.5 0 -.5 .5 0 0 0 0
near free.csv .4 .3 -.25
near active.csv 1 0 0 1 0 0 0
for v in '-3\n-3\n' '-2\n-7\n' '-9\n-1.5\n'; do
  printf -- "$v" >v.csv
  ./qp run corner --in v=v.csv --out z=z.csv --out J=J.csv --quiet
  near z.csv 1 1
  near J.csv 0 0 0 0
done
# no equation, and one inequality; neither
nothing() { # SHAPE: a .npy of no numbers
  printf '\223NUMPY\001\000\166\000%-117s\n' "{'descr': '<f8', 'fortran_order': False, 'shape': ($1), }"
}
nothing '0, 2' >none2.npy
nothing '0,' >none.npy
printf -- '-3\n-1\n' >v.csv
printf '1,1\n' >one.csv
printf '2\n' >two.csv
./qp run few --in v=v.csv --in rows=none2.npy --in right=none.npy --in sides=one.csv --in most=two.csv --out z=z.csv \
  --out J=J.csv --quiet || fail "no equation"
near z.csv 2 0
near J.csv -.5 .5 .5 -.5
./qp run few --in v=v.csv --in rows=none2.npy --in right=none.npy --in sides=none2.npy --in most=none.npy --out z=z.csv \
  --out J=J.csv --quiet || fail "no constraint"
near z.csv 3 1
near J.csv -1 0 0 -1

# problem Q p G h: writes its files;  status TEXT ENTRY: the entry fails with a text
problem() {
  printf -- "$1" >Q.csv; printf -- "$2" >p.csv; printf -- "$3" >G.csv; printf -- "$4" >h.csv
  args="--in Q=Q.csv --in p=p.csv --in G=G.csv --in h=h.csv --quiet"
}
status() {
  ./status run "$2" $args >out.txt 2>&1 && { cat out.txt >&2; fail "$1: succeeds"; }
  grep -q "$1" out.txt || { cat out.txt >&2; fail "no '$1'"; }
}
eye='1,0\n0,1\n' sides='1,0\n-1,0\n'
problem $eye '0\n0\n' $sides '-1\n-1\n'
status "no z satisfies" f
problem '0,0\n0,0\n' '1\n1\n' $eye '1\n1\n'
status "falls for ever" f
problem '1,0\n0,-1\n' '1\n1\n' $eye '1\n1\n'
status "not positive semidefinite" f
problem '1,nan\n0,1\n' '1\n1\n' $eye '1\n1\n'
status "NaN or infinite" f
args="--in p=p.csv --quiet"
printf -- '-40\n0\n' >p.csv
status "raise iterations" short
args="--in Q=Q.csv --in p=p.csv --quiet"
printf '0,0\n0,1\n' >Q.csv
status "falls for ever" flat

# a bound of infinity is none; what holds with multiplier 0 is marked
problem $eye '1\n1\n' '-1,0\n0,-1\n' '0\ninf\n'
./status run f $args --out z=z.csv --out lambda=l.csv --out active=a.csv || fail "an infinite bound"
near z.csv 0 -1
near l.csv 1 0
near a.csv 1 0
problem $eye '0\n0\n' '-1,0\n0,-1\n' '0\n1\n'
./status run f $args --out active=a.csv --out z=z.csv || fail "a weakly active row"
near z.csv 0 0
near a.csv .5 0
