#!/bin/sh
# channel.sh: channels that are turned to be last, against the interpreter, at sizes about the edges of vectors and blocks
# timeout: 500
fail() { echo "channel.sh: $*" >&2; exit 1; }
model=$SRC/tests/numeric/channel.lua
for sizes in "C=1 T=2" "C=3 T=7" "C=5 T=9" "C=7 T=63" "C=8 T=8" "C=9 T=64" "C=16 T=65" "C=17 T=128" \
    "C=8 T=65 dtype=f64" "C=9 T=16 run=1" "C=1 T=64 run=1" "C=3 H=60" "C=3 H=54 N=16" "C=4 H=34 N=16 dtype=f64"; do
  "$CRESCENT" check "$model" $(for s in $sizes; do echo "-D $s"; done) >out.txt 2>&1 || { cat out.txt >&2; fail "$sizes"; }
done
# none of them, and other numbers than were expected
"$CRESCENT" build "$model" -D run=1 -o channel || fail "build"
for dims in "--dim N=0" "--dim N=1 --dim C=0" "--dim N=3 --dim C=1" "--dim N=1 --dim C=31"; do
  ./channel check $dims >out.txt 2>&1 || { cat out.txt >&2; fail "$dims"; }
  for entry in sample plain scatter turn; do ./channel bench $entry $dims --repeat 1 --quiet >out.txt 2>&1 || { cat out.txt >&2; fail "$entry $dims"; }; done
done
