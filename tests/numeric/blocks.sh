#!/bin/sh
# blocks.sh: what blocked factorizations give, multiplied out, at sizes about the edges of blocks
# timeout: 300
fail() { echo "blocks.sh: $*" >&2; exit 1; }
for size in 1 31 33 48 65 100; do
  for dtype in f64 f32; do
    "$CRESCENT" build "$SRC/tests/numeric/blocks.lua" -D n=$size -D dtype=$dtype -o blocks || fail "blocks.lua"
    ./blocks run f --json --quiet >far.json || fail "f"
    tr ',' '\n' <far.json | awk -F: -v most=$([ $dtype = f64 ] && echo 1e-11 || echo 2e-3) '
      { gsub(/[{}]/, "", $2); x = $2 + 0; if (!(x <= most) || $2 ~ /N/) exit 1 } END { if (NR != 21) exit 1 }' ||
      { cat far.json >&2; fail "$size in $dtype"; }
  done
done
exit 0
