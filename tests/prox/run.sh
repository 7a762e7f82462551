# prox/run.sh: every model here: derivatives against differences, compiled code against the interpreter
fail() { echo "prox: $*" >&2; exit 1; }
for model in "$SRC"/tests/prox/*.lua; do
  "$CRESCENT" check "$model" >log || { cat log >&2; fail "$model"; }
  grep -q 'not checked' log && { cat log >&2; fail "$model: something is not checked"; }
done
true
