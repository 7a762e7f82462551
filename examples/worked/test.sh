# worked: numbers and shapes that can be found by hand
fail() { echo "worked: $*" >&2; exit 1; }
"$CRESCENT" build "$SRC/examples/worked/model.lua" -o worked
table() { # FILE ROWS COLUMNS SEED
  awk -v n="$2" -v m="$3" -v s="$4" 'BEGIN { for (i = 0; i < n; i++) { line = ""
    for (j = 0; j < m; j++) { s = (s * 16807) % 2147483647; line = line (j ? "," : "") s / 1073741823 - 1 } print line } }' >"$1"
}
./worked run squared --quiet --out curve=curve.csv
awk -F, '$4 < 0 { both++ } $5 <= 0 { bad++ } END { exit !(NR == 121 && both > 20 && both < 100 && !bad) }' curve.csv || fail "$(head -n 3 curve.csv)"
table x.csv 4 1 3
table W.csv 3 4 5
table A.csv 5 2 7
table B.csv 2 3 9
./worked run linear --json --quiet --in x=x.csv --in W=W.csv --in A=A.csv --in B=B.csv --out jacobian=J.csv --out by_W=V.csv >apart.json
paste -d, W.csv J.csv | awk -F, '{ for (k = 1; k <= 4; k++) if (($k - $(k + 4)) ^ 2 > 1e-20) bad = 1 } END { exit bad || !NR }' || fail "the Jacobian of W x is W: $(cat J.csv)"
tr '\n' ',' <x.csv >row.csv
awk -F, 'FNR == NR { for (k = 1; k <= 4; k++) x[k] = $k; next } { for (k = 1; k <= 4; k++) if ((x[k] - $k) ^ 2 > 1e-20) bad = 1 } END { exit bad || !NR }' row.csv V.csv ||
  fail "each row of the derivative by W is x: $(cat V.csv)"
sed -n 's/.*"apart": \([0-9.e-]*\).*/\1/p' apart.json | awk 'END { exit !(NR && $1 < 1e-12) }' || fail "three layers are one: $(cat apart.json)"
table X.csv 64 100 11
table y.csv 64 3 13
table W1.csv 100 20 15
table W2.csv 20 3 17
./worked run layers --quiet --json --in X=X.csv --in y=y.csv --in W1=W1.csv --in W2=W2.csv >layers
for k in W1 W2; do
  sed -n "s/.*\"$k\": \([0-9.e-]*\).*/\1/p" layers | awk 'END { exit !(NR && $1 < 1e-12) }' || fail "$k: $(cat layers)"
done
./worked run shifted --json --quiet >shifted
grep -q '"moved": \[\[0, 30, 30\]' shifted && grep -q '"plain": \[\[30, 30, 0\]' shifted || fail "$(cat shifted)"
./worked run reach --json --quiet >reach
for what in '"layers_1": 3' '"layers_2": 5' '"layers_150": 301'; do grep -q "$what" reach || fail "$what: $(cat reach)"; done
