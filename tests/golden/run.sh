# The kernels that each x.lua here becomes, without the program around them, against x.c.
# With BLESS set, x.c is rewritten.
failed=0
for lua in "$SRC"/tests/golden/*.lua; do
  name=$(basename "$lua" .lua)
  cp "$lua" .
  "$CRESCENT" emit "$name.lua" -o "$name" || { failed=1; continue; }
  awk -v at="^/[*] $name.lua:" '$0 ~ at { on = 1 } on { print } /^}/ && on { on = 0; print "" }' \
    "$name/$name.c" >"$name.c"
  if [ "${BLESS:-}" ]; then
    cp "$name.c" "$SRC/tests/golden/$name.c"
  elif ! diff -u "$SRC/tests/golden/$name.c" "$name.c"; then
    echo "golden/$name: the emitted C has changed; read it, then scripts/bless"
    failed=1
  fi
done
exit $failed
