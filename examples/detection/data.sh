#!/bin/sh
# examples/detection/data.sh: faces and other things from the Debian package python3-skimage, into data/
#
# A part of Labeled Faces in the Wild (Huang et al. 2007): 100 faces and 100 pieces of the ground behind them,
# 25 x 25 pixels. The first 65 of each to train on. The scenes are put together by the model.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=$here/data
sh "$here/../fetch.sh" python3-skimage "$data/package"
from=$data/package/usr/lib/python3/dist-packages/skimage/data/lfw_subset.npy
[ -f "$from" ] || { echo "data: python3-skimage does not hold lfw_subset.npy" >&2; exit 1; }

# patches NAME FIRST COUNT: those of the 200 as a file of their own; a patch has 625 numbers of 8 bytes
header=$(($(wc -c <"$from") - 200 * 5000))
patches() {
  {
    printf '\223NUMPY\001\000v\000%-117s\n' "{'descr': '<f8', 'fortran_order': False, 'shape': ($3, 25, 25), }"
    tail -c +$((header + 1 + 5000 * $2)) "$from" | head -c $((5000 * $3))
  } >"$data/$1.npy"
}
patches train-faces 0 65
patches test-faces 65 35
patches train-other 100 65
patches test-other 165 35
# How many heads there are in a picture
awk 'BEGIN { for (k = 0; k < 960; k++) print 1 + k % 3 }' >"$data/train.csv"
head -n 300 "$data/train.csv" >"$data/test.csv"
echo "data: 65 faces to train on, 35 held out, in $data"
