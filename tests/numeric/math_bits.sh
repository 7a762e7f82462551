#!/bin/sh
# math_bits.sh: the elementary functions give the same bits with every compiler and level here, one set where
# multiply-adds are fused and one where they are not, and clang makes vectors of every loop over them.
# usage: math_bits.sh [bless]   compares with math_bits.expect and math_bits_fused.expect, or writes them anew
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

bless=${1:-}
tried=0

# Builds with the flags given, and compares what it prints with the file named first.
try() {
  expect=$here/$1
  shift
  "$@" -std=c17 -ffp-contract=off -fno-math-errno -fopenmp-simd -o "$work/bits" \
    "$here/math_bits.c"
  "$work/bits" >"$work/out"
  if [ "$bless" ] && [ ! -e "$work/${expect##*/}" ]; then
    cp "$work/out" "$expect"
    touch "$work/${expect##*/}"
  fi
  if ! diff "$expect" "$work/out" >"$work/diff"; then
    echo "math_bits: other bits with: $*"
    cat "$work/diff"
    exit 1
  fi
  tried=$((tried + 1))
}

# The set that a level of this machine gives, as a compiler sees it.
set_of() {
  if "$@" -dM -E -x c /dev/null | grep -q -w -e __FMA__ -e __aarch64__; then
    echo math_bits_fused.expect
  else
    echo math_bits.expect
  fi
}

levels=-O3
if [ "$(uname -m)" = x86_64 ]; then
  levels="-march=x86-64"
  grep -q -w avx2 /proc/cpuinfo && levels="$levels -march=x86-64-v3"
  grep -q -w avx512vl /proc/cpuinfo && levels="$levels -march=x86-64-v4"
fi
for cc in clang-19 clang gcc; do
  command -v "$cc" >/dev/null 2>&1 || continue
  case $cc in clang) command -v clang-19 >/dev/null 2>&1 && continue ;; esac
  vectors=
  case $cc in clang*) vectors=-Werror=pass-failed ;; esac
  for level in $levels; do
    try "$(set_of "$cc" "$level")" "$cc" -O0 "$level"
    try "$(set_of "$cc" "$level")" "$cc" -O3 -fno-trapping-math $vectors "$level"
    try math_bits.expect "$cc" -O3 -fno-trapping-math -DRT_STRICT "$level"
  done
done
[ "$tried" -gt 0 ] || { echo "math_bits: no compiler found"; exit 1; }
echo "math_bits: the same bits in $tried builds"
