#!/bin/sh
# examples/logistic_regression/data.sh: 2,000 points to train on and 1,000 to test, drawn by points.lua, into data/
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=${1:-$here/data}
crescent=${CRESCENT:-$here/../../build/crescent}
mkdir -p "$data"
"$crescent" build "$here/points.lua" -o "$data/points"
"$data/points" run draw --quiet --dim N=2000 --seed 1 --out X="$data/train-X.npy" --out y="$data/train-y.npy"
"$data/points" run draw --quiet --dim N=1000 --seed 2 --out X="$data/test-X.npy" --out y="$data/test-y.npy"
echo "data: 2,000 points to train on, 1,000 held out, in $data"
