#!/bin/sh
# math_bits.sh: the elementary functions give the same bits with every compiler and level here,
# and clang makes vectors of every loop over them.
# usage: math_bits.sh [bless]   compares with math_bits.expect, or writes it anew
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

levels=""
if [ "$(uname -m)" = x86_64 ]; then
  levels="-march=x86-64"
  grep -q -w avx2 /proc/cpuinfo && levels="$levels -march=x86-64-v3"
  grep -q -w avx512vl /proc/cpuinfo && levels="$levels -march=x86-64-v4"
fi

# Builds with the flags given, and compares what it prints.
try() {
  "$@" -std=c17 -ffp-contract=off -fno-math-errno -fopenmp-simd -o "$work/bits" \
    "$here/math_bits.c"
  "$work/bits" >"$work/out"
  if [ "${bless:-}" ]; then
    cp "$work/out" "$here/math_bits.expect"
    bless=
  fi
  if ! diff "$here/math_bits.expect" "$work/out" >"$work/diff"; then
    echo "math_bits: other bits with: $*"
    cat "$work/diff"
    exit 1
  fi
  tried=$((tried + 1))
}

bless=${1:-}
tried=0
for cc in clang-19 clang gcc; do
  command -v "$cc" >/dev/null 2>&1 || continue
  case $cc in clang) command -v clang-19 >/dev/null 2>&1 && continue ;; esac
  try "$cc" -O0
  vectors=
  case $cc in clang*) vectors=-Werror=pass-failed ;; esac
  for level in ${levels:--O3}; do
    try "$cc" -O3 -fno-trapping-math $vectors "$level"
  done
done
[ "$tried" -gt 0 ] || { echo "math_bits: no compiler found"; exit 1; }
echo "math_bits: the same bits in $tried builds"
