#!/bin/sh
# examples/lenet/data.sh [FOLDER]: finds the four files of MNIST in FOLDER, and links them into data/
#
# Without FOLDER: shared/data/mnist beside the project. The files are train-images-idx3-ubyte,
# train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each also as .gz.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
from=${1:-$here/../../../shared/data/mnist}
[ -d "$from" ] || { echo "data: no folder $from; name the one that holds MNIST: data.sh FOLDER" >&2; exit 1; }
from=$(cd "$from" && pwd)
for name in train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte; do
  file=$from/$name.gz
  [ -f "$file" ] || file=$from/$name
  [ -f "$file" ] || { echo "data: $from holds no $name and no $name.gz" >&2; exit 1; }
  mkdir -p "$here/data"
  rm -f "$here/data/$name" "$here/data/$name.gz"
  ln -s "$file" "$here/data/"
done
echo "data: MNIST of $from is linked into $here/data"
