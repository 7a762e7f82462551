#!/bin/sh
# math_ulp.sh: the elementary functions keep the bounds of tests/unit/test_math.c with fused multiply-adds, where this
# machine has them, as without (the unit test itself is compiled for any machine).
# usage: math_ulp.sh [DENSITY]
set -eu
source=$(cd "$(dirname "$0")/../unit" && pwd)/test_math.c
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
for flag in -DRT_STRICT -march=native; do
  cc -std=c17 -D_DEFAULT_SOURCE -O2 -ffp-contract=off -fno-math-errno "$flag" -o "$work/math" "$source" -lm
  echo "$flag"
  "$work/math" "${1:-1}"
done
