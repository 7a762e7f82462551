#!/bin/sh
# factor.sh: compiled factorizations at ties, zeros and check values; statuses where there is no answer
# timeout: 300
fail() { echo "factor.sh: $*" >&2; exit 1; }
"$CRESCENT" build "$SRC/tests/numeric/factor.lua" -o factor || fail "factor.lua does not build"

# Every number of an entry's outputs is below 1e-9.
small() { # ENTRY arguments..
  entry=$1
  shift
  ./factor run "$entry" "$@" --quiet --json >out.txt 2>&1 || { cat out.txt >&2; fail "$entry fails"; }
  awk -v entry="$entry" '
    { gsub(/[^-+.0-9eEnaif]+/, " "); n = split($0, w, " ")
      for (k = 1; k <= n; k++) if (w[k] ~ /^-?[0-9]/) { seen++; if (w[k] > 1e-9 || w[k] < -1e-9) bad++ }
      if ($0 ~ /nan|inf/) bad++ }
    END { exit !(seen > 0 && bad == 0) }' out.txt || { cat out.txt >&2; fail "$entry is off"; }
}
# An entry ends with exit status 1 and a message that holds a text.
status() { # TEXT ENTRY arguments..
  text=$1
  shift
  ./factor run "$@" --quiet >out.txt 2>&1 && { cat out.txt >&2; fail "$1 succeeds"; }
  test $? -ne 139 && grep -q -- "$text" out.txt || { cat out.txt >&2; fail "$1: no '$text'"; }
}
printf '1,0,0,0\n0,1,0,0\n0,0,2,0\n0,0,0,3\n' >ties.csv
printf '1,0,0,0\n0,1,0,0\n0,0,1,0\n0,0,0,1\n' >eye.csv
printf '0,0,0,0\n0,0,0,0\n0,0,0,0\n0,0,0,0\n' >zero.csv
printf '0,0,0\n0,0,0\n0,0,0\n0,0,0\n' >zero43.csv
printf '.3,-1,.2,.7\n.5,.1,-.4,2\n-.6,.8,.9,.1\n.2,-.3,1.5,-.5\n' >w.csv
for a in ties eye zero; do small spectral --in A=$a.csv --in W=w.csv; done
small points --in E=eye.csv --in W=w.csv --in Z=zero43.csv
small extremes --in E=eye.csv --in W=w.csv
printf '1,-1,0,0,0\n-1,2,-1,0,0\n0,-1,2,-1,0\n0,0,-1,2,-1\n0,0,0,-1,1\n' >k.csv
printf '0\n0\n1\n0\n0\n' >b.csv
printf '.5\n' >lambda.csv
small mrf --in K=k.csv --in lambda=lambda.csv --in b=b.csv

small far_sides --in K=k.csv --in b=b.csv
small accepted --in K=k.csv --in b=b.csv # one step of steepest descent
status "cr.linalg.spectral" turned --in A=eye.csv --in W=w.csv
printf '1,0,0,0\n0,1.5,.1,0\n0,.1,2,0\n0,0,0,3\n' >apart.csv
printf '1,0,0,0\n0,1.000000001,0,0\n0,0,2,0\n0,0,0,3\n' >near.csv
small near --in A=apart.csv --in W=w.csv
status "no digits left" near --in A=near.csv --in W=w.csv
status "not positive definite" indefinite --in K=k.csv --in b=b.csv
printf '0\nnan\n1\n0\n0\n' >nan.csv
status "NaN or infinity" indefinite --in K=k.csv --in b=nan.csv
status "depend on each other" dependent --in A=zero.csv --in W=w.csv
