#!/bin/sh
# examples/ctc_handwriting/data.sh [FOLDER]: lines of three to seven handwritten digits, into data/
#
# The digits are the 8 x 8 ones that examples/mlp/data.sh fetches, or FOLDER's, with files of the same names
# (train-images-idx3-ubyte and so on; for MNIST: SIDE=28 WHITE=255, and build the model with -D height=32
# -D width=216). Lines to test on are made of digits that those to learn from do not have.
#   LINES=10000   OUT=data   CRESCENT=../../build/crescent
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=${OUT:-$here/data} crescent=${CRESCENT:-$here/../../build/crescent}
from=${1:-$here/../mlp/data}
[ $# -gt 0 ] || [ -f "$from/train-images-idx3-ubyte" ] || sh "$here/../mlp/data.sh"
mkdir -p "$data"
"$crescent" build "$here/lines.lua" -D side="${SIDE:-8}" -D white="${WHITE:-16}" -o "$data/lines"
draw() { # draw NAME IMAGES LINES SEED
  images=$from/$2-images-idx3-ubyte labels=$from/$2-labels-idx1-ubyte
  [ -f "$images" ] || images=$images.gz
  [ -f "$labels" ] || labels=$labels.gz
  "$data/lines" run draw --quiet --dim N="$3" --seed "$4" --in image="$images" --in label="$labels" \
    --out line="$data/$1-line.npy" --out text="$data/$1-text.npy" --out letters="$data/$1-letters.npy" \
    --out width="$data/$1-width.npy"
}
draw train train "${LINES:-10000}" 1
draw test "${TEST:-test}" 1000 2
echo "data: ${LINES:-10000} lines to learn from and 1,000 to test on, in $data"
