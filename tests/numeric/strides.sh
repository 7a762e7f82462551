#!/bin/sh
# strides.sh: convolutions of strides, dilations and groups, in tiles, against the interpreter; any tiles give the same bits
# timeout: 300
model=$SRC/tests/numeric/strides.lua
for options in "uneven f32 0" "uneven f32 1" "uneven f64 0" "wide f32 0" "apart f32 1" "thirds f32 0" "dilated f32 0" "inverse f32 1" "groups f32 1" "every_second f32 0" "every_second f64 1" "every_third f32 1" "every_third f64 0" "every_fourth f32 0" "every_fourth f64 1"; do
  set -- $options
  "$CRESCENT" check -O1 "$model" -D how=$1 -D dtype=$2 -D dim=$3 >out.txt 2>&1 ||
    { cat out.txt >&2; echo "strides.sh: $options" >&2; exit 1; }
done

# vectors of every second to fourth element, of sums and of dot products
for options in "every_second f32 step2_f32x8 tail_step2_f32x16" "every_third f64 step3_f64x4" "every_fourth f32 step4_f32x8 step4_f32x16"; do
  set -- $options
  "$CRESCENT" emit "$model" -D how=$1 -D dtype=$2 -o steps
  for load in $3 ${4:-}; do
    grep -q "rt_load_$load(" steps/strides.c || { echo "strides.sh: $options: no such load" >&2; exit 1; }
  done
  rm -r steps
done
