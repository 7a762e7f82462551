#!/bin/sh
# examples/sort_pooling/data.sh: the 1,797 real handwritten digits of examples/mlp, into data/
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sh "$here/../mlp/data.sh"
mkdir -p "$here/data"
for set in train test; do
  cp "$here/../mlp/data/$set-images-idx3-ubyte" "$here/../mlp/data/$set-labels-idx1-ubyte" "$here/data/"
done
echo "data: they are in $here/data too"
