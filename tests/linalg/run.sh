# linalg/run.sh: every model here: derivatives against differences, compiled code against the interpreter
fail() { echo "linalg: $*" >&2; exit 1; }
for model in "$SRC"/tests/linalg/*.lua; do
  "$CRESCENT" check "$model" >log || { cat log >&2; fail "$model"; }
  grep -q 'not checked\|as declared' log && { cat log >&2; fail "$model: something is not checked, or wrong and said to be declared"; }
done
printf '.1,.7\n-.4,.3\n.9,-.2\n' >V.csv
"$CRESCENT" build -O1 "$SRC/tests/linalg/solves.lua" -o solves || fail "build"
./solves run shared --in V=V.csv --json --quiet >out.txt && grep -q '"apart": 0[,}]' out.txt ||
  { cat out.txt >&2; fail "batches of which A and B share some axes"; }
