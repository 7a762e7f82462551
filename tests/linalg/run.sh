# linalg/run.sh: every model here: derivatives against differences, compiled code against the interpreter
fail() { echo "linalg: $*" >&2; exit 1; }
for model in "$SRC"/tests/linalg/*.lua; do
  "$CRESCENT" check "$model" >log || { cat log >&2; fail "$model"; }
  grep -q 'not checked\|as declared' log && { cat log >&2; fail "$model: something is not checked, or wrong and said to be declared"; }
done
true
