#!/bin/sh
# strides.sh: convolutions of strides, dilations and groups, in tiles, against the interpreter; any tiles give the same bits
# timeout: 300
model=$SRC/tests/numeric/strides.lua
for options in "uneven f32 0" "uneven f32 1" "uneven f64 0" "wide f32 0" "apart f32 1" "thirds f32 0" "dilated f32 0" "inverse f32 1" "groups f32 1"; do
  set -- $options
  "$CRESCENT" check -O1 "$model" -D how=$1 -D dtype=$2 -D dim=$3 >out.txt 2>&1 ||
    { cat out.txt >&2; echo "strides.sh: $options" >&2; exit 1; }
done
