#!/bin/sh
# windows_around.sh: windows under boundary rules against the interpreter and finite differences; no access is outside
# timeout: 400
fail() { echo "windows_around.sh: $*" >&2; exit 1; }
model=$SRC/tests/numeric/windows_around.lua
for options in "clamp_to_edge f32 0 9 21 2" "zero_outside f32 0 9 21 2" "wrap f32 0 18 23 3" "mirror f64 0 9 21 2" "reflect f32 1 9 21 2" \
    "clamp_to_edge f64 1 3 40 6" "zero_outside f32 1 3 4 3" "clamp_to_edge f32 1 1 1 2" "clamp_to_edge f32 0 5 33 1"; do
  set -- $options
  "$CRESCENT" check -O1 "$model" -D rule=$1 -D dtype=$2 -D dim=$3 -D h=$4 -D w=$5 -D r=$6 >out.txt 2>&1 || { cat out.txt >&2; fail "$options"; }
done
for options in "clamp_to_edge 0" "mirror 1"; do
  set -- $options
  "$CRESCENT" build --sanitize -O1 "$model" -D rule=$1 -D dim=$2 -o windows >out.txt 2>&1 || { cat out.txt >&2; fail "$options"; }
  ./windows bench f --repeat 1 --threads 1 --quiet >out.txt 2>&1 || { cat out.txt >&2; fail "$options"; }
done
"$CRESCENT" emit "$model" -o windows.d >/dev/null
grep -q 'make_colour_pad(' windows.d/windows.c || fail "colours are not copied"
