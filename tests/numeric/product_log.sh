#!/bin/sh
# product_log.sh: the log of a product of exponentials is the stable one, and so are its derivatives
# timeout: 300
fail() { echo "product_log.sh: $*" >&2; exit 1; }
awk 'BEGIN { for (i = 0; i < 9; i++) for (k = 0; k < 12; k++) printf "%.3f%s", sin(7 * i + 3 * k * k), k < 11 ? "," : "\n" }' >W.csv
awk 'BEGIN { for (k = 0; k < 12; k++) for (j = 0; j < 17; j++) printf "%.3f%s", 2 * cos(5 * k + j * j), j < 16 ? "," : "\n" }' >H.csv
for type in f64:1e-11 f32:1e-3; do
  "$CRESCENT" build "$SRC/tests/numeric/product_log.lua" -D dtype="${type%:*}" -o pl || fail "product_log.lua"
  for entry in near over under both one masked number; do
    ./pl run $entry --in W=W.csv --in H=H.csv --quiet --json >out.txt 2>&1 || { cat out.txt >&2; fail "$entry"; }
    awk -v most="${type#*:}" '{ if ($0 ~ /nan|inf/) bad++; gsub(/[^-+.0-9e]+/, " "); n = split($0, w, " ")
        for (k = 1; k <= n; k++) if (w[k] ~ /^[0-9]/) { seen++; if (w[k] + 0 > most) bad++ } }
      END { exit !(seen >= 2 && bad == 0) }' out.txt || { cat out.txt >&2; fail "$entry, $type"; }
  done
done
"$CRESCENT" check "$SRC/tests/numeric/product_log.lua" >out.txt 2>&1 || : # the interpreter runs the naive form
for entry in near masked; do
  grep -q "$entry"'_log  *d l / d W .* ok' out.txt || { cat out.txt >&2; fail "check $entry"; }
  grep -q "$entry"'_log  *outputs .* ok' out.txt || { cat out.txt >&2; fail "check $entry"; }
done
