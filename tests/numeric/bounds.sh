#!/bin/sh
# bounds.sh: no access outside of a tensor, by the sanitizers, at sizes about those of vectors, tiles and blocks
# label: slow
# timeout: 400
fail() { echo "bounds.sh: $*" >&2; exit 1; }
look() { # look BENCH OPTION...
  ./bounds bench f --repeat 1 --threads 1 --quiet "$@" >log 2>&1 || { cat log >&2; fail "$built $*"; }
}
build() { # build OPTIONS
  built=$1
  # shellcheck disable=SC2086
  "$CRESCENT" build --sanitize -O1 "$SRC/tests/numeric/bounds.lua" $1 -o bounds >log 2>&1 || { cat log >&2; fail "$1"; }
}
build "-D dim=1"
for sizes in "1 1 1" "2 3 5" "5 17 33" "16 16 16" "33 15 7" "7 64 9"; do
  set -- $sizes
  look --dim M=$1 --dim N=$2 --dim K=$3
done
for sizes in "5 17 33" "9 31 6"; do
  set -- $sizes
  build "-D m=$1 -D n=$2 -D k=$3"
  look
done
for sizes in "97 65 300 f32" "130 70 257 f64"; do # copied in blocks
  set -- $sizes
  build "-D m=$1 -D n=$2 -D k=$3 -D products=1 -D dtype=$4"
  look
done
