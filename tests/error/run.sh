# tests/error: each x.lua is a model with one mistake, x.err exactly what the user reads
# BLESS=1 sh run.sh rewrites the .err files; read the difference before committing it.
cd "$SRC"
bad=0
for model in tests/error/*.lua; do
  want=${model%.lua}.err
  args=$(sed -n '1s/^-- args: //p' "$model")
  status=0
  "$CRESCENT" explain "$model" $args >"$TMP/out" 2>"$TMP/err" || status=$?
  if [ -n "${BLESS:-}" ]; then cp "$TMP/err" "$want"; fi
  if [ $status -ne 1 ] || [ -s "$TMP/out" ] || ! diff -u "$want" "$TMP/err"; then
    echo "$model: status $status"
    bad=1
  fi
done
exit $bad
